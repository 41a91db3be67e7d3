//! Whole walks against absurd servers, clocks and callers: the input decides what occurs to them.

use super::CANARY;
use super::absurd::{REQUESTS, response, source};
use super::choices::Choices;
use super::stored::enclosed;
use super::watch::{Rest, Watch};
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::{Auth, Secret};
use everypage_core::http::FailureKind;
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::Source;
use everypage_core::time::{Millis, Now, Tick, UnixMillis};
use everypage_core::walk::{BlockedOn, Report, ResumeError, Step, Ticket, Walk};
use serde_json::Value;

/// After so many steps nothing odd happens any more: a clock that leaps would make any limit hit or miss.
const CALM: u32 = 300;
/// After so many the host does what it is asked, so that a walk that doesn't end is the walk's fault.
const ORDERLY: u32 = 2000;

/// A host that does whatever comes to its mind.
struct Wild<'a> {
    choices: Choices<'a>,
    watch: Watch,
    calm: bool,
}

impl Wild<'_> {
    fn new(input: &[u8]) -> (Wild<'_>, Source) {
        let mut choices = Choices::of(input);
        let source = source(&mut choices);
        let now = Now { tick: Tick(1000), unix: Some(UnixMillis(1_790_000_000_000)) };
        let watch = Watch::new(&source, true, now);
        (Wild { choices, watch, calm: false }, source)
    }

    /// Moves time; now and then by ages, and seldom back.
    fn advance(&mut self, until: Option<Tick>) {
        let now = &mut self.watch.now;
        let by = match (until, self.choices.below(12)) {
            (Some(until), 0..=8) => until.since(now.tick).0,
            (_, 9) if !self.calm => 1 << self.choices.below(64),
            (_, 10) if !self.calm => return now.tick = Tick(now.tick.0 / 2),
            _ => self.choices.up_to(5000),
        };
        now.tick = now.tick.after(Millis(by));
        now.unix = match self.choices.below(40) {
            1 => None,
            2 => Some(UnixMillis(i64::MIN)),
            3 => Some(UnixMillis(i64::MAX)),
            _ => Some(UnixMillis(1_790_000_000_000).after(Millis(now.tick.0))),
        };
    }

    fn answer(&mut self, walk: &mut Walk) {
        let which = self.choices.below(self.watch.flying.len());
        let answer = if !self.calm && self.choices.chance(15) {
            Err(FailureKind::ALL[self.choices.below(FailureKind::ALL.len())])
        } else {
            Ok(response(&mut self.choices, self.calm))
        };
        self.watch.answer(walk, which, answer);
    }

    fn authorize(&mut self, walk: &mut Walk) {
        let Some(generation) = self.watch.asked.take() else { return };
        let bearer = ("authorization".to_owned(), Secret::new(format!("Bearer {CANARY}")));
        let fresh = self.choices.chance(70).then(|| Auth { headers: vec![bearer], ..Auth::default() });
        assert_eq!(walk.handle_credentials(generation, fresh, self.watch.now), Ok(()));
    }

    /// Does what the walk waits for.
    fn orderly(&mut self, walk: &mut Walk, rest: &Rest) {
        match rest {
            Rest::Blocked(BlockedOn::Acknowledgement) => self.watch.acknowledge(walk),
            Rest::Blocked(BlockedOn::Credentials) => self.authorize(walk),
            Rest::Sleep(until) if self.watch.flying.is_empty() => self.watch.now.tick = *until,
            Rest::Blocked(BlockedOn::Answer | BlockedOn::Budget) | Rest::Sleep(_) => self.answer(walk),
            Rest::Over(_) => {}
        }
    }

    /// Walks to the end, with whatever occurs to it on the way.
    fn run(mut self, source: &Source) -> Box<Report> {
        let mut walk = self.watch.start(source, Seed(1));
        for step in 0..ORDERLY * 2 {
            self.calm = step > CALM;
            let rest = match self.watch.poll(&mut walk) {
                Rest::Over(report) => {
                    assert!(self.watch.requests <= REQUESTS * 8, "{} requests", self.watch.requests);
                    return report;
                }
                rest @ (Rest::Blocked(_) | Rest::Sleep(_)) => rest,
            };
            if step > ORDERLY {
                self.orderly(&mut walk, &rest);
                continue;
            }
            if let Rest::Sleep(until) = rest {
                self.advance(Some(until));
            }
            match self.choices.below(if self.calm { 8 } else { 12 }) {
                0..=3 => self.answer(&mut walk),
                4 | 5 => self.watch.acknowledge(&mut walk),
                6 => self.authorize(&mut walk),
                7 => self.advance(None),
                8 | 9 => {
                    let ticket = Ticket(self.choices.up_to(u64::MAX) | 1 << 40);
                    self.watch.misuse(&mut walk, ticket);
                }
                10 if self.choices.chance(5) => {
                    walk.stop();
                    self.watch.waiting.clear();
                }
                10 => drop(self.watch.look(&walk)),
                _ if self.choices.chance(20) => walk = self.resume(&walk, source),
                _ => self.advance(None),
            }
        }
        panic!("the walk doesn't end");
    }

    /// Goes on from the checkpoint, like another process: nothing that was acknowledged comes again.
    fn resume(&mut self, walk: &Walk, source: &Source) -> Walk {
        let checkpoint = self.watch.look(walk);
        self.watch.leave();
        match Walk::resume(source.clone(), &Budget::new(), checkpoint, Seed(2), self.watch.now) {
            Ok(walk) => walk,
            // A server's own secret in its link is not kept, so only another start helps.
            Err(ResumeError::MissingSecret) if source.auth == Auth::default() => {
                self.watch.start(source, Seed(2))
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// A walk of any style against anything that can happen. Its report.
pub fn report(input: &[u8]) -> Box<Report> {
    let (wild, source) = Wild::new(input);
    wild.run(&source)
}

/// The same; whether it ended without an error.
pub fn walk(input: &[u8]) -> bool {
    report(input).error.is_none()
}

/// The checkpoint with its payload changed and a right checksum.
fn forged(choices: &mut Choices<'_>, text: &str) -> String {
    let all: Value = serde_json::from_str(text).expect("a checkpoint is JSON");
    let payload = all["payload"].to_string();
    let mut bytes = payload.clone().into_bytes();
    choices.change(&mut bytes, &[payload.as_bytes()]);
    let changed = String::from_utf8_lossy(&bytes).into_owned();
    // In the order of the envelope, or the change goes no further than the checksum.
    enclosed(&serde_json::from_str::<Value>(&changed).map_or(changed, |value| value.to_string()))
}

/// A checkpoint that somebody changed and gave a right checksum breaks nothing, whatever it says. Whether it was
/// gone on from.
pub fn forgery(input: &[u8]) -> bool {
    let (mut wild, source) = Wild::new(input);
    wild.calm = true;
    let mut walk = wild.watch.start(&source, Seed(1));
    for _ in 0..12 {
        if matches!(wild.watch.poll(&mut walk), Rest::Over(_)) {
            break;
        }
        wild.answer(&mut walk);
        wild.watch.acknowledge(&mut walk);
    }
    let text = walk.checkpoint().to_json();
    let mut resumed = false;
    for _ in 0..4 {
        let changed = forged(&mut wild.choices, &text);
        let Ok(checkpoint) = Checkpoint::from_json(&changed) else { continue };
        let now = wild.watch.now;
        let Ok(walk) = Walk::resume(source.clone(), &Budget::new(), checkpoint, Seed(3), now) else {
            continue;
        };
        resumed = true;
        go_on(&mut wild, walk);
    }
    resumed
}

/// A forged checkpoint may bring records again, so only what is asked of the host is looked at.
fn go_on(wild: &mut Wild<'_>, mut walk: Walk) {
    let (mut flying, mut now) = (Vec::new(), wild.watch.now);
    for _ in 0..60 {
        match walk.poll(now) {
            Step::Send(exchange) => {
                let url = &exchange.request.url;
                assert!(url.starts_with("https://api.example.com/"), "{url}");
                flying.push(exchange.ticket);
            }
            Step::Deliver(page) => assert_eq!(walk.acknowledge(page.id), Ok(())),
            Step::Sleep { until, .. } => now.tick = until,
            Step::Authorize(generation) => {
                assert_eq!(walk.handle_credentials(generation, None, now), Ok(()));
            }
            Step::Blocked(_) => {
                let Some(ticket) = flying.pop() else { break };
                let answer = response(&mut wild.choices, true);
                assert_eq!(walk.handle_response(ticket, answer, now), Ok(()));
            }
            Step::Finish(_) => break,
        }
    }
    let _ = walk.checkpoint().to_json();
}
