//! `sim`: the simulator. A gate must say the same twice, so its seeds are the same ones every time; `--fresh` looks for
//! what they don't show, from other seeds every day and with every commit.

use crate::fail::{Outcome, Result, fail};
use crate::programs;
use crate::shell::{command, output, run as sh};
use std::time::SystemTime;

/// Walks of a run in continuous integration.
const WALKS: u64 = 200_000;
/// Where they start.
const SEED: &str = "1";
/// Walks of a long run.
const LONG: u64 = 10_000_000;

/// Runs the step.
pub fn run(args: &[String]) -> Result<Outcome> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let (walks, rest) = match words.as_slice() {
        ["--long", rest @ ..] => (LONG, rest),
        rest => (WALKS, rest),
    };
    let seed = match rest {
        [] => SEED.to_owned(),
        ["--fresh"] => fresh()?,
        ["--seed", seed] => (*seed).to_owned(),
        _ => fail!("sim takes --long, and --fresh or --seed N"),
    };
    println!("{walks} walks from seed {seed}: `cargo xtask sim --seed {seed}` repeats it");
    let program = programs::simulator()?;
    let program = program.to_string_lossy();
    sh(&mut command(&program, &["--walks", &walks.to_string(), "--seed", &seed]))?;
    Ok(Outcome::Passed)
}

/// The day and the commit as a number; runs of one day lie far from those of the next.
fn fresh() -> Result<String> {
    let day = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs() / 86_400;
    let commit = output(&mut command("git", &["rev-parse", "HEAD"])).unwrap_or_default();
    let digits = commit.get(..6).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    Ok((day * 100_000_000_000 + digits.unwrap_or(0) * 1000).to_string())
}
