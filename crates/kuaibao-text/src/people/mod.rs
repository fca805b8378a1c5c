//! People: who is named in an article, with their posts and every place they are mentioned.
//!
//! Comes in: the paragraphs of one article. Goes out: [`Person`] records in order of first mention.
//! A string is taken for a name when it could be one (surname table, characters of given names),
//! when reading it as one makes the sentence more likely than reading it as words ([`lattice`]), and
//! when what stands around it says so at least once in the article: a post before it, a verb of
//! saying behind it, a list of names it belongs to ([`context`]), or a network that has read who is
//! named in news ([`tagger`]). Reporters and photographers are
//! left out. Never touches tensors, files or the terminal.

mod abroad;
mod bodies;
mod change;
mod context;
mod ends;
mod english;
mod foreign;
mod given;
mod lattice;
mod lexicon;
mod naming;
pub mod pinyin;
mod posts;
pub mod quotes;
mod record;
mod tagger;
mod titles;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

pub use self::bodies::{Body, bodies};
pub use self::change::Change;
pub use self::english::paper;
pub use self::naming::Name;
pub use self::record::PersonRecord;

use aho_corasick::AhoCorasick;

use self::context::{After, Before};
use self::lattice::{Kind, Known, Lattice, Token};
use self::lexicon::{
    BEHIND, BODIES_BEHIND, COURTESY, CREDITED, CREDITS, HEADS_OF_STATE, KINDS_OF_REPORTERS,
    KINSHIP, NAMESAKES, OPINIONS, SURNAMES_LIKE_PLACES,
};
use self::titles::Title;
use crate::glossary;
use crate::text::chars::{is_han, is_name_dot, is_stop};
use crate::text::{surnames, words};

/// A person named in an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Name in Chinese.
    pub zh: String,
    /// Name in English; the Chinese name where the spelling is unknown.
    pub en: String,
    /// Where the English name comes from.
    pub spelling: Spelling,
    /// Post as written.
    pub post_zh: Option<String>,
    /// Post in English, where all of it is in the term lists.
    pub post_en: Option<String>,
    /// Organisation as written.
    pub organisation_zh: Option<String>,
    /// Organisation in English, where all of it is in the term lists.
    pub organisation_en: Option<String>,
    /// Whether the article says that the post was given, taken or left.
    pub change: Option<Change>,
    /// Whether the post is one that the person holds no longer.
    pub former: bool,
    /// Whether it is certain where the name ends and how it is spelt: only then may it be forced into
    /// an English text.
    pub certain: bool,
    /// Every mention, in order.
    pub mentions: Vec<Mention>,
}

/// Where a name's English spelling comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Pinyin of a Chinese name.
    Pinyin,
    /// The glossary of people with an English name of their own.
    Glossary,
    /// The article gives the spelling behind the name: `罗恩（Carl Ronn）`.
    Stated,
    /// Unknown: a transliterated or another East Asian name, left in Chinese for the editor.
    Unknown,
}

/// A place in the article where a person is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Index of the paragraph.
    pub paragraph: usize,
    /// Bytes of the paragraph's text.
    pub range: Range<usize>,
}

/// Somebody who is named by post or body alone, in English: `省水利厅有关负责人` → "an official of
/// the Provincial Water Resources Department".
pub fn role(zh: &str) -> Option<String> {
    let official = ["有关负责人", "相关负责人", "负责人"];
    match official.iter().find_map(|suffix| zh.strip_suffix(suffix)) {
        Some(body) if !body.is_empty() => Some(format!(
            "an official of {}",
            english::organisation_with_article(body)?
        )),
        _ => english::post(zh, &english::Holder::default()).or_else(|| english::organisation(zh)),
    }
}

/// The people an article names, in order of first mention. `exclude` holds names that are not
/// news: the reporters of the byline.
pub fn find(paragraphs: &[&str], exclude: &[&str]) -> Vec<Person> {
    let mut lattice = Lattice::default();
    let sentences: Vec<Sentence<'_>> = sentences(paragraphs).collect();
    let mut known = Known::default();
    let mut sightings: Vec<Vec<Sighting>> = sentences
        .iter()
        .map(|s| sightings_in(*s, &lattice.cut(s.text, &known)))
        .collect();
    // Names found in one pass help to read the sentences that hold them in the next.
    for _ in 0..PASSES {
        let next = learn(&sightings, exclude, &known);
        let changed = next.changed_since(&known);
        known = next;
        let Some(changed) = changed else { break };
        for (sentence, sightings) in sentences.iter().zip(&mut sightings) {
            if changed.is_match(sentence.text) {
                *sightings = sightings_in(*sentence, &lattice.cut(sentence.text, &known));
            }
        }
    }
    let mut people = people(sightings.iter().flatten(), &known.names);
    join_surnames_with_titles(&mut people, &sentences, &mut lattice, &known);
    people.sort_by_key(|p| p.mentions.first().map(|m| (m.paragraph, m.range.start)));
    people
}

/// More passes change nothing worth their time.
const PASSES: usize = 3;

/// What all sightings together show.
fn learn(sightings: &[Vec<Sighting>], exclude: &[&str], known: &Known) -> Known {
    let all = || sightings.iter().flatten();
    let accepted = accepted(all, exclude);
    let denied = longer_by_a_word(&accepted, all);
    let names: HashSet<String> = accepted.difference(&denied).cloned().collect();
    let foreign = all().filter(|s| s.kind != Kind::Name && names.contains(&s.name));
    let foreign: BTreeSet<&str> = foreign
        .flat_map(|s| [s.name.as_str(), last_part(&s.name)])
        .collect();
    Known {
        foreign: AhoCorasick::new(foreign).ok(),
        denied: denied.union(&known.denied).cloned().collect(),
        names,
    }
}

/// `罗恩` of `卡尔·罗恩`; the whole name where its last part is too short to stand for it.
fn last_part(name: &str) -> &str {
    name.rsplit(is_name_dot)
        .next()
        .filter(|part| part.chars().count() > 1)
        .unwrap_or(name)
}

/// One sentence and where it stands.
#[derive(Clone, Copy)]
struct Sentence<'t> {
    text: &'t str,
    paragraph: usize,
    start: usize,
}

fn sentences<'t>(paragraphs: &[&'t str]) -> impl Iterator<Item = Sentence<'t>> {
    /// A run without any sentence mark is cut, so that time stays linear in its length.
    const LONGEST: usize = 3000;
    paragraphs.iter().enumerate().flat_map(|(paragraph, text)| {
        let mut start = 0;
        let mut pieces = Vec::new();
        for (i, c) in text.char_indices() {
            let end = i + c.len_utf8();
            if is_stop(c) || matches!(c, '；' | '\n') || end - start > LONGEST {
                pieces.push(start..end);
                start = end;
            }
        }
        pieces.push(start..text.len());
        pieces
            .into_iter()
            .filter(|r| !r.is_empty())
            .map(move |r| Sentence {
                text: &text[r.clone()],
                paragraph,
                start: r.start,
            })
    })
}

/// A string read as a name at one place.
struct Sighting {
    name: String,
    kind: Kind,
    paragraph: usize,
    range: Range<usize>,
    evidence: f64,
    rarity: f64,
    is_word: bool,
    title: Option<Title>,
    /// Which list of names it belongs to, where it belongs to one.
    list: Option<usize>,
    credit: bool,
    change: Option<Change>,
    /// Whether its last character could be another word's, or what follows another character of it.
    loose: bool,
    /// Latin letters in brackets behind it.
    stated: Option<String>,
    foreign_title: bool,
    /// The only other country that the sentence of an office abroad names.
    nation: Option<&'static str>,
}

impl Sighting {
    /// Whether the form or the glossary says that this is a foreign name, whatever stands around it.
    fn is_foreign_by_form(&self) -> bool {
        self.kind == Kind::Foreign && self.rarity <= 0.0
    }
}

fn sightings_in(sentence: Sentence<'_>, tokens: &[Token]) -> Vec<Sighting> {
    let text = sentence.text;
    let mut found: Vec<Sighting> = Vec::new();
    // The name before this one, where only list marks stand between.
    let mut previous: Option<(usize, usize)> = None;
    let mut lists = 0;
    for i in 0..tokens.len() {
        let token = &tokens[i];
        if token.kind == Kind::Word {
            continue;
        }
        let range = token.range.clone();
        if is_of_a_thing(text, token) {
            continue;
        }
        let before = Before::of(text, range.start);
        let after = After::of(text, range.end);
        let mut title = titles::before(text, tokens, i);
        let list = match previous {
            Some((end, _)) if end <= range.start && is_list_mark(&text[end..range.start]) => {
                let (_, at) = previous.unwrap_or_default();
                let sighting: &mut Sighting = &mut found[at];
                let list = *sighting.list.get_or_insert_with(|| {
                    lists += 1;
                    sentence.start + lists
                });
                if title.is_none() {
                    title.clone_from(&sighting.title);
                }
                Some(list)
            }
            _ => None,
        };
        // `东海集团董事长梁某、总经理袁某`: the second post is of the same organisation.
        if let (Some(title), Some((end, at))) = (&mut title, previous) {
            let goes_on = text.get(end..range.start).is_some_and(|between| {
                let posts = between.trim_start_matches(['、', '，', '和']);
                posts.len() < between.len() && posts == title.post
            });
            if goes_on && title.takes_organisation() {
                let before: &Sighting = &found[at];
                title.organisation = before.title.as_ref().and_then(|t| t.organisation.clone());
            }
        }
        if title.is_none()
            && let Some(behind) = title_behind_name(&text[range.end..])
        {
            title = title_behind(behind);
        }
        // `代表习近平主席`: on behalf of him
        if let Some(verb) = title
            .as_ref()
            .filter(|t| matches!(&*t.post, "代表" | "领导"))
        {
            let before = text[..range.start].trim_end_matches(&*verb.post);
            let behind = title_behind_name(&text[range.end..]);
            if behind.is_some() || before.ends_with(is_han) && verb.organisation.is_none() {
                title = behind.and_then(title_behind);
            }
        }
        let (change, of_change) = match change::at(text, &range) {
            Some((change, title)) => (Some(change), title),
            None => (None, None),
        };
        if title.is_none() || change.is_some_and(|c| c != Change::Appointed) {
            title = of_change.or(title);
        }
        let abroad = foreign::Origin::of_phrase(&text[..range.start]);
        let foreign_title = title.as_ref().is_some_and(|title| title.foreign)
            || abroad.is_some_and(|origin| origin != foreign::Origin::Minority);
        let nation = title
            .as_ref()
            .filter(|title| title.post.ends_with("大臣") && token.kind != Kind::Name)
            .and_then(|_| only_nation(text));
        let next_word = tokens.get(i + 1).filter(|t| t.kind == Kind::Word);
        let after_evidence = match after {
            _ if lattice::is_used_up_by_a_preposition(&text[range.clone()], after) => 0.0,
            After::Other if next_word.is_some_and(|t| is_verb(text, &t.range)) => VERB,
            After::Other if next_word.is_some_and(|t| t.range.len() > 3) => 0.0,
            after => after.evidence(),
        };
        previous = Some((
            range.end + trailing_bracket(&text[range.end..]),
            found.len(),
        ));
        found.push(Sighting {
            name: text[range.clone()].replace([' ', '\u{3000}'], ""),
            kind: match token.kind {
                Kind::Name if token.rarity > USUAL && foreign::is_bare(&text[range.clone()]) => {
                    Kind::Sounds
                }
                kind => kind,
            },
            paragraph: sentence.paragraph,
            evidence: before.evidence()
                + after_evidence
                + change.map_or(0.0, |_| CHANGE)
                + if context::is_framed(text, &range) {
                    FRAMED
                } else {
                    0.0
                }
                + abroad.map_or(0.0, |_| FROM_ABROAD)
                + likely(&text[range.clone()], token),
            change,
            loose: is_loose(text, &range),
            rarity: token.rarity,
            is_word: token.is_word,
            title,
            list,
            credit: is_credit(
                text,
                &range,
                list.is_some() && found.last().is_some_and(|s| s.credit),
            ),
            stated: stated_spelling(&text[range.end..]),
            foreign_title,
            nation,
            range: sentence.start + range.start..sentence.start + range.end,
        });
    }
    found
}

/// 英国, where a sentence names it and no other country but China: its 大臣 are secretaries.
fn only_nation(text: &str) -> Option<&'static str> {
    const BRITAIN: &str = "英国";
    let countries = glossary::places()
        .iter()
        .filter(|(_, (_, level))| *level == "country");
    let mut others = countries.filter(|(zh, _)| !matches!(**zh, BRITAIN | "中国"));
    (text.contains(BRITAIN) && !others.any(|(zh, _)| text.contains(*zh))).then_some(BRITAIN)
}

/// Whether what stands round a name makes it the name of something else.
fn is_of_a_thing(text: &str, token: &Token) -> bool {
    let (before, behind) = (&text[..token.range.start], &text[token.range.end..]);
    // `孔子学院` names no person.
    let named_after = NAMESAKES.start(behind).is_some() || BODIES_BEHIND.start(behind).is_some();
    // `库克县`: a place, where a foreign name stands; not `库克县长`
    let foreign = matches!(token.kind, Kind::Sounds | Kind::Foreign);
    let county = behind.strip_prefix(['县', '郡']);
    let county = foreign && county.is_some_and(|behind| !behind.starts_with('长'));
    // `武直卡-52`
    let number = behind.strip_prefix(['-', '—']);
    let model = number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()));
    // `飓风汉娜`
    let mut storms = ["飓风", "台风", "风暴"].iter();
    named_after || county || model || storms.any(|storm| before.ends_with(storm))
}

/// What a verb behind a name says for it that is in no list.
const VERB: f64 = 0.5;
/// What it says for a name that its bearer comes from somewhere: 来自台湾的…
const FROM_ABROAD: f64 = 0.75;
/// What it says for a name that its bearer is appointed or removed.
const CHANGE: f64 = 2.5;

/// What it says for a name that a phrase stands round it that wants somebody: `对…立案`, `以…为首`.
const FRAMED: f64 = 2.0;

/// What the odds of a name say for it, or against it where they are hopeless.
fn likely(name: &str, token: &Token) -> f64 {
    const CHINESE: f64 = 0.0;
    const SOUNDS: f64 = -3.0;
    /// Firms and places have such names as well (`高德`, `陆港`, `白云山`); `许可|证` is a word and its suffix.
    const DOUBTFUL: f64 = 1.0;
    /// The dictionary has 加西亚 as a place's.
    const PLACE: f64 = 1.0;
    const MOST: f64 = 6.0;
    const HOPELESS: f64 = -8.0;
    const AGAINST: f64 = -3.0;
    let doubtful =
        || name.chars().count() == 2 || ends_like_a_place(name) || begins_with_a_word(name);
    let from = match token.kind {
        Kind::Name if doubtful() => DOUBTFUL,
        Kind::Name => CHINESE,
        Kind::Sounds if token.rarity >= lattice::PLACE_NAME => PLACE,
        Kind::Sounds => SOUNDS,
        _ => return 0.0,
    };
    if token.odds < HOPELESS {
        return AGAINST;
    }
    (token.odds - from).clamp(0.0, MOST)
}

/// Whether a name could as well end a character earlier or later than it was read.
fn is_loose(text: &str, name: &Range<usize>) -> bool {
    let characters = text[name.clone()].chars().count();
    let after = &text[name.end..];
    let next = after.chars().next().filter(|c| is_han(*c));
    let word = next.is_some_and(|_| {
        let ends = after.char_indices().map(|(i, c)| i + c.len_utf8());
        let mut words = ends.skip(1).take(3).map(|end| &after[..end]);
        words.any(|word| words::segmenter().has_word(word))
    });
    let single = next.is_some_and(|c| lattice::is_common_character(c.encode_utf8(&mut [0; 4])));
    match (After::of(text, name.end), characters) {
        (After::Boundary | After::Title | After::Speech, _) => false,
        (_, 2) => !(word || single),
        _ => lattice::ends_in_a_word_of_its_own(&text[name.clone()]),
    }
}

/// Whether a word is a verb of two characters or one with its particle: `写过`.
fn is_verb(text: &str, range: &Range<usize>) -> bool {
    let word = &text[range.clone()];
    matches!(words::tag(word), Some("v" | "vn"))
        && (word.len() > 3 || text[range.end..].starts_with(['了', '过', '着', '出', '起', '下']))
}

/// What stands as a title behind a name and what is in brackets there. 希拉里总统竞选 is no president's.
fn title_behind_name(after: &str) -> Option<&str> {
    const OF_AN_OFFICE: [&str; 8] = ["竞选", "候选", "大选", "选举", "任期", "办公", "府", "夫人"];
    let after = after[trailing_bracket(after)..].trim_start();
    let title = context::title_behind(after)?;
    let rest = &after[title.len()..];
    (!OF_AN_OFFICE.iter().any(|word| rest.starts_with(word))).then_some(title)
}

/// A title behind a name becomes a post (`教授`, `书记`), a courtesy does not (`先生`, `同志`).
fn title_behind(title: &str) -> Option<Title> {
    let head = context::post_head(title)?;
    let post = glossary::posts().get(head)?;
    let is_post = post.kind != glossary::PostKind::Role
        || title.ends_with(['授', '士', '员', '官', '校', '将', '尉', '帅', '军'])
        || title == "律师";
    is_post.then(|| Title {
        post: title.to_owned(),
        organisation: None,
        former: false,
        foreign: false,
    })
}

fn is_list_mark(between: &str) -> bool {
    matches!(
        between.trim(),
        "" | "、" | "和" | "与" | "及" | "以及" | "，" | "/"
    ) && !between.is_empty()
}

/// Bytes of a bracket behind a name, as in `（女，回族）、`.
fn trailing_bracket(after: &str) -> usize {
    const LONGEST: usize = 60;
    if !after.starts_with(['（', '(']) {
        return 0;
    }
    after
        .char_indices()
        .take_while(|&(i, _)| i < LONGEST)
        .find(|&(_, c)| matches!(c, '）' | ')'))
        .map_or(0, |(i, c)| i + c.len_utf8())
}

/// `（Carl Ronn）` behind a name.
fn stated_spelling(after: &str) -> Option<String> {
    let inner = after.trim_start().strip_prefix(['（', '('])?;
    let end = inner.find(['）', ')', '，', ',', '、'])?;
    let latin = inner[..end].trim();
    // `（R-Ky.）`: a party and a state
    let tag = latin.starts_with(['R', 'D']) && latin[1..].starts_with('-');
    let is_name = !tag
        && latin.len() >= 3
        && latin.len() <= 60
        && latin.chars().next().is_some_and(char::is_uppercase)
        && latin.chars().all(|c| {
            (c.is_alphabetic() && (c as u32) < 0x250) || matches!(c, ' ' | '.' | '-' | '\'' | '’')
        })
        && latin.chars().any(char::is_lowercase);
    is_name.then(|| latin.to_owned())
}

/// Whether a name stands in a byline or a photo credit.
fn is_credit(text: &str, range: &Range<usize>, after_a_credit: bool) -> bool {
    let before = text[..range.start].trim_end_matches([' ', '\u{3000}', '：', ':', '/']);
    let speaks = After::of(text, range.end) == After::Speech;
    let is_label = CREDITS.end(before).is_some_and(|label| {
        // `评论员刘戈认为`, `《浩劫》的作者克劳德·朗兹曼`
        let of_a_work = before[..before.len() - label.len()].ends_with('的');
        let opinion = speaks && OPINIONS.contains(label);
        !(of_a_work || opinion)
            && KINDS_OF_REPORTERS
                .end(&before[..before.len() - label.len()])
                .is_none()
    });
    let behind = text[range.end..].trim_start();
    is_label || after_a_credit || CREDITED.start(behind).is_some() || is_in_dateline(text, range)
}

/// `新华社云湖9月27日电 (甲 乙 丙)`: whoever stands in brackets behind the dateline wrote the report.
fn is_in_dateline(text: &str, name: &Range<usize>) -> bool {
    const LONGEST: usize = 150;
    let before = &text[..name.start];
    let Some(open) = before.rfind(['（', '(']) else {
        return false;
    };
    name.start - open < LONGEST
        && !before[open..].contains(['）', ')'])
        && before[..open].trim_end().ends_with(['电', '讯'])
}

/// The strings that this article shows to be names.
fn accepted<'s, I>(all: impl Fn() -> I, exclude: &[&str]) -> HashSet<String>
where
    I: Iterator<Item = &'s Sighting>,
{
    let credits: HashSet<String> = all()
        .filter(|s| s.credit)
        .map(|s| s.name.clone())
        .chain(exclude.iter().map(|n| n.replace([' ', '\u{3000}'], "")))
        .collect();
    let evidence = evidence(all());
    let mut names: HashSet<String> = all()
        .filter(|s| s.is_foreign_by_form() || evidence[s.name.as_str()] >= needed(s))
        .map(|s| s.name.clone())
        .collect();
    // One sure name makes the list it stands in a list of names.
    let mut sure: HashSet<(usize, usize)> = all()
        .filter(|s| names.contains(&s.name) && !credits.contains(&s.name))
        .filter_map(|s| Some((s.paragraph, s.list?)))
        .collect();
    sure.extend(lists_of_usual_names(all()));
    let listed = |s: &&Sighting| {
        s.list
            .is_some_and(|list| sure.contains(&(s.paragraph, list)))
    };
    names.extend(all().filter(listed).map(|s| s.name.clone()));
    names.retain(|n| !credits.contains(n));
    names
}

/// What speaks for each string: its best place, and a little for each further one.
fn evidence<'s>(sightings: impl Iterator<Item = &'s Sighting>) -> HashMap<&'s str, f64> {
    let mut best: HashMap<&str, (f64, f64)> = HashMap::new();
    for s in sightings {
        let (most, all) = best.entry(&s.name).or_insert((0.0, 0.0));
        *most = most.max(s.evidence);
        *all += s.evidence.max(0.0);
    }
    best.into_iter()
        .map(|(name, (most, all))| (name, most + (0.5 * (all - most)).min(1.0)))
        .collect()
}

/// Names that are another name and a common word: `王成和`, where `王成` is named as well.
fn longer_by_a_word<'s, I>(names: &HashSet<String>, all: impl Fn() -> I) -> HashSet<String>
where
    I: Iterator<Item = &'s Sighting>,
{
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for s in all() {
        *counts.entry(&s.name).or_default() += 1;
    }
    all()
        .map(|s| s.name.as_str())
        .filter(|name| {
            let last = name.char_indices().next_back().map_or(0, |(i, _)| i);
            let (shorter, last) = name.split_at(last);
            names.contains(*name)
                && names.contains(shorter)
                && counts.get(shorter) >= counts.get(name)
                && (lattice::is_common_character(last) || lattice::ends_in_a_word_of_its_own(name))
        })
        .map(str::to_owned)
        .collect()
}

/// Surname and given name of usual characters cost about this much.
const USUAL: f64 = 18.0;
/// Surname and given name of frequent characters.
const PLAIN: f64 = 18.6;
/// The same for a given name of one character.
const USUAL_SHORT: f64 = 13.0;

/// A clause that begins with the string and goes on with what people do is enough for these.
const ENOUGH_FOR_PLAIN: f64 = 0.75;
/// A known surname and a given name of usual characters, or a name that ends like a place, which does what
/// people do at the beginning of a clause.
const SELDOM: f64 = 21.0;
const ENOUGH_FOR_SELDOM: f64 = 1.25;
/// Surname and given name of which one character at most is not frequent.
const FREQUENT: f64 = 17.0;
/// Where nothing speaks against it, that is enough.
const ENOUGH_FOR_FREQUENT: f64 = 0.0;
/// The same for a name that the dictionary has.
const ENOUGH_FOR_FAMOUS: f64 = 0.25;
/// The same where it ends like the name of a place: the dictionary takes many of those for people.
const ENOUGH_FOR_FAMOUS_PLACE: f64 = 1.0;
/// What is enough for a transliterated name that nothing shows but its characters.
const ENOUGH_FOR_SOUNDS: [f64; 2] = [2.0, 0.75];
/// Surname and given name of one character where both are among the most frequent.
const PLAIN_SHORT: f64 = 13.0;
/// A clause that begins with one and goes on with what people do, and with what they say where the
/// character is not so frequent.
const ENOUGH_FOR_SHORT: f64 = 1.0;
const ENOUGH_FOR_LESS_PLAIN: f64 = 1.75;
/// A common surname and any character.
const COMMON_SHORT: f64 = 15.8;
/// The same for a string that begins with a surname of two characters.
const ENOUGH_FOR_COMPOUND: f64 = 0.5;
/// The same where it may be a place or a direction as well.
const ENOUGH_FOR_PLACE_LIKE: f64 = 1.5;

/// Whether a string of three characters looks like nothing but a name: a common surname, a usual
/// given name that does not end like a place.
fn is_plainly_a_name(s: &Sighting) -> bool {
    s.rarity < PLAIN && is_a_whole_name(s) && !ends_like_a_place(&s.name)
}

/// Whether a string has the form of a full name and is no word.
fn is_a_whole_name(s: &Sighting) -> bool {
    s.kind == Kind::Name
        && !s.is_word
        && !lattice::begins_with_a_function_word(&s.name)
        && s.name.chars().count() == 3
}

fn ends_like_a_place(name: &str) -> bool {
    const PLACES: &str = "山江河湖海港岛湾园源溪桥塔寺庙楼阁馆堂路街站坝岭峰洞泉潭洲滩坡关城镇村州原林田池台门庄东西南北中宝金银石";
    name.ends_with(|c| PLACES.contains(c))
}

/// Whether the dictionary has a string of three characters as somebody's name, all of them usual in names.
fn is_famous(s: &Sighting) -> bool {
    s.kind == Kind::Name
        && !s.is_word
        && s.rarity < USUAL
        && s.name.chars().count() == 3
        && words::segmenter().has_word(&s.name)
        && !begins_with_a_word(&s.name)
}

/// Whether two of three characters are a word that is no name: `高|水平`, `许可|法`.
fn holds_a_word(name: &str) -> bool {
    let second = name.char_indices().nth(1).map_or(0, |(i, _)| i);
    name.chars().count() == 3 && (begins_with_a_word(name) || is_word(&name[second..]))
}

/// Whether the first two of three characters are a word that is no name.
fn begins_with_a_word(name: &str) -> bool {
    let mut ends = name.char_indices().map(|(i, _)| i).skip(2);
    ends.next().is_some_and(|third| is_word(&name[..third]))
}

fn is_word(word: &str) -> bool {
    let is_name = || words::tag(word).is_some_and(|tag| tag.starts_with("nr"));
    words::segmenter().has_word(word) && !is_name()
}

/// The same for a string of two characters: a common surname and a frequent character of given names,
/// and no word.
fn is_plainly_a_short_name(s: &Sighting, most: f64) -> bool {
    s.kind == Kind::Name
        && !s.is_word
        && !lattice::begins_with_a_function_word(&s.name)
        && s.rarity < most
        && s.name.chars().count() == 2
}

/// What is enough for a string of four characters that begins with a surname of two, which hardly
/// anything else does but names of places.
fn enough_for_compound(s: &Sighting) -> Option<f64> {
    let (surname, rarity) = surnames::leading(&s.name)?;
    let compound =
        s.kind == Kind::Name && s.name.chars().count() == 4 && rarity == surnames::Rarity::Compound;
    compound.then(|| {
        if SURNAMES_LIKE_PLACES.contains(surname) {
            ENOUGH_FOR_PLACE_LIKE
        } else {
            ENOUGH_FOR_COMPOUND
        }
    })
}

/// How much evidence a string needs: more for what is a word, a rare name, or only two characters.
fn needed(s: &Sighting) -> f64 {
    let short = s.name.chars().count() == 2 && s.rarity > USUAL_SHORT;
    let short = if short { 0.5 } else { 0.0 };
    let word = if s.is_word { 0.75 } else { 0.0 };
    if let Some(enough) = enough_for_compound(s) {
        return enough;
    }
    if s.kind == Kind::Sounds && s.rarity >= lattice::PLACE_NAME {
        return ENOUGH_FOR_PLACE_LIKE;
    }
    if s.kind == Kind::Sounds {
        let further = s.name.chars().count().saturating_sub(2);
        return ENOUGH_FOR_SOUNDS[further.min(ENOUGH_FOR_SOUNDS.len() - 1)];
    }
    let rare = ((s.rarity - USUAL) / 8.0).clamp(0.0, 0.5);
    let plain = is_plainly_a_name(s);
    let frequent = plain && s.rarity < FREQUENT && !holds_a_word(&s.name);
    let famous = match ends_like_a_place(&s.name) {
        true => ENOUGH_FOR_FAMOUS_PLACE,
        false => ENOUGH_FOR_FAMOUS,
    };
    if is_famous(s) && s.evidence >= famous {
        famous
    } else if s.kind == Kind::Foreign && s.rarity == lattice::USUAL_NAME {
        ENOUGH_FOR_SELDOM
    } else if frequent && s.evidence >= ENOUGH_FOR_FREQUENT {
        ENOUGH_FOR_FREQUENT
    } else if plain && s.evidence >= ENOUGH_FOR_PLAIN {
        ENOUGH_FOR_PLAIN
    } else if is_a_whole_name(s) && s.rarity < SELDOM && s.evidence >= ENOUGH_FOR_SELDOM {
        ENOUGH_FOR_SELDOM
    } else if is_plainly_a_short_name(s, PLAIN_SHORT) {
        ENOUGH_FOR_SHORT
    } else if is_plainly_a_short_name(s, COMMON_SHORT) {
        ENOUGH_FOR_LESS_PLAIN
    } else {
        2.0 + short + word + rare
    }
}

/// Lists in which every item has the usual form of a full name: `张大力与李小美`.
fn lists_of_usual_names<'s>(all: impl Iterator<Item = &'s Sighting>) -> HashSet<(usize, usize)> {
    let mut usual: HashMap<(usize, usize), bool> = HashMap::new();
    for s in all {
        if let Some(list) = s.list {
            let is_usual = is_plainly_a_name(s) && s.rarity < USUAL;
            *usual.entry((s.paragraph, list)).or_insert(true) &= is_usual;
        }
    }
    usual
        .into_iter()
        .filter(|&(_, usual)| usual)
        .map(|(list, _)| list)
        .collect()
}

fn people<'s>(
    sightings: impl Iterator<Item = &'s Sighting>,
    names: &HashSet<String>,
) -> Vec<Person> {
    let sightings: Vec<&Sighting> = sightings.collect();
    // A last part stands for the full name, where only one full name ends in it.
    let mut full: HashMap<&str, &str> = HashMap::new();
    let mut ambiguous: HashSet<&str> = HashSet::new();
    for s in sightings
        .iter()
        .filter(|s| s.kind != Kind::Name && names.contains(&s.name))
    {
        let part = last_part(&s.name);
        if part.len() < s.name.len()
            && full
                .insert(part, &s.name)
                .is_some_and(|other| other != s.name)
        {
            ambiguous.insert(part);
        }
    }
    full.retain(|part, _| !ambiguous.contains(part));
    let mut people: Vec<Person> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut titles: Vec<Vec<&Title>> = Vec::new();
    let mut evidence: Vec<(f64, bool)> = Vec::new();
    let mut abroad: Vec<(bool, Option<&str>)> = Vec::new();
    for s in sightings {
        if !names.contains(&s.name) && !full.contains_key(s.name.as_str()) {
            continue;
        }
        let name = full.get(s.name.as_str()).copied().unwrap_or(&s.name);
        let i = *by_name.entry(name.to_owned()).or_insert_with(|| {
            people.push(unnamed(name.to_owned()));
            titles.push(Vec::new());
            evidence.push((f64::NEG_INFINITY, false));
            abroad.push((false, None));
            people.len() - 1
        });
        people[i].mentions.push(Mention {
            paragraph: s.paragraph,
            range: s.range.clone(),
        });
        titles[i].extend(&s.title);
        abroad[i].0 |=
            s.foreign_title || s.kind != Kind::Name && !is_spelt_in_pinyin(&people[i].zh);
        abroad[i].1 = abroad[i].1.or(s.nation);
        people[i].change = people[i].change.or(s.change);
        let beyond = s.evidence - certain(s);
        evidence[i] = (evidence[i].0.max(beyond), evidence[i].1 || !s.loose);
        spell(&mut people[i], s);
    }
    for (person, (evidence, tight)) in people.iter_mut().zip(evidence) {
        person.certain = match person.spelling {
            Spelling::Glossary | Spelling::Stated => true,
            Spelling::Pinyin => tight && evidence >= 0.0,
            Spelling::Unknown => false,
        };
    }
    for ((person, titles), abroad) in people.iter_mut().zip(titles).zip(abroad) {
        if let Some(title) = fullest(&titles) {
            let left = matches!(person.change, Some(Change::Removed | Change::Resigned));
            person.former = title.former || left;
            person.post_en = if HEADS_OF_STATE.contains(&person.zh) && title.post == "主席" {
                Some("president".to_owned())
            } else {
                let holder = english::Holder {
                    organisation: title.organisation.as_deref(),
                    name: &person.zh,
                    abroad: abroad.0,
                    nation: abroad.1,
                };
                english::post(&title.post, &holder)
            };
            person.post_zh = Some(title.post.clone());
            person.organisation_en = title
                .organisation
                .as_deref()
                .and_then(english::organisation);
            person.organisation_zh.clone_from(&title.organisation);
        }
    }
    people
}

/// Whether the glossary spells a name as pinyin does: 周恩来 is of no other country.
fn is_spelt_in_pinyin(zh: &str) -> bool {
    let listed = glossary::people().get(zh);
    listed.is_some_and(|en| *en == pinyin::romanise_name(zh))
}

/// Less evidence at its best place leaves a doubt whether a string is a name, and a Chinese one.
fn certain(s: &Sighting) -> f64 {
    const USUAL: f64 = 1.0;
    /// 安赛龙 has a surname, and is a Dane.
    const SELDOM: f64 = 2.0;
    if s.rarity < PLAIN { USUAL } else { SELDOM }
}

/// The title that says most: most posts, then the longest, then the first. What somebody is to somebody
/// else is no post.
fn fullest<'t>(titles: &[&'t Title]) -> Option<&'t Title> {
    let size = |t: &Title| {
        let whole = t.post.len() + t.organisation.as_deref().map_or(0, str::len);
        (posts::elements(&t.post).count(), whole)
    };
    let posts = titles.iter().copied().rev();
    posts
        .filter(|t| KINSHIP.end(&t.post).is_none())
        .max_by_key(|t| size(t))
}

fn unnamed(zh: String) -> Person {
    Person {
        en: pinyin::romanise_name(&zh),
        zh,
        spelling: Spelling::Pinyin,
        post_zh: None,
        post_en: None,
        organisation_zh: None,
        organisation_en: None,
        change: None,
        former: false,
        certain: false,
        mentions: Vec::new(),
    }
}

/// Takes the spelling of a name from the best source that one mention offers.
fn spell(person: &mut Person, s: &Sighting) {
    if let Some(en) = glossary::people().get(person.zh.as_str()) {
        (*en).clone_into(&mut person.en);
        person.spelling = Spelling::Glossary;
    } else if let Some(stated) = &s.stated {
        person.en.clone_from(stated);
        person.spelling = Spelling::Stated;
    } else if person.spelling == Spelling::Pinyin
        && (s.kind != Kind::Name || s.foreign_title || foreign::looks_transliterated(&person.zh))
    {
        person.en = foreign::tibetan_in_english(&person.zh).unwrap_or_else(|| person.zh.clone());
        person.spelling = Spelling::Unknown;
    }
}

/// Adds mentions by surname and title (`王书记`) of the one person who has both.
fn join_surnames_with_titles<'t>(
    people: &mut [Person],
    sentences: &[Sentence<'t>],
    lattice: &mut Lattice<'t>,
    known: &Known,
) {
    let mut by_surname: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, person) in people.iter().enumerate() {
        if person.spelling == Spelling::Pinyin
            && let Some((surname, _)) = surnames::leading(&person.zh)
        {
            by_surname.entry(surname.to_owned()).or_default().push(i);
        }
    }
    let Ok(titled) = AhoCorasick::new(
        by_surname
            .keys()
            .flat_map(|surname| BEHIND.iter().map(move |title| format!("{surname}{title}"))),
    ) else {
        return;
    };
    for sentence in sentences.iter().filter(|s| titled.is_match(s.text)) {
        for token in lattice.cut(sentence.text, known) {
            let text = &sentence.text[token.range.clone()];
            let Some(bearers) = by_surname.get(text) else {
                continue;
            };
            let Some(title) = BEHIND.start(&sentence.text[token.range.end..]) else {
                continue;
            };
            let fits = |p: &Person| {
                COURTESY.contains(title)
                    || p.post_zh
                        .as_deref()
                        .is_some_and(|post| post.contains(title))
            };
            let mut fitting = bearers.iter().filter(|&&i| fits(&people[i]));
            let (Some(&one), None) = (fitting.next(), fitting.next()) else {
                continue;
            };
            let at = sentence.start + token.range.start;
            let end = sentence.start + token.range.end + title.len();
            people[one].mentions.push(Mention {
                paragraph: sentence.paragraph,
                range: at..end,
            });
        }
    }
    for person in people {
        person
            .mentions
            .sort_by_key(|m| (m.paragraph, m.range.start));
    }
}
