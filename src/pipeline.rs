//! From a source's bytes to its briefs.
//!
//! Comes in: the bytes of an input, and a loaded [`Engine`]. Goes out: pages, and their briefs. A page's
//! briefs are a pure function of its bytes and the settings: batches never cross pages, and nothing is
//! kept from one page to the next.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    brief::draft::{Draft, Overfull, TranslatedArticle},
    brief::record::{Brief, Signature},
    engine::{Engine, Second},
    memory::{Correction, Memory},
    ocr::{self, Ocr},
    summary::{self, Route, Wish},
    translation::{self, Options, Rules},
};
use kuaibao_engine::{
    generate,
    hub::{Task, sha256_hex},
};
use kuaibao_text::{
    glossary::{Entry, Glossary},
    page::{self, Page},
    text::chars::is_han,
};

/// What shapes a brief beside the models.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// ISO 8601 date of pages that state none.
    pub date: Option<String>,
    /// What is wanted of the summary.
    pub summary: Wish,
    /// How terms and people are called.
    pub glossary: Glossary,
    /// Hash of the glossary, where the desk's terms have been put over it.
    pub(crate) glossary_sha256: Option<String>,
    /// What editors have corrected before.
    pub(crate) memory: Option<Arc<Memory>>,
}

impl Settings {
    /// The same with what editors have corrected before, over what was there.
    #[must_use]
    pub fn remembering(mut self, memory: Memory) -> Self {
        self.glossary_sha256 = Some(self.glossary_sha256());
        memory.teach(&mut self.glossary);
        self.memory = Some(Arc::new(memory));
        self
    }

    /// Puts a term over the others.
    pub fn call(&mut self, entry: Entry) {
        if let Some(own) = &mut self.glossary_sha256 {
            *own = sha256_hex(format!("{own}\n{}\t{}", entry.zh, entry.en).as_bytes());
        }
        self.glossary.insert(entry);
    }

    /// Puts corrections over those that there are.
    pub fn correct(&mut self, corrections: Vec<Correction>) {
        let memory = self.memory.as_deref().cloned().unwrap_or_default();
        self.memory = Some(Arc::new(memory.with(corrections)));
    }

    /// What editors have corrected before.
    pub fn memory(&self) -> Option<&Memory> {
        self.memory.as_deref()
    }

    fn glossary_sha256(&self) -> String {
        let own = self.glossary_sha256.clone();
        own.unwrap_or_else(|| sha256_hex(self.glossary.canonical().as_bytes()))
    }
}

/// A page that was read and split.
pub struct SourcePage {
    /// What it goes by in outputs: its input's key, or what a split record says.
    pub key: PathBuf,
    /// The same as text, in records.
    pub name: String,
    /// The split page.
    pub page: Page,
    /// The text that offsets count in.
    pub text: String,
    /// Whether that is the decoded file itself.
    pub is_file: bool,
    /// The file's encoding, by its WHATWG name.
    pub encoding: String,
    /// What of the file could not be read.
    pub unread: Option<String>,
    /// SHA-256 of the bytes it came from.
    pub sha256: String,
}

/// Why a source gives no brief.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum SourceError {
    #[error(transparent)]
    Read(#[from] page::ReadError),
    #[error(transparent)]
    Record(#[from] page::record::RecordError),
    #[error("{0}")]
    Ocr(String),
    #[error("holds no text")]
    Empty,
    #[error(
        "holds next to no Chinese: there is nothing to translate (is it encoded, or in another language?)"
    )]
    NotChinese,
    #[error(
        "holds {0} bytes of text, and a page may have {MOST_TEXT}: it is more than a page; cut it into several files"
    )]
    TooMuchText(usize),
    #[error("no article was found in it; see `kuaibao split` for what was dropped and why")]
    NoArticle,
}

/// Bytes of text that are a page still: a newspaper's has some 20,000, a book a million. Figures,
/// sentences and what is written of them grow with the text, up to 300 times.
pub const MOST_TEXT: usize = 4 << 20;

/// Whether a text is no more than a page can hold.
pub fn fits(text: &str) -> Result<(), SourceError> {
    match text.len() {
        0..=MOST_TEXT => Ok(()),
        length => Err(SourceError::TooMuchText(length)),
    }
}

impl SourcePage {
    /// Whether there is anything to brief.
    pub fn has_articles(&self) -> Result<(), SourceError> {
        match self.page.articles.is_empty() {
            true if self.text.trim().is_empty() => Err(SourceError::Empty),
            true => Err(SourceError::NoArticle),
            false => is_chinese(&self.text),
        }
    }

    /// Says of briefs what has to be known of how the page was read.
    pub fn annotate(&self, briefs: &mut [Brief]) {
        if self.encoding == ocr::ENCODING {
            for brief in briefs {
                brief.checks.notes.insert(0, ocr::NOTE.to_owned());
            }
        }
    }
}

/// Whether a text has more than a trace of Chinese in it: base64 of a mail has none, and what a model
/// makes of it is a page of nothing.
pub fn is_chinese(text: &str) -> Result<(), SourceError> {
    /// Letters of other scripts to a Chinese character.
    const MOST: usize = 50;
    /// A code or a name in Latin letters can be all that a record holds, a sentence cannot.
    const A_NAME: usize = 20;
    let han = text.chars().filter(|&c| is_han(c)).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    match letters > A_NAME && han * MOST < letters {
        true => Err(SourceError::NotChinese),
        false => Ok(()),
    }
}

/// Whether a file holds the output of `kuaibao split --json`.
pub fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("json"))
}

/// Reads and splits a file: one page, or the pages of an edited `split --json`. `encoding` is that
/// of text files, instead of a guess; `lossy` keeps a page with bytes that cannot be decoded.
pub fn read(
    bytes: &[u8],
    key: &Path,
    encoding: Option<&str>,
    lossy: bool,
) -> Result<Vec<SourcePage>, SourceError> {
    let sha256 = sha256_hex(bytes);
    if is_json(key) {
        let decoded = page::decode(bytes, encoding).map_err(page::ReadError::from)?;
        let records = page::record::parse(&decoded.text)?;
        if records.is_empty() {
            return Err(SourceError::Empty);
        }
        let pages = records.into_iter().map(|record| {
            let (text, page) = record.to_page();
            fits(&text)?;
            Ok(SourcePage {
                key: PathBuf::from(&record.source),
                name: record.source,
                page,
                text,
                is_file: false,
                encoding: record.encoding,
                unread: None,
                sha256: sha256.clone(),
            })
        });
        return pages.collect();
    }
    let source = page::read_with(
        bytes,
        page::Options {
            extension: key.extension().and_then(|e| e.to_str()),
            encoding,
            lossy,
        },
    )?;
    fits(&source.text)?;
    Ok(vec![SourcePage {
        key: key.to_owned(),
        name: key.to_string_lossy().replace('\\', "/"),
        page: source.split(Some(key)),
        is_file: source.is_file(),
        encoding: source.encoding.to_owned(),
        unread: source.unread(),
        text: source.text,
        sha256,
    }])
}

/// Why a page has no briefs.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum BriefError {
    #[error(transparent)]
    Overfull(#[from] Overfull),
    #[error(transparent)]
    Generate(#[from] generate::GenerateError),
}

/// How files are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// That of text files, instead of a guess.
    pub encoding: Option<&'a str>,
    /// Whether a page is kept with bytes that cannot be decoded.
    pub lossy: bool,
    /// The program that reads pictures, where there is one.
    pub ocr: Option<&'a Ocr>,
    /// Most bytes of what that prints.
    pub max_bytes: u64,
}

/// Reads and splits a file; one that is a picture is read by a program that knows characters.
pub fn read_file(
    bytes: &[u8],
    path: &Path,
    key: &Path,
    reading: &Reading,
) -> Result<Vec<SourcePage>, SourceError> {
    let Some(ocr) = reading.ocr else {
        return read(bytes, key, reading.encoding, reading.lossy);
    };
    let text = match Ocr::reads(key) {
        true => ocr.text(path, reading.max_bytes),
        false => match read(bytes, key, reading.encoding, reading.lossy) {
            Err(SourceError::Read(page::ReadError::NoCharacters(_))) => {
                ocr.text_of_pages(bytes, path, reading.max_bytes)
            }
            read => return read,
        },
    };
    let text = text.map_err(SourceError::Ocr)?;
    let source = page::read(&text, Some("txt"), None)?;
    fits(&source.text)?;
    let mut page = source.split(Some(key));
    for article in &mut page.articles {
        article.confidence *= ocr::CONFIDENCE;
    }
    Ok(vec![SourcePage {
        key: key.to_owned(),
        name: key.to_string_lossy().replace('\\', "/"),
        page,
        is_file: false,
        encoding: ocr::ENCODING.to_owned(),
        unread: None,
        text: source.text,
        sha256: sha256_hex(&[bytes, b"\0", ocr.identity().as_bytes()].concat()),
    }])
}

/// A run's signature for one of its pages: its source, and what the memory does to it.
pub fn page_signature(
    run: &Signature,
    settings: &Settings,
    page: &Page,
    name: &str,
    sha256: &str,
) -> Signature {
    let memory = settings.memory().filter(|memory| !memory.is_empty());
    let does = memory.and_then(|memory| {
        // A page that is too full has no brief, and needs no signature.
        let mut draft = Draft::new(page, name, settings.date.as_deref()).ok()?;
        draft.rename(&settings.glossary);
        let texts = draft.texts();
        let texts = texts.iter().map(|text| (text.zh, text.names.as_slice()));
        memory.state(texts, draft.clock())
    });
    Signature {
        memory: does,
        ..run.of(sha256)
    }
}

/// Everything that determines a source's briefs, but for what the memory does to them.
pub fn signature(engine: &Engine, settings: &Settings, sha256: &str) -> Signature {
    let summarizer = engine.summarizer.as_ref();
    Signature {
        program: concat!("kuaibao ", env!("CARGO_PKG_VERSION")).to_owned(),
        device: engine.device_name(),
        precision: engine.placement.precision.name().to_owned(),
        translator: engine.location.versioned(),
        summarizer: summarizer.map(|s| s.location.versioned()),
        route: Route::of(summarizer.map(|s| s.reads)).to_string(),
        prompt: prompts(engine),
        glossary: Some(settings.glossary_sha256()),
        memory: None,
        compared: engine.second.as_ref().map(Second::versioned),
        beam: engine.translator.config.num_beams,
        date: settings.date.clone(),
        length: settings.summary.length_name(),
        strict: settings.summary.strict,
        judge: engine.judges.versioned(),
        source_sha256: sha256.to_owned(),
    }
}

/// The prompts in use, each as its task and its hash.
fn prompts(engine: &Engine) -> Option<String> {
    let summarizer = engine.summarizer.as_ref();
    let told = [
        (Task::Translate, engine.translator.prompt_hash()),
        (
            summarizer.map_or(Task::Summarize, |s| s.reads.task()),
            summarizer.and_then(|s| s.model.prompt_hash()),
        ),
    ];
    let told = told
        .iter()
        .filter_map(|(task, hash)| Some(format!("{task} {}", (*hash)?)));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// The briefs of a page. `progress` is told of translated sentences.
pub fn brief(
    engine: &Engine,
    page: &Page,
    name: &str,
    settings: &Settings,
    signature: &Signature,
    progress: &dyn Fn(usize),
) -> Result<Vec<Brief>, BriefError> {
    let mut draft = Draft::new(page, name, settings.date.as_deref())?;
    draft.rename(&settings.glossary);
    let clock = *draft.clock();
    let texts = draft.texts();
    let rules = Rules {
        clock: &clock,
        glossary: &settings.glossary,
    };
    let options = Options {
        checks: Some(&rules),
        mend: true,
        memory: settings.memory(),
        ..Options::default()
    };
    let mut english = translation::translate(engine, &texts, &options, progress)?;
    if let Some(second) = &engine.second {
        second.compare(&texts, &mut english, &clock)?;
    }
    let articles = draft.translated(english);
    let sentences: Vec<_> = articles.iter().map(TranslatedArticle::sentences).collect();
    let sources = articles.iter().zip(&sentences);
    let sources: Vec<summary::Source> = sources
        .map(|(article, sentences)| summary::Source {
            headline: article.headline(),
            sentences,
        })
        .collect();
    let made = summary::write(engine, settings.summary, &sources, &rules)?;
    let briefs = articles.into_iter().zip(made);
    let mut briefs: Vec<Brief> = briefs
        .map(|(article, made)| article.brief(made, signature))
        .collect();
    for brief in &mut briefs {
        engine
            .judges
            .judge(brief)
            .map_err(generate::GenerateError::from)?;
    }
    Ok(briefs)
}
