//! Plants one error of a known kind in the figures of English text, from a seed.
//!
//! What a digit can suffer is `corrupt`'s; this adds what the words around a number can: scale, currency,
//! unit, bound, direction, time of day, order. An error is planted only where the English has something
//! that can go wrong in that way.

use std::ops::Range;

use super::corrupt::{Corruption, Random, corrupt, numbers};

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Planted {
    TimesTen,
    TimesHundred,
    TenthOf,
    Dropped,
    DigitOff,
    ScaleWord,
    Currency,
    DollarOfAnother,
    PercentOrPoints,
    Unit,
    Dimension,
    Bound,
    Direction,
    Base,
    Sign,
    HalfOfDay,
    Hour,
    Weekday,
    Month,
    Day,
    Year,
    Ordinal,
    Fraction,
    Multiple,
    NumberInWords,
    Invented,
    Exchanged,
    ScoreTurned,
}

pub(super) const ALL: [Planted; 28] = [
    Planted::TimesTen,
    Planted::TimesHundred,
    Planted::TenthOf,
    Planted::Dropped,
    Planted::DigitOff,
    Planted::ScaleWord,
    Planted::Currency,
    Planted::DollarOfAnother,
    Planted::PercentOrPoints,
    Planted::Unit,
    Planted::Dimension,
    Planted::Bound,
    Planted::Direction,
    Planted::Base,
    Planted::Sign,
    Planted::HalfOfDay,
    Planted::Hour,
    Planted::Weekday,
    Planted::Month,
    Planted::Day,
    Planted::Year,
    Planted::Ordinal,
    Planted::Fraction,
    Planted::Multiple,
    Planted::NumberInWords,
    Planted::Invented,
    Planted::Exchanged,
    Planted::ScoreTurned,
];

/// Where a number stands from the words that are replaced.
#[derive(Clone, Copy)]
enum Beside {
    /// Within so many words before them.
    Before(usize),
    /// Within so many words behind them.
    Behind(usize),
    Anywhere,
}

/// Words and what they are replaced by.
type Swaps = &'static [(&'static str, &'static str)];

const SCALES: Swaps = &[
    ("million", "billion"),
    ("billion", "million"),
    ("trillion", "billion"),
    ("thousand", "million"),
];
const CURRENCIES: Swaps = &[
    ("yuan", "euros"),
    ("RMB", "GBP"),
    ("euros", "pounds"),
    ("yen", "won"),
    ("million won", "million yen"),
    ("billion won", "billion yen"),
    ("million dollars", "million yen"),
    ("billion dollars", "billion yen"),
    ("pounds", "euros"),
    ("roubles", "yuan"),
];
const DOLLARS: Swaps = &[
    ("yuan", "US dollars"),
    ("US dollars", "Hong Kong dollars"),
    ("U.S. dollars", "Hong Kong dollars"),
    ("Hong Kong dollars", "US dollars"),
    ("Australian dollars", "US dollars"),
    ("Canadian dollars", "US dollars"),
];
const POINTS: Swaps = &[
    ("percentage points", "percent"),
    ("percentage point", "percent"),
    ("percent", "percentage points"),
    ("per cent", "percentage points"),
];
const UNITS: Swaps = &[
    ("km", "metres"),
    ("kilometers", "meters"),
    ("kilometres", "metres"),
    ("meters", "kilometers"),
    ("metres", "kilometres"),
    ("miles", "feet"),
    ("kg", "tonnes"),
    ("kilograms", "tons"),
    ("tons", "kilograms"),
    ("tonnes", "kilograms"),
    ("hours", "minutes"),
    ("minutes", "hours"),
    ("days", "months"),
    ("months", "years"),
    ("years", "months"),
    ("years old", "months old"),
    ("hectares", "acres"),
];
const DIMENSIONS: Swaps = &[
    ("square kilometers", "kilometers"),
    ("square kilometres", "kilometres"),
    ("square meters", "meters"),
    ("square metres", "metres"),
    ("sq km", "km"),
    ("cubic meters", "meters"),
    ("cubic metres", "square metres"),
    ("kilometers", "square kilometers"),
    ("kilometres", "square kilometres"),
    ("km", "square km"),
    ("meters", "cubic meters"),
    ("metres", "square metres"),
    ("tons", "barrels"),
    ("tonnes", "cubic metres"),
    ("kilograms", "litres"),
    ("kg", "km"),
];
const BOUNDS: Swaps = &[
    ("more than", "less than"),
    ("over", "under"),
    ("less than", "more than"),
    ("fewer than", "more than"),
    ("nearly", "more than"),
    ("almost", "more than"),
    ("at least", "less than"),
    ("no less than", "less than"),
];
const DIRECTIONS: Swaps = &[
    ("rose", "fell"),
    ("fell", "rose"),
    ("increased", "decreased"),
    ("decreased", "increased"),
    ("increase", "decrease"),
    ("decrease", "increase"),
    ("grew", "shrank"),
    ("growth", "decline"),
    ("growing", "falling"),
    ("rise", "fall"),
    ("declined", "rose"),
    ("dropped", "rose"),
    ("reduced", "increased"),
    ("gained", "lost"),
];
const BASES: Swaps = &[
    ("rose to", "rose by"),
    ("fell to", "fell by"),
    ("increased to", "increased by"),
    ("dropped to", "dropped by"),
    ("declined to", "declined by"),
    ("rose by", "rose to"),
    ("fell by", "fell to"),
    ("increased by", "increased to"),
    ("decreased by", "decreased to"),
    ("grew by", "grew to"),
    ("rose", "rose to"),
    ("fell", "fell to"),
    ("increased", "increased to"),
];
const SIGNS: Swaps = &[
    ("minus ", ""),
    ("negative ", ""),
    (" below zero", ""),
    (" below freezing", ""),
];
const HALVES: Swaps = &[
    ("a.m.", "p.m."),
    ("p.m.", "a.m."),
    ("am", "pm"),
    ("pm", "am"),
    ("AM", "PM"),
    ("PM", "AM"),
];
const WEEKDAYS: Swaps = &[
    ("Monday", "Thursday"),
    ("Tuesday", "Friday"),
    ("Wednesday", "Saturday"),
    ("Thursday", "Sunday"),
    ("Friday", "Monday"),
    ("Saturday", "Tuesday"),
    ("Sunday", "Wednesday"),
];
const MONTHS: Swaps = &[
    ("January", "March"),
    ("February", "May"),
    ("March", "August"),
    ("April", "June"),
    ("June", "December"),
    ("July", "February"),
    ("August", "November"),
    ("September", "January"),
    ("October", "April"),
    ("November", "July"),
    ("December", "September"),
];
const ORDINALS: Swaps = &[
    ("first", "third"),
    ("second", "fourth"),
    ("third", "fifth"),
    ("fourth", "sixth"),
    ("fifth", "seventh"),
    ("18th", "17th"),
    ("19th", "21st"),
    ("20th", "19th"),
];
const FRACTIONS: Swaps = &[
    ("about half of", "about a quarter of"),
    ("nearly half of", "nearly a quarter of"),
    ("more than half of", "more than a quarter of"),
    ("over half of", "over a quarter of"),
    ("less than half", "less than a third"),
    ("by half", "by a quarter"),
    ("half the", "a quarter of the"),
    ("one-third", "one-quarter"),
    ("a third of", "a quarter of"),
    ("two-thirds", "three-quarters"),
    ("a quarter of", "a third of"),
    ("one-quarter", "one-third"),
    ("three-quarters", "two-thirds"),
    ("one-fifth", "one-third"),
];
const MULTIPLES: Swaps = &[
    ("doubled", "tripled"),
    ("tripled", "quadrupled"),
    ("twice the", "four times the"),
    ("twice as", "four times as"),
    ("quadrupled", "doubled"),
    ("two times", "five times"),
    ("three times", "five times"),
    ("10 times", "15 times"),
];
const IN_WORDS: Swaps = &[
    ("two", "four"),
    ("three", "five"),
    ("four", "six"),
    ("five", "eight"),
    ("six", "nine"),
    ("seven", "four"),
    ("eight", "six"),
    ("nine", "seven"),
    ("ten", "fifteen"),
];

/// Words that begin and end on the edge of a word, with a number beside them.
fn sites(en: &str, words: &str, beside: Beside) -> Vec<Range<usize>> {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let spaced = words.starts_with(' ') || words.ends_with(' ');
    let near = |range: &Range<usize>| match beside {
        Beside::Anywhere => true,
        Beside::Before(n) => {
            let words: Vec<&str> = en[..range.start].split_whitespace().collect();
            let mut near = words.iter().rev().take(n);
            near.any(|w| w.contains(|c: char| c.is_ascii_digit()))
        }
        Beside::Behind(n) => {
            let mut near = en[range.end..].split_whitespace().take(n);
            near.any(|w| w.contains(|c: char| c.is_ascii_digit()))
        }
    };
    en.match_indices(words)
        .map(|(at, word)| at..at + word.len())
        .filter(|range| {
            let whole =
                edge(en[..range.start].chars().next_back()) && edge(en[range.end..].chars().next());
            (whole || spaced) && near(range)
        })
        .collect()
}

/// One of the swaps that the text has a place for.
fn swap(en: &str, swaps: Swaps, beside: Beside, random: &mut Random) -> Option<String> {
    let all: Vec<(Range<usize>, &str)> = swaps
        .iter()
        .flat_map(|(from, to)| sites(en, from, beside).into_iter().map(move |at| (at, *to)))
        .collect();
    // the longest of those that begin at one place
    let longest: Vec<&(Range<usize>, &str)> = all
        .iter()
        .filter(|(at, _)| {
            all.iter()
                .all(|(other, _)| other.start != at.start || other.end <= at.end)
        })
        .collect();
    if longest.is_empty() {
        return None;
    }
    let (at, to) = longest[random.below(longest.len())];
    let mut out = en.to_owned();
    out.replace_range(at.clone(), to);
    Some(out)
}

/// A number of the text that `fits`, replaced.
fn renumber(
    en: &str,
    random: &mut Random,
    fits: impl Fn(&str, &str, &str) -> bool,
    new: impl Fn(u32) -> u32,
) -> Option<String> {
    let found: Vec<Range<usize>> = numbers(en)
        .into_iter()
        .map(|number| number.range)
        .filter(|r| fits(&en[..r.start], &en[r.clone()], &en[r.end..]))
        .collect();
    if found.is_empty() {
        return None;
    }
    let at = found[random.below(found.len())].clone();
    let value: u32 = en[at.clone()].parse().ok()?;
    let mut out = en.to_owned();
    out.replace_range(at, &new(value).to_string());
    Some(out)
}

fn ends_with_month(before: &str) -> bool {
    let before = before.trim_end();
    MONTHS.iter().any(|(month, _)| before.ends_with(month))
}

/// What a number counts, for two that may change places: its sign or the word behind it.
fn sort(en: &str, at: &Range<usize>) -> (bool, bool) {
    let percent = en[at.end..].trim_start().starts_with(['%'])
        || en[at.end..].trim_start().starts_with("per");
    (percent, en[..at.start].ends_with(['$', '€', '£', '¥']))
}

fn exchange(en: &str, random: &mut Random) -> Option<String> {
    let is_year = |r: &Range<usize>| r.len() == 4 && en[r.clone()].starts_with(['1', '2']);
    let found: Vec<Range<usize>> = numbers(en)
        .into_iter()
        .map(|n| n.range)
        .filter(|r| !is_year(r) && !ends_with_month(&en[..r.start]))
        .collect();
    let mut pairs = Vec::new();
    for (i, a) in found.iter().enumerate() {
        for b in &found[i + 1..] {
            if sort(en, a) == sort(en, b) && en[a.clone()] != en[b.clone()] {
                pairs.push((a.clone(), b.clone()));
            }
        }
    }
    if pairs.is_empty() {
        return None;
    }
    let (a, b) = pairs[random.below(pairs.len())].clone();
    Some(format!(
        "{}{}{}{}{}",
        &en[..a.start],
        &en[b.clone()],
        &en[a.end..b.start],
        &en[a.clone()],
        &en[b.end..]
    ))
}

/// Without one of its numbers, which it does not repeat; its ending or sign goes too.
fn drop_number(en: &str, random: &mut Random) -> Option<String> {
    let all = numbers(en);
    let once: Vec<Range<usize>> = all
        .iter()
        .map(|n| n.range.clone())
        .filter(|r| en.matches(&en[r.clone()]).count() == 1)
        .collect();
    if once.is_empty() {
        return None;
    }
    let at = once[random.below(once.len())].clone();
    let endings = ["st", "nd", "rd", "th", "%"];
    let ending = endings.iter().find(|e| en[at.end..].starts_with(**e));
    let end = at.end + ending.map_or(0, |e| e.len());
    let sign = en[..at.start]
        .chars()
        .next_back()
        .filter(|c| matches!(c, '$' | '€' | '£' | '¥'));
    let start = at.start - sign.map_or(0, char::len_utf8);
    Some(format!("{}{}", &en[..start], &en[end..]))
}

/// 3-1 as 1-3.
fn turn_score(en: &str) -> Option<String> {
    let bytes = en.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    for (at, _) in en.match_indices(['-', '–']) {
        let dash = en[at..].chars().next()?.len_utf8();
        let start = (0..at).rev().take_while(|i| digit(*i)).last()?;
        let end = (at + dash..bytes.len()).take_while(|i| digit(*i)).last()? + 1;
        let (a, b) = (&en[start..at], &en[at + dash..end]);
        let alone = !en[..start].ends_with(|c: char| c.is_alphanumeric() || c == '.')
            && !en[end..].starts_with(|c: char| {
                c.is_alphanumeric() || "-–.%".contains(c) && !en[end..].starts_with(". ")
            });
        let (Ok(x), Ok(y)) = (a.parse::<u32>(), b.parse::<u32>()) else {
            continue;
        };
        if alone && x > y && x < 100 {
            return Some(format!(
                "{}{b}{}{a}{}",
                &en[..start],
                &en[at..at + dash],
                &en[end..]
            ));
        }
    }
    None
}

/// `en` with one error of the given kind; `None` where nothing in it can go wrong in that way.
pub(super) fn plant(en: &str, how: Planted, random: &mut Random) -> Option<String> {
    use Beside::{Anywhere, Before, Behind};
    match how {
        Planted::TimesTen => corrupt(en, Corruption::TimesTen, random),
        Planted::TimesHundred => corrupt(en, Corruption::TimesHundred, random),
        Planted::TenthOf => corrupt(en, Corruption::TenthOf, random),
        Planted::Dropped => drop_number(en, random),
        Planted::DigitOff => corrupt(en, Corruption::DigitOff, random),
        Planted::ScaleWord => swap(en, SCALES, Before(1), random),
        Planted::Currency => swap(en, CURRENCIES, Before(3), random),
        Planted::DollarOfAnother => swap(en, DOLLARS, Before(3), random),
        Planted::PercentOrPoints => swap(en, POINTS, Before(1), random),
        Planted::Unit => swap(en, UNITS, Before(1), random),
        Planted::Dimension => swap(en, DIMENSIONS, Before(1), random),
        Planted::Bound => swap(en, BOUNDS, Behind(1), random),
        Planted::Direction => swap(en, DIRECTIONS, Behind(2), random),
        Planted::Base => swap(en, BASES, Behind(1), random),
        Planted::Sign => {
            swap(en, SIGNS, Behind(1), random).or_else(|| swap(en, SIGNS, Before(3), random))
        }
        Planted::HalfOfDay => swap(en, HALVES, Before(1), random),
        Planted::Hour => renumber(
            en,
            random,
            |_, number, after| {
                let behind = after.trim_start().to_ascii_lowercase();
                let half = ["a.m", "p.m", "am", "pm", "o'clock"];
                number.len() <= 2 && half.iter().any(|h| behind.starts_with(h))
            },
            |hour| hour % 12 + 1,
        ),
        Planted::Weekday => swap(en, WEEKDAYS, Anywhere, random),
        Planted::Month => swap(en, MONTHS, Anywhere, random),
        Planted::Day => renumber(
            en,
            random,
            |before, number, _| number.len() <= 2 && ends_with_month(before),
            |day| if day > 15 { day - 3 } else { day + 4 },
        ),
        Planted::Year => renumber(
            en,
            random,
            |_, number, _| {
                number.len() == 4 && number.starts_with(['1', '2']) && !number.contains('.')
            },
            |year| year - 3,
        ),
        Planted::Ordinal => swap(en, ORDINALS, Anywhere, random),
        Planted::Fraction => swap(en, FRACTIONS, Anywhere, random),
        Planted::Multiple => swap(en, MULTIPLES, Anywhere, random),
        Planted::NumberInWords => swap(en, IN_WORDS, Anywhere, random),
        Planted::Invented => {
            let end = en.trim_end_matches(['.', '"', '”', ' ']).len();
            let count = 13 + random.below(80);
            Some(format!("{} in {count} cities{}", &en[..end], &en[end..]))
        }
        Planted::Exchanged => exchange(en, random),
        Planted::ScoreTurned => turn_score(en),
    }
}
