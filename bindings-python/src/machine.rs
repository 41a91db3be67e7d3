//! The machine itself, for hosts that want a loop of their own, and for the conformance vectors.

use crate::error::{plain, unreadable};
use crate::page::Page;
use crate::source::Source;
use everypage::core::http::{Failure, FailureKind, Response};
use everypage::core::time::{Now, Tick, UnixMillis};
use everypage::core::walk::{self, Exchange, PageId, Step, Ticket};
use everypage::core::{facts::Auth, pace::Budget, rng::Seed};
use everypage::{Checkpoint, Generation};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A walk without clock and socket: it says what to do, and is told what came of it.
#[pyclass(frozen, module = "everypage._everypage")]
pub struct Machine(Mutex<walk::Walk>);

/// A tick and wall time, both in milliseconds.
type Moment = (u64, Option<i64>);

fn now((tick, unix): Moment) -> Now {
    Now { tick: Tick(tick), unix: unix.map(UnixMillis) }
}

#[pymethods]
impl Machine {
    #[new]
    fn new(
        py: Python<'_>,
        source: &Source,
        seed: u64,
        at: Moment,
        resume: Option<&str>,
    ) -> PyResult<Machine> {
        let (source, budget, seed) = (source.0.clone(), Budget::new(), Seed(seed));
        let walk = match resume.map(Checkpoint::from_json).transpose().map_err(|error| plain(py, error))? {
            None => Ok(walk::Walk::start(source, &budget, seed, now(at))),
            Some(from) => walk::Walk::resume(source, &budget, from, seed, now(at)),
        };
        Ok(Machine(Mutex::new(walk.map_err(|error| plain(py, error))?)))
    }

    /// What to do next: a word and what belongs to it.
    fn poll<'py>(&self, py: Python<'py>, at: Moment) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
        Ok(match self.lock().poll(now(at)) {
            Step::Authorize(generation) => ("authorize", generation.0.into_pyobject(py)?.into_any()),
            Step::Blocked(on) => ("blocked", on.as_str().into_pyobject(py)?.into_any()),
            Step::Deliver(page) => ("deliver", Page(page).into_pyobject(py)?.into_any()),
            Step::Finish(report) => ("finish", report.to_json().into_pyobject(py)?.into_any()),
            Step::Send(exchange) => ("send", send(py, exchange)?.into_any()),
            Step::Sleep { until, why } => ("sleep", (until.0, why.as_str()).into_pyobject(py)?.into_any()),
        })
    }

    /// The answer to a request; `url` is what was really asked, where the host's client tells.
    #[pyo3(signature = (ticket, status, headers, body, at, *, url=None, headers_hidden=false))]
    #[expect(clippy::too_many_arguments, reason = "an answer has as many parts")]
    fn respond(
        &self,
        py: Python<'_>,
        ticket: u64,
        status: u16,
        headers: Vec<(String, Vec<u8>)>,
        body: Vec<u8>,
        at: Moment,
        url: Option<String>,
        headers_hidden: bool,
    ) -> PyResult<()> {
        let headers = headers.into_iter().collect();
        let response = Response { status, headers, body, url, headers_hidden };
        py.detach(|| self.lock().handle_response(Ticket(ticket), response, now(at)))
            .map_err(|error| plain(py, error))
    }

    /// The news that a request brought no answer.
    fn fail(&self, py: Python<'_>, ticket: u64, kind: &str, detail: &str, at: Moment) -> PyResult<()> {
        let kind = FailureKind::parse(kind).ok_or_else(|| PyValueError::new_err(kind.to_owned()))?;
        self.lock()
            .handle_failure(Ticket(ticket), Failure::new(kind, detail), now(at))
            .map_err(|error| plain(py, error))
    }

    /// The page is stored.
    fn acknowledge(&self, py: Python<'_>, page: u64) -> PyResult<()> {
        self.lock().acknowledge(PageId(page)).map_err(|error| plain(py, error))
    }

    /// Fresh credentials in the form of a source's `auth`, as JSON; `None` if there are none to be had.
    fn credentials(&self, py: Python<'_>, generation: u32, auth: Option<&str>, at: Moment) -> PyResult<()> {
        let auth = auth.map(serde_json::from_str).transpose().map_err(unreadable)?;
        let auth = auth.map(|auth| Auth::from_value(&auth)).transpose().map_err(|error| plain(py, error))?;
        self.lock()
            .handle_credentials(Generation(generation), auth, now(at))
            .map_err(|error| plain(py, error))
    }

    /// Ends the walk where it is.
    fn stop(&self) {
        self.lock().stop();
    }

    /// What is acknowledged, to go on from.
    fn checkpoint(&self) -> String {
        self.lock().checkpoint().to_json()
    }
}

impl Machine {
    fn lock(&self) -> MutexGuard<'_, walk::Walk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ticket, method, URL, headers, body, deadline.
fn send(py: Python<'_>, exchange: Exchange) -> PyResult<Bound<'_, PyTuple>> {
    let Exchange { ticket, request, deadline, .. } = exchange;
    let body = request.body.map(|body| PyBytes::new(py, &body));
    (ticket.0, request.method.as_str(), request.url, request.headers, body, deadline.0).into_pyobject(py)
}
