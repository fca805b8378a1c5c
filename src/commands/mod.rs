//! One thin file a subcommand: its flags, and what it prints; [`args`] and [`inputs`] are what they
//! share.

pub mod args;
pub mod bench;
pub mod brief;
pub mod check;
pub mod config;
mod dry_run;
pub mod eval;
pub mod figures;
pub mod inputs;
mod jsonl;
pub mod manual;
pub mod memory;
pub mod merge;
pub mod models;
pub mod serve;
pub mod setup;
pub mod split;
pub mod summary_args;
pub mod translate;
pub mod turned;
