//! The project's programs, built when a step needs them.

use crate::fail::{Result, fail};
use crate::shell::{cargo, run as sh};
use crate::tree;
use std::path::PathBuf;

/// The `everypage` command. Another one, say a release, is taken from the variable `EVERYPAGE`.
pub fn everypage() -> Result<PathBuf> {
    program("EVERYPAGE", "everypage", &["--features", "everypage/cli"])
}

/// The lead server.
pub fn leadserver() -> Result<PathBuf> {
    program("EVERYPAGE_LEADSERVER", "everypage-leadserver", &[])
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
