//! The project's own tasks. `cargo xtask` lists them, `cargo xtask STEP` runs one, `cargo xtask test` runs
//! what continuous integration runs.

mod args;
mod fail;
mod shell;
mod steps;
mod tree;

mod bench;
mod coverage;
mod debian;
mod demo;
mod deps;
mod edges;
mod fuzz;
mod kill;
mod leadserver;
mod miri;
mod mutants;
mod npm;
mod programs;
mod python;
mod realworld;
mod rust;
mod schema;
mod sensitivity;
mod sim;
mod sizes;
mod snippets;
mod suite;
mod vectors;
mod wasm;

use fail::Outcome;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = args.split_first() else {
        print!("{}", steps::list());
        return ExitCode::SUCCESS;
    };
    if matches!(name.as_str(), "help" | "-h" | "--help") {
        print!("{}", steps::list());
        return ExitCode::SUCCESS;
    }
    let Some(step) = steps::find(name) else {
        eprintln!("no step `{name}`\n\n{}", steps::list());
        return ExitCode::from(64);
    };
    match (step.run)(rest) {
        Ok(Outcome::Passed) => ExitCode::SUCCESS,
        Ok(Outcome::Skipped(why)) => {
            eprintln!("{name}: SKIPPED: {why}");
            match suite::note_skipped(&why) {
                Ok(()) => ExitCode::SUCCESS,
                Err(fail) => {
                    eprintln!("{name}: {fail}");
                    ExitCode::FAILURE
                }
            }
        }
        Err(fail) => {
            eprintln!("{name}: FAILED: {fail}");
            ExitCode::FAILURE
        }
    }
}
