//! Numbers, durations and times as they stand in rate limit headers.

use crate::http::date;
use crate::time::{Millis, UnixMillis, days_from_civil};

/// Resets further away than this are not believed: 31 days, the longest billing month.
const FURTHEST: Millis = Millis(2_678_400_000);
/// An epoch is told from a number of seconds by being this near to the server's own time.
const NEAR: i64 = 32 * 86_400_000;

/// A number that isn't negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Number {
    /// In thousandths, rounded up.
    pub(super) thousandths: u64,
    /// Without its fraction.
    pub(super) whole: u64,
}

/// Reads digits with an optional fraction; no sign, no exponent, at most 16 digits before the point.
pub(super) fn number(text: &str) -> Option<Number> {
    let text = text.trim_matches([' ', '\t']);
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() > 16 || !digits(whole) || part.is_some_and(|part| !digits(part)) {
        return None;
    }
    let (whole, part): (u64, _) = (whole.parse().ok()?, part.unwrap_or_default());
    let three = part.bytes().chain(*b"000").take(3).fold(0, |n, b| n * 10 + u64::from(b - b'0'));
    let more = u64::from(part.bytes().skip(3).any(|b| b != b'0'));
    Some(Number { thousandths: whole * 1000 + three + more, whole })
}

/// How a reset's number is to be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    /// A Unix time in milliseconds.
    EpochMillis,
    /// A Unix time in seconds.
    EpochSeconds,
    /// Nobody said: a Unix time if it is near the server's time, else seconds to go.
    Guess,
    /// Milliseconds to go.
    Millis,
    /// Seconds to go.
    Seconds,
}

/// How long until the time this names, seen from the server's clock; zero if it has passed. A time is given in whole
/// seconds mostly, rounded who knows how: then it is a second later.
pub(super) fn reset(text: &str, unit: Unit, server: Option<UnixMillis>) -> Option<Millis> {
    let text = text.trim_matches([' ', '\t']);
    let Some(number) = number(text) else {
        return moment(text, server).or_else(|| duration(text)).filter(|wait| *wait <= FURTHEST);
    };
    let wait = match unit {
        Unit::EpochMillis => until(i64::try_from(number.whole).ok()?, server?),
        Unit::EpochSeconds => seconds_epoch(number, server?),
        Unit::Guess => return guess(number, server),
        Unit::Millis => Millis(number.thousandths.div_ceil(1000)),
        Unit::Seconds => Millis(number.thousandths),
    };
    (wait <= FURTHEST).then_some(wait)
}

/// The unit by size: seconds, milliseconds and microseconds since 1970 are too far apart to be taken for each other.
fn guess(number: Number, server: Option<UnixMillis>) -> Option<Millis> {
    if let Some(server) = server {
        let near = |ms: u64| i64::try_from(ms).is_ok_and(|ms| ms.abs_diff(server.0) <= NEAR as u64);
        if near(number.thousandths) {
            return Some(seconds_epoch(number, server));
        }
        for ms in [number.whole, number.whole / 1000] {
            if near(ms) {
                return Some(until(i64::try_from(ms).ok()?, server));
            }
        }
    }
    Some(Millis(number.thousandths)).filter(|wait| *wait <= FURTHEST)
}

fn seconds_epoch(number: Number, server: UnixMillis) -> Millis {
    let rounded = if number.thousandths.is_multiple_of(1000) { 1000 } else { 0 };
    until(i64::try_from(number.thousandths).unwrap_or(i64::MAX).saturating_add(rounded), server)
}

fn until(at: i64, server: UnixMillis) -> Millis {
    Millis(u64::try_from(at.saturating_sub(server.0)).unwrap_or(0))
}

/// An HTTP date or an ISO 8601 time.
fn moment(text: &str, server: Option<UnixMillis>) -> Option<Millis> {
    let server = server?;
    if let Some(at) = date::parse(text, Some(server)) {
        return Some(until(at.0.saturating_add(1000), server));
    }
    Some(until(iso8601(text)?, server))
}

/// `2026-11-22T09:30:00[.123](Z|±HH:MM)`; whole seconds are taken as their end.
fn iso8601(text: &str) -> Option<i64> {
    let field = |from: usize, to: usize| -> Option<i64> {
        let text = text.get(from..to)?;
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
    };
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let bytes = text.as_bytes();
    if marks.iter().any(|(at, mark)| bytes.get(*at) != Some(mark))
        || !matches!(bytes.get(10), Some(b'T' | b't' | b' '))
    {
        return None;
    }
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = text.get(19..)?;
    let (part, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().position(|b| !b.is_ascii_digit())?),
        None => ("", rest),
    };
    let millis = if part.is_empty() { 1000 } else { number(&format!("0.{part}"))?.thousandths };
    let offset = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), zone) if zone.len() == 5 && zone.get(2..3) == Some(":") => {
            let minutes = number(zone.get(..2)?)?.whole * 60 + number(zone.get(3..)?)?.whole;
            i64::try_from(minutes).ok()? * if sign == "-" { -60_000 } else { 60_000 }
        }
        _ => return None,
    };
    let seconds = ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1000 + i64::try_from(millis).ok()? - offset)
}

/// `6m0s`, `20ms`, `1h2.5s`: numbers with units, one after the other.
pub(super) fn duration(text: &str) -> Option<Millis> {
    let mut rest = text.trim_matches([' ', '\t']);
    let mut total = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().position(|b| !b.is_ascii_digit() && b != b'.')?;
        let (value, after) = rest.split_at(digits);
        let letters = after.bytes().position(|b| b.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        // The number is in thousandths already.
        let value = number(value)?.thousandths;
        let millis = match unit {
            "d" => value.checked_mul(86_400)?,
            "h" => value.checked_mul(3600)?,
            "m" => value.checked_mul(60)?,
            "s" => value,
            "ms" => value.div_ceil(1000),
            "us" | "µs" | "μs" => value.div_ceil(1_000_000),
            "ns" => value.div_ceil(1_000_000_000),
            _ => return None,
        };
        total = total.checked_add(millis)?;
        rest = after;
    }
    Some(Millis(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-01-16T16:00:00Z.
    const SERVER: UnixMillis = UnixMillis(1_705_420_800_000);

    fn guessed(text: &str) -> Option<u64> {
        reset(text, Unit::Guess, Some(SERVER)).map(|wait| wait.0)
    }

    #[test]
    fn the_unit_of_a_reset_is_told_by_its_size() {
        for (text, wait) in [
            ("1705420800", Some(1000)),
            ("1705420860", Some(61_000)),
            ("1705420860.25", Some(60_250)),
            ("1705420860000", Some(60_000)),
            ("1705420860000000", Some(60_000)),
            ("1705420700", Some(0)),
            ("41", Some(41_000)),
            ("64.57", Some(64_570)),
            ("6m0s", Some(360_000)),
            ("20ms", Some(20)),
            ("1h0m1.5s", Some(3_601_500)),
            ("7.66s", Some(7660)),
            ("0", Some(0)),
            ("2678400", Some(2_678_400_000)),
            ("2024-01-16T16:01:00Z", Some(61_000)),
            ("2024-01-16T16:01:00.5Z", Some(60_500)),
            ("2024-01-16T18:01:00+02:00", Some(61_000)),
            ("Tue, 16 Jan 2024 16:01:00 GMT", Some(61_000)),
            ("2678401", None),
            ("99999999999", None),
            ("-5", None),
            ("NaN", None),
            ("", None),
            ("1e9", None),
            ("5 s", None),
            ("s", None),
            ("40d", None),
            ("2024-13-16T16:01:00Z", None),
            ("2024-01-16T16:01:00", None),
            ("2024-01-16T16:01:00+0200", None),
            ("2034-01-16T16:01:00Z", None),
            ("99999999999999999", None),
        ] {
            assert_eq!(guessed(text), wait, "{text}");
        }
    }

    #[test]
    fn without_any_clock_only_spans_can_be_read() {
        let wait = |text| reset(text, Unit::Guess, None);
        assert_eq!(wait("41"), Some(Millis(41_000)));
        assert_eq!(wait("6m0s"), Some(Millis(360_000)));
        for text in ["1705420800", "2024-01-16T16:01:00Z", "Tue, 16 Jan 2024 16:01:00 GMT"] {
            assert_eq!(wait(text), None, "{text}");
        }
    }

    #[test]
    fn a_declared_unit_is_not_guessed() {
        let wait = |text, unit| reset(text, unit, Some(SERVER)).map(|wait| wait.0);
        assert_eq!(wait("6457", Unit::Millis), Some(6457));
        assert_eq!(wait("6457", Unit::Seconds), Some(6_457_000));
        assert_eq!(wait("1705420801", Unit::EpochSeconds), Some(2000));
        assert_eq!(wait("1705420801500", Unit::EpochMillis), Some(1500));
        assert_eq!(wait("6m0s", Unit::Seconds), Some(360_000));
        assert_eq!(wait("9999999999999", Unit::Seconds), None);
    }

    #[test]
    fn numbers_are_plain() {
        assert_eq!(number(" 12.0005 "), Some(Number { thousandths: 12_001, whole: 12 }));
        assert_eq!(number("0.5"), Some(Number { thousandths: 500, whole: 0 }));
        for text in
            ["", ".5", "5.", "1e9", "-1", "+1", "∞", "５", "0x10", "1 2", "12345678901234567", "1,000"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
