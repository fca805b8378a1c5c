//! Text as the pipeline sees it: traced to the source, cut into sentences, packed into chunks.
//!
//! Comes in: decoded source text and ranges of it, and the English of models. Goes out: [`Traced`]
//! strings whose every byte is traceable to the source, sentences, stems. Never touches tensors, files or the terminal.

pub mod chars;
mod chunk;
mod english;
mod lists;
mod sentence;
mod simplify;
mod stem;
pub mod surnames;
mod traced;
pub mod words;

pub use chunk::{Chunk, Chunker, Piece};
pub use english::{english_sentences, is_function_word, word_count};
pub use lists::WordList;
pub(crate) use lists::sections;
pub use sentence::sentences;
pub use simplify::{looks_traditional, simplify, traditional_characters};
pub use stem::stem;
pub use traced::Traced;

/// A text without its white space: what two texts are compared by that were set otherwise.
pub fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}
