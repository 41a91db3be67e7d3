//! Every change of a file that a sink makes goes through here, one call each: so the tests know the disk as a crash
//! at any moment would leave it (`kill.rs`).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

#[cfg(test)]
use super::testing::{Change, note, trip};

/// Lets the tests make an operation fail.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "it fails in tests")]
const fn trip() -> io::Result<()> {
    Ok(())
}

/// Tells the tests what was done. Nothing is left of it in a build without them.
macro_rules! noted {
    ($change:ident, $($path:expr),+ $(; $more:expr)?) => {
        #[cfg(test)]
        note(&Change::$change($($path),+ $(, $more)?));
        #[cfg(not(test))]
        let _ = ($($path),+ $(, $more)?);
    };
}

/// Makes a file that didn't exist, readable by its owner only. It never follows a link.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    trip()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    noted!(Create, path);
    Ok(file)
}

/// Opens a file to read it and to write at its end; `new`: it must not exist.
pub(super) fn open_append(path: &Path, new: bool) -> io::Result<File> {
    trip()?;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(new);
    let file = options.open(path)?;
    if new {
        noted!(Create, path);
    }
    Ok(file)
}

/// Opens a file to lock it; makes it if it isn't there.
pub(super) fn open_lock(path: &Path, there: bool) -> io::Result<File> {
    trip()?;
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    if !there {
        noted!(Create, path);
    }
    Ok(file)
}

pub(super) fn write(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    trip()?;
    file.write_all(bytes)?;
    noted!(Append, path; bytes);
    Ok(())
}

pub(super) fn set_len(file: &File, path: &Path, length: u64) -> io::Result<()> {
    trip()?;
    file.set_len(length)?;
    noted!(SetLen, path; length);
    Ok(())
}

/// What the file holds goes to disk. Its name needs [`sync_folder`].
pub(super) fn sync(file: &File, path: &Path) -> io::Result<()> {
    trip()?;
    // Length and content are all that counts here.
    file.sync_data()?;
    noted!(Sync, path);
    Ok(())
}

/// Removes a file if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    trip()?;
    match fs::remove_file(path) {
        Ok(()) => {
            noted!(Remove, path);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) fn hard_link(from: &Path, to: &Path) -> io::Result<()> {
    trip()?;
    fs::hard_link(from, to)?;
    noted!(Link, from, to);
    Ok(())
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    trip()?;
    fs::rename(from, to)?;
    noted!(Rename, from, to);
    Ok(())
}

/// Makes renames and new names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    trip()?;
    // Windows has no such call, and its renames need none.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(test)]
    note(&Change::SyncNames);
    Ok(())
}
