//! The scores of every segment as tab-separated values, for a spreadsheet or another program.
//!
//! A line a segment and metric: what the segment is called, the metric, a column a system. The lines of
//! one metric are what [`Given`](crate::eval::given::Given) reads. An empty cell was not judged.

use std::fmt::Write as _;

use super::one_line;
use crate::eval::EvalReport;

/// All segments by the first metric, then all by the next.
pub fn render(report: &EvalReport) -> String {
    let mut text = "segment\tmetric".to_owned();
    for system in &report.systems {
        let _ = write!(text, "\t{}", one_line(&system.name));
    }
    text.push('\n');
    let first = report.systems.first();
    let metrics = first.into_iter().flat_map(|system| &system.scores);
    for (metric, by_system) in metrics.zip(&report.segment_scores) {
        for (i, id) in report.segment_ids.iter().enumerate() {
            let _ = write!(text, "{}\t{}", one_line(id), metric.metric);
            for scores in by_system {
                text.push('\t');
                if let Some(score) = scores[i] {
                    let _ = write!(text, "{score}");
                }
            }
            text.push('\n');
        }
    }
    text
}
