//! `kuaibao split`: how a page is cut into articles, to be read or to be corrected.

use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
};

use super::inputs::{At, InputArgs, cores};
use crate::error::Error;
use kuaibao_text::page::{
    Oddities,
    record::{ArticleRecord, PageRecord},
};

/// Show how pages are cut into articles
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao split page.txt                        read how the page was cut
  kuaibao split page.txt --json > page.json     correct it by hand, then
  kuaibao brief page.json -o outputs/           brief the corrected page
  kuaibao split inputs/ --json                  a page a line")]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// One JSON object a page (schema kuaibao.split/1), one a line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let inputs = args.inputs.inputs(None, false)?;
    let shown = |At { source, .. }: At| {
        let record = PageRecord::new(&source.page, &source.name, &source.encoding);
        if args.json {
            let json = serde_json::to_string(&record).map_err(|e| e.to_string())?;
            return Ok(json + "\n");
        }
        let mut text = String::new();
        let note = Oddities::of(&source.text).note();
        show(&record, note.as_deref(), &mut text).map_err(|e| e.to_string())?;
        Ok(text)
    };
    let mut out = io::stdout().lock();
    let print = |text: String| out.write_all(text.as_bytes()).map_err(Error::Stdout);
    let tally = inputs.in_order(cores(), shown, print)?;
    out.flush().map_err(Error::Stdout)?;
    tally.end()
}

/// A page, and what its text holds beside its articles.
fn show(record: &PageRecord, note: Option<&str>, out: &mut String) -> fmt::Result {
    let about: Vec<&str> = [
        Some(record.encoding.as_str()),
        record.paper.as_deref(),
        record.date.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let count = record.articles.len();
    let articles = if count == 1 { "article" } else { "articles" };
    writeln!(
        out,
        "{}: {count} {articles} ({})",
        record.source,
        about.join(", ")
    )?;
    if let Some(note) = note {
        writeln!(out, "note: {note}")?;
    }
    for article in &record.articles {
        writeln!(out)?;
        show_article(article, out)?;
    }
    if !record.dropped.is_empty() {
        writeln!(out, "\n-- in no article --")?;
    }
    for dropped in &record.dropped {
        let reason = serde_json::to_value(dropped.reason).unwrap_or_default();
        labelled(out, reason.as_str().unwrap_or_default(), &dropped.text)?;
    }
    writeln!(out)
}

fn show_article(article: &ArticleRecord, out: &mut String) -> fmt::Result {
    let doubt = if article.confidence < DOUBTFUL {
        ": look at it"
    } else {
        ""
    };
    writeln!(
        out,
        "-- article {} (confidence {:.2}{doubt}) --",
        article.id, article.confidence
    )?;
    for kicker in &article.kicker {
        labelled(out, "kicker", kicker)?;
    }
    let heads = [
        ("headline", &article.headline),
        ("sub", &article.subheadline),
        ("dateline", &article.dateline),
    ];
    for (label, text) in heads {
        if let Some(text) = text {
            labelled(out, label, text)?;
        }
    }
    if !article.byline.is_empty() {
        labelled(out, "byline", &article.byline.join("、"))?;
    }
    for (i, paragraph) in article.paragraphs.iter().enumerate() {
        for subhead in article.subheads.iter().filter(|s| s.before == i) {
            labelled(out, "subhead", &subhead.text)?;
        }
        labelled(out, "", paragraph)?;
    }
    for subhead in &article.subheads {
        if subhead.before >= article.paragraphs.len() {
            labelled(out, "subhead", &subhead.text)?;
        }
    }
    for caption in &article.captions {
        labelled(out, "caption", caption)?;
    }
    Ok(())
}

/// Below this an editor should look at the page before it is briefed.
const DOUBTFUL: f64 = 0.7;

fn labelled(out: &mut String, label: &str, text: &str) -> fmt::Result {
    writeln!(out, "{label:<12}{text}")
}
