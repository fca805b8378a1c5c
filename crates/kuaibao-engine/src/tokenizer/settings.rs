//! The small JSON files beside a tokenizer's vocabulary.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::TokenizerError;
use crate::packed;

/// What `config.json`, `tokenizer_config.json` and `special_tokens_map.json` say about the tokens.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) model: ModelConfig,
    tokenizer: HashMap<String, Value>,
    special_tokens: HashMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ModelConfig {
    pub(super) model_type: String,
    pub(super) vocab_size: Option<usize>,
    #[serde(rename = "_name_or_path")]
    name: Value,
    encoder_layers: Value,
    decoder_layers: Value,
    task_specific_params: Value,
}

impl ModelConfig {
    /// Whether this is SMaLL-100, which says it is an M2M100 and is told the target language, not the
    /// source's, before a text: by its name, or by its shape, for no M2M100 has 12 and 3 layers.
    fn is_small100(&self) -> bool {
        let named = self.name.as_str().unwrap_or_default().to_lowercase();
        let layers = (self.encoder_layers.as_u64(), self.decoder_layers.as_u64());
        self.model_type == "m2m_100"
            && (named.contains("small100") || layers == (Some(12), Some(3)))
    }

    /// The languages whose tokens the decoder begins with, with these tokens: what CrossSum's models keep
    /// under `langid_map`.
    pub(super) fn decoder_languages(&self) -> Vec<(&str, &str)> {
        let map = self.task_specific_params.get("langid_map");
        let entries = map.and_then(Value::as_object).into_iter().flatten();
        entries
            .filter_map(|(name, value)| Some((name.as_str(), value.get(1)?.as_str()?)))
            .collect()
    }
}

impl Settings {
    /// Reads the files that are there; none of them must be.
    pub(super) fn read(dir: &Path) -> Result<Self, TokenizerError> {
        Ok(Self {
            model: read_if_there(&dir.join("config.json"))?.unwrap_or_default(),
            tokenizer: read_if_there(&dir.join("tokenizer_config.json"))?.unwrap_or_default(),
            special_tokens: read_if_there(&dir.join("special_tokens_map.json"))?
                .unwrap_or_default(),
        })
    }

    /// The text of a special token (`eos_token`), or what nearly every model calls it.
    pub(super) fn token<'a>(&'a self, role: &str, usual: &'a str) -> &'a str {
        let text = |value: &'a Value| value.as_str().or_else(|| value.get("content")?.as_str());
        [&self.tokenizer, &self.special_tokens]
            .into_iter()
            .find_map(|file| text(file.get(role)?))
            .unwrap_or(usual)
    }

    /// Whether texts are framed as SMaLL-100's are.
    pub(super) fn is_small100(&self) -> bool {
        let class = self.text("tokenizer_class").unwrap_or_default();
        class.to_lowercase().starts_with("small100") || self.model.is_small100()
    }

    /// A flag, where it is said.
    pub(super) fn said(&self, name: &str) -> Option<bool> {
        self.tokenizer.get(name).and_then(Value::as_bool)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.said(name).unwrap_or(false)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.tokenizer.get(name)?.as_str()
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        u32::try_from(self.tokenizer.get(name)?.as_u64()?).ok()
    }
}

/// Reads a JSON file.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, TokenizerError> {
    serde_json::from_slice(&read(path)?).map_err(|error| TokenizerError::Invalid {
        path: path.to_owned(),
        problem: error.to_string(),
    })
}

/// Reads a file whole, unpacked.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, TokenizerError> {
    packed::read(path).map_err(|source| TokenizerError::Read {
        path: path.to_owned(),
        source,
    })
}

fn read_if_there<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, TokenizerError> {
    match read_json(path) {
        Err(TokenizerError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(None)
        }
        other => other.map(Some),
    }
}
