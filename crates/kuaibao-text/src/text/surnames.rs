//! The table of Chinese surnames.

use std::collections::HashMap;
use std::sync::OnceLock;

/// How common a surname is, and so how likely its character is to begin a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rarity {
    /// One of the hundred that hold most of the population.
    Common,
    /// Known to every reader.
    Known,
    /// Rare, or far more often another word.
    Rare,
    /// Of two characters.
    Compound,
}

/// The surname a text begins with, a compound one first.
pub fn leading(text: &str) -> Option<(&str, Rarity)> {
    let mut ends = text.char_indices().map(|(i, c)| i + c.len_utf8());
    let one = ends.next()?;
    if let Some(two) = ends.next()
        && let Some(Rarity::Compound) = table().get(&text[..two])
    {
        return Some((&text[..two], Rarity::Compound));
    }
    table()
        .get(&text[..one])
        .map(|rarity| (&text[..one], *rarity))
}

/// The surname of one character a text begins with, whatever stands behind it.
pub fn leading_single(text: &str) -> Option<(&str, Rarity)> {
    let one = text.chars().next()?.len_utf8();
    table()
        .get(&text[..one])
        .map(|rarity| (&text[..one], *rarity))
}

/// The class of the surname a text begins with, as a number: a compound one is 4, the others by rarity 1 to 3,
/// none is 0.
pub(crate) fn class(text: &str) -> usize {
    leading(text).map_or(0, |(_, rarity)| rarity as usize + 1)
}

/// Whether a text begins with a surname.
pub fn begins_with_surname(text: &str) -> bool {
    leading(text).is_some()
}

fn table() -> &'static HashMap<&'static str, Rarity> {
    static TABLE: OnceLock<HashMap<&'static str, Rarity>> = OnceLock::new();
    TABLE.get_or_init(|| parse(include_str!("surnames.txt")))
}

fn parse(text: &'static str) -> HashMap<&'static str, Rarity> {
    let mut table = HashMap::new();
    let mut rarity = Rarity::Common;
    for line in text.lines() {
        match line {
            "[common]" => rarity = Rarity::Common,
            "[known]" => rarity = Rarity::Known,
            "[rare]" => rarity = Rarity::Rare,
            "[compound]" => rarity = Rarity::Compound,
            _ if line.starts_with('#') => {}
            _ if rarity == Rarity::Compound => {
                table.extend(line.split_whitespace().map(|s| (s, rarity)));
            }
            _ => {
                for (at, c) in line.char_indices() {
                    table.entry(&line[at..at + c.len_utf8()]).or_insert(rarity);
                }
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_surname_stands_twice_and_every_class_has_some() {
        let mut seen = std::collections::HashSet::new();
        let text = include_str!("surnames.txt");
        let lines = text.lines().filter(|l| !l.starts_with(['#', '[']));
        for c in lines.filter(|l| !l.contains(' ')).flat_map(str::chars) {
            assert!(seen.insert(c), "{c} stands twice");
        }
        for class in [
            Rarity::Common,
            Rarity::Known,
            Rarity::Rare,
            Rarity::Compound,
        ] {
            assert!(table().values().any(|&rarity| rarity == class), "{class:?}");
        }
    }

    #[test]
    fn a_compound_surname_comes_first_and_traditional_forms_are_known() {
        for (text, surname) in [
            ("欧阳静", Some("欧阳")),
            ("歐陽靜", Some("歐陽")),
            ("傅建平", Some("傅")),
            ("劉一", Some("劉")),
            ("的", None),
            ("", None),
        ] {
            assert_eq!(leading(text).map(|(surname, _)| surname), surname, "{text}");
        }
    }
}
