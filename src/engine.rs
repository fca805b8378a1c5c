//! What is loaded: models that are ready to run, and the threads that compute.
//!
//! Comes in: models that the command line named, found and opened. Goes out: an [`Engine`], shared by
//! every page of a run. Knows no flags and no text.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use candle_core::DeviceLocation;
use indicatif::HumanBytes;

use crate::judges::Judges;
use kuaibao_engine::{
    generate::{Translator, Workers},
    hub::{Location, Task},
    nn::Placement,
};

/// The models that are ready to run, and how.
pub struct Engine {
    /// The loaded model.
    pub translator: Translator,
    /// The model that writes summaries, where one does.
    pub summarizer: Option<Summarizer>,
    /// What is asked for a second opinion.
    pub judges: Judges,
    /// What the translation is compared with, where it is.
    pub second: Option<Second>,
    /// The threads that compute.
    pub workers: Workers,
    /// Where the translator came from.
    pub location: Location,
    /// Where and in what precision it computes.
    pub placement: Placement,
}

/// A model that writes summaries, ready to run.
pub struct Summarizer {
    /// The loaded model.
    pub model: Translator,
    /// Where it came from.
    pub location: Location,
    /// What it reads.
    pub reads: Reads,
}

/// Where a second translation comes from.
pub enum Second {
    /// Another model.
    Model(Box<Engine>),
    /// Pairs of sentences, by the Chinese without white space.
    Pairs {
        /// The file and its hash.
        name: String,
        /// The English of each.
        english: HashMap<String, String>,
    },
}

impl Second {
    /// What names it in a signature.
    pub fn versioned(&self) -> String {
        match self {
            Self::Model(engine) => engine.location.versioned(),
            Self::Pairs { name, .. } => name.clone(),
        }
    }
}

/// Which of an article's languages a summariser reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// The Chinese.
    Chinese,
    /// The translation.
    English,
    /// The Chinese, and writes Chinese.
    Native,
}

impl Reads {
    /// What a model is asked to do that reads it.
    pub fn task(self) -> Task {
        match self {
            Self::Chinese => Task::Crosslingual,
            Self::English => Task::Summarize,
            Self::Native => Task::Native,
        }
    }
}

impl Engine {
    /// Which models are loaded and what memory they take, in one line.
    pub fn memory(&self) -> String {
        let precision = self.placement.precision.name();
        let weights = |l: &Location| HumanBytes(l.weights());
        let mut line = format!(
            "{} translates ({} of weights, computed in {precision})",
            self.location.name,
            weights(&self.location)
        );
        if let Some(s) = &self.summarizer {
            let (name, how) = (&s.location.name, s.reads);
            let how = match how {
                Reads::Chinese => "crosslingual",
                Reads::English => "pivot",
                Reads::Native => "native",
            };
            let _ = write!(
                line,
                ", {name} summarizes ({how}, {})",
                weights(&s.location)
            );
        }
        if let Some(judges) = self.judges.versioned() {
            let _ = write!(line, ", {judges} judges");
        }
        if let Some(bytes) = memory_of_process("VmRSS:") {
            let _ = write!(line, "; {} of memory in use", HumanBytes(bytes));
        }
        line
    }

    /// The device as `--device` names it.
    pub fn device_name(&self) -> String {
        match self.placement.device.location() {
            DeviceLocation::Cpu => "cpu".to_owned(),
            DeviceLocation::Cuda { gpu_id } => format!("cuda:{gpu_id}"),
            DeviceLocation::Metal { .. } => "metal".to_owned(),
        }
    }

    /// Threads that read, check and write pages: one more than there are workers keeps the workers
    /// fed.
    pub fn threads(&self) -> usize {
        self.workers.count() + 1
    }
}

/// Bytes of memory of this process by a field of `/proc/self/status`, where the system tells
/// (Linux): `VmRSS:` what it holds now, `VmHWM:` the most it has held.
pub fn memory_of_process(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Runs `work` on every index below `count`, on so many threads, until all are done or `stop` is
/// set; gives each result to `take` on the calling thread, in the order in which they end. An error
/// of `take` begins no more work and comes back.
pub fn side_by_side<T: Send, E>(
    threads: usize,
    count: usize,
    stop: &AtomicBool,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let (done, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            let (done, next, work) = (done.clone(), &next, &work);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= count || done.send((i, work(i))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        // Returning drops the receiver: a thread that sends after that ends.
        results
            .into_iter()
            .try_for_each(|(i, result)| take(i, result))
    })
}
