//! Which judge of translations a `config.json` describes, with bounds for its numbers.

use std::path::Path;

use serde_json::Value;

use super::architecture::{Fields, MOST_LAYERS, MOST_POSITIONS, MOST_TOKENS, MOST_WIDTH};
use super::{ModelError, read_json};

/// The kinds of judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JudgeKind {
    /// DeBERTa with a head of three classes.
    Entailment,
    /// BERT.
    Encoder,
}

/// Whether a model of this `config.json` can judge; the error says why not.
pub fn check_judge(path: &Path) -> Result<(), ModelError> {
    judge_kind(path).map(drop)
}

pub(crate) fn judge_kind(path: &Path) -> Result<JudgeKind, ModelError> {
    let json = read_json(path)?;
    let f = Fields { path, json: &json };
    let kind = match f.text("model_type") {
        Some("deberta-v2") => JudgeKind::Entailment,
        Some("bert") => JudgeKind::Encoder,
        other => {
            return Err(f.error(format!(
                "model type `{}` is no judge; judges are deberta-v2 with three classes, bert",
                other.unwrap_or("none")
            )));
        }
    };
    for (name, most) in [
        ("vocab_size", MOST_TOKENS),
        ("hidden_size", MOST_WIDTH),
        ("intermediate_size", MOST_WIDTH),
        ("num_attention_heads", MOST_WIDTH),
        ("num_hidden_layers", MOST_LAYERS),
        ("max_position_embeddings", MOST_POSITIONS),
    ] {
        f.count(&[name], most)?;
    }
    if kind == JudgeKind::Entailment {
        if f.text("hidden_act").is_none() || !json["conv_kernel_size"].is_null() {
            return Err(f.error("a convolution, or no `hidden_act`, is not supported"));
        }
        let labels = labels(&json);
        if let Some(name) = LABELS
            .iter()
            .find(|name| !labels.iter().any(|l| l == *name))
        {
            return Err(f.error(format!(
                "`id2label` has no class {name:?}, so it is no judge"
            )));
        }
    }
    Ok(kind)
}

/// The classes of a verdict.
pub(crate) const LABELS: [&str; 3] = ["entailment", "neutral", "contradiction"];

/// The classes in the order of the head's outputs, in small letters.
pub(crate) fn labels(json: &Value) -> Vec<String> {
    let map = json.get("id2label").and_then(Value::as_object);
    let mut labels: Vec<(usize, String)> = map
        .into_iter()
        .flatten()
        .filter_map(|(id, label)| Some((id.parse().ok()?, label.as_str()?.to_lowercase())))
        .collect();
    labels.sort();
    labels.into_iter().map(|(_, label)| label).collect()
}
