//! `snippets`: the examples in README.md and docs/*.md work.
//!
//! Every block of `sh`, `rust`, `json` or `toml` has a comment on the line before it that says what becomes of
//! it; one without fails the step, so that none is left out by mistake.
//!
//! ```text
//! <!-- test -->              sh is run, rust is built and run, json and toml are read;
//!                            a json or toml block that is a source must also be a valid one
//! <!-- test: build -->       rust is built, not run
//! <!-- test: as NAME -->     the block is also there as the file NAME for the sh blocks
//! <!-- test: not, WHY -->    nothing is done
//! ```
//!
//! The sh blocks of one document run as one script, in a folder of their own, with `everypage` and
//! `everypage-leadserver` on the path; what they leave running is ended. A rust block without a `main` becomes
//! the body of an async one that may use `?`.

mod blocks;
mod script;
mod sources;

use crate::fail::{At, Outcome, Result, none_of};
use crate::tree;
use blocks::{Block, Language, Test};
use std::fs;
use std::path::{Path, PathBuf};

/// Runs the step; arguments choose documents by their path.
pub fn run(args: &[String]) -> Result<Outcome> {
    let mut documents: Vec<PathBuf> = vec![tree::root().join("README.md")];
    let docs = tree::root().join("docs");
    if docs.is_dir() {
        documents.extend(tree::files(&docs, ".md")?);
    }
    documents.retain(|document| document.is_file());
    documents.retain(|document| args.is_empty() || args.contains(&tree::shown(document)));
    let scratch = tree::scratch("snippets")?;
    let mut problems = Vec::new();
    let mut programs = Vec::new();
    let mut tested = 0;
    for document in &documents {
        let name = tree::shown(document);
        let (found, faults) = blocks::find(&name, &tree::read(document)?);
        problems.extend(faults);
        tested += found.iter().filter(|block| block.test != Test::Not).count();
        let folder = scratch.join(name.replace(['/', '.'], "-"));
        fs::create_dir_all(&folder).at(folder.display())?;
        problems.extend(parts(&found, &folder)?);
        programs.extend(found.into_iter().filter(|block| block.language == Language::Rust));
    }
    problems.extend(script::rust(&programs, &scratch.join("rust"))?);
    if documents.is_empty() {
        return Ok(Outcome::Skipped("there is no README.md".to_owned()));
    }
    println!("{} documents, {tested} examples tested", documents.len());
    none_of(&problems)
}

/// Everything but Rust in one document.
fn parts(found: &[Block], folder: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for block in found {
        if let Test::As(name) = &block.test {
            fs::write(folder.join(name), &block.text).at(name)?;
        }
        if block.test != Test::Not && matches!(block.language, Language::Json | Language::Toml) {
            problems.extend(sources::problem(block, folder)?);
        }
    }
    problems.extend(script::shell(found, folder)?);
    Ok(problems)
}
