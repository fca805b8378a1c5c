//! Where a name ends: whether its last character carries the sentence on, and what a text behind it begins with.

use super::context::After;
use super::lexicon::{
    ACTION, ADVERBS, CONTINUATIONS, INSIDE, NO_PEOPLE, OTHERS, PEOPLE, TITLE_BEGINNINGS,
};
use super::{foreign, given};
use crate::glossary;
use crate::text::chars::is_name_dot;
use crate::text::{surnames, words};

/// Whether the character before `at` is a preposition, a verb or an adverb that carries the sentence on
/// there. Before the end of a clause or a title it is a part of the name; a preposition or a verb is
/// one before a verb of saying too.
pub(super) fn continues(text: &str, at: usize) -> bool {
    let name = &text[..at];
    if let Some(conjunction) = name.chars().next_back().filter(|&c| is_conjunction(c)) {
        return joins(conjunction, text, at);
    }
    match After::of(text, at) {
        After::Boundary | After::Title => false,
        After::Speech => ADVERBS.end(name).is_some(),
        after => {
            let rest = &text[at..];
            // 蹲在地头: only such verbs stand before 在.
            if rest.starts_with('在')
                && name.ends_with([
                    '蹲', '躺', '趴', '跪', '坐', '站', '冲', '倒', '守', '扑', '挤',
                ])
            {
                return true;
            }
            // Nobody 率出席会议 or 向在北京: a preposition or a verb wants an object.
            let acts = after == After::Action
                && ACTION
                    .start(rest)
                    .is_some_and(|verb| verb.len() > 3 && is_verb(verb));
            let object = !acts && !rest.starts_with(['在', '的', '把', '被', '将']);
            ADVERBS.end(name).is_some()
                || name.ends_with(['因', '以', '由'])
                || object && CONTINUATIONS.end(name).is_some()
                || name.ends_with('正')
                    && match rest.strip_prefix('在') {
                        // `王毅|正在阅读`, but `刘正|在北京`
                        Some(rest) => begins_a_verb_phrase(rest) || ends_in_somebody(name),
                        None => CONTINUATIONS.start(rest).is_some(),
                    }
        }
    }
}

/// Whether what stands before the last character ends in somebody whom the glossary knows.
fn ends_in_somebody(name: &str) -> bool {
    let mut starts = name.char_indices().rev().map(|(i, _)| i);
    let end = starts.next().unwrap_or(0);
    starts
        .skip(1)
        .take(2)
        .any(|start| glossary::people().contains_key(&name[start..end]))
}

/// What joins a name to other people, and is the last character of a given name now and then.
pub(super) fn is_conjunction(c: char) -> bool {
    matches!(c, '和' | '及' | '与' | '同' | '跟')
}

/// Whether the conjunction before `at` joins what stands before it to what stands behind: other people
/// or bodies do for all of them (`王浩|和队友`), any noun for those that are prepositions too
/// (`王浩|同病魔抗争`). Before a verb, a place in a house or a function word it ends a name
/// (`李敬和|住在村头`).
fn joins(conjunction: char, text: &str, at: usize) -> bool {
    let rest = &text[at..];
    if begins_somebody(rest) {
        return true;
    }
    let after = After::of(text, at);
    !matches!(conjunction, '和' | '及') && after == After::Other && !begins_a_verb_phrase(rest)
}

/// Whether a text begins with somebody: a pronoun, a title, a name, a body, a noun for people with what
/// describes it (`在场观众`, `多名同班同学`).
fn begins_somebody(rest: &str) -> bool {
    /// Words of the longest description.
    const WORDS: usize = 4;
    const LONGEST: usize = 10;
    const CHARACTER: usize = '人'.len_utf8();
    if OTHERS.start(rest).is_some() || begins_a_title(rest) {
        return true;
    }
    let end = rest.char_indices().nth(LONGEST);
    let rest = &rest[..end.map_or(rest.len(), |(i, _)| i)];
    // `来访的客人`: whoever does what a verb says
    if let Some((verb, noun)) = rest.split_once('的')
        && begins_a_verb(verb)
        && noun
            .char_indices()
            .any(|(i, c)| PEOPLE.end(&noun[..i + c.len_utf8()]).is_some())
    {
        return true;
    }
    let mut seen = 0;
    for token in words::segmenter().cut(rest, false).into_iter().take(WORDS) {
        let (word, tag) = (token.word, words::tag(token.word).unwrap_or_default());
        if seen == 0 && (tag.starts_with("nr") || begins_a_name(rest, word)) {
            return true;
        }
        let describes =
            tag.starts_with(['n', 'm', 'q', 'b', 'a', 'f', 'j', 's', 't']) || OTHERS.contains(word);
        if !describes || NO_PEOPLE.contains(word) {
            return false;
        }
        seen += word.len();
        if seen > CHARACTER && PEOPLE.end(&rest[..seen]).is_some() {
            return true;
        }
    }
    false
}

/// Whether a text begins with a name that no dictionary has, given the word that it begins with there.
fn begins_a_name(rest: &str, word: &str) -> bool {
    let mut chars = rest[word.len()..].chars();
    let single = word.chars().count() == 1 && surnames::leading_single(rest).is_some();
    single && chars.next().is_some_and(|c| given::cost(c).is_some())
        || word.starts_with(|c: char| c.is_ascii_uppercase())
        || rest
            .split_once(is_name_dot)
            .is_some_and(|(part, _)| foreign::is_all_sounds(part))
}

/// Whether a text begins with a verb of more than one character, or with one and what it does.
fn begins_a_verb_phrase(rest: &str) -> bool {
    let end = rest.char_indices().nth(4).map_or(rest.len(), |(i, _)| i);
    let first = words::segmenter().cut(&rest[..end], false);
    first.first().is_some_and(|token| begins_a_verb(token.word))
}

pub(super) fn begins_a_verb(word: &str) -> bool {
    words::segmenter().has_word(word) && words::tag(word).is_some_and(|tag| tag.starts_with('v'))
}

/// Whether what people are said to do is a verb (`出席`), and no noun (`团队`, `代表`团).
fn is_verb(action: &str) -> bool {
    action != "代表" && words::tag(action).is_some_and(|tag| tag.starts_with('v'))
}

/// Whether a title or an organisation begins here: `省领导`, `国务委员`, `云湖大学`.
pub(super) fn begins_a_title(rest: &str) -> bool {
    let ends = rest.char_indices().map(|(i, c)| i + c.len_utf8()).take(6);
    let inside = |level: &str| INSIDE.start(&rest[level.len()..]).is_some();
    TITLE_BEGINNINGS
        .start(rest)
        .is_some_and(|level| !inside(level))
        || ends.into_iter().any(|end| {
            let head = &rest[..end];
            glossary::posts().contains_key(head)
                || glossary::places().contains_key(head)
                || glossary::bodies().contains_key(head)
        })
}
