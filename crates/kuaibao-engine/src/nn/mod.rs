//! Encoder–decoder transformers on candle.
//!
//! Comes in: a model folder in Hugging Face layout, then token ids. Goes out: logits. All run
//! state lives in one [`DecoderState`] born with a batch, so weights are immutable and shared by
//! every worker, and one document can never see another. Never tokenises, never prints.
//!
//! Sequences are packed end to end, not padded: hidden states are `(tokens, d_model)` and a
//! [`Packing`] says where each sequence begins. Only attention looks at it.

use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use serde_json::Value;

use crate::marian::{self, Archive};

mod architecture;
#[cfg(feature = "cuda")]
mod cuda;
mod gguf;
mod judges;
mod kernels;
mod layers;
mod models;
mod state;
mod weights;

pub use architecture::{
    Activation, Architecture, DecoderMemory, NO_TOKEN, NormPlacement, Positions, Stack,
    T5Architecture,
};
pub use judges::check_judge;
pub(crate) use judges::{JudgeKind, judge_kind, sentence_modules};
#[cfg(feature = "judge")]
pub(crate) use judges::{LABELS, Module, labels};
pub use kernels::{Best, has_fast_int8};
pub(crate) use kernels::{log_sum_exp, top};
pub use layers::{Head, Outputs, Shortlisted};
pub use models::{Bart, T5};
pub use state::{DecoderState, LayerAttention, Packing};
pub use weights::Weights;

/// What can go wrong with a model.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum ModelError {
    #[error("{}: not found; {hint}", path.display())]
    MissingFile { path: PathBuf, hint: String },
    #[error("{}: {reason}", path.display())]
    Config { path: PathBuf, reason: String },
    #[error("{}: cannot be read as weights: {reason}; fetch the model again", path.display())]
    Weights { path: PathBuf, reason: String },
    #[error("{}: tensor `{name}`: {reason}", folder.display())]
    Tensor {
        folder: PathBuf,
        name: String,
        reason: String,
    },
    #[error("a sequence of {length} tokens is longer than the model takes ({limit})")]
    TooLong { length: usize, limit: usize },
    #[error(
        "the model gives no token a finite score: its weights are damaged, or their products leave the \
         range of the precision (try --precision f32)"
    )]
    NotFinite,
    #[error("token id {id} is outside the vocabulary of {vocabulary}")]
    Token { id: u32, vocabulary: usize },
    #[error(
        "the memory of the device is full ({0}); other programs may hold some of it (nvidia-smi lists them): free \
         it, or use fewer beams, --precision f16 or --device cpu"
    )]
    DeviceFull(String),
    #[error(transparent)]
    Candle(candle_core::Error),
}

impl From<candle_core::Error> for ModelError {
    /// A full memory is told from all other faults: a smaller batch may fit.
    fn from(error: candle_core::Error) -> Self {
        let text = error.to_string();
        let full = DEVICE_FULL.iter().any(|sign| text.contains(sign));
        match text.lines().next() {
            Some(line) if full => Self::DeviceFull(line.to_owned()),
            _ => Self::Candle(error),
        }
    }
}

/// What CUDA's driver, cuBLAS and candle's Metal backend call it; candle passes their words on.
const DEVICE_FULL: [&str; 3] = [
    "CUDA_ERROR_OUT_OF_MEMORY",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "Failed to create metal resource",
];

/// Where and how a model computes.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Where the tensors live.
    pub device: Device,
    /// How weights are stored.
    pub precision: Precision,
    /// What is computed in.
    pub activations: DType,
    /// Rounds the activations of 8-bit products by the scales that a model's file states, as Firefox
    /// does, not by one of each row's own.
    pub stated_scales: bool,
}

impl Placement {
    /// Computes in f32 on a CPU, whatever the weights are stored in; elsewhere in the type of the
    /// weights.
    pub fn new(device: Device, precision: Precision) -> Self {
        let activations = match device {
            Device::Cpu => DType::F32,
            _ => precision.dtype(),
        };
        Self {
            device,
            precision,
            activations,
            stated_scales: false,
        }
    }
}

/// The number format of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Precision {
    F32,
    F16,
    BF16,
    /// 8-bit integer weights with a scale per output, activations quantised a row at a time.
    Q8,
}

impl Precision {
    /// The type weights have that are not quantised.
    pub fn dtype(self) -> DType {
        match self {
            Self::F32 | Self::Q8 => DType::F32,
            Self::F16 => DType::F16,
            Self::BF16 => DType::BF16,
        }
    }

    /// The type embeddings are stored in: beside 8-bit products, rounding them to 16 bits changes
    /// nothing that counts.
    pub(crate) fn embeddings(self) -> DType {
        match self {
            Self::Q8 => DType::F16,
            other => other.dtype(),
        }
    }

    /// As `--precision` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::BF16 => "bf16",
            Self::Q8 => "q8",
        }
    }
}

/// Encoder states of a batch.
pub struct Encoded {
    /// `(tokens, d_model)`
    pub states: Tensor,
    /// Where each source begins.
    pub packing: Packing,
}

impl Encoded {
    /// Encodes sources a few at a time on a CPU, whose caches then hold what passes from layer to
    /// layer; all at once elsewhere.
    pub fn of(model: &dyn Seq2Seq, sources: &[&[u32]]) -> Result<Self, ModelError> {
        if !matches!(model.device(), Device::Cpu) {
            return model.encode(sources);
        }
        let mut parts: Vec<Self> = Vec::new();
        let mut rest = sources;
        while let Some((first, _)) = rest.split_first() {
            let mut tokens = first.len();
            let count = 1 + rest[1..]
                .iter()
                .take_while(|source| {
                    tokens += source.len();
                    tokens <= ENCODED_TOKENS
                })
                .count();
            parts.push(model.encode(&rest[..count])?);
            rest = &rest[count..];
        }
        if parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        let states: Vec<&Tensor> = parts.iter().map(|part| &part.states).collect();
        let lengths = parts.iter().flat_map(|part| part.packing.spans());
        Ok(Self {
            packing: Packing::new(lengths.map(|span| span.len())),
            states: Tensor::cat(&states, 0)?,
        })
    }
}

/// Tokens that a CPU encodes at once: a feed-forward block of 2048 then takes 1 MiB.
const ENCODED_TOKENS: usize = 128;

/// An encoder–decoder model: source ids in, next-token logits out.
pub trait Seq2Seq: Send + Sync {
    /// Encodes a batch of sources.
    fn encode(&self, sources: &[&[u32]]) -> Result<Encoded, ModelError>;

    /// A decoder state with one row a source.
    fn start(&self, encoded: &Encoded) -> Result<DecoderState, ModelError>;

    /// Feeds one token to each row and gives what [`Seq2Seq::head`] makes logits of,
    /// `(rows, d_model)`.
    fn hidden(&self, state: &mut DecoderState, tokens: &[u32]) -> Result<Tensor, ModelError>;

    /// The last layer.
    fn head(&self) -> &Head;

    /// Leaves out of the output what is not among `tokens`, ascending, where that is cheaper.
    fn restrict(&mut self, _tokens: &[u32]) {}

    /// Feeds one token to each row and gives the logits of the next, `(rows, columns)` in f32;
    /// [`Seq2Seq::outputs`] says which token a column is.
    fn step(&self, state: &mut DecoderState, tokens: &[u32]) -> Result<Tensor, ModelError> {
        self.head().logits(&self.hidden(state, tokens)?)
    }

    /// Which token each column of the logits stands for.
    fn outputs(&self) -> &Outputs {
        self.head().outputs()
    }

    /// Longest source and target in tokens; `None` where only memory limits it.
    fn max_positions(&self) -> Option<usize>;

    /// The layer and head of the decoder's cross-attention that says which source token a target token
    /// translates, where training guided one.
    fn alignment(&self) -> Option<(usize, usize)> {
        None
    }

    /// What a search takes of a device's memory, weights aside.
    fn footprint(&self) -> Footprint;

    /// Where the tensors live.
    fn device(&self) -> &Device;
}

/// Bytes that a search takes of a device's memory, weights aside: an estimate from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// For each row.
    pub row: usize,
    /// For each source token of each row.
    pub token: usize,
}

impl Footprint {
    /// Target tokens a source token: Chinese into English takes 1 to 1.3.
    const LENGTH_RATIO_PERCENT: usize = 150;
    /// A cache that grows is copied to twice its size, and an attention layer gathers a copy of it.
    const CACHE_COPIES: usize = 3;
    /// Source tokens that a token attends to, of long sentences.
    const ATTENDED: usize = 128;
    /// Of a row's logits there are, at once, those of the product, those in f32, and two that the
    /// normaliser makes of them.
    const LOGITS: usize = 4;

    /// Of `layers` decoder layers over states of `width`, whose feed-forward blocks are `ffn` wide.
    fn of(
        decoder: Stack,
        encoder: Stack,
        width: usize,
        columns: usize,
        activations: DType,
    ) -> Self {
        let size = activations.size_in_bytes();
        let kept = 2 * width * decoder.layers;
        // Encoding: the feed-forward block and its activation, queries, keys, values and residuals.
        let encoded = 2 * encoder.ffn + 8 * width;
        let caches = kept + Self::CACHE_COPIES * kept * Self::LENGTH_RATIO_PERCENT / 100;
        let scores = encoder.heads * Self::ATTENDED * 3 * size_of::<f32>();
        Self {
            row: columns * Self::LOGITS * size_of::<f32>(),
            token: (encoded + caches + 8 * width) * size + scores,
        }
    }
}

/// All of a device's memory in bytes; `None` where that is not known. Not what is free of it: batches
/// are to be the same from run to run.
pub fn device_memory(device: &Device) -> Option<usize> {
    #[cfg(feature = "cuda")]
    if let Device::Cuda(cuda) = device {
        use candle_core::cuda_backend::cudarc::driver::result;
        cuda.cuda_stream().context().bind_to_thread().ok()?;
        return result::mem_get_info().ok().map(|(_, total)| total);
    }
    let _ = device;
    None
}

/// Loads the model in `folder`.
pub fn load(folder: &Path, placement: &Placement) -> Result<Box<dyn Seq2Seq>, ModelError> {
    if let Some(files) = marian::Files::of(folder) {
        return load_marian(folder, &files, placement);
    }
    match family(&folder.join("config.json"))? {
        AnyArchitecture::Bart(a) => Ok(Box::new(Bart::load(folder, a, placement)?)),
        AnyArchitecture::T5(a) => Ok(Box::new(T5::load(folder, a, placement)?)),
    }
}

/// What a `config.json` describes, of what is supported.
enum AnyArchitecture {
    Bart(Architecture),
    T5(T5Architecture),
}

fn family(path: &Path) -> Result<AnyArchitecture, ModelError> {
    let json = read_json(path)?;
    if let Some(architecture) = Architecture::from_config(path, &json)? {
        return Ok(AnyArchitecture::Bart(architecture));
    }
    if let Some(architecture) = T5Architecture::from_config(path, &json)? {
        return Ok(AnyArchitecture::T5(architecture));
    }
    let found = kind(&json);
    Err(ModelError::Config {
        path: path.to_owned(),
        reason: format!(
            "model type `{found}` is not supported; supported are marian, bart, mbart, pegasus, m2m_100, t5, mt5, umt5"
        ),
    })
}

/// Whether a model of this `config.json` can be run; the error says why not.
pub fn check_config(path: &Path) -> Result<(), ModelError> {
    family(path).map(drop)
}

/// Loads a Marian-native model.
fn load_marian(
    folder: &Path,
    files: &marian::Files,
    placement: &Placement,
) -> Result<Box<dyn Seq2Seq>, ModelError> {
    let in_8_bits = placement.precision == Precision::Q8;
    let path = folder.join(files.weights(in_8_bits).unwrap_or_default());
    let archive = Archive::open(&path).map_err(|error| ModelError::Weights {
        path: error.path,
        reason: error.problem,
    })?;
    let architecture = Architecture::of_marian(&archive).map_err(|reason| ModelError::Config {
        path: path.clone(),
        reason,
    })?;
    let weights = Weights::of_marian(archive, placement);
    Ok(Box::new(Bart::build(&weights, architecture)?))
}

/// The type that the `config.json` of `folder` names; `marian` of a Marian-native model.
pub fn model_type(folder: &Path) -> Result<String, ModelError> {
    if marian::Files::of(folder).is_some() {
        return Ok("marian".to_owned());
    }
    Ok(kind(&read_json(&folder.join("config.json"))?).to_owned())
}

fn kind(json: &Value) -> &str {
    let kind = json.get("model_type").and_then(Value::as_str);
    kind.unwrap_or("none")
}

pub(crate) fn read_json(path: &Path) -> Result<Value, ModelError> {
    let bytes = std::fs::read(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => ModelError::MissingFile {
            path: path.to_owned(),
            hint: "is this a model folder in Hugging Face layout?".to_owned(),
        },
        _ => ModelError::Config {
            path: path.to_owned(),
            reason: e.to_string(),
        },
    })?;
    serde_json::from_slice(&bytes).map_err(|e| ModelError::Config {
        path: path.to_owned(),
        reason: format!("is not valid JSON: {e}"),
    })
}
