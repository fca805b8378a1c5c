//! Why a command ended early, and the exit code that says so.

use std::{io, path::PathBuf};

use crate::{
    corpus, eval,
    memory::MemoryError,
    pipeline,
    report::{MergeError, ReportError},
};
use kuaibao_engine::{generate, hub::HubError};
use kuaibao_text::glossary::GlossaryError;

/// Why a command did not do all that was asked.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum Error {
    /// Some inputs failed, each already named; the others are done.
    #[error("{failed} of {total} failed")]
    SomeFailed { failed: usize, total: usize },
    #[error("interrupted; what was finished stays, run the same command again for the rest")]
    Interrupted,
    #[error("{0}")]
    Usage(String),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("cannot write to standard output")]
    Stdout(#[source] io::Error),
    #[error(transparent)]
    Hub(#[from] HubError),
    #[error(transparent)]
    Generate(#[from] generate::GenerateError),
    #[error(transparent)]
    Brief(#[from] pipeline::BriefError),
    #[error(transparent)]
    Glossary(#[from] GlossaryError),
    #[error(transparent)]
    Corpus(#[from] corpus::CorpusError),
    #[error(transparent)]
    Eval(#[from] eval::Error),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Merge(#[from] MergeError),
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl Error {
    /// Names the file that an I/O error is about.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// The message with its causes; `None` where nobody is left to read it.
    pub fn message(&self) -> Option<String> {
        if let Self::Stdout(e) = self
            && e.kind() == io::ErrorKind::BrokenPipe
        {
            return None;
        }
        Some(with_causes(self))
    }

    /// 1: some inputs failed; 2: nothing could be done; 130: interrupted.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::SomeFailed { .. } => 1,
            Self::Interrupted => 130,
            // A closed pipe is how `| head` says that it has enough.
            Self::Stdout(e) if e.kind() == io::ErrorKind::BrokenPipe => 0,
            _ => 2,
        }
    }
}

/// An error's message with what caused it, each said once.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}
