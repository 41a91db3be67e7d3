//! What is really on the list, and what ever was: the oracle.

use crate::draw::Draw;
use std::collections::{BTreeMap, BTreeSet};

/// One record of the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its identity.
    pub id: u64,
    /// What the list is sorted by.
    pub rank: u64,
    /// How often it was updated.
    pub ver: u32,
}

/// When a row was on the list, in changes of the list.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    born: u64,
    died: Option<u64>,
}

/// How a list changes between requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Churn {
    /// Chance of a change per request, in a thousand.
    pub rate: u64,
    /// Most changes at once.
    pub burst: u64,
    /// Weights of what happens: insert at the head, at the tail, in the middle, delete, update, move.
    pub kinds: [u64; 6],
}

/// The list and its history.
#[derive(Debug)]
pub struct Truth {
    /// The rows as they are served.
    pub rows: Vec<Row>,
    /// Changes so far.
    pub version: u64,
    /// Every row that ever was.
    lives: BTreeMap<u64, Life>,
    /// Rows served, with their versions.
    served: BTreeSet<(u64, u32)>,
    /// Greatest rank first.
    descending: bool,
    next_high: u64,
    next_low: u64,
    step: u64,
    /// Whether rows may change their rank.
    next_id: Option<u64>,
    /// Rows that are never shown: the server leaves them out after it has cut the page. In a thousand.
    hidden: u64,
    /// Rows beyond which the list doesn't grow.
    most: usize,
}

/// Where ranks start, so that there is room on both sides.
const MIDDLE: u64 = 1 << 40;

impl Truth {
    /// A list of `n` rows whose ranks lie `step` apart. `own_ids` gives rows ids that are not their rank.
    pub fn new(n: u64, step: u64, descending: bool, own_ids: bool, hidden: u64) -> Truth {
        let start = if own_ids || step > 1 { MIDDLE } else { 1 };
        let mut truth = Truth {
            rows: Vec::new(),
            version: 0,
            lives: BTreeMap::new(),
            served: BTreeSet::new(),
            descending,
            next_high: start,
            next_low: start.saturating_sub(step),
            step,
            next_id: own_ids.then_some(1),
            hidden,
            most: n as usize * 2 + 50,
        };
        let mut ranks: Vec<u64> = (0..n).map(|i| start + i * step).collect();
        truth.next_high = start + n * step;
        if descending {
            ranks.reverse();
        }
        for rank in ranks {
            let row = truth.make(rank);
            truth.rows.push(row);
        }
        truth
    }

    fn make(&mut self, rank: u64) -> Row {
        let id = self.next_id.unwrap_or(rank);
        self.next_id = self.next_id.map(|n| n + 1);
        self.lives.insert(id, Life { born: self.version, died: None });
        Row { id, rank, ver: 0 }
    }

    /// Lets the list change, as it does between two requests.
    pub fn churn(&mut self, churn: &Churn, draw: &mut Draw) {
        if !draw.permille(churn.rate) {
            return;
        }
        let total: u64 = churn.kinds.iter().sum();
        let mut at = draw.below(total);
        let mut kind = 0;
        for (index, weight) in churn.kinds.iter().enumerate() {
            if at < *weight {
                kind = index;
                break;
            }
            at -= weight;
        }
        for _ in 0..draw.between(1, churn.burst.max(1)) {
            self.change(kind, draw);
        }
    }

    fn change(&mut self, kind: usize, draw: &mut Draw) {
        self.version += 1;
        let at = draw.below(self.rows.len() as u64) as usize;
        match kind {
            0 => self.insert_end(true),
            1 => self.insert_end(false),
            2 => self.insert_middle(at),
            3 if at < self.rows.len() => {
                let row = self.rows.remove(at);
                self.bury(row.id);
            }
            4 => {
                if let Some(row) = self.rows.get_mut(at) {
                    row.ver += 1;
                }
            }
            5 if at < self.rows.len() && self.next_id.is_some() => {
                let mut row = self.rows.remove(at);
                row.rank = self.next_high;
                row.ver += 1;
                self.next_high += self.step;
                if self.descending { self.rows.insert(0, row) } else { self.rows.push(row) }
            }
            _ => {}
        }
    }

    fn insert_end(&mut self, head: bool) {
        // A list that grows faster than it is read has no end.
        if self.rows.len() > self.most || self.lives.len() > self.most + 3000 {
            return;
        }
        let high = head == self.descending;
        let rank = if high {
            self.next_high += self.step;
            self.next_high - self.step
        } else if self.next_low > self.step {
            self.next_low -= self.step;
            self.next_low + self.step
        } else {
            return;
        };
        let row = self.make(rank);
        if head { self.rows.insert(0, row) } else { self.rows.push(row) }
    }

    fn insert_middle(&mut self, at: usize) {
        let (Some(a), Some(b)) = (self.rows.get(at), self.rows.get(at + 1)) else { return };
        let (low, high) = (a.rank.min(b.rank), a.rank.max(b.rank));
        if high - low < 2 {
            return;
        }
        let rank = low + (high - low) / 2;
        if self.next_id.is_none() && self.lives.contains_key(&rank) {
            return;
        }
        let row = self.make(rank);
        self.rows.insert(at + 1, row);
    }

    fn bury(&mut self, id: u64) {
        let version = self.version;
        if let Some(life) = self.lives.get_mut(&id) {
            life.died = Some(version);
        }
    }

    /// Whether the server never shows this row.
    pub const fn is_hidden(&self, id: u64) -> bool {
        self.hidden > 0 && (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) % 1000 < self.hidden
    }

    /// Rows that were on the list in every state from one version to another.
    pub fn lived(&self, from: u64, to: u64) -> impl Iterator<Item = u64> + '_ {
        self.lives
            .iter()
            .filter(move |(_, life)| life.born <= from && life.died.is_none_or(|died| died > to))
            .map(|(id, _)| *id)
            .filter(|id| !self.is_hidden(*id))
    }

    /// Notes that a row was served.
    pub fn note(&mut self, row: &Row) {
        self.served.insert((row.id, row.ver));
    }

    /// Whether these bytes of this row were ever served.
    pub fn was_served(&self, id: u64, ver: u32) -> bool {
        self.served.contains(&(id, ver))
    }

    /// The first row strictly behind a rank.
    pub fn behind(&self, rank: u64) -> usize {
        self.rows.partition_point(|row| if self.descending { row.rank >= rank } else { row.rank <= rank })
    }

    /// The first row at or behind a rank.
    pub fn at_or_behind(&self, rank: u64) -> usize {
        self.rows.partition_point(|row| if self.descending { row.rank > rank } else { row.rank < rank })
    }
}
