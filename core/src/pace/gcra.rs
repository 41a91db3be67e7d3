//! The generic cell rate algorithm: one number, the time at which the next request is due.

use crate::time::{Millis, Tick};

/// Windows are taken as this much longer than declared, in 64ths: requests that the network delays unevenly may
/// reach the server closer together than they left. Costs 1.5 % of the rate.
pub(super) const STRETCH: u128 = 65;
/// What the stretch is measured in.
pub(super) const WHOLE: u128 = 64;
/// More requests in a window than this are taken as this many; keeps the arithmetic inside 128 bits.
const MOST: u64 = 1 << 40;

/// Spreads requests evenly: one each interval, after as many at once as the burst allows.
///
/// Time is counted in units of 1 ms / (64 · requests), in which an interval is a whole number whatever the rate, so
/// that 7 requests a second are exactly that.
///
/// A request that comes late by up to a 128th of the window (half the stretch) doesn't push the next ones back.
/// Still, with burst 1, a request leaves no earlier than `per` after the one `requests` before it: each is due
/// `per · 65/64` after that one left and may come `per / 128` before it is due.
#[derive(Clone, Debug)]
pub(super) struct Gcra {
    /// Units in a millisecond.
    unit: u128,
    /// Units between two requests.
    interval: u128,
    /// How much earlier than due a request may be.
    tolerance: u128,
    /// When the next request is due, in units.
    due: u128,
}

impl Gcra {
    /// So many requests in a window, so many at once.
    pub(super) fn new(requests: u64, per: Millis, burst: u64) -> Gcra {
        let (requests, burst) = (u128::from(requests.clamp(1, MOST)), u128::from(burst.clamp(1, MOST)));
        let per = u128::from(per.0);
        let interval = per * STRETCH;
        let tolerance = (burst - 1) * interval + per * requests / 2;
        Gcra { unit: WHOLE * requests, interval, tolerance, due: 0 }
    }

    /// When a request may leave if so many others leave first. May lie in the past.
    pub(super) fn earliest(&self, ahead: u64, now: Tick) -> Tick {
        let due = match ahead {
            0 => self.due,
            _ => self.due.max(self.at(now)) + u128::from(ahead.min(MOST)) * self.interval,
        };
        let at = due.saturating_sub(self.tolerance) / self.unit;
        Tick(u64::try_from(at).unwrap_or(u64::MAX))
    }

    /// A request leaves.
    pub(super) fn take(&mut self, now: Tick) {
        let now = self.at(now);
        // The second bound only matters while others don't keep to this limit: a debt never grows beyond what a
        // request could leave that comes in the millisecond in which it may.
        let most = now + self.tolerance + self.interval + self.unit;
        self.due = (self.due.max(now) + self.interval).min(most);
    }

    fn at(&self, now: Tick) -> u128 {
        u128::from(now.0) * self.unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends as fast as it is let, each time `late` milliseconds after it could.
    fn schedule(gcra: &mut Gcra, count: usize, late: impl Fn(usize) -> u64) -> Vec<u64> {
        let mut now = Tick(1000);
        (0..count)
            .map(|n| {
                now = gcra.earliest(0, now).max(now).after(Millis(late(n)));
                gcra.take(now);
                now.0
            })
            .collect()
    }

    #[test]
    fn odd_rates_are_exact_over_a_long_time() {
        for requests in [1, 3, 7, 11, 600, 999, 1000, 3000] {
            let mut gcra = Gcra::new(requests, Millis::secs(1), 1);
            let sent = schedule(&mut gcra, 50_001, |_| 0);
            let (took, ideal) = (sent[50_000] - sent[0], 50_000 * 1000 / requests);
            assert!(took >= ideal, "{requests}: {took}");
            assert!(took * 98 <= ideal * 100, "{requests}: {took} against {ideal}");
        }
    }

    #[test]
    fn a_late_timer_costs_nothing() {
        for requests in [1, 10, 100, 500] {
            let mut gcra = Gcra::new(requests, Millis::secs(1), 1);
            let sent = schedule(&mut gcra, 5001, |n| (n % 3) as u64);
            assert!((sent[5000] - sent[0]) * 98 <= 5_000_000 / requests * 100, "{requests}");
        }
    }

    #[test]
    fn a_window_holds_no_more_than_declared_however_late_requests_are() {
        for requests in [1_usize, 2, 7, 50] {
            let mut gcra = Gcra::new(requests as u64, Millis::secs(1), 1);
            let sent = schedule(&mut gcra, 2000, |n| (n as u64 * 7919) % 31);
            assert!(sent.windows(requests + 1).all(|w| w[requests] - w[0] >= 1000), "{requests}");
        }
    }

    #[test]
    fn a_burst_may_leave_at_once_and_the_bucket_refills() {
        let mut gcra = Gcra::new(2, Millis::secs(1), 40);
        let sent = schedule(&mut gcra, 60, |_| 0);
        assert_eq!(sent.iter().filter(|&&at| at == 1000).count(), 40);
        assert!((1480..=1520).contains(&sent[40]), "{}", sent[40]);
        assert!(sent[59] - sent[40] >= 19 * 500);
    }

    #[test]
    fn those_ahead_are_counted() {
        let mut gcra = Gcra::new(1, Millis::secs(64), 1);
        gcra.take(Tick(0));
        assert_eq!(gcra.earliest(0, Tick(5)), Tick(64_500));
        assert_eq!(gcra.earliest(2, Tick(5)), Tick(64_500 + 130_000));
    }

    #[test]
    fn nothing_overflows() {
        let mut gcra = Gcra::new(u64::MAX, Millis(u64::MAX), u64::MAX);
        for now in [0, u64::MAX, 5] {
            gcra.take(Tick(now));
            let _ = gcra.earliest(u64::MAX, Tick(now));
        }
    }

    #[test]
    fn a_debt_that_others_made_stays_below_what_one_request_could_leave() {
        let mut gcra = Gcra::new(10, Millis(1000), 5);
        (0..1000).for_each(|_| gcra.take(Tick(70)));
        assert_eq!(gcra.due, gcra.at(Tick(70)) + gcra.tolerance + gcra.interval + gcra.unit);
    }
}
