//! Chinese text into sentences.

use std::ops::Range;

use super::chars::{is_closing, is_han, is_sentence_end, is_stop};

/// The sentences of `text` as byte ranges, white space at their ends left out.
///
/// A sentence ends with 。！？；… (or a half-width ! or ?), together with any closing quotes and
/// brackets behind it, or at a line break. An ASCII full stop that is part of a number (`3.5万亿`), a
/// URL or an abbreviation ends nothing; one behind an English sentence does, and one behind a Chinese
/// word does in a text whose own stops are those (between names stands one too: `卡尔.罗恩`).
/// What goes on for more than 1,000 characters, a table or a list without marks, is cut.
///
/// ```
/// let text = "他说：“好！”增长3.5万亿元。完";
/// let sentences: Vec<&str> = kuaibao_text::text::sentences(text).into_iter().map(|r| &text[r]).collect();
/// assert_eq!(sentences, ["他说：“好！”", "增长3.5万亿元。", "完"]);
/// ```
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    let mut before: Option<char> = None;
    let stops_are_ascii = has_ascii_stops(text);
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, c)| c);
        let ends = match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => true,
            '；' | '…' => true,
            c if is_stop(c) => true,
            '!' | '?' => next.is_none_or(|n| !n.is_ascii_alphanumeric() && n != '='),
            '.' => {
                let is_stop = |b: char| is_han(b) || is_closing(b) || b == '%';
                stops_are_ascii && before.is_some_and(is_stop)
                    || next.is_none_or(char::is_whitespace)
                        && before.is_some_and(|b| b.is_ascii_lowercase() || b == ')' || b == '"')
            }
            _ => false,
        };
        before = Some(c);
        if !ends {
            continue;
        }
        // Doubled marks and closing quotes belong to the sentence they end.
        let mut end = at + c.len_utf8();
        while let Some(&(at, c)) = chars.peek()
            && (is_sentence_end(c) || c == '；' || is_closing(c))
        {
            end = at + c.len_utf8();
            before = Some(c);
            chars.next();
        }
        push_cut(text, start..end, &mut found);
        start = end;
    }
    push_cut(text, start..text.len(), &mut found);
    found
}

/// Whether a Chinese text ends its sentences with the full stop of ASCII.
fn has_ascii_stops(text: &str) -> bool {
    let last = text.trim_end().trim_end_matches(is_closing);
    last.ends_with('.') && !text.contains('。') && text.chars().any(is_han)
}

/// Characters of the longest sentence; that of the test sets WMT 2018 and 2022 has 445. What is done with
/// a sentence may take time that grows faster than its length.
const LONGEST: usize = 1_000;

/// Adds a sentence, in parts where it is too long: cut behind a clause, else behind a word, else in front
/// of what is no part of a number or a Latin word, as late as may be.
fn push_cut(text: &str, mut range: Range<usize>, found: &mut Vec<Range<usize>>) {
    while let Some((end, _)) = text[range.clone()].char_indices().nth(LONGEST) {
        let part = &text[range.start..][..end];
        let later_half = |c: &usize| *c > end / 2;
        let behind = |ends: fn(char) -> bool| {
            let last = part.char_indices().rfind(|&(_, c)| ends(c));
            last.map(|(at, c)| at + c.len_utf8()).filter(later_half)
        };
        let clause = |c| matches!(c, '，' | '：' | '—' | ',' | ';' | ':');
        let word = |c: char| c == '、' || c.is_whitespace();
        let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '．' | '%');
        let apart = || {
            let mut pairs = part.char_indices().rev().zip(part.chars().rev().skip(1));
            let apart = pairs.find(|&((_, c), before)| !(goes_on(c) && goes_on(before)));
            apart.map(|((at, _), _)| at).filter(later_half)
        };
        let cut = behind(clause).or_else(|| behind(word)).or_else(apart);
        let at = range.start + cut.unwrap_or(end);
        push_trimmed(text, range.start..at, found);
        range.start = at;
    }
    push_trimmed(text, range, found);
}

/// Adds a part of a text, the white space at its ends left out, unless nothing else is in it.
pub(super) fn push_trimmed(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let part = &text[range.clone()];
    let trimmed = part.trim();
    if !trimmed.is_empty() {
        let start = range.start + (part.len() - part.trim_start().len());
        found.push(start..start + trimmed.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn cases() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" \n ", &[]),
            ("天晴。风大！", &["天晴。", "风大！"]),
            ("真的吗？！他问。", &["真的吗？！", "他问。"]),
            ("“走吧。”她说。“好！”", &["“走吧。”", "她说。", "“好！”"]),
            (
                "一、扩内需；二、稳外贸。",
                &["一、扩内需；", "二、稳外贸。"],
            ),
            ("等等……再说", &["等等……", "再说"]),
            (
                "一、扩内需；；二、稳外贸。",
                &["一、扩内需；；", "二、稳外贸。"],
            ),
            ("投资3.5万亿元，增2.1%。", &["投资3.5万亿元，增2.1%。"]),
            (
                "见 https://a.example/x?y=1 页。",
                &["见 https://a.example/x?y=1 页。"],
            ),
            ("He left. 他走了。", &["He left.", "他走了。"]),
            ("The U.S. 经济", &["The U.S. 经济"]),
            ("（全文完。）\n下一篇", &["（全文完。）", "下一篇"]),
            ("没有句号", &["没有句号"]),
            (
                "开工了,投资3.5亿元.“好.”他说.增长5%.",
                &["开工了,投资3.5亿元.", "“好.”", "他说.", "增长5%."],
            ),
            ("卡尔.罗恩说，会来。", &["卡尔.罗恩说，会来。"]),
        ];
        for (text, expected) in cases {
            assert_eq!(&split(text), expected, "{text}");
        }
    }

    #[test]
    fn what_goes_on_and_on_is_cut_where_it_does_least_harm() {
        let clauses = "开港，".repeat(1000);
        let words = "煤炭 12.5万吨 ".repeat(300);
        let numbers = "开港1234567".repeat(300);
        for text in [
            &clauses,
            &words,
            &numbers,
            &"字".repeat(5000),
            &"7".repeat(5000),
        ] {
            let parts = split(text);
            assert!(parts.iter().all(|p| p.chars().count() <= LONGEST));
            let squeeze = |s: &str| s.split_whitespace().collect::<String>();
            assert_eq!(squeeze(&parts.concat()), squeeze(text));
        }
        assert!(split(&clauses).iter().all(|part| part.ends_with('，')));
        for part in split(&words) {
            assert!(
                part.starts_with(['煤', '1']) && part.ends_with(['炭', '吨']),
                "{part}"
            );
        }
        assert!(
            split(&numbers)
                .iter()
                .all(|part| part.starts_with(['开', '港', '1']))
        );
    }

    #[test]
    fn nothing_but_white_space_is_lost() {
        let text = "甲。 乙！\n“丙？”　丁…戊.己；";
        let joined: String = split(text).concat();
        let squeeze = |s: &str| s.split_whitespace().collect::<String>();
        assert_eq!(squeeze(&joined), squeeze(text));
    }
}
