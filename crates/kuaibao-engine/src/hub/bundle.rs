//! A model as one file, to be carried into a network without a way out.
//!
//! The file is a tar of the model's part of the cache, so `tar xf` in a Hugging Face cache unpacks
//! it for any program; `kuaibao-model.json` comes first and says what must follow. Import takes
//! nothing on trust: every entry must be one of those, and every blob must hash to its name. Nothing
//! is ever written but blobs of the cache, and links and a ref that are made here.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tar::{Archive, Builder, EntryType, Header};

use super::cache::{RepoCache, blob_target, is_commit};
use super::digest::{BlobId, Hasher};
use super::error::{AtPath, HubError};
use super::manifest::{Manifest, is_weights, manifests};
use super::names::{is_folder, is_plain, is_repo_id, is_revision};
use super::needed::{self, DENSE, GENERATION_CONFIG, MODULES, SMALL_FILES, is_index};
use super::settings::HubOptions;
use super::{Cached, HubModel, Location, Source, held, source};
use crate::packed;

const SCHEMA: &str = "kuaibao.model-bundle/1";
const CONTENTS: &str = "kuaibao-model.json";
const LARGEST_CONTENTS: u64 = 1 << 20;

/// What a bundle holds, in its first entry.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    schema: String,
    repo: String,
    /// The folder of the repository that the model lies in, where that is not the top one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    revision: String,
    commit: String,
    files: Vec<BundledFile>,
    /// Whether it is known that there is no `generation_config.json`.
    #[serde(default)]
    no_generation_config: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct BundledFile {
    name: String,
    blob: String,
    size: u64,
}

/// Writes a model that is in the cache to one file, checking it on the way.
pub fn export(reference: &str, file: &Path, options: &HubOptions) -> Result<(), HubError> {
    let model = match source(reference)? {
        Source::Hub(model) => model,
        Source::Folder(path) => return Err(lies_in(reference, path)),
        Source::Bundled(manifest) => {
            return Err(lies_in(reference, super::bundled(manifest, options)?.dir));
        }
    };
    let Some((model, Cached::Whole(location) | Cached::Perhaps(location))) = held(&model, options)
    else {
        return Err(HubError::NotHere {
            model: model.name(),
        });
    };
    let commit = location.revision.unwrap_or_default();
    let cache = RepoCache::new(&options.cache, &model.id);
    let mut files = Vec::new();
    for name in needed::used(&location.dir, model.manifest) {
        files.push(bundled_file(&cache, &commit, &model, name)?);
    }
    let contents = Contents {
        schema: SCHEMA.to_owned(),
        repo: model.id.clone(),
        folder: model.folder.clone(),
        revision: model.revision.clone(),
        no_generation_config: cache.is_absent(&commit, &model.path(GENERATION_CONFIG)),
        commit,
        files,
    };
    let partial = file.with_file_name(format!(
        "{}.incomplete",
        file.file_name().unwrap_or_default().to_string_lossy()
    ));
    let written = write(&partial, &location.dir, &cache, &model, &contents);
    if let Err(error) = written {
        let _ = fs::remove_file(&partial);
        return Err(error);
    }
    fs::rename(&partial, file).at("write", file)
}

fn lies_in(reference: &str, path: PathBuf) -> HubError {
    HubError::NotDownloaded {
        model: reference.to_owned(),
        path,
        advice: "copy that folder and name it by its path",
    }
}

fn bundled_file(
    cache: &RepoCache,
    commit: &str,
    model: &HubModel,
    name: String,
) -> Result<BundledFile, HubError> {
    let path = model.dir(cache.snapshot(commit)).join(&name);
    let size = fs::metadata(&path).at("read", &path)?.len();
    let linked = cache.snapshot_files(commit, model.folder.as_deref());
    let linked = linked.into_iter().find(|file| file.name == name);
    let blob = match linked.and_then(|file| file.blob) {
        Some(blob) => blob,
        None => BlobId::Sha256(String::new())
            .of_file(&path)
            .at("read", &path)?,
    };
    Ok(BundledFile {
        name,
        blob: blob.as_str().to_owned(),
        size,
    })
}

fn write(
    partial: &Path,
    dir: &Path,
    cache: &RepoCache,
    model: &HubModel,
    contents: &Contents,
) -> Result<(), HubError> {
    let out = BufWriter::new(File::create(partial).at("write", partial)?);
    let mut tar = Builder::new(out);
    let json = serde_json::to_vec_pretty(contents).map_err(io::Error::from);
    let json = json.at("write", partial)?;
    append(&mut tar, CONTENTS, json.len() as u64, &*json).at("write", partial)?;
    for file in blobs(contents) {
        let path = dir.join(&file.name);
        let blob = File::open(&path).at("open", &path)?;
        let kind = BlobId::parse(&file.blob).unwrap_or(BlobId::Sha256(String::new()));
        let mut hashing = Hashing {
            inner: BufReader::new(blob),
            hasher: Hasher::new(&kind, file.size),
        };
        let name = cache.blob_entry(&file.blob);
        append(&mut tar, &name, file.size, &mut hashing).at("write", partial)?;
        if hashing.hasher.finish() != kind {
            return Err(HubError::Damaged {
                model: model.name(),
                files: file.name.clone(),
                bad: 1,
                checked: contents.files.len(),
            });
        }
    }
    if contents.revision != contents.commit {
        let name = cache.ref_entry(&contents.revision);
        let commit = contents.commit.as_bytes();
        append(&mut tar, &name, commit.len() as u64, commit).at("write", partial)?;
    }
    for file in &contents.files {
        let mut header = header(0);
        header.set_entry_type(EntryType::Symlink);
        let path = model.path(&file.name);
        let name = cache.snapshot_entry(&contents.commit, &path);
        let target = blob_target(&path, &file.blob);
        tar.append_link(&mut header, name, target)
            .at("write", partial)?;
    }
    let mut out = tar.into_inner().at("write", partial)?;
    out.flush().at("write", partial)?;
    out.get_ref().sync_all().at("write", partial)
}

/// Each blob once: two files of one repository may have the same contents.
fn blobs(contents: &Contents) -> impl Iterator<Item = &BundledFile> {
    let by_blob: BTreeMap<&str, &BundledFile> = contents
        .files
        .iter()
        .map(|file| (file.blob.as_str(), file))
        .collect();
    by_blob.into_values()
}

/// The same bytes whenever and by whomever it is written.
fn header(size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(0);
    header
}

fn append(
    tar: &mut Builder<impl Write>,
    name: &str,
    size: u64,
    bytes: impl Read,
) -> io::Result<()> {
    tar.append_data(&mut header(size), name, bytes.take(size))
}

struct Hashing<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

/// Brings a model from a file that [`export`] wrote into the cache.
pub fn import(file: &Path, options: &HubOptions) -> Result<Location, HubError> {
    let bad = |why: String| HubError::BadBundle {
        path: file.to_owned(),
        why,
    };
    let unreadable = |error: io::Error| bad(format!("it cannot be read as a tar ({error})"));
    let mut tar = Archive::new(BufReader::new(File::open(file).at("open", file)?));
    let mut entries = tar.entries().map_err(unreadable)?;

    let contents = match entries.next() {
        Some(Ok(entry)) if entry.path_bytes() == CONTENTS.as_bytes() => {
            let mut json = Vec::new();
            let mut entry = entry.take(LARGEST_CONTENTS);
            entry.read_to_end(&mut json).map_err(unreadable)?;
            serde_json::from_slice(&json)
                .map_err(|error| bad(format!("its {CONTENTS} is wrong: {error}")))?
        }
        Some(Err(error)) => return Err(unreadable(error)),
        _ => {
            return Err(bad(format!(
                "it does not begin with {CONTENTS}, so `kuaibao models export` did not write it"
            )));
        }
    };
    let files = check(&contents).map_err(bad)?;
    check_space(&contents, options)?;

    let cache = RepoCache::new(&options.cache, &contents.repo);
    let mut blobs = BTreeMap::new();
    for file in &files {
        blobs.insert(cache.blob_entry(file.id.as_str()), (file, false));
    }
    let mut others: BTreeMap<String, Expected> = BTreeMap::new();
    others.insert(
        cache.ref_entry(&contents.revision),
        Expected::Text(&contents.commit),
    );
    let model = HubModel {
        id: contents.repo.clone(),
        folder: contents.folder.clone(),
        revision: contents.revision.clone(),
        manifest: known(&contents),
        url: None,
    };
    for file in &files {
        let path = model.path(file.name);
        let name = cache.snapshot_entry(&contents.commit, &path);
        let target = blob_target(&path, file.id.as_str());
        others.insert(name, Expected::Link(target));
    }
    for entry in entries {
        let mut entry = entry.map_err(unreadable)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let stray = || {
            bad(format!(
                "its entry {name:?} does not belong to {}",
                contents.repo
            ))
        };
        let kind = entry.header().entry_type();
        if let Some((file, seen)) = blobs.get_mut(&name) {
            if kind != EntryType::Regular || entry.size() != file.size || *seen {
                return Err(stray());
            }
            *seen = true;
            store(&cache, file, &mut entry, &bad)?;
            continue;
        }
        let fits = match others.get(&name) {
            None => false,
            Some(Expected::Text(text)) => {
                let mut found = String::new();
                let read = entry.by_ref().take(100).read_to_string(&mut found);
                kind == EntryType::Regular && read.is_ok() && found == **text
            }
            Some(Expected::Link(target)) => {
                let found = entry.link_name_bytes();
                kind == EntryType::Symlink
                    && found.is_some_and(|found| *found == *target.as_bytes())
            }
        };
        if !fits {
            return Err(stray());
        }
    }
    if let Some((file, _)) = blobs.values().find(|(_, seen)| !seen) {
        return Err(bad(format!("it ends before {}", file.name)));
    }
    for file in &files {
        cache.link(&contents.commit, &model.path(file.name), &file.id)?;
    }
    if contents.no_generation_config {
        cache.mark_absent(&contents.commit, &model.path(GENERATION_CONFIG));
    }
    cache.write_ref(&contents.revision, &contents.commit)?;
    let dir = model.dir(cache.snapshot(&contents.commit));
    match needed::missing(&dir, model.manifest) {
        Some(missing) => Err(bad(missing)),
        None => Ok(model.location(dir, contents.commit)),
    }
}

/// The manifest of what a bundle says that it holds.
fn known(contents: &Contents) -> Option<&'static Manifest> {
    manifests().iter().find(|manifest| {
        let places = HubModel::of(manifest).into_iter();
        places.flat_map(|model| model.places()).any(|place| {
            let commit = manifest.revision.as_ref();
            place.id == contents.repo
                && place.folder == contents.folder
                && (place.revision == contents.commit
                    || commit.is_none_or(|c| *c == contents.commit))
        })
    })
}

/// What an entry beside the blobs must hold.
enum Expected<'a> {
    Text(&'a str),
    Link(String),
}

/// A file of a bundle whose description was checked.
struct Checked<'a> {
    name: &'a str,
    size: u64,
    id: BlobId,
}

/// Checks all that a bundle says of itself before anything is written.
fn check(contents: &Contents) -> Result<Vec<Checked<'_>>, String> {
    if contents.schema != SCHEMA {
        return Err(format!(
            "its schema is {:?}, this version reads {SCHEMA}",
            contents.schema
        ));
    }
    if !is_repo_id(&contents.repo) {
        return Err(format!("{:?} is no repository", contents.repo));
    }
    if !is_revision(&contents.revision) || !is_commit(&contents.commit) {
        return Err(format!(
            "{:?} at {:?} is no revision",
            contents.revision, contents.commit
        ));
    }
    if !contents.folder.as_deref().is_none_or(is_folder) {
        return Err(format!("{:?} is no folder of it", contents.folder));
    }
    let manifest = known(contents);
    let mut checked = Vec::new();
    for file in &contents.files {
        let name = file.name.as_str();
        let bare = packed::unpacked_name(name);
        let native = [".spm", ".yml"].iter().any(|end| bare.ends_with(end));
        let known = SMALL_FILES.contains(&name) || is_weights(bare) || is_index(name) || native;
        let beside = MODULES.contains(&name) || DENSE.contains(&name);
        if !(is_plain(name) && known || beside) {
            return Err(format!("{name:?} is no file of a model"));
        }
        let Some(id) = BlobId::parse(&file.blob).filter(|id| id.as_str() == file.blob) else {
            return Err(format!("{name}: {:?} is no hash", file.blob));
        };
        let pin = manifest
            .and_then(|m| m.file(name))
            .and_then(|pin| pin.sha256.as_ref());
        if let (Some(pin), BlobId::Sha256(found)) = (pin, &id)
            && pin != found
        {
            return Err(format!(
                "{name} has the hash {found}, the manifest holds it to {pin}"
            ));
        }
        checked.push(Checked {
            name,
            size: file.size,
            id,
        });
    }
    Ok(checked)
}

fn check_space(contents: &Contents, options: &HubOptions) -> Result<(), HubError> {
    let folder = &options.cache;
    fs::create_dir_all(folder).at("make the folder", folder)?;
    let needed = contents
        .files
        .iter()
        .fold(0_u64, |sum, file| sum.saturating_add(file.size));
    let free = fs4::available_space(folder).unwrap_or(u64::MAX);
    if free < needed {
        return Err(HubError::NoSpace {
            dir: folder.clone(),
            needed: Some(needed),
            free,
        });
    }
    Ok(())
}

/// Writes one blob under its final name, if its contents are what the name says.
fn store(
    cache: &RepoCache,
    file: &Checked,
    entry: &mut impl Read,
    bad: &impl Fn(String) -> HubError,
) -> Result<(), HubError> {
    let blob = cache.blob(&file.id);
    let folder = blob.parent().unwrap_or(&blob);
    fs::create_dir_all(folder).at("make the folder", folder)?;
    let _lock = cache.lock(&file.id, || ())?;
    if blob.is_file() && file.id.of_file(&blob).at("read", &blob)? == file.id {
        return Ok(());
    }
    let partial = cache.partial(&file.id);
    let mut out = File::create(&partial).at("write", &partial)?;
    let mut hashing = Hashing {
        inner: entry,
        hasher: Hasher::new(&file.id, file.size),
    };
    let copied = io::copy(&mut hashing, &mut out);
    let found = hashing.hasher.finish();
    match copied {
        Ok(size) if size == file.size && found == file.id => {
            out.sync_all().at("write", &partial)?;
            fs::rename(&partial, &blob).at("rename to its final name", &blob)
        }
        Ok(_) => {
            fs::remove_file(&partial).at("delete", &partial)?;
            Err(bad(format!(
                "{}: wrong hash: {found} where {} was promised",
                file.name, file.id
            )))
        }
        Err(error) => {
            fs::remove_file(&partial).at("delete", &partial)?;
            Err(HubError::io("write", &partial, error))
        }
    }
}
