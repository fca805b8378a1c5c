//! Shards: shares of a run that are done side by side on one output folder, and their merger.
//!
//! A page is in one shard by the hash of its folder's name, whatever other pages there are. A shard's
//! record is `.kuaibao.2-of-8.json` in the output folder; it writes no index.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{ReportError, Run, json, run::Outcome, whole::write_whole};
use kuaibao_engine::hub::sha256;

/// Which share of the pages, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// From 1.
    number: u32,
    of: u32,
}

/// Most shards of a run: as many as an array of jobs may have on a large cluster.
const MOST: u32 = 100_000;

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| {
            let shard = Self {
                number: number.parse().ok()?,
                of: of.parse().ok()?,
            };
            (1..=shard.of).contains(&shard.number).then_some(shard)
        });
        match parts {
            Some(shard) if shard.of <= MOST => Ok(shard),
            _ => Err(format!(
                "expected I/N, such as 2/8: the second of eight, {MOST} at most"
            )),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Whether the page whose folder has this name ([`page_path`](super::page_path)) is in it.
    pub fn takes(self, page_path: &str) -> bool {
        let hash = sha256(page_path.as_bytes());
        let first = hash
            .iter()
            .take(8)
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        first % u64::from(self.of) == u64::from(self.number - 1)
    }

    /// The name of one of its own files in the output folder; no page of a folder is hidden.
    pub(super) fn file(self, extension: &str) -> String {
        format!(".kuaibao.{}-of-{}.{extension}", self.number, self.of)
    }

    /// The shard that a file in the output folder belongs to.
    fn of_file(name: &str, extension: &str) -> Option<Self> {
        let name = name.strip_prefix(".kuaibao.")?.strip_suffix(extension)?;
        name.strip_suffix('.')?.replace("-of-", "/").parse().ok()
    }

    /// Another shard of a run that is shared out otherwise, whose lock lies in the folder.
    pub(super) fn shared_out_otherwise(self, dir: &Path) -> Vec<PathBuf> {
        let others = files(dir, "lock").into_iter();
        others
            .filter(|(other, _)| other.of != self.of)
            .map(|(_, path)| path)
            .collect()
    }
}

/// The files of shards in an output folder.
fn files(dir: &Path, extension: &str) -> Vec<(Shard, PathBuf)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let shards = entries.filter_map(|entry| {
        let shard = Shard::of_file(entry.file_name().to_str()?, extension)?;
        Some((shard, entry.path()))
    });
    shards.collect()
}

/// Writes the record of a shard.
pub fn write_shard(dir: &Path, shard: Shard, run: &Run) -> Result<(), ReportError> {
    let name = shard.file("json");
    let record = json::indented(run, &name)?;
    write_whole(&dir.join(name), record.as_bytes())
}

/// The records of shards in an output folder that can be read.
pub(super) fn records(dir: &Path) -> Vec<(Shard, Run)> {
    let read = |(shard, path): (Shard, PathBuf)| {
        let run = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        Some((shard, run))
    };
    let mut records: Vec<_> = files(dir, "json").into_iter().filter_map(read).collect();
    records.sort_by_key(|(shard, _)| *shard);
    records
}

/// Why shards do not make a whole.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum MergeError {
    #[error("{}: no shard has left a record here; `kuaibao brief --shard I/N -o` does", .0.display())]
    None(PathBuf),
    #[error("shard {missing} has no record: run it{}, then merge again", and_more(*.more))]
    Missing { missing: Shard, more: usize },
    #[error(
        "shards {one} and {other} were run with other settings: run them again with the same ones"
    )]
    Settings { one: Shard, other: Shard },
}

fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    }
}

/// The record of the whole, from those of the shards that were run last.
///
/// Its entries are in the order of the pages' names, as in a run over one folder.
pub fn merge(dir: &Path) -> Result<Run, MergeError> {
    let records = records(dir);
    // What an earlier run left that was shared out otherwise does not count.
    let last = records
        .iter()
        .max_by(|(_, a), (_, b)| a.timing.started.cmp(&b.timing.started));
    let of = last.ok_or_else(|| MergeError::None(dir.to_owned()))?.0.of;
    let records: Vec<(Shard, Run)> = records
        .into_iter()
        .filter(|(shard, _)| shard.of == of)
        .collect();
    let there: BTreeSet<u32> = records.iter().map(|(shard, _)| shard.number).collect();
    let mut missing = (1..=of).filter(|number| !there.contains(number));
    if let Some(number) = missing.next() {
        return Err(MergeError::Missing {
            missing: Shard { number, of },
            more: missing.count(),
        });
    }
    let mut records = records.into_iter();
    let (one, mut whole) = records
        .next()
        .ok_or_else(|| MergeError::None(dir.to_owned()))?;
    for (other, run) in records {
        if run.settings != whole.settings {
            return Err(MergeError::Settings { one, other });
        }
        whole.timing.started = whole.timing.started.min(run.timing.started.clone());
        whole.timing.seconds = whole.timing.seconds.max(run.timing.seconds);
        whole.timing.made_from.extend(run.timing.made_from.clone());
        // Every shard met all that is not read.
        whole.left_out.retain(|left| !run.left_out.contains(left));
        whole.left_out.extend(run.left_out.clone());
        whole.append(run);
    }
    whole
        .entries
        .sort_by(|a, b| Path::new(&a.source).cmp(Path::new(&b.source)));
    Ok(whole)
}

/// How many entries are done, failed, and were not come to.
pub fn outcomes(run: &Run) -> (usize, usize, usize) {
    let count = |is: fn(&Outcome) -> bool| run.entries.iter().filter(|e| is(&e.outcome)).count();
    (
        count(|outcome| matches!(outcome, Outcome::Done { .. })),
        count(|outcome| matches!(outcome, Outcome::Failed { .. })),
        count(|outcome| matches!(outcome, Outcome::Pending)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_written_as_a_share() {
        assert_eq!("2/8".parse(), Ok(Shard { number: 2, of: 8 }));
        for wrong in ["", "2", "0/8", "9/8", "1/0", "-1/8", "1/8/9", "1/100001"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        let shard: Shard = "12/100".parse().unwrap();
        assert_eq!(Shard::of_file(&shard.file("json"), "json"), Some(shard));
        assert_eq!(Shard::of_file(".kuaibao.lock", "lock"), None);
    }

    #[test]
    fn every_page_is_in_one_shard_and_stays_there() {
        let shards: Vec<Shard> = (1..=8).map(|number| Shard { number, of: 8 }).collect();
        let mut sizes = [0; 8];
        for page in 0..8000 {
            let page = format!("日报/{page}.txt");
            let takes: Vec<usize> = (0..8).filter(|i| shards[*i].takes(&page)).collect();
            assert_eq!(takes.len(), 1);
            sizes[takes[0]] += 1;
        }
        assert!(
            sizes.iter().all(|size| (850..1150).contains(size)),
            "{sizes:?}"
        );
        // A name's shard is part of the contract: a run may go on with another version.
        let of: Vec<bool> = shards.iter().map(|shard| shard.takes("a/1.txt")).collect();
        assert_eq!(of.iter().position(|takes| *takes), Some(4));
    }
}
