//! `kuaibao memory`: what editors have corrected.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
};

use super::inputs::MAX_BYTES;
use crate::{
    corpus,
    error::Error,
    memory::{self, Correction, FILE, MemoryError, Store, Term, tmx},
    report::write_whole,
};
use kuaibao_text::glossary::Glossary;

/// Show, add, export and import corrections that every later run uses
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao memory list
  kuaibao memory add 出口额同比增长5.2%。 'Exports rose 5.2 percent from a year earlier.'
  kuaibao memory add - < pairs.tsv               Chinese, a tab, English; a line each
  kuaibao memory term 云湖港 'Port of Yunhu'
  kuaibao memory export desk.tmx
  kuaibao memory import desk.tmx --memory outputs/memory.sqlite")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
    /// The file that holds them
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        default_value = "outputs/memory.sqlite"
    )]
    memory: PathBuf,
    /// Who says so (default: the name that the system knows you by)
    #[arg(long, value_name = "NAME", global = true)]
    who: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print the corrections and terms that hold
    List {
        /// A JSON object a line
        #[arg(long)]
        json: bool,
        /// Those that others have taken the place of too
        #[arg(long)]
        all: bool,
    },
    /// Say what the English of a sentence is; `-` reads Chinese, a tab, English from standard input
    Add {
        /// The Chinese, or -
        #[arg(value_name = "ZH")]
        zh: String,
        /// The English; left out, an earlier correction is taken back
        #[arg(value_name = "EN")]
        en: Option<String>,
    },
    /// Say what a word or a name is called in every text
    Term {
        /// The Chinese
        #[arg(value_name = "ZH")]
        zh: String,
        /// The English, accepted variants behind ` | `; left out, an earlier one is taken back
        #[arg(value_name = "EN")]
        en: Option<String>,
    },
    /// Write all that holds as TMX 1.4b
    Export {
        /// The file; - is standard output
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Take in a TMX file
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// The flag of every command that uses a memory.
#[derive(Clone, Debug, clap::Args)]
pub struct MemoryArgs {
    /// Corrections to use, a file of `kuaibao memory` (default: memory.sqlite in the output folder, where it is)
    #[arg(long, value_name = "FILE")]
    pub memory: Option<PathBuf>,
}

impl MemoryArgs {
    /// Where the memory is, for outputs in a folder.
    pub fn path(&self, output: Option<&Path>) -> Option<PathBuf> {
        let beside = output.map(|output| output.join(FILE));
        self.memory.clone().or(beside)
    }

    /// What the memory holds now; one that is named must be there.
    pub fn load(&self, output: Option<&Path>) -> Result<Option<memory::Memory>, MemoryError> {
        let Some(path) = self.path(output) else {
            return Ok(None);
        };
        if self.memory.is_none() && !path.exists() {
            return Ok(None);
        }
        Store::existing(&path)?.snapshot().map(Some)
    }
}

/// Who is at the keyboard.
pub fn user() -> String {
    let name = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    name.unwrap_or_else(|| "editor".to_owned())
}

/// Runs the command.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), Error> {
    let path = &args.memory;
    let who = args.who.clone().unwrap_or_else(user);
    let open = || {
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
        }
        Ok::<_, Error>(Store::open(path)?)
    };
    match &args.command {
        Command::List { json, all } => list(&Store::existing(path)?, *json, *all, out),
        Command::Add { zh, .. } if zh == "-" => add_lines(&open()?, &who, out),
        Command::Add { zh, en } => {
            let id = open()?.correct(&correction(zh, en.as_deref().unwrap_or_default(), &who))?;
            writeln!(out, "{id}").map_err(Error::Stdout)
        }
        Command::Term { zh, en } => {
            let term = Term {
                zh: zh.clone(),
                en: en.clone().unwrap_or_default(),
                who,
                ..Term::default()
            };
            let store = open()?;
            let memory = store.snapshot()?;
            let mut before = Glossary::official();
            memory.teach(&mut before);
            let renamed = match term.en.is_empty() {
                true => Vec::new(),
                false => memory.renamed(&term, &before),
            };
            store.keep(&renamed, &[term])?;
            match renamed.len() {
                0 => Ok(()),
                n => writeln!(out, "{n} corrections call it so now").map_err(Error::Stdout),
            }
        }
        Command::Export { file } => {
            let store = Store::existing(path)?;
            let bytes = tmx::write(&store.corrections()?, &store.terms()?);
            let bytes = bytes.map_err(Error::io(file))?;
            if corpus::is_stdin(file) {
                return out.write_all(&bytes).map_err(Error::Stdout);
            }
            Ok(write_whole(file, &bytes)?)
        }
        Command::Import { file } => {
            let mut held = tmx::read(&corpus::read(file, MAX_BYTES)?, file)?;
            let glossary = Glossary::official();
            for c in held.corrections.iter_mut().filter(|c| c.names.is_empty()) {
                c.names = memory::names_in(&c.zh, &glossary);
            }
            let unsigned = held.corrections.iter_mut().map(|c| &mut c.who);
            let unsigned = unsigned.chain(held.terms.iter_mut().map(|t| &mut t.who));
            unsigned
                .filter(|own| own.is_empty())
                .for_each(|own| who.clone_into(own));
            open()?.keep(&held.corrections, &held.terms)?;
            let (corrections, terms) = (held.corrections.len(), held.terms.len());
            let passed = held.passed_over;
            let said = writeln!(
                out,
                "{corrections} corrections and {terms} terms taken in, {passed} units without Chinese or English passed over"
            );
            said.map_err(Error::Stdout)
        }
    }
}

/// A correction that was typed.
fn correction(zh: &str, en: &str, who: &str) -> Correction {
    Correction {
        zh: zh.trim().to_owned(),
        en: en.trim().to_owned(),
        names: memory::names_in(zh, &Glossary::official()),
        who: who.to_owned(),
        ..Correction::default()
    }
}

/// Keeps a correction a line, and prints the number of each as soon as it is safe.
fn add_lines(store: &Store, who: &str, out: &mut impl Write) -> Result<(), Error> {
    for (i, line) in io::stdin().lock().lines().enumerate() {
        let line = line.map_err(Error::io("standard input"))?;
        if line.trim().is_empty() {
            continue;
        }
        let Some((zh, en)) = line.split_once('\t') else {
            let i = i + 1;
            return Err(Error::Usage(format!(
                "line {i} has no tab between Chinese and English"
            )));
        };
        let id = store.correct(&correction(zh, en, who))?;
        writeln!(out, "{id}")
            .and_then(|()| out.flush())
            .map_err(Error::Stdout)?;
    }
    Ok(())
}

fn list(store: &Store, json: bool, all: bool, out: &mut impl Write) -> Result<(), Error> {
    let corrections = if all {
        store.history()?
    } else {
        store.corrections()?
    };
    let mut print = |line: String| writeln!(out, "{line}").map_err(Error::Stdout);
    for c in &corrections {
        print(match json {
            true => serde_json::to_string(c).unwrap_or_default(),
            false => format!("{}\t{}\t{}\t{}\t{}", c.id, c.at, c.who, c.zh, c.en),
        })?;
    }
    for t in store.terms()? {
        print(match json {
            true => serde_json::json!({"term": t}).to_string(),
            false => format!("term\t{}\t{}\t{}\t{}", t.at, t.who, t.zh, t.en),
        })?;
    }
    Ok(())
}
