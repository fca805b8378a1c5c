//! The briefs that lie in the output folder.
//!
//! They are found by their ledgers, whoever wrote them. What the index shows of a brief is read once
//! and again when its file is another.

use std::{
    collections::HashMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant, SystemTime},
};

use serde::Serialize;
use walkdir::WalkDir;

use crate::{
    brief::record::Brief,
    report::{self, PageFolder},
};

/// What the index shows of a brief.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Digest {
    pub(super) source: String,
    pub(super) article: String,
    pub(super) paper: Option<String>,
    pub(super) date: Option<String>,
    /// Where it can be used as it is.
    pub(super) headline_en: Option<String>,
    pub(super) headline_zh: String,
    pub(super) sentences: usize,
    pub(super) doubtful: usize,
    /// Where its page lies below the output folder.
    pub(super) html: String,
}

/// Briefs that were read, with what tells that a file is another.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    read: Mutex<HashMap<PathBuf, (SystemTime, u64, Digest)>>,
}

impl Shelf {
    /// The briefs of a folder, newest papers first.
    pub(super) fn digests(&self, output: &Path) -> Vec<Digest> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let mut digests = Vec::new();
        let mut there = HashMap::new();
        for file in briefs(output) {
            let known = read.remove(&file);
            let Ok(meta) = fs::metadata(&file) else {
                // It is being written again.
                if let Some(known) = known {
                    digests.push(known.2.clone());
                    there.insert(file, known);
                }
                continue;
            };
            let stamp = (
                meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                meta.len(),
            );
            let known = known.filter(|(modified, length, _)| (*modified, *length) == stamp);
            let digest = match known {
                Some((.., digest)) => Some(digest),
                None => load(&file).map(|brief| digest(&brief)),
            };
            if let Some(digest) = digest {
                digests.push(digest.clone());
                there.insert(file, (stamp.0, stamp.1, digest));
            }
        }
        *read = there;
        digests.sort_by(|a, b| {
            (&b.date, &a.paper, &a.source, &a.article)
                .cmp(&(&a.date, &b.paper, &b.source, &b.article))
        });
        digests
    }
}

/// The files of the briefs of a folder, of pages that are complete or being written.
pub(super) fn briefs(output: &Path) -> Vec<PathBuf> {
    let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    let walk = WalkDir::new(output).min_depth(1).sort_by_file_name();
    let entries = walk.into_iter().filter_entry(|e| !is_hidden(e.file_name()));
    let mut files = Vec::new();
    for ledger in entries.flatten().filter(|e| report::is_ledger(e.path())) {
        files.extend(PageFolder::briefs_beside(ledger.path()));
    }
    files
}

/// How long a brief that is being written again may be missing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The brief of a file. One that is being written again is missing for a moment, and is waited for: a name
/// that is said everywhere must not pass it by.
pub(super) fn load(file: &Path) -> Option<Brief> {
    let since = Instant::now();
    loop {
        match fs::read(file) {
            Ok(bytes) => return serde_json::from_slice(&bytes).ok(),
            Err(error) if error.kind() != ErrorKind::NotFound => return None,
            Err(_) if since.elapsed() > PATIENCE => return None,
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn digest(brief: &Brief) -> Digest {
    let files = PageFolder::new(Path::new(""), Path::new(&brief.source)).files(&brief.article);
    Digest {
        source: brief.source.clone(),
        article: brief.article.clone(),
        paper: brief.paper.clone(),
        date: brief.date.clone(),
        headline_en: Some(brief.headline.en.clone()).filter(|_| brief.headline.usable),
        headline_zh: brief.headline.zh.clone(),
        sentences: brief.checks.sentences,
        doubtful: brief.checks.doubtful,
        html: files.html,
    }
}
