//! Where a sentence says its figures, in Chinese and in English.
//!
//! Comes in: a sentence and the figures that stand in it. Goes out: its two texts in runs, within
//! a figure or not. Decides nothing about right and wrong: the flags of the sentence do.

use std::{collections::HashSet, ops::Range};

use serde::Serialize;
use serde_json::Value;

use super::view::month_name;
use crate::brief::record::{FigureRecord, FlagKind, Segment};

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
    /// The number of the figure in [`View::figures`].
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
    let en = marks(&segment.en, figures, in_english);
    let zh = marks(&segment.zh, figures, in_chinese);
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

/// Looks for a figure in a text, clear of the marks already made.
type Find = fn(&str, &FigureRecord, &[Mark]) -> Option<Range<usize>>;

fn marks(text: &str, figures: &[Numbered], find: Find) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    if text.len() > LONGEST_MARKED {
        return marks;
    }
    for (number, figure) in figures {
        if let Some(range) = find(text, figure, &marks) {
            marks.push((range, *number));
        }
    }
    marks.sort_by_key(|(range, _)| range.start);
    marks
}

/// The figure as written, white space apart, behind the one before it.
fn in_chinese(text: &str, figure: &FigureRecord, marks: &[Mark]) -> Option<Range<usize>> {
    if figure.zh.is_empty() || figure.zh.len() > LONGEST_FIGURE {
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

/// The figure as rendered, or at least its number or day, where the English says it so.
fn in_english(text: &str, figure: &FigureRecord, marks: &[Mark]) -> Option<Range<usize>> {
    let free = |range: &Range<usize>| {
        stands_alone(text, range)
            && marks
                .iter()
                .all(|(taken, _)| range.end <= taken.start || taken.end <= range.start)
    };
    renderings(figure)
        .iter()
        .filter(|wanted| !wanted.is_empty() && wanted.len() <= LONGEST_FIGURE)
        .find_map(|wanted| {
            text.as_bytes()
                .windows(wanted.len())
                .enumerate()
                .filter(|(_, window)| window.eq_ignore_ascii_case(wanted.as_bytes()))
                .map(|(start, _)| start..start + wanted.len())
                .find(free)
        })
}

/// Ways to say a figure in English, the most telling first.
fn renderings(figure: &FigureRecord) -> Vec<String> {
    let mut ways = vec![figure.en.clone()];
    match &figure.value {
        Value::String(date) if figure.kind == "date" => {
            // `2026-03-17` and `2026-03-17/2026-03-18`, by their first day.
            let first = date.split('/').next().unwrap_or_default();
            let mut parts = first.trim_end_matches(['~', '?', '%']).splitn(3, '-');
            let year = parts.next().unwrap_or_default();
            let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
            match (number().and_then(month_name), number()) {
                (Some(month), Some(day)) => {
                    ways.extend([format!("{month} {day}"), format!("{day} {month}")]);
                }
                (Some(month), None) => ways.extend([format!("{month} {year}"), month.to_owned()]),
                (None, _) => ways.push(year.to_owned()),
            }
        }
        _ => ways.push(number_in(&figure.en).to_owned()),
    }
    ways
}

/// The number within an English rendering: `about 3.5 billion yuan` → `3.5 billion`.
fn number_in(rendering: &str) -> &str {
    let Some(start) = rendering.find(|c: char| c.is_ascii_digit()) else {
        return "";
    };
    let rest = &rendering[start..];
    let digits = rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        .unwrap_or(rest.len());
    let digits = rest[..digits].trim_end_matches(['.', ',']).len();
    let scale = [
        " thousand",
        " million",
        " billion",
        " trillion",
        "%",
        " percent",
        " per cent",
    ]
    .iter()
    .find(|scale| rest[digits..].starts_with(**scale))
    .map_or(0, |scale| scale.len());
    &rest[..digits + scale]
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
