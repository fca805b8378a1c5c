//! The glossary as an editor uses it: whole runs of the binary with the bundled model.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use kuaibao_text::glossary::Glossary;
use serde_json::Value;

fn kuaibao() -> Command {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
    command
        .env("KUAIBAO_MODELS", models)
        .env("HF_HUB_OFFLINE", "1")
        .stdin(Stdio::null());
    command
}

const ARTICLE: &str = "\
青河县今年新修公路三百公里

　　本报讯 7月14日，青河县交通局局长周文远介绍，云湖港今年新修公路300公里。网格员也参加了建设。
";

/// The article's brief under the given glossary files, in `dir`.
fn brief(dir: &Path, glossaries: &[&str]) -> Value {
    fs::write(dir.join("page.txt"), ARTICLE).unwrap();
    let mut command = kuaibao();
    command
        .current_dir(dir)
        .args(["brief", "page.txt", "-q", "-o", "out"]);
    for file in glossaries {
        command.args(["--glossary", file]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let bytes = fs::read(dir.join("out/page.txt/1.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The segment whose Chinese holds `zh`.
fn segment<'b>(brief: &'b Value, zh: &str) -> &'b Value {
    let mut segments = brief["translation"].as_array().unwrap().iter();
    segments
        .find(|s| s["zh"].as_str().unwrap().contains(zh))
        .unwrap()
}

fn flagged(segment: &Value, words: &str) -> bool {
    let mut flags = segment["flags"].as_array().unwrap().iter();
    flags.any(|f| f["message"].as_str().unwrap().contains(words))
}

#[test]
fn a_wanted_term_is_used_or_flagged_and_the_signature_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let plain = brief(dir.path(), &[]);
    fs::write(
        dir.path().join("house.tsv"),
        "# the house\nzh\ten\tnote\n云湖港\tPort of Yunhu\tsince 2024\n网格员\tcommunity worker | grid worker\n",
    )
    .unwrap();
    fs::write(
        dir.path().join("people.toml"),
        "[[term]]\nzh = \"周文远\"\nen = \"Wenyuan Zhou\"\n\n[[term]]\nzh = \"网格员\"\nen = \"block warden\"\n",
    )
    .unwrap();
    let with = brief(dir.path(), &["house.tsv", "people.toml"]);
    assert_ne!(
        plain["signature"]["glossary"],
        with["signature"]["glossary"]
    );

    let port = segment(&with, "云湖港");
    let used = port["en"].as_str().unwrap().contains("Port of Yunhu");
    assert!(
        used || flagged(port, "云湖港 should be “Port of Yunhu”."),
        "{port:#}"
    );
    // The later file wins.
    let warden = segment(&with, "网格员");
    let english = warden["en"].as_str().unwrap().to_lowercase();
    let used = english.contains("block warden");
    assert!(
        used || flagged(warden, "网格员 should be “block warden”."),
        "{warden:#}"
    );
    // Every repair that changed the English is recorded.
    for segment in [port, warden] {
        if segment["en"] != segment_of(&plain, segment)["en"] {
            assert!(
                !segment["repairs"].as_array().unwrap().is_empty(),
                "{segment:#}"
            );
        }
    }
    assert_eq!(with["people"][0]["en"], "Wenyuan Zhou");
}

fn segment_of<'b>(brief: &'b Value, like: &Value) -> &'b Value {
    let mut segments = brief["translation"].as_array().unwrap().iter();
    segments.find(|s| s["id"] == like["id"]).unwrap()
}

#[test]
fn asking_for_a_term_puts_it_in_the_english() {
    let dir = tempfile::tempdir().unwrap();
    let lines = "代表团昨天抵达云湖港。\n经济增长很快。\n";
    fs::write(dir.path().join("lines.zh"), lines).unwrap();
    fs::write(dir.path().join("house.tsv"), "云湖港\tPort of Yunhu\n").unwrap();
    let run = |more: &[&str]| {
        let output = kuaibao()
            .current_dir(dir.path())
            .args(["translate", "--lines", "lines.zh"])
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        (
            String::from_utf8(output.stdout.clone()).unwrap(),
            stderr(&output),
        )
    };
    let (plain, _) = run(&["-q"]);
    let (mended, said) = run(&["--glossary", "house.tsv"]);
    let (plain, mended): (Vec<&str>, Vec<&str>) =
        (plain.lines().collect(), mended.lines().collect());
    assert_eq!((plain.len(), mended.len()), (2, 2));
    assert!(mended[0].contains("Port of Yunhu"), "{mended:?}");
    assert_eq!(plain[1], mended[1]);
    assert!(said.contains("2 texts, 1 mended"), "{said}");
}

#[test]
fn a_bad_glossary_is_named_with_its_line_before_anything_is_done() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("page.txt"), ARTICLE).unwrap();
    for (name, text, needle) in [
        ("no-such.tsv", "", "cannot read the glossary no-such.tsv: "),
        (
            "bad.tsv",
            "云湖港\tPort of Yunhu\n网格员\n",
            "bad.tsv:2: no English for the term",
        ),
        (
            "bad.toml",
            "[[term]]\nzh = \"港\"\n",
            "bad.toml:1: no English for the term",
        ),
    ] {
        if !text.is_empty() {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let output = kuaibao()
            .current_dir(dir.path())
            .args(["brief", "page.txt", "-o", "out", "--glossary", name])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(needle), "{}", stderr(&output));
        assert!(!dir.path().join("out").exists());
    }
}

#[test]
fn the_compiled_terms_seldom_doubt_published_references() {
    let glossary = Glossary::official();
    let (mut with, mut doubted) = (0u32, 0u32);
    let mut by_term: BTreeMap<String, usize> = BTreeMap::new();
    for set in ["wmt18", "wmt22", "flores-dev"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/eval");
        let read = |ext: &str| fs::read_to_string(folder.join(format!("{set}.{ext}")));
        let (Ok(zh), Ok(en)) = (read("zh"), read("en")) else {
            eprintln!("skipped: ../shared/eval/{set}.{{zh,en}} are not there");
            return;
        };
        for (zh, en) in zh.lines().zip(en.lines()) {
            with += u32::from(!glossary.matches(zh).is_empty());
            let violations = glossary.violations(zh, en);
            doubted += u32::from(!violations.is_empty());
            for violation in violations {
                *by_term
                    .entry(format!("{} {}", violation.zh, violation.wanted))
                    .or_default() += 1;
            }
        }
    }
    let mut terms: Vec<_> = by_term.into_iter().collect();
    terms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (term, count) in terms.iter().take(60) {
        eprintln!("{count:>4} {term}");
    }
    let share = f64::from(doubted) / f64::from(with);
    eprintln!(
        "{doubted} of {with} lines with a term are doubted ({:.1} %)",
        share * 100.0
    );
    assert!(share <= 0.15);
}
