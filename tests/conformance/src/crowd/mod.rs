//! Many walks against one server in virtual time, in one process or several: how fast they go, and what the server
//! makes of it.

mod server;

pub use server::{Api, Limit, Speaks};

use everypage_core::facts::Verdict;
use everypage_core::http::{Failure, Request, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::{Rng, Seed};
use everypage_core::source::{Fill, Source};
use everypage_core::time::{Now, Tick, UnixMillis};
use everypage_core::walk::{BlockedOn, Report, Step, Ticket, Walk};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Wall time at tick 0.
pub const EPOCH: i64 = 1_790_000_000_000;
/// What hosts wait for a slot of the budget before they look for themselves.
const LOOK_AGAIN: u64 = 500;

/// Who walks, and over what kind of network.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// Processes; each has a budget of its own.
    pub processes: usize,
    /// Walks in each.
    pub walks: usize,
    /// The source of all of them.
    pub source: Value,
    /// A request takes this long to the server, and its answer back: least and most.
    pub way: (u64, u64),
    /// Nothing is counted after this moment.
    pub until: u64,
    /// What chance comes from.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Requests that reached the server.
    pub requests: u64,
    /// How the walks that are over ended.
    pub reports: Vec<Report>,
    /// When the last of them did.
    pub ended: u64,
}

impl Told {
    /// Walks that ended with their list.
    pub fn whole(&self) -> usize {
        let whole = |report: &&Report| matches!(report.verdict, Verdict::Complete | Verdict::Unproven);
        self.reports.iter().filter(whole).count()
    }
}

enum Event {
    Poll,
    Arrive(Ticket, Box<Request>),
    Back(Ticket, Result<Response, Failure>),
}

struct Run<'a> {
    crowd: &'a Crowd,
    now: u64,
    walks: Vec<Option<Walk>>,
    /// When each is polled next.
    wake: Vec<u64>,
    /// Those that wait for a slot of their budget.
    blocked: BTreeSet<usize>,
    events: BTreeMap<(u64, u64), (usize, Event)>,
    count: u64,
    rng: Rng,
    told: Told,
}

impl Crowd {
    /// Lets all walk, until they are over or the time is.
    ///
    /// # Panics
    /// When a walk breaks a promise to its host.
    pub fn run(&self, api: &mut Api) -> Told {
        let source = Source::from_value(&self.source, &Fill::none()).expect("the source is valid");
        let mut walks = Vec::new();
        for process in 0..self.processes {
            let budget = Budget::new();
            for walk in 0..self.walks {
                let seed = Seed(self.seed << 20 | (process as u64) << 10 | walk as u64);
                walks.push(Some(Walk::start(source.clone(), &budget, seed, at(1000))));
            }
        }
        let mut run = Run {
            crowd: self,
            now: 1000,
            wake: vec![u64::MAX; walks.len()],
            walks,
            blocked: BTreeSet::new(),
            events: BTreeMap::new(),
            count: 0,
            rng: Rng::new(Seed(self.seed)),
            told: Told::default(),
        };
        for index in 0..run.walks.len() {
            run.later(1000, index, Event::Poll);
        }
        run.through(api);
        run.told
    }
}

fn at(tick: u64) -> Now {
    Now { tick: Tick(tick), unix: Some(UnixMillis(EPOCH + tick.cast_signed())) }
}

impl Run<'_> {
    fn later(&mut self, at: u64, walk: usize, event: Event) {
        if matches!(event, Event::Poll) {
            // Of several wishes to be polled the first counts.
            if self.wake[walk] <= at {
                return;
            }
            self.wake[walk] = at;
        }
        self.count += 1;
        self.events.insert((at, self.count), (walk, event));
    }

    fn way(&mut self) -> u64 {
        let (least, most) = self.crowd.way;
        least + self.rng.up_to(most - least)
    }

    fn through(&mut self, api: &mut Api) {
        while let Some(((now, _), (walk, event))) = self.events.pop_first() {
            if now > self.crowd.until {
                return;
            }
            self.now = now;
            match event {
                // A poll that was overtaken by an earlier one.
                Event::Poll if self.wake[walk] != now => {}
                Event::Poll => {
                    self.wake[walk] = u64::MAX;
                    self.drive(walk);
                }
                Event::Arrive(ticket, request) => {
                    self.told.requests += 1;
                    let reply = api.arrive(&request, walk, now);
                    let back = now + self.way();
                    self.later(back, walk, Event::Back(ticket, reply));
                }
                Event::Back(ticket, reply) => self.back(walk, ticket, reply),
            }
        }
    }

    fn back(&mut self, index: usize, ticket: Ticket, reply: Result<Response, Failure>) {
        let now = at(self.now);
        let Some(walk) = self.walks[index].as_mut() else { return };
        let taken = match reply {
            Ok(response) => walk.handle_response(ticket, response, now),
            Err(failure) => walk.handle_failure(ticket, failure, now),
        };
        taken.expect("the ticket was handed out");
        self.later(self.now, index, Event::Poll);
        self.freed(index);
    }

    /// Something was given back to a budget: those that wait for it look again.
    fn freed(&mut self, index: usize) {
        let process = index / self.crowd.walks;
        let range = process * self.crowd.walks..(process + 1) * self.crowd.walks;
        let waiting: Vec<usize> = self.blocked.range(range).copied().collect();
        for walk in waiting {
            self.blocked.remove(&walk);
            self.later(self.now, walk, Event::Poll);
        }
    }

    fn drive(&mut self, index: usize) {
        loop {
            let Some(walk) = self.walks[index].as_mut() else { return };
            match walk.poll(at(self.now)) {
                Step::Send(exchange) => {
                    let there = self.now + self.way();
                    self.later(there, index, Event::Arrive(exchange.ticket, Box::new(exchange.request)));
                }
                Step::Deliver(page) => walk.acknowledge(page.id).expect("it was delivered"),
                Step::Sleep { until, .. } => return self.later(until.0, index, Event::Poll),
                Step::Blocked(BlockedOn::Budget) => {
                    self.blocked.insert(index);
                    return self.later(self.now + LOOK_AGAIN, index, Event::Poll);
                }
                Step::Blocked(_) => return,
                Step::Finish(report) => {
                    self.told.reports.push(*report);
                    self.told.ended = self.now;
                    self.walks[index] = None;
                    return self.freed(index);
                }
                Step::Authorize(_) => panic!("nobody asks for credentials here"),
            }
        }
    }
}

/// What most clients do when a request fails: wait so long, and ask again. The same walks over the same network; how
/// many requests reach the server until all have their pages.
pub fn naive(crowd: &Crowd, api: &mut Api, pages: u64, delay: u64) -> u64 {
    let mut rng = Rng::new(Seed(crowd.seed));
    let walks = crowd.processes * crowd.walks;
    let mut events: BTreeSet<(u64, usize)> = (0..walks).map(|walk| (1000, walk)).collect();
    let mut left = vec![pages; walks];
    let mut requests = 0;
    let (least, most) = crowd.way;
    while let Some((now, walk)) = events.pop_first() {
        if now > crowd.until {
            break;
        }
        let there = now + least + rng.up_to(most - least);
        requests += 1;
        let page = pages - left[walk];
        let url = format!("{}?cursor={page}", api.url());
        let request =
            Request { url, method: everypage_core::http::Method::Get, headers: Vec::new(), body: None };
        let good = api.arrive(&request, walk, there).is_ok_and(|reply| reply.status == 200);
        let back = there + least + rng.up_to(most - least);
        left[walk] -= u64::from(good);
        if left[walk] > 0 {
            events.insert((if good { back } else { back + delay }, walk));
        }
    }
    requests
}
