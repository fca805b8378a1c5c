//! A workbook (XLSX) of plain tables: numbers, texts, a bold head that stays in view.
//!
//! ECMA-376, only what every reader knows. Texts stand in their cells (`inlineStr`) and are never formulas.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use quick_xml::escape::escape;
use serde_json::Number;
use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

use super::FormatError;
use crate::memory::tmx::allowed;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
/// Characters that a cell holds, and rows of a sheet: <https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3>.
const LONGEST_CELL: usize = 32_767;
const MOST_ROWS: usize = 1_048_576;

/// What stands in a cell.
pub enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(Number),
}

/// A workbook in the making.
#[derive(Default)]
pub struct Book {
    sheets: Vec<(String, String)>,
}

impl Book {
    /// Adds a table; one that has more rows than a sheet goes on in the next.
    pub fn sheet<const N: usize>(
        &mut self,
        name: &str,
        head: &[&str; N],
        rows: impl Iterator<Item = [Cell; N]>,
    ) {
        let mut rows = rows.peekable();
        let mut part = 1;
        loop {
            let title = match part {
                1 => name.to_owned(),
                part => format!("{name} {part}"),
            };
            let mut data = String::from("<row>");
            for text in head {
                cell(&mut data, text, " s=\"1\"");
            }
            data.push_str("</row>");
            for row in rows.by_ref().take(MOST_ROWS - 1) {
                data.push_str("<row>");
                for value in &row {
                    match value {
                        Cell::Number(n) => {
                            let _ = write!(data, "<c><v>{n}</v></c>");
                        }
                        Cell::Text(text) => cell(&mut data, text, ""),
                    }
                }
                data.push_str("</row>");
            }
            self.sheets.push((title, data));
            part += 1;
            if rows.peek().is_none() {
                return;
            }
        }
    }

    /// The file. No clock: the same tables give the same bytes.
    pub fn pack(self) -> Result<Vec<u8>, FormatError> {
        let (mut types, mut list, mut relations) = (String::new(), String::new(), String::new());
        for (i, (title, _)) in (1..).zip(&self.sheets) {
            let _ = write!(
                types,
                r#"<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
            );
            let _ = write!(
                list,
                r#"<sheet name="{title}" sheetId="{i}" r:id="rId{i}"/>"#
            );
            let _ = write!(
                relations,
                r#"<Relationship Id="rId{i}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>"#
            );
        }
        let _ = write!(
            relations,
            r#"<Relationship Id="rId0" Type="{OFFICE}/styles" Target="styles.xml"/>"#
        );
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut add = |name: &str, text: &str| -> Result<(), FormatError> {
            let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
            zip.start_file(name, options)?;
            zip.write_all(HEAD.as_bytes())?;
            Ok(zip.write_all(text.as_bytes())?)
        };
        add(
            "[Content_Types].xml",
            &format!(
                r#"<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>{types}</Types>"#
            ),
        )?;
        add(
            "_rels/.rels",
            &format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        )?;
        add(
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{list}</sheets></workbook>"#
            ),
        )?;
        add(
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>"#
            ),
        )?;
        add(
            "xl/styles.xml",
            &format!(
                r#"<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#
            ),
        )?;
        for (i, (_, data)) in (1..).zip(&self.sheets) {
            add(
                &format!("xl/worksheets/sheet{i}.xml"),
                &format!(
                    r#"<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>{data}</sheetData></worksheet>"#
                ),
            )?;
        }
        Ok(zip.finish()?.into_inner())
    }
}

/// A cell with a text; what it cannot hold ends with an ellipsis.
fn cell(data: &mut String, text: &str, style: &str) {
    let mut text = allowed(text);
    if let Some((end, _)) = text.char_indices().nth(LONGEST_CELL - 1) {
        text.truncate(end);
        text.push('…');
    }
    let text = escape(text.as_str());
    let _ = write!(
        data,
        r#"<c t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>"#
    );
}
