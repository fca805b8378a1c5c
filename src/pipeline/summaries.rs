//! The summaries and headlines of a page's articles, by the route that was asked for.
//!
//! Everything that a model has to do for a page goes to it in one call a model, in batches of
//! bounded size: memory does not grow with the number of chunks.

use std::borrow::Cow;

use super::{Settings, simplified};
use crate::{
    brief::draft::TranslatedArticle,
    brief::record::{Headline, Making},
    cli::Engine,
    summary::headline::{HEADLINE_WORDS, headline},
    summary::{
        Budget, Route, Source, Summary,
        chunks::{self, Capacity, Chunk, Reads, chunks},
        extract::Extract,
        fuse::fuse,
        is_said,
    },
    translation::repair::Rules,
};
use kuaibao_engine::{
    generate::{self, Translator},
    hub::{Location, Task},
};
use kuaibao_text::{
    figures::Clock,
    text::{english_sentences, simplify, word_count},
};

/// A model that writes summaries, ready to run.
pub struct Summarizer {
    /// The loaded model.
    pub model: Translator,
    /// Where it came from.
    pub location: Location,
    /// What it reads.
    pub reads: Reads,
}

/// Everything about an article that a model made of its translation.
pub(super) struct Made {
    pub(super) headline: Headline,
    pub(super) summary: Summary,
    pub(super) making: Making,
}

/// The summaries of a page's articles, in order.
pub(super) fn summaries(
    engine: &Engine,
    settings: &Settings,
    articles: &[TranslatedArticle],
    rules: &Rules,
) -> Result<Vec<Made>, generate::GenerateError> {
    let sentences: Vec<_> = articles.iter().map(TranslatedArticle::sentences).collect();
    let sources: Vec<Source> = articles
        .iter()
        .zip(&sentences)
        .map(|(article, sentences)| Source {
            headline: article.headline().map(|h| h.zh.as_str()),
            sentences,
        })
        .collect();
    let budgets: Vec<Budget> = sources
        .iter()
        .map(|source| settings.budget(source.sentences.iter().map(|s| word_count(s.en)).sum()))
        .collect();
    let written = match &engine.summarizer {
        None => extracts(engine, settings, &sources, &budgets, rules)?,
        Some(summarizer) => summarizer.write(engine, settings, &sources, &budgets, rules.clock)?,
    };
    let made = articles.iter().zip(&sources).zip(budgets).zip(written);
    Ok(made
        .map(|(((article, source), budget), written)| {
            let lead = source.sentences.first().map_or("", |s| s.en);
            let title = written.headline.as_deref();
            Made {
                headline: headline(article.headline(), title, &written.summary, lead),
                summary: written.summary,
                making: Making {
                    words: budget.words,
                    chunks: chunks::records(&written.chunks, source),
                    ..Making::default()
                },
            }
        })
        .collect())
}

/// What was made of one article.
#[derive(Default)]
struct Written {
    summary: Summary,
    chunks: Vec<Chunk>,
    headline: Option<String>,
}

fn extracts(
    engine: &Engine,
    settings: &Settings,
    sources: &[Source],
    budgets: &[Budget],
    rules: &Rules,
) -> Result<Vec<Written>, generate::GenerateError> {
    let extracts: Vec<Extract> = sources
        .iter()
        .zip(budgets)
        .map(|(source, budget)| Extract::new(source, *budget, settings.strict))
        .collect();
    let texts: Vec<_> = extracts
        .iter()
        .zip(sources)
        .map(|(extract, source)| extract.texts(source))
        .collect();
    let counts: Vec<usize> = texts.iter().map(Vec::len).collect();
    let english = simplified(engine, texts.into_iter().flatten(), rules, &|_| ())?;
    let mut english = english.as_slice();
    let written = extracts.iter().zip(sources).zip(counts);
    let written = written.map(|((extract, source), count)| {
        let (own, rest) = english.split_at(count);
        english = rest;
        Written {
            summary: extract.summary(source, own),
            ..Written::default()
        }
    });
    Ok(written.collect())
}

/// Words that summarisers write at most, whatever their configuration allows: they are trained on
/// news with a paragraph of summary.
const WORDS_WRITTEN: usize = 60;
/// Tokens of an English word, generously.
const TOKENS_A_WORD: usize = 2;

impl Summarizer {
    /// What it is asked to do.
    pub fn task(&self) -> Task {
        self.reads.task()
    }

    /// The route that it makes.
    pub fn route(&self) -> Route {
        self.reads.route()
    }

    fn write(
        &self,
        engine: &Engine,
        settings: &Settings,
        sources: &[Source],
        budgets: &[Budget],
        clock: &Clock,
    ) -> Result<Vec<Written>, generate::GenerateError> {
        let count = |text: &str| self.model.count(&self.read(text));
        let shortest = budgets.iter().map(|b| b.words).min();
        let words = WORDS_WRITTEN
            .min(self.model.config.max_length / TOKENS_A_WORD)
            .min(shortest.unwrap_or(WORDS_WRITTEN));
        let capacity = Capacity {
            tokens: self.model.source_limit(),
            words,
            count: &count,
        };
        let mut written: Vec<Written> = sources
            .iter()
            .zip(budgets)
            .map(|(source, budget)| Written {
                chunks: chunks(source, self.reads, &capacity, *budget),
                ..Written::default()
            })
            .collect();
        let texts: Vec<&str> = written
            .iter()
            .flat_map(|w| w.chunks.iter().map(|c| c.text.as_str()))
            .collect();
        let texts = self.ask(engine, &texts, words)?;
        let mut texts = texts.as_slice();
        for ((w, source), budget) in written.iter_mut().zip(sources).zip(budgets) {
            let (own, rest) = texts.split_at(w.chunks.len());
            texts = rest;
            w.summary = fuse(source, own, *budget, settings.strict, clock);
        }
        self.headlines(engine, sources, &mut written, clock)?;
        Ok(written)
    }

    /// Headlines of the articles that have none: what is written in a headline's words about the
    /// first chunk, where the article bears it out.
    fn headlines(
        &self,
        engine: &Engine,
        sources: &[Source],
        written: &mut [Written],
        clock: &Clock,
    ) -> Result<(), generate::GenerateError> {
        let without = |i: &usize| sources[*i].headline.is_none() && !written[*i].chunks.is_empty();
        let without: Vec<usize> = (0..sources.len()).filter(without).collect();
        let first = without.iter().map(|&i| written[i].chunks[0].text.as_str());
        let titles = self.ask(engine, &first.collect::<Vec<_>>(), HEADLINE_WORDS)?;
        for (i, title) in without.into_iter().zip(titles) {
            let first = english_sentences(&title).into_iter().next();
            let title = first.map(|range| &title[range]);
            let said = title.filter(|title| is_said(&sources[i], title, clock));
            written[i].headline = said.map(str::to_owned);
        }
        Ok(())
    }

    /// What the model writes about each text, told to keep to so many words.
    fn ask(
        &self,
        engine: &Engine,
        texts: &[&str],
        words: usize,
    ) -> Result<Vec<String>, generate::GenerateError> {
        let model = self.model.clone().with_max_words(words);
        let mut config = model.config.clone();
        config.num_return_sequences = 1;
        config.max_length = config.max_length.min(words * TOKENS_A_WORD);
        config.min_length = config.min_length.min(config.max_length / 2);
        config.min_new_tokens = config.min_new_tokens.min(config.max_length / 2);
        let texts: Vec<Cow<str>> = texts.iter().map(|text| self.read(text)).collect();
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let found = model.translate(&engine.workers, &texts, &config, &|_| ())?;
        let best = found.into_iter().map(|best| best.into_iter().next());
        Ok(best
            .map(|best| best.map(|b| b.text).unwrap_or_default())
            .collect())
    }

    /// A text as the model reads it: models are trained on Simplified text.
    fn read<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.reads {
            Reads::Chinese => simplify(text),
            Reads::English => Cow::Borrowed(text),
        }
    }
}
