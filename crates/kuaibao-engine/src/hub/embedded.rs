//! The bundled model inside the program: `cargo install` copies one file, and that must be enough.
//!
//! Weights are memory-mapped, so they are unpacked once, to the cache of the user; what lies there is
//! checked against the manifest at every start, like a model in any other place.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::{
    cache::replace,
    digest::sha256_hex,
    error::{AtPath, HubError},
    manifest::Manifest,
};

/// Names and contents.
type Files = &'static [(&'static str, &'static [u8])];

static FILES: OnceLock<Files> = OnceLock::new();

/// Says which files of the bundled model the program holds. The first call counts.
pub fn embed(files: Files) {
    let _ = FILES.set(files);
}

/// Whether the program holds this model.
pub(super) fn holds(manifest: &Manifest) -> bool {
    let held = |name: &str| {
        FILES
            .get()
            .is_some_and(|files| files.iter().any(|(n, _)| *n == name))
    };
    !manifest.files.is_empty() && manifest.files.iter().all(|file| held(&file.name))
}

/// Its folder below `cache`, each file written if it is missing, cut short or, with `anew`, whatever it is.
///
/// Programs with other weights have folders of their own.
pub(super) fn unpack(manifest: &Manifest, cache: &Path, anew: bool) -> Result<PathBuf, HubError> {
    let hashes = manifest
        .files
        .iter()
        .filter_map(|file| file.sha256.as_deref());
    let version = &sha256_hex(hashes.collect::<String>().as_bytes())[..12];
    let folder = cache.join(format!("{}-{version}", manifest.name));
    fs::create_dir_all(&folder).at("create", &folder)?;
    for (name, bytes) in FILES.get().copied().unwrap_or_default() {
        let path = folder.join(name);
        let whole = path.metadata().is_ok_and(|m| m.len() == bytes.len() as u64);
        if !whole || anew {
            replace(&path, |new| fs::write(new, bytes))?;
        }
    }
    Ok(folder)
}
