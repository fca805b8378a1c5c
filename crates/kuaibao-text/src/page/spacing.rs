//! Letter-spaced lines, and bytes that were lost.
//!
//! Comes in: a source text. Goes out: the text without the spaces that a typesetter put between all
//! characters of a line, and without the characters that stand for lost bytes; before anything is
//! judged by it, so that a letter-spaced page is read as any other.

use std::ops::Range;

use super::line::{Line, gaps};
use super::{Dropped, Reason};
use crate::text::Traced;
use crate::text::chars::is_han;

/// The text, and the lost bytes of a `lossy` one, in which `U+FFFD` stands for each.
pub(super) fn closed_up(source: &str, lines: &[Line], lossy: bool) -> (Traced, Vec<Dropped>) {
    let page = is_letter_spaced_page(source, lines);
    let spaced = |line: &Line| page || is_letter_spaced(line.text(source));
    if !lossy && !lines.iter().any(spaced) {
        return (Traced::of(source, 0..source.len()), Vec::new());
    }
    let mut text = Traced::new();
    let mut lost = Vec::new();
    let mut end = 0;
    for line in lines {
        text.push(source, end..line.range.start);
        end = line.range.end;
        for part in decoded(source, line.range.clone(), lossy, &mut lost) {
            push_line(&mut text, source, part, spaced(line));
        }
    }
    text.push(source, end..source.len());
    (text, lost)
}

/// What is left of a line without the characters that stand for lost bytes.
fn decoded(
    source: &str,
    line: Range<usize>,
    lossy: bool,
    lost: &mut Vec<Dropped>,
) -> Vec<Range<usize>> {
    if !lossy {
        return vec![line];
    }
    let text = &source[line.clone()];
    for (at, byte) in text.match_indices('\u{fffd}') {
        let at = line.start + at;
        lost.push(Dropped {
            text: Traced::of(source, at..at + byte.len()),
            reason: Reason::Lossy,
        });
    }
    let part = |part: &str| {
        let start = part.as_ptr() as usize - source.as_ptr() as usize;
        start..start + part.len()
    };
    text.split('\u{fffd}').map(part).collect()
}

/// Whether the whole page is set with a space after each character.
fn is_letter_spaced_page(source: &str, lines: &[Line]) -> bool {
    let (mut spaced, mut all) = (0, 0);
    for line in lines {
        let text = line.text(source);
        if text.chars().filter(|c| is_han(*c)).nth(4).is_some() {
            all += 1;
            spaced += usize::from(is_letter_spaced(text));
        }
    }
    spaced > 0 && spaced * 10 >= all * 6
}

/// Whether a space stands after nearly every character of a line.
fn is_letter_spaced(text: &str) -> bool {
    if !text.contains(char::is_whitespace) {
        return false;
    }
    let (mut parted, mut joined) = (0, 0);
    let mut before = None;
    let mut space = false;
    for c in text.chars() {
        if c.is_whitespace() {
            space = true;
            continue;
        }
        if before.is_some_and(is_wide) && is_wide(c) {
            *(if space { &mut parted } else { &mut joined }) += 1;
        }
        before = Some(c);
        space = false;
    }
    parted >= 3 && parted * 10 >= (parted + joined) * 8
}

fn is_wide(c: char) -> bool {
    is_han(c)
        || matches!(c, '\u{3001}'..='\u{301f}' | '\u{ff01}'..='\u{ff60}' | '“' | '”' | '‘' | '’' | '—' | '…' | '·')
}

/// Whether letters and digits of a line are spaced out too (`1 0`), not only its Chinese.
fn is_latin_spaced(line: &str) -> bool {
    let mut pairs = line.chars().zip(line.chars().skip(1));
    !pairs.any(|(a, b)| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
}

/// Appends a line, without its letter spaces if it has such.
fn push_line(text: &mut Traced, source: &str, range: Range<usize>, spaced: bool) {
    if !spaced {
        text.push(source, range);
        return;
    }
    let line = &source[range.clone()];
    let latin_too = is_latin_spaced(line);
    let mut from = 0;
    for Range {
        start: space,
        end: behind,
    } in gaps(line)
    {
        let (a, b) = (
            line[..space].chars().next_back(),
            line[behind..].chars().next(),
        );
        // Words that the author parted have more than one space.
        if line[space..behind].chars().count() == 1
            && (latin_too || a.is_some_and(is_wide) || b.is_some_and(is_wide))
        {
            text.push(source, range.start + from..range.start + space);
            from = behind;
        }
    }
    text.push(source, range.start + from..range.end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::line::lines;

    fn closed(source: &str, lossy: bool) -> String {
        closed_up(source, &lines(source), lossy)
            .0
            .as_str()
            .to_owned()
    }

    #[test]
    fn letter_spaces_go_and_other_spaces_stay() {
        for (spaced, expected) in [
            (
                "云 州 港 吞 吐 量 创 新 高\n何 远",
                "云州港吞吐量创新高\n何远",
            ),
            ("□ 本 报 记 者   何 远   陆 明", "□本报记者   何远   陆明"),
            (
                "吞 吐 量 6830 万 吨 ， 增 长 7.4% 。",
                "吞吐量6830万吨，增长7.4%。",
            ),
            ("共 1 8 . 6 亿 元 ， — — 去 年", "共18.6亿元，——去年"),
            // Clauses of a headline, two characters of a name: typed.
            ("老街换新颜 居民住得安", "老街换新颜 居民住得安"),
            ("本报记者 王 宁", "本报记者 王 宁"),
        ] {
            assert_eq!(closed(spaced, false), expected);
        }
    }

    #[test]
    fn lost_bytes_are_kept_account_of() {
        let source = "云\u{fffd}州\n\u{fffd}港";
        let (text, lost) = closed_up(source, &lines(source), true);
        assert_eq!(text.as_str(), "云州\n港");
        let at: Vec<Range<usize>> = lost.iter().map(|l| l.text.source()).collect();
        assert_eq!(at, [3..6, 10..13]);
        assert_eq!(closed(source, false), source);
    }
}
