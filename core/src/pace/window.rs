//! One declared window: an even pace, and where more than one request may leave at once, an exact count.

use super::Window;
use super::gcra::Gcra;
use super::sliding::Sliding;
use crate::time::Tick;

/// Keeps to one window.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pace: Gcra,
    /// An even pace can't put more into a window than it holds; bursts can, where the even pace goes on after them.
    count: Option<Sliding>,
}

impl Limit {
    /// The limit of a window; `None` if it limits nothing.
    pub(super) fn of(window: &Window) -> Option<Limit> {
        if window.requests == 0 || window.per.0 == 0 {
            return None;
        }
        let burst = window.burst.unwrap_or(1).max(1);
        let count = (burst > 1).then(|| Sliding::new(window.requests.max(burst), window.per));
        Some(Limit { pace: Gcra::new(window.requests, window.per, burst), count })
    }

    /// When a request may leave if so many others leave first. May lie in the past.
    pub(super) fn earliest(&self, ahead: u64, now: Tick) -> Tick {
        let at = self.pace.earliest(ahead, now);
        self.count.as_ref().map_or(at, |count| count.earliest(ahead, now).max(at))
    }

    /// A request leaves.
    pub(super) fn take(&mut self, now: Tick) {
        self.pace.take(now);
        if let Some(count) = &mut self.count {
            count.take(now);
        }
    }
}
