//! The retry budget of one origin: a bucket that retries empty and successes fill again, so that many walks against
//! a server in trouble don't multiply its trouble. What a try costs is said by who decides to try again.

/// What the bucket holds when full.
pub(super) const SIZE: u32 = 500;

/// The bucket.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    tokens: u32,
}

impl Default for Bucket {
    fn default() -> Bucket {
        Bucket { tokens: SIZE }
    }
}

impl Bucket {
    /// Pays for one more try; false, and nothing paid, if there isn't enough.
    pub(super) fn charge(&mut self, cost: u32) -> bool {
        match self.tokens.checked_sub(cost) {
            Some(tokens) => {
                self.tokens = tokens;
                true
            }
            None => false,
        }
    }

    /// Whether most of it is used.
    pub(super) const fn is_low(&self) -> bool {
        self.tokens < SIZE / 4
    }

    /// Fills in what a try cost that succeeded, or what a page earned that came at once.
    pub(super) fn fill(&mut self, tokens: u32) {
        self.tokens = self.tokens.saturating_add(tokens).min(SIZE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Seed};

    #[test]
    fn the_ledger_balances_and_the_bucket_is_never_over_or_under() {
        let mut rng = Rng::new(Seed(7));
        for _ in 0..200 {
            let (mut bucket, mut paid, mut filled) = (Bucket::default(), 0, 0);
            for _ in 0..500 {
                let cost = [0, 1, 5, 14][rng.up_to(3) as usize];
                let before = bucket.tokens;
                if rng.up_to(2) == 0 {
                    bucket.fill(cost);
                } else {
                    assert_eq!(bucket.charge(cost), before >= cost);
                }
                paid += before.saturating_sub(bucket.tokens);
                filled += bucket.tokens.saturating_sub(before);
                assert!(bucket.tokens <= SIZE);
                assert_eq!(paid - filled, SIZE - bucket.tokens);
            }
        }
    }

    #[test]
    fn an_empty_bucket_refuses_and_takes_nothing() {
        let mut bucket = Bucket::default();
        assert_eq!((0..100).filter(|_| bucket.charge(14)).count(), 35);
        assert!(!bucket.charge(14) && bucket.charge(5) && bucket.charge(5) && !bucket.charge(1));
        assert!(bucket.charge(0));
        bucket.fill(u32::MAX);
        assert!(bucket.charge(SIZE));
    }

    #[test]
    fn it_is_low_once_more_than_three_quarters_are_used() {
        let mut bucket = Bucket::default();
        assert!(!bucket.is_low() && bucket.charge(375) && !bucket.is_low());
        assert!(bucket.charge(1) && bucket.is_low());
        bucket.fill(1);
        assert!(!bucket.is_low());
    }
}
