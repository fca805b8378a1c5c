//! Which judge of translations a `config.json` describes, with bounds for its numbers.

use std::path::{Path, PathBuf};

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

/// What makes one vector of the states of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Module {
    /// The state of the first token.
    First,
    /// The mean of all states.
    Mean,
    /// A linear map to so many values, through tanh or not, whose weights lie in this folder.
    Dense {
        folder: PathBuf,
        width: usize,
        tanh: bool,
    },
}

/// The modules behind the transformer of an encoder of sentences, as sentence-transformers writes them down:
/// `modules.json` and a folder for each. `None` where there is no such file, and BERT's own pooler is what
/// makes a vector. What is not known is an error: another vector would be wrong in silence.
pub(crate) fn sentence_modules(folder: &Path) -> Result<Option<Vec<Module>>, ModelError> {
    let path = folder.join("modules.json");
    if !path.is_file() {
        return Ok(None);
    }
    let list = read_json(&path)?;
    let listed = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let kinds = listed.iter().map(|module| {
        let text = |name: &str| module.get(name).and_then(Value::as_str);
        let kind = text("type")?.rsplit('.').next()?;
        Some((kind, text("path")?))
    });
    let kinds: Option<Vec<(&str, &str)>> = kinds.collect();
    let f = Fields {
        path: &path,
        json: &list,
    };
    let unknown = || {
        f.error(
            "its modules are not known; known are a Transformer in the folder itself, Pooling in 1_Pooling, \
             then perhaps Dense in 2_Dense, then perhaps Normalize",
        )
    };
    let mut kinds = kinds.ok_or_else(unknown)?;
    kinds.pop_if(|(kind, _)| *kind == "Normalize");
    let dense = kinds.pop_if(|last| *last == ("Dense", "2_Dense")).is_some();
    if kinds != [("Transformer", ""), ("Pooling", "1_Pooling")] {
        return Err(unknown());
    }
    let mut modules = vec![pooling(&folder.join("1_Pooling/config.json"))?];
    if dense {
        modules.push(dense_map(&folder.join("2_Dense"))?);
    }
    Ok(Some(modules))
}

fn pooling(path: &Path) -> Result<Module, ModelError> {
    let json = read_json(path)?;
    let f = Fields { path, json: &json };
    let flags = json.as_object().into_iter().flatten();
    let mut modes: Vec<&str> = flags
        .filter(|(_, value)| **value == Value::Bool(true))
        .filter_map(|(name, _)| name.strip_prefix("pooling_mode_"))
        .collect();
    // Newer files name the mode.
    modes.extend(f.text("pooling_mode"));
    match modes.as_slice() {
        ["cls_token" | "cls"] => Ok(Module::First),
        ["mean_tokens" | "mean"] => Ok(Module::Mean),
        other => Err(f.error(format!(
            "pooling by {other:?} is not supported; it is by cls_token or by mean_tokens"
        ))),
    }
}

fn dense_map(folder: &Path) -> Result<Module, ModelError> {
    let path = &folder.join("config.json");
    let json = read_json(path)?;
    let f = Fields { path, json: &json };
    let activation = f.text("activation_function").unwrap_or_default();
    let tanh = match activation.rsplit('.').next() {
        Some("Tanh") => true,
        Some("Identity") => false,
        _ => return Err(f.error(format!("the activation {activation:?} is not supported"))),
    };
    if json.get("bias") == Some(&Value::Bool(false)) {
        return Err(f.error("a map without a bias is not supported"));
    }
    Ok(Module::Dense {
        folder: folder.to_owned(),
        width: f.count(&["out_features"], MOST_WIDTH)?,
        tanh,
    })
}
