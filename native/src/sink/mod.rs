//! Where records are stored, together with the checkpoint they belong to.

pub(crate) mod atomic;
mod disk;
mod jsonl;
#[cfg(test)]
mod kill;
mod lock;
#[cfg(test)]
pub(crate) mod testing;

pub use jsonl::Jsonl;

use crate::error::Error;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::Verdict;
use everypage_core::source::Source;
use everypage_core::walk::Page;
use std::path::Path;
use std::time::Duration;

/// What a sink promises about a record that was stored before a crash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Stored once: what the checkpoint doesn't cover is cut off when the sink is opened.
    Appendable,
    /// Stored at least once: a crash may repeat records.
    AtLeastOnce,
    /// Stored once: a record that comes again replaces itself.
    Idempotent,
    /// Stored once: records and checkpoint are one transaction.
    Transactional,
}

impl Class {
    /// The word in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Class::Appendable => "appendable",
            Class::AtLeastOnce => "at_least_once",
            Class::Idempotent => "idempotent",
            Class::Transactional => "transactional",
        }
    }
}

/// What a sink held when it was opened.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Where the walk goes on, if the sink holds a checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// Bytes behind the checkpoint, left by a process that died, which were cut off.
    pub dropped_bytes: u64,
}

/// Stores pages and checkpoints. [`Walk::into_sink`](crate::Walk::into_sink) calls, in this order: `open` once,
/// `begin` once, then `page` and `commit` as pages come, `end` once, whatever happened in between, unless the
/// process dies or the future is dropped. Without `end`, nothing downstream may replace anything; without
/// `end` as [`Verdict::Complete`], nothing may delete.
///
/// The calls may block: `open`, `commit` and `end` come on a thread for that.
pub trait Sink: Send + 'static {
    /// What it promises.
    fn class(&self) -> Class;

    /// Where the records go, for the report.
    fn place(&self) -> Option<&Path> {
        None
    }

    /// Where the checkpoint is, for the report.
    fn checkpoint_place(&self) -> Option<&Path> {
        None
    }

    /// Opens the sink for this source and says what it holds. Opening again changes nothing.
    fn open(&mut self, source: &Source) -> Result<Opened, Error>;

    /// The walk starts, or goes on, at this checkpoint.
    fn begin(&mut self, checkpoint: Checkpoint) -> Result<(), Error>;

    /// Takes a page in. It counts as stored from here on, for this process; for the next one with the next
    /// commit.
    fn page(&mut self, page: &Page) -> Result<(), Error>;

    /// In how much time a commit is due; `None` if there is nothing to commit.
    fn due(&self) -> Option<Duration>;

    /// Makes every page so far durable, together with the checkpoint behind the last of them.
    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Error>;

    /// The walk is over: commits, and closes the sink.
    fn end(&mut self, verdict: Verdict, checkpoint: Checkpoint) -> Result<(), Error>;
}
