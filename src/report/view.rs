//! A brief laid out for reading: sentences in reading order and numbered, figures and citations
//! tied to the sentences they stand in.
//!
//! Comes in: a [`Brief`]. Goes out: plain values that the HTML template prints and the Markdown
//! writer walks. Escapes nothing and knows no markup.

use std::{collections::HashMap, ops::Range};

use serde::Serialize;
use serde_json::Value;

use crate::brief::record::{
    Brief, FigureRecord, Flag, FlagKind, PersonRecord, Role, Segment, Signature,
};

/// Figures of one sentence that are marked in its two texts, and bytes of a text and of a figure
/// that is searched. No sentence that a person would read has more; a hostile one must not cost
/// more.
const MARKED_FIGURES: usize = 64;
const LONGEST_MARKED: usize = 8 << 10;
const LONGEST_FIGURE: usize = 200;
/// Below this the split of a page into articles is mentioned.
const SURE_SPLIT: f64 = 0.8;

/// A brief, laid out.
#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) headline: Line,
    /// Whether the English headline was made from the lead.
    pub(super) headline_generated: bool,
    pub(super) paper: Option<String>,
    /// ISO 8601.
    pub(super) date: Option<String>,
    /// The same as people write it.
    pub(super) day: Option<String>,
    pub(super) source: String,
    pub(super) article: String,
    pub(super) byline: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) doubts: Vec<Doubt>,
    pub(super) sentences: usize,
    pub(super) figures_counted: usize,
    pub(super) figures_right: usize,
    pub(super) summary: Vec<Cited>,
    pub(super) figures: Vec<Figure>,
    pub(super) people: Vec<Person>,
    pub(super) quotes: Vec<Quotation>,
    pub(super) blocks: Vec<Block>,
    pub(super) signature: Signature,
}

/// A text in both languages.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) en: String,
    pub(super) zh: String,
}

/// A sentence as others refer to it: the number that a reader sees, the id that a program knows.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Reference {
    pub(super) number: usize,
    pub(super) id: String,
}

/// Something the editor must look at before using it.
#[derive(Debug, Serialize)]
pub(super) struct Doubt {
    /// Where it stands; `None` for a sentence of the summary that cites nothing.
    pub(super) sentence: Option<Reference>,
    pub(super) in_summary: bool,
    pub(super) en: String,
    pub(super) warnings: Vec<Warning>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Warning {
    pub(super) label: &'static str,
    /// Whether a fact may be wrong, rather than the wording weak.
    pub(super) grave: bool,
    pub(super) message: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Cited {
    pub(super) en: String,
    pub(super) sources: Vec<Reference>,
    pub(super) warnings: Vec<Warning>,
}

#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) number: usize,
    pub(super) kind: String,
    pub(super) en: String,
    pub(super) value: String,
    pub(super) zh: String,
    pub(super) sentence: Option<Reference>,
}

#[derive(Debug, Serialize)]
pub(super) struct Person {
    pub(super) name: Line,
    pub(super) post: Line,
    pub(super) organisation: Line,
    pub(super) mentions: usize,
    pub(super) first: Option<Reference>,
}

#[derive(Debug, Serialize)]
pub(super) struct Quotation {
    pub(super) speaker: Option<String>,
    pub(super) text: Line,
    pub(super) sentence: Option<Reference>,
}

/// A paragraph, or a headline, kicker, subhead or caption, sentence by sentence.
#[derive(Debug, Serialize)]
pub(super) struct Block {
    pub(super) role: Role,
    /// What to call it where its look alone does not say.
    pub(super) label: Option<&'static str>,
    pub(super) rows: Vec<Row>,
}

/// One sentence in both languages.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) en: Vec<Piece>,
    pub(super) zh: Vec<Piece>,
    pub(super) warnings: Vec<Warning>,
    /// Whether a warning is grave.
    pub(super) grave: bool,
    pub(super) repairs: Vec<String>,
}

/// A run of text, within a figure or not.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    pub(super) text: String,
    /// The number of the figure in [`View::figures`].
    pub(super) figure: Option<usize>,
}

impl View {
    pub(super) fn new(brief: &Brief) -> Self {
        let order = reading_order(&brief.translation);
        let numbers: HashMap<&str, Reference> = order
            .iter()
            .enumerate()
            .map(|(at, segment)| (segment.id.as_str(), reference(at, segment)))
            .collect();
        let refer = |id: &String| numbers.get(id.as_str()).cloned();
        let places = Places::new(&order);
        let marks = Marks::new(&order, &places, &brief.figures);
        Self {
            headline: Line {
                en: brief.headline.en.clone(),
                zh: brief.headline.zh.clone(),
            },
            headline_generated: brief.headline.generated,
            paper: brief.paper.clone(),
            date: brief.date.clone(),
            day: brief.date.as_deref().map(day),
            source: brief.source.clone(),
            article: brief.article.clone(),
            byline: brief.byline.clone(),
            notes: notes(brief),
            doubts: doubts(brief, &order, refer),
            sentences: brief.checks.sentences,
            figures_counted: brief.checks.figures,
            figures_right: brief.checks.figures_right,
            summary: brief
                .summary
                .iter()
                .map(|sentence| Cited {
                    en: sentence.en.clone(),
                    sources: sentence.sources.iter().filter_map(refer).collect(),
                    warnings: warnings(&sentence.flags),
                })
                .collect(),
            figures: brief
                .figures
                .iter()
                .enumerate()
                .map(|(at, record)| Figure {
                    number: at + 1,
                    kind: record.kind.clone(),
                    en: record.en.clone(),
                    value: value(record),
                    zh: record.zh.clone(),
                    sentence: places.at(record.start).map(|n| reference(n, order[n])),
                })
                .collect(),
            people: brief
                .people
                .iter()
                .map(|record| person(record, |at| places.at(at).map(|n| reference(n, order[n]))))
                .collect(),
            quotes: brief
                .quotes
                .iter()
                .map(|quote| Quotation {
                    speaker: quote.speaker.clone(),
                    text: Line {
                        en: quote.en.clone(),
                        zh: quote.zh.clone(),
                    },
                    sentence: refer(&quote.source),
                })
                .collect(),
            blocks: blocks(&order, &marks),
            signature: brief.signature.clone(),
        }
    }

    /// How many sentences of the article carry a doubt.
    pub(super) fn doubtful(&self) -> usize {
        self.doubts.iter().filter(|d| !d.in_summary).count()
    }
}

fn reference(at: usize, segment: &Segment) -> Reference {
    Reference {
        number: at + 1,
        id: segment.id.clone(),
    }
}

/// Kicker, headline and subheadline, then each subhead before its paragraph, then captions.
fn reading_order(translation: &[Segment]) -> Vec<&Segment> {
    let mut order: Vec<&Segment> = translation.iter().collect();
    order.sort_by_key(|segment| {
        let paragraph = segment.paragraph.unwrap_or(usize::MAX);
        match segment.role {
            Role::Kicker => (0, 0, 0),
            Role::Headline => (1, 0, 0),
            Role::Subheadline => (2, 0, 0),
            Role::Subhead => (3, paragraph, 0),
            Role::Body => (3, paragraph, 1),
            Role::Caption => (4, 0, 0),
        }
    });
    order
}

fn blocks(order: &[&Segment], marks: &Marks) -> Vec<Block> {
    order
        .chunk_by(|a, b| {
            (a.role, a.paragraph) == (b.role, b.paragraph)
                && matches!(a.role, Role::Body | Role::Caption)
        })
        .scan(0, |at, segments| {
            let first = *at;
            *at += segments.len();
            Some((first, segments))
        })
        .map(|(first, segments)| Block {
            role: segments[0].role,
            label: match segments[0].role {
                Role::Kicker => Some("Kicker"),
                Role::Headline => Some("Headline"),
                Role::Subheadline => Some("Subheadline"),
                Role::Caption => Some("Caption"),
                Role::Subhead | Role::Body => None,
            },
            rows: segments
                .iter()
                .zip(first..)
                .map(|(segment, at)| row(segment, at, marks))
                .collect(),
        })
        .collect()
}

fn row(segment: &Segment, at: usize, marks: &Marks) -> Row {
    let warnings = warnings(&segment.flags);
    Row {
        number: at + 1,
        id: segment.id.clone(),
        en: pieces(&segment.en, &marks.en[at]),
        zh: pieces(&segment.zh, &marks.zh[at]),
        grave: warnings.iter().any(|w| w.grave),
        warnings,
        repairs: segment.repairs.clone(),
    }
}

fn doubts(
    brief: &Brief,
    order: &[&Segment],
    refer: impl Fn(&String) -> Option<Reference>,
) -> Vec<Doubt> {
    let in_summary = brief
        .summary
        .iter()
        .filter(|sentence| !sentence.flags.is_empty())
        .map(|sentence| Doubt {
            sentence: sentence.sources.iter().find_map(&refer),
            in_summary: true,
            en: sentence.en.clone(),
            warnings: warnings(&sentence.flags),
        });
    let mut in_article: Vec<Doubt> = order
        .iter()
        .enumerate()
        .filter(|(_, segment)| !segment.flags.is_empty())
        .map(|(at, segment)| Doubt {
            sentence: Some(reference(at, segment)),
            in_summary: false,
            en: segment.en.clone(),
            warnings: warnings(&segment.flags),
        })
        .collect();
    in_article.sort_by_key(|doubt| !doubt.warnings.iter().any(|w| w.grave));
    in_summary.chain(in_article).collect()
}

fn warnings(flags: &[Flag]) -> Vec<Warning> {
    flags
        .iter()
        .map(|flag| {
            let (label, grave) = match flag.kind {
                FlagKind::FigureMissing => ("Figure missing", true),
                FlagKind::FigureWrong => ("Wrong figure", true),
                FlagKind::FigureExtra => ("Figure not in the Chinese", true),
                FlagKind::Name => ("Name", true),
                FlagKind::Glossary => ("Term", false),
                FlagKind::Repetition => ("Repetition", true),
                FlagKind::Omission => ("Something left out", true),
                FlagKind::Untranslated => ("Not translated", true),
                FlagKind::LowScore => ("Unsure wording", false),
                FlagKind::Cut => ("Sentence cut", false),
                FlagKind::NotChinese => ("Not Chinese", true),
            };
            Warning {
                label,
                grave,
                message: flag.message.clone(),
            }
        })
        .collect()
}

fn notes(brief: &Brief) -> Vec<String> {
    let confidence = brief.checks.split_confidence;
    let split = (confidence < SURE_SPLIT).then(|| {
        format!(
            "The page was cut into articles with little certainty ({:.0} %): check where this one \
             begins and ends.",
            confidence * 100.0
        )
    });
    brief.checks.notes.iter().cloned().chain(split).collect()
}

fn person(record: &PersonRecord, place: impl Fn(usize) -> Option<Reference>) -> Person {
    let line = |en: &Option<String>, zh: &Option<String>| Line {
        en: en.clone().unwrap_or_default(),
        zh: zh.clone().unwrap_or_default(),
    };
    Person {
        name: Line {
            en: record.en.clone(),
            zh: record.zh.clone(),
        },
        post: line(&record.post_en, &record.post_zh),
        organisation: line(&record.organisation_en, &record.organisation_zh),
        mentions: record.mentions.len(),
        first: record.mentions.iter().find_map(|m| place(m[0])),
    }
}

/// `2025-07-26` as `26 July 2025`; any other text as it is.
pub(super) fn day(date: &str) -> String {
    const MONTHS: [&str; 12] = [
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
    let mut parts = date.splitn(3, '-');
    let mut number = || parts.next()?.parse::<u16>().ok();
    let (year, month, day) = (number(), number(), number());
    let month = month.and_then(|m| MONTHS.get(usize::from(m).wrapping_sub(1)));
    match (year, month, day) {
        (Some(year), Some(month), Some(day)) => format!("{day} {month} {year}"),
        _ => date.to_owned(),
    }
}

/// A figure's value as a reader can check it: digits in groups, a currency or percent sign.
fn value(record: &FigureRecord) -> String {
    let one = |value: &Value| match value {
        Value::String(date) => date.clone(),
        other => grouped(&other.to_string()),
    };
    let amount = match &record.value {
        Value::Array(ends) => ends.iter().map(one).collect::<Vec<_>>().join(" – "),
        value => one(value),
    };
    let amount = match record.kind.as_str() {
        "percent" => format!("{amount} %"),
        _ => amount,
    };
    match &record.currency {
        Some(currency) => format!("{currency} {amount}"),
        None => amount,
    }
}

/// `1234567.5` as `1,234,567.5`; what is no plain decimal stays as it is.
fn grouped(number: &str) -> String {
    let number = number.strip_suffix(".0").unwrap_or(number);
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut out = number[..number.len() - digits.len()].to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

/// Which sentence holds an offset of the source.
struct Places {
    /// Start, end and number of each sentence, by start.
    sentences: Vec<(usize, usize, usize)>,
}

impl Places {
    fn new(order: &[&Segment]) -> Self {
        let mut sentences: Vec<_> = order
            .iter()
            .enumerate()
            .map(|(at, segment)| (segment.start, segment.end, at))
            .collect();
        sentences.sort_unstable();
        Self { sentences }
    }

    fn at(&self, offset: usize) -> Option<usize> {
        let next = self
            .sentences
            .partition_point(|&(start, ..)| start <= offset);
        let &(_, end, at) = self.sentences.get(next.checked_sub(1)?)?;
        (offset < end).then_some(at)
    }
}

/// Where the figures stand in each sentence's texts, in order and apart.
struct Marks {
    en: Vec<Vec<Mark>>,
    zh: Vec<Vec<Mark>>,
}

type Mark = (Range<usize>, usize);

impl Marks {
    fn new(order: &[&Segment], places: &Places, figures: &[FigureRecord]) -> Self {
        let mut by_sentence: Vec<Vec<(usize, &FigureRecord)>> = vec![Vec::new(); order.len()];
        for (number, figure) in (1..).zip(figures) {
            if let Some(at) = places.at(figure.start)
                && by_sentence[at].len() < MARKED_FIGURES
            {
                by_sentence[at].push((number, figure));
            }
        }
        for found in &mut by_sentence {
            found.sort_by_key(|(_, figure)| figure.start);
        }
        let find_in = |texts: fn(&Segment) -> &str, find: Find| {
            order
                .iter()
                .zip(&by_sentence)
                .map(|(segment, figures)| marks(texts(segment), figures, find))
                .collect()
        };
        Self {
            en: find_in(|segment| &segment.en, in_english),
            zh: find_in(|segment| &segment.zh, in_chinese),
        }
    }
}

/// Looks for a figure in a text, clear of the marks already made.
type Find = fn(&str, &FigureRecord, &[Mark]) -> Option<Range<usize>>;

fn marks(text: &str, figures: &[(usize, &FigureRecord)], find: Find) -> Vec<Mark> {
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

/// The figure as rendered, or at least its number, where the English says it in the same words.
fn in_english(text: &str, figure: &FigureRecord, marks: &[Mark]) -> Option<Range<usize>> {
    [figure.en.as_str(), number_in(&figure.en)]
        .into_iter()
        .filter(|wanted| !wanted.is_empty() && wanted.len() <= LONGEST_FIGURE)
        .find_map(|wanted| {
            let found = |start: usize| start..start + wanted.len();
            text.as_bytes()
                .windows(wanted.len())
                .enumerate()
                .filter(|(_, window)| window.eq_ignore_ascii_case(wanted.as_bytes()))
                .map(|(start, _)| found(start))
                .find(|range| {
                    stands_alone(text, range)
                        && marks
                            .iter()
                            .all(|(taken, _)| range.end <= taken.start || taken.end <= range.start)
                })
        })
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

fn pieces(raw: &str, marks: &[Mark]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |range: Range<usize>, figure| {
        if !range.is_empty() {
            pieces.push(Piece {
                text: raw[range].to_owned(),
                figure,
            });
        }
    };
    let mut done = 0;
    for (range, number) in marks {
        push(done..range.start, None);
        push(range.clone(), Some(*number));
        done = range.end;
    }
    push(done..raw.len(), None);
    pieces
}
