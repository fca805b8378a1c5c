//! Numbers with their units: counts, quantities, money, lengths of time, ranges of them.

use super::super::dates;
use super::super::numeral::{self, Numeral, Style};
use super::bounds;
use super::ordinals::is_force;
use super::unit_behind::{self, UnitFound};
use super::{Bound, Cursor, DatePart, FigureKind, Found, Line, Outcome, Value, render, value_of};
use crate::figures::currency::{self, Currency, CurrencySet};
use crate::figures::units::{Class, Dimension};
use crate::text::chars::is_han;

/// A number with its unit, or a plain number.
pub(super) fn amount(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let (sign, at) = sign(line, cx.at, cx.free);
    let mut n = numeral::read(line, at)?;
    if n.bare && !is_bare_allowed(line, cx.at, &n) {
        return None;
    }
    // 4个亿, but 20个亿元以上项目
    if line.has(n.end, "个亿") && line.take(n.end + 2, &["元以上", "元级", "级"]).is_none()
    {
        n.low *= 1e8;
        n.high *= 1e8;
        (n.scaled, n.end) = (true, n.end + 2);
    }
    n.low *= sign;
    n.high *= sign;
    if let Some(found) = range(line, cx.at, &n) {
        return Some(Outcome::Figure(found));
    }
    if let Some(f) = decades_of_life(line, cx.at, &n).or_else(|| discount(line, cx.at, &n)) {
        return Some(Outcome::Figure(f));
    }
    if let Some(found) = cents(line, cx.at, &n).or_else(|| coins(line, cx.at, &n)) {
        return Some(Outcome::Figure(found));
    }
    let Some(mut u) = unit_behind::of(line, n.end, &n) else {
        return in_series(line, cx.at, &n).or_else(|| plain_number(line, cx.at, &n));
    };
    let nought = n.high == 0.0
        && n.style == Style::Written
        && !matches!(u.unit.zh, "度" | "摄氏度" | "元" | "例");
    if is_article(line, cx.at, &n, &u) || nought {
        return None;
    }
    // 一年半, 两个半小时, 一个多月
    let half_behind = line.get(u.end) == '半'
        && matches!(
            u.unit.class,
            Class::Span(..) | Class::Times | Class::Measure(..)
        )
        && !"决数径场程光透自成导".contains(line.get(u.end + 1));
    u.end += usize::from(half_behind);
    if u.half || half_behind {
        n.low += 0.5;
        n.high += 0.5;
    }
    if u.more {
        let about = line.has(n.end, "个来");
        n.bound = Some(if about { Bound::About } else { Bound::MoreThan });
    }
    if u.unit.zh == "块" && is_price(line, cx.at, u.end, &n) {
        u.unit = unit_behind::yuan()?;
    }
    if let Some((part, end)) = small_money(line, &u, &n) {
        n.low += part;
        n.high += part;
        (u.unit, u.end) = (unit_behind::yuan()?, end);
    }
    if let Some((part, end)) = lower_unit(line, &u, &n) {
        n.low += part;
        n.high += part;
        u.end = end;
    }
    let mut f = match u.unit.class {
        // 2022届毕业生: the year they leave school; 2022级新生: the year they come
        Class::Rank(_) if matches!(u.unit.zh, "届" | "级") && n.digits == 4 => {
            let year = n.whole(2099).filter(|y| *y >= 1900)? as i32;
            let mut f = Found::new(
                cx.at,
                u.end,
                FigureKind::Date,
                Value::Date(year.to_string()),
            );
            f.stated = vec![DatePart::Year(year)];
            f.en = match u.unit.zh {
                "届" => format!("the class of {year}"),
                _ => format!("the {year} intake"),
            };
            f
        }
        Class::Rank(_) if matches!(u.unit.zh, "届" | "期" | "季" | "世") => {
            counted(cx.at, &n, &u)
        }
        // 三十亿大关
        Class::Rank(_) => match level(line, cx.at, &n, &u) {
            Some(level) => level,
            None if n.scaled && n.low >= 1e4 => return plain_number(line, cx.at, &n),
            None => return None,
        },
        Class::Tenths => tenths(line, cx.at, &n, u.end),
        _ => described(cx.at, &n, &u)?,
    };
    compound(line, &mut f);
    hundredths(line, &mut f);
    rate(line, u.end, &mut f);
    rate_in_front(line, cx.free, &mut f);
    speed(line, cx.free, &mut f);
    above_a_mark(line, &mut f);
    increase(line, &mut f);
    bounds::behind(line, &mut f);
    below_zero(line, cx.free, &mut f);
    Some(Outcome::Figure(f))
}

/// 八旬: ten years of a life each; 八十有三.
fn decades_of_life(line: &Line, at: usize, n: &Numeral) -> Option<Found> {
    let tens = n.style == Style::Written && [50.0, 60.0, 70.0, 80.0, 90.0].contains(&n.low);
    let ones = numeral::digit(line.get(n.end + 1)).filter(|_| tens && line.get(n.end) == '有');
    let end = n.end + 2 + usize::from(line.get(n.end + 2) == '岁');
    if let Some(ones) = ones.filter(|ones| *ones > 0 && !is_han(line.get(end))) {
        let years = n.low + f64::from(ones);
        let mut f = Found::new(at, end, FigureKind::Age, value_of(years, years));
        f.unit = Some("岁".to_owned());
        f.en = format!("{} years old", render::span(years, years));
        return Some(f);
    }
    let one = n.style == Style::Written && !n.scaled && (5.0..=9.0).contains(&n.low);
    let age = line.get(n.end) == '旬' && one && n.low == n.high;
    age.then(|| {
        let years = n.low * 10.0;
        let mut f = Found::new(at, n.end + 1, FigureKind::Age, value_of(years, years));
        f.unit = Some("旬".to_owned());
        f.en = format!("{} years old", render::span(years, years));
        f
    })
}

/// 八折, 8.5折, 75折: what is left of the price.
fn discount(line: &Line, at: usize, n: &Numeral) -> Option<Found> {
    let folded = "叠扣射腾磨断服旧返合纸痕算";
    // 五五折
    let second = numeral::digit(line.get(n.end)).filter(|_| n.end == at + 1 && n.high < 10.0);
    let mut n = *n;
    if let Some(d) = second.filter(|_| n.style == Style::Written) {
        n.low = n.low * 10.0 + f64::from(d);
        n.high = n.low;
        n.end += 1;
    }
    if line.get(n.end) != '折' || folded.contains(line.get(n.end + 1)) || n.scaled {
        return None;
    }
    let left = if n.low < 10.0 { 10.0 } else { 1.0 };
    let (low, high) = (n.low * left, n.high * left);
    if !(10.0..100.0).contains(&low) || n.bound.is_some() {
        return None;
    }
    let mut f = Found::new(at, n.end + 1, FigureKind::Percent, value_of(low, high));
    f.unit = Some("折".to_owned());
    f.en = format!("{} off", render::percent(100.0 - high, 100.0 - low, "%"));
    Some(f)
}

/// 时速350公里: a length in an hour.
fn speed(line: &Line, free: usize, f: &mut Found) {
    const REACH: usize = 6;
    let Some((Dimension::Length, size)) = f.measure else {
        return;
    };
    let from = f.start.saturating_sub(REACH).max(free.min(f.start));
    let hourly = (from..f.start).any(|i| {
        let behind = line.take(i, &["时速", "每小时", "车速"]);
        behind.is_some_and(|end| (end..f.start).all(|k| !"，。；、".contains(line.get(k))))
    });
    if hourly && size >= 1e3 {
        f.measure = Some((Dimension::Speed, size / 3600.0));
        match f.en.strip_suffix(" miles") {
            Some(number) => f.en = format!("{number} mph"),
            None => f.en.push_str("/h"),
        }
    }
}

/// 50美分, 40便士: hundredths of another currency.
fn cents(line: &Line, at: usize, n: &Numeral) -> Option<Found> {
    let (word, whole) = [("美分", "美元"), ("欧分", "欧元"), ("便士", "英镑")]
        .into_iter()
        .find(|(word, _)| line.has(n.end, word))?;
    let part = Numeral {
        low: n.low / 100.0,
        high: n.high / 100.0,
        ..*n
    };
    let end = n.end + word.chars().count();
    let unit = UnitFound::whole(unit_behind::named(whole)?, end);
    let mut f = described(at, &part, &unit)?;
    bounds::behind(line, &mut f);
    Some(f)
}

/// 5毛, 三角钱, 8分钱.
fn coins(line: &Line, at: usize, n: &Numeral) -> Option<Found> {
    let (word, size) = [("毛钱", 0.1), ("角钱", 0.1), ("分钱", 0.01), ("毛", 0.1)]
        .into_iter()
        .find(|(word, _)| line.has(n.end, word))?;
    let end = n.end + word.chars().count();
    // 三毛 is a person, 5毛茸茸的 none; 跌到八毛 is a price
    let priced = "了到至为是才花卖付收调涨降跌贵加减".contains(line.before(at))
        || n.style == Style::Arabic
        || n.low < n.high;
    let alone = word != "毛" || priced && !is_han(line.get(end));
    // 一毛八: a digit behind it counts the hundredths
    let cents = numeral::digit(line.get(end))
        .filter(|d| *d > 0 && word == "毛")
        .filter(|_| matches!(line.get(end + 1), '一' | '每') || !is_han(line.get(end + 1)));
    let (part, end) = cents.map_or((0.0, end), |d| (f64::from(d) / 100.0, end + 1));
    let yuan = unit_behind::yuan().filter(|_| alone || cents.is_some())?;
    let Class::Money(currency, set) = yuan.class else {
        return None;
    };
    let (low, high) = (n.low * size + part, n.high * size + part);
    let mut f = Found::new(at, end, FigureKind::Money, value_of(low, high));
    f.currency = Some(currency.code);
    f.may_be = set;
    f.unit = Some("元".to_owned());
    f.bound = n.bound;
    f.en = render::money(low, high, currency);
    bounds::behind(line, &mut f);
    Some(f)
}

/// Whether 三万块 is money: in hundreds and more at the end of a clause, or behind a word of prices there.
fn is_price(line: &Line, start: usize, end: usize, n: &Numeral) -> bool {
    const REACH: usize = 6;
    const WORDS: &[&str] = &[
        "卖",
        "贵",
        "收",
        "补",
        "罚",
        "退",
        "涨",
        "跌",
        "降",
        "花",
        "挣",
        "赚",
        "价",
        "付",
        "费",
        "赔",
        "工资",
        "收入",
        "营业额",
    ];
    let from = start.saturating_sub(REACH);
    let priced = || (from..start).any(|k| line.take(k, WORDS).is_some());
    let cash = line
        .take(end, &["现金", "奖金", "工资", "押金", "罚款"])
        .is_some();
    let ends = !is_han(line.get(end)) && !line.get(end).is_ascii_digit();
    let asked = line.get(end) == '?' && n.low >= 10.0;
    let paid = n.low >= 1e3 && "给交付".contains(line.get(end)) || line.get(end) == '买';
    cash || paid || asked || ends && (n.low >= 100.0 || priced())
}

/// The 三毛 of 五元三毛, the 三角五分 of 五元三角五分, the 5 of 3块5, in 元.
fn small_money(line: &Line, u: &UnitFound, n: &Numeral) -> Option<(f64, usize)> {
    if n.bound.is_some() || n.decimals > 0 || !matches!(u.unit.zh, "元" | "块" | "块钱") {
        return None;
    }
    let digit = |at: usize| {
        let c = line.get(at);
        c.to_digit(10)
            .or_else(|| numeral::digit(c))
            .filter(|d| *d > 0)
    };
    let tenths = digit(u.end)?;
    if !matches!(line.get(u.end + 1), '毛' | '角') {
        let behind = line.get(u.end + 1);
        // 3块5一斤
        let alone = (behind == '一' || !numeral::is_numeral(behind)) && behind != '.';
        let alone = alone && unit_behind::at(line, u.end + 1).is_none();
        return (u.unit.zh == "块" && alone).then_some((f64::from(tenths) / 10.0, u.end + 1));
    }
    let hundredths = digit(u.end + 2).filter(|_| line.get(u.end + 3) == '分');
    let end = u.end + if hundredths.is_some() { 4 } else { 2 };
    let part = f64::from(tenths) / 10.0 + hundredths.map_or(0.0, |d| f64::from(d) / 100.0);
    Some((part, end))
}

/// The 二 of 一米二, the 八五 of 一米八五, the 六两 of 三斤六两, as parts of the unit.
fn lower_unit(line: &Line, u: &UnitFound, n: &Numeral) -> Option<(f64, usize)> {
    if n.bound.is_some() || n.decimals > 0 || !matches!(u.unit.zh, "米" | "斤" | "丈" | "尺" | "亩")
    {
        return None;
    }
    // 一米八五 and 1米85, in one writing
    let digit = |at: usize| match n.style {
        Style::Arabic => line
            .get(at)
            .to_digit(10)
            .filter(|_| matches!(u.unit.zh, "米" | "尺")),
        _ => numeral::digit(line.get(at)),
    };
    let second = digit(u.end + 1).filter(|_| u.unit.zh == "米");
    let first = digit(u.end).filter(|d| *d > 0 || second.is_some())?;
    let end = u.end + 1 + usize::from(second.is_some());
    let end = line.take(end, &["两", "寸"]).unwrap_or(end);
    let next = line.get(end);
    let alone = unit_behind::at(line, end).is_none()
        && !numeral::is_numeral(next)
        && !matches!(next, '.' | '%' | ',' | '/')
        && !next.is_ascii_alphanumeric();
    let part = f64::from(first) / 10.0 + second.map_or(0.0, |d| f64::from(d) / 100.0);
    // 十二亩三分: ten 分 are one 亩, and nothing else may be left out
    if u.unit.zh == "亩" {
        return (next == '分').then_some((part, end + 1));
    }
    alone.then_some((part, end))
}

/// 负3.5, -3.5: the sign, and where the digits begin. A dash behind a word or a number is no sign.
pub(super) fn sign(line: &Line, at: usize, free: usize) -> (f64, usize) {
    match line.get(at) {
        // 连负7场, 5胜2平负3场 are lost matches
        '负' if !matches!(line.before(at), '连' | '胜' | '平') => (-1.0, at + 1),
        // +/-3%
        '-' if line.take_back(at, &["+/"]).is_some() => (1.0, at + 1),
        '-' if line.get(at + 1).is_ascii_digit() && may_be_signed(line.before(at), at == free) => {
            (-1.0, at + 1)
        }
        '-' | '—' if is_minus(line, at) => (-1.0, at + 1),
        _ => (1.0, at),
    }
}

/// Whether a dash behind a word is the sign of a value: 气温-3~5℃, 同比-0.3%, 净利润-2亿元.
fn is_minus(line: &Line, at: usize) -> bool {
    let before = line.before(at);
    if before.is_ascii_alphanumeric() || matches!(before, '-' | '—' | '%' | '℃') {
        return false;
    }
    let Some(n) = numeral::read(line, at + 1).filter(|n| n.style == Style::Arabic) else {
        return false;
    };
    let measured = |end: usize, n: &Numeral| {
        unit_behind::of(line, end, n).is_some_and(|u| match u.unit.class {
            Class::Percent(..) | Class::Points(..) => true,
            Class::Measure(.., Dimension::Temperature, _) => true,
            Class::Money(..) => line.get(at) == '-',
            _ => u.unit.zh == "度",
        })
    };
    measured(n.end, &n)
        || dates::connector(line, n.end)
            .and_then(|next| {
                let signed = matches!(line.get(next), '负' | '-' | '—');
                numeral::read(line, next + usize::from(signed))
            })
            .is_some_and(|m| measured(m.end, &m))
}

/// A dash behind a digit joins, behind a word it hyphenates (歼-20), unless that leads to a value.
fn may_be_signed(before: char, free: bool) -> bool {
    !before.is_ascii_alphanumeric()
        && before != ')'
        && (free || !before.is_alphanumeric() || "到至为是达于从自约由".contains(before))
}

/// 百亿, 千余, 近百, 上万; not 百姓, 千方百计.
fn is_bare_allowed(line: &Line, at: usize, n: &Numeral) -> bool {
    const IN_FRONT: &[&str] = &[
        "上", "近", "逾", "超", "过", "约", "达", "破", "不足", "成", "每",
    ];
    let long = n.end - at >= 2;
    let counts = unit_behind::of(line, n.end, n).is_some();
    let many = unit_behind::of(line, n.end, n).is_some_and(|u| {
        matches!(
            u.unit.zh,
            "名" | "吨" | "辆" | "公里" | "亩" | "人次" | "株"
        ) || u.unit.zh == "人" && !is_han(line.before(at)) && !line.has(u.end, "计划")
    });
    // 亿元以上, 百户以上
    let from = unit_behind::of(line, n.end, n)
        .is_some_and(|u| line.take(u.end, &["以上", "以下"]).is_some());
    n.bound.is_some()
        || from
        || many && n.low >= 1e3
        || long && n.low >= 1e5
        || long && line.get(at) != line.get(at + 1) && counts
        || line.take_back(at, IN_FRONT).is_some() && (counts || long)
        || line.before(at) == '上' && n.low >= 1e4
        // 上千新增病例
        || line.before(at) == '上'
            && is_han(line.get(n.end))
            && !"度姓万官百千年".contains(line.get(n.end))
            && "有近了达过共计每天的，。".contains(line.before(at - 1))
        || (n.low >= 1e8 || n.low >= 1e4 && !is_han(line.get(n.end)))
            && matches!(line.before(at), '破' | '过' | '超' | '逾')
        // 单杆破百
        || line.before(at) == '破' && !is_han(line.get(n.end))
}

/// A number without a unit: digits always count, words only where they are plainly a count.
fn plain_number(line: &Line, at: usize, n: &Numeral) -> Option<Outcome> {
    const SIZES: &[&str] = &["规模", "震级", "震级为", "震级达", "里氏"];
    const EVENTS: &[&str] = &[
        "特大",
        "强降雨",
        "暴雨",
        "洪灾",
        "洪水",
        "地震",
        "事故",
        "爆炸",
        "空难",
        "惨案",
        "大火",
    ];
    let next = line.get(n.end);
    let before = line.before(at);
    // 1亿+旅客, 500+家: that many and more
    let and_more = next == '+' && n.low >= 10.0 && !line.get(n.end + 1).is_ascii_alphanumeric();
    if and_more && n.style == Style::Arabic && n.exact().is_some() {
        let end = unit_behind::of(line, n.end + 1, n).map_or(n.end + 1, |u| u.end);
        let mut f = Found::new(at, end, FigureKind::Number, value_of(n.low, n.high));
        f.bound = Some(Bound::MoreThan);
        f.en = render::span(n.low, n.high);
        return Some(Outcome::Figure(f));
    }
    // 规模7.5地震
    if n.decimals == 1 && n.low < 10.0 && line.take_back(line.skip_blank_back(at), SIZES).is_some()
    {
        let mut f = Found::new(at, n.end, FigureKind::Quantity, value_of(n.low, n.high));
        f.en = format!("magnitude {}", render::span(n.low, n.high));
        return Some(Outcome::Figure(f));
    }
    // 年近40, 快70了
    let aged = line.take_back(at, &["年近", "年过", "年逾"]).is_some() && !is_han(next)
        || before == '快' && next == '了' && n.low >= 30.0;
    if aged && n.exact().is_some_and(|n| (10.0..120.0).contains(&n)) {
        let mut f = Found::new(at, n.end, FigureKind::Age, value_of(n.low, n.high));
        f.en = format!("{} years old", render::span(n.low, n.high));
        return Some(Outcome::Figure(f));
    }
    // 18 K: of so fine a gold
    let letter = line.skip_blank(n.end);
    if matches!(line.get(letter), 'K' | 'k') && !line.get(letter + 1).is_ascii_alphanumeric() {
        return Some(Outcome::Skip(letter + 1));
    }
    // 13 Pro
    if line
        .take(n.end, &[" Pro", " Max", " Plus", " Ultra", " mini"])
        .is_some()
    {
        return Some(Outcome::Skip(n.end));
    }
    // 7.19强降雨: named by its day
    if n.decimals > 0 && n.low < 13.0 && line.take(n.end, EVENTS).is_some() {
        return Some(Outcome::Skip(n.end));
    }
    let counts = match n.style {
        // 10强, 存款50强
        Style::Arabic if next == '强' => return Some(Outcome::Skip(n.end + 1)),
        // 和3）录音机: the marker of a list
        Style::Arabic if next == ')' && n.digits == 1 && !is_bracketed(line, at) => {
            return Some(Outcome::Skip(n.end + 1));
        }
        // 4+1, 3·15, 7×24: formulas and days of remembrance are names
        Style::Arabic if "+×·・&*=#".contains(next) || "+×·・&*#№_.".contains(before) => {
            let end = (n.end..)
                .find(|i| !line.get(*i).is_ascii_digit() && !"+×·・&*=".contains(line.get(*i)));
            return end.map(Outcome::Skip);
        }
        Style::Arabic
            if matches!(before, '-' | '—')
                && at >= 2
                && is_han(line.get(at - 2))
                // “和平-2021”
                && !(n.digits == 4 && "”》」".contains(next)) =>
        {
            return Some(Outcome::Skip(n.end));
        }
        Style::Arabic => {
            !n.leading_zero && !before.is_ascii_alphabetic() && !is_model_number(line, at, n)
        }
        Style::Written => {
            n.scaled
                && n.low >= 10.0
                && (n.bound.is_some()
                    || n.bare
                    || n.low >= 100.0 && n.end - at >= 2
                    || line.has(n.end, "出头"))
                // 一箭五星: five satellites
                || line.get(n.end) == '星' && line.take_back(at, &["一箭"]).is_some()
        }
        Style::Positional => false,
    };
    if !counts {
        return None;
    }
    // (Levi, 1981，第6页): the year of a work
    let cited = (1900.0..2040.0).contains(&n.low)
        && ")，,:".contains(next)
        && ",， ".contains(before)
        && is_bracketed(line, at);
    // 2025中国论坛: a year, though nothing says so
    if n.digits == 4
        && ((1990.0..2040.0).contains(&n.low) || cited)
        && n.exact().is_some()
        && (!before.is_alphanumeric()
            || "的是为在于和与届了至从自".contains(before)
            || is_name(before))
        && (cited || is_han(next) || "”》」“《".contains(next) || next.is_ascii_uppercase())
        && !"左以多余来至到".contains(next)
        && (next != '上' || line.has(n.end, "上海"))
    {
        let year = n.low as i32;
        let mut f = Found::new(at, n.end, FigureKind::Date, Value::Date(year.to_string()));
        f.stated = vec![DatePart::Year(year)];
        f.en = year.to_string();
        return Some(Outcome::Figure(f));
    }
    let size = size_in_series(line, at, n);
    let (low, high) = (n.low * size, n.high * size);
    let mut f = Found::new(at, n.end, FigureKind::Number, value_of(low, high));
    f.bound = n.bound;
    f.en = render::span(low, high);
    bounds::behind(line, &mut f);
    Some(Outcome::Figure(f))
}

/// The 33 of 33、34和39岁, the 8 of 8或11个月, the 4.8 of 4.8(3.0—7.2)天: the unit stands behind the last of them.
fn in_series(line: &Line, at: usize, n: &Numeral) -> Option<Outcome> {
    let plain = |n: &Numeral| n.style == Style::Arabic && !n.scaled && n.bound.is_none();
    // 第1和3公里: what is numbered
    if !plain(n) || n.digits > 3 || line.before(at) == '第' {
        return None;
    }
    let unit = match line.get(n.end) {
        '(' => unit_behind::of(line, behind_an_interval(line, n.end)?, n),
        _ => unit_of_the_last(line, n.end, plain),
    };
    let unit = unit.filter(|u| match u.unit.class {
        Class::Age | Class::Percent(..) | Class::Money(..) => true,
        // 北纬30和31度
        Class::Measure(..) => !matches!(u.unit.zh, "度" | "节" | "码"),
        Class::Span(..) => !matches!(u.unit.zh, "年" | "月" | "日" | "分"),
        _ => false,
    })?;
    let f = described(at, n, &UnitFound::whole(unit.unit, n.end))?;
    Some(Outcome::Figure(f))
}

/// The unit behind the last number of a list whose first ends at `end`.
fn unit_of_the_last(
    line: &Line,
    end: usize,
    plain: impl Fn(&Numeral) -> bool,
) -> Option<UnitFound> {
    const MOST: usize = 12;
    let mut end = end;
    for _ in 0..MOST {
        let next = line.take(end, &["、", "和", "及", "与", "或"])?;
        let n = numeral::read(line, next).filter(|n| plain(n))?;
        if let Some(unit) = unit_behind::of(line, n.end, &n) {
            return Some(unit);
        }
        end = n.end;
    }
    None
}

/// Index behind the (3.0—7.2) that begins at `open`.
fn behind_an_interval(line: &Line, open: usize) -> Option<usize> {
    const LONGEST: usize = 14;
    let inside = open + 1..open + LONGEST;
    let close = inside.clone().find(|k| line.get(*k) == ')')?;
    let interval = |k: usize| line.get(k).is_ascii_digit() || ".-—~".contains(line.get(k));
    (inside.start..close).all(interval).then_some(close + 1)
}

/// The 万 of 分别为18.2、19.5和21.3万辆, which counts for all of them; 1 where there is none.
fn size_in_series(line: &Line, at: usize, n: &Numeral) -> f64 {
    const REACH: usize = 30;
    const MOST: usize = 12;
    /// 800、900和1.2万 are of different sizes.
    const ALIKE: f64 = 20.0;
    let respectively = || (at.saturating_sub(REACH)..at).any(|k| line.take(k, &["分别"]).is_some());
    if n.scaled || n.style != Style::Arabic || !respectively() {
        return 1.0;
    }
    let mut end = n.end;
    for _ in 0..MOST {
        let Some(next) = line.take(end, &["、", "和", "及", "与"]) else {
            break;
        };
        let Some(m) = numeral::read(line, next).filter(|m| m.style == n.style) else {
            break;
        };
        if m.scaled {
            let first = coefficient(&m, line, next);
            let alike = n.low < first * ALIKE && first < n.low * ALIKE;
            let fits = alike && (n.decimals > 0) == (m.decimals > 0);
            return if fits { m.low / first } else { 1.0 };
        }
        end = m.end;
    }
    1.0
}

/// Whether a bracket is open at `at`.
fn is_bracketed(line: &Line, at: usize) -> bool {
    const REACH: usize = 40;
    let mut back = (at.saturating_sub(REACH)..at).rev();
    let bracket = back.find(|k| matches!(line.get(*k), '(' | ')'));
    bracket.is_some_and(|k| line.get(k) == '(')
}

/// Whether a number behind a character hangs on a name: not behind a verb, a particle or a word of counting.
fn is_name(before: char) -> bool {
    const COUNTING: &str = "达到至为有约近超过共计是的了于从由增减报收升降得占值额数和与及在破逾满足等各每仅只也又再并或前后这那该此比按以被将需要出用花投罚获评分名价量率均总额压胜负平高重围宽厚";
    is_han(before) && !COUNTING.contains(before) && !numeral::is_numeral(before)
}

/// The 737 of 波音737客机, the 20 of 歼20: a short number that hangs on a name. Behind a verb, a
/// particle or a word of counting it is a number.
fn is_model_number(line: &Line, at: usize, n: &Numeral) -> bool {
    // 甲板3和4
    let at = match head_of_digits(line, at) {
        Some(_) if n.digits != 1 => return false,
        Some(head) => head,
        None => at,
    };
    let before = line.before(at);
    let every = line.take_back(at, &["每月", "每天", "每年", "每周", "每日"]);
    // 高居联盟前40
    let top =
        before == '前' && n.low <= 100.0 && !"之此以目日先生年月天".contains(line.before(at - 1));
    (is_name(before) && every.is_none() || top)
        && !n.scaled
        && n.bound.is_none()
        && n.decimals == 0
        && n.digits <= 4
        && n.low < 2000.0
}

/// The first of single digits in a list, of which the last begins at `at`.
fn head_of_digits(line: &Line, at: usize) -> Option<usize> {
    const MOST: usize = 12;
    let earlier = |at: &usize| {
        let digit = at.checked_sub(2)?;
        (matches!(line.before(*at), '和' | '与' | '、') && line.get(digit).is_ascii_digit())
            .then_some(digit)
    };
    std::iter::successors(Some(at), earlier)
        .take(MOST)
        .skip(1)
        .last()
}

/// 一个, 一名: the Chinese article, not a count; it counts with victims and in contrast.
fn is_article(line: &Line, at: usize, n: &Numeral, u: &UnitFound) -> bool {
    let one = n.style == Style::Written && n.exact() == Some(1.0) && n.bound.is_none() && !n.scaled;
    if !one || u.half || u.more || unit_behind::is_medal(u.unit.zh) {
        return false;
    }
    // 至少一人, 至少有一宗
    let least = line.take_back(at, &["至少", "至少有", "起码", "起码有"]);
    if least.is_some() && matches!(u.unit.class, Class::Count(..)) {
        return false;
    }
    // 一块二, 一分四十五秒
    let parts = numeral::read(line, u.end);
    let seconds = parts.is_some_and(|m| u.unit.zh == "分" && line.get(m.end) == '秒');
    if seconds || u.unit.zh == "块" && small_money(line, u, n).is_some() {
        return false;
    }
    match u.unit.class {
        Class::Count(..) | Class::Rank(_) => {
            let harmed = line
                .take(u.end, &["死", "遇难", "受伤", "失踪", "重伤", "轻伤", "伤"])
                .is_some();
            let caused = line
                .take_back(at, &["致", "造成", "仅有", "只有", "仅"])
                .is_some();
            !(u.unit.zh == "人" && (harmed || caused))
        }
        Class::Span(..)
            if "上下前某另每这那同又新".contains(line.before(at))
                // 后一年, but 手术后一年 and 最后一分钟
                || line.before(at) == '后' && !is_han(line.before(at - 1))
                || line.take_back(at, &["新的"]).is_some() =>
        {
            true
        }
        // 近一天
        Class::Span(..) if line.take_back(at, &["近", "不到", "超过", "约"]).is_some() => {
            false
        }
        Class::Span(..) => matches!(
            u.unit.zh,
            "天" | "日" | "夜" | "晚" | "载" | "年度" | "学年" | "季度"
        ),
        // 三毛五一斤, 3块5一斤
        Class::Measure(..)
            if "元块毛角钱".contains(line.before(at)) || numeral::is_numeral(line.before(at)) =>
        {
            true
        }
        Class::Measure(..) => matches!(u.unit.zh, "度" | "方" | "节" | "码" | "尺" | "寸" | "丈"),
        _ => false,
    }
}

/// 两届, 两期: 两 counts, it never ranks.
fn counted(start: usize, n: &Numeral, u: &UnitFound) -> Found {
    let mut f = Found::new(start, u.end, FigureKind::Number, value_of(n.low, n.high));
    f.unit = Some(u.unit.zh.to_owned());
    f.en = render::span(n.low, n.high);
    f
}

/// 5.5级地震, 11级大风, 百亿级.
fn level(line: &Line, at: usize, n: &Numeral, u: &UnitFound) -> Option<Found> {
    if u.unit.zh != "级" {
        return None;
    }
    let number = render::span(n.low, n.high);
    let (kind, en) = if n.low >= 1e4 {
        (FigureKind::Number, format!("{number}-level"))
    } else if !is_force(line, at, n, u.end) {
        return None;
    } else if n.decimals > 0 || line.take(u.end, &["地震", "余震", "强震"]).is_some() {
        (FigureKind::Quantity, format!("magnitude {number}"))
    } else {
        (FigureKind::Quantity, format!("force {number}"))
    };
    let mut f = Found::new(at, u.end, kind, value_of(n.low, n.high));
    f.unit = Some("级".to_owned());
    f.en = en;
    Some(f)
}

/// 五成, 八成五.
fn tenths(line: &Line, at: usize, n: &Numeral, end: usize) -> Found {
    let (mut low, mut high, mut end) = (n.low * 10.0, n.high * 10.0, end);
    if line.get(end) == '半' {
        low += 5.0;
        high += 5.0;
        end += 1;
    }
    if let Some(d) = numeral::digit(line.get(end)).filter(|d| *d > 0)
        && numeral::digit(line.get(end + 1)).is_none()
        && unit_behind::at(line, end + 1).is_none()
    {
        low += f64::from(d);
        high += f64::from(d);
        end += 1;
    }
    let mut f = Found::new(at, end, FigureKind::Percent, value_of(low, high));
    f.unit = Some("成".to_owned());
    f.bound = n.bound;
    f.en = render::percent(low, high, "%");
    f
}

/// A figure of number and unit.
fn described(start: usize, n: &Numeral, u: &UnitFound) -> Option<Found> {
    let (mut low, mut high) = (n.low, n.high);
    let zh = u.unit.zh;
    let (kind, en) = match u.unit.class {
        Class::Money(currency, _) => (FigureKind::Money, render::money(low, high, currency)),
        Class::Measure(one, more, ..) if zh == "亩" => {
            let mu = render::measure(low, high, one, more);
            (
                FigureKind::Quantity,
                format!("{mu} ({})", render::hectares(low, high)),
            )
        }
        Class::Measure(one, more, ..) => {
            (FigureKind::Quantity, render::measure(low, high, one, more))
        }
        Class::Span(..) if zh == "周年" && low == high && low.fract() == 0.0 => {
            let nth = render::ordinal(low.max(0.0) as u64);
            (FigureKind::Duration, format!("{nth} anniversary"))
        }
        Class::Span(one, more, _) => (FigureKind::Duration, render::measure(low, high, one, more)),
        Class::Count(one, more) => (FigureKind::Number, render::count(low, high, one, more)),
        Class::Age => (
            FigureKind::Age,
            format!("{} years old", render::span(low, high)),
        ),
        Class::Times => (
            FigureKind::Multiple,
            format!("{} times", render::span(low, high)),
        ),
        Class::Percent(name, factor) => {
            low *= factor;
            high *= factor;
            (FigureKind::Percent, render::percent(low, high, name))
        }
        Class::Points(name, factor) => {
            low *= factor;
            high *= factor;
            (FigureKind::Percent, render::points(low, high, name))
        }
        Class::Tenths | Class::Rank(_) => return None,
    };
    let mut f = Found::new(start, u.end, kind, value_of(low, high));
    f.en = en;
    f.bound = n.bound;
    f.unit = Some(zh.to_owned());
    match u.unit.class {
        Class::Money(currency, set) => {
            f.currency = Some(currency.code);
            f.may_be = set;
            f.currency_stated = !matches!(zh, "元" | "圆" | "块钱");
        }
        Class::Measure(_, _, dimension, size) => f.measure = Some((dimension, size)),
        Class::Span(_, _, seconds) => f.measure = Some((Dimension::Time, seconds)),
        _ => {}
    }
    Some(f)
}

/// 40亿—50亿元, 3至5个月, 10%-15%.
fn range(line: &Line, at: usize, n: &Numeral) -> Option<Found> {
    let first = unit_behind::of(line, n.end, n);
    let behind = first.as_ref().map_or(n.end, |u| u.end);
    // 3、4个小时
    let neighbours = || {
        let single = |n: &Numeral| match n.style {
            Style::Written => !n.scaled && n.low < 10.0,
            _ => n.digits == 1 && n.decimals == 0,
        };
        let m = numeral::read(line, n.end + 1).filter(|m| single(m) && m.style == n.style)?;
        let spanned = unit_behind::of(line, m.end, &m).is_some_and(|u| match u.unit.class {
            Class::Span(..) => u.unit.zh != "日" && n.style == Style::Arabic,
            // 一、二公里
            Class::Measure(.., Dimension::Length | Dimension::Mass, _) => true,
            _ => false,
        });
        let next = line.get(n.end) == '、' && single(n) && m.low == n.low + 1.0;
        (next && spanned).then_some(n.end + 1)
    };
    let next = dates::connector(line, behind).or_else(neighbours)?;
    // -5~-3℃, -5℃至3℃
    let (negative, next) = match (line.get(next), n.low < 0.0) {
        ('-', true) => (-1.0, next + 1),
        _ => (1.0, next),
    };
    let mut m = numeral::read(line, next)?;
    m.low *= negative;
    m.high *= negative;
    // 三到五把: no digit alone, which might be part of a word
    let second = unit_behind::of(line, m.end, &m)
        .or_else(|| unit_behind::behind_a_range(line, m.end).filter(|_| m.low > n.low));
    let unit = match (&first, second) {
        (Some(a), Some(b)) => {
            Some(b).filter(|b| a.unit.zh.ends_with(b.unit.zh) || b.unit.zh.ends_with(a.unit.zh))
        }
        (None, Some(second)) => Some(second),
        // 5.1(2.3—11.5)天
        (None, None) if line.before(at) == '(' && line.get(m.end) == ')' => {
            let behind = unit_behind::of(line, m.end + 1, &m);
            behind.map(|u| UnitFound::whole(u.unit, m.end))
        }
        (_, None) => None,
    };
    let plain = unit.is_none();
    if plain
        && (first.is_some()
            || n.style != m.style
            || n.style == Style::Written && !(m.scaled && (n.scaled || m.low >= 1e4)))
    {
        return None;
    }
    let mut low = n.low;
    // 3—5万: the magnitude belongs to both
    let step = m.low / coefficient(&m, line, next);
    if !n.scaled && m.scaled && low * step < m.low && first.is_none() {
        low *= step;
    }
    // 20-30 is a range, 1-2025 is a number of something
    let odd = plain
        && line.get(line.skip_blank(behind)) == '-'
        && n.digits != m.digits
        && !m.scaled
        && n.decimals == 0;
    // 距今7000年至6500年 counts backwards
    let backwards = m.low < low
        && unit.as_ref().is_some_and(|u| u.unit.zh == "年")
        && line.take_back(at, &["距今", "距今约"]).is_some();
    if m.low <= low && !backwards || m.bare || odd {
        return None;
    }
    let both = Numeral {
        low: low.min(m.low),
        high: low.max(m.high),
        scaled: n.scaled || m.scaled,
        ..m
    };
    let mut f = match unit {
        Some(u) => {
            let mut f = match u.unit.class {
                Class::Rank(_) => level(line, at, &both, &u)?,
                Class::Tenths => tenths(line, at, &both, u.end),
                _ => described(at, &both, &u)?,
            };
            rate(line, u.end, &mut f);
            speed(line, 0, &mut f);
            f
        }
        None => {
            let mut f = Found::new(at, m.end, FigureKind::Number, value_of(low, m.high));
            f.en = render::span(low, m.high);
            f
        }
    };
    bounds::behind(line, &mut f);
    Some(f)
}

/// The number before its magnitude: 5 of 5万.
fn coefficient(m: &Numeral, line: &Line, at: usize) -> f64 {
    let mut value = m.low;
    for i in (at..m.end).rev() {
        value /= match line.get(i) {
            '百' => 1e2,
            '千' => 1e3,
            '万' => 1e4,
            '亿' => 1e8,
            '多' | '余' => 1.0,
            _ => break,
        };
    }
    value
}

/// 两小时13分38秒, 一年零三个月: counted in the smallest of its units.
fn compound(line: &Line, f: &mut Found) {
    /// Each unit with the one that may follow it, and how many of that make one.
    const STEPS: &[(&str, &[&str], f64)] = &[
        ("年", &["个月"], 12.0),
        ("天", &["个小时", "小时"], 24.0),
        ("小时", &["分钟", "分"], 60.0),
        ("个小时", &["分钟", "分"], 60.0),
        ("分", &["秒"], 60.0),
        ("分钟", &["秒"], 60.0),
    ];
    const MINUTE: f64 = 60.0;
    // 9分35秒: minutes only because seconds follow
    let minutes = f.unit.as_deref() == Some("分");
    while let Some(unit) = f.unit.clone()
        && let Value::Number(value) = f.value
        && f.bound.is_none()
        && let Some((_, smaller, many)) = STEPS.iter().find(|(u, ..)| *u == unit)
    {
        let at = line
            .take(f.end, &["零", "又"])
            .unwrap_or(line.skip_blank(f.end));
        let Some(n) = numeral::read(line, at).filter(|n| n.low < *many) else {
            return;
        };
        let after = line.skip_blank(n.end);
        let Some(end) = line.take(after, smaller) else {
            return;
        };
        let name = if line.get(after) == '分' {
            "分"
        } else {
            smaller[0]
        };
        let size = match name {
            "个月" => 365.25 / 12.0 * 86_400.0,
            "分" | "分钟" => MINUTE,
            "秒" => 1.0,
            _ => 3600.0,
        };
        if f.parts.is_empty() {
            let measure = if minutes {
                Some((Dimension::Time, MINUTE))
            } else {
                f.measure
            };
            f.parts.push((value, measure));
        }
        f.parts.push((n.low, Some((Dimension::Time, size))));
        f.kind = FigureKind::Duration;
        f.value = value_of(value * many + n.low, value * many + n.high);
        f.end = end;
        f.unit = Some(name.to_owned());
        f.measure = Some((Dimension::Time, size));
        f.en = render::duration(&f.parts);
    }
}

/// 23秒54, 6分05秒3: decimals of a second behind its unit, as in sport.
fn hundredths(line: &Line, f: &mut Found) {
    let Value::Number(whole) = f.value else {
        return;
    };
    if f.unit.as_deref() != Some("秒") || f.bound.is_some() || !line.get(f.end).is_ascii_digit() {
        return;
    }
    let Some(n) =
        numeral::read(line, f.end).filter(|n| n.digits <= 3 && !n.scaled && n.decimals == 0)
    else {
        return;
    };
    if unit_behind::at(line, line.skip_blank(n.end)).is_some() {
        return;
    }
    let part = n.low / 10f64.powi(n.digits as i32);
    f.end = n.end;
    f.value = value_of(whole + part, whole + part);
    if let Some((seconds, _)) = f.parts.last_mut() {
        *seconds += part;
        f.en = render::duration(&f.parts);
    } else {
        f.en = format!("{} seconds", render::span(whole + part, whole + part));
    }
}

/// 元/吨, 立方米每秒: so much a unit.
fn rate(line: &Line, end: usize, f: &mut Found) {
    let each = line.get(end) == '每' && f.kind == FigureKind::Quantity;
    if line.get(end) != '/' && !each || f.end != end {
        return;
    }
    // 186毫克/100毫升
    let round = |n: &Numeral| n.low >= 10.0 && n.low.log10().fract() == 0.0;
    let many = numeral::read(line, end + 1).filter(|n| n.style == Style::Arabic && round(n));
    let at = many.as_ref().map_or(end + 1, |n| n.end);
    let Some(per) = unit_behind::at(line, at) else {
        return;
    };
    f.end = per.end;
    if let Some(unit) = &mut f.unit {
        unit.extend(&line.glyphs()[end..per.end]);
    }
    match (many, per.unit.class) {
        (Some(n), Class::Measure(one, more, ..)) => {
            f.en.push_str(" per ");
            f.en.push_str(&render::measure(n.low, n.high, one, more));
        }
        (Some(_), _) => {}
        (None, _) => f.en.push_str(&render::per(per.unit.zh)),
    }
}

/// 每千瓦时0.62元: so much a unit that stands before it.
fn rate_in_front(line: &Line, free: usize, f: &mut Found) {
    const REACH: usize = 6;
    if f.kind != FigureKind::Money {
        return;
    }
    let from = f.start.saturating_sub(REACH).max(free);
    let per = (from..f.start).find_map(|i| {
        let at = line.take(i, &["每"])?;
        let u = unit_behind::at(line, at)?;
        let end = line
            .take(u.end, &["收费", "售价", "约", "为", "仅", "只需", "收"])
            .unwrap_or(u.end);
        (end == f.start).then_some(u.unit.zh)
    });
    if let Some(per) = per.filter(|zh| matches!(render::per(zh).get(..1), Some(" "))) {
        f.en.push_str(&render::per(per));
    }
}

/// 超警戒水位1.74米.
fn above_a_mark(line: &Line, f: &mut Found) {
    const MARKS: &[(&str, &str)] = &[
        ("超警戒水位", "warning level"),
        ("超警戒", "warning level"),
        ("超警", "warning level"),
        ("超保证水位", "guaranteed level"),
        ("超汛限水位", "flood limit"),
        ("超汛限", "flood limit"),
    ];
    let mark = MARKS
        .iter()
        .find(|(zh, _)| line.take_back(f.start, &[zh]).is_some());
    if let Some((_, en)) = mark.filter(|_| f.kind == FigureKind::Quantity) {
        f.en = format!("{} above the {en}", f.en);
    }
}

/// 增长近一倍: doubled; 增长两倍: tripled.
fn increase(line: &Line, f: &mut Found) {
    let en = match f.value {
        Value::Number(1.0) => "doubled",
        Value::Number(2.0) => "tripled",
        Value::Number(3.0) => "quadrupled",
        _ => return,
    };
    let grown = f.kind == FigureKind::Multiple;
    let words = [
        "增长", "增加", "增", "提高", "上涨", "涨", "扩大", "提升", "多", "高", "大", "上升",
    ];
    let at = line
        .take_back(f.start, &["近", "了近", "超过", "超", "了约", "约", "了"])
        .unwrap_or(f.start);
    if grown && line.take_back(at, &words).is_some() {
        f.en = en.to_owned();
    }
}

/// 零下5摄氏度.
fn below_zero(line: &Line, free: usize, f: &mut Found) {
    let degrees = f
        .unit
        .as_deref()
        .is_some_and(|u| u.ends_with('度') || matches!(u, "℃" | "°C"));
    let Some(start) = line
        .take_back(f.start, &["零下"])
        .filter(|s| degrees && *s >= free)
    else {
        return;
    };
    f.start = start;
    match &mut f.value {
        Value::Number(n) => *n = -*n,
        Value::Range(a, b) => (*a, *b) = (-*b, -*a),
        _ => {}
    }
    f.en = if f.bound.is_some() {
        format!("{} below zero", f.en)
    } else {
        format!("minus {}", f.en)
    };
}

/// 半年, 半个月, 半小时, 半英里.
pub(super) fn half(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let over = line.take_back(cx.at, &["超过", "不过"]).is_some();
    let moved = line.take_back(cx.at, &["提前", "推后", "延后"]).is_some();
    if line.get(cx.at) != '半' || !over && "一上下大多过".contains(line.before(cx.at)) {
        return None;
    }
    // 后半小时 is the second half of an hour; 震后半小时内 is not
    let within = (cx.at + 1..cx.at + 5).any(|k| line.take(k, &["内", "以内", "之内"]).is_some());
    if "前后".contains(line.before(cx.at)) && !within && !moved {
        return None;
    }
    let u = unit_behind::at(line, cx.at + 1).or_else(|| {
        let counted = line.get(cx.at + 1) == '个';
        counted.then(|| unit_behind::at(line, cx.at + 2)).flatten()
    })?;
    let halved = match u.unit.class {
        Class::Span(..) => !matches!(u.unit.zh, "夜" | "晚" | "日" | "月" | "周"),
        Class::Measure(..) => matches!(u.unit.zh, "英里" | "公里" | "公斤" | "吨" | "亩"),
        _ => false,
    };
    if !halved {
        return None;
    }
    let mut f = described(cx.at, &Numeral::half(cx.at + 1), &u)?;
    f.en = render::half(&f.en);
    bounds::behind(line, &mut f);
    Some(Outcome::Figure(f))
}

/// The currency that stands at `at` before its number: where the number begins, and which it may be.
pub(super) fn currency_in_front(
    line: &Line,
    at: usize,
) -> Option<(usize, &'static Currency, CurrencySet)> {
    let (name, currency, set) = currency::before_beginning_with(line.get(at))
        .iter()
        .find(|(name, ..)| line.has(at, name))?;
    let end = line.skip_blank(at + name.chars().count());
    Some((end, currency, *set))
}

/// US$5亿, ¥200, 人民币300万元, $5-10.
pub(super) fn money(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let (at, currency, set) = currency_in_front(line, cx.at)?;
    // 兑美元7.1元: the money is the other one
    if matches!(line.before(cx.at), '兑' | '对' | '换') {
        return None;
    }
    let n = numeral::read(line, at)?;
    let money_unit = |end: usize, n: &Numeral| {
        unit_behind::of(line, end, n)
            .filter(|u| matches!(u.unit.class, Class::Money(..)))
            .map_or(end, |u| u.end)
    };
    let mut end = money_unit(n.end, &n);
    // 人民币300张: the name of a currency, and another thing's number
    if end == n.end && unit_behind::of(line, n.end, &n).is_some() {
        return None;
    }
    let mut high = n.high;
    if let Some(next) = dates::connector(line, end) {
        let from = currency_in_front(line, next).map_or(next, |(at, ..)| at);
        if let Some(m) = numeral::read(line, from).filter(|m| m.low > n.low) {
            high = m.high;
            end = money_unit(m.end, &m);
        }
    }
    let mut f = Found::new(cx.at, end, FigureKind::Money, value_of(n.low, high));
    f.currency = Some(currency.code);
    f.may_be = set;
    f.currency_stated = true;
    f.unit = Some("元".to_owned());
    f.bound = n.bound;
    f.en = render::money(n.low, high, currency);
    bounds::behind(line, &mut f);
    Some(Outcome::Figure(f))
}
