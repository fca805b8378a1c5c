//! Ordinals: 第十四届, and what is numbered without 第.

use super::super::dates;
use super::super::numeral::{self, Numeral, Style};
use super::unit_behind::{self, UnitFound};
use super::{Cursor, FigureKind, Found, Line, Outcome, Value, render};
use crate::figures::units::Class;
use crate::text::chars::is_han;

pub(super) fn ordinal(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let di = line.take(cx.at, &["第"]);
    let n = numeral::read(line, line.skip_blank(di.unwrap_or(cx.at)))?;
    let value = n.exact().filter(|v| v.fract() == 0.0 && *v >= 1.0)?;
    if n.bound.is_some() || n.decimals > 0 {
        return None;
    }
    let u = unit_behind::of(line, n.end, &n)
        .or_else(|| di.and_then(|_| unit_behind::behind_a_range(line, n.end)));
    if let Some(range) = di
        .filter(|_| u.is_none())
        .and_then(|_| range(line, cx.at, &n))
    {
        return Some(range);
    }
    // 1到10级
    if di.is_none() && u.is_none() && n.low < 100.0 {
        let graded =
            |f: &Found| f.unit.as_deref() == Some("级") && !is_force(line, cx.at, &n, f.end);
        let range = range(line, cx.at, &n);
        return range.filter(|r| matches!(r, Outcome::Figure(f) if graded(f)));
    }
    if di.is_none() {
        return unmarked(line, cx.at, &n, u?);
    }
    if line.has(n.end, "季度") {
        return None;
    }
    let mut f = Found::new(cx.at, n.end, FigureKind::Ordinal, Value::Number(value));
    let mut noun = "";
    if let Some(u) = u {
        noun = match u.unit.class {
            Class::Rank(noun) => noun,
            Class::Count(one, _) | Class::Measure(one, ..) | Class::Span(one, ..) => one,
            _ => "",
        };
        f.end = u.end;
        f.unit = Some(u.unit.zh.to_owned());
        // 第七次全会, 第一大股东
        if u.unit.zh == "次" && line.take(u.end, NUMBERED_EVENTS).is_some() {
            noun = "";
        } else if u.unit.zh == "大" {
            f.en = match value as u64 {
                1 => "largest".to_owned(),
                n => format!("{}-largest", render::ordinal(n)),
            };
            return Some(Outcome::Figure(f));
        }
    }
    f.en = render::ordinal_with(value as u64, noun);
    Some(Outcome::Figure(f))
}

/// 第12至16周.
fn range(line: &Line, at: usize, n: &Numeral) -> Option<Outcome> {
    let next = dates::connector(line, n.end)?;
    let next = line.take(next, &["第"]).unwrap_or(next);
    let m = numeral::read(line, next).filter(|m| m.style == n.style && m.bound.is_none())?;
    let (low, high) = (n.whole(9999)?, m.whole(9999)?);
    let u = unit_behind::of(line, m.end, &m).filter(|_| low < high)?;
    let noun = match u.unit.class {
        Class::Rank(noun) => noun,
        Class::Count(one, _) | Class::Measure(one, ..) | Class::Span(one, ..) => one,
        _ => return None,
    };
    let value = Value::Range(f64::from(low), f64::from(high));
    let mut f = Found::new(at, u.end, FigureKind::Ordinal, value);
    f.unit = Some(u.unit.zh.to_owned());
    let last = render::ordinal_with(u64::from(high), noun);
    f.en = match last.strip_prefix(noun) {
        Some(last) if !noun.is_empty() => format!("{noun}s {low} to{last}"),
        _ => format!("{} to {last}", render::ordinal(u64::from(low))),
    };
    Some(Outcome::Figure(f))
}

/// What 次 numbers, where it does not count times.
const NUMBERED_EVENTS: &[&str] = &[
    "会", "全", "常", "集体", "人口", "普查", "主席", "世界", "工业", "代表", "股东", "党", "院",
    "理事", "委员", "部长", "对话", "峰会",
];

/// 十五届, 七次全会, 二十大, 三中全会, 二期, 一等奖, 三级, 五楼.
fn unmarked(line: &Line, at: usize, n: &Numeral, u: UnitFound) -> Option<Outcome> {
    let zh = u.unit.zh;
    let written = n.style == Style::Written;
    let one = n.low == 1.0;
    let next = line.get(u.end);
    // 最新一期, 新一届: the article again; 两届 is a count
    let now = line.take_back(at, &["目前"]).is_some();
    let article = one && "新每上下这同本任前后首同".contains(line.before(at)) && !now;
    // 分三期, 连续三届: so many, not the third
    let counted = matches!(zh, "届" | "期")
        && line
            .take_back(
                at,
                &[
                    "分", "连续", "近", "共", "历", "有", "为", "了", "过", "历经", "经历", "举办",
                    "举行", "参加", "连办", "连开",
                ],
            )
            .is_some()
        && line.take_back(at, &["中共"]).is_none()
        && line.take(u.end, &["全国", "中央", "人大"]).is_none()
        || zh == "届" && is_of_a_champion(line, u.end)
        // 四届全明星球员
        || zh == "届" && next == '全' && !"国会体运委".contains(line.get(u.end + 1));
    if article || counted || line.get(at) == '两' {
        return None;
    }
    let fits = match zh {
        "届" => !one || written && line.get(u.end) == '一' || line.before(at).is_ascii_digit(),
        "次" if line.get(at) == '二' && n.low == 2.0 => true,
        "次" => {
            line.take_back(at, &["届", "人大", "大会", "政协", "委会", "代会", "纪委"])
                .is_some()
                && line
                    .take(u.end, &["全会", "全体会议", "会议", "代表大会", "党代会"])
                    .is_some()
        }
        "级" => {
            let one_down = one && "县市省村国乡上下".contains(line.before(at));
            !one_down && n.low < 100.0 && !is_force(line, at, n, u.end)
        }
        "层" => is_floor(line, at, u.end),
        // 2期试验, 三期临床研究
        "期" if is_of_a_trial(line, u.end) => true,
        // 一期工程, but 办了一期培训
        "期" if one => {
            "工项建投园厂已将于竣完的".contains(next) || "目程园区厂馆".contains(line.before(at))
        }
        "期" => written && !"间货望".contains(next) || "工项".contains(next),
        // 二十大: the Party's congresses; 五大 and their like count something
        "大" => written && n.low >= 12.0 && n.low < 100.0,
        // 基本法廿三条
        "条" => matches!(line.before(at), '法' | '典'),
        "楼" | "等奖" | "年级" | "中全会" => true,
        _ => false,
    };
    let Class::Rank(noun) = u.unit.class else {
        let noun = match zh {
            "层" => "floor",
            "条" => "article",
            _ => "",
        };
        return fits.then(|| numbered(at, u.end, n.low, zh, noun));
    };
    (fits && n.low < 1000.0).then(|| numbered(at, u.end, n.low, zh, noun))
}

/// Whether what stands behind a phase is a trial of a medicine.
fn is_of_a_trial(line: &Line, end: usize) -> bool {
    leads_to(line, end, 6, &["试验", "临床", "研究"])
}

/// 三届世界冠军: who has won so often.
fn is_of_a_champion(line: &Line, end: usize) -> bool {
    leads_to(line, end, 5, &["冠军", "得主"])
}

/// Whether one of `words` begins within `reach` characters of Chinese from `end` on.
fn leads_to(line: &Line, end: usize, reach: usize, words: &[&str]) -> bool {
    let mut starts = (end..=end + reach).take_while(|k| *k == end || is_han(line.get(k - 1)));
    starts.any(|k| line.take(k, words).is_some())
}

/// Ⅱ级, III级, I期临床.
pub(super) fn roman(cx: &mut Cursor<'_>) -> Option<Outcome> {
    const GRADES: &[(&str, f64)] = &[
        ("III", 3.0),
        ("II", 2.0),
        ("IV", 4.0),
        ("I", 1.0),
        ("Ⅰ", 1.0),
        ("Ⅱ", 2.0),
        ("Ⅲ", 3.0),
        ("Ⅳ", 4.0),
        ("Ⅴ", 5.0),
    ];
    let line = cx.line;
    let (word, grade) = GRADES.iter().find(|(word, _)| line.has(cx.at, word))?;
    let end = cx.at + word.chars().count();
    if line.before(cx.at).is_ascii_alphanumeric() {
        return None;
    }
    match line.get(end) {
        '级' => Some(numbered(cx.at, end + 1, *grade, "级", "grade")),
        // I期临床试验
        '期' if is_of_a_trial(line, end + 1) => {
            Some(numbered(cx.at, end + 1, *grade, "期", "phase"))
        }
        _ => None,
    }
}

/// Whether N层 is a floor: 住在26层, 从26层坠至3层; not 增至26层.
fn is_floor(line: &Line, at: usize, end: usize) -> bool {
    const REACH: usize = 12;
    if "楼高建住厂地".contains(line.get(end)) {
        return false;
    }
    let from = |k: usize| line.get(k) == '从' && (k..at).any(|i| line.get(i) == '层');
    line.take_back(at, &["从", "住在", "位于", "摔下", "停在"])
        .is_some()
        || line.take_back(at, &["至", "到"]).is_some() && (at.saturating_sub(REACH)..at).any(from)
}

fn numbered(start: usize, end: usize, value: f64, unit: &str, noun: &str) -> Outcome {
    let mut f = Found::new(start, end, FigureKind::Ordinal, Value::Number(value));
    f.unit = Some(unit.to_owned());
    f.en = render::ordinal_with(value as u64, noun);
    Outcome::Figure(f)
}

/// Whether N级 is the force of a wind or the magnitude of an earthquake.
pub(super) fn is_force(line: &Line, at: usize, n: &Numeral, end: usize) -> bool {
    const IN_FRONT: &[&str] = &[
        "规模", "震度", "风力", "阵风", "震级", "里氏", "风速", "烈度", "浪高", "生了", "发生",
    ];
    const BEHIND: &[&str] = &[
        "地震",
        "余震",
        "强震",
        "大风",
        "阵风",
        "台风",
        "强风",
        "狂风",
        "东风",
        "南风",
        "西风",
        "北风",
        "偏",
        "东北风",
        "西北风",
        "东南风",
        "西南风",
        "以上地震",
        "以上的地震",
        "以上余震",
        "以上的余震",
        "风",
        "左右的地震",
    ];
    let front = (at.saturating_sub(6)..at).any(|i| line.take(i, IN_FRONT).is_some_and(|e| e <= at));
    // 最大震度为：甲县4级，乙市3级
    let mut sentence = (at.saturating_sub(40)..at)
        .rev()
        .take_while(|k| line.get(*k) != '。');
    let front = front || sentence.any(|k| line.has(k, "震度"));
    let wind = line.before(line.skip_blank_back(at)) == '风';
    n.decimals > 0 || front || wind || line.take(end, BEHIND).is_some()
}
