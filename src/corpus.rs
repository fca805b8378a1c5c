//! Files and folders to the list of inputs, and an input to its bytes.
//!
//! Comes in: the paths of the command line. Goes out: a [`Walk`]: [`Input`]s in a stable order, each
//! with the key that its output goes by, and what was [`LeftOut`] and why; the bytes of one input.
//! Never decodes, never writes, never enters the output folder.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

use crate::ocr::Ocr;

/// Extensions of files that are taken from a folder.
pub const EXTENSIONS: [&str; 21] = [
    "txt", "text", "md", "markdown", "html", "htm", "docx", "odt", "rtf", "pdf", "epub", "eml",
    "mht", "mhtml", "rss", "atom", "srt", "vtt", "xlf", "xliff", "json",
];

/// One file to read, or standard input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Where it is; `-` is standard input.
    pub path: PathBuf,
    /// What its page goes by in outputs: the path as it was named without what leads to it from the
    /// root or from outside; of files in the only folder that was named, the path in that folder.
    pub key: PathBuf,
}

/// A file or folder that was met and is not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// Where it is, as [`Input::key`].
    pub path: String,
    /// Why, in plain English.
    pub reason: String,
    /// Whether that is the rule for files of its name, which nobody misses.
    #[serde(skip)]
    pub expected: bool,
}

/// What the given paths hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// What is to be read.
    pub inputs: Vec<Input>,
    /// What is not.
    pub left_out: Vec<LeftOut>,
}

/// How folders are walked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A folder that is never entered, wherever it lies: the output folder.
    pub output: Option<PathBuf>,
    /// Whether links are followed out of the folder that holds them.
    pub follow_links: bool,
    /// Whether pictures are taken: there is a program that reads them.
    pub pictures: bool,
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
    #[error("larger than {max_bytes} bytes (raise --max-bytes to take it)")]
    TooLarge {
        /// The limit.
        max_bytes: u64,
    },
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths.iter().map(|p| p.display().to_string()).collect();
    paths.join(", ")
}

impl Input {
    /// The input of a path that was named: a file, or `-`.
    fn named(path: &Path) -> Self {
        let key = if is_stdin(path) {
            "stdin.txt".into()
        } else {
            key(path)
        };
        Self {
            path: path.to_owned(),
            key,
        }
    }

    /// Its bytes as they come.
    pub fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(if is_stdin(&self.path) {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&self.path)?)
        })
    }

    /// All its bytes, unless they are more than `max_bytes`: of pipes and growing files too, whose
    /// length is not known beforehand.
    pub fn read(&self, max_bytes: u64) -> Result<Vec<u8>, CorpusError> {
        let unreadable = |source| CorpusError::Unreadable {
            path: self.path.clone(),
            source,
        };
        let mut bytes = Vec::new();
        let mut limited = self
            .open()
            .map_err(unreadable)?
            .take(max_bytes.saturating_add(1));
        limited.read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > max_bytes {
            return Err(CorpusError::TooLarge { max_bytes });
        }
        Ok(bytes)
    }
}

/// Reads a file, unless it is larger than `max_bytes`.
pub fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, CorpusError> {
    Input::named(path).read(max_bytes)
}

/// Whether a path of the command line means standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A path as it was named, without the `/`, `./` and `..` at its head.
fn key(path: &Path) -> PathBuf {
    let parts = path.components();
    parts
        .skip_while(|part| !matches!(part, Component::Normal(_)))
        .collect()
}

/// What tells that two paths lead to the same file.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Lists the files of the given paths: files as they are, folders recursively in the order of
/// their names, `-` as standard input.
///
/// Hidden files, README files and other kinds than [`EXTENSIONS`] are left out of folders, and links
/// that lead out of them; a file that is named is taken whatever it is called. A folder within that
/// cannot be entered is listed as an input, so that its failure is reported like a file's.
pub fn walk(paths: &[PathBuf], options: &Options) -> Result<Walk, CorpusError> {
    if paths.is_empty() {
        return Err(CorpusError::NoPath);
    }
    let mut walker = Walker {
        output: options
            .output
            .as_deref()
            .and_then(|p| p.canonicalize().ok()),
        follow_links: options.follow_links,
        pictures: options.pictures,
        seen: HashMap::new(),
        walk: Walk::default(),
    };
    for path in paths.iter().filter(|p| !is_stdin(p)) {
        fs::metadata(path).map_err(|source| CorpusError::Unreadable {
            path: path.clone(),
            source,
        })?;
    }
    for path in paths {
        if is_stdin(path) || !path.is_dir() {
            walker.take(Input::named(path));
        } else if let [_] = paths {
            walker.folder(path, Path::new(""))?;
        } else {
            walker.folder(path, &key(path))?;
        }
    }
    Ok(walker.walk)
}

/// A walk under way.
struct Walker {
    output: Option<PathBuf>,
    follow_links: bool,
    pictures: bool,
    /// Files by what tells them apart, with the key that they are read under.
    seen: HashMap<PathBuf, PathBuf>,
    walk: Walk,
}

impl Walker {
    fn take(&mut self, input: Input) {
        let identity = identity(&input.path);
        if let Some(first) = self.seen.get(&identity) {
            // A path that is named twice under one name is one.
            if *first != input.key {
                let reason = format!("the same file as {}", first.display());
                self.leave_out(&input.key, reason, false);
            }
            return;
        }
        self.seen.insert(identity, input.key.clone());
        self.walk.inputs.push(input);
    }

    fn leave_out(&mut self, key: &Path, reason: String, expected: bool) {
        self.walk.left_out.push(LeftOut {
            path: key.to_string_lossy().into_owned(),
            reason,
            expected,
        });
    }

    fn folder(&mut self, root: &Path, base: &Path) -> Result<(), CorpusError> {
        let home = identity(root);
        let mut entries = WalkDir::new(root)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter();
        while let Some(entry) = entries.next() {
            let key = |path: &Path| base.join(path.strip_prefix(root).unwrap_or(path));
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.failed(error, &key)?;
                    continue;
                }
            };
            let (path, is_folder) = (entry.path(), entry.file_type().is_dir());
            if is_folder && self.is_output(path) {
                entries.skip_current_dir();
            } else if entry.depth() == 0 {
                // It was named.
            } else if let Some((reason, expected)) = self.why_not(&entry, &home) {
                self.leave_out(&key(path), reason, expected);
                if is_folder {
                    entries.skip_current_dir();
                }
            } else if !is_folder {
                self.take(Input {
                    path: path.to_owned(),
                    key: key(path),
                });
            }
        }
        Ok(())
    }

    fn is_output(&self, folder: &Path) -> bool {
        let output = self.output.as_deref();
        output.is_some_and(|o| folder.canonicalize().is_ok_and(|p| p.starts_with(o)))
    }

    /// Notes what could not be entered.
    fn failed(
        &mut self,
        error: walkdir::Error,
        key: &dyn Fn(&Path) -> PathBuf,
    ) -> Result<(), CorpusError> {
        let path = error.path().unwrap_or(Path::new("")).to_owned();
        let key = key(&path);
        if error.depth() == 0 {
            let source = error.into();
            return Err(CorpusError::Unreadable { path, source });
        }
        if error.loop_ancestor().is_some() {
            let reason = "a link that leads back to its own folder";
            self.leave_out(&key, reason.to_owned(), false);
        } else if path.is_symlink() && fs::metadata(&path).is_err() {
            self.leave_out(&key, "a broken link".to_owned(), false);
        } else {
            self.take(Input { path, key });
        }
        Ok(())
    }

    /// Why an entry of a folder is not read, and whether that is so by rule.
    fn why_not(&self, entry: &DirEntry, home: &Path) -> Option<(String, bool)> {
        let name = entry.file_name().to_string_lossy();
        if name.starts_with('.') {
            return Some(("hidden".to_owned(), true));
        }
        if entry.path_is_symlink()
            && !self.follow_links
            && !identity(entry.path()).starts_with(home)
        {
            let reason = "a link that leads out of the folder (--follow-links takes it)";
            return Some((reason.to_owned(), false));
        }
        if entry.file_type().is_dir() {
            return None;
        }
        if !entry.file_type().is_file() {
            return Some(("no regular file".to_owned(), false));
        }
        let readme = name.get(..6);
        if readme.is_some_and(|n| n.eq_ignore_ascii_case("readme")) {
            return Some(("README files are no articles".to_owned(), true));
        }
        match Path::new(&*name).extension().and_then(|e| e.to_str()) {
            None => Some((
                "no extension says what kind of file it is".to_owned(),
                false,
            )),
            Some(e) if EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(e)) => None,
            Some(_) if self.pictures && Ocr::reads(Path::new(&*name)) => None,
            Some(e) => Some((format!("files of the kind .{e} are not read"), false)),
        }
    }
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

    fn keys(walk: &Walk) -> Vec<String> {
        let keys = walk.inputs.iter().map(|i| i.key.to_str().unwrap());
        keys.map(|key| key.replace('\\', "/")).collect()
    }

    fn left_out(walk: &Walk) -> Vec<(&str, &str)> {
        let left_out = walk.left_out.iter();
        left_out.map(|l| (&*l.path, &*l.reason)).collect()
    }

    #[test]
    fn a_folder_is_walked_in_a_stable_order_and_says_what_it_leaves_out() {
        let f = folder(&[
            "b.txt",
            "a/2.md",
            "a/1.TXT",
            "a/README.md",
            "readme.txt",
            ".hidden/x.txt",
            "a/.x.txt",
            "photo.jpg",
            "mail.msg",
            "plain",
            "c.html",
        ]);
        let found = walk(&[f.path().to_owned()], &Options::default()).unwrap();
        assert_eq!(keys(&found), ["a/1.TXT", "a/2.md", "b.txt", "c.html"]);
        let named = left_out(&found);
        let hidden = named.iter().filter(|(_, reason)| *reason == "hidden");
        assert_eq!(hidden.count(), 2);
        let others: Vec<&str> = named.iter().map(|(path, _)| *path).collect();
        let expected = [
            ".hidden",
            "a/.x.txt",
            "a/README.md",
            "mail.msg",
            "photo.jpg",
            "plain",
            "readme.txt",
        ];
        assert_eq!(others, expected);
    }

    #[test]
    fn the_output_folder_is_not_walked() {
        let f = folder(&["a.txt", "out/a.txt/1.json", "out/deep/b.txt"]);
        let options = Options {
            output: Some(f.path().join("out")),
            ..Options::default()
        };
        let found = walk(&[f.path().to_owned()], &options).unwrap();
        assert_eq!(
            (keys(&found), found.left_out.len()),
            (vec!["a.txt".to_owned()], 0)
        );
        let within = walk(&[f.path().join("out/deep")], &options).unwrap();
        assert_eq!(within, Walk::default());
    }

    #[test]
    fn a_key_is_the_path_as_it_was_named() {
        let f = folder(&["x/day/1.txt", "y/day/1.txt", "page.txt"]);
        let root = f
            .path()
            .strip_prefix("/")
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let p = |path: &str| f.path().join(path);
        let paths = [
            p("x/day"),
            p("y/day"),
            p("page.txt"),
            p("page.txt"),
            "-".into(),
        ];
        let found = walk(&paths, &Options::default()).unwrap();
        let expected = ["x/day/1.txt", "y/day/1.txt", "page.txt"].map(|k| format!("{root}/{k}"));
        assert_eq!(keys(&found)[..3], expected);
        assert_eq!(keys(&found)[3], "stdin.txt");
        // What else is named does not change the key of a file that is named itself.
        let alone = walk(&[p("page.txt")], &Options::default()).unwrap();
        assert_eq!(keys(&alone), [format!("{root}/page.txt")]);
        // A file reached twice is read once.
        let found = walk(&[p("x"), p("x/day/1.txt")], &Options::default()).unwrap();
        assert_eq!((found.inputs.len(), found.left_out.len()), (1, 0));
        for (path, expected) in [
            ("/a/b.txt", "a/b.txt"),
            ("./a.txt", "a.txt"),
            ("../../a/../b.txt", "a/../b.txt"),
            ("a//b.txt", "a/b.txt"),
        ] {
            assert_eq!(key(Path::new(path)), Path::new(expected));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_that_loop_break_or_lead_out_are_left_out() {
        use std::os::unix::fs::symlink;
        let out = folder(&["secret.txt"]);
        let f = folder(&["a/1.txt"]);
        symlink(f.path(), f.path().join("a/up")).unwrap();
        symlink(f.path().join("gone.txt"), f.path().join("a/broken.txt")).unwrap();
        symlink(out.path().join("secret.txt"), f.path().join("out.txt")).unwrap();
        symlink(f.path().join("a/1.txt"), f.path().join("z.txt")).unwrap();
        let found = walk(&[f.path().to_owned()], &Options::default()).unwrap();
        assert_eq!(keys(&found), ["a/1.txt"]);
        let paths: Vec<&str> = left_out(&found).iter().map(|(path, _)| *path).collect();
        assert_eq!(paths, ["a/broken.txt", "a/up", "out.txt", "z.txt"]);
        let options = Options {
            follow_links: true,
            ..Options::default()
        };
        let found = walk(&[f.path().to_owned()], &options).unwrap();
        assert_eq!(keys(&found), ["a/1.txt", "out.txt"]);
        // One that is named is wanted.
        let found = walk(&[f.path().join("out.txt")], &Options::default()).unwrap();
        assert_eq!(found.inputs.len(), 1);
    }

    #[test]
    fn a_root_that_does_not_exist_is_an_error_that_names_it() {
        let error = walk(&[PathBuf::from("no/such")], &Options::default()).unwrap_err();
        assert!(error.to_string().contains("no/such"));
    }

    #[test]
    fn large_files_are_not_read() {
        let f = folder(&["a.txt"]);
        let path = f.path().join("a.txt");
        for (max_bytes, fits) in [(10, true), (9, false), (u64::MAX, true), (0, false)] {
            let read = read(&path, max_bytes);
            assert_eq!(read.is_ok(), fits, "{max_bytes}");
            assert!(fits || matches!(read, Err(CorpusError::TooLarge { .. })));
        }
        #[cfg(unix)]
        assert!(matches!(
            read(Path::new("/dev/zero"), 1 << 20),
            Err(CorpusError::TooLarge { .. })
        ));
    }
}
