//! `kuaibao brief --jsonl`: a brief a line, for other programs.
//!
//! In: an object a line, `{"id", "text", "title"?, "date"?, "paper"?, "url"?, "encoding"?, "glossary"?}`,
//! each one article, whatever its text looks like. `glossary` holds terms as `{"zh": "en"}`; `url` and
//! `encoding`, where the text came from, are handed back. Out: its brief with the same `id`, `url` and
//! `encoding`, character by character, and what was `dropped`; of a bad line its `id` and an `error`.
//! Offsets count in `text`; where that is not the whole of it (forms of characters were mapped, or a
//! title lies behind it), the brief has the whole as `source_text`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, Write},
    sync::{Mutex, mpsc},
    thread,
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::inputs::{InOrder, caught, parse_date};
use crate::{
    brief::{
        one::Given,
        record::{Brief, Signature},
    },
    engine::Engine,
    error::{Error, with_causes},
    pipeline::{self, Settings},
};
use kuaibao_engine::hub::sha256_hex;
use kuaibao_text::glossary::Entry;

/// A line's answer: a brief, or its id with what went wrong.
type Answer = Result<String, (Box<RawValue>, String)>;

/// The fields of a line, as they are written.
type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// What a brief is printed as.
#[derive(Serialize)]
struct Output<'a> {
    id: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'a RawValue>,
    /// What offsets count in, where that is not the text that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_text: Option<&'a str>,
    #[serde(flatten)]
    brief: &'a Brief,
}

/// What a failure is printed as.
#[derive(Serialize)]
struct Failure<'a> {
    id: &'a RawValue,
    error: &'a str,
}

/// Lines that wait to be read.
const QUEUE: usize = 64;

/// A brief a line: in input order, each as soon as it and all before it are done; `unordered`, each as
/// soon as it is done.
pub(super) fn run(
    engine: &Engine,
    settings: &Settings,
    max_bytes: u64,
    unordered: bool,
) -> Result<(), Error> {
    let unknown = Mutex::new(BTreeSet::new());
    let lines_of = Lines {
        engine,
        settings,
        signature: pipeline::signature(engine, settings, ""),
        max_bytes,
        unknown,
    };
    let (lines, queue) = mpsc::sync_channel::<(usize, io::Result<Vec<u8>>)>(QUEUE);
    let queue = Mutex::new(queue);
    let (done, results) = mpsc::channel::<(usize, Option<Answer>)>();
    thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        for i in 0.. {
            let line = line(&mut stdin, max_bytes);
            let end = !matches!(&line, Ok(Some(_)));
            let unheard = line
                .transpose()
                .is_some_and(|line| lines.send((i, line)).is_err());
            if end || unheard {
                break;
            }
        }
    });
    thread::scope(|scope| {
        for _ in 0..engine.threads() {
            let (queue, done, lines_of) = (&queue, done.clone(), &lines_of);
            scope.spawn(move || {
                loop {
                    let next = match queue.lock() {
                        Ok(queue) => queue.recv(),
                        Err(_) => return,
                    };
                    let Ok((i, line)) = next else { return };
                    let answer = lines_of.answer(line);
                    if done.send((i, answer)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let (mut lines, mut failed) = (0, 0);
        let mut print = |(i, answer): (usize, Option<Answer>)| {
            lines += 1;
            let line = match answer {
                None => return Ok(()),
                Some(Ok(line)) => line,
                Some(Err((id, error))) => {
                    failed += 1;
                    eprintln!("kuaibao: line {}: {error}", i + 1);
                    let (id, error) = (&*id, error.as_str());
                    serde_json::to_string(&Failure { id, error }).unwrap_or_default()
                }
            };
            let mut out = io::stdout().lock();
            writeln!(out, "{line}")
                .and_then(|()| out.flush())
                .map_err(Error::Stdout)
        };
        let mut waiting = InOrder::default();
        let printed = results.into_iter().try_for_each(|(i, answer)| {
            if unordered {
                print((i, answer))
            } else {
                waiting.push(i, (i, answer), &mut print)
            }
        });
        match (printed, failed) {
            (Err(error), _) => Err(error),
            (Ok(()), 0) => Ok(()),
            (Ok(()), failed) => Err(Error::SomeFailed {
                failed,
                total: lines,
            }),
        }
    })
}

/// The next line, or as much of it as is more than `max_bytes`; the rest of that is passed over.
fn line(from: &mut impl BufRead, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let limit = max_bytes.saturating_add(1);
    io::Read::take(&mut *from, limit).read_until(b'\n', &mut line)?;
    if line.len() as u64 > max_bytes && !line.ends_with(b"\n") {
        from.skip_until(b'\n')?;
    }
    Ok((!line.is_empty()).then_some(line))
}

/// What makes briefs of lines.
struct Lines<'a> {
    engine: &'a Engine,
    settings: &'a Settings,
    /// Of any line without terms of its own, without its text.
    signature: Signature,
    max_bytes: u64,
    /// Names of fields that nobody knows, each said once.
    unknown: Mutex<BTreeSet<String>>,
}

impl Lines<'_> {
    /// The brief of one line; `None` for an empty one, an id and a message for a bad one.
    fn answer(&self, line: io::Result<Vec<u8>>) -> Option<Answer> {
        let nameless = |error: String| Some(Err((RawValue::NULL.to_owned(), error)));
        let line = match line {
            Ok(line) if line.trim_ascii().is_empty() => return None,
            Ok(line) => line,
            Err(e) => return nameless(e.to_string()),
        };
        if line.len() as u64 > self.max_bytes {
            let most = self.max_bytes;
            return nameless(format!(
                "larger than {most} bytes (raise --max-bytes to take it)"
            ));
        }
        let fields: Fields = match serde_json::from_slice(&line) {
            Ok(fields) => fields,
            Err(e) => return nameless(format!("not an object with `id` and `text`: {e}")),
        };
        let Some(&id) = fields.get("id") else {
            return nameless("has no `id`".to_owned());
        };
        Some(caught(|| self.brief(id, &fields)).map_err(|error| (id.to_owned(), error)))
    }

    fn brief(&self, id: &RawValue, fields: &Fields) -> Result<String, String> {
        const KNOWN: [&str; 8] = [
            "id", "text", "title", "date", "paper", "url", "encoding", "glossary",
        ];
        for name in fields.keys().filter(|name| !KNOWN.contains(&name.as_ref())) {
            if let Ok(mut unknown) = self.unknown.lock()
                && unknown.insert(name.to_string())
            {
                eprintln!(
                    "kuaibao: the field `{}` is not known and passed over",
                    name.escape_debug()
                );
            }
        }
        let text: String = field(fields, "text")?.ok_or("has no `text`")?;
        let title: Option<String> = field(fields, "title")?;
        let paper: Option<String> = field(fields, "paper")?;
        let date: Option<String> = field(fields, "date")?;
        let date = date.map(|date| parse_date(&date)).transpose();
        let date = date.map_err(|e| format!("`date`: {e}"))?;
        let terms: Option<BTreeMap<String, String>> = field(fields, "glossary")?;
        let mut settings = Cow::Borrowed(self.settings);
        for (zh, en) in terms.iter().flatten() {
            settings.to_mut().call(Entry::new(zh, en));
        }
        // A string by its characters, anything else as it is written.
        let name = serde_json::from_str(id.get()).unwrap_or_else(|_| id.get().to_owned());
        let given = Given {
            id: &name,
            text: &text,
            title: title.as_deref(),
            date: date.as_deref(),
            paper: paper.as_deref(),
        };
        pipeline::fits(&text).map_err(|e| e.to_string())?;
        let (source, page) = given.page();
        pipeline::is_chinese(&source).map_err(|e| e.to_string())?;
        let sha256 = sha256_hex(source.as_bytes());
        let run = match &settings {
            Cow::Borrowed(_) => Cow::Borrowed(&self.signature),
            Cow::Owned(settings) => Cow::Owned(pipeline::signature(self.engine, settings, "")),
        };
        let signature = pipeline::page_signature(&run, &settings, &page, &name, &sha256);
        let briefs = pipeline::brief(self.engine, &page, &name, &settings, &signature, &|_| ());
        let briefs = briefs.map_err(|e| with_causes(&e))?;
        let output = Output {
            id,
            url: fields.get("url").copied(),
            encoding: fields.get("encoding").copied(),
            source_text: (source != text).then_some(&source),
            brief: &briefs[0],
        };
        serde_json::to_string(&output).map_err(|e| e.to_string())
    }
}

/// A field's value; null is none.
fn field<T: DeserializeOwned>(fields: &Fields, name: &str) -> Result<Option<T>, String> {
    let value = fields.get(name).map(|raw| serde_json::from_str(raw.get()));
    let value = value.transpose().map_err(|e| format!("`{name}`: {e}"))?;
    Ok(value.flatten())
}
