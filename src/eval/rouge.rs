//! ROUGE (Lin, 2004), equal to Google's `rouge-score` 0.1.2 with `use_stemmer=True`.
//!
//! English is compared by stemmed words, Chinese by character. ROUGE-Lsum takes each line of a text
//! as a sentence. The score is the F-measure in percent, averaged over segments; of several
//! references the one with the best F-measure counts, each variant on its own.

use std::collections::HashMap;

use super::metric::{Metric, Segment, Signature};
use super::ngram::{self, Ids, Ngrams};
use kuaibao_text::text::{chars::is_han, stem};

/// The language of hypotheses and references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Language {
    /// English: words, stemmed
    #[default]
    En,
    /// Chinese: characters
    Zh,
}

impl Language {
    /// The tokens that ROUGE, length and novelty count.
    pub(super) fn tokens(self, text: &str) -> Vec<String> {
        match self {
            Self::En => latin_words(text),
            Self::Zh => characters(text),
        }
    }

    /// The name of its tokens in a signature.
    pub(super) fn tokenizer(self) -> &'static str {
        match self {
            Self::En => "rouge-score",
            Self::Zh => "char",
        }
    }
}

/// `rouge-score`'s tokens: lower-case runs of ASCII letters and digits.
fn latin_words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `rouge-score` stems words of more than three letters.
fn stemmed(word: String) -> String {
    if word.len() > 3 { stem(&word) } else { word }
}

/// Each Chinese character, and lower-case runs of other letters and digits.
fn characters(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.to_lowercase().chars() {
        if is_han(c) {
            tokens.push(c.to_string());
            in_word = false;
        } else if c.is_alphanumeric() {
            match tokens.last_mut() {
                Some(word) if in_word => word.push(c),
                _ => tokens.push(c.to_string()),
            }
            in_word = true;
        } else {
            in_word = false;
        }
    }
    tokens
}

/// What two texts are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// N-grams of this order.
    N(usize),
    /// The longest common subsequence of the whole texts.
    L,
    /// The union of longest common subsequences of their sentences.
    Lsum,
}

/// ROUGE in one variant.
#[derive(Clone, Copy, Debug)]
pub struct Rouge {
    /// What two texts are compared by.
    pub variant: Variant,
    /// The language of hypotheses and references.
    pub language: Language,
}

/// Shares of matched tokens, 0 to 1.
#[derive(Clone, Copy, Default)]
struct Overlap {
    precision: f64,
    recall: f64,
}

impl Overlap {
    fn of(matches: usize, hypothesis: usize, reference: usize) -> Self {
        if matches == 0 {
            return Self::default();
        }
        Self {
            precision: matches as f64 / hypothesis as f64,
            recall: matches as f64 / reference as f64,
        }
    }

    fn f(self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 {
            2.0 * self.precision * self.recall / sum
        } else {
            0.0
        }
    }
}

impl Rouge {
    fn tokens(self, text: &str) -> Vec<String> {
        match self.language {
            Language::En => latin_words(text).into_iter().map(stemmed).collect(),
            Language::Zh => characters(text),
        }
    }

    fn sentences(self, text: &str) -> Vec<Vec<String>> {
        text.split('\n')
            .filter(|sentence| !sentence.is_empty())
            .map(|sentence| self.tokens(sentence))
            .collect()
    }

    fn overlap(self, hypothesis: &str, reference: &str) -> Overlap {
        match self.variant {
            Variant::N(n) => {
                let (hypothesis, reference) = (self.tokens(hypothesis), self.tokens(reference));
                let mut ids = Ids::default();
                let hypothesis = Ngrams::of(&ids.all(&hypothesis), n);
                let reference = Ngrams::of(&ids.all(&reference), n);
                let both = ngram::matches(hypothesis.counts(n), reference.counts(n));
                Overlap::of(both as usize, hypothesis.total(n), reference.total(n))
            }
            Variant::L => {
                let (hypothesis, reference) = (self.tokens(hypothesis), self.tokens(reference));
                let both = Subsequences::of(&reference, &hypothesis).longest();
                Overlap::of(both, hypothesis.len(), reference.len())
            }
            Variant::Lsum => {
                summary_overlap(&self.sentences(hypothesis), &self.sentences(reference))
            }
        }
    }
}

/// Union of longest common subsequences (Lin, 2004, section 3.2), each token counted at most as
/// often as both texts have it, as in ROUGE-1.5.5.
fn summary_overlap(hypothesis: &[Vec<String>], reference: &[Vec<String>]) -> Overlap {
    let mut left_in_hypothesis = occurrences(hypothesis);
    let mut left_in_reference = occurrences(reference);
    let mut matches = 0;
    for sentence in reference {
        let mut in_union = vec![false; sentence.len()];
        for other in hypothesis {
            for at in Subsequences::of(sentence, other).one() {
                in_union[at] = true;
            }
        }
        for (token, _) in sentence
            .iter()
            .zip(&in_union)
            .filter(|(_, in_union)| **in_union)
        {
            let counts = (
                left_in_hypothesis.get_mut(token.as_str()),
                left_in_reference.get_mut(token.as_str()),
            );
            if let (Some(a @ 1..), Some(b @ 1..)) = counts {
                *a -= 1;
                *b -= 1;
                matches += 1;
            }
        }
    }
    Overlap::of(
        matches,
        hypothesis.iter().map(Vec::len).sum(),
        reference.iter().map(Vec::len).sum(),
    )
}

fn occurrences(sentences: &[Vec<String>]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for token in sentences.iter().flatten() {
        *counts.entry(token.as_str()).or_default() += 1;
    }
    counts
}

/// The table of longest common subsequences, a bit a cell.
///
/// Row `i` stands for the first `i` tokens of the reference; bit `j` of it is 0 where the length
/// grows from column `j` to `j + 1` (H. Hyyrö, "Bit-parallel LCS-length computation revisited",
/// 2004). A table of 10,000 × 10,000 tokens takes 12 MB.
struct Subsequences<'a> {
    reference: &'a [String],
    hypothesis: &'a [String],
    rows: Vec<Vec<u64>>,
}

impl<'a> Subsequences<'a> {
    fn of(reference: &'a [String], hypothesis: &'a [String]) -> Self {
        let words = hypothesis.len().div_ceil(64);
        let mut positions: HashMap<&str, Vec<u64>> = HashMap::new();
        for (j, token) in hypothesis.iter().enumerate() {
            positions.entry(token).or_insert_with(|| vec![0; words])[j / 64] |= 1 << (j % 64);
        }
        let mut rows = Vec::with_capacity(reference.len() + 1);
        rows.push(vec![u64::MAX; words]);
        for (i, token) in reference.iter().enumerate() {
            let before = &rows[i];
            let row = match positions.get(token.as_str()) {
                Some(positions) => next_row(before, positions),
                None => before.clone(),
            };
            rows.push(row);
        }
        Self {
            reference,
            hypothesis,
            rows,
        }
    }

    /// The length for the first `i` tokens of the reference and the first `j` of the hypothesis.
    fn length(&self, i: usize, j: usize) -> usize {
        let row = &self.rows[i];
        let whole: u32 = row[..j / 64].iter().map(|word| word.count_zeros()).sum();
        let rest = match j % 64 {
            0 => 0,
            bits => (!row[j / 64] & ((1 << bits) - 1)).count_ones(),
        };
        (whole + rest) as usize
    }

    fn longest(&self) -> usize {
        self.length(self.reference.len(), self.hypothesis.len())
    }

    /// The positions in the reference of the subsequence that `rouge-score` picks.
    fn one(&self) -> Vec<usize> {
        let (mut i, mut j) = (self.reference.len(), self.hypothesis.len());
        let mut positions = Vec::new();
        while i > 0 && j > 0 {
            if self.reference[i - 1] == self.hypothesis[j - 1] {
                positions.push(i - 1);
                i -= 1;
                j -= 1;
            } else if self.length(i, j - 1) > self.length(i - 1, j) {
                j -= 1;
            } else {
                i -= 1;
            }
        }
        positions
    }
}

fn next_row(before: &[u64], positions: &[u64]) -> Vec<u64> {
    let mut carry = false;
    before
        .iter()
        .zip(positions)
        .map(|(&v, &m)| {
            let (sum, over) = v.overflowing_add(v & m);
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            carry = over || over_again;
            sum | (v & !m)
        })
        .collect()
}

impl Metric for Rouge {
    fn name(&self) -> String {
        match self.variant {
            Variant::N(n) => format!("ROUGE-{n}"),
            Variant::L => "ROUGE-L".to_owned(),
            Variant::Lsum => "ROUGE-Lsum".to_owned(),
        }
    }

    fn signature(&self) -> Signature {
        let stem = match self.language {
            Language::En => "porter-nltk",
            Language::Zh => "none",
        };
        Signature::new()
            .with("tok", self.language.tokenizer())
            .with("stem", stem)
            .with("score", "f1")
            .with("average", "segments")
    }

    fn width(&self) -> usize {
        4
    }

    fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let mut best = Overlap::default();
        for reference in segment.references {
            let overlap = self.overlap(segment.hypothesis, reference);
            if overlap.f() > best.f() {
                best = overlap;
            }
        }
        vec![best.f(), best.precision, best.recall, 1.0]
    }

    fn score(&self, total: &[f64]) -> Option<f64> {
        (total[3] > 0.0).then(|| 100.0 * total[0] / total[3])
    }

    fn parts(&self, total: &[f64]) -> Vec<(&'static str, f64)> {
        let segments = total[3].max(1.0);
        vec![
            ("precision", 100.0 * total[1] / segments),
            ("recall", 100.0 * total[2] / segments),
        ]
    }
}
