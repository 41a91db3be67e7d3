//! The only place that reads locators from a response. A [`Reader`] is made once per source; every body is then
//! scanned once, and everything the source has a name for is found in that pass.

mod capture;
mod compile;
mod condition;
mod evaluate;
mod rows;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod table;

use crate::facts::{Condition, Expect, Locator};
use crate::json::{Kind, Limits, Plan, Raw, Scan, ScanError};
use crate::source::types::RecordsSpec;
pub use evaluate::order;
pub use rows::{Mismatch, Rows};

/// The longest position, in bytes of its JSON text.
pub const MAX_POSITION: u32 = 64 * 1024;

/// Reads responses of one source.
#[derive(Clone)]
pub struct Reader {
    plan: Plan,
    limits: Limits,
    places: Vec<Compiled>,
    /// Body slots of top-level error members.
    errors: Vec<usize>,
    records: RecordsSpec,
    /// Element slots of the id's parts, and their pointers for messages.
    ids: Vec<(usize, String)>,
    /// Element slot of the sort key.
    order: Option<(usize, String)>,
    /// `records.drop`.
    drop: Vec<Dropping>,
}

/// A locator and where its value comes from.
#[derive(Clone)]
struct Compiled {
    locator: Locator,
    from: From,
    /// Whether it is a position, which has a longest length.
    position: bool,
}

/// Where a locator's value comes from.
#[derive(Clone)]
enum From {
    /// A body slot.
    Body(usize),
    /// A header.
    Header(String),
    /// An element slot, in the last element.
    Last(usize),
    /// The `Link` header.
    Link(String),
    /// An element slot, the greatest over all elements.
    Max(usize),
    /// Nowhere: it is written only.
    Nowhere,
    /// The status.
    Status,
}

/// One part of `records.drop`: what must hold, in each element or for the whole response.
#[derive(Clone)]
struct Dropping {
    /// An element slot; `None` for a locator of the response.
    cell: Option<usize>,
    locator: Locator,
    expect: Expect,
}

/// What stands at a locator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// Nothing.
    Absent,
    /// A header that isn't there, in a host that may not see all headers: nothing is known.
    Hidden,
    /// `null`.
    Null,
    /// A value. Headers, links and captured texts are JSON strings.
    Value(Raw),
}

/// A response, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The status.
    pub status: u16,
    /// What the body holds, or why it is none.
    pub scan: Result<Scan, ScanError>,
    /// What stands at each locator of the source, in the reader's order: see [`Reader::found`].
    pub found: Vec<Found>,
    /// Locators whose place has something that can't be read: a malformed `Link`, a text that doesn't fit its
    /// template, elements without the key. They count as absent, but never as the end.
    pub broken: Vec<(Locator, String)>,
    /// Whether there is a top-level error.
    error: bool,
}

/// What a value at the place of the next position means (requirement K-6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// A position: a string, a number, a filled array or object.
    At(Raw),
    /// There is none.
    Missing(Missing),
    /// Something that can't be a position: `false`, `true`, `[]`, `{}`.
    Unfit(&'static str),
}

/// How a position is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// Nothing is there.
    Absent,
    /// The empty string.
    Empty,
    /// A header that may be hidden: nothing is known.
    Hidden,
    /// `null`.
    Null,
}

impl Found {
    /// The value as the next position. `0`, `"0"` and `"null"` are positions.
    pub fn next(&self) -> Next {
        match self {
            Found::Absent => Next::Missing(Missing::Absent),
            Found::Hidden => Next::Missing(Missing::Hidden),
            Found::Null => Next::Missing(Missing::Null),
            Found::Value(value) => match value.kind() {
                Kind::Null => Next::Missing(Missing::Null),
                Kind::String if value.is_blank() => Next::Missing(Missing::Empty),
                Kind::Array | Kind::Bool | Kind::Number | Kind::Object | Kind::String => {
                    unfit(value).map_or_else(|| Next::At(value.clone()), Next::Unfit)
                }
            },
        }
    }

    /// The value, if there is one other than null.
    pub fn value(&self) -> Option<&Raw> {
        match self {
            Found::Absent | Found::Hidden | Found::Null => None,
            Found::Value(value) => Some(value),
        }
    }
}

impl Reader {
    /// What stands at a locator of the source. A locator the source doesn't have is absent everywhere.
    pub fn found<'a>(&self, reading: &'a Reading, locator: &Locator) -> &'a Found {
        let at = self.places.iter().position(|place| place.locator == *locator);
        at.and_then(|at| reading.found.get(at)).unwrap_or(&Found::Absent)
    }

    /// Why what stands at a locator can't be read, if it can't.
    pub fn broken<'a>(&self, reading: &'a Reading, locator: &Locator) -> Option<&'a str> {
        reading.broken.iter().find(|(broken, _)| broken == locator).map(|(_, why)| why.as_str())
    }

    /// Whether all of a condition holds.
    pub fn holds(&self, reading: &Reading, condition: &Condition) -> bool {
        let Condition(parts) = condition;
        parts.iter().all(|(locator, expect)| condition::holds(self.found(reading, locator), locator, expect))
    }

    /// Whether what stands at a locator is this literal.
    pub fn is(&self, reading: &Reading, locator: &Locator, literal: &crate::facts::Literal) -> bool {
        condition::holds(self.found(reading, locator), locator, &Expect::Is(literal.clone()))
    }

    /// Whether the body has a top-level `error` or `errors` that isn't null, false or empty, unless the records
    /// live there.
    pub fn error_member(&self, reading: &Reading) -> bool {
        reading.error
    }
}

/// What a value is that can't be a position; `None` if it can.
pub fn unfit(value: &Raw) -> Option<&'static str> {
    match value.kind() {
        Kind::Bool => Some("a boolean"),
        Kind::Array if is_hollow(value.as_str()) => Some("an empty array"),
        Kind::Object if is_hollow(value.as_str()) => Some("an empty object"),
        Kind::Array | Kind::Null | Kind::Number | Kind::Object | Kind::String => None,
    }
}

/// Whether an array or object has nothing in it.
fn is_hollow(json: &str) -> bool {
    json.get(1..json.len().saturating_sub(1)).is_some_and(|inside| inside.trim().is_empty())
}
