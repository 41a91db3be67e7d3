//! Walks over real sockets: streams, acknowledgement, stopping, resuming, credentials.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::format_collect, reason = "tests")]

mod support;

use everypage::{Checkpoint, Client, Error, ErrorKind, Fill, Source, Verdict};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Server, answer, ok};

/// A list of `total` rows by cursor, ten a page; each request passes `gate` first.
fn list(total: u64, gate: impl Fn(&str, u64) -> Option<Vec<u8>> + Send + Sync + 'static) -> Server {
    Server::start(move |head, stream| {
        let from: u64 = head
            .split("cursor=")
            .nth(1)
            .map_or(0, |rest| rest.split([' ', '&']).next().unwrap().parse().unwrap());
        let reply = gate(head, from).unwrap_or_else(|| {
            let rows: Vec<String> = (from..total.min(from + 10))
                .map(|n| format!("{{\"id\":{n},\"name\":\"lead {n}\"}}"))
                .collect();
            let next = if from + 10 < total { format!("\"{}\"", from + 10) } else { "null".to_owned() };
            ok(&format!("{{\"data\":[{}],\"next\":{next}}}", rows.join(",")))
        });
        stream.write_all(&reply).is_ok()
    })
}

fn source(server: &Server, more: &str) -> Source {
    let text = format!(
        r#"{{"name":"leads","request":{{"url":"{}"}},"records":"/data","id":"/id",
            "pagination":{{"style":"cursor","read":"body:/next","write":"query:cursor"}}{more}}}"#,
        server.url("/leads")
    );
    Source::from_json(&text, &Fill::none()).unwrap()
}

fn client() -> Client {
    Client::new().unwrap()
}

#[derive(serde::Deserialize)]
struct Lead {
    id: u64,
    name: String,
}

#[tokio::test]
async fn records_come_once_and_as_the_server_sent_them() {
    let server = list(95, |_, _| None);
    let mut walk = client().walk(source(&server, ""));
    let mut records = walk.records();
    let mut count = 0u64;
    while let Some(record) = records.next().await {
        assert_eq!(
            record.unwrap().as_bytes(),
            format!("{{\"id\":{count},\"name\":\"lead {count}\"}}").as_bytes()
        );
        count += 1;
    }
    let report = walk.report().unwrap();
    assert_eq!((count, report.counts.records, report.counts.pages), (95, 95, 10));
    assert_eq!(report.verdict, Verdict::Unproven);
    assert_eq!(server.heads().len(), 10);
}

#[tokio::test]
async fn typed_records_are_read_into_a_type_and_misfits_are_named() {
    let server = list(12, |_, _| None);
    let mut walk = client().walk(source(&server, ""));
    let mut leads = walk.typed::<Lead>();
    let mut sum = 0;
    while let Some(lead) = leads.next().await {
        let lead = lead.unwrap();
        assert_eq!(lead.name, format!("lead {}", lead.id));
        sum += lead.id;
    }
    assert_eq!(sum, 66);

    let mut walk = client().walk(source(&server, ""));
    let mut wrong = walk.typed::<Vec<u8>>();
    let error = wrong.next().await.unwrap().unwrap_err();
    assert!(error.to_string().starts_with("record 1 of page 1 doesn't fit"), "{error}");
}

#[tokio::test]
async fn a_page_is_in_the_checkpoint_once_the_next_is_asked_for() {
    let server = list(40, |_, _| None);
    let mut walk = client().walk(source(&server, ""));
    let mut pages = walk.pages();
    assert!(pages.walk().checkpoint().is_none());
    pages.next().await.unwrap().unwrap();
    assert_eq!(pages.walk().checkpoint().unwrap().records(), 0);
    pages.next().await.unwrap().unwrap();
    assert_eq!(pages.walk().checkpoint().unwrap().records(), 10);
    pages.commit().unwrap();
    assert_eq!(pages.walk().checkpoint().unwrap().records(), 20);

    let mut walk = client().walk(source(&server, ""));
    let mut records = walk.records();
    for _ in 0..10 {
        records.next().await.unwrap().unwrap();
    }
    assert_eq!(records.walk().checkpoint().unwrap().records(), 0);
    records.next().await.unwrap().unwrap();
    assert_eq!(records.walk().checkpoint().unwrap().records(), 10);
}

#[tokio::test]
async fn a_walk_goes_on_from_its_checkpoint_in_another_client() {
    let server = list(40, |_, _| None);
    let mut first = client().walk(source(&server, ""));
    let mut got: Vec<u64> = Vec::new();
    let mut pages = first.pages();
    for _ in 0..2 {
        let page = pages.next().await.unwrap().unwrap();
        got.extend(page.records().map(|record| serde_json::from_slice::<Lead>(record).unwrap().id));
    }
    pages.commit().unwrap();
    let text = first.checkpoint().unwrap().to_json();
    drop(first);

    let mut second = client().walk(source(&server, "")).resume(Checkpoint::from_json(&text).unwrap());
    got.extend(second.collect(1000).await.unwrap().iter().map(|record| record.parse::<Lead>().unwrap().id));
    assert_eq!(got, (0..40).collect::<Vec<_>>());
    assert_eq!(second.report().unwrap().counts.records, 40);

    let other = source(&list(1, |_, _| None), "");
    let refused = client().walk(other).resume(Checkpoint::from_json(&text).unwrap()).next_page().await;
    assert_eq!(refused.unwrap().unwrap_err().kind(), Some(ErrorKind::CheckpointMismatch));
}

#[test]
fn a_request_whose_runtime_went_away_is_asked_again() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let held = Arc::new(AtomicBool::new(true));
    let holds = held.clone();
    let server = list(40, move |_, from| {
        while from == 0 && holds.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        None
    });
    let mut walk = client().walk(source(&server, ""));
    let first = runtime();
    first.block_on(async {
        // On the wire, and not answered.
        while server.heads().is_empty() {
            std::future::poll_fn(|cx| {
                assert!(walk.poll_next_page(cx).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
            tokio::task::yield_now().await;
        }
    });
    drop(first);
    held.store(false, Ordering::Release);
    let rows = runtime().block_on(walk.collect(1000)).unwrap();
    assert_eq!(rows.len(), 40);
    assert_eq!(walk.report().unwrap().counts.retries, 1);
}

#[tokio::test]
async fn collecting_is_bounded_and_says_so() {
    let server = list(95, |_, _| None);
    let mut walk = client().walk(source(&server, ""));
    assert_eq!(walk.collect(25).await.unwrap().len(), 25);
    let report = walk.report().unwrap();
    assert_eq!((report.verdict, report.counts.records), (Verdict::Stopped, 20));
    assert_eq!(walk.checkpoint().unwrap().records(), 20);
    let mut whole = client().walk(source(&server, ""));
    assert_eq!(whole.collect(95).await.unwrap().len(), 95);
    assert_eq!(whole.report().unwrap().verdict, Verdict::Unproven);
}

#[tokio::test]
async fn the_next_request_is_on_the_wire_while_a_page_is_consumed() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = list(40, move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
        None
    });
    let mut walk = client().walk(source(&server, ""));
    walk.next_page().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(asked.load(Ordering::SeqCst) >= 2, "the consumer was busy, the network was not idle");
}

#[tokio::test]
async fn stopping_from_elsewhere_ends_the_walk_while_it_waits() {
    let server = list(40, |_, from| {
        (from == 20).then(|| {
            std::thread::sleep(Duration::from_secs(5));
            Vec::new()
        })
    });
    let mut walk = client().walk(source(&server, ""));
    let stop = walk.stop_handle();
    let started = Instant::now();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.stop();
    });
    let mut records = 0;
    while let Some(page) = walk.next_page().await {
        records += page.unwrap().len();
    }
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!((records, walk.report().unwrap().verdict), (20, Verdict::Stopped));
    assert_eq!(walk.checkpoint().unwrap().records(), 20);
}

#[tokio::test]
async fn dropping_a_walk_closes_its_connections() {
    let closed = Arc::new(AtomicBool::new(false));
    let seen = closed.clone();
    let server = Server::start(move |_, stream| {
        use std::io::Read;
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        seen.store(matches!(stream.read(&mut [0]), Ok(0)), Ordering::SeqCst);
        false
    });
    let client = client();
    let mut walk = client.walk(source(&server, ""));
    assert!(tokio::time::timeout(Duration::from_millis(200), walk.next_page()).await.is_err());
    drop(walk);
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if closed.load(Ordering::SeqCst) {
            return;
        }
    }
    panic!("the request is still on the wire");
}

#[tokio::test]
async fn a_failure_carries_the_report_and_the_checkpoint() {
    let server = list(40, |_, from| (from == 20).then(|| answer("404 Not Found", "", "{}")));
    let mut walk = client().walk(source(&server, ""));
    let error = loop {
        match walk.next_page().await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), error.code()), (Some(ErrorKind::HttpStatus), "EP_HTTP_STATUS"));
    assert!(error.is_resumable());
    assert_eq!(error.report().unwrap().verdict, Verdict::Failed);
    assert_eq!(error.checkpoint().unwrap().records(), 20);
    assert!(walk.next_page().await.is_none(), "told once");
}

#[tokio::test]
async fn strict_turns_doubt_into_an_error_and_keeps_the_verdict() {
    let server = list(12, |_, _| None);
    let mut walk = client().walk(source(&server, "")).strict(true);
    let mut records = walk.records();
    let mut good = 0;
    let error = loop {
        match records.next().await {
            Some(Ok(_)) => good += 1,
            Some(Err(error)) => break error,
            None => panic!("no error"),
        }
    };
    assert_eq!((good, error.kind()), (12, Some(ErrorKind::Incomplete)));
    assert_eq!(error.report().unwrap().verdict, Verdict::Unproven);
}

#[tokio::test]
async fn fresh_credentials_are_asked_for_once_after_a_401() {
    let server = list(30, |head, _| {
        (!head.contains("authorization: Bearer new")).then(|| answer("401 Unauthorized", "", "{}"))
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let client = Client::builder()
        .authorize(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            std::future::ready(
                everypage::Auth::from_value(&serde_json::json!({"bearer": "new"})).map_err(Into::into),
            )
        })
        .build()
        .unwrap();
    let mut walk = client.walk(source(&server, r#","auth":{"bearer":"old"}"#));
    assert_eq!(walk.collect(100).await.unwrap().len(), 30);
    assert_eq!((asked.load(Ordering::SeqCst), server.heads().len()), (1, 4));

    let without = Client::new().unwrap();
    let error = without.walk(source(&server, r#","auth":{"bearer":"old"}"#)).collect(100).await.unwrap_err();
    assert_eq!(error.kind(), Some(ErrorKind::AuthRequired));
}

#[tokio::test]
async fn the_hosts_own_error_is_the_cause_of_a_failed_refresh() {
    let server = list(30, |_, _| Some(answer("401 Unauthorized", "", "{}")));
    let client = Client::builder()
        .authorize(|_| std::future::ready(Err(std::io::Error::other("the vault is locked").into())))
        .build()
        .unwrap();
    let error = client.walk(source(&server, r#","auth":{"bearer":"old"}"#)).collect(100).await.unwrap_err();
    assert_eq!(error.kind(), Some(ErrorKind::AuthRequired));
    let Error::Walk(failed) = error else { panic!("{error}") };
    assert_eq!(
        failed.cause.unwrap().downcast_ref::<std::io::Error>().unwrap().to_string(),
        "the vault is locked"
    );
}

#[tokio::test]
async fn walks_on_one_client_share_its_budget() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = times.clone();
    let server = list(50, move |_, _| {
        seen.lock().unwrap().push(Instant::now());
        None
    });
    let client = client();
    let rate = r#","rate":[{"requests":20,"per":"1s"}]"#;
    let (mut a, mut b) = (client.walk(source(&server, rate)), client.walk(source(&server, rate)));
    let (a, b) = tokio::join!(a.collect(100), b.collect(100));
    assert_eq!((a.unwrap().len(), b.unwrap().len()), (50, 50));
    let times = times.lock().unwrap();
    let took = times.last().unwrap().duration_since(times[0]);
    assert!(took >= Duration::from_millis(440), "10 requests at 20 a second take 450 ms, not {took:?}");
}

#[tokio::test]
async fn a_transport_that_panics_ends_the_walk_with_a_report() {
    struct Panics;
    impl everypage::transport::Transport for Panics {
        fn exchange(
            &self,
            _: everypage::transport::Call,
        ) -> everypage::transport::BoxFuture<
            Result<everypage::core::http::Response, everypage::core::http::Failure>,
        > {
            Box::pin(async { panic!("a bug of the host") })
        }
    }
    let server = list(1, |_, _| None);
    let client = Client::builder().transport(Panics).build().unwrap();
    let error = client.walk(source(&server, "")).next_page().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), Some(ErrorKind::HostCallback));
    assert_eq!(error.report().unwrap().verdict, Verdict::Failed);
}
