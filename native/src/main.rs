//! The `everypage` command.

fn main() -> std::process::ExitCode {
    everypage::cli::main()
}
