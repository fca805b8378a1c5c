//! A sentence with its figures and names taken out, and an English sentence with others put in.
//!
//! Two Chinese sentences that differ in figures and names alone have one [`Pattern::key`]; what was
//! taken out of each are its slots. [`substitute`] carries the English of the first over to the second,
//! or says that it cannot: a figure that the English has twice, or nowhere, or in other words is not
//! guessed at.

use std::ops::Range;

use kuaibao_text::{
    figures::{
        Clock, EnglishFigure, EnglishValue, FigureKind, Value, english_number, extract,
        extract_english, month_name,
    },
    people::Name,
    text::{self, simplify},
};

/// A Chinese sentence with its figures and names taken out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    /// What is left, with a mark for each slot.
    pub(super) key: String,
    /// What was taken out, in order.
    slots: Vec<Slot>,
}

/// What stands in a slot.
#[derive(Clone, Debug, PartialEq)]
enum Slot {
    Figure(Vec<Atom>),
    Name(String, String),
}

/// A single value of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Atom {
    Number(f64),
    Year(i32),
    Month(u32),
    Day(u32),
}

/// Stands for digits in a key; no text that was decoded holds it.
const DIGITS: char = '\0';
/// Stands for a name in a key.
const NAME: char = '\u{1}';

/// A text as it is compared: simplified, without white space.
pub(super) fn squeezed(zh: &str) -> String {
    simplify(&text::squeezed(zh)).into_owned()
}

impl Pattern {
    /// Takes a sentence apart; `zh` is [`squeezed`], the names are of people in it.
    pub(super) fn of<'a>(zh: &str, names: impl IntoIterator<Item = Name<'a>>) -> Self {
        let mut taken: Vec<(Range<usize>, String, Slot)> = Vec::new();
        let free = |taken: &[(Range<usize>, String, Slot)], range: &Range<usize>| {
            let apart = |(other, ..): &(Range<usize>, _, _)| {
                range.end <= other.start || other.end <= range.start
            };
            taken.iter().all(apart)
        };
        let mut names: Vec<(String, &str)> = names
            .into_iter()
            .map(|name| (squeezed(name.zh), name.en))
            .collect();
        names.sort_by_key(|(zh, _)| std::cmp::Reverse(zh.len()));
        for (name, en) in names {
            for (at, _) in zh.match_indices(&name) {
                let range = at..at + name.len();
                if free(&taken, &range) {
                    let slot = Slot::Name(name.clone(), en.to_owned());
                    taken.push((range, NAME.to_string(), slot));
                }
            }
        }
        // Relative dates are words of the sentence: they stay what they are whatever the day.
        for figure in extract(zh, &Clock::unknown()) {
            let Some(atoms) = atoms(figure.kind, &figure.value) else {
                continue;
            };
            let text = &zh[figure.range.clone()];
            let mask = masked(text);
            if mask.contains(DIGITS) && free(&taken, &figure.range) {
                taken.push((figure.range, mask, Slot::Figure(atoms)));
            }
        }
        taken.sort_by_key(|(range, ..)| range.start);
        let mut key = String::new();
        let mut end = 0;
        let mut slots = Vec::new();
        for (range, mask, slot) in taken {
            key.push_str(&zh[end..range.start]);
            key.push_str(&mask);
            end = range.end;
            slots.push(slot);
        }
        key.push_str(&zh[end..]);
        Self { key, slots }
    }
}

/// The values that a figure consists of; `None` where English has too many ways to say it.
fn atoms(kind: FigureKind, value: &Value) -> Option<Vec<Atom>> {
    let plain = |n: &f64| Atom::Number(n.abs());
    match (kind, value) {
        (FigureKind::Date, Value::Date(edtf)) => date_atoms(edtf),
        (
            FigureKind::Number
            | FigureKind::Percent
            | FigureKind::Money
            | FigureKind::Quantity
            | FigureKind::Duration
            | FigureKind::Age,
            Value::Number(n),
        ) => Some(vec![plain(n)]),
        (
            FigureKind::Number | FigureKind::Percent | FigureKind::Money | FigureKind::Quantity,
            Value::Range(a, b),
        ) => Some(vec![plain(a), plain(b)]),
        _ => None,
    }
}

/// Year, month and day of a date, as far as it has them.
fn date_atoms(edtf: &str) -> Option<Vec<Atom>> {
    let mut atoms = Vec::new();
    for date in edtf.split('/') {
        for (i, part) in date.split('-').enumerate() {
            if part.contains('X') {
                continue;
            }
            atoms.push(match i {
                0 => Atom::Year(part.parse().ok()?),
                1 => Atom::Month(part.parse().ok().filter(|m| (1..=12).contains(m))?),
                2 => Atom::Day(part.parse().ok()?),
                _ => return None,
            });
        }
    }
    Some(atoms)
}

/// A figure's text with a mark for each run of numerals.
fn masked(text: &str) -> String {
    const NUMERALS: &str = "〇零一二三四五六七八九十百千万亿两";
    let mut mask = String::new();
    for c in text.chars() {
        let is_digit = c.is_ascii_digit() || ('０'..='９').contains(&c) || NUMERALS.contains(c);
        let joins = matches!(c, '.' | ',' | '，' | '．') && mask.ends_with(DIGITS);
        if !is_digit && !joins {
            mask.push(c);
        } else if !mask.ends_with(DIGITS) {
            mask.push(DIGITS);
        }
    }
    mask
}

/// The English of a sentence with pattern `old` as that of a sentence with pattern `new`; `None` where
/// something has no one place in it.
pub(super) fn substitute(zh: &str, en: &str, old: &Pattern, new: &Pattern) -> Option<String> {
    if old.key != new.key || old.slots.len() != new.slots.len() {
        return None;
    }
    let figures = extract_english(en);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut edit = |range: Range<usize>, text: String| {
        let twice = |(other, with): &(Range<usize>, String)| *other == range && *with == text;
        let apart =
            |(other, _): &(Range<usize>, _)| range.end <= other.start || other.end <= range.start;
        if edits.iter().any(twice) {
            return Some(());
        }
        let free = edits.iter().all(apart);
        free.then(|| edits.push((range, text)))
    };
    for (old, new) in old.slots.iter().zip(&new.slots) {
        match (old, new) {
            (Slot::Figure(old), Slot::Figure(new)) if old.len() == new.len() => {
                for (&old, &new) in old.iter().zip(new) {
                    if old != new {
                        let (range, text) = replace_value(en, &figures, old, new)?;
                        edit(range, text)?;
                    }
                }
            }
            (Slot::Name(old_zh, old), Slot::Name(new_zh, new)) => {
                if old_zh != new_zh {
                    for (range, text) in replace_name(zh, en, old, new)? {
                        edit(range, text)?;
                    }
                }
            }
            _ => return None,
        }
    }
    Some(edited(en, edits))
}

/// A text with others in the place of some of its parts, which do not overlap.
fn edited(en: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut made = String::new();
    let mut end = 0;
    for (range, text) in edits {
        made.push_str(&en[end..range.start]);
        with_article(&mut made, &text);
        made.push_str(&text);
        end = range.end;
    }
    made.push_str(&en[end..]);
    made
}

/// An English sentence that calls a thing otherwise; `None` where it does not name it. A person is called
/// by the surname alone too.
pub(super) fn renamed(en: &str, old: &str, new: &str, is_person: bool) -> Option<String> {
    let edits = match is_person {
        true => edits_of_name(en, old, new),
        false => {
            let found = whole_words(en, old);
            found.map(|range| (range, new.to_owned())).collect()
        }
    };
    (!edits.is_empty()).then(|| edited(en, edits))
}

/// Where the English has a value, and what stands there for the other.
fn replace_value(
    en: &str,
    figures: &[EnglishFigure],
    old: Atom,
    new: Atom,
) -> Option<(Range<usize>, String)> {
    let is_old = |figure: &&EnglishFigure| match (old, figure.value) {
        (Atom::Month(old), EnglishValue::Month(month)) => old == month,
        (Atom::Number(old), EnglishValue::Number(n)) => (n.abs() - old).abs() <= old.abs() * 1e-9,
        (Atom::Year(old), EnglishValue::Number(n)) => n == f64::from(old),
        (Atom::Day(old), EnglishValue::Number(n)) => n == f64::from(old),
        _ => false,
    };
    let mut found = figures.iter().filter(is_old);
    let figure = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let text = &en[figure.range.clone()];
    let start = figure.range.start;
    match (old, new) {
        (Atom::Month(old), Atom::Month(new)) => {
            let (full, name) = (month_name(old as usize)?, month_name(new as usize)?);
            if text == full {
                return Some((figure.range.clone(), name.to_owned()));
            }
            // `Sept.` and the like.
            let dot = if text.ends_with('.') { "." } else { "" };
            full.starts_with(text.trim_end_matches('.'))
                .then(|| (figure.range.clone(), format!("{}{dot}", &name[..3])))
        }
        (Atom::Year(_), Atom::Year(new)) => {
            let digits = digits(text).filter(|d| d.len() == 4)?;
            Some((start + digits.start..start + digits.end, new.to_string()))
        }
        (Atom::Day(_), Atom::Day(new)) => {
            let digits = digits(text)?;
            let rest = &text[digits.end..];
            let suffix = ["st", "nd", "rd", "th"].iter().any(|s| rest.starts_with(s));
            let end = digits.end + if suffix { 2 } else { 0 };
            let suffix = if suffix { ordinal_suffix(new) } else { "" };
            Some((start + digits.start..start + end, format!("{new}{suffix}")))
        }
        (Atom::Number(old), Atom::Number(new)) => {
            // One thing and several are called differently.
            if (old == 1.0) != (new == 1.0) {
                return None;
            }
            // *A dozen*, *half*: other words would be other numbers.
            let digits = digits(text)?;
            let (length, scale) = magnitude(&text[digits.end..]);
            let range = start + digits.start..start + digits.end + length;
            let word = &text[digits.end..digits.end + length];
            Some((range, in_scale(new, scale, word)))
        }
        _ => None,
    }
}

/// A number in thousands, millions … as the one before it was, where that reads well.
fn in_scale(n: f64, scale: f64, word: &str) -> String {
    let scaled = n / scale;
    let printed = format!("{}", (scaled * 1e3).round() / 1e3);
    let exact = printed
        .parse::<f64>()
        .is_ok_and(|p| (p - scaled).abs() <= scaled.abs() * 1e-9);
    if scale > 1.0 && exact && (1.0..1000.0).contains(&scaled) {
        return format!("{printed}{word}");
    }
    english_number(n)
}

/// The first number in digits.
fn digits(text: &str) -> Option<Range<usize>> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let goes_on = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let length = text[start..].find(|c| !goes_on(c));
    let end = length.map_or(text.len(), |length| start + length);
    let trimmed = text[start..end].trim_end_matches(['.', ',']);
    Some(start..start + trimmed.len())
}

/// Bytes of the magnitude that stands at the head of a text, and what it multiplies with.
fn magnitude(text: &str) -> (usize, f64) {
    const MAGNITUDES: [(&str, f64); 4] = [
        ("thousand", 1e3),
        ("million", 1e6),
        ("billion", 1e9),
        ("trillion", 1e12),
    ];
    let word = text.trim_start_matches([' ', '-', '\u{a0}']);
    let gap = text.len() - word.len();
    let found = MAGNITUDES.iter().find(|(name, _)| word.starts_with(name));
    found.map_or((0, 1.0), |(name, scale)| (gap + name.len(), *scale))
}

fn ordinal_suffix(n: u32) -> &'static str {
    match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

/// Makes an article at the end of a text that of the number that comes next: *an* 8, *a* 5.
fn with_article(made: &mut String, number: &str) {
    let head: String = number.chars().take_while(char::is_ascii_digit).collect();
    if head.is_empty() {
        return;
    }
    let vowel = head.starts_with('8') || head == "11" || head == "18";
    let word = made.trim_end_matches(' ').rsplit(' ').next().unwrap_or("");
    let right = match (word, vowel) {
        ("a", true) => "an",
        ("an", false) => "a",
        ("A", true) => "An",
        ("An", false) => "A",
        _ => return,
    };
    let at = made.trim_end_matches(' ').len() - word.len();
    let range = at..at + word.len();
    made.replace_range(range, right);
}

/// Where the English names a person, and what stands there for the other; `None` where it does not, or
/// says of the person what may not be true of the other.
fn replace_name(zh: &str, en: &str, old: &str, new: &str) -> Option<Vec<(Range<usize>, String)>> {
    const GENDERED: [&str; 11] = [
        "he", "she", "his", "her", "hers", "him", "himself", "herself", "mr", "ms", "mrs",
    ];
    let mut words = en.split(|c: char| !c.is_alphabetic());
    if !zh.contains(['他', '她'])
        && words.any(|word| GENDERED.contains(&word.to_ascii_lowercase().as_str()))
    {
        return None;
    }
    let edits = edits_of_name(en, old, new);
    (!edits.is_empty()).then_some(edits)
}

/// Where the English names a person, in full or by the surname alone.
fn edits_of_name(en: &str, old: &str, new: &str) -> Vec<(Range<usize>, String)> {
    let mut edits: Vec<(Range<usize>, String)> = whole_words(en, old)
        .map(|range| (range, new.to_owned()))
        .collect();
    // The surname alone, as a name is said the second time.
    if let (Some((old, given)), Some((new, _))) = (old.split_once(' '), new.split_once(' '))
        && !given.contains(' ')
    {
        for range in whole_words(en, old) {
            let inside = |(other, _): &(Range<usize>, _)| {
                other.start <= range.start && range.end <= other.end
            };
            if !edits.iter().any(inside) {
                edits.push((range, new.to_owned()));
            }
        }
    }
    edits
}

/// Where a text has words as they are, not as parts of others.
fn whole_words<'a>(en: &'a str, words: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    en.match_indices(words).filter_map(move |(at, _)| {
        let end = at + words.len();
        let before = en[..at].chars().next_back();
        let after = en[end..].chars().next();
        let apart = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '-');
        (apart(before) && apart(after)).then_some(at..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(
        (zh, en): (&str, &str),
        old: &[(&str, &str)],
        other: &str,
        new: &[(&str, &str)],
    ) -> Option<String> {
        let pattern = |zh: &str, names: &[(&str, &str)]| {
            let names = names.iter().filter_map(|(zh, en)| Name::new(zh, en));
            Pattern::of(&squeezed(zh), names)
        };
        substitute(zh, en, &pattern(zh, old), &pattern(other, new))
    }

    #[test]
    fn figures_are_carried_over_by_value() {
        let cases = [
            (
                "出口额同比增长5.2%。",
                "Exports rose 5.2 percent on the year.",
                "出口额同比增长6.1%。",
                Some("Exports rose 6.1 percent on the year."),
            ),
            (
                "出口额同比增长5.2%。",
                "Exports rose 5.2% on the year.",
                "出口额 同比增长12%。",
                Some("Exports rose 12% on the year."),
            ),
            (
                "出口额增长5%。",
                "Exports saw a 5 percent rise.",
                "出口额增长8%。",
                Some("Exports saw an 8 percent rise."),
            ),
            (
                "总投资90亿元。",
                "Investment came to 9 billion yuan.",
                "总投资128.6亿元。",
                Some("Investment came to 12.86 billion yuan."),
            ),
            (
                "总投资90亿元。",
                "Investment came to 9 billion yuan.",
                "总投资5000万元。",
                Some("Investment came to 50 million yuan."),
            ),
            (
                "新增就业3200人。",
                "It created 3,200 jobs.",
                "新增就业450人。",
                Some("It created 450 jobs."),
            ),
            (
                "3月17日开工。",
                "Work began on March 17.",
                "7月2日开工。",
                Some("Work began on July 2."),
            ),
            (
                "2026年3月17日开工。",
                "Work began on 17th March 2026.",
                "2025年3月2日开工。",
                Some("Work began on 2nd March 2025."),
            ),
            // Once, and it is not known which.
            (
                "甲厂增长5%，乙厂增长5%。",
                "Plant A rose 5%, plant B 5%.",
                "甲厂增长5%，乙厂增长6%。",
                None,
            ),
            // The English says it in other words.
            (
                "出口额增长50%。",
                "Exports rose by half.",
                "出口额增长60%。",
                None,
            ),
            // One thing and several.
            ("新建学校1所。", "It built 1 school.", "新建学校3所。", None),
            // Other words are another sentence, and so is another unit, bound or day.
            (
                "出口额增长5.2%。",
                "Exports rose 5.2%.",
                "进口额增长6.1%。",
                None,
            ),
            (
                "投资超过90亿元。",
                "Investment topped 9 billion yuan.",
                "投资近80亿元。",
                None,
            ),
            (
                "去年3月开工。",
                "Work began last March.",
                "今年5月开工。",
                None,
            ),
        ];
        for (zh, en, other, right) in cases {
            assert_eq!(
                carried((zh, en), &[], other, &[]).as_deref(),
                right,
                "{zh} {other}"
            );
        }
    }

    #[test]
    fn names_are_carried_over_where_nothing_else_is_said_of_them() {
        let wang = [("王浩", "Wang Hao")];
        let li = [("李晓明", "Li Xiaoming")];
        let other = "市长李晓明到会。";
        let of = |en| carried(("市长王浩到会。", en), &wang, other, &li);
        assert_eq!(
            of("Mayor Wang Hao came.").as_deref(),
            Some("Mayor Li Xiaoming came.")
        );
        assert_eq!(
            of("Wang, the mayor, came.").as_deref(),
            Some("Li, the mayor, came.")
        );
        assert_eq!(of("The mayor came."), None);
        assert_eq!(of("Wang Hao came in his car."), None);
        assert_eq!(of("Wangzhou's mayor came."), None);
    }
}
