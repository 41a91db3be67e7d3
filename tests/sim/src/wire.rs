//! The network and the front of the API: what goes wrong on the way.

use crate::draw::Draw;
use crate::server::{Listed, Server, json};
use crate::setup::Setup;
use crate::source::secret;
use everypage_core::http::{Failure, FailureKind, Request, Response};
use everypage_core::url::Url;

/// What came of a request.
#[derive(Clone)]
pub struct Reply {
    /// The answer, or the failure.
    pub result: Result<Response, Failure>,
    /// No request before so many milliseconds after its receipt.
    pub floor: Option<u64>,
    /// No request of the same walk before this time on the wall clock of the server.
    pub until: Option<i64>,
    /// It is a page that may be taken as it is.
    pub good: bool,
    /// It says nothing of the list: the same request has to be sent again, byte for byte.
    pub again: bool,
    /// It is out of the ordinary in a way that excuses the walk from the strictest checks.
    pub odd: bool,
    /// No further request of this walk: it is not worth another try.
    pub fatal: bool,
    /// Refused for going too fast.
    pub throttled: bool,
    /// The server may have acted on the request.
    pub processed: bool,
    /// The state of the list it shows, if not the newest.
    pub shows: Option<u64>,
    /// The rows of the page.
    pub ids: Vec<u64>,
}

/// Failures that are worth another try.
const PASSING: [FailureKind; 12] = [
    FailureKind::BodyTruncated,
    FailureKind::ConnectRefused,
    FailureKind::ConnectTimeout,
    FailureKind::DecodeError,
    FailureKind::DnsNotFound,
    FailureKind::DnsTemporary,
    FailureKind::NetworkOrCors,
    FailureKind::NotProcessed,
    FailureKind::Other,
    FailureKind::ResetBeforeResponse,
    FailureKind::ResetInBody,
    FailureKind::ReadTimeout,
];

/// Failures that are not.
const FINAL: [FailureKind; 4] =
    [FailureKind::Cancelled, FailureKind::TlsInvalid, FailureKind::TooLarge, FailureKind::UnsafeAddress];

/// Statuses that some client takes for the end of a list.
const ENDS: [u16; 9] = [204, 206, 304, 400, 404, 409, 412, 416, 422];

/// Failures that prove that the server never saw the request.
const UNSENT: [FailureKind; 5] = [
    FailureKind::ConnectRefused,
    FailureKind::ConnectTimeout,
    FailureKind::DnsNotFound,
    FailureKind::DnsTemporary,
    FailureKind::NotProcessed,
];

/// The API behind its network.
pub struct Wire {
    /// The API.
    pub server: Server,
    /// The credentials that are good now.
    pub generation: u32,
}

impl Reply {
    fn plain(result: Result<Response, Failure>) -> Reply {
        Reply {
            result,
            floor: None,
            until: None,
            good: false,
            again: false,
            odd: false,
            fatal: false,
            throttled: false,
            processed: true,
            shows: None,
            ids: Vec::new(),
        }
    }

    fn again(response: Response) -> Reply {
        Reply { again: true, ..Reply::plain(Ok(response)) }
    }

    fn odd(response: Response) -> Reply {
        Reply { odd: true, ..Reply::plain(Ok(response)) }
    }
}

impl Wire {
    /// Performs a request at a moment of the server's clock.
    pub fn answer(&mut self, setup: &Setup, request: &Request, clock: i64, draw: &mut Draw) -> Reply {
        let faults = &setup.faults;
        let Ok(url) = Url::parse(&request.url) else {
            return Reply::plain(Err(Failure::new(FailureKind::Other, "no URL")));
        };
        let lost = draw.permille(faults.failure).then(|| draw.pick(&PASSING, FailureKind::Other));
        let lost =
            lost.or_else(|| draw.permille(faults.fatal).then(|| draw.pick(&FINAL, FailureKind::Cancelled)));
        if let Some(kind) = lost
            && draw.coin()
        {
            return Wire::lose(kind);
        }
        self.server.truth.churn(&setup.churn, draw);
        if draw.permille(faults.auth) {
            self.generation += 1;
        }
        let reply = self.serve(setup, request, &url, clock, draw);
        match lost {
            Some(kind) => Wire::lose(kind),
            None => reply,
        }
    }

    fn lose(kind: FailureKind) -> Reply {
        let fatal = FINAL.contains(&kind);
        let processed = !UNSENT.contains(&kind);
        let reply = Reply::plain(Err(Failure::new(kind, "simulated")));
        Reply { again: !fatal, odd: fatal, fatal, processed, ..reply }
    }

    fn serve(&mut self, setup: &Setup, request: &Request, url: &Url, clock: i64, draw: &mut Draw) -> Reply {
        let faults = &setup.faults;
        if !self.admits(setup, request, url) {
            return Reply::plain(Ok(Response { status: 401, ..Response::default() }));
        }
        if draw.permille(faults.throttle) {
            return throttled(setup, clock, draw);
        }
        if draw.permille(faults.status) {
            let status = draw.pick(&[500, 502, 503, 504, 408, 425, 202, 520, 599], 500);
            return Reply::again(Response { status, ..json("{\"data\":[],\"next\":null}".into()) });
        }
        if draw.permille(faults.wild) {
            let status = if draw.coin() { draw.pick(&ENDS, 204) } else { draw.below(1000) as u16 };
            if status != 200 && status != 203 {
                // Whatever it is, it is no page and no end.
                return Reply::plain(Ok(Response { status, ..json("{\"data\":[],\"next\":null}".into()) }));
            }
        }
        if draw.permille(faults.redirect) && url.path() == "/list" {
            let status = draw.pick(&[301, 302, 303, 307, 308], 302);
            let mut response = Response { status, ..Response::default() };
            response.headers.push("location", url.with_path("/v2/list").as_str());
            return Reply::plain(Ok(response));
        }
        if draw.permille(faults.hostile) {
            return hostile(setup, url, draw);
        }
        if draw.permille(faults.error) {
            let body = draw.pick(
                &[
                    "{\"error\":{\"code\":17},\"data\":[],\"next\":null}",
                    "{\"errors\":[\"x\"],\"data\":[],\"more\":false,\"next\":null}",
                ],
                "",
            );
            return Reply::again(json(body.into()));
        }
        if url.path() == "/count" {
            return Reply::plain(Ok(self.server.count()));
        }
        let stale = draw.permille(setup.odd.stale);
        let listed =
            if stale { self.server.stale(setup, url, draw) } else { self.server.list(setup, url, draw) };
        let (response, honest, ids) = match listed {
            Listed::Page(response, honest, ids) => (response, honest, ids),
            Listed::Dead => return Reply::odd(Response { status: 410, ..Response::default() }),
        };
        if draw.permille(faults.body) {
            return damaged(response, draw);
        }
        if draw.permille(setup.odd.shape) {
            return Reply { ids, shows: stale.then_some(0), ..misshapen(setup, response, draw) };
        }
        let shows = stale.then_some(0);
        let mut reply = Reply { good: true, odd: !honest, ids, shows, ..Reply::plain(Ok(response)) };
        // What a cache answers says nothing of limits.
        if draw.permille(faults.announce) && !stale {
            let secs = draw.between(1, 20);
            if let Ok(response) = &mut reply.result {
                announce(response, secs, clock, setup.seed);
            }
            reply.until = Some(clock + secs.cast_signed() * 1000);
        }
        reply
    }

    fn admits(&self, setup: &Setup, request: &Request, url: &Url) -> bool {
        let secret = secret(setup.seed, self.generation);
        if setup.query_secret {
            return url.params().iter().any(|(name, value)| name == "api_key" && *value == secret);
        }
        let bearer = format!("Bearer {secret}");
        request.headers.iter().any(|(name, value)| name == "authorization" && *value == bearer)
    }
}

/// A body that is cut or garbled on the way; it never is a whole page.
fn damaged(mut response: Response, draw: &mut Draw) -> Reply {
    match draw.below(5) {
        0 => response.body = Vec::new(),
        1 => response.body = b"<!doctype html><title>Sign in</title>".to_vec(),
        2 => response.body.extend_from_slice(b" {}"),
        _ => {
            let cut = draw.below(response.body.len() as u64) as usize;
            response.body.truncate(cut);
        }
    }
    Reply::again(response)
}

/// A page whose parts have other names or are of another type: no page, and no end.
fn misshapen(setup: &Setup, mut response: Response, draw: &mut Draw) -> Reply {
    let text = String::from_utf8_lossy(&response.body).into_owned();
    let in_body = setup.style.by_token() && !(setup.style.by_link() && setup.header_link);
    let next = text.rfind(",\"next\":").filter(|_| in_body);
    let shape = draw.below(6);
    let text = match (next, shape) {
        (Some(at), 0) => text.get(..at).unwrap_or_default().to_owned() + ",\"next\":false}",
        (Some(at), 1) => text.get(..at).unwrap_or_default().to_owned() + ",\"next\":[]}",
        (Some(at), 2) => text.get(..at).unwrap_or_default().to_owned() + ",\"next\":{}}",
        (_, 3) => text.replacen("{\"data\":", "{\"rows\":", 1),
        (_, 4) => "{\"data\":{},\"total\":0,\"more\":false,\"next\":null}".to_owned(),
        _ => "{\"data\":\"\",\"total\":0,\"more\":false,\"next\":null}".to_owned(),
    };
    response.body = text.into_bytes();
    response.headers = everypage_core::http::Headers::default();
    response.headers.push("content-type", "application/json");
    // The rows of a page whose position can't be read are taken, but nothing comes after them.
    Reply { fatal: true, good: next.is_some() && shape < 3, ..Reply::odd(response) }
}

fn throttled(setup: &Setup, clock: i64, draw: &mut Draw) -> Reply {
    let status = draw.pick(&[429, 429, 503, 403], 429);
    let mut response = Response { status, ..json("{\"error\":\"slow down\"}".into()) };
    let secs = if draw.permille(20) { 2000 } else { draw.between(1, 30) };
    let mut floor = Some(secs * 1000);
    let mut until = None;
    match draw.below(4) {
        0 if status == 429 => floor = None,
        1 => {
            response.headers.push("date", imf(clock));
            response.headers.push("retry-after", imf(clock + secs.cast_signed() * 1000));
        }
        2 if setup.skew == 0 && !setup.no_clock => {
            let at = clock / 1000 * 1000 + secs.cast_signed() * 1000;
            response.headers.push("retry-after", imf(at));
            (floor, until) = (None, Some(at));
        }
        _ => response.headers.push("retry-after", secs.to_string()),
    }
    Reply { floor, until, throttled: true, processed: false, ..Reply::again(response) }
}

fn announce(response: &mut Response, secs: u64, clock: i64, seed: u64) {
    // An API has one dialect.
    match seed % 3 {
        0 => {
            response.headers.push("ratelimit-limit", "100");
            response.headers.push("ratelimit-remaining", "0");
            response.headers.push("ratelimit-reset", secs.to_string());
        }
        1 => {
            response.headers.push("date", imf(clock));
            response.headers.push("x-ratelimit-limit", "100");
            response.headers.push("x-ratelimit-remaining", "0");
            let reset = (clock + secs.cast_signed() * 1000 + 999) / 1000;
            response.headers.push("x-ratelimit-reset", reset.to_string());
        }
        _ => {
            response.headers.push("ratelimit-policy", "\"d\";q=100;w=60");
            response.headers.push("ratelimit", format!("\"d\";r=0;t={secs}"));
        }
    }
}

/// Somewhere else: it must never be asked.
fn hostile(setup: &Setup, url: &Url, draw: &mut Draw) -> Reply {
    let query = url.query().unwrap_or_default();
    let targets = [
        format!("https://evil.example/list?{query}"),
        format!("http://api.sim.example/list?{query}"),
        format!("https://api.sim.example:8443/list?{query}"),
        "https://127.0.0.1/list".to_owned(),
        "//evil.example/list".to_owned(),
        "https:\\\\evil.example\\list".to_owned(),
        "https://api.sim.example@evil.example/list".to_owned(),
    ];
    let at = draw.below(targets.len() as u64) as usize;
    let target = targets.get(at).cloned().unwrap_or_default();
    if setup.style.by_link() && !setup.header_link && draw.coin() {
        let text = serde_json::Value::from(target).to_string();
        return Reply::odd(json(format!("{{\"data\":[],\"next\":{text}}}")));
    }
    let mut response = Response { status: 302, ..Response::default() };
    response.headers.push("location", target);
    Reply::odd(response)
}

/// A moment as HTTP writes it (RFC 9110, section 5.6.7).
fn imf(ms: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = everypage_core::time::UnixMillis(ms).to_rfc3339();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let day = DAYS.get(ms.div_euclid(86_400_000).rem_euclid(7) as usize).unwrap_or(&"");
    let month = part(5, 7).parse::<usize>().ok().and_then(|m| MONTHS.get(m.wrapping_sub(1))).unwrap_or(&"");
    format!("{day}, {} {month} {} {} GMT", part(8, 10), part(0, 4), part(11, 19))
}
