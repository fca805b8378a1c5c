//! From logits to hypotheses.
//!
//! Comes in: texts, or source ids and a [`crate::nn::Seq2Seq`]. Goes out: translations or
//! [`Hypothesis`] lists, best first.
//! Equal to `transformers`' `generate` (v5), or to Marian, by the options of [`SearchConfig`]. Never
//! keeps anything from one batch to the next.

mod batch;
mod circles;
mod config;
mod constraint;
mod instruction;
mod processors;
pub mod prompt;
mod score;
mod search;
mod translator;
mod workers;

pub use batch::batches;
pub use circles::Circles;
pub use config::{BeamWidth, EarlyStopping, SearchConfig};
pub use instruction::{Languages, check_prompt, check_tasks};
pub use score::{Scored, score};
pub use search::search;
pub use translator::{GenerateError, Translation, Translator};
pub use workers::Workers;

/// One output of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// Token ids without the decoder's start token; ends with the end token unless it was broken off.
    pub tokens: Vec<u32>,
    /// Whether it had come to no end: it had the most tokens, or went round in circles.
    pub broken_off: bool,
    /// Sum of log-probabilities divided by `length^length_penalty`; for greedy search the mean
    /// log-probability a token.
    pub score: f32,
}
