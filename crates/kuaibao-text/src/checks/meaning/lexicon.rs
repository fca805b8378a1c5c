//! The bilingual lexicon: for a Chinese word the stems of its English, and how often these fail.
//!
//! The table is fitted by `training/lexicon.py`, which explains its columns.

use std::collections::HashMap;
use std::sync::LazyLock;

use include_flate::flate;
use regex::Regex;

// Compressed it is 0.8 MB of the program, not 2; to unpack it takes some milliseconds.
flate!(static TABLE: str from "src/checks/meaning/data/lexicon.tsv" with zstd);

/// A Chinese word.
pub(super) struct Entry {
    /// How often good English has none of the stems.
    pub(super) unsaid: f64,
    /// How often any English has one of them.
    pub(super) by_chance: f64,
    /// Stems of its English, the most common first.
    pub(super) stems: Vec<&'static str>,
}

static LEXICON: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    rows(&TABLE)
        .filter_map(|[word, unsaid, by_chance, stems]| {
            let entry = Entry {
                unsaid: unsaid.parse::<f64>().ok()? / 100.0,
                by_chance: by_chance.parse::<f64>().ok()? / 1000.0,
                stems: stems.split(' ').collect(),
            };
            Some((word, entry))
        })
        .collect()
});

/// What is known of a Chinese word.
pub(super) fn get(word: &str) -> Option<&'static Entry> {
    LEXICON.get(word)
}

/// Whether a character is in a word that English may say with this stem.
pub(super) fn may_mean(character: char, stem: &str) -> bool {
    let mut all = LEXICON.iter();
    all.any(|(word, entry)| word.contains(character) && entry.stems.contains(&stem))
}

/// The rows of a table of `N` columns; a line that begins with `#` is a remark.
pub(super) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    let lines = table.lines().filter(|l| !l.starts_with('#'));
    lines.filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
}

/// A pattern of whole English words, whatever their case. In ASCII: with all letters of Unicode in `\w` and `\b` to
/// build it and to look for it takes a tenth of the time of a brief.
pub(super) fn english(pattern: &str) -> Result<Regex, regex::Error> {
    let pattern = pattern.replace("['’]", "(?:'|’)");
    Regex::new(&format!(r"(?i-u:\b(?:{pattern})\b)"))
}

/// Stems that are no word's translation, as far as the lexicon goes: English grammar.
pub(super) fn is_common(stem: &str) -> bool {
    !STEMS.contains(stem)
}

static STEMS: LazyLock<std::collections::HashSet<&'static str>> = LazyLock::new(|| {
    LEXICON
        .values()
        .flat_map(|e| e.stems.iter().copied())
        .collect()
});
