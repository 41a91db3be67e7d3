//! The project's programs, built when a step needs them.

use crate::fail::{Fail, Result, fail};
use crate::shell::{cargo, run as sh};
use crate::tree;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The `everypage` command. Another one, say a release, is taken from the variable `EVERYPAGE`.
pub fn everypage() -> Result<PathBuf> {
    static BUILT: Built = Built::new();
    once(&BUILT, || program("EVERYPAGE", "everypage", &["--features", "everypage/cli"]))
}

/// The lead server.
pub fn leadserver() -> Result<PathBuf> {
    static BUILT: Built = Built::new();
    once(&BUILT, || program("EVERYPAGE_LEADSERVER", "everypage-leadserver", &[]))
}

/// The simulator, built to be quick.
pub fn simulator() -> Result<PathBuf> {
    sh(&mut cargo(&["build", "--quiet", "--release", "--package", "everypage-sim"]))?;
    Ok(tree::target().join("release/everypage-sim"))
}

type Built = OnceLock<std::result::Result<PathBuf, String>>;

/// Built once, and told as often as it is asked for.
fn once(built: &Built, build: impl FnOnce() -> Result<PathBuf>) -> Result<PathBuf> {
    built.get_or_init(|| build().map_err(|fail| fail.to_string())).clone().map_err(Fail::new)
}

fn program(variable: &str, name: &str, features: &[&str]) -> Result<PathBuf> {
    if let Some(given) = std::env::var_os(variable) {
        let path = PathBuf::from(given);
        if !path.is_file() {
            fail!("{variable} is {}, which is no file", path.display());
        }
        return Ok(path);
    }
    sh(cargo(&["build", "--quiet", "--package", name, "--bin", name]).args(features))?;
    Ok(tree::target().join("debug").join(name))
}
