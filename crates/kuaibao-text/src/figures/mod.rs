//! Key figures of a Chinese text: numbers, money, quantities, dates, with value and English.
//!
//! Comes in: a paragraph or a sentence, white space healed, and the article's date. Goes out:
//! [`Figure`]s in order, each with its byte range. Slogans, set phrases, names, telephone and page
//! numbers are not figures. Never guesses: a date that cannot be completed keeps its `X`s, a number
//! that is only part of a name is left alone.
//!
//! `chinese` reads the figures of the Chinese and `render` writes them in English; `english` reads those
//! of English text for the checks. Both know the same tables, `units` and `currency`.

mod by_char;
mod calendar;
mod chinese;
mod context;
mod currency;
mod english;
mod record;
mod render;
mod units;

use std::fmt;
use std::ops::Range;

use serde_json::json;

use crate::text::{Traced, squeezed};

pub use calendar::Clock;
pub(crate) use chinese::DatePart;
pub(crate) use context::{Base, Measured, measured_by, measured_in};
pub use context::{Compared, Direction, Measure, measures};
pub use currency::in_yuan;
pub(crate) use currency::{CurrencySet, dollars, named_in};
pub(crate) use english::{EnglishBound, words_with_places};
pub use english::{EnglishFigure, EnglishValue, Standing, extract_english};
pub use record::FigureRecord;
pub(crate) use render::MONTHS;
pub use render::month_name;
pub(crate) use units::{Dimension, english_names};

/// What sort of figure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FigureKind {
    /// A count, with or without a measure word.
    Number,
    /// 三分之二, 一半.
    Fraction,
    /// 5%, 五成, 3个百分点: `value` is in percent.
    Percent,
    /// An amount of a currency.
    Money,
    /// A physical quantity.
    Quantity,
    /// A date, an interval of dates, or a time of day: `value` is EDTF.
    Date,
    /// A length of time.
    Duration,
    /// 第十四届.
    Ordinal,
    /// 3倍, 翻一番: `value` is the factor as written.
    Multiple,
    /// 35岁.
    Age,
    /// 3比1.
    Score,
}

impl FigureKind {
    /// The name in [`FigureRecord::kind`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Fraction => "fraction",
            Self::Percent => "percent",
            Self::Money => "money",
            Self::Quantity => "quantity",
            Self::Date => "date",
            Self::Duration => "duration",
            Self::Ordinal => "ordinal",
            Self::Multiple => "multiple",
            Self::Age => "age",
            Self::Score => "score",
        }
    }
}

/// How the value relates to the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// 以上, 至少.
    AtLeast,
    /// 以下, 不超过, 多达.
    AtMost,
    /// 超过, 多, 余.
    MoreThan,
    /// 不足, 不到.
    LessThan,
    /// 约, 左右.
    About,
    /// 近, 将近.
    Nearly,
    /// 数十, 几十: several of `value`.
    TensOf,
}

impl Bound {
    /// The name in [`FigureRecord::bound`].
    pub fn name(self) -> &'static str {
        match self {
            Self::AtLeast => "at-least",
            Self::AtMost => "at-most",
            Self::MoreThan => "more-than",
            Self::LessThan => "less-than",
            Self::About => "about",
            Self::Nearly => "nearly",
            Self::TensOf => "tens-of",
        }
    }
}

/// A figure's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One number.
    Number(f64),
    /// Low and high end.
    Range(f64, f64),
    /// Both sides of a score, as written.
    Score(f64, f64),
    /// EDTF.
    Date(String),
}

impl Value {
    /// The value as [`FigureRecord::value`] prints it; whole numbers print without a point.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Number(n) => number_json(*n),
            Self::Range(a, b) | Self::Score(a, b) => json!([number_json(*a), number_json(*b)]),
            Self::Date(edtf) => json!(edtf),
        }
    }
}

/// Whole numbers as integers while `f64` holds them exactly.
pub(crate) fn number_json(n: f64) -> serde_json::Value {
    if n.fract() == 0.0 && n.abs() < 9e15 {
        json!(n as i64)
    } else {
        json!(n)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Range(a, b) => write!(f, "{a}–{b}"),
            Self::Score(a, b) => write!(f, "{a}-{b}"),
            Self::Date(edtf) => f.write_str(edtf),
        }
    }
}

/// One figure of a Chinese text.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Bytes of the text, bounds and unit included.
    pub range: Range<usize>,
    /// What sort of figure it is.
    pub kind: FigureKind,
    /// Its value in plain units (9e9, not 90亿).
    pub value: Value,
    /// The unit or measure word as written.
    pub unit: Option<String>,
    /// ISO 4217 code of money.
    pub currency: Option<&'static str>,
    /// Whether the Chinese names the currency: 元 alone does not.
    pub currency_stated: bool,
    /// How the value relates to the truth.
    pub bound: Option<Bound>,
    /// English rendering.
    pub en: String,
    /// Which way the value moved, where the Chinese says.
    pub direction: Option<Direction>,
    /// What the change is measured against.
    pub compared: Option<Compared>,
    /// The noun that it measures or counts, and its line in the table.
    pub(crate) what: Option<(String, Measured)>,
    pub(crate) base: Option<Base>,
    /// What a date says in so many words.
    pub(crate) stated: Vec<DatePart>,
    /// The amounts of a compound duration (two hours 13 minutes), each with its unit.
    pub(crate) parts: Vec<(f64, Option<(Dimension, f64)>)>,
    /// Dimension and size of the unit in the dimension's base unit.
    pub(crate) measure: Option<(Dimension, f64)>,
    /// All the currencies that the name of the currency may mean.
    pub(crate) may_be: CurrencySet,
}

/// Where a paragraph stands: what a [`FigureRecord`] says beside the figure itself.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The source, relative to the folder that was given.
    pub source: &'a str,
    /// The article within its source.
    pub article: &'a str,
    /// The paragraph or sentence that the figure was read from.
    pub text: &'a Traced,
    /// The sentence it stands in.
    pub sentence: &'a str,
    /// What that is called in a brief.
    pub sentence_id: Option<&'a str>,
    /// Where that sentence begins in the source.
    pub sentence_start: usize,
}

impl Figure {
    /// The figure as other programs read it (`kuaibao.figure/1`).
    pub fn record(&self, place: &Place<'_>) -> FigureRecord {
        let zh = squeezed(&place.text.as_str()[self.range.clone()]);
        let source = place.text.source_range(self.range.clone());
        FigureRecord {
            schema: "kuaibao.figure/1".to_owned(),
            source: place.source.to_owned(),
            article: place.article.to_owned(),
            kind: self.kind.name().to_owned(),
            zh,
            start: source.start,
            end: source.end,
            value: self.value.json(),
            unit: self.unit_name(),
            currency: self.currency.map(str::to_owned),
            currency_stated: self.currency_stated,
            bound: self.bound.map(|b| b.name().to_owned()),
            en: self.en.clone(),
            what: self.what.as_ref().map(|(what, _)| what.clone()),
            direction: self.direction.map(|d| d.name().to_owned()),
            compared: self.compared.as_ref().map(|c| c.name().to_owned()),
            sentence_id: place.sentence_id.map(str::to_owned),
            sentence: bounded(
                place.sentence,
                &place.text.as_str()[self.range.clone()],
                source.start.saturating_sub(place.sentence_start),
            ),
        }
    }

    /// The unit as written, but `%` and `pp` (a basis point is 0.01 pp) for what is counted in them.
    fn unit_name(&self) -> Option<String> {
        match (self.kind, self.unit.as_deref()) {
            (FigureKind::Percent, Some(unit)) if unit != "折" => {
                Some(if self.is_in_points() { "pp" } else { "%" }.to_owned())
            }
            (_, unit) => unit.map(str::to_owned),
        }
    }

    /// Whether it is counted in percentage or basis points.
    pub(crate) fn is_in_points(&self) -> bool {
        self.unit
            .as_deref()
            .is_some_and(|unit| unit.ends_with('点'))
    }
}

/// Most characters of [`FigureRecord::sentence`]: with them the record of a figure of two bytes, the densest
/// there are (`1,1,1,`), comes to less than 600 bytes.
const LONGEST_SENTENCE: usize = 140;

/// Mended white space moves a figure by so many bytes at most; a search of the whole sentence would make
/// long texts slow.
const MOVED: usize = 600;

/// A sentence, or the part of it around its figure, with `…` where it was cut. `near` is about how
/// many bytes into the sentence the figure stands.
fn bounded(sentence: &str, figure: &str, near: usize) -> String {
    // A byte count that is small enough needs no counting of characters.
    if sentence.len() <= LONGEST_SENTENCE || sentence.chars().nth(LONGEST_SENTENCE).is_none() {
        return sentence.to_owned();
    }
    let edge = |at: usize| {
        (0..=at.min(sentence.len()))
            .rev()
            .find(|i| sentence.is_char_boundary(*i))
    };
    let from = edge(near.saturating_sub(MOVED)).unwrap_or(0);
    let to = edge(near + MOVED + figure.len()).unwrap_or(sentence.len());
    let at = from + sentence[from..to].find(figure).unwrap_or(0);
    let room = LONGEST_SENTENCE - 2;
    let before = sentence[..at].chars().rev().take(room / 2);
    let start = at - before.map(char::len_utf8).sum::<usize>();
    let window: usize = sentence[start..]
        .chars()
        .take(room)
        .map(char::len_utf8)
        .sum();
    let end = start + window;
    let mark = |cut: bool| if cut { "…" } else { "" };
    format!(
        "{}{}{}",
        mark(start > 0),
        &sentence[start..end],
        mark(end < sentence.len())
    )
}

/// The figures of one text, in order.
///
/// Dates that follow one another complete each other within the text (7月24日… 25日).
pub fn extract(text: &str, clock: &Clock) -> Vec<Figure> {
    Reader::new(*clock).read(text)
}

/// The numerals of `text` that are part of names and terms, with their values, and whether English
/// will hardly write them otherwise.
pub(crate) fn numerals_in_names(text: &str, figures: &[Figure]) -> Vec<(Range<usize>, f64, bool)> {
    chinese::numerals_in_names(text, figures)
}

/// Reads an article paragraph by paragraph, so that later dates can lean on earlier ones.
#[derive(Debug)]
pub struct Reader {
    carry: chinese::Carry,
}

impl Reader {
    /// A reader for an article of this date.
    pub fn new(clock: Clock) -> Self {
        Self {
            carry: chinese::Carry::new(clock),
        }
    }

    /// The figures of the next paragraph.
    pub fn read(&mut self, paragraph: &str) -> Vec<Figure> {
        let figures = chinese::read(paragraph, &mut self.carry);
        self.carry.end_paragraph();
        figures
    }
}

/// The whole number that a Chinese text is and nothing else: `27`, `二十七`, `二〇二七`.
pub fn whole_number(text: &str) -> Option<u32> {
    chinese::whole_number(text)
}

/// A number as English prints it: `3,000`, `1.2 trillion`.
pub fn english_number(n: f64) -> String {
    render::number(n)
}
