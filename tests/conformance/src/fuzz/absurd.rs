//! Sources of every style and answers of every kind.

use super::CANARY;
use super::choices::Choices;
use everypage_core::http::Response;
use everypage_core::source::{Fill, Source};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The most requests of a walk.
pub const REQUESTS: u64 = 40;

/// A source of some style with some options.
pub fn source(choices: &mut Choices<'_>) -> Source {
    let numbers = [0_u64, 1, 2, 7, 50, 1_000_000, u64::MAX];
    let styles = [
        json!({"style": "offset"}),
        json!({"style": "offset", "step": "size", "start": numbers[choices.below(7)]}),
        json!({"style": "page", "start": numbers[choices.below(7)]}),
        json!({"style": "page", "contact": "off", "verify": "reread"}),
        json!({"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "key"}),
        json!({"style": "cursor", "read": "body:/next", "write": "query:cursor", "expired": "restart", "reuse": "once"}),
        json!({"style": "cursor", "read": "header:X-Next", "write": "header:X-Cursor", "reuse": "advances"}),
        json!({"style": "cursor", "read": "body:/next", "write": "path:at", "start": "first"}),
        json!({"style": "keyset", "write": "query:after", "expired": "keyset"}),
        json!({"style": "link", "read": "link:next"}),
        json!({"style": "link", "read": "body:/next", "take": "query"}),
        json!({"style": "link", "read": "body:/next", "take": "param:page", "contact": "off"}),
        json!({"style": "single"}),
        json!({"state": [{"write": "query:a", "start": 0, "next": {"add": "records"}}, {"write": "query:b", "next": "body:/next"}]}),
        json!({"state": [{"write": "query:a", "next": "max:/id"}, {"write": "query:b", "next": "last:/id"}]}),
    ];
    let ends = [
        json!(["empty"]),
        json!([{"flag": "body:/has_more", "is": false}, "short"]),
        json!(["repeat", "missing", "total"]),
        json!([{"pages": "body:/pages"}, {"status": 404}]),
        json!([{"absent": "body:/next"}]),
    ];
    let totals = ["exact", "estimate", "at_least", "remaining", "page"];
    loop {
        let style = styles[choices.below(styles.len())].clone();
        let path = if style["write"] == "path:at" { "/v1/{at}/leads" } else { "/v1/leads" };
        let long = style["state"].is_array();
        let mut doc = json!({
            "request": {"url": format!("https://api.example.com{path}")}, "records": "/data", "pagination": style,
            "limits": {"requests": REQUESTS},
        });
        let mut with = |percent, key: &str, value: Value| {
            if choices.chance(percent) {
                doc[key] = value;
            }
        };
        with(80, "auth", json!({"bearer": CANARY, "query": {"api_key": CANARY}}));
        with(75, "id", json!("/id"));
        with(20, "order", json!({"by": "/id", "direction": "desc", "immutable": true}));
        with(40, "max_wait", json!("1000000h"));
        with(10, "concurrency", json!(3));
        with(
            20,
            "classify",
            json!([{"when": {"body:/why": "slow"}, "is": "throttled", "wait": "body:/wait"}, {"when": {"status": 410}, "is": "expired"}]),
        );
        with(
            20,
            "hints",
            json!([{"read": "body:/left", "means": "remaining"}, {"read": "body:/wait", "means": "reset_seconds"}]),
        );
        with(20, "capture", json!({"delta": "body:/next"}));
        with(
            20,
            "records",
            json!({"at": ["/data", "/rows"], "missing": "empty", "drop": {"record:/gone": true}}),
        );
        if choices.chance(60) {
            let size = numbers[choices.below(7)].max(1);
            doc["size"] = json!({"write": "query:limit", "value": size});
        }
        if choices.chance(50) {
            doc["total"] = json!({"read": "body:/total", "kind": totals[choices.below(5)]});
        }
        if long || choices.chance(30) {
            doc["end"] = ends[choices.below(ends.len())].clone();
        }
        if choices.chance(20) {
            doc["cap"] =
                json!({["records", "offset", "pages"][choices.below(3)]: numbers[choices.below(7)].max(1)});
        }
        if choices.chance(30) {
            doc["rate"] = json!([{"requests": numbers[choices.below(7)].max(1), "per": "60s"}]);
        }
        if choices.chance(30) {
            doc["ahead"] = json!(choices.below(4) + 1);
        }
        if choices.chance(15) {
            doc["limits"]["records"] = json!(choices.below(20) + 1);
        }
        if choices.chance(10) {
            doc["limits"]["deadline"] = json!("90s");
        }
        if let Ok(source) = Source::from_value(&doc, &Fill::none()) {
            return source;
        }
    }
}

const NEXT: [&str; 16] = [
    "null",
    "\"\"",
    "\"c1\"",
    "\"c2\"",
    "\"c3\"",
    "7",
    "18446744073709551615",
    "false",
    "{\"k\":1}",
    "[]",
    "\"a\\r\\nb\"",
    "\"?page=2&limit=2\"",
    "\"?page=3&api_key=canary-5f21c0ffee\"",
    "\"https://evil.example/\"",
    "\"/v1/leads?offset=4\"",
    "\"http://10.0.0.1/\"",
];
const NUMBERS: [&str; 10] =
    ["0", "1", "2", "4", "100", "18446744073709551615", "-1", "\"7\"", "null", "1e400"];
const HEADERS: [(&str, &str); 22] = [
    ("retry-after", "1"),
    ("retry-after", "99999999999999999999"),
    ("retry-after", "x"),
    ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("x-next", "c1"),
    ("x-next", "c2"),
    ("x-next", ""),
    ("link", "<?page=2>; rel=next"),
    ("link", "<?page=3&limit=2>; rel=\"next\""),
    ("link", "<https://evil.example/>; rel=next"),
    ("link", "<a; rel=next"),
    ("x-ratelimit-remaining", "0"),
    ("x-ratelimit-reset", "18446744073709551615"),
    ("x-ratelimit-reset", "30"),
    ("ratelimit", "\"d\";r=0;t=5"),
    ("ratelimit", "\"d\";r=0;t=999999999999999"),
    ("date", "Mon, 21 Sep 2026 14:13:20 GMT"),
    ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("age", "300"),
    ("location", "/v1/other"),
    ("location", "https://evil.example/"),
    ("location", "https://api.example.com/v1/leads?page=9"),
];
const STATUSES: [u16; 20] =
    [0, 99, 204, 206, 301, 303, 307, 308, 400, 401, 403, 404, 410, 413, 416, 421, 429, 500, 503, 999];
/// An answer: calm, or of any kind.
pub fn response(choices: &mut Choices<'_>, calm: bool) -> Response {
    let first = choices.up_to(30);
    let rows: Vec<String> =
        (first..first + choices.up_to(6)).map(|id| format!(r#"{{"id":{id},"gone":false}}"#)).collect();
    let mut body = format!(r#"{{"data":[{}],"next":{}"#, rows.join(","), choices.pick(&NEXT));
    for name in ["total", "pages", "left", "wait"] {
        if choices.chance(30) {
            let _ = write!(body, r#","{name}":{}"#, choices.pick(&NUMBERS));
        }
    }
    for (name, value) in [("has_more", "true"), ("has_more", "false"), ("why", "\"slow\""), ("errors", "[1]")]
    {
        if choices.chance(8) && !body.contains(name) {
            let _ = write!(body, r#","{name}":{value}"#);
        }
    }
    body.push('}');
    let mut response = Response { status: 200, body: body.into_bytes(), ..Response::default() };
    for _ in 0..choices.up_to(if calm { 1 } else { 3 }) {
        let (name, value) = HEADERS[choices.below(HEADERS.len())];
        response.headers.push(name, value);
    }
    if !calm && choices.chance(25) {
        response.status = STATUSES[choices.below(STATUSES.len())];
    }
    if !calm && choices.chance(10) {
        let corpus = [response.body.clone()];
        let corpus: Vec<&[u8]> = corpus.iter().map(Vec::as_slice).collect();
        choices.change(&mut response.body, &corpus);
    }
    response.headers_hidden = choices.chance(5);
    if choices.chance(2) {
        response.url = Some("https://api.example.com/elsewhere".to_owned());
    }
    response
}
