//! `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): the Structured Fields of drafts 8 and
//! later, and the key=value pairs of draft 7 that servers still send under several names.

use super::value::{self, Unit};
use super::{Reading, Said};
use crate::http::Headers;
use crate::pace::Window;
use crate::pace::structured::{self, Bare, Item};
use crate::time::Millis;

/// More limits than this in one answer are not read.
const MOST: usize = 16;
/// Seconds beyond which a window or a wait is not believed: 31 days.
const FURTHEST: i64 = 2_678_400;

/// A policy: what a limit is made of.
struct Policy {
    name: String,
    requests: u64,
    per: Option<Millis>,
    counts: bool,
}

/// Reads both fields. `stated` is the answer's `Retry-After`.
pub(super) fn read(headers: &Headers, stated: Option<Millis>, said: &mut Said) {
    let policies = policies(headers, said);
    // Pairs and plain numbers under this name are read with the other named headers.
    if let Some(text) = joined(headers, "ratelimit")
        && !is_pairs(&text)
        && value::number(&text).is_none()
    {
        limits(&text, policies.as_deref(), stated, said);
    }
    for policy in policies.into_iter().flatten() {
        if let Policy { name, requests, per: Some(per), counts: true } = policy {
            said.policies.push((name, Window { requests, per, burst: Some(requests) }));
        }
    }
}

/// All fields of a name as one, or nothing: `None` also when it isn't text.
fn joined(headers: &Headers, name: &str) -> Option<String> {
    let fields: Vec<&str> = headers.all(name).map(|v| std::str::from_utf8(v).unwrap_or("\0")).collect();
    (!fields.is_empty()).then(|| fields.join(", "))
}

fn policies(headers: &Headers, said: &mut Said) -> Option<Vec<Policy>> {
    let text = joined(headers, "ratelimit-policy")?;
    let Some(items) = structured::list(&text) else {
        said.ignore();
        return None;
    };
    let mut policies = Vec::new();
    for item in items.iter().take(MOST) {
        match policy(item) {
            Some(policy) => policies.push(policy),
            None => said.ignore(),
        }
    }
    Some(policies)
}

/// `"name";q=100;w=60` or, up to draft 7, `100;w=60`.
pub(super) fn is_policy(text: &str) -> Option<Window> {
    let item = structured::list(text)?.into_iter().next()?;
    let policy = policy(&item)?;
    Some(Window { requests: policy.requests, per: policy.per?, burst: Some(policy.requests) })
}

fn policy(item: &Item) -> Option<Policy> {
    if item.repeats() {
        return None;
    }
    let name = key(item);
    let requests = match (&item.value, item.param("q")) {
        (Bare::Integer(q), None) | (Bare::String(_) | Bare::Token(_), Some(Bare::Integer(q))) => *q,
        (
            Bare::Boolean(_)
            | Bare::Bytes(_)
            | Bare::Decimal(_)
            | Bare::Integer(_)
            | Bare::String(_)
            | Bare::Token(_),
            _,
        ) => return None,
    };
    let per = match item.param("w") {
        None => None,
        Some(Bare::Integer(w)) if (1..=FURTHEST).contains(w) => Some(Millis::secs(w.unsigned_abs())),
        Some(_) => return None,
    };
    let counts = match item.param("qu") {
        None => true,
        Some(Bare::String(unit) | Bare::Token(unit)) => unit == "requests",
        Some(_) => return None,
    };
    let requests = u64::try_from(requests).ok().filter(|q| *q > 0)?;
    Some(Policy { name, requests, per, counts })
}

/// What a limit is told by: its name and its partition.
fn key(item: &Item) -> String {
    let name = match &item.value {
        Bare::String(name) | Bare::Token(name) => name.clone(),
        Bare::Integer(number) => number.to_string(),
        Bare::Boolean(_) | Bare::Bytes(_) | Bare::Decimal(_) => String::new(),
    };
    match item.param("pk") {
        Some(Bare::Bytes(partition) | Bare::String(partition) | Bare::Token(partition)) => {
            format!("{name} {partition}")
        }
        Some(Bare::Boolean(_) | Bare::Decimal(_) | Bare::Integer(_)) | None => name,
    }
}

/// `"name";r=50;t=30`, each of which is believed or not as a whole.
fn limits(text: &str, policies: Option<&[Policy]>, stated: Option<Millis>, said: &mut Said) {
    let Some(items) = structured::list(text) else { return said.ignore() };
    for item in items.iter().take(MOST) {
        match limit(item, policies, stated) {
            Some(reading) => said.readings.push(reading),
            None => said.ignore(),
        }
    }
}

fn limit(item: &Item, policies: Option<&[Policy]>, stated: Option<Millis>) -> Option<Reading> {
    if item.repeats() || !matches!(item.value, Bare::String(_) | Bare::Token(_)) {
        return None;
    }
    let Some(Bare::Integer(remaining)) = item.param("r") else { return None };
    let reset = match item.param("t") {
        None => None,
        Some(Bare::Integer(t)) if (0..=FURTHEST).contains(t) => Some(Millis::secs(t.unsigned_abs())),
        Some(_) => return None,
    };
    let name = key(item);
    // A name that the policies beside it don't have is a mistake.
    let plain = name.split(' ').next().unwrap_or_default();
    let policy = match policies {
        None => None,
        Some(all) => Some(all.iter().find(|p| p.name == name || p.name == plain)?),
    };
    Some(Reading {
        remaining: Some(u64::try_from(*remaining).ok()?),
        reset: reset
            .map(|t| stated.filter(|wait| *wait <= Millis::secs(FURTHEST.unsigned_abs())).unwrap_or(t)),
        limit: policy.map(|p| p.requests),
        window: policy.and_then(|p| p.per),
        counts: policy.is_none_or(|p| p.counts),
        ..Reading::new(format!("ratelimit {name}"))
    })
}

/// Whether a value is made of pairs such as `limit=10`, and not of items.
pub(super) fn is_pairs(text: &str) -> bool {
    ["limit", "total", "remaining", "reset", "resets"]
        .iter()
        .any(|key| text.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')))
}

/// `limit=10, remaining=0, reset=5`, separated by commas or semicolons, seconds to go.
pub(super) fn pairs(name: &str, text: &str, said: &mut Said) {
    let mut reading = Reading::new(name);
    for pair in text.split([',', ';']) {
        let Some((key, text)) = pair.split_once('=') else { continue };
        let number = value::number(text);
        match (key.trim(), number) {
            ("limit" | "total", Some(n)) => reading.size(n.whole),
            ("remaining", Some(n)) => reading.left(n.whole),
            ("reset" | "resets", Some(_)) => match value::reset(text, Unit::Seconds, None) {
                Some(wait) => reading.starts_anew(wait),
                None => said.ignore(),
            },
            ("limit" | "total" | "remaining" | "reset" | "resets", None) => said.ignore(),
            _ => {}
        }
    }
    said.readings.push(reading);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fields: &[(&str, &str)]) -> Said {
        let mut said = Said::default();
        let headers: Headers = fields.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
        read(&headers, None, &mut said);
        said
    }

    fn left(said: &Said) -> Vec<(Option<u64>, Option<u64>)> {
        said.readings.iter().map(|r| (r.remaining, r.reset.map(|w| w.0))).collect()
    }

    #[test]
    fn limits_of_the_newer_drafts_are_read() {
        let said = said(&[
            ("RateLimit-Policy", r#""burst";q=100;w=60, "daily";q=1000;w=86400;qu="requests""#),
            ("RateLimit", r#""burst";r=50;t=30"#),
            ("RateLimit", r#""daily";r=900;pk=:dXNlcg==:"#),
        ]);
        assert_eq!((left(&said), said.ignored), (vec![(Some(50), Some(30_000)), (Some(900), None)], 0));
        assert_eq!(said.readings[0].limit, Some(100));
        assert_eq!(said.readings[1].window, Some(Millis(86_400_000)));
        let window = |requests, secs| Window { requests, per: Millis::secs(secs), burst: Some(requests) };
        assert_eq!(
            said.policies,
            [("burst".into(), window(100, 60)), ("daily".into(), window(1000, 86_400))]
        );
    }

    #[test]
    fn policies_of_the_older_drafts_are_read() {
        let said = said(&[("RateLimit-Policy", r#"10;w=1, 1000;w=3600;comment="x""#)]);
        assert_eq!(
            said.policies.iter().map(|(_, w)| (w.requests, w.per.0)).collect::<Vec<_>>(),
            [(10, 1000), (1000, 3_600_000)]
        );
    }

    #[test]
    fn a_token_is_a_name_and_nonsense_is_ignored() {
        assert_eq!(left(&said(&[("RateLimit", "default;r=1")])), [(Some(1), None)]);
        for text in [
            r#""d""#,
            r#""d";t=5"#,
            r#""d";r=1;t=1.5"#,
            r#""d";r=1;r=1"#,
            r#""d";r=-1"#,
            r#""d";r="1""#,
            "5;r=1",
            "(",
            r#""d";r=1;t=9999999"#,
            "\"d\";r=1,",
        ] {
            let said = said(&[("RateLimit", text)]);
            assert_eq!((left(&said), said.ignored), (vec![], 1), "{text}");
        }
        let unknown = said(&[("RateLimit", r#""x";r=1"#), ("RateLimit-Policy", r#""p";q=1;w=1"#)]);
        assert_eq!((left(&unknown), unknown.ignored), (vec![], 1));
        for text in [
            r#""p""#,
            r#""p";q=0"#,
            r#""p";q=1;w=0"#,
            r#""p";q=1;w=1.5"#,
            r#""p";q=1;q=2"#,
            "?1;q=1",
            "\u{fc}",
        ] {
            let said = said(&[("RateLimit-Policy", text)]);
            assert_eq!((said.policies.len(), said.ignored), (0, 1), "{text}");
        }
    }

    #[test]
    fn units_other_than_requests_are_not_paced() {
        let said = said(&[
            ("RateLimit-Policy", r#""b";q=65535;w=10;qu="content-bytes""#),
            ("RateLimit", r#""b";r=20;t=5"#),
        ]);
        assert!(said.policies.is_empty() && !said.readings[0].counts);
    }

    #[test]
    fn pairs_are_read() {
        for text in [
            "limit=10, remaining=0, reset=5",
            "total=10; remaining=0; resets=5",
            " limit = 10,remaining=0,reset=5",
        ] {
            let mut said = Said::default();
            assert!(is_pairs(text));
            pairs("x", text, &mut said);
            assert_eq!(
                (left(&said), said.readings[0].limit),
                (vec![(Some(0), Some(5000))], Some(10)),
                "{text}"
            );
        }
        let mut said = Said::default();
        pairs("x", "limit=x, remaining=-1, reset=soon", &mut said);
        assert_eq!(said.ignored, 3);
    }

    #[test]
    fn a_retry_after_beats_the_time_of_a_limit() {
        let mut said = Said::default();
        let headers: Headers = [("ratelimit", r#""d";r=0;t=5"#)].into_iter().collect();
        read(&headers, Some(Millis(60_000)), &mut said);
        assert_eq!(left(&said), [(Some(0), Some(60_000))]);
    }
}
