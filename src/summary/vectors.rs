//! Texts as unit vectors over the words they share, and which of them is central.

use std::{collections::HashMap, hash::Hash};

/// A text's terms with their weights, sorted by term; the weights' squares sum to 1.
type Row = Vec<(usize, f64)>;

/// Parts this alike say the same.
pub(super) const REPEATS: f64 = 0.6;

/// tf·idf vectors of the parts of one article, and of its headline.
pub(super) struct Vectors {
    rows: Vec<Row>,
    headline: Row,
    terms: usize,
}

impl Vectors {
    /// From the words of each part and of the headline.
    pub(super) fn new<W: Hash + Eq>(parts: Vec<Vec<W>>, headline: Vec<W>) -> Self {
        let mut ids: HashMap<W, usize> = HashMap::new();
        let mut count = |words: Vec<W>| {
            let mut counts: HashMap<usize, f64> = HashMap::new();
            for word in words {
                let next = ids.len();
                *counts.entry(*ids.entry(word).or_insert(next)).or_default() += 1.0;
            }
            counts
        };
        let rows: Vec<_> = parts.into_iter().map(&mut count).collect();
        let headline = count(headline);

        let terms = ids.len();
        let mut parts_with = vec![0_u32; terms];
        for row in &rows {
            for &term in row.keys() {
                parts_with[term] += 1;
            }
        }
        let n = rows.len() as f64;
        let weigh = |counts: HashMap<usize, f64>| {
            let mut row: Row = counts
                .into_iter()
                .map(|(t, tf)| (t, tf * (1.0 + n / f64::from(parts_with[t].max(1))).ln()))
                .collect();
            row.sort_unstable_by_key(|&(term, _)| term);
            let norm = row.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
            for (_, w) in &mut row {
                *w /= norm;
            }
            row
        };
        Self {
            rows: rows.into_iter().map(weigh).collect(),
            headline: weigh(headline),
            terms,
        }
    }

    /// Number of distinct words of a part.
    pub(super) fn distinct(&self, i: usize) -> usize {
        self.rows[i].len()
    }

    /// Continuous `LexRank` (Erkan & Radev, "Graph-based Lexical Centrality as Salience in Text
    /// Summarization", JAIR 22, 2004, §3.3), `PageRank` over the cosine similarity of the parts,
    /// scaled so that the most central one has 1.
    ///
    /// The similarity matrix is V·Vᵀ, so a step of the power iteration is Vᵀ then V: linear in the
    /// words of the article, where the matrix itself would be quadratic in its sentences.
    pub(super) fn centrality(&self) -> Vec<f64> {
        /// The papers' usual damping.
        const DAMPING: f64 = 0.85;
        const STEPS: usize = 50;
        const TOLERANCE: f64 = 1e-7;

        let n = self.rows.len();
        let similar = |p: &[f64]| -> Vec<f64> {
            let mut by_term = vec![0.0; self.terms];
            for (row, p) in self.rows.iter().zip(p) {
                for &(term, w) in row {
                    by_term[term] += w * p;
                }
            }
            let to = |row: &Row| row.iter().map(|&(t, w)| w * by_term[t]).sum::<f64>();
            // A sentence's likeness to itself is no recommendation.
            self.rows
                .iter()
                .zip(p)
                .map(|(row, p)| {
                    if row.is_empty() {
                        0.0
                    } else {
                        (to(row) - p).max(0.0)
                    }
                })
                .collect()
        };
        let degree = similar(&vec![1.0; n]);
        let mut rank = vec![1.0 / n as f64; n];
        for _ in 0..STEPS {
            let shared: Vec<f64> = rank
                .iter()
                .zip(&degree)
                .map(|(r, d)| if *d > 0.0 { r / d } else { 0.0 })
                .collect();
            let next: Vec<f64> = similar(&shared)
                .into_iter()
                .map(|s| (1.0 - DAMPING) / n as f64 + DAMPING * s)
                .collect();
            let moved: f64 = next.iter().zip(&rank).map(|(a, b)| (a - b).abs()).sum();
            rank = next;
            if moved < TOLERANCE {
                break;
            }
        }
        scaled_to_one(rank)
    }

    /// How much of the headline's weight each part's words cover, the best having 1.
    pub(super) fn headline_overlap(&self) -> Vec<f64> {
        scaled_to_one(
            self.rows
                .iter()
                .map(|row| dot(&self.headline, row))
                .collect(),
        )
    }

    /// Whether one part says what the other does.
    pub(super) fn repeats(&self, i: usize, j: usize) -> bool {
        self.similarity(i, j) >= REPEATS
    }

    /// Cosine of two parts.
    pub(super) fn similarity(&self, i: usize, j: usize) -> f64 {
        dot(&self.rows[i], &self.rows[j])
    }
}

fn dot(a: &Row, b: &Row) -> f64 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += a[i].1 * b[j].1;
                i += 1;
                j += 1;
            }
        }
    }
    sum
}

/// The values over their largest.
pub(super) fn scaled_to_one(mut values: Vec<f64>) -> Vec<f64> {
    let max = values.iter().copied().fold(0.0, f64::max);
    if max > 0.0 {
        for v in &mut values {
            *v /= max;
        }
    }
    values
}
