//! The examples for engines, each run as its README says; and kills in mid-run.
//!
//! Ray and Spark want Python 3 and gigabytes of packages (and Java for Spark), which no test fetches
//! unasked: `KUAIBAO_VENVS=FOLDER` names where their environments lie, or are to be made. Without it
//! their tests skip, saying so.

#![cfg(target_os = "linux")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::tree;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env("KUAIBAO", env!("CARGO_BIN_EXE_kuaibao"))
        .env("KUAIBAO_MODELS", root().join("models"))
        .env("HF_HUB_OFFLINE", "1")
        .stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}

fn runs(program: &str) -> bool {
    let version = Command::new(program)
        .arg(if program == "java" {
            "-version"
        } else {
            "--version"
        })
        .output();
    version.is_ok_and(|output| output.status.success())
}

/// The reason why an engine cannot be had here, once its environment was asked for.
fn absent(engine: &str) -> Option<String> {
    if std::env::var_os("KUAIBAO_VENVS").is_none() {
        return Some("KUAIBAO_VENVS does not say where its environment may lie".to_owned());
    }
    if !runs("python3") {
        return Some("Python 3 is absent".to_owned());
    }
    if engine == "spark" && !runs("java") {
        return Some("Java is absent".to_owned());
    }
    let help = command(root().join("examples/run"))
        .args([engine, "--help"])
        .output()
        .unwrap();
    (!help.status.success()).then(|| format!("its packages cannot be had: {}", said(&help)))
}

#[test]
fn the_process_under_the_engines_may_die_at_any_moment() {
    if !runs("python3") {
        eprintln!("skipped: Python 3 is absent");
        return;
    }
    let test = root().join("examples/python/test_kuaibao_jsonl.py");
    let output = command("python3").arg("-B").arg(test).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("OK"), "{}", said(&output));
}

fn survives_kills(engine: &str) {
    if let Some(why) = absent(engine) {
        eprintln!("skipped: {engine}: {why}");
        return;
    }
    let output = command(root().join("examples/kill_test.py"))
        .args([engine, "2000"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let said = said(&output);
    assert!(said.contains("2000 briefs, each once"), "{said}");
}

#[test]
fn ray_loses_nothing_when_a_process_and_an_actor_are_killed() {
    survives_kills("ray");
}

#[test]
fn spark_loses_nothing_when_a_process_and_a_worker_are_killed() {
    survives_kills("spark");
}

/// Parquet, JSON Lines and a folder at once become briefs, figures and people; what failed is named.
fn reads_every_kind(engine: &str) {
    if let Some(why) = absent(engine) {
        eprintln!("skipped: {engine}: {why}");
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let path = |name: &str| work.path().join(name);
    let venv = PathBuf::from(std::env::var_os("KUAIBAO_VENVS").unwrap()).join(engine);
    let python = |script: &str| {
        let mut python = Command::new(venv.join("bin/python"));
        let output = python
            .args(["-c", script])
            .arg(work.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    python(
        "import pyarrow as pa, pyarrow.parquet as pq, sys\n\
         text = '县交通局局长周文远说，今年新修公路300公里。'\n\
         table = pa.table({'id': [1, 2], 'text': [text] * 2, 'title': [None, '修路'], 'other': [3, 4]})\n\
         pq.write_table(table, sys.argv[1] + '/articles.parquet', compression='zstd')",
    );
    let id = "12345678901234567890123";
    let lines = format!("{{\"id\": {id}, \"text\": \"路通了。\"}}\n{{\"id\": \"bad\"}}\n");
    fs::write(path("news.jsonl"), lines).unwrap();
    let inputs = pages(3);
    let output = command(root().join("examples/run"))
        .arg(engine)
        .args([
            path("articles.parquet"),
            path("news.jsonl"),
            inputs.path().to_owned(),
        ])
        .arg("-o")
        .arg(path("out"))
        .args(["--beam", "1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let said = said(&output);
    assert!(
        said.contains("6 briefs, 2 failed") && said.contains("bad.pdf: "),
        "{said}"
    );
    let tables = python(
        "import json, pyarrow.parquet as pq, sys\n\
         read = lambda name: pq.read_table(sys.argv[1] + '/out/' + name).to_pylist()\n\
         print(json.dumps([read(name) for name in ('briefs', 'figures', 'people')]))",
    );
    let tables: Vec<Vec<Value>> = serde_json::from_str(&tables).unwrap();
    let [briefs, figures, people] = &tables[..] else {
        panic!("{tables:?}")
    };
    let ids = |rows: &[Value]| {
        let mut ids: Vec<String> = rows
            .iter()
            .map(|r| r["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids.dedup();
        ids
    };
    // The number is written as it was, whatever its size.
    let all = [
        "1",
        "1/1.txt#1",
        id,
        "2",
        "2/2.txt#1",
        "3/3.txt#1",
        "bad",
        "bad.pdf",
    ];
    assert_eq!(ids(briefs), all);
    let failed: Vec<&Value> = briefs.iter().filter(|b| !b["error"].is_null()).collect();
    assert_eq!(failed.len(), 2, "{failed:?}");
    let titled = briefs.iter().find(|b| b["id"] == "2").unwrap();
    assert_eq!(titled["headline_zh"], "修路");
    assert_eq!(
        ids(figures),
        ["1", "1/1.txt#1", "2", "2/2.txt#1", "3/3.txt#1"]
    );
    assert!(
        figures
            .iter()
            .any(|f| f["id"] == "1" && f["zh"] == "300公里" && f["value"] == 300.0)
    );
    assert!(
        people
            .iter()
            .any(|p| p["id"] == "2" && p["en"] == "Zhou Wenyuan"),
        "{people:?}"
    );
}

#[test]
fn ray_reads_every_kind_of_input() {
    reads_every_kind("ray");
}

#[test]
fn spark_reads_every_kind_of_input() {
    reads_every_kind("spark");
}

/// A folder of pages, one of which cannot be read.
fn pages(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for i in 1..=count {
        let page = folder.path().join(format!("{}/{i}.txt", i % 5));
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        let text =
            format!("青河县新修公路\n\n　　周文远说，今年新修公路{i}公里，总投资{i}万元。\n");
        fs::write(page, text).unwrap();
    }
    fs::write(folder.path().join("bad.pdf"), "no PDF").unwrap();
    folder
}

#[test]
fn a_slurm_array_gives_what_one_process_gives_although_one_is_killed() {
    const PAGES: usize = 60;
    let inputs = pages(PAGES);
    let work = tempfile::tempdir().unwrap();
    let path = |name: &str| work.path().join(name);
    let flags = ["--beam", "1", "--quiet"];
    let alone = command(env!("CARGO_BIN_EXE_kuaibao"))
        .arg("brief")
        .arg(inputs.path())
        .arg("-o")
        .arg(path("alone"))
        .args(flags)
        .output()
        .unwrap();
    assert_eq!(alone.status.code(), Some(1), "{}", said(&alone));

    // Each process writes its number down before it becomes the program.
    fs::create_dir(path("slurm")).unwrap();
    let noted = path("kuaibao");
    let script = format!(
        "#!/bin/sh\necho $$ >> {}\nexec {} \"$@\"\n",
        path("pids").display(),
        env!("CARGO_BIN_EXE_kuaibao")
    );
    fs::write(&noted, script).unwrap();
    Command::new("chmod")
        .arg("+x")
        .arg(&noted)
        .status()
        .unwrap();
    let stub = root().join("tests/examples");
    let search = format!("{}:{}", stub.display(), std::env::var("PATH").unwrap());
    let run = |out: &Path| {
        let mut command = command(root().join("examples/run"));
        command
            .arg("slurm")
            .arg(inputs.path())
            .arg("-o")
            .arg(out)
            .args(flags)
            .env("KUAIBAO", &noted)
            .env("PATH", &search)
            .env("STUB_SLURM", path("slurm"))
            .env("SHARDS", "3")
            .env("CORES", "1");
        command
    };
    let array = run(&path("array"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pids = || fs::read_to_string(path("pids")).unwrap_or_default();
    let started = Instant::now();
    while pids().lines().count() < 3 {
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "no shards were started"
        );
        thread::sleep(Duration::from_millis(20));
    }
    // In mid-run: some briefs are there, and not all.
    let briefs = || {
        tree(&path("array"))
            .keys()
            .filter(|p| p.ends_with("1.json"))
            .count()
    };
    while !path("array").is_dir() || briefs() < 3 {
        assert!(started.elapsed() < Duration::from_mins(1), "no briefs");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(briefs() < PAGES, "too late for a kill");
    let first = pids().lines().next().unwrap().to_owned();
    assert!(
        Command::new("kill")
            .args(["-9", &first])
            .status()
            .unwrap()
            .success()
    );
    let array = array.wait_with_output().unwrap();
    // The page that cannot be read is in the whole's record too.
    assert_eq!(array.status.code(), Some(1), "{}", said(&array));
    // Three shards, one of them twice, and the merge.
    assert_eq!(pids().lines().count(), 5);

    let (alone, array) = (tree(&path("alone")), tree(&path("array")));
    assert_eq!(
        alone.keys().collect::<Vec<_>>(),
        array.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &alone {
        assert!(*bytes == array[name], "{} differs", name.display());
    }
}
