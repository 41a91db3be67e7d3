//! `vectors`: the transcripts that every language runs, written by the conformance crate.

use crate::args::only_check;
use crate::fail::{Outcome, Result};
use crate::shell::{cargo, run as sh};

/// Runs the step.
pub fn run(args: &[String]) -> Result<Outcome> {
    let check = if only_check("vectors", args)? { Some("--check") } else { None };
    let generator = ["run", "--quiet", "--package", "everypage-conformance", "--bin", "vectors", "--"];
    sh(cargo(&generator).args(check))?;
    Ok(Outcome::Passed)
}
