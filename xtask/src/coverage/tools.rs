//! LLVM's programs that read what the instrumentation wrote.

use crate::fail::{Fail, Result};
use crate::shell::{output, works};
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Both, of a version that fits.
pub struct Tools {
    /// `llvm-profdata`.
    pub profdata: PathBuf,
    /// `llvm-cov`.
    pub cov: PathBuf,
}

impl Tools {
    /// Rustup's component, or programs of LLVM's version that the compiler has.
    pub fn find() -> Result<Option<Tools>> {
        let sysroot = output(rustc().args(["--print", "target-libdir"]))?;
        let component = PathBuf::from(sysroot.trim()).with_file_name("bin");
        let major = major()?;
        let named = |name: &str| {
            let places =
                [component.join(name), PathBuf::from(format!("{name}-{major}")), PathBuf::from(name)];
            places.into_iter().find(|place| fits(place, &major))
        };
        Ok(named("llvm-profdata").zip(named("llvm-cov")).map(|(profdata, cov)| Tools { profdata, cov }))
    }
}

fn rustc() -> Command {
    Command::new(env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()))
}

/// The major version of LLVM in the compiler.
pub fn major() -> Result<String> {
    let version = output(rustc().arg("-vV"))?;
    let llvm = version.lines().find_map(|line| line.strip_prefix("LLVM version: "));
    let major = llvm.and_then(|llvm| llvm.split('.').next());
    major.map(str::to_owned).ok_or_else(|| Fail::new("rustc doesn't say its LLVM version"))
}

/// Whether the program is there and of that version. Older ones can't read newer profiles.
fn fits(program: &PathBuf, major: &str) -> bool {
    works(Command::new(program).arg("--version"))
        && output(Command::new(program).arg("--version"))
            .is_ok_and(|said| said.contains(&format!("version {major}.")))
}
