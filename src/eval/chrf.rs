//! chrF (Popović, 2015) and chrF++ (Popović, 2017), equal to sacrebleu 2.6.

use std::hash::Hash;

use super::metric::{Metric, Segment, Signature, case};
use super::ngram;
use super::tokenize::{is_space, split};

const CHARACTER_ORDERS: usize = 6;
/// How many times recall weighs as much as precision.
const BETA: f64 = 2.0;

/// chrF2, or chrF2++ with words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chrf {
    /// Highest order of word n-grams: 0 for chrF, 2 for chrF++.
    pub word_orders: usize,
    /// Whether case is ignored.
    pub lowercase: bool,
}

/// The units of one text.
struct Units<'a> {
    characters: Vec<char>,
    words: Vec<&'a str>,
}

impl<'a> Units<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            characters: text.chars().filter(|&c| !is_space(c)).collect(),
            words: split(text).flat_map(without_punctuation).collect(),
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
    fn prepare<'a>(&self, text: &'a str, lowered: &'a mut String) -> Units<'a> {
        if self.lowercase {
            *lowered = text.to_lowercase();
            Units::of(lowered)
        } else {
            Units::of(text)
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

fn order<T: Hash + Eq>(hypothesis: &[T], reference: &[T], n: usize) -> [f64; 3] {
    let in_reference = ngram::total(reference.len(), n);
    if in_reference == 0 {
        // What no reference could match is not held against the hypothesis.
        return [0.0; 3];
    }
    let matches = ngram::matches(&ngram::count(hypothesis, n), &ngram::count(reference, n));
    [
        ngram::total(hypothesis.len(), n) as f64,
        in_reference as f64,
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
        let mut lowered = String::new();
        let hypothesis = self.prepare(segment.hypothesis, &mut lowered);
        let mut best: Option<(f64, Vec<f64>)> = None;
        for reference in segment.references {
            let mut lowered = String::new();
            let sums = self.against(&hypothesis, &self.prepare(reference, &mut lowered));
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
