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
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("bin/kuaibao");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_kuaibao"), program).unwrap();
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

#[test]
fn every_command_has_help_a_manual_page_and_completions() {
    let here = Installed::new();
    let help = text(&here.run(&["--help"]).stdout);
    let commands = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let commands: Vec<&str> = commands
        .lines()
        .filter(|line| !line.starts_with("   ")) // a description that goes on
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(
        commands.contains(&"brief") && commands.contains(&"man"),
        "{commands:?}"
    );
    let pages = here.path("man");
    assert!(here.run(&["man", "-o", &pages]).status.success());
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = here.run(&["completions", shell]);
        let script = text(&output.stdout);
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    for command in commands.into_iter().filter(|command| *command != "help") {
        let page =
            fs::read_to_string(Path::new(&pages).join(format!("kuaibao-{command}.1"))).unwrap();
        assert!(
            page.contains(".SH SYNOPSIS") && page.contains(command),
            "{command}: {page}"
        );
        let printed = here.run(&["man", command]);
        assert_eq!(text(&printed.stdout), page);
        let help = text(&here.run(&[command, "--help"]).stdout);
        assert!(help.contains("Usage: kuaibao"), "{command}: {help}");
    }
}
