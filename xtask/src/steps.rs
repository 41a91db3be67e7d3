//! The table of steps.

use crate::fail::{Outcome, Result};
use crate::{
    bench, coverage, demo, deps, edges, fuzz, kill, miri, mutants, npm, python, realworld, rust, schema,
    sensitivity, sim, sizes, snippets, suite, vectors, wasm,
};

/// One thing that can be run by its name.
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// Does it, with the arguments after its name.
    pub run: fn(&[String]) -> Result<Outcome>,
}

/// All steps, in the order they are listed.
pub const STEPS: &[Step] = &[
    step("test", "everything that continuous integration runs", suite::run),
    step("ci", "the same", suite::run),
    step(
        "demo",
        "pull 50,000 leads from a server that misbehaves, be killed half-way, go on, compare",
        demo::run,
    ),
    step("fmt", "all Rust is formatted (--write formats it)", rust::fmt),
    step("clippy", "no lint speaks up", rust::clippy),
    step("edges", "modules of the core use only modules below them", edges::run),
    step("sizes", "files and wrappers stay short", sizes::run),
    step("deps", "the core's dependencies are the allowed ones, and everybody's licences", deps::run),
    step("unit", "unit, integration and documentation tests", rust::unit),
    step("docs", "the documentation builds without a warning", rust::docs),
    step("wasm", "the core as WebAssembly asks its host for nothing (--debian: by Debian's Rust)", wasm::run),
    step("npm", "build the npm package", npm::npm),
    step("example", "run an example of the npm package: node, or browser", npm::run_example),
    step("js", "build the npm package and test it: Node, Bun, Deno, workerd, bundlers, a browser", npm::js),
    step("schema", "write schema/source.schema.json (--check: nothing changes)", schema::run),
    step("vectors", "write tests/vectors (--check: nothing changes)", vectors::run),
    step("wheel", "build the wheel of the Python package (arguments go to maturin)", python::wheel),
    step(
        "python",
        "test the Python package in an environment of its own (arguments go to pytest)",
        python::test,
    ),
    step("snippets", "examples in README.md and docs/ work", snippets::run),
    step("sim", "200,000 simulated walks (--long: 10,000,000), every promise checked (--seed N)", sim::run),
    step(
        "sensitivity",
        "the simulator finds bugs we planted: a sample, --sample N, --all, names (--write)",
        sensitivity::run,
    ),
    step("kill", "pulls killed 500 times go on: nothing lost, nothing twice", kill::run),
    step("coverage", "which lines of the core are tested (--missed: and which are not)", coverage::run),
    step("fuzz", "every fuzzer a short while, or --long HOURS together", fuzz::run),
    step("miri", "the core's tests in an interpreter that sees undefined behaviour", miri::run),
    step("mutants", "whether the tests see mistakes (--every N: a sample)", mutants::run),
    step("realworld", "walk real servers: quick, all, or names of servers", realworld::run),
    step("bench", "the peer benchmark with our rows (arguments go to its run.sh)", bench::run),
];

const fn step(name: &'static str, about: &'static str, run: fn(&[String]) -> Result<Outcome>) -> Step {
    Step { name, about, run }
}

/// The step of that name.
pub fn find(name: &str) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.name == name)
}

/// The list, for a person.
pub fn list() -> String {
    let lines = STEPS.iter().map(|step| format!("  {:10} {}\n", step.name, step.about));
    format!("cargo xtask STEP\n\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_found_by_its_name_only_once() {
        for step in STEPS {
            assert_eq!(STEPS.iter().filter(|other| other.name == step.name).count(), 1, "{}", step.name);
            assert!(list().contains(step.about));
        }
        assert!(find("tset").is_none());
    }
}
