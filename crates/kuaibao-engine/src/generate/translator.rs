//! Text to text: tokenizer, search and detokenizer around one model.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    judge::JudgeError,
    marian::{self, Shortlist},
    nn::{self, Footprint, ModelError, Placement, Seq2Seq, Shortlisted, device_memory},
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
    #[error(transparent)]
    Judge(#[from] JudgeError),
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
    /// Padded source tokens times beams that the device's memory was found to hold.
    fits: AtomicUsize,
}

/// One translated text, or one of its n-best.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// The text.
    pub text: String,
    /// Tokens of the hypothesis, its end token included.
    pub tokens: Vec<u32>,
    /// Whether it had come to no end, as [`Hypothesis::broken_off`].
    pub broken_off: bool,
    /// The hypothesis' score, as [`Hypothesis::score`].
    pub score: f32,
}

/// Longest source of a model whose positions end nowhere. T5 and its kin were trained on 512 tokens
/// (mT5 on 1024); they take more, and say less of it.
const TRAINED_TOKENS: usize = 512;

/// What [`Translator::batch_tokens`] is at first on a CPU: more is no faster there (`kuaibao bench
/// --batch`), and takes memory.
const BATCH_TOKENS: usize = 1024;
/// And elsewhere, at most.
const DEVICE_BATCH_TOKENS: usize = 16_384;
/// Source tokens of a sentence, for the share that each has in what a row takes.
const SENTENCE_TOKENS: usize = 20;

/// What [`Translator::batch_tokens`] is at first on a device with so much memory, of which the weights
/// take so much: half of it is left to what no estimate sees, and to other programs.
fn device_batch_tokens(memory: Option<usize>, weights: u64, footprint: Footprint) -> usize {
    let Some(memory) = memory else {
        return DEVICE_BATCH_TOKENS;
    };
    let room = (memory / 2).saturating_sub(weights as usize);
    let token = footprint.token + footprint.row / SENTENCE_TOKENS;
    (room / token.max(1)).clamp(1, DEVICE_BATCH_TOKENS)
}

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
        if let Some(start) = instruction.decoder_start() {
            config.decoder_start_token_id = start;
        }
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
        let batch_tokens = match &placement.device {
            Device::Cpu => BATCH_TOKENS,
            device => {
                device_batch_tokens(device_memory(device), location.weights(), model.footprint())
            }
        };
        Ok(Self {
            engine: Arc::new(Engine {
                location: location.clone(),
                model,
                tokenizer,
                languages,
                shortlist,
                fits: AtomicUsize::new(usize::MAX),
            }),
            instruction,
            config,
            batch_tokens,
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
        let found = self.within_memory(model, &sources, config)?;
        let translation = |h: Hypothesis| -> Result<Translation, GenerateError> {
            Ok(Translation {
                text: self.tokenizer.decode(&h.tokens)?,
                tokens: h.tokens,
                broken_off: h.broken_off,
                score: h.score,
            })
        };
        found
            .into_iter()
            .map(|best| best.into_iter().map(translation).collect())
            .collect()
    }

    /// Searches all sources together or, where the device's memory does not hold them, each half of
    /// them alone, and so on down to one. What was too much once is not tried again.
    fn within_memory(
        &self,
        model: &dyn Seq2Seq,
        sources: &[&[u32]],
        config: &SearchConfig,
    ) -> Result<Vec<Vec<Hypothesis>>, ModelError> {
        let longest = sources.iter().map(|source| source.len()).max();
        let size = sources.len() * longest.unwrap_or(0) * config.num_beams.max(1);
        if sources.len() == 1 || size <= self.fits.load(Ordering::Relaxed) {
            match search(model, sources, config) {
                Err(ModelError::DeviceFull(why)) if sources.len() > 1 => {
                    self.fits.fetch_min(size / 2, Ordering::Relaxed);
                    log::warn!(
                        "{} sentences together do not fit the memory of the device ({why}): batches are halved",
                        sources.len()
                    );
                }
                found => return found,
            }
        }
        let (first, second) = sources.split_at(sources.len() / 2);
        let mut found = self.within_memory(model, first, config)?;
        found.extend(self.within_memory(model, second, config)?);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use candle_core::Tensor;

    use super::*;
    use crate::{
        hub::{HubOptions, resolve},
        nn::{DecoderState, Encoded, Head, Precision},
    };

    /// A model on a device whose memory holds so many rows, as candle says that it is full.
    struct Small {
        model: Box<dyn Seq2Seq>,
        rows: usize,
        refused: Arc<AtomicUsize>,
    }

    impl Seq2Seq for Small {
        fn encode(&self, sources: &[&[u32]]) -> Result<Encoded, ModelError> {
            self.model.encode(sources)
        }

        fn start(&self, encoded: &Encoded) -> Result<DecoderState, ModelError> {
            self.model.start(encoded)
        }

        fn hidden(&self, state: &mut DecoderState, tokens: &[u32]) -> Result<Tensor, ModelError> {
            if state.rows() > self.rows {
                self.refused.fetch_add(1, Ordering::Relaxed);
                // `DriverError` of cudarc prints itself so, and candle boxes it.
                let full = r#"DriverError(CUDA_ERROR_OUT_OF_MEMORY, "out of memory")"#;
                let allocated: candle_core::Result<Tensor> =
                    Err(candle_core::Error::Cuda(full.into()).bt());
                return Ok(allocated?);
            }
            self.model.hidden(state, tokens)
        }

        fn head(&self) -> &Head {
            self.model.head()
        }

        fn max_positions(&self) -> Option<usize> {
            self.model.max_positions()
        }

        fn footprint(&self) -> Footprint {
            self.model.footprint()
        }

        fn device(&self) -> &Device {
            self.model.device()
        }
    }

    #[test]
    fn a_batch_that_does_not_fit_is_halved_until_it_does() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/marian/joint");
        let lines = std::fs::read_to_string(folder.join("sources.txt")).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        let options = HubOptions::from_env().unwrap();
        let location = resolve(folder.to_str().unwrap(), &options).unwrap();
        let placement = Placement::new(Device::Cpu, Precision::F32);
        let open = || Translator::open(&location, &placement, Task::Translate, None).unwrap();
        let refused = Arc::new(AtomicUsize::new(0));
        let small = |rows: usize| {
            let mut translator = open();
            let engine = Arc::get_mut(&mut translator.engine).unwrap();
            let model = nn::load(&folder, &placement).unwrap();
            let refused = Arc::clone(&refused);
            engine.model = Box::new(Small {
                model,
                rows,
                refused,
            });
            translator
        };
        let workers = Workers::start(1);
        for beams in [1, 4] {
            let whole = open();
            let config = SearchConfig {
                num_beams: beams,
                ..whole.config.clone()
            };
            let exact = whole.translate(&workers, &lines, &config, &|_| ()).unwrap();
            let small = small(5 * beams);
            let found = small.translate(&workers, &lines, &config, &|_| ());
            assert_eq!(found.unwrap(), exact);
            assert!(
                refused.swap(0, Ordering::Relaxed) > 0,
                "nothing was refused"
            );
            // What was too much is not tried again, on any batch.
            let again = small.translate(&workers, &lines, &config, &|_| ());
            assert_eq!(again.unwrap(), exact);
            assert_eq!(refused.load(Ordering::Relaxed), 0);
        }
        // Where not even one fits, the error says what is full and what to do.
        let none = small(0);
        let error = none.translate(&workers, &lines, &none.config, &|_| ());
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("memory of the device is full") && error.contains("--device cpu"),
            "{error}"
        );
        assert!(
            error.contains("CUDA_ERROR_OUT_OF_MEMORY") && error.lines().count() == 1,
            "{error}"
        );
    }

    #[test]
    fn batches_are_sized_by_the_memory_of_the_device() {
        let footprint = Footprint {
            row: 1 << 20,
            token: 100 << 10,
        };
        let tokens = |memory| device_batch_tokens(memory, 200 << 20, footprint);
        assert_eq!(tokens(None), DEVICE_BATCH_TOKENS);
        assert_eq!(tokens(Some(80 << 30)), DEVICE_BATCH_TOKENS);
        let four = tokens(Some(4 << 30));
        assert!((10_000..16_000).contains(&four), "{four}");
        assert!(tokens(Some(1 << 30)) < four / 4);
        assert_eq!(tokens(Some(100 << 20)), 1);
    }
}
