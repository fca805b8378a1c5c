//! f32 matrix products with weights packed once.
//!
//! A general product packs its right side anew at every call; here that is a constant.

use std::ops::Range;

use super::{
    Panels, Strided, Then,
    lanes::{Kernel, LANES, Lanes, dispatch},
};

/// An affine map in f32.
pub(in crate::nn) struct Dense {
    /// Panel by panel of [`LANES`] outputs, in each the weights of one input side by side.
    panels: Vec<[f32; LANES]>,
    /// Padded to whole panels.
    bias: Vec<[f32; LANES]>,
    inputs: usize,
    outputs: usize,
}

impl Dense {
    /// Packs an `(outputs, inputs)` weight.
    pub(in crate::nn) fn pack(weight: &[f32], bias: Option<&[f32]>, inputs: usize) -> Self {
        let outputs = weight.len() / inputs.max(1);
        let count = outputs.div_ceil(LANES);
        let mut panels = vec![[0.0; LANES]; count * inputs];
        for (output, row) in weight.chunks_exact(inputs.max(1)).enumerate() {
            let panel = &mut panels[output / LANES * inputs..][..inputs];
            for (line, w) in panel.iter_mut().zip(row) {
                line[output % LANES] = *w;
            }
        }
        let mut padded = vec![[0.0; LANES]; count];
        for (i, b) in bias.unwrap_or_default().iter().enumerate() {
            padded[i / LANES][i % LANES] = *b;
        }
        Self {
            panels,
            bias: padded,
            inputs,
            outputs,
        }
    }

    /// `(rows, inputs)` → `(rows, outputs)`
    pub(in crate::nn) fn forward(&self, x: Strided, rows: usize, then: Then) -> Vec<f32> {
        let mut out = vec![0.0; rows * self.outputs];
        self.panels(x, rows, 0..self.bias.len(), then, &mut out);
        out
    }

    /// The outputs of some panels: `out` is `(rows, outputs of these panels)`.
    fn panels(&self, x: Strided, rows: usize, panels: Range<usize>, then: Then, out: &mut [f32]) {
        debug_assert_eq!(x.width, self.inputs);
        let first = panels.start * LANES;
        dispatch(Product {
            map: self,
            x,
            rows,
            stride: self.outputs.min(panels.end * LANES) - first,
            first,
            panels,
            then,
            out,
        });
    }
}

impl Panels for Dense {
    type Input<'a> = (Strided<'a>, usize);

    fn input<'a>(&self, x: Strided<'a>, rows: usize) -> Self::Input<'a> {
        (x, rows)
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn fill(&self, &(x, rows): &Self::Input<'_>, panels: Range<usize>, out: &mut [f32]) {
        self.panels(x, rows, panels, Then::Nothing, out);
    }
}

/// The outputs of some panels, tile by tile.
struct Product<'a> {
    map: &'a Dense,
    x: Strided<'a>,
    rows: usize,
    panels: Range<usize>,
    then: Then,
    out: &'a mut [f32],
    /// The column that a row of the output begins with.
    first: usize,
    /// Columns of the output.
    stride: usize,
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self) {
        let (height, width) = L::TILE;
        for panel in self.panels.clone().step_by(width) {
            for row in (0..self.rows).step_by(height) {
                let height = height.min(self.rows - row);
                match width.min(self.panels.end - panel) {
                    1 => self.rows::<L, 1>(height, row, panel),
                    2 => self.rows::<L, 2>(height, row, panel),
                    _ => self.rows::<L, 3>(height, row, panel),
                }
            }
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn rows<L: Lanes, const N: usize>(&mut self, height: usize, row: usize, panel: usize) {
        match height {
            1 => self.tile::<L, 1, N>(row, panel),
            2 => self.tile::<L, 2, N>(row, panel),
            3 => self.tile::<L, 3, N>(row, panel),
            4 => self.tile::<L, 4, N>(row, panel),
            5 => self.tile::<L, 5, N>(row, panel),
            6 => self.tile::<L, 6, N>(row, panel),
            7 => self.tile::<L, 7, N>(row, panel),
            _ => self.tile::<L, 8, N>(row, panel),
        }
    }

    /// `M` rows by `N` panels.
    #[inline(always)]
    fn tile<L: Lanes, const M: usize, const N: usize>(&mut self, row: usize, panel: usize) {
        let Dense {
            panels,
            bias,
            inputs,
            outputs,
        } = self.map;
        let lines: [&[[f32; LANES]]; N] =
            std::array::from_fn(|n| &panels[(panel + n) * inputs..][..*inputs]);
        let values: [&[f32]; M] = std::array::from_fn(|m| &self.x.row(row + m)[..*inputs]);
        let mut sums: [[L; N]; M] =
            std::array::from_fn(|_| std::array::from_fn(|n| L::load(&bias[panel + n])));
        for k in 0..*inputs {
            let weights: [L; N] = std::array::from_fn(|n| L::load(&lines[n][k]));
            for m in 0..M {
                let value = L::splat(values[m][k]);
                for n in 0..N {
                    sums[m][n] = weights[n].mul_add(value, sums[m][n]);
                }
            }
        }
        for (m, sums) in sums.into_iter().enumerate() {
            for (n, mut sum) in sums.into_iter().enumerate() {
                if self.then == Then::Relu {
                    sum = sum.max(L::splat(0.0));
                }
                let first = (panel + n) * LANES;
                let at = (row + m) * self.stride + first - self.first;
                match self.out[at..].first_chunk_mut::<LANES>() {
                    Some(out) if first + LANES <= *outputs => sum.store(out),
                    _ => {
                        let count = LANES.min(outputs - first);
                        self.out[at..at + count].copy_from_slice(&sum.to_array()[..count]);
                    }
                }
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
            let map = Dense::pack(&weight, Some(&bias), inputs);
            let y = map.forward(x, rows, Then::Nothing);
            let relu = map.forward(x, rows, Then::Relu);
            for r in 0..rows {
                for o in 0..outputs {
                    let products =
                        (0..inputs).map(|k| data[r * inputs + k] * weight[o * inputs + k]);
                    let exact = products.sum::<f32>() + bias[o];
                    let y = y[r * outputs + o];
                    assert!(
                        (y - exact).abs() < 1e-4,
                        "{rows}×{inputs}×{outputs}: {y} is not {exact}"
                    );
                    assert_eq!(relu[r * outputs + o], y.max(0.0));
                }
            }
        }
    }
}
