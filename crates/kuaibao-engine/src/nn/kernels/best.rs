//! The most probable outputs of each row, without ever holding all logits.
//!
//! A vocabulary's logits are the largest tensor of a step. They are computed some columns at a
//! time, for all rows, and only what matters of them is kept: the best so many of each row and
//! the sum of their exponentials.

use std::ops::Range;

use super::{
    Strided,
    lanes::{Kernel, LANES, Lanes, dispatch, exp},
};

/// The best columns of one row, and what makes its logits log-probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// ln Σ exp(logit) over all columns: a logit less this is a log-probability.
    pub norm: f32,
    /// The highest logits with their columns, highest first; of equals, the first column.
    pub top: Vec<(usize, f32)>,
}

impl Best {
    /// From columns and their logits, best first, as a device finds them: -inf says that there is no further one.
    pub(in crate::nn) fn of(
        columns: impl Iterator<Item = usize>,
        logits: &[f32],
        norm: f32,
    ) -> Self {
        let top = columns.zip(logits.iter().copied());
        Self {
            norm,
            top: top
                .take_while(|(_, logit)| *logit != f32::NEG_INFINITY)
                .collect(),
        }
    }

    /// Puts columns, with their logits, behind those that it has.
    pub(crate) fn add(&mut self, further: impl Iterator<Item = (usize, f32)>) {
        for (column, logit) in further {
            if self.top.iter().all(|&(likely, _)| likely != column) {
                self.top.push((column, logit));
            }
        }
    }
}

/// An affine map that can be computed some panels of [`LANES`] outputs at a time.
pub(in crate::nn) trait Panels {
    /// The rows, as the product wants them.
    type Input<'a>;

    fn input<'a>(&self, x: Strided<'a>, rows: usize) -> Self::Input<'a>;
    fn outputs(&self) -> usize;
    /// The outputs of `panels`, `(rows, outputs of these panels)`.
    fn fill(&self, x: &Self::Input<'_>, panels: Range<usize>, out: &mut [f32]);
}

/// Panels at a time: their outputs for a hundred rows, and their weights, fit a second-level cache.
const BLOCK: usize = 24;

/// The best `keep` outputs of each row, the `barred` ones left out of them but not of the norm.
pub(in crate::nn) fn best<M: Panels>(
    map: &M,
    x: Strided,
    rows: usize,
    keep: usize,
    barred: &[usize],
) -> Vec<Best> {
    let input = map.input(x, rows);
    let panels = map.outputs().div_ceil(LANES);
    let mut out = vec![0.0; rows * BLOCK * LANES];
    let mut seen: Vec<Row> = (0..rows).map(|_| Row::new(keep)).collect();
    for first in (0..panels).step_by(BLOCK) {
        let block = first..panels.min(first + BLOCK);
        let columns = first * LANES..map.outputs().min(block.end * LANES);
        let out = &mut out[..rows * columns.len()];
        map.fill(&input, block, out);
        dispatch(Take {
            seen: &mut seen,
            logits: out,
            columns,
            barred,
        });
    }
    seen.into_iter().map(Row::finish).collect()
}

/// Some columns of all rows, to be taken in.
struct Take<'a> {
    seen: &'a mut [Row],
    logits: &'a [f32],
    columns: Range<usize>,
    barred: &'a [usize],
}

impl Kernel for Take<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let rows = self.logits.chunks_exact(self.columns.len());
        for (row, logits) in self.seen.iter_mut().zip(rows) {
            row.sum.take::<L>(logits);
            row.found.scan::<L>(self.columns.start, logits, self.barred);
        }
    }
}

/// One row that is there as a whole.
fn whole(scores: &[f32], keep: usize, barred: &[usize]) -> Best {
    let mut row = Row::new(keep);
    dispatch(Take {
        seen: std::slice::from_mut(&mut row),
        logits: scores,
        columns: 0..scores.len(),
        barred,
    });
    row.finish()
}

/// The best `keep` of one row of scores, the `barred` left out.
pub(crate) fn top(scores: &[f32], keep: usize, barred: &[usize]) -> Vec<(usize, f32)> {
    whole(scores, keep, barred).top
}

/// ln Σ exp(x), the normaliser of a log-softmax.
pub(crate) fn log_sum_exp(x: &[f32]) -> f32 {
    whole(x, 0, &[]).norm
}

struct Row {
    sum: Sum,
    found: Found,
}

impl Row {
    fn new(keep: usize) -> Self {
        Self {
            sum: Sum::default(),
            found: Found::new(keep),
        }
    }

    fn finish(self) -> Best {
        Best {
            norm: self.sum.finish(),
            top: self.found.top,
        }
    }
}

/// A sum of exponentials that grows block by block (Milakov & Gimelshein, "Online normalizer
/// calculation for softmax", 2018).
struct Sum {
    most: f32,
    /// Sums of exp(x - most).
    lanes: [f32; LANES],
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            most: f32::NEG_INFINITY,
            lanes: [0.0; LANES],
        }
    }
}

impl Sum {
    #[inline(always)]
    fn take<L: Lanes>(&mut self, x: &[f32]) {
        let (chunks, rest) = x.as_chunks::<LANES>();
        let mut padded = [f32::NEG_INFINITY; LANES];
        padded[..rest.len()].copy_from_slice(rest);
        let mut most = L::load(&padded);
        for x in chunks {
            most = most.max(L::load(x));
        }
        let most = most.most();
        let mut lanes = L::load(&self.lanes);
        if most > self.most {
            // Nothing was taken before, or what was weighs less now.
            let scale = exp(L::splat(self.most - most));
            lanes = lanes.mul(scale);
            self.most = most;
        }
        if self.most == f32::NEG_INFINITY {
            return;
        }
        let most = L::splat(self.most);
        for x in chunks {
            lanes = lanes.add(exp(L::load(x).sub(most)));
        }
        if !rest.is_empty() {
            lanes = lanes.add(exp(L::load(&padded).sub(most)));
        }
        lanes.store(&mut self.lanes);
    }

    fn finish(self) -> f32 {
        self.most + self.lanes.iter().sum::<f32>().ln()
    }
}

/// The best so many of everything scanned, best first; of equals, the first.
struct Found {
    keep: usize,
    top: Vec<(usize, f32)>,
    /// What a score must be above once there are enough.
    floor: f32,
}

impl Found {
    fn new(keep: usize) -> Self {
        Self {
            keep,
            top: Vec::with_capacity(keep + 1),
            floor: f32::NEG_INFINITY,
        }
    }

    /// Offers scores, the first of which is that of column `first`.
    #[inline(always)]
    fn scan<L: Lanes>(&mut self, first: usize, scores: &[f32], barred: &[usize]) {
        if self.keep == 0 {
            return;
        }
        // Until there are enough, everything is taken.
        let mut at = 0;
        while at < scores.len() && self.top.len() < self.keep {
            self.offer(first + at, scores[at], barred);
            at += 1;
        }
        let (vectors, rest) = scores[at..].as_chunks::<LANES>();
        let (fours, single) = vectors.as_chunks::<4>();
        for four in fours {
            let pairs = [
                L::load(&four[0]).max(L::load(&four[1])),
                L::load(&four[2]).max(L::load(&four[3])),
            ];
            if pairs[0].max(pairs[1]).above(self.floor) != 0 {
                for (i, vector) in four.iter().enumerate() {
                    self.vector::<L>(first + at + i * LANES, vector, barred);
                }
            }
            at += 4 * LANES;
        }
        for vector in single {
            self.vector::<L>(first + at, vector, barred);
            at += LANES;
        }
        for (i, &score) in rest.iter().enumerate() {
            if score > self.floor {
                self.offer(first + at + i, score, barred);
            }
        }
    }

    #[inline(always)]
    fn vector<L: Lanes>(&mut self, first: usize, scores: &[f32; LANES], barred: &[usize]) {
        let mut above = L::load(scores).above(self.floor);
        while above != 0 {
            let i = above.trailing_zeros() as usize;
            if scores[i] > self.floor {
                self.offer(first + i, scores[i], barred);
            }
            above &= above - 1;
        }
    }

    fn offer(&mut self, column: usize, score: f32, barred: &[usize]) {
        if barred.contains(&column) {
            return;
        }
        let at = self.top.partition_point(|(_, other)| *other >= score);
        self.top.insert(at, (column, score));
        self.top.truncate(self.keep);
        if self.top.len() == self.keep {
            self.floor = self.top[self.keep - 1].1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Dense, Epilogue, Int8};
    use super::*;

    #[test]
    fn top_keeps_the_highest_and_of_equals_the_first() {
        let scores: Vec<f32> = (0..1000).map(|i| ((i * 7919) % 500) as f32).collect();
        let columns: Vec<usize> = top(&scores, 5, &[]).iter().map(|t| t.0).collect();
        let position = |score: f32| scores.iter().position(|&s| s == score).unwrap();
        let first = position(499.0);
        assert_eq!(columns[..2], [first, first + 500]);
        assert_eq!(columns[2], position(498.0));
        assert_eq!(top(&[1.0, 9.0, 3.0], 2, &[1]), [(2, 3.0), (0, 1.0)]);
        assert_eq!(top(&[1.0], 4, &[]), [(0, 1.0)]);
        assert_eq!(top(&[f32::NEG_INFINITY; 3], 2, &[]).len(), 2);
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

    #[test]
    fn block_by_block_equals_all_at_once() {
        let (rows, inputs, outputs) = (5, 12, BLOCK * LANES * 2 + 37);
        let number = |i: usize| ((i * 7919) % 1013) as f32 / 100.0 - 5.0;
        let weight: Vec<f32> = (0..inputs * outputs).map(number).collect();
        let data: Vec<f32> = (0..inputs * rows).map(|i| number(i + 3)).collect();
        let x = Strided {
            data: &data,
            width: inputs,
            stride: inputs,
        };
        let barred = [3, 700];
        let check = |found: Vec<Best>, logits: Vec<f32>| {
            for (best, row) in found.iter().zip(logits.chunks_exact(outputs)) {
                assert_eq!(best.top, top(row, 7, &barred));
                assert!((best.norm - log_sum_exp(row)).abs() < 1e-4);
            }
        };
        let dense = Dense::pack(&weight, None, inputs, candle_core::DType::F32);
        let all = dense.forward(x, rows, Epilogue::Nothing);
        check(best(&dense, x, rows, 7, &barred), all);
        let int8 = Int8::quantise(&weight, None, inputs);
        let all = int8.forward(x, rows, Epilogue::Nothing);
        check(best(&int8, x, rows, 7, &barred), all);
    }
}
