//! `coverage`: which lines of the core its own tests and the conformance tests reach. Lines of tests don't count.

mod lcov;
mod tools;

use crate::fail::{At, Outcome, Result, fail};
use crate::shell::{cargo, output, run as sh};
use crate::tree;
use lcov::Lines;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tools::Tools;

/// The share of lines that must be reached, in percent.
const LEAST: f64 = 95.0;
/// Whose tests are run.
const TESTED: [&str; 4] = ["--package", "everypage-core", "--package", "everypage-conformance"];

/// Runs the step. `--missed` lists the lines that are not reached.
pub fn run(args: &[String]) -> Result<Outcome> {
    let missed = match args {
        [] => false,
        [missed] if missed == "--missed" => true,
        _ => fail!("coverage takes nothing, or --missed"),
    };
    let Some(tools) = Tools::find()? else {
        return Ok(Outcome::Skipped(format!(
            "no llvm-profdata and llvm-cov that fit this compiler: `rustup component add llvm-tools`, or Debian's llvm-{}",
            tools::major()?
        )));
    };
    let scratch = tree::scratch("coverage")?;
    let (binaries, profiles) = (build()?, scratch.join("profiles"));
    sh(instrumented("test")
        .args(TESTED)
        .arg("--quiet")
        .env("LLVM_PROFILE_FILE", profiles.join("%p-%m.profraw")))?;
    let profile = scratch.join("merged.profdata");
    sh(Command::new(&tools.profdata).args(["merge", "--sparse", "-o"]).arg(&profile).args(raw(&profiles)?))?;
    let mut export = Command::new(&tools.cov);
    export.args(["export", "--format=lcov", "--instr-profile"]).arg(&profile);
    let objects = binaries.iter().flat_map(|binary| [PathBuf::from("--object"), binary.clone()]);
    // The first one stands alone, the others are objects.
    export.args(objects.skip(1)).arg("--sources").arg(tree::root().join("core/src"));
    let lines = lcov::read(&output(&mut export)?)?;
    print(&lines, missed)
}

/// The profiles that the tests wrote.
fn raw(folder: &std::path::Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).at(folder.display())?;
    Ok(entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?)
}

/// Cargo, building with counters in a folder of its own.
fn instrumented(verb: &str) -> Command {
    let mut command = cargo(&[verb, "--lib", "--tests", "--no-fail-fast"]);
    command.env("CARGO_TARGET_DIR", tree::target().join("coverage"));
    // The counters are set before anything is optimised, so that a little of it costs no line.
    command.env("RUSTFLAGS", "-Cinstrument-coverage -Copt-level=1").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// Builds the tests; where they are.
fn build() -> Result<Vec<PathBuf>> {
    let told = output(instrumented("test").args(TESTED).args(["--no-run", "--message-format=json"]))?;
    let messages = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let binaries: Vec<PathBuf> =
        messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).collect();
    if binaries.is_empty() {
        fail!("cargo built no test");
    }
    Ok(binaries)
}

/// One row a module, the total, and whether it is enough.
fn print(lines: &BTreeMap<String, Lines>, missed: bool) -> Result<Outcome> {
    let mut modules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (file, lines) in lines {
        let module = file.split(['/', '.']).next().unwrap_or(file);
        let sum = modules.entry(module).or_default();
        sum.0 += lines.len();
        sum.1 += lines.values().filter(|count| **count > 0).count();
        let open: Vec<String> =
            lines.iter().filter(|(_, count)| **count == 0).map(|(line, _)| line.to_string()).collect();
        if missed && !open.is_empty() {
            println!("core/src/{file}: {}", open.join(" "));
        }
    }
    let percent = |(all, reached): (usize, usize)| 100.0 * reached as f64 / all.max(1) as f64;
    println!("\nmodule      lines  reached  percent");
    for (module, sum) in &modules {
        println!("{module:10} {:6} {:8} {:8.2}", sum.0, sum.1, percent(*sum));
    }
    let total = modules.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("{:10} {:6} {:8} {:8.2}", "core", total.0, total.1, percent(total));
    if percent(total) < LEAST {
        fail!("{:.2} percent of the core's lines are reached, less than {LEAST}", percent(total));
    }
    Ok(Outcome::Passed)
}
