//! Memory as TMX 1.4b, the form in which translators' programs exchange theirs.
//!
//! Out: every correction that holds as a unit with its Chinese and English, who made it, when and
//! where; terms are units marked as such. In: the units of any program that have a Chinese and an
//! English side; marks inside a sentence are left out, their words stay. Entities of a file's own are
//! never expanded.

use std::{borrow::Cow, path::Path};

use quick_xml::{
    Reader, Writer,
    escape::unescape,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::store::{Correction, MemoryError, Term};

/// Corrections and terms as TMX.
pub fn write(corrections: &[Correction], terms: &[Term]) -> Result<Vec<u8>, std::io::Error> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::DocType(BytesText::from_escaped(
        "tmx SYSTEM \"tmx14.dtd\"",
    )))?;
    let tmx = BytesStart::new("tmx").with_attributes([("version", "1.4")]);
    xml.write_event(Event::Start(tmx))?;
    let header = BytesStart::new("header").with_attributes([
        ("creationtool", "kuaibao"),
        ("creationtoolversion", env!("CARGO_PKG_VERSION")),
        ("segtype", "sentence"),
        ("o-tmf", "kuaibao"),
        ("adminlang", "en"),
        ("srclang", "zh"),
        ("datatype", "plaintext"),
    ]);
    xml.write_event(Event::Empty(header))?;
    xml.write_event(Event::Start(BytesStart::new("body")))?;
    for c in corrections {
        let names = (!c.names.is_empty())
            .then(|| serde_json::to_string(&c.names))
            .transpose()?;
        let props = [
            ("x-source", c.source.as_deref()),
            ("x-article", c.article.as_deref()),
            ("x-segment", c.segment.as_deref()),
            ("x-model", c.model.as_deref()),
            ("x-machine", c.machine.as_deref()),
            ("x-names", names.as_deref()),
        ];
        let about = (c.who.as_str(), c.at.as_str(), c.note.as_deref());
        // What is not of a memory goes by the sentence that it is.
        let id = match (&c.segment, c.id) {
            (Some(segment), 0) => allowed(segment),
            (_, id) => format!("c{id}"),
        };
        unit(&mut xml, &id, about, &props, (&c.zh, &c.en))?;
    }
    for t in terms {
        let props = [("x-kind", Some("term")), ("x-source", t.source.as_deref())];
        let about = (t.who.as_str(), t.at.as_str(), t.note.as_deref());
        unit(
            &mut xml,
            &format!("t{}", t.id),
            about,
            &props,
            (&t.zh, &t.en),
        )?;
    }
    xml.write_event(Event::End(BytesEnd::new("body")))?;
    xml.write_event(Event::End(BytesEnd::new("tmx")))?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn unit(
    xml: &mut Writer<Vec<u8>>,
    id: &str,
    (who, at, note): (&str, &str, Option<&str>),
    props: &[(&str, Option<&str>)],
    (zh, en): (&str, &str),
) -> std::io::Result<()> {
    let mut tu = BytesStart::new("tu");
    tu.push_attribute(("tuid", id));
    let basic = basic_time(at);
    if !basic.is_empty() {
        tu.push_attribute(("creationdate", basic.as_str()));
    }
    if !who.is_empty() {
        tu.push_attribute(("creationid", allowed(who).as_str()));
    }
    xml.write_event(Event::Start(tu))?;
    if let Some(note) = note {
        text(xml, BytesStart::new("note"), note)?;
    }
    for (kind, value) in props {
        if let Some(value) = value {
            let prop = BytesStart::new("prop").with_attributes([("type", *kind)]);
            text(xml, prop, value)?;
        }
    }
    for (language, words) in [("zh", zh), ("en", en)] {
        let tuv = BytesStart::new("tuv").with_attributes([("xml:lang", language)]);
        xml.write_event(Event::Start(tuv))?;
        text(xml, BytesStart::new("seg"), words)?;
        xml.write_event(Event::End(BytesEnd::new("tuv")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("tu")))
}

fn text(xml: &mut Writer<Vec<u8>>, start: BytesStart, words: &str) -> std::io::Result<()> {
    let end = start.to_end().into_owned();
    xml.write_event(Event::Start(start.clone()))?;
    xml.write_event(Event::Text(BytesText::new(&allowed(words))))?;
    xml.write_event(Event::End(end))
}

/// A text with what XML cannot hold replaced.
pub(crate) fn allowed(text: &str) -> String {
    let is_allowed = |c: char| {
        matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
    };
    text.chars()
        .map(|c| if is_allowed(c) { c } else { '\u{fffd}' })
        .collect()
}

/// `2026-07-14T08:30:00Z` as TMX writes it: `20260714T083000Z`.
fn basic_time(at: &str) -> String {
    let time: Option<jiff::Timestamp> = at.parse().ok();
    time.map_or_else(String::new, |time| {
        time.strftime("%Y%m%dT%H%M%SZ").to_string()
    })
}

/// The same back; empty where it is no time.
fn extended_time(at: &str) -> String {
    // A letter behind the time is no zone to jiff.
    let parsed = at
        .strip_suffix('Z')
        .and_then(|at| jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", at).ok())
        .and_then(|time| time.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok());
    parsed.map_or_else(String::new, |time| time.timestamp().to_string())
}

/// What a TMX file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Units that are sentences.
    pub corrections: Vec<Correction>,
    /// Units that are terms.
    pub terms: Vec<Term>,
    /// Units that have no Chinese or no English.
    pub passed_over: usize,
}

/// A unit under way.
#[derive(Default)]
struct Unit {
    who: String,
    at: String,
    props: Vec<(String, String)>,
    note: Option<String>,
    /// Language and words of each variant.
    variants: Vec<(String, String)>,
}

/// Reads a TMX file; `path` is named in errors.
pub fn read(bytes: &[u8], path: &Path) -> Result<Held, MemoryError> {
    let failed = |why: String| MemoryError::Exchange {
        path: path.to_owned(),
        why,
    };
    let not_xml = |e: &dyn std::fmt::Display| failed(format!("cannot be read as XML: {e}"));
    // Older programs write UTF-16.
    let decoded = kuaibao_text::page::decode(bytes, None).map_err(|e| failed(e.to_string()))?;
    let mut xml = Reader::from_str(&decoded.text);
    xml.config_mut().expand_empty_elements = true;
    let mut held = Held::default();
    let mut unit = Unit::default();
    let mut open: Vec<String> = Vec::new();
    let mut is_tmx = false;
    loop {
        let event = xml.read_event().map_err(|e| not_xml(&e))?;
        match event {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                let attribute = |wanted: &str| {
                    let found = start
                        .attributes()
                        .flatten()
                        .find(|a| a.key.as_ref() == wanted)?;
                    unescape(&found.value).ok().map(Cow::into_owned)
                };
                match name.as_str() {
                    "tmx" => is_tmx = true,
                    "tu" => {
                        unit = Unit {
                            who: attribute("changeid")
                                .or_else(|| attribute("creationid"))
                                .unwrap_or_default(),
                            at: attribute("changedate")
                                .or_else(|| attribute("creationdate"))
                                .map(|at| extended_time(&at))
                                .unwrap_or_default(),
                            ..Unit::default()
                        }
                    }
                    "tuv" => {
                        let language = attribute("xml:lang").or_else(|| attribute("lang"));
                        let language = language.unwrap_or_default().to_lowercase();
                        unit.variants.push((language, String::new()));
                    }
                    "prop" => unit
                        .props
                        .push((attribute("type").unwrap_or_default(), String::new())),
                    "note" => unit.note = Some(String::new()),
                    _ => {}
                }
                open.push(name);
            }
            Event::End(_) if open.pop().as_deref() == Some("tu") => {
                take(&mut held, std::mem::take(&mut unit));
            }
            Event::Text(words) => add(&mut unit, &open, &words),
            Event::CData(words) => add(&mut unit, &open, &words),
            Event::GeneralRef(name) => {
                let words = resolved(&name)
                    .ok_or_else(|| failed(format!("has an entity of its own, &{};", &*name)))?;
                add(&mut unit, &open, &words);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !is_tmx {
        return Err(failed("is no TMX file".to_owned()));
    }
    if !open.is_empty() {
        return Err(failed("ends in the middle".to_owned()));
    }
    Ok(held)
}

/// What a character reference or one of the five entities of XML stands for.
pub(crate) fn resolved(name: &str) -> Option<String> {
    unescape(&format!("&{name};")).ok().map(Cow::into_owned)
}

/// Adds words to what is open: a sentence, but for what its marks hold, a property, a note.
fn add(unit: &mut Unit, open: &[String], words: &str) {
    let mark = |name: &String| matches!(name.as_str(), "bpt" | "ept" | "ph" | "it" | "ut");
    if open.iter().any(|name| name == "seg") {
        if !open.iter().any(mark)
            && let Some((_, text)) = unit.variants.last_mut()
        {
            text.push_str(words);
        }
    } else if open.last().is_some_and(|name| name == "prop") {
        if let Some((_, text)) = unit.props.last_mut() {
            text.push_str(words);
        }
    } else if open.last().is_some_and(|name| name == "note")
        && let Some(note) = &mut unit.note
    {
        note.push_str(words);
    }
}

/// Takes a unit that is whole.
fn take(held: &mut Held, unit: Unit) {
    let side = |language: &str| {
        let is = |(own, _): &&(String, String)| {
            own == language || own.split(['-', '_']).next() == Some(language)
        };
        let found = unit.variants.iter().find(is)?;
        let text = found.1.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let prop = |name: &str| {
        let found = unit.props.iter().find(|(own, _)| own == name)?;
        Some(found.1.clone())
    };
    let (Some(zh), Some(en)) = (side("zh"), side("en")) else {
        held.passed_over += 1;
        return;
    };
    if prop("x-kind").as_deref() == Some("term") {
        held.terms.push(Term {
            source: prop("x-source"),
            id: 0,
            zh,
            en,
            who: unit.who,
            at: unit.at,
            note: unit.note,
        });
        return;
    }
    let names = prop("x-names").and_then(|names| serde_json::from_str(&names).ok());
    held.corrections.push(Correction {
        source: prop("x-source"),
        article: prop("x-article"),
        segment: prop("x-segment"),
        model: prop("x-model"),
        machine: prop("x-machine"),
        names: names.unwrap_or_default(),
        id: 0,
        zh,
        en,
        who: unit.who,
        at: unit.at,
        note: unit.note,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let corrections = vec![Correction {
            zh: "甲<乙> & “丙”".to_owned(),
            en: "A < B & \"C\"\u{fffd}".to_owned(),
            names: vec![("王浩".to_owned(), "Wang Hao".to_owned())],
            who: "李 & 王".to_owned(),
            at: "2026-07-14T08:30:00Z".to_owned(),
            source: Some("a/b.txt".to_owned()),
            note: Some("asked the desk".to_owned()),
            ..Correction::default()
        }];
        let terms = vec![Term {
            zh: "云湖港".to_owned(),
            en: "Port of Yunhu | Yunhu Port".to_owned(),
            ..Term::default()
        }];
        let held = read(&write(&corrections, &terms).unwrap(), Path::new("x.tmx")).unwrap();
        assert_eq!((held.corrections, held.terms), (corrections, terms));
    }

    #[test]
    fn files_of_other_programs_are_read_and_bad_ones_refused() {
        let file = |body: &str| {
            format!("<?xml version='1.0'?><tmx version='1.4'><header/><body>{body}</body></tmx>")
        };
        let read = |text: &str| read(text.as_bytes(), Path::new("x.tmx"));
        let body = "<tu><tuv xml:lang='EN-US'><seg>The <bpt i='1'>&lt;b&gt;</bpt>port<ept i='1'>&lt;/b&gt;</ept> opened<hi> today</hi>.</seg></tuv>\
            <tuv xml:lang='zh-CN'><seg>港口今日开港。</seg></tuv></tu>\
            <tu><tuv xml:lang='de'><seg>Hafen</seg></tuv><tuv xml:lang='zh'><seg>港</seg></tuv></tu>";
        let held = read(&file(body)).unwrap();
        assert_eq!(held.corrections[0].en, "The port opened today.");
        assert_eq!((held.corrections.len(), held.passed_over), (1, 1));
        let bomb = "<!DOCTYPE tmx [<!ENTITY a 'aaaa'>]><tmx><body><tu><tuv xml:lang='zh'><seg>&a;</seg></tuv></tu></body></tmx>";
        for bad in ["<html></html>", "港口", bomb, "<tmx><body><tu>"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
