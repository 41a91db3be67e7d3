//! The state of one budget key: who sits at it, what limits it, and who is next.

use super::announced::Announced;
use super::bucket::Bucket;
use super::circuit::Circuit;
use super::credentials::Credentials;
use super::queue::{GRACE, Queue, SeatId};
use super::window::Limit;
use super::{Grant, Observed, ReadHint, Rules, Wait, Window, hints};
use crate::http::Headers;
use crate::time::{Now, Tick};
use std::collections::BTreeMap;

/// More announced limits or windows than this are not kept: a server makes up names at no cost.
const MOST: usize = 32;

/// The state.
#[derive(Clone, Default)]
pub(super) struct Pool {
    seats: BTreeMap<SeatId, Seat>,
    next_seat: SeatId,
    queue: Queue,
    /// Declared windows. They are kept when their walks are gone: the server goes on counting.
    declared: BTreeMap<Window, Limit>,
    /// Windows the server announces, by name.
    policies: BTreeMap<String, (Window, Limit)>,
    /// What is left, as the server announces it, by name.
    announced: BTreeMap<String, Announced>,
    /// Nothing leaves before: the longest wait any answer stated.
    hold: Tick,
    in_flight: u64,
    circuit: Circuit,
    pub(super) bucket: Bucket,
    pub(super) credentials: Credentials,
}

/// One walk's place.
#[derive(Clone)]
struct Seat {
    windows: Vec<Window>,
    limit: Option<u32>,
    in_flight: u64,
}

impl Pool {
    /// Another walk.
    pub(super) fn join(&mut self, rules: &Rules) -> SeatId {
        let resolved = |w: &Window| Window { burst: w.burst.or(rules.burst.then_some(w.requests)), ..*w };
        let windows: Vec<Window> = rules.windows.iter().map(resolved).collect();
        for window in &windows {
            if let Some(limit) = Limit::of(window) {
                self.declared.entry(*window).or_insert(limit);
            }
        }
        let id = self.next_seat;
        self.next_seat += 1;
        self.seats.insert(id, Seat { windows, limit: rules.in_flight, in_flight: 0 });
        if self.declared.len() > MOST {
            let used: Vec<Window> =
                self.seats.values().flat_map(|seat| seat.windows.iter().copied()).collect();
            self.declared.retain(|window, _| used.contains(window));
        }
        id
    }

    /// A walk is gone, with what it held.
    pub(super) fn leave(&mut self, id: SeatId) {
        if let Some(seat) = self.seats.remove(&id) {
            self.in_flight = self.in_flight.saturating_sub(seat.in_flight);
        }
        self.queue.leave(id);
        self.circuit.release(id);
        self.credentials.leave(id);
    }

    /// Whether this walk may send now. A grant is taken from every limit, or from none.
    pub(super) fn grant(&mut self, id: SeatId, now: Tick) -> Grant {
        let ahead = self.queue.ahead(id, now);
        let (at, why) = self.earliest(ahead, now);
        if at > now {
            self.queue.wait(id, Some(at));
            return Grant::NotBefore { at, why };
        }
        if let Some(room) = self.room() {
            if room == 0 {
                self.queue.wait(id, None);
                return Grant::Busy;
            }
            self.queue.call(now);
            let ahead = self.queue.ahead(id, now);
            if ahead >= room {
                // Whoever is ahead gets a moment to come for the slot.
                let at = now.after(GRACE);
                self.queue.wait(id, Some(at));
                return Grant::NotBefore { at, why: Wait::Pace };
            }
        }
        self.take(id, now);
        Grant::Go
    }

    /// When this walk may send if so many others are served first, and what it is that takes longest.
    fn earliest(&self, ahead: u64, now: Tick) -> (Tick, Wait) {
        let in_use = |window: &Window| self.seats.values().any(|seat| seat.windows.contains(window));
        let declared = self.declared.iter().filter(|(window, _)| in_use(window)).map(|(_, limit)| limit);
        let windows = declared.chain(self.policies.values().map(|(_, limit)| limit));
        let paced = windows
            .map(|limit| limit.earliest(ahead, now))
            .chain(self.announced.values().map(|limit| limit.earliest(ahead, self.in_flight, now)))
            .max()
            .unwrap_or_default();
        let circuit = self.circuit.not_before().unwrap_or_default();
        // Of equal ones the server's own word is the best reason.
        if self.hold >= paced && self.hold >= circuit {
            (self.hold, Wait::Stated)
        } else if circuit >= paced {
            (circuit, Wait::Circuit)
        } else {
            (paced, Wait::Pace)
        }
    }

    /// How many more requests may be on the wire; `None` for any number.
    fn room(&self) -> Option<u64> {
        let limit = self.seats.values().filter_map(|seat| seat.limit).min();
        let slots = limit.map(|limit| u64::from(limit.max(1)).saturating_sub(self.in_flight));
        let tries = self.circuit.room(self.in_flight);
        slots.into_iter().chain(tries).min()
    }

    fn take(&mut self, id: SeatId, now: Tick) {
        self.queue.leave(id);
        self.declared.values_mut().for_each(|limit| limit.take(now));
        self.policies.values_mut().for_each(|(_, limit)| limit.take(now));
        let in_flight = self.in_flight;
        self.announced.values_mut().for_each(|limit| limit.take(in_flight, now));
        self.circuit.take(id);
        self.in_flight = self.in_flight.saturating_add(1);
        if let Some(seat) = self.seats.get_mut(&id) {
            seat.in_flight = seat.in_flight.saturating_add(1);
        }
    }

    /// One exchange of this walk is over.
    pub(super) fn answered(&mut self, id: SeatId) {
        if let Some(seat) = self.seats.get_mut(&id)
            && seat.in_flight > 0
        {
            seat.in_flight -= 1;
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        self.circuit.release(id);
    }

    /// What an answer says of the rate holds for all walks.
    pub(super) fn observe(&mut self, headers: &Headers, hints: &[ReadHint], now: Now) -> Observed {
        let said = hints::read(headers, hints, now);
        let mut observed = Observed { ignored: said.ignored, declared: said.declared, ..Observed::default() };
        if let Some(wait) = said.declared {
            self.hold_until(now.tick.after(wait));
        }
        for reading in &said.readings {
            if reading.remaining == Some(0) {
                observed.empty = true;
                observed.reset = observed.reset.max(reading.reset);
            }
            if let Some(known) = self.announced.get_mut(&reading.name) {
                known.again(reading, self.in_flight, now.tick);
            } else if self.announced.len() >= MOST {
                observed.ignored = observed.ignored.saturating_add(1);
            } else if let Some(limit) = Announced::first(reading, self.in_flight, now.tick) {
                self.announced.insert(reading.name.clone(), limit);
            }
        }
        for (name, window) in said.policies {
            let known = self.policies.get(&name).is_some_and(|(w, _)| *w == window);
            let room = self.policies.len() < MOST || self.policies.contains_key(&name);
            if !known
                && room
                && let Some(limit) = Limit::of(&window)
            {
                self.policies.insert(name, (window, limit));
            }
        }
        observed
    }

    /// Nothing leaves before.
    pub(super) fn hold_until(&mut self, until: Tick) {
        self.hold = self.hold.max(until);
    }

    /// A transient failure.
    pub(super) fn failed(&mut self, id: SeatId, now: Tick) {
        self.circuit.failed(id, now);
    }

    /// An answer that is no transient failure.
    pub(super) fn succeeded(&mut self) {
        self.circuit.succeeded(u32::try_from(self.seats.len()).unwrap_or(u32::MAX));
    }
}
