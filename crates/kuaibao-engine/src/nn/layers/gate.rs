//! The gate of a feed-forward block (Shazeer 2020).

use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor};

use crate::nn::{
    Activation, ModelError,
    kernels::{self, on_cpu, strided},
};

/// `(rows, 2 · width)` → `(rows, width)`: the activated left half times the right half.
pub(in crate::nn) fn gate(x: &Tensor, activation: Activation) -> Result<Tensor, ModelError> {
    if activation == Activation::GeluTanh && on_cpu(x) {
        return Ok(x.apply_op1_no_bwd(&GatedGelu)?);
    }
    composed_gate(x, activation)
}

fn composed_gate(x: &Tensor, activation: Activation) -> Result<Tensor, ModelError> {
    let width = x.dim(1)? / 2;
    let left = x.narrow(1, 0, width)?.copy()?;
    Ok((activation.apply(left)? * x.narrow(1, width, width)?)?)
}

struct GatedGelu;

impl CustomOp1 for GatedGelu {
    fn name(&self) -> &'static str {
        "gated-gelu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, columns) = layout.shape().dims2()?;
        let out = kernels::gated_gelu(strided(x, layout)?, rows);
        Ok((CpuStorage::F32(out), (rows, columns / 2).into()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_gate_kernel_equals_the_composed_form() {
        let numbers: Vec<f32> = (0..5 * 74)
            .map(|i| ((i * 7919) % 1009) as f32 / 40.0 - 12.5)
            .collect();
        let x = Tensor::from_vec(numbers, (5, 74), &Device::Cpu).unwrap();
        let (ours, composed) = (
            gate(&x, Activation::GeluTanh).unwrap(),
            composed_gate(&x, Activation::GeluTanh).unwrap(),
        );
        let difference = (ours - composed).unwrap().abs().unwrap();
        let most = difference.flatten_all().unwrap().max(0).unwrap();
        let most = most.to_scalar::<f32>().unwrap();
        assert!(most < 2e-5, "differs by {most}");
    }
}
