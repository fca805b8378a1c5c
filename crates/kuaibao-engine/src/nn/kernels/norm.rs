//! Layer normalisation.

use super::{
    Strided,
    lanes::{Kernel, LANES, Lanes, dispatch},
};

/// The layer norm of each row of `x`, or of `x + y`; mean first, then the variance about it.
/// Without a bias the root-mean-square norm, which leaves the mean where it is.
pub(in crate::nn) fn layer_norm(
    x: Strided,
    y: Option<Strided>,
    weight: &[f32],
    bias: Option<&[f32]>,
    epsilon: f32,
    rows: usize,
) -> Vec<f32> {
    dispatch(LayerNorm {
        x,
        y,
        weight,
        bias,
        epsilon,
        rows,
    })
}

struct LayerNorm<'a> {
    x: Strided<'a>,
    y: Option<Strided<'a>>,
    weight: &'a [f32],
    bias: Option<&'a [f32]>,
    epsilon: f32,
    rows: usize,
}

impl Kernel for LayerNorm<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<f32> {
        let width = self.x.width;
        let mut all = vec![0.0; self.rows * width];
        let (weight, weight_rest) = self.weight.as_chunks::<LANES>();
        let (bias, bias_rest) = self.bias.unwrap_or_default().as_chunks::<LANES>();
        for (row, out) in all.chunks_exact_mut(width.max(1)).enumerate() {
            match self.y {
                Some(y) => add::<L>(self.x.row(row), y.row(row), out),
                None => out.copy_from_slice(self.x.row(row)),
            }
            let mean = match self.bias {
                Some(_) => sum::<L>(out, |x| x, |x| x) / width as f32,
                None => 0.0,
            };
            let about = L::splat(mean);
            let square = |x: L| x.sub(about).mul(x.sub(about));
            let variance = sum::<L>(out, square, |x| (x - mean) * (x - mean)) / width as f32;
            let scale = 1.0 / (variance + self.epsilon).sqrt();
            let (out, rest) = out.as_chunks_mut::<LANES>();
            for (i, (out, weight)) in out.iter_mut().zip(weight).enumerate() {
                let x = L::load(out).sub(about).mul(L::splat(scale));
                let bias = bias.get(i).map_or(L::splat(0.0), L::load);
                x.mul_add(L::load(weight), bias).store(out);
            }
            for (i, (out, weight)) in rest.iter_mut().zip(weight_rest).enumerate() {
                *out = (*out - mean) * scale * weight + bias_rest.get(i).unwrap_or(&0.0);
            }
        }
        all
    }
}

#[inline(always)]
fn add<L: Lanes>(x: &[f32], y: &[f32], out: &mut [f32]) {
    let (x, x_rest) = x.as_chunks::<LANES>();
    let (y, y_rest) = y.as_chunks::<LANES>();
    let (out, rest) = out.as_chunks_mut::<LANES>();
    for ((x, y), out) in x.iter().zip(y).zip(out) {
        L::load(x).add(L::load(y)).store(out);
    }
    for ((x, y), out) in x_rest.iter().zip(y_rest).zip(rest) {
        *out = x + y;
    }
}

/// The sum of `each` over a row; `one` is the same for what does not fill a vector.
#[inline(always)]
fn sum<L: Lanes>(x: &[f32], each: impl Fn(L) -> L, one: impl Fn(f32) -> f32) -> f32 {
    let (x, rest) = x.as_chunks::<LANES>();
    let mut sums = [L::splat(0.0); 2];
    let (pairs, single) = x.as_chunks::<2>();
    for pair in pairs {
        for (sum, x) in sums.iter_mut().zip(pair) {
            *sum = sum.add(each(L::load(x)));
        }
    }
    for x in single {
        sums[0] = sums[0].add(each(L::load(x)));
    }
    sums[0].add(sums[1]).sum() + rest.iter().map(|&x| one(x)).sum::<f32>()
}
