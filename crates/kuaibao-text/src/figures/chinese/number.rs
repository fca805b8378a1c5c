//! What one numeral of a line says, however it is written.

use crate::figures::Bound;

/// How a numeral is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `1.2`, `3,000`, and mixed forms that begin so: `10余万`.
    Arabic,
    /// `三千二百`, `十`.
    Written,
    /// `二〇二五`: digits by position.
    Positional,
}

/// A numeral and what it may mean: one value, or a range where the writing is approximate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numeral {
    /// Index behind the last glyph.
    pub(super) end: usize,
    pub(super) low: f64,
    pub(super) high: f64,
    /// From 多, 余, 来, 数十.
    pub(super) bound: Option<Bound>,
    pub(super) style: Style,
    /// Digits before the decimal point of an Arabic or positional numeral.
    pub(super) digits: usize,
    pub(super) decimals: usize,
    /// Whether a magnitude (十 to 兆) was read.
    pub(super) scaled: bool,
    /// Begins with 百, 千, 万 or 亿 and no digit before it: `百亿`, `千余`.
    pub(super) bare: bool,
    /// Written with a leading zero: `08`.
    pub(super) leading_zero: bool,
}

impl Numeral {
    pub(super) fn new(end: usize, value: f64, style: Style) -> Self {
        Self {
            end,
            low: value,
            high: value,
            bound: None,
            style,
            digits: 0,
            decimals: 0,
            scaled: false,
            bare: false,
            leading_zero: false,
        }
    }

    /// The 半 of 半年, which ends at `end`.
    pub(super) fn half(end: usize) -> Self {
        Self::new(end, 0.5, Style::Written)
    }

    /// The 两个 of 俩.
    pub(super) fn two(end: usize) -> Self {
        Self::new(end, 2.0, Style::Written)
    }

    /// The value, where there is exactly one.
    pub(super) fn exact(&self) -> Option<f64> {
        (self.low == self.high).then_some(self.low)
    }

    /// The value as a whole number up to `most`, where it is exactly one and plainly written.
    pub(super) fn whole(&self, most: u32) -> Option<u32> {
        let value = self.exact()?;
        let plain = self.bound.is_none() && value.fract() == 0.0 && self.decimals == 0;
        (plain && value >= 0.0 && value <= f64::from(most)).then_some(value as u32)
    }
}
