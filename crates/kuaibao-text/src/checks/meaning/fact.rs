//! A fact, and the one matcher of facts.

use std::ops::Range;

use super::{Doubt, DoubtKind};

/// Something that a text states: of some kind, with a key that its counterpart shares.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    pub(super) kind: DoubtKind,
    /// What its counterpart in the other language has in common with it.
    pub(super) key: String,
    /// Bytes of its own text.
    pub(super) range: Range<usize>,
    /// Whether the other side must have its counterpart.
    pub(super) required: bool,
    /// The key of what it becomes when it is turned: it is in doubt only where the other side has
    /// that and this side has not.
    pub(super) opposite: Option<&'static str>,
}

impl Fact {
    pub(super) fn new(kind: DoubtKind, key: impl Into<String>, range: Range<usize>) -> Self {
        Self {
            kind,
            key: key.into(),
            range,
            required: true,
            opposite: None,
        }
    }

    /// A fact that the other side need not have, but that may be a counterpart there.
    pub(super) fn possible(kind: DoubtKind, key: impl Into<String>, range: Range<usize>) -> Self {
        Self {
            required: false,
            ..Self::new(kind, key, range)
        }
    }
}

/// The facts of either side that must have a counterpart on the other and have none, each once.
pub(super) fn compare(zh: &[Fact], en: &[Fact]) -> Vec<Doubt> {
    let mut doubts: Vec<Doubt> = Vec::new();
    for (own, other, is_zh) in [(zh, en, true), (en, zh, false)] {
        let mut told: Vec<&str> = Vec::new();
        for fact in own.iter().filter(|f| f.required) {
            let same = |f: &&Fact| f.kind == fact.kind && f.key == fact.key;
            if other.iter().any(|f| same(&f)) || told.contains(&fact.key.as_str()) {
                continue;
            }
            let turned = match fact.opposite {
                None => None,
                Some(opposite) => {
                    let is_it = |f: &&Fact| f.kind == fact.kind && f.key == opposite;
                    if own.iter().any(|f| is_it(&f)) {
                        continue;
                    }
                    let Some(turned) = other.iter().find(|f| is_it(f)) else {
                        continue;
                    };
                    Some(turned.range.clone())
                }
            };
            told.push(&fact.key);
            let ranges = if is_zh {
                (Some(fact.range.clone()), turned)
            } else {
                (turned, Some(fact.range.clone()))
            };
            // What is turned is found from both sides.
            let again = |d: &Doubt| {
                d.kind == fact.kind
                    && d.zh_range.is_some()
                    && d.en_range.is_some()
                    && d.zh_range == ranges.0
            };
            if !doubts.iter().any(again) {
                doubts.push(Doubt::new(fact.kind, ranges.0, ranges.1));
            }
        }
    }
    doubts
}
