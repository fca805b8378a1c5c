//! What a metric is: statistics a segment, summed, then one score.
//!
//! In: one segment with its references. Out: a row of numbers that may be summed over any choice of
//! segments, and the score of such a sum. Every interval and every test in this room rests on that
//! split: resampling re-sums rows and never looks at a text again. A metric never reads a file and
//! never remembers a segment.

use std::fmt;

use serde::Serialize;

/// One segment as a metric sees it: a line, a summary, or a whole article.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// The Chinese it was made from, where known.
    pub source: Option<&'a str>,
    /// The text in the hypothesis' own language that a summary was made from, where known.
    pub document: Option<&'a str>,
    /// What the system wrote.
    pub hypothesis: &'a str,
    /// What people wrote.
    pub references: &'a [String],
    /// Source sentences with their translations, where the system says which belong together.
    pub aligned: &'a [(String, String)],
    /// Scores from elsewhere, one for each [`super::given::Given`].
    pub given: &'a [Option<f64>],
}

impl Segment<'_> {
    /// Whether there is what a metric needs.
    pub fn has(&self, needs: Needs) -> bool {
        match needs {
            Needs::References => !self.references.is_empty(),
            Needs::Source => self.source.is_some(),
            Needs::Document => self.document.is_some(),
            Needs::Given => !self.given.is_empty(),
            Needs::Nothing => true,
        }
    }
}

/// What a metric holds a hypothesis against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// What people wrote.
    References,
    /// The Chinese.
    Source,
    /// The article in the hypothesis' language.
    Document,
    /// Scores from elsewhere.
    Given,
    /// The hypothesis alone.
    Nothing,
}

/// Which way a score improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// A description, not a merit: a length ratio, a share of novel n-grams.
    Neither,
}

/// A score that is computed from sums over segments.
pub trait Metric: Send + Sync {
    /// The name in tables, as the field writes it: `BLEU`, `chrF2++`, `ROUGE-L`.
    fn name(&self) -> String;

    /// The settings that the score depends on.
    fn signature(&self) -> Signature;

    /// Which way the score improves.
    fn better(&self) -> Better {
        Better::Higher
    }

    /// What it holds a hypothesis against.
    fn needs(&self) -> Needs {
        Needs::References
    }

    /// Numbers a segment gives.
    fn width(&self) -> usize;

    /// The segment's numbers: `width` of them.
    fn statistics(&self, segment: &Segment) -> Vec<f64>;

    /// The score of summed statistics; `None` where there was nothing to judge.
    fn score(&self, total: &[f64]) -> Option<f64>;

    /// The score of one segment on its own.
    fn segment_score(&self, statistics: &[f64]) -> Option<f64> {
        self.score(statistics)
    }

    /// What the score is made of, for readers who want to know why.
    fn parts(&self, _total: &[f64]) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}

/// A metric's score on one system's output, with its certainty.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    /// The metric's name.
    pub metric: String,
    /// The score; `None` where there was nothing to judge.
    pub score: Option<f64>,
    /// 95 % bootstrap interval, where resampling was asked for.
    pub interval: Option<Interval>,
    /// Which way the score improves.
    pub better: Better,
    /// What the score is made of.
    #[serde(serialize_with = "as_map")]
    pub parts: Vec<(&'static str, f64)>,
    /// The settings that the score depends on.
    pub signature: Signature,
}

/// Where 95 % of the bootstrap resamples lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The score that 2.5 % of the resamples are below.
    pub low: f64,
    /// The score that 2.5 % of the resamples are above.
    pub high: f64,
    /// Mean over the resamples: the `μ` of sacrebleu.
    pub mean: f64,
}

impl Interval {
    /// Half the width: the `±` of sacrebleu.
    pub fn margin(self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The settings that a score depends on, written as sacrebleu writes them:
/// `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:kuaibao-0.1.0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature(Vec<(&'static str, String)>);

impl Signature {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one setting behind the others.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.push((key, value.to_string()));
        self
    }

    /// These settings, then those.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// sacrebleu writes `yes` and `no`.
pub(super) fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// sacrebleu writes `lc` and `mixed`.
pub(super) fn case(lowercase: bool) -> &'static str {
    if lowercase { "lc" } else { "mixed" }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, value) in &self.0 {
            write!(f, "{key}:{value}|")?;
        }
        write!(f, "version:kuaibao-{}", env!("CARGO_PKG_VERSION"))
    }
}

impl Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn as_map<S: serde::Serializer>(
    parts: &[(&'static str, f64)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(parts.iter().copied())
}
