//! Headlines, kickers and sub-headlines: which lines are one heading, and whose it is.
//!
//! Comes in: blocks of lines that are set apart, and the articles' texts. Goes out: for each block
//! how it is cut into groups (kickers, headline, sub-headline), each given to the article whose
//! words it shares. Never changes a body.
//!
//! Every way to cut a block is weighed in log-odds: that two lines are one heading (a word goes on
//! over the line end, the line fills its measure), that a heading speaks of an article (rare pairs
//! of characters that they share), that it stands where that article's headline would. What is
//! observed is said here; what each observation weighs stands in the table of [`super::odds`].

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::furniture;
use super::heal::{self, Style};
use super::lexicon;
use super::line::{End, Gap, Line, WHOLE_HEADING};
use super::odds::{HEADING, Observation, Weights};
use super::overlap::{Rarity, Words};
use super::words::{
    ANNOUNCED, EXPLAINS, INTERVIEWS, NOTICE, OCCASION, PREDICATE, RUBRIC, SIGNER, UNFINISHED,
};
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
    /// How likely it is that the headline is this part of the head, among all ways to cut it; 0 to 1.
    pub(super) cut: f64,
}

/// The articles that headings are given to.
pub(super) struct Articles {
    pub(super) words: Vec<Words>,
    pub(super) rarity: Rarity,
}

impl Articles {
    /// Of the paragraphs of each.
    pub(super) fn new<'t, P>(bodies: impl Iterator<Item = P>) -> Self
    where
        P: Iterator<Item = &'t Traced>,
    {
        let words: Vec<Words> = bodies.map(Words::of).collect();
        Self {
            rarity: Words::rarity(&words),
            words,
        }
    }
}

/// A group of lines given to an article: each range is one heading.
#[derive(Clone, Debug)]
struct Group {
    article: usize,
    headings: Vec<Range<usize>>,
    below: Below,
    weight: f64,
}

impl Group {
    fn lines(&self) -> Range<usize> {
        self.headings[0].start..self.headings[self.headings.len() - 1].end
    }
}

/// What the last heading of a group is, where nothing but its place tells a headline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Below {
    Headline,
    Subheadline,
}

impl Below {
    const ALL: [Self; 2] = [Self::Headline, Self::Subheadline];
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

/// A headline of fewer characters is too short for one.
const SHORTEST_HEADLINE: usize = 5;
/// A line of a heading that is as narrow, in half cells, is the last of it.
const NARROW: u32 = 10;
/// A line that is broken between words, in half cells, lacks hardly more than a word.
const WORD: u32 = 9;
/// A kicker of more characters tells an occasion, or is a headline.
const LONG_KICKER: usize = 9;
/// Short ones name a series or a time, whatever their words.
const SHORT_KICKER: usize = 6;
/// Names of series have at most so many; half of it where a sub-headline might end so too.
const LONGEST_RUBRIC: usize = 12;
/// A kicker that says who is interviewed, with office and name.
const LONGEST_INTERVIEW: usize = 18;
/// Odds of ways to cut a head are taken to this root where confidence is told: observations are not
/// independent of one another, so that their sum is too sure (on pages of texts that the weights were
/// not set on, `tests/habits.rs`).
const DOUBT: f64 = 1.2;
/// A headline of more characters is more likely two.
const LONG_HEADLINE: usize = 20;
/// A clause of a headline has at most about so many characters.
const LONG_CLAUSE: usize = 13;
/// A share of words counts in full from twelve characters on, and at most so much more.
const MOST_EVIDENCE: f64 = 1.8;

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
        .map(|block| Scale::new(source, lines, pairs, block, articles, &HEADING))
        .collect();
    let mut refused: Vec<HashSet<usize>> = vec![HashSet::new(); blocks.len()];
    let mut cuts: Vec<(f64, Vec<Group>)> = scales.iter().map(|s| s.cut(&HashSet::new())).collect();
    // An article has one headline: where two blocks claim it, the one that loses less is cut anew
    // without it.
    for round in 0..ROUNDS {
        let losers = weaker_claims(&cuts, |block, article| {
            let mut without = refused[block].clone();
            without.insert(article);
            cuts[block].0 - scales[block].cut(&without).0
        });
        for (block, article) in losers {
            refused[block].insert(article);
            if round + 1 < ROUNDS {
                cuts[block] = scales[block].cut(&refused[block]);
            } else {
                cuts[block].1.retain(|g| g.article != article);
            }
        }
    }
    let mut heads = Vec::new();
    let mut left = Vec::new();
    for (block, (scale, (_, groups))) in scales.iter().zip(cuts).enumerate() {
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

/// Claims on an article that another block claims too and would lose more without: block and article.
fn weaker_claims(
    cuts: &[(f64, Vec<Group>)],
    loses: impl Fn(usize, usize) -> f64,
) -> Vec<(usize, usize)> {
    let mut claims: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (block, (_, groups)) in cuts.iter().enumerate() {
        for group in groups {
            claims.entry(group.article).or_default().push(block);
        }
    }
    let mut weaker = Vec::new();
    for (article, blocks) in claims.into_iter().filter(|(_, blocks)| blocks.len() > 1) {
        let losses: Vec<f64> = blocks.iter().map(|block| loses(*block, article)).collect();
        let most = (0..blocks.len()).max_by(|a, b| losses[*a].total_cmp(&losses[*b]));
        let others = (0..blocks.len()).filter(|i| Some(*i) != most);
        weaker.extend(others.map(|i| (blocks[i], article)));
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
    // Cheaper than to look each pair up.
    let place = |c: char| c as usize % 256;
    let mut begins = [false; 256];
    for (a, _) in &wanted {
        begins[place(*a)] = true;
    }
    lines
        .iter()
        .flat_map(|line| {
            let chars = line.text(source).chars();
            chars.clone().zip(chars.skip(1))
        })
        .filter(|pair| begins[place(pair.0)] && wanted.contains(pair))
        .collect()
}

/// The last character of line `i - 1` and the first of line `i`.
fn across(source: &str, lines: &[Line], i: usize) -> Option<(char, char)> {
    lexicon::across(lines[i - 1].text(source), lines[i].text(source))
}

/// What is observed, each once, where line `i` may go on with the heading of line `i - 1`.
fn at_line_end(source: &str, lines: &[Line], pairs: &Pairs, i: usize) -> Vec<Observation> {
    let (a, b) = (&lines[i - 1], &lines[i]);
    let (above, below) = (a.text(source), b.text(source));
    let dated = furniture::is_date(above) || furniture::is_date(below);
    if is_explanation(below) || dated || a.tag || b.tag {
        return vec![Observation::SurelyTwo];
    }
    if b.bad_start || open_brackets(above) {
        return vec![Observation::SurelyOne];
    }
    // What is set in two sizes is two headings; what markup calls a heading is a whole one.
    if a.size != b.size || a.size == WHOLE_HEADING {
        return vec![Observation::SurelyTwo];
    }
    let mut seen = vec![match a.end {
        End::Comma => Observation::SurelyOne,
        End::Open => Observation::OpenMark,
        _ => Observation::OneHeading,
    }];
    let mut see = |holds: bool, what: Observation| seen.extend(holds.then_some(what));
    see(a.size > WHOLE_HEADING, Observation::SameSize);
    // All lines of a wrapped heading but the last fill its measure.
    see(a.width + 3 < b.width, Observation::WiderBelow);
    see(a.width + WORD < b.width, Observation::HadRoom);
    see(a.width.abs_diff(b.width) <= 1, Observation::SameWidth);
    see(tells_occasion(above), Observation::OccasionAbove);
    see(is_rubric(above), Observation::RubricAbove);
    see(UNFINISHED.end(above).is_some(), Observation::UnfinishedWord);
    see(EXPLAINS.end(above).is_some(), Observation::ExplainsAbove);
    see(PREDICATE.start(below).is_some(), Observation::GoesOnBelow);
    see(a.width <= NARROW, Observation::NarrowLine);
    see(b.width <= 6, Observation::TinyRest);
    see((7..=10).contains(&b.width), Observation::ShortRest);
    see(a.open_end, Observation::OpenEnd);
    see(b.gap != Gap::Usual, Observation::OddGap);
    if let Some((last, first)) = across(source, lines, i) {
        // The characters on both sides belong to one word, stand together elsewhere on the page, or
        // do not.
        let digits = last.is_ascii_digit() && first.is_ascii_digit();
        let together = pairs.contains(&(last, first));
        if digits || a.splits_word == Some(true) {
            see(true, Observation::CutWord);
        } else if together {
            see(true, Observation::Together);
        } else {
            see(is_han(last) && is_han(first), Observation::NoWord);
        }
    }
    seen
}

/// A block on the scale: what is known of each of its lines, and of each run of them.
struct Scale<'a> {
    block: &'a Block,
    /// The articles that may take its headings.
    candidates: Vec<usize>,
    weights: &'a Weights,
    /// By line: what is observed at the line end before it, and the log-odds that it goes on with
    /// the heading there.
    line_ends: Vec<Vec<Observation>>,
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
    /// Characters of its longest part between marks or spaces.
    clause: usize,
    tells_occasion: bool,
    is_rubric: bool,
    /// Whether it says what kind of report it is or whom it is about, as sub-headlines do, and whether it has
    /// several clauses.
    explains: bool,
    has_clauses: bool,
    /// Whether it says who claims what (`六部门：…`), as headlines do.
    claims: bool,
    /// Whether it asks or calls, as kickers hardly do.
    speaks: bool,
    /// Whether it is an office, as those who sign a notice are.
    is_office: bool,
    /// Whether it is a headline that has so few characters (`更正`).
    is_notice: bool,
    /// Whether it is a date, which is no heading.
    is_date: bool,
    /// Whether it has a number.
    counts: bool,
    /// Whether it begins as what goes on with another does, without who it speaks of.
    goes_on: bool,
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
        weights: &'a Weights,
    ) -> Self {
        let all = block.lines.clone();
        let candidates = candidates(&text_of(source, lines, &all), block, articles);
        let run = |start: usize, end: usize| {
            Said::new(
                &text_of(source, lines, &(start..end)),
                &candidates,
                articles,
            )
        };
        let runs = all
            .clone()
            .map(|start| {
                let ends = start + 1..=all.end.min(start + LONGEST_GROUP);
                ends.map(|end| run(start, end)).collect()
            })
            .collect();
        let line_ends: Vec<Vec<Observation>> = all
            .clone()
            .map(|i| match i == all.start {
                true => Vec::new(),
                false => at_line_end(source, lines, pairs, i),
            })
            .collect();
        Self {
            block,
            weights,
            goes_on: line_ends.iter().map(|seen| weights.sum(seen)).collect(),
            line_ends,
            widths: lines[all.clone()].iter().map(|l| l.width).collect(),
            sizes: lines[all.clone()].iter().map(|l| l.size).collect(),
            explains: lines[all]
                .iter()
                .map(|l| is_explanation(l.text(source)))
                .collect(),
            runs,
            candidates,
        }
    }

    /// The best way to cut the block into groups, each for another article, and its log-odds; `refused`
    /// get none.
    fn cut(&self, refused: &HashSet<usize>) -> (f64, Vec<Group>) {
        let mut best: Vec<(f64, Vec<Group>)> = vec![(0.0, Vec::new())];
        for end in 1..=self.widths.len() {
            // A line may go to nobody.
            let (weight, groups) = &best[end - 1];
            let mut choice = (weight + self.weights.of(self.nobody()), groups.clone());
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
        best.pop().unwrap_or_default()
    }

    /// That nobody takes a line: below the last article it is of its body.
    fn nobody(&self) -> Observation {
        match self.block.behind {
            Some(_) => Observation::Nobody,
            None => Observation::NobodyBelow,
        }
    }

    /// Lines as one group for an article, cut into headings in the best way.
    fn group(&self, lines: Range<usize>, candidate: usize) -> Group {
        let article = self.candidates[candidate];
        let place = self.place(&lines, candidate);
        let (cuts, below, weight) = (0..1_u32 << (lines.len() - 1))
            .flat_map(|cuts| Below::ALL.map(|below| (cuts, below)))
            .map(|(cuts, below)| {
                let weight = self.weigh(&headings(&lines, cuts), below, candidate);
                (cuts, below, weight)
            })
            .max_by(|a, b| a.2.total_cmp(&b.2))
            .unwrap_or((0, Below::Headline, 0.0));
        let at = self.block.lines.start;
        Group {
            article,
            headings: headings(&(lines.start + at..lines.end + at), cuts),
            below,
            weight: self.weights.of(place) + weight,
        }
    }

    /// Where a group stands: right above its article, right below it, or neither.
    fn place(&self, lines: &Range<usize>, candidate: usize) -> Observation {
        let article = self.candidates[candidate];
        if self.block.behind == Some(article) && lines.end == self.widths.len() {
            Observation::HeadsItsArticle
        } else if self.block.before == Some(article) && lines.start == 0 {
            Observation::EndsBefore
        } else {
            Observation::Elsewhere
        }
    }

    /// Kickers, headline, sub-headline, top to bottom. The headline is the largest, where sizes are
    /// known; or else the last that does not explain another, or the one before it. Two below it
    /// are none.
    fn parts<'h>(&self, headings: &'h [Range<usize>], below: Below) -> Option<Parts<'h>> {
        let largest = headings.iter().map(|h| self.sizes[h.start]).max()?;
        let is_headline =
            |h: &Range<usize>| self.sizes[h.start] == largest && !self.explains[h.start];
        let mut at = headings.iter().rposition(is_headline).unwrap_or(0);
        if below == Below::Subheadline {
            // Where sizes are stated, a sub-headline has its own.
            if largest > WHOLE_HEADING {
                return None;
            }
            let unsaid = at + 1 == headings.len() && is_headline(&headings[at.checked_sub(1)?]);
            at -= usize::from(unsaid);
            if !unsaid {
                return None;
            }
        }
        let (headline, rest) = headings[at..].split_first()?;
        match rest {
            [] => Some((&headings[..at], headline, None)),
            [subheadline] => Some((&headings[..at], headline, Some(subheadline))),
            _ => None,
        }
    }

    /// The share of the ways to cut these lines, by their odds, in which this is the headline.
    fn share_of_headline(
        &self,
        lines: &Range<usize>,
        headline: &Range<usize>,
        candidate: usize,
    ) -> f64 {
        let ways = (0..1_u32 << (lines.len() - 1))
            .map(|cuts| headings(lines, cuts))
            .flat_map(|way| Below::ALL.map(|below| (way.clone(), below)));
        let (mut same, mut all) = (0.0, 0.0);
        for (way, below) in ways {
            let odds = (self.weigh(&way, below, candidate) / DOUBT).exp();
            all += odds;
            if self
                .parts(&way, below)
                .is_some_and(|(_, other, _)| other == headline)
            {
                same += odds;
            }
        }
        if all > 0.0 { same / all } else { 0.0 }
    }

    fn said(&self, lines: &Range<usize>) -> &Said {
        &self.runs[lines.start][lines.len() - 1]
    }

    /// Log-odds that these headings are one head, and the candidate's.
    fn weigh(&self, headings: &[Range<usize>], below: Below, candidate: usize) -> f64 {
        let mut weight = 0.0;
        let mut add = |what, times| weight += self.weights.of(what) * times;
        if self.observe(headings, below, candidate, &mut add) {
            weight
        } else {
            f64::NEG_INFINITY
        }
    }

    /// Tells `see` what is observed of these headings as the candidate's head, and how much of it.
    /// False where they cannot be one head.
    fn observe(
        &self,
        headings: &[Range<usize>],
        below: Below,
        candidate: usize,
        see: &mut impl FnMut(Observation, f64),
    ) -> bool {
        let Some((kickers, headline, subheadline)) = self.parts(headings, below) else {
            return false;
        };
        if headings.iter().any(|h| self.said(h).is_date) {
            return false;
        }
        for i in headings.iter().flat_map(|h| h.start + 1..h.end) {
            for what in &self.line_ends[i] {
                see(*what, 1.0);
            }
        }
        // What the article should repeat: headline and sub-headline, from the occasion on.
        let mut essence = headline.start..subheadline.map_or(headline.end, |s| s.end);
        for kicker in kickers {
            let said = self.said(kicker);
            if said.tells_occasion {
                essence.start = essence.start.min(kicker.start);
                continue;
            }
            let share = said.shares[candidate];
            see(Observation::Kicker, 1.0);
            let others = (said.share_of_neighbours(self) - share).max(0.0);
            see(Observation::OthersWords, others);
            let names_series = said.is_rubric || said.is_office;
            for (holds, what) in [
                (names_series, Observation::KickerRubric),
                (
                    !names_series && said.chars >= LONG_KICKER,
                    Observation::KickerLong,
                ),
                (
                    !names_series && said.chars <= SHORT_KICKER,
                    Observation::KickerShort,
                ),
                (said.speaks, Observation::KickerSpeaks),
            ] {
                if holds {
                    see(what, 1.0);
                }
            }
            // What might be the headline's first line and says what the article says is that.
            if self.goes_on[kicker.end] > 0.0 {
                see(Observation::KickerSaid, share);
            }
        }
        let said = self.said(headline);
        let beyond = said.chars.saturating_sub(LONG_HEADLINE) as f64 / 5.0;
        see(Observation::LongHeadline, beyond.min(2.0));
        let beyond = said.clause.saturating_sub(LONG_CLAUSE) as f64 / 4.0;
        see(Observation::LongClause, beyond.min(2.0));
        for (holds, what) in [
            (
                said.tells_occasion || self.explains[headline.start],
                Observation::OccasionAlone,
            ),
            (said.is_rubric, Observation::RubricAlone),
            (
                said.chars < SHORTEST_HEADLINE && !said.is_notice,
                Observation::TooShort,
            ),
            (said.is_office, Observation::OfficeAlone),
            (said.has_clauses, Observation::HeadlineClauses),
            (
                said.explains
                    && kickers.last().is_some_and(|kicker| {
                        let kicker = self.said(kicker);
                        !kicker.is_rubric && !kicker.is_office && !kicker.tells_occasion
                    }),
                Observation::ExplainsAnother,
            ),
        ] {
            if holds {
                see(what, 1.0);
            }
        }
        if let (Below::Subheadline, Some(subheadline)) = (below, subheadline) {
            let (head, sub) = (self.said(headline), self.said(subheadline));
            see(Observation::PlainSubheadline, 1.0);
            for (holds, what) in [
                (sub.goes_on, Observation::SubheadlineGoesOn),
                (sub.counts && !head.counts, Observation::SubheadlineCounts),
                (sub.explains, Observation::SubheadlineExplains),
                (sub.claims, Observation::SubheadlineClaims),
                (
                    sub.has_clauses && !head.has_clauses,
                    Observation::SubheadlineClauses,
                ),
            ] {
                if holds {
                    see(what, 1.0);
                }
            }
        }
        let said = self.said(&essence);
        let evidence = (said.chars as f64 / 12.0).min(MOST_EVIDENCE);
        see(Observation::Length, evidence);
        see(Observation::Shared, evidence * said.shares[candidate]);
        true
    }

    fn head(&self, source: &str, lines: &[Line], group: &Group) -> Head {
        let at = self.block.lines.start;
        let within: Vec<Range<usize>> = group
            .headings
            .iter()
            .map(|h| h.start - at..h.end - at)
            .collect();
        let (kickers, headline, subheadline) = self
            .parts(&within, group.below)
            .expect("only what has a headline is chosen");
        let join = |h: &Range<usize>| join(source, lines, &(h.start + at..h.end + at));
        let taken = group.lines();
        let said = self.said(&(taken.start - at..taken.end - at));
        let candidate = self.candidates.iter().position(|a| *a == group.article);
        let own = taken.start - at..taken.end - at;
        let cut = candidate.map_or(0.0, |c| self.share_of_headline(&own, headline, c));
        Head {
            cut,
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
            chars: text.chars().filter(|c| !c.is_whitespace()).count(),
            clause: text
                .split(|c: char| c.is_whitespace() || "，、：；！？,:—".contains(c))
                .map(|part| part.chars().count())
                .max()
                .unwrap_or(0),
            tells_occasion: tells_occasion(text),
            is_rubric: is_rubric(text),
            explains: EXPLAINS.end(text).is_some() || introduces(text),
            has_clauses: text.contains(['，', '、', ',']),
            claims: text.contains(['：', ':']),
            speaks: text.contains(['？', '！']),
            is_office: is_office(text),
            is_notice: NOTICE.contains(text),
            is_date: furniture::is_date(text),
            counts: text.contains(|c: char| c.is_ascii_digit() || "百千万亿".contains(c)),
            goes_on: PREDICATE.start(text).is_some(),
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

/// Lines as one text, with the space where one stands before a line end.
pub(super) fn text_of(source: &str, lines: &[Line], range: &Range<usize>) -> String {
    let mut text = String::new();
    for line in &lines[range.clone()] {
        text.push_str(line.text(source));
        text.extend(line.open_end.then_some(' '));
    }
    text.truncate(text.trim_end().len());
    text
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
        if i == block.end || HEADING.sum(&at_line_end(source, lines, pairs, i)) <= 0.0 {
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

/// A sub-headline that explains the headline: `——解码…`, or says in brackets where it is from:
/// `（2031年4月2日市人大常委会第三次会议通过）`.
fn is_explanation(text: &str) -> bool {
    text.starts_with("——")
        || text.starts_with(['（', '(']) && furniture::stated_date(text).is_some()
}

/// Whether a text introduces somebody or a place that is not known yet: `一座小镇的转身`, also behind
/// where that is.
fn introduces(text: &str) -> bool {
    let mut pairs = text.chars().zip(text.chars().skip(1));
    let is_one = |(a, b): (char, char)| a == '一' && "座名个個位群家支".contains(b);
    pairs.next().is_some_and(is_one) || pairs.any(is_one) && text.contains('的')
}

/// The name of a series: `共建家园·一线见闻`, `民生观察`.
fn is_rubric(text: &str) -> bool {
    let named = || {
        let longest = match EXPLAINS.end(text) {
            Some(_) => LONGEST_RUBRIC / 2,
            None => LONGEST_RUBRIC,
        };
        RUBRIC.end(text).is_some() && text.chars().count() <= longest
    };
    text.rsplit_once(['·', '•', '｜', '|'])
        .map(|(_, last)| last.trim_start())
        .is_some_and(|last| last.chars().count() <= 6 && last.chars().all(is_han))
        || named()
        || INTERVIEWS.start(text).is_some() && text.chars().count() <= LONGEST_INTERVIEW
}

/// Whether a text is the name of an office, or of one with what it did (`市教育局公告`).
fn is_office(text: &str) -> bool {
    let did = ANNOUNCED.end(text).map_or(0, str::len);
    SIGNER.end(&text[..text.len() - did]).is_some()
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

#[cfg(test)]
#[path = "../../benches/fit_headings.rs"]
mod fit;
