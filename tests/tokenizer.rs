//! Tokenizers against the ids of the reference implementations.

use std::fs;
use std::path::{Path, PathBuf};

use kuaibao::tokenizer::Tokenizer;
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// Optional data beside the crate; tests that need it say so and pass without.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

fn bundled_model() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/kuaibao-tiny-zh-en");
    if path.exists() {
        Some(path)
    } else {
        shared("models/kuaibao-tiny-zh-en")
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn ids(value: &Value) -> Vec<u32> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn the_bundled_model_reads_and_writes_as_the_reference() {
    let Some(dir) = bundled_model() else { return };
    let tokenizer = Tokenizer::from_dir(&dir).unwrap();
    let sentences = fs::read_to_string(fixture("bundled/sentences.zh.txt")).unwrap();
    let expected = json(&fixture("bundled/expected.json"));
    assert_eq!(sentences.lines().count(), 200);
    for (n, sentence) in sentences.split_terminator('\n').enumerate() {
        let source = ids(&expected["source"][n]);
        assert_eq!(
            tokenizer.encode_source(sentence).unwrap(),
            source,
            "{sentence}"
        );
        assert_eq!(tokenizer.count(sentence), source.len() - 1, "{sentence}");
        assert_eq!(
            tokenizer.decode(&ids(&expected["beam_6"][n])).unwrap(),
            expected["text"][n].as_str().unwrap()
        );
    }
}
