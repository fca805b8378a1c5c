//! Months, and the days within them.

use super::day::days;
use super::{
    Carry, DateFound, DatePart, Fine, Line, Partial, Style, Until, connector, found, is_ahead,
    numeral,
};
use crate::figures::calendar::{last_day, months_from};

/// Words for months, with their distance from the clock's month.
const MONTH_WORDS: &[(&str, i32)] = &[
    ("上个月", -1),
    ("上月", -1),
    ("本月", 0),
    ("这个月", 0),
    ("下个月", 1),
    ("下月", 1),
];

/// Behind these a month is of no year.
const EVERY_YEAR: &[&str] = &[
    "每年的",
    "每年",
    "每年到",
    "每年从",
    "每年在",
    "每年自",
    "每到",
    "季(",
    "每年一到",
    "每年只有",
    "每逢",
];

/// Everything that begins with a month.
pub(super) fn month(
    line: &Line,
    i: usize,
    carry: &Carry,
    after: Option<&Partial>,
) -> Option<DateFound> {
    if let Some((word, shift)) = MONTH_WORDS.iter().find(|(w, _)| line.has(i, w)) {
        let end = i + word.chars().count();
        let (year, month) = months_from(&carry.clock, *shift);
        return (!"亮球".contains(line.get(end))).then(|| named_month(line, end, year, month));
    }
    if let Some(f) = same_month(line, i, carry) {
        return Some(f);
    }
    // 孕九月, 时隔两月: so many months
    if line.before(i) == '孕' || line.get(i) == '两' {
        return None;
    }
    let n = numeral::read(line, i)?;
    let m = n.low as u32;
    if !(1..=12).contains(&m) || n.bound.is_some() || n.decimals > 0 {
        return None;
    }
    let year = match after {
        // 12月28日至1月3日 runs into the next year.
        Some(a) => a
            .year
            .map(|y| y + i32::from(a.month.is_some_and(|b| b > m))),
        // 每年的9月27日, 雨季（11月至3月）: of no year
        None if line.take_back(i, EVERY_YEAR).is_some() => None,
        None => carry.year_of_month(m, is_ahead(line, i)),
    };
    month_of_year(line, i, year)
}

/// 上月, 本月底, 下月1日: a month by a word, which may be unknown.
pub(super) fn named_month(
    line: &Line,
    end: usize,
    year: Option<i32>,
    month: Option<u32>,
) -> DateFound {
    let stated = vec![DatePart::Word];
    if let Some(f) = day_in_month(line, end, year, month, stated.clone()) {
        return f;
    }
    match month {
        Some(m) => part_of_month(line, end, year, m, stated),
        None => {
            let part = line.take(end, PARTS_OF_MONTH);
            let date = Partial {
                year,
                fine: Fine::Month,
                about: part.is_some(),
                ..Partial::default()
            };
            found(part.unwrap_or(end), date, stated)
        }
    }
}

/// 当月28日, 同月底: in the month read last.
fn same_month(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let end = line.take(i, &["当月", "同月"])?;
    let (year, month) = carry.last_month()?;
    let f = named_month(line, end, year, Some(month));
    (f.start.fine == Fine::Day).then_some(f)
}

const PARTS_OF_MONTH: &[&str] = &[
    "上旬", "中旬", "下旬", "月底", "月初", "月末", "底", "初", "末", "中",
];

/// M月 and what follows it.
pub(super) fn month_of_year(line: &Line, i: usize, year: Option<i32>) -> Option<DateFound> {
    let n = numeral::read(line, i)?;
    // 一二月份, 七八月间
    if n.style == Style::Written
        && n.high == n.low + 1.0
        && n.high <= 12.0
        && line.get(n.end) == '月'
    {
        let (first, last) = (n.low as u32, n.high as u32);
        return Some(DateFound {
            end: line.take(n.end + 1, &["份", "间"]).unwrap_or(n.end + 1),
            start: Partial::month(year, first),
            until: Some(Until::Interval(Partial::month(year, last))),
            stated: vec![DatePart::Month(first), DatePart::Month(last)],
        });
    }
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
            stated: vec![DatePart::Month(m), DatePart::Month(last)],
        });
    }
    let end = end + 1;
    if line.get(end) == '龄'
        || "球饼薪租供票嫂季".contains(line.get(end)) && n.style == Style::Written
    {
        return None;
    }
    if let Some(f) = day_in_month(line, end, year, Some(m), vec![DatePart::Month(m)])
        .or_else(|| day_before_another(line, end, year, m))
        .or_else(|| day_without_its_word(line, end, year, m))
    {
        return Some(f);
    }
    let end = line.take(end, &["份"]).unwrap_or(end);
    Some(part_of_month(line, end, year, m, vec![DatePart::Month(m)]))
}

/// The 7月17 of 7月17和7月22日: what it counts stands behind the second.
fn day_before_another(line: &Line, at: usize, year: Option<i32>, m: u32) -> Option<DateFound> {
    let n = numeral::read(line, at).filter(|n| n.style == Style::Arabic && n.digits <= 2)?;
    let day = n.whole(31).filter(|d| *d > 0)?;
    let next = line
        .take(n.end, &["和", "、", "及", "与"])
        .or_else(|| connector(line, n.end))?;
    let month = numeral::read(line, next).filter(|n| n.whole(12).is_some_and(|m| m > 0))?;
    let named = line.get(month.end) == '月' && is_day_next(line, month.end + 1);
    let stated = vec![DatePart::Month(m), DatePart::Day(day)];
    named.then(|| found(n.end, Partial::day(year, Some(m), day), stated))
}

/// The 11月9 of 11月9结束.
fn day_without_its_word(line: &Line, at: usize, year: Option<i32>, m: u32) -> Option<DateFound> {
    let n = numeral::read(line, at).filter(|n| n.style == Style::Arabic && n.digits <= 2)?;
    let day = n.whole(31).filter(|d| *d > 0)?;
    line.take(n.end, &["结束", "开始", "开幕", "发布", "举行", "到达"])?;
    let stated = vec![DatePart::Month(m), DatePart::Day(day)];
    Some(found(n.end, Partial::day(year, Some(m), day), stated))
}

fn is_day_next(line: &Line, at: usize) -> bool {
    numeral::read(line, line.skip_blank(at)).is_some_and(|n| {
        n.whole(31).is_some() && matches!(line.get(line.skip_blank(n.end)), '日' | '号')
    })
}

/// What a 中 belongs to that is no part of a time: 中国, 中心.
pub(super) fn is_begun_by_middle(next: char) -> bool {
    "国央方美日俄欧非英法德韩印泰越朝超心上下部东学小甲乙场共纪".contains(next)
}

fn part_of_month(
    line: &Line,
    end: usize,
    year: Option<i32>,
    m: u32,
    stated: Vec<DatePart>,
) -> DateFound {
    let Some(close) = line.take(end, PARTS_OF_MONTH) else {
        return found(end, Partial::month(year, m), stated);
    };
    let mut stated = stated;
    stated.push(DatePart::Word);
    let last = last_day(year, m);
    let days = |from, to| DateFound {
        end: close,
        start: Partial::day(year, Some(m), from),
        until: Some(Until::Interval(Partial::day(year, Some(m), to))),
        stated: stated.clone(),
    };
    let about = |day| {
        found(
            close,
            Partial::day(year, Some(m), day).about(),
            stated.clone(),
        )
    };
    let plain = || found(end, Partial::month(year, m), vec![stated[0]]);
    match (line.get(end), line.get(end + 1)) {
        ('上', _) => days(1, 10),
        ('中', '旬') => days(11, 20),
        ('下', _) => days(21, last),
        // 5月中国, 5月初步
        ('中', next) if is_begun_by_middle(next) => plain(),
        ('初', next) if "步中级衷次审".contains(next) => plain(),
        ('中', _) => about(15),
        ('月', '初') | ('初', _) => about(1),
        _ => about(last),
    }
}

/// The D日, D至E日 or D、E日 behind a month.
fn day_in_month(
    line: &Line,
    at: usize,
    year: Option<i32>,
    month: Option<u32>,
    mut stated: Vec<DatePart>,
) -> Option<DateFound> {
    let days = days(line, line.skip_blank(at), true)?;
    stated.extend(days.stated.iter().copied());
    Some(days.into_date(line, year, month, stated))
}
