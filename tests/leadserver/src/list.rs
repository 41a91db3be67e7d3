//! The list: rows rendered once, births and deaths, and windows over it.

use crate::{
    churn::{Churn, Happened},
    fault::shape::Blanks,
    lead::Maker,
};
use bytes::{Bytes, BytesMut};
use std::collections::HashMap;

/// The rows there were at the start, rendered: one buffer, youngest first, each with a comma after it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) maker: Maker,
    count: u64,
    buffer: Bytes,
    /// Where each row starts, and one end.
    starts: Vec<usize>,
}

impl Store {
    pub(crate) fn new(maker: Maker, count: u64) -> Store {
        let mut text = String::with_capacity(count as usize * 520);
        let mut starts = Vec::with_capacity(count as usize + 1);
        for seq in (1..=count).rev() {
            starts.push(text.len());
            maker.render(&mut text, seq, 0);
            text.push(',');
        }
        starts.push(text.len());
        text.shrink_to_fit();
        Store { maker, count, buffer: Bytes::from(text), starts }
    }

    /// Mean length of a rendered row, in bytes.
    pub(crate) fn mean(&self) -> f64 {
        self.buffer.len() as f64 / self.count.max(1) as f64 - 1.0
    }

    /// Rows `youngest` down to `oldest`, comma after each.
    fn slice(&self, youngest: u64, oldest: u64) -> Bytes {
        let at = |seq: u64| self.count.checked_sub(seq).and_then(|at| self.starts.get(at as usize)).copied();
        match (at(youngest), at(oldest.saturating_sub(1))) {
            (Some(from), Some(to)) if from <= to => self.buffer.slice(from..to),
            _ => Bytes::new(),
        }
    }
}

/// What changes while the server runs.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// Sequence numbers of the living, oldest first; `None` while nothing ever changed.
    living: Option<Vec<u64>>,
    /// Rows that are not, or no longer, as the store has them.
    rendered: HashMap<u64, Bytes>,
    pub(crate) happened: Happened,
    count: u64,
}

/// The order a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    YoungestFirst,
}

/// The rows of one page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    pub(crate) seqs: Vec<u64>,
    /// The place after the last one that was looked at.
    pub(crate) end: usize,
}

impl Life {
    pub(crate) fn new(store: &Store, churn: Option<&Churn>) -> Life {
        let living = churn.map(|_| (1..=store.count).collect());
        Life { living, rendered: HashMap::new(), happened: Happened::default(), count: store.count }
    }

    pub(crate) fn len(&self) -> usize {
        self.living.as_ref().map_or(self.count as usize, Vec::len)
    }

    /// One more list request: what the rule says happens now.
    pub(crate) fn tick(&mut self, store: &Store, churn: &Churn, seed: u64) {
        if let Some(living) = &mut self.living {
            churn.tick(&mut self.happened, living, seed, |seq, revision| {
                let mut text = String::new();
                store.maker.render(&mut text, seq, revision);
                text.push(',');
                self.rendered.insert(seq, Bytes::from(text));
            });
        }
    }

    pub(crate) fn seq_at(&self, row: usize, order: Order) -> Option<u64> {
        let row = match order {
            Order::OldestFirst => row,
            Order::YoungestFirst => self.len().checked_sub(row + 1)?,
        };
        match &self.living {
            Some(living) => living.get(row).copied(),
            None => (row < self.len()).then_some(row as u64 + 1),
        }
    }

    /// How many rows come before the first one behind `seq` (`inclusive`: before `seq` itself), whether or not it
    /// still lives.
    pub(crate) fn rows_before(&self, seq: u64, inclusive: bool, order: Order) -> usize {
        let below = |bound: u64| match &self.living {
            Some(living) => living.partition_point(|&s| s < bound),
            None => bound.saturating_sub(1).min(self.count) as usize,
        };
        match order {
            Order::OldestFirst => below(if inclusive { seq } else { seq.saturating_add(1) }),
            Order::YoungestFirst => self.len() - below(if inclusive { seq.saturating_add(1) } else { seq }),
        }
    }

    /// The rows at `start..start + size`, none past `stop` places; rows from `self.len()` on repeat the first ones.
    pub(crate) fn window(
        &self,
        blanks: &Blanks,
        start: usize,
        size: usize,
        stop: usize,
        order: Order,
    ) -> Window {
        let end = start.saturating_add(size).min(stop);
        let mut seqs = Vec::with_capacity(end.saturating_sub(start));
        let len = self.len();
        for place in start..end {
            if let Some(row) = blanks.row(place) {
                let row = if row >= len { row - len } else { row };
                seqs.extend(self.seq_at(row, order));
            }
        }
        Window { seqs, end: end.max(start) }
    }

    /// One row with a comma after it.
    pub(crate) fn record(&self, store: &Store, seq: u64) -> Bytes {
        self.rendered.get(&seq).cloned().unwrap_or_else(|| store.slice(seq, seq))
    }

    /// Rows as JSON, commas between them. A run of untouched rows costs no copy.
    pub(crate) fn rows(&self, store: &Store, seqs: &[u64]) -> Bytes {
        let (Some(&first), Some(&last)) = (seqs.first(), seqs.last()) else { return Bytes::new() };
        let run = first <= store.count
            && seqs.windows(2).all(|pair| matches!(pair, [a, b] if *a == b + 1))
            && (self.rendered.is_empty() || !seqs.iter().any(|seq| self.rendered.contains_key(seq)));
        if run {
            let mut slice = store.slice(first, last);
            slice.truncate(slice.len().saturating_sub(1));
            return slice;
        }
        let mut out = BytesMut::with_capacity(seqs.len() * 520);
        for &seq in seqs {
            out.extend_from_slice(&self.record(store, seq));
        }
        out.truncate(out.len().saturating_sub(1));
        out.freeze()
    }

    /// Sequence numbers on the list now, oldest first.
    pub(crate) fn now(&self) -> Vec<u64> {
        self.living.clone().unwrap_or_else(|| (1..=self.count).collect())
    }

    /// Those that were there at the reset and still are.
    pub(crate) fn lived(&self) -> Vec<u64> {
        let mut now = self.now();
        now.retain(|&seq| seq <= self.count);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(life: &Life, store: &Store, seqs: &[u64]) -> String {
        String::from_utf8(life.rows(store, seqs).to_vec()).unwrap()
    }

    #[test]
    fn a_run_and_a_copy_hold_the_same_bytes() {
        let store = Store::new(Maker::new(1, true), 20);
        let life = Life::new(&store, None);
        let one = text(&life, &store, &[9, 8, 7]);
        let parts = [9, 8, 7].map(|s| text(&life, &store, &[s])).join(",");
        assert_eq!(one, parts);
        assert_eq!(text(&life, &store, &[7, 8]), [7, 8].map(|s| text(&life, &store, &[s])).join(","));
        assert_eq!(text(&life, &store, &[]), "");
        assert_eq!(text(&life, &store, &[20, 19]).matches("\"id\"").count(), 2);
        assert_eq!(text(&life, &store, &[1]).matches("\"id\"").count(), 1);
    }

    #[test]
    fn positions_are_found_from_either_end() {
        let store = Store::new(Maker::new(1, true), 10);
        let quiet = Life::new(&store, None);
        let mut churned = Life::new(&store, None);
        churned.living = Some((1..=10).collect());
        for life in [&quiet, &churned] {
            assert_eq!(life.seq_at(0, Order::YoungestFirst), Some(10));
            assert_eq!(life.seq_at(0, Order::OldestFirst), Some(1));
            assert_eq!(life.seq_at(10, Order::YoungestFirst), None);
            assert_eq!(life.rows_before(7, false, Order::YoungestFirst), 4);
            assert_eq!(life.rows_before(7, true, Order::YoungestFirst), 3);
            assert_eq!(life.rows_before(7, false, Order::OldestFirst), 7);
            assert_eq!(life.rows_before(7, true, Order::OldestFirst), 6);
            assert_eq!(life.rows_before(99, false, Order::YoungestFirst), 0);
        }
        churned.living = Some(vec![1, 2, 9, 10]);
        assert_eq!(churned.rows_before(7, false, Order::YoungestFirst), 2);
        assert_eq!(churned.window(&Blanks::default(), 1, 2, 4, Order::YoungestFirst).seqs, [9, 2]);
    }
}
