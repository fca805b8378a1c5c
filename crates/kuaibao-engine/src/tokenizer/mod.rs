//! Text ↔ token ids, for every model family, from the files its repository ships.
//!
//! Comes in: a model folder in Hugging Face layout. Goes out: one [`Tokenizer`] that encodes text
//! with the special tokens its model expects and decodes ids to text, equal to `transformers`:
//!
//! | files | models |
//! |---|---|
//! | `source.spm`, `target.spm`, `vocab.json` | Marian |
//! | `tokenizer.json` | any with one |
//! | `spiece.model` | T5, mT5, Flan-T5, MADLAD, Pegasus |
//! | `sentencepiece.bpe.model` | mBART, mBART-50, NLLB; with `vocab.json` M2M100 |
//! | `vocab.json`, `merges.txt` | BART |
//! | `vocab.txt` | Chinese BART; Chinese Pegasus, which cuts with jieba first |
//! | `vocab.*.spm`, or `srcvocab.*.spm` and `trgvocab.*.spm` | Firefox's Marian |
//! | `source.spm`, `target.spm`, `*.vocab.yml` | OPUS-MT's Marian releases |
//!
//! Texts are untrusted: the special tokens that begin, end or pad a sequence never come from a text
//! that spells them. Nothing here truncates.

mod error;
mod families;
mod sentencepiece;
mod settings;
mod subwords;
mod word_pieces;

use std::collections::HashMap;
use std::path::Path;

pub use self::error::TokenizerError;
use self::settings::Settings;
use self::subwords::{Language, Subwords};
use self::word_pieces::WordPieces;

/// Encodes and decodes the text of one model. Cheap to share between threads.
pub struct Tokenizer {
    backend: Backend,
    special: Special,
    template: Template,
    /// Language codes as the model names them (`zh`, `zh_CN`, `zho_Hans`) and their tokens.
    languages: HashMap<String, u32>,
    cleanup: Cleanup,
    vocab_size: usize,
    /// Whether source and target have the same tokens and only English is output.
    english_of_both: bool,
}

enum Backend {
    Subwords(Box<Subwords>),
    Library(Box<tokenizers::Tokenizer>),
    WordPieces(Box<WordPieces>),
}

/// The tokens that frame a sequence; a text never yields one.
#[derive(Clone, Copy, Debug)]
struct Special {
    begin: Option<u32>,
    end: u32,
    pad: u32,
    unknown: Option<u32>,
}

/// Where the special tokens stand around a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Template {
    /// The same for every text.
    Fixed { prefix: Vec<u32>, suffix: Vec<u32> },
    /// `>>target<< text </s>`, the language optional: Marian.
    TargetFirst,
    /// `source text </s>`, the target language forced as the first token of the output: mBART-50,
    /// M2M100, NLLB.
    SourceFirst,
    /// `target text </s>`, the language not optional and nothing forced: SMaLL-100.
    TargetBeforeSource,
    /// `text </s>`, and the decoder begins with the token of the target language: mT5 as CrossSum
    /// trained it on many languages.
    TargetBegins,
    /// `text </s> source`, the target language forced likewise: mBART, NLLB as it was first
    /// published.
    SourceLast,
}

/// What is done to decoded text, as the reference does it.
#[derive(Clone, Copy, Debug, Default)]
struct Cleanup {
    /// Spaces still written `▁` are made plain.
    unescape: bool,
    /// Spaces before punctuation go: `clean_up_tokenization_spaces`.
    punctuation: bool,
}

/// The special tokens for one pair of languages, see [`Tokenizer::framing`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framing {
    prefix: Vec<u32>,
    suffix: Vec<u32>,
    forced_bos: Option<u32>,
    decoder_start: Option<u32>,
}

impl Framing {
    /// How many special tokens an encoded source text carries.
    pub fn special_tokens(&self) -> usize {
        self.prefix.len() + self.suffix.len()
    }

    /// The token that the decoder begins with, where that says which language it writes.
    pub fn decoder_start(&self) -> Option<u32> {
        self.decoder_start
    }

    /// The token that the output must begin with, where the model's languages ask for one.
    pub fn forced_bos(&self) -> Option<u32> {
        self.forced_bos
    }
}

impl Tokenizer {
    /// Builds the tokenizer from the files in a model's folder.
    pub fn from_dir(dir: &Path) -> Result<Self, TokenizerError> {
        families::from_dir(dir, &Settings::read(dir)?)
    }

    /// Resolves language codes, written as the model writes them, to its special tokens.
    ///
    /// Models that know one pair of languages, or take the languages from a prompt, are given none.
    pub fn framing(
        &self,
        source: Option<&str>,
        target: Option<&str>,
    ) -> Result<Framing, TokenizerError> {
        let token = |code: &str| {
            self.languages
                .get(code)
                .copied()
                .ok_or_else(|| TokenizerError::UnknownLanguage {
                    code: code.to_owned(),
                    known: self.known_languages(),
                })
        };
        let end = vec![self.special.end];
        match &self.template {
            Template::Fixed { prefix, suffix } => {
                if let Some(code) = source.or(target) {
                    token(code)?;
                }
                Ok(Framing {
                    prefix: prefix.clone(),
                    suffix: suffix.clone(),
                    forced_bos: None,
                    decoder_start: None,
                })
            }
            // Which of several languages it would write nobody knows.
            Template::TargetFirst if target.is_none() && self.languages.len() > 1 => {
                Err(TokenizerError::TargetNeeded {
                    known: self.known_languages(),
                })
            }
            Template::TargetFirst => Ok(Framing {
                prefix: target.map(token).transpose()?.into_iter().collect(),
                suffix: end,
                forced_bos: None,
                decoder_start: None,
            }),
            Template::TargetBeforeSource | Template::TargetBegins => {
                let target = target.ok_or_else(|| TokenizerError::TargetNeeded {
                    known: self.known_languages(),
                })?;
                let target = token(target)?;
                let begins = self.template == Template::TargetBegins;
                Ok(Framing {
                    prefix: Vec::from_iter((!begins).then_some(target)),
                    suffix: end,
                    forced_bos: None,
                    decoder_start: begins.then_some(target),
                })
            }
            Template::SourceFirst | Template::SourceLast => {
                let (Some(source), Some(target)) = (source, target) else {
                    return Err(TokenizerError::LanguagesNeeded {
                        known: self.known_languages(),
                    });
                };
                let (source, target) = (token(source)?, token(target)?);
                let (prefix, suffix) = match self.template {
                    Template::SourceFirst => (vec![source], end),
                    _ => (vec![], vec![self.special.end, source]),
                };
                Ok(Framing {
                    prefix,
                    suffix,
                    forced_bos: Some(target),
                    decoder_start: None,
                })
            }
        }
    }

    /// The ids of a source text, framed.
    pub fn encode(&self, text: &str, framing: &Framing) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = framing.prefix.clone();
        self.append(text, Language::Source, &mut ids)?;
        ids.extend(&framing.suffix);
        Ok(ids)
    }

    /// The ids of a source text for a model that needs no languages.
    pub fn encode_source(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        self.encode(text, &self.framing(None, None)?)
    }

    /// The ids that the decoder should say for a target text: what forced decoding scores.
    pub fn encode_target(&self, text: &str, framing: &Framing) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::from_iter(framing.forced_bos);
        if let Template::Fixed { prefix, .. } = &self.template {
            ids.extend(prefix);
        }
        self.append(text, Language::Target, &mut ids)?;
        ids.push(self.special.end);
        Ok(ids)
    }

    /// The ids of a part of a target text, nothing before and nothing behind it.
    pub fn encode_phrase(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::new();
        self.append(text, Language::Target, &mut ids)?;
        Ok(ids)
    }

    /// The tokens that a target text can have, the end of a sequence among them, where the model
    /// lists the pieces of its target language, or says that this is English while some of its pieces
    /// are Chinese: nothing else was output in training.
    pub fn target_tokens(&self) -> Option<Vec<u32>> {
        let Backend::Subwords(subwords) = &self.backend else {
            return None;
        };
        let mut tokens = match self.english_of_both {
            true => subwords.without_han(),
            false => subwords.target_ids()?.to_vec(),
        };
        tokens.push(self.special.end);
        tokens.sort_unstable();
        tokens.dedup();
        Some(tokens)
    }

    /// Whether source and target texts have the same tokens.
    pub fn is_shared(&self) -> bool {
        match &self.backend {
            Backend::Subwords(subwords) => subwords.target_ids().is_none(),
            Backend::Library(_) | Backend::WordPieces(_) => true,
        }
    }

    /// How many tokens a source text has, special tokens aside.
    pub fn count(&self, text: &str) -> usize {
        match &self.backend {
            Backend::Subwords(subwords) => subwords.count(text),
            // A text that cannot be encoded fails when it is; until then its bytes bound it.
            Backend::Library(library) => library
                .encode_fast(text, false)
                .map_or(text.len(), |encoding| encoding.len()),
            Backend::WordPieces(pieces) => pieces.encode(text).map_or(text.len(), |ids| ids.len()),
        }
    }

    /// The text of generated ids, special tokens and white space at the ends left out.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        let mut text = match &self.backend {
            Backend::Subwords(subwords) => subwords.decode(ids),
            Backend::WordPieces(pieces) => pieces.decode(ids),
            Backend::Library(library) => {
                let special = [
                    self.special.begin,
                    Some(self.special.end),
                    Some(self.special.pad),
                ];
                let ids: Vec<u32> = ids
                    .iter()
                    .copied()
                    .filter(|&id| !special.contains(&Some(id)))
                    .collect();
                library
                    .decode(&ids, true)
                    .map_err(|error| TokenizerError::Decode(error.to_string()))?
            }
        };
        if self.cleanup.unescape {
            text = text.replace('\u{2581}', " ");
        }
        // What Python strips: white space and the four information separators.
        let strip = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
        text.truncate(text.trim_end_matches(strip).len());
        text.drain(..text.len() - text.trim_start_matches(strip).len());
        if self.cleanup.punctuation {
            text = without_spaces_before_punctuation(text);
        }
        Ok(text)
    }

    /// One more than the highest id that a text can have. A model's own vocabulary may be padded.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    /// The token that ends a sequence.
    pub fn eos_id(&self) -> u32 {
        self.special.end
    }

    /// The token that fills up a batch.
    pub fn pad_id(&self) -> u32 {
        self.special.pad
    }

    /// The token for what the vocabulary cannot express, where there is one.
    pub fn unk_id(&self) -> Option<u32> {
        self.special.unknown
    }

    /// The token of a language, written as the model writes it.
    pub fn language_id(&self, code: &str) -> Option<u32> {
        self.languages.get(code).copied()
    }

    /// Whether it has tokens for languages.
    pub fn has_languages(&self) -> bool {
        !self.languages.is_empty()
    }

    /// The id of a token, written as the vocabulary has it.
    pub fn token_id(&self, token: &str) -> Option<u32> {
        match &self.backend {
            Backend::Subwords(subwords) => subwords.id(token),
            Backend::Library(library) => library.token_to_id(token),
            Backend::WordPieces(pieces) => pieces.id(token),
        }
    }

    fn append(
        &self,
        text: &str,
        language: Language,
        ids: &mut Vec<u32>,
    ) -> Result<(), TokenizerError> {
        match &self.backend {
            Backend::Subwords(subwords) => subwords.encode(text, language, ids),
            Backend::WordPieces(pieces) => ids.extend(pieces.encode(text)?),
            Backend::Library(library) => {
                let encoding = library
                    .encode_fast(text, false)
                    .map_err(|error| TokenizerError::Encode(error.to_string()))?;
                let Special {
                    begin, end, pad, ..
                } = self.special;
                let framing = |id: &u32| *id == end || *id == pad || Some(*id) == begin;
                ids.extend(encoding.get_ids().iter().filter(|id| !framing(id)));
            }
        }
        Ok(())
    }

    fn known_languages(&self) -> String {
        let mut codes: Vec<&str> = self.languages.keys().map(String::as_str).collect();
        if codes.is_empty() {
            return "it has no language tokens, so name none".to_owned();
        }
        codes.sort_unstable();
        format!("it has {}", codes.join(", "))
    }
}

/// `clean_up_tokenization` of `transformers`.
fn without_spaces_before_punctuation(text: String) -> String {
    const REPLACED: [(&str, &str); 10] = [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ];
    REPLACED.iter().fold(text, |text, (from, to)| {
        if text.contains(from) {
            text.replace(from, to)
        } else {
            text
        }
    })
}
