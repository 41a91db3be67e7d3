//! Every style, quiet and under churn, against the oracle.

use everypage_conformance::drive::{Host, Outcome};
use everypage_conformance::world::World;
use everypage_core::facts::{EndSignal, Verdict};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::walk::Walk;
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
