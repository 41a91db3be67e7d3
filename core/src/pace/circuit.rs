//! When an origin answers nobody, or so badly that retries use up what the walks share, one walk tries for all.

use super::queue::SeatId;
use crate::time::{Millis, Tick};

/// Failures in a row, over at least two walks, that open the circuit.
const FAILURES: u32 = 10;
/// The pause before the first try; it doubles with every try that fails.
const FIRST_PAUSE: Millis = Millis(500);
/// The longest pause.
const LONGEST_PAUSE: Millis = Millis(60_000);

/// Whether the origin answers.
#[derive(Clone, Debug)]
pub(super) enum Circuit {
    /// It does, as far as is known.
    Closed {
        /// Failures in a row.
        failures: u32,
        /// The walk that saw the first of them.
        first: Option<SeatId>,
        /// Whether another one saw one, too.
        several: bool,
    },
    /// It doesn't: one try at a time.
    Open {
        /// The next try may leave then.
        at: Tick,
        /// Tries that failed.
        tries: u32,
        /// The walk that is trying.
        trying: Option<SeatId>,
    },
    /// It does again: as many requests at once as this, one more with every answer.
    Recovering(u32),
}

impl Default for Circuit {
    fn default() -> Circuit {
        Circuit::CLOSED
    }
}

impl Circuit {
    const CLOSED: Circuit = Circuit::Closed { failures: 0, first: None, several: false };

    /// Whether one walk tries for all.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Circuit::Open { .. })
    }

    /// Before when nothing may leave.
    pub(super) fn not_before(&self) -> Option<Tick> {
        match self {
            Circuit::Open { at, .. } => Some(*at),
            Circuit::Closed { .. } | Circuit::Recovering(_) => None,
        }
    }

    /// How many more requests may leave now; `None` for any number.
    pub(super) fn room(&self, in_flight: u64) -> Option<u64> {
        match self {
            Circuit::Closed { .. } => None,
            Circuit::Open { trying, .. } => Some(u64::from(trying.is_none())),
            Circuit::Recovering(at_once) => Some(u64::from(*at_once).saturating_sub(in_flight)),
        }
    }

    /// A request leaves.
    pub(super) fn take(&mut self, seat: SeatId) {
        if let Circuit::Open { trying, .. } = self {
            *trying = Some(seat);
        }
    }

    /// This walk's exchange is over, or the walk is gone: another one may try.
    pub(super) fn release(&mut self, seat: SeatId) {
        if let Circuit::Open { trying, .. } = self
            && *trying == Some(seat)
        {
            *trying = None;
        }
    }

    /// A transient failure. `low`: the retries of several walks have used most of what they share.
    pub(super) fn failed(&mut self, seat: SeatId, low: bool, now: Tick) {
        match self {
            Circuit::Closed { failures, first, several } => {
                *several |= *first.get_or_insert(seat) != seat;
                *failures = failures.saturating_add(1);
                if low || *several && *failures >= FAILURES {
                    *self = Circuit::open(0, now);
                }
            }
            // Failures of requests that left before the circuit opened say nothing new.
            Circuit::Open { at, tries, .. } if *at <= now => {
                *self = Circuit::open(tries.saturating_add(1), now);
            }
            Circuit::Open { .. } => {}
            Circuit::Recovering(_) => *self = Circuit::open(0, now),
        }
    }

    /// An answer that is no transient failure. `walks` share the origin.
    pub(super) fn succeeded(&mut self, walks: u32) {
        let at_once = match self {
            Circuit::Closed { .. } => u32::MAX,
            Circuit::Open { .. } => 2,
            Circuit::Recovering(at_once) => at_once.saturating_add(1),
        };
        // All that waited come at once otherwise, and fell what just got up.
        *self = if at_once < walks { Circuit::Recovering(at_once) } else { Circuit::CLOSED };
    }

    fn open(tries: u32, now: Tick) -> Circuit {
        let pause = FIRST_PAUSE.0.saturating_mul(1 << tries.min(20)).min(LONGEST_PAUSE.0);
        Circuit::Open { at: now.after(Millis(pause)), tries, trying: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Circuit {
        let mut circuit = Circuit::default();
        (0..10).for_each(|n| circuit.failed(n % 2, false, Tick(1000)));
        circuit
    }

    #[test]
    fn ten_failures_over_two_walks_open_it_and_one_walk_alone_never_does() {
        assert_eq!(opened().not_before(), Some(Tick(1500)));
        let mut circuit = Circuit::default();
        (0..1000).for_each(|_| circuit.failed(7, false, Tick(0)));
        assert_eq!(circuit.room(0), None);
        circuit.failed(8, false, Tick(0));
        assert_eq!(circuit.room(0), Some(1));
        let mut circuit = Circuit::default();
        for n in 0..1000 {
            circuit.failed(n, false, Tick(0));
            if n % 9 == 0 {
                circuit.succeeded(5);
            }
        }
        assert_eq!(circuit.room(0), None);
    }

    #[test]
    fn one_walk_tries_and_the_pause_doubles() {
        let mut circuit = opened();
        let mut pauses = Vec::new();
        for _ in 0..9 {
            let at = circuit.not_before().unwrap();
            assert_eq!(circuit.room(9), Some(1));
            circuit.take(3);
            assert_eq!(circuit.room(9), Some(0));
            circuit.release(4);
            assert_eq!(circuit.room(9), Some(0));
            circuit.release(3);
            circuit.failed(3, false, at);
            pauses.push(circuit.not_before().unwrap().since(at).0);
        }
        assert_eq!(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    }

    #[test]
    fn it_opens_at_the_first_failure_when_the_budget_runs_low() {
        let mut circuit = Circuit::default();
        circuit.failed(1, true, Tick(1000));
        assert!(circuit.is_open());
        assert_eq!(circuit.not_before(), Some(Tick(1500)));
    }

    #[test]
    fn failures_of_older_requests_do_not_put_the_try_off() {
        let mut circuit = opened();
        circuit.failed(5, false, Tick(1499));
        assert_eq!(circuit.not_before(), Some(Tick(1500)));
    }

    #[test]
    fn recovery_is_gradual_and_a_failure_ends_it() {
        let mut circuit = opened();
        circuit.succeeded(5);
        assert_eq!((circuit.not_before(), circuit.room(0), circuit.room(1)), (None, Some(2), Some(1)));
        circuit.succeeded(5);
        assert_eq!(circuit.room(0), Some(3));
        let mut again = circuit.clone();
        again.failed(1, false, Tick(9000));
        assert_eq!(again.not_before(), Some(Tick(9500)));
        circuit.succeeded(5);
        circuit.succeeded(5);
        assert_eq!(circuit.room(1000), None);
    }
}
