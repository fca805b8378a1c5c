//! What other programs ask: translations as LibreTranslate gives them, with more on request; briefs;
//! checks.
//!
//! `/translate`, `/detect`, `/languages` and `/suggest` take what LibreTranslate's take, as forms or
//! JSON, and answer as it does. Fields that it does not know (`flags`, `figures`, `repair`) add to the
//! answer and change nothing of it. A suggestion is a correction, and is used from then on.

use std::{borrow::Cow, path::Path};

use oxhttp::model::header;
use serde_json::{Map, Value, json};

use super::{
    Desk,
    message::{Answer, Asked, Failure, Reply, flag, optional, text},
    queue::Order,
};
use crate::{
    brief::one::Given,
    commands::{check::LineRecord, inputs::parse_date},
    memory::{self, Correction},
    pipeline,
    translation::{self, Checked, Rules, Text},
};
use kuaibao_engine::hub::sha256_hex;
use kuaibao_text::{
    checks::{Flag, Habit, check_figures, check_meaning},
    figures::{Clock, Place, extract},
    glossary::Entry,
    people,
    text::{Traced, chars::is_han, looks_traditional, sentences},
};

/// Texts of one request, and characters of them.
const MOST_TEXTS: usize = 1000;
/// Hypotheses of one request.
const MOST_ALTERNATIVES: usize = 10;

/// Where `api_key` may stand in the body.
pub(super) fn takes_key(path: &str) -> bool {
    [
        "/translate",
        "/detect",
        "/languages",
        "/suggest",
        "/brief",
        "/check",
    ]
    .contains(&path)
}

/// The languages that are translated from, by the codes that clients use for them.
fn is_chinese(code: &str) -> bool {
    let base = code.split(['-', '_']).next().unwrap_or_default();
    matches!(
        base.to_ascii_lowercase().as_str(),
        "zh" | "zt" | "zho" | "chi"
    )
}

/// `POST /translate`.
pub(super) fn translate(desk: &Desk, asked: &Asked) -> Answer {
    let fields = asked.fields()?;
    let (texts, is_list) = texts(&fields)?;
    let source = text(&fields, "source")?;
    let target = text(&fields, "target")?;
    if source != "auto" && !is_chinese(&source) {
        return Err(Failure::bad(format!(
            "{source} is not supported: Chinese is translated (zh)"
        )));
    }
    if !target.to_ascii_lowercase().starts_with("en") {
        return Err(Failure::bad(format!(
            "{target} is not supported: English is written (en)"
        )));
    }
    let html = match optional(&fields, "format")?.as_deref() {
        None | Some("text") => false,
        Some("html") => true,
        Some(other) => return Err(Failure::bad(format!("the format {other} is not known"))),
    };
    let wants = Wants {
        flags: flag(&fields, "flags")?,
        figures: flag(&fields, "figures")?,
        repair: flag(&fields, "repair")?,
        alternatives: count(&fields, "alternatives")?.min(MOST_ALTERNATIVES),
        html,
    };
    let plans: Vec<Plan> = texts.iter().map(|text| Plan::new(text, html)).collect();
    let units: Vec<Vec<String>> = plans.iter().map(|plan| plan.units.clone()).collect();
    let english = match units.iter().all(Vec::is_empty) {
        true => units.iter().map(|_| Vec::new()).collect(),
        false => desk.queue.translate(Order {
            texts: units,
            checked: wants.flags,
            mended: wants.repair,
        })?,
    };
    let mut answers = Vec::new();
    for ((text, plan), english) in texts.iter().zip(&plans).zip(&english) {
        answers.push(desk.translated(text, plan, english, &wants)?);
    }
    let mut answer = Map::new();
    let mut put = |name: &str, is_asked: bool, value: &dyn Fn(&Translated) -> Value| {
        if is_asked {
            let mut all: Vec<Value> = answers.iter().map(value).collect();
            let value = if is_list {
                Value::from(all)
            } else {
                all.remove(0)
            };
            answer.insert(name.to_owned(), value);
        }
    };
    put("translatedText", true, &|t| json!(t.en));
    put("alternatives", wants.alternatives > 0, &|t| {
        json!(t.alternatives)
    });
    put("flags", wants.flags, &|t| json!(t.flags));
    put("figures", wants.figures, &|t| json!(t.figures));
    if source == "auto" {
        let found: Vec<Value> = texts.iter().map(|t| detected(t)).collect();
        let found = if is_list {
            json!(found)
        } else {
            found[0].clone()
        };
        answer.insert("detectedLanguage".to_owned(), found);
    }
    Reply::json(&answer)
}

/// What is asked beside the English.
struct Wants {
    flags: bool,
    figures: bool,
    repair: bool,
    alternatives: usize,
    html: bool,
}

#[derive(Default)]
struct Translated {
    en: String,
    alternatives: Vec<String>,
    flags: Vec<Value>,
    figures: Vec<Value>,
}

/// A text taken apart: what stays as it is, and the sentences between.
struct Plan<'a> {
    pieces: Vec<Kept<'a>>,
    units: Vec<String>,
}

enum Kept<'a> {
    /// A tag, or white space.
    AsIs(&'a str),
    /// A space between sentences.
    Space,
    /// A sentence, by its place.
    Unit(usize),
}

impl<'a> Plan<'a> {
    fn new(text: &'a str, html: bool) -> Self {
        let parts = match html {
            true => nodes(text),
            false => vec![(text, false)],
        };
        let (mut pieces, mut units) = (Vec::new(), Vec::new());
        for (part, is_tag) in parts {
            if is_tag {
                pieces.push(Kept::AsIs(part));
                continue;
            }
            for line in part.split_inclusive('\n') {
                let words = line.trim();
                let lead = line.len() - line.trim_start().len();
                pieces.push(Kept::AsIs(&line[..lead]));
                let plain = if html {
                    unescaped(words)
                } else {
                    words.to_owned()
                };
                for (i, range) in sentences(&plain).into_iter().enumerate() {
                    if i > 0 {
                        pieces.push(Kept::Space);
                    }
                    pieces.push(Kept::Unit(units.len()));
                    units.push(plain[range].to_owned());
                }
                pieces.push(Kept::AsIs(&line[(lead + words.len()).min(line.len())..]));
            }
        }
        Self { pieces, units }
    }
}

impl Desk {
    /// One text put together again, with what is asked of it.
    fn translated(
        &self,
        zh: &str,
        plan: &Plan,
        english: &[Checked],
        wants: &Wants,
    ) -> Result<Translated, Failure> {
        let mut made = Translated::default();
        for piece in &plan.pieces {
            match *piece {
                Kept::AsIs(text) => made.en.push_str(text),
                Kept::Space => made.en.push(' '),
                Kept::Unit(at) if wants.html => {
                    let en = minijinja::HtmlEscape(&english[at].en);
                    made.en.push_str(&en.to_string());
                }
                Kept::Unit(at) => made.en.push_str(&english[at].en),
            }
        }
        if wants.flags {
            for (zh, checked) in plan.units.iter().zip(english) {
                made.flags.extend(checked.flags.iter().map(|flag| {
                    json!({"kind": flag.kind, "message": flag.message, "zh": zh, "en": checked.en})
                }));
            }
        }
        if wants.figures {
            made.figures = figures(zh);
        }
        if wants.alternatives > 0 && !wants.html {
            made.alternatives = self.alternatives(zh, &made.en, wants.alternatives)?;
        }
        Ok(made)
    }

    /// Other English of a text that the model sees at once.
    fn alternatives(&self, zh: &str, en: &str, count: usize) -> Result<Vec<String>, Failure> {
        let text = Text::alone(zh);
        let made = translation::alternatives(&self.engine, &text, count + 1, None)?;
        let others = made.into_iter().map(|checked| checked.en);
        let others = others.filter(|other| other.trim() != en.trim());
        Ok(others.take(count).collect())
    }
}

/// The texts of a request, and whether they came as a list.
fn texts(fields: &Map<String, Value>) -> Result<(Vec<String>, bool), Failure> {
    let wrong = || Failure::bad("`q` must be a text or a list of texts");
    match fields.get("q") {
        None | Some(Value::Null) => Err(Failure::bad("`q` is missing")),
        Some(Value::String(text)) => Ok((vec![text.clone()], false)),
        Some(Value::Array(all)) if all.is_empty() => Err(wrong()),
        Some(Value::Array(all)) if all.len() <= MOST_TEXTS => {
            let texts = all.iter().map(|text| text.as_str().map(str::to_owned));
            let texts: Option<Vec<String>> = texts.collect();
            Ok((texts.ok_or_else(wrong)?, true))
        }
        Some(Value::Array(_)) => Err(Failure::bad(format!("more than {MOST_TEXTS} texts"))),
        Some(_) => Err(wrong()),
    }
}

/// A field that is a number; forms have it as text.
fn count(fields: &Map<String, Value>, name: &str) -> Result<usize, Failure> {
    let wrong = || Failure::bad(format!("`{name}` must be a number"));
    match fields.get(name) {
        None | Some(Value::Null) => Ok(0),
        Some(Value::String(text)) => text.parse().map_err(|_| wrong()),
        Some(value) => value.as_u64().map(|n| n as usize).ok_or_else(wrong),
    }
}

/// Tags and what stands between them.
fn nodes(html: &str) -> Vec<(&str, bool)> {
    let mut nodes = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>') else {
            break;
        };
        let end = open + close + 1;
        nodes.push((&rest[..open], false));
        nodes.push((&rest[open..end], true));
        rest = &rest[end..];
    }
    nodes.push((rest, false));
    nodes.retain(|(text, _)| !text.is_empty());
    nodes
}

fn unescaped(html: &str) -> String {
    quick_xml::escape::unescape(html).map_or_else(|_| html.to_owned(), Cow::into_owned)
}

/// The figures of a text, as `kuaibao figures` has them.
fn figures(zh: &str) -> Vec<Value> {
    let traced = Traced::of(zh, 0..zh.len());
    let place = Place {
        source: "",
        article: "1",
        text: &traced,
        sentence: zh,
        sentence_id: None,
        sentence_start: 0,
    };
    let figures = extract(zh, &Clock::unknown());
    figures.iter().map(|f| json!(f.record(&place))).collect()
}

/// `POST /detect`.
pub(super) fn detect(asked: &Asked) -> Answer {
    let fields = asked.fields()?;
    let (texts, _) = texts(&fields)?;
    let mut found: Vec<Value> = texts.iter().map(|text| detected(text)).collect();
    found.truncate(1);
    Reply::json(&found)
}

/// Chinese by its characters, else English: all that is told apart here.
fn detected(text: &str) -> Value {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let han = text.chars().filter(|c| is_han(*c)).count();
    let share = 100.0 * han as f64 / letters.max(1) as f64;
    let (language, confidence) = match (letters, share >= 30.0) {
        (0, _) => ("en", 0.0),
        (_, true) if looks_traditional(text) => ("zh-Hant", share),
        (_, true) => ("zh-Hans", share),
        (_, false) => ("en", 100.0 - share),
    };
    json!({"language": language, "confidence": confidence.round()})
}

/// `GET /languages`.
pub(super) fn languages() -> Answer {
    let chinese = |code: &str, name: &str| json!({"code": code, "name": name, "targets": ["en"]});
    Reply::json(&json!([
        chinese("zh-Hans", "Chinese"),
        chinese("zh-Hant", "Chinese (traditional)"),
        chinese("zh", "Chinese"),
        {"code": "en", "name": "English", "targets": []},
    ]))
}

/// `GET /frontend/settings`, which clients ask what is possible.
pub(super) fn frontend_settings() -> Answer {
    Reply::json(&json!({
        "apiKeys": false, "charLimit": -1, "frontendTimeout": 500, "keyRequired": false,
        "language": {"source": {"code": "zh-Hans", "name": "Chinese"}, "target": {"code": "en", "name": "English"}},
        "suggestions": true, "filesTranslation": false, "supportedFilesFormat": [],
    }))
}

/// `POST /suggest`: a correction.
pub(super) fn suggest(desk: &Desk, asked: &Asked) -> Answer {
    let fields = asked.fields()?;
    let (zh, en) = (text(&fields, "q")?, text(&fields, "s")?);
    let (source, target) = (optional(&fields, "source")?, optional(&fields, "target")?);
    let source = source.unwrap_or_else(|| "zh".to_owned());
    if !(is_chinese(&source) || source == "auto") || target.is_some_and(|t| !t.starts_with("en")) {
        return Err(Failure::bad("suggestions are English of Chinese"));
    }
    if zh.trim().is_empty() || en.trim().is_empty() {
        return Err(Failure::bad("`q` and `s` must say something"));
    }
    let settings = desk.settings()?;
    desk.store().correct(&Correction {
        names: memory::names_in(&zh, &settings.glossary),
        zh: zh.trim().to_owned(),
        en: en.trim().to_owned(),
        who: desk.who.clone(),
        note: Some("suggested".to_owned()),
        ..Correction::default()
    })?;
    desk.remember()?;
    Reply::json(&json!({"success": true}))
}

/// `POST /brief`: an article as a line of `kuaibao brief --jsonl`, and its brief.
pub(super) fn brief(desk: &Desk, asked: &Asked) -> Answer {
    let fields = asked.fields()?;
    let zh = text(&fields, "text")?;
    let id = optional(&fields, "id")?.unwrap_or_else(|| "1".to_owned());
    let (title, paper) = (optional(&fields, "title")?, optional(&fields, "paper")?);
    let date = optional(&fields, "date")?
        .map(|date| parse_date(&date))
        .transpose();
    let date = date.map_err(|e| Failure::bad(format!("`date`: {e}")))?;
    let mut settings = (*desk.settings()?).clone();
    if let Some(Value::Object(terms)) = fields.get("glossary") {
        for (zh, en) in terms {
            let en = en.as_str();
            let en = en.ok_or_else(|| Failure::bad("`glossary` must be an object of texts"))?;
            settings.call(Entry::new(zh, en));
        }
    }
    pipeline::fits(&zh).map_err(|e| Failure::bad(e.to_string()))?;
    let given = Given {
        id: &id,
        text: &zh,
        title: title.as_deref(),
        date: date.as_deref(),
        paper: paper.as_deref(),
    };
    let (source, page) = given.page();
    pipeline::is_chinese(&source).map_err(|e| Failure::bad(e.to_string()))?;
    // Briefs take the models for long: they wait in one line with what is dropped.
    let _turn = desk.intake.turn()?;
    let run = pipeline::signature(&desk.engine, &settings, "");
    let sha256 = sha256_hex(source.as_bytes());
    let signature = pipeline::page_signature(&run, &settings, &page, &id, &sha256);
    let made = pipeline::brief(&desk.engine, &page, &id, &settings, &signature, &|_| ())?;
    Reply::json(&made.first())
}

/// `POST /check`: a translation held to its Chinese, line by line.
pub(super) fn check(desk: &Desk, asked: &Asked) -> Answer {
    let fields = asked.fields()?;
    let (zh, en) = (text(&fields, "source")?, text(&fields, "target")?);
    let clock = match optional(&fields, "date")? {
        None => Clock::unknown(),
        Some(date) => Clock::parse(&date)
            .ok_or_else(|| Failure::bad("`date` must be a date like 2026-07-14"))?,
    };
    let (zh, en): (Vec<&str>, Vec<&str>) = (zh.lines().collect(), en.lines().collect());
    if zh.len() != en.len() {
        let (zh, en) = (zh.len(), en.len());
        return Err(Failure::bad(format!(
            "`source` has {zh} lines and `target` {en}: they must be translations of each other, line for line"
        )));
    }
    let settings = desk.settings()?;
    let habit = Habit::of(zh.iter().copied().zip(en.iter().copied()));
    let pairs: Vec<(&str, &str)> = zh.iter().copied().zip(en.iter().copied()).collect();
    let opinions = desk.engine.judges.opinions(&pairs);
    let opinions = opinions.map_err(|e| Failure::defect(&e))?;
    let lines = pairs.iter().zip(opinions).enumerate();
    let lines = lines.map(|(i, ((zh, en), opinion))| {
        let figures = check_figures(zh, en, &clock);
        let mut doubts = check_meaning(zh, en, "", habit);
        doubts.extend(opinion.doubt(zh, en));
        let record = LineRecord::new(i + 1, zh, en, &figures, &doubts, opinion.record());
        let mut line = json!(record);
        line["flags"] = json!(flags(zh, en, &clock, &settings));
        line
    });
    let lines: Vec<Value> = lines.collect();
    Reply::json(&lines)
}

/// All that an editor is told of a translation that stands alone.
fn flags(zh: &str, en: &str, clock: &Clock, settings: &pipeline::Settings) -> Vec<Flag> {
    let people = people::find(&[zh], &[]);
    let texts = [zh];
    let text = &Text::naming(&texts, &people, zh)[0];
    let rules = Rules {
        clock,
        glossary: &settings.glossary,
    };
    let Checked { flags, .. } = translation::examine(text, en, &rules);
    flags
}

/// `GET /openapi.json`.
pub(super) fn description() -> Reply {
    let text = include_str!("openapi.json").replace("VERSION", env!("CARGO_PKG_VERSION"));
    Reply::new("application/json", text)
        .with(header::CONTENT_DISPOSITION, "inline; filename=openapi.json")
}

/// A name of a page that a browser sends: what stands behind the last separator, where that is one.
pub(super) fn page_name(name: &str) -> Option<&str> {
    let name = name.rsplit(['/', '\\']).next()?.trim();
    let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains('\0');
    (is_plain && Path::new(name).extension().is_some()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told() {
        let of = |text: &str| detected(text)["language"].as_str().unwrap().to_owned();
        assert_eq!(of("云州港昨日开港。"), "zh-Hans");
        assert_eq!(of("雲州港昨日開港，總投資90億元。"), "zh-Hant");
        assert_eq!(of("The port opened."), "en");
        assert_eq!(detected("")["confidence"], 0.0);
    }

    #[test]
    fn tags_stay_what_they_are() {
        let parts = nodes("<p>甲 &lt; 乙<br></p>丙 < 丁");
        let tags: Vec<&str> = parts.iter().filter(|p| p.1).map(|p| p.0).collect();
        assert_eq!(tags, ["<p>", "<br>", "</p>"]);
        assert_eq!(parts.last(), Some(&("丙 < 丁", false)));
        assert_eq!(unescaped("甲 &lt; 乙"), "甲 < 乙");
    }

    #[test]
    fn names_of_pages_are_names() {
        assert_eq!(page_name("C:\\fakepath\\a.txt"), Some("a.txt"));
        assert_eq!(page_name("../../a.txt"), Some("a.txt"));
        for bad in ["", "..", ".hidden.txt", "a", "a/"] {
            assert_eq!(page_name(bad), None, "{bad}");
        }
    }
}
