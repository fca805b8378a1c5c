//! Names in Latin letters and codes (`C919`, `ChatGPT`): English has them as they are written.

use std::sync::LazyLock;

use regex::Regex;

use super::sides::{Chinese, English};
use super::{DoubtKind, Fact, spelling};

static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*").expect("a constant")
});
/// Latin letters that are Chinese, or stand for a word that English has.
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("data/latin-words.txt")
        .split_whitespace()
        .collect()
});

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, _around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let plain: String = squeeze(en.text);
    let (mut zh_facts, mut en_facts) = (Vec::new(), Vec::new());
    for found in CODE.find_iter(zh.text) {
        let code = found.as_str();
        let capital = code.contains(|c: char| c.is_ascii_uppercase());
        let glossed = zh.text[..found.start()]
            .trim_end()
            .ends_with(['（', '(', '·', '/', '@', '.']);
        let key = squeeze(code);
        // What stands in brackets may be left out, but not misspelt.
        let misspelt = || {
            en.text
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .any(|w| is_slip(code, w) && !zh.text.contains(w))
        };
        if code.len() < 2 || !capital || WORDS.contains(&code) || glossed && !misspelt() {
            continue;
        }
        if plain.contains(&key) || is_initials(&spelling::letters(code), en) && !misspelt() {
            en_facts.push(Fact::possible(DoubtKind::Latin, key.clone(), 0..0));
        }
        zh_facts.push(Fact::new(DoubtKind::Latin, key, found.range()));
    }
    (zh_facts, en_facts)
}

fn squeeze(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether two codes of three characters or more differ in one, and one of them is no common word.
fn is_slip(code: &str, word: &str) -> bool {
    let differ = code
        .chars()
        .zip(word.chars())
        .filter(|(a, b)| a != b)
        .count();
    code.len() == word.len() && code.len() > 2 && differ == 1
}

/// Whether words in a row begin with these letters: *Environmental Protection Agency* for EPA.
fn is_initials(letters: &str, en: &English) -> bool {
    if letters.len() < 2 {
        return false;
    }
    let initials: String = en
        .words
        .iter()
        .filter(|w| !matches!(w.text, "of" | "the" | "and" | "for" | "in"))
        .filter_map(|w| w.text.chars().next())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    initials.contains(letters)
}
