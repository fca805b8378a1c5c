//! A brief: what an editor reads about one article.
//!
//! Comes in: an article's text and its translation. Goes out: the [`record`] types that the
//! reports print. Never touches tensors, files or the terminal.

pub mod checks;
pub mod draft;
pub mod figures;
pub mod glossary;
pub mod headline;
pub mod people;
pub mod pinyin;
pub mod quotes;
pub mod record;
pub mod repair;
pub mod summary;
pub mod translation;
mod words;
