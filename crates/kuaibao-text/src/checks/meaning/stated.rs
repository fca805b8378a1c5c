//! Facts that set words state: rises and falls, what is left out of account, what somebody is.
//!
//! The words stand in `data/facts.tsv`, whose first lines explain its columns.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use super::sides::{Chinese, English};
use super::{DoubtKind, Fact, lexicon};

/// A row of the table.
struct Row {
    kind: DoubtKind,
    key: &'static str,
    zh: Option<Regex>,
    en: Option<Regex>,
    zh_also: Option<Regex>,
    en_also: Option<Regex>,
    /// Which sides must have their counterpart.
    needs: Needs,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Zh,
    En,
    Both,
    /// The Chinese, as often as it says it.
    Each,
    /// Neither, unless the other side has this key instead.
    Against(&'static str),
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let pattern = |text: &str, english: bool| {
        let text = match (text, english) {
            ("-", _) => return None,
            (text, true) => format!(r"(?i)\b(?:{text})\b"),
            (text, false) => format!("(?:{text})"),
        };
        Some(Regex::new(&text).unwrap_or_else(|e| panic!("facts.tsv: {e}")))
    };
    lexicon::rows(include_str!("data/facts.tsv"))
        .map(|[kind, key, needs, zh, en, zh_also, en_also]| Row {
            kind: match kind {
                "trend" => DoubtKind::Trend,
                "role" => DoubtKind::Role,
                "organisation" => DoubtKind::Organisation,
                "omission" => DoubtKind::Omission,
                "negation" => DoubtKind::Negation,
                "place" => DoubtKind::Place,
                kind => panic!("facts.tsv: {kind}"),
            },
            key,
            zh: pattern(zh, false),
            en: pattern(en, true),
            zh_also: pattern(zh_also, false),
            en_also: pattern(en_also, true),
            needs: match needs {
                "zh" => Needs::Zh,
                "en" => Needs::En,
                "both" => Needs::Both,
                "each" => Needs::Each,
                key => Needs::Against(key),
            },
        })
        .collect()
});

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let (mut zh_facts, mut en_facts) = (Vec::new(), Vec::new());
    let named = named_in(around);
    for (at, row) in TABLE.iter().enumerate() {
        let own = |regex: &Option<Regex>, text: &str| {
            regex.as_ref().and_then(|r| r.find(text)).map(|m| m.range())
        };
        // What somebody is stands in words of its own: 被告 is not in 被告知.
        let of_words = |regex: &Option<Regex>, text: &str, side| {
            let regex = regex.as_ref()?;
            let whole = |range: &std::ops::Range<usize>| {
                let named = matches!(row.kind, DoubtKind::Role | DoubtKind::Organisation);
                !(named && side == Needs::Zh && row.needs != Needs::En)
                    || zh.begins_or_ends_words(range)
            };
            regex.find_iter(text).map(|m| m.range()).find(whole)
        };
        if row.needs == Needs::Each {
            each(row, zh, en, &mut zh_facts, &mut en_facts);
            continue;
        }
        for (facts, firm, loose, text, side) in [
            (&mut zh_facts, &row.zh, &row.zh_also, zh.text, Needs::Zh),
            (&mut en_facts, &row.en, &row.en_also, en.text, Needs::En),
        ] {
            if let Some(range) = of_words(firm, text, side) {
                let required = row.needs == side
                    || row.needs == Needs::Both
                    || matches!(row.needs, Needs::Against(_));
                facts.push(Fact {
                    required,
                    opposite: match row.needs {
                        Needs::Against(key) => Some(key),
                        _ => None,
                    },
                    ..Fact::new(row.kind, row.key, range)
                });
            } else if let Some(range) = own(loose, text) {
                facts.push(Fact::possible(row.kind, row.key, range));
            } else if side == Needs::Zh && named.contains(&at) {
                // A body that the article names may be called by its name in any sentence.
                facts.push(Fact::possible(row.kind, row.key, 0..0));
            }
        }
    }
    (zh_facts, en_facts)
}

/// The rows that a text names. The article around is the same for each of its sentences, so that of the
/// last one is kept: looked through for each, a page would cost its square.
fn named_in(around: &str) -> Rc<HashSet<usize>> {
    thread_local! {
        static LAST: RefCell<(String, Rc<HashSet<usize>>)> = RefCell::default();
    }
    LAST.with_borrow_mut(|(text, named)| {
        if text != around {
            let names = |row: &Row| row.zh.as_ref().is_some_and(|r| r.is_match(around));
            let rows = TABLE.iter().enumerate().filter(|(_, row)| names(row));
            *named = Rc::new(rows.map(|(at, _)| at).collect());
            around.clone_into(text);
        }
        Rc::clone(named)
    })
}

/// Facts that the English must state as often as the Chinese: of two deputies one may have lost it.
fn each(row: &Row, zh: &Chinese, en: &English, zh_facts: &mut Vec<Fact>, en_facts: &mut Vec<Fact>) {
    let count = |regex: &Option<Regex>| regex.as_ref().map_or(0, |r| r.find_iter(en.text).count());
    let said = count(&row.en) + count(&row.en_also);
    let ranges = row.zh.iter().flat_map(|r| r.find_iter(zh.text));
    for (i, found) in ranges.enumerate() {
        let key = format!("{} {i}", row.key);
        if i < said {
            en_facts.push(Fact::possible(row.kind, key.clone(), 0..0));
        }
        zh_facts.push(Fact::new(row.kind, key, found.range()));
    }
}
