//! How sure a score and a difference are.
//!
//! In: the statistics of each segment, a system at a time. Out: 95 % intervals by bootstrap
//! (Koehn, 2004) and p-values by paired bootstrap and paired approximate randomisation (Riezler and
//! Maxwell, 2005), with the definitions and the random numbers of sacrebleu 2.6
//! (`sacrebleu/significance.py`). The result depends on the seed alone, not on the number of threads.

use indicatif::ProgressBar;
use rayon::prelude::*;

use super::metric::{Interval, Metric};
use super::random::Random;

/// Numbers that are drawn ahead of a thread that uses them; it bounds memory, not the result.
const DRAWN_AHEAD: usize = 1 << 19;
/// Draws that a thread takes at a time.
const BLOCK: usize = 512;
/// Segments whose coins are looked up together: with six there are 64 ways for them to fall.
const GROUP: usize = 6;

/// The metrics of a run and where each one's numbers stand in a row of statistics.
pub struct Battery {
    metrics: Vec<Box<dyn Metric>>,
    offsets: Vec<usize>,
    width: usize,
}

impl Battery {
    /// Puts metrics side by side.
    pub fn new(metrics: Vec<Box<dyn Metric>>) -> Self {
        let mut width = 0;
        let offsets = metrics
            .iter()
            .map(|metric| {
                let offset = width;
                width += metric.width();
                offset
            })
            .collect();
        Self {
            metrics,
            offsets,
            width,
        }
    }

    /// The metrics, in order.
    pub fn metrics(&self) -> &[Box<dyn Metric>] {
        &self.metrics
    }

    /// Numbers in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The numbers of one metric in a row.
    pub fn part<'a>(&self, metric: usize, row: &'a [f64]) -> &'a [f64] {
        let start = self.offsets[metric];
        &row[start..start + self.metrics[metric].width()]
    }

    /// The score of each metric.
    fn scores(&self, total: &[f64]) -> Vec<Option<f64>> {
        (0..self.metrics.len())
            .map(|m| self.metrics[m].score(self.part(m, total)))
            .collect()
    }
}

/// A system's statistics: a row a segment, the metrics' numbers side by side.
pub struct Table {
    width: usize,
    cells: Vec<f64>,
}

impl Table {
    /// A table of rows that are all `width` long. Cells are rounded to 2⁻³²: sums of such numbers
    /// are exact, in whatever order they are made, up to 2²¹.
    pub fn new(width: usize, rows: Vec<Vec<f64>>) -> Self {
        let unit = 2_f64.powi(-32);
        let rounded = |cell: f64| (cell / unit).round() * unit;
        Self {
            width,
            cells: rows.into_iter().flatten().map(rounded).collect(),
        }
    }

    /// Each cell less the other table's.
    fn less(&self, other: &Self) -> Self {
        let pairs = self.cells.iter().zip(&other.cells);
        Self {
            width: self.width,
            cells: pairs.map(|(cell, other)| cell - other).collect(),
        }
    }

    /// The numbers of each segment.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.cells.chunks_exact(self.width.max(1))
    }

    /// The sum of all rows.
    pub fn total(&self) -> Vec<f64> {
        self.weighted(std::iter::repeat(1.0))
    }

    /// The sum of rows, each as often as its weight says.
    fn weighted(&self, weights: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sum = vec![0.0; self.width];
        for (row, weight) in self.rows().zip(weights) {
            for (sum, cell) in sum.iter_mut().zip(row) {
                *sum += weight * cell;
            }
        }
        sum
    }

    /// For each choice of segments, the sum of their rows. A choice has a bit for each of the
    /// [`GROUP`] segments of a number. All sums that a group's rows can make are made once, and then
    /// one addition serves the group (the "four Russians" method).
    fn sums_of_choices(&self, choices: &[Vec<u8>]) -> Vec<Vec<f64>> {
        let mut sums = vec![vec![0.0; self.width]; choices.len()];
        if self.width == 0 {
            return sums;
        }
        let mut subsets = vec![0.0; self.width << GROUP];
        for (group, rows) in self.cells.chunks(GROUP * self.width).enumerate() {
            for (i, row) in rows.chunks_exact(self.width).enumerate() {
                let (without, with) = subsets.split_at_mut(self.width << i);
                for (with, without) in with
                    .chunks_exact_mut(self.width)
                    .zip(without.chunks_exact(self.width))
                {
                    for ((with, without), cell) in with.iter_mut().zip(without).zip(row) {
                        *with = without + cell;
                    }
                }
            }
            for (sum, choice) in sums.iter_mut().zip(choices) {
                let start = usize::from(choice[group]) * self.width;
                for (sum, cell) in sum.iter_mut().zip(&subsets[start..]) {
                    *sum += cell;
                }
            }
        }
        sums
    }
}

/// Scores of resampled test sets: `[resample][system][metric]`. All systems and metrics see the same
/// resamples.
pub type Resamples = Vec<Vec<Vec<Option<f64>>>>;

/// Scores every system on `resamples` test sets drawn from the segments with replacement.
pub fn bootstrap(
    battery: &Battery,
    tables: &[Table],
    segments: usize,
    resamples: usize,
    seed: u64,
    progress: &ProgressBar,
) -> Resamples {
    let mut random = Random::new(seed);
    let draw = |_| {
        let mut times = vec![0.0; segments];
        for _ in 0..segments {
            times[random.below(segments as u32) as usize] += 1.0;
        }
        times
    };
    in_blocks(resamples, segments, draw, |block| {
        progress.inc(block.len() as u64);
        let scores = |times: &Vec<f64>| {
            tables
                .iter()
                .map(|table| battery.scores(&table.weighted(times.iter().copied())))
                .collect()
        };
        block.iter().map(scores).collect()
    })
}

/// Differences between two systems whose outputs were exchanged at random, segment by segment:
/// `[trial][metric]`.
pub fn exchange(
    battery: &Battery,
    (one, other): (&Table, &Table),
    segments: usize,
    trials: usize,
    seed: u64,
    progress: &ProgressBar,
) -> Vec<Vec<Option<f64>>> {
    let (sum_of_one, sum_of_other) = (one.total(), other.total());
    let difference = one.less(other);
    let mut random = Random::new(seed);
    let toss = |_| {
        let group = |start| {
            let coins = start..segments.min(start + GROUP);
            coins.fold(0, |coins, i| coins | u8::from(random.coin()) << (i - start))
        };
        (0..segments).step_by(GROUP).map(group).collect()
    };
    in_blocks(trials, segments.div_ceil(GROUP), toss, |block| {
        progress.inc(block.len() as u64);
        let exchanged = |heads: Vec<f64>| {
            // Where the coin shows heads, a segment's outputs stay with their systems.
            let a: Vec<f64> = sum_of_other
                .iter()
                .zip(&heads)
                .map(|(s, h)| s + h)
                .collect();
            let b: Vec<f64> = sum_of_one.iter().zip(&heads).map(|(s, h)| s - h).collect();
            let pairs = battery.scores(&a).into_iter().zip(battery.scores(&b));
            pairs.map(|(a, b)| Some(a? - b?)).collect()
        };
        let sums = difference.sums_of_choices(block);
        sums.into_iter().map(exchanged).collect()
    })
}

/// Makes draws of `size` numbers in order on one thread, works on blocks of them on all threads.
fn in_blocks<D: Send + Sync, R: Send>(
    count: usize,
    size: usize,
    mut draw: impl FnMut(usize) -> D,
    work: impl Fn(&[D]) -> Vec<R> + Sync,
) -> Vec<R> {
    let block = (DRAWN_AHEAD / size.max(1)).clamp(1, BLOCK);
    let ahead = block * rayon::current_num_threads();
    let mut results = Vec::with_capacity(count);
    while results.len() < count {
        let next = count.min(results.len() + ahead);
        let drawn: Vec<D> = (results.len()..next).map(&mut draw).collect();
        results.par_extend(drawn.par_chunks(block).flat_map_iter(&work));
    }
    results
}

/// Where 95 % of the resamples lie, cut as sacrebleu cuts; `None` without any.
pub fn interval(resamples: impl Iterator<Item = Option<f64>>) -> Option<Interval> {
    let mut scores: Vec<f64> = resamples.flatten().collect();
    scores.sort_by(f64::total_cmp);
    let cut = scores.len() / 40;
    Some(Interval {
        low: *scores.get(cut)?,
        high: *scores.get(scores.len() - cut - 1)?,
        mean: scores.iter().sum::<f64>() / scores.len() as f64,
    })
}

/// Paired bootstrap: how often the resamples' differences, moved to where no difference would be
/// expected, exceed the observed one.
pub fn bootstrap_p(differences: &[f64], observed: f64) -> f64 {
    let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    let mean = sizes.iter().sum::<f64>() / sizes.len() as f64;
    exceeding(sizes.iter().map(|size| size - mean), observed)
}

/// Approximate randomisation: how often an exchange at random makes a larger difference.
pub fn randomisation_p(differences: &[f64], observed: f64) -> f64 {
    exceeding(differences.iter().map(|d| d.abs()), observed)
}

/// The share of trials above the observed difference, the observation counted as one of them. Two
/// systems with the same score do not differ, whatever chance makes of them: p is 1.
fn exceeding(trials: impl ExactSizeIterator<Item = f64>, observed: f64) -> f64 {
    let observed = observed.abs();
    if observed == 0.0 {
        return 1.0;
    }
    let all = trials.len();
    let above = trials.filter(|&trial| trial > observed).count();
    (above + 1) as f64 / (all + 1) as f64
}
