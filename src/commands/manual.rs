//! `kuaibao completions` and `kuaibao man`: the command line described for shells and for `man`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::roff::{Roff, roman};

use crate::error::Error;

/// Print what completes commands and flags in a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao completions bash > ~/.local/share/bash-completion/completions/kuaibao
  kuaibao completions zsh > ~/.zfunc/_kuaibao
  kuaibao completions fish > ~/.config/fish/completions/kuaibao.fish")]
pub struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

/// Print the manual page, or write those of all commands
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao man | man -l -                            read it
  kuaibao man brief | man -l -                      that of one command
  kuaibao man -o ~/.local/share/man/man1            kuaibao.1, kuaibao-brief.1, …")]
pub struct ManArgs {
    /// The page of this command
    #[arg(value_name = "COMMAND", conflicts_with = "output")]
    command: Option<String>,
    /// Folder that all pages are written to
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Prints a shell's completions.
pub fn completions(
    args: &CompletionsArgs,
    mut whole: Command,
    out: &mut impl Write,
) -> Result<(), Error> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut whole, "kuaibao", &mut text);
    out.write_all(&text).map_err(Error::Stdout)
}

/// Prints a page, or writes all.
pub fn man(args: &ManArgs, whole: Command, out: &mut impl Write) -> Result<(), Error> {
    let pages = pages(whole)?;
    if let Some(folder) = &args.output {
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
        return pages
            .iter()
            .try_for_each(|(name, page)| write(&folder.join(format!("{name}.1")), page));
    }
    let name = args
        .command
        .as_ref()
        .map_or_else(|| "kuaibao".to_owned(), |c| format!("kuaibao-{c}"));
    let page = pages.iter().find(|(page, _)| *page == name);
    let (_, page) = page.ok_or_else(|| Error::Usage(format!("no manual page {name}")))?;
    out.write_all(page).map_err(Error::Stdout)
}

fn write(path: &Path, page: &[u8]) -> Result<(), Error> {
    fs::write(path, page).map_err(Error::io(path))
}

/// Every command's page, the program's first.
fn pages(whole: Command) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut whole = whole.disable_help_subcommand(true);
    whole.build();
    let mut pages = Vec::new();
    add(&whole, "kuaibao", &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> Result<(), Error> {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    let titled = command.clone().name(name.to_owned()).override_usage(usage);
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(titled.after_help(None::<&str>)).render(&mut page);
    let more = command.get_after_help().map(ToString::to_string);
    rendered
        .and_then(|()| examples_and_notes(&more.unwrap_or_default()).to_writer(&mut page))
        .map_err(Error::Stdout)?;
    pages.push((name.to_owned(), page));
    let mut subcommands = command.get_subcommands();
    subcommands.try_for_each(|c| add(c, &format!("{name}-{}", c.get_name()), pages))
}

/// What stands below the flags in `--help`: examples line by line as they are, then text that flows.
fn examples_and_notes(help: &str) -> Roff {
    let mut page = Roff::new();
    let (examples, notes) = match help.strip_prefix("Examples:\n") {
        None => ("", help),
        Some(rest) => {
            let is_text = |(at, _): &(usize, _)| !rest[at + 2..].starts_with([' ', '\n']);
            let end = rest.match_indices("\n\n").find(is_text);
            end.map_or((rest, ""), |(at, _)| rest.split_at(at))
        }
    };
    if !examples.is_empty() {
        page.control("SH", ["EXAMPLES"]).control("nf", []);
        for line in examples.lines() {
            page.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        page.control("fi", []);
    }
    if !notes.trim().is_empty() {
        page.control("SH", ["NOTES"]);
        for paragraph in notes.trim().split("\n\n") {
            page.control("PP", []).text([roman(paragraph)]);
        }
    }
    page
}
