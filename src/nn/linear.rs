//! Affine maps, dense or quantised.

use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Shape, Tensor};

use super::{
    Activation, Error, Precision, Weights,
    kernels::{Int8, Then, strided},
};

/// `x · Wᵀ + b`
pub(super) enum Linear {
    /// In the precision of the activations.
    Dense {
        /// `(inputs, outputs)`, a transposed view of the stored `(outputs, inputs)`.
        weight: Tensor,
        bias: Option<Tensor>,
    },
    /// In 8 bits, on a CPU.
    Quantised(Int8),
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
        let mut weight = Vec::new();
        let mut bias = Vec::new();
        for name in names {
            weight.push(weights.get(&format!("{name}.weight"), &[outputs, inputs])?);
            bias.push(weights.get(&format!("{name}.bias"), &[outputs])?);
        }
        let (weight, bias) = (Tensor::cat(&weight, 0)?, Tensor::cat(&bias, 0)?);
        Self::new(&weight, Some(bias), weights.precision())
    }

    /// `(rows, inputs)` → `(rows, outputs)`
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        match self {
            Self::Quantised(map) => Ok(x.apply_op1_no_bwd(&Quantised {
                map,
                then: Then::Nothing,
            })?),
            Self::Dense { weight, bias } => {
                let y = matmul(x, weight)?;
                Ok(match bias {
                    Some(bias) => y.broadcast_add(bias)?,
                    None => y,
                })
            }
        }
    }

    /// [`Linear::forward`], then an activation.
    pub(super) fn forward_activated(
        &self,
        x: &Tensor,
        activation: Activation,
    ) -> Result<Tensor, Error> {
        if let (Self::Quantised(map), Activation::Relu) = (self, activation) {
            let then = Then::Relu;
            return Ok(x.apply_op1_no_bwd(&Quantised { map, then })?);
        }
        let y = self.forward(x)?;
        Ok(match activation {
            Activation::Relu => y.relu()?,
            Activation::Swish => y.silu()?,
            Activation::Gelu => y.gelu_erf()?,
            Activation::GeluTanh => y.gelu()?,
        })
    }
}

struct Quantised<'a> {
    map: &'a Int8,
    then: Then,
}

impl CustomOp1 for Quantised<'_> {
    fn name(&self) -> &'static str {
        "int8-linear"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, _) = layout.shape().dims2()?;
        let y = self.map.forward(strided(x, layout)?, rows, self.then);
        Ok((CpuStorage::F32(y), (rows, self.map.outputs()).into()))
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
