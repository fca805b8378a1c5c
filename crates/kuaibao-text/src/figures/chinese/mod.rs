//! The grammar of Chinese figures: from a line of text to what it counts, measures and dates.
//!
//! Read in this order: `number` (what a numeral says) → `line` (folded glyphs) → `numeral` → `phrases` (a table
//! of what is no figure) → `dates` and `rules`. Units and currencies are the tables that the English reader
//! uses too.

mod context;
mod dates;
mod line;
mod number;
mod numeral;
mod phrases;
mod rules;

pub(super) use dates::Carry;
pub(crate) use dates::DatePart;
pub(super) use rules::{numerals_in_names, read};

/// The whole number that `text` is and nothing else: `27`, `二十七`, digit by digit `二〇二七`.
pub(super) fn whole_number(text: &str) -> Option<u32> {
    // Digits by position are read where they make a year.
    let line = line::Line::new(&format!("{text}年"));
    let n = numeral::read(&line, 0)?;
    (n.end + 1 == line.len())
        .then(|| n.whole(u32::MAX))
        .flatten()
}
