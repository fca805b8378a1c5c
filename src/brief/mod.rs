//! A brief: what an editor reads about one article.
//!
//! Comes in: an article's text and its translation. Goes out: the [`record`] types that the
//! reports print. Never touches tensors, files or the terminal.

pub mod draft;
pub mod news;
pub mod one;
pub mod places;
pub mod record;
pub mod units;
