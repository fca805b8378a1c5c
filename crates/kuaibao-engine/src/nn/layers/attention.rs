//! Scaled dot-product attention (Vaswani et al. 2017) over packed sequences.
//!
//! Three shapes of it, by which keys a query may see: its own sequence ([`self_attention`]), the
//! source of its row ([`cross_attention`]), the past of its row ([`cached_attention`]). On a CPU in f32 one kernel serves all
//! three without padding, on a GPU with CUDA one serves the last two; elsewhere each gathers its keys into a padded
//! tensor and masks it.

use std::ops::Range;

use candle_core::{CpuStorage, CustomOp3, DType, Layout, Shape, Tensor};

use super::linear::{Linear, matmul};
#[cfg(feature = "cuda")]
use crate::nn::cuda;
use crate::nn::{
    DecoderState, ModelError, Packing,
    kernels::{self, Bias, Group, Keys, Scores, bias_column, on_cpu, strided},
    state::{Lists, ids, padding},
};

/// How a hidden state is split into heads.
#[derive(Clone, Copy, Debug)]
pub(in crate::nn) struct Heads {
    pub(in crate::nn) count: usize,
    /// What dot products are multiplied by.
    pub(in crate::nn) scale: f64,
}

/// What a score gains by how far its key is from its query (Raffel et al. 2020).
pub(in crate::nn) struct PositionBias {
    /// `(heads, 2 · reach + 1)` in f32: column `distance + reach`, the distance being key less query.
    table: Tensor,
    /// The table where the CPU kernel runs.
    host: Option<Vec<f32>>,
    /// Farther keys count as being this far.
    reach: usize,
}

impl PositionBias {
    /// From a table of the shape that the field has.
    pub(in crate::nn) fn new(table: Tensor) -> Result<Self, ModelError> {
        let (_, columns) = table.dims2()?;
        let host = if on_cpu(&table) {
            Some(table.flatten_all()?.to_vec1()?)
        } else {
            None
        };
        Ok(Self {
            table: table.to_dtype(DType::F32)?.contiguous()?,
            host,
            reach: columns / 2,
        })
    }

    fn kernel(&self) -> Option<Bias<'_>> {
        self.host.as_deref().map(|table| Bias {
            table,
            reach: self.reach,
        })
    }

    fn column(&self, query: usize, key: usize) -> u32 {
        bias_column(query, key, self.reach) as u32
    }

    /// The biases of so many columns, `(heads, columns)` in f32.
    fn of(&self, columns: &Tensor) -> Result<Tensor, ModelError> {
        Ok(self.table.index_select(columns, 1)?)
    }
}

/// Self-attention with its queries, keys and values in one projection.
pub(in crate::nn) struct SelfAttention {
    /// d_model → queries | keys | values
    pub(in crate::nn) qkv: Linear,
    /// width → d_model
    pub(in crate::nn) out: Linear,
    pub(in crate::nn) heads: Heads,
    /// Of all heads together.
    pub(in crate::nn) width: usize,
}

impl SelfAttention {
    /// Every token attends to its own sequence: `(tokens, d_model)` → the same.
    pub(in crate::nn) fn forward(
        &self,
        x: &Tensor,
        packing: &Packing,
        bias: Option<&PositionBias>,
    ) -> Result<Tensor, ModelError> {
        let d = self.width;
        let qkv = self.qkv.forward(x)?; // (tokens, 3 · d)
        let part = |i: usize| qkv.narrow(1, i * d, d);
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let y = self_attention(&q, &k, &v, packing, self.heads, bias)?;
        self.out.forward(&y)
    }

    /// The newest token of each row attends to the row's past: `(rows, d_model)` → the same.
    pub(in crate::nn) fn step(
        &self,
        x: &Tensor,
        layer: usize,
        state: &mut DecoderState,
        bias: Option<&PositionBias>,
    ) -> Result<Tensor, ModelError> {
        let d = self.width;
        let qkv = self.qkv.forward(x)?; // (rows, 3 · d)
        let cache = state.append(layer, &qkv.narrow(1, d, 2 * d)?)?; // (slots, 2 · d)
        let q = qkv.narrow(1, 0, d)?;
        let (k, v) = (cache.narrow(1, 0, d)?, cache.narrow(1, d, d)?);
        let y = if on_cpu(&q) {
            cached_attention(&q, &k, &v, &state.pasts(), self.heads, bias)?
        } else {
            let lists = state.past_lists(q.device())?;
            gathered(&q, &k, &v, lists, self.heads, bias)?
        };
        self.out.forward(&y)
    }
}

/// Attention of the decoder over the source.
pub(in crate::nn) struct CrossAttention {
    pub(in crate::nn) q: Linear,
    /// d_model → keys | values
    pub(in crate::nn) kv: Linear,
    /// width → d_model
    pub(in crate::nn) out: Linear,
    pub(in crate::nn) heads: Heads,
    /// Of all heads together.
    pub(in crate::nn) width: usize,
}

impl CrossAttention {
    /// `(source tokens, d_model)` → `(source tokens, 2 · width)`, computed once a source.
    pub(in crate::nn) fn keys_values(&self, states: &Tensor) -> Result<Tensor, ModelError> {
        self.kv.forward(states)
    }

    /// Each row attends to its source: `(rows, d_model)` → the same.
    pub(in crate::nn) fn step(
        &self,
        x: &Tensor,
        layer: usize,
        state: &mut DecoderState,
    ) -> Result<Tensor, ModelError> {
        let d = self.width;
        let q = self.q.forward(x)?;
        let k = state.cross[layer].narrow(1, 0, d)?;
        let v = state.cross[layer].narrow(1, d, d)?;
        let y = if on_cpu(&q) {
            let rows = state.row_sources();
            cross_attention(&q, &k, &v, &rows, &state.sources, self.heads)?
        } else {
            let lists = state.source_lists(q.device())?;
            gathered(&q, &k, &v, lists, self.heads, None)?
        };
        state.record(|state| {
            let rows = state.row_sources();
            cross_weights(&q, &k, &rows, &state.sources, self.heads)
        })?;
        self.out.forward(&y)
    }
}

/// Every token of a sequence attends to all of that sequence.
/// `q`, `k`, `v`: `(tokens, width)` → `(tokens, width)`.
fn self_attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    packing: &Packing,
    heads: Heads,
    bias: Option<&PositionBias>,
) -> Result<Tensor, ModelError> {
    if on_cpu(q) {
        let group = |span: Range<usize>| Group {
            keys: Keys::Span(span.start, span.end),
            queries: span,
        };
        let groups = packing.spans().map(group).collect();
        return kernel(q, k, v, groups, heads, bias);
    }
    composed_self_attention(q, k, v, packing, heads, bias)
}

fn composed_self_attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    packing: &Packing,
    heads: Heads,
    bias: Option<&PositionBias>,
) -> Result<Tensor, ModelError> {
    let (sequences, longest) = (packing.len(), packing.longest());
    let padded: Vec<u32> = packing
        .spans()
        .flat_map(|span| {
            let last = span.end.saturating_sub(1) as u32;
            let filler = std::iter::repeat_n(last, longest - span.len());
            (span.start as u32..span.end as u32).chain(filler)
        })
        .collect();
    let padded = ids(&padded, q.device())?;
    let fold = |x: &Tensor| -> Result<Tensor, ModelError> {
        let x = x.contiguous()?.index_select(&padded, 0)?;
        split_heads(&x.reshape((sequences, longest, ()))?, heads) // (sequences, heads, longest, dim)
    };
    let lengths: Vec<usize> = packing.spans().map(|span| span.len()).collect();
    let mut mask = padding(&lengths, longest, q.device())?;
    if let Some(bias) = bias {
        let pairs = (0..longest).flat_map(|query| (0..longest).map(move |key| (query, key)));
        let columns: Vec<u32> = pairs.map(|(query, key)| bias.column(query, key)).collect();
        let bias =
            bias.of(&ids(&columns, q.device())?)?
                .reshape((1, heads.count, longest, longest))?;
        mask = mask.broadcast_add(&bias)?; // (sequences, heads, longest, longest)
    }
    let out = masked(&fold(q)?, &fold(k)?, &fold(v)?, &mask, heads)?;
    let width = heads.count * out.dims()[3];
    let out = out.transpose(1, 2)?.reshape((sequences * longest, width))?;
    let real: Vec<u32> = packing
        .spans()
        .enumerate()
        .flat_map(|(i, s)| (i * longest) as u32..(i * longest + s.len()) as u32)
        .collect();
    Ok(out.index_select(&ids(&real, q.device())?, 0)?)
}

/// Row `r` attends to the source `sources[r]`, by the kernel.
/// `q`: `(rows, width)`; `k`, `v`: `(source tokens, width)` → `(rows, width)`.
fn cross_attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    sources: &[usize],
    packing: &Packing,
    heads: Heads,
) -> Result<Tensor, ModelError> {
    // Beams of a sentence stand together.
    let mut groups: Vec<Group> = Vec::new();
    for rows in sources.chunk_by(|a, b| a == b) {
        let first = groups.last().map_or(0, |group| group.queries.end);
        let span = packing.span(rows[0]);
        groups.push(Group {
            queries: first..first + rows.len(),
            keys: Keys::Span(span.start, span.end),
        });
    }
    kernel(q, k, v, groups, heads, None)
}

/// Row `r` attends to the slots `pasts[r]`, the last of which is its own, by the kernel.
/// `q`: `(rows, width)`; `k`, `v`: `(slots, width)` → `(rows, width)`.
fn cached_attention<'p>(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    pasts: &[&'p [u32]],
    heads: Heads,
    bias: Option<&PositionBias>,
) -> Result<Tensor, ModelError> {
    let group = |(row, past): (usize, &&'p [u32])| Group {
        queries: row..row + 1,
        keys: Keys::List(past),
    };
    let groups = pasts.iter().enumerate().map(group).collect();
    kernel(q, k, v, groups, heads, bias)
}

/// How much each row attends to each token of its source: row by row, head by head.
fn cross_weights(
    q: &Tensor,
    k: &Tensor,
    sources: &[usize],
    packing: &Packing,
    heads: Heads,
) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
    let dim = q.dims()[1] / heads.count;
    sources
        .iter()
        .enumerate()
        .map(|(row, &source)| {
            let span = packing.span(source);
            let q = q.narrow(0, row, 1)?.reshape((heads.count, 1, dim))?;
            let k = k
                .narrow(0, span.start, span.len())?
                .reshape((span.len(), heads.count, dim))?
                .transpose(0, 1)?
                .contiguous()?; // (heads, source, dim)
            let scores = (matmul(&q, &k.t()?)?.to_dtype(DType::F32)? * heads.scale)?;
            let weights = candle_nn::ops::softmax_last_dim(&scores)?; // (heads, 1, source)
            Ok(weights.squeeze(1)?.to_vec2()?)
        })
        .collect()
}

struct Kernel<'a> {
    groups: Vec<Group<'a>>,
    scores: Scores<'a>,
}

fn kernel(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    groups: Vec<Group>,
    heads: Heads,
    bias: Option<&PositionBias>,
) -> Result<Tensor, ModelError> {
    let scores = Scores {
        heads: heads.count,
        scale: heads.scale as f32,
        bias: bias.and_then(PositionBias::kernel),
    };
    Ok(q.apply_op3_no_bwd(k, v, &Kernel { groups, scores })?)
}

impl CustomOp3 for Kernel<'_> {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        k: &CpuStorage,
        k_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, width) = q_layout.shape().dims2()?;
        let mut out = vec![0.0; rows * width];
        kernels::attention(
            strided(q, q_layout)?,
            strided(k, k_layout)?,
            strided(v, v_layout)?,
            &self.groups,
            self.scores,
            &mut out,
        );
        Ok((CpuStorage::F32(out), (rows, width).into()))
    }
}

/// Row `r` attends to list `r` of the rows of `k` and `v`, gathered and padded to the longest.
fn gathered(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    lists: &Lists,
    heads: Heads,
    bias: Option<&PositionBias>,
) -> Result<Tensor, ModelError> {
    let (rows, width) = q.dims2()?;
    let longest = lists.longest;
    #[cfg(feature = "cuda")]
    if cuda::serves(q) && cuda::serves_heads(width / heads.count) {
        let scores = (heads.count, heads.scale as f32);
        let bias = bias.map(|bias| (&bias.table, bias.reach));
        let lists = cuda::Listed {
            index: &lists.index,
            counts: lists.counts()?,
            longest,
        };
        return Ok(cuda::attention(q, k, v, lists, scores, bias)?);
    }
    let fold = |x: &Tensor| -> Result<Tensor, ModelError> {
        let x = x.contiguous()?.index_select(&lists.index, 0)?;
        split_heads(&x.reshape((rows, longest, width))?, heads)
    };
    let q = split_heads(&q.contiguous()?.reshape((rows, 1, width))?, heads)?;
    let mut mask = lists.mask()?.clone();
    if let Some(bias) = bias {
        let columns = lists.columns(|query, key| bias.column(query, key))?;
        let bias = bias.of(columns)?.reshape((heads.count, rows, 1, longest))?;
        mask = mask.broadcast_add(&bias.transpose(0, 1)?)?; // (rows, heads, 1, longest)
    }
    let out = masked(&q, &fold(k)?, &fold(v)?, &mask, heads)?; // (rows, heads, 1, dim)
    Ok(out.reshape((rows, width))?)
}

/// `(n, length, width)` → `(n, heads, length, dim)`
fn split_heads(x: &Tensor, heads: Heads) -> Result<Tensor, ModelError> {
    let (n, length, width) = x.dims3()?;
    Ok(x.reshape((n, length, heads.count, width / heads.count))?
        .transpose(1, 2)?
        .contiguous()?)
}

/// Attention of `(n, heads, queries, dim)` over `(n, heads, keys, dim)`, softmax in f32.
fn masked(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    mask: &Tensor,
    heads: Heads,
) -> Result<Tensor, ModelError> {
    let scores = (matmul(q, &k.t()?)?.to_dtype(DType::F32)? * heads.scale)?;
    let weights = candle_nn::ops::softmax_last_dim(&scores.broadcast_add(mask)?)?;
    matmul(&weights.to_dtype(v.dtype())?, v)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn random(rows: usize, width: usize, seed: u64) -> Tensor {
        // A fixed linear congruential sequence: the same numbers on every machine.
        let mut state = seed;
        let data: Vec<f32> = (0..rows * width)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1u32 << 23) as f32 - 1.0
            })
            .collect();
        Tensor::from_vec(data, (rows, width), &Device::Cpu).unwrap()
    }

    fn assert_close(a: &Tensor, b: &Tensor) {
        let difference = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
        let most = difference.max(0).unwrap().to_scalar::<f32>().unwrap();
        assert!(most < 1e-5, "differs by {most}");
    }

    const HEADS: Heads = Heads {
        count: 3,
        scale: 0.4,
    };

    fn bias() -> PositionBias {
        PositionBias::new(random(3, 5, 9)).unwrap()
    }

    #[test]
    fn the_kernel_equals_the_composed_form() {
        let width = 3 * 20;
        let (q, k, v) = (
            random(5, width, 1),
            random(9, width, 2),
            random(9, width, 3),
        );
        let lists: [&[u32]; 5] = [
            &[0],
            &[3, 1, 4],
            &[8, 7, 6, 5, 4, 3, 2, 1, 0],
            &[2, 2],
            &[5],
        ];
        for bias in [None, Some(&bias())] {
            let on_device = Lists::new(&lists, &Device::Cpu).unwrap();
            let composed = gathered(&q, &k, &v, &on_device, HEADS, bias).unwrap();
            assert_close(
                &cached_attention(&q, &k, &v, &lists, HEADS, bias).unwrap(),
                &composed,
            );
        }
        let packing = Packing::new([2, 3]);
        let (k, v) = (k.narrow(0, 0, 5).unwrap(), v.narrow(0, 4, 5).unwrap());
        for bias in [None, Some(&bias())] {
            let composed = composed_self_attention(&q, &k, &v, &packing, HEADS, bias).unwrap();
            assert_close(
                &self_attention(&q, &k, &v, &packing, HEADS, bias).unwrap(),
                &composed,
            );
        }
    }

    #[test]
    fn a_bias_is_that_of_the_distance() {
        // Keys that score alike, so that a query's weights are the softmax of its biases; values
        // that say which key they belong to.
        let (q, k) = (random(4, 3, 1), random(4, 3, 2).zeros_like().unwrap());
        let v: Vec<f32> = (0..4).flat_map(|key| [10f32.powi(key); 3]).collect();
        let v = Tensor::from_vec(v, (4, 3), &Device::Cpu).unwrap();
        let bias = bias();
        let table: Vec<Vec<f32>> = bias.table.to_vec2().unwrap();
        let expected = |query: isize, keys: isize, head: usize| {
            let weight = |key: isize| table[head][((key - query).clamp(-2, 2) + 2) as usize].exp();
            let sum: f32 = (0..keys).map(weight).sum();
            (0..keys)
                .map(|key| weight(key) / sum * 10f32.powi(key as i32))
                .sum::<f32>()
        };
        let packing = Packing::new([4]);
        let all = self_attention(&q, &k, &v, &packing, HEADS, Some(&bias)).unwrap();
        let all: Vec<Vec<f32>> = all.to_vec2().unwrap();
        let pasts: [&[u32]; 4] = [&[0, 1, 2, 3]; 4];
        let last = cached_attention(&q, &k, &v, &pasts, HEADS, Some(&bias)).unwrap();
        let last: Vec<Vec<f32>> = last.to_vec2().unwrap();
        for row in 0..4 {
            for head in 0..3 {
                let exact = expected(row as isize, 4, head);
                assert!((all[row][head] / exact - 1.0).abs() < 1e-5);
                assert!((last[row][head] / expected(3, 4, head) - 1.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_sequence_sees_only_itself() {
        let width = 3 * 16;
        let (q, k, v) = (
            random(7, width, 4),
            random(7, width, 5),
            random(7, width, 6),
        );
        let packing = Packing::new([2, 4, 1]);
        let all = self_attention(&q, &k, &v, &packing, HEADS, None).unwrap();
        for (span, length) in packing.spans().zip([2, 4, 1]) {
            let part = |x: &Tensor| x.narrow(0, span.start, length).unwrap();
            let alone = self_attention(
                &part(&q),
                &part(&k),
                &part(&v),
                &Packing::new([length]),
                HEADS,
                None,
            );
            assert_close(&alone.unwrap(), &part(&all));
        }
    }

    #[test]
    fn strided_views_are_read_in_place() {
        let width = 3 * 8;
        let joined = random(6, 3 * width, 7);
        let part = |i: usize| joined.narrow(1, i * width, width).unwrap();
        let packing = Packing::new([6]);
        let views = self_attention(&part(0), &part(1), &part(2), &packing, HEADS, None).unwrap();
        let copy = |i: usize| part(i).contiguous().unwrap();
        let copies = self_attention(&copy(0), &copy(1), &copy(2), &packing, HEADS, None).unwrap();
        assert_close(&views, &copies);
    }
}
