//! `kuaibao brief --jsonl`: the protocol between the program and those that keep it running.

mod support;

use std::process::{Command, Output};

use serde_json::Value;
use support::{feed, random_model, stderr};

/// The answers to lines, by a model of random weights.
fn answer(lines: &str, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
    command
        .env("HF_HUB_OFFLINE", "1")
        .args(["brief", "--jsonl", "--quiet", "--beam", "1", "--translator"])
        .arg(random_model())
        .args(flags);
    feed(&mut command, lines.as_bytes())
}

fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn an_id_comes_back_as_it_was_written() {
    let ids = [
        "12345678901234567890123",
        "1.50",
        "-0",
        "1e3",
        r#""a\u0041\/""#,
        "null",
        "true",
        r#"{"b": 1,  "a": [2]}"#,
    ];
    let good = |id| format!(r#"{{"text": "云州港昨日开港。", "id": {id}}}"#);
    let bad = |id| format!(r#"{{"id": {id}}}"#);
    let given: Vec<String> = ids.iter().flat_map(|id| [good(id), bad(id)]).collect();
    let output = answer(&given.join("\n"), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let answers = lines(&output);
    assert_eq!(answers.len(), 2 * ids.len());
    for (i, id) in ids.iter().enumerate() {
        for answer in &answers[2 * i..2 * i + 2] {
            assert!(
                answer.starts_with(&format!(r#"{{"id":{id},"#)),
                "{id}: {answer}"
            );
        }
        assert!(answers[2 * i].contains("kuaibao.brief/1"));
        assert!(answers[2 * i + 1].contains("no `text`"));
    }
}

#[test]
fn any_text_is_one_article_with_all_its_words() {
    let texts = [
        "云州港",
        "2026年3月17日",
        "本报记者 王浩",
        "第一段。\n\n第二段。",
        "（下转第七版）",
        "A3",
        "3",
        "。",
        "□",
        "版面责编 何穗",
    ];
    let given: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(id, text)| serde_json::json!({"id": id, "text": text}).to_string())
        .collect();
    let output = answer(&given.join("\n"), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    for (text, answer) in texts.iter().zip(lines(&output)) {
        let brief: Value = serde_json::from_str(&answer).unwrap();
        let mut found = String::new();
        for segment in brief["translation"].as_array().unwrap() {
            found += segment["zh"].as_str().unwrap();
        }
        for name in brief["byline"].as_array().unwrap() {
            found += name.as_str().unwrap();
        }
        for dropped in brief["dropped"].as_array().unwrap() {
            found += dropped["text"].as_str().unwrap();
        }
        let sorted = |text: &str| {
            let mut characters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
            characters.sort_unstable();
            characters
        };
        assert_eq!(sorted(&found), sorted(text), "{answer}");
    }
}

#[test]
fn what_is_said_about_an_article_is_taken_over() {
    let line = serde_json::json!({
        "id": "x",
        "text": "　　本报讯 青河县交通局局长周文远昨日到会。今年新修公路300公里。",
        "title": "青河县修路",
        "date": "2026-07-14",
        "paper": "青河报",
        "url": "https://example.org/1",
        "encoding": "gb18030",
        "glossary": {"周文远": "Chow Wen-yuan"},
        "colour": "red",
    });
    let output = answer(&format!("{line}\n{line}\n"), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        stderr(&output).matches("colour").count(),
        1,
        "{}",
        stderr(&output)
    );
    let brief: Value = serde_json::from_str(&lines(&output)[0]).unwrap();
    assert_eq!(brief["headline"]["zh"], "青河县修路");
    assert_eq!(brief["date"], "2026-07-14");
    assert_eq!(brief["paper"], "青河报");
    for field in ["id", "url", "encoding"] {
        assert_eq!(brief[field], line[field]);
    }
    assert_eq!(brief["people"][0]["en"], "Chow Wen-yuan");
    // Offsets count in the text, for all that is in it.
    let text = line["text"].as_str().unwrap();
    for segment in brief["translation"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["role"] == "body")
    {
        let at = |end: &str| segment[end].as_u64().unwrap() as usize;
        assert_eq!(segment["zh"].as_str(), text.get(at("start")..at("end")));
    }
}

#[test]
fn offsets_count_in_what_is_said_to_be_the_source() {
    let body = "　　本报讯 路昨日通。全长300公里。";
    let forms = "　　本报讯 路昨⽇通。全⻓300公⾥。";
    for (text, title, source) in [
        (body, None, None),
        (forms, None, Some(body.to_owned())),
        (body, Some("山路通车"), Some(format!("{body}\n\n山路通车"))),
    ] {
        let line = serde_json::json!({"id": 1, "text": text, "title": title}).to_string();
        let output = answer(&line, &[]);
        assert!(output.status.success(), "{}", stderr(&output));
        let brief: Value = serde_json::from_str(&lines(&output)[0]).unwrap();
        assert_eq!(
            brief.get("source_text").and_then(Value::as_str),
            source.as_deref()
        );
        let source = source.unwrap_or(text.to_owned());
        let segments = brief["translation"].as_array().unwrap();
        assert_eq!(segments.len(), 2 + usize::from(title.is_some()));
        for segment in segments {
            let at = |end: &str| segment[end].as_u64().unwrap() as usize;
            assert_eq!(segment["zh"].as_str(), source.get(at("start")..at("end")));
        }
    }
}

#[test]
fn a_bad_line_costs_itself_alone() {
    let bad = [
        "not json",
        "[1]",
        "{}",
        r#"{"id": 1, "text": 2}"#,
        r#"{"id": 1, "text": "云州港", "date": "yesterday"}"#,
        r#"{"id": 1, "text": "云州港", "glossary": ["x"]}"#,
        "{\"id\": 1, \"text\": \"\u{0}\"}",
        r#"{"id": 1, "text": "\ud800"}"#,
    ];
    let good = r#"{"id": "good", "text": "云州港昨日开港。"}"#;
    let given: Vec<&str> = bad.iter().flat_map(|line| [*line, good]).collect();
    for flags in [&[][..], &["--unordered"]] {
        let output = answer(&given.join("\n"), flags);
        assert_eq!(output.status.code(), Some(1));
        let answers = lines(&output);
        assert_eq!(answers.len(), given.len());
        let errors = answers.iter().filter(|a| a.contains("\"error\":")).count();
        assert_eq!(errors, bad.len(), "{answers:?}");
        if flags.is_empty() {
            for pair in answers.chunks(2) {
                assert!(pair[0].contains("\"error\":") && pair[1].starts_with(r#"{"id":"good""#));
            }
        }
    }
}

#[test]
fn a_line_without_end_is_refused_and_the_next_is_read() {
    let endless = "x".repeat(200_000);
    let good = r#"{"id": "good", "text": "云州港昨日开港。"}"#;
    let output = answer(
        &format!("{endless}\n{good}\n{endless}"),
        &["--max-bytes", "10000"],
    );
    assert_eq!(output.status.code(), Some(1));
    let answers = lines(&output);
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert!(answers[0].contains("10000 bytes") && answers[2].contains("10000 bytes"));
    assert!(answers[1].starts_with(r#"{"id":"good""#));
}
