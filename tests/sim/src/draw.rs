//! Chance of a run: everything that happens in it comes from one seed.

use everypage_core::rng::{Rng, Seed};

/// A stream of draws.
#[derive(Clone, Debug)]
pub struct Draw(Rng);

impl Draw {
    /// The stream of a seed; `lane` keeps streams of one run apart.
    pub const fn new(seed: u64, lane: u64) -> Draw {
        let mut mix = Rng::new(Seed(seed ^ lane.wrapping_mul(0xa076_1d64_78bd_642f)));
        let start = mix.next_u64();
        Draw(Rng::new(Seed(start)))
    }

    /// A number below `n`; 0 if `n` is 0.
    pub const fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.0.up_to(n - 1) }
    }

    /// A number from `low` to `high`, both included.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.0.up_to(high.saturating_sub(low))
    }

    /// True so many times in a thousand.
    pub const fn permille(&mut self, p: u64) -> bool {
        p > 0 && self.below(1000) < p
    }

    /// True every other time.
    pub const fn coin(&mut self) -> bool {
        self.permille(500)
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T], or: T) -> T {
        of.get(self.below(of.len() as u64) as usize).copied().unwrap_or(or)
    }

    /// A strength, off half of the time: 0, or one of these.
    pub fn sometimes(&mut self, of: &[u64]) -> u64 {
        if self.coin() { self.pick(of, 0) } else { 0 }
    }
}
