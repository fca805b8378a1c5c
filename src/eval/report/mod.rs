//! An [`EvalReport`](super::EvalReport) for readers: a table on the terminal, a web page with plots.
//!
//! Programs read the report itself, as JSON, and the scores of segments as tab-separated values.

pub mod page;
mod plot;
pub mod table;
pub mod tsv;

/// A p-value as papers print it.
fn p_value(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p < 0.001 => "< 0.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

/// A score with two digits, as sacrebleu prints it; a dash where there was nothing to judge.
fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{score:.2}"))
}

/// A difference with its sign, a true minus among them.
fn signed(difference: f64) -> String {
    format!("{difference:+.2}").replace('-', "−")
}

/// A text cannot steer the terminal, nor end its line or cell: no control characters, no turns of
/// direction.
fn one_line(text: &str) -> String {
    let steers =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| if steers(c) { ' ' } else { c })
        .collect()
}
