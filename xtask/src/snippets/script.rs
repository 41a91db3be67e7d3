//! Shell and Rust blocks: they run.

use super::blocks::{Block, Language, Test};
use crate::fail::{At, Result};
use crate::shell::{cargo, command, run as sh};
use crate::{programs, tree};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Runs the shell blocks of one document as one script.
pub fn shell(blocks: &[Block], folder: &Path) -> Result<Option<String>> {
    let mut script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n".to_owned();
    let mut any = false;
    for block in blocks.iter().filter(|block| block.language == Language::Shell && block.test != Test::Not) {
        any = true;
        write!(script, "echo '>>> {}' >&2\n{}\n", block.place, block.text)?;
    }
    if !any {
        return Ok(None);
    }
    let mut path = Vec::new();
    for program in [programs::everypage()?, programs::leadserver()?] {
        path.extend(program.parent().map(Path::to_owned));
    }
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let file = folder.join("script.sh");
    fs::write(&file, script).at(file.display())?;
    let mut bash = command("bash", &[]);
    bash.arg(&file).current_dir(folder).env("PATH", std::env::join_paths(path)?);
    Ok(sh(&mut bash).err().map(|fail| format!("{}: {fail}", folder.display())))
}

/// Builds the Rust blocks as programs of a crate of their own, and runs them.
pub fn rust(blocks: &[Block], folder: &Path) -> Result<Vec<String>> {
    let blocks: Vec<&Block> = blocks.iter().filter(|block| block.test != Test::Not).collect();
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    let programs = folder.join("src/bin");
    fs::create_dir_all(&programs).at(programs.display())?;
    let native = tree::root().join("native");
    let manifest = format!(
        "[package]\nname = \"snippets\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         everypage = {{ path = {:?} }}\nfutures-util = \"0.3\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
         serde_json = \"1\"\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
        native.display().to_string()
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::copy(tree::root().join("Cargo.lock"), folder.join("Cargo.lock")).at("Cargo.lock")?;
    let mut problems = Vec::new();
    for (number, block) in blocks.into_iter().enumerate() {
        let name = format!("snippet{number}");
        fs::write(programs.join(format!("{name}.rs")), program(block))?;
        let verb = if block.test == Test::Build { "build" } else { "run" };
        let mut build = cargo(&[verb, "--quiet", "--bin", &name]);
        build.current_dir(folder).env("CARGO_TARGET_DIR", tree::target());
        if let Err(fail) = sh(&mut build) {
            problems.push(format!("{}: {fail}", block.place));
        }
    }
    Ok(problems)
}

/// The block as a whole program.
fn program(block: &Block) -> String {
    if block.text.contains("fn main()") {
        return block.text.clone();
    }
    format!(
        "#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{}Ok(())\n}}\n",
        block.text
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_become_the_body_of_a_main() {
        let mut block = Block {
            place: String::new(),
            language: Language::Rust,
            test: Test::Plain,
            text: "let x = 1;\n".to_owned(),
        };
        assert!(
            program(&block).contains("async fn main()") && program(&block).contains("let x = 1;\nOk(())")
        );
        block.text = "fn main() {}\n".to_owned();
        assert_eq!(program(&block), block.text);
    }
}
