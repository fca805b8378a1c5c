//! The format of torch 1.6 and later: a zip archive of `data.pkl` and one entry a storage, none of
//! them compressed.

use std::collections::HashMap;
use std::io::Cursor;
use std::ops::Range;

use zip::{CompressionMethod, ZipArchive};

use super::pickle::Program;
use super::{Tensor, TorchError, tensors};

pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Tensor<'_>>, TorchError> {
    let entries = entries(bytes)?;
    let lacking = |name: &str| TorchError::Zip(format!("it has no entry {name}"));
    // The folder is called `archive`, or after the file that was written.
    let (folder, pickle) = entries
        .iter()
        .find_map(|(name, range)| Some((name.strip_suffix("data.pkl")?, range)))
        .filter(|(folder, _)| folder.ends_with('/'))
        .ok_or_else(|| lacking("data.pkl"))?;
    if let Some(range) = entries.get(&format!("{folder}byteorder")) {
        let order = bytes[range.clone()].trim_ascii();
        if order != b"little" {
            return Err(TorchError::ByteOrder(
                String::from_utf8_lossy(order).into_owned(),
            ));
        }
    }
    let program = Program::run(&bytes[pickle.clone()])?;
    tensors(&program, |storage| {
        let name = format!("{folder}data/{}", storage.key);
        let range = entries
            .get(&name)
            .ok_or_else(|| format!("the archive has no entry {name}"))?;
        Ok(&bytes[range.clone()])
    })
}

/// Where each entry's bytes lie in the file.
fn entries(bytes: &[u8]) -> Result<HashMap<String, Range<usize>>, TorchError> {
    let damaged = |error: zip::result::ZipError| TorchError::Zip(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut entries = HashMap::with_capacity(archive.len());
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        if entry.compression() != CompressionMethod::Stored || entry.encrypted() {
            return Err(TorchError::Zip(format!(
                "entry {name} is compressed, which torch never does"
            )));
        }
        let range = entry
            .data_start()
            .and_then(|start| {
                let start = usize::try_from(start).ok()?;
                let end = start.checked_add(usize::try_from(entry.compressed_size()).ok()?)?;
                (end <= bytes.len()).then_some(start..end)
            })
            .ok_or_else(|| {
                TorchError::Zip(format!("entry {name} reaches beyond the end of the file"))
            })?;
        entries.insert(name, range);
    }
    Ok(entries)
}
