//! What happened when: the last requests and waits of a walk, to be drawn or read by a person.

use everypage_core::time::Tick;
use everypage_core::walk::SleepReason;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Older entries are forgotten: memory stays flat however long the list.
const KEPT: usize = 500;

/// One request or one wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it began, on the walk's clock.
    pub from: Tick,
    /// When it ended; a wait may end earlier.
    pub to: Tick,
    /// What it was.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request that was answered with this status.
    Answered(u16),
    /// A request without an answer: the stable name of the kind of failure.
    Failed(&'static str),
    /// A wait.
    Waited(SleepReason),
}

/// The last entries of a walk. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Timeline(Arc<Mutex<VecDeque<Entry>>>);

impl Timeline {
    /// The entries, in the order in which they became known.
    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn add(&self, from: Tick, to: Tick, event: Event) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(Entry { from, to, event });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_entries_are_kept() {
        let timeline = Timeline::default();
        for tick in 0..KEPT as u64 + 7 {
            timeline.add(Tick(tick), Tick(tick), Event::Answered(200));
        }
        let entries = timeline.entries();
        assert_eq!((entries.len(), entries[0].from), (KEPT, Tick(7)));
    }
}
