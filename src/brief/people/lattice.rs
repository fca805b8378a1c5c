//! A sentence as words and names: the cheapest path through everything it could be.
//!
//! Words cost what the segmenter's dictionary says they are worth, names what their surname and
//! given name are worth (after Sproat, Shih, Gale & Chang, "A Stochastic Finite-State
//! Word-Segmentation Algorithm for Chinese", Computational Linguistics 22(3), 1996), less a bonus
//! for what stands before and behind them ([`super::context`]). So `高度重视` is a word and a word
//! although 高 is a surname, and `厅长高峰说` holds a name although `高峰` is a word.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::context::{After, Before};
use super::{foreign, given, surnames};
use crate::brief::{glossary, words};

/// What a piece of a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, a number, a punctuation mark.
    Word,
    /// Perhaps a person's name; its context decides.
    Name,
    /// A transliterated name that the glossary knows or whose form shows it (`卡尔·罗恩`).
    Foreign,
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// For a name, what it costs without its context: rarer names are more.
    pub(super) rarity: f64,
    /// Whether the dictionary has the same string as a common word.
    pub(super) is_word: bool,
}

/// A name being looked for must be worth this much less than the words it replaces.
const NAME: f64 = 4.0;
/// A name that this text has shown to be one.
const KNOWN_NAME: f64 = 7.0;
/// A term of the glossary.
const TERM: f64 = 9.0;
/// A dictionary word read as a name.
const WORD_AS_NAME: f64 = 5.0;
/// A punctuation mark, a number, a Latin word.
const OTHER: f64 = 5.0;
/// A character that is in no dictionary.
const UNKNOWN: f64 = 16.0;

#[derive(Clone)]
struct Edge {
    from: usize,
    cost: f64,
    kind: Kind,
    rarity: f64,
    is_word: bool,
}

/// Cuts sentences, remembering what words cost.
#[derive(Default)]
pub(super) struct Lattice<'t> {
    words: HashMap<&'t str, Option<Word>>,
}

/// What the dictionary says of a word.
#[derive(Clone, Copy)]
struct Word {
    /// Minus the logarithm of its frequency.
    cost: f64,
    /// Whether it is tagged as a person's name.
    person: bool,
}

/// What an article has shown about the strings that could be names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Names, cheap wherever they stand.
    pub(super) names: HashSet<String>,
    /// Strings that are no names: a name and the word behind it (`王成|和`).
    pub(super) denied: HashSet<String>,
}

impl<'t> Lattice<'t> {
    /// The cheapest path through a sentence. `known` names are cheap wherever they stand.
    pub(super) fn cut(&mut self, text: &'t str, known: &Known) -> Vec<Token> {
        let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        let n = starts.len();
        let byte = |i: usize| starts.get(i).copied().unwrap_or(text.len());
        let index = |at: usize| starts.partition_point(|&s| s < at);

        // Edges by the character they end before.
        let mut edges: Vec<Vec<Edge>> = vec![Vec::new(); n + 1];
        let mut add = |from: usize, to: usize, cost, kind, rarity, is_word| {
            edges[to].push(Edge {
                from,
                cost,
                kind,
                rarity,
                is_word,
            });
        };

        let mut i = 0;
        while i < n {
            let c = text[byte(i)..].chars().next().unwrap_or_default();
            let mut j = i + 1;
            if c.is_ascii_alphanumeric() {
                let run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ',' | '%');
                while j < n && text[byte(j)..].starts_with(run) {
                    j += 1;
                }
                add(i, j, OTHER, Kind::Word, 0.0, true);
            } else if c.is_alphanumeric() {
                let cost = self
                    .word(&text[byte(i)..byte(j)])
                    .map_or(UNKNOWN, |w| w.cost);
                add(i, j, cost, Kind::Word, 0.0, true);
            } else {
                add(i, j, OTHER, Kind::Word, 0.0, true);
            }
            i = j;
        }
        for token in words::segmenter().cut_all(text) {
            let (from, to) = (index(token.byte_start), index(token.byte_end));
            if to > from + 1
                && !token.word.starts_with(|c: char| c.is_ascii())
                && let Some(word) = self.word(&text[token.byte_start..token.byte_end])
            {
                add(from, to, word.cost, Kind::Word, 0.0, true);
            }
        }
        let (terms, people) = terms();
        for m in terms.find_overlapping_iter(text) {
            let person = m.pattern().as_usize() < *people;
            let kind = if person { Kind::Foreign } else { Kind::Word };
            add(index(m.start()), index(m.end()), TERM, kind, 0.0, !person);
        }
        for range in foreign::dotted(text) {
            add(
                index(range.start),
                index(range.end),
                OTHER,
                Kind::Foreign,
                0.0,
                false,
            );
        }
        for (at, &start) in starts.iter().enumerate() {
            for (to, rarity) in names_at(text, &starts, at) {
                let range = start..byte(to);
                let name = &text[range.clone()];
                if known.denied.contains(name) || never_a_name(text, start, name) {
                    continue;
                }
                if known.names.contains(name) {
                    add(at, to, KNOWN_NAME, Kind::Name, rarity, false);
                    continue;
                }
                let word = self.word(name);
                let famous = word.is_some_and(|w| w.person) && to - at > 2;
                let is_word = word.is_some() && !famous;
                let as_name = NAME + rarity + if is_word { WORD_AS_NAME } else { 0.0 };
                let cost = match word {
                    Some(word) if word.person => as_name.min(word.cost),
                    _ => as_name,
                };
                let context = Before::of(text, start).bonus() + After::of(text, range.end).bonus();
                add(
                    at,
                    to,
                    (cost - context).max(1.0),
                    Kind::Name,
                    rarity,
                    is_word,
                );
            }
        }
        cheapest(&edges, byte)
    }

    fn word(&mut self, word: &'t str) -> Option<Word> {
        /// Sum of all frequencies in jieba's dictionary.
        const TOTAL: f64 = 60_101_967.0;
        *self.words.entry(word).or_insert_with(|| {
            let segmenter = words::segmenter();
            segmenter.has_word(word).then(|| {
                let tags = segmenter.tag(word, false);
                Word {
                    cost: TOTAL.ln() - (segmenter.suggest_freq(word) as f64).ln(),
                    person: matches!(tags.as_slice(), [one] if matches!(one.tag, "nr" | "nrfg")),
                }
            })
        })
    }
}

/// Whether a character is a common word by itself (`和`, `来`, `在`).
pub(super) fn is_common_character(c: &str) -> bool {
    const COMMON: usize = 7_000;
    words::segmenter().suggest_freq(c) > COMMON
}

/// Strings that have the form of a name and are something else.
fn never_a_name(text: &str, start: usize, name: &str) -> bool {
    /// Short for a country, a province or a city, as in `韩方`, `鲁菜`, `温商`.
    const PLACES: &str = "韩古马巴安宁金苏鲁晋于黎蒙成温台江浙京沪杭甘云贵桂湘吉冀豫秦楚吴越滇闽粤津渝藏青白智厄阿汤全沙";
    /// What belongs to one.
    const OF_PLACES: &str = "方军媒企国队商资股警籍裔语文币元剧菜客铁钢港航邮府城区州县商货";
    let mut chars = name.chars();
    let (first, second, third) = (chars.next(), chars.next(), chars.next());
    let in_a_place = name.ends_with(['中', '上', '后', '前', '时', '内', '间', '里', '下'])
        && text[..start].ends_with(['在', '从', '于', '自', '到']);
    let short_for_a_place = third.is_none()
        && first.is_some_and(|c| PLACES.contains(c))
        && second.is_some_and(|c| OF_PLACES.contains(c));
    let doubled = third.is_none() && first == second;
    in_a_place || short_for_a_place || doubled
}

/// Ends (as character indices) of the names that could begin at a character, with their rarity.
fn names_at(text: &str, starts: &[usize], at: usize) -> Vec<(usize, f64)> {
    let mut names = Vec::new();
    let rest = &text[starts[at]..];
    let Some((first, rarity)) = surnames::leading_single(rest) else {
        return compound_names(text, starts, at);
    };
    names.extend(given_names(
        text,
        starts,
        at + 1,
        surname_cost(first, rarity),
    ));
    names.extend(compound_names(text, starts, at));
    names
}

fn compound_names(text: &str, starts: &[usize], at: usize) -> Vec<(usize, f64)> {
    match surnames::leading(&text[starts[at]..]) {
        Some((_, surnames::Rarity::Compound)) => given_names(text, starts, at + 2, COMPOUND),
        _ => Vec::new(),
    }
}

const COMPOUND: f64 = 9.0;

/// Minus the logarithm of a surname's share of all people, by class: the hundred common ones hold
/// 85 %, some 300 others nearly all the rest.
fn surname_cost(_surname: &str, rarity: surnames::Rarity) -> f64 {
    match rarity {
        surnames::Rarity::Common => 4.7,
        surnames::Rarity::Known => 7.5,
        surnames::Rarity::Rare => 10.0,
        surnames::Rarity::Compound => COMPOUND,
    }
}

/// Given names of one or two characters from character `at` on. Newspapers pad a name of two
/// characters with a space between surname and given name, to the width of three.
fn given_names(text: &str, starts: &[usize], at: usize, surname: f64) -> Vec<(usize, f64)> {
    /// Minus the logarithms of the shares of given names with one and with two characters.
    const ONE: f64 = 1.6;
    const TWO: f64 = 0.22;
    let char_at = |i: usize| starts.get(i).and_then(|&s| text[s..].chars().next());
    let mut names = Vec::new();
    let Some(first) = char_at(at) else {
        return names;
    };
    if matches!(first, ' ' | '\u{3000}') {
        if let Some(cost) = char_at(at + 1).and_then(given::cost) {
            let ends = char_at(at + 2).is_none_or(|c| !c.is_alphabetic());
            if ends {
                names.push((at + 2, surname + ONE + cost));
            }
        }
        return names;
    }
    let Some(first) = given::cost(first) else {
        return names;
    };
    names.push((at + 1, surname + ONE + first));
    if let Some(second) = char_at(at + 1).and_then(given::cost) {
        names.push((at + 2, surname + TWO + first + second));
    }
    names
}

/// The tokens of the cheapest path.
fn cheapest(edges: &[Vec<Edge>], byte: impl Fn(usize) -> usize) -> Vec<Token> {
    let n = edges.len() - 1;
    let mut best = vec![f64::INFINITY; n + 1];
    let mut via: Vec<Option<&Edge>> = vec![None; n + 1];
    best[0] = 0.0;
    for to in 1..=n {
        for edge in &edges[to] {
            let cost = best[edge.from] + edge.cost;
            if cost < best[to] {
                best[to] = cost;
                via[to] = Some(edge);
            }
        }
    }
    let mut tokens = Vec::new();
    let mut to = n;
    while let Some(edge) = via[to] {
        tokens.push(Token {
            range: byte(edge.from)..byte(to),
            kind: edge.kind,
            rarity: edge.rarity,
            is_word: edge.is_word,
        });
        to = edge.from;
    }
    tokens.reverse();
    tokens
}

/// Everything the glossary knows, as one matcher; the first patterns are people.
fn terms() -> &'static (AhoCorasick, usize) {
    static TERMS: OnceLock<(AhoCorasick, usize)> = OnceLock::new();
    TERMS.get_or_init(|| {
        let people: Vec<&str> = glossary::people().keys().copied().collect();
        let count = people.len();
        let others = glossary::bodies()
            .keys()
            .chain(glossary::places().keys())
            .chain(glossary::topics().keys())
            .chain(glossary::posts().keys())
            .chain(glossary::terms().keys())
            .copied()
            .filter(|t| t.chars().count() > 1);
        let patterns: Vec<&str> = people.into_iter().chain(others).collect();
        let matcher = AhoCorasick::new(patterns).expect("a few thousand short words");
        (matcher, count)
    })
}
