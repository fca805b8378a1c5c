//! Downloads: from a listing to a snapshot in the cache whose every byte was checked.
//!
//! A file is written under `<hash>.incomplete`, hashed as it streams, and takes its final name only
//! when the hash is the one the hub listed. What a cut connection or a killed process left is gone
//! on with. The snapshot's links come last, so a snapshot that has its weights has all.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::cache::{RepoCache, is_commit};
use super::digest::{BlobId, Hasher};
use super::error::{AtPath, HubError};
use super::manifest::{Manifest, ManifestFile, Task, is_weights};
use super::needed::{self, DENSE, GENERATION_CONFIG, MODULES, SMALL_FILES};
use super::progress::{Display, FileDisplay};
use super::remote::{Download, Listing, Remote, RemoteFile, Stated};
use super::settings::{HubOptions, Purpose};
use super::{HubModel, Location, able_to};
use crate::{
    marian,
    nn::{self, ModelError},
    packed,
    tokenizer::{Tokenizer, TokenizerError},
};

/// Files fetched at once; the hub's own client uses 8, which on a newsroom's line gains nothing.
const AT_ONCE: usize = 4;
/// Progress of this many bytes between two faults counts as a new beginning.
const PROGRESS: u64 = 64 << 10;
/// Fewer bytes a second than this are no download: 300 MB would take three days.
const SLOWEST: u64 = 1 << 10;
/// Kept free beside the download itself.
const MARGIN: u64 = 16 << 20;

/// Whether what the cache has already is trusted by its name and length, or read and hashed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Present {
    Trust,
    Check,
}

/// Fetches what a model needs and the cache lacks.
pub(crate) fn pull(
    model: &HubModel,
    options: &HubOptions,
    present: Present,
) -> Result<Location, HubError> {
    log::info!("asking {} for {}", options.endpoint, model.name());
    let remote = Remote::new(options)?;
    let display = Display::new(options.progress);
    let listing = remote.with_retries(&display, || remote.listing(model))?;
    if is_commit(&model.revision) && listing.commit != model.revision {
        return Err(HubError::Contradicts {
            repo: model.id.clone(),
            what: "the commit".to_owned(),
            pinned: model.revision.clone(),
            found: listing.commit,
        });
    }
    let pull = Pull {
        model,
        options,
        present,
        cache: RepoCache::new(&options.cache, &model.id),
        remote,
        display,
        listing,
        failed: AtomicBool::new(false),
    };
    pull.run()
}

struct Pull<'a> {
    model: &'a HubModel,
    options: &'a HubOptions,
    present: Present,
    cache: RepoCache,
    remote: Remote<'a>,
    display: Display,
    listing: Listing,
    /// Set when a file fails, so that the others stop.
    failed: AtomicBool,
}

/// A file that is wanted, with what its contents must be.
struct Wanted<'a> {
    name: &'a str,
    size: u64,
    id: BlobId,
    pin: Option<&'a ManifestFile>,
}

impl Pull<'_> {
    fn run(&self) -> Result<Location, HubError> {
        let commit = &self.listing.commit;
        let has = |name: &str| self.listed(name).is_some();
        if let Some(files) = self.native() {
            return self.run_native(&files);
        }
        if !has("config.json") {
            return Err(self.unusable(
                "it has neither config.json nor weights of Marian's (model*.bin or .npz)",
            ));
        }
        let Some(weights) = needed::choose_weights(has, self.model.manifest) else {
            return Err(self.unusable(&self.no_weights()));
        };
        if !needed::has_tokenizer(has) {
            return Err(self.unsupported(needed::NO_TOKENIZER.to_owned()));
        }
        // What cannot run is said before anything of size is fetched.
        let config = self.fetch_all(&["config.json"])?;
        let path = self.cache.blob(&config[0].id);
        let usable = match self.purpose() {
            Purpose::Write => nn::check_config(&path),
            Purpose::Judge => nn::check_judge(&path),
            Purpose::Any => nn::check_config(&path).or_else(|_| nn::check_judge(&path)),
        };
        if let Err(ModelError::Config { reason, .. }) = usable {
            return Err(self.unsupported(reason));
        }
        let others = SMALL_FILES
            .into_iter()
            .filter(|&name| name != "config.json");
        let mut small: Vec<&str> = others.filter(|name| has(name)).collect();
        let mut large = vec![weights.to_owned()];
        let mut beside = None;
        if nn::check_judge(&path).is_ok() {
            small.extend(MODULES.into_iter().filter(|name| has(name)));
            beside = DENSE.into_iter().find(|name| has(name));
        }
        if needed::is_index(weights) {
            small.push(weights);
        }
        let mut files = config;
        files.extend(self.fetch_all(&small)?);
        self.check_small(&files)?;
        if needed::is_index(weights) {
            let index = files.iter().find(|file| file.name == weights);
            let path = index.map(|file| self.cache.blob(&file.id));
            let path = path.ok_or_else(|| self.unusable("its index is missing"))?;
            let shards = needed::shards(&fs::read(&path).at("read", &path)?);
            let shards = shards
                .map_err(|why| self.unusable(&format!("its {weights} cannot be used: {why}")))?;
            large = shards.into_iter().collect();
        }
        let large: Vec<&str> = large.iter().map(String::as_str).chain(beside).collect();
        files.extend(self.fetch_all(&large)?);

        if !has(GENERATION_CONFIG) {
            let absent = self.model.path(GENERATION_CONFIG);
            self.cache.mark_absent(commit, &absent);
        }
        self.finish(&files)
    }

    /// The files of a Marian-native model; of one that may come from anywhere, the pinned ones alone.
    fn native(&self) -> Option<marian::Files> {
        let names = self.listing.files.iter().map(|file| file.name.as_str());
        let names = names.filter(|name| !name.contains('/'));
        match self.model.manifest.filter(|m| m.is_pinned()) {
            Some(manifest) => marian::Files::among(names.filter(|n| manifest.file(n).is_some())),
            None => marian::Files::among(names),
        }
    }

    fn run_native(&self, files: &marian::Files) -> Result<Location, HubError> {
        if let Some(missing) = needed::native_missing(files) {
            return Err(self.unusable(&missing));
        }
        let names = needed::native_files(files, false);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // The vocabulary first: it is small, and without it nothing else is of use.
        let (large, small): (Vec<&str>, Vec<&str>) = names
            .into_iter()
            .partition(|name| is_weights(packed::unpacked_name(name)));
        let mut fetched = self.fetch_all(&small)?;
        fetched.extend(self.fetch_all(&large)?);
        self.finish(&fetched)
    }

    /// Links what was fetched, and sees whether it is a model.
    fn finish(&self, files: &[Wanted<'_>]) -> Result<Location, HubError> {
        let commit = &self.listing.commit;
        for file in files {
            let path = self.model.path(file.name);
            self.cache.link(commit, &path, &file.id)?;
        }
        self.cache.write_ref(&self.model.revision, commit)?;
        let dir = self.model.dir(self.cache.snapshot(commit));
        match needed::missing(&dir, self.model.manifest) {
            Some(missing) => Err(self.unusable(&missing)),
            None => Ok(self.model.location(dir, commit.clone())),
        }
    }

    /// What the model is wanted for, as its manifest has it, or as was asked.
    fn purpose(&self) -> Purpose {
        let judges = |m: &Manifest| {
            m.tasks
                .iter()
                .any(|t| matches!(t, Task::Entail | Task::Embed))
        };
        match self.model.manifest.is_some_and(judges) {
            true => Purpose::Judge,
            false => self.options.purpose,
        }
    }

    fn listed(&self, name: &str) -> Option<&RemoteFile> {
        self.listing.files.iter().find(|file| file.name == name)
    }

    /// What the small files say is wrong is said before the weights are fetched.
    fn check_small(&self, files: &[Wanted<'_>]) -> Result<(), HubError> {
        let files = files.iter().map(|file| (file.name, &file.id));
        let trial = self.cache.trial(files)?;
        let dir = trial.folder();
        let config = dir.join("config.json");
        if nn::check_config(&config).is_err() {
            // Whatever else it has, a judge reads this one.
            if !dir.join("tokenizer.json").is_file() {
                return Err(self.unsupported("it has no tokenizer.json".to_owned()));
            }
            return match nn::sentence_modules(dir) {
                Err(ModelError::Config { reason, .. }) => Err(self.unsupported(reason)),
                Err(error) => Err(self.unsupported(error.to_string())),
                Ok(_) => Ok(()),
            };
        }
        let told = |error: TokenizerError| {
            let reason = error
                .to_string()
                .replace(&format!("{}/", dir.display()), "");
            self.unsupported(reason)
        };
        Tokenizer::from_dir(dir).map(drop).map_err(told)
    }

    fn unsupported(&self, reason: String) -> HubError {
        HubError::Unsupported {
            repo: self.model.name(),
            reason,
            able: able_to(match self.purpose() {
                Purpose::Write | Purpose::Any => {
                    &[Task::Translate, Task::Crosslingual, Task::Summarize]
                }
                Purpose::Judge => &[Task::Entail, Task::Embed],
            }),
        }
    }

    fn unusable(&self, missing: &str) -> HubError {
        HubError::Unusable {
            repo: format!("{}@{}", self.model.id, self.listing.commit),
            missing: missing.to_owned(),
        }
    }

    fn no_weights(&self) -> String {
        let files = self.listing.files.iter().map(|file| file.name.as_str());
        let twins: Vec<&str> = files
            .filter(|name| {
                [".h5", ".msgpack", ".ot", ".onnx", ".gguf"]
                    .iter()
                    .any(|end| name.ends_with(end))
            })
            .take(5)
            .collect();
        let pinned = self
            .model
            .manifest
            .and_then(|m| m.files.iter().find(|f| is_weights(&f.name)));
        match (pinned, twins.as_slice()) {
            (Some(pin), _) => format!("it has no {}, which the manifest names", pin.name),
            (None, []) => "it has neither model.safetensors nor pytorch_model.bin".to_owned(),
            (None, twins) => format!(
                "it has neither model.safetensors nor pytorch_model.bin, only {}",
                twins.join(", ")
            ),
        }
    }

    /// Fetches files side by side; the first error ends all.
    fn fetch_all<'f>(&self, names: &[&'f str]) -> Result<Vec<Wanted<'f>>, HubError>
    where
        Self: 'f,
    {
        let wanted: Vec<Wanted<'f>> = names
            .iter()
            .map(|name| self.wanted(name))
            .collect::<Result<_, _>>()?;
        self.check_space(&wanted)?;
        let queue = Mutex::new(wanted.iter());
        let first_error = Mutex::new(None);
        let worker = || {
            while let Some(file) = lock(&queue).next() {
                if self.failed.load(Ordering::Relaxed) {
                    break;
                }
                if let Err(error) = self.fetch(file) {
                    self.failed.store(true, Ordering::Relaxed);
                    lock(&first_error).get_or_insert(error);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE.min(wanted.len()) {
                scope.spawn(worker);
            }
        });
        if let Some(error) = lock(&first_error).take() {
            return Err(error);
        }
        Ok(wanted)
    }

    /// What a file's contents must be, by the manifest and by the hub; they must not differ.
    fn wanted<'f>(&self, name: &'f str) -> Result<Wanted<'f>, HubError>
    where
        Self: 'f,
    {
        let listed = self
            .listed(name)
            .ok_or_else(|| self.unusable(&format!("it lists no {name}")))?;
        let commit = &self.listing.commit;
        let stated = match &listed.stated {
            Some(stated) => stated.clone(),
            None => self.remote.with_retries(&self.display, || {
                self.remote.stated(self.model, commit, name)
            })?,
        };
        let Stated { size, id } = stated;
        let pin = self.model.manifest.and_then(|manifest| manifest.file(name));
        let contradiction = |what: &str, pinned: String, found: String| HubError::Contradicts {
            repo: self.model.id.clone(),
            what: format!("the {what} of {name}"),
            pinned,
            found,
        };
        if let Some(pinned) = pin.and_then(|pin| pin.size)
            && pinned != size
        {
            return Err(contradiction("size", pinned.to_string(), size.to_string()));
        }
        if let (Some(pinned), BlobId::Sha256(found)) =
            (pin.and_then(|pin| pin.sha256.as_ref()), &id)
            && pinned != found
        {
            return Err(contradiction("hash", pinned.clone(), found.clone()));
        }
        Ok(Wanted {
            name,
            size,
            id,
            pin,
        })
    }

    fn check_space(&self, files: &[Wanted]) -> Result<(), HubError> {
        let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let needed: u64 = files
            .iter()
            .filter(|file| length(&self.cache.blob(&file.id)) != file.size)
            .map(|file| {
                file.size
                    .saturating_sub(length(&self.cache.partial(&file.id)))
            })
            .sum();
        if needed == 0 {
            return Ok(());
        }
        let folder = &self.options.cache;
        fs::create_dir_all(folder).at("make the folder", folder)?;
        // Where the system will not say, the write itself will.
        let free = fs4::available_space(folder).unwrap_or(u64::MAX);
        if free < needed.saturating_add(MARGIN) {
            return Err(HubError::NoSpace {
                dir: folder.clone(),
                needed: Some(needed + MARGIN),
                free,
            });
        }
        Ok(())
    }

    /// Brings one file into the cache, unless it is there.
    fn fetch(&self, file: &Wanted) -> Result<(), HubError> {
        let blob = self.cache.blob(&file.id);
        let folder = blob.parent().unwrap_or(&blob);
        fs::create_dir_all(folder).at("make the folder", folder)?;
        let waiting = || {
            let message = format!("{}: another process is fetching it; waiting", file.name);
            self.display.say(&message);
        };
        let _lock = self.cache.lock(&file.id, waiting)?;
        if self.is_present(&blob, file)? {
            log::debug!("{} is in the cache as {}", file.name, file.id);
        } else {
            self.download(file)?;
        }
        self.check_pin(&blob, file)
    }

    fn is_present(&self, blob: &Path, file: &Wanted) -> Result<bool, HubError> {
        let Ok(metadata) = fs::metadata(blob) else {
            return Ok(false);
        };
        let good = metadata.len() == file.size
            && (self.present == Present::Trust
                || file.id.of_file(blob).at("read", blob)? == file.id);
        if !good {
            self.display.say(&format!(
                "{} is damaged in the cache; fetching it anew",
                file.name
            ));
            fs::remove_file(blob).at("delete", blob)?;
        }
        Ok(good)
    }

    /// A small file is named by git's SHA-1; where the manifest knows its SHA-256, that decides.
    fn check_pin(&self, blob: &Path, file: &Wanted) -> Result<(), HubError> {
        let (Some(pinned), BlobId::Git(_)) =
            (file.pin.and_then(|pin| pin.sha256.as_ref()), &file.id)
        else {
            return Ok(());
        };
        let found = BlobId::Sha256(String::new())
            .of_file(blob)
            .at("read", blob)?;
        if found.as_str() == pinned {
            return Ok(());
        }
        fs::remove_file(blob).at("delete", blob)?;
        Err(HubError::Contradicts {
            repo: self.model.id.clone(),
            what: format!("the hash of {}", file.name),
            pinned: pinned.clone(),
            found: found.as_str().to_owned(),
        })
    }

    /// Downloads to `<hash>.incomplete`, going on with what is there, and renames it when it is
    /// whole and its hash is right.
    fn download(&self, file: &Wanted) -> Result<(), HubError> {
        let path = self.cache.partial(&file.id);
        let mut partial = Partial::open(&path, file)?;
        let mut resumed = partial.received > 0;
        let bar = self.display.file(file.name, file.size, partial.received);
        loop {
            self.receive(&mut partial, file, &bar)?;
            let Partial { out, hasher, .. } = partial;
            let found = hasher.finish();
            if found == file.id {
                out.sync_all().at("write", &path)?;
                let blob = self.cache.blob(&file.id);
                fs::rename(&path, &blob).at("rename to its final name", &blob)?;
                bar.finish();
                return Ok(());
            }
            drop(out);
            fs::remove_file(&path).at("delete", &path)?;
            if !resumed {
                return Err(HubError::WrongHash {
                    file: file.name.to_owned(),
                    expected: file.id.to_string(),
                    found: found.to_string(),
                });
            }
            // What an earlier run left may be what was wrong: once more, from the start.
            let message = format!(
                "{}: the part from an earlier run was damaged; from the start",
                file.name
            );
            self.display.say(&message);
            resumed = false;
            partial = Partial::open(&path, file)?;
        }
    }

    /// Receives until the file has its length, through faults that pass.
    fn receive(
        &self,
        partial: &mut Partial,
        file: &Wanted,
        bar: &FileDisplay,
    ) -> Result<(), HubError> {
        let mut tries = 0;
        while partial.received < file.size {
            let before = partial.received;
            let result = self.request(partial, file, bar);
            let Err(error) = result else { continue };
            if partial.received.saturating_sub(before) >= PROGRESS {
                tries = 0;
            }
            tries += 1;
            if tries > self.options.retries || self.failed.load(Ordering::Relaxed) {
                return Err(error);
            }
            self.remote.wait(&self.display, error, tries)?;
        }
        Ok(())
    }

    /// One request: as much as it brings is written and hashed.
    fn request(
        &self,
        partial: &mut Partial,
        file: &Wanted,
        bar: &FileDisplay,
    ) -> Result<(), HubError> {
        let commit = &self.listing.commit;
        let download = self
            .remote
            .download(self.model, commit, file.name, partial.received)?;
        let Some(download) = download else {
            // Nothing behind what we have, though it is too short: the server's file is another.
            partial.restart(file)?;
            return Err(HubError::Server {
                host: self.options.endpoint.clone(),
                status: 416,
                after: None,
            });
        };
        if let Some(now) = download.id.as_ref().filter(|id| **id != file.id) {
            partial.discard()?;
            return Err(HubError::Changed {
                file: file.name.to_owned(),
                host: download.host,
                now: now.to_string(),
            });
        }
        if let Some(found) = download.size.filter(|size| *size != file.size) {
            partial.discard()?;
            return Err(Self::wrong_size(file, &download.host, found));
        }
        if download.start < partial.received {
            partial.restart(file)?;
        }
        self.stream(download, partial, file, bar)
    }

    fn stream(
        &self,
        download: Download,
        partial: &mut Partial,
        file: &Wanted,
        bar: &FileDisplay,
    ) -> Result<(), HubError> {
        let Download { mut body, host, .. } = download;
        let mut buffer = vec![0; 1 << 17];
        let mut watch = Watch::new(self.options.timeout);
        loop {
            if self.failed.load(Ordering::Relaxed) {
                return Err(Self::cut(file, partial, host, "another file failed"));
            }
            let read = match body.read(&mut buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(match self.remote.broken_body(error, &host) {
                        HubError::NoNetwork { why, .. } => Self::cut(file, partial, host, &why),
                        error => error,
                    });
                }
            };
            if read == 0 {
                return if partial.received == file.size {
                    Ok(())
                } else {
                    Err(Self::cut(file, partial, host, "the answer ended early"))
                };
            }
            if partial.received + read as u64 > file.size {
                partial.discard()?;
                return Err(Self::wrong_size(
                    file,
                    &host,
                    partial.received + read as u64,
                ));
            }
            partial.append(&buffer[..read])?;
            bar.at(partial.received);
            if watch.is_too_slow(read as u64) {
                return Err(HubError::Timeout {
                    host,
                    after: self.options.timeout,
                });
            }
        }
    }

    fn cut(file: &Wanted, partial: &Partial, host: String, why: &str) -> HubError {
        HubError::Cut {
            file: file.name.to_owned(),
            host,
            received: partial.received,
            size: file.size,
            why: why.to_owned(),
        }
    }

    fn wrong_size(file: &Wanted, host: &str, found: u64) -> HubError {
        HubError::WrongSize {
            file: file.name.to_owned(),
            host: host.to_owned(),
            expected: file.size,
            found,
        }
    }
}

/// A worker that panicked takes the whole pull with it, so what it held is still in order.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file on its way to the cache: what is written is also hashed.
struct Partial {
    path: std::path::PathBuf,
    out: File,
    hasher: Hasher,
    received: u64,
}

impl Partial {
    /// Opens what an earlier run left, or begins anew; reads what is there into the hash.
    fn open(path: &Path, file: &Wanted) -> Result<Self, HubError> {
        let mut out = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .at("open", path)?;
        if out.metadata().at("read", path)?.len() > file.size {
            out.set_len(0).at("write", path)?;
        }
        let mut hasher = Hasher::new(&file.id, file.size);
        let received = hasher.update_from(&mut out).at("read", path)?;
        Ok(Self {
            path: path.to_owned(),
            out,
            hasher,
            received,
        })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), HubError> {
        self.out.write_all(bytes).at("write", &self.path)?;
        self.hasher.update(bytes);
        self.received += bytes.len() as u64;
        Ok(())
    }

    /// Begins again at the first byte.
    fn restart(&mut self, file: &Wanted) -> Result<(), HubError> {
        self.out.set_len(0).at("write", &self.path)?;
        self.out.seek(SeekFrom::Start(0)).at("write", &self.path)?;
        self.hasher = Hasher::new(&file.id, file.size);
        self.received = 0;
        Ok(())
    }

    /// Leaves nothing that a later run could go on with.
    fn discard(&self) -> Result<(), HubError> {
        fs::remove_file(&self.path).at("delete", &self.path)
    }
}

/// Notices a server that drips.
struct Watch {
    window: Duration,
    begun: Instant,
    bytes: u64,
}

impl Watch {
    fn new(window: Duration) -> Self {
        Self {
            window,
            begun: Instant::now(),
            bytes: 0,
        }
    }

    /// Counts bytes; true when a whole window brought fewer than are worth waiting for.
    fn is_too_slow(&mut self, bytes: u64) -> bool {
        self.bytes += bytes;
        if self.begun.elapsed() < self.window {
            return false;
        }
        let slow = self.bytes < SLOWEST * self.window.as_secs().max(1);
        *self = Self::new(self.window);
        slow
    }
}
