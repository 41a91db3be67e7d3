//! From the errors of reqwest, hyper, rustls and the system to the closed list of [`FailureKind`].
//!
//! Nothing here quotes a whole error text: reqwest's hold the URL. The detail is a phrase of ours, and for
//! the system's and TLS errors their own words, which name hosts but never a path or a query.

use super::resolve::LookupError;
use everypage_core::http::{Failure, FailureKind};
use std::error::Error;
use std::io;

/// How far the exchange had come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// No response byte was seen.
    Head,
    /// The head had arrived, the body was being read.
    Body,
}

/// An attempt to connect took too long; raised by our own connector.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no connection in time")]
pub(super) struct ConnectTimeout;

/// Whether a proxy asked for credentials instead of opening a tunnel. The type of that error is private to
/// hyper-util, so its text decides.
pub(super) fn proxy_wants_credentials(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.to_string().ends_with("proxy authorization required"))
}

/// The error and what is beneath it. A chain is a handful of links; the bound is for one that bites its tail.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| inner(cause).or_else(|| cause.source())).take(32)
}

/// Judges an error by everything in its chain of causes.
pub(super) fn failure(error: &(dyn Error + 'static), phase: Phase) -> Failure {
    let mut seen = Seen::default();
    let decided = causes(error).find_map(|cause| by_cause(cause, phase, &mut seen));
    decided.unwrap_or_else(|| seen.verdict(phase))
}

/// An `io::Error` hides the error it wraps: `source` skips it.
fn inner<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
        .map(|wrapped| wrapped as &(dyn Error + 'static))
}

/// What the outer links say, used when no inner link is more precise.
#[derive(Default)]
struct Seen {
    connect: bool,
    timeout: bool,
    incomplete: bool,
    canceled: bool,
    io: Option<(io::ErrorKind, String)>,
}

fn by_cause(cause: &(dyn Error + 'static), phase: Phase, seen: &mut Seen) -> Option<Failure> {
    if let Some(lookup) = cause.downcast_ref::<LookupError>() {
        return Some(Failure::new(lookup.kind(), lookup.to_string()));
    }
    if cause.is::<ConnectTimeout>() {
        return Some(Failure::new(FailureKind::ConnectTimeout, cause.to_string()));
    }
    if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
        return Some(by_tls(tls, phase));
    }
    if let Some(h2) = cause.downcast_ref::<h2::Error>() {
        let unprocessed = h2.is_remote()
            && (h2.reason() == Some(h2::Reason::REFUSED_STREAM)
                || (h2.is_go_away() && h2.reason() == Some(h2::Reason::NO_ERROR)));
        if unprocessed {
            return Some(Failure::new(
                FailureKind::NotProcessed,
                "the server refused the stream unprocessed",
            ));
        }
        if h2.is_reset() || h2.is_go_away() {
            return Some(reset(phase, "the server reset the stream"));
        }
    }
    if let Some(http) = cause.downcast_ref::<hyper::Error>() {
        // hyper tells this one apart only for servers; its text is what is left.
        if http.is_parse() && http.to_string().contains("too large") {
            return Some(Failure::new(
                FailureKind::TooLarge,
                "the response headers are too many or too long",
            ));
        }
        if http.is_parse() {
            return Some(Failure::new(FailureKind::Other, "the answer is not HTTP"));
        }
        seen.timeout |= http.is_timeout();
        seen.incomplete |= http.is_incomplete_message();
        seen.canceled |= http.is_canceled();
    }
    if let Some(pool) = cause.downcast_ref::<hyper_util::client::legacy::Error>() {
        seen.connect |= pool.is_connect();
    }
    if let Some(request) = cause.downcast_ref::<reqwest::Error>() {
        seen.connect |= request.is_connect();
        seen.timeout |= request.is_timeout();
    }
    if let Some(io) = cause.downcast_ref::<io::Error>() {
        seen.timeout |= io.kind() == io::ErrorKind::TimedOut;
        seen.io = Some((io.kind(), io.to_string()));
    }
    None
}

impl Seen {
    fn verdict(self, phase: Phase) -> Failure {
        let io = self.io.as_ref().map(|(kind, _)| *kind);
        let detail =
            |otherwise: &str| self.io.as_ref().map_or_else(|| otherwise.to_owned(), |(_, text)| text.clone());
        if self.timeout {
            return if self.connect {
                Failure::new(FailureKind::ConnectTimeout, "no connection in time")
            } else {
                Failure::new(FailureKind::ReadTimeout, "no answer in time")
            };
        }
        if self.connect {
            // A peer that takes the connection and drops it in the TLS handshake is there; one that doesn't
            // take it at all, or can't be reached, is not.
            return match io {
                Some(
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe,
                ) => Failure::new(FailureKind::TlsOther, "the connection was closed in the handshake"),
                _ => Failure::new(FailureKind::ConnectRefused, detail("no connection")),
            };
        }
        if self.incomplete {
            return match phase {
                Phase::Head => reset(phase, "the connection was closed before the answer was complete"),
                Phase::Body => {
                    Failure::new(FailureKind::BodyTruncated, "the body ended before its framing said")
                }
            };
        }
        match io {
            Some(io::ErrorKind::UnexpectedEof) if phase == Phase::Body => {
                Failure::new(FailureKind::BodyTruncated, "the body ended before its framing said")
            }
            Some(
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected
                | io::ErrorKind::UnexpectedEof,
            ) => reset(phase, &detail("the connection broke")),
            // Bad chunk sizes and their like.
            Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) if phase == Phase::Body => {
                Failure::new(FailureKind::BodyTruncated, "the body's framing is broken")
            }
            _ if self.canceled => reset(phase, "the connection was closed"),
            _ => Failure::new(FailureKind::Other, detail("the exchange failed")),
        }
    }
}

fn reset(phase: Phase, detail: &str) -> Failure {
    let kind = match phase {
        Phase::Head => FailureKind::ResetBeforeResponse,
        Phase::Body => FailureKind::ResetInBody,
    };
    Failure::new(kind, detail)
}

fn by_tls(error: &rustls::Error, phase: Phase) -> Failure {
    let certificate =
        matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented);
    let kind = match phase {
        Phase::Head if certificate => FailureKind::TlsInvalid,
        // Bytes that are no TLS, alerts, broken handshakes.
        Phase::Head => FailureKind::TlsOther,
        Phase::Body => FailureKind::ResetInBody,
    };
    Failure::new(kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("secret?token=hunter2")]
    struct Outer(#[source] io::Error);

    fn of(kind: io::ErrorKind, phase: Phase) -> FailureKind {
        failure(&Outer(io::Error::from(kind)), phase).kind
    }

    #[test]
    fn system_errors_are_judged_by_how_far_the_exchange_had_come() {
        use io::ErrorKind as K;
        for kind in [K::ConnectionReset, K::BrokenPipe, K::ConnectionAborted, K::UnexpectedEof] {
            assert_eq!(of(kind, Phase::Head), FailureKind::ResetBeforeResponse, "{kind:?}");
        }
        assert_eq!(of(K::ConnectionReset, Phase::Body), FailureKind::ResetInBody);
        assert_eq!(of(K::UnexpectedEof, Phase::Body), FailureKind::BodyTruncated);
        assert_eq!(of(K::TimedOut, Phase::Head), FailureKind::ReadTimeout);
        assert_eq!(of(K::OutOfMemory, Phase::Head), FailureKind::Other);
    }

    #[test]
    fn wrapped_errors_are_found_inside_io_errors() {
        let tls =
            |error| failure(&Outer(io::Error::new(io::ErrorKind::InvalidData, error)), Phase::Head).kind;
        assert_eq!(
            tls(rustls::Error::InvalidCertificate(rustls::CertificateError::Expired)),
            FailureKind::TlsInvalid
        );
        assert_eq!(tls(rustls::Error::DecryptError), FailureKind::TlsOther);
        let lookup = io::Error::other(LookupError::Private);
        assert_eq!(failure(&Outer(lookup), Phase::Head).kind, FailureKind::UnsafeAddress);
        assert_eq!(
            failure(&Outer(io::Error::other(ConnectTimeout)), Phase::Head).kind,
            FailureKind::ConnectTimeout
        );
        let refused = h2::Error::from(h2::Reason::REFUSED_STREAM);
        // Only the peer's own word proves that nothing was processed.
        assert_eq!(failure(&Outer(io::Error::other(refused)), Phase::Head).kind, FailureKind::Other);
    }

    #[test]
    fn outer_texts_are_never_quoted() {
        for kind in [io::ErrorKind::ConnectionReset, io::ErrorKind::Other, io::ErrorKind::TimedOut] {
            let failure = failure(&Outer(io::Error::from(kind)), Phase::Head);
            assert!(!failure.detail.contains("hunter2"), "{}", failure.detail);
        }
    }
}
