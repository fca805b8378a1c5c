//! Chinese in pinyin, as far as a name in English letters can be found again in the characters.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use pinyin::{ToPinyin, ToPinyinMulti};
use regex::Regex;

use super::sides::English;
use crate::people::pinyin::romanise_name;
use crate::text::surnames;

static SOUNDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\p{Han}+(?:\s?[·•・‧?]\s?\p{Han}+)+").expect("a constant"));

/// Names of foreigners with a dot in them.
pub(super) fn names_in_sounds(zh: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    SOUNDS.find_iter(zh).map(|found| found.range())
}

/// All syllables, without tones.
static SYLLABLES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let all = ('\u{4e00}'..='\u{9fff}').filter_map(|c| c.to_pinyin());
    all.map(pinyin::Pinyin::plain)
        .filter(|p| p.is_ascii() && p.len() > 1 || matches!(*p, "e" | "a"))
        .collect()
});

/// Surnames in pinyin.
static SURNAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let all = ('\u{4e00}'..='\u{9fff}').map(String::from);
    all.filter(|c| surnames::leading_single(c).is_some())
        .map(|c| romanise_name(&c).to_ascii_lowercase())
        .collect()
});

/// Small letters alone, as pinyin is compared.
pub(super) fn letters(word: &str) -> String {
    word.chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Whether letters are a surname in pinyin.
pub(super) fn is_surname(letters: &str) -> bool {
    SURNAMES.contains(letters)
}

/// Whether letters are so many syllables of pinyin.
pub(super) fn are_syllables(letters: &str, count: usize) -> bool {
    if count == 0 {
        return letters.is_empty();
    }
    (1..=letters.len().min(6))
        .any(|end| SYLLABLES.contains(&letters[..end]) && are_syllables(&letters[end..], count - 1))
}

/// Whether neighbouring characters of the Chinese can be read as these letters.
pub(super) fn is_spelt(zh: &str, letters: &str) -> bool {
    !letters.is_empty() && zh.char_indices().any(|(at, _)| reads(&zh[at..], letters))
}

/// Whether a text begins with characters that can be read as these letters.
fn reads(zh: &str, letters: &str) -> bool {
    let Some(c) = zh.chars().next() else {
        return false;
    };
    let rest = &zh[c.len_utf8()..];
    let on = |syllable: &str| {
        letters
            .strip_prefix(syllable)
            .is_some_and(|left| left.is_empty() || reads(rest, left))
    };
    let surname = surnames::leading_single(zh)
        .is_some_and(|(c, _)| on(&romanise_name(c).to_ascii_lowercase()));
    surname
        || c.to_pinyin_multi().is_some_and(|readings| {
            readings.into_iter().any(|p| {
                on(p.plain()) || p.plain().contains('ü') && on(&p.plain().replace('ü', "u"))
            })
        })
}

/// The word of an English text that spells the first characters of a Chinese name, two at least.
pub fn spelling_of<'e>(name: &str, en: &'e str) -> Option<&'e str> {
    const LEAST: usize = 2;
    let words = en.split(|c: char| !(c.is_alphabetic() || c == '\''));
    let mut capitals = words.filter(|word| word.starts_with(char::is_uppercase));
    capitals.find(|word| {
        let letters = letters(word);
        are_more_syllables_than_one(&letters)
            && name.chars().count() >= LEAST
            && reads(name, &letters)
    })
}

/// Whether letters are two syllables or more and not one alone.
fn are_more_syllables_than_one(letters: &str) -> bool {
    (2..=4).any(|n| are_syllables(letters, n)) && !are_syllables(letters, 1)
}

/// Whether a word of the English is the pinyin of this Chinese word.
pub(super) fn spells_a_word(word: &str, en: &English) -> bool {
    let mut capitals = en
        .words
        .iter()
        .filter(|w| w.text.starts_with(char::is_uppercase));
    word.chars().count() > 1
        && capitals.any(|w| {
            let letters = letters(w.text);
            letters.len() > 3 && reads(word, &letters)
        })
}
