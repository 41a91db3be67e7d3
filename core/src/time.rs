//! Time as the host tells it: a monotonic tick, and wall time where the host has a wall clock.

use std::fmt;

/// A moment on the host's monotonic clock, in milliseconds from an arbitrary zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Tick(pub u64);

impl Tick {
    /// The moment `wait` after this one; saturates instead of overflowing.
    #[must_use]
    pub const fn after(self, wait: Millis) -> Tick {
        Tick(self.0.saturating_add(wait.0))
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub const fn since(self, earlier: Tick) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

/// A span of time in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Millis(pub u64);

impl Millis {
    /// No time at all.
    pub const ZERO: Millis = Millis(0);

    /// So many seconds.
    pub const fn secs(secs: u64) -> Millis {
        Millis(secs.saturating_mul(1000))
    }

    /// So many minutes.
    pub const fn mins(mins: u64) -> Millis {
        Millis::secs(mins.saturating_mul(60))
    }

    /// Both together; saturates.
    #[must_use]
    pub const fn plus(self, other: Millis) -> Millis {
        Millis(self.0.saturating_add(other.0))
    }

    /// Reads `"500ms"`, `"30s"`, `"5m"`, `"2h"` or `"1d"`; whole numbers only.
    pub fn parse(text: &str) -> Option<Millis> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(factor).map(Millis)
    }
}

impl fmt::Display for Millis {
    /// Writes the shortest form that [`Millis::parse`] reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (size, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")] {
            if self.0 != 0 && self.0.is_multiple_of(size) {
                return write!(f, "{}{unit}", self.0 / size);
            }
        }
        write!(f, "{}ms", self.0)
    }
}

/// Wall time in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// The moment `wait` later; saturates.
    #[must_use]
    pub fn after(self, wait: Millis) -> UnixMillis {
        let wait = i64::try_from(wait.0).unwrap_or(i64::MAX);
        UnixMillis(self.0.saturating_add(wait))
    }

    /// As RFC 3339 in UTC with milliseconds, e.g. `2026-11-22T09:30:00.000Z`.
    pub fn to_rfc3339(self) -> String {
        let (days, ms) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        let (year, month, day) = civil_from_days(days);
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }
}

/// What the host's clocks say. Passed in with every call that needs time; never read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Now {
    /// The monotonic clock: waits and deadlines are judged by it.
    pub tick: Tick,
    /// Wall time, where the host has a wall clock.
    pub unix: Option<UnixMillis>,
}

impl Now {
    /// A moment without wall time.
    pub const fn at(ms: u64) -> Now {
        Now { tick: Tick(ms), unix: None }
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
pub(crate) const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// The date that is `days` after 1970-01-01: year, month, day.
pub(crate) const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back_as_written() {
        for text in ["0ms", "500ms", "30s", "5m", "2h", "15d"] {
            assert_eq!(Millis::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "5", "s", "1.5s", "-1s", "5 s", "99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(Millis::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_survive_the_round_trip() {
        for days in (-800_000..800_000).step_by(97) {
            let (y, m, d) = civil_from_days(days);
            assert_eq!(days_from_civil(y, m, d), days);
        }
        assert_eq!(UnixMillis(1_705_420_800_123).to_rfc3339(), "2024-01-16T16:00:00.123Z");
    }

    #[test]
    fn moments_saturate() {
        assert_eq!(Tick(u64::MAX).after(Millis(5)), Tick(u64::MAX));
        assert_eq!(Tick(3).since(Tick(9)), Millis::ZERO);
    }
}
