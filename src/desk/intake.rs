//! Pages that come in while the desk is open, briefed one after another in the background.
//!
//! A page that is dropped on the desk is on the disk, in `.inbox` of the output folder, before its
//! sender is told so. What there is to do is never kept but found out again: at every start each page
//! that is known is looked at, and one that has no whole brief, or that the memory says something else
//! of than its brief does, is briefed. So a kill at any moment loses nothing.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use oxhttp::model::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::{
    Desk, api,
    message::{Answer, Asked, Failure, File, Reply},
};
use crate::{
    brief::units::page_units,
    commands::inputs::caught,
    corpus,
    error::with_causes,
    ocr::Ocr,
    pipeline::{self, Reading, SourcePage, is_json},
    report::{self, OutputLock, PageFolder, ReportError, Run, Status, write_whole},
};

/// The folder of pages that were dropped, in the output folder.
const INBOX: &str = ".inbox";
/// How often a watched folder is looked at.
const LOOK: Duration = Duration::from_millis(700);
/// How long a page waits for another run in the output folder before it looks again.
const BUSY: Duration = Duration::from_millis(500);
/// What tells that a file is another: when it was written, and how long it is.
type Stamp = (SystemTime, u64);
/// Requests for briefs that may wait for each other.
const MOST_TURNS: usize = 16;

/// A page to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// The file.
    path: PathBuf,
    /// What its page goes by.
    key: PathBuf,
}

/// Where a page is on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(super) enum State {
    #[default]
    Waiting,
    Working {
        done: usize,
        total: usize,
    },
    Done,
    Failed {
        error: String,
    },
}

#[derive(Default)]
struct Job {
    /// Larger is later.
    serial: usize,
    /// Whether an order for it is under way that nobody has begun with.
    waits: bool,
    state: State,
}

/// The way in for pages, and where each of them is.
pub(super) struct Intake {
    orders: Sender<Order>,
    jobs: Mutex<BTreeMap<String, Job>>,
    serial: AtomicUsize,
    watched: Option<PathBuf>,
    left_out: Mutex<Vec<corpus::LeftOut>>,
    /// Who uses the models for a brief.
    turn: Mutex<()>,
    turns: AtomicUsize,
}

/// A turn at the models.
pub(super) struct Turn<'a> {
    _held: MutexGuard<'a, ()>,
    turns: &'a AtomicUsize,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Intake {
    pub(super) fn new(watched: Option<PathBuf>) -> (Self, Receiver<Order>) {
        let (orders, jobs) = channel();
        let intake = Self {
            orders,
            jobs: Mutex::default(),
            serial: AtomicUsize::new(0),
            watched,
            left_out: Mutex::default(),
            turn: Mutex::new(()),
            turns: AtomicUsize::new(0),
        };
        (intake, jobs)
    }

    /// Waits for a turn at the models; too many do not wait.
    pub(super) fn turn(&self) -> Result<Turn<'_>, Failure> {
        if self.turns.fetch_add(1, Ordering::Relaxed) >= MOST_TURNS {
            self.turns.fetch_sub(1, Ordering::Relaxed);
            return Err(Failure::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too many briefs are waiting; come again later",
            ));
        }
        let held = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Turn {
            _held: held,
            turns: &self.turns,
        })
    }

    fn jobs_now(&self) -> MutexGuard<'_, BTreeMap<String, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders a page, unless it waits already.
    fn order(&self, order: Order) {
        let mut jobs = self.jobs_now();
        let job = jobs.entry(name_of(&order.key)).or_default();
        if job.waits {
            return;
        }
        job.waits = true;
        job.serial = self.serial.fetch_add(1, Ordering::Relaxed);
        if !matches!(job.state, State::Working { .. }) {
            job.state = State::Waiting;
        }
        // Whoever takes orders lives as long as the desk.
        let _ = self.orders.send(order);
    }

    /// Says that the work on a page begins: what is ordered from now on is another order.
    fn begin(&self, key: &Path) {
        if let Some(job) = self.jobs_now().get_mut(&name_of(key)) {
            job.waits = false;
            job.state = State::Working { done: 0, total: 0 };
        }
    }

    fn set(&self, key: &Path, state: State) {
        let mut jobs = self.jobs_now();
        let job = jobs.entry(name_of(key)).or_default();
        job.serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let ends = !matches!(state, State::Working { .. });
        job.state = if job.waits && ends {
            State::Waiting
        } else {
            state
        };
    }

    /// Where a page is on its way, if it is on one.
    pub(super) fn state(&self, key: &str) -> Option<State> {
        self.jobs_now().get(key).map(|job| job.state.clone())
    }

    /// The pages on their way and those that failed, the latest first.
    pub(super) fn jobs(&self) -> Vec<serde_json::Value> {
        let jobs = self.jobs_now();
        let mut jobs: Vec<_> = jobs.iter().collect();
        jobs.sort_by_key(|(_, job)| std::cmp::Reverse(job.serial));
        let value = |(key, job): &(&String, &Job)| {
            let mut value = json!(job.state);
            value["source"] = json!(key);
            value
        };
        jobs.iter().take(500).map(value).collect()
    }

    /// What in the watched folder is not read, and why.
    pub(super) fn left_out(&self) -> Vec<corpus::LeftOut> {
        let left_out = self.left_out.lock();
        left_out.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn name_of(key: &Path) -> String {
    key.to_string_lossy().replace('\\', "/")
}

impl Desk {
    fn inbox(&self) -> PathBuf {
        self.output.join(INBOX)
    }

    /// Looks at every page that is known, then at those that come.
    pub(super) fn brief_ordered(&self, orders: &Receiver<Order>) {
        self.order_known();
        while let Ok(order) = orders.recv() {
            let key = order.key.clone();
            self.intake.begin(&key);
            let done = caught(|| self.look_at(&order));
            self.intake.set(
                &key,
                match done {
                    Ok(()) => State::Done,
                    Err(error) => State::Failed { error },
                },
            );
        }
    }

    fn order_known(&self) {
        let mut dropped: Vec<PathBuf> = fs::read_dir(self.inbox())
            .map(|entries| entries.flatten().map(|e| e.path()).collect())
            .unwrap_or_default();
        dropped.sort();
        for path in dropped {
            if let Some(name) = path
                .file_name()
                .filter(|n| !n.as_encoded_bytes().starts_with(b"."))
            {
                let key = PathBuf::from(name);
                self.intake.order(Order {
                    path: path.clone(),
                    key,
                });
            }
        }
        let made_from = report::made_from(&self.output);
        for digest in self.shelf.digests(&self.output) {
            self.order_from(&made_from, &digest.source);
        }
    }

    /// Orders the pages of some sources, where it is known what they were made from.
    pub(super) fn order_again<'a>(&self, sources: impl IntoIterator<Item = &'a str>) {
        let made_from = report::made_from(&self.output);
        for source in sources {
            self.order_from(&made_from, source);
        }
    }

    fn order_from(&self, made_from: &BTreeMap<String, String>, source: &str) {
        let folder = PageFolder::new(&self.output, Path::new(source));
        if let Some(path) = made_from.get(folder.relative()).map(PathBuf::from)
            && path.is_file()
        {
            let key = PathBuf::from(source);
            self.intake.order(Order { path, key });
        }
    }

    /// Briefs a page, unless its brief says what the memory says.
    fn look_at(&self, order: &Order) -> Result<(), String> {
        let bytes = corpus::read(&order.path, self.max_bytes).map_err(|e| with_causes(&e))?;
        let name = order.path.file_name().map(Path::new);
        let key = match name {
            Some(name) if is_json(name) => name,
            _ => &order.key,
        };
        let reading = Reading {
            encoding: self.encoding.as_deref(),
            lossy: self.lossy,
            ocr: self.ocr.as_ref(),
            max_bytes: self.max_bytes,
        };
        let sources = pipeline::read_file(&bytes, &order.path, key, &reading);
        let sources = sources.map_err(|e| with_causes(&e))?;
        let of_order =
            |source: &SourcePage| !is_json(key) || is_json(&order.key) || source.key == order.key;
        for source in sources.iter().filter(|s| of_order(s)) {
            self.brief_page(order, source)?;
        }
        Ok(())
    }

    fn brief_page(&self, order: &Order, source: &SourcePage) -> Result<(), String> {
        source.has_articles().map_err(|e| e.to_string())?;
        let settings = self.settings().map_err(|e| with_causes(&e))?;
        let signature = pipeline::page_signature(
            &pipeline::signature(&self.engine, &settings, ""),
            &settings,
            &source.page,
            &source.name,
            &source.sha256,
        );
        let folder = PageFolder::new(&self.output, &source.key);
        let is_done = folder.finished_under().is_some_and(|under| {
            under.source_sha256 == source.sha256 && under.memory == signature.memory
        });
        // One that was killed when it had written the briefs has not told the index of them.
        let is_listed = || {
            let run = report::read_run(&self.output);
            run.is_some_and(|run| run.entries.iter().any(|e| e.source == source.name))
        };
        if is_done && is_listed() {
            return Ok(());
        }
        let own = order
            .path
            .canonicalize()
            .unwrap_or_else(|_| order.path.clone());
        let own = own.to_string_lossy().into_owned();
        if let Some(other) = report::made_from(&self.output).get(folder.relative())
            && *other != own
            && folder
                .source_sha256()
                .is_some_and(|sha256| sha256 != source.sha256)
        {
            return Err(format!(
                "{} holds the briefs of {other}: give the page another name",
                folder.path().display()
            ));
        }
        let started = Instant::now();
        let total = page_units(&source.page).iter().map(Vec::len).sum();
        let done = AtomicUsize::new(0);
        self.intake
            .set(&order.key, State::Working { done: 0, total });
        let progress = |n| {
            let done = done.fetch_add(n, Ordering::Relaxed) + n;
            let done = done.min(total);
            self.intake.set(&order.key, State::Working { done, total });
        };
        let made = {
            let turn = self.intake.turn.lock();
            let _turn = turn.unwrap_or_else(PoisonError::into_inner);
            let (page, name) = (&source.page, &source.name);
            pipeline::brief(&self.engine, page, name, &settings, &signature, &progress)
        };
        let mut made = made.map_err(|e| with_causes(&e))?;
        source.annotate(&mut made);
        let text = (!source.is_file).then_some(&*source.text);
        let write = || {
            let _lock = self.alone()?;
            let written = folder.write_page(&signature, &made, text)?;
            let mut part = Run::new(&signature);
            for (brief, files) in made.iter().zip(written) {
                part.done(brief, files, Status::Written, started.elapsed());
            }
            let mut run = report::read_run(&self.output).unwrap_or_else(|| Run::new(&signature));
            run.entries.retain(|entry| entry.source != source.name);
            run.timing
                .articles
                .retain(|work| work.source != source.name);
            run.append(part);
            run.entries
                .sort_by(|a, b| (&a.source, &a.article).cmp(&(&b.source, &b.article)));
            run.timing
                .made_from
                .insert(folder.relative().to_owned(), own);
            report::write_run(&self.output, &run, &self.watch_list)
        };
        write().map_err(|e| with_causes(&e))
    }

    /// The output folder, when no other run writes to it.
    fn alone(&self) -> Result<OutputLock, ReportError> {
        loop {
            match OutputLock::acquire(&self.output, None) {
                Err(ReportError::Busy { .. }) => thread::sleep(BUSY),
                lock => return lock,
            }
        }
    }

    /// Orders what comes or changes in the watched folder, once it no longer grows.
    pub(super) fn watch(&self) {
        let Some(watched) = &self.intake.watched else {
            return;
        };
        let options = corpus::Options {
            output: Some(self.output.clone()),
            follow_links: false,
            pictures: self.ocr.is_some(),
        };
        let mut seen: HashMap<PathBuf, (Stamp, bool)> = HashMap::new();
        loop {
            if let Ok(walk) = corpus::walk(std::slice::from_ref(watched), &options) {
                for input in walk.inputs {
                    let Ok(meta) = fs::metadata(&input.path) else {
                        continue;
                    };
                    let stamp = (
                        meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                        meta.len(),
                    );
                    let known = seen.get(&input.path).copied();
                    let rests = known.is_some_and(|(known, _)| known == stamp);
                    let is_ordered = rests && known.is_some_and(|(_, ordered)| ordered);
                    if rests && !is_ordered {
                        let (path, key) = (input.path.clone(), input.key);
                        self.intake.order(Order { path, key });
                    }
                    seen.insert(input.path, (stamp, rests));
                }
                let left_out = self.intake.left_out.lock();
                *left_out.unwrap_or_else(PoisonError::into_inner) = walk.left_out;
            }
            thread::sleep(LOOK);
        }
    }
}

/// `POST /desk/upload?name=…`: a page, as it is; or a form with files.
pub(super) fn upload(desk: &Desk, asked: &Asked) -> Answer {
    let files = asked.files()?;
    let sources = files.iter().map(|file| keep(desk, file));
    let sources = sources.collect::<Result<Vec<String>, Failure>>()?;
    let first = sources.first();
    let first = first.ok_or_else(|| Failure::bad("the form has no file"))?;
    Reply::json(&json!({"source": first, "sources": sources}))
}

/// Keeps a page that was dropped and orders its brief; gives what it goes by.
fn keep(desk: &Desk, file: &File) -> Result<String, Failure> {
    let given = &file.name;
    let name = api::page_name(given)
        .ok_or_else(|| Failure::bad(format!("{given} is no name of a page")))?;
    let extension = Path::new(name).extension().and_then(|e| e.to_str());
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let is_read = corpus::EXTENSIONS.contains(&extension.as_str())
        || desk.ocr.is_some() && Ocr::reads(Path::new(name));
    if !is_read {
        return Err(Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                ".{extension} files are not read; those are: {}",
                corpus::EXTENSIONS.join(", ")
            ),
        ));
    }
    if file.bytes.is_empty() {
        return Err(Failure::bad(format!("{name} is empty")));
    }
    let inbox = desk.inbox();
    fs::create_dir_all(&inbox).map_err(|e| Failure::defect(&e))?;
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    // One that has the name of another gets one of its own.
    let key = (1..)
        .map(|n| match n {
            1 => name.to_owned(),
            _ => format!("{stem}-{n}.{end}"),
        })
        .find(|key| match fs::read(inbox.join(key)) {
            Ok(bytes) => bytes == file.bytes,
            Err(_) => !PageFolder::new(&desk.output, Path::new(key))
                .path()
                .exists(),
        })
        .unwrap_or_default();
    let path = inbox.join(&key);
    if !path.exists() {
        write_whole(&path, file.bytes).map_err(|e| Failure::defect(&e))?;
    }
    desk.intake.order(Order {
        path,
        key: PathBuf::from(&key),
    });
    Ok(key)
}
