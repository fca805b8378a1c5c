//! The pages in a real browser: nothing from an article runs, nothing complains, the links between
//! the languages work. Skipped where no Chromium is installed.

use kuaibao_text::checks::FlagKind;
use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use kuaibao::{
    brief::record::Brief,
    report::{PageFolder, Run, Status, html, index},
};
use serde_json::{Value, json};

/// What a browser made of a page.
struct Loaded {
    dom: String,
    /// Messages on its console: errors, refusals of the page's policy, `console.log`.
    console: Vec<String>,
}

/// Loads a page, or says that there is no browser to load it with.
fn load(page: &str, fragment: &str) -> Option<Loaded> {
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| {
            Command::new(name)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
    else {
        eprintln!("skipped: no Chromium is installed");
        return None;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("page.html");
    fs::write(&file, page).unwrap();
    let (dom, log) = (dir.path().join("dom"), dir.path().join("log"));
    let mut child = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args(["--enable-logging=stderr", "--window-size=500,900"])
        .arg(format!(
            "--user-data-dir={}",
            dir.path().join("profile").display()
        ))
        .arg(format!("file://{}{fragment}", file.display()))
        .stdout(File::create(&dom).unwrap())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_mins(2) {
            child.kill().unwrap();
            panic!("{browser} does not come back");
        }
        thread::sleep(Duration::from_millis(50));
    }
    let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let console = read(&log)
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .map(str::to_owned)
        .collect();
    Some(Loaded {
        dom: read(&dom),
        console,
    })
}

fn example() -> Brief {
    serde_json::from_str(include_str!("report/port-expansion.json")).expect("a brief")
}

fn page(brief: &Brief) -> String {
    let around = html::Surroundings {
        stem: Some("1"),
        index: Some("../index.html"),
        own: Some("p.txt/1.html"),
        source_text: Some("source.txt"),
    };
    html::document(brief, &around).unwrap()
}

/// The page with its policy lifted and a script of the test's own at its end, whose value is
/// written where the test finds it.
fn probed(page: &str, script: &str) -> String {
    let policy = page
        .find("<meta http-equiv=\"Content-Security-Policy\"")
        .unwrap();
    let end = policy + page[policy..].find('>').unwrap() + 1;
    format!(
        "{}{}<script>addEventListener(\"load\", () => {{ const probe = {{}};\n{script};\n\
         document.documentElement.dataset.probe = JSON.stringify(probe); }});</script>",
        &page[..policy],
        &page[end..]
    )
}

fn probe(loaded: &Loaded) -> Value {
    let found = loaded
        .dom
        .split("data-probe=\"")
        .nth(1)
        .expect("the probe ran");
    let json = found.split('"').next().unwrap().replace("&quot;", "\"");
    serde_json::from_str(&json).unwrap()
}

/// Puts a text into every string but those that the program itself made.
fn replace(value: &mut Value, payload: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, payload)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if !matches!(
                    name.as_str(),
                    "id" | "sources" | "role" | "origin" | "zh_origin" | "reason"
                ) && !is_flag_kind(field)
                {
                    replace(field, payload);
                }
            }
        }
        Value::String(text) => payload.clone_into(text),
        _ => {}
    }
}

fn is_flag_kind(value: &Value) -> bool {
    serde_json::from_value::<FlagKind>(value.clone()).is_ok()
}

/// A brief with the same text in every place that a text from outside can reach.
fn hostile(payload: &str) -> Brief {
    let mut json: Value = serde_json::from_str(include_str!("report/port-expansion.json")).unwrap();
    replace(&mut json, payload);
    serde_json::from_value(json).unwrap()
}

const PAYLOAD: &str = concat!(
    "<script>document.title='pwned';console.log('pwned')</script>",
    "</textarea></title></style></script><svg onload=\"console.log('pwned')\">",
    "<img src=x onerror=console.log('pwned')><a href=\"javascript:console.log('pwned')\">x</a>",
    "<iframe srcdoc=\"<script>1</script>\"></iframe><base href=//example.invalid>",
    "\"'`{{ 7*7 }}{% raw %}<!--\u{202E}\u{0}\u{1b}]]>",
    "长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
);

#[test]
fn an_article_cannot_make_a_brief_act() {
    let brief = hostile(PAYLOAD);
    let Some(loaded) = load(&page(&brief), "") else {
        return;
    };
    assert!(loaded.console.is_empty(), "{:#?}", loaded.console);
    assert!(
        loaded.dom.contains("<title>&lt;script&gt;"),
        "the title is text"
    );
    assert_eq!(loaded.dom.matches("<script>").count(), 1);
    for element in ["<svg", "<img", "<iframe", "<base", "<textarea"] {
        assert!(!loaded.dom.contains(element), "{element}");
    }
    assert!(!loaded.dom.contains('\u{202E}'));
    assert!(loaded.dom.contains("{{ 7*7 }}"));

    let script = "
        probe.out = [...document.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > innerWidth).map((e) => e.tagName + '.' + e.className).slice(0, 9);
        probe.links = [...document.links].filter((a) => a.protocol !== 'file:').length;";
    let found = probe(&load(&probed(&page(&brief), script), "").unwrap());
    assert_eq!(found["links"], 0, "no link leaves the folder");
    assert_eq!(found["out"], json!([]), "nothing sticks out on a phone");
}

#[test]
fn an_article_cannot_make_an_index_act() {
    let brief = hostile(PAYLOAD);
    let folder = PageFolder::new(Path::new("out"), Path::new(PAYLOAD));
    let mut run = Run::new(&brief.signature);
    run.done(
        &brief,
        folder.files(PAYLOAD),
        Status::Written,
        Duration::ZERO,
    );
    run.failed(PAYLOAD, Some(PAYLOAD), PAYLOAD.into(), Duration::ZERO);
    run.pending(PAYLOAD);
    let Some(loaded) = load(&index::document(&run).unwrap(), "") else {
        return;
    };
    assert!(loaded.console.is_empty(), "{:#?}", loaded.console);
    assert_eq!(loaded.dom.matches("<script>").count(), 1);
    for element in ["<svg", "<img", "<iframe", "<base", "<textarea"] {
        assert!(!loaded.dom.contains(element), "{element}");
    }
    assert_eq!(
        loaded.dom.matches("<button").count(),
        5,
        "its own script did run"
    );
}

#[test]
fn the_languages_are_linked() {
    let script = include_str!("report/probe-brief.js");
    let Some(loaded) = load(&probed(&page(&example()), script), "#s-p1s2") else {
        return;
    };
    assert!(loaded.console.is_empty(), "{:#?}", loaded.console);
    let found = probe(&loaded);
    let sentences = example().translation.len();
    assert_eq!(found["pairs"], sentences);
    assert_eq!(found["both"], sentences);
    assert_eq!(found["dead"], 0);
    assert!(found["links"].as_u64() > Some(60), "{found}");
    assert_eq!(found["requests"], 0, "nothing is fetched");
    assert_eq!(
        found["target"], true,
        "the sentence that a link leads to stands out"
    );
    assert_eq!(found["lit"], json!(["dates", "en", "zh"]), "{found}");
    assert_eq!(found["unlit"], 0);
    assert_eq!(
        found["steps"],
        json!(["s-p1s3", "s-p2s1", "s-p5s3", "s-p5s3", "s-p5s2"])
    );
    assert_eq!(found["focus"], true);
    assert_eq!(found["hidden"], 22);
    assert_eq!(found["shown"], 22);
    assert_eq!(found["chinese"], 0);
}

#[test]
fn the_index_sorts_and_finds() {
    let mut run = Run::new(&example().signature);
    for (date, paper, doubtful) in [
        (Some("2026-03-18"), Some("澜江日报"), 3),
        (None, None, 9),
        (Some("2026-03-19"), Some("南灣晨報"), 0),
    ] {
        let mut brief = example();
        brief.date = date.map(str::to_owned);
        brief.paper = paper.map(str::to_owned);
        brief.checks.doubtful = doubtful;
        let folder = PageFolder::new(Path::new("out"), Path::new("p.txt"));
        run.done(&brief, folder.files("1"), Status::Written, Duration::ZERO);
    }
    let script = include_str!("report/probe-index.js");
    let Some(loaded) = load(&probed(&index::document(&run).unwrap(), script), "") else {
        return;
    };
    assert!(loaded.console.is_empty(), "{:#?}", loaded.console);
    let found = probe(&loaded);
    assert_eq!(
        found["first"],
        json!(["19 March 2026", "18 March 2026", ""])
    );
    assert_eq!(
        found["older"],
        json!(["18 March 2026", "19 March 2026", ""])
    );
    assert_eq!(found["doubtful"], json!(["9 of 22", "3 of 22", "0 of 22"]));
    assert_eq!(found["papers"], 2);
    assert_eq!(found["found"], json!(["19 March 2026"]));
}
