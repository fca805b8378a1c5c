//! Byte-pair encoding as sentencepiece does it: over the whole text, the best-scored pair first.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::normalizer::Symbols;
use super::proto::{Entry, Kind};

pub(super) struct Bpe {
    /// The pieces that merges may form.
    pieces: HashMap<String, Merged>,
    symbols: Symbols,
    unknown: u32,
}

#[derive(Clone, Copy)]
struct Merged {
    id: u32,
    score: f32,
    /// A step on the way to longer pieces that must not be left standing itself.
    unused: bool,
}

/// A stretch of text, one of a doubly linked list; empty once it was merged into its left neighbour.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    previous: Option<usize>,
    next: Option<usize>,
    /// A user-defined symbol, never merged.
    frozen: bool,
}

/// Two neighbouring spans that form a piece. The best is the highest score, then the leftmost.
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    len: usize,
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score
            .total_cmp(&other.score)
            .then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Pair {}

impl Bpe {
    pub(super) fn new(entries: &[Entry], unknown: u32, symbols: Symbols) -> Self {
        let pieces = (0u32..)
            .zip(entries)
            .filter(|(_, entry)| {
                matches!(entry.kind, Kind::Normal | Kind::UserDefined | Kind::Unused)
            })
            .map(|(id, entry)| {
                let merged = Merged {
                    id,
                    // Minus zero, which orders below zero, is the same score.
                    score: entry.score + 0.0,
                    unused: entry.kind == Kind::Unused,
                };
                (entry.piece.clone(), merged)
            })
            .collect();
        Self {
            pieces,
            symbols,
            unknown,
        }
    }

    /// Calls `emit(id, surface)` for each piece of normalised text, in order.
    pub(super) fn encode<'a>(&self, text: &'a str, mut emit: impl FnMut(u32, &'a str)) {
        let mut spans = self.characters(text);
        let mut agenda = BinaryHeap::new();
        // How an unused piece was put together: its text → the length of its left part.
        let mut halves: HashMap<&str, usize> = HashMap::new();
        let mut consider =
            |spans: &[Span], left: usize, right: usize, agenda: &mut BinaryHeap<Pair>| {
                let (a, b) = (spans[left], spans[right]);
                if a.frozen || b.frozen {
                    return;
                }
                let piece = &text[a.start..b.end];
                if let Some(merged) = self.pieces.get(piece) {
                    agenda.push(Pair {
                        score: merged.score,
                        left,
                        right,
                        len: piece.len(),
                    });
                    if merged.unused {
                        halves.insert(piece, a.end - a.start);
                    }
                }
            };
        for right in 1..spans.len() {
            consider(&spans, right - 1, right, &mut agenda);
        }
        while let Some(Pair {
            left, right, len, ..
        }) = agenda.pop()
        {
            let (a, b) = (spans[left], spans[right]);
            let stale = a.start == a.end || b.start == b.end || b.end - a.start != len;
            if stale {
                continue;
            }
            spans[left].end = b.end;
            spans[left].next = b.next;
            spans[right].end = b.start;
            if let Some(previous) = a.previous {
                consider(&spans, previous, left, &mut agenda);
            }
            if let Some(next) = b.next {
                spans[next].previous = Some(left);
                consider(&spans, left, next, &mut agenda);
            }
        }

        let mut at = (!spans.is_empty()).then_some(0);
        while let Some(span) = at {
            self.emit_used(
                &text[spans[span].start..spans[span].end],
                &halves,
                &mut emit,
            );
            at = spans[span].next;
        }
    }

    /// One span for each character or user-defined symbol.
    fn characters(&self, text: &str) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::with_capacity(text.len());
        let mut start = 0;
        while let Some(character) = text[start..].chars().next() {
            let symbol = self.symbols.prefix(&text[start..]);
            let end = start + symbol.unwrap_or(character.len_utf8());
            let here = spans.len();
            spans.push(Span {
                start,
                end,
                previous: here.checked_sub(1),
                next: (end < text.len()).then_some(here + 1),
                frozen: symbol.is_some(),
            });
            start = end;
        }
        spans
    }

    /// Emits a piece, or, where it is an unused one, the parts it was merged from.
    fn emit_used<'a>(
        &self,
        piece: &'a str,
        halves: &HashMap<&str, usize>,
        emit: &mut impl FnMut(u32, &'a str),
    ) {
        match self.pieces.get(piece) {
            None => emit(self.unknown, piece),
            Some(merged) => match halves.get(piece) {
                Some(&len) if merged.unused => {
                    self.emit_used(&piece[..len], halves, emit);
                    self.emit_used(&piece[len..], halves, emit);
                }
                _ => emit(merged.id, piece),
            },
        }
    }
}
