//! CPU kernels: plain loops compiled for the machine's best instruction set at run time.
//!
//! Single-threaded by design: parallelism is one worker a core, each with its own batch.

mod dense;
mod int8;

use candle_core::{CpuStorage, DType, Device, Layout, Tensor};

pub(super) use dense::Dense;
pub(super) use int8::Int8;
pub use int8::has_fast_int8;

/// What happens to an output before it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    Relu,
}

/// Runs `kernel` compiled for the machine's best instruction set. The closure must be
/// `#[inline(always)]` and must not call what is not.
#[inline(always)]
fn dispatch<R>(kernel: impl FnOnce(Fused) -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
        fn avx512<R>(kernel: impl FnOnce(Fused) -> R) -> R {
            kernel(Fused(true))
        }
        #[target_feature(enable = "avx2,fma")]
        fn avx2<R>(kernel: impl FnOnce(Fused) -> R) -> R {
            kernel(Fused(true))
        }
        let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        if has_avx2
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
        {
            // SAFETY: every feature was just detected.
            #[expect(unsafe_code, reason = "instruction sets chosen at run time")]
            return unsafe { avx512(kernel) };
        }
        if has_avx2 {
            // SAFETY: every feature was just detected.
            #[expect(unsafe_code, reason = "instruction sets chosen at run time")]
            return unsafe { avx2(kernel) };
        }
    }
    kernel(Fused(false))
}

/// Whether the machine has a fused multiply-add; without one, `mul_add` is a slow library call.
#[derive(Clone, Copy)]
struct Fused(bool);

impl Fused {
    /// `a · b + c`
    #[inline(always)]
    fn mul_add(self, a: f32, b: f32, c: f32) -> f32 {
        if self.0 { a.mul_add(b, c) } else { a * b + c }
    }
}

/// `(rows, width)` values, `stride` apart from row to row.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    pub(super) data: &'a [f32],
    pub(super) width: usize,
    pub(super) stride: usize,
}

impl<'a> Strided<'a> {
    #[inline(always)]
    fn row(self, i: usize) -> &'a [f32] {
        &self.data[i * self.stride..][..self.width]
    }
}

/// Whether the kernels here serve a tensor.
pub(super) fn on_cpu(x: &Tensor) -> bool {
    matches!(x.device(), Device::Cpu) && x.dtype() == DType::F32
}

/// A `(rows, width)` f32 tensor of the host, as a kernel reads it.
pub(super) fn strided<'a>(
    storage: &'a CpuStorage,
    layout: &Layout,
) -> candle_core::Result<Strided<'a>> {
    let (_, width) = layout.shape().dims2()?;
    let &[stride, 1] = layout.stride() else {
        candle_core::bail!("rows must be contiguous")
    };
    Ok(Strided {
        data: &storage.as_slice::<f32>()?[layout.start_offset()..],
        width,
        stride,
    })
}

/// The keys that one query may see.
#[derive(Clone, Copy)]
pub(super) enum Keys<'a> {
    /// Rows from the first up to before the second.
    Span(usize, usize),
    /// These rows.
    List(&'a [u32]),
}

/// How a query scores its keys.
#[derive(Clone, Copy)]
pub(super) struct Scores<'a> {
    pub(super) heads: usize,
    /// What dot products are multiplied by.
    pub(super) scale: f32,
    /// What is then added. The query stands at its own row of a span, or at the end of a list.
    pub(super) bias: Option<Bias<'a>>,
}

/// What a score gains by how far its key is from its query.
#[derive(Clone, Copy)]
pub(super) struct Bias<'a> {
    /// `(heads, 2 · reach + 1)`, see [`bias_column`].
    pub(super) table: &'a [f32],
    pub(super) reach: usize,
}

/// The column of a bias table for a query and a key position: their distance, at most `reach`.
#[inline(always)]
pub(super) fn bias_column(query: usize, key: usize, reach: usize) -> usize {
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

/// Attention of each row of `q` over its keys; `out` is `(rows, width)`.
pub(super) fn attention(
    q: Strided,
    k: Strided,
    v: Strided,
    keys: &[Keys],
    how: Scores,
    out: &mut [f32],
) {
    dispatch(
        #[inline(always)]
        |_| {
            let mut scores = Vec::new();
            for (row, (keys, out)) in keys.iter().zip(out.chunks_exact_mut(q.width)).enumerate() {
                match *keys {
                    Keys::Span(from, to) => {
                        let at = row.saturating_sub(from);
                        attend(q.row(row), at, k, v, from..to, how, &mut scores, out);
                    }
                    Keys::List(list) => {
                        let at = list.len().saturating_sub(1);
                        let list = list.iter().map(|&i| i as usize);
                        attend(q.row(row), at, k, v, list, how, &mut scores, out);
                    }
                }
            }
        },
    );
}

#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
    reason = "inlined into one call site"
)]
fn attend(
    q: &[f32],
    at: usize,
    k: Strided,
    v: Strided,
    keys: impl ExactSizeIterator<Item = usize> + Clone,
    how: Scores,
    scores: &mut Vec<f32>,
    out: &mut [f32],
) {
    let count = keys.len();
    let dim = q.len() / how.heads;
    scores.clear();
    scores.resize(count, 0.0);
    for (head, (q, out)) in q
        .chunks_exact(dim)
        .zip(out.chunks_exact_mut(dim))
        .enumerate()
    {
        let part = head * dim..(head + 1) * dim;
        for (score, key) in scores.iter_mut().zip(keys.clone()) {
            *score = how.scale * dot(q, &k.row(key)[part.clone()]);
        }
        if let Some(bias) = how.bias {
            bias.add(head, at, scores);
        }
        softmax(scores);
        // A block of outputs stays in registers while the keys pass by.
        let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
        for (i, block) in blocks.iter_mut().enumerate() {
            let at = part.start + i * BLOCK;
            let mut sums = [0.0; BLOCK];
            for (weight, key) in scores.iter().zip(keys.clone()) {
                let v: &[f32; BLOCK] = v.row(key)[at..at + BLOCK].try_into().expect("a block");
                for (sum, v) in sums.iter_mut().zip(v) {
                    *sum += weight * v;
                }
            }
            *block = sums;
        }
        let at = part.end - rest.len();
        for (weight, key) in scores.iter().zip(keys.clone()) {
            for (out, v) in rest.iter_mut().zip(&v.row(key)[at..part.end]) {
                *out += weight * v;
            }
        }
    }
}

/// Outputs of attention that are summed at once.
const BLOCK: usize = 4 * LANES;

/// Independent partial sums, so that the compiler may use vector registers.
const LANES: usize = 16;

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for i in 0..LANES {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    total(sums) + rest
}

/// The sum of all lanes, as a tree: a chain of adds would wait for each.
#[inline(always)]
fn total(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[inline(always)]
fn sum(x: impl Fn(usize) -> f32, count: usize) -> f32 {
    let mut sums = [0.0; LANES];
    let whole = count - count % LANES;
    for first in (0..whole).step_by(LANES) {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += x(first + i);
        }
    }
    total(sums) + (whole..count).map(x).sum::<f32>()
}

/// The layer norm of each row of `x`, or of `x + y`; mean first, then the variance about it.
/// Without a bias the root-mean-square norm, which leaves the mean where it is.
pub(super) fn layer_norm(
    x: Strided,
    y: Option<Strided>,
    weight: &[f32],
    bias: Option<&[f32]>,
    epsilon: f32,
    rows: usize,
) -> Vec<f32> {
    let width = x.width;
    let mut out = Vec::with_capacity(rows * width);
    dispatch(
        #[inline(always)]
        |_| {
            for row in 0..rows {
                match y {
                    Some(y) => out.extend(x.row(row).iter().zip(y.row(row)).map(|(x, y)| x + y)),
                    None => out.extend_from_slice(x.row(row)),
                }
                let out = &mut out[row * width..];
                let mean = match bias {
                    Some(_) => sum(|i| out[i], width) / width as f32,
                    None => 0.0,
                };
                let variance = sum(|i| (out[i] - mean) * (out[i] - mean), width) / width as f32;
                let scale = 1.0 / (variance + epsilon).sqrt();
                match bias {
                    Some(bias) => {
                        for ((out, weight), bias) in out.iter_mut().zip(weight).zip(bias) {
                            *out = (*out - mean) * scale * weight + bias;
                        }
                    }
                    None => {
                        for (out, weight) in out.iter_mut().zip(weight) {
                            *out *= scale * weight;
                        }
                    }
                }
            }
        },
    );
    out
}

#[inline(always)]
fn max(x: &[f32]) -> f32 {
    let mut most = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for i in 0..LANES {
            most[i] = most[i].max(chunk[i]);
        }
    }
    most.iter()
        .chain(rest)
        .copied()
        .fold(f32::NEG_INFINITY, f32::max)
}

#[inline(always)]
fn softmax(x: &mut [f32]) {
    let most = max(x);
    for x in x.iter_mut() {
        *x = exp(*x - most);
    }
    let scale = 1.0 / sum(|i| x[i], x.len());
    for x in x.iter_mut() {
        *x *= scale;
    }
}

/// ln Σ exp(x), the normaliser of a log-softmax.
pub(crate) fn log_sum_exp(x: &[f32]) -> f32 {
    dispatch(
        #[inline(always)]
        |_| {
            let most = max(x);
            if most == f32::NEG_INFINITY {
                return most;
            }
            let mut sums = [0.0f32; LANES];
            let (chunks, rest) = x.as_chunks::<LANES>();
            for chunk in chunks {
                for i in 0..LANES {
                    sums[i] += exp(chunk[i] - most);
                }
            }
            let rest: f32 = rest.iter().map(|&x| exp(x - most)).sum();
            most + (total(sums) + rest).ln()
        },
    )
}

/// eˣ to about one unit in the last place, without branches. Cephes' `expf` (Moshier):
/// eˣ = 2ⁿ · e^r with n = round(x / ln 2), e^r by a polynomial of degree 6 on |r| ≤ ln 2 / 2.
#[inline(always)]
#[expect(clippy::excessive_precision, reason = "constants as published")]
fn exp(x: f32) -> f32 {
    // Adding 1.5 · 2²³ leaves the rounded integer in the low bits of the mantissa.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.336_54, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * 0.693_359_375 + n * 2.121_944_4e-4;
    let mut p = 1.987_569_15e-4;
    p = p * r + 1.398_199_950_7e-3;
    p = p * r + 8.333_451_907_3e-3;
    p = p * r + 4.166_579_589_4e-2;
    p = p * r + 1.666_666_545_9e-1;
    p = p * r + 5.000_000_120_1e-1;
    let e_r = p * (r * r) + r + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    e_r * f32::from_bits(exponent.wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        for i in -8_700..=8_800 {
            let x = i as f32 / 100.0;
            let (ours, exact) = (exp(x), f64::from(x).exp());
            let error = (f64::from(ours) - exact).abs() / exact;
            assert!(error < 2.5e-7, "exp({x}) = {ours}, not {exact}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(-1e4) < 1e-37);
    }

    #[test]
    fn log_sum_exp_is_stable() {
        let x: Vec<f32> = (0..100).map(|i| i as f32 * 0.1 - 1e4).collect();
        let exact = x
            .iter()
            .map(|&x| (f64::from(x) + 1e4).exp())
            .sum::<f64>()
            .ln()
            - 1e4;
        assert!((f64::from(log_sum_exp(&x)) - exact).abs() < 1e-3);
        assert_eq!(log_sum_exp(&[f32::NEG_INFINITY; 20]), f32::NEG_INFINITY);
    }
}
