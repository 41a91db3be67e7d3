//! How the server tells its limits: one dialect or several at once.

use crate::{fault::BadFlag, rate::Level};
use hyper::header::{DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use std::{
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A way of writing limits into response headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `RateLimit-Limit`, `-Remaining`, `-Reset` (seconds to go): drafts up to 06.
    Ietf06,
    /// `RateLimit: limit=…, remaining=…, reset=…`: draft 07.
    Ietf07,
    /// `RateLimit-Policy` and `RateLimit` as Structured Fields: draft 08 on.
    IetfDraft8,
    /// Nothing at all.
    None,
    /// `Retry-After` as an HTTP-date, on 429 only.
    RetryAfterDate,
    /// `Retry-After` in seconds, on 429 only.
    RetryAfterSeconds,
    /// `X-RateLimit-*` with the reset in seconds to go.
    XDelta,
    /// `X-RateLimit-*` with the reset as a Unix time.
    XEpoch,
}

const NAMES: &[(&str, Dialect)] = &[
    ("retry-after-seconds", Dialect::RetryAfterSeconds),
    ("retry-after-date", Dialect::RetryAfterDate),
    ("x-ratelimit-epoch", Dialect::XEpoch),
    ("x-ratelimit-delta", Dialect::XDelta),
    ("ietf-06", Dialect::Ietf06),
    ("ietf-07", Dialect::Ietf07),
    ("ietf-draft8", Dialect::IetfDraft8),
    ("none", Dialect::None),
];

impl FromStr for Dialect {
    type Err = BadFlag;
    fn from_str(text: &str) -> Result<Dialect, BadFlag> {
        NAMES.iter().find(|(name, _)| *name == text).map(|&(_, dialect)| dialect).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            BadFlag(format!("{text:?} is no dialect: one of {}", names.join(", ")))
        })
    }
}

/// Whole seconds, rounded up: who obeys is never early.
fn ceil(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

pub(crate) fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// The server's wall clock, off by so many seconds.
pub(crate) fn wall(skew: i64) -> SystemTime {
    let by = Duration::from_secs(skew.unsigned_abs());
    let now = SystemTime::now();
    let skewed = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
    skewed.unwrap_or(now)
}

/// `Retry-After` in seconds, at least 1 as 0 would invite at once.
pub(crate) fn retry_after_seconds(headers: &mut HeaderMap, wait: Duration) {
    headers.insert(RETRY_AFTER, HeaderValue::from(ceil(wait).max(1)));
}

/// `Retry-After` as a date of the server's own clock, with the `Date` it is to be judged by.
pub(crate) fn retry_after_date(headers: &mut HeaderMap, wait: Duration, wall: SystemTime) {
    let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    let until = UNIX_EPOCH + Duration::from_secs(ceil(since + wait));
    if let Ok(value) = HeaderValue::from_str(&httpdate::fmt_http_date(until)) {
        headers.insert(RETRY_AFTER, value);
    }
    date(headers, wall);
}

/// The `Date` header, for clocks that are off and bytes that no HTTP library writes.
pub(crate) fn date(headers: &mut HeaderMap, wall: SystemTime) {
    if let Ok(value) = HeaderValue::from_str(&httpdate::fmt_http_date(wall)) {
        headers.insert(DATE, value);
    }
}

/// Writes the limits in every dialect asked for.
pub(crate) fn write(
    headers: &mut HeaderMap,
    dialects: &[Dialect],
    levels: &[Level],
    refused: bool,
    skew: i64,
) {
    // The tightest limit speaks for all where there is only room for one.
    let Some(level) = levels.iter().min_by_key(|level| (level.remaining, std::cmp::Reverse(level.reset)))
    else {
        return;
    };
    let wait = levels.iter().filter(|level| level.remaining == 0).map(|level| level.reset).max();
    let (limit, remaining, delta) = (level.limit, level.remaining, ceil(level.reset));
    for dialect in dialects {
        match dialect {
            Dialect::RetryAfterSeconds => {
                if refused {
                    retry_after_seconds(headers, wait.unwrap_or_default());
                }
            }
            Dialect::RetryAfterDate => {
                if refused {
                    retry_after_date(headers, wait.unwrap_or_default(), wall(skew));
                }
            }
            Dialect::XEpoch => {
                let wall = wall(skew);
                let reset = ceil(wall.duration_since(UNIX_EPOCH).unwrap_or_default() + level.reset);
                x_ratelimit(headers, limit, remaining, reset);
                date(headers, wall);
            }
            Dialect::XDelta => x_ratelimit(headers, limit, remaining, delta),
            Dialect::Ietf06 => {
                put(headers, "ratelimit-limit", &limit.to_string());
                put(headers, "ratelimit-remaining", &remaining.to_string());
                put(headers, "ratelimit-reset", &delta.to_string());
            }
            Dialect::Ietf07 => {
                put(headers, "ratelimit", &format!("limit={limit}, remaining={remaining}, reset={delta}"));
            }
            Dialect::IetfDraft8 => {
                let join = |f: &dyn Fn(&Level) -> String| levels.iter().map(f).collect::<Vec<_>>().join(", ");
                let policy = |l: &Level| format!("\"{}\";q={};w={}", name(l), l.limit, ceil(l.window));
                let state = |l: &Level| format!("\"{}\";r={};t={}", name(l), l.remaining, ceil(l.reset));
                put(headers, "ratelimit-policy", &join(&policy));
                put(headers, "ratelimit", &join(&state));
            }
            Dialect::None => {}
        }
    }
}

fn name(level: &Level) -> String {
    format!("per-{}ms", level.window.as_millis())
}

fn x_ratelimit(headers: &mut HeaderMap, limit: u32, remaining: u32, reset: u64) {
    put(headers, "x-ratelimit-limit", &limit.to_string());
    put(headers, "x-ratelimit-remaining", &remaining.to_string());
    put(headers, "x-ratelimit-reset", &reset.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(dialect: &str, refused: bool) -> HeaderMap {
        let level = |limit, remaining, ms| Level {
            limit,
            window: Duration::from_secs(60),
            remaining,
            reset: Duration::from_millis(ms),
        };
        let mut headers = HeaderMap::new();
        let levels = [level(100, 0, 1_200), level(5, 3, 9_000)];
        write(&mut headers, &[dialect.parse().unwrap()], &levels, refused, 0);
        headers
    }

    fn text(headers: &HeaderMap, name: &str) -> String {
        headers.get(name).map_or(String::new(), |v| v.to_str().unwrap().to_owned())
    }

    #[test]
    fn each_dialect_says_it_in_its_own_words() {
        assert_eq!(text(&headers("retry-after-seconds", true), "retry-after"), "2");
        assert_eq!(headers("retry-after-seconds", false).len(), 0);
        assert_eq!(headers("none", true).len(), 0);
        let h = headers("retry-after-date", true);
        let wait = |name: &str| httpdate::parse_http_date(&text(&h, name)).unwrap();
        let apart = wait("retry-after").duration_since(wait("date")).unwrap();
        assert!((2..=3).contains(&apart.as_secs()), "{apart:?}");
        let h = headers("x-ratelimit-epoch", false);
        let now = wall(0).duration_since(UNIX_EPOCH).unwrap().as_secs();
        let reset: u64 = text(&h, "x-ratelimit-reset").parse().unwrap();
        assert!((now + 1..=now + 3).contains(&reset));
        let h = headers("x-ratelimit-delta", false);
        assert_eq!(text(&h, "x-ratelimit-limit"), "100");
        assert_eq!(text(&h, "x-ratelimit-remaining"), "0");
        assert_eq!(text(&h, "x-ratelimit-reset"), "2");
        assert_eq!(text(&headers("ietf-06", false), "ratelimit-reset"), "2");
        assert_eq!(text(&headers("ietf-07", false), "ratelimit"), "limit=100, remaining=0, reset=2");
        let h = headers("ietf-draft8", false);
        assert_eq!(text(&h, "ratelimit-policy"), "\"per-60000ms\";q=100;w=60, \"per-60000ms\";q=5;w=60");
        assert_eq!(text(&h, "ratelimit"), "\"per-60000ms\";r=0;t=2, \"per-60000ms\";r=3;t=9");
        assert!("ietf".parse::<Dialect>().is_err());
    }

    #[test]
    fn a_skewed_clock_moves_the_dates() {
        let apart = wall(0).duration_since(wall(-86_400)).unwrap().as_secs();
        assert!((86_399..=86_401).contains(&apart));
    }
}
