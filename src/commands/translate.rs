//! `kuaibao translate`: just the English.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    brief::{
        record::Role,
        translation::{piece_tokens, translate_texts, units, without_entities},
    },
    cli::{Engine, MAX_BYTES, ModelArgs},
    error::Error,
    page,
    progress::Progress,
    text::simplify,
};

/// Translate Chinese text and print the English
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao translate article.txt
  kuaibao translate --lines --beam 6 sentences.zh > sentences.en
  cat article.txt | kuaibao translate -
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
    let engine = args.model.engine()?;
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(io::BufWriter::new(
            File::create(path).map_err(Error::io(path))?,
        )),
        None => Box::new(io::BufWriter::new(io::stdout().lock())),
    };
    for file in &args.files {
        if args.lines {
            lines(&engine, file, &mut out, args.model.compute.quiet)?;
        } else {
            articles(&engine, file, args, &mut out)?;
        }
    }
    out.flush().map_err(Error::Stdout)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn lines(engine: &Engine, file: &Path, out: &mut dyn Write, quiet: bool) -> Result<(), Error> {
    let mut reader: Box<dyn BufRead> = if is_stdin(file) {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).map_err(Error::io(file))?))
    };
    let progress = Progress::new("lines", None, quiet);
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
        let translated = translate_texts(
            &engine.translator,
            &engine.workers,
            &texts,
            engine.translator.source_limit(),
            &engine.translator.config,
            &|n| progress.advance(n),
        )?;
        for text in translated {
            // A line break inside a translation would shift every line behind it.
            let text = text.en.replace(['\n', '\r'], " ");
            writeln!(out, "{text}").map_err(Error::Stdout)?;
        }
    }
    progress.finish();
    Ok(())
}

fn articles(engine: &Engine, file: &Path, args: &Args, out: &mut dyn Write) -> Result<(), Error> {
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
        if i > 0 {
            writeln!(out, "* * *\n").map_err(Error::Stdout)?;
        }
        let units = units(article);
        let texts: Vec<_> = units.iter().map(|u| simplify(u.zh.as_str())).collect();
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let progress = Progress::new(
            "sentences",
            Some(texts.len() as u64),
            args.model.compute.quiet,
        );
        let english = translate_texts(
            &engine.translator,
            &engine.workers,
            &texts,
            piece_tokens(&engine.translator),
            &engine.translator.config,
            &|n| progress.advance(n),
        )?;
        progress.finish();
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
