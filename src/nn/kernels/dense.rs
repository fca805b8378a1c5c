//! f32 matrix products with weights packed once.
//!
//! A general product packs its right side anew at every call; here that is a constant.

use std::ops::Range;

use super::{Fused, LANES, Panels, Strided, Then, dispatch};

/// An affine map in f32.
pub(in crate::nn) struct Dense {
    /// Panel by panel of [`LANES`] outputs, in each the weights of one input side by side.
    panels: Vec<[f32; LANES]>,
    /// Padded to whole panels.
    bias: Vec<[f32; LANES]>,
    inputs: usize,
    outputs: usize,
}

/// Rows and panels a tile: 24 sums, 3 lines of weights and 1 broadcast fill the 32 registers of
/// AVX-512.
const TILE_ROWS: usize = 8;
const TILE_PANELS: usize = 3;

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
        dispatch(
            #[inline(always)]
            |fused| {
                for panel in panels.clone().step_by(TILE_PANELS) {
                    for row in (0..rows).step_by(TILE_ROWS) {
                        let height = TILE_ROWS.min(rows - row);
                        let tile = Tile {
                            x,
                            row,
                            panel,
                            first: panels.start * LANES,
                            stride: self.outputs.min(panels.end * LANES) - panels.start * LANES,
                            then,
                            fused,
                        };
                        match panels.end - panel {
                            1 => self.rows::<1>(height, tile, out),
                            2 => self.rows::<2>(height, tile, out),
                            _ => self.rows::<TILE_PANELS>(height, tile, out),
                        }
                    }
                }
            },
        );
    }

    #[inline(always)]
    fn rows<const N: usize>(&self, height: usize, tile: Tile, out: &mut [f32]) {
        match height {
            1 => self.tile::<1, N>(tile, out),
            2 => self.tile::<2, N>(tile, out),
            3 => self.tile::<3, N>(tile, out),
            4 => self.tile::<4, N>(tile, out),
            5 => self.tile::<5, N>(tile, out),
            6 => self.tile::<6, N>(tile, out),
            7 => self.tile::<7, N>(tile, out),
            _ => self.tile::<TILE_ROWS, N>(tile, out),
        }
    }

    /// `M` rows by `N` panels.
    #[inline(always)]
    fn tile<const M: usize, const N: usize>(&self, tile: Tile, out: &mut [f32]) {
        let Tile {
            x,
            row,
            panel,
            first: first_column,
            stride,
            then,
            fused,
        } = tile;
        let lines: [&[[f32; LANES]]; N] =
            std::array::from_fn(|n| &self.panels[(panel + n) * self.inputs..][..self.inputs]);
        let values: [&[f32]; M] = std::array::from_fn(|m| &x.row(row + m)[..self.inputs]);
        let mut sums: [[[f32; LANES]; N]; M] =
            std::array::from_fn(|_| std::array::from_fn(|n| self.bias[panel + n]));
        for k in 0..self.inputs {
            let weights: [[f32; LANES]; N] = std::array::from_fn(|n| lines[n][k]);
            for m in 0..M {
                let value = values[m][k];
                for n in 0..N {
                    for i in 0..LANES {
                        sums[m][n][i] = fused.mul_add(value, weights[n][i], sums[m][n][i]);
                    }
                }
            }
        }
        for (m, sums) in sums.iter().enumerate() {
            for (n, sums) in sums.iter().enumerate() {
                let first = (panel + n) * LANES;
                let count = LANES.min(self.outputs - first);
                let out = &mut out[(row + m) * stride + first - first_column..][..count];
                for (out, &sum) in out.iter_mut().zip(sums) {
                    *out = if then == Then::Relu {
                        sum.max(0.0)
                    } else {
                        sum
                    };
                }
            }
        }
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

#[derive(Clone, Copy)]
struct Tile<'a> {
    x: Strided<'a>,
    row: usize,
    panel: usize,
    /// The column that a row of the output begins with.
    first: usize,
    /// Columns of the output.
    stride: usize,
    then: Then,
    fused: Fused,
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
