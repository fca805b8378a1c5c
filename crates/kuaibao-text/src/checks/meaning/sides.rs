//! The two texts, cut into words once for all readers.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::Regex;

use super::lexicon::{self, Entry};
use crate::people::{self, Person};
use crate::text::{stem, words::segmenter};

static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\p{L}+(?:['’]\p{L}+)*|[0-9]+").expect("a constant"));

/// A Chinese sentence.
pub(super) struct Chinese<'a> {
    pub(super) text: &'a str,
    pub(super) words: Vec<ChineseWord<'a>>,
    /// Whom it names.
    pub(super) people: Vec<Person>,
    /// What it denies, and what it states in set words: read once for all the English that is held to it.
    pub(super) negations: OnceLock<Vec<Negation>>,
    pub(super) stated: OnceLock<Vec<Said>>,
}

/// What a Chinese text says of a row of the table of set words.
pub(super) struct Said {
    pub(super) firm: Option<Range<usize>>,
    pub(super) loose: Option<Range<usize>>,
    /// Where a row stands that must be said each time.
    pub(super) each: Vec<Range<usize>>,
}

/// A negation of the Chinese, and the evidence that English shows it.
#[derive(Clone)]
pub(super) struct Negation {
    pub(super) evidence: f64,
    pub(super) range: Range<usize>,
    /// What the word alone may become: 不文明 is *uncivilized*.
    pub(super) stems: &'static [&'static str],
}

/// The words of a Chinese text.
pub(super) fn cut(text: &str) -> Vec<ChineseWord<'_>> {
    let words = segmenter().cut(text, false).into_iter();
    let words = words.map(|token| ChineseWord {
        text: token.word,
        start: token.byte_start,
        entry: lexicon::get(token.word),
    });
    words.collect()
}

/// A word of it.
pub(super) struct ChineseWord<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    /// What the lexicon has of it; nothing for what has no Chinese character.
    pub(super) entry: Option<&'static Entry>,
}

impl ChineseWord<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

impl<'a> Chinese<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            words: cut(text),
            people: people::find(&[text], &[]),
            negations: OnceLock::new(),
            stated: OnceLock::new(),
        }
    }

    /// Whether a range ends where a word ends, and does not begin in the middle of one that goes on
    /// before it (副市长 holds 市长, 常务副 does not hold 务副).
    pub(super) fn begins_or_ends_words(&self, range: &Range<usize>) -> bool {
        self.words.iter().any(|w| w.range().end == range.end)
    }

    /// Whether a word of two characters or more may be said in English with this stem. A character of
    /// a name has the names that it is in for its English (芳: *fangfang*).
    pub(super) fn word_may_say(&self, stem: &str) -> bool {
        let mut words = self.words.iter().filter(|w| w.text.chars().count() > 1);
        words.any(|w| w.entry.is_some_and(|e| e.stems.contains(&stem)))
    }

    /// Whether a word of the sentence, or a character of a word that the lexicon does not have, may
    /// be said in English with this stem.
    pub(super) fn may_say(&self, stem: &str) -> bool {
        self.words.iter().any(|word| match word.entry {
            Some(entry) => entry.stems.contains(&stem),
            // An idiom of four says nothing by its characters.
            None if word.text.chars().count() > 3 => false,
            None => word.text.char_indices().any(|(at, c)| {
                lexicon::get(&word.text[at..at + c.len_utf8()])
                    .is_some_and(|entry| entry.stems.contains(&stem))
            }),
        })
    }
}

/// An English text.
pub(super) struct English<'a> {
    pub(super) text: &'a str,
    pub(super) words: Vec<EnglishWord<'a>>,
    pub(super) stems: HashSet<String>,
}

/// A word of it, without a possessive.
pub(super) struct EnglishWord<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) stem: String,
}

impl EnglishWord<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// A capital, and small letters behind it.
    pub(super) fn is_capitalised(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.all(|c| !c.is_uppercase())
    }
}

impl<'a> English<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let words = WORD.find_iter(text).map(|found| {
            let word = found.as_str();
            let bare = ["'s", "’s"].iter().find_map(|s| word.strip_suffix(s));
            let word = bare.unwrap_or(word);
            EnglishWord {
                text: word,
                start: found.start(),
                stem: stem(&word.to_ascii_lowercase().replace('’', "'")),
            }
        });
        let words: Vec<EnglishWord> = words.collect();
        let stems = words.iter().map(|word| word.stem.clone()).collect();
        Self { text, words, stems }
    }

    /// Whether the text has a word with this stem, alone or in a longer word (`geopolitical`).
    pub(super) fn has(&self, stem: &str) -> bool {
        const LONG_ENOUGH: usize = 5;
        self.stems.contains(stem)
            || stem.len() >= LONG_ENOUGH && self.stems.iter().any(|s| s.contains(stem))
    }
}
