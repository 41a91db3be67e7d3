//! Chance as an argument: a seed given by the host, and a small generator for jitter.

/// Where all chance of one walk comes from. Two walks should not share a seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seed(pub u64);

/// `SplitMix64`: small, fast and good enough to spread retries; not for secrets.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator whose draws depend on nothing but the seed.
    pub const fn new(seed: Seed) -> Rng {
        Rng(seed.0)
    }

    /// The next 64 bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `max`, both included, evenly spread (multiply-shift; the bias is below 2^-32
    /// for every `max` a wait can have).
    pub const fn up_to(&mut self, max: u64) -> u64 {
        ((self.next_u64() as u128 * (max as u128 + 1)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_the_seed_alone_and_stay_in_range() {
        let draw = |seed| {
            (0..1000)
                .map({
                    let mut r = Rng::new(Seed(seed));
                    move |_| r.up_to(9)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        for n in 0..=9 {
            let hits = draw(3).iter().filter(|&&x| x == n).count();
            assert!((60..=140).contains(&hits), "{n}: {hits}");
        }
        assert_eq!(Rng::new(Seed(5)).up_to(0), 0);
    }
}
