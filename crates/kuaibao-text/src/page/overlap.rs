//! Which words two texts share, without a dictionary: by pairs of neighbouring characters.

use std::collections::{HashMap, HashSet};

use crate::text::Traced;
use crate::text::chars::is_han;

type Pair = (char, char);

/// The pairs of neighbouring characters of a text.
#[derive(Default)]
pub(super) struct Words(HashSet<Pair>);

impl Words {
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t Traced>) -> Self {
        Self(texts.flat_map(|t| pairs(t.as_str())).collect())
    }

    pub(super) fn rarity(all: &[Self]) -> Rarity {
        let mut counts = HashMap::new();
        for words in all {
            for pair in &words.0 {
                *counts.entry(*pair).or_insert(0_u32) += 1;
            }
        }
        Rarity {
            counts,
            texts: all.len(),
        }
    }
}

/// In how many texts of a page a pair occurs.
pub(super) struct Rarity {
    counts: HashMap<Pair, u32>,
    texts: usize,
}

impl Rarity {
    /// How much of `text` occurs in `words`, pairs weighted by inverse document frequency, 0 to 1.
    pub(super) fn share(&self, text: &str, words: &Words) -> f64 {
        let (mut shared, mut all) = (0.0, 0.0);
        for pair in pairs(text) {
            let count = f64::from(self.counts.get(&pair).copied().unwrap_or(1));
            let weight = (1.0 + self.texts as f64 / count).ln();
            all += weight;
            if words.0.contains(&pair) {
                shared += weight;
            }
        }
        if all > 0.0 { shared / all } else { 0.0 }
    }
}

fn pairs(text: &str) -> impl Iterator<Item = Pair> {
    let chars = text.chars();
    chars
        .clone()
        .zip(chars.skip(1))
        .filter(|(a, b)| (is_han(*a) || a.is_alphanumeric()) && (is_han(*b) || b.is_alphanumeric()))
}
