//! What a host stores: rows and a checkpoint, and what is left of them after a crash.

use crate::draw::Draw;
use crate::watch::no_canary;
use everypage_core::checkpoint::{Checkpoint, Digest, SinkMark};
use std::collections::BTreeSet;

/// The longest checkpoint: 64 KiB, and as much for the keys of what was delivered.
const LARGEST: usize = 128 << 10;

/// A disk of one walk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The rows, one a line.
    pub data: Vec<u8>,
    /// Bytes of the rows that are durable.
    synced: usize,
    /// The checkpoint, replaced atomically. It becomes text when it is read: most are replaced before.
    pub checkpoint: Option<Checkpoint>,
    /// Rows, bytes and digest of what was acknowledged.
    rows: u64,
    bytes: usize,
    digest: Digest,
    /// No request before this time on the wall clock, as the checkpoint says that was opened last.
    pub not_before: Option<i64>,
    /// Where acknowledged pages end.
    ends: BTreeSet<usize>,
}

impl Disk {
    /// Appends rows; they are not durable yet.
    pub fn append(&mut self, lines: &[u8]) {
        self.data.extend_from_slice(lines);
    }

    /// Makes the rows durable.
    pub fn sync(&mut self) {
        self.synced = self.data.len();
    }

    /// Counts the next rows as acknowledged.
    pub fn acknowledged(&mut self, rows: u64, bytes: usize) {
        if let Some(new) = self.data.get(self.bytes..self.bytes + bytes) {
            self.digest.update(new);
        }
        self.rows += rows;
        self.bytes += bytes;
        self.ends.insert(self.bytes);
    }

    /// What a checkpoint says of the rows it goes with.
    pub fn mark(&self) -> SinkMark {
        SinkMark { rows: self.rows, bytes: self.bytes as u64, digest: self.digest.hex() }
    }

    /// Replaces the checkpoint, durably.
    pub fn store(&mut self, checkpoint: Checkpoint) {
        self.checkpoint = Some(checkpoint);
    }

    /// The power fails: what was not synced is lost, whole or in part, or garbled.
    pub fn crash(&mut self, draw: &mut Draw) {
        let loose = self.data.len() - self.synced;
        let kept = draw.between(0, loose as u64) as usize;
        self.data.truncate(self.synced + kept);
        if draw.permille(200) {
            for byte in self.data.iter_mut().skip(self.synced) {
                *byte = 0;
            }
        }
    }

    /// Rows and checkpoint of an open transaction are lost: what was counted is opened again by the checkpoint.
    pub fn forget(&mut self) {
        self.data.truncate(self.synced);
    }

    /// Drops rows that were appended but never acknowledged: the walk was stopped.
    pub fn drop_tail(&mut self) {
        self.data.truncate(self.bytes);
        self.synced = self.synced.min(self.bytes);
    }

    /// Opens the disk again: the rows are cut to what the checkpoint speaks of.
    ///
    /// # Errors
    /// When the checkpoint speaks of rows that are not there: data loss.
    pub fn open(&mut self, canaries: &[String]) -> Result<Option<Checkpoint>, String> {
        let Some(stored) = &self.checkpoint else {
            *self = Disk::default();
            return Ok(None);
        };
        let text = stored.to_json();
        no_canary(canaries, &text, "a checkpoint")?;
        if text.len() > LARGEST {
            return Err(format!("I-46: a checkpoint of {} bytes", text.len()));
        }
        let told = text.split_once("\"not_before\":").map_or("", |(_, rest)| rest);
        self.not_before = told.split([',', '}']).next().and_then(|number| number.parse().ok());
        let checkpoint = Checkpoint::from_json(&text).map_err(|error| format!("I-43: {error}"))?;
        let mark = checkpoint.sink().cloned().ok_or("the stored checkpoint has no mark")?;
        let length = mark.bytes as usize;
        let Some(kept) = self.data.get(..length) else {
            return Err("I-41: the durable position is ahead of the durable data".into());
        };
        if Digest::of(kept) != mark.digest {
            return Err("I-41: the durable rows are not the ones the checkpoint speaks of".into());
        }
        if length > 0 && !self.ends.contains(&length) {
            return Err("I-10: part of a page was committed".into());
        }
        let rows = kept.split_inclusive(|byte| *byte == b'\n').count() as u64;
        if rows != mark.rows || rows != checkpoint.records() {
            let counted = checkpoint.records();
            return Err(format!("I-10: {rows} rows stored, the checkpoint speaks of {counted}"));
        }
        self.data.truncate(length);
        self.synced = length;
        self.ends.retain(|end| *end <= length);
        self.rows = mark.rows;
        self.bytes = length;
        self.digest = Digest::new();
        self.digest.update(&self.data);
        Ok(Some(checkpoint))
    }

    /// The stored rows.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.data.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
    }
}
