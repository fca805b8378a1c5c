//! Files and folders to the list of inputs, and an input to its bytes.
//!
//! Comes in: the paths of the command line. Goes out: [`Input`]s in a stable order, each with the
//! relative path that its output goes to; the bytes of one. Never decodes, never writes, never
//! enters the output folder.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// Extensions of files that are taken from a folder.
pub const EXTENSIONS: [&str; 9] = [
    "txt", "text", "md", "markdown", "html", "htm", "docx", "pdf", "json",
];

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the folder that was given, or its file name; unique among the inputs and
    /// free of `..`. With several folders it begins with the folder's name.
    pub relative: PathBuf,
}

/// How folders are walked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A folder that is never entered, wherever it lies: the output folder.
    pub output: Option<PathBuf>,
}

/// Why a path gives no input.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The path does not exist or cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No path was given.
    #[error("no input: name a file or a folder")]
    NoPath,
    /// The folders hold no file that can be read.
    #[error("no article in {}: looked for {} files", list(.0), EXTENSIONS.map(|e| format!(".{e}")).join(" "))]
    Empty(Vec<PathBuf>),
    /// The file is larger than allowed.
    #[error(
        "{path} is larger than {max_bytes} bytes and was not read (raise --max-bytes to take it)"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        max_bytes: u64,
    },
}

impl CorpusError {
    /// The message without the path, for a place that names it.
    pub fn reason(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => source.to_string(),
            Self::TooLarge { max_bytes, .. } => {
                format!("larger than {max_bytes} bytes (raise --max-bytes to take it)")
            }
            Self::NoPath | Self::Empty(_) => self.to_string(),
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths.iter().map(|p| p.display().to_string()).collect();
    paths.join(", ")
}

/// Lists the files of the given paths: files as they are, folders recursively in the order of
/// their names.
///
/// Hidden files, README files and other extensions are left out of folders; a file that is named
/// is taken whatever it is called. A file that is reached twice is listed once. A folder within
/// that cannot be entered is listed as an input, so that its failure is reported like a file's.
pub fn walk(paths: &[PathBuf], options: &Options) -> Result<Vec<Input>, CorpusError> {
    if paths.is_empty() {
        return Err(CorpusError::NoPath);
    }
    let output = options
        .output
        .as_deref()
        .and_then(|p| p.canonicalize().ok());
    let mut roots: Vec<(&PathBuf, PathBuf)> = Vec::new();
    for path in paths {
        let canonical = path
            .canonicalize()
            .map_err(|source| CorpusError::Unreadable {
                path: path.clone(),
                source,
            })?;
        if !roots.iter().any(|(_, known)| *known == canonical) {
            roots.push((path, canonical));
        }
    }
    let alone = roots.len() == 1;
    let labels = labels(roots.iter().map(|(_, canonical)| canonical.as_path()));
    let mut seen = HashSet::new();
    let mut inputs = Vec::new();
    for ((path, canonical), label) in roots.iter().zip(labels) {
        if canonical.is_file() {
            if seen.insert(canonical.clone()) {
                inputs.push(Input {
                    path: (*path).clone(),
                    relative: label,
                });
            }
            continue;
        }
        let base = if alone { PathBuf::new() } else { label };
        walk_folder(path, &base, output.as_deref(), &mut seen, &mut inputs);
    }
    if inputs.is_empty() {
        return Err(CorpusError::Empty(paths.to_vec()));
    }
    Ok(inputs)
}

fn walk_folder(
    root: &Path,
    base: &Path,
    output: Option<&Path>,
    seen: &mut HashSet<PathBuf>,
    inputs: &mut Vec<Input>,
) {
    let walker = WalkDir::new(root).follow_links(true).sort_by_file_name();
    let entered = |entry: &DirEntry| {
        let is_output = entry.file_type().is_dir()
            && output.is_some_and(|o| entry.path().canonicalize().is_ok_and(|p| p.starts_with(o)));
        !is_output && (entry.depth() == 0 || !is_left_out(entry))
    };
    for entry in walker.into_iter().filter_entry(entered) {
        let path = match entry {
            Ok(entry) if entry.file_type().is_file() => entry.into_path(),
            Ok(_) => continue,
            // A link that leads back to its own folder holds nothing new.
            Err(error) if error.loop_ancestor().is_some() => continue,
            Err(error) => match error.path() {
                Some(path) if error.depth() > 0 => path.to_owned(),
                _ => continue,
            },
        };
        if seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            let below = path.strip_prefix(root).unwrap_or(&path);
            inputs.push(Input {
                relative: base.join(below),
                path,
            });
        }
    }
}

/// Hidden files and folders, README files, and files of other kinds.
fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    if name.starts_with('.') {
        return true;
    }
    if entry.file_type().is_dir() {
        return false;
    }
    let readme = name
        .get(..6)
        .is_some_and(|n| n.eq_ignore_ascii_case("readme"));
    let known = Path::new(&*name)
        .extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(e)));
    readme || !known
}

/// A name for each path: its last component, or as many as tell it from the others.
fn labels<'a>(paths: impl Iterator<Item = &'a Path>) -> Vec<PathBuf> {
    let parts: Vec<Vec<&std::ffi::OsStr>> = paths
        .map(|path| {
            path.components()
                .filter_map(|c| match c {
                    Component::Normal(name) => Some(name),
                    _ => None,
                })
                .collect()
        })
        .collect();
    let mut depths = vec![1; parts.len()];
    loop {
        let labels: Vec<PathBuf> = parts
            .iter()
            .zip(&depths)
            .map(|(parts, depth)| parts[parts.len().saturating_sub(*depth)..].iter().collect())
            .collect();
        let mut count: HashMap<&Path, usize> = HashMap::new();
        for label in &labels {
            *count.entry(label).or_default() += 1;
        }
        let mut grown = false;
        for (i, label) in labels.iter().enumerate() {
            if count[label.as_path()] > 1 && depths[i] < parts[i].len() {
                depths[i] += 1;
                grown = true;
            }
        }
        if !grown {
            return labels;
        }
    }
}

/// Reads an input, unless it is larger than `max_bytes`.
pub fn read_bytes(input: &Input, max_bytes: u64) -> Result<Vec<u8>, CorpusError> {
    let path = &input.path;
    let unreadable = |source| CorpusError::Unreadable {
        path: path.clone(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    // The limit holds for pipes and growing files too, whose length is not known beforehand.
    let mut bytes = Vec::new();
    file.take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > max_bytes {
        return Err(CorpusError::TooLarge {
            path: path.clone(),
            max_bytes,
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "青禾县\n").unwrap();
        }
        folder
    }

    fn relative(inputs: &[Input]) -> Vec<String> {
        inputs
            .iter()
            .map(|i| i.relative.to_str().unwrap().replace('\\', "/"))
            .collect()
    }

    #[test]
    fn a_folder_is_walked_in_a_stable_order() {
        let f = folder(&[
            "b.txt",
            "a/2.md",
            "a/1.TXT",
            "a/README.md",
            "readme.txt",
            ".hidden/x.txt",
            "a/.x.txt",
            "photo.jpg",
            "c.html",
        ]);
        let inputs = walk(&[f.path().to_owned()], &Options::default()).unwrap();
        assert_eq!(relative(&inputs), ["a/1.TXT", "a/2.md", "b.txt", "c.html"]);
    }

    #[test]
    fn the_output_folder_is_not_walked() {
        let f = folder(&["a.txt", "out/a.txt/1.json", "out/deep/b.txt"]);
        let options = Options {
            output: Some(f.path().join("out")),
        };
        let inputs = walk(&[f.path().to_owned()], &options).unwrap();
        assert_eq!(relative(&inputs), ["a.txt"]);
        let within = walk(&[f.path().join("out/deep")], &options);
        assert!(matches!(within, Err(CorpusError::Empty(_))));
    }

    #[test]
    fn several_roots_never_share_a_relative_path() {
        let f = folder(&["x/day/1.txt", "y/day/1.txt", "page.txt"]);
        let p = |path: &str| f.path().join(path);
        let inputs = walk(
            &[p("x/day"), p("y/day"), p("page.txt"), p("page.txt")],
            &Options::default(),
        )
        .unwrap();
        assert_eq!(
            relative(&inputs),
            ["x/day/1.txt", "y/day/1.txt", "page.txt"]
        );
        // A file reached twice is read once.
        let inputs = walk(&[p("x"), p("x/day/1.txt")], &Options::default()).unwrap();
        assert_eq!(inputs.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_loop_end() {
        let f = folder(&["a/1.txt"]);
        std::os::unix::fs::symlink(f.path(), f.path().join("a/up")).unwrap();
        std::os::unix::fs::symlink(f.path().join("gone.txt"), f.path().join("a/broken.txt"))
            .unwrap();
        let inputs = walk(&[f.path().to_owned()], &Options::default()).unwrap();
        assert_eq!(relative(&inputs), ["a/1.txt", "a/broken.txt"]);
        assert!(read_bytes(&inputs[1], 10).is_err());
    }

    #[test]
    fn a_root_that_does_not_exist_is_an_error_that_names_it() {
        let error = walk(&[PathBuf::from("no/such")], &Options::default()).unwrap_err();
        assert!(error.to_string().contains("no/such"));
    }

    #[test]
    fn large_files_are_not_read() {
        let f = folder(&["a.txt"]);
        let inputs = walk(&[f.path().join("a.txt")], &Options::default()).unwrap();
        assert_eq!(read_bytes(&inputs[0], 10).unwrap().len(), 10);
        assert!(matches!(
            read_bytes(&inputs[0], 9),
            Err(CorpusError::TooLarge { .. })
        ));
    }
}
