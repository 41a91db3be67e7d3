//! A small list server in memory: every style, a list that changes while it is walked, and an oracle.

use crate::drive::Server;
use everypage_core::http::{Failure, Request, Response};
use everypage_core::rng::{Rng, Seed};
use everypage_core::time::Now;
use everypage_core::url::Url;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A list that is served by `/offset`, `/page`, `/link`, `/cursor` and `/keyset`, newest first.
pub struct World {
    /// Ids on the list, newest (greatest) first.
    pub rows: Vec<u64>,
    /// Ids that were there at the start and still are.
    pub lived: BTreeSet<u64>,
    /// Every so many requests the list changes; 0 for never.
    pub churn_every: u64,
    /// By so many inserts at the head and, in turn, deletes anywhere.
    pub churn_size: u64,
    /// The greatest page size the server gives.
    pub max_size: u64,
    /// Whether answers state the total.
    pub total: bool,
    /// List requests so far.
    pub requests: u64,
    next_id: u64,
    rng: Rng,
    inserts: bool,
}

impl World {
    /// A list of `n` rows.
    pub fn new(n: u64, seed: u64) -> World {
        let rows: Vec<u64> = (1..=n).rev().collect();
        World {
            lived: rows.iter().copied().collect(),
            rows,
            churn_every: 0,
            churn_size: 0,
            max_size: 1000,
            total: true,
            requests: 0,
            next_id: n + 1,
            rng: Rng::new(Seed(seed)),
            inserts: false,
        }
    }

    /// The same, changing every `every` requests by `size` rows.
    #[must_use]
    pub fn churning(mut self, every: u64, size: u64) -> World {
        self.churn_every = every;
        self.churn_size = size;
        self
    }

    fn churn(&mut self) {
        self.requests += 1;
        if self.churn_every == 0 || !self.requests.is_multiple_of(self.churn_every) {
            return;
        }
        self.inserts = !self.inserts;
        for _ in 0..self.churn_size {
            if self.inserts {
                self.rows.insert(0, self.next_id);
                self.next_id += 1;
            } else if !self.rows.is_empty() {
                let at = self.rng.up_to(self.rows.len() as u64 - 1) as usize;
                let id = self.rows.remove(at);
                self.lived.remove(&id);
            }
        }
    }

    fn records(&self, start: u64, size: u64) -> (String, u64) {
        let rows = self.rows.iter().skip(start as usize).take(size as usize);
        let mut text = String::from("[");
        let mut count = 0;
        for id in rows {
            if count > 0 {
                text.push(',');
            }
            let _ = write!(text, "{{\"id\":{id},\"name\":\"lead {id}\",\"score\":{}}}", id * 7919 % 10_007);
            count += 1;
        }
        text.push(']');
        (text, count)
    }
}

/// A JSON answer.
pub fn json(body: impl Into<Vec<u8>>) -> Response {
    let mut response = Response { status: 200, body: body.into(), ..Response::default() };
    response.headers.push("content-type", "application/json");
    response
}

impl Server for World {
    fn answer(&mut self, request: &Request, _: Now) -> Result<Response, Failure> {
        self.churn();
        let url = Url::parse(&request.url).expect("the core makes valid URLs");
        let number =
            |name: &str, default: u64| url.param(name).and_then(|v| v.parse::<u64>().ok()).unwrap_or(default);
        let size = number("limit", 50).clamp(1, self.max_size);
        let total = self.rows.len() as u64;
        let total_text = if self.total { format!(",\"total\":{total}") } else { String::new() };
        Ok(match url.path() {
            "/offset" => {
                let (rows, _) = self.records(number("offset", 0), size);
                json(format!("{{\"data\":{rows}{total_text}}}"))
            }
            "/page" => {
                let start = (number("page", 1).max(1) - 1) * size;
                let (rows, count) = self.records(start, size);
                let more = start + count < total;
                json(format!("{{\"data\":{rows}{total_text},\"has_more\":{more}}}"))
            }
            "/link" => {
                let page = number("page", 1).max(1);
                let (rows, count) = self.records((page - 1) * size, size);
                let mut response = json(rows);
                if (page - 1) * size + count < total && count > 0 {
                    let next = format!("<{}?page={}&limit={size}>; rel=\"next\"", url.redacted(), page + 1);
                    response.headers.push("link", next);
                }
                response
            }
            "/cursor" | "/keyset" => {
                let after = number("after", u64::MAX);
                let start = self.rows.iter().take_while(|id| **id >= after).count() as u64;
                let (rows, count) = self.records(start, size);
                let more = start + count < total;
                let anchor = (start + count).checked_sub(1).and_then(|i| self.rows.get(i as usize));
                let next = match anchor {
                    Some(id) if more => format!("\"{id}\""),
                    Some(_) | None => "null".to_owned(),
                };
                json(format!("{{\"data\":{rows},\"next\":{next},\"has_more\":{more}}}"))
            }
            _ => Response { status: 404, ..Response::default() },
        })
    }
}
