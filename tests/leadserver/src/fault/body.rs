//! Bodies that are framed right and wrong inside.

use super::{BodyFault, Fault};
use crate::reply::{Parts, Reply};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use hyper::header::{CONTENT_ENCODING, HeaderValue, VARY};
use std::io::Write as _;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::fast());
    // Writing to a Vec can't fail; if it ever does, the client sees an empty stream and says so.
    if encoder.write_all(bytes).is_err() {
        return Vec::new();
    }
    encoder.finish().unwrap_or_default()
}

/// The page with the fault in it. `accepts`: the client said it takes gzip, which only honest gzip respects.
pub(crate) fn apply(kind: BodyFault, fault: &Fault, accepts: bool, mut reply: Reply) -> Reply {
    if kind == BodyFault::Gzip {
        reply.headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if !accepts {
            return reply;
        }
    }
    let plain = std::mem::take(&mut reply.body).joined();
    let (half, _) = plain.split_at(cut(fault, plain.len()));
    let (encoded, bytes) = match kind {
        BodyFault::BadGzip => {
            let mut bytes = gzip(&plain);
            let at = bytes.len().saturating_sub(6);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 0x40;
            }
            (true, bytes)
        }
        BodyFault::Bom => (false, ["\u{feff}".as_bytes(), &plain].concat()),
        BodyFault::Gzip => (true, gzip(&plain)),
        BodyFault::GzipBomb => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            let blanks = vec![b' '; 65_536];
            let whole = (0..fault.option("mib", 80) * 16).try_for_each(|_| encoder.write_all(&blanks));
            let whole = whole.and_then(|()| encoder.write_all(&plain));
            (true, whole.and_then(|()| encoder.finish()).unwrap_or_default())
        }
        BodyFault::GzipJunk => (true, [&gzip(&plain)[..], b"\x00junk\xff"].concat()),
        BodyFault::GzipNoTrailer => {
            let mut bytes = gzip(&plain);
            bytes.truncate(bytes.len().saturating_sub(8));
            (true, bytes)
        }
        BodyFault::GzipTwoMembers => {
            let (one, two) = plain.split_at(plain.len() / 3);
            (true, [gzip(one), gzip(two)].concat())
        }
        BodyFault::JunkAfter => (false, [&plain, &b"\n{\"also\":[1]}"[..]].concat()),
        BodyFault::PlainAsGzip => (true, plain.to_vec()),
        BodyFault::TruncateGzip => {
            let mut bytes = gzip(&plain);
            bytes.truncate(bytes.len() / 2);
            (true, bytes)
        }
        BodyFault::TruncateJson => (false, half.to_vec()),
    };
    if encoded {
        reply.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    reply.body = Parts::from(Bytes::from(bytes));
    reply
}

/// Where a body is cut: where the fault says, else in the middle; never whole.
fn cut(fault: &Fault, len: usize) -> usize {
    (fault.option("at", len as u64 / 2) as usize).min(len.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::{GzDecoder, MultiGzDecoder};
    use std::io::Read as _;

    fn made(name: &str) -> Reply {
        let fault: Fault = name.parse().unwrap();
        let super::super::Kind::Body(kind) = fault.kind else { panic!("{name}") };
        apply(kind, &fault, true, Reply::json(200, page()))
    }

    fn page() -> String {
        format!("{{\"data\":[{}]}}", vec!["\"some text that repeats\""; 500].join(","))
    }

    fn whole(bytes: &[u8]) -> Option<String> {
        let mut out = String::new();
        MultiGzDecoder::new(bytes).read_to_string(&mut out).ok().map(|_| out)
    }

    #[test]
    fn honest_gzip_is_whole_and_the_others_are_not() {
        for name in ["gzip", "gzip-two-members"] {
            let reply = made(name);
            assert_eq!(reply.headers[CONTENT_ENCODING], "gzip");
            assert_eq!(whole(&reply.body.joined()), Some(page()), "{name}");
        }
        for name in ["truncate-gzip", "gzip-no-trailer", "bad-gzip", "plain-as-gzip", "gzip-junk"] {
            let reply = made(name);
            assert_eq!(reply.headers[CONTENT_ENCODING], "gzip");
            assert_eq!(whole(&reply.body.joined()), None, "{name}");
        }
    }

    #[test]
    fn a_client_that_does_not_take_gzip_gets_none() {
        let fault: Fault = "gzip".parse().unwrap();
        let reply = apply(BodyFault::Gzip, &fault, false, Reply::json(200, page()));
        assert_eq!(reply.headers.get(CONTENT_ENCODING), None);
        assert_eq!(reply.body.joined(), page());
    }

    #[test]
    fn a_bomb_is_small_on_the_wire() {
        let bytes = made("gzip-bomb=1:mib=8").body.joined();
        assert!(bytes.len() < 200_000, "{}", bytes.len());
        let mut out = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut out).unwrap();
        assert_eq!(out.len(), (8 << 20) + page().len());
    }

    #[test]
    fn plain_bodies_are_cut_or_lengthened() {
        assert_eq!(made("truncate-json=1:at=10").body.joined(), page()[..10]);
        assert!(made("bom").body.joined().starts_with(b"\xef\xbb\xbf{"));
        assert!(serde_json::from_slice::<serde_json::Value>(&made("junk-after").body.joined()).is_err());
    }
}
