//! English text into sentences and words, as far as a summary needs it.

use std::ops::Range;

use super::lists::sections;
use super::sentence::push_trimmed;

sections! { "function-words.txt"; FUNCTION_WORDS = "en" }

/// Whether an English word, in small letters, carries grammar or what every report says.
pub fn is_function_word(word: &str) -> bool {
    FUNCTION_WORDS.contains(word)
}

/// Words that end in a full stop without ending a sentence, and are followed by a capital.
const ABBREVIATIONS: [&str; 34] = [
    "mr", "mrs", "ms", "dr", "prof", "gen", "gov", "sen", "rep", "lt", "col", "capt", "sgt", "st",
    "mt", "no", "nos", "vol", "fig", "vs", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec", "approx", "rev",
];

/// The sentences of English text as byte ranges, white space at their ends left out.
///
/// A sentence ends at a line break, or with `.`, `!`, `?` or `…` and any closing marks behind it
/// where white space and no small letter follows. A full stop behind an abbreviation or an initial
/// ends nothing.
///
/// ```
/// let text = "Mr. Zhou spoke on Jan. 5. It grew 3.5%. “Good!” he said.";
/// let found: Vec<&str> = kuaibao_text::text::english_sentences(text).into_iter().map(|r| &text[r]).collect();
/// assert_eq!(found, ["Mr. Zhou spoke on Jan. 5.", "It grew 3.5%.", "“Good!” he said."]);
/// ```
pub fn english_sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let mut end = at + c.len_utf8();
        let ends = match c {
            '\n' => true,
            '.' | '!' | '?' | '…' => {
                while let Some(&(at, c)) = chars.peek()
                    && matches!(
                        c,
                        '.' | '!' | '?' | '…' | '"' | '”' | '\'' | '’' | ')' | ']'
                    )
                {
                    end = at + c.len_utf8();
                    chars.next();
                }
                let rest = &text[end..];
                let next = rest.trim_start_matches([' ', '"', '“', '‘', '\'', '(']);
                let goes_on = next.starts_with(char::is_lowercase);
                rest.starts_with(char::is_whitespace)
                    && !goes_on
                    && !(c == '.' && abbreviated(&text[start..at]))
            }
            _ => false,
        };
        if ends {
            push_trimmed(text, start..end, &mut found);
            start = end;
        }
    }
    push_trimmed(text, start..text.len(), &mut found);
    found
}

/// Whether the last word of `before` is an abbreviation or an initial.
fn abbreviated(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '“' | '"'))
        .next()
        .unwrap_or_default();
    let initial = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
    };
    word.split('.').all(initial) || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// Words of English text: what stands between white space and holds a letter or a digit.
pub fn word_count(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" \n ", &[]),
            ("One. Two!", &["One.", "Two!"]),
            (
                "It was 3.5 metres. Then 4.",
                &["It was 3.5 metres.", "Then 4."],
            ),
            (
                "Dr. Lu met J. Chen of the U.S. Army.",
                &["Dr. Lu met J. Chen of the U.S. Army."],
            ),
            (
                "He said: “Go!” and left. She stayed.",
                &["He said: “Go!” and left.", "She stayed."],
            ),
            (
                "He said: “Go.” She stayed.",
                &["He said: “Go.”", "She stayed."],
            ),
            ("In 2025. 300 km.", &["In 2025.", "300 km."]),
            ("A line\nanother", &["A line", "another"]),
            ("Wait… what? No", &["Wait… what?", "No"]),
            ("kuaibao.txt is a file", &["kuaibao.txt is a file"]),
            ("...", &["..."]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = english_sentences(text)
                .into_iter()
                .map(|r| &text[r])
                .collect();
            assert_eq!(&found, expected, "{text}");
        }
    }

    #[test]
    fn words_are_what_holds_a_letter_or_a_digit() {
        assert_eq!(word_count("Up 3.5% – “well-known” … !"), 3);
    }
}
