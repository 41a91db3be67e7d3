//! Reads a body to its end under limits: whole and decoded, or an error.

use super::failure::{Phase, failure};
use super::inflate::{Bad, Inflate};
use bytes::{Buf, Bytes};
use everypage_core::http::{Failure, FailureKind};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body::Body;
use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// The most bytes an encoded body may have on the wire.
const WIRE_LIMIT: u64 = 32 << 20;
/// The most bytes all header names and values may have together.
const HEADER_LIMIT: usize = 64 << 10;
/// How many times its wire size a decoded body may have …
const RATIO: u64 = 200;
/// … once it is larger than this.
const RATIO_FROM: u64 = 1 << 20;
/// The most that is reserved on a server's word.
const TRUSTED_LENGTH: u64 = 1 << 20;

/// What the headers say about the body that follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Framing {
    coding: Coding,
    length: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Coding {
    Deflate,
    Gzip,
    Identity,
}

/// Judges the head of an answer: sizes, framing, content coding.
pub(super) fn framing(headers: &HeaderMap) -> Result<Framing, Failure> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > HEADER_LIMIT {
        return Err(too_large("the response headers are larger than 64 KiB"));
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let length = lengths.next();
    if length.is_some() && headers.contains_key(TRANSFER_ENCODING) {
        return Err(other("the answer has both Content-Length and Transfer-Encoding"));
    }
    if lengths.any(|further| Some(further) != length) {
        return Err(other("the answer has two different Content-Length headers"));
    }
    let length = length.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    Ok(Framing { coding: coding(headers)?, length })
}

fn coding(headers: &HeaderMap) -> Result<Coding, Failure> {
    let mut found = Coding::Identity;
    for value in headers.get_all(CONTENT_ENCODING) {
        let Ok(value) = value.to_str() else { return Err(decode("the Content-Encoding is not text")) };
        for token in value.split(',').map(str::trim).filter(|token| !token.is_empty()) {
            let next = match token.to_ascii_lowercase().as_str() {
                "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                _ => return Err(decode("the Content-Encoding is not one that was asked for")),
            };
            if found != Coding::Identity {
                return Err(too_large("content codings are stacked"));
            }
            found = next;
        }
    }
    Ok(found)
}

fn too_large(detail: &str) -> Failure {
    Failure::new(FailureKind::TooLarge, detail)
}

fn decode(detail: &str) -> Failure {
    Failure::new(FailureKind::DecodeError, detail)
}

fn other(detail: &str) -> Failure {
    Failure::new(FailureKind::Other, detail)
}

/// Takes wire bytes in and gives the decoded body out.
struct Intake {
    inflate: Option<Inflate>,
    limit: u64,
    wire: u64,
    out: Vec<u8>,
}

impl Intake {
    fn new(framing: Framing, limit: u64) -> Result<Intake, Failure> {
        let encoded = framing.coding != Coding::Identity;
        let wire_limit = if encoded { WIRE_LIMIT } else { limit };
        if framing.length.is_some_and(|length| length > wire_limit) {
            return Err(too_large("the body's Content-Length is over the limit"));
        }
        let inflate = match framing.coding {
            Coding::Deflate => Some(Inflate::deflate()),
            Coding::Gzip => Some(Inflate::gzip()),
            Coding::Identity => None,
        };
        let reserve = if encoded { 0 } else { framing.length.unwrap_or(0).min(TRUSTED_LENGTH) };
        Ok(Intake { inflate, limit, wire: 0, out: Vec::with_capacity(usize::try_from(reserve).unwrap_or(0)) })
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.wire = self.wire.saturating_add(bytes.len() as u64);
        let Some(inflate) = &mut self.inflate else {
            if self.wire > self.limit {
                return Err(too_large("the body is larger than the limit"));
            }
            self.out.extend_from_slice(bytes);
            return Ok(());
        };
        if self.wire > WIRE_LIMIT {
            return Err(too_large("the compressed body is larger than 32 MiB"));
        }
        // What the ratio allows so far is the limit so far: a bomb is seen before it is unpacked.
        let by_ratio = self.wire.saturating_mul(RATIO).max(RATIO_FROM);
        let limit = usize::try_from(self.limit.min(by_ratio)).unwrap_or(usize::MAX);
        inflate.push(bytes, &mut self.out, limit).map_err(bad)
    }

    fn finish(self) -> Result<Vec<u8>, Failure> {
        // No bytes at all are an empty body in every coding; whether that may be is the core's to judge.
        if let Some(inflate) = self.inflate.filter(|_| self.wire > 0) {
            inflate.finish().map_err(bad)?;
        }
        Ok(self.out)
    }
}

fn bad(bad: Bad) -> Failure {
    let kind = match bad {
        Bad::Full => FailureKind::TooLarge,
        Bad::Checksum | Bad::Cut | Bad::Format | Bad::Trailing => FailureKind::DecodeError,
    };
    Failure::new(kind, bad.text())
}

/// Reads `body` to its end.
pub(super) async fn read<B>(
    mut body: B,
    framing: Framing,
    limit: u64,
    idle: &mut Idle,
) -> Result<Vec<u8>, Failure>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Error + 'static,
{
    let mut intake = Intake::new(framing, limit)?;
    idle.touch();
    loop {
        let frame = poll_fn(|cx| match Pin::new(&mut body).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(Ok(frame)),
            Poll::Pending => idle.poll_expired(cx).map(Err),
        });
        match frame.await {
            Err(Expired) => return Err(Failure::new(FailureKind::ReadTimeout, "the body stopped arriving")),
            Ok(None) => return intake.finish(),
            Ok(Some(Err(error))) => return Err(failure(&error, Phase::Body)),
            Ok(Some(Ok(frame))) => {
                idle.touch();
                if let Ok(data) = frame.into_data() {
                    intake.push(data.chunk())?;
                }
            }
        }
    }
}

/// Nothing arrived for too long.
#[derive(Debug)]
pub(super) struct Expired;

/// A limit on silence. It re-arms its timer only when that fires, not at every chunk.
pub(super) struct Idle {
    sleep: Pin<Box<Sleep>>,
    last: Instant,
    limit: Duration,
}

impl Idle {
    /// Starts counting: `extra` is allowed once, before the first sign of life.
    pub(super) fn new(limit: Duration, extra: Duration) -> Idle {
        let last = Instant::now() + extra;
        Idle { sleep: Box::pin(tokio::time::sleep_until(last + limit)), last, limit }
    }

    /// Something arrived.
    pub(super) fn touch(&mut self) {
        self.last = Instant::now();
    }

    /// Ready once nothing has arrived for too long.
    pub(super) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Expired> {
        while self.sleep.as_mut().poll(cx).is_ready() {
            let due = self.last + self.limit;
            if Instant::now() >= due {
                return Poll::Ready(Expired);
            }
            self.sleep.as_mut().reset(due);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use http::HeaderValue;
    use std::io::Write;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in fields {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    fn kind(fields: &[(&'static str, &str)]) -> FailureKind {
        framing(&headers(fields)).unwrap_err().kind
    }

    #[test]
    fn contradictory_framing_is_refused() {
        assert_eq!(kind(&[("content-length", "5"), ("transfer-encoding", "chunked")]), FailureKind::Other);
        assert_eq!(kind(&[("content-length", "5"), ("content-length", "6")]), FailureKind::Other);
        assert!(framing(&headers(&[("content-length", "5"), ("content-length", "5")])).is_ok());
    }

    #[test]
    fn stacked_and_unknown_codings_are_refused() {
        assert_eq!(kind(&[("content-encoding", "gzip, gzip")]), FailureKind::TooLarge);
        assert_eq!(
            kind(&[("content-encoding", "gzip"), ("content-encoding", "deflate")]),
            FailureKind::TooLarge
        );
        assert_eq!(kind(&[("content-encoding", &vec!["gzip"; 50].join(","))]), FailureKind::TooLarge);
        assert_eq!(kind(&[("content-encoding", "br")]), FailureKind::DecodeError);
        assert_eq!(
            framing(&headers(&[("content-encoding", "identity, X-GZIP")])).unwrap().coding,
            Coding::Gzip
        );
    }

    #[test]
    fn more_than_64_kib_of_headers_is_too_large() {
        assert!(framing(&headers(&[("x", &"a".repeat((64 << 10) - 1))])).is_ok());
        assert_eq!(kind(&[("x", &"a".repeat(64 << 10))]), FailureKind::TooLarge);
    }

    fn take(framing: Framing, limit: u64, wire: &[u8]) -> Result<Vec<u8>, FailureKind> {
        let mut intake = Intake::new(framing, limit).map_err(|failure| failure.kind)?;
        wire.chunks(4096).try_for_each(|part| intake.push(part)).map_err(|failure| failure.kind)?;
        intake.finish().map_err(|failure| failure.kind)
    }

    #[test]
    fn sizes_hold_while_streaming() {
        let plain = Framing { coding: Coding::Identity, length: None };
        assert_eq!(take(plain, 10_000, &[0; 10_000]).unwrap().len(), 10_000);
        assert_eq!(take(plain, 9_999, &[0; 10_000]), Err(FailureKind::TooLarge));
        let said = Framing { coding: Coding::Identity, length: Some(u64::MAX) };
        assert_eq!(take(said, 1 << 20, b""), Err(FailureKind::TooLarge));

        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![b' '; 8_000_002]).unwrap();
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 20_000);
        let gzip = Framing { coding: Coding::Gzip, length: None };
        assert_eq!(take(gzip, 64 << 20, &bomb), Err(FailureKind::TooLarge), "a ratio near a thousand");
        assert_eq!(take(gzip, 64 << 20, b""), Ok(Vec::new()));
    }
}
