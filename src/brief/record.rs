//! The document that other programs read of an article: `kuaibao.brief/1`. Its figures, people and
//! flags are the records of their own rooms.
//!
//! Field names and meanings are a contract; a change of meaning is a new schema name. `start` and
//! `end` are UTF-8 byte offsets into the source text; `zh` equals that slice once white space is
//! removed from both.

use kuaibao_text::{
    checks::{Doubt, Flag},
    figures::FigureRecord,
    page::record::DroppedRecord,
    people::PersonRecord,
};
use serde::{Deserialize, Serialize};

use crate::summary::record::{Headline, Making, OpinionRecord, SummarySentence};

/// One brief (`kuaibao.brief/1`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Brief {
    /// `kuaibao.brief/1`.
    pub schema: String,
    /// The article's source, relative to the folder that was given.
    pub source: String,
    /// The article within its source: `1`, `2`, …
    pub article: String,
    /// The paper's name as the page states it.
    pub paper: Option<String>,
    /// ISO 8601 date of the paper, where the page or the command line states one.
    pub date: Option<String>,
    /// Names in the byline, in Chinese.
    pub byline: Vec<String>,
    /// The article's own headline, or one made from its text.
    pub headline: Headline,
    /// The summary, in reading order.
    pub summary: Vec<SummarySentence>,
    /// How the summary was made, and what it leaves out.
    #[serde(default)]
    pub making: Making,
    /// Key figures, in source order.
    pub figures: Vec<FigureRecord>,
    /// People with their posts, in order of first mention.
    pub people: Vec<PersonRecord>,
    /// Direct and reported speech with its speaker.
    pub quotes: Vec<Quote>,
    /// The whole article, sentence by sentence, in source order within each role.
    pub translation: Vec<Segment>,
    /// Text of the page near the article that belongs to none, and why.
    #[serde(default)]
    pub dropped: Vec<DroppedRecord>,
    /// What the machine doubts.
    pub checks: Checks,
    /// Where an encoder of sentences places its lead, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<Embedding>,
    /// Everything that determined this output beside the source's bytes.
    pub signature: Signature,
}

/// The vector of a text, by which articles on one story are found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embedding {
    /// The encoder with its revision; vectors of two encoders say nothing of each other.
    pub model: String,
    /// The vector, its largest number 127: a cosine changes by less than 0.01.
    pub int8: Vec<i8>,
}

impl Embedding {
    /// `vector` as a record holds it.
    pub fn new(model: String, vector: &[f32]) -> Self {
        let largest = vector.iter().fold(f32::MIN_POSITIVE, |m, x| m.max(x.abs()));
        let int8 = vector.iter().map(|x| (x / largest * 127.0).round() as i8);
        Self {
            model,
            int8: int8.collect(),
        }
    }

    /// The cosine of two vectors, if the same encoder made them.
    pub fn similarity(&self, other: &Self) -> Option<f64> {
        if self.model != other.model || self.int8.len() != other.int8.len() {
            return None;
        }
        let dot = |a: &[i8], b: &[i8]| -> f64 {
            let products = a.iter().zip(b).map(|(&a, &b)| i64::from(a) * i64::from(b));
            products.sum::<i64>() as f64
        };
        let lengths = dot(&self.int8, &self.int8) * dot(&other.int8, &other.int8);
        (lengths > 0.0).then(|| dot(&self.int8, &other.int8) / lengths.sqrt())
    }
}

/// What part of an article a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Role {
    Kicker,
    Headline,
    Subheadline,
    Body,
    Subhead,
    Caption,
}

/// Sentences of the body that say what an article is about.
const LEAD: usize = 3;

impl Brief {
    /// The Chinese of the first sentences of the body.
    pub fn lead(&self) -> impl Iterator<Item = &str> {
        let body = self.translation.iter().filter(|s| s.role == Role::Body);
        body.take(LEAD).map(|s| s.zh.as_str())
    }

    /// The sentences in reading order: kicker, headline and subheadline, then each subhead before its
    /// paragraph, then captions.
    pub fn reading_order(&self) -> Vec<&Segment> {
        let mut order: Vec<&Segment> = self.translation.iter().collect();
        order.sort_by_key(|segment| {
            let paragraph = segment.paragraph.unwrap_or(usize::MAX);
            match segment.role {
                Role::Kicker => (0, 0, 0),
                Role::Headline => (1, 0, 0),
                Role::Subheadline => (2, 0, 0),
                Role::Subhead => (3, paragraph, 0),
                Role::Body => (3, paragraph, 1),
                Role::Caption => (4, 0, 0),
            }
        });
        order
    }
}

/// One sentence with its translation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Segment {
    /// Unique within the brief: `h1` headline, `k1` kicker, `p2s3` third sentence of paragraph 2, …
    pub id: String,
    /// What part of the article it is.
    pub role: Role,
    /// Chinese, white space healed.
    pub zh: String,
    /// English.
    pub en: String,
    /// Byte offset of its first character in the source text.
    pub start: usize,
    /// Byte offset behind its last character in the source text.
    pub end: usize,
    /// Index of its paragraph (body and subheads; a subhead stands before it), from 0.
    pub paragraph: Option<usize>,
    /// The model's score: mean log-probability a token, rounded to 1e-3.
    pub score: f64,
    /// Doubts about this translation.
    pub flags: Vec<Flag>,
    /// Doubts of its meaning, with the words of both sides.
    #[serde(default)]
    pub doubts: Vec<Doubt>,
    /// Whose English it is.
    #[serde(default)]
    pub origin: Origin,
    /// What second models say of it, where they were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<OpinionRecord>,
    /// Repairs that changed this translation, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<String>,
}

/// Whose English a segment has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The translator's.
    #[default]
    Model,
    /// A person's, who put the same Chinese into English before.
    Memory,
    /// A set form's (`他说。`), which needs no model.
    Template,
    /// A person's, who put this sentence right.
    Editor,
}

/// Something somebody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Who said it, in English; `None` where the text does not say.
    pub speaker: Option<String>,
    /// The words in Chinese.
    pub zh: String,
    /// The words in English.
    pub en: String,
    /// Id of the translated sentence it stands in.
    pub source: String,
    /// Whether these are the speaker's own words.
    #[serde(default)]
    pub direct: bool,
    /// Doubts about the sentences that it is taken from.
    #[serde(default)]
    pub flags: Vec<Flag>,
}

/// What the machine doubts about a brief, counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checks {
    /// Translated sentences.
    pub sentences: usize,
    /// Sentences that carry at least one flag.
    pub doubtful: usize,
    /// Figures in the Chinese.
    pub figures: usize,
    /// Figures that the English renders with the same value.
    pub figures_right: usize,
    /// How sure the split of the page into articles is, 0 to 1.
    pub split_confidence: f64,
    /// Notes on the whole article, in plain English.
    pub notes: Vec<String>,
    /// What was checked, by the names of the doubts and flags.
    #[serde(default)]
    pub checked: Vec<String>,
    /// Doubts of meaning in all sentences.
    #[serde(default)]
    pub doubts: usize,
    /// Terms of the glossary in the Chinese, to which the English was held.
    #[serde(default)]
    pub terms: usize,
}

impl Checks {
    /// What is checked and what is not, as an editor has to know it beside any count of doubts.
    pub const HONESTLY: &'static str = "Figures, names, places, terms, negations, roles, organisations and \
         directions were checked, and whether words are left out; the meaning is not otherwise checked.";

    /// The same, with how many terms there were to check; nothing of a brief that does not say what was
    /// checked.
    pub fn honestly(&self) -> Option<String> {
        let terms = match self.terms {
            0 => "terms".to_owned(),
            1 => "1 term".to_owned(),
            terms => format!("{terms} terms"),
        };
        (!self.checked.is_empty()).then(|| Self::HONESTLY.replacen("terms", &terms, 1))
    }
}

/// Everything that determined an output beside the source's bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Program name and version.
    pub program: String,
    /// `cpu`, `cuda:0`, `metal`.
    pub device: String,
    /// `f32`, `f16`, `bf16`, `q8`: what `auto` resolved to.
    pub precision: String,
    /// Translator with its revision or weights hash.
    pub translator: String,
    /// Summariser with its revision, where a second model is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summarizer: Option<String>,
    /// Summary route: `extract`, `crosslingual`, `pivot`, `native`.
    pub route: String,
    /// Each task that has a prompt, with the hash of its template: `summarize 3f…, translate 9a…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Hash of the glossary, where one is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glossary: Option<String>,
    /// Hash of what the memory does to this source, where it does anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// What the translation is compared with, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<String>,
    /// Beam width.
    pub beam: usize,
    /// `--date`, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Summary length: `short`, `medium`, `long`, or a number of words.
    pub length: String,
    /// Whether doubtful facts are kept out of the summary.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
    /// Second models that were asked about the English, with their revisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
    /// SHA-256 of the source's bytes.
    pub source_sha256: String,
}

impl Signature {
    /// The same settings with another source: hashing a glossary for each page would cost more than the
    /// page.
    #[must_use]
    pub fn of(&self, source_sha256: &str) -> Self {
        Self {
            source_sha256: source_sha256.to_owned(),
            ..self.clone()
        }
    }
}
