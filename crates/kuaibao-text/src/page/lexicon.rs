//! Whether two neighbouring characters belong to one word.
//!
//! Comes in: two characters. Goes out: whether a word of the dictionary holds both side by side far
//! more often than two words would bring them together. Of neighbouring characters of running text
//! it is so of 43 %, of two drawn at random of 3 % (`data/make_word_pairs.py`): so a line end that falls
//! between two such characters most likely cuts a word.

use std::sync::LazyLock;

use crate::text::chars::is_han;

/// Whether two characters belong to one word; `None` where they are not both Chinese.
pub(super) fn is_one_word(a: char, b: char) -> Option<bool> {
    (is_han(a) && is_han(b)).then(|| is_within_word(a, b))
}

/// Whether two characters stand together within words, as far as the dictionary knows.
pub(super) fn is_within_word(a: char, b: char) -> bool {
    static PAIRS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let lines = include_str!("data/word-pairs.txt").lines().skip(1);
        lines
            .flat_map(|line| {
                let mut chars = line.chars();
                let first = chars.next();
                first
                    .into_iter()
                    .flat_map(move |a| chars.clone().map(move |b| (a, b)))
            })
            .collect()
    });
    PAIRS.binary_search(&(a, b)).is_ok()
}

/// The last character of one text and the first of the next.
pub(super) fn across(above: &str, below: &str) -> Option<(char, char)> {
    Some((above.chars().next_back()?, below.chars().next()?))
}

#[cfg(test)]
mod tests {
    use super::{across, is_within_word};

    #[test]
    fn line_ends_that_cut_words_are_told() {
        for (above, below, within) in [
            ("　　各地要抓好重点区", "域的取暖安全，", true),
            ("主要负", "责人", true),
            ("完成投资，", "增长", false),
            ("的", "经", false),
            ("增长7", "成", false),
        ] {
            let (a, b) = across(above, below).unwrap();
            assert_eq!(is_within_word(a, b), within, "{above}|{below}");
        }
        assert_eq!(across("", "云"), None);
    }
}
