//! The inputs that are kept: few, small, and each reaches code that no other does.

use crate::fail::{At, Result, fail};
use crate::{shell, tree};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All corpora together, in bytes: they are in every clone.
const MOST: u64 = 2 << 20;
/// An input that is kept, in bytes: a find in a long one is in a short one, too.
const LONGEST: u64 = 4096;

/// Where the project keeps them.
pub fn stored() -> PathBuf {
    tree::root().join("tests/fuzz/corpus")
}

/// Fails where they have grown too large.
pub fn check_size(folder: &Path) -> Result<()> {
    let mut bytes = 0;
    let mut files = 0;
    for file in tree::files(folder, "")? {
        bytes += fs::metadata(&file).at(file.display())?.len();
        files += 1;
    }
    println!("corpora: {files} inputs, {bytes} bytes");
    if bytes > MOST {
        fail!("tests/fuzz/corpus has {bytes} bytes, more than {MOST}");
    }
    Ok(())
}

/// The corpus of one target: what is kept, and what a run finds.
pub struct Corpus {
    known: PathBuf,
    found: PathBuf,
}

impl Corpus {
    /// In these folders, which are made where they are missing.
    pub fn new(known: &Path, found: &Path) -> Result<Corpus> {
        for folder in [known, found] {
            fs::create_dir_all(folder).at(folder.display())?;
        }
        Ok(Corpus { known: known.to_owned(), found: found.to_owned() })
    }

    /// In the order a fuzzer takes them: what it finds goes into the first.
    pub fn folders(&self) -> [&Path; 2] {
        [&self.found, &self.known]
    }

    /// Replaces what is kept by as few inputs as reach the same code as all of these together.
    pub fn keep(&self, fuzzer: impl Fn() -> Result<Command>, more: &[PathBuf]) -> Result<()> {
        let merged = self.found.with_extension("merged");
        fs::create_dir_all(&merged).at(merged.display())?;
        let mut merge = fuzzer()?;
        merge.args(["-set_cover_merge=1", &format!("-max_len={LONGEST}")]).arg(&merged);
        merge.args(self.folders()).args(more);
        if !shell::works(&mut merge) {
            fail!("the corpus in {} can't be merged", tree::shown(&self.known));
        }
        fs::remove_dir_all(&self.known).at(self.known.display())?;
        fs::create_dir_all(&self.known).at(self.known.display())?;
        for file in tree::files(&merged, "")? {
            let name = file.file_name().unwrap_or_default();
            fs::copy(&file, self.known.join(name)).at(file.display())?;
        }
        Ok(())
    }
}
