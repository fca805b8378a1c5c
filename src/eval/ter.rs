//! Translation edit rate (Snover et al., 2006), equal to sacrebleu 2.6.
//!
//! The search for shifts is Tercom's with its limits, as `sacrebleu/metrics/lib_ter.py`
//! (Copyright 2020 Memsource, Apache-2.0) restates it: the order in which shifts are tried and the
//! beam of the edit distance are part of the metric's definition. Only the band of the edit matrix
//! that the beam visits is held, and a shift is scored from the first row that it changes.

use std::ops::Range;

use super::metric::{Better, Metric, Segment, Signature, yes_no};
use super::ngram::Ids;
use super::tokenize::{is_space, set_punctuation_apart, set_stops_and_dashes_apart, split};

const MAX_SHIFT_SIZE: usize = 10;
const MAX_SHIFT_DISTANCE: usize = 50;
const MAX_SHIFT_CANDIDATES: usize = 1000;
const BEAM_WIDTH: usize = 25;

/// TER, ignoring case.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ter {
    /// Whether punctuation and Chinese characters become tokens of their own (Tercom's `-N -s`
    /// with Asian support): needed where words are not separated by spaces.
    pub asian: bool,
}

impl Ter {
    fn words(self, text: &str) -> Vec<String> {
        let text = text.trim_end_matches(is_space).to_lowercase();
        if self.asian {
            split(&tercom_normalized(&text))
                .map(str::to_owned)
                .collect()
        } else {
            split(&text).map(str::to_owned).collect()
        }
    }
}

/// Tercom's normalisation with Asian support. The rules for kana never fire in sacrebleu (each asks
/// for the start of the text, where a space has just been put), so they are not here.
fn tercom_normalized(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = text
        .replace("\n-", "")
        .replace('\n', " ")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    let text = set_punctuation_apart(&format!(" {text} "));
    let text = set_stops_and_dashes_apart(&text.replace("'s ", " 's "));
    let mut spaced = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if is_asian(c) {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    spaced
}

/// The characters that Tercom sets apart. sacrebleu's range for enclosed letters ends at U+3F22,
/// not at U+32FF, and so takes in a part of Extension A, which is set apart anyway.
fn is_asian(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2eff}'
        | '\u{3001}'..='\u{3002}'
        | '\u{3008}'..='\u{3011}'
        | '\u{3014}'..='\u{301f}'
        | '\u{30fb}'
        | '\u{31c0}'..='\u{31ef}'
        | '\u{3200}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff01}' | '\u{ff02}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff0e}'
        | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}'
        | '\u{ff61}'..='\u{ff65}')
}

impl Metric for Ter {
    fn name(&self) -> String {
        "TER".to_owned()
    }

    fn signature(&self) -> Signature {
        Signature::new()
            .with("case", "lc")
            .with("tok", "tercom")
            .with("norm", yes_no(self.asian))
            .with("punct", "yes")
            .with("asian", yes_no(self.asian))
    }

    fn better(&self) -> Better {
        Better::Lower
    }

    fn width(&self) -> usize {
        2
    }

    /// Fewest edits to any reference, and the references' mean length.
    fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let hypothesis = self.words(segment.hypothesis);
        let (mut fewest, mut length) = (usize::MAX, 0);
        for reference in segment.references {
            let reference = self.words(reference);
            length += reference.len();
            fewest = fewest.min(edits(&hypothesis, &reference));
        }
        if segment.references.is_empty() {
            return vec![0.0, 0.0];
        }
        vec![
            fewest as f64,
            length as f64 / segment.references.len() as f64,
        ]
    }

    fn score(&self, total: &[f64]) -> Option<f64> {
        let (edits, length) = (total[0], total[1]);
        Some(match length {
            l if l > 0.0 => 100.0 * edits / length,
            _ if edits > 0.0 => 100.0,
            _ => 0.0,
        })
    }

    fn parts(&self, total: &[f64]) -> Vec<(&'static str, f64)> {
        vec![("edits", total[0]), ("reference length", total[1])]
    }
}

/// Shifts, insertions, deletions and substitutions that make the reference of the hypothesis.
fn edits(hypothesis: &[String], reference: &[String]) -> usize {
    if reference.is_empty() {
        return hypothesis.len();
    }
    let mut ids = Ids::default();
    let mut words = ids.all(hypothesis);
    let reference = ids.all(reference);

    let mut shifts = 0;
    let mut tried = 0;
    loop {
        let matrix = Matrix::of(&words, &reference);
        let best = best_shift(&words, &reference, &matrix, &mut tried);
        match best {
            Some(shift) if tried < MAX_SHIFT_CANDIDATES && shift.gain > 0 => {
                shifts += 1;
                words = shift.words;
            }
            _ => return shifts + matrix.distance(),
        }
    }
}

/// A block of the hypothesis moved elsewhere.
struct Shift {
    gain: isize,
    length: usize,
    start: usize,
    target: usize,
    words: Vec<u32>,
}

impl Shift {
    /// Tercom's ranking: most gained, then longest, then earliest, then the earliest target.
    fn rank(&self) -> (isize, usize, std::cmp::Reverse<(usize, usize)>) {
        let earliest = std::cmp::Reverse((self.start, self.target));
        (self.gain, self.length, earliest)
    }
}

fn best_shift(
    words: &[u32],
    reference: &[u32],
    matrix: &Matrix,
    tried: &mut usize,
) -> Option<Shift> {
    let alignment = matrix.alignment();
    let mut best: Option<Shift> = None;
    for (start, in_reference, length) in common_blocks(words, reference) {
        let block = start..start + length;
        // Both sides must be wrong where they stand, and the target must lie outside of the block.
        let misplaced = alignment.wrong_hypothesis[block.clone()].contains(&true);
        let missing =
            alignment.wrong_reference[in_reference..in_reference + length].contains(&true);
        let aligned = alignment.hypothesis_before[in_reference];
        let within = (block.start + 1..block.end + 1).contains(&aligned);
        if !misplaced || !missing || within {
            continue;
        }
        let mut previous = None;
        for at in in_reference..=in_reference + length {
            // The target stands behind what the reference's word before `at` is aligned to.
            let target = at
                .checked_sub(1)
                .map_or(0, |r| alignment.hypothesis_before[r]);
            if previous.replace(target) == Some(target) {
                continue;
            }
            let shifted = shifted(words, block.clone(), target);
            let distance = matrix.distance_of(&shifted, block.start.min(target));
            let shift = Shift {
                gain: matrix.distance() as isize - distance as isize,
                length,
                start: block.start,
                target,
                words: shifted,
            };
            *tried += 1;
            if best.as_ref().is_none_or(|best| shift.rank() > best.rank()) {
                best = Some(shift);
            }
        }
        if *tried >= MAX_SHIFT_CANDIDATES {
            break;
        }
    }
    best
}

/// Blocks of words that both sides have: start in the hypothesis, start in the reference, length.
fn common_blocks<'a>(
    words: &'a [u32],
    reference: &'a [u32],
) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    (0..words.len()).flat_map(move |start| {
        let near = start.saturating_sub(MAX_SHIFT_DISTANCE)
            ..reference.len().min(start + MAX_SHIFT_DISTANCE + 1);
        near.flat_map(move |in_reference| {
            let longest = words[start..]
                .iter()
                .zip(&reference[in_reference..])
                .take(MAX_SHIFT_SIZE)
                .take_while(|(a, b)| a == b)
                .count();
            (1..=longest).map(move |length| (start, in_reference, length))
        })
    })
}

/// `words` with the block in front of what stood at `target`.
fn shifted(words: &[u32], block: Range<usize>, target: usize) -> Vec<u32> {
    let moved = &words[block.clone()];
    let mut shifted = Vec::with_capacity(words.len());
    if target < block.start {
        shifted.extend_from_slice(&words[..target]);
        shifted.extend_from_slice(moved);
        shifted.extend_from_slice(&words[target..block.start]);
        shifted.extend_from_slice(&words[block.end..]);
    } else {
        // Tercom counts a target within the block from the block's end.
        let end = if target > block.end {
            target
        } else {
            (target + block.len()).min(words.len())
        };
        shifted.extend_from_slice(&words[..block.start]);
        shifted.extend_from_slice(&words[block.end..end]);
        shifted.extend_from_slice(moved);
        shifted.extend_from_slice(&words[end..]);
    }
    shifted
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Keep,
    Substitute,
    Insert,
    Delete,
}

/// Costs a row of the edit matrix, for the columns that the beam visits.
#[derive(Clone)]
struct Row {
    from: usize,
    cells: Vec<(u32, Edit)>,
}

impl Row {
    fn cost(&self, column: usize) -> Option<u32> {
        let at = column.checked_sub(self.from)?;
        self.cells.get(at).map(|cell| cell.0).filter(|&c| c < OUT)
    }

    /// Of the whole reference, in the last row. The beam always reaches it: it is wider than the
    /// diagonal's step from row to row.
    fn last_cost(&self) -> usize {
        self.cells.last().map_or(0, |cell| cell.0 as usize)
    }
}

/// A cell that the beam cannot reach.
const OUT: u32 = u32::MAX;

/// Edit distances of every start of a hypothesis to every start of the reference, within the beam.
struct Matrix<'a> {
    reference: &'a [u32],
    rows: Vec<Row>,
}

impl<'a> Matrix<'a> {
    fn of(words: &[u32], reference: &'a [u32]) -> Self {
        let first = Row {
            from: 0,
            cells: (0..=reference.len() as u32)
                .map(|cost| (cost, Edit::Insert))
                .collect(),
        };
        let mut rows = Vec::with_capacity(words.len() + 1);
        rows.push(first);
        for (i, &word) in words.iter().enumerate() {
            let row = next_row(&rows[i], word, i + 1, words.len(), reference);
            rows.push(row);
        }
        Self { reference, rows }
    }

    fn distance(&self) -> usize {
        self.rows.last().map_or(0, Row::last_cost)
    }

    /// The distance of other words of the same number, which are the same before `changed`.
    fn distance_of(&self, words: &[u32], changed: usize) -> usize {
        let mut row = self.rows[changed].clone();
        for (i, &word) in words.iter().enumerate().skip(changed) {
            row = next_row(&row, word, i + 1, words.len(), self.reference);
        }
        row.last_cost()
    }

    /// How reference and hypothesis lie against each other on the cheapest path.
    fn alignment(&self) -> Alignment {
        let (mut i, mut j) = (self.rows.len() - 1, self.reference.len());
        let mut alignment = Alignment {
            wrong_hypothesis: vec![false; i],
            wrong_reference: vec![false; j],
            hypothesis_before: vec![0; j],
        };
        while i > 0 || j > 0 {
            let row = &self.rows[i];
            let edit = row.cells[j - row.from].1;
            let wrong = edit != Edit::Keep;
            if edit != Edit::Delete {
                alignment.wrong_reference[j - 1] = wrong;
                alignment.hypothesis_before[j - 1] = i;
                j -= 1;
            }
            if edit != Edit::Insert {
                alignment.wrong_hypothesis[i - 1] = wrong;
                i -= 1;
            }
        }
        alignment
    }
}

/// What the cheapest path says of each word.
struct Alignment {
    wrong_hypothesis: Vec<bool>,
    wrong_reference: Vec<bool>,
    /// For each word of the reference, how many words of the hypothesis stand up to and with the
    /// one that it is aligned to.
    hypothesis_before: Vec<usize>,
}

/// Row `i` of `rows` from the row before it. Among equal costs: keep or substitute, then delete,
/// then insert.
fn next_row(before: &Row, word: u32, i: usize, rows: usize, reference: &[u32]) -> Row {
    let ratio = reference.len() as f64 / rows as f64;
    let beam = if (BEAM_WIDTH as f64) < ratio / 2.0 {
        (ratio / 2.0 + BEAM_WIDTH as f64).ceil() as usize
    } else {
        BEAM_WIDTH
    };
    let diagonal = (i as f64 * ratio).floor() as usize;
    let from = diagonal.saturating_sub(beam);
    let to = if i == rows {
        reference.len() + 1
    } else {
        (reference.len() + 1).min(diagonal + beam)
    };
    let mut cells = Vec::with_capacity(to - from);
    let mut left = None;
    for j in from..to {
        let mut cell = (OUT, Edit::Insert);
        let mut offer = |cost: Option<u32>, edit: Edit| {
            if let Some(cost) = cost
                && cost < cell.0
            {
                cell = (cost, edit);
            }
        };
        if j > 0 {
            let diagonal = before.cost(j - 1);
            if word == reference[j - 1] {
                offer(diagonal, Edit::Keep);
            } else {
                offer(diagonal.map(|c| c + 1), Edit::Substitute);
            }
        }
        offer(before.cost(j).map(|c| c + 1), Edit::Delete);
        offer(left.map(|c: u32| c + 1), Edit::Insert);
        left = Some(cell.0).filter(|&c| c < OUT);
        cells.push(cell);
    }
    Row { from, cells }
}
