//! The shape of an encoder–decoder transformer, read from `config.json`.
//!
//! Everything that tells one BART-family or T5-family model from another is a plain value here; the
//! layers never look at a model's type.

use std::path::Path;

use serde_json::Value;

use super::ModelError;
use crate::marian::{Archive, MarianConfig};

/// What a BART-family model is made of (Marian, BART, mBART, Pegasus, M2M100, NLLB).
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// Width of the hidden states.
    pub d_model: usize,
    /// Rows of the source embedding.
    pub source_vocabulary: usize,
    /// Rows of the target embedding.
    pub vocabulary: usize,
    /// Encoder layers, heads and feed-forward width.
    pub encoder: Stack,
    /// Decoder layers, heads and feed-forward width.
    pub decoder: Stack,
    /// Between the two matrices of the feed-forward block.
    pub activation: Activation,
    /// Where the layer norms stand.
    pub norm: NormPlacement,
    /// Whether each stack ends with a layer norm.
    pub final_norm: bool,
    /// Whether the embeddings pass a layer norm.
    pub embedding_norm: bool,
    /// What token embeddings are multiplied by (√d_model or 1).
    pub embedding_scale: f64,
    /// How positions are told apart.
    pub positions: Positions,
    /// The longest source or target the positions allow, in tokens.
    pub max_positions: usize,
    /// What the decoder knows its own past by.
    pub decoder_memory: DecoderMemory,
    /// Added to the variance in every norm.
    pub epsilon: f32,
    /// Whether the decoder begins with a zero embedding, at the token [`NO_TOKEN`], not with that of
    /// some start token.
    pub zero_start: bool,
    /// The layer and head of the decoder's cross-attention that training guided with word alignments.
    pub alignment: Option<(usize, usize)>,
}

/// Stands for no token where a decoder begins with none: its embedding is zero.
pub const NO_TOKEN: u32 = u32::MAX;

/// What a decoder layer knows the tokens before the present one by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecoderMemory {
    /// Attention over all of them.
    SelfAttention,
    /// One cell of a simpler simple recurrent unit (Kim et al. 2019).
    Ssru,
}

/// One side of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Number of layers.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of the feed-forward block.
    pub ffn: usize,
}

/// Where the layer norms of a block stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormPlacement {
    /// Before attention and feed-forward (mBART, Pegasus, M2M100).
    Pre,
    /// Behind the residual sum (Marian, BART; Vaswani et al. 2017).
    Post,
}

/// How a token's position enters its embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// A learned row per position; the first `offset` rows are not used.
    Learned {
        /// Rows before position 0.
        offset: usize,
    },
    /// `[sin | cos]` halves with frequencies `10000^(-2i/d)` (Marian, Pegasus).
    Sinusoidal,
    /// `[sin | cos]` halves with frequencies `10000^(-i/(d/2 - 1))`, as tensor2tensor and fairseq
    /// have them, position 0 being row `offset` (M2M100, NLLB).
    Tensor2Tensor {
        /// Row of position 0.
        offset: usize,
    },
}

/// Element-wise function of a feed-forward block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(0, x)
    Relu,
    /// x · sigmoid(x), also called SiLU
    Swish,
    /// Gaussian error linear unit with the exact error function
    Gelu,
    /// Gaussian error linear unit in its tanh approximation
    GeluTanh,
}

impl Activation {
    /// By the name `config.json` gives it.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "relu" => Self::Relu,
            "swish" | "silu" => Self::Swish,
            "gelu" => Self::Gelu,
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Self::GeluTanh,
            _ => return None,
        })
    }
}

/// What a T5-family model is made of (T5, mT5, mT0, Flan-T5, MADLAD-400, UMT5).
#[derive(Clone, Debug, PartialEq)]
pub struct T5Architecture {
    /// Width of the hidden states.
    pub d_model: usize,
    /// Rows of the embedding.
    pub vocabulary: usize,
    /// Encoder layers, heads and feed-forward width.
    pub encoder: Stack,
    /// Decoder layers, heads and feed-forward width.
    pub decoder: Stack,
    /// Width of a head; heads together need not be as wide as `d_model`.
    pub d_kv: usize,
    /// Between the matrices of the feed-forward block.
    pub activation: Activation,
    /// Whether the activation of one projection is multiplied by another (Shazeer 2020).
    pub gated: bool,
    /// Distances that attention tells apart, in both directions together.
    pub buckets: usize,
    /// Whether each layer has biases of its own for them, not those of the first (UMT5).
    pub bias_each_layer: bool,
    /// From this distance on, all count as one.
    pub max_distance: usize,
    /// Added to the mean square in every norm.
    pub epsilon: f32,
    /// What the last hidden states are multiplied by before the head (1/√d_model or 1).
    pub output_scale: f64,
}

/// Reads typed fields of a `config.json`, naming file and field when one is missing.
pub(crate) struct Fields<'a> {
    pub(crate) path: &'a Path,
    pub(crate) json: &'a Value,
}

impl Fields<'_> {
    pub(crate) fn error(&self, reason: impl Into<String>) -> ModelError {
        ModelError::Config {
            path: self.path.to_owned(),
            reason: reason.into(),
        }
    }

    /// A whole number from 1 to `most` under one of `names` (older configs use other spellings).
    pub(crate) fn count(&self, names: &[&str], most: usize) -> Result<usize, ModelError> {
        let stated = |n: &&str| self.json.get(n).filter(|v| !v.is_null());
        let found = names.iter().find_map(stated);
        let number = found.and_then(Value::as_u64).map(|n| n as usize);
        number.filter(|n| (1..=most).contains(n)).ok_or_else(|| {
            let found = found.map_or_else(|| "is missing".to_owned(), |v| format!("is {v}"));
            self.error(format!(
                "`{}` {found}, it must be a whole number from 1 to {most}",
                names[0]
            ))
        })
    }

    /// [`Fields::count`], or `default` where the field is absent or null.
    fn count_or(&self, name: &str, default: usize, most: usize) -> Result<usize, ModelError> {
        match self.json.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(_) => self.count(&[name], most),
        }
    }

    /// A token id.
    fn token(&self, name: &str) -> Result<usize, ModelError> {
        let id = self.json.get(name).and_then(Value::as_u64);
        let id = id.filter(|&id| id < MOST_TOKENS as u64);
        id.map(|id| id as usize)
            .ok_or_else(|| self.error(format!("`{name}` must be a token id")))
    }

    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        self.json
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(default)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.json.get(name)?.as_str()
    }

    pub(crate) fn activation(&self, names: &[&str]) -> Result<Activation, ModelError> {
        let name = names
            .iter()
            .find_map(|n| self.text(n))
            .ok_or_else(|| self.error(format!("`{}` is missing", names[0])))?;
        self.parse_activation(name)
    }

    fn parse_activation(&self, name: &str) -> Result<Activation, ModelError> {
        Activation::parse(name)
            .ok_or_else(|| self.error(format!("activation `{name}` is not supported")))
    }
}

impl Architecture {
    /// Reads the architecture of a BART-family `config.json`; `None` for another model type.
    pub fn from_config(path: &Path, json: &Value) -> Result<Option<Self>, ModelError> {
        let f = Fields { path, json };
        let (norm, positions, embedding_norm, default_scale) = match f.text("model_type") {
            Some("marian") => (NormPlacement::Post, Positions::Sinusoidal, false, false),
            Some("bart") => (
                NormPlacement::Post,
                Positions::Learned { offset: 2 },
                true,
                false,
            ),
            Some("mbart") => (
                NormPlacement::Pre,
                Positions::Learned { offset: 2 },
                true,
                false,
            ),
            Some("pegasus") => (NormPlacement::Pre, Positions::Sinusoidal, false, true),
            Some("m2m_100") => {
                let offset = f.token("pad_token_id")? + 1;
                let positions = Positions::Tensor2Tensor { offset };
                (NormPlacement::Pre, positions, false, true)
            }
            _ => return Ok(None),
        };
        let d_model = f.count(&["d_model", "hidden_size"], MOST_WIDTH)?;
        let stack = |side: &str| -> Result<Stack, ModelError> {
            let stack = Stack {
                layers: f.count(&[&format!("{side}_layers")], MOST_LAYERS)?,
                heads: f.count(&[&format!("{side}_attention_heads")], MOST_WIDTH)?,
                ffn: f.count(&[&format!("{side}_ffn_dim")], MOST_WIDTH)?,
            };
            if !d_model.is_multiple_of(stack.heads) {
                return Err(f.error(format!(
                    "d_model {d_model} cannot be split over {} {side} heads",
                    stack.heads
                )));
            }
            Ok(stack)
        };
        Ok(Some(Self {
            d_model,
            source_vocabulary: f.count(&["vocab_size"], MOST_TOKENS)?,
            vocabulary: f.count(&["decoder_vocab_size", "vocab_size"], MOST_TOKENS)?,
            encoder: stack("encoder")?,
            decoder: stack("decoder")?,
            activation: f.activation(&["activation_function"])?,
            norm,
            final_norm: norm == NormPlacement::Pre,
            embedding_norm,
            embedding_scale: if f.flag("scale_embedding", default_scale) {
                (d_model as f64).sqrt()
            } else {
                1.0
            },
            positions,
            max_positions: f.count(&["max_position_embeddings"], MOST_POSITIONS)?,
            decoder_memory: DecoderMemory::SelfAttention,
            epsilon: TORCH_EPSILON,
            zero_start: false,
            alignment: None,
        }))
    }

    /// Reads the architecture of a Marian-native model; the error names what is not supported.
    pub fn of_marian(archive: &Archive) -> Result<Self, String> {
        let config = archive.config();
        refuse_foreign(config)?;
        let rows = |names: [&str; 2]| -> Result<usize, String> {
            let shape = names.iter().find_map(|name| archive.shape(name));
            let rows = shape.and_then(|shape| shape.first().copied());
            rows.ok_or_else(|| {
                format!(
                    "it has no embeddings: neither {} nor {}",
                    names[0], names[1]
                )
            })
        };
        let source_vocabulary = rows(["Wemb", "encoder_Wemb"])?;
        let vocabulary = rows(["Wemb", "decoder_Wemb"])?;
        let d_model = config.count("dim-emb", MOST_WIDTH)?;
        let heads = config.count("transformer-heads", MOST_WIDTH)?;
        if heads == 0 || d_model == 0 || !d_model.is_multiple_of(2 * heads) {
            return Err(format!(
                "dim-emb {d_model} cannot be split over {heads} heads"
            ));
        }
        let stack = |side: &str, ffn| -> Result<Stack, String> {
            let layers = config.count(&format!("{side}-depth"), MOST_LAYERS)?;
            Ok(Stack { layers, heads, ffn })
        };
        let ffn = config.count("transformer-dim-ffn", MOST_WIDTH)?;
        // 0 takes the encoder's.
        let decoder_ffn = match config.text("transformer-decoder-dim-ffn") {
            None | Some("0") => ffn,
            Some(_) => config.count("transformer-decoder-dim-ffn", MOST_WIDTH)?,
        };
        let activation = config.text("transformer-ffn-activation").unwrap_or("swish");
        let decoder = stack("dec", decoder_ffn)?;
        let guided = match config.text("transformer-guided-alignment-layer") {
            None | Some("last") => decoder.layers.checked_sub(1),
            Some(layer) => layer
                .parse::<usize>()
                .ok()
                .and_then(|layer| layer.checked_sub(1)),
        };
        Ok(Self {
            d_model,
            source_vocabulary,
            vocabulary,
            encoder: stack("enc", ffn)?,
            decoder,
            activation: match activation {
                "relu" => Activation::Relu,
                "swish" => Activation::Swish,
                "gelu" => Activation::Gelu,
                other => return Err(format!("activation `{other}` is not supported")),
            },
            norm: NormPlacement::Post,
            final_norm: false,
            embedding_norm: false,
            embedding_scale: (d_model as f64).sqrt(),
            positions: Positions::Tensor2Tensor { offset: 0 },
            max_positions: MARIAN_POSITIONS,
            decoder_memory: match config.text("transformer-decoder-autoreg") {
                None | Some("self-attention") => DecoderMemory::SelfAttention,
                Some("rnn") => DecoderMemory::Ssru,
                Some(other) => return Err(format!("the decoder `{other}` is not supported")),
            },
            epsilon: MARIAN_EPSILON,
            zero_start: true,
            alignment: guided
                .filter(|&layer| layer < decoder.layers)
                .map(|layer| (layer, 0)),
        })
    }
}

/// torch's default, which every BART-family model in Hugging Face layout uses.
const TORCH_EPSILON: f32 = 1e-5;
/// Marian's own (`LayerNormalization` in marian-dev, `src/graph/expression_operators.cpp`).
const MARIAN_EPSILON: f32 = 1e-6;
/// Sinusoids end nowhere; these allow the longest output of the longest source (Firefox cuts at 128
/// tokens) many times over.
const MARIAN_POSITIONS: usize = 1024;
/// No layer of any published model is as wide, no stack as deep, no vocabulary as large (the largest
/// have 256,000 tokens), no text as long.
pub(super) const MOST_WIDTH: usize = 1 << 16;
pub(super) const MOST_LAYERS: usize = 256;
pub(super) const MOST_TOKENS: usize = 1 << 22;
pub(super) const MOST_POSITIONS: usize = 1 << 16;

/// Names what a Marian configuration asks for that is not built here.
fn refuse_foreign(config: &MarianConfig) -> Result<(), String> {
    let must = |name: &str, values: &[&str]| match config.text(name) {
        Some(found) if !values.contains(&found) => {
            let known = values
                .iter()
                .find(|value| !value.is_empty())
                .unwrap_or(&"nothing");
            Err(format!(
                "`{name}` is {found:?}; only {known:?} is supported"
            ))
        }
        _ => Ok(()),
    };
    if config.text("type").is_none() {
        return Err("`type` is missing".to_owned());
    }
    must("type", &["transformer"])?;
    if config.text("transformer-decoder-autoreg") == Some("rnn") {
        must("dec-cell", &["ssru"])?;
        // Of recurrent cells alone, whatever its name.
        must("layer-normalization", &["false"])?;
    }
    // Dropout is nothing when a model is used, so what stands there is told by its other letters.
    let steps = |name: &str| config.text(name).unwrap_or_default().replace('d', "");
    for (name, wanted) in [
        ("transformer-preprocess", ""),
        ("transformer-postprocess", "an"),
        ("transformer-postprocess-emb", ""),
        ("transformer-postprocess-top", ""),
    ] {
        if steps(name) != wanted {
            return Err(format!(
                "`{name}` is {:?}; only norms behind each block are supported",
                config.text(name).unwrap_or_default()
            ));
        }
    }
    must("transformer-ffn-depth", &["2"])?;
    must("transformer-decoder-ffn-depth", &["0", "2"])?;
    for name in [
        "transformer-no-projection",
        "transformer-no-bias",
        "transformer-no-affine",
        "transformer-rnn-projection",
        "transformer-pool",
        "transformer-train-position-embeddings",
        "output-omit-bias",
        "ulr",
        "right-left",
    ] {
        must(name, &["false"])?;
    }
    must("lemma-dim-emb", &["0"])?;
    must("factors-dim-emb", &["0"])?;
    if !config.list("transformer-tied-layers").is_empty() {
        return Err("`transformer-tied-layers` is not supported".to_owned());
    }
    Ok(())
}

/// Larger distances make no difference to a text, and a table of them would be large.
const MOST_DISTANCE: usize = 1 << 16;

impl T5Architecture {
    /// Reads the architecture of a T5-family `config.json`; `None` for another model type.
    pub fn from_config(path: &Path, json: &Value) -> Result<Option<Self>, ModelError> {
        let f = Fields { path, json };
        let (scaled, default_feed_forward) = match f.text("model_type") {
            // T5 1.1 and what came of it say so by untying the head, tied or not; configurations
            // written since `transformers` 5 say it outright.
            Some("t5") => {
                let tied = f.flag("tie_word_embeddings", true);
                (f.flag("scale_decoder_outputs", tied), "relu")
            }
            Some("mt5") => (false, "gated-gelu"),
            Some("umt5") => {
                let tied = f.flag("tie_word_embeddings", true);
                (f.flag("scale_decoder_outputs", tied), "gated-gelu")
            }
            _ => return Ok(None),
        };
        let bias_each_layer = f.text("model_type") == Some("umt5");
        let d_model = f.count(&["d_model"], MOST_WIDTH)?;
        let d_kv = f.count(&["d_kv"], MOST_WIDTH)?;
        let heads = f.count(&["num_heads"], MOST_WIDTH)?;
        let ffn = f.count(&["d_ff"], MOST_WIDTH)?;
        let layers = f.count(&["num_layers"], MOST_LAYERS)?;
        let stack = |layers| Stack { layers, heads, ffn };
        let feed_forward = f.text("feed_forward_proj").unwrap_or(default_feed_forward);
        let (activation, gated) = match feed_forward.strip_prefix("gated-") {
            Some("gelu") => (Activation::GeluTanh, true),
            Some(name) => (f.parse_activation(name)?, true),
            None => (f.parse_activation(feed_forward)?, false),
        };
        let buckets = f.count_or("relative_attention_num_buckets", 32, 2 * MOST_DISTANCE)?;
        let max_distance = f.count_or("relative_attention_max_distance", 128, usize::MAX)?;
        if buckets < 4 || max_distance <= buckets / 2 || max_distance > MOST_DISTANCE {
            return Err(f.error(format!(
                "{buckets} buckets for distances up to {max_distance} cannot be: there must be 4 \
                 or more, the distance more than half of them and at most {MOST_DISTANCE}"
            )));
        }
        let epsilon = json.get("layer_norm_epsilon").and_then(Value::as_f64);
        Ok(Some(Self {
            d_model,
            vocabulary: f.count(&["vocab_size"], MOST_TOKENS)?,
            encoder: stack(layers),
            decoder: stack(f.count_or("num_decoder_layers", layers, MOST_LAYERS)?),
            d_kv,
            activation,
            gated,
            buckets,
            bias_each_layer,
            max_distance,
            epsilon: epsilon.unwrap_or(1e-6) as f32,
            output_scale: if scaled {
                (d_model as f64).powf(-0.5)
            } else {
                1.0
            },
        }))
    }
}
