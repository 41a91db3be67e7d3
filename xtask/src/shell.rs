//! Running other programs.

use crate::fail::{At, Result, fail};
use crate::tree;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A command in the project's root folder.
pub fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(tree::root()).stdin(Stdio::null());
    command
}

/// Cargo, the same one that runs this.
pub fn cargo(args: &[&str]) -> Command {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = command(&program, args);
    // What `cargo run` sets for this process says nothing about the crates that are built next.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_")) {
        command.env_remove(name);
    }
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    command
}

/// The command as one would type it.
pub fn typed(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs it; what it prints is seen.
pub fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", typed(command));
    let status = command.status().at(typed(command))?;
    if !status.success() {
        fail!("`{}` ended with {status}", typed(command));
    }
    Ok(())
}

/// Runs it and returns what it wrote to standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let done = command.stderr(Stdio::inherit()).output().at(typed(command))?;
    if !done.status.success() {
        fail!("`{}` ended with {}", typed(command), done.status);
    }
    String::from_utf8(done.stdout).at(typed(command))
}

/// Whether it runs and succeeds, in silence.
pub fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Whether a program of that name is there.
pub fn has(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// Promises that a command is run when this is dropped, and also when this process ends in any other way:
/// a small shell waits for the end of its input, which comes when nobody holds the other end any more.
pub struct Afterwards {
    shell: Child,
}

impl Afterwards {
    /// Runs it afterwards, with its arguments and environment.
    pub fn run(then: &Command) -> Result<Afterwards> {
        let mut shell = command("sh", &["-c", "trap '' INT TERM HUP; cat >/dev/null; exec \"$@\"", "sh"]);
        shell.arg(then.get_program()).args(then.get_args());
        shell.envs(then.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().at("sh")?;
        Ok(Afterwards { shell })
    }
}

impl Drop for Afterwards {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            // Nothing can be returned from here; what may have been left behind must not go unseen.
            let _ = writeln!(std::io::stderr(), "cleaning up: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, fs, process};

    #[test]
    fn what_was_promised_is_done_when_the_promise_is_dropped() {
        let file = env::temp_dir().join(format!("everypage-xtask-{}", process::id()));
        let path = file.to_string_lossy().into_owned();
        let promise = Afterwards::run(&command("touch", &[&path])).unwrap();
        assert!(!file.exists());
        drop(promise);
        assert!(file.exists());
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_program_that_fails_is_named() {
        let fail = run(&mut command("false", &[])).unwrap_err().to_string();
        assert!(fail.contains("`false`"), "{fail}");
        assert!(!works(&mut command("no-such-program-here", &[])));
    }
}
