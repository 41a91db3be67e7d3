//! What must hold after every step of a walk.

use crate::setup::{Setup, Style};
use crate::source::secret;
use crate::wire::{Reply, Wire};
use everypage_core::facts::{Outcome, Verdict};
use everypage_core::http::Request;
use everypage_core::url::Url;
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
    /// The same in an earlier life: the way back is over known ground.
    pub back: bool,
    /// The latest end of a pause that the backoff allows now.
    pub latest: Option<u64>,
    /// Ids on pages that were taken, and how many rows there were on them.
    pub shown: BTreeSet<u64>,
    pub rows: u64,
    /// Answers in a row that called for another try.
    troubles: u32,
    /// An answer came after which there is nothing to ask.
    over: bool,
    /// Positions that may not be sent again: they are good for one use, and may have been used.
    spent: BTreeSet<String>,
    /// Pages in a row without a new id.
    barren: u32,
}

/// Pages in a row without a new record, as `limits.no_progress` has it by default.
const BARREN: u32 = 3;

/// Tries per page, redirects and a refresh of credentials included.
const TRIES: u32 = 6;

impl Watch {
    /// The next life.
    pub fn after(before: &Watch, started: u64) -> Watch {
        Watch { started, back: before.back || before.dead, ..Watch::default() }
    }

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
        if self.over && !request.url.contains("/count") {
            return Err("I-23: a request after an answer that is not worth another".into());
        }
        if !request.url.contains("cursor=") {
            // It starts again: what the server hands out from here on is fresh, or the server lies.
            self.spent.clear();
        }
        if self.spent.contains(&position(&request.url)) {
            return Err(format!("I-23: {} may have been used", request.url));
        }
        if self.barren >= BARREN && !setup.style.by_number() && !self.dead && !self.back {
            return Err(format!("I-21: {} pages in a row without a new record", self.barren));
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

    /// Notes an answer before the walk has it.
    pub fn answer(&mut self, setup: &Setup, request: &Request, reply: &Reply, now: u64) {
        if request.url.contains("/count") {
            return;
        }
        let alone = !setup.style.by_number() || setup.concurrency == 1;
        self.over |= reply.fatal && alone;
        self.latest = None;
        self.troubles += u32::from(!reply.good);
        if reply.again {
            let base: u64 = if reply.throttled { 1000 } else { 500 };
            let step = base << (self.troubles - 1).min(20);
            self.latest = alone.then_some(now + step.min(60_000));
            if setup.once && reply.processed && request.url.contains("cursor=") {
                self.spent.insert(position(&request.url));
            }
        }
        if reply.good {
            self.troubles = 0;
            let before = self.shown.len();
            self.shown.extend(&reply.ids);
            self.rows += reply.ids.len() as u64;
            let barren = self.shown.len() == before && !setup.odd.keyless;
            self.barren = if barren { self.barren + 1 } else { 0 };
        }
    }

    /// Notes that a request was answered with a page that may be taken as it is.
    pub fn good(&mut self, request: &Request) {
        self.pending = None;
        self.tries.remove(&request.url);
        self.answered.insert(position(&request.url));
    }
}

/// Every value of a request stands where the source puts it, and is one that belongs there.
///
/// # Errors
/// A violation of I-52 or I-61.
pub fn template(setup: &Setup, wire: &Wire, request: &Request) -> Result<(), String> {
    let Ok(url) = Url::parse(&request.url) else { return Err("I-52: what is sent is no URL".into()) };
    let place = match setup.style {
        Style::Offset | Style::LinkOffset | Style::LongOffset => "offset",
        Style::Page | Style::PageFixed | Style::LinkPage => "page",
        Style::Keyset => "after",
        Style::KeysetInclusive => "from",
        Style::KeysetTies => "beyond",
        Style::CursorKey
        | Style::CursorOffset
        | Style::CursorSnapshot
        | Style::LinkToken
        | Style::LongToken => "cursor",
        Style::Single => "",
    };
    let list = matches!(url.path(), "/list" | "/v2/list");
    if !list && url.path() != "/count" {
        return Err(format!("I-52: a request to {}", url.path()));
    }
    let params = url.params();
    for (index, (name, value)) in params.iter().enumerate() {
        let number = || value.parse::<u64>().ok();
        let right = match name.as_str() {
            "limit" if list => number().is_some(),
            "api_key" => (0..=wire.generation).any(|of| secret(setup.seed, of) == *value),
            "cursor" if list && place == "cursor" => wire.server.has_handed(value),
            name if list && name == place && setup.text_ids && matches!(name, "after" | "from") => {
                value.strip_prefix('r').is_some_and(|id| id.parse::<u64>().is_ok())
            }
            name => list && name == place && number().is_some(),
        };
        if !right || params.iter().skip(index + 1).any(|(other, _)| other == name) {
            return Err(format!("I-52: {name}={value} in {}", request.url));
        }
        let declared = setup.odd.max_declared && setup.max <= setup.size;
        let most = if declared { setup.max } else { setup.size };
        if name == "limit" && number().is_none_or(|asked| asked > most || asked == 0) {
            return Err(format!("I-61: a page of {value} rows is asked for, {most} are allowed"));
        }
    }
    Ok(())
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
