//! An editor's evening, in a real browser, without a mouse: pages come, a sentence is corrected, a name is
//! fixed everywhere, a Word file goes out, the power fails; and the next day knows it all. Skipped where no
//! Chromium is installed.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

#[path = "desk/browser.rs"]
mod browser;
#[path = "desk/server.rs"]
mod server;
use browser::{Browser, Tab};
use server::{Server, brief, serve};

/// Five pages: our own, of one port and one county.
const PAGES: [&str; 5] = [
    "云州港三期工程开工\n\n　　本报讯 云州港三期工程3月17日开工，总投资128.6亿元。云州港出口额同比增长5.2%。\n",
    "云州港迎来首船\n\n　　本报讯 云州港昨日迎来首船。市长王浩到会。\n",
    "青禾县新修公路\n\n　　本报讯 青禾县新修公路32公里，惠及村民8000人。\n",
    "石桥县茶园扩大\n\n　　本报讯 石桥县茶园面积7.8万亩，比去年增加5%。\n",
    "　　本报讯 <script>document.title='x'</script><img src=x onerror=alert(1)> 云州港运力提高。\n",
];
const EN: &str = "Exports through the port rose 5.2 percent from a year earlier.";

fn home(server: &Server) -> String {
    format!("http://127.0.0.1:{}/", server.port)
}

/// The row of a sentence, by its Chinese.
fn row(zh: &str) -> String {
    format!(
        "[...document.querySelectorAll('.row')].find((row) => row.querySelector('.zh').textContent.includes({}))",
        json!(zh)
    )
}

fn open_review(tab: &mut Tab, server: &Server, source: &str) {
    tab.open(&format!("{}review?source={source}&article=1", home(server)));
    tab.wait("document.querySelector('.row')");
}

/// Nothing runs out of the window to the side.
fn fits(tab: &mut Tab) {
    let over =
        tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert!(over.as_i64().unwrap() <= 0, "{over} pixels too wide");
}

#[test]
fn an_editors_evening() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (out, desk) = (dir.path().join("out"), dir.path().join("desk"));
    fs::create_dir(&desk).unwrap();
    let mut files = Vec::new();
    for (i, text) in PAGES.iter().enumerate() {
        let path = desk.join(format!("page{i}.txt"));
        fs::write(&path, text).unwrap();
        files.push(path.to_str().unwrap().to_owned());
    }
    let mut server = serve(&out, &[]);
    let mut tab = browser.tab();
    let narrow = json!({"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": false});
    tab.call("Emulation.setDeviceMetricsOverride", narrow);

    // Five pages are dropped, and their briefs appear.
    tab.open(&home(&server));
    tab.wait("document.querySelector('#files')");
    tab.give_files("#files", &files);
    tab.wait("document.querySelectorAll('#briefs li a[href^=\"/review\"]').length === 5");
    server.briefed(5);
    fits(&mut tab);

    // One sentence is corrected: found, edited, checked and kept by keys alone.
    open_review(&mut tab, &server, "page0.txt");
    fits(&mut tab);
    let zh = "云州港出口额同比增长5.2%";
    for _ in 0..12 {
        tab.press("j", false);
        if tab.value(&format!("document.activeElement === {}", row(zh))) == true {
            break;
        }
    }
    assert_eq!(
        tab.value(&format!("document.activeElement === {}", row(zh))),
        true
    );
    tab.press("e", false);
    tab.wait("document.activeElement.matches('textarea')");
    tab.value("document.activeElement.select()");
    tab.enter("Exports through the port rose 52 percent from a year earlier.");
    tab.wait("document.querySelector('.work .flags')?.textContent.includes('5.2%')");
    tab.value("document.activeElement.select()");
    tab.enter(EN);
    tab.wait(&format!(
        "{}.querySelector('.work').textContent.includes('Nothing is doubted')",
        row(zh)
    ));
    fits(&mut tab);
    tab.press("Enter", true);
    tab.wait(&format!("{}?.classList.contains('kept')", row(zh)));
    server.briefed(5);
    assert!(segment(&out, "page0.txt", zh)["en"] == EN);

    // Another hypothesis is taken by its number.
    open_review(&mut tab, &server, "page2.txt");
    tab.press("j", false);
    tab.press("h", false);
    tab.wait("document.querySelectorAll('.others li').length > 1");
    let wanted =
        tab.value("document.querySelector('[data-choice=\"2\"]').textContent.replace(/^2 /, '')");
    tab.press("2", false);
    tab.wait("document.querySelector('.row.kept')");
    let taken = tab.value("document.querySelector('.row.kept .en').textContent");
    assert_eq!(taken, wanted);
    server.briefed(5);

    // A name is said so everywhere: first what would change, then it changes.
    open_review(&mut tab, &server, "page1.txt");
    tab.press("j", false);
    tab.press("g", false);
    tab.wait("document.querySelector('#everywhere').open");
    fits(&mut tab);
    tab.value(
        "document.querySelector('#term-zh').value = ''; document.querySelector('#term-zh').focus()",
    );
    tab.enter("云州港");
    tab.value("document.querySelector('#term-en').focus()");
    tab.enter("Port of Yunchow");
    tab.press("Enter", false);
    tab.wait("!document.querySelector('#term-apply').disabled");
    let changes = tab.value("document.querySelectorAll('.change').length");
    assert!(changes.as_u64().unwrap() >= 4, "{changes}");
    tab.press("Enter", false);
    tab.wait("!document.querySelector('#everywhere').open");
    server.briefed(5);
    let page = server.get("/briefs/page1.txt/1.json").json();
    let says = |brief: &Value| {
        let all = brief["translation"].as_array().unwrap().clone();
        let with = all
            .iter()
            .filter(|s| s["zh"].as_str().unwrap().contains("云州港"));
        with.clone().count() > 0
            && with.clone().all(|s| {
                let flags = s["flags"].as_array().unwrap();
                s["en"].as_str().unwrap().contains("Port of Yunchow")
                    || flags.iter().any(|f| f["kind"] == "glossary")
            })
    };
    assert!(says(&page), "{page}");

    // A Word file goes out, with the correction.
    let exported = server.get("/desk/export?source=page0.txt&article=1&format=docx");
    assert_eq!((exported.status, &exported.body[..2]), (200, &b"PK"[..]));
    open_review(&mut tab, &server, "page0.txt");
    let link = tab.value("[...document.querySelectorAll('.tools a')].find((a) => a.textContent === 'DOCX').getAttribute('href')");
    assert_eq!(server.get(link.as_str().unwrap()).body, exported.body);

    // Nothing of an article runs.
    open_review(&mut tab, &server, "page4.txt");
    let text = tab.value("document.querySelector('main').textContent");
    assert!(text.as_str().unwrap().contains("<script>"), "{text}");
    assert_eq!(
        tab.value("document.querySelectorAll('main img, main script').length"),
        0
    );

    // The power fails.
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server = serve(&out, &[]);
    server.briefed(5);
    open_review(&mut tab, &server, "page0.txt");
    assert_eq!(
        tab.value(&format!("{}.querySelector('.en').textContent", row(zh))),
        EN
    );
    let kept = fs::read(out.join("page0.txt/1.json")).unwrap();
    assert!(tab.complaints.is_empty(), "{:?}", tab.complaints);
    drop(server);

    // The next day's batch has both without a hand.
    let next = dir.path().join("next");
    fs::create_dir(&next).unwrap();
    fs::write(
        next.join("new.txt"),
        "　　本报讯 云州港昨日繁忙。云州港出口额同比增长6.1%。\n",
    )
    .unwrap();
    let batch = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .env(
            "KUAIBAO_MODELS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/models"),
        )
        .args(["brief", "--beam", "1", "--quiet", "-o"])
        .args([&out, &next])
        .status()
        .unwrap();
    assert!(batch.success());
    let english = &segment(&out, "new.txt", "云州港出口额同比增长6.1%")["en"];
    assert_eq!(*english, EN.replace("5.2", "6.1"));
    assert!(says(&brief(&out, "new.txt")) || english.as_str().unwrap().contains("port"));
    assert_eq!(fs::read(out.join("page0.txt/1.json")).unwrap(), kept);
}

fn segment(out: &Path, page: &str, zh: &str) -> Value {
    let brief = brief(out, page);
    let all = brief["translation"].as_array().unwrap();
    all.iter()
        .find(|s| s["zh"].as_str().unwrap().contains(zh))
        .unwrap()
        .clone()
}

#[test]
fn two_browsers_at_once() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[]);
    server.upload("page2.txt", PAGES[2].as_bytes());
    server.briefed(1);
    let (mut one, mut other) = (browser.tab(), browser.tab());
    for tab in [&mut one, &mut other] {
        open_review(tab, &server, "page2.txt");
    }
    let zh = "惠及村民8000人";
    let correct = |tab: &mut Tab, en: &str| {
        tab.value(&format!("{}.focus()", row(zh)));
        tab.press("e", false);
        tab.wait("document.activeElement.matches('textarea')");
        tab.value("document.activeElement.select()");
        tab.enter(en);
        tab.press("Enter", true);
    };
    correct(&mut one, "A 32-kilometre road helps 8,000 villagers.");
    one.wait("document.querySelector('.row.kept')");
    // The other has not seen it, and is told.
    correct(&mut other, "The new road of 32 km serves 8,000 villagers.");
    other.wait(
        "document.querySelector('.conflict')?.textContent.includes('A 32-kilometre road helps')",
    );
    other.press("Enter", true);
    other.wait("document.querySelector('.row.kept .en')?.textContent.includes('serves')");
    server.briefed(1);
    open_review(&mut one, &server, "page2.txt");
    let shown = one.value(&format!("{}.querySelector('.en').textContent", row(zh)));
    assert_eq!(shown, "The new road of 32 km serves 8,000 villagers.");
    // The refusal is the one thing that the console may say.
    assert!(
        other.complaints.iter().all(|c| c.contains("409")),
        "{:?}",
        other.complaints
    );
    assert!(one.complaints.is_empty(), "{:?}", one.complaints);
}
