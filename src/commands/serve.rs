//! `kuaibao serve`: the desk in a browser, and the translator to other programs.

use std::{
    fs,
    net::{IpAddr, SocketAddr, TcpListener},
    path::PathBuf,
};

use super::{
    args::{CompareArgs, GlossaryArgs, ModelArgs},
    brief,
    inputs::{ReadArgs, parse_date},
    memory::{MemoryArgs, user},
    summary_args::SummaryArgs,
};
use crate::{
    desk::{self, Guard, Setup},
    error::Error,
    interrupt,
    memory::{FILE, Store},
    pipeline::Settings,
};

/// Review and correct briefs in the browser, and translate for other programs
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao serve                                  the desk of outputs/ at http://127.0.0.1:5150/
  kuaibao serve outputs/ --watch-dir inbox/      brief what is laid in a folder
  kuaibao serve --host 0.0.0.0 --token SECRET    for others, who must say the token
  curl -d q=云州港昨日开港。 -d source=zh -d target=en http://127.0.0.1:5150/translate

Programs that know LibreTranslate can use it as one; /openapi.json describes the rest.")]
pub struct Args {
    /// Folder of the briefs
    #[arg(value_name = "DIR", default_value = "outputs")]
    output: PathBuf,
    /// Port to listen on; 0 takes one that is free
    #[arg(long, value_name = "N", default_value_t = 5150)]
    port: u16,
    /// Address to listen on; any but this machine's own needs --token
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// What everybody must say who asks
    #[arg(long, value_name = "SECRET")]
    token: Option<String>,
    /// Another name that this machine goes by; may be repeated
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// Brief pages that are laid in this folder
    #[arg(long, value_name = "DIR")]
    watch_dir: Option<PathBuf>,
    /// Names and words, one a line, in either language: articles with one of them come first in the index
    #[arg(long, value_name = "FILE")]
    watch_list: Option<PathBuf>,
    /// Requests that may wait; more are told to come again
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..))]
    queue: u16,
    /// Who corrects, where a browser does not say (default: the name that the system knows you by)
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// Date of pages that state none, for “today”, “last year”, “the 24th”
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    date: Option<String>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    glossary: GlossaryArgs,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    compare: CompareArgs,
    #[command(flatten)]
    summary: SummaryArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    if !args.host.is_loopback() && args.token.is_none() {
        let host = args.host;
        return Err(Error::Usage(format!(
            "--host {host} lets other machines ask: say a --token that they must know"
        )));
    }
    if args.token.as_ref().is_some_and(|token| {
        token.is_empty() || !token.is_ascii() || token.contains([';', ' ', ','])
    }) {
        return Err(Error::Usage(
            "--token must be letters, digits and marks without spaces, commas and semicolons"
                .to_owned(),
        ));
    }
    if let Some(watched) = args.watch_dir.as_ref().filter(|dir| !dir.is_dir()) {
        let watched = watched.display();
        return Err(Error::Usage(format!("--watch-dir {watched} is no folder")));
    }
    fs::create_dir_all(&args.output).map_err(Error::io(&args.output))?;
    let settings = Settings {
        date: args.date.clone(),
        summary: args.summary.wish(),
        glossary: args.glossary.load()?,
        ..Settings::default()
    };
    let watch_list = args.watch_list.as_deref().map(brief::watch_list);
    let watch_list = watch_list.transpose()?;
    let memory = args.memory.path(Some(&args.output));
    let store = Store::open(&memory.unwrap_or_else(|| args.output.join(FILE)))?;
    let mut address = SocketAddr::new(args.host, args.port);
    // Before models are loaded for nothing.
    let free = TcpListener::bind(address).and_then(|listener| listener.local_addr());
    address = free.map_err(Error::io(format!("http://{address}")))?;
    let mut engine = args.summary.engine(&args.model)?;
    args.compare.load(&mut engine, &args.model.compute)?;
    if !args.model.compute.quiet {
        eprintln!("{}", engine.memory());
    }
    let setup = Setup {
        engine,
        settings,
        store,
        output: args.output.clone(),
        watched: args.watch_dir.clone(),
        who: args.who.clone().unwrap_or_else(user),
        max_bytes: args.read.max_bytes,
        encoding: args.read.encoding.clone(),
        lossy: args.read.lossy,
        watch_list: watch_list.unwrap_or_default(),
        ocr: args.read.ocr.clone(),
        guard: Guard {
            address: args.host,
            token: args.token.clone(),
            names: args.name.iter().cloned().collect(),
        },
        waiting: args.queue.into(),
    };
    let ready = || eprintln!("kuaibao: the desk is open at http://{address}/");
    desk::serve(setup, address, interrupt::grace(), ready)
        .map_err(Error::io(format!("http://{address}")))
}
