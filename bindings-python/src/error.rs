//! Errors become the exceptions of `everypage._errors`, which knows their classes.

use everypage::{Error, InvalidSource};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde_json::{Value, json};
use std::sync::Mutex;

/// The last exception that Python code raised on behalf of a walk, and whether it is the caller's own: then it ends
/// the walk and comes out as the same object. One of an HTTP library is a failure of the network instead.
#[derive(Default)]
pub struct Causes(Mutex<Option<(PyErr, bool)>>);

impl Causes {
    pub fn set(&self, cause: Option<(PyErr, bool)>) {
        drop(self.0.lock().map(|mut slot| std::mem::replace(&mut *slot, cause)));
    }

    fn take(&self) -> Option<(PyErr, bool)> {
        self.0.lock().ok()?.take()
    }
}

/// The exception for an error, with what lies beneath it.
pub fn raise(py: Python<'_>, error: &Error, causes: &Causes) -> PyErr {
    let (mut cause, mut report, mut checkpoint) = (None, None, None);
    let details = match error {
        Error::Source(InvalidSource { faults }) => json!({ "faults": faults }),
        Error::Walk(failed) => {
            report = failed.report.as_ref().map(|report| report.to_json());
            checkpoint = failed.checkpoint.as_ref().map(|checkpoint| checkpoint.to_json());
            match (causes.take(), failed.cause.as_ref().and_then(|cause| cause.downcast_ref::<PyErr>())) {
                (_, Some(own)) => return own.clone_ref(py),
                (Some((own, true)), None) => return own,
                (other, None) => cause = other.map(|(error, _)| error),
            }
            json!(failed.error)
        }
        Error::Record { .. } | Error::Settings(_) | Error::Usage(_) | _ => Value::Null,
    };
    let build = || -> PyResult<PyErr> {
        let build = py.import("everypage._errors")?.getattr("build")?;
        let told = (error.code(), error.to_string(), error.is_resumable(), details.to_string());
        Ok(PyErr::from_value(build.call1((told, report, checkpoint, cause))?))
    };
    build().unwrap_or_else(|broken| broken)
}

/// The same, where no other code has run.
pub fn plain(py: Python<'_>, error: impl Into<Error>) -> PyErr {
    raise(py, &error.into(), &Causes::default())
}

/// A text that was made by this package and can't be read by it.
pub fn unreadable(error: serde_json::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}
