//! A folder for one test, and the tape on which what is done to its files is noted.

use everypage_conformance::kill::{Files, Op, Tape};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A fresh folder that goes away with its test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder::under(&std::env::temp_dir())
    }

    /// A folder in memory where there is such a place: for tests that sync thousands of times.
    pub(super) fn quick() -> Folder {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Folder::under(memory) } else { Folder::new() }
    }

    fn under(parent: &Path) -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("everypage-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = parent.join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// The names inside, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A change of a file, as `disk.rs` made it.
pub(super) enum Change<'a> {
    Append(&'a Path, &'a [u8]),
    Create(&'a Path),
    Link(&'a Path, &'a Path),
    Remove(&'a Path),
    Rename(&'a Path, &'a Path),
    SetLen(&'a Path, u64),
    Sync(&'a Path),
    SyncNames,
}

/// Operations that are left out of a tape.
pub(super) type Forget = fn(&Op) -> bool;

thread_local! {
    static TAPE: RefCell<Option<(Tape, Forget)>> = const { RefCell::new(None) };
}

/// Begins a tape for this thread, with these files in the folder. Operations to `forget` are not noted.
pub(super) fn record(folder: &Folder, files: &Files, forget: Forget) {
    let mut first: std::collections::BTreeMap<usize, PathBuf> = std::collections::BTreeMap::new();
    for (name, inode, content) in files.each() {
        let path = folder.path(name);
        if let Some(same) = first.get(&inode) {
            std::fs::hard_link(same, &path).unwrap();
        } else {
            std::fs::write(&path, content).unwrap();
            first.insert(inode, path);
        }
    }
    TAPE.set(Some((Tape::new(files.clone()), forget)));
}

/// The tape of this thread.
pub(super) fn recorded() -> Tape {
    TAPE.take().unwrap().0
}

thread_local! {
    static TRIP: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Makes one operation of this thread fail: the one after so many. With `None`, none does.
pub(super) fn fail_after(operations: Option<u32>) {
    TRIP.set(operations);
}

/// Whether the failure that was asked for has not come yet.
pub(super) fn is_pending() -> bool {
    TRIP.get().is_some()
}

/// Fails if it is this operation's turn.
pub(super) fn trip() -> std::io::Result<()> {
    match TRIP.get() {
        None => Ok(()),
        Some(0) => {
            TRIP.set(None);
            Err(std::io::Error::other("the disk is broken"))
        }
        Some(left) => {
            TRIP.set(Some(left - 1));
            Ok(())
        }
    }
}

/// Notes what was done, if this thread has a tape.
pub(super) fn note(change: &Change<'_>) {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let op = match change {
        Change::Append(path, bytes) => Op::Append(name(path), bytes.to_vec()),
        Change::Create(path) => Op::Create(name(path)),
        Change::Link(from, to) => Op::Link(name(from), name(to)),
        Change::Remove(path) => Op::Remove(name(path)),
        Change::Rename(from, to) => Op::Rename(name(from), name(to)),
        Change::SetLen(path, length) => Op::SetLen(name(path), *length as usize),
        Change::Sync(path) => Op::Sync(name(path)),
        Change::SyncNames => Op::SyncNames,
    };
    TAPE.with_borrow_mut(|tape| {
        if let Some((tape, _)) = tape.as_mut().filter(|(_, forget)| !forget(&op)) {
            tape.note(&op);
        }
    });
}
