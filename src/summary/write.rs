//! The summaries and headlines of a page's articles, by the route that was asked for.
//!
//! Everything that a model has to do for a page goes to it in one call a model, in batches of
//! bounded size: memory does not grow with the number of chunks.

use std::borrow::Cow;

use super::{
    Budget, Source, Summary, Wish,
    chunks::{self, Capacity, Chunk, chunks},
    extract::Extract,
    fuse::{Said, fuse, is_finished, said},
    headline::{HEADLINE_WORDS, headline},
    is_said,
    record::{Headline, Making},
};
use crate::{
    engine::{Engine, Reads, Summarizer},
    translation::{self, Options, Rules, Text},
};
use kuaibao_engine::generate;
use kuaibao_text::{
    people::Name,
    text::{sentences, simplify, word_count},
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
    rules: &Rules,
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
        Some(summarizer) => Task { engine, summarizer }.write(wish, sources, &budgets, rules)?,
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
        rules: &Rules,
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
        let owners = (0..).zip(&written);
        let owners: Vec<usize> = owners
            .flat_map(|(i, w)| std::iter::repeat_n(i, w.chunks.len()))
            .collect();
        let mut said = self.said(&texts, sources, &owners, rules)?.into_iter();
        for ((w, source), budget) in written.iter_mut().zip(sources).zip(budgets) {
            let own = said.by_ref().take(w.chunks.len()).collect();
            w.summary = fuse(source, own, *budget, wish.strict, rules.clock);
        }
        self.headlines(sources, &mut written, rules)?;
        Ok(written)
    }

    /// The sentences of each text that the model wrote, in English; `owners` says about which of the
    /// sources.
    fn said(
        &self,
        texts: &[String],
        sources: &[Source],
        owners: &[usize],
        rules: &Rules,
    ) -> Result<Vec<Vec<Said>>, generate::GenerateError> {
        match self.summarizer.reads {
            Reads::Chinese | Reads::English => Ok(texts.iter().map(|text| said(text)).collect()),
            Reads::Native => self.translated(texts, sources, owners, rules),
        }
    }

    /// Chinese texts in English, sentence by sentence, held to what they say as the article itself is.
    fn translated(
        &self,
        texts: &[String],
        sources: &[Source],
        owners: &[usize],
        rules: &Rules,
    ) -> Result<Vec<Vec<Said>>, generate::GenerateError> {
        let articles: Vec<String> = sources
            .iter()
            .map(|source| source.sentences.iter().map(|s| s.zh).collect())
            .collect();
        let mut chinese: Vec<Text> = Vec::new();
        let mut counts = Vec::new();
        for (text, &owner) in texts.iter().zip(owners) {
            let before = chinese.len();
            let parts = sentences(text).into_iter().map(|range| text[range].trim());
            for zh in parts.filter(|zh| !zh.is_empty()) {
                let people = sources[owner].sentences.iter().flat_map(|s| &s.people);
                let mut names: Vec<Name> = Vec::new();
                for name in people.filter(|name| zh.contains(name.zh)) {
                    if names.iter().all(|known| known.zh != name.zh) {
                        names.push(*name);
                    }
                }
                chinese.push(Text {
                    zh,
                    names,
                    around: &articles[owner],
                });
            }
            counts.push(chinese.len() - before);
        }
        let options = Options {
            checks: Some(rules),
            mend: true,
            ..Options::default()
        };
        let english = translation::translate(self.engine, &chinese, &options, &|_| ())?;
        let mut both = chinese.iter().zip(english).map(|(text, english)| Said {
            en: english.en,
            zh: Some(text.zh.to_owned()),
            flags: english.flags,
            finished: is_finished(text.zh),
        });
        let of_text = counts.into_iter().map(|n| both.by_ref().take(n).collect());
        Ok(of_text.collect())
    }

    /// Headlines of the articles that have none: what is written in a headline's words about the
    /// first chunk, where the article bears it out.
    fn headlines(
        &self,
        sources: &[Source],
        written: &mut [Written],
        rules: &Rules,
    ) -> Result<(), generate::GenerateError> {
        let without = |i: &usize| sources[*i].headline.is_none() && !written[*i].chunks.is_empty();
        let without: Vec<usize> = (0..sources.len()).filter(without).collect();
        let first = without.iter().map(|&i| written[i].chunks[0].text.as_str());
        let titles = self.ask(&first.collect::<Vec<_>>(), HEADLINE_WORDS)?;
        let titles = self.said(&titles, sources, &without, rules)?;
        for (i, title) in without.into_iter().zip(titles) {
            let title = title.into_iter().next().map(|said| said.en);
            written[i].headline = title.filter(|en| is_said(&sources[i], en, rules.clock));
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
            Reads::Chinese | Reads::Native => simplify(text),
            Reads::English => Cow::Borrowed(text),
        }
    }
}
