//! The simpler simple recurrent unit (Kim et al. 2019), in place of a decoder's self-attention.

use candle_core::{CpuStorage, CustomOp2, Layout, Shape, Tensor};

use super::linear::Linear;
use crate::nn::{
    DecoderState, ModelError, Weights,
    kernels::{self, on_cpu, strided},
};

/// A cell that forgets as much of itself as it takes in of a candidate.
pub(in crate::nn) struct Ssru {
    /// d_model → candidate | forget gate
    map: Linear,
}

impl Ssru {
    pub(in crate::nn) fn load(weights: &Weights, name: &str, d: usize) -> Result<Self, ModelError> {
        let part = |p: &str| format!("{name}.{p}");
        let names = [&*part("candidate"), &part("forget")];
        Ok(Self {
            map: Linear::load_unbiased_beside(weights, names, d, d)?,
        })
    }

    /// The newest token of each row goes into the row's cell: `(rows, d_model)` → the same.
    pub(in crate::nn) fn step(
        &self,
        x: &Tensor,
        layer: usize,
        state: &mut DecoderState,
    ) -> Result<Tensor, ModelError> {
        let gates = self.map.forward(x)?; // (rows, 2 · d_model)
        let cells = state.cells(layer);
        let before = match cells.take() {
            Some(before) => before,
            None => x.zeros_like()?,
        };
        let after = cells.insert(cell(&gates, &before)?);
        Ok(after.relu()?)
    }
}

/// The new cells: of `gates` the left half is the candidate, the right half, through a sigmoid, how
/// much of the old cell stays.
fn cell(gates: &Tensor, before: &Tensor) -> Result<Tensor, ModelError> {
    if on_cpu(gates) {
        return Ok(gates.apply_op2_no_bwd(before, &Cell)?);
    }
    composed(gates, before)
}

fn composed(gates: &Tensor, before: &Tensor) -> Result<Tensor, ModelError> {
    let width = before.dim(1)?;
    let candidate = gates.narrow(1, 0, width)?;
    let forget = candle_nn::ops::sigmoid(&gates.narrow(1, width, width)?.contiguous()?)?;
    Ok(((&forget * before)? + (forget.affine(-1.0, 1.0)? * candidate)?)?)
}

struct Cell;

impl CustomOp2 for Cell {
    fn name(&self) -> &'static str {
        "ssru-cell"
    }

    fn cpu_fwd(
        &self,
        gates: &CpuStorage,
        gates_layout: &Layout,
        before: &CpuStorage,
        before_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, _) = before_layout.shape().dims2()?;
        let (gates, before) = (
            strided(gates, gates_layout)?,
            strided(before, before_layout)?,
        );
        let after = kernels::ssru_cell(gates, before, rows);
        Ok((CpuStorage::F32(after), before_layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_kernel_equals_the_composed_form() {
        let numbers = |count: usize, step: usize| -> Vec<f32> {
            (0..count)
                .map(|i| ((i * step) % 1009) as f32 / 60.0 - 8.0)
                .collect()
        };
        let gates = Tensor::from_vec(numbers(5 * 74, 7919), (5, 74), &Device::Cpu).unwrap();
        let before = Tensor::from_vec(numbers(5 * 37, 104_729), (5, 37), &Device::Cpu).unwrap();
        let difference = (cell(&gates, &before).unwrap() - composed(&gates, &before).unwrap())
            .and_then(|d| d.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>())
            .unwrap();
        assert!(difference < 1e-5, "differs by {difference}");
    }
}
