//! The shape of an encoder–decoder transformer, read from `config.json`.
//!
//! Everything that tells one BART-family or T5-family model from another is a plain value here; the
//! layers never look at a model's type.

use std::path::Path;

use serde_json::Value;

use super::ModelError;

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

/// What a T5-family model is made of (T5, mT5, mT0, Flan-T5, MADLAD-400).
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

    /// A non-negative integer under one of `names` (older configs use other spellings).
    pub(crate) fn count(&self, names: &[&str]) -> Result<usize, ModelError> {
        names
            .iter()
            .find_map(|n| self.json.get(n)?.as_u64())
            .filter(|&n| n < 1 << 31)
            .map(|n| n as usize)
            .ok_or_else(|| self.error(format!("`{}` must be a whole number", names[0])))
    }

    /// [`Fields::count`], or `default` where the field is absent or null.
    pub(crate) fn count_or(&self, name: &str, default: usize) -> Result<usize, ModelError> {
        match self.json.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(_) => self.count(&[name]),
        }
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
                let offset = f.count(&["pad_token_id"])? + 1;
                let positions = Positions::Tensor2Tensor { offset };
                (NormPlacement::Pre, positions, false, true)
            }
            _ => return Ok(None),
        };
        let d_model = f.count(&["d_model", "hidden_size"])?;
        let stack = |side: &str| -> Result<Stack, ModelError> {
            let stack = Stack {
                layers: f.count(&[&format!("{side}_layers")])?,
                heads: f.count(&[&format!("{side}_attention_heads")])?,
                ffn: f.count(&[&format!("{side}_ffn_dim")])?,
            };
            if stack.heads == 0 || !d_model.is_multiple_of(stack.heads) {
                return Err(f.error(format!(
                    "d_model {d_model} cannot be split over {} {side} heads",
                    stack.heads
                )));
            }
            Ok(stack)
        };
        Ok(Some(Self {
            d_model,
            source_vocabulary: f.count(&["vocab_size"])?,
            vocabulary: f.count(&["decoder_vocab_size", "vocab_size"])?,
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
            max_positions: f.count(&["max_position_embeddings"])?,
        }))
    }
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
            _ => return Ok(None),
        };
        let d_model = f.count(&["d_model"])?;
        let d_kv = f.count(&["d_kv"])?;
        let heads = f.count(&["num_heads"])?;
        let ffn = f.count(&["d_ff"])?;
        if d_model == 0 || heads == 0 || d_kv == 0 {
            return Err(f.error("`d_model`, `num_heads` and `d_kv` must be more than 0"));
        }
        let layers = f.count(&["num_layers"])?;
        let stack = |layers| Stack { layers, heads, ffn };
        let feed_forward = f.text("feed_forward_proj").unwrap_or(default_feed_forward);
        let (activation, gated) = match feed_forward.strip_prefix("gated-") {
            Some("gelu") => (Activation::GeluTanh, true),
            Some(name) => (f.parse_activation(name)?, true),
            None => (f.parse_activation(feed_forward)?, false),
        };
        let buckets = f.count_or("relative_attention_num_buckets", 32)?;
        let max_distance = f.count_or("relative_attention_max_distance", 128)?;
        if buckets < 4 || max_distance <= buckets / 2 || max_distance > MOST_DISTANCE {
            return Err(f.error(format!(
                "{buckets} buckets for distances up to {max_distance} cannot be: there must be 4 \
                 or more, the distance more than half of them and at most {MOST_DISTANCE}"
            )));
        }
        let epsilon = json.get("layer_norm_epsilon").and_then(Value::as_f64);
        Ok(Some(Self {
            d_model,
            vocabulary: f.count(&["vocab_size"])?,
            encoder: stack(layers),
            decoder: stack(f.count_or("num_decoder_layers", layers)?),
            d_kv,
            activation,
            gated,
            buckets,
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
