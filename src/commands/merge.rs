//! `kuaibao merge`: one index of what shards did.

use std::path::PathBuf;

use super::brief::watch_list;
use crate::{
    error::Error,
    report::{self, OutputLock},
};

/// Make one index and one record of what the shards of a run did
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao brief inputs/ -o outputs/ --shard 1/2      on one machine
  kuaibao brief inputs/ -o outputs/ --shard 2/2      on another that sees the same folders
  kuaibao merge outputs/                             when both have ended

Shards without a common folder: copy their output folders into one, hidden files too, then merge it.")]
pub struct Args {
    /// The output folder of the shards
    #[arg(value_name = "DIR")]
    output: PathBuf,
    /// Names and words, one a line: articles with one of them come first in the index
    #[arg(long, value_name = "FILE")]
    watch_list: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let dir = &args.output;
    if !dir.is_dir() {
        return Err(Error::Usage(format!("{}: no such folder", dir.display())));
    }
    let _lock = OutputLock::acquire(dir, None)?;
    let run = report::merge(dir)?;
    let watch = args.watch_list.as_deref().map(watch_list).transpose()?;
    report::write_run(dir, &run, &watch.unwrap_or_default())?;
    let (done, failed, left) = report::outcomes(&run);
    let mut line = format!("{done} articles");
    for (count, what) in [
        (failed, "failed"),
        (left, "files left"),
        (run.left_out.len(), "left out"),
    ] {
        if count > 0 {
            line = format!("{line}, {count} {what}");
        }
    }
    if done > 0 {
        line = format!("{line}; open {}", dir.join("index.html").display());
    }
    eprintln!("{line}");
    match failed + left {
        0 => Ok(()),
        failed => Err(Error::SomeFailed {
            failed,
            total: done + failed,
        }),
    }
}
