//! One page, one place: what a page is called, and that nothing is replaced by something else.

mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use support::{random_model, stderr};

const TEXT: [&str; 3] = [
    "　　本报讯 云州港三期工程3月17日开工，总投资128.6亿元。\n",
    "　　本报讯 青禾县新建公路32公里，惠及村民8000人。\n",
    "　　本报讯 石桥县茶园面积7.8万亩。\n",
];

/// `kuaibao brief` in `dir` with a model of random weights.
fn brief(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .current_dir(dir)
        .env("HF_HUB_OFFLINE", "1")
        .stdin(Stdio::null())
        .args(["brief", "--beam", "1", "--quiet", "--translator"])
        .arg(random_model())
        .args(arguments)
        .output()
        .unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    support::folder(&files)
}

/// The Chinese of every brief below a folder, by the folder of its page.
fn briefs(dir: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("1.json") {
                let brief: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                let page = path.parent().unwrap().strip_prefix(dir).unwrap();
                assert_eq!(page.to_str(), brief["source"].as_str());
                let zh = brief["translation"][0]["zh"].as_str().unwrap().to_owned();
                found.push((page.to_str().unwrap().to_owned(), zh));
            }
        }
    }
    found.sort();
    found
}

fn record(source: &str, text: &str) -> String {
    json!({"schema": "kuaibao.split/1", "source": source, "encoding": "UTF-8", "paper": null,
        "date": null, "articles": [{"id": "1", "paragraphs": [text.trim()]}], "dropped": []})
    .to_string()
}

#[test]
fn pages_of_one_key_are_refused_by_name() {
    let pages = format!(
        "{}\n{}\n",
        record("b.txt", TEXT[0]),
        record("b.txt", TEXT[1])
    );
    let nested = format!(
        "{}\n{}\n",
        record("a", TEXT[0]),
        record("a/1.json", TEXT[1])
    );
    let dir = folder(&[
        ("pages.json", &pages),
        ("nested.json", &nested),
        ("b.txt", TEXT[2]),
        ("stdin.txt", TEXT[0]),
    ]);
    let cases: [(&[&str], &str, usize); 4] = [
        (&["pages.json"], "b.txt", 1),
        (&["b.txt", "pages.json"], "pages.json", 1),
        (&["nested.json"], "a/1.json", 1),
        (&["stdin.txt", "-"], "stdin.txt", 1),
    ];
    for (number, (inputs, named, count)) in cases.iter().enumerate() {
        let out = number.to_string();
        let output = brief(dir.path(), &[inputs, &["-o", &out][..]].concat());
        assert_eq!(
            output.status.code(),
            Some(1),
            "{inputs:?}: {}",
            stderr(&output)
        );
        assert!(stderr(&output).contains(named), "{}", stderr(&output));
        assert_eq!(briefs(&dir.path().join(&out)).len(), *count, "{inputs:?}");
        let run = fs::read(dir.path().join(&out).join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        let failed = run["entries"].as_array().unwrap().iter();
        assert!(failed.filter(|e| e["status"] == "failed").count() >= 1);
    }
}

#[test]
fn the_same_file_has_the_same_place_whatever_else_is_done() {
    let dir = folder(&[
        ("p/a/b.txt", TEXT[0]),
        ("q/a/b.txt", TEXT[1]),
        ("r/b.txt", TEXT[2]),
    ]);
    let output = brief(dir.path(), &["p/a", "q/a/b.txt", "r/b.txt", "-o", "all"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let all = briefs(&dir.path().join("all"));
    let pages: Vec<&str> = all.iter().map(|(page, _)| page.as_str()).collect();
    assert_eq!(pages, ["p/a/b.txt", "q/a/b.txt", "r/b.txt"]);
    for file in ["p/a/b.txt", "./q/a/b.txt", "r/b.txt"] {
        assert!(brief(dir.path(), &[file, "-o", "one"]).status.success());
    }
    assert_eq!(briefs(&dir.path().join("one")), all);
    let output = brief(dir.path(), &["p", "-o", "alone"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(briefs(&dir.path().join("alone"))[0].0, "a/b.txt");
}

#[test]
fn a_brief_of_another_file_is_never_replaced() {
    let dir = folder(&[("aa/1.txt", TEXT[0]), ("bb/1.txt", TEXT[1])]);
    let out = dir.path().join("out");
    for (folder, refused) in [("aa", false), ("bb", true), ("aa", false)] {
        for input in ["1.txt", "."] {
            let output = brief(&dir.path().join(folder), &[input, "-o", "../out"]);
            let code = i32::from(refused);
            assert_eq!(
                output.status.code(),
                Some(code),
                "{folder}: {}",
                stderr(&output)
            );
            assert_eq!(refused, stderr(&output).contains("1.txt"));
            assert!(briefs(&out)[0].1.contains("云州港"), "{folder}");
        }
    }
    // The same file with another text is the same page.
    fs::write(dir.path().join("aa/1.txt"), TEXT[2]).unwrap();
    assert!(
        brief(&dir.path().join("aa"), &["1.txt", "-o", "../out"])
            .status
            .success()
    );
    assert!(briefs(&out)[0].1.contains("石桥县"));
}

/// Random forests of paths: every page is briefed in its place, or named.
#[test]
fn no_page_of_any_forest_is_lost() {
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let names = [
        "a", "b", "a.txt", "b.md", "1.json", "..", "x y.txt", "页.txt", "A.txt",
    ];
    for _ in 0..12 {
        let dir = tempfile::tempdir().unwrap();
        let mut given = Vec::new();
        for page in 0..2 + random(5) {
            let path: Vec<&str> = (0..=random(3))
                .map(|_| names[random(names.len())])
                .collect();
            let text = format!("　　本报讯 第{page}号工程投资{}万元。\n", 100 + page);
            given.push((path.join("/"), text));
        }
        // A split file may give its pages any name.
        let records: Vec<String> = given
            .iter()
            .map(|(path, text)| record(path, text))
            .collect();
        fs::write(dir.path().join("pages.json"), records.join("\n")).unwrap();
        let output = brief(dir.path(), &["pages.json", "-o", "out"]);
        let run = fs::read(dir.path().join("out/run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        let entries = run["entries"].as_array().unwrap();
        assert_eq!(entries.len(), given.len(), "{given:?}\n{}", stderr(&output));
        for ((path, text), entry) in given.iter().zip(entries) {
            assert_eq!(entry["source"], *path);
            match entry["files"]["json"].as_str() {
                None => assert!(stderr(&output).contains(path.as_str()), "{path}"),
                Some(file) => {
                    let brief = fs::read(dir.path().join("out").join(file)).unwrap();
                    let brief: Value = serde_json::from_slice(&brief).unwrap();
                    let zh = brief["translation"][0]["zh"].as_str().unwrap();
                    assert!(text.contains(zh), "{path}: {zh}");
                }
            }
        }
        let failed = entries.iter().any(|e| e["status"] == "failed");
        assert_eq!(
            output.status.code(),
            Some(i32::from(failed)),
            "{}",
            stderr(&output)
        );
    }
}
