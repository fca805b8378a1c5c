//! `kuaibao figures`: the numbers, dates and people of Chinese text.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use comfy_table::{Table, presets::NOTHING};

use super::{
    args::GlossaryArgs,
    inputs::{At, InputArgs, cores, parse_date},
};
use crate::{brief::draft::Draft, error::Error};
use kuaibao_text::{figures::FigureRecord, people::PersonRecord};

/// List the numbers, dates and people of Chinese articles
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao figures page.txt                       a table an article
  kuaibao figures page.txt --date 2026-07-14     resolve “the 24th”, “this year”, “last month”
  kuaibao figures inputs/ --json                 a figure or a person a line
  kuaibao figures - < page.txt                   standard input")]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// Date of pages that state none
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    date: Option<String>,
    /// One JSON object a line: kuaibao.figure/1, kuaibao.person/1
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    glossary: GlossaryArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let inputs = args.inputs.inputs(None, false)?;
    let glossary = args.glossary.load()?;
    let records = |At { source, .. }: At| {
        source.has_articles().map_err(|e| e.to_string())?;
        let draft = Draft::new(&source.page, &source.name, args.date.as_deref());
        let mut draft = draft.map_err(|e| e.to_string())?;
        draft.rename(&glossary);
        let mut text = String::new();
        for (figures, people) in draft.records() {
            if args.json {
                lines(figures, &mut text)?;
                lines(people, &mut text)?;
            } else {
                tables(&source.name, figures, people, &mut text);
            }
        }
        Ok(text)
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let print = |text: String| out.write_all(text.as_bytes()).map_err(Error::Stdout);
    let tally = inputs.in_order(cores(), records, print)?;
    out.flush().map_err(Error::Stdout)?;
    tally.end()
}

fn lines<T: serde::Serialize>(records: &[T], text: &mut String) -> Result<(), String> {
    for record in records {
        text.push_str(&serde_json::to_string(record).map_err(|e| e.to_string())?);
        text.push('\n');
    }
    Ok(())
}

fn tables(name: &str, figures: &[FigureRecord], people: &[PersonRecord], text: &mut String) {
    let article = figures.first().map(|f| f.article.as_str());
    let article = article.or(people.first().map(|p| p.article.as_str()));
    let Some(article) = article else { return };
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
    let _ = writeln!(text, "{name}, article {article}\n");
    for (table, empty) in [(table, figures.is_empty()), (persons, people.is_empty())] {
        if !empty {
            let _ = writeln!(text, "{table}\n");
        }
    }
}
