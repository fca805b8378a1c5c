//! The projection of hidden states to logits, over the tokens that can be output.

use candle_core::{DType, Device, Tensor};

use super::linear::Linear;
#[cfg(feature = "cuda")]
use crate::nn::cuda;
use crate::nn::{
    DecoderState, Encoded, Footprint, ModelError, Seq2Seq,
    kernels::{self, Best, on_cpu},
    state::ids,
};

/// The last layer of a model.
pub struct Head {
    map: Linear,
    outputs: Outputs,
}

impl Head {
    /// A map whose outputs are those of `outputs`, in that order.
    pub(in crate::nn) fn new(map: Linear, outputs: Outputs) -> Self {
        Self { map, outputs }
    }

    /// Which token each column of the logits stands for.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Leaves out the columns of all tokens but `tokens`: what a model was never trained to output
    /// need not be computed. Only where weights are quantised, so that the other precisions stay
    /// exactly those of the reference.
    pub(in crate::nn) fn restrict(&mut self, tokens: &[u32]) {
        if self.map.is_quantised()
            && let Some(head) = self.only(tokens)
        {
            *self = head;
        }
    }

    /// With no columns but those of `tokens`, where that are some and not all.
    pub(crate) fn only(&self, tokens: &[u32]) -> Option<Self> {
        let columns: Vec<usize> = tokens
            .iter()
            .filter_map(|&token| self.outputs.column(token))
            .collect();
        if columns.is_empty() || columns.len() == self.outputs.len() {
            return None;
        }
        let tokens = columns.iter().map(|&c| self.outputs.token(c)).collect();
        Some(Self {
            map: self.map.select(&columns)?,
            outputs: Outputs::new(tokens, self.outputs.columns.len()),
        })
    }

    /// `(rows, d_model)` → `(rows, columns)` in f32
    pub fn logits(&self, hidden: &Tensor) -> Result<Tensor, ModelError> {
        Ok(self.map.forward(hidden)?.to_dtype(DType::F32)?)
    }

    /// The `keep` best columns of each row, the `barred` ones left out of them, and with `renormalised`
    /// out of the norm too.
    pub fn best(
        &self,
        hidden: &Tensor,
        keep: usize,
        barred: &[usize],
        renormalised: bool,
    ) -> Result<Vec<Best>, ModelError> {
        if !renormalised && let Some(best) = self.map.best(hidden, keep, barred)? {
            return Ok(best);
        }
        #[cfg(feature = "cuda")]
        if cuda::serves(hidden) {
            let logits = self.map.forward(hidden)?;
            let found: Vec<Vec<f32>> =
                cuda::best(&logits, keep, barred, renormalised)?.to_vec2()?;
            let row = |row: &Vec<f32>| {
                let top = row[..keep].iter().map(|&column| column as usize);
                Best::of(top, &row[keep..2 * keep], row[2 * keep])
            };
            return Ok(found.iter().map(row).collect());
        }
        let logits = self.logits(hidden)?;
        if !on_cpu(hidden) || renormalised {
            return composed_best(&logits, keep, barred, renormalised);
        }
        let columns = logits.dims()[1];
        let logits: Vec<f32> = logits.flatten_all()?.to_vec1()?;
        let row = |logits| Best {
            norm: kernels::log_sum_exp(logits),
            top: kernels::top(logits, keep, barred),
        };
        Ok(logits.chunks_exact(columns).map(row).collect())
    }
}

/// The best columns by candle's own operations, a round for each that is kept: of a vocabulary's logits
/// nothing but these leaves the device. Overwrites `logits`.
fn composed_best(
    logits: &Tensor,
    keep: usize,
    barred: &[usize],
    renormalised: bool,
) -> Result<Vec<Best>, ModelError> {
    let (rows, _) = logits.dims2()?;
    let device = logits.device();
    let out_of_reach = |columns: usize| Tensor::full(f32::NEG_INFINITY, (rows, columns), device);
    let norms = || logits.log_sum_exp(1)?.unsqueeze(1); // (rows, 1)
    let all = norms()?;
    if !barred.is_empty() {
        let columns: Vec<u32> = barred.iter().map(|&column| column as u32).collect();
        let columns = ids(&columns, device)?.unsqueeze(0)?;
        let columns = columns.repeat((rows, 1))?;
        logits.scatter_set(&columns, &out_of_reach(barred.len())?, 1)?;
    }
    let norm = if renormalised { norms()? } else { all };
    let (mut columns, mut scores) = (Vec::with_capacity(keep), Vec::with_capacity(keep + 1));
    let taken = out_of_reach(1)?;
    for _ in 0..keep {
        let column = logits.argmax_keepdim(1)?; // (rows, 1)
        scores.push(logits.gather(&column, 1)?);
        logits.scatter_set(&column, &taken, 1)?;
        columns.push(column);
    }
    scores.push(norm);
    let columns: Vec<Vec<u32>> = Tensor::cat(&columns, 1)?.to_vec2()?;
    let scores: Vec<Vec<f32>> = Tensor::cat(&scores, 1)?.to_vec2()?;
    let row = |(columns, scores): (&Vec<u32>, &Vec<f32>)| {
        let top = columns.iter().map(|&column| column as usize);
        Best::of(top, &scores[..keep], scores[keep])
    };
    Ok(columns.iter().zip(&scores).map(row).collect())
}

/// A model that outputs some tokens only, for one batch.
pub struct Shortlisted<'a> {
    model: &'a dyn Seq2Seq,
    head: Head,
}

impl<'a> Shortlisted<'a> {
    /// `None` where `tokens`, ascending, are all that it can output.
    pub fn new(model: &'a dyn Seq2Seq, tokens: &[u32]) -> Option<Self> {
        let head = model.head().only(tokens)?;
        Some(Self { model, head })
    }
}

impl Seq2Seq for Shortlisted<'_> {
    fn encode(&self, sources: &[&[u32]]) -> Result<Encoded, ModelError> {
        self.model.encode(sources)
    }

    fn start(&self, encoded: &Encoded) -> Result<DecoderState, ModelError> {
        self.model.start(encoded)
    }

    fn hidden(&self, state: &mut DecoderState, tokens: &[u32]) -> Result<Tensor, ModelError> {
        self.model.hidden(state, tokens)
    }

    fn head(&self) -> &Head {
        &self.head
    }

    fn max_positions(&self) -> Option<usize> {
        self.model.max_positions()
    }

    fn alignment(&self) -> Option<(usize, usize)> {
        self.model.alignment()
    }

    fn footprint(&self) -> Footprint {
        self.model.footprint()
    }

    fn device(&self) -> &Device {
        self.model.device()
    }
}

/// The tokens that a model can output, one a column of its logits.
#[derive(Clone, Debug)]
pub struct Outputs {
    tokens: Vec<u32>,
    columns: Vec<Option<u32>>,
}

impl Outputs {
    /// From the tokens in column order, ascending.
    pub fn new(tokens: Vec<u32>, vocabulary: usize) -> Self {
        let mut columns = vec![None; vocabulary];
        for (column, &token) in tokens.iter().enumerate() {
            columns[token as usize] = Some(column as u32);
        }
        Self { tokens, columns }
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether nothing can be output.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The token of a column.
    pub fn token(&self, column: usize) -> u32 {
        self.tokens[column]
    }

    /// The column of a token, where it can be output.
    pub fn column(&self, token: u32) -> Option<usize> {
        self.columns.get(token as usize)?.map(|c| c as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_composed_form_finds_what_the_kernels_find() {
        let (rows, columns) = (3, 401);
        let numbers: Vec<f32> = (0..rows * columns)
            .map(|i| ((i * 7919) % 10_007) as f32 / 900.0 - 5.0)
            .collect();
        for (keep, barred, renormalised) in [
            (1, &[][..], false),
            (8, &[0, 17, 400], false),
            (8, &[0, 17, 400], true),
            (500, &[3], false),
        ] {
            let shape = (rows, columns);
            let logits = Tensor::from_vec(numbers.clone(), shape, &Device::Cpu).unwrap();
            let found = composed_best(&logits, keep, barred, renormalised).unwrap();
            for (found, row) in found.iter().zip(numbers.chunks_exact(columns)) {
                assert_eq!(found.top, kernels::top(row, keep, barred));
                let mut row = row.to_vec();
                for &column in barred.iter().filter(|_| renormalised) {
                    row[column] = f32::NEG_INFINITY;
                }
                assert!((found.norm - kernels::log_sum_exp(&row)).abs() < 1e-5);
            }
        }
    }
}
