//! A walk as Python drives it: by slices of waiting that leave room for signals, or by a call when there is news.

use crate::error::{Causes, plain, raise};
use crate::page::Page;
use everypage::blocking::{self, Next};
use everypage::core::time::Tick;
use everypage::sink::Jsonl;
use everypage::{Error, Event};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// One traversal of a list.
#[pyclass(frozen, module = "everypage._everypage")]
pub struct Walk {
    pub walk: blocking::Walk,
    pub causes: Arc<Causes>,
}

#[pymethods]
impl Walk {
    /// The next page, `"over"`, or after this many milliseconds `"waiting"`. Asking acknowledges the page before.
    fn next<'py>(&self, py: Python<'py>, slice: u64) -> PyResult<Bound<'py, PyAny>> {
        let next = py.detach(|| self.walk.next_page(Duration::from_millis(slice)));
        self.hand_out(py, next)
    }

    /// Lets the next page come and calls back when it has; true if it is there already.
    fn request(&self, told: Py<PyAny>) -> bool {
        self.walk.request(tell(told))
    }

    /// What was requested, if it has come.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.hand_out(py, self.walk.take())
    }

    /// Stores the list in a file and calls back at the end; `take` then says `"over"`, or raises.
    fn store(&self, py: Python<'_>, path: PathBuf, resume: bool, told: Py<PyAny>) -> PyResult<()> {
        let sink = if resume { Jsonl::resume(path) } else { Jsonl::create(path) };
        self.walk.store(sink, tell(told)).map_err(|error| plain(py, error))
    }

    /// The page in hand is stored.
    fn commit(&self, py: Python<'_>) -> PyResult<()> {
        self.walk.commit().map_err(|error| plain(py, error))
    }

    /// Asks the walk to end as stopped.
    fn stop(&self) {
        self.walk.stop();
    }

    /// Ends the walk where it stands; the page in hand is not acknowledged.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.walk.close());
    }

    fn report(&self, py: Python<'_>) -> Option<String> {
        py.detach(|| self.walk.report().map(|report| report.to_json()))
    }

    fn checkpoint(&self, py: Python<'_>) -> Option<String> {
        py.detach(|| self.walk.checkpoint().map(|checkpoint| checkpoint.to_json()))
    }

    /// Pages, requests, records, total, requests in flight, and what it waits for.
    fn progress(&self) -> (u64, u64, u64, Option<u64>, u32, Option<&'static str>) {
        let seen = self.walk.progress();
        let waiting = seen.waiting.map(|(why, _)| why.as_str());
        (seen.pages, seen.requests, seen.records, seen.total, seen.in_flight, waiting)
    }

    /// The last requests and waits: from and to in milliseconds, what, how.
    fn timeline(&self) -> Vec<(u64, u64, &'static str, String)> {
        let shown = |Tick(from), Tick(to), event| match event {
            Event::Answered(status) => (from, to, "answered", status.to_string()),
            Event::Failed(kind) => (from, to, "failed", kind.to_owned()),
            Event::Waited(why) => (from, to, "waited", why.as_str().to_owned()),
        };
        self.walk.timeline().into_iter().map(|entry| shown(entry.from, entry.to, entry.event)).collect()
    }
}

impl Walk {
    fn hand_out<'py>(&self, py: Python<'py>, next: Result<Next, Error>) -> PyResult<Bound<'py, PyAny>> {
        match next.map_err(|error| raise(py, &error, &self.causes))? {
            Next::Page(page) => Ok(Page(page).into_pyobject(py)?.into_any()),
            Next::Over => Ok("over".into_pyobject(py)?.into_any()),
            Next::Waiting => Ok("waiting".into_pyobject(py)?.into_any()),
        }
    }
}

fn tell(told: Py<PyAny>) -> impl FnOnce() + Send + 'static {
    move || drop(Python::try_attach(|py| told.call0(py).map_err(|error| error.write_unraisable(py, None))))
}
