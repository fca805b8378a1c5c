//! mDeBERTa: does one text entail the other?

use std::path::Path;

use candle_core::{D, Device};
use candle_nn::ops::softmax;
use candle_transformers::models::debertav2::{Config, DebertaV2SeqClassificationModel};

use super::weights::{batches, open, tokenizer};
use super::{JudgeError, Verdict};
use crate::nn::{self, LABELS, ModelError, labels};

pub(super) struct Entailment {
    model: DebertaV2SeqClassificationModel,
    tokenizer: tokenizers::Tokenizer,
    /// Which outputs of the head are entailment, neutral, contradiction.
    classes: [usize; 3],
    longest: usize,
    padding: u32,
    device: Device,
}

impl Entailment {
    pub(super) fn open(folder: &Path, device: &Device) -> Result<Self, JudgeError> {
        let path = folder.join("config.json");
        let json = nn::read_json(&path)?;
        let names = labels(&json);
        let class = |name: &str| names.iter().position(|label| label == name).unwrap_or(0);
        let config: Config = serde_json::from_value(json).map_err(|error| ModelError::Config {
            path,
            reason: error.to_string(),
        })?;
        let tokenizer = tokenizer(folder)?;
        let weights = open(folder, device, "deberta")?;
        Ok(Self {
            model: DebertaV2SeqClassificationModel::load(weights, &config, None)
                .map_err(ModelError::from)?,
            tokenizer,
            classes: LABELS.map(class),
            longest: config.max_position_embeddings,
            padding: config.pad_token_id.unwrap_or(0) as u32,
            device: device.clone(),
        })
    }

    pub(super) fn verdicts(
        &self,
        pairs: &[(&str, &str)],
    ) -> Result<Vec<Option<Verdict>>, JudgeError> {
        let encodings = self.tokenizer.encode_batch_fast(pairs.to_vec(), true);
        let encodings = encodings.map_err(|error| JudgeError::Tokenizer {
            path: "tokenizer.json".into(),
            problem: error.to_string(),
        })?;
        let mut verdicts = vec![None; pairs.len()];
        let judged = |verdicts: &mut Vec<Option<Verdict>>| -> candle_core::Result<()> {
            for batch in batches(&encodings, self.longest, self.padding, &self.device)? {
                let logits = self.model.forward(&batch.ids, None, Some(batch.mask))?;
                let rows: Vec<Vec<f32>> = softmax(&logits, D::Minus1)?.to_vec2()?;
                let [entailment, neutral, contradiction] = self.classes;
                for (i, row) in batch.rows.into_iter().zip(rows) {
                    verdicts[i] = Some(Verdict {
                        entailment: row[entailment],
                        neutral: row[neutral],
                        contradiction: row[contradiction],
                    });
                }
            }
            Ok(())
        };
        judged(&mut verdicts).map_err(ModelError::from)?;
        Ok(verdicts)
    }
}
