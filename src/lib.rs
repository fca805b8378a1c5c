//! kuaibao 快报: folders of Chinese articles in, English briefs out.
//!
//! Data flows one way, room by room:
//! [`text`] (traced text, sentences, segments) → [`brief`] (what an editor reads).

pub mod brief;
//pub mod cli;
//mod commands;
pub mod corpus;
pub mod generate;
pub mod hub;
pub mod nn;
pub mod page;
//pub mod progress;
pub mod report;
pub mod text;
//pub mod tokenizer;
