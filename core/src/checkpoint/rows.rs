//! What was delivered, read back from the rows that were stored.

use super::digest::Digest;
use crate::dedup::{HashKey, Key, Seen};
use crate::json::{self, Limits, Plan, Pointer, ScanError};

/// Rebuilds the set of seen keys from stored rows, one after the other, and the digest of their bytes.
#[derive(Debug)]
pub struct Rebuild {
    plan: Plan,
    /// The plan's slots of the id's parts.
    slots: Vec<usize>,
    /// The record itself is the id.
    whole: bool,
    key: HashKey,
    seen: Seen,
    rows: u64,
    bytes: u64,
    digest: Digest,
}

/// A stored line that is no row of this walk.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// It has no id.
    #[error("stored row {row} has no id where the source says")]
    NoId {
        /// Its number, from 1.
        row: u64,
    },
    /// It is not JSON.
    #[error("stored row {row} is damaged: {why}")]
    NoJson {
        /// Its number, from 1.
        row: u64,
        /// What is wrong with it.
        why: ScanError,
    },
}

impl Rebuild {
    /// Where the parts of an id are in a stored record, given where the record is in its element (`each`) and
    /// where the parts are in the element. `None` if a part lies outside the record: then rows don't tell what
    /// was delivered, and without inline dedup state a walk can only go on `at_least_once`.
    pub fn pointers(each: &Pointer, ids: &[Pointer]) -> Option<Vec<Pointer>> {
        ids.iter()
            .map(|id| {
                let rest = id
                    .tokens()
                    .starts_with(each.tokens())
                    .then(|| id.as_str().strip_prefix(each.as_str()))?;
                Pointer::parse(rest?).ok()
            })
            .collect()
    }

    /// Starts without rows. The pointers lead from a stored record to the parts of its id; the root alone means
    /// that the record itself is the id. The hash key is the one in the checkpoint.
    pub fn new(ids: &[Pointer], key: &HashKey) -> Rebuild {
        let mut plan = Plan::builder();
        let whole = matches!(ids, [id] if id.is_root());
        let slots = if whole { Vec::new() } else { ids.iter().map(|id| plan.body(id)).collect() };
        Rebuild {
            plan: plan.build(),
            slots,
            whole,
            key: *key,
            seen: Seen::new(key),
            rows: 0,
            bytes: 0,
            digest: Digest::new(),
        }
    }

    /// Takes in the next stored row: one line, with or without the line feed that ends it in the file. After an
    /// error nothing has changed.
    pub fn push(&mut self, line: &[u8]) -> Result<(), RowError> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let row = self.rows + 1;
        let scan =
            json::scan(line, &self.plan, &Limits::default()).map_err(|why| RowError::NoJson { row, why })?;
        let key = if self.whole {
            Key::of_record(line.trim_ascii(), &self.key)
        } else {
            let part = |slot: &usize| scan.values.get(*slot).map_or(&[][..], |span| span.slice(line));
            Key::of(self.slots.iter().map(part), &self.key)
        };
        self.seen.insert(key.ok_or(RowError::NoId { row })?);
        self.rows = row;
        self.bytes += line.len() as u64 + 1;
        self.digest.update(line);
        self.digest.update(b"\n");
        Ok(())
    }

    /// The rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The bytes of these rows in a file, line feeds counted.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The keys of all rows, how many rows there were, and the digest of their bytes, each row ended by a line
    /// feed. A row that is stored twice has one key.
    pub fn finish(self) -> (Seen, u64, String) {
        (self.seen, self.rows, self.digest.hex())
    }
}
