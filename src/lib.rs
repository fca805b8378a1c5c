//! kuaibao 快报: folders of Chinese articles in, English briefs out.
//!
//! Data flows one way, room by room:
//! [`text`] (traced text, sentences, segments) → [`brief`] (what an editor reads).

pub mod brief;
pub mod cli;
pub mod commands;
pub mod corpus;
pub mod error;
pub mod eval;
pub mod generate;
pub mod hub;
pub mod nn;
pub mod page;
pub mod pipeline;
pub mod progress;
pub mod report;
pub mod text;
pub mod tokenizer;
