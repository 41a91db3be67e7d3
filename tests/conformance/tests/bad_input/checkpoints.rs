//! Checkpoints: rows B-C1 to B-C15.

use super::case::{
    CANARY, Came, Row, URL, Value, body, case, cursor, drive, expect, json, noted, row, source,
};
use everypage_conformance::drive::Host;
use everypage_core::checkpoint::{Checkpoint, Digest, SinkMark};
use everypage_core::http::Request;
use everypage_core::pace::Budget;
use everypage_core::rng::{Rng, Seed};
use everypage_core::source::{Fill, Source};
use everypage_core::time::Now;
use everypage_core::walk::{ResumeError, Walk};
use std::cell::Cell;

/// A source whose cursors carry a secret, and what a walk over three of its pages leaves.
fn stopped_at(doc: &Value, pages: u64) -> String {
    let source = Source::from_value(doc, &Fill::none()).unwrap_or_else(|error| panic!("{error}"));
    let host = Host { stop_after_pages: Some(pages), ..Host::default() };
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
    let page = Cell::new(0);
    let mut server = |_: &Request, _: Now| {
        page.set(page.get() + 1);
        let at = page.get();
        Ok(everypage_conformance::world::json(format!(
            r#"{{"data":[{{"id":{at}}}],"next":"https://api.example.com/v1/leads?after={at}"}}"#
        )))
    };
    host.run(&mut walk, &mut server).checkpoint
}

fn links() -> Value {
    source(json!({"style": "link", "read": "body:/next", "contact": "off"}), json!({}))
}

fn corrupt(text: &str) -> Came {
    let code = Checkpoint::from_json(text).err().map(everypage_core::checkpoint::CheckpointError::code);
    expect(code == Some("EP_CHECKPOINT_CORRUPT"), || format!("{code:?}"))
}

fn resume(text: &str, doc: &Value) -> Result<Walk, ResumeError> {
    let checkpoint = Checkpoint::from_json(text)?;
    let source = Source::from_value(doc, &Fill::none()).unwrap_or_else(|error| panic!("{error}"));
    Walk::resume(source, &Budget::new(), checkpoint, Seed(8), Host::default().now)
}

/// The parts that are named when another source is given.
fn other(doc: &Value, part: &str) -> Came {
    match resume(&stopped_at(&cursor(json!({})), 3), doc) {
        Err(ResumeError::OtherSource(parts)) => {
            expect(parts.contains(&part.to_owned()), || format!("{parts:?}"))
        }
        Err(error) => Err(error.to_string()),
        Ok(_) => Err("taken".to_owned()),
    }
}

/// The checkpoint with its payload changed by hand and a right checksum.
fn forged(text: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut all: Value = serde_json::from_str(text).unwrap_or_default();
    change(&mut all["payload"]);
    let payload = all["payload"].to_string();
    let (length, checksum) = (payload.len(), Digest::of(payload.as_bytes()));
    format!(
        r#"{{"checksum":"{checksum}","format":"everypage-checkpoint","length":{length},"payload":{payload},"version":1}}"#
    )
}

pub fn rows() -> Vec<Row> {
    let mut rows = texts();
    rows.extend(contents());
    rows
}

fn texts() -> Vec<Row> {
    vec![
        row(
            "B-C1",
            [
                case("empty", || corrupt("")),
                case("one byte", || corrupt("{")),
                case("all zero", || corrupt(&"\0".repeat(4096))),
                case("random", || {
                    let mut rng = Rng::new(Seed(1));
                    (0..200).try_for_each(|n| {
                        let text: String = (0..n).map(|_| char::from(rng.up_to(127) as u8)).collect();
                        corrupt(&text)
                    })
                }),
            ],
        ),
        row(
            "B-C2",
            [case("cut at every byte", || {
                let text = stopped_at(&cursor(json!({})), 3);
                (0..text.len())
                    .try_for_each(|at| corrupt(&text[..at]).map_err(|why| format!("cut at {at}: {why}")))
            })],
        ),
        row(
            "B-C3",
            [case("any bit flipped", || {
                let text = stopped_at(&cursor(json!({})), 3);
                for at in 0..text.len() {
                    for bit in 0..8 {
                        let mut bytes = text.clone().into_bytes();
                        bytes[at] ^= 1 << bit;
                        // What is no text can't be handed in.
                        let Ok(flipped) = String::from_utf8(bytes) else { continue };
                        let space = |c: u8| c.is_ascii_whitespace();
                        assert!(!space(text.as_bytes()[at]), "there is no space in it");
                        let code = Checkpoint::from_json(&flipped)
                            .err()
                            .map(everypage_core::checkpoint::CheckpointError::code);
                        // A flip in the version itself is another version.
                        let good = matches!(code, Some("EP_CHECKPOINT_CORRUPT" | "EP_CHECKPOINT_VERSION"));
                        expect(good, || format!("bit {bit} of byte {at}: {code:?}"))?;
                    }
                }
                Ok(())
            })],
        ),
        row(
            "B-C4",
            [2_u64, 0, u64::from(u32::MAX)].map(|version| {
                case(version, move || {
                    let text = stopped_at(&cursor(json!({})), 3);
                    let other = text.replace("\"version\":1}", &format!("\"version\":{version}}}"));
                    assert_ne!(text, other);
                    let code = Checkpoint::from_json(&other)
                        .err()
                        .map(everypage_core::checkpoint::CheckpointError::code);
                    expect(code == Some("EP_CHECKPOINT_VERSION"), || format!("{code:?}"))
                })
            }),
        ),
        noted(
            "B-C5",
            "credentials may change between two runs: they are no part of the source's fingerprint",
            [
                case("other URL", || {
                    let mut doc = cursor(json!({}));
                    doc["request"]["url"] = json!("https://api.example.com/v2/leads");
                    other(&doc, "request")
                }),
                case("other filter", || {
                    let mut doc = cursor(json!({}));
                    doc["request"]["query"] = json!({"status": "active"});
                    other(&doc, "request")
                }),
                case("other page size", || {
                    other(&cursor(json!({"size": {"write": "query:limit", "value": 7}})), "size")
                }),
                case("other order", || other(&cursor(json!({"order": {"by": "/id"}})), "order")),
                case("other style", || other(&links(), "pagination")),
                case("other credentials", || {
                    let text = stopped_at(&cursor(json!({})), 3);
                    resume(&text, &cursor(json!({"auth": {"bearer": "another"}})))
                        .map(drop)
                        .map_err(|e| e.to_string())
                }),
            ],
        ),
        row(
            "B-C6",
            [case("keys in another order", || {
                let text = stopped_at(&cursor(json!({})), 3);
                let turned = format!(
                    r#"{{"pagination":{{"write":"query:cursor","style":"cursor","read":"body:/next"}},"id":"/id","records":"/data","auth":{{"bearer":"x"}},"request":{{"url":"{URL}"}}}}"#
                );
                let source = Source::from_json(&turned, &Fill::none()).map_err(|error| error.to_string())?;
                let checkpoint = Checkpoint::from_json(&text).map_err(|error| error.to_string())?;
                Walk::resume(source, &Budget::new(), checkpoint, Seed(8), Host::default().now)
                    .map(drop)
                    .map_err(|error| error.to_string())
            })],
        ),
    ]
}

/// What stored rows show of themselves, against the mark of the sink.
fn stored(rows: &[&str]) -> SinkMark {
    let text = stopped_at(&cursor(json!({})), 3);
    let source =
        Source::from_value(&cursor(json!({})), &Fill::none()).unwrap_or_else(|error| panic!("{error}"));
    let checkpoint = Checkpoint::from_json(&text).unwrap_or_else(|error| panic!("{error}"));
    let mut rebuild = checkpoint.rebuild(&source).unwrap_or_else(|| panic!("rows hold their ids"));
    for row in rows {
        rebuild.push(row.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    }
    let bytes = rebuild.bytes();
    let (_, rows, digest) = rebuild.finish();
    SinkMark { rows, bytes, digest }
}

fn contents() -> Vec<Row> {
    const ROWS: [&str; 3] = ["{\"id\":1}\n", "{\"id\":2}\n", "{\"id\":3}\n"];
    vec![
        noted(
            "B-C7",
            "the sink decides (SinkMismatch); the core's scan of the rows shows it",
            [case("a row less", || {
                let (mark, found) = (stored(&ROWS), stored(&ROWS[..2]));
                expect(found.rows < mark.rows && found.bytes < mark.bytes, || format!("{mark:?} {found:?}"))
            })],
        ),
        noted(
            "B-C8",
            "the sink truncates; the core's scan of the rows shows where",
            [case("a row more", || {
                let longer = [ROWS[0], ROWS[1], ROWS[2], "{\"id\":4}\n"];
                let (mark, found) = (stored(&ROWS), stored(&longer));
                expect(found.bytes > mark.bytes && stored(&longer[..3]) == mark, || {
                    format!("{mark:?} {found:?}")
                })
            })],
        ),
        noted(
            "B-C9",
            "the sink decides (SinkMismatch); the core's scan of the rows shows it",
            [case("other bytes, same length", || {
                let (mark, found) = (stored(&ROWS), stored(&[ROWS[0], ROWS[1], "{\"id\":9}\n"]));
                expect(found.bytes == mark.bytes && found.digest != mark.digest, || {
                    format!("{mark:?} {found:?}")
                })
            })],
        ),
        row(
            "B-C10",
            [case("finished", || {
                let doc = cursor(json!({}));
                let first = super::case::run(&doc, &[]);
                let mut again = resume(&first.outcome.checkpoint, &doc).map_err(|error| error.to_string())?;
                let second = drive(&mut again, Host::default(), &[]);
                let same = second.outcome.report == first.outcome.report;
                expect(same && second.urls.is_empty() && second.records.is_empty(), || {
                    second.outcome.report.to_json()
                })
            })],
        ),
        noted(
            "B-C13",
            "files end at 64 MiB",
            [
                case("longer than 64 MiB", || corrupt(&" ".repeat((64 << 20) + 1))),
                case("numbers beyond all measure", || {
                    let doc = links();
                    let text = stopped_at(&doc, 3);
                    let paths = [
                        "/counts/records",
                        "/counts/pages",
                        "/counts/requests",
                        "/counts/bytes",
                        "/skip",
                        "/audit/seams/unknown",
                        "/audit/cached",
                    ];
                    for path in paths {
                        let text = forged(&text, |payload| {
                            *payload.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = json!(u64::MAX);
                        });
                        corrupt(&text).map_err(|why| format!("{path}: {why}"))?;
                    }
                    Ok(())
                }),
                case("times before 1970: a clock that was wrong, and no wait", || {
                    let text = forged(&stopped_at(&links(), 3), |payload| {
                        payload["started"] = json!(i64::MIN);
                        payload["not_before"] = json!(i64::MIN);
                    });
                    let mut walk = resume(&text, &links()).map_err(|error| error.to_string())?;
                    let ran = drive(&mut walk, Host::default(), &[]);
                    expect(ran.code.is_none() && ran.outcome.ended.tick.0 < 2000, || {
                        format!("{:?}", ran.code)
                    })
                }),
            ],
        ),
        row(
            "B-C14",
            [case("a secret in links and cursors", || {
                let doc = source(
                    json!({"style": "link", "read": "body:/next", "contact": "off"}),
                    json!({"auth": {"query": {"api_key": "canary/5f 21"}}}),
                );
                let source = Source::from_value(&doc, &Fill::none()).map_err(|error| error.to_string())?;
                let host = Host { stop_after_pages: Some(2), ..Host::default() };
                let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
                let next =
                    "https://api.example.com/v1/leads?api_key=canary%2F5f%2021&after=1&echo=canary/5f+21";
                let other = next.replace("after=1", "after=2");
                let pages = [next, &other, &other]
                    .map(|next| format!(r#"{{"data":[{{"id":{}}}],"next":"{next}"}}"#, next.len()));
                let pages = [
                    pages[0].clone(),
                    pages[1].replace("\"id\":", "\"id\":1"),
                    pages[2].replace("\"id\":", "\"id\":2"),
                ];
                let mut left = pages.iter();
                let mut server = |_: &Request, _: Now| {
                    Ok(everypage_conformance::world::json(left.next().cloned().unwrap_or_default()))
                };
                let text = host.run(&mut walk, &mut server).checkpoint;
                let forms = [
                    "canary/5f 21",
                    "canary%2F5f%2021",
                    "canary/5f%2021",
                    "canary%2f5f%2021",
                    "canary%2F5f+21",
                    "canary/5f+21",
                ];
                forms.iter().try_for_each(|form| expect(!text.contains(form), || format!("{form} in {text}")))
            })],
        ),
        row(
            "B-C15",
            [case("another origin, the checksum right", || {
                let doc = links();
                let text = forged(&stopped_at(&doc, 3), |payload| {
                    payload["course"]["chain"]["url"] = json!("https://evil.example/v1/leads?after=2");
                });
                let mut walk = resume(&text, &doc).map_err(|error| error.to_string())?;
                let ran = drive(&mut walk, Host::default(), &[body("{}")]);
                let code = ran.code.as_deref();
                expect(code == Some("EP_CROSS_ORIGIN") && ran.urls.is_empty(), || format!("{code:?}"))?;
                expect(!ran.outcome.report.to_json().contains(CANARY), || "the secret".to_owned())
            })],
        ),
    ]
}
