//! Element-wise functions of feed-forward blocks.

use super::lanes::{Kernel, LANES, Lanes, dispatch, exp};
use crate::nn::Activation;

/// Applies an activation to every value.
pub(in crate::nn) fn activate(activation: Activation, x: &mut [f32]) {
    dispatch(Activate { activation, x });
}

struct Activate<'a> {
    activation: Activation,
    x: &'a mut [f32],
}

impl Kernel for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (vectors, rest) = self.x.as_chunks_mut::<LANES>();
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        match self.activation {
            Activation::Relu => {
                for x in vectors.iter_mut().chain([&mut last]) {
                    L::load(x).max(L::splat(0.0)).store(x);
                }
            }
            Activation::Swish => {
                for x in vectors.iter_mut().chain([&mut last]) {
                    swish(L::load(x)).store(x);
                }
            }
            Activation::Gelu => {
                for x in vectors.iter_mut().chain([&mut last]) {
                    gelu(L::load(x)).store(x);
                }
            }
            Activation::GeluTanh => {
                for x in vectors.iter_mut().chain([&mut last]) {
                    gelu_tanh(L::load(x)).store(x);
                }
            }
        }
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// x · sigmoid(x)
#[inline(always)]
fn swish<L: Lanes>(x: L) -> L {
    let one = L::splat(1.0);
    x.div(one.add(exp(L::splat(0.0).sub(x))))
}

/// x · Φ(x), the error function by Abramowitz & Stegun 7.1.26 (absolute error 1.5e-7).
#[inline(always)]
fn gelu<L: Lanes>(x: L) -> L {
    let (zero, one) = (L::splat(0.0), L::splat(1.0));
    let z = x
        .max(zero.sub(x))
        .mul(L::splat(std::f32::consts::FRAC_1_SQRT_2));
    let t = one.div(z.mul_add(L::splat(0.327_591_1), one));
    let mut p = L::splat(1.061_405_4);
    for c in [-1.453_152_1, 1.421_413_8, -0.284_496_72, 0.254_829_6] {
        p = p.mul_add(t, L::splat(c));
    }
    // Half of erfc(|x| / √2): what is missing of Φ on the side of x's sign.
    let tail = p.mul(t).mul(exp(zero.sub(z.mul(z)))).mul(L::splat(0.5));
    // x · Φ(x) = max(x, 0) − |x| · tail
    let magnitude = x.max(zero.sub(x));
    x.max(zero).sub(magnitude.mul(tail))
}

/// 0.5 · x · (1 + tanh(√(2/π) (x + 0.044715 x³))) = x · sigmoid of twice that argument
#[inline(always)]
pub(super) fn gelu_tanh<L: Lanes>(x: L) -> L {
    let one = L::splat(1.0);
    let cubic = x.mul(x).mul_add(L::splat(0.044_715), one);
    let twice = x.mul(cubic).mul(L::splat(1.595_769));
    x.div(one.add(exp(L::splat(0.0).sub(twice))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_are_those_of_their_formulas() {
        // Φ at some points, from tables.
        for (x, phi) in [
            (-3.0, 0.001_349_898),
            (-1.0, 0.158_655_25),
            (0.0, 0.5),
            (0.5, 0.691_462_5),
            (2.0, 0.977_249_9),
        ] {
            let mut y = [x; 3];
            activate(Activation::Gelu, &mut y);
            assert!((y[2] - x * phi).abs() < 1e-6, "{x}: {}", y[2]);
        }
        // Miri takes a second for each.
        for i in (-1000..=1000).step_by(if cfg!(miri) { 250 } else { 1 }) {
            let x = i as f32 / 50.0;
            let exact = f64::from(x);
            let of = |activation| {
                let mut y = [x; 20];
                activate(activation, &mut y);
                assert!(y.iter().all(|other| *other == y[0]));
                f64::from(y[0])
            };
            let tanh = (0.797_884_56 * (exact + 0.044_715 * exact.powi(3))).tanh();
            assert!((of(Activation::Swish) - exact / (1.0 + (-exact).exp())).abs() < 2e-6);
            assert!((of(Activation::GeluTanh) - 0.5 * exact * (1.0 + tanh)).abs() < 2e-6);
            assert_eq!(of(Activation::Relu), exact.max(0.0));
        }
    }
}
