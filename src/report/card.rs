//! What an index and the tables of a folder show of each brief, read back from its JSON.
//!
//! Comes in: an entry of a run, and the folder. Goes out: a [`Card`]; of a brief that cannot be read back,
//! what the run's record has of it.

use std::{collections::BTreeSet, path::Path};

use kuaibao_text::{people, text::words};
use serde::Serialize;

use super::{
    run::{Digest, Entry, Outcome},
    tables::Tables,
    view::{self, Line, Mark, day, mark},
};
use crate::brief::{
    news::{News, measure, noun_before},
    record::{Brief, Embedding},
};

/// A brief in an index.
#[derive(Debug, Serialize)]
pub(super) struct Card {
    pub(super) href: String,
    /// The headline, where its English is usable.
    pub(super) en: Option<String>,
    pub(super) zh: String,
    pub(super) note: Option<String>,
    /// The first sentence of the summary.
    pub(super) lead: String,
    pub(super) lead_mark: Option<Mark>,
    pub(super) paper: Option<Line>,
    pub(super) date: Option<String>,
    pub(super) day: Option<String>,
    pub(super) source: String,
    pub(super) article: Option<String>,
    pub(super) sentences: usize,
    pub(super) doubtful: usize,
    pub(super) news: News,
    /// What of the watch list stands in it.
    pub(super) watched: Vec<String>,
    /// Everything it says, in both languages, for the search.
    pub(super) text: String,
    /// What it is about: the content words of its headline and first sentences.
    #[serde(skip)]
    pub(super) about: BTreeSet<String>,
    /// The same as an encoder places it, where one was asked.
    #[serde(skip)]
    pub(super) embedding: Option<Embedding>,
    /// What its figures say of what.
    #[serde(skip)]
    pub(super) facts: Vec<Stated>,
}

/// A figure, as that of another paper is held against it.
#[derive(Debug)]
pub(super) struct Stated {
    /// What it measures, with its unit.
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) en: String,
}

impl Card {
    /// The card of an entry, if a brief was made; its figures and people go into `tables`.
    pub(super) fn of(
        entry: &Entry,
        dir: Option<&Path>,
        watch: &[String],
        tables: &mut Tables,
    ) -> Option<Self> {
        let Outcome::Done { files, digest } = &entry.outcome else {
            return None;
        };
        let card = match dir.and_then(|dir| entry.brief(dir)) {
            Some(brief) => {
                tables.add(&brief);
                Self::new(&files.html, &brief, watch)
            }
            None => Self::recorded(&files.html, entry, digest),
        };
        Some(card)
    }

    fn new(href: &str, brief: &Brief, watch: &[String]) -> Self {
        let title = view::title(brief);
        let first = brief.summary.first();
        let said = brief.translation.iter();
        let text: Vec<&str> = said.flat_map(|s| [s.zh.as_str(), s.en.as_str()]).collect();
        let names = brief
            .people
            .iter()
            .flat_map(|p| [p.zh.as_str(), p.en.as_str()]);
        let text = text
            .into_iter()
            .chain(names)
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase();
        let watched = watch
            .iter()
            .filter(|wanted| text.contains(&wanted.to_lowercase()));
        Self {
            href: href.to_owned(),
            en: title.en,
            zh: title.zh,
            note: title.note.filter(|_| !brief.headline.usable),
            lead: first.map(|s| s.en.clone()).unwrap_or_default(),
            lead_mark: first.and_then(|s| mark(&s.flags)),
            paper: brief.paper.as_deref().map(paper),
            date: brief.date.clone(),
            day: brief.date.as_deref().map(day),
            source: brief.source.clone(),
            article: Some(brief.article.clone()),
            sentences: brief.checks.sentences,
            doubtful: brief.checks.doubtful,
            news: News::of(brief),
            watched: watched.cloned().collect(),
            text,
            about: about(brief),
            embedding: brief.embedding.clone(),
            facts: facts(brief),
        }
    }

    fn recorded(href: &str, entry: &Entry, digest: &Digest) -> Self {
        Self {
            href: href.to_owned(),
            en: Some(digest.headline_en.clone()).filter(|en| !en.is_empty()),
            zh: digest.headline_zh.clone(),
            paper: digest.paper.as_deref().map(paper),
            date: digest.date.clone(),
            day: digest.date.as_deref().map(day),
            article: entry.article.clone(),
            sentences: digest.sentences,
            doubtful: digest.doubtful,
            ..Self::bare(&entry.source)
        }
    }

    /// A card of which nothing is known but where it comes from.
    pub(super) fn bare(source: &str) -> Self {
        Self {
            href: String::new(),
            en: None,
            zh: String::new(),
            note: None,
            lead: String::new(),
            lead_mark: None,
            paper: None,
            date: None,
            day: None,
            source: source.to_owned(),
            article: None,
            sentences: 0,
            doubtful: 0,
            news: News::default(),
            watched: Vec::new(),
            text: String::new(),
            about: BTreeSet::new(),
            embedding: None,
            facts: Vec::new(),
        }
    }
}

fn paper(zh: &str) -> Line {
    Line {
        en: people::paper(zh).unwrap_or_default(),
        zh: zh.to_owned(),
    }
}

fn about(brief: &Brief) -> BTreeSet<String> {
    let texts = brief.lead().chain([brief.headline.zh.as_str()]);
    let words = texts.flat_map(words::content);
    words.map(str::to_owned).collect()
}

fn facts(brief: &Brief) -> Vec<Stated> {
    let stated = brief.figures.iter().filter_map(|record| {
        let value = record.value.as_f64()?;
        let measured = measure(record).map(|m| m.en).or(record.what.as_deref());
        let what = measured.or_else(|| noun_before(record))?;
        let unit = record.unit.as_deref().unwrap_or_default();
        Some(Stated {
            what: format!("{what} {}", record.currency.as_deref().unwrap_or(unit)),
            value,
            en: format!("{what} {}", record.en),
        })
    });
    stated.collect()
}
