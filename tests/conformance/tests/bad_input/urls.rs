//! Links and cursors from the server: rows B-U1 to B-U18.

use super::case::{
    Answer, Case, Row, URL, body, body_link, case, cursor, expect, json, next, noted, row, run,
};
use everypage_core::json::Raw;

/// The first page's link, and the error that comes before any request to it.
fn refused(link: &'static str, codes: &'static [&'static str]) -> Case {
    case(link, move || {
        let ran = run(&body_link(json!({})), &[next(Raw::from_text(link).as_str())]);
        let found = ran.code.clone().unwrap_or_default();
        expect(ran.records.len() == 1, || "the page before it was not handed out".to_owned())?;
        expect(ran.urls.len() == 1 && codes.contains(&found.as_str()), || {
            format!("expected {codes:?}, found {found} after {:?}", ran.urls)
        })?;
        let report = ran.outcome.report.to_json();
        expect(!report.contains("admin") && !report.contains("evil.example/x"), || report)
    })
}

const CROSS: &[&str] = &["EP_CROSS_ORIGIN"];
const UNSAFE: &[&str] = &["EP_UNSAFE_URL"];
const EITHER: &[&str] = &["EP_CROSS_ORIGIN", "EP_UNSAFE_URL"];

fn followed(link: &'static str, url: &'static str) -> Case {
    case(link, move || run(&body_link(json!({})), &[next(Raw::from_text(link).as_str())]).followed(url))
}

/// A cursor that is one value whatever stands in it.
fn one_value(token: &'static str, sent: &'static str) -> Case {
    case(token, move || {
        let mut doc = cursor(json!({}));
        doc["request"]["query"] = json!({"status": "active"});
        let ran = run(&doc, &[next(Raw::from_text(token).as_str())]);
        ran.followed(&format!("{URL}?cursor={sent}&status=active"))
    })
}

pub fn rows() -> Vec<Row> {
    vec![
        row("B-U1", [refused("//evil.example/x", CROSS), refused("https://evil.example/x", CROSS)]),
        row("B-U2", [refused("http://api.example.com/v1/leads?page=2", CROSS)]),
        row(
            "B-U3",
            ["https:\\\\evil.example\\x", "https:/x", "https:x", "https:///x", "/\\evil.example/x"]
                .map(|l| refused(l, UNSAFE)),
        ),
        row(
            "B-U4",
            [
                "https://api.example.com\\@evil.example/x",
                "https://api.example.com@evil.example/x",
                "https://user:admin@api.example.com/x",
                "//user@api.example.com/x",
            ]
            .map(|l| refused(l, UNSAFE)),
        ),
        row(
            "B-U5",
            [
                "https://api.example.com.evil.example/",
                "https://api.example.com%2eevil.example/",
                "https://api.\u{24d4}xample.com/",
                "https://\u{430}pi.example.com/",
                "https://xn--pi-6kc.example.com/",
            ]
            .map(|l| refused(l, EITHER)),
        ),
        row(
            "B-U6",
            [
                refused("https://api.example.com./v1/leads", UNSAFE),
                followed(
                    "https://api.example.com:443/v1/leads?page=2",
                    "https://api.example.com/v1/leads?page=2",
                ),
                followed(
                    "https://api.example.com:0443/v1/leads?page=2",
                    "https://api.example.com/v1/leads?page=2",
                ),
                followed(
                    "HTTPS://API.Example.COM/v1/Leads?page=2",
                    "https://api.example.com/v1/Leads?page=2",
                ),
            ],
        ),
        row(
            "B-U7",
            [
                "https://169.254.169.254/latest/meta-data",
                "https://127.1/",
                "https://0x7f000001/",
                "https://2130706433/",
                "https://[::ffff:127.0.0.1]/",
                "https://[::1]/",
                "https://localhost./",
                "https://localhost/",
                "https://0.0.0.0/",
                "https://10.0.0.1/",
            ]
            .map(|l| refused(l, UNSAFE)),
        ),
        row(
            "B-U8",
            [
                "file:///etc/passwd",
                "javascript:alert(1)",
                "data:text/json,{}",
                "ftp://api.example.com/",
                "blob:https://api.example.com/1",
            ]
            .map(|l| refused(l, UNSAFE)),
        ),
        row(
            "B-U9",
            [
                "https://api.example.com/v1\t/leads",
                "https://api.example.com/v1\r\n/leads",
                "https://api.example.com/\0",
                " https://api.example.com/v1/leads",
                "https://api.example.com/v1/leads ",
                "https://api.example.com/v1/le ads",
                "?page=2\n",
            ]
            .map(|l| refused(l, UNSAFE)),
        ),
        row(
            "B-U10",
            [
                refused("https://api.example.com:99999/", UNSAFE),
                refused("https://api.example.com:0/", UNSAFE),
                followed(
                    "https://api.example.com:/v1/leads?page=2",
                    "https://api.example.com/v1/leads?page=2",
                ),
            ],
        ),
        row(
            "B-U11",
            [
                followed("../../../x", "https://api.example.com/x"),
                followed("/a%2F..%2Fb", "https://api.example.com/a%2F..%2Fb"),
                followed("./page/../two/.", "https://api.example.com/v1/two/"),
            ],
        ),
        row("B-U12", [followed("?page=2#top", "https://api.example.com/v1/leads?page=2")]),
        row(
            "B-U13",
            [
                followed("?page=2", "https://api.example.com/v1/leads?page=2"),
                followed("page=2", "https://api.example.com/v1/page=2"),
                followed("/x?page=2", "https://api.example.com/x?page=2"),
            ],
        ),
        row(
            "B-U14",
            [
                followed(
                    "?a=+/=&b=%2B&c=|{}&$skiptoken=x'y'",
                    "https://api.example.com/v1/leads?a=+/=&b=%2B&c=|{}&$skiptoken=x'y'",
                ),
                refused("?q='a b'", UNSAFE),
                one_value("+/=", "%2B/%3D"),
                one_value("%2B", "%252B"),
                one_value("|{}", "%7C%7B%7D"),
                one_value("'a b'", "'a%20b'"),
                one_value("$skiptoken", "$skiptoken"),
            ],
        ),
        row(
            "B-U15",
            [
                one_value("x&admin=true", "x%26admin%3Dtrue"),
                one_value("x#y", "x%23y"),
                one_value("x%26y", "x%2526y"),
                one_value("\"}],", "%22%7D%5D,"),
            ],
        ),
        noted(
            "B-U16",
            "there is no `pin_params`: links are opaque",
            [case("without filter and size", || {
                let mut doc = body_link(json!({"size": {"write": "query:limit", "value": 1}}));
                doc["request"]["query"] = json!({"status": "active"});
                run(&doc, &[next("\"?after=2\"")]).followed(&format!("{URL}?after=2"))
            })],
        ),
        row(
            "B-U17",
            [case("100 KiB", || {
                let ran = run(&body_link(json!({})), &[next(&format!("\"?q={}\"", "x".repeat(100 << 10)))]);
                ran.failed("EP_TOO_LARGE")?;
                // As a cursor it fits the place, but not a URL once it is encoded.
                let ran = run(&cursor(json!({})), &[next(&format!("\"{}\"", "|".repeat(30_000)))]);
                expect(ran.code.as_deref() == Some("EP_TOO_LARGE") && ran.urls.len() == 1, || {
                    format!("{:?}", ran.code)
                })?;
                let advice = ran.outcome.report.error.as_ref().map_or("", |error| &error.advice);
                expect(advice.contains("POST"), || advice.to_owned())
            })],
        ),
        row(
            "B-U18",
            [&["a", "a"][..], &["a", "b", "a"], &["a", "b", "c", "b"], &["a", "b", "a", "b", "a"]].map(
                |cursors| {
                    case(cursors, move || {
                        let pages = cursors.iter().enumerate();
                        let pages =
                            pages.map(|(i, c)| body(format!(r#"{{"data":[{{"id":{i}}}],"next":"{c}"}}"#)));
                        let ran = run(&cursor(json!({})), &pages.collect::<Vec<Answer>>());
                        let twice = cursors.iter().enumerate().position(|(i, c)| cursors[..i].contains(c));
                        let requests = twice.map_or(0, |i| i + 1);
                        expect(ran.code.as_deref() == Some("EP_LOOP") && ran.urls.len() == requests, || {
                            format!("{:?} after {} requests", ran.code, ran.urls.len())
                        })?;
                        expect(ran.records.len() == requests, || "records were lost".to_owned())
                    })
                },
            ),
        ),
    ]
}
