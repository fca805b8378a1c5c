//! Figures of English text, for the check of a translation against its source.
//!
//! Comes in: a sentence of English. Goes out: every number that it states, in digits or in words,
//! with the unit that stands beside it. Generous on purpose: *half*, *dozens*, *both*, *tripled*,
//! *a decade* state a number when the Chinese does, and count for nothing when it does not.

mod context;
mod parser;
mod tokens;
mod words;

use std::ops::Range;

use super::FigureKind;
use super::currency::CurrencySet;
use super::units::Dimension;
use context::Context;
pub(crate) use context::EnglishBound;

/// A figure of English text.
#[derive(Clone, Debug, PartialEq)]
pub struct EnglishFigure {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// What sort of figure it is, as far as the words beside it say.
    pub kind: FigureKind,
    /// Its value.
    pub value: EnglishValue,
    /// Another reading: the 40 of *40 to 50 billion*, the five metres of *5m*.
    pub alternate: Option<f64>,
    /// The kind that a later number of the same list or range names: the 10 of *10 to 15 percent*.
    pub shared: Option<FigureKind>,
    /// How surely the words state a number.
    pub standing: Standing,
    /// Preceded by *about*, *nearly*, *more than* …
    pub hedged: bool,
    /// Decimal exponent of the last significant digit: 8 in *1.3 billion*.
    pub last_digit: i32,
    pub(crate) around: Around,
    pub(crate) measure: Option<(Dimension, f64)>,
    /// Counted in percentage or basis points.
    pub(crate) points: bool,
    /// A time of day with a.m., p.m. or on the clock of 24 hours.
    pub(crate) sure: bool,
    pub(crate) context: Context,
}

/// What stands beside an English figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Around {
    /// The word before it; empty where there is none.
    pub(crate) before: String,
    /// The word behind it.
    pub(crate) after: String,
    /// The currencies that the name or sign beside it may mean.
    pub(crate) currency: CurrencySet,
    /// Bytes of the figure and of that currency.
    pub(crate) with_currency: Range<usize>,
    /// The month it is the day or the year of.
    pub(crate) month: Option<u32>,
}

/// How surely English words state a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// *12*, *twelve*.
    Stated,
    /// *one*, *second*, *May*, *IV*: may be something else.
    Doubtful,
    /// *a*, *both*, *next*, *largest*: a number only if the source has one.
    StandIn,
    /// *G20*, *5G*: digits in a name.
    Name,
}

/// The value of an [`EnglishFigure`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EnglishValue {
    /// One number; in percent where the kind is [`FigureKind::Percent`].
    Number(f64),
    /// *dozens*, *hundreds of thousands*: from, to.
    Vague(f64, f64),
    /// 1 to 12.
    Month(u32),
    /// Monday is 1.
    Weekday(u32),
    /// *the 1990s*: its first year.
    Decade(i32),
    /// Hour and minute.
    Time(u32, u32),
}

/// The figures of `text`, in order.
pub fn extract_english(text: &str) -> Vec<EnglishFigure> {
    let mut figures = parser::read(text);
    share(text, &mut figures);
    figures
}

/// The words of a text in lower case, with the byte each begins at.
pub(crate) fn words_with_places(text: &str) -> Vec<(usize, String)> {
    let tokens = tokens::tokens(text).into_iter();
    let words = tokens.filter_map(|token| match token.shape {
        tokens::Shape::Word(word) => Some((token.range.start, word)),
        _ => None,
    });
    words.collect()
}

/// A number takes the magnitude and the sort of the next where they share it: *40 to 50 billion*.
fn share(text: &str, figures: &mut [EnglishFigure]) {
    for i in (1..figures.len()).rev() {
        let (head, tail) = figures.split_at_mut(i);
        let (a, b) = (&mut head[i - 1], &tail[0]);
        let (EnglishValue::Number(x), EnglishValue::Number(y)) = (a.value, b.value) else {
            continue;
        };
        if a.range.end > b.range.start
            || matches!(
                a.kind,
                FigureKind::Ordinal | FigureKind::Date | FigureKind::Percent
            )
        {
            continue;
        }
        let between = text[a.range.end..b.range.start]
            .trim_matches(|c: char| c.is_whitespace() || matches!(c, '$' | '£' | '€' | '¥'))
            .trim_end_matches("RMB")
            .trim();
        if !matches!(
            between,
            "to" | "-" | "–" | "—" | "~" | "and" | "or" | "," | ", and" | "/" | "from" | "but"
        ) {
            continue;
        }
        a.shared = Some(b.shared.unwrap_or(b.kind));
        if a.measure.is_none() && !matches!(between, "and" | "," | ", and") {
            a.measure = b.measure;
        }
        let scale = scale_in(&text[b.range.clone()]);
        if scale > 1.0 && x < 1000.0 && x * scale <= y * 1000.0 && a.alternate.is_none() {
            a.alternate = Some(x * scale);
        }
    }
}

/// The magnitude named by the words of a figure.
fn scale_in(words: &str) -> f64 {
    words
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter_map(|w| words::glued_scale(&w.to_ascii_lowercase()))
        .product()
}
