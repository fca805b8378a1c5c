//! Second opinions: through the program with small random models, and on planted errors with a real one.
//!
//! No real judge can be had without a network; the day one is at hand:
//!
//! ```sh
//! KUAIBAO_JUDGE=mdeberta-xnli cargo test --test judged -- --nocapture planted
//! ```
//!
//! prints for each kind of error how many of the sentences with it are doubted, and how many without.
#![cfg(feature = "judge")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use candle_core::Device;
use kuaibao_engine::{
    hub::{self, HubOptions, Purpose},
    judge::Judge,
    nn::{Placement, Precision},
};
use serde_json::Value;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn table(name: &str) -> Vec<[String; 4]> {
    let text = std::fs::read_to_string(tests().join("judge").join(name)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let row = |line: &str| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        cells
            .try_into()
            .unwrap_or_else(|_| panic!("four cells: {line}"))
    };
    lines.map(row).collect()
}

fn planted() -> Vec<[String; 4]> {
    table("planted.tsv")
}

/// The judge that `KUAIBAO_JUDGE` names.
fn named() -> Option<Judge> {
    let Ok(name) = std::env::var("KUAIBAO_JUDGE") else {
        eprintln!("skipped: KUAIBAO_JUDGE names no model");
        return None;
    };
    let mut options = HubOptions::from_env().unwrap();
    options.purpose = Purpose::Judge;
    let location = hub::resolve(&name, &options).unwrap();
    let placement = Placement::new(Device::Cpu, Precision::F32);
    Some(Judge::open(&location, &placement).unwrap())
}

/// The least similarity of what counts as the same that is right most often, and how often.
fn best_parting(scores: &[(f32, bool)]) -> (f32, usize) {
    let right = |least: f32| {
        scores
            .iter()
            .filter(move |(s, same)| (*s >= least) == *same)
    };
    let parted = scores
        .iter()
        .map(|&(least, _)| (least, right(least).count()));
    let mut parted: Vec<(f32, usize)> = parted.collect();
    parted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.total_cmp(&b.0)));
    parted[0]
}

#[test]
fn alike_texts_are_told_from_others() {
    assert_eq!(
        best_parting(&[(0.9, true), (0.7, true), (0.6, false), (0.8, false)]),
        (0.7, 3)
    );
    let rows = table("alike.tsv");
    for kind in ["story", "sentence"] {
        let of = |same: &str| rows.iter().filter(|r| r[0] == kind && r[1] == same).count();
        assert!(of("1") == of("0") && of("1") >= 8, "{kind}");
    }
    let Some(judge) = named().filter(|judge| !judge.gives_verdicts()) else {
        return;
    };
    let pairs: Vec<(&str, &str)> = rows.iter().map(|r| (&*r[2], &*r[3])).collect();
    let alike = judge.similarities(&pairs).unwrap();
    for kind in ["story", "sentence"] {
        let scored = rows.iter().zip(&alike).filter(|(row, _)| row[0] == kind);
        let scored = scored.map(|(row, score)| (score.unwrap_or(0.0), row[1] == "1"));
        let scored: Vec<(f32, bool)> = scored.collect();
        let (least, right) = best_parting(&scored);
        println!("{kind}: {right} of {} right from {least:.2}", scored.len());
    }
}

#[test]
fn planted_errors_are_told_from_what_is_right() {
    let rows = planted();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *kinds.entry(&row[0]).or_default() += 1;
        assert_ne!(row[2], row[3]);
    }
    assert_eq!(
        kinds.keys().copied().collect::<Vec<_>>(),
        ["negation", "omission", "role"]
    );
    assert!(kinds.values().all(|&n| n >= 12));
    let Some(judge) = named() else {
        return;
    };
    let score = |column: usize| -> Vec<f32> {
        let pairs: Vec<(&str, &str)> = rows
            .iter()
            .map(|row| (row[1].as_str(), row[column].as_str()))
            .collect();
        if judge.gives_verdicts() {
            let verdicts = judge.verdicts(&pairs).unwrap().into_iter();
            return verdicts.map(|v| v.map_or(0.0, |v| v.entailment)).collect();
        }
        let alike = judge.similarities(&pairs).unwrap().into_iter();
        alike.map(|s| s.unwrap_or(0.0)).collect()
    };
    let (right, wrong) = (score(2), score(3));
    for kind in kinds.keys() {
        let of = |scores: &[f32]| -> Vec<f32> {
            let rows = rows.iter().zip(scores).filter(|(row, _)| row[0] == *kind);
            rows.map(|(_, &score)| score).collect()
        };
        let (right, wrong) = (of(&right), of(&wrong));
        let doubted = |scores: &[f32]| scores.iter().filter(|&&s| s < 0.5).count();
        let before = right.iter().zip(&wrong).filter(|(r, w)| r > w).count();
        println!(
            "{kind}: {} of {} errors doubted, {} of {} right ones; the right one ahead in {before}",
            doubted(&wrong),
            wrong.len(),
            doubted(&right),
            right.len()
        );
    }
}

fn kuaibao(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .args(args)
        .current_dir(tests().parent().unwrap())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The only brief below a folder.
fn walk(folder: &Path) -> Option<PathBuf> {
    let brief = folder.join("1.json");
    if brief.is_file() {
        return Some(brief);
    }
    let mut below = std::fs::read_dir(folder).ok()?.flatten();
    below.find_map(|entry| walk(&entry.path()))
}

#[test]
fn judges_speak_in_checks_and_in_scores() {
    let dir = tempfile::tempdir().unwrap();
    let (mut zh, mut en) = (String::new(), String::new());
    for row in planted().iter().take(8) {
        zh += &(row[1].clone() + "\n");
        en += &(row[3].clone() + "\n");
    }
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (source, target) = (path("zh"), path("en"));
    std::fs::write(&source, zh).unwrap();
    std::fs::write(&target, en).unwrap();
    let judges = [
        "--judge",
        "tests/fixtures/judge/entailment",
        "--judge",
        "tests/fixtures/judge/encoder",
    ];
    let files = ["check", "--source", &source, "--target", &target, "--json"];
    let (code, plain, _) = kuaibao(&files);
    assert_eq!(code, Some(0));
    let (code, judged, error) = kuaibao(&[&files[..], &judges].concat());
    assert_eq!(code, Some(0), "{error}");
    for (plain, judged) in plain.lines().zip(judged.lines()) {
        let plain: Value = serde_json::from_str(plain).unwrap();
        let judged: Value = serde_json::from_str(judged).unwrap();
        assert!(plain["judge"].is_null());
        let probability = |name: &str| judged["judge"][name].as_f64().unwrap();
        let sum = probability("entailment") + probability("neutral") + probability("contradiction");
        assert!((sum - 1.0).abs() < 0.005 && probability("similarity").abs() <= 1.0);
        let most = probability("neutral").max(probability("contradiction"));
        let doubts = judged["doubts"].as_array().unwrap();
        let by_judge = doubts.iter().find(|d| d["kind"] == "judge");
        // Equal to the third decimal is nobody's case here.
        assert_eq!(by_judge.is_some(), probability("entailment") < most);
        if let Some(doubt) = by_judge {
            let p = doubt["p"].as_f64().unwrap();
            assert!((p + probability("entailment") - 1.0).abs() < 0.005);
        }
    }

    // The other way the English is what entails.
    let turned = [
        "check", "--to", "zh", "--json", "--source", &target, "--target", &source,
    ];
    let (code, judged, error) = kuaibao(&[&turned[..], &judges].concat());
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(judged.lines().count(), 8);
    for line in judged.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let probability = |name: &str| record["judge"][name].as_f64().unwrap();
        let most = probability("neutral").max(probability("contradiction"));
        let doubted = probability("entailment") < most;
        let doubts = record["doubts"].as_array().unwrap();
        assert_eq!(doubts.iter().any(|d| d["kind"] == "judge"), doubted);
        assert!(!(doubted && record["ok"] == true), "{record}");
    }
    let translate = [
        "translate",
        "--to",
        "zh",
        "--lines",
        "--json",
        "--quiet",
        "--translator",
    ];
    let model = ["tests/fixtures/families/marian-en-zh", target.as_str()];
    let (code, translated, error) = kuaibao(&[&translate[..], &model, &judges].concat());
    assert_eq!(code, Some(0), "{error}");
    let first: Value = serde_json::from_str(translated.lines().next().unwrap()).unwrap();
    assert!(first["judge"]["similarity"].is_number(), "{first}");

    let eval = [
        "eval",
        "--json",
        "--quiet",
        "--source",
        &source,
        "--reference",
        &target,
        "--resamples",
        "50",
        "--trials",
        "0",
        "--metrics",
        "bleu",
    ];
    let system = format!("a={target}");
    let (code, report, error) = kuaibao(&[&eval[..], &["--system", &system], &judges].concat());
    assert_eq!(code, Some(0), "{error}");
    for name in ["entailment", "similarity", "low"] {
        assert!(report.contains(name), "{name}: {report}");
    }

    let article = path("article.txt");
    let text =
        "大桥通车\n\n　　7月14日，云湖大桥通车，不过只限小汽车。\n\n　　县里没有批准扩建电站。\n";
    std::fs::write(&article, text).unwrap();
    let out = path("out");
    let brief = ["brief", &article, "-o", &out, "--quiet"];
    let (code, _, error) = kuaibao(&[&brief[..], &judges].concat());
    assert_eq!(code, Some(0), "{error}");
    let made = walk(Path::new(&out)).expect("a brief");
    let made: Value = serde_json::from_slice(&std::fs::read(made).unwrap()).unwrap();
    let by = made["signature"]["judge"].as_str().unwrap();
    assert!(by.contains("entailment") && by.contains("encoder"), "{by}");
    let placed = &made["embedding"];
    assert!(placed["model"].as_str().unwrap().contains("encoder"));
    let vector = placed["int8"].as_array().unwrap();
    let largest = vector.iter().map(|x| x.as_i64().unwrap().abs()).max();
    assert_eq!(largest, Some(127), "{placed}");
    let checked = made["checks"]["checked"].as_array().unwrap();
    assert!(checked.iter().any(|c| c == "judge"), "{checked:?}");
    for sentence in made["translation"].as_array().unwrap() {
        assert!(sentence["judge"]["similarity"].is_number(), "{sentence}");
        let heading = sentence["role"] == "headline";
        let entailment = sentence["judge"]["entailment"].as_f64();
        assert!(entailment.is_some() || !heading, "{sentence}");
        let kinds = |list: &str, kind: &str| {
            let list = sentence[list].as_array().unwrap();
            list.iter().filter(|d| d["kind"] == kind).count()
        };
        assert_eq!(kinds("doubts", "judge"), kinds("flags", "doubt-judge"));
    }
    // What is doubted of a headline keeps it from standing above the article.
    let headline = &made["headline"];
    let flags = headline["flags"].as_array().unwrap();
    let own = &made["translation"][0];
    assert_eq!(flags, own["flags"].as_array().unwrap());
    assert_eq!(headline["usable"], flags.is_empty());
    let summary = made["summary"].as_array().unwrap();
    assert!(!summary.is_empty());
    for sentence in summary {
        assert!(sentence["judge"]["entailment"].is_number(), "{sentence}");
    }

    let (code, _, error) = kuaibao(&[&files[..], &["--judge", "opus-mt-zh-en"]].concat());
    assert_eq!(code, Some(2));
    assert!(
        error.contains("mdeberta-xnli") && error.contains("labse"),
        "{error}"
    );
}
