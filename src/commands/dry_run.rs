//! `kuaibao brief --dry-run`: what there is to do, and how long it will take.

use std::{
    io::{self, Write},
    path::Path,
    time::Instant,
};

use super::inputs::{At, Inputs, cores};
use crate::{
    brief::draft::Draft,
    engine::Engine,
    error::Error,
    pipeline::{self, Settings},
    report::PageFolder,
    translation::{self, Options, Text},
};

/// Sentences that are translated to estimate the time of all.
const SAMPLE: usize = 32;

/// What is to be done.
#[derive(Default)]
struct Work {
    articles: usize,
    finished: usize,
    sentences: usize,
    tokens: usize,
    sample: Vec<String>,
}

/// Counts what there is to do beside what lies in `output`, and times a few sentences of it.
pub(super) fn run(
    engine: &Engine,
    settings: &Settings,
    inputs: &Inputs,
    output: Option<&Path>,
) -> Result<(), Error> {
    let signature = pipeline::signature(engine, settings, "");
    let page = |At { source, .. }: At| {
        source.has_articles().map_err(|e| e.to_string())?;
        let signature = pipeline::page_signature(
            &signature,
            settings,
            &source.page,
            &source.name,
            &source.sha256,
        );
        let folder = output.map(|output| PageFolder::new(output, &source.key));
        if folder.is_some_and(|folder| folder.finished(&signature).is_some()) {
            return Ok(Work {
                finished: source.page.articles.len(),
                ..Work::default()
            });
        }
        let draft = Draft::new(&source.page, &source.name, None).map_err(|e| e.to_string())?;
        let texts = draft.texts();
        let sample = texts.iter().take(SAMPLE).map(|text| text.zh.to_owned());
        Ok(Work {
            articles: draft.articles(),
            finished: 0,
            sentences: texts.len(),
            tokens: texts.iter().map(|t| engine.translator.count(t.zh)).sum(),
            sample: sample.collect(),
        })
    };
    let mut all = Work::default();
    let tally = inputs.in_order(cores(), page, |work| {
        all.articles += work.articles;
        all.finished += work.finished;
        all.sentences += work.sentences;
        all.tokens += work.tokens;
        let room = SAMPLE - all.sample.len();
        all.sample.extend(work.sample.into_iter().take(room));
        Ok(())
    })?;
    let seconds = estimate(engine, &all)?;
    let mut out = io::stdout().lock();
    let mut print = |line: String| writeln!(out, "{line}").map_err(Error::Stdout);
    print(format!("{:>8} files", inputs.list.len()))?;
    print(format!("{:>8} articles to do", all.articles))?;
    print(format!("{:>8} articles already done", all.finished))?;
    print(format!("{:>8} sentences", all.sentences))?;
    print(format!("{:>8} source tokens", all.tokens))?;
    print(format!(
        "{:>8} (estimated, for the translation)",
        duration(seconds)
    ))?;
    print(engine.memory())?;
    tally.end()
}

fn estimate(engine: &Engine, all: &Work) -> Result<f64, Error> {
    let text = |zh: &String| engine.translator.count(zh);
    let measured: usize = all.sample.iter().map(text).sum();
    if measured == 0 {
        return Ok(0.0);
    }
    let texts = all.sample.iter().map(|zh| Text::alone(zh));
    let texts: Vec<Text> = texts.collect();
    let started = Instant::now();
    translation::translate(engine, &texts, &Options::default(), &|_| ())?;
    Ok(started.elapsed().as_secs_f64() * all.tokens as f64 / measured as f64)
}

fn duration(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}
