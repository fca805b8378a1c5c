//! Scores of briefs, translations and summaries against references, and how sure they are.
//!
//! Comes in: files of hypotheses and references ([`corpus`]). Goes out: an
//! [`EvalReport`] for the terminal, for programs (`kuaibao.eval/1`) and as a web page ([`report`]).
//! Every score is a sum of segment statistics put through a [`Metric`], so that one resampling
//! ([`significance`]) serves all of them. Values equal sacrebleu's and Google's rouge-score's. Nothing
//! here loads a model, and no hypothesis or reference is ever changed before a metric sees it.

use std::path::PathBuf;

pub mod bleu;
pub mod chrf;
pub mod corpus;
pub mod evaluate;
pub mod extracts;
pub mod faithful;
pub mod given;
pub mod metric;
mod ngram;
mod random;
pub mod report;
pub mod rouge;
pub mod significance;
pub mod summary;
pub mod ter;
pub mod tokenize;

pub use corpus::Corpus;
pub use evaluate::{EvalReport, Plan, evaluate};
pub use metric::{Metric, Score, Segment, Signature};

/// What keeps an evaluation from being made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not UTF-8.
    #[error(
        "{} is not UTF-8: line {line} holds the byte 0x{byte:02X}; convert the file first, for \
         example with `iconv -f GB18030 -t UTF-8`", path.display()
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The first byte that is not UTF-8.
        byte: u8,
    },
    /// Two files that belong together differ in length.
    #[error(
        "{} has {lines} lines but {} has {expected}: every file needs one line a segment",
        path.display(), other.display()
    )]
    LineCounts {
        /// The file that differs.
        path: PathBuf,
        /// Its lines.
        lines: usize,
        /// The file that it was held against.
        other: PathBuf,
        /// That one's lines.
        expected: usize,
    },
    /// A segment has nothing to be held against.
    #[error(
        "{}: line {line} is empty: nothing can be scored against an empty reference; take the line \
         out of every file, or score it all the same with --allow-empty", path.display()
    )]
    EmptyReference {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A file holds no segment at all.
    #[error("{} holds nothing to score", .0.display())]
    Empty(PathBuf),
    /// A line of a JSONL file is not what it should be.
    #[error("{}: line {line}: {message}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what to do.
        message: String,
    },
    /// Options that do not go together, or lack what they need.
    #[error("{0}")]
    Usage(String),
    /// A plot or the page could not be drawn.
    #[error("cannot draw the report: {0}")]
    Draw(String),
}
