//! The BART family: Marian, BART, mBART, Pegasus, M2M100 and NLLB, built from one [`Architecture`]; a
//! decoder of the recurrent kind (Firefox's translation models) is one of its values.

use std::path::Path;

use candle_core::{DType, Device, Tensor};

use crate::nn::{
    Activation, Architecture, DecoderMemory, DecoderState, Encoded, Footprint, Head, ModelError,
    NO_TOKEN, NormPlacement, Outputs, Packing, Placement, Positions, Seq2Seq, Stack, Weights,
    layers::{CrossAttention, Heads, LayerNorm, Linear, SelfAttention, Ssru},
    state::ids,
    weights::Matrix,
};

/// A BART-family encoder–decoder.
pub struct Bart {
    architecture: Architecture,
    encoder_embedding: Embedding,
    decoder_embedding: Embedding,
    encoder: Vec<EncoderLayer>,
    encoder_norm: Option<LayerNorm>,
    decoder: Vec<DecoderLayer>,
    decoder_norm: Option<LayerNorm>,
    head: Head,
    device: Device,
}

/// A logit bias below this bars a token: e^-1000 is 0 in every precision, so that leaving the
/// token's column out changes no probability.
const BARRED: f32 = -1e3;

impl Bart {
    /// Loads the weights in `folder`.
    pub fn load(
        folder: &Path,
        architecture: Architecture,
        placement: &Placement,
    ) -> Result<Self, ModelError> {
        Self::build(&Weights::open(folder, placement)?, architecture)
    }

    /// Builds the model of weights that are open.
    pub(in crate::nn) fn build(
        weights: &Weights,
        architecture: Architecture,
    ) -> Result<Self, ModelError> {
        let a = &architecture;
        let d = a.d_model;
        let (shared, source, target) = (
            "model.shared.weight",
            "model.encoder.embed_tokens.weight",
            "model.decoder.embed_tokens.weight",
        );
        let table = |names: [&str; 2], height| {
            let name = names.iter().find(|n| weights.has(n)).unwrap_or(&names[0]);
            weights.table(name, &[height, d])
        };
        let one = a.source_vocabulary == a.vocabulary && weights.has(shared);
        let target_table = match one {
            true => table([shared, target], a.vocabulary)?,
            false => table([target, shared], a.vocabulary)?,
        };
        let final_norm = |side: &str| {
            a.final_norm
                .then(|| {
                    LayerNorm::load(weights, &format!("model.{side}.layer_norm"), d, a.epsilon)
                })
                .transpose()
        };
        let head = Self::load_head(weights, a, &target_table)?;
        let stored = weights.precision().embeddings();
        let mut target_table = target_table.stored_as(stored)?;
        if a.zero_start {
            target_table = target_table.with_zero_row()?;
        }
        let source_table = match one {
            true => target_table.clone(),
            false => table([source, shared], a.source_vocabulary)?.stored_as(stored)?,
        };
        Ok(Self {
            encoder_embedding: Embedding::load(weights, a, "encoder", source_table)?,
            decoder_embedding: Embedding::load(weights, a, "decoder", target_table)?,
            encoder: (0..a.encoder.layers)
                .map(|i| EncoderLayer::load(weights, a, i))
                .collect::<Result<_, _>>()?,
            encoder_norm: final_norm("encoder")?,
            decoder: (0..a.decoder.layers)
                .map(|i| DecoderLayer::load(weights, a, i))
                .collect::<Result<_, _>>()?,
            decoder_norm: final_norm("decoder")?,
            head,
            device: weights.device().clone(),
            architecture,
        })
    }

    /// The projection to logits, over the tokens that the model's own bias does not bar.
    fn load_head(weights: &Weights, a: &Architecture, tied: &Matrix) -> Result<Head, ModelError> {
        let shape = [a.vocabulary, a.d_model];
        let table = match weights.has("lm_head.weight") {
            true => weights.table("lm_head.weight", &shape)?,
            false => tied.clone(),
        };
        let all = 0..a.vocabulary as u32;
        let precision = weights.precision();
        if !weights.has("final_logits_bias") {
            let outputs = Outputs::new(all.collect(), a.vocabulary);
            return Ok(Head::new(Linear::of(table, None, precision)?, outputs));
        }
        let bias = weights
            .get("final_logits_bias", &[1, a.vocabulary])?
            .squeeze(0)?;
        let values: Vec<f32> = bias.to_dtype(DType::F32)?.to_vec1()?;
        let open: Vec<u32> = all.filter(|&t| values[t as usize] > BARRED).collect();
        let (table, bias) = if open.len() == a.vocabulary {
            (table, bias)
        } else {
            let rows = ids(&open, weights.device())?;
            (table.select(&open)?, bias.index_select(&rows, 0)?)
        };
        let map = Linear::of(table, Some(bias), precision)?;
        Ok(Head::new(map, Outputs::new(open, a.vocabulary)))
    }

    fn embed(
        &self,
        embedding: &Embedding,
        vocabulary: usize,
        tokens: &[u32],
        positions: &[u32],
    ) -> Result<Tensor, ModelError> {
        let a = &self.architecture;
        // The row behind the last is zero where that is how a decoder begins.
        let row = |&id: &u32| match id {
            NO_TOKEN if a.zero_start => Ok(vocabulary as u32),
            id if (id as usize) < vocabulary => Ok(id),
            id => Err(ModelError::Token { id, vocabulary }),
        };
        let rows: Vec<u32> = tokens.iter().map(row).collect::<Result<_, _>>()?;
        if let Some(&last) = positions.iter().max()
            && last as usize >= a.max_positions
        {
            return Err(ModelError::TooLong {
                length: last as usize + 1,
                limit: a.max_positions,
            });
        }
        let words = embedding.tokens.rows(&ids(&rows, &self.device)?)?;
        let places = embedding
            .positions
            .index_select(&ids(positions, &self.device)?, 0)?;
        let words = words.to_dtype(places.dtype())?;
        let sum = ((words * a.embedding_scale)? + places)?;
        match &embedding.norm {
            Some(norm) => norm.forward(&sum),
            None => Ok(sum),
        }
    }
}

impl Seq2Seq for Bart {
    fn encode(&self, sources: &[&[u32]]) -> Result<Encoded, ModelError> {
        let packing = Packing::new(sources.iter().map(|s| s.len()));
        let tokens = sources.concat();
        let positions: Vec<u32> = sources.iter().flat_map(|s| 0..s.len() as u32).collect();
        let vocabulary = self.architecture.source_vocabulary;
        let mut x = self.embed(&self.encoder_embedding, vocabulary, &tokens, &positions)?;
        for layer in &self.encoder {
            x = layer.forward(&x, &packing)?;
        }
        if let Some(norm) = &self.encoder_norm {
            x = norm.forward(&x)?;
        }
        Ok(Encoded { states: x, packing })
    }

    fn start(&self, encoded: &Encoded) -> Result<DecoderState, ModelError> {
        let cross = self
            .decoder
            .iter()
            .map(|layer| layer.cross.keys_values(&encoded.states))
            .collect::<Result<_, _>>()?;
        let packing = encoded.packing.clone();
        Ok(match self.architecture.decoder_memory {
            DecoderMemory::SelfAttention => DecoderState::new(cross, packing),
            DecoderMemory::Ssru => DecoderState::recurrent(cross, packing),
        })
    }

    fn hidden(&self, state: &mut DecoderState, tokens: &[u32]) -> Result<Tensor, ModelError> {
        let positions: Vec<u32> = (0..state.rows()).map(|r| state.length(r) as u32).collect();
        let vocabulary = self.architecture.vocabulary;
        let mut x = self.embed(&self.decoder_embedding, vocabulary, tokens, &positions)?;
        state.advance();
        for (i, layer) in self.decoder.iter().enumerate() {
            x = layer.forward(&x, i, state)?;
        }
        match &self.decoder_norm {
            Some(norm) => norm.forward(&x),
            None => Ok(x),
        }
    }

    fn head(&self) -> &Head {
        &self.head
    }

    fn restrict(&mut self, tokens: &[u32]) {
        self.head.restrict(tokens);
    }

    fn max_positions(&self) -> Option<usize> {
        Some(self.architecture.max_positions)
    }

    fn alignment(&self) -> Option<(usize, usize)> {
        self.architecture.alignment
    }

    fn footprint(&self) -> Footprint {
        let a = &self.architecture;
        let dtype = self.decoder_embedding.positions.dtype();
        Footprint::of(
            a.decoder,
            a.encoder,
            a.d_model,
            self.head.outputs().len(),
            dtype,
        )
    }

    fn device(&self) -> &Device {
        &self.device
    }
}

struct Embedding {
    /// `(vocabulary, d_model)`
    tokens: Matrix,
    /// `(max_positions, d_model)`
    positions: Tensor,
    norm: Option<LayerNorm>,
}

impl Embedding {
    fn load(
        weights: &Weights,
        a: &Architecture,
        side: &str,
        tokens: Matrix,
    ) -> Result<Self, ModelError> {
        let d = a.d_model;
        let sinusoids = |table: Vec<f32>| -> Result<Tensor, ModelError> {
            let table = Tensor::from_vec(table, (a.max_positions, d), &Device::Cpu)?;
            Ok(table
                .to_dtype(weights.dtype())?
                .to_device(weights.device())?)
        };
        let name = format!("model.{side}.embed_positions.weight");
        let positions = match a.positions {
            Positions::Learned { offset } => weights
                .get(&name, &[a.max_positions + offset, d])?
                .narrow(0, offset, a.max_positions)?,
            // A stored table counts: the reference loads it, rounded as it is.
            Positions::Sinusoidal if weights.has(&name) => {
                weights.get(&name, &[a.max_positions, d])?
            }
            Positions::Sinusoidal => sinusoids(sinusoidal(a.max_positions, d))?,
            Positions::Tensor2Tensor { offset } => {
                sinusoids(tensor2tensor(offset, a.max_positions, d))?
            }
        };
        let norm = a
            .embedding_norm
            .then(|| {
                LayerNorm::load(
                    weights,
                    &format!("model.{side}.layernorm_embedding"),
                    d,
                    a.epsilon,
                )
            })
            .transpose()?;
        Ok(Self {
            tokens,
            positions,
            norm,
        })
    }
}

/// sin and cos of `pos · 10000^(-2i/d)`, i < d/2, in halves (Marian's layout), computed in f64.
fn sinusoidal(positions: usize, d: usize) -> Vec<f32> {
    let half = d.div_ceil(2);
    let mut table = Vec::with_capacity(positions * d);
    for position in 0..positions {
        let angle = |i: usize| position as f64 / 10_000f64.powf(2.0 * i as f64 / d as f64);
        table.extend((0..half).map(|i| angle(i).sin() as f32));
        table.extend((0..d - half).map(|i| angle(i).cos() as f32));
    }
    table
}

/// fairseq's sinusoids, computed in f32 as the reference does: position 0 is row `offset`.
fn tensor2tensor(offset: usize, positions: usize, d: usize) -> Vec<f32> {
    let half = d / 2;
    let step = (10_000f64.ln() / (half as f64 - 1.0)) as f32;
    let frequencies: Vec<f32> = (0..half).map(|i| (i as f32 * -step).exp()).collect();
    let mut table = Vec::with_capacity(positions * d);
    for position in offset..offset + positions {
        let angle = |f: &f32| position as f32 * f;
        table.extend(frequencies.iter().map(|f| angle(f).sin()));
        table.extend(frequencies.iter().map(|f| angle(f).cos()));
        table.resize(table.len() + d % 2, 0.0);
    }
    table
}

/// A residual block: norm before or behind it, as the architecture says.
struct Residual {
    norm: LayerNorm,
    placement: NormPlacement,
}

impl Residual {
    fn load(weights: &Weights, a: &Architecture, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            norm: LayerNorm::load(weights, name, a.d_model, a.epsilon)?,
            placement: a.norm,
        })
    }

    fn apply(
        &self,
        x: &Tensor,
        block: impl FnOnce(&Tensor) -> Result<Tensor, ModelError>,
    ) -> Result<Tensor, ModelError> {
        match self.placement {
            NormPlacement::Pre => Ok((x + block(&self.norm.forward(x)?)?)?),
            NormPlacement::Post => self.norm.forward_sum(x, &block(x)?),
        }
    }
}

fn heads(stack: Stack, d_model: usize) -> Heads {
    Heads {
        count: stack.heads,
        scale: ((d_model / stack.heads) as f64).powf(-0.5),
    }
}

fn self_attention(
    weights: &Weights,
    name: &str,
    heads: Heads,
    d: usize,
) -> Result<SelfAttention, ModelError> {
    let part = |p: &str| format!("{name}.{p}_proj");
    Ok(SelfAttention {
        qkv: Linear::load_joined(weights, &[&part("q"), &part("k"), &part("v")], d, d)?,
        out: Linear::load(weights, &part("out"), d, d)?,
        heads,
        width: d,
    })
}

fn cross_attention(
    weights: &Weights,
    name: &str,
    heads: Heads,
    d: usize,
) -> Result<CrossAttention, ModelError> {
    let part = |p: &str| format!("{name}.{p}_proj");
    Ok(CrossAttention {
        q: Linear::load(weights, &part("q"), d, d)?,
        kv: Linear::load_joined(weights, &[&part("k"), &part("v")], d, d)?,
        out: Linear::load(weights, &part("out"), d, d)?,
        heads,
        width: d,
    })
}

struct FeedForward {
    fc1: Linear,
    fc2: Linear,
    activation: Activation,
}

impl FeedForward {
    fn load(
        weights: &Weights,
        name: &str,
        a: &Architecture,
        ffn: usize,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            fc1: Linear::load(weights, &format!("{name}.fc1"), a.d_model, ffn)?,
            fc2: Linear::load(weights, &format!("{name}.fc2"), ffn, a.d_model)?,
            activation: a.activation,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor, ModelError> {
        self.fc2
            .forward(&self.fc1.forward_activated(x, self.activation)?)
    }
}

struct EncoderLayer {
    attention: SelfAttention,
    attention_residual: Residual,
    feed_forward: FeedForward,
    feed_forward_residual: Residual,
}

impl EncoderLayer {
    fn load(weights: &Weights, a: &Architecture, i: usize) -> Result<Self, ModelError> {
        let name = format!("model.encoder.layers.{i}");
        let heads = heads(a.encoder, a.d_model);
        Ok(Self {
            attention: self_attention(weights, &format!("{name}.self_attn"), heads, a.d_model)?,
            attention_residual: Residual::load(
                weights,
                a,
                &format!("{name}.self_attn_layer_norm"),
            )?,
            feed_forward: FeedForward::load(weights, &name, a, a.encoder.ffn)?,
            feed_forward_residual: Residual::load(weights, a, &format!("{name}.final_layer_norm"))?,
        })
    }

    fn forward(&self, x: &Tensor, packing: &Packing) -> Result<Tensor, ModelError> {
        let x = self
            .attention_residual
            .apply(x, |x| self.attention.forward(x, packing, None))?;
        let x = self
            .feed_forward_residual
            .apply(&x, |x| self.feed_forward.forward(x))?;
        if x.dtype() == DType::F16 {
            // The reference clamps overflowing f16 encoder states to the largest value less 1000.
            let most = f64::from(half::f16::MAX) - 1000.0;
            return Ok(x.clamp(-most, most)?);
        }
        Ok(x)
    }
}

/// What a decoder layer knows the tokens so far by.
enum Memory {
    SelfAttention(SelfAttention),
    Ssru(Ssru),
}

impl Memory {
    fn step(
        &self,
        x: &Tensor,
        layer: usize,
        state: &mut DecoderState,
    ) -> Result<Tensor, ModelError> {
        match self {
            Self::SelfAttention(attention) => attention.step(x, layer, state, None),
            Self::Ssru(ssru) => ssru.step(x, layer, state),
        }
    }
}

struct DecoderLayer {
    memory: Memory,
    memory_residual: Residual,
    cross: CrossAttention,
    cross_residual: Residual,
    feed_forward: FeedForward,
    feed_forward_residual: Residual,
}

impl DecoderLayer {
    fn load(weights: &Weights, a: &Architecture, i: usize) -> Result<Self, ModelError> {
        let name = format!("model.decoder.layers.{i}");
        let part = |p: &str| format!("{name}.{p}");
        let heads = heads(a.decoder, a.d_model);
        let d = a.d_model;
        let (memory, norm) = match a.decoder_memory {
            DecoderMemory::SelfAttention => {
                let attention = self_attention(weights, &part("self_attn"), heads, d)?;
                (Memory::SelfAttention(attention), "self_attn_layer_norm")
            }
            DecoderMemory::Ssru => {
                let ssru = Ssru::load(weights, &part("ssru"), d)?;
                (Memory::Ssru(ssru), "ssru_layer_norm")
            }
        };
        Ok(Self {
            memory,
            memory_residual: Residual::load(weights, a, &part(norm))?,
            cross: cross_attention(weights, &part("encoder_attn"), heads, d)?,
            cross_residual: Residual::load(weights, a, &part("encoder_attn_layer_norm"))?,
            feed_forward: FeedForward::load(weights, &name, a, a.decoder.ffn)?,
            feed_forward_residual: Residual::load(weights, a, &part("final_layer_norm"))?,
        })
    }

    fn forward(
        &self,
        x: &Tensor,
        layer: usize,
        state: &mut DecoderState,
    ) -> Result<Tensor, ModelError> {
        let x = self
            .memory_residual
            .apply(x, |x| self.memory.step(x, layer, state))?;
        let x = self
            .cross_residual
            .apply(&x, |x| self.cross.step(x, layer, state))?;
        self.feed_forward_residual
            .apply(&x, |x| self.feed_forward.forward(x))
    }
}
