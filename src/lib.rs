//! kuaibao 快报: folders of Chinese articles in, English briefs out.
//!
//! Data flows one way, room by room: [`corpus`] (files) → `kuaibao_text::page` (bytes to articles) →
//! [`translation`] (the one door to `kuaibao_engine`'s models) → [`summary`], [`brief`] (what an editor
//! reads) → [`report`] (what is written). [`pipeline`] strings them together, [`commands`] are what a
//! person calls, [`eval`] scores. [`desk`] does the same for browsers and programs, [`memory`] keeps what
//! editors correct, [`formats`] are files of other programs.

pub mod brief;
pub mod cli;
pub mod commands;
pub mod config;
pub mod corpus;
pub mod desk;
pub mod engine;
pub mod error;
pub mod eval;
pub mod formats;
pub mod interrupt;
pub mod judges;
pub mod memory;
pub mod ocr;
pub mod pipeline;
pub mod progress;
pub mod report;
pub mod summary;
pub mod translation;
pub mod verbose;
