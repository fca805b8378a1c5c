//! Marian's binary format: a table of lengths, names, shapes, then blocks of data, little-endian
//! (marian-dev, `src/common/binary.cpp`).

use std::collections::BTreeMap;
use std::ops::Range;

use super::{CONFIG, Form, Item, count, text};

const VERSION: u64 = 1;
/// A model of the largest kind has under a thousand matrices.
const MOST_ITEMS: u64 = 1 << 16;
/// Marian's matrices have two dimensions, its oldest ones up to four.
const MOST_DIMENSIONS: u64 = 8;

const F32: u64 = 0x0404;
const F16: u64 = 0x0402;
const I8: u64 = 0x0101;
/// 8-bit weights in plain order: of Firefox's fork of Marian, and of marian-nmt since 1.11.
const INTGEMM8: [u64; 2] = [0x4101, 0x1_0001];

/// Where each item lies; the error says what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<BTreeMap<String, Item>, String> {
    let mut at = Cursor { bytes, at: 0 };
    let version = at.word("its version")?;
    if version != VERSION {
        return Err(format!(
            "not a Marian model of version {VERSION}: its first word is {version:#x}; encrypted and \
             newer files are not read"
        ));
    }
    let items = at.word("its number of matrices")?;
    // Each has a header of four words.
    let most = (bytes.len() / 32) as u64;
    if items > MOST_ITEMS.min(most) {
        return Err(format!(
            "it is said to hold {items} matrices, its length allows {most}"
        ));
    }
    let header = |at: &mut Cursor<'_>| -> Result<[u64; 4], String> {
        let mut words = [0; 4];
        for word in &mut words {
            *word = at.word("its table of matrices")?;
        }
        Ok(words)
    };
    let headers: Vec<[u64; 4]> = (0..items)
        .map(|_| header(&mut at))
        .collect::<Result<_, _>>()?;
    let mut names = Vec::with_capacity(headers.len());
    for [length, ..] in &headers {
        names.push(text(at.take(*length, "the names")?));
    }
    let mut shapes = Vec::with_capacity(headers.len());
    for (name, [_, _, rank, _]) in names.iter().zip(&headers) {
        if *rank > MOST_DIMENSIONS {
            return Err(format!("{name}: it is said to have {rank} dimensions"));
        }
        let dimensions = at.take(rank * 4, name)?.as_chunks::<4>().0.iter();
        let dimension = |d: &[u8; 4]| usize::try_from(i32::from_le_bytes(*d));
        let shape = dimensions.map(dimension).collect::<Result<Vec<_>, _>>();
        shapes.push(shape.map_err(|_| format!("{name}: it has a negative dimension"))?);
    }
    let gap = at.word("the gap before its data")?;
    at.take(gap, "the gap before its data")?;
    let mut found = BTreeMap::new();
    for ((name, shape), [_, kind, _, length]) in names.into_iter().zip(shapes).zip(headers) {
        let block = at.range(length, &name)?;
        let item = item(&name, shape, kind, block)?;
        if found.insert(name.clone(), item).is_some() {
            return Err(format!("{name} is in it twice"));
        }
    }
    Ok(found)
}

fn item(name: &str, shape: Vec<usize>, kind: u64, block: Range<usize>) -> Result<Item, String> {
    let (form, bytes_each, more) = match kind {
        F32 => (Form::F32, 4, 0),
        F16 => (Form::F16, 2, 0),
        // Its multiplier stands behind the values.
        kind if INTGEMM8.contains(&kind) => (Form::Int8, 1, 4),
        I8 if name == CONFIG => (Form::Int8, 1, 0),
        kind => {
            let known = match kind {
                0x1_1001 | 0x1_2001 | 0x1_3001 | 0x1_8001 => {
                    "8-bit weights in the order of one processor"
                }
                0x4201 | 0x1_0002 | 0x1_1002 | 0x1_2002 => "16-bit integers",
                0x0802 | 0x1801 | 0x2801 => "packed for FBGEMM",
                _ => "not known here",
            };
            return Err(format!(
                "{name}: its type is {kind:#x} ({known}); f32, f16 and intgemm8 are read: export the \
                 model as one of these"
            ));
        }
    };
    let wanted = count(&shape)
        .and_then(|n| n.checked_mul(bytes_each))
        .and_then(|n| n.checked_add(more));
    match wanted {
        Some(wanted) if wanted <= block.len() => Ok(Item {
            shape,
            form,
            range: block.start..block.start + wanted,
        }),
        _ => Err(format!(
            "{name}: its shape {shape:?} wants more than the {} bytes it has",
            block.len()
        )),
    }
}

/// A place in the file. Lengths are those that the file states: none is believed before it was
/// compared with what is left.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn range(&mut self, length: u64, what: &str) -> Result<Range<usize>, String> {
        let left = self.bytes.len() - self.at;
        let fits = usize::try_from(length)
            .ok()
            .filter(|&length| length <= left);
        let length = fits.ok_or_else(|| {
            format!("the file ends inside {what}: {length} bytes are said to follow, {left} do")
        })?;
        let range = self.at..self.at + length;
        self.at = range.end;
        Ok(range)
    }

    fn take(&mut self, length: u64, what: &str) -> Result<&'a [u8], String> {
        Ok(&self.bytes[self.range(length, what)?])
    }

    fn word(&mut self, what: &str) -> Result<u64, String> {
        let mut word = [0; 8];
        word.copy_from_slice(self.take(8, what)?);
        Ok(u64::from_le_bytes(word))
    }
}
