//! A compact set of evenly spread 128-bit words.
//!
//! Each shard is a sorted list with gaps: a word lies at or soon after the place its upper bits point to, and
//! never before a smaller one. So a look-up reads one or two cache lines, sixteen bytes are all a word needs,
//! and shards can grow by small steps, each at its own time: space stays used to three quarters and more at
//! every size, where tables that double are half empty after each doubling.

/// Words up to which there is one shard only.
const SMALL: usize = 4096;
/// Upper bits that choose among the shards of a larger table.
const SHARD_BITS: u32 = 6;
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
            let mine: Vec<u128> =
                std::iter::from_fn(|| words.next_if(|&word| self.shard_of(word) == at)).collect();
            let homes = grown(mine.len());
            let homes = homes + homes * at / (shards * 8);
            split.push(Shard::filled(mine.into_iter(), homes, self.bits));
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

/// The next size of a shard that is full with so many words.
fn grown(full: usize) -> usize {
    (full + full / 8) * 8 / 7 + 8
}

impl Shard {
    fn filled(words: impl Iterator<Item = u128>, homes: usize, bits: u32) -> Shard {
        let mut shard = Shard { slots: vec![0; homes + SLACK], homes, len: 0 };
        let mut free = 0;
        for word in words {
            let at = shard.home(word, bits).max(free);
            shard.lengthen(at);
            if let Some(slot) = shard.slots.get_mut(at) {
                *slot = word;
            }
            free = at + 1;
            shard.len += 1;
        }
        shard
    }

    fn words(&self) -> impl Iterator<Item = u128> {
        self.slots.iter().copied().filter(|&word| word != 0)
    }

    /// The place a word points to, in proportion to the bits below those that chose the shard.
    fn home(&self, word: u128, bits: u32) -> usize {
        let share = ((word >> 64) as u64) << bits;
        (u128::from(share) * self.homes as u128 >> 64) as usize
    }

    /// Where a word is, or would be put: the first place from its home on that is free or not below it.
    fn seek(&self, word: u128, bits: u32) -> usize {
        let home = self.home(word, bits);
        let passed =
            self.slots.get(home..).unwrap_or_default().iter().position(|&slot| slot == 0 || slot >= word);
        passed.map_or(self.slots.len(), |passed| home + passed)
    }

    /// Makes sure that there is a place `at`.
    fn lengthen(&mut self, at: usize) {
        if at >= self.slots.len() {
            self.slots.reserve_exact(SLACK);
            self.slots.resize(at + SLACK, 0);
        }
    }

    fn insert(&mut self, word: u128, bits: u32) -> bool {
        let mut at = self.seek(word, bits);
        if self.slots.get(at) == Some(&word) {
            return false;
        }
        if self.len + 1 > self.homes - self.homes / 8 {
            *self = Shard::filled(self.words(), grown(self.len), bits);
            at = self.seek(word, bits);
        }
        let run = self.slots.get(at..).unwrap_or_default().iter().position(|&slot| slot == 0);
        let free = run.map_or(self.slots.len(), |run| at + run);
        self.lengthen(free);
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
