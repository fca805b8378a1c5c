//! The gate of a feed-forward block.

use super::{
    Strided,
    lanes::{Kernel, LANES, Lanes, dispatch, exp},
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
                gate(L::load(left), L::load(right)).store(out);
            }
            let padded = |values: &[f32]| {
                let mut lanes = [0.0; LANES];
                lanes[..values.len()].copy_from_slice(values);
                L::load(&lanes)
            };
            let last = gate(padded(left_rest), padded(right_rest)).to_array();
            rest.copy_from_slice(&last[..rest.len()]);
        }
        all
    }
}

/// ½ · x · (1 + tanh u) · y = x · y / (1 + e^-2u), u = √(2/π) · (x + 0.044715 · x³)
#[inline(always)]
fn gate<L: Lanes>(x: L, y: L) -> L {
    const ROOT: f32 = 0.797_884_6; // √(2/π)
    let cube = x.mul(x).mul(x);
    let u = cube.mul_add(L::splat(0.044_715), x);
    let e = exp(u.mul(L::splat(-2.0 * ROOT)))
        .add(L::splat(1.0))
        .to_array();
    let mut out = x.mul(y).to_array();
    for (out, e) in out.iter_mut().zip(e) {
        *out /= e;
    }
    L::load(&out)
}
