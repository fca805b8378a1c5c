//! Whether two neighbouring characters belong to one word.
//!
//! Comes in: two characters. Goes out: whether a word of the dictionary holds both side by side far
//! more often than two words would bring them together. Of neighbouring characters of running text
//! it is so of 43 %, of two drawn at random of 3 % (`data/make_word_pairs.py`): so a line end that falls
//! between two such characters most likely cuts a word.

use std::sync::LazyLock;

use include_flate::flate;

use crate::text::chars::is_han;

/// Whether two characters belong to one word; `None` where they are not both Chinese.
pub(super) fn is_one_word(a: char, b: char) -> Option<bool> {
    (is_han(a) && is_han(b)).then(|| is_within_word(a, b))
}

/// Whether two characters stand together within words, as far as the dictionary knows.
pub(super) fn is_within_word(a: char, b: char) -> bool {
    static BEHIND: LazyLock<Behind> = LazyLock::new(Behind::new);
    BEHIND.of(a).binary_search(&b).is_ok()
}

/// For each character those that go on with it within a word, in order.
struct Behind {
    /// By a character's distance from [`FIRST`]: where those behind it begin.
    starts: Vec<u32>,
    all: Vec<char>,
}

flate!(static WORD_PAIRS: str from "src/page/data/word-pairs.txt" with zstd);

/// The first character of the block of common Chinese characters, and how many it has.
const FIRST: char = '一';
const BLOCK: usize = 0x5200;

impl Behind {
    fn new() -> Self {
        let mut starts = Vec::with_capacity(BLOCK + 1);
        let mut all = Vec::new();
        for line in WORD_PAIRS.lines().skip(1) {
            let mut chars = line.chars();
            let Some(at) = chars.next().and_then(place) else {
                continue;
            };
            starts.resize(at + 1, all.len() as u32);
            all.extend(chars);
        }
        starts.resize(BLOCK + 1, all.len() as u32);
        Self { starts, all }
    }

    fn of(&self, a: char) -> &[char] {
        place(a).map_or(&[], |at| {
            let [from, to] = [self.starts[at], self.starts[at + 1]];
            &self.all[from as usize..to as usize]
        })
    }
}

fn place(c: char) -> Option<usize> {
    (c as usize)
        .checked_sub(FIRST as usize)
        .filter(|at| *at < BLOCK)
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
