//! The set of keys that were delivered.

use super::base64;
use super::integers::{Gaps, Integers};
use super::mixer::Mixer;
use super::table::Table;
use super::{HashKey, Key};
use std::fmt::{self, Write};
use std::ops::ControlFlow;

/// Keys seen so far: exact, and small at every size. Integers without many holes take next to nothing, dense
/// ones under 2 bytes a key, all else about 20, never 40. What it answers depends neither on the order of
/// inserts nor on the hash key.
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
        self.integers.len().saturating_add((self.uuids.len() + self.hashes.len()) as u64)
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
            let written = if first == last {
                write!(text, "{space}{first}")
            } else {
                write!(text, "{space}{first}-{last}")
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
        seen.uuids = Table::of(words(uuids)?.into_iter().map(|id| seen.mixer.mix(id)).collect());
        seen.hashes = Table::of(words(hashes)?);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn hash_key(seed: u64) -> HashKey {
        HashKey::from_seed(Seed(seed))
    }

    fn key() -> impl Strategy<Value = Key> {
        prop_oneof![
            3 => (0..300u64).prop_map(Key::Integer),
            1 => any::<u64>().prop_map(Key::Integer),
            1 => (0..300u128).prop_map(Key::Uuid),
            1 => any::<u128>().prop_map(Key::Uuid),
            1 => (0..9u128).prop_map(Key::Hash),
            1 => any::<u128>().prop_map(Key::Hash),
        ]
    }

    proptest! {
        #[test]
        fn does_what_a_sorted_set_does_and_survives_the_round_trip(
            steps in prop::collection::vec((0..4u8, key()), 0..300),
        ) {
            let (mut seen, mut model) = (Seen::new(&hash_key(1)), BTreeSet::new());
            for (step, key) in steps {
                if step == 0 {
                    prop_assert_eq!(seen.remove(key), model.remove(&key));
                } else {
                    prop_assert_eq!(seen.insert(key), model.insert(key));
                }
                prop_assert_eq!(seen.contains(key), step != 0);
                prop_assert_eq!(seen.len(), model.len() as u64);
                prop_assert_eq!(seen.is_empty(), model.is_empty());
            }
            let text = seen.inline(usize::MAX).unwrap();
            prop_assert_eq!(seen.inline(text.len()), Some(text.clone()));
            prop_assert_eq!(seen.inline(text.len() - 1), None);
            // Another order, another hash key: the same text.
            let mut other = Seen::new(&hash_key(2));
            model.iter().rev().for_each(|&key| assert!(other.insert(key)));
            prop_assert_eq!(other.inline(usize::MAX), Some(text.clone()));
            let back = Seen::from_inline(&text, &hash_key(3)).unwrap();
            prop_assert_eq!(back.inline(usize::MAX), Some(text));
            prop_assert_eq!(back.len(), model.len() as u64);
            prop_assert!(model.iter().all(|&key| back.contains(key)));
        }

        #[test]
        fn what_reads_back_is_written_the_one_way(text in "[0-3 -]{0,7};[A-B]{0,23};[A-B]{0,23}") {
            if let Some(seen) = Seen::from_inline(&text, &hash_key(1)) {
                prop_assert_eq!(seen.inline(usize::MAX), Some(text));
            }
        }
    }

    #[test]
    fn a_set_reads_as_what_it_holds() {
        let mut seen = Seen::new(&hash_key(1));
        assert_eq!(seen.inline(2).unwrap(), ";;");
        assert_eq!(seen.inline(1), None);
        for value in [5, 1, 2, 3, u64::MAX, 0] {
            seen.insert(Key::Integer(value));
        }
        seen.insert(Key::Uuid(1));
        seen.insert(Key::Hash(0));
        assert_eq!(
            seen.inline(1000).unwrap(),
            "0-3 5 18446744073709551615;AAAAAAAAAAAAAAAAAAAAAQ;AAAAAAAAAAAAAAAAAAAAAA"
        );
        assert_eq!(format!("{seen:?}"), "Seen(8 keys)");
    }

    #[test]
    fn other_texts_are_no_sets() {
        for odd in [
            "",
            ";",
            "1",
            "1;;;",
            " ;;",
            "1 ;;",
            " 1;;",
            "1  3;;",
            "1 2;;",
            "1-3 4;;",
            "3 1;;",
            "1-1;;",
            "3-1;;",
            "1-;;",
            "-1;;",
            "01;;",
            "+1;;",
            "1,3;;",
            "1-2-3;;",
            "1 1;;",
            "18446744073709551616;;",
            "0-18446744073709551615;;",
            "5-18446744073709551615 1;;",
            ";A;",
            ";AAAAAAAAAAAAAAAAAAAAAA==;",
            ";AAAAAAAAAAAAAAAAAAAAAB;",
            ";AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA;",
            ";;AAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(Seen::from_inline(odd, &hash_key(1)).is_none(), "{odd}");
        }
    }

    #[test]
    fn the_widest_range_that_can_be_written_is_read_and_used_without_being_unfolded() {
        let mut seen = Seen::from_inline("1-18446744073709551615;;", &hash_key(1)).unwrap();
        assert_eq!(seen.len(), u64::MAX);
        assert!(!seen.insert(Key::Integer(1 << 40)) && seen.insert(Key::Integer(0)));
        assert!(seen.insert(Key::Hash(7)) && seen.contains(Key::Integer(u64::MAX)));
        assert!(seen.memory() < 1000);
    }

    #[test]
    fn holes_are_told_only_where_all_keys_are_integers() {
        let mut seen = Seen::new(&hash_key(1));
        assert_eq!(seen.gaps(), None);
        seen.insert(Key::Integer(3));
        seen.insert(Key::Integer(7));
        assert_eq!(seen.gaps(), Some(Gaps { first: 3, last: 7, missing: 3, ranges: vec![(4, 6)] }));
        seen.insert(Key::Uuid(5));
        assert_eq!(seen.gaps(), None);
    }

    #[test]
    fn a_large_set_knows_at_once_that_it_does_not_fit() {
        let mut seen = Seen::new(&hash_key(1));
        (0..40_000u64).for_each(|n| assert!(seen.insert(Key::Integer(n * 2))));
        assert_eq!(seen.inline(64 * 1024), None);
        (0..39_999u64).for_each(|n| assert!(seen.insert(Key::Integer(n * 2 + 1))));
        assert_eq!(seen.inline(64 * 1024).unwrap(), "0-79998;;");
        (0..3100u128).for_each(|n| assert!(seen.insert(Key::Uuid(n))));
        assert_eq!(seen.inline(64 * 1024), None);
    }
}
