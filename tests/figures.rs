//! Figures: extraction on sentences with gold, the check on seeded corruptions, speed, properties.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use kuaibao::brief::figures::{Clock, Value, extract};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// One figure of the gold, in the writing of `tests/figures/gold.txt`.
#[derive(Clone, Debug, PartialEq)]
struct Gold {
    kind: String,
    value: String,
    bound: String,
}

/// The sentences of the gold file, each with its figures.
fn gold() -> Vec<(String, Vec<Gold>)> {
    let text = fs::read_to_string(here("tests/figures/gold.txt")).unwrap();
    let mut out: Vec<(String, Vec<Gold>)> = Vec::new();
    for line in text
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
    {
        let Some(figure) = line.strip_prefix("  ") else {
            out.push((line.to_owned(), Vec::new()));
            continue;
        };
        let mut fields = figure.splitn(4, ' ').map(str::to_owned);
        let mut next = || fields.next().unwrap_or_default();
        out.last_mut().unwrap().1.push(Gold {
            kind: next(),
            value: next(),
            bound: next(),
        });
    }
    out
}

fn found(sentence: &str, clock: &Clock) -> Vec<Gold> {
    extract(sentence, clock)
        .iter()
        .map(|f| Gold {
            kind: f.kind.name().to_owned(),
            value: match &f.value {
                Value::Number(n) => short(*n),
                Value::Range(a, b) => format!("{}..{}", short(*a), short(*b)),
                Value::Score(a, b) => format!("{}:{}", short(*a), short(*b)),
                Value::Date(edtf) => edtf.clone(),
            },
            bound: f.bound.map_or("-", |b| b.name()).to_owned(),
        })
        .collect()
}

/// Up to six decimals.
fn short(n: f64) -> String {
    let text = format!("{n:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn extraction_agrees_with_the_gold() {
    let clock = Clock::parse("2025-07-26").unwrap();
    let (mut right, mut extra, mut missed) = (0usize, 0usize, 0usize);
    let mut report = String::new();
    let sentences = gold();
    assert!(sentences.len() >= 200);
    for (sentence, mut wanted) in sentences {
        let mut surplus = Vec::new();
        for figure in found(&sentence, &clock) {
            if let Some(at) = wanted.iter().position(|g| *g == figure) {
                wanted.remove(at);
                right += 1;
            } else {
                surplus.push(figure);
            }
        }
        extra += surplus.len();
        missed += wanted.len();
        if !surplus.is_empty() || !wanted.is_empty() {
            writeln!(
                report,
                "{sentence}\n   missed {wanted:?}\n   extra  {surplus:?}"
            )
            .unwrap();
        }
    }
    let f1 = 2.0 * right as f64 / (2 * right + extra + missed) as f64;
    eprintln!("{report}F1 {f1:.4}: {right} right, {extra} extra, {missed} missed");
    assert!(f1 >= 0.95, "F1 {f1:.4}\n{report}");
}
