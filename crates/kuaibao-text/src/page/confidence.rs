//! How sure an article is to be whole and alone.

use super::Article;
use super::line::{self, End};

/// What is known of an article beside its text.
pub(super) struct Evidence {
    /// Whether a byline or a dateline says where it begins or ends.
    pub(super) marked: bool,
    /// How sure it is that its headline is its own, and that it is that part of its head.
    pub(super) support: f64,
    pub(super) cut: f64,
    /// Whether its lines go on with one another.
    pub(super) joins: Joins,
    /// The same of the page's lines, and of lines that do not follow one another.
    pub(super) usual: Usual,
    /// Lines beside it that nobody took.
    pub(super) strays: usize,
    /// Places where its paragraphs may begin or end elsewhere.
    pub(super) doubts: usize,
    /// Whether two columns are interleaved in the page's lines.
    pub(super) interleaved: bool,
}

/// Line ends within paragraphs, between two Chinese characters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Joins {
    /// Those whose two characters belong to one word.
    pub(super) known: usize,
    pub(super) all: usize,
}

impl Joins {
    pub(super) fn add(&mut self, more: Self) {
        self.known += more.known;
        self.all += more.all;
    }
}

/// How often two characters of a page belong to one word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usual {
    /// Of characters that do stand together.
    pub(super) within: f64,
    /// Of the last character of a line and the first of one further down.
    pub(super) by_chance: f64,
}

impl Default for Usual {
    /// Tells nothing.
    fn default() -> Self {
        Self {
            within: 0.5,
            by_chance: 0.5,
        }
    }
}

/// Of so many articles one has lines that belong to another: what is thought before its line ends are
/// looked at.
const MIXED: f64 = 0.02;

/// How likely it is that lines go on with one another, rather than that they are mixed with those of
/// another column: by how many of their line ends fall into words (Bayes' rule);
/// against what was thought before, and at most as likely.
fn continuity(joins: Joins, usual: Usual) -> f64 {
    let (known, unknown) = (joins.known as f64, (joins.all - joins.known) as f64);
    let likelihood = |p: f64| {
        let p = p.clamp(0.01, 0.99);
        known * p.ln() + unknown * (1.0 - p).ln()
    };
    let odds = likelihood(usual.by_chance) - likelihood(usual.within);
    let likely = 1.0 / (1.0 + MIXED / (1.0 - MIXED) * odds.exp());
    (likely / (1.0 - MIXED)).min(1.0)
}

/// What one line that nobody took, and one place where a paragraph may end elsewhere, leave of it.
/// On the pages of `tests/habits.rs` an article without either is wholly right nineteen times in
/// twenty; with either it is so less often.
const STRAY: f64 = 0.9;
const DOUBT: f64 = 0.94;
/// What is left of it where columns are interleaved: hardly a sentence is whole.
const INTERLEAVED: f64 = 0.4;

/// How sure the parts of an article are: that it begins where it does, that its paragraphs are
/// whole, that the headline is its own.
pub(super) fn of(article: &Article, evidence: &Evidence) -> f64 {
    let whole = article
        .paragraphs
        .iter()
        .filter(|p| line::end_of(p.as_str()) == End::Sentence)
        .count() as f64
        / article.paragraphs.len().max(1) as f64;
    let begun = if evidence.marked { 1.0 } else { 0.7 };
    let headed = if article.headline.is_some() {
        (0.6 + 0.4 * evidence.support) * evidence.cut
    } else {
        0.9
    };
    let alone = STRAY.powi(evidence.strays.min(9) as i32);
    let set = DOUBT.powi(evidence.doubts.min(9) as i32);
    let read = if evidence.interleaved {
        INTERLEAVED
    } else {
        1.0
    };
    let mixed = continuity(evidence.joins, evidence.usual);
    let confidence = begun * headed * alone * set * read * mixed * (0.5 + 0.5 * whole);
    (confidence * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_do_not_go_on_are_told_by_many_line_ends() {
        let usual = Usual {
            within: 0.4,
            by_chance: 0.05,
        };
        let of = |known, all| continuity(Joins { known, all }, usual);
        assert!(of(0, 0) > 0.97 && of(12, 30) > 0.99);
        // A few line ends that fall between words say little; many say that columns are mixed.
        assert!(of(0, 4) > 0.85);
        assert!(of(2, 40) < 0.1);
    }
}
