//! Reports hold no secret and no cursor, wherever the server puts them.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic, too")]

use everypage_conformance::drive::{Host, Outcome};
use everypage_conformance::world::json as page;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::{Auth, Secret};
use everypage_core::http::{Failure, Request, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::Now;
use everypage_core::walk::Walk;
use serde_json::{Value, json};

const SECRET: &str = "canary-5f21c0ffee";

/// Walks over one page with this next position; what comes after it is not found.
fn walk(pagination: &Value, path: &str, next: &str) -> Outcome {
    let doc = json!({
        "request": {"url": format!("https://api.example.com{path}")}, "auth": {"query": {"api_key": SECRET}},
        "records": "/data", "pagination": pagination, "capture": {"last": "body:/next"},
    });
    let source = Source::from_value(&doc, &Fill::none()).unwrap();
    let mut first = true;
    let mut server = |_: &Request, _: Now| -> Result<Response, Failure> {
        let found = std::mem::take(&mut first);
        let body = format!(r#"{{"data":[{{"x":1}}],"next":"{next}"}}"#);
        Ok(Response { status: if found { 200 } else { 404 }, ..page(body) })
    };
    let host = Host::default();
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
    host.run(&mut walk, &mut server)
}

#[test]
fn a_secret_in_a_captured_link_is_masked() {
    let link = json!({"style": "link", "read": "body:/next"});
    let outcome = walk(&link, "/v1/leads", "/v1/leads?page=2&api_key=canary-5f21c0ffee");
    assert!(!outcome.report.to_json().contains(SECRET), "{}", outcome.report.to_json());
    assert!(!outcome.checkpoint.contains(SECRET));
    assert!(outcome.report.capture.get("last").is_some_and(|link| link.to_string().contains("page=2")));
}

#[test]
fn secrets_of_before_a_refresh_are_masked_and_refilled_with_the_fresh_ones() {
    const FRESH: &str = "canary-9a77e1beef";
    let bearer = |token: &str| Auth {
        headers: vec![("authorization".into(), Secret::new(format!("Bearer {token}")))],
        ..Auth::default()
    };
    let doc = json!({
        "request": {"url": "https://api.example.com/leads"}, "auth": {"bearer": SECRET},
        "records": "/data", "pagination": {"style": "link", "read": "body:/next"},
        "capture": {"last": "body:/next"}, "limits": {"pages": 3},
    });
    let source = Source::from_value(&doc, &Fill::none()).unwrap();
    // The second request is refused until the credentials are fresh; links repeat the first ones to the end.
    let mut asked = Vec::new();
    let mut server = |request: &Request, _: Now| -> Result<Response, Failure> {
        asked.push(request.url.clone());
        let old = request.headers.iter().any(|(_, value)| value.contains(SECRET));
        let body = format!(r#"{{"data":[{{"x":1}}],"next":"/leads?page={}&t={SECRET}"}}"#, asked.len());
        Ok(Response { status: if asked.len() > 1 && old { 401 } else { 200 }, ..page(body) })
    };
    let host = Host { credentials: [Some(bearer(FRESH))].into(), ..Host::default() };
    let mut walk = Walk::start(source.clone(), &Budget::new(), Seed(7), host.now);
    let outcome = host.run(&mut walk, &mut server);
    assert_eq!(outcome.report.counts.pages, 3, "{:?}", outcome.report.error);
    for secret in [SECRET, FRESH] {
        assert!(!outcome.checkpoint.contains(secret), "{}", outcome.checkpoint);
        assert!(!outcome.report.to_json().contains(secret), "{}", outcome.report.to_json());
    }
    let link = |page: u8, token: &str| format!("https://api.example.com/leads?page={page}&t={token}");
    let expected = [link(1, SECRET), link(1, FRESH), link(3, FRESH)];
    assert_eq!(asked.get(1..), Some(&expected[..]));
    // Whoever resumes with the fresh ones goes on with them.
    let checkpoint = Checkpoint::from_json(&outcome.checkpoint).unwrap();
    let source = Source { auth: bearer(FRESH), ..source };
    let mut asked = String::new();
    let mut server = |request: &Request, _: Now| -> Result<Response, Failure> {
        asked.clone_from(&request.url);
        Ok(page(r#"{"data":[],"next":null}"#))
    };
    let host = Host::default();
    let mut walk = Walk::resume(source, &Budget::new(), checkpoint, Seed(8), host.now).unwrap();
    host.run(&mut walk, &mut server);
    assert_eq!(asked, link(4, FRESH));
}

#[test]
fn the_url_of_an_error_shows_no_secret_and_no_cursor() {
    let link = json!({"style": "link", "read": "body:/next"});
    let report = walk(&link, "/v1/leads", "/v1/canary-5f21c0ffee/2").report;
    let url = report.error.as_ref().and_then(|error| error.url.clone()).unwrap();
    assert!(url.starts_with("https://api.example.com/v1/") && !report.to_json().contains(SECRET), "{url}");
    let path = json!({"style": "cursor", "read": "body:/next", "write": "path:at", "start": "0"});
    let report = walk(&path, "/v1/{at}/leads", "the-cursor").report;
    let url = report.error.and_then(|error| error.url).unwrap();
    assert_eq!(url, "https://api.example.com/v1/{at}/leads");
}
