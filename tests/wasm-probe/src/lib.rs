//! A short walk inside a WebAssembly module that imports nothing: no clock, no chance, no network.

use everypage_core::facts::Verdict;
use everypage_core::http::{Headers, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::{Now, Tick};
use everypage_core::walk::{Step, Walk};

const SOURCE: &str = r#"{
    "name": "probe",
    "request": { "url": "https://api.example.com/leads" },
    "records": "/data",
    "id": "/id",
    "pagination": { "style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "key" }
}"#;

/// Walks a list of three pages; returns how many records came, or a negative number that tells what went wrong.
#[unsafe(no_mangle)]
pub extern "C" fn walk() -> i32 {
    let Ok(source) = Source::from_json(SOURCE, &Fill::none()) else { return -1 };
    let mut now = Now::at(0);
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), now);
    let mut records = 0;
    for _ in 0..100 {
        match walk.poll(now) {
            Step::Send(exchange) => {
                let response = answer(&exchange.request.url);
                if walk.handle_response(exchange.ticket, response, now).is_err() {
                    return -2;
                }
            }
            Step::Deliver(page) => {
                records += i32::try_from(page.len()).unwrap_or(-1_000);
                if walk.acknowledge(page.id).is_err() {
                    return -3;
                }
            }
            Step::Sleep { until, .. } => now = Now { tick: Tick(until.0), ..now },
            Step::Finish(report) => {
                return if report.verdict == Verdict::Complete { records } else { -4 };
            }
            Step::Authorize(_) | Step::Blocked(_) => return -5,
        }
    }
    -6
}

fn answer(url: &str) -> Response {
    let body = match url.rsplit_once("cursor=").map(|(_, cursor)| cursor) {
        None => r#"{"data": [{"id": 1}, {"id": 2}], "next": "b"}"#,
        Some("b") => r#"{"data": [{"id": 3}, {"id": "18446744073709551616"}], "next": "c"}"#,
        Some(_) => r#"{"data": [{"id": "x"}], "next": null}"#,
    };
    let mut headers = Headers::new();
    headers.push("content-type", "application/json");
    Response { status: 200, headers, body: body.into(), url: None, headers_hidden: false }
}
