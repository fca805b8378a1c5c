//! A sentence as words and names: the cheapest path through everything it could be.
//!
//! Words cost what the segmenter's dictionary says they are worth, names what their surname and
//! given name are worth (after Sproat, Shih, Gale & Chang, "A Stochastic Finite-State
//! Word-Segmentation Algorithm for Chinese", Computational Linguistics 22(3), 1996), less a bonus
//! for what stands before and behind them ([`super::context`]). So `高度重视` is a word and a word
//! although 高 is a surname, and `厅长高峰说` holds a name although `高峰` is a word.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::context::{After, Before, is_framed, post_head};
use super::ends::{begins_a_title, begins_a_verb, continues, is_conjunction};
use super::lexicon::{
    ACTION, ADVERBS, APPOINTED, APPOINTS, BEHIND, CONTINUATIONS, COURTESY, DEEDS, NO_NAMES,
    NO_PERSONS, PERSONAL_NOUNS, REMOVED, RESIGNED, SPEECH,
};
use super::tagger::{Tagger, Tags};
use super::{foreign, given};
use crate::glossary;
use crate::text::chars::{is_han, is_name_dot};
use crate::text::surnames::{self, Rarity};
use crate::text::words;

/// What a piece of a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, a number, a punctuation mark.
    Word,
    /// Perhaps a person's name; its context decides.
    Name,
    /// A transliterated name that the glossary knows or whose form shows it (`卡尔·罗恩`).
    Foreign,
    /// Perhaps a transliterated name: nothing shows it but its characters.
    Sounds,
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// For a name that its form does not show, what it costs without its context: rarer names
    /// are more.
    pub(super) rarity: f64,
    /// Whether the dictionary has the same string as a common word.
    pub(super) is_word: bool,
    /// What its characters and the words around it say for a name, in nats.
    pub(super) odds: f64,
}

/// What it costs a name, a nat of its odds, that one with the same beginning and another end has better ones.
const OTHER_END: f64 = 0.5;
const FARTHEST_BEHIND: f64 = 8.0;
/// How much better they must be for what may be a word and its suffix.
const SUFFIXED: f64 = 5.0;
/// Odds with which what no rule takes for a name is looked at, and with which what a rule takes for one is none.
const PROPOSED: f64 = 1.0;
const NOBODY: f64 = -9.0;
/// Odds with which what only may be a name by its sounds is none.
const LIKELY_NONE: f64 = -0.5;
/// With such odds a name that the dictionary has is one, whatever its characters.
const SURELY_A_NAME: f64 = 4.5;
/// A name being looked for must be worth this much less than the words it replaces.
const NAME: f64 = 3.5;
/// A name that this text has shown to be one.
const KNOWN_NAME: f64 = 7.0;
/// A term of the glossary.
const TERM: f64 = 7.5;
/// A transliterated name, and each of its characters: some 300 are used, a third of them often.
const FOREIGN: f64 = 3.0;
const FOREIGN_CHARACTER: f64 = 3.8;
/// A transliterated name that nothing shows but its characters, and one of two characters.
const BARE: f64 = 3.0;
const BARE_SHORT: f64 = 6.0;
/// What it says for one that the dictionary has it.
const LISTED: f64 = 2.0;
/// The rarity of one that the dictionary has as a place's.
pub(super) const PLACE_NAME: f64 = 24.0;
/// The same round a dot, which says by itself what they are.
const DOTTED_CHARACTER: f64 = 3.2;
/// A dictionary word read as a name.
const WORD_AS_NAME: f64 = 5.0;
/// The same behind a post, for a noun that is not frequent.
const SELDOM_WORD_AS_NAME: f64 = 2.0;
/// The dictionary's names are of people only where their characters are usual in names.
const FAMOUS: f64 = 21.0;
/// A name between a verb of appointing and the post.
const BEING_APPOINTED: f64 = 10.0;
/// A name before what says that its bearer has left a post.
const REMOVED_FROM: f64 = 6.0;
/// A name before what says that its bearer takes a post: `田野|任县委书记`.
const TAKES_OFFICE: f64 = 6.0;
/// A name in a phrase that wants somebody: `对王浩立案`.
const FRAMED: f64 = 5.0;
/// A noun as a name, where a post stands before it and what somebody does behind it: `校长|文明|说`.
const ACTING: f64 = 3.0;
/// Words with so many occurrences in the dictionary's texts hardly stand across the end of a name.
const COMMON_WORDS: usize = 1000;
/// The last two characters of a transliterated name are a word: `佩里|特别`.
const WORD_AT_THE_END: f64 = 4.0;
/// A name that ends in what more likely carries the sentence on: `王浩|赴上海`, `王浩|仍有`.
const CONTINUATION: f64 = 10.0;
/// A surname that is far more often a function word, where nothing before shows a name.
const FUNCTION: f64 = 3.0;
const FUNCTION_SURNAMES: &str = "向于时应常全方从都那经和来初展";
/// What a Tibetan name counts as where its rarity is weighed.
pub(super) const USUAL_NAME: f64 = 18.0;
/// A Japanese surname, and each character of the given name.
const JAPANESE: f64 = 13.0;
const JAPANESE_CHARACTER: f64 = 5.5;
/// A name of three characters of which two are a common word: `华人|致`.
const WORD_INSIDE: f64 = 3.5;
const COMMON_WORD: f64 = 12.0;
/// Words of a hundredth of a thousandth of all text and more.
const COMMON_VERB: f64 = 13.0;
/// A punctuation mark, a number, a Latin word.
const OTHER: f64 = 5.0;
/// A character that is in no dictionary.
const UNKNOWN: f64 = 16.0;

struct Edge {
    from: usize,
    cost: f64,
    kind: Kind,
    rarity: f64,
    is_word: bool,
    odds: f64,
}

impl Edge {
    fn word(from: usize, cost: f64) -> Self {
        Self {
            from,
            cost,
            kind: Kind::Word,
            rarity: 0.0,
            is_word: true,
            odds: 0.0,
        }
    }

    fn foreign(from: usize, cost: f64) -> Self {
        Self {
            from,
            cost,
            kind: Kind::Foreign,
            rarity: 0.0,
            is_word: false,
            odds: 0.0,
        }
    }
}

/// Whether a name would be a Chinese one, one written by its sounds, or one that a dot or a post shows.
#[derive(Clone, Copy)]
enum Form {
    Chinese,
    Sounds,
    Shown,
}

/// What the odds take off the cost of a name: each nat above where they begin to count takes one, up to a bound. Where
/// the name's form does not show it they are the more believed. These bounds, and those of `likely`, were chosen on
/// real news and on sentences of `tests/people` that nothing was fitted to.
fn worth(odds: f64, form: Form) -> f64 {
    match form {
        Form::Chinese => (odds + 2.0).clamp(-6.0, 7.0),
        Form::Sounds => odds.clamp(-4.0, 6.0),
        Form::Shown => (odds + 4.0).clamp(-4.0, 6.0),
    }
}

/// Everything a sentence could be: at each character, the edges that end before it.
struct Edges<'t> {
    text: &'t str,
    /// Where the characters begin.
    starts: Vec<usize>,
    ending: Vec<Vec<Edge>>,
}

impl<'t> Edges<'t> {
    fn of(text: &'t str) -> Self {
        let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        let ending = (0..=starts.len()).map(|_| Vec::new()).collect();
        Self {
            text,
            starts,
            ending,
        }
    }

    fn len(&self) -> usize {
        self.starts.len()
    }

    fn byte(&self, character: usize) -> usize {
        self.starts
            .get(character)
            .copied()
            .unwrap_or(self.text.len())
    }

    fn character(&self, byte: usize) -> usize {
        self.starts.partition_point(|&start| start < byte)
    }

    fn slice(&self, from: usize, to: usize) -> &'t str {
        &self.text[self.byte(from)..self.byte(to)]
    }

    fn add(&mut self, to: usize, edge: Edge) {
        self.ending[to].push(edge);
    }

    /// The tokens of the cheapest path.
    fn cheapest(&self) -> Vec<Token> {
        let mut best = vec![f64::INFINITY; self.len() + 1];
        let mut via: Vec<Option<&Edge>> = vec![None; self.len() + 1];
        best[0] = 0.0;
        for to in 1..=self.len() {
            for edge in &self.ending[to] {
                let cost = best[edge.from] + edge.cost;
                if cost < best[to] {
                    best[to] = cost;
                    via[to] = Some(edge);
                }
            }
        }
        let mut tokens = Vec::new();
        let mut to = self.len();
        while let Some(edge) = via[to] {
            tokens.push(Token {
                range: self.byte(edge.from)..self.byte(to),
                kind: edge.kind,
                rarity: edge.rarity,
                is_word: edge.is_word,
                odds: edge.odds,
            });
            to = edge.from;
        }
        tokens.reverse();
        tokens
    }
}

/// Cuts sentences, remembering what words cost.
#[derive(Default)]
pub(super) struct Lattice<'t> {
    words: HashMap<&'t str, Option<Word>>,
    tagger: Tagger<'t>,
}

/// What the dictionary says of a word.
#[derive(Clone, Copy)]
struct Word {
    /// Minus the logarithm of its frequency.
    cost: f64,
    /// Whether it is tagged as a person's name.
    person: bool,
    /// Whether it is tagged as a verb, an adverb, a preposition or a conjunction.
    verb: bool,
    /// Whether it is tagged as a noun or a name.
    noun: bool,
    /// Whether it is tagged as a name and made of characters that transliterate.
    transliterated: bool,
}

/// What an article has shown about the strings that could be names.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Names, cheap wherever they stand.
    pub(super) names: HashSet<String>,
    /// Strings that are no names: a name and the word behind it (`王成|和`).
    pub(super) denied: HashSet<String>,
    /// Transliterated names, and their last parts.
    pub(super) foreign: Option<AhoCorasick>,
}

impl Known {
    /// Matches what has become known, or is no longer, since before; `None` where nothing has.
    pub(super) fn changed_since(&self, before: &Self) -> Option<AhoCorasick> {
        let names = self.names.symmetric_difference(&before.names);
        let denied = self.denied.symmetric_difference(&before.denied);
        let changed: HashSet<&str> = names
            .chain(denied)
            .map(|name| super::last_part(name))
            .collect();
        (!changed.is_empty())
            .then(|| AhoCorasick::new(changed).ok())
            .flatten()
    }
}

impl<'t> Lattice<'t> {
    /// The cheapest path through a sentence. `known` names are cheap wherever they stand.
    pub(super) fn cut(&mut self, text: &'t str, known: &Known) -> Vec<Token> {
        let mut edges = Edges::of(text);
        self.add_characters(&mut edges);
        self.add_words(&mut edges);
        add_terms(&mut edges);
        let tags = self.tagger.read(text);
        let names = tags.names().into_iter();
        let likely = names.filter_map(|(range, odds)| (odds > PROPOSED).then_some(range));
        let likely: Vec<_> = likely.collect();
        add_foreign_names(&mut edges, known, &tags, &likely);
        self.add_names(&mut edges, known, &tags, &likely);
        edges.cheapest()
    }

    /// Single characters, and runs of Latin letters and digits.
    fn add_characters(&mut self, edges: &mut Edges<'t>) {
        let latin = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ',' | '%');
        let mut from = 0;
        while from < edges.len() {
            let mut to = from + 1;
            let character = edges.slice(from, to);
            let mut cost = OTHER;
            if character.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                while to < edges.len() && edges.slice(to, to + 1).starts_with(latin) {
                    to += 1;
                }
            } else if character.starts_with(char::is_alphanumeric) {
                cost = self.word(character).map_or(UNKNOWN, |word| word.cost);
            }
            edges.add(to, Edge::word(from, cost));
            from = to;
        }
    }

    /// Words of the dictionary.
    fn add_words(&mut self, edges: &mut Edges<'t>) {
        for token in words::segmenter().cut_all(edges.text) {
            let from = edges.character(token.byte_start);
            let to = edges.character(token.byte_end);
            let word = edges.slice(from, to);
            if to > from + 1
                && !word.starts_with(|c: char| c.is_ascii())
                && let Some(word) = self.word(word)
            {
                edges.add(to, Edge::word(from, word.cost));
                if word.transliterated {
                    add_dictionary_name(edges, from, to, word.cost);
                }
            }
        }
    }

    /// Chinese names.
    fn add_names(
        &mut self,
        edges: &mut Edges<'t>,
        known: &Known,
        tags: &Tags,
        likely: &[Range<usize>],
    ) {
        let mut unusual = likely
            .iter()
            .filter_map(|range| unusual_name(edges, range))
            .collect::<Vec<_>>()
            .into_iter()
            .peekable();
        for from in 0..edges.len() {
            let mut possible = names_at(edges, from);
            while let Some((_, to, rarity)) = unusual.next_if(|(start, ..)| *start == from) {
                possible.push((to, rarity));
            }
            let names: Vec<_> = possible
                .into_iter()
                .map(|(to, rarity)| {
                    let range = edges.byte(from)..edges.byte(to);
                    (to, rarity, tags.odds(&range))
                })
                .collect();
            let best = names.iter().map(|n| n.2).fold(f64::NEG_INFINITY, f64::max);
            for (to, rarity, odds) in names {
                let name = edges.slice(from, to);
                if known.denied.contains(name) || never_a_name(edges.text, edges.byte(from), name) {
                    continue;
                }
                let (cost, is_word) = if known.names.contains(name) {
                    (KNOWN_NAME, false)
                } else {
                    let (cost, is_word) = self.name(edges, from..to, rarity, odds);
                    // `许可|证`
                    let suffixed = to == from + 3
                        && self
                            .word(edges.slice(from, from + 2))
                            .is_some_and(|w| !w.person);
                    let suffix = if suffixed { SUFFIXED } else { 0.0 };
                    let worth = worth(odds - suffix, Form::Chinese);
                    let behind = OTHER_END * (best - odds).min(FARTHEST_BEHIND);
                    ((cost - worth + behind).max(1.0), is_word)
                };
                edges.add(
                    to,
                    Edge {
                        from,
                        cost,
                        kind: Kind::Name,
                        rarity,
                        is_word,
                        odds,
                    },
                );
            }
        }
    }

    /// What a string costs as a name where it stands, and whether it is a common word as well.
    fn name(
        &mut self,
        edges: &Edges<'t>,
        characters: Range<usize>,
        rarity: f64,
        odds: f64,
    ) -> (f64, bool) {
        let name = edges.slice(characters.start, characters.end);
        let before = Before::of(edges.text, edges.byte(characters.start));
        let after = After::of(edges.text, edges.byte(characters.end));
        let shown = matches!(before, Before::Post | Before::Role | Before::Named);
        let long = characters.len() > 2;

        let word = self.word(name);
        let famous = long
            && (rarity < FAMOUS || shown || odds > SURELY_A_NAME)
            && word.is_some_and(|w| w.person);
        let is_word = word.is_some_and(|w| !(w.person && (shown || odds > 0.0))) && !famous;
        let spoken = shown && matches!(after, After::Speech | After::Title);
        let mut cost = NAME + rarity;
        match word {
            Some(word) if famous || word.person && odds > 0.0 => cost = cost.min(word.cost),
            Some(word) if word.noun && !long && acts(edges, &characters, before, rarity) => {
                cost -= ACTING;
            }
            Some(word) if spoken && word.noun || word.person && !long => {}
            Some(word) if before == Before::Post && word.noun && word.cost > COMMON_WORD => {
                cost += SELDOM_WORD_AS_NAME;
            }
            Some(_) => cost += WORD_AS_NAME,
            None => {}
        }
        if characters.len() == 3 && !famous {
            let first_two = edges.slice(characters.start, characters.start + 2);
            let word = self.word(first_two);
            if word.is_some_and(|w| !w.person && w.cost < COMMON_WORD) {
                let verb = word.is_some_and(|w| w.verb);
                cost += match (shown, verb) {
                    (false, true) => 2.0 * WORD_INSIDE,
                    (true, true) => WORD_INSIDE / 2.0,
                    (_, false) => WORD_INSIDE,
                };
            }
        }
        // `居民向海拔`: the preposition, and a word
        if name.starts_with(['向', '从', '那', '经', '和', '来', '都'])
            && long
            && self
                .word(edges.slice(characters.start + 1, characters.end))
                .is_some()
        {
            cost += 2.0 * WORD_INSIDE;
        }
        if !shown && after != After::Title && begins_with_a_function_word(name) {
            cost += FUNCTION;
        }
        let range = edges.byte(characters.start)..edges.byte(characters.end);
        if is_framed(edges.text, &range) {
            cost -= FRAMED;
        }
        // `聘任柳志成为总经理`: the post follows 为, not 成为.
        let appointed = APPOINTS
            .end(&edges.text[..edges.byte(characters.start)])
            .is_some()
            && edges.text[edges.byte(characters.end)..].starts_with(['为', '同']);
        if appointed {
            cost -= BEING_APPOINTED;
        } else if long
            && !ends_in_a_word_of_its_own(name)
            && is_removed(&edges.text[edges.byte(characters.end)..])
        {
            cost -= REMOVED_FROM;
        } else if !famous && self.is_carried_on(edges, &characters) {
            cost += if long {
                CONTINUATION
            } else {
                CONTINUATION / 2.0
            };
        } else if takes_office(&edges.text[edges.byte(characters.end)..]) {
            cost -= TAKES_OFFICE;
        }
        if !is_used_up_by_a_preposition(name, after) {
            cost -= after.bonus();
        }
        ((cost - before.bonus()).max(1.0), is_word)
    }

    /// Whether the last character of a possible name more likely begins what follows: a preposition or
    /// a verb that an object follows, an adverb before its verb, the first half of a verb.
    fn is_carried_on(&mut self, edges: &Edges<'t>, characters: &Range<usize>) -> bool {
        let end = characters.end;
        if continues(edges.text, edges.byte(end)) {
            return true;
        }
        // `雷军|发文`, `武磊|连过两人`: what people do begins with the last character.
        let deed = |at: usize| {
            let rest = &edges.text[edges.byte(at)..];
            let deed = SPEECH.start(rest).or_else(|| ACTION.start(rest));
            deed.is_some_and(|deed| deed.chars().count() > 1 && deed != "正在")
        };
        if characters.len() == 3 && deed(end - 1) && !deed(end) {
            return true;
        }
        let after = After::of(edges.text, edges.byte(end));
        if end + 1 > edges.len() || !matches!(after, After::Other | After::Function) {
            return false;
        }
        let across = edges.slice(end - 1, end + 1);
        // `王宁|身家涨到`: hardly anybody is called by that character
        let unusual = edges.slice(end - 1, end).chars().all(given::is_unusual);
        if characters.len() == 3 && unusual && self.word(across).is_some() {
            return true;
        }
        let behind = edges.slice(end, (end + 2).min(edges.len()));
        let is_verb = |word: Option<Word>| word.is_some_and(|w| w.verb && w.cost < COMMON_VERB);
        // `白雪|刚做完`: a name that the dictionary has, and an adverb
        if characters.len() == 3
            && words::tag(edges.slice(end - 1, end)) == Some("d")
            && self
                .word(edges.slice(characters.start, end - 1))
                .is_some_and(|w| w.person)
        {
            return true;
        }
        across.chars().count() == 2
            && (is_verb(self.word(across)) || is_time(across))
            && self.word(behind).is_none_or(|w| w.cost > COMMON_VERB)
    }

    fn word(&mut self, word: &'t str) -> Option<Word> {
        *self.words.entry(word).or_insert_with(|| {
            let segmenter = words::segmenter();
            segmenter.has_word(word).then(|| {
                let tag = words::tag(word).unwrap_or_default();
                Word {
                    cost: cost_of_word(word),
                    person: matches!(tag, "nr" | "nrfg"),
                    verb: tag.starts_with(['v', 'd', 'p', 'c']),
                    noun: tag.starts_with('n'),
                    // 易卜拉欣: no Chinese name has four such characters
                    transliterated: (word.chars().count() > 2
                        && foreign::looks_transliterated(word)
                        || word.chars().count() > 3 && foreign::is_all_sounds(word))
                        && !glossary::places().contains_key(word)
                        && tag.starts_with("nr"),
                }
            })
        })
    }
}

/// Minus the logarithm of a dictionary word's frequency.
fn cost_of_word(word: &str) -> f64 {
    /// Sum of all frequencies in jieba's dictionary.
    const TOTAL: f64 = 60_101_967.0;
    TOTAL.ln() - (words::segmenter().suggest_freq(word) as f64).ln()
}

/// Whether a usual given name stands between a post and what somebody does.
fn acts(edges: &Edges<'_>, name: &Range<usize>, before: Before, rarity: f64) -> bool {
    /// A surname that everybody knows, and a given name of a usual character.
    const USUAL: f64 = 15.8;
    const DOING: &str = "把将给在正曾已被";
    let rest = &edges.text[edges.byte(name.end)..];
    rarity < USUAL
        && matches!(before, Before::Post | Before::Role)
        && (matches!(
            After::of(edges.text, edges.byte(name.end)),
            After::Speech | After::Action
        ) || rest.starts_with(|c| DOING.contains(c)))
}

/// Whether a word is one for a time that no name ends in the first half of: `晚年`, `今年`.
fn is_time(word: &str) -> bool {
    words::tag(word) == Some("t") && ACTION.start(word).is_none()
}

/// Whether a text begins with what says that somebody takes a post, and with the post.
fn takes_office(rest: &str) -> bool {
    APPOINTED
        .start(rest)
        .is_some_and(|verb| begins_a_title(&rest[verb.len()..]))
}

/// Whether a text begins with what says that somebody has left a post.
fn is_removed(rest: &str) -> bool {
    REMOVED
        .start(rest)
        .or_else(|| RESIGNED.start(rest))
        .is_some()
}

/// Whether a name begins with a surname that is far more often a function word.
pub(super) fn begins_with_a_function_word(name: &str) -> bool {
    name.starts_with(|c| FUNCTION_SURNAMES.contains(c))
}

/// Whether a name ends in a character that could as well be the preposition, verb or adverb behind a
/// shorter one.
pub(super) fn ends_in_a_word_of_its_own(name: &str) -> bool {
    ADVERBS.end(name).is_some() || CONTINUATIONS.end(name).is_some()
}

/// Whether a character is a common word by itself (`和`, `来`, `在`).
pub(super) fn is_common_character(c: &str) -> bool {
    const COMMON: usize = 7_000;
    words::segmenter().suggest_freq(c) > COMMON
}

/// `学生常常向` before `老师`: what stands behind belongs to the preposition. No preposition stands before
/// a verb of saying.
pub(super) fn is_used_up_by_a_preposition(name: &str, after: After) -> bool {
    ends_in_preposition(name) && !(after == After::Speech && name.ends_with(is_conjunction))
}

fn ends_in_preposition(name: &str) -> bool {
    name.ends_with([
        '向', '和', '与', '对', '由', '请', '让', '给', '同', '为', '及', '跟',
    ])
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
    let shown = || {
        matches!(
            Before::of(text, start),
            Before::Post | Before::Role | Before::Named
        )
    };
    let doubled = third.is_none() && first == second && !shown();
    let place = third.is_some() && glossary::places().contains_key(name) && !shown();
    let surname = first.map_or(0, char::len_utf8);
    // `焊工班班长`.
    let post = third.is_some() && glossary::posts().contains_key(&name[surname..]);
    // `钱大夫`, `王省长`, `李总`.
    let titled = third.is_some() && BEHIND.contains(&name[surname..])
        || third.is_none() && second.is_some_and(|c| "总局处科董队".contains(c));
    let courtesy = titled || COURTESY.end(name).is_some();
    let courtesy_behind = COURTESY.start(&text[start + surname..]).is_some();
    // `陈家湾`, `马金村`.
    let village = second == Some('家')
        && third.is_some_and(|c| "湾庄屯寨沟岭坡桥店铺塘墩埠坪浜湖潭台洲".contains(c));
    // `麻醉师`, `周三晚`: a word and its suffix.
    let suffixed = third.is_some()
        && name.ends_with(|c| "中上里内后前时晚度师性者式化型类员家人".contains(c))
        && words::segmenter().has_word(&name[..name.len() - 3]);
    // `歌唱家和民歌…`: a conjunction behind a post.
    let conjunction = first == Some('和')
        && matches!(
            Before::of(text, start),
            Before::Post | Before::Role | Before::List
        );
    // `外交部长官|赵显`: a longer post reaches into it
    let into_a_post =
        post_head(&text[..start + surname]).is_some_and(|post| post.chars().count() > 2);
    // `海港、陆港、空港`
    let one_of_a_kind = third.is_none()
        && second.is_some_and(|last| {
            let kind = |item: &str| item.chars().count() > 1 && item.ends_with(last);
            let item_before = text[..start].strip_suffix('、');
            let item_behind = text[start + name.len()..].strip_prefix('、');
            item_before.is_some_and(|before| before.ends_with(last))
                || item_behind.is_some_and(|behind| {
                    let end = behind
                        .char_indices()
                        .nth(2)
                        .map_or(behind.len(), |(i, _)| i);
                    kind(&behind[..end])
                })
        });
    // `祭司|岩松`
    let into_a_noun = PERSONAL_NOUNS
        .end(&text[..start + surname])
        .is_some_and(|noun| noun.len() > surname);
    // `安娜·施耐德`
    let goes_on = text[start + name.len()..].starts_with(is_name_dot);
    // `房东陶|大姐`, `路传中`
    let begins_with_a_noun = third.is_some() && {
        let two = &name[..surname + second.map_or(0, char::len_utf8)];
        PERSONAL_NOUNS.contains(two) || glossary::posts().contains_key(two)
    };
    in_a_place
        || begins_with_a_noun
        || DEEDS.end(name).is_some()
        || into_a_post
        || into_a_noun
        || one_of_a_kind
        || place
        || goes_on
        || short_for_a_place
        || doubled
        || courtesy
        || post
        || conjunction
        || suffixed
        || NO_NAMES.start(name).is_some()
        || NO_PERSONS.contains(name)
        || courtesy_behind
        || village
}

/// Terms of the glossary, and people it knows.
fn add_terms(edges: &mut Edges<'_>) {
    let (terms, people) = terms();
    for m in terms.find_overlapping_iter(edges.text) {
        let (from, to) = (edges.character(m.start()), edges.character(m.end()));
        let is_person = m.pattern().as_usize() < *people;
        // `奥|沙利文` is somebody else.
        if is_person && foreign::begins_before(edges.text, m.start()) {
            continue;
        }
        edges.add(
            to,
            if is_person {
                Edge::foreign(from, TERM)
            } else {
                Edge::word(from, TERM)
            },
        );
    }
}

/// Transliterated names: with a dot, behind a foreign post, or known from elsewhere.
fn add_foreign_names(edges: &mut Edges<'_>, known: &Known, tags: &Tags, likely: &[Range<usize>]) {
    let behind_posts =
        (0..edges.len()).flat_map(|from| foreign::plain(edges.text, edges.byte(from)));
    let mut dotted = foreign::dotted(edges.text);
    let mut bare = foreign::bare(edges.text);
    for range in likely {
        let name = &edges.text[range.clone()];
        let candidate = foreign::Candidate {
            characters: name.chars().filter(|&c| !is_name_dot(c)).count(),
            range: range.clone(),
            plain: false,
        };
        let listed = |all: &[foreign::Candidate]| all.iter().any(|c| c.range == *range);
        let han = name.chars().all(|c| is_han(c) || is_name_dot(c));
        let beside_a_dot = edges.text[range.end..].starts_with(is_name_dot)
            || edges.text[..range.start].ends_with(is_name_dot);
        if !han || beside_a_dot || NO_PERSONS.contains(name) {
            continue;
        }
        if name.contains(is_name_dot) {
            if !listed(&dotted) {
                dotted.push(candidate);
            }
        } else if usual_form(name).is_none() && !listed(&bare) {
            bare.push(candidate);
        }
    }
    let dotted = dotted
        .into_iter()
        .map(|name| (name, DOTTED_CHARACTER, Kind::Foreign));
    let behind_posts = behind_posts.map(|name| (name, FOREIGN_CHARACTER, Kind::Foreign));
    let bare = bare
        .into_iter()
        .map(|name| (name, FOREIGN_CHARACTER, Kind::Sounds));
    let names: Vec<_> = dotted.chain(behind_posts).chain(bare).collect();
    for (name, character, kind) in names {
        let odds = tags.odds(&name.range);
        let worth = match kind {
            Kind::Sounds if !name.plain && odds <= LIKELY_NONE => continue,
            Kind::Foreign if odds < NOBODY => continue,
            Kind::Sounds => worth(odds, Form::Sounds),
            _ => worth(odds, Form::Shown),
        };
        let after = After::of(edges.text, name.range.end);
        let last = edges.text[..name.range.end].char_indices().next_back();
        let across = last.and_then(|(at, _)| {
            let ends = edges.text[at..].char_indices().nth(2);
            edges
                .text
                .get(at..at + ends.map_or(edges.text.len() - at, |(i, _)| i))
        });
        // `买买提|成了`: what stands behind is a word without the last character.
        let behind = &edges.text[name.range.end..];
        let behind = behind.char_indices().nth(2).map(|(end, _)| &behind[..end]);
        let alone = behind.is_some_and(|word| {
            word.ends_with(['了', '着', '过']) || words::segmenter().has_word(word)
        });
        let verb =
            across.is_some_and(|word| word.chars().count() == 2 && !alone && begins_a_verb(word));
        let may_go_on = matches!(after, After::Other | After::Action | After::Function);
        let carried_on = if continues(edges.text, name.range.end) {
            CONTINUATION
        } else if verb && may_go_on {
            CONTINUATION / 2.0
        } else {
            0.0
        };
        // `洪玛奈|向泰方`: prepositions are seldom sounds.
        let inside = edges.text[name.range.clone()].chars().skip(2);
        let inside = inside
            .filter(|&c| foreign::SELDOM_SOUNDS.contains(c))
            .count();
        let carried_on = carried_on + CONTINUATION * inside as f64;
        // `萨利赫|方面`
        let common = |word: &str| words::segmenter().suggest_freq(word) > COMMON_WORDS;
        let word_across = kind == Kind::Sounds
            && name.characters > 2
            && across.is_some_and(|word| words::segmenter().has_word(word) && common(word));
        let word_at_the_end = kind == Kind::Sounds && name.characters > 3 && {
            let last = edges.text[name.range.clone()].char_indices().rev().nth(1);
            last.is_some_and(|(at, _)| {
                let word = &edges.text[name.range.start + at..name.range.end];
                words::tag(word).is_some_and(|tag| tag.starts_with(['a', 'd', 'v', 'c']))
            })
        };
        let ending = if word_at_the_end || word_across {
            WORD_AT_THE_END
        } else {
            0.0
        };
        let cost = character * name.characters as f64 + carried_on + ending - after.bonus();
        let place = || foreign::is_listed_as_a_place(&edges.text[name.range.clone()]);
        let (first, rarity) = match kind {
            Kind::Sounds if place() => (BARE, PLACE_NAME),
            Kind::Sounds if name.characters > 2 => (BARE, USUAL_NAME),
            Kind::Sounds => (BARE_SHORT, USUAL_NAME),
            _ => (FOREIGN, 0.0),
        };
        let bonus = match kind {
            Kind::Sounds => match Before::of(edges.text, name.range.start) {
                shown @ (Before::Post | Before::Role | Before::Named) => shown.bonus(),
                other => other.bonus() / 2.0,
            },
            _ => 0.0,
        };
        let from = edges.character(name.range.start);
        let whole = &edges.text[name.range.clone()];
        let listed = match kind {
            Kind::Sounds if foreign::is_listed(whole) => LISTED,
            _ => 0.0,
        };
        let mut cost = first + cost - bonus - listed - worth;
        // What the dictionary has as a name costs no more as one.
        if listed > 0.0 && odds > -1.0 {
            cost = cost.min(cost_of_word(whole));
        }
        let edge = Edge {
            kind,
            rarity,
            odds,
            ..Edge::foreign(from, cost.max(1.0))
        };
        edges.add(edges.character(name.range.end), edge);
    }
    for name in foreign::tibetan(edges.text) {
        let from = edges.character(name.range.start);
        edges.add(
            edges.character(name.range.end),
            Edge {
                rarity: USUAL_NAME,
                ..Edge::foreign(from, TERM)
            },
        );
    }
    for name in foreign::japanese(edges.text) {
        let cost = JAPANESE + JAPANESE_CHARACTER * (name.characters - 2) as f64;
        let before = Before::of(edges.text, name.range.start);
        let after = After::of(edges.text, name.range.end);
        let from = edges.character(name.range.start);
        let edge = Edge::foreign(from, (cost - before.bonus() - after.bonus()).max(1.0));
        let edge = Edge {
            rarity: cost,
            ..edge
        };
        edges.add(edges.character(name.range.end), edge);
    }
    let text = edges.text;
    let known = known.foreign.iter();
    for m in known.flat_map(|known| known.find_overlapping_iter(text)) {
        let from = edges.character(m.start());
        edges.add(edges.character(m.end()), Edge::foreign(from, KNOWN_NAME));
    }
}

/// A transliterated name that the dictionary has, behind a post: `国王易卜拉欣`.
fn add_dictionary_name(edges: &mut Edges<'_>, from: usize, to: usize, cost: f64) {
    let before = Before::of(edges.text, edges.byte(from));
    let goes_on = edges.text[edges.byte(to)..].starts_with(foreign::goes_on);
    if matches!(before, Before::Post | Before::Role) && !goes_on {
        let after = After::of(edges.text, edges.byte(to));
        let cost = (cost - before.bonus() - after.bonus()).max(1.0);
        edges.add(
            to,
            Edge {
                rarity: USUAL_NAME,
                ..Edge::foreign(from, cost)
            },
        );
    }
}

/// Ends (as character indices) of the names that could begin at a character, with their rarity.
fn names_at(edges: &Edges<'_>, from: usize) -> Vec<(usize, f64)> {
    let rest = &edges.text[edges.byte(from)..];
    let mut names = Vec::new();
    if let Some((_, rarity)) = surnames::leading_single(rest) {
        add_given_names(edges, from + 1, surname_cost(rarity), &mut names);
    }
    if let Some((_, rarity @ Rarity::Compound)) = surnames::leading(rest) {
        add_given_names(edges, from + 2, surname_cost(rarity), &mut names);
    }
    names
}

/// The class of the surname and the given name of a string that has one of one or two characters behind it.
fn usual_form(name: &str) -> Option<(Rarity, &str)> {
    let (surname, rarity) = surnames::leading(name)?;
    let given = &name[surname.len()..];
    (1..=2)
        .contains(&given.chars().count())
        .then_some((rarity, given))
}

/// A name of the usual form of which a character hardly ever stands in a given name (`刘名洋`, `姜在忠`): the
/// characters where it begins and ends, and its rarity.
fn unusual_name(edges: &Edges<'_>, range: &Range<usize>) -> Option<(usize, usize, f64)> {
    /// A character that no table has costs as much.
    const SELDOM: f64 = 9.0;
    let (rarity, given) = usual_form(&edges.text[range.clone()])?;
    let costs = given.chars().map(given::cost);
    let never = costs.clone().any(|cost| cost.is_none()) && given.chars().all(is_han);
    let given: f64 = costs.map(|cost| cost.unwrap_or(SELDOM)).sum();
    let (from, to) = (edges.character(range.start), edges.character(range.end));
    never.then(|| (from, to, surname_cost(rarity) + given))
}

/// Minus the logarithm of a surname's share of all people, by class: the hundred common ones hold
/// 85 %, some 300 others nearly all the rest.
fn surname_cost(rarity: Rarity) -> f64 {
    match rarity {
        Rarity::Common => 4.7,
        Rarity::Known => 7.5,
        Rarity::Compound => 9.0,
        Rarity::Rare => 10.0,
    }
}

/// Given names of one or two characters from a character on. Newspapers pad a name of two
/// characters with a space between surname and given name, to the width of three.
fn add_given_names(edges: &Edges<'_>, at: usize, surname: f64, names: &mut Vec<(usize, f64)>) {
    /// Minus the logarithms of the shares of given names with one and with two characters.
    const ONE: f64 = 1.6;
    const TWO: f64 = 0.22;
    let mut rest = edges.text[edges.byte(at)..].chars();
    let Some(first) = rest.next() else { return };
    let second = rest.next();
    if matches!(first, ' ' | '\u{3000}') {
        let ends = rest.next().is_none_or(|c| !c.is_alphabetic());
        if let Some(cost) = second.and_then(given::cost).filter(|_| ends) {
            names.push((at + 2, surname + ONE + cost));
        }
        return;
    }
    let Some(first) = given::cost(first) else {
        return;
    };
    names.push((at + 1, surname + ONE + first));
    if let Some(second) = second.and_then(given::cost) {
        names.push((at + 2, surname + TWO + first + second));
    }
}

/// Everything the glossary knows, as one matcher; the first patterns are people.
fn terms() -> &'static (AhoCorasick, usize) {
    static TERMS: OnceLock<(AhoCorasick, usize)> = OnceLock::new();
    TERMS.get_or_init(|| {
        let mut people: Vec<&str> = glossary::people().keys().copied().collect();
        people.sort_unstable();
        let count = people.len();
        let others = glossary::bodies()
            .keys()
            .chain(glossary::places().keys())
            .chain(glossary::topics().keys())
            .chain(glossary::posts().keys())
            .chain(glossary::terms().keys())
            .copied()
            .chain(NO_PERSONS.iter())
            .filter(|t| t.chars().count() > 1);
        let others: BTreeSet<&str> = others.collect();
        let patterns: Vec<&str> = people.into_iter().chain(others).collect();
        let matcher = AhoCorasick::new(patterns).expect("a few thousand short words");
        (matcher, count)
    })
}
