//! The routes to a summary, with small models of random weights: what they write is noise, so what
//! is held here is everything around it.

use std::fmt::Write as _;

use super::*;

fn model(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// `kuaibao brief`, greedy, with a translator that is quick and says nothing.
fn noisy(out: &Path) -> Command {
    let mut command = brief(out);
    command.arg("--translator").arg(model("marian-tiny"));
    command
}

/// An article of about 20,000 characters in paragraphs of uneven length, no sentence like another.
fn long_article() -> String {
    let places = ["青河县", "云湖市", "白鹭港", "何家镇", "北山村", "南湾区"];
    let mut text = "全省一年工程综述\n\n".to_owned();
    for n in 1.. {
        let place = places[n % places.len()];
        let _ = write!(
            text,
            "　　{place}第{n}号工程今年完成投资{}万元，比去年增长{}%。",
            100 + 7 * n,
            1 + n % 40
        );
        if n % 3 > 0 {
            let _ = write!(
                text,
                "工程负责人说，第{n}段道路全长{}公里，沿线村民出行更方便了。",
                3 + n
            );
        }
        if n % 5 == 0 {
            let _ = write!(text, "据介绍，{place}还将新建{n}座桥梁，工期两年。");
        }
        text.push_str("\n\n");
        if text.chars().count() > 20_000 {
            return text;
        }
    }
    unreachable!()
}

fn words(text: &str) -> usize {
    let words = text.split_whitespace();
    words.filter(|w| w.contains(char::is_alphanumeric)).count()
}

fn summary_words(brief: &Value) -> usize {
    let sentences = brief["summary"].as_array().unwrap();
    sentences
        .iter()
        .map(|s| words(s["en"].as_str().unwrap()))
        .sum()
}

#[test]
fn a_long_article_goes_through_every_route_whole() {
    let text = long_article();
    assert!(text.chars().count() > 20_000);
    let inputs = folder(&[("long.txt", text.as_bytes())]);
    let out = tempfile::tempdir().unwrap();
    for (route, summarizer, limit) in [
        ("extract", None, 0),
        ("pivot", Some("families/bart"), 160),
        ("pivot", Some("families/pegasus"), 160),
        ("crosslingual", Some("families/mbart50"), 160),
        ("crosslingual", Some("families/m2m100"), 160),
        ("pivot", Some("families/flan-t5"), 512),
        ("crosslingual", Some("families/mt5"), 512),
    ] {
        let mut command = noisy(out.path());
        command
            .args(["--summary", route, "--words", "100"])
            .arg(inputs.path());
        if let Some(summarizer) = summarizer {
            command.arg("--summarizer").arg(model(summarizer));
        }
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{summarizer:?}: {}",
            stderr(&output)
        );
        assert_eq!(stderr(&output), "", "no warning of any kind");

        let brief = json(&out.path().join("long.txt/1.json"));
        let signature = &brief["signature"];
        assert_eq!(signature["route"], route);
        assert_eq!(signature["summarizer"].is_null(), summarizer.is_none());
        let count = summary_words(&brief);
        assert!((80..=120).contains(&count), "{summarizer:?}: {count} words");
        let sentences = brief["translation"].as_array().unwrap();
        let body: Vec<&str> = sentences
            .iter()
            .filter(|s| s["role"] == "body")
            .map(|s| s["id"].as_str().unwrap())
            .collect();
        for sentence in brief["summary"].as_array().unwrap() {
            for source in sentence["sources"].as_array().unwrap() {
                assert!(body.contains(&source.as_str().unwrap()), "{source}");
            }
        }
        let Some(chunks) = brief["making"]["chunks"].as_array() else {
            assert_eq!(route, "extract");
            continue;
        };
        // Each within the model, and together the whole article to its last sentence.
        assert!(chunks.len() > 10, "{summarizer:?}: {}", chunks.len());
        let place = |id: &Value| body.iter().position(|b| id == b).unwrap();
        let mut next = 0;
        for chunk in chunks {
            assert!(chunk["tokens"].as_u64().unwrap() <= limit);
            let (first, last) = (place(&chunk["sentences"][0]), place(&chunk["sentences"][1]));
            assert!(first <= next && last + 1 >= next, "{chunk}");
            next = last + 1;
        }
        assert_eq!(next, body.len(), "the tail is there");
        let left_out = brief["making"]["left_out"].as_array().unwrap();
        assert!(
            left_out
                .iter()
                .all(|l| !l["message"].as_str().unwrap().is_empty())
        );
        assert!(
            !left_out.is_empty(),
            "a hundred words do not hold what was written"
        );
    }
}

#[test]
fn the_number_of_words_is_kept() {
    let inputs = fs::read(root().join("inputs/port-expansion.txt")).unwrap();
    let inputs = folder(&[("port-expansion.txt", &inputs)]);
    let out = tempfile::tempdir().unwrap();
    for (flags, least, most) in [
        (["--words", "30"], 24, 36),
        (["--words", "75"], 60, 90),
        (["--words", "200"], 160, 240),
        (["--length", "short"], 48, 72),
        (["--length", "medium"], 96, 144),
        (["--length", "long"], 192, 288),
    ] {
        let status = brief(out.path())
            .args(flags)
            .arg(inputs.path())
            .status()
            .unwrap();
        assert!(status.success());
        let brief = json(&out.path().join("port-expansion.txt/1.json"));
        let count = summary_words(&brief);
        assert!((least..=most).contains(&count), "{flags:?}: {count} words");
    }
}

#[test]
fn an_article_without_a_headline_gets_one() {
    let text =
        "　　本报讯 7月14日，青河县新修公路300公里，总投资2.4亿元，山里的茶叶当天就能运到城里。\n";
    let inputs = folder(&[("untitled.txt", text.as_bytes())]);
    let out = tempfile::tempdir().unwrap();
    assert!(
        brief(out.path())
            .arg(inputs.path())
            .status()
            .unwrap()
            .success()
    );
    let headline = &json(&out.path().join("untitled.txt/1.json"))["headline"];
    assert_eq!(headline["zh"], "");
    assert_eq!(headline["origin"], "lead");
    let en = headline["en"].as_str().unwrap();
    assert!(!en.is_empty() && words(en) <= 16, "{en}");

    // Noise is no headline: the article does not say it.
    let mut command = brief(out.path());
    command
        .arg("--summarizer")
        .arg(model("families/bart"))
        .arg(inputs.path());
    assert!(command.status().unwrap().success());
    let again = &json(&out.path().join("untitled.txt/1.json"))["headline"];
    assert_eq!(again["origin"], "lead");
}

#[test]
fn noise_is_flagged_and_strictness_drops_it() {
    let inputs = folder(&[("one.txt", ARTICLE.as_bytes())]);
    let out = tempfile::tempdir().unwrap();
    let mut briefs = [false, true].map(|strict| {
        let mut command = brief(out.path());
        command
            .args(["--words", "20", "--summarizer"])
            .arg(model("families/bart"));
        if strict {
            command.arg("--strict");
        }
        assert!(command.arg(inputs.path()).status().unwrap().success());
        json(&out.path().join("one.txt/1.json"))
    });
    let kinds = |brief: &Value| -> Vec<String> {
        let sentences = brief["summary"].as_array().unwrap().iter();
        let flags = sentences.filter_map(|s| s["flags"].as_array());
        flags
            .flatten()
            .map(|f| f["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(
        kinds(&briefs[0]).contains(&"unsupported".to_owned()),
        "{:#}",
        briefs[0]["summary"]
    );
    assert_eq!(
        kinds(&briefs[1]),
        Vec::<String>::new(),
        "{:#}",
        briefs[1]["summary"]
    );
    let dropped = briefs[1]["making"]["left_out"].as_array_mut().unwrap();
    assert!(dropped.iter().any(|l| l["reason"] == "unsupported"));
}

#[test]
fn what_was_asked_for_decides_what_is_done_again() {
    let inputs = folder(&[
        ("in/one.txt", ARTICLE.as_bytes()),
        ("p1", b"In {max_words} words: {text}"),
        ("p2", b"Briefly: {text}"),
    ]);
    let out = tempfile::tempdir().unwrap();
    let prompt = |name| inputs.path().join(name).display().to_string();
    let (p1, p2) = (prompt("p1"), prompt("p2"));
    let bart = model("families/bart").display().to_string();
    let pegasus = model("families/pegasus").display().to_string();
    // Of the three the one that is told in words what to do.
    let t5 = model("families/t5").display().to_string();
    let settings: [&[&str]; 9] = [
        &[],
        &["--summarizer", &bart],
        &["--summarizer", &pegasus],
        &["--summarizer", &pegasus, "--summary", "crosslingual"],
        &["--summarizer", &t5, "--prompt", &p1],
        &["--summarizer", &t5, "--prompt", &p2],
        &["--words", "30"],
        &["--length", "short"],
        &["--strict"],
    ];
    let status = |flags: &[&str]| {
        let mut command = noisy(out.path());
        let output = command
            .args(flags)
            .arg(inputs.path().join("in"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{flags:?}: {}", stderr(&output));
        let run = json(&out.path().join("run.json"));
        run["timing"]["articles"][0]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for flags in settings {
        assert_eq!(status(flags), "written", "{flags:?}");
        assert_eq!(status(flags), "skipped", "{flags:?}");
    }
}

#[test]
fn what_a_model_cannot_do_is_refused_before_anything_is_done() {
    let inputs = folder(&[
        ("one.txt", ARTICLE.as_bytes()),
        ("slip.prompt", b"Summarise {article}"),
    ]);
    let slip = inputs.path().join("slip.prompt").display().to_string();
    let tiny = model("marian-tiny").display().to_string();
    let bart = model("families/bart").display().to_string();
    let cases: [(&[&str], &[&str]); 9] = [
        (
            &["--translator", "bart-large-cnn"],
            &["summarize English", "opus-mt-zh-en"],
        ),
        (
            &["--summarizer", "opus-mt-zh-en"],
            &["translate Chinese", "crosssum-m2o-en", "distilbart-cnn"],
        ),
        (
            &[
                "--summarizer",
                "distilbart-cnn",
                "--summary",
                "crosslingual",
            ],
            &["crosssum-m2o-en", "mt0-base"],
        ),
        (
            &["--summarizer", "crosssum-m2o-en", "--summary", "pivot"],
            &["bart-large-cnn", "flan-t5-base"],
        ),
        (&["--summary", "pivot"], &["--summarizer", "pegasus-cnn"]),
        (
            &["--summary", "extract", "--summarizer", &bart],
            &["--summarizer", "leave"],
        ),
        (&["--summarizer", &tiny], &["marian", "--summary pivot"]),
        (
            &["--summarizer", &bart, "--prompt", &slip],
            &["slip.prompt", "{article}", "{text}"],
        ),
        (&["--words", "30", "--length", "short"], &["--words"]),
    ];
    for (flags, said) in cases {
        let out = inputs.path().join("out");
        let output = brief(&out).args(flags).arg(inputs.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        for said in said {
            assert!(
                stderr(&output).contains(said),
                "{flags:?}: {}",
                stderr(&output)
            );
        }
        assert!(!out.join("run.json").exists(), "{flags:?}");
    }
}

#[test]
fn models_and_their_memory_are_named_before_the_work() {
    let inputs = folder(&[("one.txt", ARTICLE.as_bytes())]);
    let out = tempfile::tempdir().unwrap();
    let mut command = kuaibao();
    command
        .args(["brief", "--dry-run", "--beam", "1", "-o"])
        .arg(out.path());
    command
        .arg("--summarizer")
        .arg(model("families/bart"))
        .arg(inputs.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    for part in [
        "kuaibao-tiny-zh-en translates",
        "bart summarizes (pivot",
        "of weights",
    ] {
        assert!(said.contains(part), "{said}");
    }
    if cfg!(target_os = "linux") {
        assert!(said.contains("of memory in use"), "{said}");
    }
}
