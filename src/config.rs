//! Flags that are set beside the command line: in the environment and in `kuaibao.toml`.
//!
//! Comes in: the command line's own description, the environment, the files. Goes out: the same
//! description, with what they set as the flags' defaults, so that a flag that is given wins as it does
//! over any default. Every flag of every command can be set, and none needs a word here.
//!
//! `beam` in the file, or `KUAIBAO_BEAM`, is for each command that has `--beam`; `beam` in the table
//! `[brief]`, or `KUAIBAO_BRIEF_BEAM`, is for `kuaibao brief` and goes before it. The environment goes
//! before the files, the working directory's before the user's.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
};

use clap::{
    Arg, ArgAction, Command,
    builder::{OsStr, ValueParser},
    error::ErrorKind,
};
use toml::{Table, Value};

use crate::error::Error;

/// The file's name.
const NAME: &str = "kuaibao.toml";

/// Where a flag's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A variable of the environment.
    Environment(String),
    /// A file.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What is set.
#[derive(Clone, Debug, Default)]
pub struct Config {
    files: Vec<(PathBuf, Table)>,
}

impl Config {
    /// Reads the file that `KUAIBAO_CONFIG` names, else those of the working directory and the user.
    pub fn read() -> Result<Self, Error> {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        let named = variable("KUAIBAO_CONFIG").map(PathBuf::from);
        let user = variable("XDG_CONFIG_HOME")
            .or_else(|| variable("APPDATA"))
            .map(PathBuf::from)
            .or_else(|| env::home_dir().map(|home| home.join(".config")));
        let paths = match &named {
            Some(path) => vec![path.clone()],
            None => [
                Some(NAME.into()),
                user.map(|u| u.join("kuaibao").join(NAME)),
            ]
            .into_iter()
            .flatten()
            .collect(),
        };
        let mut files = Vec::new();
        for path in paths {
            let text = match fs::read_to_string(&path) {
                Err(e) if e.kind() == io::ErrorKind::NotFound && named.is_none() => continue,
                text => text.map_err(Error::io(&path))?,
            };
            let table = text.parse().map_err(|e| wrong(&path.display(), &e))?;
            files.push((path, table));
        }
        Ok(Self { files })
    }

    /// The files that were read, the one that goes before the others first.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(path, _)| &**path)
    }

    /// The command line with what is set as its flags' defaults.
    pub fn apply(&self, command: Command) -> Result<Command, Error> {
        for (path, table) in &self.files {
            only_known_keys(&command, table).map_err(|why| wrong(&path.display(), &why))?;
        }
        let whole = command.clone();
        self.applied(command, &whole, &mut Vec::new())
    }

    fn applied(
        &self,
        mut command: Command,
        whole: &Command,
        path: &mut Vec<String>,
    ) -> Result<Command, Error> {
        let flags: Vec<Arg> = command.get_arguments().cloned().collect();
        for flag in flags {
            let Some((values, origin)) = self.set(&flag, path) else {
                continue;
            };
            for value in &values {
                valid(whole, path, &flag, value).map_err(|why| wrong(&origin, &why))?;
            }
            command = command.mut_arg(flag.get_id().clone(), |flag| {
                let values = values.into_iter().map(OsStr::from);
                flag.required(false).default_values(values)
            });
        }
        let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
        for subcommand in subcommands {
            let name = subcommand.get_name().to_owned();
            path.push(name.clone());
            let subcommand = self.applied(subcommand, whole, path)?;
            path.pop();
            command = command.mut_subcommand(name, |_| subcommand);
        }
        Ok(command)
    }

    /// The values that are set for a flag of the command at `path`, and where.
    pub fn set(&self, flag: &Arg, path: &[String]) -> Option<(Vec<String>, Origin)> {
        let long = flag.get_long().filter(|_| is_settable(flag))?;
        // What is for this command goes before what is for all.
        let own = (!path.is_empty()).then_some(path);
        let scopes = [own, Some(&[])].into_iter().flatten();
        let mut names = scopes.clone().map(|path| variable_name(path, long));
        let variable = names.find_map(|name| {
            let value = env::var(&name).ok().filter(|value| !value.is_empty())?;
            Some((of_variable(flag, value), Origin::Environment(name)))
        });
        variable.or_else(|| {
            let files = self.files.iter();
            let mut places = files.flat_map(|file| scopes.clone().map(move |path| (file, path)));
            places.find_map(|((file, table), path)| {
                let mut tables = path.iter();
                let table = tables.try_fold(table, |table, name| table.get(name)?.as_table())?;
                let value = table.get(long).filter(|value| !value.is_table())?;
                Some((of_file(flag, value, file), Origin::File(file.clone())))
            })
        })
    }
}

/// Whether it is a flag that does something, unlike `--help`.
pub fn is_settable(flag: &Arg) -> bool {
    let action = flag.get_action();
    let acts = matches!(
        action,
        ArgAction::Set | ArgAction::Append | ArgAction::SetTrue | ArgAction::Count
    );
    flag.get_long().is_some() && acts
}

/// `KUAIBAO_BRIEF_MAX_BYTES`.
fn variable_name(path: &[String], long: &str) -> String {
    let parts = path.iter().map(String::as_str).chain([long]);
    parts.fold("KUAIBAO".to_owned(), |name, part| {
        format!("{name}_{}", part.replace('-', "_").to_uppercase())
    })
}

/// A variable is one value, but for flags that may be repeated: paths, separated as in `PATH`.
fn of_variable(flag: &Arg, value: String) -> Vec<String> {
    match flag.get_action() {
        ArgAction::Append => {
            let paths = env::split_paths(&value);
            paths
                .map(|path| path.to_string_lossy().into_owned())
                .collect()
        }
        ArgAction::SetTrue => match &*value.to_ascii_lowercase() {
            "1" | "yes" | "on" => vec!["true".to_owned()],
            "0" | "no" | "off" => vec!["false".to_owned()],
            _ => vec![value],
        },
        _ => vec![value],
    }
}

/// A file's value or values; its paths are relative to the file.
fn of_file(flag: &Arg, value: &Value, file: &Path) -> Vec<String> {
    let is_path = flag.get_value_parser().type_id() == ValueParser::path_buf().type_id();
    let text = |value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Boolean(switch) => switch.to_string(),
            Value::Datetime(date) => date.to_string(),
            // No flag takes one; the command line says so.
            Value::Array(_) | Value::Table(_) => "a list".to_owned(),
        };
        let folder = file.parent().filter(|_| is_path);
        folder.map_or(text.clone(), |folder| {
            folder.join(text).to_string_lossy().into_owned()
        })
    };
    match value {
        Value::Array(values) if matches!(flag.get_action(), ArgAction::Append) => {
            values.iter().map(text).collect()
        }
        value => vec![text(value)],
    }
}

/// Whether the command at `path` would take the value, asked of the command line itself.
fn valid(whole: &Command, path: &[String], flag: &Arg, value: &str) -> Result<(), String> {
    let long = flag.get_long().unwrap_or_default();
    let takes_none = match flag.get_action() {
        ArgAction::SetTrue => Some(value.parse::<bool>().is_ok()),
        ArgAction::Count => Some(value.parse::<u8>().is_ok()),
        _ => None,
    };
    if let Some(good) = takes_none {
        let why =
            || format!("{long} = {value}: expected true or false (or of --verbose how often)");
        return good.then_some(()).ok_or_else(why);
    }
    let start = [whole.get_name().to_owned()].into_iter();
    let line = start
        .chain(path.iter().cloned())
        .chain([format!("--{long}={value}")]);
    match whole.clone().try_get_matches_from(line) {
        Err(e)
            if matches!(
                e.kind(),
                ErrorKind::InvalidValue | ErrorKind::ValueValidation
            ) =>
        {
            let message = e.render().to_string();
            let message = message.lines().next().unwrap_or_default();
            Err(message.trim_start_matches("error: ").to_owned())
        }
        // That other arguments are missing says nothing of this one.
        _ => Ok(()),
    }
}

/// A key that sets nothing is a mistake that nobody would find.
fn only_known_keys(command: &Command, table: &Table) -> Result<(), String> {
    for (key, value) in table {
        let subcommand = command.get_subcommands().find(|c| c.get_name() == key);
        match (value, subcommand) {
            (Value::Table(table), Some(subcommand)) => only_known_keys(subcommand, table)?,
            (Value::Table(_), None) => return Err(format!("[{key}]: no such command")),
            _ if has_flag(command, key) => {}
            _ => return Err(format!("{key}: no such flag; `kuaibao config` lists them")),
        }
    }
    Ok(())
}

fn has_flag(command: &Command, long: &str) -> bool {
    let own = |flag: &Arg| flag.get_long() == Some(long) && is_settable(flag);
    command.get_arguments().any(own) || command.get_subcommands().any(|c| has_flag(c, long))
}

fn wrong(place: &dyn fmt::Display, why: &dyn fmt::Display) -> Error {
    Error::Usage(format!("{place}: {why}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn config(text: &str) -> Config {
        let file = PathBuf::from("/house/kuaibao.toml");
        Config {
            files: vec![(file, text.parse().unwrap())],
        }
    }

    /// What `--beam` (or another flag) of `brief` is when `args` are given.
    fn flag(config: &Config, args: &[&str], id: &str) -> Option<String> {
        let line = ["kuaibao", "brief", "a.txt"].iter().chain(args);
        let matches = config.apply(Cli::command()).unwrap().get_matches_from(line);
        let brief = matches.subcommand_matches("brief").unwrap();
        let raw = brief.get_raw(id)?;
        Some(
            raw.map(|v| v.to_string_lossy())
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    #[test]
    fn a_flag_goes_before_a_command_before_all_commands() {
        let none = Config::default();
        assert_eq!(flag(&none, &[], "beam"), None);
        let all = config("beam = 3");
        assert_eq!(flag(&all, &[], "beam").unwrap(), "3");
        let own = config("beam = 3\n[brief]\nbeam = 2\n[translate]\nbeam = 9");
        assert_eq!(flag(&own, &[], "beam").unwrap(), "2");
        assert_eq!(flag(&own, &["--beam", "5"], "beam").unwrap(), "5");
    }

    #[test]
    fn switches_lists_and_paths() {
        let config = config(
            "quiet = true\nglossary = [\"a.tsv\", \"/b.toml\"]\n[brief]\ntranslator = \"opus-mt-zh-en\"",
        );
        assert_eq!(flag(&config, &[], "quiet").unwrap(), "true");
        assert_eq!(
            flag(&config, &[], "glossary").unwrap(),
            "/house/a.tsv /b.toml"
        );
        assert_eq!(flag(&config, &[], "translator").unwrap(), "opus-mt-zh-en");
    }

    #[test]
    fn what_cannot_be_meant_is_named_with_its_file() {
        for (text, named) in [
            ("beem = 1", "beem"),
            ("[breif]\nbeam = 1", "[breif]"),
            ("[split]\nbeam = 1", "beam"),
            ("beam = 99", "99"),
            ("quiet = 7", "quiet"),
            ("[brief]\nlength = \"huge\"", "huge"),
            ("[brief]\ndate = 2026-13-01", "date"),
        ] {
            let error = match text.parse() {
                Ok(table) => Config {
                    files: vec![("kuaibao.toml".into(), table)],
                }
                .apply(Cli::command())
                .unwrap_err()
                .to_string(),
                Err(_) => continue,
            };
            assert!(
                error.starts_with("kuaibao.toml: ") && error.contains(named),
                "{text}: {error}"
            );
        }
    }
}
