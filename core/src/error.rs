//! Three kinds of fault are three types: your settings ([`InvalidSource`]), your calls ([`UsageError`]),
//! the world ([`WalkError`]).

use crate::time::UnixMillis;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing wrong with a source: where, what was found, what was expected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fault {
    /// The field, as a path: `pagination.write`, `end[1].flag`.
    pub field: String,
    /// What stands there, shortened; never a secret.
    pub found: String,
    /// What would be right, or the nearest name.
    pub expected: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: found {}, expected {}", self.field, self.found, self.expected)
    }
}

/// The source can't be walked as described. Every fault is listed, not only the first.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("invalid source: {}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct InvalidSource {
    /// The faults, in the order of the document.
    pub faults: Vec<Fault>,
}

impl InvalidSource {
    /// Stable code of this kind of fault.
    pub const CODE: &'static str = "EP_INVALID_SOURCE";
}

/// A call that doesn't fit the walk's state. It changed nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsageError {
    /// The page was acknowledged before an earlier one.
    #[error("pages are acknowledged in order: page {expected} is due")]
    AcknowledgedOutOfOrder {
        /// The page that is due.
        expected: u64,
    },
    /// There is no delivered page of that id.
    #[error("no delivered page waits for this acknowledgement")]
    NothingToAcknowledge,
    /// Credentials for a generation nobody asked for.
    #[error("no fresh credentials were asked for")]
    NoCredentialsAsked,
    /// The ticket was never handed out or has been answered.
    #[error("this ticket was not handed out, or was answered before")]
    UnknownTicket,
    /// A walk is used once.
    #[error("a walk is used once; start a new one or resume from its checkpoint")]
    AlreadyStarted,
}

impl UsageError {
    /// Stable code of this kind of fault.
    pub const CODE: &'static str = "EP_USAGE";
}

/// What kind of trouble ended a walk (taxonomy E2). Names and codes are stable; texts are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ErrorKind {
    /// 401 after fresh credentials were asked for.
    AuthRequired,
    /// A body that is cut, unparsable or HTML.
    BadBody,
    /// Protocol nonsense.
    BadResponse,
    /// The caller ended the walk.
    Cancelled,
    /// 511: a login page of the network.
    CaptivePortal,
    /// The bytes don't fit their checksum.
    CheckpointCorrupt,
    /// Another process holds the checkpoint.
    CheckpointLocked,
    /// The checkpoint belongs to another source.
    CheckpointMismatch,
    /// The checkpoint is of a newer format.
    CheckpointVersion,
    /// A link or redirect leaves the origins that may be asked.
    CrossOriginNext,
    /// The position is dead.
    CursorExpired,
    /// The walk's deadline has passed.
    Deadline,
    /// A header the walk depends on is hidden from the host.
    HeaderNotVisible,
    /// The host's own code failed.
    HostCallback,
    /// Another fatal status.
    HttpStatus,
    /// The list ended, but is not whole; raised by `strict`.
    Incomplete,
    /// A broken invariant of ours.
    Internal,
    /// A limit of the caller, when asked to be strict.
    LimitReached,
    /// The walk ran into the start of the list again.
    ListRestarted,
    /// A continuation came back.
    LoopDetected,
    /// The name, the connection or the transfer failed.
    Network,
    /// A browser's opaque failure.
    NetworkOrCors,
    /// Pages in a row without a new key.
    NoProgress,
    /// 407.
    ProxyAuth,
    /// A daily quota, or 402.
    QuotaExhausted,
    /// The stated wait is too long, or the attempts are used up.
    RateLimited,
    /// The API does not go beyond this many rows.
    ResultWindowExceeded,
    /// The retry budget shared by all walks is empty.
    RetryBudgetExhausted,
    /// 5xx that stayed.
    ServerError,
    /// The output is not the one the checkpoint speaks of.
    SinkMismatch,
    /// The answer does not fit the source.
    SourceMismatch,
    /// The list changed so that the walk cannot go on.
    SourceChanged,
    /// Storing rows or the checkpoint failed.
    Storage,
    /// One attempt took too long.
    Timeout,
    /// The certificate was refused.
    Tls,
    /// A size, depth or ratio limit.
    TooLarge,
    /// A cursor that may not be sent.
    UnsafeCursor,
    /// A URL that may not be asked.
    UnsafeUrl,
    /// The host asked another URL than it was told.
    UrlMismatch,
}

impl ErrorKind {
    /// All of them.
    pub const ALL: [ErrorKind; 39] = [
        ErrorKind::AuthRequired,
        ErrorKind::BadBody,
        ErrorKind::BadResponse,
        ErrorKind::Cancelled,
        ErrorKind::CaptivePortal,
        ErrorKind::CheckpointCorrupt,
        ErrorKind::CheckpointLocked,
        ErrorKind::CheckpointMismatch,
        ErrorKind::CheckpointVersion,
        ErrorKind::CrossOriginNext,
        ErrorKind::CursorExpired,
        ErrorKind::Deadline,
        ErrorKind::HeaderNotVisible,
        ErrorKind::HostCallback,
        ErrorKind::HttpStatus,
        ErrorKind::Incomplete,
        ErrorKind::Internal,
        ErrorKind::LimitReached,
        ErrorKind::ListRestarted,
        ErrorKind::LoopDetected,
        ErrorKind::Network,
        ErrorKind::NetworkOrCors,
        ErrorKind::NoProgress,
        ErrorKind::ProxyAuth,
        ErrorKind::QuotaExhausted,
        ErrorKind::RateLimited,
        ErrorKind::ResultWindowExceeded,
        ErrorKind::RetryBudgetExhausted,
        ErrorKind::ServerError,
        ErrorKind::SinkMismatch,
        ErrorKind::SourceMismatch,
        ErrorKind::SourceChanged,
        ErrorKind::Storage,
        ErrorKind::Timeout,
        ErrorKind::Tls,
        ErrorKind::TooLarge,
        ErrorKind::UnsafeCursor,
        ErrorKind::UnsafeUrl,
        ErrorKind::UrlMismatch,
    ];

    /// The stable code, e.g. `EP_RATE_LIMITED`.
    pub const fn code(self) -> &'static str {
        match self {
            ErrorKind::AuthRequired => "EP_AUTH_REQUIRED",
            ErrorKind::BadBody => "EP_BAD_BODY",
            ErrorKind::BadResponse => "EP_BAD_RESPONSE",
            ErrorKind::Cancelled => "EP_CANCELLED",
            ErrorKind::CaptivePortal => "EP_CAPTIVE_PORTAL",
            ErrorKind::CheckpointCorrupt => "EP_CHECKPOINT_CORRUPT",
            ErrorKind::CheckpointLocked => "EP_CHECKPOINT_LOCKED",
            ErrorKind::CheckpointMismatch => "EP_CHECKPOINT_MISMATCH",
            ErrorKind::CheckpointVersion => "EP_CHECKPOINT_VERSION",
            ErrorKind::CrossOriginNext => "EP_CROSS_ORIGIN",
            ErrorKind::CursorExpired => "EP_CURSOR_EXPIRED",
            ErrorKind::Deadline => "EP_DEADLINE",
            ErrorKind::HeaderNotVisible => "EP_HEADER_NOT_VISIBLE",
            ErrorKind::HostCallback => "EP_HOST_CALLBACK",
            ErrorKind::HttpStatus => "EP_HTTP_STATUS",
            ErrorKind::Incomplete => "EP_INCOMPLETE",
            ErrorKind::Internal => "EP_INTERNAL",
            ErrorKind::LimitReached => "EP_LIMIT_REACHED",
            ErrorKind::ListRestarted => "EP_LIST_RESTARTED",
            ErrorKind::LoopDetected => "EP_LOOP",
            ErrorKind::Network => "EP_NETWORK",
            ErrorKind::NetworkOrCors => "EP_NETWORK_OR_CORS",
            ErrorKind::NoProgress => "EP_NO_PROGRESS",
            ErrorKind::ProxyAuth => "EP_PROXY_AUTH",
            ErrorKind::QuotaExhausted => "EP_QUOTA_EXHAUSTED",
            ErrorKind::RateLimited => "EP_RATE_LIMITED",
            ErrorKind::ResultWindowExceeded => "EP_RESULT_WINDOW",
            ErrorKind::RetryBudgetExhausted => "EP_RETRY_BUDGET",
            ErrorKind::ServerError => "EP_SERVER_ERROR",
            ErrorKind::SinkMismatch => "EP_SINK_MISMATCH",
            ErrorKind::SourceMismatch => "EP_SOURCE_MISMATCH",
            ErrorKind::SourceChanged => "EP_SOURCE_CHANGED",
            ErrorKind::Storage => "EP_STORAGE",
            ErrorKind::Timeout => "EP_TIMEOUT",
            ErrorKind::Tls => "EP_TLS",
            ErrorKind::TooLarge => "EP_TOO_LARGE",
            ErrorKind::UnsafeCursor => "EP_UNSAFE_CURSOR",
            ErrorKind::UnsafeUrl => "EP_UNSAFE_URL",
            ErrorKind::UrlMismatch => "EP_URL_MISMATCH",
        }
    }

    /// Whether a walk that ended so can go on from its checkpoint.
    pub const fn is_resumable(self) -> bool {
        !matches!(
            self,
            ErrorKind::CheckpointCorrupt
                | ErrorKind::CheckpointMismatch
                | ErrorKind::CheckpointVersion
                | ErrorKind::SinkMismatch
                | ErrorKind::UnsafeUrl
                | ErrorKind::UnsafeCursor
        )
    }
}

/// What the world did: the error a failed walk ends with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {advice}")]
pub struct WalkError {
    /// The kind.
    pub kind: ErrorKind,
    /// The stable code of the kind.
    pub code: String,
    /// One sentence: what happened and what to do. Never a secret, a query or a cursor.
    pub advice: String,
    /// The page that was being fetched, from 1.
    pub page: Option<u64>,
    /// Attempts made at that page.
    pub attempts: Option<u32>,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// When the server will answer again, if it said so: milliseconds since 1970.
    pub retry_at: Option<UnixMillisJson>,
    /// Origin and path of the request.
    pub url: Option<String>,
}

/// Wall time inside JSON: a whole number of milliseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillisJson(pub i64);

impl From<UnixMillis> for UnixMillisJson {
    fn from(at: UnixMillis) -> Self {
        UnixMillisJson(at.0)
    }
}

impl WalkError {
    /// An error of that kind with its advice; the place is filled in with the other fields.
    pub fn new(kind: ErrorKind, advice: impl Into<String>) -> WalkError {
        WalkError {
            kind,
            code: kind.code().to_owned(),
            advice: advice.into(),
            page: None,
            attempts: None,
            status: None,
            retry_at: None,
            url: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own() {
        let codes: std::collections::BTreeSet<&str> =
            ErrorKind::ALL.into_iter().map(ErrorKind::code).collect();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
        assert!(codes.iter().all(|code| code.starts_with("EP_")));
    }
}
