//! Reading one Chinese numeral: Arabic, written out, mixed, positional or approximate.
//!
//! Comes in: a [`Line`] and a position. Goes out: the value and where it ends. Knows no units.

use super::line::Line;
pub(super) use super::number::{Numeral, Style};
use crate::figures::Bound;

/// Words that begin with a magnitude but are units: 3千克 is three kilograms, not 3,000 of something.
const UNITS_LIKE_MAGNITUDES: &[&str] = &[
    "千克",
    "千米",
    "千瓦",
    "千伏",
    "千卡",
    "千赫",
    "千帕",
    "千兆",
    "千字节",
    "百分点",
    "百帕",
    "兆瓦",
    "兆帕",
    "兆赫",
    "兆字节",
    "十字",
];

/// Reads the numeral that begins at `i`. Rule after rule asks for the same one: the line keeps the last.
pub(super) fn read(line: &Line, i: usize) -> Option<Numeral> {
    let c = line.get(i);
    // 俩月, 俩小时: 两个 of something
    if c == '俩'
        && ["人", "月", "多月", "小时", "钟头", "星期", "礼拜"]
            .iter()
            .any(|u| line.has(i + 1, u))
    {
        return Some(Numeral::two(i + 1));
    }
    if !(is_numeral(c) || matches!(c, '兆' | '拾' | '佰' | '仟' | '几' | '数')) {
        return None;
    }
    if let Some(numeral) = line.remembered(i) {
        return numeral;
    }
    let numeral = if c.is_ascii_digit() {
        arabic(line, i)
    } else {
        positional(line, i).or_else(|| written(line, i))
    };
    line.remember(i, numeral);
    numeral
}

/// The digit a glyph stands for, everyday or financial.
pub(super) fn digit(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// Whether a glyph is part of numerals.
pub(super) fn is_numeral(c: char) -> bool {
    c.is_ascii_digit()
        || digit(c).is_some()
        || matches!(c, '十' | '百' | '千' | '万' | '亿' | '廿' | '卅')
}

/// The power of ten of a magnitude glyph.
fn power(c: char) -> Option<i32> {
    Some(match c {
        '十' | '拾' => 1,
        '百' | '佰' => 2,
        '千' | '仟' => 3,
        '万' => 4,
        '亿' => 8,
        '兆' => 12,
        _ => return None,
    })
}

/// 壹, 陆, 伍 … are also surnames and parts of words: as digits they need a magnitude beside them.
fn is_financial(c: char) -> bool {
    matches!(
        c,
        '壹' | '贰' | '叁' | '肆' | '伍' | '陆' | '柒' | '捌' | '玖' | '拾' | '佰' | '仟'
    )
}

/// `mantissa × 10^exponent`, correctly rounded while the mantissa and the power are exact in `f64`.
fn scaled(mantissa: u64, exponent: i32) -> f64 {
    let m = mantissa as f64;
    if exponent < 0 {
        m / 10f64.powi(-exponent)
    } else {
        m * 10f64.powi(exponent)
    }
}

/// Arabic digits with grouping and decimals: mantissa, decimals, digits before the point, end.
fn digits(line: &Line, i: usize) -> Option<(u64, usize, usize, usize)> {
    let mut at = i;
    let mut mantissa = 0u64;
    let mut count = 0;
    let spaced = is_spaced(line, i);
    let mut take = |at: usize| {
        let d = line.get(at).to_digit(10)?;
        mantissa = mantissa.checked_mul(10)?.checked_add(u64::from(d))?;
        Some(())
    };
    while line.get(at).is_ascii_digit() {
        take(at)?;
        at += 1;
        count += 1;
        at += usize::from(spaced && line.get(at) == ' ');
    }
    // 3,000 and 3，000: groups of three behind a head of one to three digits.
    if count <= 3 {
        while is_group(line, at) {
            for k in 1..=3 {
                take(at + k)?;
            }
            at += 4;
            count += 3;
        }
    }
    let mut decimals = 0;
    let dotted = line.get(at) == '·' && is_decimal_behind_a_dot(line, at + 1);
    if (line.get(at) == '.' || dotted) && line.get(at + 1).is_ascii_digit() {
        let mut end = at + 1;
        while line.get(end).is_ascii_digit() {
            take(end)?;
            end += 1;
        }
        decimals = end - at - 1;
        // 1.2.3 is a version or a date, never a quantity.
        if line.get(end) == '.' && line.get(end + 1).is_ascii_digit() {
            return None;
        }
        at = end;
    }
    (count + decimals <= 17).then_some((mantissa, decimals, count, at))
}

/// 1 0 0 0万, 3 0年: digits that typesetting has parted, before a magnitude or a unit. A table of numbers has none
/// behind it.
fn is_spaced(line: &Line, i: usize) -> bool {
    let digits = (0..)
        .take_while(|k| line.get(i + 2 * k).is_ascii_digit())
        .take_while(|k| *k == 0 || line.get(i + 2 * k - 1) == ' ')
        .count();
    let behind = line.get((i + 2 * digits).saturating_sub(1));
    digits > 1 && matches!(behind, '万' | '亿' | '千' | '百' | '年' | '%')
}

/// 26·2%, 3·9万: a middle dot in the place of the point.
fn is_decimal_behind_a_dot(line: &Line, at: usize) -> bool {
    let end = (at..).find(|k| !line.get(*k).is_ascii_digit());
    end.is_some_and(|end| end > at && matches!(line.get(end), '%' | '万' | '亿'))
}

fn is_group(line: &Line, at: usize) -> bool {
    let three = (1..=3).all(|k| line.get(at + k).is_ascii_digit());
    if !three || line.get(at + 4).is_ascii_digit() {
        return false;
    }
    match line.get(at) {
        ',' => true,
        '，' => line.has(at + 1, "000"),
        _ => false,
    }
}

fn arabic(line: &Line, i: usize) -> Option<Numeral> {
    let (mantissa, decimals, digits, end) = digits(line, i)?;
    let leading_zero = line.get(i) == '0' && digits > 1;
    let mut n = Numeral {
        digits,
        decimals,
        leading_zero,
        ..Numeral::new(end, 0.0, Style::Arabic)
    };
    let (mut exponent, mut at) = (-(decimals as i32), end);
    let mut low_add = 0.0;

    // 10余万, 20多亿, 3 万亿
    let blank = line.skip_blank(at);
    if blank > at && power(line.get(blank)).is_some() && !is_unit_like(line, blank) {
        at = blank;
    }
    if blank > at && matches!(line.get(blank), '余' | '多' | '来') {
        at = blank;
    }
    if matches!(line.get(at), '余' | '多' | '来')
        && power(line.get(at + 1)).is_some_and(|p| p >= 2)
        && !is_unit_like(line, at + 1)
    {
        n.bound = Some(loose_bound(line.get(at)));
        at += 1;
    } else if line.get(at) == '几' && power(line.get(at + 1)).is_some() && digits == 2 {
        low_add = 9.0; // 10几万 is 110,000 to 190,000
        at += 1;
    }
    let mut smallest = 0;
    while let Some(p) = power(line.get(at)) {
        let c = line.get(at);
        if c == '十' || is_unit_like(line, at) || (c == '兆' && !is_money_next(line, at + 1)) {
            break;
        }
        exponent += p;
        smallest += p;
        at += 1;
        n.scaled = true;
    }
    let one = 10f64.powi(exponent + decimals as i32);
    n.low = scaled(mantissa, exponent);
    n.high = n.low;
    if low_add > 0.0 {
        n.low += one;
        n.high += low_add * one;
    }
    n.end = at;
    let mut below = smallest;
    while n.scaled
        && below >= 3
        && let Some((value, end, power)) = lower_part(line, n.end, 10f64.powi(below))
    {
        n.low += value;
        n.high += value;
        n.end = end;
        below = power;
    }
    if n.bound.is_none() {
        suffix(line, &mut n);
    }
    Some(n)
}

/// The 2000万 of 1亿2000万: its value, its end and the power of its magnitude.
fn lower_part(line: &Line, at: usize, below: f64) -> Option<(f64, usize, i32)> {
    if !line.get(at).is_ascii_digit() {
        return None;
    }
    let (mantissa, decimals, _, end) = digits(line, at)?;
    let (mut exponent, mut end, mut smallest) = (-(decimals as i32), end, 0);
    while let Some(p) = power(line.get(end)) {
        if is_unit_like(line, end) {
            break;
        }
        exponent += p;
        smallest += p;
        end += 1;
    }
    let mut value = scaled(mantissa, exponent);
    if smallest == 0 && value < 10.0 && decimals == 0 {
        // 5万3
        value *= below / 10.0;
    }
    let fits =
        value < below && value >= below / 1e4 && !matches!(line.get(end), '年' | '月' | '日');
    fits.then_some((value, end, smallest))
}

fn is_unit_like(line: &Line, at: usize) -> bool {
    line.take(at, UNITS_LIKE_MAGNITUDES).is_some()
}

fn is_money_next(line: &Line, at: usize) -> bool {
    matches!(line.get(at), '元' | '美' | '日' | '韩' | '欧' | '卢' | '新')
}

fn loose_bound(c: char) -> Bound {
    if c == '来' {
        Bound::About
    } else {
        Bound::MoreThan
    }
}

/// Takes 多, 余 or 来 behind a numeral, and 好几 behind tens.
fn suffix(line: &Line, n: &mut Numeral) {
    let at = line.skip_blank(n.end);
    let c = line.get(at);
    let next = line.get(at + 1);
    // 三十好几
    if line.has(n.end, "好几") && (10.0..100.0).contains(&n.low) && n.low % 10.0 == 0.0 {
        n.bound = Some(Bound::MoreThan);
        n.end += 2;
        return;
    }
    let takes = match c {
        '多' => !matches!(next, '样' | '边' | '数' | '方' | '功' | '媒' | '彩'),
        '余' => !matches!(next, '杭' | '姚' | '下' | '额' | '震' | '热' | '生'),
        '来' => {
            n.low >= 10.0
                && !matches!(
                    next,
                    '自' | '到' | '临' | '访' | '源' | '看' | '说' | '华' | '的'
                )
        }
        _ => false,
    };
    if takes && n.low >= 1.0 && (n.decimals == 0 || n.scaled) {
        n.bound = Some(loose_bound(c));
        n.end = at + 1;
    }
}

/// 二〇二五, 一九四九; 八五年.
fn positional(line: &Line, i: usize) -> Option<Numeral> {
    let mut end = i;
    let mut value = 0u64;
    let mut zeros = 0;
    while end - i < 12 {
        let c = line.get(end);
        if c == '两' || is_financial(c) {
            break;
        }
        // 二00一年
        let nought = (c == '0' && end > i).then_some(0);
        let Some(d) = digit(c).or(nought) else { break };
        zeros += usize::from(d == 0);
        value = value * 10 + u64::from(d);
        end += 1;
    }
    let count = end - i;
    if count < 2 || power(line.get(end)).is_some() {
        return None;
    }
    let year = matches!(line.get(end), '年') && (count == 4 || count == 2 && !ascends(line, i));
    let plain = zeros > 0 && count >= 3 && digit(line.get(i)) != Some(0) || zeros > 0 && year;
    (year || plain).then(|| Numeral {
        digits: count,
        leading_zero: digit(line.get(i)) == Some(0),
        ..Numeral::new(end, value as f64, Style::Positional)
    })
}

/// Whether two neighbouring digits make an approximation: 七八, 三五.
fn ascends(line: &Line, i: usize) -> bool {
    match (digit(line.get(i)), digit(line.get(i + 1))) {
        (Some(a), Some(b)) => a > 0 && (b == a + 1 || (a, b) == (3, 5)),
        _ => false,
    }
}

/// A value that may be a range, built up as the magnitudes are read.
#[derive(Clone, Copy)]
struct Span(f64, f64);

impl Span {
    const ZERO: Self = Self(0.0, 0.0);

    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }

    fn times(self, by: f64) -> Self {
        Self(self.0 * by, self.1 * by)
    }

    fn is_zero(self) -> bool {
        self.1 == 0.0
    }
}

/// What has been read of a written numeral.
struct Written {
    /// Completed at 亿 or 兆.
    above: Span,
    /// Completed at 万.
    middle: Span,
    /// Below 万.
    section: Span,
    digit: Option<Span>,
    /// Power of the magnitude read last, 5 before any.
    last: i32,
    zero: bool,
    bound: Option<Bound>,
    tens: bool,
}

impl Written {
    /// Reads 十, 百 or 千.
    fn small(&mut self, power: i32) -> bool {
        let by = 10f64.powi(power);
        let coefficient = match self.digit.take() {
            Some(d) => d,
            None if self.section.is_zero() => Span(1.0, 1.0),
            // 百十来户
            None if power == 1 && self.section.0 == 100.0 => Span(1.0, 1.0),
            None => return false,
        };
        self.section = self.section.plus(coefficient.times(by));
        self.last = power;
        self.zero = false;
        true
    }

    /// Reads 万, 亿 or 兆.
    fn large(&mut self, power: i32) {
        let mut below = self.section;
        if let Some(d) = self.digit.take() {
            below = below.plus(d);
        }
        let by = 10f64.powi(power);
        if power == 4 {
            if below.is_zero() && self.middle.is_zero() {
                below = Span(1.0, 1.0);
            }
            self.middle = self.middle.plus(below).times(by);
        } else {
            let mut all = self.middle.plus(below);
            if all.is_zero() {
                // 万亿 has multiplied already; a bare 亿 is one.
                all = if self.above.is_zero() {
                    Span(1.0, 1.0)
                } else {
                    Span::ZERO
                };
            }
            self.above = self.above.plus(all.times(by));
            self.middle = Span::ZERO;
        }
        self.section = Span::ZERO;
        self.last = power;
        self.zero = false;
    }
}

fn written(line: &Line, i: usize) -> Option<Numeral> {
    let first = line.get(i);
    if is_financial(first) && !is_financial_start(line, i) {
        return None;
    }
    let mut w = Written {
        above: Span::ZERO,
        middle: Span::ZERO,
        section: Span::ZERO,
        digit: None,
        last: 5,
        zero: false,
        bound: None,
        tens: false,
    };
    let bare = power(first).is_some_and(|p| p >= 2);
    let mut at = i;
    let mut read_magnitude = false;
    loop {
        let c = line.get(at);
        if let Some(d) = digit(c) {
            if d == 0 {
                if w.digit.is_some() || at == i && digit(line.get(at + 1)).is_some() {
                    break;
                }
                w.zero = true;
                if at == i {
                    w.digit = Some(Span::ZERO);
                }
            } else if let Some(Span(a, b)) = w.digit {
                let pair = a == b && ascends(line, at - 1) && digit(line.get(at + 1)).is_none();
                if !pair {
                    break;
                }
                w.digit = Some(Span(a, f64::from(d)));
            } else {
                w.digit = Some(Span(f64::from(d), f64::from(d)));
            }
        } else if matches!(c, '几' | '数') && w.digit.is_none() && !line.has(at, "数百分比") {
            match power(line.get(at + 1)) {
                Some(1) if w.section.is_zero() => {
                    w.tens = true;
                    w.digit = Some(Span(1.0, 1.0));
                }
                Some(_) if w.section.is_zero() => w.digit = Some(Span(2.0, 9.0)),
                Some(_) if w.last == 1 && c == '几' => w.digit = Some(Span(1.0, 9.0)),
                None if w.last == 1 && c == '几' && read_magnitude => {
                    w.digit = Some(Span(1.0, 9.0));
                }
                // 几个亿
                None if at == i && line.has(at + 1, "个亿") => w.digit = Some(Span(2.0, 9.0)),
                _ => break,
            }
        } else if matches!(c, '多' | '余' | '来') && read_magnitude && w.digit.is_none() {
            let next =
                power(line.get(at + 1)).is_some_and(|p| p >= 4) && !is_unit_like(line, at + 1);
            if !next {
                break;
            }
            w.bound = Some(loose_bound(c));
        } else if c == '廿' || c == '卅' {
            if w.digit.is_some() || !w.section.is_zero() {
                break;
            }
            let value = if c == '廿' { 20.0 } else { 30.0 };
            w.section = Span(value, value);
            w.last = 1;
            read_magnitude = true;
        } else if let Some(p) = power(c) {
            // 上千米: a thousand and more of them, where no number stands before 千米
            let many = at == i && matches!(line.before(at), '上' | '近' | '逾' | '超');
            let unit = is_unit_like(line, at) && !many && !(c == '十' && line.has(at, "十字"));
            if unit || (c == '兆' && !is_money_next(line, at + 1)) {
                break;
            }
            if p >= 4 {
                w.large(p);
            } else if p < w.last || w.section.is_zero() {
                if !w.small(p) {
                    break;
                }
            } else {
                break;
            }
            read_magnitude = true;
        } else {
            break;
        }
        at += 1;
    }
    if at == i {
        return None;
    }
    let mut value = w.above.plus(w.middle).plus(w.section);
    if let Some(d) = w.digit {
        // 两百五 is 250, 三万五 35,000; 二百零五 and 十五 count ones.
        let by = if w.zero || w.last == 5 {
            1.0
        } else {
            10f64.powi(w.last - 1)
        };
        value = value.plus(d.times(by));
    }
    let mut n = Numeral {
        bound: w.bound,
        scaled: read_magnitude,
        bare,
        ..Numeral::new(at, 0.0, Style::Written)
    };
    (n.low, n.high) = (value.0, value.1);
    if w.tens {
        n.bound = Some(Bound::TensOf);
    } else if n.bound.is_none() && read_magnitude && (w.digit.is_none() || w.last > 1 && !w.zero) {
        // 一百二多个
        suffix(line, &mut n);
    }
    if n.exact().is_some() && n.bound.is_none() {
        decimal_part(line, &mut n);
    }
    Some(n)
}

fn is_financial_start(line: &Line, i: usize) -> bool {
    let next = line.get(i + 1);
    matches!(next, '拾' | '佰' | '仟')
        || matches!(line.get(i), '拾' | '佰' | '仟') && digit(next).is_some()
        || digit(line.get(i)).is_some() && matches!(next, '万' | '亿' | '元' | '圆')
}

/// The 点五 of 三点五, with a magnitude behind it: 一点二万亿.
fn decimal_part(line: &Line, n: &mut Numeral) {
    if line.get(n.end) != '点' {
        return;
    }
    let mut at = n.end + 1;
    let mut mantissa = n.low as u64;
    let mut places = 0;
    while places < 8
        && let Some(d) = digit(line.get(at))
        && line.get(at) != '两'
    {
        mantissa = mantissa * 10 + u64::from(d);
        places += 1;
        at += 1;
    }
    // 三点十分, 三点五十分 and 三点一刻 are times of day.
    let clock = matches!(line.get(at), '十' | '分' | '刻' | '钟');
    if places == 0 || clock || n.low >= 1e6 {
        return;
    }
    let mut exponent = -(places);
    while let Some(p @ 4..) = power(line.get(at)) {
        exponent += p;
        at += 1;
        n.scaled = true;
    }
    n.low = scaled(mantissa, exponent);
    n.high = n.low;
    n.decimals = places as usize;
    n.end = at;
    if n.scaled {
        n.decimals = 0;
        suffix(line, n);
        n.decimals = places as usize;
    }
}
