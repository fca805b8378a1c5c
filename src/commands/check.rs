//! `kuaibao check`: the figures and the meaning of a translation against its source, line by line.

use std::{
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use serde::Serialize;
use serde_json::Value;

use super::{
    args::{ComputeArgs, GlossaryArgs},
    inputs::ReadArgs,
    turned::{self, To, TurnedRecord},
};
use crate::{error::Error, summary::record::OpinionRecord};
use kuaibao_engine::generate;
use kuaibao_text::{
    checks::{Doubt, FigureCheck, Habit, check_figures, check_into_chinese, check_meaning, times},
    figures::{self, Clock},
    glossary::Glossary,
};

/// Check the figures and the facts of an English translation against its Chinese, line by line
///
/// Numbers, money, quantities, dates and ordinals are compared by value: 90亿 is 9 billion, 9bn and
/// 9,000 million, and not 90 billion. Places, persons, negations, directions, roles, bodies, names in
/// Latin letters and what is left out are told as doubts. Any engine's output can be checked.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao check --source page.zh --target page.en
  kuaibao check --source page.zh --target page.en --json | grep '\"ok\":false'
  kuaibao check --to zh --source statement.en --target statement.zh

Exit codes: 0 whatever it finds, 2 where the files cannot be compared.")]
pub struct Args {
    /// Language of the translation: en, or zh for an English source with its Chinese
    #[arg(long, value_enum, default_value_t)]
    to: To,
    /// The text that was translated, one segment a line
    #[arg(long, value_name = "FILE")]
    source: PathBuf,
    /// Its translation, line for line
    #[arg(long, value_name = "FILE")]
    target: PathBuf,
    /// Print a JSON object for each line
    #[arg(long)]
    json: bool,
    /// Date of the text
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_clock)]
    date: Option<Clock>,
    #[command(flatten)]
    read: ReadArgs,
    /// How things are called, with --to zh: the Chinese of the house.
    #[command(flatten)]
    glossary: GlossaryArgs,
    /// Who is asked for a second opinion.
    #[command(flatten)]
    compute: ComputeArgs,
}

fn parse_clock(text: &str) -> Result<Clock, String> {
    Clock::parse(text).ok_or_else(|| "expected a date like 2026-07-14".to_owned())
}

/// One line pair (`kuaibao.check/1`).
#[derive(Debug, Serialize)]
pub(crate) struct LineRecord<'a> {
    schema: &'static str,
    line: usize,
    ok: bool,
    missing: Vec<MissingRecord<'a>>,
    wrong: Vec<WrongRecord<'a>>,
    extra: Vec<ExtraRecord<'a>>,
    doubts: &'a [Doubt],
    #[serde(skip_serializing_if = "Option::is_none")]
    judge: Option<OpinionRecord>,
}

#[derive(Debug, Serialize)]
struct MissingRecord<'a> {
    zh: &'a str,
    value: Value,
    expected: &'a str,
}

#[derive(Debug, Serialize)]
struct WrongRecord<'a> {
    zh: &'a str,
    value: Value,
    en: &'a str,
    en_value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<f64>,
    differs: &'static str,
    expected: &'a str,
}

#[derive(Debug, Serialize)]
struct ExtraRecord<'a> {
    en: &'a str,
    en_value: Value,
    alarm: bool,
}

impl<'a> LineRecord<'a> {
    pub(crate) fn new(
        line: usize,
        zh: &'a str,
        en: &'a str,
        check: &'a FigureCheck,
        doubts: &'a [Doubt],
        judge: Option<OpinionRecord>,
    ) -> Self {
        Self {
            judge,
            schema: "kuaibao.check/1",
            line,
            ok: check.ok() && doubts.is_empty(),
            doubts,
            missing: check
                .missing
                .iter()
                .map(|m| MissingRecord {
                    zh: &zh[m.zh.clone()],
                    value: m.value.json(),
                    expected: &m.expected,
                })
                .collect(),
            wrong: check
                .wrong
                .iter()
                .map(|w| WrongRecord {
                    zh: &zh[w.zh.clone()],
                    value: w.value.json(),
                    en: &en[w.en.clone()],
                    en_value: figures::Value::Number(w.en_value).json(),
                    scale: w.scale,
                    differs: w.differs.name(),
                    expected: &w.expected,
                })
                .collect(),
            extra: check
                .extra
                .iter()
                .map(|x| ExtraRecord {
                    en: &en[x.en.clone()],
                    en_value: figures::Value::Number(x.value).json(),
                    alarm: x.alarm,
                })
                .collect(),
        }
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let source = args.read.text(&args.source)?;
    let target = args.read.text(&args.target)?;
    let (zh, en): (Vec<&str>, Vec<&str>) = (source.lines().collect(), target.lines().collect());
    if zh.len() != en.len() {
        return Err(Error::Usage(format!(
            "{} has {} lines and {} has {}: they must be translations of each other, line for line",
            args.source.display(),
            zh.len(),
            args.target.display(),
            en.len()
        )));
    }
    let clock = args.date.unwrap_or_else(Clock::unknown);
    if args.to == To::Zh {
        return into_chinese(args, &zh, &en, &clock);
    }
    if !args.glossary.glossary.is_empty() {
        return Err(Error::Usage(
            "--glossary belongs to --to zh here; `kuaibao translate --glossary` holds English to it"
                .to_owned(),
        ));
    }
    let judges = args.compute.judges()?;
    let pairs: Vec<(&str, &str)> = zh.iter().copied().zip(en.iter().copied()).collect();
    let opinions = judges
        .opinions(&pairs)
        .map_err(generate::GenerateError::from)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut summary = Summary::default();
    let habit = Habit::of(pairs.iter().copied());
    for (i, ((zh, en), opinion)) in pairs.into_iter().zip(opinions).enumerate() {
        let check = check_figures(zh, en, &clock);
        let mut doubts = check_meaning(zh, en, "", habit);
        doubts.extend(opinion.doubt(zh, en));
        if args.json {
            let record = LineRecord::new(i + 1, zh, en, &check, &doubts, opinion.record());
            let json = serde_json::to_string(&record).map_err(|e| Error::Stdout(e.into()))?;
            writeln!(out, "{json}").map_err(Error::Stdout)?;
            continue;
        }
        summary.count(&check, &doubts);
        if !check.ok() || !doubts.is_empty() {
            write!(
                out,
                "{}",
                Doubtful {
                    line: i + 1,
                    zh,
                    en,
                    check: &check,
                    doubts: &doubts
                }
            )
            .map_err(Error::Stdout)?;
        }
    }
    if !args.json {
        writeln!(out, "{summary}").map_err(Error::Stdout)?;
    }
    out.flush().map_err(Error::Stdout)
}

/// The check the other way: `source` is English, `target` its Chinese.
fn into_chinese(args: &Args, source: &[&str], target: &[&str], clock: &Clock) -> Result<(), Error> {
    let glossary = match args.glossary.glossary.is_empty() {
        true => Glossary::new(),
        false => args.glossary.load()?,
    };
    let judges = args.compute.judges()?;
    let pairs: Vec<(&str, &str)> = source.iter().copied().zip(target.iter().copied()).collect();
    let opinions = judges
        .opinions(&pairs)
        .map_err(generate::GenerateError::from)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut with_figures, mut doubtful) = (0, 0);
    for (i, ((en, zh), opinion)) in pairs.into_iter().zip(&opinions).enumerate() {
        let check = check_into_chinese(en, zh, clock, &glossary);
        with_figures += usize::from(check.figures > 0);
        let ok = turned::is_ok(&check, opinion);
        doubtful += usize::from(!ok);
        let line = i + 1;
        if args.json {
            let record = TurnedRecord::new(line, en, zh, &check, opinion);
            let json = serde_json::to_string(&record).map_err(|e| Error::Stdout(e.into()))?;
            writeln!(out, "{json}").map_err(Error::Stdout)?;
        } else if !ok {
            let check = &check;
            let doubtful = turned::Doubtful {
                line,
                en,
                zh,
                check,
                opinion,
            };
            write!(out, "{doubtful}").map_err(Error::Stdout)?;
        }
    }
    if !args.json {
        let lines = source.len();
        writeln!(
            out,
            "{lines} lines, {with_figures} with figures, {doubtful} doubtful"
        )
        .map_err(Error::Stdout)?;
    }
    out.flush().map_err(Error::Stdout)
}

/// A doubtful line as an editor reads it.
struct Doubtful<'a> {
    line: usize,
    zh: &'a str,
    en: &'a str,
    check: &'a FigureCheck,
    doubts: &'a [Doubt],
}

impl std::fmt::Display for Doubtful<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "line {}\n  {}\n  {}", self.line, self.zh, self.en)?;
        for m in &self.check.missing {
            writeln!(f, "  missing  {} ({})", &self.zh[m.zh.clone()], m.expected)?;
        }
        for w in &self.check.wrong {
            let (zh, en) = (&self.zh[w.zh.clone()], &self.en[w.en.clone()]);
            write!(f, "  wrong    {zh} ({}) is “{en}”", w.expected)?;
            if let Some(scale) = w.scale {
                write!(
                    f,
                    ", {} too {}",
                    times(scale),
                    if scale > 1.0 { "large" } else { "small" }
                )?;
            } else if !w.differs.explanation().is_empty() {
                write!(f, ", {}", w.differs.explanation())?;
            }
            writeln!(f)?;
        }
        for x in &self.check.extra {
            writeln!(
                f,
                "  extra    “{}” is not in the Chinese",
                &self.en[x.en.clone()]
            )?;
        }
        for doubt in self.doubts {
            writeln!(f, "  {:<8} {}", doubt.kind.name(), doubt.message())?;
        }
        writeln!(f)
    }
}

#[derive(Default)]
struct Summary {
    lines: usize,
    with_figures: usize,
    doubtful: usize,
    missing: usize,
    wrong: usize,
    doubts: usize,
}

impl Summary {
    fn count(&mut self, check: &FigureCheck, doubts: &[Doubt]) {
        self.lines += 1;
        self.with_figures += usize::from(check.figures > 0);
        self.doubtful += usize::from(!check.ok() || !doubts.is_empty());
        self.doubts += doubts.len();
        self.missing += check.missing.len();
        self.wrong += check.wrong.len();
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} lines, {} with figures, {} doubtful: {} wrong, {} missing, {} doubts of meaning",
            self.lines, self.with_figures, self.doubtful, self.wrong, self.missing, self.doubts
        )
    }
}
