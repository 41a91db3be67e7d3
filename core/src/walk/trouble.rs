//! Small conversions between the source's words and the policies', and the advice errors carry.

use crate::classify::Sorted;
use crate::error::{ErrorKind, WalkError};
use crate::facts::{Auth, Class, Locator, Place};
use crate::guard::fingerprint;
use crate::http::{Failure, FailureKind};
use crate::json::{Raw, Span};
use crate::pace::{self, ReadHint};
use crate::source::wire::WireError;
use crate::source::{EndRule, HintMeaning, Next, RateWindow, Source, Style};
use crate::time::{Millis, UnixMillis};

/// Tells credentials apart without holding them.
pub(super) fn credential_id(auth: &Auth) -> u64 {
    let mut text = String::new();
    let named = auth.headers.iter().chain(&auth.query).map(|(name, secret)| (name.as_str(), secret));
    for (name, secret) in named.chain(auth.body.iter().map(|(at, secret)| (at.as_str(), secret))) {
        text.push_str(name);
        text.push('\0');
        text.push_str(secret.expose());
        text.push('\0');
    }
    fingerprint(text.as_bytes()) as u64
}

pub(super) fn window(window: &RateWindow) -> pace::Window {
    pace::Window { requests: window.requests, per: window.per, burst: window.burst }
}

/// A rule's class with the kind of error it ends in, should it not get better.
pub(super) const fn ruled(class: Class) -> Sorted {
    let kind = match class {
        Class::Accept | Class::Empty | Class::End => ErrorKind::BadResponse,
        Class::Expired => ErrorKind::CursorExpired,
        Class::Fatal => ErrorKind::HttpStatus,
        Class::Throttled => ErrorKind::RateLimited,
        Class::Transient => ErrorKind::ServerError,
        Class::Unauthorized => ErrorKind::AuthRequired,
    };
    Sorted { class, kind, tries: None, redirect: false }
}

/// A wait that a response states: seconds as a number or a numeric text, or a duration such as `30s`.
pub(super) fn wait_value(value: &Raw) -> Option<Millis> {
    let text = value.plain();
    if let Some(wait) = Millis::parse(&text) {
        return Some(wait);
    }
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || (!part.is_empty() && !digits(part)) {
        return None;
    }
    let millis = format!("{part:0<3}").get(..3)?.parse::<u64>().ok()?;
    Some(Millis::secs(whole.parse().ok()?).plus(Millis(millis)))
}

pub(super) fn hint(means: HintMeaning, value: &Raw) -> ReadHint {
    let means = match means {
        HintMeaning::Limit => pace::HintMeaning::Limit,
        HintMeaning::Remaining => pace::HintMeaning::Remaining,
        HintMeaning::ResetEpochSeconds => pace::HintMeaning::ResetEpochSeconds,
        HintMeaning::ResetEpochMillis => pace::HintMeaning::ResetEpochMillis,
        HintMeaning::ResetSeconds => pace::HintMeaning::ResetSeconds,
        HintMeaning::ResetMillis => pace::HintMeaning::ResetMillis,
        HintMeaning::UsedOfLimit => pace::HintMeaning::UsedOfLimit,
        HintMeaning::WaitSeconds => pace::HintMeaning::WaitSeconds,
        HintMeaning::WaitMillis => pace::HintMeaning::WaitMillis,
    };
    ReadHint { means, text: value.plain().into_owned() }
}

/// Whether positions, end signals or the total are read from headers.
pub(super) fn reads_headers(source: &Source) -> bool {
    let header = |locator: &Locator| matches!(locator.place, Place::Header(_) | Place::Link(_));
    let position = match &source.pagination.style {
        Style::Cursor(token) | Style::Keyset(token) => header(&token.read),
        Style::Link { read, .. } => header(read),
        Style::Offset { .. } | Style::Page { .. } | Style::Single => false,
        Style::States(states) => states.iter().any(|s| matches!(&s.next, Next::Read(place) if header(place))),
    };
    let end = source.end.iter().any(|rule| match rule {
        EndRule::Absent(place) | EndRule::Flag(place, _) | EndRule::Pages(place) => header(place),
        EndRule::Empty
        | EndRule::Missing
        | EndRule::Repeat
        | EndRule::Short
        | EndRule::Status(_)
        | EndRule::Total => false,
    });
    position || end || source.total.as_ref().is_some_and(|total| header(&total.read))
}

/// Whether a place is the `Retry-After` header.
pub(super) fn is_retry_after(place: &Locator) -> bool {
    matches!(&place.place, Place::Header(name) if name.eq_ignore_ascii_case("retry-after"))
}

/// The value that stands there.
pub(super) fn raw(span: Span, body: &[u8]) -> Option<Raw> {
    Raw::parse(std::str::from_utf8(span.slice(body)).ok()?)
}

/// A value for the report. A number that doesn't fit a double is given as its text.
pub(super) fn value(value: &Raw) -> serde_json::Value {
    serde_json::from_str(value.as_str()).unwrap_or_else(|_| value.as_str().into())
}

/// A wait that is longer than the walk may wait.
pub(super) fn too_long(retry_at: Option<UnixMillis>) -> WalkError {
    let advice =
        "the rate limit asks for a longer wait than `max_wait`; resume at `retry_at`, or raise `max_wait`";
    WalkError { retry_at: retry_at.map(Into::into), ..WalkError::new(ErrorKind::RateLimited, advice) }
}

pub(super) fn hidden() -> WalkError {
    WalkError::new(
        ErrorKind::HeaderNotVisible,
        "a header the walk depends on is hidden from this host, which looks like the end; the server must expose it, or name a place in the body",
    )
}

pub(super) fn wire(error: &WireError, source: &Source) -> WalkError {
    let kind = error.kind();
    WalkError { url: Some(source.request.url.redacted()), ..WalkError::new(kind, error.to_string()) }
}

/// One sentence on a status.
pub(super) fn advice(kind: ErrorKind, status: u16) -> String {
    let what = match kind {
        ErrorKind::AuthRequired => "the server refuses the credentials; check `auth`",
        ErrorKind::CaptivePortal => "the network asks for a login before it lets requests through",
        ErrorKind::CursorExpired => "the position is dead; `pagination.expired` can start again",
        ErrorKind::ProxyAuth => "the proxy wants credentials",
        ErrorKind::QuotaExhausted => "the quota is used up",
        ErrorKind::RateLimited => {
            "the server keeps refusing for going too fast; declare `rate` or resume later"
        }
        ErrorKind::ServerError => "the server keeps failing; resume later",
        ErrorKind::SourceChanged => "the list changed so that the walk can't go on",
        ErrorKind::BadBody
        | ErrorKind::BadResponse
        | ErrorKind::Cancelled
        | ErrorKind::CheckpointCorrupt
        | ErrorKind::CheckpointLocked
        | ErrorKind::CheckpointMismatch
        | ErrorKind::CheckpointVersion
        | ErrorKind::CrossOriginNext
        | ErrorKind::Deadline
        | ErrorKind::HeaderNotVisible
        | ErrorKind::HostCallback
        | ErrorKind::HttpStatus
        | ErrorKind::Incomplete
        | ErrorKind::Internal
        | ErrorKind::LimitReached
        | ErrorKind::ListRestarted
        | ErrorKind::LoopDetected
        | ErrorKind::Network
        | ErrorKind::NetworkOrCors
        | ErrorKind::NoProgress
        | ErrorKind::ResultWindowExceeded
        | ErrorKind::RetryBudgetExhausted
        | ErrorKind::SinkMismatch
        | ErrorKind::SourceMismatch
        | ErrorKind::Storage
        | ErrorKind::Timeout
        | ErrorKind::Tls
        | ErrorKind::TooLarge
        | ErrorKind::UnsafeCursor
        | ErrorKind::UnsafeUrl
        | ErrorKind::UrlMismatch => "the server refuses the request; check the source",
    };
    format!("{what} (status {status})")
}

/// One sentence on a failure.
pub(super) fn failure(failure: &Failure) -> String {
    let what = match failure.kind {
        FailureKind::BodyTruncated => "the body was cut off",
        FailureKind::Cancelled => "the request was cancelled",
        FailureKind::ConnectRefused => "nothing listens at the address",
        FailureKind::ConnectTimeout => "no connection in time",
        FailureKind::DecodeError => "the body's content coding is wrong",
        FailureKind::DnsNotFound => "the host name does not exist",
        FailureKind::DnsTemporary => "the host name can't be looked up now",
        FailureKind::NetworkOrCors => {
            "the network failed, or the server doesn't allow this page to read it (CORS)"
        }
        FailureKind::NotProcessed => "the server did not take the request on",
        FailureKind::Other => "the request failed",
        FailureKind::ResetBeforeResponse => "the connection broke before an answer",
        FailureKind::ResetInBody => "the connection broke inside the answer",
        FailureKind::ReadTimeout => "no answer in time",
        FailureKind::TlsInvalid => "the server's certificate is not trusted",
        FailureKind::TlsOther => "the TLS handshake failed",
        FailureKind::TooLarge => "the answer is larger than `limits.body` or the header limit",
        FailureKind::UnsafeAddress => "the host name resolved to a private address",
    };
    if failure.detail.is_empty() { what.to_owned() } else { format!("{what}: {}", failure.detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_as_seconds_or_durations() {
        let wait = |text: &str| wait_value(&Raw::parse(text).unwrap());
        assert_eq!(wait("30"), Some(Millis::secs(30)));
        assert_eq!(wait("\"30\""), Some(Millis::secs(30)));
        assert_eq!(wait("1.25"), Some(Millis(1250)));
        assert_eq!(wait("\"20ms\""), Some(Millis(20)));
        for junk in ["\"soon\"", "-1", "1e3", "null", "\"\""] {
            assert_eq!(wait(junk), None, "{junk}");
        }
    }
}
