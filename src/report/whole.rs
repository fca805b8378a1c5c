//! Files that appear whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::ReportError;

/// A file that takes its name when it is finished; dropped before, it leaves nothing, and what had
/// the name stays.
#[derive(Debug)]
pub struct PartialFile {
    path: PathBuf,
    /// `None` once the file is finished, and for what is no regular file (a pipe, a device), which
    /// is written as it is.
    partial: Option<PathBuf>,
    file: BufWriter<File>,
}

impl PartialFile {
    /// Begins a file.
    ///
    /// It is always under the same name until it is finished: what a killed run leaves there, the
    /// next one overwrites.
    pub fn create(path: &Path) -> Result<Self, ReportError> {
        let special = path.metadata().is_ok_and(|m| !m.is_file());
        let partial = (!special).then(|| temporary(path));
        if let (Some(partial), Ok(mut open)) = (&partial, OPEN.lock()) {
            open.push(partial.clone());
        }
        let file = File::create(partial.as_deref().unwrap_or(path));
        let file = BufWriter::new(file.map_err(|e| write_error(path, e))?);
        Ok(Self {
            path: path.to_owned(),
            partial,
            file,
        })
    }

    /// Adds bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ReportError> {
        let written = self.file.write_all(bytes);
        written.map_err(|e| write_error(&self.path, e))
    }

    /// Gives the file its name.
    pub fn finish(mut self) -> Result<(), ReportError> {
        let written = self.file.flush();
        let written = match self.partial.take() {
            None => written,
            Some(partial) => written
                .and_then(|()| self.file.get_ref().sync_data())
                .and_then(|()| fs::rename(&partial, &self.path))
                .inspect_err(|_| self.partial = Some(partial)),
        };
        written.map_err(|e| write_error(&self.path, e))
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            // A full disk, most likely: give the room back.
            let _ = fs::remove_file(partial);
        }
        if let Ok(mut open) = OPEN.lock() {
            let own = temporary(&self.path);
            open.retain(|path| *path != own);
        }
    }
}

/// Files that are not finished.
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes what is not finished, for a process that is about to end.
pub fn remove_partial_files() {
    if let Ok(open) = OPEN.lock() {
        for path in &*open {
            let _ = fs::remove_file(path);
        }
    }
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let mut file = PartialFile::create(path)?;
    file.write(bytes)?;
    file.finish()
}

/// Refuses an output that is one of the inputs.
pub fn refuse_overwriting<'a>(
    output: &Path,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<(), ReportError> {
    let Ok(own) = output.canonicalize() else {
        return Ok(());
    };
    let is_own = |input: &&Path| input.canonicalize().is_ok_and(|path| path == own);
    match inputs.into_iter().find(is_own) {
        Some(_) if own.is_file() => Err(ReportError::IsInput {
            path: output.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The name of a file that is not finished.
pub(super) fn temporary(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    path.with_file_name(name)
}

pub(super) fn create_folder(path: &Path) -> Result<(), ReportError> {
    fs::create_dir_all(path).map_err(|e| write_error(path, e))
}

pub(super) fn remove_file(path: &Path) -> Result<(), ReportError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(write_error(path, e)),
        _ => Ok(()),
    }
}

pub(super) fn write_error(path: &Path, source: io::Error) -> ReportError {
    ReportError::Write {
        path: path.to_owned(),
        source,
    }
}
