//! Reads the protobuf file that a sentencepiece trainer writes (`*.spm`, `spiece.model`).
//!
//! Comes in: untrusted bytes. Goes out: [`ModelFile`], the few fields that encoding needs; field
//! numbers are those of sentencepiece's `sentencepiece_model.proto`. Never panics, never allocates
//! more than the file is long.

/// What a piece stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) piece: String,
    pub(super) score: f32,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Unigram,
    Bpe,
}

/// How text is rewritten before (or after) the pieces.
#[derive(Clone, Debug)]
pub(super) struct NormalizerSpec {
    pub(super) charsmap: Vec<u8>,
    pub(super) add_dummy_prefix: bool,
    pub(super) remove_extra_whitespaces: bool,
    pub(super) escape_whitespaces: bool,
}

impl Default for NormalizerSpec {
    fn default() -> Self {
        Self {
            charsmap: Vec::new(),
            add_dummy_prefix: true,
            remove_extra_whitespaces: true,
            escape_whitespaces: true,
        }
    }
}

#[derive(Debug)]
pub(super) struct ModelFile {
    pub(super) entries: Vec<Entry>,
    pub(super) algorithm: Algorithm,
    pub(super) byte_fallback: bool,
    pub(super) whitespace_as_suffix: bool,
    pub(super) unknown_surface: String,
    pub(super) normalizer: NormalizerSpec,
    pub(super) denormalizer: Option<NormalizerSpec>,
}

/// Parses a model file; the error says what was found instead.
pub(super) fn parse(bytes: &[u8]) -> Result<ModelFile, String> {
    let mut file = ModelFile {
        entries: Vec::new(),
        algorithm: Algorithm::Unigram,
        byte_fallback: false,
        whitespace_as_suffix: false,
        unknown_surface: " \u{2047} ".to_owned(),
        normalizer: NormalizerSpec::default(),
        denormalizer: None,
    };
    let mut fields = Fields(bytes);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (1, Value::Bytes(entry)) => file.entries.push(parse_entry(entry)?),
            (2, Value::Bytes(spec)) => parse_trainer(spec, &mut file)?,
            (3, Value::Bytes(spec)) => file.normalizer = parse_normalizer(spec)?,
            (5, Value::Bytes(spec)) => file.denormalizer = Some(parse_normalizer(spec)?),
            _ => {}
        }
    }
    if file.entries.is_empty() {
        return Err("no pieces in it".to_owned());
    }
    Ok(file)
}

fn parse_entry(bytes: &[u8]) -> Result<Entry, String> {
    let mut entry = Entry {
        piece: String::new(),
        score: 0.0,
        kind: Kind::Normal,
    };
    let mut fields = Fields(bytes);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (1, Value::Bytes(piece)) => entry.piece = text(piece)?,
            (2, Value::Fixed32(bits)) => entry.score = f32::from_bits(bits),
            (3, Value::Varint(kind)) => {
                entry.kind = match kind {
                    1 => Kind::Normal,
                    2 => Kind::Unknown,
                    3 => Kind::Control,
                    4 => Kind::UserDefined,
                    5 => Kind::Unused,
                    6 => Kind::Byte,
                    _ => return Err(format!("a piece of unknown type {kind}")),
                }
            }
            _ => {}
        }
    }
    if entry.piece.is_empty() {
        return Err("an empty piece".to_owned());
    }
    if !entry.score.is_finite() {
        return Err(format!("piece {:?} has score {}", entry.piece, entry.score));
    }
    Ok(entry)
}

fn parse_trainer(bytes: &[u8], file: &mut ModelFile) -> Result<(), String> {
    let mut fields = Fields(bytes);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (3, Value::Varint(1)) => file.algorithm = Algorithm::Unigram,
            (3, Value::Varint(2)) => file.algorithm = Algorithm::Bpe,
            (3, Value::Varint(other)) => {
                return Err(format!(
                    "model type {other}; only unigram (1) and BPE (2) are known"
                ));
            }
            (24, Value::Varint(flag)) => file.whitespace_as_suffix = flag != 0,
            (35, Value::Varint(flag)) => file.byte_fallback = flag != 0,
            (44, Value::Bytes(surface)) => file.unknown_surface = text(surface)?,
            _ => {}
        }
    }
    Ok(())
}

fn parse_normalizer(bytes: &[u8]) -> Result<NormalizerSpec, String> {
    let mut spec = NormalizerSpec::default();
    let mut fields = Fields(bytes);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (2, Value::Bytes(charsmap)) => spec.charsmap = charsmap.to_vec(),
            (3, Value::Varint(flag)) => spec.add_dummy_prefix = flag != 0,
            (4, Value::Varint(flag)) => spec.remove_extra_whitespaces = flag != 0,
            (5, Value::Varint(flag)) => spec.escape_whitespaces = flag != 0,
            _ => {}
        }
    }
    Ok(spec)
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "a piece that is not UTF-8".to_owned())
}

/// The fields of one protobuf message, in file order.
/// <https://protobuf.dev/programming-guides/encoding/>
struct Fields<'a>(&'a [u8]);

enum Value<'a> {
    Varint(u64),
    Fixed32(u32),
    Fixed64,
    Bytes(&'a [u8]),
}

impl<'a> Fields<'a> {
    fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, String> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Fixed64
            }
            2 => {
                let len = self.varint()?;
                Value::Bytes(self.take(len)?)
            }
            5 => {
                let bytes = self.take(4)?;
                Value::Fixed32(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            }
            wire => return Err(format!("wire type {wire}, so it is not a protobuf file")),
        };
        Ok(Some((tag >> 3, value)))
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number longer than 64 bits".to_owned())
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], String> {
        let (head, rest) = usize::try_from(len)
            .ok()
            .and_then(|len| self.0.split_at_checked(len))
            .ok_or("the file ends inside a field")?;
        self.0 = rest;
        Ok(head)
    }
}
