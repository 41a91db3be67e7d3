//! `mutants`: would the tests see a mistake? `cargo mutants` lists the mistakes; instead of building each of them,
//! this step builds all at once, each behind a number that a variable chooses (see [`weave`]).

mod judge;
mod list;
mod weave;

use crate::fail::{At, Outcome, Result, fail};
use crate::shell::{cargo, works};
use crate::tree;
use judge::{Judge, Verdict};
use list::Mutant;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where a mistake costs rows, or the server's patience.
const MODULES: [&str; 6] = ["retry", "pace", "guard", "audit", "checkpoint", "url"];
/// The share of mistakes that the tests must see, in percent, in each module.
const LEAST: f64 = 95.0;

/// How many mistakes came out how.
#[derive(Default)]
struct Row {
    caught: usize,
    missed: usize,
    unviable: usize,
}

/// Runs the step: `mutants [--every N] [MODULE…]`, `--every` for a sample.
pub fn run(args: &[String]) -> Result<Outcome> {
    let (every, modules) = match args {
        [every, n, rest @ ..] if every == "--every" => match n.parse::<usize>() {
            Ok(n) if n > 0 => (n, rest.to_vec()),
            _ => fail!("--every takes a number: every such mistake is tried"),
        },
        _ => (1, args.to_vec()),
    };
    if !works(&mut cargo(&["mutants", "--version"])) {
        return Ok(Outcome::Skipped("no cargo-mutants: `cargo install --locked cargo-mutants`".to_owned()));
    }
    let modules = if modules.is_empty() { MODULES.map(str::to_owned).to_vec() } else { modules };
    let mutants: Vec<Mutant> = list::all(&modules)?.into_iter().step_by(every).collect();
    println!("{} mistakes in {}", mutants.len(), modules.join(", "));
    let copy = copy()?;
    let mut judge = Judge::new(&copy);
    // Read once: somebody may be working on the files.
    let files: BTreeSet<&String> = mutants.iter().map(|mutant| &mutant.file).collect();
    let originals: BTreeMap<&str, String> = files
        .into_iter()
        .map(|file| Ok((file.as_str(), tree::read(&copy.join(file))?)))
        .collect::<Result<_>>()?;
    let woven = weave::weave(&copy, &mutants, &originals, &judge)?;
    judge.build()?;
    let mut rows: BTreeMap<&str, Row> = modules.iter().map(|name| (name.as_str(), Row::default())).collect();
    println!("{} of them in one program", woven.values().filter(|compiles| **compiles).count());
    let mut alone = Vec::new();
    for (index, mutant) in mutants.iter().enumerate() {
        if index % 100 == 99 {
            println!("{} of {}", index + 1, mutants.len());
        }
        match woven.get(&index) {
            None => alone.push(mutant),
            Some(false) => count(&mut rows, mutant, Verdict::Unviable),
            Some(true) => count(&mut rows, mutant, judge.numbered(index, &mutant.module)?),
        }
    }
    // What can't be chosen while the program runs, such as a constant, is built by itself.
    for mutant in alone {
        let file = copy.join(&mutant.file);
        let Some(original) = originals.get(mutant.file.as_str()) else { continue };
        fs::write(&file, mutant.applied(original)).at(file.display())?;
        let verdict = if judge.build().is_ok() { judge.plain(&mutant.module)? } else { Verdict::Unviable };
        fs::write(&file, original).at(file.display())?;
        count(&mut rows, mutant, verdict);
    }
    print(&rows)
}

fn count(rows: &mut BTreeMap<&str, Row>, mutant: &Mutant, verdict: Verdict) {
    let Some(row) = rows.get_mut(mutant.module.as_str()) else { return };
    match verdict {
        Verdict::Caught => row.caught += 1,
        Verdict::Unviable => row.unviable += 1,
        Verdict::Missed => {
            row.missed += 1;
            println!("missed: {}", mutant.name);
        }
    }
}

/// The core and the conformance tests, in a workspace of their own.
fn copy() -> Result<PathBuf> {
    let copy = tree::scratch("mutants")?;
    let root = tree::root();
    for folder in ["core", "tests/conformance", "tests/vectors", "tests/fuzz"] {
        for file in tree::files(&root.join(folder), "")? {
            let to = copy.join(file.strip_prefix(root).at(file.display())?);
            fs::create_dir_all(to.parent().unwrap_or(&copy)).at(to.display())?;
            fs::copy(&file, &to).at(file.display())?;
        }
    }
    let mut manifest: toml::Table = toml::from_str(&tree::read(&root.join("Cargo.toml"))?)?;
    if let Some(workspace) = manifest.get_mut("workspace").and_then(toml::Value::as_table_mut) {
        let members = ["core", "tests/conformance"].map(|name| toml::Value::String(name.to_owned()));
        workspace.insert("members".to_owned(), toml::Value::Array(members.to_vec()));
    }
    fs::write(copy.join("Cargo.toml"), manifest.to_string()).at("Cargo.toml")?;
    fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock")).at("Cargo.lock")?;
    Ok(copy)
}

fn print(rows: &BTreeMap<&str, Row>) -> Result<Outcome> {
    println!("\n| module | mistakes | caught | missed | don't compile | caught of those that do |");
    println!("|---|---|---|---|---|---|");
    let mut short = Vec::new();
    for (module, Row { caught, missed, unviable }) in rows {
        let (all, viable) = (caught + missed + unviable, caught + missed);
        let percent = 100.0 * *caught as f64 / viable.max(1) as f64;
        println!("| `{module}` | {all} | {caught} | {missed} | {unviable} | {percent:.1} % |");
        if percent < LEAST {
            short.push(format!("{module}: {percent:.1} percent, less than {LEAST}"));
        }
    }
    crate::fail::none_of(&short)
}

/// Whether the path is inside that module of the core.
fn is_in(file: &str, module: &str) -> bool {
    Path::new(file).starts_with(Path::new("core/src").join(module))
}
