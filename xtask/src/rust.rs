//! `fmt`, `clippy`, `unit`, `docs`: what cargo itself checks.

use crate::fail::{Outcome, Result, fail};
use crate::shell::{cargo, run as sh, works};
use crate::tree;

/// Crates that stand outside the workspace and are formatted with it.
const OUTSIDE: [&str; 3] = ["bindings-js/pack", "tests/wasm-probe", "tests/fuzz"];

/// Runs `fmt`.
pub fn fmt(args: &[String]) -> Result<Outcome> {
    let check: &[&str] = match args {
        [] => &["--", "--check"],
        [write] if write == "--write" => &[],
        _ => fail!("fmt takes nothing, or --write"),
    };
    sh(cargo(&["fmt", "--all"]).args(check))?;
    for folder in OUTSIDE {
        let manifest = tree::root().join(folder).join("Cargo.toml");
        if manifest.is_file() {
            sh(cargo(&["fmt", "--manifest-path"]).arg(manifest).args(check))?;
        }
    }
    Ok(Outcome::Passed)
}

/// Runs `clippy`.
pub fn clippy(_: &[String]) -> Result<Outcome> {
    sh(&mut cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]))?;
    Ok(Outcome::Passed)
}

/// Runs `unit`. Arguments choose tests, as with `cargo test`.
pub fn unit(args: &[String]) -> Result<Outcome> {
    let all = ["--workspace", "--all-features", "--no-fail-fast"];
    let code = if works(&mut cargo(&["nextest", "--version"])) {
        // Hundreds of tests that pass need no line each.
        sh(cargo(&["nextest", "run", "--status-level", "fail", "--final-status-level", "slow"])
            .args(all)
            .args(args))
    } else {
        sh(cargo(&["test", "--lib", "--bins", "--tests", "--examples"]).args(all).args(args))
    };
    // The examples in the documentation are run whatever came of the tests.
    let examples = sh(cargo(&["test", "--quiet", "--doc"]).args(all).args(args));
    code.and(examples)?;
    Ok(Outcome::Passed)
}

/// Runs `docs`.
pub fn docs(_: &[String]) -> Result<Outcome> {
    sh(cargo(&["doc", "--workspace", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::Passed)
}
