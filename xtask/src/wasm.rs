//! `wasm`: the core as a WebAssembly module imports nothing from its host.

mod module;
pub mod toolchain;

use crate::fail::{At, Outcome, Result, fail, none_of};
use crate::shell::{command, has, output, run as sh};
use crate::tree;
use std::fs;
use std::path::Path;
use toolchain::Toolchain;

const PROBE: &str = "tests/wasm-probe";
/// How many records the probe's walk brings.
const RECORDS: &str = "5";

/// Runs the step. `--debian` takes Debian's Rust even where another would do.
pub fn run(args: &[String]) -> Result<Outcome> {
    let toolchain = match args {
        [] => Toolchain::find()?,
        [debian] if debian == "--debian" => Toolchain::debian()?,
        _ => fail!("wasm takes nothing, or --debian"),
    };
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
    let module = module::read(&bytes).at("the module that was built")?;
    println!("{} bytes, {} without names; {} imports", bytes.len(), module.bytes, module.imports.len());
    let asks = |import: &String| format!("the core asks its host for `{import}`");
    none_of(&module.imports.iter().map(asks).collect::<Vec<_>>())?;
    walk(&file)
}

/// Lets the module walk, where there is something to run it with. It is given nothing to import.
fn walk(file: &Path) -> Result<Outcome> {
    if !has("node") {
        println!("not run: there is no node");
        return Ok(Outcome::Passed);
    }
    let script = "const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
        console.log(new WebAssembly.Instance(module).exports.walk());";
    let said = output(command("node", &["-e", script]).arg(file))?;
    if said.trim() != RECORDS {
        fail!("the probe's walk came to {}, not {RECORDS} records", said.trim());
    }
    println!("it walks");
    Ok(Outcome::Passed)
}
