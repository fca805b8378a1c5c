//! Corrections that last: what editors said once is said so in every later run.
//!
//! Comes in: corrections of sentences and terms of the desk, kept in a file ([`Store`]) or exchanged
//! as TMX ([`tmx`]). Goes out: a [`Memory`], the state of the file when it was read, in which a run
//! looks up sentences. A sentence that was corrected is taken as it is; one that differs in figures
//! and names alone takes the correction with its own put in, if the checks find it no worse than the
//! correction itself; one that is merely like it is shown to an editor and never taken.

mod pattern;
mod store;
pub mod tmx;

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
};

use kuaibao_engine::hub::sha256_hex;
use kuaibao_text::{
    checks::check_figures,
    figures::Clock,
    glossary::{Entry, Glossary},
    people::{self, Name},
};

use pattern::{Pattern, renamed, squeezed, substitute};
pub use store::{Correction, MemoryError, Store, Term};

/// The name of the file where no other is given, in the output folder.
pub const FILE: &str = "memory.sqlite";

/// What a memory holds at one moment.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    corrections: Vec<Correction>,
    terms: Vec<Term>,
    patterns: Vec<Pattern>,
    /// Corrections by their Chinese.
    exact: HashMap<String, usize>,
    /// Corrections by their Chinese without figures and names, newest last.
    alike: HashMap<String, Vec<usize>>,
}

/// A correction that fits a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// The English.
    pub en: String,
    /// Number of the correction.
    pub id: i64,
    /// Whether figures or names were put in.
    pub substituted: bool,
}

impl Recalled {
    /// How it came about, for an editor.
    pub fn how(&self) -> &'static str {
        if self.substituted {
            "as an editor corrected a sentence that differs in figures and names alone"
        } else {
            "as an editor corrected it before"
        }
    }
}

/// A correction of a sentence that is like another.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Near {
    /// Its Chinese.
    pub zh: String,
    /// Its English.
    pub en: String,
    /// How like the two are, 0 to 1.
    pub similarity: f64,
}

/// Corrections that share fewer of their pairs of characters with a sentence are of no help with it.
const LEAST_SHARED: f64 = 0.6;

impl Memory {
    pub(crate) fn new(corrections: Vec<Correction>, terms: Vec<Term>) -> Self {
        let mut memory = Self {
            terms,
            ..Self::default()
        };
        for correction in corrections {
            let at = memory.corrections.len();
            let zh = squeezed(&correction.zh);
            let names = correction.names.iter();
            let pattern = Pattern::of(&zh, names.filter_map(|(zh, en)| Name::new(zh, en)));
            let alike = memory.alike.entry(pattern.key.clone()).or_default();
            alike.push(at);
            memory.exact.insert(zh, at);
            memory.patterns.push(pattern);
            memory.corrections.push(correction);
        }
        memory
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.corrections.is_empty() && self.terms.is_empty()
    }

    /// The corrections.
    pub fn corrections(&self) -> &[Correction] {
        &self.corrections
    }

    /// The terms.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Puts the desk's terms over those of a glossary.
    pub fn teach(&self, glossary: &mut Glossary) {
        for term in &self.terms {
            glossary.insert(Entry::new(&term.zh, &term.en));
        }
    }

    /// The correction of just this sentence.
    pub fn exact(&self, zh: &str) -> Option<&Correction> {
        let at = self.exact.get(&squeezed(zh))?;
        Some(&self.corrections[*at])
    }

    /// The English of a sentence that was corrected, or of one that differs from such a one in
    /// figures and names alone.
    pub fn recall(&self, zh: &str, names: &[Name], clock: &Clock) -> Option<Recalled> {
        if self.corrections.is_empty() {
            return None;
        }
        let zh = squeezed(zh);
        if let Some(&at) = self.exact.get(&zh) {
            let Correction { en, id, .. } = &self.corrections[at];
            return Some(Recalled {
                en: en.clone(),
                id: *id,
                substituted: false,
            });
        }
        let pattern = Pattern::of(&zh, names.iter().copied());
        let alike = self.alike.get(&pattern.key)?;
        alike.iter().rev().find_map(|&at| {
            let correction = &self.corrections[at];
            let (own_zh, own_en) = (squeezed(&correction.zh), &correction.en);
            let en = substitute(&own_zh, own_en, &self.patterns[at], &pattern)?;
            let faults = |zh: &str, en: &str| {
                let check = check_figures(zh, en, clock);
                check.missing.len() + check.wrong.len() + check.extra.len()
            };
            let named = |name: &Name| !zh.contains(&squeezed(name.zh)) || name.is_called_in(&en);
            let right = faults(&zh, &en) <= faults(&own_zh, own_en) && names.iter().all(named);
            right.then_some(Recalled {
                en,
                id: correction.id,
                substituted: true,
            })
        })
    }

    /// The corrections that call a thing by a name which it had before, in a glossary or among their own
    /// people, with its new name in them. Those that call it otherwise are for their editor.
    pub fn renamed(&self, term: &Term, before: &Glossary) -> Vec<Correction> {
        let zh = squeezed(&term.zh);
        let new = Entry::new(&term.zh, &term.en).en;
        let known = before.get(&term.zh).into_iter();
        let known: Vec<&str> = known
            .flat_map(|entry| std::iter::once(&entry.en).chain(&entry.variants))
            .map(String::as_str)
            .collect();
        let corrections = self.corrections.iter();
        let renamed = corrections.filter_map(|correction| {
            if !squeezed(&correction.zh).contains(&zh) || correction.en.contains(&new) {
                return None;
            }
            let own = correction
                .names
                .iter()
                .find(|(name, _)| squeezed(name) == zh);
            let as_person = own.and_then(|(_, old)| renamed(&correction.en, old, &new, true));
            let as_term = || {
                known
                    .iter()
                    .find_map(|old| renamed(&correction.en, old, &new, false))
            };
            let mut made = Correction {
                id: 0,
                at: String::new(),
                who: term.who.clone(),
                note: Some(format!("{} is called {new}", term.zh)),
                en: as_person.or_else(as_term)?,
                ..correction.clone()
            };
            for (name, en) in &mut made.names {
                if squeezed(name) == zh {
                    en.clone_from(&new);
                }
            }
            Some(made)
        });
        renamed.collect()
    }

    /// The same with other corrections over its own.
    #[must_use]
    pub fn with(&self, corrections: Vec<Correction>) -> Self {
        let all = self.corrections.iter().cloned().chain(corrections);
        Self::new(all.collect(), self.terms.clone())
    }

    /// The corrections of sentences that are most like this one, the likest first: by their characters,
    /// or by what `alike` finds of their meaning where it has an opinion, with the least that is like.
    pub fn near(
        &self,
        zh: &str,
        most: usize,
        alike: impl Fn(&str, &str) -> Option<(f64, f64)>,
    ) -> Vec<Near> {
        let squeezed_zh = squeezed(zh);
        let own = pairs(&squeezed_zh);
        let mut near: Vec<Near> = Vec::new();
        for correction in &self.corrections {
            let other = squeezed(&correction.zh);
            let by_characters = || {
                let of_other = pairs(&other);
                let shared = own.intersection(&of_other).count();
                let all = (own.len() + of_other.len()).max(1);
                (2.0 * shared as f64 / all as f64, LEAST_SHARED)
            };
            let (similarity, least) = alike(zh, &correction.zh).unwrap_or_else(by_characters);
            if other != squeezed_zh && similarity >= least {
                near.push(Near {
                    zh: correction.zh.clone(),
                    en: correction.en.clone(),
                    similarity: (similarity * 1e3).round() / 1e3,
                });
            }
        }
        near.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        near.truncate(most);
        near
    }

    /// A hash of all that this memory does to a page with these sentences; `None` where that is
    /// nothing.
    pub fn state<'a>(
        &self,
        texts: impl IntoIterator<Item = (&'a str, &'a [Name<'a>])>,
        clock: &Clock,
    ) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut does = String::new();
        let mut called = BTreeSet::new();
        for (i, (zh, names)) in texts.into_iter().enumerate() {
            if let Some(recalled) = self.recall(zh, names, clock) {
                let _ = writeln!(does, "{i}\t{}", recalled.en);
            }
            let squeezed = squeezed(zh);
            let stands = |term: &&Term| squeezed.contains(&pattern::squeezed(&term.zh));
            called.extend(self.terms.iter().filter(stands).map(|t| (&t.zh, &t.en)));
        }
        for (zh, en) in called {
            let _ = writeln!(does, "{zh}\t{en}");
        }
        (!does.is_empty()).then(|| sha256_hex(does.as_bytes()))
    }
}

/// The pairs of characters that a text has.
fn pairs(text: &str) -> BTreeSet<(char, char)> {
    text.chars().zip(text.chars().skip(1)).collect()
}

/// The people of a sentence that stands alone, as a correction keeps them.
pub fn names_in(zh: &str, glossary: &Glossary) -> Vec<(String, String)> {
    let mut people = people::find(&[zh], &[]);
    people.retain(|person| person.certain || glossary.house(&person.zh).is_some());
    let called = people.into_iter().map(|person| {
        let en = glossary.house(&person.zh).map(str::to_owned);
        (person.zh, en.unwrap_or(person.en))
    });
    called.collect()
}
