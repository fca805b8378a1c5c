//! The record of a run: what was asked, what became of every article, how long it took.
//!
//! But for `timing`, the record is a function of the sources and the settings: a run that was
//! killed and started again ends with the same one.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names::Written;
use crate::{
    brief::record::{Brief, Signature},
    corpus::LeftOut,
};

/// The record's schema.
const SCHEMA: &str = "kuaibao.run/1";

/// One run over a set of sources (`kuaibao.run/1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// `kuaibao.run/1`.
    pub schema: String,
    /// The settings that determine every brief: [`Signature`] without its source.
    pub settings: Map<String, Value>,
    /// Every article, in the order of the sources.
    pub entries: Vec<Entry>,
    /// Articles of other sources that runs before this one left in the folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Entry>,
    /// Files that were met and are not read, and why.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// Clock times and durations, and what this very run did: nothing else in an output folder
    /// differs from one run to the next.
    pub timing: Timing,
}

/// What became of an article, or of a source that gave none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The source, relative to the folder that was given.
    pub source: String,
    /// The article within its source; `None` when the source could not be read or split.
    pub article: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum Outcome {
    /// Its brief lies in the output folder.
    Done {
        /// Where.
        files: Written,
        /// What the index shows of it.
        #[serde(flatten)]
        digest: Digest,
    },
    /// It could not be done.
    Failed {
        /// Why, and what to do.
        error: String,
    },
    /// The run was interrupted before it.
    Pending,
}

/// What the index shows of a brief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// The paper, as the page states it.
    pub paper: Option<String>,
    /// ISO 8601 date of the paper.
    pub date: Option<String>,
    /// English headline.
    pub headline_en: String,
    /// Chinese headline.
    pub headline_zh: String,
    /// Translated sentences.
    pub sentences: usize,
    /// Sentences that carry a doubt.
    pub doubtful: usize,
}

/// Clock times, durations and the work that was spared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Start of the run, RFC 3339 in UTC.
    pub started: String,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Sentences translated in this run.
    pub sentences: usize,
    /// Articles by what this run did about them.
    pub articles: Vec<Work>,
    /// The file that each page's folder was made from, in this run or one before: no other file may
    /// replace what it gave.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub made_from: BTreeMap<String, String>,
}

/// What a run did about one article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// The source.
    pub source: String,
    /// The article within its source.
    pub article: Option<String>,
    /// Written now, or found done.
    pub status: Status,
    /// Seconds spent on it.
    pub seconds: f64,
}

/// What a run did about one article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Its files were written.
    Written,
    /// Its files were there already, under the same signature.
    Skipped,
    /// It failed.
    Failed,
}

impl Entry {
    /// Its brief, if there is one that can be read back from the folder.
    pub(super) fn brief(&self, dir: &Path) -> Option<Brief> {
        let Outcome::Done { files, .. } = &self.outcome else {
            return None;
        };
        serde_json::from_slice(&fs::read(dir.join(&files.json)).ok()?).ok()
    }
}

impl Run {
    /// A run under these settings, nothing done yet.
    pub fn new(settings: &Signature) -> Self {
        let mut settings = match serde_json::to_value(settings) {
            Ok(Value::Object(settings)) => settings,
            _ => Map::new(),
        };
        settings.shift_remove("source_sha256");
        Self {
            schema: SCHEMA.to_owned(),
            settings,
            entries: Vec::new(),
            earlier: Vec::new(),
            left_out: Vec::new(),
            timing: Timing::default(),
        }
    }

    /// Records a brief that lies in the output folder, and whether this run wrote it.
    pub fn done(&mut self, brief: &Brief, files: Written, status: Status, spent: Duration) {
        let digest = Digest {
            paper: brief.paper.clone(),
            date: brief.date.clone(),
            headline_en: brief.headline.en.clone(),
            headline_zh: brief.headline.zh.clone(),
            sentences: brief.checks.sentences,
            doubtful: brief.checks.doubtful,
        };
        if status == Status::Written {
            self.timing.sentences += brief.translation.len();
        }
        let article = Some(brief.article.as_str());
        let outcome = Outcome::Done { files, digest };
        self.record(&brief.source, article, outcome, status, spent);
    }

    /// Records a source or an article that could not be done.
    pub fn failed(&mut self, source: &str, article: Option<&str>, error: String, spent: Duration) {
        let outcome = Outcome::Failed { error };
        self.record(source, article, outcome, Status::Failed, spent);
    }

    /// Records a source that the run did not come to.
    pub fn pending(&mut self, source: &str) {
        self.entries.push(Entry {
            source: source.to_owned(),
            article: None,
            outcome: Outcome::Pending,
        });
    }

    /// Takes in what another run under the same settings did.
    pub fn append(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.timing.sentences += other.timing.sentences;
        self.timing.articles.extend(other.timing.articles);
    }

    /// Notes when the run began and how long it took.
    pub fn took(&mut self, started: SystemTime, spent: Duration) {
        // A clock before the year -9999 or after 9999 is no clock.
        self.timing.started = jiff::Timestamp::try_from(started)
            .and_then(|at| at.round(jiff::Unit::Second))
            .map_or_else(|_| String::new(), |at| at.to_string());
        self.timing.seconds = rounded(spent);
    }

    fn record(
        &mut self,
        source: &str,
        article: Option<&str>,
        outcome: Outcome,
        status: Status,
        spent: Duration,
    ) {
        self.timing.articles.push(Work {
            source: source.to_owned(),
            article: article.map(str::to_owned),
            status,
            seconds: rounded(spent),
        });
        self.entries.push(Entry {
            source: source.to_owned(),
            article: article.map(str::to_owned),
            outcome,
        });
    }
}

fn rounded(spent: Duration) -> f64 {
    (spent.as_secs_f64() * 1e3).round() / 1e3
}
