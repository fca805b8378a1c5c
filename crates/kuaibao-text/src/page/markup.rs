//! What is known of a text beside its characters: from its markup, or from the page's layout.

/// What is known of a text that was made from something else.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Markup {
    /// Where headings begin, ascending, each with its size in hundredths of the body's, or 1 where
    /// only that it is a heading is known.
    pub headings: Vec<(usize, u16)>,
    /// Where lines begin that the reader took for no part of the article, ascending.
    pub beside: Vec<usize>,
    /// Where captions of pictures begin, ascending.
    pub captions: Vec<usize>,
    /// Where parts begin that are set apart from what stands before them (boxes), ascending.
    pub parts: Vec<usize>,
    /// Pages that are pictures, among others with text.
    pub scanned_pages: usize,
    /// Whether the whole text is one article.
    pub one_article: bool,
    /// Whether the lines are those of a page's columns, not whole paragraphs.
    pub set_lines: bool,
    /// The paper or site.
    pub paper: Option<String>,
    /// ISO 8601.
    pub date: Option<String>,
}

impl Markup {
    /// The size of the heading that begins there.
    pub(super) fn heading(&self, start: usize) -> Option<u16> {
        let at = self
            .headings
            .binary_search_by_key(&start, |(at, _)| *at)
            .ok()?;
        Some(self.headings[at].1)
    }

    pub(super) fn has_headings(&self) -> bool {
        !self.headings.is_empty()
    }
}
