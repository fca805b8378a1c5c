//! One thin file a subcommand: its flags, its inputs, its printing.

pub mod bench;
pub mod brief;
pub mod check;
pub mod eval;
pub mod figures;
pub mod models;
pub mod split;
pub mod translate;
