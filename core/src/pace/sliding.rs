//! An exact count over a sliding window, in memory that doesn't grow with the limit.

use super::gcra::{STRETCH, WHOLE};
use crate::time::{Millis, Tick};
use std::collections::VecDeque;

/// Slots in a declared window.
const SLOTS: u128 = 2 * WHOLE;
/// Slots a request is counted for: two 128ths longer than the window, so that requests one of which left at the
/// end of its slot are still apart by more than the window.
const COUNTED: u128 = 2 * STRETCH;

/// Never more than `limit` requests in any span of the window's length.
#[derive(Clone, Debug)]
pub(super) struct Sliding {
    per: u128,
    limit: u64,
    /// Slots in which requests left, oldest first, with their number.
    slots: VecDeque<(u128, u64)>,
}

impl Sliding {
    /// So many in a window.
    pub(super) fn new(limit: u64, per: Millis) -> Sliding {
        Sliding { per: u128::from(per.0.max(1)), limit: limit.max(1), slots: VecDeque::new() }
    }

    /// When a request may leave if so many others leave first. May lie in the past.
    pub(super) fn earliest(&self, ahead: u64, now: Tick) -> Tick {
        let current = self.slot(now);
        let counted = || self.slots.iter().filter(|(slot, _)| slot + COUNTED > current);
        let used = counted().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        // Those ahead beyond what one window holds take whole windows of their own.
        let (windows, needed) = (ahead / self.limit, ahead % self.limit + 1);
        let mut over = needed.saturating_add(used).saturating_sub(self.limit);
        let mut at = Tick(0);
        for (slot, count) in counted() {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(*count);
            at = self.start(slot + COUNTED);
        }
        let more = u128::from(windows) * self.per * STRETCH / WHOLE;
        if windows > 0 { at.max(now).after(Millis(u64::try_from(more).unwrap_or(u64::MAX))) } else { at }
    }

    /// A request leaves.
    pub(super) fn take(&mut self, now: Tick) {
        let current = self.slot(now);
        while self.slots.front().is_some_and(|(slot, _)| slot + COUNTED <= current) {
            self.slots.pop_front();
        }
        match self.slots.back_mut() {
            // A clock that runs backwards counts into the newest slot.
            Some((slot, count)) if *slot >= current => *count = count.saturating_add(1),
            Some(_) | None => self.slots.push_back((current, 1)),
        }
    }

    fn slot(&self, now: Tick) -> u128 {
        u128::from(now.0) * SLOTS / self.per
    }

    /// The first millisecond of a slot.
    fn start(&self, slot: u128) -> Tick {
        Tick(u64::try_from((slot * self.per).div_ceil(SLOTS)).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_may_be_used_at_once_and_comes_back_after_the_window() {
        let mut count = Sliding::new(3, Millis::secs(1));
        for _ in 0..3 {
            assert!(count.earliest(0, Tick(100)) <= Tick(100));
            count.take(Tick(100));
        }
        let next = count.earliest(0, Tick(100));
        assert!(next > Tick(1100) && next <= Tick(1116), "{next:?}");
        assert!(count.earliest(2, Tick(100)) <= Tick(1116));
        assert!(count.earliest(3, Tick(100)) > Tick(2100));
    }

    #[test]
    fn memory_does_not_grow_with_the_limit() {
        let mut count = Sliding::new(1_000_000, Millis::secs(86_400));
        for n in 0..1_000_000 {
            count.take(Tick(n * 100));
        }
        assert!(count.slots.len() <= 131);
    }

    #[test]
    fn nothing_overflows() {
        for per in [0, 1, u64::MAX] {
            let mut count = Sliding::new(u64::MAX, Millis(per));
            for now in [0, u64::MAX, 7] {
                count.take(Tick(now));
                let _ = count.earliest(u64::MAX, Tick(now));
            }
        }
    }
}
