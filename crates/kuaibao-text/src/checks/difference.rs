//! What two figures of one value still differ in: unit, currency, bound, sign, direction, base, time.
//!
//! A difference is one only where both sides state it: English that says less than the Chinese is no
//! error of these kinds.

use std::ops::Range;

use super::expected::{ExpectedFigure, ExpectedValue, close, number_of};
use crate::figures::{
    Base, Bound, Dimension, Direction, EnglishBound, EnglishFigure, EnglishValue, FigureKind,
    Standing, english_names,
};
use crate::text::chars::is_clause_end;

/// What is wrong about an English figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Difference {
    /// Another number.
    Value,
    /// A power of ten.
    Scale,
    /// Another unit of the same dimension, or percent for percentage points.
    Unit,
    /// No unit, where the Chinese has one that is measured in.
    Unitless,
    /// Area for length, mass for volume.
    Dimension,
    /// Another currency.
    Currency,
    /// *More than* for *less than*.
    Bound,
    /// A lost or invented minus.
    Sign,
    /// A rise for a fall.
    Direction,
    /// *To* for *by*.
    Base,
    /// Morning for evening, one weekday for another.
    Time,
}

impl Difference {
    /// The name in `kuaibao.check/1`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Scale => "scale",
            Self::Unit | Self::Unitless => "unit",
            Self::Dimension => "dimension",
            Self::Currency => "currency",
            Self::Bound => "bound",
            Self::Sign => "sign",
            Self::Direction => "direction",
            Self::Base => "base",
            Self::Time => "time",
        }
    }
}

impl Difference {
    /// What an editor is told behind the English figure; empty where the two values say it all.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Value | Self::Scale => "",
            Self::Unit => "in another unit",
            Self::Unitless => "without its unit",
            Self::Dimension => "which measures something else",
            Self::Currency => "in another currency",
            Self::Bound => "with the opposite bound",
            Self::Sign => "with the wrong sign",
            Self::Direction => "in the other direction",
            Self::Base => "with “to” and “by” confused",
            Self::Time => "which is another time",
        }
    }
}

/// The two texts, for what stands further off than beside a figure.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    pub(super) zh: &'a str,
    /// In lower case.
    pub(super) en: &'a str,
    /// Whether the English says of anything that it is below nought, or that it fell.
    below: bool,
    fell: bool,
    /// Whether the Chinese says of anything that it fell.
    falls: bool,
}

impl<'a> Texts<'a> {
    /// `en` is in lower case.
    pub(super) fn new(zh: &'a str, en: &'a str) -> Self {
        const BELOW: &[&str] = &["minus", "negative", "below", "sub-zero", "subzero"];
        const FELL: &[&str] = &[
            "deficit", "loss", "contract", "shr", "fell", "fall", "drop", "declin", "decreas",
            "down", "lower", "slip", "lost",
        ];
        const FALLING: &[char] = &[
            '负', '减', '降', '跌', '亏', '缩', '差', '下', '-', '−', '–',
        ];
        let below = BELOW.iter().any(|word| en.contains(word));
        Self {
            zh,
            en,
            below,
            fell: below || FELL.iter().any(|word| en.contains(word)),
            falls: zh.contains(FALLING),
        }
    }
}

impl Texts<'_> {
    /// Whether the English says of anything that it is measured in a unit of `dimension`, or in one that
    /// such units are made of.
    fn measures(self, dimension: Dimension) -> bool {
        let parts: &[Dimension] = match dimension {
            Dimension::Area | Dimension::Volume | Dimension::Speed => &[Dimension::Length],
            Dimension::Temperature | Dimension::Fahrenheit => {
                &[Dimension::Other, Dimension::Temperature]
            }
            Dimension::Transport | Dimension::Ridership => &[Dimension::Mass, Dimension::Length],
            _ => &[],
        };
        let named = |name: &str| {
            let found = self.en.match_indices(name);
            found
                .map(|(at, _)| at..at + name.len())
                .any(|range| is_apart(self.en, &range, char::is_alphabetic))
        };
        // -8°C, 8 below zero
        let warm = matches!(dimension, Dimension::Temperature | Dimension::Fahrenheit);
        let signs = ["°", "º", "zero", "freezing"];
        warm && signs.iter().any(|sign| self.en.contains(sign))
            || english_names()
                .filter(|(_, of, _)| *of == dimension || parts.contains(of))
                .any(|(name, ..)| named(name))
    }
}

/// Whether nothing that `joins` stands right before or behind a range of a text.
fn is_apart(text: &str, range: &Range<usize>, joins: fn(char) -> bool) -> bool {
    !text[..range.start].ends_with(joins) && !text[range.end..].starts_with(joins)
}

/// What a figure and the English one of its value differ in.
pub(super) fn difference(
    expectation: &ExpectedFigure,
    en: &EnglishFigure,
    texts: Texts<'_>,
) -> Option<Difference> {
    if let (ExpectedValue::Time(_, _, Some(full)), EnglishValue::Time(hour, _)) =
        (&expectation.shown, en.value)
    {
        return (en.sure && hour % 24 != full % 24).then_some(Difference::Time);
    }
    let &ExpectedValue::Amount {
        value,
        kind,
        measure,
        ..
    } = &expectation.shown
    else {
        return None;
    };
    if en.standing != Standing::Stated && en.standing != Standing::Doubtful {
        return None;
    }
    // 5 pounds may be mass, but stands for money here
    let pounds = kind == FigureKind::Money && en.kind == FigureKind::Number && en.measure.is_some();
    if (en.kind == FigureKind::Money || pounds) && expectation.is_in_another_currency(en) {
        return Some(Difference::Currency);
    }
    if kind == FigureKind::Percent
        && en.kind == FigureKind::Percent
        && expectation.points != en.points
    {
        return Some(Difference::Unit);
    }
    units(value, measure, en)
        .or_else(|| unitless(expectation, measure, en, texts))
        .or_else(|| period(expectation, kind, en, texts))
        .or_else(|| bound(expectation, en))
        .or_else(|| sign(value, expectation, en, texts))
        .or_else(|| direction(expectation, en))
}

fn units(value: f64, measure: Option<(Dimension, f64)>, en: &EnglishFigure) -> Option<Difference> {
    let ((a, size), (b, en_size)) = (measure?, en.measure?);
    if a == Dimension::Other || b == Dimension::Other {
        return None;
    }
    if a != b {
        // a light-year and a man-year are told by their names
        let told = matches!(a, Dimension::Speed | Dimension::Temperature)
            && matches!(b, Dimension::Length | Dimension::Fahrenheit);
        return (!told).then_some(Difference::Dimension);
    }
    let same = number_of(en).is_some_and(|n| close(n, value.abs(), 1e-9));
    (same && !close(size, en_size, 0.13)).then_some(Difference::Unit)
}

/// Measures whose Chinese is another word too: 一方 a side, 39码 a size of shoes, 三节课 three lessons, 一桶 a pail.
const OTHER_WORDS: &[&str] = &["方", "码", "节", "桶", "寸", "吋", "兆", "尺", "丈"];

/// 12海里 as *12 sea*: nothing in the English is measured in what this is.
fn unitless(
    expectation: &ExpectedFigure,
    measure: Option<(Dimension, f64)>,
    en: &EnglishFigure,
    texts: Texts<'_>,
) -> Option<Difference> {
    let (dimension, _) = measure?;
    let told = matches!(dimension, Dimension::Time | Dimension::Other);
    let unit = expectation.unit.as_deref()?;
    let counted = en.kind == FigureKind::Number && en.measure.is_none();
    let plain = matches!(en.value, EnglishValue::Number(_));
    (!told && counted && plain && !OTHER_WORDS.contains(&unit) && !texts.measures(dimension))
        .then_some(Difference::Unitless)
}

/// Periods that an amount is said of: in Chinese before it or behind it, a character that names the period
/// anywhere, in English behind it, and the words for it anywhere.
type Period = (
    &'static [&'static str],
    &'static [char],
    &'static [&'static str],
    &'static [&'static str],
);

const PERIODS: [Period; 5] = [
    (
        &["每小时", "每个小时", "/小时", "/时"],
        &['时'],
        &["an hour", "per hour", "hourly", "every hour"],
        &["hour"],
    ),
    (
        &["每天", "每日", "日均", "/天", "/日"],
        &['天', '日'],
        &["a day", "per day", "daily", "each day", "every day"],
        &["day", "daily", "night"],
    ),
    (
        &["每周", "每星期", "/周"],
        &['周', '期'],
        &["a week", "per week", "weekly", "each week", "every week"],
        &["week"],
    ),
    (
        &["每月", "月均", "每个月", "/月"],
        &['月'],
        &[
            "a month",
            "per month",
            "monthly",
            "each month",
            "every month",
        ],
        &["month"],
    ),
    (
        &["每年", "年均", "/年"],
        &['年', '岁', '载'],
        &[
            "a year",
            "per year",
            "annually",
            "each year",
            "every year",
            "yearly",
        ],
        &["year", "annual"],
    ),
];

/// 每天8000吨 as *8,000 tonnes a year*: another period, where neither text speaks of the other's.
fn period(
    expectation: &ExpectedFigure,
    kind: FigureKind,
    en: &EnglishFigure,
    texts: Texts<'_>,
) -> Option<Difference> {
    /// Bytes of what may stand between an amount and its period, in either text: *tonnes of sewage*.
    const REACH: usize = 48;
    let counted = matches!(
        kind,
        FigureKind::Number | FigureKind::Money | FigureKind::Quantity
    );
    let rest = texts.en.get(en.range.end..).filter(|_| counted)?;
    let rest = &rest[..rest.floor_char_boundary(REACH)];
    let end = rest.find(|c: char| c.is_ascii_digit() || ",;.:".contains(c));
    let rest = &rest[..end.unwrap_or(rest.len())];
    let told = PERIODS.iter().position(|(_, _, en, _)| {
        en.iter().any(|word| {
            rest.find(word)
                .is_some_and(|at| is_apart(rest, &(at..at + word.len()), char::is_alphanumeric))
        })
    })?;
    let zh = texts.zh;
    let (start, end) = (expectation.zh.start, expectation.zh.end);
    let before = zh.get(zh.floor_char_boundary(start.saturating_sub(REACH))..start)?;
    let clause = before.rsplit(is_clause_end).next().unwrap_or(before);
    let behind = zh.get(end..)?;
    let own = PERIODS.iter().position(|(words, ..)| {
        let beside = |word: &&str| clause.contains(word) || behind.starts_with(word);
        words.iter().any(beside)
    })?;
    let spoken = PERIODS[own].3.iter().any(|word| texts.en.contains(word))
        || texts.zh.contains(PERIODS[told].1);
    (own != told && !spoken).then_some(Difference::Unit)
}

fn bound(expectation: &ExpectedFigure, en: &EnglishFigure) -> Option<Difference> {
    // over five years is during five years
    let during = en.kind == FigureKind::Duration && en.context.prepositional;
    let vague = matches!(en.value, EnglishValue::Vague(..));
    if during || vague || matches!(en.kind, FigureKind::Ordinal | FigureKind::Date) {
        return None;
    }
    let differ = match (expectation.bound?, en.context.bound?) {
        (Bound::MoreThan | Bound::AtLeast, EnglishBound::Below) => true,
        (Bound::LessThan | Bound::Nearly, EnglishBound::Above) => true,
        (Bound::AtMost, EnglishBound::Above) => !expectation.reaches,
        _ => false,
    };
    differ.then_some(Difference::Bound)
}

fn sign(
    value: f64,
    expectation: &ExpectedFigure,
    en: &EnglishFigure,
    texts: Texts<'_>,
) -> Option<Difference> {
    if matches!(
        en.kind,
        FigureKind::Score | FigureKind::Ordinal | FigureKind::Date
    ) {
        return None;
    }
    let said = en.context.negative || en.context.direction == Some(Direction::Down);
    if value < 0.0 {
        let cold = matches!(
            measured_as(expectation),
            Some(Dimension::Temperature | Dimension::Other)
        );
        let somewhere = if cold { texts.below } else { texts.fell };
        let said = en.context.negative || said && !cold;
        return (!said && !somewhere).then_some(Difference::Sign);
    }
    let measured = matches!(en.kind, FigureKind::Percent | FigureKind::Money)
        || matches!(en.measure, Some((Dimension::Temperature, _)));
    let invented = en.context.negative && measured && value > 0.0;
    let fell = expectation.direction == Some(Direction::Down) || texts.falls;
    (invented && !fell).then_some(Difference::Sign)
}

fn measured_as(expectation: &ExpectedFigure) -> Option<Dimension> {
    match expectation.shown {
        ExpectedValue::Amount { measure, .. } => measure.map(|(dimension, _)| dimension),
        _ => None,
    }
}

fn direction(expectation: &ExpectedFigure, en: &EnglishFigure) -> Option<Difference> {
    if matches!(
        en.kind,
        FigureKind::Score | FigureKind::Ordinal | FigureKind::Age
    ) {
        return None;
    }
    let (zh, said) = (expectation.direction?, en.context.direction?);
    if zh.opposes(said) {
        return Some(Difference::Direction);
    }
    let differ = matches!(
        (expectation.base, en.context.base),
        (Some(Base::To), Some(Base::By)) | (Some(Base::By), Some(Base::To))
    );
    (differ && zh == said).then_some(Difference::Base)
}
