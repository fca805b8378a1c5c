//! Reads GGUF files, ggml's container of quantised tensors.
//!
//! Comes in: an untrusted file. Goes out: its tensors, as they lie there or as plain numbers.
//! Metadata is passed over: `config.json` beside the file says what it says. Nothing panics,
//! whatever the bytes, and nothing is allocated but what the file itself is long enough for.
//! candle's own reader divides by the alignment that a file states, be it 0.

use std::{collections::BTreeMap, ops::Range, path::Path};

use candle_core::{
    DType, Device, Tensor,
    quantized::{GgmlDType, QStorage, QTensor},
};

use crate::mapped::MappedFile;

/// A file and where in it each tensor lies.
pub(super) struct Gguf {
    file: MappedFile,
    tensors: BTreeMap<String, Entry>,
}

struct Entry {
    dtype: GgmlDType,
    shape: Vec<usize>,
    at: Range<usize>,
}

impl Gguf {
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let file = MappedFile::open(path).map_err(|e| e.to_string())?;
        let tensors = read(file.bytes().map_err(|e| e.to_string())?)?;
        Ok(Self { file, tensors })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// A tensor that is stored in blocks, as it is; `None` where it is stored as plain numbers.
    pub(super) fn blocks(
        &self,
        name: &str,
        device: &Device,
    ) -> candle_core::Result<Option<QTensor>> {
        match self.tensors.get(name) {
            Some(entry) if plain(entry.dtype).is_none() => Ok(Some(self.quantised(entry, device)?)),
            _ => Ok(None),
        }
    }

    /// A tensor as plain numbers.
    pub(super) fn load(&self, name: &str, device: &Device) -> candle_core::Result<Option<Tensor>> {
        let Some(entry) = self.tensors.get(name) else {
            return Ok(None);
        };
        Ok(Some(match plain(entry.dtype) {
            Some(dtype) => {
                let bytes = &self.file.bytes()?[entry.at.clone()];
                Tensor::from_raw_buffer(bytes, dtype, &entry.shape, device)?
            }
            None => self.quantised(entry, &Device::Cpu)?.dequantize(device)?,
        }))
    }

    fn quantised(&self, entry: &Entry, device: &Device) -> candle_core::Result<QTensor> {
        let bytes = &self.file.bytes()?[entry.at.clone()];
        let storage = QStorage::from_data(bytes.into(), device, entry.dtype)?;
        QTensor::new(storage, entry.shape.as_slice())
    }
}

/// The type of a tensor that is not stored in blocks.
fn plain(dtype: GgmlDType) -> Option<DType> {
    match dtype {
        GgmlDType::F32 => Some(DType::F32),
        GgmlDType::F16 => Some(DType::F16),
        GgmlDType::BF16 => Some(DType::BF16),
        _ => None,
    }
}

/// The types of ggml that candle computes with.
fn dtype(number: u32) -> Option<GgmlDType> {
    Some(match number {
        0 => GgmlDType::F32,
        1 => GgmlDType::F16,
        2 => GgmlDType::Q4_0,
        3 => GgmlDType::Q4_1,
        6 => GgmlDType::Q5_0,
        7 => GgmlDType::Q5_1,
        8 => GgmlDType::Q8_0,
        10 => GgmlDType::Q2K,
        11 => GgmlDType::Q3K,
        12 => GgmlDType::Q4K,
        13 => GgmlDType::Q5K,
        14 => GgmlDType::Q6K,
        30 => GgmlDType::BF16,
        _ => return None,
    })
}

/// As in ggml.
const MOST_DIMENSIONS: usize = 4;
/// Arrays in arrays; no writer nests them at all.
const DEEPEST: usize = 4;

/// Where each tensor lies.
fn read(bytes: &[u8]) -> Result<BTreeMap<String, Entry>, String> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take(4)? != b"GGUF" {
        return Err("it is not a GGUF file".to_owned());
    }
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(format!(
            "it is GGUF of version {version}; 2 and 3 are read, little-endian"
        ));
    }
    let (tensors, entries) = (reader.u64()?, reader.u64()?);
    let mut alignment = 32;
    for _ in 0..entries {
        let key = reader.string()?;
        let kind = reader.u32()?;
        if key == "general.alignment" && kind == UINT32 {
            alignment = reader.u32()? as usize;
        } else {
            reader.skip_value(kind, 0)?;
        }
    }
    // A multiple of 8, the format says; so every number lies where its type wants it.
    if alignment == 0 || !alignment.is_multiple_of(8) {
        return Err(format!("its alignment is {alignment}"));
    }
    let mut found = Vec::new();
    for _ in 0..tensors {
        let name = reader.string()?;
        let dimensions = reader.u32()? as usize;
        if dimensions > MOST_DIMENSIONS {
            return Err(format!("tensor `{name}` has {dimensions} dimensions"));
        }
        // ggml names the fastest dimension first.
        let mut shape: Vec<usize> = (0..dimensions)
            .map(|_| reader.count())
            .collect::<Result<_, _>>()?;
        shape.reverse();
        let number = reader.u32()?;
        let dtype = dtype(number).ok_or_else(|| {
            format!("tensor `{name}` is of ggml type {number}, which is not supported")
        })?;
        found.push((name, dtype, shape, reader.count()?));
    }
    let data = reader.at.next_multiple_of(alignment);
    let mut tensors = BTreeMap::new();
    for (name, dtype, shape, offset) in found {
        let at = range(dtype, &shape, data, offset)
            .filter(|at| at.end <= bytes.len() && offset.is_multiple_of(8))
            .ok_or_else(|| format!("tensor `{name}` lies outside the file; it was cut off"))?;
        if !shape
            .last()
            .unwrap_or(&0)
            .is_multiple_of(dtype.block_size())
        {
            return Err(format!("tensor `{name}` is not made of whole blocks"));
        }
        if tensors
            .insert(name.clone(), Entry { dtype, shape, at })
            .is_some()
        {
            return Err(format!("it has two tensors `{name}`"));
        }
    }
    Ok(tensors)
}

/// The bytes of a tensor; `None` where no machine has so many.
fn range(dtype: GgmlDType, shape: &[usize], data: usize, offset: usize) -> Option<Range<usize>> {
    let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))?;
    let size = (count / dtype.block_size()).checked_mul(dtype.type_size())?;
    let start = data.checked_add(offset)?;
    Some(start..start.checked_add(size)?)
}

/// Types of metadata.
const UINT32: u32 = 4;
const STRING: u32 = 8;
const ARRAY: u32 = 9;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let rest = &self.bytes[self.at..];
        let taken = rest
            .get(..count)
            .ok_or("it ends too early; it was cut off")?;
        self.at += count;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, String> {
        let bytes = self.take(4)?.try_into().expect("four bytes");
        Ok(u32::from_le_bytes(bytes))
    }

    fn u64(&mut self) -> Result<u64, String> {
        let bytes = self.take(8)?.try_into().expect("eight bytes");
        Ok(u64::from_le_bytes(bytes))
    }

    fn count(&mut self) -> Result<usize, String> {
        usize::try_from(self.u64()?).map_err(|e| e.to_string())
    }

    fn string(&mut self) -> Result<String, String> {
        let length = self.count()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn skip_value(&mut self, kind: u32, depth: usize) -> Result<(), String> {
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            UINT32 | 5 | 6 => 4,
            10..=12 => 8,
            STRING => self.count()?,
            ARRAY if depth < DEEPEST => {
                let kind = self.u32()?;
                for _ in 0..self.u64()? {
                    self.skip_value(kind, depth + 1)?;
                }
                0
            }
            _ => return Err(format!("its metadata hold a value of type {kind}")),
        };
        self.take(size)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture() -> Vec<u8> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/gguf/t5-f32.gguf");
        std::fs::read(path).unwrap()
    }

    /// A header with one metadata value and one tensor.
    struct Header {
        version: u32,
        tensors: u64,
        metadata: u64,
        key: &'static str,
        value: Vec<u8>,
        dimensions: Vec<u64>,
        dtype: u32,
        offset: u64,
    }

    impl Header {
        fn new() -> Self {
            Self {
                version: 3,
                tensors: 1,
                metadata: 1,
                key: "general.alignment",
                value: [4u32, 8].iter().flat_map(|n| n.to_le_bytes()).collect(),
                dimensions: vec![32, 2],
                dtype: 8,
                offset: 0,
            }
        }

        fn bytes(&self) -> Vec<u8> {
            let mut bytes = b"GGUF".to_vec();
            let string = |bytes: &mut Vec<u8>, text: &str| {
                bytes.extend((text.len() as u64).to_le_bytes());
                bytes.extend(text.bytes());
            };
            bytes.extend(self.version.to_le_bytes());
            bytes.extend(self.tensors.to_le_bytes());
            bytes.extend(self.metadata.to_le_bytes());
            string(&mut bytes, self.key);
            bytes.extend(&self.value);
            string(&mut bytes, "w");
            bytes.extend((self.dimensions.len() as u32).to_le_bytes());
            bytes.extend(self.dimensions.iter().flat_map(|d| d.to_le_bytes()));
            bytes.extend(self.dtype.to_le_bytes());
            bytes.extend(self.offset.to_le_bytes());
            bytes.resize(bytes.len().next_multiple_of(8) + 2 * 34, 0);
            bytes
        }
    }

    #[test]
    fn a_tensor_lies_where_the_header_says() {
        let bytes = Header::new().bytes();
        let tensors = read(&bytes).unwrap();
        let entry = &tensors["w"];
        assert_eq!(entry.shape, [2, 32]);
        assert_eq!(entry.dtype, GgmlDType::Q8_0);
        assert_eq!(entry.at, bytes.len() - 68..bytes.len());
        let real = read(&fixture()).unwrap();
        assert_eq!(real["shared.weight"].shape, [190, 24]);
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        type Slip = fn(&mut Header);
        let number = |n: u32| [4u32, n].map(u32::to_le_bytes).concat();
        let array = |kind: u32, count: u64| {
            [
                &9u32.to_le_bytes()[..],
                &kind.to_le_bytes(),
                &count.to_le_bytes(),
            ]
            .concat()
        };
        let slips: [(&str, Slip); 11] = [
            ("version 1", |h| h.version = 1),
            ("too early", |h| h.tensors = u64::MAX),
            ("too early", |h| h.metadata = u64::MAX),
            ("type 16", |h| h.dtype = 16),
            ("5 dimensions", |h| h.dimensions = vec![32, 1, 1, 1, 1]),
            ("outside", |h| h.dimensions = vec![32, u64::MAX / 8]),
            ("outside", |h| h.dimensions = vec![u64::MAX, u64::MAX]),
            ("outside", |h| h.dimensions = vec![32, 3]),
            ("outside", |h| h.offset = 4),
            ("outside", |h| h.offset = u64::MAX - 7),
            ("whole blocks", |h| h.dimensions = vec![16, 4]),
        ];
        for (message, slip) in slips {
            let mut header = Header::new();
            slip(&mut header);
            let error = read(&header.bytes()).err().expect(message);
            assert!(error.contains(message), "{error}");
        }
        for (message, key, value) in [
            ("alignment is 0", "general.alignment", number(0)),
            ("alignment is 12", "general.alignment", number(12)),
            ("value of type 99", "k", 99u32.to_le_bytes().to_vec()),
            ("too early", "k", array(8, u64::MAX)),
            ("too early", "k", array(0, u64::MAX)),
            ("too early", "k", array(9, u64::MAX)),
            (
                "value of type 9",
                "k",
                // Inside an array, a value has no type of its own.
                [&array(9, 1), &array(9, 1)[4..].repeat(5)[..]].concat(),
            ),
        ] {
            let header = Header {
                key,
                value,
                ..Header::new()
            };
            let error = read(&header.bytes()).err().expect(message);
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn no_change_of_a_byte_makes_it_panic() {
        let good = fixture();
        let header = 6000;
        for at in 0..header {
            let mut bytes = good.clone();
            for value in [0, 1, 0x7f, 0xff] {
                bytes[at] = value;
                if let Ok(tensors) = read(&bytes) {
                    assert!(tensors.values().all(|t| t.at.end <= bytes.len()));
                }
            }
        }
        for cut in 0..header {
            assert!(read(&good[..cut]).is_err());
        }
    }
}
