//! Numerals that are not figures: names, idioms, official formulas.
//!
//! A table (`phrases.txt`), read by longest match. It holds what the grammar would otherwise read as a
//! number with a unit (三门峡 is not three doors); words whose numeral no unit follows need no entry.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::line::Line;
use super::numeral::is_numeral;
use crate::text::sections;

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

static BY_FIRST: LazyLock<HashMap<char, Vec<Entry>>> = LazyLock::new(|| {
    let mut map: HashMap<char, Vec<Entry>> = HashMap::new();
    for (list, figure) in [
        (&NAMES, false),
        (&IDIOMS, false),
        (&FORMULAS, false),
        (&FIGURES_AFTER_ALL, true),
    ] {
        for word in list.iter() {
            let glyphs: Vec<char> = word.chars().collect();
            map.entry(glyphs[0])
                .or_default()
                .push(Entry { glyphs, figure });
        }
    }
    for entries in map.values_mut() {
        entries.sort_by_key(|e| (std::cmp::Reverse(e.glyphs.len()), !e.figure));
    }
    map
});

/// Index behind the set phrase that begins at `i`.
pub(super) fn at(line: &Line, i: usize) -> Option<usize> {
    let entries = BY_FIRST.get(&line.get(i))?;
    let longest = entries
        .iter()
        .find(|e| line.glyphs()[i..].starts_with(&e.glyphs))?;
    let inside = is_numeral(line.get(i)) && is_numeral(line.before(i));
    (!longest.figure && !inside).then_some(i + longest.glyphs.len())
}

/// The first characters of all phrases.
pub(super) fn firsts() -> impl Iterator<Item = char> {
    BY_FIRST.keys().copied()
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
