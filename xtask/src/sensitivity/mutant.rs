//! The planted bugs: patches with two lines in front that say what the mistake is and where it comes from.

use crate::fail::{Result, fail};
use crate::tree;
use std::path::PathBuf;

/// One planted bug.
pub struct Mutant {
    /// Its file's name without the ending.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// What is wrong.
    pub mistake: String,
    /// Whose mistake it is, or which rule it breaks.
    pub from: String,
    /// The files it changes, below the root.
    pub changes: Vec<String>,
}

/// Where they are kept.
pub fn folder() -> PathBuf {
    tree::root().join("tests/sim/mutants")
}

/// All of them, in order.
pub fn all() -> Result<Vec<Mutant>> {
    tree::files(&folder(), ".patch")?.into_iter().map(read).collect()
}

fn read(file: PathBuf) -> Result<Mutant> {
    let text = tree::read(&file)?;
    let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start)).map(str::to_owned);
    let changes: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("+++ b/")).map(str::to_owned).collect();
    let (Some(mistake), Some(from)) = (line("Mistake: "), line("From: ")) else {
        fail!("{}: no line `Mistake: …` or `From: …`", tree::shown(&file));
    };
    if changes.is_empty() {
        fail!("{}: it changes nothing", tree::shown(&file));
    }
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Mutant { name, file, mistake, from, changes })
}
