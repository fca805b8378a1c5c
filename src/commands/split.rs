//! `kuaibao split`: how a page is cut into articles, to be read or to be corrected.

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    cli::MAX_BYTES,
    corpus::{self, Input},
    error::Error,
};
use kuaibao_text::page::{
    self, Oddities,
    record::{self, ArticleRecord, PageRecord},
};

/// Show how pages are cut into articles
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao split page.txt                        read how the page was cut
  kuaibao split page.txt --json > page.json     correct it by hand, then
  kuaibao brief page.json -o outputs/           brief the corrected page
  kuaibao split inputs/ --json                  a page a line")]
pub struct Args {
    /// Files and folders (.txt .md .html .docx .pdf, or an edited .json); - is standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// One JSON object a page (schema kuaibao.split/1), one a line
    #[arg(long)]
    json: bool,
    /// Encoding of the files instead of a guess (utf-8, gb18030, big5, utf-16le, …)
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Larger files are reported, not read
    #[arg(long, value_name = "N", default_value_t = MAX_BYTES)]
    max_bytes: u64,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let inputs = inputs(&args.paths)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut failed = 0;
    for input in &inputs {
        match pages(input, args) {
            Ok(pages) => {
                for page in pages {
                    print(&page, args.json, &mut out).map_err(Error::Stdout)?;
                }
            }
            Err(reason) => {
                failed += 1;
                eprintln!("kuaibao: {}: {reason}", input.path.display());
            }
        }
    }
    out.flush().map_err(Error::Stdout)?;
    match failed {
        0 => Ok(()),
        failed => Err(Error::SomeFailed {
            failed,
            total: inputs.len(),
        }),
    }
}

fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Error> {
    let (stdin, paths): (Vec<&PathBuf>, Vec<&PathBuf>) =
        paths.iter().partition(|p| p.as_os_str() == "-");
    let mut inputs: Vec<Input> = stdin
        .into_iter()
        .take(1)
        .map(|path| Input {
            path: path.clone(),
            relative: "stdin.txt".into(),
        })
        .collect();
    if !paths.is_empty() {
        let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
        inputs.extend(corpus::walk(&paths, &corpus::Options::default())?);
    }
    Ok(inputs)
}

/// A page and what its text holds beside its articles.
struct Shown {
    record: PageRecord,
    note: Option<String>,
}

/// The pages of one input; most have one.
fn pages(input: &Input, args: &Args) -> Result<Vec<Shown>, String> {
    let bytes = bytes(input, args.max_bytes)?;
    let extension = extension(&input.relative);
    let encoding = args.encoding.as_deref();
    if extension.is_some_and(|e| e.eq_ignore_ascii_case("json")) {
        let text = page::decode(&bytes, encoding).map_err(|e| e.to_string())?;
        let records = record::parse(&text.text).map_err(|e| e.to_string())?;
        let shown = |record| Shown { record, note: None };
        return Ok(records.into_iter().map(shown).collect());
    }
    let source = page::read(&bytes, extension, encoding).map_err(|e| e.to_string())?;
    let page = source.split(Some(&input.relative));
    let name = input.relative.to_string_lossy().replace('\\', "/");
    Ok(vec![Shown {
        record: PageRecord::new(&page, &name, source.encoding),
        note: Oddities::of(&source.text).note(),
    }])
}

fn bytes(input: &Input, max_bytes: u64) -> Result<Vec<u8>, String> {
    if input.path.as_os_str() != "-" {
        // The file is named before the message.
        return corpus::read_bytes(input, max_bytes).map_err(|e| e.reason());
    }
    let mut bytes = Vec::new();
    io::stdin()
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|e| e.to_string())?;
    if bytes.len() as u64 > max_bytes {
        return Err(format!(
            "larger than {max_bytes} bytes (raise --max-bytes to take it)"
        ));
    }
    Ok(bytes)
}

fn extension(path: &Path) -> Option<&str> {
    path.extension()?.to_str()
}

fn print(page: &Shown, json: bool, out: &mut impl Write) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, &page.record)?;
        writeln!(out)?;
        return out.flush();
    }
    let record = &page.record;
    let about: Vec<&str> = [
        Some(record.encoding.as_str()),
        record.paper.as_deref(),
        record.date.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let count = record.articles.len();
    let articles = if count == 1 { "article" } else { "articles" };
    writeln!(
        out,
        "{}: {count} {articles} ({})",
        record.source,
        about.join(", ")
    )?;
    if let Some(note) = &page.note {
        writeln!(out, "note: {note}")?;
    }
    for article in &record.articles {
        writeln!(out)?;
        print_article(article, out)?;
    }
    if !record.dropped.is_empty() {
        writeln!(out, "\n-- in no article --")?;
    }
    for dropped in &record.dropped {
        let reason = serde_json::to_value(dropped.reason)?;
        labelled(out, reason.as_str().unwrap_or_default(), &dropped.text)?;
    }
    writeln!(out)
}

fn print_article(article: &ArticleRecord, out: &mut impl Write) -> io::Result<()> {
    let doubt = if article.confidence < DOUBTFUL {
        ": look at it"
    } else {
        ""
    };
    writeln!(
        out,
        "-- article {} (confidence {:.2}{doubt}) --",
        article.id, article.confidence
    )?;
    for kicker in &article.kicker {
        labelled(out, "kicker", kicker)?;
    }
    let heads = [
        ("headline", &article.headline),
        ("sub", &article.subheadline),
        ("dateline", &article.dateline),
    ];
    for (label, text) in heads {
        if let Some(text) = text {
            labelled(out, label, text)?;
        }
    }
    if !article.byline.is_empty() {
        labelled(out, "byline", &article.byline.join("、"))?;
    }
    for (i, paragraph) in article.paragraphs.iter().enumerate() {
        for subhead in article.subheads.iter().filter(|s| s.before == i) {
            labelled(out, "subhead", &subhead.text)?;
        }
        labelled(out, "", paragraph)?;
    }
    for subhead in &article.subheads {
        if subhead.before >= article.paragraphs.len() {
            labelled(out, "subhead", &subhead.text)?;
        }
    }
    for caption in &article.captions {
        labelled(out, "caption", caption)?;
    }
    Ok(())
}

/// Below this an editor should look at the page before it is briefed.
const DOUBTFUL: f64 = 0.7;

fn labelled(out: &mut impl Write, label: &str, text: &str) -> io::Result<()> {
    writeln!(out, "{label:<12}{text}")
}
