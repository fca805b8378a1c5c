//! Folders of briefs (`kuaibao.brief/1`) against folders of references.
//!
//! A reference belongs to the brief with the same path but for the last extension:
//! `briefs/a/page.txt/1.json` is held against `references/a/page.txt/1.txt`. A reference without a
//! brief is scored as an empty output, so that a system gains nothing by failing; a brief without a
//! reference is left out. Both are noted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use walkdir::WalkDir;

use super::{Corpus, Item, Kind, Named, Output, System};
use crate::brief::record::{Brief, Role};
use crate::eval::Error;

/// Which part of a brief is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The summary; a reference has one sentence a line
    Summary,
    /// The English headline
    Headline,
    /// The whole translation
    Translation,
}

/// Reads every brief that has a reference in at least one of the folders.
pub fn read(systems: &[Named], references: &[PathBuf], part: Part) -> Result<Corpus, Error> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in references {
        for (stem, path) in files(folder, |extension| extension != "json")? {
            let text = super::read(&path)?;
            if text.trim().is_empty() {
                return Err(Error::EmptyReference { path, line: 1 });
            }
            texts
                .entry(stem)
                .or_default()
                .push(text.trim_end().to_owned());
        }
    }
    if texts.is_empty() {
        let folder = references.first().cloned().unwrap_or_default();
        return Err(Error::Empty(folder));
    }

    let mut corpus = Corpus {
        items: texts
            .into_iter()
            .map(|(id, references)| Item {
                id,
                references,
                ..Item::default()
            })
            .collect(),
        ..Corpus::default()
    };
    for system in systems {
        let briefs = files(&system.path, |extension| extension == "json")?;
        add(&mut corpus, system, &briefs, part)?;
    }
    Ok(corpus)
}

fn add(
    corpus: &mut Corpus,
    system: &Named,
    briefs: &BTreeMap<String, PathBuf>,
    part: Part,
) -> Result<(), Error> {
    let mut outputs = Vec::with_capacity(corpus.items.len());
    let mut missing = Vec::new();
    for item in &mut corpus.items {
        let Some(path) = briefs.get(&item.id) else {
            missing.push(item.id.clone());
            outputs.push(Output::default());
            continue;
        };
        let brief = read_brief(path)?;
        item.source.get_or_insert_with(|| source(&brief));
        outputs.push(output(&brief, part));
    }
    if missing.len() == corpus.items.len() {
        return Err(Error::Usage(format!(
            "no brief in {} has a reference: a reference has the brief's path with another \
             extension, `page.txt/1.txt` for `page.txt/1.json`; the references begin with `{}`",
            system.path.display(),
            missing.first().map_or("", String::as_str)
        )));
    }
    let known: BTreeSet<&str> = corpus.items.iter().map(|item| item.id.as_str()).collect();
    let unmatched = briefs.keys().filter(|stem| !known.contains(stem.as_str()));
    let unmatched: Vec<String> = unmatched.cloned().collect();
    if !missing.is_empty() {
        corpus.notes.push(format!(
            "{}: {} of {} references have no brief and are scored as empty: {}",
            system.name,
            missing.len(),
            corpus.items.len(),
            some_of(&missing)
        ));
    }
    if !unmatched.is_empty() {
        corpus.notes.push(format!(
            "{}: {} briefs have no reference and are left out: {}",
            system.name,
            unmatched.len(),
            some_of(&unmatched)
        ));
    }
    corpus.systems.push(System {
        name: system.name.clone(),
        kind: Kind::System,
        outputs,
    });
    Ok(())
}

fn some_of(names: &[String]) -> String {
    let shown = names[..names.len().min(5)].join(", ");
    let more = if names.len() > 5 { ", …" } else { "" };
    format!("{shown}{more}")
}

/// Files below a folder by their path without the last extension, whatever the platform's separator.
fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, PathBuf>, Error> {
    let mut found = BTreeMap::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| Error::Read {
            path: error.path().unwrap_or(folder).to_owned(),
            source: error.into(),
        })?;
        let path = entry.path();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let name = entry.file_name().to_string_lossy();
        // What `kuaibao brief` writes beside briefs: a page's ledger, and the run's record on top.
        let record = name == "page.json" || name == "run.json" && entry.depth() == 1;
        let no_brief = record || name.starts_with('.');
        if !entry.file_type().is_file() || no_brief || !wanted(&extension) {
            continue;
        }
        let below = path.strip_prefix(folder).unwrap_or(path).with_extension("");
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        found.insert(parts.join("/"), path.to_owned());
    }
    Ok(found)
}

fn read_brief(path: &Path) -> Result<Brief, Error> {
    let text = super::read(path)?;
    let wrong = |line, message| Error::Record {
        path: path.to_owned(),
        line,
        message,
    };
    let brief: Brief =
        serde_json::from_str(&text).map_err(|error| wrong(error.line(), error.to_string()))?;
    if brief.schema != "kuaibao.brief/1" {
        let message = format!("its schema is `{}`, not `kuaibao.brief/1`", brief.schema);
        return Err(wrong(1, message));
    }
    Ok(brief)
}

/// The Chinese, a sentence a line.
fn source(brief: &Brief) -> String {
    joined(brief.translation.iter().map(|segment| segment.zh.as_str()))
}

fn joined<'a>(sentences: impl Iterator<Item = &'a str>) -> String {
    sentences.collect::<Vec<_>>().join("\n")
}

fn output(brief: &Brief, part: Part) -> Output {
    let body = || {
        brief
            .translation
            .iter()
            .filter(|segment| segment.role == Role::Body)
    };
    let aligned = match part {
        Part::Summary => brief
            .summary
            .iter()
            .map(|sentence| (cited(brief, &sentence.sources), sentence.en.clone()))
            .collect(),
        Part::Headline => vec![(brief.headline.zh.clone(), brief.headline.en.clone())],
        Part::Translation => brief
            .translation
            .iter()
            .map(|segment| (segment.zh.clone(), segment.en.clone()))
            .collect(),
    };
    let text = match part {
        Part::Summary => joined(brief.summary.iter().map(|sentence| sentence.en.as_str())),
        Part::Headline => brief.headline.en.clone(),
        Part::Translation => joined(brief.translation.iter().map(|segment| segment.en.as_str())),
    };
    Output {
        text,
        aligned,
        document: Some(joined(body().map(|segment| segment.en.as_str()))),
        given: Vec::new(),
    }
}

/// The Chinese sentences that a summary sentence says it rests on.
fn cited(brief: &Brief, ids: &[String]) -> String {
    joined(
        brief
            .translation
            .iter()
            .filter(|segment| ids.contains(&segment.id))
            .map(|segment| segment.zh.as_str()),
    )
}
