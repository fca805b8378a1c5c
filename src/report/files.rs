//! Where a brief's files go, and how they get there whole.
//!
//! A page's briefs lie in a folder named like the page, `DIR/<relative path with its
//! extension>/<article id>.{json,md,html}`, beside a ledger, `page.json`. Each file is written to
//! a temporary name in its folder, flushed to the disk and renamed, the JSON of an article last
//! and the closed ledger last of all: a run killed at any moment leaves nothing that a later run
//! would take for finished, and nothing that it would not overwrite.
//!
//! Comes in: names from files and JSON Lines (untrusted) and finished briefs. Goes out: files
//! below the output folder and nowhere else.

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
};

use kuaibao_engine::hub::sha256_hex;
use serde::{Deserialize, Serialize};

use super::{ReportError, html, json, markdown, visible::is_deceptive};
use crate::brief::record::{Brief, Signature};

/// Schema of the ledger in a page's folder.
const PAGE_SCHEMA: &str = "kuaibao.page/1";
/// The ledger's name.
const LEDGER: &str = "page.json";
/// The decoded text of a source that is not plain text itself.
const SOURCE_TEXT: &str = "source.txt";
/// The files of an article, in the order in which they are written.
const EXTENSIONS: [&str; 3] = ["md", "html", "json"];
/// Names at the top of the output folder that no page may take.
const TOP_NAMES: [&str; 2] = [super::index::FILE, super::run::FILE];

/// Bytes of a file name, once escaped. File systems take 255; an extension and the mark of a
/// temporary file must fit too.
const LONGEST_NAME: usize = 200;
/// Bytes of an escaped relative path. Linux takes 4,096 for the whole path.
const LONGEST_PATH: usize = 2_000;

/// The folder of one page's briefs.
#[derive(Clone, Debug)]
pub struct PageFolder {
    source: String,
    relative: String,
    path: PathBuf,
}

/// The files of one article, relative to the output folder, `/` between their parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The document for programs.
    pub json: String,
    /// The document for terminals and repositories.
    pub markdown: String,
    /// The document for editors.
    pub html: String,
}

/// What `page.json` holds.
#[derive(Debug, Serialize, Deserialize)]
struct Ledger {
    schema: String,
    source: String,
    state: State,
    articles: Vec<String>,
    source_text: bool,
    signature: Signature,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// Some of the articles' files may be missing, or from an earlier run.
    Writing,
    /// Every article's files are there.
    Complete,
}

impl PageFolder {
    /// The folder in `dir` for the page at `relative`, a path below the folder that was walked, or
    /// a name from elsewhere that looks like one.
    pub fn new(dir: &Path, relative: &Path) -> Self {
        let relative_name = page_path(relative);
        Self {
            source: relative.to_string_lossy().into_owned(),
            path: dir.join(&relative_name),
            relative: relative_name,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The page's briefs, when an earlier run finished it under the same signature.
    ///
    /// Anything unreadable or missing means that the page is to be done again.
    pub fn finished(&self, signature: &Signature) -> Option<Vec<Brief>> {
        let ledger = self.ledger()?;
        if ledger.state != State::Complete
            || ledger.signature != *signature
            || (ledger.source_text && !self.path.join(SOURCE_TEXT).is_file())
        {
            return None;
        }
        ledger
            .articles
            .iter()
            .map(|article| self.brief(article, signature))
            .collect()
    }

    /// Opens the page for writing: removes what earlier runs left of articles that it no longer
    /// has, and writes the source text where the offsets do not count in the source itself.
    pub fn open(
        &self,
        signature: &Signature,
        articles: &[String],
        source_text: Option<&str>,
    ) -> Result<(), ReportError> {
        self.refuse_shared_names(articles)?;
        fs::create_dir_all(&self.path).map_err(|e| write_error(&self.path, e))?;
        if let Some(earlier) = self.ledger() {
            for gone in earlier.articles.iter().filter(|a| !articles.contains(a)) {
                self.remove(gone)?;
            }
            if earlier.source_text && source_text.is_none() {
                remove_file(&self.path.join(SOURCE_TEXT))?;
            }
        }
        self.write_ledger(&Ledger {
            schema: PAGE_SCHEMA.to_owned(),
            source: self.source.clone(),
            state: State::Writing,
            articles: articles.to_vec(),
            source_text: source_text.is_some(),
            signature: signature.clone(),
        })?;
        match source_text {
            Some(text) => write_whole(&self.path.join(SOURCE_TEXT), text.as_bytes()),
            None => Ok(()),
        }
    }

    /// The article's brief, when an earlier run wrote it whole under the same signature.
    pub fn brief(&self, article: &str, signature: &Signature) -> Option<Brief> {
        if !EXTENSIONS.iter().all(|e| self.file(article, e).is_file()) {
            return None;
        }
        let bytes = fs::read(self.file(article, "json")).ok()?;
        let brief: Brief = serde_json::from_slice(&bytes).ok()?;
        (brief.signature == *signature && brief.article == article).then_some(brief)
    }

    /// Writes one article's files; the page must be open.
    pub fn write(&self, brief: &Brief) -> Result<Written, ReportError> {
        let stem = article_name(&brief.article);
        let to_index = "../".repeat(self.relative.split('/').count()) + super::index::FILE;
        let around = html::Surroundings {
            stem: Some(&stem),
            index: Some(&to_index),
            source_text: self
                .ledger()
                .is_some_and(|ledger| ledger.source_text)
                .then_some(SOURCE_TEXT),
        };
        let (markdown, html, json) = (
            markdown::document(brief),
            html::document(brief, &around)?,
            json::document(brief)?,
        );
        // The JSON vouches for all three: it goes first and comes back last.
        remove_file(&self.file(&brief.article, "json"))?;
        for (extension, text) in EXTENSIONS.iter().zip([markdown, html, json]) {
            write_whole(&self.file(&brief.article, extension), text.as_bytes())?;
        }
        Ok(self.files(&brief.article))
    }

    /// Closes the page: every article that [`Self::open`] was told of has been written.
    pub fn close(&self) -> Result<(), ReportError> {
        let Some(ledger) = self.ledger() else {
            return Ok(());
        };
        self.write_ledger(&Ledger {
            state: State::Complete,
            ..ledger
        })
    }

    /// The paths of an article's files, relative to the output folder.
    pub fn files(&self, article: &str) -> Written {
        let stem = article_name(article);
        let path = |extension| format!("{}/{stem}.{extension}", self.relative);
        Written {
            json: path("json"),
            markdown: path("md"),
            html: path("html"),
        }
    }

    fn file(&self, article: &str, extension: &str) -> PathBuf {
        self.path
            .join(format!("{}.{extension}", article_name(article)))
    }

    fn ledger(&self) -> Option<Ledger> {
        let bytes = fs::read(self.path.join(LEDGER)).ok()?;
        let ledger: Ledger = serde_json::from_slice(&bytes).ok()?;
        (ledger.schema == PAGE_SCHEMA).then_some(ledger)
    }

    fn write_ledger(&self, ledger: &Ledger) -> Result<(), ReportError> {
        let text = json::indented(ledger, &self.source)?;
        write_whole(&self.path.join(LEDGER), text.as_bytes())
    }

    fn remove(&self, article: &str) -> Result<(), ReportError> {
        for extension in ["json", "md", "html"] {
            let file = self.file(article, extension);
            remove_file(&temporary(&file))?;
            remove_file(&file)?;
        }
        Ok(())
    }

    /// Case does not tell files apart on macOS and Windows.
    fn refuse_shared_names(&self, articles: &[String]) -> Result<(), ReportError> {
        let mut taken = HashMap::new();
        for article in articles {
            if let Some(first) = taken.insert(article_name(article).to_lowercase(), article) {
                return Err(ReportError::SameFiles {
                    page: self.source.clone(),
                    first: first.clone(),
                    second: article.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Keeps a second run out of an output folder for as long as it lives.
#[derive(Debug)]
pub struct OutputLock {
    _file: File,
}

impl OutputLock {
    /// Creates the output folder where it is missing, and locks it.
    ///
    /// On a file system that knows no locks the folder is used without one.
    pub fn acquire(dir: &Path) -> Result<Self, ReportError> {
        fs::create_dir_all(dir).map_err(|e| write_error(dir, e))?;
        let path = dir.join(".kuaibao.lock");
        let file = File::create(&path).map_err(|e| write_error(&path, e))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(ReportError::Busy {
                dir: dir.to_owned(),
            }),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self { _file: file }),
        }
    }
}

/// Writes a file whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let partial = temporary(path);
    File::create(&partial)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_data()
        })
        .and_then(|()| fs::rename(&partial, path))
        .map_err(|e| {
            // A full disk, most likely: give the room back.
            let _ = fs::remove_file(&partial);
            write_error(path, e)
        })
}

/// Always the same name: what a killed run leaves there, the next one overwrites. Two runs at once
/// are kept apart by [`OutputLock`].
fn temporary(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    path.with_file_name(name)
}

fn remove_file(path: &Path) -> Result<(), ReportError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(write_error(path, e)),
        _ => Ok(()),
    }
}

fn write_error(path: &Path, source: io::Error) -> ReportError {
    ReportError::Write {
        path: path.to_owned(),
        source,
    }
}

/// The path of a page's folder below the output folder, `/` between its parts.
///
/// Different pages get different folders; none leaves the output folder.
fn page_path(relative: &Path) -> String {
    let mut parts = Vec::new();
    for component in relative.components() {
        let reserved: &[&str] = if parts.is_empty() { &TOP_NAMES } else { &[] };
        match component {
            Component::CurDir => {}
            Component::RootDir => parts.push("%2F".to_owned()),
            Component::ParentDir => parts.push("%2E%2E".to_owned()),
            Component::Prefix(prefix) => {
                parts.push(file_name(prefix.as_os_str().as_encoded_bytes(), reserved));
            }
            Component::Normal(name) => parts.push(file_name(name.as_encoded_bytes(), reserved)),
        }
    }
    let path = parts.join("/");
    match path.len() {
        0 => "%".to_owned(),
        1..=LONGEST_PATH => path,
        _ => format!("%~{}", short_hash(path.as_bytes())),
    }
}

/// The file name of an article, without its extension.
fn article_name(article: &str) -> String {
    file_name(article.as_bytes(), &["page"])
}

/// A file name for any bytes: harmless on every system, readable where it can be, different for
/// different bytes.
///
/// What is not harmless is written `%XX` byte by byte, as in URLs. A name that grows too long is
/// cut and ends in `%~` and a hash, which no other name does.
fn file_name(bytes: &[u8], reserved: &[&str]) -> String {
    let mut name = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_deceptive(c) || r#"%/\:*?"<>|"#.contains(c) {
                percent(&mut name, c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                name.push(c);
            }
        }
        percent(&mut name, chunk.invalid());
    }
    // Hidden, `..`, or meant for a device or a file of ours: all told by the first character.
    if name.starts_with(['.', ' ']) || is_device(&name) || is_reserved(&name, reserved) {
        let first = name.remove(0);
        let mut escaped = String::new();
        percent(&mut escaped, first.encode_utf8(&mut [0; 4]).as_bytes());
        name.insert_str(0, &escaped);
    }
    // Windows drops a last dot or space.
    if let Some(last @ ('.' | ' ')) = name.chars().next_back() {
        name.pop();
        percent(&mut name, &[last as u8]);
    }
    match name.len() {
        0 => "%".to_owned(),
        1..=LONGEST_NAME => name,
        _ => {
            let kept = (0..=LONGEST_NAME - 40).rfind(|&at| name.is_char_boundary(at));
            format!("{}%~{}", &name[..kept.unwrap_or(0)], short_hash(bytes))
        }
    }
}

fn percent(name: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(name, "%{byte:02X}");
    }
}

/// Names that Windows keeps for devices, whatever their extension:
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let upper = stem.to_ascii_uppercase();
    matches!(
        upper.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || ["COM", "LPT"].iter().any(|device| {
        upper.strip_prefix(device).is_some_and(|port| {
            let mut digits = port.chars();
            matches!(digits.next(), Some('0'..='9' | '¹' | '²' | '³')) && digits.next().is_none()
        })
    })
}

fn is_reserved(name: &str, reserved: &[&str]) -> bool {
    reserved.iter().any(|r| r.eq_ignore_ascii_case(name))
}

/// 128 bits of SHA-256, enough that nobody can make two names meet.
fn short_hash(bytes: &[u8]) -> String {
    let mut hash = sha256_hex(bytes);
    hash.truncate(32);
    hash
}
