//! Bodies: rows B-B1 to B-B26.

use super::case::{
    Answer, Came, Case, LAST, Row, URL, body, case, cursor, expect, json, next, noted, page, row, run,
    run_unchecked, source,
};
use everypage_core::facts::{CheckName, Outcome, Verdict};
use everypage_core::http::Response;

/// A body that never becomes better: so many tries, then this error; nothing is handed out and nothing ended.
fn bad(text: &'static [u8], code: &'static str, tries: usize) -> Case {
    case(String::from_utf8_lossy(text), move || {
        let ran = run(&cursor(json!({})), &vec![body(text); 20]);
        expect(ran.records.is_empty(), || format!("handed out {:?}", ran.records))?;
        ran.gave_up(code, tries)
    })
}

/// Records that come out byte for byte.
fn kept(records: &'static [&'static str]) -> Case {
    case(records, move || {
        let text = format!(r#"{{"data":[{}],"next":null}}"#, records.join(" , "));
        let ran = run(&cursor(json!({})), &[body(text)]);
        expect(ran.records == records && ran.code.is_none(), || format!("{:?} {:?}", ran.code, ran.records))
    })
}

fn mismatch(text: &'static str, says: &'static str) -> Case {
    case(text, move || {
        let ran = run(&cursor(json!({})), &[body(text)]);
        ran.failed("EP_SOURCE_MISMATCH")?;
        let advice = ran.outcome.report.error.as_ref().map_or("", |error| &error.advice);
        expect(advice.contains(says), || format!("{advice} does not say {says}"))
    })
}

/// What stands at the place of the cursor, and what comes of it.
fn position(value: &'static str, came: fn(&super::case::Ran) -> Came) -> Case {
    case(value, move || came(&run(&cursor(json!({})), &[next(value)])))
}

fn check(ran: &super::case::Ran, name: CheckName) -> Option<Outcome> {
    ran.outcome.report.checks.iter().find(|check| check.name == name).map(|check| check.outcome)
}

pub fn rows() -> Vec<Row> {
    let mut rows = shapes();
    rows.extend(values());
    rows
}

fn shapes() -> Vec<Row> {
    vec![
        row("B-B1", [bad(b"", "EP_BAD_BODY", 3), bad(b"  \n", "EP_BAD_BODY", 3)]),
        row(
            "B-B2",
            [case("cut at any byte", || {
                for cut in 0..LAST.len() {
                    let ran = run(&cursor(json!({})), &vec![body(&LAST.as_bytes()[..cut]); 5]);
                    ran.gave_up("EP_BAD_BODY", 3).map_err(|why| format!("cut at {cut}: {why}"))?;
                    let healed = run(&cursor(json!({})), &[body(&LAST.as_bytes()[..cut])]);
                    healed.tried_again(0, 10_000).map_err(|why| format!("healed at {cut}: {why}"))?;
                }
                Ok(())
            })],
        ),
        row(
            "B-B3",
            [
                bad(br#"{"data":[],"next":null}{"data":[]}"#, "EP_BAD_BODY", 3),
                bad(br#"{"data":[],"next":null} x"#, "EP_BAD_BODY", 3),
                bad(br#"{"data":[],"next":null,}"#, "EP_BAD_BODY", 3),
                bad(br#"{"data":[1,],"next":null}"#, "EP_BAD_BODY", 3),
                bad(br#"{"data":[] /* none */,"next":null}"#, "EP_BAD_BODY", 3),
                bad(br#"{"data":[{"id":NaN}],"next":null}"#, "EP_BAD_BODY", 3),
            ],
        ),
        row(
            "B-B4",
            [case("BOM", || {
                let ran = run(&cursor(json!({})), &[body(format!("\u{feff}{LAST}"))]);
                expect(ran.records == [r#"{"id":"the last"}"#] && ran.code.is_none(), || {
                    format!("{:?}", ran.code)
                })
            })],
        ),
        noted(
            "B-B5",
            "the flag is the scan's; the report has no place for it",
            [
                case("in a record", || {
                    let ran = run(
                        &cursor(json!({})),
                        &[body(b"{\"data\":[{\"id\":1,\"x\":\"\xff\"}],\"next\":null}".as_slice())],
                    );
                    let raw = ran.outcome.records.first().is_some_and(|r| r == b"{\"id\":1,\"x\":\"\xff\"}");
                    expect(raw && ran.code.is_none(), || format!("{:?}", ran.records))
                }),
                bad(b"{\"data\":[{\"id\":1}],\"next\":\"\xff\"}", "EP_BAD_BODY", 3),
            ],
        ),
        row("B-B6", [kept(&[r#"{"id":1,"x":"\ud800"}"#, r#"{"id":"\udfff\ud800"}"#])]),
        row(
            "B-B7",
            [
                kept(&[
                    r#"{"id":9007199254740993,"x":1e400,"y":-0,"z":1.10}"#,
                    r#"{ "id" : 18446744073709551616 }"#,
                ]),
                case("5,000 digits", || {
                    let record = format!(r#"{{"id":1,"x":{}}}"#, "7".repeat(5000));
                    let ran =
                        run(&cursor(json!({})), &[body(format!(r#"{{"data":[{record}],"next":null}}"#))]);
                    expect(ran.records == [record], || "changed".to_owned())
                }),
            ],
        ),
        row(
            "B-B8",
            [case("1, \"1\", 1.0 on three pages", || {
                let pages = ["1", "\"1\"", "1.0", "1"].iter().enumerate();
                let pages = pages.map(|(i, id)| body(format!(r#"{{"data":[{{"id":{id}}}],"next":"c{i}"}}"#)));
                let ran = run(&cursor(json!({})), &pages.collect::<Vec<_>>());
                let counts = ran.outcome.report.counts;
                expect((counts.records, counts.duplicates) == (3, 1), || format!("{counts:?}"))
            })],
        ),
        noted(
            "B-B9",
            "an id longer than any value that is read is TooLarge",
            [
                mismatch(r#"{"data":[{"id":1},{"x":1}],"next":null}"#, "data/1"),
                mismatch(r#"{"data":[{"id":null}],"next":null}"#, "data/0"),
                mismatch(r#"{"data":[{"id":1},{"id":2},{"id":{"a":1}}],"next":null}"#, "data/2"),
                mismatch(r#"{"data":[{"id":[1]}],"next":null}"#, "data/0"),
                bad(br#"{"data":[{"id":NaN}],"next":null}"#, "EP_BAD_BODY", 3),
                case("10 MiB", || {
                    let text = format!(r#"{{"data":[{{"id":"{}"}}],"next":null}}"#, "x".repeat(10 << 20));
                    run(&cursor(json!({})), &[body(text)]).failed("EP_TOO_LARGE")
                }),
            ],
        ),
        row("B-B10", [bad(br#"{"data":[{"id":1}],"next":"a","next":null}"#, "EP_BAD_BODY", 3)]),
        row(
            "B-B11",
            [129, 1_000_000].map(|depth| {
                case(depth, move || {
                    let text =
                        format!(r#"{{"data":[{}{}],"next":null}}"#, "[".repeat(depth), "]".repeat(depth));
                    run(&cursor(json!({})), &[body(text)]).failed("EP_TOO_LARGE")
                })
            }),
        ),
        row(
            "B-B12",
            [
                mismatch(r#"{"data":null,"next":null}"#, "data"),
                mismatch(r#"{"data":{"id":1},"next":null}"#, "data"),
                mismatch(r#"{"data":"[]","next":null}"#, "data"),
                mismatch(r#"{"next":null}"#, "data"),
                mismatch(r#"{"results":[{"id":1}],"next":null}"#, "/results"),
                case("declared", || {
                    let doc = cursor(json!({"records": {"at": "/data", "missing": "empty"}}));
                    for text in [r#"{"data":null,"next":null}"#, r#"{"next":null}"#] {
                        let ran = run(&doc, &[body(text)]);
                        expect(ran.code.is_none() && ran.urls.len() == 1, || {
                            format!("{text}: {:?}", ran.code)
                        })?;
                    }
                    run(&doc, &[body(r#"{"data":{},"next":null}"#)]).failed("EP_SOURCE_MISMATCH")
                }),
            ],
        ),
        noted(
            "B-B13",
            "a pointer never hits two places; several are alternatives, the first that is there wins",
            [mismatch(r#"{"data":{"data":[{"id":1}]},"next":null}"#, "/data/data")],
        ),
        noted(
            "B-B25",
            "only JSON is read so far",
            [bad(b"{\"id\":1}\n{\"id\":2}", "EP_BAD_BODY", 3), bad(b"id,name\n1,\"cut", "EP_BAD_BODY", 3)],
        ),
    ]
}

fn values() -> Vec<Row> {
    vec![
        noted(
            "B-B14",
            "null and \"\" end with authority; an absent one does once a position was there before",
            [
                position("\"\"", |ran| {
                    expect(ran.urls.len() == 1 && ran.code.is_none(), || format!("{:?}", ran.urls))
                }),
                position("null", |ran| {
                    expect(ran.urls.len() == 1 && ran.code.is_none(), || format!("{:?}", ran.urls))
                }),
                case("absent", || {
                    run(&cursor(json!({})), &[body(r#"{"data":[{"id":1}]}"#)]).ended_unproven()
                }),
                position("false", |ran| ran.failed("EP_SOURCE_MISMATCH")),
                position("true", |ran| ran.failed("EP_SOURCE_MISMATCH")),
                position("[]", |ran| ran.failed("EP_SOURCE_MISMATCH")),
                position("{ }", |ran| ran.failed("EP_SOURCE_MISMATCH")),
                position("0", |ran| ran.followed(&format!("{URL}?cursor=0"))),
                position("\"0\"", |ran| ran.followed(&format!("{URL}?cursor=0"))),
                position("\"null\"", |ran| ran.followed(&format!("{URL}?cursor=null"))),
                position("12345678901234567890", |ran| {
                    ran.followed(&format!("{URL}?cursor=12345678901234567890"))
                }),
            ],
        ),
        row(
            "B-B15",
            [case("1 MiB", || {
                run(&cursor(json!({})), &[next(&format!("\"{}\"", "x".repeat(1 << 20)))])
                    .failed("EP_TOO_LARGE")
            })],
        ),
        row(
            "B-B16",
            ["\"false\"", "0", "1", "\"no\""].map(|flag| {
                case(flag, move || {
                    let doc = cursor(json!({"end": [{"flag": "body:/has_more", "is": false}]}));
                    let first = format!(r#"{{"data":[{{"id":1}}],"next":"c2","has_more":{flag}}}"#);
                    run(&doc, &[body(first)]).followed(&format!("{URL}?cursor=c2"))?;
                    // Without a position it is a contradiction, and the end is not proven.
                    let alone = format!(r#"{{"data":[{{"id":1}}],"has_more":{flag}}}"#);
                    let ran = run(&doc, &[body(alone)]);
                    expect(ran.verdict() != Verdict::Complete, || "complete".to_owned())
                })
            }),
        ),
        noted(
            "B-B17",
            "a total that is no whole number is unknown; more keys than a total is the total's lie",
            [
                ("\"137\"", Some(137)),
                ("-1", None),
                ("1e3", None),
                ("null", None),
                ("25001", Some(25001)),
                ("0", Some(0)),
            ]
            .map(|(total, read)| {
                case(total, move || {
                    let mut doc = cursor(json!({"total": "body:/total"}));
                    doc["pagination"]["stable"] = json!("key");
                    let pages = [
                        format!(r#"{{"data":[{{"id":1}}],"next":"c2","total":{total}}}"#),
                        format!(r#"{{"data":[{{"id":2}}],"next":null,"total":{total}}}"#),
                    ];
                    let ran = run(&doc, &pages.map(body));
                    let seen = ran.outcome.report.total.last;
                    expect(ran.urls.len() == 2 && seen == read, || format!("{:?} {seen:?}", ran.urls))?;
                    let short = read.is_some_and(|total| total > 2);
                    let failed = check(&ran, CheckName::Total) == Some(Outcome::Failed);
                    let lowered = ran.verdict() == Verdict::Incomplete;
                    expect(failed == short && lowered == short, || format!("{:?}", ran.verdict()))
                })
            })
            .into_iter()
            .chain([case("the greatest number there is", || {
                for kind in ["exact", "estimate", "at_least", "remaining", "page"] {
                    let doc = cursor(json!({"total": {"read": "body:/total", "kind": kind}}));
                    let pages = [(1, "\"c2\""), (2, "null")].map(|(id, next)| {
                        body(format!(
                            r#"{{"data":[{{"id":{id}}}],"next":{next},"total":18446744073709551615}}"#
                        ))
                    });
                    let ran = run(&doc, &pages);
                    expect(ran.code.is_none() && ran.urls.len() == 2, || format!("{kind}: {:?}", ran.code))?;
                }
                Ok(())
            })]),
        ),
        row(
            "B-B18",
            [
                kept(&[
                    r#"{"id":1,"__proto__":{"id":2},"constructor":1,"toString":null}"#,
                    r#"{"id":"__proto__"}"#,
                ]),
                case("as the cursor's name and as a filter's", || {
                    let mut doc = source(
                        json!({"style": "cursor", "read": "body:/__proto__", "write": "query:constructor"}),
                        json!({}),
                    );
                    doc["request"]["query"] = json!({"toString": "x"});
                    let first = body(r#"{"data":[{"id":1}],"__proto__":"c2"}"#);
                    run(&doc, &[first]).followed(&format!("{URL}?constructor=c2&toString=x"))
                }),
            ],
        ),
        noted(
            "B-B19",
            "the hint is in the advice",
            [case("a login page", || {
                let mut html = Response { body: b"<!doctype html><form>Log in</form>".to_vec(), ..page("") };
                html.headers.push("content-type", "text/html");
                let ran = run(&cursor(json!({})), &vec![Answer::Page(html); 5]);
                ran.gave_up("EP_BAD_BODY", 3)?;
                let advice = &ran.outcome.report.error.as_ref().ok_or("no error")?.advice;
                expect(advice.contains("HTML"), || advice.clone())
            })],
        ),
        row(
            "B-B20",
            [
                case("data and errors", || {
                    let text = r#"{"data":[{"id":1}],"next":null,"errors":[{"message":"partial"}]}"#;
                    let ran = run(&cursor(json!({})), &vec![body(text); 20]);
                    expect(ran.records.is_empty(), || "handed out".to_owned())?;
                    ran.gave_up("EP_SERVER_ERROR", 6)
                }),
                case("allowed", || {
                    let doc = cursor(
                        json!({"classify": [{"when": {"body:/errors": {"present": true}}, "is": "accept"}]}),
                    );
                    let ran = run(
                        &doc,
                        &[body(r#"{"data":[{"id":1}],"next":null,"errors":[{"message":"partial"}]}"#)],
                    );
                    expect(ran.records.len() == 1 && ran.code.is_none(), || format!("{:?}", ran.code))
                }),
            ],
        ),
        noted(
            "B-B21",
            "what the words of an API mean is its source's to say; undeclared it is transient, then failed",
            [
                case("declared", || {
                    let doc = cursor(json!({"classify": [
                        {"when": {"body:/errors/0/type": "RATE_LIMITED"}, "is": "throttled"}]}));
                    let text = r#"{"errors":[{"type":"RATE_LIMITED"}]}"#;
                    run(&doc, &[body(text)]).tried_again(0, 2000)?;
                    run(&doc, &vec![body(text); 20]).gave_up("EP_RATE_LIMITED", 6)
                }),
                bad(br#"{"errors":[{"type":"RATE_LIMITED"}]}"#, "EP_SERVER_ERROR", 6),
            ],
        ),
        row(
            "B-B22",
            [case("the same page, always a new cursor", || {
                let pages: Vec<Answer> = (0..20).map(|i| next(&format!("\"c{i}\""))).collect();
                let ran = run(&cursor(json!({})), &pages);
                let code = ran.code.as_deref();
                expect(matches!(code, Some("EP_NO_PROGRESS" | "EP_LIST_RESTARTED")), || format!("{code:?}"))?;
                expect(ran.urls.len() <= 4 && ran.records.len() == 1, || {
                    format!("{} requests", ran.urls.len())
                })?;
                let other: Vec<Answer> = (0..20)
                    .map(|i| {
                        body(format!(r#"{{"data":[{{"id":{}}}],"next":"c{i}"}}"#, if i == 0 { 1 } else { 2 }))
                    })
                    .collect();
                let ran = run(&cursor(json!({})), &other);
                expect(ran.code.as_deref() == Some("EP_NO_PROGRESS") && ran.urls.len() == 5, || {
                    format!("{:?} after {}", ran.code, ran.urls.len())
                })
            })],
        ),
        row(
            "B-B23",
            [case("10^6 rows when 100 were asked for", || {
                let rows: Vec<String> = (0..1_000_000).map(|i| i.to_string()).collect();
                let doc = source(
                    json!({"style": "cursor", "read": "body:/next", "write": "query:cursor"}),
                    json!({"id": "", "size": {"write": "query:limit", "value": 100}}),
                );
                let text = format!(r#"{{"data":[{}],"next":null}}"#, rows.join(","));
                let report = run_unchecked(&doc, &text);
                let size = report.checks.iter().find(|check| check.name == CheckName::PageSize);
                expect(report.counts.records == 1_000_000 && report.error.is_none(), || {
                    format!("{:?}", report.counts)
                })?;
                let noted = size.is_some_and(|check| check.note.is_some() || check.found == Some(1_000_000));
                expect(noted, || format!("{size:?}"))
            })],
        ),
        row(
            "B-B24",
            [case("one row 100 times", || {
                let text = format!(r#"{{"data":[{}],"next":null}}"#, vec![r#"{"id":1}"#; 100].join(","));
                let ran = run(&cursor(json!({})), &[body(text)]);
                let counts = ran.outcome.report.counts;
                expect((counts.records, counts.duplicates) == (1, 99) && ran.records.len() == 1, || {
                    format!("{counts:?}")
                })
            })],
        ),
        row(
            "B-B26",
            [
                kept(&[r#"{"id":1,"@removed":{"reason":"deleted"}}"#]),
                case("dropped where the source says so", || {
                    let drop = json!({"at": "/data", "drop": {"record:/@removed": {"present": true}}});
                    let text = r#"{"data":[{"id":1,"@removed":{}},{"id":2}],"next":null}"#;
                    let ran = run(&cursor(json!({"records": drop})), &[body(text)]);
                    let dropped = ran.outcome.report.counts.dropped;
                    expect(ran.records == [r#"{"id":2}"#] && dropped == 1, || format!("{:?}", ran.records))
                }),
            ],
        ),
    ]
}
