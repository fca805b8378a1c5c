//! A plain text that grows from markup: one paragraph a line.

use crate::page::line::{WHOLE_HEADING, is_line_end};
use crate::page::markup::Markup;
use crate::text::chars::is_han;

/// A text in the making.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub(super) text: String,
    pub(super) markup: Markup,
    /// Where the open line begins.
    start: usize,
    /// Whether it holds more than white space; a row may have a cell for each byte of a file.
    filled: bool,
    /// White space that waits for what follows it.
    gap: Gap,
}

/// White space of the markup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    /// A line end of the source: nothing, between Chinese characters.
    LineEnd,
    /// A space that somebody typed, as between the clauses of a headline.
    Typed,
}

impl Plain {
    /// A text that is no markup.
    pub(super) fn of_text(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// Appends running text. Line ends within it are one space, or nothing between Chinese
    /// characters; other white space is one space.
    pub(super) fn push(&mut self, text: &str) {
        for c in text.chars() {
            if is_line_end(c) {
                self.gap = Gap::LineEnd;
            } else if matches!(c, ' ' | '\t') {
                if self.gap == Gap::None {
                    self.gap = Gap::Typed;
                }
            } else {
                self.close_gap(c);
                self.text.push(c);
                self.filled |= !c.is_whitespace();
            }
        }
    }

    /// White space that is seen as a space whatever the source has there.
    pub(super) fn push_gap(&mut self) {
        self.gap = Gap::Typed;
    }

    /// Appends text whose spaces are meant, such as a word processor's.
    pub(super) fn push_exactly(&mut self, text: &str) {
        self.text
            .extend(text.chars().map(|c| if is_line_end(c) { ' ' } else { c }));
        self.filled |= !text.trim_start().is_empty();
    }

    fn close_gap(&mut self, next: char) {
        let before = self.text[self.start..].chars().next_back();
        let gap = std::mem::take(&mut self.gap);
        if gap == Gap::None || before.is_none_or(char::is_whitespace) || next.is_whitespace() {
            return;
        }
        let is_chinese = |c: char| {
            is_han(c)
                || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff65}')
                || matches!(c, '“' | '”' | '‘' | '’' | '—' | '…')
        };
        if gap == Gap::Typed || !(before.is_some_and(is_chinese) && is_chinese(next)) {
            self.text.push(' ');
        }
    }

    /// Ends the open line; an empty one leaves no trace.
    pub(super) fn end_line(&mut self, is_heading: bool) {
        self.gap = Gap::None;
        let kept = self.text[self.start..].trim_end().len();
        self.text.truncate(self.start + kept);
        let lead = kept - self.text[self.start..].trim_start().len();
        if kept > lead {
            if is_heading {
                self.markup
                    .headings
                    .push((self.start + lead, WHOLE_HEADING));
            }
            self.text.push('\n');
        } else {
            self.text.truncate(self.start);
        }
        self.begin_line();
    }

    /// Whether the open line is empty.
    pub(super) fn is_at_start(&self) -> bool {
        !self.filled
    }

    fn begin_line(&mut self) {
        self.start = self.text.len();
        self.filled = false;
    }

    /// The text with a heading before it.
    pub(super) fn with_title(self, title: &str) -> Self {
        let mut whole = Self::default();
        whole.push(title);
        whole.end_line(true);
        let shift = whole.text.len();
        whole.text.push_str(&self.text);
        let headings = self
            .markup
            .headings
            .iter()
            .map(|(at, size)| (at + shift, *size));
        whole.markup.headings.extend(headings);
        whole.markup.set_lines = self.markup.set_lines;
        whole.markup.paper = self.markup.paper;
        whole.markup.date = self.markup.date;
        whole.begin_line();
        whole
    }

    /// A text of lines as they were set, not of whole paragraphs.
    pub(super) fn set_lines() -> Self {
        let mut plain = Self::default();
        plain.markup.set_lines = true;
        plain
    }

    /// Says how large the open line is set, in hundredths of the body's size; 0 is the body.
    pub(super) fn size_of_next(&mut self, size: u16) {
        if size > 0 {
            self.markup.headings.push((self.start, size));
        }
    }

    /// Says that what follows is set apart from what stands before it.
    pub(super) fn begin_part(&mut self) {
        self.blank_line();
        self.markup.parts.push(self.text.len());
    }

    /// Ends a set line, its indent kept.
    pub(super) fn end_set_line(&mut self) {
        self.text.push('\n');
        self.begin_line();
    }

    /// Begins a new page.
    pub(super) fn page_break(&mut self) {
        self.text.push('\u{c}');
        self.begin_line();
    }

    /// Leaves a blank line, unless there is one.
    pub(super) fn blank_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.end_set_line();
        }
    }
}
