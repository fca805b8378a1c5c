//! Run state of a batch: keys and values, and which of them each row may see.

use std::ops::Range;

use candle_core::{Device, Tensor};

use super::ModelError;

/// Sequences packed end to end in one `(tokens, …)` tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Where each sequence begins, and at last the total.
    bounds: Vec<usize>,
}

impl Packing {
    /// From the length of each sequence.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut bounds = vec![0];
        for length in lengths {
            bounds.push(bounds[bounds.len() - 1] + length);
        }
        Self { bounds }
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of tokens in all sequences.
    pub fn total(&self) -> usize {
        self.bounds[self.len()]
    }

    /// The tokens of one sequence.
    pub fn span(&self, sequence: usize) -> Range<usize> {
        self.bounds[sequence]..self.bounds[sequence + 1]
    }

    /// The tokens of each sequence.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.bounds.windows(2).map(|w| w[0]..w[1])
    }

    /// Length of the longest sequence.
    pub fn longest(&self) -> usize {
        self.spans().map(|s| s.len()).max().unwrap_or(0)
    }
}

/// Everything a decoder remembers of one batch.
///
/// A row is one hypothesis. Its past is a list of *slots*: the step outputs of its ancestors in
/// the per-layer caches. Reordering beams therefore copies slot numbers, never keys or values,
/// and a row that ends simply is not gathered again. The only mutations are appending a step
/// (through [`super::Seq2Seq::step`]) and [`DecoderState::gather`].
pub struct DecoderState {
    /// Cross-attention keys and values a layer, `(source tokens, 2 · d_model)`.
    pub(super) cross: Vec<Tensor>,
    /// Where each source begins in `cross`.
    pub(super) sources: Packing,
    /// Self-attention keys and values a layer, `(slots, 2 · d_model)`.
    own: Vec<Cache>,
    rows: Vec<Row>,
    slots: usize,
    /// Slots that were left when unseen ones were last dropped.
    kept: usize,
    /// Cross-attention of the last step, where it is asked for.
    attention: Option<Vec<LayerAttention>>,
}

/// Attention weights of one layer: row by row, head by head, over the row's source tokens.
pub type LayerAttention = Vec<Vec<Vec<f32>>>;

#[derive(Clone)]
struct Row {
    source: usize,
    past: Vec<u32>,
}

impl DecoderState {
    /// A state with one row a source and `layers` empty caches.
    pub(super) fn new(cross: Vec<Tensor>, sources: Packing) -> Self {
        let own = cross.iter().map(|_| Cache::default()).collect();
        let rows = (0..sources.len())
            .map(|source| Row {
                source,
                past: Vec::new(),
            })
            .collect();
        Self {
            cross,
            sources,
            own,
            rows,
            slots: 0,
            kept: 0,
            attention: None,
        }
    }

    /// Makes every step record its cross-attention weights.
    pub fn record_attention(&mut self) {
        self.attention = Some(Vec::new());
    }

    /// Cross-attention weights of the last step, a layer each; empty unless recorded.
    pub fn attention(&self) -> &[LayerAttention] {
        self.attention.as_deref().unwrap_or_default()
    }

    /// Takes the weights that `weights` computes, if they are recorded.
    pub(super) fn record(
        &mut self,
        weights: impl FnOnce(&Self) -> Result<LayerAttention, ModelError>,
    ) -> Result<(), ModelError> {
        if self.attention.is_some() {
            let weights = weights(self)?;
            self.attention.get_or_insert_default().push(weights);
        }
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The source that a row translates.
    pub fn source(&self, row: usize) -> usize {
        self.rows[row].source
    }

    /// Tokens fed to a row so far.
    pub fn length(&self, row: usize) -> usize {
        self.rows[row].past.len()
    }

    /// Keeps the rows `parents`, in that order; a row may be kept more than once or not at all.
    pub fn gather(&mut self, parents: &[usize]) -> Result<(), ModelError> {
        self.rows = parents.iter().map(|&p| self.rows[p].clone()).collect();
        self.compact()
    }

    /// Opens a slot for every row; the layers then [`DecoderState::append`] to it.
    pub(super) fn advance(&mut self) {
        for (i, row) in self.rows.iter_mut().enumerate() {
            row.past.push((self.slots + i) as u32);
        }
        self.slots += self.rows.len();
        if let Some(attention) = &mut self.attention {
            attention.clear();
        }
    }

    /// Appends the keys and values of this step, `(rows, 2 · d_model)`, to a layer's cache and
    /// gives the whole cache.
    pub(super) fn append(&mut self, layer: usize, step: &Tensor) -> Result<Tensor, ModelError> {
        self.own[layer].append(step)
    }

    /// The slots that each row sees, oldest first.
    pub(super) fn pasts(&self) -> Vec<&[u32]> {
        self.rows.iter().map(|r| r.past.as_slice()).collect()
    }

    /// Source of each row.
    pub(super) fn row_sources(&self) -> Vec<usize> {
        self.rows.iter().map(|r| r.source).collect()
    }

    /// Drops slots that no row sees, each time the slots have doubled: rows share most of their
    /// ancestors, so few are seen by the time.
    fn compact(&mut self) -> Result<(), ModelError> {
        const SMALL: usize = 256;
        if self.slots < SMALL.max(2 * self.kept) {
            return Ok(());
        }
        let mut moved = vec![u32::MAX; self.slots];
        for &slot in self.rows.iter().flat_map(|r| &r.past) {
            moved[slot as usize] = 0;
        }
        let mut kept = Vec::new();
        for (slot, to) in moved.iter_mut().enumerate().filter(|(_, m)| **m == 0) {
            *to = kept.len() as u32;
            kept.push(slot as u32);
        }
        self.kept = kept.len();
        if self.kept == self.slots {
            return Ok(());
        }
        for slot in self.rows.iter_mut().flat_map(|r| &mut r.past) {
            *slot = moved[*slot as usize];
        }
        for cache in &mut self.own {
            cache.keep(&kept)?;
        }
        self.slots = kept.len();
        Ok(())
    }
}

/// A growing `(slots, width)` tensor: appended in place, doubled when full.
#[derive(Default)]
struct Cache {
    buffer: Option<Tensor>,
    len: usize,
}

impl Cache {
    fn append(&mut self, step: &Tensor) -> Result<Tensor, ModelError> {
        let (rows, width) = step.dims2()?;
        let step = step.contiguous()?;
        let needed = self.len + rows;
        let capacity = self.buffer.as_ref().map_or(0, |b| b.dims()[0]);
        if needed > capacity {
            let capacity = (2 * capacity).max(16 * rows).max(needed);
            let grown = Tensor::zeros((capacity, width), step.dtype(), step.device())?;
            if let Some(old) = self.buffer.as_ref().filter(|_| self.len > 0) {
                grown.slice_set(&old.narrow(0, 0, self.len)?.contiguous()?, 0, 0)?;
            }
            self.buffer = Some(grown);
        }
        let buffer = self.buffer.as_ref().expect("grown above");
        buffer.slice_set(&step, 0, self.len)?;
        self.len = needed;
        Ok(buffer.narrow(0, 0, needed)?)
    }

    fn keep(&mut self, slots: &[u32]) -> Result<(), ModelError> {
        if let Some(buffer) = &self.buffer {
            self.buffer = Some(buffer.index_select(&ids(slots, buffer.device())?, 0)?);
            self.len = slots.len();
        }
        Ok(())
    }
}

/// Token ids or row numbers as a tensor.
pub(super) fn ids(ids: &[u32], device: &Device) -> Result<Tensor, ModelError> {
    Ok(Tensor::new(ids, device)?)
}
