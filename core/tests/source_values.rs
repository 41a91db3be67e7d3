//! What a document says is what the source holds: every key, every default, the example of the documentation.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

use everypage_core::facts::Auth;
use everypage_core::source::{BodySpec, Fill, Source, Style};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn read(change: Value) -> Source {
    let mut document = json!({
        "request": {"url": "https://api.example.com:8443/v1/leads?a=1"},
        "records": "/data",
        "pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor"},
    });
    let Value::Object(change) = change else { panic!("a change is an object") };
    for (name, value) in change {
        document[name] = value;
    }
    Source::from_value(&document, &Fill::none()).unwrap_or_else(|error| panic!("{document}: {error}"))
}

/// What is changed, what is looked at, what it must be.
type Row<'a> = (Value, fn(&Source) -> String, &'a str);

fn table(rows: &[Row<'_>]) {
    for (change, look, expected) in rows {
        assert_eq!(look(&read(change.clone())), *expected, "{change}");
    }
}

#[test]
fn what_is_left_out_has_the_documented_default() {
    let page = || json!({"pagination": {"style": "page"}});
    table(&[
        (json!({}), |s| s.name.clone(), "api.example.com/v1/leads"),
        (json!({}), |s| s.request.method.as_str().to_owned(), "GET"),
        (json!({}), |s| s.request.read_only.to_string(), "false"),
        (json!({}), |s| (s.request.body == BodySpec::None).to_string(), "true"),
        (json!({}), |s| (s.auth == Auth::default()).to_string(), "true"),
        (json!({}), |s| format!("{} {}", s.records.each, s.records.missing_is_empty), " false"),
        (json!({}), |s| format!("{:?} {:?} {:?}", s.id, s.order, s.size), "None None None"),
        (
            json!({"order": {"by": "/id"}}),
            |s| format!("{:?}", s.order),
            "Some(OrderSpec { by: \"/id\", descending: false, immutable: false })",
        ),
        (json!({"size": {}}), |s| s.size.as_ref().unwrap().min.to_string(), "1"),
        (json!({"id": "/id"}), |s| s.id.as_ref().unwrap().dense.to_string(), "false"),
        (
            json!({}),
            |s| format!("{:?} {:?} {:?}", s.pagination.expired, s.pagination.reuse, s.pagination.stable),
            "Fail Idempotent Unknown",
        ),
        (
            json!({}),
            |s| format!("{:?} {} {}", s.pagination.lifetime, s.pagination.contact, s.pagination.reread),
            "None true false",
        ),
        (
            json!({"pagination": {"style": "offset"}}),
            style,
            "Offset { write: query:offset, start: 0, step: Records }",
        ),
        (page(), style, "Page { write: query:page, start: 1 }"),
        (
            json!({"pagination": {"style": "link", "read": "link:next"}}),
            style,
            "Link { read: link:next, take: Url }",
        ),
        (
            json!({"id": "/k", "pagination": {"style": "keyset", "write": "query:after"}}),
            style,
            "Keyset(last:/k > query:after from None)",
        ),
        (json!({}), style, "Cursor(body:/next > query:cursor from None)"),
        (json!({}), ends, "[Missing]"),
        (json!({"pagination": {"style": "link", "read": "link:next"}}), ends, "[Missing]"),
        (
            json!({"id": "/k", "pagination": {"style": "keyset", "write": "query:after"}}),
            ends,
            "[Short, Empty]",
        ),
        (page(), ends, "[Short, Empty]"),
        (json!({"pagination": {"style": "page"}, "total": "body:/total"}), ends, "[Short, Empty, Total]"),
        (
            json!({"pagination": {"style": "offset"}, "total": {"read": "body:/t", "kind": "estimate"}}),
            ends,
            "[Short, Empty]",
        ),
        (json!({"pagination": {"style": "single"}}), ends, "[]"),
        (json!({"total": "body:/total"}), |s| format!("{:?}", s.total.as_ref().unwrap().kind), "Exact"),
        (
            json!({}),
            |s| format!("{:?} {:?} {:?} {:?}", s.incomplete, s.total, s.cap, s.classify),
            "None None None []",
        ),
        (json!({}), |s| format!("{:?} {:?} {}", s.rate.windows, s.rate.hints, s.rate.burst), "[] [] false"),
        (json!({}), |s| s.rate.max_wait.to_string(), "15m"),
        (json!({}), |s| format!("{} {}", s.concurrency, s.ahead), "1 2"),
        (
            json!({}),
            |s| format!("{} {} {} {}", s.retry.attempts, s.retry.base, s.retry.cap, s.retry.page_time),
            "6 500ms 1m 5m",
        ),
        (
            json!({}),
            |s| {
                format!(
                    "{} {} {:?} {}",
                    s.limits.pages, s.limits.requests, s.limits.records, s.limits.no_progress
                )
            },
            "100000 400000 None 3",
        ),
        (json!({}), |s| format!("{} {:?}", s.limits.body, s.limits.deadline), "67108864 None"),
        (json!({"limits": {"pages": 7}}), |s| s.limits.requests.to_string(), "28"),
        (json!({}), |s| format!("{} {}", s.capture.len(), s.origins.len()), "0 0"),
    ]);
}

#[test]
fn what_is_said_is_held() {
    table(&[
        (json!({"name": "leads"}), |s| s.name.clone(), "leads"),
        (
            json!({"request": {"url": "https://a.example/", "method": "HEAD"}}),
            |s| s.request.method.as_str().to_owned(),
            "HEAD",
        ),
        (
            json!({"request": {"url": "https://a.example/", "query": {"b": [1, "x", null], "a": true, "z": null}, "headers": {"X-B": 1, "X-A": "a"},
                "first": {"query": {"f": 1}}, "then": {"headers": {"X-T": "1"}}}}),
            |s| {
                format!(
                    "{:?} {:?} {:?} {:?}",
                    s.request.always.query,
                    s.request.always.headers,
                    s.request.first.query,
                    s.request.then.headers
                )
            },
            r#"[("a", ["true"]), ("b", ["1", "x"])] [("x-a", "a"), ("x-b", "1")] [("f", ["1"])] [("x-t", "1")]"#,
        ),
        (
            json!({"request": {"url": "https://a.example/", "method": "POST", "read_only": true, "body": {"b": 1, "a": {}}, "then": {"body": {"c": 2}}}}),
            |s| {
                let BodySpec::Json(body) = &s.request.body else { panic!() };
                format!(
                    "{} {}",
                    body.get(&pointer("/b")).unwrap().to_json(),
                    s.request.then.body.as_ref().unwrap().to_json()
                )
            },
            r#"1 {"c":2}"#,
        ),
        (
            json!({"request": {"url": "https://a.example/", "method": "POST", "read_only": true, "form": {"b": 1, "a": [2, 3]}}}),
            |s| {
                let BodySpec::Form(form) = &s.request.body else { panic!() };
                format!("{form:?}")
            },
            r#"[("a", ["2", "3"]), ("b", ["1"])]"#,
        ),
        (
            json!({"request": {"url": "https://a.example/", "method": "POST", "read_only": true, "text": "take {MAX}"}, "size": {"write": "text:MAX", "value": 5}}),
            |s| {
                let BodySpec::Text(text) = &s.request.body else { panic!() };
                text.clone()
            },
            "take {MAX}",
        ),
        (
            json!({"records": {"at": ["/a", ""], "each": "/b", "missing": "empty", "drop": {"record:/m": "include"}}}),
            |s| {
                format!(
                    "{:?} {} {} {}",
                    s.records.at,
                    s.records.each,
                    s.records.missing_is_empty,
                    s.records.drop.is_some()
                )
            },
            r#"["/a", ""] /b true true"#,
        ),
        (json!({"id": ["/a", "/b"]}), |s| format!("{:?}", s.id.as_ref().unwrap().at), r#"["/a", "/b"]"#),
        (json!({"id": {"at": "/a", "dense": true}}), |s| s.id.as_ref().unwrap().dense.to_string(), "true"),
        (
            json!({"order": {"by": "/d", "direction": "desc", "immutable": true}}),
            |s| format!("{:?}", s.order),
            "Some(OrderSpec { by: \"/d\", descending: true, immutable: true })",
        ),
        (
            json!({"size": {"write": "query:limit", "value": 500, "min": 2, "max": 100, "echo": "body:/limit"}}),
            |s| {
                let size = s.size.as_ref().unwrap();
                format!(
                    "{:?} {:?} {} {:?} {}",
                    size.value,
                    size.clamped_from,
                    size.min,
                    size.max,
                    size.echo.as_ref().unwrap()
                )
            },
            "Some(100) Some(500) 2 Some(100) body:/limit",
        ),
        (
            json!({"size": {"value": 100, "max": 100}}),
            |s| format!("{:?}", s.size.as_ref().unwrap().clamped_from),
            "None",
        ),
        (
            json!({"pagination": {"style": "offset", "step": "echo", "start": 1, "verify": "reread"}, "size": {"echo": "body:/n"}}),
            |s| format!("{} {}", style(s).contains("start: 1, step: Echo("), s.pagination.reread),
            "true true",
        ),
        (
            json!({"pagination": {"style": "link", "read": "body:/next", "take": "param:c"}}),
            style,
            "Link { read: body:/next, take: Param(\"c\") }",
        ),
        (
            json!({"pagination": {"state": [{"write": "query:p", "start": 3, "next": {"add": "one"}}, {"write": "query:b", "next": "body:/a"}]}, "end": ["repeat"]}),
            |s| style(s).replace("Read(Locator { place: Body(\"/a\"), template: None })", "body:/a"),
            "query:p from Some(3) by Add(One);query:b from None by body:/a;",
        ),
        (
            json!({"pagination": {"state": [{"write": "query:p", "start": 0, "next": {"add": "size"}}]}, "size": {"value": 5}, "end": ["empty"]}),
            style,
            "query:p from Some(0) by Add(Size);",
        ),
        (
            json!({"end": ["missing", "repeat", "empty", "short", {"status": 404}]}),
            ends,
            "[Missing, Repeat, Empty, Short, Status(404)]",
        ),
        (
            json!({"end": [{"flag": "body:/more", "is": false}, {"absent": "link:next"}, {"pages": "header:X-Pages~{}"}]}),
            ends,
            "[Flag(Locator { place: Body(\"/more\"), template: None }, Literal(false)), Absent(Locator { place: Link(\"next\"), template: None }), Pages(Locator { place: Header(\"x-pages\"), template: Some(Template(\"{}\")) })]",
        ),
        (
            json!({"incomplete": {"flag": "body:/partial", "is": "yes"}}),
            |s| {
                let (at, is) = s.incomplete.as_ref().unwrap();
                format!("{at} {is:?}")
            },
            "body:/partial Literal(\"yes\")",
        ),
        (
            json!({"total": {"read": "body:/t", "kind": "at_least", "cap": 9, "request": {"url": "https://api.example.com:8443/count", "query": {"q": 1}}}}),
            |s| {
                let t = s.total.as_ref().unwrap();
                let r = t.request.as_ref().unwrap();
                format!("{:?} {:?} {} {:?}", t.kind, t.cap, r.url.as_ref().unwrap().as_str(), r.query)
            },
            "AtLeast Some(9) https://api.example.com:8443/count [(\"q\", [\"1\"])]",
        ),
        (json!({"cap": {"records": 5}}), |s| format!("{:?}", s.cap), "Some(Records(5))"),
        (json!({"cap": {"offset": 5}}), |s| format!("{:?}", s.cap), "Some(Offset(5))"),
        (json!({"cap": {"pages": 5}}), |s| format!("{:?}", s.cap), "Some(Pages(5))"),
        (
            json!({"classify": [{"when": {"status": {"in": [429]}, "body:/e": {"not": {"starts": "a"}}}, "is": "throttled", "wait": "30s"}]}),
            |s| format!("{:?}", s.classify),
            "[ClassRule { when: Condition([(Locator { place: Body(\"/e\"), template: None }, Not(Starts(\"a\"))), (Locator { place: Status, template: None }, In([Literal(429)]))]), is: Throttled, wait: Some(For(Millis(30000))) }]",
        ),
        (
            json!({"classify": [{"when": {"body:/e": {"contains": "x"}, "body:/f": {"present": false}}, "is": "transient", "wait": "body:/w"}]}),
            |s| format!("{:?} {:?}", s.classify[0].when.0[0].1, s.classify[0].when.0[1].1),
            "Contains(\"x\") Present(false)",
        ),
        (
            json!({"rate": [{"requests": 7, "per": "1s", "burst": 3}], "pacing": "burst", "max_wait": "1h"}),
            |s| format!("{:?} {} {}", s.rate.windows, s.rate.burst, s.rate.max_wait),
            "[RateWindow { requests: 7, per: Millis(1000), burst: Some(3) }] true 1h",
        ),
        (
            json!({"hints": hints()}),
            |s| format!("{:?}", s.rate.hints.iter().map(|hint| hint.means).collect::<Vec<_>>()),
            "[Remaining, Limit, ResetEpochSeconds, ResetEpochMillis, ResetSeconds, ResetMillis, UsedOfLimit, WaitSeconds, WaitMillis]",
        ),
        (
            json!({"concurrency": 8, "ahead": 5, "pagination": {"style": "page", "start": 0, "write": "query:p"}}),
            |s| format!("{} {} {}", s.concurrency, s.ahead, style(s)),
            "8 5 Page { write: query:p, start: 0 }",
        ),
        (
            json!({"retry": {"attempts": 3, "base": "1s", "cap": "2s", "page_time": "3s"}}),
            |s| format!("{:?}", s.retry),
            "RetrySpec { attempts: 3, base: Millis(1000), cap: Millis(2000), page_time: Millis(3000) }",
        ),
        (
            json!({"limits": {"pages": 1, "requests": 2, "records": 3, "no_progress": 4, "body": "5KiB", "deadline": "6s"}}),
            |s| format!("{:?}", s.limits),
            "Limits { pages: 1, requests: 2, records: Some(3), no_progress: 4, body: 5120, deadline: Some(Millis(6000)) }",
        ),
        (
            json!({"capture": {"delta": "body:/d", "sync": "header:X"}, "origins": ["https://b.example"]}),
            |s| format!("{} {} {}", s.capture["delta"], s.capture["sync"], s.origins[0]),
            "body:/d header:x https://b.example",
        ),
    ]);
}

#[test]
fn a_first_position_keeps_its_bytes() {
    let read = Source::from_json(
        r#"{"request":{"url":"https://a.example/"},"records":"","pagination":{"style":"cursor","read":"header:X-Next",
            "write":"query:c","start":[1.50,{"a":1e400}],"expired":"restart","lifetime":"30s","reuse":"advances",
            "stable":"snapshot","contact":"off"}}"#,
        &Fill::none(),
    )
    .unwrap();
    let p = &read.pagination;
    assert_eq!(style(&read), r#"Cursor(header:x-next > query:c from Some([1.50,{"a":1e400}]))"#);
    assert_eq!(
        format!("{:?} {:?} {:?} {:?} {}", p.expired, p.lifetime, p.reuse, p.stable, p.contact),
        "Restart Some(Millis(30000)) Advances Snapshot false"
    );
}

/// Every meaning a hint can have.
fn hints() -> Value {
    let means = ["remaining", "limit", "reset_epoch", "reset_epoch_ms", "reset_seconds", "reset_ms"];
    let means = means.into_iter().chain(["used_of_limit", "wait_seconds", "wait_ms"]);
    means.map(|means| json!({"read": "header:X", "means": means})).collect()
}

fn pointer(text: &str) -> everypage_core::json::Pointer {
    everypage_core::json::Pointer::parse(text).unwrap()
}

fn ends(source: &Source) -> String {
    format!("{:?}", source.end)
}

fn style(source: &Source) -> String {
    match &source.pagination.style {
        Style::Cursor(t) => format!("Cursor({} > {} from {:?})", t.read, t.write, t.start),
        Style::Keyset(t) => format!("Keyset({} > {} from {:?})", t.read, t.write, t.start),
        Style::Link { read, take } => format!("Link {{ read: {read}, take: {take:?} }}"),
        Style::Offset { write, start, step } => {
            format!("Offset {{ write: {write}, start: {start}, step: {step:?} }}")
        }
        Style::Page { write, start } => format!("Page {{ write: {write}, start: {start} }}"),
        Style::Single => "Single".to_owned(),
        Style::States(states) => {
            let all = states.iter().map(|s| format!("{} from {:?} by {:?};", s.write, s.start, s.next));
            all.collect::<Vec<_>>().concat()
        }
    }
}

#[test]
fn the_example_of_the_documentation_is_understood() {
    let text = r#"{
        "name": "leads",
        "request": { "url": "https://api.example.com/v1/leads", "query": {"status": "active"} },
        "auth": { "bearer": "${LEADS_TOKEN}" },
        "records": "/data",
        "id": "/id",
        "size": { "write": "query:limit", "value": 100, "max": 1000 },
        "pagination": { "style": "cursor", "read": "body:/pagination/next_cursor", "write": "query:cursor" },
        "end": [ "missing", {"flag": "body:/pagination/has_more", "is": false} ],
        "total": { "read": "body:/pagination/total", "kind": "exact" },
        "rate": [ {"requests": 100, "per": "60s"} ]
    }"#;
    let env = |name: &str| (name == "LEADS_TOKEN").then(|| "abc".to_owned());
    let source = Source::from_json(text, &Fill { env: &env, ..Fill::none() }).unwrap();
    let (name, value) = &source.auth.headers[0];
    assert_eq!((name.as_str(), value.expose()), ("authorization", "Bearer abc"));
    let error = Source::from_json(text, &Fill::none()).err().unwrap();
    assert!(error.to_string().contains("LEADS_TOKEN"), "{error}");
    let auth = json!({"header": {"X-Token": "t"}});
    let source = Source::from_json(text, &Fill { auth: Some(&auth), ..Fill::none() }).unwrap();
    let (name, value) = &source.auth.headers[0];
    assert_eq!((name.as_str(), value.expose(), source.auth.headers.len()), ("x-token", "t", 1));
}

#[test]
fn variables_shape_the_source() {
    let vars =
        BTreeMap::from([("SHOP".to_owned(), "acme".to_owned()), ("WHAT".to_owned(), "orders".to_owned())]);
    let text = r#"{"request": {"url": "https://{SHOP}.example.com/{WHAT}"}, "records": "/{WHAT}", "pagination": {"style": "single"}}"#;
    let source = Source::from_json(text, &Fill { vars: &vars, ..Fill::none() }).unwrap();
    assert_eq!((source.name.as_str(), source.records.at[0].as_str()), ("acme.example.com/orders", "/orders"));
    let error = Source::from_json(text, &Fill::none()).err().unwrap();
    let fields: Vec<&str> = error.faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["request.url", "request.url", "records"]);
}

#[test]
fn faults_come_in_the_order_of_the_grammar() {
    let text = r#"{"zzz": 1, "limits": {"pages": 0}, "size": {"value": 0}, "records": 1, "name": ""}"#;
    let error = Source::from_json(text, &Fill::none()).err().unwrap();
    let fields: Vec<&str> = error.faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["name", "request", "records", "size.value", "pagination", "limits.pages", "zzz"]);
}

#[test]
fn a_document_full_of_faults_is_answered_in_time() {
    let many = format!(r#"{{"origins": [{}]}}"#, vec!["0"; 400_000].join(","));
    let error = Source::from_json(&many, &Fill::none()).err().unwrap();
    assert!(error.faults.len() <= 1001 && error.to_string().contains("more faults than are listed"));
    let keys: Vec<String> = (0..60_000).map(|n| format!("\"key{n}\":0")).collect();
    let error = Source::from_json(&format!("{{{}}}", keys.join(",")), &Fill::none()).err().unwrap();
    assert!(error.faults.len() <= 1001);
}
