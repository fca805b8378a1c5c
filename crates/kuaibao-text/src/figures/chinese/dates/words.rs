//! Words for days: 昨天, 本周三, 当天.

use super::day::day;
use super::month::month;
use super::time::{DAY_PARTS, day_part};
use super::year::year;
use super::{Carry, DateFound, DatePart, Fine, Line, Partial, Until, found, is_ahead, numeral};
use crate::figures::calendar::{days_from, nearest_weekday, weekday_in_week};
use crate::text::chars::is_han;

/// Words for days, with their distance from the clock's day.
const DAY_WORDS: &[(&str, i64)] = &[
    ("大前天", -3),
    ("前天", -2),
    ("前日", -2),
    ("前晚", -2),
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
    ("大后天", 3),
    ("后天", 2),
];

/// 昨天, 今日上午, 今（11）日.
pub(super) fn day_word(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    matches!(line.get(i), '大' | '前' | '昨' | '今' | '明' | '后').then_some(())?;
    let (word, shift) = DAY_WORDS.iter().find(|(w, _)| line.has(i, w))?;
    // 周末前|天气, 上周|天气
    if line.has(i, "前天气") && "末周日月年节饭会课赛午晚".contains(line.before(i)) {
        return None;
    }
    // 光明|天使, 说明|天气
    if word.starts_with('明') && "光声证说文聪昆透发鲜表照英".contains(line.before(i))
    {
        return None;
    }
    // 如今|天天, but 正如|今天
    if line.before(i) == '如' && !"正比例譬".contains(line.before(i - 1)) {
        return None;
    }
    let mut end = i + word.chars().count();
    let mut stated = vec![DatePart::Word];
    let mut date = days_from(&carry.clock, *shift).map_or_else(Partial::unknown_day, Partial::of);
    // 今(11)日, 昨天(10日), 今天(12月11日)
    end = parenthesised_day(line, end, carry, &mut date, &mut stated);
    if line.get(end) == '('
        && let Some(n) = numeral::read(line, line.skip_blank(end + 1))
        && let Some(d) = n.whole(31).filter(|d| *d > 0)
        && let Some(close) = line.take(n.end, &[")日", ")号", ")"])
    {
        let (year, month) = carry.month_of_day(d, *shift > 0);
        if date.day != Some(d) {
            date = Partial::day(year, month, d);
        }
        stated.push(DatePart::Day(d));
        end = close;
    }
    if word.chars().count() == 1 && stated.len() == 1 || is_an_age(line, i, end, word) {
        return None;
    }
    // 今天所说的, but 昨|所
    if line.get(end) == '所' && !"说言讲".contains(line.get(end + 1)) {
        return None;
    }
    if line
        .take(
            end,
            &["股", "版", "头条", "要闻", "焦点", "美术", "中国", "说法"],
        )
        .is_some()
    {
        return None;
    }
    let end = day_part(line, end, word, &mut date, &mut stated);
    Some(found(end, date, stated))
}

/// Whether a word for a day means nowadays, times to come or what is learnt: 今天的世界, 时至今日, 美好的明天, 后天教育.
fn is_an_age(line: &Line, i: usize, end: usize, word: &str) -> bool {
    // 科技发达的今天，; 我们的明天。
    if line.before(i) == '的' && !is_han(line.get(end)) && matches!(word, "今天" | "明天") {
        return true;
    }
    match word {
        "今天" | "今日" => {
            let reached = [
                "今时",
                "时至",
                "活到",
                "直到",
                "直至",
                "延续到",
                "保留到",
                "成为",
                "变身为",
                "变成",
                "演变为",
                "发展到",
                "走到",
            ];
            let nowadays = [
                "的世界",
                "的中国",
                "的社会",
                "的时代",
                "的年轻人",
                "的青年",
                "的人们",
                "的我们",
                "的实践",
                "的生活",
                "的成就",
                "的地位",
                "的形势",
                "的现实",
            ];
            let timed = DAY_PARTS.iter().any(|part| line.has(end, part));
            line.take_back(i, &reached).is_some() && !timed
                || line
                    .take(end, &nowadays)
                    .is_some_and(|at| line.get(at) != '队')
        }
        "明天" | "明日" => {
            let hoped = [
                "美好",
                "美好的",
                "光明的",
                "更好的",
                "灿烂的",
                "辉煌的",
                "幸福的",
                "塑造了",
            ];
            line.take_back(i, &hoped).is_some()
        }
        "后天" => {
            let learnt = [
                "教育",
                "形成",
                "习得",
                "培养",
                "养成",
                "因素",
                "失调",
                "努力",
                "获得",
                "学习的",
            ];
            line.take(end, &learnt).is_some()
        }
        _ => false,
    }
}

/// 当天, 当日下午, 次日, 翌日凌晨: counted from the day read last, else from the article's.
pub(super) fn same_day(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let (word, shift) = [
        ("当天", 0),
        ("当日", 0),
        ("当晚", 0),
        ("次日", 1),
        ("翌日", 1),
    ]
    .into_iter()
    .find(|(w, _)| line.has(i, w))?;
    let end = i + word.chars().count();
    let base = carry.last_day();
    if base.is_none() && shift > 0 || "气津本".contains(line.get(end)) {
        return None;
    }
    // 开幕当天: the day of that, not of the article
    // 帕利当天告诉记者: what somebody said that day
    let said = line
        .take(
            end,
            &[
                "告诉", "表示", "宣布", "公布", "晚间", "上午", "下午", "发布", "发表", "通报",
                "说", "称", "在", "一早",
            ],
        )
        .is_some()
        || DAY_PARTS.iter().any(|part| line.has(end, part));
    let attached = is_attached(line.before(i)) && !said;
    if base.is_none() && attached {
        return None;
    }
    let base = base.or_else(|| days_from(&carry.clock, 0))?;
    let day = base.checked_add(jiff::Span::new().days(shift)).ok()?;
    let (mut date, mut stated) = (Partial::of(day), vec![DatePart::Word]);
    let end = day_part(line, end, word, &mut date, &mut stated);
    Some(found(end, date, stated))
}

fn is_attached(before: char) -> bool {
    before.is_alphanumeric() && !"在于就从自至到而且并但的即其".contains(before) || before == '”'
}

const WEEK_WORDS: &[(&str, i64)] = &[
    ("上上个星期", -2),
    ("上上星期", -2),
    ("上上周", -2),
    ("下下个星期", 2),
    ("下下星期", 2),
    ("下下周", 2),
    ("上个星期", -1),
    ("上星期", -1),
    ("上个礼拜", -1),
    ("上周", -1),
    ("本星期", 0),
    ("这星期", 0),
    ("这个星期", 0),
    ("这个礼拜", 0),
    ("本周", 0),
    ("这周", 0),
    ("下个星期", 1),
    ("下星期", 1),
    ("下个礼拜", 1),
    ("下周", 1),
];

/// 本周三, 上周末, 星期日.
pub(super) fn weekday(line: &Line, i: usize, carry: &Carry) -> Option<DateFound> {
    let begins = matches!(line.get(i), '上' | '下' | '本' | '这' | '星' | '礼' | '周');
    begins.then_some(())?;
    let week = WEEK_WORDS.iter().find(|(w, _)| line.has(i, w));
    let at = match week {
        Some((w, _)) => i + w.chars().count(),
        None => line.take(i, &["星期", "礼拜", "周"])?,
    };
    // 最后一个星期日: of some month
    if week.is_none() && line.before(i) == '个' {
        return None;
    }
    // 继周四发布的报告后，将…
    let ahead = week.is_none() && line.before(i) != '继' && is_ahead(line, i);
    // 每周二, 通常在周三, 周一至周五: again and again
    let again = is_usual(line, i) || is_range_of_weekdays(line, i, at);
    if week.is_none() && again {
        return None;
    }
    let number = match line.get(at) {
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '天' if line.get(at + 1) == '气' => return None,
        '日' | '天' => 7,
        '1'..='6' if line.get(i) != '周' && !line.get(at + 1).is_ascii_digit() => {
            line.get(at).to_digit(10)?
        }
        '末' => {
            let saturday = match week {
                Some((_, weeks)) => weekday_in_week(&carry.clock, *weeks, 6),
                None => return None,
            };
            let mut weekend = found(at + 1, Partial::unknown_day(), vec![DatePart::Word]);
            if let Some(saturday) = saturday {
                let sunday = saturday.tomorrow().ok()?;
                weekend.start = Partial::of(saturday);
                weekend.until = Some(Until::Interval(Partial::of(sunday)));
            }
            return Some(weekend);
        }
        _ => {
            let (_, weeks) = week?;
            let monday = weekday_in_week(&carry.clock, *weeks, 1);
            let sunday = weekday_in_week(&carry.clock, *weeks, 7);
            let mut f = found(at, Partial::unknown_day(), vec![DatePart::Word]);
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
        None => day_after_another(line, i, carry, number)
            .or_else(|| nearest_weekday(&carry.clock, number, ahead)),
    };
    let mut date = date.map_or_else(Partial::unknown_day, Partial::of);
    let mut stated = vec![DatePart::Weekday(number)];
    let end = parenthesised_day(line, at + 1, carry, &mut date, &mut stated);
    let end = day_part(line, end, "", &mut date, &mut stated);
    Some(found(end, date, stated))
}

/// Whether what stands before a weekday says that it is one of every week.
fn is_usual(line: &Line, i: usize) -> bool {
    const REACH: usize = 6;
    let every = line.take_back(i, &["每", "每个", "每到", "每逢"]).is_some();
    let mut before = i.saturating_sub(REACH)..i;
    every || before.any(|k| line.take(k, &["通常", "往往", "一般"]).is_some())
}

/// Index behind a weekday of every week: 通常在周三|集会; not 每周|三次.
pub(super) fn weekday_again(line: &Line, i: usize) -> Option<usize> {
    let name = line.take(i, &["星期", "礼拜", "周"])?;
    let weekday = "一二三四五六日天".contains(line.get(name));
    let counted = "次天个场节班小回趟遍顿".contains(line.get(name + 1));
    (weekday && !counted && is_usual(line, i)).then_some(name + 1)
}

/// The 周日 of 周六和周日: the first behind the other one.
fn day_after_another(
    line: &Line,
    i: usize,
    carry: &Carry,
    number: u32,
) -> Option<jiff::civil::Date> {
    let end = line.take_back(i, &["和", "、", "与", "及"])?;
    let other = match line.before(end) {
        '日' | '天' => 7,
        c => numeral::digit(c).filter(|d| (1..=6).contains(d))?,
    };
    line.take_back(end - 1, &["周", "星期", "礼拜"])?;
    let day = carry.last_day()?;
    let same = day.weekday().to_monday_one_offset() as u32 == other;
    let behind = i64::from((7 + number - other) % 7);
    same.then(|| day.checked_add(jiff::Span::new().days(behind)).ok())?
}

/// Whether 周一至周五 begins or ends here, without a word for the week.
fn is_range_of_weekdays(line: &Line, start: usize, name: usize) -> bool {
    const WEEK: &[&str] = &["周", "星期", "礼拜"];
    let begins = line
        .take(name + 1, &["至", "到", "-", "—", "~"])
        .is_some_and(|next| line.take(next, WEEK).is_some());
    let ends = line
        .take_back(start, &["至", "到", "-", "—", "~"])
        .and_then(|end| line.take_back(end.checked_sub(1)?, WEEK))
        .is_some_and(|week| !"上本下这".contains(line.before(week)));
    begins || ends
}

fn is_weekday_context(line: &Line, start: usize, end: usize) -> bool {
    let before = line.before(start);
    let after = line.get(end);
    // 周三|一度
    if after == '一' && "度早".contains(line.get(end + 1)) {
        return true;
    }
    // 周二|四分之一决赛
    if line.has(end, "四分之一决赛") {
        return true;
    }
    // 周四|两名法官: what is counted begins behind it
    if after == '两' && "名人位个国家者".contains(line.get(end + 1)) {
        return true;
    }
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
    stated: &mut Vec<DatePart>,
) -> usize {
    if line.get(end) != '(' {
        return end;
    }
    let inside = line.skip_blank(end + 1);
    let inside = line
        .take(inside, &["当地时间", "北京时间"])
        .unwrap_or(inside);
    let inner = year(line, inside, carry, None)
        .or_else(|| month(line, inside, carry, None))
        .or_else(|| day(line, inside, carry, None));
    let Some(inner) = inner else {
        return end;
    };
    if line.get(inner.end) != ')' || inner.until.is_some() || inner.start.fine != Fine::Day {
        return end;
    }
    if date.day != inner.start.day || inner.stated.iter().any(|s| matches!(s, DatePart::Year(_))) {
        *date = inner.start;
    }
    stated.extend(inner.stated);
    inner.end + 1
}
