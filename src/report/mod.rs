//! What a run leaves on disk: briefs as JSON, Markdown and HTML, an index, tables, a record of the run.
//!
//! Comes in: finished [`Brief`]s and the outcome of every source.
//! Goes out: text ([`json`], [`markdown`], [`html`], [`index`]) and files ([`PageFolder`], [`write_run`]).
//! Never computes anything about an article, and never lets a byte of one act: names become file
//! names only when escaped, text becomes HTML or Markdown only when escaped.

mod card;
mod folder;
pub mod html;
pub mod index;
pub mod json;
mod lock;
pub mod markdown;
mod marks;
mod names;
mod run;
mod shard;
mod stories;
mod tables;
mod view;
mod visible;
mod whole;

use std::{
    collections::{BTreeMap, HashSet},
    io,
    path::{Path, PathBuf},
};

use crate::{brief::record::Brief, formats::FormatError};

pub use folder::PageFolder;
pub(crate) use html::environment;
pub use lock::OutputLock;
pub use names::{Written, page_path};
pub use run::{Digest, Entry, Outcome, Run, Status, Timing, Work};
pub use shard::{MergeError, Shard, merge, outcomes, write_shard};
pub use tables::{Tables, workbook};
pub use whole::{PartialFile, refuse_overwriting, remove_partial_files, write_whole};

/// Writes the figures and the people of all briefs on the folder's record as a workbook.
pub fn write_workbook(dir: &Path) -> Result<(), ReportError> {
    let run = read_run(dir).into_iter();
    let entries = run.flat_map(|run| run.entries.into_iter().chain(run.earlier));
    let briefs: Vec<Brief> = entries.filter_map(|entry| entry.brief(dir)).collect();
    let book = workbook(&briefs).map_err(|source| ReportError::Format {
        page: dir.display().to_string(),
        source,
    })?;
    write_whole(&dir.join(tables::WORKBOOK), &book)
}

/// The record of the run before, where there is one.
pub fn read_run(dir: &Path) -> Option<Run> {
    let bytes = std::fs::read(dir.join(names::RUN)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Whether a file is the ledger of a page's folder.
pub fn is_ledger(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == names::LEDGER)
}

/// The file that each page's folder in the output folder was made from, as far as an earlier run has
/// it on record.
pub fn made_from(dir: &Path) -> BTreeMap<String, String> {
    let whole = read_run(dir);
    let shards = shard::records(dir).into_iter().map(|(_, run)| run);
    let runs = whole.into_iter().chain(shards);
    runs.flat_map(|run| run.timing.made_from).collect()
}

/// Writes `run.json`, `index.html` and the tables of figures and people into the output folder, the
/// record first: it says what is missing, should there be no room for the others. What earlier runs left
/// in the folder stays in all of them. Briefs that hold a word of `watch` come first.
pub fn write_run(dir: &Path, run: &Run, watch: &[String]) -> Result<(), ReportError> {
    let run = &Run {
        earlier: earlier(dir, run),
        ..run.clone()
    };
    let record = json::indented(run, names::RUN)?;
    write_whole(&dir.join(names::RUN), record.as_bytes())?;
    let mut all = Tables::new();
    let entries = run.entries.iter().chain(&run.earlier);
    let cards = entries.filter_map(|e| card::Card::of(e, Some(dir), watch, &mut all));
    let page = index::of_cards(run, cards.collect())?;
    write_whole(&dir.join(tables::FIGURES), all.figures.as_bytes())?;
    write_whole(&dir.join(tables::PEOPLE), all.people.as_bytes())?;
    write_whole(&dir.join(names::INDEX), page.as_bytes())
}

/// Briefs that runs before this one left in the folder, of other sources, and that are still there.
fn earlier(dir: &Path, run: &Run) -> Vec<Entry> {
    let last = read_run(dir);
    let own: HashSet<&str> = run.entries.iter().map(|e| e.source.as_str()).collect();
    let entries = last
        .into_iter()
        .flat_map(|last| last.entries.into_iter().chain(last.earlier));
    let is_there = |entry: &Entry| match &entry.outcome {
        Outcome::Done { files, .. } => dir.join(&files.json).is_file(),
        _ => false,
    };
    let mut earlier: Vec<Entry> = entries
        .filter(|entry| !own.contains(entry.source.as_str()) && is_there(entry))
        .collect();
    earlier.sort_by(|a, b| (&a.source, &a.article).cmp(&(&b.source, &b.article)));
    earlier
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file or folder could not be written.
    #[error("cannot write {}: check that the disk has room and the folder is writable", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Two articles of a page would share their files.
    #[error(
        "{page}: articles {first:?} and {second:?} would share their files; give one of them another id"
    )]
    SameFiles {
        /// The page.
        page: String,
        /// The first id.
        first: String,
        /// The second id, equal to the first or differing in case alone.
        second: String,
    },
    /// An output is one of the inputs.
    #[error("{} is also an input, which writing it would destroy: name another file", path.display())]
    IsInput {
        /// The file.
        path: PathBuf,
    },
    /// Another run writes to the same output folder.
    #[error(
        "another kuaibao is writing to {}: wait for it to end, or choose another folder with -o",
        dir.display()
    )]
    Busy {
        /// The output folder.
        dir: PathBuf,
    },
    /// A page template could not be filled: a defect of this program.
    #[error("cannot lay out the page of {page}: please report this")]
    Template {
        /// The source whose page it is.
        page: String,
        /// What the template engine said.
        source: minijinja::Error,
    },
    /// A brief could not be put into a format.
    #[error("cannot put {page} into another format: please report this")]
    Format {
        /// What was to be put.
        page: String,
        /// What its writer said.
        source: FormatError,
    },
    /// A document could not be written as JSON: a defect of this program.
    #[error("cannot write {page} as JSON: please report this")]
    Json {
        /// The source whose document it is.
        page: String,
        /// What the serialiser said.
        source: serde_json::Error,
    },
}
