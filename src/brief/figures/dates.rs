//! The grammar of dates and times of day.
//!
//! Comes in: a [`Line`], a position, and what is known so far (the article's date, dates read
//! before). Goes out: a date or an interval with what the text itself said of it. A date that the
//! text does not complete and the clock cannot complete keeps its `X`s.

use super::calendar::{
    Clock, Fine, Partial, days_from, last_day, months_from, nearest_weekday, weekday_in_week,
};
use super::line::Line;
use super::numeral::{self, Numeral, Style};

/// What a date says in so many words, as an English version has to repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::brief) enum Said {
    Year(i32),
    Decade(i32),
    Century(i32),
    Month(u32),
    Day(u32),
    Quarter(u32),
    Weekday(u32),
    /// Hour as written (3 of 下午3点) and minute.
    Time(u32, u32),
    /// The Nth five-year plan.
    Plan(u32),
    /// 今年, 昨天, 年底: in English often another word, so never owed.
    Word,
}

/// A date, or the two ends of an interval.
#[derive(Clone, Debug)]
pub(super) struct DateFound {
    pub(super) end: usize,
    pub(super) start: Partial,
    /// The other end: of an interval, or of a pair of days.
    pub(super) until: Option<Until>,
    pub(super) said: Vec<Said>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Until {
    Interval(Partial),
    /// 24、26日: these two, not the days between.
    Also(Partial),
}

/// What earlier dates leave behind for later, shorter ones.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Carry {
    pub(super) clock: Clock,
    /// Year said in this sentence.
    year: Option<i32>,
    /// Year and month of the last date in this text.
    month: Option<(Option<i32>, u32)>,
    /// The last whole day.
    day: Option<Partial>,
}

impl Carry {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    pub(super) fn end_sentence(&mut self) {
        self.year = None;
    }

    /// A new paragraph: with a clock its days count from the clock again.
    pub(super) fn end_paragraph(&mut self) {
        self.year = None;
        if self.clock.date().is_some() {
            self.month = None;
        }
    }

    fn remember(&mut self, date: &Partial, said_year: bool) {
        if said_year && date.fine >= Fine::Year {
            self.year = date.year;
        }
        if let Some(month) = date.month {
            self.month = Some((date.year, month));
            if date.day.is_some() {
                self.day = Some(*date);
            }
        }
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
        // Papers report the past: on the 3rd, 30日 is last month's.
        let shift = match (day > today, ahead) {
            (true, false) => -1,
            (false, true) if day < today => 1,
            _ => 0,
        };
        let (year, shifted) = months_from(&self.clock, shift);
        (year, shifted.or(Some(month)))
    }
}

/// Reads the date or time of day that begins at `i`.
pub(super) fn read(line: &Line, i: usize, carry: &mut Carry) -> Option<DateFound> {
    let found = interval(line, i, carry)?;
    if !found.start.exists() {
        return None;
    }
    let said_year = found.said.iter().any(|s| matches!(s, Said::Year(_)))
        || found.start.fine <= Fine::Month && is_year_word(line, i);
    carry.remember(&found.start, said_year);
    if let Some(Until::Interval(date) | Until::Also(date)) = &found.until {
        carry.remember(date, said_year);
    }
    Some(found)
}

fn interval(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let mut a = point(line, i, carry, None)?;
    if a.until.is_some() {
        return Some(a);
    }
    let Some(next) = connector(line, a.end) else {
        return Some(a);
    };
    let Some(mut b) = point(line, next, carry, Some(&a.start)) else {
        return Some(a);
    };
    let comparable =
        a.start.fine == b.start.fine || b.until.is_none() && a.start.fine != Fine::Time;
    if b.until.is_some() || !comparable {
        return Some(a);
    }
    a.end = b.end;
    a.said.append(&mut b.said);
    a.until = Some(Until::Interval(b.start));
    Some(a)
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
        .or_else(|| day_word(line, i, carry))
        .or_else(|| weekday(line, i, carry))
        .or_else(|| year(line, i, carry))
        .or_else(|| month(line, i, carry, after))
        .or_else(|| day(line, i, carry, after))
        .or_else(|| {
            let plain = after.is_some_and(|a| a.time.is_some());
            time_alone(line, i, plain)
        })
}

fn found(end: usize, start: Partial, said: Vec<Said>) -> DateFound {
    DateFound {
        end,
        start,
        until: None,
        said,
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
    let date = Partial::day(Some(y as i32), Some(m), d);
    Some(found(
        at,
        date,
        vec![Said::Year(y as i32), Said::Month(m), Said::Day(d)],
    ))
}

/// Words for days, with their distance from the clock's day.
const DAY_WORDS: &[(&str, i64)] = &[
    ("大前天", -3),
    ("前天", -2),
    ("前日", -2),
    ("昨天", -1),
    ("昨日", -1),
    ("昨晚", -1),
    ("昨夜", -1),
    ("昨晨", -1),
    ("昨", -1),
    ("今天", 0),
    ("今日", 0),
    ("今晨", 0),
    ("今早", 0),
    ("今晚", 0),
    ("今夜", 0),
    ("今", 0),
    ("明天", 1),
    ("明日", 1),
    ("明晨", 1),
    ("明晚", 1),
    ("明早", 1),
    ("后天", 2),
];

/// 昨天, 今日上午, 今（11）日.
fn day_word(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let (word, shift) = DAY_WORDS.iter().find(|(w, _)| line.has(i, w))?;
    let mut end = i + word.chars().count();
    let mut said = vec![Said::Word];
    let mut date = days_from(&carry.clock, *shift).map_or_else(Partial::unknown_day, Partial::of);
    if line.get(end) == '(' {
        // 今(11)日, 昨天(10日)
        let inner = numeral::read(line, line.skip_blank(end + 1))?;
        let mut close = inner.end;
        if matches!(line.get(close), '日' | '号') {
            close += 1;
        }
        if line.get(close) == ')'
            && let Some(d) = inner.whole(31).filter(|d| *d > 0)
        {
            close += 1;
            if matches!(line.get(close), '日') {
                close += 1;
            }
            let (year, month) = carry.month_of_day(d, *shift > 0);
            if date.day != Some(d) {
                date = Partial::day(year, month, d);
            }
            said.push(Said::Day(d));
            end = close;
        }
    }
    if word.chars().count() == 1 && said.len() == 1 {
        return None;
    }
    if line
        .take(end, &["股", "版", "头条", "美术", "中国", "说法"])
        .is_some()
    {
        return None;
    }
    let end = day_part(line, end, &mut date, &mut said);
    Some(found(end, date, said))
}

const WEEK_WORDS: &[(&str, i64)] = &[
    ("上上周", -2),
    ("上个星期", -1),
    ("上星期", -1),
    ("上个礼拜", -1),
    ("上周", -1),
    ("本星期", 0),
    ("这星期", 0),
    ("这个星期", 0),
    ("本周", 0),
    ("这周", 0),
    ("下个星期", 1),
    ("下星期", 1),
    ("下个礼拜", 1),
    ("下周", 1),
];

/// 本周三, 上周末, 星期日.
fn weekday(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let week = WEEK_WORDS.iter().find(|(w, _)| line.has(i, w));
    let at = match week {
        Some((w, _)) => i + w.chars().count(),
        None => line.take(i, &["星期", "礼拜", "周"])?,
    };
    let ahead = week.is_none() && is_ahead(line, i);
    let number = match line.get(at) {
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '日' | '天' => 7,
        '1'..='6' if line.get(i) != '周' && !line.get(at + 1).is_ascii_digit() => {
            line.get(at).to_digit(10)?
        }
        '末' => {
            let saturday = match week {
                Some((_, weeks)) => weekday_in_week(&carry.clock, *weeks, 6),
                None => return None,
            };
            let mut date = saturday.map_or_else(Partial::unknown_day, Partial::of);
            date.about = true;
            return Some(found(at + 1, date, vec![Said::Word]));
        }
        _ => {
            let (_, weeks) = week?;
            let monday = weekday_in_week(&carry.clock, *weeks, 1);
            let sunday = weekday_in_week(&carry.clock, *weeks, 7);
            let mut f = found(at, Partial::unknown_day(), vec![Said::Word]);
            if let (Some(m), Some(s)) = (monday, sunday) {
                f.start = Partial::of(m);
                f.until = Some(Until::Interval(Partial::of(s)));
            }
            return Some(f);
        }
    };
    // 周 alone is also a surname and "all round": 周一 must not run on into a number or a name.
    if line.get(i) == '周' && !is_weekday_context(line, i, at + 1) {
        return None;
    }
    let date = match week {
        Some((_, weeks)) => weekday_in_week(&carry.clock, *weeks, number),
        None => nearest_weekday(&carry.clock, number, ahead),
    };
    let mut date = date.map_or_else(Partial::unknown_day, Partial::of);
    let mut said = vec![Said::Weekday(number)];
    let end = parenthesised_day(line, at + 1, carry, &mut date, &mut said);
    let end = day_part(line, end, &mut date, &mut said);
    Some(found(end, date, said))
}

fn is_weekday_context(line: &Line, start: usize, end: usize) -> bool {
    let before = line.before(start);
    let after = line.get(end);
    !matches!(before, '四' | '一' | '圆' | '众' | '不' | '、' if before != '、')
        && !"年岁期围百千十个天良平".contains(after)
        && numeral::digit(after).is_none()
}

/// The (24日) of 周四（24日）.
fn parenthesised_day(
    line: &Line,
    end: usize,
    carry: &Carry,
    date: &mut Partial,
    said: &mut Vec<Said>,
) -> usize {
    if line.get(end) != '(' {
        return end;
    }
    let inside = line.skip_blank(end + 1);
    let Some(inner) = month(line, inside, carry, None).or_else(|| day(line, inside, carry, None))
    else {
        return end;
    };
    if line.get(inner.end) != ')' || inner.until.is_some() || inner.start.fine != Fine::Day {
        return end;
    }
    if date.day != inner.start.day {
        *date = inner.start;
    }
    said.extend(inner.said);
    inner.end + 1
}

const YEAR_WORDS: &[(&str, i32)] = &[
    ("大前年", -3),
    ("前年", -2),
    ("去年", -1),
    ("上年", -1),
    ("今年", 0),
    ("本年", 0),
    ("明年", 1),
    ("后年", 2),
];

fn is_year_word(line: &Line, i: usize) -> bool {
    YEAR_WORDS.iter().any(|(w, _)| line.has(i, w))
}

/// Everything that begins with a year.
fn year(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    if let Some((word, shift)) = YEAR_WORDS.iter().find(|(w, _)| line.has(i, w)) {
        let mut end = i + word.chars().count();
        let mut value = carry.clock.year().map(|y| y + shift);
        let mut said = vec![Said::Word];
        if line.get(end) == '(' {
            let inner = numeral::read(line, end + 1);
            if let Some(n) = inner
                && let Some(y) = n.whole(2999).filter(|y| *y >= 1000)
            {
                let close = if line.get(n.end) == '年' {
                    n.end + 1
                } else {
                    n.end
                };
                if line.get(close) == ')' {
                    value = Some(y as i32);
                    said.push(Said::Year(y as i32));
                    end = close + 1;
                }
            }
        }
        return Some(within_year(line, end, value, said, carry));
    }
    for (word, sign) in [("公元前", -1), ("公元", 1)] {
        if line.has(i, word) {
            let n = numeral::read(line, line.skip_blank(i + word.chars().count()))?;
            let end = line.skip_blank(n.end);
            let y = n.whole(9999).filter(|_| line.get(end) == '年')? as i32;
            // Astronomical years have a zero: 221 BC is -0220.
            let value = if sign < 0 { 1 - y } else { y };
            return Some(found(
                end + 1,
                Partial::year(Some(value)),
                vec![Said::Year(y)],
            ));
        }
    }
    if let Some(f) = decade_or_century(line, i) {
        return Some(f);
    }
    let n = numeral::read(line, i)?;
    shared_year(line, &n).or_else(|| {
        let end = line.skip_blank(n.end);
        (line.get(end) == '年').then_some(())?;
        let y = plain_year(line, &n, i, end)?;
        Some(within_year(
            line,
            end + 1,
            Some(y),
            vec![Said::Year(y)],
            carry,
        ))
    })
}

/// A calendar year, as opposed to so many years.
fn plain_year(line: &Line, n: &Numeral, i: usize, end: usize) -> Option<i32> {
    let y = n.whole(2999)? as i32;
    if n.scaled || n.style == Style::Written {
        return None;
    }
    let historic = line
        .take(end + 1, &["历史", "的历史", "文明", "老", "的文"])
        .is_some();
    if n.digits == 4 && y >= 1000 {
        return (!historic).then_some(y);
    }
    if n.digits != 2 {
        return None;
    }
    let at = line.skip_blank(end + 1);
    let month_follows = numeral::read(line, at)
        .is_some_and(|m| m.whole(12).is_some() && line.get(line.skip_blank(m.end)) == '月');
    let since = matches!(line.before(i), '自' | '从')
        && line
            .take(end + 1, &["以来", "起", "开始", "至今", "到", "至"])
            .is_some();
    let two = n.style == Style::Positional || n.leading_zero || month_follows || since;
    two.then(|| full_year(y))
}

/// 98 is 1998, 08 is 2008.
fn full_year(y: i32) -> i32 {
    if y >= 50 { 1900 + y } else { 2000 + y }
}

/// 20世纪90年代, 21世纪, 90年代, 1990年代, 上世纪七八十年代, 70、80年代.
fn decade_or_century(line: &Line, i: usize) -> Option<DateFound> {
    if let Some(at) = line.take(i, &["上世纪", "上个世纪"]) {
        return decades(line, line.skip_blank(at), Some(1900));
    }
    let n = numeral::read(line, i)?;
    let end = line.skip_blank(n.end);
    if !line.has(end, "世纪") {
        return decades(line, i, None);
    }
    let century = n.whole(40).filter(|c| *c > 0)? as i32;
    if let Some(f) = decades(line, line.skip_blank(end + 2), Some((century - 1) * 100)) {
        return Some(f);
    }
    let mut date = Partial::year(Some((century - 1) * 100));
    date.fine = Fine::Century;
    Some(found(end + 2, date, vec![Said::Century(century)]))
}

/// The 90年代 or 七八十年代 of a century that begins in `base`, else of the last or this one.
fn decades(line: &Line, i: usize, base: Option<i32>) -> Option<DateFound> {
    let n = numeral::read(line, i)?;
    // 70、80年代, 7、80年代, 60至70年代
    let mark = line.get(n.end);
    let joined = if matches!(mark, '、' | '和') {
        Some(n.end + 1)
    } else {
        connector(line, n.end)
    };
    let (first, last, end) = match joined.and_then(|at| numeral::read(line, at)) {
        Some(m) => (n.low, m.low, m.end),
        None => (n.low, n.high, n.end),
    };
    let end = line.take(line.skip_blank(end), &["年代"])?;
    let year = |d: f64| -> Option<i32> {
        let d = if d < 10.0 && last >= 20.0 {
            d * 10.0
        } else {
            d
        };
        if d.fract() != 0.0 || d % 10.0 != 0.0 || !(10.0..3000.0).contains(&d) {
            return None;
        }
        Some(match d as i32 {
            d @ 1000.. => d,
            d @ 100..=999 => return (d < 100).then_some(d),
            d => match base {
                Some(base) => base + d,
                None if d <= 20 => 2000 + d,
                None => 1900 + d,
            },
        })
    };
    let (first, last) = (year(first)?, year(last)?);
    let mut f = early_or_late(line, end, decade_of(first));
    if last != first {
        let second = decade_of(last);
        f.until = Some(Until::Interval(second.start));
        f.said.extend(second.said);
    }
    Some(f)
}

fn decade_of(start: i32) -> DateFound {
    let mut date = Partial::year(Some(start));
    date.fine = Fine::Decade;
    found(0, date, vec![Said::Decade(start)])
}

fn early_or_late(line: &Line, end: usize, mut f: DateFound) -> DateFound {
    f.end = line
        .take(end, &["初期", "中期", "末期", "后期", "初", "末", "中"])
        .unwrap_or(end);
    f
}

/// 2026—2030年.
fn shared_year(line: &Line, n: &Numeral) -> Option<DateFound> {
    let y = n
        .whole(2999)
        .filter(|y| *y >= 1000 && n.digits == 4 && !n.scaled)?;
    let next = connector(line, n.end)?;
    let m = numeral::read(line, next)?;
    let end = line.skip_blank(m.end);
    let until = plain_year(line, &m, next, end).filter(|_| line.get(end) == '年')?;
    // 2024-2025年度 and 2026—2030年 alike.
    let end = line.take(end + 1, &["度", "间", "期间"]).unwrap_or(end + 1);
    Some(DateFound {
        end,
        start: Partial::year(Some(y as i32)),
        until: Some(Until::Interval(Partial::year(Some(until)))),
        said: vec![Said::Year(y as i32), Said::Year(until)],
    })
}

/// What may follow a year: its part, or a month.
fn within_year(
    line: &Line,
    end: usize,
    year: Option<i32>,
    said: Vec<Said>,
    carry: &Carry,
) -> DateFound {
    let at = line.skip_blank(end);
    if let Some(mut f) = part_of_year(line, at, year) {
        let mut all = said;
        all.append(&mut f.said);
        f.said = all;
        return f;
    }
    let inner = Carry {
        year,
        month: None,
        ..*carry
    };
    let month = (year.is_some() || is_month_next(line, at))
        .then(|| month_of_year(line, at, year, &inner))
        .flatten();
    if let Some(mut f) = month {
        let mut all = said;
        all.append(&mut f.said);
        f.said = all;
        return f;
    }
    found(end, Partial::year(year), said)
}

fn is_month_next(line: &Line, at: usize) -> bool {
    numeral::read(line, at).is_some()
}

/// 年底, 上半年, 第一季度, 春季: an approximate month or an interval within `year`.
fn part_of_year(line: &Line, at: usize, year: Option<i32>) -> Option<DateFound> {
    let span = |end: usize, from: u32, to: u32, said: Said| DateFound {
        end,
        start: Partial::month(year, from),
        until: Some(Until::Interval(Partial::month(year, to))),
        said: vec![said],
    };
    for (words, month) in [
        (&["年底", "年末", "底", "末", "岁末"][..], 12),
        (&["年初", "初", "岁首", "伊始"], 1),
        (&["年中", "年年中"], 6),
    ] {
        if let Some(end) = line.take(at, words) {
            // 初中, 初步, 末日 …
            let word = line.get(at);
            if word == '初' && "中步级心衷".contains(line.get(at + 1)) {
                return None;
            }
            return Some(found(
                end,
                Partial::month(year, month).about(),
                vec![Said::Word],
            ));
        }
    }
    if let Some(end) = line.take(at, &["上半年"]) {
        return Some(span(end, 1, 6, Said::Word));
    }
    if let Some(end) = line.take(at, &["下半年"]) {
        return Some(span(end, 7, 12, Said::Word));
    }
    if let Some(end) = line.take(at, &["前三季度", "前三个季度"]) {
        return Some(span(end, 1, 9, Said::Word));
    }
    if let Some((q, end)) = quarter(line, at) {
        return Some(span(end, q * 3 - 2, q * 3, Said::Quarter(q)));
    }
    for (words, season) in [
        (&["春季", "春天", "春"][..], 21),
        (&["夏季", "夏天", "夏"], 22),
        (&["秋季", "秋天", "秋"], 23),
        (&["冬季", "冬天", "冬"], 24),
    ] {
        if let Some(end) = line.take(at, words) {
            if "节晚运粮奥令招残闱".contains(line.get(end)) {
                return None;
            }
            return Some(found(end, Partial::month(year, season), vec![Said::Word]));
        }
    }
    None
}

/// (第)一季度, 1季度.
fn quarter(line: &Line, at: usize) -> Option<(u32, usize)> {
    let start = line.take(at, &["第"]).unwrap_or(at);
    let n = numeral::read(line, start)?;
    let q = n.whole(4).filter(|q| *q > 0)?;
    let end = line.take(n.end, &["季度", "季報", "季报"])?;
    Some((q, end))
}

/// A quarter or half that stands without its year counts in the clock's.
fn bare_part_of_year(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let begins = line
        .take(
            i,
            &[
                "上半年",
                "下半年",
                "年底",
                "年初",
                "年末",
                "年中",
                "前三季度",
            ],
        )
        .is_some()
        || quarter(line, i).is_some();
    if !begins || line.has(i, "年中国") {
        return None;
    }
    part_of_year(line, i, carry.year.or(carry.clock.year()))
}

const MONTH_WORDS: &[(&str, i32)] = &[
    ("上个月", -1),
    ("上月", -1),
    ("本月", 0),
    ("这个月", 0),
    ("下个月", 1),
    ("下月", 1),
];

/// Everything that begins with a month.
fn month(line: &Line, i: usize, carry: &Carry, after: Option<&Partial>) -> Option<DateFound> {
    if let Some((word, shift)) = MONTH_WORDS.iter().find(|(w, _)| line.has(i, w)) {
        if line.has(i, "本月亮") {
            return None;
        }
        let (year, m) = months_from(&carry.clock, *shift);
        let end = i + word.chars().count();
        let mut date = Partial {
            year,
            month: m,
            fine: Fine::Month,
            ..Partial::default()
        };
        if let Some(f) = day_in_month(line, end, year, m, vec![Said::Word]) {
            return Some(f);
        }
        if let Some(m) = m {
            return Some(part_of_month(line, end, year, m, vec![Said::Word]));
        }
        let end = if let Some(end) = line.take(end, PARTS_OF_MONTH) {
            date.about = true;
            end
        } else {
            end
        };
        return Some(found(end, date, vec![Said::Word]));
    }
    if let Some(f) = bare_part_of_year(line, i, carry) {
        return Some(f);
    }
    let ahead = is_ahead(line, i);
    let n = numeral::read(line, i)?;
    let m = n
        .whole(12)
        .filter(|m| *m > 0 && !n.scaled || *m >= 10 && *m <= 12)?;
    let year = match after {
        // 12月28日至1月3日 runs into the next year.
        Some(a) => a.year.map(|y| {
            if a.month.is_some_and(|b| b > m) {
                y + 1
            } else {
                y
            }
        }),
        None => carry.year_of_month(m, ahead),
    };
    month_of_year(line, i, year, carry)
}

const PARTS_OF_MONTH: &[&str] = &[
    "上旬", "中旬", "下旬", "月底", "月初", "月末", "底", "初", "末", "中",
];

/// M月 and what follows it.
fn month_of_year(line: &Line, i: usize, year: Option<i32>, carry: &Carry) -> Option<DateFound> {
    let n = numeral::read(line, i)?;
    let m = n.whole(12).filter(|m| *m > 0)?;
    let end = line.skip_blank(n.end);
    if line.get(end) != '月' {
        // 5—7月; 9、10月
        let list = line.get(n.end) == '、';
        let next = if list {
            n.end + 1
        } else {
            connector(line, n.end)?
        };
        let until = numeral::read(line, next)?;
        let last = until.whole(12).filter(|l| *l > 0)?;
        let close = line.skip_blank(until.end);
        if line.get(close) != '月' || is_day_next(line, close + 1) {
            return None;
        }
        let until_year = year.map(|y| if last < m { y + 1 } else { y });
        return Some(DateFound {
            end: line.take(close + 1, &["份"]).unwrap_or(close + 1),
            start: Partial::month(year, m),
            until: Some(if list && last != m + 1 {
                Until::Also(Partial::month(until_year, last))
            } else {
                Until::Interval(Partial::month(until_year, last))
            }),
            said: vec![Said::Month(m), Said::Month(last)],
        });
    }
    let end = end + 1;
    if "球饼薪租供票嫂龄季".contains(line.get(end)) && n.style == Style::Written {
        return None;
    }
    let _ = carry;
    if let Some(f) = day_in_month(line, end, year, Some(m), vec![Said::Month(m)]) {
        return Some(f);
    }
    let end = line.take(end, &["份"]).unwrap_or(end);
    Some(part_of_month(line, end, year, m, vec![Said::Month(m)]))
}

fn is_day_next(line: &Line, at: usize) -> bool {
    numeral::read(line, line.skip_blank(at)).is_some_and(|n| {
        n.whole(31).is_some() && matches!(line.get(line.skip_blank(n.end)), '日' | '号')
    })
}

fn part_of_month(line: &Line, end: usize, year: Option<i32>, m: u32, said: Vec<Said>) -> DateFound {
    let Some(close) = line.take(end, PARTS_OF_MONTH) else {
        return found(end, Partial::month(year, m), said);
    };
    let mut said = said;
    said.push(Said::Word);
    let last = last_day(year, m);
    let days = |from, to| DateFound {
        end: close,
        start: Partial::day(year, Some(m), from),
        until: Some(Until::Interval(Partial::day(year, Some(m), to))),
        said: said.clone(),
    };
    match (line.get(end), line.get(end + 1)) {
        ('上', _) => days(1, 10),
        ('中', '旬') => days(11, 20),
        ('下', _) => days(21, last),
        (
            '中',
            '国' | '央' | '方' | '美' | '日' | '俄' | '欧' | '超' | '心' | '上' | '下' | '部'
            | '东',
        ) => {
            said.pop();
            found(end, Partial::month(year, m), said)
        }
        ('中', _) => found(close, Partial::day(year, Some(m), 15).about(), said),
        ('月', '初') | ('初', _) => {
            if matches!(line.get(close), '步' | '中' | '级') {
                said.pop();
                return found(end, Partial::month(year, m), said);
            }
            found(close, Partial::day(year, Some(m), 1).about(), said)
        }
        _ => found(close, Partial::day(year, Some(m), last).about(), said),
    }
}

/// The D日, D至E日 or D、E日 behind a month.
fn day_in_month(
    line: &Line,
    at: usize,
    year: Option<i32>,
    month: Option<u32>,
    mut said: Vec<Said>,
) -> Option<DateFound> {
    let days = days(line, line.skip_blank(at), true)?;
    said.extend(days.said.iter().copied());
    Some(days.into_date(line, year, month, said))
}

/// Everything that begins with a day.
fn day(line: &Line, i: usize, carry: &Carry, after: Option<&Partial>) -> Option<DateFound> {
    let days = days(line, i, after.is_some_and(|a| a.fine == Fine::Day))?;
    let (year, month) = match after {
        Some(a) if a.month.is_some() => {
            // 28日至3日 runs into the next month.
            if a.day.is_some_and(|d| d > days.first) {
                match (a.year, a.month) {
                    (y, Some(12)) => (y.map(|y| y + 1), Some(1)),
                    (y, m) => (y, m.map(|m| m + 1)),
                }
            } else {
                (a.year, a.month)
            }
        }
        _ => carry.month_of_day(days.first, is_ahead(line, i)),
    };
    let said = days.said.clone();
    Some(days.into_date(line, year, month, said))
}

struct Days {
    end: usize,
    first: u32,
    /// The other day, and whether the days between count.
    other: Option<(u32, bool)>,
    said: Vec<Said>,
}

impl Days {
    fn into_date(
        self,
        line: &Line,
        year: Option<i32>,
        month: Option<u32>,
        mut said: Vec<Said>,
    ) -> DateFound {
        let mut start = Partial::day(year, month, self.first);
        let mut end = self.end;
        let until = self.other.map(|(d, through)| {
            let mut date = Partial::day(year, month, d);
            if through && d < self.first {
                // 28—3日: the month after.
                date.month = month.map(|m| m % 12 + 1);
                date.year = if month == Some(12) {
                    year.map(|y| y + 1)
                } else {
                    year
                };
            }
            if through {
                Until::Interval(date)
            } else {
                Until::Also(date)
            }
        });
        if until.is_none() {
            end = day_part(line, end, &mut start, &mut said);
        } else {
            end = line.take(end, DAY_PARTS).unwrap_or(end);
        }
        DateFound {
            end,
            start,
            until,
            said,
        }
    }
}

/// What a day's number must not be followed by: numbers of houses, lines, ships, documents.
const NOT_A_DAY: &[char] = &[
    '人', '工', '首', '病', '文', '线', '楼', '院', '馆', '桥', '门', '机', '船', '卫', '店', '公',
    '高', '球', '种', '台', '令', '房', '厅', '航', '车', '井', '矿', '坑', '选', '床', '柜', '运',
    '火', '探', '飞', '通', '码', '称', '召', '字', '段', '仓', '泊', '地', '厂', '轮', '舰', '艇',
    '提', '决', '建', '位', '箱', '池', '别',
];

fn days(line: &Line, i: usize, in_month: bool) -> Option<Days> {
    let n = numeral::read(line, i)?;
    let first = n.whole(31).filter(|d| *d > 0)?;
    let end = line.skip_blank(n.end);
    if is_day_mark(line, &n, i, end, in_month) {
        let mut days = Days {
            end: end + 1,
            first,
            other: None,
            said: vec![Said::Day(first)],
        };
        pair(line, &mut days);
        return Some(days);
    }
    // 24至25日, 24、25日
    let (next, through) = match connector(line, n.end) {
        Some(next) => (next, true),
        None if matches!(line.get(n.end), '、' | '和') && (in_month || line.get(n.end) == '、') => {
            (n.end + 1, false)
        }
        None => return None,
    };
    let m = numeral::read(line, next)?;
    let last = m.whole(31).filter(|d| *d > 0)?;
    let close = line.skip_blank(m.end);
    if !is_day_mark(line, &m, next, close, in_month) || n.style != m.style {
        return None;
    }
    Some(Days {
        end: close + 1,
        first,
        other: Some((last, through || last == first + 1)),
        said: vec![Said::Day(first), Said::Day(last)],
    })
}

/// 24日和25日, 24日、26日: two days of one month.
fn pair(line: &Line, days: &mut Days) {
    if !matches!(line.get(days.end), '、' | '和') {
        return;
    }
    let next = days.end + 1;
    let Some(m) = numeral::read(line, next) else {
        return;
    };
    let Some(last) = m.whole(31).filter(|d| *d > days.first) else {
        return;
    };
    let close = line.skip_blank(m.end);
    if line.get(close) == '日' && is_day_mark(line, &m, next, close, true) {
        days.other = Some((last, last == days.first + 1));
        days.said.push(Said::Day(last));
        days.end = close + 1;
    }
}

fn is_day_mark(line: &Line, n: &Numeral, i: usize, end: usize, in_month: bool) -> bool {
    if n.decimals > 0 || n.digits > 2 || n.bare {
        return false;
    }
    match line.get(end) {
        '日' => {
            if in_month {
                return true;
            }
            let after = line.get(end + 1);
            let counted = "内游之元圆均龄".contains(after)
                || line.has(end + 1, "以内")
                || line.has(end + 1, "后") && n.style == Style::Written
                || "期时续近约达共超过每短这满休住经已"
                    .contains(line.before(line.skip_blank_back(i)))
                || "没未无".contains(after);
            !counted && !matches!(line.get(i), '两' | '一')
        }
        '号' => {
            in_month
                || !NOT_A_DAY.contains(&line.get(end + 1))
                    && !"第路街巷弄道字-—〕娥舟宫问箭征型".contains(line.before(i))
                    && !line.before(i).is_ascii_alphanumeric()
        }
        _ => false,
    }
}

const DAY_PARTS: &[&str] = &[
    "上午", "下午", "中午", "凌晨", "清晨", "早上", "早晨", "傍晚", "晚上", "晚间", "夜间", "深夜",
    "午夜", "午后", "午间", "夜里", "黎明", "正午", "零时", "晚", "晨", "早", "夜",
];

/// Takes the part of the day and the time behind a day.
fn day_part(line: &Line, end: usize, date: &mut Partial, said: &mut Vec<Said>) -> usize {
    let at = line.skip_blank(end);
    let part = line.take(at, DAY_PARTS);
    let behind = part.unwrap_or(end);
    match time(
        line,
        line.skip_blank(behind),
        part.map(|_| line.get(at)),
        part.is_some() || end > 0,
    ) {
        Some(t) => {
            date.time = Some((t.hour, t.minute));
            said.push(t.said);
            t.end
        }
        None => behind,
    }
}

struct Time {
    end: usize,
    hour: u32,
    minute: Option<u32>,
    said: Said,
}

/// 15时30分, 3点半, 9:30. `plain` says whether a bare 9点 is a time and not nine points.
fn time(line: &Line, at: usize, part: Option<char>, plain: bool) -> Option<Time> {
    let n = numeral::read(line, at)?;
    let hour = n.whole(24)?;
    if n.digits > 2 {
        return None;
    }
    let end = line.skip_blank(n.end);
    let (minute, end) = match line.get(end) {
        ':' if n.style == Style::Arabic => {
            let two = line.get(end + 1).is_ascii_digit()
                && line.get(end + 2).is_ascii_digit()
                && !line.get(end + 3).is_ascii_digit();
            if !two {
                return None;
            }
            let m = line.get(end + 1).to_digit(10)? * 10 + line.get(end + 2).to_digit(10)?;
            if m >= 60 {
                return None;
            }
            let mut close = end + 3;
            if line.get(close) == ':' && line.get(close + 1).is_ascii_digit() {
                close += 1;
                while line.get(close).is_ascii_digit() {
                    close += 1;
                }
            }
            (Some(m), close)
        }
        mark @ ('时' | '点') => {
            let behind = end + 1;
            let bad =
                "代期候间常刻而速长尚任装不值序段光空机评事局效差赞击".contains(line.get(behind));
            if bad {
                return None;
            }
            match minutes(line, behind) {
                Some((m, close)) => (Some(m), close),
                None => {
                    let sure =
                        plain || part.is_some() || line.take(behind, &["钟", "整", "许"]).is_some();
                    // 下跌9点 counts points; a written 三点 alone counts anything
                    let points = mark == '点'
                        && "涨跌升降报收达挫高低加减距至个重以".contains(line.before(at));
                    if !sure && (points || n.style == Style::Written || hour == 0) {
                        return None;
                    }
                    (None, line.take(behind, &["钟", "整"]).unwrap_or(behind))
                }
            }
        }
        _ => return None,
    };
    let afternoon = matches!(part, Some('下' | '晚' | '傍' | '夜' | '深' | '午'))
        || part == Some('中') && hour < 6;
    let full = if afternoon && hour < 12 && !(part == Some('深') && hour < 6) {
        hour + 12
    } else {
        hour
    };
    Some(Time {
        end,
        hour: full % 24,
        minute,
        said: Said::Time(hour, minute.unwrap_or(0)),
    })
}

fn minutes(line: &Line, at: usize) -> Option<(u32, usize)> {
    if line.get(at) == '半' {
        return Some((30, at + 1));
    }
    if line.has(at, "一刻") {
        return Some((15, at + 2));
    }
    if line.has(at, "三刻") {
        return Some((45, at + 2));
    }
    let from = if matches!(line.get(at), '零' | '〇') {
        at + 1
    } else {
        at
    };
    let n = numeral::read(line, line.skip_blank(from))?;
    let m = n.whole(59)?;
    let end = line.skip_blank(n.end);
    if line.get(end) == '分' && line.get(end + 1) != '钟' {
        let mut close = end + 1;
        if let Some(s) = numeral::read(line, close)
            && line.get(s.end) == '秒'
            && s.whole(59).is_some()
        {
            close = s.end + 1;
        }
        return Some((m, close));
    }
    // 三点五十: minutes without 分 only in words.
    (n.style == Style::Written && n.scaled && m >= 10).then_some((m, n.end))
}

/// A time of day without its day: 上午9时, 19:30, 下午三点半.
fn time_alone(line: &Line, i: usize, plain: bool) -> Option<DateFound> {
    let part = line.take(i, DAY_PARTS);
    let at = part.unwrap_or(i);
    let t = time(line, line.skip_blank(at), part.map(|_| line.get(i)), plain)?;
    let date = Partial {
        fine: Fine::Time,
        time: Some((t.hour, t.minute)),
        ..Partial::default()
    };
    Some(found(t.end, date, vec![t.said]))
}

/// Whether the clause around `i` speaks of the future.
fn is_ahead(line: &Line, i: usize) -> bool {
    let stop = |c: char| matches!(c, '。' | '，' | '；' | '！' | '？' | '\0');
    let back = (1..=10)
        .map(|k| i.checked_sub(k).map_or('\0', |at| line.get(at)))
        .take_while(|c| !stop(*c))
        .any(|c| c == '将');
    back || (0..=14)
        .map(|k| line.get(i + k))
        .take_while(|c| !stop(*c))
        .any(|c| c == '将')
}
