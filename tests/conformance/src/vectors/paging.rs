//! Positions that the server hands out: tokens and links, and what ends a list of them.

use super::record::{Book, Mark, Reply, scenario};
use super::server::{cursor, cursors, link, links, numbered, page, rows, script, with};
use serde_json::{Value, json};

pub fn add(book: &mut Book) {
    cursor_ends(book);
    cursor_values(book);
    empty_pages(book);
    contradictions(book);
    link_targets(book);
}

fn cursor_ends(book: &mut Book) {
    book.add(
        scenario(
            "first_position_has_a_name",
            "The first request is made although no cursor is known yet: a loop that ends on a null cursor returns nothing at all.",
            cursor(json!({})),
            cursors(7, |_, _| None),
        )
        .checkpoint(Mark::Start)
        .ends("complete", 7),
    );
    book.add(
        scenario(
            "missing_field_ends_instead_of_restarting",
            "A last page that leaves the cursor out ends the walk; an undefined cursor must not ask for page one again.",
            cursor(json!({})),
            cursors(6, |at, _| (at == 3).then(|| Reply::ok(format!("{{\"data\":{}}}", rows(3, 6))))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "cursor_never_seen_is_only_a_hint",
            "A cursor that is absent already on the first page may be a typo in the source, so the end is not proven.",
            cursor(json!({"pagination": {"style": "cursor", "read": "body:/nxt", "write": "query:cursor", "stable": "key"}})),
            cursors(7, |_, _| None),
        )
        .ends("unproven", 3),
    );
    book.add(
        scenario(
            "declared_absence_is_an_end",
            "Where the source says that the cursor is left out on the last page, its absence on the first is the server's word.",
            cursor(json!({"end": [{"absent": "body:/next"}]})),
            script(vec![r#"{"data":[{"id":1},{"id":2}]}"#]),
        )
        .ends("complete", 2),
    );
    book.add(
        scenario(
            "empty_text_is_an_end",
            "An empty cursor means the end, as null does.",
            cursor(json!({})),
            cursors(7, |at, _| {
                (at == 3).then(|| Reply::ok(format!("{{\"data\":{},\"next\":\"\"}}", rows(3, 5))))
            }),
        )
        .ends("complete", 5),
    );
    book.add(
        scenario(
            "repeat_as_documented_end",
            "Some servers answer the last page with the cursor that was sent; where that is documented it is the end, not a loop.",
            cursor(json!({"end": ["repeat"]})),
            cursors(9, |at, _| (at == 6).then(|| Reply::ok(format!("{{\"data\":{},\"next\":\"c_6\"}}", rows(6, 9))))),
        )
        .ends("complete", 9),
    );
    book.add(
        scenario(
            "status_as_documented_end",
            "A status that the source names as the end has authority.",
            cursor(json!({"end": [{"status": 404}]})),
            cursors(9, |at, _| (at == 6).then(|| Reply::status(404, "{}"))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "single_response",
            "A list of one response needs no pagination and ends by itself.",
            json!({"request": {"url": "https://api.example.com/countries"}, "records": "", "id": "/code", "pagination": {"style": "single"}}),
            script(vec![r#"[{"code":"AT"},{"code":"DE"},{"code":"FR"}]"#]),
        )
        .ends("complete", 3),
    );
}

fn cursor_values(book: &mut Book) {
    book.add(
        scenario(
            "cursors_of_every_kind",
            "The texts \"0\" and \"null\", the number 0 and a number above 2^53 are positions, sent as they were read.",
            cursor(json!({})),
            script(vec![
                r#"{"data":[{"id":1}],"next":"0"}"#,
                r#"{"data":[{"id":2}],"next":"null"}"#,
                r#"{"data":[{"id":3}],"next":0}"#,
                r#"{"data":[{"id":4}],"next":9007199254740993}"#,
                r#"{"data":[{"id":5}],"next":null}"#,
            ]),
        )
        .ends("complete", 5),
    );
    book.add(
        scenario(
            "cursor_fills_only_its_own_place",
            "A cursor is data: what looks like another parameter, a fragment or an escape in it is encoded.",
            cursor(json!({})),
            script(vec![
                r#"{"data":[{"id":1}],"next":"x&admin=true#y%26z +/="}"#,
                r#"{"data":[{"id":2}],"next":"{\"k\":[\"ü\"]}"}"#,
                r#"{"data":[{"id":3}],"next":null}"#,
            ]),
        )
        .ends("complete", 3),
    );
    book.add(
        scenario(
            "boolean_is_no_position",
            "A cursor that is false is a mistake in the source or the server, not an end.",
            cursor(json!({})),
            script(vec![r#"{"data":[{"id":1}],"next":false}"#]),
        )
        .fails("EP_SOURCE_MISMATCH", 1),
    );
    book.add(
        scenario(
            "object_cursor_spread_over_the_query",
            "A cursor that is an object fills several parameters, but never one that is fixed.",
            with(
                cursor(json!({"pagination": {"style": "cursor", "read": "body:/continue", "write": "query:continue,sroffset,*", "stable": "key"}})),
                json!({"request": {"url": "https://api.example.com/w", "query": {"action": "query", "srlimit": 2}}}),
            ),
            script(vec![
                r#"{"data":[{"id":1},{"id":2}],"continue":{"sroffset":2,"continue":"-||","action":"delete"}}"#,
                r#"{"data":[{"id":3}]}"#,
            ]),
        )
        .ends("complete", 3),
    );
    book.add(
        scenario(
            "long_form_with_two_states",
            "A page number and a search id of the first answer go on together; the flag ends the list.",
            json!({
                "request": {"url": "https://api.example.com/search"}, "records": "/data", "id": "/id",
                "pagination": {"state": [
                    {"write": "query:page", "start": 1, "next": {"add": "one"}},
                    {"write": "query:search", "next": "body:/search"}
                ]},
                "end": [{"flag": "body:/more", "is": false}],
            }),
            script(vec![
                r#"{"data":[{"id":1},{"id":2}],"search":"s-77","more":true}"#,
                r#"{"data":[{"id":3},{"id":4}],"more":true}"#,
                r#"{"data":[{"id":5}],"more":false}"#,
            ]),
        )
        .checkpoint(Mark::Stored(2))
        .ends("unproven", 5),
    );
}

fn empty_pages(book: &mut Book) {
    book.add(
        scenario(
            "empty_middle_page_of_a_cursor",
            "A page without rows but with a cursor is not the end.",
            cursor(json!({})),
            cursors(9, |at, _| (at == 3).then(|| Reply::ok("{\"data\":[],\"next\":\"c_6\"}"))),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "empty_middle_page_of_a_link",
            "A page without rows but with a next link is not the end.",
            link(json!({})),
            {
                let mut plain = links(9, |to| format!("https://api.example.com/leads?after={to}"));
                move |asked| {
                    if asked.number("after", 0) == 3 {
                        return Reply::ok("[]")
                            .with("link", "<https://api.example.com/leads?after=6>; rel=\"next\"");
                    }
                    plain(asked)
                }
            },
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "empty_middle_page_by_number",
            "A page without rows whose flag says that there is more is not the end.",
            page(json!({"size": {"write": "query:size", "value": 3}, "pagination": {"style": "page", "contact": "off"}})),
            {
                let mut plain = numbered(9, 3);
                move |asked| {
                    if asked.number("page", 1) == 2 {
                        return Reply::ok("{\"data\":[],\"more\":true}");
                    }
                    plain(asked)
                }
            },
        )
        .ends("unproven", 6),
    );
    book.add(
        scenario(
            "short_middle_page",
            "A page shorter than asked for is no end while the flag says more: filters after the page is cut do this.",
            page(json!({"pagination": {"style": "page", "contact": "off"}, "size": {"write": "query:size", "value": 3}})),
            script(vec![
                r#"{"data":[{"id":0},{"id":1},{"id":2}],"more":true}"#,
                r#"{"data":[{"id":3}],"more":true}"#,
                r#"{"data":[{"id":6},{"id":7}],"more":false}"#,
            ]),
        )
        .ends("unproven", 6),
    );
}

fn contradictions(book: &mut Book) {
    let flagged = |more: Value| {
        with(cursor(json!({"end": ["missing", {"flag": "body:/has_more", "is": false}]})), more)
    };
    book.add(
        scenario(
            "more_without_a_cursor_is_a_contradiction",
            "A flag that says more beside a null cursor: the list is not whole, and the report says so.",
            flagged(json!({})),
            script(vec![
                r#"{"data":[{"id":1},{"id":2}],"next":"a","has_more":true}"#,
                r#"{"data":[{"id":3},{"id":4}],"next":null,"has_more":true}"#,
            ]),
        )
        .ends("incomplete", 4),
    );
    book.add(
        scenario(
            "flag_beats_a_cursor",
            "A flag that says no more ends the list although a cursor is there.",
            flagged(json!({})),
            script(vec![
                r#"{"data":[{"id":1},{"id":2}],"next":"a","has_more":true}"#,
                r#"{"data":[{"id":3},{"id":4}],"next":"b","has_more":false}"#,
            ]),
        )
        .ends("complete", 4),
    );
    book.add(
        scenario(
            "flag_of_another_type_says_nothing",
            "The text \"false\" is not the declared false: the cursor decides.",
            flagged(json!({})),
            script(vec![
                r#"{"data":[{"id":1}],"next":"a","has_more":"false"}"#,
                r#"{"data":[{"id":2}],"next":null,"has_more":false}"#,
            ]),
        )
        .ends("complete", 2),
    );
}

fn link_targets(book: &mut Book) {
    book.add(
        scenario(
            "link_header_with_traps",
            "Commas and semicolons inside the target, a title that holds a link, rel last: only the real target is followed, byte for byte.",
            link(json!({})),
            |asked| {
                let at = asked.number("after", 0);
                let target = "<https://api.example.com/leads?after=3&f=a;b,c&k=%2C|{}[]>";
                if at > 0 {
                    return Reply::ok(rows(3, 5));
                }
                Reply::ok(rows(0, 3)).with("link", format!("{target}; title=\"x, <https://evil.example/>; rel=next\"; rel=\"next\""))
            },
        )
        .ends("complete", 5),
    );
    book.add(
        scenario(
            "two_next_links_are_refused",
            "Two different next targets are no link at all: neither is guessed.",
            link(json!({})),
            |_| {
                Reply::ok(rows(0, 3))
                    .with("link", "</leads?after=3>; rel=\"next\", </leads?after=9>; rel=\"next\"")
            },
        )
        .fails("EP_SOURCE_MISMATCH", 3),
    );
    book.add(
        scenario(
            "relative_links_resolve_against_the_request",
            "A relative link in the body resolves against the URL that was asked, and its fragment is not sent.",
            link(json!({"request": {"url": "https://api.example.com/v1/leads?limit=3"}, "records": "/data",
                "pagination": {"style": "link", "read": "body:/links/next", "stable": "snapshot"}})),
            script(vec![
                r#"{"data":[{"id":1}],"links":{"next":"?after=1#top"}}"#,
                r#"{"data":[{"id":2}],"links":{"next":"../v2/leads?after=2"}}"#,
                r#"{"data":[{"id":3}],"links":{"next":null}}"#,
            ]),
        )
        .ends("complete", 3),
    );
    book.add(
        scenario(
            "link_take_param",
            "Only one parameter is taken from a link, so that the caller's own filters stay and the link's host doesn't matter.",
            link(json!({"request": {"url": "https://api.example.com/leads", "query": {"status": "active"}}, "records": "/data",
                "pagination": {"style": "link", "read": "body:/next", "take": "param:token", "stable": "key"}})),
            script(vec![
                r#"{"data":[{"id":1}],"next":"http://10.0.0.5:8080/internal?token=a%2Bb&status=all"}"#,
                r#"{"data":[{"id":2}],"next":""}"#,
            ]),
        )
        .ends("complete", 2),
    );
    book.add(
        scenario(
            "link_take_query",
            "The link's whole query is put on the first URL.",
            link(json!({"records": "/data", "pagination": {"style": "link", "read": "body:/next", "take": "query", "stable": "key"}})),
            script(vec![
                r#"{"data":[{"id":1}],"next":"http://backend.internal/x?token=a%2Bb&z=1"}"#,
                r#"{"data":[{"id":2}],"next":null}"#,
            ]),
        )
        .ends("complete", 2),
    );
    book.add(
        scenario(
            "odata_next_link_and_header_template",
            "The page size goes into a header by a template; the next link is read from a member with a dot and an at sign.",
            json!({"request": {"url": "https://api.example.com/odata/People"}, "records": "/value", "id": "/id",
                "size": {"write": "header:Prefer~odata.maxpagesize={}", "value": 2},
                "pagination": {"style": "link", "read": "body:/@odata.nextLink", "stable": "key"}}),
            script(vec![
                r#"{"value":[{"id":1},{"id":2}],"@odata.nextLink":"https://api.example.com/odata/People?$skiptoken=2"}"#,
                r#"{"value":[{"id":3}]}"#,
            ]),
        )
        .ends("complete", 3),
    );
}
