//! Files that are replaced whole or not at all.

use crate::error::Error;
use everypage_core::error::ErrorKind;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// `FILE.suffix`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// Refuses whatever stands at `path` if it is not an ordinary file: a directory, a symbolic link, a pipe, a
/// device. True if there is a file, false if there is nothing.
pub(crate) fn regular(path: &Path) -> Result<bool, Error> {
    let refused = |what: &str| {
        Err(Error::world(
            ErrorKind::Storage,
            format!("{} is {what}; give the name of an ordinary file", path.display()),
        ))
    };
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(found) if found.is_dir() => refused("a directory"),
        Ok(found) if found.is_symlink() => refused("a symbolic link"),
        Ok(_) => refused("a pipe or a device"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match folder(path).metadata() {
            Ok(folder) if folder.is_dir() => Ok(false),
            Ok(_) | Err(_) => Err(Error::world(
                ErrorKind::Storage,
                format!("{} can't be made: its folder does not exist", path.display()),
            )),
        },
        Err(error) => Err(Error::storage(format!("can't look at {}", path.display()), error)),
    }
}

/// The folder a file stands in.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a file that didn't exist, readable by its owner only. It never follows a link.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn absent(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Puts `bytes` at `path`, whole or not at all, and returns when they are on disk: written to a temporary
/// file in the same folder, synced, renamed over the old one, the folder synced.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = beside(path, "tmp");
    absent(fs::remove_file(&temporary))?;
    let mut file = create_private(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)?;
    sync_folder(path)
}

/// Keeps what is at `path` under another name, without a moment at which `path` is not there.
pub(crate) fn keep(path: &Path, name: &Path) -> io::Result<()> {
    let temporary = beside(name, "tmp");
    absent(fs::remove_file(&temporary))?;
    match fs::hard_link(path, &temporary) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        // File systems without links: a copy does as well, it only costs a little more.
        Err(_) => {
            let mut copy = create_private(&temporary)?;
            io::copy(&mut File::open(path)?, &mut copy)?;
        }
    }
    fs::rename(&temporary, name)
}

/// Makes a rename or a new name durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Windows has no such call, and its renames need none.
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::testing::Folder;

    #[test]
    fn a_file_is_replaced_and_the_one_before_kept() {
        let folder = Folder::new();
        let path = folder.path("state");
        let kept = beside(&path, "previous");
        for text in ["one", "two", "three"] {
            keep(&path, &kept).unwrap();
            replace(&path, text.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::read_to_string(&kept).unwrap(), "two");
        assert_eq!(folder.names(), ["state", "state.previous"]);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_planted_as_the_temporary_file_is_not_followed() {
        let folder = Folder::new();
        let (path, victim) = (folder.path("state"), folder.path("victim"));
        fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, beside(&path, "tmp")).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn only_ordinary_files_are_taken() {
        let folder = Folder::new();
        let kind = |path: &Path| regular(path).map_err(|error| error.kind());
        assert_eq!(kind(&folder.path("new")), Ok(false));
        fs::write(folder.path("file"), "").unwrap();
        assert_eq!(kind(&folder.path("file")), Ok(true));
        fs::create_dir(folder.path("dir")).unwrap();
        assert_eq!(kind(&folder.path("dir")), Err(Some(ErrorKind::Storage)));
        assert_eq!(kind(&folder.path("nowhere/file")), Err(Some(ErrorKind::Storage)));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path("file"), folder.path("link")).unwrap();
            assert_eq!(kind(&folder.path("link")), Err(Some(ErrorKind::Storage)));
            assert_eq!(kind(Path::new("/dev/null")), Err(Some(ErrorKind::Storage)));
        }
    }
}
