//! From a page to its briefs: what is to be translated, and what becomes of it.
//!
//! [`Draft::new`] reads everything that the Chinese says by itself (sentences, figures, people,
//! quotations); [`Draft::texts`] is what the model has to translate, for the whole page at once;
//! [`Draft::translated`] puts the English in its place; [`TranslatedArticle::brief`] adds the
//! summary that was made of it.

use kuaibao_text::checks::{DoubtKind, Flag};
use kuaibao_text::figures::FigureRecord;
use kuaibao_text::people::PersonRecord;
use kuaibao_text::text::chars::is_han;
use std::{collections::HashSet, ops::Range};

use super::{
    places::Places,
    record::{Brief, Checks, Quote, Role, Segment, Signature},
    units::{Unit, units},
};
use crate::{
    summary::{
        Made, Sentence,
        record::{Headline, HeadlineOrigin, Making},
    },
    translation::{Checked, Text},
};
use kuaibao_text::{
    figures::{Clock, Place, Reader},
    glossary::Glossary,
    people::quotes,
    people::{self, Name},
};
use kuaibao_text::{
    page::{Article, Page, record::DroppedRecord},
    text::Traced,
};

/// A page on its way to its briefs.
pub struct Draft {
    source: String,
    paper: Option<String>,
    date: Option<String>,
    clock: Clock,
    articles: Vec<ArticleDraft>,
}

struct ArticleDraft {
    id: String,
    byline: Vec<String>,
    confidence: f64,
    units: Vec<Unit>,
    /// Its Chinese, as far as it tells what may be named in any of its sentences.
    around: String,
    figures: Vec<FigureRecord>,
    people: Vec<PersonRecord>,
    quotes: Vec<Said>,
    /// Where in the source somebody is named who does something there.
    doing: HashSet<usize>,
    dropped: Vec<DroppedRecord>,
    notes: Vec<String>,
}

/// An article in both languages, before it is summarised.
pub struct TranslatedArticle {
    /// All of its brief but for the headline and the summary.
    brief: Brief,
}

/// Something said, before its translation is known.
struct Said {
    /// As the text has it.
    speaker: Option<String>,
    zh: String,
    /// Byte of the source where the words begin.
    at: usize,
    /// Units that hold it.
    units: Range<usize>,
    direct: bool,
}

/// Sentences and figures that a page may have together. Each costs some 2 kB of memory and of what is
/// written; a page of a newspaper has some 500, a book of a million characters 50,000.
pub const MOST_FACTS: usize = 250_000;

/// A page that would take memory and time out of proportion.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "has more than {MOST_FACTS} sentences and figures: it is more than a page; cut it into several files"
)]
pub struct Overfull;

impl Draft {
    /// Reads a page. `source` names it in the records; `date` is used where the page states none.
    pub fn new(page: &Page, source: &str, date: Option<&str>) -> Result<Self, Overfull> {
        let date = page.date.clone().or(date.map(str::to_owned));
        let clock = date.as_deref().and_then(Clock::parse);
        let paragraphs = page.articles.iter().flat_map(|a| &a.paragraphs);
        let clock = paragraphs.fold(clock.unwrap_or_default(), |clock, paragraph| {
            clock.in_article(paragraph.as_str())
        });
        let mut room = MOST_FACTS;
        let articles = page.articles.iter();
        let articles = articles.map(|a| ArticleDraft::new(a, source, &clock, &mut room));
        let articles = articles.collect::<Result<_, _>>()?;
        Ok(Self {
            source: source.to_owned(),
            paper: page.paper.clone(),
            date,
            articles: with_dropped(page, articles),
            clock,
        })
    }

    /// The date that the page's relative dates count from.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Number of articles.
    pub fn articles(&self) -> usize {
        self.articles.len()
    }

    /// Ids of the articles.
    pub fn ids(&self) -> Vec<String> {
        self.articles.iter().map(|a| a.id.clone()).collect()
    }

    /// The figures and the people of each article.
    pub fn records(&self) -> impl Iterator<Item = (&[FigureRecord], &[PersonRecord])> {
        let articles = self.articles.iter();
        articles.map(|a| (a.figures.as_slice(), a.people.as_slice()))
    }

    /// What is to be translated, in the order that [`Draft::translated`] expects, each text with
    /// the people it names.
    pub fn texts(&self) -> Vec<Text<'_>> {
        self.articles.iter().flat_map(ArticleDraft::texts).collect()
    }

    /// Calls people as the house's glossary does.
    pub fn rename(&mut self, glossary: &Glossary) {
        for person in self.articles.iter_mut().flat_map(|a| &mut a.people) {
            if let Some(en) = glossary.house(&person.zh) {
                en.clone_into(&mut person.en);
                person.certain = true;
            }
        }
    }

    /// The articles, given the English of [`Draft::texts`].
    ///
    /// # Panics
    /// When `english` has another length than [`Draft::texts`].
    pub fn translated(self, english: Vec<Checked>) -> Vec<TranslatedArticle> {
        assert_eq!(
            english.len(),
            self.texts().len(),
            "an English text for each Chinese one"
        );
        let mut english = english.into_iter();
        let (source, paper, date) = (self.source, self.paper, self.date);
        let articles = self.articles.into_iter().map(|article| {
            let english: Vec<Checked> = english.by_ref().take(article.units.len()).collect();
            let mut brief = article.brief(&english);
            brief.source.clone_from(&source);
            brief.paper.clone_from(&paper);
            brief.date.clone_from(&date);
            TranslatedArticle { brief }
        });
        articles.collect()
    }
}

impl TranslatedArticle {
    /// The sentences of the body.
    pub fn sentences(&self) -> Vec<Sentence<'_>> {
        let segments = self.brief.translation.iter();
        let spans = segments.clone().map(|s| s.start..s.end);
        let places = Places::new(spans.clone());
        let mut figures = vec![0; spans.len()];
        for figure in &self.brief.figures {
            if let Some(at) = places.holding(&(figure.start..figure.end)) {
                figures[at] += 1;
            }
        }
        let people = named(&self.brief.people, &places, spans.len());
        let facts = figures.into_iter().zip(people);
        segments
            .zip(facts)
            .filter(|(segment, _)| segment.role == Role::Body)
            .map(|(segment, (figures, people))| Sentence {
                id: &segment.id,
                zh: &segment.zh,
                en: &segment.en,
                flags: &segment.flags,
                paragraph: segment.paragraph.unwrap_or(0),
                figures,
                people,
            })
            .collect()
    }

    /// The article's own headline, in Chinese and in English.
    pub fn headline(&self) -> Option<(&str, &str)> {
        let mut segments = self.brief.translation.iter();
        let own = segments.find(|s| s.role == Role::Headline)?;
        Some((&own.zh, &own.en))
    }

    /// The brief, given what was made of the article.
    pub fn brief(self, mut made: Made, signature: &Signature) -> Brief {
        let own = self.brief.translation.iter();
        let own = own.clone().find(|s| s.role == Role::Headline);
        made.headline.flags = match made.headline.origin {
            HeadlineOrigin::Article => own.map(|s| s.flags.clone()),
            HeadlineOrigin::Lead => made.summary.sentences.first().map(|s| s.flags.clone()),
            HeadlineOrigin::Summarizer => None,
        }
        .unwrap_or_default();
        made.headline.usable &= made.headline.flags.is_empty();
        let mut brief = Brief {
            headline: made.headline,
            summary: made.summary.sentences,
            making: Making {
                left_out: made.summary.left_out,
                ..made.making
            },
            signature: signature.clone(),
            ..self.brief
        };
        for sentence in &mut brief.summary {
            sentence.score = round(sentence.score);
        }
        brief
    }
}

impl ArticleDraft {
    /// `room` is how many sentences and figures the page may have yet.
    fn new(
        article: &Article,
        source: &str,
        clock: &Clock,
        room: &mut usize,
    ) -> Result<Self, Overfull> {
        let units = units(article);
        *room = room.checked_sub(units.len()).ok_or(Overfull)?;
        let text: Vec<&Traced> = article.paragraphs.iter().chain(&article.captions).collect();
        let places = Places::new(units.iter().map(|u| u.zh.source()));
        let mut reader = Reader::new(*clock);
        let mut figures = Vec::new();
        for paragraph in &text {
            let found = reader.read(paragraph.as_str());
            *room = room.checked_sub(found.len()).ok_or(Overfull)?;
            for figure in found {
                let range = paragraph.source_range(figure.range.clone());
                let sentence = places.holding(&range).map(|at| &units[at]);
                figures.push(
                    figure.record(&Place {
                        source,
                        article: &article.id,
                        text: paragraph,
                        sentence_id: sentence.map(|u| u.id.as_str()),
                        sentence: sentence.map_or(paragraph.as_str(), |u| u.zh.as_str()),
                        sentence_start: sentence
                            .map_or(*paragraph, |u| &u.zh)
                            .source_range(0..1)
                            .start,
                    }),
                );
            }
        }
        let byline: Vec<String> = article
            .byline
            .iter()
            .map(|b| b.as_str().to_owned())
            .collect();
        let people = people_of(article, source, &text, &byline);
        let quotes = quotes_of(article, &units, &people);
        Ok(Self {
            id: article.id.clone(),
            byline,
            confidence: article.confidence,
            notes: notes(article, &units),
            dropped: Vec::new(),
            doing: doing(article, &people),
            around: around(&units),
            units,
            figures,
            people,
            quotes,
        })
    }

    /// The units, each with the people it names, where it is known how to spell them.
    fn texts(&self) -> impl Iterator<Item = Text<'_>> {
        let places = Places::new(self.units.iter().map(|u| u.zh.source()));
        let names = named(&self.people, &places, self.units.len());
        self.units.iter().zip(names).map(|(unit, names)| Text {
            zh: unit.zh.as_str(),
            names,
            around: &self.around,
        })
    }

    fn brief(self, english: &[Checked]) -> Brief {
        let mut checks = Checks {
            sentences: english.len(),
            split_confidence: round(self.confidence),
            notes: self.notes,
            checked: checked_kinds(),
            ..Checks::default()
        };
        let mut translation = Vec::new();
        for (unit, checked) in self.units.iter().zip(english) {
            let segment = segment(unit, checked);
            checks.figures += checked.figures;
            checks.figures_right += checked.figures_right;
            checks.doubts += checked.doubts.len();
            checks.terms += checked.terms;
            checks.doubtful += usize::from(!segment.flags.is_empty());
            translation.push(segment);
        }
        let doing = self.people.iter().map(|person| {
            let mentions = person.mentions.iter();
            let mentions = mentions.filter(|m| self.doing.contains(&m[0])).copied();
            PersonRecord {
                mentions: mentions.collect(),
                ..person.clone()
            }
        });
        let doing: Vec<PersonRecord> = doing.collect();
        let quotes = self.quotes.iter();
        let quotes = quotes.map(|q| q.english(&translation, &doing));
        let quotes = quotes.collect();
        Brief {
            schema: "kuaibao.brief/1".to_owned(),
            source: String::new(),
            article: self.id,
            paper: None,
            date: None,
            byline: self.byline,
            headline: Headline::default(),
            summary: Vec::new(),
            making: Making::default(),
            figures: self.figures,
            people: self.people,
            quotes,
            translation,
            dropped: self.dropped,
            checks,
            embedding: None,
            signature: Signature::default(),
        }
    }
}

/// The beginning of an article's text; what names are in so much of it is enough, and each sentence is
/// held against all of it.
fn around(units: &[Unit]) -> String {
    const LONGEST: usize = 64 << 10;
    let mut around = String::new();
    for unit in units {
        if around.len() + unit.zh.as_str().len() > LONGEST {
            break;
        }
        around.push_str(unit.zh.as_str());
        around.push('\n');
    }
    around
}

/// Gives each text that belongs to no article to the one that begins before it, or to the first.
fn with_dropped(page: &Page, mut articles: Vec<ArticleDraft>) -> Vec<ArticleDraft> {
    let start = |article: &ArticleDraft| article.units.iter().map(|u| u.zh.source().start).min();
    let mut starts: Vec<(usize, usize)> = articles
        .iter()
        .enumerate()
        .filter_map(|(i, article)| Some((start(article)?, i)))
        .collect();
    starts.sort_unstable();
    for dropped in &page.dropped {
        let at = dropped.text.source().start;
        let before = starts.partition_point(|&(start, _)| start <= at);
        let owner = starts.get(before.saturating_sub(1)).map_or(0, |&(_, i)| i);
        if let Some(article) = articles.get_mut(owner) {
            article.dropped.push(DroppedRecord {
                text: dropped.text.as_str().to_owned(),
                reason: dropped.reason,
            });
        }
    }
    articles
}

/// The people that each of so many sentences names, where it is certain who they are and how to spell
/// them.
fn named<'a>(people: &'a [PersonRecord], places: &Places, sentences: usize) -> Vec<Vec<Name<'a>>> {
    let mut names = vec![Vec::new(); sentences];
    for person in people.iter().filter(|p| p.certain) {
        let Some(name) = Name::new(&person.zh, &person.en) else {
            continue;
        };
        let mentions = person.mentions.iter();
        let held = mentions.filter_map(|m| places.holding(&(m[0]..m[1])));
        let mut held: Vec<usize> = held.collect();
        held.sort_unstable();
        held.dedup();
        for at in held {
            names[at].push(name);
        }
    }
    names
}

fn people_of(
    article: &Article,
    source: &str,
    text: &[&Traced],
    byline: &[String],
) -> Vec<PersonRecord> {
    let paragraphs: Vec<&str> = text.iter().map(|t| t.as_str()).collect();
    let byline: Vec<&str> = byline.iter().map(String::as_str).collect();
    let mentions = |person: &people::Person| {
        let ranges = person.mentions.iter();
        ranges
            .map(|m| {
                let range = text[m.paragraph].source_range(m.range.clone());
                [range.start, range.end]
            })
            .collect()
    };
    people::find(&paragraphs, &byline)
        .into_iter()
        .map(|person| {
            let mentions = mentions(&person);
            person.record(source, &article.id, mentions)
        })
        .collect()
}

fn quotes_of(article: &Article, units: &[Unit], people: &[PersonRecord]) -> Vec<Said> {
    let names: Vec<&str> = people.iter().map(|p| p.zh.as_str()).collect();
    let paragraphs: Vec<&str> = article.paragraphs.iter().map(Traced::as_str).collect();
    let answers = quotes::answers(&paragraphs);
    let mut said = Vec::new();
    let mut body = 0;
    for (p, paragraph) in article.paragraphs.iter().enumerate() {
        // The sentences of a paragraph stand together, in its order.
        let is_own = |u: &&Unit| u.role == Role::Body && u.paragraph == Some(p);
        let is_before = |u: &&Unit| u.role != Role::Body || u.paragraph < Some(p);
        body += units[body..].iter().take_while(is_before).count();
        let own = &units[body..];
        let own = &own[..own.iter().take_while(is_own).count()];
        let text = paragraph.as_str();
        let found = match answers.get(p) {
            Some(Some((speaker, from))) => vec![(Some(*speaker), *from..text.len(), true)],
            Some(None) => Vec::new(),
            None => quotes::find(text, &names)
                .into_iter()
                .map(|q| (q.speaker.map(|s| &text[s]), q.words, q.direct))
                .collect(),
        };
        for (speaker, words, direct) in found {
            let range = paragraph.source_range(words.clone());
            let first = body + own.partition_point(|u| u.zh.source().end <= range.start);
            let end = body + own.partition_point(|u| u.zh.source().start < range.end);
            // Reported speech that runs on for sentences is the article itself.
            if first < end && (direct || first + 1 == end) {
                said.push(Said {
                    speaker: speaker.map(str::to_owned),
                    at: range.start,
                    zh: text[words].trim().to_owned(),
                    units: first..end,
                    direct,
                });
            }
        }
    }
    said
}

/// Where in the source somebody is named who does something there.
fn doing(article: &Article, people: &[PersonRecord]) -> HashSet<usize> {
    let names: Vec<&str> = people.iter().map(|p| p.zh.as_str()).collect();
    let subjects = article.paragraphs.iter().flat_map(|paragraph| {
        let ranges = quotes::subjects(paragraph.as_str(), &names).into_iter();
        ranges.map(|range| paragraph.source_range(range).start)
    });
    subjects.collect()
}

impl Said {
    /// `people` have the mentions alone where they do something.
    fn english(&self, translation: &[Segment], people: &[PersonRecord]) -> Quote {
        let units = &translation[self.units.clone()];
        let en: Vec<&str> = units.iter().map(|s| s.en.as_str()).collect();
        let en = en.join(" ");
        let words = (self.direct)
            .then(|| between_quotation_marks(&en).or_else(|| behind_label(&en)))
            .flatten();
        let mut flags: Vec<Flag> = units.iter().flat_map(|s| s.flags.clone()).collect();
        flags.dedup();
        Quote {
            speaker: (self.speaker.as_deref())
                .map(|zh| quotes::speaker_in_english(zh, self.at, people)),
            zh: self.zh.clone(),
            en: words.unwrap_or(&en).to_owned(),
            source: units[0].id.clone(),
            direct: self.direct,
            flags,
        }
    }
}

/// The words behind the label of an answer: `Wang: …`.
fn behind_label(text: &str) -> Option<&str> {
    const LONGEST: usize = 4;
    let (label, words) = text.split_once(": ")?;
    (label.split_whitespace().count() <= LONGEST).then(|| words.trim())
}

/// The words between the quotation marks of a text that has just one pair.
fn between_quotation_marks(text: &str) -> Option<&str> {
    let mut marks = text.match_indices(['"', '“', '”']);
    let (open, mark) = marks.next()?;
    let (close, _) = marks.next()?;
    let words = text[open + mark.len()..close].trim();
    (marks.next().is_none() && words.split_whitespace().count() > 2).then_some(words)
}

fn segment(unit: &Unit, checked: &Checked) -> Segment {
    let range = unit.zh.source();
    Segment {
        id: unit.id.clone(),
        role: unit.role,
        zh: unit.zh.as_str().to_owned(),
        en: match unit.role {
            Role::Headline | Role::Kicker | Role::Subheadline | Role::Subhead => {
                checked.en.trim_end_matches('.').to_owned()
            }
            Role::Body | Role::Caption => checked.en.clone(),
        },
        start: range.start,
        end: range.end,
        paragraph: unit.paragraph,
        score: round(f64::from(checked.score)),
        origin: checked.origin,
        judge: None,
        flags: checked.flags.clone(),
        doubts: checked.doubts.clone(),
        repairs: checked.repairs.clone(),
    }
}

/// What every sentence of a brief is checked for.
fn checked_kinds() -> Vec<String> {
    let others = ["figure", "name", "glossary", "repetition"];
    let kinds = DoubtKind::CHECKED.iter().map(|kind| kind.name());
    others.into_iter().chain(kinds).map(str::to_owned).collect()
}

/// What an editor should know of the whole article.
fn notes(article: &Article, units: &[Unit]) -> Vec<String> {
    let mut notes = Vec::new();
    let letters = |f: fn(char) -> bool| -> usize {
        let texts = units.iter().map(|u| u.zh.as_str());
        texts.map(|t| t.chars().filter(|&c| f(c)).count()).sum()
    };
    let (han, all) = (letters(is_han), letters(char::is_alphabetic));
    if all > 0 && han * 2 < all {
        notes.push("Most of this text is not Chinese; the translation means little.".to_owned());
    }
    if article.confidence < 0.5 {
        notes.push(
            "It is not certain where this article begins and ends on its page: compare with the page."
                .to_owned(),
        );
    }
    if article.paragraphs.is_empty() {
        notes.push("No body text was found for this headline or caption.".to_owned());
    }
    notes
}

fn round(x: f64) -> f64 {
    (x * 1e3).round() / 1e3
}
