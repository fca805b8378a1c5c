//! A page to its parts, in source order.
//!
//! Comes in: the lines of a page without its furniture. Goes out: paragraphs, blocks of headings,
//! bylines and captions ([`Item`]); what belongs to no article is dropped with a reason. Never
//! decides which article a part belongs to.

use std::ops::Range;

use super::byline::{self, Byline, Info};
use super::confidence::{Joins, Usual};
use super::furniture::{self, Jump};
use super::heal::{self, Style};
use super::lexicon;
use super::line::{End, Line};
use super::markup::Markup;
use super::reflow::{self, Before, Hint, Kind, Run, Unit};
use super::words::RUBRIC;
use super::{Dropped, Reason};
use crate::text::Traced;
use crate::text::chars::is_han;

/// The parts of a page, and what belongs to none of its articles.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) items: Vec<Item>,
    pub(super) dropped: Vec<Dropped>,
    /// The paper that a byline names, and the date that stands beside one.
    pub(super) paper: Option<String>,
    pub(super) date: Option<String>,
    /// Whether two columns stand side by side in the lines, so that their text is interleaved.
    pub(super) interleaved: bool,
    /// How often neighbouring characters belong to one word.
    pub(super) usual: Usual,
}

/// Reads a page's lines.
pub(super) fn read(source: &str, lines: &[Line], markup: Option<&Markup>) -> Parts {
    let reader = Reader {
        source,
        lines,
        markup,
        indented: is_indented(lines),
        parts: Parts::default(),
    };
    reader.parts()
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
    Byline(Names),
    /// The dateline of a feature with its title (`新华社北陵4月3日电题：…`).
    Feature {
        dateline: Traced,
        title: Traced,
    },
    Caption(Traced),
    /// Where the article before goes on, or where the next one comes from.
    Jump(Jump),
    /// What follows is set apart from what stands before: a box.
    Break,
}

/// The names of a byline.
pub(super) struct Names {
    pub(super) people: Vec<Traced>,
    /// Whether it stands in brackets, as below an article.
    pub(super) bracketed: bool,
    /// Whether it begins with a mark (`□`), as above one.
    pub(super) marked: bool,
}

/// A paragraph of a body.
#[derive(Default)]
pub(super) struct Paragraph {
    pub(super) text: Traced,
    /// `本报讯`.
    pub(super) dateline: Option<Traced>,
    /// Names that the dateline's brackets hold.
    pub(super) byline: Vec<Traced>,
    /// Names that stand behind its last sentence, where an article ends.
    pub(super) byline_behind: Vec<Traced>,
    /// `又讯`.
    pub(super) follow_up: bool,
    /// `（上接第一版）` before it, `（下转第三版）` behind it.
    pub(super) from: Option<Jump>,
    pub(super) to: Option<Jump>,
    /// Whether it is the item of a list of items (`▲`).
    pub(super) is_item: bool,
    /// Where its text begins behind such a mark, where nothing else says that it is an item.
    pub(super) mark: Option<usize>,
    /// Whether its first line is set in.
    pub(super) indented: bool,
    /// Places where it may begin or end elsewhere: a sentence that ends just where a full line does.
    pub(super) doubts: usize,
    /// Its line ends.
    pub(super) joins: Joins,
}

/// What a line is when it is looked at alone.
enum LineKind {
    Text,
    Byline(Byline),
    Info(Info),
    Jump(Jump),
    /// A row of a table.
    Row,
    /// A feature's dateline with its title, over so many lines.
    Feature(usize),
    /// A caption, perhaps with the credit below it, over so many lines.
    Caption(usize),
}

/// A caption is not longer than this (150 characters), in bytes.
const LONGEST_CAPTION: usize = 450;
/// Characters that a dateline has at most.
const LONGEST_DATELINE: usize = 120;
/// A caption of more characters is rare.
const LONG_CAPTION: usize = 60;
/// Lines that tell how often neighbouring characters belong to one word.
const SAMPLE: usize = 40;
/// A name is at most so wide, in half cells, and may be wider than a short headline.
const LONGEST_NAME: u32 = 8;
/// Lines of a caption above its credit, and the width of that, in half cells.
const MOST_CAPTION_LINES: usize = 4;
const LONGEST_CREDIT: u32 = 64;
/// Lines above a block that tell how wide the column is.
const COLUMN_LINES: usize = 8;
/// A line wider than this, in half cells, is no byline or the like.
const WIDEST: u32 = 160;

struct Reader<'a> {
    source: &'a str,
    lines: &'a [Line],
    markup: Option<&'a Markup>,
    indented: bool,
    parts: Parts,
}

impl Reader<'_> {
    fn parts(mut self) -> Parts {
        let kinds = self.line_kinds();
        let lines = self.lines;
        let mut hints: Vec<Hint> = (0..lines.len()).map(|i| self.hint(lines, i)).collect();
        self.find_captions(&mut hints);
        let runs: Vec<Range<usize>> = runs_of_text(&kinds, lines);
        let wrapped = self.wrapped(&runs, &hints);
        let units = self.units(&kinds, &hints, &runs, &wrapped);
        if wrapped.contains(&true) {
            self.parts.usual = self.usual();
        }
        let mut texts = runs.into_iter().zip(units).zip(wrapped).peekable();
        let mut skip = 0;
        for (i, kind) in kinds.into_iter().enumerate() {
            if self.lines[i].begins_part {
                self.parts.items.push(Item::Break);
            }
            if let Some(((run, units), wrapped)) = texts.next_if(|((run, _), _)| run.start == i) {
                self.text(&run, units, wrapped);
            }
            if i >= skip {
                skip = self.furniture(i, kind).max(skip);
            }
        }
        self.bare_names();
        self.parts.interleaved = self.is_interleaved();
        self.parts
    }

    /// How many neighbouring characters of the page belong to one word, and how many would by chance.
    fn usual(&self) -> Usual {
        let texts = || self.lines.iter().map(|l| l.text(self.source));
        let some = texts().take(SAMPLE);
        let neighbours = some.flat_map(|text| text.chars().zip(text.chars().skip(1)));
        let within = joins(neighbours.filter(|&pair| is_han_pair(pair)));
        let further_down = texts().zip(texts().skip(2));
        let chance = joins(further_down.filter_map(|(a, b)| join_of(a, b)));
        if chance.all == 0 || within.all == 0 {
            return Usual::default();
        }
        let share = |joins: Joins| joins.known as f64 / joins.all as f64;
        Usual {
            within: share(within),
            by_chance: share(chance),
        }
    }

    /// For each run of text whether its lines are those of a column, not whole paragraphs.
    fn wrapped(&self, runs: &[Range<usize>], hints: &[Hint]) -> Vec<bool> {
        if let Some(markup) = self.markup {
            return vec![markup.set_lines; runs.len()];
        }
        let odds: Vec<f32> = runs
            .iter()
            .map(|run| reflow::wrapping(&self.lines[run.clone()], &hints[run.clone()]))
            .collect();
        let page: f32 = odds.iter().sum();
        let widest = |run: &Range<usize>| self.lines[run.clone()].iter().map(|l| l.width).max();
        let columns = runs.iter().zip(&odds).filter(|(_, own)| **own > 0.0);
        let column = columns.filter_map(|(run, _)| widest(run)).max();
        // A page is mostly set in one way; a block that says otherwise clearly is believed, and one
        // that is wider than all columns is of none.
        runs.iter()
            .zip(&odds)
            .map(|(run, own)| {
                let too_wide = column.is_some_and(|c| widest(run) > Some(c + c / 2));
                let page = (page - own).clamp(-3.0, if too_wide { 0.0 } else { 3.0 });
                own + page > 0.0
            })
            .collect()
    }

    fn units(
        &self,
        kinds: &[LineKind],
        hints: &[Hint],
        runs: &[Range<usize>],
        wrapped: &[bool],
    ) -> Vec<Vec<Unit>> {
        let heads = |kind: &LineKind| matches!(kind, LineKind::Byline(b) if !b.bracketed);
        let runs = || {
            runs.iter().map(|run| Run {
                lines: &self.lines[run.clone()],
                hints: &hints[run.clone()],
                after: match run.start.checked_sub(1).map(|before| &kinds[before]) {
                    Some(LineKind::Byline(byline)) if byline.bracketed => Before::ArticleEnd,
                    Some(LineKind::Byline(_)) => Before::Byline,
                    _ => Before::Other,
                },
                above_byline: kinds.get(run.end).is_some_and(heads),
            })
        };
        let set: Vec<Run> = runs()
            .zip(wrapped)
            .filter_map(|(run, wrapped)| wrapped.then_some(run))
            .collect();
        let mut reflown = reflow::reflow(&set, self.indented).into_iter();
        runs()
            .zip(wrapped)
            .map(|(run, wrapped)| {
                if *wrapped {
                    reflown.next().unwrap_or_default()
                } else {
                    reflow::unwrapped(&run)
                }
            })
            .collect()
    }

    fn line_kinds(&self) -> Vec<LineKind> {
        let mut kinds: Vec<LineKind> = Vec::with_capacity(self.lines.len());
        for (i, line) in self.lines.iter().enumerate() {
            let text = line.text(self.source);
            let after_byline = matches!(kinds.last(), Some(LineKind::Byline(_)));
            // Names alone in brackets, behind the last sentence.
            let signs = i > 0
                && self.lines[i - 1].end == End::Sentence
                && text.starts_with(['（', '('])
                && furniture::is_bracketed(text);
            let continues = after_byline || signs;
            kinds.push(if line.caption {
                LineKind::Caption(1)
            } else if line.width > WIDEST || line.tag {
                LineKind::Text
            } else if let Some(jump) = furniture::jump_line(text) {
                LineKind::Jump(jump)
            } else if let Some(lines) = self.feature(i) {
                LineKind::Feature(lines)
            } else {
                self.byline_or_info(i, continues)
            });
        }
        self.find_rows(&mut kinds);
        self.find_labelled_rows(&mut kinds);
        self.find_captions_above_credits(&mut kinds);
        kinds
    }

    /// Whether a line names reporters, alone or among what a site says of an article.
    fn byline_or_info(&self, i: usize, continues: bool) -> LineKind {
        let text = self.lines[i].text(self.source);
        let info = byline::info(text);
        if info.as_ref().is_some_and(|info| info.keyed) {
            return info.map_or(LineKind::Text, LineKind::Info);
        }
        let byline = byline::byline(text, continues);
        let is_names =
            |b: &Byline| b.labelled || RUBRIC.end(text).is_none() || !is_words(text, &b.names);
        match byline.filter(|b| is_names(b) && !self.is_credit(i) && !is_dated(text)) {
            Some(byline) => LineKind::Byline(byline),
            None => info
                .filter(|_| !furniture::is_date(text))
                .map_or(LineKind::Text, LineKind::Info),
        }
    }

    /// Lines between the end of a sentence, or a byline, and a line that is a credit: a caption without a
    /// stop, which neither runs on from the paragraph above nor is set apart as a heading.
    fn find_captions_above_credits(&self, kinds: &mut [LineKind]) {
        for i in 1..self.lines.len() {
            let is_text = |kind: &LineKind| matches!(kind, LineKind::Text);
            let is_credit = is_text(&kinds[i])
                && self.lines[i].width <= LONGEST_CREDIT
                && byline::credit(self.lines[i].text(self.source)) == Some(0);
            if !is_credit {
                continue;
            }
            let goes_up = |j: &usize| {
                let (line, below) = (&self.lines[*j], &self.lines[j + 1]);
                is_text(&kinds[*j]) && line.end != End::Sentence && !below.begins_part
            };
            let count = (0..i)
                .rev()
                .take(MOST_CAPTION_LINES + 1)
                .take_while(goes_up)
                .count();
            // What begins as captions do is the first line, whatever stands above it.
            let begins =
                |j: &usize| furniture::begins_like_caption(self.lines[*j].text(self.source));
            let first = (i - count..i).rev().find(begins).unwrap_or(i - count);
            let behind = first > 0
                && (matches!(&kinds[first - 1], LineKind::Byline(_))
                    || is_text(&kinds[first - 1]) && self.lines[first - 1].end == End::Sentence);
            let plain = |line: &Line| line.size == 0 && line.stops == 0;
            if behind
                && (1..=MOST_CAPTION_LINES).contains(&(i - first))
                && self.lines[first..i].iter().all(plain)
            {
                kinds[first] = LineKind::Caption(i - first + 1);
            }
        }
    }

    /// Whether the lines are those of several columns, as `pdftotext -layout` has them: many of two or
    /// more cells that are as long as columns are and break off like their lines.
    fn is_interleaved(&self) -> bool {
        let is_of_columns = |line: &&Line| {
            let cells = heal::cells(line.text(self.source));
            cells.len() >= 2
                && cells
                    .iter()
                    .all(|cell| cell.chars().filter(|c| is_han(*c)).count() >= 7)
        };
        let found = self.lines.iter().filter(is_of_columns).count();
        found >= 6 && found * 3 > self.lines.len()
    }

    /// Lines of a feature's dateline and title: up to the byline that follows, or just one.
    fn feature(&self, i: usize) -> Option<usize> {
        let is_titled = |text: &str| {
            text.contains(['题', '題']) && byline::dateline(head_of(text)).is_some_and(|d| d.titled)
        };
        if !is_titled(self.lines[i].text(self.source)) {
            return None;
        }
        let is_byline = |j: usize| {
            self.lines
                .get(j)
                .is_some_and(|l| byline::byline(l.text(self.source), false).is_some())
        };
        let goes_on = |j: usize| self.lines[j].end == End::Word && self.lines[j].stops == 0;
        (1..=3)
            .find(|n| is_byline(i + n))
            .filter(|n| (i + 1..i + n).all(goes_on))
            .or(Some(1))
    }

    /// Rows of tables: neighbouring lines of as many cells, with numbers in them, or many such lines.
    fn find_rows(&self, kinds: &mut [LineKind]) {
        let cells: Vec<usize> = self
            .lines
            .iter()
            .zip(&*kinds)
            .map(|(line, kind)| match kind {
                LineKind::Text if line.stops + line.commas < 3 => {
                    heal::cells(line.text(self.source)).len()
                }
                _ => 0,
            })
            .collect();
        let mut from = 0;
        while from < cells.len() {
            if cells[from] < 2 {
                from += 1;
                continue;
            }
            let end = (from..cells.len())
                .find(|i| cells[*i] < 2)
                .unwrap_or(cells.len());
            let numbers = (from..end)
                .filter(|i| {
                    self.lines[*i]
                        .text(self.source)
                        .contains(|c: char| c.is_numeric())
                })
                .count();
            if end - from >= 3 || end - from == 2 && numbers == 2 && cells[from] >= 3 {
                kinds[from..end].fill_with(|| LineKind::Row);
            }
            from = end;
        }
    }

    /// Rows that each begin with what they tell of, as forecasts do: `明天：阴有小雨`.
    fn find_labelled_rows(&self, kinds: &mut [LineKind]) {
        let is_row = |(line, kind): (&Line, &LineKind)| {
            matches!(kind, LineKind::Text)
                && line.end == End::Word
                && line.stops == 0
                && furniture::is_labelled(line.text(self.source))
        };
        let rows: Vec<bool> = self.lines.iter().zip(&*kinds).map(is_row).collect();
        let mut from = 0;
        for run in rows.chunk_by(|a, b| a == b) {
            if run[0] && run.len() >= 3 {
                kinds[from..from + run.len()].fill_with(|| LineKind::Row);
            }
            from += run.len();
        }
    }

    /// A line that is not running text. Gives the next line that is to be looked at.
    fn furniture(&mut self, i: usize, kind: LineKind) -> usize {
        let range = self.lines[i].range.clone();
        match kind {
            LineKind::Text => {}
            LineKind::Byline(byline) => {
                let text = &self.source[range.clone()];
                self.parts.paper = self
                    .parts
                    .paper
                    .take()
                    .or_else(|| furniture::paper_of_byline(text));
                let names = self.names(&Traced::of(self.source, range.clone()), &byline);
                self.parts.items.push(Item::Byline(Names {
                    people: names,
                    bracketed: byline.bracketed,
                    marked: self.source[range].starts_with('□'),
                }));
            }
            LineKind::Info(info) => {
                let date = furniture::stated_date(&self.source[range.clone()]);
                self.parts.date = self.parts.date.take().or(date);
                self.parts.paper = self.parts.paper.take().or(info.source);
                let text = Traced::of(self.source, range);
                let byline = Byline {
                    names: info.names,
                    ..Byline::default()
                };
                let names = self.names(&text, &byline);
                self.drop_ranges(&text, &info.labels, Reason::Meta);
                self.parts.items.push(Item::Byline(Names {
                    people: names,
                    bracketed: false,
                    marked: true,
                }));
            }
            LineKind::Jump(jump) => {
                self.parts.dropped.push(Dropped {
                    text: heal::join(self.source, [range], Style::Head),
                    reason: Reason::JumpLine,
                });
                self.parts.items.push(Item::Jump(jump));
            }
            LineKind::Row => {
                let text = heal::row(self.source, range);
                self.parts.items.push(Item::Paragraph(Paragraph {
                    text,
                    indented: true,
                    ..Paragraph::default()
                }));
            }
            LineKind::Feature(lines) => {
                self.feature_item(i..i + lines);
                return i + lines;
            }
            LineKind::Caption(lines) => {
                let lines = &self.lines[i..i + lines];
                let whole = || {
                    heal::join(
                        self.source,
                        lines.iter().map(|l| l.range.clone()),
                        Style::Body,
                    )
                };
                let (caption, credit) = match self.credit_line(lines, Style::Body) {
                    Some((caption, credit)) => (caption, Some(credit)),
                    None => {
                        let text = whole();
                        match credit_of(&text).map(|at| cut(&text, at)) {
                            Some((caption, credit)) => (caption, Some(credit)),
                            None => (text, None),
                        }
                    }
                };
                let reason = Reason::Credit;
                self.parts
                    .dropped
                    .extend(credit.map(|text| Dropped { text, reason }));
                if !caption.is_empty() {
                    self.parts.items.push(Item::Caption(caption));
                }
                let lines = lines.len();
                return i + lines;
            }
        }
        i + 1
    }

    fn feature_item(&mut self, lines: Range<usize>) {
        let ranges = self.lines[lines].iter().map(|l| l.range.clone());
        let text = heal::join(self.source, ranges, Style::Head);
        let Some(found) = byline::dateline(head_of(text.as_str())) else {
            return;
        };
        let names = self.names(&text, &found.byline);
        self.parts.items.push(Item::Feature {
            dateline: text.slice(found.text),
            title: trimmed(&text, found.end..text.len()),
        });
        if !names.is_empty() {
            self.parts.items.push(Item::Byline(Names {
                people: names,
                bracketed: false,
                marked: true,
            }));
        }
    }

    /// A caption without a stop, and the credit on the line below it.
    fn credit_line(&self, lines: &[Line], style: Style) -> Option<(Traced, Traced)> {
        let (last, above) = lines.split_last()?;
        let is_credit = byline::credit(last.text(self.source)) == Some(0);
        let ranges = |lines: &[Line]| lines.iter().map(|l| l.range.clone()).collect::<Vec<_>>();
        (is_credit && !above.is_empty()).then(|| {
            (
                heal::join(self.source, ranges(above), style),
                heal::join(self.source, [last.range.clone()], style),
            )
        })
    }

    /// A credit of its own line makes a caption of what stands before it.
    fn caption_of_credit(&mut self) {
        let items = &mut self.parts.items;
        let caption = match items.last_mut() {
            Some(Item::Paragraph(p)) if p.dateline.is_none() && p.text.len() <= LONGEST_CAPTION => {
                std::mem::take(&mut p.text)
            }
            Some(Item::Headings(block)) => {
                // Without a stop it looks set apart; all its lines but the last fill the column.
                let above = &self.lines[block.start.saturating_sub(COLUMN_LINES)..block.start];
                let column = above.iter().map(|l| l.width).max().unwrap_or(u32::MAX);
                let fills = |i: usize| self.lines[i].width + 4 > column;
                let last = block.end - 1;
                let first = (block.start..last)
                    .rev()
                    .take_while(|i| fills(*i))
                    .last()
                    .unwrap_or(last);
                let ranges = self.lines[first..block.end].iter().map(|l| l.range.clone());
                let caption = heal::join(self.source, ranges, Style::Head);
                block.end = first;
                if block.start < block.end {
                    items.push(Item::Caption(caption));
                    return;
                }
                caption
            }
            _ => return,
        };
        items.pop();
        items.push(Item::Caption(caption));
    }

    /// Names of a byline that was parsed from `text`; its labels are dropped.
    fn names(&mut self, text: &Traced, byline: &Byline) -> Vec<Traced> {
        self.drop_ranges(text, &byline.labels, Reason::Label);
        byline
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
            .collect()
    }

    fn drop_ranges(&mut self, text: &Traced, ranges: &[Range<usize>], reason: Reason) {
        for range in ranges {
            let part = trimmed(text, range.clone());
            if !part.is_empty() {
                self.parts.dropped.push(Dropped { text: part, reason });
            }
        }
    }

    /// Lines `run` between two pieces of furniture, as units.
    fn text(&mut self, run: &Range<usize>, units: Vec<Unit>, wrapped: bool) {
        for unit in units {
            let lines = run.start + unit.lines.start..run.start + unit.lines.end;
            match (unit.kind, self.parts.items.last_mut()) {
                (Kind::Paragraph, _) => {
                    let before = self.parts.items.len();
                    self.paragraph(&self.lines[lines.clone()], wrapped);
                    let doubts = if wrapped {
                        self.doubts(&lines, run.end)
                    } else {
                        0
                    };
                    let text = |i: usize| self.lines[i].text(self.source);
                    let ends = lines.start + 1..lines.end;
                    let joins = joins(ends.filter_map(|i| join_of(text(i - 1), text(i))));
                    if let Some(Item::Paragraph(p)) = self.parts.items.get_mut(before) {
                        p.doubts = doubts;
                        p.joins = joins;
                    }
                }
                (Kind::Display, Some(Item::Headings(block)))
                    if block.end == lines.start && !self.lines[lines.start].begins_page =>
                {
                    block.end = lines.end;
                }
                (Kind::Display, _) => self.parts.items.push(Item::Headings(lines)),
            }
        }
    }

    /// Where indents are lost, a paragraph's first line is known by being two cells shorter, and its
    /// last by not filling its column: counts the sentences that end at a full line's end with a line
    /// behind them that may be a first one, or a paragraph of its own.
    fn doubts(&self, lines: &Range<usize>, end: usize) -> usize {
        if self.indented || lines.len() < 2 {
            return 0;
        }
        let column = self.lines[lines.clone()]
            .iter()
            .map(|l| l.width)
            .max()
            .unwrap_or(0);
        let is_full =
            |i: usize| self.lines[i].end == End::Sentence && self.lines[i].width + 3 > column;
        let within = (lines.start..lines.end - 1)
            .filter(|i| {
                let begins = (self.lines[i + 1].width + 4).abs_diff(column) <= 2;
                is_full(*i) && (begins || i + 2 == lines.end)
            })
            .count();
        let last = lines.end - 1;
        let behind = lines.end < end
            && is_full(last)
            && self.lines[lines.end].width + 2 > column
            && self.lines[lines.end].commas + self.lines[lines.end].stops > 0;
        within + usize::from(behind)
    }

    /// Whether line `i` is a photo credit, its last word perhaps on the next line.
    fn is_credit(&self, i: usize) -> bool {
        let text = self.lines[i].text(self.source);
        if i > 0 && self.lines[i - 1].end == End::Sentence && furniture::signs_report(text) {
            return false;
        }
        byline::credit(text).is_some()
            || self
                .lines
                .get(i + 1)
                .is_some_and(|next| next.width <= 8 && byline::credit(&self.unbroken(i)).is_some())
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
        let begins = furniture::is_follow_up(text)
            || byline::dateline(head_of(two)).is_some()
            || furniture::names_a_picture(text)
            || furniture::asks_or_answers(text)
            || byline::mark_of_item(text).is_some()
            || furniture::is_salutation(text);
        let credit = |text: &str| line.end == End::Word && byline::credit(text).is_some();
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
        let signs = |text: &str| byline::byline_at_end(text).is_some() || is_signature(text);
        let signs_alone = line.end == End::Word && signs(text);
        // Names in brackets over a line end.
        let continues = continues
            || !signs_alone
                && line.width <= 24
                && i > 0
                && lines[i - 1].width <= 200
                && text.ends_with(['）', ')'])
                && signs(&self.unbroken(i - 1));
        // A sentence that a jump line parts from its rest.
        let jumps = line.commas + line.stops > 0
            && lines.get(i + 1).is_some_and(|next| {
                furniture::jump_line(next.text(self.source)).is_some_and(|jump| !jump.from)
            });
        Hint {
            heading,
            begins,
            may_begin: furniture::is_attendance(text)
                || i > 0 && lines[i - 1].end == End::Sentence && furniture::names_a_speaker(text),
            enumerated: furniture::enumerator(text).is_some(),
            continues,
            ends: ends_alone
                || continues
                || jumps
                || furniture::ends_with_jump(text)
                || furniture::is_salutation(text)
                || signs_alone,
            runs_on: lines.get(i + 1).is_some_and(|next| {
                text.ends_with(|c: char| c.is_ascii_digit())
                    && next.text(self.source).starts_with(furniture::counts)
            }),
        }
    }

    fn paragraph(&mut self, lines: &[Line], wrapped: bool) {
        let ranges = lines.iter().map(|l| l.range.clone());
        let style = if wrapped { Style::Body } else { Style::Head };
        let mut text = if lines.len() == 1 && !wrapped {
            Traced::of(self.source, lines[0].range.clone())
        } else {
            heal::join(self.source, ranges, style)
        };
        let parts = self.credit_line(lines, style);
        let credit = credit_of(&text).filter(|at| {
            // Behind what is longer than a caption it says who wrote that too.
            let (body, credit) = text.as_str().split_at(*at);
            body.chars().count() <= LONG_CAPTION || !furniture::signs_report(credit.trim())
        });
        if let Some((caption, credit)) = parts.or_else(|| credit.map(|at| cut(&text, at))) {
            // A caption is short: what stands before it and fills its last line is the body's.
            let full = (1..lines.len()).rev().find(|i| {
                lines[i - 1].end == End::Sentence && lines[*i].range.start < caption.source().end
            });
            if let Some(first) = full.filter(|_| caption.as_str().chars().count() > LONG_CAPTION) {
                self.paragraph(&lines[..first], wrapped);
                return self.paragraph(&lines[first..], wrapped);
            }
            self.drop_hyphens(lines, style);
            self.parts.dropped.push(Dropped {
                text: credit,
                reason: Reason::Credit,
            });
            if caption.is_empty() {
                self.caption_of_credit();
            } else {
                self.parts.items.push(Item::Caption(caption));
            }
            return;
        }
        self.drop_hyphens(lines, style);
        if is_signature(text.as_str())
            && let Some(byline) = byline::byline(text.as_str(), true)
        {
            let names = self.names(&text, &byline);
            self.parts.items.push(Item::Byline(Names {
                people: names,
                bracketed: true,
                marked: false,
            }));
            return;
        }
        if furniture::names_a_picture(text.as_str()) && text.len() <= LONGEST_CAPTION {
            self.parts.items.push(Item::Caption(text));
            return;
        }
        let mut paragraph = Paragraph {
            indented: lines[0].indent >= 3,
            follow_up: furniture::is_follow_up(text.as_str()),
            ..Paragraph::default()
        };
        // One at either end; more is no jump note.
        for _ in 0..2 {
            let Some(jump) = furniture::jump_within(text.as_str()) else {
                break;
            };
            self.parts.dropped.push(Dropped {
                text: trimmed(&text, jump.range.clone()),
                reason: Reason::JumpLine,
            });
            text = if jump.range.start == 0 {
                trimmed(&text, jump.range.end..text.len())
            } else {
                trimmed(&text, 0..jump.range.start)
            };
            let side = if jump.from {
                &mut paragraph.from
            } else {
                &mut paragraph.to
            };
            *side = Some(jump);
        }
        text = self.without_notes(text, &mut paragraph);
        paragraph.text = text;
        if let Some(found) = byline::dateline(head_of(paragraph.text.as_str())) {
            paragraph.byline = self.names(&paragraph.text, &found.byline);
            paragraph.is_item =
                found.text.start > 0 && !paragraph.text.as_str().starts_with(['【', '（']);
            paragraph.dateline = Some(paragraph.text.slice(found.text));
            paragraph.text = trimmed(&paragraph.text, found.end..paragraph.text.len());
        } else {
            paragraph.mark = byline::mark_of_item(paragraph.text.as_str());
        }
        if !paragraph.text.is_empty()
            || paragraph.dateline.is_some()
            || !paragraph.byline_behind.is_empty()
        {
            self.parts.items.push(Item::Paragraph(paragraph));
        }
    }

    /// A paragraph's text without what stands behind its last sentence: reporters, `（完）`.
    fn without_notes(&mut self, mut text: Traced, paragraph: &mut Paragraph) -> Traced {
        loop {
            let at = text
                .as_str()
                .rfind(['（', '('])
                .filter(|at| *at > 0 && furniture::is_bracketed(text.as_str()[*at..].trim_end()))
                .filter(|at| furniture::is_bracketed_note(text.as_str()[*at..].trim_end()));
            if let Some(at) = at {
                let (body, note) = cut(&text, at);
                self.parts.dropped.push(Dropped {
                    text: note,
                    reason: Reason::Furniture,
                });
                text = body;
                continue;
            }
            let Some((at, byline)) = byline::byline_at_end(text.as_str()) else {
                return text;
            };
            paragraph.byline_behind.extend(self.names(&text, &byline));
            text = trimmed(&text, 0..at);
        }
    }

    /// The hyphens that joining lines takes out.
    fn drop_hyphens(&mut self, lines: &[Line], style: Style) {
        if style == Style::Head {
            return;
        }
        for pair in lines.windows(2) {
            if let Some(hyphen) = heal::hyphen(self.source, &pair[0].range, &pair[1].range) {
                self.parts.dropped.push(Dropped {
                    text: Traced::of(self.source, hyphen),
                    reason: Reason::Hyphen,
                });
            }
        }
    }

    /// An author's name that stands alone between a headline and its text is a byline.
    fn bare_names(&mut self) {
        let found: Vec<(usize, Option<Byline>, bool)> = (1..self.parts.items.len())
            .filter_map(|k| {
                let (names, sure) = self.bare_names_above(k)?;
                Some((k, names, sure))
            })
            .collect();
        let named = found.iter().filter(|(.., sure)| *sure).count();
        // A paper has a habit: most articles of a page have their author there, or none has.
        if named * 2 < found.len() || named == 1 && self.is_alone(&found) {
            return;
        }
        // From the last, so that places of earlier ones stay right.
        for (k, names, _) in found.into_iter().rev() {
            let Some(names) = names else { continue };
            let Item::Headings(block) = &mut self.parts.items[k - 1] else {
                continue;
            };
            block.end -= 1;
            let line = self.lines[block.end].range.clone();
            let people = self.names(&Traced::of(self.source, line), &names);
            let byline = Item::Byline(Names {
                people,
                bracketed: false,
                marked: true,
            });
            self.parts.items.insert(k, byline);
        }
    }

    /// Whether the one name that was found is below no first heading of a page of several.
    fn is_alone(&self, found: &[(usize, Option<Byline>, bool)]) -> bool {
        let is_heading = |item: &&Item| match item {
            Item::Headings(block) => {
                let text = self.lines[block.start].text(self.source);
                furniture::enumerator(text).is_none()
            }
            _ => false,
        };
        let at = found
            .iter()
            .find(|(.., sure)| *sure)
            .map_or(0, |(k, ..)| *k);
        let (above, all) = (&self.parts.items[..at], &self.parts.items);
        above.iter().filter(is_heading).count() > 1 && all.iter().filter(is_heading).count() > 2
    }

    /// The names that stand alone below the headings above item `k`, where those are several lines right
    /// above a paragraph, and whether they are no words either.
    fn bare_names_above(&self, k: usize) -> Option<(Option<Byline>, bool)> {
        let (Item::Headings(block), Item::Paragraph(p)) =
            (&self.parts.items[k - 1], &self.parts.items[k])
        else {
            return None;
        };
        if p.dateline.is_some() || block.len() < 2 {
            return None;
        }
        let last = block.end - 1;
        let line = &self.lines[last];
        let text = line.text(self.source);
        let head = self.lines[block.start..last].iter().map(|l| l.width).max();
        let names = byline::bare_names(text).filter(|_| {
            line.size <= self.lines[last - 1].size
                && (head > Some(line.width) || line.width <= LONGEST_NAME)
                && self.lines[last - 1].splits_word != Some(true)
        });
        let sure = names.is_some() && is_no_word(text);
        Some((names, sure))
    }
}

fn is_han_pair((a, b): (char, char)) -> bool {
    is_han(a) && is_han(b)
}

/// The Chinese characters on both sides of a line end.
fn join_of(above: &str, below: &str) -> Option<(char, char)> {
    lexicon::across(above, below).filter(|&pair| is_han_pair(pair))
}

/// How many of these line ends fall within words.
fn joins(pairs: impl Iterator<Item = (char, char)>) -> Joins {
    pairs.fold(Joins::default(), |joins, (a, b)| Joins {
        known: joins.known + usize::from(lexicon::is_within_word(a, b)),
        all: joins.all + 1,
    })
}

/// Whether a text is reporters in brackets and nothing else.
fn is_signature(text: &str) -> bool {
    furniture::is_bracketed(text)
        && byline::byline(text, true).is_some_and(|b| b.bracketed && !b.names.is_empty())
}

/// Whether names that stand alone are no words, so that they must be somebody's: no word of the
/// dictionary begins as one of them does.
fn is_no_word(names: &str) -> bool {
    let begins = |name: &str| {
        let mut chars = name.chars();
        chars.next().zip(chars.next())
    };
    let mut words = names.split_whitespace().map(begins);
    // One character is half of a name that was set with a space inside.
    words.clone().any(|pair| pair.is_none())
        || words.all(|pair| pair.is_some_and(|(a, b)| !lexicon::is_within_word(a, b)))
}

/// Whether what might be names are words, each of them, as in the name of a series: `文化周刊`.
fn is_words(text: &str, names: &[Range<usize>]) -> bool {
    names.iter().all(|name| !is_no_word(&text[name.clone()]))
}

/// A date in full is no byline's: `2031年4月3日 云州日报 记者 陆明` is a line about an article.
fn is_dated(text: &str) -> bool {
    furniture::stated_date(text).is_some()
}

/// Stretches of lines that are text.
fn runs_of_text(kinds: &[LineKind], lines: &[Line]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    let mut skip = 0;
    for (i, kind) in kinds.iter().enumerate() {
        if let LineKind::Feature(lines) | LineKind::Caption(lines) = kind {
            skip = i + lines;
        }
        if lines[i].begins_part {
            runs.extend(start.take().map(|start| start..i));
        }
        if matches!(kind, LineKind::Text) && i >= skip {
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
    if text.len() <= LONGEST_DATELINE {
        return text;
    }
    let end = text
        .char_indices()
        .nth(LONGEST_DATELINE)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Where the photo credit of a text begins.
fn credit_of(text: &Traced) -> Option<usize> {
    let text = text.as_str();
    let tail = text.char_indices().rev().nth(80).map_or(0, |(at, _)| at);
    byline::credit(&text[tail..]).map(|at| tail + at)
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
