//! Plain HTTP data: what the host sends and what it got back. No socket, no policy.

pub mod date;
pub mod link;
pub mod retry_after;

use std::fmt;

/// The request methods a list is read with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`, only where the source declares the call read-only
    Post,
}

impl Method {
    /// The method as it goes on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
        }
    }
}

/// A request, complete with credentials: the host sends exactly these bytes and follows no redirect.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL, byte for byte as it must be sent.
    pub url: String,
    /// Header names (lower case) and values, in sending order.
    pub headers: Vec<(String, String)>,
    /// The body, if any.
    pub body: Option<Vec<u8>>,
}

impl fmt::Debug for Request {
    /// Shows the method and the URL's origin and path: never a query, a header value or a body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("Request")
            .field("method", &self.method.as_str())
            .field("url", &shown)
            .finish_non_exhaustive()
    }
}

/// Response headers: names compare without case, several fields of one name are kept apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// No headers.
    pub const fn new() -> Headers {
        Headers(Vec::new())
    }

    /// Adds one field.
    pub fn push(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.push((name.to_ascii_lowercase(), value.into()));
    }

    /// The first field of that name, if it is text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next().and_then(|v| std::str::from_utf8(v).ok())
    }

    /// Every field of that name, in order.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_slice())
    }

    /// Whether there is a field of that name.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// All fields, names in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_slice()))
    }

    /// Bytes of all names and values together.
    pub fn size(&self) -> usize {
        self.0.iter().map(|(n, v)| n.len() + v.len()).sum()
    }
}

impl<N: AsRef<str>, V: Into<Vec<u8>>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.push(name.as_ref(), value);
        }
        headers
    }
}

/// An answer, with its whole body, decoded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body after content decoding.
    pub body: Vec<u8>,
    /// The URL the host really asked, where its client reports one; another URL than the request's is refused.
    pub url: Option<String>,
    /// Whether headers may be hidden from the host (a browser and another origin): then an absent header
    /// proves nothing.
    pub headers_hidden: bool,
}

/// How an exchange failed without an answer: the closed list every host maps its client's errors to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailureKind {
    /// The body ended before its framing said.
    BodyTruncated,
    /// The host gave up on purpose.
    Cancelled,
    /// Nothing listens there.
    ConnectRefused,
    /// No connection in time.
    ConnectTimeout,
    /// The content coding is wrong or its checksum doesn't fit.
    DecodeError,
    /// The name does not exist.
    DnsNotFound,
    /// The name could not be looked up now.
    DnsTemporary,
    /// A browser's opaque failure: the network or CORS.
    NetworkOrCors,
    /// The peer proved that it did not process the request (HTTP/2 REFUSED_STREAM, GOAWAY).
    NotProcessed,
    /// Anything unknown.
    Other,
    /// The connection broke before the first response byte.
    ResetBeforeResponse,
    /// The connection broke inside the response.
    ResetInBody,
    /// No answer in time.
    ReadTimeout,
    /// The certificate was refused.
    TlsInvalid,
    /// The TLS handshake failed otherwise.
    TlsOther,
    /// Wire, decoded or header bytes over the limit.
    TooLarge,
    /// The name resolved to an address the walk may not reach.
    UnsafeAddress,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [FailureKind; 17] = [
        FailureKind::BodyTruncated,
        FailureKind::Cancelled,
        FailureKind::ConnectRefused,
        FailureKind::ConnectTimeout,
        FailureKind::DecodeError,
        FailureKind::DnsNotFound,
        FailureKind::DnsTemporary,
        FailureKind::NetworkOrCors,
        FailureKind::NotProcessed,
        FailureKind::Other,
        FailureKind::ResetBeforeResponse,
        FailureKind::ResetInBody,
        FailureKind::ReadTimeout,
        FailureKind::TlsInvalid,
        FailureKind::TlsOther,
        FailureKind::TooLarge,
        FailureKind::UnsafeAddress,
    ];

    /// The stable name, as transcripts and hosts in other languages spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            FailureKind::BodyTruncated => "body_truncated",
            FailureKind::Cancelled => "cancelled",
            FailureKind::ConnectRefused => "connect_refused",
            FailureKind::ConnectTimeout => "connect_timeout",
            FailureKind::DecodeError => "decode_error",
            FailureKind::DnsNotFound => "dns_not_found",
            FailureKind::DnsTemporary => "dns_temporary",
            FailureKind::NetworkOrCors => "network_or_cors",
            FailureKind::NotProcessed => "not_processed",
            FailureKind::Other => "other",
            FailureKind::ResetBeforeResponse => "reset_before_response",
            FailureKind::ResetInBody => "reset_in_body",
            FailureKind::ReadTimeout => "read_timeout",
            FailureKind::TlsInvalid => "tls_invalid",
            FailureKind::TlsOther => "tls_other",
            FailureKind::TooLarge => "too_large",
            FailureKind::UnsafeAddress => "unsafe_address",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<FailureKind> {
        FailureKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// An exchange that brought no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// A few words for the report; never a secret, never a query.
    pub detail: String,
}

impl Failure {
    /// A failure with a few words on it.
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Failure {
        Failure { kind, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_failure_reads_back_from_its_name() {
        for kind in FailureKind::ALL {
            assert_eq!(FailureKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(FailureKind::parse("BodyTruncated"), None);
    }
}
