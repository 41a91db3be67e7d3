//! Headers whose names say what they mean: `X-RateLimit-Remaining` and its many relatives.

use super::declared::{least, used_of_limit};
use super::value::{self, Unit};
use super::{Said, ietf};
use crate::http::Headers;
use crate::time::{Millis, UnixMillis};

/// More limits than this in one answer are not read.
const MOST: usize = 16;
/// The characters that tell resources apart; more are made up.
const LONGEST_RESOURCE: usize = 64;

/// What a header tells of its limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Limit,
    Remaining,
    Reset,
    ResetAfter,
    /// Which of the origin's limits is meant.
    Resource,
    Used,
    UsedOfLimit,
    /// The name alone: a size, or pairs.
    Whole,
}

/// A header name, taken apart.
#[derive(PartialEq, Eq, Debug)]
struct Name {
    /// The name without the word for the part: headers that share it speak of one limit.
    limit: String,
    /// The words that tell limits apart: `daily`, `requests`.
    kind: String,
    part: Part,
}

/// Reads them all.
pub(super) fn read(headers: &Headers, server: Option<UnixMillis>, said: &mut Said) {
    let mut used = Vec::new();
    let mut kinds = Vec::new();
    let mut resource = None;
    for (name, text) in headers.iter() {
        let Some(parsed) = parse(name) else { continue };
        let Ok(text) = std::str::from_utf8(text) else {
            said.ignore();
            continue;
        };
        if parsed.part == Part::Resource {
            resource = Some(text.chars().take(LONGEST_RESOURCE).collect::<String>());
            continue;
        }
        if said.readings.len() >= MOST && said.readings.iter().all(|r| r.name != parsed.limit) {
            said.ignore();
            continue;
        }
        if take(&parsed, text, server, &mut used, said).is_none() {
            said.ignore();
        }
        kinds.push((parsed.limit, parsed.kind));
    }
    for (name, used) in used {
        if let Some(reading) = said.reading(&name)
            && let (Some(limit), None) = (reading.limit, reading.remaining)
        {
            reading.remaining = Some(limit.saturating_sub(used));
        }
    }
    lend_resets(&kinds, said);
    for (name, kind) in kinds {
        if let Some(reading) = said.reading(&name) {
            reading.window = reading.window.or(window(&kind));
            reading.counts &= !counts_something_else(&kind);
            if let Some(resource) = &resource {
                reading.name = format!("{name} {resource}");
            }
        }
    }
    said.readings.retain(|r| r.remaining.is_some());
}

fn take(
    name: &Name,
    text: &str,
    server: Option<UnixMillis>,
    used: &mut Vec<(String, u64)>,
    said: &mut Said,
) -> Option<()> {
    match name.part {
        Part::Limit => {
            // Up to draft 6 the windows follow the size: `100, 100;w=60`.
            for part in text.split(',') {
                if part.contains(';') {
                    said.policies.push((format!("{} {}", name.limit, part.trim()), ietf::is_policy(part)?));
                } else {
                    let size = value::number(part)?.whole;
                    said.reading(&name.limit)?.size(size);
                }
            }
        }
        Part::Remaining => {
            let left = least(text)?;
            said.reading(&name.limit)?.left(left);
        }
        Part::Reset | Part::ResetAfter => {
            let unit = if name.part == Part::Reset { Unit::Guess } else { Unit::Seconds };
            let wait = resets(text, unit, server)?;
            said.reading(&name.limit)?.starts_anew(wait);
        }
        Part::Resource => {}
        Part::Used => used.push((name.limit.clone(), value::number(text)?.whole)),
        Part::UsedOfLimit => used_of_limit(text, said.reading(&name.limit)?)?,
        Part::Whole if ietf::is_pairs(text) => ietf::pairs(&name.limit, text, said),
        Part::Whole => {
            // Other words under such a name are of another kind: the name of a bucket, say.
            if let Some(size) = value::number(text) {
                said.reading(&name.limit)?.size(size.whole);
            }
        }
    }
    Some(())
}

/// The latest of several; a date has a comma of its own.
fn resets(text: &str, unit: Unit, server: Option<UnixMillis>) -> Option<Millis> {
    value::reset(text, unit, server).or_else(|| {
        text.split(',')
            .map(|part| value::reset(part, unit, server))
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .max()
    })
}

/// Some servers spell what is left in one way and when it starts anew in another: a limit without a reset takes
/// the latest of those of its kind.
fn lend_resets(kinds: &[(String, String)], said: &mut Said) {
    let kind_of = |name: &str| kinds.iter().find(|(n, _)| n == name).map(|(_, kind)| kind.clone());
    let resets: Vec<_> = said.readings.iter().filter_map(|r| Some((kind_of(&r.name)?, r.reset?))).collect();
    for reading in &mut said.readings {
        if reading.reset.is_none()
            && let Some(kind) = kind_of(&reading.name)
        {
            reading.reset = resets.iter().filter(|(k, _)| *k == kind).map(|(_, reset)| *reset).max();
        }
    }
}

/// Takes `x-hubspot-ratelimit-daily-remaining` apart; `None` if it is no such name or says nothing that is used here.
fn parse(name: &str) -> Option<Name> {
    if name == "x-shopify-shop-api-call-limit" {
        return Some(Name { limit: name.to_owned(), kind: String::new(), part: Part::UsedOfLimit });
    }
    let at = name.find("ratelimit").map(|at| (at, 9)).or_else(|| name.find("rate-limit").map(|at| (at, 10)));
    let (before, rest) = name.split_at(at?.0);
    let (root, rest) = rest.split_at(at?.1);
    if !rest.is_empty() && !rest.starts_with('-') {
        return None;
    }
    let words: Vec<&str> = rest.split('-').filter(|word| !word.is_empty()).collect();
    let (part, used) =
        match words.iter().position(|w| matches!(*w, "limit" | "total" | "remaining" | "reset" | "used")) {
            Some(at) => match (words.get(at).copied(), words.get(at + 1).copied()) {
                (Some("reset"), Some("after")) => (Part::ResetAfter, at..at + 2),
                (Some("reset"), _) => (Part::Reset, at..at + 1),
                (Some("remaining"), _) => (Part::Remaining, at..at + 1),
                (Some("used"), _) => (Part::Used, at..at + 1),
                (Some(_) | None, _) => (Part::Limit, at..at + 1),
            },
            None if matches!(words[..], ["resource" | "bucket"]) => (Part::Resource, 0..1),
            // The bare IETF names are read elsewhere, but for a plain number.
            None if words.is_empty() || before.len() > "x-".len() => (Part::Whole, 0..0),
            None => return None,
        };
    let kind: Vec<&str> =
        words.iter().enumerate().filter(|(n, _)| !used.contains(n)).map(|(_, w)| *w).collect();
    let kind = kind.join("-");
    Some(Name { limit: format!("{before}{root} {kind}"), kind, part })
}

/// How long a window is whose name says so. Only short ones stand in for a reset that isn't given: of a day, nobody
/// knows how much is left.
fn window(kind: &str) -> Option<Millis> {
    match kind {
        "second" | "secondly" => Some(Millis::secs(1)),
        "minute" | "minutely" => Some(Millis::mins(1)),
        _ => None,
    }
}

/// Limits on tokens, points or bytes: a request uses up an unknown number of them.
fn counts_something_else(kind: &str) -> bool {
    kind.split('-').any(|word| {
        matches!(word, "tokens" | "complexity" | "cost" | "points" | "bytes" | "credits" | "units")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::hints::Reading;

    const SERVER: UnixMillis = UnixMillis(1_705_420_800_000);

    fn said(fields: &[(&str, &str)]) -> Said {
        let mut said = Said::default();
        let headers: Headers = fields.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
        read(&headers, Some(SERVER), &mut said);
        said
    }

    fn of(reading: &Reading) -> (Option<u64>, Option<u64>, Option<u64>) {
        (reading.limit, reading.remaining, reading.reset.map(|w| w.0))
    }

    #[test]
    fn every_spelling_of_the_usual_three_is_read() {
        for fields in [
            [
                ("X-RateLimit-Limit", "60"),
                ("X-RateLimit-Remaining", "0"),
                ("X-RateLimit-Reset", "1705420830"),
            ],
            [
                ("x-rate-limit-limit", "60"),
                ("x-rate-limit-remaining", "0"),
                ("x-rate-limit-reset", "1705420830"),
            ],
            [("RateLimit-Limit", "60"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "31")],
            [("RateLimit-Limit", "60"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1705420830")],
            [
                ("x-ratelimit-limit-requests", "60"),
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "31s"),
            ],
            [
                ("X-RateLimit-Requests-Limit", "60"),
                ("X-RateLimit-Requests-Remaining", "0"),
                ("X-RateLimit-Requests-Reset", "1705420831000"),
            ],
            [
                ("X-RateLimit-Total", "60"),
                ("X-RateLimit-Remaining", "0"),
                ("X-RateLimit-Reset-After", "31.000"),
            ],
            [("X-RateLimit-Limit", "60"), ("X-RateLimit-Used", "60"), ("X-RateLimit-Reset", "31")],
        ] {
            let said = said(&fields);
            assert_eq!(
                said.readings.iter().map(of).collect::<Vec<_>>(),
                [(Some(60), Some(0), Some(31_000))],
                "{fields:?}"
            );
            assert!(said.readings[0].counts && said.ignored == 0);
        }
    }

    #[test]
    fn odd_headers_of_known_vendors_are_read() {
        let one = |fields: &[(&str, &str)]| said(fields).readings.iter().map(of).collect::<Vec<_>>();
        assert_eq!(one(&[("X-Shopify-Shop-Api-Call-Limit", "32/40")]), [(Some(40), Some(8), None)]);
        assert_eq!(
            one(&[("x-ratelimit-remaining", "10, 3"), ("x-ratelimit-reset", "5, 9")]),
            [(None, Some(3), Some(9000))]
        );
        assert_eq!(
            one(&[("X-RateLimit-Remaining", "593.5"), ("X-RateLimit-Reset", "41")]),
            [(None, Some(593), Some(41_000))]
        );
        assert_eq!(
            one(&[("X-Rate-Limit", "700"), ("X-Rate-Limit-Remaining", "9"), ("ratelimit-reset", "41")]),
            [(Some(700), Some(9), Some(41_000))]
        );
        assert_eq!(
            one(&[("Zendesk-RateLimit-Incremental-Exports", "total=100; remaining=99; resets=41")]),
            [(Some(100), Some(99), Some(41_000))]
        );
        assert_eq!(
            one(&[("RateLimit", "limit=10, remaining=0, reset=5")]),
            [(Some(10), Some(0), Some(5000))]
        );
        let minute = said(&[("X-RateLimit-Limit-Minute", "20"), ("X-RateLimit-Remaining-Minute", "0")]);
        assert_eq!(minute.readings[0].window, Some(Millis::mins(1)));
        let daily =
            said(&[("X-HubSpot-RateLimit-Daily", "250000"), ("X-HubSpot-RateLimit-Daily-Remaining", "0")]);
        assert_eq!(
            (of(&daily.readings[0]), daily.readings[0].window),
            ((Some(250_000), Some(0), None), None)
        );
        assert!(!said(&[("x-ratelimit-remaining-tokens", "0")]).readings[0].counts);
    }

    #[test]
    fn windows_may_follow_the_size() {
        let said = said(&[("RateLimit-Limit", "10, 10;w=1, 1000;w=3600"), ("RateLimit-Remaining", "9")]);
        assert_eq!(of(&said.readings[0]), (Some(10), Some(9), None));
        assert_eq!(
            said.policies.iter().map(|(_, w)| (w.requests, w.per.0)).collect::<Vec<_>>(),
            [(10, 1000), (1000, 3_600_000)]
        );
    }

    #[test]
    fn what_says_nothing_of_the_rate_is_not_ours_and_junk_is_counted() {
        let quiet = said(&[
            ("X-RateLimit-Resource", "core"),
            ("X-RateLimit-Bucket", "abcd"),
            ("X-RateLimit-Scope", "user"),
            ("X-Foo-RateLimit-Bucket", "abcd"),
            ("RateLimit-Policy", "\"p\";q=1"),
            ("RateLimited-By", "x"),
            ("Retry-After", "5"),
        ]);
        assert_eq!(quiet, Said::default());
        for (name, text) in [
            ("x-ratelimit-remaining", "1e9"),
            ("x-ratelimit-remaining", "-1"),
            ("x-ratelimit-remaining", ""),
            ("x-ratelimit-remaining", "∞"),
            ("x-ratelimit-remaining", "5, x"),
            ("x-ratelimit-reset", "NaN"),
            ("x-ratelimit-reset", "-5"),
            ("x-ratelimit-limit", "5;w=x"),
            ("x-ratelimit-used", "x"),
            ("x-shopify-shop-api-call-limit", "x"),
        ] {
            let said = said(&[(name, text)]);
            assert_eq!((said.readings.len(), said.ignored), (0, 1), "{name}: {text}");
        }
        let clamped = said(&[("x-ratelimit-remaining", "0.5")]);
        assert_eq!(clamped.readings[0].remaining, Some(0));
    }

    #[test]
    fn a_resource_tells_limits_of_one_name_apart() {
        let name = |resource| {
            let said = said(&[("x-ratelimit-resource", resource), ("x-ratelimit-remaining", "5")]);
            assert_eq!(said.readings.len(), 1);
            said.readings[0].name.clone()
        };
        assert_ne!(name("core"), name("search"));
        assert!(name(&"x".repeat(5000)).len() < 100);
    }

    #[test]
    fn the_number_of_limits_is_bounded() {
        let names: Vec<_> = (0..1000).map(|n| format!("x-ratelimit-remaining-{n}")).collect();
        let fields: Vec<_> = names.iter().map(|n| (n.as_str(), "1")).collect();
        let said = said(&fields);
        assert_eq!((said.readings.len(), said.ignored), (MOST, 1000 - 16));
    }
}
