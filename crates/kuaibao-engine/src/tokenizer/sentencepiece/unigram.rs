//! The unigram language model: the segmentation with the highest sum of piece scores.

use daachorse::DoubleArrayAhoCorasick;

use super::proto::{Entry, Kind};

/// `kUnkPenalty` of sentencepiece: how far below the worst piece an unknown character scores.
const UNKNOWN_PENALTY: f32 = 10.0;

pub(super) struct Unigram {
    /// Finds every piece at every position; the values are piece ids.
    pieces: DoubleArrayAhoCorasick<u32>,
    /// By piece id.
    scores: Vec<Score>,
    highest: f32,
    unknown: u32,
    unknown_score: f32,
}

#[derive(Clone, Copy)]
enum Score {
    Fixed(f32),
    /// A user-defined symbol: by its length, always better than the pieces it is made of.
    Symbol,
}

/// The last piece of the best segmentation of the text up to some byte.
#[derive(Clone, Copy)]
struct Step {
    start: usize,
    id: u32,
    /// Of the whole segmentation.
    score: f32,
}

impl Unigram {
    pub(super) fn new(entries: &[Entry], unknown: u32) -> Result<Self, String> {
        let patterns = (0u32..)
            .zip(entries)
            .filter(|(_, entry)| matches!(entry.kind, Kind::Normal | Kind::UserDefined))
            .map(|(id, entry)| (&entry.piece, id));
        let pieces = DoubleArrayAhoCorasick::with_values(patterns)
            .map_err(|error| format!("its pieces cannot be indexed ({error})"))?;
        let normal = || {
            entries
                .iter()
                .filter(|e| e.kind == Kind::Normal)
                .map(|e| e.score)
        };
        Ok(Self {
            pieces,
            scores: entries
                .iter()
                .map(|entry| match entry.kind {
                    Kind::UserDefined => Score::Symbol,
                    _ => Score::Fixed(entry.score),
                })
                .collect(),
            // `FLT_MIN` is where sentencepiece starts: the smallest positive number.
            highest: normal().fold(f32::MIN_POSITIVE, f32::max),
            unknown,
            unknown_score: normal().fold(f32::MAX, f32::min) - UNKNOWN_PENALTY,
        })
    }

    /// Calls `emit(id, surface)` for each piece of normalised text, in order.
    ///
    /// The arithmetic is that of `Model::EncodeOptimized` in sentencepiece, where sums are compared
    /// in double and kept in single precision: near-ties must fall the same way.
    pub(super) fn encode<'a>(&self, text: &'a str, mut emit: impl FnMut(u32, &'a str)) {
        // By end; the first stands before the text.
        let mut steps = vec![
            Step {
                start: 0,
                id: self.unknown,
                score: 0.0
            };
            text.len() + 1
        ];
        let mut matches = self.pieces.find_overlapping_iter(text).peekable();
        for (start, character) in text.char_indices() {
            let end = start + character.len_utf8();
            let mut best: Option<Step> = None;
            let mut character_known = false;
            // Those that end here, the longest first.
            while let Some(found) = matches.next_if(|found| found.end() <= end) {
                let before = steps[found.start()].score;
                let score = before + self.score(found.value(), end - found.start());
                if best.is_none_or(|best| score > best.score) {
                    best = Some(Step {
                        start: found.start(),
                        id: found.value(),
                        score,
                    });
                }
                character_known |= found.start() == start;
            }
            if !character_known {
                let score = steps[start].score + self.unknown_score;
                if best.is_none_or(|best| score > best.score) {
                    best = Some(Step {
                        start,
                        id: self.unknown,
                        score,
                    });
                }
            }
            steps[end] = best.unwrap_or(steps[end]);
        }

        let mut ends = Vec::new();
        let mut end = text.len();
        while end > 0 {
            ends.push(end);
            end = steps[end].start;
        }
        for end in ends.into_iter().rev() {
            let Step { start, id, .. } = steps[end];
            emit(id, &text[start..end]);
        }
    }

    fn score(&self, id: u32, len: usize) -> f32 {
        match self.scores[id as usize] {
            Score::Fixed(score) => score,
            Score::Symbol => len as f32 * self.highest - 0.1,
        }
    }
}
