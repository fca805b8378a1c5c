//! Figures whose values are all in the English, but not where they belong: changed places, turned
//! scores; and those that no pairing by value finds: another weekday, another time than the first.
//!
//! Two figures have changed places when what only the one measures in the Chinese stands beside the
//! other in the English, and the other way round (`measured.tsv`, and the names of places).

use std::collections::HashSet;
use std::ops::Range;

use super::expected::{ExpectedFigure, ExpectedValue};
use crate::figures::{
    EnglishFigure, EnglishValue, FigureKind, Measured, Standing, measured_by, measured_in,
    words_with_places,
};
use crate::glossary::places;

/// Beyond so many figures a line is a table.
const MANY: usize = 40;

/// What says whose a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Anchor {
    Measured(Measured),
    /// A place, by its Chinese name.
    Place(&'static str),
}

/// Pairs of an expectation and the English figure that stands in its place.
pub(super) fn misplaced(
    pairs: &[(usize, usize)],
    expectations: &[ExpectedFigure],
    english: &[EnglishFigure],
    zh: &str,
    en: &str,
) -> Vec<(usize, usize)> {
    let mut out = weekdays(pairs, expectations, english);
    out.extend(turned_score(pairs, expectations, english, zh, en));
    if out.is_empty() {
        out.extend(exchanged(pairs, expectations, english, zh, en));
    }
    out
}

/// 周三 as *Friday*.
fn weekdays(
    pairs: &[(usize, usize)],
    expectations: &[ExpectedFigure],
    english: &[EnglishFigure],
) -> Vec<(usize, usize)> {
    let of_week = |e: &ExpectedFigure| matches!(e.shown, ExpectedValue::Weekday(_));
    let wanted = (0..expectations.len())
        .filter(|i| of_week(&expectations[*i]) && pairs.iter().all(|(k, _)| k != i));
    let told = (0..english.len()).filter(|j| {
        let known = |e: &ExpectedFigure| {
            matches!((&e.shown, english[*j].value), (ExpectedValue::Weekday(a), EnglishValue::Weekday(b)) if *a == b)
        };
        matches!(english[*j].value, EnglishValue::Weekday(_))
            && pairs.iter().all(|(_, k)| k != j)
            && !expectations.iter().any(known)
    });
    wanted.zip(told).collect()
}

/// 11:8 as *8-11*, where nobody loses.
fn turned_score(
    pairs: &[(usize, usize)],
    expectations: &[ExpectedFigure],
    english: &[EnglishFigure],
    zh: &str,
    en: &str,
) -> Vec<(usize, usize)> {
    const LOST: &[&str] = &["负", "输", "不敌", "落后", "败", "让"];
    const LOSING: &[&str] = &[
        "lost", "lose", "losing", "loss", "defeat", "beaten", "trail", "behind", "down", "fell",
    ];
    if LOST.iter().any(|w| zh.contains(w)) || LOSING.iter().any(|w| en.contains(w)) {
        return Vec::new();
    }
    let english_of = |i: usize| pairs.iter().find(|(k, _)| *k == i).map(|(_, j)| *j);
    for i in 0..expectations.len().saturating_sub(1) {
        let (a, b) = (&expectations[i], &expectations[i + 1]);
        let score = |e: &ExpectedFigure| {
            matches!(
                e.shown,
                ExpectedValue::Amount {
                    kind: FigureKind::Score,
                    ..
                }
            )
        };
        if !score(a) || !score(b) || a.zh != b.zh || a.shown.number() <= b.shown.number() {
            continue;
        }
        let (Some(first), Some(second)) = (english_of(i), english_of(i + 1)) else {
            continue;
        };
        let (x, y) = (&english[first].range, &english[second].range);
        let between = en.get(y.end..x.start).unwrap_or("none");
        if matches!(between.trim(), "-" | "–" | "—" | ":" | "to") {
            return vec![(i, second), (i + 1, first)];
        }
    }
    Vec::new()
}

/// Two figures in each other's place.
fn exchanged(
    pairs: &[(usize, usize)],
    expectations: &[ExpectedFigure],
    english: &[EnglishFigure],
    zh: &str,
    en: &str,
) -> Vec<(usize, usize)> {
    let movable = |(i, j): &&(usize, usize)| {
        matches!(
            expectations[*i].shown,
            ExpectedValue::Amount { .. } | ExpectedValue::Year(_)
        ) && matches!(english[*j].value, EnglishValue::Number(_))
            && english[*j].standing == Standing::Stated
    };
    let pairs: Vec<(usize, usize)> = pairs.iter().filter(movable).copied().collect();
    if !(2..=MANY).contains(&pairs.len()) {
        return Vec::new();
    }
    let mut stops: Vec<Range<usize>> = expectations.iter().map(|e| e.zh.clone()).collect();
    stops.sort_unstable_by_key(|range| range.start);
    let words = words_with_places(en);
    let chinese: Vec<HashSet<Anchor>> = pairs
        .iter()
        .map(|(i, _)| anchors_of_chinese(zh, &expectations[*i].zh, &stops))
        .collect();
    let told: Vec<HashSet<Anchor>> = pairs
        .iter()
        .map(|(_, j)| anchors_of_english(en, &english[*j].range, &words, &chinese))
        .collect();
    for a in 0..pairs.len() {
        for b in a + 1..pairs.len() {
            let ((i, j), (k, l)) = (pairs[a], pairs[b]);
            let (x, y) = (&expectations[i], &expectations[k]);
            let alike =
                x.shown.is_alike(&y.shown) && x.zh != y.zh && x.shown.number() != y.shown.number();
            let only = |of: &HashSet<Anchor>, not: &HashSet<Anchor>| -> HashSet<Anchor> {
                of.difference(not).copied().collect()
            };
            let (own_a, own_b) = (
                only(&chinese[a], &chinese[b]),
                only(&chinese[b], &chinese[a]),
            );
            let says = |own: &HashSet<Anchor>, at: usize| !own.is_disjoint(&told[at]);
            if alike && says(&own_a, b) && says(&own_b, a) && !says(&own_a, a) && !says(&own_b, b) {
                return vec![(i, l), (k, j)];
            }
        }
    }
    Vec::new()
}

/// What the clause of a Chinese figure names, between the figures beside it.
fn anchors_of_chinese(zh: &str, own: &Range<usize>, stops: &[Range<usize>]) -> HashSet<Anchor> {
    let before = stops
        .iter()
        .filter(|s| s.end <= own.start)
        .map(|s| s.end)
        .max();
    let after = stops
        .iter()
        .filter(|s| s.start >= own.end)
        .map(|s| s.start)
        .min();
    let front = &zh[before.unwrap_or(0)..own.start];
    let marks = |c: char| "，。；、：！？,;".contains(c);
    let front = front.rsplit(marks).next().unwrap_or(front);
    let back = &zh[own.end..after.unwrap_or(zh.len())];
    let back = back.split(marks).next().unwrap_or(back);
    // 3人死亡 names what it counts behind it; what stands further off belongs to the next figure.
    let back: String = back.chars().take(6).collect();
    let mut out: HashSet<Anchor> = HashSet::new();
    for text in [front, back.as_str()] {
        out.extend(measured_in(text).into_iter().map(Anchor::Measured));
        out.extend(places_in(text).map(Anchor::Place));
    }
    out
}

/// The places that a piece of Chinese names.
fn places_in(zh: &str) -> impl Iterator<Item = &'static str> {
    let starts: Vec<usize> = zh
        .char_indices()
        .map(|(i, _)| i)
        .chain([zh.len()])
        .collect();
    let mut out = Vec::new();
    for i in 0..starts.len() {
        for length in 2..=4 {
            let Some(end) = starts.get(i + length) else {
                break;
            };
            if let Some((name, _)) = places().get_key_value(&zh[starts[i]..*end]) {
                out.push(*name);
            }
        }
    }
    out.into_iter()
}

/// Which of the anchors of the Chinese stand in the clause of an English figure.
fn anchors_of_english(
    en: &str,
    own: &Range<usize>,
    words: &[(usize, String)],
    chinese: &[HashSet<Anchor>],
) -> HashSet<Anchor> {
    const JOINTS: &[&str] = &[
        "and", "while", "but", "or", "whereas", "with", "versus", "against",
    ];
    let ends = |from: usize, to: usize| en[from..to].contains([',', ';', ':', '(', ')', '.']);
    let at = words.partition_point(|(place, _)| *place < own.start);
    let mut clause: Vec<&(usize, String)> = Vec::new();
    let mut edge = own.start;
    for word in words[..at].iter().rev().take(10) {
        if JOINTS.contains(&word.1.as_str()) || ends(word.0 + word.1.len(), edge) {
            break;
        }
        clause.push(word);
        edge = word.0;
    }
    let mut edge = own.end;
    for word in words[at..].iter().filter(|w| w.0 >= own.end).take(10) {
        if JOINTS.contains(&word.1.as_str()) || ends(edge, word.0) {
            break;
        }
        clause.push(word);
        edge = word.0 + word.1.len();
    }
    let mut out: HashSet<Anchor> = HashSet::new();
    for (_, word) in &clause {
        out.extend(measured_by(word).iter().map(|m| Anchor::Measured(*m)));
    }
    for anchor in chinese.iter().flatten() {
        if let Anchor::Place(name) = anchor {
            let first = places()[name]
                .0
                .split(['|', ' '])
                .next()
                .unwrap_or("")
                .to_lowercase();
            if first.len() > 2 && clause.iter().any(|(_, word)| *word == first) {
                out.insert(*anchor);
            }
        }
    }
    out
}

/// An English ordinal that stands where the Chinese says 首次.
pub(super) fn first_time(
    zh: &str,
    english: &[EnglishFigure],
    en: &str,
) -> Option<(Range<usize>, usize)> {
    let word = ["首次", "首度"]
        .into_iter()
        .find(|word| zh.contains(word))?;
    let start = zh.find(word)?;
    let j = english.iter().position(|f| {
        let later = matches!(f.value, EnglishValue::Number(n) if n >= 2.0);
        later && f.kind == FigureKind::Ordinal && f.around.after == "time"
    })?;
    let told = en.contains("first") || zh.contains('第');
    (!told).then(|| (start..start + word.len(), j))
}
