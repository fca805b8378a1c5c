//! English for figures: a news desk's style (AP), nothing that the Chinese does not say.

use super::calendar::{Fine, Partial};
use super::currency::Currency;
use super::units::{self, Dimension};
use super::{Bound, FigureKind};

/// The months, as English names them.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// 3,000; 1.2 trillion; 0.35.
pub(super) fn number(n: f64) -> String {
    if n < 0.0 {
        return format!("-{}", number(-n));
    }
    for (size, name) in [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")] {
        if n >= size {
            return format!("{} {name}", grouped(n / size));
        }
    }
    grouped(n)
}

/// Digits in groups of three; up to six decimals, no trailing zeros.
fn grouped(n: f64) -> String {
    let text = format!("{n:.6}");
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let decimals = decimals.trim_end_matches('0');
    if !decimals.is_empty() {
        out.push('.');
        out.push_str(decimals);
    }
    out
}

/// A number or both ends of a range.
pub(super) fn span(low: f64, high: f64) -> String {
    if low == high {
        number(low)
    } else {
        format!("{} to {}", number(low), number(high))
    }
}

pub(super) fn count(low: f64, high: f64, one: &str, more: &str) -> String {
    let noun = if high == 1.0 { one } else { more };
    let number = span(low, high);
    if noun.is_empty() {
        number
    } else {
        format!("{number} {noun}")
    }
}

pub(super) fn measure(low: f64, high: f64, one: &str, more: &str) -> String {
    let noun = if high.abs() <= 1.0 { one } else { more };
    let number = span(low, high);
    let glued = noun.starts_with('°');
    if glued {
        format!("{number}{noun}")
    } else {
        format!("{number} {noun}")
    }
}

pub(super) fn hectares(low: f64, high: f64) -> String {
    let one = |mu: f64| {
        let ha = mu / 15.0;
        // Three significant digits: the conversion must not look more exact than the figure.
        let scale = 10f64.powf((2.0 - ha.abs().max(1e-9).log10().floor()).clamp(-12.0, 12.0));
        (ha * scale).round() / scale
    };
    measure(one(low), one(high), "hectare", "hectares")
}

pub(super) fn money(low: f64, high: f64, currency: &Currency) -> String {
    let Some(sign) = currency.sign else {
        return format!("{} {}", span(low, high), currency.name);
    };
    if low == high {
        format!("{sign}{}", number(low))
    } else {
        format!("{sign}{} to {sign}{}", number(low), number(high))
    }
}

/// In percent, whatever the Chinese writes: 3‰ is 0.3%.
pub(super) fn percent(low: f64, high: f64, name: &str) -> String {
    match name {
        "‰" => format!("{}%", span(low, high)),
        _ => format!("{}{name}", span(low, high)),
    }
}

/// `2.5 percentage points`, `25 basis points`.
pub(super) fn points(low: f64, high: f64, name: &str) -> String {
    let factor = if name == "basis points" { 100.0 } else { 1.0 };
    let whole = |n: f64| (n * factor * 1e6).round() / 1e6;
    let one = name.trim_end_matches('s');
    measure(whole(low), whole(high), one, name)
}

pub(super) fn fraction(above: f64, below: f64) -> String {
    match (above as u32, below as u32) {
        (1, 2) => "half".to_owned(),
        (1, 3) => "one-third".to_owned(),
        (2, 3) => "two-thirds".to_owned(),
        (1, 4) => "one-quarter".to_owned(),
        (3, 4) => "three-quarters".to_owned(),
        _ => format!("{}/{}", number(above), number(below)),
    }
}

/// `0.5 years` → `half a year`.
pub(super) fn half(en: &str) -> String {
    let noun = en.strip_prefix("0.5 ").unwrap_or(en);
    let article = if noun.starts_with("hour") { "an" } else { "a" };
    format!("half {article} {noun}")
}

/// `2 hours 13 minutes 38 seconds`.
pub(super) fn duration(parts: &[(f64, Option<(Dimension, f64)>)]) -> String {
    let name = |size: f64| match size {
        s if s < 2.0 => "second",
        s if s < 120.0 => "minute",
        s if s < 7200.0 => "hour",
        s if s < 172_800.0 => "day",
        s if s < 6e6 => "month",
        _ => "year",
    };
    let one = |(value, measure): &(f64, Option<(Dimension, f64)>)| {
        let noun = name(measure.map_or(1.0, |(_, size)| size));
        let plural = if *value == 1.0 { "" } else { "s" };
        format!("{} {noun}{plural}", number(*value))
    };
    parts.iter().map(one).collect::<Vec<_>>().join(" ")
}

pub(super) fn ordinal(n: u64) -> String {
    let suffix = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// first, second, third, fourth; else in digits.
pub(super) fn ordinal_word(n: u32) -> String {
    const WORDS: [&str; 4] = ["first", "second", "third", "fourth"];
    let word = (n as usize).checked_sub(1).and_then(|n| WORDS.get(n));
    word.map_or_else(|| ordinal(n.into()), |word| (*word).to_owned())
}

pub(super) fn ordinal_with(n: u64, noun: &str) -> String {
    match noun {
        "" => ordinal(n),
        "No." => format!("No. {n}"),
        "phase" | "grade" => format!("{noun} {n}"),
        _ => format!("{} {noun}", ordinal(n)),
    }
}

/// `per tonne`, `per person` behind a rate.
pub(super) fn per(zh: &str) -> String {
    let name = match zh {
        "美元" => Some("U.S. dollar"),
        zh => units::english_of(zh),
    };
    name.map_or_else(|| format!("/{zh}"), |name| format!(" per {name}"))
}

pub(super) fn with_bound(en: &str, bound: Option<Bound>, kind: FigureKind) -> String {
    let Some(bound) = bound else {
        return en.to_owned();
    };
    match bound {
        Bound::AtLeast
            if kind == FigureKind::Number && en.ends_with(|c: char| c.is_ascii_digit()) =>
        {
            format!("{en} or more")
        }
        Bound::AtLeast => format!("at least {en}"),
        Bound::AtMost => format!("up to {en}"),
        Bound::MoreThan => format!("more than {en}"),
        Bound::LessThan => format!("less than {en}"),
        Bound::About => format!("about {en}"),
        Bound::Nearly => format!("nearly {en}"),
        Bound::TensOf => tens_of(en),
    }
}

/// `10 billion yuan` → `tens of billions of yuan`.
fn tens_of(en: &str) -> String {
    let (sign, rest) = en.split_at(en.find(|c: char| c.is_ascii_digit()).unwrap_or(0));
    for (head, tens) in [
        ("10 million", "tens of millions"),
        ("10 billion", "tens of billions"),
        ("10 trillion", "tens of trillions"),
        ("100 million", "hundreds of millions"),
        ("1 billion", "billions"),
        ("1 million", "millions"),
        ("100,000", "hundreds of thousands"),
        ("10", "dozens"),
    ] {
        if let Some(noun) = rest.strip_prefix(head) {
            let currency = match sign {
                "$" => " of U.S. dollars",
                "€" => " of euros",
                "£" => " of pounds",
                "HK$" => " of Hong Kong dollars",
                _ => "",
            };
            let noun = noun.trim_start();
            return match (currency, noun) {
                ("", "") => tens.to_owned(),
                ("", noun) => format!("{tens} of {noun}"),
                (currency, _) => format!("{tens}{currency}"),
            };
        }
    }
    format!("several times {en}")
}

/// The month or, from 21 to 24, season of an EDTF date.
pub fn month_name(month: usize) -> Option<&'static str> {
    const SEASONS: [&str; 4] = ["spring", "summer", "autumn", "winter"];
    let name = match month {
        21..=24 => SEASONS.get(month - 21),
        _ => MONTHS.get(month.checked_sub(1)?),
    };
    name.copied()
}

fn month(month: u32) -> &'static str {
    month_name(month as usize).unwrap_or_default()
}

/// `July 24, 2025`, `the end of 2027`, `early May`.
pub(super) fn date(date: &Partial) -> String {
    let mut out = match (date.fine, date.month, date.day) {
        (Fine::Time, ..) => String::new(),
        (Fine::Century, ..) => {
            let y = date.year.unwrap_or(0);
            format!(
                "the {} century",
                ordinal((y / 100 + 1).unsigned_abs().into())
            )
        }
        (Fine::Decade, ..) => date.year.map_or_else(String::new, |y| format!("the {y}s")),
        (Fine::Year, ..) if date.century => {
            let year = date.year.unwrap_or(0);
            let part = match year % 100 {
                ..=20 => "early ",
                21..=79 => "mid-",
                _ => "late ",
            };
            format!(
                "{part}{} century",
                ordinal((year / 100 + 1).unsigned_abs().into())
            )
        }
        (Fine::Year, ..) => match date.year {
            Some(y) if y <= 0 => format!("{} BC", 1 - y),
            Some(y) => y.to_string(),
            None => "the year".to_owned(),
        },
        (_, Some(m), None) if date.about => {
            let part = match m {
                1 => "early",
                6 => "mid-",
                _ => "the end of",
            };
            let year = date
                .year
                .map_or_else(|| "the year".to_owned(), |y| y.to_string());
            if part.ends_with('-') {
                format!("{part}{year}")
            } else {
                format!("{part} {year}")
            }
        }
        (_, Some(m), Some(d)) if date.about => {
            let part = match d {
                ..=5 => "early",
                6..=20 => "mid-",
                _ => "the end of",
            };
            let gap = if part.ends_with('-') { "" } else { " " };
            let year = date.year.map_or_else(String::new, |y| format!(" {y}"));
            format!("{part}{gap}{}{year}", month(m))
        }
        (_, Some(m), Some(d)) => {
            let year = date.year.map_or_else(String::new, |y| format!(", {y}"));
            format!("{} {d}{year}", month(m))
        }
        (_, Some(m), None) => {
            let year = date.year.map_or_else(String::new, |y| format!(" {y}"));
            format!("{}{year}", month(m))
        }
        (_, None, Some(d)) => format!("the {}", ordinal(d.into())),
        (_, None, None) => date
            .year
            .map_or_else(|| "undated".to_owned(), |y| y.to_string()),
    };
    if let Some((h, m)) = date.time {
        let time = clock(h, m.unwrap_or(0));
        out = if out.is_empty() {
            time
        } else {
            format!("{time}, {out}")
        };
    }
    out
}

fn clock(hour: u32, minute: u32) -> String {
    if hour == 24 {
        return "midnight".to_owned();
    }
    if (hour, minute) == (12, 0) {
        return "noon".to_owned();
    }
    let half = if hour < 12 { "a.m." } else { "p.m." };
    let h = match hour % 12 {
        0 => 12,
        h => h,
    };
    if minute == 0 {
        format!("{h} {half}")
    } else {
        format!("{h}:{minute:02} {half}")
    }
}

/// `July 24-25, 2025`, `July 24 to August 3, 2025`.
pub(super) fn interval(from: &Partial, to: &Partial) -> String {
    if from.fine == Fine::Day
        && from.month.is_some()
        && from.month == to.month
        && from.year == to.year
        && let (Some(m), Some(a), Some(b)) = (from.month, from.day, to.day)
    {
        let year = from.year.map_or_else(String::new, |y| format!(", {y}"));
        return format!("{} {a}-{b}{year}", month(m));
    }
    if from.year == to.year && from.year.is_some() {
        let mut first = *from;
        first.year = None;
        return format!("{} to {}", date(&first), date(to));
    }
    format!("{} to {}", date(from), date(to))
}

/// `July 24 and 26, 2025`.
pub(super) fn both(a: &Partial, b: &Partial) -> String {
    match (a.month, a.day, b.day) {
        (Some(m), Some(x), Some(y)) => {
            let year = a.year.map_or_else(String::new, |y| format!(", {y}"));
            format!("{} {x} and {y}{year}", month(m))
        }
        _ => format!("{} and {}", date(a), date(b)),
    }
}

/// English for a word of time that no clock resolves.
pub(super) fn word(glyphs: &[char]) -> Option<String> {
    let text: String = glyphs.iter().collect();
    let head = |words: &[&str]| words.iter().any(|w| text.starts_with(w));
    let en = if head(&["今年", "本年"]) {
        "this year"
    } else if head(&["去年", "上年"]) {
        "last year"
    } else if head(&["前年"]) {
        "the year before last"
    } else if head(&["明年"]) {
        "next year"
    } else if head(&["上个月", "上月"]) {
        "last month"
    } else if head(&["本月", "这个月"]) {
        "this month"
    } else if head(&["下个月", "下月"]) {
        "next month"
    } else if head(&["昨"]) {
        "yesterday"
    } else if head(&["今"]) {
        "today"
    } else if head(&["明"]) {
        "tomorrow"
    } else if head(&["前天", "前日"]) {
        "the day before yesterday"
    } else if head(&["上周", "上星期", "上个星期", "上个礼拜"]) {
        "last week"
    } else if head(&["本周", "本星期", "这周", "这个星期", "这星期"]) {
        "this week"
    } else if head(&["下周", "下星期", "下个星期", "下个礼拜"]) {
        "next week"
    } else {
        return weekday(&text);
    };
    Some(en.to_owned())
}

fn weekday(text: &str) -> Option<String> {
    let last = text.chars().find(|c| "一二三四五六日天".contains(*c))?;
    let day = match last {
        '一' => "Monday",
        '二' => "Tuesday",
        '三' => "Wednesday",
        '四' => "Thursday",
        '五' => "Friday",
        '六' => "Saturday",
        _ => "Sunday",
    };
    Some(day.to_owned())
}
