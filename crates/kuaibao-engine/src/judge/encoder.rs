//! BERT as an encoder of sentences: its states, made one vector by the modules that are written down beside
//! it, or by its own pooler where there are none, made a unit long.

use std::path::Path;

use super::JudgeError;
use super::weights::{Batch, batches, open, tokenizer};
use crate::nn::{self, ModelError, Module};
use candle_core::{DType, Device, Module as _, Tensor};
use candle_nn::{Linear, linear};
use candle_transformers::models::bert::{BertModel, Config};

pub(super) struct Encoder {
    model: BertModel,
    modules: Vec<Step>,
    tokenizer: tokenizers::Tokenizer,
    longest: usize,
    padding: u32,
    device: Device,
}

/// A module with its weights.
enum Step {
    First,
    Mean,
    Map { map: Linear, tanh: bool },
}

impl Encoder {
    pub(super) fn open(folder: &Path, device: &Device) -> Result<Self, JudgeError> {
        let path = folder.join("config.json");
        let json = nn::read_json(&path)?;
        let config: Config = serde_json::from_value(json).map_err(|error| ModelError::Config {
            path,
            reason: error.to_string(),
        })?;
        let tokenizer = tokenizer(folder)?;
        let weights = open(folder, device, "bert")?;
        let mut width = config.hidden_size;
        let mut modules = Vec::new();
        for module in nn::sentence_modules(folder)?.unwrap_or_default() {
            modules.push(match module {
                Module::First => Step::First,
                Module::Mean => Step::Mean,
                Module::Dense {
                    folder,
                    width: out,
                    tanh,
                } => {
                    let own = open(&folder, device, "")?.pp("linear");
                    let map = linear(width, out, own).map_err(ModelError::from)?;
                    width = out;
                    Step::Map { map, tanh }
                }
            });
        }
        if modules.is_empty() {
            let map = linear(width, width, weights.pp("pooler.dense")).map_err(ModelError::from)?;
            modules = vec![Step::First, Step::Map { map, tanh: true }];
        }
        Ok(Self {
            model: BertModel::load(weights, &config).map_err(ModelError::from)?,
            modules,
            tokenizer,
            longest: config.max_position_embeddings,
            padding: config.pad_token_id as u32,
            device: device.clone(),
        })
    }

    pub(super) fn vectors(&self, texts: &[&str]) -> Result<Vec<Option<Vec<f32>>>, JudgeError> {
        let encodings = self.tokenizer.encode_batch_fast(texts.to_vec(), true);
        let encodings = encodings.map_err(|error| JudgeError::Tokenizer {
            path: "tokenizer.json".into(),
            problem: error.to_string(),
        })?;
        let mut vectors = vec![None; texts.len()];
        let made = |vectors: &mut Vec<Option<Vec<f32>>>| -> candle_core::Result<()> {
            for batch in batches(&encodings, self.longest, self.padding, &self.device)? {
                let rows: Vec<Vec<f32>> = self.encode(&batch)?.to_vec2()?;
                for (i, row) in batch.rows.into_iter().zip(rows) {
                    vectors[i] = Some(row);
                }
            }
            Ok(())
        };
        made(&mut vectors).map_err(ModelError::from)?;
        Ok(vectors)
    }

    /// `(rows, width)`, each row a unit long
    fn encode(&self, batch: &Batch) -> candle_core::Result<Tensor> {
        // (rows, longest, width)
        let states = self
            .model
            .forward(&batch.ids, &batch.types, Some(&batch.mask))?;
        let mut vectors = states;
        for module in &self.modules {
            vectors = match module {
                Step::First => vectors.narrow(1, 0, 1)?.squeeze(1)?,
                Step::Mean => {
                    let mask = batch.mask.to_dtype(DType::F32)?.unsqueeze(2)?;
                    let sums = vectors.broadcast_mul(&mask)?.sum(1)?;
                    sums.broadcast_div(&mask.sum(1)?)?
                }
                Step::Map { map, tanh } => {
                    let mapped = map.forward(&vectors)?;
                    if *tanh { mapped.tanh()? } else { mapped }
                }
            };
        }
        let length = vectors.sqr()?.sum_keepdim(1)?.sqrt()?;
        // A vector of nothing stays one.
        vectors.broadcast_div(&length.maximum(1e-12)?)
    }

    pub(super) fn similarities(
        &self,
        pairs: &[(&str, &str)],
    ) -> Result<Vec<Option<f32>>, JudgeError> {
        let texts: Vec<&str> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
        let vectors = self.vectors(&texts)?;
        let cosine = |pair: &[Option<Vec<f32>>]| {
            let (a, b) = (pair[0].as_ref()?, pair[1].as_ref()?);
            Some(a.iter().zip(b).map(|(a, b)| a * b).sum())
        };
        Ok(vectors.chunks_exact(2).map(cosine).collect())
    }
}
