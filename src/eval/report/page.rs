//! The report as one self-contained web page.
//!
//! Everything that came from a file is escaped by the template engine, and the page's policy allows
//! neither scripts nor the network.

use std::ops::Range;

use minijinja::{context, value::Serde};
use serde::Serialize;

use super::{p_value, plot, score, signed};
use crate::eval::Error;
use crate::eval::corpus::Kind;
use crate::eval::evaluate::{EvalReport, Listed};
use crate::eval::metric::{Better, Score};
use crate::report::environment;
use kuaibao_text::checks::check_figures;
use kuaibao_text::figures::{self, Clock, Standing};

/// The template's name, by which it is escaped and its errors say where they are.
const NAME: &str = "page.html";

/// The page.
pub fn render(report: &EvalReport) -> Result<String, Error> {
    let templates = environment(&[(NAME, include_str!("page.html"))]);
    let (plots, scatters) = (plots(report)?, scatters(report)?);
    let style = concat!(
        include_str!("../../report/templates/common.css"),
        include_str!("page.css")
    );
    templates
        .get_template(NAME)
        .and_then(|page| {
            page.render(context! {
                style,
                report => Serde(report),
                rows => Serde(rows(report)),
                systems => report.systems.iter().filter(|s| s.kind == Kind::System).count(),
                resampled => report.systems.iter().any(|s| s.scores.iter().any(|s| s.interval.is_some())),
                comparisons => Serde(comparisons(report)),
                plots => Serde(plots),
                scatters => Serde(scatters),
                listed => Serde(report.listed.iter().map(Card::of).collect::<Vec<_>>()),
            })
        })
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
    let metrics = report
        .systems
        .first()
        .map_or(&[][..], |system| &system.scores);
    metrics
        .iter()
        .enumerate()
        .map(|(m, metric)| {
            let best = best(report, m);
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
                    .map(|system| Cell::of(&system.scores[m], system.kind, best))
                    .collect(),
                signature: format!("{}|{}", metric.metric, metric.signature),
            }
        })
        .collect()
}

impl Cell {
    fn of(score: &Score, kind: Kind, best: Option<f64>) -> Self {
        let parts = score
            .parts
            .iter()
            .map(|(name, value)| format!("{name} {value:.2}"));
        Self {
            score: super::score(score.score),
            interval: score
                .interval
                .map(|i| format!("{:.2} – {:.2}", i.low, i.high)),
            parts: parts.collect::<Vec<_>>().join("\n"),
            best: kind == Kind::System && best.is_some() && score.score == best,
        }
    }
}

/// The best of several systems by one metric. Baselines and the reference are there to compare
/// with, not to win.
fn best(report: &EvalReport, metric: usize) -> Option<f64> {
    let systems = report
        .systems
        .iter()
        .filter(|system| system.kind == Kind::System);
    let scores: Vec<&Score> = systems.map(|system| &system.scores[metric]).collect();
    let better = scores.first().filter(|_| scores.len() > 1)?.better;
    let values = scores.iter().filter_map(|score| score.score);
    match better {
        Better::Higher => values.max_by(f64::total_cmp),
        Better::Lower => values.min_by(f64::total_cmp),
        Better::Neither => None,
    }
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
            difference: signed(comparison.difference),
            interval: comparison.interval.map_or_else(String::new, |i| {
                format!("{} … {}", signed(i.low), signed(i.high))
            }),
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
    empty: bool,
    /// Figures of the text that the Chinese gives otherwise, with what it says.
    wrong: Vec<String>,
    /// Figures of the Chinese that the text does not have, in English.
    missing: Vec<String>,
}

impl<'a> Card<'a> {
    fn of(listed: &'a Listed) -> Self {
        let source = listed.source.as_deref();
        let figures = source.map(|zh| {
            let figures = figures::extract(zh, &Clock::unknown()).into_iter();
            pieces(
                zh,
                figures.map(|figure| Mark::right(figure.range)).collect(),
            )
        });
        Self {
            id: &listed.id,
            source: figures,
            references: listed
                .references
                .iter()
                .map(|text| pieces(text, english_figures(text)))
                .collect(),
            outputs: listed
                .outputs
                .iter()
                .map(|output| {
                    let text = output.text.as_str();
                    let check = source.map(|zh| check_figures(zh, text, &Clock::unknown()));
                    let check = check.unwrap_or_default();
                    let mut marks: Vec<Mark> = check
                        .wrong
                        .iter()
                        .map(|wrong| Mark {
                            range: wrong.en.clone(),
                            wrong: true,
                            why: Some(format!("The Chinese says {}", wrong.expected)),
                        })
                        .collect();
                    marks.extend(english_figures(text));
                    CardOutput {
                        system: &output.system,
                        score: score(output.score),
                        text: pieces(text, marks),
                        empty: text.trim().is_empty(),
                        wrong: check
                            .wrong
                            .iter()
                            .map(|w| format!("{} should be {}", &text[w.en.clone()], w.expected))
                            .collect(),
                        missing: check.missing.into_iter().map(|m| m.expected).collect(),
                    }
                })
                .collect(),
        }
    }
}

/// A figure in a text.
struct Mark {
    range: Range<usize>,
    wrong: bool,
    why: Option<String>,
}

impl Mark {
    fn right(range: Range<usize>) -> Self {
        Self {
            range,
            wrong: false,
            why: None,
        }
    }
}

fn english_figures(text: &str) -> Vec<Mark> {
    let figures = figures::extract_english(text).into_iter();
    let firm = figures.filter(|figure| figure.standing == Standing::Stated);
    firm.map(|figure| Mark::right(figure.range)).collect()
}

/// A stretch of text, or a figure in it.
#[derive(Serialize)]
struct Piece<'a> {
    text: &'a str,
    mark: Option<&'static str>,
    why: Option<String>,
}

/// Cuts a text at its marks. Of marks that overlap the first counts, and a wrong one before a right.
fn pieces(text: &str, mut marks: Vec<Mark>) -> Vec<Piece<'_>> {
    marks.sort_by_key(|mark| (mark.range.start, !mark.wrong));
    let mut pieces = Vec::with_capacity(2 * marks.len() + 1);
    let mut at = 0;
    let plain = |text| Piece {
        text,
        mark: None,
        why: None,
    };
    for mark in marks {
        if mark.range.start < at {
            continue;
        }
        pieces.push(plain(&text[at..mark.range.start]));
        at = mark.range.end;
        pieces.push(Piece {
            text: &text[mark.range],
            mark: Some(if mark.wrong { "wrong" } else { "right" }),
            why: mark.why,
        });
    }
    pieces.push(plain(&text[at..]));
    pieces
}
