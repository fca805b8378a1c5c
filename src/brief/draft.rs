//! From a page to its briefs: what is to be translated, and what becomes of it.
//!
//! [`Draft::new`] reads everything that the Chinese says by itself (sentences, figures, people,
//! which sentences carry the article); [`Draft::texts`] is what the model has to translate, for
//! the whole page at once; [`Draft::briefs`] puts the English in its place.

use std::ops::Range;

use super::{
    figures::{Clock, Place, Reader},
    glossary::Glossary,
    people::{self, Name},
    quotes,
    record::{
        Brief, Checks, FigureRecord, Flag, FlagKind, Headline, PersonRecord, Quote, Role, Segment,
        Signature, SummarySentence,
    },
    repair::Checked,
    summary::{self, Budget, Candidate},
    translation::{Unit, units},
};
use crate::{
    page::{Article, Page},
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
    figures: Vec<FigureRecord>,
    people: Vec<PersonRecord>,
    /// Units of the summary, their scores, and their text where it is shortened.
    summary: Vec<Chosen>,
    quotes: Vec<Said>,
    notes: Vec<String>,
}

/// Something said, before its translation is known.
struct Said {
    speaker: Option<String>,
    zh: String,
    /// Units that hold it.
    units: Range<usize>,
    direct: bool,
}

struct Chosen {
    unit: usize,
    score: f64,
    shortened: Option<String>,
}

/// Mean log-probability a token below which a sentence is doubtful.
const LOW_SCORE: f32 = -2.0;
/// Words of a headline that is made from the lead.
const HEADLINE_WORDS: usize = 16;

impl Draft {
    /// Reads a page. `source` names it in the records; `date` is used where the page states none.
    pub fn new(page: &Page, source: &str, date: Option<&str>, budget: Budget) -> Self {
        let date = page.date.clone().or(date.map(str::to_owned));
        let clock = date.as_deref().and_then(Clock::parse);
        let clock = clock.unwrap_or_else(Clock::unknown);
        Self {
            source: source.to_owned(),
            paper: page.paper.clone(),
            date,
            articles: page
                .articles
                .iter()
                .map(|a| ArticleDraft::new(a, source, &clock, budget))
                .collect(),
            clock,
        }
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

    /// What is to be translated, in the order that [`Draft::briefs`] expects.
    pub fn texts(&self) -> Vec<&str> {
        self.articles.iter().flat_map(ArticleDraft::texts).collect()
    }

    /// The people that each of [`Draft::texts`] names.
    pub fn names(&self) -> Vec<Vec<Name<'_>>> {
        self.articles.iter().flat_map(ArticleDraft::names).collect()
    }

    /// Calls people as the house's glossary does.
    pub fn rename(&mut self, glossary: &Glossary) {
        for person in self.articles.iter_mut().flat_map(|a| &mut a.people) {
            if let Some(en) = glossary.house(&person.zh) {
                en.clone_into(&mut person.en);
            }
        }
    }

    /// The briefs, given the English of [`Draft::texts`].
    ///
    /// # Panics
    /// When `english` has another length than [`Draft::texts`].
    pub fn briefs(self, english: Vec<Checked>, signature: &Signature) -> Vec<Brief> {
        let mut english = english.into_iter();
        let mut next = |count: usize| -> Vec<Checked> {
            let part: Vec<Checked> = english.by_ref().take(count).collect();
            assert_eq!(part.len(), count, "an English text for each Chinese one");
            part
        };
        let (source, paper, date) = (self.source, self.paper, self.date);
        self.articles
            .into_iter()
            .map(|article| {
                let english = next(article.texts().count());
                let mut brief = article.brief(&english, signature);
                brief.source.clone_from(&source);
                brief.paper.clone_from(&paper);
                brief.date.clone_from(&date);
                brief
            })
            .collect()
    }
}

impl ArticleDraft {
    fn new(article: &Article, source: &str, clock: &Clock, budget: Budget) -> Self {
        let units = units(article);
        let text: Vec<&Traced> = article.paragraphs.iter().chain(&article.captions).collect();
        let mut reader = Reader::new(*clock);
        let mut figures = Vec::new();
        for paragraph in &text {
            for figure in reader.read(paragraph.as_str()) {
                let range = paragraph.source_range(figure.range.clone());
                let sentence = units.iter().find(|u| within(&range, &u.zh.source()));
                figures.push(figure.record(&Place {
                    source,
                    article: &article.id,
                    text: paragraph,
                    sentence: sentence.map_or(paragraph.as_str(), |u| u.zh.as_str()),
                }));
            }
        }
        let byline: Vec<String> = article
            .byline
            .iter()
            .map(|b| b.as_str().to_owned())
            .collect();
        let people = people_of(article, source, &text, &byline);
        let summary = choose(article, &units, &figures, &people, budget);
        let quotes = quotes_of(article, &units, &people);
        Self {
            id: article.id.clone(),
            byline,
            confidence: article.confidence,
            notes: notes(article, &units),
            units,
            figures,
            people,
            summary,
            quotes,
        }
    }

    /// The units, then the shortened summary sentences.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let shortened = self.summary.iter().filter_map(|c| c.shortened.as_deref());
        self.units.iter().map(|u| u.zh.as_str()).chain(shortened)
    }

    /// The people that each of [`ArticleDraft::texts`] names, where it is known how to spell them.
    fn names(&self) -> impl Iterator<Item = Vec<Name<'_>>> {
        let named = |unit: &Unit| {
            let range = unit.zh.source();
            let here = move |p: &&PersonRecord| {
                let mut mentions = p.mentions.iter();
                mentions.any(|m| within(&(m[0]..m[1]), &range))
            };
            let people = self.people.iter().filter(here);
            people.filter_map(|p| Name::new(&p.zh, &p.en))
        };
        let shortened = self.summary.iter().filter_map(move |chosen| {
            let text = chosen.shortened.as_ref()?;
            let left = named(&self.units[chosen.unit]).filter(|name| text.contains(name.zh));
            Some(left.collect())
        });
        let whole = self.units.iter().map(move |unit| named(unit).collect());
        whole.chain(shortened)
    }

    fn brief(self, english: &[Checked], signature: &Signature) -> Brief {
        let (units, shortened) = english.split_at(self.units.len());
        let mut checks = Checks {
            sentences: units.len(),
            split_confidence: round(self.confidence),
            notes: self.notes,
            ..Checks::default()
        };
        let mut translation = Vec::new();
        for (unit, checked) in self.units.iter().zip(units) {
            let segment = segment(unit, checked);
            checks.figures += checked.figures;
            checks.figures_right += checked.figures_right;
            checks.doubtful += usize::from(!segment.flags.is_empty());
            translation.push(segment);
        }
        let mut shortened = shortened.iter();
        let summary: Vec<SummarySentence> = self
            .summary
            .iter()
            .map(|chosen| {
                let own = &translation[chosen.unit];
                let (en, flags) = match chosen.shortened.as_ref().and_then(|_| shortened.next()) {
                    Some(checked) => (checked.en.clone(), checked.flags.clone()),
                    None => (own.en.clone(), own.flags.clone()),
                };
                SummarySentence {
                    en: capitalised(&en),
                    sources: vec![own.id.clone()],
                    score: round(chosen.score),
                    flags,
                }
            })
            .collect();
        let headline = headline(&translation, summary.first());
        Brief {
            schema: "kuaibao.brief/1".to_owned(),
            source: String::new(),
            article: self.id,
            paper: None,
            date: None,
            byline: self.byline,
            headline,
            summary,
            figures: self.figures,
            people: self.people,
            quotes: self
                .quotes
                .iter()
                .map(|q| q.english(&translation))
                .collect(),
            translation,
            checks,
            signature: signature.clone(),
        }
    }
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
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
        .map(|person| PersonRecord {
            schema: "kuaibao.person/1".to_owned(),
            source: source.to_owned(),
            article: article.id.clone(),
            mentions: mentions(&person),
            zh: person.zh,
            en: person.en,
            post_zh: person.post_zh,
            post_en: person.post_en,
            organisation_zh: person.organisation_zh,
            organisation_en: person.organisation_en,
        })
        .collect()
}

/// Quotations a brief shows.
const MOST_QUOTES: usize = 8;

fn quotes_of(article: &Article, units: &[Unit], people: &[PersonRecord]) -> Vec<Said> {
    let names: Vec<&str> = people.iter().map(|p| p.zh.as_str()).collect();
    let mut said = Vec::new();
    for paragraph in &article.paragraphs {
        for quote in quotes::find(paragraph.as_str(), &names) {
            let range = paragraph.source_range(quote.words.clone());
            let overlaps = |u: &Unit| {
                let unit = u.zh.source();
                unit.start < range.end && range.start < unit.end
            };
            let Some(first) = units.iter().position(overlaps) else {
                continue;
            };
            let last = units.iter().rposition(overlaps).unwrap_or(first);
            // Reported speech that runs on for sentences is the article itself.
            if quote.direct || first == last {
                let speaker = quote.speaker.map(|s| &paragraph.as_str()[s]);
                said.push(Said {
                    speaker: speaker.map(|s| speaker_in_english(s, people)),
                    zh: paragraph.as_str()[quote.words].to_owned(),
                    units: first..last + 1,
                    direct: quote.direct,
                });
            }
        }
    }
    // Direct speech first in line, reading order kept.
    let mut direct = said.iter().filter(|s| s.direct).count().min(MOST_QUOTES);
    let mut reported = MOST_QUOTES - direct;
    said.retain(|s| {
        let left = if s.direct { &mut direct } else { &mut reported };
        let kept = *left > 0;
        *left = left.saturating_sub(1);
        kept
    });
    said
}

/// A person's English name where the speaker is one of `people`; else as the text has it.
fn speaker_in_english(zh: &str, people: &[PersonRecord]) -> String {
    let person = people.iter().find(|p| p.zh == zh || zh.ends_with(&p.zh));
    person.map_or_else(|| zh.to_owned(), |p| p.en.clone())
}

impl Said {
    fn english(&self, translation: &[Segment]) -> Quote {
        let units = &translation[self.units.clone()];
        let en: Vec<&str> = units.iter().map(|s| s.en.as_str()).collect();
        let en = en.join(" ");
        let words = (self.direct)
            .then(|| between_quotation_marks(&en))
            .flatten();
        Quote {
            speaker: self.speaker.clone(),
            zh: self.zh.clone(),
            en: words.unwrap_or(&en).to_owned(),
            source: units[0].id.clone(),
        }
    }
}

/// The words between the quotation marks of a text that has just one pair.
fn between_quotation_marks(text: &str) -> Option<&str> {
    let mut marks = text.match_indices(['"', '“', '”']);
    let (open, mark) = marks.next()?;
    let (close, _) = marks.next()?;
    let words = text[open + mark.len()..close].trim();
    (marks.next().is_none() && words.split_whitespace().count() > 2).then_some(words)
}

/// The sentences that carry the article.
fn choose(
    article: &Article,
    units: &[Unit],
    figures: &[FigureRecord],
    people: &[PersonRecord],
    budget: Budget,
) -> Vec<Chosen> {
    let body: Vec<(usize, &Unit)> = units
        .iter()
        .enumerate()
        .filter(|(_, u)| u.role == Role::Body)
        .collect();
    let mut before = None;
    let candidates: Vec<Candidate> = body
        .iter()
        .map(|(_, unit)| {
            let span = unit.zh.source();
            let paragraph = unit.paragraph.unwrap_or(0);
            let first_in_paragraph = before != Some(paragraph);
            before = Some(paragraph);
            let mentioned =
                |p: &&PersonRecord| p.mentions.iter().any(|m| within(&(m[0]..m[1]), &span));
            Candidate {
                zh: unit.zh.as_str(),
                paragraph,
                first_in_paragraph,
                figures: figures
                    .iter()
                    .filter(|f| within(&(f.start..f.end), &span))
                    .count(),
                people: people.iter().filter(mentioned).count(),
            }
        })
        .collect();
    let headline = article.headline.as_ref().map(Traced::as_str);
    summary::select(&candidates, headline, budget)
        .into_iter()
        .map(|(i, score)| {
            let zh = candidates[i].zh;
            let trimmed = summary::lead_trim(zh);
            Chosen {
                unit: body[i].0,
                score,
                shortened: (trimmed.len() < zh.len()).then(|| trimmed.to_owned()),
            }
        })
        .collect()
}

fn segment(unit: &Unit, checked: &Checked) -> Segment {
    let range = unit.zh.source();
    let mut flags = checked.flags.clone();
    if checked.score < LOW_SCORE {
        flags.push(Flag {
            kind: FlagKind::LowScore,
            message: "The model is unsure of this sentence.".to_owned(),
        });
    }
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
        flags,
        repairs: checked.repairs.clone(),
    }
}

/// The article's own headline, else the lead cut to a headline's length.
fn headline(translation: &[Segment], lead: Option<&SummarySentence>) -> Headline {
    if let Some(own) = translation.iter().find(|s| s.role == Role::Headline) {
        return Headline {
            zh: own.zh.clone(),
            en: own.en.clone(),
            generated: false,
        };
    }
    let first = translation.iter().find(|s| s.role == Role::Body);
    let lead = lead.map(|s| s.en.as_str()).or(first.map(|s| s.en.as_str()));
    Headline {
        zh: String::new(),
        en: compressed(lead.unwrap_or_default()),
        generated: true,
    }
}

/// The first clause of a sentence that says something, in at most [`HEADLINE_WORDS`] words.
fn compressed(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let clause = (5..words.len().min(HEADLINE_WORDS))
        .find(|&n| words[n - 1].ends_with([',', ';', ':', '.']))
        .unwrap_or(words.len());
    let kept = words[..clause.min(HEADLINE_WORDS)].join(" ");
    let cut = clause > HEADLINE_WORDS;
    let kept = kept.trim_end_matches([',', ';', ':', '.']);
    capitalised(&if cut {
        format!("{kept} …")
    } else {
        kept.to_owned()
    })
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
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

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn round(x: f64) -> f64 {
    (x * 1e3).round() / 1e3
}
