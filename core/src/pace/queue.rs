//! First come, first served, without waiting for those that don't come.

use crate::time::{Millis, Tick};
use std::collections::VecDeque;

/// Who sits where.
pub(super) type SeatId = u64;

/// How much later than told a walk may come and still be served first. Timers are late by a few milliseconds; a walk
/// that is later than this has a slow consumer or was forgotten by its host, and others don't wait for it.
pub(super) const GRACE: Millis = Millis(10);

/// The walks that were refused, in the order in which they first asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue(VecDeque<Waiting>);

#[derive(Clone, Debug)]
struct Waiting {
    seat: SeatId,
    /// When it was told to come back; `None` while it waits for a slot to be returned.
    told: Option<Tick>,
}

impl Queue {
    /// Those who stand before this one, or before a newcomer, and are still expected: when each is told to come, soonest
    /// first. Who waits for a slot may come at any time.
    pub(super) fn before(&self, seat: SeatId, now: Tick) -> Vec<Tick> {
        let before = self.0.iter().take_while(|w| w.seat != seat);
        let mut told: Vec<Tick> =
            before.map(|w| w.told.unwrap_or(now)).filter(|told| now < told.after(GRACE)).collect();
        told.sort_unstable();
        told
    }

    /// A slot is free: those that wait for one are expected from now on.
    pub(super) fn call(&mut self, now: Tick) {
        for waiting in &mut self.0 {
            waiting.told.get_or_insert(now);
        }
    }

    /// This one has to wait, until then or for a slot. It keeps the place it has.
    pub(super) fn wait(&mut self, seat: SeatId, until: Option<Tick>) {
        match self.0.iter_mut().find(|w| w.seat == seat) {
            Some(waiting) => waiting.told = until,
            None => self.0.push_back(Waiting { seat, told: until }),
        }
    }

    /// This one was served, or left.
    pub(super) fn leave(&mut self, seat: SeatId) {
        self.0.retain(|w| w.seat != seat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept_and_the_absent_are_passed_by() {
        let mut queue = Queue::default();
        queue.wait(1, Some(Tick(100)));
        queue.wait(2, Some(Tick(90)));
        queue.wait(1, Some(Tick(150)));
        assert_eq!(queue.before(1, Tick(95)), []);
        assert_eq!(queue.before(2, Tick(159)), [Tick(150)]);
        assert_eq!(queue.before(2, Tick(160)), []);
        assert_eq!(queue.before(3, Tick(95)), [Tick(90), Tick(150)]);
        queue.leave(1);
        assert_eq!(queue.before(3, Tick(95)), [Tick(90)]);
    }

    #[test]
    fn who_waits_for_a_slot_is_expected_until_one_has_been_free_for_a_while() {
        let mut queue = Queue::default();
        queue.wait(1, None);
        assert_eq!(queue.before(2, Tick(5000)), [Tick(5000)]);
        queue.call(Tick(5000));
        queue.call(Tick(5005));
        assert_eq!(queue.before(2, Tick(5009)), [Tick(5000)]);
        assert_eq!(queue.before(2, Tick(5010)), []);
    }
}
