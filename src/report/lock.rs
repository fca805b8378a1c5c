//! One run at a time in an output folder, and room on its disk for the last word.

use std::{
    fs::{File, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{
    ReportError, Shard,
    whole::{create_folder, write_error},
};

/// Keeps a second run out of an output folder for as long as it lives.
#[derive(Debug)]
pub struct OutputLock {
    path: PathBuf,
    file: File,
    /// Of a shard: the folder's own lock, shared with the other shards.
    _shared: Option<File>,
}

impl OutputLock {
    /// Creates the output folder where it is missing, and locks it: for a run alone, or for a shard of
    /// one beside the other shards, if they are shares of as many.
    ///
    /// On a file system that knows no locks the folder is used without one.
    pub fn acquire(dir: &Path, shard: Option<Shard>) -> Result<Self, ReportError> {
        create_folder(dir)?;
        let busy = |lock: Result<(), TryLockError>| match lock {
            Err(TryLockError::WouldBlock) => Err(ReportError::Busy {
                dir: dir.to_owned(),
            }),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
        };
        let open = |path: &Path| {
            // Not cut short: it may hold the room that another run has reserved.
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(path);
            file.map_err(|e| write_error(path, e))
        };
        let path = dir.join(".kuaibao.lock");
        let file = open(&path)?;
        let Some(shard) = shard else {
            busy(file.try_lock())?;
            file.set_len(0).map_err(|e| write_error(&path, e))?;
            return Ok(Self {
                path,
                file,
                _shared: None,
            });
        };
        busy(file.try_lock_shared())?;
        let own = dir.join(shard.file("lock"));
        let own_file = open(&own)?;
        busy(own_file.try_lock())?;
        own_file.set_len(0).map_err(|e| write_error(&own, e))?;
        for other in shard.shared_out_otherwise(dir) {
            busy(open(&other)?.try_lock())?;
        }
        Ok(Self {
            path: own,
            file: own_file,
            _shared: Some(file),
        })
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
