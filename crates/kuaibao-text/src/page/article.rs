//! The parts of a page to articles.
//!
//! Comes in: source text. Goes out: a [`Page`]. An article begins at a byline or a dateline; its
//! headings and captions go to the article whose words they share, wherever they stand. Never
//! changes the order of a body, never loses a part.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use super::furniture;
use super::heading::{self, Articles, Block, Head, Pairs};
use super::line::{self, End, Line, WHOLE_HEADING};
use super::markup::Markup;
use super::overlap::Words;
use super::reader::{self, Item, Paragraph};
use super::{Article, Dropped, Page, Reason, Subhead};
use crate::text::Traced;

/// Splits a text; `markup` is what is known of a text that was made from marked-up text.
pub(super) fn split(source: &str, markup: Option<&Markup>, name: Option<&Path>) -> Page {
    let mut lines = line::lines(source);
    if let Some(markup) = markup {
        for line in &mut lines {
            line.size = markup.heading(line).unwrap_or_default();
        }
    }
    let lines = lines;
    let (items, mut page) = reader::read(source, &lines, markup);
    if let Some(markup) = markup {
        page.date = page.date.take().or_else(|| markup.date.clone());
        page.paper = page.paper.take().or_else(|| markup.paper.clone());
    }
    if let Some(name) = name.and_then(|n| n.file_stem()).and_then(|n| n.to_str()) {
        page.date = page.date.take().or_else(|| furniture::stated_date(name));
        page.paper = page.paper.take().or_else(|| furniture::paper_name(name));
    }
    let blocks = items.iter().filter_map(|item| match item {
        Item::Headings(block) => Some(block),
        _ => None,
    });
    let mut assembly = Assembly {
        source,
        lines: &lines,
        pairs: heading::pairs_at_line_ends(source, &lines, blocks),
        drafts: Vec::new(),
        blocks: Vec::new(),
        captions: Vec::new(),
        dropped: Vec::new(),
        fresh: false,
    };
    assembly.place(items);
    assembly.finish(&mut page);
    page
}

/// Lines above headings that tell how wide the column is.
const COLUMN_LINES: usize = 8;
/// Paragraphs on either side of headings that are asked whether they speak of them.
const PARAGRAPHS: usize = 20;
/// A headline is so large, in hundredths of the body's size; subheads are smaller.
const HEADLINE_SIZE: u16 = 140;
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
}

impl Assembly<'_> {
    fn place(&mut self, items: Vec<Item>) {
        let mut items = VecDeque::from(items);
        while let Some(item) = items.pop_front() {
            match item {
                Item::Byline(names) => {
                    let draft = self.fresh_draft();
                    draft.marked = true;
                    draft.article.byline.extend(names);
                }
                Item::Paragraph(paragraph) => self.paragraph(paragraph),
                Item::Caption(text) => {
                    self.captions
                        .push((self.drafts.len().saturating_sub(1), text));
                }
                Item::Headings(block) => self.headings(block, &items),
            }
        }
    }

    /// The draft that waits for its body.
    fn fresh_draft(&mut self) -> &mut Draft {
        if !self.fresh {
            self.drafts.push(Draft::default());
            self.fresh = true;
        }
        self.drafts.last_mut().expect("one was pushed")
    }

    /// The draft that a paragraph belongs to.
    fn open_draft(&mut self) -> &mut Draft {
        if self.drafts.is_empty() {
            self.drafts.push(Draft::default());
        }
        self.drafts.last_mut().expect("one was pushed")
    }

    fn paragraph(&mut self, paragraph: Paragraph) {
        let draft = if paragraph.dateline.is_some() {
            let draft = self.fresh_draft();
            draft.marked = true;
            draft
        } else {
            self.open_draft()
        };
        draft.article.dateline = draft.article.dateline.take().or(paragraph.dateline);
        draft.article.byline.extend(paragraph.byline);
        draft.article.follow_up |= paragraph.follow_up;
        if !paragraph.text.is_empty() {
            draft.article.paragraphs.push(paragraph.text);
        }
        self.fresh = false;
    }

    /// A block of headings, and what follows it.
    fn headings(&mut self, block: Range<usize>, following: &VecDeque<Item>) {
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
        let next = following.front();
        let goes_on = matches!(next, Some(Item::Paragraph(p)) if p.dateline.is_none());
        let within = goes_on && has_body && !self.fresh;
        if within && self.is_headline(&block, following) {
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
        let begins = matches!(next, Some(Item::Byline(_) | Item::Paragraph(_)));
        let behind = self.drafts.len() - usize::from(self.fresh);
        self.blocks.push(Block {
            lines: block,
            before: behind.checked_sub(1),
            behind: begins.then_some(behind),
        });
    }

    /// Whether headings between two paragraphs begin another article: set larger or wider than
    /// subheads are, and speaking of what follows rather than of what precedes.
    fn is_headline(&self, block: &Range<usize>, following: &VecDeque<Item>) -> bool {
        let lines = &self.lines[block.clone()];
        if lines.iter().any(|line| line.size == WHOLE_HEADING) {
            return false;
        }
        let above = &self.lines[block.start.saturating_sub(COLUMN_LINES)..block.start];
        let column = above.iter().map(|line| line.width).max().unwrap_or(0);
        let width: u32 = lines.iter().map(|line| line.width).sum();
        let large = lines.iter().any(|line| line.size >= HEADLINE_SIZE);
        if !large && width <= column {
            return false;
        }

        let behind = following.iter().map_while(|item| match item {
            Item::Paragraph(p) if p.dateline.is_none() => Some(&p.text),
            _ => None,
        });
        let before = self
            .drafts
            .last()
            .map(|d| d.article.paragraphs.iter().rev());
        let words = [
            Words::of(before.into_iter().flatten().take(PARAGRAPHS)),
            Words::of(behind.take(PARAGRAPHS)),
        ];
        let rarity = Words::rarity(&words);
        // The other article's headline may stand above it.
        block.clone().any(|from| {
            let text = heading::text_of(self.source, self.lines, &(from..block.end));
            let [before, behind] = [0, 1].map(|i| rarity.share(&text, &words[i]));
            large && behind >= before || behind >= SPEAKS_OF && behind > before
        })
    }

    fn finish(mut self, page: &mut Page) {
        if self.drafts.is_empty() && !(self.blocks.is_empty() && self.captions.is_empty()) {
            self.drafts.push(Draft::default());
        }
        for block in &mut self.blocks {
            block.behind = block.behind.filter(|i| *i < self.drafts.len());
        }
        let words: Vec<Words> = self
            .drafts
            .iter()
            .map(|d| Words::of(d.article.paragraphs.iter()))
            .collect();
        let articles = Articles {
            rarity: Words::rarity(&words),
            words,
        };
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
        for lines in left {
            self.dropped.push(Dropped {
                text: heading::join(self.source, self.lines, &lines),
                reason: Reason::Stray,
            });
        }
        for (behind, text) in self.captions {
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
        page.dropped.extend(self.dropped);
        for (i, draft) in self.drafts.into_iter().enumerate() {
            let mut article = draft.article;
            article.id = (i + 1).to_string();
            article.confidence = confidence(&article, draft.marked, draft.support);
            page.articles.push(article);
        }
    }
}

impl Draft {
    fn set_head(&mut self, head: Head) {
        self.article.kicker = head.kicker;
        self.article.headline = head.headline;
        self.article.subheadline = head.subheadline;
        self.support = head.support;
    }
}

/// How sure the parts of an article are: that it begins where it does, that its paragraphs are
/// whole, that the headline is its own.
fn confidence(article: &Article, marked: bool, support: f64) -> f64 {
    let whole = article
        .paragraphs
        .iter()
        .filter(|p| line::end_of(p.as_str()) == End::Sentence)
        .count() as f64
        / article.paragraphs.len().max(1) as f64;
    let begun = if marked { 1.0 } else { 0.7 };
    let headed = if article.headline.is_some() {
        0.6 + 0.4 * support
    } else {
        0.9
    };
    let confidence = begun * headed * (0.5 + 0.5 * whole);
    (confidence * 1000.0).round() / 1000.0
}
