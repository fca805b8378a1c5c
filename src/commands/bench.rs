//! `kuaibao bench`: how fast a model translates and briefs on this machine.

use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::atomic::AtomicBool,
    time::Instant,
};

use comfy_table::{Table, presets::NOTHING};
use serde::Serialize;

use super::{
    args::ModelArgs,
    inputs::{InputArgs, cores},
};
use crate::{
    brief::units::page_units,
    engine::{Engine, memory_of_process, side_by_side},
    error::Error,
    pipeline::{self, Settings, SourcePage},
    progress::Progress,
    translation::{self, Options, Text},
};
use kuaibao_text::glossary::Glossary;

/// Measure how fast a model is on this machine
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao bench inputs/                          tokens, sentences and articles; start-up; memory
  kuaibao bench --lines news.zh --beam 1         a sentence a line, greedy search
  kuaibao bench inputs/ --precision f32 --json   numbers for another program

Medians of the rounds are printed. Tokens are target tokens, the end of each sentence counted.
Translating starts when the model is loaded; start-up is a whole process, from its start to the
first line it prints.")]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// Take every line of the files as a sentence; nothing is briefed then
    #[arg(long)]
    lines: bool,
    /// How often everything is done
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Most padded source tokens of a batch, times its beams
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    /// Let every sentence run to so many tokens, as models whose weights are random need
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    tokens: Option<u16>,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    model: ModelArgs,
}

/// What was measured.
#[derive(Serialize)]
struct Measured {
    schema: &'static str,
    model: String,
    device: String,
    precision: &'static str,
    beam: usize,
    workers: usize,
    batch: usize,
    rounds: u16,
    sentences: usize,
    tokens: usize,
    seconds: f64,
    tokens_per_second: f64,
    sentences_per_second: f64,
    articles: usize,
    articles_per_minute: Option<f64>,
    start_up_seconds: f64,
    peak_memory_bytes: Option<u64>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let (sources, sentences) = if args.lines {
        (Vec::new(), lines(&args.inputs)?)
    } else {
        let sources = articles(&args.inputs)?;
        let units = sources
            .iter()
            .flat_map(|source| page_units(&source.page).concat());
        let sentences = units.map(|unit| unit.zh.as_str().to_owned()).collect();
        (sources, sentences)
    };
    let start_up = median((0..args.rounds).map(|_| start_up(args)))?;
    let mut engine = args.model.engine()?;
    if let Some(batch) = args.batch {
        engine.translator.batch_tokens = batch as usize;
    }
    if let Some(tokens) = args.tokens {
        engine.translator.config.min_new_tokens = tokens.into();
        engine.translator.config.max_length = usize::from(tokens) + 1;
    }
    let texts = sentences.iter().map(|zh| Text::alone(zh));
    let texts: Vec<Text> = texts.collect();
    if texts.is_empty() {
        return Err(Error::Usage("there is no sentence to translate".to_owned()));
    }
    let progress = Progress::new(
        "sentences",
        Some((texts.len() * (usize::from(args.rounds) + 1)) as u64),
        args.model.compute.quiet,
    );
    let translate = || -> Result<(f64, usize), Error> {
        let started = Instant::now();
        let advance = |n| progress.advance(n);
        let found = translation::translate(&engine, &texts, &Options::default(), &advance)?;
        let seconds = started.elapsed().as_secs_f64();
        Ok((seconds, found.iter().map(|t| t.tokens).sum()))
    };
    // The first round fills caches and is not counted.
    let (_, tokens) = translate()?;
    let seconds = median((0..args.rounds).map(|_| translate().map(|(seconds, _)| seconds)))?;
    progress.finish();
    let articles = sources
        .iter()
        .map(|source| source.page.articles.len())
        .sum();
    let articles_per_minute = match articles {
        0 => None,
        _ => {
            let seconds = median((0..args.rounds).map(|_| brief(&engine, &sources)))?;
            Some(articles as f64 * 60.0 / seconds)
        }
    };
    let measured = Measured {
        schema: "kuaibao.bench/1",
        model: engine.location.name.clone(),
        device: engine.device_name(),
        precision: engine.placement.precision.name(),
        beam: engine.translator.config.num_beams,
        workers: engine.workers.count(),
        batch: engine.translator.batch_tokens,
        rounds: args.rounds,
        sentences: texts.len(),
        tokens,
        seconds,
        tokens_per_second: tokens as f64 / seconds,
        sentences_per_second: texts.len() as f64 / seconds,
        articles,
        articles_per_minute,
        start_up_seconds: start_up,
        peak_memory_bytes: memory_of_process("VmHWM:"),
    };
    print(&measured, args.json).map_err(Error::Stdout)
}

fn lines(inputs: &InputArgs) -> Result<Vec<String>, Error> {
    let mut sentences = Vec::new();
    for path in &inputs.paths {
        let text = inputs.read.text(path)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        sentences.extend(lines.map(str::to_owned));
    }
    Ok(sentences)
}

/// Every page; one that cannot be read would make the numbers of something else.
fn articles(inputs: &InputArgs) -> Result<Vec<SourcePage>, Error> {
    let mut sources = Vec::new();
    let take = |source| {
        sources.push(source);
        Ok(())
    };
    let inputs = inputs.inputs(None, false)?;
    inputs.in_order(cores(), |at| Ok(at.source), take)?.end()?;
    Ok(sources)
}

fn settings() -> Settings {
    Settings {
        glossary: Glossary::official(),
        ..Settings::default()
    }
}

/// Seconds from the start of a process of this program to the first line it prints.
fn start_up(args: &Args) -> Result<f64, Error> {
    let program = std::env::current_exe().map_err(Error::io("kuaibao"))?;
    let compute = &args.model.compute;
    let started = Instant::now();
    let mut child = Command::new(&program)
        .args(["translate", "--lines", "--quiet", "-"])
        .args(["--translator", &args.model.translator])
        .args(compute.to_args())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Error::io(&program))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that cannot start says why on standard error, and prints no line.
        let _ = stdin.write_all("你好。\n".as_bytes());
    }
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout)
            .read_line(&mut line)
            .map_err(Error::io(&program))?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let status = child.wait().map_err(Error::io(&program))?;
    if line.is_empty() {
        return Err(Error::Usage(format!(
            "{} translate printed no line ({status}); what it said of that stands above",
            program.display()
        )));
    }
    Ok(seconds)
}

/// Seconds that the briefs of all sources take, files aside.
fn brief(engine: &Engine, sources: &[SourcePage]) -> Result<f64, Error> {
    let started = Instant::now();
    let settings = settings();
    side_by_side(
        engine.threads(),
        sources.len(),
        &AtomicBool::new(false),
        |i| {
            let SourcePage {
                page, name, sha256, ..
            } = &sources[i];
            let signature = pipeline::signature(engine, &settings, sha256);
            pipeline::brief(engine, page, name, &settings, &signature, &|_| ())
        },
        |_, briefs| briefs.map(|_| ()),
    )?;
    Ok(started.elapsed().as_secs_f64())
}

fn median(rounds: impl Iterator<Item = Result<f64, Error>>) -> Result<f64, Error> {
    let mut seconds: Vec<f64> = rounds.collect::<Result<_, _>>()?;
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

fn print(measured: &Measured, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, measured)?;
        return writeln!(out);
    }
    let m = measured;
    writeln!(
        out,
        "{}, {} on {}, {} workers, {} beams, batches of {} tokens; median of {} rounds",
        m.model, m.precision, m.device, m.workers, m.beam, m.batch, m.rounds
    )?;
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.add_row(["start-up", &format!("{:.0} ms", m.start_up_seconds * 1e3)]);
    table.add_row([
        "translation",
        &format!(
            "{:.0} tokens/s, {:.1} sentences/s ({} sentences, {} tokens)",
            m.tokens_per_second, m.sentences_per_second, m.sentences, m.tokens
        ),
    ]);
    if let Some(rate) = m.articles_per_minute {
        let briefs = format!("{rate:.1} articles/min ({} articles)", m.articles);
        table.add_row(["briefs", &briefs]);
    }
    if let Some(bytes) = m.peak_memory_bytes {
        let memory = format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20));
        table.add_row(["peak memory", &memory]);
    }
    writeln!(out, "{table}")
}
