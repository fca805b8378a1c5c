//! Rises and falls: a word of the Chinese that says one, of which the English says the other; and one
//! by so many percent of which it says nothing.
//!
//! Where both sides say a figure's direction the check of figures compares them; this one needs no figure.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::sides::{Chinese, English, EnglishWord};
use super::{DoubtKind, Fact, lexicon};
use crate::text::stem;

/// The words of one direction.
struct Direction {
    zh: Vec<&'static str>,
    /// Stems that say nothing else.
    clear: HashSet<String>,
    /// These and stems that may say other things.
    stems: HashSet<String>,
    /// A rise or fall by a share.
    by_share: Regex,
    /// What may say in English, in words of any sense, that something has changed this way.
    at_all: Regex,
}

/// Both directions, as `data/trend.tsv` has them.
static DIRECTIONS: LazyLock<Vec<(&str, Direction)>> = LazyLock::new(|| {
    lexicon::rows(include_str!("data/trend.tsv"))
        .map(|[key, zh, en, at_all]| {
            let (clear, vague) = en.split_once(" | ").unwrap_or((en, ""));
            let words = zh.replace(' ', "|");
            let direction = Direction {
                by_share: Regex::new(&format!(
                    r"(?:{words})(?:了|约|近|逾|超过|超|达)?[0-9.]+(?:[%％‰]|个百分点)"
                ))
                .expect("words of a table"),
                at_all: Regex::new(&format!("(?i){at_all}")).expect("words of a table"),
                zh: zh.split(' ').collect(),
                clear: clear.split(' ').map(stem).collect(),
                stems: clear.split(' ').chain(vague.split(' ')).map(stem).collect(),
            };
            (key, direction)
        })
        .collect()
});

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, _around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let (mut zh_facts, mut en_facts) = (Vec::new(), Vec::new());
    for (i, (key, own)) in DIRECTIONS.iter().enumerate() {
        let (other_key, other) = &DIRECTIONS[DIRECTIONS.len() - 1 - i];
        // Words of the Chinese that say the other direction explain it in the English.
        let says =
            |direction: &Direction, text: &str| direction.zh.iter().any(|form| text.contains(form));
        let others = zh.words.iter().filter(|w| says(other, w.text)).count();
        let turned_words = en.words.iter().filter(|w| other.stems.contains(&w.stem));
        if others >= turned_words.count() {
            continue;
        }
        let mut rising = zh.words.iter().filter(|w| says(own, w.text));
        let Some(word) = rising.next() else { continue };
        let mut stems: HashSet<&str> = own.stems.iter().map(String::as_str).collect();
        stems.extend(word.entry.iter().flat_map(|e| e.stems.iter().copied()));
        let said = en
            .words
            .iter()
            .filter(|w| stems.contains(w.stem.as_str()) && !other.stems.contains(&w.stem))
            .count();
        let all_said = said > rising.count();
        let turned = en.words.iter().find(|w| {
            other.stems.contains(&w.stem)
                && (!all_said || other.clear.contains(&w.stem))
                && !zh.words.iter().any(|z| {
                    z.entry.is_some_and(|e| e.stems.contains(&w.stem.as_str()))
                        && !own.zh.iter().any(|form| z.text.contains(form))
                })
        });
        if let Some(turned) = turned {
            zh_facts.push(Fact {
                opposite: Some(other_key),
                ..Fact::new(DoubtKind::Trend, *key, word.range())
            });
            en_facts.push(Fact::possible(DoubtKind::Trend, *other_key, turned.range()));
        }
    }
    for (key, direction) in DIRECTIONS.iter() {
        let Some(found) = direction.by_share.find(zh.text) else {
            continue;
        };
        let said = |w: &EnglishWord| direction.stems.contains(&w.stem);
        if !direction.at_all.is_match(en.text) && !en.words.iter().any(said) {
            zh_facts.push(Fact::new(
                DoubtKind::Trend,
                format!("{key} by"),
                found.range(),
            ));
        }
    }
    (zh_facts, en_facts)
}
