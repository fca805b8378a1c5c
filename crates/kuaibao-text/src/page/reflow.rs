//! Hard-wrapped lines to paragraphs.
//!
//! Comes in: lines that stand together (no byline or page head among them). Goes out: which of
//! them form a paragraph and which stand alone as headlines, kickers and subheads ([`Unit`]).
//! Never looks at what the text says: only at how wide the lines are and how they begin and end.
//!
//! A column sets every line of a paragraph to the same width; the first is two cells shorter, where
//! the indent is lost; the last is as short as it happens to be and ends a sentence. The column
//! itself is not known and may change. So each line is given a column width and a role, by the
//! cheapest path through all of them (Viterbi); what is costly is a line that does not fill its
//! column without reason, a paragraph that ends without a full stop, a column that changes.

use std::cmp::Ordering;
use std::ops::Range;

use super::line::{End, Gap, Line};

/// Lines that belong together, as indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub kind: Kind,
    pub lines: Range<usize>,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A paragraph.
    Paragraph,
    /// Lines that are set apart: headline, kicker, subhead. One line a unit.
    Display,
}

/// What the text says about where paragraphs begin and end.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent observations, not states"
)]
pub(super) struct Hint {
    /// Whether the line is a heading, where markup says so.
    pub heading: Option<bool>,
    /// A paragraph begins here (a dateline, a follow-up mark).
    pub begins: bool,
    /// A paragraph probably begins here (who else was present).
    pub may_begin: bool,
    /// The line begins with the number of an item or a section.
    pub enumerated: bool,
    /// The line goes on with the one before (the rest of a photo credit).
    pub continues: bool,
    /// A paragraph ends here, whatever its last character (a photo credit, a jump note).
    pub ends: bool,
    /// A number goes on in the next line.
    pub runs_on: bool,
}

/// Two cells: the indent of a paragraph's first line.
const INDENT: u32 = 4;
/// A line that is set in so deep stands in the middle of its column.
const CENTRED: u32 = 10;
/// Columns narrower than this (six cells) do not occur.
const NARROWEST: u32 = 12;
/// A line wider than this (64 cells) is a paragraph of its own.
const WIDEST: u32 = 128;

/// Log-odds that lines are those of a column rather than whole paragraphs, by how they end: a line
/// that breaks off behind a clause or within a word, or that is set in while the next is not, is a
/// column's; a whole paragraph ends a sentence.
pub(super) fn wrapping(lines: &[Line], hints: &[Hint]) -> f32 {
    let set_in = lines.iter().filter(|l| l.indent >= INDENT - 1).count();
    let some_set_in = set_in > 0 && set_in < lines.len();
    let mut odds = 0.0;
    for (pair, hint) in lines.windows(2).zip(hints) {
        let (line, next) = (&pair[0], &pair[1]);
        if line.width > WIDEST {
            odds -= 3.0;
            continue;
        }
        let clauses = line.stops + line.commas > 0;
        odds += match line.end {
            // The text says that a paragraph ends here.
            _ if hint.ends => -0.7,
            End::Comma | End::Open => 3.0,
            End::Word if line.splits_word == Some(true) => 2.5,
            End::Word if clauses => 2.5,
            // So may a heading; two lines of one column are as wide.
            End::Word if line.width >= NARROWEST => {
                if line.width.abs_diff(next.width) <= 6 {
                    0.4
                } else {
                    -0.1
                }
            }
            End::Word => 0.0,
            End::Colon => -0.3,
            End::Sentence => -0.7,
        };
        if some_set_in && line.indent >= INDENT - 1 && next.indent < INDENT - 1 {
            odds += if line.end == End::Word { 2.0 } else { -0.5 };
        }
    }
    odds
}

/// Each line a unit of its own: for text that has one paragraph a line.
pub(super) fn unwrapped(run: &Run) -> Vec<Unit> {
    let Run { lines, hints, .. } = run;
    lines
        .iter()
        .zip(*hints)
        .enumerate()
        .map(|(i, (line, hint))| {
            let shaped_like_one = line.stops == 0
                && line.width <= 80
                && (matches!(line.end, End::Word | End::Open) || run.may_ask(i));
            let display = hint.heading.unwrap_or(shaped_like_one) && !hint.begins && !hint.ends;
            Unit {
                kind: if display {
                    Kind::Display
                } else {
                    Kind::Paragraph
                },
                lines: i..i + 1,
            }
        })
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// First line of a paragraph of several lines.
    First,
    /// Neither first nor last.
    Middle,
    /// Last line of a paragraph of several lines.
    Last,
    /// A paragraph of one line.
    Single,
    /// Set apart.
    Display,
}

const ROLES: [Role; 5] = [
    Role::First,
    Role::Middle,
    Role::Last,
    Role::Single,
    Role::Display,
];

impl Role {
    fn ends_unit(self) -> bool {
        matches!(self, Role::Last | Role::Single | Role::Display)
    }

    fn begins_unit(self) -> bool {
        matches!(self, Role::First | Role::Single | Role::Display)
    }

    /// Whether `self` can follow `before`.
    fn follows(self, before: Role) -> bool {
        before.ends_unit() == self.begins_unit()
    }

    /// Cost of another column from `before` to `self`, and of the step itself.
    fn step(self, before: Role) -> Step {
        let set_apart = (self == Role::Display) && (before != Role::Display);
        Step {
            cost: if set_apart { SET_APART } else { 0.0 },
            other_column: match (before.ends_unit(), before == Role::Display) {
                (false, _) => 5.0,
                (true, false) => 2.5,
                (true, true) => 1.0,
            },
        }
    }
}

struct Step {
    cost: f32,
    other_column: f32,
}

/// Cost of the first of several lines that are set apart; at the edge of a run it is less.
const SET_APART: f32 = 2.3;

/// Paragraphs and set-apart lines of runs of wrapped lines.
///
/// Two passes: the first with costs that fit any typesetting, the second with costs learnt from
/// what the first found on this page.
pub(super) fn reflow(runs: &[Run], indented: bool) -> Vec<Vec<Unit>> {
    let mut habits = Habits::new(runs);
    let mut seen = Seen::default();
    for run in runs {
        seen.add(run.lines, &best_path(run, &habits, indented), &habits);
    }
    habits.learn(&seen);
    runs.iter()
        .map(|run| units(&best_path(run, &habits, indented)))
        .collect()
}

/// Lines that stand together.
pub(super) struct Run<'a> {
    pub lines: &'a [Line],
    pub hints: &'a [Hint],
    pub after: Before,
    /// Whether a byline follows that stands above its article: what it stands below is a headline.
    pub above_byline: bool,
}

impl Run<'_> {
    /// Whether a line stands where headlines do and asks, as some do.
    fn may_ask(&self, i: usize) -> bool {
        let line = &self.lines[i];
        let heads = i < LONGEST_QUESTION && self.after != Before::Byline;
        let last = self.above_byline && i + 1 == self.lines.len();
        line.asks && line.stops == 0 && line.width <= 60 && (heads || last)
    }
}

/// Lines of a headline that asks.
const LONGEST_QUESTION: usize = 3;

/// What stands before a run of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// A byline above an article: what follows it is text.
    Byline,
    /// The end of an article, or nothing: what follows is a headline rather than text.
    ArticleEnd,
    Other,
}

fn units(path: &[(Role, u32)]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for (i, (role, _)) in path.iter().enumerate() {
        if role.begins_unit() {
            units.push(Unit {
                kind: if *role == Role::Display {
                    Kind::Display
                } else {
                    Kind::Paragraph
                },
                lines: i..i + 1,
            });
        } else if let Some(unit) = units.last_mut() {
            unit.lines.end = i + 1;
        }
    }
    units
}

/// Deviations of a line from its column that are told apart, in half cells.
const REACH: usize = 12;

/// How a line fills its column.
#[derive(Clone, Copy)]
enum Fill {
    /// The next character would not have fitted, or closing punctuation hangs over the edge.
    Full,
    /// Narrower by so much, without reason.
    Short(usize),
    /// Wider by so much, its punctuation squeezed or its spaces thinned.
    Squeezed(usize),
    /// Wider by so much, without reason.
    Long(usize),
}

/// How this page is set: what it costs a line to fill its column as it does.
struct Habits {
    short: [f32; REACH],
    squeezed: [f32; REACH],
    long: [f32; REACH],
    /// Cost of a first line that is an indent shorter than its column, and of one that is not.
    first: [f32; 2],
    /// Whether numbers and Latin words are kept whole where a line ends.
    keeps_tokens: bool,
}

impl Habits {
    /// Costs that fit any typesetting.
    fn new(runs: &[Run]) -> Self {
        let steps = |first: f32, step: f32, most: f32| {
            std::array::from_fn(|i| (first + step * i as f32).min(most))
        };
        let broken = runs
            .iter()
            .flat_map(|run| run.lines.windows(2))
            .filter(|pair| pair[0].token_end && pair[1].head_token > 0)
            .count();
        Self {
            short: steps(1.5, 0.6, 6.5),
            squeezed: steps(0.7, 0.3, 6.0),
            long: steps(1.2, 0.7, 6.5),
            first: [0.0, 0.7],
            keeps_tokens: broken < 2,
        }
    }

    fn fill(&self, line: &Line, next: Option<&Line>, expected: u32) -> Fill {
        let slot = |d: u32| (d as usize - 1).min(REACH - 1);
        if line.width <= expected {
            let unit = next.map_or(2, |next| {
                if self.keeps_tokens {
                    next.head_unit.max(next.head_token)
                } else {
                    next.head_unit
                }
            });
            return match (line.width + unit.max(2)).checked_sub(expected) {
                Some(1..) => Fill::Full,
                _ => Fill::Short(slot(expected + 1 - line.width - unit.max(2))),
            };
        }
        let hang = if line.closed_end { 2 } else { 0 };
        let over = line.width - expected;
        if over <= hang {
            Fill::Full
        } else if over <= hang + line.squeeze {
            Fill::Squeezed(slot(over - hang))
        } else {
            Fill::Long(slot(over - hang))
        }
    }

    fn cost(&self, fill: Fill) -> f32 {
        match fill {
            Fill::Full => 0.0,
            Fill::Short(d) => self.short[d],
            Fill::Squeezed(d) => self.squeezed[d],
            Fill::Long(d) => self.long[d],
        }
    }

    /// Costs as log-odds against a full line, what was assumed before weighing as much as
    /// [`PRIOR`] lines.
    fn learn(&mut self, seen: &Seen) {
        let relearn = |cost: &mut f32, count: f32, full: f32| {
            let odds = (count + PRIOR * (-*cost).exp()) / (full + PRIOR);
            *cost = (-odds.ln()).clamp(0.0, 8.0);
        };
        for (cost, count) in [
            (&mut self.short, &seen.short),
            (&mut self.squeezed, &seen.squeezed),
            (&mut self.long, &seen.long),
        ] {
            for (cost, count) in cost.iter_mut().zip(count) {
                relearn(cost, *count, seen.full);
            }
        }
        let [set_in, flush] = seen.first;
        let most = set_in.max(flush);
        relearn(&mut self.first[0], set_in, most);
        relearn(&mut self.first[1], flush, most);
    }
}

/// Lines that the general costs weigh as much as.
const PRIOR: f32 = 20.0;

/// How often lines fill their columns how.
#[derive(Default)]
struct Seen {
    full: f32,
    short: [f32; REACH],
    squeezed: [f32; REACH],
    long: [f32; REACH],
    first: [f32; 2],
}

impl Seen {
    fn add(&mut self, lines: &[Line], path: &[(Role, u32)], habits: &Habits) {
        for (i, (role, column)) in path.iter().enumerate() {
            let fill = |expected| habits.fill(&lines[i], lines.get(i + 1), expected);
            match role {
                Role::Middle => match fill(*column) {
                    Fill::Full => self.full += 1.0,
                    Fill::Short(d) => self.short[d] += 1.0,
                    Fill::Squeezed(d) => self.squeezed[d] += 1.0,
                    Fill::Long(d) => self.long[d] += 1.0,
                },
                Role::First => {
                    let set_in = habits.cost(fill(column.saturating_sub(INDENT)));
                    let flush = habits.cost(fill(*column));
                    self.first[usize::from(flush < set_in)] += 1.0;
                }
                _ => {}
            }
        }
    }
}

/// Column widths that occur, in half cells, sorted.
fn columns(lines: &[Line]) -> Vec<u32> {
    let mut seen = [false; WIDEST as usize + 1];
    let mut before = 0;
    for line in lines {
        seen[line.width.clamp(NARROWEST, WIDEST) as usize] = true;
        // The only full line of a column may be a first line.
        if line.width > before + INDENT {
            seen[(line.width + INDENT).clamp(NARROWEST, WIDEST) as usize] = true;
        }
        before = line.width;
    }
    (NARROWEST..=WIDEST).filter(|w| seen[*w as usize]).collect()
}

/// Where a state came from: the role before, and whether in the same column.
#[derive(Clone, Copy)]
struct From {
    role: u8,
    same_column: bool,
}

/// The cheapest role and column of each line.
fn best_path(run: &Run, habits: &Habits, indented: bool) -> Vec<(Role, u32)> {
    let lines = run.lines;
    let columns = columns(lines);
    let width = columns.len() * ROLES.len();
    let mut cost = vec![0.0_f32; width];
    let mut back: Vec<From> = Vec::with_capacity(lines.len() * width);
    // The cheapest column of each role on the line before.
    let mut cheapest_columns: Vec<[u16; ROLES.len()]> = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let cheapest = cheapest_of(&cost);
        cheapest_columns.push(cheapest.map(|(_, column)| column));
        let emission = Emission {
            line,
            next: lines.get(i + 1),
            hint: run.hints[i],
            asks: run.may_ask(i),
            habits,
            indented,
        };
        let fixed = ROLES.map(|role| emission.fixed(role));
        let cut_above = i > 0 && lines[i - 1].splits_word == Some(true) && !run.hints[i - 1].ends;
        let ways = ROLES.map(|role| Ways::new(role, &cheapest, cut_above));
        let mut new = vec![f32::INFINITY; width];
        let (before, _) = cost.as_chunks();
        for (c, (column, here)) in columns.iter().zip(before).enumerate() {
            let within = emission.within(*column);
            for (r, role) in ROLES.into_iter().enumerate() {
                let (best, from) = if i == 0 {
                    let start = match role {
                        Role::Display if run.after == Before::Byline => 4.0,
                        Role::First | Role::Single if run.after == Before::ArticleEnd => 2.0,
                        _ if role.begins_unit() => 0.0,
                        _ => f32::INFINITY,
                    };
                    (
                        start,
                        From {
                            role: 0,
                            same_column: true,
                        },
                    )
                } else {
                    ways[r].cheapest(here)
                };
                back.push(from);
                if best.is_finite() {
                    new[c * ROLES.len() + r] = best + fixed[r] + within[r];
                }
            }
        }
        cost = new;
    }
    let last = (0..width)
        .filter(|at| ROLES[at % ROLES.len()].ends_unit())
        .min_by(|a, b| cost[*a].total_cmp(&cost[*b]));
    let mut at = last.unwrap_or(0);
    let mut path = vec![(Role::Single, 0); lines.len()];
    for i in (0..lines.len()).rev() {
        path[i] = (ROLES[at % ROLES.len()], columns[at / ROLES.len()]);
        let from = back[i * width + at];
        let column = if from.same_column {
            at / ROLES.len()
        } else {
            usize::from(cheapest_columns[i][usize::from(from.role)])
        };
        at = column * ROLES.len() + usize::from(from.role);
    }
    path
}

/// The steps to a role.
struct Ways {
    /// By the role before, the cost of the step within a column; infinite where there is none.
    steps: [f32; ROLES.len()],
    /// The cheapest step from any column, and the role before it.
    other: (f32, usize),
}

impl Ways {
    /// `others` are the cheapest columns of each role on the line before. Where that ends within a word
    /// (`cut`), it is not what ends a heading above a paragraph.
    fn new(role: Role, others: &[(f32, u16); ROLES.len()], cut: bool) -> Self {
        let mut ways = Self {
            steps: [f32::INFINITY; ROLES.len()],
            other: (f32::INFINITY, 0),
        };
        for (b, before) in ROLES.into_iter().enumerate() {
            if !role.follows(before) {
                continue;
            }
            let mut step = role.step(before);
            if cut && before == Role::Display && role != Role::Display {
                step.cost += CUT_WORD;
            }
            ways.steps[b] = step.cost;
            let other = others[b].0 + step.cost + step.other_column;
            if other < ways.other.0 {
                ways.other = (other, b);
            }
        }
        ways
    }

    /// The cheapest of them: from the same column (`here`) or from another.
    fn cheapest(&self, here: &[f32; ROLES.len()]) -> (f32, From) {
        let mut same = (f32::INFINITY, 0);
        for (b, (here, step)) in here.iter().zip(&self.steps).enumerate() {
            let cost = here + step;
            same = if cost < same.0 { (cost, b) } else { same };
        }
        let same_column = match same.0.total_cmp(&self.other.0) {
            Ordering::Less => true,
            Ordering::Equal => same.1 <= self.other.1,
            Ordering::Greater => false,
        };
        let (best, role) = if same_column { same } else { self.other };
        let role = role as u8;
        (best, From { role, same_column })
    }
}

fn cheapest_of(cost: &[f32]) -> [(f32, u16); ROLES.len()] {
    let mut best = [(f32::INFINITY, 0_u16); ROLES.len()];
    for (column, roles) in cost.chunks_exact(ROLES.len()).enumerate() {
        for (best, cost) in best.iter_mut().zip(roles) {
            if *cost < best.0 {
                *best = (*cost, column as u16);
            }
        }
    }
    best
}

/// Cost of a paragraph that ends within a word: so many more of the line ends within paragraphs fall
/// between two characters of one word than of those behind them (43 % and 3 %, `lexicon`), in log-odds.
const CUT_WORD: f32 = 2.6;

/// What a role costs a line.
struct Emission<'a> {
    line: &'a Line,
    next: Option<&'a Line>,
    hint: Hint,
    /// Whether it may be a headline that asks.
    asks: bool,
    habits: &'a Habits,
    indented: bool,
}

impl Emission<'_> {
    /// The part that is the same in every column.
    fn fixed(&self, role: Role) -> f32 {
        let (line, hint) = (self.line, self.hint);
        let known = match (hint.heading, role == Role::Display) {
            (Some(true), true) => return 0.0,
            (Some(true), false) => 12.0,
            // A subhead may be set as large as the body.
            (Some(false), true) => 3.0,
            _ => 0.0,
        };
        if role == Role::Display {
            if line.indent >= CENTRED && line.end != End::Sentence {
                return 0.0;
            }
            let set_in = self.indented && line.indent >= INDENT - 1;
            let numbered = if hint.enumerated { 2.0 } else { 0.0 };
            // A subhead may be set in as paragraphs are.
            return known + self.display() - numbered - if set_in { 1.0 } else { 0.0 };
        }
        let mut cost = known
            + match role {
                Role::First => 1.0,
                Role::Single => 1.5 + self.ending(),
                Role::Last => self.ending(),
                _ => 0.0,
            };
        let set_in = self.indented && line.indent >= INDENT - 1;
        if line.indent >= CENTRED && role != Role::Single {
            // It stands in the middle of its column.
            cost += 6.0;
        }
        if role.begins_unit() {
            if line.bad_start || hint.continues {
                cost += 8.0;
            }
            if self.indented {
                cost += if set_in { -2.0 } else { 4.0 };
            }
            if hint.begins {
                cost -= 3.0;
            } else if hint.may_begin || hint.enumerated {
                cost -= 2.5;
            }
            if line.gap == Gap::Wide {
                cost -= 2.0;
            }
        } else {
            if line.gap == Gap::Wide {
                cost += 2.5;
            }
            if set_in {
                cost += 6.0;
            }
            if hint.begins {
                cost += 8.0;
            }
        }
        if hint.ends && !role.ends_unit() {
            cost += 8.0;
        }
        let splits = line.splits_word == Some(true) && self.next.is_some();
        if splits && role.ends_unit() && !hint.ends {
            cost += CUT_WORD;
        }
        cost
    }

    /// The part that the column decides, of each role.
    fn within(&self, column: u32) -> [f32; ROLES.len()] {
        let full = self.fill(column);
        let [set_in, flush] = self.habits.first;
        let shorter = self.fill(column.saturating_sub(INDENT));
        // A last line may be as short as it happens to be.
        let rest = if self.line.width <= column { 0.0 } else { full };
        ROLES.map(|role| match role {
            Role::First => self.stop() + (set_in + shorter).min(flush + full),
            Role::Middle => self.stop() + full,
            Role::Last | Role::Single => rest,
            Role::Display => 0.0,
        })
    }

    /// Cost of a sentence that ends just where a line within a paragraph does, which is rare.
    fn stop(&self) -> f32 {
        match self.line.end {
            End::Sentence => 0.5,
            _ => 0.0,
        }
    }

    /// Cost of a line that is not the last of its paragraph.
    fn fill(&self, expected: u32) -> f32 {
        self.habits
            .cost(self.habits.fill(self.line, self.next, expected))
    }

    /// Cost of a paragraph that ends as this line does.
    fn ending(&self) -> f32 {
        if self.hint.ends {
            return 0.0;
        }
        match self.line.end {
            End::Sentence => 0.0,
            End::Colon => 1.5,
            End::Word => 6.0,
            End::Comma | End::Open => 8.0,
        }
    }

    /// Cost of a line that is set apart.
    fn display(&self) -> f32 {
        let line = self.line;
        let mut cost = 0.6;
        cost += match line.end {
            End::Word => 0.0,
            End::Open | End::Colon => 0.5,
            End::Comma => 3.0,
            End::Sentence if self.asks => 1.5,
            End::Sentence => 5.0,
        };
        cost += 5.0 * line.stops as f32;
        cost += 1.5 * line.commas.min(4) as f32;
        if line.bad_start || self.hint.begins || self.hint.ends || self.hint.continues {
            cost += 6.0;
        }
        if line.width > 80 {
            cost += 4.0;
        }
        if self.hint.runs_on {
            cost += 4.0;
        }
        cost
    }
}
