//! How long to wait: by chance alone, or by what was stated and a little chance.

use crate::rng::Rng;
use crate::time::Millis;

/// The most that chance adds to a stated wait.
const MOST_ADDED: Millis = Millis(5000);

/// Full jitter: anything from nothing to `base · 2^n`, never above `cap`. Walks that failed together don't come back
/// together.
pub(super) fn jittered(base: Millis, cap: Millis, n: u32, rng: &mut Rng) -> Millis {
    let step = base.0.saturating_mul(1_u64.checked_shl(n).unwrap_or(u64::MAX));
    Millis(rng.up_to(step.min(cap.0)))
}

/// A stated wait and up to a tenth of it more, at most five seconds.
pub(super) fn stretched(stated: Millis, rng: &mut Rng) -> Millis {
    stated.plus(Millis(rng.up_to((stated.0 / 10).min(MOST_ADDED.0))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;

    #[test]
    fn backoff_is_spread_evenly_over_its_whole_range() {
        let mut rng = Rng::new(Seed(1));
        for (n, top) in [
            (0, 500),
            (1, 1000),
            (3, 4000),
            (6, 32_000),
            (7, 60_000),
            (31, 60_000),
            (64, 60_000),
            (u32::MAX, 60_000),
        ] {
            let mut tenths = [0_u32; 10];
            let mut sum = 0;
            for _ in 0..100_000 {
                let wait = jittered(Millis(500), Millis(60_000), n, &mut rng).0;
                assert!(wait <= top, "{n}: {wait}");
                sum += wait;
                tenths[(wait * 10 / (top + 1)) as usize] += 1;
            }
            assert!(tenths.iter().all(|count| (9_500..=10_500).contains(count)), "{n}: {tenths:?}");
            let mean = sum / 100_000;
            assert!(mean * 100 >= top * 49 && mean * 100 <= top * 51, "{n}: {mean}");
        }
    }

    #[test]
    fn a_stated_wait_is_a_floor_and_chance_adds_a_tenth_at_most() {
        let mut rng = Rng::new(Seed(2));
        for (stated, most) in
            [(1, 1), (10, 11), (1000, 1100), (30_000, 33_000), (50_000, 55_000), (900_000, 905_000)]
        {
            let waits: Vec<_> = (0..100_000).map(|_| stretched(Millis(stated), &mut rng).0).collect();
            assert_eq!((waits.iter().min(), waits.iter().max()), (Some(&stated), Some(&most)));
        }
    }
}
