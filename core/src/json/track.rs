//! The part of a scan that follows wanted paths. Whatever leads nowhere is left to [`skip`].

use super::error::ScanError;
use super::find::{Lost, find, step};
use super::lex::{Expected, Fault, byte, colon, fault, space};
use super::parts::read_name;
use super::plan::{Goal, Node, Plan, Tracks, Want};
use super::scan::{Records, Row};
use super::skip::skip;
use super::span::{Kind, Limits, Span};
use super::text;

/// What doesn't change during a scan.
pub(super) struct Tracker<'a> {
    bytes: &'a [u8],
    plan: &'a Plan,
    depth: u32,
    value: u32,
    check_utf8: bool,
}

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
    cells: &'c mut [Span],
    by: usize,
    row: usize,
}

/// Where found values go.
trait Sink {
    /// The records start here, perhaps: reads them, and gives the place behind them.
    fn records(
        &mut self,
        tracker: &Tracker,
        node: &Node,
        at: usize,
        depth: u32,
    ) -> Result<Option<usize>, ScanError>;
    /// A wanted value.
    fn take(&mut self, tracker: &Tracker, want: &Want, found: Span) -> Result<(), ScanError>;
    /// How a path is written in a message.
    fn pointer(&self, tracker: &Tracker, path: &str) -> String;
    /// How the path of a slot is written in a message.
    fn wanted(&self, tracker: &Tracker, goal: Goal) -> String;
}

impl<'a> Tracker<'a> {
    pub(super) fn new(bytes: &'a [u8], plan: &'a Plan, limits: &Limits, check_utf8: bool) -> Tracker<'a> {
        Tracker { bytes, plan, depth: limits.depth.min(Limits::DEPTH), value: limits.value, check_utf8 }
    }

    /// Over the whole body, from its first byte that isn't space.
    pub(super) fn body(&self, at: usize, body: &mut Body) -> Result<usize, ScanError> {
        match self.plan.body.nodes.first() {
            Some(node) => self.value(&self.plan.body, node, at, self.depth, body),
            None => self.skip(at, self.depth),
        }
    }

    fn fault(&self, fault: Fault) -> ScanError {
        ScanError::from_fault(fault, self.depth)
    }

    #[inline]
    fn skip(&self, at: usize, depth: u32) -> Result<usize, ScanError> {
        skip(self.bytes, at, depth).map_err(|fault| self.fault(fault))
    }

    fn value<S: Sink>(
        &self,
        tracks: &Tracks,
        node: &Node,
        at: usize,
        depth: u32,
        sink: &mut S,
    ) -> Result<usize, ScanError> {
        let first = byte(self.bytes, at);
        let end = match first {
            b'{' if !node.edges.is_empty() => self.object(tracks, node, at, depth, sink)?,
            b'[' => match sink.records(self, node, at, depth)? {
                // Elements that are wanted by their number are looked at a second time.
                Some(_) | None if node.indexed => self.array(tracks, node, at, depth, sink)?,
                Some(end) => end,
                None => self.skip(at, depth)?,
            },
            _ => self.skip(at, depth)?,
        };
        for want in &node.wants {
            if want.then.is_empty() {
                sink.take(self, want, Span::new(at, end))?;
            } else {
                self.follow(want, at, sink)?;
            }
        }
        Ok(end)
    }

    /// The rest of a way that could only be followed when the value was known whole.
    fn follow<S: Sink>(&self, want: &Want, at: usize, sink: &mut S) -> Result<(), ScanError> {
        let start = match find(self.bytes, at, &want.then) {
            Ok(Some(start)) => start,
            Ok(None) => return Ok(()),
            Err(Lost::Invalid(fault)) => return Err(self.fault(fault)),
            Err(Lost::Twice) => {
                return Err(ScanError::DuplicateMember { pointer: sink.wanted(self, want.goal) });
            }
        };
        // It was checked on the way here, depth and all.
        let end = self.skip(start, Limits::DEPTH)?;
        sink.take(self, want, Span::new(start, end))
    }

    fn object<S: Sink>(
        &self,
        tracks: &Tracks,
        node: &Node,
        at: usize,
        depth: u32,
        sink: &mut S,
    ) -> Result<usize, ScanError> {
        let fail = |fault| self.fault(fault);
        let Some(depth) = depth.checked_sub(1) else {
            return fault(at, Expected::Depth).map_err(fail);
        };
        let mut seen = Seen::default();
        let mut at = space(self.bytes, at + 1);
        if byte(self.bytes, at) == b'}' {
            return Ok(at + 1);
        }
        loop {
            let name = read_name(self.bytes, at).map_err(fail)?;
            let start = colon(self.bytes, name.behind).map_err(fail)?;
            let edge = node
                .edges
                .iter()
                .enumerate()
                .find(|(_, edge)| text::is_name(name.text, name.escaped, &edge.name));
            at = match edge.and_then(|(number, edge)| Some((number, edge, tracks.nodes.get(edge.node)?))) {
                None => self.skip(start, depth)?,
                Some((number, edge, child)) => {
                    if !seen.insert(number) {
                        let pointer = sink.pointer(self, &step(&node.path, &edge.name));
                        return Err(ScanError::DuplicateMember { pointer });
                    }
                    self.value(tracks, child, start, depth, sink)?
                }
            };
            at = space(self.bytes, at);
            match byte(self.bytes, at) {
                b',' => at = space(self.bytes, at + 1),
                b'}' => return Ok(at + 1),
                _ => return fault(at, Expected::CommaOrBrace).map_err(fail),
            }
        }
    }

    fn array<S: Sink>(
        &self,
        tracks: &Tracks,
        node: &Node,
        at: usize,
        depth: u32,
        sink: &mut S,
    ) -> Result<usize, ScanError> {
        self.elements(at, depth, |number, start, depth| {
            let edge =
                node.edges.iter().find(|edge| edge.index.is_some_and(|index| index as usize == number));
            match edge.and_then(|edge| tracks.nodes.get(edge.node)) {
                Some(child) => self.value(tracks, child, start, depth, sink),
                None => self.skip(start, depth),
            }
        })
    }

    /// Over an array, with a way to pass over each element.
    fn elements(
        &self,
        at: usize,
        depth: u32,
        mut over: impl FnMut(usize, usize, u32) -> Result<usize, ScanError>,
    ) -> Result<usize, ScanError> {
        let fail = |fault| self.fault(fault);
        let Some(depth) = depth.checked_sub(1) else {
            return fault(at, Expected::Depth).map_err(fail);
        };
        let mut at = space(self.bytes, at + 1);
        if byte(self.bytes, at) == b']' {
            return Ok(at + 1);
        }
        let mut number = 0;
        loop {
            at = space(self.bytes, over(number, at, depth)?);
            match byte(self.bytes, at) {
                b',' => at = space(self.bytes, at + 1),
                b']' => return Ok(at + 1),
                _ => return fault(at, Expected::CommaOrBracket).map_err(fail),
            }
            number += 1;
        }
    }

    /// Size and text of a value that is handed out.
    fn check(&self, want: &Want, found: Span, pointer: impl Fn() -> String) -> Result<(), ScanError> {
        if want.bounded && found.len() > self.value {
            return Err(ScanError::ValueTooLong { pointer: pointer(), limit: self.value });
        }
        if want.text && self.check_utf8 && std::str::from_utf8(found.slice(self.bytes)).is_err() {
            return Err(ScanError::InvalidUtf8 { pointer: pointer() });
        }
        Ok(())
    }
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

    /// Whether this alternative, with a value of this kind, goes before what was found so far.
    fn is_better(&self, by: usize, kind: Kind) -> bool {
        let rank = |kind| match kind {
            Kind::Array => 0,
            Kind::Null => 2,
            Kind::Bool | Kind::Number | Kind::Object | Kind::String => 1,
        };
        let so_far = match self.found {
            Records::Absent | Records::NotWanted => return true,
            Records::At(_) => rank(Kind::Array),
            Records::Null => rank(Kind::Null),
            Records::Other(kind) => rank(kind),
        };
        (rank(kind), by) < (so_far, self.by)
    }

    fn read_rows(&mut self, tracker: &Tracker, by: usize, at: usize, depth: u32) -> Result<usize, ScanError> {
        let plan = tracker.plan;
        let Some(root) = plan.element.nodes.first() else { return tracker.skip(at, depth) };
        self.rows.clear();
        self.cells.clear();
        // The cell of the record stands behind the others, and is taken away again.
        let width = plan.cells.len() - usize::from(plan.whole);
        let end = tracker.elements(at, depth, |row, start, depth| {
            let base = self.cells.len();
            self.cells.resize(base + width, Span::NONE);
            let mut cells = Cells { cells: self.cells.get_mut(base..).unwrap_or_default(), by, row };
            let end = tracker.value(&plan.element, root, start, depth, &mut cells)?;
            let element = Span::new(start, end);
            let record = if plan.whole { Some(element) } else { self.cells.pop() };
            let record = record.filter(|record| byte(tracker.bytes, record.start as usize) != b'n');
            self.rows.push(Row { element, record: record.unwrap_or(Span::NONE) });
            Ok(end)
        })?;
        self.found = Records::At(by);
        self.by = by;
        Ok(end)
    }
}

impl Sink for Body {
    fn records(
        &mut self,
        tracker: &Tracker,
        node: &Node,
        at: usize,
        depth: u32,
    ) -> Result<Option<usize>, ScanError> {
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

    fn take(&mut self, tracker: &Tracker, want: &Want, found: Span) -> Result<(), ScanError> {
        match want.goal {
            Goal::Slot(slot) => {
                tracker.check(want, found, || self.wanted(tracker, want.goal))?;
                if let Some(value) = self.values.get_mut(slot) {
                    *value = found;
                }
            }
            Goal::Records(by) => {
                let at = found.start as usize;
                let kind = Kind::of(byte(tracker.bytes, at)).unwrap_or(Kind::Null);
                if self.is_better(by, kind) {
                    match kind {
                        Kind::Array => {
                            self.read_rows(tracker, by, at, Limits::DEPTH)?;
                        }
                        Kind::Null => self.found = Records::Null,
                        Kind::Bool | Kind::Number | Kind::Object | Kind::String => {
                            self.found = Records::Other(kind);
                        }
                    }
                    self.by = by;
                }
            }
        }
        Ok(())
    }

    fn pointer(&self, _: &Tracker, path: &str) -> String {
        path.to_owned()
    }

    fn wanted(&self, tracker: &Tracker, goal: Goal) -> String {
        match goal {
            Goal::Records(by) => tracker.plan.records.get(by),
            Goal::Slot(slot) => tracker.plan.values.get(slot),
        }
        .map_or_else(String::new, ToString::to_string)
    }
}

impl Sink for Cells<'_> {
    fn records(&mut self, _: &Tracker, _: &Node, _: usize, _: u32) -> Result<Option<usize>, ScanError> {
        Ok(None)
    }

    fn take(&mut self, tracker: &Tracker, want: &Want, found: Span) -> Result<(), ScanError> {
        if let Goal::Slot(slot) = want.goal {
            tracker.check(want, found, || self.wanted(tracker, want.goal))?;
            if let Some(cell) = self.cells.get_mut(slot) {
                *cell = found;
            }
        }
        Ok(())
    }

    fn pointer(&self, tracker: &Tracker, path: &str) -> String {
        let records = tracker.plan.records.get(self.by).map_or("", |records| records.as_str());
        format!("{records}/{}{path}", self.row)
    }

    fn wanted(&self, tracker: &Tracker, goal: Goal) -> String {
        let (Goal::Slot(slot) | Goal::Records(slot)) = goal;
        self.pointer(tracker, tracker.plan.cells.get(slot).map_or("", |cell| cell.as_str()))
    }
}

/// Which ways of a node were gone. More than 64 ways from one node are rare.
#[derive(Default)]
struct Seen {
    first: u64,
    others: Vec<usize>,
}

impl Seen {
    /// Whether it is new.
    #[inline(always)]
    fn insert(&mut self, number: usize) -> bool {
        if number < 64 {
            let bit = 1 << number;
            let new = self.first & bit == 0;
            self.first |= bit;
            return new;
        }
        let new = !self.others.contains(&number);
        self.others.push(number);
        new
    }
}
