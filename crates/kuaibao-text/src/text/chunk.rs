//! The chunker: text cut to what a model takes, at the best boundary there is.
//!
//! Lengths are tokens as the model's own tokenizer counts them; nothing is ever truncated.

use std::ops::Range;

use super::sentences;

/// Cuts text so that each part stays within a number of tokens.
pub struct Chunker<'a> {
    limit: usize,
    count: &'a dyn Fn(&str) -> usize,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the sentence.
    pub range: Range<usize>,
    /// Tokens it takes.
    pub tokens: usize,
    /// Whether it ends inside a clause, because the clause alone is over the limit.
    pub cut: bool,
}

/// Neighbouring paragraphs that fit the limit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// What it holds, in order: a paragraph's number and the bytes of it.
    pub parts: Vec<(usize, Range<usize>)>,
    /// Tokens it takes.
    pub tokens: usize,
}

impl<'a> Chunker<'a> {
    /// `limit` is the most tokens of a part, by `count`; it is at least 1.
    pub fn new(limit: usize, count: &'a dyn Fn(&str) -> usize) -> Self {
        Self {
            limit: limit.max(1),
            count,
        }
    }

    /// A sentence in as few pieces as fit: whole, else at clause ends (，：；—), else at 、 and
    /// spaces, else between any two characters.
    pub fn pieces(&self, sentence: &str) -> Vec<Piece> {
        let whole = (self.count)(sentence);
        if whole <= self.limit {
            return vec![Piece {
                range: 0..sentence.len(),
                tokens: whole,
                cut: false,
            }];
        }
        let mut pieces = Vec::new();
        let clauses = split_behind(sentence, |c| {
            matches!(c, '，' | '：' | '；' | '—' | ',' | ';' | '。')
        });
        for run in self.pack(sentence, clauses) {
            if run.1 <= self.limit {
                pieces.push(Piece {
                    range: run.0,
                    tokens: run.1,
                    cut: false,
                });
                continue;
            }
            let clause = &sentence[run.0.clone()];
            let words = split_behind(clause, |c| c == '、' || c.is_whitespace());
            for (range, tokens) in self.pack(clause, words) {
                let at = run.0.start + range.start;
                if tokens <= self.limit {
                    let range = at..at + range.len();
                    let cut = range.end < run.0.end;
                    pieces.push(Piece { range, tokens, cut });
                } else {
                    self.cut(&clause[range], at, &mut pieces);
                }
            }
            if let Some(last) = pieces.last_mut() {
                last.cut = false;
            }
        }
        pieces
    }

    /// An article in as few chunks as fit, cut at paragraph ends where they allow it, else at
    /// sentence ends, else as [`Chunker::pieces`] does.
    pub fn chunks(&self, paragraphs: &[&str]) -> Vec<Chunk> {
        let mut units = Vec::new();
        for (i, paragraph) in paragraphs.iter().enumerate() {
            let tokens = (self.count)(paragraph);
            if tokens <= self.limit {
                units.push(((i, 0..paragraph.len()), tokens));
                continue;
            }
            for sentence in sentences(paragraph) {
                for piece in self.pieces(&paragraph[sentence.clone()]) {
                    let start = sentence.start + piece.range.start;
                    units.push(((i, start..start + piece.range.len()), piece.tokens));
                }
            }
        }
        let mut chunks: Vec<Chunk> = Vec::new();
        for (part, tokens) in units {
            match chunks.last_mut() {
                Some(chunk) if chunk.tokens + tokens <= self.limit => {
                    chunk.parts.push(part);
                    chunk.tokens += tokens;
                }
                _ => chunks.push(Chunk {
                    parts: vec![part],
                    tokens,
                }),
            }
        }
        chunks
    }

    /// Joins neighbouring parts while they fit together; gives each run with its tokens.
    fn pack(&self, text: &str, parts: Vec<Range<usize>>) -> Vec<(Range<usize>, usize)> {
        let mut runs: Vec<(Range<usize>, usize)> = Vec::new();
        for part in parts {
            let tokens = (self.count)(&text[part.clone()]);
            if let Some((run, sum)) = runs.last_mut() {
                // Token counts are nearly additive; the exact count decides near the limit.
                let joined = run.start..part.end;
                if *sum + tokens <= self.limit + self.limit / 8 {
                    let exact = (self.count)(&text[joined.clone()]);
                    if exact <= self.limit {
                        (*run, *sum) = (joined, exact);
                        continue;
                    }
                }
            }
            runs.push((part, tokens));
        }
        runs
    }

    /// Cuts text without any boundary: the longest prefix that fits, again and again.
    fn cut(&self, text: &str, at: usize, pieces: &mut Vec<Piece>) {
        let bounds: Vec<usize> = text
            .char_indices()
            .map(|(i, _)| i)
            .skip(1)
            .chain([text.len()])
            .collect();
        let mut start = 0;
        let mut next = 0;
        while start < text.len() {
            // A token is rarely longer than the guess, so counts stay short however long the text.
            let window = (next + 8 * self.limit).min(bounds.len());
            let fits = bounds[next..window]
                .partition_point(|&end| (self.count)(&text[start..end]) <= self.limit);
            let last = next + fits.max(1) - 1;
            let range = start..bounds[last];
            pieces.push(Piece {
                range: at + range.start..at + range.end,
                tokens: (self.count)(&text[range.clone()]),
                cut: true,
            });
            start = range.end;
            next = last + 1;
        }
    }
}

/// The parts of `text` that end behind each character that `ends`.
fn split_behind(text: &str, ends: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (i, c) in text.char_indices() {
        let end = i + c.len_utf8();
        if ends(c) || end == text.len() {
            parts.push(start..end);
            start = end;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One token a character.
    fn count(text: &str) -> usize {
        text.chars().count()
    }

    fn pieces(limit: usize, sentence: &str) -> Vec<(&str, bool)> {
        Chunker::new(limit, &count)
            .pieces(sentence)
            .into_iter()
            .map(|p| {
                assert_eq!(p.tokens, count(&sentence[p.range.clone()]));
                assert!(p.tokens <= limit);
                (&sentence[p.range], p.cut)
            })
            .collect()
    }

    #[test]
    fn a_sentence_is_cut_at_the_best_boundary() {
        assert_eq!(pieces(20, "甲乙，丙丁。"), [("甲乙，丙丁。", false)]);
        assert_eq!(
            pieces(6, "甲乙，丙，丁戊己，庚。"),
            [("甲乙，丙，", false), ("丁戊己，庚。", false)]
        );
        assert_eq!(
            pieces(4, "甲、乙、丙、丁。"),
            [("甲、乙、", true), ("丙、丁。", false)]
        );
        assert_eq!(
            pieces(3, "甲乙丙丁戊己庚"),
            [("甲乙丙", true), ("丁戊己", true), ("庚", false)]
        );
    }

    #[test]
    fn chunks_end_at_paragraphs_where_they_can() {
        let paragraphs = [
            "一二三四。",
            "五六。",
            "七八九十。",
            "长长长。长长。长长长长。",
        ];
        let chunks = Chunker::new(8, &count).chunks(&paragraphs);
        let texts: Vec<String> = chunks
            .iter()
            .map(|c| {
                let parts = c.parts.iter();
                parts.map(|(i, r)| &paragraphs[*i][r.clone()]).collect()
            })
            .collect();
        assert_eq!(
            texts,
            [
                "一二三四。五六。",
                "七八九十。",
                "长长长。长长。",
                "长长长长。"
            ]
        );
        assert_eq!(texts.concat(), paragraphs.concat(), "nothing is lost");
    }

    #[test]
    fn very_long_text_without_a_boundary_takes_linear_work() {
        let text = "字".repeat(20_000);
        let total: usize = pieces(100, &text).iter().map(|p| count(p.0)).sum();
        assert_eq!(total, 20_000);
    }
}
