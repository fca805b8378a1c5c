//! Lists of words that are compiled in: a text file in sections, one word or more a line.
//!
//! `[name]` or `[name: what it holds]` begins a section, `#` a remark. Words stand between white space.

use std::collections::HashSet;

/// A list of words that are looked for at the start or the end of a text.
pub struct WordList {
    words: HashSet<&'static str>,
    /// Characters of the longest.
    longest: usize,
}

impl WordList {
    /// The words of one section of a file.
    ///
    /// # Panics
    ///
    /// Where the file has no such section: it is compiled in, so that a test finds it.
    pub fn section(file: &'static str, name: &str) -> Self {
        let is_header = |line: &str| {
            line.strip_prefix('[')
                .and_then(|l| l.split([':', ']']).next())
                .is_some_and(|n| n == name)
        };
        let words: HashSet<&str> = file
            .lines()
            .skip_while(|line| !is_header(line))
            .skip(1)
            .take_while(|line| !line.starts_with('['))
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
            .collect();
        assert!(!words.is_empty(), "no words in section {name}");
        let longest = words.iter().map(|w| w.chars().count()).max().unwrap_or(0);
        Self { words, longest }
    }

    /// Whether a word is in the list.
    pub fn contains(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// The words, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().copied()
    }

    /// The longest word that a text begins with.
    pub fn start<'t>(&self, text: &'t str) -> Option<&'t str> {
        let ends = text.char_indices().map(|(i, c)| i + c.len_utf8());
        ends.take(self.longest)
            .map(|end| &text[..end])
            .filter(|word| self.contains(word))
            .last()
    }

    /// The longest word that a text ends with.
    pub fn end<'t>(&self, text: &'t str) -> Option<&'t str> {
        let starts = text.char_indices().rev().map(|(i, _)| i);
        starts
            .take(self.longest)
            .map(|start| &text[start..])
            .filter(|word| self.contains(word))
            .last()
    }
}

/// Names the sections of a file as statics: `sections!("words.txt"; SPEECH = "speech")`.
macro_rules! sections {
    ($file:literal; $($name:ident = $section:literal),* $(,)?) => {
        $(
            #[doc = concat!("Section `", $section, "` of `", $file, "`.")]
            pub(crate) static $name: std::sync::LazyLock<$crate::text::WordList> =
                std::sync::LazyLock::new(|| {
                    $crate::text::WordList::section(include_str!($file), $section)
                });
        )*
    };
}
pub(crate) use sections;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_counts_and_remarks_do_not() {
        let file = "# remark\n[one: first]\n说 说道\n# 笑\n[two]\n道\n";
        let one = WordList::section(file, "one");
        assert_eq!(one.start("说道：好"), Some("说道"));
        assert_eq!(one.end("他说"), Some("说"));
        assert!(!one.contains("笑") && !one.contains("道"));
        assert_eq!(WordList::section(file, "two").iter().count(), 1);
    }
}
