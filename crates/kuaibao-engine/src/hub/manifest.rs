//! What the program knows about a model before it has it: one TOML file each in `models/`.
//!
//! Manifests are compiled in; a folder that `KUAIBAO_MANIFESTS` names has further ones, of a house
//! with models or mirrors of its own. A fact that could not be sourced (a commit, a hash, a licence's
//! terms) is absent, never guessed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fmt, fs};

use serde::Deserialize;

use super::digest::BlobId;
use super::error::HubError;
use super::names::{is_plain, is_repo_id, is_revision, split_folder};
use crate::packed;

/// Names with the text of their files.
macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../models/", $name, ".toml")))),*]
    };
}

/// The manifests in `models/`, in the order `models list` shows them.
const SOURCES: &[(&str, &str)] = sources![
    "kuaibao-tiny-zh-en",
    "opus-mt-zh-en",
    "opus-mt-tc-bible-big-zhx-en",
    "firefox-zh-en",
    "firefox-zh-en-small",
    "m2m100-418m",
    "m2m100-1.2b",
    "small100",
    "wmt21-dense-24-wide-x-en",
    "nllb-600m",
    "mbart50-many-to-one",
    "madlad400-3b",
    "opus-mt-en-zh",
    "firefox-en-zh",
    "crosssum-m2o-en",
    "crosssum-m2m",
    "mt0-base",
    "flan-t5-base",
    "bart-large-cnn",
    "distilbart-cnn",
    "pegasus-cnn",
    "mt5-xlsum",
    "randeng-pegasus-238m",
    "randeng-pegasus-523m",
    "mdeberta-xnli",
    "labse",
];

/// What is known about one model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// The short name: `opus-mt-zh-en`.
    pub name: String,
    /// What it can be asked to do.
    pub tasks: Vec<Task>,
    /// Which kind of model it is: settles its prompts and language codes.
    pub family: Family,
    /// `org/name` on the hub; absent for the bundled model and for one that its maker publishes
    /// elsewhere.
    pub repo: Option<String>,
    /// Where its maker publishes its files under their names: `https://…`, no slash at the end. All that
    /// is fetched from there is pinned below.
    pub url: Option<String>,
    /// Where else on the hub it lies: `org/name/folder`, tried in turn when the place before cannot
    /// give it. Of these nothing is taken but the bytes that are pinned below.
    #[serde(default)]
    pub mirrors: Vec<String>,
    /// The commit that is used, whatever the hub's `main` points to.
    pub revision: Option<String>,
    /// Whether its weights come with the program.
    #[serde(default)]
    pub bundled: bool,
    /// Files whose size or hash is known; they win over what the hub says.
    #[serde(default)]
    pub files: Vec<ManifestFile>,
    /// SPDX expression, or `not stated`.
    pub licence: String,
    /// Whether the licence allows commercial use, where that is clear.
    pub commercial: Option<bool>,
    /// What a reader must know beside the licence's name.
    pub licence_note: Option<String>,
    /// The languages in words, for people.
    pub languages: String,
    /// The model's own code of Chinese (`zho_Hans`, `zh_CN`), where it has such codes.
    pub source_lang: Option<String>,
    /// The model's own code of English.
    pub target_lang: Option<String>,
    /// The prompt template of each task that needs one, a file in `prompts/`.
    #[serde(default)]
    pub prompts: BTreeMap<Task, String>,
    /// One line on what it is good at.
    pub good_at: String,
}

/// A file of which something is known beforehand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Its name in the repository.
    pub name: String,
    /// Its length in bytes.
    pub size: Option<u64>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: Option<String>,
}

/// What a model is asked to do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Chinese text in, the same text in English out.
    Translate,
    /// English text in, the same text in Chinese out.
    IntoChinese,
    /// Chinese text in, a short English text out.
    Crosslingual,
    /// English text in, a short English text out.
    Summarize,
    /// Chinese text in, a short Chinese text out.
    Native,
    /// A Chinese and an English sentence in, whether the first entails the second out.
    Entail,
    /// A sentence in, a vector of its meaning out.
    Embed,
}

impl Task {
    /// The name used in manifests and prompt files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Translate => "translate",
            Self::IntoChinese => "into-chinese",
            Self::Crosslingual => "crosslingual",
            Self::Summarize => "summarize",
            Self::Native => "native",
            Self::Entail => "entail",
            Self::Embed => "embed",
        }
    }

    /// What a model does that can do it.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Translate => "translate Chinese",
            Self::IntoChinese => "translate English into Chinese",
            Self::Crosslingual => "summarize Chinese in English",
            Self::Summarize => "summarize English",
            Self::Native => "summarize Chinese in Chinese",
            Self::Entail => "judge what entails what",
            Self::Embed => "compare sentences",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A kind of model: same architecture, same way of being told what to do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// OPUS-MT and other Marian models.
    Marian,
    /// BART and its distilled forms.
    Bart,
    /// mBART-50.
    Mbart,
    /// Pegasus.
    Pegasus,
    /// M2M100.
    M2m100,
    /// NLLB-200.
    Nllb,
    /// T5 as first published.
    T5,
    /// Flan-T5: T5 trained on instructions.
    Flan,
    /// mT5, fine-tuned for one task.
    Mt5,
    /// mT0: mT5 trained on instructions.
    Mt0,
    /// MADLAD-400.
    Madlad,
    /// DeBERTa, a judge.
    Deberta,
    /// BERT, an encoder of sentences.
    Bert,
}

impl Family {
    /// The name used in manifests and prompt files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marian => "marian",
            Self::Bart => "bart",
            Self::Mbart => "mbart",
            Self::Pegasus => "pegasus",
            Self::M2m100 => "m2m100",
            Self::Nllb => "nllb",
            Self::T5 => "t5",
            Self::Flan => "flan",
            Self::Mt5 => "mt5",
            Self::Mt0 => "mt0",
            Self::Madlad => "madlad",
            Self::Deberta => "deberta",
            Self::Bert => "bert",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Manifest {
    /// The prompt template's file name for a task, where the model needs one.
    pub fn prompt(&self, task: Task) -> Option<&str> {
        self.prompts.get(&task).map(String::as_str)
    }

    /// Whether it may come from places that are not its maker's, so that only pinned bytes count.
    pub fn is_pinned(&self) -> bool {
        self.url.is_some() || !self.mirrors.is_empty()
    }

    /// What is known of one of its files.
    pub fn file(&self, name: &str) -> Option<&ManifestFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Bytes of the files whose size is known: nearly all of the model, for the weights are among
    /// them; `None` when no weights file is.
    pub fn known_size(&self) -> Option<u64> {
        let sized = |file: &&ManifestFile| is_weights(packed::unpacked_name(&file.name));
        self.files.iter().find(sized)?.size?;
        // Of a file that is pinned packed and unpacked, the packed one is fetched.
        let twin = |name: &str| self.file(&format!("{name}.gz")).is_some();
        let fetched = self.files.iter().filter(|file| !twin(&file.name));
        Some(fetched.filter_map(|file| file.size).sum())
    }
}

/// Whether this is a file of weights, whole or a shard.
pub(crate) fn is_weights(name: &str) -> bool {
    matches!(
        Path::new(name).extension().and_then(|e| e.to_str()),
        Some("safetensors" | "bin" | "gguf" | "npz")
    )
}

/// The variable that names a folder of manifests beside those compiled in.
const OWN: &str = "KUAIBAO_MANIFESTS";
/// A manifest has some dozens of lines.
const MOST_BYTES: u64 = 1 << 20;

/// Every manifest, and what is wrong with one of a house's own.
struct Register {
    manifests: Vec<Manifest>,
    fault: Option<String>,
}

static REGISTER: LazyLock<Register> = LazyLock::new(|| {
    let compiled = SOURCES.iter().filter_map(|(_, source)| parse(source).ok());
    let mut register = Register {
        manifests: compiled.collect(),
        fault: None,
    };
    if let Some(folder) = env::var_os(OWN).filter(|folder| !folder.is_empty()) {
        register.fault = add(&mut register.manifests, Path::new(&folder)).err();
    }
    register
});

/// Every manifest, the bundled model first.
pub fn manifests() -> &'static [Manifest] {
    &REGISTER.manifests
}

/// The manifest of this name.
pub fn manifest(name: &str) -> Option<&'static Manifest> {
    manifests().iter().find(|manifest| manifest.name == name)
}

/// An error where one of a house's own manifests cannot be used.
pub(crate) fn check_own() -> Result<(), HubError> {
    match &REGISTER.fault {
        None => Ok(()),
        Some(why) => Err(HubError::BadSetting {
            variable: OWN,
            value: env::var_os(OWN)
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            why: why.clone(),
        }),
    }
}

/// Adds those of a folder, in the order of their names; the error names the first that cannot be used.
fn add(manifests: &mut Vec<Manifest>, folder: &Path) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    for path in paths {
        let manifest = read(&path).and_then(|manifest| {
            let known = manifests.iter().any(|known| known.name == manifest.name);
            match known {
                true => Err(format!("a model is called {} already", manifest.name)),
                false => Ok(manifest),
            }
        });
        manifests.push(manifest.map_err(|why| format!("{}: {why}", path.display()))?);
    }
    Ok(())
}

/// A manifest of a house's own.
fn read(path: &Path) -> Result<Manifest, String> {
    let size = path.metadata().map_err(|error| error.to_string())?.len();
    if size > MOST_BYTES {
        return Err(format!("it has {size} bytes"));
    }
    let manifest = parse(&fs::read_to_string(path).map_err(|error| error.to_string())?)?;
    if !is_plain(&manifest.name) || path.file_stem() != Some(manifest.name.as_ref()) {
        return Err(format!(
            "its name is {:?}, it must be the file's",
            manifest.name
        ));
    }
    if manifest.bundled {
        return Err("no further model comes with the program".to_owned());
    }
    Ok(manifest)
}

fn parse(source: &str) -> Result<Manifest, String> {
    let manifest: Manifest = toml::from_str(source).map_err(|error| error.to_string())?;
    for file in &manifest.files {
        if let Some(sha256) = &file.sha256
            && !matches!(BlobId::parse(sha256), Some(BlobId::Sha256(_)))
        {
            return Err(format!("{}: not a SHA-256: {sha256}", file.name));
        }
    }
    let places = [
        manifest.bundled,
        manifest.repo.is_some(),
        manifest.url.is_some(),
    ];
    if places.into_iter().filter(|&place| place).count() != 1 {
        return Err("a model is either bundled or has a repo or an address".to_owned());
    }
    if manifest
        .url
        .as_ref()
        .is_some_and(|url| !url.starts_with("https://"))
    {
        return Err("a model's address begins with https://".to_owned());
    }
    if manifest.tasks.is_empty() {
        return Err("it has no tasks".to_owned());
    }
    let id = manifest.repo.as_ref();
    if let Some(bad) = id.filter(|id| !is_repo_id(id)) {
        return Err(format!("{bad:?} is not of the form org/name"));
    }
    let at = |mirror: &str| {
        let (place, revision) = mirror.split_once('@').unwrap_or((mirror, "main"));
        split_folder(place).is_some() && is_revision(revision)
    };
    if let Some(bad) = manifest.mirrors.iter().find(|mirror| !at(mirror)) {
        return Err(format!(
            "the mirror {bad:?} is not of the form org/name[/folder][@revision]"
        ));
    }
    if let Some(bad) = manifest.revision.as_ref().filter(|r| !is_revision(r)) {
        return Err(format!("{bad:?} cannot be a revision"));
    }
    let elsewhere = manifest.url.is_some() || !manifest.mirrors.is_empty();
    let pinned = |file: &ManifestFile| file.size.is_some() && file.sha256.is_some();
    if elsewhere && !manifest.files.iter().all(pinned) {
        return Err("every file of a model that has mirrors is pinned".to_owned());
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::hub::cache::is_commit;

    #[test]
    fn every_manifest_parses_under_its_own_name() {
        for &(name, source) in SOURCES {
            let manifest =
                parse(source).unwrap_or_else(|error| panic!("models/{name}.toml: {error}"));
            assert_eq!(manifest.name, name);
            if let Some(revision) = &manifest.revision {
                assert!(is_commit(revision), "{name}: {revision}");
            }
            for task in manifest.prompts.keys() {
                assert!(
                    manifest.tasks.contains(task),
                    "{name}: a prompt for {task}, no such task"
                );
            }
        }
        assert_eq!(manifests().len(), SOURCES.len());
    }

    #[test]
    fn every_file_in_the_folder_is_compiled_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
        let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "toml"))
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let compiled = SOURCES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(on_disk, compiled);
    }

    #[test]
    fn a_manifest_with_a_slip_is_refused() {
        let good = SOURCES[1].1;
        assert!(parse(good).is_ok());
        for (slip, from, to) in [
            ("unknown key", "good-at", "goodat"),
            ("unknown family", "\"marian\"", "\"marion\""),
            ("short hash", "sha256 = \"9d", "sha256 = \"9"),
            ("no repo", "repo = \"Helsinki-NLP/opus-mt-zh-en\"", ""),
            ("no task", "tasks = [\"translate\"]", "tasks = []"),
            (
                "a path for a repo",
                "\"Helsinki-NLP/opus-mt-zh-en\"",
                "\"../opus-mt-zh-en\"",
            ),
        ] {
            assert!(
                parse(&good.replace(from, to)).is_err(),
                "{slip} was accepted"
            );
        }
    }

    #[test]
    fn a_house_adds_manifests_and_replaces_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let own = SOURCES[1]
            .1
            .replace("name = \"opus-mt-zh-en\"", "name = \"house\"");
        write("house.toml", &own);
        write("notes.txt", "no manifest");
        let mut all = manifests().to_vec();
        let compiled = all.len();
        add(&mut all, folder.path()).unwrap();
        assert_eq!(
            (all.len(), all[compiled].name.as_str()),
            (compiled + 1, "house")
        );
        for (file, text, why) in [
            ("opus-mt-zh-en.toml", SOURCES[1].1.to_owned(), "already"),
            ("other.toml", own.clone(), "must be the file's"),
            ("slip.toml", own.replace("good-at", "goodat"), "goodat"),
            (
                "all.toml",
                SOURCES[0].1.replace("kuaibao-tiny-zh-en", "all"),
                "comes with",
            ),
        ] {
            write(file, &text);
            let error = add(&mut manifests().to_vec(), folder.path()).unwrap_err();
            assert!(error.contains(why) && error.contains(file), "{error}");
            fs::remove_file(folder.path().join(file)).unwrap();
        }
        assert!(add(&mut Vec::new(), &folder.path().join("none")).is_err());
    }
}
