//! Pages: records become Python objects in one call.

use everypage::core::walk;
use jiter::{FloatMode, PartialMode, PythonParse, StringCacheMode};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

/// The fresh records of one response.
#[pyclass(frozen, module = "everypage._everypage")]
pub struct Page(pub walk::Page);

/// Integers of any size stay what they are; names that come again are made once.
const READ: PythonParse = PythonParse {
    allow_inf_nan: false,
    cache_mode: StringCacheMode::Keys,
    partial_mode: PartialMode::Off,
    catch_duplicate_keys: false,
    float_mode: FloatMode::Float,
};

#[pymethods]
impl Page {
    #[getter]
    fn id(&self) -> u64 {
        self.0.id.0
    }

    #[getter]
    fn number(&self) -> u64 {
        self.0.number
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// The records as Python objects, read at once; `None` if the reader refuses one of them: a lone surrogate, say.
    fn objects<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let mut array = vec![b'['];
        array.extend(self.0.records().collect::<Vec<_>>().join(&b','));
        array.push(b']');
        READ.python_parse(py, &array).ok()
    }

    /// The records as the bytes the server sent.
    fn raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.0.records().map(|record| PyBytes::new(py, record)))
    }

    /// The records as lines.
    fn ndjson<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let mut lines = Vec::with_capacity(self.0.records().map(|record| record.len() + 1).sum());
        self.0.write_ndjson(&mut lines);
        PyBytes::new(py, &lines)
    }

    /// Places of records that are newer bytes of a record delivered before.
    fn revisions(&self) -> Vec<u32> {
        self.0.revisions().to_vec()
    }
}
