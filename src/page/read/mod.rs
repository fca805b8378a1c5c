//! A file's bytes to the source text that a page is split from.
//!
//! Comes in: bytes and the file name's extension. Goes out: a [`Source`]: plain text in which
//! markup has become lines, with what the markup said about them. Never splits into articles.

mod docx;
mod html;
mod markdown;
#[cfg(feature = "pdf")]
mod pdf;
mod plain;

use std::path::Path;

use super::Page;
use super::article;
use super::decode::{DecodeError, decode};
use super::markup::Markup;
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
}

/// A source text: what offsets count in.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The text.
    pub text: String,
    /// The file's encoding, by its WHATWG name.
    pub encoding: &'static str,
    /// What it was made from.
    pub form: Form,
    markup: Markup,
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
    /// This build leaves PDF out.
    #[error(
        "this build of kuaibao reads no PDF: build it with `--features pdf`, or save the page as text"
    )]
    PdfLeftOut,
    /// HTML that no browser wrote.
    #[error("its HTML is nested too deeply to be read: save the article's text instead")]
    TangledHtml,
    /// A form that this program does not read.
    #[error("files of the kind .{0} are not read: save it as text, Markdown, HTML or DOCX")]
    Unknown(String),
}

/// Reads a file's bytes by its extension; without one, as text. `encoding` overrides the guess.
pub fn read(
    bytes: &[u8],
    extension: Option<&str>,
    encoding: Option<&str>,
) -> Result<Source, ReadError> {
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let made = |plain: Plain, encoding, form| Source {
        text: plain.text,
        encoding,
        form,
        markup: plain.markup,
    };
    match extension.as_str() {
        "md" | "markdown" => {
            let decoded = decode(bytes, encoding)?;
            Ok(made(
                markdown::read(&decoded.text),
                decoded.encoding,
                Form::Markdown,
            ))
        }
        "html" | "htm" | "xhtml" => {
            let decoded = decode(bytes, encoding.or_else(|| html::declared_encoding(bytes)))?;
            Ok(made(
                html::read(&decoded.text)?,
                decoded.encoding,
                Form::Html,
            ))
        }
        "docx" => Ok(made(docx::read(bytes)?, "UTF-8", Form::Docx)),
        #[cfg(feature = "pdf")]
        "pdf" => Ok(made(pdf::read(bytes)?, "UTF-8", Form::Pdf)),
        #[cfg(not(feature = "pdf"))]
        "pdf" => Err(ReadError::PdfLeftOut),
        "doc" | "rtf" | "odt" | "wps" | "epub" => Err(ReadError::Unknown(extension)),
        _ => {
            let decoded = decode(bytes, encoding)?;
            Ok(Source {
                text: decoded.text,
                encoding: decoded.encoding,
                form: Form::Text,
                markup: Markup::default(),
            })
        }
    }
}

impl Source {
    /// Splits the text into articles. `name` is the file's name, which may hold paper and date.
    pub fn split(&self, name: Option<&Path>) -> Page {
        let markup = (self.form != Form::Text).then_some(&self.markup);
        article::split(&self.text, markup, name)
    }

    /// Whether the text is the decoded file itself, so that offsets count in the file.
    pub fn is_file(&self) -> bool {
        self.form == Form::Text
    }
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
            .map(|a| (a.kicker.len(), a.headline.as_ref().map(|h| h.as_str())))
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

    #[cfg(feature = "pdf")]
    #[test]
    fn what_is_no_pdf_is_refused() {
        for bytes in [&b"%PDF-1.7\nnothing"[..], b"", &[0xff; 300]] {
            assert!(matches!(
                read(bytes, Some("pdf"), None),
                Err(ReadError::Pdf(_))
            ));
        }
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
