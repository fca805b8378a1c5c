//! The tensors of a model folder, whatever files they came in.
//!
//! Looks for `model.safetensors`, a sharded `model.safetensors.index.json`, `pytorch_model.bin`
//! (torch's zip and legacy formats), a sharded `pytorch_model.bin.index.json`, `model.gguf` or the
//! only `.gguf` there is, in that order.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    path::{Path, PathBuf},
};

use candle_core::{
    DType, Device, Tensor,
    quantized::{QMatMul, QTensor},
};
use memmap2::Mmap;
use safetensors::{SafeTensors, tensor::Metadata};
use serde_json::Value;

use super::{ModelError, Placement, Precision, gguf::Gguf};
use crate::torch;

/// The named tensors of one model.
pub struct Weights {
    source: Source,
    folder: PathBuf,
    device: Device,
    precision: Precision,
    activations: DType,
}

enum Source {
    Safetensors(Vec<Mapped>),
    Torch(BTreeMap<String, Tensor>),
    Gguf(Gguf),
}

impl Source {
    fn describe(&self) -> String {
        match self {
            Self::Safetensors(files) => format!("{} safetensors files", files.len()),
            Self::Torch(tensors) => format!("{} tensors of torch", tensors.len()),
            Self::Gguf(_) => "GGUF".to_owned(),
        }
    }
}

/// A weight matrix as its file holds it.
#[derive(Clone)]
pub(super) enum Matrix {
    /// Plain numbers.
    Dense(Tensor),
    /// ggml's blocks, computed with as they are.
    Blocks {
        map: QMatMul,
        /// What goes in and comes out.
        dtype: DType,
    },
}

impl Matrix {
    fn blocks(tensor: QTensor, dtype: DType) -> Result<Self, ModelError> {
        Ok(Self::Blocks {
            map: QMatMul::from_qtensor(tensor)?,
            dtype,
        })
    }

    /// Plain numbers in another type.
    pub(super) fn stored_as(self, dtype: DType) -> Result<Self, ModelError> {
        Ok(match self {
            Self::Dense(table) => Self::Dense(table.to_dtype(dtype)?),
            blocks @ Self::Blocks { .. } => blocks,
        })
    }

    /// The rows of these numbers.
    pub(super) fn rows(&self, numbers: &Tensor) -> Result<Tensor, ModelError> {
        Ok(match self {
            Self::Dense(table) => table.index_select(numbers, 0)?,
            Self::Blocks { map, dtype } => map.embedding(numbers)?.to_dtype(*dtype)?,
        })
    }
}

const SAFETENSORS: &str = "model.safetensors";
const TORCH: &str = "pytorch_model.bin";
const GGUF: &str = "model.gguf";

impl Weights {
    /// Opens the weights in `folder`; tensors are given out where and as `placement` says.
    pub fn open(folder: &Path, placement: &Placement) -> Result<Self, ModelError> {
        let source = if let Some(files) = files_of(folder, SAFETENSORS)? {
            Source::Safetensors(
                files
                    .iter()
                    .map(|path| Mapped::open(path))
                    .collect::<Result<_, _>>()?,
            )
        } else if let Some(files) = files_of(folder, TORCH)? {
            let mut tensors = BTreeMap::new();
            for path in files {
                read_torch(&path, &mut tensors)?;
            }
            Source::Torch(tensors)
        } else if let Some(path) = gguf_of(folder)? {
            Source::Gguf(open_gguf(path)?)
        } else {
            return Err(ModelError::MissingFile {
                path: folder.join(SAFETENSORS),
                hint: format!("a model folder needs {SAFETENSORS}, {TORCH} or {GGUF}"),
            });
        };
        log::debug!("weights of {}: {}", folder.display(), source.describe());
        Ok(Self {
            source,
            folder: folder.to_owned(),
            device: placement.device.clone(),
            precision: placement.precision,
            activations: placement.activations,
        })
    }

    /// Where the tensors are given out.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The type they are given out in.
    pub fn dtype(&self) -> DType {
        self.activations
    }

    /// How the weights of products are to be stored.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether a tensor of this name exists.
    pub fn has(&self, name: &str) -> bool {
        match &self.source {
            Source::Safetensors(files) => files.iter().any(|file| file.has(name)),
            Source::Torch(tensors) => tensors.contains_key(name),
            Source::Gguf(file) => file.has(name),
        }
    }

    /// The tensor `name`, which must have `shape`.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<Tensor, ModelError> {
        self.get_as(name, shape, self.dtype())
    }

    /// [`Weights::get`] in another type.
    pub fn get_as(&self, name: &str, shape: &[usize], dtype: DType) -> Result<Tensor, ModelError> {
        let tensor = self.load(name, &Device::Cpu)?;
        self.check_shape(name, tensor.dims(), shape)?;
        Ok(tensor.to_dtype(dtype)?.to_device(&self.device)?)
    }

    /// The matrix `name`, `(outputs, inputs)`: quantised where the file has it so, else in `dtype`.
    pub(super) fn matrix_as(
        &self,
        name: &str,
        shape: &[usize],
        dtype: DType,
    ) -> Result<Matrix, ModelError> {
        if let Source::Gguf(file) = &self.source
            && let Some(tensor) = file.blocks(name, &self.device)?
        {
            self.check_shape(name, tensor.shape().dims(), shape)?;
            return Matrix::blocks(tensor, dtype);
        }
        Ok(Matrix::Dense(self.get_as(name, shape, dtype)?))
    }

    /// [`Weights::matrix_as`] in the precision of the model.
    pub(super) fn matrix(&self, name: &str, shape: &[usize]) -> Result<Matrix, ModelError> {
        self.matrix_as(name, shape, self.dtype())
    }

    fn check_shape(
        &self,
        name: &str,
        found: &[usize],
        expected: &[usize],
    ) -> Result<(), ModelError> {
        if found == expected {
            return Ok(());
        }
        Err(ModelError::Tensor {
            folder: self.folder.clone(),
            name: name.to_owned(),
            reason: format!("its shape is {found:?}, config.json makes it {expected:?}"),
        })
    }

    /// The first of `names` that exists.
    pub fn first(&self, names: &[&str], shape: &[usize]) -> Result<Tensor, ModelError> {
        let name = names.iter().find(|n| self.has(n)).unwrap_or(&names[0]);
        self.get(name, shape)
    }

    fn load(&self, name: &str, device: &Device) -> Result<Tensor, ModelError> {
        let missing = || ModelError::Tensor {
            folder: self.folder.clone(),
            name: name.to_owned(),
            reason: "it is missing from the weights; the file may be of another model".to_owned(),
        };
        match &self.source {
            Source::Safetensors(files) => match files.iter().find(|file| file.has(name)) {
                Some(file) => file.load(name, device, &self.folder),
                None => Err(missing()),
            },
            Source::Torch(tensors) => tensors.get(name).cloned().ok_or_else(missing),
            Source::Gguf(file) => file.load(name, device)?.ok_or_else(missing),
        }
    }
}

/// `single`, or the shards that `single.index.json` names; `None` when neither exists.
fn files_of(folder: &Path, single: &str) -> Result<Option<Vec<PathBuf>>, ModelError> {
    let path = folder.join(single);
    if path.is_file() {
        return Ok(Some(vec![path]));
    }
    let index = folder.join(format!("{single}.index.json"));
    if !index.is_file() {
        return Ok(None);
    }
    let json = super::read_json(&index)?;
    let bad = |reason: &str| ModelError::Config {
        path: index.clone(),
        reason: reason.to_owned(),
    };
    let map = json
        .get("weight_map")
        .and_then(Value::as_object)
        .ok_or_else(|| bad("`weight_map` is missing"))?;
    let mut files = Vec::new();
    for shard in map.values() {
        let name = shard
            .as_str()
            .filter(|n| !n.contains(['/', '\\']))
            .ok_or_else(|| bad("`weight_map` must map tensors to file names"))?;
        let path = folder.join(name);
        if !files.contains(&path) {
            files.push(path);
        }
    }
    files.sort();
    if let Some(path) = files.iter().find(|p| !p.is_file()) {
        return Err(ModelError::MissingFile {
            path: path.clone(),
            hint: format!("{} names it as a shard", index.display()),
        });
    }
    Ok(Some(files))
}

/// `model.gguf`, or the only file of its kind.
fn gguf_of(folder: &Path) -> Result<Option<PathBuf>, ModelError> {
    let path = folder.join(GGUF);
    if path.is_file() {
        return Ok(Some(path));
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "gguf"))
        .collect();
    if files.len() > 1 {
        return Err(ModelError::Config {
            path: folder.to_owned(),
            reason: format!(
                "it holds {} GGUF files and none is called {GGUF}: rename the one to use",
                files.len()
            ),
        });
    }
    Ok(files.pop())
}

fn open_gguf(path: PathBuf) -> Result<Gguf, ModelError> {
    match Gguf::open(&path) {
        Ok(file) if file.has("token_embd.weight") => Err(ModelError::Config {
            path,
            reason: "its tensors go by llama.cpp's names; files with the names of `transformers` \
                     are read, as candle's tensor-tools makes them"
                .to_owned(),
        }),
        Ok(file) => Ok(file),
        Err(reason) => Err(ModelError::Weights { path, reason }),
    }
}

/// A safetensors file, mapped into memory. candle's own map keeps every page that was read; here
/// they are given back tensor by tensor, so that a model is not held twice while it is loaded.
struct Mapped {
    map: Mmap,
    tensors: Metadata,
    /// Where the tensors' bytes begin.
    data: usize,
}

impl Mapped {
    fn open(path: &Path) -> Result<Self, ModelError> {
        let map = map(path)?;
        // Checks that the file is as long as its header says.
        let (header, tensors) =
            SafeTensors::read_metadata(&map).map_err(|e| ModelError::Weights {
                path: path.to_owned(),
                reason: e.to_string(),
            })?;
        Ok(Self {
            map,
            tensors,
            data: size_of::<u64>() + header,
        })
    }

    fn has(&self, name: &str) -> bool {
        self.tensors.info(name).is_some()
    }

    fn load(&self, name: &str, device: &Device, folder: &Path) -> Result<Tensor, ModelError> {
        let unreadable = |reason: String| ModelError::Tensor {
            folder: folder.to_owned(),
            name: name.to_owned(),
            reason,
        };
        let info = self.tensors.info(name);
        let info = info.ok_or_else(|| unreadable("it is missing".to_owned()))?;
        let dtype = match info.dtype {
            safetensors::Dtype::F32 => DType::F32,
            safetensors::Dtype::F16 => DType::F16,
            safetensors::Dtype::BF16 => DType::BF16,
            safetensors::Dtype::F64 => DType::F64,
            other => {
                return Err(unreadable(format!(
                    "weights of type {other:?} are not read"
                )));
            }
        };
        let (from, to) = info.data_offsets;
        let bytes = self.map.get(self.data + from..self.data + to);
        let bytes = bytes.ok_or_else(|| unreadable("it ends behind its file".to_owned()))?;
        let tensor = Tensor::from_raw_buffer(bytes, dtype, &info.shape, device)?;
        #[cfg(unix)]
        {
            // SAFETY: the map is read-only and of a file: pages that are dropped are read again.
            #[expect(unsafe_code, reason = "pages of memory-mapped weights")]
            let dropped = unsafe {
                let advice = memmap2::UncheckedAdvice::DontNeed;
                self.map
                    .unchecked_advise_range(advice, self.data + from, to - from)
            };
            // Only memory is at stake.
            let _ = dropped;
        }
        Ok(tensor)
    }
}

fn map(path: &Path) -> Result<Mmap, ModelError> {
    let unreadable = |e: std::io::Error| ModelError::Weights {
        path: path.to_owned(),
        reason: e.to_string(),
    };
    let file = File::open(path).map_err(unreadable)?;
    // SAFETY: the maps are read-only; a model file that another process truncates while it is
    // mapped would raise SIGBUS, as in every memory-mapped reader. Downloads are renamed into
    // place whole, so no process of ours does that.
    #[expect(unsafe_code, reason = "memory-mapped weights")]
    unsafe { Mmap::map(&file) }.map_err(unreadable)
}

fn read_torch(path: &Path, tensors: &mut BTreeMap<String, Tensor>) -> Result<(), ModelError> {
    let unreadable = |reason: String| ModelError::Weights {
        path: path.to_owned(),
        reason,
    };
    let file = File::open(path).map_err(|e| unreadable(e.to_string()))?;
    // SAFETY: as in `map`: read-only, and no process of ours writes a model file in place.
    #[expect(unsafe_code, reason = "memory-mapped weights")]
    let bytes = unsafe { memmap2::Mmap::map(&file) }.map_err(|e| unreadable(e.to_string()))?;
    // Tied weights are one storage under several names: one tensor here too.
    let mut shared: HashMap<(*const u8, Vec<usize>), Tensor> = HashMap::new();
    for view in torch::read(&bytes).map_err(|e| unreadable(e.to_string()))? {
        let dtype = match view.dtype {
            torch::Dtype::F32 => DType::F32,
            torch::Dtype::F16 => DType::F16,
            torch::Dtype::BF16 => DType::BF16,
            torch::Dtype::F64 => DType::F64,
            // Step counters and the like; no weight is an integer.
            _ => continue,
        };
        let data = view.data();
        let key = (data.as_ptr(), view.shape.clone());
        let tensor = match shared.get(&key) {
            Some(tensor) => tensor.clone(),
            None => Tensor::from_raw_buffer(&data, dtype, &view.shape, &Device::Cpu)?,
        };
        if matches!(data, Cow::Borrowed(_)) {
            shared.insert(key, tensor.clone());
        }
        tensors.insert(view.name.clone(), tensor);
    }
    Ok(())
}
