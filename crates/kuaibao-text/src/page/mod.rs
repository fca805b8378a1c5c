//! Newspaper pages: from ragged lines to clean articles.
//!
//! Comes in: bytes, or decoded text. Goes out: a [`Page`] of [`Article`]s whose headline,
//! paragraphs, bylines and captions are [`Traced`](crate::text::Traced) to the text. Never loses a character: whatever
//! is not white space is in exactly one article or in [`Page::dropped`] with a reason. Never
//! touches tensors, files or the terminal.
//!
//! [`mod@read`] (bytes and markup to plain text) → spacing, lines → lift (page heads and other furniture taken
//! out) → reader (bylines, captions, reflow of lines to paragraphs) → heading, assembly (articles) →
//! confidence.

mod assembly;
mod byline;
mod characters;
mod confidence;
mod decode;
mod document;
mod furniture;
mod heading;
mod heal;
mod lexicon;
mod lift;
mod line;
mod markup;
mod oddity;
mod odds;
mod overlap;
mod read;
mod reader;
pub mod record;
mod reflow;
mod spacing;
mod words;

use std::path::Path;

pub use decode::{DecodeError, Decoded, decode, decode_lossy};
pub use document::{Article, Continued, Dropped, Page, Reason, Subhead};
pub use oddity::Oddities;
pub use read::{Form, Options, ReadError, Source, is_timing, read, read_with, untagged};
#[cfg(feature = "pdf")]
pub use read::{Scan, scans};

/// Splits decoded text into articles. `name` is the file's name, which may hold paper and date.
pub fn split(source: &str, name: Option<&Path>) -> Page {
    assembly::split(source, None, name, false)
}
