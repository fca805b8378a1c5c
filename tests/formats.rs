//! Briefs in the formats of other programs, read back by those.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

#[path = "desk/office.rs"]
mod office;
use office::convert;

use kuaibao::{
    brief::record::Brief,
    formats::{Format, OF_A_BRIEF},
    report::{Tables, workbook},
};
use kuaibao_text::checks::{Flag, FlagKind};

/// A brief with all that a format may stumble over.
fn example() -> Brief {
    let text = include_str!("report/port-expansion.json");
    let mut brief: Brief = serde_json::from_str(text).expect("a brief");
    let segment = &mut brief.translation[1];
    segment.en = "=1+1 <b>A & B</b> \u{b}said “so”.".to_owned();
    segment.zh = "甲<乙>&丙]]>说“是”。".to_owned();
    segment.flags = vec![
        Flag {
            kind: FlagKind::FigureMissing,
            message: "90亿元 (9 billion yuan) is not in the <English>.".to_owned(),
        },
        Flag {
            kind: FlagKind::Name,
            message: "王浩 (Wang Hao) is not named so.".to_owned(),
        },
    ];
    brief.figures[0].what = Some("=HYPERLINK(\"x\")".to_owned());
    brief
}

/// Runs a script over the files of [`example`], where there is a Python with the module.
fn python(module: &str, script: &str) {
    let python = std::env::var("KUAIBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = format!("import {module}");
    let there = Command::new(&python)
        .args(["-c", &import])
        .stderr(Stdio::null())
        .status();
    if !there.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no Python with {module} (KUAIBAO_PYTHON)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    let output = Command::new(&python)
        .current_dir(dir.path())
        .args(["-c", script])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

fn write(dir: &Path) {
    let brief = example();
    fs::write(dir.join("brief.json"), serde_json::to_vec(&brief).unwrap()).unwrap();
    for format in OF_A_BRIEF {
        let bytes = format.document(&brief).unwrap().unwrap();
        fs::write(
            dir.join("brief")
                .with_extension(format.extension().unwrap()),
            bytes,
        )
        .unwrap();
    }
    let briefs = [brief.clone(), brief];
    let tables = Tables::of(&briefs);
    fs::write(dir.join("figures.csv"), tables.figures).unwrap();
    fs::write(dir.join("people.csv"), tables.people).unwrap();
    fs::write(dir.join("tables.xlsx"), workbook(&briefs).unwrap()).unwrap();
}

#[test]
fn a_file_is_a_function_of_its_brief() {
    let brief = example();
    for format in OF_A_BRIEF {
        assert_eq!(
            format.document(&brief).unwrap(),
            format.document(&brief).unwrap()
        );
    }
    let briefs = [brief];
    assert_eq!(workbook(&briefs).unwrap(), workbook(&briefs).unwrap());
    assert_eq!(Format::Xlsx.document(&briefs[0]).unwrap(), None);
}

const LOAD: &str = r#"
import json
brief = json.load(open("brief.json"))
segments = brief["translation"]
def clean(text):
    return "".join("\ufffd" if c < " " and c not in "\t\n\r" else c for c in text)
"#;

#[test]
fn word_documents_have_both_languages_and_the_doubts_as_comments() {
    python(
        "docx",
        &format!(
            "{LOAD}{}",
            r#"
import docx
document = docx.Document("brief.docx")
[table] = document.tables
english = "\n".join(row.cells[0].text for row in table.rows)
chinese = "\n".join(row.cells[1].text for row in table.rows)
for segment in segments:
    assert clean(segment["en"]) in english, segment["en"]
    assert segment["zh"] in chinese, segment["zh"]
doubted = [s for s in segments if s["flags"]]
comments = list(document.comments)
assert len(comments) == len(doubted) > 0, (len(comments), len(doubted))
texts = [c.text for c in comments]
for segment in doubted:
    assert " ".join(f["message"] for f in segment["flags"]) in texts, texts
assert document.paragraphs[0].text == brief["headline"]["en"]
"#
        ),
    );
}

/// The same files in another office program, where there is one.
#[test]
fn documents_and_tables_open_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    // With its comments, which a plain text would not have.
    if !convert(dir.path(), "fodt", "brief.docx") {
        return;
    }
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let text = |xml: &str| {
        let mut reader = quick_xml::Reader::from_str(xml);
        let mut text = String::new();
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Text(words) => text.push_str(&words),
                quick_xml::events::Event::GeneralRef(name) => {
                    let reference = format!("&{};", &*name);
                    text.push_str(&quick_xml::escape::unescape(&reference).unwrap());
                }
                quick_xml::events::Event::Eof => return text,
                _ => {}
            }
        }
    };
    let document = text(&read("brief.fodt"));
    let brief = example();
    for segment in &brief.translation {
        assert!(document.contains(&segment.zh), "{}", segment.zh);
        for flag in &segment.flags {
            assert!(document.contains(&flag.message), "{}", flag.message);
        }
    }
    assert!(convert(
        dir.path(),
        "csv:Text - txt - csv (StarCalc):44,34,76",
        "tables.xlsx"
    ));
    let table = read("tables.csv");
    assert_eq!(table.lines().count(), 1 + 2 * brief.figures.len());
    for figure in &brief.figures {
        assert!(table.contains(&figure.zh), "{}", figure.zh);
    }
    // A formula would have been computed.
    assert!(table.contains("=HYPERLINK"), "{table}");
}

#[test]
fn xliff_has_ids_targets_and_notes() {
    python(
        "translate.storage.xliff2",
        &format!(
            "{LOAD}{}",
            r#"
from lxml import etree
from translate.storage.xliff2 import Xliff2File
store = Xliff2File.parsefile("brief.xlf")
units = [u for u in store.units if not u.isheader()]
assert len(units) == len(segments), (len(units), len(segments))
for unit, segment in zip(units, segments):
    assert (unit.source, unit.target) == (segment["zh"], clean(segment["en"])), (unit.source, unit.target)
root = etree.parse("brief.xlf").getroot()
ns = {"x": "urn:oasis:names:tc:xliff:document:2.0"}
assert root.get("version") == "2.1"
for unit, segment in zip(root.iterfind(".//x:unit", ns), segments):
    assert unit.get("id") == segment["id"]
    notes = [(n.get("category"), n.text) for n in unit.iterfind(".//x:note", ns)]
    assert notes == [(f["kind"], f["message"]) for f in segment["flags"]], notes
"#
        ),
    );
}

#[test]
fn tmx_has_the_sentences_of_the_brief() {
    python(
        "translate.storage.tmx",
        &format!(
            "{LOAD}{}",
            r#"
from translate.storage.tmx import tmxfile
store = tmxfile.parsefile("brief.tmx")
assert [(u.source, u.target) for u in store.units] == [(s["zh"], clean(s["en"])) for s in segments]
for unit, segment in zip(store.units, segments):
    assert unit.getid() == segment["id"] or segment["id"] in unit.getid(), unit.getid()
    for flag in segment["flags"]:
        assert flag["message"] in unit.getnotes(), unit.getnotes()
"#
        ),
    );
}

#[test]
fn tables_hold_values_and_no_formulas() {
    python(
        "openpyxl",
        &format!(
            "{LOAD}{}",
            r#"
import csv, openpyxl
book = openpyxl.load_workbook("tables.xlsx")
rows = list(book["Figures"].iter_rows(values_only=True))
assert len(rows) == 1 + 2 * len(brief["figures"])
head = {name: i for i, name in enumerate(rows[0])}
lines = list(csv.DictReader(open("figures.csv", encoding="utf-8", newline="")))
assert len(lines) == len(rows) - 1
for row, line, figure in zip(rows[1:], lines, brief["figures"]):
    assert row[head["zh"]] == line["zh"] == figure["zh"]
    if isinstance(figure["value"], (int, float)):
        assert row[head["value"]] == float(line["value"]) == figure["value"]
for sheet in book:
    for cells in sheet.iter_rows():
        assert all(cell.data_type != "f" for cell in cells)
assert lines[0]["what"].startswith("'="), lines[0]["what"]
people = list(csv.DictReader(open("people.csv", encoding="utf-8", newline="")))
assert [p["name_zh"] for p in people[:len(brief["people"])]] == [p["zh"] for p in brief["people"]]
"#
        ),
    );
}

#[test]
fn a_wire_has_no_control_characters_and_says_what_to_check() {
    let bytes = Format::Text.document(&example()).unwrap().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(text.contains("To be checked before use"));
    assert!(text.contains("90亿元 (9 billion yuan) is not in the <English>."));
}
