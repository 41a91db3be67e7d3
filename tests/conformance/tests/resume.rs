//! Stopping after any page and going on from the checkpoint, possibly several times: every row once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

use everypage_conformance::drive::{Host, Server};
use everypage_conformance::world::World;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::error::{ErrorKind, WalkError};
use everypage_core::facts::Verdict;
use everypage_core::http::{Request, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::Now;
use everypage_core::walk::{ResumeError, Step, Walk};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn source(style: &str) -> Source {
    let mut doc = json!({
        "request": {"url": format!("https://api.example.com/{style}")},
        "records": "/data", "id": "/id", "size": {"write": "query:limit", "value": 20},
        "order": {"by": "/id", "direction": "desc", "immutable": true},
    });
    match style {
        "offset" => doc["pagination"] = json!({"style": "offset"}),
        "page" => {
            doc["pagination"] = json!({"style": "page"});
            doc["end"] = json!([{"flag": "body:/has_more", "is": false}]);
        }
        "link" => {
            doc["pagination"] = json!({"style": "link", "read": "link:next"});
            doc["records"] = json!("");
        }
        _ => {
            doc["pagination"] =
                json!({"style": "cursor", "read": "body:/next", "write": "query:after", "stable": "key"});
        }
    }
    Source::from_value(&doc, &Fill::none()).unwrap()
}

fn ids(records: &[Vec<u8>]) -> Vec<u64> {
    records.iter().map(|r| serde_json::from_slice::<Value>(r).unwrap()["id"].as_u64().unwrap()).collect()
}

/// Walks with a stop after every so many pages; returns all ids in the order they came, and the verdict.
fn in_pieces(style: &str, world: &mut World, pages: u64) -> (Vec<u64>, Verdict, u64) {
    let mut all = Vec::new();
    let mut host = Host { stop_after_pages: Some(pages), ..Host::default() };
    let mut walk = Walk::start(source(style), &Budget::new(), Seed(3), host.now);
    for resumes in 0..1000 {
        let now = host.now;
        let outcome = host.run(&mut walk, world);
        all.extend(ids(&outcome.records));
        if outcome.report.verdict != Verdict::Stopped {
            assert_eq!(outcome.report.counts.records as usize, all.len());
            return (all, outcome.report.verdict, resumes);
        }
        let checkpoint = Checkpoint::from_json(&outcome.checkpoint).unwrap();
        assert_eq!(checkpoint.to_json(), outcome.checkpoint, "a checkpoint reads back as it was written");
        assert!(!checkpoint.needs_rows());
        let _ = now;
        host = Host { stop_after_pages: Some(pages), now: outcome.ended, ..Host::default() };
        walk = Walk::resume(source(style), &Budget::new(), checkpoint, Seed(resumes), host.now).unwrap();
    }
    panic!("{style}: the walk makes no progress in pieces of {pages}");
}

#[test]
fn a_walk_in_pieces_is_the_walk_in_one() {
    for style in ["offset", "page", "link", "cursor"] {
        for pages in [2, 3, 7, 1000] {
            let mut world = World::new(357, 1);
            let (all, verdict, _) = in_pieces(style, &mut world, pages);
            let expected: Vec<u64> = (1..=357).rev().collect();
            assert_eq!(all, expected, "{style} in pieces of {pages}");
            assert_eq!(verdict, Verdict::Complete, "{style} in pieces of {pages}");
        }
    }
}

#[test]
fn a_walk_in_pieces_over_a_changing_list_loses_nothing_that_lived() {
    for style in ["offset", "page", "link", "cursor"] {
        for pages in [2, 5] {
            let mut world = World::new(600, 4).churning(3, 4);
            let (all, verdict, resumes) = in_pieces(style, &mut world, pages);
            let set: BTreeSet<u64> = all.iter().copied().collect();
            assert_eq!(all.len(), set.len(), "{style}: doubled");
            assert!(
                world.lived.is_subset(&set),
                "{style}: missed {:?}",
                world.lived.difference(&set).collect::<Vec<_>>()
            );
            assert!(resumes > 0);
            assert_ne!(verdict, Verdict::Failed);
        }
    }
}

#[test]
fn another_source_is_refused_with_the_part_that_changed() {
    let host = Host { stop_after_pages: Some(2), ..Host::default() };
    let mut walk = Walk::start(source("offset"), &Budget::new(), Seed(3), host.now);
    let now = host.now;
    let outcome = host.run(&mut walk, &mut World::new(100, 1));
    let checkpoint = Checkpoint::from_json(&outcome.checkpoint).unwrap();
    let refused = Walk::resume(source("page"), &Budget::new(), checkpoint, Seed(1), now);
    let Err(ResumeError::OtherSource(parts)) = refused else { panic!("another source was taken") };
    assert!(parts.contains(&"request".to_owned()) && parts.contains(&"pagination".to_owned()), "{parts:?}");
}

/// A list whose positions may die: the walk starts again then.
fn mortal(style: &str, contact: &str, ordered: bool) -> Source {
    let mut doc = json!({
        "request": {"url": format!("https://api.example.com/{style}")},
        "records": if style == "link" { "" } else { "/data" }, "id": "/id",
        "size": {"write": "query:limit", "value": 10},
    });
    if ordered {
        doc["order"] = json!({"by": "/id", "direction": "desc", "immutable": true});
    }
    doc["pagination"] = match style {
        "link" => json!({"style": "link", "read": "link:next"}),
        "cursor" => json!({"style": "cursor", "read": "body:/next", "write": "query:after"}),
        "keyset" => json!({"style": "keyset", "write": "query:after"}),
        _ => json!({"style": style}),
    };
    doc["pagination"]["expired"] = json!("restart");
    doc["pagination"]["contact"] = json!(contact);
    Source::from_value(&doc, &Fill::none()).unwrap()
}

/// Walks a list of 200 rows whose position is dead at the 11th request, killed after so many requests.
fn restarted(source: &Source, kill: u64, name: &str) -> Verdict {
    let mut world = World::new(200, 1);
    let mut requests = 0;
    let mut serve = |request: &Request, now: Now| {
        requests += 1;
        if requests == 11 {
            return Ok(Response { status: 410, ..Response::default() });
        }
        world.answer(request, now)
    };
    let host = Host { max_requests: kill, ..Host::default() };
    let mut walk = Walk::start(source.clone(), &Budget::new(), Seed(3), host.now);
    let mut outcome = host.run(&mut walk, &mut serve);
    let mut all = ids(&outcome.records);
    if outcome.runaway {
        let checkpoint = Checkpoint::from_json(&outcome.checkpoint).unwrap();
        let host = Host { now: outcome.ended, ..Host::default() };
        let mut walk = Walk::resume(source.clone(), &Budget::new(), checkpoint, Seed(4), host.now).unwrap();
        outcome = host.run(&mut walk, &mut serve);
        all.extend(ids(&outcome.records));
    }
    assert_eq!(outcome.report.error, None, "{name} killed after {kill} requests");
    assert_eq!(all, (1..=200).rev().collect::<Vec<u64>>(), "{name} killed after {kill} requests");
    outcome.report.verdict
}

#[test]
fn known_ground_after_a_dead_position_is_no_end_whatever_the_style_and_wherever_it_is_killed() {
    for style in ["offset", "page", "link", "cursor", "keyset"] {
        for (contact, ordered) in [("auto", true), ("auto", false), ("off", true), ("off", false)] {
            let source = mortal(style, contact, ordered);
            let name = format!("{style}, contact {contact}, order declared: {ordered}");
            let verdict = restarted(&source, 1000, &name);
            let proven = matches!(style, "offset" | "page") && contact == "auto" && ordered;
            assert_eq!(verdict == Verdict::Complete, proven, "{name}: {verdict:?}");
            for kill in 1..50 {
                restarted(&source, kill, &name);
            }
        }
    }
}

#[test]
fn a_walk_that_its_host_fails_reports_so_at_once_and_goes_on_from_its_checkpoint() {
    for requests in [0, 1, 2, 5, 100] {
        let mut world = World::new(200, 1);
        let host = Host { max_requests: requests, ..Host::default() };
        let now = host.now;
        let mut walk = Walk::start(source("cursor"), &Budget::new(), Seed(3), now);
        let mut all = Vec::new();
        if requests > 0 {
            all = ids(&host.run(&mut walk, &mut world).records);
        }
        let error = WalkError::new(ErrorKind::Storage, "the disk is full");
        let report = walk.fail(error.clone(), now);
        assert_eq!((report.verdict, report.error.as_ref()), (Verdict::Failed, Some(&error)));
        assert_eq!(report.counts.records as usize, all.len());
        assert_eq!((report.basis, report.end.as_ref()), (None, None));
        assert!(matches!(walk.poll(now), Step::Finish(again) if *again == report));
        let checkpoint = walk.checkpoint();
        assert!(!checkpoint.is_finished());
        let host = Host::default();
        let mut again =
            Walk::resume(source("cursor"), &Budget::new(), checkpoint, Seed(4), host.now).unwrap();
        let outcome = host.run(&mut again, &mut world);
        all.extend(ids(&outcome.records));
        assert_eq!(all, (1..=200).rev().collect::<Vec<u64>>());
        assert_eq!(outcome.report.verdict, Verdict::Complete);
    }
}

#[test]
fn a_finished_checkpoint_answers_at_once_with_its_report() {
    let mut world = World::new(100, 1);
    let host = Host::default();
    let now = host.now;
    let mut walk = Walk::start(source("offset"), &Budget::new(), Seed(3), now);
    let first = host.run(&mut walk, &mut world);
    let checkpoint = Checkpoint::from_json(&first.checkpoint).unwrap();
    assert!(checkpoint.is_finished());
    let mut again = Walk::resume(source("offset"), &Budget::new(), checkpoint, Seed(9), now).unwrap();
    let second = Host::default().run(&mut again, &mut world);
    assert_eq!(second.report, first.report);
    assert!(second.asked.is_empty() && second.records.is_empty());
}

#[test]
fn a_list_that_shares_nothing_with_the_checkpoint_is_refused_as_changed() {
    let host = Host { stop_after_pages: Some(3), ..Host::default() };
    let now = host.now;
    let mut walk = Walk::start(source("offset"), &Budget::new(), Seed(3), now);
    let outcome = host.run(&mut walk, &mut World::new(3000, 1));
    let checkpoint = Checkpoint::from_json(&outcome.checkpoint).unwrap();
    // Older rows than any seen: under the declared order newer ones would still be in contact.
    let mut other = World::new(300, 1);
    other.rows = (1..100).rev().collect();
    let mut again = Walk::resume(source("offset"), &Budget::new(), checkpoint, Seed(1), now).unwrap();
    let report = Host::default().run(&mut again, &mut other).report;
    assert_eq!(report.error.unwrap().code, "EP_SOURCE_CHANGED");
}
