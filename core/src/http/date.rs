//! HTTP dates (RFC 9110, section 5.6.7): the three forms, nothing else.

use super::Headers;
use crate::time::{UnixMillis, civil_from_days, days_from_civil};

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const LONG_DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS: i64 = 86_400_000;

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
///
/// Case counts, the weekday must be right, the day must exist. The two-digit year of the second form needs a
/// `reference` (now): it is the latest such year that lies at most 50 years ahead of it.
pub fn parse(text: &str, reference: Option<UnixMillis>) -> Option<UnixMillis> {
    imf_fixdate(text).or_else(|| rfc850(text, reference)).or_else(|| asctime(text))
}

/// The `Date` header: when the server made the answer.
pub fn of(headers: &Headers) -> Option<UnixMillis> {
    parse(headers.get("date")?.trim_matches([' ', '\t']), None)
}

fn imf_fixdate(text: &str) -> Option<UnixMillis> {
    let mut text = Text(text);
    let weekday = text.word(&DAYS)?;
    text.literal(", ")?;
    let day = text.number(2)?;
    text.literal(" ")?;
    let month = text.word(&MONTHS)? + 1;
    text.literal(" ")?;
    let year = text.number(4)?;
    text.literal(" ")?;
    let time = text.time()?;
    text.literal(" GMT")?;
    text.end()?;
    moment(year, month, day, time, weekday)
}

fn rfc850(text: &str, reference: Option<UnixMillis>) -> Option<UnixMillis> {
    let mut text = Text(text);
    let weekday = text.word(&LONG_DAYS)?;
    text.literal(", ")?;
    let day = text.number(2)?;
    text.literal("-")?;
    let month = text.word(&MONTHS)? + 1;
    text.literal("-")?;
    let short_year = text.number(2)?;
    text.literal(" ")?;
    let time = text.time()?;
    text.literal(" GMT")?;
    text.end()?;
    let (today, now) = (reference?.0.div_euclid(DAY_MS), reference?.0.rem_euclid(DAY_MS));
    let (this_year, this_month, this_day) = civil_from_days(today);
    let latest = (days_from_civil(this_year + 50, this_month, this_day), now);
    let century = this_year - this_year.rem_euclid(100);
    let year = [century + 100, century, century - 100]
        .into_iter()
        .map(|century| century + short_year)
        .find(|year| (days_from_civil(*year, month, day), time) <= latest)?;
    moment(year, month, day, time, weekday)
}

fn asctime(text: &str) -> Option<UnixMillis> {
    let mut text = Text(text);
    let weekday = text.word(&DAYS)?;
    text.literal(" ")?;
    let month = text.word(&MONTHS)? + 1;
    text.literal(" ")?;
    let day = if text.literal(" ").is_some() { text.number(1)? } else { text.number(2)? };
    text.literal(" ")?;
    let time = text.time()?;
    text.literal(" ")?;
    let year = text.number(4)?;
    text.end()?;
    moment(year, month, day, time, weekday)
}

/// The moment, if there is such a day and it is that weekday (0 = Sunday). `time` is in milliseconds.
fn moment(year: i64, month: i64, day: i64, time: i64, weekday: i64) -> Option<UnixMillis> {
    let days = days_from_civil(year, month, day);
    // The first of January 1970 was a Thursday.
    let exists = civil_from_days(days) == (year, month, day) && (days + 4).rem_euclid(7) == weekday;
    exists.then_some(UnixMillis(days * DAY_MS + time))
}

/// What is still to be read.
struct Text<'a>(&'a str);

impl Text<'_> {
    fn literal(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// The place of the next word in a table.
    fn word(&mut self, table: &[&str]) -> Option<i64> {
        let at = table.iter().position(|word| self.0.starts_with(word))?;
        self.literal(table.get(at)?)?;
        i64::try_from(at).ok()
    }

    /// Exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        if number.bytes().all(|b| b.is_ascii_digit()) { number.parse().ok() } else { None }
    }

    /// `08:49:37` in milliseconds since midnight; a leap second is the next minute's first.
    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2)?;
        self.literal(":")?;
        let minute = self.number(2)?;
        self.literal(":")?;
        let second = self.number(2)?;
        (hour < 24 && minute < 60 && second <= 60).then_some(((hour * 60 + minute) * 60 + second) * 1000)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}
