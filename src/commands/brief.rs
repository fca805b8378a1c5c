//! `kuaibao brief`: the main job.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Write},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    brief::draft::Draft,
    brief::record::Brief,
    cli::{Engine, GlossaryArgs, MAX_BYTES, ModelArgs, SummaryArgs},
    corpus::{self, Input},
    error::Error,
    pipeline::{self, Settings, Source},
    progress::Progress,
    report::{self, OutputLock, PageFolder, ReportError, Run, Status, Written},
};
use kuaibao_engine::hub::sha256_hex;

/// Brief every article of the given files and folders
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao brief inputs/ -o outputs/              every article of a folder; open outputs/index.html
  kuaibao brief page.txt --date 2026-07-14       one page whose date the text does not state
  kuaibao brief page.txt --glossary house.tsv    terms and names as the house calls them
  kuaibao brief inputs/ --dry-run                how much there is to do, and how long it takes
  kuaibao brief inputs/ --summarizer distilbart-cnn   a model writes the summaries
  kuaibao split page.txt --json > page.json      correct the split by hand, then
  kuaibao brief page.json -o outputs/
  kuaibao brief --jsonl < articles.jsonl         {\"id\": …, \"text\": …} a line in, a brief a line out

A run that was stopped goes on where it was when started again.")]
pub struct Args {
    /// Files and folders (.txt .md .html .docx .pdf, or the .json of `kuaibao split`); - is standard input
    #[arg(value_name = "PATH", required_unless_present = "jsonl")]
    paths: Vec<PathBuf>,
    /// Folder the briefs go to
    #[arg(long, short, value_name = "DIR", default_value = "outputs")]
    output: PathBuf,
    /// Date of pages that state none, for “today”, “last year”, “the 24th”
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    date: Option<String>,
    /// Say what there is to do and how long it will take, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do everything again, also what is finished
    #[arg(long)]
    fresh: bool,
    /// Read {"id", "text"} objects from standard input, a line each, and print a brief a line
    #[arg(long, conflicts_with_all = ["paths", "dry_run", "fresh"])]
    jsonl: bool,
    /// Encoding of the files instead of a guess (utf-8, gb18030, big5, utf-16le, …)
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Larger files are reported, not read
    #[arg(long, value_name = "N", default_value_t = MAX_BYTES)]
    max_bytes: u64,
    #[command(flatten)]
    glossary: GlossaryArgs,
    #[command(flatten)]
    summary: SummaryArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// An ISO 8601 calendar date.
pub(super) fn parse_date(text: &str) -> Result<String, String> {
    match text.parse::<jiff::civil::Date>() {
        Ok(date) => Ok(date.to_string()),
        Err(_) => Err("expected a date like 2026-07-14".to_owned()),
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let settings = Settings {
        date: args.date.clone(),
        length: args.summary.length,
        words: args.summary.words.map(usize::from),
        strict: args.summary.strict,
        glossary: args.glossary.load()?,
    };
    if args.jsonl {
        return jsonl(args, &settings);
    }
    let stdin = args.paths.iter().any(|p| p.as_os_str() == "-");
    let paths: Vec<PathBuf> = args
        .paths
        .iter()
        .filter(|p| p.as_os_str() != "-")
        .cloned()
        .collect();
    let options = corpus::Options {
        output: Some(args.output.clone()),
    };
    let mut inputs = Vec::new();
    if stdin {
        inputs.push(Input {
            path: "-".into(),
            relative: "stdin.txt".into(),
        });
    }
    if !paths.is_empty() {
        inputs.extend(corpus::walk(&paths, &options)?);
    }
    if args.dry_run {
        return dry_run(args, &settings, &inputs);
    }
    let _lock = OutputLock::acquire(&args.output)?;
    let engine = args.model.engine_with(&args.summary)?;
    if !args.model.compute.quiet {
        eprintln!("{}", engine.memory());
    }
    let stop = interrupt_flag()?;
    Batch {
        args,
        settings: &settings,
        engine: &engine,
        stop,
    }
    .run(&inputs)
}

/// Set by Ctrl-C; a second Ctrl-C ends the process at once.
fn interrupt_flag() -> Result<&'static AtomicBool, Error> {
    static STOP: AtomicBool = AtomicBool::new(false);
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("kuaibao: finishing the pages in hand; press Ctrl-C again to stop at once");
    })
    .map_err(|e| Error::Usage(format!("cannot listen for Ctrl-C: {e}")))?;
    Ok(&STOP)
}

struct Batch<'a> {
    args: &'a Args,
    settings: &'a Settings,
    engine: &'a Engine,
    stop: &'a AtomicBool,
}

/// What became of one input: an entry an article, or the error.
struct Done {
    briefs: Vec<(Brief, Written, Status)>,
    failed: Option<(String, String)>,
    spent: Duration,
}

impl Batch<'_> {
    fn run(&self, inputs: &[Input]) -> Result<(), Error> {
        let started = (SystemTime::now(), Instant::now());
        let progress = Progress::new(
            "articles",
            Some(inputs.len() as u64),
            self.args.model.compute.quiet,
        );
        let sentences = Sentences::default();
        let signature = pipeline::signature(self.engine, self.settings, "");
        let (mut failed, mut articles, mut skipped) = (0, 0, 0);
        // What the run's record needs of each input; its briefs are let go as soon as they are written.
        let mut done: BTreeMap<usize, Run> = BTreeMap::new();
        pipeline::side_by_side(
            self.engine,
            inputs.len(),
            self.stop,
            |i| self.input(&inputs[i], &sentences),
            |i, result| {
                let mut part = Run::new(&signature);
                for (brief, files, status) in result.briefs {
                    articles += 1;
                    skipped += usize::from(status == Status::Skipped);
                    part.done(&brief, files, status, result.spent);
                }
                if let Some((source, error)) = result.failed {
                    progress.say(&format!("kuaibao: {source}: {error}"));
                    failed += 1;
                    part.failed(&source, None, error, result.spent);
                }
                progress.message(sentences.rate());
                progress.advance(1);
                done.insert(i, part);
            },
        );
        progress.finish();
        let mut run = Run::new(&signature);
        for (i, input) in inputs.iter().enumerate() {
            match done.remove(&i) {
                Some(part) => run.append(part),
                None => run.pending(&input.relative.to_string_lossy()),
            }
        }
        run.took(started.0, started.1.elapsed());
        report::write_run(&self.args.output, &run)?;
        let left = run.pending_count();
        if !self.args.model.compute.quiet {
            self.say_what_was_done(articles, skipped, failed, left, started.1.elapsed());
        }
        if left > 0 {
            return Err(Error::Interrupted);
        }
        match failed {
            0 => Ok(()),
            failed => Err(Error::SomeFailed {
                failed,
                total: inputs.len(),
            }),
        }
    }

    fn say_what_was_done(
        &self,
        articles: usize,
        skipped: usize,
        failed: usize,
        left: usize,
        spent: Duration,
    ) {
        let mut line = format!("{articles} articles in {:.1} s", spent.as_secs_f64());
        for (count, what) in [
            (skipped, "already done"),
            (failed, "files failed"),
            (left, "files left"),
        ] {
            if count > 0 {
                line = format!("{line}, {count} {what}");
            }
        }
        let index = self.args.output.join("index.html");
        eprintln!("{line}; open {}", index.display());
    }

    fn input(&self, input: &Input, sentences: &Sentences) -> Done {
        let started = Instant::now();
        let mut briefs = Vec::new();
        // A defect that one page brings out must not cost the others.
        let pages = AssertUnwindSafe(|| self.pages(input, sentences, &mut briefs));
        let failed = match panic::catch_unwind(pages) {
            Ok(result) => result.err(),
            Err(_) => Some("a defect of this program; please report it with this file".to_owned()),
        };
        Done {
            briefs,
            failed: failed.map(|error| (input.relative.to_string_lossy().into_owned(), error)),
            spent: started.elapsed(),
        }
    }

    fn pages(
        &self,
        input: &Input,
        sentences: &Sentences,
        briefs: &mut Vec<(Brief, Written, Status)>,
    ) -> Result<(), String> {
        let bytes = read_bytes(input, self.args.max_bytes)?;
        let sources = pipeline::read(&bytes, &input.relative, self.args.encoding.as_deref());
        for source in sources.map_err(|e| e.to_string())? {
            self.page(&source, sentences, briefs)?;
        }
        Ok(())
    }

    fn page(
        &self,
        source: &Source,
        sentences: &Sentences,
        briefs: &mut Vec<(Brief, Written, Status)>,
    ) -> Result<(), String> {
        let signature = pipeline::signature(self.engine, self.settings, &source.sha256);
        let folder = PageFolder::new(&self.args.output, &source.relative);
        if !self.args.fresh
            && let Some(finished) = folder.finished(&signature)
        {
            briefs.extend(finished.into_iter().map(|brief| {
                let files = folder.files(&brief.article);
                (brief, files, Status::Skipped)
            }));
            return Ok(());
        }
        let made = pipeline::brief(
            self.engine,
            &source.page,
            &source.name,
            self.settings,
            &signature,
            &|n| sentences.add(n),
        )
        .map_err(|e| e.to_string())?;
        let say = |e: ReportError| Error::from(e).message().unwrap_or_default();
        let ids: Vec<String> = made.iter().map(|b| b.article.clone()).collect();
        folder
            .open(&signature, &ids, source.text.as_deref())
            .map_err(say)?;
        for brief in made {
            let files = folder.write(&brief).map_err(say)?;
            briefs.push((brief, files, Status::Written));
        }
        folder.close().map_err(say)
    }
}

fn read_bytes(input: &Input, max_bytes: u64) -> Result<Vec<u8>, String> {
    if input.path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let mut limited = io::Read::take(io::stdin(), max_bytes + 1);
        io::Read::read_to_end(&mut limited, &mut bytes).map_err(|e| e.to_string())?;
        if bytes.len() as u64 > max_bytes {
            return Err(format!(
                "larger than {max_bytes} bytes (raise --max-bytes to take it)"
            ));
        }
        return Ok(bytes);
    }
    corpus::read_bytes(input, max_bytes).map_err(|e| Error::from(e).message().unwrap_or_default())
}

/// Sentences translated, and since when.
struct Sentences {
    count: Mutex<usize>,
    started: Instant,
}

impl Default for Sentences {
    fn default() -> Self {
        Self {
            count: Mutex::new(0),
            started: Instant::now(),
        }
    }
}

impl Sentences {
    fn add(&self, n: usize) {
        if let Ok(mut count) = self.count.lock() {
            *count += n;
        }
    }

    fn rate(&self) -> String {
        let count = self.count.lock().map_or(0, |c| *c);
        let rate = count as f64 / self.started.elapsed().as_secs_f64();
        format!("{count} sentences, {rate:.1}/s")
    }
}

/// Counts what there is to do and times a few sentences of it.
fn dry_run(args: &Args, settings: &Settings, inputs: &[Input]) -> Result<(), Error> {
    let engine = args.model.engine_with(&args.summary)?;
    let (mut articles, mut sentences, mut tokens, mut finished) = (0, 0, 0, 0);
    let mut failed = 0;
    let mut sample: Vec<String> = Vec::new();
    for input in inputs {
        let sources = read_bytes(input, args.max_bytes).and_then(|bytes| {
            pipeline::read(&bytes, &input.relative, args.encoding.as_deref())
                .map_err(|e| e.to_string())
        });
        let sources = match sources {
            Ok(sources) => sources,
            Err(error) => {
                eprintln!("kuaibao: {}: {error}", input.relative.display());
                failed += 1;
                continue;
            }
        };
        for source in sources {
            let signature = pipeline::signature(&engine, settings, &source.sha256);
            let folder = PageFolder::new(&args.output, &source.relative);
            if !args.fresh && folder.finished(&signature).is_some() {
                finished += source.page.articles.len();
                continue;
            }
            let draft = Draft::new(&source.page, &source.name, None);
            articles += draft.articles();
            for text in draft.texts() {
                sentences += 1;
                tokens += engine.translator.count(text);
                if sample.len() < SAMPLE {
                    sample.push(text.to_owned());
                }
            }
        }
    }
    let seconds = estimate(&engine, &sample, tokens)?;
    let mut out = io::stdout().lock();
    let mut print = |line: String| writeln!(out, "{line}").map_err(Error::Stdout);
    print(format!("{:>8} files", inputs.len()))?;
    print(format!("{articles:>8} articles to do"))?;
    print(format!("{finished:>8} articles already done"))?;
    print(format!("{sentences:>8} sentences"))?;
    print(format!("{tokens:>8} source tokens"))?;
    print(format!(
        "{:>8} (estimated, for the translation)",
        duration(seconds)
    ))?;
    print(engine.memory())?;
    match failed {
        0 => Ok(()),
        failed => Err(Error::SomeFailed {
            failed,
            total: inputs.len(),
        }),
    }
}

/// Sentences that are translated to estimate the time of all.
const SAMPLE: usize = 32;

fn estimate(engine: &Engine, sample: &[String], tokens: usize) -> Result<f64, Error> {
    let texts: Vec<&str> = sample
        .iter()
        .map(String::as_str)
        .filter(|t| engine.translator.count(t) <= engine.translator.source_limit())
        .collect();
    let measured: usize = texts.iter().map(|t| engine.translator.count(t)).sum();
    if measured == 0 {
        return Ok(0.0);
    }
    let started = Instant::now();
    let translator = &engine.translator;
    translator.translate(&engine.workers, &texts, &translator.config, &|_| ())?;
    Ok(started.elapsed().as_secs_f64() * tokens as f64 / measured as f64)
}

fn duration(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

#[derive(Deserialize)]
struct Line {
    id: Value,
    text: String,
}

/// A brief a line, in input order, each as soon as it and all before it are done.
fn jsonl(args: &Args, settings: &Settings) -> Result<(), Error> {
    let engine = args.model.engine_with(&args.summary)?;
    let (lines, queue) = mpsc::sync_channel::<(usize, io::Result<String>)>(64);
    let queue = Mutex::new(queue);
    let (done, results) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().enumerate() {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    thread::scope(|scope| {
        for _ in 0..=engine.workers.count() {
            let (queue, done, engine) = (&queue, done.clone(), &engine);
            scope.spawn(move || {
                loop {
                    let next = match queue.lock() {
                        Ok(queue) => queue.recv(),
                        Err(_) => return,
                    };
                    let Ok((i, line)) = next else { return };
                    let answer = answer(engine, settings, line, args.max_bytes);
                    if done.send((i, answer)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let mut out = io::stdout().lock();
        let mut waiting = BTreeMap::new();
        let (mut next, mut failed) = (0, 0);
        for (i, answer) in results {
            waiting.insert(i, answer);
            while let Some(answer) = waiting.remove(&next) {
                next += 1;
                let line = match answer {
                    None => continue,
                    Some(Ok(line)) => line,
                    Some(Err((id, error))) => {
                        failed += 1;
                        eprintln!("kuaibao: line {next}: {error}");
                        json!({"id": id, "error": error}).to_string()
                    }
                };
                writeln!(out, "{}", line.trim_end())
                    .and_then(|()| out.flush())
                    .map_err(Error::Stdout)?;
            }
        }
        match failed {
            0 => Ok(()),
            failed => Err(Error::SomeFailed {
                failed,
                total: next,
            }),
        }
    })
}

/// The brief of one line; `None` for an empty one, an id and a message for a bad one.
fn answer(
    engine: &Engine,
    settings: &Settings,
    line: io::Result<String>,
    max_bytes: u64,
) -> Option<Result<String, (Value, String)>> {
    let line = match line {
        Ok(line) if line.trim().is_empty() => return None,
        Ok(line) => line,
        Err(e) => return Some(Err((Value::Null, e.to_string()))),
    };
    if line.len() as u64 > max_bytes {
        let message = format!("larger than {max_bytes} bytes (raise --max-bytes to take it)");
        return Some(Err((Value::Null, message)));
    }
    let parsed: Line = match serde_json::from_str(&line) {
        Ok(parsed) => parsed,
        Err(e) => {
            let message = format!("not an object with `id` and `text`: {e}");
            return Some(Err((Value::Null, message)));
        }
    };
    let id = match &parsed.id {
        Value::String(id) => id.clone(),
        other => other.to_string(),
    };
    let page = pipeline::one_article(&parsed.text, &id);
    let signature = pipeline::signature(engine, settings, &sha256_hex(parsed.text.as_bytes()));
    let name = Path::new(&id).to_string_lossy().into_owned();
    let briefs = pipeline::brief(engine, &page, &name, settings, &signature, &|_| ());
    Some(
        briefs
            .map_err(|e| e.to_string())
            .and_then(|b| report::json::line(&b[0]).map_err(|e| e.to_string()))
            .map_err(|error| (parsed.id, error)),
    )
}
