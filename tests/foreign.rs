//! Files that other programs wrote, read: mail, books, feeds, subtitles, pages that a browser saved or drew.
//! What is missing on a machine is skipped, and said.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

#[path = "desk/browser.rs"]
mod browser;
#[path = "desk/office.rs"]
mod office;
use browser::Browser;
use office::convert;

fn kuaibao(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .current_dir(dir)
        .env(
            "KUAIBAO_MODELS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/models"),
        )
        .env("HF_HUB_OFFLINE", "1")
        .stdin(Stdio::null())
        .args(arguments)
        .output()
        .unwrap()
}

/// The pages of files, as `kuaibao split` has them.
fn split(dir: &Path, files: &[&str]) -> Vec<Value> {
    let output = kuaibao(dir, &[&["split", "--json"], files].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Runs a script in a folder, where there is a Python with these modules.
fn python(dir: &Path, modules: &str, script: &str) -> bool {
    let python = std::env::var("KUAIBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = format!("import {modules}");
    let there = Command::new(&python)
        .args(["-c", &import])
        .stderr(Stdio::null())
        .status();
    if !there.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no Python with {modules} (KUAIBAO_PYTHON)");
        return false;
    }
    let script = format!("{TEXTS}{script}");
    let output = Command::new(&python)
        .current_dir(dir)
        .args(["-c", &script])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

const HEAD: &str = "云州港三期工程开工";
const ONE: &str = "云州港三期工程3月17日开工，总投资128.6亿元，设计年吞吐量为260万标箱。";
const TWO: &str = "市长王浩说，这项工程将在2028年底完工，沿线村民的出行会更加方便。";
const TEXTS: &str = r#"
head = "云州港三期工程开工"
one = "云州港三期工程3月17日开工，总投资128.6亿元，设计年吞吐量为260万标箱。"
two = "市长王浩说，这项工程将在2028年底完工，沿线村民的出行会更加方便。"
"#;

/// Asserts that a page is the article of this file, and gives it.
fn is_the_article(page: &Value) -> &Value {
    let articles = page["articles"].as_array().unwrap();
    assert_eq!(articles.len(), 1, "{page}");
    assert_eq!(articles[0]["headline"], HEAD, "{page}");
    assert_eq!(articles[0]["paragraphs"], json!([ONE, TWO]), "{page}");
    &articles[0]
}

#[test]
fn mail_is_read_in_every_encoding_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let script = r#"
from email.message import EmailMessage
from email import policy
for name, charset, html in [("plain", "utf-8", False), ("gb", "gb2312", False), ("html", "gb18030", True)]:
    mail = EmailMessage(policy=policy.SMTP)
    mail["Subject"] = head
    mail["From"] = "desk@example.com"
    mail["Date"] = "Wed, 18 Mar 2026 08:00:00 +0800"
    if html:
        mail.set_content("x", charset="utf-8")
        mail.add_alternative(f"<html><body><p>{one}</p><p>{two}</p></body></html>", subtype="html", charset=charset)
    else:
        mail.set_content(one + "\n\n" + two + "\n", charset=charset, cte="base64")
    if name == "plain":
        mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="plan.pdf")
    open(name + ".eml", "wb").write(bytes(mail))
"#;
    if !python(dir, "email", script) {
        return;
    }
    for page in split(dir, &["plain.eml", "gb.eml", "html.eml"]) {
        is_the_article(&page);
        assert_eq!(page["date"], "2026-03-18");
        let dropped = page["dropped"].to_string();
        assert_eq!(
            dropped.contains("plan.pdf"),
            page["source"] == "plain.eml",
            "{dropped}"
        );
    }
}

#[test]
fn documents_of_odfpy_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let script = r#"
from odf.opendocument import OpenDocumentText
from odf.text import H, P
document = OpenDocumentText()
document.text.addElement(H(outlinelevel=1, text=head))
for text in (one, two):
    document.text.addElement(P(text=text))
document.save("page.odt")
"#;
    if python(dir, "odf", script) {
        is_the_article(&split(dir, &["page.odt"])[0]);
    }
}

#[test]
fn books_of_ebooklib_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let script = r#"
from ebooklib import epub
book = epub.EpubBook()
book.set_identifier("x"); book.set_title("云州"); book.set_language("zh")
chapters = []
for i in range(2):
    chapter = epub.EpubHtml(title=head, file_name=f"text/{i}.xhtml", lang="zh")
    chapter.content = f"<html><body><h1>{head}{'续' * i}</h1><p>{one}</p><p>{two}</p></body></html>"
    book.add_item(chapter); chapters.append(chapter)
book.toc = chapters
book.add_item(epub.EpubNcx()); book.add_item(epub.EpubNav())
book.spine = chapters
epub.write_epub("book.epub", book)
"#;
    if python(dir, "ebooklib", script) {
        let pages = split(dir, &["book.epub"]);
        let articles = pages[0]["articles"].as_array().unwrap();
        let heads: Vec<&str> = articles
            .iter()
            .map(|a| a["headline"].as_str().unwrap())
            .collect();
        assert_eq!(heads, [HEAD, "云州港三期工程开工续"]);
        assert!(
            articles
                .iter()
                .all(|a| a["paragraphs"] == json!([ONE, TWO]))
        );
    }
}

#[test]
fn rich_text_books_and_documents_of_pandoc_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let script = r##"
import pypandoc
text = f"# {head}\n\n{one}\n\n{two}\n"
for form in ("rtf", "odt"):
    pypandoc.convert_text(text, form, format="markdown", outputfile="page." + form, extra_args=["--standalone"])
"##;
    if python(dir, "pypandoc", script) {
        for page in split(dir, &["page.rtf", "page.odt"]) {
            is_the_article(&page);
        }
    }
}

#[test]
fn documents_of_an_office_program_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let page = format!(
        "<html lang=\"zh\"><meta charset=\"utf-8\"><body><h1>{HEAD}</h1><p>{ONE}</p><p>{TWO}</p></body></html>"
    );
    fs::write(dir.join("page.html"), page).unwrap();
    for form in ["odt", "rtf", "docx"] {
        let filter = match form {
            "odt" => "odt:writer8",
            "rtf" => "rtf:Rich Text Format",
            _ => "docx:MS Word 2007 XML",
        };
        if !convert(dir, filter, "page.html") {
            return;
        }
        is_the_article(&split(dir, &[&format!("page.{form}")])[0]);
    }
}

#[test]
fn feeds_are_read_as_a_reader_of_feeds_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let item = |n: usize, tag: &str| {
        format!(
            "<{tag}><title>{HEAD}{n}</title><description>&lt;p&gt;{ONE}&lt;/p&gt;&lt;p&gt;{TWO}&lt;/p&gt;</description><pubDate>Wed, 18 Mar 2026 08:00:00 +0800</pubDate></{tag}>"
        )
    };
    let rss = format!(
        "<?xml version=\"1.0\" encoding=\"gb18030\"?><rss version=\"2.0\"><channel><title>云州日报</title>{}{}</channel></rss>",
        item(1, "item"),
        item(2, "item")
    );
    fs::write(dir.join("paper.rss"), gb18030(&rss)).unwrap();
    let script = r#"
import feedparser, json
feed = feedparser.parse(open("paper.rss", "rb").read())
json.dump([e.title for e in feed.entries], open("titles.json", "w"))
"#;
    if !python(dir, "feedparser", script) {
        return;
    }
    let titles: Value =
        serde_json::from_slice(&fs::read(dir.join("titles.json")).unwrap()).unwrap();
    let pages = split(dir, &["paper.rss"]);
    let heads: Vec<Value> = pages[0]["articles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["headline"].clone())
        .collect();
    assert_eq!(Value::from(heads), titles);
    assert_eq!(pages[0]["date"], "2026-03-18");
}

#[test]
fn feeds_of_feedgen_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let script = r#"
from feedgen.feed import FeedGenerator
feed = FeedGenerator()
feed.id("https://example.com/"); feed.title("云州日报"); feed.description("x"); feed.link(href="https://example.com/")
for i in range(2):
    entry = feed.add_entry(order="append")
    entry.id(f"https://example.com/{i}"); entry.title(head + "续" * i)
    entry.content(f"<p>{one}</p><p>{two}</p>", type="html")
    entry.published("2026-03-18T08:00:00+08:00")
feed.atom_file("paper.atom"); feed.rss_file("paper.xml")
"#;
    if !python(dir, "feedgen.feed", script) {
        return;
    }
    for page in split(dir, &["paper.atom", "paper.xml"]) {
        assert_eq!(page["date"], "2026-03-18");
        let articles = page["articles"].as_array().unwrap();
        assert_eq!(articles.len(), 2, "{page}");
        assert_eq!(articles[0]["headline"], HEAD);
        assert!(
            articles
                .iter()
                .all(|a| a["paragraphs"] == json!([ONE, TWO])),
            "{page}"
        );
    }
}

/// A text in GB 18030, by the system's own program.
fn gb18030(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut child = Command::new("iconv")
        .args(["-f", "utf-8", "-t", "gb18030"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("iconv");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap().stdout
}

#[test]
fn xliff_of_translate_toolkit_gets_its_targets() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let script = r#"
from translate.storage.xliff import xlifffile
from translate.storage.xliff2 import Xliff2File
for name, kind in (("one.xlf", xlifffile), ("two.xlf", Xliff2File)):
    store = kind()
    store.setsourcelanguage("zh"); store.settargetlanguage("en")
    for text in (one, two):
        store.addsourceunit(text)
    done = store.addsourceunit(head)
    done.target = "As somebody has it"
    open(name, "wb").write(bytes(store))
"#;
    if !python(dir, "translate.storage.xliff2", script) {
        return;
    }
    for name in ["one.xlf", "two.xlf"] {
        let output = kuaibao(dir, &["translate", "--beam", "1", "--quiet", name]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        fs::write(dir.join(name), output.stdout).unwrap();
    }
    let script = r#"
from translate.storage.xliff import xlifffile
from translate.storage.xliff2 import Xliff2File
for name, kind in (("one.xlf", xlifffile), ("two.xlf", Xliff2File)):
    units = [u for u in kind.parsefile(name).units if not u.isheader()]
    assert [u.source for u in units] == [one, two, head], [u.source for u in units]
    assert all(u.target and not any("\u4e00" <= c <= "\u9fff" for c in u.target) for u in units), [u.target for u in units]
    assert units[2].target == "As somebody has it"
"#;
    assert!(python(dir, "translate.storage.xliff2", script));
}

#[test]
fn subtitles_keep_their_cues() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let srt = format!(
        "1\n00:00:01,000 --> 00:00:03,500\n<i>{HEAD}</i>\n\n2\n00:00:04,000 --> 00:00:09,000\n{ONE}\n"
    );
    fs::write(dir.join("a.srt"), &srt).unwrap();
    fs::write(
        dir.join("b.vtt"),
        format!("WEBVTT\n\n00:01.000 --> 00:03.500 align:start\n{TWO}\n"),
    )
    .unwrap();
    let output = kuaibao(
        dir,
        &["translate", "--beam", "1", "--quiet", "a.srt", "b.vtt"],
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let made = String::from_utf8(output.stdout).unwrap();
    let times = |text: &str| {
        text.lines()
            .filter(|l| l.contains("-->"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(times(&made)[..2], times(&srt)[..]);
    assert!(times(&made)[2].ends_with("align:start"));
    assert!(made.contains("<i>") && made.contains("</i>") && made.contains("WEBVTT"));
    assert!(
        !made.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
        "{made}"
    );
    let pages = split(dir, &["a.srt"]);
    assert!(pages[0].to_string().contains(ONE));
    // As a reader of subtitles reads what went in and what came out.
    for (name, to) in [("a.srt", "a.en.srt"), ("b.vtt", "b.en.vtt")] {
        let made = kuaibao(
            dir,
            &["translate", "--beam", "1", "--quiet", name, "-o", to],
        );
        assert!(made.status.success());
    }
    let script = r#"
import webvtt
for before, after in ((webvtt.from_srt("a.srt"), webvtt.from_srt("a.en.srt")), (webvtt.read("b.vtt"), webvtt.read("b.en.vtt"))):
    assert [(c.start, c.end) for c in before] == [(c.start, c.end) for c in after]
    assert all(c.text.strip() for c in after) and len(before)
"#;
    python(dir, "webvtt", script);
}

#[test]
fn what_is_not_read_is_refused_by_name_and_listed() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("in")).unwrap();
    for name in ["a.pages", "b.xlsx", "c.epub", "d.rtf"] {
        fs::write(dir.join("in").join(name), "nothing").unwrap();
    }
    fs::write(dir.join("in/e.txt"), format!("{HEAD}\n\n　　{ONE}\n")).unwrap();
    let output = kuaibao(dir, &["brief", "--beam", "1", "--quiet", "in", "-o", "out"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    for name in [
        "a.pages",
        "b.xlsx",
        "c.epub: not an EPUB file that can be read",
        "d.rtf: not an RTF file that can be read",
    ] {
        assert!(told.contains(name), "{told}");
    }
    let run: Value = serde_json::from_slice(&fs::read(dir.join("out/run.json")).unwrap()).unwrap();
    let left_out: Vec<&str> = run["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["path"].as_str().unwrap())
        .collect();
    assert_eq!(left_out, ["a.pages", "b.xlsx"]);
}

/// The article as a page that a browser shows.
fn shown(dir: &Path) -> Option<(Browser, browser::Tab)> {
    let browser = Browser::start()?;
    let mut tab = browser.tab();
    let page = format!(
        "<html lang=\"zh\"><meta charset=\"utf-8\"><title>{HEAD}</title><body style=\"font: 28px/1.8 serif; width: 900px; background: white\"><article><h1>{HEAD}</h1><p>{ONE}</p><p>{TWO}</p></article></body></html>"
    );
    fs::write(dir.join("page.html"), page).unwrap();
    tab.open(&format!("file://{}", dir.join("page.html").display()));
    Some((browser, tab))
}

#[test]
fn pages_that_a_browser_saved_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let Some((_browser, mut tab)) = shown(dir.path()) else {
        return;
    };
    let saved = tab.call("Page.captureSnapshot", json!({"format": "mhtml"}));
    fs::write(
        dir.path().join("page.mhtml"),
        saved["data"].as_str().unwrap(),
    )
    .unwrap();
    is_the_article(&split(dir.path(), &["page.mhtml"])[0]);
}

#[test]
fn pictures_are_read_by_a_program_of_the_house() {
    let languages = Command::new("tesseract").arg("--list-langs").output();
    if !languages.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("chi_sim")) {
        eprintln!("skipped: no tesseract with chi_sim is installed");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let Some((_browser, mut tab)) = shown(dir) else {
        return;
    };
    let drawn = tab.call(
        "Page.captureScreenshot",
        json!({"format": "png", "captureBeyondViewport": true}),
    );
    let bytes = base64(drawn["data"].as_str().unwrap());
    fs::create_dir(dir.join("in")).unwrap();
    fs::write(dir.join("in/page.png"), bytes).unwrap();
    let without = kuaibao(dir, &["brief", "--quiet", "in", "-o", "none"]);
    assert!(!without.status.success(), "a picture is no text");
    let ocr = ["--ocr", "tesseract {} - -l chi_sim --psm 4"];
    let arguments = [
        &["brief", "--beam", "1", "--quiet", "in", "-o", "out"][..],
        &ocr,
    ]
    .concat();
    let output = kuaibao(dir, &arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let brief: Value =
        serde_json::from_slice(&fs::read(dir.join("out/page.png/1.json")).unwrap()).unwrap();
    assert!(
        brief["checks"]["notes"][0]
            .as_str()
            .unwrap()
            .starts_with("From OCR")
    );
    assert!(brief["checks"]["split_confidence"].as_f64().unwrap() <= 0.7);
    let read: String = brief["translation"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["zh"].as_str().unwrap())
        .collect();
    let is_most = |read: &str| {
        let wanted: Vec<char> = format!("{HEAD}{ONE}{TWO}").chars().collect();
        let found = wanted.iter().filter(|c| read.contains(**c)).count();
        assert!(found * 10 >= wanted.len() * 9, "{read}");
    };
    is_most(&read);
    let html = fs::read_to_string(dir.join("out/page.png/1.html")).unwrap();
    assert!(html.contains("From OCR"));
    // A scan: a PDF with that picture on its page, and nothing else. Its pages are taken out of it.
    let picture = format!("file://{}", dir.join("in/page.png").display());
    let page = format!("<body style='margin: 0'><img src='{picture}' style='width: 100%'>");
    fs::write(dir.join("scan.html"), page).unwrap();
    tab.open(&format!("file://{}", dir.join("scan.html").display()));
    let printed = tab.call("Page.printToPDF", json!({}));
    let bytes = base64(printed["data"].as_str().unwrap());
    fs::write(dir.join("scan.pdf"), bytes).unwrap();
    let without = kuaibao(dir, &["split", "--json", "scan.pdf"]);
    assert!(String::from_utf8_lossy(&without.stderr).contains("(OCR) first"));
    let output = kuaibao(dir, &[&["split", "--json", "scan.pdf"][..], &ocr].concat());
    let page: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(page["encoding"], "OCR");
    is_most(&page["articles"].to_string());
    let missing = kuaibao(
        dir,
        &[
            "brief",
            "--quiet",
            "in",
            "-o",
            "out2",
            "--ocr",
            "no-such-program",
        ],
    );
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-program cannot be run"));
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values = text
        .bytes()
        .filter_map(|b| ALPHABET.iter().position(|a| *a == b));
    let values: Vec<usize> = values.collect();
    let mut bytes = Vec::new();
    for four in values.chunks(4) {
        let bits = four.iter().fold(0, |bits, v| bits << 6 | v) << (6 * (4 - four.len()));
        bytes.extend(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8][..four.len() - 1]);
    }
    bytes
}

#[test]
fn a_second_translation_says_where_to_look() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(
        dir.join("page.txt"),
        format!("{HEAD}\n\n　　{ONE}\n\n　　{TWO}\n"),
    )
    .unwrap();
    let one = kuaibao(
        dir,
        &["brief", "--beam", "1", "--quiet", "page.txt", "-o", "plain"],
    );
    assert!(one.status.success());
    let brief = |out: &str| -> Value {
        serde_json::from_slice(&fs::read(dir.join(out).join("page.txt/1.json")).unwrap()).unwrap()
    };
    let segments = |brief: &Value| brief["translation"].as_array().unwrap().clone();
    let pairs: String = segments(&brief("plain"))
        .iter()
        .map(|s| {
            let en = s["en"].as_str().unwrap();
            let en = if s["zh"] == ONE {
                format!("{en} It cost 777 billion.")
            } else {
                en.to_owned()
            };
            [s["zh"].as_str().unwrap(), "\t", &en, "\n"].concat()
        })
        .collect();
    fs::write(dir.join("other.tsv"), pairs).unwrap();
    for (other, most) in [("other.tsv", 1), ("kuaibao-tiny-zh-en", 3)] {
        let out = format!("with-{other}");
        let compared = kuaibao(
            dir,
            &[
                "brief",
                "--beam",
                "1",
                "--quiet",
                "page.txt",
                "-o",
                &out,
                "--compare",
                other,
            ],
        );
        assert!(
            compared.status.success(),
            "{}",
            String::from_utf8_lossy(&compared.stderr)
        );
        let brief = brief(&out);
        assert!(
            brief["signature"]["compared"]
                .as_str()
                .unwrap()
                .starts_with(other)
        );
        let differ = |s: &&Value| {
            s["flags"]
                .as_array()
                .unwrap()
                .iter()
                .any(|f| f["kind"] == "disagreement")
        };
        let all = segments(&brief);
        let differing: Vec<&Value> = all.iter().filter(differ).collect();
        assert!(differing.len() <= most, "{differing:?}");
        if other == "other.tsv" {
            assert_eq!(differing[0]["zh"], ONE);
            assert!(
                differing[0]["flags"]
                    .to_string()
                    .contains("differs in figures")
            );
        }
    }
}

#[test]
fn briefs_are_written_in_several_formats_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(
        dir.join("page.txt"),
        format!("{HEAD}\n\n　　{ONE}\n\n　　{TWO}\n"),
    )
    .unwrap();
    let brief = |more: &[&str]| {
        let output = kuaibao(
            dir,
            &[
                &["brief", "--beam", "1", "--quiet", "page.txt", "-o", "out"],
                more,
            ]
            .concat(),
        );
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let there = |name: &str| dir.join("out").join(name).is_file();
    brief(&["--format", "docx,xliff"]);
    assert!(there("page.txt/1.docx") && there("page.txt/1.xlf") && !there("page.txt/1.tmx"));
    // What is finished gets what it lacks.
    brief(&["--format", "tmx", "--format", "text,csv,xlsx"]);
    for name in [
        "page.txt/1.docx",
        "page.txt/1.tmx",
        "page.txt/1.wire.txt",
        "figures.csv",
        "people.csv",
        "tables.xlsx",
    ] {
        assert!(there(name), "{name}");
    }
    let figures = fs::read_to_string(dir.join("out/figures.csv")).unwrap();
    assert!(figures.contains("128.6亿元") && figures.contains("12860000000"));
    // A brief that is another leaves no file of the one before.
    fs::write(dir.join("page.txt"), format!("{HEAD}\n\n　　{ONE}\n")).unwrap();
    brief(&["--format", "docx"]);
    assert!(there("page.txt/1.docx") && !there("page.txt/1.tmx") && !there("page.txt/1.xlf"));
}
