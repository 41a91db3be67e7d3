//! `Retry-After` (RFC 9110, section 10.2.3): whole seconds or an HTTP date. Everything else is ignored and counted.

use super::{Headers, date};
use crate::time::{Millis, UnixMillis};

/// What the server said about waiting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stated {
    /// The wait, counted from the answer: the longest of several. Zero for a date in the past. A number beyond all
    /// measure saturates.
    pub wait: Option<Millis>,
    /// How many values were there but could not be used.
    pub ignored: u32,
}

/// Reads every `Retry-After` field of an answer.
///
/// A date counts from `server_date` (the answer's `Date`), so that skewed clocks don't matter, else from `local`; with
/// neither it is ignored. Several values are an error of the server, answered with the longest wait, since waiting
/// too long is the safe side.
pub fn parse(headers: &Headers, server_date: Option<UnixMillis>, local: Option<UnixMillis>) -> Stated {
    let mut stated = Stated::default();
    let now = server_date.or(local);
    for field in headers.all("retry-after") {
        match std::str::from_utf8(field) {
            Ok(text) => read(text, now, &mut stated),
            Err(_) => stated.ignored = stated.ignored.saturating_add(1),
        }
    }
    stated
}

/// One field, which may be several joined with commas; the comma of a date is told from those by what follows.
fn read(field: &str, now: Option<UnixMillis>, stated: &mut Stated) {
    let mut rest = Some(field);
    while let Some(list) = rest {
        let (first, after) = list.split_once(',').map_or((list, None), |(first, after)| (first, Some(after)));
        let (wait, after) = match (value(first, now), after) {
            (None, Some(after)) => {
                let end = first.len() + 1 + after.find(',').unwrap_or(after.len());
                match value(list.get(..end).unwrap_or_default(), now) {
                    None => (None, Some(after)),
                    Some(wait) => (Some(wait), list.get(end + 1..)),
                }
            }
            (wait, after) => (wait, after),
        };
        match wait {
            None => stated.ignored = stated.ignored.saturating_add(1),
            Some(wait) => stated.wait = stated.wait.max(Some(wait)),
        }
        rest = after;
    }
}

fn value(text: &str, now: Option<UnixMillis>) -> Option<Millis> {
    let text = text.trim_matches([' ', '\t']);
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        let seconds =
            text.bytes().fold(0_u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
        return Some(Millis::secs(seconds));
    }
    let at = date::parse(text, now)?;
    Some(Millis(u64::try_from(at.0.saturating_sub(now?.0)).unwrap_or(0)))
}
