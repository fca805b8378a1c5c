//! A page as lines: where they are, how wide they are set, how they begin and end.
//!
//! Comes in: source text. Goes out: its lines that are not blank, in order. Widths are counted in
//! half cells: a Chinese character takes one cell of its column, a Latin letter or a digit half.

use std::cmp::Ordering;
use std::iter;
use std::ops::Range;

use super::lexicon;
use crate::text::chars::{is_han, is_sentence_end, is_stop};

/// A line of the source that is not blank.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent observations, not states"
)]
pub(super) struct Line {
    /// Where the line stands in the source, white space at both ends left out.
    pub range: Range<usize>,
    /// What stands before it.
    pub gap: Gap,
    /// Width of the white space before it, in half cells.
    pub indent: u32,
    /// Whether white space stands before its line end.
    pub open_end: bool,
    /// Width in half cells, spaces within included.
    pub width: u32,
    /// How much narrower it may have been set: punctuation squeezed, spaces thinned.
    pub squeeze: u32,
    /// How it ends.
    pub end: End,
    /// Whether it begins with a character that no line and no sentence begins with.
    pub bad_start: bool,
    /// Whether it ends with such a character.
    pub closed_end: bool,
    /// Whether it ends within or behind a number or a Latin word.
    pub token_end: bool,
    /// Width of what it begins with and what no line end can part: opening quotes, a character or
    /// (where numbers and Latin words are kept whole) a token, closing punctuation.
    pub head_unit: u32,
    /// Width of the token that it begins with (a number, a Latin word).
    pub head_token: u32,
    /// Whether it ends with a question or an exclamation mark, as some headlines do.
    pub asks: bool,
    /// Full stops, question and exclamation marks within, the last character left out.
    pub stops: u32,
    /// Commas and enumeration commas within, the last character left out.
    pub commas: u32,
    /// Marks of ASCII that stand for Chinese ones.
    pub ascii_marks: u32,
    /// Whether a word goes on from it to the next line; `None` where no two Chinese characters meet.
    pub splits_word: Option<bool>,
    /// Whether it is the first of a page of several: a form feed stands before it.
    pub begins_page: bool,
    /// Whether a part begins with it that is set apart from what stands before it.
    pub begins_part: bool,
    /// Whether the reader of a marked-up page took it for no part of the article.
    pub beside: bool,
    /// Whether the reader of a marked-up page knows it for the caption of a picture.
    pub caption: bool,
    /// Whether it is the tag of the item that follows (`【要闻】`).
    pub tag: bool,
    /// How large a heading is set, in hundredths of the body's size; [`WHOLE_HEADING`] where only
    /// that it is one is known; 0 is the body, or unknown.
    pub size: u16,
}

/// The size of a heading of which nothing else is known.
pub(super) const WHOLE_HEADING: u16 = 1;

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// `。`, `！`, `？`, `…`, with closing quotes and brackets behind it.
    Sentence,
    /// `：` or `；`: a paragraph sometimes ends so.
    Colon,
    /// `，` or `、`: the sentence goes on.
    Comma,
    /// An opening quote or bracket, or a dash: something must follow.
    Open,
    /// A word.
    Word,
}

/// What stands between a line and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Fewer blank lines than between most lines.
    Tight,
    /// As many.
    Usual,
    /// More blank lines than between most lines.
    Wide,
}

/// Characters that end a line in the source.
pub(super) fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The lines of `source` that are not blank.
pub(super) fn lines(source: &str) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    // Line ends before each line.
    let mut gaps: Vec<u32> = Vec::new();
    let mut line_ends = 0;
    let mut begins_page = false;
    let mut start = 0;
    for raw in source.split(is_line_end) {
        if let Some(line) = Line::new(raw, start) {
            found.push(Line {
                begins_page: std::mem::take(&mut begins_page),
                ..line
            });
            gaps.push(line_ends);
            line_ends = 0;
        }
        start += raw.len();
        let end = source[start..].chars().next();
        begins_page |= end == Some('\u{c}');
        start += end.map_or(0, char::len_utf8);
        // `\r\n` is one line end.
        let within = end == Some('\r') && source[start..].starts_with('\n');
        // A page's end is no wider gap.
        line_ends += u32::from(!within && end != Some('\u{c}'));
    }
    let mut sorted = gaps.clone();
    sorted.sort_unstable();
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
    for (line, gap) in found.iter_mut().zip(gaps) {
        line.gap = match gap.cmp(&usual) {
            Ordering::Less => Gap::Tight,
            Ordering::Equal => Gap::Usual,
            Ordering::Greater => Gap::Wide,
        };
    }
    for i in 1..found.len() {
        let pair = lexicon::across(found[i - 1].text(source), found[i].text(source));
        found[i - 1].splits_word = pair.and_then(|(a, b)| lexicon::is_one_word(a, b));
    }
    widen_marks(&mut found);
    found
}

/// Lines in which the tag of an item (`【要闻】云州港吞吐量创新高`) is a line of its own, where that is
/// how the page marks its items: at the head of several lines that are set apart, or of the first.
pub(super) fn with_tags(source: &str, lines: Vec<Line>) -> Vec<Line> {
    let tagged: Vec<usize> = (0..lines.len())
        .filter(|i| end_of_tag(lines[*i].text(source), &lines[*i]).is_some())
        .collect();
    if tagged.is_empty() || tagged.len() < 2 && tagged[0] > 0 {
        return lines;
    }
    let mut whole = Vec::with_capacity(lines.len() + tagged.len());
    for line in lines {
        let text = line.text(source);
        let parts = end_of_tag(text, &line).and_then(|end| {
            let start = line.range.start;
            Some((
                Line::new(&text[..end], start)?,
                Line::new(&text[end..], start + end)?,
            ))
        });
        if let Some((tag, rest)) = parts {
            whole.push(Line {
                tag: true,
                gap: line.gap,
                indent: line.indent,
                begins_page: line.begins_page,
                begins_part: line.begins_part,
                size: line.size,
                ..tag
            });
            whole.push(Line {
                gap: Gap::Tight,
                size: line.size,
                splits_word: line.splits_word,
                ..rest
            });
        } else {
            whole.push(line);
        }
    }
    whole
}

/// Where the tag at the start of a line that is set apart ends.
fn end_of_tag(text: &str, line: &Line) -> Option<usize> {
    let inner = text.strip_prefix('【')?;
    let end = inner.find('】')?;
    let is_tag = (2..=6).contains(&inner[..end].chars().count())
        && inner[..end].chars().all(is_han)
        && !inner[..end].ends_with(['讯', '訊', '电', '電']);
    let end = end + 2 * '【'.len_utf8();
    let set_apart = line.stops == 0 && line.end == End::Word && line.width <= 80;
    (is_tag && set_apart && end < text.len()).then_some(end)
}

impl Line {
    fn new(raw: &str, start: usize) -> Option<Self> {
        let text = raw.trim_start();
        let begin = start + raw.len() - text.len();
        let indent = raw[..raw.len() - text.len()].chars().map(cells).sum();
        let trimmed = text.trim_end();
        if trimmed.is_empty() {
            return None;
        }
        let mut line = Self {
            gap: Gap::Usual,
            range: begin..begin + trimmed.len(),
            indent,
            open_end: trimmed.len() < text.len(),
            width: 0,
            squeeze: 0,
            end: End::Word,
            bad_start: trimmed.starts_with(forbidden_at_start),
            closed_end: trimmed.ends_with(forbidden_at_start),
            token_end: trimmed.ends_with(|c: char| c.is_ascii_alphanumeric()),
            head_unit: head_unit(trimmed),
            head_token: trimmed
                .chars()
                .take_while(|c| is_token(*c))
                .map(cells)
                .sum(),
            // What somebody asks or answers in an interview is none.
            asks: trimmed.ends_with(['？', '！', '?', '!']) && !trimmed.contains(['：', ':']),
            stops: 0,
            commas: 0,
            ascii_marks: 0,
            splits_word: None,
            begins_page: false,
            begins_part: false,
            beside: false,
            caption: false,
            tag: false,
            size: 0,
        };
        let mut before = None;
        let mut chars = trimmed.chars().peekable();
        while let Some(c) = chars.next() {
            line.width += cells(c);
            if is_han(c) {
                before = Some(c);
                continue;
            }
            let next = chars.peek().copied();
            let ascii = is_ascii_mark(before, c, next);
            line.squeeze += u32::from(c.is_whitespace() || (is_punctuation(c) && cells(c) == 2));
            line.ascii_marks += u32::from(ascii);
            let within = u32::from(next.is_some());
            match c {
                c if is_stop(c) => line.stops += within,
                // The number of an item, `一、`, is no clause.
                '、' if line.width <= 8 && before.is_some_and(is_numeral) => {}
                '，' | '、' => line.commas += within,
                '.' | '!' | '?' if ascii => line.stops += within,
                ',' if ascii => line.commas += within,
                _ => {}
            }
            before = Some(c);
        }
        line.end = end_of(trimmed);
        Some(line)
    }

    /// The line's text.
    pub(super) fn text<'s>(&self, source: &'s str) -> &'s str {
        &source[self.range.clone()]
    }
}

/// Whether a mark of ASCII stands for a Chinese one, as in some text layers: behind a Chinese character
/// or what closes something, or (a comma) before one; not within a number.
fn is_ascii_mark(before: Option<char>, c: char, next: Option<char>) -> bool {
    let is_chinese = |c: char| !c.is_ascii() && !c.is_whitespace();
    let behind = before.is_some_and(|b| is_chinese(b) || b == '%');
    match c {
        '.' | '!' | '?' => behind,
        ',' | ':' | ';' => behind || before.is_some() && next.is_some_and(is_chinese),
        _ => false,
    }
}

/// Lines whose widths are compared with their neighbours' tell how wide a page's ASCII marks are.
const NEAR: u32 = 1;

/// Where a page has marks of ASCII that were set as wide as Chinese ones, so that its text layer is
/// narrower than its lines were, the widths become those of the lines: whichever makes more
/// neighbours as wide as one another.
fn widen_marks(lines: &mut [Line]) {
    let alike = |width: &dyn Fn(&Line) -> u32| {
        let pairs = lines.windows(2).filter(|pair| {
            pair[0].ascii_marks != pair[1].ascii_marks
                && width(&pair[0]).abs_diff(width(&pair[1])) <= NEAR
        });
        pairs.count()
    };
    if alike(&|l| l.width + l.ascii_marks) > alike(&|l| l.width) {
        for line in lines {
            line.width += line.ascii_marks;
            line.squeeze += line.ascii_marks;
        }
    }
}

/// Whether a character is a Chinese numeral, as sections are numbered with.
fn is_numeral(c: char) -> bool {
    "一二三四五六七八九十".contains(c)
}

fn head_unit(text: &str) -> u32 {
    let mut chars = text.chars().peekable();
    let mut width = 0;
    while let Some(c) = chars.next_if(|c| forbidden_at_end(*c)) {
        width += cells(c);
    }
    width += chars.next().map_or(0, cells);
    while let Some(c) = chars.next_if(|c| forbidden_at_start(*c)) {
        width += cells(c);
    }
    width
}

/// How a line or a paragraph ends.
pub(super) fn end_of(text: &str) -> End {
    let mut closed = false;
    let mut chars = text.chars().rev();
    while let Some(c) = chars.next() {
        match c {
            _ if c.is_whitespace() => {}
            '”' | '’' | '」' | '』' | '）' | ')' | '】' | '》' | '〉' | '"' | '\'' | '］' =>
            {
                closed = true;
            }
            c if is_sentence_end(c) => return End::Sentence,
            // A full stop of ASCII, not the point of a number that goes on.
            '.' if chars.clone().next().is_some_and(|c| !c.is_ascii_digit()) => {
                return End::Sentence;
            }
            _ if closed => return End::Word,
            '：' | '；' | ':' | ';' => return End::Colon,
            '，' | '、' | ',' => return End::Comma,
            '“' | '‘' | '「' | '『' | '（' | '(' | '【' | '《' | '〈' | '—' | '［' => {
                return End::Open;
            }
            _ => return End::Word,
        }
    }
    End::Word
}

/// Width of a character in half cells.
pub(super) fn cells(c: char) -> u32 {
    match c {
        '\t' => 4,
        '\u{0}'..='\u{1f}'
        | '\u{ad}'
        | '\u{300}'..='\u{36f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => 0,
        // General punctuation such as “ ” … — is full width in a Chinese font.
        '\u{20}'..='\u{24f}' | '\u{2000}'..='\u{200a}' | '\u{ff61}'..='\u{ffdc}' => {
            if matches!(c, '·' | '×' | '÷' | '±' | '°') {
                2
            } else {
                1
            }
        }
        _ => 2,
    }
}

/// Characters that kinsoku rules forbid at the start of a line (GB/T 15834, JIS X 4051).
pub(super) fn forbidden_at_start(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '？'
            | '！'
            | '”'
            | '’'
            | '」'
            | '』'
            | '）'
            | '】'
            | '》'
            | '〉'
            | '％'
            | '%'
            | '］'
            | '〕'
            | '｡'
            | ','
            | '.'
            | ';'
    )
}

/// Characters that kinsoku rules forbid at the end of a line.
pub(super) fn forbidden_at_end(c: char) -> bool {
    matches!(
        c,
        '“' | '‘' | '「' | '『' | '（' | '【' | '《' | '〈' | '［' | '〔' | '('
    )
}

/// Latin letters and digits, with what stands inside numbers: kept together where a line breaks
/// at a word.
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '%' | ',' | '-' | '/')
}

/// Whether a character is Chinese or Latin punctuation.
pub(super) fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3001}'..='\u{3004}'
            | '\u{3008}'..='\u{3020}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
            | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | '\u{fe10}'..='\u{fe1f}'
            | '\u{fe30}'..='\u{fe6f}' | '·')
}

/// The runs of white space in a text.
pub(super) fn gaps(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    iter::from_fn(move || {
        let space = at + text[at..].find(char::is_whitespace)?;
        let behind = text[space..].find(|c: char| !c.is_whitespace());
        at = behind.map_or(text.len(), |i| space + i);
        Some(space..at)
    })
}
