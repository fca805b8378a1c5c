//! The file of memory: one SQLite database, append-only.
//!
//! Comes in: corrections and terms, each with who made it, when and where. Goes out: those that hold,
//! and all that ever held. A row is never changed and never removed: the newest of a text holds, and an
//! empty English takes it back. What has returned from [`Store::correct`] is on the disk.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use super::{Memory, pattern::squeezed};

/// Why memory cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum MemoryError {
    #[error("cannot use the memory {}", path.display())]
    Database {
        path: PathBuf,
        source: rusqlite::Error,
    },
    #[error("{} is not a memory of kuaibao; name another file with --memory", path.display())]
    Foreign { path: PathBuf },
    #[error("there is no memory {}", path.display())]
    Missing { path: PathBuf },
    #[error("{}: {why}", path.display())]
    Exchange { path: PathBuf, why: String },
}

/// A correction: what an editor says the English of a text is.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Correction {
    /// Its number; larger is newer. 0 before it is kept.
    pub id: i64,
    /// The Chinese.
    pub zh: String,
    /// The English; empty where an earlier one is taken back.
    pub en: String,
    /// People in it, Chinese and English.
    pub names: Vec<(String, String)>,
    /// Who says so.
    pub who: String,
    /// When, RFC 3339.
    pub at: String,
    /// The page it was made on.
    pub source: Option<String>,
    /// The article of that page.
    pub article: Option<String>,
    /// The sentence of that article.
    pub segment: Option<String>,
    /// The model that had translated it.
    pub model: Option<String>,
    /// What that model had said.
    pub machine: Option<String>,
    /// A remark.
    pub note: Option<String>,
}

/// A term of the desk: what a word or a name is called, in every text.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Term {
    /// Its number; larger is newer.
    pub id: i64,
    /// The Chinese.
    pub zh: String,
    /// The English; accepted variants stand behind ` | `; empty where an earlier one is taken back.
    pub en: String,
    /// Who says so.
    pub who: String,
    /// When, RFC 3339.
    pub at: String,
    /// The page it was made on.
    pub source: Option<String>,
    /// A remark.
    pub note: Option<String>,
}

/// `kbm1`: tells a memory from other databases.
const APPLICATION_ID: i32 = 0x6b62_6d31;
/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(20);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS correction (
  id INTEGER PRIMARY KEY AUTOINCREMENT, zh TEXT NOT NULL, key TEXT NOT NULL, en TEXT NOT NULL,
  names TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, source TEXT, article TEXT, segment TEXT,
  model TEXT, machine TEXT, note TEXT);
CREATE INDEX IF NOT EXISTS correction_key ON correction (key, id);
CREATE TABLE IF NOT EXISTS term (
  id INTEGER PRIMARY KEY AUTOINCREMENT, zh TEXT NOT NULL, en TEXT NOT NULL, who TEXT NOT NULL,
  at TEXT NOT NULL, source TEXT, note TEXT);
CREATE TRIGGER IF NOT EXISTS correction_stays BEFORE UPDATE ON correction
  BEGIN SELECT RAISE(ABORT, 'a correction is superseded, never changed'); END;
CREATE TRIGGER IF NOT EXISTS correction_is_kept BEFORE DELETE ON correction
  BEGIN SELECT RAISE(ABORT, 'a correction is superseded, never removed'); END;
CREATE TRIGGER IF NOT EXISTS term_stays BEFORE UPDATE ON term
  BEGIN SELECT RAISE(ABORT, 'a term is superseded, never changed'); END;
CREATE TRIGGER IF NOT EXISTS term_is_kept BEFORE DELETE ON term
  BEGIN SELECT RAISE(ABORT, 'a term is superseded, never removed'); END;
";
const COLUMNS: &str = "id, zh, en, names, who, at, source, article, segment, model, machine, note";

/// The file, open.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Connection,
    /// What the database said of other writers.
    version: Cell<i64>,
}

impl Store {
    /// Opens a memory, which is made where there is none.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::with(path, flags)
    }

    /// Opens a memory that is there.
    pub fn existing(path: &Path) -> Result<Self, MemoryError> {
        if !path.exists() {
            return Err(MemoryError::Missing {
                path: path.to_owned(),
            });
        }
        Self::open(path)
    }

    fn with(path: &Path, flags: OpenFlags) -> Result<Self, MemoryError> {
        let failed = |source| MemoryError::Database {
            path: path.to_owned(),
            source,
        };
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        let application = |name| {
            let read = connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
            read.map_err(|error| match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::NotADatabase) => MemoryError::Foreign {
                    path: path.to_owned(),
                },
                _ => failed(error),
            })
        };
        let own = application("application_id")?;
        let is_new = own == 0 && application("schema_version")? == 0;
        if own != APPLICATION_ID && !is_new {
            return Err(MemoryError::Foreign {
                path: path.to_owned(),
            });
        }
        // Readers and one writer at a time go side by side; a commit is on the disk.
        let set = || -> rusqlite::Result<()> {
            connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
            connection.pragma_update(None, "synchronous", "full")?;
            if is_new {
                connection.execute_batch(&format!(
                    "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; COMMIT;"
                ))?;
            }
            Ok(())
        };
        set().map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            version: Cell::new(0),
        })
    }

    /// Whether another process has written since this was asked last.
    pub fn changed_by_others(&self) -> Result<bool, MemoryError> {
        let version = self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(self.failed())?;
        Ok(self.version.replace(version) != version)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> MemoryError + '_ {
        |source| MemoryError::Database {
            path: self.path.clone(),
            source,
        }
    }

    /// Keeps a correction, over any of the same Chinese; gives its number.
    pub fn correct(&self, correction: &Correction) -> Result<i64, MemoryError> {
        self.keep(std::slice::from_ref(correction), &[])
            .map(Option::unwrap_or_default)
    }

    /// Keeps a term, over any of the same Chinese.
    pub fn call(&self, term: &Term) -> Result<(), MemoryError> {
        self.keep(&[], std::slice::from_ref(term)).map(|_| ())
    }

    /// Keeps corrections and terms, all or none; gives the number of the last correction.
    pub fn keep(
        &self,
        corrections: &[Correction],
        terms: &[Term],
    ) -> Result<Option<i64>, MemoryError> {
        let write = || -> rusqlite::Result<Option<i64>> {
            let transaction = self.connection.unchecked_transaction()?;
            let mut last = None;
            for c in corrections {
                let names = serde_json::to_string(&c.names).unwrap_or_default();
                transaction
                    .prepare(
                        "INSERT INTO correction
                           (zh, key, en, names, who, at, source, article, segment, model, machine, note)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                    )?
                    .execute(params![
                        c.zh, squeezed(&c.zh), c.en, names, c.who, at(&c.at), c.source, c.article,
                        c.segment, c.model, c.machine, c.note
                    ])?;
                last = Some(transaction.last_insert_rowid());
            }
            for t in terms {
                transaction
                    .prepare(
                        "INSERT INTO term (zh, en, who, at, source, note)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![
                        t.zh.trim(),
                        t.en.trim(),
                        t.who,
                        at(&t.at),
                        t.source,
                        t.note
                    ])?;
            }
            transaction.commit()?;
            Ok(last)
        };
        write().map_err(self.failed())
    }

    /// The corrections that hold, in the order in which they were made.
    pub fn corrections(&self) -> Result<Vec<Correction>, MemoryError> {
        self.rows(
            &format!(
                "SELECT {COLUMNS} FROM correction AS c WHERE en <> ''
                   AND id = (SELECT max(id) FROM correction WHERE key = c.key) ORDER BY id"
            ),
            correction,
        )
    }

    /// The newest correction of a text, also one that takes an earlier one back.
    pub fn newest(&self, zh: &str) -> Result<Option<Correction>, MemoryError> {
        self.connection
            .query_row(
                &format!(
                    "SELECT {COLUMNS} FROM correction WHERE key = ?1 ORDER BY id DESC LIMIT 1"
                ),
                [squeezed(zh)],
                correction,
            )
            .optional()
            .map_err(self.failed())
    }

    /// Every correction there ever was.
    pub fn history(&self) -> Result<Vec<Correction>, MemoryError> {
        self.rows(
            &format!("SELECT {COLUMNS} FROM correction ORDER BY id"),
            correction,
        )
    }

    /// The terms that hold.
    pub fn terms(&self) -> Result<Vec<Term>, MemoryError> {
        self.rows(
            "SELECT id, zh, en, who, at, source, note FROM term AS t WHERE en <> ''
               AND id = (SELECT max(id) FROM term WHERE zh = t.zh) ORDER BY id",
            |row| {
                Ok(Term {
                    id: row.get(0)?,
                    zh: row.get(1)?,
                    en: row.get(2)?,
                    who: row.get(3)?,
                    at: row.get(4)?,
                    source: row.get(5)?,
                    note: row.get(6)?,
                })
            },
        )
    }

    fn rows<T>(
        &self,
        query: &str,
        read: impl FnMut(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, MemoryError> {
        let rows = || -> rusqlite::Result<Vec<T>> {
            let mut statement = self.connection.prepare(query)?;
            statement.query_map([], read)?.collect()
        };
        rows().map_err(self.failed())
    }

    /// What holds now, to be looked up in; later changes of the file do not touch it.
    pub fn snapshot(&self) -> Result<Memory, MemoryError> {
        Ok(Memory::new(self.corrections()?, self.terms()?))
    }
}

fn correction(row: &Row) -> rusqlite::Result<Correction> {
    let names: String = row.get(3)?;
    Ok(Correction {
        id: row.get(0)?,
        zh: row.get(1)?,
        en: row.get(2)?,
        names: serde_json::from_str(&names).unwrap_or_default(),
        who: row.get(4)?,
        at: row.get(5)?,
        source: row.get(6)?,
        article: row.get(7)?,
        segment: row.get(8)?,
        model: row.get(9)?,
        machine: row.get(10)?,
        note: row.get(11)?,
    })
}

/// A time as it is kept: the given one, or now.
fn at(given: &str) -> String {
    if given.is_empty() {
        let now = jiff::Timestamp::now().round(jiff::Unit::Second);
        return now.map_or_else(|_| String::new(), |now| now.to_string());
    }
    given.to_owned()
}
