//! `kuaibao brief`: the main job.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use clap::ValueEnum as _;

use super::{
    args::{CompareArgs, GlossaryArgs, ModelArgs},
    dry_run,
    inputs::{At, Done, Inputs, ReadArgs, parse_date},
    jsonl,
    memory::MemoryArgs,
    summary_args::SummaryArgs,
};
use crate::{
    brief::record::{Brief, Signature},
    corpus::{Input, is_stdin},
    engine::Engine,
    error::{Error, with_causes},
    formats::Format,
    interrupt,
    pipeline::{self, Settings, SourcePage},
    progress::Progress,
    report::{self, OutputLock, PageFolder, Run, Shard, Status, Written, page_path},
};

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
  kuaibao brief inputs/ --format docx,xlsx       Word files with comments, one table of all figures
  kuaibao brief scans/ --ocr 'tesseract {} - -l chi_sim'
  kuaibao brief --jsonl < articles.jsonl         {\"id\": …, \"text\": …} a line in, a brief a line out

A run that was stopped goes on where it was when started again.")]
pub struct Args {
    /// Files and folders (.txt .md .html .docx .odt .rtf .pdf .epub .eml .rss .srt .xlf …, or the .json of `kuaibao split`); - is standard input
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
    /// Write the briefs in other formats too, several behind commas; csv and xlsx are of the whole folder
    #[arg(long, value_enum, value_name = "FORMAT", value_delimiter = ',', conflicts_with_all = ["jsonl", "dry_run"])]
    format: Vec<Format>,
    /// Do everything again, also what is finished
    #[arg(long)]
    fresh: bool,
    /// Names and words, one a line, in either language: articles with one of them come first in the index
    #[arg(long, value_name = "FILE")]
    watch_list: Option<PathBuf>,
    /// Do this share of the pages, such as 2/8; others may run at once; `kuaibao merge` makes the index
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Read articles from standard input, an object a line: id, text, and where known title, date,
    /// paper, url, encoding, glossary; print a brief a line
    #[arg(long, conflicts_with_all = ["paths", "dry_run", "fresh", "shard"])]
    jsonl: bool,
    /// With --jsonl: print each brief as soon as it is done
    #[arg(long, requires = "jsonl")]
    unordered: bool,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    glossary: GlossaryArgs,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    compare: CompareArgs,
    #[command(flatten)]
    summary: SummaryArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let mut settings = Settings {
        date: args.date.clone(),
        summary: args.summary.wish(),
        glossary: args.glossary.load()?,
        ..Settings::default()
    };
    let output = (!args.jsonl).then_some(&*args.output);
    if let Some(memory) = args.memory.load(output)? {
        settings = settings.remembering(memory);
    }
    let engine = || {
        let mut engine = args.summary.engine(&args.model)?;
        args.compare.load(&mut engine, &args.model.compute)?;
        Ok::<_, Error>(engine)
    };
    if args.jsonl {
        let engine = engine()?;
        return jsonl::run(&engine, &settings, args.read.max_bytes, args.unordered);
    }
    let quiet = args.model.compute.quiet;
    let mut inputs = args.read.inputs(&args.paths, Some(&args.output), quiet)?;
    // Of all pages, before they are shared out.
    let mut refused = refused(&inputs);
    if let Some(shard) = args.shard {
        refused = share(&mut inputs, shard, refused);
    }
    let of_folders = |format: &&Format| format.extension().is_none();
    if let (Some(format), Some(_)) = (args.format.iter().find(of_folders), args.shard) {
        return Err(Error::Usage(format!(
            "--format {} is of a whole folder: leave out --shard, or run again without it when all shards are done",
            format
                .to_possible_value()
                .map_or_else(String::new, |v| v.get_name().to_owned())
        )));
    }
    if args.dry_run {
        let engine = engine()?;
        let output = (!args.fresh).then_some(&*args.output);
        return dry_run::run(&engine, &settings, &inputs, output);
    }
    let watch = args.watch_list.as_deref().map(watch_list).transpose()?;
    let mut lock = OutputLock::acquire(&args.output, args.shard)?;
    let engine = engine()?;
    if !quiet {
        eprintln!("{}", engine.memory());
    }
    lock.reserve(room(&inputs))?;
    let total = inputs.list.len() as u64;
    Batch {
        args,
        settings: &settings,
        engine: &engine,
        signature: pipeline::signature(&engine, &settings, ""),
        refused,
        watch: watch.unwrap_or_default(),
        record: Mutex::new(Record::new(&args.output, lock)),
        started: (SystemTime::now(), Instant::now()),
        sentences: AtomicUsize::new(0),
        progress: Progress::new("articles", Some(total), quiet),
        inputs: &inputs,
    }
    .run()
}

/// The lines of a watch list; one that begins with `#` is a remark.
pub(super) fn watch_list(path: &Path) -> Result<Vec<String>, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let kept = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(kept.map(str::to_owned).collect())
}

/// Bytes that the record of a run may take: an entry an article, with its headlines.
fn room(inputs: &Inputs) -> u64 {
    const LEAST: u64 = 1 << 16;
    const AN_INPUT: u64 = 1 << 12;
    LEAST + AN_INPUT * (inputs.list.len() + inputs.left_out.len()) as u64
}

/// Pages that would share a folder with one before them, or lie inside its folder, and why they are
/// not done: nothing that was asked for is ever replaced by something else that was.
fn refused(inputs: &Inputs) -> HashMap<(usize, usize), String> {
    let keys = inputs.keys();
    let mut owners: HashMap<String, usize> = HashMap::new();
    for (place, (.., key)) in keys.iter().enumerate() {
        owners.entry(page_path(key)).or_insert(place);
    }
    let mut refused = HashMap::new();
    for (place, (input, page, key)) in keys.iter().enumerate() {
        let folder = page_path(key);
        let mut around = folder.match_indices('/').map(|(at, _)| &folder[..at]);
        let first = (owners.get(&folder).filter(|&&owner| owner != place))
            .or_else(|| around.find_map(|around| owners.get(around)));
        if let Some(&first) = first {
            let other = &inputs.list[keys[first].0].path;
            let why = format!(
                "its briefs would go to {folder}, and so would those of {}: rename one, or brief them one by one with another -o",
                other.display()
            );
            refused.insert((*input, *page), why);
        }
    }
    refused
}

/// Leaves the inputs of a shard, and of what is refused what is theirs.
fn share(
    inputs: &mut Inputs,
    shard: Shard,
    mut refused: HashMap<(usize, usize), String>,
) -> HashMap<(usize, usize), String> {
    let all = std::mem::take(&mut inputs.list).into_iter().enumerate();
    let mut own = HashMap::new();
    for (i, input) in all.filter(|(_, input)| shard.takes(&page_path(&input.key))) {
        let of_input = refused.extract_if(|&(input, _), _| input == i);
        own.extend(of_input.map(|((_, page), why)| ((inputs.list.len(), page), why)));
        inputs.list.push(input);
    }
    own
}

/// What is known of a run so far.
struct Record {
    output: PathBuf,
    lock: OutputLock,
    /// What the run's record needs of each input; its briefs are let go as soon as they are written.
    done: BTreeMap<usize, Run>,
    /// Which file each page's folder was made from, in this run and before.
    made_from: BTreeMap<String, String>,
}

impl Record {
    fn new(output: &Path, lock: OutputLock) -> Self {
        Self {
            made_from: report::made_from(output),
            output: output.to_owned(),
            lock,
            done: BTreeMap::new(),
        }
    }
}

struct Batch<'a> {
    args: &'a Args,
    settings: &'a Settings,
    engine: &'a Engine,
    /// Of any page, without its source.
    signature: Signature,
    inputs: &'a Inputs<'a>,
    /// Pages that are not done, by their input and their place in it.
    refused: HashMap<(usize, usize), String>,
    watch: Vec<String>,
    record: Mutex<Record>,
    started: (SystemTime, Instant),
    sentences: AtomicUsize,
    progress: Progress,
}

/// A page's briefs, and what became of each.
type Briefs = Vec<(Brief, Written, Status)>;

/// What pages in hand have to end in after Ctrl-C.
const GRACE: Duration = Duration::from_millis(1200);

impl Batch<'_> {
    fn run(&self) -> Result<(), Error> {
        // Every source is on record from the start, whatever happens.
        self.write(&self.record())?;
        let stop = interrupt::grace();
        let finished = AtomicBool::new(false);
        let tally = thread::scope(|scope| {
            scope.spawn(|| self.watch(stop, &finished));
            let tally = self.inputs.for_each_source(
                self.engine.threads(),
                stop,
                |line| self.progress.say(line),
                |at| self.page(&at),
                |done| {
                    self.take(done);
                    Ok(())
                },
            );
            finished.store(true, Ordering::Relaxed);
            tally
        })?;
        self.progress.finish();
        let written = self.last_word(tally.failed, tally.left);
        if let Err(error) = written {
            eprintln!("kuaibao: {}", with_causes(&error));
            let failed = tally.failed.max(1);
            return Err(Error::SomeFailed {
                failed,
                total: tally.total,
            });
        }
        tally.end()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the process where a run that is to end does not within [`GRACE`].
    fn watch(&self, stop: &AtomicBool, finished: &AtomicBool) {
        const TICK: Duration = Duration::from_millis(20);
        while !stop.load(Ordering::Relaxed) {
            if finished.load(Ordering::Relaxed) {
                return;
            }
            thread::sleep(TICK);
        }
        eprintln!("kuaibao: stopping; what is finished stays");
        let since = Instant::now();
        while since.elapsed() < GRACE {
            if finished.load(Ordering::Relaxed) {
                return;
            }
            thread::sleep(TICK);
        }
        let record = self.record();
        if !finished.load(Ordering::Relaxed) {
            if let Err(error) = self.write(&record) {
                eprintln!("kuaibao: {}", with_causes(&error));
            }
            interrupt::exit();
        }
    }

    /// Notes what became of an input.
    fn take(&self, done: Done<Briefs>) {
        let mut part = Run::new(&self.signature);
        for (key, result) in done.pages {
            match result {
                Ok(briefs) => {
                    for (brief, files, status) in briefs {
                        part.done(&brief, files, status, done.spent);
                    }
                }
                Err(error) => part.failed(&key.to_string_lossy(), None, error, done.spent),
            }
        }
        let count = self.sentences.load(Ordering::Relaxed);
        let rate = count as f64 / self.started.1.elapsed().as_secs_f64();
        self.progress
            .message(format!("{count} sentences, {rate:.1}/s"));
        self.progress.advance(1);
        self.record().done.insert(done.index, part);
    }

    /// The record of the run so far.
    fn run_so_far(&self, record: &Record) -> Run {
        let mut run = Run::new(&self.signature);
        for (i, input) in self.inputs.list.iter().enumerate() {
            match record.done.get(&i) {
                Some(part) => run.append(part.clone()),
                None => run.pending(&input.key.to_string_lossy()),
            }
        }
        run.left_out.clone_from(&self.inputs.left_out);
        run.timing.made_from.clone_from(&record.made_from);
        run.took(self.started.0, self.started.1.elapsed());
        run
    }

    fn write(&self, record: &Record) -> Result<(), Error> {
        let run = self.run_so_far(record);
        match self.args.shard {
            None => report::write_run(&record.output, &run, &self.watch)?,
            Some(shard) => report::write_shard(&record.output, shard, &run)?,
        }
        Ok(())
    }

    /// Writes the record in the room that was kept for it, and says what was done.
    fn last_word(&self, failed: usize, left: usize) -> Result<(), Error> {
        let record = self.record();
        record.lock.release()?;
        self.write(&record)?;
        if self.args.format.contains(&Format::Xlsx) {
            report::write_workbook(&record.output)?;
        }
        if self.args.model.compute.quiet {
            return Ok(());
        }
        let work = record.done.values().flat_map(|run| &run.timing.articles);
        let (mut articles, mut skipped) = (0, 0);
        for work in work.filter(|work| work.status != Status::Failed) {
            articles += 1;
            skipped += usize::from(work.status == Status::Skipped);
        }
        let seconds = self.started.1.elapsed().as_secs_f64();
        let mut line = format!("{articles} articles in {seconds:.1} s");
        for (count, what) in [
            (skipped, "already done"),
            (failed, "failed"),
            (left, "files left"),
            (self.inputs.left_out.len(), "left out"),
        ] {
            if count > 0 {
                line = format!("{line}, {count} {what}");
            }
        }
        if articles > 0 && self.args.shard.is_none() {
            let index = record.output.join("index.html");
            line = format!("{line}; open {}", index.display());
        }
        eprintln!("{line}");
        Ok(())
    }

    fn page(&self, at: &At) -> Result<Briefs, String> {
        let source = &at.source;
        if let Some(why) = self.refused.get(&(at.input, at.page)) {
            return Err(why.clone());
        }
        source.has_articles().map_err(|e| e.to_string())?;
        let signature = pipeline::page_signature(
            &self.signature,
            self.settings,
            &source.page,
            &source.name,
            &source.sha256,
        );
        let folder = PageFolder::new(&self.args.output, &source.key);
        self.claim(&self.inputs.list[at.input], source, &folder)?;
        if !self.args.fresh
            && let Some(finished) = folder.finished(&signature)
        {
            let files = |brief: Brief| {
                let written = folder.write_formats(&brief, &self.args.format);
                written.map_err(|e| with_causes(&e))?;
                let files = folder.files(&brief.article);
                Ok((brief, files, Status::Skipped))
            };
            return finished.into_iter().map(files).collect();
        }
        let (page, name, settings) = (&source.page, &source.name, self.settings);
        let progress = |n| {
            self.sentences.fetch_add(n, Ordering::Relaxed);
        };
        let made = pipeline::brief(self.engine, page, name, settings, &signature, &progress);
        let mut made = made.map_err(|e| with_causes(&e))?;
        source.annotate(&mut made);
        let text = (!source.is_file).then_some(&*source.text);
        let written = folder.write_page(&signature, &made, text);
        let written = written.map_err(|e| with_causes(&e))?;
        for brief in &made {
            let others = folder.write_formats(brief, &self.args.format);
            others.map_err(|e| with_causes(&e))?;
        }
        let briefs = made.into_iter().zip(written);
        Ok(briefs
            .map(|(brief, files)| (brief, files, Status::Written))
            .collect())
    }

    /// Notes which file a page's folder is made from, unless it holds what another file gave: that
    /// stays.
    fn claim(&self, input: &Input, source: &SourcePage, folder: &PageFolder) -> Result<(), String> {
        let path = input.path.canonicalize();
        let path = path.unwrap_or_else(|_| input.path.clone());
        let own = path.to_string_lossy().into_owned();
        let mut record = self.record();
        let other = record.made_from.get(folder.relative());
        let same = |other: &String| *other == own && !is_stdin(&input.path);
        if let Some(other) = other.filter(|other| !same(other))
            && let Some(sha256) = folder.source_sha256()
            && sha256 != source.sha256
        {
            return Err(format!(
                "{} holds the briefs of {other}: name another folder with -o, or remove it first",
                folder.path().display()
            ));
        }
        record.made_from.insert(folder.relative().to_owned(), own);
        Ok(())
    }
}
