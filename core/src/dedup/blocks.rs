//! Integers in blocks of 64 neighbours, each one word of a [`Table`].

use super::mixer::Mixer;
use super::table::Table;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

/// Blocks sorted at a time, so that reading them in order takes 256 KiB and not as much as the set itself.
const SORTED: usize = 16_384;

/// A set of integers: the scrambled number of a block is the upper half of a word, its bits are the lower.
#[derive(Clone)]
pub(super) struct Blocks {
    table: Table,
    mixer: Mixer,
}

impl Blocks {
    pub(super) fn new(mixer: Mixer) -> Blocks {
        Blocks { table: Table::default(), mixer }
    }

    /// The number of blocks that are not empty.
    pub(super) fn count(&self) -> u64 {
        self.table.len() as u64
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.table.memory()
    }

    pub(super) fn contains(&self, value: u64) -> bool {
        self.bits(value >> 6) & bit(value) != 0
    }

    /// Adds an integer; false if it was there.
    pub(super) fn insert(&mut self, value: u64) -> bool {
        let bits = self.bits(value >> 6);
        self.set(value >> 6, bits, bits | bit(value));
        bits & bit(value) == 0
    }

    /// Adds all integers from the first to the last.
    pub(super) fn insert_run(&mut self, first: u64, last: u64) {
        for at in first >> 6..=last >> 6 {
            let from = if at == first >> 6 { first & 63 } else { 0 };
            let to = if at == last >> 6 { last & 63 } else { 63 };
            let bits = self.bits(at);
            self.set(at, bits, bits | (u64::MAX >> (63 - (to - from))) << from);
        }
    }

    /// Takes an integer out; false if it wasn't there.
    pub(super) fn remove(&mut self, value: u64) -> bool {
        let bits = self.bits(value >> 6);
        self.set(value >> 6, bits, bits & !bit(value));
        bits & bit(value) != 0
    }

    /// Whether the integers right before and right after a value are there.
    pub(super) fn neighbours(&self, value: u64) -> (bool, bool) {
        let bits = self.bits(value >> 6);
        let there = |other: u64| {
            let bits = if other >> 6 == value >> 6 { bits } else { self.bits(other >> 6) };
            bits & bit(other) != 0
        };
        (value.checked_sub(1).is_some_and(there), value.checked_add(1).is_some_and(there))
    }

    /// The least and the greatest integer.
    pub(super) fn ends(&self) -> Option<(u64, u64)> {
        self.table.words().map(|word| self.block(word)).fold(None, |ends: Option<(u64, u64)>, (at, bits)| {
            let first = at << 6 | u64::from(bits.trailing_zeros());
            let last = at << 6 | u64::from(63 - bits.leading_zeros().min(63));
            Some(ends.map_or((first, last), |(least, greatest)| (least.min(first), greatest.max(last))))
        })
    }

    /// Shows every run of neighbours in ascending order, until told to stop.
    pub(super) fn visit(&self, mut see: impl FnMut(u64, u64) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut run: Option<(u64, u64)> = None;
        let mut done: Option<u64> = None;
        loop {
            let blocks = self.lowest(done);
            let Some(&(highest, _)) = blocks.last() else { break };
            done = Some(highest);
            for (at, mut bits) in blocks {
                while bits != 0 {
                    let skip = bits.trailing_zeros();
                    let ones = (bits >> skip).trailing_ones();
                    let (first, last) = (at << 6 | u64::from(skip), at << 6 | u64::from(skip + ones - 1));
                    bits &= u64::MAX.checked_shl(skip + ones).unwrap_or(0);
                    run = match run {
                        Some((start, end)) if end + 1 == first => Some((start, last)),
                        Some((start, end)) => {
                            see(start, end)?;
                            Some((first, last))
                        }
                        None => Some((first, last)),
                    };
                }
            }
        }
        run.map_or(ControlFlow::Continue(()), |(start, end)| see(start, end))
    }

    /// The lowest blocks of those above one, in ascending order with their bits.
    fn lowest(&self, above: Option<u64>) -> Vec<(u64, u64)> {
        let mut heap = BinaryHeap::new();
        for word in self.table.words() {
            let block = self.block(word);
            if above.is_some_and(|above| block.0 <= above) {
                continue;
            }
            if heap.len() < SORTED {
                heap.push(block);
            } else if let Some(mut highest) = heap.peek_mut()
                && block < *highest
            {
                *highest = block;
            }
        }
        heap.into_sorted_vec()
    }

    /// The bits of a block.
    fn bits(&self, at: u64) -> u64 {
        let from = self.word(at, 0);
        self.table.at_or_after(from).map_or(0, |word| if word >> 64 == from >> 64 { word as u64 } else { 0 })
    }

    /// Sets the bits of a block, which were `before`.
    fn set(&mut self, at: u64, before: u64, bits: u64) {
        match (before, bits) {
            (0, 0) => {}
            (0, _) => _ = self.table.insert(self.word(at, bits)),
            (_, 0) => _ = self.table.remove(self.word(at, before)),
            (_, _) => self.table.set_lower(self.word(at, 0), bits),
        }
    }

    fn word(&self, at: u64, bits: u64) -> u128 {
        u128::from(self.mixer.mix64(at)) << 64 | u128::from(bits)
    }

    fn block(&self, word: u128) -> (u64, u64) {
        (self.mixer.unmix64((word >> 64) as u64), word as u64)
    }
}

/// The bit of an integer in its block.
const fn bit(value: u64) -> u64 {
    1 << (value & 63)
}

#[cfg(test)]
mod tests {
    use super::super::HashKey;
    use super::*;
    use crate::rng::Seed;

    fn empty() -> Blocks {
        Blocks::new(Mixer::new(&HashKey::from_seed(Seed(1))))
    }

    fn runs(blocks: &Blocks) -> Vec<(u64, u64)> {
        let mut runs = Vec::new();
        let _ = blocks.visit(|first, last| {
            runs.push((first, last));
            ControlFlow::Continue(())
        });
        runs
    }

    #[test]
    fn runs_of_every_length_and_place_are_kept_as_they_are() {
        for first in [0, 1, 31, 62, 63, 64, u64::MAX - 130] {
            for last in first..=first + 130 {
                let mut blocks = empty();
                blocks.insert_run(first, last);
                assert_eq!(runs(&blocks), [(first, last)]);
                assert_eq!(blocks.ends(), Some((first, last)));
                assert_eq!(blocks.count(), (last >> 6) - (first >> 6) + 1);
                assert_eq!(blocks.neighbours(first), (false, last > first));
                assert!(blocks.contains(last) && blocks.remove(last) && !blocks.contains(last));
            }
        }
    }

    #[test]
    fn blocks_are_read_in_order_though_they_are_sorted_in_portions() {
        let mut blocks = empty();
        let count = SORTED as u64 * 2 + 10;
        (0..count).for_each(|n| assert!(blocks.insert((n * 7919 % count) * 100)));
        assert!(runs(&blocks).into_iter().eq((0..count).map(|n| (n * 100, n * 100))));
    }

    #[test]
    fn an_empty_set_has_no_ends_and_no_runs() {
        let mut blocks = empty();
        assert!(blocks.insert(5) && blocks.remove(5) && !blocks.remove(5));
        assert_eq!((blocks.ends(), runs(&blocks), blocks.count()), (None, vec![], 0));
    }
}
