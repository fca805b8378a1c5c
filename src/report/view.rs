//! A brief laid out for reading: sentences in reading order and numbered, figures and citations
//! tied to the sentences they stand in.
//!
//! Comes in: a [`Brief`]. Goes out: plain values that the HTML template prints and the Markdown
//! writer walks. Escapes nothing and knows no markup.

use std::collections::{HashMap, HashSet};

use kuaibao_text::{
    checks::{Flag, FlagKind},
    figures::{FigureRecord, month_name},
    people::{self, Change, PersonRecord, pinyin::romanise_name, quotes::retain_most_telling},
};
use serde::Serialize;

use super::marks::{English, Numbered, Piece, behind_in_english, is_flagged, marked};
use crate::{
    brief::{
        news::{measure, noun_before},
        places::Places,
        record::{Brief, Quote, Role, Segment, Signature},
    },
    summary::record::HeadlineOrigin,
    translation::repair::PUT_IN,
};

/// Rows of the figures table that are shown at once.
const KEY_FIGURES: usize = 10;
/// Below this the split of a page into articles is mentioned.
const SURE_SPLIT: f64 = 0.8;
/// Characters of the lead that stand in the place of a headline.
const HEADLINE_CHARACTERS: usize = 40;

/// A brief, laid out.
#[derive(Debug, Serialize)]
pub(super) struct View {
    /// What stands above it.
    pub(super) title: Title,
    pub(super) paper: Option<Line>,
    /// ISO 8601.
    pub(super) date: Option<String>,
    /// The same as people write it.
    pub(super) day: Option<String>,
    pub(super) source: String,
    pub(super) article: String,
    pub(super) byline: Vec<Line>,
    pub(super) notes: Vec<String>,
    pub(super) doubts: Vec<Doubt>,
    pub(super) sentences: usize,
    pub(super) figures_counted: usize,
    pub(super) figures_right: usize,
    /// What was checked and what was not; nothing where a brief does not say it.
    pub(super) honestly: Option<String>,
    pub(super) summary: Vec<Cited>,
    pub(super) left_out: Vec<Left>,
    pub(super) figures: Vec<Figure>,
    pub(super) dates: Vec<Date>,
    pub(super) changes: Vec<Person>,
    pub(super) people: Vec<Person>,
    pub(super) quotes: Vec<Quotation>,
    pub(super) blocks: Vec<Block>,
    pub(super) signature: Signature,
}

/// The headline as it may stand above a brief.
#[derive(Debug, Serialize)]
pub(super) struct Title {
    /// The English, where it is usable.
    pub(super) en: Option<String>,
    /// The Chinese; of an article without a headline whose English cannot be used, its beginning.
    pub(super) zh: String,
    /// Where it comes from, or why there is no English.
    pub(super) note: Option<String>,
}

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    pub(super) en: String,
    pub(super) zh: String,
}

/// A sentence as others refer to it: the number that a reader sees, the id that a program knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Reference {
    pub(super) number: usize,
    pub(super) id: String,
}

/// Something the editor must look at before using it. Said once, here; what is marked elsewhere refers
/// to it by its sentence.
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

/// That a text is doubtful, and why in a word or two each; the whole stands among the doubts.
#[derive(Debug, Serialize)]
pub(super) struct Mark {
    pub(super) labels: Vec<&'static str>,
    pub(super) grave: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Cited {
    pub(super) en: String,
    pub(super) zh: String,
    pub(super) sources: Vec<Reference>,
    pub(super) mark: Option<Mark>,
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
    /// What it measures or counts; empty where that is not known.
    pub(super) what: Line,
    pub(super) value: Line,
    pub(super) direction: Option<&'static str>,
    pub(super) against: Option<String>,
    pub(super) sentence: Option<Reference>,
    /// Whether a flag says that the English is wrong about it or leaves it out.
    pub(super) doubtful: bool,
    /// Whether to show it before the reader asks for all.
    pub(super) key: bool,
}

/// A day or time that the article names, and where.
#[derive(Debug, Serialize)]
pub(super) struct Date {
    pub(super) en: String,
    pub(super) sentences: Vec<Reference>,
    pub(super) number: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Person {
    pub(super) name: Line,
    pub(super) post: Line,
    pub(super) organisation: Line,
    /// What happened to the post, or that it is held no longer.
    pub(super) change: Option<&'static str>,
    pub(super) mentions: usize,
    pub(super) first: Option<Reference>,
}

#[derive(Debug, Serialize)]
pub(super) struct Quotation {
    pub(super) speaker: Option<String>,
    pub(super) text: Line,
    pub(super) sentence: Option<Reference>,
    /// Whether the English is the speaker's own words, and not a sentence that holds them.
    pub(super) own_words: bool,
    /// Whether the Chinese is.
    pub(super) direct: bool,
    pub(super) mark: Option<Mark>,
    /// Whether to show it before the reader asks for all.
    pub(super) key: bool,
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
    pub(super) mark: Option<Mark>,
    pub(super) repairs: Vec<String>,
}

impl View {
    pub(super) fn new(brief: &Brief) -> Self {
        let order = brief.reading_order();
        let numbers: HashMap<&str, Reference> = order
            .iter()
            .enumerate()
            .map(|(at, segment)| (segment.id.as_str(), reference(at, segment)))
            .collect();
        let refer = |id: &String| numbers.get(id.as_str()).cloned();
        let places = Places::new(order.iter().map(|s| s.start..s.end));
        let person = |record: &PersonRecord| {
            person(record, |at| places.at(at).map(|n| reference(n, order[n])))
        };
        let (figures, dates) = figures(brief, &order, &places);
        Self {
            title: title(brief),
            paper: brief.paper.as_ref().map(|zh| Line {
                en: people::paper(zh).unwrap_or_default(),
                zh: zh.clone(),
            }),
            date: brief.date.clone(),
            day: brief.date.as_deref().map(day),
            source: brief.source.clone(),
            article: brief.article.clone(),
            byline: brief.byline.iter().map(|zh| reporter(zh)).collect(),
            notes: notes(brief),
            doubts: doubts(brief, &order, refer),
            sentences: brief.checks.sentences,
            figures_counted: brief.checks.figures,
            figures_right: brief.checks.figures_right,
            honestly: brief.checks.honestly(),
            summary: brief
                .summary
                .iter()
                .map(|sentence| Cited {
                    en: sentence.en.clone(),
                    zh: sentence.zh.clone(),
                    sources: sentence.sources.iter().filter_map(refer).collect(),
                    mark: mark(&sentence.flags),
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
            figures,
            dates,
            changes: (brief.people.iter())
                .filter(|p| p.change.is_some())
                .map(person)
                .collect(),
            people: brief.people.iter().map(person).collect(),
            quotes: quotations(brief, refer),
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

/// The headline: in English where that is usable, else as it was written.
pub(super) fn title(brief: &Brief) -> Title {
    let headline = &brief.headline;
    let mut body = brief.translation.iter().filter(|s| s.role == Role::Body);
    let zh = match (headline.zh.is_empty(), body.next()) {
        (true, Some(lead)) if !headline.usable => shortened(&lead.zh, HEADLINE_CHARACTERS),
        _ => headline.zh.clone(),
    };
    let labels = mark(&headline.flags).map(|mark| mark.labels.join(", "));
    let note = match (headline.usable, labels, headline.origin) {
        (false, Some(labels), _) => Some(format!("No usable English headline ({labels}).")),
        (false, None, _) => Some("No usable English headline.".to_owned()),
        (true, _, HeadlineOrigin::Article) => None,
        (true, _, HeadlineOrigin::Summarizer) => {
            Some("The article has no headline of its own; a model wrote this one.".to_owned())
        }
        (true, _, HeadlineOrigin::Lead) => Some(
            "The article has no headline of its own; this one was made from its lead.".to_owned(),
        ),
    };
    Title {
        en: headline.usable.then(|| headline.en.clone()),
        zh,
        note,
    }
}

/// At most so many characters of a text, what is cut marked.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => text[..at].to_owned() + "…",
        None => text.to_owned(),
    }
}

/// A name of the byline, in pinyin beside the Chinese where it is one.
fn reporter(zh: &str) -> Line {
    let en = romanise_name(zh);
    let spelt = (2..=4).contains(&zh.chars().count()) && en.is_ascii();
    Line {
        en: if spelt { en } else { String::new() },
        zh: zh.to_owned(),
    }
}

/// What a text is marked with that has these flags.
pub(super) fn mark(flags: &[Flag]) -> Option<Mark> {
    let warnings = warnings(flags);
    let mut labels: Vec<&str> = warnings.iter().map(|w| w.label).collect();
    let mut seen = HashSet::new();
    labels.retain(|label| seen.insert(*label));
    (!labels.is_empty()).then(|| Mark {
        labels,
        grave: warnings.iter().any(|w| w.grave),
    })
}

fn quotations(brief: &Brief, refer: impl Fn(&String) -> Option<Reference>) -> Vec<Quotation> {
    let mut telling: Vec<(usize, &Quote)> = brief.quotes.iter().enumerate().collect();
    retain_most_telling(&mut telling, |(_, quote)| quote.direct);
    let telling: HashSet<usize> = telling.into_iter().map(|(i, _)| i).collect();
    let segments = brief.translation.iter();
    let segments: HashMap<&str, &Segment> = segments.map(|s| (s.id.as_str(), s)).collect();
    let said = brief.quotes.iter().enumerate();
    let said = said.map(|(i, quote)| {
        let segment = segments.get(quote.source.as_str());
        let whole = segment.is_some_and(|s| s.en == quote.en && !is_a_quotation(&s.zh));
        Quotation {
            speaker: quote.speaker.clone(),
            text: Line {
                en: quote.en.trim_matches(['"', '“', '”']).to_owned(),
                zh: quote.zh.clone(),
            },
            sentence: refer(&quote.source),
            own_words: quote.direct && !whole,
            direct: quote.direct,
            mark: mark(&quote.flags),
            key: telling.contains(&i),
        }
    });
    said.collect()
}

/// Whether a sentence is nothing but somebody's words.
fn is_a_quotation(zh: &str) -> bool {
    zh.starts_with(['“', '「']) && zh.ends_with(['”', '」'])
}

fn reference(at: usize, segment: &Segment) -> Reference {
    Reference {
        number: at + 1,
        id: segment.id.clone(),
    }
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
    let [en, zh] = marked(segment, figures);
    let repairs = segment.repairs.iter().map(|repair| repaired(repair));
    Row {
        number: at + 1,
        id: segment.id.clone(),
        en,
        zh,
        mark: mark(&segment.flags),
        repairs: repairs.collect(),
    }
}

/// A repair as it is told. A name that was put in is no repair: nobody knows whether the sentence is right
/// with it.
fn repaired(repair: &str) -> String {
    match repair.strip_prefix(PUT_IN) {
        Some(name) => format!("Name put in:{name}"),
        None => format!("Repaired: {repair}"),
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
                FlagKind::Cut => ("Sentence cut", false),
                FlagKind::NotChinese => ("Not Chinese", true),
                FlagKind::Unsupported => ("Not in the article", true),
                FlagKind::Disagreement => ("Translations differ", true),
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

/// Every figure in source order, and the days apart. The key ones are whom something harmed, then those
/// that are doubted, then those behind the summary, then the first; none that is a bare number.
fn figures(brief: &Brief, order: &[&Segment], places: &Places) -> (Vec<Figure>, Vec<Date>) {
    let cited: HashSet<&str> = brief
        .summary
        .iter()
        .flat_map(|sentence| sentence.sources.iter().map(String::as_str))
        .collect();
    let (mut figures, mut ranks): (Vec<Figure>, Vec<_>) = (Vec::new(), Vec::new());
    let mut dates: Vec<Date> = Vec::new();
    let mut by_day: HashMap<&str, usize> = HashMap::new();
    // The figures of a sentence come one behind the other.
    let mut read: Option<(usize, English)> = None;
    for (number, record) in (1..).zip(&brief.figures) {
        let segment = places.at(record.start).map(|at| (at, order[at]));
        let sentence = segment.map(|(at, segment)| reference(at, segment));
        if record.kind == "date" {
            let known = *by_day.entry(&record.en).or_insert(dates.len());
            match dates.get_mut(known) {
                Some(date) if date.sentences.last() != sentence.as_ref() => {
                    date.sentences.extend(sentence);
                }
                Some(_) => {}
                None => dates.push(Date {
                    en: record.en.clone(),
                    sentences: sentence.into_iter().collect(),
                    number,
                }),
            }
            continue;
        }
        let doubtful = segment.is_some_and(|(_, segment)| is_flagged(segment, record));
        let is_cited = segment.is_some_and(|(_, segment)| cited.contains(segment.id.as_str()));
        let measure = measure(record);
        // What is counted is in the English where nothing else says it.
        let counts = record.kind == "number" && is_bare(record);
        let counted = segment
            .filter(|_| measure.is_none() && !doubtful && counts)
            .and_then(|(at, segment)| {
                if read.as_ref().is_none_or(|(sentence, _)| *sentence != at) {
                    read = Some((at, English::new(&segment.en)));
                }
                behind_in_english(&read.as_ref()?.1, record)
            });
        let own = record.what.as_deref().or_else(|| noun_before(record));
        let mut what = Line {
            zh: own
                .filter(|_| counted.is_none())
                .unwrap_or_default()
                .to_owned(),
            en: measure
                .map(|m| m.en.to_owned())
                .or(counted)
                .unwrap_or_default(),
        };
        // “Net profit came to 2 billion yuan, down 31 %.”
        if let Some((before, of)) = figures.last().map(|f| (&f.sentence, &f.what))
            && what == Line::default()
            && record.direction.is_some()
            && *before == sentence
        {
            what = of.clone();
        }
        let harm = measure.and_then(|m| m.harm);
        let minor = what == Line::default() || harm.is_none() && tells_little(record);
        ranks.push((
            harm.unwrap_or(u8::MAX),
            minor,
            !doubtful,
            !is_cited,
            figures.len(),
        ));
        figures.push(Figure {
            number,
            what,
            value: Line {
                en: record.en.clone(),
                zh: record.zh.clone(),
            },
            direction: record.direction.as_deref().and_then(direction),
            against: record.compared.as_deref().map(against),
            sentence,
            doubtful,
            key: false,
        });
    }
    ranks.sort_unstable();
    let key = ranks.iter().filter(|rank| !rank.1).take(KEY_FIGURES);
    for (.., at) in key {
        figures[*at].key = true;
    }
    (figures, dates)
}

/// Whether nothing says what a figure is a figure of, its own unit neither.
fn is_bare(record: &FigureRecord) -> bool {
    record.currency.is_none() && !record.en.contains(|c: char| c.is_alphabetic() || c == '°')
}

/// The 15th of what, three things: nothing to look at first.
fn tells_little(record: &FigureRecord) -> bool {
    let few = record.value.as_f64().is_some_and(|value| value <= 10.0);
    match record.kind.as_str() {
        "ordinal" => true,
        "number" | "quantity" => few && record.currency.is_none(),
        _ => false,
    }
}

fn direction(name: &str) -> Option<&'static str> {
    Some(match name {
        "up" => "▲ up",
        "down" => "▼ down",
        "flat" => "flat",
        "narrowing" => "narrowing",
        "widening" => "widening",
        _ => return None,
    })
}

/// What a figure is compared with, as people say it.
fn against(compared: &str) -> String {
    match compared {
        "year-on-year" => "a year earlier".to_owned(),
        "previous-period" => "the period before".to_owned(),
        date => day(date),
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
        change: match (record.change, record.former) {
            (Some(Change::Appointed), _) => Some("appointed"),
            (Some(Change::Removed), _) => Some("removed"),
            (Some(Change::Resigned), _) => Some("resigned"),
            // The English of 原副市长 says so already, that of 前总统 in a title of its own does not.
            (None, true)
                if !record
                    .post_en
                    .as_ref()
                    .is_some_and(|en| en.starts_with("former ")) =>
            {
                Some("former")
            }
            (None, _) => None,
        },
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
