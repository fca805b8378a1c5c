//! Line-aligned files: line n of every file is segment n.

use std::path::{Path, PathBuf};

use super::{Corpus, Item, Kind, Named, Output, System, read_lines};
use crate::eval::Error;

/// The files of a corpus.
#[derive(Clone, Debug, Default)]
pub struct LineFiles<'a> {
    /// The Chinese.
    pub source: Option<&'a Path>,
    /// One file a translator.
    pub references: &'a [PathBuf],
    /// The articles in the hypotheses' language.
    pub document: Option<&'a Path>,
    /// One file a system.
    pub systems: &'a [Named],
    /// Whether a segment without any reference is scored all the same, as sacrebleu does.
    pub allow_empty: bool,
}

/// Reads them. With several references an empty line means that this translator left it out.
pub fn read(files: &LineFiles) -> Result<Corpus, Error> {
    let Some((first, others)) = files.references.split_first() else {
        return Err(Error::Usage(
            "no reference was given: add --reference FILE".to_owned(),
        ));
    };
    let mut references = vec![read_lines(first)?];
    let lines = references[0].len();
    let aligned = |path: &Path| {
        let read = read_lines(path)?;
        if read.len() == lines {
            return Ok(read);
        }
        Err(Error::LineCounts {
            path: path.to_owned(),
            lines: read.len(),
            other: first.clone(),
            expected: lines,
        })
    };
    for path in others {
        references.push(aligned(path)?);
    }
    let mut sources = files.source.map(aligned).transpose()?;
    let mut documents = files.document.map(aligned).transpose()?;

    let mut items = Vec::with_capacity(lines);
    for line in 0..lines {
        let mut given: Vec<String> = references
            .iter_mut()
            .map(|file| std::mem::take(&mut file[line]))
            .collect();
        if given.iter().any(|reference| !reference.trim().is_empty()) {
            given.retain(|reference| !reference.trim().is_empty());
        } else if files.allow_empty {
            given.truncate(1);
        } else {
            return Err(Error::EmptyReference {
                path: first.clone(),
                line: line + 1,
            });
        }
        items.push(Item {
            id: (line + 1).to_string(),
            source: sources.as_mut().map(|file| std::mem::take(&mut file[line])),
            document: documents
                .as_mut()
                .map(|file| std::mem::take(&mut file[line])),
            references: given,
        });
    }
    let systems = files
        .systems
        .iter()
        .map(|system| {
            Ok(System {
                name: system.name.clone(),
                kind: Kind::System,
                outputs: aligned(&system.path)?.into_iter().map(Output::of).collect(),
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(Corpus {
        items,
        systems,
        notes: Vec::new(),
    })
}
