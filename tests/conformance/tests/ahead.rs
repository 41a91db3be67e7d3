//! Several requests in flight: pages in order, nothing lost, nothing fetched far beyond the end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

use everypage_conformance::drive::Host;
use everypage_conformance::world::World;
use everypage_core::facts::Verdict;
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::Millis;
use everypage_core::walk::Walk;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn source(style: &str, contact: &str, concurrency: u32, total: bool) -> Source {
    let mut doc = json!({
        "request": {"url": format!("https://api.example.com/{style}")},
        "records": "/data", "id": "/id", "size": {"write": "query:limit", "value": 100},
        "order": {"by": "/id", "direction": "desc", "immutable": true},
        "pagination": {"style": style, "contact": contact}, "concurrency": concurrency,
    });
    if total {
        doc["total"] = json!("body:/total");
    }
    Source::from_value(&doc, &Fill::none()).unwrap()
}

#[test]
fn eight_in_flight_take_an_eighth_of_the_time() {
    for (style, contact, most) in
        [("offset", "off", 1350), ("page", "off", 1350), ("offset", "auto", 1400), ("page", "auto", 1560)]
    {
        let mut world = World::new(20_000, 1);
        let host = Host { latency: Millis(50), ..Host::default() };
        let began = host.now.tick;
        let mut walk = Walk::start(source(style, contact, 8, true), &Budget::new(), Seed(7), host.now);
        let outcome = host.run(&mut walk, &mut world);
        let took = outcome.ended.tick.since(began).0;
        let ids: Vec<u64> = outcome
            .records
            .iter()
            .map(|r| serde_json::from_slice::<Value>(r).unwrap()["id"].as_u64().unwrap())
            .collect();
        let expected: Vec<u64> = (1..=20_000).rev().collect();
        assert_eq!(ids, expected, "{style} {contact}: pages in order");
        assert!(took <= most, "{style} {contact}: {took} ms, {} requests", outcome.asked.len());
        let verdict = if contact == "auto" { Verdict::Complete } else { Verdict::Unproven };
        assert_eq!(outcome.report.verdict, verdict, "{style} {contact}");
    }
}

#[test]
fn churn_with_many_in_flight_loses_nothing_in_contact() {
    for style in ["offset", "page"] {
        for (every, size) in [(20, 3), (5, 20), (1, 5)] {
            let mut world = World::new(20_000, 1).churning(every, size);
            let host = Host { latency: Millis(50), ..Host::default() };
            let mut walk = Walk::start(source(style, "auto", 8, true), &Budget::new(), Seed(7), host.now);
            let outcome = host.run(&mut walk, &mut world);
            let ids: Vec<u64> = outcome
                .records
                .iter()
                .map(|r| serde_json::from_slice::<Value>(r).unwrap()["id"].as_u64().unwrap())
                .collect();
            let set: BTreeSet<u64> = ids.iter().copied().collect();
            assert_eq!(ids.len(), set.len());
            println!("{style} {every}/{size}: {} requests {:?}", outcome.asked.len(), outcome.report.verdict);
            assert!(
                world.lived.is_subset(&set),
                "{style} {every}/{size}: missed {}",
                world.lived.difference(&set).count()
            );
        }
    }
}

#[test]
fn a_list_without_a_total_is_not_asked_far_beyond_its_end() {
    for style in ["offset", "page"] {
        for contact in ["auto", "off"] {
            let mut world = World::new(730, 1);
            world.total = false;
            let host = Host::default();
            let mut walk = Walk::start(source(style, contact, 4, false), &Budget::new(), Seed(7), host.now);
            let outcome = host.run(&mut walk, &mut world);
            assert_eq!(outcome.records.len(), 730, "{style} {contact}");
            assert!(outcome.asked.len() <= 16, "{style} {contact}: {}", outcome.asked.len());
        }
    }
}
