//! Numerals that are not figures: names, idioms, official formulas.
//!
//! A table (`phrases.txt`), read by longest match. It holds what the grammar would otherwise read as a
//! number with a unit (三门峡 is not three doors); words whose numeral no unit follows need no entry.

use std::sync::LazyLock;

use super::line::Line;
use super::numeral::is_numeral;
use crate::figures::by_char::ByChar;
use crate::text::{WordList, sections};

sections!("phrases.txt";
    NAMES = "names",
    IDIOMS = "idioms",
    FORMULAS = "formulas",
    FIGURES_AFTER_ALL = "figures",
);

struct Entry {
    glyphs: Vec<char>,
    figure: bool,
}

static BY_FIRST: LazyLock<ByChar<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = all()
        .map(|(word, figure)| Entry {
            glyphs: word.chars().collect(),
            figure,
        })
        .collect();
    entries.sort_by_key(|e| (std::cmp::Reverse(e.glyphs.len()), !e.figure));
    ByChar::new(entries.into_iter().map(|entry| (entry.glyphs[0], entry)))
});

/// The phrases, and whether each is a figure after all.
fn all() -> impl Iterator<Item = (&'static str, bool)> {
    let lists = [&*NAMES, &*IDIOMS, &*FORMULAS];
    let phrases = lists.into_iter().flat_map(WordList::iter);
    let phrases = phrases.map(|word| (word, false));
    phrases.chain(FIGURES_AFTER_ALL.iter().map(|word| (word, true)))
}

/// Index behind the set phrase that begins at `i`; the figure before ends at `free`.
pub(super) fn at(line: &Line, i: usize, free: usize) -> Option<usize> {
    let longest = BY_FIRST
        .at(line.get(i))
        .iter()
        .find(|e| line.glyphs()[i..].starts_with(&e.glyphs))?;
    let inside = is_numeral(line.get(i)) && is_numeral(line.before(i)) && i != free;
    (!longest.figure && !inside).then_some(i + longest.glyphs.len())
}

/// The first characters of all phrases.
pub(super) fn firsts() -> impl Iterator<Item = char> {
    all().filter_map(|(word, _)| word.chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Clock, extract};

    #[test]
    fn no_phrase_is_a_figure() {
        let clock = Clock::parse("2025-07-26").unwrap();
        for phrase in [&NAMES, &IDIOMS, &FORMULAS].iter().flat_map(|l| l.iter()) {
            for text in [format!("{phrase}，"), format!("是{phrase}的")] {
                assert_eq!(extract(&text, &clock), [], "{text}");
            }
        }
    }
}
