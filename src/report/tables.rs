//! The figures and the people of a folder's briefs as tables: CSV (RFC 4180) and a workbook.
//!
//! Text from an article never becomes a formula: in CSV a cell that a spreadsheet would compute gets an
//! apostrophe before it, in a workbook every text is marked as one.

use std::borrow::Cow;

use serde_json::Value;

use super::visible::visible;
use crate::{
    brief::record::Brief,
    formats::{Book, Cell, FormatError},
};

/// The name of the table of figures in the output folder.
pub(super) const FIGURES: &str = "figures.csv";
/// The name of the table of people in the output folder.
pub(super) const PEOPLE: &str = "people.csv";
/// The name of the workbook of both in the output folder.
pub(super) const WORKBOOK: &str = "tables.xlsx";

const OF_FIGURES: [&str; 16] = [
    "source",
    "article",
    "paper",
    "date",
    "kind",
    "what",
    "en",
    "value",
    "to",
    "unit",
    "currency",
    "bound",
    "direction",
    "compared",
    "zh",
    "sentence",
];
const OF_PEOPLE: [&str; 14] = [
    "source",
    "article",
    "paper",
    "date",
    "name",
    "name_zh",
    "post",
    "post_zh",
    "organisation",
    "organisation_zh",
    "change",
    "former",
    "certain",
    "mentions",
];

/// Both tables as CSV, as far as they are filled.
pub struct Tables {
    /// A line a figure.
    pub figures: String,
    /// A line a person and article.
    pub people: String,
}

impl Tables {
    /// Both with their heads alone.
    pub(super) fn new() -> Self {
        Self {
            figures: OF_FIGURES.join(",") + "\r\n",
            people: OF_PEOPLE.join(",") + "\r\n",
        }
    }

    /// The tables of some briefs.
    pub fn of<'a>(briefs: impl IntoIterator<Item = &'a Brief>) -> Self {
        let mut tables = Self::new();
        for brief in briefs {
            tables.add(brief);
        }
        tables
    }

    /// The rows of a brief.
    pub(super) fn add(&mut self, brief: &Brief) {
        figures(brief).for_each(|cells| row(&mut self.figures, &cells));
        people(brief).for_each(|cells| row(&mut self.people, &cells));
    }
}

/// A workbook with a sheet for each table.
pub fn workbook(briefs: &[Brief]) -> Result<Vec<u8>, FormatError> {
    let mut book = Book::default();
    book.sheet("Figures", &OF_FIGURES, briefs.iter().flat_map(figures));
    book.sheet("People", &OF_PEOPLE, briefs.iter().flat_map(people));
    book.pack()
}

fn figures(brief: &Brief) -> impl Iterator<Item = [Cell; 16]> {
    brief.figures.iter().map(|f| {
        let [source, article, paper, date] = own(brief);
        let [value, to] = ends(&f.value);
        [
            source,
            article,
            paper,
            date,
            text(&f.kind),
            maybe(f.what.as_ref()),
            text(&f.en),
            value,
            to,
            maybe(f.unit.as_ref()),
            maybe(f.currency.as_ref()),
            maybe(f.bound.as_ref()),
            maybe(f.direction.as_ref()),
            maybe(f.compared.as_ref()),
            text(&f.zh),
            text(&f.sentence),
        ]
    })
}

fn people(brief: &Brief) -> impl Iterator<Item = [Cell; 14]> {
    brief.people.iter().map(|p| {
        let [source, article, paper, date] = own(brief);
        let change = serde_json::to_value(p.change).unwrap_or_default();
        [
            source,
            article,
            paper,
            date,
            text(&p.en),
            text(&p.zh),
            maybe(p.post_en.as_ref()),
            maybe(p.post_zh.as_ref()),
            maybe(p.organisation_en.as_ref()),
            maybe(p.organisation_zh.as_ref()),
            text(change.as_str().unwrap_or_default()),
            text(&p.former.to_string()),
            text(&p.certain.to_string()),
            Cell::Number(p.mentions.len().into()),
        ]
    })
}

/// Where a row comes from.
fn own(brief: &Brief) -> [Cell; 4] {
    [
        text(&brief.source),
        text(&brief.article),
        maybe(brief.paper.as_ref()),
        maybe(brief.date.as_ref()),
    ]
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn maybe(text: Option<&String>) -> Cell {
    Cell::Text(text.cloned().unwrap_or_default())
}

/// A value, or both ends of a range.
fn ends(value: &Value) -> [Cell; 2] {
    let one = |value: &Value| match value {
        Value::Number(n) => Cell::Number(n.clone()),
        Value::String(string) => text(string),
        Value::Null => text(""),
        other => text(&other.to_string()),
    };
    match value {
        Value::Array(ends) => [0, 1].map(|i| ends.get(i).map_or_else(|| text(""), one)),
        value => [one(value), text("")],
    }
}

fn row(table: &mut String, cells: &[Cell]) {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| match cell {
            Cell::Number(n) => n.to_string(),
            Cell::Text(text) => plain(text).into_owned(),
        })
        .collect();
    table.push_str(&cells.join(","));
    table.push_str("\r\n");
}

fn plain(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    let formula = text.starts_with(['=', '+', '-', '@', '\t']) && text.parse::<f64>().is_err();
    if formula || text.contains([',', '"']) {
        let mark = if formula { "'" } else { "" };
        Cow::Owned(format!("\"{mark}{}\"", text.replace('"', "\"\"")))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_cell_is_text_or_a_number_and_never_a_formula() {
        for (text, expected) in [
            ("云州日报", "云州日报"),
            ("a, \"b\"", "\"a, \"\"b\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("-3.5", "-3.5"),
            ("-cmd", "\"'-cmd\""),
            ("a\nb", "a b"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }
}
