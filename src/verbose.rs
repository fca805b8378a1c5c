//! The program's own log, on standard error: warnings, and with `--verbose` what is done and why.

use log::{LevelFilter, Log, Metadata, Record};

struct Stderr;

static STDERR: Stderr = Stderr;

/// Begins to print: warnings for 0, what is done and why for 1, details for more.
pub fn start(times: u8) {
    let level = match times {
        0 => LevelFilter::Warn,
        1 => LevelFilter::Info,
        _ => LevelFilter::Debug,
    };
    // Only a second logger is an error, and there is one.
    if log::set_logger(&STDERR).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for Stderr {
    /// Ours alone: dependencies log for their own developers.
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.target().starts_with("kuaibao")
    }

    fn log(&self, record: &Record) {
        if self.enabled(record.metadata()) {
            eprintln!("kuaibao: {}", record.args());
        }
    }

    fn flush(&self) {}
}
