//! The scenarios on which nine released libraries lost rows, looped or leaked: ours must return the right rows with
//! the right verdict, in few requests, and send no token to another host.
//!
//! `cargo test -p everypage-conformance --test peers -- --nocapture` prints the table of the README.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

use everypage_conformance::drive::{Host, Outcome};
use everypage_conformance::world::json as answer;
use everypage_core::facts::{Outcome as Found, Verdict};
use everypage_core::http::{Failure, Request, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::Now;
use everypage_core::url::Url;
use everypage_core::walk::Walk;
use serde_json::{Value, json};
use std::collections::BTreeSet;

mod servers;

use servers::{
    Answer, Asked, cursor, http_date, link, links, merge, offset, offsets, once, pages, rows, status,
    throttled,
};

struct Scenario {
    name: &'static str,
    source: Value,
    server: Answer,
    rows: u64,
    verdict: Verdict,
    /// The error's code, where the walk must fail.
    code: Option<&'static str>,
}

#[allow(clippy::too_many_lines, reason = "one table")]
fn scenarios() -> Vec<Scenario> {
    let s =
        |name, source, server, rows, verdict, code| Scenario { name, source, server, rows, verdict, code };
    let complete = Verdict::Complete;
    let envelope = json!({
        "request": {"url": "https://api.example.com/page"}, "records": "/data", "id": "/id",
        "size": {"write": "query:pageSize", "value": 50}, "pagination": {"style": "page"},
        "end": [{"flag": "body:/pagination/hasNextPage", "is": false}],
        "total": "body:/pagination/total", "order": {"by": "/id", "immutable": true},
    });
    let with = |mut doc: Value, more: Value| {
        merge(&mut doc, more);
        doc
    };
    let enveloped = |short_page: Option<u64>| -> Answer {
        Box::new(move |asked| {
            let (page, size) = (asked.number("page", 1), asked.number("pageSize", 50));
            let (from, mut to) = ((page - 1) * size, (page * size).min(250));
            let more = to < 250;
            if short_page.is_some_and(|row| (from..to).contains(&row)) {
                to -= 1;
            }
            answer(format!(
                "{{\"data\":{},\"pagination\":{{\"page\":{page},\"pageSize\":{size},\"total\":250,\"totalPages\":{},\"hasNextPage\":{more}}}}}",
                rows(from, to),
                250_u64.div_ceil(size)
            ))
        })
    };
    let odata = json!({
        "request": {"url": "https://api.example.com/odata"}, "records": "/value", "id": "/id",
        "pagination": {"style": "link", "read": "body:/@odata.nextLink", "stable": "key"}, "auth": {"bearer": "canary-token"},
    });
    let odata_server = |host: &'static str| -> Answer {
        Box::new(move |asked| {
            let at = asked.number("$skiptoken", 0);
            let next = if at + 50 < 250 {
                format!(",\"@odata.nextLink\":\"https://{host}/odata?$skiptoken={}\"", at + 50)
            } else {
                String::new()
            };
            answer(format!("{{\"value\":{}{next}}}", rows(at, (at + 50).min(250))))
        })
    };
    let missing_row: Answer = {
        let mut list: Vec<u64> = (0..250).collect();
        Box::new(move |asked| {
            if asked.before == 2 {
                list.remove(10);
            }
            let (at, limit) = (asked.number("offset", 0) as usize, asked.number("limit", 50) as usize);
            let page: Vec<String> =
                list.iter().skip(at).take(limit).map(|id| format!("{{\"id\":{id}}}")).collect();
            answer(format!("{{\"data\":[{}],\"total\":{}}}", page.join(","), list.len()))
        })
    };
    let stuck: Answer = pages(250, |at, _| {
        (at == 50).then(|| answer(format!("{{\"data\":{},\"next\":\"c_50\"}}", rows(50, 100))))
    });
    let cycle: Answer = pages(250, |at, _| {
        (at == 100).then(|| answer(format!("{{\"data\":{},\"next\":\"c_50\"}}", rows(100, 150))))
    });
    let fresh_cursor: Answer =
        Box::new(|asked| answer(format!("{{\"data\":{},\"next\":\"c_{}\"}}", rows(0, 50), asked.before + 1)));
    let restarts: Answer = pages(250, |at, _| {
        (at == 100).then(|| answer(format!("{{\"data\":{},\"next\":\"c_50x\"}}", rows(0, 50))))
    });
    vec![
        s(
            "page/pageSize/totalPages envelope, 1-based",
            envelope.clone(),
            enveloped(None),
            250,
            complete,
            None,
        ),
        s("OData @odata.nextLink", odata.clone(), odata_server("api.example.com"), 250, complete, None),
        s(
            "asked limit 200, server caps at 100",
            offset(json!({"size": {"write": "query:limit", "value": 200}})),
            offsets(250, 100, 250),
            250,
            complete,
            None,
        ),
        s(
            "… without a total",
            with(offset(json!({"size": {"write": "query:limit", "value": 200}})), json!({"total": null})),
            offsets(250, 100, 250),
            250,
            complete,
            None,
        ),
        s(
            "… plain offsets, no contact",
            offset(
                json!({"size": {"write": "query:limit", "value": 200}, "pagination": {"style": "offset", "contact": "off"}}),
            ),
            offsets(250, 100, 250),
            250,
            Verdict::Unproven,
            None,
        ),
        s("one middle page is one row short", envelope, enveloped(Some(120)), 250, complete, None),
        s(
            "empty middle page, cursor continues",
            cursor(json!({})),
            pages(250, |at, _| (at == 100).then(|| answer("{\"data\":[],\"next\":\"c_1100\"}"))),
            250,
            complete,
            None,
        ),
        s(
            "empty middle page, Link header",
            link(
                json!({"pagination": {"style": "link", "read": "link:next", "stable": "key", "contact": "off"}}),
            ),
            links(|page, _| format!("<https://api.example.com/link?page={page}>; rel=\"next\""), Some(3)),
            250,
            complete,
            None,
        ),
        s("cursor never changes", cursor(json!({})), stuck, 100, Verdict::Failed, Some("EP_LOOP")),
        s("cursor cycle A, B, A, B", cursor(json!({})), cycle, 150, Verdict::Failed, Some("EP_LOOP")),
        s(
            "ever fresh cursors, page 1 for ever",
            cursor(json!({})),
            fresh_cursor,
            50,
            Verdict::Failed,
            Some("EP_LIST_RESTARTED"),
        ),
        s(
            "an unknown cursor starts the list again",
            cursor(json!({})),
            restarts,
            100,
            Verdict::Failed,
            Some("EP_LIST_RESTARTED"),
        ),
        s(
            "next link on another host",
            odata,
            odata_server("evil.example"),
            50,
            Verdict::Failed,
            Some("EP_CROSS_ORIGIN"),
        ),
        s("429 with Retry-After: 3", cursor(json!({})), throttled(|_| "3".into()), 250, complete, None),
        s(
            "429 with an HTTP date",
            cursor(json!({})),
            throttled(|now| http_date(now.unix.unwrap().0 / 1000 + 3)),
            250,
            complete,
            None,
        ),
        s("offset walk, one row deleted meanwhile", offset(json!({})), missing_row, 250, complete, None),
        s(
            "total says 250, server serves 240",
            offset(json!({})),
            offsets(250, 50, 240),
            240,
            Verdict::Incomplete,
            None,
        ),
        s(
            "error object in a 200 mid-walk",
            cursor(json!({})),
            pages(250, once(|_| answer("{\"error\":{\"code\":\"internal\"}}"))),
            250,
            complete,
            None,
        ),
        s(
            "… that stays",
            cursor(json!({})),
            pages(250, |at, _| (at == 100).then(|| answer("{\"error\":{\"code\":\"internal\"}}"))),
            100,
            Verdict::Failed,
            Some("EP_SERVER_ERROR"),
        ),
        s(
            "empty data and errors in a 200",
            cursor(json!({})),
            pages(250, once(|_| answer("{\"data\":[],\"errors\":[{\"message\":\"x\"}]}"))),
            250,
            complete,
            None,
        ),
        s(
            "cursor expired (410)",
            cursor(json!({})),
            pages(250, |at, _| (at == 100).then(|| status(410, "{}"))),
            100,
            Verdict::Failed,
            Some("EP_CURSOR_EXPIRED"),
        ),
        s(
            "… with `expired: restart`",
            cursor(
                json!({"pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "key", "expired": "restart"}}),
            ),
            pages(250, once(|_| status(410, "{}"))),
            250,
            complete,
            None,
        ),
        s(
            "result cap: nothing past 100, total 250",
            offset(json!({})),
            offsets(250, 50, 100),
            100,
            Verdict::Incomplete,
            None,
        ),
        s(
            "cursor ends at 100, total_count 250",
            cursor(json!({"total": "body:/total_count"})),
            pages(250, |at, _| {
                (at == 50).then(|| {
                    answer(format!("{{\"data\":{},\"next\":null,\"total_count\":250}}", rows(50, 100)))
                })
            }),
            100,
            Verdict::Incomplete,
            None,
        ),
        s(
            "… and incomplete_results",
            cursor(json!({"incomplete": {"flag": "body:/incomplete_results", "is": true}})),
            pages(250, |at, _| {
                (at == 50).then(|| {
                    answer(format!(
                        "{{\"data\":{},\"next\":null,\"incomplete_results\":true}}",
                        rows(50, 100)
                    ))
                })
            }),
            100,
            Verdict::Incomplete,
            None,
        ),
        s(
            "409 in the middle",
            cursor(json!({})),
            pages(250, |at, _| (at == 100).then(|| status(409, "{}"))),
            100,
            Verdict::Failed,
            Some("EP_HTTP_STATUS"),
        ),
        s(
            "`;` and `,` in the Link URL, title before rel",
            link(
                json!({"pagination": {"style": "link", "read": "link:next", "stable": "key", "contact": "off"}}),
            ),
            links(
                |page, _| {
                    format!(
                        "<https://api.example.com/link?page={page}&f=a;b,c>; title=\"x, <https://evil.example/>; rel=next\"; rel=\"next\""
                    )
                },
                None,
            ),
            250,
            complete,
            None,
        ),
        s(
            "cursor pages overlap by 5 rows",
            cursor(json!({})),
            pages(250, |at, _| {
                (at > 0).then(|| {
                    let end = (at + 45).min(250);
                    let next = if end < 250 { format!("\"c_{end}\"") } else { "null".into() };
                    answer(format!("{{\"data\":{},\"next\":{next}}}", rows(at - 5, end)))
                })
            }),
            250,
            complete,
            None,
        ),
    ]
}

fn run(scenario: &mut Scenario) -> (Outcome, Vec<String>) {
    let source = Source::from_value(&strip_nulls(&scenario.source), &Fill::none()).unwrap();
    let host = Host { max_requests: 40, ..Host::default() };
    let mut walk = Walk::start(source, &Budget::new(), Seed(11), host.now);
    let (mut before, mut leaks) = (0, Vec::new());
    let server = &mut scenario.server;
    let mut serve = |request: &Request, now: Now| -> Result<Response, Failure> {
        let url = Url::parse(&request.url).unwrap();
        let authorized = request.headers.iter().any(|(_, value)| value.contains("canary-token"));
        let asked = Asked { url, before, authorized, now };
        before += 1;
        if asked.authorized && asked.url.origin().host() != "api.example.com" {
            leaks.push(asked.url.redacted());
        }
        Ok(server(&asked))
    };
    let outcome = host.run(&mut walk, &mut serve);
    (outcome, leaks)
}

fn strip_nulls(doc: &Value) -> Value {
    let Value::Object(members) = doc else { return doc.clone() };
    Value::Object(members.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect())
}

#[test]
fn every_scenario_gives_the_right_rows_and_the_right_verdict() {
    let mut wrong = Vec::new();
    println!("| scenario | rows | requests | verdict |\n|---|---:|---:|---|");
    for mut scenario in scenarios() {
        let (outcome, leaks) = run(&mut scenario);
        let report = &outcome.report;
        let ids: BTreeSet<u64> = outcome
            .records
            .iter()
            .map(|r| serde_json::from_slice::<Value>(r).unwrap()["id"].as_u64().unwrap())
            .collect();
        let code = report.error.as_ref().map(|e| e.code.as_str());
        let verdict = serde_json::to_string(&report.verdict).unwrap();
        println!(
            "| {} | {} | {} | {} {} |",
            scenario.name,
            ids.len(),
            outcome.asked.len(),
            verdict.trim_matches('"'),
            code.unwrap_or("")
        );
        let mut say = |what: String| wrong.push(format!("{}: {what}", scenario.name));
        if ids.len() as u64 != scenario.rows || outcome.records.len() != ids.len() {
            say(format!(
                "{} rows, {} distinct, expected {}",
                outcome.records.len(),
                ids.len(),
                scenario.rows
            ));
        }
        if report.verdict != scenario.verdict || code != scenario.code {
            let failed: Vec<_> = report.checks.iter().filter(|c| c.outcome != Found::Passed).collect();
            say(format!("verdict {:?} {code:?}, end {:?}, {failed:?}", report.verdict, report.end));
        }
        if outcome.asked.len() > 16 || outcome.runaway {
            say(format!("{} requests", outcome.asked.len()));
        }
        if !leaks.is_empty() {
            say(format!("token sent to {leaks:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_stated_wait_is_kept_to_the_second() {
    for name in ["429 with Retry-After: 3", "429 with an HTTP date"] {
        let mut scenario = scenarios().into_iter().find(|s| s.name == name).unwrap();
        let (outcome, _) = run(&mut scenario);
        let gaps: Vec<u64> = outcome.asked.windows(2).map(|w| w[1].0 - w[0].0).collect();
        let longest = *gaps.iter().max().unwrap();
        assert!((3000..=4310).contains(&longest), "{name}: {longest} ms");
    }
}
