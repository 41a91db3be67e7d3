//! Why a body was not accepted.

use super::fault::Fault;

/// Why a body was not accepted. Places are bytes from the start of the body. No text of the body is shown.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScanError {
    /// A name that leads to a wanted value stands twice in one object, or a selection fits two elements:
    /// which one is meant can't be known.
    #[error("there is more than one value at `{pointer}`")]
    DuplicateMember {
        /// Where.
        pointer: String,
    },
    /// Nothing but white space.
    #[error("the body is empty")]
    Empty,
    /// Not JSON.
    #[error("the body is not JSON: at byte {at}, expected {expected}")]
    Invalid {
        /// Where it stops being JSON; the length of the body if it was cut.
        at: usize,
        /// What would have been right there.
        expected: &'static str,
    },
    /// A wanted value that is not UTF-8.
    #[error("the value at `{pointer}` is not UTF-8")]
    InvalidUtf8 {
        /// Where.
        pointer: String,
    },
    /// Starts with `<`: a page for people, such as a login form or a proxy's error.
    #[error("the body looks like HTML, not JSON")]
    LooksLikeHtml,
    /// Arrays and objects inside each other beyond the limit.
    #[error("the body nests deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// 4 GiB or more.
    #[error("the body is 4 GiB or more")]
    TooLarge,
    /// A whole value, and then something else.
    #[error("at byte {at}, after the JSON value, there is something else")]
    Trailing {
        /// Where it starts.
        at: usize,
    },
    /// A wanted string or number beyond the limit.
    #[error("the value at `{pointer}` is longer than {limit} bytes")]
    ValueTooLong {
        /// Where.
        pointer: String,
        /// The limit, in bytes.
        limit: u32,
    },
}

impl ScanError {
    /// A fault of grammar in terms of the whole body.
    pub(super) fn from_fault(fault: Fault, limit: u32) -> ScanError {
        match fault.expected_text() {
            Some(expected) => ScanError::Invalid { at: fault.at(), expected },
            None => ScanError::TooDeep { limit },
        }
    }
}
