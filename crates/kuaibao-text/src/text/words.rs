//! Chinese words: one segmenter for everything in a brief that needs words.
//!
//! Comes in: text. Goes out: words as slices of it. The dictionary (jieba's, compiled into the
//! `jieba-rs` crate) takes about a tenth of a second to load, so it is loaded on first use; a
//! command that never asks for a word never pays. Never touches tensors, files or the terminal.
//!
//! `jieba-rs` is the maintained pure-Rust segmenter whose dictionary also carries frequencies and
//! tags, which the recogniser of names weighs against its own evidence.

use std::sync::OnceLock;

use jieba_rs::Jieba;

use super::lists::sections;

sections! { "function-words.txt"; FUNCTION_WORDS = "zh" }

/// The segmenter, loaded on first use.
pub fn segmenter() -> &'static Jieba {
    static SEGMENTER: OnceLock<Jieba> = OnceLock::new();
    SEGMENTER.get_or_init(Jieba::new)
}

/// Where the words of a text begin and end, in bytes, in order.
pub fn bounds(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(
            segmenter()
                .cut(text, false)
                .iter()
                .map(|token| token.byte_end),
        )
        .collect()
}

/// The part of speech of a word (`n`, `nr`, `v`, …); `None` where the dictionary would cut it.
pub fn tag(word: &str) -> Option<&str> {
    match segmenter().tag(word, false).as_slice() {
        [one] => Some(one.tag),
        _ => None,
    }
}

/// The words of a text that say what it is about: no function words, no numbers, no punctuation.
pub fn content(text: &str) -> Vec<&str> {
    segmenter()
        .cut(text, true)
        .into_iter()
        .map(|token| token.word)
        .filter(|word| is_content(word))
        .collect()
}

fn is_content(word: &str) -> bool {
    let mut chars = word.chars();
    let long_enough = chars.next().is_some() && chars.next().is_some();
    long_enough
        && word.chars().any(char::is_alphabetic)
        && !word.starts_with(|c: char| c.is_ascii_digit() || "一二三四五六七八九十两".contains(c))
        && !FUNCTION_WORDS.contains(word)
}

#[cfg(test)]
mod tests {
    use super::content;

    #[test]
    fn content_words_leave_out_grammar_and_numbers() {
        let words = content("据悉，这座水库已经蓄水3000万立方米，水库大坝同时加固。");
        assert_eq!(words.iter().filter(|w| **w == "水库").count(), 2);
        for left_out in ["据悉", "已经", "同时", "3000", "，"] {
            assert!(!words.contains(&left_out), "{left_out}");
        }
    }
}
