//! The command line: which command is asked for.

use std::io;

use clap::{Parser, Subcommand};

use crate::{commands, error::Error, interrupt, verbose};

/// Chinese articles in, English briefs out: translation, summary, key figures, warnings.
#[derive(Debug, Parser)]
#[command(
    name = "kuaibao",
    version,
    after_help = "Examples:
  kuaibao brief inputs/ -o outputs/          brief every article of a folder
  kuaibao translate page.txt                 just the English
  kuaibao split page.txt                     see how a page is cut into articles
  kuaibao models list                        the models that can be used

Exit codes: 0 all done, 1 some inputs failed, 2 nothing could be done, 130 interrupted."
)]
pub struct Cli {
    /// Say on stderr what is being done and why; twice for more
    #[arg(long, short, action = clap::ArgAction::Count, global = true)]
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
    Bench(commands::bench::Args),
}

/// Parses the command line and runs the command.
pub fn run() -> Result<(), Error> {
    let Cli { verbose, command } = Cli::parse();
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
        Command::Models(args) => commands::models::run(&args, &mut io::stdout().lock()),
    }
}
