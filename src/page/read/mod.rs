//! A file's bytes to the source text that a page is split from.
//!
//! Comes in: bytes and the file name's extension. Goes out: a [`Source`]: plain text in which
//! markup has become lines, with what the markup said about them. Never splits into articles.

mod docx;
mod html;
mod markdown;
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
        "pdf" | "doc" | "rtf" | "odt" | "wps" | "epub" => Err(ReadError::Unknown(extension)),
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
