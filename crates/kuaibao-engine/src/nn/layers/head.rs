//! The projection of hidden states to logits, over the tokens that can be output.

use candle_core::{DType, Device, Tensor};

use super::linear::Linear;
use crate::nn::{
    DecoderState, Encoded, ModelError, Seq2Seq,
    kernels::{self, Best},
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
    fn only(&self, tokens: &[u32]) -> Option<Self> {
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

    /// The `keep` best columns of each row, the `barred` ones left out.
    pub fn best(
        &self,
        hidden: &Tensor,
        keep: usize,
        barred: &[usize],
    ) -> Result<Vec<Best>, ModelError> {
        if let Some(best) = self.map.best(hidden, keep, barred)? {
            return Ok(best);
        }
        let logits = self.logits(hidden)?;
        let columns = logits.dims()[1];
        let logits: Vec<f32> = logits.flatten_all()?.to_vec1()?;
        let row = |logits| Best {
            norm: kernels::log_sum_exp(logits),
            top: kernels::top(logits, keep, barred),
        };
        Ok(logits.chunks_exact(columns).map(row).collect())
    }
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
