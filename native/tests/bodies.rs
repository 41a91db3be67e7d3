//! Bodies that are cut, mislabelled or too large: an answer is whole, or it is a failure.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::format_collect, reason = "tests")]

mod support;

use everypage::core::http::FailureKind;
use everypage::transport::Transport;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use support::{Server, body, call, failure, get, raw, transport};

fn page() -> String {
    let rows: Vec<String> =
        (0..1500).map(|n| format!("{{\"id\":{n},\"name\":\"lead number {n}\"}}")).collect();
    format!("{{\"data\":[{}]}}", rows.join(","))
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn sized(headers: &str, bytes: &[u8]) -> Vec<u8> {
    raw(&format!("{headers}content-length: {}\r\n", bytes.len()), bytes)
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    sized("content-encoding: gzip\r\n", bytes)
}

#[tokio::test]
async fn a_whole_body_is_taken_in_every_framing() {
    let page = page();
    let chunked = format!(
        "{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        1000,
        &page[..1000],
        page.len() - 1000,
        &page[1000..]
    );
    let half = page.len() / 2;
    for bytes in [
        sized("", page.as_bytes()),
        raw("transfer-encoding: chunked\r\n", chunked.as_bytes()),
        raw("connection: close\r\n", page.as_bytes()),
        zipped(&gzip(page.as_bytes())),
        zipped(&[gzip(&page.as_bytes()[..half]), gzip(&page.as_bytes()[half..])].concat()),
    ] {
        assert_eq!(body(&Server::bytes(bytes)).await, page.as_bytes());
    }
    assert!(body(&Server::bytes(sized("", b""))).await.is_empty(), "the core judges an empty body");
}

#[tokio::test]
async fn a_body_cut_in_its_framing_is_truncated() {
    let page = page();
    let closed_early = raw(&format!("content-length: {}\r\n", page.len()), &page.as_bytes()[..20_000]);
    assert_eq!(failure(&Server::bytes(closed_early)).await, FailureKind::BodyTruncated);
    for connection in ["", "connection: close\r\n"] {
        let headers = format!("{connection}transfer-encoding: chunked\r\n");
        let no_last_chunk = format!("{:x}\r\n{}\r\n", 20_000, &page[..20_000]);
        assert_eq!(
            failure(&Server::bytes(raw(&headers, no_last_chunk.as_bytes()))).await,
            FailureKind::BodyTruncated
        );
        let in_a_chunk = format!("{:x}\r\n{}", 20_000, &page[..10_000]);
        assert_eq!(
            failure(&Server::bytes(raw(&headers, in_a_chunk.as_bytes()))).await,
            FailureKind::BodyTruncated
        );
    }
}

#[tokio::test]
async fn what_has_no_framing_is_left_to_the_core() {
    // Without a length, hanging up is the end: only the JSON can tell, and a cut JSON text never parses.
    let page = page();
    let cut = Server::bytes(raw("connection: close\r\n", &page.as_bytes()[..20_000]));
    assert_eq!(body(&cut).await, &page.as_bytes()[..20_000]);
    // A length that is too short cuts the text as well.
    let longer = Server::bytes(raw("content-length: 20000\r\n", page.as_bytes()));
    assert_eq!(body(&longer).await, &page.as_bytes()[..20_000]);
}

#[tokio::test]
async fn a_damaged_gzip_body_is_a_decode_error_though_its_framing_is_right() {
    let good = gzip(page().as_bytes());
    let mut bad_crc = good.clone();
    let at = bad_crc.len() - 5;
    bad_crc[at] ^= 0x40;
    let cases: [(&str, Vec<u8>); 6] = [
        ("cut in the middle", good[..good.len() / 2].to_vec()),
        ("without its trailer", good[..good.len() - 8].to_vec()),
        ("with a bad checksum", bad_crc),
        ("with junk behind it", [&good[..], b"junk"].concat()),
        ("with half a member behind it", [&good[..], &good[..9]].concat()),
        ("not compressed at all", page().into_bytes()),
    ];
    for (what, bytes) in cases {
        assert_eq!(failure(&Server::bytes(zipped(&bytes))).await, FailureKind::DecodeError, "{what}");
    }
    let unknown = Server::bytes(sized("content-encoding: br\r\n", page().as_bytes()));
    assert_eq!(failure(&unknown).await, FailureKind::DecodeError);
}

#[tokio::test]
async fn sizes_are_limited_while_the_body_arrives() {
    let bomb = gzip(&vec![b' '; 8_000_002]);
    assert_eq!(failure(&Server::bytes(zipped(&bomb))).await, FailureKind::TooLarge);
    let stacked = sized(&format!("content-encoding: {}\r\n", vec!["gzip"; 50].join(", ")), b"x");
    assert_eq!(failure(&Server::bytes(stacked)).await, FailureKind::TooLarge);

    // A body without end, of which no more than the limit is read.
    let endless = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap();
        while stream.write_all(&[b' '; 8192]).is_ok() {}
        false
    });
    for url in [endless.url("/x"), endless.url("/x?q='1'")] {
        let mut call = call(get(&url));
        call.body_limit = 1 << 20;
        assert_eq!(transport().exchange(call).await.unwrap_err().kind, FailureKind::TooLarge);
    }
    let mut announced = call(get(&Server::bytes(sized("", page().as_bytes())).url("/x")));
    announced.body_limit = 1000;
    assert_eq!(transport().exchange(announced).await.unwrap_err().kind, FailureKind::TooLarge);
}

#[tokio::test]
async fn headers_are_limited() {
    let long = format!("x-long: {}\r\n", "a".repeat(64 << 10));
    assert_eq!(failure(&Server::bytes(sized(&long, b"{}"))).await, FailureKind::TooLarge);
    let many: String = (0..10_000).map(|n| format!("x-{n}: y\r\n")).collect();
    assert_eq!(failure(&Server::bytes(sized(&many, b"{}"))).await, FailureKind::TooLarge);
}

#[tokio::test]
async fn contradictory_framing_is_refused() {
    let two = raw("content-length: 5\r\ncontent-length: 6\r\n", b"{}    ");
    assert_eq!(failure(&Server::bytes(two)).await, FailureKind::Other);
    let both = raw("content-length: 2\r\ntransfer-encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n");
    assert_eq!(failure(&Server::bytes(both)).await, FailureKind::Other);
    assert_eq!(failure(&Server::bytes(raw("content-length: abc\r\n", b"{}"))).await, FailureKind::Other);
}
