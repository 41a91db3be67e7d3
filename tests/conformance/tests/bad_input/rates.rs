//! What answers say of the rate limit: rows B-H31 to B-H37.

use super::case::{Case, Row, START, case, cursor, expect, json, next, noted, page, row, run, status, with};
use everypage_core::http::Headers;
use everypage_core::pace::{Budget, BudgetKey, Observed, Rules};
use everypage_core::time::{Now, Tick, UnixMillis};

const NOW: Now = Now { tick: Tick(1000), unix: Some(UnixMillis(START * 1000)) };

/// What a budget makes of an answer's headers.
fn observed(fields: &[(&str, &str)]) -> Observed {
    let key = BudgetKey { origin: "https://api.example.com".to_owned(), credential: 1 };
    let headers: Headers = fields.iter().copied().collect();
    Budget::new().join(&key, &Rules::default()).observe(&headers, &[], NOW)
}

/// A page with these headers, then the last page: how long after it the second request goes out.
fn paced(fields: &'static [(&'static str, &'static str)], least: u64, most: u64, ignored: u32) -> Case {
    case(fields, move || {
        let seen = observed(fields);
        expect(seen.ignored == ignored, || format!("{} values ignored, not {ignored}", seen.ignored))?;
        let sent: Vec<(&str, &[u8])> = fields.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let first = with(page(r#"{"data":[{"id":1}],"next":"c2"}"#), &sent);
        let ran = run(&cursor(json!({})), &[first]);
        expect(ran.urls.len() == 2 && ran.code.is_none(), || format!("{:?}", ran.code))?;
        ran.waited(least, most)
    })
}

macro_rules! reset {
    ($value:literal, $least:literal, $most:literal, $ignored:literal) => {
        paced(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", $value)], $least, $most, $ignored)
    };
}

pub fn rows() -> Vec<Row> {
    vec![
        row(
            "B-H31",
            // Nothing left and no time that can be read: one second, not none.
            [
                reset!("1790000041", 40_000, 42_500, 0),
                reset!("1790000041000", 40_000, 42_500, 0),
                reset!("41", 40_000, 42_500, 0),
                reset!("6m0s", 359_000, 362_000, 0),
                reset!("20ms", 10, 1200, 0),
                reset!("0", 0, 1100, 0),
                reset!("-5", 0, 1100, 1),
                reset!("NaN", 0, 1100, 1),
            ],
        ),
        noted(
            "B-H32",
            "the report of the design counts no ignored headers; the budget does",
            ["1e9", "-1", "", "\u{221e}"]
                .map(|value| {
                    case(value, move || {
                        let seen = observed(&[("x-ratelimit-remaining", value), ("x-ratelimit-reset", "60")]);
                        expect(!seen.empty && seen.ignored >= 1, || format!("{seen:?}"))?;
                        let sent = [
                            ("x-ratelimit-remaining", value.as_bytes()),
                            ("x-ratelimit-reset", b"60".as_slice()),
                        ];
                        let first = with(page(r#"{"data":[{"id":1}],"next":"c2"}"#), &sent);
                        run(&cursor(json!({})), &[first]).waited(0, 1000)
                    })
                })
                .into_iter()
                .chain([paced(
                    // Half a request is none.
                    &[("x-ratelimit-remaining", "0.5"), ("x-ratelimit-reset", "60")],
                    59_000,
                    62_000,
                    0,
                )]),
        ),
        row(
            "B-H33",
            [case("RateLimit and Retry-After", || {
                let fields: [(&str, &[u8]); 2] = [("ratelimit", b"\"d\";r=0;t=5"), ("retry-after", b"60")];
                run(&cursor(json!({})), &[status(429, &fields)]).tried_again(60_000, 66_000)
            })],
        ),
        row(
            "B-H34",
            [
                paced(&[("ratelimit", "default;r=1")], 0, 1000, 0),
                paced(&[("ratelimit", "\"unknown\";r=1;t=1")], 0, 1100, 0),
                paced(&[("ratelimit", "\"d\";t=5")], 0, 0, 1),
                paced(&[("ratelimit", "\"d\";r=0;t=1.5")], 0, 0, 1),
                case("duplicate keys: the last counts (RFC 8941, section 3.1.2)", || {
                    let seen = observed(&[("ratelimit", "\"d\";r=0;r=5;t=5")]);
                    expect(!seen.empty, || format!("{seen:?}"))
                }),
            ],
        ),
        row(
            "B-H35",
            [paced(
                &[("ratelimit-policy", "\"p\";q=10000;w=1000"), ("ratelimit", "\"p\";r=10000;t=10")],
                0,
                200,
                0,
            )],
        ),
        row("B-H36", [paced(&[("ratelimit", "limit=10, remaining=0, reset=5")], 4900, 6100, 0)]),
        row(
            "B-H37",
            [case("Age: 300", || {
                let fields: [(&str, &[u8]); 3] =
                    [("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"60"), ("age", b"300")];
                let first = with(page(r#"{"data":[{"id":1}],"next":"c2"}"#), &fields);
                run(&cursor(json!({})), &[first, next("null")]).waited(0, 0)
            })],
        ),
    ]
}
