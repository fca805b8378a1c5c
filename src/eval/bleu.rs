//! BLEU (Papineni et al., 2002), equal to sacrebleu 2.6.

use super::metric::{Metric, Segment, Signature, case, yes_no};
use super::ngram::{self, Ngrams};
use super::tokenize::{Tokenizer, is_space};

const ORDERS: usize = 4;

/// What stands in for an n-gram precision of zero (Chen and Cherry, 2014).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Smoothing {
    /// Nothing: a corpus without a matching 4-gram scores 0.
    None,
    /// This many matches (their method 1).
    Floor(f64),
    /// This many more matches and n-grams from order 2 on (their method 2).
    AddK(f64),
    /// 1/2, 1/4, … of a match, as in mteval-v13a (their method 3).
    Exp,
}

/// BLEU with its settings.
#[derive(Clone, Copy, Debug)]
pub struct Bleu {
    /// How lines become tokens.
    pub tokenizer: Tokenizer,
    /// What stands in for a precision of zero.
    pub smoothing: Smoothing,
    /// Whether orders that the hypothesis is too short for are left out of the mean.
    pub effective_order: bool,
    /// Whether case is ignored.
    pub lowercase: bool,
}

impl Default for Bleu {
    /// sacrebleu's defaults, which published scores use.
    fn default() -> Self {
        Self {
            tokenizer: Tokenizer::Mteval13a,
            smoothing: Smoothing::Exp,
            effective_order: false,
            lowercase: false,
        }
    }
}

/// The statistics: lengths, then matches and totals for each order.
struct Sums<'a> {
    hypothesis: f64,
    reference: f64,
    correct: &'a [f64],
    total: &'a [f64],
}

impl<'a> Sums<'a> {
    fn of(sums: &'a [f64]) -> Self {
        Self {
            hypothesis: sums[0],
            reference: sums[1],
            correct: &sums[2..2 + ORDERS],
            total: &sums[2 + ORDERS..],
        }
    }

    fn brevity_penalty(&self) -> f64 {
        if self.hypothesis >= self.reference {
            1.0
        } else if self.hypothesis > 0.0 {
            (1.0 - self.reference / self.hypothesis).exp()
        } else {
            0.0
        }
    }
}

impl Bleu {
    fn tokens(&self, line: &str) -> Vec<String> {
        let line = line.trim_end_matches(is_space);
        if self.lowercase {
            self.tokenizer.tokenize(&line.to_lowercase())
        } else {
            self.tokenizer.tokenize(line)
        }
    }

    /// Precisions in percent, and how many orders the mean is taken over.
    fn precisions(&self, sums: &Sums, effective_order: bool) -> ([f64; ORDERS], usize) {
        let mut precisions = [0.0; ORDERS];
        let mut orders = ORDERS;
        let mut halving = 1.0;
        for (n, precision) in precisions.iter_mut().enumerate() {
            let (mut correct, mut total) = (sums.correct[n], sums.total[n]);
            if let Smoothing::AddK(k) = self.smoothing
                && n > 0
            {
                correct += k;
                total += k;
            }
            if total == 0.0 {
                break;
            }
            if effective_order {
                orders = n + 1;
            }
            *precision = match self.smoothing {
                _ if correct > 0.0 => 100.0 * correct / total,
                Smoothing::Exp => {
                    halving *= 2.0;
                    100.0 / (halving * total)
                }
                Smoothing::Floor(matches) => 100.0 * matches / total,
                Smoothing::None | Smoothing::AddK(_) => 0.0,
            };
        }
        (precisions, orders)
    }

    fn bleu(&self, sums: &[f64], effective_order: bool) -> f64 {
        let sums = Sums::of(sums);
        if sums.correct.iter().all(|&c| c == 0.0) {
            return 0.0;
        }
        let (precisions, orders) = self.precisions(&sums, effective_order);
        let logs: f64 = precisions[..orders].iter().map(|p| p.ln()).sum();
        sums.brevity_penalty() * (logs / orders as f64).exp()
    }
}

impl Metric for Bleu {
    fn name(&self) -> String {
        "BLEU".to_owned()
    }

    fn signature(&self) -> Signature {
        let smooth = match self.smoothing {
            Smoothing::None => "none".to_owned(),
            Smoothing::Floor(value) => format!("floor[{value:.2}]"),
            Smoothing::AddK(value) => format!("add-k[{value:.2}]"),
            Smoothing::Exp => "exp".to_owned(),
        };
        Signature::new()
            .with("case", case(self.lowercase))
            .with("eff", yes_no(self.effective_order))
            .with("tok", self.tokenizer.name())
            .with("smooth", smooth)
    }

    fn width(&self) -> usize {
        2 + 2 * ORDERS
    }

    fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let hypothesis = self.tokens(segment.hypothesis);
        let references: Vec<_> = segment.references.iter().map(|r| self.tokens(r)).collect();
        let mut ids = ngram::Ids::default();
        let mut ngrams = |tokens| Ngrams::of(&ids.all(tokens), ORDERS);
        let found = ngrams(&hypothesis);
        let given: Vec<_> = references.iter().map(|tokens| ngrams(tokens)).collect();
        let mut sums = vec![0.0; self.width()];
        sums[0] = hypothesis.len() as f64;
        sums[1] = closest(hypothesis.len(), references.iter().map(Vec::len)) as f64;
        for n in 1..=ORDERS {
            let allowed = given.iter().fold(Vec::new(), |allowed, reference| {
                ngram::most(allowed.into_iter(), reference.counts(n))
            });
            sums[1 + n] = f64::from(ngram::matches(found.counts(n), allowed.into_iter()));
            sums[1 + ORDERS + n] = found.total(n) as f64;
        }
        sums
    }

    fn score(&self, total: &[f64]) -> Option<f64> {
        Some(self.bleu(total, self.effective_order))
    }

    /// With effective order: a three-word segment has no 4-grams to miss.
    fn segment_score(&self, statistics: &[f64]) -> Option<f64> {
        Some(self.bleu(statistics, true))
    }

    fn parts(&self, total: &[f64]) -> Vec<(&'static str, f64)> {
        let sums = Sums::of(total);
        let (precisions, _) = self.precisions(&sums, self.effective_order);
        vec![
            ("precision 1", precisions[0]),
            ("precision 2", precisions[1]),
            ("precision 3", precisions[2]),
            ("precision 4", precisions[3]),
            ("brevity penalty", sums.brevity_penalty()),
            ("hypothesis length", sums.hypothesis),
            ("reference length", sums.reference),
        ]
    }
}

/// The reference length closest to the hypothesis', the shorter of two equally close ones.
fn closest(hypothesis: usize, references: impl Iterator<Item = usize>) -> usize {
    references
        .min_by_key(|&length| (length.abs_diff(hypothesis), length))
        .unwrap_or(0)
}
