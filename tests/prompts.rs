//! What each kind of model is told: its prompt, its language tokens, or nothing.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use candle_core::Device;
use kuaibao_engine::{
    generate::{self, SearchConfig, Translator, Workers, prompt::Prompt},
    hub::{Location, Task, manifest},
    nn::{self, Placement, Precision},
    tokenizer::Tokenizer,
};
use serde_json::Value;
use support::feed;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder(family: &str) -> PathBuf {
    root().join("tests/fixtures/families").join(family)
}

fn location(family: &str) -> Location {
    Location {
        dir: folder(family),
        name: family.to_owned(),
        revision: None,
        manifest: None,
    }
}

fn placement() -> Placement {
    Placement::new(Device::Cpu, Precision::F32)
}

const TEXT: &str = "海州港昨日开港。";

/// The tokens that a translator makes of the text.
fn tokens(translator: &Translator) -> Vec<u32> {
    let found = translator
        .translate(&Workers::start(1), &[TEXT], &translator.config, &|_| ())
        .unwrap();
    found[0][0].tokens.clone()
}

#[test]
fn a_folder_is_told_what_its_family_is_told() {
    for (family, told, languages) in [
        ("t5", "translate Chinese to English: 海州港昨日开港。", None),
        (
            "flan-t5",
            "Translate from Chinese to English:\n\n海州港昨日开港。",
            None,
        ),
        ("madlad", "<2en> 海州港昨日开港。", None),
        ("mt5", TEXT, None),
        ("mbart50", TEXT, Some(("zh_CN", "en_XX"))),
        ("m2m100", TEXT, Some(("zh", "en"))),
        ("nllb", TEXT, Some(("zho_Hans", "eng_Latn"))),
    ] {
        let translator =
            Translator::open(&location(family), &placement(), Task::Translate, None).unwrap();
        let tokenizer = Tokenizer::from_dir(&folder(family)).unwrap();
        let task = tokenizer.framing(languages.map(|l| l.0), languages.map(|l| l.1));
        let task = task.unwrap();
        let model = nn::load(&folder(family), &placement()).unwrap();
        let config = SearchConfig {
            forced_bos_token_id: task.forced_bos(),
            ..SearchConfig::read(&folder(family)).unwrap()
        };
        let ids = tokenizer.encode(told, &task).unwrap();
        let expected = generate::search(&*model, &[&ids], &config).unwrap();
        assert_eq!(tokens(&translator), expected[0][0].tokens, "{family}");
        let prompt =
            (told != TEXT).then(|| Prompt::builtin(&format!("translate.{}.txt", kind(family))));
        let hash = prompt.map(|p| p.unwrap().hash().to_owned());
        assert_eq!(
            translator.prompt_hash().map(str::to_owned),
            hash,
            "{family}"
        );

        // What is told takes room from the text.
        let most = model.max_positions().unwrap_or(512);
        assert!(translator.source_limit() < most, "{family}");
        assert!(
            most - translator.source_limit() >= ids.len() - tokenizer.count(TEXT),
            "{family}"
        );
    }
}

/// The name of a family in prompt files.
fn kind(family: &str) -> &str {
    family.split('-').next().unwrap()
}

#[test]
fn a_prompt_of_ones_own_wins_and_other_tasks_share_the_model() {
    let own = Prompt::parse("own", "In {max_words} words: {text}").unwrap();
    let open = |prompt| Translator::open(&location("t5"), &placement(), Task::Translate, prompt);
    let (plain, told) = (open(None).unwrap(), open(Some(own.clone())).unwrap());
    assert_eq!(told.prompt_hash(), Some(own.hash()));
    assert_ne!(tokens(&plain), tokens(&told));
    assert_eq!(
        tokens(&plain.for_task(Task::Translate, Some(own.clone())).unwrap()),
        tokens(&told)
    );
    assert_ne!(tokens(&told.with_max_words(7)), tokens(&plain));

    let summariser = plain.for_task(Task::Summarize, None).unwrap();
    let builtin = Prompt::builtin("summarize.t5.txt").unwrap();
    assert_eq!(summariser.prompt_hash(), Some(builtin.hash()));
    let error = plain.for_task(Task::Crosslingual, None).err().unwrap();
    assert!(error.to_string().contains("--prompt FILE"), "{error}");
}

#[test]
fn a_manifest_says_what_a_model_can_do() {
    let madlad = Location {
        manifest: manifest("madlad400-3b"),
        ..location("madlad")
    };
    let translator = Translator::open(&madlad, &placement(), Task::Translate, None).unwrap();
    let builtin = Prompt::builtin("translate.madlad.txt").unwrap();
    assert_eq!(translator.prompt_hash(), Some(builtin.hash()));
    let error = translator.for_task(Task::Summarize, None).err().unwrap();
    let message = error.to_string();
    assert!(
        message.contains("madlad400-3b cannot summarize"),
        "{message}"
    );
    assert!(message.contains("bart-large-cnn"), "{message}");
}

fn translate(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
    command
        .env("HF_HUB_OFFLINE", "1")
        .current_dir(root())
        .args(["translate", "--lines", "--quiet", "--device", "cpu"])
        .args(arguments)
        .arg("-");
    feed(&mut command, input.as_bytes())
}

#[test]
fn translate_runs_with_prompted_models() {
    let input = "海州港昨日开港。\n\n全长12公里。\n";
    for family in ["t5", "madlad", "nllb"] {
        let folder = folder(family);
        let output = translate(&["--translator", folder.to_str().unwrap()], input);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{family}: {stderr}");
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = lines.split_terminator('\n').collect();
        assert_eq!(lines.len(), 3, "{family}: {lines:?}");
        assert!(
            !lines[0].is_empty() && lines[1].is_empty(),
            "{family}: {lines:?}"
        );
    }
}

#[test]
fn slips_are_said_before_anything_is_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let prompt = dir.path().join("own.txt");
    let refused = |arguments: &[&str]| {
        let output = translate(arguments, "");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let own = [
        "--translator",
        "no/such-folder",
        "--prompt",
        prompt.to_str().unwrap(),
    ];
    fs::write(&prompt, "{text} in {words} words").unwrap();
    let message = refused(&own);
    assert!(message.contains("there is no slot {words}"), "{message}");
    fs::remove_file(&prompt).unwrap();
    assert!(refused(&own).contains("own.txt: cannot read the prompt"));

    let message = refused(&["--translator", "bart-large-cnn"]);
    assert!(
        message.contains("bart-large-cnn cannot translate"),
        "{message}"
    );
    assert!(message.contains("opus-mt-zh-en"), "{message}");
}

#[test]
fn a_prompt_for_a_model_that_takes_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let prompt = dir.path().join("own.txt");
    fs::write(&prompt, "Put into English: {text}").unwrap();
    let prompt = prompt.to_str().unwrap();
    // Those with a manifest before anything is fetched, folders before their weights are read.
    let folders = ["bart", "mbart50", "m2m100", "nllb", "pegasus"].map(folder);
    let folders = folders.iter().filter_map(|f| f.to_str());
    for model in ["kuaibao-tiny-zh-en", "nllb-600m", "firefox-zh-en"]
        .into_iter()
        .chain(folders)
    {
        let output = translate(&["--translator", model, "--prompt", prompt], "");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{model}: {message}");
        assert!(message.contains("leave --prompt out"), "{model}: {message}");
        assert!(message.contains("flan-t5-base"), "{model}: {message}");
    }
    let t5 = folder("t5");
    let output = translate(
        &["--translator", t5.to_str().unwrap(), "--prompt", prompt],
        "路通了。\n",
    );
    assert!(output.status.success());
    // With a summarizer the prompt is its own, whatever translates.
    for (summarizer, code) in [("t5", 0), ("bart", 2)] {
        let output = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
            .current_dir(root())
            .args([
                "brief", "--jsonl", "--quiet", "--device", "cpu", "--prompt", prompt,
            ])
            .args(["--summary", "pivot", "--summarizer"])
            .arg(folder(summarizer))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{summarizer}: {message}");
    }
}

#[test]
fn a_brief_is_signed_with_the_prompt() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("page.txt");
    fs::write(
        &page,
        "海州港开港\n\n　　本报讯 海州港昨日开港。全长12公里！\n",
    )
    .unwrap();
    let out = dir.path().join("out");
    let status = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .current_dir(&dir)
        .args([
            "brief",
            "--quiet",
            "--beam",
            "1",
            "--device",
            "cpu",
            "--translator",
        ])
        .arg(folder("t5"))
        .arg("-o")
        .arg(&out)
        .arg("page.txt")
        .status()
        .unwrap();
    assert!(status.success());
    let json = fs::read(out.join("page.txt/1.json")).unwrap();
    let brief: Value = serde_json::from_slice(&json).unwrap();
    let builtin = Prompt::builtin("translate.t5.txt").unwrap();
    let expected = format!("translate {}", builtin.hash());
    assert_eq!(brief["signature"]["prompt"], expected);
}
