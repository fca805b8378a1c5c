//! Scores that another program gave each segment: a neural metric, or people.
//!
//! In: a tab-separated file whose first line names the systems; each further line holds their scores
//! for one segment. Out: a metric like any other, the mean over segments, in the same tables and
//! tests. An empty cell is a segment that was not judged.

use std::path::Path;

use super::Error;
use super::corpus::{Corpus, Kind, Named, read_lines};
use super::metric::{Metric, Needs, Segment, Signature};

/// Mean of scores from elsewhere.
#[derive(Clone, Debug)]
pub struct Given {
    name: String,
    /// Which of a segment's given scores.
    index: usize,
}

impl Given {
    /// Reads the file, and gives each system of the corpus its scores.
    pub fn read(file: &Named, corpus: &mut Corpus) -> Result<Self, Error> {
        let lines = read_lines(&file.path)?;
        let (header, rows) = lines
            .split_first()
            .ok_or_else(|| Error::Empty(file.path.clone()))?;
        if rows.len() != corpus.items.len() {
            return Err(Error::Usage(format!(
                "{} has scores of {} segments below its line of names, but there are {} segments",
                file.path.display(),
                rows.len(),
                corpus.items.len()
            )));
        }
        let index = corpus
            .systems
            .iter()
            .filter_map(|system| system.outputs.first())
            .map(|output| output.given.len())
            .max()
            .unwrap_or(0);
        let columns: Vec<&str> = header.split('\t').map(str::trim).collect();
        for system in corpus.systems.iter_mut().filter(|s| s.kind == Kind::System) {
            let column = columns.iter().position(|name| *name == system.name);
            let column = column.ok_or_else(|| {
                Error::Usage(format!(
                    "{} has no column `{}`: its first line names {}",
                    file.path.display(),
                    system.name,
                    columns.join(", ")
                ))
            })?;
            for (line, (row, output)) in rows.iter().zip(&mut system.outputs).enumerate() {
                let score = cell(&file.path, line + 2, row, column)?;
                output.given.push(score);
            }
        }
        Ok(Self {
            name: file.name.clone(),
            index,
        })
    }
}

impl Given {
    /// A metric of scores that were computed here, a list for each system that is judged, in their order.
    pub fn of(name: &str, corpus: &mut Corpus, scores: Vec<Vec<Option<f64>>>) -> Self {
        let first = corpus.systems.iter().filter_map(|s| s.outputs.first());
        let index = first.map(|output| output.given.len()).max().unwrap_or(0);
        let judged = corpus.systems.iter_mut().filter(|s| s.kind == Kind::System);
        for (system, scores) in judged.zip(scores) {
            for (output, score) in system.outputs.iter_mut().zip(scores) {
                output.given.push(score);
            }
        }
        Self {
            name: name.to_owned(),
            index,
        }
    }
}

fn cell(path: &Path, line: usize, row: &str, column: usize) -> Result<Option<f64>, Error> {
    let cell = row.split('\t').nth(column).unwrap_or_default().trim();
    if cell.is_empty() {
        return Ok(None);
    }
    match cell.parse::<f64>() {
        Ok(score) if score.is_finite() => Ok(Some(score)),
        _ => Err(Error::Record {
            path: path.to_owned(),
            line,
            message: format!("`{cell}` is not a number"),
        }),
    }
}

impl Metric for Given {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn signature(&self) -> Signature {
        Signature::new()
            .with("given", &self.name)
            .with("average", "segments")
    }

    fn needs(&self) -> Needs {
        Needs::Given
    }

    fn width(&self) -> usize {
        2
    }

    fn statistics(&self, segment: &Segment) -> Vec<f64> {
        match segment.given.get(self.index) {
            Some(&Some(score)) => vec![score, 1.0],
            _ => vec![0.0, 0.0],
        }
    }

    fn score(&self, total: &[f64]) -> Option<f64> {
        (total[1] > 0.0).then(|| total[0] / total[1])
    }
}
