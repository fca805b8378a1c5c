//! A Word document: headline, summary, and the article in two columns, English and Chinese, a row a
//! paragraph. What is doubted about a sentence is a comment on it.
//!
//! ECMA-376, only what every reader knows: one table, two styles, comments.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use quick_xml::escape::escape;
use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

use super::{FormatError, blocks, doubts};
use crate::{
    brief::record::{Brief, Role, Segment},
    memory::tmx::allowed,
};

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
/// Twentieths of a point: half of an A4 page between its margins.
const COLUMN: u32 = 4820;

pub(super) fn document(brief: &Brief) -> Result<Vec<u8>, FormatError> {
    let mut body = Body::default();
    body.paragraph("Title", &run(&brief.headline.en, Language::English));
    if !brief.headline.zh.is_empty() {
        body.paragraph("", &run(&brief.headline.zh, Language::Chinese));
    }
    let about = [
        brief.paper.as_deref(),
        brief.date.as_deref(),
        Some(brief.source.as_str()),
    ];
    let about: Vec<&str> = about.into_iter().flatten().collect();
    body.paragraph("", &run(&about.join(" · "), Language::Chinese));
    body.paragraph(
        "",
        &run(
            "Machine translation, unverified: comments say what is doubtful.",
            Language::English,
        ),
    );
    body.paragraph("Heading1", &run("Summary", Language::English));
    for sentence in &brief.summary {
        body.paragraph("", &run(&sentence.en, Language::English));
    }
    body.paragraph("Heading1", &run("Article", Language::English));
    body.table(brief);
    let document = format!(
        r#"{HEAD}<w:document xmlns:w="{W}"><w:body>{}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr></w:body></w:document>"#,
        body.document
    );
    let comments = format!(
        r#"{HEAD}<w:comments xmlns:w="{W}">{}</w:comments>"#,
        body.comments
    );
    let relation = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{target}"/>"#)
    };
    let parts: [(&str, String); 6] = [
        (
            "[Content_Types].xml",
            format!(
                r#"{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{}{}{}</Types>"#,
                content_type("document", "document.main"),
                content_type("styles", "styles"),
                content_type("comments", "comments"),
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"{HEAD}<Relationships xmlns="{RELATIONS}">{}</Relationships>"#,
                relation("rId1", "officeDocument", "word/document.xml")
            ),
        ),
        ("word/document.xml", document),
        (
            "word/_rels/document.xml.rels",
            format!(
                r#"{HEAD}<Relationships xmlns="{RELATIONS}">{}{}</Relationships>"#,
                relation("rId1", "styles", "styles.xml"),
                relation("rId2", "comments", "comments.xml")
            ),
        ),
        ("word/styles.xml", styles()),
        ("word/comments.xml", comments),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        // No clock: the same brief gives the same file.
        let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn content_type(part: &str, kind: &str) -> String {
    format!(
        r#"<Override PartName="/word/{part}.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"/>"#
    )
}

fn styles() -> String {
    let style = |id: &str, name: &str, size: u32| {
        format!(
            r#"<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="240" w:after="120"/></w:pPr><w:rPr><w:b/><w:sz w:val="{size}"/></w:rPr></w:style>"#
        )
    };
    format!(
        r#"{HEAD}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Cambria" w:hAnsi="Cambria" w:eastAsia="SimSun"/><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:pPr><w:spacing w:after="120"/></w:pPr></w:style>{}{}{}</w:styles>"#,
        style("Title", "Title", 36),
        style("Heading1", "heading 1", 28),
        style("Heading2", "heading 2", 24),
    )
}

#[derive(Clone, Copy)]
enum Language {
    English,
    Chinese,
}

/// A run of text.
fn run(text: &str, language: Language) -> String {
    let properties = match language {
        Language::English => r#"<w:lang w:val="en-GB"/>"#,
        Language::Chinese => {
            r#"<w:rFonts w:hint="eastAsia"/><w:lang w:val="zh-CN" w:eastAsia="zh-CN"/>"#
        }
    };
    let text = allowed(text).replace(['\n', '\r', '\t'], " ");
    let text = escape(text.as_str());
    format!(r#"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>"#)
}

/// What has been written so far.
#[derive(Default)]
struct Body {
    document: String,
    comments: String,
    count: usize,
}

impl Body {
    fn paragraph(&mut self, style: &str, runs: &str) {
        let paragraph = paragraph(style, runs);
        self.document.push_str(&paragraph);
    }

    /// The article, a row a paragraph.
    fn table(&mut self, brief: &Brief) {
        let _ = write!(
            self.document,
            r#"<w:tbl><w:tblPr><w:tblW w:w="{}" w:type="dxa"/><w:tblBorders><w:insideH w:val="single" w:sz="4" w:color="BFBFBF"/></w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid><w:gridCol w:w="{COLUMN}"/><w:gridCol w:w="{COLUMN}"/></w:tblGrid>"#,
            2 * COLUMN
        );
        for block in blocks(brief) {
            let style = match block[0].role {
                Role::Headline | Role::Subhead => "Heading2",
                _ => "",
            };
            let english: Vec<String> = block.iter().map(|s| self.commented(s)).collect();
            let space = run(" ", Language::English);
            let chinese: Vec<String> = block
                .iter()
                .map(|s| run(&s.zh, Language::Chinese))
                .collect();
            let cell = |runs: &str| {
                let paragraph = paragraph(style, runs);
                format!(
                    r#"<w:tc><w:tcPr><w:tcW w:w="{COLUMN}" w:type="dxa"/></w:tcPr>{paragraph}</w:tc>"#
                )
            };
            let _ = write!(
                self.document,
                "<w:tr>{}{}</w:tr>",
                cell(&english.join(&space)),
                cell(&chinese.concat())
            );
        }
        self.document.push_str("</w:tbl><w:p/>");
    }

    /// The English of a sentence, with a comment where it is doubted.
    fn commented(&mut self, segment: &Segment) -> String {
        let words = run(&segment.en, Language::English);
        let Some(doubts) = doubts(segment) else {
            return words;
        };
        let id = self.count;
        self.count += 1;
        let _ = write!(
            self.comments,
            r#"<w:comment w:id="{id}" w:author="kuaibao" w:initials="kb">{}</w:comment>"#,
            paragraph("", &run(&doubts, Language::English))
        );
        format!(
            r#"<w:commentRangeStart w:id="{id}"/>{words}<w:commentRangeEnd w:id="{id}"/><w:r><w:commentReference w:id="{id}"/></w:r>"#
        )
    }
}

fn paragraph(style: &str, runs: &str) -> String {
    let style = match style {
        "" => String::new(),
        style => format!(r#"<w:pPr><w:pStyle w:val="{style}"/></w:pPr>"#),
    };
    format!("<w:p>{style}{runs}</w:p>")
}
