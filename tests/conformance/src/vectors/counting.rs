//! Positions that the walk makes itself: keys of the last record, offsets, page numbers.

use super::record::{Book, Mark, Reply, scenario};
use super::server::{cursor, cursor_page, cursors, numbered, offset, offsets, page, rows, script, with};
use serde_json::{Value, json};

pub fn add(book: &mut Book) {
    keysets(book);
    counters(book);
    stores(book);
}

fn keysets(book: &mut Book) {
    let keyset = |more: Value| {
        with(
            json!({"request": {"url": "https://api.example.com/leads"}, "records": "/data", "id": "/id",
                "size": {"write": "query:limit", "value": 3, "max": 3},
                "pagination": {"style": "keyset", "write": "query:after"}}),
            more,
        )
    };
    book.add(
        scenario(
            "keyset_with_a_flag",
            "The key of the last record leads on and the flag ends: keys that only grow prove that nothing was skipped.",
            keyset(json!({"end": [{"flag": "body:/has_more", "is": false}]})),
            |asked| {
                let at = asked.number("after", 0);
                Reply::ok(format!("{{\"data\":{},\"has_more\":{}}}", rows(at + 1, (at + 4).min(8)), at + 4 < 8))
            },
        )
        .checkpoint(Mark::Stored(2))
        .ends("complete", 7),
    );
    book.add(
        scenario(
            "keyset_with_an_inclusive_anchor",
            "A server that repeats the anchor shows that the seam holds; the anchor is handed out once.",
            keyset(json!({"end": [{"flag": "body:/more", "is": false}]})),
            |asked| {
                let at = asked.number("after", 1);
                Reply::ok(format!("{{\"data\":{},\"more\":{}}}", rows(at, at + 3), at < 5))
            },
        )
        .ends("complete", 7),
    );
    book.add(
        scenario(
            "keyset_of_numeric_texts",
            "Ids that are numbers written as texts grow as numbers: \"99\" stands before \"100\".",
            keyset(json!({"end": [{"flag": "body:/has_more", "is": false}]})),
            |asked| {
                let at = asked.number("after", 97);
                let to = (at + 3).min(103);
                let rows: Vec<String> = (at + 1..=to).map(|id| format!("{{\"id\":\"{id}\"}}")).collect();
                Reply::ok(format!("{{\"data\":[{}],\"has_more\":{}}}", rows.join(","), to < 103))
            },
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "keyset_over_a_field_with_ties_is_unproven",
            "Rows that share the key can be lost at a page border, so a key that is not the id proves nothing.",
            keyset(json!({"end": [{"flag": "body:/has_more", "is": false}],
                "pagination": {"style": "keyset", "read": "last:/at", "write": "query:after"}})),
            script(vec![
                r#"{"data":[{"id":1,"at":10},{"id":2,"at":11}],"has_more":true}"#,
                r#"{"data":[{"id":4,"at":12}],"has_more":false}"#,
            ]),
        )
        .ends("unproven", 3),
    );
}

fn counters(book: &mut Book) {
    book.add(
        scenario(
            "offset_in_contact",
            "Each window starts one row before the end of the last: meeting that row again proves the seam, and an exact total proves the end.",
            offset(json!({})),
            offsets(8, 3),
        )
        .checkpoint(Mark::Stored(2))
        .ends("complete", 8),
    );
    book.add(
        scenario(
            "offset_of_an_empty_list",
            "An empty list is complete, not a failure.",
            offset(json!({})),
            offsets(0, 3),
        )
        .ends("complete", 0),
    );
    book.add(
        scenario(
            "offset_without_a_total",
            "Without a total one more window confirms the end: it holds the last row and nothing after it.",
            offset(json!({"total": null})),
            offsets(6, 3),
        )
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "page_with_varied_sizes",
            "Over page numbers another page size makes pages overlap, so that no row slips between them.",
            page(json!({"total": "body:/total"})),
            numbered(20, 8),
        )
        .checkpoint(Mark::Stored(2))
        .ends("complete", 20),
    );
    book.add(
        scenario(
            "pages_by_count",
            "A page count ends a walk by numbers, but only suggests the end.",
            page(json!({"size": null, "pagination": {"style": "page", "start": 0}, "end": [{"pages": "body:/pages"}]})),
            script(vec![
                r#"{"data":[{"id":1},{"id":2}],"pages":2}"#,
                r#"{"data":[{"id":3}],"pages":2}"#,
            ]),
        )
        .ends("unproven", 3),
    );
    book.add(
        scenario(
            "clamped_size_by_offset",
            "A server that gives fewer rows than asked for moves the offset by what it gave: no row is skipped.",
            offset(json!({"size": {"write": "query:limit", "value": 5}})),
            offsets(8, 3),
        )
        .ends("complete", 8),
    );
    book.add(
        scenario(
            "clamped_size_without_contact",
            "A short first page is no end while the size is unproven, and the next offset counts rows, not the size asked for.",
            offset(json!({"size": {"write": "query:limit", "value": 5}, "total": null, "pagination": {"style": "offset", "contact": "off"}})),
            offsets(8, 3),
        )
        .ends("unproven", 8),
    );
    book.add(
        scenario(
            "size_above_the_maximum_is_clamped",
            "A size above the declared maximum is clamped before it is sent, and the report notes it.",
            offset(json!({"size": {"write": "query:limit", "value": 50, "max": 4}})),
            offsets(8, 4),
        )
        .ends("complete", 8),
    );
    book.add(
        scenario(
            "range_template",
            "A template writes the window's first and last index into one parameter.",
            offset(json!({"size": {"value": 3}, "pagination": {"style": "offset", "write": "query:range~[{},{last}]", "contact": "off"}})),
            |asked| {
                let range = asked.url.param("range").unwrap_or_default();
                let at: u64 = range.trim_start_matches('[').split(',').next().and_then(|n| n.parse().ok()).unwrap_or(0);
                Reply::ok(format!("{{\"data\":{},\"total\":7}}", rows(at, (at + 3).min(7))))
            },
        )
        .ends("unproven", 7),
    );
}

fn stores(book: &mut Book) {
    book.add(
        scenario(
            "late_acknowledgement_stops_fetching_ahead",
            "Two pages are fetched before the first is stored, not more; the walk then waits for the store.",
            cursor(json!({})),
            cursors(12, |_, _| None),
        )
        .late()
        .ends("complete", 12),
    );
    book.add(
        scenario(
            "cursor_pages_that_overlap",
            "Rows that come again on the next page are handed out once and counted.",
            cursor(json!({})),
            cursors(9, |at, _| (at > 0).then(|| cursor_page(at - 1, (at + 2).min(9), 9))),
        )
        .ends("complete", 9),
    );
}
