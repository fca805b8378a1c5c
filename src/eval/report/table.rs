//! The report as text for a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};

use super::{one_line, p_value, score, signed};
use crate::eval::evaluate::{Comparison, EvalReport, Listed};
use crate::eval::metric::Better;

/// Segments shown on a terminal; the page and the JSON have all that are listed.
const SHOWN: usize = 3;

/// The scores, the comparisons, the segments furthest apart, and the signatures.
pub fn render(report: &EvalReport) -> String {
    let mut text = String::new();
    for note in &report.notes {
        let _ = writeln!(text, "note: {}", one_line(note));
    }
    let _ = writeln!(text, "{}\n", scores(report));
    if !report.comparisons.is_empty() {
        let _ = writeln!(text, "{}\n", comparisons(&report.comparisons));
        text.push_str(
            "p1: paired bootstrap, p2: paired approximate randomisation, *: all below 0.05\n\n",
        );
    }
    for listed in report.listed.iter().take(SHOWN) {
        segment(&mut text, report, listed);
    }
    for metric in report
        .systems
        .iter()
        .take(1)
        .flat_map(|system| &system.scores)
    {
        let _ = writeln!(text, "{}|{}", metric.metric, metric.signature);
    }
    text
}

fn table(header: Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table
}

/// Numbers stand right, so that their digits stand under each other.
fn aligned(mut table: Table, from: usize) -> String {
    for column in table.column_iter_mut().skip(from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn scores(report: &EvalReport) -> String {
    let mut header = vec![match report.segments {
        1 => "1 segment".to_owned(),
        n => format!("{n} segments"),
    }];
    header.extend(report.systems.iter().map(|system| one_line(&system.name)));
    let mut table = table(header);
    let metrics = report
        .systems
        .first()
        .map_or(0, |system| system.scores.len());
    for m in 0..metrics {
        let of_first = &report.systems[0].scores[m];
        let mut row = vec![format!("{}{}", of_first.metric, arrow(of_first.better))];
        row.extend(report.systems.iter().map(|system| {
            let of_system = &system.scores[m];
            match of_system.interval {
                Some(interval) => {
                    format!("{} ±{:.2}", score(of_system.score), interval.margin())
                }
                None => score(of_system.score),
            }
        }));
        table.add_row(row);
    }
    aligned(table, 1)
}

fn arrow(better: Better) -> &'static str {
    match better {
        Better::Higher => "",
        Better::Lower => " (less is better)",
        Better::Neither => " (description)",
    }
}

fn comparisons(comparisons: &[Comparison]) -> String {
    let mut table = table(
        ["", "metric", "difference", "95 % interval", "p1", "p2", ""]
            .map(str::to_owned)
            .to_vec(),
    );
    for comparison in comparisons {
        let interval = comparison.interval.map_or_else(
            || "–".to_owned(),
            |i| format!("{} … {}", signed(i.low), signed(i.high)),
        );
        table.add_row([
            one_line(&format!("{} − {}", comparison.system, comparison.baseline)),
            comparison.metric.clone(),
            signed(comparison.difference),
            interval,
            p_value(comparison.p_bootstrap),
            p_value(comparison.p_randomisation),
            if comparison.is_significant() { "*" } else { "" }.to_owned(),
        ]);
    }
    aligned(table, 2)
}

fn segment(text: &mut String, report: &EvalReport, listed: &Listed) {
    let _ = writeln!(
        text,
        "segment {}, by {}:",
        one_line(&listed.id),
        report.ranked_by
    );
    for reference in &listed.references {
        let _ = writeln!(text, "  reference: {}", one_line(reference));
    }
    for output in &listed.outputs {
        let score = score(output.score);
        let _ = writeln!(
            text,
            "  {} {score}: {}",
            output.system,
            one_line(&output.text)
        );
    }
    text.push('\n');
}
