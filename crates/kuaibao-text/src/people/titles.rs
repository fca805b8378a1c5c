//! Titles: the post and the organisation that stand before a name.
//!
//! `传达省农业农村厅党组书记、厅长` → organisation `省农业农村厅`, post `党组书记、厅长`. A title reaches left
//! over nouns, places and bodies, and over `、` where a post stands before it; a verb, a function
//! word or other punctuation ends it.

use std::ops::Range;

use super::context::post_head;
use super::foreign::Origin;
use super::lattice::{Kind, Token};
use super::lexicon::{BODY_SUFFIXES, LEVELS, MODIFIERS, ORGANS, TITLE_STOPS};
use crate::{glossary, text::words};

/// A title as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Title {
    /// The post, with the party or state body it belongs to (`省委副书记`).
    pub(super) post: String,
    /// The organisation, where it is more than that (`省农业农村厅`).
    pub(super) organisation: Option<String>,
}

/// The title that ends where the token `name` begins.
pub(super) fn before(text: &str, tokens: &[Token], name: usize) -> Option<Title> {
    let end = tokens[name].range.start;
    let end = text[..end].trim_end_matches([' ', '\u{3000}']).len();
    post_head(&text[..end])?;
    let span = span(text, tokens, name, end);
    Title::read(&text[span])
}

impl Title {
    /// Whether the post is one of another country.
    pub(super) fn is_foreign(&self) -> bool {
        let whole = format!(
            "{}{}",
            self.organisation.as_deref().unwrap_or_default(),
            self.post
        );
        Origin::before(&whole).is_some()
    }

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
            (
                Some(whole_organisation(organisation, post)),
                &title[organisation.len()..],
            )
        };
        Some(Self {
            post: post.to_owned(),
            organisation,
        })
    }
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
        _ => organisation.to_owned(),
    }
}

/// The posts of a title that names several: `厅党组书记、厅长`, `董事长兼总经理`.
pub(super) fn elements(title: &str) -> impl Iterator<Item = &str> {
    title.split(['、', '兼']).filter(|e| !e.is_empty())
}

/// One element as organisation and post.
pub(super) fn split(element: &str) -> Option<(&str, &str)> {
    let head = post_head(element)?;
    let mut at = element.len() - head.len();
    while let Some(modifier) = MODIFIERS.end(&element[..at]) {
        at -= modifier.len();
    }
    Some(element.split_at(at))
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
    if token.kind != Kind::Word || !word.chars().all(|c| c.is_alphanumeric() || c == '·') {
        return false;
    }
    if word.chars().all(|c| c.is_ascii_digit() || c == '.') || TITLE_STOPS.contains(word) {
        return false;
    }
    if word == "驻" {
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
        'v' => is_noun_verb(word) || BODY_SUFFIXES.start(right).is_some(),
        _ => false,
    }
}

fn tag(word: &str) -> char {
    let tags = words::segmenter().tag(word, false);
    match tags.as_slice() {
        [one] => one.tag.chars().next().unwrap_or('x'),
        _ => 'n',
    }
}

fn is_noun_verb(word: &str) -> bool {
    let tags = words::segmenter().tag(word, false);
    tags.first().is_some_and(|t| t.tag == "vn")
}

fn ends_in_body(zh: &str) -> bool {
    BODY_SUFFIXES.end(zh).is_some()
}
