//! Every fuzz target on its seeds, on the corpus that the fuzzers keep, and on changes of them: the same inputs every
//! time, a few seconds long, with nothing but a stable compiler. What it finds becomes a test of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may panic, too")]

use everypage_conformance::fuzz::choices::Choices;
use everypage_conformance::fuzz::{TARGETS, Target, report, seeds};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let Ok(folder) = fs::read_dir(fuzz().join("corpus").join(target.name)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Whether the input made sense; an input that breaks a promise is shown.
fn look(target: &Target, input: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| (target.check)(input)))
        .unwrap_or_else(|_| panic!("{}: {:?}", target.name, String::from_utf8_lossy(input)))
}

/// How many changed inputs a target sees; whole walks take longer than texts.
fn rounds(target: &Target) -> usize {
    match target.name {
        "walk" | "forgery" => 120,
        "transcript" | "checkpoint" | "source" => 700,
        _ => 2000,
    }
}

#[test]
fn no_input_breaks_a_promise() {
    for target in &TARGETS {
        let seeds = seeds::of(target.name);
        let corpus = corpus(target);
        let known: Vec<&[u8]> = seeds.iter().chain(&corpus).map(Vec::as_slice).collect();
        let sense = known.iter().filter(|input| look(target, input)).count();
        let mut choices = Choices::seeded(seeds.len() as u64);
        let changed = (0..rounds(target)).filter(|_| look(target, &choices.altered(&known))).count();
        println!(
            "{:12} {sense} of {} known, {changed} of {} changed",
            target.name,
            known.len(),
            rounds(target)
        );
        assert!(sense > 0 && changed > 0, "{}: nothing makes sense", target.name);
        assert!(changed < rounds(target), "{}: everything makes sense", target.name);
    }
}

#[test]
fn walks_end_in_many_ways() {
    let mut ends = BTreeMap::new();
    for input in seeds::of("walk") {
        let report = report(&input);
        *ends.entry((format!("{:?}", report.verdict), report.error.map(|error| error.code))).or_insert(0) +=
            1;
    }
    println!("{ends:#?}");
    assert!(ends.len() > 10, "the walks are all alike: {ends:?}");
}

#[test]
fn every_target_has_its_fuzzer() {
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let files = fs::read_dir(fuzz().join("fuzz_targets")).unwrap();
    let fuzzers: BTreeSet<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(fuzzers, names);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &names {
        assert!(manifest.contains(&format!("fuzz_targets/{name}.rs")), "{name}");
    }
}
