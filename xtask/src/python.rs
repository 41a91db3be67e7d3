//! `wheel` and `python`: the pip package, built and tested in a virtual environment of its own.

use crate::fail::{At, Outcome, Result, fail};
use crate::shell::{command, has, output, run as sh, works};
use crate::{programs, tree};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Newest first; the last is whatever the system calls Python.
const NAMES: [&str; 5] = ["python3.14", "python3.13", "python3.12", "python3.11", "python3"];
/// Succeeds where an environment can be made.
const FITS: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
const PACKAGE: &str = "bindings-python";

/// Runs `wheel`: arguments go to maturin.
pub fn wheel(args: &[String]) -> Result<Outcome> {
    let python = environment()?;
    let wheel =
        build(&python, &[&["--release"], &args.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat())?;
    let size = fs::metadata(&wheel).at(wheel.display())?.len();
    println!("{} ({:.1} MB)", wheel.display(), size as f64 / 1e6);
    Ok(Outcome::Passed)
}

/// Runs `python`: arguments go to pytest.
pub fn test(args: &[String]) -> Result<Outcome> {
    let python = installed()?;
    // The tests take the programs from the build folder.
    programs::leadserver()?;
    programs::everypage()?;
    let mut tests = command(&python.display().to_string(), &["-m", "pytest"]);
    tests.args(args).current_dir(tree::root().join(PACKAGE)).env("CARGO_TARGET_DIR", tree::target());
    sh(&mut tests)?;
    Ok(Outcome::Passed)
}

/// The Python of an environment in which the package is installed, as it is now.
pub fn installed() -> Result<PathBuf> {
    install(&["--profile", "dev"])
}

/// The same, built for speed.
pub fn release() -> Result<PathBuf> {
    install(&["--release"])
}

fn install(how: &[&str]) -> Result<PathBuf> {
    let python = environment()?;
    let wheel = build(&python, how)?;
    let install =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall"];
    sh(command(&python.display().to_string(), &install).arg(&wheel))?;
    Ok(python)
}

/// A wheel of the package.
fn build(python: &Path, how: &[&str]) -> Result<PathBuf> {
    let folder = tree::scratch("wheel")?;
    let mut maturin =
        command(&python.display().to_string(), &["-m", "maturin", "build", "--locked", "--quiet"]);
    maturin.args(how).arg("--out").arg(&folder).arg("--interpreter").arg(python);
    maturin.current_dir(tree::root().join(PACKAGE)).env("CARGO_TARGET_DIR", tree::target());
    sh(&mut maturin)?;
    match tree::files(&folder, ".whl")?.pop() {
        Some(wheel) => Ok(wheel),
        None => fail!("maturin left no wheel in {}", folder.display()),
    }
}

/// The Python of an environment with everything the tests need. It is kept beside other builds of this machine, under a
/// name that changes with what is in it.
fn environment() -> Result<PathBuf> {
    let Some(base) = interpreter()? else {
        fail!("no Python 3.11 or newer with venv: install one, on Debian python3 and python3-venv")
    };
    let version = output(&mut command(&base, &["-VV"]))?;
    let wanted = tree::read(&tree::root().join(PACKAGE).join("requirements.txt"))?;
    let mut name = String::from("python-");
    for byte in Sha256::digest(version + &wanted).iter().take(6) {
        write!(name, "{byte:02x}")?;
    }
    let folder = cache().join(name);
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let ready = folder.join("ready");
    if !ready.is_file() {
        if folder.exists() {
            fs::remove_dir_all(&folder).at(folder.display())?;
        }
        sh(command(&base, &["-m", "venv"]).arg(&folder))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        sh(command(&python.display().to_string(), &install).arg(format!("{PACKAGE}/requirements.txt")))?;
        fs::write(&ready, "").at(ready.display())?;
    }
    Ok(python)
}

fn cache() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_else(std::env::temp_dir).join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("everypage")
}

/// A Python that fits; Debian's is installed where that is possible without asking anybody.
pub fn interpreter() -> Result<Option<String>> {
    let find = || {
        let given = std::env::var("EVERYPAGE_PYTHON").ok().into_iter();
        let mut names = given.chain(NAMES.map(str::to_owned));
        names.find(|name| works(&mut command(name, &["-c", FITS])))
    };
    if let Some(found) = find() {
        return Ok(Some(found));
    }
    if has("apt-get") && output(&mut command("id", &["-u"]))?.trim() == "0" {
        let install = ["install", "--yes", "--no-install-recommends", "python3", "python3-venv"];
        if !works(&mut command("apt-get", &install)) {
            sh(&mut command("apt-get", &["update", "--quiet"]))?;
            sh(&mut command("apt-get", &install))?;
        }
    }
    Ok(find())
}
