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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;

    fn pointers(texts: &[&str]) -> Vec<Pointer> {
        texts.iter().map(|text| Pointer::parse(text).unwrap()).collect()
    }

    fn rebuild(ids: &[&str]) -> Rebuild {
        Rebuild::new(&pointers(ids), &key())
    }

    fn key() -> HashKey {
        HashKey::from_seed(Seed(4))
    }

    #[test]
    fn rows_tell_their_keys_their_number_and_their_digest() {
        let file = b"{\"id\":1}\n{\"id\":\"a\",\"x\":{\"id\":9}}\n{\"x\":[],\"id\":1}\n";
        let mut rows = rebuild(&["/id"]);
        file.split_inclusive(|&byte| byte == b'\n').for_each(|line| rows.push(line).unwrap());
        assert_eq!((rows.rows(), rows.bytes()), (3, file.len() as u64));
        let (seen, count, digest) = rows.finish();
        assert_eq!((seen.len(), count), (2, 3));
        assert_eq!(digest, Digest::of(file));
        let a = Key::of([&b"\"a\""[..]].into_iter(), &key()).unwrap();
        assert!(seen.contains(Key::Integer(1)) && seen.contains(a) && !seen.contains(Key::Integer(9)));
    }

    #[test]
    fn lines_may_come_without_their_line_feed() {
        let (mut with, mut without) = (rebuild(&["/id"]), rebuild(&["/id"]));
        with.push(b"{\"id\":5}\n").unwrap();
        without.push(b"{\"id\":5}").unwrap();
        assert_eq!(with.bytes(), without.bytes());
        assert_eq!(with.finish().2, without.finish().2);
    }

    #[test]
    fn several_parts_and_whole_records_make_the_keys_they_made_when_they_were_delivered() {
        let mut rows = rebuild(&["/a", "/b/c"]);
        rows.push(b"{\"b\":{\"c\":\"y\"},\"a\":1}").unwrap();
        assert!(rows.finish().0.contains(Key::of([&b"1"[..], b"\"y\""].into_iter(), &key()).unwrap()));
        let mut rows = rebuild(&[""]);
        rows.push(b"{\"a\": 1}\n").unwrap();
        rows.push(b"\"text\"\n").unwrap();
        rows.push(b"{\"a\":1}\n").unwrap();
        let (seen, count, _) = rows.finish();
        assert_eq!((seen.len(), count), (2, 3));
        assert!(seen.contains(Key::of_record(b"{\"a\":1}", &key()).unwrap()));
    }

    #[test]
    fn a_line_that_is_no_row_is_named_and_changes_nothing() {
        for (line, has_json) in [
            (&b""[..], false),
            (b"\n", false),
            (b"{\"id\":1", false),
            (b"{\"id\":1}{\"id\":2}", false),
            (b"\xff", false),
            (b"{\"id\":1}\n{\"id\":2}\n", false),
            (b"<html>", false),
            (b"{}", true),
            (b"{\"id\":null}", true),
            (b"{\"id\":[]}", true),
            (b"{\"id\":{}}", true),
            (b"[]", true),
            (b"7", true),
        ] {
            let mut rows = rebuild(&["/id"]);
            rows.push(b"{\"id\":0}").unwrap();
            let error = rows.push(line).unwrap_err();
            match &error {
                RowError::NoId { row } => assert!(has_json && *row == 2, "{line:?}"),
                RowError::NoJson { row, .. } => assert!(!has_json && *row == 2, "{line:?}"),
            }
            assert!(error.to_string().starts_with("stored row 2 "));
            assert_eq!((rows.rows(), rows.bytes()), (1, 9));
            assert_eq!(rows.finish().2, Digest::of(b"{\"id\":0}\n"));
        }
    }

    #[test]
    fn without_an_id_no_row_has_a_key() {
        assert_eq!(rebuild(&[]).push(b"{\"id\":1}"), Err(RowError::NoId { row: 1 }));
    }

    #[test]
    fn an_id_inside_the_record_is_found_there_and_one_outside_is_not() {
        let of = |each: &str, ids: &[&str]| Rebuild::pointers(&pointers(&[each])[0], &pointers(ids));
        assert_eq!(of("", &["/id"]), Some(pointers(&["/id"])));
        assert_eq!(of("", &[""]), Some(pointers(&[""])));
        assert_eq!(of("/node", &["/node/id", "/node/x/y"]), Some(pointers(&["/id", "/x/y"])));
        assert_eq!(of("/node", &["/node"]), Some(pointers(&[""])));
        assert_eq!(of("/node", &["/node/id", "/cursor"]), None);
        assert_eq!(of("/node", &["/nodes/id"]), None);
        assert_eq!(of("/node", &[""]), None);
    }
}
