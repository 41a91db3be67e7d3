//! A compact set of evenly spread 128-bit words.
//!
//! Each shard is a sorted list with gaps: a word lies at or soon after the place its upper bits point to, and
//! never before a smaller one. So a look-up reads one or two cache lines, sixteen bytes are all a word needs,
//! and shards can grow by small steps, each at its own time: space stays used to three quarters and more at
//! every size, where tables that double are half empty after each doubling.

/// Words up to which there is one shard only.
const SMALL: usize = 1024;
/// Upper bits that choose among the shards of a larger table.
const SHARD_BITS: u32 = 4;
/// Places behind the last home, for words pushed past it.
const SLACK: usize = 8;

/// The set. Words have to be spread evenly over their upper 64 bits for it to be fast, but not for it to be right.
#[derive(Clone, Default)]
pub(super) struct Table {
    shards: Vec<Shard>,
    bits: u32,
    len: usize,
    /// Whether the word 0, which marks free places in the shards, is in the set.
    zero: bool,
}

impl Table {
    /// The set of these words, in whatever order. Adding ascending words one by one would crowd them at the front.
    pub(super) fn of(mut words: Vec<u128>) -> Table {
        words.sort_unstable();
        words.dedup();
        let (len, zero) = (words.len(), words.first() == Some(&0));
        if zero {
            words.remove(0);
        }
        let homes = grown(words.len());
        Table { shards: vec![Shard::of(words, homes, 0)], bits: 0, len, zero }
    }

    /// The number of words.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        let slots: usize = self.shards.iter().map(|shard| shard.slots.capacity()).sum();
        slots * size_of::<u128>() + self.shards.capacity() * size_of::<Shard>()
    }

    /// All words, in ascending order.
    pub(super) fn words(&self) -> impl Iterator<Item = u128> {
        self.zero.then_some(0).into_iter().chain(self.shards.iter().flat_map(Shard::words))
    }

    /// Whether the word is in the set.
    pub(super) fn contains(&self, word: u128) -> bool {
        if word == 0 { self.zero } else { self.at_or_after(word) == Some(word) }
    }

    /// The least word that is not below `from`, as long as it is near its place: always found if its upper 64
    /// bits are those of `from`.
    pub(super) fn at_or_after(&self, from: u128) -> Option<u128> {
        let shard = self.shards.get(self.shard_of(from))?;
        shard.slots.get(shard.seek(from, self.bits)).copied().filter(|&word| word != 0)
    }

    /// Changes bits in the lower half of the word [`Table::at_or_after`] finds. Such bits don't move a word as
    /// long as no other word has the same upper half.
    pub(super) fn set_lower(&mut self, from: u128, lower: u64) {
        let (at, bits) = (self.shard_of(from), self.bits);
        if let Some(shard) = self.shards.get_mut(at) {
            let at = shard.seek(from, bits);
            if let Some(word) = shard.slots.get_mut(at) {
                *word = *word >> 64 << 64 | u128::from(lower);
            }
        }
    }

    /// Adds a word; false if it was there.
    pub(super) fn insert(&mut self, word: u128) -> bool {
        if word == 0 {
            let fresh = !self.zero;
            self.len += usize::from(fresh);
            self.zero = true;
            return fresh;
        }
        if self.shards.is_empty() {
            self.shards.push(Shard::default());
        } else if self.bits == 0 && self.len >= SMALL {
            self.split();
        }
        let (at, bits) = (self.shard_of(word), self.bits);
        let fresh = self.shards.get_mut(at).is_some_and(|shard| shard.insert(word, bits));
        self.len += usize::from(fresh);
        fresh
    }

    /// Takes a word out; false if it wasn't there.
    pub(super) fn remove(&mut self, word: u128) -> bool {
        let (at, bits) = (self.shard_of(word), self.bits);
        let found = if word == 0 {
            std::mem::take(&mut self.zero)
        } else {
            self.shards.get_mut(at).is_some_and(|shard| shard.remove(word, bits))
        };
        self.len -= usize::from(found);
        found
    }

    fn shard_of(&self, word: u128) -> usize {
        (word >> 65 >> (63 - self.bits)) as usize
    }

    /// From one shard to many. Each starts with room for a different share of growth, so that they don't grow
    /// all at the same time.
    fn split(&mut self) {
        let Some(whole) = self.shards.pop() else { return };
        let mut words = whole.words().peekable();
        let shards = 1usize << SHARD_BITS;
        self.bits = SHARD_BITS;
        let mut split = Vec::with_capacity(shards);
        for at in 0..shards {
            let mut mine: Vec<u128> =
                std::iter::from_fn(|| words.next_if(|&word| self.shard_of(word) == at)).collect();
            mine.shrink_to_fit();
            let homes = grown(mine.len());
            let homes = homes + homes * at / (shards * 6);
            split.push(Shard::of(mine, homes, self.bits));
        }
        drop(words);
        self.shards = split;
    }
}

/// One sorted list with gaps.
#[derive(Clone, Default)]
struct Shard {
    /// Words, and 0 where a place is free.
    slots: Vec<u128>,
    /// Places that words point to: all but the slack.
    homes: usize,
    len: usize,
}

/// The homes of a shard that was full with so many words: it grows by a sixth and is full at seven eighths.
fn grown(full: usize) -> usize {
    (full + full / 6) * 8 / 7 + 8
}

impl Shard {
    /// A shard of these words, which ascend.
    fn of(words: Vec<u128>, homes: usize, bits: u32) -> Shard {
        let mut shard = Shard { len: words.len(), slots: words, homes: 0 };
        shard.widen(homes, bits);
        shard
    }

    /// Spreads the words over more homes, in place: old and new never stand side by side in memory.
    fn widen(&mut self, homes: usize, bits: u32) {
        self.homes = homes;
        self.lengthen(homes + SLACK);
        while let Err(short) = self.spread(bits) {
            self.lengthen(self.slots.len() + short);
        }
    }

    /// Puts each word at its home or at the first free place after it. Fails, with all words still there, if
    /// the last of them need so many more places.
    fn spread(&mut self, bits: u32) -> Result<(), usize> {
        // First all words to the back, which leaves every word with at least as much room before it as it needs.
        let mut back = self.slots.len();
        for from in (0..self.slots.len()).rev() {
            if self.slots.get(from).is_some_and(|&word| word != 0) {
                back -= 1;
                self.slots.swap(from, back);
            }
        }
        let mut free = 0;
        for from in back..self.slots.len() {
            let home = self.slots.get(from).map_or(0, |&word| self.home(word, bits));
            let to = home.max(free);
            if to > from {
                return Err(to - from);
            }
            self.slots.swap(from, to);
            free = to + 1;
        }
        Ok(())
    }

    fn words(&self) -> impl Iterator<Item = u128> {
        self.slots.iter().copied().filter(|&word| word != 0)
    }

    /// The place a word points to, in proportion to the bits below those that chose the shard.
    fn home(&self, word: u128, bits: u32) -> usize {
        let share = ((word >> 64) as u64) << bits;
        ((u128::from(share) * self.homes as u128) >> 64) as usize
    }

    /// Where a word is, or would be put: the first place from its home on that is free or not below it.
    fn seek(&self, word: u128, bits: u32) -> usize {
        let home = self.home(word, bits);
        let passed =
            self.slots.get(home..).unwrap_or_default().iter().position(|&slot| slot == 0 || slot >= word);
        passed.map_or(self.slots.len(), |passed| home + passed)
    }

    /// Makes sure that there are so many places.
    fn lengthen(&mut self, places: usize) {
        let more = places.saturating_sub(self.slots.len());
        self.slots.reserve_exact(more);
        self.slots.resize(self.slots.len() + more, 0);
    }

    fn insert(&mut self, word: u128, bits: u32) -> bool {
        let mut at = self.seek(word, bits);
        if self.slots.get(at) == Some(&word) {
            return false;
        }
        if self.len + 1 > self.homes - self.homes / 8 {
            self.widen(grown(self.len), bits);
            at = self.seek(word, bits);
        }
        let run = self.slots.get(at..).unwrap_or_default().iter().position(|&slot| slot == 0);
        let free = run.map_or(self.slots.len(), |run| at + run);
        if free == self.slots.len() {
            self.lengthen(free + SLACK);
        }
        self.slots.copy_within(at..free, at + 1);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = word;
        }
        self.len += 1;
        true
    }

    fn remove(&mut self, word: u128, bits: u32) -> bool {
        let at = self.seek(word, bits);
        if self.slots.get(at) != Some(&word) {
            return false;
        }
        // Words behind it that were pushed past their home move up.
        let mut end = at + 1;
        while self.slots.get(end).is_some_and(|&next| next != 0 && self.home(next, bits) < end) {
            end += 1;
        }
        self.slots.copy_within(at + 1..end, at);
        if let Some(slot) = self.slots.get_mut(end - 1) {
            *slot = 0;
        }
        self.len -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Seed};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// What must hold of every shard: words ascend, none lies before its home, and no free place lies between a
    /// word and its home (or look-ups would stop there).
    fn check(table: &Table) {
        for shard in &table.shards {
            let mut free = None;
            for (at, &word) in shard.slots.iter().enumerate() {
                if word == 0 {
                    free = Some(at);
                } else {
                    let home = shard.home(word, table.bits);
                    assert!(home <= at && free.is_none_or(|free| free < home));
                }
            }
            assert_eq!(shard.words().count(), shard.len);
        }
        assert!(table.words().is_sorted_by(|a, b| a < b));
        assert_eq!(table.words().count(), table.len());
    }

    proptest! {
        /// The shapes are the ways in which words can crowd: not at all, in one shard, at its very end, on one
        /// home, around zero.
        #[test]
        fn does_what_a_sorted_set_does(
            shape in 0..5u8,
            steps in prop::collection::vec((any::<bool>(), any::<u64>(), any::<u16>()), 0..400),
        ) {
            let (mut table, mut model) = (Table::default(), BTreeSet::new());
            for (insert, wide, narrow) in steps {
                let word = match shape {
                    0 => u128::from(wide) << 64 | u128::from(narrow),
                    1 => u128::from(narrow) << 90,
                    2 => u128::MAX - u128::from(narrow % 512),
                    3 => 1 << 127 | u128::from(narrow % 512),
                    _ => u128::from(narrow % 64),
                };
                if insert {
                    prop_assert_eq!(table.insert(word), model.insert(word));
                } else {
                    prop_assert_eq!(table.remove(word), model.remove(&word));
                }
                prop_assert_eq!(table.contains(word), insert);
                check(&table);
            }
            prop_assert!(table.words().eq(model.iter().copied()));
            let table = Table::of(model.iter().rev().chain(&model).copied().collect());
            check(&table);
            prop_assert!(table.words().eq(model));
        }
    }

    #[test]
    fn many_words_survive_the_split_and_come_out_again() {
        let mut rng = Rng::new(Seed(1));
        let words: Vec<u128> =
            (0..40_000).map(|_| u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())).collect();
        let mut table = Table::default();
        for (before, &word) in words.iter().enumerate() {
            assert!(table.insert(word) && !table.insert(word));
            if before % 997 == 0 || before.abs_diff(SMALL) < 3 {
                check(&table);
            }
        }
        check(&table);
        for &word in &words {
            assert!(
                table.contains(word) && table.remove(word) && !table.contains(word) && !table.remove(word)
            );
        }
        check(&table);
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn crowded_words_survive_the_split() {
        let mut table = Table::default();
        let spread = (1..=SMALL as u128).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15 << 64));
        let words: Vec<u128> = (1..=800).map(|n| u128::MAX - n).chain(spread).collect();
        assert!(words.iter().all(|&word| table.insert(word)));
        assert_eq!(table.shards.len(), 1 << SHARD_BITS);
        check(&table);
        assert!(words.iter().all(|&word| table.contains(word)));
    }

    #[test]
    fn lower_bits_change_in_place() {
        let mut table = Table::default();
        let places: Vec<u128> =
            (0..20_000u128).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15 << 64)).collect();
        assert!(places.iter().all(|&place| table.insert(place | 1)));
        for &place in &places {
            table.set_lower(place, 7);
        }
        check(&table);
        assert!(places.iter().all(|&place| table.at_or_after(place) == Some(place | 7)));
    }

    #[test]
    fn a_word_takes_little_more_than_its_sixteen_bytes_at_every_size() {
        let (mut table, mut rng) = (Table::default(), Rng::new(Seed(3)));
        for len in 1..=100_000 {
            table.insert(u128::from(rng.next_u64()) << 64 | 1);
            let limit = if len < 2000 { 40 } else { 24 };
            assert!(table.memory() <= len * limit + 512, "{len}: {}", table.memory() / len);
        }
    }
}
