//! Sentencepiece models, read and run natively.
//!
//! Comes in: a model file as the trainer writes it, then text or pieces. Goes out: pieces with
//! their ids in that file, or text. Equal to the C++ library, where Hugging Face's conversions are
//! not: they rewrite whole graphemes and find control symbols in plain text. Never panics on any
//! file or text; time and memory are linear in the text (times its logarithm for BPE).
//!
//! Reference: <https://github.com/google/sentencepiece>, `normalizer.cc`, `unigram_model.cc`,
//! `bpe_model.cc`, `sentencepiece_processor.cc`.

mod bpe;
mod normalizer;
mod proto;
mod unigram;

use std::collections::{HashMap, HashSet};

use self::bpe::Bpe;
use self::normalizer::{Normalizer, SPACE, Symbols};
use self::proto::{Algorithm, Entry, Kind, ModelFile};
use self::unigram::Unigram;

/// A sentencepiece model.
pub(super) struct SentencePiece {
    entries: Vec<Entry>,
    ids: HashMap<String, u32>,
    model: Model,
    normalizer: Normalizer,
    denormalizer: Option<Normalizer>,
    /// The id of each byte's piece, where unknown characters are spelt in bytes.
    bytes: Option<Box<[u32; 256]>>,
    unknown: u32,
    unknown_surface: String,
    /// Decoding drops the space that encoding put before the text.
    drops_leading_space: bool,
    drops_all_leading_space: bool,
}

enum Model {
    Unigram(Unigram),
    Bpe(Bpe),
}

/// A piece of an encoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// By its id in the model file.
    Known(u32),
    /// A run of characters that no piece holds.
    Unknown(&'a str),
}

/// What a piece contributes to decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    /// Nothing: a control symbol.
    Nothing,
    /// Text with spaces written `▁`.
    Text(String),
    /// Text as it stands.
    Verbatim(String),
    /// One byte of a character that was spelt in bytes.
    Byte(u8),
}

impl SentencePiece {
    /// Reads a model file; the error says what is wrong with it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let file = proto::parse(bytes)?;
        let ids = index(&file.entries)?;
        let unknown = unknown_id(&file.entries)?;
        let bytes = byte_ids(&file, &ids)?;
        let symbols = || {
            let defined = file.entries.iter().filter(|e| e.kind == Kind::UserDefined);
            Symbols::new(defined.map(|e| e.piece.clone()).collect::<HashSet<_>>())
        };
        let model = match file.algorithm {
            Algorithm::Unigram => Model::Unigram(Unigram::new(&file.entries, unknown)?),
            Algorithm::Bpe => Model::Bpe(Bpe::new(&file.entries, unknown, symbols())),
        };
        let denormalizer = match &file.denormalizer {
            Some(spec) if !spec.charsmap.is_empty() => {
                Some(Normalizer::new(spec, Symbols::default(), false)?)
            }
            _ => None,
        };
        Ok(Self {
            model,
            normalizer: Normalizer::new(&file.normalizer, symbols(), file.whitespace_as_suffix)?,
            denormalizer,
            ids,
            bytes,
            unknown,
            unknown_surface: file.unknown_surface,
            drops_leading_space: file.normalizer.add_dummy_prefix
                || file.normalizer.remove_extra_whitespaces,
            drops_all_leading_space: file.normalizer.remove_extra_whitespaces,
            entries: file.entries,
        })
    }

    /// Number of pieces in the file.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The pieces in the order of their ids.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.piece.as_str())
    }

    /// The id of a piece.
    pub(super) fn id(&self, piece: &str) -> Option<u32> {
        self.ids.get(piece).copied()
    }

    /// Calls `emit` for each piece of the text, in order.
    pub(super) fn encode(&self, text: &str, mut emit: impl FnMut(Piece<'_>)) {
        let text = self.normalizer.normalize(text);
        // Unknown characters in a row are one piece: its bytes in `text`.
        let mut run = 0..0;
        let mut at = 0;
        let each = |id: u32, surface: &str| {
            let start = at;
            at += surface.len();
            if id != self.unknown {
                if !run.is_empty() {
                    emit(Piece::Unknown(&text[run.clone()]));
                }
                emit(Piece::Known(id));
                run = at..at;
            } else if let Some(bytes) = &self.bytes {
                for byte in surface.bytes() {
                    emit(Piece::Known(bytes[usize::from(byte)]));
                }
                run = at..at;
            } else {
                run = run.start..start + surface.len();
            }
        };
        match &self.model {
            Model::Unigram(model) => model.encode(&text, each),
            Model::Bpe(model) => model.encode(&text, each),
        }
        if !run.is_empty() {
            emit(Piece::Unknown(&text[run]));
        }
    }

    /// What a piece, in this model or not, contributes to decoded text.
    pub(super) fn surface(&self, piece: &str) -> Surface {
        let Some(id) = self.id(piece) else {
            return Surface::Verbatim(piece.to_owned());
        };
        match self.entries[id as usize].kind {
            Kind::Control => Surface::Nothing,
            Kind::Unknown => Surface::Verbatim(self.unknown_surface.clone()),
            Kind::Byte => byte_of(piece).map_or(Surface::Nothing, Surface::Byte),
            Kind::Normal | Kind::UserDefined | Kind::Unused => Surface::Text(piece.to_owned()),
        }
    }

    /// The text that pieces stand for.
    pub(super) fn decode<'a>(&self, surfaces: impl IntoIterator<Item = &'a Surface>) -> String {
        let mut text = String::new();
        let mut bytes = Vec::new();
        let mut at_start = true;
        let mut dropped_space = false;
        for surface in surfaces {
            if let Surface::Byte(byte) = surface {
                bytes.push(*byte);
                continue;
            }
            push_bytes(&mut bytes, &mut text);
            at_start &= !dropped_space && text.is_empty();
            dropped_space = false;
            match surface {
                Surface::Nothing | Surface::Byte(_) => {}
                Surface::Verbatim(verbatim) => text.push_str(verbatim),
                Surface::Text(piece) => {
                    let mut piece = piece.as_str();
                    if at_start
                        && self.drops_leading_space
                        && let Some(rest) = piece.strip_prefix(SPACE)
                    {
                        piece = rest;
                        dropped_space = !self.drops_all_leading_space;
                    }
                    for (n, word) in piece.split(SPACE).enumerate() {
                        if n > 0 {
                            text.push(' ');
                        }
                        text.push_str(word);
                    }
                }
            }
        }
        push_bytes(&mut bytes, &mut text);
        match &self.denormalizer {
            Some(denormalizer) => denormalizer.normalize(&text),
            None => text,
        }
    }
}

fn index(entries: &[Entry]) -> Result<HashMap<String, u32>, String> {
    let mut ids = HashMap::with_capacity(entries.len());
    for (id, entry) in (0u32..).zip(entries) {
        if ids.insert(entry.piece.clone(), id).is_some() {
            return Err(format!("piece {:?} is in it twice", entry.piece));
        }
    }
    Ok(ids)
}

fn unknown_id(entries: &[Entry]) -> Result<u32, String> {
    let mut unknown = (0u32..)
        .zip(entries)
        .filter(|(_, entry)| entry.kind == Kind::Unknown);
    match (unknown.next(), unknown.next()) {
        (Some((id, _)), None) => Ok(id),
        _ => Err("it must have one unknown piece".to_owned()),
    }
}

fn byte_ids(
    file: &ModelFile,
    ids: &HashMap<String, u32>,
) -> Result<Option<Box<[u32; 256]>>, String> {
    if !file.byte_fallback {
        return Ok(None);
    }
    let mut bytes = Box::new([0; 256]);
    for (byte, slot) in (0u8..=255).zip(bytes.iter_mut()) {
        *slot = *ids
            .get(&format!("<0x{byte:02X}>"))
            .filter(|&&id| file.entries[id as usize].kind == Kind::Byte)
            .ok_or_else(|| format!("it falls back on bytes but lacks <0x{byte:02X}>"))?;
    }
    Ok(Some(bytes))
}

/// `<0xE5>` → 0xE5.
fn byte_of(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok()
}

/// Appends bytes as text, U+FFFD for each that is not part of a character.
fn push_bytes(bytes: &mut Vec<u8>, text: &mut String) {
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        text.push_str(std::str::from_utf8(&rest[..valid]).unwrap_or_default());
        rest = &rest[valid..];
        if !rest.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            rest = &rest[1..];
        }
    }
    bytes.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(variant: &str) -> Vec<u8> {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/sentencepiece"
        );
        std::fs::read(format!("{folder}/{variant}/spiece.model")).unwrap()
    }

    /// Runs a model, if the bytes still are one, over every code path.
    fn run(bytes: &[u8]) {
        let Ok(model) = SentencePiece::parse(bytes) else {
            return;
        };
        let text = "<2en> 北山市 the\u{3000}Ａ\u{0}é ﾊﾞ㈱  龘龘 a b ";
        model.encode(text, |piece| {
            if let Piece::Known(id) = piece {
                assert!((id as usize) < model.len());
            }
        });
        let surfaces: Vec<Surface> = model.pieces().map(|piece| model.surface(piece)).collect();
        model.decode(&surfaces);
    }

    #[test]
    fn a_file_cut_anywhere_is_refused_or_works() {
        let bytes = model("bpe");
        for len in 0..bytes.len() {
            run(&bytes[..len]);
        }
    }

    #[test]
    fn a_damaged_file_is_refused_or_works() {
        // A linear congruential generator (Knuth's MMIX): the same damage each run.
        let mut state = 1u64;
        let mut draw = move |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for variant in [
            "bpe",
            "bpe-bytes",
            "spaces-kept",
            "spaces-behind",
            "unigram-bytes",
        ] {
            let whole = model(variant);
            for _ in 0..if whole.len() > 100_000 { 100 } else { 1000 } {
                let mut bytes = whole.clone();
                for _ in 0..=draw(8) {
                    let at = draw(bytes.len());
                    bytes[at] = draw(256) as u8;
                }
                run(&bytes);
            }
        }
    }

    #[test]
    fn the_error_says_what_was_found() {
        let error = |bytes: &[u8]| SentencePiece::parse(bytes).err().unwrap();
        assert_eq!(error(b""), "no pieces in it");
        assert_eq!(error(b"{}"), "wire type 3, so it is not a protobuf file");
        assert_eq!(error(&model("bpe")[..100]), "the file ends inside a field");
    }
}
