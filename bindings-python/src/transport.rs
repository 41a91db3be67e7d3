//! The caller's own HTTP client as a transport: an adapter in Python carries each call out.

use crate::error::Causes;
use everypage::core::http::{Failure, FailureKind, Response};
use everypage::transport::{HandOver, Handed};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::Arc;

/// Hands every call to an adapter.
pub fn by(adapter: Py<PyAny>, causes: Arc<Causes>) -> HandOver {
    HandOver::new(move |handed| {
        Python::try_attach(|py| {
            let call = Py::new(py, Call { handed, causes: causes.clone() });
            if let Err(error) = call.and_then(|call| adapter.call1(py, (call,))) {
                causes.set(Some((error, true)));
            }
        });
    })
}

/// One request for an adapter to perform. It is answered once, by `respond` or by `fail`; later answers are ignored.
#[pyclass(frozen, module = "everypage._everypage")]
pub struct Call {
    handed: Handed,
    causes: Arc<Causes>,
}

#[pymethods]
impl Call {
    #[getter]
    fn method(&self) -> &'static str {
        self.handed.call().request.method.as_str()
    }

    #[getter]
    fn url(&self) -> &str {
        &self.handed.call().request.url
    }

    #[getter]
    fn headers(&self) -> Vec<(String, String)> {
        self.handed.call().request.headers.clone()
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.handed.call().request.body.as_deref().map(|body| PyBytes::new(py, body))
    }

    #[getter]
    fn body_limit(&self) -> u64 {
        self.handed.call().body_limit
    }

    /// Calls back when the walk has given the request up unanswered.
    fn on_given_up(&self, call: Py<PyAny>) {
        self.handed.on_given_up(move || {
            Python::try_attach(|py| call.call0(py).map_err(|error| error.write_unraisable(py, None)));
        });
    }

    /// The whole answer; `url` is what the client really asked, where it tells.
    fn respond(&self, status: u16, headers: Vec<(String, Vec<u8>)>, body: Vec<u8>, url: Option<String>) {
        self.causes.set(None);
        let headers = headers.into_iter().collect();
        self.handed.answer(Ok(Response { status, headers, body, url, headers_hidden: false }));
    }

    /// No answer: a kind of the closed list, a few words without a secret, and the exception, which is the caller's
    /// own or of an HTTP library.
    fn fail(&self, kind: &str, detail: String, error: Bound<'_, PyAny>, own: bool) -> PyResult<()> {
        let kind = FailureKind::parse(kind).ok_or_else(|| PyValueError::new_err(kind.to_owned()))?;
        self.causes.set(Some((PyErr::from_value(error), own)));
        self.handed.answer(Err(Failure::new(kind, detail)));
        Ok(())
    }
}
