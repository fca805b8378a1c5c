//! A page to articles.
//!
//! Comes in: source text. Goes out: a [`Page`]. An article begins at a byline or a dateline;
//! headlines and captions that stray go to the article whose words they share. Never reorders
//! text within a paragraph, never loses a character.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use super::furniture::{self, PageHead};
use super::heal::{self, Style};
use super::line::{self, End, Line};
use super::overlap::Words;
use super::reflow::{self, Hint, Kind, Run, Unit};
use super::{Article, Dropped, Page, Reason, Subhead};
use crate::text::Traced;

pub(super) fn split(source: &str, name: Option<&Path>) -> Page {
    let lines = line::lines(source);
    let mut page = Page::default();
    let items = Reader {
        source,
        lines: &lines,
        wrapped: reflow::is_wrapped(&lines),
        indented: is_indented(&lines),
        page: &mut page,
    }
    .items();
    if let Some(name) = name.and_then(|n| n.file_stem()).and_then(|n| n.to_str()) {
        page.date = page.date.take().or_else(|| furniture::stated_date(name));
        page.paper = page.paper.take().or_else(|| furniture::paper_name(name));
    }
    assemble(items, &mut page);
    page
}

/// Whether first lines of paragraphs still have their indent.
fn is_indented(lines: &[Line]) -> bool {
    let indented = lines.iter().filter(|l| (3..=9).contains(&l.indent)).count();
    indented * 30 > lines.len() && indented * 10 < lines.len() * 9
}

/// A part of the page, in source order.
enum Item {
    Paragraph(Paragraph),
    /// A headline, kicker or subhead.
    Heading(Traced),
    Byline(Vec<Traced>),
    Caption(Traced),
}

struct Paragraph {
    text: Traced,
    dateline: Option<Traced>,
    byline: Vec<Traced>,
    follow_up: bool,
}

/// What a line is when it is looked at alone.
enum LineKind {
    Text,
    Byline(furniture::Byline),
    PageHead(PageHead),
    Jump,
    Editors,
}

struct Reader<'a> {
    source: &'a str,
    lines: &'a [Line],
    wrapped: bool,
    indented: bool,
    page: &'a mut Page,
}

impl Reader<'_> {
    fn items(mut self) -> Vec<Item> {
        let kinds = self.line_kinds();
        let lines = self.lines;
        let hints: Vec<Hint> = (0..lines.len()).map(|i| self.hint(lines, i)).collect();
        let runs: Vec<Range<usize>> = runs_of_text(&kinds);
        let units = if self.wrapped {
            let runs: Vec<Run> = runs
                .iter()
                .map(|run| Run {
                    lines: &lines[run.clone()],
                    hints: &hints[run.clone()],
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
                self.text(&lines[run], units, &mut items);
            }
            self.furniture(i, kind, &mut items);
        }
        items
    }

    fn line_kinds(&self) -> Vec<LineKind> {
        let last = self.lines.len();
        let mut kinds: Vec<LineKind> = Vec::with_capacity(last);
        for (i, line) in self.lines.iter().enumerate() {
            let text = line.text(self.source);
            let edge = i < 4 || i + 4 >= last;
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
                furniture::byline(text, after_byline).filter(|_| furniture::credit(text).is_none())
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

    /// Lines between two pieces of furniture, as units.
    fn text(&mut self, lines: &[Line], units: Vec<Unit>, items: &mut Vec<Item>) {
        let mut units = units.into_iter().peekable();
        while let Some(unit) = units.next() {
            match unit.kind {
                Kind::Paragraph => self.paragraph(&lines[unit.lines], items),
                Kind::Display => {
                    let mut block = unit.lines;
                    while let Some(next) = units.next_if(|u| u.kind == Kind::Display) {
                        block.end = next.lines.end;
                    }
                    items.extend(self.headings(&lines[block]).into_iter().map(Item::Heading));
                }
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

    fn hint(&self, lines: &[Line], i: usize) -> Hint {
        let line = &lines[i];
        let text = line.text(self.source);
        if line.width > 200 {
            return Hint::default();
        }
        let begins = furniture::is_follow_up(text)
            || text.starts_with(['本', '新', '中', '据', '人', '法', '路', '央']) && {
                let two = match lines.get(i + 1) {
                    Some(next) => &self.source[line.range.start..next.range.end],
                    _ => text,
                };
                furniture::dateline(head_of(two)).is_some()
            };
        let credit = |text: &str| line.end == End::Word && furniture::credit(text).is_some();
        let ends_alone = credit(text);
        let continues = !ends_alone
            && line.width <= 24
            && i > 0
            && lines[i - 1].width <= 200
            && text.ends_with(['摄', '图', '绘', '）', '影'])
            && credit(&self.unbroken(i - 1));
        Hint {
            begins,
            may_begin: furniture::is_attendance(text),
            continues,
            ends: ends_alone || continues,
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
            let (caption, credit) = cut(&text, at);
            self.page.dropped.push(Dropped {
                text: credit,
                reason: Reason::Credit,
            });
            if !caption.is_empty() {
                items.push(Item::Caption(caption));
            } else if let Some(Item::Paragraph(_) | Item::Heading(_)) = items.last() {
                match items.pop() {
                    Some(Item::Paragraph(p)) if p.dateline.is_none() && p.text.len() <= 450 => {
                        items.push(Item::Caption(p.text));
                    }
                    Some(Item::Heading(h)) => items.push(Item::Caption(h)),
                    Some(other) => items.push(other),
                    None => {}
                }
            }
            return;
        }
        while let Some(jump) = furniture::jump_within(text.as_str()) {
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
            paragraph.dateline = Some(paragraph.text.slice(found.dateline));
            paragraph.text = trimmed(&paragraph.text, found.end..paragraph.text.len());
        }
        if !paragraph.text.is_empty() || paragraph.dateline.is_some() {
            items.push(Item::Paragraph(paragraph));
        }
    }

    /// Set-apart lines to headings: which of them are one heading, wrapped.
    fn headings(&self, lines: &[Line]) -> Vec<Traced> {
        let mut headings = Vec::new();
        let mut start = 0;
        for i in 1..=lines.len() {
            if i < lines.len() && self.is_one_heading(lines, i) {
                continue;
            }
            let ranges = lines[start..i].iter().map(|l| l.range.clone());
            headings.push(heal::join(self.source, ranges, Style::Head));
            start = i;
        }
        headings
    }

    /// Whether line `i` goes on with the heading of line `i - 1`.
    fn is_one_heading(&self, lines: &[Line], i: usize) -> bool {
        let (a, b) = (&lines[i - 1], &lines[i]);
        let (above, below) = (a.text(self.source), b.text(self.source));
        if below.starts_with("——") || below.starts_with('□') {
            return false;
        }
        if b.bad_start || matches!(a.end, End::Open | End::Comma) || open_brackets(above) {
            return true;
        }
        // All lines of a wrapped heading but the last fill its measure.
        if a.width + 3 < b.width || above.ends_with(KICKER_ENDS) {
            return false;
        }
        let mut joined = 0.0;
        if above.ends_with(NO_HEADING_ENDS) {
            joined += 3.0;
        }
        if b.width <= 8 && a.width >= 2 * b.width {
            joined += 2.0;
        }
        if a.open_end {
            joined += 1.0;
        }
        if a.width.abs_diff(b.width) <= 1 {
            joined += 0.5;
        }
        let (last, first) = (above.chars().next_back(), below.chars().next());
        if let (Some(last), Some(first)) = (last, first) {
            let across: String = [last, first].into_iter().collect();
            if line::is_han(last) && line::is_han(first) && self.source.contains(&across) {
                joined += 2.0;
            }
        }
        joined >= 1.0
    }
}

/// Stretches of lines that are text.
fn runs_of_text(kinds: &[LineKind]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (i, kind) in kinds.iter().enumerate() {
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

/// Characters that no headline ends with.
const NO_HEADING_ENDS: [char; 20] = [
    '的', '和', '与', '在', '以', '将', '为', '对', '从', '被', '把', '及', '向', '让', '使', '由',
    '于', '至', '或', '是',
];

/// Ends of the kicker that says on what occasion the headline was said.
const KICKER_ENDS: &[char] = &['：', ':'];

/// Whether a quote or bracket is opened and not closed.
fn open_brackets(text: &str) -> bool {
    let depth = text.chars().fold(0_i32, |depth, c| match c {
        '“' | '《' | '（' | '「' | '【' | '(' => depth + 1,
        '”' | '》' | '）' | '」' | '】' | ')' => (depth - 1).max(0),
        _ => depth,
    });
    depth > 0
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

/// Items to articles.
fn assemble(items: Vec<Item>, page: &mut Page) {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut loose: Vec<Loose> = Vec::new();
    let mut fresh = false;
    let mut items = items.into_iter().peekable();
    while let Some(item) = items.next() {
        match item {
            Item::Byline(names) => {
                if !fresh {
                    drafts.push(Draft::default());
                    fresh = true;
                }
                let draft = drafts.last_mut().expect("just begun");
                draft.article.byline.extend(names);
                draft.marked = true;
            }
            Item::Paragraph(p) => {
                let again = p.dateline.is_some()
                    && drafts.last().is_some_and(|d| {
                        d.article.dateline.is_some() || !d.article.paragraphs.is_empty()
                    });
                if drafts.is_empty() || again && !fresh {
                    drafts.push(Draft::default());
                }
                fresh = false;
                let article = &mut drafts.last_mut().expect("just begun").article;
                if article.dateline.is_none() {
                    article.dateline = p.dateline;
                } else if let Some(dateline) = p.dateline {
                    page.dropped.push(Dropped {
                        text: dateline,
                        reason: Reason::Label,
                    });
                }
                article.byline.extend(p.byline);
                article.follow_up |= p.follow_up;
                if !p.text.is_empty() {
                    article.paragraphs.push(p.text);
                }
            }
            Item::Heading(text) => {
                let mut group = vec![text];
                while let Some(Item::Heading(_)) = items.peek() {
                    if let Some(Item::Heading(text)) = items.next() {
                        group.push(text);
                    }
                }
                let before_body =
                    matches!(items.peek(), Some(Item::Paragraph(p)) if p.dateline.is_none());
                let within = drafts
                    .last()
                    .is_some_and(|d| !d.article.paragraphs.is_empty());
                if before_body && within && !fresh && group.len() == 1 {
                    let article = &mut drafts.last_mut().expect("within an article").article;
                    article.subheads.push(Subhead {
                        before: article.paragraphs.len(),
                        text: group.remove(0),
                    });
                } else {
                    if before_body && within && !fresh {
                        drafts.push(Draft::default());
                        fresh = true;
                    }
                    let next = if fresh {
                        drafts.len() - 1
                    } else {
                        drafts.len()
                    };
                    loose.push(Loose {
                        gap: next,
                        headings: group,
                    });
                }
            }
            Item::Caption(text) => match drafts.last_mut() {
                Some(draft) => draft.article.captions.push(text),
                None => {
                    drafts.push(Draft::default());
                    drafts[0].article.captions.push(text);
                }
            },
        }
    }
    attach(&mut drafts, loose, page);
    for (i, draft) in drafts.into_iter().enumerate() {
        let mut article = draft.article;
        article.id = (i + 1).to_string();
        article.confidence = confidence(&article, draft.marked);
        page.articles.push(article);
    }
}

#[derive(Default)]
struct Draft {
    article: Article,
    /// Begins at a byline.
    marked: bool,
}

/// Headings that stand together, before draft `gap`.
struct Loose {
    gap: usize,
    headings: Vec<Traced>,
}

/// Gives each article the headings that speak of it.
fn attach(drafts: &mut [Draft], loose: Vec<Loose>, page: &mut Page) {
    let words: Vec<Words> = drafts
        .iter()
        .map(|d| Words::of(&d.article.paragraphs))
        .collect();
    let rarity = Words::rarity(&words);
    let mut taken: HashSet<usize> = HashSet::new();
    for Loose { gap, headings } in loose {
        // Every way to cut the headings into groups of neighbours, each for another article.
        let n = headings.len().min(12);
        let score = |range: Range<usize>, article: usize| -> f64 {
            let last = range.end - 1;
            let main = (range.start..range.end)
                .rev()
                .find(|i| !headings[*i].as_str().starts_with("——"))
                .unwrap_or(last);
            let near = if article == gap {
                0.25
            } else if article + 1 == gap {
                0.15
            } else {
                0.0
            };
            let own: f64 = rarity.share(headings[main].as_str(), &words[article]);
            let others: f64 = range
                .clone()
                .filter(|i| *i != main)
                .map(|i| 0.5 * rarity.share(headings[i].as_str(), &words[article]))
                .sum();
            own + near + others - 0.2
        };
        let mut best: Vec<(f64, Vec<(Range<usize>, usize)>)> = vec![(0.0, Vec::new())];
        for end in 1..=n {
            let mut choice = (f64::NEG_INFINITY, Vec::new());
            for start in 0..end {
                let (before, groups) = &best[start];
                for article in 0..drafts.len() {
                    if taken.contains(&article) || groups.iter().any(|(_, a)| *a == article) {
                        continue;
                    }
                    let total = before + score(start..end, article);
                    if total > choice.0 {
                        let mut groups = groups.clone();
                        groups.push((start..end, article));
                        choice = (total, groups);
                    }
                }
            }
            best.push(choice);
        }
        let (_, groups) = best.swap_remove(n);
        let mut headings: Vec<Option<Traced>> = headings.into_iter().map(Some).collect();
        for (range, article) in groups {
            taken.insert(article);
            let group: Vec<Traced> = headings[range]
                .iter_mut()
                .filter_map(Option::take)
                .collect();
            set_headings(&mut drafts[article].article, group);
        }
        page.dropped
            .extend(headings.into_iter().flatten().map(|text| Dropped {
                text,
                reason: Reason::Stray,
            }));
    }
}

/// Kickers, headline and sub-headline of one group, top to bottom.
fn set_headings(article: &mut Article, mut group: Vec<Traced>) {
    if group.len() > 1 && group.last().is_some_and(|t| t.as_str().starts_with("——")) {
        article.subheadline = group.pop();
    }
    article.headline = group.pop();
    article.kicker = group;
}

fn confidence(article: &Article, marked: bool) -> f64 {
    let ends = article
        .paragraphs
        .iter()
        .filter(|p| line::end_of(p.as_str()) == End::Sentence)
        .count();
    let whole = ends as f64 / article.paragraphs.len().max(1) as f64;
    let begun = if marked || article.dateline.is_some() {
        1.0
    } else {
        0.6
    };
    let headed = if article.headline.is_some() { 1.0 } else { 0.8 };
    whole * begun * headed
}
