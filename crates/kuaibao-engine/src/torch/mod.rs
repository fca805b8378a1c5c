//! Reads the weights in a `pytorch_model.bin`, and runs nothing that is in it.
//!
//! Comes in: the bytes of an untrusted file, usually a memory map. Goes out: its [`Tensor`]s,
//! borrowing their numbers from those bytes. Both formats of `torch.save` are read: the zip archive
//! of torch 1.6 and later, and the older one, a row of pickles and raw storages. Nothing panics,
//! whatever the bytes; memory is linear in the pickle, not in the weights.

mod legacy;
mod pickle;
mod zipped;

use std::borrow::Cow;
use std::collections::HashMap;

use self::pickle::{Program, Storage, Value, View};

/// A file that is not a dictionary of tensors.
#[derive(Debug, thiserror::Error)]
pub enum TorchError {
    /// Neither format.
    #[error("not a torch weight file: it begins with {begins}; fetch it again")]
    Format {
        /// What it begins with, for a person.
        begins: String,
    },
    /// The zip archive is damaged or lacks an entry.
    #[error("damaged zip archive: {0}; fetch it again")]
    Zip(String),
    /// The file ends too early or holds something else than its pickle says.
    #[error("damaged weight file: {0}; fetch it again")]
    Damaged(String),
    /// The numbers are in big-endian order.
    #[error("its numbers are in {0} byte order; only little-endian files are read")]
    ByteOrder(String),
    /// The pickle does something a dictionary of tensors does not need.
    #[error("damaged or foreign pickle at byte {at}: {problem}")]
    Pickle {
        /// Offset in the pickle.
        at: usize,
        /// What is wrong there.
        problem: String,
    },
    /// The pickle names code that a weight file has no need of.
    #[error(
        "the file names {name}, which a weight file has no need of; nothing of it was run, and it should not be trusted"
    )]
    Forbidden {
        /// Module and name.
        name: String,
    },
    /// A tensor that does not fit what the file holds.
    #[error("tensor {name}: {problem}")]
    Tensor {
        /// Its name in the dictionary.
        name: String,
        /// What was expected and what is there.
        problem: String,
    },
}

/// The type of a tensor's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// Half precision.
    F16,
    /// Brain float.
    BF16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Unsigned byte.
    U8,
    /// Signed byte.
    I8,
    /// Signed, 16 bits.
    I16,
    /// Signed, 32 bits.
    I32,
    /// Signed, 64 bits.
    I64,
    /// One byte, zero or one.
    Bool,
}

impl Dtype {
    /// Bytes a number takes.
    pub fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::F16 | Self::BF16 | Self::I16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    /// `Float` of `torch.FloatStorage` and so on.
    fn of_storage(name: &str) -> Option<Self> {
        Some(match name {
            "Half" => Self::F16,
            "BFloat16" => Self::BF16,
            "Float" => Self::F32,
            "Double" => Self::F64,
            "Byte" => Self::U8,
            "Char" => Self::I8,
            "Short" => Self::I16,
            "Int" => Self::I32,
            "Long" => Self::I64,
            "Bool" => Self::Bool,
            _ => return None,
        })
    }
}

/// A named tensor whose numbers lie in the file.
#[derive(Clone, Debug)]
pub struct Tensor<'a> {
    /// Its name in the dictionary.
    pub name: String,
    /// The type of its numbers.
    pub dtype: Dtype,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// From its first number on.
    bytes: &'a [u8],
    strides: Vec<usize>,
}

impl<'a> Tensor<'a> {
    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its numbers, row by row, little-endian; copied only where the file holds them in another
    /// order.
    pub fn data(&self) -> Cow<'a, [u8]> {
        let len = self.len() * self.dtype.size();
        if self.is_contiguous() {
            return Cow::Borrowed(&self.bytes[..len]);
        }
        let size = self.dtype.size();
        let mut data = Vec::with_capacity(len);
        let mut index = vec![0; self.shape.len()];
        let mut at = 0;
        loop {
            data.extend_from_slice(&self.bytes[at * size..(at + 1) * size]);
            // The next index, the last dimension fastest.
            let mut dimension = self.shape.len();
            loop {
                if dimension == 0 {
                    return Cow::Owned(data);
                }
                dimension -= 1;
                index[dimension] += 1;
                at += self.strides[dimension];
                if index[dimension] < self.shape[dimension] {
                    break;
                }
                at -= self.strides[dimension] * self.shape[dimension];
                index[dimension] = 0;
            }
        }
    }

    fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        self.is_empty()
            || self
                .shape
                .iter()
                .zip(&self.strides)
                .rev()
                .all(|(&size, &stride)| {
                    let fits = size == 1 || stride == expected;
                    expected *= size;
                    fits
                })
    }
}

/// The tensors of a weight file, in its order.
pub fn read(bytes: &[u8]) -> Result<Vec<Tensor<'_>>, TorchError> {
    if zipped::looks_like(bytes) {
        zipped::read(bytes)
    } else if legacy::looks_like(bytes) {
        legacy::read(bytes)
    } else {
        Err(TorchError::Format {
            begins: beginning(bytes),
        })
    }
}

/// The tensors of the dictionary that a pickle built; `find` gives the bytes of a storage.
fn tensors<'a>(
    program: &Program<'_>,
    mut find: impl FnMut(&Storage<'_>) -> Result<&'a [u8], String>,
) -> Result<Vec<Tensor<'a>>, TorchError> {
    let Value::Dict(entries) = program.result() else {
        return Err(TorchError::Damaged(
            "it holds no dictionary, where name → tensor was expected".to_owned(),
        ));
    };
    let mut tensors: Vec<Tensor<'a>> = Vec::with_capacity(entries.len());
    let mut places: HashMap<&str, usize> = HashMap::new();
    for &(key, value) in entries {
        let Value::Text(name) = program.get(key) else {
            return Err(TorchError::Damaged(format!(
                "a tensor's name was expected, found {:?}",
                program.get(key)
            )));
        };
        let problem = |problem: String| TorchError::Tensor {
            name: (*name).to_owned(),
            problem,
        };
        let Value::Tensor(view) = program.get(value) else {
            return Err(problem("it is not a tensor".to_owned()));
        };
        let Value::Storage(storage) = program.get(view.storage) else {
            return Err(problem("it has no storage".to_owned()));
        };
        let bytes = find(storage).map_err(&problem)?;
        let tensor = tensor(name, view, storage, bytes).map_err(&problem)?;
        // As in a dictionary, a name said twice keeps its place and takes the last value.
        if let Some(&place) = places.get(name) {
            tensors[place] = tensor;
        } else {
            places.insert(name, tensors.len());
            tensors.push(tensor);
        }
    }
    Ok(tensors)
}

/// Checks that a view stays within its storage.
fn tensor<'a>(
    name: &str,
    view: &View,
    storage: &Storage<'_>,
    bytes: &'a [u8],
) -> Result<Tensor<'a>, String> {
    let size = storage.dtype.size();
    let held = bytes.len() / size;
    if Some(bytes.len()) != storage.len.checked_mul(size) {
        return Err(format!(
            "storage {} should hold {} numbers of {size} bytes and holds {} bytes",
            storage.key,
            storage.len,
            bytes.len()
        ));
    }
    let (first, held) = storage.part.unwrap_or((0, held));
    let bytes = first
        .checked_add(held)
        .and_then(|end| bytes.get(first.checked_mul(size)?..end.checked_mul(size)?))
        .ok_or_else(|| {
            format!(
                "numbers {first} to {first}+{held} are not all in storage {}",
                storage.key
            )
        })?;
    let View {
        offset,
        shape,
        strides,
        ..
    } = view;
    if shape.len() != strides.len() {
        return Err(format!(
            "{} dimensions and {} strides",
            shape.len(),
            strides.len()
        ));
    }
    let is_empty = shape.contains(&0);
    let len = shape
        .iter()
        .try_fold(1usize, |len, &size| len.checked_mul(size));
    // One more than the last number's place.
    let end = if is_empty {
        Some(0)
    } else {
        shape
            .iter()
            .zip(strides)
            .try_fold(offset.saturating_add(1), |end, (&size, &stride)| {
                (size - 1).checked_mul(stride)?.checked_add(end)
            })
    };
    // A tensor with more numbers than its storage repeats some: a small file could ask for any
    // amount of memory.
    if !(len.is_some_and(|len| len <= held) && end.is_some_and(|end| end <= held)) {
        return Err(format!(
            "shape {shape:?} with strides {strides:?} from {offset} does not fit the {held} numbers of storage {}",
            storage.key
        ));
    }
    let start = if is_empty { 0 } else { offset * size };
    Ok(Tensor {
        name: name.to_owned(),
        dtype: storage.dtype,
        shape: shape.clone(),
        bytes: &bytes[start..],
        strides: strides.clone(),
    })
}

/// The first bytes of a file, said so that a person sees what it is.
fn beginning(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing: it is empty".to_owned();
    }
    let start = &bytes[..bytes.len().min(24)];
    let text = String::from_utf8_lossy(start);
    if bytes.starts_with(b"version https://git-lfs") {
        format!("{text:?}: a Git LFS pointer, not the file itself")
    } else {
        format!("{text:?}")
    }
}
