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
use std::collections::{BTreeMap, BTreeSet};

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
    /// The announced limits and windows that its own answers spoke of. An origin may have several, for several kinds
    /// of request: a walk keeps to its own, and to all of them until it has had an answer.
    own: BTreeSet<String>,
}

impl Seat {
    fn keeps_to(&self, limit: &str) -> bool {
        self.own.is_empty() || self.own.contains(limit)
    }
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
        self.seats.insert(id, Seat { windows, limit: rules.in_flight, in_flight: 0, own: BTreeSet::new() });
        if self.declared.len() > MOST {
            let used: Vec<Window> =
                self.seats.values().flat_map(|seat| seat.windows.iter().copied()).collect();
            self.declared.retain(|window, _| used.contains(window));
        }
        id
    }

    /// A walk is gone, with what it held.
    pub(super) fn leave(&mut self, id: SeatId) {
        while self.seats.get(&id).is_some_and(|seat| seat.in_flight > 0) {
            self.answered(id);
        }
        self.seats.remove(&id);
        self.queue.leave(id);
        self.circuit.release(id);
        self.credentials.leave(id);
    }

    /// Whether this walk may send now. A grant is taken from every limit, or from none.
    pub(super) fn grant(&mut self, id: SeatId, now: Tick) -> Grant {
        let room = self.room(id, now);
        if room.is_none_or(|room| room > 0) {
            self.queue.call(now);
        }
        let before = self.queue.before(id, now);
        let (at, why) = self.turn(id, &before, now);
        if at > now {
            self.queue.wait(id, Some(at));
            return Grant::NotBefore { at, why };
        }
        match room {
            Some(0) => {
                self.queue.wait(id, None);
                return Grant::Busy;
            }
            Some(room) if before.iter().filter(|told| **told <= now).count() as u64 >= room => {
                // Whoever is before it gets a moment to come for the slot.
                let at = now.after(GRACE);
                self.queue.wait(id, Some(at));
                return Grant::NotBefore { at, why: Wait::Pace };
            }
            Some(_) | None => {}
        }
        self.take(id, now);
        Grant::Go
    }

    /// When it is this walk's turn, and what it is that takes longest: after those before it that are told to come by
    /// then. Those that wait for something longer are not in the way.
    fn turn(&self, id: SeatId, before: &[Tick], now: Tick) -> (Tick, Wait) {
        let seat = self.seats.get(&id);
        let own = |name: &str| seat.is_none_or(|seat| seat.keeps_to(name));
        let in_use = |window: &Window| self.seats.values().any(|seat| seat.windows.contains(window));
        let declared = self.declared.iter().filter(|(window, _)| in_use(window)).map(|(_, limit)| limit);
        let policies = self.policies.iter().filter(|(name, _)| own(name)).map(|(_, (_, limit))| limit);
        let windows: Vec<&Limit> = declared.chain(policies).collect();
        let announced = self.announced.iter().filter(|(name, _)| own(name));
        let announced: Vec<_> = announced.map(|(name, limit)| (limit, self.out(name))).collect();
        let paced = |ahead: u64| {
            let windows = windows.iter().map(|limit| limit.earliest(ahead, now));
            let announced = announced.iter().map(|(limit, out)| limit.earliest(ahead, *out, now));
            windows.chain(announced).max().unwrap_or_default()
        };
        let circuit = self.circuit.not_before().unwrap_or_default();
        // Of equal ones the server's own word is the best reason.
        let (floor, reason) =
            if self.hold >= circuit { (self.hold, Wait::Stated) } else { (circuit, Wait::Circuit) };
        let mut ahead = 0;
        loop {
            let paced = paced(ahead);
            let at = paced.max(floor);
            let by_then = before.iter().take_while(|told| **told <= at.max(now)).count() as u64;
            if by_then <= ahead {
                return (at, if paced > floor { Wait::Pace } else { reason });
            }
            ahead += 1;
        }
    }

    /// How many more requests may be on the wire; `None` for any number.
    fn room(&self, id: SeatId, now: Tick) -> Option<u64> {
        let seat = self.seats.get(&id);
        let limit = self.seats.values().filter_map(|seat| seat.limit).min();
        let slots = limit.map(|limit| u64::from(limit.max(1)).saturating_sub(self.in_flight));
        let announced = self.announced.iter().filter(|(name, _)| seat.is_none_or(|seat| seat.keeps_to(name)));
        let left = announced.filter_map(|(name, limit)| limit.room(self.out(name), now));
        left.chain(slots).chain(self.circuit.room(self.in_flight)).min()
    }

    /// Requests on the wire that an announced limit counts.
    fn out(&self, limit: &str) -> u64 {
        self.seats.values().filter(|seat| seat.keeps_to(limit)).map(|seat| seat.in_flight).sum()
    }

    fn take(&mut self, id: SeatId, now: Tick) {
        self.queue.leave(id);
        self.circuit.take(id);
        self.in_flight = self.in_flight.saturating_add(1);
        self.declared.values_mut().for_each(|limit| limit.take(now));
        let Some(seat) = self.seats.get_mut(&id) else { return };
        seat.in_flight = seat.in_flight.saturating_add(1);
        let policies = self.policies.iter_mut().filter(|(name, _)| seat.keeps_to(name));
        policies.for_each(|(_, (_, limit))| limit.take(now));
        let announced = self.announced.iter_mut().filter(|(name, _)| seat.keeps_to(name));
        announced.for_each(|(_, limit)| limit.take(now));
    }

    /// One exchange of this walk is over.
    pub(super) fn answered(&mut self, id: SeatId) {
        self.circuit.release(id);
        let Some(seat) = self.seats.get_mut(&id).filter(|seat| seat.in_flight > 0) else { return };
        seat.in_flight -= 1;
        self.in_flight = self.in_flight.saturating_sub(1);
        let announced = self.announced.iter_mut().filter(|(name, _)| seat.keeps_to(name));
        announced.for_each(|(_, limit)| limit.finished());
    }

    /// What an answer says of the rate holds for all walks whose answers speak of the same limits.
    pub(super) fn observe(
        &mut self,
        id: SeatId,
        headers: &Headers,
        hints: &[ReadHint],
        now: Now,
    ) -> Observed {
        let said = hints::read(headers, hints, now);
        let mut observed = Observed { ignored: said.ignored, declared: said.declared, ..Observed::default() };
        if let Some(wait) = said.declared {
            self.hold_until(now.tick.after(wait));
        }
        for reading in said.readings {
            if reading.remaining == Some(0) {
                observed.empty = true;
                observed.reset = observed.reset.max(reading.reset);
            }
            if let Some(known) = self.announced.get_mut(&reading.name) {
                known.again(&reading, now.tick);
            } else if self.announced.len() >= MOST {
                observed.ignored = observed.ignored.saturating_add(1);
                continue;
            } else if let Some(limit) = Announced::first(&reading, now.tick) {
                self.announced.insert(reading.name.clone(), limit);
            }
            self.own(id, reading.name);
        }
        for (name, window) in said.policies {
            let known = self.policies.get(&name).is_some_and(|(w, _)| *w == window);
            if !known {
                let room = self.policies.len() < MOST || self.policies.contains_key(&name);
                let Some(limit) = Limit::of(&window).filter(|_| room) else { continue };
                self.policies.insert(name.clone(), (window, limit));
            }
            self.own(id, name);
        }
        observed
    }

    fn own(&mut self, id: SeatId, name: String) {
        if let Some(seat) = self.seats.get_mut(&id) {
            seat.own.insert(name);
        }
    }

    /// Nothing leaves before.
    pub(super) fn hold_until(&mut self, until: Tick) {
        self.hold = self.hold.max(until);
    }

    /// A transient failure.
    pub(super) fn failed(&mut self, id: SeatId, now: Tick) {
        let low = self.seats.len() > 1 && self.bucket.is_low();
        self.circuit.failed(id, low, now);
    }

    /// What one more try costs now, if it can be paid.
    pub(super) fn charge(&mut self, cost: u32) -> Option<u32> {
        let cost = if self.circuit.is_open() { 0 } else { cost };
        self.bucket.charge(cost).then_some(cost)
    }

    /// An answer that is no transient failure.
    pub(super) fn succeeded(&mut self) {
        self.circuit.succeeded(u32::try_from(self.seats.len()).unwrap_or(u32::MAX));
    }
}
