//! Sixteen f32 side by side, in whatever registers the machine has.
//!
//! A kernel is written once, against [`Lanes`]; [`dispatch`] runs it compiled for the best
//! instruction set that the machine has.

#![expect(unsafe_code, reason = "instruction sets chosen at run time")]

use half::{bf16, f16};

/// Values in a [`Lanes`].
pub(super) const LANES: usize = 16;

/// Sixteen values. Where the instruction set has it, a multiply-add is fused.
pub(super) trait Lanes: Copy {
    /// Rows and panels of outputs whose sums, with one line of weights a panel, fit the registers.
    const TILE: (usize, usize);

    fn splat(x: f32) -> Self;
    fn load(x: &[f32; LANES]) -> Self;
    fn load_f16(x: &[f16; LANES]) -> Self;
    fn load_bf16(x: &[bf16; LANES]) -> Self;
    fn store(self, out: &mut [f32; LANES]);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    /// self · factor + summand
    fn mul_add(self, factor: Self, summand: Self) -> Self;
    fn max(self, other: Self) -> Self;
    fn min(self, other: Self) -> Self;
    /// A bit for each value, set where it is above `floor`.
    fn above(self, floor: f32) -> u32;
    /// The values of bits `self + shifted · 2²³`: where the low bits of `shifted` are an integer n,
    /// self · 2ⁿ.
    fn add_exponents(self, shifted: Self) -> Self;
    /// The values, which are whole and of at most 127, as bytes.
    fn to_bytes(self) -> [i8; LANES];
    /// The sum of each of sixteen.
    fn sums(rows: [Self; LANES]) -> Self;

    #[inline(always)]
    fn to_array(self) -> [f32; LANES] {
        let mut out = [0.0; LANES];
        self.store(&mut out);
        out
    }

    /// The sum of all, as a tree: a chain would wait for each.
    #[inline(always)]
    fn sum(self) -> f32 {
        tree(self.to_array(), |a, b| a + b)
    }

    #[inline(always)]
    fn most(self) -> f32 {
        tree(self.to_array(), |a, b| if a > b { a } else { b })
    }
}

#[inline(always)]
fn tree(mut lanes: [f32; LANES], join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = join(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Something to compute with [`Lanes`]; `run` and all that it calls must be `#[inline(always)]`.
pub(super) trait Kernel {
    type Output;

    fn run<L: Lanes>(self) -> Self::Output;
}

/// Runs a kernel compiled for the machine's best instruction set.
pub(super) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")]
        fn avx512<K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<Avx512>()
        }
        #[target_feature(enable = "avx2,fma,f16c")]
        fn avx2<K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<Avx2>()
        }
        if Avx512::available() {
            // SAFETY: every feature was just detected.
            return unsafe { avx512(kernel) };
        }
        if Avx2::available() {
            // SAFETY: every feature was just detected.
            return unsafe { avx2(kernel) };
        }
    }
    kernel.run::<Portable>()
}

/// Plain arrays, for the compiler to make of them what it can.
#[derive(Clone, Copy)]
pub(super) struct Portable([f32; LANES]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl Lanes for Portable {
    const TILE: (usize, usize) = (4, 1);

    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; LANES])
    }

    #[inline(always)]
    fn load(x: &[f32; LANES]) -> Self {
        Self(*x)
    }

    #[inline(always)]
    fn load_f16(x: &[f16; LANES]) -> Self {
        Self(x.map(f16::to_f32))
    }

    #[inline(always)]
    fn load_bf16(x: &[bf16; LANES]) -> Self {
        Self(x.map(bf16::to_f32))
    }

    #[inline(always)]
    fn store(self, out: &mut [f32; LANES]) {
        *out = self.0;
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        self.mul(factor).add(summand)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn above(self, floor: f32) -> u32 {
        let bit = |i: usize| u32::from(self.0[i] > floor) << i;
        (0..LANES).fold(0, |bits, i| bits | bit(i))
    }

    #[inline(always)]
    fn add_exponents(self, shifted: Self) -> Self {
        let join = |a: f32, b: f32| a.to_bits().wrapping_add(b.to_bits() << 23);
        self.zip(shifted, |a, b| f32::from_bits(join(a, b)))
    }

    #[inline(always)]
    fn to_bytes(self) -> [i8; LANES] {
        self.0.map(|x| x as i8)
    }

    #[inline(always)]
    fn sums(rows: [Self; LANES]) -> Self {
        Self(rows.map(Self::sum))
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! SAFETY, of every block here, each read against this list:
    //!
    //! - *The machine has the instructions.* Only code compiled for them names these types:
    //!   [`super::dispatch`] and the product of 8-bit integers run it where `available` found every
    //!   feature that they enable, and nothing here enables more than that. A method that is called
    //!   elsewhere would be a fault of its caller; both types are seen in `nn::kernels` alone.
    //! - *Loads and stores stay within what they are given.* Pointers come from arrays of [`LANES`]
    //!   values, or of a half of them that was sliced, and so checked, before; `load*` of sixteen f32
    //!   reads 64 bytes, of sixteen 16-bit numbers 32; `store` writes 64 bytes, `to_bytes` 16 bytes of an
    //!   array of its own. All of them are the unaligned forms.
    //! - *All else works on registers*, with every bit pattern a value: conversions that overflow
    //!   saturate or give the processor's "indefinite", in no case a trap or undefined behaviour.

    use std::arch::x86_64::{
        __m256, __m512, _CMP_GT_OQ, _mm_loadu_si128, _mm_packs_epi16, _mm_packs_epi32,
        _mm_storeu_si128, _mm256_add_epi32, _mm256_add_ps, _mm256_castps_si256,
        _mm256_castsi256_ps, _mm256_castsi256_si128, _mm256_cmp_ps, _mm256_cvtepu16_epi32,
        _mm256_cvtph_ps, _mm256_cvtps_epi32, _mm256_div_ps, _mm256_extracti128_si256,
        _mm256_fmadd_ps, _mm256_hadd_ps, _mm256_loadu_ps, _mm256_loadu_si256, _mm256_max_ps,
        _mm256_min_ps, _mm256_movemask_ps, _mm256_mul_ps, _mm256_permute2f128_ps, _mm256_set1_ps,
        _mm256_slli_epi32, _mm256_storeu_ps, _mm256_sub_ps, _mm512_add_epi32, _mm512_add_ps,
        _mm512_castpd_ps, _mm512_castps_pd, _mm512_castps_si512, _mm512_castsi512_ps,
        _mm512_cmp_ps_mask, _mm512_cvtepu16_epi32, _mm512_cvtph_ps, _mm512_cvtps_epi32,
        _mm512_cvtsepi32_epi8, _mm512_div_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_max_ps,
        _mm512_min_ps, _mm512_mul_ps, _mm512_reduce_add_ps, _mm512_reduce_max_ps, _mm512_set1_ps,
        _mm512_shuffle_f32x4, _mm512_slli_epi32, _mm512_storeu_ps, _mm512_sub_ps,
        _mm512_unpackhi_pd, _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
    };

    use half::{bf16, f16};

    use super::{LANES, Lanes};

    #[derive(Clone, Copy)]
    pub(in crate::nn::kernels) struct Avx512(pub(in crate::nn::kernels) __m512);

    impl Avx512 {
        /// Whether the machine has all instructions that [`super::dispatch`] compiles for.
        pub(in crate::nn::kernels) fn available() -> bool {
            Avx2::available()
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
        }
    }

    impl Lanes for Avx512 {
        const TILE: (usize, usize) = (8, 3);

        #[inline(always)]
        fn splat(x: f32) -> Self {
            Self(unsafe { _mm512_set1_ps(x) })
        }

        #[inline(always)]
        fn load(x: &[f32; LANES]) -> Self {
            Self(unsafe { _mm512_loadu_ps(x.as_ptr()) })
        }

        #[inline(always)]
        fn load_f16(x: &[f16; LANES]) -> Self {
            Self(unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(x.as_ptr().cast())) })
        }

        #[inline(always)]
        fn load_bf16(x: &[bf16; LANES]) -> Self {
            Self(unsafe {
                let x = _mm512_cvtepu16_epi32(_mm256_loadu_si256(x.as_ptr().cast()));
                _mm512_castsi512_ps(_mm512_slli_epi32::<16>(x))
            })
        }

        #[inline(always)]
        fn store(self, out: &mut [f32; LANES]) {
            unsafe { _mm512_storeu_ps(out.as_mut_ptr(), self.0) }
        }

        #[inline(always)]
        fn add(self, other: Self) -> Self {
            Self(unsafe { _mm512_add_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn sub(self, other: Self) -> Self {
            Self(unsafe { _mm512_sub_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            Self(unsafe { _mm512_mul_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn div(self, other: Self) -> Self {
            Self(unsafe { _mm512_div_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn mul_add(self, factor: Self, summand: Self) -> Self {
            Self(unsafe { _mm512_fmadd_ps(self.0, factor.0, summand.0) })
        }

        #[inline(always)]
        fn max(self, other: Self) -> Self {
            Self(unsafe { _mm512_max_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn min(self, other: Self) -> Self {
            Self(unsafe { _mm512_min_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn above(self, floor: f32) -> u32 {
            let floor = Self::splat(floor);
            u32::from(unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, floor.0) })
        }

        #[inline(always)]
        fn add_exponents(self, shifted: Self) -> Self {
            Self(unsafe {
                let n = _mm512_slli_epi32::<23>(_mm512_castps_si512(shifted.0));
                _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(self.0), n))
            })
        }

        #[inline(always)]
        fn to_bytes(self) -> [i8; LANES] {
            let mut out = [0; LANES];
            unsafe {
                let bytes = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(self.0));
                _mm_storeu_si128(out.as_mut_ptr().cast(), bytes);
            }
            out
        }

        #[inline(always)]
        fn sum(self) -> f32 {
            unsafe { _mm512_reduce_add_ps(self.0) }
        }

        #[inline(always)]
        fn most(self) -> f32 {
            unsafe { _mm512_reduce_max_ps(self.0) }
        }

        #[inline(always)]
        fn sums(rows: [Self; LANES]) -> Self {
            // Pairs are interleaved and added until every value is the sum of one row.
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = rows;
            unsafe {
                halves(
                    halves(rows4(a, b, c, d), rows4(e, f, g, h)),
                    halves(rows4(i, j, k, l), rows4(m, n, o, p)),
                )
            }
        }
    }

    /// In each quarter, the sums of the quarters of four rows. Registers alone; unsafe for the
    /// instructions.
    #[inline(always)]
    unsafe fn rows4(a: Avx512, b: Avx512, c: Avx512, d: Avx512) -> Avx512 {
        unsafe {
            let ab = _mm512_add_ps(_mm512_unpacklo_ps(a.0, b.0), _mm512_unpackhi_ps(a.0, b.0));
            let cd = _mm512_add_ps(_mm512_unpacklo_ps(c.0, d.0), _mm512_unpackhi_ps(c.0, d.0));
            let (ab, cd) = (_mm512_castps_pd(ab), _mm512_castps_pd(cd));
            Avx512(_mm512_add_ps(
                _mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd)),
                _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd)),
            ))
        }
    }

    /// The sums of neighbouring quarters, first of `a`, then of `b`.
    #[inline(always)]
    unsafe fn halves(a: Avx512, b: Avx512) -> Avx512 {
        unsafe {
            Avx512(_mm512_add_ps(
                _mm512_shuffle_f32x4::<0x88>(a.0, b.0),
                _mm512_shuffle_f32x4::<0xdd>(a.0, b.0),
            ))
        }
    }

    #[derive(Clone, Copy)]
    pub(in crate::nn::kernels) struct Avx2(
        pub(in crate::nn::kernels) __m256,
        pub(in crate::nn::kernels) __m256,
    );

    impl Avx2 {
        /// Whether the machine has all instructions that [`super::dispatch`] compiles for.
        pub(in crate::nn::kernels) fn available() -> bool {
            is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("f16c")
        }

        #[inline(always)]
        fn zip(self, other: Self, f: impl Fn(__m256, __m256) -> __m256) -> Self {
            Self(f(self.0, other.0), f(self.1, other.1))
        }
    }

    impl Lanes for Avx2 {
        const TILE: (usize, usize) = (6, 1);

        #[inline(always)]
        fn splat(x: f32) -> Self {
            let x = unsafe { _mm256_set1_ps(x) };
            Self(x, x)
        }

        #[inline(always)]
        fn load(x: &[f32; LANES]) -> Self {
            unsafe {
                Self(
                    _mm256_loadu_ps(x.as_ptr()),
                    _mm256_loadu_ps(x[8..].as_ptr()),
                )
            }
        }

        #[inline(always)]
        fn load_f16(x: &[f16; LANES]) -> Self {
            let half = |x: &[f16]| unsafe { _mm256_cvtph_ps(_mm_loadu_si128(x.as_ptr().cast())) };
            Self(half(&x[..8]), half(&x[8..]))
        }

        #[inline(always)]
        fn load_bf16(x: &[bf16; LANES]) -> Self {
            let half = |x: &[bf16]| unsafe {
                let x = _mm256_cvtepu16_epi32(_mm_loadu_si128(x.as_ptr().cast()));
                _mm256_castsi256_ps(_mm256_slli_epi32::<16>(x))
            };
            Self(half(&x[..8]), half(&x[8..]))
        }

        #[inline(always)]
        fn store(self, out: &mut [f32; LANES]) {
            unsafe {
                _mm256_storeu_ps(out.as_mut_ptr(), self.0);
                _mm256_storeu_ps(out[8..].as_mut_ptr(), self.1);
            }
        }

        #[inline(always)]
        fn add(self, other: Self) -> Self {
            self.zip(other, |a, b| unsafe { _mm256_add_ps(a, b) })
        }

        #[inline(always)]
        fn sub(self, other: Self) -> Self {
            self.zip(other, |a, b| unsafe { _mm256_sub_ps(a, b) })
        }

        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            self.zip(other, |a, b| unsafe { _mm256_mul_ps(a, b) })
        }

        #[inline(always)]
        fn div(self, other: Self) -> Self {
            self.zip(other, |a, b| unsafe { _mm256_div_ps(a, b) })
        }

        #[inline(always)]
        fn mul_add(self, factor: Self, summand: Self) -> Self {
            unsafe {
                Self(
                    _mm256_fmadd_ps(self.0, factor.0, summand.0),
                    _mm256_fmadd_ps(self.1, factor.1, summand.1),
                )
            }
        }

        #[inline(always)]
        fn max(self, other: Self) -> Self {
            self.zip(other, |a, b| unsafe { _mm256_max_ps(a, b) })
        }

        #[inline(always)]
        fn min(self, other: Self) -> Self {
            self.zip(other, |a, b| unsafe { _mm256_min_ps(a, b) })
        }

        #[inline(always)]
        fn above(self, floor: f32) -> u32 {
            unsafe {
                let floor = _mm256_set1_ps(floor);
                let low = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(self.0, floor));
                let high = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(self.1, floor));
                (low | high << 8) as u32
            }
        }

        #[inline(always)]
        fn add_exponents(self, shifted: Self) -> Self {
            self.zip(shifted, |x, shifted| unsafe {
                let n = _mm256_slli_epi32::<23>(_mm256_castps_si256(shifted));
                _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), n))
            })
        }

        #[inline(always)]
        fn to_bytes(self) -> [i8; LANES] {
            let mut out = [0; LANES];
            unsafe {
                let shorts = |x| {
                    let x = _mm256_cvtps_epi32(x);
                    _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x))
                };
                let bytes = _mm_packs_epi16(shorts(self.0), shorts(self.1));
                _mm_storeu_si128(out.as_mut_ptr().cast(), bytes);
            }
            out
        }

        #[inline(always)]
        fn sums(rows: [Self; LANES]) -> Self {
            unsafe { Self(rows8(&rows, 0), rows8(&rows, 8)) }
        }
    }

    /// The sums of eight rows.
    #[inline(always)]
    unsafe fn rows8(rows: &[Avx2; LANES], at: usize) -> __m256 {
        unsafe {
            let low = _mm256_hadd_ps(rows2(rows, at), rows2(rows, at + 2));
            let high = _mm256_hadd_ps(rows2(rows, at + 4), rows2(rows, at + 6));
            _mm256_add_ps(
                _mm256_permute2f128_ps::<0x20>(low, high),
                _mm256_permute2f128_ps::<0x31>(low, high),
            )
        }
    }

    #[inline(always)]
    unsafe fn rows2(rows: &[Avx2; LANES], at: usize) -> __m256 {
        let (a, b) = (rows[at], rows[at + 1]);
        unsafe { _mm256_hadd_ps(_mm256_add_ps(a.0, a.1), _mm256_add_ps(b.0, b.1)) }
    }
}

/// eˣ to about one unit in the last place, without branches; 0 is given as about 1e-38. Cephes'
/// `expf` (Moshier): eˣ = 2ⁿ · e^r with n = round(x / ln 2), e^r by a polynomial of degree 6 on
/// |r| ≤ ln 2 / 2.
#[inline(always)]
#[expect(clippy::excessive_precision, reason = "constants as published")]
pub(super) fn exp<L: Lanes>(x: L) -> L {
    /// Adding it leaves the rounded integer in the low bits of the mantissa.
    const ROUND: f32 = 12_582_912.0;
    let x = x.max(L::splat(-86.0)).min(L::splat(88.0));
    let shifted = x.mul_add(L::splat(std::f32::consts::LOG2_E), L::splat(ROUND));
    let n = shifted.sub(L::splat(ROUND));
    let r = n.mul_add(L::splat(-0.693_359_375), x);
    let r = n.mul_add(L::splat(2.121_944_4e-4), r);
    let mut p = L::splat(1.987_569_15e-4);
    for c in [
        1.398_199_950_7e-3,
        8.333_451_907_3e-3,
        4.166_579_589_4e-2,
        1.666_666_545_9e-1,
        5.000_000_120_1e-1,
    ] {
        p = p.mul_add(r, L::splat(c));
    }
    let e_r = p.mul_add(r.mul(r), r.add(L::splat(1.0)));
    e_r.add_exponents(shifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks every operation of an instruction set against plain arithmetic.
    struct Check;

    impl Kernel for Check {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes>(self) {
            let a: [f32; LANES] = std::array::from_fn(|i| (i * 7 % 16) as f32 - 7.5);
            let b: [f32; LANES] = std::array::from_fn(|i| (i * 5 % 16) as f32 / 4.0 - 1.0);
            let (x, y) = (L::load(&a), L::load(&b));
            let zip = |f: fn(f32, f32) -> f32| std::array::from_fn(|i| f(a[i], b[i]));
            assert_eq!(x.add(y).to_array(), zip(|a, b| a + b));
            assert_eq!(x.sub(y).to_array(), zip(|a, b| a - b));
            assert_eq!(x.mul(y).to_array(), zip(|a, b| a * b));
            let third = L::splat(3.0);
            assert_eq!(x.div(third).to_array(), a.map(|a| a / 3.0));
            assert_eq!(x.max(y).to_array(), zip(f32::max));
            assert_eq!(x.min(y).to_array(), zip(f32::min));
            let exact = zip(|a, b| a * b + 0.5);
            assert_eq!(x.mul_add(y, L::splat(0.5)).to_array(), exact);
            assert_eq!((x.sum(), x.most()), (0.0, 7.5));
            let above = (0..LANES).filter(|&i| a[i] > 4.0).map(|i| 1 << i).sum();
            assert_eq!((x.above(4.0), x.above(7.5)), (above, 0));
            let wide = a.map(|x| x * 1.001);
            let (half, brain) = (wide.map(f16::from_f32), wide.map(bf16::from_f32));
            assert_eq!(L::load_f16(&half).to_array(), half.map(f16::to_f32));
            assert_eq!(L::load_bf16(&brain).to_array(), brain.map(bf16::to_f32));
            let whole = a.map(|x| (x * 16.0).trunc());
            assert_eq!(L::load(&whole).to_bytes(), whole.map(|x| x as i8));
            let rows: [L; LANES] = std::array::from_fn(|i| {
                L::load(&std::array::from_fn(|j| (i * i + (i + 1) * j) as f32))
            });
            let sums: [f32; LANES] = std::array::from_fn(|i| rows[i].to_array().iter().sum());
            assert_eq!(L::sums(rows).to_array(), sums);
            // Miri takes a second for each.
            for i in (-8_600..=8_800).step_by(if cfg!(miri) { 1_450 } else { 1 }) {
                let x = i as f32 / 100.0;
                let (ours, exact) = (exp(L::splat(x)).to_array()[0], f64::from(x).exp());
                let error = (f64::from(ours) - exact).abs() / exact;
                assert!(error < 2.5e-7, "exp({x}) = {ours}, not {exact}");
            }
            assert_eq!(exp(L::splat(0.0)).to_array()[3], 1.0);
            assert!(exp(L::splat(f32::NEG_INFINITY)).to_array()[3] < 1e-37);
        }
    }

    #[test]
    fn every_instruction_set_computes_the_same() {
        Check.run::<Portable>();
        dispatch(Check);
        #[cfg(target_arch = "x86_64")]
        if Avx2::available() {
            #[target_feature(enable = "avx2,fma,f16c")]
            fn avx2() {
                Check.run::<Avx2>();
            }
            // SAFETY: the features were just detected.
            unsafe { avx2() }
        }
    }
}
