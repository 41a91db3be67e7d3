//! A set of integers that costs little where they lie close together.
//!
//! Ids without many holes are a few ranges. Where that would cost more, 64 neighbours share one word of a
//! [`Table`]: their block in the upper half, one bit each in the lower. Which form is kept is judged whenever
//! the set has grown by an eighth; what the set answers doesn't depend on it.

use super::mixer::Mixer;
use super::table::Table;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::ControlFlow;

/// Holes that are listed one by one.
const LISTED: usize = 16;
/// Blocks sorted at a time, so that reading a table in order takes 1 MiB and not as much as the table.
const SORTED: usize = 65_536;
/// Keys from which it is worth judging the form.
const JUDGED: u64 = 1024;

/// The integers between the least and the greatest seen that were not seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gaps {
    /// The least integer seen.
    pub first: u64,
    /// The greatest integer seen.
    pub last: u64,
    /// How many integers between them were not seen.
    pub missing: u64,
    /// The lowest of the holes, first and last missing integer of each; at most 16.
    pub ranges: Vec<(u64, u64)>,
}

/// The set.
#[derive(Clone)]
pub(super) struct Integers {
    form: Form,
    mixer: Mixer,
    len: u64,
    /// Runs of neighbours, in whatever form.
    runs: u64,
    /// The size at which the form is judged next.
    judge_at: u64,
}

#[derive(Clone)]
enum Form {
    /// First and last of each run.
    Ranges(BTreeMap<u64, u64>),
    /// The scrambled number of a block in the upper half, its bits in the lower.
    Blocks(Table),
}

impl Integers {
    pub(super) fn new(mixer: Mixer) -> Integers {
        Integers { form: Form::Ranges(BTreeMap::new()), mixer, len: 0, runs: 0, judge_at: JUDGED }
    }

    /// The number of integers.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The number of runs of neighbours.
    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    /// Bytes held; of a tree, what its nodes take when they are filled as badly as they get.
    pub(super) fn memory(&self) -> usize {
        match &self.form {
            Form::Ranges(ranges) => ranges.len() * 36,
            Form::Blocks(table) => table.memory(),
        }
    }

    pub(super) fn contains(&self, value: u64) -> bool {
        match &self.form {
            Form::Ranges(ranges) => run_of(ranges, value).is_some_and(|(_, last)| value <= last),
            Form::Blocks(table) => block(table, &self.mixer, value >> 6) & bit(value) != 0,
        }
    }

    pub(super) fn insert(&mut self, value: u64) -> bool {
        let (before, after) = match &mut self.form {
            Form::Ranges(ranges) => {
                let left = run_of(ranges, value);
                if left.is_some_and(|(_, last)| value <= last) {
                    return false;
                }
                let left = left.filter(|&(_, last)| last + 1 == value);
                let right = value.checked_add(1).and_then(|next| ranges.remove(&next));
                ranges.insert(left.map_or(value, |(first, _)| first), right.unwrap_or(value));
                (left.is_some(), right.is_some())
            }
            Form::Blocks(table) => {
                let bits = block(table, &self.mixer, value >> 6);
                if bits & bit(value) != 0 {
                    return false;
                }
                set_block(table, &self.mixer, value >> 6, bits, bits | bit(value));
                neighbours(table, &self.mixer, value, bits)
            }
        };
        self.len += 1;
        self.runs = (self.runs + 1) - u64::from(before) - u64::from(after);
        if self.len >= self.judge_at {
            self.judge();
        }
        true
    }

    pub(super) fn remove(&mut self, value: u64) -> bool {
        if !self.contains(value) {
            return false;
        }
        let (before, after) = match &mut self.form {
            Form::Ranges(ranges) => {
                let Some((first, last)) = run_of(ranges, value) else { return false };
                ranges.remove(&first);
                if first < value {
                    ranges.insert(first, value - 1);
                }
                if value < last {
                    ranges.insert(value + 1, last);
                }
                (first < value, value < last)
            }
            Form::Blocks(table) => {
                let bits = block(table, &self.mixer, value >> 6);
                set_block(table, &self.mixer, value >> 6, bits, bits & !bit(value));
                neighbours(table, &self.mixer, value, bits)
            }
        };
        self.len -= 1;
        self.runs = (self.runs + u64::from(before) + u64::from(after)).saturating_sub(1);
        true
    }

    /// Adds a run that lies beyond all that is there, not touching it; false if it doesn't, or if it is no run.
    pub(super) fn append(&mut self, first: u64, last: u64) -> bool {
        let Form::Ranges(ranges) = &mut self.form else { return false };
        let beyond =
            ranges.last_key_value().is_none_or(|(_, &end)| end.checked_add(1).is_some_and(|end| end < first));
        let Some(len) = last.checked_sub(first).and_then(|more| self.len.checked_add(more)?.checked_add(1))
        else {
            return false;
        };
        if beyond {
            ranges.insert(first, last);
            self.len = len;
            self.runs += 1;
        }
        beyond
    }

    /// Shows every run in ascending order, until told to stop.
    pub(super) fn visit(&self, mut see: impl FnMut(u64, u64) -> ControlFlow<()>) -> ControlFlow<()> {
        let table = match &self.form {
            Form::Ranges(ranges) => return ranges.iter().try_for_each(|(&first, &last)| see(first, last)),
            Form::Blocks(table) => table,
        };
        let mut run: Option<(u64, u64)> = None;
        let mut done: Option<u64> = None;
        loop {
            let blocks = lowest(table, &self.mixer, done);
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

    /// The holes; nothing if there are no integers.
    pub(super) fn gaps(&self) -> Option<Gaps> {
        let mut ranges = Vec::new();
        let mut end: Option<u64> = None;
        let _ = self.visit(|first, last| {
            if let Some(end) = end {
                ranges.push((end.saturating_add(1), first.saturating_sub(1)));
            }
            end = Some(last);
            if ranges.len() < LISTED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        let (first, last) = match &self.form {
            Form::Ranges(ranges) => (*ranges.first_key_value()?.0, *ranges.last_key_value()?.1),
            Form::Blocks(table) => table.words().fold(None, |ends: Option<(u64, u64)>, word| {
                let (at, bits) = (self.mixer.unmix64((word >> 64) as u64) << 6, word as u64);
                let first = at | u64::from(bits.trailing_zeros());
                let last = at | u64::from(63 - bits.leading_zeros().min(63));
                Some(ends.map_or((first, last), |ends| (ends.0.min(first), ends.1.max(last))))
            })?,
        };
        // One less than the span, less one less than the keys: stays in range for the widest span, too.
        Some(Gaps { first, last, missing: (last - first).saturating_sub(self.len.saturating_sub(1)), ranges })
    }

    /// Takes the other form if it is clearly the smaller one: a range takes about twice the space of a block.
    fn judge(&mut self) {
        self.judge_at = self.len.saturating_add(self.len / 8).max(JUDGED);
        match &self.form {
            Form::Ranges(ranges) => {
                let mut before = None;
                let mut blocks = 0;
                for (&first, &last) in ranges {
                    blocks += (last >> 6) - (first >> 6) + u64::from(before != Some(first >> 6));
                    before = Some(last >> 6);
                }
                if blocks < self.runs + self.runs / 4 {
                    self.form = Form::Blocks(self.to_blocks());
                }
            }
            Form::Blocks(table) => {
                if self.runs < table.len() as u64 / 2 {
                    let mut ranges = BTreeMap::new();
                    let _ = self.visit(|first, last| {
                        ranges.insert(first, last);
                        ControlFlow::Continue(())
                    });
                    self.form = Form::Ranges(ranges);
                }
            }
        }
    }

    fn to_blocks(&self) -> Table {
        let mut table = Table::default();
        let _ = self.visit(|first, last| {
            for at in first >> 6..=last >> 6 {
                let from = if at == first >> 6 { first & 63 } else { 0 };
                let to = if at == last >> 6 { last & 63 } else { 63 };
                let bits = block(&table, &self.mixer, at);
                set_block(&mut table, &self.mixer, at, bits, bits | u64::MAX >> (63 - to + from) << from);
            }
            ControlFlow::Continue(())
        });
        table
    }
}

/// The last run that starts at or before a value.
fn run_of(ranges: &BTreeMap<u64, u64>, value: u64) -> Option<(u64, u64)> {
    ranges.range(..=value).next_back().map(|(&first, &last)| (first, last))
}

const fn bit(value: u64) -> u64 {
    1 << (value & 63)
}

/// The bits of a block.
fn block(table: &Table, mixer: &Mixer, at: u64) -> u64 {
    let from = u128::from(mixer.mix64(at)) << 64;
    table.at_or_after(from).map_or(0, |word| if word >> 64 == from >> 64 { word as u64 } else { 0 })
}

/// Sets the bits of a block, which were `before`.
fn set_block(table: &mut Table, mixer: &Mixer, at: u64, before: u64, bits: u64) {
    let from = u128::from(mixer.mix64(at)) << 64;
    match (before, bits) {
        (0, 0) => {}
        (0, _) => _ = table.insert(from | u128::from(bits)),
        (_, 0) => _ = table.remove(from | u128::from(before)),
        (_, _) => table.set_lower(from, bits),
    }
}

/// Whether the integers right before and right after a value are there; `bits` are those of its block.
fn neighbours(table: &Table, mixer: &Mixer, value: u64, bits: u64) -> (bool, bool) {
    let there = |other: u64| {
        let bits = if other >> 6 == value >> 6 { bits } else { block(table, mixer, other >> 6) };
        bits & bit(other) != 0
    };
    (value.checked_sub(1).is_some_and(there), value.checked_add(1).is_some_and(there))
}

/// The lowest blocks of those above one, in ascending order with their bits.
fn lowest(table: &Table, mixer: &Mixer, above: Option<u64>) -> Vec<(u64, u64)> {
    let mut heap = BinaryHeap::new();
    for word in table.words() {
        let entry = (mixer.unmix64((word >> 64) as u64), word as u64);
        if above.is_some_and(|above| entry.0 <= above) {
            continue;
        }
        if heap.len() < SORTED {
            heap.push(entry);
        } else if let Some(mut highest) = heap.peek_mut()
            && entry < *highest
        {
            *highest = entry;
        }
    }
    heap.into_sorted_vec()
}
