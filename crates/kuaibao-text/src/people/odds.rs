//! How likely a string is somebody's name where it stands: a logistic regression over the characters of
//! the string and the words around it.
//!
//! Comes in: a text and the range of a possible name. Goes out: the logarithm of the odds that it is one.
//! The weights (`odds.bin`, a byte each) are fitted by `benches/fit_names.rs` to parallel news, whose English
//! says who is named, and to the sentences of `tests/people`; features share weights by hashing (Weinberger et
//! al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009). What other sentences show, and what
//! the glossary knows, is for others to weigh.

use std::collections::HashMap;
use std::ops::Range;

use super::context::{After, Before, is_framed};
use super::ends::continues;
use super::given;
use crate::text::{surnames, words};

/// How many weights there are.
pub(super) const WEIGHTS: usize = 1 << 16;
/// What one step of a weight's byte is worth.
pub(super) const STEP: f64 = 1.0 / 24.0;

/// Whether a name would be a Chinese one or one written by its sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Chinese,
    Sounds,
}

/// Whether a post or a role stands before `at`, so that a name there needs no surname.
pub(super) fn is_posted(text: &str, at: usize) -> bool {
    matches!(Before::of(text, at), Before::Post | Before::Role)
        && !text[..at].ends_with([' ', '：', ':', '”'])
}

/// What the dictionary says of a word: how frequent it is, in steps of two nats, and its part of speech.
#[derive(Clone, Copy)]
struct Word {
    frequency: u8,
    tag: [u8; 2],
}

/// Computes odds, remembering words.
#[derive(Default)]
pub(super) struct Odds<'t> {
    words: HashMap<&'t str, Option<Word>>,
}

impl<'t> Odds<'t> {
    /// The logarithm of the odds that the string at `name` is a name.
    pub(super) fn of(&mut self, text: &'t str, name: &Range<usize>, form: Form) -> f64 {
        static FITTED: &[u8; WEIGHTS] = include_bytes!("odds.bin");
        let mut sum = 0;
        self.features(text, name, form, |_, feature| {
            sum += i32::from(FITTED[feature].cast_signed());
        });
        f64::from(sum) * STEP
    }

    /// The features of a string at its place, as numbers of weights, each with whether it looks at the string
    /// itself and not only at what stands around it.
    pub(super) fn features(
        &mut self,
        text: &'t str,
        name: &Range<usize>,
        form: Form,
        mut each: impl FnMut(bool, usize),
    ) {
        let inside: Vec<usize> = text[name.clone()]
            .char_indices()
            .map(|(i, _)| name.start + i)
            .collect();
        let count = inside.len();
        let at = |i: usize| inside.get(i).copied().unwrap_or(name.end);
        let part = |from: usize, to: usize| &text[at(from)..at(to)];
        let before = ends_before(text, name.start);
        let after = ends_after(text, name.end);
        let chinese = form == Form::Chinese;
        let form = form as u8;
        let size = [form, count as u8];
        each(true, hash(0, &[&size]));

        // What stands around the string.
        for (i, &start) in before.iter().enumerate().skip(1) {
            each(
                false,
                hash(1, &[&[form, i as u8], &text.as_bytes()[start..name.start]]),
            );
        }
        for (i, &end) in after.iter().enumerate().skip(1) {
            each(
                false,
                hash(2, &[&[form, i as u8], &text.as_bytes()[name.end..end]]),
            );
        }
        if before.len() == 1 {
            each(false, hash(1, &[&[form, 0]]));
        }
        if after.len() == 1 {
            each(false, hash(2, &[&[form, 0]]));
        }
        let previous = &text[before[1.min(before.len() - 1)]..name.start];
        let next = &text[name.end..after[1.min(after.len() - 1)]];
        each(
            false,
            hash(3, &[&[form], previous.as_bytes(), b" ", next.as_bytes()]),
        );
        each(false, hash(4, &[&size, next.as_bytes()]));
        let mut tags = [[0; 2]; 2];
        let word_before = before
            .iter()
            .skip(1)
            .rev()
            .map(|&start| &text[start..name.start]);
        if let Some((text, word)) = self.first_word(word_before) {
            tags[0] = word.tag;
            each(false, hash(5, &[&[form], text.as_bytes()]));
            each(false, hash(6, &[&[form, text.len() as u8], &word.tag]));
        }
        let word_after = after.iter().skip(1).rev().map(|&end| &text[name.end..end]);
        if let Some((text, word)) = self.first_word(word_after) {
            tags[1] = word.tag;
            each(false, hash(7, &[&[form], text.as_bytes()]));
            each(false, hash(8, &[&[form, text.len() as u8], &word.tag]));
            each(false, hash(9, &[&size, &word.tag]));
        }
        each(false, hash(10, &[&[form], &tags[0], &tags[1]]));

        let around = [
            Before::of(text, name.start) as u8,
            After::of(text, name.end) as u8,
        ];
        each(false, hash(24, &[&size, &around]));
        each(false, hash(25, &[&[form], &around[..1]]));
        each(false, hash(26, &[&[form], &around[1..]]));
        each(false, hash(27, &[&[form], &around[..1], next.as_bytes()]));
        each(
            false,
            hash(28, &[&[form], &around[1..], previous.as_bytes()]),
        );
        each(false, hash(29, &[&[form], &around[..1], &tags[1]]));

        let carried_on = u8::from(continues(text, name.end));
        let framed = u8::from(is_framed(text, name));
        each(true, hash(35, &[&size, &[carried_on], &around[1..]]));
        each(false, hash(36, &[&[form, framed]]));

        // Words that reach over its ends.
        let last = part(count - 1, count);
        let first = part(0, 1);
        for (which, &start) in before.iter().enumerate().skip(1).take(2) {
            let word = &text[start..at(1)];
            if let Some(word) = self.word(word) {
                each(
                    true,
                    hash(11, &[&[form, which as u8, word.frequency], &word.tag]),
                );
            }
        }
        for (which, &end) in after.iter().enumerate().skip(1).take(2) {
            let over = &text[at(count - 1)..end];
            if let Some(word) = self.word(over) {
                each(
                    true,
                    hash(
                        12,
                        &[&[form, count as u8, which as u8, word.frequency], &word.tag],
                    ),
                );
                each(true, hash(13, &[&[form], over.as_bytes()]));
            }
        }
        each(true, hash(14, &[&size, last.as_bytes(), next.as_bytes()]));
        each(
            true,
            hash(15, &[&[form], previous.as_bytes(), first.as_bytes()]),
        );

        // What it is made of.
        if chinese {
            let whole = &text[name.clone()];
            let (surname, rarity) = match surnames::leading(whole) {
                Some((surname, rarity)) if count > 2 || surname.chars().count() == 1 => {
                    (surname, rarity as u8)
                }
                _ => (
                    part(0, 1),
                    surnames::leading_single(whole).map_or(9, |(_, rarity)| rarity as u8),
                ),
            };
            let mut classes = [9; 4];
            classes[0] = rarity;
            let given = whole[surname.len()..].chars();
            for (class, c) in classes[1..].iter_mut().zip(given) {
                *class = given::cost(c).map_or(8, |cost| cost as u8);
            }
            each(true, hash(30, &[&classes]));
            each(true, hash(31, &[&classes[1..]]));
            each(true, hash(32, &[&classes, &tags[1]]));
            each(true, hash(33, &[&classes[..1], &around]));
            each(true, hash(34, &[&classes[1..], &around]));
        }
        if let Some(word) = self.word(&text[name.clone()]) {
            each(true, hash(16, &[&size, &[word.frequency], &word.tag]));
        }
        each(true, hash(17, &[&size, first.as_bytes()]));
        each(true, hash(18, &[&size, last.as_bytes()]));
        if let Some(word) = self.word(last) {
            each(true, hash(19, &[&size, &[word.frequency], &word.tag]));
        }
        for i in 0..count {
            let place = match i {
                0 => 0,
                _ if i + 1 == count => 2,
                _ => 1,
            };
            each(true, hash(20, &[&[form, place], part(i, i + 1).as_bytes()]));
            if i + 1 == count {
                break;
            }
            let two = part(i, i + 2);
            if count > 2
                && let Some(word) = self.word(two)
            {
                each(true, hash(21, &[&[form, place, word.frequency], &word.tag]));
                each(true, hash(23, &[&[form, place], &word.tag]));
            }
            if !chinese {
                each(true, hash(22, &[two.as_bytes()]));
            }
        }
    }

    fn first_word(&mut self, mut parts: impl Iterator<Item = &'t str>) -> Option<(&'t str, Word)> {
        parts.find_map(|part| Some((part, self.word(part)?)))
    }

    fn word(&mut self, word: &'t str) -> Option<Word> {
        *self.words.entry(word).or_insert_with(|| {
            let segmenter = words::segmenter();
            segmenter.has_word(word).then(|| {
                let tag = words::tag(word).unwrap_or_default().as_bytes();
                let letter = |i: usize| tag.get(i).copied().unwrap_or(0);
                Word {
                    frequency: ((segmenter.suggest_freq(word) as f64).ln() / 2.0) as u8,
                    tag: [letter(0), letter(1)],
                }
            })
        })
    }
}

/// The most characters around a string that are looked at.
const REACH: usize = 4;

/// Where the last 0, 1, 2 … characters before `at` begin.
fn ends_before(text: &str, at: usize) -> Vec<usize> {
    let starts = text[..at].char_indices().rev().map(|(i, _)| i);
    std::iter::once(at).chain(starts.take(REACH)).collect()
}

/// Where the first 0, 1, 2 … characters behind `at` end.
fn ends_after(text: &str, at: usize) -> Vec<usize> {
    let ends = text[at..]
        .char_indices()
        .map(|(i, c)| at + i + c.len_utf8());
    std::iter::once(at).chain(ends.take(REACH)).collect()
}

/// FNV-1a, folded to the number of weights; all digits count as one.
fn hash(feature: u8, parts: &[&[u8]]) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    let mut add = |byte: u8| hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    add(feature);
    for part in parts {
        for &byte in *part {
            add(if byte.is_ascii_digit() { b'0' } else { byte });
        }
    }
    hash ^= hash >> 15;
    hash as usize % WEIGHTS
}

#[cfg(test)]
#[path = "../../benches/fit_names.rs"]
mod fit;
