//! `npm`: builds the npm package. `js`: builds it and tests it, wherever it has to run.

use crate::fail::{At, Outcome, Result, fail};
use crate::leadserver::LeadServer;
use crate::shell::{cargo, command, has, output, run as sh};
use crate::wasm::toolchain::Toolchain;
use crate::{debian, programs, tree};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "bindings-js";
/// The oldest Node the package runs on.
const NODE: u32 = 20;
/// Where the tests find a browser.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Runs `npm`.
pub fn npm(_: &[String]) -> Result<Outcome> {
    if let Some(why) = missing()? {
        return Ok(Outcome::Skipped(why));
    }
    let package = pack()?;
    println!("{}", package.display());
    Ok(Outcome::Passed)
}

/// Runs `js`. Arguments choose files of tests.
pub fn js(args: &[String]) -> Result<Outcome> {
    if let Some(why) = missing()? {
        return Ok(Outcome::Skipped(why));
    }
    let package = pack()?;
    let browser = browser()?;
    if browser.is_none() {
        println!("NOT RUN: the tests in a browser, for there is no chromium and it can't be installed");
    }
    let mut tests = command("node", &["--test", "--test-concurrency=2", "--test-reporter=spec"]);
    tests.current_dir(folder());
    if args.is_empty() {
        tests.args(tree::files(&folder().join("test"), ".test.js")?);
    } else {
        tests.args(args);
    }
    tests
        .env("EVERYPAGE", programs::everypage()?)
        .env("EVERYPAGE_LEADSERVER", programs::leadserver()?)
        .env("EVERYPAGE_PACKAGE", &package)
        .env("EVERYPAGE_BROWSER", browser.unwrap_or_default());
    sh(&mut tests)?;
    Ok(Outcome::Passed)
}

fn folder() -> PathBuf {
    tree::root().join(FOLDER)
}

/// Why this machine can't do it.
pub fn missing() -> Result<Option<String>> {
    if !has("node") || !has("npm") {
        return Ok(Some("there is no node, or no npm".to_owned()));
    }
    let version = output(&mut command("node", &["--version"]))?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        return Ok(Some(format!("node is {}, older than {NODE}", version.trim())));
    }
    Ok(None)
}

/// The package as npm takes it.
pub fn pack() -> Result<PathBuf> {
    let root = tree::root();
    let described: serde_json::Value = serde_json::from_str(&tree::read(&folder().join("package.json"))?)?;
    let version = described["version"].as_str().unwrap_or_default();
    let workspace: toml::Table = toml::from_str(&tree::read(&root.join("Cargo.toml"))?)?;
    let ours = workspace["workspace"]["package"]["version"].as_str().unwrap_or_default();
    if version != ours {
        fail!("{FOLDER}/package.json has version {version}, the workspace {ours}");
    }
    dependencies()?;
    let toolchain = Toolchain::for_size()?;
    let module = module(toolchain)?;
    let packer = tree::target().join("pack");
    let mut build = cargo(&["build", "--quiet", "--manifest-path"]);
    sh(build.arg(folder().join("pack/Cargo.toml")).env("CARGO_TARGET_DIR", &packer))?;
    let glue = folder().join("generated");
    sh(command(&packer.join("debug/everypage-pack").display().to_string(), &[]).args([&module, &glue]))?;
    let mut build = command("node", &["build.mjs"]);
    // Only what is published has to keep to its size; without Debian's Rust the module is larger.
    build.env("EVERYPAGE_UNPUBLISHED", if toolchain.is_smallest() { "" } else { toolchain.name() });
    sh(build.current_dir(folder()))?;
    let out = tree::scratch("npm")?;
    sh(npm_command(&folder()).args(["pack", "--silent", "--pack-destination"]).arg(&out))?;
    Ok(out.join(format!("everypage-{version}.tgz")))
}

/// An example, copied to where it finds the package that `pack` has built.
pub fn example(name: &str) -> Result<PathBuf> {
    let place = tree::scratch("examples")?;
    let script = place.join(Path::new(name).file_name().unwrap_or_default());
    fs::copy(tree::root().join("examples").join(name), &script).at(name)?;
    fs::create_dir_all(place.join("node_modules")).at(place.display())?;
    link(&folder(), &place.join("node_modules/everypage"))?;
    Ok(script)
}

/// Runs `example`: `node` pulls a list, `browser` serves a page that does until it is stopped.
pub fn run_example(args: &[String]) -> Result<Outcome> {
    if let Some(why) = missing()? {
        return Ok(Outcome::Skipped(why));
    }
    let leads = ["--records=5000", "--churn=mixed", "--churn-every=5", "--churn-size=20", "--fault=5xx=3%"];
    match args {
        [which] if which == "node" => {
            pack()?;
            let server = LeadServer::start(&leads)?;
            sh(&mut command("node", &[&example("node/pull.mjs")?.display().to_string(), &server.url]))?;
        }
        [which] if which == "browser" => {
            pack()?;
            let server = LeadServer::start(&[&leads[..], &["--cors=expose", "--rate=20/1s"]].concat())?;
            let folder = folder().display().to_string();
            sh(&mut command("node", &["examples/browser/serve.mjs", &folder, &server.url]))?;
        }
        _ => fail!("example takes `node` or `browser`"),
    }
    Ok(Outcome::Passed)
}

/// The core and its bindings as a module.
fn module(toolchain: Toolchain) -> Result<PathBuf> {
    println!("building with {}", toolchain.name());
    let target = tree::target().join("npm-wasm");
    let mut build = toolchain.cargo();
    build.env("CARGO_TARGET_DIR", &target);
    build.args(["rustc", "--package", "everypage-js", "--lib", "--crate-type", "cdylib"]);
    build.args(["--profile", "wasm", "--target", "wasm32-unknown-unknown"]);
    sh(toolchain.smallest(&mut build))?;
    Ok(target.join("wasm32-unknown-unknown/wasm/everypage_js.wasm"))
}

fn npm_command(folder: &Path) -> Command {
    let mut npm = command("npm", &["--no-audit", "--no-fund", "--no-update-notifier"]);
    npm.current_dir(folder);
    npm
}

/// Installs what building and testing need, kept beside the build results until the lock file
/// changes.
fn dependencies() -> Result<()> {
    let (here, modules) = (folder(), folder().join("node_modules"));
    if modules.is_dir() && !modules.is_symlink() {
        // Somebody's own.
        return Ok(());
    }
    let kept = tree::target().join("node");
    let lock = "package-lock.json";
    let installed = fs::read(kept.join("node_modules/.everypage-lock")).ok();
    let wanted = fs::read(here.join(lock)).at(lock)?;
    if installed.is_none_or(|installed| installed != wanted) {
        fs::create_dir_all(&kept).at(kept.display())?;
        for file in ["package.json", lock] {
            fs::copy(here.join(file), kept.join(file)).at(file)?;
        }
        // `npm ci` refuses locks that lack the programs of other systems, which is all the locks npm makes.
        sh(npm_command(&kept).args(["install", "--no-save"]))?;
        fs::write(kept.join("node_modules/.everypage-lock"), wanted).at(lock)?;
    }
    if modules.is_symlink() {
        fs::remove_file(&modules).at(modules.display())?;
    }
    link(&kept.join("node_modules"), &modules)
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).at(to.display())
}

#[cfg(not(unix))]
fn link(from: &Path, _: &Path) -> Result<()> {
    fail!("on this system install the packages yourself: `npm ci` in {FOLDER} ({} is kept)", from.display())
}

/// The browser the tests are run in, if there is one or Debian has it.
fn browser() -> Result<Option<String>> {
    let there = || BROWSERS.into_iter().find(|browser| has(browser)).map(str::to_owned);
    if there().is_none() {
        debian::install(&["chromium"])?;
    }
    Ok(there())
}
