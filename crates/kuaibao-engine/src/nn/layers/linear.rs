//! Affine maps, dense or quantised.

use candle_core::{
    CpuStorage, CustomOp1, DType, Device, InplaceOp1, Layout, Module, Shape, Storage, Tensor,
    quantized::QMatMul,
};

#[cfg(feature = "cuda")]
use crate::nn::cuda;
use crate::nn::{
    Activation, ModelError, Precision, Weights,
    kernels::{self, Best, Dense, Epilogue, Int8, Panels, on_cpu, strided},
    state::ids,
    weights::{Bytes, Matrix},
};

/// `x · Wᵀ + b`
pub(in crate::nn) enum Linear {
    /// In f32 on a CPU, of f32 or 16-bit weights.
    Packed(Dense),
    /// In 8 bits, on a CPU.
    Quantised(Int8),
    /// In the precision of the activations, by candle.
    Dense {
        /// `(inputs, outputs)`, a transposed view of the stored `(outputs, inputs)`.
        weight: Tensor,
        bias: Option<Tensor>,
    },
    /// In ggml's blocks, by candle.
    Blocks {
        map: QMatMul,
        bias: Option<Tensor>,
        dtype: DType,
    },
    /// Several maps of one input, their outputs side by side.
    Joined(Vec<Linear>),
}

impl Linear {
    /// From a stored `(outputs, inputs)` weight, in whatever form.
    pub(in crate::nn) fn of(
        weight: Matrix,
        bias: Option<Tensor>,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        match weight {
            Matrix::Dense(weight) => Self::new(&weight, bias, precision),
            Matrix::Blocks { map, dtype } => Ok(Self::Blocks { map, bias, dtype }),
            Matrix::Bytes(bytes) => Self::stored(&[bytes], bias),
        }
    }

    /// From weights that are stored in 8 bits, their outputs side by side.
    fn stored(parts: &[Bytes], bias: Option<Tensor>) -> Result<Self, ModelError> {
        let scale = |part: &Bytes| std::iter::repeat_n(part.scale, part.height());
        let scales: Vec<f32> = parts.iter().flat_map(scale).collect();
        let bias = bias.map(|b| b.to_vec1()).transpose()?;
        let Bytes {
            width,
            input_multiplier,
            ..
        } = parts[0];
        let map = match parts {
            [part] => Int8::stored(&part.values, &scales, bias, width, input_multiplier),
            parts => {
                let values: Vec<&[i8]> = parts.iter().map(|part| part.values.as_slice()).collect();
                Int8::stored(&values.concat(), &scales, bias, width, input_multiplier)
            }
        };
        Ok(Self::Quantised(map))
    }

    /// From a stored `(outputs, inputs)` weight.
    pub(in crate::nn) fn new(
        weight: &Tensor,
        bias: Option<Tensor>,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        if on_cpu(weight) {
            let (outputs, inputs) = weight.dims2()?;
            let weight = weight.contiguous()?;
            let (storage, layout) = weight.storage_and_layout();
            let values = match &*storage {
                Storage::Cpu(storage) => storage.as_slice::<f32>()?,
                _ => unreachable!("`on_cpu` has looked"),
            };
            let values = &values[layout.start_offset()..][..outputs * inputs];
            let bias: Option<Vec<f32>> = bias.map(|b| b.to_vec1()).transpose()?;
            return Ok(match precision {
                Precision::Q8 => Self::Quantised(Int8::quantise(values, bias, inputs)),
                _ => {
                    let stored = precision.dtype();
                    Self::Packed(Dense::pack(values, bias.as_deref(), inputs, stored))
                }
            });
        }
        Ok(Self::Dense {
            weight: weight.t()?,
            bias,
        })
    }

    pub(in crate::nn) fn load(
        weights: &Weights,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        Self::load_joined(weights, &[name], inputs, outputs)
    }

    /// Several maps of the same input as one, their outputs side by side.
    pub(in crate::nn) fn load_joined(
        weights: &Weights,
        names: &[&str],
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        let biases = names
            .iter()
            .map(|name| weights.get(&format!("{name}.bias"), &[outputs]).map(Some))
            .collect::<Result<_, _>>()?;
        let shape = [outputs, inputs];
        Self::join(weights, names, biases, shape, weights.dtype())
    }

    /// [`Linear::load_joined`] for maps that add nothing.
    pub(in crate::nn) fn load_unbiased(
        weights: &Weights,
        names: &[&str],
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        let shape = [outputs, inputs];
        Self::join(
            weights,
            names,
            vec![None; names.len()],
            shape,
            weights.dtype(),
        )
    }

    /// A map that adds nothing, and one of the same input that does, as one.
    pub(in crate::nn) fn load_unbiased_beside(
        weights: &Weights,
        [unbiased, biased]: [&str; 2],
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        let bias = weights.get(&format!("{biased}.bias"), &[outputs])?;
        let biases = vec![Some(bias.zeros_like()?), Some(bias)];
        let shape = [outputs, inputs];
        Self::join(weights, &[unbiased, biased], biases, shape, weights.dtype())
    }

    /// One map that adds nothing, in another type than the model's.
    pub(in crate::nn) fn load_unbiased_as(
        weights: &Weights,
        name: &str,
        inputs: usize,
        outputs: usize,
        dtype: DType,
    ) -> Result<Self, ModelError> {
        Self::join(weights, &[name], vec![None], [outputs, inputs], dtype)
    }

    fn join(
        weights: &Weights,
        names: &[&str],
        biases: Vec<Option<Tensor>>,
        shape: [usize; 2],
        dtype: DType,
    ) -> Result<Self, ModelError> {
        let (mut dense, mut bytes) = (Vec::new(), Vec::new());
        let mut matrices = Vec::new();
        for name in names {
            let matrix = weights.matrix_as(&format!("{name}.weight"), &shape, dtype)?;
            match &matrix {
                Matrix::Dense(weight) => dense.push(weight.clone()),
                Matrix::Bytes(weight) => bytes.push(weight.clone()),
                Matrix::Blocks { .. } => {}
            }
            matrices.push(matrix);
        }
        // One map of all, unless they would round their input each in its own way.
        let alike = bytes
            .windows(2)
            .all(|w| w[0].input_multiplier == w[1].input_multiplier);
        if dense.len() == names.len() || bytes.len() == names.len() && alike {
            let biases: Vec<Tensor> = biases.into_iter().flatten().collect();
            let bias = match biases.as_slice() {
                [] => None,
                biases => Some(Tensor::cat(biases, 0)?),
            };
            return match bytes.as_slice() {
                [] => Self::new(&Tensor::cat(&dense, 0)?, bias, weights.precision()),
                bytes => Self::stored(bytes, bias),
            };
        }
        let mut parts = matrices
            .into_iter()
            .zip(biases)
            .map(|(matrix, bias)| Self::of(matrix, bias, weights.precision()))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Self::Joined(parts),
        })
    }

    /// `(rows, inputs)` → `(rows, outputs)`
    pub(in crate::nn) fn forward(&self, x: &Tensor) -> Result<Tensor, ModelError> {
        self.run(x, Epilogue::Nothing)
    }

    /// [`Linear::forward`], then an activation.
    pub(in crate::nn) fn forward_activated(
        &self,
        x: &Tensor,
        activation: Activation,
    ) -> Result<Tensor, ModelError> {
        match activation {
            Activation::Relu => self.run(x, Epilogue::Relu),
            other => other.apply(self.forward(x)?),
        }
    }

    /// Whether it computes in 8 bits.
    pub(in crate::nn) fn is_quantised(&self) -> bool {
        matches!(self, Self::Quantised(_))
    }

    /// The map to some of its outputs, in the order given; `None` where ggml's blocks hold them.
    pub(in crate::nn) fn select(&self, outputs: &[usize]) -> Option<Self> {
        Some(match self {
            Self::Quantised(map) => Self::Quantised(map.select(outputs)),
            Self::Packed(map) => Self::Packed(map.select(outputs)),
            Self::Dense { weight, bias } => {
                let columns: Vec<u32> = outputs.iter().map(|&o| o as u32).collect();
                let columns = ids(&columns, weight.device()).ok()?;
                let bias = bias.as_ref().map(|bias| bias.index_select(&columns, 0));
                // Of the rows as they are stored: a GPU takes no columns out of a transposed view.
                let rows = weight.t().and_then(|rows| rows.index_select(&columns, 0));
                Self::Dense {
                    weight: rows.and_then(|rows| rows.t()).ok()?,
                    bias: bias.transpose().ok()?,
                }
            }
            Self::Blocks { .. } | Self::Joined(_) => return None,
        })
    }

    /// The best outputs of each row of `x`, as [`super::Head::best`]; `None` where candle computes.
    pub(in crate::nn) fn best(
        &self,
        x: &Tensor,
        keep: usize,
        barred: &[usize],
    ) -> Result<Option<Vec<Best>>, ModelError> {
        if !matches!(self, Self::Packed(_) | Self::Quantised(_)) {
            return Ok(None);
        }
        let (rows, _) = x.dims2()?;
        let (storage, layout) = x.storage_and_layout();
        let Storage::Cpu(storage) = &*storage else {
            return Ok(None);
        };
        let x = strided(storage, layout)?;
        Ok(match self {
            Self::Packed(map) => Some(kernels::best(map, x, rows, keep, barred)),
            Self::Quantised(map) => Some(kernels::best(map, x, rows, keep, barred)),
            _ => None,
        })
    }

    fn run(&self, x: &Tensor, epilogue: Epilogue) -> Result<Tensor, ModelError> {
        let (y, bias) = match self {
            Self::Packed(_) | Self::Quantised(_) => {
                return Ok(x.apply_op1_no_bwd(&Kernel {
                    map: self,
                    epilogue,
                })?);
            }
            Self::Joined(parts) => {
                let parts: Vec<Tensor> = parts
                    .iter()
                    .map(|part| part.run(x, epilogue))
                    .collect::<Result<_, _>>()?;
                return Ok(Tensor::cat(&parts, 1)?);
            }
            Self::Dense { weight, bias } => (matmul(x, weight)?, bias),
            Self::Blocks { map, bias, dtype } => {
                let x = x.to_dtype(DType::F32)?.contiguous()?;
                (map.forward(&x)?.to_dtype(*dtype)?, bias)
            }
        };
        #[cfg(feature = "cuda")]
        if let Some(bias) = bias
            && cuda::serves(&y)
        {
            cuda::add_bias(&y, bias, epilogue == Epilogue::Relu)?;
            return Ok(y);
        }
        let y = match bias {
            Some(bias) => y.broadcast_add(bias)?,
            None => y,
        };
        Ok(match epilogue {
            Epilogue::Nothing => y,
            Epilogue::Relu => y.relu()?,
        })
    }
}

impl Activation {
    /// Of a tensor that nothing else uses.
    pub(in crate::nn) fn apply(self, x: Tensor) -> Result<Tensor, ModelError> {
        if on_cpu(&x) && x.is_contiguous() {
            x.inplace_op1(&InPlace(self))?;
            return Ok(x);
        }
        Ok(match self {
            Self::Relu => x.relu()?,
            Self::Swish => x.silu()?,
            Self::Gelu => x.gelu_erf()?,
            Self::GeluTanh => x.gelu()?,
        })
    }
}

struct InPlace(Activation);

impl InplaceOp1 for InPlace {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, x: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let CpuStorage::F32(x) = x else {
            candle_core::bail!("activations are computed in f32")
        };
        let first = layout.start_offset();
        let count = layout.shape().elem_count();
        kernels::activate(self.0, &mut x[first..first + count]);
        Ok(())
    }
}

/// The CPU kernels, as candle calls them.
struct Kernel<'a> {
    map: &'a Linear,
    epilogue: Epilogue,
}

impl CustomOp1 for Kernel<'_> {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, _) = layout.shape().dims2()?;
        let x = strided(x, layout)?;
        let (y, outputs) = match self.map {
            Linear::Packed(map) => (map.forward(x, rows, self.epilogue), map.outputs()),
            Linear::Quantised(map) => (map.forward(x, rows, self.epilogue), map.outputs()),
            _ => candle_core::bail!("the other maps are candle's own"),
        };
        Ok((CpuStorage::F32(y), (rows, outputs).into()))
    }
}

/// Matrix product; bf16 goes through f32 on a CPU, where candle has no bf16 product.
pub(in crate::nn) fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor, ModelError> {
    if a.dtype() == DType::BF16 && matches!(a.device(), Device::Cpu) {
        let product = a.to_dtype(DType::F32)?.matmul(&b.to_dtype(DType::F32)?)?;
        return Ok(product.to_dtype(DType::BF16)?);
    }
    Ok(a.matmul(b)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_that_candle_computes_is_taken_apart_as_the_kernels_are() {
        let numbers: Vec<f32> = (0..5 * 4).map(|i| ((i * 37) % 19) as f32 / 8.0).collect();
        let tensor = |dtype| {
            let weight = Tensor::from_slice(&numbers, (5, 4), &Device::Cpu).unwrap();
            let bias = weight.narrow(1, 0, 1).unwrap().flatten_all().unwrap();
            (
                weight.to_dtype(dtype).unwrap(),
                bias.to_dtype(dtype).unwrap(),
            )
        };
        let x = Tensor::from_slice(&numbers[..8], (2, 4), &Device::Cpu).unwrap();
        for (dtype, precision) in [(DType::F32, Precision::F32), (DType::F16, Precision::F16)] {
            let (weight, bias) = tensor(dtype);
            let whole = Linear::new(&weight, Some(bias), precision).unwrap();
            let some = whole.select(&[3, 0]).expect("no blocks");
            let x = x.to_dtype(dtype).unwrap();
            let of = |map: &Linear| -> Vec<Vec<f32>> {
                let y = map.forward(&x).unwrap().to_dtype(DType::F32).unwrap();
                y.to_vec2().unwrap()
            };
            let (whole, some) = (of(&whole), of(&some));
            for (whole, some) in whole.iter().zip(&some) {
                assert_eq!(*some, [whole[3], whole[0]], "{dtype:?}");
            }
        }
    }
}
