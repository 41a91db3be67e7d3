//! Answers are taken in the order of the list: the front one is settled, then the next.

use super::course::Place;
use super::report::End;
use super::slot::{Arrival, Settling, SlotState};
use super::transition::Event;
use super::{Walk, page::Admitted};
use crate::error::{ErrorKind, WalkError};
use crate::facts::EndSignal;
use crate::time::Now;

impl Walk {
    /// Takes every answer whose turn it is.
    pub(super) fn settle(&mut self, now: Now) {
        while self.phase.is_fetching() {
            let settled = self.slots.front().is_some_and(|slot| {
                matches!(slot.state, SlotState::Arrived(_) | SlotState::Over(_) | SlotState::Failed(_))
            });
            if !settled {
                return;
            }
            let Some(slot) = self.slots.pop_front() else { return };
            let settling = Settling { place: slot.place, asked: slot.asked };
            match slot.state {
                SlotState::Arrived(arrival) => self.settle_page(settling, *arrival, now),
                SlotState::Over(status) => self.settle_status(&settling, status),
                SlotState::Failed(error) => self.settle_failure(&settling, *error),
                SlotState::Due { .. } | SlotState::Flying | SlotState::Locked => return,
            }
        }
    }

    fn settle_page(&mut self, settling: Settling, arrival: Arrival, now: Now) {
        let Settling { place, asked } = settling;
        match place {
            Place::Total => self.take_total(&arrival),
            Place::Chain(chain) => self.settle_chain(&chain, asked.as_ref(), arrival),
            Place::Window(window) => self.settle_window(window, asked.as_ref(), arrival, now),
        }
    }

    fn settle_status(&mut self, settling: &Settling, status: u16) {
        if matches!(settling.place, Place::Total) {
            return;
        }
        let end = End {
            page: self.live.counts.pages,
            signal: EndSignal::Status,
            locator: None,
            value: Some(status.into()),
        };
        // Before any page it may as well be the answer to a wrong request.
        let authority = self.live.counts.pages > 0;
        self.end(Event::Ended { end, authority });
    }

    fn settle_failure(&mut self, settling: &Settling, error: WalkError) {
        if matches!(settling.place, Place::Total) {
            // The total is evidence, not the list: without it the check is unavailable.
            return;
        }
        let error = self.name_cap(error);
        self.end(Event::Failed(error));
    }

    /// An error at a declared cap is the cap.
    fn name_cap(&mut self, error: WalkError) -> WalkError {
        let refused = matches!(error.status, Some(400 | 403 | 404 | 422));
        if !refused || !self.at_cap() {
            return error;
        }
        self.live.audit.cap_reached = true;
        self.durable.audit.cap_reached = true;
        WalkError {
            kind: ErrorKind::ResultWindowExceeded,
            code: ErrorKind::ResultWindowExceeded.code().to_owned(),
            advice: "the API does not go beyond its cap; split the list by a filter or a range".to_owned(),
            ..error
        }
    }

    /// Hands the page out, and ends the walk if the list has ended or can't be gone on with.
    pub(super) fn hand_out(&mut self, admitted: Admitted, then: Then) {
        // The limit that falls on the list's own end is no limit.
        let limited = admitted.limited.filter(|_| admitted.cut || matches!(then, Then::GoOn));
        if matches!(then, Then::End(..)) && self.at_cap() {
            self.live.audit.cap_reached = self.exact_total() != Some(self.live.counts.records);
        }
        self.queue(admitted);
        if let Some(limit) = limited {
            return self.limit_reached("limits.records", limit);
        }
        match then {
            Then::End(end, authority) => self.end(Event::Ended { end, authority }),
            Then::Fail(error) => {
                let error = WalkError { page: error.page.or(Some(self.live.counts.pages)), ..error };
                self.end(Event::Failed(error));
            }
            Then::GoOn => {
                if self.live.counts.pages >= self.source.limits.pages {
                    self.limit_reached("limits.pages", self.source.limits.pages);
                }
            }
        }
    }
}

/// What comes after a page.
pub(super) enum Then {
    /// The list has ended, with or without authority.
    End(End, bool),
    /// The walk can't go on.
    Fail(WalkError),
    /// The next request.
    GoOn,
}
