//! English text as words, numbers and marks.

use std::ops::Range;

/// One token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) shape: Shape,
    pub(super) range: Range<usize>,
    /// Whether white space stands before it.
    pub(super) spaced: bool,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Letters, lower-cased.
    Word(String),
    Number(Literal),
    Mark(char),
}

/// A number in digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Literal {
    pub(super) value: f64,
    /// Digits before and behind the point.
    pub(super) whole: usize,
    pub(super) decimals: usize,
    /// Zeros at the end of a whole number.
    pub(super) zeros: usize,
    /// Written with grouping commas.
    pub(super) grouped: bool,
}

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut spaced = true;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            spaced = true;
            at += c.len_utf8();
            continue;
        }
        let rest = &text[at..];
        let (shape, len) = if c.is_ascii_digit() {
            let (literal, len) = literal(rest);
            (Shape::Number(literal), len)
        } else if c.is_alphabetic() {
            let len = rest
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(rest.len());
            (Shape::Word(rest[..len].to_lowercase()), len)
        } else {
            (Shape::Mark(fold(c)), c.len_utf8())
        };
        out.push(Token {
            shape,
            range: at..at + len,
            spaced,
        });
        at += len;
        spaced = false;
    }
    out
}

fn fold(c: char) -> char {
    match c {
        '–' | '—' | '‐' | '‑' | '−' | '～' | '~' => '-',
        '’' | '‘' => '\'',
        '％' => '%',
        '﹪' => '%',
        '￥' => '¥',
        '：' => ':',
        c => c,
    }
}

/// The number that `text` begins with, and its length.
fn literal(text: &str) -> (Literal, usize) {
    let bytes = text.as_bytes();
    let run = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut end = run(0);
    let mut grouped = false;
    if end <= 3 {
        while bytes.get(end) == Some(&b',') && run(end + 1) == 3 {
            end += 4;
            grouped = true;
        }
    }
    let whole = bytes[..end].iter().filter(|b| b.is_ascii_digit()).count();
    let zeros = bytes[..end]
        .iter()
        .rev()
        .filter(|b| **b != b',')
        .take_while(|b| **b == b'0')
        .count();
    let mut decimals = 0;
    if bytes.get(end) == Some(&b'.') {
        decimals = run(end + 1);
        if decimals > 0 {
            end += 1 + decimals;
        }
    }
    let plain: String = text[..end].chars().filter(|c| *c != ',').collect();
    let mut value = plain.parse().unwrap_or(0.0);
    if let Some((part, len)) = vulgar(&text[end..]) {
        value += part;
        decimals = 2;
        end += len;
    }
    let literal = Literal {
        value,
        whole,
        decimals,
        zeros,
        grouped,
    };
    (literal, end)
}

/// The half of 2½.
fn vulgar(text: &str) -> Option<(f64, usize)> {
    let c = text.chars().next()?;
    let value = match c {
        '½' => 0.5,
        '¼' => 0.25,
        '¾' => 0.75,
        '⅓' => 1.0 / 3.0,
        '⅔' => 2.0 / 3.0,
        _ => return None,
    };
    Some((value, c.len_utf8()))
}
