//! The index of a run: every brief by date, paper and doubt, and what failed.
//!
//! Says nothing of when or how fast the run was, so that the same articles give the same index.

use minijinja::{context, value::Serde};
use serde::Serialize;

use super::{
    ReportError, html,
    names::INDEX,
    run::{Outcome, Run},
    view::day,
};

const STYLE: &str = concat!(
    include_str!("templates/common.css"),
    include_str!("templates/index.css")
);
const SCRIPT: &str = include_str!("templates/index.js");

#[derive(Serialize)]
struct Line<'a> {
    href: &'a str,
    headline_en: &'a str,
    headline_zh: &'a str,
    paper: Option<&'a str>,
    date: Option<&'a str>,
    day: Option<String>,
    source: &'a str,
    article: Option<&'a str>,
    sentences: usize,
    doubtful: usize,
}

#[derive(Serialize)]
struct Failure<'a> {
    source: &'a str,
    article: Option<&'a str>,
    error: &'a str,
}

/// The index as a page: newest papers first, undated ones last.
pub fn document(run: &Run) -> Result<String, ReportError> {
    let (mut briefs, mut failures, mut pending) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &run.entries {
        let (source, article) = (entry.source.as_str(), entry.article.as_deref());
        match &entry.outcome {
            Outcome::Done { files, digest } => briefs.push(Line {
                href: &files.html,
                headline_en: &digest.headline_en,
                headline_zh: &digest.headline_zh,
                paper: digest.paper.as_deref(),
                date: digest.date.as_deref(),
                day: digest.date.as_deref().map(day),
                source,
                article,
                sentences: digest.sentences,
                doubtful: digest.doubtful,
            }),
            Outcome::Failed { error } => failures.push(Failure {
                source,
                article,
                error,
            }),
            Outcome::Pending => pending.push(source),
        }
    }
    briefs.sort_by(|a, b| (b.date, a.paper).cmp(&(a.date, b.paper)));
    html::render(
        INDEX,
        INDEX,
        context! {
            briefs => Serde(briefs),
            failures => Serde(failures),
            pending => Serde(pending),
            left_out => Serde(&run.left_out),
            settings => Serde(&run.settings),
            policy => html::policy(STYLE, SCRIPT),
            style => STYLE,
            script => SCRIPT,
        },
    )
}
