//! Open seq2seq models, from the hub to hypotheses.
//!
//! [`hub`] (where models come from) → [`tokenizer`] (text to ids), [`torch`] (torch's weight files) →
//! [`nn`] (weights and models) → [`generate`] (search, batches, workers). Never knows what an
//! article is.

pub mod generate;
pub mod hub;
pub mod nn;
pub mod tokenizer;
pub mod torch;
