//! The tensors of a model folder, whatever files they came in.
//!
//! Looks for `model.safetensors`, a sharded `model.safetensors.index.json`, `pytorch_model.bin`
//! (torch's zip and legacy formats) or a sharded `pytorch_model.bin.index.json`, in that order.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, Tensor, safetensors::MmapedSafetensors};
use serde_json::Value;

use super::{Error, Placement, Precision};
use crate::torch;

/// The named tensors of one model.
pub struct Weights {
    source: Source,
    folder: PathBuf,
    device: Device,
    precision: Precision,
}

enum Source {
    Safetensors(MmapedSafetensors),
    Torch(BTreeMap<String, Tensor>),
}

const SAFETENSORS: &str = "model.safetensors";
const TORCH: &str = "pytorch_model.bin";

impl Weights {
    /// Opens the weights in `folder`; tensors are given out where and as `placement` says.
    pub fn open(folder: &Path, placement: &Placement) -> Result<Self, Error> {
        let source = if let Some(files) = files_of(folder, SAFETENSORS)? {
            Source::Safetensors(map(folder, &files)?)
        } else if let Some(files) = files_of(folder, TORCH)? {
            let mut tensors = BTreeMap::new();
            for path in files {
                read_torch(&path, &mut tensors)?;
            }
            Source::Torch(tensors)
        } else {
            return Err(Error::MissingFile {
                path: folder.join(SAFETENSORS),
                hint: format!("a model folder needs {SAFETENSORS} or {TORCH}"),
            });
        };
        Ok(Self {
            source,
            folder: folder.to_owned(),
            device: placement.device.clone(),
            precision: placement.precision,
        })
    }

    /// Where the tensors are given out.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The type they are given out in.
    pub fn dtype(&self) -> DType {
        self.precision.dtype()
    }

    /// The precision that products are to be computed in.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether a tensor of this name exists.
    pub fn has(&self, name: &str) -> bool {
        match &self.source {
            Source::Safetensors(map) => map.get(name).is_ok(),
            Source::Torch(tensors) => tensors.contains_key(name),
        }
    }

    /// The tensor `name`, which must have `shape`.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<Tensor, Error> {
        self.get_as(name, shape, self.dtype())
    }

    /// [`Weights::get`] in another type.
    pub fn get_as(&self, name: &str, shape: &[usize], dtype: DType) -> Result<Tensor, Error> {
        let tensor = self.load(name, &Device::Cpu)?;
        if tensor.dims() != shape {
            return Err(Error::Tensor {
                folder: self.folder.clone(),
                name: name.to_owned(),
                reason: format!(
                    "its shape is {:?}, config.json makes it {shape:?}",
                    tensor.dims()
                ),
            });
        }
        Ok(tensor.to_dtype(dtype)?.to_device(&self.device)?)
    }

    /// The first of `names` that exists.
    pub fn first(&self, names: &[&str], shape: &[usize]) -> Result<Tensor, Error> {
        let name = names.iter().find(|n| self.has(n)).unwrap_or(&names[0]);
        self.get(name, shape)
    }

    fn load(&self, name: &str, device: &Device) -> Result<Tensor, Error> {
        let missing = || Error::Tensor {
            folder: self.folder.clone(),
            name: name.to_owned(),
            reason: "it is missing from the weights; the file may be of another model".to_owned(),
        };
        match &self.source {
            Source::Safetensors(map) if map.get(name).is_ok() => Ok(map.load(name, device)?),
            Source::Torch(tensors) => tensors.get(name).cloned().ok_or_else(missing),
            Source::Safetensors(_) => Err(missing()),
        }
    }
}

/// `single`, or the shards that `single.index.json` names; `None` when neither exists.
fn files_of(folder: &Path, single: &str) -> Result<Option<Vec<PathBuf>>, Error> {
    let path = folder.join(single);
    if path.is_file() {
        return Ok(Some(vec![path]));
    }
    let index = folder.join(format!("{single}.index.json"));
    if !index.is_file() {
        return Ok(None);
    }
    let json = super::read_json(&index)?;
    let bad = |reason: &str| Error::Config {
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
        return Err(Error::MissingFile {
            path: path.clone(),
            hint: format!("{} names it as a shard", index.display()),
        });
    }
    Ok(Some(files))
}

fn map(folder: &Path, files: &[PathBuf]) -> Result<MmapedSafetensors, Error> {
    // SAFETY: the maps are read-only; a model file that another process truncates while it is
    // mapped would raise SIGBUS, as in every memory-mapped reader. Downloads are renamed into
    // place whole, so no process of ours does that.
    #[expect(unsafe_code, reason = "memory-mapped weights")]
    let mapped = unsafe { MmapedSafetensors::multi(files) };
    mapped.map_err(|source| Error::Weights {
        path: match files {
            [one] => one.clone(),
            _ => folder.to_owned(),
        },
        reason: source.to_string(),
    })
}

fn read_torch(path: &Path, tensors: &mut BTreeMap<String, Tensor>) -> Result<(), Error> {
    let unreadable = |reason: String| Error::Weights {
        path: path.to_owned(),
        reason,
    };
    let file = File::open(path).map_err(|e| unreadable(e.to_string()))?;
    // SAFETY: as in `map`: read-only, and no process of ours writes a model file in place.
    #[expect(unsafe_code, reason = "memory-mapped weights")]
    let bytes = unsafe { memmap2::Mmap::map(&file) }.map_err(|e| unreadable(e.to_string()))?;
    for view in torch::read(&bytes).map_err(|e| unreadable(e.to_string()))? {
        let dtype = match view.dtype {
            torch::Dtype::F32 => DType::F32,
            torch::Dtype::F16 => DType::F16,
            torch::Dtype::BF16 => DType::BF16,
            torch::Dtype::F64 => DType::F64,
            // Step counters and the like; no weight is an integer.
            _ => continue,
        };
        let tensor = Tensor::from_raw_buffer(&view.data(), dtype, &view.shape, &Device::Cpu)?;
        tensors.insert(view.name.clone(), tensor);
    }
    Ok(())
}
