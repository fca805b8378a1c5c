//! The program as somebody installs it: one file, any folder, no network; its settings, its manual.

mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use support::feed;

/// The binary alone in a folder of its own, run from the root folder in an empty environment.
struct Installed {
    folder: tempfile::TempDir,
}

impl Installed {
    fn new() -> Self {
        // A link, since a copy is open for writing while another test may fork: "text file busy".
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let program = folder.path().join("bin/kuaibao");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::hard_link(env!("CARGO_BIN_EXE_kuaibao"), program).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.path("bin/kuaibao"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.folder.path().join("home"))
            .env("HF_HUB_OFFLINE", "1")
            .current_dir("/")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const LINE: &str = "周文远说，今年全县新修公路300公里，总投资2.4亿元。\n";

#[cfg(all(unix, feature = "bundled-model"))]
#[test]
fn one_file_is_an_installation() {
    let here = Installed::new();
    here.write("in/page.txt", LINE);
    let input = here.path("in");
    let (out, args) = (here.path("out"), ["brief", "--beam", "1", "-q"]);
    let brief = |out: &str| here.run(&[&args[..], &["-o", out, &input]].concat());
    let output = brief(&out);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let first = fs::read(Path::new(&out).join("page.txt/1.json")).unwrap();

    // A file cut short or changed is unpacked again.
    let unpacked = fs::read_dir(here.path("home/.cache/kuaibao")).unwrap();
    let unpacked = unpacked.map(|entry| entry.unwrap().path()).next().unwrap();
    let weights = unpacked.join("model.safetensors");
    let size = weights.metadata().unwrap().len();
    for length in [100, size] {
        fs::File::create(&weights).unwrap().set_len(length).unwrap();
        let again = here.path("again");
        let output = brief(&again);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(
            fs::read(Path::new(&again).join("page.txt/1.json")).unwrap(),
            first
        );
        fs::remove_dir_all(again).unwrap();
    }
    let list = text(&here.run(&["models", "list"]).stdout);
    let line = list
        .lines()
        .find(|line| line.starts_with("kuaibao-tiny-zh-en"));
    assert!(line.unwrap().contains("bundled"), "{list}");
}

#[test]
fn flag_environment_file_default() {
    let here = Installed::new();
    let config = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let all = text(&output.stdout);
        let line = all
            .lines()
            .find(|line| line.starts_with("beam =") || line.starts_with("# beam ="));
        line.unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let show = ["config", "brief"];
    assert_eq!(config(&mut here.command(&show)), "# beam = # not set");

    let user = here.write("home/.config/kuaibao/kuaibao.toml", "beam = 2\n");
    assert_eq!(
        config(&mut here.command(&show)),
        format!("beam = 2 # {user}")
    );
    here.write("work/kuaibao.toml", "[brief]\nbeam = 3\n");
    let in_work = |args: &[&str]| {
        let mut command = here.command(args);
        command.current_dir(here.path("work"));
        command
    };
    assert_eq!(config(&mut in_work(&show)), "beam = 3 # kuaibao.toml");
    let named = here.write("named.toml", "beam = 4\n");
    let shown = config(in_work(&show).env("KUAIBAO_CONFIG", &named));
    assert_eq!(shown, format!("beam = 4 # {named}"));
    let shown = config(in_work(&show).env("KUAIBAO_BEAM", "5"));
    assert_eq!(shown, "beam = 5 # environment KUAIBAO_BEAM");
    let shown = config(
        in_work(&show)
            .env("KUAIBAO_BEAM", "5")
            .env("KUAIBAO_BRIEF_BEAM", "6"),
    );
    assert_eq!(shown, "beam = 6 # environment KUAIBAO_BRIEF_BEAM");

    // What a run does is what is shown; a flag goes before everything.
    let beams = |command: &mut Command| {
        let output = feed(command, "{\"id\":1,\"text\":\"路通了。\"}\n".as_bytes());
        let brief: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        brief["signature"]["beam"].as_u64().unwrap()
    };
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
    let brief = ["brief", "--jsonl", "-q", "--models-dir", models];
    assert_eq!(beams(&mut in_work(&brief)), 3);
    assert_eq!(beams(in_work(&brief).env("KUAIBAO_BEAM", "2")), 2);
    assert_eq!(
        beams(
            in_work(&brief)
                .env("KUAIBAO_BEAM", "2")
                .args(["--beam", "1"])
        ),
        1
    );

    // `kuaibao config` prints a file that can be read again.
    let all = here.run(&["config"]);
    let whole = here.write("whole.toml", &text(&all.stdout));
    let mut again = here.command(&["config"]);
    let again = again.env("KUAIBAO_CONFIG", whole).output().unwrap();
    assert!(again.status.success(), "{}", text(&again.stderr));

    let wrong = here.write("wrong.toml", "[brief]\nbeams = 4\n");
    let output = here
        .command(&["--help"])
        .env("KUAIBAO_CONFIG", wrong)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("wrong.toml: beams: no such flag"),
        "{}",
        text(&output.stderr)
    );
}

/// The commands of `kuaibao COMMAND --help`, `help` left out.
fn commands(help: &str) -> Vec<&str> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let list = list.split("\n\n").next().unwrap_or_default();
    let names = list
        .lines()
        .filter(|line| !line.starts_with("   ")) // a description that goes on
        .filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").collect()
}

/// Every command and those below it, as one types them.
fn all_commands(here: &Installed) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut at = 0;
    while at < all.len() {
        let path: Vec<String> = all[at].clone();
        let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = text(&here.run(&args).stdout);
        all.extend(commands(&help).iter().map(|name| {
            let below = path.iter().map(String::as_str).chain([*name]);
            below.map(str::to_owned).collect()
        }));
        at += 1;
    }
    all
}

#[test]
fn help_reads_in_the_order_of_the_work() {
    let here = Installed::new();
    let all = all_commands(&here);
    assert!(all.len() > 15, "{all:?}");
    for path in &all {
        let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = |columns: &str| {
            let output = here
                .command(&args)
                .env("COLUMNS", columns)
                .output()
                .unwrap();
            assert!(output.status.success(), "{args:?}");
            text(&output.stdout)
        };
        let (narrow, wide) = (help("100"), help("1000"));
        assert!(!narrow.contains("The arguments of"), "{narrow}");
        // Headings stand in the order of the work: what is read, then how, models last.
        let order = [
            "Arguments:",
            "Options:",
            "Input:",
            "Reading:",
            "Summary:",
            "Metrics:",
            "Certainty:",
            "Output:",
            "Model:",
        ];
        let headings: Vec<usize> = narrow
            .lines()
            .filter(|line| {
                line.ends_with(':') && !line.starts_with(' ') && !line.starts_with("Examples")
            })
            .filter(|line| *line != "Commands:")
            .map(|line| {
                order
                    .iter()
                    .position(|known| *known == line)
                    .unwrap_or_else(|| panic!("{line}"))
            })
            .collect();
        assert!(headings.is_sorted(), "{args:?}: {narrow}");
        let section = |flag: &str| {
            let at = narrow
                .find(&format!(" {flag} "))
                .or_else(|| narrow.find(&format!(" {flag}\n")));
            let before = at.map(|at| &narrow[..at])?;
            before
                .lines()
                .rev()
                .find(|line| order.contains(line))
                .map(str::to_owned)
        };
        for (flag, of) in [
            ("--device", "Model:"),
            ("--translator", "Model:"),
            ("--workers", "Model:"),
            ("--encoding", "Reading:"),
            ("--quiet", "Options:"),
            ("--verbose...", "Options:"),
        ] {
            assert!(
                section(flag).is_none_or(|found| found == of),
                "{args:?} {flag}: {narrow}"
            );
        }
        // What every command has comes last among its own flags.
        let options = narrow
            .split("Options:\n")
            .nth(1)
            .unwrap()
            .split("\n\n")
            .next()
            .unwrap();
        if let Some(own) = options.rfind("      --") {
            assert!(
                options.find("-v, ").is_none_or(|at| own < at),
                "{args:?}: {narrow}"
            );
        }
        // Examples and notes fit a terminal: nothing of them is wrapped.
        let below = |help: &str| {
            help.split_once("Examples:")
                .map(|(_, below)| below.to_owned())
        };
        assert_eq!(below(&narrow), below(&wide), "{args:?}");
    }
}

/// The output of a program that is there, and nothing where it is not.
fn checked_by(program: &str, args: &[&str], input: &str) -> Option<Output> {
    if Command::new(program).arg("--version").output().is_err() {
        eprintln!("skipped: {program} is absent");
        return None;
    }
    Some(feed(Command::new(program).args(args), input.as_bytes()))
}

#[test]
fn every_command_has_help_a_manual_page_and_completions() {
    let here = Installed::new();
    let all = all_commands(&here);
    let pages = here.path("man");
    assert!(here.run(&["man", "-o", &pages]).status.success());
    assert_eq!(fs::read_dir(&pages).unwrap().count(), all.len());
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = here.run(&["completions", shell]);
        let script = text(&output.stdout);
        for command in all.iter().filter_map(|path| path.last()) {
            assert!(script.contains(command), "{shell}: {command}");
        }
        if ["bash", "zsh", "fish"].contains(&shell)
            && let Some(read) = checked_by(shell, &["-n"], &script)
        {
            assert!(read.status.success(), "{shell}: {}", text(&read.stderr));
        }
    }
    let completed = "source /dev/stdin <<< \"$SCRIPT\"; COMP_WORDS=(kuaibao brief --dr); COMP_CWORD=2; \
                     _kuaibao kuaibao --dr brief; echo \"${COMPREPLY[@]}\"";
    let script = text(&here.run(&["completions", "bash"]).stdout);
    match Command::new("bash")
        .args(["-c", completed])
        .env("SCRIPT", script)
        .output()
    {
        Ok(output) => assert_eq!(
            text(&output.stdout).trim(),
            "--dry-run",
            "{}",
            text(&output.stderr)
        ),
        Err(_) => eprintln!("skipped: bash is absent"),
    }
    for path in &all {
        let name = [&["kuaibao".to_owned()][..], path].concat().join("-");
        let page = fs::read_to_string(Path::new(&pages).join(format!("{name}.1"))).unwrap();
        let printed = match path.is_empty() {
            true => here.run(&["man"]),
            false => here.run(&["man", &path.join("-")]),
        };
        assert_eq!(text(&printed.stdout), page);
        let typed: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = here
            .command(&typed)
            .env("COLUMNS", "1000")
            .output()
            .unwrap();
        let help = text(&help.stdout);
        assert!(help.contains("Usage: kuaibao"), "{name}: {help}");
        let Some(read) = checked_by(
            "groff",
            &["-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=200n", "-k"],
            &page,
        ) else {
            continue;
        };
        assert_eq!(text(&read.stderr), "", "{name}");
        let read = text(&read.stdout);
        assert!(
            read.contains("SYNOPSIS") && read.contains(&name),
            "{name}: {read}"
        );
        // Examples stand there line by line as they are typed.
        let examples = help.split("Examples:\n").nth(1).unwrap_or_default();
        for example in examples.lines().take_while(|line| line.starts_with("  ")) {
            assert!(read.contains(example.trim()), "{name}: {example}: {read}");
        }
    }
}
