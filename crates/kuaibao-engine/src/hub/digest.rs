//! The names by which the hub knows contents: SHA-256, or git's SHA-1 of a small file.
//!
//! Comes in: bytes as they stream. Goes out: whether they are the contents that were promised.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

/// The name of a blob: what its contents hash to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum BlobId {
    /// SHA-256 of the contents: files that git-lfs holds.
    Sha256(String),
    /// Git's object id, SHA-1 over `blob <length>\0` and the contents: all other files.
    Git(String),
}

impl BlobId {
    /// Reads a hash as the hub writes it: an `ETag`, quoted or weak, or a bare hexadecimal string.
    ///
    /// `None` for anything else, a content delivery network's own `ETag` for one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let hex = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
        if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        match hex.len() {
            64 => Some(Self::Sha256(hex.to_ascii_lowercase())),
            40 => Some(Self::Git(hex.to_ascii_lowercase())),
            _ => None,
        }
    }

    /// The hash in hexadecimal: the blob's file name in the cache.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Sha256(hex) | Self::Git(hex) => hex,
        }
    }

    /// What the contents of a file hash to, under the same kind of name.
    pub(crate) fn of_file(&self, path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut hasher = Hasher::new(self, file.metadata()?.len());
        hasher.update_from(&mut file)?;
        Ok(hasher.finish())
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Hashes contents as they arrive, in the manner of one blob's name.
pub(crate) struct Hasher {
    context: Context,
    git: bool,
}

impl Hasher {
    /// A hasher for contents of `size` bytes, to be compared with `id`.
    pub(crate) fn new(id: &BlobId, size: u64) -> Self {
        match id {
            BlobId::Sha256(_) => Self {
                context: Context::new(&SHA256),
                git: false,
            },
            BlobId::Git(_) => {
                let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
                context.update(format!("blob {size}\0").as_bytes());
                Self { context, git: true }
            }
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// Hashes all that is left to read; gives its length.
    pub(crate) fn update_from(&mut self, reader: &mut impl Read) -> io::Result<u64> {
        let mut buffer = vec![0; 1 << 18];
        let mut total = 0;
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(total),
                Ok(read) => {
                    self.update(&buffer[..read]);
                    total += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn finish(self) -> BlobId {
        let hex = hex(self.context.finish().as_ref());
        if self.git {
            BlobId::Git(hex)
        } else {
            BlobId::Sha256(hex)
        }
    }
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(ring::digest::digest(&SHA256, bytes).as_ref());
    hash
}

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(kind: &BlobId, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(kind, bytes.len() as u64);
        hasher.update(bytes);
        hasher.finish().as_str().to_owned()
    }

    #[test]
    fn hashes_are_those_of_sha256sum_and_git() {
        let sha256 = BlobId::Sha256(String::new());
        let git = BlobId::Git(String::new());
        // FIPS 180-4 example; `printf 'hello\n' | git hash-object --stdin`.
        assert_eq!(
            id_of(&sha256, b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            id_of(&git, b"hello\n"),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
        assert_eq!(sha256_hex(b"abc"), id_of(&sha256, b"abc"));
    }

    #[test]
    fn etags_are_read_as_the_hub_writes_them() {
        let sha1 = "ce013625030ba8dba906f756967f9e9ca394464a";
        let sha256 = sha256_hex(b"abc");
        for text in [
            sha1.to_owned(),
            format!("\"{sha1}\""),
            format!("W/\"{sha1}\""),
        ] {
            assert_eq!(BlobId::parse(&text), Some(BlobId::Git(sha1.to_owned())));
        }
        assert_eq!(
            BlobId::parse(&format!("\"{}\"", sha256.to_uppercase())),
            Some(BlobId::Sha256(sha256))
        );
        for text in [
            "",
            "\"5d41402abc4b2a76b9719d911017c592\"",
            "../../etc/passwd",
            "W/",
            "W/\"x\"",
        ] {
            assert_eq!(BlobId::parse(text), None, "{text}");
        }
    }
}
