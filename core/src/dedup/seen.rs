//! The set of keys that were delivered.

use super::base64;
use super::integers::{Gaps, Integers};
use super::mixer::Mixer;
use super::table::Table;
use super::{HashKey, Key};
use std::fmt::{self, Write};
use std::ops::ControlFlow;

/// Keys seen so far: exact, and small at every size (measured: ids without holes under 1 byte a key, all else
/// under 25). Nothing it answers depends on the order of inserts or on the hash key.
#[derive(Clone)]
pub struct Seen {
    integers: Integers,
    /// Scrambled, so that no choice of UUIDs fills one place.
    uuids: Table,
    /// Hashes are spread evenly as they are.
    hashes: Table,
    mixer: Mixer,
}

impl Seen {
    /// An empty set for the keys of the walk that has this hash key.
    pub fn new(key: &HashKey) -> Seen {
        let mixer = Mixer::new(key);
        Seen { integers: Integers::new(mixer), uuids: Table::default(), hashes: Table::default(), mixer }
    }

    /// Adds a key. True if it is fresh: not seen before.
    pub fn insert(&mut self, key: Key) -> bool {
        match key {
            Key::Integer(value) => self.integers.insert(value),
            Key::Uuid(bits) => self.uuids.insert(self.mixer.mix(bits)),
            Key::Hash(bits) => self.hashes.insert(bits),
        }
    }

    /// Whether the key was seen.
    pub fn contains(&self, key: Key) -> bool {
        match key {
            Key::Integer(value) => self.integers.contains(value),
            Key::Uuid(bits) => self.uuids.contains(self.mixer.mix(bits)),
            Key::Hash(bits) => self.hashes.contains(bits),
        }
    }

    /// Forgets a key; false if it wasn't there.
    pub fn remove(&mut self, key: Key) -> bool {
        match key {
            Key::Integer(value) => self.integers.remove(value),
            Key::Uuid(bits) => self.uuids.remove(self.mixer.mix(bits)),
            Key::Hash(bits) => self.hashes.remove(bits),
        }
    }

    /// The number of keys.
    pub fn len(&self) -> u64 {
        self.integers.len() + (self.uuids.len() + self.hashes.len()) as u64
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held on the heap.
    pub fn memory(&self) -> usize {
        self.integers.memory() + self.uuids.memory() + self.hashes.memory()
    }

    /// The integers that were skipped between the least and the greatest. Nothing if no key is an integer, or
    /// if some are not: then there is no sequence to have holes.
    pub fn gaps(&self) -> Option<Gaps> {
        if self.uuids.len() + self.hashes.len() > 0 { None } else { self.integers.gaps() }
    }

    /// The set as text, if that takes at most so many bytes: the runs of integers, the UUIDs and the hashes,
    /// e.g. `1-100 105;AAEC…;`. The same set has the same text.
    pub fn inline(&self, max_bytes: usize) -> Option<String> {
        let digits = |table: &Table| table.len().saturating_mul(16).saturating_mul(4).div_ceil(3);
        let wide = digits(&self.uuids).saturating_add(digits(&self.hashes)).saturating_add(2);
        // A run takes a digit and a space at least; so what can't fit is known before anything is sorted.
        let narrow = usize::try_from(self.integers.runs().saturating_mul(2)).ok()?.saturating_sub(1);
        if wide.saturating_add(narrow) > max_bytes {
            return None;
        }
        let mut text = String::new();
        let room = max_bytes - wide;
        let fits = self.integers.visit(|first, last| {
            let space = if text.is_empty() { "" } else { " " };
            let written = match first == last {
                true => write!(text, "{space}{first}"),
                false => write!(text, "{space}{first}-{last}"),
            };
            if written.is_ok() && text.len() <= room {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        if fits.is_break() {
            return None;
        }
        let mut uuids: Vec<u128> = self.uuids.words().map(|word| self.mixer.unmix(word)).collect();
        uuids.sort_unstable();
        text.push(';');
        base64::encode(uuids.into_iter().flat_map(u128::to_be_bytes), &mut text);
        text.push(';');
        base64::encode(self.hashes.words().flat_map(u128::to_be_bytes), &mut text);
        Some(text)
    }

    /// The set behind a text, or nothing if [`Seen::inline`] writes no such text.
    pub fn from_inline(text: &str, key: &HashKey) -> Option<Seen> {
        let mut seen = Seen::new(key);
        let (integers, rest) = text.split_once(';')?;
        let (uuids, hashes) = rest.split_once(';')?;
        let number = |text: &str| match Key::from_text(&format!("i{text}")) {
            Some(Key::Integer(value)) => Some(value),
            Some(Key::Uuid(_) | Key::Hash(_)) | None => None,
        };
        for run in integers.split(' ').filter(|_| !integers.is_empty()) {
            let appended = match run.split_once('-') {
                None => number(run).is_some_and(|value| seen.integers.append(value, value)),
                Some((first, last)) => {
                    let (first, last) = (number(first)?, number(last)?);
                    first < last && seen.integers.append(first, last)
                }
            };
            if !appended {
                return None;
            }
        }
        for id in words(uuids)? {
            seen.uuids.insert(seen.mixer.mix(id));
        }
        for hash in words(hashes)? {
            seen.hashes.insert(hash);
        }
        Some(seen)
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seen({} keys)", self.len())
    }
}

/// The words behind base64 text, if they ascend.
fn words(text: &str) -> Option<Vec<u128>> {
    let bytes = base64::decode(text)?;
    let (chunks, rest) = bytes.as_chunks::<16>();
    let words: Vec<u128> = chunks.iter().map(|&chunk| u128::from_be_bytes(chunk)).collect();
    (rest.is_empty() && words.is_sorted_by(|a, b| a < b)).then_some(words)
}
