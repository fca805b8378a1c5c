//! A file's bytes to the source text that a page is split from.
//!
//! Comes in: bytes and the file name's extension. Goes out: a [`Source`]: plain text in which
//! markup has become lines, with what the markup said about them. Never splits into articles.

mod cues;
mod docx;
mod feed;
mod html;
mod mail;
mod markdown;
mod packed;
#[cfg(feature = "pdf")]
mod pdf;
mod plain;
mod rtf;

pub use cues::{is_timing, untagged};
#[cfg(feature = "pdf")]
pub use pdf::{Scan, scans};

use std::path::Path;

use super::Page;
use super::decode::{DecodeError, decode, decode_lossy};
use super::markup::Markup;
use super::{assembly, characters};
use plain::Plain;

/// What a source text was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The file is the text.
    Text,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// Office Open XML, as word processors write it.
    Docx,
    /// PDF.
    Pdf,
    /// A mail, or a page that a browser saved as one.
    Mail,
    /// EPUB.
    Epub,
    /// OpenDocument text.
    Odt,
    /// Rich Text Format.
    Rtf,
    /// RSS or Atom.
    Feed,
    /// SRT or WebVTT.
    Subtitles,
    /// XLIFF.
    Xliff,
}

/// A source text: what offsets count in.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The text, with the characters that forms of them stand for (`⽅` is `方`).
    pub text: String,
    /// The file's encoding, by its WHATWG name.
    pub encoding: &'static str,
    /// What it was made from.
    pub form: Form,
    markup: Markup,
    /// Whether the text is the decoded file itself.
    is_file: bool,
    /// Whether bytes that could not be decoded are `U+FFFD` in it.
    lossy: bool,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The file name's extension; without one the file is text.
    pub extension: Option<&'a str>,
    /// Its encoding instead of a guess.
    pub encoding: Option<&'a str>,
    /// Whether a byte that cannot be decoded is left out, and said, instead of an error.
    pub lossy: bool,
}

/// Why a file gives no source text. The caller knows the file's name.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not text, or not in that encoding.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Not a DOCX file, or a broken one.
    #[error("not a readable DOCX file: {0} (open it in a word processor and save it again)")]
    Docx(String),
    /// Not a PDF with text that can be read.
    #[error("cannot be read as PDF: {0}")]
    Pdf(String),
    /// Pages, and no characters: a program that reads pictures may help.
    #[error("cannot be read as PDF: {0}; recognise its characters (OCR) first")]
    NoCharacters(&'static str),
    /// This build leaves PDF out.
    #[error(
        "this build of kuaibao reads no PDF: build it with `--features pdf`, or save the page as text"
    )]
    PdfLeftOut,
    /// No file of the form that its name says, or a broken one.
    #[error("not {0} that can be read: {1}")]
    Broken(&'static str, String),
    /// HTML that no browser wrote.
    #[error(
        "its HTML is nested too deeply or has too many tags to be read: save the article's text instead"
    )]
    TangledHtml,
    /// A form that this program does not read.
    #[error(
        "files of the kind .{0} are not read: save it as text, Markdown, HTML, DOCX, ODT or PDF"
    )]
    Unknown(String),
}

/// Reads a file's bytes by its extension; without one, as text. `encoding` overrides the guess.
pub fn read(
    bytes: &[u8],
    extension: Option<&str>,
    encoding: Option<&str>,
) -> Result<Source, ReadError> {
    read_with(
        bytes,
        Options {
            extension,
            encoding,
            lossy: false,
        },
    )
}

/// Reads a file's bytes.
pub fn read_with(bytes: &[u8], options: Options) -> Result<Source, ReadError> {
    let extension = options.extension.unwrap_or_default().to_ascii_lowercase();
    let decode = |encoding: Option<&str>| {
        if options.lossy {
            decode_lossy(bytes, encoding)
        } else {
            decode(bytes, encoding)
        }
    };
    let (plain, encoding, form) = match extension.as_str() {
        "md" | "markdown" => {
            let decoded = decode(options.encoding)?;
            (
                markdown::read(&decoded.text),
                decoded.encoding,
                Form::Markdown,
            )
        }
        "html" | "htm" | "xhtml" => {
            let declared = || html::declared_encoding(bytes);
            let decoded = decode(options.encoding.or_else(declared))?;
            (html::read(&decoded.text)?, decoded.encoding, Form::Html)
        }
        "docx" => (docx::read(bytes)?, "UTF-8", Form::Docx),
        "odt" => (packed::odt(bytes)?, "UTF-8", Form::Odt),
        "epub" => (packed::epub(bytes)?, "UTF-8", Form::Epub),
        "rtf" => (rtf::read(bytes)?, "UTF-8", Form::Rtf),
        "eml" | "mht" | "mhtml" => (mail::read(bytes)?, "UTF-8", Form::Mail),
        "rss" | "atom" | "xml" => {
            let decoded = decode(options.encoding.or_else(|| declared_by_xml(bytes)))?;
            if extension == "xml" && !feed::is_feed(&decoded.text) {
                return Err(ReadError::Unknown(extension));
            }
            (feed::read(&decoded.text)?, decoded.encoding, Form::Feed)
        }
        "xlf" | "xliff" => {
            let decoded = decode(options.encoding.or_else(|| declared_by_xml(bytes)))?;
            (cues::xliff(&decoded.text)?, decoded.encoding, Form::Xliff)
        }
        "srt" | "vtt" => {
            let decoded = decode(options.encoding)?;
            let plain = cues::subtitles(&decoded.text)?;
            (plain, decoded.encoding, Form::Subtitles)
        }
        #[cfg(feature = "pdf")]
        "pdf" => (pdf::read(bytes)?, "UTF-8", Form::Pdf),
        #[cfg(not(feature = "pdf"))]
        "pdf" => return Err(ReadError::PdfLeftOut),
        "" | "txt" | "text" | "zh" => {
            let decoded = decode(options.encoding)?;
            (Plain::of_text(decoded.text), decoded.encoding, Form::Text)
        }
        // A mail, a table, an archive: what is decoded of them is not what they say.
        _ => return Err(ReadError::Unknown(extension)),
    };
    let lossy = options.lossy && plain.text.contains('\u{fffd}');
    Ok(Source::new(plain, encoding, form, lossy))
}

/// The encoding that an XML declaration names, where it is one that is known.
fn declared_by_xml(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(200)];
    let head = std::str::from_utf8(head.get(..head.iter().position(|b| *b == b'>')?)?).ok()?;
    let (_, rest) = head.split_once("encoding=")?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = rest[1..].split(quote).next()?;
    encoding_rs::Encoding::for_label(label.as_bytes()).map(encoding_rs::Encoding::name)
}

impl Source {
    /// A text as it came, not from a file.
    pub fn of_text(text: &str) -> Self {
        Self::new(Plain::of_text(text.to_owned()), "UTF-8", Form::Text, false)
    }

    fn new(plain: Plain, encoding: &'static str, form: Form, lossy: bool) -> Self {
        let mut source = Self {
            text: plain.text,
            encoding,
            form,
            markup: plain.markup,
            is_file: form == Form::Text,
            lossy,
        };
        if characters::has_forms(&source.text) {
            source.is_file = false;
            source.text = with_meant(&source.text, &mut source.markup);
        }
        source
    }

    /// Splits the text into articles. `name` is the file's name, which may hold paper and date.
    pub fn split(&self, name: Option<&Path>) -> Page {
        let markup = (self.form != Form::Text).then_some(&self.markup);
        assembly::split(&self.text, markup, name, self.lossy)
    }

    /// What of the file could not be read, as a sentence for an editor.
    pub fn unread(&self) -> Option<String> {
        let pages = match self.markup.scanned_pages {
            0 => return None,
            1 => "a page is a picture".to_owned(),
            n => format!("{n} pages are pictures"),
        };
        Some(format!(
            "{pages} without text; recognise the characters (OCR) to have them"
        ))
    }

    /// Whether the text is the decoded file itself, so that offsets count in the file.
    pub fn is_file(&self) -> bool {
        self.is_file
    }
}

/// A text with the characters that forms of them stand for. They differ in length: places that the
/// markup names move with them.
fn with_meant(text: &str, markup: &mut Markup) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut headings = markup.headings.iter_mut().peekable();
    let mut beside = markup.beside.iter_mut().peekable();
    let mut parts = markup.parts.iter_mut().peekable();
    for (at, meant) in characters::meant_by(text) {
        if let Some((place, _)) = headings.next_if(|(place, _)| *place == at) {
            *place = whole.len();
        }
        if let Some(place) = beside.next_if(|place| **place == at) {
            *place = whole.len();
        }
        if let Some(place) = parts.next_if(|place| **place == at) {
            *place = whole.len();
        }
        whole.push(meant);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> Page {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/pages")
            .join(name);
        let bytes = std::fs::read(&path).unwrap();
        let extension = path.extension().and_then(|e| e.to_str());
        read(&bytes, extension, None).unwrap().split(None)
    }

    /// Bodies without the spaces that only some forms have.
    fn bodies(page: &Page) -> Vec<Vec<String>> {
        let body = |a: &crate::page::Article| {
            let text = |p: &crate::text::Traced| p.as_str().replace(' ', "");
            a.paragraphs.iter().map(text).collect()
        };
        page.articles.iter().map(body).collect()
    }

    #[cfg(feature = "pdf")]
    #[test]
    fn a_pdf_gives_the_articles_of_its_text() {
        let pdf = fixture("columns.pdf");
        assert_eq!(bodies(&pdf), bodies(&fixture("narrow-double.txt")));
        let heads: Vec<_> = pdf
            .articles
            .iter()
            .map(|a| {
                (
                    a.kicker.len(),
                    a.headline.as_ref().map(crate::text::Traced::as_str),
                )
            })
            .collect();
        assert_eq!(
            heads,
            [
                (1, Some("把致富路修到家门口")),
                (0, Some("深夜十一点，图书馆的灯还亮着")),
                (0, Some("云州港一季度吞吐量创新高")),
            ]
        );
        assert_eq!(pdf.articles[1].subheads.len(), 1);
        assert_eq!(pdf.articles[1].captions.len(), 1);
        assert_eq!(pdf.date.as_deref(), Some("2031-04-03"));
    }

    #[cfg(feature = "pdf")]
    #[test]
    fn a_pdf_whose_fonts_are_not_embedded_is_read() {
        let mut text = bodies(&fixture("indented.txt"));
        text.reverse();
        assert_eq!(bodies(&fixture("cid.pdf")), text);
    }

    /// Headline, names and number of paragraphs of each article.
    #[cfg(feature = "pdf")]
    fn outline(page: &Page) -> Vec<(&str, usize, usize)> {
        page.articles
            .iter()
            .map(|a| {
                let headline = a.headline.as_ref().map_or("", |h| h.as_str());
                (headline, a.byline.len(), a.paragraphs.len())
            })
            .collect()
    }

    #[cfg(feature = "pdf")]
    #[test]
    fn headlines_at_the_side_boxes_and_second_pages_are_read() {
        let page = fixture("side.pdf");
        assert_eq!(
            outline(&page),
            [
                ("山里的音乐课", 2, 3),
                ("云州港一季度吞吐量创新高", 1, 3),
                ("把致富路修到家门口", 3, 4),
            ]
        );
        // A subset font with codes of its own claims no Latin encoding.
        let text = page.articles[1].paragraphs[1].as_str();
        assert!(text.contains("直达CHITTAGONG的航线"), "{text}");
        let dropped: Vec<&str> = page.dropped.iter().map(|d| d.text.as_str()).collect();
        assert!(dropped.contains(&"（下转第七版）") && dropped.contains(&"7"));
        assert_eq!(dropped.iter().filter(|d| **d == "云州日报").count(), 2);
    }

    #[cfg(feature = "pdf")]
    #[test]
    fn turned_pages_and_vertical_columns_are_read() {
        let school = &bodies(&fixture("indented.txt"))[1];
        for name in ["turned.pdf", "vertical.pdf"] {
            let page = fixture(name);
            assert_eq!(bodies(&page), [school.as_slice()], "{name}");
            assert_eq!(
                page.articles[0].headline.as_ref().unwrap().as_str(),
                "山里的音乐课"
            );
        }
    }

    /// What the layout says, the same lines as plain text do not.
    #[cfg(feature = "pdf")]
    #[test]
    fn a_pdf_is_split_better_than_its_text() {
        let bytes =
            std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/unmarked.pdf"))
                .unwrap();
        let source = read(&bytes, Some("pdf"), None).unwrap();
        let expected = ["山里的音乐课", "夜班公交", "云州港一季度吞吐量创新高"];
        let page = source.split(None);
        let headlines: Vec<&str> = outline(&page).iter().map(|a| a.0).collect();
        assert_eq!(headlines, expected);
        let page = super::super::split(&source.text, None);
        let headlines: Vec<&str> = outline(&page).iter().map(|a| a.0).collect();
        assert_ne!(headlines, expected);
    }

    #[cfg(feature = "pdf")]
    #[track_caller]
    fn refusal(bytes: &[u8]) -> String {
        match read(bytes, Some("pdf"), None) {
            Err(error @ (ReadError::Pdf(_) | ReadError::NoCharacters(_))) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[cfg(feature = "pdf")]
    #[test]
    fn what_is_no_readable_pdf_is_refused() {
        for bytes in [&b"%PDF-1.7\nnothing"[..], b"", &[0xff; 300]] {
            assert!(refusal(bytes).contains("not a PDF"));
        }
        let file = |name: &str| {
            std::fs::read(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("tests/pages")
                    .join(name),
            )
            .unwrap()
        };
        assert!(refusal(&file("locked.pdf")).contains("encrypted"));
        assert!(refusal(&file("scanned.pdf")).contains("OCR"));
        // A file cut short gives what is left of it, or a reason.
        let whole = file("cid.pdf");
        for length in (0..whole.len()).step_by(97) {
            let _ = read(&whole[..length], Some("pdf"), None);
        }
    }

    /// A PDF of these objects, the first its catalogue.
    #[cfg(feature = "pdf")]
    fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
        let mut file = b"%PDF-1.7\n".to_vec();
        for (i, object) in objects.iter().enumerate() {
            file.extend(format!("{} 0 obj\n", i + 1).bytes());
            file.extend(object);
            file.extend(b"\nendobj\n");
        }
        file.extend(b"trailer << /Root 1 0 R >>\n%%EOF\n");
        file
    }

    #[cfg(feature = "pdf")]
    fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
        let head = format!("<< {dictionary} /Length {} >>\nstream\n", data.len());
        [head.as_bytes(), data, b"\nendstream"].concat()
    }

    /// One page of this content, its resources, and more objects from number 5 on.
    #[cfg(feature = "pdf")]
    fn one_page(content: Vec<u8>, resources: &str, more: Vec<Vec<u8>>) -> Vec<u8> {
        let page = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Contents 4 0 R /Resources << {resources} >> >>"
        );
        let mut objects = vec![
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            page.into_bytes(),
            content,
        ];
        objects.extend(more);
        pdf(&objects)
    }

    #[cfg(feature = "pdf")]
    const FONT: &str = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";

    #[cfg(feature = "pdf")]
    #[test]
    fn a_pdf_of_one_line_is_read() {
        let content = stream("", b"BT /F 12 Tf 40 500 Td (Yunzhou 2031) Tj ET");
        let source = read(&one_page(content, FONT, Vec::new()), Some("pdf"), None).unwrap();
        assert_eq!(source.text.trim(), "Yunzhou 2031");
    }

    #[cfg(feature = "pdf")]
    #[test]
    fn a_page_that_is_a_picture_is_said() {
        let page = |content: usize, resources: &str| {
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Contents {content} 0 R /Resources << {resources} >> >>"
            )
            .into_bytes()
        };
        let image = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8";
        let file = pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>".to_vec(),
            page(5, FONT),
            page(6, "/XObject << /I 7 0 R >>"),
            stream("", b"BT /F 12 Tf 40 500 Td (Yunzhou 2031) Tj ET"),
            stream("", b"400 0 0 600 0 0 cm /I Do"),
            stream(image, &[0x80]),
        ]);
        let source = read(&file, Some("pdf"), None).unwrap();
        assert!(source.unread().unwrap().starts_with("a page is a picture"));
        let text = read(
            &one_page(
                stream("", b"BT /F 12 Tf 40 500 Td (A) Tj ET"),
                FONT,
                Vec::new(),
            ),
            Some("pdf"),
            None,
        );
        assert_eq!(text.unwrap().unread(), None);
    }

    #[cfg(feature = "pdf")]
    #[test]
    fn hostile_pdfs_are_refused_in_bounded_time_and_memory() {
        use flate2::{Compression, write::ZlibEncoder};
        use std::io::Write;

        let packed = |data: &[u8]| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(data).unwrap();
            encoder.finish().unwrap()
        };
        // Each form draws the next ten times: ten to the fortieth.
        let form = |next: usize| {
            let resources = format!(
                "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {next} 0 R >> >>"
            );
            stream(&resources, "/X Do ".repeat(10).as_bytes())
        };
        let forms: Vec<Vec<u8>> = (6..46).map(form).collect();
        let draw = stream("", b"/X Do");
        let laughs = one_page(draw.clone(), "/XObject << /X 5 0 R >>", forms);
        // A form that draws itself.
        let ouroboros = one_page(draw, "/XObject << /X 5 0 R >>", vec![form(5)]);
        // A content that unpacks a thousandfold, and one that has to be unpacked twice.
        let spaces = packed(&vec![b' '; 300 << 20]);
        let bomb = one_page(stream("/Filter /FlateDecode", &spaces), FONT, Vec::new());
        let twice = stream("/Filter [/FlateDecode /FlateDecode]", &packed(&spaces));
        let twice = one_page(twice, FONT, Vec::new());
        // Millions of characters.
        let line = format!("BT /F 1 Tf ({}) Tj ET\n", "x".repeat(10_000)).repeat(800);
        let crowd = stream("/Filter /FlateDecode", &packed(line.as_bytes()));
        let crowd = one_page(crowd, FONT, Vec::new());
        // A string longer than any line.
        let line = format!("BT /F 1 Tf ({}) Tj ET", "x".repeat(1 << 20));
        let endless = one_page(stream("", line.as_bytes()), FONT, Vec::new());
        for (name, file) in [
            ("laughs", laughs),
            ("bomb", bomb),
            ("twice", twice),
            ("crowd", crowd),
            ("endless", endless),
        ] {
            assert!(refusal(&file).contains("far more"), "{name}");
        }
        refusal(&ouroboros);
        // Arrays nested without end are no text, whatever else they are.
        let nested = stream("", "[".repeat(1 << 20).as_bytes());
        refusal(&one_page(nested, FONT, Vec::new()));
        let nested = [b"<< /A ".to_vec().repeat(1 << 17), b"1".to_vec()].concat();
        refusal(&pdf(&[nested]));
        refusal(&pdf(&[b"[".to_vec().repeat(1 << 20)]));
    }

    #[test]
    fn markup_says_what_is_a_heading() {
        let markdown = "# 山里的音乐课\n\n本报记者 陆明\n\n柏树岭小学有63名学生\n\n## 为什么要走教？\n\n秦岚说，她愿意来。\n";
        let page = read(markdown.as_bytes(), Some("MD"), None)
            .unwrap()
            .split(None);
        let [article] = &page.articles[..] else {
            panic!("{page:?}")
        };
        assert_eq!(article.headline.as_ref().unwrap().as_str(), "山里的音乐课");
        assert_eq!(
            bodies(&page)[0],
            ["柏树岭小学有63名学生", "秦岚说，她愿意来。"]
        );
        assert_eq!(article.subheads[0].text.as_str(), "为什么要走教？");
        assert_eq!(article.byline[0].as_str(), "陆明");
    }

    #[test]
    fn other_forms_are_named() {
        let error = read(b"x", Some("DOC"), None).unwrap_err();
        assert!(error.to_string().contains(".doc"), "{error}");
    }
}
