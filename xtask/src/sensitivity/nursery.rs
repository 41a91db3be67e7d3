//! Where planted bugs are built and hunted: a copy of the core and the simulator with a build folder of its own, kept
//! from run to run so that a bug costs only the building of what it changes.

use super::mutant::Mutant;
use crate::fail::{At, Result, fail};
use crate::shell::{cargo, command, run, works};
use crate::tree;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What is copied.
const PARTS: [&str; 2] = ["core", "tests/sim"];
/// A bug that keeps the simulator for longer than this was not found by it.
const PATIENCE: Duration = Duration::from_secs(900);
/// Quick to build, quick enough to run.
const PROFILE: &str = "\n[profile.mutant]\ninherits = \"release\"\nopt-level = 1\nlto = \"off\"\ncodegen-units = 64\n\
                       incremental = true\n\n[profile.mutant.package.\"*\"]\nopt-level = 3\n";

/// What came of a hunt.
pub enum Found {
    /// The walk that showed the bug, and how.
    At {
        /// Its number, from 1.
        walk: u64,
        /// The broken promise.
        violation: String,
    },
    /// The bug was not found, for this reason.
    Not(String),
}

/// The copy.
pub struct Nursery {
    folder: PathBuf,
    /// The simulator without any bug.
    sound: PathBuf,
}

impl Nursery {
    /// Copies and builds what is sound.
    pub fn new() -> Result<Nursery> {
        let home = tree::target().join("xtask-mutants");
        let nursery = Nursery { folder: home.join("tree"), sound: home.join("sound") };
        nursery.copy()?;
        run(&mut nursery.cargo())?;
        fs::copy(nursery.program(), &nursery.sound).at("the simulator")?;
        Ok(nursery)
    }

    /// Plants a bug and looks for it.
    pub fn hunt(&mut self, mutant: &Mutant, walks: u64) -> Result<Found> {
        let patch = mutant.file.to_string_lossy();
        let mut apply = command("git", &["apply", &patch]);
        // The copy may lie in a folder that a repository ignores: it is no part of one.
        apply
            .current_dir(&self.folder)
            .env("GIT_CEILING_DIRECTORIES", self.folder.parent().unwrap_or(Path::new("/")));
        if let Err(why) = run(&mut apply) {
            return Ok(Found::Not(format!("the patch no longer applies: {why}")));
        }
        let found = self.look(walks);
        for file in &mutant.changes {
            update(&tree::root().join(file), &self.folder.join(file))?;
        }
        found
    }

    fn look(&self, walks: u64) -> Result<Found> {
        if !works(&mut self.cargo()) {
            return Ok(Found::Not("it doesn't build".to_owned()));
        }
        let walks = walks.to_string();
        let mut hunt =
            command(&self.program().to_string_lossy(), &["--walks", &walks, "--seed", "1", "--quiet"]);
        let child = hunt.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().at("the simulator")?;
        let Some(said) = patiently(child)? else {
            return Ok(Found::Not("the simulator doesn't come to an end".to_owned()));
        };
        let first = said.lines().find_map(|line| line.strip_prefix("VIOLATION seed "));
        let Some((seed, violation)) = first.and_then(|line| line.split_once(": ")) else {
            return Ok(Found::Not(format!("{walks} walks show nothing")));
        };
        let walk = seed.parse().at("a seed")?;
        if !works(&mut command(&self.sound.to_string_lossy(), &["--walks", "1", "--seed", seed])) {
            return Ok(Found::Not(format!("seed {seed} breaks a promise without the bug: {violation}")));
        }
        Ok(Found::At { walk, violation: violation.chars().take(90).collect::<String>().replace('|', "/") })
    }

    fn cargo(&self) -> std::process::Command {
        let mut build = cargo(&["build", "--quiet", "--profile", "mutant", "--package", "everypage-sim"]);
        build.current_dir(&self.folder).env("CARGO_TARGET_DIR", self.folder.with_file_name("build"));
        build.env("CARGO_INCREMENTAL", "1");
        build
    }

    fn program(&self) -> PathBuf {
        self.folder.with_file_name("build").join("mutant/everypage-sim")
    }

    /// Brings the copy up to date; what is the same keeps its date.
    fn copy(&self) -> Result<()> {
        let mut wanted = Vec::new();
        for part in PARTS {
            for ending in [".rs", ".toml", ".json"] {
                wanted.extend(tree::files(&tree::root().join(part), ending)?);
            }
        }
        for file in &wanted {
            let place = file.strip_prefix(tree::root()).at("a file outside")?;
            update(file, &self.folder.join(place))?;
        }
        for file in tree::files(&self.folder, ".rs")? {
            let place = file.strip_prefix(&self.folder).at("a file outside")?;
            if !tree::root().join(place).exists() {
                fs::remove_file(&file)?;
            }
        }
        let manifest = tree::read(&tree::root().join("Cargo.toml"))?;
        let mut lines = Vec::new();
        for line in manifest.lines() {
            lines.push(match line.split_once(" = ") {
                Some(("members", _)) => "members = [\"core\", \"tests/sim\"]",
                Some(("exclude", _)) => "",
                Some(_) | None => line,
            });
        }
        if !lines.contains(&"members = [\"core\", \"tests/sim\"]") {
            fail!("Cargo.toml has no line with its members");
        }
        write(&self.folder.join("Cargo.toml"), (lines.join("\n") + PROFILE).as_bytes())?;
        let lock = self.folder.join("Cargo.lock");
        if !lock.exists() {
            fs::copy(tree::root().join("Cargo.lock"), &lock).at("Cargo.lock")?;
        }
        Ok(())
    }
}

/// What it printed, unless it takes too long.
fn patiently(mut child: Child) -> Result<Option<String>> {
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(50));
    }
    let done = child.wait_with_output()?;
    Ok(Some(String::from_utf8_lossy(&done.stdout).into_owned()))
}

fn update(from: &Path, to: &Path) -> Result<()> {
    write(to, &fs::read(from).at(from.display())?)
}

fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).at(parent.display())?;
    }
    fs::write(to, bytes).at(to.display())
}
