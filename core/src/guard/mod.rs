//! Guards against walks that never end: continuations that come back, pages without anything new, a list that
//! starts over (requirements K-7, K-8).

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::collections::{BTreeSet, VecDeque};
use std::hash::Hasher;

/// Remembers the continuations that were answered, and counts pages without progress.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    answered: BTreeSet<u128>,
    /// The same in the order they came, for the checkpoint.
    recent: VecDeque<u128>,
    /// Pages in a row without a new key.
    barren: u32,
    /// Fingerprint of the first row of the first page.
    first_row: Option<u128>,
}

/// What a checkpoint keeps of a guard.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct GuardState {
    /// The newest continuations that were answered, as hex.
    pub answered: Vec<String>,
    /// Pages in a row without a new key.
    pub barren: u32,
    /// Fingerprint of the first row of the first page, as hex.
    pub first_row: Option<String>,
}

/// Continuations a checkpoint keeps: enough for every cycle that occurs, 32 KiB at most.
const KEPT: usize = 1000;

/// A fingerprint of bytes; its key is fixed, so it is the same everywhere.
pub fn fingerprint(bytes: &[u8]) -> u128 {
    let mut hasher = SipHasher13::new_with_keys(0x6576_6572_7970_6167, 0x6775_6172_6400_0001);
    hasher.write(bytes);
    hasher.finish128().as_u128()
}

impl Guard {
    /// Whether this continuation was answered before.
    pub fn was_answered(&self, continuation: u128) -> bool {
        self.answered.contains(&continuation)
    }

    /// Notes that this continuation was answered with a page.
    pub fn answered(&mut self, continuation: u128) {
        if self.answered.insert(continuation) {
            self.recent.push_back(continuation);
            if self.recent.len() > KEPT {
                self.recent.pop_front();
            }
        }
    }

    /// Forgets a continuation: its page was not stored, so it will be asked for again.
    pub fn forget(&mut self, continuation: u128) {
        self.answered.remove(&continuation);
        self.recent.retain(|c| *c != continuation);
    }

    /// Counts a page; true when it is one too many in a row without anything new.
    pub fn page(&mut self, fresh: bool, limit: u32) -> bool {
        self.barren = if fresh { 0 } else { self.barren.saturating_add(1) };
        self.barren >= limit
    }

    /// How many pages in a row brought nothing new.
    pub const fn barren(&self) -> u32 {
        self.barren
    }

    /// Looks at the first row of a page of which no row was new: true when it is the list's first row again.
    pub fn restarted(&mut self, first_row: u128, fresh: bool) -> bool {
        match self.first_row {
            None => {
                self.first_row = Some(first_row);
                false
            }
            Some(start) => start == first_row && !fresh,
        }
    }

    /// Forgets where it has been: the walk starts again on purpose.
    pub fn restart(&mut self) {
        self.answered.clear();
        self.recent.clear();
        self.barren = 0;
        self.first_row = None;
    }

    /// What a checkpoint keeps.
    pub fn state(&self) -> GuardState {
        GuardState {
            answered: self.recent.iter().map(|h| format!("{h:032x}")).collect(),
            barren: self.barren,
            first_row: self.first_row.map(|h| format!("{h:032x}")),
        }
    }

    /// A guard from what a checkpoint kept; unreadable entries are left out (they only weaken the guard).
    pub fn from_state(state: &GuardState) -> Guard {
        let read = |text: &String| u128::from_str_radix(text, 16).ok();
        let recent: VecDeque<u128> = state.answered.iter().filter_map(read).collect();
        Guard {
            answered: recent.iter().copied().collect(),
            recent,
            barren: state.barren,
            first_row: state.first_row.as_ref().and_then(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_of_any_length_is_seen_also_after_a_resume() {
        for length in 1..40 {
            let mut guard = Guard::default();
            for i in 0..length {
                let at = fingerprint(format!("cursor {i}").as_bytes());
                assert!(!guard.was_answered(at));
                guard.answered(at);
                guard = Guard::from_state(&guard.state());
            }
            assert!(guard.was_answered(fingerprint(b"cursor 0")));
        }
    }

    #[test]
    fn barren_pages_count_only_in_a_row() {
        let mut guard = Guard::default();
        assert!(!guard.page(false, 3));
        assert!(!guard.page(false, 3));
        assert!(!guard.page(true, 3));
        assert!(!guard.page(false, 3));
        assert!(!guard.page(false, 3));
        assert!(guard.page(false, 3));
    }

    #[test]
    fn the_first_row_met_again_without_news_is_a_restart() {
        let mut guard = Guard::default();
        assert!(!guard.restarted(1, true));
        assert!(!guard.restarted(2, false));
        assert!(!guard.restarted(1, true), "the first row moved, but there is news");
        assert!(guard.restarted(1, false));
    }

    #[test]
    fn a_checkpoint_stays_small() {
        let mut guard = Guard::default();
        for i in 0..10_000_u128 {
            guard.answered(i);
        }
        assert_eq!(guard.state().answered.len(), KEPT);
        assert!(guard.was_answered(0));
    }

    #[test]
    fn the_newest_thousand_go_into_a_checkpoint_in_their_order() {
        let mut guard = Guard::default();
        for i in 0..=1000_u128 {
            guard.answered(i);
            guard.answered(i);
        }
        let state = guard.state();
        let ends = (state.answered.first().cloned(), state.answered.last().cloned());
        assert_eq!(ends, (Some(format!("{:032x}", 1)), Some(format!("{:032x}", 1000))));
        assert_eq!(state.answered.len(), 1000);
        let read = Guard::from_state(&state);
        assert!(!read.was_answered(0) && read.was_answered(1) && read.was_answered(1000));
    }

    #[test]
    fn what_was_not_stored_may_be_asked_for_again() {
        let mut guard = Guard::default();
        for at in [1, 2, 3] {
            guard.answered(at);
        }
        guard.forget(2);
        assert!(guard.was_answered(1) && !guard.was_answered(2) && guard.was_answered(3));
        let kept: Vec<String> = [1_u128, 3].iter().map(|at| format!("{at:032x}")).collect();
        assert_eq!(guard.state().answered, kept);
    }

    #[test]
    fn a_restart_forgets_everything_and_a_checkpoint_nothing() {
        let mut guard = Guard::default();
        guard.answered(7);
        assert!(!guard.page(false, 9) && !guard.restarted(5, false));
        assert_eq!(Guard::from_state(&guard.state()).state(), guard.state());
        assert_eq!((guard.state().barren, guard.state().first_row), (1, Some(format!("{:032x}", 5))));
        guard.restart();
        assert_eq!(guard.state(), GuardState::default());
        assert!(!guard.was_answered(7));
    }

    #[test]
    fn a_fingerprint_is_the_same_for_ever() {
        // It is stored in checkpoints.
        assert_eq!(fingerprint(b"cursor 0"), 0x4b9a_26f7_d653_08fb_f529_ee12_0c7f_2d9f);
        assert_ne!(fingerprint(b"cursor 1"), fingerprint(b"cursor 0"));
    }
}
