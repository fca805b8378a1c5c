//! Forms of characters that fonts and old encodings have: radicals that look like characters,
//! compatibility ideographs, punctuation of vertical lines.
//!
//! Comes in: a text. Goes out: the text with the characters that are meant, so that a date, a name
//! or a figure is read whatever form it was printed in. Full-width letters and digits stay: they
//! are what the author typed.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::looks_traditional;

/// The character that is meant by a form of it.
pub(super) fn meant(c: char) -> char {
    static FORMS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        include_str!("data/characters.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(|line| {
                let forms = line.chars().step_by(2);
                forms.zip(line.chars().skip(1).step_by(2))
            })
            .collect()
    });
    if may_be_form(c) {
        FORMS.get(&c).copied().unwrap_or(c)
    } else {
        c
    }
}

/// The radical that is two characters.
const DOOR: char = '⼾';

/// The blocks that hold such forms.
fn may_be_form(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fd5}' | '\u{f900}'..='\u{faff}' | '\u{fe10}'..='\u{fe48}'
        | '\u{2f800}'..='\u{2fa1f}')
}

/// The characters that a text means, each with where its form stands. A full-width point between
/// digits is the point of their number.
///
/// The radical `⼾` is printed for 戶 and, in fonts of the mainland, for 户: it is what the other
/// characters of the text are.
pub(super) fn meant_by(text: &str) -> impl Iterator<Item = (usize, char)> {
    let door = if text.contains(DOOR) && !looks_traditional(text) {
        '户'
    } else {
        '戶'
    };
    let mut chars = text.char_indices().peekable();
    let mut before: Option<char> = None;
    std::iter::from_fn(move || {
        let (at, c) = chars.next()?;
        let is_digit = |c: Option<char>| c.is_some_and(char::is_numeric);
        let is_point = c == '．' && is_digit(before) && is_digit(chars.peek().map(|(_, c)| *c));
        before = Some(c);
        Some(match c {
            _ if is_point => (at, '.'),
            DOOR => (at, door),
            _ => (at, meant(c)),
        })
    })
}

/// Whether a text holds forms of characters.
pub(super) fn has_forms(text: &str) -> bool {
    text.chars()
        .zip(meant_by(text))
        .any(|(c, (_, meant))| c != meant)
}

#[cfg(test)]
mod tests {
    use super::{has_forms, meant_by};

    #[test]
    fn forms_become_the_characters_that_are_meant() {
        for (form, expected) in [
            ("⼤⼭⾥的⻢⼩秋和⻰⼀⾦", "大山里的马小秋和龙一金"),
            ("︽山城日報︾︐﹁好﹂︒", "《山城日報》，「好」。"),
            ("三⼾，⼾⼝", "三户，户口"),
            ("這裡有三⼾戶長", "這裡有三戶戶長"),
            ("\u{f9e4}\u{2f81a}", "理冬"),
            ("３８．１％，１．概况", "３８.１％，１．概况"),
            // What is no form stays: full-width digits, and ideographs of the compatibility block.
            ("１２ＧＤＰ\u{fa0e}", "１２ＧＤＰ\u{fa0e}"),
        ] {
            assert_eq!(meant_by(form).map(|(_, c)| c).collect::<String>(), expected);
            assert_eq!(has_forms(form), form != expected, "{form}");
        }
    }
}
