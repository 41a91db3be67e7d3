//! `wasm`: the core as a WebAssembly module imports nothing from its host.

mod module;
mod toolchain;

use crate::fail::{At, Outcome, Result, none_of};
use crate::shell::run as sh;
use crate::tree;
use std::fs;
use toolchain::Toolchain;

const PROBE: &str = "tests/wasm-probe";

/// Runs the step.
pub fn run(_: &[String]) -> Result<Outcome> {
    let toolchain = Toolchain::find()?;
    println!("building with {}", toolchain.name());
    // Versions and profile are the workspace's own: they are decided in one place.
    let probe = tree::root().join(PROBE);
    fs::copy(tree::root().join("Cargo.lock"), probe.join("Cargo.lock")).at("Cargo.lock")?;
    let target = tree::target().join("wasm");
    let mut build = toolchain.cargo();
    build.current_dir(&probe).env("CARGO_TARGET_DIR", &target);
    build.args(["--config", &tree::root().join("Cargo.toml").display().to_string()]);
    build.args(["build", "--profile", "wasm", "--target", "wasm32-unknown-unknown"]);
    sh(toolchain.finish(&mut build))?;

    let file = target.join("wasm32-unknown-unknown/wasm/everypage_wasm_probe.wasm");
    let bytes = fs::read(&file).at(file.display())?;
    let imports = module::imports(&bytes).at("the module that was built")?;
    println!("{} bytes, {} imports", bytes.len(), imports.len());
    none_of(
        &imports.iter().map(|import| format!("the core asks its host for `{import}`")).collect::<Vec<_>>(),
    )
}
