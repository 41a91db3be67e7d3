//! Where a scan puts what it finds: in the body, and in one element of the records' array.

use super::plan::{Goal, Node, Plan, Want};
use super::scan::{Records, Row};
use super::span::{Kind, Limits, Span};
use super::track::{Reached, Sink, Stop, Tracker};

/// What is found in the body.
pub(super) struct Body {
    pub(super) found: Records,
    /// The alternative that `found` speaks of.
    by: usize,
    pub(super) rows: Vec<Row>,
    pub(super) cells: Vec<Span>,
    pub(super) values: Vec<Span>,
}

/// What is found in one element.
struct Cells<'c> {
    row: usize,
    by: usize,
    slots: &'c mut [Span],
}

impl Body {
    pub(super) fn new(plan: &Plan) -> Body {
        let found = if plan.records.is_empty() { Records::NotWanted } else { Records::Absent };
        Body {
            found,
            by: 0,
            rows: Vec::new(),
            cells: Vec::new(),
            values: vec![Span::NONE; plan.values.len()],
        }
    }

    /// Over the whole body, from its first byte that isn't space.
    pub(super) fn read(&mut self, tracker: &mut Tracker<'_>, at: usize, depth: u32) -> Reached {
        let plan = tracker.plan;
        match plan.body.nodes.first() {
            Some(root) => tracker.value(&plan.body, root, at, depth, self),
            None => Ok(tracker.lexer.skip(at, depth)?),
        }
    }

    /// Whether this alternative, with a value of this kind, goes before what was found so far.
    fn is_better(&self, by: usize, kind: Kind) -> bool {
        let rank = |kind| match kind {
            Kind::Array => 0,
            Kind::Bool | Kind::Number | Kind::Object | Kind::String => 1,
            Kind::Null => 2,
        };
        let so_far = match self.found {
            Records::Absent | Records::NotWanted => return true,
            Records::At(_) => Kind::Array,
            Records::Null => Kind::Null,
            Records::Other(kind) => kind,
        };
        (rank(kind), by) < (rank(so_far), self.by)
    }

    fn read_rows(&mut self, tracker: &mut Tracker<'_>, by: usize, at: usize, depth: u32) -> Reached {
        let plan = tracker.plan;
        let Some(root) = plan.element.nodes.first() else { return Ok(tracker.lexer.skip(at, depth)?) };
        self.rows.clear();
        self.cells.clear();
        // The cell of the record stands behind the others, and is taken away again.
        let width = plan.cells.len() - usize::from(plan.whole);
        let end = tracker.elements(at, depth, |tracker, row, start, depth| {
            let base = self.cells.len();
            self.cells.resize(base + width, Span::NONE);
            let mut cells = Cells { row, by, slots: self.cells.get_mut(base..).unwrap_or_default() };
            let end = tracker.value(&plan.element, root, start, depth, &mut cells)?;
            let element = Span::new(start, end);
            let record = if plan.whole { Some(element) } else { self.cells.pop() };
            let record = record.filter(|record| tracker.lexer.byte(record.start as usize) != b'n');
            self.rows.push(Row { element, record: record.unwrap_or(Span::NONE) });
            Ok(end)
        })?;
        self.found = Records::At(by);
        self.by = by;
        Ok(end)
    }

    fn take_records(&mut self, tracker: &mut Tracker<'_>, by: usize, at: usize) -> Result<(), Stop> {
        let kind = Kind::of(tracker.lexer.byte(at)).unwrap_or(Kind::Null);
        if !self.is_better(by, kind) {
            return Ok(());
        }
        match kind {
            // At the end of a way that could only be followed when this was known whole, and was checked.
            Kind::Array => {
                tracker.lexer.seek(at);
                self.read_rows(tracker, by, at, Limits::DEPTH)?;
            }
            Kind::Null => self.found = Records::Null,
            Kind::Bool | Kind::Number | Kind::Object | Kind::String => self.found = Records::Other(kind),
        }
        self.by = by;
        Ok(())
    }
}

impl Sink for Body {
    fn records(
        &mut self,
        tracker: &mut Tracker<'_>,
        node: &Node,
        at: usize,
        depth: u32,
    ) -> Result<Option<usize>, Stop> {
        for want in &node.wants {
            if let Goal::Records(by) = want.goal
                && want.then.is_empty()
                && self.is_better(by, Kind::Array)
            {
                return self.read_rows(tracker, by, at, depth).map(Some);
            }
        }
        Ok(None)
    }

    fn take(&mut self, tracker: &mut Tracker<'_>, want: &Want, found: Span) -> Result<(), Stop> {
        match want.goal {
            Goal::Records(by) => self.take_records(tracker, by, found.start as usize),
            Goal::Slot(slot) => {
                tracker.check(want, found, || self.wanted(tracker.plan, want.goal))?;
                if let Some(value) = self.values.get_mut(slot) {
                    *value = found;
                }
                Ok(())
            }
        }
    }

    fn pointer(&self, _: &Plan, path: &str) -> String {
        path.to_owned()
    }

    fn wanted(&self, plan: &Plan, goal: Goal) -> String {
        let pointer = match goal {
            Goal::Records(by) => plan.records.get(by),
            Goal::Slot(slot) => plan.values.get(slot),
        };
        pointer.map_or_else(String::new, ToString::to_string)
    }
}

impl Sink for Cells<'_> {
    fn records(&mut self, _: &mut Tracker<'_>, _: &Node, _: usize, _: u32) -> Result<Option<usize>, Stop> {
        Ok(None)
    }

    fn take(&mut self, tracker: &mut Tracker<'_>, want: &Want, found: Span) -> Result<(), Stop> {
        if let Goal::Slot(slot) = want.goal {
            tracker.check(want, found, || self.wanted(tracker.plan, want.goal))?;
            if let Some(cell) = self.slots.get_mut(slot) {
                *cell = found;
            }
        }
        Ok(())
    }

    fn pointer(&self, plan: &Plan, path: &str) -> String {
        let records = plan.records.get(self.by).map_or("", |records| records.as_str());
        format!("{records}/{}{path}", self.row)
    }

    fn wanted(&self, plan: &Plan, goal: Goal) -> String {
        let (Goal::Slot(slot) | Goal::Records(slot)) = goal;
        self.pointer(plan, plan.cells.get(slot).map_or("", |cell| cell.as_str()))
    }
}
