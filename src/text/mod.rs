//! Text as the pipeline sees it: traced to the source, cut into sentences, packed into chunks.
//!
//! Comes in: decoded source text and ranges of it. Goes out: [`Traced`] strings whose every byte
//! is traceable to the source. Never touches tensors, files or the terminal.

mod chunk;
mod sentence;
mod simplify;
mod traced;

pub use chunk::{Chunk, Chunker, Piece};
pub use sentence::sentences;
pub use simplify::{looks_traditional, simplify, traditional_characters};
pub use traced::Traced;
