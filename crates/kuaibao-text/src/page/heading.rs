//! Headlines, kickers and sub-headlines: which lines are one heading, and whose it is.
//!
//! Comes in: blocks of lines that are set apart, and the articles' texts. Goes out: for each block
//! how it is cut into groups (kickers, headline, sub-headline), each given to the article whose
//! words it shares. Never changes a body.
//!
//! Every way to cut a block is weighed in log-odds: that two lines are one heading (a word goes on
//! over the line end, the line fills its measure), that a heading speaks of an article (rare pairs
//! of characters that they share), that it stands where that article's headline would.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::heal::{self, Style};
use super::line::{End, Gap, Line, WHOLE_HEADING};
use super::overlap::{Rarity, Words};
use super::words::{OCCASION, UNFINISHED};
use crate::text::{Traced, chars::is_han};

/// A block of headings between two articles.
#[derive(Debug)]
pub(super) struct Block {
    /// Indices of its lines.
    pub(super) lines: Range<usize>,
    /// The article that ends before it, and how many paragraphs that has up to here.
    pub(super) before: Option<usize>,
    pub(super) at: usize,
    /// The article that begins behind it, if nothing stands between.
    pub(super) behind: Option<usize>,
}

/// A headline with what belongs to it.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) kicker: Vec<Traced>,
    pub(super) headline: Option<Traced>,
    pub(super) subheadline: Option<Traced>,
    /// How sure it is that the head is this article's: it stands above it, or by how much of it the
    /// article repeats; 0 to 1.
    pub(super) support: f64,
}

/// The articles that headings are given to.
pub(super) struct Articles {
    pub(super) words: Vec<Words>,
    pub(super) rarity: Rarity,
}

/// A group of lines given to an article: each range is one heading.
#[derive(Clone, Debug)]
struct Group {
    article: usize,
    headings: Vec<Range<usize>>,
    weight: f64,
}

impl Group {
    fn lines(&self) -> Range<usize> {
        self.headings[0].start..self.headings[self.headings.len() - 1].end
    }
}

/// More lines than this are no headings.
pub(super) const LONGEST_BLOCK: usize = 16;
/// Lines of one group.
const LONGEST_GROUP: usize = 6;
/// Articles on either side of a block that are asked whether it is theirs, and those of them that
/// say most of what it says.
pub(super) const REACH: usize = 12;
const OTHERS: usize = 6;
/// Rounds of settling which block has an article's headline.
const ROUNDS: usize = 8;

// Log-odds. Their signs are what newspapers do; their sizes were fitted by random search on 600
// pages that were made from texts with known headlines, and checked on 400 others.

/// A group stands right above its article, right below it, or neither.
const HEADS_ITS_ARTICLE: f64 = 1.3;
const ENDS_BEFORE: f64 = 1.0;
const ELSEWHERE: f64 = -2.6;
/// A group at all, and a line that nobody takes.
const GROUP: f64 = 0.3;
const NOBODY: f64 = -6.0;
/// A heading goes on from a line that is narrower than others of its group that go on.
const OFF_MEASURE: f64 = -1.4;
/// A kicker; times the share of its words that the article has, where it might be the headline.
const KICKER: f64 = 0.3;
const KICKER_SAID: f64 = -2.0;
/// Words of a kicker that are another article's.
const OTHERS_WORDS: f64 = -4.0;
/// A headline that is the name of a series.
const RUBRIC_ALONE: f64 = -3.0;
/// A headline of fewer characters.
const TOO_SHORT: f64 = -3.0;
const SHORTEST_HEADLINE: usize = 5;
/// A headline that only tells the occasion (`…时强调`).
const OCCASION_ALONE: f64 = -4.0;
/// A share of words above the expected one, at its full weight from twelve characters on.
const SHARED: f64 = 6.7;
const EXPECTED_SHARE: f64 = 0.4;
const MOST_EVIDENCE: f64 = 1.8;
/// Two lines are one heading: at all, and by how the first ends and the second begins.
const ONE_HEADING: f64 = 0.5;
const SURE: f64 = 6.0;
const WIDER_BELOW: f64 = -7.0;
const SAME_WIDTH: f64 = 0.4;
const OCCASION_ABOVE: f64 = -1.4;
const RUBRIC_ABOVE: f64 = -3.0;
const UNFINISHED_WORD: f64 = 1.9;
const TINY_REST: f64 = 2.7;
const SHORT_REST: f64 = 1.0;
const OPEN_END: f64 = 1.9;
const ODD_GAP: f64 = -1.5;
const SAME_SIZE: f64 = 2.0;
/// The characters on both sides of the line end stand together elsewhere on the page, or do not.
const ONE_WORD: f64 = 2.1;
const NO_WORD: f64 = -0.8;

/// Lines that no article took, with their block.
pub(super) type Left = (usize, Range<usize>);

/// Gives the blocks' headings to the articles. Lines that no article takes come back too, each with
/// its block.
pub(super) fn attach(
    source: &str,
    lines: &[Line],
    pairs: &Pairs,
    blocks: &[Block],
    articles: &Articles,
) -> (Vec<(usize, Head)>, Vec<Left>) {
    let scales: Vec<Scale> = blocks
        .iter()
        .map(|block| Scale::new(source, lines, pairs, block, articles))
        .collect();
    let mut refused: Vec<HashSet<usize>> = vec![HashSet::new(); blocks.len()];
    let mut groups: Vec<Vec<Group>> = scales.iter().map(|s| s.cut(&HashSet::new())).collect();
    // An article has one headline: where two blocks claim it, the weaker is cut anew without it.
    for round in 0..ROUNDS {
        let losers = weaker_claims(&groups);
        for (block, article) in losers {
            refused[block].insert(article);
            if round + 1 < ROUNDS {
                groups[block] = scales[block].cut(&refused[block]);
            } else {
                groups[block].retain(|g| g.article != article);
            }
        }
    }
    let mut heads = Vec::new();
    let mut left = Vec::new();
    for (block, (scale, groups)) in scales.iter().zip(groups).enumerate() {
        let mut at = scale.block.lines.start;
        for group in groups {
            let taken = group.lines();
            left.extend((at < taken.start).then_some((block, at..taken.start)));
            at = taken.end;
            heads.push((group.article, scale.head(source, lines, &group)));
        }
        let end = scale.block.lines.end;
        left.extend((at < end).then_some((block, at..end)));
    }
    (heads, left)
}

/// Claims on an article that another block claims with more weight: block and article.
fn weaker_claims(groups: &[Vec<Group>]) -> Vec<(usize, usize)> {
    let mut strongest: HashMap<usize, (usize, f64)> = HashMap::new();
    let mut weaker = Vec::new();
    for (block, group) in groups
        .iter()
        .enumerate()
        .flat_map(|(b, gs)| gs.iter().map(move |g| (b, g)))
    {
        match strongest.get_mut(&group.article) {
            None => {
                strongest.insert(group.article, (block, group.weight));
            }
            Some(known) if known.1 >= group.weight => weaker.push((block, group.article)),
            Some(known) => {
                weaker.push((known.0, group.article));
                *known = (block, group.weight);
            }
        }
    }
    weaker
}

/// Pairs of characters.
pub(super) type Pairs = HashSet<(char, char)>;

/// The pairs of characters on both sides of the line ends within blocks of headings that stand
/// together within a line of the page.
pub(super) fn pairs_at_line_ends<'a>(
    source: &str,
    lines: &[Line],
    blocks: impl Iterator<Item = &'a Range<usize>>,
) -> Pairs {
    let wanted: Pairs = blocks
        .flat_map(|block| block.start + 1..block.end)
        .filter_map(|i| across(source, lines, i))
        .collect();
    if wanted.is_empty() {
        return wanted;
    }
    lines
        .iter()
        .flat_map(|line| {
            let chars = line.text(source).chars();
            chars.clone().zip(chars.skip(1))
        })
        .filter(|pair| wanted.contains(pair))
        .collect()
}

/// The last character of line `i - 1` and the first of line `i`.
fn across(source: &str, lines: &[Line], i: usize) -> Option<(char, char)> {
    let last = lines[i - 1].text(source).chars().next_back()?;
    let first = lines[i].text(source).chars().next()?;
    Some((last, first))
}

/// Log-odds that line `i` goes on with the heading of line `i - 1`.
fn goes_on(source: &str, lines: &[Line], pairs: &Pairs, i: usize) -> f64 {
    let (a, b) = (&lines[i - 1], &lines[i]);
    let (above, below) = (a.text(source), b.text(source));
    if is_explanation(below) || a.tag || b.tag {
        return -SURE;
    }
    if b.bad_start || open_brackets(above) {
        return SURE;
    }
    // What is set in two sizes is two headings; what markup calls a heading is a whole one.
    if a.size != b.size || a.size == WHOLE_HEADING {
        return -SURE;
    }
    let mut odds = match a.end {
        End::Comma => SURE,
        End::Open => SURE / 2.0,
        _ => ONE_HEADING,
    };
    if a.size > WHOLE_HEADING {
        odds += SAME_SIZE;
    }
    // All lines of a wrapped heading but the last fill its measure.
    if a.width + 3 < b.width {
        odds += WIDER_BELOW;
    } else if a.width.abs_diff(b.width) <= 1 {
        odds += SAME_WIDTH;
    }
    if tells_occasion(above) {
        odds += OCCASION_ABOVE;
    }
    if is_rubric(above) {
        odds += RUBRIC_ABOVE;
    }
    if UNFINISHED.end(above).is_some() {
        odds += UNFINISHED_WORD;
    }
    if b.width <= 6 {
        odds += TINY_REST;
    } else if b.width <= 10 {
        odds += SHORT_REST;
    }
    if a.open_end {
        odds += OPEN_END;
    }
    if b.gap != Gap::Usual {
        odds += ODD_GAP;
    }
    if let Some((last, first)) = across(source, lines, i) {
        let digits = last.is_ascii_digit() && first.is_ascii_digit();
        if digits || pairs.contains(&(last, first)) {
            odds += ONE_WORD;
        } else if is_han(last) && is_han(first) {
            odds += NO_WORD;
        }
    }
    odds
}

/// A block on the scale: what is known of each of its lines, and of each run of them.
struct Scale<'a> {
    block: &'a Block,
    /// The articles that may take its headings.
    candidates: Vec<usize>,
    /// By line: log-odds that it goes on with the heading of the line before.
    goes_on: Vec<f64>,
    widths: Vec<u32>,
    sizes: Vec<u16>,
    /// By line: whether it begins a sub-headline.
    explains: Vec<bool>,
    /// By first line and length: what the run says.
    runs: Vec<Vec<Said>>,
}

/// Kickers, headline, sub-headline.
type Parts<'h> = (
    &'h [Range<usize>],
    &'h Range<usize>,
    Option<&'h Range<usize>>,
);

/// What a run of lines says as one text.
struct Said {
    chars: usize,
    tells_occasion: bool,
    is_rubric: bool,
    /// By candidate: how much of it the article repeats.
    shares: Vec<f64>,
}

impl<'a> Scale<'a> {
    fn new(
        source: &str,
        lines: &[Line],
        pairs: &Pairs,
        block: &'a Block,
        articles: &Articles,
    ) -> Self {
        let all = block.lines.clone();
        let candidates = candidates(&text_of(source, lines, &all), block, articles);
        let runs = all
            .clone()
            .map(|start| {
                (start + 1..=all.end.min(start + LONGEST_GROUP))
                    .map(|end| {
                        Said::new(
                            &text_of(source, lines, &(start..end)),
                            &candidates,
                            articles,
                        )
                    })
                    .collect()
            })
            .collect();
        Self {
            block,
            candidates,
            goes_on: all
                .clone()
                .map(|i| {
                    if i == all.start {
                        0.0
                    } else {
                        goes_on(source, lines, pairs, i)
                    }
                })
                .collect(),
            widths: lines[all.clone()].iter().map(|l| l.width).collect(),
            sizes: lines[all.clone()].iter().map(|l| l.size).collect(),
            explains: lines[all]
                .iter()
                .map(|l| is_explanation(l.text(source)))
                .collect(),
            runs,
        }
    }

    /// The best way to cut the block into groups, each for another article; `refused` get none.
    fn cut(&self, refused: &HashSet<usize>) -> Vec<Group> {
        let mut best: Vec<(f64, Vec<Group>)> = vec![(0.0, Vec::new())];
        for end in 1..=self.widths.len() {
            // A line may go to nobody.
            let (weight, groups) = &best[end - 1];
            let mut choice = (weight + NOBODY, groups.clone());
            let first = end.saturating_sub(LONGEST_GROUP);
            for (start, (weight, groups)) in best.iter().enumerate().skip(first) {
                for (candidate, article) in self.candidates.iter().enumerate() {
                    if refused.contains(article) || groups.iter().any(|g| g.article == *article) {
                        continue;
                    }
                    let group = self.group(start..end, candidate);
                    if weight + group.weight > choice.0 {
                        choice = (weight + group.weight, groups.clone());
                        choice.1.push(group);
                    }
                }
            }
            best.push(choice);
        }
        best.pop().map_or(Vec::new(), |(_, groups)| groups)
    }

    /// Lines as one group for an article, cut into headings in the best way.
    fn group(&self, lines: Range<usize>, candidate: usize) -> Group {
        let article = self.candidates[candidate];
        let place = if self.block.behind == Some(article) && lines.end == self.widths.len() {
            HEADS_ITS_ARTICLE
        } else if self.block.before == Some(article) && lines.start == 0 {
            ENDS_BEFORE
        } else {
            ELSEWHERE
        };
        let (cuts, weight) = (0..1_u32 << (lines.len() - 1))
            .map(|cuts| (cuts, self.weigh(&headings(&lines, cuts), candidate)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((0, 0.0));
        let at = self.block.lines.start;
        Group {
            article,
            headings: headings(&(lines.start + at..lines.end + at), cuts),
            weight: GROUP + place + weight,
        }
    }

    /// Kickers, headline, sub-headline, top to bottom. The headline is the largest, where sizes are
    /// known, or else the last that does not explain another. Two below it are none.
    fn parts<'h>(&self, headings: &'h [Range<usize>]) -> Option<Parts<'h>> {
        let largest = headings.iter().map(|h| self.sizes[h.start]).max()?;
        let is_headline =
            |h: &Range<usize>| self.sizes[h.start] == largest && !self.explains[h.start];
        let at = headings.iter().rposition(is_headline).unwrap_or(0);
        let (headline, below) = headings[at..].split_first()?;
        match below {
            [] => Some((&headings[..at], headline, None)),
            [subheadline] => Some((&headings[..at], headline, Some(subheadline))),
            _ => None,
        }
    }

    fn said(&self, lines: &Range<usize>) -> &Said {
        &self.runs[lines.start][lines.len() - 1]
    }

    /// Log-odds that these headings are one head, and the candidate's.
    fn weigh(&self, headings: &[Range<usize>], candidate: usize) -> f64 {
        let within = |h: &Range<usize>| h.start + 1..h.end;
        let measure = headings
            .iter()
            .flat_map(within)
            .map(|i| self.widths[i - 1])
            .max();
        let mut weight = 0.0;
        for i in headings.iter().flat_map(within) {
            weight += self.goes_on[i];
            if measure.is_some_and(|measure| self.widths[i - 1] + 3 < measure) {
                weight += OFF_MEASURE;
            }
        }
        let Some((kickers, headline, subheadline)) = self.parts(headings) else {
            return f64::NEG_INFINITY;
        };
        // What the article should repeat: headline and sub-headline, from the occasion on.
        let mut essence = headline.start..subheadline.map_or(headline.end, |s| s.end);
        for kicker in kickers {
            let said = self.said(kicker);
            if said.tells_occasion {
                essence.start = essence.start.min(kicker.start);
                continue;
            }
            let share = said.shares[candidate];
            weight += KICKER + OTHERS_WORDS * (said.share_of_neighbours(self) - share).max(0.0);
            // What might be the headline's first line and says what the article says is that.
            if self.goes_on[kicker.end] > 0.0 {
                weight += KICKER_SAID * share;
            }
        }
        let said = self.said(headline);
        if said.tells_occasion {
            weight += OCCASION_ALONE;
        }
        if said.is_rubric {
            weight += RUBRIC_ALONE;
        }
        if said.chars < SHORTEST_HEADLINE {
            weight += TOO_SHORT;
        }
        let said = self.said(&essence);
        let evidence = (said.chars as f64 / 12.0).min(MOST_EVIDENCE);
        weight + SHARED * evidence * (said.shares[candidate] - EXPECTED_SHARE)
    }

    fn head(&self, source: &str, lines: &[Line], group: &Group) -> Head {
        let at = self.block.lines.start;
        let within: Vec<Range<usize>> = group
            .headings
            .iter()
            .map(|h| h.start - at..h.end - at)
            .collect();
        let (kickers, headline, subheadline) = self
            .parts(&within)
            .expect("only what has a headline is chosen");
        let join = |h: &Range<usize>| join(source, lines, &(h.start + at..h.end + at));
        let taken = group.lines();
        let said = self.said(&(taken.start - at..taken.end - at));
        let candidate = self.candidates.iter().position(|a| *a == group.article);
        Head {
            kicker: kickers.iter().map(join).collect(),
            headline: Some(join(headline)),
            subheadline: subheadline.map(join),
            support: if self.block.behind == Some(group.article)
                && taken.end == self.block.lines.end
            {
                1.0
            } else {
                candidate.map_or(0.0, |c| 2.0 * said.shares[c]).min(1.0)
            },
        }
    }
}

impl Said {
    fn new(text: &str, candidates: &[usize], articles: &Articles) -> Self {
        Self {
            chars: text.chars().count(),
            tells_occasion: tells_occasion(text),
            is_rubric: is_rubric(text),
            shares: candidates
                .iter()
                .map(|i| articles.rarity.share(text, &articles.words[*i]))
                .collect(),
        }
    }

    /// The larger share of the articles on both sides.
    fn share_of_neighbours(&self, scale: &Scale) -> f64 {
        let is_neighbour =
            |i: &usize| scale.block.before == Some(*i) || scale.block.behind == Some(*i);
        scale
            .candidates
            .iter()
            .zip(&self.shares)
            .filter(|(i, _)| is_neighbour(i))
            .map(|(_, share)| *share)
            .fold(0.0, f64::max)
    }
}

/// The neighbours of a block, and the articles not far away that repeat most of it.
fn candidates(text: &str, block: &Block, articles: &Articles) -> Vec<usize> {
    let neighbours: Vec<usize> = block.before.into_iter().chain(block.behind).collect();
    let from = neighbours.first().map_or(0, |i| i.saturating_sub(REACH));
    let to = neighbours
        .last()
        .map_or(0, |i| i + REACH)
        .min(articles.words.len());
    let mut others: Vec<(f64, usize)> = (from..to)
        .filter(|i| !neighbours.contains(i))
        .map(|i| (articles.rarity.share(text, &articles.words[i]), i))
        .collect();
    others.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let best = others.into_iter().take(OTHERS).map(|(_, i)| i);
    neighbours.iter().copied().chain(best).collect()
}

/// Lines as one text.
pub(super) fn text_of(source: &str, lines: &[Line], range: &Range<usize>) -> String {
    lines[range.clone()]
        .iter()
        .map(|l| l.text(source))
        .collect()
}

/// One heading's text.
pub(super) fn join(source: &str, lines: &[Line], heading: &Range<usize>) -> Traced {
    let ranges = lines[heading.clone()].iter().map(|l| l.range.clone());
    heal::join(source, ranges, Style::Head)
}

/// Headings of a block that stands within a body: lines that go on are joined.
pub(super) fn subheads(
    source: &str,
    lines: &[Line],
    pairs: &Pairs,
    block: &Range<usize>,
) -> Vec<Traced> {
    let mut subheads = Vec::new();
    let mut from = block.start;
    for i in block.start + 1..=block.end {
        if i == block.end || goes_on(source, lines, pairs, i) <= 0.0 {
            subheads.push(join(source, lines, &(from..i)));
            from = i;
        }
    }
    subheads
}

/// Lines cut into headings: bit `i` of `cuts` says that one ends before line `i + 1`.
fn headings(lines: &Range<usize>, cuts: u32) -> Vec<Range<usize>> {
    let mut headings = Vec::new();
    let mut from = lines.start;
    for i in lines.start + 1..lines.end {
        if cuts & 1 << (i - lines.start - 1) != 0 {
            headings.push(from..i);
            from = i;
        }
    }
    headings.push(from..lines.end);
    headings
}

/// Ends of the kicker that tells on what occasion the headline was said.
fn tells_occasion(text: &str) -> bool {
    OCCASION.end(text).is_some()
}

/// A sub-headline that explains the headline: `——解码…`.
fn is_explanation(text: &str) -> bool {
    text.starts_with("——")
}

/// The name of a series: `共建家园·一线见闻`.
fn is_rubric(text: &str) -> bool {
    text.rsplit_once(['·', '•', '｜', '|'])
        .is_some_and(|(_, last)| last.chars().count() <= 6 && last.chars().all(is_han))
}

/// Whether a quote or bracket is opened and not closed.
fn open_brackets(text: &str) -> bool {
    let depth = text.chars().fold(0_i32, |depth, c| match c {
        '“' | '《' | '（' | '「' | '【' | '(' => depth + 1,
        '”' | '》' | '）' | '」' | '】' | ')' => (depth - 1).max(0),
        _ => depth,
    });
    depth > 0
}
