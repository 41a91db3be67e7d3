//! Every style, quiet and under churn, against the oracle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

use everypage_conformance::drive::{Host, Outcome};
use everypage_conformance::world::{World, json as answer};
use everypage_core::facts::{EndSignal, Verdict};
use everypage_core::http::Request;
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::Now;
use everypage_core::url::Url;
use everypage_core::walk::Walk;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[allow(clippy::needless_pass_by_value, reason = "documents are written in place")]
fn source(style: &str, more: Value) -> Source {
    let mut doc = json!({
        "request": {"url": format!("https://api.example.com/{style}")},
        "records": "/data", "id": "/id",
        "order": {"by": "/id", "direction": "desc", "immutable": true},
        "size": {"write": "query:limit", "value": 100},
    });
    for (key, value) in more.as_object().unwrap() {
        doc[key] = value.clone();
    }
    Source::from_value(&doc, &Fill::none()).unwrap()
}

fn styled(style: &str) -> Source {
    match style {
        "offset" => source(style, json!({"pagination": {"style": "offset"}, "total": "body:/total"})),
        "page" => source(
            style,
            json!({"pagination": {"style": "page"}, "end": [{"flag": "body:/has_more", "is": false}]}),
        ),
        "link" => source(style, json!({"pagination": {"style": "link", "read": "link:next"}, "records": ""})),
        "cursor" => source(
            style,
            json!({"pagination": {"style": "cursor", "read": "body:/next", "write": "query:after", "stable": "key"},
            "end": ["missing", {"flag": "body:/has_more", "is": false}]}),
        ),
        "keyset" => source(
            style,
            json!({"pagination": {"style": "keyset", "write": "query:after"}, "end": [{"flag": "body:/has_more", "is": false}]}),
        ),
        other => panic!("{other}"),
    }
}

fn run(style: &str, world: &mut World) -> Outcome {
    let host = Host::default();
    let mut walk = Walk::start(styled(style), &Budget::new(), Seed(7), host.now);
    host.run(&mut walk, world)
}

fn ids(outcome: &Outcome) -> Vec<u64> {
    outcome
        .records
        .iter()
        .map(|r| serde_json::from_slice::<Value>(r).unwrap()["id"].as_u64().unwrap())
        .collect()
}

fn check(style: &str, world: &mut World) -> Outcome {
    let outcome = run(style, world);
    let ids = ids(&outcome);
    let set: BTreeSet<u64> = ids.iter().copied().collect();
    let missed: Vec<_> = world.lived.difference(&set).collect();
    println!(
        "{style}: {} requests, {} rows, verdict {:?} {:?} {:?}",
        outcome.asked.len(),
        ids.len(),
        outcome.report.verdict,
        outcome.report.end,
        outcome.report.drift
    );
    for c in &outcome.report.checks {
        println!("   {c:?}");
    }
    println!("   {:?}", outcome.report.error);
    assert!(!outcome.runaway);
    assert_eq!(ids.len(), set.len(), "{style}: rows were doubled");
    assert!(missed.is_empty(), "{style}: {} rows were missed", missed.len());
    outcome
}

#[test]
fn quiet_lists_are_complete_at_the_price_of_the_overlap() {
    for (style, most) in [("offset", 204), ("page", 230), ("link", 230), ("cursor", 200), ("keyset", 200)] {
        let outcome = check(style, &mut World::new(19_950, 1));
        assert_eq!(outcome.report.verdict, Verdict::Complete, "{style}");
        assert!(outcome.asked.len() <= most, "{style}: {}", outcome.asked.len());
    }
}

#[test]
fn no_row_that_lived_is_missed_in_any_churn() {
    for (every, size, offset, page) in
        [(20, 3, 220, 250), (5, 20, 260, 260), (1, 5, 300, 300), (1, 100, 1200, 1200)]
    {
        for (style, most) in
            [("offset", offset), ("page", page), ("link", page), ("cursor", 450), ("keyset", 450)]
        {
            let outcome = check(style, &mut World::new(20_000, 1).churning(every, size));
            assert!(outcome.asked.len() <= most, "{style} {every}/{size}: {}", outcome.asked.len());
            assert_ne!(outcome.report.verdict, Verdict::Failed);
        }
    }
}

#[test]
fn a_false_declaration_of_order_lowers_the_verdict_and_costs_no_row() {
    let order = json!({"by": "/score", "direction": "desc", "immutable": true});
    let doc = json!({"pagination": {"style": "offset"}, "total": "body:/total", "order": order});
    let mut world = World::new(5_000, 1).churning(5, 20);
    let host = Host::default();
    let mut walk = Walk::start(source("offset", doc), &Budget::new(), Seed(7), host.now);
    let outcome = host.run(&mut walk, &mut world);
    let set: BTreeSet<u64> = ids(&outcome).into_iter().collect();
    assert!(world.lived.is_subset(&set), "missed {}", world.lived.difference(&set).count());
    assert_eq!(outcome.report.verdict, Verdict::Incomplete);
}

#[test]
fn empty_and_tiny_lists_end_by_authority() {
    for n in [0, 1, 2, 99, 100, 101, 199, 200] {
        for style in ["offset", "page", "cursor"] {
            let outcome = check(style, &mut World::new(n, 1));
            assert_eq!(outcome.report.verdict, Verdict::Complete, "{style} {n}: {:?}", outcome.report.end);
            assert!(outcome.asked.len() <= 5);
        }
    }
    let mut world = World::new(0, 1);
    world.total = false;
    assert_eq!(check("offset", &mut world).report.end.unwrap().signal, EndSignal::Empty);
}

/// Rows that access rules leave out after the page was cut: some pages are short, one is empty.
fn hidden(id: u64) -> bool {
    (61..=70).contains(&id) || (101..=170).contains(&id)
}

fn shown(from: u64, size: u64) -> Vec<Value> {
    (from + 1..=(from + size).min(337)).filter(|id| !hidden(*id)).map(|id| json!({"id": id})).collect()
}

#[test]
fn a_flag_that_says_more_leads_over_emptied_pages_by_number() {
    for style in ["offset", "page"] {
        let mut server = |request: &Request, _: Now| {
            let url = Url::parse(&request.url).unwrap();
            let number = |name: &str| url.param(name).and_then(|v| v.parse::<u64>().ok());
            let size = number("limit").unwrap_or(50);
            let from = number("offset").unwrap_or_else(|| (number("page").unwrap_or(1) - 1) * size);
            Ok(answer(json!({"data": shown(from, size), "has_more": from + size < 337}).to_string()))
        };
        let more = json!({"pagination": {"style": style}, "end": [{"flag": "body:/has_more", "is": false}],
            "order": {"by": "/id", "immutable": true}, "size": {"write": "query:limit", "value": 50}});
        let host = Host { max_requests: 200, ..Host::default() };
        let mut walk = Walk::start(source(style, more), &Budget::new(), Seed(7), host.now);
        let outcome = host.run(&mut walk, &mut server);
        let shown: Vec<u64> = (1..=337).filter(|id| !hidden(*id)).collect();
        assert_eq!(ids(&outcome), shown, "{style}: {:?}", outcome.report.error);
        assert_eq!(outcome.report.verdict, Verdict::Unproven, "{style}");
        assert!(outcome.asked.len() <= 15, "{style}: {}", outcome.asked.len());
    }
}

#[test]
fn a_list_that_seems_to_end_at_an_emptied_page_is_not_called_complete() {
    for total in [true, false] {
        let mut server = |request: &Request, _: Now| {
            let url = Url::parse(&request.url).unwrap();
            let number = |name: &str| url.param(name).and_then(|v| v.parse::<u64>().ok());
            let rows = shown(number("offset").unwrap_or(0), number("limit").unwrap_or(50));
            Ok(answer(json!({"data": rows, "total": if total { Some(337) } else { None }}).to_string()))
        };
        let more = json!({"pagination": {"style": "offset"}, "total": "body:/total",
            "order": {"by": "/id", "immutable": true}, "size": {"write": "query:limit", "value": 50}});
        let host = Host { max_requests: 200, ..Host::default() };
        let mut walk = Walk::start(source("offset", more), &Budget::new(), Seed(7), host.now);
        let outcome = host.run(&mut walk, &mut server);
        // Nothing but the total speaks against the end here, and it can't say where to go on; but a window was short
        // before, so the server is known to leave rows out.
        assert_eq!(outcome.records.len(), 90);
        let verdict = if total { Verdict::Incomplete } else { Verdict::Unproven };
        assert_eq!(outcome.report.verdict, verdict);
    }
}

#[test]
fn links_lead_over_pages_that_access_rules_have_emptied() {
    let mut server = |request: &Request, _: Now| {
        let url = Url::parse(&request.url).unwrap();
        let number = |name: &str| url.param(name).and_then(|v| v.parse::<u64>().ok());
        let (at, size) = (number("offset").unwrap_or(0), number("limit").unwrap_or(50));
        let mut response = answer(Value::from(shown(at, size)).to_string());
        if at + size < 337 {
            let next = format!("<{}?limit={size}&offset={}>; rel=\"next\"", url.redacted(), at + size);
            response.headers.push("link", next);
        }
        Ok(response)
    };
    let source = source(
        "link",
        json!({"pagination": {"style": "link", "read": "link:next"}, "records": "",
            "order": {"by": "/id", "immutable": true}, "size": {"write": "query:limit", "value": 50}}),
    );
    let host = Host::default();
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
    let outcome = host.run(&mut walk, &mut server);
    let shown: Vec<u64> = (1..=337).filter(|id| !hidden(*id)).collect();
    assert_eq!(ids(&outcome), shown, "{:?}", outcome.report.error);
    assert_eq!(outcome.report.verdict, Verdict::Unproven);
    assert!(outcome.asked.len() <= 8, "{}", outcome.asked.len());
}
