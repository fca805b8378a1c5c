//! Greedy and beam search, equal to `transformers`' `generate` (v5), or to Marian where the
//! configuration says so.

use candle_core::Device;

use super::{
    BeamWidth, Circles, EarlyStopping, Hypothesis, SearchConfig,
    constraint::{Constraint, Continuation},
    processors::Processors,
};
use crate::nn::{
    Best, DecoderState, Encoded, Head, ModelError, Outputs, Seq2Seq, log_sum_exp, top,
};

/// The score of what must never be chosen, as in the reference.
const NEVER: f32 = -1e9;

/// Finished hypotheses after which a search for phrases may end, if none that is open can be better than
/// them. With all of `num_beams` to wait for, a search takes twice as long, and what comes last is no
/// candidate: of 63 second translations of the sample articles 42 are of use either way.
const ENOUGH_WITH_PHRASES: usize = 4;

/// Searches the best hypotheses of each source, `config.num_return_sequences` a source.
///
/// Sources are encoded and searched together; what comes out does not depend on what else is in
/// the batch.
pub fn search(
    model: &dyn Seq2Seq,
    sources: &[&[u32]],
    config: &SearchConfig,
) -> Result<Vec<Vec<Hypothesis>>, ModelError> {
    let encoded = Encoded::of(model, sources)?;
    let mut state = model.start(&encoded)?;
    let processors = Processors::new(config, model.outputs());
    let phrases = Constraint::new(&config.force_words_ids);
    let phrases = phrases.and_then(|c| model.head().only(&c.tokens()));
    let mut found: Vec<Vec<Hypothesis>> = vec![Vec::new(); sources.len()];
    // A hypothesis that goes on is cut where the model's positions end: its last token is fed no more.
    let positions = model.max_positions().unwrap_or(usize::MAX);
    let most = config.max_length.min(positions.saturating_add(1));
    let mut open: Vec<Sentence> = (0..sources.len())
        .map(|source| Sentence::new(source, sources[source].len(), most, config))
        .collect();
    while !open.is_empty() {
        // Beams of a sentence share one row until they part at the first step.
        let tokens: Vec<u32> = open.iter().flat_map(Sentence::row_tokens).collect();
        let best = best(
            model,
            phrases.as_ref(),
            &mut state,
            &tokens,
            &open,
            &processors,
        )?;
        let finite =
            |b: &Best| b.norm.is_finite() && b.top.first().is_some_and(|t| t.1.is_finite());
        if !best.iter().all(finite) {
            return Err(ModelError::NotFinite);
        }
        let mut first_row = 0;
        let mut parents = Vec::new();
        let mut still_open = Vec::with_capacity(open.len());
        for mut sentence in open {
            let rows = sentence.rows;
            let done = sentence.advance(&best[first_row..][..rows], model.outputs());
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
        if !open.is_empty() {
            gather(&mut state, &parents)?;
        }
    }
    Ok(found)
}

fn gather(state: &mut DecoderState, parents: &[usize]) -> Result<(), ModelError> {
    let unchanged =
        parents.len() == state.rows() && parents.iter().enumerate().all(|(i, &p)| i == p);
    if unchanged {
        return Ok(());
    }
    state.gather(parents)
}

/// Takes a step and gives the best continuations of each row, as the processors leave them. `phrases`
/// is the head over the tokens of the constraint.
fn best(
    model: &dyn Seq2Seq,
    phrases: Option<&Head>,
    state: &mut DecoderState,
    tokens: &[u32],
    open: &[Sentence],
    processors: &Processors,
) -> Result<Vec<Best>, ModelError> {
    let hidden = model.hidden(state, tokens)?;
    // All hypotheses of a batch are equally long.
    let first = &open[0];
    let constraint = Constraint::new(&first.config.force_words_ids);
    let (length, keep) = (first.beams[0].tokens.len(), first.keep());
    // A CPU has the whole row at hand, and renormalises it as the reference does, to the last digit.
    let renormalised = processors.renormalise();
    let composed = !matches!(model.device(), Device::Cpu);
    let beams = open
        .iter()
        .flat_map(|sentence| sentence.beams[..sentence.rows].iter());
    let free = constraint.is_none() || phrases.is_some();
    if free && processors.idle(length) && (composed || !renormalised) {
        let barred = processors.barred(length);
        // Greedy search scores by the model's own probabilities.
        let renormalised = renormalised && keep > 1;
        let mut best = model.head().best(&hidden, keep, barred, renormalised)?;
        if let (Some(constraint), Some(phrases)) = (constraint, phrases) {
            let logits: Vec<Vec<f32>> = phrases.logits(&hidden)?.to_vec2()?;
            for ((beam, best), logits) in beams.zip(&mut best).zip(&logits) {
                let logit = |token| {
                    let column = model.outputs().column(token)?;
                    let logit = logits[phrases.outputs().column(token)?];
                    (!barred.contains(&column)).then_some((column, logit))
                };
                best.add(constraint.next(&beam.tokens).into_iter().filter_map(logit));
            }
        }
        return Ok(best);
    }
    let logits = model.head().logits(&hidden)?;
    let (_, columns) = logits.dims2()?;
    let mut logits: Vec<f32> = logits.flatten_all()?.to_vec1()?;
    Ok(beams
        .zip(logits.chunks_exact_mut(columns))
        .map(|(beam, logits)| {
            let mut best = beam.best(logits, first.keep(), processors);
            let further = constraint.map_or_else(Vec::new, |c| c.next(&beam.tokens));
            let column = |token| model.outputs().column(token);
            let further = further.into_iter().filter_map(column);
            best.add(further.map(|column| (column, logits[column])));
            best
        })
        .collect())
}

/// The search over one source.
struct Sentence<'a> {
    config: &'a SearchConfig,
    source: usize,
    /// Most tokens of a hypothesis, the start token included.
    max_length: usize,
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
    /// What it has said before; followed where that breaks it off.
    circles: Option<Circles>,
}

impl Beam {
    /// Whether it goes round in circles with one token more.
    fn is_closed_by(&self, token: u32) -> bool {
        self.circles
            .is_some_and(|circles| circles.closed_behind(&self.tokens, token))
    }

    /// The best continuations as the processors leave them. Greedy search chooses by processed
    /// logits but scores by the model's own, as the reference does.
    fn best(&self, logits: &mut [f32], keep: usize, processors: &Processors) -> Best {
        let norm = log_sum_exp(logits);
        if keep == 1 {
            let own = logits.to_vec();
            processors.apply(&self.tokens, logits);
            let top = top(logits, keep, &[]);
            // What no processor lets through has no score, whatever the model says.
            let score = |&(column, processed): &(usize, f32)| match processed.is_finite() {
                true => (column, own[column]),
                false => (column, processed),
            };
            return Best {
                norm,
                top: top.iter().map(score).collect(),
            };
        }
        for logit in &mut *logits {
            *logit -= norm;
        }
        processors.apply(&self.tokens, logits);
        Best {
            norm: 0.0,
            top: top(logits, keep, &[]),
        }
    }
}

/// A beam's continuation by one token.
#[derive(Clone, Copy)]
struct Candidate {
    score: f32,
    beam: usize,
    column: usize,
}

impl<'a> Sentence<'a> {
    fn new(source: usize, source_length: usize, most: usize, config: &'a SearchConfig) -> Self {
        let limit = |factor: f32| 1 + ((factor * source_length as f32).ceil() as usize).max(1);
        let beam = |score| Beam {
            tokens: vec![config.decoder_start_token_id],
            score,
            row: 0,
            circles: config.break_circles.then(|| Circles::new(source_length)),
        };
        // All beams are equal at first: only one of them counts.
        let mut beams = vec![beam(0.0)];
        beams.resize(config.num_beams, beam(NEVER));
        Self {
            config,
            source,
            max_length: config.max_length_factor.map_or(usize::MAX, limit).min(most),
            rows: 1,
            beams,
            finished: Vec::new(),
        }
    }

    fn row_tokens(&self) -> impl Iterator<Item = u32> + '_ {
        let last = |b: &Beam| b.tokens[b.tokens.len() - 1];
        self.beams[..self.rows].iter().map(last)
    }

    /// Continuations of each row that are looked at.
    fn keep(&self) -> usize {
        let c = self.config;
        match c.num_beams {
            1 => 1,
            beams => beams * (1 + c.eos_token_id.len()).max(2),
        }
    }

    /// Hypotheses that may go on.
    fn width(&self) -> usize {
        match self.config.beam_width {
            BeamWidth::Fixed => self.config.num_beams,
            BeamWidth::Narrowing => self.config.num_beams - self.finished.len(),
        }
    }

    /// Takes one step, given the best of each row; `true` when the sentence is done.
    fn advance(&mut self, best: &[Best], outputs: &Outputs) -> bool {
        if self.config.num_beams == 1 {
            self.advance_greedily(&best[0], outputs)
        } else {
            self.advance_beams(best, outputs)
        }
    }

    /// The score sums log-probabilities.
    fn advance_greedily(&mut self, best: &Best, outputs: &Outputs) -> bool {
        let beam = &mut self.beams[0];
        let (column, logit) = best.top[0];
        let token = outputs.token(column);
        beam.score += logit - best.norm;
        beam.circles = beam.circles.map(|c| c.behind(&beam.tokens, token));
        beam.tokens.push(token);
        let length = beam.tokens.len();
        let ended = self.config.eos_token_id.contains(&token);
        let closed = beam.circles.is_some_and(Circles::closed);
        let done = ended || closed || length >= self.max_length;
        if done {
            let forced = length >= self.max_length && self.config.forced_eos_token_id.is_some();
            self.finished.push(Hypothesis {
                tokens: beam.tokens[1..].to_vec(),
                broken_off: !ended || forced,
                score: beam.score / (length - 1) as f32,
            });
        }
        done
    }

    /// One step of `_beam_search`; letters are those of the reference's comments.
    fn advance_beams(&mut self, best: &[Best], outputs: &Outputs) -> bool {
        let c = self.config;
        let length = self.beams[0].tokens.len();
        // b, c. The best continuations of all beams.
        let full = length + 1 >= self.max_length;
        let forced = full && c.forced_eos_token_id.is_some();
        let ended =
            |candidate: &Candidate| c.eos_token_id.contains(&outputs.token(candidate.column));
        let ends = |candidate: &Candidate| {
            let token = outputs.token(candidate.column);
            full || ended(candidate) || self.beams[candidate.beam].is_closed_by(token)
        };
        let mut best = self.continuations(best);
        let width = self.width();
        match Constraint::new(&c.force_words_ids) {
            None if c.beam_width == BeamWidth::Narrowing => {
                best.retain(|candidate| candidate.score > NEVER);
                best.truncate(width);
            }
            None => best.truncate(self.keep()),
            Some(constraint) => {
                // Each beam with a place for one token more.
                let longer = |beam: &Beam| [&beam.tokens[..], &[0]].concat();
                let mut longer: Vec<Vec<u32>> = self.beams.iter().map(longer).collect();
                let continuation = |candidate: Candidate| {
                    let tokens = &mut longer[candidate.beam];
                    tokens[length] = outputs.token(candidate.column);
                    Continuation {
                        met: constraint.met(tokens),
                        ends: ends(&candidate),
                        of: candidate,
                    }
                };
                best.retain(|candidate| candidate.score > NEVER);
                best = constraint.allocate(best.into_iter().map(continuation), width);
            }
        }
        // f. Those of the first beams that end are finished.
        let penalty = (length as f32).powf(c.length_penalty);
        for candidate in best.iter().take(width).filter(|b| ends(b)) {
            let mut tokens = self.beams[candidate.beam].tokens[1..].to_vec();
            tokens.push(outputs.token(candidate.column));
            let score = candidate.score / penalty;
            let hypothesis = Hypothesis {
                tokens,
                broken_off: !ended(candidate) || forced,
                score,
            };
            // What goes round is sure of itself: its score says nothing. What is cut at the most tokens is
            // ranked as in the reference.
            let most = self.max_length;
            let late = |h: &Hypothesis| h.broken_off && h.tokens.len() + 1 < most;
            let at = self
                .finished
                .partition_point(|f| (late(f), score) <= (late(&hypothesis), f.score));
            self.finished.insert(at, hypothesis);
        }
        self.finished.truncate(c.num_beams);
        // e. The best that do not end stay open.
        let next: Vec<Beam> = best
            .iter()
            .filter(|b| !ends(b))
            .take(self.width())
            .map(|candidate| {
                let parent = &self.beams[candidate.beam];
                let token = outputs.token(candidate.column);
                let mut tokens = Vec::with_capacity(length + 1);
                tokens.extend_from_slice(&parent.tokens);
                tokens.push(token);
                Beam {
                    tokens,
                    score: candidate.score,
                    row: parent.row,
                    circles: parent.circles.map(|c| c.behind(&parent.tokens, token)),
                }
            })
            .collect();
        // g. May an open beam still become better than a finished one?
        if next.is_empty() {
            return true;
        }
        self.beams = next;
        if c.beam_width == BeamWidth::Narrowing {
            return false;
        }
        let enough = match Constraint::new(&c.force_words_ids) {
            Some(_) => c.num_beams.min(ENOUGH_WITH_PHRASES),
            None => c.num_beams,
        };
        let all_finished = self.finished.len() >= enough;
        let improvable = !all_finished || {
            let length = match c.early_stopping {
                EarlyStopping::Never if c.length_penalty > 0.0 => c.max_length - 1,
                _ => length,
            };
            // Under a constraint the beams are not in the order of their scores.
            let best = self.beams.iter().map(|b| b.score);
            let best = best.fold(f32::NEG_INFINITY, f32::max);
            let best_possible = best / (length as f32).powf(c.length_penalty);
            best_possible > self.finished[enough - 1].score
        };
        !improvable || (all_finished && c.early_stopping == EarlyStopping::Full)
    }

    /// Best first.
    fn continuations(&self, best: &[Best]) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = Vec::new();
        for (i, beam) in self.beams.iter().enumerate() {
            let Best { norm, top } = &best[beam.row];
            let base = beam.score - norm;
            all.extend(top.iter().map(|&(column, logit)| Candidate {
                score: logit + base,
                beam: i,
                column,
            }));
        }
        // A stable sort keeps the first of equals first.
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        all
    }

    fn finish(mut self) -> Vec<Hypothesis> {
        self.finished.truncate(self.config.num_return_sequences);
        self.finished
    }
}
