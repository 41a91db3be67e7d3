//! Replays one vector against the core: what JavaScript and Python do, too.

use super::format::{Credentials, Deliver, Response, Send, Sleep, Step, VERSION, Vector, What, from_base64};
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::Auth;
use everypage_core::http::{Failure, FailureKind, Response as Answer};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::{Now, Tick, UnixMillis};
use everypage_core::walk::{self, Exchange, Generation, Page, PageId, Report, Ticket, Walk};
use serde_json::Value;

/// Replays a vector.
///
/// # Errors
/// The first step that comes out otherwise, with what was expected and what was found.
pub fn replay(vector: &Vector) -> Result<(), String> {
    let mut walk = open(vector)?;
    for (index, step) in vector.steps.iter().enumerate() {
        play(vector, &mut walk, step)
            .map_err(|wrong| format!("{}: step {} (tick {}): {wrong}", vector.name, index + 1, step.at))?;
    }
    Ok(())
}

/// The walk of a vector, at its start or at its checkpoint.
///
/// # Errors
/// What is wrong with the source or the checkpoint.
pub fn open(vector: &Vector) -> Result<Walk, String> {
    start(vector, source(vector)?)
}

/// The source of a vector.
///
/// # Errors
/// What is wrong with it.
pub fn source(vector: &Vector) -> Result<Source, String> {
    let fill = Fill { env: &|_| None, vars: &vector.vars, auth: vector.auth.as_ref() };
    Source::from_value(&vector.source, &fill).map_err(|e| format!("{}: {e}", vector.name))
}

/// As [`open`], with the vector's source.
///
/// # Errors
/// What is wrong with the checkpoint.
pub fn start(vector: &Vector, source: Source) -> Result<Walk, String> {
    let (seed, now) = (Seed(vector.seed), now(vector, vector.start.tick));
    let Some(text) = &vector.checkpoint else {
        return Ok(Walk::start(source, &Budget::new(), seed, now));
    };
    let from = Checkpoint::from_json(text).map_err(|e| format!("{}: {e}", vector.name))?;
    Walk::resume(source, &Budget::new(), from, seed, now).map_err(|e| format!("{}: {e}", vector.name))
}

/// The moment of a tick.
pub fn now(vector: &Vector, tick: u64) -> Now {
    let passed = Tick(tick).since(Tick(vector.start.tick));
    Now { tick: Tick(tick), unix: vector.start.unix.map(|unix| UnixMillis(unix).after(passed)) }
}

/// Plays one step.
///
/// # Errors
/// What came out otherwise.
pub fn play(vector: &Vector, walk: &mut Walk, step: &Step) -> Result<(), String> {
    let now = now(vector, step.at);
    let wrong = |e: everypage_core::error::UsageError| e.to_string();
    match &step.what {
        What::Send(_)
        | What::Deliver(_)
        | What::Sleep(_)
        | What::Blocked(_)
        | What::Authorize(_)
        | What::Finish(_) => same(&step.what, &seen(walk.poll(now))),
        What::Checkpoint(_) => same(&step.what, &What::Checkpoint(walk.checkpoint().to_json())),
        What::Response(response) => {
            walk.handle_response(Ticket(response.ticket), answer(response)?, now).map_err(wrong)
        }
        What::Failure(failure) => {
            let kind = FailureKind::parse(&failure.kind).ok_or("an unknown kind of failure")?;
            walk.handle_failure(Ticket(failure.ticket), Failure::new(kind, ""), now).map_err(wrong)
        }
        What::Acknowledge(page) => walk.acknowledge(PageId(*page)).map_err(wrong),
        What::Credentials(Credentials { generation, auth }) => {
            let fresh = match auth {
                Some(auth) => Some(Auth::from_value(auth).map_err(|e| e.to_string())?),
                None => None,
            };
            walk.handle_credentials(Generation(*generation), fresh, now).map_err(wrong)
        }
        What::Stop(_) => {
            walk.stop();
            Ok(())
        }
    }
}

fn same(expected: &What, found: &What) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let text = |what| serde_json::to_string(what).unwrap_or_default();
    Err(format!("\n  expected {}\n  found    {}", text(expected), text(found)))
}

/// A step of the walk in the words of the format.
pub fn seen(step: walk::Step) -> What {
    match step {
        walk::Step::Authorize(generation) => What::Authorize(generation.0),
        walk::Step::Blocked(on) => What::Blocked(on.as_str().to_owned()),
        walk::Step::Deliver(page) => What::Deliver(deliver(&page)),
        walk::Step::Finish(report) => What::Finish(told(*report)),
        walk::Step::Send(exchange) => What::Send(send(&exchange)),
        walk::Step::Sleep { until, why } => {
            What::Sleep(Sleep { until: until.0, why: why.as_str().to_owned() })
        }
    }
}

/// A request in the words of the format.
pub fn send(exchange: &Exchange) -> Send {
    let request = &exchange.request;
    Send {
        ticket: exchange.ticket.0,
        method: request.method.as_str().to_owned(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned()),
        deadline: exchange.deadline.0,
    }
}

fn deliver(page: &Page) -> Deliver {
    let records = page.records().map(|record| String::from_utf8_lossy(record).into_owned()).collect();
    Deliver { page: page.id.0, number: page.number, records }
}

fn told(report: Report) -> Value {
    let report = Report { version: VERSION.to_owned(), ..report };
    serde_json::to_value(report).unwrap_or_default()
}

/// The answer a response of the format stands for.
///
/// # Errors
/// When its body is no base64.
pub fn answer(response: &Response) -> Result<Answer, String> {
    let body = match (&response.body, &response.body_base64) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(text)) => from_base64(text).ok_or("a body that is no base64")?,
        (None, None) => Vec::new(),
    };
    Ok(Answer {
        status: response.status,
        headers: response.headers.iter().map(|(n, v)| (n, v.as_bytes())).collect(),
        body,
        url: response.url.clone(),
        headers_hidden: response.headers_hidden,
    })
}
