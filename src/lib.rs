//! kuaibao 快报: folders of Chinese articles in, English briefs out.
//!
//! Data flows one way, room by room:
//! [`text`] (traced text, sentences, segments) → [`brief`] (what an editor reads).

pub mod brief;
pub mod generate;
pub mod nn;
pub mod report;
pub mod text;
