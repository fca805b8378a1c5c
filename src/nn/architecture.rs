//! The shape of an encoder–decoder transformer, read from `config.json`.
//!
//! Everything that tells one BART-family model from another is a plain value here; the layers
//! never look at a model's type.

use std::path::Path;

use serde_json::Value;

use super::Error;

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

/// Reads typed fields of a `config.json`, naming file and field when one is missing.
pub(crate) struct Fields<'a> {
    pub(crate) path: &'a Path,
    pub(crate) json: &'a Value,
}

impl Fields<'_> {
    pub(crate) fn error(&self, reason: impl Into<String>) -> Error {
        Error::Config {
            path: self.path.to_owned(),
            reason: reason.into(),
        }
    }

    /// A non-negative integer under one of `names` (older configs use other spellings).
    pub(crate) fn count(&self, names: &[&str]) -> Result<usize, Error> {
        names
            .iter()
            .find_map(|n| self.json.get(n)?.as_u64())
            .filter(|&n| n < 1 << 31)
            .map(|n| n as usize)
            .ok_or_else(|| self.error(format!("`{}` must be a whole number", names[0])))
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

    pub(crate) fn activation(&self, names: &[&str]) -> Result<Activation, Error> {
        let name = names
            .iter()
            .find_map(|n| self.text(n))
            .ok_or_else(|| self.error(format!("`{}` is missing", names[0])))?;
        Activation::parse(name)
            .ok_or_else(|| self.error(format!("activation `{name}` is not supported")))
    }
}

impl Architecture {
    /// Reads the architecture of a BART-family `config.json`; `None` for another model type.
    pub fn from_config(path: &Path, json: &Value) -> Result<Option<Self>, Error> {
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
        let stack = |side: &str| -> Result<Stack, Error> {
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
