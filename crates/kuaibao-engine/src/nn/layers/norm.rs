//! Layer normalisation, about the mean and about zero.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, DType, Layout, Shape, Tensor};

#[cfg(feature = "cuda")]
use crate::nn::cuda;
use crate::nn::{
    ModelError, Weights,
    kernels::{self, on_cpu, strided},
};

/// Layer norm over the last dimension (Ba et al. 2016).
pub(in crate::nn) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    /// Weight and bias where the CPU kernel runs. candle's own takes the variance as the mean of
    /// squares less the squared mean, which costs it three digits.
    host: Option<(Vec<f32>, Vec<f32>)>,
    epsilon: f32,
}

impl LayerNorm {
    pub(in crate::nn) fn load(
        weights: &Weights,
        name: &str,
        width: usize,
        epsilon: f32,
    ) -> Result<Self, ModelError> {
        let weight = weights.get(&format!("{name}.weight"), &[width])?;
        let bias = weights.get(&format!("{name}.bias"), &[width])?;
        let host = if on_cpu(&weight) {
            Some((weight.to_vec1()?, bias.to_vec1()?))
        } else {
            None
        };
        Ok(Self {
            weight,
            bias,
            host,
            epsilon,
        })
    }

    /// `(rows, width)` → `(rows, width)`
    pub(in crate::nn) fn forward(&self, x: &Tensor) -> Result<Tensor, ModelError> {
        match &self.host {
            Some((weight, bias)) => {
                Ok(x.apply_op1_no_bwd(&Kernel::new(weight, bias, self.epsilon))?)
            }
            None => Ok(candle_nn::ops::layer_norm(
                &x.contiguous()?,
                &self.weight,
                &self.bias,
                self.epsilon,
            )?),
        }
    }

    /// The norm of `x + y`.
    pub(in crate::nn) fn forward_sum(&self, x: &Tensor, y: &Tensor) -> Result<Tensor, ModelError> {
        match &self.host {
            Some((weight, bias)) => {
                Ok(x.apply_op2_no_bwd(y, &Kernel::new(weight, bias, self.epsilon))?)
            }
            #[cfg(feature = "cuda")]
            None if cuda::serves(x) => {
                let (weight, bias) = (&self.weight, &self.bias);
                Ok(cuda::sum_layer_norm(x, y, weight, bias, self.epsilon)?)
            }
            None => self.forward(&(x + y)?),
        }
    }
}

/// Root-mean-square norm over the last dimension (Zhang and Sennrich 2019): a layer norm that takes
/// no mean and adds no bias.
pub(in crate::nn) struct RmsNorm {
    weight: Tensor,
    host: Option<Vec<f32>>,
    epsilon: f32,
    /// What the normalised states are given out in.
    dtype: DType,
}

impl RmsNorm {
    pub(in crate::nn) fn load(
        weights: &Weights,
        name: &str,
        width: usize,
        epsilon: f32,
    ) -> Result<Self, ModelError> {
        let weight = weights.get_as(&format!("{name}.weight"), &[width], DType::F32)?;
        let host = if on_cpu(&weight) {
            Some(weight.to_vec1()?)
        } else {
            None
        };
        Ok(Self {
            weight,
            host,
            epsilon,
            dtype: weights.dtype(),
        })
    }

    /// `(rows, width)` in f32 → `(rows, width)` in the precision of the model.
    pub(in crate::nn) fn forward(&self, x: &Tensor) -> Result<Tensor, ModelError> {
        let y = match &self.host {
            Some(weight) => x.apply_op1_no_bwd(&Kernel {
                weight,
                bias: None,
                epsilon: self.epsilon,
            })?,
            None => candle_nn::ops::rms_norm(&x.contiguous()?, &self.weight, self.epsilon)?,
        };
        Ok(y.to_dtype(self.dtype)?)
    }
}

struct Kernel<'a> {
    weight: &'a [f32],
    bias: Option<&'a [f32]>,
    epsilon: f32,
}

impl<'a> Kernel<'a> {
    fn new(weight: &'a [f32], bias: &'a [f32], epsilon: f32) -> Self {
        Self {
            weight,
            bias: Some(bias),
            epsilon,
        }
    }
}

impl CustomOp1 for Kernel<'_> {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let x = strided(x, layout)?;
        let rows = rows(layout)?;
        let out = kernels::layer_norm(x, None, self.weight, self.bias, self.epsilon, rows);
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
        let out = kernels::layer_norm(x, Some(y), self.weight, self.bias, self.epsilon, rows);
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

fn rows(layout: &Layout) -> candle_core::Result<usize> {
    Ok(layout.shape().dims2()?.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn the_kernels_equal_the_composed_forms() {
        let numbers = |count: usize| -> Vec<f32> {
            (0..count)
                .map(|i| ((i * 7919) % 101) as f32 / 25.0 - 1.5)
                .collect()
        };
        let tensor =
            |data: Vec<f32>, shape: &[usize]| Tensor::from_vec(data, shape, &Device::Cpu).unwrap();
        let x = tensor(numbers(3 * 37), &[3, 37]);
        let (weight, bias) = (tensor(numbers(37), &[37]), tensor(numbers(74), &[74]));
        let bias = bias.narrow(0, 37, 37).unwrap();
        let close = |a: Tensor, b: Tensor| {
            let most = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
            let most = most.max(0).unwrap().to_scalar::<f32>().unwrap();
            assert!(most < 1e-5, "differs by {most}");
        };
        let host: (Vec<f32>, Vec<f32>) = (weight.to_vec1().unwrap(), bias.to_vec1().unwrap());
        let layer = |host| LayerNorm {
            weight: weight.clone(),
            bias: bias.clone(),
            host,
            epsilon: 1e-5,
        };
        let (kernel, composed) = (layer(Some(host.clone())), layer(None));
        close(kernel.forward(&x).unwrap(), composed.forward(&x).unwrap());
        close(
            kernel.forward_sum(&x, &x).unwrap(),
            composed.forward_sum(&x, &x).unwrap(),
        );
        let rms = |host| RmsNorm {
            weight: weight.clone(),
            host,
            epsilon: 1e-6,
            dtype: DType::F32,
        };
        close(
            rms(Some(host.0)).forward(&x).unwrap(),
            rms(None).forward(&x).unwrap(),
        );
    }
}
