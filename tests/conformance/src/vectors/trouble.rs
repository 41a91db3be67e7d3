//! Answers that are no pages, requests that fail, servers that lead in circles.

use super::record::{Book, Reply, scenario};
use super::server::{cursor, cursor_page, cursors, first, list, offset, offsets, rows, script};
use everypage_core::http::FailureKind;
use serde_json::json;

pub fn add(book: &mut Book) {
    tries(book);
    failures(book);
    bodies(book);
    errors_in_pages(book);
    rules(book);
    circles(book);
    dead_positions(book);
    scrolls(book);
}

fn tries(book: &mut Book) {
    book.add(
        scenario(
            "backoff_with_exact_jitter",
            "Two 503 in a row: the waits come from the seed alone, to the millisecond, and double in range.",
            cursor(json!({})),
            cursors(6, first(3, 2, |_| Reply::status(503, "busy"))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "a_500_gets_three_tries",
            "A 500 that stays ends the walk after three tries; what was stored stays stored.",
            cursor(json!({})),
            cursors(6, first(3, 99, |_| Reply::status(500, "{}"))),
        )
        .fails("EP_SERVER_ERROR", 3),
    );
    book.add(
        scenario(
            "declared_attempts",
            "The source's own number of tries and its backoff are used.",
            cursor(json!({"retry": {"attempts": 2, "base": "100ms", "cap": "100ms"}})),
            cursors(6, first(3, 99, |_| Reply::status(502, ""))),
        )
        .fails("EP_SERVER_ERROR", 3),
    );
    book.add(
        scenario(
            "conflict_in_the_middle",
            "A 409 in the middle is an error, never the end of the list.",
            cursor(json!({})),
            cursors(9, first(3, 99, |_| Reply::status(409, "{}"))),
        )
        .fails("EP_HTTP_STATUS", 3),
    );
    book.add(
        scenario(
            "no_content_is_no_end",
            "An unannounced 204 is how proxies swallow pages; it doesn't end a list.",
            cursor(json!({})),
            cursors(9, first(3, 99, |_| Reply::status(204, ""))),
        )
        .fails("EP_BAD_RESPONSE", 3),
    );
    book.add(
        scenario(
            "not_ready_yet",
            "A 202 is asked again; it is no page.",
            cursor(json!({})),
            cursors(6, first(0, 1, |_| Reply::status(202, "{\"data\":[]}"))),
        )
        .ends("complete", 6),
    );
}

fn failures(book: &mut Book) {
    book.add(
        scenario(
            "reset_inside_the_body",
            "A connection that breaks inside a body gives no rows; the page is asked again.",
            cursor(json!({})),
            cursors(6, first(3, 1, |_| Reply::fail(FailureKind::ResetInBody))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "unknown_host_is_tried_twice",
            "A name that doesn't exist is asked for a second time, then the walk ends.",
            cursor(json!({})),
            |_| Reply::fail(FailureKind::DnsNotFound),
        )
        .fails("EP_NETWORK", 0),
    );
    book.add(
        scenario(
            "bad_certificate_is_final",
            "A certificate that isn't trusted is not tried again.",
            cursor(json!({})),
            |_| Reply::fail(FailureKind::TlsInvalid),
        )
        .fails("EP_TLS", 0),
    );
    book.add(
        scenario(
            "no_answer_until_the_deadline",
            "An attempt without an answer is given up at its deadline and counts as a failed try.",
            cursor(json!({"retry": {"page_time": "30s", "attempts": 2}})),
            cursors(6, first(3, 1, |_| Reply::ok("").after(60_000))),
        )
        .fails("EP_TIMEOUT", 3),
    );
}

fn bodies(book: &mut Book) {
    book.add(
        scenario(
            "truncated_json_is_tried_again",
            "A body cut in the middle is never a page, even if its rows can be read.",
            cursor(json!({})),
            cursors(6, first(3, 1, |_| Reply::ok("{\"data\":[{\"id\":3},{\"id\":4}],\"next\":nu"))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "truncated_json_that_stays",
            "A body that stays cut is the server's word after three tries.",
            cursor(json!({})),
            cursors(6, first(3, 99, |_| Reply::ok("{\"data\":[{\"id\":3}"))),
        )
        .fails("EP_BAD_BODY", 3),
    );
    book.add(
        scenario(
            "html_instead_of_json",
            "A login page with status 200 is no page.",
            cursor(json!({})),
            |_| Reply::ok("<!DOCTYPE html><html><body>Sign in</body></html>"),
        )
        .fails("EP_BAD_BODY", 0),
    );
    book.add(
        scenario(
            "empty_body_is_no_end",
            "A 200 without a body is asked again; it is no empty page.",
            cursor(json!({})),
            cursors(6, first(3, 1, |_| Reply::ok(""))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "one_position_twice_in_a_body",
            "Two members of one name where the cursor is read: neither is believed.",
            cursor(json!({})),
            |_| Reply::ok("{\"data\":[{\"id\":1}],\"next\":\"a\",\"next\":null}"),
        )
        .fails("EP_BAD_BODY", 0),
    );
    book.add(
        scenario(
            "bytes_that_are_no_text_in_a_cursor",
            "A cursor that is no UTF-8 can't be sent back as it was read.",
            cursor(json!({})),
            |_| Reply::ok(b"{\"data\":[{\"id\":1}],\"next\":\"a\xff\"}".to_vec()),
        )
        .fails("EP_BAD_BODY", 0),
    );
    book.add(
        scenario(
            "deep_nesting_is_refused",
            "A body nested deeper than any page needs is refused at once.",
            cursor(json!({})),
            |_| Reply::ok(format!("{{\"data\":[],\"x\":{}{}}}", "[".repeat(200), "]".repeat(200))),
        )
        .fails("EP_TOO_LARGE", 0),
    );
}

fn errors_in_pages(book: &mut Book) {
    book.add(
        scenario(
            "error_member_in_a_200",
            "An error inside a 200 is tried again and then ends the walk; it is no empty page.",
            cursor(json!({"retry": {"attempts": 3}})),
            cursors(9, first(3, 99, |_| Reply::ok("{\"error\":\"backend\",\"data\":[],\"next\":null}"))),
        )
        .fails("EP_SERVER_ERROR", 3),
    );
    book.add(
        scenario(
            "graphql_errors_beside_data",
            "Data beside errors is a partial page: not accepted, tried again, and whole then.",
            cursor(json!({})),
            cursors(
                6,
                first(3, 1, |_| {
                    Reply::ok("{\"data\":[{\"id\":3}],\"errors\":[{\"message\":\"timeout\"}],\"next\":null}")
                }),
            ),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "empty_error_members_are_none",
            "Error members that are null, false or empty are no errors.",
            cursor(json!({})),
            script(vec![
                r#"{"data":[{"id":1}],"error":null,"errors":[],"next":"a"}"#,
                r#"{"data":[{"id":2}],"error":"","errors":false,"next":null}"#,
            ]),
        )
        .ends("complete", 2),
    );
}

fn rules(book: &mut Book) {
    book.add(
        scenario(
            "rule_for_a_throttle_in_the_body",
            "A rule reads a throttled 200 and its wait from the body: exactly that many seconds.",
            cursor(json!({"classify": [{"when": {"body:/error/code": "RATE"}, "is": "throttled", "wait": "body:/error/wait"}]})),
            cursors(6, first(3, 1, |_| Reply::ok("{\"error\":{\"code\":\"RATE\",\"wait\":\"7\"}}"))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "rule_for_an_empty_page",
            "A rule takes a 404 with a known text for a page without rows; the walk goes on by its cursor.",
            cursor(json!({"classify": [{"when": {"status": 404, "body:/code": {"in": ["none"]}}, "is": "empty"}]})),
            cursors(9, |at, _| (at == 3).then(|| Reply::status(404, "{\"code\":\"none\",\"next\":\"c_6\"}"))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "rule_beats_the_default",
            "A source's rule comes before the defaults: this 500 is final.",
            cursor(json!({"classify": [{"when": {"status": 500}, "is": "fatal"}]})),
            cursors(9, first(3, 99, |_| Reply::status(500, "{}"))),
        )
        .fails("EP_HTTP_STATUS", 3),
    );
}

fn circles(book: &mut Book) {
    book.add(
        scenario(
            "repeated_cursor",
            "A cursor that leads back to itself is a loop; no row is handed out twice, no third request is made.",
            cursor(json!({})),
            cursors(9, |at, _| (at == 3).then(|| Reply::ok(format!("{{\"data\":{},\"next\":\"c_3\"}}", rows(3, 6))))),
        )
        .fails("EP_LOOP", 6),
    );
    book.add(
        scenario(
            "cycle_of_three",
            "A cursor that was answered before is a loop at any distance.",
            cursor(json!({})),
            cursors(99, |at, _| {
                (at == 9).then(|| Reply::ok(format!("{{\"data\":{},\"next\":\"c_3\"}}", rows(9, 12))))
            }),
        )
        .fails("EP_LOOP", 12),
    );
    book.add(
        scenario(
            "ever_fresh_cursors_over_the_first_page",
            "Page one again and again under ever new cursors: the list restarts.",
            cursor(json!({})),
            |asked| Reply::ok(format!("{{\"data\":{},\"next\":\"t{}\"}}", rows(0, 3), asked.before)),
        )
        .fails("EP_LIST_RESTARTED", 3),
    );
    book.add(
        scenario(
            "unknown_cursor_restarts_the_list",
            "A server that doesn't know its cursor any more starts again from the first row: noticed, not walked again.",
            cursor(json!({})),
            cursors(99, |at, _| (at == 6).then(|| cursor_page(0, 3, 99))),
        )
        .fails("EP_LOOP", 6),
    );
    book.add(
        scenario(
            "pages_without_progress",
            "Pages in a row without a new key under new cursors end the walk at the declared number.",
            cursor(json!({"limits": {"no_progress": 2}})),
            |asked| {
                let ids = if asked.before == 0 { vec![1, 2, 3] } else { vec![3, 2] };
                Reply::ok(format!("{{\"data\":{},\"next\":\"t{}\"}}", list(ids), asked.before))
            },
        )
        .fails("EP_NO_PROGRESS", 3),
    );
    book.add(
        scenario(
            "ignored_page_number",
            "A server that ignores the page number sends page one for ever; without contact the repeats end it.",
            offset(json!({"total": null, "pagination": {"style": "offset", "write": "query:offsett", "contact": "off"}, "end": [{"flag": "body:/done", "is": true}]})),
            offsets(99, 3),
        )
        .fails("EP_NO_PROGRESS", 3),
    );
}

fn dead_positions(book: &mut Book) {
    book.add(
        scenario(
            "expired_cursor",
            "A 410 to a cursor is a dead position: not tried again, named as what it is.",
            cursor(json!({})),
            cursors(9, first(6, 99, |_| Reply::status(410, "{}"))),
        )
        .fails("EP_CURSOR_EXPIRED", 6),
    );
    book.add(
        scenario(
            "expired_cursor_starts_again",
            "With `restart` the list is walked from its start, and what was handed out is suppressed.",
            cursor(json!({"pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "snapshot", "expired": "restart"}})),
            cursors(9, first(6, 1, |_| Reply::status(410, "{}"))),
        )
        .ends("complete", 9),
    );
    book.add(
        scenario(
            "wait_longer_than_the_cursor_lives",
            "A stated wait that outlives the position is not worth waiting for.",
            cursor(json!({"pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor", "lifetime": "30s"}})),
            cursors(9, first(6, 1, |_| Reply::status(429, "{}").with("retry-after", "60"))),
        )
        .fails("EP_CURSOR_EXPIRED", 6),
    );
}

fn scrolls(book: &mut Book) {
    let scroll = |reuse: &str| {
        json!({"request": {"url": "https://api.example.com/scroll"}, "records": "/data", "id": "/id",
            "pagination": {"style": "cursor", "read": "body:/scroll", "write": "query:scroll", "reuse": reuse, "stable": "snapshot"},
            "end": ["empty"]})
    };
    book.add(
        scenario(
            "scroll_that_advances",
            "A scroll id that stays the same while the server moves on is no loop, and nothing is fetched ahead.",
            scroll("advances"),
            script(vec![
                r#"{"data":[{"id":1},{"id":2}],"scroll":"s"}"#,
                r#"{"data":[{"id":3}],"scroll":"s"}"#,
                r#"{"data":[],"scroll":"s"}"#,
            ]),
        )
        .ends("unproven", 3),
    );
    book.add(
        scenario(
            "scroll_whose_answer_was_lost",
            "The server has moved on and the answer is gone: asking again would skip its rows, so the walk ends.",
            scroll("advances"),
            |asked| match asked.before {
                0 => Reply::ok("{\"data\":[{\"id\":1},{\"id\":2}],\"scroll\":\"s\"}"),
                _ => Reply::fail(FailureKind::ResetInBody),
            },
        )
        .fails("EP_CURSOR_EXPIRED", 2),
    );
    book.add(
        scenario(
            "single_use_cursor_that_was_not_sent",
            "A request that never left may be sent again even if its cursor may be used once only.",
            scroll("once"),
            |asked| match asked.before {
                0 => Reply::ok("{\"data\":[{\"id\":1},{\"id\":2}],\"scroll\":\"a\"}"),
                1 => Reply::fail(FailureKind::ConnectRefused),
                2 => Reply::ok("{\"data\":[{\"id\":3}],\"scroll\":\"b\"}"),
                _ => Reply::status(502, ""),
            },
        )
        .fails("EP_CURSOR_EXPIRED", 3),
    );
}
