//! Budgets, walks and servers in a small world with a clock of its own.

mod announced;
mod declared;
mod fair;
mod outage;
mod sharing;
mod skew;

use super::{Budget, BudgetKey, Grant, Member, Rules, Wait};
use crate::http::Headers;
use crate::rng::{Rng, Seed};
use crate::time::{Now, Tick, UnixMillis};
use std::collections::{BTreeMap, BTreeSet};

fn key() -> BudgetKey {
    BudgetKey { origin: "https://api.example".into(), credential: 1 }
}

/// What a server makes of a request that reaches it.
trait Server {
    /// The answer to a request that arrives now, or none if it refuses it.
    fn arrive(&mut self, now: u64) -> Result<Headers, Headers>;
}

/// Uneven times, each up to so many milliseconds.
#[derive(Clone, Copy, Default)]
struct Chance {
    /// Timers fire late.
    timer: u64,
    /// Requests take time to reach the server.
    way: u64,
    /// Answers take time after that: at least, and more.
    answer: (u64, u64),
}

/// One grant: when and to whom, and when that walk had first asked for it.
#[derive(Clone, Copy, Debug)]
struct Granted {
    at: u64,
    walk: usize,
    asked: u64,
}

#[derive(Clone, Copy)]
enum Event {
    Arrive,
    Answer,
    Ask,
}

struct World<'a> {
    members: Vec<Member>,
    server: &'a mut dyn Server,
    chance: Chance,
    rng: Rng,
    events: BTreeMap<(u64, u64), (usize, Event)>,
    count: u64,
    blocked: BTreeSet<usize>,
    asked: BTreeMap<usize, u64>,
    answers: BTreeMap<usize, Result<Headers, Headers>>,
    granted: Vec<Granted>,
    /// The most grants to walks that had asked later, when a walk came as it was told and was sent away again.
    passed_over: usize,
    refused: u64,
}

impl<'a> World<'a> {
    /// So many walks, each with one request on the wire at most, that all start at about the same time.
    fn new(rules: &[Rules], server: &'a mut dyn Server, chance: Chance, seed: u64) -> World<'a> {
        let budget = Budget::new();
        let mut world = World {
            members: rules.iter().map(|rules| budget.join(&key(), rules)).collect(),
            server,
            chance,
            rng: Rng::new(Seed(seed)),
            events: BTreeMap::new(),
            count: 0,
            blocked: BTreeSet::new(),
            asked: BTreeMap::new(),
            answers: BTreeMap::new(),
            granted: Vec::new(),
            passed_over: 0,
            refused: 0,
        };
        for walk in 0..rules.len() {
            let at = world.rng.up_to(50);
            world.later(at, walk, Event::Ask);
        }
        world
    }

    fn later(&mut self, at: u64, walk: usize, event: Event) {
        self.count += 1;
        self.events.insert((at, self.count), (walk, event));
    }

    /// Lets time pass until then.
    fn run(&mut self, until: u64) {
        while let Some(((now, n), (walk, event))) = self.events.pop_first() {
            if now > until {
                self.events.insert((now, n), (walk, event));
                return;
            }
            match event {
                Event::Arrive => {
                    let answer = self.server.arrive(now);
                    self.refused += u64::from(answer.is_err());
                    self.answers.insert(walk, answer);
                    let takes = self.chance.answer.0 + self.rng.up_to(self.chance.answer.1);
                    self.later(now + takes, walk, Event::Answer);
                }
                Event::Answer => self.answer(walk, now),
                Event::Ask => self.ask(walk, now),
            }
        }
    }

    fn answer(&mut self, walk: usize, now: u64) {
        let member = &mut self.members[walk];
        member.answered();
        if let Some(Ok(headers) | Err(headers)) = self.answers.remove(&walk) {
            member.observe(&headers, &[], clock(now));
        }
        for waiting in std::mem::take(&mut self.blocked) {
            self.later(now, waiting, Event::Ask);
        }
        self.later(now, walk, Event::Ask);
    }

    fn ask(&mut self, walk: usize, now: u64) {
        let asked = *self.asked.entry(walk).or_insert(now);
        match self.members[walk].grant(clock(now)) {
            Grant::Go => {
                self.asked.remove(&walk);
                self.granted.push(Granted { at: now, walk, asked });
                let way = self.rng.up_to(self.chance.way);
                self.later(now + way, walk, Event::Arrive);
            }
            Grant::NotBefore { at, why } => {
                assert!(at.0 > now && why == Wait::Pace);
                self.note_passing(asked);
                let late = self.rng.up_to(self.chance.timer);
                self.later(at.0 + late, walk, Event::Ask);
            }
            Grant::Busy => {
                self.note_passing(asked);
                self.blocked.insert(walk);
            }
        }
    }
}

impl World<'_> {
    /// The walk is sent away: who was served meanwhile, though they asked later?
    fn note_passing(&mut self, asked: u64) {
        let later =
            self.granted.iter().rev().take_while(|g| g.at >= asked).filter(|g| g.asked > asked).count();
        self.passed_over = self.passed_over.max(later);
    }
}

/// When the small world begins, on its walls: 2026-11-22T09:30:00Z.
const EPOCH: i64 = 1_795_339_800_000;

fn clock(now: u64) -> Now {
    Now { tick: Tick(now), unix: Some(UnixMillis(EPOCH + now.cast_signed())) }
}
