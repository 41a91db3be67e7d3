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
    /// Reads a document, or a file, JSON or TOML by its name; raises with every fault.
    #[staticmethod]
    fn read(
        py: Python<'_>,
        text: Option<&str>,
        path: PathBuf,
        vars: BTreeMap<String, String>,
        auth: Option<&str>,
    ) -> PyResult<Source> {
        let auth = auth.map(serde_json::from_str).transpose().map_err(unreadable)?;
        let fill = Fill { env: &|name| std::env::var(name).ok(), vars: &vars, auth: auth.as_ref() };
        let source = match text {
            Some(text) => everypage::Source::from_json(text, &fill).map_err(Error::from),
            None => everypage::cli::read_source(&path, &fill),
        };
        source.map(Source).map_err(|error| plain(py, error))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }
}
