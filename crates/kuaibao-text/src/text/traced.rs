//! A string rebuilt from pieces of a source text, each byte of it traceable.

use std::ops::Range;

/// A string rebuilt from pieces of a source text, in source order.
///
/// A headline or a paragraph of a newspaper page is not one slice of its source: line ends and
/// stray spaces were taken out when it was re-joined. `Traced` keeps the clean text and where each
/// piece of it came from, so that a sentence, a figure or a name found in the clean text can be
/// shown in the original.
///
/// ```
/// use kuaibao_text::text::Traced;
///
/// let source = "全年增长 4\n\n0 亿元。";
/// let mut text = Traced::new();
/// text.push(source, 0..12); // 全年增长
/// text.push(source, 13..14); // 4
/// text.push(source, 16..17); // 0
/// text.push(source, 18..27); // 亿元。
/// assert_eq!(text.as_str(), "全年增长40亿元。");
/// let figure = text.source_range(12..17); // 40亿
/// assert_eq!(&source[figure], "4\n\n0 亿");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traced {
    text: String,
    pieces: Vec<Piece>,
}

/// `text[at..at + len]` equals `source[source..source + len]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    at: usize,
    source: usize,
    len: usize,
}

impl Traced {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// One slice of the source, unchanged.
    ///
    /// # Panics
    /// When `range` is not on character boundaries of `source`.
    pub fn of(source: &str, range: Range<usize>) -> Self {
        let mut text = Self::new();
        text.push(source, range);
        text
    }

    /// Appends a slice of the source. Slices must come in source order.
    ///
    /// # Panics
    /// When `range` is not on character boundaries of `source`, or lies before an earlier piece.
    pub fn push(&mut self, source: &str, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        if let Some(last) = self.pieces.last_mut() {
            assert!(
                last.source + last.len <= range.start,
                "pieces must come in source order"
            );
            if last.source + last.len == range.start && last.at + last.len == self.text.len() {
                last.len += range.len();
                self.text.push_str(&source[range]);
                return;
            }
        }
        self.pieces.push(Piece {
            at: self.text.len(),
            source: range.start,
            len: range.len(),
        });
        self.text.push_str(&source[range]);
    }

    /// Appends a space that the source does not have (between Latin words joined across lines).
    pub fn push_space(&mut self) {
        self.push_inserted(' ');
    }

    /// Appends white space that the source does not have.
    pub fn push_inserted(&mut self, space: char) {
        self.text.push(space);
    }

    /// Appends another traced text of the same source that lies behind this one.
    ///
    /// # Panics
    /// When `other` begins before the end of `self` in the source.
    pub fn append(&mut self, other: &Self) {
        let shift = self.text.len();
        for piece in &other.pieces {
            if let Some(last) = self.pieces.last() {
                assert!(
                    last.source + last.len <= piece.source,
                    "pieces must come in source order"
                );
            }
            self.pieces.push(Piece {
                at: piece.at + shift,
                ..*piece
            });
        }
        self.text.push_str(&other.text);
    }

    /// The clean text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Length of the clean text in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// A part of the clean text, still traced.
    ///
    /// # Panics
    /// When `range` is not on character boundaries of the clean text.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let pieces = self.pieces[self.first_piece_ending_after(range.start)..]
            .iter()
            .take_while(|p| p.at < range.end)
            .map(|p| {
                let start = p.at.max(range.start);
                let end = (p.at + p.len).min(range.end);
                Piece {
                    at: start - range.start,
                    source: p.source + (start - p.at),
                    len: end - start,
                }
            })
            .collect();
        Self {
            text: self.text[range].to_owned(),
            pieces,
        }
    }

    /// The smallest range of the source that holds `range` of the clean text (both in bytes).
    ///
    /// With white space removed, the source slice equals the clean slice. An empty or
    /// all-inserted range gives an empty range.
    pub fn source_range(&self, range: Range<usize>) -> Range<usize> {
        let covered = self.pieces[self.first_piece_ending_after(range.start)..]
            .iter()
            .take_while(|p| p.at < range.end);
        let mut span: Option<Range<usize>> = None;
        for p in covered {
            let start = p.source + range.start.saturating_sub(p.at);
            let end = p.source + (range.end - p.at).min(p.len);
            span = Some(span.map_or(start..end, |s| s.start..end));
        }
        span.unwrap_or(0..0)
    }

    /// The source range of the whole text.
    pub fn source(&self) -> Range<usize> {
        self.source_range(0..self.text.len())
    }

    /// The ranges of `source` that hold `range` of the clean text, in reading order. Where only white
    /// space or a hyphen at a line end is left out between two pieces they are one: more than one
    /// range means that something else stands within the text (a running head, another article).
    pub fn parts(&self, source: &str, range: Range<usize>) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        for piece in &self.slice(range).pieces {
            let piece = piece.source..piece.source + piece.len;
            match parts.last_mut() {
                Some(last) if is_joined(&source[last.end..piece.start]) => last.end = piece.end,
                _ => parts.push(piece),
            }
        }
        parts
    }

    /// The pieces of the source that the text is made of, in order.
    pub fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        self.pieces.iter().map(|p| p.source..p.source + p.len)
    }

    /// The same text traced further: what it is traced to is itself `whole`, a text of some source.
    #[must_use]
    pub fn through(&self, whole: &Self) -> Self {
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            let mut first = whole.first_piece_ending_after(piece.source);
            while let Some(p) = whole
                .pieces
                .get(first)
                .filter(|p| p.at < piece.source + piece.len)
            {
                let start = p.at.max(piece.source);
                let end = (p.at + p.len).min(piece.source + piece.len);
                pieces.push(Piece {
                    at: piece.at + (start - piece.source),
                    source: p.source + (start - p.at),
                    len: end - start,
                });
                first += 1;
            }
        }
        Self {
            text: self.text.clone(),
            pieces,
        }
    }

    fn first_piece_ending_after(&self, at: usize) -> usize {
        self.pieces.partition_point(|p| p.at + p.len <= at)
    }
}

/// Whether what stands between two pieces is only white space, or a hyphen and a line end.
fn is_joined(between: &str) -> bool {
    let rest = between.strip_prefix('-').filter(|rest| rest.contains('\n'));
    rest.unwrap_or(between).trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "到 2027 年\n\n底，new\nline";

    fn joined() -> Traced {
        let mut t = Traced::new();
        t.push(SOURCE, 0..3); // 到
        t.push(SOURCE, 4..8); // 2027
        t.push(SOURCE, 9..12); // 年
        t.push(SOURCE, 14..23); // 底，new
        t.push_space();
        t.push(SOURCE, 24..28); // line
        t
    }

    #[test]
    fn ranges_reach_back_into_the_source() {
        let t = joined();
        assert_eq!(t.as_str(), "到2027年底，new line");
        assert_eq!(&SOURCE[t.source_range(3..13)], "2027 年\n\n底");
        assert_eq!(&SOURCE[t.source()], SOURCE);
        assert!(t.source_range(5..5).is_empty());
    }

    #[test]
    fn a_slice_keeps_its_trace() {
        let t = joined();
        let s = t.slice(3..10);
        assert_eq!(s.as_str(), "2027年");
        assert_eq!(&SOURCE[s.source()], "2027 年");
        let s = t.slice(16..t.len());
        assert_eq!(s.as_str(), "new line");
        assert_eq!(&SOURCE[s.source()], "new\nline");
    }

    #[test]
    fn appending_shifts_the_pieces() {
        let mut a = Traced::of(SOURCE, 0..3);
        a.append(&Traced::of(SOURCE, 9..12));
        assert_eq!(a.as_str(), "到年");
        assert_eq!(&SOURCE[a.source_range(3..6)], "年");
    }

    #[test]
    fn parts_are_what_something_else_stands_between() {
        let source = "长期受\n云州日报 3版\n水压 不足，Tech-\nnology";
        let at = |part: &str| {
            let start = source.find(part).unwrap();
            start..start + part.len()
        };
        let mut t = Traced::new();
        for part in ["长期受", "水压", "不足，Tech", "nology"] {
            t.push(source, at(part));
        }
        let parts: Vec<&str> = t
            .parts(source, 0..t.len())
            .into_iter()
            .map(|r| &source[r])
            .collect();
        assert_eq!(parts, ["长期受", "水压 不足，Tech-\nnology"]);
        assert_eq!(t.parts(source, 9..15), [at("水压")]);
    }

    #[test]
    fn a_trace_of_a_trace_reaches_the_source() {
        let whole = joined();
        let mut inner = Traced::of(whole.as_str(), 3..10);
        inner.push(whole.as_str(), 16..19);
        let through = inner.through(&whole);
        assert_eq!(through.as_str(), inner.as_str());
        assert_eq!(&SOURCE[through.source_range(0..7)], "2027 年");
        assert_eq!(&SOURCE[through.source()], "2027 年\n\n底，new");
    }

    #[test]
    #[should_panic(expected = "source order")]
    fn pieces_out_of_order_are_refused() {
        let mut t = Traced::of(SOURCE, 4..8);
        t.push(SOURCE, 0..3);
    }
}
