//! What a run leaves on disk: briefs as JSON, Markdown and HTML, an index, a record of the run.
//!
//! Comes in: finished [`Brief`](crate::brief::record::Brief)s and the outcome of every source.
//! Goes out: text ([`json`], [`markdown`], [`html`], [`index`]) and files ([`files`], [`Run`]).
//! Never computes anything about an article, and never lets a byte of one act: names become file
//! names only when escaped, text becomes HTML or Markdown only when escaped.

pub mod files;
pub mod html;
pub mod index;
pub mod json;
pub mod markdown;
mod marks;
mod run;
mod view;
mod visible;

use std::{io, path::PathBuf};

pub use files::{OutputLock, PageFolder, Written};
pub use run::{Digest, Entry, Outcome, Run, Status, Timing, Work, write_run};

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
    /// A document could not be written as JSON: a defect of this program.
    #[error("cannot write {page} as JSON: please report this")]
    Json {
        /// The source whose document it is.
        page: String,
        /// What the serialiser said.
        source: serde_json::Error,
    },
}
