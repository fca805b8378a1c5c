//! The tensors of a model folder, whatever files they came in.
//!
//! Looks for `model.safetensors`, a sharded `model.safetensors.index.json`, `pytorch_model.bin`
//! (torch's zip and legacy formats), a sharded `pytorch_model.bin.index.json`, `model.gguf` or the
//! only `.gguf` there is, in that order; [`Weights::of_marian`] has those of a Marian-native model
//! under the names of `transformers`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use candle_core::{
    DType, Device, Tensor,
    quantized::{QMatMul, QTensor},
};
use safetensors::{SafeTensors, tensor::Metadata};
use serde_json::Value;

use super::{ModelError, Placement, Precision, gguf::Gguf};
use crate::{
    mapped::MappedFile,
    marian::{Archive, Numbers},
    torch,
};

/// The named tensors of one model.
pub struct Weights {
    source: Source,
    folder: PathBuf,
    device: Device,
    precision: Precision,
    activations: DType,
    stated_scales: bool,
}

enum Source {
    Safetensors(Vec<Mapped>),
    Torch(BTreeMap<String, Tensor>),
    Gguf(Gguf),
    Marian(Archive),
}

impl Source {
    fn describe(&self) -> String {
        match self {
            Self::Safetensors(files) => format!("{} safetensors files", files.len()),
            Self::Torch(tensors) => format!("{} tensors of torch", tensors.len()),
            Self::Gguf(_) => "GGUF".to_owned(),
            Self::Marian(archive) => archive.path().display().to_string(),
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
    /// 8-bit integers, computed with as they are.
    Bytes(Bytes),
}

/// A matrix of 8-bit integers, `(height, width)`.
#[derive(Clone)]
pub(super) struct Bytes {
    pub(super) values: Arc<Vec<i8>>,
    /// What a unit is worth.
    pub(super) scale: f32,
    pub(super) width: usize,
    /// What activations are multiplied by before they are rounded, where its file says so and that is
    /// asked for.
    pub(super) input_multiplier: Option<f32>,
}

impl Bytes {
    pub(super) fn height(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// Rows in plain numbers.
    fn rows(&self, numbers: &[u32]) -> Result<Tensor, ModelError> {
        let row = |&number: &u32| &self.values[number as usize * self.width..][..self.width];
        let values = numbers.iter().flat_map(row);
        let values: Vec<f32> = values.map(|&q| f32::from(q) * self.scale).collect();
        let shape = (numbers.len(), self.width);
        Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
    }
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
            other => other,
        })
    }

    /// Some of its rows, in the order given.
    pub(super) fn select(&self, rows: &[u32]) -> Result<Self, ModelError> {
        Ok(match self {
            Self::Bytes(bytes) => {
                let row = |&row: &u32| &bytes.values[row as usize * bytes.width..][..bytes.width];
                Self::Bytes(Bytes {
                    values: Arc::new(rows.iter().flat_map(row).copied().collect()),
                    ..bytes.clone()
                })
            }
            Self::Dense(table) => {
                Self::Dense(table.index_select(&Tensor::new(rows, table.device())?, 0)?)
            }
            Self::Blocks { .. } => Self::Dense(self.rows(&Tensor::new(rows, &Device::Cpu)?)?),
        })
    }

    /// With a row of zeros behind the last.
    pub(super) fn with_zero_row(self) -> Result<Self, ModelError> {
        Ok(match self {
            Self::Dense(table) => {
                let zeros = table.narrow(0, 0, 1)?.zeros_like()?;
                Self::Dense(Tensor::cat(&[&table, &zeros], 0)?)
            }
            Self::Bytes(mut bytes) => {
                let values = Arc::make_mut(&mut bytes.values);
                values.resize(values.len() + bytes.width, 0);
                Self::Bytes(bytes)
            }
            blocks @ Self::Blocks { .. } => blocks,
        })
    }

    /// The rows of these numbers.
    pub(super) fn rows(&self, numbers: &Tensor) -> Result<Tensor, ModelError> {
        Ok(match self {
            Self::Dense(table) => table.index_select(numbers, 0)?,
            Self::Blocks { map, dtype } => map.embedding(numbers)?.to_dtype(*dtype)?,
            Self::Bytes(bytes) => bytes.rows(&numbers.to_vec1()?)?,
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
        Ok(Self::with(source, folder, placement))
    }

    /// The weights of a Marian-native model, by the names that `transformers` has for them.
    pub(super) fn of_marian(archive: Archive, placement: &Placement) -> Self {
        let folder = archive.path().to_owned();
        Self::with(Source::Marian(archive), &folder, placement)
    }

    fn with(source: Source, folder: &Path, placement: &Placement) -> Self {
        Self {
            source,
            folder: folder.to_owned(),
            device: placement.device.clone(),
            precision: placement.precision,
            activations: placement.activations,
            stated_scales: placement.stated_scales,
        }
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
            Source::Marian(archive) => native_name(archive, name).is_some(),
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
        if let Some(bytes) = self.bytes(name, shape)? {
            return Ok(Matrix::Bytes(bytes));
        }
        Ok(Matrix::Dense(self.get_as(name, shape, dtype)?))
    }

    /// The embedding table `name`: as it is where the file has it in 8 bits and it is computed with
    /// so, else in plain numbers.
    pub(super) fn table(&self, name: &str, shape: &[usize]) -> Result<Matrix, ModelError> {
        Ok(match self.bytes(name, shape)? {
            Some(bytes) => Matrix::Bytes(bytes),
            None => Matrix::Dense(self.get(name, shape)?),
        })
    }

    /// A matrix that is stored in 8 bits, where products are computed in them.
    fn bytes(&self, name: &str, shape: &[usize]) -> Result<Option<Bytes>, ModelError> {
        let Source::Marian(archive) = &self.source else {
            return Ok(None);
        };
        let in_8_bits = self.precision == Precision::Q8 && matches!(self.device, Device::Cpu);
        let Some(native) = native_name(archive, name).filter(|_| in_8_bits) else {
            return Ok(None);
        };
        let numbers = archive.numbers(&native);
        let (values, multiplier) = match numbers.map_err(|reason| self.unreadable(name, reason))? {
            Numbers::Int8 { values, multiplier } => (values.into_owned(), multiplier),
            Numbers::F32(_) => return Ok(None),
        };
        let mut stored = archive.shape(&native).unwrap_or_default().to_vec();
        if is_transposed(&native) {
            stored.reverse();
        }
        self.check_shape(name, &stored, shape)?;
        let alpha = archive.alpha(&native).filter(|_| self.stated_scales);
        Ok(Some(Bytes {
            values: Arc::new(values),
            scale: 1.0 / multiplier,
            width: stored.last().copied().unwrap_or(1),
            input_multiplier: alpha,
        }))
    }

    fn unreadable(&self, name: &str, reason: String) -> ModelError {
        ModelError::Tensor {
            folder: self.folder.clone(),
            name: name.to_owned(),
            reason,
        }
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
        let says = match &self.source {
            Source::Marian(_) => "special:model.yml",
            _ => "config.json",
        };
        Err(self.unreadable(
            name,
            format!("its shape is {found:?}, {says} makes it {expected:?}"),
        ))
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
            Source::Marian(archive) => {
                let native = native_name(archive, name).ok_or_else(missing)?;
                from_marian(archive, &native).map_err(|reason| self.unreadable(name, reason))
            }
        }
    }
}

/// Marian's name of a tensor, by that of `transformers`, where the file has it.
fn native_name(archive: &Archive, name: &str) -> Option<String> {
    let native = match name {
        "model.shared.weight" => "Wemb".to_owned(),
        "model.encoder.embed_tokens.weight" => "encoder_Wemb".to_owned(),
        "model.decoder.embed_tokens.weight" => "decoder_Wemb".to_owned(),
        "final_logits_bias" => "decoder_ff_logit_out_b".to_owned(),
        "lm_head.weight" => match archive.has("decoder_ff_logit_out_Wt") {
            true => "decoder_ff_logit_out_Wt".to_owned(),
            false => "decoder_ff_logit_out_W".to_owned(),
        },
        _ => {
            let (side, rest) = name.strip_prefix("model.")?.split_once(".layers.")?;
            let (layer, rest) = rest.split_once('.')?;
            let layer = format!("{side}_l{}", layer.parse::<usize>().ok()?.checked_add(1)?);
            let (block, kind) = rest.rsplit_once('.')?;
            let letter = if kind == "weight" { 'W' } else { 'b' };
            let norm = if kind == "weight" { "scale" } else { "bias" };
            match block {
                "fc1" | "fc2" => format!("{layer}_ffn_{letter}{}", &block[2..]),
                "ssru.candidate" => format!("{layer}_rnn_{letter}"),
                "ssru.forget" => format!("{layer}_rnn_{letter}f"),
                "ssru_layer_norm" => format!("{layer}_rnn_ffn_ln_{norm}"),
                "self_attn_layer_norm" => format!("{layer}_self_Wo_ln_{norm}"),
                "encoder_attn_layer_norm" => format!("{layer}_context_Wo_ln_{norm}"),
                "final_layer_norm" => format!("{layer}_ffn_ffn_ln_{norm}"),
                _ => {
                    let (attention, projection) = block.split_once('.')?;
                    let attention = match attention {
                        "self_attn" => "self",
                        "encoder_attn" => "context",
                        _ => return None,
                    };
                    format!("{layer}_{attention}_{letter}{}", projection.get(..1)?)
                }
            }
        }
    };
    archive.has(&native).then_some(native)
}

/// Whether Marian holds a matrix as (inputs, outputs), where `transformers` has (outputs, inputs). In
/// 8 bits its numbers lie as the latter has them all the same, under the shape of the former.
fn is_transposed(native: &str) -> bool {
    native.contains("_W")
        && !native.contains("_ln_")
        && !native.contains("Wemb")
        && !native.ends_with("_Wt")
}

fn from_marian(archive: &Archive, native: &str) -> Result<Tensor, String> {
    let mut shape = archive.shape(native).ok_or("it is missing")?.to_vec();
    let transposed = is_transposed(native);
    let tensor = match archive.numbers(native)? {
        Numbers::F32(values) => {
            let tensor = Tensor::from_vec(values, shape.as_slice(), &Device::Cpu);
            match tensor {
                Ok(tensor) if transposed => tensor.t().and_then(|t| t.contiguous()),
                other => other,
            }
        }
        Numbers::Int8 { values, multiplier } => {
            if transposed {
                shape.reverse();
            }
            let scale = 1.0 / multiplier;
            let values: Vec<f32> = values.iter().map(|&q| f32::from(q) * scale).collect();
            Tensor::from_vec(values, shape.as_slice(), &Device::Cpu)
        }
    };
    // Biases and norms are rows of one.
    let vector =
        !transposed && shape.len() == 2 && shape[0] == 1 && native != "decoder_ff_logit_out_b";
    let tensor = tensor.and_then(|t| if vector { t.squeeze(0) } else { Ok(t) });
    tensor.map_err(|error| error.to_string())
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
    file: MappedFile,
    tensors: Metadata,
    /// Where the tensors' bytes begin.
    data: usize,
}

impl Mapped {
    fn open(path: &Path) -> Result<Self, ModelError> {
        let unreadable = |reason: String| ModelError::Weights {
            path: path.to_owned(),
            reason,
        };
        let file = MappedFile::open(path).map_err(|e| unreadable(e.to_string()))?;
        let bytes = file.bytes().map_err(|e| unreadable(e.to_string()))?;
        // Checks that the file is as long as its header says.
        let read = SafeTensors::read_metadata(bytes);
        let (header, tensors) = read.map_err(|e| unreadable(e.to_string()))?;
        Ok(Self {
            file,
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
        let range = self.data + from..self.data + to;
        let bytes = self.file.bytes().map_err(|e| unreadable(e.to_string()))?;
        let bytes = bytes.get(range.clone());
        let bytes = bytes.ok_or_else(|| unreadable("it ends behind its file".to_owned()))?;
        let tensor = Tensor::from_raw_buffer(bytes, dtype, &info.shape, device)?;
        self.file.let_go(range);
        Ok(tensor)
    }
}

fn read_torch(path: &Path, tensors: &mut BTreeMap<String, Tensor>) -> Result<(), ModelError> {
    let unreadable = |reason: String| ModelError::Weights {
        path: path.to_owned(),
        reason,
    };
    let file = MappedFile::open(path).map_err(|e| unreadable(e.to_string()))?;
    let bytes = || file.bytes().map_err(|e| unreadable(e.to_string()));
    // Tied weights are one storage under several names: one tensor here too.
    let mut shared: HashMap<(*const u8, Vec<usize>), Tensor> = HashMap::new();
    for view in torch::read(bytes()?).map_err(|e| unreadable(e.to_string()))? {
        bytes()?;
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
