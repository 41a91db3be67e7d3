//! What must hold after every step of a walk.

use crate::setup::Setup;
use everypage_core::facts::{Outcome, Verdict};
use everypage_core::http::Request;
use everypage_core::walk::{PageId, Report};
use std::collections::{BTreeMap, BTreeSet};

/// What is remembered of one life of a walk.
#[derive(Default)]
pub struct Watch {
    /// When this life began.
    pub started: u64,
    /// It goes on from a checkpoint.
    pub resumed: bool,
    /// The last page delivered.
    pub last_page: Option<(PageId, u64)>,
    /// The last request, if it has to be sent again byte for byte.
    pub pending: Option<Request>,
    /// Positions answered with a page that may be taken as it is.
    pub answered: BTreeSet<String>,
    /// Tries in a row of the same request.
    pub tries: BTreeMap<String, u32>,
    /// Requests of this life.
    pub sends: u64,
    /// The deadline was crossed by nothing so far.
    pub stopped: bool,
    /// Credentials were refreshed in this run.
    pub refreshed: bool,
    /// Restarts are allowed from now on: a dead position was met.
    pub dead: bool,
}

/// Tries per page, redirects and a refresh of credentials included.
const TRIES: u32 = 6;

impl Watch {
    /// Looks at a request that is about to go out.
    ///
    /// # Errors
    /// A violation.
    pub fn sent(&mut self, setup: &Setup, request: &Request, now: u64, flying: usize) -> Result<(), String> {
        self.sends += 1;
        if self.stopped {
            return Err("I-59: a request after the stop".into());
        }
        let wide = if setup.style.by_number() { setup.concurrency as usize } else { 1 };
        if flying >= wide {
            return Err(format!("I-3: {} requests in flight, {wide} allowed", flying + 1));
        }
        let origin = "https://api.sim.example/";
        if !request.url.starts_with(origin) {
            return Err(format!("I-48: a request to {}", request.url));
        }
        if let Some(deadline) = setup.deadline
            && now >= self.started + deadline
        {
            return Err("I-28: a request after the deadline".into());
        }
        if wide == 1
            && let Some(pending) = self.pending.take()
            && !pending.url.contains("/count")
            && !same(&pending, request, self.refreshed)
            && !self.dead
        {
            return Err(format!("I-30: after {} the retry is {}", pending.url, request.url));
        }
        let token = setup.style.by_token() && request.url.contains("cursor=");
        if token && !self.dead && self.answered.contains(&position(&request.url)) {
            return Err(format!("I-20: {} was answered before", request.url));
        }
        let tries = self.tries.entry(request.url.clone()).or_default();
        *tries += 1;
        if setup.style.by_token() && !self.dead && *tries > TRIES * 2 {
            return Err(format!("I-24: try {tries} of {}", request.url));
        }
        if self.sends > 30_000 {
            return Err("I-22: the walk never ends".into());
        }
        Ok(())
    }

    /// Notes that a request was answered with a page that may be taken as it is.
    pub fn good(&mut self, request: &Request) {
        self.pending = None;
        self.tries.remove(&request.url);
        self.answered.insert(position(&request.url));
    }
}

/// Whether two requests are the same but for a redirect between them.
fn same(a: &Request, b: &Request, refreshed: bool) -> bool {
    let path = |request: &Request| {
        let url = request.url.replacen("/v2/list", "/list", 1);
        let end = if refreshed { url.find("api_key=") } else { None };
        url.get(..end.unwrap_or(url.len())).unwrap_or_default().to_owned()
    };
    a.method == b.method && path(a) == path(b) && (refreshed || a.headers == b.headers) && a.body == b.body
}

/// What names a request, wherever redirects lead and whatever secrets it carries: the cursor and the size asked for.
fn position(url: &str) -> String {
    let of = |name| url.split_once(name).map_or("", |(_, rest)| rest).split('&').next().unwrap_or_default();
    format!("{}&{}", of("cursor="), of("limit="))
}

/// Looks for secrets where none may be.
///
/// # Errors
/// A violation of I-47.
pub fn no_canary(canaries: &[String], text: &str, place: &str) -> Result<(), String> {
    for canary in canaries {
        if text.contains(canary.as_str()) {
            return Err(format!("I-47: a secret in {place}"));
        }
    }
    Ok(())
}

/// The forms a secret could stand in.
pub fn forms(secret: &str) -> Vec<String> {
    let percent = everypage_core::url::encode(secret);
    let full: String = secret
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect();
    vec![secret.to_owned(), percent, full]
}

/// Looks at a report for itself.
///
/// # Errors
/// A violation.
pub fn report(report: &Report) -> Result<(), String> {
    let failed = report.checks.iter().any(|check| check.outcome == Outcome::Failed);
    match report.verdict {
        Verdict::Complete => {
            if failed {
                return Err("I-18: complete with a failed check".into());
            }
            if report.end.is_none() || report.basis.is_none() {
                return Err("I-14: complete without evidence".into());
            }
        }
        Verdict::Incomplete => {
            if !failed {
                return Err("I-18: incomplete without a failed check".into());
            }
        }
        Verdict::Unproven => {
            if failed {
                return Err("I-18: unproven with a failed check".into());
            }
        }
        Verdict::Failed => {
            if report.error.is_none() {
                return Err("failed without an error".into());
            }
        }
        Verdict::Stopped => {}
    }
    if report.end.as_ref().is_some_and(|end| end.page > report.counts.pages) {
        return Err("I-14: the end is on a page that never was".into());
    }
    Ok(())
}
