//! Answers before they are bytes.

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

/// A body of at most three pieces (envelope, rows, envelope), sent without copying the rows.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pieces: [Bytes; 3],
    next: usize,
}

impl Parts {
    pub(crate) fn new(pieces: [Bytes; 3]) -> Parts {
        Parts { pieces, next: 0 }
    }

    fn left(&self) -> usize {
        self.pieces.iter().skip(self.next).map(Bytes::len).sum()
    }

    /// All of it in one piece.
    pub(crate) fn joined(self) -> Bytes {
        let mut out = BytesMut::with_capacity(self.left());
        for piece in &self.pieces {
            out.extend_from_slice(piece);
        }
        out.freeze()
    }
}

impl From<Bytes> for Parts {
    fn from(bytes: Bytes) -> Parts {
        Parts::new([bytes, Bytes::new(), Bytes::new()])
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            let at = self.next;
            self.next += 1;
            match self.pieces.get_mut(at).map(std::mem::take) {
                None => return Poll::Ready(None),
                Some(piece) if piece.is_empty() => {}
                Some(piece) => return Poll::Ready(Some(Ok(Frame::data(piece)))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left() as u64)
    }
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Parts,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Parts>) -> Reply {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Reply { status: code(status), headers, body: body.into() }
    }

    pub(crate) fn json(status: u16, text: impl Into<Bytes>) -> Reply {
        Reply::new(status, "application/json", text.into())
    }

    /// A page: what stands before the rows, the rows, what stands after them.
    pub(crate) fn page(head: &'static str, rows: Bytes, tail: String) -> Reply {
        let body = Parts::new([Bytes::from_static(head.as_bytes()), rows, Bytes::from(tail)]);
        Reply::new(200, "application/json", body)
    }

    /// An error as most APIs write it.
    pub(crate) fn error(status: u16, name: &str, message: &str) -> Reply {
        let body = serde_json::json!({ "error": { "code": name, "message": message } });
        Reply::json(status, body.to_string())
    }

    pub(crate) fn into_response(self) -> Response<Parts> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

pub(crate) fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_pieces_are_skipped_and_the_length_is_exact() {
        let piece = |text: &'static str| Bytes::from_static(text.as_bytes());
        let mut parts = Parts::new([piece("ab"), piece(""), piece("c")]);
        assert_eq!(parts.size_hint().exact(), Some(3));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut seen = Vec::new();
        while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut parts).poll_frame(&mut context) {
            seen.push(frame.into_data().unwrap());
        }
        assert_eq!(seen, [piece("ab"), piece("c")]);
        assert!(parts.is_end_stream());
        assert_eq!(Parts::new([piece("ab"), piece(""), piece("c")]).joined(), piece("abc"));
    }
}
