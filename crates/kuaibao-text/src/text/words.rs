//! Chinese words: one segmenter for everything in a brief that needs words.
//!
//! Comes in: text. Goes out: words as slices of it. The dictionary (jieba's, compiled into the
//! `jieba-rs` crate) takes about a tenth of a second to load, so it is loaded on first use; a
//! command that never asks for a word never pays. Never touches tensors, files or the terminal.
//!
//! `jieba-rs` is the maintained pure-Rust segmenter whose dictionary also carries frequencies and
//! tags, which the recogniser of names weighs against its own evidence.

use std::collections::HashSet;
use std::sync::OnceLock;

use jieba_rs::Jieba;

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
        && !is_function_word(word)
}

/// Words that carry grammar or the newspaper's own voice, not the subject.
const FUNCTION_WORDS: &str = "
我们 你们 他们 她们 它们 大家 自己 本人 有人 各自 这个 那个 这些 那些 这里
那里 这样 那样 这种 那种 什么 怎么 如何 为何 哪里 多少 其中 其他 其它 有关
相关 以及 及其 并且 而且 但是 可是 不过 然而 因为 由于 因此 所以 于是 如果
假如 虽然 尽管 即使 无论 不管 只要 只有 除了 为了 关于 对于 根据 按照 通过
随着 作为 成为 进行 开展 可以 能够 应该 应当 必须 需要 已经 曾经 正在 将要
可能 一定 不断 不仅 不是 没有 还是 还有 就是 也是 都是 而是 只是 或者 甚至
特别 尤其 非常 十分 更加 比较 分别 同时 此外 另外 目前 近日 日前 当天 今天
昨天 昨日 今日 上午 下午 当日 据悉 记者 本报 通讯员 本报讯 报道 消息 指出
强调 表示 介绍 认为 要求 提出 告诉 时候 之后 之前 以来 方面 问题 情况 以上
以下 左右 之一 等等
";

fn is_function_word(word: &str) -> bool {
    static SET: OnceLock<HashSet<&str>> = OnceLock::new();
    SET.get_or_init(|| FUNCTION_WORDS.split_whitespace().collect())
        .contains(word)
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
