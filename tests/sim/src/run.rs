//! One run: walks, their hosts, one API, one clock.

use crate::actor::{Actor, Flight};
use crate::draw::Draw;
use crate::log::Log;
use crate::server::Server;
use crate::setup::{Setup, Style};
use crate::source::{auth, other, secret, source};
use crate::wire::{Reply, Wire};
use crate::{judge, watch};
use everypage_core::error::UsageError;
use everypage_core::facts::{Auth, Verdict};
use everypage_core::pace::Budget;
use everypage_core::source::Source;
use everypage_core::time::{Now, Tick, UnixMillis};
use everypage_core::walk::{BlockedOn, Generation, SleepReason, Step, Ticket};
use std::collections::BTreeSet;

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The style.
    pub style: Style,
    /// Whether the list changed.
    pub churned: bool,
    /// Whether nothing lied.
    pub honest: bool,
    /// The verdict of each walk.
    pub verdicts: Vec<Verdict>,
    /// Requests on the wire.
    pub requests: u64,
    /// Crashes.
    pub crashes: u64,
    /// Why the last walk is not known to be complete.
    pub reason: Option<String>,
    /// What went against a promise.
    pub violation: Option<String>,
    /// Everything that happened, if it was wanted.
    pub log: String,
}

/// Why the driving of an actor paused.
pub(crate) enum Pause {
    /// It waits for something.
    Quiet,
    /// The process died.
    Crash,
}

/// Whether both steps wait for the same thing.
fn same_wait(first: &Step, second: &Step) -> bool {
    match (first, second) {
        (Step::Blocked(a), Step::Blocked(b)) => a == b,
        (Step::Sleep { until: a, why: why_a }, Step::Sleep { until: b, why: why_b }) => {
            a == b && why_a == why_b
        }
        _ => false,
    }
}

/// A run under way.
pub(crate) struct Sim {
    pub setup: Setup,
    pub source: Source,
    pub draw: Draw,
    pub now: u64,
    pub wire: Wire,
    pub budget: Budget,
    pub actors: Vec<Actor>,
    pub log: Log,
    pub canaries: Vec<String>,
    /// No request before, for all walks on the budget.
    pub floor: u64,
    /// When requests went out in this life of the process.
    pub sends: Vec<u64>,
    /// A source whose checkpoints these are not.
    other: Option<Source>,
    /// Generations of credentials that were asked for in this life of the process.
    asked: BTreeSet<u32>,
    seeds: u64,
}

/// Runs a seed.
pub fn run(seed: u64, style: Option<Style>, trace: bool) -> Outcome {
    of(Setup::draw(seed, style), trace)
}

/// Runs a setup.
pub(crate) fn of(setup: Setup, trace: bool) -> Outcome {
    let honest = judge::honest(&setup);
    let mut outcome = Outcome {
        style: setup.style,
        churned: setup.churn.rate > 0,
        honest,
        verdicts: Vec::new(),
        requests: 0,
        crashes: 0,
        reason: None,
        violation: None,
        log: String::new(),
    };
    let mut sim = match Sim::new(setup, trace) {
        Ok(sim) => sim,
        Err(violation) => return Outcome { violation: Some(violation), ..outcome },
    };
    outcome.violation = sim.live().err();
    for actor in &sim.actors {
        outcome.verdicts.extend(actor.report.as_ref().map(|report| report.verdict));
        outcome.requests += actor.sends;
        outcome.crashes += u64::from(actor.crashes);
    }
    outcome.reason = sim.actors.last().and_then(|actor| actor.report.as_ref()).and_then(judge::reason);
    outcome.log = sim.log.take();
    outcome
}

impl Sim {
    fn new(setup: Setup, trace: bool) -> Result<Sim, String> {
        let mut log = Log::new(trace);
        log.line(|| format!("{setup:?}"));
        let other = if setup.seed % 16 == 5 { Some(other(&setup, setup.seed / 16)?) } else { None };
        Ok(Sim {
            source: source(&setup)?,
            other,
            asked: BTreeSet::new(),
            draw: Draw::new(setup.seed, 2),
            now: 1000,
            wire: Wire { server: Server::new(&setup), generation: 0 },
            budget: Budget::new(),
            actors: (0..setup.walks as usize).map(Actor::new).collect(),
            log,
            canaries: watch::forms(&secret(setup.seed, 0)),
            floor: 0,
            sends: Vec::new(),
            seeds: setup.seed,
            setup,
        })
    }

    /// What the host's clocks say.
    pub(crate) fn clock(&self) -> Now {
        let unix = (!self.setup.no_clock).then_some(UnixMillis(1_790_000_000_000 + self.now.cast_signed()));
        Now { tick: Tick(self.now), unix }
    }

    fn server_clock(&self) -> i64 {
        1_790_000_000_000 + self.now.cast_signed() + self.setup.skew
    }

    fn live(&mut self) -> Result<(), String> {
        for index in 0..self.actors.len() {
            self.open(index)?;
        }
        let (mut rounds, mut quiet) = (0_u64, false);
        loop {
            rounds += 1;
            if rounds > 200_000 {
                return Err("I-22: the run never ends".into());
            }
            let mut crashed = false;
            let first = self.draw.below(self.actors.len() as u64) as usize;
            for turn in 0..self.actors.len() {
                let index = (first + turn) % self.actors.len();
                if let Pause::Crash = self.drive(index)? {
                    self.crash()?;
                    crashed = true;
                    break;
                }
            }
            if self.actors.iter().all(Actor::is_done) {
                break;
            }
            if crashed {
                continue;
            }
            let next =
                self.actors.iter().filter(|a| !a.is_done()).filter_map(|a| a.next_event(self.now)).min();
            let Some(next) = next else {
                if self.actors.iter().any(|a| !a.is_done() && a.taken.front().is_some()) {
                    continue;
                }
                // A walk may wait for what another one, whose turn came after it, has given back.
                if !std::mem::replace(&mut quiet, true) {
                    continue;
                }
                return Err("the walks wait for each other for ever".into());
            };
            quiet = false;
            self.now = self.now.max(next);
            self.deliver()?;
        }
        for index in 0..self.actors.len() {
            judge::last(self, index)?;
        }
        Ok(())
    }

    /// Takes a walk up again in the living process.
    pub(crate) fn reopen(&mut self, index: usize) -> Result<(), String> {
        self.open(index)
    }

    fn open(&mut self, index: usize) -> Result<(), String> {
        self.seeds = self.seeds.wrapping_add(0x1234_5678_9abc_def1);
        let (now, seed) = (self.clock(), self.seeds);
        let Some(actor) = self.actors.get_mut(index) else { return Ok(()) };
        actor.open(&self.source, &self.budget, seed, now, &self.canaries, self.other.as_ref())?;
        self.log.line(|| format!("{} open resumed={}", actor.index, actor.watch.resumed));
        if !actor.watch.resumed {
            let text = actor.checkpoint(&self.canaries, false)?;
            actor.disk.store(text);
        }
        Ok(())
    }

    /// The process dies: every walk in it, the budget, what is on the wire.
    fn crash(&mut self) -> Result<(), String> {
        let times = if self.draw.permille(200) { 2 } else { 1 };
        self.budget = Budget::new();
        self.floor = 0;
        self.sends.clear();
        self.asked.clear();
        self.now += self.draw.below(5000);
        for _ in 0..times {
            for index in 0..self.actors.len() {
                let Some(actor) = self.actors.get_mut(index) else { continue };
                if actor.is_done() {
                    continue;
                }
                self.log.line(|| format!("{} {index} crash", self.now));
                let flights = std::mem::take(&mut actor.flights);
                actor.walk = None;
                actor.crashes += 1;
                actor.disk.crash(&mut self.draw);
                for flight in flights.into_iter().filter(|f| f.reply.is_none()) {
                    if self.draw.coin() {
                        let clock = self.server_clock();
                        let _ = self.wire.answer(&self.setup, &flight.request, clock, &mut self.draw);
                    }
                }
                self.open(index)?;
            }
        }
        Ok(())
    }

    /// Lets one walk go on until it waits.
    fn drive(&mut self, index: usize) -> Result<Pause, String> {
        loop {
            if self.actors.get(index).is_none_or(Actor::is_done) {
                return Ok(Pause::Quiet);
            }
            let crashes = self.actors.get(index).map_or(0, |a| a.crashes);
            if crashes < 40 && self.draw.permille(self.setup.crash) {
                return Ok(Pause::Crash);
            }
            let now = self.clock();
            let stop = self.draw.permille(self.setup.stop);
            let Some(actor) = self.actors.get_mut(index) else { return Ok(Pause::Quiet) };
            let Some(walk) = actor.walk.as_mut() else { return Ok(Pause::Quiet) };
            if stop && actor.report.is_none() {
                self.log.line(|| format!("{} {index} stop", now.tick.0));
                walk.stop();
                actor.watch.stopped = true;
                actor.taken.clear();
            }
            let step = walk.poll(now);
            self.log.line(|| format!("{} {index} {}", now.tick.0, Log::step(&step)));
            match step {
                Step::Send(exchange) => self.send(index, exchange.ticket, exchange.request)?,
                Step::Deliver(page) => {
                    let ready = self.now + self.draw.below(self.setup.consumer + 1);
                    let truth = &self.wire.server.truth;
                    actor.take(&self.setup, truth, &page, ready)?;
                }
                Step::Authorize(Generation(generation)) => {
                    if !self.asked.insert(generation) {
                        return Err(format!("I-62: generation {generation} is asked for twice"));
                    }
                    let fresh = auth(&self.setup, self.wire.generation);
                    self.canaries.extend(watch::forms(&secret(self.setup.seed, self.wire.generation)));
                    let fresh = Auth::from_value(&fresh).map_err(|error| error.to_string())?;
                    walk.handle_credentials(Generation(generation), Some(fresh), now)
                        .map_err(|error| format!("credentials that were asked for: {error}"))?;
                }
                Step::Finish(report) => {
                    self.finish(index, *report)?;
                }
                Step::Sleep { until, why } => {
                    actor.wake = Some(until.0);
                    actor.paces(why, 2 * (self.setup.walks - 1))?;
                    if why == SleepReason::Backoff && actor.watch.latest.is_some_and(|at| until.0 > at) {
                        return Err("I-27: a pause longer than the backoff allows".into());
                    }
                    if until.0 <= self.now {
                        return Err("I-1: a sleep that is over before it begins".into());
                    }
                    if let Some(deadline) = self.setup.deadline
                        && until.0 > actor.watch.started + deadline
                    {
                        return Err("I-28: a sleep past the deadline".into());
                    }
                    self.again(index)?;
                    match self.consume(index, false)? {
                        Some(true) => return Ok(Pause::Crash),
                        Some(false) => {}
                        None => return Ok(Pause::Quiet),
                    }
                }
                Step::Blocked(on) => {
                    actor.wake = None;
                    (actor.passed, actor.overtaken) = (0, 0);
                    if on == BlockedOn::Answer && actor.flights.is_empty() {
                        return Err("I-1: it waits for an answer to nothing".into());
                    }
                    if on == BlockedOn::Acknowledgement && actor.taken.is_empty() {
                        return Err("I-1: it waits for an acknowledgement of nothing".into());
                    }
                    self.again(index)?;
                    match self.consume(index, on == BlockedOn::Acknowledgement)? {
                        Some(true) => return Ok(Pause::Crash),
                        Some(false) => {}
                        None => return Ok(Pause::Quiet),
                    }
                }
            }
        }
    }

    /// Asking again without news changes nothing; neither does a misuse.
    fn again(&mut self, index: usize) -> Result<(), String> {
        let now = self.clock();
        let misuse = self.draw.permille(50);
        let Some(walk) = self.actors.get_mut(index).and_then(|a| a.walk.as_mut()) else { return Ok(()) };
        let first = walk.poll(now);
        if misuse {
            let unknown =
                walk.handle_response(Ticket(u64::MAX), everypage_core::http::Response::default(), now);
            if unknown != Err(UsageError::UnknownTicket) {
                return Err("I-31: an unknown ticket was taken".into());
            }
            if walk.acknowledge(everypage_core::walk::PageId(u64::MAX)).is_ok() {
                return Err("a page that never was is acknowledged".into());
            }
        }
        let second = walk.poll(now);
        if !same_wait(&first, &second) {
            let (first, second) = (Log::step(&first), Log::step(&second));
            return Err(format!("I-1: asked again without news: {first}, then {second}"));
        }
        Ok(())
    }

    fn send(
        &mut self,
        index: usize,
        ticket: Ticket,
        request: everypage_core::http::Request,
    ) -> Result<(), String> {
        let Some(actor) = self.actors.get_mut(index) else { return Ok(()) };
        self.log.line(|| format!("    {}", request.url));
        actor.watch.refreshed = self.wire.generation > 0;
        actor.watch.sent(&self.setup, &request, self.now, actor.flights.len())?;
        watch::template(&self.setup, &self.wire, &request)?;
        actor.sends += 1;
        (actor.passed, actor.overtaken) = (0, 0);
        actor.wake = None;
        if self.now < self.floor.max(actor.floor) {
            let early = self.floor.max(actor.floor) - self.now;
            return Err(format!("I-26: a request {early} ms earlier than told"));
        }
        self.sends.push(self.now);
        if let Some((requests, per)) = self.setup.rate {
            let from = (self.now + 1).saturating_sub(per);
            let count = self.sends.iter().rev().take_while(|at| **at >= from).count() as u64;
            if count > requests {
                return Err(format!("I-32: {count} requests in {per} ms, {requests} are allowed"));
            }
        }
        let served_at = self.now + 1 + self.draw.below(self.setup.latency);
        let back_at = served_at + self.draw.below(self.setup.latency);
        actor.flights.push(Flight { ticket, request, served_at, back_at, reply: None });
        for actor in self.actors.iter_mut().filter(|actor| actor.index != index) {
            actor.passed += u64::from(actor.paced && actor.wake.is_some_and(|wake| wake <= self.now));
        }
        Ok(())
    }

    /// What arrives at this moment, at the server and back at the hosts.
    fn deliver(&mut self) -> Result<(), String> {
        for index in 0..self.actors.len() {
            let mut at = 0;
            loop {
                let clock = self.server_clock();
                let Some(actor) = self.actors.get_mut(index) else { break };
                let Some(flight) = actor.flights.get_mut(at) else { break };
                if flight.reply.is_none() && flight.served_at <= self.now {
                    let reply = self.wire.answer(&self.setup, &flight.request, clock, &mut self.draw);
                    self.log.line(|| {
                        format!("{} {index} served {} {}", self.now, flight.ticket.0, Log::reply(&reply))
                    });
                    let version = reply.shows.unwrap_or(self.wire.server.truth.version);
                    flight.reply = Some((reply, version));
                }
                if flight.back_at > self.now || flight.reply.is_none() {
                    at += 1;
                    continue;
                }
                let flight = actor.flights.remove(at);
                self.back(index, flight)?;
            }
        }
        Ok(())
    }

    fn back(&mut self, index: usize, flight: Flight) -> Result<(), String> {
        let now = self.clock();
        let twice = self.draw.permille(30);
        let Some(actor) = self.actors.get_mut(index) else { return Ok(()) };
        let Some(walk) = actor.walk.as_mut() else { return Ok(()) };
        let Some((reply, version)) = flight.reply else { return Ok(()) };
        self.log.line(|| format!("{} {index} back {}", now.tick.0, flight.ticket.0));
        actor.watch.answer(&self.setup, &flight.request, &reply, self.now);
        let Reply { result, floor, until, good, again, odd, .. } = reply;
        actor.odd |= odd;
        if good {
            let first = actor.span.map_or(version, |(first, _)| first.min(version));
            let last = actor.span.map_or(version, |(_, last)| last.max(version));
            actor.span = Some((first, last));
            actor.watch.good(&flight.request);
        }
        let dead = matches!(&result, Ok(response) if response.status == 410);
        actor.watch.dead |= dead || self.setup.once && !good;
        if again {
            actor.watch.pending = Some(flight.request);
        } else {
            actor.watch.pending = None;
        }
        let taken = match result {
            Ok(response) => walk.handle_response(flight.ticket, response, now),
            Err(failure) => walk.handle_failure(flight.ticket, failure, now),
        };
        taken.map_err(|error| format!("I-31: an answer is refused: {error}"))?;
        if let Some(floor) = floor {
            self.floor = self.floor.max(self.now + floor);
        }
        if let Some(until) = until {
            actor.floor = actor.floor.max((until - self.setup.skew - 1_790_000_000_000).max(0) as u64);
        }
        if twice {
            let late = everypage_core::http::Response::default();
            if walk.handle_response(flight.ticket, late, now) != Err(UsageError::UnknownTicket) {
                return Err("I-31: a ticket was answered twice".into());
            }
        }
        Ok(())
    }
}
