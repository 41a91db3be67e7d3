//! One walk: the steps out, the answers in.

use crate::checkpoint::{Checkpoint, kind_name, mark};
use crate::convert::{headers, now, plain, text_at, thrown, usage};
use crate::page::delivered;
use crate::source::Source;
use crate::{Budget, convert};
use everypage_core::error::{ErrorKind, WalkError};
use everypage_core::facts::Auth;
use everypage_core::http::{Failure, FailureKind, Response};
use everypage_core::rng::Seed;
use everypage_core::walk::{Exchange, Generation, PageId, Report, Step, Ticket, Walk};
use js_sys::{Array, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// A step as an object with one member, which names it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Authorize(u32),
    Blocked(&'static str),
    Finish(String),
    Send(Send),
    Sleep { until: f64, why: &'static str },
}

#[derive(Serialize)]
struct Send {
    ticket: f64,
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    deadline: f64,
    body_limit: f64,
}

#[derive(Serialize)]
struct Progress {
    pages: f64,
    requests: f64,
    records: f64,
    total: Option<f64>,
    in_flight: u32,
    waiting: Option<Waiting>,
}

#[derive(Serialize)]
struct Waiting {
    why: &'static str,
    until: f64,
}

/// A walk.
#[wasm_bindgen]
pub struct Machine {
    walk: Walk,
    report: Option<Report>,
}

#[wasm_bindgen]
impl Machine {
    /// A walk from the start of its list, or from a checkpoint.
    ///
    /// # Errors
    /// When the checkpoint is not this source's.
    #[wasm_bindgen(constructor)]
    pub fn new(
        source: &Source,
        budget: &Budget,
        from: Option<Checkpoint>,
        seed: u64,
        tick: f64,
        unix: Option<f64>,
    ) -> Result<Machine, JsValue> {
        let (source, seed, now) = (source.0.clone(), Seed(seed), now(tick, unix));
        let walk = match from {
            None => Walk::start(source, &budget.0, seed, now),
            Some(from) => Walk::resume(source, &budget.0, from.inner, seed, now).map_err(|error| {
                let kind = error.kind();
                thrown(kind.code(), &kind_name(kind), error.to_string())
            })?,
        };
        Ok(Machine { walk, report: None })
    }

    /// What to do next: an object whose one member names it.
    pub fn poll(&mut self, tick: f64, unix: Option<f64>) -> JsValue {
        let told = match self.walk.poll(now(tick, unix)) {
            Step::Authorize(generation) => Told::Authorize(generation.0),
            Step::Blocked(on) => Told::Blocked(on.as_str()),
            Step::Deliver(page) => return delivered(&page),
            Step::Finish(report) => {
                let text = report.to_json();
                self.report = Some(*report);
                Told::Finish(text)
            }
            Step::Send(exchange) => Told::Send(send(exchange)),
            Step::Sleep { until, why } => Told::Sleep { until: until.0 as f64, why: why.as_str() },
        };
        plain(&told)
    }

    /// The answer to a request: `headers` one `name: value` a line, the body in `chunks` of `size` bytes in all.
    ///
    /// # Errors
    /// When the ticket was never handed out or has been answered.
    #[allow(clippy::too_many_arguments, reason = "one call across the border costs less than an object")]
    pub fn respond(
        &mut self,
        ticket: f64,
        status: u16,
        fields: &str,
        chunks: &Array,
        size: u32,
        url: Option<String>,
        hidden: bool,
        tick: f64,
        unix: Option<f64>,
    ) -> Result<(), JsValue> {
        let mut body = vec![0; size as usize];
        let mut rest = body.as_mut_slice();
        for chunk in chunks.iter().filter_map(|chunk| chunk.dyn_into::<Uint8Array>().ok()) {
            let Some((part, behind)) = rest.split_at_mut_checked(chunk.length() as usize) else { break };
            chunk.copy_to(part);
            rest = behind;
        }
        let response = Response { status, headers: headers(fields), body, url, headers_hidden: hidden };
        self.walk.handle_response(Ticket(ticket as u64), response, now(tick, unix)).map_err(usage)
    }

    /// The news that a request brought no answer.
    ///
    /// # Errors
    /// When the ticket was never handed out or has been answered.
    #[wasm_bindgen(js_name = failRequest)]
    pub fn fail_request(
        &mut self,
        ticket: f64,
        kind: &str,
        detail: &str,
        tick: f64,
        unix: Option<f64>,
    ) -> Result<(), JsValue> {
        let failure = Failure::new(FailureKind::parse(kind).unwrap_or(FailureKind::Other), detail);
        self.walk.handle_failure(Ticket(ticket as u64), failure, now(tick, unix)).map_err(usage)
    }

    /// The page is stored.
    ///
    /// # Errors
    /// When it was not delivered, or an earlier one is due.
    pub fn acknowledge(&mut self, page: f64) -> Result<(), JsValue> {
        self.walk.acknowledge(PageId(page as u64)).map_err(usage)
    }

    /// Fresh credentials as JSON, or none.
    ///
    /// # Errors
    /// When they are no credentials, or nobody asked for them.
    pub fn credentials(
        &mut self,
        generation: u32,
        auth: Option<String>,
        tick: f64,
        unix: Option<f64>,
    ) -> Result<(), JsValue> {
        let read = |text: String| {
            let value: serde_json::Value = text_at(&text, "auth", "an object of credentials")?;
            Auth::from_value(&value).map_err(|error| convert::invalid(&error))
        };
        let fresh = auth.map(read).transpose()?;
        self.walk.handle_credentials(Generation(generation), fresh, now(tick, unix)).map_err(usage)
    }

    /// Ends the walk where it is.
    pub fn stop(&mut self) {
        self.walk.stop();
    }

    /// Ends the walk as failed, for what happened to its host. Gives the report.
    pub fn fail(&mut self, kind: &str, advice: &str, tick: f64, unix: Option<f64>) -> String {
        let kind = serde_json::from_value(kind.into()).unwrap_or(ErrorKind::Internal);
        let report = self.walk.fail(WalkError::new(kind, advice), now(tick, unix));
        let text = report.to_json();
        self.report = Some(report);
        text
    }

    /// The error the ending stands for, or null.
    pub fn error(&self, strict: bool) -> JsValue {
        plain(&self.report.as_ref().and_then(|report| report.error_if(strict)))
    }

    /// The acknowledged prefix as text; with what a sink holds at it, if it comes from one.
    pub fn checkpoint(&self, rows: Option<f64>, bytes: Option<f64>, digest: Option<String>) -> String {
        let mut checkpoint = self.walk.checkpoint();
        if let (Some(rows), Some(bytes), Some(digest)) = (rows, bytes, digest) {
            checkpoint.set_sink(Some(mark(rows, bytes, digest)));
        }
        checkpoint.to_json()
    }

    /// Hands out newer bytes of a record that was delivered, instead of only counting them.
    #[wasm_bindgen(js_name = deliverRevisions)]
    pub fn deliver_revisions(&mut self) {
        self.walk.deliver_revisions(true);
    }

    /// Where it stands.
    pub fn progress(&self) -> JsValue {
        let seen = self.walk.progress();
        plain(&Progress {
            pages: seen.pages as f64,
            requests: seen.requests as f64,
            records: seen.records as f64,
            total: seen.total.map(|total| total as f64),
            in_flight: seen.in_flight,
            waiting: seen.waiting.map(|(why, until)| Waiting { why: why.as_str(), until: until.0 as f64 }),
        })
    }
}

fn send(exchange: Exchange) -> Send {
    let Exchange { ticket, request, deadline, body_limit, private_allowed: _ } = exchange;
    Send {
        ticket: ticket.0 as f64,
        method: request.method.as_str(),
        url: request.url,
        headers: request.headers,
        body: request.body.map(|body| String::from_utf8_lossy(&body).into_owned()),
        deadline: deadline.0 as f64,
        body_limit: body_limit as f64,
    }
}
