//! Layer normalisation.

use candle_core::Tensor;

use super::{Error, Weights};

/// Layer norm over the last dimension (Ba et al. 2016).
pub(super) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
}

/// torch's default, which every BART-family model uses.
const EPSILON: f32 = 1e-5;

impl LayerNorm {
    pub(super) fn load(weights: &Weights, name: &str, width: usize) -> Result<Self, Error> {
        Ok(Self {
            weight: weights.get(&format!("{name}.weight"), &[width])?,
            bias: weights.get(&format!("{name}.bias"), &[width])?,
        })
    }

    /// `(rows, width)` → `(rows, width)`
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        Ok(candle_nn::ops::layer_norm(
            &x.contiguous()?,
            &self.weight,
            &self.bias,
            EPSILON,
        )?)
    }
}
