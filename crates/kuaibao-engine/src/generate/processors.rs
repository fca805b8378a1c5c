//! Logits processors: what may be output next, given what was output before.
//!
//! The order and the arithmetic are those of `transformers`' `_get_logits_processor` (v5). A
//! processor sees one row of scores, a column an output token, and the tokens of that row with
//! the decoder's start token first.

use super::SearchConfig;
use crate::nn::{Outputs, log_sum_exp};

/// The processors that a configuration asks for.
pub(super) struct Processors<'a> {
    config: &'a SearchConfig,
    outputs: &'a Outputs,
    /// Columns of one-token bad words.
    barred: Vec<usize>,
    /// These and the columns of the end tokens.
    barred_with_ends: Vec<usize>,
    /// Bad words of several tokens.
    phrases: Vec<&'a [u32]>,
    ends: Vec<usize>,
}

impl<'a> Processors<'a> {
    pub(super) fn new(config: &'a SearchConfig, outputs: &'a Outputs) -> Self {
        let columns = |tokens: &mut dyn Iterator<Item = u32>| -> Vec<usize> {
            tokens.filter_map(|t| outputs.column(t)).collect()
        };
        let ends = &config.eos_token_id;
        let singles = config.bad_words_ids.iter().filter(|w| w.len() == 1);
        let barred = columns(&mut singles.map(|w| w[0]).filter(|t| !ends.contains(t)));
        let end_columns = columns(&mut ends.iter().copied());
        Self {
            barred_with_ends: [barred.as_slice(), &end_columns].concat(),
            barred,
            phrases: config
                .bad_words_ids
                .iter()
                .filter(|w| w.len() > 1)
                .map(Vec::as_slice)
                .collect(),
            ends: end_columns,
            config,
            outputs,
        }
    }

    /// Whether a row of `length` tokens (start token included) comes through unchanged but for
    /// [`Processors::barred`] columns and for being [renormalised](Processors::renormalise).
    pub(super) fn idle(&self, length: usize) -> bool {
        let c = self.config;
        c.repetition_penalty == 1.0
            && c.no_repeat_ngram_size == 0
            && self.phrases.is_empty()
            && !(c.forced_bos_token_id.is_some() && length == 1)
            && !(c.forced_eos_token_id.is_some() && length + 1 == c.max_length)
    }

    /// Whether what is left is made probabilities again.
    pub(super) fn renormalise(&self) -> bool {
        self.config.renormalize_logits
    }

    /// Columns that are not output behind `length` tokens.
    pub(super) fn barred(&self, length: usize) -> &[usize] {
        match self.ends_barred(length) {
            true => &self.barred_with_ends,
            false => &self.barred,
        }
    }

    fn ends_barred(&self, length: usize) -> bool {
        length < self.config.min_length || length - 1 < self.config.min_new_tokens
    }

    /// Applies every processor to `scores`, the row behind `tokens`.
    pub(super) fn apply(&self, tokens: &[u32], scores: &mut [f32]) {
        let c = self.config;
        let column = |token: u32| self.outputs.column(token);
        if c.repetition_penalty != 1.0 {
            let mut seen: Vec<usize> = tokens.iter().filter_map(|&t| column(t)).collect();
            seen.sort_unstable();
            seen.dedup();
            for s in seen {
                scores[s] = if scores[s] < 0.0 {
                    scores[s] * c.repetition_penalty
                } else {
                    scores[s] / c.repetition_penalty
                };
            }
        }
        let n = c.no_repeat_ngram_size;
        if n > 0 && tokens.len() + 1 >= n {
            let prefix = &tokens[tokens.len() + 1 - n..];
            for gram in tokens.windows(n).filter(|g| g[..n - 1] == *prefix) {
                self.bar(gram[n - 1], scores);
            }
        }
        for &s in &self.barred {
            scores[s] = f32::NEG_INFINITY;
        }
        for phrase in &self.phrases {
            let (last, prefix) = phrase.split_last().expect("phrases have several tokens");
            if tokens.ends_with(prefix) {
                self.bar(*last, scores);
            }
        }
        if self.ends_barred(tokens.len()) {
            for &s in &self.ends {
                scores[s] = f32::NEG_INFINITY;
            }
        }
        let first = c.forced_bos_token_id.filter(|_| tokens.len() == 1);
        let last = c
            .forced_eos_token_id
            .filter(|_| tokens.len() + 1 == c.max_length);
        for forced in [first, last].into_iter().flatten() {
            scores.fill(f32::NEG_INFINITY);
            if let Some(s) = column(forced) {
                scores[s] = 0.0;
            }
        }
        if c.renormalize_logits {
            let norm = log_sum_exp(scores);
            for s in scores {
                *s -= norm;
            }
        }
    }

    fn bar(&self, token: u32, scores: &mut [f32]) {
        if let Some(s) = self.outputs.column(token) {
            scores[s] = f32::NEG_INFINITY;
        }
    }
}
