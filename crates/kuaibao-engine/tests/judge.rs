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
        let begin = Instant::now();
        match judge.gives_verdicts() {
            true => drop(judge.verdicts(&pairs).unwrap()),
            false => drop(judge.similarities(&pairs).unwrap()),
        }
        let each = begin.elapsed().as_secs_f64() / pairs.len() as f64;
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let memory = status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap_or_default();
        println!(
            "{name}: {from_reference:.1e} from the reference, {from_batch:.1e} in a batch, {:.0} ms a pair, {memory}",
            each * 1e3
        );
        assert!(from_reference <= 1e-4 && from_batch <= 1e-4);
    }
}
