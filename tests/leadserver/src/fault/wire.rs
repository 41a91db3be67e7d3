//! Answers whose bytes on the connection are wrong.

use super::{Fault, WireFault};
use crate::{
    line::{End, Script},
    reply::Reply,
};
use bytes::Bytes;
use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

/// The size of a chunk where bodies are chunked.
const CHUNK: usize = 4_096;

/// Whether the page is made at all before things go wrong.
pub(crate) fn makes_the_page(kind: WireFault) -> bool {
    match kind {
        WireFault::Hang | WireFault::ResetBefore => false,
        WireFault::ExcessBody
        | WireFault::LostResponse
        | WireFault::ResetInBody
        | WireFault::SlowDrip
        | WireFault::TruncateChunked
        | WireFault::TruncateClose
        | WireFault::TruncateLength => true,
    }
}

/// The bytes for the connection. `chance` decides where a body is cut if the fault doesn't say.
pub(crate) fn script(kind: WireFault, fault: &Fault, reply: Reply, chance: u64, now: SystemTime) -> Script {
    let mut head = head(&reply, now);
    let body = reply.body.joined();
    let by_chance = 1 + chance.checked_rem(body.len().saturating_sub(1) as u64).unwrap_or(0);
    let cut = (fault.option("at", by_chance) as usize).min(body.len().saturating_sub(1));
    let some = body.get(..cut).unwrap_or_default();
    let length = |n: usize| format!("content-length: {n}\r\nconnection: close\r\n\r\n");
    let ms = |default| Duration::from_millis(fault.option("ms", default));
    let (pace, end) = (None, End::Close);
    match kind {
        WireFault::ExcessBody => {
            head.push_str(&length(body.len() * 2 / 3));
            Script { bytes: join(&head, &body), pace, end }
        }
        WireFault::Hang => Script { bytes: Bytes::new(), pace, end: End::Silence(ms(60_000)) },
        WireFault::LostResponse | WireFault::ResetBefore => {
            Script { bytes: Bytes::new(), pace, end: End::Reset }
        }
        WireFault::ResetInBody => {
            head.push_str(&length(body.len()));
            Script { bytes: join(&head, some), pace, end: End::Reset }
        }
        WireFault::SlowDrip => {
            head.push_str(&length(body.len()));
            let pace = Some((fault.option("bytes", 1_024) as usize, ms(20)));
            Script { bytes: join(&head, &body), pace, end }
        }
        WireFault::TruncateChunked => {
            head.push_str("transfer-encoding: chunked\r\nconnection: close\r\n\r\n");
            let mut bytes = head.into_bytes();
            // Whole chunks only: nothing but the missing last chunk tells that there was more.
            for chunk in some.chunks(CHUNK) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            Script { bytes: bytes.into(), pace, end }
        }
        WireFault::TruncateClose => {
            head.push_str("connection: close\r\n\r\n");
            Script { bytes: join(&head, some), pace, end }
        }
        WireFault::TruncateLength => {
            head.push_str(&length(body.len()));
            Script { bytes: join(&head, some), pace, end }
        }
    }
}

fn join(head: &str, body: &[u8]) -> Bytes {
    [head.as_bytes(), body].concat().into()
}

/// Status line and headers, without the framing.
fn head(reply: &Reply, now: SystemTime) -> String {
    let reason = reply.status.canonical_reason().unwrap_or("");
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", reply.status.as_u16());
    for (name, value) in &reply.headers {
        let _ = write!(head, "{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    if !reply.headers.contains_key("date") {
        let _ = write!(head, "date: {}\r\n", httpdate::fmt_http_date(now));
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str) -> (String, Script) {
        let fault: Fault = name.parse().unwrap();
        let super::super::Kind::Wire(kind) = fault.kind else { panic!("{name}") };
        let script =
            script(kind, &fault, Reply::json(200, "0123456789".repeat(1_000)), 1_234, SystemTime::now());
        (String::from_utf8(script.bytes.to_vec()).unwrap(), script)
    }

    fn body(text: &str) -> &str {
        text.split_once("\r\n\r\n").unwrap().1
    }

    #[test]
    fn every_cut_body_is_a_proper_prefix() {
        let (text, script) = made("truncate-length");
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("content-length: 10000\r\n"));
        assert_eq!((body(&text).len(), script.end), (1_235, End::Close));
        let (text, script) = made("reset-in-body=1:at=7");
        assert_eq!((body(&text), script.end), ("0123456", End::Reset));
        let (text, _) = made("truncate-close=1:at=99999");
        assert_eq!(body(&text).len(), 9_999);
        assert!(!text.contains("content-length"));
        let (text, _) = made("truncate-chunked=1:at=5000");
        assert!(body(&text).starts_with("1000\r\n") && !text.ends_with("0\r\n\r\n"));
        let (text, _) = made("excess-body");
        assert!(text.contains("content-length: 6666\r\n") && body(&text).len() == 10_000);
    }

    #[test]
    fn silence_and_resets_send_nothing() {
        assert_eq!(made("hang=1:ms=5").1.end, End::Silence(Duration::from_millis(5)));
        assert_eq!((made("reset-before").0.len(), made("lost-response").0.len()), (0, 0));
        assert_eq!(made("slow-drip=1:bytes=9:ms=3").1.pace, Some((9, Duration::from_millis(3))));
    }
}
