//! How an English text calls a person.
//!
//! Comes in: a person's name in both languages and an English text. Goes out: whether the text calls
//! the person so, the words to ask a translation for, and a name whose only fault is its spacing or
//! its spelling.
//! Never guesses at a name that has no spelling.

use std::ops::Range;

/// A person that a Chinese text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The whole name in Chinese.
    pub zh: &'a str,
    /// The whole name in English.
    pub en: &'a str,
}

/// Surnames that are words of their own where a sentence begins: they count with the given name alone.
const WORDS: &[&str] = &[
    "An", "Can", "He", "Long", "May", "She", "So", "You", "Song", "Fan", "Man",
];

impl<'a> Name<'a> {
    /// `None` where the English spelling is unknown and the name is left in Chinese.
    pub fn new(zh: &'a str, en: &'a str) -> Option<Self> {
        (en != zh && !en.is_empty()).then_some(Self { zh, en })
    }

    /// Surname and given name of a Chinese name in pinyin.
    fn chinese(&self) -> Option<(&'a str, &'a str)> {
        let (surname, given) = self.en.split_once(' ')?;
        (self.zh.chars().count() <= 4 && !given.contains(' ')).then_some((surname, given))
    }

    /// What a translation of `zh` has to say: the whole name, or what the Chinese says of it.
    pub fn wanted(&self, zh: &str) -> &'a str {
        match self.chinese() {
            _ if zh.contains(self.zh) => self.en,
            Some((surname, _)) => surname,
            None => self.en.rsplit(' ').next().unwrap_or(self.en),
        }
    }

    /// Whether the English calls the person so: by the whole name, or by the surname alone. A surname
    /// with another name behind it is somebody else, or a misspelling.
    pub fn is_called_in(&self, en: &str) -> bool {
        let Some((surname, given)) = self.chinese() else {
            let parts = self.en.split([' ', '-']);
            return words(en).any(|word| {
                let mut parts = parts.clone().filter(|part| part.chars().count() > 2);
                parts.any(|part| same(&en[word.clone()], part))
            });
        };
        let words: Vec<Range<usize>> = words(en).collect();
        (0..words.len()).any(|i| {
            same(&en[words[i].clone()], surname)
                && match given_behind(en, &words, i, given) {
                    Some(_) => true,
                    None => {
                        let alone = !is_name_behind(en, &words, i);
                        alone && !WORDS.contains(&surname)
                            || i > 0 && same(&en[words[i - 1].clone()], given)
                    }
                }
        })
    }

    /// Where the English has the name with its given name in pieces (`Wang Xiao-ming`), and the name
    /// as it should be.
    pub fn respaced(&self, en: &str) -> Option<(Range<usize>, &'a str)> {
        let (surname, given) = self.chinese()?;
        let words: Vec<Range<usize>> = words(en).collect();
        let found = (0..words.len()).find_map(|i| {
            let last = given_behind(en, &words, i, given)?;
            let range = words[i].start..words[last].end;
            let shouted = en[range.clone()].chars().all(|c| !c.is_lowercase());
            (same(&en[words[i].clone()], surname) && !shouted && en[range.clone()] != *self.en)
                .then_some(range)
        })?;
        Some((found, self.en))
    }

    /// Where the English of `zh` has the name with a given name of the same initial (`Wang Chengcheng`
    /// for Wang Cheng), and the name as it should be. `None` where that may be somebody or something
    /// else: the character of the surname stands elsewhere in `zh` too, or the English has two such.
    pub fn misspelt(&self, zh: &str, en: &str) -> Option<(Range<usize>, &'a str)> {
        let (surname, given) = self.chinese()?;
        let character = self.zh.chars().next()?;
        let alone = zh.matches(character).count() == zh.matches(self.zh).count();
        let words: Vec<Range<usize>> = words(en).collect();
        let mut found = (0..words.len().saturating_sub(1)).filter(|&i| {
            let next = &en[words[i + 1].clone()];
            same(&en[words[i].clone()], surname)
                && is_name_behind(en, &words, i)
                && next.chars().next() == given.chars().next()
                && letters(next) != letters(given)
        });
        let i = found.next().filter(|_| alone)?;
        let range = words[i].start..words[i + 1].end;
        found.next().is_none().then_some((range, self.en))
    }
}

/// The last of the words behind the `i`th that together are the given name.
fn given_behind(en: &str, words: &[Range<usize>], i: usize, given: &str) -> Option<usize> {
    const PIECES: usize = 3;
    let wanted = letters(given);
    let mut so_far = String::new();
    for last in i + 1..words.len().min(i + 1 + PIECES) {
        if !are_joined(&en[words[last - 1].end..words[last].start]) {
            return None;
        }
        so_far.push_str(&letters(&en[words[last].clone()]));
        if so_far == wanted {
            return Some(last);
        }
        if !wanted.starts_with(&so_far) {
            return None;
        }
    }
    None
}

/// Whether what looks like a given name stands behind the `i`th word.
fn is_name_behind(en: &str, words: &[Range<usize>], i: usize) -> bool {
    words.get(i + 1).is_some_and(|next| {
        let word = &en[next.clone()];
        let joined = are_joined(&en[words[i].end..next.start]);
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        joined && capital && word.chars().any(char::is_lowercase)
    })
}

fn are_joined(between: &str) -> bool {
    matches!(between, " " | "-" | "\u{2010}" | "\u{a0}")
}

/// Whether a word is a part of a name, as written or in capitals.
fn same(word: &str, part: &str) -> bool {
    word == part
        || letters(word) == letters(part) && word.chars().next().is_some_and(char::is_uppercase)
}

fn letters(word: &str) -> String {
    let letters = word.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Runs of letters and digits, with apostrophes inside; a possessive is left off.
fn words(en: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + en[rest..].find(|c: char| c.is_alphanumeric())?;
        let end = en[start..]
            .find(|c| !is_part(c))
            .map_or(en.len(), |n| start + n);
        rest = end;
        let word = en[start..end].trim_end_matches(['\'', '’']);
        let word = ["'s", "’s"]
            .iter()
            .find_map(|s| word.strip_suffix(s))
            .unwrap_or(word);
        Some(start..start + word.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_by_the_whole_name_or_the_surname() {
        let wang = Name::new("王晓明", "Wang Xiaoming").unwrap();
        for (en, called) in [
            ("Mayor Wang Xiaoming spoke.", true),
            ("Wang’s plan was praised.", true),
            ("Wang, the mayor, spoke.", true),
            ("WANG XIAOMING SPEAKS", true),
            ("Wang Xiao-ming spoke.", true),
            ("Xiaoming Wang spoke.", true),
            ("Wang Xiaomin spoke.", false),
            ("Mayor Wong spoke.", false),
            ("", false),
        ] {
            assert_eq!(wang.is_called_in(en), called, "{en}");
        }
        let he = Name::new("何平", "He Ping").unwrap();
        assert!(!he.is_called_in("He spoke.") && he.is_called_in("He Ping spoke."));
        let foreign = Name::new("卡尔·罗恩", "Carl Ronn").unwrap();
        assert!(foreign.is_called_in("Mr. Ronn spoke.") && !foreign.is_called_in("Mr. Ron spoke."));
        let ouyang = Name::new("欧阳静", "Ouyang Jing").unwrap();
        assert!(ouyang.is_called_in("Ouyang Jing") && !ouyang.is_called_in("Ou Yangjing"));
        assert!(Name::new("罗恩", "罗恩").is_none());
    }

    #[test]
    fn the_wanted_words_are_what_the_chinese_says() {
        let wang = Name::new("王晓明", "Wang Xiaoming").unwrap();
        assert_eq!(wang.wanted("市长王晓明说"), "Wang Xiaoming");
        assert_eq!(wang.wanted("王市长说"), "Wang");
        let foreign = Name::new("卡尔·罗恩", "Carl Ronn").unwrap();
        assert_eq!(foreign.wanted("罗恩说"), "Ronn");
    }

    #[test]
    fn a_misspelt_name_is_found_where_it_can_be_nobody_else() {
        let wang = Name::new("王成", "Wang Cheng").unwrap();
        for (zh, en, found) in [
            (
                "王成在台州调研。",
                "Wang Chengcheng inspected Taizhou.",
                Some("Wang Chengcheng"),
            ),
            ("王成在台州调研。", "Wang Town was inspected.", None),
            ("王成在王村调研。", "Wang Chun was inspected.", None),
            ("王成在台州调研。", "Wang Cheng inspected Taizhou.", None),
            ("王成在台州调研。", "Wang Chen met Wang Chang.", None),
        ] {
            let range = wang.misspelt(zh, en).map(|(range, _)| &en[range]);
            assert_eq!(range, found, "{en}");
        }
    }

    #[test]
    fn spacing_is_put_right() {
        let wang = Name::new("王晓明", "Wang Xiaoming").unwrap();
        for (en, found) in [
            ("said Wang Xiao-ming.", Some("Wang Xiao-ming")),
            ("said Wang Xiao Ming’s", Some("Wang Xiao Ming")),
            ("said Wang XiaoMing", Some("Wang XiaoMing")),
            ("said Wang Xiaoming", None),
            ("said Wang Xiao", None),
            ("WANG XIAOMING", None),
        ] {
            let range = wang.respaced(en).map(|(range, _)| &en[range]);
            assert_eq!(range, found, "{en}");
        }
    }
}
