//! The gate of a feed-forward block.

use super::{
    Strided,
    activation::gelu_tanh,
    lanes::{Kernel, LANES, Lanes, dispatch},
};

/// The Gaussian error linear unit, in its tanh approximation, of each row's left half, times its
/// right half.
pub(in crate::nn) fn gated_gelu(x: Strided, rows: usize) -> Vec<f32> {
    dispatch(GatedGelu { x, rows })
}

struct GatedGelu<'a> {
    x: Strided<'a>,
    rows: usize,
}

impl Kernel for GatedGelu<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<f32> {
        let width = self.x.width / 2;
        let mut all = vec![0.0; self.rows * width];
        for (row, out) in all.chunks_exact_mut(width.max(1)).enumerate() {
            let (left, right) = self.x.row(row).split_at(width);
            let (left, left_rest) = left.as_chunks::<LANES>();
            let (right, right_rest) = right.as_chunks::<LANES>();
            let (out, rest) = out.as_chunks_mut::<LANES>();
            for ((out, left), right) in out.iter_mut().zip(left).zip(right) {
                gelu_tanh(L::load(left)).mul(L::load(right)).store(out);
            }
            let padded = |values: &[f32]| {
                let mut lanes = [0.0; LANES];
                lanes[..values.len()].copy_from_slice(values);
                L::load(&lanes)
            };
            let last = gelu_tanh(padded(left_rest)).mul(padded(right_rest));
            let last = last.to_array();
            rest.copy_from_slice(&last[..rest.len()]);
        }
        all
    }
}
