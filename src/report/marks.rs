//! Where a sentence says its figures, in Chinese and in English.
//!
//! Comes in: a sentence and the figures that stand in it. Goes out: its two texts in runs, within
//! a figure or not. Decides nothing about right and wrong: the flags of the sentence do.

use kuaibao_text::checks::FlagKind;
use kuaibao_text::figures::FigureRecord;
use std::{collections::HashSet, ops::Range};

use serde::Serialize;
use serde_json::Value;

use crate::brief::record::Segment;
use kuaibao_text::{
    figures::month_name,
    figures::{EnglishFigure, EnglishValue, FigureKind, extract_english},
    text::is_function_word,
};

/// Figures of one sentence that are marked in its two texts, and bytes of a text and of a figure
/// that is searched. No sentence that a person would read has more; a hostile one must not cost
/// more.
const MARKED_FIGURES: usize = 64;
const LONGEST_MARKED: usize = 8 << 10;
const LONGEST_FIGURE: usize = 200;

/// A run of text, within a figure or not.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    pub(super) text: String,
    /// The number of the figure in `View::figures`.
    pub(super) figure: Option<usize>,
    /// Whether the other language does not say the figure, and the sentence is flagged for it.
    pub(super) lost: bool,
}

/// A figure and its number in the table of figures.
pub(super) type Numbered<'a> = (usize, &'a FigureRecord);

/// A range of a text and the number of the figure that it says.
type Mark = (Range<usize>, usize);

/// The English and the Chinese of a sentence, `figures` marked in both.
pub(super) fn marked(segment: &Segment, figures: &[Numbered]) -> [Vec<Piece>; 2] {
    let figures = &figures[..figures.len().min(MARKED_FIGURES)];
    let en = English::new(&segment.en);
    let en = marks(figures, |figure, marks| en.find(figure, marks));
    let zh = marks(figures, |figure, marks| {
        in_chinese(&segment.zh, figure, marks)
    });
    let said: HashSet<usize> = en.iter().map(|(_, number)| *number).collect();
    let lost: HashSet<usize> = figures
        .iter()
        .filter(|(number, figure)| !said.contains(number) && is_flagged(segment, figure))
        .map(|(number, _)| *number)
        .collect();
    [
        pieces(&segment.en, &en, &lost),
        pieces(&segment.zh, &zh, &lost),
    ]
}

/// Whether a flag of the sentence says that the English is wrong about the figure or lacks it.
pub(super) fn is_flagged(segment: &Segment, figure: &FigureRecord) -> bool {
    segment.flags.iter().any(|flag| {
        matches!(flag.kind, FlagKind::FigureMissing | FlagKind::FigureWrong)
            && flag.message.contains(&figure.zh)
    })
}

/// What English counts with a figure, in the words behind it: “fire trucks” of “38 fire trucks and 196
/// firefighters”.
pub(super) fn behind_in_english(en: &English, figure: &FigureRecord) -> Option<String> {
    const LONGEST: usize = 3;
    let range = en.find(figure, &[])?;
    let mut counted: Vec<&str> = Vec::new();
    for word in en.text[range.end..]
        .strip_prefix(' ')?
        .split(' ')
        .take(LONGEST)
    {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let plain = bare.chars().all(|c| c.is_alphabetic() || c == '-') && !bare.is_empty();
        if !plain || is_function_word(&bare.to_lowercase()) {
            break;
        }
        counted.push(bare);
        if bare.len() < word.len() {
            break;
        }
    }
    let noun = counted
        .iter()
        .rposition(|word| word.ends_with('s') && !word.ends_with("ss"));
    let end = noun.map_or(1, |at| at + 1).min(counted.len());
    (end > 0).then(|| counted[..end].join(" "))
}

/// Looks for each figure, clear of the marks already made.
fn marks(
    figures: &[Numbered],
    find: impl Fn(&FigureRecord, &[Mark]) -> Option<Range<usize>>,
) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (number, figure) in figures {
        if let Some(range) = find(figure, &marks) {
            marks.push((range, *number));
        }
    }
    marks.sort_by_key(|(range, _)| range.start);
    marks
}

/// The figure as written, white space apart, behind the one before it.
fn in_chinese(text: &str, figure: &FigureRecord, marks: &[Mark]) -> Option<Range<usize>> {
    if figure.zh.is_empty() || figure.zh.len() > LONGEST_FIGURE || text.len() > LONGEST_MARKED {
        return None;
    }
    let from = marks.last().map_or(0, |(range, _)| range.end);
    text[from..].char_indices().find_map(|(at, _)| {
        let start = from + at;
        let mut rest = text[start..].char_indices();
        let mut end = start;
        for wanted in figure.zh.chars().filter(|c| !c.is_whitespace()) {
            let (at, found) = rest.by_ref().find(|(_, c)| !c.is_whitespace())?;
            if found != wanted {
                return None;
            }
            end = start + at + found.len_utf8();
        }
        Some(start..end).filter(|_| !text[start..].starts_with(char::is_whitespace))
    })
}

/// An English text and the figures that it states: read once, for all that is looked for in it.
pub(super) struct English<'a> {
    text: &'a str,
    said: Vec<EnglishFigure>,
}

impl<'a> English<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let text = if text.len() > LONGEST_MARKED {
            ""
        } else {
            text
        };
        Self {
            text,
            said: extract_english(text),
        }
    }

    /// The figure as rendered; else its day, or a number of the same value.
    fn find(&self, figure: &FigureRecord, marks: &[Mark]) -> Option<Range<usize>> {
        self.words(&figure.en, marks)
            .or_else(|| match &figure.value {
                Value::String(date) => days(date).iter().find_map(|day| self.words(day, marks)),
                value => self.value(value, figure.kind == "percent", marks),
            })
    }

    fn words(&self, wanted: &str, marks: &[Mark]) -> Option<Range<usize>> {
        if wanted.is_empty() || wanted.len() > LONGEST_FIGURE {
            return None;
        }
        self.text
            .as_bytes()
            .windows(wanted.len())
            .enumerate()
            .filter(|(_, window)| window.eq_ignore_ascii_case(wanted.as_bytes()))
            .map(|(start, _)| start..start + wanted.len())
            .find(|range| stands_alone(self.text, range) && is_free(range, marks))
    }

    /// A number, or both ends of a range one after the other.
    fn value(&self, value: &Value, percent: bool, marks: &[Mark]) -> Option<Range<usize>> {
        let wanted: Vec<f64> = match value {
            Value::Array(ends) => ends.iter().filter_map(Value::as_f64).collect(),
            value => value.as_f64().into_iter().collect(),
        };
        // An empty window would be asked for when no number is wanted.
        let last = wanted.len().checked_sub(1)?;
        self.said
            .windows(wanted.len())
            .filter(|window| {
                window
                    .iter()
                    .zip(&wanted)
                    .all(|(said, wanted)| states(said, *wanted, percent))
            })
            .map(|window| window[0].range.start..window[last].range.end)
            .find(|range| is_free(range, marks))
    }
}

fn states(said: &EnglishFigure, wanted: f64, percent: bool) -> bool {
    let EnglishValue::Number(value) = said.value else {
        return false;
    };
    let equal = |value: f64| (value - wanted).abs() <= wanted.abs() * 1e-9;
    (said.kind == FigureKind::Percent) == percent
        && (equal(value) || said.alternate.is_some_and(equal))
}

fn is_free(range: &Range<usize>, marks: &[Mark]) -> bool {
    marks
        .iter()
        .all(|(taken, _)| range.end <= taken.start || taken.end <= range.start)
}

/// Ways to say an EDTF date in English: of an interval, its first day.
fn days(date: &str) -> Vec<String> {
    let first = date.split('/').next().unwrap_or_default();
    let mut parts = first.trim_end_matches(['~', '?', '%']).splitn(3, '-');
    let year = parts.next().unwrap_or_default();
    let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
    match (number().and_then(month_name), number()) {
        (Some(month), Some(day)) => vec![format!("{month} {day}"), format!("{day} {month}")],
        (Some(month), None) => vec![format!("{month} {year}"), month.to_owned()],
        (None, _) => vec![year.to_owned()],
    }
}

/// Whether a range is no part of a longer word or number.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let Some((before, after)) = text.get(..range.start).zip(text.get(range.end..)) else {
        return false;
    };
    let joins = |side: &mut dyn Iterator<Item = char>| match side.next() {
        Some('.' | ',') => side.next().is_some_and(|c| c.is_ascii_digit()),
        other => other.is_some_and(char::is_alphanumeric),
    };
    !joins(&mut before.chars().rev()) && !joins(&mut after.chars())
}

fn pieces(text: &str, marks: &[Mark], lost: &HashSet<usize>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |range: Range<usize>, figure: Option<usize>| {
        if !range.is_empty() {
            pieces.push(Piece {
                text: text[range].to_owned(),
                figure,
                lost: figure.is_some_and(|number| lost.contains(&number)),
            });
        }
    };
    let mut done = 0;
    for (range, number) in marks {
        push(done..range.start, None);
        push(range.clone(), Some(*number));
        done = range.end;
    }
    push(done..text.len(), None);
    pieces
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figure(kind: &str, zh: &str, value: Value, en: &str) -> FigureRecord {
        FigureRecord {
            schema: String::new(),
            source: String::new(),
            article: String::new(),
            kind: kind.into(),
            zh: zh.into(),
            start: 0,
            end: 0,
            value,
            unit: None,
            currency: None,
            currency_stated: false,
            bound: None,
            en: en.into(),
            what: None,
            direction: None,
            compared: None,
            sentence_id: None,
            sentence: String::new(),
        }
    }

    #[test]
    fn a_figure_is_found_in_other_words() {
        for (text, kind, value, en, expected) in [
            (
                "It cost 9 billion yuan.",
                "money",
                json!(9e9),
                "9 billion yuan",
                Some("9 billion yuan"),
            ),
            (
                "It cost 9,000 million.",
                "money",
                json!(9e9),
                "9 billion yuan",
                Some("9,000 million"),
            ),
            (
                "It cost 90 billion yuan.",
                "money",
                json!(9e9),
                "9 billion yuan",
                None,
            ),
            ("In 1990 it was 90.5.", "number", json!(90), "90", None),
            (
                "On 17 March, and March 18",
                "date",
                json!("2026-03-17"),
                "March 17, 2026",
                Some("17 March"),
            ),
            (
                "By late February",
                "date",
                json!("2026-02~"),
                "the end of February 2026",
                Some("February"),
            ),
            (
                "up 40 to 50 billion",
                "money",
                json!([4e10, 5e10]),
                "40 billion to 50 billion yuan",
                Some("40 to 50 billion"),
            ),
            ("half of them", "percent", json!(20), "20%", None),
            ("", "number", json!([]), "", None),
        ] {
            let found = English::new(text).find(&figure(kind, "", value, en), &[]);
            assert_eq!(found.map(|range| &text[range]), expected, "{text}");
        }
    }

    #[test]
    fn a_figure_is_found_in_chinese_across_white_space() {
        for (text, zh, expected) in [
            ("增长 4 0 亿元。", "40亿元", Some("4 0 亿元")),
            ("增长50亿元。", "40亿元", None),
            ("增长4", "40", None),
        ] {
            let found = in_chinese(text, &figure("number", zh, Value::Null, ""), &[]);
            assert_eq!(found.map(|range| &text[range]), expected, "{text}");
        }
    }
}
