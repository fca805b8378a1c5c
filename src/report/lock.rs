//! One run at a time in an output folder, and room on its disk for the last word.

use std::{
    fs::{File, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{
    ReportError,
    whole::{create_folder, write_error},
};

/// Keeps a second run out of an output folder for as long as it lives.
#[derive(Debug)]
pub struct OutputLock {
    path: PathBuf,
    file: File,
}

impl OutputLock {
    /// Creates the output folder where it is missing, and locks it.
    ///
    /// On a file system that knows no locks the folder is used without one.
    pub fn acquire(dir: &Path) -> Result<Self, ReportError> {
        create_folder(dir)?;
        let path = dir.join(".kuaibao.lock");
        let file = File::create(&path).map_err(|e| write_error(&path, e))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(ReportError::Busy {
                dir: dir.to_owned(),
            }),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self { path, file }),
        }
    }

    /// Takes room on the disk for what has to be written at the end, so that a disk that fills up
    /// in between cannot keep a run from saying what is missing. The lock's own file holds it.
    pub fn reserve(&mut self, bytes: u64) -> Result<(), ReportError> {
        io::copy(&mut io::repeat(0).take(bytes), &mut self.file)
            .and_then(|_| self.file.sync_data())
            .map_err(|e| write_error(&self.path, e))
    }

    /// Gives the room back.
    pub fn release(&self) -> Result<(), ReportError> {
        self.file.set_len(0).map_err(|e| write_error(&self.path, e))
    }
}
