//! What is scored: segments with their references, and what each system made of them.
//!
//! In: line-aligned files ([`lines`]), JSON Lines ([`jsonl`]), folders of briefs ([`briefs`]). Out: a
//! [`Corpus`] in which every system has one output for every segment. Texts are taken as they are;
//! a mismatch is an error that names the file, never a silent cut to the shorter side.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Error;
use super::metric::{Needs, Segment};

pub mod briefs;
pub mod jsonl;
pub mod lines;

/// Segments and systems.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// What was to be rendered.
    pub items: Vec<Item>,
    /// What each system made of it, an output an item.
    pub systems: Vec<System>,
    /// What a reader of the scores must know about the input.
    pub notes: Vec<String>,
}

impl Corpus {
    /// What a metric sees of one system's outputs.
    pub fn segments<'a>(&'a self, system: &'a System) -> impl Iterator<Item = Segment<'a>> {
        self.items
            .iter()
            .zip(&system.outputs)
            .map(|(item, output)| item.with(output))
    }

    /// Whether at least one segment has what a metric needs.
    pub fn has(&self, needs: Needs) -> bool {
        self.systems
            .iter()
            .any(|system| self.segments(system).any(|segment| segment.has(needs)))
    }

    /// Two systems of one name could not be told apart in any table.
    pub fn check_names(&self) -> Result<(), Error> {
        for (i, system) in self.systems.iter().enumerate() {
            if self.systems[..i]
                .iter()
                .any(|other| other.name == system.name)
            {
                return Err(Error::Usage(format!(
                    "two systems are called `{}`: give each its own name with NAME=PATH",
                    system.name
                )));
            }
        }
        Ok(())
    }

    /// For systems that write in the source's own language: a summary is made from the source.
    pub fn take_sources_as_documents(&mut self) {
        for item in &mut self.items {
            item.document = item.document.take().or_else(|| item.source.clone());
        }
    }

    /// Adds the first references as a system, for what is judged without references.
    pub fn add_reference(&mut self) {
        let outputs = self.items.iter().enumerate().map(|(i, item)| Output {
            document: self
                .systems
                .first()
                .and_then(|system| system.outputs[i].document.clone()),
            ..Output::of(item.references.first().cloned().unwrap_or_default())
        });
        let outputs = outputs.collect();
        self.systems.push(System {
            name: "reference".to_owned(),
            kind: Kind::Reference,
            outputs,
        });
    }
}

/// One segment: a line, or an article.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// Line number or name.
    pub id: String,
    /// The Chinese, where known.
    pub source: Option<String>,
    /// The article in the hypotheses' language, where known and the same for all systems.
    pub document: Option<String>,
    /// What people wrote; more than one where several did.
    pub references: Vec<String>,
}

impl Item {
    /// What a metric sees of it and of what a system made of it.
    pub fn with<'a>(&'a self, output: &'a Output) -> Segment<'a> {
        Segment {
            source: self.source.as_deref(),
            document: output.document.as_deref().or(self.document.as_deref()),
            hypothesis: &output.text,
            references: &self.references,
            aligned: &output.aligned,
            given: &output.given,
        }
    }
}

/// A system and its outputs.
#[derive(Clone, Debug)]
pub struct System {
    /// Its name in tables.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// One output an item.
    pub outputs: Vec<Output>,
}

/// What a system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something that is to be judged.
    System,
    /// Sentences copied from the article: what any summary must beat.
    Baseline,
    /// The first reference, judged by what needs no reference: what faultless would score.
    Reference,
}

/// What a system made of one segment.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The text that is scored.
    pub text: String,
    /// Source sentences with their renderings, where the system says which belong together.
    pub aligned: Vec<(String, String)>,
    /// The article in the output's language, where each system has its own.
    pub document: Option<String>,
    /// Scores from elsewhere, one for each [`super::given::Given`].
    pub given: Vec<Option<f64>>,
}

impl Output {
    /// A text and nothing else.
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// The text of a file, without a byte order mark.
pub(super) fn read(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        Error::Encoding {
            path: path.to_owned(),
            line: bytes[..at].split(|&byte| byte == b'\n').count(),
            byte: bytes[at],
        }
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The lines of a file, cut at line feeds alone: U+2028, U+0085 and the like are text.
pub(super) fn read_lines(path: &Path) -> Result<Vec<String>, Error> {
    let text = read(path)?;
    if text.is_empty() {
        return Err(Error::Empty(path.to_owned()));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned())
        .collect())
}

/// A file or folder with the name that its system has in tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The file or folder.
    pub path: PathBuf,
}

impl std::str::FromStr for Named {
    type Err = std::convert::Infallible;

    /// Reads `NAME=PATH`, or `PATH` alone, named by its file name without the last extension.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('=') {
            Some((name, path)) if !name.is_empty() && !name.contains(['/', '\\']) => Self {
                name: name.to_owned(),
                path: path.into(),
            },
            _ => {
                let path = PathBuf::from(text);
                let name = path
                    .file_stem()
                    .map_or(text.into(), |s| s.to_string_lossy());
                Self {
                    name: name.into_owned(),
                    path: path.clone(),
                }
            }
        })
    }
}
