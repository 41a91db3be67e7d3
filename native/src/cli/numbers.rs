//! Numbers and times for people.

use everypage_core::time::Millis;

/// `1234567` as `1,234,567`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 page`, `2 pages`.
pub(super) fn several(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A span in its two largest units: `850 ms`, `42 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn span(time: Millis) -> String {
    let (secs, mins, hours) = (time.0 / 1000, time.0 / 60_000, time.0 / 3_600_000);
    let two = |large: u64, one: &str, small: u64, two: &str| {
        if small == 0 {
            format!("{} {one}", count(large))
        } else {
            format!("{} {one} {small} {two}", count(large))
        }
    };
    match time.0 {
        0..1000 => format!("{} ms", time.0),
        1000..10_000 => format!("{}.{} s", secs, time.0 / 100 % 10),
        10_000..60_000 => format!("{secs} s"),
        60_000..3_600_000 => two(mins, "min", secs % 60, "s"),
        3_600_000..172_800_000 => two(hours, "h", mins % 60, "min"),
        172_800_000.. => two(hours / 24, "days", hours % 24, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_spans_have_two_units() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            (several(1, "page", "pages"), several(0, "page", "pages")),
            ("1 page".into(), "0 pages".into())
        );
        let spans = [5, 1500, 42_000, 200_000, 60_000, 7_500_000, 200_000_000].map(|ms| span(Millis(ms)));
        assert_eq!(spans, ["5 ms", "1.5 s", "42 s", "3 min 20 s", "1 min", "2 h 5 min", "2 days 7 h"]);
    }
}
