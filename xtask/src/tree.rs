//! The project's files.

use crate::fail::{At, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder with the workspace's Cargo.toml.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The folder in which cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A folder for what a step makes, below the build folder. What an earlier run left there is removed.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target().join("xtask").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).at(folder.display())?;
    }
    fs::create_dir_all(&folder).at(folder.display())?;
    Ok(folder)
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).at(path.display())
}

/// Every file below `folder` whose name ends so, sorted. Folders that hold no sources of ours are left out.
pub fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).at(folder.display())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                if !name.starts_with('.')
                    && !["target", "node_modules", "dist", "pkg"].contains(&name.as_str())
                {
                    open.push(entry.path());
                }
            } else if name.ends_with(ending) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A path as it is written in messages: below the root.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The folder of that name beside the project, where material is kept that isn't part of it; overridden by the
/// environment variable.
pub fn beside(variable: &str, name: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os(variable).map_or_else(|| root().join("../shared").join(name), PathBuf::from);
    folder.canonicalize().ok()
}
