//! Lines to running text: what a line end or a stray space stands for.
//!
//! Comes in: ranges of the source, one a line. Goes out: one [`Traced`] text. Never changes or
//! drops a character that is not white space.

use std::ops::Range;

use super::line::is_punctuation;
use crate::text::Traced;
use crate::text::chars::is_han;

/// What kind of text is being joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Running text: spaces around digits are a trace of the typesetting.
    Body,
    /// Headlines: a space divides clauses.
    Head,
}

/// Joins lines, heals words and numbers cut by line ends, and takes out spaces that the
/// typesetting put where Chinese has none.
pub(super) fn join(
    source: &str,
    lines: impl IntoIterator<Item = Range<usize>>,
    style: Style,
) -> Traced {
    let mut text = Traced::new();
    let mut before: Option<char> = None;
    let mut end = 0;
    for range in lines {
        let gap = end..range.start;
        let first = source[range.clone()].chars().next();
        if let (Some(a), Some(b)) = (before, first) {
            match at_line_end(&source[gap.clone()], a, b, style) {
                Some(Space::Source) => push_one_space(&mut text, source, gap),
                Some(Space::Inserted) => text.push_space(),
                None => {}
            }
        }
        push_line(&mut text, source, range.clone(), style);
        before = source[range.clone()].chars().next_back();
        end = range.end;
    }
    text
}

enum Space {
    Source,
    Inserted,
}

/// What stands for a line end between `a` and `b`.
fn at_line_end(gap: &str, a: char, b: char, style: Style) -> Option<Space> {
    if style == Style::Head
        && gap.contains([' ', '\u{3000}', '\u{a0}', '\t'])
        && !is_punctuation(a)
        && !is_punctuation(b)
    {
        return Some(Space::Source);
    }
    // A number goes on, a hyphen joins, and letters beside digits are one token (`5G`, `C919`).
    let both_letters = a.is_alphabetic() && !is_han(a) && b.is_alphabetic() && !is_han(b);
    // Between capitals nothing is missing: `GD` + `P`.
    let capitals = a.is_uppercase() && b.is_uppercase();
    (both_letters && !capitals).then_some(Space::Inserted)
}

fn push_one_space(text: &mut Traced, source: &str, gap: Range<usize>) {
    let found = source[gap.clone()]
        .char_indices()
        .find(|(_, c)| matches!(c, ' ' | '\u{3000}' | '\u{a0}' | '\t'));
    if let Some((at, c)) = found {
        let at = gap.start + at;
        text.push(source, at..at + c.len_utf8());
    }
}

/// Appends one line, without the spaces that Chinese does not have.
fn push_line(text: &mut Traced, source: &str, range: Range<usize>, style: Style) {
    let line = &source[range.clone()];
    let spaced_out = style == Style::Body && is_spaced_out(line);
    let mut from = 0;
    let mut at = 0;
    while let Some(space) = line[at..].find(char::is_whitespace).map(|i| at + i) {
        let behind = line[space..]
            .find(|c: char| !c.is_whitespace())
            .map_or(line.len(), |i| space + i);
        let a = line[..space].chars().next_back();
        let b = line[behind..].chars().next();
        let keep = match (a, b) {
            (Some(a), Some(b)) => keeps_space(a, b, style, spaced_out),
            _ => false,
        };
        let kept = if keep {
            space + line[space..].chars().next().map_or(0, char::len_utf8)
        } else {
            space
        };
        text.push(source, range.start + from..range.start + kept);
        from = behind;
        at = behind;
    }
    text.push(source, range.start + from..range.end);
}

/// Whether a space between `a` and `b` within a line means something.
fn keeps_space(a: char, b: char, style: Style, spaced_out: bool) -> bool {
    let wide = |c: char| is_han(c);
    match style {
        Style::Head => !is_punctuation(a) || !is_punctuation(b),
        Style::Body => {
            if is_punctuation(a) && !a.is_ascii()
                || is_punctuation(b) && !b.is_ascii()
                || a.is_ascii_digit() && b == '%'
            {
                false
            } else if wide(a) && wide(b) {
                !spaced_out
            } else {
                !wide(a) && !wide(b)
            }
        }
    }
}

/// Whether a line is set with a space after nearly every character.
fn is_spaced_out(line: &str) -> bool {
    let han = line.chars().filter(|c| is_han(*c)).count();
    let spaces = line.chars().filter(|c| c.is_whitespace()).count();
    han >= 4 && spaces * 10 >= han * 6
}
