//! `sizes`: files stay short enough to be read whole.

use crate::fail::{Outcome, Result, none_of};
use crate::tree;

/// Lines of a Rust file, its tests included.
const FILE: usize = 500;
/// Rust lines of a whole wrapper: it parses, calls, converts and maps errors, and decides nothing.
const WRAPPER: usize = 600;
const WRAPPERS: [&str; 2] = ["bindings-js/src", "bindings-python/src"];

/// Runs the step.
pub fn run(_: &[String]) -> Result<Outcome> {
    let mut problems = Vec::new();
    let mut sizes = Vec::new();
    for file in tree::files(tree::root(), ".rs")? {
        sizes.push((tree::read(&file)?.lines().count(), tree::shown(&file)));
    }
    sizes.sort();
    let total: usize = sizes.iter().map(|(lines, _)| lines).sum();
    let median = sizes.get(sizes.len() / 2).map_or(0, |(lines, _)| *lines);
    println!("{} Rust files, {total} lines, median {median}; the longest:", sizes.len());
    for (lines, file) in sizes.iter().rev().take(5) {
        println!("  {lines:4} {file}");
    }
    for (lines, file) in sizes.iter().rev().take_while(|(lines, _)| *lines > FILE) {
        problems.push(format!("{file}: {lines} lines, more than {FILE}: split it"));
    }
    for wrapper in WRAPPERS {
        let lines: usize =
            sizes.iter().filter(|(_, file)| file.starts_with(wrapper)).map(|(lines, _)| lines).sum();
        if lines > 0 {
            println!("  {lines:4} {wrapper} in all");
        }
        if lines >= WRAPPER {
            problems.push(format!("{wrapper}: {lines} lines, not under {WRAPPER}: what is it deciding?"));
        }
    }
    none_of(&problems)
}
