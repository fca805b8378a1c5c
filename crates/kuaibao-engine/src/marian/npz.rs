//! numpy's `.npz`: a zip of one `.npy` a matrix, stored or deflated, in f32 and C order.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use zip::{CompressionMethod, ZipArchive};

use super::{CONFIG, Form, Item, count, floats};

/// A header of numpy's is padded to 64 bytes and rarely longer than 128.
const LONGEST_HEADER: usize = 1 << 12;

/// Where each matrix lies; the error says what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<BTreeMap<String, Item>, String> {
    let mut archive = open(bytes)?;
    let mut found = BTreeMap::new();
    for index in 0..archive.len() {
        let (file, range, compressed) = {
            let entry = archive.by_index_raw(index).map_err(damaged)?;
            let file = entry.name().map_err(damaged)?.into_owned();
            if entry.encrypted() {
                return Err(format!("{file} is encrypted"));
            }
            let range = entry.data_start().and_then(|start| {
                let start = usize::try_from(start).ok()?;
                let end = start.checked_add(usize::try_from(entry.compressed_size()).ok()?)?;
                (end <= bytes.len()).then_some(start..end)
            });
            let range =
                range.ok_or_else(|| format!("{file} reaches beyond the end of the file"))?;
            let compressed = match entry.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                other => {
                    return Err(format!(
                        "{file} is compressed by {other}, which is not read"
                    ));
                }
            };
            (file, range, compressed)
        };
        let Some(name) = file.strip_suffix(".npy") else {
            return Err(format!("{file} is no array of numpy's"));
        };
        let item = if compressed {
            let mut start = Vec::new();
            let entry = archive.by_index(index).map_err(damaged)?;
            let mut entry = entry.take(LONGEST_HEADER as u64);
            entry
                .read_to_end(&mut start)
                .map_err(|error| format!("{name}: {error}"))?;
            let header = Header::read(name, &start)?;
            if name == CONFIG {
                return Err(format!("{name} is compressed, which Marian never does"));
            }
            if header.form != Form::F32 {
                return Err(format!(
                    "{name} is compressed and not in f32, which is not read"
                ));
            }
            Item {
                shape: header.shape,
                form: Form::Deflated,
                range: 0..0,
            }
        } else {
            let header = Header::read(name, &bytes[range.clone()])?;
            let wanted = count(&header.shape).and_then(|n| n.checked_mul(header.bytes_each));
            let start = range.start + header.length;
            match wanted.and_then(|wanted| start.checked_add(wanted)) {
                Some(end) if end <= range.end => Item {
                    shape: header.shape,
                    form: header.form,
                    range: start..end,
                },
                _ => {
                    return Err(format!(
                        "{name}: its shape {:?} wants more than the {} bytes it has",
                        header.shape,
                        range.end.saturating_sub(start)
                    ));
                }
            }
        };
        if found.insert(name.to_owned(), item).is_some() {
            return Err(format!("{name} is in it twice"));
        }
    }
    Ok(found)
}

/// The numbers of a matrix that is compressed.
pub(super) fn inflate(bytes: &[u8], name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
    let mut archive = open(bytes)?;
    let entry = archive.by_name(&format!("{name}.npy")).map_err(damaged)?;
    let wanted = count(shape).and_then(|n| n.checked_mul(size_of::<f32>()));
    let wanted = wanted.ok_or("its shape is beyond all bounds")?;
    // It grows as it is read, so that a shape which lies allocates nothing.
    let mut all = Vec::new();
    let most = wanted.saturating_add(LONGEST_HEADER) as u64;
    entry
        .take(most)
        .read_to_end(&mut all)
        .map_err(|error| error.to_string())?;
    let header = Header::read(name, &all)?;
    let data = all.get(header.length..header.length + wanted);
    data.map(floats)
        .ok_or_else(|| "it ends before its last number".to_owned())
}

fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, String> {
    ZipArchive::new(Cursor::new(bytes)).map_err(damaged)
}

fn damaged(error: zip::result::ZipError) -> String {
    format!("damaged zip archive: {error}")
}

/// What stands before an array's numbers.
struct Header {
    shape: Vec<usize>,
    form: Form,
    bytes_each: usize,
    /// Bytes before the numbers.
    length: usize,
}

impl Header {
    fn read(name: &str, bytes: &[u8]) -> Result<Self, String> {
        let bad = |problem: &str| format!("{name}: {problem}");
        let rest = bytes
            .strip_prefix(b"\x93NUMPY")
            .ok_or_else(|| bad("it is no array of numpy's"))?;
        let (start, length) = match rest {
            [1, _, a, b, ..] => (10, usize::from(u16::from_le_bytes([*a, *b]))),
            [2 | 3, _, a, b, c, d, ..] => {
                let length = u32::from_le_bytes([*a, *b, *c, *d]);
                (12, length as usize)
            }
            _ => return Err(bad("a version of numpy's format that is not read")),
        };
        let end = start + length.min(LONGEST_HEADER);
        let text = bytes
            .get(start..end)
            .ok_or_else(|| bad("its header is cut"))?;
        let text = std::str::from_utf8(text).map_err(|_| bad("its header is no text"))?;
        let field = |key: &str| {
            let rest = &text[text.find(&format!("'{key}':"))? + key.len() + 3..];
            Some(rest.trim_start())
        };
        let kind = field("descr").ok_or_else(|| bad("its header names no type"))?;
        let (form, bytes_each) = match kind.get(..5) {
            Some("'<f4'") => (Form::F32, 4),
            Some("'<f2'") => (Form::F16, 2),
            Some("'|i1'") if name == CONFIG => (Form::Int8, 1),
            _ => {
                let kind = kind.split(',').next().unwrap_or_default();
                return Err(bad(&format!("its type is {kind}; f32 and f16 are read")));
            }
        };
        if !field("fortran_order").is_some_and(|rest| rest.starts_with("False")) {
            return Err(bad("it is in Fortran's order, which is not read"));
        }
        let shape = field("shape")
            .and_then(|rest| rest.strip_prefix('(')?.split_once(')'))
            .ok_or_else(|| bad("its header names no shape"))?;
        let sizes = shape.0.split(',').map(str::trim).filter(|d| !d.is_empty());
        let shape: Option<Vec<usize>> = sizes.map(|d| d.parse().ok()).collect();
        Ok(Self {
            shape: shape.ok_or_else(|| bad("its shape is no list of numbers"))?,
            form,
            bytes_each,
            length: end,
        })
    }
}
