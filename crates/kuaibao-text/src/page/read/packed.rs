//! Books (EPUB) and texts of OpenDocument (ODT): packed XML.
//!
//! Nothing unpacks to more than a bound, whatever the pack says of itself.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::plain::Plain;
use super::{ReadError, html};

/// Bytes that all parts of a file may unpack to: a small file can unpack to anything.
const LONGEST: u64 = 64 << 20;

/// A pack, and how much more of it may be unpacked.
struct Pack<'a> {
    form: &'static str,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl<'a> Pack<'a> {
    fn new(form: &'static str, bytes: &'a [u8]) -> Result<Self, ReadError> {
        let archive = ZipArchive::new(Cursor::new(bytes));
        Ok(Self {
            form,
            archive: archive.map_err(|e| ReadError::Broken(form, e.to_string()))?,
            left: LONGEST,
        })
    }

    fn text(&mut self, name: &str) -> Result<String, ReadError> {
        let broken = |why: String| ReadError::Broken(self.form, why);
        let file = self.archive.by_name(name);
        let file = file.map_err(|e| broken(format!("{name}: {e}")))?;
        let mut bytes = Vec::new();
        file.take(self.left + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| broken(format!("{name}: {e}")))?;
        if bytes.len() as u64 > self.left {
            return Err(broken(format!(
                "it unpacks to more than {} MiB",
                LONGEST >> 20
            )));
        }
        self.left -= bytes.len() as u64;
        String::from_utf8(bytes).map_err(|_| broken(format!("{name} is not UTF-8")))
    }
}

fn attribute(tag: &BytesStart, name: &str) -> Option<String> {
    let found = tag
        .attributes()
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name)?;
    Some(unescape(&found.value).ok()?.into_owned())
}

/// Each start tag of an XML text.
fn tags(form: &'static str, xml: &str, mut each: impl FnMut(&BytesStart)) -> Result<(), ReadError> {
    let mut reader = Reader::from_str(xml);
    loop {
        let event = reader.read_event();
        match event.map_err(|e| ReadError::Broken(form, e.to_string()))? {
            Event::Start(tag) | Event::Empty(tag) => each(&tag),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The chapters of a book in the order of its spine, each set apart from the one before.
pub(super) fn epub(bytes: &[u8]) -> Result<Plain, ReadError> {
    const FORM: &str = "an EPUB file";
    let mut pack = Pack::new(FORM, bytes)?;
    let container = pack.text("META-INF/container.xml")?;
    let mut root = None;
    tags(FORM, &container, |tag| {
        if tag.local_name().as_ref() == "rootfile" && root.is_none() {
            root = attribute(tag, "full-path");
        }
    })?;
    let root = root.ok_or_else(|| ReadError::Broken(FORM, "it names no package".to_owned()))?;
    let package = pack.text(&root)?;
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (mut items, mut spine) = (Vec::new(), Vec::new());
    tags(FORM, &package, |tag| match tag.local_name().as_ref() {
        "item" => items.extend(attribute(tag, "id").zip(attribute(tag, "href"))),
        "itemref" => spine.extend(attribute(tag, "idref")),
        _ => {}
    })?;
    let mut plain = Plain::default();
    for id in spine {
        let Some((_, href)) = items.iter().find(|(own, _)| *own == id) else {
            continue;
        };
        let chapter = pack.text(&path(folder, href))?;
        if !plain.text.is_empty() {
            plain.begin_part();
        }
        html::push_whole(&chapter, &mut plain)?;
    }
    Ok(plain)
}

/// A path beside the package; `%20` and the like as in addresses.
fn path(folder: &str, href: &str) -> String {
    let href = href.split('#').next().unwrap_or_default();
    let mut bytes = Vec::new();
    let mut rest = href.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let code = behind.get(..2).filter(|_| first == b'%');
        let code = code.and_then(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok());
        rest = if code.is_some() { &behind[2..] } else { behind };
        bytes.push(code.unwrap_or(first));
    }
    let href = String::from_utf8_lossy(&bytes);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in href.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The paragraphs of a text document; notes of its editors and deleted text are not read.
pub(super) fn odt(bytes: &[u8]) -> Result<Plain, ReadError> {
    const FORM: &str = "an ODT file";
    let xml = Pack::new(FORM, bytes)?.text("content.xml")?;
    let mut reader = Reader::from_str(&xml);
    let mut plain = Plain::default();
    // Depths: within text, within what is not read, within cells of tables.
    let (mut text, mut hidden, mut cell) = (0_usize, 0_usize, 0_usize);
    loop {
        let event = reader.read_event();
        let event = event.map_err(|e| ReadError::Broken(FORM, e.to_string()))?;
        let is_empty = matches!(event, Event::Empty(_));
        match &event {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "annotation" | "tracked-changes" | "forms" if !is_empty => hidden += 1,
                "p" | "h" if hidden == 0 => {
                    if cell == 0 {
                        plain.end_line(false);
                    }
                    text += usize::from(!is_empty);
                }
                "table-cell" if hidden == 0 => {
                    if cell == 0 && !plain.is_at_start() {
                        plain.push_exactly("\u{3000}");
                    }
                    cell += usize::from(!is_empty);
                }
                "s" if hidden == 0 => {
                    let count = attribute(tag, "c").and_then(|c| c.parse().ok());
                    plain.push_exactly(&" ".repeat(count.unwrap_or(1_usize).min(40)));
                }
                "tab" if hidden == 0 => plain.push_exactly("\u{3000}"),
                "line-break" if hidden == 0 && cell == 0 => plain.end_line(false),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "annotation" | "tracked-changes" | "forms" => hidden = hidden.saturating_sub(1),
                name @ ("p" | "h") if hidden == 0 => {
                    text = text.saturating_sub(1);
                    if cell == 0 {
                        plain.end_line(name == "h");
                    }
                }
                "table-cell" if hidden == 0 => cell = cell.saturating_sub(1),
                "table-row" if hidden == 0 && cell == 0 => plain.end_line(false),
                _ => {}
            },
            Event::Text(words) if text > 0 && hidden == 0 => plain.push_exactly(words),
            Event::CData(words) if text > 0 && hidden == 0 => plain.push_exactly(words),
            Event::GeneralRef(name) if text > 0 && hidden == 0 => {
                if let Ok(words) = unescape(&format!("&{};", &**name)) {
                    plain.push_exactly(&words);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    plain.end_line(false);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_text_document_is_its_paragraphs() {
        let content = "<office:document-content xmlns:office='o' xmlns:text='t' xmlns:table='b'><office:body><office:text>\
            <text:tracked-changes><text:p>删掉</text:p></text:tracked-changes>\
            <text:h text:outline-level='1'>云州港开港</text:h><text:p>本报讯<text:s/>云州港<text:span>昨日</text:span>开港。<office:annotation><text:p>查一下</text:p></office:annotation></text:p>\
            <table:table><table:table-row><table:table-cell><text:p>煤炭</text:p></table:table-cell><table:table-cell><text:p>1260万吨</text:p></table:table-cell></table:table-row></table:table>\
            </office:text></office:body></office:document-content>";
        let plain = odt(&packed(&[("content.xml", content)])).unwrap();
        assert_eq!(
            plain.text,
            "云州港开港\n本报讯 云州港昨日开港。\n煤炭　1260万吨\n"
        );
        assert!(plain.markup.has_headings());
    }

    #[test]
    fn a_book_is_its_chapters_in_order() {
        let package = "<package><manifest><item id='b' href='text/b%20b.xhtml'/><item id='a' href='a.xhtml'/><item id='c' href='c.css'/></manifest>\
            <spine><itemref idref='a'/><itemref idref='b'/></spine></package>";
        let chapter = |title: &str, text: &str| {
            format!(
                "<html><head><title>x</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
            )
        };
        let book = packed(&[
            (
                "META-INF/container.xml",
                "<container><rootfiles><rootfile full-path='OEBPS/p.opf'/></rootfiles></container>",
            ),
            ("OEBPS/p.opf", package),
            ("OEBPS/text/b b.xhtml", &chapter("第二章", "山路昨日通车。")),
            ("OEBPS/a.xhtml", &chapter("第一章", "云州港昨日开港。")),
        ]);
        let plain = epub(&book).unwrap();
        let lines: Vec<&str> = plain.text.lines().filter(|l| !l.is_empty()).collect();
        assert_eq!(
            lines,
            ["第一章", "云州港昨日开港。", "第二章", "山路昨日通车。"]
        );
        assert_eq!(plain.markup.parts.len(), 1);
    }

    #[test]
    fn bad_packs_are_refused() {
        let bomb = packed(&[("content.xml", &" ".repeat((LONGEST + 1) as usize))]);
        assert!(odt(&bomb).unwrap_err().to_string().contains("64 MiB"));
        for bytes in [&b"PK"[..], b"", &packed(&[("x", "y")])] {
            assert!(odt(bytes).is_err() && epub(bytes).is_err());
        }
        assert_eq!(path("OEBPS/text", "../../../etc/passwd"), "etc/passwd");
    }
}
