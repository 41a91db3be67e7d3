//! Finding every locator's value in one response.

use super::capture::capture;
use super::condition::{holds, meets};
use super::{Compiled, Found, From, Reader, Reading, is_hollow};
use crate::facts::Locator;
use crate::http::{Headers, Response, link};
use crate::json::{Kind, Raw, Scan, ScanError, Span, compare, scan};
use std::cmp::Ordering;

/// A value, or what is wrong at its place.
type Evaluated = Result<Found, String>;

impl Reader {
    /// Reads a response: its body in one pass, whatever its status. A body that is none (as with 204) is a
    /// reading, too; headers are found in it all the same.
    pub fn read(&self, response: &Response) -> Reading {
        let mut scanned = scan(&response.body, &self.plan, &self.limits);
        let mut reading = Reading {
            status: response.status,
            scan: Err(ScanError::Empty),
            found: vec![Found::Absent; self.places.len()],
            broken: Vec::new(),
            error: false,
        };
        // Elements come last: whether one is dropped may depend on the rest.
        for elements in [false, true] {
            for (at, place) in self.places.iter().enumerate() {
                if matches!(place.from, From::Last(_) | From::Max(_)) != elements {
                    continue;
                }
                let seen = scanned.as_ref().ok();
                let found = self.evaluate(place, response, seen, &reading.found);
                let found = found.and_then(|found| shaped(place, found)).unwrap_or_else(|why| {
                    reading.broken.push((place.locator.clone(), why));
                    Found::Absent
                });
                if let Some(too_long) = too_long(place, &found, self.limits.value) {
                    scanned = scanned.and(Err(too_long));
                }
                if let Some(slot) = reading.found.get_mut(at) {
                    *slot = found;
                }
            }
        }
        if let Ok(seen) = &scanned {
            let mut errors = self.errors.iter().filter_map(|slot| seen.values.get(*slot));
            reading.error = errors.any(|span| is_error(span.slice(&response.body)));
        }
        reading.scan = scanned;
        reading
    }

    fn evaluate(
        &self,
        place: &Compiled,
        response: &Response,
        seen: Option<&Scan>,
        found: &[Found],
    ) -> Evaluated {
        match &place.from {
            From::Body(slot) => match seen.and_then(|seen| seen.values.get(*slot)) {
                Some(span) => value(*span, &response.body),
                None => Ok(Found::Absent),
            },
            From::Header(name) => header(response, name),
            From::Last(slot) => self.last(*slot, response, seen, found),
            From::Link(rel) => match link::target(&response.headers, rel) {
                Ok(Some(target)) => Ok(Found::Value(Raw::from_text(&target))),
                Ok(None) => Ok(unseen(response, "link")),
                Err(error) => Err(error.to_string()),
            },
            From::Max(slot) => self.max(*slot, response, seen, found),
            From::Nowhere => Ok(Found::Absent),
            From::Status => Ok(Found::Value(Raw::from_u64(u64::from(response.status)))),
        }
    }

    /// The value of the last element that has one. An element without it is passed over only if it is no record.
    fn last(&self, slot: usize, response: &Response, seen: Option<&Scan>, found: &[Found]) -> Evaluated {
        let Some(seen) = seen else { return Ok(Found::Absent) };
        for row in (0..seen.rows.len()).rev() {
            let cell = cell(seen, row, slot);
            if !cell.is_none() {
                return value(cell, &response.body);
            }
            if !self.drops(seen, row, &response.body, found) {
                return Err(format!("the last record (element {row}) doesn't have it"));
            }
        }
        Ok(Found::Absent)
    }

    /// The greatest value over the elements that have one.
    fn max(&self, slot: usize, response: &Response, seen: Option<&Scan>, found: &[Found]) -> Evaluated {
        let Some(seen) = seen else { return Ok(Found::Absent) };
        let mut greatest: Option<&str> = None;
        let mut records = false;
        for row in 0..seen.rows.len() {
            let cell = cell(seen, row, slot);
            let text = std::str::from_utf8(cell.slice(&response.body)).unwrap_or_default();
            if cell.is_none() || text == "null" {
                records = records || !self.drops(seen, row, &response.body, found);
                continue;
            }
            let order = greatest.map_or(Some(Ordering::Greater), |greatest| order(text, greatest));
            match order {
                Some(Ordering::Greater) => greatest = Some(text),
                Some(Ordering::Equal | Ordering::Less) => {}
                None => {
                    return Err(format!(
                        "element {row} has a value that can't be compared with those before"
                    ));
                }
            }
        }
        match greatest.and_then(Raw::parse) {
            Some(greatest) => Ok(Found::Value(greatest)),
            None if records => Err("none of the records has it".to_owned()),
            None => Ok(Found::Absent),
        }
    }

    /// Whether `records.drop` drops an element.
    pub(super) fn drops(&self, seen: &Scan, row: usize, body: &[u8], found: &[Found]) -> bool {
        !self.drop.is_empty()
            && self.drop.iter().all(|part| match part.cell {
                Some(slot) => {
                    let cell = cell(seen, row, slot);
                    let text = if cell.is_none() { None } else { std::str::from_utf8(cell.slice(body)).ok() };
                    meets(text, false, &part.expect)
                }
                None => holds(self.at(found, &part.locator), &part.locator, &part.expect),
            })
    }

    fn at<'a>(&self, found: &'a [Found], locator: &Locator) -> &'a Found {
        let at = self.places.iter().position(|place| place.locator == *locator);
        at.and_then(|at| found.get(at)).unwrap_or(&Found::Absent)
    }
}

/// An element slot of one row.
pub(super) fn cell(seen: &Scan, row: usize, slot: usize) -> Span {
    let width = seen.cells.len().checked_div(seen.rows.len()).unwrap_or_default();
    seen.cells.get(row * width + slot).copied().unwrap_or(Span::NONE)
}

/// What a span of the body holds.
fn value(span: Span, body: &[u8]) -> Evaluated {
    if span.is_none() {
        return Ok(Found::Absent);
    }
    let text = std::str::from_utf8(span.slice(body)).map_err(|_| "it is not UTF-8".to_owned())?;
    match Raw::parse(text) {
        Some(raw) if raw.is_null() => Ok(Found::Null),
        Some(raw) => Ok(Found::Value(raw)),
        None => Err("it is not JSON".to_owned()),
    }
}

/// A header's value. The same field twice is one value if both say the same.
fn header(response: &Response, name: &str) -> Evaluated {
    let mut fields = response.headers.all(name).map(<[u8]>::trim_ascii);
    let Some(first) = fields.next() else { return Ok(unseen(response, name)) };
    if fields.any(|other| other != first) {
        return Err("the header is there more than once, with different values".to_owned());
    }
    let text = std::str::from_utf8(first).map_err(|_| "the header is not UTF-8".to_owned())?;
    Ok(Found::Value(Raw::from_text(text)))
}

/// What is known of something that would be in a header.
fn unseen(response: &Response, name: &str) -> Found {
    let Response { headers, headers_hidden, .. } = response;
    if *headers_hidden && !Headers::has(headers, name) { Found::Hidden } else { Found::Absent }
}

/// Takes a value out of its template.
fn shaped(place: &Compiled, found: Found) -> Evaluated {
    let (Some(template), Found::Value(value)) = (&place.locator.template, &found) else { return Ok(found) };
    match value.kind() {
        Kind::Array | Kind::Bool | Kind::Null | Kind::Object => {
            Err(format!("it is {}, no text", value.kind()))
        }
        Kind::Number | Kind::String => match capture(&template.0, &value.plain()) {
            Some(captured) => Ok(Found::Value(Raw::from_text(captured))),
            None => Err("it doesn't fit the template".to_owned()),
        },
    }
}

/// A position beyond its longest length: a whole array or object is not measured by the scan.
fn too_long(place: &Compiled, found: &Found, limit: u32) -> Option<ScanError> {
    let length = found.value().map_or(0, |value| value.as_str().len());
    let long = place.position && length > limit as usize;
    long.then(|| ScanError::ValueTooLong { pointer: place.locator.place.to_string(), limit })
}

/// Orders two values of one key, as JSON texts: strings of digits by the number they write, as ids beyond 2^53 are
/// sent, everything else as [`compare`] does.
pub fn order(a: &str, b: &str) -> Option<Ordering> {
    match (digits(a), digits(b)) {
        (Some(a), Some(b)) => Some(a.len().cmp(&b.len()).then_with(|| a.cmp(b))),
        (Some(_) | None, _) => compare(a, b),
    }
}

/// The digits of a JSON string that is nothing else, without leading zeros.
fn digits(json: &str) -> Option<&str> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    let number = !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_digit());
    number.then(|| inner.trim_start_matches('0'))
}

/// Whether an error member says that there is an error.
fn is_error(json: &[u8]) -> bool {
    match json {
        b"" | b"null" | b"false" | b"\"\"" => false,
        [b'[' | b'{', ..] => !std::str::from_utf8(json).is_ok_and(is_hollow),
        _ => true,
    }
}
