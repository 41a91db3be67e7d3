//! A host that looks at everything a walk asks of it.

use super::CANARY;
use everypage_core::checkpoint::{Checkpoint, Rebuild};
use everypage_core::dedup::{HashKey, Key};
use everypage_core::error::UsageError;
use everypage_core::facts::{Outcome, Verdict};
use everypage_core::http::{Failure, FailureKind, Response};
use everypage_core::json::{Pointer, lookup};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::Source;
use everypage_core::time::{Now, Tick};
use everypage_core::url::{Origin, Url};
use everypage_core::walk::{BlockedOn, Exchange, Generation, Page, PageId, Report, Step, Ticket, Walk};
use std::collections::BTreeSet;

/// What a walk came to before it needs its host.
#[derive(Debug)]
pub enum Rest {
    /// It waits for this.
    Blocked(BlockedOn),
    /// It is over.
    Over(Box<Report>),
    /// It sleeps until then.
    Sleep(Tick),
}

/// What happened to a walk so far, and what must not happen again.
pub struct Watch {
    /// The time now.
    pub now: Now,
    /// On the wire.
    pub flying: Vec<Ticket>,
    /// Delivered and not acknowledged.
    pub waiting: Vec<Page>,
    /// Credentials that were asked for.
    pub asked: Option<Generation>,
    /// How many requests were sent.
    pub requests: u64,
    /// Records that were acknowledged.
    pub records: u64,
    /// The keys of all records acknowledged, and where to find them.
    stored: BTreeSet<Key>,
    ids: Option<Vec<Pointer>>,
    hash_key: HashKey,
    origins: Vec<Origin>,
    secret: bool,
    last_page: Option<PageId>,
}

impl Watch {
    /// At a moment, of walks over this source. `secret`: [`CANARY`] has to show nowhere.
    pub fn new(source: &Source, secret: bool, now: Now) -> Watch {
        let ids = source.id.as_ref().and_then(|id| Rebuild::pointers(&source.records.each, &id.at));
        let first = source.request.url.origin();
        Watch {
            now,
            flying: Vec::new(),
            waiting: Vec::new(),
            asked: None,
            requests: 0,
            records: 0,
            stored: BTreeSet::new(),
            ids,
            hash_key: HashKey::from_seed(Seed(9)),
            origins: std::iter::once(first).chain(source.origins.iter().cloned()).collect(),
            secret,
            last_page: None,
        }
    }

    /// Asks what to do until only the host can go on, and checks that asking again says the same.
    pub fn poll(&mut self, walk: &mut Walk) -> Rest {
        for _ in 0..200 {
            match walk.poll(self.now) {
                Step::Send(exchange) => self.sent(&exchange),
                Step::Deliver(page) => self.delivered(page),
                Step::Authorize(generation) => assert!(self.asked.replace(generation).is_none()),
                Step::Finish(report) => return Rest::Over(self.over(walk, report)),
                step @ (Step::Blocked(_) | Step::Sleep { .. }) => {
                    assert_eq!(format!("{step:?}"), format!("{:?}", walk.poll(self.now)), "asked again");
                    return self.rests(&step);
                }
            }
        }
        panic!("there is always something new to do");
    }

    fn rests(&self, step: &Step) -> Rest {
        match step {
            Step::Sleep { until, .. } => {
                assert!(*until > self.now.tick || until.0 == u64::MAX, "a sleep into the past");
                Rest::Sleep(*until)
            }
            Step::Blocked(on) => {
                match on {
                    BlockedOn::Answer => assert!(!self.flying.is_empty()),
                    BlockedOn::Acknowledgement => assert!(!self.waiting.is_empty()),
                    BlockedOn::Credentials => assert!(self.asked.is_some()),
                    BlockedOn::Budget => panic!("a lone walk waits for another"),
                }
                Rest::Blocked(*on)
            }
            Step::Authorize(_) | Step::Deliver(_) | Step::Finish(_) | Step::Send(_) => panic!("no rest"),
        }
    }

    /// No request leaves the declared origins, and none has a line break where a header has none.
    fn sent(&mut self, exchange: &Exchange) {
        let request = &exchange.request;
        let Ok(url) = Url::parse(&request.url) else { panic!("{} is no URL", request.url) };
        assert!(self.origins.contains(&url.origin()), "{} is foreign", request.url);
        for (name, value) in &request.headers {
            assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':'), "{name}");
            assert!(value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{name}: {value}");
        }
        assert!(exchange.deadline > self.now.tick || exchange.deadline.0 == u64::MAX);
        assert!(!self.flying.contains(&exchange.ticket));
        self.flying.push(exchange.ticket);
        self.requests += 1;
    }

    /// Pages come in order, and every record is a stretch of the body.
    fn delivered(&mut self, page: Page) {
        assert!(self.last_page.is_none_or(|last| page.id > last) && !page.is_empty());
        self.last_page = Some(page.id);
        let (body, spans) = page.body();
        let mut end = 0;
        for span in spans {
            assert!(
                span.start >= end && span.end > span.start && span.end as usize <= body.len(),
                "{span:?}"
            );
            // With `each`, an element's record may be its only part; still none lies inside another.
            end = span.end;
        }
        self.waiting.push(page);
    }

    /// The end is the end, and `complete` is no empty word.
    fn over(&self, walk: &mut Walk, report: Box<Report>) -> Box<Report> {
        let Step::Finish(again) = walk.poll(self.now) else { panic!("the end is not the end") };
        assert_eq!(again, report);
        assert!(self.waiting.is_empty());
        walk.stop();
        let later = Ticket(u64::MAX);
        assert_eq!(
            walk.handle_response(later, Response::default(), self.now),
            Err(UsageError::UnknownTicket)
        );
        let Step::Finish(again) = walk.poll(self.now) else { panic!("the end is not the end") };
        assert_eq!(again, report, "a stop after the end");
        let text = report.to_json();
        assert!(!self.secret || !text.contains(CANARY), "{text}");
        if report.verdict == Verdict::Complete {
            assert!(report.error.is_none() && report.end.is_some(), "{text}");
            assert!(report.checks.iter().all(|check| check.outcome != Outcome::Failed), "{text}");
        }
        self.look(walk);
        report
    }

    /// The checkpoint reads back and holds no secret.
    pub fn look(&self, walk: &Walk) -> Checkpoint {
        let text = walk.checkpoint().to_json();
        let masked = text.replace("%2D", "-");
        assert!(!self.secret || !masked.contains(CANARY), "{text}");
        let checkpoint = match Checkpoint::from_json(&text) {
            Ok(checkpoint) => checkpoint,
            Err(error) => panic!("{error}: {text}"),
        };
        assert_eq!(checkpoint.to_json(), text);
        checkpoint
    }

    /// The oldest page is stored; none of its records was stored before.
    pub fn acknowledge(&mut self, walk: &mut Walk) {
        if self.waiting.is_empty() {
            return;
        }
        let page = self.waiting.remove(0);
        assert_eq!(walk.acknowledge(page.id), Ok(()));
        self.records += page.len() as u64;
        let Some(ids) = &self.ids else { return };
        for record in page.records() {
            let part = |id: &Pointer| lookup(record, id).map_or(&[][..], |span| span.slice(record));
            let key = if ids.iter().all(Pointer::is_root) {
                Key::of_record(record, &self.hash_key)
            } else {
                Key::of(ids.iter().map(part), &self.hash_key)
            };
            let Some(key) = key else { panic!("a record without its id: {record:?}") };
            assert!(self.stored.insert(key), "{key:?} came twice");
        }
    }

    /// An answer, or none, for one of the requests on the wire; a second one is refused.
    pub fn answer(&mut self, walk: &mut Walk, which: usize, answer: Result<Response, FailureKind>) {
        if which >= self.flying.len() {
            return;
        }
        let ticket = self.flying.remove(which);
        let taken = match answer {
            Ok(response) => walk.handle_response(ticket, response, self.now),
            Err(kind) => walk.handle_failure(ticket, Failure::new(kind, "x"), self.now),
        };
        assert_eq!(taken, Ok(()));
        let twice = walk.handle_response(ticket, Response::default(), self.now);
        assert_eq!(twice, Err(UsageError::UnknownTicket), "answered twice");
    }

    /// Calls that don't fit must change nothing.
    pub fn misuse(&self, walk: &mut Walk, ticket: Ticket) {
        let state = |walk: &Walk| (walk.checkpoint().to_json(), format!("{:?}", walk.progress()));
        let before = state(walk);
        assert!(walk.handle_response(ticket, Response::default(), self.now).is_err());
        assert!(walk.handle_failure(ticket, Failure::new(FailureKind::Other, ""), self.now).is_err());
        assert!(walk.acknowledge(PageId(u64::MAX)).is_err());
        assert!(walk.acknowledge(PageId(0)).is_err());
        if let Some(second) = self.waiting.get(1) {
            assert!(walk.acknowledge(second.id).is_err(), "out of order");
        }
        assert!(walk.handle_credentials(Generation(u32::MAX), None, self.now).is_err());
        assert_eq!(before, state(walk), "a usage error changed something");
    }

    /// Starts: everything that was stored is forgotten.
    pub fn start(&mut self, source: &Source, seed: Seed) -> Walk {
        self.stored.clear();
        self.records = 0;
        self.leave();
        Walk::start(source.clone(), &Budget::new(), seed, self.now)
    }

    /// Another process goes on: what was on the wire or not acknowledged is gone.
    pub fn leave(&mut self) {
        self.flying.clear();
        self.waiting.clear();
        (self.asked, self.last_page) = (None, None);
    }
}
