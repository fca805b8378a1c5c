//! Affine maps, dense or quantised.

use candle_core::{DType, Device, Tensor};

use super::{Error, Weights};

/// `x · Wᵀ + b`
pub(super) struct Linear {
    /// `(inputs, outputs)`, a transposed view of the stored `(outputs, inputs)`.
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    /// From a stored `(outputs, inputs)` weight.
    pub(super) fn new(weight: &Tensor, bias: Option<Tensor>) -> Result<Self, Error> {
        Ok(Self {
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
        Self::new(&Tensor::cat(&weight, 0)?, Some(Tensor::cat(&bias, 0)?))
    }

    /// `(rows, inputs)` → `(rows, outputs)`
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let y = matmul(x, &self.weight)?;
        Ok(match &self.bias {
            Some(bias) => y.broadcast_add(bias)?,
            None => y,
        })
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
