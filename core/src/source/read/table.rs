//! What is found in answers, case by case.

use super::samples::{answer, found, page, source};
use super::{Found, Mismatch, Missing, Next, Reader, Rows};
use crate::facts::{Condition, Expect, Literal};
use crate::http::Response;
use crate::json::{Raw, ScanError};
use crate::source::parse_locator;

fn raw(json: &str) -> Raw {
    Raw::parse(json).unwrap()
}

#[test]
fn each_value_at_the_cursors_path_has_one_meaning() {
    // K-6, B-B14. The position's kind is not the end's business.
    let at = |json: &str| Next::At(raw(json));
    for (member, expected) in [
        (String::new(), Next::Missing(Missing::Absent)),
        (r#", "next": null"#.to_owned(), Next::Missing(Missing::Null)),
        (r#", "next": """#.to_owned(), Next::Missing(Missing::Empty)),
        (r#", "next": false"#.to_owned(), Next::Unfit("a boolean")),
        (r#", "next": true"#.to_owned(), Next::Unfit("a boolean")),
        (r#", "next": 0"#.to_owned(), at("0")),
        (r#", "next": -1"#.to_owned(), at("-1")),
        (r#", "next": "0""#.to_owned(), at("\"0\"")),
        (r#", "next": "null""#.to_owned(), at("\"null\"")),
        (r#", "next": " ""#.to_owned(), at("\" \"")),
        (r#", "next": []"#.to_owned(), Next::Unfit("an empty array")),
        (r#", "next": [ ]"#.to_owned(), Next::Unfit("an empty array")),
        (r#", "next": { }"#.to_owned(), Next::Unfit("an empty object")),
        (r#", "next": [1e400, "a"]"#.to_owned(), at(r#"[1e400, "a"]"#)),
        (r#", "next": {"k": 1}"#.to_owned(), at(r#"{"k": 1}"#)),
        (format!(r#", "next": {}"#, "9".repeat(400)), at(&"9".repeat(400))),
    ] {
        let (found, _) = found("body:/next", &page(&format!(r#"{{"data": []{member}}}"#)));
        assert_eq!(found.next(), expected, "{member}");
    }
}

#[test]
fn a_position_has_a_longest_length() {
    for long in [format!("\"{}\"", "x".repeat(1 << 20)), format!("[\"{}\"]", "x".repeat(1 << 16))] {
        let (_, reading) = found("body:/next", &page(&format!(r#"{{"data": [], "next": {long}}}"#)));
        assert!(matches!(reading.scan, Err(ScanError::ValueTooLong { .. })));
    }
}

#[test]
fn a_name_that_is_there_twice_is_a_bad_body() {
    let (_, reading) = found("body:/next", &page(r#"{"data": [], "next": "a", "next": null}"#));
    assert!(matches!(reading.scan, Err(ScanError::DuplicateMember { .. })));
}

#[test]
fn links_in_arrays_are_selected_by_their_relation() {
    let body =
        r#"{"data": [], "link": [{"relation": "self", "url": "/a"}, {"relation": "next", "url": "/b"}]}"#;
    let (next, _) = found("body:/link[relation=next]/url", &page(body));
    assert_eq!(next, Found::Value(raw("\"/b\"")));
    let (prev, _) = found("body:/link[relation=prev]/url", &page(body));
    assert_eq!(prev, Found::Absent);
}

#[test]
fn headers_are_texts_and_may_be_hidden() {
    let shown = answer(200, &[("X-Next-Page", " 2 ")], r#"{"data": []}"#);
    assert_eq!(found("header:X-Next-Page", &shown).0, Found::Value(raw("\"2\"")));
    let empty = answer(200, &[("x-next-page", "")], r#"{"data": []}"#);
    assert_eq!(found("header:X-Next-Page", &empty).0.next(), Next::Missing(Missing::Empty));
    assert_eq!(found("header:X-Next-Page", &page(r#"{"data": []}"#)).0, Found::Absent);
    for read in ["header:X-Next-Page", "link:next"] {
        let hidden = Response { headers_hidden: true, ..page(r#"{"data": []}"#) };
        assert_eq!(found(read, &hidden).0.next(), Next::Missing(Missing::Hidden));
    }
    // What is shown is not hidden: this Link has no next.
    let last = Response { headers_hidden: true, ..answer(200, &[("link", "</a>; rel=prev")], "[]") };
    assert_eq!(found("link:next", &last).0, Found::Absent);
}

#[test]
fn what_cannot_be_read_is_broken_and_not_just_absent() {
    let twice = answer(200, &[("x-next", "2"), ("x-next", "3")], r#"{"data": []}"#);
    let same = answer(200, &[("x-next", "2"), ("x-next", "2")], r#"{"data": []}"#);
    assert_eq!(found("header:x-next", &same).0, Found::Value(raw("\"2\"")));
    let broken_link = answer(200, &[("link", "</a; rel=next")], r#"{"data": []}"#);
    let mut latin = page(r#"{"data": []}"#);
    latin.headers.push("x-next", b"\xe9".to_vec());
    for (read, response, why) in [
        ("header:x-next", &twice, "more than once"),
        ("header:x-next", &latin, "UTF-8"),
        ("link:next", &broken_link, "Link"),
        ("header:x-next~*/{}", &same, "template"),
        ("last:/id", &page(r#"{"data": [{"id": 1}, {}]}"#), "element 1"),
        ("max:/id", &page(r#"{"data": [{"id": null}, {}]}"#), "none of the records"),
        ("max:/id", &page(r#"{"data": [{"id": 1}, {"id": "2"}]}"#), "compared"),
        ("body:/next~p{}", &page(r#"{"data": [], "next": [1]}"#), "an array"),
    ] {
        let (found, reading) = found(read, response);
        assert_eq!(found, Found::Absent, "{read}");
        let (locator, message) = reading.broken.first().expect(read);
        assert_eq!(*locator, parse_locator(read).unwrap());
        assert!(message.contains(why), "{message}");
    }
}

#[test]
fn the_last_and_the_greatest_are_found_over_the_elements() {
    let ids = |ids: &[&str]| {
        let rows: Vec<_> = ids.iter().map(|id| format!("{{\"u\": {{\"id\": {id}}}}}")).collect();
        page(&format!("{{\"data\": [{}]}}", rows.join(",")))
    };
    for (elements, last, greatest) in [
        (&["3", "10", "9"][..], "9", "10"),
        (&["\"9\"", "\"10\"", "\"007\""], "\"007\"", "\"10\""),
        (&["9007199254740993", "9007199254740992"], "9007199254740992", "9007199254740993"),
        (&["\"b\"", "\"a\""], "\"a\"", "\"b\""),
        (&["1e2", "99.5"], "99.5", "1e2"),
        (&["null", "5", "4"], "4", "5"),
    ] {
        assert_eq!(found("last:/u/id", &ids(elements)).0, Found::Value(raw(last)));
        assert_eq!(found("max:/u/id", &ids(elements)).0, Found::Value(raw(greatest)));
    }
    assert_eq!(found("last:/u/id", &ids(&["1", "null"])).0, Found::Null);
    for read in ["last:/u/id", "max:/u/id"] {
        assert_eq!(found(read, &ids(&[])).0, Found::Absent);
    }
}

#[test]
fn a_template_captures_a_part_of_a_text() {
    let range = answer(200, &[("content-range", "items 0-24/319")], r#"{"data": [], "next": "/x?page=3"}"#);
    assert_eq!(found("header:Content-Range~*/{}", &range).0, Found::Value(raw("\"319\"")));
    assert_eq!(found("body:/next~*page={}", &range).0, Found::Value(raw("\"3\"")));
}

#[test]
fn an_empty_body_is_a_reading() {
    let (next, reading) = found("header:x-next", &answer(204, &[("x-next", "7")], ""));
    assert_eq!((next, reading.scan), (Found::Value(raw("\"7\"")), Err(ScanError::Empty)));
    assert_eq!(reading.status, 204);
}

#[test]
fn error_members_are_seen_unless_they_say_no_error() {
    let reader = Reader::new(&source(r#""records": "/data""#));
    for (member, expected) in [
        ("null", false),
        ("false", false),
        ("\"\"", false),
        ("[]", false),
        ("[ ]", false),
        ("{ \n}", false),
        ("true", true),
        ("0", true),
        ("\"no\"", true),
        ("[{\"type\": \"RATE_LIMITED\"}]", true),
        ("{\"code\": 1}", true),
    ] {
        for name in ["error", "errors"] {
            let response = page(&format!(r#"{{"data": [], "{name}": {member}}}"#));
            let reading = reader.read(&response);
            assert_eq!(reader.error_member(&reading), expected, "{name} {member}");
        }
    }
    let nested = page(r#"{"data": [], "meta": {"error": "x"}}"#);
    assert!(!reader.error_member(&reader.read(&nested)));
    for records in ["/errors", "/errors/items"] {
        let reader = Reader::new(&source(&format!(r#""records": "{records}""#)));
        assert!(!reader.error_member(&reader.read(&page(r#"{"errors": [1]}"#))));
        assert!(reader.error_member(&reader.read(&page(r#"{"errors": [1], "error": 1}"#))));
    }
}

#[test]
fn conditions_of_the_source_hold_together() {
    let source = source(
        r#""records": "/data", "classify": [
            {"when": {"status": 200, "body:/ok": false, "header:x-kind": {"starts": "rate"}}, "is": "throttled"}]"#,
    );
    let reader = Reader::new(&source);
    let when = &source.classify.first().unwrap().when;
    let holds = |response: &Response| reader.holds(&reader.read(response), when);
    assert!(holds(&answer(200, &[("x-kind", "rate-limit")], r#"{"ok": false}"#)));
    assert!(!holds(&answer(200, &[("x-kind", "rate-limit")], r#"{"ok": "false"}"#)));
    assert!(!holds(&answer(429, &[("x-kind", "rate-limit")], r#"{"ok": false}"#)));
    assert!(!holds(&answer(200, &[], r#"{"ok": false}"#)));
    let reading = reader.read(&page("{\"ok\": false}"));
    let ok = parse_locator("body:/ok").unwrap();
    assert!(reader.is(&reading, &ok, &Literal(raw("false"))));
    // What the source has no name for is not there.
    let other = parse_locator("body:/other").unwrap();
    assert!(reader.holds(&reading, &Condition(vec![(other, Expect::Present(false))])));
}

fn rows(members: &str, body: &str) -> Result<Rows, Mismatch> {
    let reader = Reader::new(&source(members));
    let response = page(body);
    let reading = reader.read(&response);
    reader.rows(&response, &reading)
}

fn texts(spans: &[crate::json::Span], body: &str) -> Vec<String> {
    spans.iter().map(|span| String::from_utf8(span.slice(body.as_bytes()).to_vec()).unwrap()).collect()
}

#[test]
fn records_are_slices_of_the_body() {
    let body = r#"{"data": [ {"id" : 1, "t": "b"} , {"t": "a", "id": 2} ]}"#;
    let rows = rows(r#""records": "/data", "id": "/id", "order": {"by": "/t"}"#, body).unwrap();
    assert_eq!(texts(&rows.records, body), [r#"{"id" : 1, "t": "b"}"#, r#"{"t": "a", "id": 2}"#]);
    assert_eq!(texts(&rows.ids, body), ["1", "2"]);
    assert_eq!(texts(&rows.order, body), ["\"b\"", "\"a\""]);
    assert_eq!((rows.parts, rows.dropped, rows.received), (1, 0, 2));
}

#[test]
fn ids_have_parts_and_stand_before_each() {
    let body = r#"{"rows": [{"id": "a", "n": 1, "doc": {"x": 1}}, {"id": "a", "n": 2, "doc": [ ]}]}"#;
    let rows = rows(r#""records": {"at": "/rows", "each": "/doc"}, "id": ["/id", "/n"]"#, body).unwrap();
    assert_eq!(texts(&rows.records, body), [r#"{"x": 1}"#, "[ ]"]);
    assert_eq!(texts(&rows.ids, body), ["\"a\"", "1", "\"a\"", "2"]);
    assert_eq!(rows.parts, 2);
}

#[test]
fn scalars_can_be_records_and_their_own_ids() {
    let body = r#"["a", 2]"#;
    let rows = rows(r#""records": "", "id": """#, body).unwrap();
    assert_eq!(texts(&rows.ids, body), ["\"a\"", "2"]);
    assert_eq!(rows.records, rows.ids);
}

#[test]
fn the_first_alternative_that_is_there_counts() {
    for body in [r#"{"items": [1, 2]}"#, "[1, 2]", r#"{"items": null, "data": [1, 2]}"#] {
        assert_eq!(rows(r#""records": ["/items", "", "/data"]"#, body).unwrap().records.len(), 2, "{body}");
    }
}

#[test]
fn missing_is_empty_only_where_the_source_says_so() {
    let lenient = r#""records": {"at": "/data", "missing": "empty"}"#;
    let strict = r#""records": "/data""#;
    for body in ["{}", r#"{"data": null}"#] {
        assert_eq!(rows(lenient, body).unwrap(), Rows::default());
        assert!(matches!(rows(strict, body), Err(Mismatch::Records { .. })));
    }
    for body in [r#"{"data": {}}"#, r#"{"data": "x"}"#, r#"{"data": false}"#] {
        assert!(matches!(rows(lenient, body), Err(Mismatch::Records { .. })), "{body}");
    }
    assert!(matches!(rows(lenient, "<html>"), Err(Mismatch::Body(ScanError::LooksLikeHtml))));
}

#[test]
fn a_page_that_does_not_fit_names_near_misses() {
    let hundred = vec!["1"; 100].join(",");
    for (records, body, expected) in [
        (
            "\"/data\"",
            format!(r#"{{"results": [{hundred}]}}"#),
            "`/data` is absent; there is an array at `/results` (100 elements)",
        ),
        (
            "\"/data\"",
            r#"{"data": {"few": [1], "items": [1, 2]}}"#.to_owned(),
            "`/data` is an object; there is an array at `/data/items` (2 elements), one at `/data/few` (1 element)",
        ),
        (
            "[\"/a\", \"/b\"]",
            "[]".to_owned(),
            "`/a` is absent, `/b` is absent; there is an array at the whole body (`\"\"`) (0 elements)",
        ),
        ("\"\"", r#"{"a": null}"#.to_owned(), "the whole body (`\"\"`) is an object; there is no array near"),
    ] {
        let error = rows(&format!("\"records\": {records}"), &body).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_record_without_an_id_is_named() {
    for (bad, kind) in
        [("{}", "absent"), (r#"{"id": null}"#, "null"), (r#"{"id": {}}"#, "an object"), ("7", "absent")]
    {
        let body = format!(r#"{{"data": [{{"id": 1}}, {bad}]}}"#);
        let error = rows(r#""records": "/data", "id": "/id""#, &body).unwrap_err();
        let message = format!("`/data/1/id` is {kind}, expected an id");
        assert_eq!(error, Mismatch::Id { row: 1, message });
    }
    let error = rows(r#""records": "", "id": """#, "[{}]").unwrap_err();
    assert!(matches!(error, Mismatch::Id { row: 0, .. }));
    let long = format!(r#"{{"data": [{{"id": "{}"}}]}}"#, "x".repeat(1 << 17));
    let error = rows(r#""records": "/data", "id": "/id""#, &long).unwrap_err();
    assert!(matches!(error, Mismatch::Body(ScanError::ValueTooLong { .. })));
}

#[test]
fn an_element_without_its_record_is_named() {
    for bad in [r#"{"doc": null}"#, "{}", "null"] {
        let error = rows(r#""records": {"at": "/rows", "each": "/doc"}"#, &format!(r#"{{"rows": [{bad}]}}"#));
        assert!(matches!(error, Err(Mismatch::Each { row: 0, .. })), "{bad}");
    }
}

#[test]
fn a_sort_key_may_be_null_but_not_absent() {
    let members = r#""records": "", "id": "/id", "order": {"by": "/t"}"#;
    assert_eq!(rows(members, r#"[{"id": 1, "t": null}]"#).unwrap().order.len(), 1);
    for bad in [r#"[{"id": 1}]"#, r#"[{"id": 1, "t": []}]"#] {
        assert!(matches!(rows(members, bad), Err(Mismatch::Order { row: 0, .. })));
    }
}

#[test]
fn elements_that_are_no_records_are_dropped_and_counted() {
    let members = r#""records": {"at": "/entry", "each": "/resource",
        "drop": {"record:/search/mode": {"not": "match"}}}, "id": "/resource/id",
        "pagination": {"style": "keyset", "read": "last:/resource/id", "write": "query:after"}"#;
    let body = r#"{"entry": [{"resource": {"id": 1}, "search": {"mode": "match"}},
        {"resource": {"id": 2}, "search": {"mode": "include"}}, {"other": 1}]}"#;
    let rows = rows(members, body).unwrap();
    assert_eq!(texts(&rows.records, body), [r#"{"id": 1}"#]);
    assert_eq!((rows.dropped, rows.received, rows.ids.len()), (2, 3, 1));
    // The last element that has a key, since the one behind it is no record.
    let source = source(members);
    let reader = Reader::new(&source);
    let last = parse_locator("last:/resource/id").unwrap();
    assert_eq!(*reader.found(&reader.read(&page(body)), &last), Found::Value(raw("2")));
}
