//! The command line: which command is asked for.

use std::io;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{commands, config::Config, error::Error, interrupt, verbose};

/// Chinese articles in, English briefs out: translation, summary, key figures, warnings.
#[derive(Debug, Parser)]
#[command(
    name = "kuaibao",
    version,
    after_help = "Examples:
  kuaibao brief inputs/ -o outputs/          brief every article of a folder
  kuaibao translate page.txt                 just the English
  kuaibao split page.txt                     see how a page is cut into articles
  kuaibao setup                              fetch a real model and try it

Exit codes: 0 all done, 1 some inputs failed, 2 nothing could be done, 130 interrupted."
)]
pub struct Cli {
    /// Say on stderr what is being done and why; twice for more
    #[arg(long, short, action = clap::ArgAction::Count, global = true, display_order = 901)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Brief(commands::brief::Args),
    Translate(commands::translate::Args),
    Split(commands::split::Args),
    Figures(commands::figures::Args),
    Check(commands::check::Args),
    Eval(commands::eval::Args),
    Models(commands::models::Args),
    Setup(commands::setup::Args),
    Bench(commands::bench::Args),
    Merge(commands::merge::Args),
    Memory(commands::memory::Args),
    Serve(commands::serve::Args),
    Config(commands::config::Args),
    Completions(commands::manual::CompletionsArgs),
    Man(commands::manual::ManArgs),
}

/// Parses the command line, on what the environment and the files set, and runs the command.
pub fn run() -> Result<(), Error> {
    let config = Config::read()?;
    let matches = config.apply(Cli::command())?.get_matches();
    let parsed = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let Cli { verbose, command } = parsed;
    verbose::start(verbose);
    interrupt::listen();
    match command {
        Command::Brief(args) => commands::brief::run(&args),
        Command::Translate(args) => commands::translate::run(&args),
        Command::Figures(args) => commands::figures::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Split(args) => commands::split::run(&args),
        Command::Eval(args) => commands::eval::run(&args, &mut io::stdout().lock()),
        Command::Bench(args) => commands::bench::run(&args),
        Command::Setup(args) => commands::setup::run(&args, &mut io::stdout().lock()),
        Command::Merge(args) => commands::merge::run(&args),
        Command::Serve(args) => commands::serve::run(&args),
        Command::Memory(args) => commands::memory::run(&args, &mut io::stdout().lock()),
        Command::Config(args) => {
            commands::config::run(&args, &Cli::command(), &config, &mut io::stdout().lock())
        }
        Command::Completions(args) => {
            commands::manual::completions(&args, Cli::command(), &mut io::stdout().lock())
        }
        Command::Man(args) => {
            commands::manual::man(&args, Cli::command(), &mut io::stdout().lock())
        }
        Command::Models(args) => commands::models::run(&args, &mut io::stdout().lock()),
    }
}
