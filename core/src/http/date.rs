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

/// Whether a text is the name of a weekday, in any case: what stands before the comma of a date.
pub(super) fn is_weekday(text: &str) -> bool {
    DAYS.iter().chain(&LONG_DAYS).any(|day| day.eq_ignore_ascii_case(text))
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
    if exists { days.checked_mul(DAY_MS)?.checked_add(time).map(UnixMillis) } else { None }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Thursday, 1 January 2026, 12:00:00 UTC.
    const NOW: Option<UnixMillis> = Some(UnixMillis(1_767_268_800_000));

    #[test]
    fn the_three_forms_of_the_rfc_are_one_moment() {
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(parse(text, NOW), Some(UnixMillis(784_111_777_000)), "{text}");
        }
        assert_eq!(parse("Wed Nov 16 08:49:37 1994", None), Some(UnixMillis(784_975_777_000)));
        assert_eq!(parse("Thu, 01 Jan 1970 00:00:00 GMT", None), Some(UnixMillis(0)));
        assert_eq!(
            parse("Sat, 31 Dec 2016 23:59:60 GMT", None),
            Some(UnixMillis(1_483_228_800_000)),
            "leap second"
        );
        assert_eq!(parse("Fri, 31 Dec 9999 23:59:59 GMT", None), Some(UnixMillis(253_402_300_799_000)));
        assert_eq!(parse("Thu, 29 Feb 2024 00:00:00 GMT", None), Some(UnixMillis(1_709_164_800_000)));
    }

    #[test]
    fn every_day_reads_back_in_every_form() {
        for days in (-20_000..40_000).step_by(13) {
            let (year, month, day) = civil_from_days(days);
            let weekday = usize::try_from((days + 4).rem_euclid(7)).unwrap();
            let (short, long) = (DAYS[weekday], LONG_DAYS[weekday]);
            let (month, two_digits) = (MONTHS[usize::try_from(month).unwrap() - 1], year % 100);
            let at = UnixMillis(days * DAY_MS + 45_296_000);
            let soon = at.after(crate::time::Millis::secs(1));
            for text in [
                format!("{short}, {day:02} {month} {year} 12:34:56 GMT"),
                format!("{long}, {day:02}-{month}-{two_digits:02} 12:34:56 GMT"),
                format!("{short} {month} {day:2} 12:34:56 {year}"),
                format!("{short} {month} {day:02} 12:34:56 {year}"),
            ] {
                assert_eq!(parse(&text, Some(soon)), Some(at), "{text}");
            }
        }
    }

    #[test]
    fn two_digits_are_the_latest_year_that_is_at_most_fifty_years_ahead() {
        for (text, year) in [
            ("Thursday, 01-Jan-26 12:00:00 GMT", 2026),
            ("Friday, 31-Dec-99 12:00:00 GMT", 1999),
            ("Monday, 06-Nov-00 12:00:00 GMT", 2000),
            // Fifty years to the second, and one second more.
            ("Wednesday, 01-Jan-76 12:00:00 GMT", 2076),
            ("Thursday, 01-Jan-76 12:00:01 GMT", 1976),
            ("Saturday, 01-Jan-77 12:00:00 GMT", 1977),
        ] {
            let at = parse(text, NOW).map(|at| civil_from_days(at.0.div_euclid(DAY_MS)).0);
            assert_eq!(at, Some(year), "{text}");
        }
        // A century begins between now and then.
        let end_of_1999 = parse("Fri, 31 Dec 1999 23:59:59 GMT", None);
        let next_year = parse("Monday, 01-Jan-01 00:00:00 GMT", end_of_1999);
        assert_eq!(next_year, parse("Mon, 01 Jan 2001 00:00:00 GMT", None));
        // And one has begun since.
        let start_of_2100 = parse("Fri, 01 Jan 2100 00:00:00 GMT", None);
        assert_eq!(
            parse("Thursday, 31-Dec-99 00:00:00 GMT", start_of_2100),
            parse("Thu, 31 Dec 2099 00:00:00 GMT", None)
        );
        assert_eq!(parse("Sunday, 06-Nov-94 08:49:37 GMT", None), None, "no reference");
        for extreme in [i64::MIN, i64::MAX] {
            let _ = parse("Sunday, 06-Nov-94 08:49:37 GMT", Some(UnixMillis(extreme)));
        }
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 06 Nov 1994 08:49:37 -0500",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "sun, 06 nov 1994 08:49:37 gmt",
            "SUN, 06 NOV 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Monday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Mon Nov  6 08:49:37 1994",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov 06 08:49:37 1994 GMT",
            "Mon, 31 Feb 2025 00:00:00 GMT",
            "Mon, 03 Feb 2025 24:00:00 GMT",
            "Mon, 03 Feb 2025 00:60:00 GMT",
            "Mon, 03 Feb 2025 00:00:61 GMT",
            "Sat, 29 Feb 2025 00:00:00 GMT",
            "Sat, 01 Mar 2025 00:00:00 GMT ",
            " Sat, 01 Mar 2025 00:00:00 GMT",
            "Sat,  01 Mar 2025 00:00:00 GMT",
            "Fri, 00 Mar 2025 00:00:00 GMT",
            "Sat, 99 Mar 2025 00:00:00 GMT",
            "Sat, +1 Mar 2025 00:00:00 GMT",
            "Sat, 01 Mar +025 00:00:00 GMT",
            "Sat, 01 Mar 2025 00:00:00 GMTx",
            "Sat, 01 Mar 2025 ００:00:00 GMT",
            "2025-03-01T00:00:00Z",
            "1740787200",
            "0",
        ] {
            assert_eq!(parse(text, NOW), None, "{text}");
        }
    }

    #[test]
    fn the_date_header_is_read() {
        let date = |value: &str| of(&Headers::from_iter([("Date", value)]));
        assert_eq!(date(" Sun, 06 Nov 1994 08:49:37 GMT\t"), Some(UnixMillis(784_111_777_000)));
        assert_eq!(date("yesterday"), None);
        assert_eq!(of(&Headers::new()), None);
    }
}
