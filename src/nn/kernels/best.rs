//! The most probable outputs of each row, without ever holding all logits.
//!
//! A vocabulary's logits are the largest tensor of a step. They are computed some columns at a
//! time, for all rows, and only what matters of them is kept: the best so many of each row and
//! the sum of their exponentials.

use std::ops::Range;

use super::{Fused, LANES, Strided, dispatch, exp, max, total};

/// The best columns of one row, and what makes its logits log-probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// ln Σ exp(logit) over all columns: a logit less this is a log-probability.
    pub norm: f32,
    /// The highest logits with their columns, highest first; of equals, the first column.
    pub top: Vec<(usize, f32)>,
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
        dispatch(
            #[inline(always)]
            |fused| {
                for (row, logits) in seen.iter_mut().zip(out.chunks_exact(columns.len())) {
                    row.take(columns.start, logits, barred, fused);
                }
            },
        );
    }
    seen.into_iter().map(Row::finish).collect()
}

/// The best `keep` of one row of scores, the `barred` left out.
pub(crate) fn top(scores: &[f32], keep: usize, barred: &[usize]) -> Vec<(usize, f32)> {
    let mut found = Found::new(keep);
    dispatch(
        #[inline(always)]
        |_| found.scan(0, scores, barred),
    );
    found.top
}

/// ln Σ exp(x), the normaliser of a log-softmax.
pub(crate) fn log_sum_exp(x: &[f32]) -> f32 {
    let mut sum = Sum::default();
    dispatch(
        #[inline(always)]
        |fused| sum.take(x, fused),
    );
    sum.finish()
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

    #[inline(always)]
    fn take(&mut self, first: usize, logits: &[f32], barred: &[usize], fused: Fused) {
        self.sum.take(logits, fused);
        self.found.scan(first, logits, barred);
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
    fn take(&mut self, x: &[f32], fused: Fused) {
        let most = max(x);
        if most > self.most {
            let scale = if self.most == f32::NEG_INFINITY {
                0.0
            } else {
                exp(self.most - most, fused)
            };
            for lane in &mut self.lanes {
                *lane *= scale;
            }
            self.most = most;
        }
        let most = self.most;
        if most == f32::NEG_INFINITY {
            return;
        }
        let (chunks, rest) = x.as_chunks::<LANES>();
        for chunk in chunks {
            for i in 0..LANES {
                self.lanes[i] += exp(chunk[i] - most, fused);
            }
        }
        for (lane, x) in self.lanes.iter_mut().zip(rest) {
            *lane += exp(x - most, fused);
        }
    }

    fn finish(self) -> f32 {
        self.most + total(self.lanes).ln()
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
    fn scan(&mut self, first: usize, scores: &[f32], barred: &[usize]) {
        const CHUNK: usize = 64;
        for (chunk, part) in scores.chunks(CHUNK).enumerate() {
            if max(part) <= self.floor && self.top.len() >= self.keep {
                continue;
            }
            for (i, &score) in part.iter().enumerate() {
                if score > self.floor || self.top.len() < self.keep {
                    let column = first + chunk * CHUNK + i;
                    if !barred.contains(&column) {
                        self.insert(column, score);
                    }
                }
            }
        }
    }

    fn insert(&mut self, column: usize, score: f32) {
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
    use super::super::{Dense, Int8};
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
        let dense = Dense::pack(&weight, None, inputs);
        let all = dense.forward(x, rows, super::super::Then::Nothing);
        check(best(&dense, x, rows, 7, &barred), all);
        let int8 = Int8::quantise(&weight, None, inputs);
        let all = int8.forward(x, rows, super::super::Then::Nothing);
        check(best(&int8, x, rows, 7, &barred), all);
    }
}
