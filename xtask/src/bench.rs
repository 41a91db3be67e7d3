//! `bench`: the peer benchmark, with our rows added.
//!
//! It is no part of the project: a folder beside it holds it (`../shared/bench`, or `EVERYPAGE_BENCH`). Its
//! folder is copied before our clients are added, so that it stays as it is.

use crate::fail::{At, Outcome, Result};
use crate::shell::{cargo, command, run as sh};
use crate::{python, tree};
use std::fs;

/// Runs the step; the arguments are those of the benchmark's `run.sh`.
pub fn run(args: &[String]) -> Result<Outcome> {
    let Some(bench) = tree::beside("EVERYPAGE_BENCH", "bench") else {
        return Ok(Outcome::Skipped("there is no ../shared/bench".to_owned()));
    };
    let copy = tree::scratch("bench")?;
    sh(command("cp", &["-r"]).arg(bench.join(".")).arg(&copy))?;
    sh(&mut cargo(&["build", "--release", "--package", "everypage", "--example", "bench"]))?;
    let client = tree::target().join("release/examples/bench");
    let rows = tree::read(&tree::root().join("tests/bench/clients.toml"))?;
    let python = python::release()?;
    let program = tree::root().join("tests/bench/python_client.py");
    let rows = rows.replace("{client}", &client.display().to_string());
    crate::npm::pack()?;
    let root = tree::root();
    let rows = rows.replace("{js}", &root.join("tests/bench/everypage.mjs").display().to_string());
    let rows = rows.replace("{package}", &root.join("bindings-js").display().to_string());
    let rows = rows.replace("{python}", &python.display().to_string());
    let rows = rows.replace("{rows}", &program.display().to_string());
    let list = copy.join("clients.toml");
    let all = format!("{}\n{rows}", tree::read(&list)?);
    fs::write(&list, all).at(list.display())?;
    sh(command("bash", &[&copy.join("run.sh").display().to_string()]).args(args))?;
    Ok(Outcome::Passed)
}
