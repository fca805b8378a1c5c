//! `kuaibao figures`: the numbers, dates and people of Chinese text.

use kuaibao_text::figures::FigureRecord;
use kuaibao_text::people::PersonRecord;
use std::{
    io::{self, Write},
    path::PathBuf,
};

use comfy_table::{Table, presets::NOTHING};

use crate::{
    brief::draft::Draft,
    cli::{GlossaryArgs, MAX_BYTES},
    corpus,
    error::Error,
    pipeline,
};

/// List the numbers, dates and people of Chinese articles
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao figures page.txt                       a table an article
  kuaibao figures page.txt --date 2026-07-14     resolve “the 24th”, “this year”, “last month”
  kuaibao figures inputs/ --json                 a figure or a person a line")]
pub struct Args {
    /// Files and folders (.txt .md .html .docx .pdf, or the .json of `kuaibao split`)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Date of pages that state none
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::brief::parse_date)]
    date: Option<String>,
    /// One JSON object a line: kuaibao.figure/1, kuaibao.person/1
    #[arg(long)]
    json: bool,
    /// Encoding of the files instead of a guess (utf-8, gb18030, big5, utf-16le, …)
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Larger files are reported, not read
    #[arg(long, value_name = "N", default_value_t = MAX_BYTES)]
    max_bytes: u64,
    #[command(flatten)]
    glossary: GlossaryArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let inputs = corpus::walk(&args.paths, &corpus::Options::default())?;
    let encoding = args.encoding.as_deref();
    let glossary = args.glossary.load()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut failed = 0;
    for input in &inputs {
        let sources = corpus::read_bytes(input, args.max_bytes)
            .map_err(|e| Error::from(e).message().unwrap_or_default())
            .and_then(|bytes| {
                pipeline::read(&bytes, &input.relative, encoding).map_err(|e| e.to_string())
            });
        let sources = match sources {
            Ok(sources) => sources,
            Err(reason) => {
                failed += 1;
                eprintln!("kuaibao: {}: {reason}", input.relative.display());
                continue;
            }
        };
        for source in sources {
            let date = args.date.as_deref();
            let mut draft = Draft::new(&source.page, &source.name, date);
            draft.rename(&glossary);
            for (figures, people) in draft.records() {
                if args.json {
                    lines(figures, &mut out)?;
                    lines(people, &mut out)?;
                } else {
                    tables(&source.name, figures, people, &mut out)?;
                }
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

fn lines<T: serde::Serialize>(records: &[T], out: &mut dyn Write) -> Result<(), Error> {
    for record in records {
        let line = serde_json::to_string(record).map_err(|e| Error::Stdout(e.into()))?;
        writeln!(out, "{line}").map_err(Error::Stdout)?;
    }
    Ok(())
}

fn tables(
    name: &str,
    figures: &[FigureRecord],
    people: &[PersonRecord],
    out: &mut dyn Write,
) -> Result<(), Error> {
    let article = figures.first().map(|f| f.article.as_str());
    let article = article.or(people.first().map(|p| p.article.as_str()));
    let Some(article) = article else {
        return Ok(());
    };
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["Chinese", "English", "value", "unit", "bound", "kind"]);
    for f in figures {
        let value = f
            .value
            .as_str()
            .map_or_else(|| f.value.to_string(), str::to_owned);
        let unit = f.currency.as_ref().or(f.unit.as_ref());
        let or_nothing = |text: Option<&String>| text.cloned().unwrap_or_default();
        table.add_row([
            f.zh.clone(),
            f.en.clone(),
            value,
            or_nothing(unit),
            or_nothing(f.bound.as_ref()),
            f.kind.clone(),
        ]);
    }
    let mut persons = Table::new();
    persons.load_style(NOTHING);
    persons.set_header(["Name", "English", "post", "post in English", "mentions"]);
    for p in people {
        let post = [p.organisation_zh.as_deref(), p.post_zh.as_deref()];
        let post_en = [p.post_en.as_deref(), p.organisation_en.as_deref()];
        persons.add_row([
            p.zh.clone(),
            p.en.clone(),
            post.into_iter().flatten().collect::<Vec<_>>().join(" "),
            post_en.into_iter().flatten().collect::<Vec<_>>().join(", "),
            p.mentions.len().to_string(),
        ]);
    }
    writeln!(out, "{name}, article {article}\n").map_err(Error::Stdout)?;
    for (table, empty) in [(table, figures.is_empty()), (persons, people.is_empty())] {
        if !empty {
            writeln!(out, "{table}\n").map_err(Error::Stdout)?;
        }
    }
    Ok(())
}
