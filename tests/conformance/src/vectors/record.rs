//! A host that runs a walk in virtual time and writes down every step and every input.

use super::format::{Credentials, Failure, Response, Send, Start, Step, Vector, What, to_base64};
use super::replay;
use everypage_core::http::FailureKind;
use everypage_core::url::Url;
use everypage_core::walk::{BlockedOn, Walk};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// A request as a scripted server sees it.
pub struct Asked<'a> {
    /// Requests before this one.
    pub before: u64,
    /// Its URL.
    pub url: Url,
    /// All of it.
    pub request: &'a Send,
    /// Wall time in milliseconds.
    pub unix: i64,
}

impl Asked<'_> {
    /// A query parameter as a number.
    pub fn number(&self, name: &str, default: u64) -> u64 {
        self.url.param(name).and_then(|v| v.parse().ok()).unwrap_or(default)
    }

    /// The row after a cursor such as `c_3`; 0 without one.
    pub fn cursor(&self) -> u64 {
        let cursor = self.url.param("cursor");
        cursor.and_then(|c| c.strip_prefix("c_").and_then(|n| n.parse().ok())).unwrap_or(0)
    }

    /// A request header.
    pub fn header(&self, name: &str) -> &str {
        self.request.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// The request's body as JSON.
    pub fn body(&self) -> Value {
        self.request.body.as_deref().and_then(|b| serde_json::from_str(b).ok()).unwrap_or_default()
    }
}

/// What a scripted server does with a request.
pub struct Reply {
    what: Result<Response, FailureKind>,
    bytes: Option<Vec<u8>>,
    after: Option<u64>,
}

impl Reply {
    /// A JSON page.
    pub fn ok(body: impl Into<Vec<u8>>) -> Reply {
        Reply::status(200, body)
    }

    /// An answer of any status.
    pub fn status(status: u16, body: impl Into<Vec<u8>>) -> Reply {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let response = Response { status, headers, ..Response::default() };
        Reply { what: Ok(response), bytes: Some(body.into()), after: None }
    }

    /// No answer.
    pub fn fail(kind: FailureKind) -> Reply {
        Reply { what: Err(kind), bytes: None, after: None }
    }

    fn change(mut self, change: impl FnOnce(&mut Response)) -> Reply {
        if let Ok(response) = self.what.as_mut() {
            change(response);
        }
        self
    }

    /// With one more header.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<String>) -> Reply {
        self.change(|response| response.headers.push((name.to_owned(), value.into())))
    }

    /// From a host that may not see all headers.
    #[must_use]
    pub fn hidden(self) -> Reply {
        self.change(|response| response.headers_hidden = true)
    }

    /// From a host that asked another URL.
    #[must_use]
    pub fn from(self, url: &str) -> Reply {
        self.change(|response| response.url = Some(url.to_owned()))
    }

    /// After so many milliseconds instead of the usual latency.
    #[must_use]
    pub const fn after(mut self, millis: u64) -> Reply {
        self.after = Some(millis);
        self
    }
}

/// A moment in a walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Before anything.
    Start,
    /// This page was delivered, not yet acknowledged.
    Delivered(u64),
    /// This page was acknowledged.
    Stored(u64),
    /// This request was sent.
    Sent(u64),
    /// After the report.
    End,
}

/// A walk to record.
pub struct Scenario {
    /// The vector without its steps.
    pub vector: Vector,
    server: Box<dyn FnMut(&Asked) -> Reply>,
    latency: u64,
    late: bool,
    credentials: VecDeque<Option<Value>>,
    checkpoints: Vec<Mark>,
    stop: Option<Mark>,
    verdict: &'static str,
    code: Option<&'static str>,
    rows: usize,
}

/// A scenario that still has to say how it ends.
pub fn scenario(
    name: &str,
    why: &str,
    source: Value,
    server: impl FnMut(&Asked) -> Reply + 'static,
) -> Scenario {
    let vector = Vector {
        name: name.to_owned(),
        why: why.to_owned(),
        source,
        vars: BTreeMap::new(),
        auth: None,
        seed: 7,
        start: Start { tick: 1000, unix: Some(1_790_000_000_000) },
        checkpoint: None,
        steps: Vec::new(),
    };
    Scenario {
        vector,
        server: Box::new(server),
        latency: 10,
        late: false,
        credentials: VecDeque::new(),
        checkpoints: Vec::new(),
        stop: None,
        verdict: "",
        code: None,
        rows: 0,
    }
}

impl Scenario {
    /// It ends with this verdict after so many rows.
    #[must_use]
    pub const fn ends(mut self, verdict: &'static str, rows: usize) -> Scenario {
        (self.verdict, self.rows) = (verdict, rows);
        self
    }

    /// It fails with this code after so many rows.
    #[must_use]
    pub const fn fails(mut self, code: &'static str, rows: usize) -> Scenario {
        (self.verdict, self.code, self.rows) = ("failed", Some(code), rows);
        self
    }

    /// It is stopped with this code after so many rows.
    #[must_use]
    pub const fn limited(mut self, code: &'static str, rows: usize) -> Scenario {
        (self.verdict, self.code, self.rows) = ("stopped", Some(code), rows);
        self
    }

    /// With another latency.
    #[must_use]
    pub const fn latency(mut self, millis: u64) -> Scenario {
        self.latency = millis;
        self
    }

    /// Pages are acknowledged only when the walk can't go on without.
    #[must_use]
    pub const fn late(mut self) -> Scenario {
        self.late = true;
        self
    }

    /// Without a wall clock.
    #[must_use]
    pub const fn without_wall_clock(mut self) -> Scenario {
        self.vector.start.unix = None;
        self
    }

    /// With a variable.
    #[must_use]
    pub fn var(mut self, name: &str, value: &str) -> Scenario {
        self.vector.vars.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With credentials given in code.
    #[must_use]
    pub fn auth(mut self, auth: Value) -> Scenario {
        self.vector.auth = Some(auth);
        self
    }

    /// With an answer to the next `authorize`.
    #[must_use]
    pub fn credentials(mut self, auth: Option<Value>) -> Scenario {
        self.credentials.push_back(auth);
        self
    }

    /// The checkpoint is looked at here.
    #[must_use]
    pub fn checkpoint(mut self, at: Mark) -> Scenario {
        self.checkpoints.push(at);
        self
    }

    /// The caller stops it here.
    #[must_use]
    pub const fn stop(mut self, at: Mark) -> Scenario {
        self.stop = Some(at);
        self
    }

    /// It resumes from the last checkpoint of another, so much later. Without one it starts afresh, and won't end
    /// as it says.
    #[must_use]
    pub fn resumes(mut self, from: &Vector, millis: u64) -> Scenario {
        let last = from.steps.iter().rev().find_map(|step| {
            if let What::Checkpoint(text) = &step.what { Some((step.at, text.clone())) } else { None }
        });
        if let Some((at, text)) = last {
            let unix = replay::now(from, at + millis).unix.map(|unix| unix.0);
            self.vector.start = Start { tick: 5_000_000, unix };
            self.vector.seed = 11;
            self.vector.checkpoint = Some(text);
        }
        self
    }

    /// Runs it and writes down every step. A vector must not freeze a mistake, so what comes out otherwise than
    /// the scenario says is told, too.
    fn record(self) -> (Vector, Option<String>) {
        let walk = match replay::open(&self.vector) {
            Ok(walk) => walk,
            Err(wrong) => return (self.vector, Some(wrong)),
        };
        let tick = self.vector.start.tick;
        let host =
            Host { scenario: self, walk, tick, flying: Vec::new(), stored: VecDeque::new(), before: 0 };
        host.run()
    }
}

struct Flying {
    at: u64,
    what: What,
}

struct Host {
    scenario: Scenario,
    walk: Walk,
    tick: u64,
    flying: Vec<Flying>,
    stored: VecDeque<u64>,
    before: u64,
}

impl Host {
    fn run(mut self) -> (Vector, Option<String>) {
        let wrong = loop {
            match self.step() {
                Ok(None) => {}
                Ok(Some(report)) => break self.judge(&report),
                Err(wrong) => break Some(format!("{}: {wrong}", self.scenario.vector.name)),
            }
        };
        (self.scenario.vector, wrong)
    }

    /// One step; the report once all is over.
    fn step(&mut self) -> Result<Option<Value>, String> {
        let steps = self.scenario.vector.steps.len();
        if steps == 0 {
            self.mark(Mark::Start)?;
        }
        if steps > 600 {
            return Err("it does not end".to_owned());
        }
        let now = replay::now(&self.scenario.vector, self.tick);
        let what = replay::seen(self.walk.poll(now));
        self.write(what.clone());
        match what {
            What::Send(send) => self.send(&send)?,
            What::Deliver(page) => {
                self.mark(Mark::Delivered(page.page))?;
                self.stored.push_back(page.page);
                if !self.scenario.late && self.scenario.stop != Some(Mark::Delivered(page.page)) {
                    self.acknowledge()?;
                }
            }
            What::Sleep(sleep) => match self.next() {
                Some(at) if at <= sleep.until => self.arrive()?,
                Some(_) | None => self.tick = sleep.until,
            },
            What::Blocked(on) if on == BlockedOn::Answer.as_str() => self.arrive()?,
            What::Blocked(on) if on == BlockedOn::Acknowledgement.as_str() => self.acknowledge()?,
            What::Blocked(on) => return Err(format!("a lone walk is blocked on {on}")),
            What::Authorize(generation) => {
                let auth = self.scenario.credentials.pop_front().flatten();
                self.tell(What::Credentials(Credentials { generation, auth }))?;
            }
            What::Finish(report) => {
                self.mark(Mark::End)?;
                if self.flying.is_empty() {
                    return Ok(Some(report));
                }
                // Late answers are ignored, and the end stays the end.
                self.arrive()?;
            }
            What::Response(_)
            | What::Failure(_)
            | What::Acknowledge(_)
            | What::Credentials(_)
            | What::Stop(_)
            | What::Checkpoint(_) => return Err("poll gave an input".to_owned()),
        }
        Ok(None)
    }

    fn write(&mut self, what: What) {
        self.scenario.vector.steps.push(Step { at: self.tick, what });
    }

    /// Writes an input down and hands it in.
    fn tell(&mut self, what: What) -> Result<(), String> {
        let step = Step { at: self.tick, what };
        let told = replay::play(&self.scenario.vector, &mut self.walk, &step);
        self.scenario.vector.steps.push(step);
        told
    }

    fn mark(&mut self, mark: Mark) -> Result<(), String> {
        if self.scenario.checkpoints.contains(&mark) {
            let text = self.walk.checkpoint().to_json();
            self.write(What::Checkpoint(text));
        }
        if self.scenario.stop == Some(mark) { self.tell(What::Stop(true)) } else { Ok(()) }
    }

    fn next(&self) -> Option<u64> {
        self.flying.iter().map(|f| f.at).min()
    }

    fn send(&mut self, send: &Send) -> Result<(), String> {
        let url = Url::parse(&send.url).map_err(|e| e.to_string())?;
        let unix = replay::now(&self.scenario.vector, self.tick).unix.map_or(0, |unix| unix.0);
        let asked = Asked { before: self.before, url, request: send, unix };
        self.before += 1;
        let reply = (self.scenario.server)(&asked);
        let at = self.tick + reply.after.unwrap_or(self.scenario.latency);
        let ticket = send.ticket;
        let flying = if at > send.deadline {
            let kind = FailureKind::ReadTimeout.as_str().to_owned();
            Flying { at: send.deadline, what: What::Failure(Failure { ticket, kind }) }
        } else {
            let what = match reply.what {
                Err(kind) => What::Failure(Failure { ticket, kind: kind.as_str().to_owned() }),
                Ok(response) => {
                    let bytes = reply.bytes.unwrap_or_default();
                    let (body, body_base64) = match String::from_utf8(bytes) {
                        Ok(text) => (Some(text), None),
                        Err(error) => (None, Some(to_base64(error.as_bytes()))),
                    };
                    What::Response(Response { ticket, body, body_base64, ..response })
                }
            };
            Flying { at, what }
        };
        self.flying.push(flying);
        self.mark(Mark::Sent(ticket))
    }

    fn arrive(&mut self) -> Result<(), String> {
        let at = self.next().ok_or("nothing is on the wire")?;
        let index = self.flying.iter().position(|f| f.at == at).unwrap_or_default();
        let flying = self.flying.remove(index);
        self.tick = self.tick.max(at);
        self.tell(flying.what)
    }

    fn acknowledge(&mut self) -> Result<(), String> {
        let page = self.stored.pop_front().ok_or("there is no page to store")?;
        self.tell(What::Acknowledge(page))?;
        self.mark(Mark::Stored(page))
    }

    /// What came out otherwise than the scenario says.
    fn judge(&self, report: &Value) -> Option<String> {
        let scenario = &self.scenario;
        let rows = |step: &Step| if let What::Deliver(page) = &step.what { page.records.len() } else { 0 };
        let rows: usize = scenario.vector.steps.iter().map(rows).sum();
        let found = json!([report["verdict"], report["error"]["code"], rows]);
        let expected = json!([scenario.verdict, scenario.code, scenario.rows]);
        (found != expected).then(|| {
            let name = &scenario.vector.name;
            let (checks, end) = (&report["checks"], &report["end"]);
            let bad = checks.as_array().into_iter().flatten().filter(|c| c["outcome"] != "passed");
            let bad: Vec<String> =
                bad.map(|c| format!("{} {} {}", c["name"], c["outcome"], c["note"])).collect();
            format!(
                "{name}: {found}, not {expected}; end {end}, error {}, {}",
                report["error"]["advice"],
                bad.join(", ")
            )
        })
    }
}

/// The vectors made so far, and what is wrong with them.
#[derive(Default)]
pub struct Book {
    /// In the order they were added.
    pub vectors: Vec<Vector>,
    /// One line each.
    pub wrong: Vec<String>,
}

impl Book {
    /// Records a scenario; its vector, for another that resumes from it.
    pub fn add(&mut self, scenario: Scenario) -> Vector {
        let (vector, wrong) = scenario.record();
        self.wrong.extend(wrong);
        if self.vectors.iter().any(|v| v.name == vector.name) {
            self.wrong.push(format!("{} is there twice", vector.name));
        }
        self.vectors.push(vector.clone());
        vector
    }
}
