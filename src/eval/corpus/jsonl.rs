//! JSON Lines: one object a segment.
//!
//! `{"id":…, "source":…, "document":…, "reference":… or "references":[…], "hypothesis":… or
//! "hypotheses":{NAME:…}}`; `id`, `source` and `document` are optional, other fields are left alone.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Corpus, Item, Kind, Named, Output, System};
use crate::eval::Error;

#[derive(Deserialize)]
struct Record {
    id: Option<Value>,
    source: Option<String>,
    document: Option<String>,
    reference: Option<String>,
    #[serde(default)]
    references: Vec<String>,
    hypothesis: Option<String>,
    #[serde(default)]
    hypotheses: Map<String, Value>,
}

/// Reads one or several files. Several must hold the same segments in the same order, each with the
/// `hypothesis` of the system that the file is named for.
pub fn read(files: &[Named], allow_empty: bool) -> Result<Corpus, Error> {
    let mut corpus = Corpus::default();
    for (number, file) in files.iter().enumerate() {
        let one = read_one(file, allow_empty)?;
        if number == 0 {
            corpus = one;
            continue;
        }
        if one.items.len() != corpus.items.len() {
            return Err(Error::LineCounts {
                path: file.path.clone(),
                lines: one.items.len(),
                other: files[0].path.clone(),
                expected: corpus.items.len(),
            });
        }
        for (line, (a, b)) in corpus.items.iter().zip(&one.items).enumerate() {
            if a.references != b.references {
                return Err(Error::Record {
                    path: file.path.clone(),
                    line: line + 1,
                    message: format!(
                        "its references differ from those in {}: systems can only be compared on \
                         the same segments in the same order",
                        files[0].path.display()
                    ),
                });
            }
        }
        corpus.systems.extend(one.systems);
    }
    Ok(corpus)
}

fn read_one(file: &Named, allow_empty: bool) -> Result<Corpus, Error> {
    let mut corpus = Corpus::default();
    for (number, line) in super::read_lines(&file.path)?.iter().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |message: String| Error::Record {
            path: file.path.clone(),
            line: number + 1,
            message,
        };
        let record: Record =
            serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        let mut hypotheses = record.hypotheses;
        if let Some(hypothesis) = record.hypothesis {
            hypotheses.insert(file.name.clone(), hypothesis.into());
        }
        if hypotheses.is_empty() {
            return Err(wrong(
                "it has neither `hypothesis` nor `hypotheses`".to_owned(),
            ));
        }
        if corpus.systems.is_empty() {
            corpus.systems = hypotheses.keys().cloned().map(empty_system).collect();
        }
        if hypotheses.len() != corpus.systems.len() {
            return Err(wrong(format!(
                "it has hypotheses of {} systems, the lines before it of {}",
                hypotheses.len(),
                corpus.systems.len()
            )));
        }
        for system in &mut corpus.systems {
            let hypothesis = hypotheses.get(&system.name).and_then(Value::as_str);
            let hypothesis = hypothesis
                .ok_or_else(|| wrong(format!("it has no text by the system `{}`", system.name)))?;
            system.outputs.push(Output::of(hypothesis));
        }
        let references: Vec<String> = record
            .reference
            .into_iter()
            .chain(record.references)
            .filter(|reference| allow_empty || !reference.trim().is_empty())
            .collect();
        if references.is_empty() {
            return Err(wrong(
                "it has no `reference` (or `references`) with text in it".to_owned(),
            ));
        }
        corpus.items.push(Item {
            id: match record.id {
                Some(Value::String(id)) => id,
                Some(id) => id.to_string(),
                None => (number + 1).to_string(),
            },
            source: record.source,
            document: record.document,
            references,
        });
    }
    if corpus.items.is_empty() {
        return Err(Error::Empty(file.path.clone()));
    }
    Ok(corpus)
}

fn empty_system(name: String) -> System {
    System {
        name,
        kind: Kind::System,
        outputs: Vec::new(),
    }
}
