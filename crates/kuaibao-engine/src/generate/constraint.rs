//! Phrases that every hypothesis must contain: lexically constrained beam search with dynamic beam
//! allocation (Post and Vilar 2018).
//!
//! Comes in: the continuations of a step's beams. Goes out: those worth going on with, so that
//! hypotheses which have more of the phrases are not pushed out by likelier ones which have fewer.
//! Never keeps anything between steps: how far a hypothesis has come is read off its tokens.

use std::{cmp::Reverse, collections::BTreeMap};

/// The phrases, as token sequences.
#[derive(Clone, Copy)]
pub(super) struct Constraint<'a> {
    phrases: &'a [Vec<u32>],
}

/// One token more for a hypothesis.
pub(super) struct Continuation<T> {
    /// Tokens of the phrases that it then has: [`Constraint::met`].
    pub(super) met: usize,
    /// Whether it ends there.
    pub(super) ends: bool,
    /// What the caller knows it by.
    pub(super) of: T,
}

impl<'a> Constraint<'a> {
    /// `None` where there is nothing to enforce.
    pub(super) fn new(phrases: &'a [Vec<u32>]) -> Option<Self> {
        let some = phrases.iter().any(|phrase| !phrase.is_empty());
        some.then_some(Self { phrases })
    }

    /// The tokens of the phrases, ascending, each once.
    pub(super) fn tokens(&self) -> Vec<u32> {
        let mut tokens = self.phrases.concat();
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// The phrases that `tokens` has not yet.
    fn open<'t>(&self, tokens: &'t [u32]) -> impl Iterator<Item = &'a [u32]> + use<'a, 't> {
        let phrases = self.phrases.iter().map(Vec::as_slice);
        phrases.filter(move |p| !p.is_empty() && tokens.windows(p.len()).all(|window| window != *p))
    }

    /// How many tokens of the phrases a hypothesis has: all of those it contains, and the longest
    /// beginning of another that it ends in.
    pub(super) fn met(&self, tokens: &[u32]) -> usize {
        let all: usize = self.phrases.iter().map(Vec::len).sum();
        let open: usize = self.open(tokens).map(<[u32]>::len).sum();
        let begun = self.open(tokens).map(|p| begun(p, tokens)).max();
        all - open + begun.unwrap_or(0)
    }

    /// The tokens that bring a hypothesis further: the next one of the phrase it is in, or else the
    /// first one of each phrase that it has not.
    pub(super) fn next(&self, tokens: &[u32]) -> Vec<u32> {
        let most = self.open(tokens).map(|p| begun(p, tokens)).max();
        let furthest = self
            .open(tokens)
            .map(|p| (begun(p, tokens), p))
            .filter(|(begun, _)| Some(*begun) == most);
        furthest.map(|(begun, p)| p[begun]).collect()
    }

    /// Of continuations that come best first, about `count` that stay open and those that end before
    /// them, a few from each bank: a bank holds what has come equally far, and the furthest has the
    /// first choice. What ends without all phrases is left out.
    pub(super) fn allocate<T>(
        &self,
        all: impl Iterator<Item = Continuation<T>>,
        count: usize,
    ) -> Vec<T> {
        let whole: usize = self.phrases.iter().map(Vec::len).sum();
        let mut banks: BTreeMap<Reverse<usize>, Vec<Continuation<T>>> = BTreeMap::new();
        for one in all.filter(|one| !one.ends || one.met == whole) {
            banks.entry(Reverse(one.met)).or_default().push(one);
        }
        let mut banks: Vec<_> = banks.into_values().map(Vec::into_iter).collect();
        let mut chosen = Vec::new();
        let mut open = 0;
        while open < count {
            let before = chosen.len();
            for one in banks.iter_mut().filter_map(Iterator::next) {
                open += usize::from(!one.ends);
                chosen.push(one.of);
            }
            if chosen.len() == before {
                break;
            }
        }
        chosen
    }
}

/// How many tokens of `phrase` stand at the end of `tokens`.
fn begun(phrase: &[u32], tokens: &[u32]) -> usize {
    (0..phrase.len())
        .rev()
        .find(|&n| tokens.ends_with(&phrase[..n]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_off_the_tokens() {
        let phrases = [vec![1, 2, 3], vec![4]];
        let constraint = Constraint::new(&phrases).unwrap();
        for (tokens, met, next) in [
            (&[9][..], 0, &[1, 4][..]),
            (&[9, 1], 1, &[2]),
            (&[9, 1, 2], 2, &[3]),
            // Left half-way: begin again.
            (&[9, 1, 2, 7], 0, &[1, 4]),
            (&[9, 1, 2, 1], 1, &[2]),
            (&[4, 1, 2, 3], 4, &[]),
            (&[4, 9, 1], 2, &[2]),
        ] {
            assert_eq!(constraint.met(tokens), met, "{tokens:?}");
            assert_eq!(constraint.next(tokens), next, "{tokens:?}");
        }
        assert!(Constraint::new(&[]).is_none() && Constraint::new(&[vec![]]).is_none());
    }

    #[test]
    fn every_bank_has_its_share_and_nothing_ends_too_early() {
        let phrases = [vec![1, 2]];
        let constraint = Constraint::new(&phrases).unwrap();
        let all = [
            (0, false, 'a'),
            (0, true, 'c'),
            (0, false, 'b'),
            (1, false, 'd'),
            (2, true, 'f'),
            (2, false, 'e'),
        ]
        .map(|(met, ends, of)| Continuation { met, ends, of });
        let chosen: String = constraint
            .allocate(all.into_iter(), 3)
            .into_iter()
            .collect();
        assert_eq!(chosen, "fdaeb");
    }
}
