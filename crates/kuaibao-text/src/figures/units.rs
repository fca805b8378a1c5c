//! What figures count: currencies, measures, spans of time, measure words.
//!
//! One table for both languages, `units.tsv`; the names of currencies come from `currencies.tsv`. A
//! unit that is missing there costs a figure its unit, not its value, when the number is in Arabic
//! digits; a written number without a unit is not a figure at all.

use std::sync::LazyLock;

use super::by_char::ByChar;
use super::currency::{self, Currency, CurrencySet};

/// What kind of thing a unit measures; figures of one dimension can be converted into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// Base unit: metre.
    Length,
    /// Square metre.
    Area,
    /// Cubic metre.
    Volume,
    /// Kilogram.
    Mass,
    /// Degree Celsius.
    Temperature,
    /// Degree Fahrenheit.
    Fahrenheit,
    /// Metre a second.
    Speed,
    /// Watt.
    Power,
    /// Joule.
    Energy,
    /// Second.
    Time,
    /// Volt.
    Voltage,
    /// Hertz.
    Frequency,
    /// Byte.
    Data,
    /// Bit a second.
    DataRate,
    /// Pascal.
    Pressure,
    /// Sievert.
    Dose,
    /// Kilogram carried a metre.
    Transport,
    /// Person carried a metre.
    Ridership,
    /// A unit of its own that is not compared: 分贝, a degree of whatever it may be.
    Other,
}

/// One unit of the table.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) zh: &'static str,
    pub(super) class: Class,
}

/// What reading a unit makes of its number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Class {
    /// The currency by default, and all that the name may mean.
    Money(&'static Currency, CurrencySet),
    /// English name behind one and behind more, dimension, size in the dimension's base unit.
    Measure(&'static str, &'static str, Dimension, f64),
    /// English name behind one and behind more, seconds.
    Span(&'static str, &'static str, f64),
    /// A measure word; the English noun where the word carries one (户 households), else empty.
    Count(&'static str, &'static str),
    /// 岁.
    Age,
    /// 倍.
    Times,
    /// 成: tenths.
    Tenths,
    /// % and ‰: English, factor to percent.
    Percent(&'static str, f64),
    /// 个百分点, 个基点: English, factor to percentage points.
    Points(&'static str, f64),
    /// Rank or label by number: 届, 期, 号. Written numbers need no 第.
    Rank(&'static str),
}

impl Dimension {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "length" => Self::Length,
            "area" => Self::Area,
            "volume" => Self::Volume,
            "mass" => Self::Mass,
            "temperature" => Self::Temperature,
            "fahrenheit" => Self::Fahrenheit,
            "speed" => Self::Speed,
            "power" => Self::Power,
            "energy" => Self::Energy,
            "voltage" => Self::Voltage,
            "frequency" => Self::Frequency,
            "data" => Self::Data,
            "datarate" => Self::DataRate,
            "pressure" => Self::Pressure,
            "dose" => Self::Dose,
            "transport" => Self::Transport,
            "ridership" => Self::Ridership,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// One line of `units.tsv`.
struct Row {
    chinese: Vec<&'static str>,
    class: Class,
    english: Vec<&'static str>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = include_str!("units.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let field = |n: usize| line.split('\t').nth(n).filter(|f| *f != "-");
            let (one, more) = (field(2).unwrap_or(""), field(3).unwrap_or(""));
            let size = || field(5).and_then(|n| n.parse().ok()).expect("a size");
            let class = match field(1).expect("a class") {
                "measure" => {
                    let dimension = field(4).and_then(Dimension::named);
                    Class::Measure(one, more, dimension.expect("a dimension"), size())
                }
                "span" => Class::Span(one, more, size()),
                "count" => Class::Count(one, more),
                "rank" => Class::Rank(one),
                "percent" => Class::Percent(more, size()),
                "points" => Class::Points(more, size()),
                "age" => Class::Age,
                "times" => Class::Times,
                "tenths" => Class::Tenths,
                other => panic!("{other} is no class of units"),
            };
            Row {
                chinese: field(0).map_or(Vec::new(), |f| f.split(' ').collect()),
                class,
                english: field(6).map_or(Vec::new(), |f| f.split(", ").collect()),
            }
        })
        .collect()
});

/// Longest first.
static BY_FIRST: LazyLock<ByChar<Unit>> = LazyLock::new(|| {
    let of_table = ROWS.iter().flat_map(|row| {
        let class = row.class;
        row.chinese.iter().map(move |zh| Unit { zh, class })
    });
    let money = currency::chinese_names();
    let money = money.into_iter().map(|(zh, currency, set)| Unit {
        zh,
        class: Class::Money(currency, set),
    });
    let mut units: Vec<Unit> = of_table.chain(money).collect();
    units.sort_by_key(|u| std::cmp::Reverse(u.zh.len()));
    let first = |unit: &Unit| unit.zh.chars().next().expect("units are not empty");
    ByChar::new(units.into_iter().map(|unit| (first(&unit), unit)))
});

/// Units that begin with `c`, longest first.
pub(super) fn beginning_with(c: char) -> &'static [Unit] {
    BY_FIRST.at(c)
}

/// The English names with dimension and size.
pub(crate) fn english_names() -> impl Iterator<Item = (&'static str, Dimension, f64)> {
    ROWS.iter().flat_map(|row| {
        let measure = match row.class {
            Class::Measure(_, _, dimension, size) => Some((dimension, size)),
            Class::Span(_, _, seconds) => Some((Dimension::Time, seconds)),
            _ => None,
        };
        let names = row.english.iter();
        names.filter_map(move |name| measure.map(|(dimension, size)| (*name, dimension, size)))
    })
}

/// One unit's English, for a rate: `per tonne`.
pub(super) fn english_of(zh: &str) -> Option<&'static str> {
    let unit = beginning_with(zh.chars().next()?)
        .iter()
        .find(|u| u.zh == zh)?;
    match unit.class {
        Class::Measure(one, ..) | Class::Span(one, ..) | Class::Count(one, _) => {
            Some(one).filter(|one| !one.is_empty())
        }
        _ => None,
    }
}
