//! The grammar of dates and times of day.
//!
//! Comes in: a [`Line`], a position, and what is known so far (the article's date, dates read
//! before). Goes out: a date or an interval with what the text itself stated of it. A date that the
//! text does not complete and the clock cannot complete keeps its `X`s.

mod day;
mod month;
mod time;
mod words;
mod year;

use jiff::civil::Date;

use super::line::Line;
use super::numeral::{self, Numeral, Style};
use crate::figures::calendar::{Clock, Fine, Partial, months_from};
use crate::text::chars::is_han;

/// What a date says in so many words, as an English version has to repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatePart {
    Year(i32),
    Decade(i32),
    Century(i32),
    Month(u32),
    /// The last of the first so many months.
    LastMonth(u32),
    Day(u32),
    Quarter(u32),
    Weekday(u32),
    /// Hour as written (3 of 下午3点), minute, and the hour of the day where it is sure.
    Time(u32, u32, Option<u32>),
    /// The Nth five-year plan.
    Plan(u32),
    /// 今年, 昨天, 年底: in English often another word, so never required.
    Word,
}

/// A date, or the two ends of an interval.
#[derive(Clone, Debug)]
pub(super) struct DateFound {
    pub(super) end: usize,
    pub(super) start: Partial,
    /// The other end: of an interval, or of a pair of days.
    pub(super) until: Option<Until>,
    pub(super) stated: Vec<DatePart>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Until {
    Interval(Partial),
    /// 24、26日: these two, not the days between.
    Also(Partial),
}

/// What earlier dates leave behind for later, shorter ones.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::figures) struct Carry {
    pub(super) clock: Clock,
    /// Year stated in this sentence.
    year: Option<i32>,
    /// Year and month of the last date in this text.
    month: Option<(Option<i32>, u32)>,
    /// The last whole day.
    day: Option<Partial>,
}

impl Carry {
    pub(in crate::figures) fn new(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    pub(super) fn end_sentence(&mut self) {
        self.year = None;
    }

    /// A new paragraph: with a clock its days count from the clock again.
    pub(in crate::figures) fn end_paragraph(&mut self) {
        self.year = None;
        if self.clock.date().is_some() {
            self.month = None;
        }
    }

    fn remember(&mut self, date: &Partial, said_year: bool) {
        if said_year && date.fine >= Fine::Year {
            self.year = date.year;
        }
        if let Some(month) = date.month.filter(|m| *m <= 12) {
            self.month = Some((date.year, month));
            if date.day.is_some() {
                self.day = Some(*date);
            }
        }
    }

    /// The year read last, else the clock's.
    fn last_year(&self) -> Option<i32> {
        self.year
            .or_else(|| self.month.and_then(|(year, _)| year))
            .or_else(|| self.clock.year())
    }

    fn last_month(&self) -> Option<(Option<i32>, u32)> {
        self.month
    }

    /// The last whole day, where it is complete.
    fn last_day(&self) -> Option<Date> {
        let day = self.day?;
        let (year, month) = (i16::try_from(day.year?).ok()?, day.month? as i8);
        Date::new(year, month, day.day? as i8).ok()
    }

    /// The year of a month that is named without one.
    fn year_of_month(&self, month: u32, ahead: bool) -> Option<i32> {
        if self.year.is_some() {
            return self.year;
        }
        let Some(today) = self.clock.date() else {
            return self.month.and_then(|(year, _)| year);
        };
        let (year, now) = (i32::from(today.year()), today.month() as u32);
        // In January, 十二月 is last month; in December, 一月 that is announced is next month.
        Some(if month >= now + 9 {
            year - 1
        } else if ahead && now >= month + 9 {
            year + 1
        } else {
            year
        })
    }

    /// Year and month of a day that is named without them.
    fn month_of_day(&self, day: u32, ahead: bool) -> (Option<i32>, Option<u32>) {
        if let Some((year, month)) = self.month {
            return (year, Some(month));
        }
        let Some((month, today)) = self.clock.month_day() else {
            return (None, None);
        };
        // Papers report the past: on the 3rd, 30日 is last month's. Tomorrow and the day after are
        // nearer than that.
        let shift = match (day > today + SOON, ahead) {
            (true, false) => -1,
            (false, true) if day < today => 1,
            _ => 0,
        };
        let (year, shifted) = months_from(&self.clock, shift);
        (year, shifted.or(Some(month)))
    }
}

/// A day of so many days ahead that the text does not say to be ahead is still of this month.
const SOON: u32 = 2;

/// Reads the date or time of day that begins at `i`.
pub(super) fn read(line: &Line, i: usize, carry: &mut Carry) -> Option<DateFound> {
    // 俩月: so many months
    if line.get(i) == '俩' {
        return None;
    }
    let mut found = interval(line, i, carry)?;
    if !found.start.exists() {
        // 2月29日 in a year that has none: of a year that the text does not say
        found.start.year = None;
        if !found.start.exists() || found.until.is_some() {
            return None;
        }
    }
    let said_year = found.stated.iter().any(|s| matches!(s, DatePart::Year(_)))
        || found.start.fine <= Fine::Month && year::is_year_word(line, i);
    carry.remember(&found.start, said_year);
    if let Some(Until::Interval(date) | Until::Also(date)) = &found.until {
        carry.remember(date, said_year);
    } else if is_dateline(line, &found) {
        carry.clock = carry.clock.at(&found.start);
    }
    Some(found)
}

/// 新华社北京8月27日电（记者…）: the day that 今天 and 昨天 behind it count from.
fn is_dateline(line: &Line, date: &DateFound) -> bool {
    const AGENCIES: &[&str] = &[
        "新华社",
        "中新社",
        "中新网",
        "本报",
        "路透社",
        "法新社",
        "美联社",
    ];
    let end = line.take(line.skip_blank(date.end), &["电", "讯", "消息"]);
    let alone = end.is_some_and(|end| match line.get(end) {
        '题' => true,
        // 新华社北京3月27日电外交部…
        next if is_han(next) => {
            !"话视影力子脑池".contains(next) && line.take(0, AGENCIES).is_some()
        }
        _ => true,
    });
    alone && date.start.fine == Fine::Day && date.start.time.is_none()
}

fn interval(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let mut a = point(line, i, carry, None)?;
    if matches!(a.until, Some(Until::Also(_))) {
        return Some(a);
    }
    if let Some(hours) = hours(line, &a) {
        return Some(hours);
    }
    // 在1922年和1942年之间
    let between = line.take(a.end, &["和", "与"]);
    let Some(next) = connector(line, a.end).or(between) else {
        return Some(a);
    };
    let Some(mut b) = point(line, next, carry, Some(&a.start)) else {
        return Some(a);
    };
    if between.is_some() && !line.has(b.end, "之间") {
        return Some(a);
    }
    // 6月下旬至7月上旬 runs from the beginning of the one to the end of the other
    let (end, whole) = match b.until {
        None => (b.start, a.until.is_none()),
        Some(Until::Interval(end)) => (end, true),
        Some(Until::Also(_)) => return Some(a),
    };
    let comparable = a.start.fine == end.fine || whole && a.start.fine != Fine::Time;
    if !comparable || b.until.is_some() && a.start.fine != b.start.fine {
        return Some(a);
    }
    a.end = b.end;
    a.stated.append(&mut b.stated);
    a.until = Some(Until::Interval(end));
    Some(a)
}

/// 7月25日0—24时: from the one hour of the day to the other.
fn hours(line: &Line, day: &DateFound) -> Option<DateFound> {
    let fits = day.start.fine == Fine::Day && day.start.time.is_none() && day.until.is_none();
    let first = numeral::read(line, line.skip_blank(day.end)).filter(|_| fits)?;
    let last = numeral::read(line, connector(line, first.end)?)?;
    let (from, to) = (first.whole(24)?, last.whole(24)?);
    if from >= to || line.get(last.end) != '时' {
        return None;
    }
    let at = |hour: u32| Partial {
        time: Some((hour, None)),
        ..day.start
    };
    let mut hours = day.clone();
    hours.end = last.end + 1;
    hours.start = at(from);
    hours.until = Some(Until::Interval(at(to)));
    Some(hours)
}

/// The start of what follows 至, 到 or a dash.
pub(super) fn connector(line: &Line, i: usize) -> Option<usize> {
    let at = line.skip_blank(i);
    let end = line.take(at, &["——", "—", "～", "~", "-", "至", "到"])?;
    Some(line.skip_blank(end))
}

/// One date; both ends where they share a unit (24至25日).
fn point(line: &Line, i: usize, carry: &Carry, after: Option<&Partial>) -> Option<DateFound> {
    numeric_date(line, i)
        .or_else(|| numeric_month(line, i, after.is_some()))
        .or_else(|| words::day_word(line, i, carry))
        .or_else(|| words::same_day(line, i, carry))
        .or_else(|| words::weekday(line, i, carry))
        .or_else(|| year::year(line, i, carry, after))
        .or_else(|| year::bare_part_of_year(line, i, carry))
        .or_else(|| month::month(line, i, carry, after))
        .or_else(|| day::day(line, i, carry, after))
        .or_else(|| time::time_alone(line, i, after))
}

fn found(end: usize, start: Partial, stated: Vec<DatePart>) -> DateFound {
    DateFound {
        end,
        start,
        until: None,
        stated,
    }
}

/// 2025-07-24, 2025/7/24, 2025.7.24.
fn numeric_date(line: &Line, i: usize) -> Option<DateFound> {
    let number = |from: usize, most: usize| {
        let mut at = from;
        let mut value = 0u32;
        while at - from < most && line.get(at).is_ascii_digit() {
            value = value * 10 + line.get(at).to_digit(10)?;
            at += 1;
        }
        (at > from && !line.get(at).is_ascii_digit()).then_some((value, at))
    };
    let (y, at) = number(i, 4).filter(|(y, _)| (1000..3000).contains(y))?;
    let mark = line.get(at);
    if !matches!(mark, '-' | '/' | '.') {
        return None;
    }
    let (m, at) = number(at + 1, 2).filter(|(m, _)| (1..=12).contains(m))?;
    if line.get(at) != mark {
        return None;
    }
    let (d, at) = number(at + 1, 2).filter(|(d, _)| (1..=31).contains(d))?;
    if line.get(at) == mark {
        return None;
    }
    let mut date = Partial::day(Some(y as i32), Some(m), d);
    let mut stated = vec![
        DatePart::Year(y as i32),
        DatePart::Month(m),
        DatePart::Day(d),
    ];
    // 2025-07-26 17:37:29
    let end = time::day_part(line, at, "", &mut date, &mut stated);
    Some(found(end, date, stated))
}

/// The 2002.03 and the 2004.05 of 2002.03—2004.05; alone such a number is a decimal. 1998-06, whose month has its nought.
fn numeric_month(line: &Line, i: usize, second: bool) -> Option<DateFound> {
    let digit = |k: usize| line.get(i + k).to_digit(10);
    let year = numeral::read(line, i).filter(|n| n.digits == 4 && n.decimals == 0 && !n.scaled);
    if let Some(year) = year.and_then(|n| n.whole(2099)).filter(|y| *y >= 1900)
        && line.get(i + 4) == '-'
        && let (Some(0), Some(m @ 1..=9)) = (digit(5), digit(6))
        && digit(7).is_none()
        && !matches!(line.get(i + 7), '-' | '.' | '年' | '届' | '赛')
    {
        let stated = vec![DatePart::Year(year as i32), DatePart::Month(m)];
        return Some(found(i + 7, Partial::month(Some(year as i32), m), stated));
    }
    let month = |i: usize| {
        let n = numeral::read(line, i).filter(|n| n.digits == 4 && n.decimals == 2 && !n.scaled)?;
        let month = (n.low * 100.0).round() as u32 % 100;
        let year = n.low as i32;
        let fits = (1900..2100).contains(&year) && (1..=12).contains(&month);
        (fits && line.get(n.end) != '.').then_some((year, month, n.end))
    };
    let (year, m, end) = month(i)?;
    let paired = second
        || connector(line, end)
            .is_some_and(|next| month(next).is_some() || line.take(next, &["今"]).is_some());
    let stated = vec![DatePart::Year(year), DatePart::Month(m)];
    paired.then(|| found(end, Partial::month(Some(year), m), stated))
}

/// Whether a date begins at `i`.
pub(super) fn read_at(line: &Line, i: usize, carry: &Carry) -> bool {
    read(line, i, &mut carry.clone()).is_some()
}

/// Index behind a weekday of every week at `i`, which is no date.
pub(super) fn weekday_again(line: &Line, i: usize) -> Option<usize> {
    words::weekday_again(line, i)
}

/// Whether the clause around `i` speaks of the future.
fn is_ahead(line: &Line, i: usize) -> bool {
    const PLANNED: &[&str] = &["有望", "定于", "拟于", "预期", "计划于", "预定"];
    // 周二宣布将改装: what is said is ahead, not when it was
    const SAYING: &[&str] = &["宣布", "表示", "公布", "透露", "称", "说", "通报", "指出"];
    let stop = |c: char| matches!(c, '。' | '，' | '；' | '！' | '？' | '”' | '\0');
    // 预计，29日起: a forecast, in this clause or before it
    let forecast = (i.saturating_sub(12)..i)
        .rev()
        .take_while(|k| !matches!(line.get(*k), '。' | '；' | '！' | '？'))
        .any(|k| line.take(k, &["预计", "预报"]).is_some());
    // 将于29日, 有望在周一恢复
    let planned = (i.saturating_sub(10)..i)
        .rev()
        .take_while(|k| !stop(line.get(*k)))
        .any(|k| is_to_come(line, k) || line.take(k, PLANNED).is_some());
    // 计划周日参加
    let next = ["计划", "打算", "推迟到", "推迟至", "延至", "改到", "定在"];
    let planned = planned || line.take_back(i, &next).is_some();
    // 周四，将发射; 周四，甲队将在…迎战: in the clause that the date opens. 将关税提高 is no future.
    let opens = (i..i + 10).find(|k| line.get(*k) == '，' && stop(line.before(i)));
    let opens = opens.is_some_and(|k| {
        let mut clause =
            (k + 1..k + 12).take_while(|k| !stop(line.get(*k)) && line.take(*k, SAYING).is_none());
        line.get(k + 1) == '将'
            || clause
                .any(|k| line.get(k) == '将' && "在于为会有举与前迎晋继".contains(line.get(k + 1)))
    });
    planned
        || opens
        || forecast
        || (i..=i + 14)
            .take_while(|k| !stop(line.get(*k)) && line.take(*k, SAYING).is_none())
            .any(|k| is_to_come(line, k))
}

/// Whether 将 speaks of what is to come: not 女将, 主将.
fn is_to_come(line: &Line, at: usize) -> bool {
    line.get(at) == '将' && !"女老小名大主健少猛干门爱".contains(line.before(at))
}
