//! Files that are replaced whole or not at all.

use super::disk;
use crate::error::Error;
use everypage_core::error::ErrorKind;
use std::fs;
use std::io;
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

/// Puts `bytes` at `path`, whole or not at all, and returns when they are on disk: written to a temporary
/// file in the same folder, synced, renamed over the old one, the folder synced.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = beside(path, "tmp");
    disk::remove(&temporary)?;
    let mut file = disk::create_private(&temporary)?;
    disk::write(&mut file, &temporary, bytes)?;
    disk::sync(&file, &temporary)?;
    drop(file);
    disk::rename(&temporary, path)?;
    sync_folder(path)
}

/// Keeps what is at `path` under another name, without a moment at which `path` is not there.
pub(crate) fn keep(path: &Path, name: &Path) -> io::Result<()> {
    let temporary = beside(name, "tmp");
    disk::remove(&temporary)?;
    match disk::hard_link(path, &temporary) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        // File systems without links: a copy does as well, it only costs a little more.
        Err(_) => {
            let mut copy = disk::create_private(&temporary)?;
            disk::write(&mut copy, &temporary, &fs::read(path)?)?;
            disk::sync(&copy, &temporary)?;
        }
    }
    disk::rename(&temporary, name)?;
    // Nothing was renamed if both are names of one file already (rename(2)): a kill came right after this before.
    disk::remove(&temporary)
}

/// Makes a rename or a new name durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    disk::sync_folder(folder(path))
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
