//! When requests go out: stated waits, announced and declared limits, the caller's own limits.

use super::record::{Asked, Book, Mark, Reply, scenario};
use super::server::{cursor, cursors, first, offset, offsets, with};
use serde_json::{Value, json};

pub fn add(book: &mut Book) {
    stated(book);
    announced(book);
    declared(book);
    limits(book);
}

/// The date as HTTP writes it, on the day the virtual clock starts (Monday 2026-09-21, 14:13:20).
fn http_date(seconds: i64) -> String {
    let second = 14 * 3600 + 13 * 60 + 20 + seconds;
    format!("Mon, 21 Sep 2026 {:02}:{:02}:{:02} GMT", second / 3600, second / 60 % 60, second % 60)
}

fn throttled(fields: &'static [(&'static str, &'static str)]) -> impl FnMut(&Asked) -> Reply + 'static {
    let reply = move |_: &Asked| fields.iter().fold(Reply::status(429, "{}"), |r, (n, v)| r.with(n, *v));
    cursors(6, first(3, 1, reply))
}

fn stated(book: &mut Book) {
    book.add(
        scenario(
            "retry_after_seconds",
            "Retry-After: 3 is three seconds: not three milliseconds, and never earlier.",
            cursor(json!({})),
            throttled(&[("retry-after", "3")]),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "retry_after_date",
            "Retry-After as a date counts from the server's own Date, although the local clock is an hour off.",
            cursor(json!({})),
            cursors(
                6,
                first(3, 1, |_| {
                    Reply::status(503, "").with("date", http_date(3600)).with("retry-after", http_date(3605))
                }),
            ),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "retry_after_date_without_clocks",
            "Without a wall clock and without a Date header a date says nothing: the walk backs off on its own.",
            cursor(json!({})),
            cursors(6, first(3, 1, |_| Reply::status(429, "").with("retry-after", http_date(5)))),
        )
        .without_wall_clock()
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "retry_after_twice",
            "Of two valid values the larger one is kept.",
            cursor(json!({})),
            throttled(&[("retry-after", "2"), ("retry-after", "8")]),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "retry_after_in_the_past",
            "A date in the past is no wait: the usual pause remains.",
            cursor(json!({})),
            cursors(
                6,
                first(3, 1, |_| {
                    Reply::status(429, "").with("date", http_date(0)).with("retry-after", http_date(-60))
                }),
            ),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "retry_after_that_is_none",
            "A value that is no Retry-After (1.5) is ignored: the walk backs off on its own.",
            cursor(json!({})),
            throttled(&[("retry-after", "1.5")]),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "absurd_wait_stops_with_retry_at",
            "A wait longer than `max_wait` is not slept through: the walk ends with the time to come back, and the checkpoint keeps it.",
            cursor(json!({})),
            throttled(&[("retry-after", "86400")]),
        )
        .checkpoint(Mark::End)
        .fails("EP_RATE_LIMITED", 3),
    );
    book.add(
        scenario(
            "wait_beyond_every_number",
            "A wait with twenty digits neither overflows nor becomes a short one.",
            cursor(json!({})),
            throttled(&[("retry-after", "99999999999999999999")]),
        )
        .fails("EP_RATE_LIMITED", 3),
    );
    book.add(
        scenario(
            "throttled_without_a_wait",
            "A 429 that says nothing is backed off from more slowly than a broken connection.",
            cursor(json!({})),
            throttled(&[]),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "forbidden_for_going_too_fast",
            "A 403 with nothing remaining is a throttle, not a refusal: the walk waits for the reset.",
            cursor(json!({})),
            cursors(
                6,
                first(3, 1, |asked| {
                    let reset = asked.unix / 1000 + 20;
                    Reply::status(403, "{}")
                        .with("x-ratelimit-remaining", "0")
                        .with("x-ratelimit-reset", reset.to_string())
                }),
            ),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "stated_wait_counts_as_a_try",
            "A server that asks for a wait each time is obeyed each time, and given up after the declared tries.",
            cursor(json!({"retry": {"attempts": 3}})),
            cursors(6, first(3, 99, |_| Reply::status(429, "").with("retry-after", "2"))),
        )
        .fails("EP_RATE_LIMITED", 3),
    );
}

fn announced(book: &mut Book) {
    let limited = |fields: fn(u64, i64) -> Vec<(&'static str, String)>| {
        let mut plain = cursors(12, |_, _| None);
        move |asked: &Asked| {
            let reply = plain(asked);
            fields(asked.before, asked.unix).into_iter().fold(reply, |r, (n, v)| r.with(n, v))
        }
    };
    book.add(
        scenario(
            "x_ratelimit_reset_as_epoch",
            "X-RateLimit with a Unix time: after the last allowed request the next one waits for the reset, before any 429.",
            cursor(json!({})),
            limited(|before, unix| {
                vec![
                    ("date", http_date(unix / 1000 - 1_790_000_000)),
                    ("x-ratelimit-limit", "2".to_owned()),
                    ("x-ratelimit-remaining", (1 - before % 2).to_string()),
                    ("x-ratelimit-reset", "1790000030".to_owned()),
                ]
            }),
        )
        .ends("complete", 12),
    );
    book.add(
        scenario(
            "announced_reset_beyond_the_longest_wait",
            "Nothing left and a reset in forty minutes: longer than `max_wait`, so the walk ends with the time to come back.",
            cursor(json!({})),
            limited(|_, unix| {
                vec![
                    ("x-ratelimit-remaining", "0".to_owned()),
                    ("x-ratelimit-reset", (unix / 1000 + 2400).to_string()),
                ]
            }),
        )
        .checkpoint(Mark::End)
        .fails("EP_RATE_LIMITED", 3),
    );
    book.add(
        scenario(
            "x_ratelimit_reset_as_seconds",
            "X-RateLimit with seconds to go: the unit is inferred from the size of the number.",
            cursor(json!({})),
            limited(|before, _| {
                vec![
                    ("x-ratelimit-remaining", if before == 1 { "0" } else { "5" }.to_owned()),
                    ("x-ratelimit-reset", "12".to_owned()),
                ]
            }),
        )
        .ends("complete", 12),
    );
    book.add(
        scenario(
            "ietf_ratelimit",
            "The IETF fields: the policy gives the window, `r` what is left, `t` seconds from now.",
            cursor(json!({})),
            limited(|before, _| {
                vec![
                    ("ratelimit-policy", "\"default\";q=2;w=10".to_owned()),
                    ("ratelimit", format!("\"default\";r={};t=10", 1 - before % 2)),
                ]
            }),
        )
        .ends("complete", 12),
    );
    book.add(
        scenario(
            "cached_limits_are_ignored",
            "Limit headers of an answer out of a cache (Age) describe another time.",
            cursor(json!({})),
            limited(|_, _| {
                vec![
                    ("age", "300".to_owned()),
                    ("x-ratelimit-remaining", "0".to_owned()),
                    ("x-ratelimit-reset", "60".to_owned()),
                ]
            }),
        )
        .ends("complete", 12),
    );
    book.add(
        scenario(
            "declared_hints",
            "A vendor's own header, declared with its meaning, paces like the known ones.",
            cursor(json!({"hints": [{"read": "header:X-Calls-Left", "means": "remaining"}, {"read": "header:X-Reset-In-Ms", "means": "reset_ms"}]})),
            limited(|before, _| {
                vec![("x-calls-left", if before == 1 { "0" } else { "9" }.to_owned()), ("x-reset-in-ms", "2500".to_owned())]
            }),
        )
        .ends("complete", 12),
    );
}

fn declared(book: &mut Book) {
    let rated = |rate: Value, more: Value| with(cursor(json!({"rate": rate})), more);
    book.add(
        scenario(
            "declared_rate_smooth",
            "Four requests a second, spread over the second with a small margin: never five in any second.",
            rated(json!([{"requests": 4, "per": "1s"}]), json!({})),
            cursors(18, |_, _| None),
        )
        .ends("complete", 18),
    );
    book.add(
        scenario(
            "declared_rate_in_a_burst",
            "Three requests in two seconds, at once: then none until the first of them is two seconds old.",
            rated(json!([{"requests": 3, "per": "2s"}]), json!({"pacing": "burst"})),
            cursors(21, |_, _| None),
        )
        .ends("complete", 21),
    );
    book.add(
        scenario(
            "two_declared_windows",
            "Both windows hold: ten a second and four in ten seconds.",
            rated(
                json!([{"requests": 10, "per": "1s"}, {"requests": 4, "per": "10s"}]),
                json!({"pacing": "burst"}),
            ),
            cursors(18, |_, _| None),
        )
        .ends("complete", 18),
    );
    book.add(
        scenario(
            "seven_in_a_second_has_no_whole_interval",
            "Seven requests a second: the fractions of a millisecond are not lost and not gained.",
            rated(json!([{"requests": 7, "per": "1s"}]), json!({})),
            cursors(27, |_, _| None),
        )
        .latency(1)
        .ends("complete", 27),
    );
}

fn limits(book: &mut Book) {
    book.add(
        scenario(
            "deadline",
            "The walk's deadline ends a sleep that would last longer, and the walk is resumable.",
            cursor(json!({"rate": [{"requests": 1, "per": "4s"}], "limits": {"deadline": "10s"}})),
            cursors(18, |_, _| None),
        )
        .checkpoint(Mark::End)
        .limited("EP_DEADLINE", 9),
    );
    book.add(
        scenario(
            "stated_wait_past_the_deadline",
            "A stated wait that ends after the deadline is not begun.",
            cursor(json!({"limits": {"deadline": "10s"}})),
            throttled(&[("retry-after", "30")]),
        )
        .fails("EP_RATE_LIMITED", 3),
    );
    book.add(
        scenario(
            "most_pages",
            "`limits.pages` stops the walk behind that page.",
            cursor(json!({"limits": {"pages": 2}})),
            cursors(18, |_, _| None),
        )
        .limited("EP_LIMIT_REACHED", 6),
    );
    book.add(
        scenario(
            "most_requests",
            "`limits.requests` counts every request on the wire, tries included.",
            cursor(json!({"limits": {"requests": 3}})),
            cursors(18, first(3, 1, |_| Reply::status(503, ""))),
        )
        .limited("EP_LIMIT_REACHED", 6),
    );
    book.add(
        scenario(
            "most_records",
            "`limits.records` cuts inside a page; the checkpoint still points at that page.",
            cursor(json!({"limits": {"records": 4}})),
            cursors(18, |_, _| None),
        )
        .checkpoint(Mark::End)
        .limited("EP_LIMIT_REACHED", 4),
    );
    book.add(
        scenario(
            "several_in_flight_share_one_rate",
            "Three requests in flight take their turns under the declared rate like one.",
            offset(json!({"concurrency": 3, "ahead": 4, "rate": [{"requests": 10, "per": "1s"}]})),
            offsets(20, 3),
        )
        .latency(250)
        .ends("complete", 20),
    );
}
