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

use std::ops::Range;

use super::line::{End, Line};

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

/// What is known about a line beside its shape.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hint {
    /// A paragraph begins here (a dateline, a follow-up mark).
    pub begins: bool,
    /// A paragraph ends here, whatever its last character (a photo credit).
    pub ends: bool,
}

/// Two cells: the indent of a paragraph's first line.
const INDENT: u32 = 4;
/// Columns narrower than this (six cells) do not occur.
const NARROWEST: u32 = 12;
/// A line wider than this (64 cells) is a paragraph of its own.
const WIDEST: u32 = 128;

/// Whether the text is wrapped at all: neighbouring lines are equally wide and the first does not
/// end a sentence.
pub(super) fn is_wrapped(lines: &[Line]) -> bool {
    let wrapped = lines
        .windows(2)
        .filter(|pair| {
            let (a, b) = (&pair[0], &pair[1]);
            a.end != End::Sentence
                && a.width >= NARROWEST
                && a.width.abs_diff(b.width) <= 6
                && a.width <= WIDEST
        })
        .count();
    wrapped * 8 > lines.len()
}

/// Each line a unit of its own: for text that has one paragraph a line.
pub(super) fn unwrapped(lines: &[Line], hints: &[Hint]) -> Vec<Unit> {
    lines
        .iter()
        .zip(hints)
        .enumerate()
        .map(|(i, (line, hint))| {
            let display = !hint.begins
                && !hint.ends
                && line.stops == 0
                && line.width <= 80
                && matches!(line.end, End::Word | End::Open);
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
            cost: if set_apart { 3.0 } else { 0.0 },
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

/// Paragraphs and set-apart lines of a run of wrapped lines.
pub(super) fn reflow(lines: &[Line], hints: &[Hint], indented: bool) -> Vec<Unit> {
    let roles = best_roles(lines, hints, indented);
    let mut units: Vec<Unit> = Vec::new();
    for (i, role) in roles.into_iter().enumerate() {
        if role.begins_unit() {
            units.push(Unit {
                kind: if role == Role::Display {
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

/// Column widths that occur, in half cells, sorted.
fn columns(lines: &[Line]) -> Vec<u32> {
    let mut seen = [false; WIDEST as usize + 1];
    for line in lines {
        seen[line.width.clamp(NARROWEST, WIDEST) as usize] = true;
    }
    (NARROWEST..=WIDEST).filter(|w| seen[*w as usize]).collect()
}

/// Where a state came from: the role before, and whether in the same column.
#[derive(Clone, Copy)]
struct From {
    role: u8,
    same_column: bool,
}

fn best_roles(lines: &[Line], hints: &[Hint], indented: bool) -> Vec<Role> {
    let n = lines.len();
    if n == 0 {
        return Vec::new();
    }
    let columns = columns(lines);
    let width = columns.len() * ROLES.len();
    let mut cost = vec![0.0_f32; width];
    let mut back: Vec<From> = Vec::with_capacity(n * width);
    // The cheapest column of each role on each line.
    let mut cheapest_column: Vec<[u16; ROLES.len()]> = Vec::with_capacity(n);
    for (i, line) in lines.iter().enumerate() {
        let next = lines.get(i + 1);
        let cheapest = cheapest_of(&cost);
        cheapest_column.push(cheapest.map(|(_, column)| column));
        let mut new = vec![f32::INFINITY; width];
        for (c, column) in columns.iter().enumerate() {
            for (r, role) in ROLES.into_iter().enumerate() {
                let mut best = f32::INFINITY;
                let mut from = From {
                    role: 0,
                    same_column: true,
                };
                if i == 0 {
                    if role.begins_unit() {
                        best = 0.0;
                    }
                } else {
                    for (b, before) in ROLES.into_iter().enumerate() {
                        if !role.follows(before) {
                            continue;
                        }
                        let step = role.step(before);
                        let same = cost[c * ROLES.len() + b] + step.cost;
                        let other = cheapest[b].0 + step.cost + step.other_column;
                        if same < best {
                            best = same;
                            from = From {
                                role: b as u8,
                                same_column: true,
                            };
                        }
                        if other < best {
                            best = other;
                            from = From {
                                role: b as u8,
                                same_column: false,
                            };
                        }
                    }
                }
                let at = c * ROLES.len() + r;
                if best.is_finite() {
                    new[at] = best + emission(line, next, hints[i], *column, role, indented);
                }
                back.push(from);
            }
        }
        cost = new;
    }
    // A paragraph that the run's end cuts off is allowed, at a price.
    for (at, cost) in cost.iter_mut().enumerate() {
        if !ROLES[at % ROLES.len()].ends_unit() {
            *cost = f32::INFINITY;
        }
    }
    let mut at = (0..width)
        .min_by(|a, b| cost[*a].total_cmp(&cost[*b]))
        .unwrap_or(0);
    let mut roles = vec![Role::Single; n];
    for i in (0..n).rev() {
        roles[i] = ROLES[at % ROLES.len()];
        let from = back[i * width + at];
        let column = if from.same_column {
            at / ROLES.len()
        } else {
            usize::from(cheapest_column[i][usize::from(from.role)])
        };
        at = column * ROLES.len() + usize::from(from.role);
    }
    roles
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

/// Cost of a line in a role within a column.
fn emission(
    line: &Line,
    next: Option<&Line>,
    hint: Hint,
    column: u32,
    role: Role,
    indented: bool,
) -> f32 {
    let mut cost = match role {
        Role::Display => return display(line, hint),
        Role::First => {
            1.0 + fill(line, next, column.saturating_sub(INDENT))
                .min(fill(line, next, column) + 1.0)
        }
        Role::Middle => fill(line, next, column),
        Role::Last => overfull(line, column) + ending(line, hint),
        Role::Single => 1.5 + overfull(line, column) + ending(line, hint),
    };
    if role.begins_unit() {
        if line.bad_start {
            cost += 8.0;
        }
        if indented {
            cost += if line.indent >= INDENT - 1 { -2.0 } else { 4.0 };
        }
        if hint.begins {
            cost -= 3.0;
        }
    } else {
        if indented && line.indent >= INDENT - 1 {
            cost += 6.0;
        }
        if hint.begins {
            cost += 8.0;
        }
    }
    if hint.ends && !role.ends_unit() {
        cost += 8.0;
    }
    cost
}

/// Cost of a line that is not the last of its paragraph.
fn fill(line: &Line, next: Option<&Line>, expected: u32) -> f32 {
    // Kinsoku moves one character over, a number or word that is kept together moves whole.
    let kept_together = next.map_or(0, |next| next.head_token.min(16));
    let short = expected.saturating_sub(line.width);
    let long = line.width.saturating_sub(expected);
    let allowed_short = 2.max(kept_together);
    let allowed_long = 2 + line.squeeze;
    let d = short + long;
    if d == 0 {
        0.0
    } else if d == 1 {
        0.2
    } else if short > 0 && short <= allowed_short || long > 0 && long <= allowed_long {
        0.5 + 0.15 * d as f32
    } else {
        let beyond = if short > 0 {
            short - allowed_short
        } else {
            long - allowed_long
        };
        (2.0 + 0.7 * beyond as f32).min(9.0)
    }
}

/// Cost of a last line that is wider than its column.
fn overfull(line: &Line, column: u32) -> f32 {
    let long = line.width.saturating_sub(column);
    if long == 0 {
        0.0
    } else if long <= 2 + line.squeeze {
        0.3
    } else {
        (2.0 + 0.7 * (long - 2 - line.squeeze) as f32).min(9.0)
    }
}

/// Cost of a paragraph that ends as this line does.
fn ending(line: &Line, hint: Hint) -> f32 {
    if hint.ends {
        return 0.0;
    }
    match line.end {
        End::Sentence => 0.0,
        End::Colon => 1.5,
        End::Word => 5.0,
        End::Comma | End::Open => 8.0,
    }
}

/// Cost of a line that is set apart.
fn display(line: &Line, hint: Hint) -> f32 {
    let mut cost = 1.2;
    cost += match line.end {
        End::Word => 0.0,
        End::Open | End::Colon => 1.0,
        End::Comma => 4.0,
        End::Sentence => 6.0,
    };
    cost += 5.0 * line.stops as f32;
    cost += 1.5 * line.commas.min(4) as f32;
    if line.bad_start || hint.begins || hint.ends {
        cost += 6.0;
    }
    if line.width > 80 {
        cost += 4.0;
    }
    cost
}
