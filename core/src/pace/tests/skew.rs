//! Whatever an answer says and whatever clocks say, waits are sane.

use super::*;
use crate::pace::Window;
use crate::time::Millis;

/// When the next request may leave after an answer with these headers that comes at 1000.
fn next_send(fields: &[(String, String)], skew: i64) -> (u64, u32) {
    let mut member = Budget::new().join(&key(), &Rules::default());
    let headers: Headers = fields.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect();
    let now = clock(1000);
    let now = Now { unix: now.unix.map(|at| UnixMillis(at.0 + skew)), ..now };
    let observed = member.observe(&headers, &[], now);
    match member.grant(now) {
        Grant::Go => (1000, observed.ignored),
        Grant::NotBefore { at, .. } => (at.0, observed.ignored),
        Grant::Busy => panic!("no slots are limited"),
    }
}

fn fields(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

/// A minute after the answer.
const RESETS: [&str; 6] =
    ["1795339861", "1795339861000", "60", "1m0s", "2026-11-22T09:31:00Z", "Sun, 22 Nov 2026 09:31:00 GMT"];

#[test]
fn a_wrong_clock_of_ours_changes_nothing_where_the_server_tells_the_time() {
    for reset in RESETS {
        let fields = fields(&[
            ("date", "Sun, 22 Nov 2026 09:30:01 GMT"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", reset),
        ]);
        let right = next_send(&fields, 0).0;
        assert!((60_000..=63_000).contains(&right), "{reset}: {right}");
        for years in -10..=10 {
            for off in [-1, 0, 1, 999, 40_000_000] {
                let skewed = next_send(&fields, years * 31_557_600_000 + off).0;
                assert!(skewed.abs_diff(right) <= 2000, "{reset}, {years} years: {skewed}");
            }
        }
    }
}

#[test]
fn a_server_whose_clock_was_never_set_is_not_asked_for_the_time() {
    let fields = |reset| {
        fields(&[
            ("date", "Thu, 01 Jan 1970 00:01:00 GMT"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", reset),
        ])
    };
    assert_eq!(next_send(&fields("60"), 0), (61_000, 0));
    assert_eq!(next_send(&fields("1795339861"), 0), (1000 + 61_000, 0));
}

#[test]
fn a_stored_answer_says_nothing_of_the_rate() {
    let limit =
        [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "60"), ("ratelimit", "\"d\";r=0;t=60")];
    assert_eq!(next_send(&fields(&limit), 0).0, 61_000);
    let aged = |age| [&[("age", age)], &limit[..]].concat();
    assert_eq!(next_send(&fields(&aged("300")), 0), (1000, 2));
    assert_eq!(next_send(&fields(&aged("0")), 0).0, 61_000);
}

#[test]
fn of_several_hints_the_strictest_counts_but_retry_after_beats_an_ietf_time() {
    let send = |list: &[(&str, &str)]| next_send(&fields(list), 0).0;
    assert_eq!(send(&[("ratelimit", "\"d\";r=0;t=5"), ("retry-after", "60")]), 61_000);
    assert_eq!(send(&[("ratelimit", "\"d\";r=0;t=50"), ("retry-after", "6")]), 7000);
    assert_eq!(
        send(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "50"), ("retry-after", "6")]),
        51_000
    );
    assert_eq!(send(&[("ratelimit", "\"a\";r=0;t=5, \"b\";r=0;t=7, \"c\";r=9;t=99")]), 8000);
}

#[test]
fn the_rate_comes_from_the_policy_and_not_from_what_is_left() {
    let mut member = Budget::new().join(&key(), &Rules::default());
    let headers: Headers =
        [("ratelimit-policy", "\"p\";q=100;w=1000"), ("ratelimit", "\"p\";r=100;t=1")].into_iter().collect();
    member.observe(&headers, &[], clock(0));
    // By what is left alone, a hundred a second would do.
    let sent = (0..10_000).filter(|now| member.grant(clock(*now)) == Grant::Go).count();
    assert_eq!(sent, 100);
}

/// A header that may say anything about the rate.
fn any(rng: &mut Rng) -> (String, String) {
    let names = [
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-ratelimit-limit",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
        "ratelimit-remaining",
        "ratelimit-reset",
        "ratelimit-limit",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "date",
        "x-shopify-shop-api-call-limit",
        "x-ratelimit-remaining-minute",
        "x-ratelimit-reset-after",
        "age",
    ];
    let values = [
        "0",
        "1",
        "5",
        "60",
        "1795339861",
        "1795339861000",
        "6m0s",
        "20ms",
        "-5",
        "NaN",
        "0.5",
        "1e9",
        "",
        "∞",
        "40/40",
        "\"d\";r=0;t=5",
        "default;r=1",
        "\"d\";q=10;w=60",
        "limit=10, remaining=0, reset=5",
        "Sun, 22 Nov 2026 09:31:00 GMT",
        "99999999999999999999",
        "2678400",
        "18446744073709551615",
        "\"",
        ";;;",
        "10;w=1",
        "\"d\";q=999999999999999;w=2678400",
        "2, 7",
        "\u{0}",
        "99999999999999999999999999d",
        "4294967295/0",
    ];
    let at = |list: &[&str], rng: &mut Rng| list[rng.up_to(list.len() as u64 - 1) as usize].to_owned();
    let name = at(&names, rng);
    if rng.up_to(4) > 0 {
        return (name, at(&values, rng));
    }
    (name, (0..rng.up_to(12)).map(|_| char::from(32 + rng.up_to(94) as u8)).collect())
}

#[test]
fn no_header_makes_a_walk_wait_longer_than_a_month_or_panic() {
    let mut rng = Rng::new(Seed(13));
    for _ in 0..5000 {
        let fields: Vec<_> = (0..=rng.up_to(5)).map(|_| any(&mut rng)).collect();
        let skew = rng.up_to(1 << 43).cast_signed() - (1 << 42);
        let (at, _) = next_send(&fields, skew);
        assert!(at <= 1000 + 32 * 86_400_000, "{fields:?}: {at}");
    }
}

#[test]
fn one_more_limit_never_lets_a_request_leave_earlier() {
    let mut rng = Rng::new(Seed(17));
    let families = ["x-ratelimit", "x-rate-limit", "ratelimit", "x-ratelimit-requests"];
    let limit = |rng: &mut Rng, family: &str| {
        let (left, reset) = (rng.up_to(3), rng.up_to(100));
        let size = left + rng.up_to(40);
        vec![
            (format!("{family}-remaining"), left.to_string()),
            (format!("{family}-reset"), reset.to_string()),
            (format!("{family}-limit"), size.to_string()),
        ]
    };
    for _ in 0..5000 {
        let mut known = Vec::new();
        let mut before = 0;
        for family in families {
            known.extend(limit(&mut rng, family));
            let (at, ignored) = next_send(&known, 0);
            assert!(at >= before && ignored == 0, "{known:?}");
            before = at;
        }
        // Less left, and later, in one of them: never sooner, either.
        let (n, field) = (3 * rng.up_to(3) as usize, rng.up_to(1) as usize);
        let value: u64 = known[n + field].1.parse().unwrap();
        known[n + field].1 = if field == 0 { value.saturating_sub(1) } else { value + 1 }.to_string();
        assert!(next_send(&known, 0).0 >= before, "{known:?}");
    }
}

#[test]
fn a_hint_never_loosens_a_declared_window() {
    let window = Window { requests: 1, per: Millis(10_000), burst: None };
    let rules = Rules { windows: vec![window], ..Rules::default() };
    let mut member = Budget::new().join(&key(), &rules);
    assert_eq!(member.grant(Now::at(0)), Grant::Go);
    member.answered();
    let headers: Headers =
        [("x-ratelimit-remaining", "1000"), ("x-ratelimit-reset", "1")].into_iter().collect();
    member.observe(&headers, &[], Now::at(10));
    assert!(matches!(member.grant(Now::at(2000)), Grant::NotBefore { at, .. } if at >= Tick(10_000)));
}
