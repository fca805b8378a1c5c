//! The summaries and headlines of a page's articles, by the route that was asked for.
//!
//! Everything that a model has to do for a page goes to it in one call a model, in batches of
//! bounded size: memory does not grow with the number of chunks.

use std::borrow::Cow;

use super::{
    Budget, Source, Summary, Wish,
    chunks::{self, Capacity, Chunk, chunks},
    extract::Extract,
    fuse::fuse,
    headline::{HEADLINE_WORDS, headline},
    is_said,
    record::{Headline, Making},
};
use crate::engine::{Engine, Reads, Summarizer};
use kuaibao_engine::generate;
use kuaibao_text::{
    figures::Clock,
    text::{english_sentences, simplify, word_count},
};

/// Everything about an article that was made of its translation.
pub struct Made {
    /// Its own headline, or one made.
    pub headline: Headline,
    /// Its summary.
    pub summary: Summary,
    /// How that was made.
    pub making: Making,
}

/// The summaries and headlines of a page's articles, in order.
pub fn write(
    engine: &Engine,
    wish: Wish,
    sources: &[Source],
    clock: &Clock,
) -> Result<Vec<Made>, generate::GenerateError> {
    let words = |source: &Source| source.sentences.iter().map(|s| word_count(s.en)).sum();
    let budgets: Vec<Budget> = sources.iter().map(|s| wish.budget(words(s))).collect();
    let written = match &engine.summarizer {
        None => {
            let extract = |(source, budget): (&Source, &Budget)| Written {
                summary: Extract::new(source, *budget, wish.strict).summary(source),
                ..Written::default()
            };
            sources.iter().zip(&budgets).map(extract).collect()
        }
        Some(summarizer) => Task { engine, summarizer }.write(wish, sources, &budgets, clock)?,
    };
    let made = sources.iter().zip(budgets).zip(written);
    Ok(made
        .map(|((source, budget), written)| {
            let lead = source.sentences.first().map_or("", |s| s.en);
            let title = written.headline.as_deref();
            Made {
                headline: headline(source.headline, title, &written.summary, lead),
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

/// Words that summarisers write at most, whatever their configuration allows: they are trained on
/// news with a paragraph of summary.
const WORDS_WRITTEN: usize = 60;
/// Tokens of an English word, generously.
const TOKENS_A_WORD: usize = 2;

/// A summariser at work.
struct Task<'a> {
    engine: &'a Engine,
    summarizer: &'a Summarizer,
}

impl Task<'_> {
    fn write(
        &self,
        wish: Wish,
        sources: &[Source],
        budgets: &[Budget],
        clock: &Clock,
    ) -> Result<Vec<Written>, generate::GenerateError> {
        let Summarizer { model, reads, .. } = self.summarizer;
        let count = |text: &str| model.count(&self.read(text));
        let shortest = budgets.iter().map(|b| b.words).min();
        let words = WORDS_WRITTEN
            .min(model.config.max_length / TOKENS_A_WORD)
            .min(shortest.unwrap_or(WORDS_WRITTEN));
        let capacity = Capacity {
            tokens: model.source_limit(),
            words,
            count: &count,
        };
        let mut written: Vec<Written> = sources
            .iter()
            .zip(budgets)
            .map(|(source, budget)| Written {
                chunks: chunks(source, *reads, &capacity, *budget),
                ..Written::default()
            })
            .collect();
        let texts: Vec<&str> = written
            .iter()
            .flat_map(|w| w.chunks.iter().map(|c| c.text.as_str()))
            .collect();
        let texts = self.ask(&texts, words)?;
        let mut texts = texts.as_slice();
        for ((w, source), budget) in written.iter_mut().zip(sources).zip(budgets) {
            let (own, rest) = texts.split_at(w.chunks.len());
            texts = rest;
            w.summary = fuse(source, own, *budget, wish.strict, clock);
        }
        self.headlines(sources, &mut written, clock)?;
        Ok(written)
    }

    /// Headlines of the articles that have none: what is written in a headline's words about the
    /// first chunk, where the article bears it out.
    fn headlines(
        &self,
        sources: &[Source],
        written: &mut [Written],
        clock: &Clock,
    ) -> Result<(), generate::GenerateError> {
        let without = |i: &usize| sources[*i].headline.is_none() && !written[*i].chunks.is_empty();
        let without: Vec<usize> = (0..sources.len()).filter(without).collect();
        let first = without.iter().map(|&i| written[i].chunks[0].text.as_str());
        let titles = self.ask(&first.collect::<Vec<_>>(), HEADLINE_WORDS)?;
        for (i, title) in without.into_iter().zip(titles) {
            let first = english_sentences(&title).into_iter().next();
            let title = first.map(|range| &title[range]);
            let said = title.filter(|title| is_said(&sources[i], title, clock));
            written[i].headline = said.map(str::to_owned);
        }
        Ok(())
    }

    /// What the model writes about each text, told to keep to so many words.
    fn ask(&self, texts: &[&str], words: usize) -> Result<Vec<String>, generate::GenerateError> {
        let model = self.summarizer.model.clone().with_max_words(words);
        let mut config = model.config.clone();
        config.num_return_sequences = 1;
        config.max_length = config.max_length.min(words * TOKENS_A_WORD);
        config.min_length = config.min_length.min(config.max_length / 2);
        config.min_new_tokens = config.min_new_tokens.min(config.max_length / 2);
        let texts: Vec<Cow<str>> = texts.iter().map(|text| self.read(text)).collect();
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let found = model.translate(&self.engine.workers, &texts, &config, &|_| ())?;
        let best = found.into_iter().map(|best| best.into_iter().next());
        Ok(best
            .map(|best| best.map(|b| b.text).unwrap_or_default())
            .collect())
    }

    /// A text as the model reads it: models are trained on Simplified text.
    fn read<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.summarizer.reads {
            Reads::Chinese => simplify(text),
            Reads::English => Cow::Borrowed(text),
        }
    }
}
