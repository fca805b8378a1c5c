//! Which of a repository's files a model needs: its configuration, its tokenizer, its weights in
//! the best form there is. Never the TensorFlow, Flax, ONNX or rust twins of those weights.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::manifest::{Manifest, is_weights};
use super::names::is_plain;
use crate::marian;

/// Configuration and tokenizer files: all that a repository has of these are used.
pub(crate) const SMALL_FILES: [&str; 16] = [
    "config.json",
    GENERATION_CONFIG,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "tokenizer.json",
    "source.spm",
    "target.spm",
    "spiece.model",
    "sentencepiece.model",
    "sentencepiece.bpe.model",
    "spm.model",
    "vocab.json",
    "target_vocab.json",
    "merges.txt",
    "vocab.txt",
];

/// What an encoder of sentences has beside its transformer, as sentence-transformers writes it: how states
/// become a vector.
pub(crate) const MODULES: [&str; 3] = [
    "modules.json",
    "1_Pooling/config.json",
    "2_Dense/config.json",
];
/// The weights of the last of these.
pub(crate) const DENSE: [&str; 2] = ["2_Dense/model.safetensors", "2_Dense/pytorch_model.bin"];

/// Holds beam width, forced tokens and lengths: a model without it runs, and translates otherwise.
pub(crate) const GENERATION_CONFIG: &str = "generation_config.json";

/// Weights by preference; an index names the shards.
const WEIGHTS: [&str; 5] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "model.gguf",
];

/// Sets of files each of which makes a tokenizer.
const TOKENIZERS: [&[&str]; 8] = [
    &["tokenizer.json"],
    &["source.spm", "target.spm", "vocab.json"],
    &["spiece.model"],
    &["sentencepiece.bpe.model"],
    &["sentencepiece.model"],
    &["spm.model"],
    &["vocab.json", "merges.txt"],
    &["vocab.txt"],
];

/// Whether this file only names others.
pub(crate) fn is_index(name: &str) -> bool {
    name.ends_with(".index.json")
}

/// The weights to use among the files that there are: what the manifest pins, else the first of
/// safetensors, sharded safetensors, `.bin`, sharded `.bin`, `model.gguf`.
pub(crate) fn choose_weights(
    has: impl Fn(&str) -> bool,
    manifest: Option<&Manifest>,
) -> Option<&str> {
    let pinned = manifest
        .into_iter()
        .flat_map(|m| &m.files)
        .map(|file| file.name.as_str())
        .find(|name| is_weights(name));
    match pinned {
        Some(name) => Some(name).filter(|name| has(name)),
        None => WEIGHTS.into_iter().find(|name| has(name)),
    }
}

/// The shards that an index names, each once.
pub(crate) fn shards(index: &[u8]) -> Result<BTreeSet<String>, String> {
    #[derive(Deserialize)]
    struct Index {
        weight_map: std::collections::HashMap<String, String>,
    }
    let index: Index = serde_json::from_slice(index).map_err(|error| error.to_string())?;
    let shards: BTreeSet<String> = index.weight_map.into_values().collect();
    match shards
        .iter()
        .find(|name| !is_plain(name) || !is_weights(name))
    {
        Some(name) => Err(format!("{name:?} is no shard's name")),
        None if shards.is_empty() => Err("it names no shard".to_owned()),
        None => Ok(shards),
    }
}

/// Whether the files make a tokenizer.
pub(crate) fn has_tokenizer(has: impl Fn(&str) -> bool) -> bool {
    TOKENIZERS
        .iter()
        .any(|set| set.iter().all(|name| has(name)))
}

/// What is said where they do not.
pub(crate) const NO_TOKENIZER: &str = "it has no tokenizer (tokenizer.json, source.spm and target.spm with vocab.json, spiece.model, \
     sentencepiece.bpe.model, vocab.json with merges.txt, or vocab.txt)";

/// What a folder lacks to be a model; `None` when it lacks nothing.
pub(crate) fn missing(folder: &Path, manifest: Option<&Manifest>) -> Option<String> {
    let has = |name: &str| folder.join(name).is_file();
    if let Some(files) = marian::Files::of(folder) {
        return native_missing(&files);
    }
    if !has("config.json") {
        return Some(
            "it has neither config.json nor weights of Marian's (model*.bin or .npz)".to_owned(),
        );
    }
    if !has_tokenizer(has) {
        return Some(NO_TOKENIZER.to_owned());
    }
    let Some(weights) = choose_weights(has, manifest) else {
        return match ggufs(folder).len() {
            0 => Some(
                "it has no weights (model.safetensors or pytorch_model.bin, whole or with an index, \
                 or a .gguf file)"
                    .to_owned(),
            ),
            1 => None,
            count => Some(format!(
                "it has {count} .gguf files and none is called model.gguf: rename the one to use"
            )),
        };
    };
    if !is_index(weights) {
        return None;
    }
    let named = fs::read(folder.join(weights)).map_err(|error| error.to_string());
    match named.and_then(|index| shards(&index)) {
        Err(why) => Some(format!("its {weights} cannot be used: {why}")),
        Ok(shards) => shards
            .into_iter()
            .find(|shard| !has(shard))
            .map(|shard| format!("it lacks {shard}, which {weights} names")),
    }
}

/// What a Marian-native model lacks.
pub(crate) fn native_missing(files: &marian::Files) -> Option<String> {
    files.source_pieces.is_none().then(|| {
        "it has weights of Marian's but no vocabulary (vocab.*.spm, srcvocab.*.spm with \
         trgvocab.*.spm, or source.spm with target.spm)"
            .to_owned()
    })
}

/// The names among `files` of those that a Marian-native model uses; its weights in 8 bits alone, or
/// with `all` in every form.
pub(crate) fn native_files(files: &marian::Files, all: bool) -> Vec<String> {
    let weights = match (&files.int8, &files.full) {
        (Some(int8), Some(_)) if !all => vec![int8],
        (int8, full) => int8.iter().chain(full).collect(),
    };
    let others = [
        &files.source_pieces,
        &files.target_pieces,
        &files.vocabulary,
        &files.shortlist,
        &files.decoder,
    ];
    let names = weights.into_iter().chain(others.into_iter().flatten());
    names.cloned().collect()
}

/// The files of a model's folder that settle what it computes, sorted by name: not the twins of the
/// weights that are used.
pub(crate) fn used(folder: &Path, manifest: Option<&Manifest>) -> Vec<String> {
    if let Some(files) = marian::Files::of(folder) {
        let mut names = native_files(&files, true);
        names.sort_unstable();
        return names;
    }
    let has = |name: &str| folder.join(name).is_file();
    let small = SMALL_FILES.into_iter().chain(MODULES).chain(DENSE);
    let small = small.filter(|name| has(name));
    let mut names: BTreeSet<String> = small.map(str::to_owned).collect();
    match choose_weights(has, manifest) {
        None => names.extend(ggufs(folder)),
        Some(weights) => {
            if is_index(weights) {
                let index = fs::read(folder.join(weights)).unwrap_or_default();
                names.extend(shards(&index).unwrap_or_default());
            }
            names.insert(weights.to_owned());
        }
    }
    names.into_iter().collect()
}

/// Quantised weights under other names, which are used where a folder has nothing else and but one.
fn ggufs(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|e| e == "gguf"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::manifest::manifest;

    #[test]
    fn weights_are_chosen_by_preference_and_pin() {
        let choose = |files: &[&str], name: Option<&str>| {
            choose_weights(|f| files.contains(&f), name.and_then(manifest)).map(str::to_owned)
        };
        let both = [
            "tf_model.h5",
            "pytorch_model.bin",
            "model.safetensors",
            "flax_model.msgpack",
        ];
        assert_eq!(choose(&both, None).as_deref(), Some("model.safetensors"));
        // The manifest holds opus-mt to the .bin whose hash it knows.
        assert_eq!(
            choose(&both, Some("opus-mt-zh-en")).as_deref(),
            Some("pytorch_model.bin")
        );
        assert_eq!(choose(&["model.safetensors"], Some("opus-mt-zh-en")), None);
        assert_eq!(
            choose(&["pytorch_model.bin", "model.safetensors.index.json"], None).as_deref(),
            Some("model.safetensors.index.json")
        );
        assert_eq!(
            choose(&["tf_model.h5", "model.onnx", "rust_model.ot"], None),
            None
        );
    }

    #[test]
    fn one_gguf_file_is_enough_and_two_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(folder.path().join(name), "").unwrap();
        for name in ["config.json", "spiece.model", "model-q4k.gguf"] {
            write(name);
        }
        assert_eq!(missing(folder.path(), None), None);
        assert!(used(folder.path(), None).contains(&"model-q4k.gguf".to_owned()));
        write("model-q6k.gguf");
        let missing_now = missing(folder.path(), None).unwrap();
        assert!(missing_now.contains("2 .gguf files"), "{missing_now}");
        write("model.gguf");
        assert_eq!(missing(folder.path(), None), None);
        let used = used(folder.path(), None);
        assert_eq!(used, ["config.json", "model.gguf", "spiece.model"]);
    }

    #[test]
    fn an_index_names_plain_files_only() {
        let index = |shard: &str| {
            let map = serde_json::json!({"metadata": {}, "weight_map": {"a": shard, "b": shard}});
            shards(map.to_string().as_bytes())
        };
        let one = "model-00001-of-00002.safetensors";
        assert_eq!(index(one).unwrap().into_iter().collect::<Vec<_>>(), [one]);
        for bad in [
            "../x.safetensors",
            "/x.safetensors",
            "a/b.safetensors",
            "config.json",
            "",
            ".safetensors",
        ] {
            assert!(index(bad).is_err(), "{bad:?} was accepted");
        }
        for bad in ["", "{}", "{\"weight_map\": {}}", "[1]"] {
            assert!(shards(bad.as_bytes()).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn a_folder_is_a_model_when_nothing_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let lacks = |what: &str| {
            let missing = missing(folder.path(), None).unwrap_or_default();
            assert!(missing.contains(what), "{missing:?} does not name {what}");
        };
        lacks("config.json");
        write("config.json", "{}");
        lacks("tokenizer");
        write("vocab.json", "{}");
        lacks("tokenizer");
        write("merges.txt", "");
        lacks("weights");
        write(
            "model.safetensors.index.json",
            r#"{"weight_map": {"a": "model-00001-of-00001.safetensors"}}"#,
        );
        lacks("model-00001-of-00001.safetensors");
        write("model-00001-of-00001.safetensors", "");
        assert_eq!(missing(folder.path(), None), None);
        write("pytorch_model.bin", "");
        let shard = "model-00001-of-00001.safetensors";
        assert_eq!(
            used(folder.path(), None),
            [
                "config.json",
                "merges.txt",
                shard,
                "model.safetensors.index.json",
                "vocab.json"
            ]
        );
    }
}
