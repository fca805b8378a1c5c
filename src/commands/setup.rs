//! `kuaibao setup`: a real model, fetched, tried, and told about.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use super::{args::ComputeArgs, models};
use crate::{
    engine::Engine,
    error::Error,
    eval::{Metric, Segment, bleu::Bleu, chrf::Chrf, faithful::Faithfulness},
    translation::{self, Options, Text},
};
use kuaibao_engine::hub::DEFAULT_TRANSLATOR;

/// Fetch a real model, try it on twenty lines, and say how fast and how good it is here
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao setup                              opus-mt-zh-en: small, good, for any use (CC-BY-4.0)
  kuaibao setup nllb-600m                    another one of `kuaibao models list`

Twenty lines say whether it works and how fast; for how good a model is, see `kuaibao eval`.")]
pub struct Args {
    /// A model's name, org/name[@revision], or a folder
    #[arg(value_name = "MODEL", default_value = "opus-mt-zh-en")]
    model: String,
    #[command(flatten)]
    compute: ComputeArgs,
}

/// Twenty sentences of news and their English, our own.
const LINES: &str = include_str!("setup.tsv");

/// Runs the command.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), Error> {
    models::fetch(&args.model, &args.compute.hub_options()?, out)?;
    let mut print = |line: String| writeln!(out, "{line}").map_err(Error::Stdout);
    let pairs: Vec<(&str, &str)> = LINES
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    print(format!(
        "\n{} lines of news, translated on this machine:\n",
        pairs.len()
    ))?;
    print(format!(
        "{:<24} {:>11} {:>11} {:>7} {:>8} {:>14}",
        "", "sentences/s", "loaded in", "BLEU", "chrF2++", "figures right"
    ))?;
    let mut models = vec![DEFAULT_TRANSLATOR, &args.model];
    models.dedup();
    for model in models {
        let started = Instant::now();
        let engine = args.compute.engine(model, None)?;
        let loaded = started.elapsed();
        let tried = tried(&engine, &pairs)?;
        let score = |score: Option<f64>| score.map_or_else(String::new, |s| format!("{s:.1}"));
        print(format!(
            "{model:<24} {:>11.1} {:>9.2} s {:>7} {:>8} {:>12} %",
            pairs.len() as f64 / tried.spent.as_secs_f64(),
            loaded.as_secs_f64(),
            score(tried.bleu),
            score(tried.chrf),
            score(tried.figures),
        ))?;
    }
    if args.model != DEFAULT_TRANSLATOR {
        let model = serde_json::Value::from(args.model.as_str());
        print(format!(
            "\nUse it with --translator {}, or always: put `translator = {model}` into kuaibao.toml.",
            args.model
        ))?;
    }
    Ok(())
}

/// How a model did.
struct Tried {
    spent: Duration,
    bleu: Option<f64>,
    chrf: Option<f64>,
    figures: Option<f64>,
}

fn tried(engine: &Engine, pairs: &[(&str, &str)]) -> Result<Tried, Error> {
    let texts: Vec<Text> = pairs.iter().map(|(zh, _)| Text::alone(zh)).collect();
    let translate = || translation::translate(engine, &texts, &Options::default(), &|_| ());
    // The first round fills caches.
    translate()?;
    let started = Instant::now();
    let english = translate()?;
    let spent = started.elapsed();
    let score = |metric: &dyn Metric| {
        let mut total = vec![0.0; metric.width()];
        for ((zh, reference), english) in pairs.iter().zip(&english) {
            let segment = Segment {
                source: Some(zh),
                document: None,
                hypothesis: &english.en,
                references: &[(*reference).to_owned()],
                aligned: &[],
                given: &[],
            };
            for (total, part) in total.iter_mut().zip(metric.statistics(&segment)) {
                *total += part;
            }
        }
        metric.score(&total)
    };
    Ok(Tried {
        spent,
        bleu: score(&Bleu::default()),
        chrf: score(&Chrf::default()),
        figures: score(&Faithfulness::FigureRecall),
    })
}
