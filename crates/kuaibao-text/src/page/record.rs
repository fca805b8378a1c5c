//! What `kuaibao split --json` prints and an editor may change: `kuaibao.split/1`.
//!
//! Comes in: a [`Page`], or a record. Goes out: the other. A record has no ranges: read back, its
//! strings are laid out as a new source text, and the page traces to that.

use serde::{Deserialize, Serialize};

use super::{Article, Dropped, Page, Reason, Subhead};
use crate::text::Traced;

/// The schema's name.
pub const SCHEMA: &str = "kuaibao.split/1";

/// Why a text is not a list of records.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A line is not JSON, or not a page.
    #[error("line {line} is not a page of `kuaibao split --json`: {reason}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What was found.
        reason: String,
    },
    /// The records are of another schema.
    #[error("holds `{0}`, not `{SCHEMA}`: only the output of `kuaibao split --json` is read")]
    Schema(String),
}

/// Reads the records of a file: one object over many lines, as an editor's formatter leaves it, or
/// one a line.
pub fn parse(text: &str) -> Result<Vec<PageRecord>, RecordError> {
    let records: Vec<PageRecord> = match serde_json::from_str(text) {
        Ok(record) => vec![record],
        Err(_) => text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(i, line)| {
                serde_json::from_str(line).map_err(|e| RecordError::Line {
                    line: i + 1,
                    reason: e.to_string(),
                })
            })
            .collect::<Result<_, _>>()?,
    };
    match records.iter().find(|r| r.schema != SCHEMA) {
        Some(other) => Err(RecordError::Schema(other.schema.clone())),
        None => Ok(records),
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// The file.
    pub source: String,
    /// Its encoding.
    pub encoding: String,
    /// The paper's name, where the page states it.
    #[serde(default)]
    pub paper: Option<String>,
    /// The paper's date, where the page states it.
    #[serde(default)]
    pub date: Option<String>,
    /// The articles.
    pub articles: Vec<ArticleRecord>,
    /// What belongs to none.
    #[serde(default)]
    pub dropped: Vec<DroppedRecord>,
}

/// One article.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArticleRecord {
    /// `1`, `2`, …
    pub id: String,
    /// Headline.
    pub headline: Option<String>,
    /// Sub-headline.
    pub subheadline: Option<String>,
    /// Lines above the headline.
    pub kicker: Vec<String>,
    /// Names.
    pub byline: Vec<String>,
    /// `本报讯`.
    pub dateline: Option<String>,
    /// Body.
    pub paragraphs: Vec<String>,
    /// Headings within the body.
    pub subheads: Vec<SubheadRecord>,
    /// Captions without credits.
    pub captions: Vec<String>,
    /// Whether a paragraph is a follow-up item.
    pub follow_up: bool,
    /// 0 to 1.
    pub confidence: f64,
}

/// A heading within a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubheadRecord {
    /// Index of the paragraph that it stands before.
    pub before: usize,
    /// The heading.
    pub text: String,
}

/// Text that belongs to no article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DroppedRecord {
    /// The text.
    pub text: String,
    /// Why.
    pub reason: Reason,
}

impl PageRecord {
    /// The record of a page that was read from `source` in `encoding`.
    pub fn new(page: &Page, source: &str, encoding: &str) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            source: source.to_owned(),
            encoding: encoding.to_owned(),
            paper: page.paper.clone(),
            date: page.date.clone(),
            articles: page.articles.iter().map(ArticleRecord::new).collect(),
            dropped: page
                .dropped
                .iter()
                .map(|d| DroppedRecord {
                    text: string(&d.text),
                    reason: d.reason,
                })
                .collect(),
        }
    }

    /// The page as the record has it, over a source text made of the record's own strings: one
    /// string a line, in the order headline, kicker, sub-headline, byline, dateline, body with its
    /// subheads, captions; what was dropped comes last.
    pub fn to_page(&self) -> (String, Page) {
        let mut source = Source::default();
        let articles = self.articles.iter().map(|a| source.article(a)).collect();
        let dropped = self
            .dropped
            .iter()
            .map(|d| Dropped {
                text: source.line(&d.text),
                reason: d.reason,
            })
            .collect();
        let page = Page {
            paper: self.paper.clone(),
            date: self.date.clone(),
            articles,
            dropped,
        };
        (source.0, page)
    }
}

impl ArticleRecord {
    fn new(article: &Article) -> Self {
        Self {
            id: article.id.clone(),
            headline: article.headline.as_ref().map(string),
            subheadline: article.subheadline.as_ref().map(string),
            kicker: article.kicker.iter().map(string).collect(),
            byline: article.byline.iter().map(string).collect(),
            dateline: article.dateline.as_ref().map(string),
            paragraphs: article.paragraphs.iter().map(string).collect(),
            subheads: article
                .subheads
                .iter()
                .map(|s| SubheadRecord {
                    before: s.before,
                    text: string(&s.text),
                })
                .collect(),
            captions: article.captions.iter().map(string).collect(),
            follow_up: article.follow_up,
            confidence: article.confidence,
        }
    }
}

fn string(text: &Traced) -> String {
    text.as_str().to_owned()
}

/// A source text that grows by a line a string.
#[derive(Default)]
struct Source(String);

impl Source {
    fn line(&mut self, text: &str) -> Traced {
        let start = self.0.len();
        self.0.push_str(text);
        let traced = Traced::of(&self.0, start..self.0.len());
        self.0.push('\n');
        traced
    }

    fn article(&mut self, record: &ArticleRecord) -> Article {
        let mut article = Article {
            id: record.id.clone(),
            follow_up: record.follow_up,
            confidence: record.confidence,
            ..Article::default()
        };
        article.kicker = record.kicker.iter().map(|t| self.line(t)).collect();
        article.headline = record.headline.as_ref().map(|t| self.line(t));
        article.subheadline = record.subheadline.as_ref().map(|t| self.line(t));
        article.byline = record.byline.iter().map(|t| self.line(t)).collect();
        article.dateline = record.dateline.as_ref().map(|t| self.line(t));
        // Subheads in the order of the body; one with an index behind the body stands last.
        let mut subheads: Vec<&SubheadRecord> = record.subheads.iter().collect();
        subheads.sort_by_key(|s| s.before);
        let mut subheads = subheads.into_iter().peekable();
        for i in 0..=record.paragraphs.len() {
            let last = i == record.paragraphs.len();
            while let Some(subhead) = subheads.next_if(|s| last || s.before <= i) {
                article.subheads.push(Subhead {
                    before: subhead.before,
                    text: self.line(&subhead.text),
                });
            }
            if let Some(paragraph) = record.paragraphs.get(i) {
                article.paragraphs.push(self.line(paragraph));
            }
        }
        article.captions = record.captions.iter().map(|t| self.line(t)).collect();
        self.0.push('\n');
        article
    }
}
