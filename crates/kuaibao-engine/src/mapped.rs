//! Files of weights, mapped into memory: they may be larger than it, and only what is read is held.
//!
//! A file that is cut off before it is opened is found out by its reader, whose header says how long it
//! has to be. One that is cut off afterwards, by whatever writes model files in place (no process of ours
//! does: downloads are renamed into place whole), would end the process with SIGBUS when a page behind its
//! new end is read. So its length is looked at again before each tensor. What remains is a file that is cut
//! off in the milliseconds in which one tensor is copied.

use std::{fs::File, io, ops::Range, path::Path};

use memmap2::Mmap;

/// A file that is mapped to be read.
pub(crate) struct MappedFile {
    map: Mmap,
    file: File,
}

impl MappedFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the map is read-only and private to this type, which hands its bytes out only while the
        // file has its length. Bytes that another process changes meanwhile are plain numbers, of which
        // none is believed to be an offset after it was checked.
        #[expect(unsafe_code, reason = "memory-mapped weights")]
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self { map, file })
    }

    /// All bytes, if the file still has them.
    pub(crate) fn bytes(&self) -> io::Result<&[u8]> {
        if self.file.metadata()?.len() < self.map.len() as u64 {
            let problem = "it was cut off while it was read";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, problem));
        }
        Ok(&self.map)
    }

    /// Gives back the memory of pages that were read; only memory is at stake.
    pub(crate) fn let_go(&self, range: Range<usize>) {
        #[cfg(unix)]
        {
            // SAFETY: the map is read-only and of a file: pages that are dropped are read again.
            #[expect(unsafe_code, reason = "pages of memory-mapped weights")]
            let dropped = unsafe {
                let advice = memmap2::UncheckedAdvice::DontNeed;
                self.map
                    .unchecked_advise_range(advice, range.start, range.len())
            };
            let _ = dropped;
        }
        #[cfg(not(unix))]
        let _ = range;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_cut_off_while_it_is_mapped_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("weights");
        std::fs::write(&path, vec![7; 100_000]).unwrap();
        let mapped = MappedFile::open(&path).unwrap();
        assert_eq!(mapped.bytes().unwrap()[99_999], 7);
        mapped.let_go(0..50_000);
        assert_eq!(mapped.bytes().unwrap()[0], 7);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(10_000).unwrap();
        assert!(mapped.bytes().unwrap_err().to_string().contains("cut off"));
    }
}
