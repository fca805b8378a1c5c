//! Which words two texts share, without a dictionary: by pairs of neighbouring characters.

use crate::text::Traced;
use crate::text::chars::is_han;

type Pair = (char, char);

/// The pairs of neighbouring characters of a text, in order, each once.
#[derive(Default)]
pub(super) struct Words(Vec<Pair>);

impl Words {
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t Traced>) -> Self {
        let mut all: Vec<Pair> = texts.flat_map(|t| pairs(t.as_str())).collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    fn contains(&self, pair: Pair) -> bool {
        self.0.binary_search(&pair).is_ok()
    }

    pub(super) fn rarity(all: &[Self]) -> Rarity {
        let mut pairs: Vec<Pair> = all
            .iter()
            .flat_map(|words| words.0.iter().copied())
            .collect();
        pairs.sort_unstable();
        Rarity {
            pairs,
            texts: all.len(),
        }
    }
}

/// In how many texts of a page a pair occurs.
pub(super) struct Rarity {
    /// In order, each as often as there are texts that hold it.
    pairs: Vec<Pair>,
    texts: usize,
}

impl Rarity {
    /// How much of `text` occurs in `words`, pairs weighted by inverse document frequency, 0 to 1.
    pub(super) fn share(&self, text: &str, words: &Words) -> f64 {
        let (mut shared, mut all) = (0.0, 0.0);
        for pair in pairs(text) {
            let weight = (1.0 + self.texts as f64 / self.count(pair).max(1) as f64).ln();
            all += weight;
            if words.contains(pair) {
                shared += weight;
            }
        }
        if all > 0.0 { shared / all } else { 0.0 }
    }

    fn count(&self, pair: Pair) -> usize {
        let from = self.pairs.partition_point(|p| *p < pair);
        self.pairs[from..].partition_point(|p| *p == pair)
    }
}

fn pairs(text: &str) -> impl Iterator<Item = Pair> {
    let chars = text.chars();
    chars
        .clone()
        .zip(chars.skip(1))
        .filter(|(a, b)| (is_han(*a) || a.is_alphanumeric()) && (is_han(*b) || b.is_alphanumeric()))
}
