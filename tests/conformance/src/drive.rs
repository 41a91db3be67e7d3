//! A host without sockets or clocks: it runs a walk to its end in virtual time.

use everypage_core::facts::Auth;
use everypage_core::http::{Failure, Request, Response};
use everypage_core::time::{Millis, Now, Tick, UnixMillis};
use everypage_core::walk::{BlockedOn, Exchange, Report, SleepReason, Step, Walk};
use std::collections::VecDeque;

/// What a simulated server does with a request.
pub trait Server {
    /// Answers a request at a moment.
    ///
    /// # Errors
    /// The failure the network should show instead of an answer.
    fn answer(&mut self, request: &Request, now: Now) -> Result<Response, Failure>;
}

impl<F: FnMut(&Request, Now) -> Result<Response, Failure>> Server for F {
    fn answer(&mut self, request: &Request, now: Now) -> Result<Response, Failure> {
        self(request, now)
    }
}

/// How the virtual host behaves.
pub struct Host {
    /// The time now.
    pub now: Now,
    /// How long each answer takes.
    pub latency: Millis,
    /// Stop the walk after this many requests: a loop that was not caught.
    pub max_requests: u64,
    /// Credentials handed out after a 401, oldest first.
    pub credentials: VecDeque<Option<Auth>>,
    /// Leave the page after this many unacknowledged and stop.
    pub stop_after_pages: Option<u64>,
}

impl Default for Host {
    fn default() -> Host {
        Host {
            now: Now { tick: Tick(1000), unix: Some(UnixMillis(1_790_000_000_000)) },
            latency: Millis(10),
            max_requests: 100_000,
            credentials: VecDeque::new(),
            stop_after_pages: None,
        }
    }
}

/// What came of a walk.
pub struct Outcome {
    /// The records, in order.
    pub records: Vec<Vec<u8>>,
    /// The report.
    pub report: Report,
    /// The URLs asked, in order, with the time of each.
    pub asked: Vec<(u64, String)>,
    /// The waits, with their reasons.
    pub sleeps: Vec<(u64, SleepReason)>,
    /// Whether the host had to stop it.
    pub runaway: bool,
    /// The checkpoint at the end.
    pub checkpoint: String,
    /// The moment it ended.
    pub ended: Now,
}

impl Host {
    /// Runs the walk to its end.
    ///
    /// # Panics
    /// When the walk breaks a promise to its host: that is what a test wants to see.
    pub fn run(mut self, walk: &mut Walk, server: &mut dyn Server) -> Outcome {
        let mut out = Vec::new();
        let (mut asked, mut sleeps) = (Vec::new(), Vec::new());
        let mut flying: VecDeque<(Tick, Exchange)> = VecDeque::new();
        let mut pages = 0;
        let mut runaway = false;
        let report = loop {
            match walk.poll(self.now) {
                Step::Send(exchange) => {
                    asked.push((self.now.tick.0, exchange.request.url.clone()));
                    if asked.len() as u64 > self.max_requests {
                        runaway = true;
                        walk.stop();
                        continue;
                    }
                    flying.push_back((self.now.tick.after(self.latency), exchange));
                }
                Step::Deliver(page) => {
                    // The page is stored before it is acknowledged, like a sink would.
                    out.extend(page.records().map(<[u8]>::to_vec));
                    pages += 1;
                    if self.stop_after_pages.is_some_and(|n| pages >= n) {
                        out.truncate(out.len() - page.len());
                        walk.stop();
                        continue;
                    }
                    walk.acknowledge(page.id).expect("a delivered page can be acknowledged");
                }
                Step::Sleep { until, why } => {
                    sleeps.push((until.since(self.now.tick).0, why));
                    let arrival = flying.front().map(|(at, _)| *at);
                    match arrival {
                        Some(at) if at <= until => self.take_answer(walk, server, &mut flying),
                        Some(_) | None => self.advance(until),
                    }
                }
                Step::Blocked(BlockedOn::Answer) => self.take_answer(walk, server, &mut flying),
                Step::Blocked(on) => panic!("a lone walk can't be blocked on {on:?}"),
                Step::Authorize(generation) => {
                    let fresh = self.credentials.pop_front().flatten();
                    walk.handle_credentials(generation, fresh, self.now).expect("they were asked for");
                }
                Step::Finish(report) => break *report,
            }
        };
        let checkpoint = walk.checkpoint().to_json();
        Outcome { records: out, report, asked, sleeps, runaway, checkpoint, ended: self.now }
    }

    fn take_answer(
        &mut self,
        walk: &mut Walk,
        server: &mut dyn Server,
        flying: &mut VecDeque<(Tick, Exchange)>,
    ) {
        let Some((at, exchange)) = flying.pop_front() else { panic!("nothing is on the wire") };
        self.advance(at);
        let answer = server.answer(&exchange.request, self.now);
        let taken = match answer {
            Ok(response) => walk.handle_response(exchange.ticket, response, self.now),
            Err(failure) => walk.handle_failure(exchange.ticket, failure, self.now),
        };
        taken.expect("the ticket was handed out");
    }

    fn advance(&mut self, to: Tick) {
        let by = to.since(self.now.tick);
        self.now = Now { tick: self.now.tick.max(to), unix: self.now.unix.map(|unix| unix.after(by)) };
    }
}
