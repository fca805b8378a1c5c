//! Both languages: English into Chinese, and summaries in Chinese with their English, by small random models.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

const MODEL: &str = "tests/fixtures/families/marian-en-zh";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn kuaibao(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .args(args)
        .current_dir(root())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn expected() -> (Vec<String>, Vec<String>) {
    let bytes = fs::read(root().join(MODEL).join("translations.json")).unwrap();
    let told: Value = serde_json::from_slice(&bytes).unwrap();
    let rows = |name: &str| serde_json::from_value(told[name].clone()).unwrap();
    (rows("texts"), rows("translations"))
}

#[test]
fn english_comes_out_in_chinese_as_the_reference_writes_it() {
    let desk = Desk::new();
    let (texts, translations) = expected();
    let lines = desk.file("a.en", &(texts.join("\n") + "\n"));
    let translate = [
        "translate",
        "--to",
        "zh",
        "--quiet",
        "--precision",
        "f32",
        "--translator",
        MODEL,
    ];
    let (code, chinese, error) = kuaibao(&[&translate[..], &["--lines", "--raw", &lines]].concat());
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(chinese.lines().collect::<Vec<_>>(), translations);
    // The other script is asked for by the model's own code.
    let other = ["--lines", "--raw", "--target-lang", "cmn_Hant", &lines];
    let (code, other, error) = kuaibao(&[&translate[..], &other].concat());
    assert!(code == Some(0) && other != chinese, "{error}");

    // A line is a paragraph: its sentences one by one, joined without a space.
    let two = format!("{} {}", texts[1], texts[3]);
    let paragraph = desk.file("p.en", &two);
    let (_, joined, _) = kuaibao(&[&translate[..], &["--raw", &paragraph]].concat());
    assert_eq!(
        joined.trim_end(),
        format!("{}{}", translations[1], translations[3])
    );

    let (code, records, error) =
        kuaibao(&[&translate[..], &["--lines", "--json", &lines]].concat());
    assert_eq!(code, Some(0), "{error}");
    for (record, (en, zh)) in records.lines().zip(texts.iter().zip(&translations)) {
        let record: Value = serde_json::from_str(record).unwrap();
        assert_eq!(
            (record["en"].as_str(), record["zh"].as_str()),
            (Some(en.as_str()), Some(zh.as_str()))
        );
        assert!(record["ok"].is_boolean() && record["terms"].is_array());
    }
}

#[test]
fn a_model_that_does_not_write_chinese_is_refused() {
    let desk = Desk::new();
    let lines = desk.file("a.en", "The port opened.\n");
    let (code, _, error) = kuaibao(&["translate", "--to", "zh", &lines]);
    assert_eq!(code, Some(2));
    assert!(
        error.contains("opus-mt-en-zh") && error.contains("into Chinese"),
        "{error}"
    );
    assert!(!error.contains("opus-mt-zh-en"), "{error}");
}

#[test]
fn chinese_is_held_to_the_english_that_it_was_made_from() {
    let desk = Desk::new();
    let source = desk.file(
        "a.en",
        "Output rose to 9 billion yuan.\nOutput rose to 9 billion yuan.\nThe plant hired 250 workers.\n\
         Yunhu Port opened.\n",
    );
    let target = desk.file(
        "a.zh",
        "产值增至90亿元。\n产值增至900亿元。\n工厂招了工人。\n尹湖港开港。\n",
    );
    let glossary = desk.file("house.tsv", "云湖港\tYunhu Port\n");
    let files = [
        "check",
        "--to",
        "zh",
        "--source",
        &source,
        "--target",
        &target,
        "--glossary",
        &glossary,
    ];
    let (code, json, error) = kuaibao(&[&files[..], &["--json"]].concat());
    assert_eq!(code, Some(0), "{error}");
    let records: Vec<Value> = json
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let ok: Vec<bool> = records.iter().map(|r| r["ok"].as_bool().unwrap()).collect();
    assert_eq!(ok, [true, false, false, false], "{json}");
    assert!(
        records
            .iter()
            .all(|r| r["schema"] == "kuaibao.check/1" && r["to"] == "zh")
    );
    let wrong = &records[1]["wrong"][0];
    assert_eq!(
        (wrong["zh"].as_str(), wrong["expected"].as_str()),
        (Some("900亿元"), Some("90亿"))
    );
    assert_eq!(
        (wrong["en_value"].as_f64(), wrong["value"].as_f64()),
        (Some(9e9), Some(9e10))
    );
    assert_eq!(records[2]["missing"][0]["expected"], "250");
    assert_eq!(records[3]["terms"][0]["zh"], "云湖港");

    let (_, text, _) = kuaibao(&files);
    assert!(
        text.contains("10 times too large") && text.contains("4 lines, "),
        "{text}"
    );
    assert!(text.contains("“Yunhu Port” is to be 云湖港"), "{text}");
    // The glossary of English is another matter.
    let (code, _, error) = kuaibao(&[
        "check",
        "--source",
        &target,
        "--target",
        &source,
        "--glossary",
        &glossary,
    ]);
    assert!(code == Some(2) && error.contains("--to zh"), "{error}");
}

#[test]
fn translations_into_chinese_are_scored_by_characters() {
    let desk = Desk::new();
    let (texts, translations) = expected();
    let source = desk.file("a.en", &(texts.join("\n") + "\n"));
    let reference = desk.file("a.zh", &(translations.join("\n") + "\n"));
    let (code, report, error) = kuaibao(&[
        "eval",
        "--to",
        "zh",
        "--json",
        "--quiet",
        "--precision",
        "f32",
        "--source",
        &source,
        "--reference",
        &reference,
        "--model",
        MODEL,
        "--metrics",
        "bleu",
        "--resamples",
        "0",
        "--trials",
        "0",
    ]);
    assert_eq!(code, Some(0), "{error}");
    // What the reference writes is what the model writes now, cut as sacrebleu cuts Chinese.
    assert!(
        report.contains("tok:zh") && report.contains("100.0"),
        "{report}"
    );
}

const ARTICLE: &str = "云湖港新码头开港

　　本报讯（记者 何穗）7月14日，云湖港新码头开港，工程总投资90亿元。

　　新码头有两个泊位，没有占用渔港。云湖港负责人何润生说，航线将增加到18条。

　　当地渔民欢迎这一变化，也担心水质变差。县里承诺每年监测水质，并公布结果。
";

/// The brief of the article by this route, as JSON, Markdown and HTML.
fn brief(more: &[&str]) -> (Value, String, String) {
    let desk = Desk::new();
    let article = desk.file("a.txt", ARTICLE);
    let out = desk.0.path().join("out");
    let args = [
        "brief",
        &article,
        "-o",
        out.to_str().unwrap(),
        "--quiet",
        "--length",
        "short",
    ];
    let (code, _, error) = kuaibao(&[&args[..], more].concat());
    assert_eq!(code, Some(0), "{error}");
    let folder = walk(&out);
    let read = |end: &str| fs::read_to_string(folder.join(format!("1.{end}"))).unwrap();
    (
        serde_json::from_str(&read("json")).unwrap(),
        read("md"),
        read("html"),
    )
}

/// The folder of the only page.
fn walk(folder: &Path) -> PathBuf {
    if folder.join("1.json").is_file() {
        return folder.to_owned();
    }
    let mut below = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    walk(&below.find(|path| path.is_dir()).unwrap())
}

#[test]
fn a_summary_written_in_chinese_is_had_in_both_languages() {
    let summarizer = "tests/fixtures/families/bart-zh";
    let route = ["--summary", "native", "--precision", "f32"];
    let (written, markdown, html) = brief(&[&route[..], &["--summarizer", summarizer]].concat());
    assert_eq!(written["signature"]["route"], "native");
    let sentences = written["summary"].as_array().unwrap();
    let by_model: Vec<&Value> = sentences
        .iter()
        .filter(|s| s["zh_origin"] == "model")
        .collect();
    assert!(!by_model.is_empty(), "{written:#}");
    for sentence in sentences {
        let (zh, en) = (
            sentence["zh"].as_str().unwrap(),
            sentence["en"].as_str().unwrap(),
        );
        assert!(!zh.is_empty() && !en.is_empty());
        // Markdown escapes, and this Chinese has nothing to escape but what a random model makes up.
        let plain = |c: char| !c.is_ascii_punctuation();
        if zh.chars().all(plain) {
            assert!(markdown.contains(&format!("> {zh}\n")), "{markdown}");
            assert!(html.contains(&format!("<p class=\"zh\" lang=\"zh\">{zh}</p>")));
        }
    }
    // What the model made up is no part of the article, and that is said.
    for sentence in by_model {
        assert_ne!(sentence["flags"].as_array().unwrap().len(), 0, "{sentence}");
    }

    // Without a summarizer the article's own sentences are the Chinese.
    let (extract, markdown, html) = brief(&route);
    assert_eq!(extract["signature"]["route"], "extract");
    for sentence in extract["summary"].as_array().unwrap() {
        assert_eq!(sentence["zh_origin"], "source");
        let zh = sentence["zh"].as_str().unwrap();
        assert!(ARTICLE.replace(['\n', '\u{3000}'], "").contains(zh));
        assert!(markdown.contains(&format!("> {zh}\n")));
        assert!(html.contains(&format!("<p class=\"zh\" lang=\"zh\">{zh}</p>")));
    }
}
