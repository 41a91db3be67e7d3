//! A checkpoint in a file: replaced whole or not at all, readable by its owner only, with the generation
//! before kept beside it.

use crate::error::Error;
use crate::sink::atomic;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::error::ErrorKind;
use std::fs::File;
use std::io::{ErrorKind as Io, Read};
use std::path::{Path, PathBuf};

/// No checkpoint is larger; what is, is not one.
const LARGEST: u64 = 64 << 20;

/// A checkpoint in a file, for walks that store their records elsewhere. It doesn't lock: one process at a
/// time is the caller's to see to.
#[derive(Clone, Debug)]
pub struct CheckpointFile {
    path: PathBuf,
}

impl CheckpointFile {
    /// A checkpoint at this path; nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>) -> CheckpointFile {
        CheckpointFile { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the generation before it is.
    pub fn previous(&self) -> PathBuf {
        atomic::beside(&self.path, "previous")
    }

    /// Reads it; `None` if there is none. A damaged one is an error, never silently replaced by the
    /// generation before.
    pub fn load(&self) -> Result<Option<Checkpoint>, Error> {
        atomic::regular(&self.path)?;
        let shown = self.path.display();
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == Io::NotFound => return Ok(None),
            Err(error) => return Err(Error::storage(format!("can't open the checkpoint {shown}"), error)),
        };
        let mut bytes = Vec::new();
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Error::storage(format!("can't read the checkpoint {shown}"), error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(self.refused(ErrorKind::CheckpointCorrupt, "it is larger than 64 MiB"));
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return Err(self.refused(ErrorKind::CheckpointCorrupt, "it is not UTF-8"));
        };
        Checkpoint::from_json(text).map(Some).map_err(|error| self.refused(error.kind(), &error.to_string()))
    }

    /// Writes it: to a new file, to disk, then over the old one.
    pub fn save(&self, checkpoint: &Checkpoint) -> Result<(), Error> {
        atomic::regular(&self.path)?;
        atomic::keep(&self.path, &self.previous())
            .and_then(|()| atomic::replace(&self.path, checkpoint.to_json().as_bytes()))
            .map_err(|error| {
                Error::storage(format!("can't write the checkpoint {}", self.path.display()), error)
            })
    }

    fn refused(&self, kind: ErrorKind, why: &str) -> Error {
        let mut advice = format!("the checkpoint {} can't be used: {why}", self.path.display());
        let previous = self.previous();
        if kind == ErrorKind::CheckpointCorrupt && previous.is_file() {
            advice.push_str(
                "; the generation before it is kept: to go on from there, copy this file over it: ",
            );
            advice.push_str(&previous.display().to_string());
        }
        Error::world(kind, advice)
    }
}
