//! `fuzz`: the fuzzers of `tests/fuzz`, a short while or for hours. It needs no nightly compiler: the
//! instrumentation is LLVM's, and the core forbids unsafe code, so a sanitizer would have nothing to find.

mod corpus;

use crate::fail::{At, Outcome, Result, fail};
use crate::shell::{cargo, has, output, run as sh};
use crate::tree;
use corpus::Corpus;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The flags with which cargo-fuzz instruments, too.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";
/// How many inputs a target sees in the short run, its corpus included: whole walks take longer than texts.
const RUNS: u64 = 10_000;
const WALKS: u64 = 1_000;

/// Runs the step: `fuzz [--long HOURS] [TARGET…]`.
pub fn run(args: &[String]) -> Result<Outcome> {
    let (hours, chosen) = match args {
        [long, hours, rest @ ..] if long == "--long" => match hours.parse::<f64>() {
            Ok(hours) if hours > 0.0 => (Some(hours), rest),
            _ => fail!("--long takes a number of hours, all targets together"),
        },
        _ => (None, args),
    };
    let all = targets()?;
    if let Some(unknown) = chosen.iter().find(|name| !all.contains(name)) {
        fail!("no target `{unknown}`; there are {}", all.join(", "));
    }
    let compilers = [env::var("CXX").unwrap_or_default(), "c++".to_owned(), "g++".to_owned()];
    if !compilers.iter().any(|name| !name.is_empty() && has(name)) {
        return Ok(Outcome::Skipped("no C++ compiler, which libFuzzer is built with".to_owned()));
    }
    let folder = build()?;
    let targets: Vec<&String> =
        all.iter().filter(|name| chosen.is_empty() || chosen.contains(name)).collect();
    let known = corpus::stored();
    corpus::check_size(&known)?;
    let scratch = tree::scratch("fuzz")?;
    let seeds = scratch.join("seeds");
    if hours.is_some() {
        let run = ["run", "--quiet", "--package", "everypage-conformance", "--bin", "seeds", "--"];
        sh(cargo(&run).arg(&seeds))?;
    }
    for name in &targets {
        let corpus = Corpus::new(&known.join(name), &scratch.join("found").join(name))?;
        let start = Instant::now();
        let mut fuzzer = fuzzer(&folder, name)?;
        if let Some(hours) = hours {
            let seconds = (hours * 3600.0 / targets.len() as f64).max(1.0) as u64;
            fuzzer.arg(format!("-max_total_time={seconds}")).args(corpus.folders());
            fuzzer.arg(seeds.join(name));
        } else {
            // The same inputs every time.
            let runs = if matches!(name.as_str(), "walk" | "forgery") { WALKS } else { RUNS };
            fuzzer.args([format!("-runs={runs}"), "-seed=1".to_owned()]).args(corpus.folders());
        }
        let log = scratch.join(format!("{name}.log"));
        let said = quietly(&mut fuzzer, &log)?;
        println!("{name:12} {said}, {:.1} s", start.elapsed().as_secs_f64());
        if hours.is_some() {
            let more = [seeds.join(name)];
            corpus.keep(|| self::fuzzer(&folder, name), &more)?;
        }
    }
    corpus::check_size(&known)?;
    Ok(Outcome::Passed)
}

/// The names of all targets, from the manifest.
fn targets() -> Result<Vec<String>> {
    let manifest: toml::Table = toml::from_str(&tree::read(&home().join("Cargo.toml"))?)?;
    let bins = manifest.get("bin").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let names = bins.iter().filter_map(|bin| bin.get("name")?.as_str().map(str::to_owned));
    Ok(names.collect())
}

fn home() -> PathBuf {
    tree::root().join("tests/fuzz")
}

/// Builds the fuzzers; the folder they are in.
fn build() -> Result<PathBuf> {
    let mut rustc = Command::new(env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()));
    let host = output(rustc.arg("-vV"))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
    let target = tree::target().join("fuzz");
    // With `--target`, the flags stay away from build scripts and macros, which have no fuzzer to link with.
    sh(cargo(&["build", "--release", "--bins", "--locked", "--target", &host])
        .current_dir(home())
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", FLAGS))?;
    Ok(target.join(host).join("release"))
}

/// The fuzzer of a target; what it finds is left where cargo-fuzz leaves it.
fn fuzzer(folder: &Path, name: &str) -> Result<Command> {
    let artifacts = home().join("artifacts").join(name);
    fs::create_dir_all(&artifacts).at(artifacts.display())?;
    let mut fuzzer = Command::new(folder.join(name));
    fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
    // A single input that takes so long is a find, too.
    fuzzer.args(["-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1"]);
    Ok(fuzzer)
}

/// Runs a fuzzer with its words in a file; they are shown only where it found something. Says what it did.
fn quietly(fuzzer: &mut Command, log: &Path) -> Result<String> {
    let file = fs::File::create(log).at(log.display())?;
    let status = fuzzer.stdin(std::process::Stdio::null()).stdout(file.try_clone()?).stderr(file).status()?;
    let said = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    if !status.success() {
        let end = said.lines().count().saturating_sub(60);
        eprintln!("{}", said.lines().skip(end).collect::<Vec<_>>().join("\n"));
        fail!("{} ended with {status}; the input is in tests/fuzz/artifacts", fuzzer.get_program().display());
    }
    let stat = |name: &str| {
        let line = said.lines().find(|line| line.contains(name));
        line.and_then(|line| line.split_whitespace().last()).unwrap_or("?").to_owned()
    };
    let edges = said.lines().rev().find_map(|line| line.split(" cov: ").nth(1)?.split(' ').next());
    Ok(format!("{} runs, {} edges", stat("number_of_executed_units"), edges.unwrap_or("?")))
}
