//! A Rust that builds for wasm32-unknown-unknown: rustup's target, or Debian's packages for the web.

use crate::debian;
use crate::fail::{Result, fail};
use crate::shell::{cargo, command, has, output, works};
use std::path::Path;
use std::process::Command;

/// What there is to build with.
#[derive(Clone, Copy)]
pub enum Toolchain {
    /// The Rust of this machine, with the target's standard library installed.
    Own,
    /// Debian's `rustc-web` and `cargo-web`, which bring the standard library as source.
    Debian,
}

/// Debian's packages, and where they put what is needed. The paths are full ones, since another Rust may stand
/// before Debian's on the path.
const PACKAGES: [&str; 5] = ["cargo-web", "lld-22", "rust-web-llvm", "rust-web-src", "rustc-web"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

impl Toolchain {
    /// The first that is there; Debian's is installed where that is possible without asking anybody.
    pub fn find() -> Result<Toolchain> {
        if own() || has("rustup") && works(&mut command("rustup", &["target", "add", TARGET])) {
            return Ok(Toolchain::Own);
        }
        Toolchain::debian()
    }

    /// The one that makes the smallest modules: Debian's if it can be had.
    pub fn for_size() -> Result<Toolchain> {
        Toolchain::debian().or_else(|_| Toolchain::find())
    }

    /// Debian's.
    pub fn debian() -> Result<Toolchain> {
        if debian() {
            return Ok(Toolchain::Debian);
        }
        if debian::install(&PACKAGES)? && debian() {
            return Ok(Toolchain::Debian);
        }
        fail!(
            "no Rust that builds for {TARGET}: run `rustup target add {TARGET}`, or on Debian `apt-get install {}`",
            PACKAGES.join(" ")
        )
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Toolchain::Own => "the target of this machine's Rust",
            Toolchain::Debian => "Debian's rustc-web",
        }
    }

    /// Whether what it builds is as small as it gets.
    pub fn is_smallest(self) -> bool {
        matches!(self, Toolchain::Debian)
    }

    /// Its cargo.
    pub fn cargo(self) -> Command {
        match self {
            Toolchain::Own => cargo(&[]),
            Toolchain::Debian => {
                let mut command = command(DEBIAN_CARGO, &[]);
                // Rustup's cargo names its own toolchain to whatever it runs.
                for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTDOC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
                    command.env_remove(name);
                }
                command.env("RUSTC", DEBIAN_RUSTC);
                command
            }
        }
    }

    /// Adds what goes behind the subcommand.
    pub fn finish(self, build: &mut Command) -> &mut Command {
        match self {
            Toolchain::Own => build,
            // The standard library is built along, by a switch that is only open to nightlies and to this.
            Toolchain::Debian => build.env("RUSTC_BOOTSTRAP", "1").args(["-Z", "build-std=std,panic_abort"]),
        }
    }

    /// Adds what goes behind the subcommand where every byte counts: with the standard library built along, it is
    /// made for size too, and a panic is a trap without words.
    ///
    /// References of JavaScript are kept out of the module: the V8 of Node 20 dies when it drops optimised code
    /// that waits for a call which returns one.
    pub fn smallest(self, build: &mut Command) -> &mut Command {
        const PLAIN: &str = "-Ctarget-feature=-reference-types";
        match self {
            Toolchain::Own => build.env("RUSTFLAGS", PLAIN),
            Toolchain::Debian => build
                .env("RUSTC_BOOTSTRAP", "1")
                .env("RUSTFLAGS", format!("-Zunstable-options -Cpanic=immediate-abort {PLAIN}"))
                .args(["-Z", "build-std=std", "-Z", "build-std-features=optimize_for_size"]),
        }
    }
}

const TARGET: &str = "wasm32-unknown-unknown";

/// Whether the target's standard library is beside the compiler.
fn own() -> bool {
    let library = output(&mut command("rustc", &["--print", "target-libdir", "--target", TARGET]));
    library.is_ok_and(|folder| {
        let files = std::fs::read_dir(Path::new(folder.trim()));
        files.is_ok_and(|files| {
            files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd"))
        })
    })
}

/// Whether Debian's compiler for the web is what stands at Debian's place, with the library's source.
fn debian() -> bool {
    has("dpkg")
        && works(command("dpkg", &["--status"]).args(PACKAGES))
        && works(&mut command(DEBIAN_RUSTC, &["-V"]))
}
