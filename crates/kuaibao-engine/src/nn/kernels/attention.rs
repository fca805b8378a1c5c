//! Attention over keys that lie anywhere, without padding.

use std::ops::Range;

use super::{
    Strided,
    lanes::{Kernel, LANES, Lanes, dispatch, exp},
};

/// The keys that a query may see.
#[derive(Clone, Copy)]
pub(in crate::nn) enum Keys<'a> {
    /// Rows from the first up to before the second.
    Span(usize, usize),
    /// These rows.
    List(&'a [u32]),
}

/// Queries that see the same keys.
pub(in crate::nn) struct Group<'a> {
    pub(in crate::nn) queries: Range<usize>,
    pub(in crate::nn) keys: Keys<'a>,
}

/// How a query scores its keys.
#[derive(Clone, Copy)]
pub(in crate::nn) struct Scores<'a> {
    pub(in crate::nn) heads: usize,
    /// What dot products are multiplied by.
    pub(in crate::nn) scale: f32,
    /// What is then added. The query stands at its own row of a span, or at the end of a list.
    pub(in crate::nn) bias: Option<Bias<'a>>,
}

/// What a score gains by how far its key is from its query.
#[derive(Clone, Copy)]
pub(in crate::nn) struct Bias<'a> {
    /// `(heads, 2 · reach + 1)`, see [`bias_column`].
    pub(in crate::nn) table: &'a [f32],
    pub(in crate::nn) reach: usize,
}

/// The column of a bias table for a query and a key position: their distance, at most `reach`.
#[inline(always)]
pub(in crate::nn) fn bias_column(query: usize, key: usize, reach: usize) -> usize {
    (key + reach).saturating_sub(query).min(2 * reach)
}

impl Bias<'_> {
    #[inline(always)]
    fn add(self, head: usize, query: usize, scores: &mut [f32]) {
        let columns = 2 * self.reach + 1;
        let row = &self.table[head * columns..][..columns];
        for (key, score) in scores.iter_mut().enumerate() {
            *score += row[bias_column(query, key, self.reach)];
        }
    }
}

/// Attention of the rows of `q` over the keys of their groups; `out` is `(rows, width)`.
pub(in crate::nn) fn attention(
    q: Strided,
    k: Strided,
    v: Strided,
    groups: &[Group],
    how: Scores,
    out: &mut [f32],
) {
    dispatch(Attention {
        q,
        k,
        v,
        groups,
        how,
        out,
    });
}

struct Attention<'a> {
    q: Strided<'a>,
    k: Strided<'a>,
    v: Strided<'a>,
    groups: &'a [Group<'a>],
    how: Scores<'a>,
    out: &'a mut [f32],
}

/// Queries that are weighed together.
const QUERIES: usize = 4;
/// Vectors of a head that are summed together.
const BLOCK: usize = 4;

impl Kernel for Attention<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self) {
        let mut weights = Vec::new();
        for group in self.groups {
            let queries = group.queries.clone();
            match group.keys {
                Keys::Span(from, to) => {
                    let at = |query: usize| query.saturating_sub(from);
                    self.group::<L>(queries, at, to - from, |i| from + i, &mut weights);
                }
                Keys::List(list) => {
                    let last = list.len().saturating_sub(1);
                    let key = |i: usize| list[i] as usize;
                    self.group::<L>(queries, |_| last, list.len(), key, &mut weights);
                }
            }
        }
    }
}

impl Attention<'_> {
    /// `key` gives the row of the i-th key, i < `count`; `at` where a query stands among them.
    #[inline(always)]
    fn group<L: Lanes>(
        &mut self,
        queries: Range<usize>,
        at: impl Fn(usize) -> usize,
        count: usize,
        key: impl Fn(usize) -> usize + Copy,
        weights: &mut Vec<f32>,
    ) {
        if count == 0 {
            return;
        }
        let width = self.q.width;
        let Scores { heads, scale, bias } = self.how;
        let dim = width / heads;
        let padded = count.next_multiple_of(LANES);
        weights.resize(QUERIES * padded, 0.0);
        for head in 0..heads {
            let part = head * dim..(head + 1) * dim;
            let (k, v) = (self.k, self.v);
            let k = |i: usize| &k.row(key(i))[part.clone()];
            let v = |i: usize| &v.row(key(i))[part.clone()];
            for first in queries.clone().step_by(QUERIES) {
                let together = QUERIES.min(queries.end - first);
                for (i, weights) in weights.chunks_exact_mut(padded).take(together).enumerate() {
                    let q = &self.q.row(first + i)[part.clone()];
                    dots::<L>(q, k, count, scale, weights);
                    if let Some(bias) = bias {
                        bias.add(head, at(first + i), &mut weights[..count]);
                    }
                    weights[count..].fill(f32::NEG_INFINITY);
                    softmax::<L>(weights);
                }
                let out = &mut self.out[first * width + part.start..];
                match together {
                    1 => mix::<L, 1>(weights, padded, v, count, out, width, dim),
                    2 => mix::<L, 2>(weights, padded, v, count, out, width, dim),
                    3 => mix::<L, 3>(weights, padded, v, count, out, width, dim),
                    _ => mix::<L, QUERIES>(weights, padded, v, count, out, width, dim),
                }
            }
        }
    }
}

/// `out[i] = scale · q · k(i)`, sixteen keys at a time, 0 behind `count`.
#[inline(always)]
fn dots<'k, L: Lanes>(
    q: &[f32],
    k: impl Fn(usize) -> &'k [f32],
    count: usize,
    scale: f32,
    out: &mut [f32],
) {
    let (q, q_rest) = q.as_chunks::<LANES>();
    for (block, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let first = block * LANES;
        let here = LANES.min(count - first);
        let mut sums = [L::splat(0.0); LANES];
        let mut at = 0;
        let (blocks, rest) = q.as_chunks::<BLOCK>();
        for q in blocks {
            let q: [L; BLOCK] = std::array::from_fn(|i| L::load(&q[i]));
            for (j, sum) in sums[..here].iter_mut().enumerate() {
                let k = &k(first + j).as_chunks::<LANES>().0[at..at + BLOCK];
                for i in 0..BLOCK {
                    *sum = L::load(&k[i]).mul_add(q[i], *sum);
                }
            }
            at += BLOCK;
        }
        for q in rest {
            let q = L::load(q);
            for (j, sum) in sums[..here].iter_mut().enumerate() {
                *sum = L::load(&k(first + j).as_chunks::<LANES>().0[at]).mul_add(q, *sum);
            }
            at += 1;
        }
        let mut sums = L::sums(sums);
        if !q_rest.is_empty() {
            let mut rest = [0.0; LANES];
            for (j, sum) in rest[..here].iter_mut().enumerate() {
                let k = &k(first + j)[at * LANES..];
                *sum = q_rest.iter().zip(k).map(|(q, k)| q * k).sum();
            }
            sums = sums.add(L::load(&rest));
        }
        sums.mul(L::splat(scale)).store(out);
    }
}

/// `out[m] = Σᵢ weights[m][i] · v(i)` for `M` queries, whose outputs are `width` apart.
#[inline(always)]
fn mix<'v, L: Lanes, const M: usize>(
    weights: &[f32],
    stride: usize,
    v: impl Fn(usize) -> &'v [f32],
    count: usize,
    out: &mut [f32],
    width: usize,
    dim: usize,
) {
    let weights: [&[f32]; M] = std::array::from_fn(|m| &weights[m * stride..][..count]);
    let vectors = dim / LANES;
    let mut at = 0;
    while at + BLOCK <= vectors {
        // A chain of sums waits for each: one query alone has two, of every other key.
        let mut sums = [[L::splat(0.0); BLOCK]; M];
        let mut other = [L::splat(0.0); BLOCK];
        let paired = if M == 1 { count / 2 * 2 } else { 0 };
        for i in (0..paired).step_by(2) {
            let (a, b) = (v(i).as_chunks::<LANES>().0, v(i + 1).as_chunks::<LANES>().0);
            let (a, b) = (&a[at..at + BLOCK], &b[at..at + BLOCK]);
            let (x, y) = (L::splat(weights[0][i]), L::splat(weights[0][i + 1]));
            for c in 0..BLOCK {
                sums[0][c] = L::load(&a[c]).mul_add(x, sums[0][c]);
                other[c] = L::load(&b[c]).mul_add(y, other[c]);
            }
        }
        for i in paired..count {
            let v = &v(i).as_chunks::<LANES>().0[at..at + BLOCK];
            let v: [L; BLOCK] = std::array::from_fn(|c| L::load(&v[c]));
            for m in 0..M {
                let weight = L::splat(weights[m][i]);
                for c in 0..BLOCK {
                    sums[m][c] = v[c].mul_add(weight, sums[m][c]);
                }
            }
        }
        for m in 0..M {
            let out = &mut out[m * width..][..dim].as_chunks_mut::<LANES>().0[at..at + BLOCK];
            for c in 0..BLOCK {
                let sum = if M == 1 {
                    sums[m][c].add(other[c])
                } else {
                    sums[m][c]
                };
                sum.store(&mut out[c]);
            }
        }
        at += BLOCK;
    }
    while at < vectors {
        let mut sums = [L::splat(0.0); M];
        for i in 0..count {
            let v = L::load(&v(i).as_chunks::<LANES>().0[at]);
            for m in 0..M {
                sums[m] = v.mul_add(L::splat(weights[m][i]), sums[m]);
            }
        }
        for m in 0..M {
            sums[m].store(&mut out[m * width..][..dim].as_chunks_mut::<LANES>().0[at]);
        }
        at += 1;
    }
    for d in at * LANES..dim {
        for m in 0..M {
            out[m * width + d] = (0..count).map(|i| weights[m][i] * v(i)[d]).sum();
        }
    }
}

/// The softmax of whole vectors; -∞ becomes next to nothing.
#[inline(always)]
fn softmax<L: Lanes>(x: &mut [f32]) {
    let x = x.as_chunks_mut::<LANES>().0;
    let mut most = L::splat(f32::NEG_INFINITY);
    for x in &*x {
        most = most.max(L::load(x));
    }
    let most = L::splat(most.most());
    let mut sum = L::splat(0.0);
    for x in &mut *x {
        let e = exp(L::load(x).sub(most));
        sum = sum.add(e);
        e.store(x);
    }
    let scale = L::splat(1.0 / sum.sum());
    for x in x {
        L::load(x).mul(scale).store(x);
    }
}
