//! Sources and options from the caller: rows B-S1 to B-S13.

use super::case::{
    CANARY, Case, Row, URL, Value, body, case, cursor, expect, json, noted, refused, row, run, source,
};
use everypage_core::source::{Fill, Source};

/// A source with these changes, and the field that is named.
fn wrong(more: Value, field: &'static str) -> Case {
    case(format!("{more} at {field}"), move || {
        let mut doc = cursor(json!({}));
        merge(&mut doc, &more);
        refused(&doc, field)
    })
}

fn merge(doc: &mut Value, more: &Value) {
    match (doc, more) {
        (Value::Object(doc), Value::Object(more)) => {
            for (key, value) in more {
                merge(doc.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (doc, more) => *doc = more.clone(),
    }
}

/// A text that is no source; messages name a place and stay short.
fn no_source(input: &'static str, text: String) -> Case {
    case(input, move || match Source::from_json(&text, &Fill::none()) {
        Ok(_) => Err("taken".to_owned()),
        Err(error) => expect(error.to_string().len() < 10_000, || "a message without end".to_owned()),
    })
}

fn says(more: Value, field: &'static str, words: &'static str) -> Case {
    case(format!("{more} says {words}"), move || {
        let mut doc = cursor(json!({}));
        merge(&mut doc, &more);
        refused(&doc, field)?;
        let error = Source::from_value(&doc, &Fill::none()).err().map(|error| error.to_string());
        expect(error.as_ref().is_some_and(|text| text.contains(words)), || format!("{error:?}"))
    })
}

pub fn rows() -> Vec<Row> {
    vec![
        row(
            "B-S1",
            [
                says(json!({"recrods": "/data"}), "recrods", "`records`"),
                says(json!({"pagination": {"raed": "body:/next"}}), "pagination.raed", "`read`"),
                says(json!({"completely": 1}), "completely", "unknown key"),
            ],
        ),
        noted(
            "B-S2",
            "a size above `max` is clamped and noted",
            [
                wrong(json!({"size": {"write": "query:limit", "value": 0}}), "size.value"),
                wrong(json!({"size": {"write": "query:limit", "value": -1}}), "size.value"),
                wrong(json!({"size": {"write": "query:limit", "value": 1.5}}), "size.value"),
                wrong(json!({"size": {"write": "query:limit", "value": 5, "min": 10}}), "size"),
                case("over max", || {
                    let doc = cursor(json!({"size": {"write": "query:limit", "value": 5000, "max": 100}}));
                    let ran = run(&doc, &[]);
                    let checks =
                        serde_json::to_string(&ran.outcome.report.checks).map_err(|e| e.to_string())?;
                    expect(ran.urls[0].ends_with("limit=100") && checks.contains("5000"), || checks)
                }),
            ],
        ),
        noted(
            "B-S3",
            "places are JSON Pointers; `-1` is the last element",
            ["", "next", "body:next", "body:a..b", "body:a[", "body:a[-1]", "body:$..*", "body:/a~2"]
                .map(|read| wrong(json!({"pagination": {"read": read}}), "pagination.read"))
                .into_iter()
                .chain([case("10^4 long", || {
                    let mut doc = cursor(json!({}));
                    doc["pagination"]["read"] = json!(format!("body:{}", "/a".repeat(5000)));
                    refused(&doc, "pagination.read")
                })]),
        ),
        noted(
            "B-S4",
            "templates are the locators': one place, at most one `{}`",
            [
                wrong(json!({"pagination": {"write": "query:cursor~{}{}"}}), "pagination.write"),
                wrong(json!({"pagination": {"write": "query:cursor~no place"}}), "pagination.write"),
                wrong(json!({"request": {"url": "https://{cursor}.example.com/"}}), "request.url"),
                wrong(json!({"pagination": {"write": "path:cursor"}}), "pagination.write"),
                wrong(json!({"request": {"headers": {"X-{cursor}": "1"}}}), "request.headers"),
            ],
        ),
        row(
            "B-S5",
            ["X-A\r\nB", "X A", "X:A", "", "Host", "Content-Length", "Transfer-Encoding", "connection"]
                .map(|name| wrong(json!({"request": {"headers": {name: "1"}}}), "request.headers"))
                .into_iter()
                .chain([wrong(
                    json!({"request": {"headers": {"X-A": "1\r\nX-Admin: 1"}}}),
                    "request.headers",
                )]),
        ),
        row(
            "B-S6",
            [
                "/v1/leads",
                "leads",
                "https://",
                "https:///x",
                "https://user:pw@api.example.com/",
                "https://api.example.com/#x",
                "ftp://a.example/",
                "",
            ]
            .map(|url| wrong(json!({"request": {"url": url}}), "request.url")),
        ),
        noted(
            "B-S7",
            "refused: credentials belong under `auth`",
            ["Authorization", "cookie", "Proxy-Authorization", "x-api-key"]
                .map(|name| wrong(json!({"request": {"headers": {name: CANARY}}}), "request.headers")),
        ),
        noted(
            "B-S8",
            "styles have natural end signals; the long form must name its own",
            [
                case("the long form", || {
                    let states = json!({"state": [{"write": "query:c", "next": "body:/next"}]});
                    refused(&source(states, json!({})), "end")
                }),
                wrong(json!({"end": []}), "end"),
            ],
        ),
        noted(
            "B-S9",
            "allowed: what lies past the proven end is dropped",
            [case("offset, four in flight, no total", || {
                let doc = source(
                    json!({"style": "offset"}),
                    json!({"concurrency": 4, "size": {"write": "query:limit", "value": 2}}),
                );
                let ran = run(&doc, &vec![body(r#"{"data":[]}"#); 40]);
                expect(ran.code.is_none() && ran.urls.len() <= 6, || format!("{:?} {:?}", ran.code, ran.urls))
            })],
        ),
        row(
            "B-S10",
            [case("no row has the id", || {
                let ran = run(
                    &cursor(json!({"id": "/key"})),
                    &[body(r#"{"data":[{"id":1},{"id":2}],"next":"c2"}"#)],
                );
                ran.failed("EP_SOURCE_MISMATCH")?;
                expect(ran.outcome.report.error.as_ref().and_then(|e| e.page) == Some(1), || {
                    "which page?".to_owned()
                })
            })],
        ),
        noted(
            "B-S11",
            "a deadline is a duration: none is in the past",
            [
                wrong(json!({"retry": {"attempts": 0}}), "retry.attempts"),
                wrong(json!({"retry": {"attempts": -1}}), "retry.attempts"),
                wrong(json!({"retry": {"base": "-1s"}}), "retry.base"),
                wrong(json!({"retry": {"base": -1}}), "retry.base"),
                wrong(json!({"limits": {"pages": 1.844_674_407_370_955_2e19}}), "limits.pages"),
                wrong(json!({"limits": {"deadline": "18446744073709551616s"}}), "limits.deadline"),
                wrong(json!({"limits": {"deadline": "-5s"}}), "limits.deadline"),
                wrong(json!({"limits": {"deadline": "0s"}}), "limits.deadline"),
                case("a deadline of a millisecond", || {
                    let ran = run(
                        &cursor(json!({"limits": {"deadline": "1ms"}})),
                        &[body(r#"{"data":[{"id":1}],"next":"c2"}"#)],
                    );
                    let code = ran.code.as_deref();
                    expect(code == Some("EP_DEADLINE") && ran.urls.len() <= 1, || format!("{code:?}"))
                }),
            ],
        ),
        row(
            "B-S12",
            [
                wrong(json!({"request": {"method": "POST"}}), "request.read_only"),
                wrong(json!({"request": {"method": "POST", "read_only": false}}), "request.read_only"),
                wrong(
                    json!({"request": {"method": "POST", "read_only": true, "body": {"query": "mutation { a }"}}}),
                    "request.body.query",
                ),
            ],
        ),
        noted(
            "B-S13",
            "cyclic objects and recursion of other languages never become a document: their wrappers' parsers refuse them",
            [
                no_source("10 MiB", format!(r#"{{"name":"{}"}}"#, "x".repeat(10 << 20))),
                no_source("10^4 deep", "[".repeat(10_000)),
                no_source(
                    "10^4 deep objects",
                    format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000)),
                ),
                no_source(
                    "__proto__",
                    format!(
                        r#"{{"__proto__":{{}},"request":{{"url":"{URL}"}},"records":"","pagination":{{"style":"single"}}}}"#
                    ),
                ),
                no_source("nothing", String::new()),
            ],
        ),
    ]
}
