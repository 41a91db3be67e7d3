//! The faults that bend the list itself, compiled once: the same bent list for every request.

use super::{Fault, Kind, LinkFault, ListFault, when::When};

/// What happens past a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PastCap {
    /// The list ends there without a word.
    Silence,
    /// 400.
    Error,
    /// The last page again and again.
    Repeat,
}

/// A result cap: no row past `rows` is ever served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap {
    pub(crate) rows: usize,
    pub(crate) past: PastCap,
    /// Whether the server admits it (`incomplete_results`).
    pub(crate) flagged: bool,
}

/// When cursors die.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expiry {
    pub(crate) status: u16,
    pub(crate) uses: Option<u64>,
    pub(crate) ms: Option<u64>,
    /// How many generations of cursors may die by use.
    pub(crate) times: u32,
}

/// What the server says the total is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Total {
    #[default]
    Honest,
    Absolute(i64),
    Off(i64),
    Untold,
}

/// Places in the list that hold no row: a window over them comes out short.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blanks(Vec<(usize, usize)>);

impl Blanks {
    fn add(&mut self, at: usize, len: usize) {
        self.0.push((at, len));
        self.0.sort_unstable();
    }

    /// How many places `rows` rows take up.
    pub(crate) fn places(&self, rows: usize) -> usize {
        self.0.iter().fold(rows, |places, &(at, len)| if at < places { places + len } else { places })
    }

    /// The row at a place.
    pub(crate) fn row(&self, place: usize) -> Option<usize> {
        let mut shift = 0;
        for &(at, len) in &self.0 {
            if place >= at + len {
                shift += len;
            } else if place >= at {
                return None;
            }
        }
        Some(place - shift)
    }

    /// The place of a row.
    pub(crate) fn place(&self, row: usize) -> usize {
        self.0.iter().fold(row, |place, &(at, len)| if at <= place { place + len } else { place })
    }
}

/// Every list and link fault with its defaults filled in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    pub(crate) clamp: Option<usize>,
    /// Blanks seen by cursors.
    pub(crate) short: Blanks,
    /// Blanks seen by offsets and page numbers: `short`, and whole pages.
    pub(crate) holes: Blanks,
    /// Pages of cursor walks that come out empty.
    pub(crate) empty: Option<When>,
    /// Rows that are counted in the total though they are blank.
    pub(crate) counted_blanks: usize,
    pub(crate) cap: Option<Cap>,
    pub(crate) total: Total,
    pub(crate) repeat_rows: usize,
    pub(crate) overlap: Option<(usize, When)>,
    /// First page and length of a circle of positions.
    pub(crate) cycle: Option<(u64, u64)>,
    pub(crate) foreign: Option<(When, Option<String>)>,
    pub(crate) weird: bool,
    pub(crate) awkward: bool,
    pub(crate) expiry: Option<Expiry>,
    pub(crate) single_use: Option<u16>,
}

impl Shape {
    pub(crate) fn new(faults: &[Fault]) -> Shape {
        let mut shape = Shape::default();
        for fault in faults {
            match fault.kind {
                Kind::List(list) => shape.list(list, fault),
                Kind::Link(link) => shape.link(link, fault),
                Kind::Body(_) | Kind::Status(_) | Kind::Wire(_) => {}
            }
        }
        shape
    }

    fn list(&mut self, kind: ListFault, fault: &Fault) {
        let number = usize::try_from(fault.number.unwrap_or(0)).unwrap_or(0);
        let size = fault.option("size", 100) as usize;
        let page = fault.when.as_ref().and_then(When::first).unwrap_or(2) as usize;
        match kind {
            ListFault::Cap => {
                let past = if fault.says("error") {
                    PastCap::Error
                } else if fault.says("repeat") {
                    PastCap::Repeat
                } else {
                    PastCap::Silence
                };
                self.cap = Some(Cap { rows: number, past, flagged: fault.says("flag") });
            }
            ListFault::Clamp => self.clamp = Some(number.max(1)),
            ListFault::EmptyMiddle => {
                self.holes.add((page - 1) * size, size);
                self.empty = Some(fault.when.clone().unwrap_or(When::page(2)));
            }
            ListFault::NoTotal => self.total = Total::Untold,
            ListFault::Overlap => {
                self.overlap = Some((number, fault.when.clone().unwrap_or(When::EVERY)));
            }
            ListFault::RepeatRows => self.repeat_rows = number,
            ListFault::ShortMiddle => {
                let at = (page - 1) * size + size / 2;
                self.short.add(at, 1);
                self.holes.add(at, 1);
                self.counted_blanks = usize::from(fault.says("total-all"));
            }
            ListFault::TotalLies => {
                let by = fault.number.unwrap_or(0);
                self.total = if fault.signed { Total::Off(by) } else { Total::Absolute(by) };
            }
        }
    }

    fn link(&mut self, kind: LinkFault, fault: &Fault) {
        let page = fault.when.as_ref().and_then(When::first).unwrap_or(2);
        let status = fault.number.and_then(|n| u16::try_from(n).ok()).filter(|n| (400..600).contains(n));
        match kind {
            LinkFault::Awkward => self.awkward = true,
            LinkFault::Cycle => self.cycle = Some((page.max(2), fault.option("len", 2).max(1))),
            LinkFault::Expired => {
                let ms = fault.stated("ms");
                let uses = fault.stated("uses").or(if ms.is_none() { Some(3) } else { None });
                let times = fault.times.unwrap_or(1);
                self.expiry = Some(Expiry { status: status.unwrap_or(410), uses, ms, times });
            }
            LinkFault::Foreign => {
                self.foreign = Some((fault.when.clone().unwrap_or(When::page(1)), fault.to.clone()));
            }
            LinkFault::Loop => self.cycle = Some((page.max(2), 1)),
            LinkFault::SingleUse => self.single_use = Some(status.unwrap_or(410)),
            LinkFault::Weird => self.weird = true,
        }
    }

    /// The total that is told for a list of `rows` rows; `None` where none is told.
    pub(crate) fn told(&self, rows: usize) -> Option<i64> {
        let rows = i64::try_from(rows + self.counted_blanks).unwrap_or(i64::MAX);
        match self.total {
            Total::Honest => Some(rows),
            Total::Absolute(total) => Some(total),
            Total::Off(by) => Some(rows.saturating_add(by)),
            Total::Untold => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_shift_what_comes_after_them() {
        let mut blanks = Blanks::default();
        blanks.add(10, 2);
        blanks.add(3, 1);
        let rows: Vec<_> = (0..14).map(|place| blanks.row(place)).collect();
        let expect = [0, 1, 2, 99, 3, 4, 5, 6, 7, 8, 99, 99, 9, 10].map(|r| (r != 99).then_some(r));
        assert_eq!(rows, expect);
        for row in 0..11 {
            assert_eq!(blanks.row(blanks.place(row)), Some(row));
        }
        // The second blank lies behind a list of 5 rows and doesn't lengthen it.
        assert_eq!((blanks.places(5), blanks.places(11), blanks.places(0)), (6, 14, 0));
    }

    #[test]
    fn totals_lie_as_told() {
        let told = |fault: &str| Shape::new(&[fault.parse().unwrap()]).told(240);
        assert_eq!(told("total-lies=250"), Some(250));
        assert_eq!(told("total-lies=+10"), Some(250));
        assert_eq!(told("total-lies=-10"), Some(230));
        assert_eq!(told("no-total"), None);
        assert_eq!(told("short-middle=2:total-all"), Some(241));
        assert_eq!(told("clamp=5"), Some(240));
    }
}
