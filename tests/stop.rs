//! Runs that are stopped: soon, with everything that was done.

#![cfg(unix)]

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// `kuaibao brief`.
fn brief(inputs: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
    command
        .env(
            "KUAIBAO_MODELS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/models"),
        )
        .env("HF_HUB_OFFLINE", "1")
        .args(["brief", "--quiet", "-o"])
        .arg(out)
        .arg(inputs)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([name, &pid])
            .status()
            .unwrap()
            .success()
    );
}

fn run_record(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("run.json")).unwrap()).unwrap()
}

fn wait_for(what: &dyn Fn() -> bool) {
    let since = Instant::now();
    while !what() {
        assert!(since.elapsed() < Duration::from_mins(1), "it never came");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn ctrl_c_and_term_are_obeyed_within_a_page() {
    let dir = tempfile::tempdir().unwrap();
    let inputs = dir.path().join("in");
    fs::create_dir(&inputs).unwrap();
    fs::write(inputs.join("a.txt"), "　　本报讯 云州港昨日开港。\n").unwrap();
    let paragraph = |i| format!("　　第{i}号工程今年完成投资{i}万元，沿线村民出行更方便了。\n\n");
    let long: Vec<String> = (100..4000).map(paragraph).collect();
    fs::write(inputs.join("b.txt"), long.concat()).unwrap();
    for name in ["-INT", "-TERM"] {
        let out = dir.path().join(name);
        let mut child = brief(&inputs, &out).args(["--beam", "8"]).spawn().unwrap();
        wait_for(&|| out.join("a.txt/1.json").exists());
        thread::sleep(Duration::from_millis(300));
        assert!(
            child.try_wait().unwrap().is_none(),
            "the long page is under way"
        );
        signal(&child, name);
        let since = Instant::now();
        let status = child.wait().unwrap();
        assert!(
            since.elapsed() < Duration::from_secs(2),
            "{name}: {:?}",
            since.elapsed()
        );
        assert_eq!(status.code(), Some(130), "{name}");
        let record = run_record(&out);
        let states: Vec<&str> = record["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["status"].as_str().unwrap())
            .collect();
        assert_eq!(states, ["done", "pending"], "{name}");
        assert!(!out.join("b.txt/1.json").exists());
    }
}

#[test]
fn a_killed_run_has_every_source_on_record() {
    let dir = tempfile::tempdir().unwrap();
    let inputs = dir.path().join("in");
    fs::create_dir(&inputs).unwrap();
    for i in 0..20 {
        let text = format!("　　本报讯 云州港{i}号泊位昨日开港。\n");
        fs::write(inputs.join(format!("{i:02}.txt")), text).unwrap();
    }
    let out = dir.path().join("out");
    let mut child = brief(&inputs, &out).args(["--beam", "8"]).spawn().unwrap();
    wait_for(&|| out.join("run.json").exists());
    signal(&child, "-KILL");
    child.wait().unwrap();
    assert_eq!(run_record(&out)["entries"].as_array().unwrap().len(), 20);
}

/// A disk that fills up: what was done is whole, and the record names the rest.
#[test]
fn a_full_disk_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let disk = dir.path().join("disk");
    let inputs = dir.path().join("in");
    fs::create_dir(&disk).unwrap();
    fs::create_dir(&inputs).unwrap();
    for i in 0..60 {
        let paragraph = format!("　　云州港{i}号泊位昨日开港，总投资{i}亿元，比去年增长15%。\n\n");
        let text = format!("　　本报讯 云州港昨日开港。\n\n{}", paragraph.repeat(8));
        fs::write(inputs.join(format!("{i:02}.txt")), text).unwrap();
    }
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
        .arg(&disk)
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("skipped: a small disk cannot be mounted here");
        return;
    }
    let out = disk.join("out");
    let status = brief(&inputs, &out).args(["--beam", "1"]).status();
    let record = fs::read(out.join("run.json"));
    let whole = |i: usize| {
        let bytes = fs::read(out.join(format!("{i:02}.txt/1.json"))).ok()?;
        Some(serde_json::from_slice::<Value>(&bytes).is_ok())
    };
    let there: Vec<Option<bool>> = (0..60).map(whole).collect();
    assert!(
        Command::new("umount")
            .arg(&disk)
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(status.unwrap().code(), Some(1));
    let record: Value = serde_json::from_slice(&record.unwrap()).unwrap();
    let entries = record["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 60);
    for (entry, there) in entries.iter().zip(there) {
        let done = entry["status"] == "done";
        assert!(
            done || entry["error"].as_str().unwrap().contains("disk"),
            "{entry}"
        );
        assert!(!done || there == Some(true), "{entry}");
        assert_ne!(there, Some(false));
    }
    assert!(entries.iter().any(|e| e["status"] == "done"));
    assert!(entries.iter().any(|e| e["status"] == "failed"));
}
