//! Whether a page is tried again, and when.

mod backoff;
mod charge;

pub use charge::Charge;

use crate::rng::Rng;
use crate::time::{Millis, Tick};
use backoff::{jittered, stretched};

/// Unstated throttling is retried no faster than this: the server has just said that it is too fast.
const THROTTLED_BASE: Millis = Millis(1000);

/// How much trying a page is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Tries per page.
    pub attempts: u32,
    /// First step of the backoff.
    pub base: Millis,
    /// Longest step of the backoff.
    pub cap: Millis,
    /// Time per page, obeyed waits not counted.
    pub page_time: Millis,
    /// The longest stated wait that is obeyed by waiting.
    pub max_wait: Millis,
}

/// The tries at one page so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tries {
    /// Tries that failed. [`decide`] counts.
    pub attempts: u32,
    /// When the first one was sent.
    pub first: Tick,
    /// Time spent waiting as the server or the budget told, which is no page time. [`decide`] adds the waits it
    /// orders; waits for a grant between tries are the walk's to add.
    pub waited: Millis,
}

impl Tries {
    /// None yet; the first is sent now.
    pub const fn new(first: Tick) -> Tries {
        Tries { attempts: 0, first, waited: Millis::ZERO }
    }
}

/// What to do after a try that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Decision {
    /// Try again.
    Again {
        /// Not before.
        at: Tick,
        /// Why then.
        why: Why,
        /// What the retry budget has to pay for it first.
        charge: Charge,
    },
    /// End the walk.
    GiveUp(Reason),
}

/// Why a try has to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Nobody said how long: chance says.
    Backoff,
    /// The server said how long.
    RetryAfter,
}

/// Which limit ends the tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The tries per page.
    Attempts,
    /// The walk's deadline lies before the next try.
    Deadline,
    /// The time per page.
    PageTime,
    /// The server wants a longer wait than is allowed, or one past the walk's deadline.
    WaitTooLong {
        /// When the server would answer again.
        retry_at: Tick,
    },
}

/// Decides after a failed try, which it counts.
///
/// `class_limit` is the most tries for this kind of trouble, where it is fewer than the policy's. `stated` is the
/// wait the server asked for, counted from now: a floor, to which chance only adds; one of zero says nothing.
/// `throttled` tells a limit from other trouble. Nothing is ever tried earlier than told, and no wait is begun that ends
/// after the deadline.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one fact of its own, and a policy has no state to keep them in"
)]
pub fn decide(
    policy: &Policy,
    tries: &mut Tries,
    class_limit: Option<u32>,
    stated: Option<Millis>,
    throttled: bool,
    deadline: Option<Tick>,
    rng: &mut Rng,
    now: Tick,
) -> Decision {
    tries.attempts = tries.attempts.saturating_add(1);
    let stated = stated.filter(|wait| *wait > Millis::ZERO);
    let too_late = |at: Tick| deadline.is_some_and(|deadline| at > deadline);
    if let Some(wait) = stated {
        let retry_at = now.after(wait);
        if wait > policy.max_wait || too_late(retry_at) {
            return Decision::GiveUp(Reason::WaitTooLong { retry_at });
        }
    }
    if tries.attempts >= class_limit.map_or(policy.attempts, |limit| limit.min(policy.attempts)) {
        return Decision::GiveUp(Reason::Attempts);
    }
    let page_time = |tries: &Tries| Millis(now.since(tries.first).0.saturating_sub(tries.waited.0));
    if let Some(wait) = stated {
        if page_time(tries) > policy.page_time {
            return Decision::GiveUp(Reason::PageTime);
        }
        // Chance adds a little, but not so much that the deadline passes for it.
        let at = now.after(stretched(wait, rng));
        let at = deadline.map_or(at, |deadline| at.min(deadline));
        tries.waited = tries.waited.plus(at.since(now));
        return Decision::Again { at, why: Why::RetryAfter, charge: Charge::Stated };
    }
    let base = if throttled { policy.base.max(THROTTLED_BASE) } else { policy.base };
    let wait = jittered(base, policy.cap, tries.attempts - 1, rng);
    if page_time(tries).plus(wait) > policy.page_time {
        return Decision::GiveUp(Reason::PageTime);
    }
    let at = now.after(wait);
    if too_late(at) {
        return Decision::GiveUp(Reason::Deadline);
    }
    Decision::Again {
        at,
        why: Why::Backoff,
        charge: if throttled { Charge::Throttled } else { Charge::Transient },
    }
}

#[cfg(test)]
mod tests;
