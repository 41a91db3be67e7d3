//! `Retry-After` (RFC 9110, section 10.2.3): whole seconds or an HTTP date. Everything else is ignored and counted.

use super::{Headers, date};
use crate::time::{Millis, UnixMillis};

/// What the server said about waiting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stated {
    /// The wait, counted from the answer: the longest of several. Zero for a date in the past. A number beyond all
    /// measure saturates.
    pub wait: Option<Millis>,
    /// How many values were there but could not be used.
    pub ignored: u32,
}

/// Reads every `Retry-After` field of an answer.
///
/// A date counts from `server_date` (the answer's `Date`), so that skewed clocks don't matter, else from `local`; with
/// neither it is ignored. Several values are an error of the server, answered with the longest wait, since waiting
/// too long is the safe side.
pub fn parse(headers: &Headers, server_date: Option<UnixMillis>, local: Option<UnixMillis>) -> Stated {
    let mut stated = Stated::default();
    let now = server_date.or(local);
    for field in headers.all("retry-after") {
        match std::str::from_utf8(field) {
            Ok(text) => read(text, now, &mut stated),
            Err(_) => stated.ignored = stated.ignored.saturating_add(1),
        }
    }
    stated
}

/// One field, which may be several values joined with commas. A date has a comma of its own, behind its weekday.
fn read(field: &str, now: Option<UnixMillis>, stated: &mut Stated) {
    let mut pieces = field.split(',');
    while let Some(piece) = pieces.next() {
        let wait = if date::is_weekday(trim(piece)) {
            value(trim(&format!("{piece},{}", pieces.next().unwrap_or_default())), now)
        } else {
            value(trim(piece), now)
        };
        match wait {
            None => stated.ignored = stated.ignored.saturating_add(1),
            Some(wait) => stated.wait = stated.wait.max(Some(wait)),
        }
    }
}

/// Without the white space that may surround a value.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn value(text: &str, now: Option<UnixMillis>) -> Option<Millis> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        let seconds =
            text.bytes().fold(0_u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
        return Some(Millis::secs(seconds));
    }
    let at = date::parse(text, now)?;
    Some(Millis(u64::try_from(at.0.saturating_sub(now?.0)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sunday, 6 November 1994, 08:49:37 UTC.
    const SERVER: Option<UnixMillis> = Some(UnixMillis(784_111_777_000));

    fn fields(values: &[&str]) -> Headers {
        values.iter().map(|value| ("Retry-After", *value)).collect()
    }

    fn stated(value: &str) -> (Option<u64>, u32) {
        let stated = parse(&fields(&[value]), SERVER, None);
        (stated.wait.map(|wait| wait.0), stated.ignored)
    }

    #[test]
    fn whole_seconds_are_read_and_saturate() {
        for (value, wait) in [
            ("0", 0),
            ("5", 5000),
            ("120", 120_000),
            ("007", 7000),
            (" 5\t", 5000),
            ("18446744073709551", 18_446_744_073_709_551_000),
            ("18446744073709552", u64::MAX),
            ("99999999999999999999", u64::MAX),
            ("1000000000000000000000000000000000000000000000000", u64::MAX),
        ] {
            assert_eq!(stated(value), (Some(wait), 0), "{value}");
        }
        assert_eq!(parse(&Headers::new(), SERVER, SERVER), Stated::default());
    }

    #[test]
    fn what_is_neither_seconds_nor_a_date_is_ignored_and_counted() {
        for value in [
            "",
            " ",
            "-1",
            "+5",
            "1.5",
            "1e3",
            "0x10",
            "５",
            "5s",
            "5 s",
            "5 60",
            "5;60",
            "\"5\"",
            "NaN",
            "soon",
            "\0",
            "1994-11-06T08:50:37Z",
            "sun, 06 nov 1994 08:50:37 gmt",
            "Sun, 06 Nov 1994 08:50:37 +0000",
            "Mon, 06 Nov 1994 08:50:37 GMT",
            "Sun,06 Nov 1994 08:50:37 GMT",
            "Mon, 31 Feb 1994 08:50:37 GMT",
        ] {
            assert_eq!(stated(value), (None, 1), "{value:?}");
        }
        let latin_1 = Headers::from_iter([("retry-after", vec![b'5', 0xb2])]);
        assert_eq!(parse(&latin_1, SERVER, None), Stated { wait: None, ignored: 1 });
    }

    #[test]
    fn of_several_values_the_longest_wait_counts() {
        for (values, wait, ignored) in [
            (&["5, 60"][..], Some(60_000), 0),
            (&["60,5"], Some(60_000), 0),
            (&["60", "5"], Some(60_000), 0),
            (&["5", "60"], Some(60_000), 0),
            (&["5, x, 60"], Some(60_000), 1),
            (&["x", "5"], Some(5000), 1),
            (&["5,"], Some(5000), 1),
            (&["Sun, 06 Nov 1994 08:50:37 GMT, 5"], Some(60_000), 0),
            (&["5, Sun, 06 Nov 1994 08:50:37 GMT"], Some(60_000), 0),
            (&["Sunday, 06-Nov-94 08:50:37 GMT,Sun Nov  6 08:51:37 1994"], Some(120_000), 0),
            (&["Sun, 5"], None, 1),
            (&["-1, -2", ""], None, 3),
        ] {
            let expected = Stated { wait: wait.map(Millis), ignored };
            assert_eq!(parse(&fields(values), SERVER, None), expected, "{values:?}");
        }
    }

    #[test]
    fn a_date_counts_from_the_servers_date_else_from_the_local_clock() {
        let fields = fields(&["Sun, 06 Nov 1994 08:50:37 GMT"]);
        let three_hours_off = Some(UnixMillis(784_111_777_000 - 10_800_000));
        let wait = |server, local| parse(&fields, server, local);
        assert_eq!(wait(SERVER, three_hours_off), Stated { wait: Some(Millis::secs(60)), ignored: 0 });
        assert_eq!(wait(None, three_hours_off), Stated { wait: Some(Millis::secs(10_860)), ignored: 0 });
        assert_eq!(wait(None, None), Stated { wait: None, ignored: 1 });
    }

    #[test]
    fn all_forms_of_dates_are_read_and_one_in_the_past_means_no_wait() {
        for (value, wait) in [
            ("Sun, 06 Nov 1994 08:49:38 GMT", 1000),
            ("Sunday, 06-Nov-94 08:49:39 GMT", 2000),
            ("Sun Nov  6 08:49:40 1994", 3000),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ] {
            assert_eq!(stated(value), (Some(wait), 0), "{value}");
        }
        let far = parse(&fields(&["Fri, 31 Dec 9999 23:59:59 GMT"]), Some(UnixMillis(i64::MIN)), None);
        assert_eq!(far.wait, Some(Millis(i64::MAX as u64)));
    }

    #[test]
    fn long_fields_take_linear_time() {
        for piece in [",", "5,", "x,", "Sun, 06 Nov 1994 08:50:37 GMT,", "Sun,", "9"] {
            let _ = parse(&fields(&[&piece.repeat((1 << 20) / piece.len())]), SERVER, None);
        }
    }
}
