//! Parts of the day and times of day.

use crate::text::chars::{is_clause_end, is_han};

use super::{DateFound, DatePart, Fine, Line, Partial, Style, found, numeral};

pub(super) const DAY_PARTS: &[&str] = &[
    "上午", "下午", "中午", "凌晨", "清晨", "早上", "早晨", "傍晚", "晚上", "晚间", "夜间", "深夜",
    "午夜", "午后", "午间", "夜里", "黎明", "正午", "晚", "晨", "早", "夜",
];

/// Takes the part of the day and the time behind a day.
///
/// `word` is the word for the day, which may hold the part: 今晚.
pub(super) fn day_part(
    line: &Line,
    end: usize,
    word: &str,
    date: &mut Partial,
    stated: &mut Vec<DatePart>,
) -> usize {
    const ZONES: &[&str] = &["当地时间", "北京时间", "东部时间", "美东时间"];
    let end = weekday_behind(line, end, stated);
    let at = line.skip_blank(end);
    let zone = line.take(at, ZONES);
    let at = zone.unwrap_or(at);
    let part = DAY_PARTS.iter().find(|part| line.has(at, part)).copied();
    // 当天早些时候
    let part = part.filter(|part| !line.has(at + part.chars().count(), "些"));
    let behind = part.map_or(zone.unwrap_or(end), |part| at + part.chars().count());
    let held = || {
        ["晚", "夜", "晨", "早"]
            .into_iter()
            .find(|part| word.ends_with(part))
    };
    let named = part.is_some();
    let part = part.or_else(held);
    match time(line, behind_about(line, behind), part, true) {
        Some(t) => {
            date.time = Some((t.hour, t.minute));
            date.halved = part.is_some();
            // 1月1日零时起: English leaves out where a day begins.
            if (t.hour, t.minute) != (0, None) {
                stated.push(t.stated);
            }
            t.end
        }
        None if named => behind,
        None => end,
    }
}

/// Behind the 约 of 上午约十时, where there is one.
fn behind_about(line: &Line, at: usize) -> usize {
    let at = line.skip_blank(at);
    line.take(at, &["大约", "约"]).unwrap_or(at)
}

/// The 星期五 of 14日星期五, 14日（星期五）.
fn weekday_behind(line: &Line, end: usize, stated: &mut Vec<DatePart>) -> usize {
    let at = line.skip_blank(end);
    // 九月三十日，星期日
    let parted = line
        .take(at, &["，星期"])
        .filter(|k| !is_han(line.get(k + 1)));
    let at = at + usize::from(parted.is_some());
    let open = line.take(at, &["("]);
    let Some(name) = line.take(open.unwrap_or(at), &["星期", "礼拜", "周"]) else {
        return end;
    };
    // 周五周六: two days
    if matches!(stated.last(), Some(DatePart::Weekday(_))) {
        return end;
    }
    let number = match line.get(name) {
        '日' | '天' => 7,
        c => numeral::digit(c).unwrap_or(0),
    };
    let closed = open.is_none() || line.get(name + 1) == ')';
    if !(1..=7).contains(&number) || !closed || line.get(name + 1) == '年' {
        return end;
    }
    stated.push(DatePart::Weekday(number));
    name + 1 + usize::from(open.is_some())
}

struct Time {
    end: usize,
    hour: u32,
    minute: Option<u32>,
    stated: DatePart,
}

/// 15时30分, 3点半, 9:30. `plain` says whether a bare 9点 is a time and not nine points.
fn time(line: &Line, at: usize, part: Option<&str>, plain: bool) -> Option<Time> {
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
                        && "涨跌升降报收达挫高低加减距至个重以有".contains(line.before(at));
                    // 延长至零点
                    let midnight = hour == 0
                        && ("至到从自于在".contains(line.before(at))
                            || line
                                .take(behind, &["之际", "前后", "时分", "过后", "一过"])
                                .is_some());
                    if !sure && !midnight && (points || n.style == Style::Written || hour == 0) {
                        return None;
                    }
                    (None, line.take(behind, &["钟", "整"]).unwrap_or(behind))
                }
            }
        }
        _ => return None,
    };
    let full = part.map_or(hour, |part| full_hour(part, hour));
    let sure = part.is_some() || hour == 0 || hour > 12;
    Some(Time {
        end,
        hour: if minute.is_some_and(|m| m > 0) {
            full % 24
        } else {
            full
        },
        minute,
        stated: DatePart::Time(hour, minute.unwrap_or(0), sure.then_some(full % 24)),
    })
}

/// The hour of the day that an hour of a part of the day is: 下午3 is 15, 午夜12 is 24, 凌晨3 is 3.
fn full_hour(part: &str, hour: u32) -> u32 {
    match (part, hour) {
        ("凌晨" | "清晨", 12) => 0,
        ("下午" | "午后", 1..=11) | ("中午" | "午间" | "正午", 1..=4) => hour + 12,
        ("傍晚" | "晚上" | "晚间" | "晚", 5..=12) => hour + 12,
        ("夜间" | "深夜" | "午夜" | "夜里" | "夜", 6..=12) => hour + 12,
        _ => hour,
    }
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
    // 8点59才发现
    let digits = n.style == Style::Arabic && n.digits == 2 && n.decimals == 0 && end == n.end;
    if digits
        && (!is_han(line.get(end)) && line.get(end) != '%' || "才就左".contains(line.get(end)))
    {
        return Some((m, n.end));
    }
    // 三点五十: minutes without 分 only in words.
    (n.style == Style::Written && n.scaled && m >= 10).then_some((m, n.end))
}

/// The part of the day that the clause has named before a time, where it changes the hour.
fn evening_before(line: &Line, i: usize) -> Option<&'static str> {
    const REACH: usize = 12;
    const PARTS: &[&str] = &["下午", "晚上", "晚间", "夜里", "傍晚", "晚"];
    line.take_back(i, &["从", "到", "至", "自", "由"])?;
    let clause = (i.saturating_sub(REACH)..i)
        .rev()
        .take_while(|k| !is_clause_end(line.get(*k)));
    let mut named = clause.filter_map(|k| DAY_PARTS.iter().find(|part| line.has(k, part)));
    named.next().filter(|part| PARTS.contains(*part)).copied()
}

/// A time of day without its day: 上午9时, 19:30, 下午三点半.
///
/// Behind another time, which `after` gives, the part of the day goes on: 下午2时至4时.
pub(super) fn time_alone(line: &Line, i: usize, after: Option<&Partial>) -> Option<DateFound> {
    let part = DAY_PARTS.iter().find(|part| line.has(i, part)).copied();
    let at = part.map_or(i, |part| i + part.chars().count());
    numeral::read(line, behind_about(line, at))?;
    // 每晚从7点半唱到11点
    let part = part.or_else(|| evening_before(line, i));
    let before = after.and_then(|a| Some((a.time?.0, a.halved)));
    let mut t = time(line, behind_about(line, at), part, before.is_some())?;
    let mut halved = part.is_some();
    if let (None, Some((first, true))) = (part, before)
        && (12..24).contains(&first)
        && t.hour < 12
        && t.hour + 12 > first
    {
        t.hour += 12;
        halved = true;
        if let DatePart::Time(_, _, full) = &mut t.stated {
            *full = Some(t.hour % 24);
        }
    }
    let date = Partial {
        fine: Fine::Time,
        time: Some((t.hour, t.minute)),
        halved,
        ..Partial::default()
    };
    Some(found(t.end, date, vec![t.stated]))
}
