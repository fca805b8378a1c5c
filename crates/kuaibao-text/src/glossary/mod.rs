//! The glossary: how a Chinese term is to be called in English.
//!
//! Comes in: the terms compiled into the program, and glossary files of the house. Goes out: where
//! a Chinese sentence uses a term, and which terms its English does not honour. Reads the files it
//! is told to read; never touches tensors or the terminal, and never rewrites a translation.
//!
//! House entries win over the compiled ones, later files over earlier ones, and the longest term
//! that stands at a place wins over shorter ones inside it.

mod file;
mod official;

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

pub use file::GlossaryError;
pub(crate) use official::rows;
pub use official::{
    Post, PostKind, bodies, offices, papers, people, place_names, places, posts, ranks, terms,
    topics,
};

use crate::text::words;

/// What a term is; decides how strictly it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An entry of the house, or a set political or economic term.
    Term,
    /// A place.
    Place,
    /// A party, state or other body.
    Body,
    /// A person whose English name is not the pinyin of the Chinese.
    Person,
}

/// One term with its English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The Chinese term.
    pub zh: String,
    /// The wanted English.
    pub en: String,
    /// Other English that is accepted.
    pub variants: Vec<String>,
    /// A remark for the editor.
    pub note: Option<String>,
    /// Whether capital and small letters must be as written.
    pub case: bool,
    /// Do not translate: the English keeps the Chinese spelling of the entry (or its `en`, where
    /// one is given) as it is.
    pub keep: bool,
    /// What the term is.
    pub kind: Kind,
    /// Whether the entry came from a file of the house.
    pub house: bool,
}

impl Entry {
    /// An entry of the house; accepted variants stand in `en` behind ` | `.
    pub fn new(zh: &str, en: &str) -> Self {
        let mut variants = en
            .split('|')
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty());
        Self {
            zh: zh.trim().to_owned(),
            en: variants.next().unwrap_or_default(),
            variants: variants.collect(),
            note: None,
            case: false,
            keep: false,
            kind: Kind::Term,
            house: true,
        }
    }

    /// What the English has to say.
    pub fn wanted(&self) -> &str {
        if self.keep && self.en.is_empty() {
            &self.zh
        } else {
            &self.en
        }
    }
}

/// A term that stands in a Chinese text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'g> {
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// The term.
    pub entry: &'g Entry,
}

/// A term of the Chinese that the English does not render as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The Chinese term.
    pub zh: String,
    /// Where it stands first, in bytes of the Chinese.
    pub range: Range<usize>,
    /// The English that is wanted.
    pub wanted: String,
    /// Whether the entry came from a file of the house.
    pub house: bool,
}

/// Terms to look for.
#[derive(Clone, Debug, Default)]
pub struct Glossary {
    entries: Vec<Entry>,
    by_zh: HashMap<String, usize>,
    matcher: OnceLock<Option<AhoCorasick>>,
}

impl Glossary {
    /// No terms at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The terms compiled into the program: set terms, bodies, places, and people with an English
    /// name of their own.
    pub fn official() -> Self {
        let mut glossary = Self::new();
        for entry in official::entries() {
            glossary.insert(entry);
        }
        glossary
    }

    /// Adds the entries of a TSV or TOML file of the house, whose text this is, over those that are there.
    ///
    /// TSV: `zh`, `en`, and optionally `note`, `case`, `keep`, in this order or in that of a header
    /// line. TOML: `[[term]]` tables with the same keys. Accepted variants stand behind ` | `.
    pub fn add(&mut self, path: &Path, text: &str) -> Result<(), GlossaryError> {
        for entry in file::entries(path, text)? {
            self.insert(entry);
        }
        Ok(())
    }

    /// Adds one entry, in place of the one with the same Chinese.
    pub fn insert(&mut self, entry: Entry) {
        if entry.zh.is_empty() {
            return;
        }
        self.matcher = OnceLock::new();
        if let Some(&i) = self.by_zh.get(&entry.zh) {
            self.entries[i] = entry;
        } else {
            self.by_zh.insert(entry.zh.clone(), self.entries.len());
            self.entries.push(entry);
        }
    }

    /// The entry for exactly this Chinese.
    pub fn get(&self, zh: &str) -> Option<&Entry> {
        self.by_zh.get(zh).map(|&i| &self.entries[i])
    }

    /// How the house calls a person or a thing, where it says so.
    pub fn house(&self, zh: &str) -> Option<&str> {
        let entry = self.get(zh).filter(|entry| entry.house)?;
        Some(entry.wanted())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The terms that stand in a Chinese text, longest first at each place, never overlapping.
    ///
    /// A short compiled-in term counts only where the segmenter sees a word (`大连接` holds no
    /// `大连`); an entry of the house counts wherever it stands.
    pub fn matches(&self, zh: &str) -> Vec<Match<'_>> {
        let Some(matcher) = self.matcher() else {
            return Vec::new();
        };
        let mut word_bounds: Option<Vec<usize>> = None;
        matcher
            .find_iter(zh)
            .map(|m| Match {
                range: m.range(),
                entry: &self.entries[m.pattern().as_usize()],
            })
            .filter(|m| {
                m.entry.house || m.entry.zh.chars().count() > 3 || {
                    let bounds = word_bounds.get_or_insert_with(|| words::bounds(zh));
                    bounds.binary_search(&m.range.start).is_ok()
                        && bounds.binary_search(&m.range.end).is_ok()
                }
            })
            .collect()
    }

    /// The terms of a Chinese sentence that its English does not render as wanted.
    ///
    /// The English may use the wanted words or an accepted variant, in the plural or the
    /// possessive, with other capitals (unless the entry says `case`) and with or without hyphens.
    pub fn violations(&self, zh: &str, en: &str) -> Vec<Violation> {
        let english = English::of(en);
        let mut seen: Vec<&str> = Vec::new();
        self.matches(zh)
            .into_iter()
            .filter(|m| {
                let first = !seen.contains(&m.entry.zh.as_str());
                seen.push(&m.entry.zh);
                first && !english.honours(m.entry) && !english.may_abbreviate(m.entry)
            })
            .map(|m| Violation {
                zh: m.entry.zh.clone(),
                range: m.range,
                wanted: m.entry.wanted().to_owned(),
                house: m.entry.house,
            })
            .collect()
    }

    /// The entries of the house whose English stands in an English text and whose Chinese stands nowhere
    /// in its translation.
    pub fn unrendered<'g>(&'g self, en: &str, zh: &str) -> impl Iterator<Item = &'g Entry> {
        let english = English::of(en);
        let house = self
            .entries
            .iter()
            .filter(|entry| entry.house && !entry.keep);
        let lost = house.filter(|entry| english.honours(entry) && !zh.contains(&entry.zh));
        lost.collect::<Vec<_>>().into_iter()
    }

    /// Everything that decides what is matched and what is wanted, one entry a line, independent of
    /// the order of the entries: for a program to hash.
    pub fn canonical(&self) -> String {
        let mut lines: Vec<String> = self
            .entries
            .iter()
            .map(|e| {
                let kind = e.kind;
                format!(
                    "{}\t{}\t{}\t{}\t{}\t{kind:?}\t{}",
                    e.zh,
                    e.en,
                    e.variants.join("|"),
                    e.case,
                    e.keep,
                    e.house
                )
            })
            .collect();
        lines.sort_unstable();
        lines.join("\n")
    }

    fn matcher(&self) -> Option<&AhoCorasick> {
        self.matcher
            .get_or_init(|| {
                let patterns = self.entries.iter().map(|e| e.zh.as_str());
                AhoCorasick::builder()
                    .match_kind(MatchKind::LeftmostLongest)
                    .build(patterns)
                    .ok()
                    .filter(|_| !self.entries.is_empty())
            })
            .as_ref()
    }
}

/// An English text as words, for comparison.
struct English<'a> {
    text: &'a str,
    words: Vec<String>,
    cased: Vec<String>,
}

impl<'a> English<'a> {
    fn of(text: &'a str) -> Self {
        let cased = english_words(text);
        let words = cased.iter().map(|w| w.to_lowercase()).collect();
        Self { text, words, cased }
    }

    /// Whether a compiled-in place may be part of a body that the English calls by its initials:
    /// 英国广播公司 as *BBC*.
    fn may_abbreviate(&self, entry: &Entry) -> bool {
        let initials = |word: &String| {
            (2..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase())
        };
        entry.kind == Kind::Place && !entry.house && self.cased.iter().any(initials)
    }

    fn honours(&self, entry: &Entry) -> bool {
        if entry.keep {
            return self.text.contains(entry.wanted());
        }
        let mut wanted = std::iter::once(&entry.en).chain(&entry.variants);
        if entry.kind == Kind::Person {
            // A second mention has the surname alone.
            return wanted.any(|name| {
                name.split(' ')
                    .any(|part| part.len() > 2 && self.has(part, false))
            });
        }
        wanted.any(|wanted| self.has(wanted, entry.case))
    }

    fn has(&self, wanted: &str, case: bool) -> bool {
        let mut wanted = english_words(wanted);
        let words = if case {
            &self.cased
        } else {
            for w in &mut wanted {
                *w = w.to_lowercase();
            }
            &self.words
        };
        !wanted.is_empty()
            && words.windows(wanted.len()).any(|window| {
                window
                    .iter()
                    .zip(&wanted)
                    .all(|(have, want)| have == want || is_form_of(have, want))
            })
    }
}

/// Runs of letters and digits. Apostrophes inside a word are dropped (`Xi'an`, `Xi’an`), a
/// possessive `'s` at its end too; a hyphen ends a word.
fn english_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() {
            word.push(c);
        } else if matches!(c, '\'' | '’' | '‘') && !word.is_empty() {
            let mut ahead = chars.clone();
            let possessive =
                ahead.next() == Some('s') && ahead.next().is_none_or(|c| !c.is_alphanumeric());
            if possessive {
                chars.next();
            }
        } else if c == '.' && chars.peek().is_some_and(|c| c.is_alphanumeric()) && !word.is_empty()
        {
            // U.S., 1.2: one word.
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a word is another by number, or the head of the same ministry.
fn is_form_of(have: &str, singular: &str) -> bool {
    let ministry = |word: &str| {
        matches!(
            word,
            "ministry" | "minister" | "ministers" | "Ministry" | "Minister"
        )
    };
    if ministry(have) && ministry(singular) {
        return true;
    }
    let rest = have.strip_prefix(singular);
    matches!(rest, Some("s" | "es"))
        || singular
            .strip_suffix('y')
            .is_some_and(|stem| have.strip_prefix(stem) == Some("ies"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(glossary: &Glossary, zh: &str, en: &str) -> Vec<String> {
        glossary
            .violations(zh, en)
            .into_iter()
            .map(|v| v.wanted)
            .collect()
    }

    #[test]
    fn the_longest_term_wins() {
        let mut glossary = Glossary::new();
        glossary.insert(Entry::new("云湖", "Yunhu"));
        glossary.insert(Entry::new("云湖港", "Port of Yunhu"));
        let zh = "云湖港与云湖大桥";
        let found: Vec<_> = glossary
            .matches(zh)
            .iter()
            .map(|m| &zh[m.range.clone()])
            .collect();
        assert_eq!(found, ["云湖港", "云湖"]);
    }

    #[test]
    fn a_short_place_counts_only_as_a_word() {
        let glossary = Glossary::official();
        let found = |zh: &str| {
            glossary
                .matches(zh)
                .iter()
                .map(|m| m.entry.zh.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("代表团抵达大连。"), ["大连"]);
        assert!(found("两个系统扩大连接。").is_empty());
    }

    #[test]
    fn english_is_compared_by_its_words() {
        let mut glossary = Glossary::new();
        glossary.insert(Entry::new("网格员", "grid worker | community worker"));
        glossary.insert(Entry::new("西安", "Xi'an"));
        glossary.insert(Entry {
            case: true,
            ..Entry::new("之江", "Zhijiang")
        });
        glossary.insert(Entry {
            keep: true,
            ..Entry::new("快报", "")
        });
        assert!(wanted(&glossary, "网格员到西安", "Grid workers went to Xi’an.").is_empty());
        assert!(wanted(&glossary, "网格员", "the community worker's bicycle").is_empty());
        assert_eq!(
            wanted(&glossary, "网格员，网格员", "grid officers"),
            ["grid worker"]
        );
        assert_eq!(wanted(&glossary, "西安", "Sian"), ["Xi'an"]);
        let official = Glossary::official();
        assert!(wanted(&official, "外交部部长", "the Minister of Foreign Affairs").is_empty());
        assert!(wanted(&official, "特朗普说", "Trump said").is_empty());
        assert_eq!(
            wanted(&official, "特朗普说", "the president said"),
            ["Donald Trump"]
        );
        assert_eq!(wanted(&glossary, "之江", "zhijiang"), ["Zhijiang"]);
        assert_eq!(wanted(&glossary, "快报", "Express"), ["快报"]);
        assert!(wanted(&glossary, "快报", "快报 (Express)").is_empty());
    }

    #[test]
    fn the_house_wins_over_the_compiled_entries() {
        let mut glossary = Glossary::official();
        let before = glossary.canonical();
        assert_eq!(
            wanted(&glossary, "乡村振兴", "village boom"),
            ["rural revitalization"]
        );
        glossary.insert(Entry::new("乡村振兴", "village boom"));
        assert!(wanted(&glossary, "乡村振兴", "a village boom").is_empty());
        assert_ne!(glossary.canonical(), before);
    }

    #[test]
    fn compiled_tables_are_well_formed() {
        let glossary = Glossary::official();
        assert!(glossary.len() > 1000);
        for entry in &glossary.entries {
            assert!(!entry.en.is_empty(), "{}", entry.zh);
            assert!(
                !entry.en.contains('_') && entry.en.trim() == entry.en,
                "{}",
                entry.en
            );
            assert!(entry.zh.chars().all(|c| !c.is_whitespace()), "{}", entry.zh);
        }
        assert!(posts().len() > 300 && topics().len() > 80);
        assert!(posts().keys().all(|zh| !zh.is_empty()));
        assert_eq!(glossary.canonical(), Glossary::official().canonical());
    }

    #[test]
    fn odd_text_is_answered() {
        let glossary = Glossary::official();
        for zh in ["", "\u{0}", "😀大连\u{fffd}", "a\u{301}"] {
            glossary.matches(zh);
            glossary.violations(zh, zh);
        }
    }
}
