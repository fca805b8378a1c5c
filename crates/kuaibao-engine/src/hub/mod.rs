//! Models by name: what is known of them, where they lie, and how they get here.
//!
//! Comes in: a model reference (a manifest's name, `org/name[/folder][@revision]`, a folder) and
//! [`HubOptions`]. Goes out: a [`Location`], a folder whose every file was checked against the name
//! that its hash gives it. Downloads go to the Hugging Face cache in its own layout, and a partial
//! one is gone on with. Never looks inside weights, never runs anything it fetched, never sends the
//! token to another host than the endpoint.

mod bundle;
mod cache;
mod digest;
mod embedded;
mod error;
mod fetch;
mod manifest;
mod names;
mod needed;
mod progress;
mod reference;
mod remote;
mod settings;
mod verify;

use std::env;
use std::path::{Path, PathBuf};

pub use bundle::{export, import};
pub use digest::{sha256, sha256_hex};
pub use embedded::embed;
pub use error::HubError;
pub use manifest::{Family, Manifest, ManifestFile, Task, manifest, manifests};
pub use progress::Progress;
pub use reference::ModelRef;
pub use settings::{HubOptions, Purpose, Token};
pub use verify::{Holding, State, Verdict, holdings, remove, verify};

use cache::RepoCache;
use digest::BlobId;
use error::AtPath;
use fetch::Present;
use manifest::is_weights;

use crate::{marian, packed};

/// The model that is used when none is named.
pub const DEFAULT_TRANSLATOR: &str = "kuaibao-tiny-zh-en";

/// A model on this machine.
#[derive(Clone, Debug)]
pub struct Location {
    /// The folder with its `config.json`, weights and tokenizer files.
    pub dir: PathBuf,
    /// Its short name: the manifest's, `org/name`, or the folder's.
    pub name: String,
    /// What exactly it is: the commit, or `sha256:` over the files of a folder.
    pub revision: Option<String>,
    /// What is known about it.
    pub manifest: Option<&'static Manifest>,
}

impl Location {
    /// Its name with what exactly it is.
    pub fn versioned(&self) -> String {
        match &self.revision {
            Some(revision) => format!("{}@{revision}", self.name),
            None => self.name.clone(),
        }
    }

    /// Bytes of its weights.
    pub fn weights(&self) -> u64 {
        let files = needed::used(&self.dir, self.manifest).into_iter();
        let weights = files.filter(|name| is_weights(packed::unpacked_name(name)));
        weights
            .filter_map(|name| Some(self.dir.join(name).metadata().ok()?.len()))
            .sum()
    }
}

/// A model on the hub.
#[derive(Clone, Debug)]
pub(crate) struct HubModel {
    /// `org/name`.
    pub(crate) id: String,
    /// The folder of the repository that it lies in, where that is not the top one.
    pub(crate) folder: Option<String>,
    /// The branch, tag or commit that is wanted.
    pub(crate) revision: String,
    /// What is known about it.
    pub(crate) manifest: Option<&'static Manifest>,
    /// Where its files lie under their names, where that is no hub.
    pub(crate) url: Option<&'static str>,
}

/// The organisation in whose name the cache keeps what comes from no hub.
const NO_HUB: &str = "published";

impl HubModel {
    /// How a person names it.
    pub(crate) fn name(&self) -> String {
        match self.manifest {
            Some(manifest) => manifest.name.clone(),
            None if self.revision == "main" => self.place(),
            None => format!("{}@{}", self.place(), self.revision),
        }
    }

    /// `org/name[/folder]`.
    pub(crate) fn place(&self) -> String {
        match &self.folder {
            Some(folder) => format!("{}/{folder}", self.id),
            None => self.id.clone(),
        }
    }

    /// Where it lies, for a person: an address or [`HubModel::place`].
    fn shown(&self) -> String {
        self.url.map_or_else(|| self.place(), str::to_owned)
    }

    /// The path of one of its files in the repository.
    pub(crate) fn path(&self, name: &str) -> String {
        match &self.folder {
            Some(folder) => format!("{folder}/{name}"),
            None => name.to_owned(),
        }
    }

    /// The name of a file of the repository in its folder, where it lies there.
    pub(crate) fn local<'p>(&self, path: &'p str) -> Option<&'p str> {
        match &self.folder {
            Some(folder) => path.strip_prefix(folder.as_str())?.strip_prefix('/'),
            None => Some(path),
        }
    }

    /// The folder of a snapshot that holds it.
    pub(crate) fn dir(&self, snapshot: PathBuf) -> PathBuf {
        match &self.folder {
            Some(folder) => snapshot.join(folder),
            None => snapshot,
        }
    }

    /// It and its mirrors, in the order in which they are asked.
    pub(crate) fn places(&self) -> Vec<Self> {
        let mirrors = self.manifest.map_or(&[][..], |m| &m.mirrors).iter();
        let mirror = |place: &String| {
            let (place, revision) = place.split_once('@').unwrap_or((place, "main"));
            let (id, folder) = names::split_folder(place)?;
            Some(Self {
                id: id.to_owned(),
                folder: folder.map(str::to_owned),
                revision: revision.to_owned(),
                manifest: self.manifest,
                url: None,
            })
        };
        std::iter::once(self.clone())
            .chain(mirrors.filter_map(mirror))
            .collect()
    }

    /// The model of a manifest that does not come with the program.
    pub(crate) fn of(manifest: &'static Manifest) -> Option<Self> {
        let (id, revision) = match (&manifest.repo, &manifest.url) {
            (Some(repo), _) => (repo.clone(), manifest.revision.clone()),
            (None, Some(_)) => {
                let id = format!("{NO_HUB}/{}", manifest.name);
                (id, Some(remote::pinned_commit(manifest)))
            }
            (None, None) => return None,
        };
        Some(Self {
            id,
            folder: None,
            revision: revision.unwrap_or_else(main),
            manifest: Some(manifest),
            url: manifest.url.as_deref(),
        })
    }

    fn location(&self, dir: PathBuf, commit: String) -> Location {
        Location {
            dir,
            name: self
                .manifest
                .map_or_else(|| self.place(), |manifest| manifest.name.clone()),
            revision: Some(commit),
            manifest: self.manifest,
        }
    }
}

/// Where a model comes from.
pub(crate) enum Source {
    Folder(PathBuf),
    Bundled(&'static Manifest),
    Hub(HubModel),
}

/// What is known about a model beforehand; nothing of a folder.
pub fn known(reference: &str) -> Result<Option<&'static Manifest>, HubError> {
    Ok(match ModelRef::parse(reference)? {
        ModelRef::Manifest(manifest) => Some(manifest),
        ModelRef::Repo { .. } | ModelRef::Folder(_) => None,
    })
}

/// The names of the models that can do one of `tasks`.
pub fn able_to(tasks: &[Task]) -> String {
    let able = manifests()
        .iter()
        .filter(|m| tasks.iter().any(|t| m.tasks.contains(t)));
    able.map(|m| m.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Finds a model, fetching it when it is not on this machine.
///
/// What the cache holds is used without asking the hub, so a run does not depend on a network and a
/// branch that moved changes nothing until the next `models pull`.
pub fn resolve(reference: &str, options: &HubOptions) -> Result<Location, HubError> {
    let location = match source(reference)? {
        Source::Folder(path) => folder(&path),
        Source::Bundled(manifest) => bundled(manifest, options),
        Source::Hub(model) => from_hub(&model, options),
    }?;
    log::info!("{reference} is {}", location.dir.display());
    Ok(location)
}

/// Fetches a model or brings it up to date: files that are here are read again and replaced where
/// they are damaged, and a branch is followed to where it points now.
pub fn pull(reference: &str, options: &HubOptions) -> Result<Location, HubError> {
    match source(reference)? {
        Source::Folder(path) => folder(&path),
        Source::Bundled(manifest) => bundled(manifest, options),
        Source::Hub(model) if options.offline => Err(HubError::Offline {
            model: model.name(),
            cache: options.cache.clone(),
        }),
        Source::Hub(model) => pull_from(&model, options, Present::Check),
    }
}

/// Fetches a model from the first of its places that has it.
fn pull_from(
    model: &HubModel,
    options: &HubOptions,
    present: Present,
) -> Result<Location, HubError> {
    let places = model.places();
    let mut failed = None;
    for (number, place) in places.iter().enumerate() {
        match fetch::pull(place, options, present) {
            Ok(location) => return Ok(location),
            Err(error) => {
                if let Some(next) = places.get(number + 1) {
                    let (name, next) = (place.shown(), next.shown());
                    let display = progress::Display::new(options.progress);
                    display.say(&format!("{name}: {error}; trying {next}"));
                }
                failed.get_or_insert(error);
            }
        }
    }
    // The first place is the maker's: what went wrong there says most.
    Err(failed.unwrap_or(HubError::NotHere {
        model: model.name(),
    }))
}

/// Finds a model that is on this machine, without a network.
pub fn locate(reference: &str, options: &HubOptions) -> Result<Location, HubError> {
    match source(reference)? {
        Source::Folder(path) => folder(&path),
        Source::Bundled(manifest) => bundled(manifest, options),
        Source::Hub(model) => match cached(&model, options) {
            Some(Cached::Whole(location) | Cached::Perhaps(location)) => Ok(location),
            None => Err(HubError::NotHere {
                model: model.name(),
            }),
        },
    }
}

fn from_hub(model: &HubModel, options: &HubOptions) -> Result<Location, HubError> {
    match cached(model, options) {
        Some(Cached::Whole(location)) => Ok(location),
        Some(Cached::Perhaps(location)) if options.offline => Ok(location),
        Some(Cached::Perhaps(location)) => {
            let once = HubOptions {
                retries: 0,
                ..options.clone()
            };
            // The commit that is here, wherever the branch has moved since. What the hub cannot
            // answer now it may next time; the model can be used.
            let here = HubModel {
                revision: location.revision.clone().unwrap_or_else(main),
                ..model.clone()
            };
            Ok(
                fetch::pull(&here, &once, Present::Trust).unwrap_or_else(|error| {
                    log::info!("{}: using what is here: {error}", location.name);
                    location
                }),
            )
        }
        None if options.offline => Err(HubError::Offline {
            model: model.name(),
            cache: options.cache.clone(),
        }),
        None => pull_from(model, options, Present::Trust),
    }
}

pub(crate) fn source(reference: &str) -> Result<Source, HubError> {
    Ok(match ModelRef::parse(reference)? {
        ModelRef::Folder(path) => Source::Folder(path),
        ModelRef::Manifest(manifest) => match HubModel::of(manifest) {
            None => Source::Bundled(manifest),
            Some(model) => Source::Hub(model),
        },
        ModelRef::Repo {
            id,
            folder,
            revision,
        } => Source::Hub(HubModel {
            id,
            folder,
            revision: revision.unwrap_or_else(main),
            manifest: None,
            url: None,
        }),
    })
}

fn main() -> String {
    "main".to_owned()
}

/// What the cache holds of a model.
pub(crate) enum Cached {
    /// All that it needs.
    Whole(Location),
    /// All but a `generation_config.json`, of which nobody knows whether it exists.
    Perhaps(Location),
}

/// Looks a model up in the Hugging Face cache, where any of its places left it.
pub(crate) fn cached(model: &HubModel, options: &HubOptions) -> Option<Cached> {
    held(model, options).map(|(_, cached)| cached)
}

/// [`cached`], with the place that it came from.
pub(crate) fn held(model: &HubModel, options: &HubOptions) -> Option<(HubModel, Cached)> {
    let mut places = model.places().into_iter();
    places.find_map(|place| {
        let found = cached_of(&place, options)?;
        Some((place, found))
    })
}

fn cached_of(model: &HubModel, options: &HubOptions) -> Option<Cached> {
    let repo = RepoCache::new(&options.cache, &model.id);
    let commit = repo.commit(&model.revision)?;
    let dir = model.dir(repo.snapshot(&commit));
    if needed::missing(&dir, model.manifest).is_some() || contradicts(&repo, &commit, model) {
        return None;
    }
    let settled = dir.join(needed::GENERATION_CONFIG).is_file()
        || marian::Files::of(&dir).is_some()
        || repo.is_absent(&commit, &model.path(needed::GENERATION_CONFIG));
    let location = model.location(dir, commit);
    Some(if settled {
        Cached::Whole(location)
    } else {
        Cached::Perhaps(location)
    })
}

/// Whether a file in the cache goes by another hash than the manifest holds it to.
fn contradicts(repo: &RepoCache, commit: &str, model: &HubModel) -> bool {
    let Some(manifest) = model.manifest else {
        return false;
    };
    let files = repo.snapshot_files(commit, model.folder.as_deref());
    files.iter().any(|file| {
        let pinned = manifest.file(&file.name).and_then(|pin| pin.sha256.as_ref());
        matches!((pinned, &file.blob), (Some(pinned), Some(BlobId::Sha256(found))) if pinned != found)
    })
}

/// A folder that a person named.
fn folder(path: &Path) -> Result<Location, HubError> {
    if let Some(missing) = needed::missing(path, None) {
        let missing = if path.is_dir() {
            missing
        } else {
            "there is no such folder".to_owned()
        };
        return Err(HubError::NotAModel {
            path: path.to_owned(),
            missing,
        });
    }
    let full = path.canonicalize().at("open", path)?;
    let name = full.file_name().unwrap_or(full.as_os_str());
    Ok(Location {
        name: name.to_string_lossy().into_owned(),
        revision: Some(fingerprint(&file_hashes(path, None)?)),
        dir: path.to_owned(),
        manifest: None,
    })
}

/// The model that comes with the program: in a folder, else inside it.
fn bundled(manifest: &'static Manifest, options: &HubOptions) -> Result<Location, HubError> {
    let places = bundled_places(&manifest.name, options.models_dir.as_deref());
    if let Some(dir) = places.iter().find(|dir| is_model(dir)) {
        return checked(manifest, dir);
    }
    if !embedded::holds(manifest) {
        return Err(HubError::BundledNotFound {
            name: manifest.name.clone(),
            looked_in: places,
        });
    }
    let dir = embedded::unpack(manifest, &options.unpacked, false)?;
    match checked(manifest, &dir) {
        Err(HubError::NotAsPublished { .. }) => checked(
            manifest,
            &embedded::unpack(manifest, &options.unpacked, true)?,
        ),
        checked => checked,
    }
}

/// The bundled model in a folder, if it is the one that this version of the program came with.
fn checked(manifest: &'static Manifest, dir: &Path) -> Result<Location, HubError> {
    if let Some(missing) = needed::missing(dir, Some(manifest)) {
        return Err(HubError::NotAModel {
            path: dir.to_owned(),
            missing,
        });
    }
    let hashes = file_hashes(dir, Some(manifest))?;
    for file in &manifest.files {
        let found = hashes.iter().find(|(name, _)| *name == file.name);
        if found.map(|(_, hash)| hash) != file.sha256.as_ref() {
            return Err(HubError::NotAsPublished {
                path: dir.join(&file.name),
                name: manifest.name.clone(),
            });
        }
    }
    Ok(Location {
        dir: dir.to_owned(),
        name: manifest.name.clone(),
        revision: Some(fingerprint(&hashes)),
        manifest: Some(manifest),
    })
}

fn is_model(dir: &Path) -> bool {
    dir.join("config.json").is_file() || marian::Files::of(dir).is_some()
}

/// `--models-dir`, `$KUAIBAO_MODELS`, `models/` beside the executable, `models/` in the working
/// directory, and the crate's own `models/` under `cargo run`.
fn bundled_places(name: &str, models_dir: Option<&Path>) -> Vec<PathBuf> {
    let beside = env::current_exe().ok();
    let beside = beside.as_deref().and_then(Path::parent);
    [
        models_dir.map(Path::to_owned),
        env::var_os("KUAIBAO_MODELS")
            .filter(|folder| !folder.is_empty())
            .map(PathBuf::from),
        beside.map(|folder| folder.join("models")),
        Some(PathBuf::from("models")),
        env::var_os("CARGO_MANIFEST_DIR").map(|folder| Path::new(&folder).join("models")),
    ]
    .into_iter()
    .flatten()
    .map(|folder| folder.join(name))
    .collect()
}

/// The SHA-256 of each file that settles what the model computes.
fn file_hashes(
    folder: &Path,
    manifest: Option<&Manifest>,
) -> Result<Vec<(String, String)>, HubError> {
    needed::used(folder, manifest)
        .into_iter()
        .map(|name| {
            let path = folder.join(&name);
            let hash = BlobId::Sha256(String::new())
                .of_file(&path)
                .at("read", &path)?;
            Ok((name, hash.as_str().to_owned()))
        })
        .collect()
}

fn fingerprint(hashes: &[(String, String)]) -> String {
    // The form of `sha256sum`: `sha256sum FILES | sha256sum` gives the same.
    let lines: Vec<String> = hashes
        .iter()
        .map(|(name, hash)| format!("{hash}  {name}\n"))
        .collect();
    format!("sha256:{}", sha256_hex(lines.concat().as_bytes()))
}
