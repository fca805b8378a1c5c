//! Which sentence holds a place of the source, in logarithmic time: a page of figures has as many
//! places as characters.

use std::ops::Range;

/// Sentences that may stand within another one.
const INTERRUPTIONS: usize = 8;

/// The sentences of an article by where they stand.
pub struct Places {
    /// Start, end and number of each sentence, by start.
    sentences: Vec<(usize, usize, usize)>,
}

impl Places {
    /// Sentences by their ranges of the source, numbered as they come.
    pub fn new(ranges: impl Iterator<Item = Range<usize>>) -> Self {
        let mut sentences: Vec<_> = ranges
            .enumerate()
            .map(|(number, range)| (range.start, range.end, number))
            .collect();
        sentences.sort_unstable();
        Self { sentences }
    }

    /// The sentence that holds an offset.
    pub fn at(&self, offset: usize) -> Option<usize> {
        self.holding(&(offset..offset + 1))
    }

    /// The sentence that holds a whole range.
    pub fn holding(&self, range: &Range<usize>) -> Option<usize> {
        let next = self
            .sentences
            .partition_point(|&(start, ..)| start <= range.start);
        // A caption or a credit may stand within a sentence that runs on behind it.
        self.sentences[..next]
            .iter()
            .rev()
            .take(INTERRUPTIONS)
            .find(|&&(_, end, _)| range.end <= end)
            .map(|&(.., number)| number)
    }
}
