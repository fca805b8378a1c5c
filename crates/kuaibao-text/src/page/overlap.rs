//! Which words two texts share, without a dictionary: by pairs of neighbouring characters.

use crate::text::Traced;
use crate::text::chars::is_han;

/// Two characters as one number, which sorts and is found faster.
type Pair = u64;

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
        let weight = |count: usize| (1.0 + all.len() as f64 / count as f64).ln();
        let same = |a: &Pair, b: &Pair| a == b;
        let alike = pairs.chunk_by(same);
        Rarity {
            weights: alike.map(|p| (p[0], weight(p.len()))).collect(),
            other: weight(1),
        }
    }
}

/// How much the pairs of a page weigh, by inverse document frequency.
pub(super) struct Rarity {
    /// In order.
    weights: Vec<(Pair, f64)>,
    /// The weight of any other pair.
    other: f64,
}

impl Rarity {
    /// How much of `text` occurs in `words`, pairs weighted by inverse document frequency, 0 to 1.
    pub(super) fn share(&self, text: &str, words: &Words) -> f64 {
        let (mut shared, mut all) = (0.0, 0.0);
        for pair in pairs(text) {
            let weight = self.weight(pair);
            all += weight;
            if words.contains(pair) {
                shared += weight;
            }
        }
        if all > 0.0 { shared / all } else { 0.0 }
    }

    fn weight(&self, pair: Pair) -> f64 {
        match self.weights.binary_search_by_key(&pair, |(p, _)| *p) {
            Ok(at) => self.weights[at].1,
            Err(_) => self.other,
        }
    }
}

fn pairs(text: &str) -> impl Iterator<Item = Pair> {
    let mut before = None;
    text.chars().filter_map(move |c| {
        let last = before.replace(c).filter(|c| is_of_word(*c))?;
        is_of_word(c).then(|| u64::from(last) << 32 | u64::from(c))
    })
}

fn is_of_word(c: char) -> bool {
    is_han(c) || c.is_alphanumeric()
}
