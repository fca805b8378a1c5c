//! Plots as SVG, drawn by `plotters` without fonts: the browser sets the text.

use std::error::Error as StdError;
use std::ops::Range;

use plotters::element::ErrorBar;
use plotters::prelude::*;

use crate::eval::Error;
use crate::eval::evaluate::EvalReport;

/// Points in a scatter plot; of more segments an even selection is drawn.
const POINTS: usize = 4000;

// The page's style sheet finds these three and puts its own in their place.
const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);
const POINT: RGBColor = RGBColor(157, 28, 31);

type Drawn = Result<(), Box<dyn StdError>>;

fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend, plotters::coord::Shift>) -> Drawn,
) -> Result<String, Error> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw(&area)
            .and_then(|()| area.present().map_err(Into::into))
            .map_err(|error| Error::Draw(error.to_string()))?;
    }
    Ok(svg)
}

/// Every system's score by one metric with its interval; `None` where no system has one.
pub(super) fn intervals(report: &EvalReport, metric: usize) -> Result<Option<String>, Error> {
    let rows: Vec<(&str, f64, Range<f64>)> = report
        .systems
        .iter()
        .filter_map(|system| {
            let score = &system.scores[metric];
            let point = score.score?;
            let around = score
                .interval
                .map_or(point..point, |i| i.low.min(point)..i.high.max(point));
            Some((system.name.as_str(), point, around))
        })
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let lowest = rows
        .iter()
        .map(|row| row.2.start)
        .fold(f64::INFINITY, f64::min);
    let highest = rows
        .iter()
        .map(|row| row.2.end)
        .fold(f64::NEG_INFINITY, f64::max);
    let margin = ((highest - lowest) * 0.08)
        .max(highest.abs() * 0.002)
        .max(0.02);
    let digits = if highest - lowest < 1.0 { 2 } else { 1 };
    let unseen = 0.5 * 0.1_f64.powi(digits as i32);
    let names: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let widest = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    let height = 46 + 30 * rows.len() as u32;
    svg((420, height), |area| {
        // The first system stands on top.
        let place = |row: usize| (rows.len() - 1 - row) as f64;
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(20)
            .x_label_area_size(26)
            .y_label_area_size((14 + 8 * widest.min(22)) as u32)
            .build_cartesian_2d(
                lowest - margin..highest + margin,
                -0.6..rows.len() as f64 - 0.4,
            )?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", 15).into_font().color(&INK))
            .x_labels(5)
            .x_label_formatter(&|x| format!("{:.digits$}", if x.abs() < unseen { 0.0 } else { *x }))
            .y_labels(rows.len())
            .y_label_formatter(&|y| {
                let row = (rows.len() as f64 - 1.0 - y).round() as usize;
                names
                    .get(row)
                    .map_or(String::new(), |name| (*name).to_owned())
            })
            .draw()?;
        chart.draw_series(rows.iter().enumerate().map(|(row, (_, point, around))| {
            let style = POINT.filled().stroke_width(2);
            ErrorBar::new_horizontal(place(row), around.start, *point, around.end, style, 8)
        }))?;
        Ok(())
    })
    .map(Some)
}

/// Each segment's score by the ranking metric, one system against another.
pub(super) fn scatter(report: &EvalReport, one: usize, other: usize) -> Result<String, Error> {
    let scores = &report.segment_scores[report.rank_by];
    let both: Vec<(f64, f64)> = scores[one]
        .iter()
        .zip(&scores[other])
        .filter_map(|(a, b)| Some(((*a)?, (*b)?)))
        .collect();
    let range = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        if low < high {
            low..high
        } else {
            low - 1.0..low + 1.0
        }
    };
    let shared = range(&mut both.iter().flat_map(|(a, b)| [*a, *b]));
    let step = both.len().div_ceil(POINTS).max(1);
    svg((520, 460), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .margin_right(20)
            .x_label_area_size(42)
            .y_label_area_size(52)
            .build_cartesian_2d(shared.clone(), shared.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", 15).into_font().color(&INK))
            .x_labels(6)
            .y_labels(6)
            .x_desc(format!(
                "{} ({})",
                report.systems[one].name, report.ranked_by
            ))
            .y_desc(report.systems[other].name.clone())
            .axis_desc_style(("sans-serif", 15).into_font().color(&INK))
            .draw()?;
        chart.draw_series(LineSeries::new(
            [(shared.start, shared.start), (shared.end, shared.end)],
            INK.mix(0.5),
        ))?;
        chart.draw_series(
            both.iter()
                .step_by(step)
                .map(|point| Circle::new(*point, 2, POINT.mix(0.28).filled())),
        )?;
        Ok(())
    })
}
