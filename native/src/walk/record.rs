//! One record: the bytes the server sent.

use everypage_core::json::Span;
use serde::Deserialize;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// One record, as the JSON text the server sent. It shares the body of its page, so cloning is cheap, and
/// keeping one record keeps its page in memory: copy what is kept for long.
#[derive(Clone)]
pub struct Record {
    body: Arc<Vec<u8>>,
    span: Span,
}

impl Record {
    pub(crate) const fn new(body: Arc<Vec<u8>>, span: Span) -> Record {
        Record { body, span }
    }

    /// The JSON text.
    pub fn as_bytes(&self) -> &[u8] {
        self.span.slice(&self.body)
    }

    /// The JSON text, if it is valid UTF-8.
    pub fn as_str(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(self.as_bytes())
    }

    /// Reads the record into a type; strings may be borrowed from it.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        // Checking the text once as a whole is cheaper than string by string. A text that is not UTF-8 takes
        // the long way, for its error.
        match self.as_str() {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(self.as_bytes()),
        }
    }
}

impl AsRef<[u8]> for Record {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Deref for Record {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Record").field(&String::from_utf8_lossy(self.as_bytes())).finish()
    }
}
