//! Characters with positions to lines in reading order.
//!
//! Comes in: the glyphs of one page, as they were drawn. Goes out: a [`Plain`] text of set lines:
//! columns one after another, first lines of paragraphs indented as on the page, larger lines known
//! as headings with their size. Text that runs downwards or is turned is read as its lines run,
//! behind the text that most of the page is set in. Never decides what is an article.

use std::collections::BTreeMap;

use hayro_interpret::kurbo::{Point, Rect};

use crate::page::furniture;
use crate::page::line::{cells, forbidden_at_end, forbidden_at_start};
use crate::page::read::plain::Plain;

/// A character on a page. Coordinates run rightwards and downwards, in points.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    pub x: f64,
    /// Its baseline.
    pub y: f64,
    /// Size of its font.
    pub size: f64,
    /// How far the next character stands, where its font says so.
    pub advance: Option<f64>,
    pub direction: Direction,
    pub text: String,
}

/// Which way lines run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Direction {
    /// Downwards, the next line to the left.
    vertical: bool,
    /// How far the page has to be turned to be read, in steps of [`TURN`].
    turn: i16,
}

/// Text that is turned by less than half of this is not turned, in radians.
const TURN: f64 = std::f64::consts::PI / 36.0;

impl Direction {
    /// `angle` is that of the baseline, clockwise, in radians.
    pub(super) fn new(angle: f64, vertical: bool) -> Self {
        Self {
            vertical,
            turn: (angle / TURN).round() as i16,
        }
    }

    /// The glyph where it is once the page is turned so that its lines run rightwards.
    fn level(self, glyph: &mut Glyph) {
        if self.turn != 0 {
            let (sin, cos) = (f64::from(self.turn) * TURN).sin_cos();
            let (x, y) = (glyph.x, glyph.y);
            (glyph.x, glyph.y) = (x * cos + y * sin, y * cos - x * sin);
        }
        if self.vertical {
            let (x, y) = (glyph.x, glyph.y);
            // Characters of any width stand on the middle of their line.
            let half = (glyph.end() - glyph.x) / 2.0;
            (glyph.x, glyph.y) = (
                y - ASCENT * glyph.size,
                (0.5 - DESCENT) * glyph.size - half - x,
            );
        }
    }
}

/// How far a Chinese character reaches above its baseline and below it, in ems.
const ASCENT: f64 = 0.88;
const DESCENT: f64 = 0.12;

impl Glyph {
    /// Where its ink begins: of opening punctuation only the right half is ink.
    fn left(&self) -> f64 {
        let opening = self.text.starts_with(forbidden_at_end);
        self.x + if opening { self.size / 2.0 } else { 0.0 }
    }

    /// Where the next character would stand, near enough.
    fn end(&self) -> f64 {
        if let Some(advance) = self.advance.filter(|_| self.is_latin()) {
            return self.x + advance;
        }
        let width: u32 = self.text.chars().map(cells).sum();
        self.x + self.size * f64::from(width) / 2.0
    }

    /// Where its ink ends, near enough: Chinese is one em wide, Latin half an em; of closing
    /// punctuation only the left half is ink, the rest may hang into the gutter.
    fn right(&self) -> f64 {
        if self.text.starts_with(|c| forbidden_at_start(c) || c == '·') {
            self.x + self.size / 2.0
        } else {
            self.end()
        }
    }

    /// Latin letters and digits differ in width.
    fn is_latin(&self) -> bool {
        self.text.chars().all(|c| c.is_ascii_graphic())
    }

    /// White space between it and what stands to its right: between the inks, because half of
    /// full-width punctuation is white; but none where the boxes of two such halves are as near as
    /// those of other characters of the row (`：“`).
    fn gap_to(&self, next: &Self, usual: f64) -> f64 {
        let between_boxes = next.x - self.end();
        let between_inks = next.left() - self.right();
        if (between_boxes - usual).abs() < BOXES_TOUCH * self.size.max(next.size)
            && between_inks <= 1.1 * self.size + usual.max(0.0)
        {
            between_boxes
        } else {
            between_inks
        }
    }

    /// Whether white space of this width before `next` is a space between words.
    fn is_space(&self, gap: f64, next: &Self) -> bool {
        let words = self.is_latin() && next.is_latin();
        if words && self.advance.is_some() {
            return gap > WORD_SPACE * self.size;
        }
        let latin = self.text.chars().all(|c| c.is_ascii_alphanumeric());
        // Latin letters differ in width, closing punctuation has half an em of its own.
        gap > if latin { 0.5 } else { 0.6 } * self.size
    }
}

/// Boxes of two characters that are nearer than this, in ems, touch.
const BOXES_TOUCH: f64 = 0.25;
/// Latin words stand at least so far apart, in ems, where the font says how wide letters are. A
/// fifth to a third of an em is usual; letters of one word are spaced out by less.
const WORD_SPACE: f64 = 0.15;

/// Characters that stand beside one another, or (a headline at the side) below one another.
#[derive(Clone, Debug)]
struct SetLine {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    size: f64,
    text: String,
    /// White space within: from, to, and where in the text.
    gaps: Vec<(f64, f64, usize)>,
}

impl SetLine {
    fn new(glyph: &Glyph) -> Self {
        Self {
            left: glyph.left(),
            right: glyph.right(),
            top: glyph.y - ASCENT * glyph.size,
            bottom: glyph.y + DESCENT * glyph.size,
            size: glyph.size,
            text: glyph.text.clone(),
            gaps: Vec::new(),
        }
    }

    /// Cuts off what stands behind one of its gaps.
    fn cut_at(&mut self, gap: usize) -> Self {
        let (from, to, at) = self.gaps[gap];
        let behind = Self {
            left: to,
            text: self.text.split_off(at).trim_start().to_owned(),
            gaps: Vec::new(),
            ..self.clone()
        };
        self.right = from;
        self.gaps.truncate(gap);
        behind
    }
}

/// White space wider than this (in ems of the text) parts two columns.
const GUTTER: f64 = 0.75;
/// So may narrower white space (in ems of a headline) between two headlines, if text below leaves
/// it free too.
const NARROW_GUTTER: f64 = 0.3;
/// A line is a heading from this multiple of the body's size on.
const HEADING: f64 = 1.15;
/// More lines than this are no page that somebody reads: they are taken from top to bottom.
const MOST_LINES: usize = 20_000;

/// Appends a page's text: what stands in its boxes comes behind the rest, each box a part of its own.
pub(super) fn append_page(mut glyphs: Vec<Glyph>, boxes: &[Rect], plain: &mut Plain) {
    glyphs.retain(|g| g.size > 0.5 && g.x.is_finite() && g.y.is_finite() && g.size.is_finite());
    let (glyphs, boxed) = in_boxes(glyphs, boxes);
    append_part(glyphs, plain);
    for part in boxed {
        plain.begin_part();
        for glyphs in part {
            append_part(glyphs, plain);
        }
    }
}

/// Glyphs outside all boxes, and those of each box that holds text. A box that holds most of the page,
/// or less than a line or two, is none; of nested ones the innermost counts.
fn in_boxes(glyphs: Vec<Glyph>, boxes: &[Rect]) -> (Vec<Glyph>, Vec<Vec<Vec<Glyph>>>) {
    let holds =
        |b: &Rect, g: &Glyph| b.contains(Point::new(g.x + 0.3 * g.size, g.y - 0.3 * g.size));
    let held = |b: &Rect| glyphs.iter().filter(|g| holds(b, g)).count();
    let counted: Vec<(&Rect, usize)> = boxes
        .iter()
        .map(|b| (b, held(b)))
        .filter(|(_, count)| *count > 0 && count * 2 < glyphs.len())
        .collect();
    // A box that columns cut in two: the lower part in one column, the rest above in the next.
    let goes_on =
        |a: &Rect, b: &Rect| (a.width() - b.width()).abs() < 1.0 && b.x0 >= a.x1 && b.y0 < a.y0;
    let is_box = |b: &Rect, count: usize| {
        count >= FEWEST_IN_BOX
            || counted.iter().any(|(other, n)| {
                n + count >= FEWEST_IN_BOX && (goes_on(b, other) || goes_on(other, b))
            })
    };
    let mut sorted: Vec<Rect> = counted
        .iter()
        .filter(|(b, count)| is_box(b, *count))
        .map(|(b, _)| **b)
        .collect();
    if sorted.is_empty() {
        return (glyphs, Vec::new());
    }
    sorted.sort_by(|a, b| a.area().total_cmp(&b.area()));
    let mut boxed: Vec<Vec<Glyph>> = vec![Vec::new(); sorted.len()];
    let mut outside = Vec::new();
    for glyph in glyphs {
        match sorted.iter().position(|b| holds(b, &glyph)) {
            Some(i) => boxed[i].push(glyph),
            None => outside.push(glyph),
        }
    }
    let mut boxed: Vec<(Rect, Vec<Glyph>)> = sorted
        .into_iter()
        .zip(boxed)
        .filter(|(_, glyphs)| !glyphs.is_empty())
        .collect();
    boxed.sort_by(|(a, _), (b, _)| a.x0.total_cmp(&b.x0).then(a.y0.total_cmp(&b.y0)));
    let mut parts: Vec<(Rect, Vec<Vec<Glyph>>)> = Vec::new();
    for (bounds, glyphs) in boxed {
        match parts.iter_mut().find(|(last, _)| goes_on(last, &bounds)) {
            Some((last, part)) => {
                *last = bounds;
                part.push(glyphs);
            }
            None => parts.push((bounds, vec![glyphs])),
        }
    }
    (outside, parts.into_iter().map(|(_, part)| part).collect())
}

/// Fewer characters in a rectangle are no box of text: a mark behind a headline, a cell.
const FEWEST_IN_BOX: usize = 20;

/// One part of a page: its text in reading order.
fn append_part(glyphs: Vec<Glyph>, plain: &mut Plain) {
    let mut directions: BTreeMap<Direction, Vec<Glyph>> = BTreeMap::new();
    for mut glyph in glyphs {
        let direction = glyph.direction;
        direction.level(&mut glyph);
        directions.entry(direction).or_default().push(glyph);
    }
    let mut parts: Vec<Vec<SetLine>> = directions.into_values().map(set_lines).collect();
    parts.sort_by_key(|lines| std::cmp::Reverse(lines.iter().map(|l| l.text.len()).sum::<usize>()));
    let body = body_size(parts.iter().flatten());
    for mut lines in parts {
        part_headlines(&mut lines, body);
        let (heads, feet) = running_heads(&mut lines, body);
        let mut regions = heads;
        if lines.len() > MOST_LINES {
            regions.push(lines);
        } else {
            in_reading_order(lines, body, &mut regions, 0);
        }
        regions.extend(feet);
        for region in regions {
            append_region(&region, body, plain);
        }
        plain.blank_line();
    }
}

/// Rows that are looked at from either end of a page for its running head and foot.
const HEAD_ROWS: usize = 3;

/// Takes the running head and foot off a page, so that their parts do not fall into its columns: rows
/// at its top and bottom in which every part is a page head's.
fn running_heads(lines: &mut Vec<SetLine>, em: f64) -> (Vec<Vec<SetLine>>, Vec<Vec<SetLine>>) {
    let mut heads = Vec::new();
    let mut feet = Vec::new();
    for (taken, at_top) in [(&mut heads, true), (&mut feet, false)] {
        for _ in 0..HEAD_ROWS {
            let edge = |l: &SetLine| if at_top { l.top } else { -l.bottom };
            let Some(first) = lines.iter().min_by(|a, b| edge(a).total_cmp(&edge(b))) else {
                break;
            };
            let (top, bottom) = (first.top - 0.5 * em, first.bottom + 0.5 * em);
            let is_row = |l: &SetLine| {
                let middle = f64::midpoint(l.top, l.bottom);
                (top..bottom).contains(&middle)
            };
            let is_head = |l: &SetLine| furniture::page_head(l.text.trim(), true).is_some();
            let row: Vec<&SetLine> = lines.iter().filter(|l| is_row(l)).collect();
            if !row.iter().all(|l| is_head(l)) || row.len() == lines.len() {
                break;
            }
            let (mut row, rest): (Vec<SetLine>, Vec<SetLine>) = lines.drain(..).partition(is_row);
            *lines = rest;
            row.sort_by(|a, b| a.left.total_cmp(&b.left));
            taken.push(row);
        }
    }
    feet.reverse();
    (heads, feet)
}

/// The size that most characters have.
fn body_size<'l>(lines: impl Iterator<Item = &'l SetLine>) -> f64 {
    let mut sizes: Vec<(f64, usize)> = lines
        .map(|line| (line.size, line.text.chars().count()))
        .collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sizes.iter().map(|s| s.1).sum::<usize>() / 2;
    let mut seen = 0;
    sizes
        .iter()
        .find(|(_, count)| {
            seen += count;
            seen > half
        })
        .map_or(10.0, |(size, _)| *size)
}

/// Glyphs to lines: on one baseline, of one size, without a gutter between.
fn set_lines(mut glyphs: Vec<Glyph>) -> Vec<SetLine> {
    // Baselines that differ by less than a fifth of the size are one; drawing order breaks ties.
    glyphs.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut rows: Vec<Vec<Glyph>> = Vec::new();
    for glyph in glyphs {
        match rows
            .last_mut()
            .and_then(|row| row.last().map(|g| (g.y, g.size)))
        {
            Some((y, size)) if glyph.y - y <= 0.2 * size.min(glyph.size) => {
                if let Some(row) = rows.last_mut() {
                    row.push(glyph);
                }
            }
            _ => rows.push(vec![glyph]),
        }
    }
    let mut lines = Vec::new();
    for mut row in rows {
        row.sort_by(|a, b| a.x.total_cmp(&b.x));
        let spaced = letter_spaced(&row);
        let usual = usual_gap(&row);
        let mut open: Option<(SetLine, Glyph)> = None;
        for (i, glyph) in row.into_iter().enumerate() {
            if let Some((line, last)) = &mut open {
                let gap = if spaced[i] {
                    0.0
                } else {
                    last.gap_to(&glyph, usual)
                };
                let em = last.size.max(glyph.size);
                let printed_twice = glyph.text == last.text && (glyph.x - last.x).abs() < 0.2 * em;
                if printed_twice {
                    continue;
                }
                let same_size = (glyph.size - last.size).abs() < 0.15 * em;
                if gap < GUTTER * em && (same_size || gap < 0.2 * em) {
                    let (from, to) = (last.end(), glyph.x);
                    if to - from > NARROW_GUTTER * em && !spaced[i] {
                        line.gaps.push((from, to, line.text.len()));
                    }
                    if last.is_space(gap, &glyph) && !line.text.ends_with(' ') && glyph.text != " "
                    {
                        line.text.push(' ');
                    }
                    line.text.push_str(&glyph.text);
                    line.right = glyph.right().max(line.right);
                    *last = glyph;
                    continue;
                }
            }
            let line = SetLine::new(&glyph);
            lines.extend(open.replace((line, glyph)).map(|(line, _)| line));
        }
        lines.extend(open.map(|(line, _)| line));
    }
    lines.retain(|line| !line.text.trim().is_empty());
    stacked(lines)
}

/// The white space between the boxes of most neighbours of a row: justification widens them all.
fn usual_gap(row: &[Glyph]) -> f64 {
    let between = |pair: &[Glyph]| pair[1].x - pair[0].end();
    let mut gaps: Vec<f64> = row
        .windows(2)
        .filter(|pair| pair.iter().all(|g| !g.is_latin()))
        .map(between)
        .collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(0.0)
}

/// For each character of a row whether it stands as far from the one before as letter-spacing has it:
/// at least four characters at one pitch, none of them beside another.
fn letter_spaced(row: &[Glyph]) -> Vec<bool> {
    let mut spaced = vec![false; row.len()];
    let pitch = |i: usize| row[i + 1].x - row[i].x;
    let alike = |i: usize| {
        (row[i].size - row[i + 1].size).abs() < 0.05 * row[i].size
            && row[i].text.chars().count() == 1
            && pitch(i) > LETTER_SPACED * row[i].size
            && pitch(i) < 4.0 * row[i].size
    };
    let mut from = 0;
    while from + 1 < row.len() {
        let mut end = from;
        while end + 1 < row.len()
            && alike(end)
            && (pitch(end) - pitch(from)).abs() < 0.1 * row[end].size
        {
            end += 1;
        }
        if end - from >= 3 {
            spaced[from + 1..=end].fill(true);
        }
        from = end.max(from + 1);
    }
    // A row so short that none are three: where no two are beside one another.
    let is_wide = |i: usize| !row[i].is_latin() && !row[i + 1].is_latin();
    let pairs = || (0..row.len().saturating_sub(1)).filter(|i| is_wide(*i));
    if !spaced.contains(&true) && pairs().count() >= 2 && pairs().all(alike) {
        pairs().for_each(|i| spaced[i + 1] = true);
    }
    // Digits and Latin letters of the same line stand as far apart, at a pitch of their own.
    let spaces = (1..row.len()).filter(|i| spaced[*i]);
    let widest = spaces
        .map(|i| row[i].x - row[i - 1].end())
        .fold(0.0, f64::max);
    for i in 1..row.len() {
        let same_size = (row[i].size - row[i - 1].size).abs() < 0.05 * row[i].size;
        spaced[i] |=
            widest > 0.0 && same_size && row[i].x - row[i - 1].end() < widest + 0.1 * row[i].size;
    }
    spaced
}

/// Characters further apart than this, in ems from one to the next, are letter-spaced.
const LETTER_SPACED: f64 = 1.3;

/// Cuts headlines of articles that stand side by side: where the columns below them part.
fn part_headlines(lines: &mut Vec<SetLine>, em: f64) {
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        if line.gaps.is_empty() || line.size < HEADING * em {
            at += 1;
            continue;
        }
        let below: Vec<&SetLine> = lines
            .iter()
            .filter(|l| l.size < HEADING * em)
            .filter(|l| (line.bottom..line.bottom + COLUMN_BELOW * em).contains(&l.top))
            .filter(|l| l.left < line.right && l.right > line.left)
            .collect();
        // From right to left, so that what is left keeps its gaps.
        let gutter = line.gaps.iter().rposition(|(from, to, _)| {
            to - from >= GUTTER * em
                && below.iter().any(|l| l.right <= from + em / 2.0)
                && below.iter().any(|l| l.left >= to - em / 2.0)
                && below
                    .iter()
                    .all(|l| l.right <= from + em / 2.0 || l.left >= to - em / 2.0)
        });
        match gutter {
            Some(gap) => {
                let behind = lines[at].cut_at(gap);
                lines.push(behind);
            }
            None => at += 1,
        }
    }
}

/// How far below a headline its columns are looked at, in ems.
const COLUMN_BELOW: f64 = 8.0;

/// Fewer characters below one another are no line that runs downwards.
const SHORTEST_STACK: usize = 4;

/// Characters that stand alone, further up the page, that another is compared with.
const OPEN_STACKS: usize = 64;

/// Joins characters that stand alone, one below the other: a headline at the side of its article.
fn stacked(lines: Vec<SetLine>) -> Vec<SetLine> {
    let is_single = |line: &SetLine| line.text.chars().count() == 1;
    let (mut singles, mut others): (Vec<_>, Vec<_>) = lines.into_iter().partition(is_single);
    singles.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut stacks: Vec<Vec<SetLine>> = Vec::new();
    for line in singles {
        let open = stacks.iter_mut().rev().take(OPEN_STACKS).find(|stack| {
            let last = &stack[stack.len() - 1];
            let middle = |l: &SetLine| f64::midpoint(l.left, l.left + l.size);
            (middle(last) - middle(&line)).abs() < 0.3 * line.size
                && (last.size - line.size).abs() < 0.1 * line.size
                && (0.8..2.0).contains(&((line.top - last.top) / line.size))
        });
        match open {
            Some(stack) => stack.push(line),
            None => stacks.push(vec![line]),
        }
    }
    let mut columns: Vec<SetLine> = Vec::new();
    stacks.sort_by(|a, b| a[0].left.total_cmp(&b[0].left));
    for stack in stacks {
        if stack.len() < SHORTEST_STACK {
            others.extend(stack);
            continue;
        }
        let column = SetLine {
            bottom: stack[stack.len() - 1].bottom,
            right: stack[0].left + stack[0].size,
            text: stack.iter().map(|line| line.text.as_str()).collect(),
            ..stack[0].clone()
        };
        // The next line stands to the left.
        match columns.last_mut().filter(|before| {
            (before.size - column.size).abs() < 0.1 * column.size
                && (before.top - column.top).abs() < column.size
                && (0.0..1.5 * column.size).contains(&(column.left - before.right))
        }) {
            Some(before) => {
                before.right = column.right;
                before.bottom = before.bottom.max(column.bottom);
                before.text.insert_str(0, &column.text);
            }
            None => columns.push(column),
        }
    }
    others.extend(columns);
    others
}

/// Cuts a region by white space until none is left to cut by (recursive XY cut), top to bottom and
/// left to right.
fn in_reading_order(lines: Vec<SetLine>, em: f64, regions: &mut Vec<Vec<SetLine>>, depth: usize) {
    let cut = if lines.len() < 2 || depth > 40 {
        None
    } else {
        above_heading(&lines, em)
            .or_else(|| gutter(&lines, em).map(Cut::Right))
            .or_else(|| beside_columns(&lines, em))
            .or_else(|| wide_gap(&lines, em))
    };
    let Some(cut) = cut else {
        let mut lines = lines;
        let baseline = |line: &SetLine| line.top + ASCENT * line.size;
        lines.sort_by(|a, b| {
            baseline(a)
                .total_cmp(&baseline(b))
                .then(a.left.total_cmp(&b.left))
        });
        if !lines.is_empty() {
            regions.push(lines);
        }
        return;
    };
    let (first, second) = lines.into_iter().partition(|line| match cut {
        Cut::Right(x) => line.left < x,
        Cut::Below(y) => line.bottom <= y + 1e-6,
    });
    in_reading_order(first, em, regions, depth + 1);
    in_reading_order(second, em, regions, depth + 1);
}

#[derive(Clone, Copy, Debug)]
enum Cut {
    /// What lies left of this comes first.
    Right(f64),
    /// What lies above this comes first.
    Below(f64),
}

/// White space between lines that stand beside one another, through the whole height of a region: its
/// right edge. Of several the one behind which
/// an article begins with its headline, for there another stack of articles begins; or the widest.
fn gutter(lines: &[SetLine], em: f64) -> Option<f64> {
    let gaps: Vec<(f64, f64)> = gaps(lines.iter().map(|l| (l.left, l.right)))
        .into_iter()
        .filter(|(gap, x)| *gap >= GUTTER * em && stand_beside(lines, *x))
        .collect();
    let begins_stack = |x: f64| {
        let end = gaps.iter().map(|g| g.1).find(|end| *end > x);
        let part = lines
            .iter()
            .filter(|l| l.left >= x && end.is_none_or(|end| l.left < end));
        let mut rows: Vec<&SetLine> = part.collect();
        rows.sort_by(|a, b| a.top.total_cmp(&b.top));
        // A kicker may stand above it.
        rows.iter().take(2).any(|l| l.size >= HEADING * em)
    };
    let widest = |all: &mut dyn Iterator<Item = &(f64, f64)>| {
        all.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, x)| *x)
    };
    widest(&mut gaps.iter().filter(|(_, x)| begins_stack(*x))).or_else(|| widest(&mut gaps.iter()))
}

/// Whether what lies left of a place and what lies right of it are side by side, rather than one
/// below the other: the first line of a paragraph, set in, and the two characters of its last.
fn stand_beside(lines: &[SetLine], x: f64) -> bool {
    let extent = |left: bool| {
        let side = lines.iter().filter(|l| (l.left < x) == left);
        side.fold((f64::INFINITY, f64::NEG_INFINITY), |(top, bottom), l| {
            (top.min(l.top), bottom.max(l.bottom))
        })
    };
    let ((a, b), (c, d)) = (extent(true), extent(false));
    a.max(c) < b.min(d)
}

/// The gaps between spans, each with where it ends.
fn gaps(spans: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = spans.collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut reach = spans.first().map_or(0.0, |s| s.1);
    let mut gaps = Vec::new();
    for (from, to) in spans {
        if from > reach {
            gaps.push((from - reach, from));
        }
        reach = reach.max(to);
    }
    gaps
}

/// Heights at which no line is cut, with the width of the white space there: ascending.
fn clean_heights(lines: &[SetLine]) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = lines.iter().map(|l| (l.top, l.bottom)).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut heights = Vec::new();
    let mut reach = spans.first().map_or(0.0, |s| s.1);
    for (top, bottom) in spans {
        if top > reach {
            heights.push((reach, top - reach));
        }
        reach = reach.max(bottom);
    }
    heights
}

/// Lines between two clean heights.
struct Band<'l> {
    top: f64,
    bottom: f64,
    lines: Vec<&'l SetLine>,
}

/// A region cut at its clean heights, top to bottom.
fn bands(lines: &[SetLine]) -> Vec<Band<'_>> {
    let mut sorted: Vec<&SetLine> = lines.iter().collect();
    sorted.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut bands: Vec<Band> = Vec::new();
    for line in sorted {
        match bands.last_mut() {
            Some(band) if line.top <= band.bottom => {
                band.bottom = band.bottom.max(line.bottom);
                band.lines.push(line);
            }
            _ => bands.push(Band {
                top: line.top,
                bottom: line.bottom,
                lines: vec![line],
            }),
        }
    }
    bands
}

/// A clean height right above a head that is not the region's first line. A head begins with its
/// kicker: a line that stands nearer to the heading than to what is above it.
fn above_heading(lines: &[SetLine], em: f64) -> Option<Cut> {
    // A headline at the side is no line of the head below it.
    let is_heading =
        |line: &SetLine| line.size >= HEADING * em && line.bottom - line.top < 1.5 * line.size;
    let bands = bands(lines);
    let gap = |i: usize| bands[i].top - bands[i - 1].bottom;
    (1..bands.len()).find_map(|i| {
        let above = bands[i - 1]
            .lines
            .iter()
            .max_by(|a, b| a.bottom.total_cmp(&b.bottom))?;
        // Beside the heading there may be another's kicker, or text.
        let begins = |l: &&SetLine| is_heading(l) && l.top < bands[i].top + em;
        if !bands[i].lines.iter().any(begins) || is_heading(above) {
            return None;
        }
        // Only what crosses a gutter cuts: beside a headline of one stack of articles, or a subhead
        // within a column, the text of another runs on.
        let overlaps = |a: &SetLine, b: &SetLine| a.left < b.right && b.left < a.right;
        let runs_on = |line: &&SetLine| {
            !is_heading(line)
                && bands[i - 1].lines.iter().any(|before| {
                    overlaps(line, before) && !is_heading(before) && line.top - before.bottom < em
                })
        };
        if bands[i].lines.iter().any(runs_on) {
            return None;
        }
        let is_kicker = |i: usize| bands[i].lines.len() == 1 && gap(i) > gap(i + 1);
        let mut first = i;
        while first > 1 && is_kicker(first - 1) {
            first -= 1;
        }
        // The region's first line may be the kicker of its first heading.
        let begins_region = first == 1 && bands[0].lines.len() == 1 && {
            let below = if i > 1 { gap(1) } else { gap(i) };
            below < 2.0 * em
        };
        (!begins_region).then_some(Cut::Below(bands[first - 1].bottom))
    })
}

/// Fewer lines in one row are no columns.
const FEWEST_BESIDE: usize = 4;

/// The height at which columns begin below other lines, or end above them: rows between clean
/// heights that share a gutter are columns.
fn beside_columns(lines: &[SetLine], em: f64) -> Option<Cut> {
    let heights: Vec<f64> = clean_heights(lines).into_iter().map(|(y, _)| y).collect();
    let mut rows: Vec<Vec<&SetLine>> = vec![Vec::new(); heights.len() + 1];
    for line in lines {
        rows[heights.partition_point(|y| *y <= line.top + 1e-6)].push(line);
    }
    let has_gutter = |lines: &[&SetLine]| {
        gaps(lines.iter().map(|l| (l.left, l.right)))
            .iter()
            .any(|(gap, _)| *gap >= GUTTER * em)
    };
    let mut longest = 0..0;
    let mut first = 0;
    while first < rows.len() {
        let mut within = rows[first].clone();
        let mut end = first + 1;
        if has_gutter(&within) {
            while end < rows.len() {
                let lines_before = within.len();
                within.extend(&rows[end]);
                if !has_gutter(&within) {
                    within.truncate(lines_before);
                    break;
                }
                end += 1;
            }
            if end - first > longest.len() {
                longest = first..end;
            }
        }
        first = end;
    }
    let lines_beside: usize = rows[longest.clone()].iter().map(Vec::len).sum();
    if longest.len() < 2 && lines_beside < FEWEST_BESIDE || longest.len() == rows.len() {
        return None;
    }
    // A clean height is the lower edge of the row above it.
    let at = if longest.start > 0 {
        longest.start
    } else {
        longest.end
    };
    Some(Cut::Below(heights[at - 1]))
}

/// White space across the whole region that is wider than between lines.
fn wide_gap(lines: &[SetLine], em: f64) -> Option<Cut> {
    clean_heights(lines)
        .into_iter()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, gap)| *gap >= 1.5 * em)
        .map(|(y, _)| Cut::Below(y))
}

/// One column, or one head.
fn append_region(lines: &[SetLine], body: f64, plain: &mut Plain) {
    let left = lines.iter().map(|l| l.left).fold(f64::INFINITY, f64::min);
    let mut headed = false;
    for line in lines {
        let is_heading = line.size >= HEADING * body;
        if is_heading != headed {
            plain.blank_line();
        }
        headed = is_heading;
        if is_heading {
            plain.size_of_next((line.size / body * 100.0).round().min(9999.0) as u16);
        } else {
            let indent = (line.left - left) / line.size;
            plain.size_of_next(0);
            if (1.5..=3.0).contains(&indent) {
                plain.push_exactly("　　");
            } else if indent > 3.0 {
                // In the middle of its column: a heading within the text.
                plain.push_exactly("　　　　　　");
            }
        }
        plain.push_exactly(line.text.trim());
        plain.end_set_line();
    }
    if headed {
        plain.blank_line();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets a text in a column: one glyph a character.
    fn set(x: f64, y: f64, size: f64, lines: &[&str]) -> Vec<Glyph> {
        let mut glyphs = Vec::new();
        for (row, line) in lines.iter().enumerate() {
            for (i, c) in line.chars().enumerate() {
                if c != '　' {
                    glyphs.push(Glyph {
                        x: x + size * i as f64,
                        y: y + size * 1.5 * row as f64,
                        size,
                        advance: None,
                        direction: Direction::default(),
                        text: c.to_string(),
                    });
                }
            }
        }
        glyphs
    }

    fn text(glyphs: Vec<Glyph>) -> String {
        let mut plain = Plain::default();
        append_page(glyphs, &[], &mut plain);
        plain.text
    }

    #[test]
    fn columns_are_read_one_after_another() {
        let left = [
            "　　柏树岭小学有一",
            "支合唱团。每周三，",
            "音乐教师秦岚要换",
        ];
        let right = ["两趟车，从县城赶", "来上课。　　　　", "　　县里安排车辆。"];
        let mut glyphs = set(0.0, 20.0, 20.0, &["山里的音乐课"]);
        glyphs.extend(set(110.0, 60.0, 10.0, &right));
        glyphs.extend(set(0.0, 60.0, 10.0, &left));
        assert_eq!(
            text(glyphs),
            "山里的音乐课\n\n　　柏树岭小学有一\n支合唱团。每周三，\n音乐教师秦岚要换\n两趟车，从县城赶\n来上课。\n　　县里安排车辆。\n\n"
        );
    }

    #[test]
    fn stacked_articles_are_not_mixed() {
        let mut glyphs = Vec::new();
        for (top, mark) in [(20.0, "甲"), (160.0, "乙")] {
            let column = |part: &str| {
                [
                    format!("{mark}{part}一二三四五。"),
                    format!("{mark}{part}六七八九。"),
                ]
            };
            let [first, second] = ["左", "右"].map(column);
            glyphs.extend(set(0.0, top, 18.0, &[&format!("{mark}标题")]));
            glyphs.extend(set(0.0, top + 40.0, 10.0, &[&first[0], &first[1]]));
            glyphs.extend(set(100.0, top + 40.0, 10.0, &[&second[0], &second[1]]));
        }
        let text = text(glyphs);
        let order: Vec<usize> = ["甲标题", "甲左", "甲右", "乙标题", "乙左", "乙右"]
            .iter()
            .map(|part| text.find(part).unwrap())
            .collect();
        assert!(order.is_sorted(), "{text}");
    }

    /// Two stacks of articles side by side, each of two columns: the headline of one stack does not
    /// cut the other, and stacks part before columns.
    #[test]
    fn stacks_of_articles_side_by_side_are_not_mixed() {
        let mut glyphs = Vec::new();
        let column = |mark: &str, part: &str| -> Vec<String> {
            let marks = ["一", "二", "三", "四", "五", "六"];
            marks.map(|n| format!("{mark}{part}的第{n}行。")).to_vec()
        };
        let mut add = |x: f64, y: f64, size: f64, lines: &[String]| {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            glyphs.extend(set(x, y, size, &lines));
        };
        for (x, y, mark) in [
            (0.0, 20.0, "甲"),
            (0.0, 170.0, "乙"),
            (200.0, 55.0, "丙"),
            (200.0, 205.0, "丁"),
        ] {
            add(x, y, 20.0, &[format!("{mark}标题")]);
            add(x, y + 30.0, 10.0, &column(mark, "左"));
            add(x + 95.0, y + 30.0, 10.0, &column(mark, "右"));
        }
        let text = text(glyphs);
        let parts = ["标题", "左的第一", "左的第六", "右的第一", "右的第六"];
        let order: Vec<usize> = ["甲", "乙", "丙", "丁"]
            .iter()
            .flat_map(|mark| parts.map(|part| format!("{mark}{part}")))
            .map(|part| text.find(&part).unwrap())
            .collect();
        assert!(order.is_sorted(), "{text}");
    }

    #[test]
    fn characters_printed_twice_are_read_once() {
        let mut glyphs = set(0.0, 20.0, 10.0, &["云州港"]);
        let again: Vec<Glyph> = glyphs
            .iter()
            .map(|g| Glyph {
                x: g.x + 0.3,
                ..g.clone()
            })
            .collect();
        glyphs.extend(again);
        assert_eq!(text(glyphs), "云州港\n\n");
    }
}
