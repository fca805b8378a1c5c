//! Signs of a broken translation that need no knowledge of the languages: loops, losses, additions,
//! leftovers.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use super::{Flag, FlagKind};
use crate::text::{chars::is_han, word_count};

/// Flags for repetition, omission, addition and untranslated Chinese.
pub fn check_text(zh: &str, en: &str) -> Vec<Flag> {
    let mut flags = Vec::new();
    if let Some(phrase) = loop_in(en, zh) {
        flags.push(Flag {
            kind: FlagKind::Repetition,
            message: format!("The English repeats “{phrase}”."),
        });
    }
    flags.extend(length(zh, en));
    let left: String = chinese_run(en);
    if !left.is_empty() {
        flags.push(Flag {
            kind: FlagKind::Untranslated,
            message: format!("Left in Chinese: {left}."),
        });
    }
    flags
}

/// Share of the runs of three words, in a text of eight or more, that must have stood there before for
/// it to be a loop, beyond the same share of the Chinese.
///
/// Measured with the reference translations of WMT 2018, WMT 2022 and FLORES-101 dev: this and the
/// same word three times in a row call two of 6,853 a loop.
const REPEATED: f64 = 0.15;

/// A phrase that the English repeats without the Chinese doing so: one of up to eight words that
/// follows itself directly (three times for up to three words, twice for more), or one of those that
/// it goes round and round in.
fn loop_in(en: &str, zh: &str) -> Option<String> {
    let words: Vec<String> = en
        .split_whitespace()
        .map(|w| {
            w.trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase()
        })
        .filter(|w| !w.is_empty())
        .collect();
    let glyphs: Vec<char> = zh.chars().filter(|c| c.is_alphanumeric()).collect();
    for length in (1..=8).rev() {
        let times = match length {
            1..=3 => 3,
            _ => 2,
        };
        let needed = length * (times - 1);
        let mut run = 0;
        for i in length..words.len() {
            if words[i] == words[i - length] {
                run += 1;
                if run >= needed {
                    let phrase = words[i + 1 - length..=i].join(" ");
                    return (!repeats(&glyphs)).then_some(phrase);
                }
            } else {
                run = 0;
            }
        }
    }
    if words.len() < 8 || repeated(&words) <= REPEATED + repeated(&glyphs) {
        return None;
    }
    let mut seen: HashMap<&[String], usize> = HashMap::new();
    for window in words.windows(3) {
        *seen.entry(window).or_default() += 1;
    }
    let most = words.windows(3).max_by_key(|w| (seen[w], w.concat().len()));
    most.map(|window| window.join(" "))
}

/// Share of the runs of three that have stood there before.
fn repeated<T: Eq + Hash>(items: &[T]) -> f64 {
    let mut seen = HashSet::new();
    let again = items.windows(3).filter(|w| !seen.insert(*w)).count();
    again as f64 / items.windows(3).len().max(1) as f64
}

/// Whether the Chinese repeats itself too: a run of up to six characters directly behind itself twice.
fn repeats(glyphs: &[char]) -> bool {
    (1..=6).any(|length| {
        let mut run = 0;
        (length..glyphs.len()).any(|i| {
            run = if glyphs[i] == glyphs[i - length] {
                run + 1
            } else {
                0
            };
            run >= length * 2
        })
    })
}

/// English news needs about 1.7 words for every three Chinese characters; far fewer means a loss, far
/// more that something was made up. No reference of those above is called too long.
fn length(zh: &str, en: &str) -> Option<Flag> {
    let chinese = zh.chars().filter(|c| is_han(*c)).count();
    let foreign = zh.split(|c: char| !c.is_ascii_alphanumeric());
    let units = chinese + foreign.filter(|word| !word.is_empty()).count();
    let words = word_count(en);
    let (kind, message) = if chinese > 0 && words == 0 {
        (FlagKind::Omission, "There is no English.".to_owned())
    } else if chinese >= 12 && (words as f64) < 0.25 * chinese as f64 {
        let message = format!(
            "The English is short for its Chinese ({words} words for {chinese} characters): something may be left out."
        );
        (FlagKind::Omission, message)
    } else if chinese > 0 && words as f64 > 1.5 * units as f64 + 6.0 {
        let message = format!(
            "The English is long for its Chinese ({words} words for {chinese} characters): something may be made up."
        );
        (FlagKind::Addition, message)
    } else {
        return None;
    };
    Some(Flag { kind, message })
}

/// The first run of Chinese characters in the English.
fn chinese_run(en: &str) -> String {
    en.chars()
        .skip_while(|c| !is_han(*c))
        .take_while(|c| is_han(*c))
        .take(20)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(zh: &str, en: &str) -> Vec<FlagKind> {
        check_text(zh, en).into_iter().map(|f| f.kind).collect()
    }

    #[test]
    fn loops_are_found_and_what_the_chinese_repeats_is_not_one() {
        let zh = "省委副书记出席全省推进乡村发展现场会。";
        let word = "He attended the province's province's province's meeting on villages.";
        assert_eq!(kinds(zh, word), [FlagKind::Repetition]);
        let phrase = "The head of the committee of the committee of the province came.";
        assert_eq!(kinds(zh, phrase), [FlagKind::Repetition]);
        let round =
            "Rural areas, and the towns of rural areas, and the towns and rural areas, and more.";
        assert_eq!(kinds(zh, round), [FlagKind::Repetition]);
        assert_eq!(
            kinds("哈哈哈！好久不见。", "Ha, ha, ha! Long time no see."),
            []
        );
        let zh = "没有共产党就没有新中国，没有新中国就没有新生活，没有新生活就没有新希望。";
        let en = "Without the Party there is no new China, without a new China there is no new life, without a new life there is no new hope.";
        assert_eq!(kinds(zh, en), []);
    }

    #[test]
    fn lengths_that_no_translator_gives_are_flagged() {
        let zh = "深化“千万工程”";
        assert_eq!(kinds(zh, "Deepening the Green Rural Revival Program"), []);
        let en = "Going on with the work on the villages that was begun when the century was young, and with much else";
        assert_eq!(kinds(zh, en), [FlagKind::Addition]);
        let zh = "7月24日至25日，省委副书记在台州调研并出席全省推进乡村片区组团发展现场会。";
        assert_eq!(kinds(zh, "He came."), [FlagKind::Omission]);
        assert_eq!(kinds("好。", ""), [FlagKind::Omission]);
        assert_eq!(
            kinds("", "A summary of what nobody wrote, without any Chinese."),
            []
        );
    }
}
