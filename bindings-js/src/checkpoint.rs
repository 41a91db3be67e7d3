//! Checkpoints that a sink stored, and the rows that go with them.

use crate::convert::{plain, thrown};
use crate::source::Source;
use everypage_core::checkpoint::{self, Digest, Rebuild, RowError, SinkMark};
use everypage_core::error::ErrorKind;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// A checkpoint that was read.
#[wasm_bindgen]
pub struct Checkpoint {
    pub(crate) inner: checkpoint::Checkpoint,
    rows: Option<Rebuild>,
    /// A line whose end has not come yet.
    begun: Vec<u8>,
}

#[wasm_bindgen]
impl Checkpoint {
    /// Reads one.
    ///
    /// # Errors
    /// When it is corrupt, or of a newer format.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Result<Checkpoint, JsValue> {
        let read = checkpoint::Checkpoint::from_json(text);
        let inner = read.map_err(|error| {
            let kind = kind_name(error.kind());
            thrown(error.code(), &kind, error.to_string())
        })?;
        Ok(Checkpoint { inner, rows: None, begun: Vec::new() })
    }

    /// What the sink holds at it: `rows`, `bytes`, `digest`; or null.
    pub fn mark(&self) -> JsValue {
        plain(&self.inner.sink())
    }

    /// Whether the stored rows must be read back before a walk goes on. Reading starts with this call.
    #[wasm_bindgen(js_name = wantsRows)]
    pub fn wants_rows(&mut self, source: &Source) -> bool {
        self.rows = self.inner.needs_rows().then(|| self.inner.rebuild(&source.0)).flatten();
        self.rows.is_some()
    }

    /// Takes in the next bytes of the stored rows.
    ///
    /// # Errors
    /// The line that is no row of this walk.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.line()?;
            }
        }
        Ok(())
    }

    /// All rows are in: how many there were.
    ///
    /// # Errors
    /// When the last line is no row.
    pub fn restore(&mut self) -> Result<f64, JsValue> {
        if !self.begun.is_empty() {
            self.line()?;
        }
        let Some(rows) = self.rows.take() else { return Ok(0.0) };
        let count = rows.rows();
        self.inner.restore(rows);
        Ok(count as f64)
    }

    fn line(&mut self) -> Result<(), JsValue> {
        let line = std::mem::take(&mut self.begun);
        let Some(rows) = &mut self.rows else { return Ok(()) };
        let wrong = |error: RowError| {
            let kind = ErrorKind::SinkMismatch;
            thrown(kind.code(), &kind_name(kind), error.to_string())
        };
        rows.push(&line).map_err(wrong)
    }
}

/// The digest of stored bytes, as it stands in a checkpoint.
#[wasm_bindgen]
pub fn digest(bytes: &[u8]) -> String {
    Digest::of(bytes)
}

pub(crate) fn mark(rows: f64, bytes: f64, digest: String) -> SinkMark {
    SinkMark { rows: rows as u64, bytes: bytes as u64, digest }
}

/// The kind's own name, as it stands in reports.
pub(crate) fn kind_name(kind: ErrorKind) -> String {
    let name = serde_json::to_value(kind).ok();
    name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
