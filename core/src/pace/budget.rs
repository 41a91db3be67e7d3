//! The shared handle and each walk's seat at it.

use super::pool::Pool;
use super::queue::SeatId;
use super::{Ask, BudgetKey, Grant, Observed, ReadHint, Rules};
use crate::facts::Auth;
use crate::http::Headers;
use crate::time::{Now, Tick};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More keys than this, and those that no walk uses are forgotten.
const KEYS: usize = 256;

/// The pacing state of all origins and credentials a process talks to. A cheap handle: clones are the same budget.
///
/// Walks that use one budget keep to the limits together. Processes don't know each other: two of them on one
/// credential need half the rate each.
#[derive(Clone, Default)]
pub struct Budget(Arc<Mutex<BTreeMap<BudgetKey, Arc<Mutex<Pool>>>>>);

impl Budget {
    /// A budget of its own.
    pub fn new() -> Budget {
        Budget::default()
    }

    /// A seat for one walk. The rules of all walks on the key hold for each of them.
    pub fn join(&self, key: &BudgetKey, rules: &Rules) -> Member {
        let mut pools = lock(&self.0);
        if pools.len() >= KEYS && !pools.contains_key(key) {
            pools.retain(|_, pool| Arc::strong_count(pool) > 1);
        }
        let pool = Arc::clone(pools.entry(key.clone()).or_default());
        let seat = lock(&pool).join(rules);
        Member { pool, seat }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").finish_non_exhaustive()
    }
}

/// One walk's seat at a budget. Dropping it returns what it holds: slots, its place in the queue, errands.
pub struct Member {
    pool: Arc<Mutex<Pool>>,
    seat: SeatId,
}

impl Member {
    /// Asks to send one request now. A grant is taken from every limit, or from none; it is used by sending. Asking
    /// again keeps the place in the queue.
    ///
    /// A time in a refusal may lie further ahead than the walk is willing to wait: up to 31 days for an announced
    /// limit, anything for a stated wait. After [`Grant::Busy`] the host asks again whenever an answer to any walk of
    /// the budget has come in, or one was dropped.
    pub fn grant(&mut self, now: Now) -> Grant {
        self.pool().grant(self.seat, now.tick)
    }

    /// One exchange is over, whatever came of it: its slot is free. Call it before the answer is observed.
    pub fn answered(&mut self) {
        self.pool().answered(self.seat);
    }

    /// Takes in what an answer says about the rate, in its headers and in the hints the source declares. It holds for
    /// all walks of the budget whose answers speak of the same limits, and for those that had no answer yet.
    pub fn observe(&mut self, headers: &Headers, hints: &[ReadHint], now: Now) -> Observed {
        self.pool().observe(self.seat, headers, hints, now)
    }

    /// A stated wait (`Retry-After`): no walk of the budget sends before.
    pub fn hold_until(&mut self, until: Tick) {
        self.pool().hold_until(until);
    }

    /// Pays for one more try out of the retry budget: what was paid, or `None` if there isn't enough left. Nothing is
    /// paid while the circuit is open: then one walk at a time tries for all, however many wait, and those that wait
    /// must not be ended by how many they are.
    pub fn charge_retry(&mut self, cost: impl Into<u32>) -> Option<u32> {
        self.pool().charge(cost.into())
    }

    /// The try that was paid for succeeded: what it cost comes back.
    pub fn refund(&mut self, cost: impl Into<u32>) {
        self.pool().bucket.fill(cost.into());
    }

    /// A page came at the first try, which earns a little.
    pub fn page_ok(&mut self) {
        self.pool().bucket.fill(1);
    }

    /// A transient failure. After ten in a row over at least two walks, or when the retries of several walks have used
    /// most of the retry budget, one walk at a time tries for all.
    pub fn failed(&mut self, now: Tick) {
        self.pool().failed(self.seat, now);
    }

    /// Any answer that isn't a transient failure: the origin is there.
    pub fn succeeded(&mut self) {
        self.pool().succeeded();
    }

    /// The generation of credentials in use. At generation 0 the source's own (`None` here); above, the
    /// credentials, or `None` if there are none to be had.
    pub fn credentials(&self) -> (u32, Option<Auth>) {
        self.pool().credentials.current()
    }

    /// The credentials of this generation were refused: who gets new ones?
    pub fn ask(&mut self, refused: u32) -> Ask {
        self.pool().credentials.ask(self.seat, refused)
    }

    /// Credentials of a new generation (the refused one plus one), or the news that there are none. What isn't newer
    /// than what is in use changes nothing.
    pub fn supply(&mut self, generation: u32, auth: Option<Auth>) {
        self.pool().credentials.supply(generation, auth);
    }

    /// This walk has ended: if it was to get credentials, another one has to.
    pub fn leave_errand(&mut self) {
        let seat = self.seat;
        self.pool().credentials.leave(seat);
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        lock(&self.pool)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.pool().leave(self.seat);
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("seat", &self.seat).finish_non_exhaustive()
    }
}

/// A panic elsewhere leaves the state as whole as it was before: every change is made in one call here.
fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(credential: u64) -> BudgetKey {
        BudgetKey { origin: "https://api.example".to_owned(), credential }
    }

    #[test]
    fn keys_without_walks_are_forgotten_once_there_are_256() {
        let budget = Budget::new();
        let join = |credential| budget.join(&key(credential), &Rules::default());
        let keys = || lock(&budget.0).len();
        let keep = join(0);
        (1..256).for_each(|credential| drop(join(credential)));
        assert_eq!(keys(), 256);
        drop(join(0));
        assert_eq!(keys(), 256, "a known key needs no room");
        drop(join(256));
        assert_eq!(keys(), 2, "the one in use and the new one");
        drop(keep);
    }

    #[test]
    fn an_answer_ends_the_row_of_failures() {
        let budget = Budget::new();
        let mut walks = [budget.join(&key(1), &Rules::default()), budget.join(&key(1), &Rules::default())];
        let now = Now::at(1000);
        (0..9).for_each(|n| walks[n % 2].failed(now.tick));
        walks[0].succeeded();
        (0..9).for_each(|n| walks[n % 2].failed(now.tick));
        assert_eq!(walks[0].grant(now), Grant::Go);
        walks[1].failed(now.tick);
        assert!(matches!(walks[1].grant(now), Grant::NotBefore { at: Tick(1500), .. }));
    }

    #[test]
    fn handles_show_nothing_of_what_they_hold() {
        let budget = Budget::new();
        assert_eq!(format!("{budget:?}"), "Budget { .. }");
        let member = budget.join(&key(1), &Rules::default());
        assert_eq!(format!("{member:?}"), "Member { seat: 0, .. }");
    }
}
