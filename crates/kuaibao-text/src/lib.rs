//! Chinese pages as text: from bytes to articles, with their figures, people and terms, and the
//! checks that hold an English translation to them.
//!
//! Data flows [`page`] (bytes to articles) → [`text`] (sentences, chunks) → [`figures`], [`people`],
//! [`glossary`] (the facts of a sentence) → [`checks`] (are they in the English?). Never touches
//! tensors, files or the terminal.

pub mod checks;
pub mod figures;
pub mod glossary;
pub mod page;
pub mod people;
pub mod text;

#[cfg(test)]
#[path = "../benches/dice.rs"]
mod dice;
