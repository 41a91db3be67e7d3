//! A process killed at every step of a walk and at every operation on its files, again and again, with the power
//! failing or not: stores of every class keep what they promise. (The file of lines, which is `appendable`, is
//! tested with its real operations: `native/src/sink/kill.rs`.)
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

use everypage_conformance::kill::{
    AtLeastOnce, Explored, Files, Idempotent, Store, Tape, Transactional, explore, pull,
};
use everypage_conformance::world::World;
use everypage_core::facts::Verdict;
use everypage_core::source::{Fill, Source};
use everypage_core::walk::Report;
use serde_json::{Value, json};

const ROWS: u64 = 7;
const STYLES: [&str; 4] = ["offset", "page", "link", "cursor"];
/// Those that only differ in what the checkpoint has to know: a list without ids, a keyset, the long form.
const OTHERS: [&str; 4] = ["keyless", "keyless by number", "keyset", "states"];

fn source(style: &str, size: u64) -> Source {
    let path = match style {
        "keyless" | "states" => "cursor",
        "keyless by number" => "page",
        other => other,
    };
    let mut doc = json!({
        "request": {"url": format!("https://api.example.com/{path}")},
        "records": if style == "link" { "" } else { "/data" }, "id": "/id",
        "size": {"write": "query:limit", "value": size},
        "order": {"by": "/id", "direction": "desc", "immutable": true},
    });
    doc["pagination"] = match style {
        "offset" => json!({"style": "offset"}),
        "page" | "keyless by number" => json!({"style": "page"}),
        "link" => json!({"style": "link", "read": "link:next"}),
        "keyset" => json!({"style": "keyset", "write": "query:after"}),
        "states" => {
            doc["end"] = json!(["missing"]);
            json!({"state": [{"write": "query:after", "next": "body:/next"}], "stable": "key"})
        }
        _ => json!({"style": "cursor", "read": "body:/next", "write": "query:after", "stable": "key"}),
    };
    if style.starts_with("keyless")
        && let Some(doc) = doc.as_object_mut()
    {
        doc.remove("id");
    }
    Source::from_value(&doc, &Fill::none()).unwrap()
}

/// The stored ids, in the order of their names.
fn stored(files: &Files) -> Vec<u64> {
    let rows = files.each().filter(|(name, _, _)| name.starts_with("row/"));
    rows.map(|(_, _, row)| serde_json::from_slice::<Value>(row).unwrap()["id"].as_u64().unwrap()).collect()
}

/// What every resumed walk has to come to, however often it was killed.
fn same_end(report: &Report, first: &Report) -> Result<(), String> {
    // What said so may differ: the last page is empty to a walk that has all of its rows.
    let said = |report: &Report| (report.verdict, report.basis, report.counts.records);
    if said(report) == said(first) {
        return Ok(());
    }
    Err(format!("it ends as {:?}, not as {:?}", said(report), said(first)))
}

/// Tries every kill of a walk of this style into a store made by `new`.
fn kills<S: Store>(
    style: &str,
    every: u64,
    depth: u32,
    new: impl Fn(Tape) -> S,
    tape: impl Fn(S) -> Tape,
    judge: impl Fn(&[u64]) -> Result<(), String>,
) -> Result<Explored, String> {
    let source = source(style, 3);
    let mut first: Option<Report> = None;
    explore(depth, |files| {
        let mut store = new(Tape::new(files.clone()));
        let mut steps = 0;
        let report = pull(&source, &mut store, &mut World::new(ROWS, 1), every, &mut steps)?;
        let tape = tape(store);
        same_end(&report, first.get_or_insert_with(|| report.clone()))?;
        judge(&stored(&tape.files))?;
        Ok((tape, steps))
    })
}

fn once(rows: &[u64]) -> Result<(), String> {
    let expected: Vec<u64> = (1..=ROWS).rev().collect();
    if rows == expected { Ok(()) } else { Err(format!("stored are {rows:?}")) }
}

fn tell(class: &str, style: &str, every: u64, told: &Explored) {
    println!(
        "{class:14} {style:17} commit every {every}: {:6} kill points, {:7} crashes, {:6} states, up to {} kills{}",
        told.points,
        told.crashes,
        told.states,
        told.kills,
        if told.closed { ", closed: any number of kills" } else { "" }
    );
}

#[test]
fn rows_and_checkpoint_in_one_transaction_are_stored_once() {
    for style in STYLES.into_iter().chain(OTHERS) {
        for every in [1, 2, 3] {
            let told = kills(style, every, 50, Transactional::new, |s| s.tape, once).unwrap();
            tell("transactional", style, every, &told);
            assert!(told.closed && told.states > 3);
        }
    }
}

#[test]
fn rows_that_replace_themselves_are_stored_once() {
    let once = |rows: &[u64]| {
        let expected: Vec<u64> = (1..=ROWS).collect();
        if rows == expected { Ok(()) } else { Err(format!("stored are {rows:?}")) }
    };
    for style in STYLES {
        for every in [1, 2] {
            let told = kills(style, every, 2, |tape| Idempotent::new(tape, false), |s| s.tape, once).unwrap();
            tell("idempotent", style, every, &told);
            assert!(told.states > 50);
        }
    }
    // The search finds what it is for: a checkpoint that is on disk before its rows.
    let found = kills("cursor", 1, 1, |tape| Idempotent::new(tape, true), |s| s.tape, once);
    assert!(found.unwrap_err().contains("stored are"));
}

#[test]
fn messages_are_never_lost_and_repeated_only_after_a_kill() {
    for style in STYLES {
        // Rows repeated make many states: double kills where the styles differ most.
        let deep = if matches!(style, "offset" | "cursor") { 2 } else { 1 };
        for (every, depth) in [(1, deep), (2, 1)] {
            let judge = |rows: &[u64]| {
                let mut kinds = rows.to_vec();
                kinds.sort_unstable();
                kinds.dedup();
                // Each of two kills repeats what was not committed: pages of three rows.
                let most = ROWS as usize + 2 * 3 * every as usize;
                if kinds.len() as u64 == ROWS && rows.len() <= most {
                    Ok(())
                } else {
                    Err(format!("stored are {rows:?}"))
                }
            };
            let told = kills(style, every, depth, AtLeastOnce::new, |s| s.tape, judge).unwrap();
            tell("at_least_once", style, every, &told);
            assert!(told.states > 20);
        }
    }
}

#[test]
fn a_walk_in_contact_keeps_its_proof_however_often_it_is_killed() {
    for style in ["offset", "page", "link"] {
        for (rows, size) in [(57, 10), (80, 20)] {
            let source = source(style, size);
            let told = explore(50, |files| {
                let mut store = Transactional::new(Tape::new(files.clone()));
                let mut steps = 0;
                let report = pull(&source, &mut store, &mut World::new(rows, 1), 1, &mut steps)?;
                if report.verdict != Verdict::Complete {
                    return Err(format!("{:?}, {:?}", report.verdict, report.checks));
                }
                if stored(&store.tape.files) != (1..=rows).rev().collect::<Vec<u64>>() {
                    return Err(format!("stored are {:?}", stored(&store.tape.files)));
                }
                Ok((store.tape, steps))
            });
            let told = told.unwrap();
            tell("in contact", style, 1, &told);
            assert!(told.closed);
        }
    }
}
