//! What stands before and behind a name, and what it says about its being one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::lexicon::{
    ACTION, BEHIND, CASES, COUNTED, DEEDS, FRAMES, IMPERSONAL, MARKED, NAMED, OBJECTS, OF_PEOPLE,
    OF_PEOPLE_BEHIND, OPENERS, PERSONAL_NOUNS, SPEECH,
};
use crate::glossary;

/// What stands directly before a possible name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// A post: `省委书记`.
    Post,
    /// What somebody is: `村民`.
    Role,
    /// `名叫`, `34岁的`.
    Named,
    /// The start of a clause, a time, a word that opens one.
    Clause,
    /// `、`, `和`, a space: perhaps a list of names.
    List,
    /// A noun for people that is no listed role: `快递小哥`, `首席预报员`.
    Noun,
    /// A verb that people stand behind: `带着`, `逆转`.
    Verb,
    /// A preposition or `的`.
    Preposition,
    /// Anything else.
    Other,
}

impl Before {
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = &text[..at];
        let before = before.trim_end_matches([' ', '\u{3000}', ':', '：', '”', '」']);
        if is_delegation(text, at) {
            return Self::Other;
        }
        if let Some(kind) = post_at_end(before) {
            return kind;
        }
        // `机长叫松本隆`
        let called = before
            .strip_suffix("名叫")
            .or_else(|| before.strip_suffix('叫'))
            .is_some_and(|bearer| post_at_end(bearer).is_some() || is_personal_noun(bearer));
        if called || NAMED.end(before).is_some() {
            return Self::Named;
        }
        match before.chars().next_back() {
            None => Self::Clause,
            Some('、') => Self::List,
            // `消息：龚晓峰主动投案`
            _ if text[..at].ends_with([':', '：']) => Self::Clause,
            _ if before.len() < at => Self::List,
            Some('和' | '与' | '及' | '同' | '跟') => Self::List,
            Some(c) if is_boundary(c) => Self::Clause,
            _ if OPENERS.end(before).is_some() => Self::Clause,
            _ if is_personal_noun(before) => Self::Noun,
            _ if OBJECTS.end(before).is_some() => Self::Verb,
            // `客队10号桑托斯`
            Some('号') if follows_digits(before, '号') && !text[at..].starts_with(NUMBERED) => {
                Self::Noun
            }
            // `21比17胜王祉怡`
            Some(c @ ('胜' | '负')) if follows_digits(before, c) => Self::Verb,
            Some(c) if PREPOSITIONS.contains(c) => Self::Preposition,
            _ => Self::Other,
        }
    }

    /// What it takes off the cost of a name, in nats.
    pub(super) fn bonus(self) -> f64 {
        match self {
            Self::Post => 8.0,
            Self::Role => 7.0,
            Self::Named => 6.0,
            Self::Noun => 4.0,
            Self::Verb => 2.0,
            Self::List | Self::Clause => 1.0,
            Self::Preposition => 0.5,
            Self::Other => 0.0,
        }
    }

    /// What it says for the string being a person, whatever stands behind.
    pub(super) fn evidence(self) -> f64 {
        match self {
            Self::Post | Self::Named => 3.0,
            Self::Role => 2.75,
            Self::Noun => 2.25,
            Self::Verb => 1.0,
            Self::Clause => 0.5,
            Self::List | Self::Preposition => 0.25,
            Self::Other => -0.5,
        }
    }
}

/// What stands directly behind a possible name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// `同志`, `教授`, `（右二）`.
    Title,
    /// `说`, `表示`, `强调`.
    Speech,
    /// `的母亲`, `之女`, `案再审`.
    Owner,
    /// `主持`, `前往`, `当选`.
    Action,
    /// `等`, `一行`, `、`, punctuation, the end.
    Boundary,
    /// A function word.
    Function,
    /// Anything else.
    Other,
}

impl After {
    pub(super) fn of(text: &str, at: usize) -> Self {
        let rest = &text[at..];
        let after = rest.trim_start_matches([' ', '\u{3000}']);
        if title_behind(after).is_some()
            || MARKED.start(after).is_some()
            || is_counted(after)
            || begins_an_age(after)
        {
            return Self::Title;
        }
        if belongs_to_somebody(after) {
            return Self::Owner;
        }
        if ends_in_a_deed(after) {
            return Self::Action;
        }
        let verb = after.trim_start_matches(['还', '也', '又', '则', '就', '都', '曾', '再']);
        if SPEECH.start(verb).is_some() || adverb_and_speech(verb) {
            return Self::Speech;
        }
        if ACTION.start(verb).is_some() || begins_a_score_or_a_life(after) {
            return Self::Action;
        }
        match after.chars().next() {
            None => Self::Boundary,
            _ if after.len() < rest.len() => Self::Boundary,
            Some('、' | '等') => Self::Boundary,
            Some(c) if is_boundary(c) => Self::Boundary,
            Some(c) if FUNCTION.contains(c) => Self::Function,
            _ => Self::Other,
        }
    }

    pub(super) fn bonus(self) -> f64 {
        match self {
            Self::Title => 4.0,
            Self::Speech | Self::Owner => 3.0,
            Self::Action => 2.0,
            Self::Boundary => 1.0,
            Self::Function => 0.5,
            Self::Other => 0.0,
        }
    }

    pub(super) fn evidence(self) -> f64 {
        match self {
            Self::Title => 2.5,
            Self::Speech | Self::Owner => 1.5,
            Self::Action => 0.75,
            Self::Boundary | Self::Function => 0.25,
            Self::Other => -0.25,
        }
    }
}

/// Whether a phrase stands round a name in which nothing but somebody can stand: `以…为首`.
pub(super) fn is_framed(text: &str, name: &Range<usize>) -> bool {
    /// Characters of the longest first half.
    const LONGEST: usize = 4;
    static SECOND: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
        let mut halves: HashMap<_, Vec<_>> = HashMap::new();
        for (first, second) in FRAMES.iter().filter_map(|frame| frame.split_once('…')) {
            halves.entry(first).or_default().push(second);
        }
        halves
    });
    let (before, after) = (&text[..name.start], &text[name.end..]);
    let mut firsts = before.char_indices().rev().take(LONGEST);
    firsts.any(|(at, _)| {
        let second = SECOND.get(&before[at..]);
        second.is_some_and(|halves| halves.iter().any(|half| after.starts_with(half)))
    })
}

/// `单刀破门`, `禁区外远射`: a clause with what only players do.
fn ends_in_a_deed(after: &str) -> bool {
    /// What says how, before what is done.
    const REACH: usize = 6;
    let clause = after.char_indices().take_while(|&(_, c)| !is_boundary(c));
    clause
        .take(REACH)
        .any(|(i, _)| DEEDS.start(&after[i..]).is_some())
}

/// `，61岁，`, `，男，`: an age or a sex in apposition.
fn begins_an_age(after: &str) -> bool {
    let Some(age) = after.strip_prefix(['，', ',']) else {
        return false;
    };
    let sex = age.strip_prefix(['男', '女']);
    if sex.is_some_and(|rest| rest.starts_with(['，', ',', '。'])) {
        return true;
    }
    let rest = age.trim_start_matches("现年").trim_start();
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    digits.len() < rest.len() && digits.starts_with('岁')
}

/// `的母亲`, `之女`, `案再审`: what only people have.
fn belongs_to_somebody(after: &str) -> bool {
    let owned = after.strip_prefix('的').unwrap_or(after);
    let case = after.strip_prefix('案');
    OF_PEOPLE.start(owned).is_some()
        || owned.len() < after.len() && OF_PEOPLE_BEHIND.start(owned).is_some()
        || case.is_some_and(|rest| rest.is_empty() || CASES.start(rest).is_some())
}

/// `6比4轻取对手`, `1927年4月出生于江西`: what only somebody's name stands before.
fn begins_a_score_or_a_life(after: &str) -> bool {
    const LIFE: [&str; 8] = [
        "出生", "生于", "毕业", "考入", "参军", "入党", "入伍", "去世",
    ];
    /// The longest date, and some words.
    const REACH: usize = 14;
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = after.len() - rest.len();
    if digits == 0 {
        return false;
    }
    if let Some(other) = rest.strip_prefix(['比', '-', ':', '：']) {
        return digits < 3 && other.starts_with(|c: char| c.is_ascii_digit());
    }
    let end = rest
        .char_indices()
        .nth(REACH)
        .map_or(rest.len(), |(i, _)| i);
    let clause = rest[..end].split(is_boundary).next().unwrap_or("");
    digits == 4 && rest.starts_with('年') && LIFE.iter().any(|word| clause.contains(word))
}

/// The title that a text begins with: `教授`, `先生`. A deputy or a member is one where the clause ends
/// there or goes on with a verb of saying; `代表团`, `代表省委` are something else.
pub(super) fn title_behind(after: &str) -> Option<&str> {
    BEHIND.start(after).or_else(|| {
        let title = ["代表", "委员"]
            .into_iter()
            .find(|t| after.starts_with(t))?;
        let rest = &after[title.len()..];
        let ends = rest.chars().next().is_none_or(is_boundary) || SPEECH.start(rest).is_some();
        ends.then(|| &after[..title.len()])
    })
}

/// Whether the 代表 before `at` goes on as `代表团`, `代表处`.
pub(super) fn is_delegation(text: &str, at: usize) -> bool {
    text[..at].ends_with("代表") && text[at..].starts_with(['团', '队', '处', '作', '大'])
}

/// Whether a text ends in a post or a role.
pub(super) fn post_at_end(before: &str) -> Option<Before> {
    let head = post_head(before)?;
    let post = glossary::posts().get(head)?;
    Some(match post.kind {
        glossary::PostKind::Role => Before::Role,
        _ => Before::Post,
    })
}

/// The longest post that a text ends in.
pub(super) fn post_head(before: &str) -> Option<&str> {
    const LONGEST: usize = 8;
    let posts = glossary::posts();
    let mut head = None;
    for (i, _) in before.char_indices().rev().take(LONGEST) {
        if posts.contains_key(&before[i..]) {
            head = Some(&before[i..]);
        }
    }
    head
}

/// Punctuation that ends a clause.
pub(super) fn is_boundary(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !matches!(c, '、' | '·' | '•')
}

/// `等专家`, `三位同志`, `等5名代表`: what a list of people ends in.
fn is_counted(after: &str) -> bool {
    let rest = after.strip_prefix('等').unwrap_or(after);
    let counted = rest.trim_start_matches(|c| "一二两三四五六七八九十0123456789".contains(c));
    let some = counted.len() < rest.len() && rest.len() < after.len();
    if some && counted.starts_with('人') {
        return true;
    }
    let rest = match counted.strip_prefix(['位', '名']) {
        Some(people) if counted.len() < rest.len() => people,
        _ if rest.len() < after.len() => rest,
        _ => return false,
    };
    COUNTED.start(rest).is_some()
}

/// `兴奋地说`, `笑着告诉`: an adverb before a verb of saying.
fn adverb_and_speech(text: &str) -> bool {
    let mark = text
        .char_indices()
        .take(6)
        .find(|&(_, c)| matches!(c, '地' | '着'));
    mark.is_some_and(|(at, c)| at > 0 && SPEECH.start(&text[at + c.len_utf8()..]).is_some())
}

/// Whether a text ends in a noun that only people are called by.
fn is_personal_noun(before: &str) -> bool {
    let impersonal = IMPERSONAL.end(before).map_or(0, str::len);
    PERSONAL_NOUNS
        .end(before)
        .is_some_and(|noun| noun.len() > impersonal)
}

/// Whether the character that a text ends with stands behind digits.
fn follows_digits(text: &str, last: char) -> bool {
    let rest = text.strip_suffix(last);
    rest.is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()))
}

/// What has a number, and is no player: `3号楼`.
const NUMBERED: &[char] = &[
    '楼', '线', '院', '井', '厂', '店', '馆', '厅', '门', '机', '车', '船', '文', '公', '台',
];
const PREPOSITIONS: &str = "由以请让对向给被把将为在的是从比就按";
const FUNCTION: &str =
    "在从到对向为与和及同是有的了把被将给也还都就又则并以已曾正仍均亦再因由随赴率偕其未没不任";
