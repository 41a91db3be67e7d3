//! The native module of the pip package: Python on one side, `everypage` and `everypage-core` on the other. It parses,
//! calls, converts and maps errors; every decision is theirs.

#![allow(clippy::needless_pass_by_value, reason = "Python's arguments are handed over")]

mod client;
mod error;
mod machine;
mod page;
mod source;
mod transport;
mod walk;

use pyo3::prelude::*;

/// What the Python package is built on. Private: its names may change at any time.
#[pymodule(gil_used = false)]
mod _everypage {
    #[pymodule_export]
    use super::{cli_main, error_codes, source::Source, summary, transport::Call, walk::Walk};
    #[pymodule_export]
    use super::{client::Budget, client::Client, client::start, machine::Machine, page::Page};
    #[pymodule_export]
    const VERSION: &str = everypage::core::VERSION;
}

/// Runs the `everypage` command; what it returns is the exit code.
#[pyfunction]
fn cli_main(py: Python<'_>, argv: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| everypage::cli::main_with(argv))
}

/// The codes of everything that can end a walk.
#[pyfunction]
fn error_codes() -> Vec<&'static str> {
    everypage::ErrorKind::ALL.map(everypage::ErrorKind::code).to_vec()
}

/// What the command says of a walk that ended with this report.
#[pyfunction]
fn summary(report: &str) -> PyResult<String> {
    serde_json::from_str(report).map(|report| everypage::cli::summary_of(&report)).map_err(error::unreadable)
}
