//! `kuaibao config`: what each flag is, and where that was set.

use std::io::Write;

use clap::{Arg, ArgAction, Command};

use crate::{config, config::Config, error::Error};

/// Show what each flag is set to, and where: flag, environment, kuaibao.toml, default
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao config brief                 the flags of one command
  kuaibao config > kuaibao.toml        a file to change

A flag wins over the environment, that over the file, that over the default.
KUAIBAO_BEAM, or beam in the file, is for every command with --beam;
KUAIBAO_BRIEF_BEAM, or beam in [brief], for brief alone. Files: $KUAIBAO_CONFIG,
else kuaibao.toml here, then in the user's folder (~/.config/kuaibao).")]
pub struct Args {
    /// Show this command alone
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints every flag of every command as TOML.
pub fn run(
    args: &Args,
    whole: &Command,
    config: &Config,
    out: &mut impl Write,
) -> Result<(), Error> {
    let mut print = |line: String| writeln!(out, "{line}").map_err(Error::Stdout);
    for file in config.files() {
        print(format!("# read: {}", file.display()))?;
    }
    let named = |c: &&Command| {
        args.command
            .as_deref()
            .is_none_or(|name| c.get_name() == name)
    };
    let commands: Vec<&Command> = whole.get_subcommands().filter(named).collect();
    if commands.is_empty() {
        let name = args.command.as_deref().unwrap_or_default();
        return Err(Error::Usage(format!("{name}: no such command")));
    }
    for command in commands {
        let path = &mut vec![command.get_name().to_owned()];
        section(command, path, config, &mut print)?;
    }
    Ok(())
}

fn section(
    command: &Command,
    path: &mut Vec<String>,
    config: &Config,
    print: &mut impl FnMut(String) -> Result<(), Error>,
) -> Result<(), Error> {
    let flags: Vec<&Arg> = command
        .get_arguments()
        .filter(|flag| config::is_settable(flag))
        .collect();
    if !flags.is_empty() {
        print(format!("\n[{}]", path.join(".")))?;
    }
    for flag in flags {
        let long = flag.get_long().unwrap_or_default();
        let (values, origin) = config.set(flag, path).map_or_else(
            || {
                let values = flag.get_default_values().iter();
                let values = values.map(|v| v.to_string_lossy().into_owned()).collect();
                (values, "default".to_owned())
            },
            |(values, origin)| (values, origin.to_string()),
        );
        print(match shown(flag, &values) {
            Some(value) => format!("{:<40} # {origin}", format!("{long} = {value}")),
            None => format!("{:<40} # not set", format!("# {long} =")),
        })?;
    }
    for subcommand in command.get_subcommands() {
        path.push(subcommand.get_name().to_owned());
        section(subcommand, path, config, print)?;
        path.pop();
    }
    Ok(())
}

/// The value as TOML, if there is one.
fn shown(flag: &Arg, values: &[String]) -> Option<String> {
    let one = |text: &String| match text.parse::<i64>() {
        Ok(number) => number.to_string(),
        // A string of JSON is one of TOML.
        Err(_) => serde_json::Value::from(text.as_str()).to_string(),
    };
    match flag.get_action() {
        ArgAction::SetTrue => Some(values.first().map_or("false", String::as_str).to_owned()),
        ArgAction::Count => Some(values.first().map_or("0", String::as_str).to_owned()),
        ArgAction::Append if values.is_empty() => None,
        ArgAction::Append => Some(format!(
            "[{}]",
            values.iter().map(one).collect::<Vec<_>>().join(", ")
        )),
        _ => values.first().map(one),
    }
}
