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
    let mut verdicts: Vec<Option<Verdict>> = mutants.iter().map(|_| None).collect();
    // First against the modules' own tests, in a core that has little else: what they see is most of it.
    for part in &PARTS {
        let inside = |index: &usize| part.modules.contains(&mutants[*index].module.as_str());
        let chosen: Vec<usize> = (0..mutants.len()).filter(inside).collect();
        if !chosen.is_empty() {
            let copy = copy(&format!("mutants-{}", part.modules[0]))?;
            part.trim(&copy)?;
            let mut judge = Judge::new(&copy, &["everypage-core"]);
            round(&copy, &mut judge, &mutants, &chosen, &mut verdicts)?;
        }
    }
    // What they don't see may be seen from outside.
    let left: Vec<usize> =
        (0..mutants.len()).filter(|i| matches!(verdicts[*i], None | Some(Verdict::Missed))).collect();
    if !left.is_empty() {
        println!("{} are left for the tests of the whole core and the conformance tests", left.len());
        let copy = copy("mutants-all")?;
        let mut judge = Judge::new(&copy, &["everypage-core", "everypage-conformance"]);
        round(&copy, &mut judge, &mutants, &left, &mut verdicts)?;
        alone(&copy, &mut judge, &mutants, &mut verdicts)?;
    }
    let mut rows: BTreeMap<&str, Row> = modules.iter().map(|name| (name.as_str(), Row::default())).collect();
    for (mutant, verdict) in mutants.iter().zip(&verdicts) {
        count(&mut rows, mutant, verdict.unwrap_or(Verdict::Missed));
    }
    print(&rows)
}

/// Lets the tests look at those of the mistakes that can be woven into one program.
fn round(
    copy: &Path,
    judge: &mut Judge,
    mutants: &[Mutant],
    chosen: &[usize],
    verdicts: &mut [Option<Verdict>],
) -> Result<()> {
    // Read once: somebody may be working on the files.
    let files: BTreeSet<&String> = chosen.iter().map(|index| &mutants[*index].file).collect();
    let originals: BTreeMap<&str, String> = files
        .into_iter()
        .map(|file| Ok((file.as_str(), tree::read(&copy.join(file))?)))
        .collect::<Result<_>>()?;
    let woven = weave::weave(copy, mutants, chosen, &originals, judge)?;
    judge.build()?;
    for (index, compiles) in &woven {
        let verdict =
            if *compiles { judge.numbered(*index, &mutants[*index].module)? } else { Verdict::Unviable };
        if verdict == Verdict::Missed {
            println!("not seen: {}", mutants[*index].name);
        }
        verdicts[*index] = Some(verdict);
    }
    for (file, original) in originals {
        fs::write(copy.join(file), original).at(file)?;
    }
    println!("{} of {} in one program", woven.values().filter(|compiles| **compiles).count(), chosen.len());
    Ok(())
}

/// What can't be chosen while the program runs, such as a constant, is built by itself.
fn alone(copy: &Path, judge: &mut Judge, mutants: &[Mutant], verdicts: &mut [Option<Verdict>]) -> Result<()> {
    for (mutant, verdict) in mutants.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_none()) {
        let file = copy.join(&mutant.file);
        let original = tree::read(&file)?;
        fs::write(&file, mutant.applied(&original)).at(file.display())?;
        let built = judge.build().is_ok();
        *verdict = Some(if built { judge.plain(&mutant.module)? } else { Verdict::Unviable });
        fs::write(&file, original).at(file.display())?;
    }
    Ok(())
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

/// Modules that are looked at together, and what else the core needs to have for them.
struct Part {
    modules: &'static [&'static str],
    below: &'static [&'static str],
}

const PARTS: [Part; 2] = [
    Part {
        modules: &["audit", "guard", "pace", "retry", "url"],
        below: &["error", "facts", "http", "json", "rng", "time"],
    },
    Part {
        modules: &["checkpoint"],
        below: &[
            "advance", "audit", "classify", "dedup", "error", "facts", "guard", "http", "json", "pace",
            "retry", "rng", "source", "time", "url",
        ],
    },
];

impl Part {
    /// Leaves nothing in the copy but these modules, with the tests of those that are looked at.
    fn trim(&self, copy: &Path) -> Result<()> {
        let source = copy.join("core/src");
        let library = source.join("lib.rs");
        let text = tree::read(&library)?;
        let kept = |line: &&str| match line.strip_prefix("pub mod ").and_then(|line| line.strip_suffix(';')) {
            Some(name) => self.modules.contains(&name) || self.below.contains(&name),
            None => true,
        };
        let text: Vec<&str> = text.lines().filter(kept).collect();
        fs::write(&library, text.join("\n")).at(library.display())?;
        for file in tree::files(&source, ".rs")? {
            let shown = Path::new("core/src").join(file.strip_prefix(&source).at(file.display())?);
            if !self.modules.iter().any(|module| is_in(&shown.display().to_string(), module)) {
                let text = tree::read(&file)?.replace("#[cfg(test)]", "#[cfg(any())]");
                fs::write(&file, text).at(file.display())?;
            }
        }
        Ok(())
    }
}

/// The core and the conformance tests, in a workspace of their own.
fn copy(name: &str) -> Result<PathBuf> {
    let copy = tree::scratch(name)?;
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
