//! How to search: the fields of `generation_config.json` that matter to a seq2seq model.

use std::path::Path;

use serde_json::Value;

use crate::{
    marian::MarianConfig,
    nn::{self, ModelError, NO_TOKEN},
    tokenizer::Tokenizer,
};

/// Firefox's `max-length-factor` and `max-length-break` (mozilla/firefox-translations-models).
const MARIAN_LENGTH_FACTOR: f32 = 2.0;
const MARIAN_SOURCE: usize = 128;
/// No output is longer, whatever a factor says: the positions that there are.
const MARIAN_LENGTH: usize = 1024;
/// As many as `--beam` takes.
const MOST_BEAMS: usize = 64;
/// No model writes longer texts, and one that never ends must end.
const MOST_LENGTH: usize = 1 << 16;
/// Far beyond what any model asks for; a repetition penalty divides, so 0 is none.
const MOST_PENALTY: f32 = 100.0;
const LEAST_PENALTY: f32 = 0.01;

/// When a beam search over one sentence may end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EarlyStopping {
    /// When the best open beam, at its present length, is worse than the worst finished one.
    #[default]
    Heuristic,
    /// As soon as `num_beams` hypotheses are finished.
    Full,
    /// When no open beam can become better than a finished one at any length.
    Never,
}

/// How many beams of a sentence go on once some hypotheses have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BeamWidth {
    /// `num_beams`, until [`EarlyStopping`] ends the search: `transformers`.
    #[default]
    Fixed,
    /// One less for each hypothesis that has ended, until none is left: Marian.
    Narrowing,
}

/// Search options. Names, meanings and defaults are those of `transformers`, and where Marian knows
/// other rules, those have values of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchConfig {
    /// First token fed to the decoder; [`NO_TOKEN`] where it begins with none.
    pub decoder_start_token_id: u32,
    /// Tokens that end a hypothesis.
    pub eos_token_id: Vec<u32>,
    /// Padding; never output.
    pub pad_token_id: Option<u32>,
    /// Beams kept a sentence; 1 is greedy search.
    pub num_beams: usize,
    /// Hypotheses given back a sentence, at most `num_beams`.
    pub num_return_sequences: usize,
    /// Exponent of the length in a hypothesis' score.
    pub length_penalty: f32,
    /// When a sentence's search may end.
    pub early_stopping: EarlyStopping,
    /// How many beams go on once some hypotheses have ended.
    pub beam_width: BeamWidth,
    /// Most tokens of a hypothesis, the start token included.
    pub max_length: usize,
    /// Most tokens of a hypothesis for each token of its source (its end token counts on both sides),
    /// rounded up, where that is limited too.
    pub max_length_factor: Option<f32>,
    /// Most tokens of a source, where the model was trained on fewer than it has positions for.
    pub max_source_length: Option<usize>,
    /// Whether a hypothesis is broken off once it goes [round in circles](crate::generate::Circles), and comes
    /// behind all others; asked for by the caller, for the reference goes on to the most tokens.
    pub break_circles: bool,
    /// Fewest tokens before an end, the start token included.
    pub min_length: usize,
    /// Fewest tokens before an end, the start token not included.
    pub min_new_tokens: usize,
    /// No n-gram of this size appears twice; 0 turns it off.
    pub no_repeat_ngram_size: usize,
    /// Divides the score of tokens already output; 1 turns it off (Keskar et al. 2019).
    pub repetition_penalty: f32,
    /// Token sequences never output.
    pub bad_words_ids: Vec<Vec<u32>>,
    /// Token sequences that every hypothesis of a beam search contains; asked for by the caller, never
    /// read from a file.
    pub force_words_ids: Vec<Vec<u32>>,
    /// First token output, where the model wants one (a language code).
    pub forced_bos_token_id: Option<u32>,
    /// Last token output when `max_length` is reached.
    pub forced_eos_token_id: Option<u32>,
    /// Makes log-probabilities sum to one again after the processors.
    pub renormalize_logits: bool,
}

impl SearchConfig {
    /// Reads `generation_config.json`, and `config.json` for what it leaves out (older models keep
    /// everything there).
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("config.json");
        let base = nn::read_json(&path)?;
        let generation = folder.join("generation_config.json");
        let over = if generation.is_file() {
            nn::read_json(&generation)?
        } else {
            Value::Null
        };
        Self::from_json(&over, &base).map_err(|reason| ModelError::Config { path, reason })
    }

    /// The search of a Marian-native model: Firefox's own rules, and what a `decoder.yml` beside it
    /// says otherwise.
    pub fn of_marian(folder: &Path, tokenizer: &Tokenizer) -> Result<Self, ModelError> {
        let path = folder.join("decoder.yml");
        let bad = |reason: String| ModelError::Config {
            path: path.clone(),
            reason,
        };
        let decoder = match std::fs::read_to_string(&path) {
            Ok(text) => MarianConfig::parse(&text).map_err(bad)?,
            Err(_) => MarianConfig::default(),
        };
        if decoder.number("word-penalty").map_err(bad)?.unwrap_or(0.0) != 0.0 {
            return Err(bad("`word-penalty` is not supported".to_owned()));
        }
        let beams = match decoder.text("beam-size") {
            None => 1,
            Some(_) => decoder.count("beam-size", MOST_BEAMS).map_err(bad)?,
        };
        let number = |name: &str, usual: f32| -> Result<f32, ModelError> {
            Ok(decoder.number(name).map_err(bad)?.unwrap_or(usual))
        };
        let factor = number("max-length-factor", MARIAN_LENGTH_FACTOR)?;
        // Marian never lets them win; the bytes are control characters, one of them a line feed.
        let control = (0..0x20).filter_map(|byte| tokenizer.token_id(&format!("<0x{byte:02X}>")));
        let never = tokenizer.unk_id().into_iter().chain(control);
        Ok(Self {
            decoder_start_token_id: NO_TOKEN,
            eos_token_id: vec![tokenizer.eos_id()],
            pad_token_id: None,
            num_beams: beams.max(1),
            num_return_sequences: 1,
            length_penalty: number("normalize", 1.0)?,
            early_stopping: EarlyStopping::Never,
            beam_width: BeamWidth::Narrowing,
            max_length: MARIAN_LENGTH,
            max_length_factor: Some(factor.clamp(1.0, MARIAN_LENGTH as f32)),
            max_source_length: Some(MARIAN_SOURCE),
            break_circles: false,
            min_length: 0,
            min_new_tokens: 0,
            no_repeat_ngram_size: 0,
            repetition_penalty: 1.0,
            bad_words_ids: never.map(|token| vec![token]).collect(),
            force_words_ids: Vec::new(),
            forced_bos_token_id: None,
            forced_eos_token_id: None,
            renormalize_logits: false,
        })
    }

    /// The same search with so many beams, each of them given back.
    #[must_use]
    pub fn with_beams(&self, beams: usize) -> Self {
        Self {
            num_beams: beams,
            num_return_sequences: beams,
            ..self.clone()
        }
    }

    fn from_json(over: &Value, base: &Value) -> Result<Self, String> {
        let get = |name: &str| {
            [over, base]
                .into_iter()
                .filter_map(|v| v.get(name))
                .find(|v| !v.is_null())
        };
        let count = |name: &str, default: usize, most: usize| match get(name) {
            None => Ok(default),
            Some(v) => v
                .as_u64()
                .map(|n| n as usize)
                .filter(|&n| n <= most)
                .ok_or_else(|| {
                    format!("`{name}` is {v}, it must be a whole number of at most {most}")
                }),
        };
        let number = |name: &str, default: f32, least: f32| match get(name) {
            None => Ok(default),
            Some(v) => v
                .as_f64()
                .map(|n| n as f32)
                .filter(|n| (least..=MOST_PENALTY).contains(n))
                .ok_or_else(|| {
                    format!("`{name}` is {v}, it must be a number from {least} to {MOST_PENALTY}")
                }),
        };
        let token = |name: &str| match get(name) {
            None => Ok(None),
            Some(v) => token_id(v)
                .map(Some)
                .ok_or_else(|| format!("`{name}` must be a token id")),
        };
        let tokens = |name: &str| -> Result<Vec<u32>, String> {
            match get(name) {
                None => Ok(Vec::new()),
                Some(Value::Array(ids)) => ids
                    .iter()
                    .map(token_id)
                    .collect::<Option<_>>()
                    .ok_or_else(|| format!("`{name}` must hold token ids")),
                Some(v) => token_id(v)
                    .map(|id| vec![id])
                    .ok_or_else(|| format!("`{name}` must be a token id")),
            }
        };
        let bad_words_ids = match get("bad_words_ids") {
            None => Vec::new(),
            Some(v) => v
                .as_array()
                .and_then(|words| {
                    words
                        .iter()
                        .map(|w| w.as_array()?.iter().map(token_id).collect())
                        .collect::<Option<Vec<Vec<u32>>>>()
                })
                .ok_or("`bad_words_ids` must be lists of token ids")?,
        };
        Ok(Self {
            decoder_start_token_id: token("decoder_start_token_id")?
                .or(token("bos_token_id")?)
                .ok_or("`decoder_start_token_id` is missing")?,
            eos_token_id: tokens("eos_token_id")?,
            pad_token_id: token("pad_token_id")?,
            num_beams: count("num_beams", 1, MOST_BEAMS)?.max(1),
            num_return_sequences: 1,
            length_penalty: number("length_penalty", 1.0, -MOST_PENALTY)?,
            early_stopping: match get("early_stopping") {
                Some(Value::Bool(true)) => EarlyStopping::Full,
                Some(Value::String(s)) if s == "never" => EarlyStopping::Never,
                _ => EarlyStopping::Heuristic,
            },
            beam_width: BeamWidth::Fixed,
            max_length: count("max_length", 512, MOST_LENGTH)?,
            max_length_factor: None,
            max_source_length: None,
            break_circles: false,
            min_length: count("min_length", 0, MOST_LENGTH)?,
            min_new_tokens: count("min_new_tokens", 0, MOST_LENGTH)?,
            no_repeat_ngram_size: count("no_repeat_ngram_size", 0, MOST_LENGTH)?,
            repetition_penalty: number("repetition_penalty", 1.0, LEAST_PENALTY)?,
            bad_words_ids,
            force_words_ids: Vec::new(),
            forced_bos_token_id: token("forced_bos_token_id")?,
            forced_eos_token_id: tokens("forced_eos_token_id")?.first().copied(),
            renormalize_logits: get("renormalize_logits").and_then(Value::as_bool) == Some(true),
        })
    }
}

fn token_id(v: &Value) -> Option<u32> {
    v.as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn generation_config_wins_over_config() {
        let over = json!({"num_beams": 4, "max_length": null, "eos_token_id": [0, 3]});
        let base = json!({"num_beams": 6, "max_length": 100, "decoder_start_token_id": 9,
            "bad_words_ids": [[9]], "early_stopping": "never", "forced_eos_token_id": 0});
        let config = SearchConfig::from_json(&over, &base).unwrap();
        assert_eq!(config.num_beams, 4);
        assert_eq!(config.max_length, 100);
        assert_eq!(config.eos_token_id, [0, 3]);
        assert_eq!(config.bad_words_ids, [[9]]);
        assert_eq!(config.early_stopping, EarlyStopping::Never);
        assert_eq!(config.forced_eos_token_id, Some(0));
    }

    #[test]
    fn nonsense_is_named() {
        let error = SearchConfig::from_json(&Value::Null, &json!({"decoder_start_token_id": "x"}));
        assert_eq!(
            error.unwrap_err(),
            "`decoder_start_token_id` must be a token id"
        );
        for (name, value) in [
            ("num_beams", json!(100_000)),
            ("num_beams", json!(-1)),
            ("max_length", json!(1e9)),
            ("length_penalty", json!(1e9)),
            ("repetition_penalty", json!(0)),
            ("no_repeat_ngram_size", json!("two")),
        ] {
            let config = json!({"decoder_start_token_id": 1, name: value});
            let error = SearchConfig::from_json(&Value::Null, &config).unwrap_err();
            assert!(
                error.starts_with(&format!("`{name}` is {value}")),
                "{error}"
            );
        }
        let error = SearchConfig::from_json(&Value::Null, &json!({}));
        assert_eq!(error.unwrap_err(), "`decoder_start_token_id` is missing");
    }
}
