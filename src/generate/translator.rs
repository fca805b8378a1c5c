//! Text to text: tokenizer, search and detokenizer around one model.

use std::{
    path::Path,
    sync::{Arc, mpsc},
};

use super::{Config, Hypothesis, Scored, Workers, batches, score, search};
use crate::{
    nn::{self, Placement, Seq2Seq},
    tokenizer::{Tokenizer, TokenizerError},
};

/// What can go wrong while generating.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum Error {
    #[error(transparent)]
    Model(#[from] nn::Error),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error("a worker stopped unexpectedly; please report this with the input that was given")]
    Worker,
}

/// A loaded model with its tokenizer, ready to be shared by threads.
pub struct Translator {
    engine: Arc<Engine>,
    /// The model's own search options.
    pub config: Config,
    /// Most padded source tokens of a batch, times its beams.
    pub batch_tokens: usize,
}

struct Engine {
    model: Box<dyn Seq2Seq>,
    tokenizer: Tokenizer,
}

/// One translated text, or one of its n-best.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// The text.
    pub text: String,
    /// Tokens of the hypothesis, its end token included.
    pub tokens: Vec<u32>,
    /// The hypothesis' score, as [`Hypothesis::score`].
    pub score: f32,
}

/// What [`Translator::batch_tokens`] is at first: small enough for a CPU's second-level cache.
const BATCH_TOKENS: usize = 4096;

impl Translator {
    /// Loads the model, the tokenizer and the search options of a folder.
    pub fn open(folder: &Path, placement: &Placement) -> Result<Self, Error> {
        let tokenizer = Tokenizer::from_dir(folder)?;
        let config = Config::read(folder)?;
        let model = nn::load(folder, placement)?;
        Ok(Self {
            engine: Arc::new(Engine { model, tokenizer }),
            config,
            batch_tokens: BATCH_TOKENS,
        })
    }

    /// The most tokens of one source, its end token included.
    pub fn source_limit(&self) -> usize {
        self.engine.model.max_positions().unwrap_or(512)
    }

    /// Tokens that a text takes, its end token included.
    pub fn count(&self, text: &str) -> usize {
        self.engine.tokenizer.count(text)
    }

    /// The tokens of an English phrase as they stand inside a hypothesis, for
    /// [`Config::force_words_ids`]; `None` where the model cannot spell it.
    pub fn phrase(&self, english: &str) -> Option<Vec<u32>> {
        let tokenizer = &self.engine.tokenizer;
        let tokens = tokenizer.encode_phrase(english).ok()?;
        let spelt = tokenizer.decode(&tokens).ok()?;
        (spelt == english && !tokens.is_empty()).then_some(tokens)
    }

    /// Translates texts, each at most [`Translator::source_limit`] tokens, with the n-best of each,
    /// best first, in input order. Batches are a pure function of the texts and the options;
    /// `progress` is told of the number of texts done as batches end.
    pub fn translate(
        &self,
        workers: &Workers,
        texts: &[&str],
        config: &Config,
        progress: &dyn Fn(usize),
    ) -> Result<Vec<Vec<Translation>>, Error> {
        let sources: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| self.engine.tokenizer.encode_source(text))
            .collect::<Result<_, _>>()?;
        let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
        let batches = batches(&lengths, self.batch_tokens / config.num_beams.max(1));
        let config = Arc::new(config.clone());
        let (done, results) = mpsc::channel();
        for batch in batches {
            let engine = Arc::clone(&self.engine);
            let config = Arc::clone(&config);
            let done = done.clone();
            let sources: Vec<Vec<u32>> = batch.iter().map(|&i| sources[i].clone()).collect();
            workers.submit(move || {
                // Nobody may be listening any more, after another batch failed.
                let _ = done.send((batch, engine.search(&sources, &config)));
            });
        }
        drop(done);
        let mut found: Vec<Option<Vec<Translation>>> = vec![None; texts.len()];
        for (batch, translations) in results {
            progress(batch.len());
            for (i, translation) in batch.into_iter().zip(translations?) {
                found[i] = Some(translation);
            }
        }
        found.into_iter().map(|f| f.ok_or(Error::Worker)).collect()
    }

    /// Scores a given translation and says where the decoder looked for each token.
    pub fn score(&self, source: &str, tokens: &[u32]) -> Result<Scored, Error> {
        let source = self.engine.tokenizer.encode_source(source)?;
        let scored = score(
            &*self.engine.model,
            &[(&source, tokens)],
            &self.config,
            true,
        )?;
        scored.into_iter().next().ok_or(Error::Worker)
    }
}

impl Engine {
    fn search(
        &self,
        sources: &[Vec<u32>],
        config: &Config,
    ) -> Result<Vec<Vec<Translation>>, Error> {
        let sources: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
        let found = search(&*self.model, &sources, config)?;
        let translation = |h: Hypothesis| -> Result<Translation, Error> {
            Ok(Translation {
                text: self.tokenizer.decode(&h.tokens)?,
                tokens: h.tokens,
                score: h.score,
            })
        };
        found
            .into_iter()
            .map(|best| best.into_iter().map(translation).collect())
            .collect()
    }
}
