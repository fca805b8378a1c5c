//! The index of a folder: every brief by its news value, date, paper and doubts, the same story together,
//! and what failed.
//!
//! Says nothing of when or how fast the run was, so that the same articles give the same index.

use minijinja::{context, value::Serde};
use serde::Serialize;

use super::{
    ReportError,
    card::Card,
    html,
    names::INDEX,
    run::{Outcome, Run},
    stories::stories,
    tables::Tables,
};

const STYLE: &str = concat!(
    include_str!("templates/common.css"),
    include_str!("templates/index.css")
);
const SCRIPT: &str = include_str!("templates/index.js");

#[derive(Serialize)]
struct Failure<'a> {
    source: &'a str,
    article: Option<&'a str>,
    error: &'a str,
}

/// An article of an index, and what else tells its story.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    card: &'a Card,
    /// The first article of the story that this one tells too.
    same: bool,
    /// Others that tell the story, and how their figures differ.
    others: usize,
    differences: &'a [String],
}

/// The index as a page, of what a run's record alone has.
pub fn document(run: &Run) -> Result<String, ReportError> {
    let mut none = Tables::new();
    let entries = run.entries.iter().chain(&run.earlier);
    let cards = entries.filter_map(|entry| Card::of(entry, None, &[], &mut none));
    of_cards(run, cards.collect())
}

/// The index as a page: what the watch list names first, then by news value, newest papers first,
/// undated ones last; articles on one story behind the first of them.
pub(super) fn of_cards(run: &Run, mut cards: Vec<Card>) -> Result<String, ReportError> {
    let (mut failures, mut pending) = (Vec::new(), Vec::new());
    for entry in &run.entries {
        let (source, article) = (entry.source.as_str(), entry.article.as_deref());
        match &entry.outcome {
            Outcome::Done { .. } => {}
            Outcome::Failed { error } => failures.push(Failure {
                source,
                article,
                error,
            }),
            Outcome::Pending => pending.push(source),
        }
    }
    cards.sort_by(|a, b| {
        let key = |card: &Card| (!card.watched.is_empty(), card.news.value, card.date.clone());
        let paper = |card: &Card| card.paper.as_ref().map(|p| p.zh.clone());
        key(b).cmp(&key(a)).then_with(|| paper(a).cmp(&paper(b)))
    });
    if cards.iter().map(|card| card.text.len()).sum::<usize>() > MOST_TEXT {
        for card in &mut cards {
            card.text.clear();
        }
    }
    let stories = stories(&cards);
    let mut briefs = Vec::new();
    for story in &stories {
        for (n, &i) in story.cards.iter().enumerate() {
            briefs.push(Line {
                card: &cards[i],
                same: n > 0,
                others: if n == 0 { story.cards.len() - 1 } else { 0 },
                differences: if n == 0 { &story.differences } else { &[] },
            });
        }
    }
    html::render(
        INDEX,
        INDEX,
        context! {
            briefs => Serde(briefs),
            failures => Serde(failures),
            pending => Serde(pending),
            left_out => Serde(&run.left_out),
            settings => Serde(&run.settings),
            policy => html::policy(STYLE, SCRIPT),
            style => STYLE,
            script => SCRIPT,
        },
    )
}

/// Bytes of articles that an index holds for its search; of more it finds only what it shows.
const MOST_TEXT: usize = 24 << 20;
