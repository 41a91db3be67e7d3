//! What can go wrong, as one type: your settings, your calls, the world.

use everypage_core::checkpoint::{Checkpoint, CheckpointError};
use everypage_core::error::{ErrorKind, InvalidSource, UsageError, WalkError};
use everypage_core::walk::{Report, ResumeError};
use std::fmt;
use std::io;

/// An error of a host's own code, kept as it is.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Anything that can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A record doesn't fit the type it was to be read into. The walk itself is well.
    #[error("record {index} of page {page} doesn't fit the type: {cause}")]
    Record {
        /// The page, from 1.
        page: u64,
        /// The record's place among the page's records, from 1.
        index: u64,
        /// What doesn't fit.
        #[source]
        cause: serde_json::Error,
    },
    /// The client can't be set up like this.
    #[error("{0}")]
    Settings(String),
    /// The source can't be walked as it is described.
    #[error(transparent)]
    Source(#[from] InvalidSource),
    /// A call that doesn't fit the walk's state.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The world: what the walk met, or what stopped it from being stored.
    #[error(transparent)]
    Walk(Box<Failed>),
}

/// A walk that ended with an error: what happened, how far it came, and from where it can go on.
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct Failed {
    /// What happened, with its stable code and an advice.
    pub error: WalkError,
    /// The report, if the walk had begun.
    pub report: Option<Box<Report>>,
    /// Where to go on, if the walk had begun.
    pub checkpoint: Option<Box<Checkpoint>>,
    /// The error beneath: a system error, or one of the host's own code.
    #[source]
    pub cause: Option<BoxError>,
}

impl Error {
    /// An error of the world before or outside a walk.
    pub(crate) fn world(kind: ErrorKind, advice: impl Into<String>) -> Error {
        Error::from(WalkError::new(kind, advice))
    }

    /// A failed system call on behalf of the output or its checkpoint.
    pub(crate) fn storage(what: impl fmt::Display, cause: io::Error) -> Error {
        let error = WalkError::new(ErrorKind::Storage, format!("{what}: {cause}"));
        Error::Walk(Box::new(Failed { cause: Some(Box::new(cause)), ..Failed::of(error) }))
    }

    /// The stable code, e.g. `EP_RATE_LIMITED`.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Record { .. } => "EP_RECORD",
            Error::Settings(_) => "EP_SETTINGS",
            Error::Source(_) => InvalidSource::CODE,
            Error::Usage(_) => UsageError::CODE,
            Error::Walk(failed) => failed.error.kind.code(),
        }
    }

    /// The kind, for errors of the world.
    pub fn kind(&self) -> Option<ErrorKind> {
        self.failed().map(|failed| failed.error.kind)
    }

    /// Whether the walk can go on from its checkpoint.
    pub fn is_resumable(&self) -> bool {
        match self {
            Error::Record { .. } => true,
            Error::Settings(_) | Error::Source(_) | Error::Usage(_) => false,
            Error::Walk(failed) => failed.error.kind.is_resumable(),
        }
    }

    /// The report of the walk that ended with this error.
    pub fn report(&self) -> Option<&Report> {
        self.failed().and_then(|failed| failed.report.as_deref())
    }

    /// Where the walk can go on.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.failed().and_then(|failed| failed.checkpoint.as_deref())
    }

    fn failed(&self) -> Option<&Failed> {
        match self {
            Error::Walk(failed) => Some(failed),
            Error::Record { .. } | Error::Settings(_) | Error::Source(_) | Error::Usage(_) => None,
        }
    }
}

impl Failed {
    pub(crate) const fn of(error: WalkError) -> Failed {
        Failed { error, report: None, checkpoint: None, cause: None }
    }
}

impl fmt::Debug for Failed {
    /// Without the report and the checkpoint: they are long, and a checkpoint holds positions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failed")
            .field("error", &self.error)
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

impl From<WalkError> for Error {
    fn from(error: WalkError) -> Error {
        Error::Walk(Box::new(Failed::of(error)))
    }
}

impl From<CheckpointError> for Error {
    fn from(error: CheckpointError) -> Error {
        Error::world(error.kind(), error.to_string())
    }
}

impl From<ResumeError> for Error {
    fn from(error: ResumeError) -> Error {
        Error::world(error.kind(), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_has_its_code() {
        let record = Error::Record { page: 1, index: 2, cause: serde_json::from_str::<u8>("x").unwrap_err() };
        assert_eq!(record.code(), "EP_RECORD");
        assert_eq!(Error::Settings("no".into()).code(), "EP_SETTINGS");
        assert_eq!(Error::from(InvalidSource { faults: vec![] }).code(), "EP_INVALID_SOURCE");
        assert_eq!(Error::from(UsageError::AlreadyStarted).code(), "EP_USAGE");
        let world = Error::storage("can't write", io::Error::other("disk full"));
        assert_eq!(
            (world.code(), world.kind(), world.is_resumable()),
            ("EP_STORAGE", Some(ErrorKind::Storage), true)
        );
        assert!(world.to_string().contains("disk full"));
    }
}
