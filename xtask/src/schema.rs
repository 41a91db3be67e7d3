//! `schema`: the JSON Schema of sources, made by the core from the grammar its parser reads.

use crate::fail::{At, Outcome, Result, fail};
use crate::shell::{cargo, output};
use crate::tree;
use std::fs;

const FILE: &str = "schema/source.schema.json";

/// Runs the step.
pub fn run(args: &[String]) -> Result<Outcome> {
    let check = crate::args::only_check("schema", args)?;
    let made = output(&mut cargo(&[
        "run",
        "--quiet",
        "--package",
        "everypage-core",
        "--features",
        "schema",
        "--example",
        "schema",
    ]))?;
    let file = tree::root().join(FILE);
    let kept = fs::read_to_string(&file).unwrap_or_default();
    if check && kept != made {
        let line = kept.lines().zip(made.lines()).position(|(old, new)| old != new);
        let line = line.unwrap_or_else(|| kept.lines().count().min(made.lines().count())) + 1;
        fail!(
            "{FILE}, from line {line}, is not what the grammar says: run `cargo xtask schema` and commit it"
        );
    }
    if !check {
        fs::create_dir_all(file.parent().unwrap_or(tree::root()))?;
        fs::write(&file, made).at(FILE)?;
        println!("{FILE} written");
    }
    Ok(Outcome::Passed)
}
