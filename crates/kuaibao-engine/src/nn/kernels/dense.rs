//! f32 matrix products with weights packed once, in f32 or 16 bits.
//!
//! A general product packs its right side anew at every call; here that is a constant. 16-bit
//! weights are widened as they are read, which is exact: only their storage is rounded. Native
//! bf16 products (`vdpbf16ps`) would round the activations too, and run at half the f32 rate on
//! the one machine measured (`benches/README.md`).

use std::ops::Range;

use candle_core::DType;
use half::{bf16, f16};

use super::{
    Epilogue, Panels, Strided, in_panels,
    lanes::{Kernel, LANES, Lanes, dispatch},
    tiles::{Target, Tiles, fill},
};

/// An affine map computed in f32.
pub(in crate::nn) struct Dense {
    weights: Packed,
    /// Padded to whole panels.
    bias: Vec<[f32; LANES]>,
    inputs: usize,
    outputs: usize,
}

/// Panel by panel of [`LANES`] outputs, in each the weights of one input side by side.
enum Packed {
    F32(Vec<[f32; LANES]>),
    F16(Vec<[f16; LANES]>),
    BF16(Vec<[bf16; LANES]>),
}

/// How a weight is stored.
trait Stored: Copy + Default {
    fn round(weight: f32) -> Self;
    fn load<L: Lanes>(line: &[Self; LANES]) -> L;

    fn pack(weight: &[f32], inputs: usize) -> Vec<[Self; LANES]> {
        let outputs = weight.len() / inputs.max(1);
        let mut panels = vec![[Self::default(); LANES]; outputs.div_ceil(LANES) * inputs];
        for (output, row) in weight.chunks_exact(inputs.max(1)).enumerate() {
            let panel = &mut panels[output / LANES * inputs..][..inputs];
            for (line, w) in panel.iter_mut().zip(row) {
                line[output % LANES] = Self::round(*w);
            }
        }
        panels
    }
}

impl Stored for f32 {
    fn round(weight: f32) -> Self {
        weight
    }

    #[inline(always)]
    fn load<L: Lanes>(line: &[Self; LANES]) -> L {
        L::load(line)
    }
}

impl Stored for f16 {
    fn round(weight: f32) -> Self {
        Self::from_f32(weight)
    }

    #[inline(always)]
    fn load<L: Lanes>(line: &[Self; LANES]) -> L {
        L::load_f16(line)
    }
}

impl Stored for bf16 {
    fn round(weight: f32) -> Self {
        Self::from_f32(weight)
    }

    #[inline(always)]
    fn load<L: Lanes>(line: &[Self; LANES]) -> L {
        L::load_bf16(line)
    }
}

impl Dense {
    /// Packs an `(outputs, inputs)` weight, to be stored in `dtype`: f32, f16 or bf16.
    pub(in crate::nn) fn pack(
        weight: &[f32],
        bias: Option<&[f32]>,
        inputs: usize,
        dtype: DType,
    ) -> Self {
        let outputs = weight.len() / inputs.max(1);
        let weights = match dtype {
            DType::F16 => Packed::F16(Stored::pack(weight, inputs)),
            DType::BF16 => Packed::BF16(Stored::pack(weight, inputs)),
            _ => Packed::F32(Stored::pack(weight, inputs)),
        };
        Self {
            weights,
            bias: in_panels(bias.unwrap_or(&vec![0.0; outputs])),
            inputs,
            outputs,
        }
    }

    /// The map to some of its outputs, in the order given.
    pub(in crate::nn) fn select(&self, outputs: &[usize]) -> Self {
        let inputs = self.inputs;
        let bias: Vec<f32> = outputs
            .iter()
            .map(|&o| self.bias.as_flattened()[o])
            .collect();
        Self {
            weights: match &self.weights {
                Packed::F32(panels) => Packed::F32(select(panels, outputs, inputs)),
                Packed::F16(panels) => Packed::F16(select(panels, outputs, inputs)),
                Packed::BF16(panels) => Packed::BF16(select(panels, outputs, inputs)),
            },
            bias: in_panels(&bias),
            inputs,
            outputs: outputs.len(),
        }
    }

    /// `(rows, inputs)` → `(rows, outputs)`
    pub(in crate::nn) fn forward(&self, x: Strided, rows: usize, epilogue: Epilogue) -> Vec<f32> {
        let mut out = vec![0.0; rows * self.outputs];
        self.panels(x, 0..self.bias.len(), epilogue, &mut out);
        out
    }

    /// The outputs of some panels: `out` is `(rows, outputs of these panels)`.
    fn panels(&self, x: Strided, panels: Range<usize>, epilogue: Epilogue, out: &mut [f32]) {
        match &self.weights {
            Packed::F32(weights) => self.product(weights, x, panels, epilogue, out),
            Packed::F16(weights) => self.product(weights, x, panels, epilogue, out),
            Packed::BF16(weights) => self.product(weights, x, panels, epilogue, out),
        }
    }

    fn product<W: Stored>(
        &self,
        weights: &[[W; LANES]],
        x: Strided,
        panels: Range<usize>,
        epilogue: Epilogue,
        out: &mut [f32],
    ) {
        debug_assert_eq!(x.width, self.inputs);
        dispatch(Run {
            product: Product {
                map: self,
                weights,
                x,
            },
            target: Target::new(out, panels, self.outputs, epilogue),
        });
    }
}

/// The panels of some outputs.
fn select<W: Stored>(panels: &[[W; LANES]], outputs: &[usize], inputs: usize) -> Vec<[W; LANES]> {
    let mut chosen = vec![[W::default(); LANES]; outputs.len().div_ceil(LANES) * inputs];
    for (to, &from) in outputs.iter().enumerate() {
        let source = &panels[from / LANES * inputs..][..inputs];
        let target = &mut chosen[to / LANES * inputs..][..inputs];
        for (target, source) in target.iter_mut().zip(source) {
            target[to % LANES] = source[from % LANES];
        }
    }
    chosen
}

impl Panels for Dense {
    type Input<'a> = Strided<'a>;

    fn input<'a>(&self, x: Strided<'a>, _rows: usize) -> Self::Input<'a> {
        x
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn fill(&self, &x: &Self::Input<'_>, panels: Range<usize>, out: &mut [f32]) {
        self.panels(x, panels, Epilogue::Nothing, out);
    }
}

/// A product to be computed with the machine's lanes.
struct Run<'a, W> {
    product: Product<'a, W>,
    target: Target<'a>,
}

impl<W: Stored> Kernel for Run<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self) {
        fill::<L, _>(&self.product, &mut self.target);
    }
}

struct Product<'a, W> {
    map: &'a Dense,
    weights: &'a [[W; LANES]],
    x: Strided<'a>,
}

impl<W: Stored, L: Lanes> Tiles<L> for Product<'_, W> {
    const SIZE: (usize, usize) = L::TILE;

    #[inline(always)]
    fn tile<const M: usize, const N: usize>(&self, row: usize, panel: usize, target: &mut Target) {
        let Dense { bias, inputs, .. } = self.map;
        let lines: [&[[W; LANES]]; N] =
            std::array::from_fn(|n| &self.weights[(panel + n) * inputs..][..*inputs]);
        let values: [&[f32]; M] = std::array::from_fn(|m| &self.x.row(row + m)[..*inputs]);
        let mut sums: [[L; N]; M] =
            std::array::from_fn(|_| std::array::from_fn(|n| L::load(&bias[panel + n])));
        for k in 0..*inputs {
            let weights: [L; N] = std::array::from_fn(|n| W::load(&lines[n][k]));
            for m in 0..M {
                let value = L::splat(values[m][k]);
                for n in 0..N {
                    sums[m][n] = weights[n].mul_add(value, sums[m][n]);
                }
            }
        }
        for (m, sums) in sums.into_iter().enumerate() {
            for (n, sum) in sums.into_iter().enumerate() {
                target.put(row + m, panel + n, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tile_shape_is_the_product() {
        for (rows, inputs, outputs) in [(1, 1, 1), (3, 5, 17), (8, 16, 48), (13, 33, 100)] {
            let number = |i: usize| ((i * 7919) % 101) as f32 / 50.0 - 1.0;
            let weight: Vec<f32> = (0..inputs * outputs).map(number).collect();
            let bias: Vec<f32> = (0..outputs).map(|i| number(i + 7)).collect();
            let data: Vec<f32> = (0..rows * inputs).map(|i| number(i + 3)).collect();
            let x = Strided {
                data: &data,
                width: inputs,
                stride: inputs,
            };
            for (dtype, round) in [
                (DType::F32, (|w| w) as fn(f32) -> f32),
                (DType::F16, |w| f16::from_f32(w).to_f32()),
                (DType::BF16, |w| bf16::from_f32(w).to_f32()),
            ] {
                let map = Dense::pack(&weight, Some(&bias), inputs, dtype);
                let y = map.forward(x, rows, Epilogue::Nothing);
                let odd: Vec<usize> = (1..outputs).step_by(2).rev().collect();
                let some = map.select(&odd).forward(x, rows, Epilogue::Nothing);
                for (some, y) in some.chunks(odd.len().max(1)).zip(y.chunks(outputs)) {
                    assert!(some.iter().eq(odd.iter().map(|&o| &y[o])), "{dtype:?}");
                }
                let relu = map.forward(x, rows, Epilogue::Relu);
                for r in 0..rows {
                    for o in 0..outputs {
                        let product = |k| data[r * inputs + k] * round(weight[o * inputs + k]);
                        let exact = (0..inputs).map(product).sum::<f32>() + bias[o];
                        let y = y[r * outputs + o];
                        assert!(
                            (y - exact).abs() < 1e-4,
                            "{dtype:?} {rows}×{inputs}×{outputs}: {y} is not {exact}"
                        );
                        assert_eq!(relu[r * outputs + o], y.max(0.0));
                    }
                }
            }
        }
    }
}
