//! What the simulator (`tests/sim`) found, each bug as small as it gets. The seed is the one it was found with.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    clippy::wildcard_enum_match_arm,
    clippy::match_wildcard_for_single_variants,
    clippy::cast_possible_wrap,
    reason = "a test says so by panicking; documents are written in place"
)]

use everypage_conformance::drive::{Host, Outcome};
use everypage_conformance::world::json as answer;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::{Auth, Verdict};
use everypage_core::http::{Request, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::Now;
use everypage_core::url::Url;
use everypage_core::walk::{BlockedOn, Exchange, Step, Walk};
use serde_json::{Value, json};
use std::collections::VecDeque;

fn source(more: Value) -> Source {
    let mut doc = json!({
        "request": {"url": "https://api.example.com/list"},
        "records": "/data", "id": "/id",
        "order": {"by": "/id", "direction": "asc", "immutable": true},
        "size": {"write": "query:limit", "value": 5},
        "pagination": {"style": "offset"},
    });
    for (key, value) in more.as_object().unwrap() {
        doc[key] = value.clone();
    }
    Source::from_value(&doc, &Fill::none()).unwrap()
}

fn number(request: &Request, name: &str, default: u64) -> u64 {
    Url::parse(&request.url).unwrap().param(name).map_or(default, |v| v.parse().unwrap())
}

fn rows(from: u64, to: u64) -> String {
    let rows: Vec<String> = (from..to).map(|id| format!("{{\"id\":{id}}}")).collect();
    rows.join(",")
}

fn run(source: Source, serve: &mut dyn FnMut(&Request) -> Response) -> Outcome {
    let host = Host::default();
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
    host.run(&mut walk, &mut |request: &Request, _: Now| Ok(serve(request)))
}

fn send(walk: &mut Walk, at: u64) -> Exchange {
    match walk.poll(now(at)) {
        Step::Send(exchange) => exchange,
        other => panic!("a request was expected, not {other:?}"),
    }
}

fn now(at: u64) -> Now {
    Now { unix: Some(everypage_core::time::UnixMillis(1_790_000_000_000 + at as i64)), ..Now::at(at) }
}

fn refused(status: u16, wait: Option<u64>) -> Response {
    let mut response = Response { status, ..Response::default() };
    if let Some(wait) = wait {
        response.headers.push("retry-after", wait.to_string());
    }
    response
}

#[test]
fn a_server_that_gives_one_row_at_a_time_is_walked_to_its_end_seed_176() {
    let mut serve = |request: &Request| {
        let start = number(request, "offset", 0);
        answer(format!("{{\"data\":[{}]}}", rows(start, 12.min(start + 1))))
    };
    let outcome = run(source(json!({})), &mut serve);
    assert_eq!(outcome.records.len(), 12);
    assert_ne!(outcome.report.verdict, Verdict::Incomplete);
}

#[test]
fn a_page_that_is_short_against_its_own_total_is_no_end_seed_1655() {
    let mut asked = 0;
    let mut serve = |request: &Request| {
        asked += 1;
        let start = number(request, "offset", 0);
        // From the second page on the server gives one row at a time, and the list grows meanwhile.
        let size = if asked == 1 { 5 } else { 1 };
        let n = if asked == 1 { 11 } else { 12 };
        answer(format!("{{\"data\":[{}],\"total\":{n}}}", rows(start, n.min(start + size))))
    };
    let outcome = run(source(json!({"total": "body:/total"})), &mut serve);
    assert_eq!(outcome.records.len(), 12);
}

#[test]
fn pages_that_shrink_to_the_overlap_are_no_end_seed_9207() {
    for shrunk in 1..6 {
        let mut asked = 0;
        // After a loss the windows overlap; then the server gives no more rows than the overlap.
        let mut serve = |request: &Request| {
            asked += 1;
            let start = number(request, "offset", 0);
            let size = if asked < 4 { 8 } else { shrunk };
            let moved = u64::from(asked > 1) * 2;
            answer(format!("{{\"data\":[{}]}}", rows(start + moved, 45.min(start + moved + size))))
        };
        let outcome =
            run(source(json!({"order": {"by": "/id", "direction": "asc", "immutable": true}})), &mut serve);
        let (verdict, found) = (outcome.report.verdict, outcome.records.len());
        assert!(
            found == 45 || shrunk == 1 && verdict == Verdict::Unproven,
            "{shrunk}: {verdict:?} with {found} rows"
        );
    }
}

#[test]
fn a_total_that_fits_by_chance_is_no_end_where_the_server_rounds_offsets_seed_20025210() {
    let mut asked = 0;
    // Rows are deleted in front, as many as the rounding takes back: the second window starts with a known row.
    let mut serve = |request: &Request| {
        asked += 1;
        let (first, start) = (if asked == 1 { 0 } else { 9 }, number(request, "offset", 0) / 10 * 10);
        let from = first + start;
        answer(format!("{{\"data\":[{}],\"total\":{}}}", rows(from.min(28), 28.min(from + 10)), 28 - first))
    };
    let size = json!({"write": "query:limit", "value": 10});
    let outcome = run(source(json!({"total": "body:/total", "size": size})), &mut serve);
    assert!(
        outcome.records.len() == 28 || outcome.report.verdict != Verdict::Complete,
        "{}",
        outcome.records.len()
    );
}

#[test]
fn a_total_that_fits_by_chance_is_no_end_where_the_server_cuts_pages_seed_20564737() {
    for (total, cut, after) in (7..40).flat_map(|n| (2..6).flat_map(move |c| (1..5).map(move |a| (n, c, a))))
    {
        let mut asked = 0;
        // After some pages the server gives fewer rows a page, and counts its pages by that. The last row is deleted.
        let mut serve = |request: &Request| {
            asked += 1;
            let n = total + u64::from(asked == 1);
            let size = number(request, "limit", 6).min(if asked > after { cut } else { 6 });
            let start = (number(request, "page", 1) - 1) * size;
            answer(format!("{{\"data\":[{}],\"total\":{n}}}", rows(start.min(n), n.min(start + size))))
        };
        let (style, size) = (json!({"style": "page"}), json!({"write": "query:limit", "value": 6}));
        let outcome =
            run(source(json!({"pagination": style, "total": "body:/total", "size": size})), &mut serve);
        let (found, verdict) = (outcome.records.len() as u64, outcome.report.verdict);
        assert!(
            found == total || verdict != Verdict::Complete,
            "{found} of {total}, {cut} a page after {after}"
        );
    }
}

#[test]
fn a_page_of_rows_that_inserts_pushed_down_is_no_end_of_a_plain_walk() {
    let mut asked = 0;
    // As many rows come in front as a page holds: the fourth page is the third one again.
    let mut serve = |request: &Request| {
        asked += 1;
        let (more, start) = (if asked > 3 { 5 } else { 0 }, (number(request, "page", 1) - 1) * 5);
        let ids = (start..start + 5)
            .filter(|at| *at < 40 + more)
            .map(|at| if at < more { 900 + at } else { at - more });
        let rows: Vec<String> = ids.map(|id| format!("{{\"id\":{id}}}")).collect();
        answer(format!("{{\"data\":[{}]}}", rows.join(",")))
    };
    let outcome = run(source(json!({"pagination": {"style": "page", "contact": "off"}})), &mut serve);
    let seen = (0..40)
        .filter(|id| outcome.records.iter().any(|r| r == format!("{{\"id\":{id}}}").as_bytes()))
        .count();
    assert_eq!((seen, outcome.report.verdict), (40, Verdict::Unproven));
}

#[test]
fn a_window_planned_in_contact_is_short_by_its_own_size_seed_15951() {
    for pages in 2..6 {
        let of = || {
            source(
                json!({"pagination": {"style": "page"}, "size": {"write": "query:limit", "value": 4}, "concurrency": 4}),
            )
        };
        let mut serve = |request: &Request, _: Now| {
            let size = number(request, "limit", 4);
            let start = (number(request, "page", 1) - 1) * size;
            Ok(answer(format!("{{\"data\":[{}]}}", rows(start.min(64), 64.min(start + size)))))
        };
        let mut all = 0;
        let mut host = Host { stop_after_pages: Some(pages), ..Host::default() };
        let mut walk = Walk::start(of(), &Budget::new(), Seed(3), host.now);
        loop {
            let outcome = host.run(&mut walk, &mut serve);
            all += outcome.records.len();
            if outcome.report.verdict != Verdict::Stopped {
                break;
            }
            let checkpoint = Checkpoint::from_json(&outcome.checkpoint).unwrap();
            host = Host { stop_after_pages: Some(pages), now: outcome.ended, ..Host::default() };
            walk = Walk::resume(of(), &Budget::new(), checkpoint, Seed(4), host.now).unwrap();
        }
        assert_eq!(all, 64, "in pieces of {pages}");
    }
}

#[test]
fn windows_planned_in_contact_are_judged_by_it_though_contact_is_given_up_ahead() {
    for (inserted, when) in (1..4).flat_map(|inserted| (1..8).map(move |when| (inserted, when))) {
        let walked = source(json!({
            "pagination": {"style": "page"}, "size": {"write": "query:limit", "value": 4}, "concurrency": 4,
            "order": {"by": "/id", "direction": "desc", "immutable": true},
        }));
        let mut asked = 0;
        // Newest first; new rows push known ones onto the pages that are on their way.
        let mut serve = |request: &Request| {
            asked += 1;
            let top = 64 + if asked > when { inserted } else { 0 };
            let size = number(request, "limit", 4);
            let start = ((number(request, "page", 1) - 1) * size).min(top);
            let ids = (top.saturating_sub(start + size) + 1..=top - start).rev();
            answer(format!(
                "{{\"data\":[{}]}}",
                ids.map(|id| format!("{{\"id\":{id}}}")).collect::<Vec<_>>().join(",")
            ))
        };
        let outcome = run(walked, &mut serve);
        let lived = outcome.records.iter().filter(|row| row.as_slice() != b"{}").count();
        assert!(
            lived >= 64,
            "{inserted} rows after {when} requests: {:?}, {lived} rows",
            outcome.report.verdict
        );
    }
}

#[test]
fn a_wait_that_is_too_long_for_one_walk_holds_for_all_seed_37() {
    let budget = Budget::new();
    let mut walks = [1, 2].map(|seed| Walk::start(source(json!({})), &budget, Seed(seed), now(0)));
    let [first, second] = &mut walks;
    let exchange = send(first, 0);
    first.handle_response(exchange.ticket, refused(429, Some(3600)), now(10)).unwrap();
    assert!(matches!(first.poll(now(10)), Step::Finish(_)));
    let Step::Finish(report) = second.poll(now(10)) else { panic!("the other walk goes on") };
    assert_eq!(report.error.unwrap().code, "EP_RATE_LIMITED");
}

#[test]
fn what_a_refusal_says_holds_when_the_tries_are_used_up_seed_1100() {
    let of = || source(json!({"retry": {"attempts": 1}}));
    let mut walk = Walk::start(of(), &Budget::new(), Seed(1), now(0));
    let exchange = send(&mut walk, 0);
    walk.handle_response(exchange.ticket, refused(429, Some(30)), now(0)).unwrap();
    assert!(matches!(walk.poll(now(0)), Step::Finish(_)));
    let checkpoint = Checkpoint::from_json(&walk.checkpoint().to_json()).unwrap();
    let mut again = Walk::resume(of(), &Budget::new(), checkpoint, Seed(1), now(1000)).unwrap();
    let step = again.poll(now(1000));
    assert!(matches!(step, Step::Sleep { until, .. } if until.0 >= 30_000), "{step:?}");
}

#[test]
fn a_401_that_comes_after_the_refresh_is_tried_again_seed_284() {
    let budget = Budget::new();
    let auth = json!({"bearer": "old"});
    let mut walks =
        [1, 2].map(|seed| Walk::start(source(json!({"auth": auth})), &budget, Seed(seed), now(0)));
    let [first, second] = &mut walks;
    let (one, two) = (send(first, 0), send(second, 0));
    first.handle_response(one.ticket, refused(401, None), now(1)).unwrap();
    let Step::Authorize(generation) = first.poll(now(1)) else { panic!("fresh credentials are wanted") };
    let fresh = Auth::from_value(&json!({"bearer": "new"})).unwrap();
    first.handle_credentials(generation, Some(fresh), now(1)).unwrap();
    // The second walk learns of them before its own refusal arrives.
    let _ = second.poll(now(2));
    second.handle_response(two.ticket, refused(401, None), now(3)).unwrap();
    let exchange = send(second, 3);
    assert!(exchange.request.headers.contains(&("authorization".into(), "Bearer new".into())));
}

#[test]
fn a_total_that_can_not_be_had_does_not_stop_the_walk_for_ever_seed_3874() {
    let total = json!({"read": "body:/total", "request": {"url": "https://api.example.com/count"}});
    let of = || source(json!({"total": total}));
    let mut walk = Walk::start(of(), &Budget::new(), Seed(1), now(0));
    let exchange = send(&mut walk, 0);
    walk.handle_response(exchange.ticket, refused(429, Some(3600)), now(0)).unwrap();
    assert!(matches!(walk.poll(now(0)), Step::Finish(_)));
}

#[test]
fn requests_that_were_given_up_stay_in_flight_and_are_heeded_seeds_182_and_400() {
    let mut walk = Walk::start(source(json!({"concurrency": 3})), &Budget::new(), Seed(1), now(0));
    let first = send(&mut walk, 0);
    walk.handle_response(first.ticket, answer(format!("{{\"data\":[{}]}}", rows(0, 5))), now(1)).unwrap();
    let mut flying: VecDeque<Exchange> = (0..3).map(|_| send(&mut walk, 1)).collect();
    // The first window is short, so that the next one would leave a gap: it and the one behind it are given up.
    for rows in [rows(4, 7), rows(8, 13)] {
        let exchange = flying.pop_front().unwrap();
        walk.handle_response(exchange.ticket, answer(format!("{{\"data\":[{rows}]}}")), now(2)).unwrap();
    }
    for _ in 0..9 {
        match walk.poll(now(2)) {
            Step::Send(exchange) => flying.push_back(exchange),
            Step::Deliver(page) => walk.acknowledge(page.id).unwrap(),
            _ => {}
        }
    }
    assert!((2..=3).contains(&flying.len()), "{} in flight", flying.len());
    let stale = flying.pop_front().unwrap();
    walk.handle_response(stale.ticket, refused(429, Some(20)), now(3)).unwrap();
    assert!(!matches!(walk.poll(now(3)), Step::Send(_)), "a stated wait was not heeded");
}

/// Takes a list without ids page by page, and dies after the last page was stored, before the report. Returns how many
/// rows the report of the walk that goes on counts.
fn resumed_after_the_last_page(pagination: &Value, pages: &[&'static str]) -> u64 {
    let document = json!({
        "request": {"url": "https://api.example.com/list"}, "records": "/data",
        "total": {"read": "body:/total"}, "pagination": pagination,
    });
    let of = || Source::from_value(&document, &Fill::none()).unwrap();
    let mut walk = Walk::start(of(), &Budget::new(), Seed(1), now(0));
    let mut next = send(&mut walk, 0);
    for page in pages {
        walk.handle_response(next.ticket, answer(*page), now(1)).unwrap();
        loop {
            match walk.poll(now(1)) {
                Step::Send(exchange) => next = exchange,
                Step::Deliver(delivered) => break walk.acknowledge(delivered.id).unwrap(),
                other => panic!("a page was expected, not {other:?}"),
            }
        }
    }
    let stored = Checkpoint::from_json(&walk.checkpoint().to_json()).unwrap();
    let mut walk = Walk::resume(of(), &Budget::new(), stored, Seed(2), now(2)).unwrap();
    let exchange = send(&mut walk, 2);
    walk.handle_response(exchange.ticket, answer(*pages.last().unwrap()), now(3)).unwrap();
    let Step::Finish(report) = walk.poll(now(3)) else { panic!("the rows came again") };
    assert_eq!(report.error, None);
    report.counts.records
}

#[test]
fn rows_without_keys_are_not_handed_out_again_after_the_last_page_seeds_1060_and_44078() {
    let cursor = json!({"style": "cursor", "read": "body:/next", "write": "query:cursor"});
    assert_eq!(resumed_after_the_last_page(&cursor, &["{\"data\":[{\"a\":1},{\"a\":1}],\"next\":null}"]), 2);
    let pages = ["{\"data\":[{\"a\":1},{\"a\":1}],\"total\":3}", "{\"data\":[{\"a\":1}],\"total\":3}"];
    assert_eq!(resumed_after_the_last_page(&json!({"style": "page"}), &pages), 3);
}

#[test]
fn a_walk_that_ends_hands_the_errand_for_credentials_on_seed_511152() {
    let budget = Budget::new();
    let mut walks: Vec<Walk> = (0..2)
        .map(|seed| Walk::start(source(json!({"auth": {"bearer": "old"}})), &budget, Seed(seed), now(0)))
        .collect();
    for walk in &mut walks {
        let exchange = send(walk, 0);
        walk.handle_response(exchange.ticket, refused(401, None), now(1)).unwrap();
    }
    let (mut second, mut first) = (walks.pop().unwrap(), walks.pop().unwrap());
    assert!(matches!(second.poll(now(1)), Step::Blocked(BlockedOn::Credentials)));
    first.stop();
    assert!(matches!(first.poll(now(2)), Step::Finish(_)));
    // Its host keeps it, for the report; nobody else must wait for that.
    assert!(matches!(second.poll(now(2)), Step::Authorize(_)));
}
