//! Walking a list by numbers: offsets and page numbers, in contact or plainly.
//!
//! Positions are kept in rows from the start of the list. In contact each window starts a few rows before the
//! end of the last one; meeting a row of a window already bridged proves that nothing between was skipped (the
//! lemma stands in the design, section 5). When none is met the list has moved up: the counter steps back,
//! farther each time, until one is. Over page numbers the overlap comes from another page size.

use serde::{Deserialize, Serialize};

/// What the number counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Pages; the first one has this number.
    Pages(u64),
    /// Rows to skip; the first offset is this number.
    Rows(u64),
}

/// How windows are laid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Overlapping, each bridged to the ones before.
    Contact,
    /// One behind the other.
    Plain,
}

/// One request's worth of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The first row, counted from the start of the list.
    pub start: u64,
    /// The size to ask for, where it can be asked.
    pub size: Option<u64>,
    /// The number to send: an offset or a page number.
    pub number: u64,
    /// The row after the last one it should hold, if it is full.
    pub reach: u64,
}

/// What became of a window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bridge {
    /// It meets what was there before: its rows may be delivered.
    Kept,
    /// It doesn't: the counter stepped back, its rows are not a page.
    Lost,
    /// Stepping back has not helped: contact was given up, go on plainly. Its rows are not a page.
    GivenUp,
}

/// The counter of one walk: where it is and how it lays windows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counter {
    /// What the number counts.
    pub unit: Unit,
    /// How windows are laid now.
    pub mode: Mode,
    /// The size to ask for; `None` where the server decides.
    pub ask: Option<u64>,
    /// The least size that may be asked.
    pub least: u64,
    /// Rows in a full window, as learned; the size asked for until then.
    pub length: Option<u64>,
    /// The row after the last bridged one.
    pub end: u64,
    /// The same, after the last window that brought fresh rows.
    productive: u64,
    /// Overlap in sixteenths of a row.
    overlap: u64,
    /// Distance of the step back under way, in rows.
    back: u64,
    /// Steps back since the last contact.
    steps: u32,
    /// Recoveries in a row that brought nothing fresh.
    barren: u32,
    /// Windows that started where the one before did although another row was asked for.
    rounded: u32,
    /// Rows of the window before. Nothing is known of it after a resume: the server may give less by then.
    #[serde(skip)]
    given: Option<u64>,
}

/// Steps back in a row before contact is given up: doubling from 1 row this passes 2^40 rows.
const STEPS: u32 = 48;
/// Recoveries in a row without a fresh row before contact is given up.
const BARREN: u32 = 200;
/// Windows that start where the one before did before the server is taken to round offsets.
const ROUNDED: u32 = 2;
/// Page sizes that are tried out: of larger pages only the largest.
const SIZES: u64 = 10_000;
const ONE: u64 = 16;

impl Counter {
    /// A counter at the start of the list.
    pub const fn new(unit: Unit, mode: Mode, ask: Option<u64>, least: u64) -> Counter {
        Counter {
            unit,
            mode,
            ask,
            least,
            length: ask,
            end: 0,
            productive: 0,
            overlap: ONE,
            back: 0,
            steps: 0,
            barren: 0,
            rounded: 0,
            given: None,
        }
    }

    /// Whether a window may be planned from `at` while others are on their way: the length of one is known, and the
    /// first has been seen, also after a resume. Where contact has to be given up the others come first: they were
    /// planned in contact and are judged by it.
    pub fn can_run_ahead(&self, at: u64) -> bool {
        self.length.is_some()
            && self.end > 0
            && self.given.is_some()
            && self.steps == 0
            && !self.must_give_up(at)
    }

    /// Whether no page crosses `at`, so that there is no contact to keep there.
    fn must_give_up(&self, at: u64) -> bool {
        matches!(self.unit, Unit::Pages(_))
            && self.mode == Mode::Contact
            && self.steps == 0
            && !self.can_cross(at)
    }

    /// The next window, when the row after everything planned so far is `at` (the end, if nothing is).
    ///
    /// Over page numbers there are rows where every possible page ends (the common multiples of the sizes; only small
    /// sizes meet them): no page crosses them, so contact is given up there.
    pub fn plan(&mut self, at: u64) -> Window {
        if self.must_give_up(at) {
            self.mode = Mode::Plain;
        }
        let back = if self.mode == Mode::Plain {
            0
        } else if self.steps > 0 {
            self.back
        } else {
            self.overlap_rows()
        };
        let want = at.saturating_sub(back);
        let length = self.length.unwrap_or(0);
        match self.unit {
            Unit::Rows(first) => Window {
                start: want,
                size: self.ask,
                number: first.saturating_add(want),
                reach: want.saturating_add(length),
            },
            Unit::Pages(first) => {
                let size = self.page_size(want, at);
                let index = want / size;
                let start = index.saturating_mul(size);
                Window {
                    start,
                    size: self.ask.map(|_| size),
                    number: first.saturating_add(index),
                    reach: start.saturating_add(size),
                }
            }
        }
    }

    /// Whether some page holds the rows on both sides of `at`.
    fn can_cross(&self, at: u64) -> bool {
        let full = self.length.unwrap_or(1).max(1);
        let half = full.div_ceil(2).max(self.least).max(2);
        at == 0 || (half..=full).any(|size| !at.is_multiple_of(size))
    }

    /// The page size whose page holding row `want` reaches farthest beyond row `at`. Among the sizes from half
    /// the full one up there is always one whose page starts at or just before `want`.
    fn page_size(&self, want: u64, at: u64) -> u64 {
        let full = self.length.unwrap_or(1).max(1);
        if self.mode == Mode::Plain || self.ask.is_none() || want == 0 {
            return full;
        }
        let half = full.div_ceil(2).max(self.least).max(1);
        let reach = |size: u64| (want / size).saturating_add(1).saturating_mul(size).saturating_sub(at);
        let least = half.min(full).max(full.saturating_sub(SIZES));
        // Of sizes that reach equally far, the greatest: the last one wins.
        (least..=full).max_by_key(|size| reach(*size)).unwrap_or(full)
    }

    /// Takes in a window of `rows` rows, `fresh` of them new. `known` says whether it meets a bridged window
    /// (or, under a declared order, starts before the chain's last row); `same_start` that its first row is the
    /// one the window before began with.
    pub fn settle(
        &mut self,
        window: &Window,
        rows: u64,
        fresh: u64,
        known: bool,
        same_start: bool,
    ) -> Bridge {
        let shows_an_end = self.shows_an_end(rows);
        self.given = Some(rows);
        let contact = self.mode == Mode::Plain || known || window.start == 0;
        if !contact {
            return self.step_back();
        }
        if fresh == 0 && !shows_an_end {
            // Perhaps the server's pages have become as short as the overlap: the next window starts later.
            self.overlap = self.overlap.min(rows.saturating_sub(1).max(1).saturating_mul(ONE));
        }
        let recovered = self.steps > 0;
        self.end = window.start.saturating_add(rows);
        self.steps = 0;
        self.back = 0;
        if fresh > 0 {
            self.productive = self.end;
            self.barren = 0;
            self.rounded = 0;
            return self.shrink(recovered);
        }
        if same_start && window.start > 0 && self.mode == Mode::Contact {
            self.rounded = self.rounded.saturating_add(1);
            if self.rounded >= ROUNDED {
                return self.give_up();
            }
        }
        if recovered {
            self.barren = self.barren.saturating_add(1);
            if self.barren >= BARREN {
                return self.give_up();
            }
        }
        self.shrink(recovered)
    }

    fn shrink(&mut self, recovered: bool) -> Bridge {
        if !recovered {
            self.overlap = (self.overlap - self.overlap / 10).max(ONE);
        }
        Bridge::Kept
    }

    fn step_back(&mut self) -> Bridge {
        self.steps = self.steps.saturating_add(1);
        if self.steps > STEPS {
            return self.give_up();
        }
        let length = self.length.unwrap_or(1).max(1);
        let before = if self.steps == 1 { (self.overlap / ONE).max(1) } else { self.back };
        // The next seams overlap as far as this loss reached, within half a window.
        self.overlap = (before.saturating_mul(2).max(4)).min((length / 2).max(1)).saturating_mul(ONE);
        self.back = before.saturating_mul(2).max(length / 4).max(1);
        Bridge::Lost
    }

    fn give_up(&mut self) -> Bridge {
        self.mode = Mode::Plain;
        self.end = self.productive;
        self.steps = 0;
        self.back = 0;
        Bridge::GivenUp
    }

    /// Gives contact up: the server doesn't honour what a contact walk needs.
    pub fn go_plain(&mut self) {
        self.give_up();
    }

    /// Whether a window of `rows` rows is short because the list ends: the server gave more just before. Against what
    /// it gave long ago a window may be short because the server's pages have shrunk since.
    pub fn shows_an_end(&self, rows: u64) -> bool {
        self.given.is_some_and(|given| rows < given)
    }

    /// Whether windows overlap less than they did in `before`.
    pub fn overlaps_less_than(&self, before: &Counter) -> bool {
        self.overlap_rows() < before.overlap_rows()
    }

    /// Rows that the next window shares with the last, while contact is kept.
    fn overlap_rows(&self) -> u64 {
        // After a resume one window alone would not tell the list's end from shorter pages: the first shares more rows
        // than the second, which is shorter then if the list ends. Pages can't start at any row.
        let least = match self.unit {
            Unit::Rows(_) if self.given.is_none() => 2,
            Unit::Pages(_) if self.given.is_none() => (self.length.unwrap_or(0) / 2).max(2),
            Unit::Pages(_) | Unit::Rows(_) => 1,
        };
        (self.overlap / ONE).max(least)
    }

    /// Whether a step back is under way.
    pub const fn stepping_back(&self) -> bool {
        self.steps > 0
    }

    /// Learns how many rows a full window holds, from an answer that was not the last.
    pub fn learn(&mut self, rows: u64) {
        if rows > 0 {
            self.length = Some(rows);
        }
    }

    /// Goes back to the start of the page before the last one, to read it again: the list moved and the page
    /// size can't be varied.
    pub fn reread(&mut self) {
        let length = self.length.unwrap_or(1).max(1);
        self.end = self.end.div_ceil(length).saturating_sub(2).saturating_mul(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plans and settles one window.
    fn settle(c: &mut Counter, rows: u64, fresh: u64, known: bool) -> Bridge {
        let window = c.plan(c.end);
        c.settle(&window, rows, fresh, known, false)
    }

    /// Walks a frozen list of `n` rows; returns the requests and the rows seen.
    fn walk(unit: Unit, mode: Mode, n: u64, limit: u64) -> (u64, u64) {
        let mut c = Counter::new(unit, mode, Some(limit), 1);
        let (mut requests, mut seen) = (0, 0_u64);
        loop {
            let w = c.plan(c.end);
            let size = w.size.unwrap();
            let start = match unit {
                Unit::Rows(first) => w.number - first,
                Unit::Pages(first) => (w.number - first) * size,
            };
            assert_eq!(start, w.start);
            let end = (start + size).min(n);
            requests += 1;
            let rows = end.saturating_sub(start);
            let fresh = end.saturating_sub(seen.max(start));
            assert!(start <= seen, "a gap before row {start}");
            assert_eq!(c.settle(&w, rows, fresh, start < seen, false), Bridge::Kept);
            seen = seen.max(end);
            if end == n {
                return (requests, seen);
            }
            assert!(requests < 10_000);
        }
    }

    #[test]
    fn quiet_lists_cost_what_the_overlap_costs() {
        assert_eq!(walk(Unit::Rows(0), Mode::Plain, 20_000, 100), (200, 20_000));
        assert_eq!(walk(Unit::Pages(1), Mode::Plain, 20_000, 100), (200, 20_000));
        let (requests, _) = walk(Unit::Rows(0), Mode::Contact, 20_000, 100);
        assert!(requests <= 204, "{requests}");
        let (requests, _) = walk(Unit::Pages(1), Mode::Contact, 20_000, 100);
        assert!(requests <= 230, "{requests}");
    }

    #[test]
    fn every_list_length_is_covered_without_a_gap() {
        for n in 1..400 {
            for limit in [1, 2, 3, 7, 10] {
                for unit in [Unit::Rows(0), Unit::Rows(1), Unit::Pages(0), Unit::Pages(1)] {
                    if limit > 1 {
                        assert_eq!(walk(unit, Mode::Contact, n, limit).1, n, "{unit:?} {n} {limit}");
                    }
                    assert_eq!(walk(unit, Mode::Plain, n, limit).1, n, "{unit:?} {n} {limit}");
                }
            }
        }
    }

    #[test]
    fn a_lost_contact_steps_back_farther_each_time_until_the_start() {
        let mut c = Counter::new(Unit::Rows(0), Mode::Contact, Some(100), 1);
        let w = c.plan(0);
        assert_eq!(c.settle(&w, 100, 100, false, false), Bridge::Kept);
        c.end = 1000;
        let mut starts = vec![];
        loop {
            let w = c.plan(c.end);
            starts.push(w.start);
            if c.settle(&w, 100, 1, false, false) == Bridge::Kept {
                break;
            }
        }
        assert_eq!(starts, [999, 975, 950, 900, 800, 600, 200, 0]);
    }

    #[test]
    fn the_overlap_grows_with_a_loss_and_shrinks_again() {
        let mut c = Counter::new(Unit::Rows(0), Mode::Contact, Some(100), 1);
        assert_eq!(settle(&mut c, 100, 100, false), Bridge::Kept);
        assert_eq!(settle(&mut c, 100, 99, false), Bridge::Lost);
        assert_eq!(settle(&mut c, 100, 50, true), Bridge::Kept);
        let after = c.end - c.plan(c.end).start;
        assert!(after >= 4, "{after}");
        for _ in 0..40 {
            let w = c.plan(c.end);
            assert_eq!(c.settle(&w, 100, 90, true, false), Bridge::Kept);
        }
        assert_eq!(c.end - c.plan(c.end).start, 1);
    }

    #[test]
    fn pages_beyond_all_measure_are_planned_at_once() {
        let mut counter = Counter::new(Unit::Pages(u64::MAX), Mode::Contact, Some(u64::MAX), 1);
        counter.end = 3;
        let window = counter.plan(3);
        assert_eq!((window.start, window.number), (0, u64::MAX));
        assert!(window.reach > 3);
        counter.end = u64::MAX;
        let _ = counter.plan(u64::MAX);
    }

    #[test]
    fn a_server_that_rounds_offsets_down_is_walked_plainly() {
        let mut c = Counter::new(Unit::Rows(0), Mode::Contact, Some(100), 1);
        let (mut seen, mut requests, mut before) = (0, 0, None);
        while seen < 1000 {
            let w = c.plan(c.end);
            let start = w.number / 100 * 100;
            requests += 1;
            let fresh = (start + 100_u64).saturating_sub(seen.max(start));
            if c.settle(&w, 100, fresh, start < seen, before == Some(start)) == Bridge::Kept {
                seen = seen.max(start + 100);
                before = Some(start);
            }
        }
        assert_eq!(c.mode, Mode::Plain);
        assert!(requests <= 10 + 8, "{requests}");
    }
}
