//! From a corpus and its metrics to a report.
//!
//! In: a [`Corpus`], a [`Battery`] of metrics and a [`Plan`]. Out: an [`EvalReport`]. A pure function
//! of these; threads change its speed, not its result.

use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use serde::Serialize;

use super::corpus::{Corpus, Kind, System};
use super::metric::{Better, Interval, Metric, Needs, Score, Signature};
use super::significance::{self, Battery, Resamples, Table};

/// How certainty is established and what is shown.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Bootstrap resamples; 0 for no intervals.
    pub resamples: usize,
    /// Trials of approximate randomisation; 0 for none.
    pub trials: usize,
    /// The random numbers' seed.
    pub seed: u64,
    /// The metric, by its place, that segments are ranked by.
    pub rank_by: usize,
    /// Segments listed for each comparison, or for the one system.
    pub listed: usize,
}

/// Everything found out (`kuaibao.eval/1`).
#[derive(Clone, Debug, Serialize)]
pub struct EvalReport {
    /// `kuaibao.eval/1`.
    pub schema: &'static str,
    /// Program name and version.
    pub program: String,
    /// Number of segments.
    pub segments: usize,
    /// What a reader of the scores must know about the input.
    pub notes: Vec<String>,
    /// The systems with their scores, in the order given; baselines and the reference behind them.
    pub systems: Vec<SystemReport>,
    /// Every other system against the first.
    pub comparisons: Vec<Comparison>,
    /// The metric that segments are ranked by.
    pub ranked_by: String,
    /// Segments worth reading: where two systems differ most, or where the only one scores worst.
    pub listed: Vec<Listed>,
    /// What each segment is called.
    #[serde(skip)]
    pub segment_ids: Vec<String>,
    /// Scores of each segment: `[metric][system][segment]`, the metrics in the order of the scores.
    #[serde(skip)]
    pub segment_scores: Vec<Vec<Vec<Option<f64>>>>,
    /// The place of [`Self::ranked_by`] among the metrics.
    #[serde(skip)]
    pub rank_by: usize,
}

/// A system's scores.
#[derive(Clone, Debug, Serialize)]
pub struct SystemReport {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// A score a metric.
    pub scores: Vec<Score>,
}

/// One metric's difference between two systems.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The system compared against.
    pub baseline: String,
    /// The system compared.
    pub system: String,
    /// The metric.
    pub metric: String,
    /// Which way the metric improves.
    pub better: Better,
    /// The system's score less the baseline's.
    pub difference: f64,
    /// 95 % bootstrap interval of the difference.
    pub interval: Option<Interval>,
    /// p-value by paired bootstrap.
    pub p_bootstrap: Option<f64>,
    /// p-value by paired approximate randomisation.
    pub p_randomisation: Option<f64>,
    /// The settings that the tests depend on.
    pub signature: Signature,
}

/// The level that differences are called significant at, as in sacrebleu.
pub const SIGNIFICANT: f64 = 0.05;

impl Comparison {
    /// Whether every test that was made calls the difference significant.
    pub fn is_significant(&self) -> bool {
        let mut tests = [self.p_bootstrap, self.p_randomisation]
            .into_iter()
            .flatten()
            .peekable();
        tests.peek().is_some() && tests.all(|p| p < SIGNIFICANT)
    }
}

/// A segment worth reading.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Line number or name.
    pub id: String,
    /// The Chinese.
    pub source: Option<String>,
    /// What people wrote.
    pub references: Vec<String>,
    /// What the compared systems wrote: two, or the only one.
    pub outputs: Vec<ListedOutput>,
}

impl Listed {
    fn says_the_same(&self, other: &Self) -> bool {
        let mut texts = self.outputs.iter().zip(&other.outputs);
        self.references == other.references && texts.all(|(a, b)| a.text == b.text)
    }
}

/// What one system made of a listed segment.
#[derive(Clone, Debug, Serialize)]
pub struct ListedOutput {
    /// The system.
    pub system: String,
    /// Its text.
    pub text: String,
    /// Its score.
    pub score: Option<f64>,
}

/// Scores the systems, establishes how certain the scores and their differences are, and picks the
/// segments to read.
pub fn evaluate(
    corpus: &Corpus,
    battery: &Battery,
    plan: &Plan,
    progress: &ProgressBar,
) -> EvalReport {
    let work = || evaluate_here(corpus, battery, plan, progress);
    // The program's global pool has one thread: the engine brings its own.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    match ThreadPoolBuilder::new().num_threads(cores).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn evaluate_here(
    corpus: &Corpus,
    battery: &Battery,
    plan: &Plan,
    progress: &ProgressBar,
) -> EvalReport {
    start(
        progress,
        "scoring",
        corpus.systems.len() * corpus.items.len(),
    );
    let tables: Vec<Table> = corpus
        .systems
        .iter()
        .map(|system| table(corpus, system, battery, progress))
        .collect();
    start(progress, "resampling", plan.resamples);
    let resamples = significance::bootstrap(
        battery,
        &tables,
        corpus.items.len(),
        plan.resamples,
        plan.seed,
        progress,
    );
    let compared: Vec<usize> = (1..tables.len())
        .filter(|&s| corpus.systems[s].kind != Kind::Reference)
        .collect();
    start(progress, "randomising", plan.trials * compared.len());

    let settings = Settings {
        corpus,
        battery,
        plan,
    };
    let systems: Vec<SystemReport> = (0..tables.len())
        .map(|s| settings.system_report(s, &tables[s], &resamples))
        .collect();
    let comparisons = compared
        .into_iter()
        .flat_map(|s| {
            let exchanged = significance::exchange(
                battery,
                (&tables[0], &tables[s]),
                corpus.items.len(),
                plan.trials,
                plan.seed,
                progress,
            );
            settings.comparisons(&systems, s, &resamples, &exchanged)
        })
        .collect();
    progress.finish_and_clear();

    let segment_scores: Vec<Vec<Vec<Option<f64>>>> = battery
        .metrics()
        .iter()
        .enumerate()
        .map(|(m, metric)| {
            let of_system = |(table, system): (&Table, &System)| {
                let judged = judges(metric.as_ref(), system.kind);
                let score = |row| metric.segment_score(battery.part(m, row));
                table
                    .rows()
                    .map(|row| score(row).filter(|_| judged))
                    .collect()
            };
            tables.iter().zip(&corpus.systems).map(of_system).collect()
        })
        .collect();
    EvalReport {
        schema: "kuaibao.eval/1",
        program: concat!("kuaibao ", env!("CARGO_PKG_VERSION")).to_owned(),
        segments: corpus.items.len(),
        notes: corpus.notes.clone(),
        systems,
        comparisons,
        ranked_by: battery.metrics()[plan.rank_by].name(),
        listed: settings.listed(&segment_scores[plan.rank_by]),
        segment_ids: corpus.items.iter().map(|item| item.id.clone()).collect(),
        segment_scores,
        rank_by: plan.rank_by,
    }
}

fn start(progress: &ProgressBar, stage: &'static str, steps: usize) {
    progress.set_style(
        ProgressStyle::with_template("{msg:12} {bar:40} {pos}/{len} {eta}")
            .expect("the template is a constant"),
    );
    progress.set_message(stage);
    progress.set_length(steps as u64);
    progress.set_position(0);
}

/// The statistics of every segment. A metric that lacks what it needs leaves zeros.
fn table(corpus: &Corpus, system: &System, battery: &Battery, progress: &ProgressBar) -> Table {
    let rows = corpus
        .items
        .par_iter()
        .zip(&system.outputs)
        .map(|(item, output)| {
            let segment = item.with(output);
            let mut row = Vec::with_capacity(battery.width());
            for metric in battery.metrics() {
                if judges(metric.as_ref(), system.kind) && segment.has(metric.needs()) {
                    row.extend(metric.statistics(&segment));
                } else {
                    row.resize(row.len() + metric.width(), 0.0);
                }
            }
            progress.inc(1);
            row
        })
        .collect();
    Table::new(battery.width(), rows)
}

/// A reference is not held against itself.
fn judges(metric: &dyn Metric, kind: Kind) -> bool {
    match kind {
        Kind::System | Kind::Baseline => true,
        Kind::Reference => metric.needs() != Needs::References,
    }
}

/// What all parts of a report are made under.
struct Settings<'a> {
    corpus: &'a Corpus,
    battery: &'a Battery,
    plan: &'a Plan,
}

impl Settings<'_> {
    fn system_report(&self, s: usize, table: &Table, resamples: &Resamples) -> SystemReport {
        let system = &self.corpus.systems[s];
        let total = table.total();
        let scores = self
            .battery
            .metrics()
            .iter()
            .enumerate()
            .map(|(m, metric)| {
                let part = self.battery.part(m, &total);
                let judged = judges(metric.as_ref(), system.kind);
                let score = metric.score(part).filter(|_| judged);
                Score {
                    metric: metric.name(),
                    score,
                    interval: score.and_then(|_| {
                        significance::interval(resamples.iter().map(|sample| sample[s][m]))
                    }),
                    better: metric.better(),
                    parts: score.map(|_| metric.parts(part)).unwrap_or_default(),
                    signature: self.signature(metric.as_ref(), None),
                }
            })
            .collect();
        SystemReport {
            name: system.name.clone(),
            kind: system.kind,
            scores,
        }
    }

    /// As sacrebleu writes it: references, resamples, trials, seed, then the metric's own.
    fn signature(&self, metric: &dyn Metric, trials: Option<usize>) -> Signature {
        let mut signature = Signature::new();
        if metric.needs() == Needs::References {
            let mut counts = self.corpus.items.iter().map(|item| item.references.len());
            let first = counts.next().unwrap_or(0);
            signature = if counts.all(|count| count == first) {
                signature.with("nrefs", first)
            } else {
                signature.with("nrefs", "var")
            };
        }
        if self.plan.resamples > 0 {
            signature = signature.with("bs", self.plan.resamples);
        }
        if let Some(trials) = trials.filter(|&trials| trials > 0) {
            signature = signature.with("ar", trials);
        }
        if self.plan.resamples > 0 || trials.is_some_and(|trials| trials > 0) {
            signature = signature.with("seed", self.plan.seed);
        }
        signature.then(metric.signature())
    }

    /// System `s` against the first, by every metric that judges both.
    fn comparisons(
        &self,
        systems: &[SystemReport],
        s: usize,
        resamples: &Resamples,
        exchanged: &[Vec<Option<f64>>],
    ) -> Vec<Comparison> {
        let compare = |m: usize| {
            let metric = &self.battery.metrics()[m];
            let difference = systems[s].scores[m].score? - systems[0].scores[m].score?;
            let differences: Vec<f64> = resamples
                .iter()
                .filter_map(|sample| Some(sample[s][m]? - sample[0][m]?))
                .collect();
            let exchanged: Vec<f64> = exchanged.iter().filter_map(|trial| trial[m]).collect();
            let made = |trials: &[f64]| !trials.is_empty();
            Some(Comparison {
                baseline: systems[0].name.clone(),
                system: systems[s].name.clone(),
                metric: metric.name(),
                better: metric.better(),
                difference,
                interval: significance::interval(differences.iter().copied().map(Some)),
                p_bootstrap: made(&differences)
                    .then(|| significance::bootstrap_p(&differences, difference)),
                p_randomisation: made(&exchanged)
                    .then(|| significance::randomisation_p(&exchanged, difference)),
                signature: self.signature(metric.as_ref(), Some(self.plan.trials)),
            })
        };
        (0..self.battery.metrics().len())
            .filter_map(compare)
            .collect()
    }

    /// Where each system differs most from the first; without a second system, where the only one is
    /// worst. Ties keep the order of the input.
    fn listed(&self, scores: &[Vec<Option<f64>>]) -> Vec<Listed> {
        let others: Vec<usize> = (1..scores.len())
            .filter(|&s| self.corpus.systems[s].kind == Kind::System)
            .collect();
        if others.is_empty() {
            let lower_is_worse =
                self.battery.metrics()[self.plan.rank_by].better() != Better::Lower;
            let sign = if lower_is_worse { 1.0 } else { -1.0 };
            return self.first(scores, &[0], |i| scores[0][i].map(|score| sign * score));
        }
        let apart = |other: usize| {
            self.first(scores, &[0, other], |i| {
                Some(-(scores[0][i]? - scores[other][i]?).abs())
            })
        };
        others.into_iter().flat_map(apart).collect()
    }

    /// The segments with the lowest keys, as the given systems have them.
    fn first(
        &self,
        scores: &[Vec<Option<f64>>],
        systems: &[usize],
        key: impl Fn(usize) -> Option<f64>,
    ) -> Vec<Listed> {
        let mut ranked: Vec<(f64, usize)> = (0..self.corpus.items.len())
            .filter_map(|i| Some((key(i)?, i)))
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut listed: Vec<Listed> = Vec::new();
        for (_, i) in ranked {
            if listed.len() == self.plan.listed {
                break;
            }
            let segment = self.list(i, scores, systems);
            // A line that a test set repeats is read once.
            if !listed.iter().any(|other| other.says_the_same(&segment)) {
                listed.push(segment);
            }
        }
        listed
    }

    fn list(&self, i: usize, scores: &[Vec<Option<f64>>], systems: &[usize]) -> Listed {
        let item = &self.corpus.items[i];
        Listed {
            id: item.id.clone(),
            source: item.source.clone(),
            references: item.references.clone(),
            outputs: systems
                .iter()
                .map(|&s| ListedOutput {
                    system: self.corpus.systems[s].name.clone(),
                    text: self.corpus.systems[s].outputs[i].text.clone(),
                    score: scores[s][i],
                })
                .collect(),
        }
    }
}
