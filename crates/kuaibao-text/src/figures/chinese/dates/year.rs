//! Years, their parts, decades, centuries.

use super::month::{is_begun_by_middle, month_of_year, named_month};
use super::{
    Carry, DateFound, DatePart, Fine, Line, Numeral, Partial, Style, Until, connector, found,
    numeral,
};
use crate::text::chars::is_han;

/// Words for years, with their distance from the clock's year.
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

/// Words for years, with their distance from the year read last; alone they say too little.
const NEXT_YEAR_WORDS: &[(&str, i32)] = &[
    ("次年", 1),
    ("翌年", 1),
    ("转年", 1),
    ("同年", 0),
    ("当年", 0),
];

pub(super) fn is_year_word(line: &Line, i: usize) -> bool {
    // 受去年同期影响，上半年…: of this year
    YEAR_WORDS
        .iter()
        .any(|(w, _)| line.has(i, w) && !line.has(i + w.chars().count(), "同期"))
}

/// Everything that begins with a year.
pub(super) fn year(
    line: &Line,
    i: usize,
    carry: &Carry,
    after: Option<&Partial>,
) -> Option<DateFound> {
    year_word(line, i, carry)
        .or_else(|| next_year_word(line, i, carry, after))
        .or_else(|| era_year(line, i))
        .or_else(|| decade_or_century(line, i))
        .or_else(|| {
            let n = numeral::read(line, i)?;
            shared_year(line, &n).or_else(|| {
                if let Some(f) = year_without_its_word(line, i, &n) {
                    return Some(f);
                }
                let end = line.skip_blank(n.end);
                (line.get(end) == '年').then_some(())?;
                let (y, stated) = year_of_era(line, i, &n).or_else(|| {
                    // 1986年到88年
                    let short = after.filter(|a| a.fine == Fine::Year && n.digits == 2);
                    let y = plain_year(line, &n, i, end)
                        .or_else(|| short.and(n.whole(99)).map(|y| full_year(y as i32)))?;
                    Some((y, DatePart::Year(y)))
                })?;
                Some(within_year(line, end + 1, Some(y), vec![stated]))
            })
        })
}

/// 2020上半年, 2016秋季; 2004:12月26日, 2018：… at the head of a line.
fn year_without_its_word(line: &Line, i: usize, n: &Numeral) -> Option<DateFound> {
    const PARTS: &[&str] = &[
        "上半年",
        "下半年",
        "前三季度",
        "春季",
        "夏季",
        "秋季",
        "冬季",
    ];
    let year = n.whole(2040).filter(|y| *y >= 1900 && n.digits == 4)? as i32;
    let stated = vec![DatePart::Year(year)];
    if year >= 1990 && line.take(n.end, PARTS).is_some() {
        return Some(within_year(line, n.end, Some(year), stated));
    }
    if line.get(n.end) != ':' || !"\0|《".contains(line.before(line.skip_blank_back(i))) {
        return None;
    }
    let Some(mut month) = month_of_year(line, n.end + 1, Some(year)) else {
        return Some(found(n.end, Partial::year(Some(year)), stated));
    };
    month.stated.splice(0..0, stated);
    Some(month)
}

/// 今年, 去年底, 今年（2025年）5月.
fn year_word(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let begins = matches!(
        line.get(i),
        '大' | '前' | '去' | '上' | '今' | '本' | '明' | '后'
    );
    begins.then_some(())?;
    let (word, shift) = YEAR_WORDS.iter().find(|(w, _)| line.has(i, w))?;
    let end = i + word.chars().count();
    // 失|去|年轻人
    if line.get(end) == '轻' {
        return None;
    }
    // 此|前|年份
    if *word == "前年" && line.get(end) == '份' {
        return None;
    }
    // 2018年8月也比上年减少: the year before that one
    // 2016年上半年…较去年同期: likewise, where the year that is stated is a past one
    let same_period = *word == "去年" && line.has(end, "同期");
    let past = carry
        .year
        .filter(|y| carry.clock.year().is_none_or(|now| *y < now));
    let stated_year = match *word {
        "上年" => carry.year,
        _ => past.filter(|_| same_period),
    };
    let value = stated_year.or(carry.clock.year()).map(|y| y + shift);
    let stated = vec![DatePart::Word];
    // 去年本月
    if let Some(month) = line.take(end, &["本月", "同月"]) {
        // 6月为39.4%，上年同月为271.5%
        let same = line.has(end, "同月").then(|| carry.last_month()).flatten();
        let now = carry.clock.month_day().map(|(month, _)| month);
        let now = same.map(|(_, month)| month).or(now);
        return Some(named_month(line, month, value, now));
    }
    if line.get(end) == '('
        && let Some(n) = numeral::read(line, end + 1)
        && let Some(y) = n.whole(2999).filter(|y| *y >= 1000)
        && let Some(close) = line.take(n.end, &["年)", ")"])
    {
        let stated = vec![DatePart::Word, DatePart::Year(y as i32)];
        return Some(within_year(line, close, Some(y as i32), stated));
    }
    Some(within_year(line, end, value, stated))
}

/// 次年1月3日, 同年5月, 当年底: counted from the year before.
fn next_year_word(
    line: &Line,
    i: usize,
    carry: &Carry,
    after: Option<&Partial>,
) -> Option<DateFound> {
    let (word, shift) = NEXT_YEAR_WORDS.iter().find(|(w, _)| line.has(i, w))?;
    let before = after.and_then(|a| a.year).or_else(|| carry.last_year());
    let f = within_year(
        line,
        i + word.chars().count(),
        before.map(|y| y + shift),
        vec![DatePart::Word],
    );
    (f.start.fine > Fine::Year).then_some(f)
}

/// 公元前221年, 公元1190年.
fn era_year(line: &Line, i: usize) -> Option<DateFound> {
    let (word, before) = [("公元前", true), ("公元", false)]
        .into_iter()
        .find(|(w, _)| line.has(i, w))?;
    let n = numeral::read(line, line.skip_blank(i + word.chars().count()))?;
    let end = line.skip_blank(n.end);
    let y = n.whole(10_000).filter(|_| line.get(end) == '年')? as i32;
    // Astronomical years have a zero: 221 BC is -0220.
    let value = if before { 1 - y } else { y };
    Some(within_year(
        line,
        end + 1,
        Some(value),
        vec![DatePart::Year(y)],
    ))
}

/// Eras with the year they began in.
const ERAS: &[(&str, i32)] = &[
    ("民国", 1912),
    ("光绪", 1875),
    ("同治", 1862),
    ("咸丰", 1851),
    ("道光", 1821),
    ("嘉庆", 1796),
    ("乾隆", 1736),
    ("雍正", 1723),
    ("康熙", 1662),
    ("顺治", 1644),
    ("崇祯", 1628),
    ("万历", 1573),
    ("嘉靖", 1522),
    ("永乐", 1403),
    ("洪武", 1368),
    ("贞观", 627),
    ("开元", 713),
    ("明治", 1868),
    ("昭和", 1926),
    ("平成", 1989),
    ("令和", 2019),
];

/// The 十年 of 贞观十年, in the years of our calendar; the 636 of （636年） behind it.
fn year_of_era(line: &Line, i: usize, n: &Numeral) -> Option<(i32, DatePart)> {
    let y = n.whole(1999).filter(|y| *y > 0)? as i32;
    let era = ERAS
        .iter()
        .find(|(name, _)| line.take_back(i, &[name]).is_some());
    if let Some((_, first)) = era {
        // Of 民国 Taiwan still counts its years.
        let longest = if *first == 1912 { 200 } else { 65 };
        return (y <= longest).then_some((first + y - 1, DatePart::Word));
    }
    let bracketed = n.digits >= 3 && line.before(i) == '(';
    bracketed.then_some((y, DatePart::Year(y)))
}

/// A calendar year, as opposed to so many years.
fn plain_year(line: &Line, n: &Numeral, i: usize, end: usize) -> Option<i32> {
    let y = n.whole(2999)? as i32;
    if n.scaled || n.style == Style::Written {
        // 两千零八年
        let year = (1900..2100).contains(&y) && y % 100 != 0 && n.scaled;
        return (year && n.style == Style::Written && n.low >= 1900.0).then_some(y);
    }
    let historic = line
        .take(end + 1, &["历史", "的历史", "文明", "老", "的文"])
        .is_some();
    if n.digits == 4 && y >= 1000 {
        return (!historic && !is_span(line, y, i, end + 1)).then_some(y);
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

/// 早1000年, 1500年前: so many years, which are round.
fn is_span(line: &Line, y: i32, i: usize, end: usize) -> bool {
    const BEFORE: &[&str] = &[
        "早", "晚", "长达", "距今", "跨越", "相隔", "相差", "历经", "绵延", "延续",
    ];
    let before = line.skip_blank_back(i);
    let counted = line.take_back(before, BEFORE).is_some();
    let ago = y < 1900 && line.take(end, &["前", "后", "来", "间", "时间"]).is_some();
    y % 100 == 0 && (counted || ago || y > 2100)
}

/// 98 is 1998, 08 is 2008.
fn full_year(y: i32) -> i32 {
    if y >= 50 { 1900 + y } else { 2000 + y }
}

/// 20世纪90年代, 21世纪, 90年代, 1990年代, 上世纪七八十年代, 70、80年代.
fn decade_or_century(line: &Line, i: usize) -> Option<DateFound> {
    if let Some(at) = line.take(i, &["上世纪", "上个世纪"]) {
        return decades(line, line.skip_blank(at), Some(1900))
            .or_else(|| part_of_century(line, at, 20, DatePart::Word));
    }
    if let Some(at) = line.take(i, &["本世纪"]) {
        return part_of_century(line, at, 21, DatePart::Word);
    }
    let n = numeral::read(line, i)?;
    let end = line.skip_blank(n.end);
    if !line.has(end, "世纪") {
        return centuries(line, &n).or_else(|| decades(line, i, None));
    }
    let century = n.whole(40).filter(|c| *c > 0)? as i32;
    if let Some(f) = decades(line, line.skip_blank(end + 2), Some((century - 1) * 100)) {
        return Some(f);
    }
    let stated = DatePart::Century(century);
    part_of_century(line, end + 2, century, stated).or_else(|| {
        let mut date = Partial::year(Some((century - 1) * 100));
        date.fine = Fine::Century;
        Some(found(end + 2, date, vec![stated]))
    })
}

/// The 中叶 of 21世纪中叶: about its first, its 50th or its last year.
fn part_of_century(line: &Line, at: usize, century: i32, stated: DatePart) -> Option<DateFound> {
    let (words, year) = [
        (&["初叶", "初期", "初"][..], 0),
        (&["中叶", "中期"], 50),
        (&["末叶", "末期", "末"], 99),
    ]
    .into_iter()
    .find(|(words, _)| line.take(at, words).is_some())?;
    let mut date = Partial::year(Some((century - 1) * 100 + year)).about();
    date.century = true;
    Some(found(line.take(at, words)?, date, vec![stated]))
}

/// 17至18世纪, 18、19世纪.
fn centuries(line: &Line, n: &Numeral) -> Option<DateFound> {
    let next = match line.get(n.end) {
        '、' => n.end + 1,
        _ => connector(line, n.end)?,
    };
    let m = numeral::read(line, next)?;
    let end = line.take(line.skip_blank(m.end), &["世纪"])?;
    let century = |n: &Numeral| n.whole(40).filter(|c| *c > 0).map(|c| c as i32);
    let (first, last) = (century(n)?, century(&m)?);
    let date = |c: i32| {
        let mut date = Partial::year(Some((c - 1) * 100));
        date.fine = Fine::Century;
        date
    };
    (first < last).then(|| DateFound {
        end,
        start: date(first),
        until: Some(Until::Interval(date(last))),
        stated: vec![DatePart::Century(first), DatePart::Century(last)],
    })
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
        f.stated.extend(second.stated);
    }
    Some(f)
}

fn decade_of(start: i32) -> DateFound {
    let mut date = Partial::year(Some(start));
    date.fine = Fine::Decade;
    found(0, date, vec![DatePart::Decade(start)])
}

fn early_or_late(line: &Line, end: usize, mut f: DateFound) -> DateFound {
    let part = line.take(end, &["初期", "中期", "末期", "后期", "初", "末", "中"]);
    // 50年代|中国
    let word = line.get(end) == '中' && is_begun_by_middle(line.get(end + 1));
    f.end = part.filter(|_| !word).unwrap_or(end);
    f
}

/// 2026—2030年, 2023—2024赛季, 2024/25学年.
fn shared_year(line: &Line, n: &Numeral) -> Option<DateFound> {
    let first = n
        .whole(2999)
        .filter(|y| *y >= 1000 && n.digits == 4 && !n.scaled)? as i32;
    let next = match line.get(n.end) {
        '/' => n.end + 1,
        _ => connector(line, n.end)?,
    };
    let m = numeral::read(line, next)?;
    let last = match (m.digits, m.whole(2999)? as i32) {
        (4, y) => y,
        (2, y) => first - first % 100 + y,
        _ => return None,
    };
    let named = line.take(
        line.skip_blank(m.end),
        &["年度", "年间", "年期间", "年", "赛季", "学年", "财年"],
    );
    // 2019-20欧洲冠军联赛, 2019-2020冠状病毒疫情
    let season = (1990..2040).contains(&first) && last == first + 1 && is_han(line.get(m.end));
    let season = season && !"万亿千百元人多余号".contains(line.get(m.end));
    let end = named.or(season.then_some(m.end))?;
    (last > first).then(|| DateFound {
        end,
        start: Partial::year(Some(first)),
        until: Some(Until::Interval(Partial::year(Some(last)))),
        stated: vec![DatePart::Year(first), DatePart::Year(last)],
    })
}

/// What may follow a year: its part, or a month.
fn within_year(line: &Line, end: usize, year: Option<i32>, mut stated: Vec<DatePart>) -> DateFound {
    let at = line.skip_blank(end);
    // 2004年：12月26日
    if line.get(at) == ':'
        && let Some(mut f) = month_of_year(line, at + 1, year)
        && f.start.fine == Fine::Day
    {
        f.stated.splice(0..0, stated);
        return f;
    }
    if let Some(end) = line.take(at, &["元旦"]) {
        return found(end, Partial::day(year, Some(1), 1), stated);
    }
    let Some(mut f) = part_of_year(line, at, year).or_else(|| month_of_year(line, at, year)) else {
        return found(end, Partial::year(year), stated);
    };
    stated.append(&mut f.stated);
    f.stated = stated;
    f
}

/// 年底, 上半年, 第一季度, 春季: an approximate month or an interval within `year`.
fn part_of_year(line: &Line, at: usize, year: Option<i32>) -> Option<DateFound> {
    let about = |month| Partial::month(year, month).about();
    let span = |end: usize, from: u32, to: u32, stated: DatePart| DateFound {
        end,
        start: Partial::month(year, from),
        until: Some(Until::Interval(Partial::month(year, to))),
        stated: vec![stated],
    };
    // 2015年中，, 2014年中期; not 2015年中的一天
    if line.get(at) == '中' && line.before(at) == '年' {
        let next = line.get(at + 1);
        if next == '期' {
            return Some(found(at + 2, about(6), vec![DatePart::Word]));
        }
        if !is_han(next) && !next.is_alphanumeric() && next != '“' && next != '《' {
            return Some(found(at + 1, about(6), vec![DatePart::Word]));
        }
    }
    for (words, month) in [
        (&["年年底", "年底", "年末", "岁末", "底", "末"][..], 12),
        (&["年年初", "年初", "岁首", "伊始", "初"], 1),
        (&["年年中", "年中"], 6),
    ] {
        if let Some(end) = line.take(at, words) {
            // 初中, 初步 …
            let word = line.get(at) == '初' && "中步级次心衷".contains(line.get(end));
            return (!word).then(|| found(end, about(month), vec![DatePart::Word]));
        }
    }
    for (words, from, to) in [
        (&["上半年"][..], 1, 6),
        (&["下半年"], 7, 12),
        (&["前三季度", "前三个季度", "前3季度"], 1, 9),
        (&["首季度", "首季"], 1, 3),
        (&["前两季度", "前两个季度"], 1, 6),
    ] {
        if let Some(end) = line.take(at, words) {
            return Some(span(end, from, to, DatePart::Word));
        }
    }
    if let Some((months, end)) = first_months(line, at) {
        return Some(span(end, 1, months, DatePart::LastMonth(months)));
    }
    if let Some((first, last, end)) = quarters(line, at) {
        // 一季度末
        if first == last
            && let Some(end) = line.take(end, &["末", "底"])
        {
            return Some(found(end, about(last * 3), vec![DatePart::Quarter(last)]));
        }
        let mut f = span(end, first * 3 - 2, last * 3, DatePart::Quarter(first));
        match last - first {
            0 => {}
            1 => f.stated.push(DatePart::Quarter(last)),
            // 一至三季度: the first three quarters, January to September
            _ => f.stated = vec![DatePart::Word],
        }
        return Some(f);
    }
    for (season, words) in [
        (21, ["春季", "春天", "春"]),
        (22, ["夏季", "夏天", "夏"]),
        (23, ["秋季", "秋天", "秋"]),
        (24, ["冬季", "冬天", "冬"]),
    ] {
        if let Some(end) = line.take(at, &words) {
            let word = "节晚运粮奥令招残闱耕茶种收".contains(line.get(end));
            return (!word).then(|| found(end, Partial::month(year, season), vec![DatePart::Word]));
        }
    }
    None
}

/// 前5个月, 头两个月: January to that month.
fn first_months(line: &Line, at: usize) -> Option<(u32, usize)> {
    let start = line.take(at, &["前", "头"])?;
    let n = numeral::read(line, start)?;
    let months = n.whole(11).filter(|m| *m > 1)?;
    let end = line.take(line.skip_blank(n.end), &["个月"])?;
    Some((months, end))
}

/// (第)一季度, 1季度, 二、三季度: the first and the last.
fn quarters(line: &Line, at: usize) -> Option<(u32, u32, usize)> {
    let number = |at: usize| {
        let start = line.take(at, &["第"]).unwrap_or(at);
        let n = numeral::read(line, start)?;
        Some((n.whole(4).filter(|q| *q > 0)?, n.end))
    };
    let (first, end) = number(at)?;
    let name = &["季度", "季報", "季报"];
    if let Some(end) = line.take(end, name) {
        return Some((first, first, end));
    }
    let next = match line.get(end) {
        '、' | '和' => end + 1,
        _ => connector(line, end)?,
    };
    let (last, end) = number(next).filter(|(last, _)| *last > first)?;
    Some((first, last, line.take(end, name)?))
}

/// 大年初三
fn is_lunar(line: &Line, i: usize) -> bool {
    line.has(i, "年初") && numeral::digit(line.get(i + 2)).is_some()
}

/// A quarter or half that stands without its year counts in the clock's.
pub(super) fn bare_part_of_year(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    const PARTS: &[&str] = &[
        "上半年",
        "下半年",
        "年底",
        "年初",
        "年末",
        "年中",
        "前三季度",
        "前三个季度",
    ];
    // 前七个月，进口下降: of the year, at the start of a clause and before its end or its subject
    let months = first_months(line, i).is_some_and(|(_, end)| {
        let before = line.before(line.skip_blank_back(i));
        !is_han(before) && !line.has(end, "的") && line.get(end) != '里' && line.get(end) != '内'
            || line.before(i) == '国' && line.get(end) != '的'
    });
    let begins = line.take(i, PARTS).is_some() || quarters(line, i).is_some() || months;
    // 青年中, 往年中
    let people = line.has(i, "年中") && "青少成中老壮童晚早往数几多财学".contains(line.before(i));
    if !begins || people || line.has(i, "年中国") || is_lunar(line, i) {
        return None;
    }
    part_of_year(line, i, carry.year.or(carry.clock.year()))
}
