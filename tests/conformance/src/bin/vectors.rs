//! Writes the conformance vectors, or checks that nothing changes: `vectors [--check] [DIR]`.

use everypage_conformance::vectors;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let mut check = false;
    let mut dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    for argument in env::args().skip(1) {
        if argument == "--check" {
            check = true;
        } else if argument.starts_with('-') {
            eprintln!("usage: vectors [--check] [DIR]");
            return ExitCode::from(64);
        } else {
            dir = PathBuf::from(argument);
        }
    }
    let files = match vectors::files() {
        Ok(files) => files,
        Err(wrong) => {
            for line in &wrong {
                eprintln!("{line}");
            }
            eprintln!("{} scenarios come out otherwise than they say", wrong.len());
            return ExitCode::FAILURE;
        }
    };
    match if check { differences(&dir, &files) } else { write(&dir, &files) } {
        Ok(found) if found.is_empty() => {
            println!("{} vectors", files.len() - 1);
            ExitCode::SUCCESS
        }
        Ok(found) => {
            eprintln!(
                "changed: {}; run `cargo run -p everypage-conformance --bin vectors`",
                found.join(", ")
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{}: {error}", dir.display());
            ExitCode::FAILURE
        }
    }
}

/// Vectors in the directory that nobody makes any more.
fn stale(dir: &Path, files: &[(String, String)]) -> io::Result<Vec<String>> {
    let made: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let mut stale = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|e| e == "json") && !made.contains(name.as_str()) {
            stale.push(name);
        }
    }
    stale.sort();
    Ok(stale)
}

fn differences(dir: &Path, files: &[(String, String)]) -> io::Result<Vec<String>> {
    let mut found = stale(dir, files)?;
    for (name, text) in files {
        if fs::read_to_string(dir.join(name)).ok().as_ref() != Some(text) {
            found.push(name.clone());
        }
    }
    Ok(found)
}

fn write(dir: &Path, files: &[(String, String)]) -> io::Result<Vec<String>> {
    fs::create_dir_all(dir)?;
    for name in stale(dir, files)? {
        fs::remove_file(dir.join(name))?;
    }
    for (name, text) in files {
        fs::write(dir.join(name), text)?;
    }
    Ok(Vec::new())
}
