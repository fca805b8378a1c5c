//! What may be a name on the hub: nothing that names a path outside the cache.

/// `org/name` and the folder behind it, where both may be path names.
pub(crate) fn split_folder(place: &str) -> Option<(&str, Option<&str>)> {
    let second = place.match_indices('/').nth(1);
    let (id, folder) = match second {
        Some((at, _)) => (&place[..at], Some(&place[at + 1..])),
        None => (place, None),
    };
    (is_repo_id(id) && folder.is_none_or(is_folder)).then_some((id, folder))
}

/// Whether this names a folder inside a repository and nothing outside it.
pub(crate) fn is_folder(folder: &str) -> bool {
    folder.len() <= 200 && folder.split('/').all(is_plain)
}

/// Whether this is `org/name` by the hub's rules: each part of `[A-Za-z0-9._-]`, at most 96 bytes
/// in all, no `--` or `..`, neither end a `-` or `.` (`huggingface_hub`'s `validate_repo_id`).
pub(crate) fn is_repo_id(id: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            && !part.starts_with(['-', '.'])
            && !part.ends_with(['-', '.'])
    };
    id.len() <= 96
        && !id.contains("--")
        && !id.contains("..")
        && id
            .split_once('/')
            .is_some_and(|(org, name)| is_part(org) && is_part(name))
}

/// Whether this can name a branch, tag or commit and be a path below `refs/`: git's rules
/// (`git check-ref-format`) without the characters that no file system takes.
pub(crate) fn is_revision(revision: &str) -> bool {
    revision.len() <= 200
        && revision.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.ends_with(['.', ' '])
                && !part.contains("..")
                && part
                    .chars()
                    .all(|c| !c.is_control() && !" ~^:?*[\\\"<>|@".contains(c))
        })
}

/// Whether this names a file in its folder and nothing else.
pub(crate) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}
