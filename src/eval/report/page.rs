//! The report as one self-contained web page.
//!
//! Everything that came from a file is escaped by the template engine, and the page's policy allows
//! neither scripts nor the network.

use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;

use super::{p_value, plot, score};
use crate::eval::Error;
use crate::eval::corpus::Kind;
use crate::eval::evaluate::{EvalReport, Listed};
use crate::eval::metric::Better;

/// The page.
pub fn render(report: &EvalReport) -> Result<String, Error> {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_trim_blocks(true);
    templates.set_lstrip_blocks(true);
    let style = concat!(
        include_str!("../../report/templates/common.css"),
        include_str!("page.css")
    );
    templates
        .render_str(
            include_str!("page.html"),
            context! {
                style,
                report,
                rows => rows(report),
                comparisons => comparisons(report),
                plots => plots(report)?,
                scatters => scatters(report)?,
                listed => report.listed.iter().map(Card::of).collect::<Vec<_>>(),
            },
        )
        .map_err(|error| Error::Draw(error.to_string()))
}

/// A metric's scores across the systems.
#[derive(Serialize)]
struct Row<'a> {
    metric: &'a str,
    better: &'static str,
    cells: Vec<Cell>,
    signature: String,
}

#[derive(Serialize)]
struct Cell {
    score: String,
    interval: Option<String>,
    parts: String,
    best: bool,
}

fn rows(report: &EvalReport) -> Vec<Row<'_>> {
    let Some(first) = report.systems.first() else {
        return Vec::new();
    };
    let row = |(m, metric): (usize, &'_ crate::eval::Score)| {
        // Baselines and the reference are there to compare with, not to win.
        let judged = report
            .systems
            .iter()
            .filter(|system| system.kind == Kind::System);
        let scores = judged.filter_map(|system| system.scores[m].score);
        let best = match metric.better {
            Better::Higher => scores.fold(f64::NEG_INFINITY, f64::max),
            Better::Lower => scores.fold(f64::INFINITY, f64::min),
            Better::Neither => f64::NAN,
        };
        (metric.metric.clone(), best)
    };
    first
        .scores
        .iter()
        .enumerate()
        .map(|(m, metric)| {
            let (_, best) = row((m, metric));
            Row {
                metric: &metric.metric,
                better: match metric.better {
                    Better::Higher => "",
                    Better::Lower => "less is better",
                    Better::Neither => "description",
                },
                cells: report
                    .systems
                    .iter()
                    .map(|system| {
                        let cell = &system.scores[m];
                        Cell {
                            score: score(cell.score),
                            interval: cell
                                .interval
                                .map(|i| format!("{:.2} – {:.2}", i.low, i.high)),
                            parts: cell
                                .parts
                                .iter()
                                .map(|(name, value)| format!("{name} {value:.2}"))
                                .collect::<Vec<_>>()
                                .join("\n"),
                            best: system.kind == Kind::System && cell.score == Some(best),
                        }
                    })
                    .collect(),
                signature: format!("{}|{}", metric.metric, metric.signature),
            }
        })
        .collect()
}

#[derive(Serialize)]
struct ComparisonRow<'a> {
    system: &'a str,
    baseline: &'a str,
    metric: &'a str,
    difference: String,
    interval: String,
    p_bootstrap: String,
    p_randomisation: String,
    significant: bool,
    improved: Option<bool>,
}

fn comparisons(report: &EvalReport) -> Vec<ComparisonRow<'_>> {
    report
        .comparisons
        .iter()
        .map(|comparison| ComparisonRow {
            system: &comparison.system,
            baseline: &comparison.baseline,
            metric: &comparison.metric,
            difference: format!("{:+.2}", comparison.difference),
            interval: comparison
                .interval
                .map_or_else(String::new, |i| format!("{:+.2} … {:+.2}", i.low, i.high)),
            p_bootstrap: p_value(comparison.p_bootstrap),
            p_randomisation: p_value(comparison.p_randomisation),
            significant: comparison.is_significant(),
            improved: match comparison.better {
                Better::Higher => Some(comparison.difference > 0.0),
                Better::Lower => Some(comparison.difference < 0.0),
                Better::Neither => None,
            },
        })
        .collect()
}

#[derive(Serialize)]
struct Plot {
    title: String,
    svg: String,
}

fn plots(report: &EvalReport) -> Result<Vec<Plot>, Error> {
    let metrics = report
        .systems
        .first()
        .map_or(0, |system| system.scores.len());
    let mut plots = Vec::new();
    for m in 0..metrics {
        if let Some(svg) = plot::intervals(report, m)? {
            plots.push(Plot {
                title: report.systems[0].scores[m].metric.clone(),
                svg,
            });
        }
    }
    Ok(plots)
}

fn scatters(report: &EvalReport) -> Result<Vec<Plot>, Error> {
    let others = (1..report.systems.len()).filter(|&s| report.systems[s].kind == Kind::System);
    others
        .map(|other| {
            Ok(Plot {
                title: format!(
                    "{} against {}, segment by segment",
                    report.systems[other].name, report.systems[0].name
                ),
                svg: plot::scatter(report, 0, other)?,
            })
        })
        .collect()
}

/// A listed segment with its figures marked.
#[derive(Serialize)]
struct Card<'a> {
    id: &'a str,
    source: Option<Vec<Piece<'a>>>,
    references: Vec<Vec<Piece<'a>>>,
    outputs: Vec<CardOutput<'a>>,
}

#[derive(Serialize)]
struct CardOutput<'a> {
    system: &'a str,
    score: String,
    text: Vec<Piece<'a>>,
}

/// A stretch of text, or a figure in it.
#[derive(Serialize)]
struct Piece<'a> {
    text: &'a str,
    figure: bool,
}

impl<'a> Card<'a> {
    fn of(listed: &'a Listed) -> Self {
        Self {
            id: &listed.id,
            source: listed.source.as_deref().map(marked),
            references: listed.references.iter().map(|text| marked(text)).collect(),
            outputs: listed
                .outputs
                .iter()
                .map(|output| CardOutput {
                    system: &output.system,
                    score: score(output.score),
                    text: marked(&output.text),
                })
                .collect(),
        }
    }
}

fn marked(text: &str) -> Vec<Piece<'_>> {
    vec![Piece {
        text,
        figure: false,
    }]
}
