//! Affine maps, dense or quantised.

use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Shape, Storage, Tensor};

use super::{
    Activation, Error, Precision, Weights,
    kernels::{self, Best, Dense, Int8, Panels, Then, on_cpu, strided},
};

/// `x · Wᵀ + b`
pub(super) enum Linear {
    /// In f32 on a CPU.
    Packed(Dense),
    /// In 8 bits, on a CPU.
    Quantised(Int8),
    /// In the precision of the activations, by candle.
    Dense {
        /// `(inputs, outputs)`, a transposed view of the stored `(outputs, inputs)`.
        weight: Tensor,
        bias: Option<Tensor>,
    },
}

impl Linear {
    /// From a stored `(outputs, inputs)` weight.
    pub(super) fn new(
        weight: &Tensor,
        bias: Option<Tensor>,
        precision: Precision,
    ) -> Result<Self, Error> {
        if precision == Precision::Q8 {
            let (_, inputs) = weight.dims2()?;
            let values: Vec<f32> = weight.flatten_all()?.to_vec1()?;
            let bias = bias.map(|b| b.to_vec1()).transpose()?;
            return Ok(Self::Quantised(Int8::quantise(&values, bias, inputs)));
        }
        if on_cpu(weight) {
            let (_, inputs) = weight.dims2()?;
            let values: Vec<f32> = weight.flatten_all()?.to_vec1()?;
            let bias: Option<Vec<f32>> = bias.map(|b| b.to_vec1()).transpose()?;
            return Ok(Self::Packed(Dense::pack(&values, bias.as_deref(), inputs)));
        }
        Ok(Self::Dense {
            weight: weight.t()?,
            bias,
        })
    }

    pub(super) fn load(
        weights: &Weights,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, Error> {
        Self::load_joined(weights, &[name], inputs, outputs)
    }

    /// Several maps of the same input as one, their outputs side by side.
    pub(super) fn load_joined(
        weights: &Weights,
        names: &[&str],
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, Error> {
        let biases: Vec<Tensor> = names
            .iter()
            .map(|name| weights.get(&format!("{name}.bias"), &[outputs]))
            .collect::<Result<_, _>>()?;
        let weight = join(weights, names, inputs, outputs)?;
        Self::new(&weight, Some(Tensor::cat(&biases, 0)?), weights.precision())
    }

    /// [`Linear::load_joined`] for maps that add nothing.
    pub(super) fn load_unbiased(
        weights: &Weights,
        names: &[&str],
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, Error> {
        let weight = join(weights, names, inputs, outputs)?;
        Self::new(&weight, None, weights.precision())
    }

    /// `(rows, inputs)` → `(rows, outputs)`
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        self.run(x, Then::Nothing)
    }

    /// [`Linear::forward`], then an activation.
    pub(super) fn forward_activated(
        &self,
        x: &Tensor,
        activation: Activation,
    ) -> Result<Tensor, Error> {
        Ok(match activation {
            Activation::Relu => self.run(x, Then::Relu)?,
            Activation::Swish => self.forward(x)?.silu()?,
            Activation::Gelu => self.forward(x)?.gelu_erf()?,
            Activation::GeluTanh => self.forward(x)?.gelu()?,
        })
    }

    /// The best outputs of each row of `x`, as [`super::Head::best`]; `None` where candle computes.
    pub(super) fn best(
        &self,
        x: &Tensor,
        keep: usize,
        barred: &[usize],
    ) -> Result<Option<Vec<Best>>, Error> {
        if matches!(self, Self::Dense { .. }) {
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
            Self::Dense { .. } => None,
        })
    }

    fn run(&self, x: &Tensor, then: Then) -> Result<Tensor, Error> {
        if let Self::Dense { weight, bias } = self {
            let mut y = matmul(x, weight)?;
            if let Some(bias) = bias {
                y = y.broadcast_add(bias)?;
            }
            return Ok(match then {
                Then::Nothing => y,
                Then::Relu => y.relu()?,
            });
        }
        Ok(x.apply_op1_no_bwd(&Kernel { map: self, then })?)
    }
}

/// The `(outputs, inputs)` matrices of `names`, one below the other.
fn join(weights: &Weights, names: &[&str], inputs: usize, outputs: usize) -> Result<Tensor, Error> {
    let parts: Vec<Tensor> = names
        .iter()
        .map(|name| weights.get(&format!("{name}.weight"), &[outputs, inputs]))
        .collect::<Result<_, _>>()?;
    Ok(Tensor::cat(&parts, 0)?)
}

/// The CPU kernels, as candle calls them.
struct Kernel<'a> {
    map: &'a Linear,
    then: Then,
}

impl CustomOp1 for Kernel<'_> {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, _) = layout.shape().dims2()?;
        let x = strided(x, layout)?;
        let (y, outputs) = match self.map {
            Linear::Packed(map) => (map.forward(x, rows, self.then), map.outputs()),
            Linear::Quantised(map) => (map.forward(x, rows, self.then), map.outputs()),
            Linear::Dense { .. } => candle_core::bail!("dense maps are candle's own"),
        };
        Ok((CpuStorage::F32(y), (rows, outputs).into()))
    }
}

/// Matrix product; bf16 goes through f32 on a CPU, where candle has no bf16 product.
pub(super) fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor, Error> {
    if a.dtype() == DType::BF16 && matches!(a.device(), Device::Cpu) {
        let product = a.to_dtype(DType::F32)?.matmul(&b.to_dtype(DType::F32)?)?;
        return Ok(product.to_dtype(DType::BF16)?);
    }
    Ok(a.matmul(b)?)
}
