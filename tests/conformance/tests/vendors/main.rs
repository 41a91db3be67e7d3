//! Every family of `vendors.json` as a source, walked over a server that behaves as the entry says.
//!
//! `cargo test -p everypage-conformance --test vendors -- --nocapture` prints a line per family.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

mod answer;
mod asked;
mod entry;
mod odd;
mod server;
mod source;

use entry::Entry;
use everypage_conformance::drive::{Host, Outcome};
use everypage_core::facts::Verdict;
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::walk::Walk;
use serde_json::{Value, json};
use server::World;
use std::fmt::Write as _;

/// As many families as must be walked whole.
const AT_LEAST: usize = 105;

/// One list to walk.
struct Case {
    name: &'static str,
    rows: usize,
    clamp: Option<u64>,
    hides: Option<bool>,
    declared: bool,
}

fn cases(entry: &Entry) -> Vec<Case> {
    let plain = Case { name: "plain", rows: 237, clamp: None, hides: None, declared: false };
    let mut cases = vec![
        Case { name: "full pages", rows: 200, ..plain },
        Case { name: "no rows", rows: 0, ..plain },
        Case { name: "one row", rows: 1, ..plain },
        Case { name: "declared", declared: true, ..plain },
    ];
    if entry.asks_size() {
        cases.push(Case { name: "clamped", clamp: Some(20), ..plain });
    }
    if let Some(whole_pages) = odd::sparse(&entry.id) {
        cases.push(Case { name: "sparse", hides: Some(whole_pages), ..plain });
    }
    cases.insert(0, plain);
    cases
}

/// The source for a case.
fn document(entry: &Entry, case: &Case) -> Value {
    let mut doc = source::document(entry, case.declared);
    if case.clamp.is_some() {
        // A server that gives less than its documented maximum contradicts the source; one whose maximum the user
        // doesn't know doesn't.
        doc["size"].as_object_mut().and_then(|size| size.remove("max"));
    }
    doc
}

/// Walks one list and compares what came with what is there.
fn walk(entry: &Entry, case: &Case, doc: &Value) -> Result<Outcome, String> {
    let source = Source::from_value(doc, &Fill::none()).map_err(|e| format!("no source: {e:?}"))?;
    let mut world = World::new(entry, case.rows, case.clamp, case.hides);
    let host = Host { max_requests: 2000, ..Host::default() };
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
    let outcome = host.run(&mut walk, &mut world);
    let report = &outcome.report;
    if let Some(error) = &report.error {
        return Err(format!("{}: {} (refused: {:?})", error.code, error.advice, world.refused.first()));
    }
    if outcome.runaway {
        return Err("it never ends".to_owned());
    }
    if let Some(refused) = world.refused.first() {
        return Err(format!("a request was refused: {refused}"));
    }
    let parse = |record: &Vec<u8>| serde_json::from_slice::<Value>(record).map_err(|e| e.to_string());
    let mut found: Vec<String> = outcome
        .records
        .iter()
        .map(parse)
        .collect::<Result<Vec<_>, _>>()?
        .iter()
        .map(Value::to_string)
        .collect();
    let mut truth: Vec<String> = world.truth().iter().map(Value::to_string).collect();
    found.sort_unstable();
    truth.sort_unstable();
    if found != truth {
        return Err(format!("{} records came of {}, ended by {:?}", found.len(), truth.len(), report.end));
    }
    match report.verdict {
        Verdict::Complete if !may_be_complete(entry, case, &outcome) => {
            Err(format!("complete without the ground for it: {:?}", report.end))
        }
        found if case.declared && entry.spec.stop_authoritative && found != Verdict::Complete => {
            Err(format!("not complete: {:?}, {:?}", report.end, report.checks))
        }
        Verdict::Complete | Verdict::Incomplete | Verdict::Unproven => Ok(outcome),
        Verdict::Failed | Verdict::Stopped => Err(format!("the verdict {:?}", report.verdict)),
    }
}

/// `complete` needs an end with authority (the server's word; for a counter, a window in contact with nothing after
/// it; or a list of one response) and that nothing could slip between two pages: one page, a unique key, or what the
/// source declares.
fn may_be_complete(entry: &Entry, case: &Case, outcome: &Outcome) -> bool {
    let spec = &entry.spec;
    let authority = spec.stop_authoritative || entry.counts() || spec.state.is_empty();
    let ground = outcome.report.counts.pages <= 1 || case.declared || entry.is_keyset();
    authority && ground
}

#[test]
fn every_family_is_walked_whole() {
    let entries = entry::all();
    assert_eq!(entries.len(), 106);
    let (mut whole, mut wrong) = (0, Vec::new());
    for entry in &entries {
        let mut line = format!("{:22}", entry.id);
        let mut failed = None;
        for case in cases(entry) {
            match walk(entry, &case, &document(entry, &case)) {
                Ok(outcome) => {
                    let verdict = outcome.report.verdict;
                    let _ = write!(line, " {} {}x {verdict:?};", case.name, outcome.asked.len());
                }
                Err(why) => {
                    let _ = write!(line, " {} FAILED;", case.name);
                    failed.get_or_insert(format!("{}, {}: {why}", entry.id, case.name));
                }
            }
        }
        println!("{line}");
        let listed = odd::CANNOT.iter().find(|(id, _)| *id == entry.id);
        match (failed, listed) {
            (None, None) => whole += 1,
            (None, Some(_)) => wrong.push(format!("{} is listed in CANNOT, but is walked whole", entry.id)),
            (Some(why), None) => wrong.push(why),
            (Some(why), Some((_, reason))) => println!("    not walked: {reason}\n    ({why})"),
        }
    }
    println!("{whole} of {} families walked whole", entries.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(whole >= AT_LEAST, "only {whole} families were walked whole");
}

/// The servers are strict: none of them gives its list to a source that knows no positions.
#[test]
fn no_family_with_positions_is_walked_whole_without_them() {
    for entry in entry::all().iter().filter(|entry| !entry.spec.state.is_empty()) {
        let cases = cases(entry);
        let case = cases.first().expect("every entry has cases");
        let mut doc = document(entry, case);
        doc["pagination"] = json!({"style": "single"});
        doc.as_object_mut().and_then(|doc| doc.remove("end"));
        assert!(walk(entry, case, &doc).is_err(), "{}", entry.id);
    }
}
