//! Baselines that copy: the first sentences of an article, and sentences picked at random.
//!
//! A summary that does not beat its article's first sentences is not worth its cost.

use unicode_segmentation::UnicodeSegmentation;

use super::corpus::{Corpus, Kind, Output, System};
use super::random::Random;

/// Adds `lead-k` and `random-k`: one pair for all where the article is the same for all systems,
/// else one pair from each system's own article.
pub fn add(corpus: &mut Corpus, k: usize, seed: u64) {
    let shared: Vec<Option<&str>> = corpus
        .items
        .iter()
        .map(|item| item.document.as_deref())
        .collect();
    let mut baselines = Vec::new();
    if shared.iter().any(Option::is_some) {
        baselines.extend(pair("", &shared, k, seed));
    } else {
        for system in &corpus.systems {
            let own: Vec<Option<&str>> = system
                .outputs
                .iter()
                .map(|output| output.document.as_deref())
                .collect();
            if own.iter().any(Option::is_some) {
                baselines.extend(pair(&format!(" of {}", system.name), &own, k, seed));
            }
        }
    }
    corpus.systems.extend(baselines);
}

fn pair(of: &str, documents: &[Option<&str>], k: usize, seed: u64) -> [System; 2] {
    let mut random = Random::new(seed);
    let extract = |name: &str, pick: &mut dyn FnMut(&[&str]) -> Vec<usize>| System {
        name: format!("{name}-{k}{of}"),
        kind: Kind::Baseline,
        outputs: documents
            .iter()
            .map(|document| {
                let sentences = sentences(document.unwrap_or_default());
                let picked: Vec<&str> =
                    pick(&sentences).into_iter().map(|i| sentences[i]).collect();
                Output {
                    document: document.map(str::to_owned),
                    ..Output::of(picked.join("\n"))
                }
            })
            .collect(),
    };
    [
        extract("lead", &mut |sentences| {
            (0..sentences.len().min(k)).collect()
        }),
        extract("random", &mut |sentences| {
            sample(sentences.len(), k, &mut random)
        }),
    ]
}

/// `k` of `0..n` without repetition, in order.
fn sample(n: usize, k: usize, random: &mut Random) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    let k = k.min(n);
    for i in 0..k {
        all.swap(i, i + random.below((n - i) as u32) as usize);
    }
    all.truncate(k);
    all.sort_unstable();
    all
}

/// The lines of a text where it has several, else its sentences as Unicode (UAX #29) cuts them.
fn sentences(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = present(text.lines());
    if lines.len() > 1 {
        return lines;
    }
    present(text.split_sentence_bounds())
}

fn present<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}
