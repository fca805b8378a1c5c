//! What a second translation may have broken though it has fewer faults: it goes round in circles, or the
//! wanted words stand in it and do not belong to a sentence.
//!
//! Comes in: the English before, the English after, the words that were asked for. Goes out: whether the
//! second is the worse for it. Knows no Chinese: what is said is the checks' to judge.

use std::collections::HashSet;

use kuaibao_text::text::{english_sentences, is_function_word};

/// Whether `after` is broken in a way that `before` is not.
pub(super) fn is_harmed(before: &str, after: &str, wanted: &[String]) -> bool {
    // One more may be chance: “secretary of the committee and director of the committee”.
    repetitions(after) > repetitions(before) + 1
        || wanted
            .iter()
            .any(|words| !before.contains(words.as_str()) && !sits(words, before, after))
}

/// Runs of three words that have stood there before.
fn repetitions(en: &str) -> usize {
    let en = en.to_lowercase();
    let words: Vec<&str> = words(&en).collect();
    let mut seen = HashSet::new();
    words.windows(3).filter(|run| !seen.insert(*run)).count()
}

fn words(en: &str) -> impl DoubleEndedIterator<Item = &str> {
    en.split(|c: char| !c.is_alphanumeric() && !"'’-".contains(c))
        .filter(|word| !word.is_empty())
}

/// Whether words that were put in stand in a sentence: somewhere they are whole, are not all of their
/// sentence (“… in 2030. Zeng Weijun.”), a *not* has something behind it to deny, and no beginning of a
/// broken word stands before them (“to avoid mis Eric Chu”).
fn sits(wanted: &str, before: &str, after: &str) -> bool {
    let sentences = english_sentences(after);
    let mut places = sentences.into_iter().flat_map(|range| {
        let sentence = &after[range];
        let found = sentence.match_indices(wanted);
        found.map(move |(at, _)| (&sentence[..at], &sentence[at + wanted.len()..]))
    });
    places.any(|(left, right)| {
        let whole =
            !left.ends_with(char::is_alphanumeric) && !right.starts_with(char::is_alphanumeric);
        let alone = words(left).next().is_none() && words(right).next().is_none();
        let denies_nothing =
            wanted == "not" && !right.trim_start().starts_with(char::is_alphanumeric);
        let broken = words(left)
            .next_back()
            .is_some_and(|word| is_beginning(word, before));
        whole && !alone && !denies_nothing && !broken
    })
}

/// Whether a word is the beginning of one of the text, and none of its own words.
fn is_beginning(word: &str, text: &str) -> bool {
    let small = word.chars().all(char::is_lowercase);
    small
        && !is_function_word(word)
        && words(text).all(|other| other != word)
        && words(text).any(|other| other.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worse_is_told() {
        let harmed = |before, after, wanted: &str| is_harmed(before, after, &[wanted.to_owned()]);
        for (before, after, wanted) in [
            (
                "The mayor said the bridge will not open in May.",
                "The mayor said the bridge will not open in May. Luo Wenbin.",
                "Luo Wenbin",
            ),
            (
                "She urged both sides to avoid miscalculation.",
                "She urged both sides to avoid mis Anna Lim.",
                "Anna Lim",
            ),
            (
                "She met the chairman in the hotel.",
                "She met Anna Limbach in the hotel.",
                "Anna Lim",
            ),
            (
                "The total came to 3 million yuan.",
                "The total came to 3 million yuan not.",
                "not",
            ),
            (
                "The probe landed on the Moon.",
                "The probe of the lunar landing of the lunar south of the lunar Chang'e",
                "Chang'e",
            ),
        ] {
            assert!(harmed(before, after, wanted), "{after}");
        }
    }

    #[test]
    fn what_is_mended_is_not() {
        let harmed = |before, after, wanted: &str| is_harmed(before, after, &[wanted.to_owned()]);
        for (before, after, wanted) in [
            (
                "Mayor Luo Wenbo said the bridge will open.",
                "Mayor Luo Wenbin said the bridge will open.",
                "Luo Wenbin",
            ),
            (
                "The fire caused deaths.",
                "The fire did not cause any deaths.",
                "not",
            ),
            (
                "The chairman's visit ended.",
                "Anna Lim's visit ended.",
                "Anna Lim",
            ),
        ] {
            assert!(!harmed(before, after, wanted), "{after}");
        }
        assert!(!is_harmed(
            "It costs 30 million yuan.",
            "It costs 3 million yuan.",
            &[]
        ));
    }
}
