//! Facts that set words state: rises and falls, what is left out of account, what somebody is.
//!
//! The words stand in `data/facts.tsv`, whose first lines explain its columns.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use super::sides::{Chinese, English, Said};
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
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let pattern = |text: &str, english: bool| {
        let pattern = match (text, english) {
            ("-", _) => return None,
            (text, true) => lexicon::english(text),
            (text, false) => Regex::new(text),
        };
        Some(pattern.unwrap_or_else(|e| panic!("facts.tsv: {e}")))
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
                needs => panic!("facts.tsv: {needs}"),
            },
        })
        .collect()
});

impl Said {
    fn of(zh: &Chinese) -> Vec<Self> {
        let rows = TABLE.iter().map(|row| {
            let of = |regex: &Option<Regex>| -> Vec<Range<usize>> {
                let found = regex.iter().flat_map(|r| r.find_iter(zh.text));
                found.map(|m| m.range()).collect()
            };
            let stated = of(&row.zh);
            if row.needs == Needs::Each {
                return Self {
                    firm: None,
                    loose: None,
                    each: stated,
                };
            }
            // What somebody is stands in words of its own: 被告 is not in 被告知.
            let named = matches!(row.kind, DoubtKind::Role | DoubtKind::Organisation);
            let within_words = named && row.needs != Needs::En;
            let mut firm = stated.into_iter();
            let firm = firm.find(|range| !within_words || zh.begins_or_ends_words(range));
            let loose = match firm {
                None => of(&row.zh_also).into_iter().next(),
                Some(_) => None,
            };
            Self {
                firm,
                loose,
                each: Vec::new(),
            }
        });
        rows.collect()
    }
}

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let (mut zh_facts, mut en_facts) = (Vec::new(), Vec::new());
    let named = named_in(around);
    let said = zh.stated.get_or_init(|| Said::of(zh));
    for (at, (row, said)) in TABLE.iter().zip(said).enumerate() {
        if row.needs == Needs::Each {
            each(row, &said.each, en, &mut zh_facts, &mut en_facts);
            continue;
        }
        // Nothing is asked of the English.
        if row.needs == Needs::Zh && said.firm.is_none() {
            continue;
        }
        let fact = |range: &Range<usize>, required| Fact {
            required,
            ..Fact::new(row.kind, row.key, range.clone())
        };
        let of_english = |regex: &Option<Regex>| {
            let found = regex.as_ref().and_then(|r| r.find(en.text));
            found.map(|m| m.range())
        };
        if let Some(range) = of_english(&row.en) {
            en_facts.push(fact(&range, row.needs != Needs::Zh));
        } else if let Some(range) = of_english(&row.en_also) {
            en_facts.push(fact(&range, false));
        }
        if let Some(range) = &said.firm {
            zh_facts.push(fact(range, row.needs != Needs::En));
        } else if let Some(range) = &said.loose {
            zh_facts.push(fact(range, false));
        } else if named.contains(&at) {
            // A body that the article names may be called by its name in any sentence.
            zh_facts.push(fact(&(0..0), false));
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
fn each(
    row: &Row,
    stated: &[Range<usize>],
    en: &English,
    zh_facts: &mut Vec<Fact>,
    en_facts: &mut Vec<Fact>,
) {
    if stated.is_empty() {
        return;
    }
    let count = |regex: &Option<Regex>| regex.as_ref().map_or(0, |r| r.find_iter(en.text).count());
    let said = count(&row.en) + count(&row.en_also);
    for (i, range) in stated.iter().enumerate() {
        let key = format!("{} {i}", row.key);
        if i < said {
            en_facts.push(Fact::possible(row.kind, key.clone(), 0..0));
        }
        zh_facts.push(Fact::new(row.kind, key, range.clone()));
    }
}
