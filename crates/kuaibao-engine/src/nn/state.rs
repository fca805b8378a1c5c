//! Run state of a batch: keys and values and which of them each row may see, or a cell a row.

use std::{cell::OnceCell, ops::Range};

use candle_core::{Device, Tensor};

use super::ModelError;
#[cfg(feature = "cuda")]
use super::cuda;

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
/// A row is one hypothesis. Of a decoder with self-attention its past is a list of *slots*: the step
/// outputs of its ancestors in the per-layer caches. Reordering beams therefore copies slot numbers,
/// never keys or values, and a row that ends simply is not gathered again. Of a recurrent decoder it
/// is one *cell* a layer, which each step replaces. The only mutations are a step (through
/// [`super::Seq2Seq::step`]) and [`DecoderState::gather`].
pub struct DecoderState {
    /// Cross-attention keys and values a layer, `(source tokens, 2 · d_model)`.
    pub(super) cross: Vec<Tensor>,
    /// Where each source begins in `cross`.
    pub(super) sources: Packing,
    memory: Memory,
    rows: Vec<Row>,
    /// What attention that candle computes gathers of the pasts and of the sources: sent to the device
    /// once a step, and once for as long as the rows stay the same, not once a layer.
    past_lists: OnceCell<Lists>,
    source_lists: OnceCell<Lists>,
    /// Cross-attention of the last step, where it is asked for.
    attention: Option<Vec<LayerAttention>>,
}

/// Attention weights of one layer: row by row, head by head, over the row's source tokens.
pub type LayerAttention = Vec<Vec<Vec<f32>>>;

/// What the layers remember of the tokens so far.
enum Memory {
    Slots(Slots),
    /// A cell of every row a layer, `(rows, d_model)`; none before the first step.
    Cells(Vec<Option<Tensor>>),
}

struct Slots {
    /// Self-attention keys and values a layer, `(slots, 2 · d_model)`.
    caches: Vec<Cache>,
    count: usize,
    /// Slots that were left when unseen ones were last dropped.
    kept: usize,
}

#[derive(Clone)]
struct Row {
    source: usize,
    /// Tokens fed to it.
    length: usize,
    /// The slots it sees, where there are such.
    past: Vec<u32>,
}

impl DecoderState {
    /// A state with one row a source and an empty cache a layer.
    pub(super) fn new(cross: Vec<Tensor>, sources: Packing) -> Self {
        let caches = cross.iter().map(|_| Cache::default()).collect();
        let slots = Slots {
            caches,
            count: 0,
            kept: 0,
        };
        Self::with(Memory::Slots(slots), cross, sources)
    }

    /// A state with one row a source and an empty cell a layer.
    pub(super) fn recurrent(cross: Vec<Tensor>, sources: Packing) -> Self {
        let cells = vec![None; cross.len()];
        Self::with(Memory::Cells(cells), cross, sources)
    }

    fn with(memory: Memory, cross: Vec<Tensor>, sources: Packing) -> Self {
        let rows = (0..sources.len())
            .map(|source| Row {
                source,
                length: 0,
                past: Vec::new(),
            })
            .collect();
        Self {
            cross,
            sources,
            memory,
            rows,
            past_lists: OnceCell::new(),
            source_lists: OnceCell::new(),
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
        self.rows[row].length
    }

    /// Keeps the rows `parents`, in that order; a row may be kept more than once or not at all. One at least
    /// is kept: a GPU computes nothing with tensors that have no rows, it fails.
    pub fn gather(&mut self, parents: &[usize]) -> Result<(), ModelError> {
        debug_assert!(!parents.is_empty(), "a state without rows");
        let of_the_same = parents.len() == self.rows.len()
            && (self.rows.iter().zip(parents)).all(|(row, &p)| self.rows[p].source == row.source);
        self.rows = parents.iter().map(|&p| self.rows[p].clone()).collect();
        self.past_lists.take();
        if !of_the_same {
            self.source_lists.take();
        }
        match &mut self.memory {
            Memory::Slots(slots) => slots.compact(&mut self.rows),
            Memory::Cells(cells) => {
                let parents: Vec<u32> = parents.iter().map(|&p| p as u32).collect();
                for cell in cells.iter_mut().flatten() {
                    *cell = cell.index_select(&ids(&parents, cell.device())?, 0)?;
                }
                Ok(())
            }
        }
    }

    /// Begins a step: opens a slot for every row, to which the layers [`DecoderState::append`].
    pub(super) fn advance(&mut self) {
        self.past_lists.take();
        for row in &mut self.rows {
            row.length += 1;
        }
        if let Memory::Slots(slots) = &mut self.memory {
            for (i, row) in self.rows.iter_mut().enumerate() {
                row.past.push((slots.count + i) as u32);
            }
            slots.count += self.rows.len();
        }
        if let Some(attention) = &mut self.attention {
            attention.clear();
        }
    }

    /// Appends the keys and values of this step, `(rows, 2 · d_model)`, to a layer's cache and
    /// gives the whole cache.
    pub(super) fn append(&mut self, layer: usize, step: &Tensor) -> Result<Tensor, ModelError> {
        match &mut self.memory {
            Memory::Slots(slots) => slots.caches[layer].append(step),
            Memory::Cells(_) => unreachable!("a recurrent decoder has no self-attention"),
        }
    }

    /// The cells of a layer, `(rows, d_model)`; `None` before the first step.
    pub(super) fn cells(&mut self, layer: usize) -> &mut Option<Tensor> {
        match &mut self.memory {
            Memory::Cells(cells) => &mut cells[layer],
            Memory::Slots(_) => unreachable!("a decoder with self-attention has no cells"),
        }
    }

    /// The slots that each row sees, oldest first.
    pub(super) fn pasts(&self) -> Vec<&[u32]> {
        self.rows.iter().map(|r| r.past.as_slice()).collect()
    }

    /// The slots that each row sees, on a device.
    pub(super) fn past_lists(&self, device: &Device) -> Result<&Lists, ModelError> {
        once(&self.past_lists, || Lists::new(&self.pasts(), device))
    }

    /// The tokens of each row's source, on a device.
    pub(super) fn source_lists(&self, device: &Device) -> Result<&Lists, ModelError> {
        once(&self.source_lists, || {
            let spans = self.rows.iter().map(|row| self.sources.span(row.source));
            let spans = spans.map(|span| (span.start as u32..span.end as u32).collect());
            let spans: Vec<Vec<u32>> = spans.collect();
            let spans: Vec<&[u32]> = spans.iter().map(Vec::as_slice).collect();
            Lists::new(&spans, device)
        })
    }

    /// Source of each row.
    pub(super) fn row_sources(&self) -> Vec<usize> {
        self.rows.iter().map(|r| r.source).collect()
    }
}

/// What a cell holds, made where it holds nothing yet.
fn once<T>(
    cell: &OnceCell<T>,
    make: impl FnOnce() -> Result<T, ModelError>,
) -> Result<&T, ModelError> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}

/// Lists of rows of a tensor, padded to the longest of them.
pub(super) struct Lists {
    /// List after list, each padded by its last entry (0 where it is empty).
    pub(super) index: Tensor,
    pub(super) lengths: Vec<usize>,
    pub(super) longest: usize,
    mask: OnceCell<Tensor>,
    #[cfg(feature = "cuda")]
    counts: OnceCell<Tensor>,
    /// The columns of a position bias for the last entry of each list against all of its entries.
    columns: OnceCell<Tensor>,
}

impl Lists {
    pub(super) fn new(lists: &[&[u32]], device: &Device) -> Result<Self, ModelError> {
        let lengths: Vec<usize> = lists.iter().map(|list| list.len()).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut index = Vec::with_capacity(lists.len() * longest);
        for (i, list) in lists.iter().enumerate() {
            index.extend_from_slice(list);
            let last = index.last().copied().unwrap_or(0);
            index.resize((i + 1) * longest, last);
        }
        Ok(Self {
            index: ids(&index, device)?,
            lengths,
            longest,
            mask: OnceCell::new(),
            #[cfg(feature = "cuda")]
            counts: OnceCell::new(),
            columns: OnceCell::new(),
        })
    }

    /// 0 where an entry is real and -inf where it is padding, `(lists, 1, 1, longest)` in f32.
    pub(super) fn mask(&self) -> Result<&Tensor, ModelError> {
        once(&self.mask, || {
            padding(&self.lengths, self.longest, self.index.device())
        })
    }

    /// The lengths on the device, `(lists)`.
    #[cfg(feature = "cuda")]
    pub(super) fn counts(&self) -> Result<&Tensor, ModelError> {
        once(&self.counts, || {
            let counts: Vec<u32> = self.lengths.iter().map(|&length| length as u32).collect();
            ids(&counts, self.index.device())
        })
    }

    /// The columns of pairs of a query and a key position, as `column` numbers them, `(lists · longest)`.
    pub(super) fn columns(
        &self,
        column: impl Fn(usize, usize) -> u32,
    ) -> Result<&Tensor, ModelError> {
        once(&self.columns, || {
            let of = |&length: &usize| (0..self.longest).map(move |key| (length - 1, key));
            let pairs = self.lengths.iter().flat_map(of);
            let columns: Vec<u32> = pairs.map(|(query, key)| column(query, key)).collect();
            ids(&columns, self.index.device())
        })
    }
}

/// 0 where an entry is real and -inf where it is padding, `(lists, 1, 1, longest)` in f32.
pub(super) fn padding(
    lengths: &[usize],
    longest: usize,
    device: &Device,
) -> Result<Tensor, ModelError> {
    let mut mask = vec![0f32; lengths.len() * longest];
    for (row, &length) in mask.chunks_mut(longest.max(1)).zip(lengths) {
        row[length..].fill(f32::NEG_INFINITY);
    }
    let shape = (lengths.len(), 1, 1, longest);
    Ok(Tensor::from_vec(mask, shape, device)?)
}

impl Slots {
    /// Drops slots that no row sees, each time the slots have doubled: rows share most of their
    /// ancestors, so few are seen by the time.
    fn compact(&mut self, rows: &mut [Row]) -> Result<(), ModelError> {
        const SMALL: usize = 256;
        if self.count < SMALL.max(2 * self.kept) {
            return Ok(());
        }
        let mut moved = vec![u32::MAX; self.count];
        for &slot in rows.iter().flat_map(|r| &r.past) {
            moved[slot as usize] = 0;
        }
        let mut kept = Vec::new();
        for (slot, to) in moved.iter_mut().enumerate().filter(|(_, m)| **m == 0) {
            *to = kept.len() as u32;
            kept.push(slot as u32);
        }
        self.kept = kept.len();
        if self.kept == self.count {
            return Ok(());
        }
        for slot in rows.iter_mut().flat_map(|r| &mut r.past) {
            *slot = moved[*slot as usize];
        }
        for cache in &mut self.caches {
            cache.keep(&kept)?;
        }
        self.count = kept.len();
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
        let at = std::mem::replace(&mut self.len, needed);
        let whole = buffer.narrow(0, 0, needed)?;
        #[cfg(feature = "cuda")]
        if cuda::serves(step) {
            cuda::copy_rows(buffer, at, step)?;
            return Ok(whole);
        }
        buffer.slice_set(&step.contiguous()?, 0, at)?;
        Ok(whole)
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
