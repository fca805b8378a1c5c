//! DOCX: the main document's paragraphs become lines; headings are known by their style.
//!
//! Deleted text of tracked changes, field codes, comments, headers and footers are not read.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::ReadError;
use super::plain::Plain;

/// The document's XML is not read beyond this; a small file can unpack to anything.
const LONGEST_XML: u64 = 256 << 20;

pub(super) fn read(bytes: &[u8]) -> Result<Plain, ReadError> {
    let broken = |why: &dyn std::fmt::Display| ReadError::Docx(why.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    let file = archive
        .by_name("word/document.xml")
        .map_err(|e| broken(&e))?;
    let mut xml = String::new();
    file.take(LONGEST_XML)
        .read_to_string(&mut xml)
        .map_err(|e| broken(&e))?;
    let mut document = Document::default();
    let mut reader = Reader::from_str(&xml);
    loop {
        match reader.read_event().map_err(|e| broken(&e))? {
            Event::Start(tag) => document.open(&tag),
            Event::Empty(tag) => {
                document.open(&tag);
                document.close(tag.local_name().as_ref());
            }
            Event::End(tag) => document.close(tag.local_name().as_ref()),
            Event::Text(text) if document.reads() => {
                document.plain.push_exactly(&text);
            }
            Event::GeneralRef(name) if document.reads() => {
                if let Some(c) = character(&name) {
                    document.plain.push_exactly(c.encode_utf8(&mut [0; 4]));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    document.plain.end_line(false);
    Ok(document.plain)
}

/// What a character reference stands for.
fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[derive(Default)]
struct Document {
    plain: Plain,
    /// Within `w:t`.
    in_text: bool,
    /// Depth within `mc:Fallback`, which repeats what stands beside it.
    fallback: usize,
    is_heading: bool,
}

impl Document {
    fn reads(&self) -> bool {
        self.in_text && self.fallback == 0
    }

    fn open(&mut self, tag: &BytesStart) {
        match tag.local_name().as_ref() {
            "t" => self.in_text = true,
            "Fallback" => self.fallback += 1,
            "p" if self.fallback == 0 => {
                self.plain.end_line(false);
                self.is_heading = false;
            }
            "pStyle" | "outlineLvl" => {
                let value = tag
                    .attributes()
                    .flatten()
                    .find(|a| a.key.local_name().as_ref() == "val")
                    .map(|a| a.value.to_lowercase());
                // `Heading1`, `Title`; a Chinese Word numbers its heading styles from 1.
                self.is_heading |= value.is_some_and(|v| {
                    v.starts_with("heading")
                        || v.contains("title")
                        || v.contains("标题")
                        || ["1", "2", "3", "4", "5", "6"].contains(&v.as_str())
                });
            }
            "tab" if self.fallback == 0 => self.plain.push(" "),
            "br" | "cr" if self.fallback == 0 => self.plain.end_line(false),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "Fallback" => self.fallback = self.fallback.saturating_sub(1),
            "p" if self.fallback == 0 => {
                self.plain.end_line(self.is_heading);
                self.is_heading = false;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn docx(body: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", SimpleFileOptions::default())
            .unwrap();
        write!(
            zip,
            "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\" xmlns:mc=\"mc\"><w:body>{body}</w:body></w:document>"
        )
        .unwrap();
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn paragraphs_become_lines() {
        let plain = read(&docx(
            "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>山里的</w:t></w:r><w:r><w:t>音乐课</w:t></w:r></w:p>\
             <w:p><w:r><w:t xml:space=\"preserve\">柏树岭小学 </w:t></w:r><w:del><w:r><w:delText>删掉</w:delText></w:r></w:del><w:r><w:t>A&amp;B</w:t><w:br/><w:t>第二行</w:t></w:r></w:p><w:p/>",
        ))
        .unwrap();
        assert_eq!(plain.text, "山里的音乐课\n柏树岭小学 A&B\n第二行\n");
        assert!(plain.markup.has_headings());
    }

    #[test]
    fn what_is_no_docx_is_refused() {
        assert!(matches!(
            read(b"PK\x03\x04 nothing"),
            Err(ReadError::Docx(_))
        ));
        let cut = &docx("<w:p><w:t>a</w:t></w:p>")[..60];
        assert!(read(cut).is_err());
    }
}
