//! The desk as other programs and other people meet it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

#[path = "desk/server.rs"]
mod server;
use server::{brief, serve};

const ZH: &str = "云州港出口额同比增长5.2%。";
const PAGE: &str =
    "云州港三期工程开工\n\n　　本报讯 云州港三期工程3月17日开工，总投资128.6亿元。市长王浩到会。\n";

#[test]
fn translations_come_as_libretranslate_gives_them() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[]);
    let as_json = server.post(
        "/translate",
        json!({"q": ZH, "source": "zh", "target": "en"}),
    );
    assert_eq!(as_json.status, 200);
    let as_json = as_json.json();
    let en = as_json["translatedText"].as_str().unwrap();
    assert!(!en.is_empty());
    assert_eq!(as_json.as_object().unwrap().len(), 1);
    // A form is the same request.
    let body = format!("q={}&source=zh&target=en", escaped(ZH));
    let form = ["Content-Type: application/x-www-form-urlencoded"];
    let got = server
        .ask("POST", "/translate", &form, body.as_bytes())
        .json();
    assert_eq!(got, as_json);
    // So is one with parts, as browsers and curl -F send them.
    let parts = [("q", ZH), ("source", "zh"), ("target", "en")].map(|(name, value)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    });
    let body = format!("{}--b--\r\n", parts.concat());
    let form = ["Content-Type: multipart/form-data; boundary=b"];
    let got = server.ask("POST", "/translate", &form, body.as_bytes());
    assert_eq!(got.json(), as_json);
    // A list gives lists, in its order; lines stay lines.
    let fields = json!({"q": [ZH, "港口昨日开港。\n\n村民说好。"], "source": "auto", "target": "en", "alternatives": 2, "flags": true, "figures": true});
    let got = server.post("/translate", fields).json();
    let texts = got["translatedText"].as_array().unwrap();
    assert_eq!(texts[0], en);
    assert_eq!(texts[1].as_str().unwrap().matches('\n').count(), 2);
    assert_eq!(got["detectedLanguage"][0]["language"], "zh-Hans");
    assert!(got["alternatives"][0].as_array().unwrap().len() <= 2);
    assert_eq!(got["figures"][0][0]["value"], 5.2);
    assert!(got["flags"][0].is_array());
    // Tags are not translated.
    let fields = json!({"q": "<p class=\"a\">港口<b>昨日</b>开港。</p>", "source": "zh", "target": "en", "format": "html"});
    let html = server.post("/translate", fields).json();
    let html = html["translatedText"].as_str().unwrap().to_owned();
    assert!(
        html.starts_with("<p class=\"a\">") && html.contains("<b>") && html.ends_with("</p>"),
        "{html}"
    );
    for (fields, why) in [
        (json!({"source": "zh", "target": "en"}), "`q` is missing"),
        (
            json!({"q": 1, "source": "zh", "target": "en"}),
            "must be a text",
        ),
        (
            json!({"q": ZH, "source": "fr", "target": "en"}),
            "fr is not supported",
        ),
        (
            json!({"q": ZH, "source": "zh", "target": "de"}),
            "de is not supported",
        ),
    ] {
        let got = server.post("/translate", fields);
        assert_eq!(got.status, 400);
        assert!(got.json()["error"].as_str().unwrap().contains(why), "{why}");
    }
    assert_eq!(server.get("/nothing").status, 404);
    assert_eq!(
        server.get("/nothing").json()["error"],
        "there is no such address"
    );
    let described = server.get("/openapi.json").json();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let got = server.ask(&method.to_uppercase(), path, &[], b"{}");
            assert!(![404, 405].contains(&got.status), "{method} {path}");
        }
    }
}

fn escaped(text: &str) -> String {
    let codes: Vec<String> = text.bytes().map(|b| format!("%{b:02X}")).collect();
    codes.concat()
}

#[test]
fn the_client_of_libretranslate_works_unchanged() {
    let python = std::env::var("KUAIBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = ["-c", "import libretranslatepy"];
    let there = Command::new(&python)
        .args(import)
        .stderr(Stdio::null())
        .status();
    if !there.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no Python with libretranslatepy (KUAIBAO_PYTHON)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &["--token", "geheim"]);
    let script = format!(
        r#"
from libretranslatepy import LibreTranslateAPI
api = LibreTranslateAPI("http://127.0.0.1:{}/", api_key="geheim")
en = api.translate("{ZH}", "zh", "en")
assert en and isinstance(en, str), en
found = api.detect("{ZH}")
assert found[0]["language"].startswith("zh") and found[0]["confidence"] > 50, found
assert any(l["code"] == "zh" for l in api.languages()), api.languages()
"#,
        server.port
    );
    let output = Command::new(&python)
        .args(["-c", &script])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn nobody_asks_through_a_browser_that_visits_him() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &["--max-bytes", "100000"]);
    let own = format!("Origin: http://127.0.0.1:{}", server.port);
    let body = json!({"q": ZH, "source": "zh", "target": "en"}).to_string();
    let ask = |head: &[&str]| server.ask("POST", "/translate", head, body.as_bytes());
    assert_eq!(ask(&[&own]).status, 200);
    assert_eq!(ask(&["Origin: https://evil.example"]).status, 403);
    assert_eq!(ask(&["Origin: null"]).status, 403);
    assert_eq!(ask(&["Sec-Fetch-Site: cross-site"]).status, 403);
    assert_eq!(ask(&["Host: evil.example"]).status, 421);
    assert_eq!(
        ask(&[&format!("Host: evil.example:{}", server.port)]).status,
        421
    );
    // Nothing says that another site may read it, or show it in a frame.
    let page = server.ask("GET", "/", &["Origin: https://evil.example"], b"");
    assert!(!page.head.contains("access-control-allow"));
    let page = server.get("/");
    assert!(
        page.head.contains("frame-ancestors 'none'") && page.head.contains("script-src 'sha256-")
    );
    let large = "好".repeat(100_000);
    assert_eq!(
        server
            .ask("POST", "/translate", &[], large.as_bytes())
            .status,
        413
    );
    for path in [
        "/briefs/../Cargo.toml",
        "/briefs/%2e%2e/x.html",
        "/briefs/.inbox/a.txt",
        "/briefs/memory.sqlite",
        "/briefs//etc/passwd",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

#[test]
fn a_stranger_says_the_token() {
    let dir = tempfile::tempdir().unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .args(["serve", "--host", "0.0.0.0"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--token"));
    let server = serve(dir.path(), &["--token", "geheim"]);
    assert_eq!(server.get("/languages").status, 401);
    assert_eq!(server.get("/").status, 401);
    let with = |head: &str| server.ask("GET", "/languages", &[head], b"").status;
    assert_eq!(with("Authorization: Bearer geheim"), 200);
    assert_eq!(with("Authorization: Bearer geheimnis"), 401);
    assert_eq!(with("Cookie: a=b; kuaibao=geheim"), 200);
    let first = server.get("/?token=geheim");
    assert_eq!(first.status, 303);
    assert!(
        first.head.contains("httponly; samesite=strict"),
        "{}",
        first.head
    );
    let body = json!({"q": ZH, "source": "zh", "target": "en", "api_key": "geheim"});
    assert_eq!(server.post("/translate", body).status, 200);
}

#[test]
fn a_suggestion_is_used_from_then_on() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[]);
    let en = "Exports through Yunzhou Port rose 5.2 percent from a year earlier.";
    let got = server.post(
        "/suggest",
        json!({"q": ZH, "s": en, "source": "zh", "target": "en"}),
    );
    assert_eq!(got.json(), json!({"success": true}));
    let of = |zh: &str| {
        server
            .post(
                "/translate",
                json!({"q": zh, "source": "zh", "target": "en"}),
            )
            .json()
    };
    assert_eq!(of(ZH)["translatedText"], en);
    assert_eq!(
        of("云州港出口额同比增长12%。")["translatedText"],
        en.replace("5.2", "12")
    );
    // One that is merely like it is not taken but shown beside the sentence.
    let like = "　　本报讯 云州港出口额今年同比增长5.2%。\n";
    server.upload("like.txt", like.as_bytes());
    server.briefed(1);
    let article = server.get("/desk/article?source=like.txt&article=1").json();
    let mut segments = article["segments"].as_array().unwrap().iter();
    let segment = segments.rfind(|s| s["role"] == "body").unwrap();
    assert_eq!(segment["origin"], "model");
    let near = server.get("/desk/near?source=like.txt&article=1").json();
    let near = &near[segment["id"].as_str().unwrap()];
    assert_eq!(near[0]["en"], json!(en), "{near}");
    // What another program writes is known at once.
    let output = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .args(["memory", "add", ZH, "As another has it.", "--memory"])
        .arg(dir.path().join("memory.sqlite"))
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(of(ZH)["translatedText"], "As another has it.");
    // An encoder finds it by what it means, whatever its characters are.
    let reworded = "　　本报讯 与去年相比，云州港的出口多了百分之五。\n";
    server.upload("reworded.txt", reworded.as_bytes());
    server.briefed(2);
    let address = "/desk/near?source=reworded.txt&article=1";
    assert_eq!(server.get(address).json(), json!({}));
    drop(server);
    let server = serve(dir.path(), &["--judge", "tests/fixtures/judge/encoder"]);
    let near = server.get(address).json();
    let (_, near) = near.as_object().unwrap().iter().next().unwrap();
    assert_eq!(near[0]["en"], "As another has it.", "{near}");
    assert_eq!(server.get(address).json().as_object().unwrap().len(), 1);
}

#[test]
fn briefs_and_checks_are_answered() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[]);
    let got = server
        .post(
            "/brief",
            json!({"id": "x", "text": PAGE, "date": "2026-03-18"}),
        )
        .json();
    assert_eq!(got["schema"], "kuaibao.brief/1");
    assert_eq!(
        (&got["article"], &got["date"]),
        (&"x".into(), &"2026-03-18".into())
    );
    let fields = json!({"source": "全年投资90亿元。\n好。", "target": "Investment was 90 billion yuan.\nGood."});
    let got = server.post("/check", fields).json();
    assert_eq!(got[0]["wrong"][0]["differs"], "scale");
    assert_eq!(got[0]["flags"][0]["kind"], "figure-wrong");
    assert_eq!(got[1]["ok"], true);
    assert_eq!(
        server
            .post("/check", json!({"source": "好。\n好。", "target": "Good."}))
            .status,
        400
    );
}

#[test]
fn a_full_queue_says_so_and_loses_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &["--queue", "1"]);
    let (done, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for i in 0..24 {
            let (server, done, refused) = (&server, &done, &refused);
            scope.spawn(move || {
                let zh =
                    format!("第{i}号工程今年完成投资{i}万元，沿线村民出行更方便了。").repeat(8);
                let since = Instant::now();
                loop {
                    let got = server.post(
                        "/translate",
                        json!({"q": zh, "source": "zh", "target": "en"}),
                    );
                    match got.status {
                        200 => break,
                        429 => {
                            assert!(got.head.contains("retry-after: 1"));
                            assert!(got.json()["error"].is_string());
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                        other => panic!("{other}"),
                    }
                    assert!(since.elapsed() < Duration::from_mins(2));
                    thread::sleep(Duration::from_millis(100));
                }
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(done.into_inner(), 24);
    assert!(refused.into_inner() > 0, "nobody was refused");
}

fn texts(pages: &Value) -> Vec<String> {
    let briefs = pages["briefs"].as_array().unwrap();
    let mut sources: Vec<String> = briefs
        .iter()
        .map(|b| b["source"].as_str().unwrap().to_owned())
        .collect();
    sources.sort();
    sources
}

#[test]
fn pages_come_by_hand_and_by_folder_and_a_kill_loses_none() {
    let dir = tempfile::tempdir().unwrap();
    let (out, watched) = (dir.path().join("out"), dir.path().join("watched"));
    fs::create_dir(&watched).unwrap();
    let arguments = ["--watch-dir", watched.to_str().unwrap()];
    let mut server = serve(&out, &arguments);
    assert_eq!(server.upload("a.exe", b"MZ").status, 415);
    assert_eq!(server.upload("%2e%2e", b"x").status, 400);
    for i in 0..6 {
        let text = format!("{PAGE}\n　　第{i}号泊位也在建设。\n");
        let got = server.upload(&format!("page{i}.txt"), text.as_bytes());
        assert_eq!(got.json()["source"], format!("page{i}.txt"));
        fs::write(watched.join(format!("watched{i}.txt")), text).unwrap();
    }
    // The same page is the same; another of its name is another.
    let again = server.upload(
        "page0.txt",
        format!("{PAGE}\n　　第0号泊位也在建设。\n").as_bytes(),
    );
    assert_eq!(again.json()["source"], "page0.txt");
    assert_eq!(
        server.upload("page0.txt", PAGE.as_bytes()).json()["source"],
        "page0-2.txt"
    );
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"form.txt\"\r\n\r\n{PAGE}\r\n--b--\r\n"
    );
    let kind = ["Content-Type: multipart/form-data; boundary=b"];
    let got = server.ask("POST", "/desk/upload", &kind, form.as_bytes());
    assert_eq!(got.json()["sources"], json!(["form.txt"]));
    thread::sleep(Duration::from_millis(400));
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server = serve(&out, &arguments);
    let pages = server.briefed(14);
    let mut all: Vec<String> = (0..6)
        .flat_map(|i| [format!("page{i}.txt"), format!("watched{i}.txt")])
        .collect();
    all.extend(["form.txt", "page0-2.txt"].map(str::to_owned));
    all.sort();
    assert_eq!(texts(&pages), all);
    // The index of the folder knows them too, a moment after the last of them is there.
    let listed = || {
        let run = fs::read(out.join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        run["entries"].as_array().unwrap().len()
    };
    let since = Instant::now();
    while listed() < 14 && since.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(listed(), 14);
    let html = server.get("/briefs/page0.txt/1.html");
    assert_eq!((html.status, html.head.contains("text/html")), (200, true));
}

#[test]
fn two_editors_do_not_overwrite_each_other_unseen() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    let server = serve(out, &[]);
    server.upload("a.txt", PAGE.as_bytes());
    server.briefed(1);
    let article = server.get("/desk/article?source=a.txt&article=1").json();
    let segment = article["segments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["role"] == "body")
        .unwrap()
        .clone();
    let save = |en: &str, seen: &Value| {
        server.post("/desk/save", json!({"source": "a.txt", "article": "1", "id": segment["id"], "en": en, "seen": seen, "who": "wei"}))
    };
    let mine = save(
        "Work on phase three began on March 17 at 12.86 billion yuan.",
        &segment["correction"],
    );
    assert_eq!(mine.status, 200);
    let mine = mine.json();
    let theirs = save("Something else.", &segment["correction"]);
    assert_eq!(theirs.status, 409);
    assert!(
        theirs.json()["error"]
            .as_str()
            .unwrap()
            .starts_with("wei has corrected")
    );
    assert_eq!(theirs.json()["correction"], mine["correction"]);
    // Whoever has seen it may.
    let seen = save(
        "Work on phase three began on March 17 for 90 billion yuan.",
        &mine["correction"],
    )
    .json();
    assert_eq!(
        seen["flags"][0]["kind"], "figure-wrong",
        "the checks are held against an editor too"
    );
    let marked = |side: &str| {
        let pieces = seen[side].as_array().unwrap().iter();
        let marked = pieces
            .filter(|p| p["mark"] == "figure")
            .map(|p| p["text"].as_str().unwrap().to_owned());
        marked.collect::<Vec<_>>()
    };
    assert_eq!(
        (marked("zh"), marked("en")),
        (vec!["128.6亿元".to_owned()], vec!["90 billion".to_owned()])
    );
    server.briefed(1);
    let briefed = brief(out, "a.txt");
    let briefed = briefed["translation"].as_array().unwrap();
    assert!(briefed.iter().any(|s| s["origin"] == "memory"));
    for (format, kind) in [
        ("docx", "wordprocessingml"),
        ("xliff", "xliff"),
        ("tmx", "tmx"),
        ("text", "text/plain"),
        ("xlsx", "spreadsheetml"),
        ("csv", "text/csv"),
    ] {
        let got = server.get(&format!(
            "/desk/export?source=a.txt&article=1&format={format}"
        ));
        assert_eq!(
            (got.status, got.head.contains(kind)),
            (200, true),
            "{format}"
        );
    }
    let others = server
        .post(
            "/desk/hypotheses",
            json!({"source": "a.txt", "article": "1", "id": segment["id"]}),
        )
        .json();
    assert!(others.as_array().unwrap().len() > 1);
    assert!(others[0]["flags"].is_array());
}

#[test]
fn a_name_is_said_so_everywhere_and_the_next_batch_knows_it() {
    let dir = tempfile::tempdir().unwrap();
    let (out, batch) = (dir.path().join("out"), dir.path().join("batch"));
    let server = serve(&out, &[]);
    for (name, text) in [
        ("a.txt", PAGE),
        ("b.txt", "　　本报讯 青禾县新建公路32公里。\n"),
    ] {
        server.upload(name, text.as_bytes());
    }
    server.briefed(2);
    let untouched = fs::read(out.join("b.txt/1.json")).unwrap();
    // What an editor wrote follows a name that is given later, and is shown before it does.
    let article = server.get("/desk/article?source=a.txt&article=1").json();
    let mut segments = article["segments"].as_array().unwrap().iter();
    let plain = |s: &Value| {
        s["zh"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["text"].as_str().unwrap())
            .collect::<String>()
    };
    let of_mayor = segments.find(|s| plain(s).contains("王浩")).unwrap();
    let mut fields = json!({"source": "a.txt", "article": "1", "id": of_mayor["id"], "en": "Mayor Wang Hao was there."});
    fields["seen"] = 0.into();
    assert_eq!(server.post("/desk/save", fields).status, 200);
    let mut name = json!({"zh": "王浩", "en": "Wong Ho"});
    let shown = server.post("/desk/everywhere", name.clone()).json();
    let change = &shown["changes"][0];
    assert_eq!(
        (&change["before"], &change["after"], &change["said"]),
        (
            &json!("Mayor Wang Hao was there."),
            &json!("Mayor Wong Ho was there."),
            &json!(true)
        ),
    );
    name["apply"] = true.into();
    server.post("/desk/everywhere", name);
    server.briefed(2);
    let segments = brief(&out, "a.txt")["translation"].clone();
    let mut segments = segments.as_array().unwrap().iter();
    assert!(segments.any(|s| s["en"] == "Mayor Wong Ho was there." && s["origin"] == "memory"));
    let term = json!({"zh": "云州港", "en": "Port of Yunchow"});
    let shown = server.post("/desk/everywhere", term.clone()).json();
    assert_eq!(
        (&shown["applied"], &shown["pages"]),
        (&false.into(), &json!(["a.txt"]))
    );
    assert!(shown["changes"][0]["after"].is_string());
    let mut term = term;
    term["apply"] = true.into();
    server.post("/desk/everywhere", term);
    server.briefed(2);
    let says = |dir: &Path, page: &str| {
        let brief = brief(dir, page);
        let segments = brief["translation"].as_array().unwrap();
        let with = |s: &&Value| s["zh"].as_str().unwrap().contains("云州港");
        segments.iter().filter(with).all(|s| {
            let flagged = s["flags"]
                .as_array()
                .unwrap()
                .iter()
                .any(|f| f["kind"] == "glossary");
            s["en"].as_str().unwrap().contains("Port of Yunchow") || flagged
        })
    };
    assert!(says(&out, "a.txt"));
    assert_eq!(fs::read(out.join("b.txt/1.json")).unwrap(), untouched);
    drop(server);
    fs::create_dir(&batch).unwrap();
    fs::write(batch.join("c.txt"), "　　本报讯 云州港昨日开港。\n").unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .env(
            "KUAIBAO_MODELS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/models"),
        )
        .args(["brief", "--beam", "1", "--quiet", "-o"])
        .args([&out, &batch])
        .status()
        .unwrap();
    assert!(status.success());
    assert!(says(&out, "c.txt"));
}
