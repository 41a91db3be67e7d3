//! What to do next: plan requests, send them under the budget, hand pages out, or say what is waited for.

use super::course::{Course, Place, asked_size, refilled};
use super::slot::{Slot, SlotId, SlotState};
use super::step::{BlockedOn, Exchange, Generation, SleepReason, Step, Ticket};
use super::transition::Event;
use super::{Asking, Walk, trouble};
use crate::advance::counter::Window;
use crate::error::{ErrorKind, WalkError};
use crate::facts::Place as Where;
use crate::http::Request;
use crate::json::Raw;
use crate::pace::{Ask, Grant, Wait};
use crate::retry::Tries;
use crate::source::Reuse;
use crate::source::wire::{At, Target, WireError};
use crate::time::{Millis, Now, Tick};
use crate::url::Url;

/// Credentials of the past that are looked for in what a server sends.
const REMEMBERED: usize = 16;

impl Walk {
    /// The one thing to do next. Asking again without news gives nothing new to do.
    pub fn poll(&mut self, now: Now) -> Step {
        self.last_tick = now.tick;
        self.count_wait(now);
        self.refused = None;
        if let Some(report) = &self.report {
            return Step::Finish(Box::new(report.clone()));
        }
        if self.phase.is_fetching() && self.deadline.is_some_and(|d| now.tick >= d) {
            let error = WalkError::new(
                ErrorKind::Deadline,
                "the walk's deadline has passed; resume from the checkpoint",
            );
            self.end(Event::Stopped(Some(error)));
        }
        self.settle(now);
        if let Some(step) = self.next_request(now) {
            return step;
        }
        if let Some(waiting) = self.pages.iter_mut().find(|p| !p.delivered && !p.page.is_empty()) {
            waiting.delivered = true;
            return Step::Deliver(waiting.page.clone());
        }
        if !self.phase.is_fetching() {
            if !self.pages.is_empty() {
                return Step::Blocked(BlockedOn::Acknowledgement);
            }
            self.end(Event::Drained);
            return self.finish(now);
        }
        self.what_is_waited_for(now)
    }

    /// Plans and sends; `None` when no request can go out now.
    fn next_request(&mut self, now: Now) -> Option<Step> {
        if !self.phase.is_fetching() {
            return None;
        }
        self.take_errand_over();
        if let Some(asking) = self.asking.as_mut().filter(|a| !a.handed_out) {
            asking.handed_out = true;
            return Some(Step::Authorize(Generation(asking.generation)));
        }
        self.unlock(now);
        self.plan(now);
        loop {
            let index = self
                .slots
                .iter()
                .position(|s| matches!(s.state, SlotState::Due { at, .. } if at <= now.tick))?;
            // Requests that were given up are still on the wire until they are answered.
            if self.flying.len() >= self.source.concurrency as usize {
                return None;
            }
            if self.live.counts.requests >= self.source.limits.requests {
                self.limit_reached("limits.requests", self.source.limits.requests);
                return None;
            }
            let built = self.slots.get(index).map(|slot| self.build(slot))?;
            match built {
                Err(error) => {
                    let error = self.wire_trouble(&error);
                    self.fail_slot(index, error);
                }
                Ok((request, asked)) => match self.member.grant(now) {
                    Grant::Go => return self.send(index, request, asked, now),
                    Grant::NotBefore { at, why } if at.since(now.tick) > self.longest_wait(why) => {
                        self.not_before = now.unix.map(|unix| unix.after(at.since(now.tick)));
                        self.fail_slot(index, trouble::too_long(self.not_before));
                    }
                    refused @ (Grant::NotBefore { .. } | Grant::Busy) => {
                        self.refused = Some(refused);
                        return None;
                    }
                },
            }
            self.settle(now);
            if !self.phase.is_fetching() {
                return None;
            }
            // A total that can't be had is no reason to end: the list itself is next.
            self.plan(now);
        }
    }

    /// The longest wait that is obeyed by waiting. A declared rate is the caller's own wish, however slow.
    fn longest_wait(&self, why: Wait) -> Millis {
        let declared = self.source.rate.windows.iter().map(|w| w.per.plus(Millis(w.per.0 / 32))).max();
        match why {
            Wait::Pace => self.policy.max_wait.max(declared.unwrap_or_default()),
            Wait::Circuit | Wait::Stated => self.policy.max_wait,
        }
    }

    /// Plans requests while pages may be fetched ahead.
    fn plan(&mut self, now: Now) {
        let ahead = match self.source.pagination.reuse {
            Reuse::Idempotent => {
                let (ahead, wide) = (self.source.ahead as usize, self.source.concurrency as usize);
                // With several requests in flight, the page being consumed doesn't take one's place.
                if wide > 1 { ahead.max(wide + 1) } else { ahead }
            }
            Reuse::Once | Reuse::Advances => 1,
        };
        while self.pages.len() + self.slots.len() < ahead {
            let Some(place) = self.next_place() else { return };
            self.push_slot(place, now.tick, false);
        }
    }

    /// What the next request asks for, if one may be planned behind those that are.
    pub(super) fn next_place(&mut self) -> Option<Place> {
        if !self.total_asked {
            self.total_asked = true;
            return Some(Place::Total);
        }
        let exact = self.exact_total();
        match &mut self.live.course {
            Course::Chain(chain) => self.slots.is_empty().then(|| Place::Chain(chain.clone())),
            Course::Count(count) => {
                let counter = &mut count.counter;
                let at = match self.slots.back().map(|slot| &slot.place) {
                    None => counter.end,
                    Some(Place::Chain(_) | Place::Total) => return None,
                    Some(Place::Window(last)) => {
                        // No guessing beyond an exact total.
                        let beyond = exact.is_some_and(|total| last.reach >= total);
                        if beyond
                            || !counter.can_run_ahead(last.reach)
                            || self.slots.len() >= self.source.concurrency as usize
                        {
                            return None;
                        }
                        last.reach
                    }
                };
                Some(Place::Window(counter.plan(at)))
            }
        }
    }

    pub(super) fn push_slot(&mut self, place: Place, at: Tick, front: bool) {
        let slot = Slot {
            id: SlotId(self.next_slot),
            place,
            tries: Tries::new(at),
            sent: 0,
            charged: Vec::new(),
            state: SlotState::Due { at, why: SleepReason::Pace },
            redirect: None,
            hops: 0,
            refreshed: false,
            generation: self.generation,
            asked: None,
        };
        self.next_slot += 1;
        if front {
            self.slots.push_front(slot);
        } else {
            self.slots.push_back(slot);
        }
    }

    /// The request of a slot, and its URL.
    fn build(&self, slot: &Slot) -> Result<(Request, Option<Url>), WireError> {
        let number;
        let counted;
        let fresh;
        let at = match &slot.place {
            Place::Total => At { first: true, target: Target::Total, size: None },
            Place::Chain(chain) => {
                // A position may repeat the credentials it was given out under.
                let chain = if self.before.is_empty() {
                    chain
                } else {
                    fresh = chain.refilled(&self.source, self.held());
                    &fresh
                };
                match &chain.url {
                    Some(url) => At { first: false, target: Target::Url(url), size: None },
                    None => At { first: chain.first, target: Target::Positions(&chain.at), size: self.ask() },
                }
            }
            Place::Window(window) => {
                if let Some(url) = self.link_with(window) {
                    counted = url;
                    At { first: false, target: Target::Url(&counted), size: None }
                } else {
                    number = [Some(Raw::from_u64(window.number))];
                    let size = window.size.or_else(|| self.ask());
                    At { first: window.start == 0, target: Target::Positions(&number), size }
                }
            }
        };
        let request = match &slot.redirect {
            Some((to, method)) => self.source.redirected(&at, to, *method, &self.auth)?,
            None => self.source.request(&at, &self.auth)?,
        };
        let asked = Url::parse(&request.url).ok();
        Ok((request, asked))
    }

    /// The link with the window's number and size set in it, where the walk goes by a link's counter.
    fn link_with(&self, window: &Window) -> Option<Url> {
        let Course::Count(count) = &self.live.course else { return None };
        let link = count.link.as_ref()?;
        let url = if self.before.is_empty() {
            link.url.clone()
        } else {
            refilled(&self.source, self.held(), &link.url)
        };
        let url = url.with_param(&link.number, &window.number.to_string());
        Some(match (&link.size, window.size) {
            (Some(name), Some(size)) => url.with_param(name, &size.to_string()),
            (Some(_) | None, _) => url,
        })
    }

    /// The page size the source asks for.
    pub(super) fn ask(&self) -> Option<u64> {
        asked_size(&self.source)
    }

    fn send(&mut self, index: usize, request: Request, asked: Option<Url>, now: Now) -> Option<Step> {
        let ticket = Ticket(self.next_ticket);
        let page_time = self.policy.page_time;
        let generation = self.generation;
        let slot = self.slots.get_mut(index)?;
        if slot.sent == 0 {
            slot.tries.first = now.tick;
        }
        if slot.redirect.is_none() {
            slot.sent += 1;
            self.live.counts.retries += u64::from(slot.sent > 1);
        }
        // Waiting for a grant between tries is no page time.
        if let SlotState::Due { at, .. } = slot.state
            && slot.sent > 1
        {
            slot.tries.waited = slot.tries.waited.plus(now.tick.since(at));
        }
        slot.state = SlotState::Flying;
        slot.generation = generation;
        slot.asked = asked;
        let until = now.tick.after(page_time);
        self.next_ticket += 1;
        self.live.counts.requests += 1;
        self.flying.insert(ticket, Some(slot.id));
        Some(Step::Send(Exchange {
            ticket,
            request,
            deadline: self.deadline.map_or(until, |d| d.min(until)),
            body_limit: self.source.limits.body,
            private_allowed: self.source.request.url.is_private(),
        }))
    }

    /// Slots that waited for credentials go on once there are fresh ones.
    pub(super) fn unlock(&mut self, now: Now) {
        let (generation, auth) = self.member.credentials();
        if generation <= self.generation {
            return;
        }
        self.generation = generation;
        let refused = auth.is_none();
        if let Some(auth) = auth {
            self.before.insert(0, std::mem::replace(&mut self.auth, auth));
            self.before.truncate(REMEMBERED);
        }
        for index in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut(index) else { break };
            if !matches!(slot.state, SlotState::Locked) {
                continue;
            }
            if refused {
                let error = WalkError::new(
                    ErrorKind::AuthRequired,
                    "the server refuses the credentials (401); give fresh ones",
                );
                self.fail_slot(index, WalkError { status: Some(401), ..error });
            } else {
                slot.state = SlotState::Due { at: now.tick, why: SleepReason::Backoff };
            }
        }
        self.settle(now);
    }

    /// Asks for fresh credentials, once per generation over all walks.
    pub(super) fn lock(&mut self, index: usize, generation: u32) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.state = SlotState::Locked;
            slot.refreshed = true;
        }
        match self.member.ask(generation) {
            Ask::First => {
                let next = Asking { generation: generation.saturating_add(1), handed_out: false };
                self.asking.get_or_insert(next);
            }
            // Fresh ones came while this request was on the wire, and this walk has taken them up already.
            Ask::Have(newest) if newest <= self.generation => {
                self.set_state(index, SlotState::Due { at: self.last_tick, why: SleepReason::Backoff });
            }
            Ask::Pending | Ask::Have(_) => {}
        }
    }

    /// The walk that was to get fresh credentials may be gone: then the next one that waits for them gets them.
    fn take_errand_over(&mut self) {
        let waits = self.slots.iter().any(|slot| matches!(slot.state, SlotState::Locked));
        if waits && self.asking.is_none() && self.member.ask(self.generation) == Ask::First {
            let generation = self.generation.saturating_add(1);
            self.asking = Some(Asking { generation, handed_out: false });
        }
    }

    fn what_is_waited_for(&mut self, now: Now) -> Step {
        let mut sleep: Option<(Tick, SleepReason)> = None;
        let mut busy = false;
        let mut consider = |at: Tick, why: SleepReason| {
            if sleep.is_none_or(|(until, _)| at < until) {
                sleep = Some((at, why));
            }
        };
        for slot in &self.slots {
            if let SlotState::Due { at, why } = slot.state
                && at > now.tick
            {
                consider(at, why);
            }
        }
        match self.refused {
            Some(Grant::NotBefore { at, why: Wait::Pace | Wait::Circuit }) => consider(at, SleepReason::Pace),
            Some(Grant::NotBefore { at, why: Wait::Stated }) => consider(at, SleepReason::RetryAfter),
            Some(Grant::Busy) => busy = true,
            Some(Grant::Go) | None => {}
        }
        if let Some((until, why)) = sleep {
            let until = self.deadline.map_or(until, |d| d.min(until));
            self.waiting = Some((why, now.tick, until));
            return Step::Sleep { until, why };
        }
        Step::Blocked(if !self.flying.is_empty() {
            BlockedOn::Answer
        } else if self.slots.iter().any(|s| matches!(s.state, SlotState::Locked)) {
            BlockedOn::Credentials
        } else if busy && !self.flying.is_empty() {
            // A request of its own that it no longer needs holds the place: its answer frees it.
            BlockedOn::Answer
        } else if busy {
            BlockedOn::Budget
        } else {
            BlockedOn::Acknowledgement
        })
    }

    /// Adds the time slept since the last poll to the waits.
    fn count_wait(&mut self, now: Now) {
        let Some((why, from, until)) = self.waiting.take() else { return };
        let slept = now.tick.min(until).since(from).0;
        let waits = &mut self.live.waits;
        match why {
            SleepReason::Backoff => waits.backoff = waits.backoff.saturating_add(slept),
            SleepReason::Pace => waits.pace = waits.pace.saturating_add(slept),
            SleepReason::RetryAfter => waits.retry_after = waits.retry_after.saturating_add(slept),
        }
    }

    /// The exact total, if the source has one and the server stated it.
    pub(super) fn exact_total(&self) -> Option<u64> {
        let total = self.source.total.as_ref()?;
        let last = self.live.audit.total.last?;
        let exact = total.kind == crate::facts::TotalKind::Exact && total.cap.is_none_or(|cap| last < cap);
        exact.then_some(last)
    }

    pub(super) fn limit_reached(&mut self, field: &str, limit: u64) {
        let advice =
            format!("`{field}` ({limit}) is reached; raise it, or resume from the checkpoint to go on");
        self.end(Event::Stopped(Some(WalkError::new(ErrorKind::LimitReached, advice))));
    }

    /// A URL for the report: origin and path, no secret in them, and where the position stands in the path only its
    /// place.
    fn shown(&self, asked: &Url) -> String {
        let own = &self.source.request.url;
        let placed = self.states.iter().any(|state| matches!(state.write.place, Where::Path(_)));
        self.source.mask(self.held(), &if placed { own.redacted() } else { asked.redacted() })
    }

    pub(super) fn fail_slot(&mut self, index: usize, error: WalkError) {
        let page = self.live.counts.pages.saturating_add(1).saturating_add(index as u64);
        let asked = self.slots.get(index).and_then(|slot| slot.asked.as_ref());
        let url = asked.map(|asked| self.shown(asked)).or(error.url.clone());
        if let Some(slot) = self.slots.get_mut(index) {
            let error = WalkError { page: Some(page), attempts: Some(slot.sent), url, ..error };
            slot.state = SlotState::Failed(Box::new(error));
        }
    }

    fn wire_trouble(&self, error: &WireError) -> WalkError {
        trouble::wire(error, &self.source)
    }
}
