//! What stands between the lines of articles is lifted out, so that text reflows across it.
//!
//! Comes in: the lines of a source text. Goes out: the text that is left ([`Lifted::text`]) without
//! running heads, page numbers, watermarks, notes and index boxes; what was lifted, with the reason.
//! Never lifts a line of running text.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::byline;
use super::furniture::{self, PageHead};
use super::heal::{self, Style};
use super::lexicon;
use super::line::{self, End, Line};
use super::{Dropped, Reason};
use crate::text::Traced;
use crate::text::chars::is_han;

/// What is left of a page, and what was lifted.
pub(super) struct Lifted {
    /// The text that is left.
    pub(super) text: Traced,
    pub(super) dropped: Vec<Dropped>,
    pub(super) paper: Option<String>,
    pub(super) date: Option<String>,
    /// Where in the text that is left a page begins.
    pub(super) pages: HashSet<usize>,
    /// Where in it a part begins that is set apart.
    pub(super) parts: HashSet<usize>,
}

/// Why a line is lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// It is not.
    Kept,
    Head(PageHead),
    Meta,
    Editors,
    Furniture,
    /// It is not, but it says the date.
    Signed,
}

impl Kind {
    fn reason(&self) -> Option<Reason> {
        match self {
            Kind::Kept | Kind::Signed => None,
            Kind::Head(head) => Some(furniture::reason(head)),
            Kind::Meta => Some(Reason::Meta),
            Kind::Editors => Some(Reason::Editors),
            Kind::Furniture => Some(Reason::Furniture),
        }
    }
}

/// Lines at a page's beginning and end that may be its head and foot.
const EDGE: usize = 4;
/// A line wider than this, in half cells, is no furniture.
const WIDEST: u32 = 160;

/// Lifts a page's furniture out.
pub(super) fn lift(source: &str, lines: &[Line]) -> Lifted {
    let mut page = Page {
        source,
        lines,
        kinds: Vec::with_capacity(lines.len()),
    };
    page.classify();
    page.repeated_lines();
    page.intruders();
    page.beside_heads();
    page.index_boxes();
    page.signatures();
    page.lifted()
}

struct Page<'a> {
    source: &'a str,
    lines: &'a [Line],
    kinds: Vec<Kind>,
}

impl<'a> Page<'a> {
    fn line(&self, i: usize) -> &'a str {
        self.lines[i].text(self.source)
    }

    /// What each line is when it is looked at alone.
    fn classify(&mut self) {
        let last = self.lines.len();
        let mut first = 0;
        for (i, line) in self.lines.iter().enumerate() {
            if line.begins_page {
                first = i;
            }
            let edge = i < first + EDGE
                || i + EDGE >= last
                || self.lines[i + 1..=i + EDGE].iter().any(|l| l.begins_page);
            let text = line.text(self.source);
            let kind = if line.width > WIDEST || line.size > 0 && line.stops > 0 {
                Kind::Kept
            } else if let Some(head) = page_head(text, edge) {
                Kind::Head(head)
            } else if furniture::is_editors_line(text) {
                Kind::Editors
            } else if furniture::is_note(text) {
                Kind::Furniture
            } else if byline::info(text).is_some_and(|info| info.names.is_empty()) {
                Kind::Meta
            } else if line.beside {
                Kind::Furniture
            } else {
                Kind::Kept
            };
            self.kinds.push(kind);
        }
    }

    /// Watermarks and running heads: the same line again and again, also within sentences.
    fn repeated_lines(&mut self) {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, line) in self.lines.iter().enumerate() {
            let set_apart = line.width <= LONGEST_WATERMARK
                && matches!(line.end, End::Word | End::Colon)
                && line.stops == 0
                && self.kinds[i] == Kind::Kept;
            if set_apart {
                places.entry(shape(self.line(i))).or_default().push(i);
            }
        }
        for places in places.into_values().filter(|places| places.len() >= 2) {
            let interrupts = |i: &&usize| {
                i.checked_sub(1)
                    .is_some_and(|before| self.is_unfinished(before) && self.runs_full(before))
            };
            let within = places.iter().filter(interrupts).count();
            let apart = places
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= FEWEST_BETWEEN);
            let speaks = |i: usize| {
                let text = self.line(i);
                byline::byline(text, true).is_some()
                    || byline::credit(text).is_some()
                    || byline::dateline(text).is_some()
                    || furniture::jump_line(text).is_some()
            };
            if within > 0 && apart && !speaks(places[0]) {
                for i in places {
                    self.kinds[i] = Kind::Furniture;
                }
            }
        }
    }

    /// A short line within a sentence, where every other line fills its column: somebody's mark.
    fn intruders(&mut self) {
        for i in 2..self.lines.len().saturating_sub(1) {
            let line = &self.lines[i];
            let (before, next) = (&self.lines[i - 1], &self.lines[i + 1]);
            let text = line.text(self.source);
            let column = before.width;
            let is_code = text.len() >= 6 && text.bytes().all(|b| b.is_ascii_graphic());
            // A word goes on behind it.
            let cuts_word = lexicon::across(before.text(self.source), next.text(self.source))
                .is_some_and(|(a, b)| lexicon::is_one_word(a, b) == Some(true));
            let goes_on = before.splits_word == Some(true);
            let narrow = line.width + if cuts_word { 4 } else { 8 } < column;
            // No line of running text looks so, however wide.
            let odd = is_code || is_parted(text);
            let is_mark = self.kinds[i] == Kind::Kept
                && !goes_on
                && (narrow || odd && line.width < column + 8)
                && line.end == End::Word
                && line.stops + line.commas == 0
                && line.width >= 8
                && line.size == 0;
            // What stands around it is running text: not a headline of two lines and its article.
            let runs = self.is_unfinished(i - 1)
                && self.runs_full(i - 1)
                && next.indent < 3
                && (self.runs_full(i + 1) && next.width.abs_diff(column) <= 4
                    || odd && (next.commas + next.stops > 0 || next.end == End::Sentence))
                && (cuts_word || self.has_clauses_above(i));
            let speaks = || {
                byline::byline(text, true).is_some()
                    || byline::credit(text).is_some()
                    || byline::byline(before.text(self.source), true).is_some()
                    || byline::byline(self.line(i - 2), true).is_some()
                    || byline::byline(next.text(self.source), true).is_some()
                    || furniture::jump_line(text).is_some()
                    || text.chars().any(|c| matches!(c, '”' | '》' | '）'))
            };
            if is_mark && runs && (is_code || !speaks()) {
                self.kinds[i] = Kind::Furniture;
            }
        }
    }

    /// Whether the sentence above a line has clauses, as headlines hardly do.
    fn has_clauses_above(&self, i: usize) -> bool {
        let above = (i.saturating_sub(CLAUSES)..i).rev();
        // Behind a bracket reporters may have signed.
        let goes_on = |j: &usize| self.is_unfinished(*j) && !self.line(*j).ends_with(['）', ')']);
        let mut sentence = above.take_while(|j| self.kinds[*j] == Kind::Kept && goes_on(j));
        sentence.any(|j| {
            let line = &self.lines[j];
            line.stops > 0 || line.end == End::Comma || self.line(j).contains(['，', ','])
        })
    }

    /// Whether a sentence goes on behind a line.
    fn is_unfinished(&self, i: usize) -> bool {
        matches!(self.lines[i].end, End::Word | End::Comma | End::Open)
    }

    /// Whether a line is as wide as one of the lines near it, as only lines of running text are.
    fn runs_full(&self, i: usize) -> bool {
        let near = i.saturating_sub(6)..self.lines.len().min(i + 8);
        let width = self.lines[i].width;
        near.filter(|j| *j != i && self.lines[*j].width.abs_diff(width) <= 4)
            .count()
            >= 2
    }

    /// Page numbers and names of papers that are known by the page head beside them.
    fn beside_heads(&mut self) {
        let is_head = |kind: &Kind| matches!(kind, Kind::Head(_) | Kind::Editors);
        let beside = |kinds: &[Kind], i: usize| {
            i > 0 && is_head(&kinds[i - 1]) || kinds.get(i + 1).is_some_and(is_head)
        };
        // Twice, so that a line beside a line beside a head is found from either side.
        for _ in 0..2 {
            for i in 0..self.lines.len() {
                if self.kinds[i] != Kind::Kept || !beside(&self.kinds, i) {
                    continue;
                }
                let text = self.line(i);
                if let Some(head) = page_head(text, true) {
                    self.kinds[i] = Kind::Head(head);
                } else if furniture::is_latin_masthead(text) || furniture::is_section_name(text) {
                    self.kinds[i] = Kind::Head(PageHead::default());
                }
            }
        }
        // A number alone in mid-page: only where a sentence goes on around it.
        for i in 1..self.lines.len().saturating_sub(1) {
            let is_number = self.kinds[i] == Kind::Kept
                && self.line(i).len() <= 3
                && self.line(i).bytes().all(|b| b.is_ascii_digit());
            if is_number
                && self.is_unfinished(i - 1)
                && self.runs_full(i - 1)
                && self.lines[i + 1].begins_page
            {
                self.kinds[i] = Kind::Head(PageHead {
                    number_only: true,
                    ..PageHead::default()
                });
            }
        }
    }

    /// A front page's index: its heading, and the entries with their page numbers.
    fn index_boxes(&mut self) {
        let mut i = 0;
        while i < self.lines.len() {
            let begins = self.kinds[i] == Kind::Kept && furniture::is_index_heading(self.line(i));
            let Some(end) = begins.then(|| self.end_of_index(i + 1)).flatten() else {
                i += 1;
                continue;
            };
            for kind in &mut self.kinds[i..end] {
                if *kind == Kind::Kept {
                    *kind = Kind::Furniture;
                }
            }
            i = end;
        }
    }

    /// Behind the last entry of an index: entries are lines that end with their page's number, or
    /// have it on the next line.
    fn end_of_index(&self, start: usize) -> Option<usize> {
        let is_number = |i: usize| {
            self.kinds
                .get(i)
                .is_some_and(|kind| matches!(kind, Kind::Head(head) if head.number_only))
                || i < self.lines.len() && furniture::is_index_entry(self.line(i))
        };
        let mut end = None;
        let mut i = start;
        while i < self.lines.len() && self.lines[i].width <= WIDEST && self.lines[i].stops == 0 {
            // A headline of two lines and its number.
            let Some(number) = (i..i + 3).find(|n| is_number(*n)) else {
                break;
            };
            i = number + 1;
            end = Some(i);
        }
        end
    }

    /// The date below the names of those who sign a notice is the notice's, not the page's: behind the
    /// text, before nothing or another headline.
    fn signatures(&mut self) {
        let set_apart = |line: &Line| {
            line.end == End::Word
                && line.stops + line.commas == 0
                && line.width <= LONGEST_WATERMARK
        };
        for i in 2..self.lines.len() {
            if !matches!(&self.kinds[i], Kind::Head(head) if head.date.is_some())
                || !furniture::is_date(self.line(i))
            {
                continue;
            }
            let names = (1..=MOST_SIGNERS.min(i - 1))
                .take_while(|n| self.kinds[i - n] == Kind::Kept && set_apart(&self.lines[i - n]))
                .count();
            let behind_text = names > 0
                && self.kinds[i - names - 1] == Kind::Kept
                && self.lines[i - names - 1].end == End::Sentence;
            let next = (i + 1..self.lines.len()).find(|j| self.kinds[*j] == Kind::Kept);
            let ends = next.is_none_or(|j| {
                set_apart(&self.lines[j]) && byline::byline(self.line(j), false).is_none()
            });
            if behind_text && ends {
                self.kinds[i] = Kind::Signed;
            }
        }
    }

    fn lifted(self) -> Lifted {
        let mut lifted = Lifted {
            text: Traced::new(),
            dropped: Vec::new(),
            paper: None,
            date: None,
            pages: HashSet::new(),
            parts: HashSet::new(),
        };
        let untouched = self.kinds.iter().all(|kind| *kind == Kind::Kept);
        if untouched {
            lifted.text = Traced::of(self.source, 0..self.source.len());
            let starts = |is: fn(&Line) -> bool| {
                let found = self.lines.iter().filter(move |l| is(l));
                found.map(|l| l.range.start).collect()
            };
            lifted.pages = starts(|l| l.begins_page);
            lifted.parts = starts(|l| l.begins_part);
            return lifted;
        }
        // Where the white space before the next line begins: behind the last line, or behind the
        // last line that was kept, so that a lifted line takes one gap with it.
        let mut end = 0;
        let mut gap: Option<Range<usize>> = None;
        let mut page = false;
        let mut part = false;
        for (i, line) in self.lines.iter().enumerate() {
            page |= line.begins_page;
            part |= line.begins_part;
            let before = end..line.range.start;
            end = line.range.end;
            let Some(reason) = self.kinds[i].reason() else {
                if self.kinds[i] == Kind::Signed {
                    let text = self.line(i);
                    lifted.date = lifted.date.take().or_else(|| furniture::stated_date(text));
                }
                let gap = gap
                    .take()
                    .filter(|_| !lifted.text.is_empty())
                    .unwrap_or(before.clone());
                // Line ends of the one gap, the indent of the line itself.
                let indent = behind_line_ends(self.source, &before).unwrap_or(before.start);
                let line_ends = gap.start..behind_line_ends(self.source, &gap).unwrap_or(gap.end);
                lifted.text.push(self.source, line_ends.clone());
                lifted
                    .text
                    .push(self.source, indent.max(line_ends.end)..line.range.start);
                if std::mem::take(&mut page) {
                    lifted.pages.insert(lifted.text.len());
                }
                if std::mem::take(&mut part) {
                    lifted.parts.insert(lifted.text.len());
                }
                lifted.text.push(self.source, line.range.clone());
                continue;
            };
            gap.get_or_insert(before);
            if let Kind::Head(head) = &self.kinds[i] {
                // The name of a paper beside a date is surer than one in a byline.
                lifted.paper = lifted.paper.take().or_else(|| head.paper.clone());
                lifted.date = lifted.date.take().or_else(|| head.date.clone());
            } else if self.kinds[i] == Kind::Meta {
                let text = self.line(i);
                lifted.date = lifted.date.take().or_else(|| furniture::stated_date(text));
                lifted.paper = lifted.paper.take().or_else(|| byline::info(text)?.source);
            }
            lifted.dropped.push(Dropped {
                text: heal::join(self.source, [line.range.clone()], Style::Head),
                reason,
            });
        }
        lifted
    }
}

/// Whether a space parts a line's Chinese, as in a name or a slogan.
fn is_parted(text: &str) -> bool {
    line::gaps(text).any(|gap| {
        // Cells of a table stand further apart.
        if &text[gap.clone()] != " " {
            return false;
        }
        let a = text[..gap.start].chars().next_back();
        let b = text[gap.end..].chars().next();
        a.is_some_and(is_han) && b.is_some_and(is_han)
    })
}

/// What a line states that is a page head, and names no reporter.
fn page_head(text: &str, edge: bool) -> Option<PageHead> {
    let names = |text| byline::info(text).is_some_and(|info| !info.names.is_empty());
    furniture::page_head(text, edge).filter(|_| !names(text))
}

/// Behind the last line end of a range.
fn behind_line_ends(source: &str, range: &Range<usize>) -> Option<usize> {
    let part = &source[range.clone()];
    let (at, end) = part.char_indices().rfind(|(_, c)| line::is_line_end(*c))?;
    Some(range.start + at + end.len_utf8())
}

/// Names of offices below one another that sign one notice.
const MOST_SIGNERS: usize = 3;

/// Lines of running text of which one has a comma.
const CLAUSES: usize = 4;
/// Lines of watermarks are not longer, in half cells.
const LONGEST_WATERMARK: u32 = 64;
/// Lines between two lines of a watermark.
const FEWEST_BETWEEN: usize = 6;

/// A line with its digits alike, so that running heads with page numbers are one.
fn shape(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect()
}
