//! Marian's own weight files: `.bin`, as Firefox ships its models, and `.npz`, as OPUS-MT does.
//!
//! Comes in: the path of an untrusted file, perhaps packed. Goes out: an [`Archive`] of named
//! matrices in f32 or in 8 bits with a multiplier, and the configuration that every such file
//! carries. Nothing in a file is run, no length in it is believed before the file was seen to hold as
//! much, and nothing panics, whatever the bytes.

mod bin;
mod config;
mod npz;
mod shortlist;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use self::config::MarianConfig;
pub use self::shortlist::Shortlist;
use crate::{mapped::MappedFile, packed};

/// A file that is not a Marian model which can be run.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct MarianError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it, or not known here.
    pub problem: String,
}

/// The named matrices of one file.
pub struct Archive {
    path: PathBuf,
    bytes: Bytes,
    items: BTreeMap<String, Item>,
    /// `special:model.yml`.
    config: MarianConfig,
}

/// A file in memory: mapped, or unpacked.
enum Bytes {
    Mapped(MappedFile),
    Unpacked(Vec<u8>),
}

impl Bytes {
    fn get(&self) -> Result<&[u8], String> {
        match self {
            Self::Mapped(file) => file.bytes().map_err(|e| e.to_string()),
            Self::Unpacked(bytes) => Ok(bytes),
        }
    }
}

/// Where a matrix lies in the file. Its range was found to be as long as its shape wants.
struct Item {
    shape: Vec<usize>,
    form: Form,
    range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    F32,
    F16,
    /// Signed bytes, then the multiplier: a weight is a byte divided by it.
    Int8,
    /// An entry of an `.npz` that is compressed.
    Deflated,
}

/// The numbers of a matrix.
#[derive(Debug)]
pub enum Numbers<'a> {
    /// `(rows, columns)` of the shape.
    F32(Vec<f32>),
    /// For embeddings `(rows, columns)`, for all else transposed: `(outputs, inputs)` both times.
    Int8 {
        /// −127…127.
        values: Cow<'a, [i8]>,
        /// A weight is a value divided by this.
        multiplier: f32,
    },
}

/// The name of the configuration among the matrices.
const CONFIG: &str = "special:model.yml";

impl Archive {
    /// Opens a `.bin` or `.npz`, perhaps packed.
    pub fn open(path: &Path) -> Result<Self, MarianError> {
        let bad = |problem: String| MarianError {
            path: path.to_owned(),
            problem,
        };
        let name = path.to_string_lossy();
        let bytes = if packed::is_packed(&name) {
            Bytes::Unpacked(packed::read(path).map_err(|e| bad(e.to_string()))?)
        } else {
            Bytes::Mapped(MappedFile::open(path).map_err(|e| bad(e.to_string()))?)
        };
        let all = bytes.get().map_err(bad)?;
        let read = match packed::unpacked_name(&name).ends_with(".npz") {
            true => npz::read(all),
            false => bin::read(all),
        };
        let mut items = read.map_err(bad)?;
        let config = items.remove(CONFIG).ok_or_else(|| {
            bad(format!(
                "it has no {CONFIG}, which says how the model is built"
            ))
        })?;
        let config = text(&all[config.range]);
        Ok(Self {
            config: MarianConfig::parse(&config).map_err(bad)?,
            path: path.to_owned(),
            bytes,
            items,
        })
    }

    /// How the model is built.
    pub fn config(&self) -> &MarianConfig {
        &self.config
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it has a matrix of this name.
    pub fn has(&self, name: &str) -> bool {
        self.items.contains_key(name)
    }

    /// The shape of a matrix: in f32 `(inputs, outputs)`, in embeddings `(vocabulary, width)`.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.items.get(name).map(|item| item.shape.as_slice())
    }

    /// The numbers of a matrix; the error says what is wrong with it.
    pub fn numbers(&self, name: &str) -> Result<Numbers<'_>, String> {
        let item = self.items.get(name).ok_or("it is missing")?;
        let all = self.bytes.get()?;
        let bytes = &all[item.range.clone()];
        Ok(match item.form {
            Form::F32 => Numbers::F32(floats(bytes)),
            Form::F16 => {
                let (halves, _) = bytes.as_chunks::<2>();
                let value = |b: &[u8; 2]| half::f16::from_le_bytes(*b).to_f32();
                Numbers::F32(halves.iter().map(value).collect())
            }
            Form::Deflated => Numbers::F32(npz::inflate(all, name, &item.shape)?),
            Form::Int8 => {
                let (values, multiplier) = bytes.split_at(bytes.len() - size_of::<f32>());
                let multiplier = floats(multiplier)[0];
                if !(multiplier.is_finite() && multiplier > 0.0) {
                    return Err(format!("its multiplier is {multiplier}"));
                }
                Numbers::Int8 {
                    values: values.iter().map(|&byte| byte as i8).collect(),
                    multiplier,
                }
            }
        })
    }

    /// What activations are multiplied by before they are rounded to 8 bits, for one matrix: the
    /// `alpha` of Firefox's export, where there is one.
    pub fn alpha(&self, name: &str) -> Option<f32> {
        let own = format!("{name}_QuantMultA");
        let names: &[&str] = match name.contains("Wemb") {
            true => &["none_QuantMultA", &own],
            false => &[&own],
        };
        let name = names.iter().find(|name| self.has(name))?;
        match self.numbers(name).ok()? {
            Numbers::F32(values) => values.first().copied(),
            // A name with `Wemb` in it is itself stored in 8 bits.
            Numbers::Int8 { values, multiplier } => Some(f32::from(*values.first()?) / multiplier),
        }
    }

    /// Whether its matrices are stored in 8 bits.
    pub fn is_int8(&self) -> bool {
        self.items.values().any(|item| item.form == Form::Int8)
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

/// Text up to its first NUL.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// How many numbers a shape has, unless that is more than could be.
fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))
}

/// What a folder holds of a Marian-native model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// In f32, where there is one.
    pub full: Option<String>,
    /// In 8 bits, where there is one.
    pub int8: Option<String>,
    /// The SentencePiece file of the source, which is the target's too where there is no other.
    pub source_pieces: Option<String>,
    /// That of the target.
    pub target_pieces: Option<String>,
    /// A list of pieces with their ids, where they are not those of the SentencePiece files.
    pub vocabulary: Option<String>,
    /// Which target words a source word makes likely.
    pub shortlist: Option<String>,
    /// How its makers search with it.
    pub decoder: Option<String>,
}

impl Files {
    /// Those in a folder; `None` where it is no model of this form, one in Hugging Face layout for
    /// instance.
    pub fn of(folder: &Path) -> Option<Self> {
        let entries = fs::read_dir(folder).ok()?.flatten();
        let names: Vec<String> = entries
            .filter(|entry| entry.path().is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        Self::among(names.iter().map(String::as_str))
    }

    /// Those among names of files.
    pub fn among<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut names: Vec<&str> = names.into_iter().collect();
        // The same names whatever order a folder gives them in, and a plain file before a packed one.
        names.sort_unstable();
        if names.contains(&"config.json") {
            return None;
        }
        let first = |fits: &dyn Fn(&str) -> bool| {
            let found = names.iter().find(|name| fits(packed::unpacked_name(name)));
            found.map(|name| (*name).to_owned())
        };
        let int8 = |name: &str| {
            is_bin(name)
                && ["alphas", "intgemm", "int8"]
                    .iter()
                    .any(|part| name.contains(part))
        };
        let full = |name: &str| name.ends_with(".npz") || is_bin(name) && !int8(name);
        let pieces = |start: &str, name: &str| name.starts_with(start) && name.ends_with(".spm");
        let source = first(&|name| pieces("srcvocab", name) || name == "source.spm");
        let target = first(&|name| pieces("trgvocab", name) || name == "target.spm");
        let joint = first(&|name| pieces("vocab", name));
        let files = Self {
            full: first(&full),
            int8: first(&int8),
            target_pieces: target.filter(|_| source.is_some()),
            source_pieces: source.or(joint),
            vocabulary: first(&|name| name.ends_with("vocab.yml")),
            shortlist: first(&|name| name.starts_with("lex.") && name.ends_with(".bin")),
            decoder: names
                .contains(&"decoder.yml")
                .then(|| "decoder.yml".to_owned()),
        };
        (files.full.is_some() || files.int8.is_some()).then_some(files)
    }

    /// The weights to compute with: in 8 bits where that is how it is computed, else in full where
    /// there are such.
    pub fn weights(&self, in_8_bits: bool) -> Option<&str> {
        let (first, second) = match in_8_bits {
            true => (&self.int8, &self.full),
            false => (&self.full, &self.int8),
        };
        first.as_deref().or(second.as_deref())
    }

    /// Whether the names say that the model writes English: `vocab.zhen.spm`, `model.zhen.….bin`.
    pub fn writes_english(&self) -> bool {
        let names = [&self.int8, &self.source_pieces, &self.target_pieces];
        names.into_iter().flatten().any(|name| {
            let pair = name.split('.').nth(1).unwrap_or_default();
            pair.len() > 2
                && pair.ends_with("en")
                && pair.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        })
    }
}

fn is_bin(name: &str) -> bool {
    name.starts_with("model") && name.ends_with(".bin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_names() {
        let firefox = [
            "lex.50.50.zhen.s2t.bin",
            "metadata.json",
            "model.zhen.intgemm.alphas.bin",
            "vocab.zhen.spm",
        ];
        let files = Files::among(firefox).unwrap();
        assert_eq!(files.weights(false), Some("model.zhen.intgemm.alphas.bin"));
        assert_eq!(files.source_pieces.as_deref(), Some("vocab.zhen.spm"));
        assert_eq!(files.target_pieces, None);
        assert_eq!(files.shortlist.as_deref(), Some("lex.50.50.zhen.s2t.bin"));
        assert!(files.writes_english());
        let packed = Files::among([
            "model.enzh.intgemm.alphas.bin.gz",
            "srcvocab.enzh.spm.gz",
            "trgvocab.enzh.spm.gz",
        ]);
        let packed = packed.unwrap();
        assert_eq!(
            packed.weights(true),
            Some("model.enzh.intgemm.alphas.bin.gz")
        );
        assert_eq!(
            packed.target_pieces.as_deref(),
            Some("trgvocab.enzh.spm.gz")
        );
        assert!(!packed.writes_english());
        let opus = Files::among([
            "decoder.yml",
            "opus.spm32k-spm32k.transformer-align.model1.npz.best-perplexity.npz",
            "opus.spm32k-spm32k.vocab.yml",
            "source.spm",
            "target.spm",
        ]);
        let opus = opus.unwrap();
        assert!(opus.full.is_some() && opus.vocabulary.is_some() && !opus.writes_english());
        let both = Files::among(["model.alphas.bin", "model.bin", "vocab.spm"]).unwrap();
        assert_eq!(both.weights(true), Some("model.alphas.bin"));
        assert_eq!(both.weights(false), Some("model.bin"));
        assert_eq!(Files::among(["config.json", "model.npz"]), None);
        assert_eq!(Files::among(["pytorch_model.bin", "vocab.spm"]), None);
    }
}
