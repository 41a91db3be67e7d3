//! Sources: a validated description of a list.

use crate::error::{plain, unreadable};
use everypage::{Error, Fill};
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A source that was read and found valid.
#[pyclass(frozen, module = "everypage._everypage")]
pub struct Source(pub everypage::Source);

#[pymethods]
impl Source {
    /// Reads a document, or every fault in it.
    #[staticmethod]
    fn parse(
        py: Python<'_>,
        text: &str,
        vars: BTreeMap<String, String>,
        auth: Option<&str>,
    ) -> PyResult<Source> {
        filled(py, &vars, auth, |fill| Ok(everypage::Source::from_json(text, fill)?))
    }

    /// Reads a file, JSON or TOML by its name.
    #[staticmethod]
    fn read(
        py: Python<'_>,
        path: PathBuf,
        vars: BTreeMap<String, String>,
        auth: Option<&str>,
    ) -> PyResult<Source> {
        filled(py, &vars, auth, |fill| everypage::cli::read_source(&path, fill))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }
}

fn filled(
    py: Python<'_>,
    vars: &BTreeMap<String, String>,
    auth: Option<&str>,
    read: impl FnOnce(&Fill<'_>) -> Result<everypage::Source, Error>,
) -> PyResult<Source> {
    let auth = auth.map(serde_json::from_str).transpose().map_err(unreadable)?;
    let fill = Fill { env: &|name| std::env::var(name).ok(), vars, auth: auth.as_ref() };
    read(&fill).map(Source).map_err(|error| plain(py, error))
}
