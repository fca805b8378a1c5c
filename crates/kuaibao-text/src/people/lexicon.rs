//! The words that show where a name stands, from `lexicon.txt`.

use std::collections::HashSet;
use std::sync::LazyLock;

macro_rules! sections {
    ($($name:ident = $section:literal),* $(,)?) => {
        $(
            #[doc = concat!("Section `", $section, "`.")]
            pub(super) static $name: LazyLock<Words> = LazyLock::new(|| Words::section($section));
        )*
    };
}

sections! {
    SPEECH = "speech",
    ACTION = "action",
    BEHIND = "behind",
    COURTESY = "courtesy",
    NAMED = "named",
    OPENERS = "openers",
    MARKED = "marked",
    NAMESAKES = "namesakes",
    NO_NAMES = "no-names",
    CREDITS = "credits",
    CREDITED = "credited",
    KINDS_OF_REPORTERS = "kinds-of-reporters",
    MODIFIERS = "modifiers",
    LEVELS = "levels",
    BODY_SUFFIXES = "body-suffixes",
    ORGANS = "organs",
    TITLE_STOPS = "title-stops",
    PERSONAL_NOUNS = "personal-nouns",
    IMPERSONAL = "impersonal",
    JAPANESE = "japanese",
    TIBETAN = "tibetan",
    TRANSLITERATED = "transliterated",
}

/// A list of words.
pub(super) struct Words {
    words: HashSet<&'static str>,
    /// Characters of the longest.
    longest: usize,
}

impl Words {
    /// The words of a section of `lexicon.txt`.
    fn section(name: &str) -> Self {
        let text = include_str!("lexicon.txt");
        let is_header = |line: &str| {
            line.strip_prefix('[')
                .and_then(|l| l.split([':', ']']).next())
                .is_some_and(|n| n == name)
        };
        let words: HashSet<&str> = text
            .lines()
            .skip_while(|line| !is_header(line))
            .skip(1)
            .take_while(|line| !line.starts_with('['))
            .flat_map(str::split_whitespace)
            .collect();
        assert!(!words.is_empty(), "no section {name} in lexicon.txt");
        let longest = words.iter().map(|w| w.chars().count()).max().unwrap_or(0);
        Self { words, longest }
    }

    pub(super) fn contains(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().copied()
    }

    /// The longest word that a text begins with.
    pub(super) fn start<'t>(&self, text: &'t str) -> Option<&'t str> {
        let ends = text.char_indices().map(|(i, c)| i + c.len_utf8());
        ends.take(self.longest)
            .map(|end| &text[..end])
            .filter(|word| self.contains(word))
            .last()
    }

    /// The longest word that a text ends with.
    pub(super) fn end<'t>(&self, text: &'t str) -> Option<&'t str> {
        let starts = text.char_indices().rev().map(|(i, _)| i);
        starts
            .take(self.longest)
            .map(|start| &text[start..])
            .filter(|word| self.contains(word))
            .last()
    }
}
