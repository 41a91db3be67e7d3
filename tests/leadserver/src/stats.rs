//! What was seen since the last reset.

use crate::{app::State, rate::Meter};
use serde::Serialize;
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// Counts since the last reset, as `/stats` has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Requests to lists, whatever came of them.
    pub requests: u64,
    /// The same by path.
    pub by_path: BTreeMap<String, u64>,
    /// The same by status; 0 where no byte was answered.
    pub statuses: BTreeMap<u16, u64>,
    /// Connections accepted.
    pub connections: u64,
    /// Most list requests that were being answered at once.
    pub in_flight: u64,
    /// Faults that happened, by name.
    pub faults: BTreeMap<String, u64>,
    /// Rows born.
    pub inserted: u64,
    /// Rows gone.
    pub deleted: u64,
    /// Rows changed.
    pub updated: u64,
    /// Rows on the list now.
    pub records: u64,
    /// Mean bytes of a row.
    pub record_bytes: f64,
    /// Each declared limit and what was seen at it.
    pub rates: Vec<RateStats>,
    /// Whether any declared limit was ever exceeded.
    pub violated: bool,
    /// Credentials by host as the client named it (`Host`), each written `name: value` and how often; `none` for
    /// requests without.
    pub auth: BTreeMap<String, BTreeMap<String, u64>>,
}

/// One declared limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RateStats {
    /// Requests per window.
    pub requests: u32,
    /// The window in milliseconds.
    pub window_ms: u64,
    /// Most requests, refused ones included, in any window of that length.
    pub most: u64,
    /// The least time, in microseconds, in which one request more than the limit came; null if never so many.
    /// A client that keeps the limit stays at or above the window.
    pub shortest_us: Option<u64>,
    /// Requests refused because of it.
    pub refused: u64,
    /// `most > requests`.
    pub violated: bool,
}

/// One list request, as `/log` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// From 1 since the reset.
    pub number: u64,
    /// Microseconds since the server's start.
    pub at_us: u64,
    /// Connections are numbered from 1.
    pub connection: u64,
    /// HTTP method.
    pub method: String,
    /// `Host`.
    pub host: String,
    /// Path and query as sent.
    pub target: String,
    /// Credentials sent, as in [`Stats::auth`].
    pub auth: Option<String>,
    /// Status answered; 0 for none (yet).
    pub status: u16,
    /// The fault that hit it.
    pub fault: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    by_path: BTreeMap<&'static str, u64>,
    statuses: BTreeMap<u16, u64>,
    faults: BTreeMap<String, u64>,
    auth: BTreeMap<String, BTreeMap<String, u64>>,
    in_flight: u64,
    most_in_flight: u64,
    pub(crate) log: VecDeque<Entry>,
}

fn add<K: Ord + Clone>(map: &mut BTreeMap<K, u64>, key: &K) {
    match map.get_mut(key) {
        Some(count) => *count += 1,
        None => drop(map.insert(key.clone(), 1)),
    }
}

impl Counts {
    /// A list request has come in.
    pub(crate) fn begin(&mut self, path: &'static str, mut entry: Entry, keep: usize) -> u64 {
        self.requests += 1;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
        add(&mut self.by_path, &path);
        let auth = entry.auth.as_deref().unwrap_or("none");
        match self.auth.get_mut(&entry.host).and_then(|values| values.get_mut(auth)) {
            Some(count) => *count += 1,
            None => {
                *self.auth.entry(entry.host.clone()).or_default().entry(auth.to_owned()).or_insert(0) += 1;
            }
        }
        entry.number = self.requests;
        if keep > 0 {
            if self.log.len() >= keep {
                self.log.pop_front();
            }
            self.log.push_back(entry);
        }
        self.requests
    }

    /// It is answered, or given up.
    pub(crate) fn end(&mut self, number: u64, status: u16, fault: Option<&str>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        add(&mut self.statuses, &status);
        if let Some(fault) = fault {
            add(&mut self.faults, &fault.to_owned());
        }
        let first = self.log.front().map_or(0, |entry| entry.number);
        if let Some(entry) = number.checked_sub(first).and_then(|at| self.log.get_mut(at as usize)) {
            entry.status = status;
            entry.fault = fault.map(str::to_owned);
        }
    }

    /// Everything from zero, but for what is still being answered.
    pub(crate) fn reset(&mut self) {
        let in_flight = self.in_flight;
        *self = Counts { in_flight, ..Counts::default() };
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn rate(meter: &Meter) -> RateStats {
    RateStats {
        requests: meter.rate.requests,
        window_ms: u64::try_from(meter.rate.window.as_millis()).unwrap_or(u64::MAX),
        most: meter.seen.most,
        shortest_us: meter.seen.shortest.map(micros),
        refused: meter.seen.refused,
        violated: meter.seen.most > u64::from(meter.rate.requests),
    }
}

pub(crate) fn stats(state: &State, connections: u64, record_bytes: f64) -> Stats {
    let counts = &state.counts;
    let rates: Vec<_> = state.meters.iter().map(rate).collect();
    let happened = &state.life.happened;
    Stats {
        requests: counts.requests,
        by_path: counts.by_path.iter().map(|(path, n)| ((*path).to_owned(), *n)).collect(),
        statuses: counts.statuses.clone(),
        connections,
        in_flight: counts.most_in_flight,
        faults: counts.faults.clone(),
        inserted: happened.inserted,
        deleted: happened.deleted,
        updated: happened.updated,
        records: state.life.len() as u64,
        record_bytes,
        violated: rates.iter().any(|rate| rate.violated),
        rates,
        auth: counts.auth.clone(),
    }
}
