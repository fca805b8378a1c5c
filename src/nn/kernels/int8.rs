//! 8-bit matrix products with exact integer sums.
//!
//! Weights are symmetric 8-bit integers with one scale an output, activations with one scale a
//! row, as in CTranslate2 and marian: `y = sx · sw · Σ qx · qw + b`. Sums are integers, so the
//! result does not depend on the batch, the instruction set or the order of anything.

use std::ops::Range;

use super::{
    Panels, Strided, Then,
    lanes::{Kernel, LANES, Lanes, dispatch},
};

/// A quantised affine map.
pub(in crate::nn) struct Int8 {
    /// Weights + 128 as unsigned bytes: panel by panel of [`LANES`] outputs, in each four inputs
    /// of every output side by side, so that one line feeds one `vpdpbusd`.
    panels: Vec<Line>,
    /// What a unit of each output's weights is worth.
    scales: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

/// Inputs a multiply-add instruction takes at once.
const DEPTH: usize = 4;
/// What makes weights unsigned; undone by [`Rows::sums`].
const OFFSET: i32 = 128;
/// Largest magnitude of a quantised value.
const LIMIT: f32 = 127.0;
/// Adding and subtracting 1.5 · 2²³ rounds to the nearest integer, ties to even.
const ROUND: f32 = 12_582_912.0;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; LANES * DEPTH]);

/// Whether this machine multiplies 8-bit integers faster than f32: then `q8` pays on a CPU.
pub fn has_fast_int8() -> bool {
    #[cfg(target_arch = "x86_64")]
    let fast = vnni::available();
    #[cfg(not(target_arch = "x86_64"))]
    let fast = false;
    fast
}

impl Int8 {
    /// Quantises an `(outputs, inputs)` weight.
    pub(in crate::nn) fn quantise(weight: &[f32], bias: Option<Vec<f32>>, inputs: usize) -> Self {
        let outputs = weight.len() / inputs.max(1);
        let steps = inputs.div_ceil(DEPTH);
        let mut panels = vec![Line([OFFSET as u8; 64]); outputs.div_ceil(LANES) * steps];
        let rows = Strided {
            data: weight,
            width: inputs,
            stride: inputs,
        };
        let rows = Rows::quantise(rows, outputs);
        for output in 0..outputs {
            let panel = &mut panels[output / LANES * steps..][..steps];
            let lane = output % LANES * DEPTH;
            for (line, four) in panel
                .iter_mut()
                .zip(rows.values(output).as_chunks::<DEPTH>().0)
            {
                line.0[lane..lane + DEPTH].copy_from_slice(&four.map(|q| q as u8 ^ OFFSET as u8));
            }
        }
        let scales = rows.about.iter().map(|row| row.scale).collect();
        Self {
            panels,
            scales,
            bias: bias.unwrap_or_else(|| vec![0.0; outputs]),
            inputs,
            outputs,
        }
    }

    /// The map to some of its outputs, in the order given.
    pub(in crate::nn) fn select(&self, outputs: &[usize]) -> Self {
        let steps = self.steps();
        let mut panels = vec![Line([OFFSET as u8; 64]); outputs.len().div_ceil(LANES) * steps];
        for (to, &from) in outputs.iter().enumerate() {
            let source = &self.panels[from / LANES * steps..][..steps];
            let target = &mut panels[to / LANES * steps..][..steps];
            let (from, to) = (from % LANES * DEPTH, to % LANES * DEPTH);
            for (target, source) in target.iter_mut().zip(source) {
                target.0[to..to + DEPTH].copy_from_slice(&source.0[from..from + DEPTH]);
            }
        }
        let pick = |values: &[f32]| outputs.iter().map(|&output| values[output]).collect();
        Self {
            panels,
            scales: pick(&self.scales),
            bias: pick(&self.bias),
            inputs: self.inputs,
            outputs: outputs.len(),
        }
    }

    /// `(rows, inputs)` → `(rows, outputs)`
    pub(in crate::nn) fn forward(&self, x: Strided, rows: usize, then: Then) -> Vec<f32> {
        let x = Rows::quantise(x, rows);
        let mut out = vec![0.0; rows * self.outputs];
        self.panels(&x, 0..self.outputs.div_ceil(LANES), then, &mut out);
        out
    }

    /// The outputs of some panels: `out` is `(rows, outputs of these panels)`.
    fn panels(&self, x: &Rows, panels: Range<usize>, then: Then, out: &mut [f32]) {
        debug_assert_eq!(x.stride, self.inputs.next_multiple_of(DEPTH));
        #[cfg(target_arch = "x86_64")]
        if has_fast_int8() {
            return vnni::forward(self, x, panels, out, then);
        }
        self.forward_portable(x, panels, out, then);
    }

    /// The columns that panels hold.
    fn columns(&self, panels: &Range<usize>) -> Range<usize> {
        panels.start * LANES..self.outputs.min(panels.end * LANES)
    }

    fn steps(&self) -> usize {
        self.inputs.div_ceil(DEPTH)
    }

    fn finish(&self, sum: i32, row: &Row, output: usize, then: Then) -> f32 {
        let sum = (sum - OFFSET * row.sum) as f32;
        let y = sum * (row.scale * self.scales[output]) + self.bias[output];
        match then {
            Then::Nothing => y,
            Then::Relu => y.max(0.0),
        }
    }

    /// The same sums on any machine.
    fn forward_portable(&self, x: &Rows, panels: Range<usize>, out: &mut [f32], then: Then) {
        dispatch(Product {
            map: self,
            x,
            columns: self.columns(&panels),
            panels,
            then,
            out,
        });
    }
}

/// A product in plain loops.
struct Product<'a> {
    map: &'a Int8,
    x: &'a Rows,
    panels: Range<usize>,
    columns: Range<usize>,
    then: Then,
    out: &'a mut [f32],
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self {
            map,
            x,
            panels,
            columns,
            then,
            out,
        } = self;
        for panel in panels {
            let lines = &map.panels[panel * map.steps()..][..map.steps()];
            let first = panel * LANES;
            let here = first - columns.start..columns.len().min(first + LANES - columns.start);
            for (r, out) in out.chunks_exact_mut(columns.len()).enumerate() {
                let mut sums = [0i32; LANES];
                for (line, x) in lines.iter().zip(x.values(r).as_chunks::<DEPTH>().0) {
                    for (sum, w) in sums.iter_mut().zip(line.0.as_chunks::<DEPTH>().0) {
                        for i in 0..DEPTH {
                            *sum += i32::from(w[i]) * i32::from(x[i]);
                        }
                    }
                }
                for (i, (out, &sum)) in out[here.clone()].iter_mut().zip(&sums).enumerate() {
                    *out = map.finish(sum, &x.about[r], first + i, then);
                }
            }
        }
    }
}

impl Panels for Int8 {
    type Input<'a> = Rows;

    fn input(&self, x: Strided<'_>, rows: usize) -> Rows {
        Rows::quantise(x, rows)
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn fill(&self, x: &Rows, panels: Range<usize>, out: &mut [f32]) {
        self.panels(x, panels, Then::Nothing, out);
    }
}

/// Values, quantised a row at a time; rows are padded with zeros to whole steps.
pub(in crate::nn) struct Rows {
    values: Vec<i8>,
    about: Vec<Row>,
    stride: usize,
}

struct Row {
    /// What a unit is worth.
    scale: f32,
    /// Sum of the values, to take the weights' offset out again.
    sum: i32,
}

impl Rows {
    fn quantise(x: Strided, rows: usize) -> Self {
        let stride = x.width.next_multiple_of(DEPTH);
        let mut values = vec![0i8; rows * stride];
        let about = dispatch(Quantise {
            x,
            values: &mut values,
            stride,
        });
        Self {
            values,
            about,
            stride,
        }
    }

    fn values(&self, row: usize) -> &[i8] {
        &self.values[row * self.stride..][..self.stride]
    }
}

struct Quantise<'a> {
    x: Strided<'a>,
    values: &'a mut [i8],
    stride: usize,
}

impl Kernel for Quantise<'_> {
    type Output = Vec<Row>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<Row> {
        let rows = self.values.chunks_exact_mut(self.stride.max(1));
        let mut about = Vec::with_capacity(rows.len());
        for (r, values) in rows.enumerate() {
            about.push(quantise_row::<L>(self.x.row(r), values));
        }
        about
    }
}

#[inline(always)]
fn quantise_row<L: Lanes>(x: &[f32], values: &mut [i8]) -> Row {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let (bytes, bytes_rest) = values.as_chunks_mut::<LANES>();
    let mut most = L::splat(0.0);
    for x in chunks {
        let x = L::load(x);
        most = most.max(x).max(L::splat(0.0).sub(x));
    }
    let most = rest.iter().fold(most.most(), |most, x| most.max(x.abs()));
    let scale = if most > 0.0 { most / LIMIT } else { 1.0 };
    let inverse = 1.0 / scale;
    // Sums of whole numbers of at most 127 are exact in f32.
    let mut sum = L::splat(0.0);
    for (x, bytes) in chunks.iter().zip(bytes) {
        let round = L::splat(ROUND);
        let whole = L::load(x).mul(L::splat(inverse)).add(round).sub(round);
        sum = sum.add(whole);
        *bytes = whole.to_bytes();
    }
    let mut sum = sum.sum() as i32;
    for (x, byte) in rest.iter().zip(bytes_rest) {
        let whole = x * inverse + ROUND - ROUND;
        sum += whole as i32;
        *byte = whole as i8;
    }
    Row { scale, sum }
}

/// AVX-512 with the 8-bit dot product instruction.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the one kernel that needs instructions by name")]
#[expect(clippy::cast_ptr_alignment, reason = "four bytes are read unaligned")]
mod vnni {
    use std::arch::x86_64::{
        __m512i, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_load_si512,
        _mm512_loadu_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_max_ps,
        _mm512_mul_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_setzero_si512,
        _mm512_storeu_ps, _mm512_sub_epi32,
    };

    use std::ops::Range;

    use super::{DEPTH, Int8, LANES, Line, OFFSET, Rows, Then};

    pub(super) fn available() -> bool {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
    }

    /// Rows and panels a tile: 24 sums, 3 lines of weights and 1 broadcast fill the 32 registers.
    const TILE_ROWS: usize = 8;
    const TILE_PANELS: usize = 3;

    /// Fills `out`, `(rows, outputs of the panels)`. [`available`] must hold.
    pub(super) fn forward(map: &Int8, x: &Rows, panels: Range<usize>, out: &mut [f32], then: Then) {
        let columns = map.columns(&panels);
        assert!(available());
        assert_eq!(out.len(), x.about.len() * columns.len());
        assert_eq!(x.stride, map.steps() * DEPTH);
        assert!(panels.end <= map.outputs.div_ceil(LANES));
        assert_eq!(map.panels.len(), map.outputs.div_ceil(LANES) * map.steps());
        let target = &mut Target {
            out,
            first: columns.start,
            stride: columns.len(),
            then,
        };
        for panel in panels.clone().step_by(TILE_PANELS) {
            for row in (0..x.about.len()).step_by(TILE_ROWS) {
                let height = TILE_ROWS.min(x.about.len() - row);
                // SAFETY: the instructions exist (asserted above); `tile` reads rows
                // `row..row + height` and the panels from `panel` on, which exist.
                unsafe {
                    match panels.end - panel {
                        1 => rows::<1>(height, map, x, row, panel, target),
                        2 => rows::<2>(height, map, x, row, panel, target),
                        _ => rows::<TILE_PANELS>(height, map, x, row, panel, target),
                    }
                }
            }
        }
    }

    /// Where a tile's outputs go.
    struct Target<'a> {
        out: &'a mut [f32],
        /// The column that a row begins with.
        first: usize,
        /// Columns a row.
        stride: usize,
        then: Then,
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    fn rows<const N: usize>(
        height: usize,
        map: &Int8,
        x: &Rows,
        row: usize,
        panel: usize,
        target: &mut Target,
    ) {
        match height {
            1 => tile::<1, N>(map, x, row, panel, target),
            2 => tile::<2, N>(map, x, row, panel, target),
            3 => tile::<3, N>(map, x, row, panel, target),
            4 => tile::<4, N>(map, x, row, panel, target),
            5 => tile::<5, N>(map, x, row, panel, target),
            6 => tile::<6, N>(map, x, row, panel, target),
            7 => tile::<7, N>(map, x, row, panel, target),
            _ => tile::<TILE_ROWS, N>(map, x, row, panel, target),
        }
    }

    /// `M` rows by `N` panels.
    #[target_feature(enable = "avx512f,avx512vnni")]
    fn tile<const M: usize, const N: usize>(
        map: &Int8,
        x: &Rows,
        row: usize,
        panel: usize,
        target: &mut Target,
    ) {
        let steps = map.steps();
        let lines: [&[Line]; N] =
            std::array::from_fn(|n| &map.panels[(panel + n) * steps..][..steps]);
        let values: [&[i8]; M] = std::array::from_fn(|m| x.values(row + m));
        let mut sums = [[_mm512_setzero_si512(); N]; M];
        for step in 0..steps {
            // SAFETY: `step` is below the length of every slice in `lines`, whose elements are
            // 64 bytes at 64-byte alignment, and `DEPTH * step + 3` is below that of every slice
            // in `values`.
            unsafe {
                let weights: [__m512i; N] =
                    std::array::from_fn(|n| _mm512_load_si512(lines[n].as_ptr().add(step).cast()));
                for m in 0..M {
                    let four = values[m].as_ptr().add(DEPTH * step).cast::<i32>();
                    let four = _mm512_set1_epi32(four.read_unaligned());
                    for n in 0..N {
                        sums[m][n] = _mm512_dpbusd_epi32(sums[m][n], weights[n], four);
                    }
                }
            }
        }
        for m in 0..M {
            let about = &x.about[row + m];
            let offset = _mm512_set1_epi32(OFFSET.wrapping_mul(about.sum));
            for n in 0..N {
                let first = (panel + n) * LANES;
                let sum = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[m][n], offset));
                let count = LANES.min(map.outputs - first);
                let scales = &map.scales[first..first + count];
                let bias = &map.bias[first..first + count];
                let out = (row + m) * target.stride + first - target.first;
                let out = &mut target.out[out..][..count];
                let mask = if count == LANES {
                    !0
                } else {
                    (1u16 << count) - 1
                };
                // SAFETY: the mask keeps every access within the `count` values of each slice.
                unsafe {
                    let (scales, bias) = if count == LANES {
                        (
                            _mm512_loadu_ps(scales.as_ptr()),
                            _mm512_loadu_ps(bias.as_ptr()),
                        )
                    } else {
                        (
                            _mm512_maskz_loadu_ps(mask, scales.as_ptr()),
                            _mm512_maskz_loadu_ps(mask, bias.as_ptr()),
                        )
                    };
                    let scale = _mm512_mul_ps(_mm512_set1_ps(about.scale), scales);
                    let mut y = _mm512_fmadd_ps(sum, scale, bias);
                    if target.then == Then::Relu {
                        y = _mm512_max_ps(y, _mm512_setzero_ps());
                    }
                    if count == LANES {
                        _mm512_storeu_ps(out.as_mut_ptr(), y);
                    } else {
                        _mm512_mask_storeu_ps(out.as_mut_ptr(), mask, y);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    fn strided(data: &[f32], width: usize) -> Strided<'_> {
        Strided {
            data,
            width,
            stride: width,
        }
    }

    #[test]
    fn every_tile_shape_equals_the_portable_sums_and_nears_the_exact_product() {
        for (rows, inputs, outputs) in [
            (1, 4, 1),
            (3, 7, 5),
            (8, 64, 48),
            (13, 33, 100),
            (9, 256, 67),
        ] {
            let weight = random(inputs * outputs, 1);
            let bias = random(outputs, 2);
            let x = random(rows * inputs, 3);
            let map = Int8::quantise(&weight, Some(bias.clone()), inputs);
            let fast = map.forward(strided(&x, inputs), rows, Then::Nothing);
            let mut plain = vec![0.0; rows * outputs];
            let quantised = Rows::quantise(strided(&x, inputs), rows);
            map.forward_portable(
                &quantised,
                0..outputs.div_ceil(LANES),
                &mut plain,
                Then::Nothing,
            );
            for (i, (fast, plain)) in fast.iter().zip(&plain).enumerate() {
                // The fused multiply-add rounds once where the portable form rounds twice.
                assert!(
                    (fast - plain).abs() < 1e-5,
                    "{rows}×{inputs}×{outputs} at {i}"
                );
                let (r, o) = (i / outputs, i % outputs);
                let exact: f32 = (0..inputs)
                    .map(|k| x[r * inputs + k] * weight[o * inputs + k])
                    .sum::<f32>()
                    + bias[o];
                let tolerance = 0.012 * (inputs as f32).sqrt();
                assert!((fast - exact).abs() < tolerance, "{fast} is not {exact}");
            }
        }
    }

    #[test]
    fn a_row_does_not_depend_on_its_neighbours() {
        let (rows, inputs, outputs) = (11, 40, 30);
        let map = Int8::quantise(&random(inputs * outputs, 4), None, inputs);
        let x = random(rows * inputs, 5);
        let all = map.forward(strided(&x, inputs), rows, Then::Relu);
        for r in 0..rows {
            let alone = map.forward(strided(&x[r * inputs..][..inputs], inputs), 1, Then::Relu);
            assert_eq!(alone, all[r * outputs..][..outputs]);
            assert!(alone.iter().all(|&y| y >= 0.0));
        }
    }

    #[test]
    fn selected_outputs_are_those_of_the_whole() {
        let (rows, inputs, outputs) = (3, 10, 50);
        let map = Int8::quantise(&random(inputs * outputs, 6), None, inputs);
        let x = random(rows * inputs, 7);
        let all = map.forward(strided(&x, inputs), rows, Then::Nothing);
        let chosen: Vec<usize> = (0..outputs).step_by(2).rev().collect();
        let some = map
            .select(&chosen)
            .forward(strided(&x, inputs), rows, Then::Nothing);
        for (some, all) in some.chunks(chosen.len()).zip(all.chunks(outputs)) {
            assert!(some.iter().eq(chosen.iter().map(|&output| &all[output])));
        }
    }

    #[test]
    fn zeros_stay_zero() {
        let map = Int8::quantise(&[0.0; 32], None, 8);
        let out = map.forward(strided(&[0.0; 16], 8), 2, Then::Nothing);
        assert_eq!(out, [0.0; 8]);
    }
}
