//! Briefs as files that other programs open.
//!
//! Comes in: a [`Brief`], or all briefs of a run. Goes out: the bytes of a file: bilingual DOCX with the
//! doubts as comments, XLIFF 2.1, TMX 1.4b, plain text; a workbook of tables. A file is a pure function of
//! the briefs. Never reads or writes files; what stands in an article is text in every
//! format and never a formula, a field or a link.

mod docx;
mod fill;
mod sheets;
mod wire;
mod xliff;

use crate::{
    brief::record::{Brief, Role, Segment},
    memory::{Correction, tmx},
};

pub use fill::Form;
pub use sheets::{Book, Cell};

/// A format of one brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Format {
    /// Word, English and Chinese side by side, doubts as comments
    Docx,
    /// XLIFF 2.1, for programs of translators
    Xliff,
    /// TMX 1.4b, a translation memory
    Tmx,
    /// Plain text, as for a wire
    Text,
    /// figures.csv and people.csv of the whole folder, which are there without being asked for too
    Csv,
    /// tables.xlsx of the whole folder
    Xlsx,
}

/// Why a brief cannot be put into a format.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The writer of XML or of packed files failed.
    #[error("cannot be put into the format")]
    Write(#[from] std::io::Error),
    /// Likewise.
    #[error("cannot be packed")]
    Pack(#[from] zip::result::ZipError),
}

/// The formats of one brief.
pub const OF_A_BRIEF: [Format; 4] = [Format::Docx, Format::Xliff, Format::Tmx, Format::Text];

impl Format {
    /// The extension of its files, where each brief has one.
    pub fn extension(self) -> Option<&'static str> {
        match self {
            Self::Docx => Some("docx"),
            Self::Xliff => Some("xlf"),
            Self::Tmx => Some("tmx"),
            Self::Text => Some("wire.txt"),
            Self::Csv | Self::Xlsx => None,
        }
    }

    /// What a server calls it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xliff => "application/xliff+xml",
            Self::Tmx => "application/x-tmx+xml",
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// A brief in this format; `None` for a format of whole folders.
    pub fn document(self, brief: &Brief) -> Result<Option<Vec<u8>>, FormatError> {
        Ok(match self {
            Self::Docx => Some(docx::document(brief)?),
            Self::Xliff => Some(xliff::document(brief)?),
            Self::Tmx => Some(memory(brief)?),
            Self::Text => Some(wire::document(brief).into_bytes()),
            Self::Csv | Self::Xlsx => None,
        })
    }
}

/// The sentences of a brief as a translation memory.
fn memory(brief: &Brief) -> Result<Vec<u8>, FormatError> {
    let corrections = brief.translation.iter().map(|segment| Correction {
        zh: segment.zh.clone(),
        en: segment.en.clone(),
        source: Some(brief.source.clone()),
        article: Some(brief.article.clone()),
        segment: Some(segment.id.clone()),
        model: Some(brief.signature.translator.clone()),
        note: doubts(segment),
        ..Correction::default()
    });
    let corrections: Vec<Correction> = corrections.collect();
    Ok(tmx::write(&corrections, &[])?)
}

/// What is doubted about a sentence, in one line; `None` where that is nothing.
fn doubts(segment: &Segment) -> Option<String> {
    let messages = segment.flags.iter().map(|flag| flag.message.as_str());
    let messages: Vec<&str> = messages.collect();
    (!messages.is_empty()).then(|| messages.join(" "))
}

/// A brief's sentences in reading order, those of a paragraph together.
fn blocks(brief: &Brief) -> Vec<Vec<&Segment>> {
    let order = brief.reading_order();
    let joins = |a: &&Segment, b: &&Segment| {
        a.role == Role::Body && (a.role, a.paragraph) == (b.role, b.paragraph)
    };
    order.chunk_by(joins).map(<[&Segment]>::to_vec).collect()
}
