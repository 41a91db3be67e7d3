//! Whole walks against absurd servers, clocks and callers.

use crate::absurd::{CANARY, REQUESTS, response, source};
use crate::mutate::Mutator;
use everypage_core::checkpoint::{Checkpoint, Digest};
use everypage_core::facts::{Auth, Secret};
use everypage_core::http::{Failure, FailureKind, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::Source;
use everypage_core::time::{Millis, Now, Tick, UnixMillis};
use everypage_core::walk::{BlockedOn, Generation, PageId, Report, ResumeError, Step, Ticket, Walk};
use serde_json::Value;
use std::collections::BTreeSet;

/// A host that does whatever comes to its mind, and looks at what the walk makes of it.
struct Wild {
    mutator: Mutator,
    now: Now,
    /// On the wire.
    flying: Vec<Ticket>,
    /// Delivered and not acknowledged, with their ids.
    waiting: Vec<(PageId, Vec<Vec<u8>>)>,
    /// Everything acknowledged, where records have ids.
    stored: BTreeSet<Vec<u8>>,
    has_id: bool,
    asked: Option<Generation>,
    last_page: Option<PageId>,
    requests: u64,
    calm: bool,
}

impl Wild {
    /// Moves time; now and then by ages, and seldom back.
    fn advance(&mut self, until: Option<Tick>) {
        let by = match (until, self.mutator.below(12)) {
            (Some(until), 0..=8) => until.since(self.now.tick).0,
            (_, 9) if !self.calm => 1 << self.mutator.below(64),
            (_, 10) if !self.calm => return self.now.tick = Tick(self.now.tick.0 / 2),
            _ => self.mutator.rng.up_to(5000),
        };
        self.now.tick = self.now.tick.after(Millis(by));
        self.now.unix = match self.mutator.below(40) {
            0 => None,
            1 => Some(UnixMillis(i64::MIN)),
            2 => Some(UnixMillis(i64::MAX)),
            _ => Some(UnixMillis(1_790_000_000_000).after(Millis(self.now.tick.0))),
        };
    }

    /// Calls that don't fit must change nothing.
    fn misuse(&mut self, walk: &mut Walk) {
        let before = (walk.checkpoint().to_json(), format!("{:?}", walk.progress()));
        let ticket = Ticket(self.mutator.rng.next_u64() | 1 << 40);
        assert!(walk.handle_response(ticket, Response::default(), self.now).is_err());
        assert!(walk.handle_failure(ticket, Failure::new(FailureKind::Other, ""), self.now).is_err());
        assert!(walk.acknowledge(PageId(u64::MAX)).is_err());
        assert!(walk.acknowledge(PageId(0)).is_err());
        if let Some((second, _)) = self.waiting.get(1) {
            assert!(walk.acknowledge(*second).is_err(), "out of order");
        }
        assert!(walk.handle_credentials(Generation(u32::MAX), None, self.now).is_err());
        let after = (walk.checkpoint().to_json(), format!("{:?}", walk.progress()));
        assert_eq!(before, after, "a usage error changed something");
    }

    fn answer(&mut self, walk: &mut Walk) {
        if self.flying.is_empty() {
            return;
        }
        let at = self.mutator.below(self.flying.len());
        let ticket = self.flying.remove(at);
        let taken = if !self.calm && self.mutator.chance(15) {
            let kind = FailureKind::ALL[self.mutator.below(FailureKind::ALL.len())];
            walk.handle_failure(ticket, Failure::new(kind, "x"), self.now)
        } else {
            let response = response(&mut self.mutator, self.calm);
            walk.handle_response(ticket, response, self.now)
        };
        taken.unwrap();
        assert!(walk.handle_response(ticket, Response::default(), self.now).is_err(), "answered twice");
    }

    fn acknowledge(&mut self, walk: &mut Walk) {
        if self.waiting.is_empty() {
            return;
        }
        let (page, records) = self.waiting.remove(0);
        walk.acknowledge(page).unwrap();
        for record in records.into_iter().filter(|_| self.has_id) {
            let id = serde_json::from_slice::<Value>(&record).map(|record| record["id"].to_string());
            if let Ok(id) = id {
                assert!(self.stored.insert(id.clone().into_bytes()), "{id} came twice");
            }
        }
    }

    /// Asks what to do until there is nothing new, and checks that asking again says the same.
    fn poll(&mut self, walk: &mut Walk) -> Option<Report> {
        for _ in 0..200 {
            match walk.poll(self.now) {
                Step::Send(exchange) => {
                    let url = &exchange.request.url;
                    assert!(url.starts_with("https://api.example.com/"), "{url}");
                    self.flying.push(exchange.ticket);
                    self.requests += 1;
                }
                Step::Deliver(page) => {
                    assert!(self.last_page.is_none_or(|last| page.id > last) && !page.is_empty());
                    self.last_page = Some(page.id);
                    self.waiting.push((page.id, page.records().map(<[u8]>::to_vec).collect()));
                }
                Step::Authorize(generation) => {
                    assert!(self.asked.is_none());
                    self.asked = Some(generation);
                }
                Step::Finish(report) => {
                    let Step::Finish(again) = walk.poll(self.now) else { panic!("the end is not the end") };
                    assert_eq!(*again, *report);
                    assert!(!report.to_json().contains(CANARY), "{}", report.to_json());
                    return Some(*report);
                }
                step @ (Step::Blocked(_) | Step::Sleep { .. }) => {
                    assert_eq!(format!("{step:?}"), format!("{:?}", walk.poll(self.now)), "asked again");
                    match step {
                        Step::Sleep { until, .. } => {
                            assert!(until > self.now.tick || until.0 == u64::MAX, "a sleep into the past");
                            self.advance(Some(until));
                        }
                        Step::Blocked(BlockedOn::Answer) => assert!(!self.flying.is_empty()),
                        Step::Blocked(BlockedOn::Acknowledgement) => assert!(!self.waiting.is_empty()),
                        Step::Blocked(BlockedOn::Credentials) => assert!(self.asked.is_some()),
                        Step::Blocked(BlockedOn::Budget) => panic!("a lone walk waits for another"),
                        Step::Authorize(_) | Step::Deliver(_) | Step::Finish(_) | Step::Send(_) => {}
                    }
                    return None;
                }
            }
        }
        panic!("there is always something new to do");
    }

    fn fresh(&mut self) -> Option<Auth> {
        let bearer = ("authorization".to_owned(), Secret::new(format!("Bearer {CANARY}")));
        self.mutator.chance(70).then(|| Auth { headers: vec![bearer], ..Auth::default() })
    }

    /// Walks to the end, with whatever occurs to it on the way.
    fn run(mut self, source: &Source) -> Report {
        let mut walk = Walk::start(source.clone(), &Budget::new(), Seed(1), self.now);
        for step in 0..3000 {
            // A clock that leaps would make any limit hit or miss: towards the end it is quiet.
            self.calm = step > 300;
            if let Some(report) = self.poll(&mut walk) {
                assert!(self.requests <= REQUESTS * 8, "{} requests", self.requests);
                return report;
            }
            match self.mutator.below(if self.calm { 8 } else { 12 }) {
                0..=3 => self.answer(&mut walk),
                4 | 5 => self.acknowledge(&mut walk),
                6 => {
                    if let Some(generation) = self.asked.take() {
                        let fresh = self.fresh();
                        walk.handle_credentials(generation, fresh, self.now).unwrap();
                    }
                }
                7 => self.advance(None),
                8 | 9 => self.misuse(&mut walk),
                10 if self.mutator.chance(5) => {
                    walk.stop();
                    self.waiting.clear();
                }
                10 => drop(Wild::look(&walk)),
                _ if self.mutator.chance(20) => walk = self.resume(&walk, source),
                _ => self.advance(None),
            }
        }
        panic!("the walk doesn't end");
    }

    /// A checkpoint reads back, holds no secret, and no change of it breaks anything.
    fn look(walk: &Walk) -> Checkpoint {
        let text = walk.checkpoint().to_json();
        let masked = text.replace("%2D", "-");
        assert!(!masked.contains(CANARY), "{text}");
        let checkpoint = Checkpoint::from_json(&text).unwrap();
        assert_eq!(checkpoint.to_json(), text);
        checkpoint
    }

    /// Goes on from the checkpoint, like another process: nothing that was acknowledged comes again.
    fn resume(&mut self, walk: &Walk, source: &Source) -> Walk {
        let checkpoint = Wild::look(walk);
        self.flying.clear();
        self.waiting.clear();
        (self.asked, self.last_page) = (None, None);
        match Walk::resume(source.clone(), &Budget::new(), checkpoint, Seed(2), self.now) {
            Ok(walk) => walk,
            // A server's own secret in its link is not kept, so only another start helps.
            Err(ResumeError::MissingSecret) if source.auth == Auth::default() => {
                self.stored.clear();
                Walk::start(source.clone(), &Budget::new(), Seed(2), self.now)
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn wild(seed: u64) -> (Wild, Source) {
    let mut mutator = Mutator::new(seed);
    let source = source(&mut mutator);
    let now = Now { tick: Tick(1000), unix: Some(UnixMillis(1_790_000_000_000)) };
    let has_id = source.id.is_some();
    let wild = Wild {
        mutator,
        now,
        flying: Vec::new(),
        waiting: Vec::new(),
        stored: BTreeSet::new(),
        has_id,
        asked: None,
        last_page: None,
        requests: 0,
        calm: false,
    };
    (wild, source)
}

#[test]
fn absurd_servers_clocks_and_callers_break_nothing() {
    let mut verdicts = std::collections::BTreeMap::new();
    for seed in 0..300 {
        let (wild, source) = wild(seed);
        let report = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wild.run(&source)));
        let Ok(report) = report else { panic!("seed {seed}") };
        let code = report.error.map(|error| error.code);
        *verdicts.entry((format!("{:?}", report.verdict), code)).or_insert(0) += 1;
    }
    println!("{verdicts:#?}");
    assert!(verdicts.len() > 10, "the walks are all alike: {verdicts:?}");
}

/// The checkpoint with its payload changed and a right checksum.
fn forged(mutator: &mut Mutator, text: &str) -> String {
    let all: Value = serde_json::from_str(text).unwrap();
    let payload = all["payload"].to_string();
    let mut bytes = payload.clone().into_bytes();
    mutator.change(&mut bytes, &[payload.as_bytes()]);
    let changed = String::from_utf8_lossy(&bytes).into_owned();
    // In the order of the envelope, or the change goes no further than the checksum.
    let payload = serde_json::from_str::<Value>(&changed).map_or(changed, |value| value.to_string());
    let (length, checksum) = (payload.len(), Digest::of(payload.as_bytes()));
    format!(
        r#"{{"checksum":"{checksum}","format":"everypage-checkpoint","length":{length},"payload":{payload},"version":1}}"#
    )
}

#[test]
fn checkpoints_forged_with_a_right_checksum_break_nothing() {
    let (mut read, mut resumed) = (0, 0);
    for seed in 0..120 {
        let (mut wild, source) = wild(seed);
        wild.calm = true;
        let mut walk = Walk::start(source.clone(), &Budget::new(), Seed(1), wild.now);
        for _ in 0..12 {
            if wild.poll(&mut walk).is_some() {
                break;
            }
            wild.answer(&mut walk);
            wild.acknowledge(&mut walk);
        }
        let text = walk.checkpoint().to_json();
        for _ in 0..8 {
            let changed = forged(&mut wild.mutator, &text);
            let Ok(checkpoint) = Checkpoint::from_json(&changed) else { continue };
            read += 1;
            let Ok(mut walk) = Walk::resume(source.clone(), &Budget::new(), checkpoint, Seed(3), wild.now)
            else {
                continue;
            };
            resumed += 1;
            let mut flying = Vec::new();
            for _ in 0..60 {
                match walk.poll(wild.now) {
                    Step::Send(exchange) => {
                        assert!(
                            exchange.request.url.starts_with("https://api.example.com/"),
                            "{}",
                            exchange.request.url
                        );
                        flying.push(exchange.ticket);
                    }
                    Step::Deliver(page) => walk.acknowledge(page.id).unwrap(),
                    Step::Sleep { until, .. } => wild.now.tick = until,
                    Step::Authorize(generation) => {
                        walk.handle_credentials(generation, None, wild.now).unwrap();
                    }
                    Step::Blocked(_) => {
                        let Some(ticket) = flying.pop() else { break };
                        let answer = response(&mut wild.mutator, true);
                        walk.handle_response(ticket, answer, wild.now).unwrap();
                    }
                    Step::Finish(_) => break,
                }
            }
            let _ = walk.checkpoint().to_json();
        }
    }
    assert!(read > 100 && resumed > 100, "{read} {resumed}");
}
