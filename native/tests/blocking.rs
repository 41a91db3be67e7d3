//! Walks of hosts without a runtime: waiting in slices, calls when there is news, and clients that are no futures.
#![cfg(feature = "blocking")]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use everypage::blocking::{Next, Walk};
use everypage::core::http::{Failure, FailureKind, Response};
use everypage::sink::Jsonl;
use everypage::transport::{HandOver, Handed};
use everypage::{Client, Error, ErrorKind, Event, Fill, Source, Verdict};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

fn source() -> Source {
    let text = r#"{"request":{"url":"http://127.0.0.1/leads"},"records":"","id":"/id","retry":{"base":"1ms"},
        "pagination":{"style":"page","contact":"off"}}"#;
    Source::from_json(text, &Fill::none()).unwrap()
}

/// Three pages of two rows, then none.
fn rows(handed: &Handed) -> Response {
    let url = &handed.call().request.url;
    let page: u64 = url.split("page=").nth(1).unwrap().parse().unwrap();
    let body = match page {
        1..=3 => format!("[{{\"id\":{}}},{{\"id\":{}}}]", page * 2, page * 2 + 1),
        _ => "[]".to_owned(),
    };
    Response { status: 200, body: body.into_bytes(), ..Response::default() }
}

fn walk(hand: impl Fn(Handed) + Send + Sync + 'static) -> Walk {
    let client = Client::builder().transport(HandOver::new(hand)).build().unwrap();
    Walk::new(client.walk(source())).unwrap()
}

fn rest(walk: &Walk) -> usize {
    let mut count = 0;
    loop {
        match walk.next_page(LONG).unwrap() {
            Next::Page(page) => count += page.len(),
            Next::Over => return count,
            Next::Waiting => panic!("nothing in a minute"),
        }
    }
}

#[test]
fn pages_come_on_any_thread() {
    let walk = walk(|handed| handed.answer(Ok(rows(&handed))));
    assert!(walk.report().is_none() && walk.checkpoint().is_none());
    let other = walk.clone();
    let first = std::thread::spawn(move || other.next_page(LONG)).join().unwrap();
    assert!(matches!(first, Ok(Next::Page(page)) if page.number == 1));
    assert_eq!(rest(&walk), 4);
    assert_eq!(walk.report().unwrap().counts.records, 6);
    assert_eq!(walk.progress().records, 6);
    let timeline = walk.timeline();
    assert!(timeline.len() >= 3 && timeline.iter().all(|entry| entry.event == Event::Answered(200)));
}

#[test]
fn waiting_ends_after_its_slice_and_closing_gives_the_request_up() {
    let (sender, given_up) = mpsc::channel();
    let held = Arc::new(std::sync::Mutex::new(Vec::new()));
    let keep = held.clone();
    let walk = walk(move |handed| {
        let sender = sender.clone();
        handed.on_given_up(move || sender.send(()).unwrap());
        keep.lock().unwrap().push(handed);
    });
    assert!(matches!(walk.next_page(Duration::from_millis(20)), Ok(Next::Waiting)));
    walk.close();
    assert_eq!(walk.report().unwrap().verdict, Verdict::Stopped);
    assert!(given_up.recv_timeout(LONG).is_ok());
    assert!(matches!(walk.next_page(LONG), Ok(Next::Over)));
    // A late answer is nobody's, and who asks late is told at once.
    let handed = held.lock().unwrap().pop().unwrap();
    handed.answer(Ok(rows(&handed)));
    let (late, told) = mpsc::channel();
    handed.on_given_up(move || late.send(()).unwrap());
    assert!(told.recv_timeout(LONG).is_ok());
}

#[test]
fn closing_does_not_acknowledge_the_page_in_hand() {
    let walk = walk(|handed| handed.answer(Ok(rows(&handed))));
    assert!(matches!(walk.next_page(LONG), Ok(Next::Page(_))));
    walk.commit().unwrap();
    assert!(matches!(walk.next_page(LONG), Ok(Next::Page(_))));
    walk.close();
    assert_eq!(walk.checkpoint().unwrap().records(), 2);
    walk.close();
    assert_eq!(walk.report().unwrap().verdict, Verdict::Stopped);
}

#[test]
fn news_are_told_and_a_page_nobody_took_is_not_lost() {
    let walk = walk(|handed| handed.answer(Ok(rows(&handed))));
    let (sender, told) = mpsc::channel();
    let news = sender.clone();
    if !walk.request(move || news.send(()).unwrap()) {
        told.recv_timeout(LONG).unwrap();
    }
    // Whoever asked has gone; the next one finds the page.
    assert!(walk.request(move || sender.send(()).unwrap()));
    assert!(matches!(walk.take(), Ok(Next::Page(page)) if page.number == 1));
    assert!(matches!(walk.take(), Ok(Next::Waiting)));
    assert_eq!(rest(&walk), 4);
}

#[test]
fn a_file_is_stored_in_the_background() {
    let folder = std::env::temp_dir().join(format!("everypage-blocking-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("leads.jsonl");
    let walk = walk(|handed| handed.answer(Ok(rows(&handed))));
    let (sender, told) = mpsc::channel();
    walk.store(Jsonl::create(&path), move || sender.send(()).unwrap()).unwrap();
    assert!(matches!(walk.store(Jsonl::create(&path), || {}), Err(Error::Usage(_))));
    told.recv_timeout(LONG).unwrap();
    assert!(matches!(walk.take(), Ok(Next::Over)));
    assert_eq!(walk.report().unwrap().counts.records, 6);
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 6);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn failures_are_retried_and_a_request_nobody_answers_ends_the_walk() {
    let count = AtomicUsize::new(0);
    let walk = walk(move |handed| match count.fetch_add(1, Ordering::Relaxed) {
        0 => handed.answer(Err(Failure::new(FailureKind::ResetInBody, "cut"))),
        3 => {}
        _ => handed.answer(Ok(rows(&handed))),
    });
    let error = loop {
        match walk.next_page(LONG) {
            Ok(Next::Page(_)) => {}
            Ok(next) => panic!("{next:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), Some(ErrorKind::Cancelled));
    assert!(walk.timeline().iter().any(|entry| entry.event == Event::Failed("reset_in_body")));
}
