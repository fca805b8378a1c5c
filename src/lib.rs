//! kuaibao 快报: folders of Chinese articles in, English briefs out.
//!
//! Data flows one way, room by room: [`corpus`] (files) → [`page`] (bytes to articles) → [`text`]
//! (sentences, chunks) → [`brief`] (figures, people, summary) with [`generate`] (search) over [`nn`]
//! (models), [`tokenizer`] and [`hub`] (where models come from) → [`report`] (what is written).
//! [`pipeline`] strings them together, [`commands`] are what a person calls, [`eval`] scores.

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
pub mod torch;
