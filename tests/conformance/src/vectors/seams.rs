//! Lists that change while they are walked, and several requests in flight.

use super::record::{Asked, Book, Mark, Reply, scenario};
use super::server::{list, offset, offsets, page, rows, with};
use serde_json::{Value, json};

pub fn add(book: &mut Book) {
    drift(book);
    evidence(book);
    numbers(book);
    counted_links(book);
    in_flight(book);
}

/// A list that changes before the request of this number, served by offsets.
fn changing(
    mut ids: Vec<u64>,
    at: u64,
    mut change: impl FnMut(&mut Vec<u64>) + 'static,
) -> impl FnMut(&Asked) -> Reply + 'static {
    move |asked| {
        if asked.before == at {
            change(&mut ids);
        }
        let (from, limit) = (asked.number("offset", 0) as usize, asked.number("limit", 4) as usize);
        let page = ids.iter().copied().skip(from).take(limit);
        Reply::ok(format!("{{\"data\":{},\"total\":{}}}", list(page), ids.len()))
    }
}

fn newest_first(more: Value) -> Value {
    let doc = offset(json!({
        "order": {"by": "/id", "direction": "desc", "immutable": true}, "size": {"write": "query:limit", "value": 4},
    }));
    with(doc, more)
}

fn drift(book: &mut Book) {
    let ids = || (1..=14).rev().collect::<Vec<u64>>();
    book.add(
        scenario(
            "insert_at_the_head_repeats",
            "Rows inserted before the position push known rows back: they come again, are suppressed, and nothing is lost.",
            newest_first(json!({})),
            changing(ids(), 2, |ids| {
                ids.insert(0, 15);
                ids.insert(0, 16);
            }),
        )
        .ends("complete", 14),
    );
    book.add(
        scenario(
            "delete_at_the_head_would_lose",
            "Rows deleted before the position pull unseen rows forward: contact is lost, the walk steps back until it meets a known row.",
            newest_first(json!({})),
            changing(ids(), 2, |ids| {
                ids.drain(0..3);
            }),
        )
        .checkpoint(Mark::Stored(2))
        .ends("complete", 14),
    );
    book.add(
        scenario(
            "delete_without_contact_is_not_proven",
            "The same delete with contact switched off: rows are lost unseen, so the walk must not say complete.",
            newest_first(json!({"pagination": {"style": "offset", "contact": "off"}})),
            changing(ids(), 2, |ids| {
                ids.drain(0..3);
            }),
        )
        .ends("unproven", 11),
    );
    book.add(
        scenario(
            "most_of_the_list_deleted",
            "Half of what was walked is deleted: several steps back find contact again.",
            newest_first(json!({})),
            changing((1..=30).rev().collect(), 4, |ids| {
                ids.drain(0..10);
            }),
        )
        .ends("complete", 30),
    );
    book.add(
        scenario(
            "empty_window_without_contact_is_no_end",
            "After a delete the next window is empty: that is a lost contact, not the end of the list.",
            newest_first(json!({"total": null})),
            changing(ids(), 3, |ids| {
                ids.drain(0..9);
            }),
        )
        .ends("complete", 14),
    );
    book.add(
        scenario(
            "list_emptied_meanwhile",
            "Every row is deleted in the middle: the walk ends, and what was handed out stays.",
            newest_first(json!({"total": null})),
            changing(ids(), 2, Vec::clear),
        )
        .ends("complete", 7),
    );
}

fn evidence(book: &mut Book) {
    book.add(
        scenario(
            "declared_order_that_does_not_hold",
            "Rows out of the declared order: contact proves nothing, and the verdict says so.",
            offset(json!({})),
            changing(vec![1, 2, 5, 4, 6, 7], 99, |_| {}),
        )
        .ends("incomplete", 6),
    );
    book.add(
        scenario(
            "undeclared_order_is_unproven",
            "Contact is kept, but without a declared order a row may have moved: the report names the declaration to add.",
            offset(json!({"order": null})),
            offsets(8, 3),
        )
        .ends("unproven", 8),
    );
    book.add(
        scenario(
            "id_that_names_two_rows",
            "An id twice in one response names more than one row, so contact by it proves nothing.",
            offset(json!({"total": null})),
            changing(vec![1, 2, 2, 3, 4], 99, |_| {}),
        )
        .ends("unproven", 4),
    );
    book.add(
        scenario(
            "total_below_the_reachable_rows",
            "The server says nine and serves seven: an exact total that stood still is a shortfall.",
            offset(json!({})),
            |asked| {
                let at = asked.number("offset", 0);
                Reply::ok(format!("{{\"data\":{},\"total\":9}}", rows(at, (at + 3).min(7))))
            },
        )
        .ends("incomplete", 7),
    );
}

fn numbers(book: &mut Book) {
    book.add(
        scenario(
            "page_read_again_when_the_total_moves",
            "Where the page size can't be varied and the total moves, the page before is read again, so that rows pulled onto it are met.",
            page(json!({"size": null, "total": "body:/total", "end": ["total", "empty"]})),
            {
                let mut ids: Vec<u64> = (1..=10).collect();
                move |asked: &Asked| {
                    if asked.before == 2 {
                        ids.remove(0);
                    }
                    let from = (asked.number("page", 1) as usize - 1) * 3;
                    let page = ids.iter().copied().skip(from).take(3);
                    Reply::ok(format!("{{\"data\":{},\"total\":{}}}", list(page), ids.len()))
                }
            },
        )
        .ends("unproven", 10),
    );
    book.add(
        scenario(
            "pages_read_twice_when_asked",
            "With `verify` the page before is read again behind every page, the last one too: rows that a delete pulled onto it are met.",
            page(json!({"size": null, "pagination": {"style": "page", "verify": "reread"}})),
            {
                let mut ids: Vec<u64> = (1..=8).collect();
                move |asked: &Asked| {
                    let number = asked.number("page", 1);
                    if number == 3 && ids.len() == 8 {
                        ids.remove(0);
                    }
                    let from = (number as usize - 1) * 3;
                    let page = ids.iter().copied().skip(from).take(3);
                    Reply::ok(format!("{{\"data\":{},\"more\":{}}}", list(page), from + 3 < ids.len()))
                }
            },
        )
        .ends("unproven", 8),
    );
    book.add(
        scenario(
            "offsets_rounded_by_the_server",
            "A server that rounds offsets down to whole pages gives the same window again: contact is given up instead of going in circles.",
            offset(json!({"total": null})),
            |asked| {
                let at = asked.number("offset", 0) / 3 * 3;
                Reply::ok(format!("{{\"data\":{}}}", rows(at, (at + 3).min(8))))
            },
        )
        .ends("unproven", 8),
    );
    book.add(
        scenario(
            "page_size_that_is_ignored",
            "A server that ignores the page size can't be walked in contact over page numbers: the walk goes on plainly and says so.",
            page(json!({"size": {"write": "query:size", "value": 4}})),
            |asked| {
                let at = (asked.number("page", 1) - 1) * 4;
                Reply::ok(format!("{{\"data\":{},\"more\":{}}}", rows(at, (at + 4).min(10)), at + 4 < 10))
            },
        )
        .ends("unproven", 10),
    );
}

fn counted_links(book: &mut Book) {
    let source = |stable: &str| {
        json!({
            "request": {"url": "https://api.example.com/leads?limit=4"}, "records": "", "id": "/id",
            "order": {"by": "/id", "immutable": true},
            "pagination": {"style": "link", "read": "link:next", "stable": stable}
        })
    };
    let server = |asked: &Asked| {
        let (at, limit) = (asked.number("offset", 0), asked.number("limit", 4));
        let to = (at + limit).min(10);
        let reply = Reply::ok(rows(at, to));
        if to < 10 {
            reply.with("link", format!("</leads?limit={limit}&offset={to}>; rel=\"next\""))
        } else {
            reply
        }
    };
    book.add(
        scenario(
            "link_that_shows_an_offset",
            "A link that is only an offset in disguise is walked in contact: the number in it is set, nothing else.",
            source("unknown"),
            server,
        )
        .checkpoint(Mark::Stored(2))
        .ends("complete", 10),
    );
    book.add(
        scenario(
            "link_that_is_declared_stable",
            "Where the vendor promises that its links are stable they are followed as they are.",
            source("snapshot"),
            server,
        )
        .ends("complete", 10),
    );
}

fn in_flight(book: &mut Book) {
    book.add(
        scenario(
            "several_in_flight_are_delivered_in_order",
            "Answers that overtake each other are handed out in the order of the list.",
            offset(json!({"concurrency": 3, "ahead": 4})),
            {
                let mut plain = offsets(14, 3);
                move |asked: &Asked| {
                    let late = [50, 90, 30, 10, 70, 20, 60];
                    plain(asked).after(late.get(asked.before as usize).copied().unwrap_or(40))
                }
            },
        )
        .ends("complete", 14),
    );
    book.add(
        scenario(
            "error_beyond_the_end_is_dropped",
            "A page that was asked for on speculation and lies past the end may fail: the end was proven before it.",
            offset(json!({"concurrency": 3, "ahead": 4, "total": null, "pagination": {"style": "offset", "contact": "off"},
                "end": [{"flag": "body:/more", "is": false}]})),
            |asked| {
                let at = asked.number("offset", 0);
                if at >= 9 {
                    return Reply::status(400, "{\"message\":\"offset\"}").after(15);
                }
                Reply::ok(format!("{{\"data\":{},\"more\":{}}}", rows(at, (at + 3).min(8)), at + 3 < 8)).after(40)
            },
        )
        .ends("unproven", 8),
    );
    book.add(
        scenario(
            "earliest_error_in_flight_wins",
            "Of several failed requests in flight the one nearest the start ends the walk; what lies before it is handed out.",
            offset(json!({"concurrency": 3, "ahead": 4, "pagination": {"style": "offset", "contact": "off"}})),
            {
                let mut plain = offsets(30, 3);
                move |asked: &Asked| match asked.number("offset", 0) {
                    6 => Reply::status(403, "{}").after(80),
                    9 => Reply::status(402, "{}").after(10),
                    _ => plain(asked).after(30),
                }
            },
        )
        .fails("EP_HTTP_STATUS", 6),
    );
    book.add(
        scenario(
            "delete_under_several_in_flight",
            "A delete while three windows are in flight: the first that isn't bridged is read again from farther back.",
            newest_first(json!({"concurrency": 3, "ahead": 4})),
            changing((1..=24).rev().collect(), 3, |ids| {
                ids.drain(0..4);
            }),
        )
        .latency(30)
        .ends("complete", 24),
    );
}
