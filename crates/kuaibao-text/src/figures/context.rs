//! What stands around a figure: which way it moved, against what, and what it measures.
//!
//! The kinds that both languages share, and the table `measured.tsv` of what figures measure. Reading
//! them is `chinese::context`'s and `english::context`'s.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::by_char::ByChar;

/// Which way a value moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// 增长, 上升.
    Up,
    /// 下降, 减少.
    Down,
    /// 持平.
    Flat,
    /// 降幅收窄.
    Narrowing,
    /// 差距扩大.
    Widening,
}

impl Direction {
    /// The name in [`super::FigureRecord::direction`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Flat => "flat",
            Self::Narrowing => "narrowing",
            Self::Widening => "widening",
        }
    }

    pub(crate) fn opposes(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Up, Self::Down) | (Self::Down, Self::Up)
        )
    }
}

/// What a moving figure gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// Where it arrived: 降至30万吨.
    To,
    /// How far it went: 下降30万吨.
    By,
}

/// What a change is measured against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// 同比.
    YearOnYear,
    /// 环比.
    PreviousPeriod,
    /// 比2019年: the date, in EDTF.
    Date(String),
}

impl Compared {
    /// The value of [`super::FigureRecord::compared`].
    pub fn name(&self) -> &str {
        match self {
            Self::YearOnYear => "year-on-year",
            Self::PreviousPeriod => "previous-period",
            Self::Date(date) => date,
        }
    }
}

/// What a figure measures: the line of `measured.tsv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Measured(usize);

/// Chinese names by their last character, longest first.
static CHINESE: LazyLock<ByChar<(Vec<char>, Measured)>> = LazyLock::new(|| {
    let rows = rows().enumerate();
    let names = rows.flat_map(|(at, [names, ..])| names.split(' ').map(move |name| (name, at)));
    let mut names: Vec<(Vec<char>, Measured)> = names
        .map(|(name, at)| (name.chars().collect(), Measured(at)))
        .collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    ByChar::new(
        names
            .into_iter()
            .map(|name| (name.0[name.0.len() - 1], name)),
    )
});

/// English words with the lines they stand in.
static ENGLISH: LazyLock<HashMap<&'static str, Vec<Measured>>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Vec<Measured>> = HashMap::new();
    for (at, [_, words, ..]) in rows().enumerate() {
        for word in words.split(' ') {
            map.entry(word).or_default().push(Measured(at));
        }
    }
    map
});

/// The columns of `measured.tsv`.
fn rows() -> impl Iterator<Item = [&'static str; 4]> {
    let lines = include_str!("measured.tsv").lines();
    lines.filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        std::array::from_fn(|_| columns.next().expect("four columns"))
    })
}

/// What a figure measures, as an editor calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// In English.
    pub en: &'static str,
    /// Rank among the harms that come before all else in a story, the dead first.
    pub harm: Option<u8>,
}

/// The measures that an editor has a word for, by their Chinese names.
pub fn measures() -> &'static HashMap<&'static str, Measure> {
    static MEASURES: LazyLock<HashMap<&str, Measure>> = LazyLock::new(|| {
        let named = rows().filter(|[_, _, en, _]| *en != "-");
        let names = named.flat_map(|[names, _, en, harm]| {
            let harm = harm.parse().ok();
            names
                .split(' ')
                .map(move |name| (name, Measure { en, harm }))
        });
        names.collect()
    });
    &MEASURES
}

/// The longest name that `glyphs` end with: its length, and what it is.
pub(super) fn measured_at_end(glyphs: &[char]) -> Option<(usize, Measured)> {
    let names = CHINESE.at(*glyphs.last()?);
    let (name, measured) = names.iter().find(|(name, _)| glyphs.ends_with(name))?;
    Some((name.len(), *measured))
}

/// All that a piece of Chinese names of the table.
pub(crate) fn measured_in(zh: &str) -> Vec<Measured> {
    let glyphs: Vec<char> = zh.chars().collect();
    let mut out = Vec::new();
    let mut end = glyphs.len();
    while end > 0 {
        match measured_at_end(&glyphs[..end]) {
            Some((length, measured)) => {
                out.push(measured);
                end -= length;
            }
            None => end -= 1,
        }
    }
    out
}

/// What a lower-case English word may measure.
pub(crate) fn measured_by(word: &str) -> &'static [Measured] {
    ENGLISH.get(word).map_or(&[], Vec::as_slice)
}
