//! DOCX: the main document's paragraphs become lines; headings are known by their style.
//!
//! Deleted text of tracked changes, field codes, comments, headers and footers are not read.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::ReadError;
use super::plain::Plain;

/// Longer XML is refused; a small file can unpack to anything.
const LONGEST_XML: u64 = 64 << 20;

pub(super) fn read(bytes: &[u8]) -> Result<Plain, ReadError> {
    let broken = |why: &dyn std::fmt::Display| ReadError::Docx(why.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    let file = archive
        .by_name("word/document.xml")
        .map_err(|e| broken(&e))?;
    let mut xml = String::new();
    file.take(LONGEST_XML + 1)
        .read_to_string(&mut xml)
        .map_err(|e| broken(&e))?;
    if xml.len() as u64 > LONGEST_XML {
        return Err(broken(&format!(
            "its text unpacks to more than {} MiB",
            LONGEST_XML >> 20
        )));
    }
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
    /// Depth within cells of tables: their paragraphs are no lines.
    cell: usize,
}

impl Document {
    fn reads(&self) -> bool {
        self.in_text && self.fallback == 0
    }

    fn open(&mut self, tag: &BytesStart) {
        match tag.local_name().as_ref() {
            "t" => self.in_text = true,
            "Fallback" => self.fallback += 1,
            "tc" if self.fallback == 0 => {
                if self.cell == 0 && !self.plain.is_at_start() {
                    self.plain.push_exactly("\u{3000}");
                }
                self.cell += 1;
            }
            "p" if self.fallback == 0 && self.cell == 0 => {
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
            "tab" if self.fallback == 0 => self.plain.push_exactly("\u{3000}"),
            "br" | "cr" if self.fallback == 0 && self.cell == 0 => self.plain.end_line(false),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "Fallback" => self.fallback = self.fallback.saturating_sub(1),
            "tc" if self.fallback == 0 => self.cell = self.cell.saturating_sub(1),
            "tr" if self.fallback == 0 && self.cell == 0 => self.plain.end_line(false),
            "p" if self.fallback == 0 && self.cell == 0 => {
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
    fn a_row_of_a_table_is_a_line() {
        let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
        let rows = format!(
            "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl><w:p><w:r><w:t>正文</w:t></w:r></w:p>",
            cell("货种"),
            cell("吞吐量"),
            cell("煤炭"),
            cell("1260万吨")
        );
        assert_eq!(
            read(&docx(&rows)).unwrap().text,
            "货种　吞吐量\n煤炭　1260万吨\n正文\n"
        );
    }

    #[test]
    fn a_document_that_unpacks_to_too_much_is_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", SimpleFileOptions::default())
            .unwrap();
        let part = vec![b' '; 1 << 20];
        for _ in 0..=LONGEST_XML >> 20 {
            zip.write_all(&part).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        let reason = read(&bytes).unwrap_err().to_string();
        assert!(reason.contains("64 MiB"), "{reason}");
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
