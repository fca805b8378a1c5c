//! Days of a month.

use super::time::{DAY_PARTS, day_part};
use super::{
    Carry, DateFound, DatePart, Fine, Line, Numeral, Partial, Style, Until, connector, is_ahead,
    numeral,
};
use crate::text::chars::is_han;

/// Everything that begins with a day.
pub(super) fn day(
    line: &Line,
    i: usize,
    carry: &Carry,
    after: Option<&Partial>,
) -> Option<DateFound> {
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
    let stated = days.stated.clone();
    Some(days.into_date(line, year, month, stated))
}

pub(super) struct Days {
    pub(super) end: usize,
    pub(super) first: u32,
    /// The other day, and whether the days between count.
    pub(super) other: Option<(u32, bool)>,
    pub(super) stated: Vec<DatePart>,
}

impl Days {
    pub(super) fn into_date(
        self,
        line: &Line,
        year: Option<i32>,
        month: Option<u32>,
        mut stated: Vec<DatePart>,
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
            end = day_part(line, end, "", &mut start, &mut stated);
        } else {
            end = line.take(end, DAY_PARTS).unwrap_or(end);
        }
        DateFound {
            end,
            start,
            until,
            stated,
        }
    }
}

/// What a day's number must not be followed by: numbers of houses, lines, ships, documents.
const NOT_A_DAY: &[char] = &[
    '头', '人', '工', '首', '病', '文', '线', '楼', '院', '馆', '桥', '门', '机', '船', '卫', '店',
    '公', '高', '球', '种', '台', '令', '房', '厅', '航', '车', '井', '矿', '坑', '选', '床', '柜',
    '运', '火', '探', '飞', '通', '码', '称', '召', '字', '段', '仓', '泊', '地', '厂', '轮', '舰',
    '艇', '提', '决', '建', '位', '箱', '池', '别', '竖', '洞', '隧', '渠', '标', '墓', '泵', '闸',
    '坝', '岛', '墩', '钻', '沟', '罐', '炉', '筒', '热', '股', '铁', '电', '展', '锅', '棚', '田',
    '新', '秀', '包', '助', '甲', '穿',
];

pub(super) fn days(line: &Line, i: usize, in_month: bool) -> Option<Days> {
    let n = numeral::read(line, i)?;
    let first = n.whole(31).filter(|d| *d > 0)?;
    let end = line.skip_blank(n.end);
    if is_day_mark(line, &n, i, end, in_month) {
        let mut days = Days {
            end: end + 1,
            first,
            other: None,
            stated: vec![DatePart::Day(first)],
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
        stated: vec![DatePart::Day(first), DatePart::Day(last)],
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
        days.stated.push(DatePart::Day(last));
        days.end = close + 1;
    }
}

/// Whether N号 stands where a day can: 三号出发, 我们三号走; not 北斗三号.
fn is_calendar_context(line: &Line, i: usize, end: usize) -> bool {
    const DONE: &[&str] = &[
        "就",
        "才",
        "送达",
        "到货",
        "收到",
        "下的单",
        "下单",
        "发货",
        "举行",
        "召开",
        "宣布",
        "发表",
        "抵达",
    ];
    let before = line.before(line.skip_blank_back(i));
    let free = !is_han(before) || "在于从自到至是们间本每约这月和与及就了将底初天".contains(before);
    // 12号就到了, 31号下的单
    let met = line.take_back(i, &["会议", "大会", "代表团"]).is_some();
    free || met
        || DAY_PARTS.iter().any(|part| line.has(end + 1, part))
        || line.take(end + 1, DONE).is_some()
}

/// The 祭祀坑 of 三号祭祀坑: a place or a work with a word or two before what it is.
fn is_numbered_place(line: &Line, at: usize) -> bool {
    const PLACES: &str = "坑墓楼井馆炉窟殿棚桥洞站厅库场";
    (at + 1..at + 3)
        .take_while(|k| {
            (at..=*k)
                .all(|i| is_han(line.get(i)) && !"在到从去上下至是将有把的".contains(line.get(i)))
        })
        .any(|k| PLACES.contains(line.get(k)))
}

/// The 和13号甲板 of 12号和13号甲板.
fn is_of_two_things(line: &Line, at: usize) -> bool {
    let second = line
        .take(at, &["和", "、", "与"])
        .and_then(|next| numeral::read(line, next));
    second.is_some_and(|n| line.get(n.end) == '号' && NOT_A_DAY.contains(&line.get(n.end + 1)))
}

/// What so many days last: 拘留15日, 停业整顿7日.
const LASTING: &[&str] = &[
    "拘留", "公示", "整顿", "放假", "停业", "休假", "停课", "封控", "历时", "停职",
];

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
            // 14日集中隔离, 7日年化收益率: so many days
            let spans = [
                "隔离",
                "年化",
                "均线",
                "无理由",
                "留验",
                "医学观察",
                "健康监测",
            ];
            let span = (end + 1..end + 4).any(|k| line.take(k, &spans).is_some());
            let front = line.skip_blank_back(i);
            let counted = span
                || line.take_back(front, LASTING).is_some()
                || "内游之元圆龄".contains(after)
                || after == '均' && "线价值量成".contains(line.get(end + 2))
                || line.has(end + 1, "以内")
                || line.has(end + 1, "后") && n.style == Style::Written
                || "期时续近约达共超过每短这满休住经已涨跌连".contains(line.before(front))
                    && line.take_back(front, &["不过"]).is_none()
                || "没未无".contains(after)
                || n.style == Style::Written && "破连累涨跌".contains(after);
            !counted && !matches!(line.get(i), '两' | '一')
        }
        '号' => {
            in_month
                || is_calendar_context(line, i, end)
                    && !NOT_A_DAY.contains(&line.get(end + 1))
                    && !is_of_two_things(line, end + 1)
                    && !is_numbered_place(line, end + 1)
                    && !"第路街巷弄道字-—〕娥舟宫问箭征型".contains(line.before(i))
                    && !line.before(i).is_ascii_alphanumeric()
        }
        _ => false,
    }
}
