//! `kuaibao brief --shard` and `kuaibao merge`: shares of one run that cannot hurt each other.

mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use kuaibao::report::{OutputLock, Shard};
use support::{random_model, stderr, tree};

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
    command
        .env("HF_HUB_OFFLINE", "1")
        .args(args)
        .stdin(Stdio::null());
    command
}

/// `kuaibao brief`, by a model of random weights.
fn brief(inputs: &Path, out: &Path, flags: &[&str]) -> Command {
    let mut command = command(&["brief", "--beam", "1", "--workers", "1", "--translator"]);
    command
        .arg(random_model())
        .arg(inputs)
        .arg("-o")
        .arg(out)
        .args(flags);
    command
}

fn merge(out: &Path) -> Output {
    command(&["merge"]).arg(out).output().unwrap()
}

fn pages(count: usize) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..count {
        let page = dir.path().join(format!("{}/{i}.txt", i % 3));
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        fs::write(page, format!("青河县今年新修公路{i}公里。\n")).unwrap();
    }
    dir
}

#[test]
fn shards_side_by_side_are_one_run() {
    // Three pages for four shards: some have nothing to do.
    for (count, shards) in [(24, 2), (3, 4)] {
        let inputs = pages(count);
        let work = tempfile::tempdir().unwrap();
        let (whole, parts) = (work.path().join("whole"), work.path().join("parts"));
        assert!(
            brief(inputs.path(), &whole, &[])
                .status()
                .unwrap()
                .success()
        );

        let shares = (1..=shards).map(|i| format!("{i}/{shards}"));
        let running: Vec<_> = shares
            .map(|share| {
                brief(inputs.path(), &parts, &["--shard", &share])
                    .spawn()
                    .unwrap()
            })
            .collect();
        for mut shard in running {
            assert!(shard.wait().unwrap().success());
        }
        assert!(!parts.join("index.html").exists());
        let merged = merge(&parts);
        assert!(merged.status.success(), "{}", stderr(&merged));
        assert!(stderr(&merged).contains(&format!("{count} articles; open ")));
        assert!(tree(&parts) == tree(&whole), "{:?}", tree(&parts).keys());
        // Once more changes nothing.
        assert!(merge(&parts).status.success());
        assert!(tree(&parts) == tree(&whole));
    }
}

#[test]
fn shards_that_make_no_whole_are_refused_by_name() {
    let inputs = pages(6);
    let work = tempfile::tempdir().unwrap();
    let out = work.path().join("out");
    let refused = |output: Output, why: &str| {
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(why), "{}", stderr(&output));
    };
    refused(merge(&out), "no such folder");
    fs::create_dir(&out).unwrap();
    refused(merge(&out), "no shard has left a record");
    let run = |flags: &[&str]| brief(inputs.path(), &out, flags).output().unwrap();
    for wrong in ["0/2", "3/2", "2", "a/b"] {
        refused(run(&["--shard", wrong]), "expected I/N");
    }
    assert!(run(&["--shard", "2/3"]).status.success());
    refused(
        merge(&out),
        "shard 1/3 has no record: run it (and 1 more), then merge again",
    );
    assert!(run(&["--shard", "1/3"]).status.success());
    refused(
        merge(&out),
        "shard 3/3 has no record: run it, then merge again",
    );
    assert!(
        run(&["--shard", "3/3", "--date", "2026-07-14"])
            .status
            .success()
    );
    refused(merge(&out), "other settings");
    assert!(run(&["--shard", "3/3"]).status.success());
    assert!(merge(&out).status.success());
}

#[test]
fn two_of_one_number_or_of_another_count_do_not_run_at_once() {
    let inputs = pages(4);
    let work = tempfile::tempdir().unwrap();
    let out = work.path().join("out");
    let shard: Shard = "1/2".parse().unwrap();
    let held = OutputLock::acquire(&out, Some(shard)).unwrap();
    let code = |flags: &[&str]| brief(inputs.path(), &out, flags).status().unwrap().code();
    assert_eq!(code(&["--shard", "1/2"]), Some(2));
    assert_eq!(code(&["--shard", "1/3"]), Some(2));
    assert_eq!(code(&[]), Some(2));
    assert_eq!(merge(&out).status.code(), Some(2));
    assert_eq!(code(&["--shard", "2/2"]), Some(0));
    drop(held);
    assert_eq!(code(&["--shard", "1/2"]), Some(0));
    assert!(merge(&out).status.success());
}

#[test]
fn an_index_of_nothing_is_not_recommended() {
    let inputs = tempfile::tempdir().unwrap();
    fs::write(inputs.path().join("bad.pdf"), "no PDF").unwrap();
    let out = inputs.path().join("out");
    assert_eq!(
        brief(inputs.path(), &out, &["--shard", "1/1"])
            .status()
            .unwrap()
            .code(),
        Some(1)
    );
    let merged = merge(&out);
    assert_eq!(merged.status.code(), Some(1));
    assert!(
        stderr(&merged).contains("0 articles, 1 failed"),
        "{}",
        stderr(&merged)
    );
    assert!(!stderr(&merged).contains("open "), "{}", stderr(&merged));
}
