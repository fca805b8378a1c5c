//! From a source's bytes to its briefs, and many sources side by side.
//!
//! Comes in: inputs and a loaded [`Engine`]. Goes out: briefs, page by page. A page's briefs are a
//! pure function of its bytes and the settings: batches never cross pages, and nothing is kept from
//! one page to the next.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

mod summaries;

pub use summaries::Summarizer;

use crate::{
    brief::draft::Draft,
    brief::record::{Brief, Signature},
    cli::Engine,
    summary::{Budget, Route},
    translation::repair::{Again, Checked, Rules, Text, repair},
    translation::{Translated, piece_tokens, translate_texts, without_entities},
};
use kuaibao_engine::{
    generate,
    hub::{Task, sha256_hex},
};
use kuaibao_text::{
    glossary::Glossary,
    page::{self, Article, Page, Subhead},
    people::Name,
    text::simplify,
};

/// What shapes a brief beside the models.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// ISO 8601 date of pages that state none.
    pub date: Option<String>,
    /// Length of the summary.
    pub length: Length,
    /// Words of the summary, instead of a length.
    pub words: Option<usize>,
    /// Whether doubtful facts are kept out of the summary.
    pub strict: bool,
    /// How terms and people are called.
    pub glossary: Glossary,
}

/// How long a summary is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Length {
    /// 60 words
    Short,
    /// 120 words
    #[default]
    Medium,
    /// 240 words
    Long,
}

impl Length {
    fn words(self) -> usize {
        match self {
            Self::Short => 60,
            Self::Medium => 120,
            Self::Long => 240,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Medium => "medium",
            Self::Long => "long",
        }
    }
}

impl Settings {
    /// The length of the summary of an article of so many English words: a number of words is
    /// kept; a named length never comes to more than two thirds of an article.
    fn budget(&self, article: usize) -> Budget {
        /// An article of so few words is its own summary.
        const FEW: usize = 40;
        let named = self.length.words().min((article * 2 / 3).max(FEW));
        Budget {
            words: self.words.unwrap_or(named),
        }
    }

    fn length_name(&self) -> String {
        match self.words {
            Some(words) => format!("{words} words"),
            None => self.length.name().to_owned(),
        }
    }
}

/// A page that was read and split.
pub struct Source {
    /// Where its output goes, below the output folder.
    pub relative: PathBuf,
    /// Its name in the briefs.
    pub name: String,
    /// The split page.
    pub page: Page,
    /// The text that offsets count in, where it is not the file's own.
    pub text: Option<String>,
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
    #[error("holds no text")]
    Empty,
    #[error("no article was found in it; see `kuaibao split` for what was dropped and why")]
    NoArticle,
}

/// Reads and splits a file: one page, or the pages of an edited `split --json`. `encoding` is that
/// of text files, instead of a guess.
pub fn read(
    bytes: &[u8],
    relative: &Path,
    encoding: Option<&str>,
) -> Result<Vec<Source>, SourceError> {
    let sha256 = sha256_hex(bytes);
    let extension = relative.extension().and_then(|e| e.to_str());
    if extension.is_some_and(|e| e.eq_ignore_ascii_case("json")) {
        return records(bytes, relative, &sha256);
    }
    let source = page::read(bytes, extension, encoding)?;
    if source.text.trim().is_empty() {
        return Err(SourceError::Empty);
    }
    let page = source.split(Some(relative));
    if page.articles.is_empty() {
        return Err(SourceError::NoArticle);
    }
    Ok(vec![Source {
        relative: relative.to_owned(),
        name: relative.to_string_lossy().into_owned(),
        page,
        text: (!source.is_file()).then_some(source.text),
        sha256,
    }])
}

fn records(bytes: &[u8], relative: &Path, sha256: &str) -> Result<Vec<Source>, SourceError> {
    let text = page::decode(bytes, None)
        .map_err(page::ReadError::from)?
        .text;
    let records = page::record::parse(&text)?;
    if records.is_empty() {
        return Err(SourceError::Empty);
    }
    let alone = records.len() == 1;
    Ok(records
        .into_iter()
        .map(|record| {
            let (text, page) = record.to_page();
            Source {
                relative: if alone {
                    relative.to_owned()
                } else {
                    relative.join(&record.source)
                },
                name: record.source,
                page,
                text: Some(text),
                sha256: sha256.to_owned(),
            }
        })
        .collect())
}

/// A text that is one article whatever it looks like, under the given id.
pub fn one_article(text: &str, id: &str) -> Page {
    let page = page::split(text, None);
    let mut articles = page.articles.into_iter();
    let mut whole = articles.next().unwrap_or_default();
    for article in articles {
        append(&mut whole, article);
    }
    id.clone_into(&mut whole.id);
    Page {
        articles: vec![whole],
        ..page
    }
}

fn append(whole: &mut Article, part: Article) {
    let offset = whole.paragraphs.len();
    let headlines = part
        .kicker
        .into_iter()
        .chain(part.headline)
        .chain(part.subheadline);
    whole.subheads.extend(headlines.map(|text| Subhead {
        before: offset,
        text,
    }));
    whole
        .subheads
        .extend(part.subheads.into_iter().map(|s| Subhead {
            before: s.before + offset,
            ..s
        }));
    whole.paragraphs.extend(part.paragraphs);
    whole.captions.extend(part.captions);
    whole.byline.extend(part.byline);
    whole.follow_up |= part.follow_up;
    whole.confidence = whole.confidence.min(part.confidence);
}

/// Everything that determines a source's briefs.
pub fn signature(engine: &Engine, settings: &Settings, sha256: &str) -> Signature {
    let summarizer = engine.summarizer.as_ref();
    Signature {
        program: concat!("kuaibao ", env!("CARGO_PKG_VERSION")).to_owned(),
        device: engine.device_name(),
        precision: engine.placement.precision.name().to_owned(),
        translator: engine.location.versioned(),
        summarizer: summarizer.map(|s| s.location.versioned()),
        route: summarizer
            .map_or(Route::Extract, Summarizer::route)
            .to_string(),
        prompt: prompts(engine),
        glossary: Some(sha256_hex(settings.glossary.canonical().as_bytes())),
        beam: engine.translator.config.num_beams,
        date: settings.date.clone(),
        length: settings.length_name(),
        strict: settings.strict,
        source_sha256: sha256.to_owned(),
    }
}

/// The prompts in use, each as its task and its hash.
fn prompts(engine: &Engine) -> Option<String> {
    let summarizer = engine.summarizer.as_ref();
    let told = [
        (Task::Translate, engine.translator.prompt_hash()),
        (
            summarizer.map_or(Task::Summarize, Summarizer::task),
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
) -> Result<Vec<Brief>, generate::GenerateError> {
    let mut draft = Draft::new(page, name, settings.date.as_deref());
    draft.rename(&settings.glossary);
    let clock = *draft.clock();
    let around = simplify(&draft.texts().join("\n")).into_owned();
    let rules = Rules {
        clock: &clock,
        glossary: &settings.glossary,
        around: &around,
    };
    let texts = draft.texts().into_iter().zip(draft.names());
    let english = simplified(engine, texts, &rules, progress)?;
    let articles = draft.translated(english);
    let made = summaries::summaries(engine, settings, &articles, &rules)?;
    let briefs = articles.into_iter().zip(made);
    Ok(briefs
        .map(|(article, made)| article.brief(made.headline, made.summary, made.making, signature))
        .collect())
}

/// Translates texts of a brief, each with the people it names. Models are trained on Simplified
/// text; what people see stays as it is.
fn simplified<'a>(
    engine: &Engine,
    texts: impl Iterator<Item = (&'a str, Vec<Name<'a>>)>,
    rules: &Rules,
    progress: &dyn Fn(usize),
) -> Result<Vec<Checked>, generate::GenerateError> {
    let (zh, names): (Vec<Cow<str>>, Vec<_>) =
        texts.map(|(zh, names)| (simplify(zh), names)).unzip();
    let texts = zh.iter().zip(names).map(|(zh, names)| Text { zh, names });
    let texts: Vec<Text> = texts.collect();
    let limit = piece_tokens(&engine.translator);
    translate(engine, &texts, rules, limit, progress)
}

/// Translates texts, checks them and mends what can be mended.
pub fn translate(
    engine: &Engine,
    texts: &[Text],
    rules: &Rules,
    limit: usize,
    progress: &dyn Fn(usize),
) -> Result<Vec<Checked>, generate::GenerateError> {
    let Engine {
        translator,
        workers,
        ..
    } = engine;
    let zh: Vec<&str> = texts.iter().map(|text| text.zh).collect();
    let config = translator.config.with_beams(translator.config.num_beams);
    let first = translate_texts(translator, workers, &zh, limit, &config, progress)?;
    let wider = config.with_beams((2 * config.num_beams).min(MOST_BEAMS));
    let retry = |again: &Again| {
        let phrases = again.wanted.iter().map(|w| translator.phrase(w));
        let Some(phrases) = phrases.collect() else {
            // Words that the model cannot spell.
            return Ok(vec![Translated::default(); again.texts.len()]);
        };
        let (limit, config) = if again.wanted.is_empty() {
            (limit.min(RETRY_TOKENS), wider.clone())
        } else {
            let constrained = generate::SearchConfig {
                force_words_ids: phrases,
                ..wider.with_beams(MOST_BEAMS)
            };
            (translator.source_limit(), constrained)
        };
        let again = &again.texts;
        translate_texts(translator, workers, again, limit, &config, &|_| ()).map(tidy)
    };
    let retry_all = |asked: &[Again]| {
        let mut made: Vec<_> = asked.iter().map(|_| Ok(Vec::new())).collect();
        let stop = AtomicBool::new(false);
        let take = |i, again| made[i] = again;
        side_by_side(engine, asked.len(), &stop, |i| retry(&asked[i]), take);
        made.into_iter().collect()
    };
    repair(texts, tidy(first), rules, &retry_all)
}

fn tidy(mut translated: Vec<Translated>) -> Vec<Translated> {
    for text in &mut translated {
        text.en = without_entities(&text.en);
        for (other, _) in &mut text.others {
            *other = without_entities(other);
        }
    }
    translated
}

/// Beams of a second try.
const MOST_BEAMS: usize = 12;
/// Source tokens a piece of a second try: about a clause or two.
const RETRY_TOKENS: usize = 32;

/// Runs `work` on every index below `count`, several at once, until all are done or `stop` is set;
/// gives each result to `take` on the calling thread, in no particular order.
///
/// One thread more than there are workers keeps the workers fed while a page is being read,
/// checked or written.
pub fn side_by_side<T: Send>(
    engine: &Engine,
    count: usize,
    stop: &AtomicBool,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(usize, T),
) {
    let next = AtomicUsize::new(0);
    let (done, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..(engine.workers.count() + 1).min(count) {
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
        for (i, result) in results {
            take(i, result);
        }
    });
}
