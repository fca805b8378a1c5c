//! `kuaibao check` as an editor sees it.

use std::{fs, path::Path, process::Command};

#[test]
fn a_table_of_wrong_translations() {
    let dir = tempfile::tempdir().unwrap();
    let table =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/kuaibao-text/tests/figures/wrong.tsv");
    let table = fs::read_to_string(table).unwrap();
    let rows = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (zh, en): (Vec<&str>, Vec<&str>) = rows
        .map(|row| {
            let mut columns = row.split('\t');
            (columns.next().unwrap(), columns.next().unwrap())
        })
        .unzip();
    fs::write(dir.path().join("zh.txt"), zh.join("\n")).unwrap();
    fs::write(dir.path().join("en.txt"), en.join("\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .current_dir(dir.path())
        .args(["check", "--source", "zh.txt", "--target", "en.txt"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("check");
    settings.set_prepend_module_to_snapshot(false);
    let text = String::from_utf8(output.stdout).unwrap();
    settings.bind(|| insta::assert_snapshot!("check", text));
}
