//! `miri`: the core's own tests in an interpreter that sees undefined behaviour. The core forbids unsafe code, so what
//! it would see there is in the crates below: serde_json, siphasher, memchr, the standard library.

use crate::fail::{Outcome, Result};
use crate::shell::{command, run as sh, works};
use crate::tree;

/// Tests that would take from minutes to hours there: long simulations, large inputs, thousands of cases. Each of
/// these modules has others, or is covered by those of its neighbours.
const LONG: [&str; 36] = [
    "pace::tests::",
    "pace::sliding::tests::memory",
    "pace::gcra::tests::odd_rates",
    "json::tests::random::",
    "json::tests::hostile::",
    "json::tests::grammar::",
    "json::stops::",
    "url::agree::",
    "url::query::tests::changed_urls",
    "url::encoding::tests::what_was_encoded",
    "url::parse::tests::length",
    "http::retry_after::tests::long_fields",
    "http::link::tests::whatever",
    "http::link::tests::nothing_panics",
    "http::link::tests::long_fields",
    "http::date::tests::every_day",
    "dedup::table::",
    "dedup::blocks::",
    "dedup::mixer::",
    "dedup::seen::tests::does_what",
    "dedup::seen::tests::what_reads_back",
    "dedup::seen::tests::a_large_set",
    "dedup::integers::",
    "dedup::key::tests::any_text",
    "dedup::key::tests::no_bytes",
    "dedup::key::tests::keys_survive",
    "dedup::base64::",
    "checkpoint::envelope::tests::",
    "checkpoint::digest::",
    "source::schema::",
    "source::wire::hostile::",
    "source::document::",
    "source::read::table::a_position_has",
    "advance::counter::tests::every_list",
    "retry::",
    "guard::tests::a_c",
];

/// Runs the step. Arguments choose tests.
pub fn run(args: &[String]) -> Result<Outcome> {
    if !works(&mut command("cargo", &["+nightly", "miri", "--version"])) {
        return Ok(Outcome::Skipped("no Miri: `rustup +nightly component add miri rust-src`".to_owned()));
    }
    let mut miri =
        command("cargo", &["+nightly", "miri", "test", "--package", "everypage-core", "--lib", "--"]);
    // proptest looks for a file of failures, which Miri hides from the tests by itself.
    miri.env("MIRIFLAGS", "-Zmiri-disable-isolation").env("CARGO_TARGET_DIR", tree::target().join("miri"));
    miri.args(args).args(LONG.iter().flat_map(|name| ["--skip", name]));
    sh(&mut miri)?;
    Ok(Outcome::Passed)
}
