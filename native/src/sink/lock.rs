//! One writer at a time: a lock of the operating system, held from open to close. It dies with its process,
//! however that dies.

use super::{atomic, disk};
use crate::error::Error;
use everypage_core::error::ErrorKind;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The lock on an output. The file it needs (`FILE.lock`) goes away with it.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    // Held for the lock on it.
    _file: File,
}

impl Lock {
    /// Takes the lock of the output at `output`, or says that somebody else has it.
    pub(crate) fn take(output: &Path) -> Result<Lock, Error> {
        let path = atomic::beside(output, "lock");
        let failed = |error: io::Error| Error::storage(format!("can't lock {}", output.display()), error);
        // The holder before may remove the file between our opening and our locking it: then ours is the
        // lock of a file nobody will ever find again, and we try anew.
        for _ in 0..100 {
            let there = atomic::regular(&path)?;
            let file = disk::open_lock(&path, there).map_err(failed)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path).map_err(failed)? => return Ok(Lock { path, _file: file }),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let advice = format!(
                        "another process is writing to {}: wait for it, or stop it",
                        output.display()
                    );
                    return Err(Error::world(ErrorKind::CheckpointLocked, advice));
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Err(failed(io::Error::other("the lock file keeps vanishing")))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Elsewhere there is no way to tell whether a file is the one at a path, so the file stays.
        if cfg!(unix) {
            // A lock file that stays behind is harmless.
            let _ = disk::remove(&self.path);
        }
    }
}

/// Whether the open file is the one that stands at this path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => Ok((open.dev(), open.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::testing::Folder;

    #[test]
    fn one_at_a_time_and_free_again_after() {
        let folder = Folder::new();
        let output = folder.path("rows.jsonl");
        let first = Lock::take(&output).unwrap();
        assert_eq!(Lock::take(&output).unwrap_err().kind(), Some(ErrorKind::CheckpointLocked));
        drop(first);
        drop(Lock::take(&output).unwrap());
        assert!(folder.names().is_empty() || !cfg!(unix));
    }

    #[test]
    fn a_lock_file_left_by_a_dead_process_is_taken() {
        let folder = Folder::new();
        fs::write(folder.path("rows.jsonl.lock"), "").unwrap();
        Lock::take(&folder.path("rows.jsonl")).unwrap();
    }

    #[test]
    fn many_threads_never_hold_it_together() {
        use std::sync::atomic::{AtomicU32, Ordering};
        let folder = Folder::new();
        let output = folder.path("rows.jsonl");
        let (inside, held) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| {
                    for _ in 0..200 {
                        if let Ok(lock) = Lock::take(&output) {
                            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                            held.fetch_add(1, Ordering::SeqCst);
                            inside.fetch_sub(1, Ordering::SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
        assert!(held.into_inner() > 0);
    }
}
