//! Whole walks against absurd servers, clocks and callers.

use crate::mutate::Mutator;
use everypage_core::checkpoint::{Checkpoint, Digest};
use everypage_core::facts::{Auth, Secret};
use everypage_core::http::{Failure, FailureKind, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::{Millis, Now, Tick, UnixMillis};
use everypage_core::walk::{BlockedOn, Generation, PageId, Report, ResumeError, Step, Ticket, Walk};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CANARY: &str = "canary-5f21c0ffee";
const REQUESTS: u64 = 40;

/// A source of some style with some options.
fn source(mutator: &mut Mutator) -> Source {
    let numbers = [0_u64, 1, 2, 7, 50, 1_000_000, u64::MAX];
    let styles = [
        json!({"style": "offset"}),
        json!({"style": "offset", "step": "size", "start": numbers[mutator.below(7)]}),
        json!({"style": "page", "start": numbers[mutator.below(7)]}),
        json!({"style": "page", "contact": "off", "verify": "reread"}),
        json!({"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "key"}),
        json!({"style": "cursor", "read": "body:/next", "write": "query:cursor", "expired": "restart", "reuse": "once"}),
        json!({"style": "cursor", "read": "header:X-Next", "write": "header:X-Cursor", "reuse": "advances"}),
        json!({"style": "cursor", "read": "body:/next", "write": "path:at", "start": "first"}),
        json!({"style": "keyset", "write": "query:after", "expired": "keyset"}),
        json!({"style": "link", "read": "link:next"}),
        json!({"style": "link", "read": "body:/next", "take": "query"}),
        json!({"style": "link", "read": "body:/next", "take": "param:page", "contact": "off"}),
        json!({"style": "single"}),
        json!({"state": [{"write": "query:a", "start": 0, "next": {"add": "records"}}, {"write": "query:b", "next": "body:/next"}]}),
        json!({"state": [{"write": "query:a", "next": "max:/id"}, {"write": "query:b", "next": "last:/id"}]}),
    ];
    let ends = [
        json!(["empty"]),
        json!([{"flag": "body:/has_more", "is": false}, "short"]),
        json!(["repeat", "missing", "total"]),
        json!([{"pages": "body:/pages"}, {"status": 404}]),
        json!([{"absent": "body:/next"}]),
    ];
    let totals = ["exact", "estimate", "at_least", "remaining", "page"];
    loop {
        let style = styles[mutator.below(styles.len())].clone();
        let path = if style["write"] == "path:at" { "/v1/{at}/leads" } else { "/v1/leads" };
        let long = style["state"].is_array();
        let mut doc = json!({
            "request": {"url": format!("https://api.example.com{path}")}, "records": "/data", "pagination": style,
            "limits": {"requests": REQUESTS},
        });
        let mut with = |percent, key: &str, value: Value| {
            if mutator.chance(percent) {
                doc[key] = value;
            }
        };
        with(80, "auth", json!({"bearer": CANARY, "query": {"api_key": CANARY}}));
        with(75, "id", json!("/id"));
        with(20, "order", json!({"by": "/id", "direction": "desc", "immutable": true}));
        with(40, "max_wait", json!("1000000h"));
        with(10, "concurrency", json!(3));
        with(
            20,
            "classify",
            json!([{"when": {"body:/why": "slow"}, "is": "throttled", "wait": "body:/wait"}, {"when": {"status": 410}, "is": "expired"}]),
        );
        with(
            20,
            "hints",
            json!([{"read": "body:/left", "means": "remaining"}, {"read": "body:/wait", "means": "reset_seconds"}]),
        );
        with(20, "capture", json!({"delta": "body:/next"}));
        with(
            20,
            "records",
            json!({"at": ["/data", "/rows"], "missing": "empty", "drop": {"record:/gone": true}}),
        );
        if mutator.chance(60) {
            let size = numbers[mutator.below(7)].max(1);
            doc["size"] = json!({"write": "query:limit", "value": size});
        }
        if mutator.chance(50) {
            doc["total"] = json!({"read": "body:/total", "kind": totals[mutator.below(5)]});
        }
        if long || mutator.chance(30) {
            doc["end"] = ends[mutator.below(ends.len())].clone();
        }
        if mutator.chance(20) {
            doc["cap"] =
                json!({["records", "offset", "pages"][mutator.below(3)]: numbers[mutator.below(7)].max(1)});
        }
        if mutator.chance(30) {
            doc["rate"] = json!([{"requests": numbers[mutator.below(7)].max(1), "per": "60s"}]);
        }
        if mutator.chance(30) {
            doc["ahead"] = json!(mutator.below(4) + 1);
        }
        if mutator.chance(15) {
            doc["limits"]["records"] = json!(mutator.below(20) + 1);
        }
        if mutator.chance(10) {
            doc["limits"]["deadline"] = json!("90s");
        }
        if let Ok(source) = Source::from_value(&doc, &Fill::none()) {
            return source;
        }
    }
}

const NEXT: [&str; 16] = [
    "null",
    "\"\"",
    "\"c1\"",
    "\"c2\"",
    "\"c3\"",
    "7",
    "18446744073709551615",
    "false",
    "{\"k\":1}",
    "[]",
    "\"a\\r\\nb\"",
    "\"?page=2&limit=2\"",
    "\"?page=3&api_key=canary-5f21c0ffee\"",
    "\"https://evil.example/\"",
    "\"/v1/leads?offset=4\"",
    "\"http://10.0.0.1/\"",
];
const NUMBERS: [&str; 10] =
    ["0", "1", "2", "4", "100", "18446744073709551615", "-1", "\"7\"", "null", "1e400"];
const HEADERS: [(&str, &str); 22] = [
    ("retry-after", "1"),
    ("retry-after", "99999999999999999999"),
    ("retry-after", "x"),
    ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("x-next", "c1"),
    ("x-next", "c2"),
    ("x-next", ""),
    ("link", "<?page=2>; rel=next"),
    ("link", "<?page=3&limit=2>; rel=\"next\""),
    ("link", "<https://evil.example/>; rel=next"),
    ("link", "<a; rel=next"),
    ("x-ratelimit-remaining", "0"),
    ("x-ratelimit-reset", "18446744073709551615"),
    ("x-ratelimit-reset", "30"),
    ("ratelimit", "\"d\";r=0;t=5"),
    ("ratelimit", "\"d\";r=0;t=999999999999999"),
    ("date", "Mon, 21 Sep 2026 14:13:20 GMT"),
    ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("age", "300"),
    ("location", "/v1/other"),
    ("location", "https://evil.example/"),
    ("location", "https://api.example.com/v1/leads?page=9"),
];
const STATUSES: [u16; 20] =
    [0, 99, 204, 206, 301, 303, 307, 308, 400, 401, 403, 404, 410, 413, 416, 421, 429, 500, 503, 999];
const FAILURES: [FailureKind; 17] = [
    FailureKind::BodyTruncated,
    FailureKind::Cancelled,
    FailureKind::ConnectRefused,
    FailureKind::ConnectTimeout,
    FailureKind::DecodeError,
    FailureKind::DnsNotFound,
    FailureKind::DnsTemporary,
    FailureKind::NetworkOrCors,
    FailureKind::NotProcessed,
    FailureKind::Other,
    FailureKind::ResetBeforeResponse,
    FailureKind::ResetInBody,
    FailureKind::ReadTimeout,
    FailureKind::TlsInvalid,
    FailureKind::TlsOther,
    FailureKind::TooLarge,
    FailureKind::UnsafeAddress,
];

fn response(mutator: &mut Mutator, calm: bool) -> Response {
    let first = mutator.rng.up_to(30);
    let rows: Vec<String> =
        (first..first + mutator.rng.up_to(6)).map(|id| format!(r#"{{"id":{id},"gone":false}}"#)).collect();
    let mut body = format!(r#"{{"data":[{}],"next":{}"#, rows.join(","), mutator.pick(&NEXT));
    for name in ["total", "pages", "left", "wait"] {
        if mutator.chance(30) {
            body.push_str(&format!(r#","{name}":{}"#, mutator.pick(&NUMBERS)));
        }
    }
    for (name, value) in [("has_more", "true"), ("has_more", "false"), ("why", "\"slow\""), ("errors", "[1]")]
    {
        if mutator.chance(8) && !body.contains(name) {
            body.push_str(&format!(r#","{name}":{value}"#));
        }
    }
    body.push('}');
    let mut response = Response { status: 200, body: body.into_bytes(), ..Response::default() };
    for _ in 0..mutator.rng.up_to(if calm { 1 } else { 3 }) {
        let (name, value) = HEADERS[mutator.below(HEADERS.len())];
        response.headers.push(name, value);
    }
    if !calm && mutator.chance(25) {
        response.status = STATUSES[mutator.below(STATUSES.len())];
    }
    if !calm && mutator.chance(10) {
        let corpus = [response.body.clone()];
        let corpus: Vec<&[u8]> = corpus.iter().map(Vec::as_slice).collect();
        mutator.change(&mut response.body, &corpus);
    }
    response.headers_hidden = mutator.chance(5);
    if mutator.chance(2) {
        response.url = Some("https://api.example.com/elsewhere".to_owned());
    }
    response
}

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
            let kind = FAILURES[self.mutator.below(FAILURES.len())];
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
                        other => panic!("a lone walk: {other:?}"),
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
                10 => drop(self.look(&walk)),
                _ if self.mutator.chance(20) => walk = self.resume(&walk, source),
                _ => self.advance(None),
            }
        }
        panic!("the walk doesn't end");
    }

    /// A checkpoint reads back, holds no secret, and no change of it breaks anything.
    fn look(&mut self, walk: &Walk) -> Checkpoint {
        let text = walk.checkpoint().to_json();
        let masked = text.replace("%2D", "-");
        assert!(!masked.contains(CANARY), "{text}");
        let checkpoint = Checkpoint::from_json(&text).unwrap();
        assert_eq!(checkpoint.to_json(), text);
        checkpoint
    }

    /// Goes on from the checkpoint, like another process: nothing that was acknowledged comes again.
    fn resume(&mut self, walk: &Walk, source: &Source) -> Walk {
        let checkpoint = self.look(walk);
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
    for seed in 0..600 {
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
    for seed in 0..200 {
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
                        walk.handle_credentials(generation, None, wild.now).unwrap()
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
