//! XLIFF 2.1: a unit a sentence, with its id, what is doubted about it as notes.
//!
//! <https://docs.oasis-open.org/xliff/xliff-core/v2.1/os/xliff-core-v2.1-os.html>

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::FormatError;
use crate::{
    brief::record::{Brief, Origin},
    memory::tmx::allowed,
};

const NAMESPACE: &str = "urn:oasis:names:tc:xliff:document:2.0";

pub(super) fn document(brief: &Brief) -> Result<Vec<u8>, FormatError> {
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    open(
        &mut xml,
        "xliff",
        &[
            ("xmlns", NAMESPACE),
            ("version", "2.1"),
            ("srcLang", "zh"),
            ("trgLang", "en"),
        ],
    )?;
    let original = allowed(&brief.source);
    open(
        &mut xml,
        "file",
        &[("id", "f1"), ("original", original.as_str())],
    )?;
    for segment in &brief.translation {
        open(
            &mut xml,
            "unit",
            &[("id", segment.id.as_str()), ("xml:space", "preserve")],
        )?;
        if !segment.flags.is_empty() {
            open(&mut xml, "notes", &[])?;
            for flag in &segment.flags {
                let kind = serde_json::to_value(flag.kind).unwrap_or_default();
                let kind = kind.as_str().unwrap_or("doubt").to_owned();
                text(
                    &mut xml,
                    "note",
                    &[("category", kind.as_str())],
                    &flag.message,
                )?;
            }
            close(&mut xml, "notes")?;
        }
        let state = match segment.origin {
            Origin::Memory | Origin::Editor => "reviewed",
            Origin::Model | Origin::Template => "translated",
        };
        open(&mut xml, "segment", &[("state", state)])?;
        text(&mut xml, "source", &[], &segment.zh)?;
        text(&mut xml, "target", &[], &segment.en)?;
        close(&mut xml, "segment")?;
        close(&mut xml, "unit")?;
    }
    close(&mut xml, "file")?;
    close(&mut xml, "xliff")?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn open(
    xml: &mut Writer<Vec<u8>>,
    name: &str,
    attributes: &[(&str, &str)],
) -> Result<(), FormatError> {
    let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
    Ok(xml.write_event(Event::Start(start))?)
}

fn close(xml: &mut Writer<Vec<u8>>, name: &str) -> Result<(), FormatError> {
    Ok(xml.write_event(Event::End(BytesEnd::new(name)))?)
}

fn text(
    xml: &mut Writer<Vec<u8>>,
    name: &str,
    attributes: &[(&str, &str)],
    words: &str,
) -> Result<(), FormatError> {
    open(xml, name, attributes)?;
    xml.write_event(Event::Text(BytesText::new(&allowed(words))))?;
    close(xml, name)
}
