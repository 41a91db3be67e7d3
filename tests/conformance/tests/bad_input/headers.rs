//! `Link` headers and `Retry-After`: rows B-H1 to B-H30.

use super::case::{
    Answer, Came, Case, FailureKind, Row, START, URL, body, case, cursor, expect, header_link, json, next,
    noted, page, row, run, status, with,
};
use everypage_core::http::{Headers, Response, date, retry_after};
use everypage_core::time::UnixMillis;
use std::time::Instant;

const NEXT: &str = "https://api.example.com/v1/leads?after=c2";

fn answer(fields: &[&[u8]]) -> Answer {
    let fields: Vec<(&str, &[u8])> = fields.iter().map(|value| ("link", *value)).collect();
    with(page(r#"{"data":[{"id":1}]}"#), &fields)
}

/// What a walk over one answer with these `Link` fields comes to.
fn link(fields: &[&str], came: fn(&super::case::Ran) -> Came) -> Case {
    let fields: Vec<String> = fields.iter().map(|field| field.replace("TO", &format!("<{NEXT}>"))).collect();
    case(fields.clone(), move || {
        let fields: Vec<&[u8]> = fields.iter().map(String::as_bytes).collect();
        came(&run(&header_link(json!({})), &[answer(&fields)]))
    })
}

fn followed(ran: &super::case::Ran) -> Came {
    ran.followed(NEXT)
}

fn no_link(ran: &super::case::Ran) -> Came {
    ran.ended_unproven()
}

fn mismatch(ran: &super::case::Ran) -> Came {
    ran.failed("EP_SOURCE_MISMATCH")
}

fn followed_to(field: &'static str, url: &'static str) -> Case {
    case(field, move || run(&header_link(json!({})), &[answer(&[field.as_bytes()])]).followed(url))
}

pub fn rows() -> Vec<Row> {
    let mut rows = links();
    rows.extend(waits());
    rows
}

fn links() -> Vec<Row> {
    vec![
        row("B-H1", [link(&["TO; rel=next"], followed)]),
        row("B-H2", [link(&["TO; rel=\"next last\""], followed), link(&["TO; rel=\"last next\""], followed)]),
        row("B-H3", [link(&["TO; REL=\"NEXT\""], followed)]),
        row("B-H4", [link(&["TO; title=\"a;b=c\"; rel=next"], followed)]),
        row(
            "B-H5",
            [
                link(&["TO; title=\"x, <https://evil.example/>; rel=next\"; rel=\"next\""], followed),
                link(
                    &["<https://api.example.com/0>; title=\", <https://evil.example/>; rel=next\"; rel=prev"],
                    no_link,
                ),
            ],
        ),
        row(
            "B-H6",
            [
                link(&[r#"TO; title="say \"hi\", <https://evil.example/>; rel=next"; rel="next""#], followed),
                link(
                    &[
                        r#"<https://api.example.com/0>; title="\", <https://evil.example/>; rel=next"; rel=prev"#,
                    ],
                    no_link,
                ),
            ],
        ),
        row("B-H7", [link(&["TO; rel=\"prev\"; rel=\"next\""], no_link)]),
        noted(
            "B-H8",
            "the report of the design counts no ignored headers",
            [link(&["TO; rel=next; anchor=\"#x\""], no_link)],
        ),
        row(
            "B-H9",
            [
                link(&["TO; rev=\"next\""], no_link),
                link(&["TO; rel=\"x-next\""], no_link),
                link(&["TO; rel*=UTF-8''next"], no_link),
            ],
        ),
        row("B-H10", [link(&["TO; crossorigin; rel=next"], followed)]),
        row(
            "B-H11",
            [followed_to(
                "<https://api.example.com/v1/leads?ids=1,2;3&x=a;b>; rel=next",
                "https://api.example.com/v1/leads?ids=1,2;3&x=a;b",
            )],
        ),
        row(
            "B-H12",
            [followed_to(
                "<https://api.example.com/v1/leads?ids=1%2C2%2c3>; rel=next",
                "https://api.example.com/v1/leads?ids=1%2C2%2c3",
            )],
        ),
        row(
            "B-H13",
            [
                link(&[",, TO;rel=next,"], followed),
                link(&["\tTO\t;\trel=next\t"], followed),
                link(&["TO;rel=\"next\",<https://api.example.com/9>;rel=last"], followed),
            ],
        ),
        row(
            "B-H14",
            [link(&["TO; rel=next, <https://api.example.com/v1/leads?after=other>; rel=next"], mismatch)],
        ),
        row(
            "B-H15",
            [
                link(&["TO; rel=next, TO; rel=next"], followed),
                link(&["TO; rel=next", "TO; rel=next"], followed),
            ],
        ),
        noted(
            "B-H16",
            "an empty target can't be told from a header gone wrong: SourceMismatch",
            [
                link(&["<>; rel=\"next\""], mismatch),
                case("this URL", || {
                    run(&header_link(json!({})), &[answer(&[format!("<{URL}>; rel=next").as_bytes()])])
                        .failed("EP_LOOP")
                }),
            ],
        ),
        row("B-H17", [link(&["<https://api.example.com/v1/leads?after=c2; rel=next"], mismatch)]),
        row("B-H18", [link(&["TO; title=\"open; rel=next"], mismatch), link(&["TO; rel=\"next"], mismatch)]),
        row(
            "B-H19",
            [
                link(&["<https://api.example.com/0>; rel=prev", "TO; rel=next"], followed),
                link(
                    &[
                        "<https://api.example.com/9>; rel=last, <https://api.example.com/0>; rel=first",
                        "TO; rel=next",
                    ],
                    followed,
                ),
            ],
        ),
        noted(
            "B-H20",
            "a field that can't be read is a SourceMismatch whatever the reason: the host's header limit is TooLarge",
            [case("1 MiB, 10^5 members", || {
                let field = "<https://api.example.com/0>; rel=x,".repeat(100_000);
                let started = Instant::now();
                let ran = run(&header_link(json!({})), &[answer(&[field.as_bytes()])]);
                expect(started.elapsed().as_secs() < 5, || "not linear".to_owned())?;
                ran.failed("EP_SOURCE_MISMATCH")
            })],
        ),
        noted(
            "B-H21",
            "refused by the parser of the header before it is a URL: SourceMismatch",
            [
                link(&["<https://api.example.com/v1/leads?q=\u{e9}>; rel=next"], mismatch),
                link(&["<https://api.example.com/v1/leads?q=\0>; rel=next"], mismatch),
                case("Latin-1", || {
                    run(&header_link(json!({})), &[answer(&[b"<https://api.example.com/\xe9>; rel=next"])])
                        .failed("EP_SOURCE_MISMATCH")
                }),
            ],
        ),
        row(
            "B-H22",
            [case("no Link visible", || {
                let hidden = Response { headers_hidden: true, ..page(r#"{"data":[{"id":1}]}"#) };
                run(&header_link(json!({})), &[hidden.into()]).failed("EP_HEADER_NOT_VISIBLE")
            })],
        ),
    ]
}

/// A 429 with these `Retry-After` fields, then the last page: how long the wait is.
fn wait(fields: &'static [&'static str], least: u64, most: u64) -> Case {
    case(fields, move || {
        let fields: Vec<(&str, &[u8])> =
            fields.iter().map(|value| ("retry-after", value.as_bytes())).collect();
        run(&cursor(json!({})), &[status(429, &fields)]).tried_again(least, most)
    })
}

/// The same, and that the value counts as ignored where it is read.
fn ignored(value: &'static str) -> Case {
    case(value, move || {
        let headers: Headers = [("retry-after", value)].into_iter().collect();
        let stated = retry_after::parse(&headers, None, Some(UnixMillis(START * 1000)));
        expect(stated.ignored == 1 && stated.wait.is_none(), || format!("read as {stated:?}"))?;
        run(&cursor(json!({})), &[status(429, &[("retry-after", value.as_bytes())])]).tried_again(0, 2000)
    })
}

/// A wait beyond `max_wait`: the walk stops at once and says when to come back.
fn too_long(fields: &'static [&'static str], least: i64) -> Case {
    case(fields, move || {
        let fields: Vec<(&str, &[u8])> =
            fields.iter().map(|value| ("retry-after", value.as_bytes())).collect();
        let ran = run(&cursor(json!({})), &[status(429, &fields)]);
        ran.failed("EP_RATE_LIMITED")?;
        let at = ran.outcome.report.error.as_ref().and_then(|error| error.retry_at).map_or(0, |at| at.0);
        expect(at >= START * 1000 + least, || format!("retry_at is {at}"))
    })
}

fn waits() -> Vec<Row> {
    const DAYS: i64 = 86_400_000;
    vec![
        noted(
            "B-H23",
            "the report of the design counts no ignored headers; the parser does",
            ["-1", "+5", "1.5", "1e3", "0x10", "\u{ff15}", "5s", ""].map(ignored),
        ),
        row(
            "B-H24",
            [
                wait(&["5, 60"], 60_000, 66_000),
                wait(&["60", "5"], 60_000, 66_000),
                wait(&["x, 7"], 7000, 7700),
            ],
        ),
        row("B-H25", [too_long(&["99999999999999999999"], i64::MAX / 2)]),
        row(
            "B-H26",
            [
                wait(&["Mon, 21 Sep 2026 14:00:00 GMT"], 0, 2000),
                wait(&["Sun, 06 Nov 1994 08:49:37 GMT"], 0, 2000),
            ],
        ),
        row(
            "B-H27",
            [
                wait(&["Mon, 21 Sep 2026 14:13:50 GMT"], 29_000, 33_000),
                wait(&["Monday, 21-Sep-26 14:13:50 GMT"], 29_000, 33_000),
                wait(&["Mon Sep 21 14:13:50 2026"], 29_000, 33_000),
                case("two-digit years", || {
                    let near = Some(UnixMillis(START * 1000));
                    let old = date::parse("Sunday, 06-Nov-94 08:49:37 GMT", near);
                    expect(old == Some(UnixMillis(784_111_777_000)), || format!("94 is {old:?}"))
                }),
            ],
        ),
        noted(
            "B-H28",
            "a source can't declare other date forms",
            [
                "Mon, 21 Sep 2026 14:13:50 +0000",
                "2026-09-21T14:13:50Z",
                "Tue, 21 Sep 2026 14:13:50 GMT",
                "Tue, 31 Feb 2026 14:13:50 GMT",
                "mon, 21 sep 2026 14:13:50 gmt",
            ]
            .map(|text| {
                // A comma makes two values of what is no date.
                case(text, move || {
                    let headers: Headers = [("retry-after", text)].into_iter().collect();
                    let stated = retry_after::parse(&headers, None, Some(UnixMillis(START * 1000)));
                    expect(stated.ignored > 0 && stated.wait.is_none(), || format!("read as {stated:?}"))?;
                    run(&cursor(json!({})), &[status(429, &[("retry-after", text.as_bytes())])])
                        .tried_again(0, 2000)
                })
            }),
        ),
        row(
            "B-H29",
            [case("a server three hours ahead", || {
                let fields: [(&str, &[u8]); 2] = [
                    ("date", b"Mon, 21 Sep 2026 17:13:20 GMT"),
                    ("retry-after", b"Mon, 21 Sep 2026 17:13:30 GMT"),
                ];
                run(&cursor(json!({})), &[status(429, &fields)]).tried_again(10_000, 11_000)
            })],
        ),
        row(
            "B-H30",
            [
                too_long(&["6457"], 6_457_000),
                case("declared in ms", || {
                    let doc = cursor(json!({
                        "classify": [{"when": {"status": 429}, "is": "throttled"}],
                        "hints": [{"read": "header:X-Retry-Ms", "means": "wait_ms"}],
                    }));
                    run(&doc, &[status(429, &[("x-retry-ms", b"6457")])]).tried_again(6457, 7200)
                }),
            ],
        ),
        row(
            "B-H38",
            [case("as the host reports it", || {
                run(&cursor(json!({})), &vec![Answer::Broken(FailureKind::BodyTruncated); 20])
                    .gave_up("EP_BAD_BODY", 6)
            })],
        ),
        row(
            "B-H39",
            [
                case("a coding that is wrong", || {
                    run(&cursor(json!({})), &vec![Answer::Broken(FailureKind::DecodeError); 20])
                        .gave_up("EP_BAD_BODY", 3)
                }),
                case("fifty codings", || {
                    run(&cursor(json!({})), &[Answer::Broken(FailureKind::TooLarge)]).failed("EP_TOO_LARGE")
                }),
            ],
        ),
        row(
            "B-H40",
            [
                too_long(&["2592000"], 30 * DAYS),
                too_long(&["Wed, 21 Oct 2026 14:13:20 GMT"], 30 * DAYS),
                case("obeyed where the source allows it", || {
                    let ran = run(
                        &cursor(json!({"max_wait": "1000h"})),
                        &[status(503, &[("retry-after", b"1728000")])],
                    );
                    ran.tried_again(1_728_000_000, 1_728_010_000)
                }),
            ],
        ),
        noted(
            "B-H41",
            "the host limits headers while it reads them",
            [case("as the host reports it", || {
                run(&cursor(json!({})), &[Answer::Broken(FailureKind::TooLarge)]).failed("EP_TOO_LARGE")
            })],
        ),
        row(
            "B-H42",
            ["\"a\\r\\nX-Admin: 1\"", "\"a\\nb\"", "\"a\\u0000b\"", "\" a\"", "\"a \"", "\"caf\u{e9}\""].map(
                |value| {
                    case(value, move || {
                        let mut doc = cursor(json!({}));
                        doc["pagination"]["write"] = json!("header:X-Cursor");
                        run(&doc, &[next(value), body("{}")]).failed("EP_UNSAFE_CURSOR")
                    })
                },
            ),
        ),
    ]
}
