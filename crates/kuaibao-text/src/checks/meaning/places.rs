//! Places: those that the English names must stand in the Chinese, under any of their names.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::sides::{Chinese, ChineseWord, English};
use super::{DoubtKind, Fact, lexicon, spelling};
use crate::glossary::place_names;
use crate::text::{chars::is_han, stem};

/// The places of the glossary by their English names.
struct Gazetteer {
    matcher: AhoCorasick,
    /// For each pattern, what it is called in Chinese.
    zh: Vec<Vec<&'static str>>,
    names: Vec<&'static str>,
}

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
    for (zh, names) in place_names() {
        for en in names {
            let first = en.chars().next().unwrap_or_default();
            if first.is_uppercase() && en.len() > 1 && !AMBIGUOUS.contains(&en) {
                by_name.entry(en).or_default().push(zh);
            }
        }
    }
    let mut names: Vec<&str> = by_name.keys().copied().collect();
    names.sort_unstable();
    Gazetteer {
        matcher: AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&names)
            .expect("a table of names"),
        zh: names.iter().map(|name| by_name[name].clone()).collect(),
        names,
    }
});

/// Names that are other words or other names too, and the country that every text is about.
pub(super) static AMBIGUOUS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("data/ambiguous-places.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .collect()
});

/// A country's name in one character, where it stands for the country in a word of its own.
static SHORT: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    lexicon::rows(include_str!("data/short-places.tsv"))
        .map(|[zh, short]| (zh, short))
        .collect()
});

/// A name before the word for what it is, or behind one.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b([A-Z][a-z']{3,})(?: (?:City|Province|County|Prefecture|Township|Municipality|Municipal|Provincial|Island|District))\b",
        r"|\b(?:[Cc]ity|[Pp]rovince|[Cc]ounty|[Tt]own|[Vv]illage) of ([A-Z][a-z']{3,})\b"
    ))
    .expect("a constant")
});

/// What makes a country's name that of its currency.
static DOLLARS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^ ?(?:\$|dollars?\b|cents?\b)").expect("a constant"));

/// What stands behind a country's name in one character (美方, 美军) and before it (驻美, 中美).
const BEHIND: &str =
    "方军式版国元媒股籍资裔企商政侨华府财洲美中联奥盟队舰机欧俄日韩英法德印朝越台港澳伊加帝";
const BEFORE: &str = "中全老在赴访驻抵来旅对援反亲留日俄英法德韩印欧朝越港澳北南东西拉美两";

/// Characters that are a word of their own too, a port and beauty: 强港, 和美.
const OTHER_WORDS: &str = "港美";
/// What else may stand before these where they are countries: 据美媒, 此前美宣布, 涉美.
const BEFORE_A_WORD: &str =
    "据由被让使与同向给从自至及因遭获受将把但而则又也都已曾正仍就称指令要促当前后日时月年今次涉论";

/// Whether a word of `text` is, or holds, a country's name in this one character.
fn names_shortly(text: &str, word: &ChineseWord, short: char) -> bool {
    let chars: Vec<char> = word.text.chars().collect();
    let behind = |c: char| BEHIND.contains(c);
    if chars == [short] {
        return !OTHER_WORDS.contains(short)
            || text[word.start + word.text.len()..]
                .chars()
                .next()
                .is_some_and(behind)
            || text[..word.start]
                .chars()
                .next_back()
                .is_none_or(|c| !is_han(c) || BEFORE.contains(c) || BEFORE_A_WORD.contains(c));
    }
    chars.len() <= 3
        && (0..chars.len()).filter(|i| chars[*i] == short).any(|i| {
            chars.get(i + 1).copied().is_some_and(behind) || i > 0 && BEFORE.contains(chars[i - 1])
        })
}

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let (mut zh_facts, mut en_facts) = (Vec::new(), Vec::new());
    let gazetteer = &*GAZETTEER;
    let mut known = Vec::new();
    for found in gazetteer.matcher.find_iter(en.text) {
        let letter = |c: char| c.is_alphabetic();
        if en.text[..found.start()].ends_with(|c| letter(c) || c == '-' || c == '@')
            || en.text[found.end()..].starts_with(letter)
        {
            continue;
        }
        if DOLLARS.is_match(&en.text[found.end()..]) {
            continue;
        }
        let name = gazetteer.names[found.pattern()];
        let names = &gazetteer.zh[found.pattern()];
        known.push(found.range());
        if names_it(zh, name, names) || names.iter().any(|zh| around.contains(bare(zh))) {
            zh_facts.push(Fact::possible(DoubtKind::Place, names[0], 0..0));
        }
        en_facts.push(Fact::new(DoubtKind::Place, names[0], found.range()));
    }
    for found in NAMED.captures_iter(en.text) {
        let Some(name) = found.get(1).or(found.get(2)) else {
            continue;
        };
        let within =
            |range: &std::ops::Range<usize>| range.start < name.end() && name.start() < range.end;
        let letters = spelling::letters(name.as_str());
        let chinese = (2..=3).any(|n| spelling::are_syllables(&letters, n));
        if known.iter().any(within) || !chinese {
            continue;
        }
        if spelling::is_spelt(zh.text, &letters)
            || spelling::is_spelt(around, &letters)
            || zh.may_say(&stem(&letters))
        {
            zh_facts.push(Fact::possible(DoubtKind::Place, name.as_str(), 0..0));
        }
        en_facts.push(Fact::new(DoubtKind::Place, name.as_str(), name.range()));
    }
    (zh_facts, en_facts)
}

/// Whether a sentence names the place that English calls `name`.
fn names_it(zh: &Chinese, name: &str, names: &[&'static str]) -> bool {
    names.iter().any(|n| zh.text.contains(bare(n)))
        || names.iter().any(|n| {
            let short = SHORT.get(n).copied().unwrap_or_default();
            short
                .chars()
                .any(|c| zh.words.iter().any(|w| names_shortly(zh.text, w, c)))
        })
        || name
            .split([' ', '-', '.'])
            .filter(|part| part.len() > 2)
            .all(|part| zh.may_say(&stem(&part.to_ascii_lowercase())))
            && name.split([' ', '-', '.']).any(|part| part.len() > 2)
        || matches!(name, "US" | "U.S." | "UK" | "U.K.")
            && zh.may_say(&name.replace('.', "").to_ascii_lowercase())
        || spelling::is_spelt(zh.text, &spelling::letters(name))
}

/// A name without the word for what it is.
fn bare(zh: &str) -> &str {
    let ends = ['市', '县', '区', '省', '州'];
    let end = zh.chars().next_back().map_or(0, char::len_utf8);
    if zh.chars().count() > 2 && zh.ends_with(ends) {
        &zh[..zh.len() - end]
    } else {
        zh
    }
}
