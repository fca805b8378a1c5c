//! What the files of an output folder are called.
//!
//! Comes in: names from files and JSON Lines (untrusted). Goes out: file names that are harmless on every
//! system and different for different names.

use std::{
    fmt::Write as _,
    path::{Component, Path},
};

use serde::{Deserialize, Serialize};

use super::{
    tables::{FIGURES, PEOPLE, WORKBOOK},
    visible::is_deceptive,
};
use kuaibao_engine::hub::sha256_hex;

/// The index's name in the output folder.
pub(super) const INDEX: &str = "index.html";
/// The name of the record of a run in the output folder.
pub(super) const RUN: &str = "run.json";
/// The ledger's name in a page's folder.
pub(super) const LEDGER: &str = "page.json";
/// Names at the top of the output folder that no page may take.
const TOP_NAMES: [&str; 5] = [INDEX, RUN, FIGURES, PEOPLE, WORKBOOK];

/// Bytes of a file name, once escaped. File systems take 255; an extension and the mark of a
/// temporary file must fit too.
const LONGEST_NAME: usize = 200;
/// Bytes of an escaped relative path. Linux takes 4,096 for the whole path.
const LONGEST_PATH: usize = 2_000;

/// The files of one article, relative to the output folder, `/` between their parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The document for programs.
    pub json: String,
    /// The document for terminals and repositories.
    pub markdown: String,
    /// The document for editors.
    pub html: String,
}

/// The path of a page's folder below the output folder, `/` between its parts.
///
/// Different pages get different folders; none leaves the output folder.
pub fn page_path(relative: &Path) -> String {
    let mut parts = Vec::new();
    for component in relative.components() {
        let reserved: &[&str] = if parts.is_empty() { &TOP_NAMES } else { &[] };
        match component {
            Component::CurDir => {}
            Component::RootDir => parts.push("%2F".to_owned()),
            Component::ParentDir => parts.push("%2E%2E".to_owned()),
            Component::Prefix(prefix) => {
                parts.push(file_name(prefix.as_os_str().as_encoded_bytes(), reserved));
            }
            Component::Normal(name) => parts.push(file_name(name.as_encoded_bytes(), reserved)),
        }
    }
    let path = parts.join("/");
    match path.len() {
        0 => "%".to_owned(),
        1..=LONGEST_PATH => path,
        _ => format!("%~{}", &sha256_hex(path.as_bytes())[..32]),
    }
}

/// The file name of an article, without its extension.
pub(super) fn article_name(article: &str) -> String {
    file_name(article.as_bytes(), &["page"])
}

/// A file name for any bytes: harmless on every system, readable where it can be, different for
/// different bytes.
///
/// What is not harmless is written `%XX` byte by byte, as in URLs. A name that grows too long is
/// cut and ends in `%~` and a hash, which no other name does.
fn file_name(bytes: &[u8], reserved: &[&str]) -> String {
    let mut name = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_deceptive(c) || r#"%/\:*?"<>|"#.contains(c) {
                percent(&mut name, c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                name.push(c);
            }
        }
        percent(&mut name, chunk.invalid());
    }
    // Hidden, `..`, or meant for a device or a file of ours: all told by the first character.
    if name.starts_with(['.', ' ']) || is_device(&name) || is_reserved(&name, reserved) {
        let first = name.remove(0);
        let mut escaped = String::new();
        percent(&mut escaped, first.encode_utf8(&mut [0; 4]).as_bytes());
        name.insert_str(0, &escaped);
    }
    // Windows drops a last dot or space.
    if let Some(last @ ('.' | ' ')) = name.chars().next_back() {
        name.pop();
        percent(&mut name, &[last as u8]);
    }
    match name.len() {
        0 => "%".to_owned(),
        1..=LONGEST_NAME => name,
        _ => {
            let kept = (0..=LONGEST_NAME - 40).rfind(|&at| name.is_char_boundary(at));
            format!(
                "{}%~{}",
                &name[..kept.unwrap_or(0)],
                &sha256_hex(bytes)[..32]
            )
        }
    }
}

fn percent(name: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(name, "%{byte:02X}");
    }
}

/// Names that Windows keeps for devices, whatever their extension:
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let upper = stem.to_ascii_uppercase();
    matches!(
        upper.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || ["COM", "LPT"].iter().any(|device| {
        upper.strip_prefix(device).is_some_and(|port| {
            let mut digits = port.chars();
            matches!(digits.next(), Some('0'..='9' | '¹' | '²' | '³')) && digits.next().is_none()
        })
    })
}

fn is_reserved(name: &str, reserved: &[&str]) -> bool {
    reserved.iter().any(|r| r.eq_ignore_ascii_case(name))
}
