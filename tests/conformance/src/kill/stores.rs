//! Stores that a host may have, as models. The file of lines is not among them: that one is real, and its tests are
//! where it is (`native/src/sink`).

use super::{Op, Store, Tape};
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::Verdict;
use everypage_core::source::Source;
use everypage_core::walk::Page;

const CHECKPOINT: &str = "checkpoint";

fn load(tape: &Tape) -> Result<Option<Checkpoint>, String> {
    let Some(bytes) = tape.files.read(CHECKPOINT) else { return Ok(None) };
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    Checkpoint::from_json(text).map(Some).map_err(|error| error.to_string())
}

/// Puts a checkpoint in place of the one before, as a careful host does.
fn replace(tape: &mut Tape, checkpoint: &Checkpoint) {
    let new = format!("{CHECKPOINT}.tmp");
    tape.note(&Op::Remove(new.clone()));
    tape.note(&Op::Create(new.clone()));
    tape.note(&Op::Append(new.clone(), checkpoint.to_json().into_bytes()));
    tape.note(&Op::Sync(new.clone()));
    tape.note(&Op::Rename(new, CHECKPOINT.to_owned()));
    tape.note(&Op::SyncNames);
}

/// How many rows lie under `row/`.
fn rows(tape: &Tape) -> usize {
    tape.files.each().filter(|(name, _, _)| name.starts_with("row/")).count()
}

/// Rows and checkpoint in one transaction: a database.
#[derive(Debug)]
pub struct Transactional {
    /// What is stored.
    pub tape: Tape,
    open: Vec<(String, Vec<u8>)>,
}

impl Transactional {
    /// A store that goes on with what is there.
    pub const fn new(tape: Tape) -> Transactional {
        Transactional { tape, open: Vec::new() }
    }
}

impl Store for Transactional {
    fn open(&mut self, _: &Source) -> Result<Option<Checkpoint>, String> {
        load(&self.tape)
    }

    fn begin(&mut self, checkpoint: Checkpoint) -> Result<(), String> {
        self.commit(checkpoint)
    }

    fn page(&mut self, page: &Page) -> Result<(), String> {
        for record in page.records() {
            let name = format!("row/{:06}", rows(&self.tape) + self.open.len());
            self.open.push((name, record.to_vec()));
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), String> {
        let mut all = std::mem::take(&mut self.open);
        all.push((CHECKPOINT.to_owned(), checkpoint.to_json().into_bytes()));
        self.tape.note(&Op::Transaction(all));
        Ok(())
    }

    fn end(&mut self, _: Verdict, checkpoint: Checkpoint) -> Result<(), String> {
        self.commit(checkpoint)
    }
}

/// Rows that replace themselves: a key-value store without transactions. Rows go to disk before the checkpoint that
/// covers them, unless `hasty`: that is the mistake the search has to find.
#[derive(Debug)]
pub struct Idempotent {
    /// What is stored.
    pub tape: Tape,
    hasty: bool,
}

impl Idempotent {
    /// A store that goes on with what is there.
    pub const fn new(tape: Tape, hasty: bool) -> Idempotent {
        Idempotent { tape, hasty }
    }
}

impl Store for Idempotent {
    fn open(&mut self, _: &Source) -> Result<Option<Checkpoint>, String> {
        load(&self.tape)
    }

    fn begin(&mut self, checkpoint: Checkpoint) -> Result<(), String> {
        self.commit(checkpoint)
    }

    fn page(&mut self, page: &Page) -> Result<(), String> {
        for record in page.records() {
            let row: serde_json::Value = serde_json::from_slice(record).map_err(|error| error.to_string())?;
            self.tape.note(&Op::Put(format!("row/{:>6}", row["id"].to_string()), record.to_vec()));
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), String> {
        if !self.hasty {
            self.tape.note(&Op::SyncNames);
        }
        replace(&mut self.tape, &checkpoint);
        Ok(())
    }

    fn end(&mut self, _: Verdict, checkpoint: Checkpoint) -> Result<(), String> {
        self.commit(checkpoint)
    }
}

/// Messages that nobody takes back: a queue. What a crash may repeat is what came after the last commit.
#[derive(Debug)]
pub struct AtLeastOnce {
    /// What is stored.
    pub tape: Tape,
}

impl AtLeastOnce {
    /// A store that goes on with what is there.
    pub const fn new(tape: Tape) -> AtLeastOnce {
        AtLeastOnce { tape }
    }
}

impl Store for AtLeastOnce {
    fn open(&mut self, _: &Source) -> Result<Option<Checkpoint>, String> {
        load(&self.tape)
    }

    fn begin(&mut self, checkpoint: Checkpoint) -> Result<(), String> {
        self.commit(checkpoint)
    }

    fn page(&mut self, page: &Page) -> Result<(), String> {
        for record in page.records() {
            let last = self.tape.files.each().filter_map(|(name, _, _)| name.strip_prefix("row/")).last();
            let next = last.and_then(|last| last.parse::<u64>().ok()).map_or(0, |last| last + 1);
            self.tape.note(&Op::Put(format!("row/{next:06}"), record.to_vec()));
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), String> {
        self.tape.note(&Op::SyncNames);
        replace(&mut self.tape, &checkpoint);
        Ok(())
    }

    fn end(&mut self, _: Verdict, checkpoint: Checkpoint) -> Result<(), String> {
        self.commit(checkpoint)
    }
}
