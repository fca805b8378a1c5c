//! Measures the table that tells headings of articles from those of their parts,
//! `src/page/data/beginning.tsv`, beside a fit.
//!
//! Pages are those of `tests/made`: our own texts with the habits of papers. What is observed of each
//! block of headings between two paragraphs is noted while they are split; the weights are those of a
//! logistic regression with a normal prior. Prints how many blocks of texts that were not fitted on are
//! told right by the table and by the fit, and the weights of a fit on all:
//!
//! `cargo test --release -p kuaibao-text --lib fit_beginnings -- --ignored --nocapture`

use std::cell::RefCell;

use super::*;
use crate::page::odds::{Fit, Weights};

#[path = "../tests/made/mod.rs"]
mod made;

use made::{Habit, Text};

type Seen = [(Beginning, f64); Beginning::NAMES.len()];

thread_local! {
    static NOTED: RefCell<Vec<(String, Seen)>> = const { RefCell::new(Vec::new()) };
}

/// Notes what was observed of a block of headings.
pub(super) fn note(text: &str, seen: &Seen) {
    NOTED.with_borrow_mut(|noted| noted.push((text.to_owned(), *seen)));
}

/// Blocks of headings with whether they begin an article.
fn blocks(texts: &[Text], seeds: std::ops::Range<u64>) -> Vec<(Seen, bool)> {
    let squashed = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
    };
    let sets: [&[Habit]; 6] = [
        &[Habit::NoBylines, Habit::Subheads],
        &[Habit::Subheads],
        &[Habit::Subheads, Habit::BareAuthor],
        &[Habit::Subheads, Habit::TailBylines],
        &[Habit::NoBylines],
        &[Habit::Subheads, Habit::NoBylines, Habit::Narrow],
    ];
    let mut found = Vec::new();
    for (habits, seed) in sets
        .into_iter()
        .flat_map(|h| seeds.clone().map(move |s| (h, s)))
    {
        let page = made::make(texts, habits, seed);
        NOTED.take();
        crate::page::split(&page.text, None);
        found.extend(NOTED.take().into_iter().map(|(text, seen)| {
            let text = squashed(&text);
            let begins = page
                .gold
                .iter()
                .any(|g| text.contains(&squashed(&g.headline)));
            (seen, begins)
        }));
    }
    found
}

fn odds(seen: &Seen, weights: &Weights) -> f64 {
    seen.iter().map(|(what, n)| weights.of(*what) * n).sum()
}

fn fitted(blocks: &[(Seen, bool)], prior: f64) -> Fit {
    let mut fit = Fit::new(Beginning::NAMES.len(), prior);
    for _ in 0..20 {
        for (seen, begins) in blocks {
            let likely = 1.0 / (1.0 + (-odds(seen, &fit.weights)).exp());
            let missed = f64::from(u8::from(*begins)) - likely;
            fit.step(&seen.map(|(_, n)| missed * n));
        }
    }
    fit
}

#[test]
#[ignore = "fits a table: minutes"]
fn fit_beginnings() {
    let texts = made::own_texts();
    let (mut own, mut kept) = (Vec::new(), Vec::new());
    for (i, text) in texts.iter().enumerate() {
        if i % 3 == 0 {
            kept.push(text.clone());
        } else {
            own.push(text.clone());
        }
    }
    let aside = blocks(&kept, 5000..5100);
    let right = |weights: &Weights| {
        let right = aside
            .iter()
            .filter(|(seen, begins)| (odds(seen, weights) > 0.0) == *begins);
        (right.count(), aside.len())
    };
    println!(
        "told right of texts kept aside, by the table: {:?}",
        right(&BEGINNING)
    );
    let made = blocks(&own, 6000..6200);
    let best = Fit::PRIORS
        .map(|prior| (right(&fitted(&made, prior).weights), prior))
        .into_iter()
        .inspect(|(right, prior)| println!("fitted without them, prior {prior:e}: {right:?}"))
        .max_by_key(|((right, _), _)| *right);
    let (_, prior) = best.expect("there are priors");
    fitted(&blocks(&texts, 7000..7200), prior).print(Beginning::NAMES);
}
