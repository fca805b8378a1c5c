//! `kuaibao models`: what there is, fetching, checking, deleting, carrying.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use indicatif::HumanBytes;
use serde_json::json;

use crate::error::Error;
use kuaibao_engine::hub::{self, HubError, HubOptions, Manifest, State, Verdict};

/// List, fetch, check, delete and carry models
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Examples:
  kuaibao models list                            names, sizes, licences, what is here
  kuaibao models pull opus-mt-zh-en              fetch one; again, to bring it up to date
  kuaibao models export opus-mt-zh-en opus.tar   one file, for a machine without a network
  kuaibao models import opus.tar                 there

Models lie in the cache of the Hugging Face hub: $HF_HUB_CACHE, else $HF_HOME/hub, else
~/.cache/huggingface/hub. HF_HUB_OFFLINE=1 forbids fetching, HF_ENDPOINT names a mirror,
HF_TOKEN is for models that want one.")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: ModelsCommand,
}

/// What `kuaibao models` can do.
#[derive(Clone, Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models: what is here, its size, its licence
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Fetch models, or bring them up to date and repair them
    Pull {
        /// A model's name, or `org/name[@revision]`
        #[arg(required = true)]
        models: Vec<String>,
        /// How often to try again after a fault that may pass
        #[arg(long, value_name = "N", default_value_t = 5)]
        retries: u32,
    },
    /// Read models again and compare them with their hashes; without a name, all that are here
    Verify {
        /// A model's name, or `org/name[@revision]`
        models: Vec<String>,
    },
    /// Print the folder of a model
    Path {
        /// A model's name, `org/name[@revision]` or a folder
        model: String,
    },
    /// Delete a model from the cache
    Remove {
        /// A model's name, or `org/name`
        model: String,
    },
    /// Write a model to one file, to carry it to a machine without a network
    Export {
        /// A model's name, or `org/name[@revision]`
        model: String,
        /// The file to write
        file: PathBuf,
    },
    /// Read a model from a file that `export` wrote
    Import {
        /// The file
        file: PathBuf,
    },
}

/// Runs the command; its output goes to `out`, progress to stderr.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), Error> {
    Ok(obey(args, &HubOptions::from_env()?, out)?)
}

/// Fetches a model, with its licence and its folder said.
pub(super) fn fetch(model: &str, options: &HubOptions, out: &mut impl Write) -> Result<(), Error> {
    Ok(pull(model, options, out)?)
}

fn obey(args: &Args, options: &HubOptions, out: &mut impl Write) -> Result<(), HubError> {
    match &args.command {
        ModelsCommand::List { json } => list(*json, options, out),
        ModelsCommand::Pull { models, retries } => {
            let options = HubOptions {
                retries: *retries,
                purpose: hub::Purpose::Any,
                ..options.clone()
            };
            models
                .iter()
                .try_for_each(|model| pull(model, &options, out))
        }
        ModelsCommand::Verify { models } => verify(models, options, out),
        ModelsCommand::Path { model } => {
            let location = hub::locate(model, options)?;
            print(out, format_args!("{}", location.dir.display()))
        }
        ModelsCommand::Remove { model } => {
            let freed = hub::remove(model, options)?;
            print(
                out,
                format_args!("{model}: removed, {} freed", HumanBytes(freed)),
            )
        }
        ModelsCommand::Export { model, file } => {
            hub::export(model, file, options)?;
            let import = format_args!("`kuaibao models import {}`", file.display());
            print(
                out,
                format_args!(
                    "{}: take it to the other machine and run {import}",
                    file.display()
                ),
            )
        }
        ModelsCommand::Import { file } => {
            let location = hub::import(file, options)?;
            print(
                out,
                format_args!("{}: {}", location.name, location.dir.display()),
            )
        }
    }
}

fn list(as_json: bool, options: &HubOptions, out: &mut impl Write) -> Result<(), HubError> {
    let holdings = hub::holdings(options);
    if as_json {
        for holding in &holdings {
            let manifest = holding.manifest;
            let line = json!({
                "name": holding.name,
                "state": state(holding.state),
                "size": holding.size,
                "repo": manifest.and_then(|m| m.repo.as_ref()),
                "revision": manifest.and_then(|m| m.revision.as_ref()),
                "tasks": manifest.map(|m| m.tasks.iter().map(|task| task.as_str()).collect::<Vec<_>>()),
                "languages": manifest.map(|m| &m.languages),
                "licence": manifest.map(|m| &m.licence),
                "commercial": manifest.and_then(|m| m.commercial),
                "good_at": manifest.map(|m| &m.good_at),
            });
            print(out, format_args!("{line}"))?;
        }
        return Ok(());
    }
    let mut rows =
        vec![["MODEL", "STATE", "SIZE", "LICENCE", "TASKS", "GOOD AT"].map(str::to_owned)];
    for holding in &holdings {
        let manifest = holding.manifest;
        let tasks = |m: &Manifest| {
            m.tasks
                .iter()
                .map(|task| task.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        rows.push([
            holding.name.clone(),
            state(holding.state).to_owned(),
            holding
                .size
                .map_or_else(String::new, |size| HumanBytes(size).to_string()),
            manifest.map_or_else(|| "see its page".to_owned(), licence),
            manifest.map(tasks).unwrap_or_default(),
            manifest.map_or_else(String::new, |m| m.good_at.clone()),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..5).filter_map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        print(out, format_args!("{}  {}", cells.join("  "), row[5]))?;
    }
    print(
        out,
        format_args!(
            "\nAny other sequence-to-sequence model of the hub is named org/name[@revision]."
        ),
    )
}

fn pull(model: &str, options: &HubOptions, out: &mut impl Write) -> Result<(), HubError> {
    if let Ok(hub::ModelRef::Manifest(manifest)) = hub::ModelRef::parse(model) {
        let note = manifest.licence_note.as_deref();
        let note = note.map(|note| format!("; {note}")).unwrap_or_default();
        print(
            out,
            format_args!("{model}: licence {}{note}", licence(manifest)),
        )?;
    } else {
        let page = format!(
            "{}/{}",
            options.endpoint,
            model.split('@').next().unwrap_or(model)
        );
        if !Path::new(model).is_dir() {
            print(out, format_args!("{model}: for its licence see {page}"))?;
        }
    }
    let location = hub::pull(model, options)?;
    print(out, format_args!("{model}: {}", location.dir.display()))
}

fn verify(models: &[String], options: &HubOptions, out: &mut impl Write) -> Result<(), HubError> {
    let here = || {
        let holdings = hub::holdings(options).into_iter();
        let here =
            holdings.filter(|holding| matches!(holding.state, State::Bundled | State::Cached));
        here.map(|holding| holding.name).collect()
    };
    let models: Vec<String> = if models.is_empty() {
        here()
    } else {
        models.to_vec()
    };
    let mut damage = None;
    for model in models {
        let (location, verdicts) = hub::verify(&model, options)?;
        let of = |wanted: Verdict| {
            let files = verdicts
                .iter()
                .filter(move |(_, verdict)| *verdict == wanted);
            files.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        for (name, verdict) in &verdicts {
            let verdict = match verdict {
                Verdict::Good => "good",
                Verdict::Damaged => "DAMAGED",
                Verdict::Unknown => "nothing to compare it with",
            };
            print(out, format_args!("{model}/{name}: {verdict}"))?;
        }
        if let Some(revision) = &location.revision {
            print(
                out,
                format_args!("{model}: {} files at {revision}", verdicts.len()),
            )?;
        }
        let damaged = of(Verdict::Damaged);
        if !damaged.is_empty() && damage.is_none() {
            damage = Some(HubError::Damaged {
                files: damaged.join(", "),
                bad: damaged.len(),
                checked: verdicts.len(),
                model,
            });
        }
    }
    damage.map_or(Ok(()), Err)
}

const fn state(state: State) -> &'static str {
    match state {
        State::Bundled => "bundled",
        State::Cached => "here",
        State::Partial => "in part",
        State::Absent => "-",
    }
}

/// The licence with what matters most to a newsroom.
fn licence(manifest: &Manifest) -> String {
    match manifest.commercial {
        Some(true) => format!("{} (commercial use allowed)", manifest.licence),
        Some(false) => format!("{} (NON-COMMERCIAL)", manifest.licence),
        None => manifest.licence.clone(),
    }
}

fn print(out: &mut impl Write, line: std::fmt::Arguments<'_>) -> Result<(), HubError> {
    match writeln!(out, "{line}") {
        // The reader of a pipe has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(source) => Err(HubError::Io {
            action: "write",
            path: PathBuf::from("stdout"),
            source,
        }),
        Ok(()) => Ok(()),
    }
}
