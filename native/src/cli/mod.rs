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

use args::{Arguments, Command};
use clap::Parser;
use exit::Exit;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// Runs the command with the process's own arguments.
pub fn main() -> ExitCode {
    run(std::env::args_os()).into()
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
