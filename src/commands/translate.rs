//! `kuaibao translate`: just the English.

use kuaibao_text::checks::FlagKind;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    brief::{self, record::Role},
    cli::{Engine, GlossaryArgs, MAX_BYTES, ModelArgs},
    error::Error,
    pipeline,
    progress::Progress,
    translation::repair::{self, Checked, Rules, Text},
    translation::{Translated, piece_tokens, translate_texts, units, without_entities},
};
use kuaibao_text::{
    figures::Clock,
    glossary::Glossary,
    page,
    people::{self, Name, Person},
    text::simplify,
};

/// Translate Chinese text and print the English
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao translate article.txt
  kuaibao translate --lines --beam 6 sentences.zh > sentences.en
  cat article.txt | kuaibao translate -
  kuaibao translate --glossary house.tsv article.txt
  kuaibao translate --translator opus-mt-zh-en article.txt")]
pub struct Args {
    /// Files to translate; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Strictly one line out for every line in: no reflow, no splitting into sentences
    #[arg(long)]
    lines: bool,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Encoding of the files instead of a guess (utf-8, gb18030, big5, utf-16le, …)
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Larger files are reported, not read
    #[arg(long, value_name = "N", default_value_t = MAX_BYTES)]
    max_bytes: u64,
    /// Mend figures, names and terms where that is safe, as `brief` does; --glossary implies it
    #[arg(long)]
    repair: bool,
    /// Check nothing: the model's English as it is, at once
    #[arg(long, conflicts_with_all = ["repair", "json", "glossary"])]
    raw: bool,
    /// Print a JSON object for each sentence: zh, en, score, flags, doubts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    glossary: GlossaryArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// Lines read ahead: enough for full batches, and memory stays flat however long the file.
const WINDOW: usize = 4096;

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    for file in args.files.iter().filter(|f| !is_stdin(f)) {
        // A missing file is said before a model is loaded for it.
        File::open(file).map_err(Error::io(file))?;
    }
    let repairs = args.repair || !args.glossary.glossary.is_empty();
    let checks = (!args.raw)
        .then(|| {
            let glossary = args.glossary.load()?;
            Ok::<_, Error>(Checks::new(glossary, repairs))
        })
        .transpose()?;
    let engine = args.model.engine()?;
    let translate = Translate {
        engine: &engine,
        checks,
        quiet: args.model.compute.quiet,
        json: args.json,
    };
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(io::BufWriter::new(
            File::create(path).map_err(Error::io(path))?,
        )),
        None => Box::new(io::BufWriter::new(io::stdout().lock())),
    };
    for file in &args.files {
        if args.lines {
            translate.lines(file, &mut out)?;
        } else {
            translate.articles(file, args, &mut out)?;
        }
    }
    out.flush().map_err(Error::Stdout)?;
    if let Some(checks) = translate.checks.filter(|_| !translate.quiet) {
        eprintln!("kuaibao: {checks}");
    }
    Ok(())
}

/// What the English is held to, and what was still doubtful about it.
struct Checks {
    glossary: Glossary,
    /// Whether what is doubtful is mended where that is safe.
    repairs: bool,
    found: RefCell<Found>,
}

#[derive(Default)]
struct Found {
    texts: usize,
    doubtful: usize,
    mended: usize,
    kinds: BTreeMap<FlagKind, usize>,
}

impl Checks {
    fn new(glossary: Glossary, repairs: bool) -> Self {
        Self {
            glossary,
            repairs,
            found: RefCell::default(),
        }
    }
}

impl std::fmt::Display for Checks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = self.found.borrow();
        write!(f, "{} texts", found.texts)?;
        if self.repairs {
            write!(f, ", {} mended", found.mended)?;
        }
        write!(f, ", {} doubtful", found.doubtful)?;
        for (kind, count) in &found.kinds {
            let kind = serde_json::to_value(kind).unwrap_or_default();
            write!(f, "; {} {count}", kind.as_str().unwrap_or_default())?;
        }
        write!(f, ". {}", brief::record::Checks::HONESTLY)
    }
}

/// How texts are put into English.
struct Translate<'a> {
    engine: &'a Engine,
    checks: Option<Checks>,
    quiet: bool,
    json: bool,
}

impl Translate<'_> {
    /// The English of each text; `people` finds who is named in them, `around` is the Chinese of the
    /// page they are on.
    fn english(
        &self,
        texts: &[&str],
        limit: usize,
        around: &str,
        people: impl Fn() -> Vec<Person>,
        progress: &Progress,
    ) -> Result<Vec<Checked>, Error> {
        let engine = self.engine;
        let translator = &engine.translator;
        let step = |n| progress.advance(n);
        let plain = || {
            let (workers, config) = (&engine.workers, &translator.config);
            translate_texts(translator, workers, texts, limit, config, &step)
        };
        let Some(checks) = &self.checks else {
            let unchecked = |t: Translated| Checked {
                en: t.en,
                score: t.score,
                ..Checked::default()
            };
            return Ok(plain()?.into_iter().map(unchecked).collect());
        };
        let glossary = &checks.glossary;
        let mut people = people();
        for person in &mut people {
            if let Some(en) = glossary.house(&person.zh) {
                en.clone_into(&mut person.en);
            }
        }
        let mut named: Vec<Text> = texts
            .iter()
            .map(|zh| Text {
                zh,
                names: Vec::new(),
            })
            .collect();
        for person in &people {
            for mention in &person.mentions {
                let names = &mut named[mention.paragraph].names;
                names.extend(Name::new(&person.zh, &person.en).filter(|n| !names.contains(n)));
            }
        }
        let rules = Rules {
            clock: &Clock::unknown(),
            glossary,
            around,
        };
        let checked = if checks.repairs {
            pipeline::translate(engine, &named, &rules, limit, &step)?
        } else {
            repair::check(&named, plain()?, &rules)
        };
        let mut found = checks.found.borrow_mut();
        for text in &checked {
            found.texts += 1;
            found.doubtful += usize::from(!text.flags.is_empty());
            found.mended += usize::from(!text.repairs.is_empty());
            for flag in &text.flags {
                *found.kinds.entry(flag.kind).or_default() += 1;
            }
        }
        Ok(checked)
    }

    fn lines(&self, file: &Path, out: &mut dyn Write) -> Result<(), Error> {
        let mut reader: Box<dyn BufRead> = if is_stdin(file) {
            Box::new(io::stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(file).map_err(Error::io(file))?))
        };
        let progress = Progress::new("lines", None, self.quiet);
        let mut number = 0;
        loop {
            let mut window = Vec::new();
            while window.len() < WINDOW {
                let mut line = Vec::new();
                if reader
                    .read_until(b'\n', &mut line)
                    .map_err(Error::io(file))?
                    == 0
                {
                    break;
                }
                number += 1;
                let line = String::from_utf8(line).map_err(|_| {
                    Error::Usage(format!(
                        "{}: line {number} is not UTF-8; convert it first, for example with `iconv -f gb18030 -t utf-8`",
                        file.display()
                    ))
                })?;
                window.push(line.trim().trim_start_matches('\u{feff}').to_owned());
            }
            if window.is_empty() {
                break;
            }
            let texts: Vec<&str> = window.iter().map(String::as_str).collect();
            let limit = self.engine.translator.source_limit();
            // Lines know nothing of each other.
            let people = || {
                let one = |(i, text): (usize, &&str)| {
                    let mut people = people::find(&[*text], &[]);
                    let mentions = people.iter_mut().flat_map(|p| &mut p.mentions);
                    mentions.for_each(|m| m.paragraph = i);
                    people
                };
                texts.iter().enumerate().flat_map(one).collect()
            };
            let english = self.english(&texts, limit, "", people, &progress)?;
            for (zh, text) in texts.iter().zip(english) {
                // A line break inside a translation would shift every line behind it.
                let en = text.en.replace(['\n', '\r'], " ");
                let line = if self.json { json(zh, &text) } else { en };
                writeln!(out, "{line}").map_err(Error::Stdout)?;
            }
        }
        progress.finish();
        Ok(())
    }

    fn articles(&self, file: &Path, args: &Args, out: &mut dyn Write) -> Result<(), Error> {
        let bytes = if is_stdin(file) {
            let mut bytes = Vec::new();
            let read = io::stdin().take(args.max_bytes + 1).read_to_end(&mut bytes);
            read.map_err(Error::io("standard input"))?;
            bytes
        } else {
            std::fs::read(file).map_err(Error::io(file))?
        };
        if bytes.len() as u64 > args.max_bytes {
            return Err(Error::Usage(format!(
                "{}: larger than {} bytes; raise --max-bytes to read it",
                file.display(),
                args.max_bytes
            )));
        }
        let extension = file.extension().and_then(|e| e.to_str());
        let source = page::read(&bytes, extension, args.encoding.as_deref())
            .map_err(|e| Error::Usage(format!("{}: {e}", file.display())))?;
        let page = source.split(Some(file));
        for (i, article) in page.articles.iter().enumerate() {
            if i > 0 && !self.json {
                writeln!(out, "* * *\n").map_err(Error::Stdout)?;
            }
            let units = units(article);
            let texts: Vec<_> = units.iter().map(|u| simplify(u.zh.as_str())).collect();
            let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            let progress = Progress::new("sentences", Some(texts.len() as u64), self.quiet);
            let limit = piece_tokens(&self.engine.translator);
            let people = || people::find(&texts, &[]);
            let around = texts.join("\n");
            let english = self.english(&texts, limit, &around, people, &progress)?;
            progress.finish();
            if self.json {
                for (zh, text) in texts.iter().zip(&english) {
                    writeln!(out, "{}", json(zh, text)).map_err(Error::Stdout)?;
                }
                continue;
            }
            // Sentences of a paragraph run on; everything else stands alone.
            let mut before = None;
            for (unit, english) in units.iter().zip(&english) {
                let place = (unit.role, unit.paragraph);
                let joins = unit.role == Role::Body && before == Some(place);
                let gap = match before {
                    None => "",
                    Some(_) if joins => " ",
                    Some(_) => "\n\n",
                };
                write!(out, "{gap}{}", without_entities(&english.en)).map_err(Error::Stdout)?;
                before = Some(place);
            }
            writeln!(out, "\n").map_err(Error::Stdout)?;
        }
        Ok(())
    }
}

/// A sentence with what is doubtful about it.
fn json(zh: &str, text: &Checked) -> String {
    serde_json::json!({
        "zh": zh,
        "en": without_entities(&text.en),
        "score": (f64::from(text.score) * 1e3).round() / 1e3,
        "flags": text.flags,
        "doubts": text.doubts,
        "repairs": text.repairs,
    })
    .to_string()
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}
