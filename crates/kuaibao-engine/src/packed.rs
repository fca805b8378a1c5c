//! Files as they are, or packed by gzip or zstd as mirrors of models ship them.
//!
//! Comes in: the path of an untrusted file. Goes out: its bytes, unpacked. Never more of them than a
//! packed file of a model can hold.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Ends of the names of packed files.
pub(crate) const ENDS: [&str; 3] = [".gz", ".zst", ".zstd"];

/// Weights and vocabularies pack to between a half and nearly nothing less; what unpacks to more than
/// so many times its size is no file of a model.
const MOST_GROWTH: u64 = 64;
/// Small files may grow more than that: a kilobyte of zeros packs to nothing.
const SMALL: u64 = 1 << 20;

/// The name without the end that says how it is packed.
pub(crate) fn unpacked_name(name: &str) -> &str {
    let packed = ENDS.iter().find_map(|end| name.strip_suffix(end));
    packed.unwrap_or(name)
}

/// Whether a file of this name is packed.
pub(crate) fn is_packed(name: &str) -> bool {
    unpacked_name(name).len() < name.len()
}

/// Reads a file whole, unpacked.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let name = path.to_string_lossy();
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let most = (size * MOST_GROWTH).max(SMALL);
    let mut bytes = Vec::new();
    if name.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(io::BufReader::new(file))
            .take(most + 1)
            .read_to_end(&mut bytes)?;
    } else if is_packed(&name) {
        ruzstd::decoding::StreamingDecoder::new(io::BufReader::new(file))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?
            .take(most + 1)
            .read_to_end(&mut bytes)?;
    } else {
        file.read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    if bytes.len() as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it unpacks to more than {MOST_GROWTH} times its size"),
        ));
    }
    Ok(bytes)
}
