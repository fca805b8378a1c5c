//! What markup said about a plain text that was made from it.

use super::line::Line;

/// What is known of a text beside its characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Markup {
    /// Where headings begin, ascending.
    pub headings: Vec<usize>,
    /// The paper or site.
    pub paper: Option<String>,
    /// ISO 8601.
    pub date: Option<String>,
}

impl Markup {
    pub(super) fn is_heading(&self, line: &Line) -> bool {
        self.headings.binary_search(&line.range.start).is_ok()
    }

    pub(super) fn has_headings(&self) -> bool {
        !self.headings.is_empty()
    }
}
