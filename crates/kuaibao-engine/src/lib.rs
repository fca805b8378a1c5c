//! Open seq2seq models, from the hub to hypotheses.
//!
//! [`hub`] (where models come from) → [`tokenizer`] (text to ids), [`torch`] and [`marian`] (weight files) →
//! [`nn`] (weights and models) → [`generate`] (search, batches, workers), [`judge`] (a second opinion). Never knows what an
//! article is.

pub mod generate;
pub mod hub;
pub mod judge;
mod mapped;
pub mod marian;
pub mod nn;
mod packed;
pub mod tokenizer;
pub mod torch;
