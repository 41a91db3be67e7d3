//! One limit as the server announces it, answer by answer: so many left until then.

use super::hints::Reading;
use crate::time::{Millis, Tick};

/// Resets that differ by no more than this are the same: servers round to whole seconds, up or down.
const SAME: Millis = Millis(2000);
/// How long a limit that is used up is believed where nothing says when it starts anew; then one request may look.
const LOOK_AGAIN: Millis = Millis(1000);
/// The rest is spread over the window once it is at most one in so many.
const LOW: u64 = 10;

/// What is known of one announced limit.
#[derive(Clone, Debug)]
pub(super) struct Announced {
    /// The size of the window, stated or the most that was ever left.
    size: u64,
    /// Requests that may still leave before `until`.
    left: u64,
    /// When the window starts anew.
    until: Tick,
    /// Whether `until` is a guess: the window has started anew, and no answer has spoken of it yet.
    guessed: bool,
    /// How long a window is, as far as is known.
    span: Millis,
    /// Whether nothing ever said when the window starts anew.
    blind: bool,
    /// Whether it is requests that are counted, and not something else a request uses up in unknown numbers.
    counts: bool,
    /// When the last request left.
    last: Tick,
}

impl Announced {
    /// What a first answer announces; `None` if it doesn't say what is left. `in_flight` requests are on the wire,
    /// which the server may not have counted yet.
    pub(super) fn first(reading: &Reading, in_flight: u64, now: Tick) -> Option<Announced> {
        let (left, wait) = (reading.remaining?, wait(reading));
        Some(Announced {
            size: reading.limit.unwrap_or(left),
            left: if reading.counts { left.saturating_sub(in_flight) } else { left },
            until: now.after(wait),
            guessed: false,
            span: wait.max(LOOK_AGAIN),
            blind: reading.reset.is_none() && reading.window.is_none(),
            counts: reading.counts,
            last: now,
        })
    }

    /// What a later answer announces. Inside one window what is left only falls: answers overtake each other, and
    /// servers count on several machines.
    pub(super) fn again(&mut self, reading: &Reading, in_flight: u64, now: Tick) {
        let Some(fresh) = Announced::first(reading, in_flight, now) else { return };
        let next = self.guessed || now >= self.until || fresh.until > self.until.after(SAME);
        let (size, span, last) = (fresh.size.max(self.size), fresh.span.max(self.span), self.last);
        let same_window = Announced {
            left: fresh.left.min(self.left),
            // Nothing may leave before a time that was once given for an empty window.
            until: if self.left == 0 { fresh.until.max(self.until) } else { fresh.until },
            ..fresh
        };
        *self = Announced { span, last, ..if next { fresh } else { same_window } };
        self.size = reading.limit.unwrap_or(size);
    }

    /// When a request may leave if so many others leave first. May lie in the past.
    pub(super) fn earliest(&self, ahead: u64, in_flight: u64, now: Tick) -> Tick {
        if now >= self.until {
            let renewed = self.renewed(in_flight, now);
            return if renewed.left > ahead || !self.counts { now } else { renewed.until };
        }
        if !self.counts {
            return if self.left == 0 { self.until } else { now };
        }
        if self.left <= ahead {
            return self.until;
        }
        if self.left > self.size / LOW {
            return now;
        }
        let share = u128::from(self.until.since(self.last).0) * u128::from(ahead.saturating_add(1))
            / u128::from(self.left.saturating_add(1));
        self.last.after(Millis(u64::try_from(share).unwrap_or(u64::MAX))).min(self.until)
    }

    /// A request leaves.
    pub(super) fn take(&mut self, in_flight: u64, now: Tick) {
        if now >= self.until {
            *self = self.renewed(in_flight, now);
        }
        if self.counts {
            self.left = self.left.saturating_sub(1);
        }
        self.last = now;
    }

    /// The next window, of which nothing is known but that it is like the last one. Requests on the wire may be
    /// counted in it.
    fn renewed(&self, in_flight: u64, now: Tick) -> Announced {
        let left = if self.blind { 1 } else { self.size.saturating_sub(in_flight).max(1) };
        Announced { left, until: now.after(self.span), guessed: true, ..self.clone() }
    }
}

/// How long the window goes on.
fn wait(reading: &Reading) -> Millis {
    reading.reset.or(reading.window).unwrap_or(LOOK_AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(remaining: u64, reset: Option<u64>) -> Reading {
        Reading {
            remaining: Some(remaining),
            limit: Some(100),
            reset: reset.map(Millis),
            ..Reading::new("x")
        }
    }

    #[test]
    fn an_empty_window_stops_everything_until_it_starts_anew() {
        let mut limit = Announced::first(&reading(0, Some(5000)), 0, Tick(1000)).unwrap();
        assert_eq!(limit.earliest(0, 0, Tick(1000)), Tick(6000));
        // An answer that was on the way says there is one left, sooner: it is not believed.
        limit.again(&reading(1, Some(3500)), 0, Tick(1500));
        assert_eq!(limit.earliest(0, 0, Tick(1500)), Tick(6000));
        assert_eq!(limit.earliest(0, 0, Tick(6000)), Tick(6000));
        limit.take(0, Tick(6000));
        assert_eq!(limit.left, 99);
    }

    #[test]
    fn what_is_left_only_falls_inside_a_window_less_what_is_in_flight() {
        let mut limit = Announced::first(&reading(50, Some(10_000)), 3, Tick(0)).unwrap();
        assert_eq!(limit.left, 47);
        limit.take(3, Tick(1));
        limit.again(&reading(60, Some(9000)), 0, Tick(1000));
        assert_eq!(limit.left, 46);
        limit.again(&reading(40, Some(8000)), 0, Tick(2000));
        assert_eq!(limit.left, 40);
        limit.again(&reading(99, Some(20_000)), 1, Tick(3000));
        assert_eq!((limit.left, limit.until), (98, Tick(23_000)));
    }

    #[test]
    fn the_last_tenth_is_spread_over_the_rest_of_the_window() {
        let mut limit = Announced::first(&reading(10, Some(11_000)), 0, Tick(0)).unwrap();
        let mut sent = Vec::new();
        let mut now = Tick(0);
        for _ in 0..10 {
            now = limit.earliest(0, 0, now).max(now);
            limit.take(0, now);
            sent.push(now.0);
        }
        assert_eq!(sent, [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]);
        assert_eq!(limit.earliest(0, 0, now), Tick(11_000));
        assert_eq!(
            Announced::first(&reading(11, Some(11_000)), 0, Tick(0)).unwrap().earliest(0, 0, Tick(0)),
            Tick(0)
        );
    }

    #[test]
    fn a_limit_that_never_says_when_lets_one_request_look() {
        let mut limit = Announced::first(&reading(0, None), 0, Tick(0)).unwrap();
        assert_eq!(limit.earliest(0, 0, Tick(500)), Tick(1000));
        assert_eq!(limit.earliest(0, 0, Tick(1000)), Tick(1000));
        assert_eq!(limit.earliest(1, 0, Tick(1000)), Tick(2000));
        limit.take(0, Tick(1000));
        assert_eq!(limit.earliest(0, 1, Tick(1001)), Tick(2000));
        limit.again(&reading(20, None), 0, Tick(1100));
        assert_eq!(limit.earliest(0, 0, Tick(1100)), Tick(1100));
    }

    #[test]
    fn what_is_not_counted_in_requests_only_stops_at_zero() {
        let tokens = |n| Reading { counts: false, ..reading(n, Some(5000)) };
        let mut limit = Announced::first(&tokens(1), 9, Tick(0)).unwrap();
        assert_eq!(limit.earliest(7, 0, Tick(0)), Tick(0));
        limit.take(0, Tick(0));
        assert_eq!(limit.left, 1);
        limit.again(&tokens(0), 0, Tick(100));
        assert_eq!(limit.earliest(0, 0, Tick(100)), Tick(5100));
    }
}
