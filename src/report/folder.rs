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
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    ReportError, html, json, markdown,
    names::{INDEX, LEDGER, Written, article_name, page_path},
    whole::{create_folder, remove_file, temporary, write_whole},
};
use crate::{
    brief::record::{Brief, Signature},
    formats::{Format, OF_A_BRIEF},
};

/// Schema of the ledger in a page's folder.
const PAGE_SCHEMA: &str = "kuaibao.page/1";
/// The decoded text of a source that is not plain text itself.
const SOURCE_TEXT: &str = "source.txt";
/// The files of an article, in the order in which they are written.
const EXTENSIONS: [&str; 3] = ["md", "html", "json"];

/// Those of the formats that are written where they are asked for.
fn other_extensions() -> impl Iterator<Item = &'static str> {
    OF_A_BRIEF.into_iter().filter_map(Format::extension)
}

/// The folder of one page's briefs.
#[derive(Clone, Debug)]
pub struct PageFolder {
    source: String,
    relative: String,
    path: PathBuf,
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

    /// The same relative to the output folder, `/` between its parts.
    pub fn relative(&self) -> &str {
        &self.relative
    }

    /// SHA-256 of the source that an earlier run began to write it from.
    pub fn source_sha256(&self) -> Option<String> {
        Some(self.ledger()?.signature.source_sha256)
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
        create_folder(&self.path)?;
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

    /// Writes all the briefs of a page, and the source text where the offsets do not count in the source
    /// itself.
    pub fn write_page(
        &self,
        signature: &Signature,
        briefs: &[Brief],
        source_text: Option<&str>,
    ) -> Result<Vec<Written>, ReportError> {
        let ids: Vec<String> = briefs.iter().map(|b| b.article.clone()).collect();
        self.open(signature, &ids, source_text)?;
        let written = briefs.iter().map(|brief| self.write(brief));
        let written = written.collect::<Result<Vec<_>, _>>()?;
        self.close()?;
        Ok(written)
    }

    /// What an earlier run finished the page under.
    pub fn finished_under(&self) -> Option<Signature> {
        let ledger = self.ledger()?;
        (ledger.state == State::Complete).then_some(ledger.signature)
    }

    /// Whether the page has such an article, be its files there or about to be written.
    pub fn holds(&self, article: &str) -> bool {
        let ledger = self.ledger();
        ledger.is_some_and(|ledger| ledger.articles.iter().any(|own| own == article))
    }

    /// The files of the briefs that a ledger names, in its folder.
    pub fn briefs_beside(ledger: &Path) -> Vec<PathBuf> {
        let read = fs::read(ledger).ok();
        let read = read.and_then(|bytes| serde_json::from_slice::<Ledger>(&bytes).ok());
        let articles = read.map(|ledger| ledger.articles).unwrap_or_default();
        let files = articles
            .iter()
            .map(|article| ledger.with_file_name(format!("{}.json", article_name(article))));
        files.collect()
    }

    /// Writes one article's files; the page must be open.
    pub fn write(&self, brief: &Brief) -> Result<Written, ReportError> {
        let stem = article_name(&brief.article);
        let to_index = "../".repeat(self.relative.split('/').count()) + INDEX;
        let files = self.files(&brief.article);
        let around = html::Surroundings {
            stem: Some(&stem),
            index: Some(&to_index),
            own: Some(&files.html),
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
        for extension in other_extensions() {
            remove_file(&self.file(&brief.article, extension))?;
        }
        for (extension, text) in EXTENSIONS.iter().zip([markdown, html, json]) {
            write_whole(&self.file(&brief.article, extension), text.as_bytes())?;
        }
        Ok(files)
    }

    /// Writes a brief's files of other formats, those that are not there.
    pub fn write_formats(&self, brief: &Brief, formats: &[Format]) -> Result<(), ReportError> {
        for format in formats {
            let Some(extension) = format.extension() else {
                continue;
            };
            let file = self.file(&brief.article, extension);
            if file.is_file() {
                continue;
            }
            let made = format.document(brief);
            let made = made.map_err(|source| ReportError::Format {
                page: self.source.clone(),
                source,
            })?;
            if let Some(bytes) = made {
                write_whole(&file, &bytes)?;
            }
        }
        Ok(())
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
        for extension in EXTENSIONS.into_iter().chain(other_extensions()) {
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
