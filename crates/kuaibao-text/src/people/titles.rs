//! Titles: the post and the organisation that stand before a name.
//!
//! `传达省农业农村厅党组书记、厅长` → organisation `省农业农村厅`, post `党组书记、厅长`. A title reaches left
//! over nouns, places and bodies, and over `、` where a post stands before it; a verb, a function
//! word or other punctuation ends it.

use std::borrow::Cow;
use std::ops::Range;

use super::abroad;
use super::context::post_head;
use super::english;
use super::foreign::Origin;
use super::lattice::{Kind, Token};
use super::lexicon::{
    BODY_SUFFIXES, COMPANY_POSTS, KINDS_OF_COMPANIES, LEVELS, MODIFIERS, ORGANISATION_SUFFIXES,
    ORGANS, PEOPLE, PERSONAL_NOUNS, TITLE_STOPS,
};
use super::posts::{elements, split, without_former};
use crate::glossary;
use crate::text::{chars::is_han, words};

/// A title as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Title {
    /// The post, with the party or state body it belongs to (`省委副书记`).
    pub(super) post: String,
    /// The organisation, where it is more than that (`省农业农村厅`).
    pub(super) organisation: Option<String>,
    /// Whether the title says that the post is held no longer (`原`, `前`).
    pub(super) former: bool,
    /// Whether it is one of another country, or of a place whose names pinyin does not spell.
    pub(super) foreign: bool,
}

/// The title that ends where the token `name` begins.
pub(super) fn before(text: &str, tokens: &[Token], name: usize) -> Option<Title> {
    let end = tokens[name].range.start;
    let end = text[..end]
        .trim_end_matches([' ', '\u{3000}', '”', '」'])
        .len();
    post_head(&text[..end])?;
    let span = span(text, tokens, name, end);
    Title::read(&without_letters_in_brackets(&text[span]))
}

/// `印度人民党（BJP）主席` → `印度人民党主席`.
fn without_letters_in_brackets(title: &str) -> Cow<'_, str> {
    let short = title.find(['（', '(']).and_then(|open| {
        let length = title[open..].find(['）', ')'])?;
        let inner = title[open..open + length].trim_start_matches(['（', '(']);
        let close = title[open + length..].chars().next()?;
        let behind = &title[open + length + close.len_utf8()..];
        let letters = inner.chars().all(|c| c.is_ascii_alphabetic());
        letters.then(|| format!("{}{behind}", &title[..open]))
    });
    short.map_or(Cow::Borrowed(title), Cow::Owned)
}

impl Title {
    /// Whether the post is one of an organisation that the title does not name.
    pub(super) fn takes_organisation(&self) -> bool {
        let of = |head: &str| {
            glossary::posts()
                .get(head)
                .is_some_and(|p| p.kind == glossary::PostKind::Of)
        };
        let names_none =
            |e: &str| split(e).is_some_and(|(organisation, _)| organisation.is_empty());
        self.organisation.is_none()
            && elements(&self.post).all(|e| names_none(e) && post_head(e).is_some_and(of))
    }

    /// Splits a title into organisation and post.
    pub(super) fn read(title: &str) -> Option<Self> {
        // `密歇根大学的专家`
        let title = title.trim_start_matches(['了', ' ']);
        if let Some((owner, post)) = title.split_once('的') {
            let mut read = Self::read(post)?;
            let name = without_former(owner).trim();
            let body = english::is_organisation(name) && !name.ends_with('村');
            if read.organisation.is_none() && (body || ends_in_letters(name)) {
                read.organisation = Some(name.to_owned());
                read.former |= name.len() < owner.len();
            }
            return Some(read);
        }
        let former = is_former(title);
        let elements: Vec<&str> = elements(title).collect();
        let (organisation, post) = split(elements.first()?)?;
        let others_have_their_own = elements[1..]
            .iter()
            .any(|e| split(e).is_some_and(|(organisation, _)| !organisation.is_empty()));
        let belongs_to_post = organisation.is_empty() || belongs_to_post(organisation, post);
        // `某公司总经理`: a kind of organisation is none.
        let is_a_kind = BODY_SUFFIXES.contains(organisation);
        let (organisation, post) = if is_a_kind && !belongs_to_post && elements.len() == 1 {
            (None, &title[organisation.len()..])
        } else if belongs_to_post || others_have_their_own {
            (None, title)
        } else {
            let whole = whole_organisation(organisation, post);
            let name = without_former(&whole);
            let nation = abroad::country(name).is_some();
            let firm = COMPANY_POSTS.end(post).is_some()
                && !nation
                && name.chars().count() > 1
                && !KINDS_OF_COMPANIES.contains(name);
            if firm || !nation && english::is_organisation(name) {
                (Some(name.trim().to_owned()), &title[organisation.len()..])
            } else if english::times_of(organisation).is_some()
                || organisation.contains(['《', '“'])
                || post.ends_with("大臣")
            {
                (None, title)
            } else if let Some(at) = last_country(organisation) {
                // `诸如俄罗斯总统`: what stands before a country is another's, or no part of it.
                return Self::read(&title[at..]);
            } else if let Some(body) = leading_organisation(organisation) {
                // `疾控中心流行病学首席专家`: a field stands between the body and the post.
                (Some(body.to_owned()), &title[body.len()..])
            } else {
                // `出租车司机`, `塞尔维亚籍教练`: what stands before the post only describes it.
                (None, title)
            }
        };
        Some(Self {
            post: post.to_owned(),
            organisation,
            former,
            foreign: Origin::before(title).is_some_and(|origin| origin != Origin::Minority),
        })
    }
}

/// Whether a title says that its holder is a former one: at its start, or before the post itself.
fn is_former(title: &str) -> bool {
    elements(title).any(|element| {
        without_former(element) != element
            || split(element).is_some_and(|(_, post)| without_former(post) != post)
    })
}

/// Where the last country of a description begins, behind something that is no known body.
fn last_country(zh: &str) -> Option<usize> {
    if zh.contains('驻') {
        return None;
    }
    let bounds = words::bounds(zh);
    let (at, _) = bounds.iter().zip(&bounds[1..]).rev().find(|&(&at, &end)| {
        let word = &zh[at..end];
        word.chars().count() > 1 && abroad::country(word).is_some()
    })?;
    let before = &zh[..*at];
    if before.is_empty() {
        return None;
    }
    let known = abroad::country(before).is_some()
        || leading_organisation(before).is_some()
        || english::is_organisation(before);
    (!known || before.ends_with('会') && !glossary::bodies().contains_key(before)).then_some(*at)
}

/// The longest organisation that a string begins with, whole words.
fn leading_organisation(zh: &str) -> Option<&str> {
    let bounds = words::bounds(zh);
    let mut heads = bounds.iter().rev().skip(1).map(|&end| &zh[..end]);
    heads.find(|head| !glossary::places().contains_key(head) && english::is_organisation(head))
}

/// `省公安` of `省公安厅长` → `省公安厅`.
fn whole_organisation(organisation: &str, post: &str) -> String {
    let rank = post.trim_start_matches('副').strip_suffix('长');
    match rank {
        Some(rank @ ("部" | "厅" | "局" | "处" | "院" | "校" | "所" | "署"))
            if !ends_in_body(organisation) =>
        {
            format!("{organisation}{rank}")
        }
        Some("会") if organisation.ends_with(['查', '究', '员', '金', '合', '事']) => {
            format!("{organisation}会")
        }
        _ => organisation.to_owned(),
    }
}

/// Party and state organs, whose name belongs to the post (`省委书记`, `全国政协主席`), and countries
/// before a post (`俄罗斯总统`).
fn belongs_to_post(organisation: &str, post: &str) -> bool {
    let is_role = post_head(post)
        .and_then(|head| glossary::posts().get(head))
        .is_some_and(|post| post.kind == glossary::PostKind::Role);
    if glossary::places().contains_key(organisation) || abroad::country(organisation).is_some() {
        return !is_role;
    }
    // `东川市长`: the head of a place, whether a list has it or not.
    let is_head = post_head(post)
        .and_then(|head| glossary::posts().get(head))
        .is_some_and(|post| post.kind == glossary::PostKind::Place);
    if is_head && (2..=4).contains(&organisation.chars().count()) {
        return true;
    }
    if organisation.contains('驻') {
        return true;
    }
    let is_commission = organisation.strip_suffix('委').is_some_and(|rest| {
        let mut starts = rest.char_indices().map(|(i, _)| i);
        starts.any(|i| rest[i..].chars().count() > 1 && glossary::topics().contains_key(&rest[i..]))
    });
    let central = organisation.starts_with("中共中央") || organisation.starts_with("中央");
    central || (!is_commission && ORGANS.end(organisation).is_some())
}

fn span(text: &str, tokens: &[Token], name: usize, end: usize) -> Range<usize> {
    /// The longest titles, with several posts, stay below this many bytes.
    const LONGEST: usize = 240;
    let mut start = end;
    let mut at = name;
    while at > 0 {
        at -= 1;
        let token = &tokens[at];
        if token.range.start >= start {
            continue;
        }
        let word = &text[token.range.start..token.range.end.min(end)];
        if let Some(open) = opening(text, word, token.range.start, &text[start..end]) {
            start = open;
            continue;
        }
        if end - token.range.start > LONGEST || !belongs(text, token, word, start, end) {
            break;
        }
        start = token.range.start;
        if ["时任", "现任", "曾任"].contains(&word) {
            break;
        }
    }
    start += rest_of_a_word(text, start, end);
    start = start_of_a_country(text, start);
    let lead =
        text[start..end].trim_start_matches(['、', '兼', '的', '和', '与', '及', ' ', '-', '－']);
    end - lead.len()..end
}

/// Where a title begins whose country's name was cut: `哥|斯达黎加总统`.
fn start_of_a_country(text: &str, start: usize) -> usize {
    const LONGEST: usize = 4;
    let before = text[..start].char_indices().rev().take(LONGEST);
    let cut = before.filter_map(|(at, _)| {
        let ends = text[start..].char_indices().take(LONGEST);
        let mut ends = ends.map(|(i, c)| start + i + c.len_utf8());
        ends.any(|end| abroad::country(&text[at..end]).is_some())
            .then_some(at)
    });
    cut.last().unwrap_or(start)
}

/// Bytes of a title's first character that belongs to the word before it: `上|港|外援`.
fn rest_of_a_word(text: &str, start: usize, end: usize) -> usize {
    let head = post_head(&text[..end]).map_or(0, str::len);
    let Some(first) = text[start..].chars().next().map(char::len_utf8) else {
        return 0;
    };
    let second = text[start + first..end]
        .chars()
        .next()
        .map_or(0, char::len_utf8);
    let whole = words::segmenter().has_word(&text[start..start + first + second]);
    let before = text[..start].chars().next_back().filter(|c| is_han(*c));
    let word = before.map(|c| &text[start - c.len_utf8()..start + first]);
    let cut = word.is_some_and(|word| words::segmenter().has_word(word));
    if cut && !whole && start + first < end - head {
        first
    } else {
        0
    }
}

/// Where a bracket in a body's name begins: `太阳神(珠海)电子有限公司`, `印度人民党（BJP）主席`.
fn bracket(text: &str, at: usize, right: &str) -> Option<usize> {
    const LONGEST: usize = 12;
    if right.is_empty() {
        return None;
    }
    let mut before = text[..at].char_indices().rev().take(LONGEST);
    let (open, _) = before.find(|&(_, c)| matches!(c, '（' | '('))?;
    let open_end = open + text[open..].chars().next().map_or(0, char::len_utf8);
    let inner = &text[open_end..at];
    let letters = inner.chars().all(|c| c.is_ascii_alphabetic());
    let place = glossary::places().contains_key(inner);
    let stands_at_a_body = text[..open].ends_with(is_han);
    (stands_at_a_body && !inner.is_empty() && (letters || place)).then_some(open)
}

/// Where a work or a programme that belongs to the title begins, of which `mark` at `at` is the end:
/// `《为奴十二年》导演`, `“蚂蚁森林”项目负责人`.
fn opening(text: &str, mark: &str, at: usize, right: &str) -> Option<usize> {
    const LONGEST: usize = 20;
    /// Between it and the post: `“蚂蚁森林”|项目|负责人`.
    const BETWEEN: usize = 3;
    let open = match mark {
        "》" => '《',
        "”" => '“',
        ")" | "）" => return bracket(text, at, right),
        _ => return None,
    };
    let head = post_head(right)?;
    if right[..right.len() - head.len()].chars().count() > BETWEEN {
        return None;
    }
    let mut before = text[..at].char_indices().rev().take(LONGEST);
    let (open, _) = before.find(|&(_, c)| c == open)?;
    (!text[open..at].contains(['、', '兼', '，', '。', '的'])).then_some(open)
}

/// Whether a word belongs to the title that begins behind it at `start`.
fn belongs(text: &str, token: &Token, word: &str, start: usize, end: usize) -> bool {
    let right = &text[start..end];
    if right.is_empty() {
        return true;
    }
    // The head itself may be cut into several words.
    let head_start = end - post_head(&text[..end]).map_or(0, str::len);
    if token.range.start >= head_start || token.range.end > head_start {
        return true;
    }
    if matches!(word, "、" | "兼") {
        return post_head(&text[..token.range.start]).is_some();
    }
    // `密歇根大学的专家`
    if word == "的" {
        let owner = &text[..token.range.start];
        return !right.contains('的')
            && (ORGANISATION_SUFFIXES.end(owner).is_some() || ends_in_letters(owner));
    }
    // `Facebook CEO`, `阿拉伯－中国友好协会`
    if word.trim().is_empty() {
        return ends_in_letters(&text[..token.range.start]);
    }
    if matches!(word, "-" | "－") {
        return text[..token.range.start].ends_with(is_han)
            && ends_in_body(&right[..head_start.max(start) - start]);
    }
    if matches!(word, "和" | "与" | "及" | "以及") {
        return joins_fields(&text[..token.range.start], &right[..head_start - start]);
    }
    // A name by sound alone may be a firm's as well.
    let of_a_firm = ["公司", "集团"].iter().any(|firm| right.contains(firm))
        || NAMED_AFTER.iter().any(|body| right.starts_with(body));
    if !(matches!(token.kind, Kind::Word | Kind::Sounds) || of_a_firm)
        || !word.chars().all(|c| c.is_alphanumeric() || c == '·')
    {
        return false;
    }
    if word.chars().all(|c| c.is_ascii_digit() || c == '.')
        || word.ends_with("日电")
        || TITLE_STOPS.contains(word) && !(word == "代表" && right.starts_with('、'))
    {
        return false;
    }
    if matches!(word, "驻" | "常驻") {
        return true;
    }
    let known = glossary::bodies().contains_key(word)
        || glossary::places().contains_key(word)
        || abroad::country(word).is_some()
        || glossary::topics().contains_key(word)
        || glossary::posts().contains_key(word);
    if known || LEVELS.contains(word) || MODIFIERS.contains(word) {
        return true;
    }
    match tag(word) {
        'n' | 'j' | 's' | 'b' | 'f' | 'x' | 'e' | 'g' | 'i' | 'l' | 'a' => true,
        'm' => !word.ends_with(['号', '个', '名', '位']),
        'v' => words::tag(word) == Some("vn") || BODY_SUFFIXES.start(right).is_some(),
        _ => false,
    }
}

/// What bears the name of somebody or of a place that sounds like somebody: `库克|县|检察官`.
const NAMED_AFTER: [&str; 14] = [
    "县",
    "市",
    "州",
    "郡",
    "镇",
    "区",
    "大学",
    "学院",
    "医院",
    "银行",
    "基金会",
    "警察局",
    "警方",
    "球队",
];

/// Whether 和 joins two fields of one body: `工业|和|信息管理局`; not `财政部|和|税务总局`.
fn joins_fields(left: &str, right: &str) -> bool {
    let person = |word: &str| {
        word != "警察" && (PERSONAL_NOUNS.end(word).is_some() || PEOPLE.end(word).is_some())
    };
    let field =
        |word: &&str| matches!(words::tag(word), Some("n" | "vn" | "an" | "v")) && !person(word);
    let last = left.char_indices().rev().nth(1);
    let last = last.map(|(at, _)| &left[at..]).filter(field);
    // `外交与安全政策高级代表`
    let first = words::bounds(right).get(1).copied().unwrap_or(0);
    let described = |word: &str| english::describes(word) || glossary::topics().contains_key(word);
    if last.is_some_and(described) && described(&right[..first]) {
        return true;
    }
    let elsewhere = LEVELS.start(right).is_some()
        || words::bounds(right)
            .first()
            .is_some_and(|&end| glossary::places().contains_key(&right[..end]));
    let body = ends_in_body(right) || ORGANISATION_SUFFIXES.end(right).is_some();
    last.is_some() && !ends_in_body(left) && body && !elsewhere
}

fn ends_in_letters(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_alphabetic())
}

fn tag(word: &str) -> char {
    words::tag(word).map_or('n', |tag| tag.chars().next().unwrap_or('x'))
}

fn ends_in_body(zh: &str) -> bool {
    BODY_SUFFIXES.end(zh).is_some()
}
