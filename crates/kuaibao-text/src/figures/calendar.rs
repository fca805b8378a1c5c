//! Dates as far as a text gives them, and the article's date that completes them.
//!
//! Written out as EDTF (ISO 8601-2:2019): `2025-07-24`, `XXXX-07-24` where no year is known,
//! `2027-12~` for an approximate one, `2025-07-24/2025-07-25` for an interval.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use std::fmt;

use super::currency::{CurrencySet, named_in};

/// What an article says for all of its sentences: its date, which relative dates count from, and whose
/// money it speaks of. The year may be unknown, or all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    day: Option<Date>,
    /// Month and day where the year is unknown.
    month_day: Option<(u32, u32)>,
    /// The currencies that the article names, by their names or by places that use them.
    currencies: CurrencySet,
}

impl Clock {
    /// Reads `2025-07-26`, `2025-07` (taken as its first day) or `XXXX-07-26`.
    pub fn parse(iso: &str) -> Option<Self> {
        let mut parts = iso.trim().split('-');
        let year = parts.next()?;
        let month: u32 = parts.next()?.parse().ok()?;
        let day: u32 = parts.next().map_or(Some(1), |d| d.parse().ok())?;
        if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        if year == "XXXX" {
            return Some(Self {
                month_day: Some((month, day)),
                ..Self::default()
            });
        }
        let year = year.parse().ok().filter(|y| (1000..=9999).contains(y))?;
        Some(Self {
            day: Some(Date::new(year, month as i8, day as i8).ok()?),
            ..Self::default()
        })
    }

    /// No date known: years stay `XXXX`.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// With the currencies that a text of the article names: a bare 元 of an article on Hong Kong may be
    /// its dollar.
    #[must_use]
    pub fn in_article(mut self, text: &str) -> Self {
        self.currencies = self.currencies.and(named_in(text));
        self
    }

    /// The same on another day, where the day is known.
    pub(super) fn at(mut self, day: &Partial) -> Self {
        if let (Some(month), Some(d)) = (day.month, day.day) {
            self.month_day = Some((month, d));
            let year = day.year.and_then(|y| i16::try_from(y).ok());
            self.day = year.and_then(|y| Date::new(y, month as i8, d as i8).ok());
        }
        self
    }

    pub(crate) fn currencies(&self) -> CurrencySet {
        self.currencies
    }

    pub(super) fn date(&self) -> Option<Date> {
        self.day
    }

    pub(super) fn year(&self) -> Option<i32> {
        self.day.map(|d| i32::from(d.year()))
    }

    /// Month and day of the article, whether or not its year is known.
    pub(super) fn month_day(&self) -> Option<(u32, u32)> {
        self.day
            .map(|d| (d.month() as u32, d.day() as u32))
            .or(self.month_day)
    }
}

/// A date as far as it is given: `None` is unknown, not unsaid (see `Part`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Partial {
    pub(crate) year: Option<i32>,
    pub(crate) month: Option<u32>,
    pub(crate) day: Option<u32>,
    /// How fine the date is, which decides what is printed.
    pub(crate) fine: Fine,
    /// 年底, 月初: the finest part is approximate.
    pub(crate) about: bool,
    /// Hour and minute, where a time of day follows.
    pub(crate) time: Option<(u32, Option<u32>)>,
    /// Whether the part of the day is said: 下午, 今晚.
    pub(crate) halved: bool,
    /// Whether the year stands for the part of its century that it is in: 本世纪中叶.
    pub(crate) century: bool,
}

/// How fine a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(crate) enum Fine {
    /// `20XX`
    Century,
    /// `199X`
    Decade,
    #[default]
    Year,
    Month,
    Day,
    /// A time of day alone.
    Time,
}

impl Partial {
    pub(super) fn year(year: Option<i32>) -> Self {
        Self {
            year,
            ..Self::default()
        }
    }

    pub(super) fn month(year: Option<i32>, month: u32) -> Self {
        Self {
            year,
            month: Some(month),
            fine: Fine::Month,
            ..Self::default()
        }
    }

    pub(super) fn day(year: Option<i32>, month: Option<u32>, day: u32) -> Self {
        Self {
            year,
            month,
            day: Some(day),
            fine: Fine::Day,
            ..Self::default()
        }
    }

    pub(super) fn of(date: Date) -> Self {
        Self::day(
            Some(i32::from(date.year())),
            Some(date.month() as u32),
            date.day() as u32,
        )
    }

    pub(super) fn unknown_day() -> Self {
        Self {
            fine: Fine::Day,
            ..Self::default()
        }
    }

    pub(super) fn about(mut self) -> Self {
        self.about = true;
        self
    }

    /// Whether the parts that are given name a day that exists.
    pub(super) fn exists(&self) -> bool {
        match (self.month, self.day) {
            (Some(m), Some(d)) => {
                let year = self.year.unwrap_or(2024);
                let year = i16::try_from(year).unwrap_or(2024);
                Date::new(year, m as i8, d as i8).is_ok()
            }
            _ => true,
        }
    }
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Fine::Time, Some((h, m))) = (self.fine, self.time) {
            return write!(f, "T{h:02}:{:02}", m.unwrap_or(0));
        }
        match (self.fine, self.year) {
            (Fine::Century, Some(y)) => return write!(f, "{:02}XX", y / 100),
            (Fine::Decade, Some(y)) => return write!(f, "{:03}X", y / 10),
            (Fine::Decade, None) => return f.write_str("XXXX"),
            (_, Some(y)) if y < 0 => write!(f, "-{:04}", -y)?,
            (_, Some(y)) => write!(f, "{y:04}")?,
            (_, None) => f.write_str("XXXX")?,
        }
        if self.fine >= Fine::Month {
            match self.month {
                Some(m) => write!(f, "-{m:02}")?,
                None => f.write_str("-XX")?,
            }
        }
        if self.fine >= Fine::Day {
            match self.day {
                Some(d) => write!(f, "-{d:02}")?,
                None => f.write_str("-XX")?,
            }
        }
        if let Some((h, m)) = self.time {
            write!(f, "T{h:02}:{:02}", m.unwrap_or(0))?;
        }
        if self.about {
            f.write_str("~")?;
        }
        Ok(())
    }
}

/// The day `days` after the clock's.
pub(super) fn days_from(clock: &Clock, days: i64) -> Option<Date> {
    clock.date()?.checked_add(days.days()).ok()
}

/// The month `months` after the clock's: year and month.
pub(super) fn months_from(clock: &Clock, months: i32) -> (Option<i32>, Option<u32>) {
    if let Some(date) = clock.date() {
        let first = date.first_of_month();
        return match first.checked_add(Span::new().months(months)) {
            Ok(d) => (Some(i32::from(d.year())), Some(d.month() as u32)),
            Err(_) => (None, None),
        };
    }
    let month = clock.month_day().map(|(m, _)| {
        let m = m as i32 - 1 + months;
        m.rem_euclid(12) as u32 + 1
    });
    (None, month)
}

/// The `weekday` (Monday is 1) of the week that lies `weeks` after the clock's. Weeks begin on Monday.
pub(super) fn weekday_in_week(clock: &Clock, weeks: i64, weekday: u32) -> Option<Date> {
    let today = clock.date()?;
    let now = i64::from(today.weekday().to_monday_one_offset());
    days_from(clock, weeks * 7 + i64::from(weekday) - now)
}

/// The nearest `weekday` (Monday is 1) on or before the clock's day, or on or after it.
pub(super) fn nearest_weekday(clock: &Clock, weekday: u32, ahead: bool) -> Option<Date> {
    let today = clock.date()?;
    let wanted = Weekday::from_monday_one_offset(weekday as i8).ok()?;
    let back = i64::from(wanted.until(today.weekday()));
    if ahead && back > 0 {
        days_from(clock, 7 - back)
    } else {
        days_from(clock, -back)
    }
}

/// Last day of a month; 29 February where the year is unknown.
pub(super) fn last_day(year: Option<i32>, month: u32) -> u32 {
    let year = year.and_then(|y| i16::try_from(y).ok()).unwrap_or(2024);
    Date::new(year, month as i8, 1).map_or(31, |d| d.days_in_month() as u32)
}
