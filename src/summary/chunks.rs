//! An article cut to what a summariser reads at once.
//!
//! Nothing is left out: chunks end at paragraph ends where they can, and together hold every
//! sentence of the body.

use std::ops::Range;

use super::{Budget, Source, record::ChunkRecord};
use crate::engine::Reads;
use kuaibao_text::text::Chunker;

/// What a summariser can do at once.
pub struct Capacity<'a> {
    /// The most tokens of a text.
    pub tokens: usize,
    /// Words that it writes about a text, however long that is.
    pub words: usize,
    /// The model's own count of a text's tokens.
    pub count: &'a dyn Fn(&str) -> usize,
}

/// A part of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// What the model reads.
    pub text: String,
    /// The sentences that it holds, or holds parts of.
    pub sentences: Range<usize>,
    /// Tokens, as the model counts them.
    pub tokens: usize,
}

/// Too short a text makes a model invent.
const FEWEST_TOKENS: usize = 96;

/// The chunks of an article: each within the model's capacity, and enough of them that what it
/// writes about each makes a summary of the length that is wanted.
pub fn chunks(source: &Source, reads: Reads, capacity: &Capacity, budget: Budget) -> Vec<Chunk> {
    let paragraphs = Paragraphs::of(source, reads);
    let texts: Vec<&str> = paragraphs.0.iter().map(|p| p.text.as_str()).collect();
    let all: usize = texts.iter().map(|text| (capacity.count)(text)).sum();
    let wanted = budget.words.div_ceil(capacity.words.max(1)).max(1);
    let mut limit = all.div_ceil(wanted).max(FEWEST_TOKENS).min(capacity.tokens);
    loop {
        let chunker = Chunker::new(limit, capacity.count);
        let chunks: Vec<Chunk> = chunker
            .chunks(&texts)
            .into_iter()
            .map(|chunk| paragraphs.chunk(&chunk.parts, reads, capacity))
            .collect();
        // Tokens of a whole are rarely more than those of its parts; where they are, less goes in.
        let fits = chunks.iter().all(|c| c.tokens <= capacity.tokens);
        if fits || limit <= 1 {
            return chunks;
        }
        limit -= limit.div_ceil(8);
    }
}

/// The chunks as the brief tells of them.
pub fn records(chunks: &[Chunk], source: &Source) -> Vec<ChunkRecord> {
    let id = |i: usize| source.sentences[i].id.to_owned();
    chunks
        .iter()
        .map(|chunk| ChunkRecord {
            sentences: [id(chunk.sentences.start), id(chunk.sentences.end - 1)],
            tokens: chunk.tokens,
        })
        .collect()
}

struct Paragraphs(Vec<Paragraph>);

struct Paragraph {
    text: String,
    /// Each sentence and where it ends in the text.
    ends: Vec<(usize, usize)>,
}

impl Paragraphs {
    fn of(source: &Source, reads: Reads) -> Self {
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        let mut before = None;
        for (i, sentence) in source.sentences.iter().enumerate() {
            if before.replace(sentence.paragraph) != Some(sentence.paragraph) {
                paragraphs.push(Paragraph {
                    text: String::new(),
                    ends: Vec::new(),
                });
            }
            let Some(paragraph) = paragraphs.last_mut() else {
                continue;
            };
            match reads {
                Reads::Chinese | Reads::Native => paragraph.text.push_str(sentence.zh),
                Reads::English => {
                    if !paragraph.text.is_empty() {
                        paragraph.text.push(' ');
                    }
                    paragraph.text.push_str(sentence.en);
                }
            }
            paragraph.ends.push((i, paragraph.text.len()));
        }
        Self(paragraphs)
    }

    fn chunk(&self, parts: &[(usize, Range<usize>)], reads: Reads, capacity: &Capacity) -> Chunk {
        let between = match reads {
            Reads::Chinese | Reads::Native => "\n",
            Reads::English => " ",
        };
        let mut text = String::new();
        let mut before = None;
        for (p, range) in parts {
            if before.is_some_and(|b| b != *p) {
                text.push_str(between);
            }
            before = Some(*p);
            text.push_str(&self.0[*p].text[range.clone()]);
        }
        let (first, last) = (&parts[0], &parts[parts.len() - 1]);
        Chunk {
            sentences: self.sentence(first.0, first.1.start)
                ..self.sentence(last.0, last.1.end.saturating_sub(1)) + 1,
            tokens: (capacity.count)(&text),
            text,
        }
    }

    /// The sentence that holds a byte of a paragraph.
    fn sentence(&self, paragraph: usize, at: usize) -> usize {
        let ends = &self.0[paragraph].ends;
        let found = ends.partition_point(|&(_, end)| end <= at);
        ends[found.min(ends.len() - 1)].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Sentence;

    fn sentences() -> Vec<Sentence<'static>> {
        // Three paragraphs of four sentences; the last sentence is longer than any limit below.
        (0..12)
            .map(|i| Sentence {
                id: ["p1s1", "p1s2", "p1s3", "p1s4", "p2s1", "p2s2", "p2s3", "p2s4", "p3s1", "p3s2", "p3s3", "p3s4"][i],
                zh: if i == 11 {
                    "港口码头泊位航线货物码头泊位航线货物码头泊位航线货物港口码头泊位航线货物码头泊位航线货物码头泊位航线货物港口码头泊位航线货物码头泊位航线货物码头泊位航线货物港口码头泊位航线货物码头泊位航线货物码头泊位航线货物。"
                } else {
                    "这座港口有二十个泊位和三十条航线，今年还要增加。"
                },
                en: "The port has twenty berths and thirty routes.",
                flags: &[],
                paragraph: i / 4,
                figures: 0,
                people: vec![],
            })
            .collect()
    }

    fn cut(reads: Reads, tokens: usize, words: usize, budget: usize) -> Vec<Chunk> {
        let sentences = sentences();
        let source = Source {
            headline: None,
            sentences: &sentences,
        };
        let count = |text: &str| text.chars().count();
        let capacity = Capacity {
            tokens,
            words,
            count: &count,
        };
        let found = chunks(&source, reads, &capacity, Budget { words: budget });
        for chunk in &found {
            assert!(chunk.tokens <= tokens, "{chunk:?}");
        }
        // The tail is there, and all before it.
        assert_eq!(found[0].sentences.start, 0);
        assert_eq!(found[found.len() - 1].sentences.end, 12);
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        let read: String = found.iter().map(|c| squeeze(&c.text)).collect();
        let whole: String = sentences
            .iter()
            .map(|s| squeeze(if reads == Reads::Chinese { s.zh } else { s.en }))
            .collect();
        assert_eq!(read, whole, "nothing is lost");
        found
    }

    #[test]
    fn a_chunk_is_what_the_model_takes_and_ends_with_a_paragraph() {
        for reads in [Reads::Chinese, Reads::English] {
            assert_eq!(cut(reads, 10_000, 60, 60).len(), 1);
            let ranges: Vec<_> = cut(reads, 210, 60, 60)
                .into_iter()
                .map(|c| c.sentences)
                .collect();
            assert_eq!(ranges[0], 0..if reads == Reads::Chinese { 8 } else { 4 });
        }
        // Smaller than a sentence.
        assert!(cut(Reads::Chinese, 20, 60, 60).len() > 12);
        assert!(cut(Reads::English, 12, 60, 60).len() > 12);
    }

    #[test]
    fn a_longer_summary_wants_more_chunks() {
        assert_eq!(cut(Reads::English, 10_000, 60, 120).len(), 3);
        assert_eq!(cut(Reads::English, 10_000, 30, 120).len(), 4);
        assert_eq!(cut(Reads::English, 10_000, 200, 120).len(), 1);
    }

    #[test]
    fn records_name_the_sentences() {
        let sentences = sentences();
        let source = Source {
            headline: None,
            sentences: &sentences,
        };
        let chunks = cut(Reads::English, 210, 60, 60);
        let records = records(&chunks, &source);
        assert_eq!(records[0].sentences, ["p1s1", "p1s4"]);
        assert_eq!(records[records.len() - 1].sentences[1], "p3s4");
    }
}
