//! The random numbers of numpy's `default_rng(seed)`.
//!
//! sacrebleu draws its resamples from that generator. Drawing the same ones makes intervals and
//! p-values comparable to the last digit with published ones of the same seed, not only on average.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng as _;

/// A stream of random numbers.
pub(super) struct Random {
    generator: Pcg64,
    /// The upper half of the last number drawn, when only its lower half was used.
    half: Option<u32>,
    /// Coins not yet used, and how many they are.
    coins: (u32, u32),
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        let [a, b, c, d] = seed_sequence(seed);
        let join = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
        Self {
            generator: Pcg64::new(join(a, b), join(c, d)),
            half: None,
            coins: (0, 0),
        }
    }

    /// A number below `end`, which must not be 0: `rng.choice(end)` (D. Lemire, "Fast random integer
    /// generation in an interval", 2019).
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let threshold = end.wrapping_neg() % end;
        loop {
            let product = u64::from(self.next_u32()) * u64::from(end);
            if product as u32 >= threshold {
                return (product >> 32) as u32;
            }
        }
    }

    /// One of `rng.integers(2, size=…, dtype=bool)`. A number serves 32 coins, from its lowest bit.
    pub(super) fn coin(&mut self) -> bool {
        if self.coins.1 == 0 {
            self.coins = (self.next_u32(), 32);
        }
        let (bits, left) = self.coins;
        self.coins = (bits >> 1, left - 1);
        bits & 1 == 1
    }

    /// Thirty-two bits: first the lower half of a number, then its upper half.
    fn next_u32(&mut self) -> u32 {
        self.half.take().unwrap_or_else(|| {
            let both = self.generator.next_u64();
            self.half = Some((both >> 32) as u32);
            both as u32
        })
    }
}

/// numpy's `SeedSequence(seed).generate_state(4, uint64)`: M. E. O'Neill's `seed_seq_fe128`
/// (<https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html>), with the constants of
/// `numpy/random/bit_generator.pyx`.
fn seed_sequence(seed: u64) -> [u64; 4] {
    let mut constant = 0x43b0_d7e5_u32;
    let mut hash = |value: u32| {
        let value = value ^ constant;
        constant = constant.wrapping_mul(0x931e_8875);
        let value = value.wrapping_mul(constant);
        value ^ value >> 16
    };
    let mix = |x: u32, y: u32| {
        let mixed = x
            .wrapping_mul(0xca01_f9dd)
            .wrapping_sub(y.wrapping_mul(0x4973_f715));
        mixed ^ mixed >> 16
    };
    let mut pool = [seed as u32, (seed >> 32) as u32, 0, 0].map(&mut hash);
    for source in 0..4 {
        for target in (0..4).filter(|&target| target != source) {
            pool[target] = mix(pool[target], hash(pool[source]));
        }
    }

    let mut constant = 0x8b51_f9dd_u32;
    let mut words = (0..8).map(|i| {
        let value = pool[i % 4] ^ constant;
        constant = constant.wrapping_mul(0x58f3_8ded);
        let value = value.wrapping_mul(constant);
        value ^ value >> 16
    });
    std::array::from_fn(|_| {
        let low = words.next().map_or(0, u64::from);
        low | words.next().map_or(0, u64::from) << 32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expected numbers are numpy 2.4's.

    #[test]
    fn seeds_as_numpy() {
        let expected = [
            13_091_511_679_009_522_556,
            13_538_552_136_045_918_767,
            7_269_824_232_120_749_972,
            4_520_223_790_601_600_371,
        ];
        assert_eq!(seed_sequence(12345), expected);
        let expected = [
            974_592_680_304_384_533,
            11_164_224_302_760_304_993,
            11_068_753_026_110_695_683,
            4_650_291_916_314_288_918,
        ];
        assert_eq!(seed_sequence((1 << 40) + 7), expected);
    }

    #[test]
    fn chooses_as_numpy() {
        let choose = |end, n| {
            let mut random = Random::new(12345);
            (0..n).map(|_| random.below(end)).collect::<Vec<_>>()
        };
        assert_eq!(
            choose(10, 20),
            [6, 2, 7, 3, 2, 7, 6, 6, 9, 3, 8, 3, 5, 5, 2, 1, 2, 6, 6, 9]
        );
        assert_eq!(
            choose(3981, 8),
            [2783, 905, 3139, 1261, 812, 3174, 2558, 2692]
        );
    }

    #[test]
    fn tosses_coins_as_numpy() {
        let mut random = Random::new(12345);
        let coins: String = (0..80)
            .map(|_| if random.coin() { '1' } else { '0' })
            .collect();
        assert_eq!(
            coins,
            "1011100110000011111111110100110110110001\
             1000110101001100010111000111101100100011"
        );
    }
}
