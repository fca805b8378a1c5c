//! The Hugging Face cache on disk: `models--org--name/{refs,blobs,snapshots}`, as Python's
//! `huggingface_hub` lays it out, so that each finds what the other fetched.
//!
//! `refs/<revision>` holds a commit, `blobs/<hash>` the contents, `snapshots/<commit>/<file>` links
//! to them. A partial download is `blobs/<hash>.incomplete`; locks lie in `.locks/`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use hf_hub::{Cache, CacheRepo, Repo, RepoType};

use super::digest::BlobId;
use super::error::{AtPath, HubError};
use super::names::is_repo_id;
use super::needed::{DENSE, MODULES};

/// One model repository's part of the cache.
pub(crate) struct RepoCache {
    hub: PathBuf,
    folder_name: String,
    layout: CacheRepo,
}

/// A file of a snapshot.
pub(crate) struct SnapshotFile {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The blob that it links to, where it is a link and the blob is named by a hash.
    pub(crate) blob: Option<BlobId>,
}

impl RepoCache {
    /// The place of a repository; nothing need be there yet.
    pub(crate) fn new(hub: &Path, id: &str) -> Self {
        let repo = Repo::new(id.to_owned(), RepoType::Model);
        Self {
            hub: hub.to_owned(),
            folder_name: repo.folder_name(),
            layout: Cache::new(hub.to_owned()).repo(repo),
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.hub.join(&self.folder_name)
    }

    pub(crate) fn blob(&self, id: &BlobId) -> PathBuf {
        self.folder().join("blobs").join(id.as_str())
    }

    pub(crate) fn partial(&self, id: &BlobId) -> PathBuf {
        self.folder().join("blobs").join(format!("{id}.incomplete"))
    }

    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.layout.pointer_path(commit)
    }

    fn ref_path(&self, revision: &str) -> PathBuf {
        self.folder().join("refs").join(revision)
    }

    /// The name of a blob in a tar of the cache.
    pub(crate) fn blob_entry(&self, hash: &str) -> String {
        format!("{}/blobs/{hash}", self.folder_name)
    }

    /// The name of a ref in a tar of the cache.
    pub(crate) fn ref_entry(&self, revision: &str) -> String {
        format!("{}/refs/{revision}", self.folder_name)
    }

    /// The name of a snapshot's file in a tar of the cache.
    pub(crate) fn snapshot_entry(&self, commit: &str, name: &str) -> String {
        format!("{}/snapshots/{commit}/{name}", self.folder_name)
    }

    fn locks(&self) -> PathBuf {
        self.hub.join(".locks").join(&self.folder_name)
    }

    fn absence(&self, commit: &str, name: &str) -> PathBuf {
        self.folder().join(".no_exist").join(commit).join(name)
    }

    /// The commit that a branch, tag or commit stood for when it was last fetched.
    pub(crate) fn commit(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.ref_path(revision)).ok()?;
        Some(commit.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// Remembers which commit a branch or tag stands for; the file is replaced as a whole.
    pub(crate) fn write_ref(&self, revision: &str, commit: &str) -> Result<(), HubError> {
        if revision == commit {
            return Ok(());
        }
        let path = self.ref_path(revision);
        if fs::read_to_string(&path).is_ok_and(|found| found == commit) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).at("make the folder", folder)?;
        replace(&path, |new| fs::write(new, commit))
    }

    /// Puts a blob under its name in a snapshot: a relative link, or a second name or copy where
    /// the file system has no links.
    pub(crate) fn link(&self, commit: &str, name: &str, id: &BlobId) -> Result<(), HubError> {
        let path = self.snapshot(commit).join(name);
        let target = PathBuf::from(blob_target(name, id.as_str()));
        if fs::read_link(&path).is_ok_and(|found| found == target) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).at("make the folder", folder)?;
        replace(&path, |new| {
            symlink(&target, new)
                .or_else(|_| fs::hard_link(self.blob(id), new))
                .or_else(|_| fs::copy(self.blob(id), new).map(drop))
        })
    }

    /// A folder of some blobs under their names, as long as it lives: what may not be a snapshot yet, for
    /// that would say that the model is here.
    pub(crate) fn trial<'f>(
        &self,
        files: impl Iterator<Item = (&'f str, &'f BlobId)>,
    ) -> Result<Trial, HubError> {
        let trial = Trial {
            folder: self.folder().join(format!(".trial.{}", std::process::id())),
        };
        let folder = &trial.folder;
        fs::create_dir_all(folder).at("make the folder", folder)?;
        for (name, id) in files {
            let path = folder.join(name);
            let up = "../".repeat(1 + name.matches('/').count());
            let target = PathBuf::from(format!("{up}blobs/{id}"));
            let parent = path.parent().unwrap_or(&path);
            fs::create_dir_all(parent).at("make the folder", parent)?;
            replace(&path, |new| {
                symlink(&target, new)
                    .or_else(|_| fs::hard_link(self.blob(id), new))
                    .or_else(|_| fs::copy(self.blob(id), new).map(drop))
            })?;
        }
        Ok(trial)
    }

    /// Remembers that a file that might be expected does not exist at this commit.
    pub(crate) fn mark_absent(&self, commit: &str, name: &str) {
        let path = self.absence(commit, name);
        let made = path.parent().map(fs::create_dir_all);
        if made.is_some_and(|made| made.is_ok()) {
            let _ = File::create(path);
        }
    }

    /// Whether it is known that a file does not exist at this commit.
    pub(crate) fn is_absent(&self, commit: &str, name: &str) -> bool {
        self.absence(commit, name).exists()
    }

    /// The files of a snapshot, or of a folder in it, sorted by name.
    pub(crate) fn snapshot_files(&self, commit: &str, folder: Option<&str>) -> Vec<SnapshotFile> {
        let dir = self.snapshot(commit).join(folder.unwrap_or_default());
        let own = fs::read_dir(&dir).into_iter().flatten().flatten();
        let own = own.filter_map(|entry| entry.file_name().into_string().ok());
        let nested = MODULES.into_iter().chain(DENSE);
        let nested = nested.filter(|name| name.contains('/')).map(str::to_owned);
        let mut files: Vec<SnapshotFile> = own
            .chain(nested)
            .filter_map(|name| {
                let path = dir.join(&name);
                let target = fs::read_link(&path).ok();
                let blob = target
                    .as_deref()
                    .and_then(Path::file_name)
                    .and_then(|name| BlobId::parse(name.to_str()?));
                let file = path.is_file() || target.is_some();
                file.then_some(SnapshotFile { name, path, blob })
            })
            .collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files
    }

    /// The commits that have a snapshot here, sorted.
    pub(crate) fn commits(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder().join("snapshots"));
        let mut commits: Vec<String> = entries
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| is_commit(name))
            .collect();
        commits.sort_unstable();
        commits
    }

    /// Bytes on disk, partial downloads included.
    pub(crate) fn size(&self) -> u64 {
        let entries = fs::read_dir(self.folder().join("blobs"));
        entries
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.metadata().ok())
            .map(|metadata| metadata.len())
            .sum()
    }

    /// Takes the lock of one blob, so that two processes fetch it once. Python's `huggingface_hub`
    /// honours the same file. `waiting` is called once if another process holds it.
    pub(crate) fn lock(&self, id: &BlobId, waiting: impl FnOnce()) -> Result<Lock, HubError> {
        let folder = self.locks();
        fs::create_dir_all(&folder).at("make the folder", &folder)?;
        let path = folder.join(format!("{id}.lock"));
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .at("open", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                waiting();
                file.lock().at("lock", &path)?;
            }
            Err(fs::TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(fs::TryLockError::Error(error)) => return Err(HubError::io("lock", &path, error)),
        }
        Ok(Lock { _file: file })
    }

    /// Deletes the repository from the cache.
    pub(crate) fn remove(&self) -> Result<(), HubError> {
        for folder in [self.folder(), self.locks()] {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(HubError::io("delete", &folder, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What the link of a snapshot's file holds: the way from its folder to the blobs.
pub(crate) fn blob_target(name: &str, hash: &str) -> String {
    let up = "../".repeat(2 + name.matches('/').count());
    format!("{up}blobs/{hash}")
}

/// A folder that goes when this does.
pub(crate) struct Trial {
    folder: PathBuf,
}

impl Trial {
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Held as long as it lives.
pub(crate) struct Lock {
    _file: File,
}

/// Makes a file under a name of this process's own and gives it its name in one step: another
/// process may be at it too, and nobody sees half of it.
pub(crate) fn replace(
    path: &Path,
    make: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), HubError> {
    let own = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{own}.{}.tmp", std::process::id()));
    let _ = fs::remove_file(&new);
    make(&new).at("write", &new)?;
    fs::rename(&new, path).at("rename to its final name", path)
}

/// Whether this is a full commit id.
pub(crate) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The model repositories in the cache, `org/name` each, sorted.
pub(crate) fn repos(hub: &Path) -> Vec<String> {
    let entries = fs::read_dir(hub).into_iter().flatten().flatten();
    let mut ids: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_prefix("models--")?.replacen("--", "/", 1)))
        .filter(|id| is_repo_id(id))
        .collect();
    ids.sort_unstable();
    ids
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}
