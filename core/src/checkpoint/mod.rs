//! What is durable: the state of the acknowledged prefix, versioned, checksummed, bound to its source.

mod digest;
mod envelope;
mod error;
mod rows;
mod state;

pub use digest::Digest;
pub use envelope::compare;
pub use error::CheckpointError;
pub use rows::{Rebuild, RowError};
pub use state::{CourseState, LinkState, SinkMark, State};

use crate::dedup::Seen;
use crate::source::Source;
use std::fmt;

/// A checkpoint: canonical JSON, the same in all languages.
#[derive(Clone)]
pub struct Checkpoint {
    pub(crate) state: State,
    /// Dedup state rebuilt from the rows of the sink.
    pub(crate) rebuilt: Option<Seen>,
}

impl fmt::Debug for Checkpoint {
    /// Shows what it belongs to and how far it is: never a position.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = &self.state;
        f.debug_struct("Checkpoint")
            .field("source", &state.name)
            .field("generation", &state.generation)
            .finish_non_exhaustive()
    }
}

impl Checkpoint {
    pub(crate) const fn new(state: State) -> Checkpoint {
        Checkpoint { state, rebuilt: None }
    }

    /// As JSON, with its checksum. The same state gives the same bytes.
    pub fn to_json(&self) -> String {
        envelope::encode(&self.state)
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// When the bytes don't fit their checksum or the format is newer than this version.
    pub fn from_json(text: &str) -> Result<Checkpoint, CheckpointError> {
        let state: State = envelope::decode(text)?;
        if !state.is_plausible() {
            return Err(CheckpointError::Corrupt { why: "it counts further than any walk" });
        }
        Ok(Checkpoint::new(state))
    }

    /// What the sink said of the rows it holds.
    pub const fn sink(&self) -> Option<&SinkMark> {
        self.state.sink.as_ref()
    }

    /// Notes what the sink holds at this very checkpoint.
    pub fn set_sink(&mut self, mark: Option<SinkMark>) {
        self.state.sink = mark;
    }

    /// Whether the keys already stored are not inside and must be rebuilt from the stored rows.
    pub const fn needs_rows(&self) -> bool {
        self.state.dedup.is_none() && self.state.dedup_rows && self.rebuilt.is_none()
    }

    /// A collector for the stored rows of this source; `None` if a stored record doesn't hold its id.
    pub fn rebuild(&self, source: &Source) -> Option<Rebuild> {
        let id = source.id.as_ref()?;
        let pointers = Rebuild::pointers(&source.records.each, &id.at)?;
        Some(Rebuild::new(&pointers, &self.state.hash_key))
    }

    /// Takes the keys of the stored rows in.
    pub fn restore(&mut self, rows: Rebuild) {
        self.rebuilt = Some(rows.finish().0);
    }

    /// Whether the walk it belongs to has ended for good.
    pub const fn is_finished(&self) -> bool {
        self.state.finished.is_some()
    }

    /// Records delivered and acknowledged so far.
    pub const fn records(&self) -> u64 {
        self.state.counts.records
    }

    /// Identifies the walk over all its resumptions.
    pub fn generation(&self) -> &str {
        &self.state.generation
    }
}
