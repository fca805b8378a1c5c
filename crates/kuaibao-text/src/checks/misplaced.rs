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
use crate::text::is_function_word;

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
    if expectations.len().max(english.len()) > 10 * MANY {
        return Vec::new();
    }
    let mut out = weekdays(pairs, expectations, english);
    out.extend(turned_score(pairs, expectations, english, zh, en));
    out.extend(turned_range(pairs, expectations, english, en));
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
    // Where two numbers stand side by side with a dash between.
    let side_by_side = |left: f64, right: f64| {
        let is = |j: usize, value: f64| english[j].value == EnglishValue::Number(value);
        (0..english.len()).filter(|j| is(*j, left)).find(|j| {
            (*j + 1..english.len().min(*j + 4)).any(|k| {
                let between = en.get(english[*j].range.end..english[k].range.start);
                is(k, right) && matches!(between.map(str::trim), Some("-" | "–" | "—" | ":" | "to"))
            })
        })
    };
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
        let (won, lost) = (a.shown.number(), b.shown.number());
        if !score(a) || !score(b) || a.zh != b.zh || won <= lost {
            continue;
        }
        let both_found = [i, i + 1].iter().all(|i| pairs.iter().any(|(k, _)| k == i));
        if let (true, Some(j), None) =
            (both_found, side_by_side(lost, won), side_by_side(won, lost))
        {
            return vec![(i, j)];
        }
    }
    Vec::new()
}

/// 6%到7% as *7% to 6%*, 10日至11日 as *from the 11th to the 10th*; what is long ago may be counted backwards.
fn turned_range(
    pairs: &[(usize, usize)],
    expectations: &[ExpectedFigure],
    english: &[EnglishFigure],
    en: &str,
) -> Vec<(usize, usize)> {
    const JOINED: &[&str] = &["-", "–", "—", "to", "to the"];
    const AGO: &[&str] = &[" ago", " BC", " years ago", " years old"];
    let ends = |e: &ExpectedFigure| match e.shown {
        ExpectedValue::Amount { kind, .. } => kind != FigureKind::Score,
        ExpectedValue::Day(_) => true,
        _ => false,
    };
    let found_at = |i: usize| pairs.iter().find(|(k, _)| *k == i).map(|(_, j)| *j);
    let mut out = Vec::new();
    for i in 0..expectations.len().saturating_sub(1) {
        let (low, high) = (&expectations[i], &expectations[i + 1]);
        let ascending = low.shown.number() < high.shown.number();
        let (true, Some(j), Some(k)) = (ascending, found_at(i), found_at(i + 1)) else {
            continue;
        };
        let (first, last) = (&english[k].range, &english[j].range);
        let joined = en
            .get(first.end..last.start)
            .is_some_and(|between| JOINED.contains(&between.trim()));
        let ago = AGO.iter().any(|ago| en[last.end..].starts_with(ago));
        if ends(low) && ends(high) && low.zh == high.zh && joined && !ago {
            out.push((i, k));
        }
    }
    out
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
            ExpectedValue::Amount { .. } | ExpectedValue::Year(_) | ExpectedValue::Day(_)
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
            let crossed =
                alike && is_of_sort(x, y) && is_crossed((x, &english[j]), (y, &english[l]), zh, en);
            let twins = crossed && are_neighbours(&pairs, a, b, expectations);
            let (a_at_b, b_at_a) = (
                says(&own_a, b) && !says(&own_a, a),
                says(&own_b, a) && !says(&own_b, b),
            );
            let told = crossed && (a_at_b || b_at_a) || alike && a_at_b && b_at_a;
            let ranks = is_rank_of_count((x, &english[j]), (y, &english[l]))
                || is_rank_of_count((y, &english[l]), (x, &english[j]));
            if twins || told || ranks {
                // One error is told once: of the first of the two in the Chinese.
                return vec![if x.zh.start < y.zh.start {
                    (i, l)
                } else {
                    (k, j)
                }];
            }
        }
    }
    Vec::new()
}

/// Whether two figures count or measure in one unit, or both count.
fn is_of_sort(x: &ExpectedFigure, y: &ExpectedFigure) -> bool {
    let counts = |e: &ExpectedFigure| {
        matches!(
            e.shown,
            ExpectedValue::Amount {
                kind: FigureKind::Number,
                ..
            }
        ) && e.unit.is_some()
    };
    x.shown.is_alike(&y.shown) && (x.unit == y.unit || counts(x) && counts(y))
}

/// 7日 … 13名 as *the 13th … 7 operators*: a rank or a day that counts, and a count that ranks.
fn is_rank_of_count(
    (x, en_x): (&ExpectedFigure, &EnglishFigure),
    (y, en_y): (&ExpectedFigure, &EnglishFigure),
) -> bool {
    let rank = matches!(
        x.shown,
        ExpectedValue::Day(_)
            | ExpectedValue::Amount {
                kind: FigureKind::Ordinal,
                ..
            }
    );
    let count = matches!(
        y.shown,
        ExpectedValue::Amount {
            kind: FigureKind::Number,
            ..
        }
    );
    let ranks = |en: &EnglishFigure| en.kind == FigureKind::Ordinal || en.around.month.is_some();
    let noun = !en_x.around.after.is_empty() && !is_function_word(&en_x.around.after);
    rank && count && x.shown.number() != y.shown.number() && !ranks(en_x) && noun && ranks(en_y)
}

/// Whether two figures of one sort that stand side by side in the Chinese, in no phrase that turns round
/// in English (甲的乙), come in the other order in the English, and not as a part of a whole (*three of
/// the nine*).
fn is_crossed(
    (x, en_x): (&ExpectedFigure, &EnglishFigure),
    (y, en_y): (&ExpectedFigure, &EnglishFigure),
    zh: &str,
    en: &str,
) -> bool {
    let (first, second) = if x.zh.start < y.zh.start {
        (x, y)
    } else {
        (y, x)
    };
    let crossed = (x.zh.start < y.zh.start) != (en_x.range.start < en_y.range.start);
    let between = zh.get(first.zh.end..second.zh.start).unwrap_or("");
    let joined = between.ends_with(['、', '和', '与', '及']);
    let listed = between.len() < 120 && (joined || between.contains(['，', '、', '；', '。']));
    let turned =
        !joined && between.contains(['的', '中']) && !between.contains(['，', '；', '。', '、']);
    let (a, b) = (&en_x.range, &en_y.range);
    let inner = if a.start < b.start {
        en.get(a.end..b.start)
    } else {
        en.get(b.end..a.start)
    };
    let inner = inner.unwrap_or("");
    let close = inner.len() < 60 && !inner.contains([',', ';', '.']);
    let part = [" of ", " from ", " in ", " with ", "more than", "out of"];
    crossed && listed && !turned && !(close && part.iter().any(|w| inner.contains(w)))
}

/// Whether no third figure of their sort stands between two, in either language, and neither value
/// stands twice.
fn are_neighbours(
    pairs: &[(usize, usize)],
    a: usize,
    b: usize,
    expectations: &[ExpectedFigure],
) -> bool {
    let ((i, j), (k, l)) = (pairs[a], pairs[b]);
    let (x, y) = (&expectations[i], &expectations[k]);
    let named = matches!(x.shown, ExpectedValue::Amount { kind, .. } if kind != FigureKind::Score);
    named
        && pairs.iter().enumerate().all(|(c, (m, n))| {
            let other = &expectations[*m];
            let sort = is_of_sort(other, x);
            let between = i.min(k) < *m && *m < i.max(k) || j.min(l) < *n && *n < j.max(l);
            let same = [x, y]
                .iter()
                .any(|f| f.shown.number() == other.shown.number());
            c == a || c == b || !same && (!sort || !between)
        })
}

/// Characters behind a figure that are still about it: 3人死亡.
const BACK: usize = 6;

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
    let front = match front.rsplit_once(marks) {
        Some((_, front)) => front,
        // What follows the figure before is that figure's.
        None if before.is_some() => front
            .char_indices()
            .nth(BACK)
            .map_or("", |(at, _)| &front[at..]),
        None => front,
    };
    let back = &zh[own.end..after.unwrap_or(zh.len())];
    let back = back.split(marks).next().unwrap_or(back);
    // 3人死亡 names what it counts behind it; what stands further off belongs to the next figure.
    let back: String = back.chars().take(BACK).collect();
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

/// An English ordinal that stands where the Chinese says 首次, 首届, 首批.
pub(super) fn not_the_first(
    zh: &str,
    english: &[EnglishFigure],
    taken: &[Option<usize>],
    en: &str,
) -> Option<(Range<usize>, usize)> {
    let words = ["首次", "首度", "首届", "首批", "首个", "首轮", "首位"];
    let word = words.into_iter().find(|word| zh.contains(word))?;
    let start = zh.find(word)?;
    let later = |f: &EnglishFigure| {
        f.kind == FigureKind::Ordinal
            && f.standing != Standing::StandIn
            && matches!(f.value, EnglishValue::Number(n) if n >= 2.0)
    };
    let j = (0..english.len()).find(|j| taken[*j].is_none() && later(&english[*j]))?;
    let first = [
        "first",
        "debut",
        "maiden",
        "initial",
        "inaugural",
        "never before",
    ];
    let told = first.iter().any(|word| en.contains(word)) || zh.contains('第');
    (!told).then(|| (start..start + word.len(), j))
}
