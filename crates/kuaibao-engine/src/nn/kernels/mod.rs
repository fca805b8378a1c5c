//! CPU kernels: plain loops compiled for the machine's best instruction set at run time.
//!
//! Single-threaded by design: parallelism is one worker a core, each with its own batch.

mod activation;
mod attention;
mod best;
mod dense;
mod gate;
mod int8;
mod lanes;
mod norm;
mod ssru;
mod tiles;

use candle_core::{CpuStorage, DType, Device, Layout, Tensor};

pub(super) use activation::activate;
pub(super) use attention::{Bias, Group, Keys, Scores, attention, bias_column};
pub use best::Best;
pub(super) use best::{Panels, best};
pub(crate) use best::{log_sum_exp, top};
pub(super) use dense::Dense;
pub(super) use gate::gated_gelu;
pub(super) use int8::Int8;
pub use int8::has_fast_int8;
pub(super) use norm::layer_norm;
pub(super) use ssru::ssru_cell;

/// What happens to an output before it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Epilogue {
    Nothing,
    Relu,
}

/// `(rows, width)` values, `stride` apart from row to row.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    pub(super) data: &'a [f32],
    pub(super) width: usize,
    pub(super) stride: usize,
}

impl<'a> Strided<'a> {
    #[inline(always)]
    fn row(self, i: usize) -> &'a [f32] {
        &self.data[i * self.stride..][..self.width]
    }
}

/// Values in whole panels of [`lanes::LANES`], the last filled up with zeros.
fn in_panels(values: &[f32]) -> Vec<[f32; lanes::LANES]> {
    let panel = |values: &[f32]| std::array::from_fn(|i| values.get(i).copied().unwrap_or(0.0));
    values.chunks(lanes::LANES).map(panel).collect()
}

/// Whether the kernels here serve a tensor.
pub(super) fn on_cpu(x: &Tensor) -> bool {
    matches!(x.device(), Device::Cpu) && x.dtype() == DType::F32
}

/// A `(rows, width)` f32 tensor of the host, as a kernel reads it.
pub(super) fn strided<'a>(
    storage: &'a CpuStorage,
    layout: &Layout,
) -> candle_core::Result<Strided<'a>> {
    let (_, width) = layout.shape().dims2()?;
    let &[stride, 1] = layout.stride() else {
        candle_core::bail!("rows must be contiguous")
    };
    Ok(Strided {
        data: &storage.as_slice::<f32>()?[layout.start_offset()..],
        width,
        stride,
    })
}
