//! The parts of a page to articles.
//!
//! Comes in: source text. Goes out: a [`Page`]. An article begins at a byline or a dateline, or ends
//! at a byline where the page has them below its articles; its headings and captions go to the
//! article whose words they share, wherever they stand; what jump lines part is joined. Never
//! changes the order of a body, never loses a part.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use super::confidence::{self, Evidence, Joins, Usual};
use super::furniture::{self, Jump};
use super::heading::{self, Articles, Block, Head, Pairs};
use super::lift;
use super::line::{self, End, Line, WHOLE_HEADING};
use super::markup::Markup;
use super::odds::{BEGINNING, Beginning};
use super::overlap::{Rarity, Words};
use super::reader::{self, Item, Names, Paragraph};
use super::{Article, Continued, Dropped, Page, Reason, Subhead, spacing};
use crate::text::{Traced, squeezed};

/// Splits a text; `markup` is what is known of a text that was made from marked-up text. In a `lossy`
/// text `U+FFFD` stands for a byte that could not be decoded.
pub(super) fn split(
    source: &str,
    markup: Option<&Markup>,
    name: Option<&Path>,
    lossy: bool,
) -> Page {
    let (set, lost) = spacing::closed_up(source, &line::lines(source), lossy);
    let mut lines = line::lines(set.as_str());
    if let Some(markup) = markup {
        for line in &mut lines {
            let start = set.source_range(line.range.clone()).start;
            line.size = markup.heading(start).unwrap_or_default();
            line.beside = markup.beside.binary_search(&start).is_ok();
            line.begins_part = markup.parts.binary_search(&start).is_ok();
        }
    }
    let lifted = lift::lift(set.as_str(), &lines);
    let text = &lifted.text;
    let whole = text.through(&set);
    let mut lines = line::with_tags(text.as_str(), line::lines(text.as_str()));
    for line in &mut lines {
        if let Some(markup) = markup.filter(|m| m.has_headings()) {
            let start = whole.source_range(line.range.clone()).start;
            line.size = markup.heading(start).unwrap_or_default();
            line.caption = markup.captions.binary_search(&start).is_ok();
        }
        line.begins_page = lifted.pages.contains(&line.range.start);
        line.begins_part = lifted.parts.contains(&line.range.start);
    }
    let lines = lines;
    let parts = reader::read(text.as_str(), &lines, markup);
    let mut page = Page {
        paper: lifted.paper.or(parts.paper),
        date: lifted.date.or(parts.date),
        articles: Vec::new(),
        dropped: parts.dropped,
    };
    if let Some(markup) = markup {
        page.date = page.date.take().or_else(|| markup.date.clone());
        page.paper = page.paper.take().or_else(|| markup.paper.clone());
    }
    if let Some(name) = name.and_then(|n| n.file_stem()).and_then(|n| n.to_str()) {
        page.date = page.date.take().or_else(|| furniture::stated_date(name));
        page.paper = page.paper.take().or_else(|| furniture::paper_name(name));
    }
    let blocks = parts.items.iter().filter_map(|item| match item {
        Item::Headings(block) => Some(block),
        _ => None,
    });
    let mut assembly = Assembly {
        source: text.as_str(),
        lines: &lines,
        pairs: heading::pairs_at_line_ends(text.as_str(), &lines, blocks),
        drafts: Vec::new(),
        blocks: Vec::new(),
        captions: Vec::new(),
        dropped: Vec::new(),
        fresh: false,
        closed: false,
        briefs: false,
        one: markup.is_some_and(|m| m.one_article),
        interleaved: parts.interleaved,
        usual: parts.usual,
        rarity: rarity_of(&parts.items),
        marks: share_of_marks(&parts.items),
    };
    assembly.place(parts.items);
    assembly.finish(&mut page);
    page.trace_through(&whole);
    page.dropped
        .extend(lifted.dropped.into_iter().map(|dropped| Dropped {
            // Lifted before what is left was a text of its own.
            text: dropped.text.through(&set),
            ..dropped
        }));
    page.dropped.extend(lost);
    page.keep_what_is_left(source);
    page.dropped.sort_by_key(|d| d.text.source().start);
    page
}

impl Page {
    /// Traces every text to what `whole` is a text of.
    fn trace_through(&mut self, whole: &Traced) {
        self.for_each_text(|text| *text = text.through(whole));
    }

    fn for_each_text(&mut self, mut change: impl FnMut(&mut Traced)) {
        for article in &mut self.articles {
            article.headline.iter_mut().for_each(&mut change);
            article.subheadline.iter_mut().for_each(&mut change);
            article.kicker.iter_mut().for_each(&mut change);
            article.byline.iter_mut().for_each(&mut change);
            article.dateline.iter_mut().for_each(&mut change);
            article.paragraphs.iter_mut().for_each(&mut change);
            article
                .subheads
                .iter_mut()
                .map(|s| &mut s.text)
                .for_each(&mut change);
            article.captions.iter_mut().for_each(&mut change);
        }
        self.dropped
            .iter_mut()
            .map(|d| &mut d.text)
            .for_each(&mut change);
    }

    /// What no part holds (a separator between names, a stray bracket) is dropped as a label, so
    /// that every character of the source has its place.
    fn keep_what_is_left(&mut self, source: &str) {
        let mut held: Vec<Range<usize>> = Vec::new();
        self.for_each_text(|text| held.extend(text.pieces()));
        held.sort_by_key(|r| r.start);
        let mut at = 0;
        for range in held
            .into_iter()
            .chain(std::iter::once(source.len()..source.len()))
        {
            if at < range.start {
                for part in source[at..range.start]
                    .split(char::is_whitespace)
                    .filter(|p| !p.is_empty())
                {
                    let start = part.as_ptr() as usize - source.as_ptr() as usize;
                    self.dropped.push(Dropped {
                        text: Traced::of(source, start..start + part.len()),
                        reason: Reason::Label,
                    });
                }
            }
            at = at.max(range.end);
        }
    }
}

/// Lines above headings that tell how wide the column is.
const COLUMN_LINES: usize = 8;
/// Paragraphs on either side of headings that are asked whether they speak of them.
const PARAGRAPHS: usize = 20;
/// A headline is so large, in hundredths of the body's size; subheads are smaller.
const HEADLINE_SIZE: u16 = 140;

/// Wider headings, in half cells, and more paragraphs say no more.
const WIDEST: u32 = 60;
const MOST_COUNTED: usize = 6;

/// A headline shares so much with its article.
const SPEAKS_OF: f64 = 0.3;

/// An article in the making.
#[derive(Default)]
struct Draft {
    article: Article,
    /// Whether a byline or a dateline says that it begins here.
    marked: bool,
    /// How sure it is that its headline is its own.
    support: f64,
    /// How likely its headline is that part of its head.
    cut: f64,
    joins: Joins,
    /// Lines beside it that nobody took.
    strays: usize,
    /// Places where its paragraphs may begin or end elsewhere.
    doubts: usize,
    /// Title of a feature, from its dateline.
    title: Option<Traced>,
    from: Option<Jump>,
    to: Option<Jump>,
}

struct Assembly<'a> {
    source: &'a str,
    lines: &'a [Line],
    pairs: Pairs,
    drafts: Vec<Draft>,
    blocks: Vec<Block>,
    /// Captions, each with the article that it stands behind.
    captions: Vec<(usize, Traced)>,
    dropped: Vec<Dropped>,
    /// Whether the last draft has no body yet.
    fresh: bool,
    /// Whether the last draft has ended: a byline or a jump line stands below it.
    closed: bool,
    /// Whether the last paragraph, or the heading behind it, was of a list of short items.
    briefs: bool,
    /// Whether the whole page is one article.
    one: bool,
    /// Whether two columns are interleaved.
    interleaved: bool,
    usual: Usual,
    /// In how many paragraphs of the page pairs of characters occur.
    rarity: Rarity,
    /// Marks of beginnings and ends of articles, for each block of headings.
    marks: f64,
}

impl Assembly<'_> {
    fn place(&mut self, items: Vec<Item>) {
        let mut below = bylines_below(&items).into_iter();
        let mut items = VecDeque::from(items);
        while let Some(item) = items.pop_front() {
            match item {
                Item::Byline(names) => {
                    if below.next() == Some(true) && !self.fresh && !self.drafts.is_empty() {
                        self.open_draft().article.byline.extend(names.people);
                        self.open_draft().marked = true;
                        self.closed = true;
                        continue;
                    }
                    let draft = self.fresh_draft();
                    draft.marked = true;
                    draft.article.byline.extend(names.people);
                }
                Item::Feature { dateline, title } => {
                    let draft = self.fresh_draft();
                    draft.marked = true;
                    draft.article.dateline = Some(dateline);
                    draft.title = Some(title);
                }
                Item::Jump(jump) if jump.from => {
                    let draft = self.fresh_draft();
                    draft.from = Some(jump);
                }
                Item::Jump(jump) => {
                    if !self.drafts.is_empty() && !self.fresh {
                        self.open_draft().to = Some(jump);
                        self.closed = true;
                    }
                }
                Item::Break => {
                    self.closed = !self.drafts.is_empty();
                    self.fresh = false;
                }
                Item::Paragraph(paragraph) => self.paragraph(paragraph),
                Item::Caption(text) => {
                    self.captions
                        .push((self.drafts.len().saturating_sub(1), text));
                }
                Item::Headings(block) => self.headings(block, &mut items),
            }
        }
    }

    /// The draft that waits for its body.
    fn fresh_draft(&mut self) -> &mut Draft {
        if !self.fresh && (!self.one || self.drafts.is_empty()) {
            self.drafts.push(Draft::default());
            self.fresh = true;
        }
        self.closed = false;
        self.drafts.last_mut().expect("one was pushed")
    }

    /// The draft that a paragraph belongs to.
    fn open_draft(&mut self) -> &mut Draft {
        if self.drafts.is_empty() {
            self.drafts.push(Draft::default());
        }
        self.drafts.last_mut().expect("one was pushed")
    }

    fn paragraph(&mut self, mut paragraph: Paragraph) {
        let mark = paragraph.mark.filter(|_| self.briefs);
        self.briefs = mark.is_some();
        if let Some(mark) = mark {
            let text = paragraph.text;
            self.dropped.push(Dropped {
                text: text.slice(0..text.as_str()[..mark].trim_end().len()),
                reason: Reason::Label,
            });
            paragraph.text = text.slice(mark..text.len());
        }
        let begins = paragraph.dateline.is_some() || mark.is_some();
        let draft = if begins || self.closed || paragraph.from.is_some() {
            self.fresh_draft()
        } else {
            self.open_draft()
        };
        draft.marked |= begins;
        draft.article.dateline = draft.article.dateline.take().or(paragraph.dateline);
        draft.article.byline.extend(paragraph.byline);
        draft.article.follow_up |= paragraph.follow_up;
        draft.doubts += paragraph.doubts;
        draft.joins.add(paragraph.joins);
        draft.from = draft.from.take().or(paragraph.from);
        let ends = paragraph.to.is_some() || !paragraph.byline_behind.is_empty();
        draft.marked |= ends;
        draft.article.byline.extend(paragraph.byline_behind);
        draft.to = draft.to.take().or(paragraph.to);
        if !paragraph.text.is_empty() {
            draft.article.paragraphs.push(paragraph.text);
        }
        self.fresh = false;
        self.closed = ends;
    }

    /// A block of headings, and what follows it.
    fn headings(&mut self, block: Range<usize>, following: &mut VecDeque<Item>) {
        let has_body = self
            .drafts
            .last()
            .is_some_and(|d| !d.article.paragraphs.is_empty());
        if block.len() > heading::LONGEST_BLOCK {
            // A list, a table, a poem: lines of a body.
            for i in block {
                let text = heading::join(self.source, self.lines, &(i..i + 1));
                self.open_draft().article.paragraphs.push(text);
            }
            self.fresh = false;
            return;
        }
        if self.is_announced(&block, following) {
            for i in block {
                let text = heading::join(self.source, self.lines, &(i..i + 1));
                self.open_draft().article.paragraphs.push(text);
            }
            return;
        }
        if let Some(Item::Paragraph(first)) = following.front()
            && (first.is_item || first.mark.is_some() && self.names_briefs(&block))
            && !self.lines[block.start].tag
        {
            self.briefs = first.mark.is_some();
            // The name of a column of short items.
            let kicker = heading::subheads(self.source, self.lines, &self.pairs, &block);
            self.fresh_draft().article.kicker.extend(kicker);
            return;
        }
        if self.interrupts(following) {
            return self.float(block, following);
        }
        let next = following.front();
        let goes_on =
            matches!(next, Some(Item::Paragraph(p)) if p.dateline.is_none() && p.from.is_none());
        let within = has_body && (self.one || goes_on && !self.fresh && !self.closed);
        if within && !self.one && self.is_headline(&block, following) {
            self.fresh_draft();
        } else if within {
            let subheads = heading::subheads(self.source, self.lines, &self.pairs, &block);
            let article = &mut self.open_draft().article;
            let before = article.paragraphs.len();
            article
                .subheads
                .extend(subheads.into_iter().map(|text| Subhead { before, text }));
            return;
        }
        let begins = match next {
            Some(Item::Byline(_) | Item::Paragraph(_) | Item::Feature { .. }) => true,
            Some(Item::Jump(jump)) => jump.from,
            _ => false,
        };
        let behind = self.drafts.len() - usize::from(self.fresh);
        self.blocks.push(Block {
            lines: block,
            before: behind.checked_sub(1),
            at: self.drafts.last().map_or(0, |d| d.article.paragraphs.len()),
            behind: begins.then_some(behind),
        });
    }

    /// Whether the last of some headings is that of a list of short items.
    fn names_briefs(&self, block: &Range<usize>) -> bool {
        furniture::names_briefs(self.lines[block.end - 1].text(self.source))
    }

    /// Whether lines are the verses, rows or names that the paragraph before announces with a colon.
    fn is_announced(&self, block: &Range<usize>, following: &VecDeque<Item>) -> bool {
        let last = self.drafts.last().and_then(|d| d.article.paragraphs.last());
        let announces = last.is_some_and(|p| {
            let text = p.as_str().trim_end();
            text.ends_with(['：', ':']) && !furniture::is_salutation(text)
        });
        let goes_on = match following.front() {
            None => true,
            Some(Item::Paragraph(next)) => next.dateline.is_none() && next.from.is_none(),
            _ => false,
        };
        let lines = &self.lines[block.clone()];
        let numbered = || furniture::enumerator(lines[0].text(self.source)).is_some();
        let plain = || lines.iter().all(|line| line.size == 0 && !line.tag);
        announces && goes_on && !self.fresh && !self.closed && plain() && !numbered()
    }

    /// Whether what stands here interrupts a sentence: the paragraph before fills its column without
    /// an end, and the next one goes on with it.
    fn interrupts(&self, following: &VecDeque<Item>) -> bool {
        let Some(Item::Paragraph(next)) = following.front() else {
            return false;
        };
        let before = self.drafts.last().and_then(|d| d.article.paragraphs.last());
        !self.fresh
            && !self.closed
            && next.dateline.is_none()
            && next.from.is_none()
            && !next.indented
            && before.is_some_and(|p| {
                matches!(line::end_of(p.as_str()), End::Comma | End::Open)
                    && furniture::enumerator(next.text.as_str()).is_none()
            })
    }

    /// Headings within a sentence belong to whoever takes them; the sentence goes on behind them.
    fn float(&mut self, block: Range<usize>, following: &mut VecDeque<Item>) {
        let last = self.drafts.len() - 1;
        self.blocks.push(Block {
            lines: block,
            before: Some(last),
            at: self.drafts[last].article.paragraphs.len(),
            behind: None,
        });
        if let Some(Item::Paragraph(mut next)) = following.pop_front() {
            if let Some(mut whole) = self.drafts[last].article.paragraphs.pop() {
                whole.append(&next.text);
                next.text = whole;
            }
            self.paragraph(next);
        }
    }

    /// Whether headings between two paragraphs begin another article, rather than head a part of the
    /// one that is open: weighed in log-odds.
    fn is_headline(&self, block: &Range<usize>, following: &VecDeque<Item>) -> bool {
        let lines = &self.lines[block.clone()];
        if lines.iter().any(|line| line.tag) {
            return true;
        }
        if lines.iter().any(|line| line.size == WHOLE_HEADING) {
            return false;
        }
        if lines.iter().any(|line| line.size >= HEADLINE_SIZE) {
            return true;
        }
        let seen = self.observe(block, following);
        #[cfg(test)]
        fit::note(&heading::text_of(self.source, self.lines, block), &seen);
        let odds: f64 = seen.iter().map(|(what, n)| BEGINNING.of(*what) * n).sum();
        odds > 0.0
    }

    /// What tells whether headings between two paragraphs begin another article.
    fn observe(
        &self,
        block: &Range<usize>,
        following: &VecDeque<Item>,
    ) -> [(Beginning, f64); Beginning::NAMES.len()] {
        let lines = &self.lines[block.clone()];
        let Draft {
            article, marked, ..
        } = self.drafts.last().expect("a paragraph stands before them");
        let width: u32 = lines.iter().map(|line| line.width).sum();
        let is = |holds: bool| f64::from(u8::from(holds));
        let behind: Vec<&Traced> = following
            .iter()
            .map_while(|item| match item {
                Item::Paragraph(p) if p.dateline.is_none() => Some(&p.text),
                _ => None,
            })
            .take(PARAGRAPHS)
            .collect();
        let text: String = behind.iter().map(|t| t.as_str()).collect();
        let before = Words::of(article.paragraphs.iter().rev().take(PARAGRAPHS));
        let leads = behind
            .first()
            .is_some_and(|p| furniture::begins_like_report(p.as_str()));
        let numbered = furniture::enumerator(lines[0].text(self.source)).is_some();
        let paragraphs = |count: usize| count.min(MOST_COUNTED) as f64;
        [
            (Beginning::Headings, 1.0),
            (Beginning::Width, f64::from(width.min(WIDEST)) / 20.0),
            (Beginning::SeveralLines, is(lines.len() > 1)),
            (
                Beginning::WiderThanColumn,
                is(width > self.widest_above(block.start)),
            ),
            (Beginning::Cohesion, self.rarity.share(&text, &before)),
            (Beginning::Lead, is(leads)),
            (Beginning::Numbered, is(numbered)),
            (Beginning::ParagraphsBehind, paragraphs(behind.len())),
            (Beginning::Signed, is(*marked)),
            (Beginning::SignedPage, self.marks),
        ]
    }

    fn finish(mut self, page: &mut Page) {
        if self.drafts.is_empty() && !(self.blocks.is_empty() && self.captions.is_empty()) {
            self.drafts.push(Draft::default());
        }
        for block in &mut self.blocks {
            block.behind = block.behind.filter(|i| *i < self.drafts.len());
        }
        let bodies = self.drafts.iter().map(|d| d.article.paragraphs.iter());
        let articles = Articles::new(bodies);
        let (heads, left) = heading::attach(
            self.source,
            self.lines,
            &self.pairs,
            &self.blocks,
            &articles,
        );
        for (i, head) in heads {
            self.drafts[i].set_head(head);
        }
        self.place_left_lines(left, &articles);
        for (behind, text) in std::mem::take(&mut self.captions) {
            let share = |i: usize| articles.rarity.share(text.as_str(), &articles.words[i]);
            let near = behind.saturating_sub(heading::REACH)
                ..self.drafts.len().min(behind + heading::REACH);
            let (best, most) = near
                .map(|i| (i, share(i)))
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or((behind, 0.0));
            let article = if most > share(behind) + 0.3 {
                best
            } else {
                behind
            };
            self.drafts[article].article.captions.push(text);
        }
        self.titles_of_features();
        self.join_continuations();
        self.names_said_twice();
        self.bodies_of_headlines();
        page.dropped.extend(self.dropped);
        for (i, mut draft) in self.drafts.into_iter().enumerate() {
            draft.article.id = (i + 1).to_string();
            draft.article.confidence = confidence::of(
                &draft.article,
                &Evidence {
                    marked: draft.marked,
                    support: draft.support,
                    cut: draft.cut,
                    joins: draft.joins,
                    usual: self.usual,
                    strays: draft.strays,
                    doubts: draft.doubts,
                    interleaved: self.interleaved,
                },
            );
            page.articles.push(draft.article);
        }
    }

    /// Lines that no article took as headings: rows, verses and signatures below an article are its
    /// body's; others are dropped as strays, and the article beside them is the less sure.
    fn place_left_lines(&mut self, left: Vec<(usize, Range<usize>)>, articles: &Articles) {
        // From the last, so that places of earlier ones stay right.
        for (block, lines) in left.into_iter().rev() {
            let block = &self.blocks[block];
            let text = heading::text_of(self.source, self.lines, &lines);
            let below = block.before.filter(|i| {
                let whole = lines == block.lines;
                let speaks_of = articles.rarity.share(&text, &articles.words[*i]) >= SPEAKS_OF;
                let column = self.widest_above(block.lines.start);
                let narrow = lines.clone().all(|l| self.lines[l].width <= column);
                whole && block.behind.is_none() && narrow
                    || lines.start == block.lines.start && speaks_of
            });
            if let Some(article) = below {
                let draft = &mut self.drafts[article];
                let rows = lines.map(|l| heading::join(self.source, self.lines, &(l..l + 1)));
                let at = block.at.min(draft.article.paragraphs.len());
                let count = rows.len();
                draft.article.paragraphs.splice(at..at, rows);
                for subhead in &mut draft.article.subheads {
                    if subhead.before > at {
                        subhead.before += count;
                    }
                }
                continue;
            }
            for beside in block.before.into_iter().chain(block.behind) {
                self.drafts[beside].strays += lines.len();
            }
            self.dropped.push(Dropped {
                text: heading::join(self.source, self.lines, &lines),
                reason: Reason::Stray,
            });
        }
    }

    /// The widest of the lines above a line: how wide the column is.
    fn widest_above(&self, line: usize) -> u32 {
        let above = &self.lines[line.saturating_sub(COLUMN_LINES)..line];
        above.iter().map(|line| line.width).max().unwrap_or(0)
    }

    /// The title behind a feature's dateline repeats its headline; without one it is the headline.
    fn titles_of_features(&mut self) {
        for draft in &mut self.drafts {
            let Some(title) = draft.title.take().filter(|t| !t.is_empty()) else {
                continue;
            };
            if draft.article.headline.is_none() {
                draft.article.headline = Some(title);
                (draft.support, draft.cut) = (1.0, 1.0);
            } else {
                self.dropped.push(Dropped {
                    text: title,
                    reason: Reason::Furniture,
                });
            }
        }
    }

    /// A reporter who is named above an article and below it is named once.
    fn names_said_twice(&mut self) {
        for draft in &mut self.drafts {
            let mut names: Vec<Traced> = Vec::with_capacity(draft.article.byline.len());
            for name in draft.article.byline.drain(..) {
                if names.iter().any(|n| n.as_str() == name.as_str()) {
                    self.dropped.push(Dropped {
                        text: name,
                        reason: Reason::Label,
                    });
                } else {
                    names.push(name);
                }
            }
            draft.article.byline = names;
        }
    }

    /// Joins what goes on on another page to where it began.
    fn join_continuations(&mut self) {
        let mut whole: Vec<Draft> = Vec::with_capacity(self.drafts.len());
        for draft in std::mem::take(&mut self.drafts) {
            let begun = draft
                .from
                .as_ref()
                .and_then(|_| beginning_of(&draft, &whole));
            match begun {
                Some(i) => {
                    let repeated = whole[i].go_on(draft);
                    self.dropped
                        .extend(repeated.into_iter().map(|text| Dropped {
                            text,
                            reason: Reason::Furniture,
                        }));
                }
                None => whole.push(draft),
            }
        }
        for draft in &mut whole {
            let page =
                |jump: &Option<Jump>| jump.as_ref().map(|j| j.page.clone().unwrap_or_default());
            let (from, to) = (page(&draft.from), page(&draft.to));
            if from.is_some() || to.is_some() {
                draft.article.continued = Some(Continued { from, to });
            }
        }
        self.drafts = whole;
    }

    /// A page of headlines without any running text: all but the first are its body, so that what
    /// they say is translated and its figures are listed.
    fn bodies_of_headlines(&mut self) {
        let has_body = |d: &Draft| !d.article.paragraphs.is_empty();
        if self.drafts.iter().any(has_body) {
            return;
        }
        let mut strays: Vec<Traced> = Vec::new();
        self.dropped.retain(|dropped| {
            let stray = dropped.reason == Reason::Stray;
            if stray {
                strays.push(dropped.text.clone());
            }
            !stray
        });
        for draft in &mut self.drafts {
            let Draft { article, cut, .. } = draft;
            let mut lines: Vec<Traced> = article.kicker.drain(..).collect();
            lines.extend(article.headline.take());
            lines.extend(article.subheadline.take());
            lines.append(&mut strays);
            lines.sort_by_key(|t| t.source().start);
            if lines.len() > 1 {
                article.headline = Some(lines.remove(0));
                *cut = 1.0;
            }
            article.paragraphs = lines;
        }
    }
}

/// Where an article that comes from another page began: the one before it that says so or that
/// breaks off, best the one that shares most words with it.
fn beginning_of(draft: &Draft, before: &[Draft]) -> Option<usize> {
    let texts = |d: &Draft| Words::of(d.article.paragraphs.iter());
    let all: Vec<Words> = before
        .iter()
        .map(texts)
        .chain(std::iter::once(texts(draft)))
        .collect();
    let rarity = Words::rarity(&all);
    let said: String = draft
        .article
        .paragraphs
        .iter()
        .map(Traced::as_str)
        .collect();
    let breaks_off = |d: &Draft| {
        d.article
            .paragraphs
            .last()
            .is_some_and(|p| line::end_of(p.as_str()) != End::Sentence)
    };
    let (best, score) = before
        .iter()
        .enumerate()
        .filter(|(_, d)| d.to.is_some() || breaks_off(d))
        .map(|(i, d)| {
            let says = f64::from(u8::from(d.to.is_some()));
            let cut = f64::from(u8::from(breaks_off(d)));
            (i, says + 0.5 * cut + 4.0 * rarity.share(&said, &all[i]))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (score >= 1.0).then_some(best)
}

/// How rare pairs of characters are among the paragraphs of a page, where headings between two of them
/// ask for it.
fn rarity_of(items: &[Item]) -> Rarity {
    let goes_on = |item: &Item| matches!(item, Item::Paragraph(p) if p.dateline.is_none());
    let asks = |pair: &[Item]| matches!(pair[0], Item::Headings(_)) && goes_on(&pair[1]);
    let is_text = |item: &Item| matches!(item, Item::Paragraph(_));
    let from = items.iter().position(is_text).unwrap_or(items.len());
    if !items[from..].windows(2).any(asks) {
        return Words::rarity(&[]);
    }
    let paragraphs = items.iter().filter_map(|item| match item {
        Item::Paragraph(p) => Some(Words::of(std::iter::once(&p.text))),
        _ => None,
    });
    Words::rarity(&paragraphs.collect::<Vec<_>>())
}

/// How many of a page's blocks of headings have a byline or a dateline beside them, as headlines do.
fn share_of_marks(items: &[Item]) -> f64 {
    let is_mark = |item: &Item| match item {
        Item::Byline(_) | Item::Feature { .. } => true,
        Item::Paragraph(p) => p.dateline.is_some() || !p.byline_behind.is_empty(),
        _ => false,
    };
    let count = |is: &dyn Fn(&Item) -> bool| items.iter().filter(|i| is(i)).count() as f64;
    let blocks = count(&|i| matches!(i, Item::Headings(_)));
    (count(&is_mark) / blocks.max(1.0)).min(1.0)
}

/// For each byline of a page whether it stands below its article.
///
/// Each is judged by its form and by what stands above and below it, and by the others of its page:
/// a paper has a habit.
fn bylines_below(items: &[Item]) -> Vec<bool> {
    let is_beside = |item: &&Item| !matches!(item, Item::Caption(_) | Item::Byline(_));
    let own: Vec<f64> = items
        .iter()
        .enumerate()
        .filter_map(|(k, item)| match item {
            Item::Byline(names) => Some((k, names)),
            _ => None,
        })
        .map(|(k, names)| {
            let above = items[..k].iter().rev().find(is_beside);
            let below = items[k + 1..].iter().find(is_beside);
            odds_of_below(names, above, below)
        })
        .collect();
    let page: f64 = own.iter().map(|odds| odds.clamp(-3.0, 3.0)).sum();
    own.iter()
        .map(|odds| odds + (page - odds.clamp(-3.0, 3.0)).clamp(-HABIT, HABIT) > 0.0)
        .collect()
}

/// The other bylines of a page weigh at most as much, in log-odds.
const HABIT: f64 = 3.0;

/// Log-odds that a byline stands below its article.
fn odds_of_below(names: &Names, above: Option<&Item>, below: Option<&Item>) -> f64 {
    let mut odds = 0.0;
    odds += if names.bracketed { 2.5 } else { -0.5 };
    if names.marked {
        odds -= 2.0;
    }
    odds += match below {
        None => 3.0,
        Some(Item::Headings(_)) => 2.0,
        Some(Item::Paragraph(p)) if p.dateline.is_some() => 0.5,
        _ => -2.0,
    };
    odds += match above {
        None => -9.0,
        Some(Item::Headings(_) | Item::Feature { .. }) => -3.0,
        Some(Item::Paragraph(p)) if line::end_of(p.text.as_str()) != End::Sentence => -1.0,
        _ => 0.5,
    };
    odds
}

impl Draft {
    fn set_head(&mut self, head: Head) {
        self.article.kicker.extend(head.kicker);
        self.article.headline = head.headline;
        self.article.subheadline = head.subheadline;
        self.support = head.support;
        self.cut = head.cut;
    }

    /// Takes what goes on with it. Gives the headings above that which say the headline again.
    fn go_on(&mut self, rest: Draft) -> Vec<Traced> {
        let shift = self.article.paragraphs.len();
        let mut paragraphs = rest.article.paragraphs.into_iter();
        let cut = self
            .article
            .paragraphs
            .last()
            .is_some_and(|p| line::end_of(p.as_str()) != End::Sentence);
        let mut joined = 0;
        let heads = rest
            .article
            .kicker
            .into_iter()
            .chain(rest.article.headline)
            .chain(rest.article.subheadline);
        if cut
            && rest.article.dateline.is_none()
            && let (Some(last), Some(first)) =
                (self.article.paragraphs.last_mut(), paragraphs.next())
        {
            last.append(&first);
            joined = 1;
        }
        let own = self.article.headline.as_ref();
        let own = own.map_or(String::new(), |text| squeezed(text.as_str()));
        let (repeated, heads): (Vec<Traced>, Vec<Traced>) =
            heads.partition(|head| own.contains(&squeezed(head.as_str())));
        self.article
            .subheads
            .extend(heads.into_iter().map(|text| Subhead {
                before: shift,
                text,
            }));
        self.article
            .subheads
            .extend(rest.article.subheads.into_iter().map(|s| Subhead {
                before: (s.before + shift).saturating_sub(joined),
                ..s
            }));
        self.article.paragraphs.extend(paragraphs);
        self.article.byline.extend(rest.article.byline);
        self.article.captions.extend(rest.article.captions);
        self.article.follow_up |= rest.article.follow_up;
        self.joins.add(rest.joins);
        self.strays += rest.strays;
        self.doubts += rest.doubts;
        self.to = rest.to;
        repeated
    }
}

#[cfg(test)]
#[path = "../../benches/fit_beginnings.rs"]
mod fit;
