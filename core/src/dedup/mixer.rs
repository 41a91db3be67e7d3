//! Reversible scrambling under a secret: spreads keys evenly whatever the server chose them to be, and gives
//! them back exactly.

use super::HashKey;

/// One walk's secret numbers.
#[derive(Clone, Copy)]
pub(super) struct Mixer {
    keys: [u64; 4],
}

impl Mixer {
    /// The mixer that belongs to a hash key.
    pub(super) fn new(key: &HashKey) -> Mixer {
        let (a, b) = (key.hash(b"mixer 1"), key.hash(b"mixer 2"));
        // The second and the last multiply: odd numbers lose nothing.
        Mixer { keys: [a as u64, (a >> 64) as u64 | 1, b as u64, (b >> 64) as u64 | 1] }
    }

    /// Scrambles 128 bits. The upper half, by which tables place an entry, depends on all of them.
    pub(super) fn mix(&self, value: u128) -> u128 {
        // A Feistel network: each half in turn is changed by a function of the other, so it can be undone.
        let [k0, k1, k2, k3] = self.keys;
        let (high, low) = ((value >> 64) as u64, value as u64);
        let low = low ^ fold(high ^ k0, k1);
        let high = high ^ fold(low ^ k2, k3);
        u128::from(high) << 64 | u128::from(low)
    }

    /// Undoes [`Mixer::mix`].
    pub(super) fn unmix(&self, value: u128) -> u128 {
        let [k0, k1, k2, k3] = self.keys;
        let (high, low) = ((value >> 64) as u64, value as u64);
        let high = high ^ fold(low ^ k2, k3);
        let low = low ^ fold(high ^ k0, k1);
        u128::from(high) << 64 | u128::from(low)
    }

    /// Scrambles 64 bits.
    pub(super) fn mix64(&self, value: u64) -> u64 {
        let [k0, k1, _, k3] = self.keys;
        let once = (value ^ k0).wrapping_mul(k1);
        (once ^ once >> 32).wrapping_mul(k3)
    }

    /// Undoes [`Mixer::mix64`].
    pub(super) fn unmix64(&self, value: u64) -> u64 {
        let [k0, k1, _, k3] = self.keys;
        let once = value.wrapping_mul(inverse(k3));
        (once ^ once >> 32).wrapping_mul(inverse(k1)) ^ k0
    }
}

/// Both halves of a product, folded into one.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// The number that an odd one has to be multiplied with to make 1 (modulo 2^64). Newton's iteration: `odd` is
/// right in the lowest 3 bits, and each round doubles them.
const fn inverse(odd: u64) -> u64 {
    let mut inverse = odd;
    let mut round = 0;
    while round < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn mixing_loses_nothing(seed: u64, wide: u128, narrow: u64) {
            let mixer = Mixer::new(&HashKey::from_seed(Seed(seed)));
            prop_assert_eq!(mixer.unmix(mixer.mix(wide)), wide);
            prop_assert_eq!(mixer.unmix64(mixer.mix64(narrow)), narrow);
        }
    }

    /// The fullest of 1,024 drawers when 64 times as many values are put in by their upper bits.
    fn fullest(places: impl Iterator<Item = u64>) -> u32 {
        let mut drawers = vec![0; 1024];
        places.take(65_536).for_each(|place| drawers[(place >> 54) as usize] += 1);
        drawers.into_iter().max().unwrap()
    }

    #[test]
    fn values_with_little_chance_in_them_are_spread_evenly() {
        let mixer = Mixer::new(&HashKey::from_seed(Seed(7)));
        for shift in [0, 8, 16, 32, 48, 62, 64, 96, 112] {
            let spread = fullest((0u128..).map(|n| (mixer.mix(n << shift) >> 64) as u64));
            assert!(spread < 120, "steps of 2^{shift}: {spread}");
        }
        for shift in [0, 8, 16, 32, 48] {
            let spread = fullest((0u64..).map(|n| mixer.mix64(n << shift)));
            assert!(spread < 120, "steps of 2^{shift}: {spread}");
        }
    }
}
