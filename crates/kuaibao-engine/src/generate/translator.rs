//! Text to text: tokenizer, search and detokenizer around one model.

use std::collections::BTreeSet;
use std::sync::{Arc, mpsc};

use candle_core::Device;

use super::{
    Hypothesis, Scored, SearchConfig, Workers, batches,
    instruction::{Instruction, Languages, check_tasks},
    prompt::{Prompt, PromptError},
    score, search,
};
use crate::{
    hub::{Location, Task},
    marian::{self, Shortlist},
    nn::{self, ModelError, Placement, Seq2Seq, Shortlisted},
    tokenizer::{Tokenizer, TokenizerError},
};

/// What can go wrong while generating.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum GenerateError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error(transparent)]
    Prompt(#[from] PromptError),
    #[error("{model} cannot {wanted}, it can {can}; models that can {wanted}: {able}")]
    Unable {
        model: String,
        wanted: String,
        can: String,
        able: String,
    },
    #[error(
        "{model} is told in words what to do, and there is no prompt to {task} for models of its kind; write one and name it with --prompt FILE"
    )]
    NoPrompt { model: String, task: Task },
    #[error(
        "{model} does one thing and is not told in words what to do: leave --prompt out, or name a model that is: {told}"
    )]
    NeedlessPrompt { model: String, told: String },
    #[error("{model} has no shortlist (lex.*.bin) beside its weights; leave --shortlist out")]
    NoShortlist { model: String },
    #[error("a worker stopped unexpectedly; please report this with the input that was given")]
    Worker,
}

/// A loaded model with its tokenizer, told what to do, ready to be shared by threads. Copies share
/// the model.
#[derive(Clone)]
pub struct Translator {
    engine: Arc<Engine>,
    instruction: Instruction,
    /// The model's own search options.
    pub config: SearchConfig,
    /// Most padded source tokens of a batch, times its beams.
    pub batch_tokens: usize,
}

struct Engine {
    location: Location,
    model: Box<dyn Seq2Seq>,
    tokenizer: Tokenizer,
    languages: Languages,
    /// Which target tokens the source tokens make likely, where only these are to be scored.
    shortlist: Option<Shortlist>,
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

/// Longest source of a model whose positions end nowhere. T5 and its kin were trained on 512 tokens
/// (mT5 on 1024); they take more, and say less of it.
const TRAINED_TOKENS: usize = 512;

/// What [`Translator::batch_tokens`] is at first on a CPU: more is no faster there (`kuaibao bench
/// --batch`), and takes memory.
const BATCH_TOKENS: usize = 1024;
/// And elsewhere.
const DEVICE_BATCH_TOKENS: usize = 16_384;

impl Translator {
    /// Loads the model, the tokenizer and the search options of a folder for a task; `prompt` is
    /// used instead of the model's own.
    pub fn open(
        location: &Location,
        placement: &Placement,
        task: Task,
        prompt: Option<Prompt>,
    ) -> Result<Self, GenerateError> {
        let languages = Languages::default();
        Self::open_with(location, placement, task, prompt, languages, false)
    }

    /// [`Translator::open`] between these languages, scoring only the target tokens that the shortlist beside the weights makes
    /// likely, with `shortlisted`: faster, and a little worse. The tokens of a batch are likely together.
    pub fn open_with(
        location: &Location,
        placement: &Placement,
        task: Task,
        prompt: Option<Prompt>,
        languages: Languages,
        shortlisted: bool,
    ) -> Result<Self, GenerateError> {
        check_tasks(&[task], location.manifest)?;
        let folder = &location.dir;
        let tokenizer = Tokenizer::from_dir(folder)?;
        let instruction = Instruction::new(task, location, &tokenizer, prompt, &languages)?;
        let files = marian::Files::of(folder);
        let shortlist = match files.as_ref().and_then(|files| files.shortlist.as_ref()) {
            Some(name) if shortlisted => {
                let path = folder.join(name);
                let list = Shortlist::open(&path, tokenizer.vocab_size());
                Some(list.map_err(|error| ModelError::Weights {
                    path,
                    reason: error.problem,
                })?)
            }
            None if shortlisted => {
                return Err(GenerateError::NoShortlist {
                    model: location.name.clone(),
                });
            }
            _ => None,
        };
        let mut config = match files {
            Some(_) => SearchConfig::of_marian(folder, &tokenizer)?,
            None => SearchConfig::read(folder)?,
        };
        config.forced_bos_token_id = instruction.forced_bos().or(config.forced_bos_token_id);
        log::info!(
            "loading {} from {} as {} on {:?}",
            location.versioned(),
            folder.display(),
            placement.precision.name(),
            placement.device.location()
        );
        let mut model = nn::load(folder, placement)?;
        if let Some(tokens) = tokenizer.target_tokens() {
            model.restrict(&tokens);
            log::info!("{} tokens can be output", model.outputs().len());
        }
        Ok(Self {
            engine: Arc::new(Engine {
                location: location.clone(),
                model,
                tokenizer,
                languages,
                shortlist,
            }),
            instruction,
            config,
            batch_tokens: match placement.device {
                Device::Cpu => BATCH_TOKENS,
                _ => DEVICE_BATCH_TOKENS,
            },
        })
    }

    /// The same model for another task.
    pub fn for_task(&self, task: Task, prompt: Option<Prompt>) -> Result<Self, GenerateError> {
        let Engine {
            location,
            tokenizer,
            languages,
            ..
        } = &*self.engine;
        check_tasks(&[task], location.manifest)?;
        let instruction = Instruction::new(task, location, tokenizer, prompt, languages)?;
        Ok(Self {
            instruction,
            ..self.clone()
        })
    }

    /// The same model, told how many words its answers may have, where its prompt says so.
    #[must_use]
    pub fn with_max_words(mut self, words: usize) -> Self {
        self.instruction.max_words = words;
        self
    }

    /// SHA-256 of the prompt, where one is used.
    pub fn prompt_hash(&self) -> Option<&str> {
        self.instruction.prompt().map(Prompt::hash)
    }

    /// The most tokens of one text: what the model takes less what it is told.
    pub fn source_limit(&self) -> usize {
        let most = self.engine.model.max_positions().unwrap_or(TRAINED_TOKENS);
        let most = self
            .config
            .max_source_length
            .map_or(most, |trained| trained.min(most));
        most.saturating_sub(self.instruction.tokens(&self.engine.tokenizer))
            .max(1)
    }

    /// Tokens of a text, without those that it is told with.
    pub fn count(&self, text: &str) -> usize {
        self.engine.tokenizer.count(text)
    }

    /// The tokens of an English phrase as they stand inside a hypothesis, for
    /// [`SearchConfig::force_words_ids`]; `None` where the model cannot spell it.
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
        config: &SearchConfig,
        progress: &dyn Fn(usize),
    ) -> Result<Vec<Vec<Translation>>, GenerateError> {
        let sources: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| self.instruction.encode(&self.engine.tokenizer, text))
            .collect::<Result<_, _>>()?;
        let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
        let batches = batches(&lengths, self.batch_tokens / config.num_beams.max(1));
        log::debug!(
            "{} texts of {} tokens in {} batches, {} beams",
            texts.len(),
            lengths.iter().sum::<usize>(),
            batches.len(),
            config.num_beams
        );
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
        found
            .into_iter()
            .map(|f| f.ok_or(GenerateError::Worker))
            .collect()
    }

    /// Scores a given translation and says where the decoder looked for each token.
    pub fn score(&self, source: &str, tokens: &[u32]) -> Result<Scored, GenerateError> {
        let source = self.instruction.encode(&self.engine.tokenizer, source)?;
        let scored = score(
            &*self.engine.model,
            &[(&source, tokens)],
            &self.config,
            true,
        )?;
        scored.into_iter().next().ok_or(GenerateError::Worker)
    }
}

impl Engine {
    fn search(
        &self,
        sources: &[Vec<u32>],
        config: &SearchConfig,
    ) -> Result<Vec<Vec<Translation>>, GenerateError> {
        let sources: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
        let shortlisted = self.shortlist.as_ref().and_then(|list| {
            let size = self.tokenizer.vocab_size();
            let shared = self.tokenizer.is_shared();
            let all = sources
                .iter()
                .flat_map(|s| list.candidates(s, size, shared));
            // What is asked for can be said.
            let all = all.chain(config.force_words_ids.iter().flatten().copied());
            let tokens: Vec<u32> = all.collect::<BTreeSet<_>>().into_iter().collect();
            Shortlisted::new(&*self.model, &tokens)
        });
        let model: &dyn Seq2Seq = match &shortlisted {
            Some(model) => model,
            None => &*self.model,
        };
        let found = search(model, &sources, config)?;
        let translation = |h: Hypothesis| -> Result<Translation, GenerateError> {
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
