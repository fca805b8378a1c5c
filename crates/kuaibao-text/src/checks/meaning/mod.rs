//! What a sentence says beside its figures, against what its English says.
//!
//! Comes in: a Chinese sentence, its English, and the Chinese of the article around it. Goes out:
//! [`Doubt`]s, each with the words of both sides that it is about. A reader a language yields
//! [`Fact`]s, [`compare`] looks for the counterpart of each that must have one; what is left out is
//! told by the words that no word of the English can stand for ([`omission`]).
//!
//! Every rule is held to the references and the published outputs of three test sets, where nearly
//! every alarm is a false one (`cargo test -p kuaibao-text --test meaning -- --nocapture`).
//! Never judges style, never looks at figures, which have a check of their own.

mod attribution;
mod doubt;
mod fact;
mod garbage;
mod latin;
mod lexicon;
mod negation;
mod omission;
mod organisations;
mod persons;
mod places;
mod sides;
mod spelling;
mod stated;
mod trend;

use std::ops::Range;

pub use doubt::{Doubt, DoubtKind};
pub use omission::Habit;
pub use spelling::spelling_of;

use crate::text::chars::is_han;
use fact::{Fact, compare};
use sides::{Chinese, English};

/// A Chinese sentence, read once for all the English that is held against it.
pub struct Meaning<'a> {
    chinese: Option<Chinese<'a>>,
    around: &'a str,
}

impl<'a> Meaning<'a> {
    /// `around` is the Chinese of the whole article, where there is one: what it names may stand in the
    /// English of any of its sentences.
    pub fn of(zh: &'a str, around: &'a str) -> Self {
        let chinese = zh.contains(is_han).then(|| Chinese::new(zh));
        Self { chinese, around }
    }

    /// The doubts about the sentence's English, in the order of the Chinese. `habit` is how much the
    /// translation is known to leave out.
    pub fn doubts(&self, en: &str, habit: Habit) -> Vec<Doubt> {
        let english = English::new(en);
        let Some(chinese) = self.chinese.as_ref().filter(|_| !english.words.is_empty()) else {
            return Vec::new();
        };
        let mut doubts: Vec<Doubt> = Vec::new();
        let readers = [
            places::read,
            persons::read,
            latin::read,
            organisations::read,
            attribution::read,
            stated::read,
            trend::read,
            negation::read,
        ];
        for read in readers {
            let (zh_facts, en_facts) = read(chinese, &english, self.around);
            doubts.extend(compare(&zh_facts, &en_facts));
        }
        doubts.extend(garbage::find(chinese, &english));
        let doubted = !doubts.is_empty();
        doubts.extend(omission::find(chinese, &english, habit, doubted));
        tell_once(&mut doubts);
        for doubt in &mut doubts {
            let zh = doubt.zh_range.clone().map_or("", |r| &chinese.text[r]);
            doubt.zh = zh.to_owned();
            doubt.en = doubt.en_range.clone().map_or("", |r| &en[r]).to_owned();
        }
        doubts.sort_by_key(|d| d.zh_range.as_ref().map_or(usize::MAX, |r| r.start));
        doubts
    }
}

/// [`Meaning::doubts`] of one pair alone.
pub fn check_meaning(zh: &str, en: &str, around: &str, habit: Habit) -> Vec<Doubt> {
    Meaning::of(zh, around).doubts(en, habit)
}

/// One error is told once: what is left out is not told again where something better is known of
/// the same words.
fn tell_once(doubts: &mut Vec<Doubt>) {
    let overlap = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
    let told: Vec<(DoubtKind, Range<usize>)> = doubts
        .iter()
        .filter(|d| d.kind != DoubtKind::Omission)
        .filter_map(|d| Some((d.kind, d.zh_range.clone()?)))
        .collect();
    doubts.retain(|d| {
        let Some(range) = &d.zh_range else {
            return true;
        };
        // A long stretch that is missing says more than the one word in it.
        d.kind != DoubtKind::Omission
            || !told
                .iter()
                .any(|(_, other)| overlap(range, other) && 2 * other.len() >= range.len())
    });
}
