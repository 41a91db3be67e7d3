//! A set of integers that costs little where they lie close together.
//!
//! Ids without many holes are a few ranges. Where that would cost more, 64 neighbours share one block. Which
//! form is kept is judged whenever the set has grown by an eighth; what the set answers doesn't depend on it.

use super::blocks::Blocks;
use super::mixer::Mixer;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Holes that are listed one by one.
const LISTED: usize = 16;
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
    /// 64 neighbours each.
    Blocks(Blocks),
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
            Form::Blocks(blocks) => blocks.memory(),
        }
    }

    pub(super) fn contains(&self, value: u64) -> bool {
        match &self.form {
            Form::Ranges(ranges) => run_of(ranges, value).is_some_and(|(_, last)| value <= last),
            Form::Blocks(blocks) => blocks.contains(value),
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
            Form::Blocks(blocks) => {
                if !blocks.insert(value) {
                    return false;
                }
                blocks.neighbours(value)
            }
        };
        self.len = self.len.saturating_add(1);
        self.runs = (self.runs + 1) - u64::from(before) - u64::from(after);
        if self.len >= self.judge_at {
            self.judge();
        }
        true
    }

    pub(super) fn remove(&mut self, value: u64) -> bool {
        let (before, after) = match &mut self.form {
            Form::Ranges(ranges) => {
                let Some((first, last)) = run_of(ranges, value).filter(|&(_, last)| value <= last) else {
                    return false;
                };
                ranges.remove(&first);
                if first < value {
                    ranges.insert(first, value - 1);
                }
                if value < last {
                    ranges.insert(value + 1, last);
                }
                (first < value, value < last)
            }
            Form::Blocks(blocks) => {
                if !blocks.remove(value) {
                    return false;
                }
                blocks.neighbours(value)
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
        match &self.form {
            Form::Ranges(ranges) => ranges.iter().try_for_each(|(&first, &last)| see(first, last)),
            Form::Blocks(blocks) => blocks.visit(see),
        }
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
            Form::Blocks(blocks) => blocks.ends()?,
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
            Form::Blocks(blocks) => {
                if self.runs < blocks.count() / 2 {
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

    fn to_blocks(&self) -> Blocks {
        let mut blocks = Blocks::new(self.mixer);
        let _ = self.visit(|first, last| {
            blocks.insert_run(first, last);
            ControlFlow::Continue(())
        });
        blocks
    }
}

/// The last run that starts at or before a value.
fn run_of(ranges: &BTreeMap<u64, u64>, value: u64) -> Option<(u64, u64)> {
    ranges.range(..=value).next_back().map(|(&first, &last)| (first, last))
}

#[cfg(test)]
mod tests {
    use super::super::HashKey;
    use super::*;
    use crate::rng::{Rng, Seed};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn empty() -> Integers {
        Integers::new(Mixer::new(&HashKey::from_seed(Seed(1))))
    }

    fn runs(integers: &Integers) -> Vec<(u64, u64)> {
        let mut runs = Vec::new();
        let _ = integers.visit(|first, last| {
            runs.push((first, last));
            ControlFlow::Continue(())
        });
        runs
    }

    fn runs_of(model: &BTreeSet<u64>) -> Vec<(u64, u64)> {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for &value in model {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == value => *last = value,
                _ => runs.push((value, value)),
            }
        }
        runs
    }

    fn in_blocks(integers: &mut Integers) {
        integers.form = Form::Blocks(integers.to_blocks());
    }

    fn has_blocks(integers: &Integers) -> bool {
        matches!(integers.form, Form::Blocks(_))
    }

    proptest! {
        /// Small values crowd, so that runs grow, meet and break; the shift moves them over the ends of blocks
        /// and of the range.
        #[test]
        fn does_what_a_sorted_set_does_in_both_forms(
            blocks: bool,
            shift in prop::sample::select(vec![0, 1000, u64::MAX - 255]),
            steps in prop::collection::vec((any::<bool>(), any::<u8>()), 0..300),
        ) {
            let (mut integers, mut model) = (empty(), BTreeSet::new());
            if blocks {
                in_blocks(&mut integers);
            }
            for (insert, value) in steps {
                let value = shift + u64::from(value);
                if insert {
                    prop_assert_eq!(integers.insert(value), model.insert(value));
                } else {
                    prop_assert_eq!(integers.remove(value), model.remove(&value));
                }
                prop_assert_eq!(integers.contains(value), insert);
                prop_assert_eq!(integers.len(), model.len() as u64);
            }
            let expected = runs_of(&model);
            prop_assert_eq!(integers.runs(), expected.len() as u64);
            prop_assert_eq!(runs(&integers), expected.clone());
            in_blocks(&mut integers);
            prop_assert_eq!(runs(&integers), expected);
        }

        #[test]
        fn holes_are_the_spaces_between_the_runs(values: BTreeSet<u8>, blocks: bool) {
            let mut integers = empty();
            for &value in &values {
                integers.insert(u64::from(value));
            }
            if blocks {
                in_blocks(&mut integers);
            }
            let runs = runs_of(&values.iter().map(|&value| u64::from(value)).collect());
            let holes: Vec<_> = runs.windows(2).map(|two| (two[0].1 + 1, two[1].0 - 1)).collect();
            let expected = runs.first().zip(runs.last()).map(|(first, last)| Gaps {
                first: first.0,
                last: last.1,
                missing: holes.iter().map(|(from, to)| to - from + 1).sum(),
                ranges: holes.iter().copied().take(LISTED).collect(),
            });
            prop_assert_eq!(integers.gaps(), expected);
        }
    }

    #[test]
    fn the_widest_span_is_counted_right() {
        let mut integers = empty();
        assert_eq!(integers.gaps(), None);
        for value in [u64::MAX, 0] {
            assert!(integers.insert(value) && !integers.insert(value));
        }
        for _ in 0..2 {
            let gaps = integers.gaps().unwrap();
            assert_eq!((gaps.first, gaps.last, gaps.missing), (0, u64::MAX, u64::MAX - 1));
            assert_eq!(gaps.ranges, [(1, u64::MAX - 1)]);
            in_blocks(&mut integers);
        }
    }

    #[test]
    fn sparse_sets_move_to_blocks_and_filled_ones_back_to_ranges() {
        let mut integers = empty();
        // Every seventh value first, then the rest: the blocks fill up, the runs grow together.
        for start in 0..7 {
            for value in (start..140_000).step_by(7) {
                assert!(integers.insert(value));
            }
            if start == 0 {
                assert!(has_blocks(&integers));
            }
        }
        assert_eq!(integers.runs(), 1);
        assert!(!has_blocks(&integers) || integers.memory() < 140_000);
        assert!((0..140_000).all(|value| integers.contains(value)) && !integers.contains(140_000));
        for value in 140_000..200_000 {
            integers.insert(value);
        }
        assert!(!has_blocks(&integers));
        assert_eq!(runs(&integers), [(0, 199_999)]);
    }

    #[test]
    fn each_key_costs_little_at_every_size_and_next_to_nothing_where_ids_are_dense() {
        let mut rng = Rng::new(Seed(5));
        let (mut dense, mut shuffled, mut sparse) = (empty(), empty(), empty());
        for n in 1..=100_000u64 {
            dense.insert(n);
            shuffled.insert(n * 7919 % 100_003);
            sparse.insert(rng.next_u64());
            for integers in [&dense, &shuffled, &sparse] {
                assert!(integers.memory() as u64 <= 36 * integers.len(), "{n}");
            }
            assert!(sparse.memory() as u64 <= 25 * n || n < 2000);
        }
        assert!(dense.memory() < 100 && shuffled.memory() < 2 * 100_000);
    }
}
