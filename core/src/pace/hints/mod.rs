//! What an answer says about the rate, in all the ways servers say it.

mod declared;
mod ietf;
mod named;
mod value;

use super::{ReadHint, Window};
use crate::http::{Headers, date, retry_after};
use crate::time::{Millis, Now, UnixMillis};

/// One limit, as one answer speaks of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Reading {
    /// Which limit: stable from answer to answer.
    pub(super) name: String,
    /// The size of the window.
    pub(super) limit: Option<u64>,
    /// What is left in it.
    pub(super) remaining: Option<u64>,
    /// How long until it starts anew.
    pub(super) reset: Option<Millis>,
    /// How long it is: stands in for a reset that isn't given.
    pub(super) window: Option<Millis>,
    /// Whether requests are what is counted.
    pub(super) counts: bool,
}

impl Reading {
    /// Nothing known yet.
    pub(super) fn new(name: impl Into<String>) -> Reading {
        Reading { name: name.into(), limit: None, remaining: None, reset: None, window: None, counts: true }
    }

    /// Puts another value for what is left in: the smaller counts.
    fn left(&mut self, remaining: u64) {
        self.remaining = Some(self.remaining.map_or(remaining, |r| r.min(remaining)));
    }

    /// Another size: the smaller counts.
    fn size(&mut self, limit: u64) {
        self.limit = Some(self.limit.map_or(limit, |l| l.min(limit)));
    }

    /// Another reset: the later counts.
    fn starts_anew(&mut self, reset: Millis) {
        self.reset = self.reset.max(Some(reset));
    }
}

/// All that one answer says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Said {
    /// Limits with what is left in them.
    pub(super) readings: Vec<Reading>,
    /// Windows, by name.
    pub(super) policies: Vec<(String, Window)>,
    /// The wait that a declared hint states.
    pub(super) declared: Option<Millis>,
    /// Values that could not be used.
    pub(super) ignored: u32,
}

impl Said {
    fn ignore(&mut self) {
        self.ignored = self.ignored.saturating_add(1);
    }

    /// The reading of that name, made if it isn't there yet.
    fn reading(&mut self, name: &str) -> Option<&mut Reading> {
        let at = self.readings.iter().position(|r| r.name == name).unwrap_or_else(|| {
            self.readings.push(Reading::new(name));
            self.readings.len() - 1
        });
        self.readings.get_mut(at)
    }
}

/// Reads an answer. A stored one (`Age` above zero) speaks of the rate at another time, to somebody else: nothing of
/// it is believed.
pub(super) fn read(headers: &Headers, hints: &[ReadHint], now: Now) -> Said {
    let mut said = Said::default();
    // The server's clock, so that a wrong one of ours doesn't matter.
    let sent = date::of(headers).filter(|at| believable(*at));
    let server = sent.or(now.unix.filter(|at| believable(*at)));
    declared::read(hints, server, &mut said);
    // A Retry-After beats the time an IETF field gives (draft-ietf-httpapi-ratelimit-headers, section on Retry-After).
    let stated = said.declared.or(retry_after::parse(headers, sent, now.unix).wait);
    ietf::read(headers, stated, &mut said);
    named::read(headers, server, &mut said);
    if is_stored(headers) {
        let found = said.readings.len() + said.policies.len() + usize::from(said.declared.is_some());
        let ignored = said.ignored.saturating_add(u32::try_from(found).unwrap_or(u32::MAX));
        return Said { ignored, ..Said::default() };
    }
    said
}

/// A clock that stands before 2001 was never set.
fn believable(at: UnixMillis) -> bool {
    at.0 >= 1_000_000_000_000
}

fn is_stored(headers: &Headers) -> bool {
    headers.all("age").any(|age| {
        std::str::from_utf8(age).ok().and_then(value::number).is_some_and(|age| age.thousandths > 0)
    })
}
