//! Corrections that last: through runs, through other programs, and through a kill.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;

fn kuaibao(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
    command
        .current_dir(dir)
        .env("HF_HUB_OFFLINE", "1")
        .env("USER", "lin")
        .stdin(Stdio::null());
    command
}

fn memory(dir: &Path, arguments: &[&str]) -> Output {
    kuaibao(dir).arg("memory").args(arguments).output().unwrap()
}

/// Briefs `in/` into `outputs/` with a model of random weights.
fn brief(dir: &Path) {
    let output = kuaibao(dir)
        .args(["brief", "--beam", "1", "--quiet", "--translator"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/marian-tiny"))
        .arg("in")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(path: PathBuf) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The first body sentence of a page's first article.
fn first(dir: &Path, page: &str) -> Value {
    let brief = json(dir.join("outputs").join(page).join("1.json"));
    let segments = brief["translation"].as_array().unwrap().clone();
    segments.into_iter().find(|s| s["role"] == "body").unwrap()
}

fn statuses(dir: &Path) -> Vec<(String, String)> {
    let run = json(dir.join("outputs/run.json"));
    let of = |work: &Value| {
        let text = |name: &str| work[name].as_str().unwrap().to_owned();
        (text("source"), text("status"))
    };
    let mut all: Vec<_> = run["timing"]["articles"]
        .as_array()
        .unwrap()
        .iter()
        .map(of)
        .collect();
    all.sort();
    all
}

const PAGES: [(&str, &str); 3] = [
    ("a.txt", "　　本报讯 云州港出口额同比增长5.2%。\n"),
    ("b.txt", "　　本报讯 云州港出口额同比增长6.1%。\n"),
    (
        "c.txt",
        "　　本报讯 青禾县新建公路32公里，惠及村民8000人。\n",
    ),
];
const EN: &str = "Exports through Yunzhou Port rose 5.2 percent from a year earlier.";

#[test]
fn a_correction_is_used_in_every_run_and_touches_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("in")).unwrap();
    for (name, text) in PAGES {
        fs::write(dir.join("in").join(name), text).unwrap();
    }
    brief(dir);
    assert_eq!(first(dir, "a.txt")["origin"], "model");
    let untouched = fs::read(dir.join("outputs/c.txt/1.json")).unwrap();

    stdout(&memory(dir, &["add", "云州港出口额同比增长5.2%。", EN]));
    brief(dir);
    let (a, b) = (first(dir, "a.txt"), first(dir, "b.txt"));
    assert_eq!((&a["en"], &a["origin"]), (&EN.into(), &"memory".into()));
    assert_eq!(b["en"], EN.replace("5.2", "6.1"));
    assert_eq!(b["origin"], "memory");
    assert_eq!(b["flags"].as_array().unwrap().len(), 0);
    assert_eq!(
        fs::read(dir.join("outputs/c.txt/1.json")).unwrap(),
        untouched
    );
    let did = |a: &str, b: &str, c: &str| {
        let pages = ["a.txt", "b.txt", "c.txt"].map(str::to_owned);
        let all = pages.into_iter().zip([a, b, c].map(str::to_owned));
        all.collect::<Vec<_>>()
    };
    assert_eq!(statuses(dir), did("written", "written", "skipped"));
    brief(dir);
    assert_eq!(statuses(dir), did("skipped", "skipped", "skipped"));

    // A term touches the pages that have it.
    stdout(&memory(dir, &["term", "青禾县", "Chinghe County"]));
    brief(dir);
    assert_eq!(statuses(dir), did("skipped", "skipped", "written"));

    // A correction of the correction; both stay on record.
    let better = "Exports at Yunzhou Port grew 5.2 percent.";
    stdout(&memory(dir, &["add", "云州港出口额同比增长5.2%。", better]));
    brief(dir);
    assert_eq!(first(dir, "a.txt")["en"], better);
    let all = stdout(&memory(dir, &["list", "--all", "--json"]));
    let all: Vec<Value> = all
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!((&all[0]["en"], &all[1]["en"]), (&EN.into(), &better.into()));
    assert_eq!(all[0]["who"], "lin");

    // Taken back, the model speaks again, and its page is as it was.
    stdout(&memory(dir, &["add", "云州港出口额同比增长5.2%。"]));
    brief(dir);
    assert_eq!(first(dir, "a.txt")["origin"], "model");
}

#[test]
fn a_memory_is_read_while_somebody_writes() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("in")).unwrap();
    fs::write(dir.join("in/a.txt"), PAGES[0].1).unwrap();
    stdout(&memory(dir, &["add", "云州港出口额同比增长5.2%。", EN]));
    let mut writer = kuaibao(dir)
        .args(["memory", "add", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = writer.stdin.take().unwrap();
    let mut kept = BufReader::new(writer.stdout.take().unwrap()).lines();
    writeln!(stdin, "甲。\tA.").unwrap();
    assert_eq!(kept.next().unwrap().unwrap(), "2");
    brief(dir);
    assert_eq!(first(dir, "a.txt")["origin"], "memory");
    writeln!(stdin, "乙。\tB.").unwrap();
    assert_eq!(kept.next().unwrap().unwrap(), "3");
    drop(stdin);
    assert!(writer.wait().unwrap().success());
}

/// What was said to be kept is kept, whatever moment the writer is killed at.
#[cfg(unix)]
#[test]
fn a_kill_loses_nothing_that_was_kept() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut acknowledged = 0;
    for round in 0..12 {
        let mut writer = kuaibao(dir)
            .args(["memory", "add", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = writer.stdin.take().unwrap();
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let feeder = thread::spawn(move || {
            for i in 0.. {
                // The killed writer no longer reads.
                if writeln!(stdin, "第{round}轮第{i}句。\tRound {round}, sentence {i}.").is_err()
                {
                    break;
                }
            }
        });
        let (said, first) = mpsc::channel();
        let counter = thread::spawn(move || {
            let lines = lines.map_while(Result::ok);
            lines.inspect(|_| said.send(()).unwrap_or_default()).last()
        });
        // However long the program takes to begin.
        first.recv().unwrap();
        thread::sleep(Duration::from_millis(37 * round));
        writer.kill().unwrap();
        writer.wait().unwrap();
        feeder.join().unwrap();
        if let Some(last) = counter.join().unwrap() {
            acknowledged = last.parse::<usize>().unwrap();
        }
        let held = stdout(&memory(dir, &["list", "--all", "--json"]));
        let held = held.lines().count();
        // One more may have been kept and not yet said.
        assert!(
            (acknowledged..=acknowledged + 1).contains(&held),
            "{acknowledged} {held}"
        );
        acknowledged = held;
    }
    assert!(acknowledged > 12, "{acknowledged}");
}

#[test]
fn what_is_no_memory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("outputs")).unwrap();
    fs::write(
        dir.join("outputs/memory.sqlite"),
        "本报讯 云州港昨日开港。".repeat(99),
    )
    .unwrap();
    let output = memory(dir, &["add", "甲。", "A."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("not a memory"),
        "{}",
        stderr(&output)
    );
    let output = memory(dir, &["list", "--memory", "none.sqlite"]);
    assert!(
        stderr(&output).contains("there is no memory"),
        "{}",
        stderr(&output)
    );
    assert!(!dir.join("none.sqlite").exists());
}

#[test]
fn tmx_goes_out_and_comes_in_again() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    stdout(&memory(dir, &["add", "甲<乙>&“丙”。", "A <B> & \"C\"."]));
    stdout(&memory(dir, &["term", "云湖港", "Port of Yunhu"]));
    let first = stdout(&memory(dir, &["export", "-"]));
    fs::write(dir.join("desk.tmx"), &first).unwrap();
    let said = stdout(&memory(
        dir,
        &["import", "desk.tmx", "--memory", "other.sqlite"],
    ));
    assert!(said.starts_with("1 corrections and 1 terms"), "{said}");
    let again = stdout(&memory(dir, &["export", "-", "--memory", "other.sqlite"]));
    assert_eq!(again, first);
}

/// A program of others reads what is written, and what it writes is read.
#[test]
fn tmx_is_what_others_mean_by_it() {
    let python = std::env::var("KUAIBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let toolkit = ["-c", "import translate.storage.tmx"];
    let there = Command::new(&python)
        .args(toolkit)
        .stderr(Stdio::null())
        .status();
    if !there.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no Python with translate-toolkit (KUAIBAO_PYTHON)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    stdout(&memory(
        dir,
        &["add", "甲<乙>&丙增长5.2%。", "A <B> & C rose 5.2%."],
    ));
    stdout(&memory(dir, &["export", "desk.tmx"]));
    let script = r#"
import sys
from translate.storage.tmx import tmxfile
store = tmxfile.parsefile("desk.tmx")
[unit] = store.units
assert (unit.source, unit.target) == ("甲<乙>&丙增长5.2%。", "A <B> & C rose 5.2%."), (unit.source, unit.target)
own = tmxfile(sourcelanguage="zh", targetlanguage="en")
own.addtranslation("云州港昨日开港。", "zh", "Yunzhou Port opened <yesterday>.", "en", "asked")
open("own.tmx", "wb").write(bytes(own))
"#;
    let output = Command::new(&python)
        .current_dir(dir)
        .args(["-c", script])
        .output()
        .unwrap();
    stdout(&output);
    stdout(&memory(dir, &["import", "own.tmx"]));
    let list = stdout(&memory(dir, &["list"]));
    assert!(
        list.contains("云州港昨日开港。\tYunzhou Port opened <yesterday>."),
        "{list}"
    );
}

/// What an editor wrote follows a name that is given later, where it says the name that was known before.
#[test]
fn a_correction_follows_a_later_name() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let kept = [
        (
            "市长王浩昨日到会。",
            "Mayor Wang Hao came yesterday; Wang spoke.",
        ),
        ("市长王浩要求落实。", "The mayor asked for it to be done."),
        ("国务院昨日开会。", "The State Council met yesterday."),
        (
            "记者王浩然昨日到会。",
            "Reporter Wang Haoran came yesterday.",
        ),
    ];
    for (zh, en) in kept {
        stdout(&memory(dir, &["add", zh, en]));
    }
    let said = stdout(&memory(dir, &["term", "王浩", "Wong Ho | Wang Hao"]));
    assert_eq!(said, "1 corrections call it so now\n");
    let said = stdout(&memory(dir, &["term", "国务院", "Cabinet"]));
    assert_eq!(said, "1 corrections call it so now\n");
    let list = stdout(&memory(dir, &["list", "--json"]));
    let lines = list
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    let all: Vec<(String, String)> = lines
        .filter(|line| line["zh"].is_string())
        .map(|line| {
            (
                line["zh"].to_string(),
                line["en"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let en = |zh: &str| {
        let zh = Value::from(zh).to_string();
        all.iter().find(|(own, _)| *own == zh).unwrap().1.as_str()
    };
    assert_eq!(en(kept[0].0), "Mayor Wong Ho came yesterday; Wong spoke.");
    assert_eq!(en(kept[1].0), kept[1].1);
    assert_eq!(en(kept[2].0), "The Cabinet met yesterday.");
    assert_eq!(en(kept[3].0), kept[3].1);
    // What was there before is on record still.
    let history = stdout(&memory(dir, &["list", "--all"]));
    assert!(history.contains(kept[0].1) && history.contains(kept[2].1));
}
