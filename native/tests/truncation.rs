//! Connections that break at every byte of an answer, for recorded pages in each framing: what the transport calls an
//! answer is the whole page.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm, reason = "tests")]

mod support;

use everypage::transport::Transport;
use everypage_conformance::vectors::format::What;
use everypage_conformance::vectors::{read, replay};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Server, call, get, raw, transport};

/// Recorded pages that are cut.
const PAGES: usize = 50;
/// Requests at a time.
const LANES: usize = 8;
/// Of the head only every so manyth byte: it holds nothing of the page.
const HEAD: usize = 16;

/// One answer on the wire.
struct Wire {
    bytes: Vec<u8>,
    page: Vec<u8>,
    framing: &'static str,
}

/// The shortest recorded pages, each once.
fn pages() -> Vec<Vec<u8>> {
    let vectors = read().unwrap();
    let steps = vectors.iter().flat_map(|vector| &vector.steps);
    let mut pages: Vec<Vec<u8>> = steps
        .filter_map(|step| match &step.what {
            What::Response(answer) if answer.status == 200 => Some(replay::answer(answer).unwrap().body),
            _ => None,
        })
        .filter(|body| body.len() >= 40 && serde_json::from_slice::<serde_json::Value>(body).is_ok())
        .collect();
    pages.sort_by_key(|body| (body.len(), body.clone()));
    pages.dedup();
    pages.truncate(PAGES);
    pages
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// In two chunks, so that one ends inside.
fn chunked(body: &[u8]) -> Vec<u8> {
    let (one, two) = body.split_at(body.len() / 2);
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    [chunk(one), chunk(two), b"0\r\n\r\n".to_vec()].concat()
}

fn wires() -> Vec<Wire> {
    let mut wires = Vec::new();
    for page in pages() {
        let sized =
            |headers: &str, body: &[u8]| raw(&format!("{headers}content-length: {}\r\n", body.len()), body);
        let zipped = gzip(&page);
        for (framing, bytes) in [
            ("content-length", sized("", &page)),
            ("chunked", raw("transfer-encoding: chunked\r\nconnection: close\r\n", &chunked(&page))),
            ("gzip", sized("content-encoding: gzip\r\n", &zipped)),
            (
                "gzip in chunks",
                raw("content-encoding: gzip\r\ntransfer-encoding: chunked\r\n", &chunked(&zipped)),
            ),
        ] {
            wires.push(Wire { bytes, page: page.clone(), framing });
        }
    }
    wires
}

/// The lengths an answer is cut to, the whole one last.
fn lengths(wire: &Wire) -> impl Iterator<Item = usize> {
    let head = wire.bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    (0..=wire.bytes.len()).filter(move |length| *length + 1 >= head || length.is_multiple_of(HEAD))
}

/// What came of the requests.
#[derive(Default)]
struct Told {
    cut: AtomicUsize,
    refused: AtomicUsize,
    whole: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_that_was_cut_on_its_way_is_taken_for_whole() {
    let wires = Arc::new(wires());
    let sent = wires.clone();
    let server = Server::start(move |head, stream| {
        let path = head.split(' ').nth(1).unwrap();
        let mut numbers =
            path.split('/').skip(1).map(|part| part.split('?').next().unwrap().parse::<usize>().unwrap());
        let (wire, length) = (numbers.next().unwrap(), numbers.next().unwrap());
        let _ = stream.write_all(&sent[wire].bytes[..length]);
        false
    });
    let jobs: Vec<(usize, usize)> = wires
        .iter()
        .enumerate()
        .flat_map(|(index, wire)| lengths(wire).map(move |length| (index, length)))
        .collect();
    let (jobs, next, told) = (Arc::new(jobs), Arc::new(AtomicUsize::new(0)), Arc::new(Told::default()));
    let lanes: Vec<_> = (0..LANES)
        .map(|_| {
            let (wires, jobs, next, told) = (wires.clone(), jobs.clone(), next.clone(), told.clone());
            let base = server.url("");
            tokio::spawn(async move {
                let transport = transport();
                while let Some(&(index, length)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // Both engines in turn: a quote in the query goes out by hyper itself.
                    let query = if (index + length) % 2 == 0 { "x=1" } else { "x='1'" };
                    let url = format!("{base}/{index}/{length}?{query}");
                    let answer = transport.exchange(call(get(&url))).await;
                    judge(&wires[index], length, answer.map(|response| response.body).ok(), &told);
                }
            })
        })
        .collect();
    for lane in lanes {
        lane.await.unwrap();
    }
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    println!(
        "{} recorded pages in {} framings: {} cuts, {} refused, 0 accepted; {} whole answers taken",
        wires.len() / 4,
        4,
        count(&told.cut),
        count(&told.refused),
        count(&told.whole)
    );
    assert_eq!(count(&told.cut), count(&told.refused));
    assert_eq!(count(&told.whole), wires.len());
    assert!(wires.len() >= 4 * PAGES && count(&told.cut) > 10_000);
}

fn judge(wire: &Wire, length: usize, body: Option<Vec<u8>>, told: &Told) {
    let cut = length < wire.bytes.len();
    told.cut.fetch_add(usize::from(cut), Ordering::Relaxed);
    let what = format!("{} cut to {length} of {} bytes", wire.framing, wire.bytes.len());
    match body {
        None => {
            assert!(cut, "{what}: refused");
            told.refused.fetch_add(1, Ordering::Relaxed);
        }
        Some(body) => {
            assert!(!cut, "{what}: accepted with {} of {} bytes", body.len(), wire.page.len());
            assert_eq!(body, wire.page, "{what}");
            told.whole.fetch_add(1, Ordering::Relaxed);
        }
    }
}
