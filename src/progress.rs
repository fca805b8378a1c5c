//! Progress on standard error: a bar on a terminal, now and then a plain line elsewhere.

use std::{
    io::{IsTerminal, stderr},
    sync::Mutex,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// How far a long piece of work has got.
pub struct Progress {
    bar: ProgressBar,
    /// What is counted; empty when nothing is to be printed.
    noun: &'static str,
    /// When a plain line is due; `None` on a terminal.
    next_line: Option<Mutex<Instant>>,
    started: Instant,
}

/// Between two plain lines.
const INTERVAL: Duration = Duration::from_secs(10);

impl Progress {
    /// Counts `noun`s up to `total`, or without an end.
    pub fn new(noun: &'static str, total: Option<u64>, quiet: bool) -> Self {
        let terminal = stderr().is_terminal();
        let bar = match total {
            _ if quiet || !terminal => ProgressBar::hidden(),
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::no_length(),
        };
        let template = match total {
            Some(_) => "{bar:30} {pos}/{len} {prefix} {per_sec} {eta} left {wide_msg}",
            None => "{spinner} {pos} {prefix} {per_sec} {elapsed} {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(noun);
        let now = Instant::now();
        Self {
            bar,
            noun: if quiet { "" } else { noun },
            next_line: (!terminal).then(|| Mutex::new(now + INTERVAL)),
            started: now,
        }
    }

    /// Says what is being worked on.
    pub fn message(&self, text: String) {
        self.bar.set_message(text);
    }

    /// So many more are done.
    pub fn advance(&self, n: usize) {
        self.bar.inc(n as u64);
        if let Some(next) = &self.next_line
            && let Ok(mut next) = next.lock()
            && !self.noun.is_empty()
            && Instant::now() >= *next
        {
            let seconds = self.started.elapsed().as_secs_f64();
            let done = self.bar.position();
            let rate = done as f64 / seconds;
            eprintln!("{done} {} in {seconds:.0} s ({rate:.1}/s)", self.noun);
            *next = Instant::now() + INTERVAL;
        }
    }

    /// Prints a line without tearing the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
