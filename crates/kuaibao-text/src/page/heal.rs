//! Lines to running text: what a line end or a stray space stands for.
//!
//! Comes in: ranges of the source, one a line. Goes out: one [`Traced`] text. Never changes or
//! drops a character that is not white space, but for the hyphen of a word that a line end cut
//! ([`hyphen`] says where, so that the caller can keep account of it).

use std::ops::Range;

use super::line::{gaps, is_punctuation};
use crate::text::Traced;
use crate::text::chars::is_han;

/// What kind of text is being joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Running text: spaces around digits are a trace of the typesetting.
    Body,
    /// Headlines: a space divides clauses.
    Head,
}

/// Joins lines, heals words and numbers cut by line ends, and takes out spaces that the
/// typesetting put where Chinese has none.
pub(super) fn join(
    source: &str,
    lines: impl IntoIterator<Item = Range<usize>>,
    style: Style,
) -> Traced {
    let mut text = Traced::new();
    let mut before: Option<char> = None;
    let mut end = 0;
    let mut lines = lines.into_iter().peekable();
    while let Some(range) = lines.next() {
        let gap = end..range.start;
        let first = source[range.clone()].chars().next();
        if let (Some(a), Some(b)) = (before, first) {
            match at_line_end(&source[gap.clone()], a, b, style) {
                Some(Space::Source) => push_one_space(&mut text, source, gap),
                Some(Space::Inserted) => text.push_space(),
                None => {}
            }
        }
        end = range.end;
        let cut_word = lines
            .peek()
            .and_then(|next| hyphen(source, &range, next))
            .filter(|_| style == Style::Body);
        if let Some(hyphen) = cut_word {
            push_line(&mut text, source, range.start..hyphen.start, style);
            before = None;
        } else {
            before = source[range.clone()].chars().next_back();
            push_line(&mut text, source, range, style);
        }
    }
    text
}

/// Where the hyphen stands that a line end put into an English word (`Tech-` + `nology`). The hyphen
/// of a compound stays: behind a prefix that is written with one, or in a word that has another.
pub(super) fn hyphen(
    source: &str,
    line: &Range<usize>,
    next: &Range<usize>,
) -> Option<Range<usize>> {
    const PREFIXES: [&str; 12] = [
        "self", "non", "co", "anti", "post", "pre", "ex", "mid", "cross", "all", "high", "low",
    ];
    let before = source[line.clone()].strip_suffix('-')?;
    let word = &before[before
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        })..];
    let behind = &source[next.clone()];
    let rest = behind
        .find(|c: char| !c.is_ascii_lowercase())
        .unwrap_or(behind.len());
    let is_compound = before[..before.len() - word.len()].ends_with('-')
        || behind[rest..].starts_with('-')
        || PREFIXES.contains(&word.to_ascii_lowercase().as_str());
    (word.len() >= 2 && rest >= 2 && !is_compound).then(|| line.end - 1..line.end)
}

/// The cells of a line that is set as a row: what two spaces, a tab or an ideographic space part.
pub(super) fn cells(line: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut from = 0;
    for Range {
        start: space,
        end: behind,
    } in gaps(line)
    {
        let gap = &line[space..behind];
        if gap.chars().count() > 1 || gap.contains(['\u{3000}', '\t']) {
            cells.push(&line[from..space]);
            from = behind;
        }
    }
    cells.push(&line[from..]);
    cells.retain(|cell| !cell.is_empty());
    cells
}

/// A row of a table: its cells with an ideographic space between.
pub(super) fn row(source: &str, range: Range<usize>) -> Traced {
    let mut text = Traced::new();
    for (i, cell) in cells(&source[range.clone()]).into_iter().enumerate() {
        if i > 0 {
            text.push_inserted('\u{3000}');
        }
        let at = range.start + (cell.as_ptr() as usize - source[range.clone()].as_ptr() as usize);
        push_line(&mut text, source, at..at + cell.len(), Style::Head);
    }
    text
}

enum Space {
    Source,
    Inserted,
}

/// What stands for a line end between `a` and `b`.
fn at_line_end(gap: &str, a: char, b: char, style: Style) -> Option<Space> {
    if style == Style::Head
        && gap.contains([' ', '\u{3000}', '\u{a0}', '\t'])
        && !is_punctuation(a)
        && !is_punctuation(b)
    {
        return Some(Space::Source);
    }
    // A number goes on, a hyphen joins, and letters beside digits are one token (`5G`, `C919`).
    let both_letters = a.is_alphabetic() && !is_han(a) && b.is_alphabetic() && !is_han(b);
    // Between capitals nothing is missing: `GD` + `P`.
    let capitals = a.is_uppercase() && b.is_uppercase();
    (both_letters && !capitals).then_some(Space::Inserted)
}

fn push_one_space(text: &mut Traced, source: &str, gap: Range<usize>) {
    let found = source[gap.clone()]
        .char_indices()
        .find(|(_, c)| matches!(c, ' ' | '\u{3000}' | '\u{a0}' | '\t'));
    if let Some((at, c)) = found {
        let at = gap.start + at;
        text.push(source, at..at + c.len_utf8());
    }
}

/// Appends one line, without the spaces that Chinese does not have.
fn push_line(text: &mut Traced, source: &str, range: Range<usize>, style: Style) {
    let line = &source[range.clone()];
    let spaced_out = style == Style::Body && is_spaced_out(line);
    let mut from = 0;
    for Range {
        start: space,
        end: behind,
    } in gaps(line)
    {
        let a = line[..space].chars().next_back();
        let b = line[behind..].chars().next();
        let keep = match (a, b) {
            (Some(a), Some(b)) => keeps_space(a, b, style, spaced_out),
            _ => false,
        };
        let kept = if keep {
            space + line[space..].chars().next().map_or(0, char::len_utf8)
        } else {
            space
        };
        text.push(source, range.start + from..range.start + kept);
        from = behind;
    }
    text.push(source, range.start + from..range.end);
}

/// Whether a space between `a` and `b` within a line means something.
fn keeps_space(a: char, b: char, style: Style, spaced_out: bool) -> bool {
    let wide = |c: char| is_han(c);
    match style {
        Style::Head => !is_punctuation(a) || !is_punctuation(b),
        Style::Body => {
            if is_punctuation(a) && !a.is_ascii()
                || is_punctuation(b) && !b.is_ascii()
                || a.is_ascii_digit() && b == '%'
            {
                false
            } else if wide(a) && wide(b) {
                !spaced_out
            } else {
                !wide(a) && !wide(b)
            }
        }
    }
}

/// Whether a line is set with a space after nearly every character.
fn is_spaced_out(line: &str) -> bool {
    let han = line.chars().filter(|c| is_han(*c)).count();
    let spaces = line.chars().filter(|c| c.is_whitespace()).count();
    han >= 4 && spaces * 10 >= han * 6
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines parted by `|`, joined.
    #[track_caller]
    fn joined(lines: &str, style: Style, expected: &str) {
        let source = lines.replace('|', "\n");
        let mut at = 0;
        let ranges = source.split('\n').map(|line| {
            let range = at..at + line.len();
            at = range.end + 1;
            range
        });
        let text = join(&source, ranges.collect::<Vec<_>>(), style);
        assert_eq!(text.as_str(), expected, "{lines}");
    }

    #[test]
    fn a_line_end_is_a_space_only_between_latin_words() {
        for (lines, expected) in [
            ("公司与Volt|Motors签约", "公司与Volt Motors签约"),
            ("said|that，公司", "said that，公司"),
            ("重点|区域", "重点区域"),
            ("完成683|0万吨", "完成6830万吨"),
            ("引入5|G设备", "引入5G设备"),
            ("全市GD|P增长", "全市GDP增长"),
            ("新一代芯片YZ-|3，首批", "新一代芯片YZ-3，首批"),
            ("增长7.|4%", "增长7.4%"),
        ] {
            joined(lines, Style::Body, expected);
        }
    }

    #[test]
    fn a_word_that_a_line_end_cut_is_one_word() {
        for (lines, expected) in [
            ("（Yunzhou Tech-|nology Co.）", "（Yunzhou Technology Co.）"),
            ("state-of-the-|art的设备", "state-of-the-art的设备"),
            ("self-|driving汽车", "self-driving汽车"),
            ("Tech-|NOLOGY", "Tech-NOLOGY"),
        ] {
            joined(lines, Style::Body, expected);
        }
        // A headline is set as it is meant.
        joined("Tech-|nology", Style::Head, "Tech-nology");
    }

    #[test]
    fn spaces_of_the_typesetting_go_and_typed_ones_stay() {
        joined("到 2027 年 底", Style::Body, "到2027年 底");
        joined("同 比 增 长 一 成", Style::Body, "同比增长一成");
        joined("Alex Wang说", Style::Body, "Alex Wang说");
        joined("增长 7.4 %", Style::Body, "增长7.4%");
        joined(
            "老街换新颜 居民住得安",
            Style::Head,
            "老街换新颜 居民住得安",
        );
    }

    #[test]
    fn cells_are_parted_by_more_than_a_space() {
        assert_eq!(
            cells("地区生产总值　　1286.5亿元  5.8"),
            ["地区生产总值", "1286.5亿元", "5.8"]
        );
        assert_eq!(cells("老街换新颜 居民住得安"), ["老街换新颜 居民住得安"]);
        let source = "煤炭　　1260 万吨";
        assert_eq!(row(source, 0..source.len()).as_str(), "煤炭　1260 万吨");
    }
}
