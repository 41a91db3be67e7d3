//! Records as lines of a file, with the checkpoint beside it.
//!
//! The checkpoint says how many bytes and rows belong to it and what the last of them look like. Data goes to
//! disk before the checkpoint that covers it, so at every moment a crash leaves a file that is at least as
//! long as its checkpoint says; what is longer is cut off when the walk goes on.

use super::atomic::{self, regular};
use super::lock::Lock;
use super::{Class, Opened, Sink, disk};
use crate::checkpoint_file::CheckpointFile;
use crate::error::Error;
use everypage_core::checkpoint::{Checkpoint, Digest, SinkMark};
use everypage_core::error::ErrorKind;
use everypage_core::facts::Verdict;
use everypage_core::source::Source;
use everypage_core::walk::Page;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much of the end of the file its digest covers.
const TAIL: u64 = 64 << 10;
/// How much is gathered before it is written.
const BUFFER: usize = 256 << 10;
/// How often what was stored is made durable.
const EVERY: Duration = Duration::from_secs(1);

/// A file of records, one a line (NDJSON), each the bytes the server sent. It is `appendable`: with the
/// checkpoint beside it (`FILE.checkpoint`), a walk that was killed goes on without losing or repeating a
/// record. A lock keeps other processes out from open to end.
#[derive(Debug)]
pub struct Jsonl {
    path: PathBuf,
    checkpoint: CheckpointFile,
    resume: bool,
    found: Opened,
    state: State,
}

#[derive(Debug)]
enum State {
    Closed,
    /// Locked and looked at.
    Opened(Lock),
    /// Being written.
    Writing(Writing),
    /// A write or a sync has failed: the descriptor can't be trusted any more.
    Broken,
}

#[derive(Debug)]
struct Writing {
    path: PathBuf,
    data: File,
    buffer: Vec<u8>,
    rows: u64,
    /// Bytes of all rows, those in the buffer included.
    bytes: u64,
    /// When the first row came that no checkpoint covers.
    since: Option<Instant>,
    // Dropped last: nobody else may come before the file is closed.
    _lock: Lock,
}

impl Jsonl {
    /// A new file; one that exists is refused.
    pub fn create(path: impl Into<PathBuf>) -> Jsonl {
        Jsonl::at(path.into(), false)
    }

    /// Goes on with a file and its checkpoint; makes both if there is neither.
    pub fn resume(path: impl Into<PathBuf>) -> Jsonl {
        Jsonl::at(path.into(), true)
    }

    fn at(path: PathBuf, resume: bool) -> Jsonl {
        let checkpoint = CheckpointFile::new(atomic::beside(&path, "checkpoint"));
        Jsonl { path, checkpoint, resume, found: Opened::default(), state: State::Closed }
    }

    /// Compares what is there with what the checkpoint says, and cuts off what it doesn't cover.
    fn look(&self, source: &Source) -> Result<Opened, Error> {
        let (data, checkpoint) = (regular(&self.path)?, regular(self.checkpoint.path())?);
        if !self.resume && (data || checkpoint) {
            let there = if data { &self.path } else { self.checkpoint.path() };
            let advice = format!(
                "{} exists and is not overwritten: resume it, or choose another name",
                there.display()
            );
            return Err(Error::world(ErrorKind::Storage, advice));
        }
        let Some(mut checkpoint) = self.checkpoint.load()? else {
            return if data {
                Err(self.mismatch("it has no checkpoint beside it"))
            } else {
                Ok(Opened::default())
            };
        };
        let Some(mark) = checkpoint.sink().cloned() else {
            return Err(self.mismatch("the checkpoint beside it was made without it"));
        };
        if !data {
            return if mark.bytes == 0 {
                Ok(Opened { checkpoint: Some(checkpoint), dropped_bytes: 0 })
            } else {
                Err(self
                    .mismatch(&format!("it is gone, and its checkpoint covers {} bytes of it", mark.bytes)))
            };
        }
        let failed = |error| self.failed("read", error);
        let mut file = OpenOptions::new().read(true).write(true).open(&self.path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length < mark.bytes {
            return Err(
                self.mismatch(&format!("it has {length} bytes, its checkpoint covers {}", mark.bytes))
            );
        }
        if tail_digest(&mut file, mark.bytes).map_err(failed)? != mark.digest {
            return Err(self.mismatch("its content is not what its checkpoint was made for"));
        }
        if checkpoint.needs_rows() {
            self.rebuild(&mut checkpoint, &mark, &mut file, source)?;
        }
        if length > mark.bytes {
            disk::set_len(&file, &self.path, mark.bytes)
                .and_then(|()| disk::sync(&file, &self.path))
                .map_err(|error| self.failed("truncate", error))?;
            tracing::info!(bytes = length - mark.bytes, "cut off what the checkpoint does not cover");
        }
        Ok(Opened { checkpoint: Some(checkpoint), dropped_bytes: length - mark.bytes })
    }

    /// Reads the keys of the stored rows back.
    fn rebuild(
        &self,
        checkpoint: &mut Checkpoint,
        mark: &SinkMark,
        file: &mut File,
        source: &Source,
    ) -> Result<(), Error> {
        let Some(mut keys) = checkpoint.rebuild(source) else { return Ok(()) };
        let failed = |error| self.failed("read", error);
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut rows = BufReader::with_capacity(BUFFER, file.take(mark.bytes));
        let (mut line, mut count) = (Vec::new(), 0u64);
        while rows.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            keys.push(&line).map_err(|error| self.mismatch(&error.to_string()))?;
            count += 1;
            line.clear();
        }
        if count != mark.rows {
            return Err(self.mismatch(&format!("it has {count} rows, its checkpoint covers {}", mark.rows)));
        }
        checkpoint.restore(keys);
        Ok(())
    }

    /// Writes a checkpoint that covers `mark` and nothing else.
    fn save(&self, mut checkpoint: Checkpoint, mark: SinkMark) -> Result<(), Error> {
        checkpoint.set_sink(Some(mark));
        self.checkpoint.save(&checkpoint)
    }

    fn writing(&mut self) -> Result<&mut Writing, Error> {
        match &mut self.state {
            State::Writing(writing) => Ok(writing),
            State::Closed | State::Opened(_) | State::Broken => {
                let advice = format!("{} is not open for writing", self.path.display());
                Err(Error::world(ErrorKind::Storage, advice))
            }
        }
    }

    /// Data to disk, then the checkpoint. After a failure nothing more is written: a sync that failed once
    /// may succeed the next time without having stored anything.
    fn store(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        let writing = self.writing()?;
        let stored = writing
            .sync()
            .map_err(|error| self.failed("write", error))
            .and_then(|mark| self.save(checkpoint, mark));
        match stored {
            Ok(()) => {
                self.writing()?.since = None;
                Ok(())
            }
            Err(error) => {
                self.state = State::Broken;
                Err(error)
            }
        }
    }

    fn mismatch(&self, why: &str) -> Error {
        let advice = format!(
            "{} is not the output of this walk: {why}. Nothing was changed; put the right file back, or start anew under another name",
            self.path.display()
        );
        Error::world(ErrorKind::SinkMismatch, advice)
    }

    fn failed(&self, what: &str, error: io::Error) -> Error {
        Error::storage(format!("can't {what} {}", self.path.display()), error)
    }
}

impl Writing {
    fn take(&mut self, page: &Page) -> io::Result<()> {
        let before = self.buffer.len();
        page.write_ndjson(&mut self.buffer);
        self.rows += page.len() as u64;
        self.bytes += (self.buffer.len() - before) as u64;
        self.since.get_or_insert_with(Instant::now);
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        disk::write(&mut self.data, &self.path, &self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn sync(&mut self) -> io::Result<SinkMark> {
        self.flush()?;
        disk::sync(&self.data, &self.path)?;
        let digest = tail_digest(&mut self.data, self.bytes)?;
        Ok(SinkMark { rows: self.rows, bytes: self.bytes, digest })
    }
}

/// The digest of the last 64 KiB before `end`.
fn tail_digest(file: &mut File, end: u64) -> io::Result<String> {
    let start = end.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::with_capacity(usize::try_from(end - start).unwrap_or(0));
    file.take(end - start).read_to_end(&mut tail)?;
    if tail.len() as u64 != end - start {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the file became shorter while it was written",
        ));
    }
    Ok(Digest::of(&tail))
}

impl Sink for Jsonl {
    fn class(&self) -> Class {
        Class::Appendable
    }

    fn place(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn checkpoint_place(&self) -> Option<&Path> {
        Some(self.checkpoint.path())
    }

    fn open(&mut self, source: &Source) -> Result<Opened, Error> {
        if matches!(self.state, State::Closed) {
            // Before the lock: its file must not be made beside something that is none of ours.
            regular(&self.path)?;
            let lock = Lock::take(&self.path)?;
            self.found = self.look(source)?;
            self.state = State::Opened(lock);
        }
        Ok(self.found.clone())
    }

    fn begin(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        let State::Opened(lock) = std::mem::replace(&mut self.state, State::Broken) else {
            return self.writing().map(|_| ());
        };
        let found = self.found.checkpoint.take().and_then(|found| found.sink().cloned());
        let fresh = found.is_none();
        let mark = found.unwrap_or_else(|| SinkMark { rows: 0, bytes: 0, digest: Digest::of(b"") });
        if fresh {
            // A checkpoint of length 0 comes first: a file without one would never be touched again.
            self.save(checkpoint, mark.clone())?;
        }
        let new = !regular(&self.path)?;
        let data = disk::open_append(&self.path, new).map_err(|error| self.failed("open", error))?;
        atomic::sync_folder(&self.path).map_err(|error| self.failed("make", error))?;
        let SinkMark { rows, bytes, digest: _ } = mark;
        let buffer = Vec::with_capacity(BUFFER + (BUFFER >> 2));
        let path = self.path.clone();
        self.state = State::Writing(Writing { path, data, buffer, rows, bytes, since: None, _lock: lock });
        Ok(())
    }

    fn page(&mut self, page: &Page) -> Result<(), Error> {
        let written = self.writing()?.take(page);
        written.map_err(|error| {
            self.state = State::Broken;
            self.failed("write", error)
        })
    }

    fn due(&self) -> Option<Duration> {
        match &self.state {
            State::Writing(writing) => writing.since.map(|since| EVERY.saturating_sub(since.elapsed())),
            State::Closed | State::Opened(_) | State::Broken => None,
        }
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        self.store(checkpoint)
    }

    fn end(&mut self, _: Verdict, checkpoint: Checkpoint) -> Result<(), Error> {
        self.store(checkpoint)?;
        self.state = State::Closed;
        Ok(())
    }
}
