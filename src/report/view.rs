//! A brief laid out for reading: sentences in reading order and numbered, figures and citations
//! tied to the sentences they stand in.
//!
//! Comes in: a [`Brief`]. Goes out: plain values that the HTML template prints and the Markdown
//! writer walks. Escapes nothing and knows no markup.

use kuaibao_text::checks::Flag;
use kuaibao_text::checks::FlagKind;
use kuaibao_text::figures::FigureRecord;
use kuaibao_text::people::PersonRecord;
use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::Value;

use super::marks::{Numbered, Piece, is_flagged, marked};
use crate::{
    brief::{
        places::Places,
        record::{Brief, Checks, Role, Segment, Signature},
    },
    summary::record::HeadlineOrigin,
};
use kuaibao_text::figures::month_name;

/// Rows of the figures table that are shown at once.
const KEY_FIGURES: usize = 12;
/// Below this the split of a page into articles is mentioned.
const SURE_SPLIT: f64 = 0.8;

/// A brief, laid out.
#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) headline: Line,
    pub(super) headline_warnings: Vec<Warning>,
    /// Where the English headline comes from, where that is not the Chinese one.
    pub(super) headline_note: Option<&'static str>,
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
    /// What was checked and what was not; nothing where a brief does not say it.
    pub(super) honestly: Option<&'static str>,
    pub(super) summary: Vec<Cited>,
    pub(super) left_out: Vec<Left>,
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
    pub(super) place: Place,
    pub(super) en: String,
    pub(super) warnings: Vec<Warning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Place {
    Article,
    Summary,
    /// The same doubt about a sentence of the summary and about the one it comes from.
    Both,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// What the summary might have held.
#[derive(Debug, Serialize)]
pub(super) struct Left {
    pub(super) en: String,
    pub(super) why: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) number: usize,
    pub(super) en: String,
    pub(super) value: String,
    pub(super) zh: String,
    pub(super) sentence: Option<Reference>,
    /// Whether a flag says that the English is wrong about it or leaves it out.
    pub(super) doubtful: bool,
    /// Whether to show it before the reader asks for all.
    pub(super) key: bool,
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

impl View {
    pub(super) fn new(brief: &Brief) -> Self {
        let order = reading_order(&brief.translation);
        let numbers: HashMap<&str, Reference> = order
            .iter()
            .enumerate()
            .map(|(at, segment)| (segment.id.as_str(), reference(at, segment)))
            .collect();
        let refer = |id: &String| numbers.get(id.as_str()).cloned();
        let places = Places::new(order.iter().map(|s| s.start..s.end));
        Self {
            headline: Line {
                en: brief.headline.en.clone(),
                zh: brief.headline.zh.clone(),
            },
            headline_warnings: order
                .iter()
                .find(|segment| segment.role == Role::Headline)
                .map_or_else(Vec::new, |segment| warnings(&segment.flags)),
            headline_note: match brief.headline.origin {
                HeadlineOrigin::Article => None,
                HeadlineOrigin::Summarizer => {
                    Some("The article has no headline of its own; a model wrote this one.")
                }
                HeadlineOrigin::Lead => {
                    Some("The article has no headline of its own; this one was made from its lead.")
                }
            },
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
            honestly: (!brief.checks.checked.is_empty()).then_some(Checks::HONESTLY),
            summary: brief
                .summary
                .iter()
                .map(|sentence| Cited {
                    en: sentence.en.clone(),
                    sources: sentence.sources.iter().filter_map(refer).collect(),
                    warnings: warnings(&sentence.flags),
                })
                .collect(),
            left_out: brief
                .making
                .left_out
                .iter()
                .map(|left| Left {
                    en: left.en.clone(),
                    why: left.message.clone(),
                })
                .collect(),
            figures: figures(brief, &order, &places),
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
            blocks: blocks(&order, &figures_by_sentence(brief, &order, &places)),
            signature: brief.signature.clone(),
        }
    }

    /// How many sentences of the article carry a doubt.
    pub(super) fn doubtful(&self) -> usize {
        self.doubts
            .iter()
            .filter(|doubt| doubt.place != Place::Summary)
            .count()
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

fn blocks(order: &[&Segment], figures: &[Vec<Numbered>]) -> Vec<Block> {
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
                .map(|(segment, at)| row(segment, at, &figures[at]))
                .collect(),
        })
        .collect()
}

fn figures_by_sentence<'a>(
    brief: &'a Brief,
    order: &[&Segment],
    places: &Places,
) -> Vec<Vec<Numbered<'a>>> {
    let mut by_sentence = vec![Vec::new(); order.len()];
    for (number, figure) in (1..).zip(&brief.figures) {
        if let Some(at) = places.at(figure.start) {
            by_sentence[at].push((number, figure));
        }
    }
    for figures in &mut by_sentence {
        figures.sort_by_key(|(_, figure): &Numbered| figure.start);
    }
    by_sentence
}

fn row(segment: &Segment, at: usize, figures: &[Numbered]) -> Row {
    let warnings = warnings(&segment.flags);
    let [en, zh] = marked(segment, figures);
    Row {
        number: at + 1,
        id: segment.id.clone(),
        en,
        zh,
        grave: warnings.iter().any(|w| w.grave),
        warnings,
        repairs: segment.repairs.clone(),
    }
}

/// Doubtful facts before doubtful wording, the summary before the article.
fn doubts(
    brief: &Brief,
    order: &[&Segment],
    refer: impl Fn(&String) -> Option<Reference>,
) -> Vec<Doubt> {
    let mut doubts: Vec<Doubt> = order
        .iter()
        .enumerate()
        .filter(|(_, segment)| !segment.flags.is_empty())
        .map(|(at, segment)| Doubt {
            sentence: Some(reference(at, segment)),
            place: Place::Article,
            en: segment.en.clone(),
            warnings: warnings(&segment.flags),
        })
        .collect();
    let by_id: HashMap<String, usize> = doubts
        .iter()
        .enumerate()
        .filter_map(|(at, doubt)| Some((doubt.sentence.as_ref()?.id.clone(), at)))
        .collect();
    for sentence in brief.summary.iter().filter(|s| !s.flags.is_empty()) {
        let warnings = warnings(&sentence.flags);
        let same = sentence
            .sources
            .iter()
            .filter_map(|id| by_id.get(id).copied())
            .find(|&at| warnings.iter().all(|w| doubts[at].warnings.contains(w)));
        match same {
            Some(at) => doubts[at].place = Place::Both,
            None => doubts.push(Doubt {
                sentence: sentence.sources.iter().find_map(&refer),
                place: Place::Summary,
                en: sentence.en.clone(),
                warnings,
            }),
        }
    }
    doubts.sort_by_key(|doubt| {
        let grave = doubt.warnings.iter().any(|w| w.grave);
        (!grave, doubt.place == Place::Article)
    });
    doubts
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
                FlagKind::Addition => ("Something made up", true),
                FlagKind::Untranslated => ("Not translated", true),
                FlagKind::LowScore => ("Unsure wording", false),
                FlagKind::Cut => ("Sentence cut", false),
                FlagKind::NotChinese => ("Not Chinese", true),
                FlagKind::Unsupported => ("Not in the article", true),
                FlagKind::DoubtPlace => ("Place", true),
                FlagKind::DoubtPerson => ("Person", true),
                FlagKind::DoubtTrend => ("Direction", true),
                FlagKind::DoubtNegation => ("Negation", true),
                FlagKind::DoubtLatin => ("Name in Latin letters", true),
                FlagKind::DoubtRole => ("Role", true),
                FlagKind::DoubtAttribution => ("Who said it", true),
                FlagKind::DoubtOrganisation => ("Organisation", true),
                FlagKind::DoubtOmission => ("Something left out", true),
                FlagKind::DoubtGarbage => ("No English", true),
                FlagKind::DoubtJudge => ("Doubted by a second model", true),
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
            "The page was cut into articles with little certainty ({:.0}%): check where this one \
             begins and ends.",
            confidence * 100.0
        )
    });
    brief.checks.notes.iter().cloned().chain(split).collect()
}

/// Every figure in source order. The key ones are those that are doubted, then those behind the
/// summary, then the first.
fn figures(brief: &Brief, order: &[&Segment], places: &Places) -> Vec<Figure> {
    let cited: HashSet<&str> = brief
        .summary
        .iter()
        .flat_map(|sentence| sentence.sources.iter().map(String::as_str))
        .collect();
    let (mut figures, mut ranks) = (Vec::new(), Vec::new());
    for (number, record) in (1..).zip(&brief.figures) {
        let segment = places.at(record.start).map(|at| (at, order[at]));
        let doubtful = segment.is_some_and(|(_, segment)| is_flagged(segment, record));
        let is_cited = segment.is_some_and(|(_, segment)| cited.contains(segment.id.as_str()));
        let minor = tells_little(record);
        ranks.push((minor, !doubtful, !is_cited, number));
        figures.push(Figure {
            number,
            en: record.en.clone(),
            value: value(record),
            zh: record.zh.clone(),
            sentence: segment.map(|(at, segment)| reference(at, segment)),
            doubtful,
            key: false,
        });
    }
    ranks.sort_unstable();
    for (.., number) in ranks.into_iter().take(KEY_FIGURES) {
        figures[number - 1].key = true;
    }
    figures
}

/// The 15th of what, three things, a year that is not known: nothing to look at first.
fn tells_little(record: &FigureRecord) -> bool {
    let few = record.value.as_f64().is_some_and(|value| value <= 10.0);
    match record.kind.as_str() {
        "ordinal" => true,
        "number" | "quantity" => few && record.currency.is_none(),
        _ => record.value == "XXXX",
    }
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
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<usize>().ok());
    let mut number = || parts.next().flatten();
    match (number(), number().and_then(month_name), number()) {
        (Some(year), Some(month), Some(day)) => format!("{day} {month} {year}"),
        _ => date.to_owned(),
    }
}

/// A figure's value as a reader can check it: digits in groups, a currency or percent sign.
fn value(record: &FigureRecord) -> String {
    let one = |value: &Value| match value {
        Value::String(date) => edtf(date),
        other => grouped(&other.to_string()),
    };
    let amount = match &record.value {
        Value::Array(ends) => ends.iter().map(one).collect::<Vec<_>>().join(" – "),
        value => one(value),
    };
    let amount = match record.kind.as_str() {
        "percent" => format!("{amount}%"),
        _ => amount,
    };
    match &record.currency {
        Some(currency) => format!("{currency} {amount}"),
        None => amount,
    }
}

/// An EDTF date as a reader who does not know EDTF takes it: `2028-12~` as `c. 2028-12`.
fn edtf(date: &str) -> String {
    if date == "XXXX" {
        return String::new();
    }
    if let Some(time) = date.strip_prefix('T') {
        return time.to_owned();
    }
    let ends: Vec<String> = date
        .split('/')
        .map(|end| match end.strip_suffix('~') {
            Some(about) => format!("c. {about}"),
            None => end.to_owned(),
        })
        .collect();
    let range = ends.join(" – ");
    if date.starts_with("XXXX-") {
        return format!("{} (no year)", range.replace("XXXX-", ""));
    }
    range
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
