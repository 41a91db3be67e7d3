//! Bad inputs: every row of the requirements' table C, pushed through whole walks in virtual time.
//!
//! A row is its id, where our design says otherwise a note, and concrete inputs with what has to come of them. Read
//! `InvalidSpec` in the requirements as `InvalidSource`, `SpecMismatch` as `SourceMismatch`.

#![allow(
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "helpers of tests take `json!` and may panic"
)]

mod bodies;
mod case;
mod checkpoints;
mod elsewhere;
mod headers;
mod rates;
mod sources;
mod urls;

use case::Row;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn table() -> Vec<Row> {
    [headers::rows(), rates::rows(), bodies::rows(), urls::rows(), sources::rows(), checkpoints::rows()]
        .into_iter()
        .flatten()
        .collect()
}

/// The ids of table C: 42 headers, 26 bodies, 20 URLs, 15 sources, 15 checkpoints.
fn every_id() -> Vec<String> {
    let groups = [("H", 42), ("B", 26), ("U", 20), ("S", 15), ("C", 15)];
    groups.iter().flat_map(|(group, n)| (1..=*n).map(move |i| format!("B-{group}{i}"))).collect()
}

#[test]
fn every_row_of_the_table_behaves_as_it_says() {
    let mut wrong = Vec::new();
    for row in table() {
        assert!(!row.cases.is_empty(), "{} has no input", row.id);
        for case in row.cases {
            let came = catch_unwind(AssertUnwindSafe(case.check)).unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                Err(format!("panic: {}", text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?")))
            });
            if let Err(why) = came {
                wrong.push(format!("{} {}: {why} {}", row.id, case.input, row.note));
            }
        }
    }
    assert!(wrong.is_empty(), "{} inputs came out wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_id_is_tested_once_or_listed_with_its_reason() {
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    let tested = table().into_iter().map(|row| row.id);
    for id in tested.chain(elsewhere::ROWS.iter().map(|(id, _)| *id)) {
        *found.entry(id.to_owned()).or_default() += 1;
    }
    let every = every_id();
    assert_eq!(every.len(), 118);
    let missing: Vec<_> = every.iter().filter(|id| !found.contains_key(*id)).collect();
    let twice: Vec<_> = found.iter().filter(|(_, n)| **n > 1).collect();
    let unknown: Vec<_> = found.keys().filter(|id| !every.contains(id)).collect();
    assert!(
        missing.is_empty() && twice.is_empty() && unknown.is_empty(),
        "{missing:?} {twice:?} {unknown:?}"
    );
    assert!(elsewhere::ROWS.iter().all(|(_, why)| why.len() > 20));
}
