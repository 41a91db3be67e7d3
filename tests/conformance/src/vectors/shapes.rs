//! What requests and answers look like: places, bodies, records, ids, totals, evidence.

use super::record::{Book, Reply, scenario};
use super::server::{cursor, cursors, offset, offsets, rows, script, with};
use serde_json::{Value, json};

pub fn add(book: &mut Book) {
    places(book);
    records(book);
    ids(book);
    totals(book);
    evidence(book);
}

fn places(book: &mut Book) {
    book.add(
        scenario(
            "cursor_in_a_json_body",
            "A POST list: the cursor and the size are set in the JSON body, numbers stay numbers, members of `then` come with the second request.",
            json!({
                "request": {"url": "https://api.example.com/search", "method": "POST", "read_only": true,
                    "body": {"filter": {"status": ["active"]}, "paging": {"cursor": null}}, "then": {"body": {"scroll": true}}},
                "records": "/data", "id": "/id", "size": {"write": "body:/paging/limit", "value": 2},
                "pagination": {"style": "cursor", "read": "body:/next", "write": "body:/paging/cursor", "stable": "snapshot"},
            }),
            script(vec![r#"{"data":[{"id":1},{"id":2}],"next":12345678901234567890}"#, r#"{"data":[{"id":3}],"next":null}"#]),
        )
        .ends("complete", 3),
    );
    book.add(
        scenario(
            "graphql_connection",
            "A GraphQL connection: nodes, `endCursor` into the variables, `hasNextPage` as the flag.",
            json!({
                "request": {"url": "https://api.example.com/graphql", "method": "POST", "read_only": true,
                    "body": {"query": "query($after:String){leads(first:2,after:$after){nodes{id} pageInfo{hasNextPage endCursor}}}", "variables": {}}},
                "records": "/data/leads/nodes", "id": "/id",
                "pagination": {"style": "cursor", "read": "body:/data/leads/pageInfo/endCursor", "write": "body:/variables/after", "stable": "key"},
                "end": [{"flag": "body:/data/leads/pageInfo/hasNextPage", "is": false}],
            }),
            script(vec![
                r#"{"data":{"leads":{"nodes":[{"id":"a"},{"id":"b"}],"pageInfo":{"hasNextPage":true,"endCursor":"YjE="}}}}"#,
                r#"{"data":{"leads":{"nodes":[{"id":"c"}],"pageInfo":{"hasNextPage":false,"endCursor":"YzE="}}}}"#,
            ]),
        )
        .ends("complete", 3),
    );
    book.add(
        scenario(
            "cursor_in_a_form",
            "A form body: fields sorted by name, spaces and signs encoded.",
            json!({
                "request": {"url": "https://api.example.com/list", "method": "POST", "read_only": true, "form": {"q": "a b&c", "kind": ["x", "y"]}},
                "records": "/data", "id": "/id",
                "pagination": {"style": "cursor", "read": "body:/next", "write": "form:page_token", "stable": "key"},
            }),
            script(vec![r#"{"data":[{"id":1}],"next":"t+1"}"#, r#"{"data":[{"id":2}],"next":""}"#]),
        )
        .ends("complete", 2),
    );
    book.add(
        scenario(
            "offset_in_a_text_body",
            "A query language as the body: placeholders in the text are filled with the offset and the size.",
            json!({
                "request": {"url": "https://api.example.com/query", "method": "POST", "read_only": true,
                    "text": "select * from leads order by id limit {LIMIT} offset {OFFSET}", "headers": {"content-type": "text/plain"}},
                "records": "/data", "id": "/id", "order": {"by": "/id", "immutable": true},
                "size": {"write": "text:LIMIT", "value": 3}, "pagination": {"style": "offset", "write": "text:OFFSET"},
            }),
            |asked| {
                let body = asked.request.body.clone().unwrap_or_default();
                let at: u64 = body.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
                Reply::ok(format!("{{\"data\":{}}}", rows(at, (at + 3).min(5))))
            },
        )
        .ends("complete", 5),
    );
    book.add(
        scenario(
            "page_number_in_the_path",
            "The page number stands in the path, encoded as one segment.",
            json!({
                "request": {"url": "https://api.example.com/leads/page/{PAGE}/json"}, "records": "/data", "id": "/id",
                "pagination": {"style": "page", "write": "path:PAGE"}, "end": [{"flag": "body:/last", "is": true}],
            }),
            script(vec![r#"{"data":[{"id":1},{"id":2}],"last":false}"#, r#"{"data":[{"id":3}],"last":true}"#]),
        )
        .ends("unproven", 3),
    );
    book.add(
        scenario(
            "cursor_in_headers",
            "The position is read from one header and written to another.",
            cursor(json!({"pagination": {"style": "cursor", "read": "header:X-Next-Token", "write": "header:X-Token", "stable": "key"}})),
            |asked| match asked.header("x-token") {
                "" => Reply::ok(format!("{{\"data\":{}}}", rows(0, 2))).with("X-Next-Token", "tok=1"),
                _ => Reply::ok(format!("{{\"data\":{}}}", rows(2, 3))).with("x-next-token", ""),
            },
        )
        .ends("complete", 3),
    );
    book.add(
        scenario(
            "query_members_are_sorted_and_encoded",
            "The URL's own query comes first, byte for byte; then the members by name, lists repeated, null left out.",
            cursor(json!({"request": {"url": "https://api.example.com/leads?b=%7E&a=1", "query": {"z": "a b+c", "tag": ["ü", "x,y"], "none": null, "active": true},
                "first": {"query": {"fresh": 1}}, "then": {"query": {"fresh": 0}}, "headers": {"Accept": "application/vnd.api+json"}}})),
            cursors(5, |_, _| None),
        )
        .ends("complete", 5),
    );
    book.add(
        scenario(
            "variables_and_credentials_given_in_code",
            "Variables fill the document, credentials given in code replace the document's; they go into header, query and body places.",
            with(
                cursor(json!({"auth": {"bearer": "from-the-document"}})),
                json!({"request": {"url": "https://api.example.com/{TENANT}/leads", "query": {"since": "{SINCE}"}}}),
            ),
            cursors(5, |_, _| None),
        )
        .var("TENANT", "acme")
        .var("SINCE", "2026-01-01")
        .auth(json!({"basic": ["user", "pass:word"], "query": {"api_key": "k&1"}}))
        .ends("complete", 5),
    );
}

fn records(book: &mut Book) {
    book.add(
        scenario(
            "records_are_handed_out_as_sent",
            "Lone surrogates, numbers beyond a double, 64-bit ids, escapes and spaces inside a record stay the bytes the server sent.",
            cursor(json!({})),
            script(vec![
                "{\"data\":[ {\"id\": 9007199254740993, \"x\":\"\\ud800\"} ,{\"id\":2,\"n\":1e400,\"m\":1.10},\n{\"id\":3,\"__proto__\":{\"a\":[ ]}}],\"next\":\"a\"}",
                "{\"data\":[{\"id\":9007199254740992,\"t\":\"\\u00e9\\/é\\n\"}],\"next\":null}",
            ]),
        )
        .ends("complete", 4),
    );
    book.add(
        scenario(
            "byte_order_mark_is_skipped",
            "A byte order mark before the JSON is no reason to refuse it.",
            cursor(json!({})),
            script(vec!["\u{feff}{\"data\":[{\"id\":1}],\"next\":null}"]),
        )
        .ends("complete", 1),
    );
    book.add(
        scenario(
            "records_inside_elements",
            "The record stands inside each element and the id beside it; elements that are no records are dropped and counted.",
            cursor(json!({"records": {"at": ["/hits/hits", "/data"], "each": "/_source", "drop": {"record:/deleted": true}}, "id": "/_id"})),
            script(vec![
                r#"{"hits":{"hits":[{"_id":"a","_source":{"n":1}},{"_id":"b","deleted":true,"_source":null}]},"next":"x"}"#,
                r#"{"data":[{"_id":"c","_source":{"n":3}},{"_id":"a","_source":{"n":1}}],"next":null}"#,
            ]),
        )
        .ends("complete", 2),
    );
    book.add(
        scenario(
            "absent_records_as_declared",
            "Where the source says so an absent or null array is an empty page; otherwise it would be an error.",
            cursor(json!({"records": {"at": "/data", "missing": "empty"}})),
            script(vec![r#"{"data":[{"id":1}],"next":"a"}"#, r#"{"data":null,"next":"b"}"#, r#"{"next":null}"#]),
        )
        .ends("complete", 1),
    );
    book.add(
        scenario(
            "records_elsewhere_name_near_misses",
            "When the records are not where the source says, the error names the arrays that are there.",
            cursor(json!({})),
            script(vec![r#"{"results":[{"id":1},{"id":2}],"next":"a"}"#]),
        )
        .fails("EP_SOURCE_MISMATCH", 0),
    );
    book.add(
        scenario(
            "id_missing_in_one_row",
            "A row without the declared id is a mistake in the source that must not pass.",
            cursor(json!({})),
            script(vec![r#"{"data":[{"id":1},{"name":"x"}],"next":"a"}"#]),
        )
        .fails("EP_SOURCE_MISMATCH", 0),
    );
}

fn ids(book: &mut Book) {
    book.add(
        scenario(
            "keys_are_compared_by_type",
            "1, \"1\" and 1.0 are three keys; \"\\u0061\" and \"a\" are one.",
            cursor(json!({})),
            script(vec![
                r#"{"data":[{"id":1},{"id":"1"},{"id":"\u0061"}],"next":"a"}"#,
                r#"{"data":[{"id":1.0},{"id":"a"},{"id":1}],"next":null}"#,
            ]),
        )
        .ends("complete", 4),
    );
    book.add(
        scenario(
            "composite_ids",
            "Two members identify a record together.",
            cursor(json!({"id": ["/list", "/n"]})),
            script(vec![
                r#"{"data":[{"list":"a","n":1},{"list":"b","n":1}],"next":"x"}"#,
                r#"{"data":[{"list":"a","n":1},{"list":"a","n":2},{"list":"ab","n":1}],"next":null}"#,
            ]),
        )
        .ends("complete", 4),
    );
    book.add(
        scenario(
            "revisions_are_counted",
            "A key that comes again with other bytes is a revision: suppressed like any repeat, and counted.",
            cursor(json!({})),
            script(vec![
                r#"{"data":[{"id":1,"v":1},{"id":2,"v":1}],"next":"x"}"#,
                r#"{"data":[{"id":2,"v":2},{"id":1,"v":1},{"id":3,"v":1}],"next":null}"#,
            ]),
        )
        .ends("complete", 3),
    );
    book.add(
        scenario(
            "one_row_many_times",
            "A row that stands several times in one response is handed out once.",
            cursor(json!({})),
            script(vec![r#"{"data":[{"id":5},{"id":5},{"id":5}],"next":null}"#]),
        )
        .ends("complete", 1),
    );
    book.add(
        scenario(
            "gaps_between_dense_ids",
            "Where ids are declared dense a hole means missing rows.",
            cursor(json!({"id": {"at": "/id", "dense": true}})),
            script(vec![
                r#"{"data":[{"id":1},{"id":2}],"next":"x"}"#,
                r#"{"data":[{"id":4},{"id":5}],"next":null}"#,
            ]),
        )
        .ends("incomplete", 4),
    );
}

fn totals(book: &mut Book) {
    let short = |name: &'static str, why, total: Value, verdict, body: &'static str| {
        scenario(
            name,
            why,
            cursor(json!({"total": total})),
            script(vec![r#"{"data":[{"id":1},{"id":2}],"next":"x","total":5}"#, body]),
        )
        .ends(verdict, 3)
    };
    book.add(short(
        "total_above_what_came",
        "The server says five and serves three: the rows are missing, whatever the cursor says.",
        json!("body:/total"),
        "incomplete",
        r#"{"data":[{"id":3}],"next":null,"total":5}"#,
    ));
    book.add(short(
        "total_that_moved",
        "A total that changed during the walk proves nothing: its check is unavailable, the verdict stays.",
        json!("body:/total"),
        "complete",
        r#"{"data":[{"id":3}],"next":null,"total":4}"#,
    ));
    book.add(short(
        "total_as_an_estimate",
        "An estimate can't fail a walk.",
        json!({"read": "body:/total", "kind": "estimate"}),
        "complete",
        r#"{"data":[{"id":3}],"next":null,"total":5}"#,
    ));
    book.add(short(
        "total_as_a_lower_bound",
        "Fewer rows than the declared lower bound are too few.",
        json!({"read": "body:/total", "kind": "at_least"}),
        "incomplete",
        r#"{"data":[{"id":3}],"next":null,"total":5}"#,
    ));
    book.add(
        scenario(
            "total_of_what_remains",
            "Rows that remain after each page are added to those that came.",
            cursor(json!({"total": {"read": "body:/left", "kind": "remaining"}})),
            script(vec![
                r#"{"data":[{"id":1},{"id":2}],"next":"x","left":1}"#,
                r#"{"data":[{"id":3}],"next":null,"left":0}"#,
            ]),
        )
        .ends("complete", 3),
    );
    book.add(
        scenario(
            "total_by_a_request_of_its_own",
            "The total comes by one extra request, which is no page; a total as text counts.",
            cursor(json!({"total": {"read": "body:/count", "request": {"url": "https://api.example.com/leads/count", "query": {"q": "x"}}}})),
            {
                let mut plain = cursors(5, |_, _| None);
                move |asked| if asked.url.path().ends_with("count") { Reply::ok("{\"count\":\"5\"}") } else { plain(asked) }
            },
        )
        .ends("complete", 5),
    );
    book.add(
        scenario(
            "total_below_what_came",
            "More distinct rows than the total: the total is wrong, and the report notes it.",
            offset(json!({"total": "body:/sum", "end": ["empty"]})),
            |asked| {
                let at = asked.number("offset", 0);
                Reply::ok(format!("{{\"data\":{},\"sum\":4}}", rows(at, (at + 3).min(6))))
            },
        )
        .ends("complete", 6),
    );
}

fn evidence(book: &mut Book) {
    book.add(
        scenario(
            "capture_of_the_delta_link",
            "What the source captures is read from the last page and handed out in the report.",
            cursor(json!({"capture": {"delta": "body:/delta", "first": "body:/once"}})),
            script(vec![
                r#"{"data":[{"id":1}],"next":"x","once":true}"#,
                r#"{"data":[{"id":2}],"next":null,"delta":"https://api.example.com/d?t=9"}"#,
            ]),
        )
        .ends("complete", 2),
    );
    book.add(
        scenario(
            "incomplete_flag",
            "The server admits that rows are missing.",
            cursor(json!({"incomplete": {"flag": "body:/incomplete_results", "is": true}})),
            script(vec![
                r#"{"data":[{"id":1}],"next":"x","incomplete_results":true}"#,
                r#"{"data":[{"id":2}],"next":null,"incomplete_results":false}"#,
            ]),
        )
        .ends("incomplete", 2),
    );
    book.add(
        scenario(
            "cap_on_records",
            "The list ends at the declared cap while the total says more: rows are out of reach.",
            offset(json!({"cap": {"records": 6}, "end": ["empty"]})),
            |asked| {
                let at = asked.number("offset", 0);
                Reply::ok(format!("{{\"data\":{},\"total\":9}}", rows(at, (at + 3).min(6))))
            },
        )
        .ends("incomplete", 6),
    );
    book.add(
        scenario(
            "error_at_the_cap",
            "An error at the declared cap is named as the cap, with the advice to split the list.",
            offset(json!({"cap": {"offset": 6}, "pagination": {"style": "offset", "contact": "off"}, "total": null})),
            {
                let mut plain = offsets(99, 3);
                move |asked| if asked.number("offset", 0) >= 6 { Reply::status(400, "{\"message\":\"window\"}") } else { plain(asked) }
            },
        )
        .fails("EP_RESULT_WINDOW", 6),
    );
    book.add(
        scenario(
            "cap_on_pages",
            "A cap in pages counts as many rows as those pages hold.",
            offset(json!({"cap": {"pages": 2}, "pagination": {"style": "page"}, "size": {"write": "query:limit", "value": 3, "min": 3}, "end": [{"flag": "body:/more", "is": false}]})),
            script(vec![
                r#"{"data":[{"id":1},{"id":2},{"id":3}],"more":true,"total":9}"#,
                r#"{"data":[{"id":4},{"id":5},{"id":6}],"more":false,"total":9}"#,
            ]),
        )
        .ends("incomplete", 6),
    );
}
