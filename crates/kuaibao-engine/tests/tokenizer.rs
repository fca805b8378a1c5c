//! Tokenizers against the ids of the reference implementations.

use std::fs;
use std::path::{Path, PathBuf};

use kuaibao_engine::hub::sha256_hex;
use kuaibao_engine::tokenizer::Tokenizer;
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name)
}

/// Optional data beside the crate; tests that need it say so and pass without.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

fn bundled_model() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/kuaibao-tiny-zh-en");
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

#[test]
fn sentencepiece_models_of_every_setting_read_and_write_as_the_reference() {
    let expected = json(&fixture("sentencepiece/expected.json"));
    let texts: Vec<String> = serde_json::from_value(expected["texts"].clone()).unwrap();
    let variants = expected["variants"].as_object().unwrap();
    assert_eq!(variants.len(), 5);
    for (name, variant) in variants {
        let tokenizer = Tokenizer::from_dir(&fixture("sentencepiece").join(name)).unwrap();
        let encoded = variant["encoded"].as_array().unwrap();
        for (text, encoded) in texts.iter().zip(encoded) {
            let mut expected = ids(encoded);
            assert_eq!(tokenizer.count(text), expected.len(), "{name}: {text:?}");
            expected.push(tokenizer.eos_id());
            let got = tokenizer.encode_source(text).unwrap();
            assert_eq!(got, expected, "{name}: {text:?}");
        }
        let rows = encoded.iter().chain(variant["rows"].as_array().unwrap());
        for (row, decoded) in rows.zip(variant["decoded"].as_array().unwrap()) {
            let row = ids(row);
            let got = tokenizer.decode(&row).unwrap();
            assert_eq!(got, decoded.as_str().unwrap(), "{name}: {row:?}");
        }
    }
}

/// SHA-256 of lines, as `make_tokenizer_fixtures.py` takes it.
fn digest(lines: impl IntoIterator<Item = String>) -> String {
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    sha256_hex(text.as_bytes())
}

fn join(ids: &[u32]) -> String {
    let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
    ids.join(" ")
}

fn eval_lines(name: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(shared("eval")?.join(name)).unwrap();
    Some(text.split_terminator('\n').map(str::to_owned).collect())
}

#[test]
fn opus_mt_reads_and_writes_as_the_reference() {
    let Some(dir) = shared("tokenizers/opus-mt-zh-en") else {
        return;
    };
    let tokenizer = Tokenizer::from_dir(&dir).unwrap();
    let expected = json(&fixture("shared-tokenizers.json"));
    let task = tokenizer.framing(None, None).unwrap();
    for name in ["wmt18.zh", "wmt22.zh", "flores-dev.zh"] {
        let Some(lines) = eval_lines(name) else {
            return;
        };
        let encoded = lines
            .iter()
            .map(|l| join(&tokenizer.encode(l, &task).unwrap()));
        assert_eq!(
            digest(encoded),
            expected[format!("opus-mt-zh-en source {name}")],
            "{name}"
        );
    }
    for name in ["wmt18.en", "wmt22.en"] {
        let Some(lines) = eval_lines(name) else {
            return;
        };
        let encode = |line: &String| tokenizer.encode_target(line, &task).unwrap();
        let encoded = lines.iter().map(|l| join(&encode(l)));
        assert_eq!(
            digest(encoded),
            expected[format!("opus-mt-zh-en target {name}")],
            "{name}"
        );
        let decoded = lines.iter().map(|l| tokenizer.decode(&encode(l)).unwrap());
        assert_eq!(
            digest(decoded),
            expected[format!("opus-mt-zh-en decoded {name}")],
            "{name}"
        );
    }
}

#[test]
fn t5_reads_and_writes_as_the_reference_from_either_file() {
    let Some(dir) = shared("tokenizers/t5-small") else {
        return;
    };
    let expected = json(&fixture("shared-tokenizers.json"));
    let from_json = Tokenizer::from_dir(&dir).unwrap();
    let alone = tempfile::tempdir().unwrap();
    for name in ["config.json", "spiece.model"] {
        fs::copy(dir.join(name), alone.path().join(name)).unwrap();
    }
    let from_pieces = Tokenizer::from_dir(alone.path()).unwrap();
    for name in ["wmt18.en", "wmt18.zh"] {
        let Some(lines) = eval_lines(name) else {
            return;
        };
        for (tokenizer, file) in [(&from_json, "source"), (&from_pieces, "spiece.model")] {
            let encode = |line: &String| tokenizer.encode_source(line).unwrap();
            let encoded = lines.iter().map(|l| join(&encode(l)));
            assert_eq!(
                digest(encoded),
                expected[format!("t5-small {file} {name}")],
                "{file} {name}"
            );
            let decoded = lines.iter().map(|l| tokenizer.decode(&encode(l)).unwrap());
            assert_eq!(
                digest(decoded),
                expected[format!("t5-small decoded {name}")],
                "{file} {name}"
            );
        }
    }
    assert_eq!(from_json.vocab_size(), from_pieces.vocab_size());
    assert_eq!(
        from_json.framing(None, None).unwrap(),
        from_pieces.framing(None, None).unwrap()
    );
}

/// The fixture folders that say what the reference's tokenizer makes of texts.
fn families() -> Vec<PathBuf> {
    let mut folders = vec![fixture("marian-tiny")];
    if let Ok(entries) = fs::read_dir(fixture("families")) {
        folders.extend(entries.map(|entry| entry.unwrap().path()));
    }
    folders.retain(|folder| folder.join("tokens.json").exists());
    folders.sort();
    folders
}

#[test]
fn every_family_reads_and_writes_as_the_reference() {
    for folder in families() {
        let tokenizer = Tokenizer::from_dir(&folder).unwrap();
        let expected = json(&folder.join("tokens.json"));
        let language = |role: &str| expected[role].as_str();
        let task = tokenizer
            .framing(language("source_language"), language("target_language"))
            .unwrap();
        let name = folder.display();
        let forced_bos = expected["forced_bos"].as_u64().map(|id| id as u32);
        assert_eq!(task.forced_bos(), forced_bos, "{name}");
        let start = expected["decoder_start"].as_u64().map(|id| id as u32);
        assert_eq!(task.decoder_start(), start, "{name}");
        for (n, text) in expected["texts"].as_array().unwrap().iter().enumerate() {
            let text = text.as_str().unwrap();
            let source = ids(&expected["sources"][n]);
            assert_eq!(
                tokenizer.encode(text, &task).unwrap(),
                source,
                "{name}: {text}"
            );
            assert_eq!(tokenizer.count(text) + task.special_tokens(), source.len());
            let target = ids(&expected["targets"][n]);
            assert_eq!(
                tokenizer.encode_target(text, &task).unwrap(),
                target,
                "{name}: {text}"
            );
            assert_eq!(
                tokenizer.decode(&target).unwrap(),
                expected["decoded"][n].as_str().unwrap(),
                "{name}: {text}"
            );
            assert!(
                source
                    .iter()
                    .all(|&id| (id as usize) < tokenizer.vocab_size())
            );
        }
    }
}

#[test]
fn a_text_cannot_spell_the_tokens_that_frame_it() {
    for folder in families() {
        let tokenizer = Tokenizer::from_dir(&folder).unwrap();
        let expected = json(&folder.join("tokens.json"));
        let language = |role: &str| expected[role].as_str();
        let task = tokenizer
            .framing(language("source_language"), language("target_language"))
            .unwrap();
        let plain = tokenizer.encode("", &task).unwrap();
        let framing = [tokenizer.eos_id(), tokenizer.pad_id()];
        let framing_in = |ids: &[u32]| ids.iter().filter(|id| framing.contains(id)).count();
        let spelt = tokenizer
            .encode("</s> 市长<pad></s><s> say</s>", &task)
            .unwrap();
        assert_eq!(
            framing_in(&spelt),
            framing_in(&plain),
            "{}",
            folder.display()
        );
    }
}

#[test]
fn marian_languages_are_tokens_of_its_vocabulary() {
    let tokenizer = Tokenizer::from_dir(&fixture("marian-tiny")).unwrap();
    let plain = tokenizer.encode_source("市长").unwrap();
    let english = tokenizer.framing(None, Some("eng")).unwrap();
    let framed = tokenizer.encode("市长", &english).unwrap();
    assert_eq!(framed[0], tokenizer.language_id("eng").unwrap());
    assert_eq!(framed[1..], plain);
    // A text that looks like it names a language is a text.
    assert_ne!(tokenizer.encode_source(">>eng<< 市长").unwrap(), framed);
    let error = tokenizer.framing(None, Some("fra")).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"the model has no language "fra"; it has eng"#
    );
    // With two languages to write, one must be named.
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(fixture("marian-tiny")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let mut vocabulary: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&fs::read(dir.path().join("vocab.json")).unwrap()).unwrap();
    let piece = vocabulary
        .keys()
        .find(|piece| piece.starts_with('▁'))
        .unwrap()
        .clone();
    let id = vocabulary.remove(&piece).unwrap();
    vocabulary.insert(">>fra<<".to_owned(), id.clone());
    let text = serde_json::to_vec(&vocabulary).unwrap();
    fs::write(dir.path().join("vocab.json"), text).unwrap();
    let tokenizer = Tokenizer::from_dir(dir.path()).unwrap();
    let error = tokenizer.framing(None, None).unwrap_err().to_string();
    assert!(
        error.contains("--target-lang") && error.contains("eng, fra"),
        "{error}"
    );
    let french = tokenizer.framing(None, Some("fra")).unwrap();
    let framed = tokenizer.encode("市长", &french).unwrap();
    assert_eq!(framed[0], id.as_u64().unwrap() as u32);
}

#[test]
fn a_language_that_must_be_told_is_asked_for() {
    for (family, codes) in [
        ("marian-multi", "deu, eng"),
        ("small100", "en, es"),
        ("crosssum-m2m", "chinese_simplified, english"),
    ] {
        let tokenizer = Tokenizer::from_dir(&fixture("families").join(family)).unwrap();
        let error = tokenizer.framing(None, None).unwrap_err().to_string();
        assert!(
            error.contains("--target-lang") && error.contains(codes),
            "{family}: {error}"
        );
        let error = tokenizer.framing(None, Some("xx")).unwrap_err();
        assert!(error.to_string().contains(codes), "{family}: {error}");
    }
}

/// SMaLL-100's published files do not name its tokenizer; its name and its shape tell it.
#[test]
fn small100_is_told_from_m2m100() {
    let m2m100 = fixture("families/m2m100");
    let read_as = |config: &str| {
        let dir = tempfile::tempdir().unwrap();
        for name in ["sentencepiece.bpe.model", "vocab.json"] {
            fs::copy(m2m100.join(name), dir.path().join(name)).unwrap();
        }
        fs::write(dir.path().join("config.json"), config).unwrap();
        let tokenizer = Tokenizer::from_dir(dir.path()).unwrap();
        let task = tokenizer.framing(Some("zh"), Some("en")).unwrap();
        let first = tokenizer.encode("市长", &task).unwrap()[0];
        (
            first == tokenizer.language_id("en").unwrap(),
            task.forced_bos(),
        )
    };
    let published = r#"{"model_type": "m2m_100", "_name_or_path": "/x/hf_small100"}"#;
    let shape = r#"{"model_type": "m2m_100", "encoder_layers": 12, "decoder_layers": 3}"#;
    assert_eq!(read_as(published), (true, None));
    assert_eq!(read_as(shape), (true, None));
    let (target_first, forced) =
        read_as(r#"{"model_type": "m2m_100", "encoder_layers": 12, "decoder_layers": 12}"#);
    assert!(!target_first && forced.is_some());
}

#[test]
fn what_is_missing_or_broken_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = || {
        let error = Tokenizer::from_dir(dir.path()).err().unwrap().to_string();
        error.replace(dir.path().to_str().unwrap(), "DIR")
    };
    let put = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    assert!(error().starts_with("DIR: no tokenizer here; expected source.spm"));

    let marian = fixture("marian-tiny");
    put("source.spm", &fs::read(marian.join("source.spm")).unwrap());
    assert!(error().starts_with("DIR/vocab.json: No such file"));
    put("vocab.json", b"{\"</s>\": 0");
    assert!(error().starts_with("DIR/vocab.json: EOF while parsing"));
    put("vocab.json", &fs::read(marian.join("vocab.json")).unwrap());
    put("target.spm", b"<html>not found</html>");
    assert!(error().starts_with("DIR/target.spm: not a sentencepiece model that can be used"));
    put("target.spm", &fs::read(marian.join("target.spm")).unwrap());
    put("vocab.json", br#"{"</s>": 0, "<unk>": 9}"#);
    assert!(error().contains(r#"piece "<unk>" has id 9, yet there are 2 pieces"#));
    put("vocab.json", br#"{"</s>": 0, "<unk>": 1}"#);
    assert!(error().contains(r#"its pad_token "<pad>" is not in the vocabulary"#));
    put("config.json", br#"{"vocab_size": "many"}"#);
    assert!(error().starts_with("DIR/config.json: "));
}
