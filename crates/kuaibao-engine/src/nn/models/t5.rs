//! The T5 family: T5, mT5, mT0, Flan-T5, MADLAD-400 and UMT5, built from one [`T5Architecture`].
//!
//! The residual stream is f32 in every precision: T5's grows beyond what f16 holds. The reference's
//! is f32 from its first feed-forward block on, because that block's second matrix is kept in f32
//! beside f16; so it is here.

use std::path::Path;

use candle_core::{DType, Device, Tensor};

use crate::nn::{
    Activation, DecoderState, Encoded, Footprint, Head, ModelError, Outputs, Packing, Placement,
    Seq2Seq, Stack, T5Architecture, Weights,
    layers::{CrossAttention, Heads, Linear, PositionBias, RmsNorm, SelfAttention, gate},
    state::ids,
    weights::Matrix,
};

/// A T5-family encoder–decoder.
pub struct T5 {
    architecture: T5Architecture,
    /// `(vocabulary, d_model)`, of both sides.
    embedding: Matrix,
    encoder: Vec<EncoderLayer>,
    encoder_bias: Biases,
    encoder_norm: RmsNorm,
    decoder: Vec<DecoderLayer>,
    decoder_bias: Biases,
    decoder_norm: RmsNorm,
    head: Head,
    device: Device,
}

impl T5 {
    /// Loads the weights in `folder`.
    pub fn load(
        folder: &Path,
        architecture: T5Architecture,
        placement: &Placement,
    ) -> Result<Self, ModelError> {
        let weights = &Weights::open(folder, placement)?;
        let a = &architecture;
        let shape = [a.vocabulary, a.d_model];
        // All names of one table; files keep one of them or several.
        let tables = [
            "shared.weight",
            "encoder.embed_tokens.weight",
            "decoder.embed_tokens.weight",
        ];
        let table = tables.iter().find(|n| weights.has(n)).unwrap_or(&tables[0]);
        let embedding = weights.matrix(table, &shape)?;
        let head = "lm_head.weight";
        let head = if weights.has(head) {
            weights.matrix(head, &shape)?
        } else {
            embedding.clone()
        };
        let norm = |side: &str| {
            let name = format!("{side}.final_layer_norm");
            RmsNorm::load(weights, &name, a.d_model, a.epsilon)
        };
        Ok(Self {
            encoder: (0..a.encoder.layers)
                .map(|i| EncoderLayer::load(weights, a, i))
                .collect::<Result<_, _>>()?,
            encoder_bias: Biases::load(weights, a, "encoder", a.encoder, true)?,
            encoder_norm: norm("encoder")?,
            decoder: (0..a.decoder.layers)
                .map(|i| DecoderLayer::load(weights, a, i))
                .collect::<Result<_, _>>()?,
            decoder_bias: Biases::load(weights, a, "decoder", a.decoder, false)?,
            decoder_norm: norm("decoder")?,
            head: Head::new(
                Linear::of(head, None, weights.precision())?,
                Outputs::new((0..a.vocabulary as u32).collect(), a.vocabulary),
            ),
            device: placement.device.clone(),
            embedding: embedding.stored_as(weights.precision().embeddings())?,
            architecture,
        })
    }

    /// `(tokens, d_model)` in f32
    fn embed(&self, tokens: &[u32]) -> Result<Tensor, ModelError> {
        let vocabulary = self.architecture.vocabulary;
        if let Some(&id) = tokens.iter().find(|&&t| t as usize >= vocabulary) {
            return Err(ModelError::Token { id, vocabulary });
        }
        let rows = self.embedding.rows(&ids(tokens, &self.device)?)?;
        Ok(rows.to_dtype(DType::F32)?)
    }
}

impl Seq2Seq for T5 {
    fn encode(&self, sources: &[&[u32]]) -> Result<Encoded, ModelError> {
        let packing = Packing::new(sources.iter().map(|s| s.len()));
        let mut x = self.embed(&sources.concat())?;
        for (i, layer) in self.encoder.iter().enumerate() {
            x = layer.forward(&x, &packing, self.encoder_bias.of(i))?;
        }
        let states = self.encoder_norm.forward(&x)?;
        Ok(Encoded { states, packing })
    }

    fn start(&self, encoded: &Encoded) -> Result<DecoderState, ModelError> {
        let cross = self
            .decoder
            .iter()
            .map(|layer| layer.cross.block.keys_values(&encoded.states))
            .collect::<Result<_, _>>()?;
        Ok(DecoderState::new(cross, encoded.packing.clone()))
    }

    fn hidden(&self, state: &mut DecoderState, tokens: &[u32]) -> Result<Tensor, ModelError> {
        let mut x = self.embed(tokens)?;
        state.advance();
        for (i, layer) in self.decoder.iter().enumerate() {
            x = layer.forward(&x, i, state, self.decoder_bias.of(i))?;
        }
        let mut x = self.decoder_norm.forward(&x)?;
        if self.architecture.output_scale != 1.0 {
            x = (x * self.architecture.output_scale)?;
        }
        Ok(x)
    }

    fn head(&self) -> &Head {
        &self.head
    }

    fn max_positions(&self) -> Option<usize> {
        None
    }

    fn footprint(&self) -> Footprint {
        let a = &self.architecture;
        let width = a.d_model.max(a.d_kv * a.decoder.heads);
        // The residual stream is f32.
        Footprint::of(a.decoder, a.encoder, width, a.vocabulary, DType::F32)
    }

    fn device(&self) -> &Device {
        &self.device
    }
}

/// The biases of one side: those of its first layer, which all its layers share, or of each.
struct Biases(Vec<PositionBias>);

impl Biases {
    fn load(
        weights: &Weights,
        a: &T5Architecture,
        side: &str,
        stack: Stack,
        both_ways: bool,
    ) -> Result<Self, ModelError> {
        let layers = if a.bias_each_layer { stack.layers } else { 1 };
        let of = |layer| position_bias(weights, a, (side, layer), stack, both_ways);
        Ok(Self((0..layers).map(of).collect::<Result<_, _>>()?))
    }

    fn of(&self, layer: usize) -> &PositionBias {
        &self.0[layer.min(self.0.len() - 1)]
    }
}

/// The biases of a layer by distance.
fn position_bias(
    weights: &Weights,
    a: &T5Architecture,
    (side, layer): (&str, usize),
    stack: Stack,
    both_ways: bool,
) -> Result<PositionBias, ModelError> {
    let name = format!("{side}.block.{layer}.layer.0.SelfAttention.relative_attention_bias.weight");
    let table = weights.get(&name, &[a.buckets, stack.heads])?;
    let reach = a.max_distance as isize;
    let buckets: Vec<u32> = (-reach..=reach)
        .map(|distance| bucket(distance, both_ways, a.buckets, a.max_distance))
        .collect();
    let by_distance = table.index_select(&ids(&buckets, weights.device())?, 0)?;
    PositionBias::new(by_distance.t()?.contiguous()?)
}

/// The bucket of a distance (key less query): near ones have their own, farther ones share, on a
/// logarithmic scale. With `both_ways` half of the buckets are for keys behind the query; else
/// there are none such. Computed in f32 as the reference does.
fn bucket(distance: isize, both_ways: bool, buckets: usize, max_distance: usize) -> u32 {
    let (first, count) = match (both_ways, distance > 0) {
        (true, behind) => (usize::from(behind) * (buckets / 2), buckets / 2),
        (false, true) => return 0,
        (false, false) => (0, buckets),
    };
    let distance = distance.unsigned_abs();
    let exact = count / 2;
    if distance < exact {
        return (first + distance) as u32;
    }
    let ratio = (distance as f32 / exact as f32).ln();
    let whole = (max_distance as f64 / exact as f64).ln() as f32;
    let more = (ratio / whole * (count - exact) as f32) as usize;
    (first + (exact + more).min(count - 1)) as u32
}

fn attention_heads(stack: Stack) -> Heads {
    Heads {
        count: stack.heads,
        scale: 1.0,
    }
}

fn self_attention(
    weights: &Weights,
    a: &T5Architecture,
    stack: Stack,
    name: &str,
) -> Result<SelfAttention, ModelError> {
    let width = stack.heads * a.d_kv;
    let part = |p: &str| format!("{name}.{p}");
    let qkv = [part("q"), part("k"), part("v")];
    let qkv = [&*qkv[0], &qkv[1], &qkv[2]];
    Ok(SelfAttention {
        qkv: Linear::load_unbiased(weights, &qkv, a.d_model, width)?,
        out: Linear::load_unbiased(weights, &[&part("o")], width, a.d_model)?,
        heads: attention_heads(stack),
        width,
    })
}

fn cross_attention(
    weights: &Weights,
    a: &T5Architecture,
    name: &str,
) -> Result<CrossAttention, ModelError> {
    let width = a.decoder.heads * a.d_kv;
    let part = |p: &str| format!("{name}.{p}");
    Ok(CrossAttention {
        q: Linear::load_unbiased(weights, &[&part("q")], a.d_model, width)?,
        kv: Linear::load_unbiased(weights, &[&part("k"), &part("v")], a.d_model, width)?,
        out: Linear::load_unbiased(weights, &[&part("o")], width, a.d_model)?,
        heads: attention_heads(a.decoder),
        width,
    })
}

/// A block behind its norm, its output added to its input.
struct Residual<B> {
    norm: RmsNorm,
    block: B,
}

impl<B> Residual<B> {
    fn load(
        weights: &Weights,
        a: &T5Architecture,
        name: &str,
        block: impl FnOnce(&str) -> Result<B, ModelError>,
        part: &str,
    ) -> Result<Self, ModelError> {
        let norm = format!("{name}.layer_norm");
        Ok(Self {
            norm: RmsNorm::load(weights, &norm, a.d_model, a.epsilon)?,
            block: block(&format!("{name}.{part}"))?,
        })
    }

    /// `x` is the stream in f32.
    fn apply(
        &self,
        x: &Tensor,
        run: impl FnOnce(&B, &Tensor) -> Result<Tensor, ModelError>,
    ) -> Result<Tensor, ModelError> {
        let y = run(&self.block, &self.norm.forward(x)?)?;
        Ok((x + y.to_dtype(DType::F32)?)?)
    }
}

struct FeedForward {
    /// d_model → ffn, or twice that: what is activated | what it is multiplied by
    wi: Linear,
    /// ffn → d_model
    wo: Linear,
    activation: Activation,
    gated: bool,
    /// Of the second map; f32 beside f16, whose range its products leave.
    wo_dtype: DType,
}

impl FeedForward {
    fn load(
        weights: &Weights,
        a: &T5Architecture,
        stack: Stack,
        name: &str,
    ) -> Result<Self, ModelError> {
        let part = |p: &str| format!("{name}.{p}");
        let names: &[String] = if a.gated {
            &[part("wi_0"), part("wi_1")]
        } else {
            &[part("wi")]
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let wo_dtype = match weights.dtype() {
            DType::F16 => DType::F32,
            other => other,
        };
        Ok(Self {
            wi: Linear::load_unbiased(weights, &names, a.d_model, stack.ffn)?,
            wo: Linear::load_unbiased_as(weights, &part("wo"), stack.ffn, a.d_model, wo_dtype)?,
            activation: a.activation,
            gated: a.gated,
            wo_dtype,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor, ModelError> {
        let inner = if self.gated {
            gate(&self.wi.forward(x)?, self.activation)?
        } else {
            self.wi.forward_activated(x, self.activation)?
        };
        self.wo.forward(&inner.to_dtype(self.wo_dtype)?)
    }
}

struct EncoderLayer {
    self_attention: Residual<SelfAttention>,
    feed_forward: Residual<FeedForward>,
}

impl EncoderLayer {
    fn load(weights: &Weights, a: &T5Architecture, i: usize) -> Result<Self, ModelError> {
        let name = |sublayer: usize| format!("encoder.block.{i}.layer.{sublayer}");
        let attention = |name: &str| self_attention(weights, a, a.encoder, name);
        let feed_forward = |name: &str| FeedForward::load(weights, a, a.encoder, name);
        Ok(Self {
            self_attention: Residual::load(weights, a, &name(0), attention, "SelfAttention")?,
            feed_forward: Residual::load(weights, a, &name(1), feed_forward, "DenseReluDense")?,
        })
    }

    fn forward(
        &self,
        x: &Tensor,
        packing: &Packing,
        bias: &PositionBias,
    ) -> Result<Tensor, ModelError> {
        let x = self
            .self_attention
            .apply(x, |attention, x| attention.forward(x, packing, Some(bias)))?;
        self.feed_forward.apply(&x, FeedForward::forward)
    }
}

struct DecoderLayer {
    self_attention: Residual<SelfAttention>,
    cross: Residual<CrossAttention>,
    feed_forward: Residual<FeedForward>,
}

impl DecoderLayer {
    fn load(weights: &Weights, a: &T5Architecture, i: usize) -> Result<Self, ModelError> {
        let name = |sublayer: usize| format!("decoder.block.{i}.layer.{sublayer}");
        let attention = |name: &str| self_attention(weights, a, a.decoder, name);
        let cross = |name: &str| cross_attention(weights, a, name);
        let feed_forward = |name: &str| FeedForward::load(weights, a, a.decoder, name);
        Ok(Self {
            self_attention: Residual::load(weights, a, &name(0), attention, "SelfAttention")?,
            cross: Residual::load(weights, a, &name(1), cross, "EncDecAttention")?,
            feed_forward: Residual::load(weights, a, &name(2), feed_forward, "DenseReluDense")?,
        })
    }

    fn forward(
        &self,
        x: &Tensor,
        layer: usize,
        state: &mut DecoderState,
        bias: &PositionBias,
    ) -> Result<Tensor, ModelError> {
        let x = self.self_attention.apply(x, |attention, x| {
            attention.step(x, layer, state, Some(bias))
        })?;
        let x = self
            .cross
            .apply(&x, |cross, x| cross.step(x, layer, state))?;
        self.feed_forward.apply(&x, FeedForward::forward)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where buckets begin among keys before the query, as `transformers` has them.
    fn starts(both_ways: bool, buckets: usize, max_distance: usize) -> Vec<isize> {
        let of = |distance: isize| bucket(-distance, both_ways, buckets, max_distance);
        let far = 2 * max_distance as isize;
        let mut starts: Vec<isize> = (1..far).filter(|&d| of(d) != of(d - 1)).collect();
        starts.insert(0, 0);
        let last = if both_ways { buckets / 2 } else { buckets } as u32 - 1;
        assert_eq!((of(0), of(far)), (0, last));
        starts
    }

    #[test]
    fn buckets_begin_where_those_of_the_reference_do() {
        assert_eq!(
            starts(true, 32, 128),
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91]
        );
        assert_eq!(
            starts(false, 32, 128),
            [
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 21, 24, 27, 31, 35,
                40, 46, 52, 59, 67, 77, 87, 99, 113
            ]
        );
        assert_eq!(starts(true, 8, 20), [0, 1, 2, 7]);
        assert_eq!(starts(false, 8, 20), [0, 1, 2, 3, 4, 6, 9, 14]);
        for distance in 1..200 {
            let before = bucket(-distance, true, 32, 128);
            assert_eq!(bucket(distance, true, 32, 128), before + 16);
            assert_eq!(bucket(distance, false, 32, 128), 0);
        }
    }
}
