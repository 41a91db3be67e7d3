//! `deps`: what the core is built from, and under which licences everything is.

mod licence;

use crate::fail::{Fail, Outcome, Result, none_of};
use crate::shell::{cargo, output, run as sh, works};
use crate::tree;
use serde_json::Value;
use std::collections::BTreeSet;

/// Everything the core may name in its manifest. Small, pure, and none of them reaches for a clock, a socket
/// or a random source.
const CORE: [&str; 4] = ["serde", "serde_json", "siphasher", "thiserror"];
/// Crates in the core's whole tree, itself and the macros that run at build time included.
const TREE: usize = 40;

/// Runs the step.
pub fn run(_: &[String]) -> Result<Outcome> {
    let metadata: Value = serde_json::from_str(&output(&mut cargo(&["metadata", "--format-version", "1"]))?)?;
    let packages = metadata["packages"].as_array().ok_or_else(|| Fail::new("cargo metadata: no packages"))?;
    let mut problems = direct(packages)?;
    problems.extend(whole()?);
    problems.extend(licence::problems(packages)?);
    if works(&mut cargo(&["deny", "--version"])) {
        sh(&mut cargo(&["deny", "check", "bans", "licenses", "sources"]))?;
    }
    none_of(&problems)
}

/// The core's own list against the allowed one.
fn direct(packages: &[Value]) -> Result<Vec<String>> {
    let core = packages.iter().find(|package| package["name"] == "everypage-core");
    let listed = core.and_then(|core| core["dependencies"].as_array());
    let listed = listed.ok_or_else(|| Fail::new("cargo metadata: no everypage-core"))?;
    let normal = listed.iter().filter(|dep| dep["kind"] != "dev");
    let names: BTreeSet<&str> = normal.filter_map(|dep| dep["name"].as_str()).collect();
    if names == BTreeSet::from(CORE) {
        return Ok(Vec::new());
    }
    Ok(vec![format!("everypage-core depends on {names:?}, allowed are exactly {CORE:?} (xtask/src/deps.rs)")])
}

/// How many crates the core is built from.
fn whole() -> Result<Vec<String>> {
    let args =
        ["tree", "--package", "everypage-core", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"];
    let tree = output(&mut cargo(&args))?;
    let crates: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    println!("everypage-core is built from {} crates", crates.len());
    if crates.len() <= TREE {
        return Ok(Vec::new());
    }
    Ok(vec![format!("everypage-core is built from {} crates, more than {TREE}", crates.len())])
}

/// The allowed licences: deny.toml is their home.
fn allowed() -> Result<Vec<String>> {
    let text = tree::read(&tree::root().join("deny.toml"))?;
    let table: toml::Table = toml::from_str(&text)?;
    let list =
        table.get("licenses").and_then(|licences| licences.get("allow")).and_then(toml::Value::as_array);
    let list = list.ok_or_else(|| Fail::new("deny.toml: no licenses.allow"))?;
    Ok(list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
}
