//! The records of a response that was taken for a page, and their keys.

use super::evaluate::cell;
use super::{Reader, Reading};
use crate::http::Response;
use crate::json::{Kind, Records, ScanError, Span, arrays, lookup};
use std::fmt::Write as _;

/// The records of a page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rows {
    /// Each record: a slice of the body.
    pub records: Vec<Span>,
    /// The parts of each record's id, record after record; nothing without `id`.
    pub ids: Vec<Span>,
    /// Parts of one id.
    pub parts: usize,
    /// The sort key of each record; nothing without `order`.
    pub order: Vec<Span>,
    /// Elements dropped by `records.drop`.
    pub dropped: u64,
    /// Elements before that.
    pub received: u64,
}

/// How a page doesn't fit the source. Rows count from 0.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Mismatch {
    /// The body can't be read at all.
    #[error("{0}")]
    Body(ScanError),
    /// An element without its record.
    #[error("{message}")]
    Each {
        /// The element.
        row: usize,
        /// What is there instead.
        message: String,
    },
    /// A record without a usable id.
    #[error("{message}")]
    Id {
        /// The element.
        row: usize,
        /// What is there instead.
        message: String,
    },
    /// A record without a usable sort key.
    #[error("{message}")]
    Order {
        /// The element.
        row: usize,
        /// What is there instead.
        message: String,
    },
    /// No records where the source says.
    #[error("{message}")]
    Records {
        /// What is there instead, and where arrays are.
        message: String,
    },
}

impl Reader {
    /// The records of a response. Nothing is allocated per record.
    pub fn rows(&self, response: &Response, reading: &Reading) -> Result<Rows, Mismatch> {
        let seen = reading.scan.as_ref().map_err(|error| Mismatch::Body(error.clone()))?;
        let body = &response.body;
        let at = match seen.found {
            Records::At(at) => at,
            Records::Absent | Records::Null if self.records.missing_is_empty => {
                return Ok(Rows { parts: self.ids.len(), ..Rows::default() });
            }
            Records::Absent | Records::NotWanted | Records::Null | Records::Other(_) => {
                return Err(Mismatch::Records { message: self.misses(body) });
            }
        };
        let count = seen.rows.len();
        let mut rows = Rows {
            records: Vec::with_capacity(count),
            ids: Vec::with_capacity(count.saturating_mul(self.ids.len())),
            parts: self.ids.len(),
            order: Vec::with_capacity(if self.order.is_some() { count } else { 0 }),
            dropped: 0,
            received: count as u64,
        };
        for (row, element) in seen.rows.iter().enumerate() {
            if self.drops(seen, row, body, &reading.found) {
                rows.dropped += 1;
                continue;
            }
            if element.record.is_none() {
                let message = self.describe(at, row, self.records.each.as_str(), body, "a record");
                return Err(Mismatch::Each { row, message });
            }
            for (slot, pointer) in &self.ids {
                let part = cell(seen, row, *slot);
                if !is_scalar(part, body) {
                    let message = self.describe(at, row, pointer, body, "an id");
                    return Err(Mismatch::Id { row, message });
                }
                rows.ids.push(part);
            }
            if let Some((slot, pointer)) = &self.order {
                let key = cell(seen, row, *slot);
                // A null has a place in an order, and the server knows which.
                if !is_scalar(key, body) && key.slice(body) != b"null" {
                    let message = self.describe(at, row, pointer, body, "a sort key");
                    return Err(Mismatch::Order { row, message });
                }
                rows.order.push(key);
            }
            rows.records.push(element.record);
        }
        Ok(rows)
    }

    /// What is wrong with one element, by its place in the body.
    fn describe(&self, at: usize, row: usize, pointer: &str, body: &[u8], wanted: &str) -> String {
        let array = self.records.at.get(at).map(crate::json::Pointer::as_str).unwrap_or_default();
        let place = format!("{array}/{row}{pointer}");
        let there = crate::json::Pointer::parse(&place).ok().and_then(|place| lookup(body, &place));
        format!("`{place}` is {}, expected {wanted}", kind_of(there, body))
    }

    /// What is where the records should be, and where there are arrays.
    fn misses(&self, body: &[u8]) -> String {
        let mut there = Vec::new();
        for at in &self.records.at {
            there.push(format!("{} is {}", quoted(at.as_str()), kind_of(lookup(body, at), body)));
        }
        let mut message = there.join(", ");
        let mut near = arrays(body);
        // The longest first: the list is what there is most of. Arrays of one length keep their order.
        near.sort_by(|(_, a), (_, b)| b.cmp(a));
        for (number, (at, length)) in near.iter().take(3).enumerate() {
            let elements = if *length == 1 { "element" } else { "elements" };
            message.push_str(if number == 0 { "; there is an array at " } else { ", one at " });
            let _ = write!(message, "{} ({length} {elements})", quoted(at));
        }
        if near.is_empty() {
            message.push_str("; there is no array near");
        }
        message
    }
}

/// A pointer in a message. The names are the server's: long ones are cut.
fn quoted(pointer: &str) -> String {
    const LONGEST: usize = 120;
    if pointer.is_empty() {
        return "the whole body (`\"\"`)".to_owned();
    }
    let mut shown: String =
        pointer.chars().take(LONGEST).map(|c| if c.is_control() { '?' } else { c }).collect();
    if shown.len() < pointer.len() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Whether there is a string, a number or a boolean.
fn is_scalar(span: Span, body: &[u8]) -> bool {
    matches!(span.slice(body).first(), Some(b'"' | b'-' | b'0'..=b'9' | b't' | b'f'))
}

fn kind_of(span: Option<Span>, body: &[u8]) -> String {
    let first = span.and_then(|span| span.slice(body).first());
    let kind = match first {
        None => return "absent".to_owned(),
        Some(b'[') => Kind::Array,
        Some(b'{') => Kind::Object,
        Some(b'"') => Kind::String,
        Some(b'n') => Kind::Null,
        Some(b't' | b'f') => Kind::Bool,
        Some(_) => Kind::Number,
    };
    kind.to_string()
}
