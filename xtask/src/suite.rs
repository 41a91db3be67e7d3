//! `test`: everything that continuous integration runs, each step in a process of its own.

use crate::fail::{Fail, Outcome, Result};
use crate::shell;
use std::path::Path;
use std::time::{Duration, Instant};

/// The steps, cheap ones first, so that a slip shows soon.
const STEPS: [&[&str]; 18] = [
    &["fmt"],
    &["edges"],
    &["sizes"],
    &["deps"],
    &["clippy"],
    &["unit"],
    &["docs"],
    &["schema", "--check"],
    &["vectors", "--check"],
    &["snippets"],
    &["wasm"],
    &["js"],
    &["python"],
    &["realworld", "quick"],
    &["sim"],
    &["sensitivity"],
    &["kill"],
    &["demo"],
];

/// Runs the step.
pub fn run(args: &[String]) -> Result<Outcome> {
    let chosen = |name: &str| args.is_empty() || args.iter().any(|arg| arg == name);
    // Asked once: a step may build this program anew under our feet.
    let program = std::env::current_exe()?;
    let mut done = Vec::new();
    for step in STEPS.into_iter().filter(|step| step.first().is_some_and(|name| chosen(name))) {
        let title = step.join(" ");
        println!("\n=== {title}");
        let start = Instant::now();
        let outcome = one(&program, step);
        let time = start.elapsed();
        println!("--- {title}: {} in {}", word(&outcome), seconds(time));
        done.push((title, outcome, time));
    }
    let failed = done.iter().filter(|(_, outcome, _)| outcome.is_err()).count();
    let skipped = done.iter().filter(|(_, outcome, _)| matches!(outcome, Ok(Outcome::Skipped(_)))).count();
    println!("\n=== summary");
    for (title, outcome, time) in &done {
        let why = match outcome {
            Ok(Outcome::Passed) => String::new(),
            Ok(Outcome::Skipped(why)) => format!("  {why}"),
            Err(fail) => format!("  {fail}"),
        };
        println!("{:8} {:>8}  {title}{why}", word(outcome), seconds(*time));
    }
    let total: Duration = done.iter().map(|(_, _, time)| *time).sum();
    println!("{} in all", seconds(total));
    let more = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    println!("{} passed, {failed} failed{more}", done.len() - failed - skipped);
    if failed > 0 {
        return Err(Fail::new(format!("{failed} of {} steps", done.len())));
    }
    Ok(Outcome::Passed)
}

/// Runs one step by this very program, so that no step can take the others down.
fn one(program: &Path, step: &[&str]) -> Result<Outcome> {
    let note = crate::tree::scratch("suite")?.join("skipped");
    let mut command = shell::command(&program.to_string_lossy(), step);
    command.env(SKIPPED, &note);
    let status = command.status()?;
    match std::fs::read_to_string(&note) {
        Ok(why) if status.success() => Ok(Outcome::Skipped(why)),
        _ if status.success() => Ok(Outcome::Passed),
        _ => Err(Fail::new(status.to_string())),
    }
}

/// Names the file in which a step notes that it was skipped, and why.
const SKIPPED: &str = "XTASK_SKIPPED";

/// Tells the suite, if it is running this process, that a step was skipped.
pub fn note_skipped(why: &str) -> Result<()> {
    if let Some(file) = std::env::var_os(SKIPPED) {
        std::fs::write(file, why)?;
    }
    Ok(())
}

fn word(outcome: &Result<Outcome>) -> &'static str {
    match outcome {
        Ok(Outcome::Passed) => "ok",
        Ok(Outcome::Skipped(_)) => "SKIPPED",
        Err(_) => "FAILED",
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
