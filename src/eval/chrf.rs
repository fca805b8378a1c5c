//! chrF (Popović, 2015) and chrF++ (Popović, 2017), equal to sacrebleu 2.6.

use std::borrow::Cow;

use super::metric::{Metric, Segment, Signature, case};
use super::ngram::{self, Ids, Ngrams};
use super::tokenize::{is_space, split};

const CHARACTER_ORDERS: usize = 6;
/// Word orders of chrF++.
pub const WORD_ORDERS: usize = 2;
/// How many times recall weighs as much as precision.
const BETA: f64 = 2.0;

/// chrF2, or chrF2++ with words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chrf {
    /// Highest order of word n-grams: 0 for chrF, [`WORD_ORDERS`] for chrF++.
    pub word_orders: usize,
    /// Whether case is ignored.
    pub lowercase: bool,
}

/// The n-grams of one text.
struct Units {
    characters: Ngrams,
    words: Ngrams,
}

impl Units {
    fn of<'a>(text: &'a str, ids: &mut Ids<'a>) -> Self {
        let characters = text.chars().filter(|&c| !is_space(c));
        let characters: Vec<u32> = characters.map(u32::from).collect();
        let words = split(text).flat_map(without_punctuation);
        let words: Vec<u32> = words.map(|word| ids.of(word)).collect();
        Self {
            characters: Ngrams::of(&characters, CHARACTER_ORDERS),
            words: Ngrams::of(&words, WORD_ORDERS),
        }
    }
}

/// Cuts one ASCII punctuation mark off a word: off its end, else off its start. `(hi)` becomes
/// `(hi` and `)`; sacrebleu keeps to chrF++.py in this.
fn without_punctuation(word: &str) -> impl Iterator<Item = &str> {
    let is_mark = |c: char| c.is_ascii_punctuation();
    let mut ends = word.char_indices();
    let (first, last) = (ends.next(), ends.next_back());
    let cut = match (first, last) {
        (Some(_), Some((at, last))) if is_mark(last) => at,
        (Some((_, first)), Some(_)) if is_mark(first) => first.len_utf8(),
        _ => word.len(),
    };
    let (head, tail) = word.split_at(cut);
    [head, tail].into_iter().filter(|part| !part.is_empty())
}

impl Chrf {
    fn prepared<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.lowercase {
            Cow::Owned(text.to_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    }

    /// For each order: n-grams of the hypothesis, of the reference, of both.
    fn against(&self, hypothesis: &Units, reference: &Units) -> Vec<f64> {
        let mut sums = Vec::with_capacity(self.width());
        for n in 1..=CHARACTER_ORDERS {
            sums.extend(order(&hypothesis.characters, &reference.characters, n));
        }
        for n in 1..=self.word_orders {
            sums.extend(order(&hypothesis.words, &reference.words, n));
        }
        sums
    }
}

fn order(hypothesis: &Ngrams, reference: &Ngrams, n: usize) -> [f64; 3] {
    if reference.total(n) == 0 {
        // What no reference could match is not held against the hypothesis.
        return [0.0; 3];
    }
    let matches = ngram::matches(hypothesis.counts(n), reference.counts(n));
    [
        hypothesis.total(n) as f64,
        reference.total(n) as f64,
        f64::from(matches),
    ]
}

/// F-score of the mean precision and the mean recall over the orders that both sides have.
fn f_score(sums: &[f64]) -> f64 {
    let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0.0);
    for order in sums.chunks_exact(3) {
        let &[hypothesis, reference, matches] = order else {
            unreachable!("chunks of three")
        };
        if hypothesis > 0.0 && reference > 0.0 {
            precision += matches / hypothesis;
            recall += matches / reference;
            orders += 1.0;
        }
    }
    if precision + recall == 0.0 {
        return 0.0;
    }
    let (precision, recall) = (precision / orders, recall / orders);
    let factor = BETA * BETA;
    100.0 * (1.0 + factor) * precision * recall / (factor * precision + recall)
}

impl Metric for Chrf {
    fn name(&self) -> String {
        format!("chrF{BETA}{}", "+".repeat(self.word_orders))
    }

    fn signature(&self) -> Signature {
        Signature::new()
            .with("case", case(self.lowercase))
            .with("eff", "yes")
            .with("nc", CHARACTER_ORDERS)
            .with("nw", self.word_orders)
            .with("space", "no")
    }

    fn width(&self) -> usize {
        3 * (CHARACTER_ORDERS + self.word_orders)
    }

    /// Those of the reference with the best F-score, the first of equals.
    fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let hypothesis = self.prepared(segment.hypothesis);
        let references: Vec<_> = segment
            .references
            .iter()
            .map(|r| self.prepared(r))
            .collect();
        let mut ids = Ids::default();
        let hypothesis = Units::of(&hypothesis, &mut ids);
        let mut best: Option<(f64, Vec<f64>)> = None;
        for reference in &references {
            let sums = self.against(&hypothesis, &Units::of(reference, &mut ids));
            let f = f_score(&sums);
            if best.as_ref().is_none_or(|(highest, _)| f > *highest) {
                best = Some((f, sums));
            }
        }
        best.map_or_else(|| vec![0.0; self.width()], |(_, sums)| sums)
    }

    fn score(&self, total: &[f64]) -> Option<f64> {
        Some(f_score(total))
    }
}
