//! Counts of n-grams, the ground of BLEU, chrF, ROUGE-N and novelty.

use std::collections::HashMap;
use std::hash::Hash;

/// How often each n-gram of one order occurs. Borrowed from the tokens.
pub(super) type Counts<'a, T> = HashMap<&'a [T], u32>;

/// The n-grams of order `n` (at least 1).
pub(super) fn count<T: Hash + Eq>(tokens: &[T], n: usize) -> Counts<'_, T> {
    let mut counts = Counts::with_capacity(tokens.len());
    for ngram in tokens.windows(n) {
        *counts.entry(ngram).or_default() += 1;
    }
    counts
}

/// How many n-grams a sequence of `length` has.
pub(super) fn total(length: usize, n: usize) -> usize {
    (length + 1).saturating_sub(n)
}

/// N-grams in both, each as often as in the one that has it less often.
pub(super) fn matches<T: Hash + Eq>(a: &Counts<'_, T>, b: &Counts<'_, T>) -> u32 {
    a.iter()
        .filter_map(|(ngram, &in_a)| b.get(ngram).map(|&in_b| in_a.min(in_b)))
        .sum()
}
