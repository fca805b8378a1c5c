//! Parts and proportions: fractions, percent, doublings, scores.

use super::super::dates;
use super::super::numeral::{self, Style, is_numeral};
use super::amounts::sign;
use super::bounds;
use super::unit_behind;
use super::{Bound, Cursor, FigureKind, Found, Line, Outcome, Value, render, value_of};
use crate::figures::units::{Class, Dimension};

/// 三分之二, 百分之五点三, 千分之三, 1/3, 一半, 百分百.
pub(super) fn fraction(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    // 百分百, 百分二百, 百分十
    let hundredths = line.take(cx.at, &["百分"]);
    if let Some(n) = hundredths.and_then(|at| numeral::read(line, at))
        && n.style == Style::Written
        && n.low >= 10.0
    {
        return Some(percent(cx.at, n.end, n.low, n.high));
    }
    if let Some(end) = line.take(cx.at, &["十之八九", "十有八九"]) {
        let value = Value::Range(0.8, 0.9);
        let mut f = Found::new(cx.at, end, FigureKind::Fraction, value);
        f.en = "eight or nine out of ten".to_owned();
        return Some(Outcome::Figure(f));
    }
    if let Some(end) = line.take(cx.at, &["一半", "半数", "半价"]) {
        let mut f = Found::new(cx.at, end, FigureKind::Fraction, Value::Number(0.5));
        let price = line.has(cx.at, "半价");
        f.en = if price { "half price" } else { "half" }.to_owned();
        bounds::behind(line, &mut f);
        return Some(Outcome::Figure(f));
    }
    if let Some(end) = line.take(cx.at, &["过半"])
        && !"百年月天".contains(line.get(end))
        && (!"难经通错度".contains(line.before(cx.at))
            || line.take_back(cx.at, &["已经"]).is_some())
    {
        return Some(half(cx.at, end, Bound::MoreThan));
    }
    if line.has(cx.at, "近半")
        && !is_numeral(line.get(cx.at + 2))
        && !"数年月天个小日周场程价圈".contains(line.get(cx.at + 2))
        && !"最附靠".contains(line.before(cx.at))
    {
        return Some(half(cx.at, cx.at + 2, Bound::Nearly));
    }
    let (sign, at) = sign(line, cx.at, cx.free);
    let below = numeral::read(line, at)?;
    if line.has(below.end, "分之") {
        let above = numeral::read(line, below.end + 2)?;
        let base = below.exact().filter(|b| *b > 0.0)?;
        if base < 100.0 || base % 100.0 != 0.0 {
            let value = value_of(sign * above.low / base, sign * above.high / base);
            let mut f = Found::new(cx.at, above.end, FigureKind::Fraction, value);
            f.en = render::fraction(above.low, base);
            f.bound = above.bound;
            of_a_unit(line, &mut f);
            bounds::behind(line, &mut f);
            return Some(Outcome::Figure(f));
        }
        let scale = sign * 100.0 / base;
        let (low, mut high, mut end) = (above.low * scale, above.high * scale, above.end);
        // 百分之十到十五, 百分之十到百分之十五
        if let Some(next) = dates::connector(line, end) {
            let next = line.take(next, &["百分之"]).unwrap_or(next);
            if let Some(m) = numeral::read(line, next)
                && m.low * scale > low
                && unit_behind::of(line, m.end, &m).is_none()
            {
                (high, end) = (m.high * scale, m.end);
            }
        }
        let Outcome::Figure(mut f) = percent(cx.at, end, low, high) else {
            return None;
        };
        f.bound = above.bound;
        bounds::behind(line, &mut f);
        return Some(Outcome::Figure(f));
    }
    slashed(cx)
}

/// 过半, 近半.
fn half(start: usize, end: usize, bound: Bound) -> Outcome {
    let mut f = Found::new(start, end, FigureKind::Fraction, Value::Number(0.5));
    f.en = "half".to_owned();
    f.bound = Some(bound);
    Outcome::Figure(f)
}

fn percent(start: usize, end: usize, low: f64, high: f64) -> Outcome {
    let mut f = Found::new(start, end, FigureKind::Percent, value_of(low, high));
    f.en = render::percent(low, high, "%");
    f.unit = Some("%".to_owned());
    Outcome::Figure(f)
}

/// 1/3; not 7/24/2025.
fn slashed(cx: &Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let above = numeral::read(line, cx.at)?;
    if line.get(above.end) != '/'
        || !line.get(above.end + 1).is_ascii_digit()
        || above.style != Style::Arabic
    {
        return None;
    }
    let base = numeral::read(line, above.end + 1)?;
    let (a, b) = (above.whole(99)?, base.whole(1000)?);
    if a == 0 || a >= b || line.get(base.end) == '/' || line.before(cx.at) == '/' {
        return None;
    }
    let (a, b) = (f64::from(a), f64::from(b));
    let mut f = Found::new(
        cx.at,
        base.end,
        FigureKind::Fraction,
        value_of(a / b, a / b),
    );
    f.en = render::fraction(a, b);
    of_a_unit(line, &mut f);
    bounds::behind(line, &mut f);
    Some(Outcome::Figure(f))
}

/// 四分之一英里, 1/5英寸: so much of a unit.
fn of_a_unit(line: &Line, f: &mut Found) {
    let Some(u) = unit_behind::at(line, line.skip_blank(f.end)) else {
        return;
    };
    if let Class::Measure(one, _, dimension, size) = u.unit.class
        && matches!(dimension, Dimension::Length | Dimension::Mass)
    {
        f.kind = FigureKind::Quantity;
        f.end = u.end;
        f.unit = Some(u.unit.zh.to_owned());
        f.measure = Some((dimension, size));
        f.en = format!("{} of a {one}", f.en);
    }
}

/// 翻一番, 翻了两番, 翻番: each 番 doubles; 翻3倍.
pub(super) fn doubling(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    if line.get(cx.at) != '翻' {
        return None;
    }
    let at = line.take(cx.at + 1, &["了"]).unwrap_or(cx.at + 1);
    let bounds = [
        ("将近", Bound::Nearly),
        ("近", Bound::Nearly),
        ("约", Bound::About),
    ];
    let bounded = bounds
        .iter()
        .find_map(|(word, bound)| Some((line.take(at, &[word])?, *bound)));
    let (at, bound) = bounded.map_or((at, None), |(end, bound)| (end, Some(bound)));
    let (times, end) = match numeral::read(line, at) {
        Some(n) => (n.whole(20)?, n.end),
        None => (1, at),
    };
    let factor = match line.get(end) {
        '番' => 2f64.powi(times as i32),
        // 翻倍, 翻了一倍
        '倍' if times == 1 => 2.0,
        '倍' if times > 0 => f64::from(times),
        _ => return None,
    };
    let mut f = Found::new(cx.at, end + 1, FigureKind::Multiple, Value::Number(factor));
    f.unit = Some(line.get(end).to_string());
    f.bound = bound;
    bounds::behind(line, &mut f);
    f.en = match (line.get(end), times) {
        (_, 1) => "double".to_owned(),
        ('番', 2) => "quadruple".to_owned(),
        _ => format!("{} times", render::span(factor, factor)),
    };
    Some(Outcome::Figure(f))
}

/// 2:11.60, 1:52.3秒, 2:11.6分钟: minutes and seconds.
pub(super) fn running_time(cx: &mut Cursor<'_>) -> Option<Outcome> {
    const SECOND: Option<(Dimension, f64)> = Some((Dimension::Time, 1.0));
    const MINUTE: Option<(Dimension, f64)> = Some((Dimension::Time, 60.0));
    let line = cx.line;
    let minutes = numeral::read(line, cx.at).filter(|n| n.style == Style::Arabic)?;
    let minutes_whole = f64::from(minutes.whole(59)?);
    if line.get(minutes.end) != ':' {
        return None;
    }
    let seconds = numeral::read(line, minutes.end + 1)?;
    let part = seconds
        .exact()
        .filter(|s| *s < 60.0 && seconds.digits == 2)?;
    let named = line.take(seconds.end, &["分钟", "分", "秒"]);
    let ratio = speaks_of_a_ratio(line, cx.at);
    if seconds.decimals == 0 || seconds.scaled || line.get(seconds.end) == ':' || ratio {
        return None;
    }
    let end = named.unwrap_or(seconds.end);
    let total = minutes_whole * 60.0 + part;
    let mut f = Found::new(cx.at, end, FigureKind::Duration, value_of(total, total));
    f.unit = Some("秒".to_owned());
    f.measure = SECOND;
    f.parts = vec![(minutes_whole, MINUTE), (part, SECOND)];
    f.en = render::duration(&f.parts);
    Some(Outcome::Figure(f))
}

/// 3比1, 21:18; 2-0 where the clause speaks of a match.
pub(super) fn score(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let a = numeral::read(line, cx.at)?;
    let left = a.exact().filter(|v| (0.0..300.0).contains(v))?;
    let at = line.skip_blank(a.end);
    let mark = line.get(at);
    if !matches!(mark, '比' | '对' | ':' | '-' | '—' | '∶') {
        return None;
    }
    let b = numeral::read(line, line.skip_blank(at + 1))?;
    let right = b.exact().filter(|v| (0.0..300.0).contains(v))?;
    let alone = unit_behind::of(line, b.end, &b).is_none();
    let whole = a.decimals == 0 && b.decimals == 0 && a.bound.is_none() && b.bound.is_none();
    let fits = match mark {
        '比' => {
            (alone || "胜负平大".contains(line.get(b.end)))
                && a.style == b.style
                && !"例较".contains(line.get(b.end))
        }
        // 以50对49通过
        '对' => {
            whole && alone && a.style == Style::Arabic && b.style == Style::Arabic && b.digits > 1
        }
        ':' | '∶' => {
            // 02:33 is a time
            let clock = a.leading_zero && b.digits == 2;
            (whole && !clock && (b.digits == 1 || speaks_of_a_match(line, cx.at, b.end))
                // no time of day
                || whole && a.digits == 2 && b.digits == 2 && (24.0..60.0).contains(&left) && right < 60.0
                || left == 1.0 && a.decimals == 0 && b.decimals > 0
                || speaks_of_a_ratio(line, cx.at))
                && !matches!(line.get(b.end), ':' | '时')
        }
        _ => {
            whole
                && (alone || "胜负平".contains(line.get(b.end)))
                && a.style == Style::Arabic
                && b.style == Style::Arabic
                && !a.leading_zero
                && speaks_of_a_match(line, cx.at, b.end)
        }
    };
    if !fits {
        return None;
    }
    let value = Value::Score(left, right);
    let mut f = Found::new(cx.at, b.end, FigureKind::Score, value);
    f.en = if whole {
        format!("{left}-{right}")
    } else {
        format!("{left} to {right}")
    };
    Some(Outcome::Figure(f))
}

/// Whether what stands before says that two numbers are a ratio: `师生比达到1：12.5`.
fn speaks_of_a_ratio(line: &Line, start: usize) -> bool {
    const REACH: usize = 5;
    let from = start.saturating_sub(REACH);
    (from..start).any(|k| {
        let ratio = line.get(k) == '比' && !"对相同环占较".contains(line.before(k));
        ratio && (k + 1..start).all(|i| "例重值率为达到是约超过了高低至".contains(line.get(i)))
    })
}

/// Whether words of sport stand within a dozen glyphs.
fn speaks_of_a_match(line: &Line, start: usize, end: usize) -> bool {
    const WORDS: &[&str] = &[
        "比分",
        "击败",
        "战胜",
        "战平",
        "负于",
        "不敌",
        "淘汰",
        "逆转",
        "领先",
        "落后",
        "扳成",
        "扳平",
        "横扫",
        "力克",
        "输给",
        "轻取",
        "打平",
        "拿下",
        "平局",
        "胜",
        "负",
        "总分",
        "首盘",
        "击退",
        "告负",
        "晋级",
        "止步",
        "夺冠",
        "捧起",
        "次盘",
        "末盘",
        "首局",
        "绝杀",
        "进球",
        "投票",
        "开打",
        "扳回",
        "落败",
        "惜败",
        "完败",
        "交手记录",
        "战绩",
        "赢得",
        "力压",
        "战败",
        "平手",
    ];
    let from = start.saturating_sub(14);
    (from..end + 12).any(|i| line.take(i, WORDS).is_some())
}
