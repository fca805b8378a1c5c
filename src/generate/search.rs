//! Greedy and beam search, equal to `transformers`' `generate` (v5).

use candle_core::Tensor;

use super::{Config, EarlyStopping, Hypothesis, processors::Processors};
use crate::nn::{DecoderState, Error, Outputs, Seq2Seq, log_sum_exp};

/// The score of what must never be chosen, as in the reference.
const NEVER: f32 = -1e9;

/// Searches the best hypotheses of each source, `config.num_return_sequences` a source.
///
/// Sources are encoded and searched together; what comes out does not depend on what else is in
/// the batch.
pub fn search(
    model: &dyn Seq2Seq,
    sources: &[&[u32]],
    config: &Config,
) -> Result<Vec<Vec<Hypothesis>>, Error> {
    let encoded = model.encode(sources)?;
    let mut state = model.start(&encoded)?;
    let processors = Processors::new(config, model.outputs());
    let mut found: Vec<Vec<Hypothesis>> = vec![Vec::new(); sources.len()];
    let mut open: Vec<Sentence> = (0..sources.len())
        .map(|source| Sentence::new(source, config))
        .collect();
    while !open.is_empty() {
        // Beams of a sentence share one row until they part at the first step.
        let tokens: Vec<u32> = open.iter().flat_map(Sentence::row_tokens).collect();
        let logits = Logits::new(&model.step(&mut state, &tokens)?)?;
        let mut first_row = 0;
        let mut parents = Vec::new();
        let mut still_open = Vec::with_capacity(open.len());
        for mut sentence in open {
            let rows = sentence.rows;
            let done = sentence.advance(&logits, first_row, &processors, model.outputs());
            if done {
                let source = sentence.source;
                found[source] = sentence.finish();
            } else {
                parents.extend(sentence.beams.iter().map(|b| first_row + b.row));
                sentence.rows = sentence.beams.len();
                for (row, beam) in sentence.beams.iter_mut().enumerate() {
                    beam.row = row;
                }
                still_open.push(sentence);
            }
            first_row += rows;
        }
        open = still_open;
        gather(&mut state, &parents)?;
    }
    Ok(found)
}

fn gather(state: &mut DecoderState, parents: &[usize]) -> Result<(), Error> {
    let unchanged =
        parents.len() == state.rows() && parents.iter().enumerate().all(|(i, &p)| i == p);
    if unchanged {
        return Ok(());
    }
    state.gather(parents)
}

/// The logits of one step, row by row, on the host.
struct Logits {
    data: Vec<f32>,
    columns: usize,
}

impl Logits {
    fn new(logits: &Tensor) -> Result<Self, Error> {
        let (_, columns) = logits.dims2()?;
        let data = logits.flatten_all()?.to_vec1()?;
        Ok(Self { data, columns })
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.columns..][..self.columns]
    }
}

/// The search over one source.
struct Sentence<'a> {
    config: &'a Config,
    source: usize,
    /// Decoder rows it takes: 1 at the first step, then one a beam.
    rows: usize,
    /// Open hypotheses, best first.
    beams: Vec<Beam>,
    /// Finished hypotheses, best first, at most `num_beams`.
    finished: Vec<Hypothesis>,
}

#[derive(Clone)]
struct Beam {
    /// Start token first.
    tokens: Vec<u32>,
    /// Sum of log-probabilities.
    score: f32,
    /// Its row among the sentence's rows.
    row: usize,
}

/// A beam's continuation by one token.
#[derive(Clone, Copy)]
struct Candidate {
    score: f32,
    beam: usize,
    column: usize,
}

impl<'a> Sentence<'a> {
    fn new(source: usize, config: &'a Config) -> Self {
        let beam = |score| Beam {
            tokens: vec![config.decoder_start_token_id],
            score,
            row: 0,
        };
        // All beams are equal at first: only one of them counts.
        let mut beams = vec![beam(0.0)];
        beams.resize(config.num_beams, beam(NEVER));
        Self {
            config,
            source,
            rows: 1,
            beams,
            finished: Vec::new(),
        }
    }

    fn row_tokens(&self) -> impl Iterator<Item = u32> + '_ {
        let last = |b: &Beam| b.tokens[b.tokens.len() - 1];
        self.beams[..self.rows].iter().map(last)
    }

    /// Takes one step; `true` when the sentence is done.
    fn advance(
        &mut self,
        logits: &Logits,
        first_row: usize,
        processors: &Processors,
        outputs: &Outputs,
    ) -> bool {
        if self.config.num_beams == 1 {
            self.advance_greedily(logits.row(first_row), processors, outputs)
        } else {
            self.advance_beams(logits, first_row, processors, outputs)
        }
    }

    /// The best token of the processed logits; the score sums their log-probabilities.
    fn advance_greedily(
        &mut self,
        logits: &[f32],
        processors: &Processors,
        outputs: &Outputs,
    ) -> bool {
        let beam = &mut self.beams[0];
        let mut best = Best::new(1);
        if processors.idle(beam.tokens.len()) {
            best.scan(logits, 0.0, 0, processors.barred());
        } else {
            let mut scores = logits.to_vec();
            processors.apply(&beam.tokens, &mut scores);
            best.scan(&scores, 0.0, 0, &[]);
        }
        let chosen = best.sorted()[0].column;
        let token = outputs.token(chosen);
        beam.score += logits[chosen] - log_sum_exp(logits);
        beam.tokens.push(token);
        let length = beam.tokens.len();
        let done = self.config.eos_token_id.contains(&token) || length >= self.config.max_length;
        if done {
            self.finished.push(Hypothesis {
                tokens: beam.tokens[1..].to_vec(),
                score: beam.score / (length - 1) as f32,
            });
        }
        done
    }

    /// One step of `_beam_search`; letters are those of the reference's comments.
    fn advance_beams(
        &mut self,
        logits: &Logits,
        first_row: usize,
        processors: &Processors,
        outputs: &Outputs,
    ) -> bool {
        let c = self.config;
        let length = self.beams[0].tokens.len();
        // b, c. The best continuations of all beams.
        let keep = c.num_beams * (1 + c.eos_token_id.len()).max(2);
        let best = self.continuations(keep, logits, first_row, processors);
        let full = length + 1 >= c.max_length;
        let ends = |candidate: &Candidate| {
            full || c.eos_token_id.contains(&outputs.token(candidate.column))
        };
        // f. Those of the first `num_beams` that end are finished.
        let penalty = (length as f32).powf(c.length_penalty);
        for candidate in best.iter().take(c.num_beams).filter(|b| ends(b)) {
            let mut tokens = self.beams[candidate.beam].tokens[1..].to_vec();
            tokens.push(outputs.token(candidate.column));
            let score = candidate.score / penalty;
            let at = self.finished.partition_point(|f| f.score >= score);
            self.finished.insert(at, Hypothesis { tokens, score });
        }
        self.finished.truncate(c.num_beams);
        // e. The best that do not end stay open.
        let next: Vec<Beam> = best
            .iter()
            .filter(|b| !ends(b))
            .take(c.num_beams)
            .map(|candidate| {
                let parent = &self.beams[candidate.beam];
                let mut tokens = Vec::with_capacity(length + 1);
                tokens.extend_from_slice(&parent.tokens);
                tokens.push(outputs.token(candidate.column));
                Beam {
                    tokens,
                    score: candidate.score,
                    row: parent.row,
                }
            })
            .collect();
        // g. May an open beam still become better than a finished one?
        if next.is_empty() {
            return true;
        }
        self.beams = next;
        let all_finished = self.finished.len() == c.num_beams;
        let improvable = !all_finished || {
            let length = match c.early_stopping {
                EarlyStopping::Never if c.length_penalty > 0.0 => c.max_length - 1,
                _ => length,
            };
            let best_possible = self.beams[0].score / (length as f32).powf(c.length_penalty);
            best_possible > self.finished[c.num_beams - 1].score
        };
        !improvable || (all_finished && c.early_stopping == EarlyStopping::Full)
    }

    fn continuations(
        &self,
        keep: usize,
        logits: &Logits,
        first_row: usize,
        processors: &Processors,
    ) -> Vec<Candidate> {
        let mut best = Best::new(keep);
        let length = self.beams[0].tokens.len();
        let mut scores = Vec::new();
        for (i, beam) in self.beams.iter().enumerate() {
            let row = logits.row(first_row + beam.row);
            let norm = log_sum_exp(row);
            if processors.idle(length) {
                best.scan(row, beam.score - norm, i, processors.barred());
            } else {
                scores.clear();
                scores.extend(row.iter().map(|x| x - norm));
                processors.apply(&beam.tokens, &mut scores);
                best.scan(&scores, beam.score, i, &[]);
            }
        }
        best.sorted()
    }

    fn finish(mut self) -> Vec<Hypothesis> {
        self.finished.truncate(self.config.num_return_sequences);
        self.finished
    }
}

/// The best so many candidates of everything scanned; of equals, the first.
struct Best {
    keep: usize,
    found: Vec<Candidate>,
    /// Score of the worst of `found` once that is full.
    floor: f32,
}

impl Best {
    fn new(keep: usize) -> Self {
        Self {
            keep,
            found: Vec::with_capacity(2 * keep),
            floor: f32::NEG_INFINITY,
        }
    }

    /// Offers every column of `scores`, each plus `base`, but the barred ones.
    fn scan(&mut self, scores: &[f32], base: f32, beam: usize, barred: &[usize]) {
        const CHUNK: usize = 64;
        for (chunk, part) in scores.chunks(CHUNK).enumerate() {
            let most = part.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            if most + base <= self.floor && self.found.len() >= self.keep {
                continue;
            }
            for (i, &score) in part.iter().enumerate() {
                let column = chunk * CHUNK + i;
                let score = score + base;
                if (score > self.floor || self.found.len() < self.keep) && !barred.contains(&column)
                {
                    self.offer(Candidate {
                        score,
                        beam,
                        column,
                    });
                }
            }
        }
    }

    fn offer(&mut self, candidate: Candidate) {
        self.found.push(candidate);
        if self.found.len() == 2 * self.keep {
            self.shrink();
        } else if self.found.len() == self.keep {
            let scores = self.found.iter().map(|c| c.score);
            self.floor = scores.fold(f32::INFINITY, f32::min);
        }
    }

    fn shrink(&mut self) {
        // A stable sort keeps the first of equals first.
        self.found.sort_by(|a, b| b.score.total_cmp(&a.score));
        self.found.truncate(self.keep);
        if let Some(worst) = self.found.get(self.keep - 1) {
            self.floor = worst.score;
        }
    }

    fn sorted(mut self) -> Vec<Candidate> {
        self.shrink();
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_keeps_the_highest_and_of_equals_the_first() {
        let scores: Vec<f32> = (0..1000)
            .map(|i| ((i * 7919) % 1000) as f32 / 10.0)
            .collect();
        let mut best = Best::new(5);
        best.scan(&scores, 1.0, 0, &[]);
        best.scan(&scores, 1.0, 1, &[]);
        let top: Vec<(f32, usize)> = best.sorted().iter().map(|c| (c.score, c.beam)).collect();
        assert_eq!(
            top,
            [(100.9, 0), (100.9, 1), (100.8, 0), (100.8, 1), (100.7, 0)]
        );
    }

    #[test]
    fn barred_columns_are_never_found() {
        let mut best = Best::new(2);
        best.scan(&[1.0, 9.0, 3.0], 0.0, 0, &[1]);
        let columns: Vec<usize> = best.sorted().iter().map(|c| c.column).collect();
        assert_eq!(columns, [2, 0]);
    }
}
