//! What every command does with its inputs, and that each does the same: one driver reads them.

mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use support::{feed, folder, random_model, stderr, stdout};

const ARTICLE: &str = "\
青河县今年新修公路三百公里

　　本报讯 （记者 何穗）7月14日，青河县交通局局长周文远介绍，今年全县新修公路300公里，总投资2.4亿元，比去年增长15%。
";

/// A command that runs in `dir` and translates, where it does, without sense.
fn kuaibao(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
    command
        .current_dir(dir)
        .env("HF_HUB_OFFLINE", "1")
        .env(
            "KUAIBAO_MODELS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/models"),
        )
        .stdin(Stdio::null())
        .args(arguments);
    if ["brief", "translate"].contains(&arguments[0]) {
        command
            .args(["--beam", "1", "--quiet", "--translator"])
            .arg(random_model());
    }
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    kuaibao(dir, arguments).output().unwrap()
}

fn run_with(dir: &Path, arguments: &[&str], stdin: &[u8]) -> Output {
    feed(&mut kuaibao(dir, arguments), stdin)
}

/// The commands that read articles.
const COMMANDS: [&[&str]; 4] = [&["brief"], &["translate"], &["figures"], &["split"]];

#[test]
fn every_command_reads_standard_input() {
    let dir = folder(&[]);
    for command in COMMANDS {
        let output = run_with(dir.path(), &[command, &["-"]].concat(), ARTICLE.as_bytes());
        assert!(output.status.success(), "{command:?}: {}", stderr(&output));
    }
    let brief = fs::read(dir.path().join("outputs/stdin.txt/1.json")).unwrap();
    let brief: Value = serde_json::from_slice(&brief).unwrap();
    assert_eq!(brief["source"], "stdin.txt");
}

#[test]
fn every_command_tells_a_bad_file_in_the_same_words_and_does_the_rest() {
    let dir = folder(&[
        ("a.txt", ARTICLE.as_bytes()),
        ("bad.txt", &[0x7f, b'E', b'L', b'F', 0, 0, 1, 2, 0xff, 0xfe]),
        ("empty.txt", b" \n"),
        ("large.txt", &[b'a'; 2000]),
        ("mail.msg", b"5L2g5aW9"),
        ("z.txt", ARTICLE.as_bytes()),
    ]);
    let files = [
        "a.txt",
        "bad.txt",
        "empty.txt",
        "large.txt",
        "mail.msg",
        "z.txt",
    ];
    let limit = ["--max-bytes", "1000"];
    let mut said = Vec::new();
    for command in COMMANDS {
        let output = run(dir.path(), &[command, &files, &limit].concat());
        assert_eq!(
            output.status.code(),
            Some(1),
            "{command:?}: {}",
            stderr(&output)
        );
        let mut lines: Vec<String> = stderr(&output).lines().map(str::to_owned).collect();
        lines.sort();
        let once = |name: &str| lines.iter().filter(|l| l.contains(name)).count();
        for name in ["bad.txt", "large.txt", "mail.msg"] {
            assert_eq!(once(name), 1, "{command:?}: {name} in {lines:?}");
        }
        // A page without an article can be looked at, and that is all.
        lines.retain(|line| !line.contains("empty.txt") && !line.contains(" of 6 failed"));
        said.push(lines);
        if command != ["brief"] {
            let name = "300公里";
            let times = match command {
                ["translate"] => stdout(&output).matches("\n\n").count() >= 2,
                _ => stdout(&output).matches(name).count() >= 2,
            };
            assert!(times, "{command:?}: {}", stdout(&output));
        }
    }
    for other in &said[1..] {
        assert_eq!(other, &said[0]);
    }
    for page in ["a.txt", "z.txt"] {
        assert!(
            dir.path()
                .join("outputs")
                .join(page)
                .join("1.json")
                .is_file()
        );
    }
}

#[test]
fn the_largest_limit_is_no_limit() {
    let dir = folder(&[("a.txt", ARTICLE.as_bytes())]);
    for command in COMMANDS {
        for input in ["a.txt", "-"] {
            let limit = ["--max-bytes", "18446744073709551615", input];
            let output = run_with(dir.path(), &[command, &limit].concat(), ARTICLE.as_bytes());
            assert!(
                output.status.success(),
                "{command:?} {input}: {}",
                stderr(&output)
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn a_bad_byte_costs_the_page_or_with_lossy_that_byte() {
    let at = ARTICLE.find("新修").unwrap();
    let bad = [
        &ARTICLE.as_bytes()[..at],
        b"\xe6\xff",
        &ARTICLE.as_bytes()[at..],
    ]
    .concat();
    let dir = folder(&[("bad.txt", &bad)]);
    let strict = run(dir.path(), &["split", "--json", "bad.txt"]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(stderr(&strict).contains("--lossy"), "{}", stderr(&strict));
    let lossy = run(dir.path(), &["split", "--json", "--lossy", "bad.txt"]);
    assert_eq!(lossy.status.code(), Some(0));
    let page: Value = serde_json::from_str(&stdout(&lossy)).unwrap();
    assert_eq!(
        page["articles"][0]["headline"],
        "青河县今年新修公路三百公里"
    );
    let dropped = page["dropped"].as_array().unwrap();
    assert_eq!(dropped.iter().filter(|d| d["reason"] == "lossy").count(), 2);
}

#[test]
fn an_endless_input_is_refused() {
    let dir = folder(&[("en.txt", b"One.\n")]);
    let limit = ["--max-bytes", "100000"];
    let mut commands: Vec<Vec<&str>> = COMMANDS
        .iter()
        .map(|command| [command, &["/dev/zero"][..], &limit].concat())
        .collect();
    commands.push([&["translate", "--lines", "/dev/zero"][..], &limit].concat());
    let check = ["check", "--source", "/dev/zero", "--target", "en.txt"];
    commands.push([&check[..], &limit].concat());
    for command in commands {
        let output = run(dir.path(), &command);
        let code = if command[0] == "check" { 2 } else { 1 };
        assert_eq!(
            output.status.code(),
            Some(code),
            "{command:?}: {}",
            stderr(&output)
        );
        let said = stderr(&output);
        assert!(
            said.contains("/dev/zero") && said.contains("100000 bytes"),
            "{said}"
        );
    }
}

#[test]
fn every_command_reads_what_split_wrote() {
    let dir = folder(&[("page.txt", ARTICLE.as_bytes())]);
    let record = stdout(&run(dir.path(), &["split", "--json", "page.txt"]));
    fs::write(dir.path().join("page.json"), &record).unwrap();
    assert_eq!(
        stdout(&run(dir.path(), &["split", "--json", "page.json"])),
        record
    );
    let of = |command: &[&str], file| stdout(&run(dir.path(), &[command, &[file]].concat()));
    let english = of(&["translate"], "page.json");
    assert_eq!(english, of(&["translate"], "page.txt"));
    let zh = |file| -> Vec<String> {
        let records = of(&["figures", "--json"], file);
        let records = records
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        records.map(|record| record["zh"].to_string()).collect()
    };
    assert_eq!(zh("page.json"), zh("page.txt"));
    assert!(!zh("page.txt").is_empty());
}

#[test]
fn what_cannot_be_asked_for_is_said_before_anything_is_loaded() {
    let dir = folder(&[
        ("a.txt", ARTICLE.as_bytes()),
        ("in/b.txt", ARTICLE.as_bytes()),
    ]);
    let cases: [(&[&str], &str); 4] = [
        (&["brief", "a.txt", "--encoding", "utf-9"], "gb18030"),
        (&["figures", "a.txt", "--date", "today"], "2026-07-14"),
        (&["translate", "in"], "kuaibao brief"),
        (&["translate", "a.txt", "no.txt"], "no.txt"),
    ];
    for (arguments, said) in cases {
        let output = run(dir.path(), arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn every_file_of_a_folder_is_done_failed_or_left_out() {
    let dir = folder(&[
        ("in/a.txt", ARTICLE.as_bytes()),
        ("in/README.md", b"About."),
        ("in/mail.msg", b"5L2g5aW9"),
        ("in/plain", ARTICLE.as_bytes()),
        ("in/sheet.csv", b"a,b"),
        ("in/.hidden.txt", b"x"),
        ("in/broken.docx", b"PK"),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("gone.txt", dir.path().join("in/link.txt")).unwrap();
    let output = run(dir.path(), &["brief", "in", "-o", "out"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let record = fs::read(dir.path().join("out/run.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    let left_out = record["left_out"].as_array().unwrap();
    let path = |entry: &Value| entry["path"].as_str().unwrap().to_owned();
    let mut paths: Vec<String> = left_out.iter().map(path).collect();
    let entries = record["entries"].as_array().unwrap().iter();
    paths.extend(entries.map(|e| e["source"].as_str().unwrap().to_owned()));
    paths.sort();
    let files = fs::read_dir(dir.path().join("in")).unwrap();
    let mut files: Vec<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(paths, files);
    let index = fs::read_to_string(dir.path().join("out/index.html")).unwrap();
    for entry in left_out {
        assert!(!entry["reason"].as_str().unwrap().is_empty());
        assert!(index.contains(&path(entry)), "{entry}");
    }
    for name in ["mail.msg", "plain", "sheet.csv"] {
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
}

#[test]
fn an_output_that_is_an_input_is_refused() {
    let dir = folder(&[("a.txt", ARTICLE.as_bytes()), ("en.txt", b"One road.\n")]);
    let cases: [&[&str]; 3] = [
        &["translate", "a.txt", "-o", "a.txt"],
        &["translate", "a.txt", "-o", "./a.txt"],
        &[
            "eval",
            "--reference",
            "en.txt",
            "--system",
            "x=en.txt",
            "--html",
            "en.txt",
        ],
    ];
    for case in cases {
        let output = run(dir.path(), case);
        assert!(!output.status.success(), "{case:?}");
        assert_eq!(
            fs::read(dir.path().join("a.txt")).unwrap(),
            ARTICLE.as_bytes()
        );
        assert_eq!(fs::read(dir.path().join("en.txt")).unwrap(), b"One road.\n");
    }
}

#[test]
fn an_output_file_is_replaced_when_its_input_is_good_and_not_before() {
    let dir = folder(&[
        ("bad.txt", &[0, 1, 2]),
        ("a.txt", ARTICLE.as_bytes()),
        ("out", b"old"),
    ]);
    let out = dir.path().join("out");
    let output = run(dir.path(), &["translate", "bad.txt", "-o", "out"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read(&out).unwrap(), b"old");
    assert!(
        run(dir.path(), &["translate", "a.txt", "-o", "out"])
            .status
            .success()
    );
    assert_ne!(fs::read(&out).unwrap(), b"old");
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        3,
        "nothing else is left"
    );
}

/// Traditional characters and entities go the same way through every door.
#[test]
fn lines_scores_and_articles_are_translated_alike() {
    let dir = folder(&[
        ("zh.txt", "青河縣今年新修公路300公里。\n".as_bytes()),
        ("simple.txt", "青河县今年新修公路300公里。\n".as_bytes()),
    ]);
    let lines = |file| stdout(&run(dir.path(), &["translate", "--lines", file]));
    let english = lines("zh.txt");
    assert_eq!(english, lines("simple.txt"));
    fs::write(dir.path().join("en.txt"), &english).unwrap();
    let mut command = kuaibao(dir.path(), &["eval", "--source", "zh.txt"]);
    let command = command
        .args([
            "--reference",
            "en.txt",
            "--metrics",
            "ter",
            "--beam",
            "1",
            "--quiet",
            "--json",
        ])
        .arg("--model")
        .arg(random_model());
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        report["systems"][0]["scores"][0]["score"], 0.0,
        "{report:#}"
    );
}

#[test]
fn verbose_says_what_is_done_and_silence_is_the_rule() {
    let dir = folder(&[("a.txt", ARTICLE.as_bytes())]);
    let output = run(dir.path(), &["split", "a.txt"]);
    assert_eq!(stderr(&output), "");
    for flag in ["-v", "--verbose"] {
        let output = run(dir.path(), &["split", "a.txt", flag]);
        assert!(stderr(&output).contains("a.txt"), "{}", stderr(&output));
    }
}
