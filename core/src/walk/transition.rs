//! Every transition of a walk's life. If a change of behaviour touches the phases, it is in this file.
//!
//! ```text
//!            Ended / Failed / Stopped                    Drained
//! Fetching ───────────────────────────────▶ Draining ───────────────▶ Finished
//!     ▲  │                                     │  ▲                     │  ▲
//!     └──┘ (nothing else)       Stopped: what was not handed out is    └──┘ absorbing
//!                               dropped, the first ending stands
//! ```

use crate::error::WalkError;
use crate::walk::report::End;

/// The phases of a walk.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Phase {
    /// Requests are sent, pages come in.
    Fetching,
    /// Nothing is sent any more; accepted pages are handed out and acknowledged.
    Draining(Ending),
    /// Over.
    Finished(Ending),
}

/// How the fetching ended.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Ending {
    /// The list ended.
    Ended {
        /// What said so.
        end: End,
        /// Whether it had the authority to.
        authority: bool,
    },
    /// The world failed.
    Failed(WalkError),
    /// The caller ended it: by a call (no error) or by a limit.
    Stopped(Option<WalkError>),
}

/// What happens to a walk.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Event {
    /// Every accepted page was acknowledged, or dropped by a stop.
    Drained,
    /// The list ended.
    Ended {
        /// What said so.
        end: End,
        /// Whether it had the authority to.
        authority: bool,
    },
    /// The world failed.
    Failed(WalkError),
    /// The caller ended it.
    Stopped(Option<WalkError>),
}

impl Phase {
    /// The phase after an event. The first ending stands; the end is absorbing.
    pub(super) fn on(self, event: Event) -> Phase {
        match (self, event) {
            (Phase::Fetching, Event::Ended { end, authority }) => {
                Phase::Draining(Ending::Ended { end, authority })
            }
            (Phase::Fetching, Event::Failed(error)) => Phase::Draining(Ending::Failed(error)),
            (Phase::Fetching, Event::Stopped(error)) => Phase::Draining(Ending::Stopped(error)),
            (Phase::Fetching, Event::Drained) => Phase::Fetching,
            // A stop while accepted pages wait drops them, so the list was not handed out whole.
            (Phase::Draining(Ending::Ended { .. }), Event::Stopped(error)) => {
                Phase::Draining(Ending::Stopped(error))
            }
            (Phase::Draining(ending), Event::Ended { .. } | Event::Failed(_) | Event::Stopped(_)) => {
                Phase::Draining(ending)
            }
            (Phase::Draining(ending), Event::Drained)
            | (
                Phase::Finished(ending),
                Event::Drained | Event::Ended { .. } | Event::Failed(_) | Event::Stopped(_),
            ) => Phase::Finished(ending),
        }
    }

    pub(super) const fn is_fetching(&self) -> bool {
        matches!(self, Phase::Fetching)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::facts::EndSignal;

    fn ended() -> Event {
        Event::Ended {
            end: End { page: 1, signal: EndSignal::Flag, locator: None, value: None },
            authority: true,
        }
    }

    fn failed() -> Event {
        Event::Failed(WalkError::new(ErrorKind::Network, "x"))
    }

    #[test]
    fn the_first_ending_stands_and_the_end_is_absorbing() {
        for first in [ended(), failed(), Event::Stopped(None)] {
            let draining = Phase::Fetching.on(first);
            assert_eq!(draining.clone().on(failed()), draining);
            assert_eq!(draining.clone().on(ended()), draining);
            let over = draining.on(Event::Drained);
            for event in [ended(), failed(), Event::Stopped(None), Event::Drained] {
                assert_eq!(over.clone().on(event), over);
            }
        }
    }

    #[test]
    fn a_stop_before_the_last_page_was_taken_is_a_stop() {
        let phase = Phase::Fetching.on(ended()).on(Event::Stopped(None));
        assert_eq!(phase, Phase::Draining(Ending::Stopped(None)));
        assert_eq!(Phase::Fetching.on(Event::Drained), Phase::Fetching);
    }
}
