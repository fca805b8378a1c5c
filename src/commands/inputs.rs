//! The one driver of sources: paths of the command line to pages, many side by side.
//!
//! Comes in: [`InputArgs`], and what a command does with a page. Goes out: its results, one input
//! after another, and a [`Tally`] that is the command's exit code. The driver owns the walk, standard
//! input, the limit of a file's size, the decoding, the catch of a defect, what a failure is called on
//! standard error, and the counting; no command has a second way.

use std::{
    collections::BTreeMap,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    thread,
    time::{Duration, Instant},
};

use crate::{
    corpus::{self, CorpusError, Input, LeftOut, Walk},
    engine::side_by_side,
    error::{Error, with_causes},
    ocr::Ocr,
    pipeline::{self, SourcePage},
};

/// A larger file is reported, not read, unless `--max-bytes` says otherwise: 16 MiB.
pub const MAX_BYTES: u64 = 16 << 20;

/// Flags of every command that reads articles.
#[derive(Clone, Debug, clap::Args)]
pub struct InputArgs {
    /// Files and folders (.txt .md .html .docx .odt .rtf .pdf .epub .eml .rss .srt .xlf …, or the .json of `kuaibao split`); - is standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// How they are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// Where `--help` has them.
const READING: &str = "Reading";

/// How files are read.
#[derive(Clone, Debug, clap::Args)]
pub struct ReadArgs {
    /// Encoding of the files instead of a guess (utf-8, gb18030, big5, utf-16le, …)
    #[arg(long, help_heading = READING, value_name = "NAME", value_parser = parse_encoding)]
    pub encoding: Option<String>,
    /// Keep a text with bytes that cannot be decoded; each is listed among what was dropped
    #[arg(long)]
    pub lossy: bool,
    /// Larger files are reported, not read
    #[arg(long, help_heading = READING, value_name = "N", default_value_t = MAX_BYTES)]
    pub max_bytes: u64,
    /// Program that reads the characters of pictures and scanned PDFs; {} in it is the file, else the file
    /// stands last; prints text
    #[arg(long, value_name = "COMMAND")]
    pub ocr: Option<Ocr>,
    /// Follow links out of the folders that hold them
    #[arg(long, help_heading = READING)]
    pub follow_links: bool,
}

/// An encoding's label, if anybody knows it.
fn parse_encoding(label: &str) -> Result<String, String> {
    match kuaibao_text::page::decode(b"", Some(label)) {
        Ok(_) => Ok(label.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// An ISO 8601 calendar date.
pub fn parse_date(text: &str) -> Result<String, String> {
    match text.parse::<jiff::civil::Date>() {
        Ok(date) => Ok(date.to_string()),
        Err(_) => Err("expected a date like 2026-07-14".to_owned()),
    }
}

/// What there is to do, and how to read it.
pub struct Inputs<'a> {
    /// The inputs, in the order in which they count.
    pub list: Vec<Input>,
    /// What is not read.
    pub left_out: Vec<LeftOut>,
    args: &'a ReadArgs,
}

/// Left-out files that are named on standard error; there may be thousands.
const MOST_NAMED: usize = 20;

impl InputArgs {
    /// Walks the paths; what is not read is named on standard error.
    pub fn inputs(&self, output: Option<&Path>, quiet: bool) -> Result<Inputs<'_>, Error> {
        self.read.inputs(&self.paths, output, quiet)
    }
}

impl ReadArgs {
    /// Walks paths; what is not read is named on standard error.
    pub fn inputs(
        &self,
        paths: &[PathBuf],
        output: Option<&Path>,
        quiet: bool,
    ) -> Result<Inputs<'_>, Error> {
        let options = corpus::Options {
            output: output.map(Path::to_owned),
            follow_links: self.follow_links,
            pictures: self.ocr.is_some(),
        };
        let Walk { inputs, left_out } = corpus::walk(paths, &options)?;
        let missed = left_out.iter().filter(|l| !(quiet && l.expected));
        for LeftOut { path, reason, .. } in missed.clone().take(MOST_NAMED) {
            eprintln!("kuaibao: {path}: left out: {reason}");
        }
        let more = missed.count().saturating_sub(MOST_NAMED);
        if more > 0 {
            eprintln!("kuaibao: {more} more files are left out");
        }
        if inputs.is_empty() {
            return Err(CorpusError::Empty(paths.to_vec()).into());
        }
        Ok(Inputs {
            list: inputs,
            left_out,
            args: self,
        })
    }

    /// The text of a file that is no page: lines that belong to those of another file.
    pub fn text(&self, path: &Path) -> Result<String, Error> {
        let failed = |why: String| Error::Usage(format!("{}: {why}", path.display()));
        let bytes = corpus::read(path, self.max_bytes).map_err(|e| failed(with_causes(&e)))?;
        let decoded = kuaibao_text::page::decode(&bytes, self.encoding.as_deref());
        decoded.map(|d| d.text).map_err(|e| failed(e.to_string()))
    }
}

/// What became of one input.
pub struct Done<T> {
    /// Its place in [`Inputs::list`].
    pub index: usize,
    /// Its pages by their keys, or one failure under its own; each already said on standard error.
    pub pages: Vec<(PathBuf, Result<T, String>)>,
    /// How long it took.
    pub spent: Duration,
}

/// How a run over inputs ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pages done and failed; a file that cannot be read is one.
    pub total: usize,
    /// Those that failed.
    pub failed: usize,
    /// Inputs that the run did not come to.
    pub left: usize,
}

impl Tally {
    /// The result that the exit code is made of.
    pub fn end(self) -> Result<(), Error> {
        match self {
            Self { left: 1.., .. } => Err(Error::Interrupted),
            Self { failed: 0, .. } => Ok(()),
            Self { failed, total, .. } => Err(Error::SomeFailed { failed, total }),
        }
    }
}

/// A page at work: which one it is, and what it holds.
pub struct At {
    /// The place of its input in [`Inputs::list`].
    pub input: usize,
    /// Its place in the input.
    pub page: usize,
    /// The page.
    pub source: SourcePage,
}

impl Inputs<'_> {
    /// Does `work` on every page, `threads` inputs at once, until all are done or `stop` is set, and
    /// gives the results to `take` as inputs are done. `say` prints a failure.
    pub fn for_each_source<T: Send>(
        &self,
        threads: usize,
        stop: &AtomicBool,
        say: impl Fn(&str) + Sync,
        work: impl Fn(At) -> Result<T, String> + Sync,
        mut take: impl FnMut(Done<T>) -> Result<(), Error>,
    ) -> Result<Tally, Error> {
        let mut tally = Tally {
            left: self.list.len(),
            ..Tally::default()
        };
        let input = |i: usize| {
            let started = Instant::now();
            let input = &self.list[i];
            log::info!("{}: reading", input.path.display());
            let pages = match caught(|| self.pages(input)) {
                Err(error) => vec![(input.key.clone(), Err(error))],
                Ok(sources) => {
                    for unread in sources.iter().filter_map(|s| s.unread.as_ref()) {
                        say(&format!("kuaibao: {}: {unread}", input.path.display()));
                    }
                    let numbered = sources.into_iter().enumerate();
                    let done = numbered.map(|(page, source)| {
                        let key = source.key.clone();
                        let input = i;
                        let at = At {
                            input,
                            page,
                            source,
                        };
                        (key, caught(|| work(at)))
                    });
                    done.collect()
                }
            };
            Done {
                index: i,
                pages,
                spent: started.elapsed(),
            }
        };
        side_by_side(threads, self.list.len(), stop, input, |i, done: Done<T>| {
            tally.left -= 1;
            tally.total += done.pages.len();
            for (key, result) in &done.pages {
                if let Err(error) = result {
                    tally.failed += 1;
                    let Input { path, key: own } = &self.list[i];
                    let page = if key == own {
                        String::new()
                    } else {
                        format!(" ({})", key.display())
                    };
                    say(&format!("kuaibao: {}{page}: {error}", path.display()));
                }
            }
            take(done)
        })?;
        Ok(tally)
    }

    /// Does `work` on every input, one after another: a stream of lines has no end that could be
    /// waited for. Standard output that fails ends it.
    pub fn for_each_input(
        &self,
        mut work: impl FnMut(&Input) -> Result<(), Error>,
    ) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        for input in &self.list {
            tally.total += 1;
            match work(input) {
                Err(error @ (Error::Stdout(_) | Error::Report(_))) => return Err(error),
                Err(error) => {
                    tally.failed += 1;
                    eprintln!("kuaibao: {}: {}", input.path.display(), with_causes(&error));
                }
                Ok(()) => {}
            }
        }
        Ok(tally)
    }

    /// Gives `give` what `work` makes of each page, in the order of the inputs.
    pub fn in_order<T: Send>(
        &self,
        threads: usize,
        work: impl Fn(At) -> Result<T, String> + Sync,
        mut give: impl FnMut(T) -> Result<(), Error>,
    ) -> Result<Tally, Error> {
        let mut waiting = InOrder::default();
        let never = AtomicBool::new(false);
        let say = |line: &str| eprintln!("{line}");
        self.for_each_source(threads, &never, say, work, |done| {
            waiting.push(done.index, done.pages, |pages| {
                let mut made = pages.into_iter().filter_map(|(_, made)| made.ok());
                made.try_for_each(&mut give)
            })
        })
    }

    /// The pages of one input; most have one.
    fn pages(&self, input: &Input) -> Result<Vec<SourcePage>, String> {
        let bytes = input.read(self.args.max_bytes);
        let bytes = bytes.map_err(|e| match e {
            // The file is named before the message.
            CorpusError::Unreadable { source, .. } => format!("cannot be read: {source}"),
            other => with_causes(&other),
        })?;
        let reading = pipeline::Reading {
            encoding: self.args.encoding.as_deref(),
            lossy: self.args.lossy,
            ocr: (self.args.ocr.as_ref()).filter(|_| !corpus::is_stdin(&input.path)),
            max_bytes: self.args.max_bytes,
        };
        pipeline::read_file(&bytes, &input.path, &input.key, &reading).map_err(|e| with_causes(&e))
    }

    /// The keys of all pages and whose they are, first come, first served: those of `.json` files
    /// stand in the files.
    pub fn keys(&self) -> Vec<(usize, usize, PathBuf)> {
        let mut keys = Vec::new();
        for (i, input) in self.list.iter().enumerate() {
            if pipeline::is_json(&input.key) && !corpus::is_stdin(&input.path) {
                let sources = caught(|| self.pages(input)).unwrap_or_default();
                let sources = sources.into_iter().enumerate();
                keys.extend(sources.map(|(page, source)| (i, page, source.key)));
            } else {
                keys.push((i, 0, input.key.clone()));
            }
        }
        keys
    }
}

/// Threads for work that no model does.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `work`; a defect that it brings out is an error like any other.
pub fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err("a defect of this program; please report it with this file".to_owned())
    })
}

/// Results that come in any order, to be given on in theirs.
pub struct InOrder<T> {
    next: usize,
    waiting: BTreeMap<usize, T>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self {
            next: 0,
            waiting: BTreeMap::new(),
        }
    }
}

impl<T> InOrder<T> {
    /// Takes a result, and gives on all whose turn it is.
    pub fn push<E>(
        &mut self,
        index: usize,
        result: T,
        mut give: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.waiting.insert(index, result);
        while let Some(result) = self.waiting.remove(&self.next) {
            self.next += 1;
            give(result)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_costs_its_page_alone() {
        let read = |page: &str| caught(|| Ok(page.parse::<u32>().unwrap()));
        let results: Vec<_> = ["1", "no number", "3"].into_iter().map(read).collect();
        assert_eq!(results[0], Ok(1));
        assert!(results[1].as_ref().is_err_and(|e| e.contains("defect")));
        assert_eq!(results[2], Ok(3));
    }
}
