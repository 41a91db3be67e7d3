//! One pass over a body: all of its grammar checked, everything wanted found.

use super::error::ScanError;
use super::find::behind_mark;
use super::lex::Lexer;
use super::plan::Plan;
use super::span::{Kind, Limits, Span};
use super::take::Body;
use super::track::{Stop, Tracker};

/// What a body holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scan {
    /// The kind of the whole.
    pub root: Kind,
    /// Whether and where the records are.
    pub found: Records,
    /// The elements of the records' array, in the order of the body.
    pub rows: Vec<Row>,
    /// The element slots of each row, row after row; [`Span::NONE`] for a value that is absent.
    pub cells: Vec<Span>,
    /// The body slots; [`Span::NONE`] for a value that is absent.
    pub values: Vec<Span>,
    /// Whether some text of the body, outside the values, is not UTF-8.
    pub invalid_utf8: bool,
}

/// Whether and where the records are. Of several pointers the first that leads to an array counts; if none
/// does, the first that leads to anything but `null`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Records {
    /// Nothing is there.
    Absent,
    /// By this one of the plan's pointers.
    At(usize),
    /// The plan has no records.
    NotWanted,
    /// Nothing but `null` is there.
    Null,
    /// Something else is there.
    Other(Kind),
}

/// One element of the records' array.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// The element.
    pub element: Span,
    /// The record in it; [`Span::NONE`] if it is absent or null. The element itself may be null.
    pub record: Span,
}

/// Checks a whole body against the grammar of RFC 8259 and finds what the plan wants, in one pass. A byte
/// order mark is passed over. What has no grammar is an error wherever it stands; what isn't UTF-8 is one
/// only in a value the plan wants.
pub fn scan(body: &[u8], plan: &Plan, limits: &Limits) -> Result<Scan, ScanError> {
    if u32::try_from(body.len()).is_err() {
        return Err(ScanError::TooLarge);
    }
    // JSON starts with two ASCII characters, or one: a zero byte shows the width of a code unit.
    if let [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, _, ..] | [_, 0, ..] = body {
        return Err(ScanError::Invalid { at: 0, expected: "UTF-8 (this looks like UTF-16 or UTF-32)" });
    }
    let start = behind_mark(body);
    let mut lexer = Lexer::new(body, start);
    let start = lexer.space(start);
    let first = lexer.byte(start);
    if start == body.len() {
        return Err(ScanError::Empty);
    }
    if first == b'<' {
        return Err(ScanError::LooksLikeHtml);
    }
    let invalid_utf8 = std::str::from_utf8(body).is_err();
    let mut tracker = Tracker::new(lexer, plan, limits.value, invalid_utf8);
    let mut found = Body::new(plan);
    let depth = limits.depth.min(Limits::DEPTH);
    let grammar = |fault| ScanError::from_fault(fault, depth);
    let (end, wrong) = match found.read(&mut tracker, start, depth) {
        Ok(end) => (end, None),
        Err(Stop::Grammar(fault)) => return Err(grammar(fault)),
        // A body that isn't JSON is that first of all: what seems wrong in it may come of being cut.
        Err(Stop::Other(error)) => {
            tracker.lexer.seek(start);
            (tracker.lexer.skip(start, depth).map_err(grammar)?, Some(*error))
        }
    };
    let at = tracker.lexer.space(end);
    if at != body.len() {
        return Err(ScanError::Trailing { at });
    }
    if let Some(error) = wrong {
        return Err(error);
    }
    Ok(Scan {
        root: Kind::of(first).unwrap_or(Kind::Null),
        found: found.found,
        rows: found.rows,
        cells: found.cells,
        values: found.values,
        invalid_utf8,
    })
}
