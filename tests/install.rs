//! The program as somebody installs it: one file, any folder, no network.

#![cfg(all(unix, feature = "bundled-model"))]

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

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
