//! Our files of weights as candle's modules ask for them, and texts as padded batches.

use std::path::Path;

use candle_core::{DType, Device, Error, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};
use tokenizers::Encoding;

use super::JudgeError;
use crate::nn::{Placement, Precision, Weights};

/// Padded tokens of a batch: on a CPU larger ones gain nothing.
const BATCH_TOKENS: usize = 1024;

struct Named(Weights);

impl SimpleBackend for Named {
    fn get(&self, s: Shape, name: &str, _: Init, dtype: DType, dev: &Device) -> Result<Tensor> {
        let tensor = self.0.get_as(name, s.dims(), dtype).map_err(Error::wrap)?;
        tensor.to_device(dev)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        Err(Error::Msg(format!("{name} is asked for without a shape")))
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.0.has(name)
    }
}

/// The weights in a folder, in f32; under `prefix` where they have it.
pub(super) fn open(
    folder: &Path,
    device: &Device,
    prefix: &str,
) -> std::result::Result<VarBuilder<'static>, JudgeError> {
    let placement = Placement {
        activations: DType::F32,
        ..Placement::new(device.clone(), Precision::F32)
    };
    let weights = Weights::open(folder, &placement)?;
    let prefixed = weights.has(&format!("{prefix}.embeddings.word_embeddings.weight"));
    let builder = VarBuilder::from_backend(Box::new(Named(weights)), DType::F32, device.clone());
    Ok(if prefixed {
        builder.pp(prefix)
    } else {
        builder
    })
}

pub(super) fn tokenizer(folder: &Path) -> std::result::Result<tokenizers::Tokenizer, JudgeError> {
    let path = folder.join("tokenizer.json");
    let invalid = |problem: String| JudgeError::Tokenizer {
        path: path.clone(),
        problem,
    };
    let bytes = std::fs::read(&path).map_err(|error| invalid(error.to_string()))?;
    let mut tokenizer =
        tokenizers::Tokenizer::from_bytes(bytes).map_err(|error| invalid(error.to_string()))?;
    tokenizer
        .with_truncation(None)
        .map_err(|error| invalid(error.to_string()))?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

/// A padded batch, `(rows, longest)` each.
pub(super) struct Batch {
    pub(super) ids: Tensor,
    pub(super) types: Tensor,
    /// 1 where a token is.
    pub(super) mask: Tensor,
    /// Which of the encodings its rows are.
    pub(super) rows: Vec<usize>,
}

/// Encodings of at most `longest` tokens in batches of like lengths.
pub(super) fn batches(
    encodings: &[Encoding],
    longest: usize,
    padding: u32,
    device: &Device,
) -> Result<Vec<Batch>> {
    let length = |i: usize| encodings[i].len();
    let mut order: Vec<usize> = (0..encodings.len())
        .filter(|&i| length(i) <= longest)
        .collect();
    order.sort_by_key(|&i| std::cmp::Reverse(length(i)));
    let mut batches = Vec::new();
    let mut rest = order.as_slice();
    while let Some(&first) = rest.first() {
        let width = length(first).max(1);
        let count = (BATCH_TOKENS / width).clamp(1, rest.len());
        let (rows, after) = rest.split_at(count);
        let tensor = |of: &dyn Fn(&Encoding) -> &[u32], fill: u32| {
            let padded = rows.iter().flat_map(|&i| {
                let values = of(&encodings[i]);
                let fill = std::iter::repeat_n(fill, width - values.len());
                values.iter().copied().chain(fill).collect::<Vec<u32>>()
            });
            Tensor::from_vec(padded.collect::<Vec<u32>>(), (rows.len(), width), device)
        };
        batches.push(Batch {
            ids: tensor(&|e| e.get_ids(), padding)?,
            types: tensor(&|e| e.get_type_ids(), 0)?,
            mask: tensor(&|e| e.get_attention_mask(), 0)?,
            rows: rows.to_vec(),
        });
        rest = after;
    }
    Ok(batches)
}
