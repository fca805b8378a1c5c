//! N-grams of one text against those of another, the ground of BLEU, chrF and ROUGE-N.
//!
//! In: tokens as numbers ([`Ids`], or characters). Out: how often each n-gram occurs, in an order
//! that all texts share, so that two texts are compared by walking along both. A text is sorted once
//! by its longest n-grams; the shorter ones are their beginnings.

use std::cmp::Ordering;
use std::collections::HashMap;

/// Numbers for words: equal words have equal numbers.
#[derive(Default)]
pub(super) struct Ids<'a>(HashMap<&'a str, u32>);

impl<'a> Ids<'a> {
    pub(super) fn of(&mut self, word: &'a str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(word).or_insert(next)
    }

    pub(super) fn all(&mut self, words: &'a [String]) -> Vec<u32> {
        words.iter().map(|word| self.of(word)).collect()
    }
}

/// The n-grams of a text, of every order up to the one it was made for.
pub(super) struct Ngrams {
    /// For each token the n-gram of the highest order that begins there, sorted. A number takes
    /// `bits` bits and is 1 more than the token's; 0 stands behind the end of the text.
    keys: Vec<u128>,
    bits: u32,
    orders: u32,
}

/// An n-gram and how often it occurs.
pub(super) type Count = (u128, u32);

impl Ngrams {
    /// `orders` is at least 1, and at most 6, where 21 bits are left for a token: a character takes them,
    /// and numbers of words do not reach them.
    pub(super) fn of(tokens: &[u32], orders: usize) -> Self {
        let orders = orders as u32;
        let bits = (128 / orders).min(64);
        debug_assert!(
            tokens
                .iter()
                .all(|&token| u128::from(token) + 1 < 1 << bits)
        );
        let mut keys = Vec::with_capacity(tokens.len());
        let mut key = 0;
        for &token in tokens.iter().rev() {
            key = key >> bits | (u128::from(token) + 1) << (bits * (orders - 1));
            keys.push(key);
        }
        keys.sort_unstable();
        Self { keys, bits, orders }
    }

    /// How many n-grams of order `n` the text has.
    pub(super) fn total(&self, n: usize) -> usize {
        (self.keys.len() + 1).saturating_sub(n)
    }

    /// Each n-gram of order `n` with the number of its occurrences, in order.
    pub(super) fn counts(&self, n: usize) -> impl Iterator<Item = Count> + '_ {
        let shift = self.bits * (self.orders - n as u32);
        let last = (1 << self.bits) - 1;
        let mut ngrams = self
            .keys
            .iter()
            .map(move |key| key >> shift)
            .filter(move |ngram| ngram & last != 0)
            .peekable();
        std::iter::from_fn(move || {
            let ngram = ngrams.next()?;
            let mut count = 1;
            while ngrams.next_if_eq(&ngram).is_some() {
                count += 1;
            }
            Some((ngram, count))
        })
    }
}

/// N-grams in both, each as often as in the one that has it less often.
pub(super) fn matches(a: impl Iterator<Item = Count>, b: impl Iterator<Item = Count>) -> u32 {
    together(a, b).map(|(_, in_a, in_b)| in_a.min(in_b)).sum()
}

/// N-grams in either, each as often as in the one that has it more often.
pub(super) fn most(a: impl Iterator<Item = Count>, b: impl Iterator<Item = Count>) -> Vec<Count> {
    together(a, b)
        .map(|(ngram, in_a, in_b)| (ngram, in_a.max(in_b)))
        .collect()
}

/// Walks along both: each n-gram with its counts here and there.
fn together(
    a: impl Iterator<Item = Count>,
    b: impl Iterator<Item = Count>,
) -> impl Iterator<Item = (u128, u32, u32)> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || {
        let order = match (a.peek(), b.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((in_a, _)), Some((in_b, _))) => in_a.cmp(in_b),
        };
        let in_a = a.next_if(|_| order.is_le());
        let in_b = b.next_if(|_| order.is_ge());
        let (ngram, _) = in_a.or(in_b)?;
        Some((ngram, count(in_a), count(in_b)))
    })
}

fn count(found: Option<Count>) -> u32 {
    found.map_or(0, |(_, count)| count)
}
