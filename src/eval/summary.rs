//! What describes a summary beside its overlap with references: its length, and how much of it is
//! new.

use std::collections::HashSet;

use super::metric::{Better, Metric, Needs, Segment, Signature};
use super::rouge::Language;

/// Length of the hypotheses in percent of the references'.
#[derive(Clone, Copy, Debug)]
pub struct LengthRatio {
    /// The language of hypotheses and references.
    pub language: Language,
}

impl Metric for LengthRatio {
    fn name(&self) -> String {
        "Length %".to_owned()
    }

    fn signature(&self) -> Signature {
        Signature::new().with("tok", self.language.tokenizer())
    }

    fn better(&self) -> Better {
        Better::Neither
    }

    fn width(&self) -> usize {
        2
    }

    /// Tokens of the hypothesis, and of the references in the mean.
    fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let length = |text: &str| self.language.tokens(text).len() as f64;
        let references: f64 = segment.references.iter().map(|r| length(r)).sum();
        let mean = references / segment.references.len().max(1) as f64;
        vec![length(segment.hypothesis), mean]
    }

    fn score(&self, total: &[f64]) -> Option<f64> {
        (total[1] > 0.0).then(|| 100.0 * total[0] / total[1])
    }

    fn parts(&self, total: &[f64]) -> Vec<(&'static str, f64)> {
        vec![
            ("hypothesis length", total[0]),
            ("reference length", total[1]),
        ]
    }
}

/// Percent of the hypotheses' n-grams that the article does not have (See et al., 2017): 0 is
/// copying, 100 shares not even a word.
#[derive(Clone, Copy, Debug)]
pub struct Novelty {
    /// Order of the n-grams.
    pub n: usize,
    /// The language of hypotheses and articles.
    pub language: Language,
}

impl Metric for Novelty {
    fn name(&self) -> String {
        format!("Novel {}-grams %", self.n)
    }

    fn signature(&self) -> Signature {
        Signature::new()
            .with("n", self.n)
            .with("tok", self.language.tokenizer())
    }

    fn better(&self) -> Better {
        Better::Neither
    }

    fn needs(&self) -> Needs {
        Needs::Document
    }

    fn width(&self) -> usize {
        2
    }

    fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let hypothesis = self.language.tokens(segment.hypothesis);
        let document = self.language.tokens(segment.document.unwrap_or_default());
        let copied: HashSet<_> = document.windows(self.n).collect();
        let all = hypothesis.windows(self.n);
        let novel = all.clone().filter(|ngram| !copied.contains(ngram));
        vec![novel.count() as f64, all.len() as f64]
    }

    fn score(&self, total: &[f64]) -> Option<f64> {
        (total[1] > 0.0).then(|| 100.0 * total[0] / total[1])
    }
}
