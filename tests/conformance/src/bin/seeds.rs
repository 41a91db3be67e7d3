//! Writes the inputs that fuzzing starts from, one folder a target: `seeds DIR`.

use everypage_conformance::fuzz::{TARGETS, seeds};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let Some(dir) = env::args().nth(1) else {
        eprintln!("usage: seeds DIR");
        return ExitCode::from(64);
    };
    match write(Path::new(&dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{dir}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(dir: &Path) -> io::Result<()> {
    for target in &TARGETS {
        let folder = dir.join(target.name);
        fs::create_dir_all(&folder)?;
        for (index, seed) in seeds::of(target.name).into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{index:03}")), seed)?;
        }
    }
    Ok(())
}
