//! Layer normalisation.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Shape, Tensor};

use super::{
    Error, Weights,
    kernels::{self, on_cpu, strided},
};

/// Layer norm over the last dimension (Ba et al. 2016).
pub(super) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    /// Weight and bias where the CPU kernel runs. candle's own takes the variance as the mean of
    /// squares less the squared mean, which costs it three digits.
    host: Option<(Vec<f32>, Vec<f32>)>,
}

/// torch's default, which every BART-family model uses.
const EPSILON: f32 = 1e-5;

impl LayerNorm {
    pub(super) fn load(weights: &Weights, name: &str, width: usize) -> Result<Self, Error> {
        let weight = weights.get(&format!("{name}.weight"), &[width])?;
        let bias = weights.get(&format!("{name}.bias"), &[width])?;
        let host = if on_cpu(&weight) {
            Some((weight.to_vec1()?, bias.to_vec1()?))
        } else {
            None
        };
        Ok(Self { weight, bias, host })
    }

    /// `(rows, width)` → `(rows, width)`
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        match &self.host {
            Some((weight, bias)) => Ok(x.apply_op1_no_bwd(&Kernel { weight, bias })?),
            None => Ok(candle_nn::ops::layer_norm(
                &x.contiguous()?,
                &self.weight,
                &self.bias,
                EPSILON,
            )?),
        }
    }

    /// The norm of `x + y`.
    pub(super) fn forward_sum(&self, x: &Tensor, y: &Tensor) -> Result<Tensor, Error> {
        match &self.host {
            Some((weight, bias)) => Ok(x.apply_op2_no_bwd(y, &Kernel { weight, bias })?),
            None => self.forward(&(x + y)?),
        }
    }
}

struct Kernel<'a> {
    weight: &'a [f32],
    bias: &'a [f32],
}

impl CustomOp1 for Kernel<'_> {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let x = strided(x, layout)?;
        let out = kernels::layer_norm(x, None, self.weight, self.bias, EPSILON, rows(layout)?);
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

impl CustomOp2 for Kernel<'_> {
    fn name(&self) -> &'static str {
        "sum-layer-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        y: &CpuStorage,
        y_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (x, y) = (strided(x, x_layout)?, strided(y, y_layout)?);
        let rows = rows(x_layout)?;
        let out = kernels::layer_norm(x, Some(y), self.weight, self.bias, EPSILON, rows);
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

fn rows(layout: &Layout) -> candle_core::Result<usize> {
    Ok(layout.shape().dims2()?.0)
}
