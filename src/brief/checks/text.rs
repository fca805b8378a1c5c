//! Signs of a broken translation that need no knowledge of the languages: loops, losses, leftovers.

use std::collections::HashMap;

use crate::brief::record::{Flag, FlagKind};

/// Flags for repetition, omission and untranslated Chinese.
pub fn check_text(zh: &str, en: &str) -> Vec<Flag> {
    let mut flags = Vec::new();
    if let Some(phrase) = loop_in(en, zh) {
        flags.push(Flag {
            kind: FlagKind::Repetition,
            message: format!("The English repeats “{phrase}”."),
        });
    }
    if let Some(message) = omission(zh, en) {
        flags.push(Flag {
            kind: FlagKind::Omission,
            message,
        });
    }
    let left: String = chinese_run(en);
    if !left.is_empty() {
        flags.push(Flag {
            kind: FlagKind::Untranslated,
            message: format!("Left in Chinese: {left}."),
        });
    }
    flags
}

/// The longest phrase that the English repeats without the Chinese doing so.
///
/// A loop is a run of one to eight words that follows itself directly: three times for one or two
/// words, twice for more than four.
fn loop_in(en: &str, zh: &str) -> Option<String> {
    let words: Vec<String> = en
        .split_whitespace()
        .map(|w| {
            w.trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase()
        })
        .filter(|w| !w.is_empty())
        .collect();
    for length in (1..=8).rev() {
        let times = match length {
            1 => 4,
            2..=3 => 3,
            _ => 2,
        };
        let needed = length * (times - 1);
        let mut run = 0;
        for i in length..words.len() {
            if words[i] == words[i - length] {
                run += 1;
                if run >= needed {
                    let phrase = words[i + 1 - length..=i].join(" ");
                    return (!repeats(zh)).then_some(phrase);
                }
            } else {
                run = 0;
            }
        }
    }
    // A phrase that comes back again and again, not side by side.
    let mut seen: HashMap<&[String], usize> = HashMap::new();
    for window in words.windows(6) {
        let count = seen.entry(window).or_default();
        *count += 1;
        if *count >= 3 {
            return (!repeats(zh)).then(|| window.join(" "));
        }
    }
    None
}

/// Whether the Chinese repeats itself too: a run of two to six characters directly behind itself twice.
fn repeats(zh: &str) -> bool {
    let glyphs: Vec<char> = zh.chars().filter(|c| c.is_alphanumeric()).collect();
    (2..=6).any(|length| {
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

/// English news needs about 1.7 words for every three Chinese characters; far fewer means a loss.
fn omission(zh: &str, en: &str) -> Option<String> {
    let chinese = zh.chars().filter(|c| is_han(*c)).count();
    let words = en
        .split_whitespace()
        .filter(|w| w.chars().any(char::is_alphanumeric))
        .count();
    if chinese < 12 {
        return (chinese > 0 && words == 0).then(|| "There is no English.".to_owned());
    }
    let ratio = words as f64 / chinese as f64;
    (ratio < 0.25).then(|| {
        format!("The English is short for its Chinese ({words} words for {chinese} characters): something may be left out.")
    })
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// The first run of Chinese characters in the English.
fn chinese_run(en: &str) -> String {
    en.chars()
        .skip_while(|c| !is_han(*c))
        .take_while(|c| is_han(*c))
        .take(20)
        .collect()
}
