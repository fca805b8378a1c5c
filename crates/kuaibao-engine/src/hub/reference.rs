//! Model references: what a person types where a model is named.

use std::path::{Path, PathBuf};

use super::error::HubError;
use super::manifest::{Manifest, check_own, manifest, manifests};
use super::names::{is_revision, split_folder};

/// A model as a person named it.
#[derive(Clone, Debug)]
pub enum ModelRef {
    /// A manifest's name, or its repository without a revision.
    Manifest(&'static Manifest),
    /// `org/name[/folder][@revision]` on the hub.
    Repo {
        /// `org/name`.
        id: String,
        /// The folder of the repository that the model lies in, where that is not the top one.
        folder: Option<String>,
        /// A branch, a tag or a commit; the hub's `main` when absent.
        revision: Option<String>,
    },
    /// A folder in Hugging Face layout.
    Folder(PathBuf),
}

impl ModelRef {
    /// Reads a reference: a manifest's name, `org/name[/folder][@revision]`, or an existing folder.
    ///
    /// A manifest's name wins over a folder of that name (`./name` is the folder); a folder that
    /// exists wins over a repository. A manifest's repository without a revision is the manifest,
    /// so that what it pins is held to.
    pub fn parse(text: &str) -> Result<Self, HubError> {
        check_own()?;
        if let Some(manifest) = manifest(text) {
            return Ok(Self::Manifest(manifest));
        }
        let path = Path::new(text);
        if path.is_dir() || looks_like_a_path(text) {
            return Ok(Self::Folder(path.to_owned()));
        }
        let (place, revision) = match text.split_once('@') {
            Some((place, revision)) => (place, Some(revision)),
            None => (text, None),
        };
        let Some((id, folder)) = split_folder(place) else {
            return Err(unknown(text));
        };
        if let Some(revision) = revision
            && !is_revision(revision)
        {
            return Err(HubError::BadRevision {
                reference: text.to_owned(),
                revision: revision.to_owned(),
            });
        }
        let known = manifests().iter().find(|m| m.repo.as_deref() == Some(id));
        match (known, revision) {
            (Some(manifest), None) if folder.is_none() => Ok(Self::Manifest(manifest)),
            _ => Ok(Self::Repo {
                id: id.to_owned(),
                folder: folder.map(str::to_owned),
                revision: revision.map(str::to_owned),
            }),
        }
    }
}

fn looks_like_a_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~', '\\']) || text.contains('\\') || text.ends_with('/')
}

fn unknown(text: &str) -> HubError {
    HubError::UnknownModel {
        reference: text.to_owned(),
        known: manifests()
            .iter()
            .map(|m| m.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::names::is_repo_id;

    #[test]
    fn references_are_told_apart() {
        let parse = |text: &str| ModelRef::parse(text).unwrap();
        assert!(
            matches!(parse("opus-mt-zh-en"), ModelRef::Manifest(m) if m.name == "opus-mt-zh-en")
        );
        assert!(
            matches!(parse("Helsinki-NLP/opus-mt-zh-en"), ModelRef::Manifest(m) if m.name == "opus-mt-zh-en")
        );
        assert!(matches!(
            parse("Helsinki-NLP/opus-mt-zh-en@main"),
            ModelRef::Repo { id, revision: Some(r), .. } if id == "Helsinki-NLP/opus-mt-zh-en" && r == "main"
        ));
        assert!(matches!(
            parse("org/name"),
            ModelRef::Repo { revision: None, .. }
        ));
        assert!(
            matches!(parse("org/name@refs/pr/3"), ModelRef::Repo { revision: Some(r), .. } if r == "refs/pr/3")
        );
        assert!(
            matches!(parse("org/name/zh/en@v1"), ModelRef::Repo { id, folder: Some(f), revision: Some(r) }
                if id == "org/name" && f == "zh/en" && r == "v1")
        );
        assert!(matches!(parse("./not-there"), ModelRef::Folder(_)));
        assert!(matches!(
            parse(env!("CARGO_MANIFEST_DIR")),
            ModelRef::Folder(_)
        ));
    }

    #[test]
    fn what_could_leave_the_cache_is_refused() {
        for text in [
            "opus",
            "a/b//c",
            "a/b/../c",
            "a/b/.c",
            "a/b/c d",
            "org/na me",
            "or--g/name",
            "org/..",
            "org/.git",
            "org/name\0",
            "org/name@",
            "org/name@..",
            "org/name@a/../../b",
            "org/name@/etc",
            "org/name@a//b",
            "org/name@a b",
            "org/name@.hidden",
            "快报/模型",
            "",
        ] {
            assert!(ModelRef::parse(text).is_err(), "{text:?} was accepted");
        }
        assert!(!is_repo_id(&format!("a/{}", "b".repeat(95))));
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let message = ModelRef::parse("opus").unwrap_err().to_string();
        assert!(
            message.contains("opus-mt-zh-en") && message.contains("org/name"),
            "{message}"
        );
    }
}
