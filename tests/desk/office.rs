//! LibreOffice, where it is installed.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Converts a file of a folder; `false`, and a word about it, where there is no LibreOffice.
pub(crate) fn convert(dir: &Path, to: &str, file: &str) -> bool {
    // A profile of its own: two at once would not start on the user's.
    let profile = format!("-env:UserInstallation=file://{}/profile", dir.display());
    let converted = Command::new("soffice")
        .current_dir(dir)
        .args(["--headless", &profile, "--convert-to", to, file])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match converted {
        Err(_) => {
            eprintln!("skipped: no LibreOffice is installed");
            false
        }
        Ok(status) => {
            assert!(status.success(), "{file} to {to}: {status}");
            true
        }
    }
}
