//! Titles: the post and the organisation that stand before a name.
//!
//! `传达省农业农村厅党组书记、厅长` → organisation `省农业农村厅`, post `党组书记、厅长`. A title reaches left
//! over nouns, places and bodies, and over `、` where a post stands before it; a verb, a function
//! word or other punctuation ends it.

use std::ops::Range;

use super::context::post_head;
use super::english;
use super::foreign::Origin;
use super::lattice::{Kind, Token};
use super::lexicon::{
    BODY_SUFFIXES, COMPANY_POSTS, KINDS_OF_COMPANIES, LEVELS, MODIFIERS, ORGANS, PEOPLE,
    PERSONAL_NOUNS, TITLE_STOPS,
};
use super::posts::{elements, split, without_former};
use crate::{glossary, text::words};

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
    Title::read(&text[span])
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
            let firm = COMPANY_POSTS.end(post).is_some()
                && name.chars().count() > 1
                && !KINDS_OF_COMPANIES.contains(name);
            if firm || english::is_organisation(name) {
                (Some(name.to_owned()), &title[organisation.len()..])
            } else if english::times_of(organisation).is_some() {
                (None, title)
            } else if let Some(body) = leading_organisation(organisation) {
                // `疾控中心流行病学首席专家`: a field stands between the body and the post.
                (Some(body.to_owned()), &title[organisation.len()..])
            } else {
                // `出租车司机`, `塞尔维亚籍教练`: what stands before the post only describes it.
                (None, &title[organisation.len()..])
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
    if glossary::places().contains_key(organisation) {
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
        if token.range.start >= end {
            continue;
        }
        let word = &text[token.range.start..token.range.end.min(end)];
        if end - token.range.start > LONGEST || !belongs(text, token, word, start, end) {
            break;
        }
        start = token.range.start;
        if ["时任", "现任", "曾任"].contains(&word) {
            break;
        }
    }
    let lead = text[start..end].trim_start_matches(['、', '兼']);
    end - lead.len()..end
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
    if matches!(word, "和" | "与") {
        return joins_fields(&text[..token.range.start], &right[..head_start - start]);
    }
    // A name by sound alone may be a firm's as well.
    if !matches!(token.kind, Kind::Word | Kind::Sounds)
        || !word.chars().all(|c| c.is_alphanumeric() || c == '·')
    {
        return false;
    }
    if word.chars().all(|c| c.is_ascii_digit() || c == '.') || TITLE_STOPS.contains(word) {
        return false;
    }
    if matches!(word, "驻" | "常驻") {
        return true;
    }
    let known = glossary::bodies().contains_key(word)
        || glossary::places().contains_key(word)
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

/// Whether 和 joins two fields of one body: `工业|和|信息管理局`; not `财政部|和|税务总局`.
fn joins_fields(left: &str, right: &str) -> bool {
    let person = |word: &str| PERSONAL_NOUNS.end(word).is_some() || PEOPLE.end(word).is_some();
    let field = |word: &&str| matches!(words::tag(word), Some("n" | "vn")) && !person(word);
    let last = left.char_indices().rev().nth(1);
    let last = last.map(|(at, _)| &left[at..]).filter(field);
    let elsewhere = LEVELS.start(right).is_some()
        || words::bounds(right)
            .first()
            .is_some_and(|&end| glossary::places().contains_key(&right[..end]));
    last.is_some() && !ends_in_body(left) && ends_in_body(right) && !elsewhere
}

fn tag(word: &str) -> char {
    words::tag(word).map_or('n', |tag| tag.chars().next().unwrap_or('x'))
}

fn ends_in_body(zh: &str) -> bool {
    BODY_SUFFIXES.end(zh).is_some()
}
