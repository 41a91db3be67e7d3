//! The server: a list without end or with so many pages, a limit, and times at which it is down.

use super::EPOCH;
use everypage_core::http::{Failure, FailureKind, Request, Response};
use everypage_core::url::Url;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// How a limit is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speaks {
    /// Not at all, but for `Retry-After` in a refusal.
    Nothing,
    /// `X-RateLimit-*` with the moment of the reset.
    XRateLimit,
    /// `RateLimit` and `RateLimit-Policy`.
    Ietf,
}

/// So many requests in a window; what is over is refused with 429.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Requests.
    pub requests: u64,
    /// In so many milliseconds.
    pub per: u64,
    /// Any such span; otherwise the spans of the clock.
    pub sliding: bool,
    /// How it is told.
    pub speaks: Speaks,
}

/// The server.
#[derive(Debug)]
pub struct Api {
    limit: Option<Limit>,
    down: Range<u64>,
    pages: u64,
    /// Requests that were served, newest last, as far back as a window.
    served: VecDeque<u64>,
    /// Refusals.
    pub refused: u64,
    /// Requests while it was down.
    pub during: u64,
    /// The most requests that came in a window, those refused among them.
    pub most: u64,
    came: VecDeque<u64>,
    /// Pages served, by the second.
    by_second: BTreeMap<u64, u64>,
}

impl Api {
    /// A list of so many pages for each walk.
    pub fn new(pages: u64) -> Api {
        Api {
            limit: None,
            down: 0..0,
            pages,
            served: VecDeque::new(),
            refused: 0,
            during: 0,
            most: 0,
            came: VecDeque::new(),
            by_second: BTreeMap::new(),
        }
    }

    /// The same with a limit.
    #[must_use]
    pub fn limited(mut self, limit: Limit) -> Api {
        self.limit = Some(limit);
        self
    }

    /// The same, down meanwhile: nothing listens.
    #[must_use]
    pub fn down(mut self, down: Range<u64>) -> Api {
        self.down = down;
        self
    }

    /// Where the list is.
    pub const fn url(&self) -> &'static str {
        "https://api.example.com/list"
    }

    /// Pages served in this span, in whole seconds.
    pub fn served(&self, span: Range<u64>) -> u64 {
        self.by_second.range(span.start / 1000..span.end / 1000).map(|(_, pages)| pages).sum()
    }

    /// A request arrives.
    ///
    /// # Errors
    /// The failure it meets when the server is down.
    pub fn arrive(&mut self, request: &Request, walk: usize, now: u64) -> Result<Response, Failure> {
        if self.down.contains(&now) {
            self.during += 1;
            return Err(Failure::new(FailureKind::ConnectRefused, ""));
        }
        let mut response = Response { status: 200, ..Response::default() };
        if let Some(limit) = self.limit {
            self.count(&limit, now);
            let (left, reset) = self.left(&limit, now);
            let refused = left == 0;
            let left = left.saturating_sub(1);
            limit.tell(&mut response, left, reset, now);
            if refused {
                self.refused += 1;
                response.status = 429;
                response.headers.push("retry-after", (reset - now).div_ceil(1000).to_string());
                return Ok(response);
            }
            self.served.push_back(now);
        }
        *self.by_second.entry(now / 1000).or_default() += 1;
        let page: u64 = Url::parse(&request.url)
            .ok()
            .and_then(|url| url.param("cursor"))
            .and_then(|cursor| cursor.parse().ok())
            .unwrap_or(0);
        let next = if page + 1 < self.pages { (page + 1).to_string() } else { "null".to_owned() };
        response.body = format!("{{\"data\":[{{\"id\":\"{walk}-{page}\"}}],\"next\":{next}}}").into_bytes();
        Ok(response)
    }

    fn count(&mut self, limit: &Limit, now: u64) {
        self.came.push_back(now);
        while self.came.front().is_some_and(|at| at + limit.per <= now) {
            self.came.pop_front();
        }
        self.most = self.most.max(self.came.len() as u64);
    }

    /// How many more are served now, and when there will be more.
    fn left(&mut self, limit: &Limit, now: u64) -> (u64, u64) {
        let from =
            if limit.sliding { (now + 1).saturating_sub(limit.per) } else { now / limit.per * limit.per };
        while self.served.front().is_some_and(|at| *at < from) {
            self.served.pop_front();
        }
        let left = limit.requests.saturating_sub(self.served.len() as u64);
        let reset = match self.served.front() {
            Some(first) if limit.sliding => first + limit.per,
            _ => from + limit.per,
        };
        (left, reset)
    }
}

impl Limit {
    fn tell(&self, response: &mut Response, left: u64, reset: u64, now: u64) {
        let seconds = (reset - now).div_ceil(1000);
        match self.speaks {
            Speaks::Nothing => {}
            Speaks::XRateLimit => {
                response.headers.push("date", http_date(EPOCH / 1000 + (now / 1000).cast_signed()));
                response.headers.push("x-ratelimit-limit", self.requests.to_string());
                response.headers.push("x-ratelimit-remaining", left.to_string());
                let reset = (EPOCH + reset.cast_signed()).cast_unsigned().div_ceil(1000);
                response.headers.push("x-ratelimit-reset", reset.to_string());
            }
            Speaks::Ietf => {
                let policy = format!("\"d\";q={};w={}", self.requests, self.per / 1000);
                response.headers.push("ratelimit-policy", policy);
                response.headers.push("ratelimit", format!("\"d\";r={left};t={seconds}"));
            }
        }
    }
}

/// A date as HTTP writes it. Good for this century.
fn http_date(unix: i64) -> String {
    let (days, second) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][days.rem_euclid(7) as usize];
    let (mut year, mut day) = (1970, days);
    let leap = |year: i64| year % 4 == 0;
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let february = 28 + i64::from(leap(year));
    let mut month = 0;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let name =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month as usize];
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday}, {:02} {name} {year} {hour:02}:{minute:02}:{second:02} GMT", day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_the_ones_that_are_read() {
        use everypage_core::http::date;
        for unix in [0, 951_782_399, 951_782_400, 1_790_000_000, 1_798_761_599] {
            let mut response = Response::default();
            response.headers.push("date", http_date(unix));
            assert_eq!(date::of(&response.headers).map(|at| at.0), Some(unix * 1000));
        }
    }
}
