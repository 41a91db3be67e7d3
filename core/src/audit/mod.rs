//! The evidence of a walk: what was seen of totals, seams, order, sizes and caps, and what it adds up to.

#[cfg(test)]
mod checks;
mod conclude;

pub use conclude::{Ending, Finding, Ground, Known};

use serde::{Deserialize, Serialize};

/// Evidence so far. A plain value: it goes into the checkpoint, so a resumed walk concludes as one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Audit {
    /// The server's total.
    pub total: Totals,
    /// Where pages met.
    pub seams: Seams,
    /// Rows in their declared order.
    pub order: Order,
    /// Rows against the size asked for.
    pub sizes: Sizes,
    /// Signals that spoke against each other: one sentence each.
    pub contradictions: Vec<String>,
    /// The server admitted that rows are missing: where it did.
    pub admitted: Option<String>,
    /// A header the walk depends on may be hidden.
    pub headers_hidden: bool,
    /// A declared cap was reached.
    pub cap_reached: bool,
    /// A resume without the keys of what was delivered before: records may have come again.
    pub keys_lost: bool,
    /// An id stood twice in one response.
    pub twice_in_one: bool,
    /// Answers from a cache (an `Age` header).
    pub cached: u64,
    /// Keyset: keys strictly monotone page by page so far; `None` before it could be told.
    pub monotone: Option<bool>,
    /// Keyset: the anchor was met again at every seam.
    pub anchors_met: u64,
}

/// What was seen of the server's total.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// The first one.
    pub first: Option<u64>,
    /// The last one.
    pub last: Option<u64>,
    /// Whether it ever differed from the one before.
    pub moved: bool,
}

/// Where pages met.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Seams {
    /// Seams in contact.
    pub kept: u64,
    /// Seams of which nothing can be told.
    pub unknown: u64,
    /// Contacts that were lost.
    pub lost: u64,
    /// Contacts that were found again.
    pub repaired: u64,
    /// Seams that stayed open.
    pub open: u64,
}

/// Rows in their declared order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Order {
    /// Neighbours compared.
    pub compared: u64,
    /// Neighbours out of order, and keys met again with another order value.
    pub broken: u64,
    /// Neighbours that could not be compared.
    pub unclear: u64,
    /// The first break, in words.
    pub first_break: Option<String>,
}

/// Rows against the size asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sizes {
    /// The size asked for.
    pub asked: Option<u64>,
    /// The most rows a page held.
    pub most: u64,
    /// Whether a page was full at the size asked for, or the server echoed it.
    pub proven: bool,
    /// Windows in contact that weren't full although fresh rows came after them: the server leaves rows out after it
    /// has cut its pages.
    pub short: u64,
    /// Whether the last window in contact that brought fresh rows wasn't full.
    ragged: bool,
    /// Pages that held more rows than were asked for.
    pub over: u64,
}

impl Totals {
    /// Notes the total of one answer; true when it differs from the one before.
    pub fn see(&mut self, total: u64) -> bool {
        let moved = self.last.is_some_and(|last| last != total);
        self.first.get_or_insert(total);
        self.last = Some(total);
        self.moved |= moved;
        moved
    }
}

impl Sizes {
    /// Notes one window in contact: whether it was full, and whether it brought fresh rows.
    pub fn bridge(&mut self, full: bool, fresh: bool) {
        if fresh {
            self.short += u64::from(self.ragged);
            self.ragged = !full;
        }
    }

    /// Notes the rows of one accepted page against the size asked for, or the one the server says it used.
    pub fn see(&mut self, asked: Option<u64>, echo: Option<u64>, rows: u64) {
        if self.asked.is_none() {
            self.asked = asked;
        }
        self.most = self.most.max(rows);
        if let Some(size) = echo.or(asked) {
            self.proven |= rows == size || echo == Some(size);
            self.over += u64::from(rows > size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_that_moves_and_comes_back_has_moved() {
        let mut total = Totals::default();
        assert!(!total.see(5));
        assert!(total.see(6));
        assert!(total.see(5));
        assert_eq!((total.first, total.last, total.moved), (Some(5), Some(5), true));
    }

    #[test]
    fn a_size_is_proven_by_a_full_page_or_an_echo() {
        let mut sizes = Sizes::default();
        sizes.see(Some(100), None, 60);
        assert!(!sizes.proven);
        sizes.see(Some(100), Some(60), 60);
        assert!(sizes.proven);
        sizes.see(Some(100), None, 160);
        assert_eq!((sizes.over, sizes.most), (1, 160));
    }
}
