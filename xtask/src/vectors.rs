//! `vectors`: the transcripts that every language runs, written by the conformance crate.

use crate::fail::{At, Outcome, Result, fail, none_of};
use crate::shell::{cargo, run as sh};
use crate::tree;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const FOLDER: &str = "tests/vectors";

/// Runs the step. The generator is the binary `vectors` of the conformance crate: it is given a folder and
/// writes every vector into it.
pub fn run(args: &[String]) -> Result<Outcome> {
    let check = crate::args::only_check("vectors", args)?;
    let made = tree::scratch("vectors")?;
    sh(cargo(&["run", "--quiet", "--package", "everypage-conformance", "--bin", "vectors", "--"]).arg(&made))?;
    let folder = tree::root().join(FOLDER);
    let new = texts(&made)?;
    let old = if folder.is_dir() { texts(&folder)? } else { BTreeMap::new() };
    if new.is_empty() {
        fail!("the generator wrote nothing");
    }
    println!("{} vectors", new.len());
    let differing = |name: &&String| new.get(*name) != old.get(*name);
    let problems: Vec<String> = new
        .keys()
        .chain(old.keys().filter(|name| !new.contains_key(*name)))
        .filter(differing)
        .cloned()
        .collect();
    if check {
        let tell = |name| format!("{FOLDER}/{name} is not what the generator writes");
        return none_of(&problems.into_iter().map(tell).collect::<Vec<_>>());
    }
    fs::create_dir_all(&folder)?;
    for name in problems {
        let file = folder.join(&name);
        if let Some(text) = new.get(&name) {
            fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            fs::write(&file, text).at(&name)?;
            println!("{FOLDER}/{name} written");
        } else {
            fs::remove_file(&file).at(&name)?;
            println!("{FOLDER}/{name} removed");
        }
    }
    Ok(Outcome::Passed)
}

/// The JSON files below a folder, by their path in it.
fn texts(folder: &Path) -> Result<BTreeMap<String, String>> {
    let files = tree::files(folder, ".json")?;
    let named = |file: &Path| file.strip_prefix(folder).unwrap_or(file).display().to_string();
    files.iter().map(|file| Ok((named(file), tree::read(file)?))).collect()
}
