//! The figures and the people of a folder's briefs as tables (RFC 4180), for spreadsheets.
//!
//! Text from an article never becomes a formula: a cell that a spreadsheet would compute gets an
//! apostrophe before it.

use std::borrow::Cow;

use serde_json::Value;

use super::visible::visible;
use crate::brief::record::Brief;

/// The name of the table of figures in the output folder.
pub(super) const FIGURES: &str = "figures.csv";
/// The name of the table of people in the output folder.
pub(super) const PEOPLE: &str = "people.csv";

/// Both tables, as far as they are filled.
pub(super) struct Tables {
    pub(super) figures: String,
    pub(super) people: String,
}

impl Tables {
    /// Both with their heads alone.
    pub(super) fn new() -> Self {
        Self {
            figures: "source,article,paper,date,kind,what,en,value,to,unit,currency,bound,direction,compared,zh,sentence\r\n".to_owned(),
            people: "source,article,paper,date,name,name_zh,post,post_zh,organisation,organisation_zh,change,former,certain,mentions\r\n".to_owned(),
        }
    }

    /// The rows of a brief.
    pub(super) fn add(&mut self, brief: &Brief) {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let own = || {
            [
                brief.source.clone(),
                brief.article.clone(),
                text(&brief.paper),
                text(&brief.date),
            ]
        };
        for f in &brief.figures {
            let [value, to] = ends(&f.value);
            let cells = [
                f.kind.clone(),
                text(&f.what),
                f.en.clone(),
                value,
                to,
                text(&f.unit),
                text(&f.currency),
                text(&f.bound),
                text(&f.direction),
                text(&f.compared),
                f.zh.clone(),
                f.sentence.clone(),
            ];
            row(&mut self.figures, own().into_iter().chain(cells));
        }
        for p in &brief.people {
            let change = serde_json::to_value(p.change).unwrap_or_default();
            let cells = [
                p.en.clone(),
                p.zh.clone(),
                text(&p.post_en),
                text(&p.post_zh),
                text(&p.organisation_en),
                text(&p.organisation_zh),
                change.as_str().unwrap_or_default().to_owned(),
                p.former.to_string(),
                p.certain.to_string(),
                p.mentions.len().to_string(),
            ];
            row(&mut self.people, own().into_iter().chain(cells));
        }
    }
}

/// A value, or both ends of a range.
fn ends(value: &Value) -> [String; 2] {
    let one = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    match value {
        Value::Array(ends) => [0, 1].map(|i| ends.get(i).map(one).unwrap_or_default()),
        value => [one(value), String::new()],
    }
}

fn row(table: &mut String, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.map(|c| cell(&c).into_owned()).collect();
    table.push_str(&cells.join(","));
    table.push_str("\r\n");
}

fn cell(text: &str) -> Cow<'_, str> {
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
    use super::cell;

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
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
