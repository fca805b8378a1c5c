//! What can be wrong with a tokenizer's files, or with what is asked of it.

use std::io;
use std::path::PathBuf;

/// A tokenizer that cannot be built or used.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// A file cannot be read.
    #[error("{}: {source}; the model folder must hold it whole", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder has no tokenizer of a known kind.
    #[error(
        "{}: no tokenizer here; expected source.spm + target.spm + vocab.json, or tokenizer.json, \
         or spiece.model, or sentencepiece.bpe.model, or vocab.json + merges.txt, or vocab.txt",
        dir.display()
    )]
    Missing {
        /// The folder.
        dir: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{}: {problem}; fetch the model again, or name a folder with another tokenizer", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The model has no such language.
    #[error("the model has no language {code:?}; {known}")]
    UnknownLanguage {
        /// The code that was asked for.
        code: String,
        /// A sentence on what it has.
        known: String,
    },
    /// The model needs to be told its languages.
    #[error(
        "the model translates between many languages: name --source-lang and --target-lang; {known}"
    )]
    LanguagesNeeded {
        /// A sentence on what it has.
        known: String,
    },
    /// The model needs to be told what to write.
    #[error("the model writes several languages: name --target-lang; {known}")]
    TargetNeeded {
        /// A sentence on what it has.
        known: String,
    },
    /// A text the tokenizer cannot express.
    #[error("the tokenizer cannot encode this text: {0}")]
    Encode(String),
    /// Ids the tokenizer cannot turn into text.
    #[error("the tokenizer cannot decode these ids: {0}")]
    Decode(String),
}
