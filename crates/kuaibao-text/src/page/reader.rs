//! A page to its parts, in source order.
//!
//! Comes in: the lines of a page. Goes out: paragraphs, blocks of headings, bylines and captions
//! ([`Item`]); what belongs to no article is dropped with a reason. Never decides which article a
//! part belongs to.

use std::ops::Range;

use super::furniture::{self, PageHead};
use super::heal::{self, Style};
use super::line::{End, Line};
use super::markup::Markup;
use super::reflow::{self, Hint, Kind, Run, Unit};
use super::{Dropped, Page, Reason};
use crate::text::Traced;

/// The parts of a page, and what belongs to none of its articles.
pub(super) fn read(source: &str, lines: &[Line], markup: Option<&Markup>) -> (Vec<Item>, Page) {
    let mut page = Page::default();
    let reader = Reader {
        source,
        lines,
        // Markup says where its paragraphs end.
        wrapped: markup.map_or_else(|| reflow::is_wrapped(lines), |markup| markup.set_lines),
        markup,
        indented: is_indented(lines),
        page: &mut page,
    };
    (reader.items(), page)
}

/// Whether first lines of paragraphs still have their indent.
fn is_indented(lines: &[Line]) -> bool {
    let indented = lines.iter().filter(|l| (3..=9).contains(&l.indent)).count();
    indented * 30 > lines.len() && indented * 10 < lines.len() * 9
}

/// A part of the page.
pub(super) enum Item {
    Paragraph(Paragraph),
    /// Lines that are set apart: headlines, kickers, subheads. Indices of lines.
    Headings(Range<usize>),
    /// The names of one line.
    Byline(Vec<Traced>),
    Caption(Traced),
}

/// A paragraph of a body.
pub(super) struct Paragraph {
    pub(super) text: Traced,
    /// `本报讯`.
    pub(super) dateline: Option<Traced>,
    /// Names that the dateline's brackets hold.
    pub(super) byline: Vec<Traced>,
    /// `又讯`.
    pub(super) follow_up: bool,
}

/// What a line is when it is looked at alone.
enum LineKind {
    Text,
    Byline(furniture::Byline),
    PageHead(PageHead),
    Jump,
    Editors,
}

/// Lines at a page's beginning and end that may be its head and foot.
const EDGE: usize = 4;

/// A caption is not longer than this (150 characters), in bytes.
const LONGEST_CAPTION: usize = 450;

struct Reader<'a> {
    source: &'a str,
    lines: &'a [Line],
    markup: Option<&'a Markup>,
    wrapped: bool,
    indented: bool,
    page: &'a mut Page,
}

impl Reader<'_> {
    fn items(mut self) -> Vec<Item> {
        let kinds = self.line_kinds();
        let lines = self.lines;
        let mut hints: Vec<Hint> = (0..lines.len()).map(|i| self.hint(lines, i)).collect();
        self.find_captions(&mut hints);
        let runs: Vec<Range<usize>> = runs_of_text(&kinds, lines);
        let units = if self.wrapped {
            let runs: Vec<Run> = runs
                .iter()
                .map(|run| Run {
                    lines: &lines[run.clone()],
                    hints: &hints[run.clone()],
                    after_byline: run.start > 0
                        && matches!(kinds[run.start - 1], LineKind::Byline(_)),
                })
                .collect();
            reflow::reflow(&runs, self.indented)
        } else {
            runs.iter()
                .map(|run| reflow::unwrapped(&lines[run.clone()], &hints[run.clone()]))
                .collect()
        };
        let mut texts = runs.into_iter().zip(units).peekable();
        let mut items = Vec::new();
        for (i, kind) in kinds.into_iter().enumerate() {
            if let Some((run, units)) = texts.next_if(|(run, _)| run.start == i) {
                self.text(&run, units, &mut items);
            }
            self.furniture(i, kind, &mut items);
        }
        items
    }

    fn line_kinds(&self) -> Vec<LineKind> {
        let last = self.lines.len();
        let mut kinds: Vec<LineKind> = Vec::with_capacity(last);
        let mut first = 0;
        for (i, line) in self.lines.iter().enumerate() {
            let text = line.text(self.source);
            if line.begins_page {
                first = i;
            }
            let ends_soon = |line: &Line| line.begins_page;
            let edge = i < first + EDGE
                || i + EDGE >= last
                || self.lines[i + 1..=i + EDGE].iter().any(ends_soon);
            let after_byline = matches!(kinds.last(), Some(LineKind::Byline(_)));
            kinds.push(if line.width > 160 {
                LineKind::Text
            } else if let Some(head) = furniture::page_head(text, edge) {
                LineKind::PageHead(head)
            } else if furniture::is_jump_line(text) {
                LineKind::Jump
            } else if furniture::is_editors_line(text) {
                LineKind::Editors
            } else if let Some(byline) =
                furniture::byline(text, after_byline).filter(|_| !self.is_credit(i))
            {
                LineKind::Byline(byline)
            } else {
                LineKind::Text
            });
        }
        kinds
    }

    /// A line that is not running text.
    fn furniture(&mut self, i: usize, kind: LineKind, items: &mut Vec<Item>) {
        let range = self.lines[i].range.clone();
        let whole = || heal::join(self.source, [range.clone()], Style::Head);
        match kind {
            LineKind::Text => {}
            LineKind::Byline(byline) => {
                let text = &self.source[range.clone()];
                if self.page.paper.is_none() {
                    self.page.paper = furniture::paper_of_byline(text);
                }
                let (names, labels) = self.byline(&Traced::of(self.source, range), &byline);
                self.page.dropped.extend(labels);
                items.push(Item::Byline(names));
            }
            LineKind::PageHead(head) => {
                let reason = if head.number_only {
                    Reason::PageNumber
                } else {
                    Reason::PageHead
                };
                self.page.dropped.push(Dropped {
                    text: whole(),
                    reason,
                });
                self.page.paper = head.paper.or(self.page.paper.take());
                self.page.date = self.page.date.take().or(head.date);
            }
            LineKind::Jump => self.page.dropped.push(Dropped {
                text: whole(),
                reason: Reason::JumpLine,
            }),
            LineKind::Editors => self.page.dropped.push(Dropped {
                text: whole(),
                reason: Reason::Editors,
            }),
        }
    }

    /// A credit of its own line makes a caption of what stands before it.
    fn caption_of_credit(&self, items: &mut Vec<Item>) {
        let caption = match items.last_mut() {
            Some(Item::Paragraph(p)) if p.dateline.is_none() && p.text.len() <= LONGEST_CAPTION => {
                std::mem::take(&mut p.text)
            }
            Some(Item::Headings(block)) => {
                block.end -= 1;
                let range = self.lines[block.end].range.clone();
                if block.start < block.end {
                    items.push(Item::Caption(heal::join(self.source, [range], Style::Head)));
                    return;
                }
                heal::join(self.source, [range], Style::Head)
            }
            _ => return,
        };
        items.pop();
        items.push(Item::Caption(caption));
    }

    /// Names and labels of a byline that was parsed from `text`.
    fn byline(&self, text: &Traced, byline: &furniture::Byline) -> (Vec<Traced>, Vec<Dropped>) {
        let piece = |range: &Range<usize>| {
            heal::join(self.source, [text.source_range(range.clone())], Style::Body)
        };
        let names = byline
            .names
            .iter()
            .map(|range| {
                // A two-character name set with a space inside is one word.
                let mut name = Traced::new();
                let range = text.source_range(range.clone());
                for part in self.source[range.clone()].split(char::is_whitespace) {
                    let at = part.as_ptr() as usize - self.source.as_ptr() as usize;
                    name.push(self.source, at..at + part.len());
                }
                name
            })
            .collect();
        let labels = byline
            .labels
            .iter()
            .map(|range| Dropped {
                text: piece(range),
                reason: Reason::Label,
            })
            .collect();
        (names, labels)
    }

    /// Lines `run` between two pieces of furniture, as units.
    fn text(&mut self, run: &Range<usize>, units: Vec<Unit>, items: &mut Vec<Item>) {
        for unit in units {
            let lines = run.start + unit.lines.start..run.start + unit.lines.end;
            match (unit.kind, items.last_mut()) {
                (Kind::Paragraph, _) => self.paragraph(&self.lines[lines], items),
                (Kind::Display, Some(Item::Headings(block)))
                    if block.end == lines.start && !self.lines[lines.start].begins_page =>
                {
                    block.end = lines.end;
                }
                (Kind::Display, _) => items.push(Item::Headings(lines)),
            }
        }
    }

    /// Whether line `i` is a photo credit, its last word perhaps on the next line.
    fn is_credit(&self, i: usize) -> bool {
        let text = self.lines[i].text(self.source);
        furniture::credit(text).is_some()
            || self.lines.get(i + 1).is_some_and(|next| {
                next.width <= 8 && furniture::credit(&self.unbroken(i)).is_some()
            })
    }

    /// Line `i` and the next as if no line end stood between them.
    fn unbroken(&self, i: usize) -> String {
        let [a, b] = [&self.lines[i], &self.lines[i + 1]].map(|line| line.text(self.source));
        let gap = if self.lines[i].open_end { " " } else { "" };
        format!("{a}{gap}{b}")
    }

    /// A line that begins like a caption, with a photo credit not far below, begins one.
    fn find_captions(&self, hints: &mut [Hint]) {
        for end in 0..hints.len() {
            let is_jump = || furniture::ends_with_jump(self.lines[end].text(self.source));
            if !hints[end].ends || is_jump() {
                continue;
            }
            let first = (end.saturating_sub(4)..=end).rev().find(|i| {
                *i == 0
                    || self.lines[i - 1].end != End::Comma
                        && furniture::begins_like_caption(self.lines[*i].text(self.source))
            });
            if let Some(first) = first {
                hints[first].may_begin = true;
            }
        }
    }

    fn hint(&self, lines: &[Line], i: usize) -> Hint {
        let line = &lines[i];
        let text = line.text(self.source);
        if line.width > 200 {
            return Hint::default();
        }
        let two = match lines.get(i + 1) {
            Some(next) => &self.source[line.range.start..next.range.end],
            None => text,
        };
        let begins = furniture::is_follow_up(text) || furniture::dateline(head_of(two)).is_some();
        let credit = |text: &str| line.end == End::Word && furniture::credit(text).is_some();
        let ends_alone = credit(text);
        let continues = !ends_alone
            && line.width <= 24
            && i > 0
            && lines[i - 1].width <= 200
            && text.ends_with(['摄', '图', '绘', '）', '影'])
            && credit(&self.unbroken(i - 1));
        let heading = self
            .markup
            .filter(|markup| markup.has_headings())
            .map(|_| line.size > 0);
        Hint {
            heading,
            begins,
            may_begin: furniture::is_attendance(text),
            continues,
            ends: ends_alone || continues || furniture::ends_with_jump(text),
            runs_on: lines.get(i + 1).is_some_and(|next| {
                text.ends_with(|c: char| c.is_ascii_digit())
                    && next.text(self.source).starts_with(furniture::counts)
            }),
        }
    }

    fn paragraph(&mut self, lines: &[Line], items: &mut Vec<Item>) {
        let ranges = lines.iter().map(|l| l.range.clone());
        let style = if self.wrapped {
            Style::Body
        } else {
            Style::Head
        };
        let mut text = if lines.len() == 1 && !self.wrapped {
            Traced::of(self.source, lines[0].range.clone())
        } else {
            heal::join(self.source, ranges, style)
        };
        if let Some(at) = credit_of(&text) {
            // A caption is short: what stands before it and fills its last line is the body's.
            let full = (1..lines.len()).rev().find(|i| {
                lines[i - 1].end == End::Sentence
                    && lines[*i].range.start < text.source_range(0..at).end
            });
            if let Some(first) = full.filter(|_| text.as_str()[..at].chars().count() > 60) {
                self.paragraph(&lines[..first], items);
                return self.paragraph(&lines[first..], items);
            }
            let (caption, credit) = cut(&text, at);
            self.page.dropped.push(Dropped {
                text: credit,
                reason: Reason::Credit,
            });
            if caption.is_empty() {
                self.caption_of_credit(items);
            } else {
                items.push(Item::Caption(caption));
            }
            return;
        }
        // One at either end; more is no jump note.
        for _ in 0..2 {
            let Some(jump) = furniture::jump_within(text.as_str()) else {
                break;
            };
            self.page.dropped.push(Dropped {
                text: trimmed(&text, jump.clone()),
                reason: Reason::JumpLine,
            });
            text = if jump.start == 0 {
                trimmed(&text, jump.end..text.len())
            } else {
                trimmed(&text, 0..jump.start)
            };
        }
        let mut paragraph = Paragraph {
            dateline: None,
            byline: Vec::new(),
            follow_up: furniture::is_follow_up(text.as_str()),
            text,
        };
        if let Some(found) = furniture::dateline(head_of(paragraph.text.as_str())) {
            let (names, labels) = self.byline(&paragraph.text, &found.byline);
            self.page.dropped.extend(labels);
            paragraph.byline = names;
            paragraph.dateline = Some(paragraph.text.slice(found.text));
            paragraph.text = trimmed(&paragraph.text, found.end..paragraph.text.len());
        }
        if !paragraph.text.is_empty() || paragraph.dateline.is_some() {
            items.push(Item::Paragraph(paragraph));
        }
    }
}

/// Stretches of lines that are text.
fn runs_of_text(kinds: &[LineKind], lines: &[Line]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (i, kind) in kinds.iter().enumerate() {
        if lines[i].begins_page {
            runs.extend(start.take().map(|start| start..i));
        }
        if matches!(kind, LineKind::Text) {
            start.get_or_insert(i);
        } else if let Some(start) = start.take() {
            runs.push(start..i);
        }
    }
    if let Some(start) = start {
        runs.push(start..kinds.len());
    }
    runs
}

/// As much of a text as a dateline can take.
fn head_of(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(120)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Where the photo credit of a text begins.
fn credit_of(text: &Traced) -> Option<usize> {
    let text = text.as_str();
    let tail = text.char_indices().rev().nth(80).map_or(0, |(at, _)| at);
    furniture::credit(&text[tail..]).map(|at| tail + at)
}

/// Cuts a text in two, white space at the cut taken out.
fn cut(text: &Traced, at: usize) -> (Traced, Traced) {
    (trimmed(text, 0..at), trimmed(text, at..text.len()))
}

/// A part of a text without white space at its ends.
fn trimmed(text: &Traced, range: Range<usize>) -> Traced {
    let part = &text.as_str()[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    text.slice(start..start + part.trim().len())
}
