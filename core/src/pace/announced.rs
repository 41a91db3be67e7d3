//! One limit as the server announces it, answer by answer: so many left until then.

use super::hints::Reading;
use crate::time::{Millis, Tick};

/// Resets that differ by no more than this are the same: servers round to whole seconds, up or down.
const SAME: Millis = Millis(2000);
/// How long a limit that is used up is believed where nothing says when it starts anew; then one request may look.
const LOOK_AGAIN: Millis = Millis(1000);
/// The rest is spread over the window once it is at most one in so many.
const LOW: u64 = 10;

/// What is known of one announced limit. Requests on the wire (`out`) may be counted by the server or not yet, so that
/// as many of what is left are spoken for.
#[derive(Clone, Debug)]
pub(super) struct Announced {
    /// The size of the window, stated or the most that was ever left.
    size: u64,
    /// What is left of it by the lowest word of the server, less what was answered without a word.
    left: u64,
    /// Whether the last exchange that ended was taken off `left`, in case its answer says nothing.
    taken: bool,
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
    /// What a first answer announces; `None` if it doesn't say what is left.
    pub(super) fn first(reading: &Reading, now: Tick) -> Option<Announced> {
        let wait = reading.reset.or(reading.window).unwrap_or(LOOK_AGAIN);
        let left = reading.remaining?;
        Some(Announced {
            size: reading.limit.unwrap_or(left),
            left,
            taken: false,
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
    pub(super) fn again(&mut self, reading: &Reading, now: Tick) {
        let Some(fresh) = Announced::first(reading, now) else { return };
        let next = self.guessed || now >= self.until || fresh.until > self.until.after(SAME);
        let (size, span, last) = (fresh.size.max(self.size), fresh.span.max(self.span), self.last);
        // What this exchange has cost is in what its answer says.
        let left = self.left.saturating_add(u64::from(self.taken));
        // Nothing may leave before a time that was once given for an empty window.
        let until = if left == 0 { fresh.until.max(self.until) } else { fresh.until };
        let known = if next { fresh } else { Announced { left: fresh.left.min(left), until, ..fresh } };
        *self = Announced { span, last, size: reading.limit.unwrap_or(size), ..known };
    }

    /// When a request may leave if so many others leave first. May lie in the past.
    pub(super) fn earliest(&self, ahead: u64, out: u64, now: Tick) -> Tick {
        if now >= self.until {
            let next = self.renewed(now);
            return if next.left > ahead || !self.counts { now } else { next.until };
        }
        if self.left == 0 || self.counts && self.left <= ahead {
            return self.until;
        }
        let free = self.left.saturating_sub(out);
        // With all that is left on the wire already, it is the room that has to be waited for.
        if !self.counts || free == 0 || free > self.size / LOW {
            return now;
        }
        let share = u128::from(self.until.since(self.last).0) * u128::from(ahead.saturating_add(1))
            / u128::from(free.saturating_add(1));
        self.last.after(Millis(u64::try_from(share).unwrap_or(u64::MAX))).min(self.until)
    }

    /// How many more requests may be on the wire; `None` for any number. Where none may, one is, whose answer
    /// will tell more.
    pub(super) fn room(&self, out: u64, now: Tick) -> Option<u64> {
        let left = if now >= self.until { self.renewed(now).left } else { self.left };
        self.counts.then(|| left.saturating_sub(out))
    }

    /// A request leaves.
    pub(super) fn take(&mut self, now: Tick) {
        if now >= self.until {
            *self = self.renewed(now);
        }
        self.last = now;
    }

    /// An exchange is over: the server has counted it, whether it says so or not.
    pub(super) fn finished(&mut self) {
        self.taken = self.counts && self.left > 0;
        self.left -= u64::from(self.taken);
    }

    /// The next window, of which nothing is known but that it is like the last one.
    fn renewed(&self, now: Tick) -> Announced {
        let left = if self.blind { 1 } else { self.size.max(1) };
        Announced { left, until: now.after(self.span), guessed: true, ..self.clone() }
    }
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

    fn first(remaining: u64, reset: Option<u64>) -> Announced {
        Announced::first(&reading(remaining, reset), Tick(0)).unwrap()
    }

    /// One exchange is over, and its answer says this.
    fn answer(limit: &mut Announced, remaining: u64, reset: Option<u64>, now: u64) {
        limit.finished();
        limit.again(&reading(remaining, reset), Tick(now));
    }

    #[test]
    fn an_empty_window_stops_everything_until_it_starts_anew() {
        let mut limit = first(0, Some(6000));
        assert_eq!(limit.earliest(0, 0, Tick(1000)), Tick(6000));
        // An answer that was on the way says there is one left, sooner: it is not believed.
        answer(&mut limit, 1, Some(3500), 1500);
        assert_eq!(limit.earliest(0, 0, Tick(1500)), Tick(6000));
        assert_eq!(limit.earliest(0, 0, Tick(6000)), Tick(6000));
        limit.take(Tick(6000));
        assert_eq!((limit.left, limit.room(1, Tick(6000))), (100, Some(99)));
    }

    #[test]
    fn what_is_left_only_falls_inside_a_window() {
        let mut limit = first(50, Some(10_000));
        answer(&mut limit, 60, Some(9000), 1000);
        assert_eq!(limit.left, 50);
        answer(&mut limit, 40, Some(8000), 2000);
        assert_eq!(limit.left, 40);
        limit.finished();
        assert_eq!(limit.left, 39);
        answer(&mut limit, 99, Some(20_000), 3000);
        assert_eq!((limit.left, limit.until), (99, Tick(23_000)));
    }

    #[test]
    fn what_is_on_the_wire_is_spoken_for_until_it_is_answered() {
        // The server has counted all six, but we can't know.
        let mut limit = first(4, Some(10_000));
        assert_eq!(
            (limit.earliest(0, 5, Tick(0)), limit.room(5, Tick(0))),
            (limit.earliest(0, 4, Tick(0)), Some(0))
        );
        for (n, left) in [9, 8, 7, 6, 5].into_iter().enumerate() {
            answer(&mut limit, left, Some(10_000), 0);
            assert_eq!(limit.room(4 - n as u64, Tick(0)), Some(n as u64));
        }
        assert_eq!(limit.left, 4);
    }

    #[test]
    fn the_last_tenth_is_spread_over_the_rest_of_the_window() {
        let mut limit = first(10, Some(11_000));
        let (mut sent, mut now) = (Vec::new(), Tick(0));
        for _ in 0..10 {
            now = limit.earliest(0, 0, now).max(now);
            limit.take(now);
            limit.finished();
            sent.push(now.0);
        }
        assert_eq!(sent, [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]);
        assert_eq!(limit.earliest(0, 0, now), Tick(11_000));
        assert_eq!(first(11, Some(11_000)).earliest(0, 0, Tick(0)), Tick(0));
    }

    #[test]
    fn a_window_that_no_answer_speaks_of_is_taken_to_be_like_the_last_one() {
        let mut limit = first(0, Some(30_000));
        for n in 0..100 {
            assert!(limit.earliest(0, 0, Tick(30_000 + n)) < Tick(60_000));
            limit.take(Tick(30_000 + n));
            limit.finished();
        }
        assert_eq!(limit.earliest(0, 0, Tick(31_000)), Tick(60_000));
    }

    #[test]
    fn a_limit_that_never_says_when_lets_one_request_look() {
        let mut limit = first(0, None);
        assert_eq!(limit.earliest(0, 0, Tick(500)), Tick(1000));
        assert_eq!(limit.earliest(0, 0, Tick(1000)), Tick(1000));
        assert_eq!(limit.earliest(1, 0, Tick(1000)), Tick(2000));
        limit.take(Tick(1000));
        assert_eq!(limit.room(1, Tick(1001)), Some(0));
        answer(&mut limit, 20, None, 1100);
        assert_eq!(limit.earliest(0, 0, Tick(1100)), Tick(1100));
    }

    #[test]
    fn what_is_not_counted_in_requests_only_stops_at_zero() {
        let tokens = |n| Reading { counts: false, ..reading(n, Some(5000)) };
        let mut limit = Announced::first(&tokens(1), Tick(0)).unwrap();
        assert_eq!((limit.earliest(7, 9, Tick(0)), limit.room(9, Tick(0))), (Tick(0), None));
        limit.take(Tick(0));
        limit.finished();
        assert_eq!(limit.left, 1);
        limit.again(&tokens(0), Tick(100));
        assert_eq!(limit.earliest(0, 0, Tick(100)), Tick(5100));
    }

    #[test]
    fn what_one_answer_leaves_out_is_known_from_those_before() {
        let mut limit = first(50, Some(10_000_000));
        let shorter = Reading { limit: None, ..reading(40, Some(5_000_000)) };
        limit.again(&shorter, Tick(2000));
        assert_eq!((limit.last, limit.span, limit.size), (Tick(0), Millis(10_000_000), 100));
        limit.again(&Reading { limit: Some(30), ..shorter }, Tick(2000));
        assert_eq!((limit.size, limit.left), (30, 40));
    }

    #[test]
    fn a_reset_that_moves_a_little_is_the_same_window() {
        let after = |reset: u64| {
            let mut limit = first(50, Some(10_000));
            limit.again(&reading(60, Some(reset)), Tick(0));
            limit.left
        };
        assert_eq!((after(10_000 + SAME.0), after(10_001 + SAME.0)), (50, 60));
    }

    #[test]
    fn the_last_of_a_window_is_spread_over_the_time_it_has() {
        let limit = first(4, Some(10_000));
        let at = |ahead| limit.earliest(ahead, 0, Tick(0));
        assert_eq!([at(0), at(1), at(2), at(3)], [2000, 4000, 6000, 8000].map(Tick));
        assert_eq!(at(4), Tick(10_000));
    }
}
