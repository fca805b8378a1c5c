//! The judges against `transformers`; `tests/fixtures/make_judge_fixtures.py` makes the models.
#![cfg(feature = "judge")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::Device;
use kuaibao_engine::{
    hub::{self, HubOptions, Location},
    judge::{Judge, Verdict},
    nn::{Placement, Precision, check_judge},
};
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/judge")
        .join(name)
}

fn open(folder: &Path) -> Judge {
    let options = HubOptions::from_env().unwrap();
    let location: Location = hub::resolve(folder.to_str().unwrap(), &options).unwrap();
    Judge::open(&location, &Placement::new(Device::Cpu, Precision::F32)).unwrap()
}

fn expected(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn as_row(verdict: Verdict) -> [f32; 3] {
    [verdict.entailment, verdict.neutral, verdict.contradiction]
}

/// The largest difference from the reference, one pair at a time and all in a batch, and the largest
/// between these two.
fn entailment(folder: &Path) -> (f32, f32) {
    let judge = open(folder);
    let expected = expected(folder);
    let rows = expected["pairs"].as_array().unwrap();
    let texts: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row["zh"].as_str().unwrap(), row["en"].as_str().unwrap()))
        .collect();
    let together = judge.verdicts(&texts).unwrap();
    let (mut from_reference, mut from_batch) = (0f32, 0f32);
    for ((pair, row), together) in texts.iter().zip(rows).zip(together) {
        let alone = as_row(judge.verdicts(&[*pair]).unwrap()[0].unwrap());
        let together = as_row(together.unwrap());
        for ((a, b), c) in alone
            .into_iter()
            .zip(together)
            .zip(numbers(&row["probabilities"]))
        {
            from_reference = from_reference.max((a - c).abs()).max((b - c).abs());
            from_batch = from_batch.max((a - b).abs());
        }
    }
    (from_reference, from_batch)
}

fn encoder(folder: &Path) -> (f32, f32) {
    let judge = open(folder);
    let expected = expected(folder);
    let rows = expected["texts"].as_array().unwrap();
    let texts: Vec<&str> = rows
        .iter()
        .map(|row| row["text"].as_str().unwrap())
        .collect();
    let together = judge.vectors(&texts).unwrap();
    let (mut from_reference, mut from_batch) = (0f32, 0f32);
    for ((text, row), together) in texts.iter().zip(rows).zip(&together) {
        let alone = judge.vectors(&[text]).unwrap().remove(0).unwrap();
        let together = together.as_ref().unwrap();
        for ((a, b), c) in alone.iter().zip(together).zip(numbers(&row["vector"])) {
            from_reference = from_reference.max((a - c).abs()).max((b - c).abs());
            from_batch = from_batch.max((a - b).abs());
        }
    }
    // The cosine is that of the vectors.
    let pair = (texts[0], texts[1]);
    let cosine = judge.similarities(&[pair]).unwrap()[0].unwrap();
    let vector = |i: usize| together[i].as_ref().unwrap();
    let product: f32 = vector(0).iter().zip(vector(1)).map(|(a, b)| a * b).sum();
    assert!((cosine - product).abs() < 1e-5);
    (from_reference, from_batch)
}

#[test]
fn verdicts_are_those_of_the_reference() {
    let (from_reference, from_batch) = entailment(&fixture("entailment"));
    println!("entailment: {from_reference:.1e} from the reference, {from_batch:.1e} in a batch");
    assert!(from_reference <= 1e-4 && from_batch <= 1e-5);
}

#[test]
fn vectors_are_those_of_the_reference() {
    let (from_reference, from_batch) = encoder(&fixture("encoder"));
    println!("encoder: {from_reference:.1e} from the reference, {from_batch:.1e} in a batch");
    assert!(from_reference <= 1e-4 && from_batch <= 1e-5);
}

/// The encoder's files with those of `modules/` beside them, each changed as told.
fn with_modules(change: impl Fn(&str, String) -> String) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::copy(fixture("encoder").join(name), dir.path().join(name)).unwrap();
    }
    for name in ["1_Pooling", "2_Dense"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
    }
    let weights = "2_Dense/model.safetensors";
    std::fs::copy(fixture("modules").join(weights), dir.path().join(weights)).unwrap();
    for name in [
        "modules.json",
        "1_Pooling/config.json",
        "2_Dense/config.json",
    ] {
        let text = std::fs::read_to_string(fixture("modules").join(name)).unwrap();
        std::fs::write(dir.path().join(name), change(name, text)).unwrap();
    }
    dir
}

#[test]
fn the_modules_beside_an_encoder_make_its_vectors() {
    let expected = expected(&fixture("modules"));
    let rows = expected["texts"].as_array().unwrap();
    let texts: Vec<&str> = rows
        .iter()
        .map(|row| row["text"].as_str().unwrap())
        .collect();
    let first = with_modules(|_, text| text);
    let mean = with_modules(|name, text| match name {
        "modules.json" => {
            let mut list: Vec<Value> = serde_json::from_str(&text).unwrap();
            list.retain(|module| module["path"] != "2_Dense");
            serde_json::to_string(&list).unwrap()
        }
        "1_Pooling/config.json" => text
            .replace("true", "TRUE")
            .replace("false", "true")
            .replace("TRUE", "false"),
        _ => text,
    });
    for (name, dir) in [("first", first), ("mean", mean)] {
        let vectors = open(dir.path()).vectors(&texts).unwrap();
        let mut apart = 0f32;
        for (row, vector) in rows.iter().zip(vectors) {
            let (vector, told) = (vector.unwrap(), numbers(&row[name]));
            assert_eq!(vector.len(), told.len());
            for (a, b) in vector.iter().zip(told) {
                apart = apart.max((a - b).abs());
            }
        }
        println!("{name}: {apart:.1e} from the reference");
        assert!(apart <= 1e-4, "{name}: {apart}");
    }
    for (file, from, to, why) in [
        (
            "1_Pooling/config.json",
            "cls_token",
            "max_tokens",
            "max_tokens",
        ),
        ("2_Dense/config.json", "Tanh", "ReLU", "ReLU"),
        ("2_Dense/config.json", "16", "1e9", "out_features"),
        (
            "modules.json",
            "2_Dense",
            "../other",
            "modules are not known",
        ),
        (
            "modules.json",
            "models.Pooling",
            "models.LSTM",
            "modules are not known",
        ),
    ] {
        let dir = with_modules(|name, text| {
            assert!(name != file || text.contains(from));
            if name == file {
                text.replace(from, to)
            } else {
                text
            }
        });
        let options = HubOptions::from_env().unwrap();
        let location = hub::resolve(dir.path().to_str().unwrap(), &options).unwrap();
        let placement = Placement::new(Device::Cpu, Precision::F32);
        let error = Judge::open(&location, &placement)
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn what_is_too_long_gets_no_verdict_and_what_is_no_judge_is_named() {
    let judge = open(&fixture("entailment"));
    let long = "市长说".repeat(200);
    let found = judge
        .verdicts(&[(&long, "x"), ("市长说。", "The mayor said.")])
        .unwrap();
    assert!(found[0].is_none() && found[1].is_some());
    let error = judge.vectors(&["x"]).unwrap_err().to_string();
    assert!(error.contains("labse"), "{error}");
    let error = open(&fixture("encoder"))
        .verdicts(&[("x", "x")])
        .unwrap_err()
        .to_string();
    assert!(error.contains("mdeberta-xnli"), "{error}");

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.json");
    let text = std::fs::read_to_string(fixture("entailment").join("config.json")).unwrap();
    for (from, to, why) in [
        ("\"deberta-v2\"", "\"t5\"", "no judge"),
        ("\"contradiction\"", "\"other\"", "contradiction"),
        ("\"vocab_size\": ", "\"vocab_size\": 9999999", "vocab_size"),
        (
            "\"num_hidden_layers\": 2",
            "\"num_hidden_layers\": -2",
            "num_hidden_layers",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let error = check_judge(&path).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

/// What this process has computed, in Linux's hundredths of a second; 0 elsewhere.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
    let used = fields
        .skip(12)
        .take(2)
        .filter_map(|f| f.parse::<f64>().ok());
    used.sum::<f64>() / 100.0
}

/// Both in the size of the published models, where `make_judge_fixtures.py --real DIR` has made them.
#[test]
fn the_real_sizes_are_those_of_the_reference_too() {
    let Some(folder) = std::env::var_os("KUAIBAO_JUDGES").map(PathBuf::from) else {
        eprintln!("skipped: KUAIBAO_JUDGES names no folder");
        return;
    };
    for (name, measure) in [
        ("entailment", entailment as fn(&Path) -> (f32, f32)),
        ("encoder", encoder),
    ] {
        let folder = folder.join(name);
        let (from_reference, from_batch) = measure(&folder);
        let judge = open(&folder);
        let pairs = [(
            "市长说，今年全市经济增长百分之五。",
            "The mayor said the economy grew by five percent.",
        ); 16];
        let (begin, computed) = (Instant::now(), processor_seconds());
        match judge.gives_verdicts() {
            true => drop(judge.verdicts(&pairs).unwrap()),
            false => drop(judge.similarities(&pairs).unwrap()),
        }
        let each = |seconds: f64| 1e3 * seconds / pairs.len() as f64;
        let waited = each(begin.elapsed().as_secs_f64());
        let computed = each(processor_seconds() - computed);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let memory = status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap_or_default();
        println!(
            "{name}: {from_reference:.1e} from the reference, {from_batch:.1e} in a batch, a pair {waited:.0} ms and \
             {computed:.0} ms of a core, {memory}"
        );
        assert!(from_reference <= 1e-4 && from_batch <= 1e-4);
    }
}
