//! 8-bit matrix products with exact integer sums.
//!
//! Weights are symmetric 8-bit integers with one scale an output, activations with one scale a
//! row, as in CTranslate2 and marian: `y = sx · sw · Σ qx · qw + b`. Sums are integers, so the
//! result does not depend on the batch, the instruction set or the order of anything.

use std::{marker::PhantomData, ops::Range};

use super::{
    Epilogue, Panels, Strided, in_panels,
    lanes::{Kernel, LANES, Lanes, dispatch},
    tiles::{Target, Tiles, fill},
};

/// A quantised affine map.
pub(in crate::nn) struct Int8 {
    /// Weights + 128 as unsigned bytes: panel by panel of [`LANES`] outputs, in each four inputs
    /// of every output side by side, so that one line feeds one `vpdpbusd`.
    panels: Vec<Line>,
    /// What a unit of each output's weights is worth.
    scales: Vec<[f32; LANES]>,
    bias: Vec<[f32; LANES]>,
    inputs: usize,
    outputs: usize,
    /// What activations are multiplied by, where that is fixed; else each row has its own.
    input_multiplier: Option<f32>,
}

/// Inputs a multiply-add instruction takes at once.
const DEPTH: usize = 4;
/// What makes weights unsigned; undone by `Rows::sums`.
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
    let fast = vnni::best().is_some();
    #[cfg(not(target_arch = "x86_64"))]
    let fast = false;
    fast
}

impl Int8 {
    /// Quantises an `(outputs, inputs)` weight.
    pub(in crate::nn) fn quantise(weight: &[f32], bias: Option<Vec<f32>>, inputs: usize) -> Self {
        let outputs = weight.len() / inputs.max(1);
        let rows = Strided {
            data: weight,
            width: inputs,
            stride: inputs,
        };
        let rows = Rows::quantise(rows, outputs, None);
        let scales: Vec<f32> = rows.about.iter().map(|row| row.scale).collect();
        let values = (0..outputs).map(|output| rows.values(output));
        Self::pack(values, &scales, bias, inputs, None)
    }

    /// Of an `(outputs, inputs)` weight that is stored in 8 bits, −127…127, with what a unit of each
    /// output is worth: nothing is rounded again. `input_multiplier` is what activations are
    /// multiplied by, where that is fixed.
    pub(in crate::nn) fn stored(
        values: &[i8],
        scales: &[f32],
        bias: Option<Vec<f32>>,
        inputs: usize,
        input_multiplier: Option<f32>,
    ) -> Self {
        let values = values.chunks_exact(inputs.max(1));
        Self::pack(values, scales, bias, inputs, input_multiplier)
    }

    /// From the values of each output; those behind `inputs` are zeros.
    fn pack<'a>(
        values: impl Iterator<Item = &'a [i8]>,
        scales: &[f32],
        bias: Option<Vec<f32>>,
        inputs: usize,
        input_multiplier: Option<f32>,
    ) -> Self {
        let outputs = scales.len();
        let steps = inputs.div_ceil(DEPTH);
        let mut panels = vec![Line([OFFSET as u8; 64]); outputs.div_ceil(LANES) * steps];
        for (output, values) in values.enumerate() {
            let panel = &mut panels[output / LANES * steps..][..steps];
            let lane = output % LANES * DEPTH;
            for (line, four) in panel.iter_mut().zip(values.chunks(DEPTH)) {
                for (byte, &q) in line.0[lane..].iter_mut().zip(four) {
                    *byte = q as u8 ^ OFFSET as u8;
                }
            }
        }
        Self {
            panels,
            scales: in_panels(scales),
            bias: in_panels(&bias.unwrap_or_else(|| vec![0.0; outputs])),
            inputs,
            outputs,
            input_multiplier,
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
        let pick = |values: &[[f32; LANES]]| {
            let picked: Vec<f32> = outputs.iter().map(|&o| values.as_flattened()[o]).collect();
            in_panels(&picked)
        };
        Self {
            panels,
            scales: pick(&self.scales),
            bias: pick(&self.bias),
            inputs: self.inputs,
            outputs: outputs.len(),
            input_multiplier: self.input_multiplier,
        }
    }

    /// `(rows, inputs)` → `(rows, outputs)`
    pub(in crate::nn) fn forward(&self, x: Strided, rows: usize, epilogue: Epilogue) -> Vec<f32> {
        let x = Rows::quantise(x, rows, self.input_multiplier);
        let mut out = vec![0.0; rows * self.outputs];
        self.panels(&x, 0..self.outputs.div_ceil(LANES), epilogue, &mut out);
        out
    }

    /// The outputs of some panels: `out` is `(rows, outputs of these panels)`.
    fn panels(&self, x: &Rows, panels: Range<usize>, epilogue: Epilogue, out: &mut [f32]) {
        debug_assert_eq!(x.stride, self.inputs.next_multiple_of(DEPTH));
        let run = Run {
            product: Product { map: self, x },
            target: Target::new(out, panels, self.outputs, epilogue),
        };
        #[cfg(target_arch = "x86_64")]
        if let Some(set) = vnni::best() {
            return vnni::run(run, set);
        }
        dispatch(run);
    }

    fn steps(&self) -> usize {
        self.inputs.div_ceil(DEPTH)
    }
}

/// Sums of sixteen outputs, and how they grow.
trait Sums: Copy {
    type Floats: Lanes;
    /// Rows and panels whose sums, with one line of weights a panel, fit the registers.
    const TILE: (usize, usize);

    fn zero() -> Self;
    /// Adds the products of each output's weights and `inputs`.
    fn dot(self, weights: &Line, inputs: [i8; DEPTH]) -> Self;
    /// The sums less `offset`.
    fn finish(self, offset: i32) -> Self::Floats;
}

/// A product to be computed with some instruction set.
struct Run<'a> {
    product: Product<'a>,
    target: Target<'a>,
}

impl Run<'_> {
    #[inline(always)]
    fn with<S: Sums>(mut self) {
        fill::<S, _>(&self.product, &mut self.target);
    }
}

impl Kernel for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        self.with::<Plain<L>>();
    }
}

struct Product<'a> {
    map: &'a Int8,
    x: &'a Rows,
}

impl<S: Sums> Tiles<S> for Product<'_> {
    const SIZE: (usize, usize) = S::TILE;

    #[inline(always)]
    fn tile<const M: usize, const N: usize>(&self, row: usize, panel: usize, target: &mut Target) {
        let Self { map, x, .. } = *self;
        let steps = map.steps();
        let lines: [&[Line]; N] =
            std::array::from_fn(|n| &map.panels[(panel + n) * steps..][..steps]);
        let values: [&[[i8; DEPTH]]; M] =
            std::array::from_fn(|m| &x.values(row + m).as_chunks::<DEPTH>().0[..steps]);
        let mut sums = [[S::zero(); N]; M];
        for step in 0..steps {
            for m in 0..M {
                for n in 0..N {
                    sums[m][n] = sums[m][n].dot(&lines[n][step], values[m][step]);
                }
            }
        }
        for (m, sums) in sums.into_iter().enumerate() {
            let about = &x.about[row + m];
            let unit = S::Floats::splat(about.scale);
            for (n, sums) in sums.into_iter().enumerate() {
                let scales = S::Floats::load(&map.scales[panel + n]);
                let bias = S::Floats::load(&map.bias[panel + n]);
                let sums = sums.finish(OFFSET.wrapping_mul(about.sum));
                target.put(row + m, panel + n, sums.mul_add(unit.mul(scales), bias));
            }
        }
    }
}

/// In plain loops.
#[derive(Clone, Copy)]
struct Plain<L>([i32; LANES], PhantomData<L>);

impl<L: Lanes> Sums for Plain<L> {
    type Floats = L;
    const TILE: (usize, usize) = (1, 1);

    #[inline(always)]
    fn zero() -> Self {
        Self([0; LANES], PhantomData)
    }

    #[inline(always)]
    fn dot(mut self, weights: &Line, inputs: [i8; DEPTH]) -> Self {
        for (sum, w) in self.0.iter_mut().zip(weights.0.as_chunks::<DEPTH>().0) {
            for i in 0..DEPTH {
                *sum += i32::from(w[i]) * i32::from(inputs[i]);
            }
        }
        self
    }

    #[inline(always)]
    fn finish(self, offset: i32) -> L {
        L::load(&self.0.map(|sum| (sum - offset) as f32))
    }
}

impl Panels for Int8 {
    type Input<'a> = Rows;

    fn input(&self, x: Strided<'_>, rows: usize) -> Rows {
        Rows::quantise(x, rows, self.input_multiplier)
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn fill(&self, x: &Rows, panels: Range<usize>, out: &mut [f32]) {
        self.panels(x, panels, Epilogue::Nothing, out);
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
    /// Multiplied by a number, or by what makes the largest value of each row 127.
    fn quantise(x: Strided, rows: usize, multiplier: Option<f32>) -> Self {
        let stride = x.width.next_multiple_of(DEPTH);
        let mut values = vec![0i8; rows * stride];
        let about = dispatch(Quantise {
            x,
            values: &mut values,
            stride,
            multiplier,
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
    multiplier: Option<f32>,
}

impl Kernel for Quantise<'_> {
    type Output = Vec<Row>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<Row> {
        let rows = self.values.chunks_exact_mut(self.stride.max(1));
        let mut about = Vec::with_capacity(rows.len());
        for (r, values) in rows.enumerate() {
            about.push(quantise_row::<L>(self.x.row(r), values, self.multiplier));
        }
        about
    }
}

#[inline(always)]
fn quantise_row<L: Lanes>(x: &[f32], values: &mut [i8], multiplier: Option<f32>) -> Row {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let (bytes, bytes_rest) = values.as_chunks_mut::<LANES>();
    // Rounding would make a number of what is none: then a unit is worth no number either.
    let largest = || {
        let (mut most, mut none) = (L::splat(0.0), L::splat(0.0));
        for x in chunks {
            let x = L::load(x);
            most = most.max(x).max(L::splat(0.0).sub(x));
            none = x.mul_add(L::splat(0.0), none);
        }
        let most = rest.iter().fold(most.most(), |most, x| most.max(x.abs()));
        let none = rest.iter().fold(none.sum(), |none, x| none + x * 0.0);
        if most > 0.0 {
            most / LIMIT + none
        } else {
            1.0 + none
        }
    };
    let (scale, inverse) = match multiplier {
        Some(multiplier) => (1.0 / multiplier, multiplier),
        None => {
            let scale = largest();
            (scale, 1.0 / scale)
        }
    };
    // Sums of whole numbers of at most 127 are exact in f32.
    let mut sum = L::splat(0.0);
    let (least, most) = (L::splat(-LIMIT), L::splat(LIMIT));
    for (x, bytes) in chunks.iter().zip(bytes) {
        let round = L::splat(ROUND);
        let scaled = L::load(x).mul(L::splat(inverse)).max(least).min(most);
        let whole = scaled.add(round).sub(round);
        sum = sum.add(whole);
        *bytes = whole.to_bytes();
    }
    let mut sum = sum.sum() as i32;
    for (x, byte) in rest.iter().zip(bytes_rest) {
        let whole = (x * inverse).clamp(-LIMIT, LIMIT) + ROUND - ROUND;
        sum += whole as i32;
        *byte = whole as i8;
    }
    Row { scale, sum }
}

/// The 8-bit dot product instruction, of sixteen sums (AVX-512) or twice eight (AVX2).
///
/// SAFETY, of every block here, each read against this list:
///
/// - *The machine has the instructions.* Only [`vnni::run`] names these types, with a set that its caller
///   took from `best`, which found every feature that `run` enables.
/// - *Aligned loads are aligned and stay inside*: a [`Line`] is `repr(align(64))` and 64 bytes, read as 64
///   or as twice 32.
/// - *All else works on registers*; sums of products wrap as integers do, and there are too few inputs for
///   that (`u8 × i8 × inputs` below 2³¹ up to 66,000 inputs).
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the one kernel that needs instructions by name")]
mod vnni {
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_cvtepi32_ps, _mm256_dpbusd_avx_epi32, _mm256_load_si256,
        _mm256_set1_epi32, _mm256_setzero_si256, _mm256_sub_epi32, _mm512_cvtepi32_ps,
        _mm512_dpbusd_epi32, _mm512_load_si512, _mm512_set1_epi32, _mm512_setzero_si512,
        _mm512_sub_epi32,
    };

    use super::{DEPTH, Line, Run, Sums};
    use crate::nn::kernels::lanes::{Avx2, Avx512};

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Set {
        Avx512,
        Avx2,
    }

    impl Set {
        pub(super) fn available(self) -> bool {
            match self {
                Self::Avx512 => Avx512::available() && is_x86_feature_detected!("avx512vnni"),
                Self::Avx2 => Avx2::available() && is_x86_feature_detected!("avxvnni"),
            }
        }
    }

    /// The best that this machine has.
    pub(super) fn best() -> Option<Set> {
        let sets = [Set::Avx512, Set::Avx2];
        sets.into_iter().find(|set| set.available())
    }

    /// Runs a product with instructions that [`best`] has found.
    pub(super) fn run(run: Run, set: Set) {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,avx512vnni")]
        fn avx512(run: Run) {
            run.with::<Sixteen>();
        }
        #[target_feature(enable = "avx2,fma,f16c,avxvnni")]
        fn avx2(run: Run) {
            run.with::<TwiceEight>();
        }
        debug_assert!(set.available());
        match set {
            // SAFETY: of both, the features were found before the set was given.
            Set::Avx512 => unsafe { avx512(run) },
            Set::Avx2 => unsafe { avx2(run) },
        }
    }

    #[derive(Clone, Copy)]
    struct Sixteen(__m512i);

    impl Sums for Sixteen {
        type Floats = Avx512;
        const TILE: (usize, usize) = (8, 3);

        #[inline(always)]
        fn zero() -> Self {
            Self(unsafe { _mm512_setzero_si512() })
        }

        #[inline(always)]
        fn dot(self, weights: &Line, inputs: [i8; DEPTH]) -> Self {
            unsafe {
                let weights = _mm512_load_si512(std::ptr::from_ref(weights).cast());
                let inputs = _mm512_set1_epi32(i32::from_ne_bytes(inputs.map(|x| x as u8)));
                Self(_mm512_dpbusd_epi32(self.0, weights, inputs))
            }
        }

        #[inline(always)]
        fn finish(self, offset: i32) -> Avx512 {
            unsafe {
                let sums = _mm512_sub_epi32(self.0, _mm512_set1_epi32(offset));
                Avx512(_mm512_cvtepi32_ps(sums))
            }
        }
    }

    #[derive(Clone, Copy)]
    struct TwiceEight([__m256i; 2]);

    impl Sums for TwiceEight {
        type Floats = Avx2;
        const TILE: (usize, usize) = (6, 1);

        #[inline(always)]
        fn zero() -> Self {
            Self([unsafe { _mm256_setzero_si256() }; 2])
        }

        #[inline(always)]
        fn dot(self, weights: &Line, inputs: [i8; DEPTH]) -> Self {
            unsafe {
                let weights = std::ptr::from_ref(weights).cast::<__m256i>();
                let inputs = _mm256_set1_epi32(i32::from_ne_bytes(inputs.map(|x| x as u8)));
                let (low, high) = (
                    _mm256_load_si256(weights),
                    _mm256_load_si256(weights.add(1)),
                );
                Self([
                    _mm256_dpbusd_avx_epi32(self.0[0], low, inputs),
                    _mm256_dpbusd_avx_epi32(self.0[1], high, inputs),
                ])
            }
        }

        #[inline(always)]
        fn finish(self, offset: i32) -> Avx2 {
            unsafe {
                let offset = _mm256_set1_epi32(offset);
                Avx2(
                    _mm256_cvtepi32_ps(_mm256_sub_epi32(self.0[0], offset)),
                    _mm256_cvtepi32_ps(_mm256_sub_epi32(self.0[1], offset)),
                )
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
            let fast = map.forward(strided(&x, inputs), rows, Epilogue::Nothing);
            let quantised = Rows::quantise(strided(&x, inputs), rows, None);
            let of = |run: &dyn Fn(Run)| {
                let mut out = vec![0.0; rows * outputs];
                run(Run {
                    product: Product {
                        map: &map,
                        x: &quantised,
                    },
                    target: Target::new(
                        &mut out,
                        0..outputs.div_ceil(LANES),
                        outputs,
                        Epilogue::Nothing,
                    ),
                });
                out
            };
            let plain = of(&|product| dispatch(product));
            #[cfg(target_arch = "x86_64")]
            for set in [vnni::Set::Avx512, vnni::Set::Avx2] {
                if set.available() {
                    assert_eq!(of(&|product| vnni::run(product, set)), fast, "{set:?}");
                }
            }
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
        let all = map.forward(strided(&x, inputs), rows, Epilogue::Relu);
        for r in 0..rows {
            let alone = map.forward(
                strided(&x[r * inputs..][..inputs], inputs),
                1,
                Epilogue::Relu,
            );
            assert_eq!(alone, all[r * outputs..][..outputs]);
            assert!(alone.iter().all(|&y| y >= 0.0));
        }
    }

    #[test]
    fn selected_outputs_are_those_of_the_whole() {
        let (rows, inputs, outputs) = (3, 10, 50);
        let map = Int8::quantise(&random(inputs * outputs, 6), None, inputs);
        let x = random(rows * inputs, 7);
        let all = map.forward(strided(&x, inputs), rows, Epilogue::Nothing);
        let chosen: Vec<usize> = (0..outputs).step_by(2).rev().collect();
        let some = map
            .select(&chosen)
            .forward(strided(&x, inputs), rows, Epilogue::Nothing);
        for (some, all) in some.chunks(chosen.len()).zip(all.chunks(outputs)) {
            assert!(some.iter().eq(chosen.iter().map(|&output| &all[output])));
        }
    }

    #[test]
    fn stored_weights_are_taken_as_they_are() {
        let (rows, inputs, outputs) = (3, 21, 37);
        let values: Vec<i8> = (0..inputs * outputs)
            .map(|i| ((i * 7919) % 255) as i16 as i8)
            .map(|q| q.max(-127))
            .collect();
        let scales: Vec<f32> = (0..outputs).map(|o| 0.001 * (o + 1) as f32).collect();
        let x = random(rows * inputs, 8);
        for input_multiplier in [None, Some(100.0)] {
            let map = Int8::stored(&values, &scales, None, inputs, input_multiplier);
            let found = map.forward(strided(&x, inputs), rows, Epilogue::Nothing);
            for (r, row) in x.chunks(inputs).enumerate() {
                let most = row.iter().fold(0f32, |most, x| most.max(x.abs()));
                let unit = input_multiplier.map_or(most / LIMIT, |m| 1.0 / m);
                // Ties to even, held to ±127, summed without rounding.
                let quantised = |x: &f32| (x / unit).round_ties_even().clamp(-127.0, 127.0) as i32;
                for o in 0..outputs {
                    let weights = &values[o * inputs..][..inputs];
                    let products = row.iter().zip(weights);
                    let sum: i32 = products.map(|(x, &w)| quantised(x) * i32::from(w)).sum();
                    let exact = sum as f32 * unit * scales[o];
                    let found = found[r * outputs + o];
                    assert!(
                        (found - exact).abs() <= 1e-5 * exact.abs(),
                        "{found} is not {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let map = Int8::quantise(&random(40 * 8, 9), None, 40);
        for (at, none) in [(3, f32::NAN), (39, f32::NAN), (20, f32::INFINITY)] {
            let mut x = random(2 * 40, 10);
            x[40 + at] = none;
            let y = map.forward(strided(&x, 40), 2, Epilogue::Nothing);
            assert!(y[..8].iter().all(|y| y.is_finite()));
            assert!(y[8..].iter().all(|y| !y.is_finite()), "{y:?}");
        }
    }

    #[test]
    fn zeros_stay_zero() {
        let map = Int8::quantise(&[0.0; 32], None, 8);
        let out = map.forward(strided(&[0.0; 16], 8), 2, Epilogue::Nothing);
        assert_eq!(out, [0.0; 8]);
    }
}
