//! What `kuaibao split --json` prints and an editor may change: `kuaibao.split/1`.
//!
//! Comes in: a [`Page`], or a record. Goes out: the other. A record has no ranges: read back, its
//! strings are laid out as a new source text, and the page traces to that.

use serde::{Deserialize, Serialize};

use super::{Article, Continued, Dropped, Page, Reason, Subhead};
use crate::text::Traced;

/// The schema's name.
pub const SCHEMA: &str = "kuaibao.split/1";

/// Why a text is not a list of records. Pages are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not JSON.
    #[error("page {page} is not JSON: {reason}")]
    Json {
        /// The page.
        page: usize,
        /// What was found.
        reason: String,
    },
    /// JSON, but no page: a field is unknown, missing or of another kind.
    #[error("page {page} is not one of `kuaibao split --json`: {reason}")]
    Field {
        /// The page, with its source where it names one.
        page: String,
        /// The field and what is wrong with it.
        reason: String,
    },
    /// The records are of another schema.
    #[error("holds `{0}`, not `{SCHEMA}`: only the output of `kuaibao split --json` is read")]
    Schema(String),
}

/// Reads the records of a file: objects one a line, or over many lines, as an editor's formatter
/// leaves them. What an editor may have mistyped is an error that names the field and the page.
pub fn parse(text: &str) -> Result<Vec<PageRecord>, RecordError> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    let mut records = Vec::new();
    for (i, value) in values.enumerate() {
        let value = value.map_err(|e| RecordError::Json {
            page: i + 1,
            reason: e.to_string(),
        })?;
        if let Some(other) = value.get("schema").and_then(|s| s.as_str())
            && other != SCHEMA
        {
            return Err(RecordError::Schema(other.to_owned()));
        }
        let source = value.get("source").and_then(|s| s.as_str());
        let page = source.map_or_else(|| (i + 1).to_string(), |s| format!("{} ({s})", i + 1));
        let wrong = |reason: String| RecordError::Field {
            page: page.clone(),
            reason,
        };
        let record: PageRecord = record_of(value).map_err(&wrong)?;
        record.check().map_err(wrong)?;
        records.push(record);
    }
    Ok(records)
}

/// A page from its JSON; the article with what is wrong is named.
fn record_of(value: serde_json::Value) -> Result<PageRecord, String> {
    let articles = value.get("articles").and_then(|a| a.as_array());
    for (i, article) in articles.into_iter().flatten().enumerate() {
        ArticleRecord::deserialize(article).map_err(|e| format!("articles[{i}]: {e}"))?;
    }
    serde_json::from_value(value).map_err(|e| e.to_string())
}

/// One page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[serde(default, deny_unknown_fields)]
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
    /// The pages that hold the rest of it, where this source does not.
    pub continued: Option<Continued>,
    /// 0 to 1.
    pub confidence: f64,
}

/// A heading within a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubheadRecord {
    /// Index of the paragraph that it stands before.
    pub before: usize,
    /// The heading.
    pub text: String,
}

/// Text that belongs to no article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

    /// What no page can have: a date that is none, no article, a subhead behind the body.
    fn check(&self) -> Result<(), String> {
        if let Some(date) = &self.date
            && (date.len() != 10 || date.parse::<jiff::civil::Date>().is_err())
        {
            return Err(format!("date: `{date}` is no date like 2031-04-03"));
        }
        if self.articles.is_empty() {
            return Err("articles: there is none".to_owned());
        }
        for (i, article) in self.articles.iter().enumerate() {
            if !(0.0..=1.0).contains(&article.confidence) {
                return Err(format!(
                    "articles[{i}].confidence: {} is not between 0 and 1",
                    article.confidence
                ));
            }
            if self.articles[..i].iter().any(|a| a.id == article.id) {
                return Err(format!("articles[{i}].id: `{}` stands twice", article.id));
            }
            let last = article.paragraphs.len();
            if let Some(at) = article.subheads.iter().find(|s| s.before > last) {
                return Err(format!(
                    "articles[{i}].subheads: before {} of {last} paragraphs",
                    at.before
                ));
            }
        }
        Ok(())
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
            continued: article.continued.clone(),
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
            continued: record.continued.clone(),
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
