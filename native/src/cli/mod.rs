//! The `everypage` command: options in, exit code out. Everything else is the library's.

mod args;
mod check;
mod document;
mod dry;
mod estimate;
mod exit;
mod numbers;
mod progress;
mod pull;
mod signal;
mod stdout;
mod summary;

use crate::error::Error;
use args::{Arguments, Command};
use clap::Parser;
use everypage_core::source::{Fill, Source};
use everypage_core::walk::Report;
use exit::Exit;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command with the process's own arguments.
pub fn main() -> ExitCode {
    run(std::env::args_os()).into()
}

/// Runs the command with these arguments, the program's name first; what it returns is the exit code.
pub fn main_with(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    run(arguments).code()
}

/// Reads a source file, JSON or TOML by its name.
pub fn read_source(path: &Path, fill: &Fill<'_>) -> Result<Source, Error> {
    document::read_file(path, fill)
}

/// What the command says of a walk that has ended.
pub fn summary_of(report: &Report) -> String {
    summary::summary(report, &summary::Around { resume: None, dropped_bytes: 0 })
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => match arguments.command {
            Command::Check(arguments) => check::run(&arguments),
            Command::Estimate(arguments) => estimate::run(&arguments),
            Command::Pull(arguments) => pull::run(&arguments),
        },
        Err(error) => {
            // Help and version are asked for, and go to standard output.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Well };
            let _ = error.print();
            exit
        }
    }
}

/// Writes a line to standard error. Nobody listening there is no reason to fail.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes a line to standard output; false if nobody reads it.
fn tell(line: impl std::fmt::Display) -> bool {
    writeln!(std::io::stdout().lock(), "{line}").is_ok()
}
