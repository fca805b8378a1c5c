//! What the words around an English figure say of it: bound, sign, direction.
//!
//! Looks at most eight words back and three ahead, never across a mark or another number.

use std::ops::Range;

use super::super::context::{Base, Direction};
use super::tokens::{Shape, Token};
use crate::text::sections;

sections!("words.txt";
    UP = "up",
    DOWN = "down",
    BEHIND = "behind",
    NARROWING = "narrowing",
    SKIPPED = "skipped",
    ABOVE = "above",
    BELOW = "below",
    NEGATIVE = "negative",
);

/// Whether the value is said to be larger or smaller than the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EnglishBound {
    Above,
    Below,
}

/// What stands around a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) bound: Option<EnglishBound>,
    /// Whether a preposition says so, which may say something else: over five years.
    pub(crate) prepositional: bool,
    /// *minus 5*, *-5*, *5 degrees below zero*.
    pub(crate) negative: bool,
    pub(crate) direction: Option<Direction>,
    pub(crate) base: Option<Base>,
}

const BACK: usize = 8;
const AHEAD: usize = 3;

/// The context of the figure of these tokens.
pub(super) fn read(tokens: &[Token], figure: &Range<usize>) -> Context {
    let before = words_before(tokens, figure.start);
    let behind = words_behind(tokens, figure.end);
    let signed = is_signed(tokens, figure.start);
    let (direction, base) = direction(&before, &behind);
    let below_zero = behind
        .windows(2)
        .any(|w| w[0] == "below" && matches!(w[1], "zero" | "freezing"));
    Context {
        bound: bound(&before, &behind, tokens.get(figure.end)),
        prepositional: before
            .first()
            .is_some_and(|w| matches!(*w, "over" | "under" | "above" | "below" | "beyond")),
        negative: signed || below_zero || before.iter().take(2).any(|w| NEGATIVE.contains(w)),
        direction,
        base,
    }
}

fn word(token: &Token) -> Option<&str> {
    match &token.shape {
        Shape::Word(word) => Some(word),
        _ => None,
    }
}

/// The words before token `at`, nearest first, up to a mark or a number. A currency sign and a hyphen
/// within a word are no mark.
fn words_before(tokens: &[Token], at: usize) -> Vec<&str> {
    let mut out = Vec::new();
    for i in (0..at).rev() {
        let joins = |c: char| match c {
            '$' | '€' | '£' | '¥' | '+' => i + 1 == at,
            '-' => true,
            '.' => i > 0 && word(&tokens[i - 1]).is_some_and(|w| w.len() == 1),
            _ => false,
        };
        // rose from 10% to 5%: what stands before the first end counts for the second too
        let first_end = || {
            let near = i.saturating_sub(3)..i;
            at - i <= 8 && near.into_iter().any(|k| word(&tokens[k]) == Some("from"))
        };
        match &tokens[i].shape {
            // RMB5, US$5
            Shape::Word(word) if out.is_empty() && is_letters_of_money(word) => {}
            Shape::Word(word) => out.push(word.as_str()),
            Shape::Mark(c) if joins(*c) => {}
            Shape::Mark('%' | '$' | '€' | '£' | '¥') | Shape::Number(_) if first_end() => {}
            _ => break,
        }
        if out.len() == BACK {
            break;
        }
    }
    out
}

fn words_behind(tokens: &[Token], at: usize) -> Vec<&str> {
    let mut out = Vec::new();
    for token in tokens.iter().skip(at) {
        match &token.shape {
            Shape::Word(word) => out.push(word.as_str()),
            Shape::Mark('-') => {}
            _ => break,
        }
        if out.len() == AHEAD {
            break;
        }
    }
    out
}

fn is_letters_of_money(word: &str) -> bool {
    matches!(
        word,
        "us" | "rmb" | "hk" | "nt" | "usd" | "cny" | "hkd" | "eur" | "a" | "s" | "u"
    )
}

/// -5, not 3-5 nor mid-5.
fn is_signed(tokens: &[Token], at: usize) -> bool {
    let Some(dash) = at.checked_sub(1) else {
        return false;
    };
    let glued = !tokens[at].spaced;
    let free = dash == 0
        || tokens[dash].spaced
        || matches!(tokens[dash - 1].shape, Shape::Mark('(' | '$' | '~'));
    matches!(tokens[dash].shape, Shape::Mark('-')) && glued && free
}

fn bound(before: &[&str], behind: &[&str], next: Option<&Token>) -> Option<EnglishBound> {
    use EnglishBound::{Above, Below};
    if next.is_some_and(|t| t.shape == Shape::Mark('+')) {
        return Some(Above);
    }
    if let [joint @ ("or" | "and"), how, ..] = behind {
        let fits = |words: &[&str]| words.contains(how);
        if fits(&["above", "over", "older", "up"])
            || *joint == "or" && fits(&["more", "higher", "greater", "better", "so"])
        {
            return (*how != "so").then_some(Above);
        }
        if fits(&["below", "under", "younger"])
            || *joint == "or" && fits(&["less", "fewer", "lower"])
        {
            return Some(Below);
        }
    }
    let at = |k: usize| before.get(k).copied().unwrap_or("");
    // no more than; should not be less than; will not take more than
    let denied = (2..=3).any(|k| matches!(at(k), "no" | "not" | "never"));
    let turned = |bound| match bound {
        Above if denied => Below,
        Below if denied => Above,
        bound => bound,
    };
    Some(match (at(1), at(0)) {
        ("more" | "greater" | "higher" | "larger" | "longer" | "better", "than") => turned(Above),
        ("less" | "fewer" | "lower" | "smaller" | "shorter", "than") => turned(Below),
        ("at", "least") | ("upwards" | "excess", "of") => Above,
        ("at", "most") | ("short" | "shy", "of") | ("close", "to") => Below,
        ("not" | "without" | "never", word) if ABOVE.contains(word) => Below,
        (_, word) if ABOVE.contains(word) => Above,
        (_, word) if BELOW.contains(word) => Below,
        _ => return None,
    })
}

fn direction(before: &[&str], behind: &[&str]) -> (Option<Direction>, Option<Base>) {
    let says = |word: &str| {
        if UP.contains(word) {
            Some(Direction::Up)
        } else if DOWN.contains(word) {
            Some(Direction::Down)
        } else {
            None
        }
    };
    let mut linked = None;
    let mut front = None;
    for (k, word) in before.iter().enumerate() {
        // up to 5 bounds, and raises nothing
        let bounds = *word == "up" && k > 0 && before[k - 1] == "to"
            || *word == "lower" && k > 0 && before[k - 1] == "than"
            || *word == "higher" && k > 0 && before[k - 1] == "than";
        // narrowed to 5, narrowed by 5: where the value went is for the Chinese to say
        if NARROWING.contains(word) {
            let direction = match word.get(..3) {
                Some("nar") => Some(Direction::Narrowing),
                Some("wid") => Some(Direction::Widening),
                _ => None,
            };
            let base = match linked {
                Some("to") => Some(Base::To),
                Some("by") => Some(Base::By),
                _ => None,
            };
            return (direction, base);
        }
        // a forecast for growth to 5 says nothing of the forecast
        if *word == "growth" && linked == Some("to") {
            return (None, None);
        }
        if let Some(direction) = says(word).filter(|_| !bounds) {
            front = Some((direction, k));
            break;
        }
        let ranged = before[0] == "to" && before[k..].iter().take(5).any(|w| *w == "from");
        if !ranged && !SKIPPED.contains(word) {
            break;
        }
        if linked.is_none()
            && matches!(
                *word,
                "to" | "by" | "of" | "below" | "above" | "under" | "over"
            )
        {
            linked = Some(*word);
        }
    }
    let back = behind
        .iter()
        .take_while(|w| {
            !matches!(
                **w,
                "from"
                    | "to"
                    | "in"
                    | "of"
                    | "and"
                    | "or"
                    | "but"
                    | "while"
                    | "on"
                    | "at"
                    | "for"
                    | "as"
                    | "than"
                    | "compared"
            )
        })
        .find(|w| BEHIND.contains(w))
        .and_then(|w| says(w).or((*w == "fewer").then_some(Direction::Down)));
    match (front, back) {
        (Some((a, _)), Some(b)) if a != b => (None, None),
        (Some((direction, _)), None | Some(_)) => {
            // fell below 5 says where it arrived, if it says so of nothing else
            let base = match linked {
                Some("to") => Some(Base::To),
                Some("below" | "above" | "under" | "over") => None,
                _ => Some(Base::By),
            };
            (Some(direction), base)
        }
        (None, Some(direction)) => (Some(direction), None),
        (None, None) => (None, None),
    }
}
