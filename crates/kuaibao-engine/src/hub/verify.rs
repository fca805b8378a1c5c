//! Reads what lies in the cache again and compares it with the names it has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{RepoCache, repos};
use super::digest::BlobId;
use super::error::{AtPath, HubError};
use super::manifest::{Manifest, manifests};
use super::settings::HubOptions;
use super::{
    Cached, HubModel, Location, Source, bundled, bundled_places, cached, embedded, folder, held,
    is_model, main, source,
};
use crate::marian;

/// What came of reading one file again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its contents are what its name or the manifest says.
    Good,
    /// They are not.
    Damaged,
    /// Nothing says what they should be.
    Unknown,
}

/// What lies on this machine of one model.
#[derive(Clone, Debug)]
pub struct Holding {
    /// How it is named: the manifest's name, or `org/name[@revision]`.
    pub name: String,
    /// What is known about it.
    pub manifest: Option<&'static Manifest>,
    /// How much of it is here.
    pub state: State,
    /// Bytes: on disk where some of it is here, else the size that the manifest knows.
    pub size: Option<u64>,
}

/// How much of a model is on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It comes with the program.
    Bundled,
    /// All of it is in the cache.
    Cached,
    /// Some of it is: an interrupted download, or only some files.
    Partial,
    /// Nothing of it is here.
    Absent,
}

/// Reads a model's files again: each with its verdict.
pub fn verify(
    reference: &str,
    options: &HubOptions,
) -> Result<(Location, Vec<(String, Verdict)>), HubError> {
    let model = match source(reference)? {
        Source::Hub(model) => model,
        // To find it is to check it.
        Source::Bundled(manifest) => {
            let location = bundled(manifest, options)?;
            let names = manifest.files.iter().map(|file| file.name.clone());
            let verdicts = names.map(|name| (name, Verdict::Good)).collect();
            return Ok((location, verdicts));
        }
        Source::Folder(path) => {
            let location = folder(&path)?;
            let names = super::needed::used(&path, None);
            let verdicts = names
                .into_iter()
                .map(|name| (name, Verdict::Unknown))
                .collect();
            return Ok((location, verdicts));
        }
    };
    let Some((model, Cached::Whole(location) | Cached::Perhaps(location))) = held(&model, options)
    else {
        return Err(HubError::NotHere {
            model: model.name(),
        });
    };
    let commit = location.revision.clone().unwrap_or_default();
    let mut verdicts = Vec::new();
    let cache = RepoCache::new(&options.cache, &model.id);
    for file in cache.snapshot_files(&commit, model.folder.as_deref()) {
        let pin = model
            .manifest
            .and_then(|manifest| manifest.file(&file.name));
        let pin = pin.and_then(|pin| BlobId::parse(pin.sha256.as_ref()?));
        let mut verdict = Verdict::Unknown;
        for id in [file.blob, pin].into_iter().flatten() {
            verdict = if id.of_file(&file.path).at("read", &file.path)? == id {
                Verdict::Good
            } else {
                Verdict::Damaged
            };
            if verdict == Verdict::Damaged {
                break;
            }
        }
        verdicts.push((file.name, verdict));
    }
    Ok((location, verdicts))
}

/// Every manifest's model, and every other sequence-to-sequence model in the cache.
pub fn holdings(options: &HubOptions) -> Vec<Holding> {
    let mut all: Vec<Holding> = manifests()
        .iter()
        .map(|m| of_manifest(m, options))
        .collect();
    let of_manifests: Vec<HubModel> = manifests().iter().filter_map(HubModel::of).collect();
    for id in repos(&options.cache) {
        let repo = RepoCache::new(&options.cache, &id);
        let revision = match repo.commit("main") {
            Some(_) => main(),
            None => repo.commits().pop().unwrap_or_else(main),
        };
        let snapshots: Vec<PathBuf> = repo.commits().iter().map(|c| repo.snapshot(c)).collect();
        let mut folders: BTreeSet<Option<String>> = BTreeSet::new();
        for snapshot in &snapshots {
            models_in(snapshot, None, DEEPEST, &mut folders);
        }
        for folder in folders {
            let model = HubModel {
                id: id.clone(),
                folder,
                revision: revision.clone(),
                manifest: None,
                url: None,
            };
            let places = of_manifests.iter().flat_map(HubModel::places);
            let listed = |place: HubModel| place.id == model.id && place.folder == model.folder;
            if !places.into_iter().any(listed) {
                all.push(of_model(&model, options));
            }
        }
    }
    all
}

fn of_manifest(manifest: &'static Manifest, options: &HubOptions) -> Holding {
    let Some(model) = HubModel::of(manifest) else {
        let places = bundled_places(&manifest.name, options.models_dir.as_deref());
        let is_here = places.iter().any(|dir| is_model(dir)) || embedded::holds(manifest);
        return Holding {
            name: manifest.name.clone(),
            manifest: Some(manifest),
            state: if is_here {
                State::Bundled
            } else {
                State::Absent
            },
            size: manifest.known_size(),
        };
    };
    of_model(&model, options)
}

fn of_model(model: &HubModel, options: &HubOptions) -> Holding {
    let sizes = model.places().into_iter();
    let here = sizes
        .map(|place| RepoCache::new(&options.cache, &place.id).size())
        .sum();
    let state = match (cached(model, options), here) {
        (Some(_), _) => State::Cached,
        (None, 0) => State::Absent,
        (None, _) => State::Partial,
    };
    let known = model.manifest.and_then(Manifest::known_size);
    Holding {
        name: model.name(),
        manifest: model.manifest,
        state,
        size: if here > 0 { Some(here) } else { known },
    }
}

/// Deletes a model from the cache: all revisions of its repository, with all that lies in its folders. Gives the bytes that were freed.
pub fn remove(reference: &str, options: &HubOptions) -> Result<u64, HubError> {
    let not_downloaded = |path, advice| HubError::NotDownloaded {
        model: reference.to_owned(),
        path,
        advice,
    };
    match source(reference)? {
        Source::Folder(path) => Err(not_downloaded(path, "delete that folder yourself")),
        Source::Bundled(manifest) => {
            let path = bundled(manifest, options)?.dir;
            Err(not_downloaded(path, "it comes with the program"))
        }
        Source::Hub(model) => {
            let repos = model.places().into_iter();
            let repos = repos.map(|place| RepoCache::new(&options.cache, &place.id));
            let here: Vec<RepoCache> = repos.filter(|repo| repo.folder().is_dir()).collect();
            if here.is_empty() {
                return Err(HubError::NotHere {
                    model: model.name(),
                });
            }
            let size = here.iter().map(RepoCache::size).sum();
            for repo in here {
                repo.remove()?;
            }
            Ok(size)
        }
    }
}

/// Folders of folders are looked into so far.
const DEEPEST: usize = 3;

/// Adds the folders of a snapshot that hold a model, itself among them.
fn models_in(
    dir: &Path,
    folder: Option<String>,
    deeper: usize,
    found: &mut BTreeSet<Option<String>>,
) {
    if is_seq2seq(dir) || marian::Files::of(dir).is_some() {
        found.insert(folder.clone());
    }
    if deeper == 0 {
        return;
    }
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if let (true, Some(name)) = (path.is_dir(), name.to_str()) {
            let inner = match &folder {
                Some(folder) => format!("{folder}/{name}"),
                None => name.to_owned(),
            };
            models_in(&path, Some(inner), deeper - 1, found);
        }
    }
}

fn is_seq2seq(snapshot: &Path) -> bool {
    let config = fs::read(snapshot.join("config.json")).unwrap_or_default();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap_or_default();
    config["is_encoder_decoder"] == true
}
