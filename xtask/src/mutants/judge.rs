//! Builds the program with the mistakes and lets the tests look at each.

use crate::fail::{At, Result, fail};
use crate::shell::cargo;
use crate::tree;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Tests that simulate long times: other tests look first.
const SLOW: [&str; 2] = ["pace::tests::", "url::agree::"];
/// Tests that take longer with a mistake than this don't end.
const LONGEST: Duration = Duration::from_secs(120);

/// What came of a mistake.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A test failed, or didn't end.
    Caught,
    /// Every test passed.
    Missed,
    /// It doesn't compile.
    Unviable,
}

/// A complaint of the compiler.
pub struct Complaint {
    /// Files from the root, and lines.
    pub places: Vec<(String, usize)>,
    /// The function that was to be constant.
    pub constant: Option<String>,
    /// All of it.
    pub text: String,
}

/// The copy with the mistakes, and its tests.
pub struct Judge {
    copy: PathBuf,
    /// Whose tests look.
    packages: &'static [&'static str],
    /// The core's own tests first, then those of the conformance crate.
    tests: Vec<PathBuf>,
}

impl Judge {
    /// Of the copy in this folder.
    pub fn new(copy: &Path, packages: &'static [&'static str]) -> Judge {
        Judge { copy: copy.to_owned(), packages, tests: Vec::new() }
    }

    fn cargo(&self, args: &[&str]) -> Command {
        let mut command = cargo(args);
        command.current_dir(&self.copy).env("CARGO_TARGET_DIR", tree::target().join("mutants"));
        // Mistakes are full of unused things. Optimised a little, since the tests run a thousand times.
        command.env("RUSTFLAGS", "-Awarnings -Copt-level=1 -Cdebug-assertions=on");
        command.arg("--message-format=json").stderr(Stdio::null());
        command
    }

    /// What the compiler says against the core and its tests.
    pub fn errors(&self) -> Result<Vec<Complaint>> {
        let mut check = self.cargo(&["check", "--package", "everypage-core", "--lib", "--profile", "test"]);
        let told = check.output().at("cargo check")?;
        let complaints = String::from_utf8_lossy(&told.stdout);
        let complaints = complaints.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        Ok(complaints.filter_map(|value| complaint(&value["message"])).collect())
    }

    /// Builds the tests.
    pub fn build(&mut self) -> Result<()> {
        let mut tests = Vec::new();
        for package in self.packages {
            let mut build = self.cargo(&["test", "--no-run", "--lib", "--package", package]);
            // The core alone has its own tests, but not those that need all of it.
            if self.packages.len() > 1 {
                build.arg("--tests");
            }
            let told = build.output().at("cargo test --no-run")?;
            if !told.status.success() {
                fail!("the tests of {package} don't compile");
            }
            let said = String::from_utf8_lossy(&told.stdout).into_owned();
            let values = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            tests.extend(values.filter_map(|value| {
                let path = PathBuf::from(value["executable"].as_str()?);
                Some((rank(&value["target"]), path))
            }));
        }
        tests.sort();
        self.tests = tests.into_iter().map(|(_, path)| path).collect();
        Ok(())
    }

    /// Looks at a mistake of the woven program.
    pub fn numbered(&self, index: usize, module: &str) -> Result<Verdict> {
        self.look(&(index + 1).to_string(), module)
    }

    /// Looks at a program with one mistake.
    pub fn plain(&self, module: &str) -> Result<Verdict> {
        self.look("0", module)
    }

    /// The module's own tests first, since they see most; then all.
    fn look(&self, number: &str, module: &str) -> Result<Verdict> {
        let Some((own, others)) = self.tests.split_first() else { fail!("there are no tests") };
        let near = format!("{module}::");
        let skip = SLOW.iter().flat_map(|name| ["--skip", name]);
        let first: Vec<&str> = [near.as_str()].into_iter().chain(skip).collect();
        if !self.passes(own, &first, number)? || !self.passes(own, &[], number)? {
            return Ok(Verdict::Caught);
        }
        for test in others {
            if !self.passes(test, &[], number)? {
                return Ok(Verdict::Caught);
            }
        }
        Ok(Verdict::Missed)
    }

    fn passes(&self, test: &Path, args: &[&str], number: &str) -> Result<bool> {
        let mut running = Command::new(test)
            .args(args)
            .env("MUTANT", number)
            .env("RUST_BACKTRACE", "0")
            .current_dir(&self.copy)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .at(test.display())?;
        let start = Instant::now();
        loop {
            if let Some(status) = running.try_wait()? {
                return Ok(status.success());
            }
            if start.elapsed() > LONGEST {
                running.kill()?;
                running.wait()?;
                return Ok(false);
            }
            sleep(Duration::from_millis(5));
        }
    }
}

/// Which tests look first: the core's own, then those that see much in little time.
fn rank(target: &Value) -> usize {
    match target["name"].as_str() {
        Some("everypage_core") => 0,
        Some("vectors") => 1,
        Some("fuzz_smoke") => 3,
        _ => 2,
    }
}

/// An error, where it points, and whether it is about a function that isn't constant any more.
fn complaint(message: &Value) -> Option<Complaint> {
    if message["level"] != "error" {
        return None;
    }
    let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let primary = spans.iter().filter(|span| span["is_primary"] == true);
    let places = primary.filter_map(|span| {
        Some((span["file_name"].as_str()?.to_owned(), span["line_start"].as_u64()? as usize))
    });
    let text = message["message"].as_str().unwrap_or_default().to_owned();
    let name = text.split('`').nth(1).and_then(|path| path.rsplit("::").next()).map(str::to_owned);
    let constant = name.filter(|_| message["code"]["code"] == "E0015");
    Some(Complaint { places: places.collect(), constant, text })
}
