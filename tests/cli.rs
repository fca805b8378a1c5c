//! The program as an editor runs it: whole runs of the binary on temporary folders.

#[path = "cli/routes.rs"]
mod routes;
mod support;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use support::{feed, folder, json, stderr, tree};

const ARTICLE: &str = "\
青河县今年新修公路三百公里

　　本报讯 （记者 何穗）7月14日，青河县交通局局长周文远介绍，今年全县新修公路300公里，总投资2.4亿元，比去年增长15%。

　　周文远说：“路通了，山里的茶叶当天就能运到城里。”
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn kuaibao() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
    command
        .env("KUAIBAO_MODELS", root().join("models"))
        .env("HF_HUB_OFFLINE", "1")
        .stdin(Stdio::null());
    command
}

/// `kuaibao brief`, greedy, into `out`.
fn brief(out: &Path) -> Command {
    let mut command = kuaibao();
    command
        .args(["brief", "--beam", "1", "--quiet", "-o"])
        .arg(out);
    command
}

#[test]
fn a_folder_becomes_briefs_and_a_second_run_does_nothing() {
    let inputs = folder(&[
        ("a/one.txt", ARTICLE.as_bytes()),
        ("README.md", b"not an article"),
    ]);
    let out = tempfile::tempdir().unwrap();
    let output = brief(out.path()).arg(inputs.path()).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(output.stdout.is_empty());

    let page = out.path().join("a/one.txt");
    let brief_json = json(&page.join("1.json"));
    assert_eq!(brief_json["schema"], "kuaibao.brief/1");
    for segment in brief_json["translation"].as_array().unwrap() {
        let (start, end) = (
            segment["start"].as_u64().unwrap(),
            segment["end"].as_u64().unwrap(),
        );
        let squeeze = |s: &str| s.split_whitespace().collect::<String>();
        assert_eq!(
            squeeze(&ARTICLE[start as usize..end as usize]),
            squeeze(segment["zh"].as_str().unwrap())
        );
    }
    let figures: Vec<&str> = brief_json["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["zh"].as_str().unwrap())
        .collect();
    for figure in ["300公里", "2.4亿元", "15%"] {
        assert!(figures.contains(&figure), "{figure} is not in {figures:?}");
    }
    assert_eq!(brief_json["people"][0]["en"], "Zhou Wenyuan");
    assert!(page.join("1.html").is_file() && page.join("1.md").is_file());
    assert!(out.path().join("index.html").is_file());

    let before = tree(out.path());
    let written = fs::metadata(page.join("1.html"))
        .unwrap()
        .modified()
        .unwrap();
    assert!(
        brief(out.path())
            .arg(inputs.path())
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(tree(out.path()), before);
    assert_eq!(
        fs::metadata(page.join("1.html"))
            .unwrap()
            .modified()
            .unwrap(),
        written
    );
    let run = json(&out.path().join("run.json"));
    assert_eq!(run["timing"]["articles"][0]["status"], "skipped");

    assert!(
        brief(out.path())
            .arg("--fresh")
            .arg(inputs.path())
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(tree(out.path()), before, "the same bytes, made again");
}

#[test]
fn bad_files_are_named_and_the_rest_is_done() {
    let inputs = folder(&[
        (
            "bad/binary.txt",
            &[0x7f, b'E', b'L', b'F', 0, 0, 1, 2, 0xff, 0xfe, 0, 9],
        ),
        ("bad/empty.txt", b""),
        ("bad/nul.txt", b"\xe5\x85\xa8\0\xe5\xb9\xb4"),
        ("bad/broken.json", b"{\"schema\": 1"),
        ("good.txt", ARTICLE.as_bytes()),
        ("large.txt", &vec![b'a'; 20_000]),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(inputs.path(), inputs.path().join("loop")).unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut command = brief(out.path());
    let output = command
        .args(["--max-bytes", "10000"])
        .arg(inputs.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said = stderr(&output);
    for name in [
        "binary.txt",
        "empty.txt",
        "nul.txt",
        "broken.json",
        "large.txt",
    ] {
        assert!(said.contains(name), "{name} is not named in: {said}");
    }
    assert!(out.path().join("good.txt/1.json").is_file());
    let run = json(&out.path().join("run.json"));
    let failed = run["entries"].as_array().unwrap().iter();
    assert_eq!(failed.filter(|e| e["status"] == "failed").count(), 5);
}

#[test]
fn an_index_is_named_where_there_is_something_in_it() {
    let inputs = folder(&[("bad.pdf", b"no PDF"), ("worse.docx", b"PK")]);
    let run = |inputs: &Path| {
        let out = tempfile::tempdir().unwrap();
        let mut command = kuaibao();
        command.args(["brief", "--beam", "1", "-o"]).arg(out.path());
        command.arg(inputs).output().unwrap()
    };
    let failed = run(inputs.path());
    assert_eq!(failed.status.code(), Some(1), "{}", stderr(&failed));
    let said = stderr(&failed);
    assert!(
        said.contains("0 articles in") && said.contains("2 failed"),
        "{said}"
    );
    assert!(!said.contains("; open "), "{said}");
    fs::write(inputs.path().join("good.txt"), ARTICLE).unwrap();
    let said = stderr(&run(inputs.path()));
    assert!(
        said.contains("1 articles in") && said.contains("; open "),
        "{said}"
    );
}

#[test]
fn what_cannot_begin_ends_with_2_and_says_what_to_do() {
    let inputs = folder(&[("one.txt", ARTICLE.as_bytes())]);
    let out = tempfile::tempdir().unwrap();
    let fails = |command: &mut Command, with: &str| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        let said = stderr(&output);
        assert!(said.contains(with), "“{with}” is not in: {said}");
    };
    fails(brief(out.path()).arg("/no/such/folder"), "/no/such/folder");
    fails(
        brief(out.path())
            .arg(inputs.path())
            .args(["--translator", "no-such-model"]),
        "no-such-model",
    );
    fails(
        brief(out.path())
            .arg(inputs.path())
            .args(["--device", "cuda:0"]),
        "--device cpu",
    );
    fails(
        brief(out.path())
            .arg(inputs.path())
            .args(["--date", "yesterday"]),
        "2026-07-14",
    );
    fails(brief(Path::new("/proc/no")).arg(inputs.path()), "/proc/no");
    fails(
        kuaibao().args(["translate", "/no/such/file"]),
        "/no/such/file",
    );

    // A model whose weights were cut off.
    let model = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root().join("models/kuaibao-tiny-zh-en")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let cut = if path.ends_with("model.safetensors") {
            bytes.len() / 2
        } else {
            bytes.len()
        };
        fs::write(model.path().join(path.file_name().unwrap()), &bytes[..cut]).unwrap();
    }
    fails(
        brief(out.path())
            .arg(inputs.path())
            .arg("--translator")
            .arg(model.path()),
        "model.safetensors",
    );
}

#[test]
fn a_killed_run_goes_on_and_ends_with_the_same_bytes() {
    let files: Vec<(String, String)> = (0..12)
        .map(|i| {
            (
                format!("{i:02}.txt"),
                ARTICLE.replace("300", &(300 + 7 * i).to_string()),
            )
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_bytes()))
        .collect();
    let inputs = folder(&files);
    let whole = tempfile::tempdir().unwrap();
    assert!(
        brief(whole.path())
            .arg(inputs.path())
            .status()
            .unwrap()
            .success()
    );

    let out = tempfile::tempdir().unwrap();
    let mut state = 2026u64;
    for _ in 0..10 {
        let mut child = brief(out.path()).arg(inputs.path()).spawn().unwrap();
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        std::thread::sleep(Duration::from_millis(100 + (state >> 33) % 900));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(
        brief(out.path())
            .arg(inputs.path())
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(tree(out.path()), tree(whole.path()));
}

#[test]
fn lines_in_are_lines_out() {
    let text = "今天天气很好。\n\n  \n他走了。\r\n没有句号";
    let mut command = kuaibao();
    command.args(["translate", "--lines", "--quiet", "-"]);
    let output = feed(&mut command, text.as_bytes());
    let lines: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(lines.len(), 5);
    assert!(!lines[0].is_empty() && lines[1].is_empty() && lines[2].is_empty());
    assert!(!lines[3].is_empty() && !lines[4].is_empty());
}

/// A page without a sentence end, in which models go round: its English is no longer than it is, and what is
/// left out is said.
#[test]
fn english_that_goes_round_in_circles_is_broken_off_and_said_to_be() {
    let page = "3％".repeat(400);
    let inputs = folder(&[("round.txt", page.as_bytes())]);
    let file = inputs.path().join("round.txt");
    for beam in ["1", "4"] {
        let mut translate = kuaibao();
        let translate = translate.args(["translate", "--raw", "--beam", beam]);
        let output = translate.arg(&file).output().unwrap();
        let (length, said) = (output.stdout.len(), stderr(&output));
        assert!(length < page.len(), "{length} bytes for {}", page.len());
        assert!(said.contains("1 texts, 1 doubtful; omission 1"), "{said}");
    }
    let out = tempfile::tempdir().unwrap();
    let output = brief(out.path()).arg(inputs.path()).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let brief = json(&out.path().join("round.txt/1.json"));
    for sentence in brief["translation"].as_array().unwrap() {
        let flags = sentence["flags"].to_string();
        assert!(flags.contains("came to no end"), "{flags}");
    }
    let page = fs::read_to_string(out.path().join("round.txt/1.md")).unwrap();
    assert!(page.contains("came to no end"), "{page}");
}

#[test]
fn jsonl_answers_line_by_line_in_order() {
    let mut child = kuaibao()
        .args(["brief", "--jsonl", "--quiet", "--beam", "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let mut from = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&from.next().unwrap().unwrap()).unwrap() };
    // The answer comes before the next line is sent.
    writeln!(
        to,
        "{}",
        serde_json::json!({"id": "../../etc", "text": ARTICLE})
    )
    .unwrap();
    let first = next();
    assert_eq!(first["schema"], "kuaibao.brief/1");
    assert_eq!(first["article"], "../../etc");
    writeln!(to, "not json").unwrap();
    for id in 0..5 {
        writeln!(
            to,
            "{}",
            serde_json::json!({"id": id, "text": "第一段。\n\n第二段。"})
        )
        .unwrap();
    }
    drop(to);
    assert!(next()["error"].as_str().unwrap().contains("id"));
    for id in 0..5 {
        assert_eq!(next()["article"], id.to_string());
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = kuaibao()
        .args(["models", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

#[test]
fn a_dry_run_says_what_there_is_to_do_and_writes_nothing() {
    let inputs = folder(&[("one.txt", ARTICLE.as_bytes())]);
    let out = inputs.path().join("out");
    let output = brief(&out)
        .arg("--dry-run")
        .arg(inputs.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("1 articles to do") && said.contains("source tokens"),
        "{said}"
    );
    assert!(!out.exists());
}

#[test]
fn text_that_is_not_chinese_is_refused() {
    let english = "The council met on Tuesday.\n\nIt agreed on a plan for the harbour.\n";
    let inputs = folder(&[("english.txt", english.as_bytes())]);
    let out = tempfile::tempdir().unwrap();
    let output = brief(out.path()).arg(inputs.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(
        message.contains("english.txt: holds next to no Chinese"),
        "{message}"
    );
    let run = json(&out.path().join("run.json")).to_string();
    assert!(run.contains("next to no Chinese"), "{run}");
}

#[test]
fn the_sample_articles_and_the_reference_page_become_briefs_that_hold_every_sentence() {
    let shared = root().join("../shared/inputs/newspaper-page.txt");
    let mut paths = vec![root().join("inputs/newspaper-page.txt")];
    if shared.is_file() {
        paths.push(shared.canonicalize().unwrap());
    } else {
        eprintln!("skipped: {} is not here", shared.display());
    }
    for path in paths {
        let out = tempfile::tempdir().unwrap();
        assert!(brief(out.path()).arg(&path).status().unwrap().success());
        let text = fs::read_to_string(&path).unwrap();
        // A file that is named goes by its path.
        let page = out.path().join(path.strip_prefix("/").unwrap());
        let mut covered = vec![0u8; text.len()];
        for id in 1.. {
            let file = page.join(format!("{id}.json"));
            if !file.is_file() {
                assert!(id > 3, "three articles");
                break;
            }
            for segment in json(&file)["translation"].as_array().unwrap() {
                let start = segment["start"].as_u64().unwrap() as usize;
                for c in &mut covered[start..segment["end"].as_u64().unwrap() as usize] {
                    *c += 1;
                }
            }
        }
        // Sentences end with 。: each stands in the briefs exactly once.
        for (at, _) in text.match_indices('。') {
            assert_eq!(covered[at], 1, "{}: byte {at}", path.display());
        }
    }
}
