//! What a checkpoint holds, and walks that go on from one.

use super::format::Vector;
use super::record::{Asked, Book, Mark, Reply, Scenario, scenario};
use super::server::{cursor, cursors, first, link, links, numbered, offset, offsets, page, rows, with};
use serde_json::{Value, json};

pub fn add(book: &mut Book) {
    styles(book);
    promises(book);
    moved_lists(book);
}

/// Stops a walk behind its second page and goes on a minute later.
fn pair<S>(
    book: &mut Book,
    style: &str,
    why: &str,
    source: &Value,
    server: impl Fn() -> S,
    ends: (&'static str, [usize; 2]),
) -> Vector
where
    S: FnMut(&Asked) -> Reply + 'static,
{
    let (verdict, [before, after]) = ends;
    let stopped = book.add(
        scenario(
            &format!("resume_{style}_stopped"),
            &format!("A walk by {style} is stopped behind its second page; the checkpoint holds exactly what was stored."),
            source.clone(),
            server(),
        )
        .checkpoint(Mark::Stored(2))
        .stop(Mark::Stored(2))
        .ends("stopped", before),
    );
    book.add(
        scenario(&format!("resume_{style}"), why, source.clone(), server())
            .resumes(&stopped, 60_000)
            .checkpoint(Mark::Start)
            .ends(verdict, after),
    );
    stopped
}

fn styles(book: &mut Book) {
    pair(
        book,
        "cursor",
        "The walk goes on at the stored cursor: no page is asked for again, none is left out.",
        &cursor(json!({})),
        || cursors(9, |_, _| None),
        ("complete", [6, 3]),
    );
    pair(
        book,
        "offset",
        "The walk begins by meeting a row it knows, then goes on.",
        &offset(json!({})),
        || offsets(10, 3),
        ("complete", [5, 5]),
    );
    pair(
        book,
        "page",
        "Page numbers go on with the page size that makes the pages overlap.",
        &page(json!({})),
        || numbered(24, 8),
        ("complete", [14, 10]),
    );
    pair(
        book,
        "link",
        "The stored link is sent byte for byte.",
        &link(json!({})),
        || links(9, |to| format!("/leads?after={to}&f=a;b")),
        ("complete", [6, 3]),
    );
    let keyset = json!({"request": {"url": "https://api.example.com/leads"}, "records": "/data", "id": "/id",
        "pagination": {"style": "keyset", "write": "query:after"}, "end": [{"flag": "body:/more", "is": false}]});
    pair(
        book,
        "keyset",
        "The stored key leads on, and the proof that keys only grow is kept over the stop.",
        &keyset,
        || {
            |asked: &Asked| {
                let at = asked.number("after", 0);
                Reply::ok(format!("{{\"data\":{},\"more\":{}}}", rows(at + 1, at + 4), at < 6))
            }
        },
        ("complete", [6, 3]),
    );
    let states = json!({
        "request": {"url": "https://api.example.com/search"}, "records": "/data", "id": "/id",
        "pagination": {"state": [
            {"write": "query:page", "start": 1, "next": {"add": "one"}},
            {"write": "query:search", "next": "body:/search"}
        ]},
        "end": [{"flag": "body:/more", "is": false}],
    });
    pair(
        book,
        "long_form",
        "Every state of the long form goes on where it stood.",
        &states,
        || {
            |asked: &Asked| {
                let at = (asked.number("page", 1) - 1) * 2;
                let search = if at == 0 { ",\"search\":\"s-1\"" } else { "" };
                Reply::ok(format!("{{\"data\":{},\"more\":{}{search}}}", rows(at, at + 2), at < 4))
            }
        },
        ("unproven", [4, 2]),
    );
}

fn promises(book: &mut Book) {
    let plain = || cursors(9, |_, _| None);
    book.add(
        scenario(
            "checkpoint_is_never_ahead",
            "While a page is handed out but not stored, the checkpoint still points at that page: a crash loses nothing.",
            cursor(json!({})),
            plain(),
        )
        .checkpoint(Mark::Start)
        .checkpoint(Mark::Delivered(1))
        .checkpoint(Mark::Stored(1))
        .checkpoint(Mark::Delivered(2))
        .stop(Mark::Delivered(2))
        .checkpoint(Mark::End)
        .ends("stopped", 6),
    );
    let crashed = book.add(
        scenario(
            "crash_before_the_page_was_stored",
            "The process dies with a page in its hands; its checkpoint is the one before.",
            cursor(json!({})),
            plain(),
        )
        .checkpoint(Mark::Delivered(2))
        .stop(Mark::Delivered(2))
        .ends("stopped", 6),
    );
    book.add(
        scenario(
            "page_not_stored_is_delivered_again",
            "What was not acknowledged comes again after a resume.",
            cursor(json!({})),
            plain(),
        )
        .resumes(&crashed, 1000)
        .ends("complete", 6),
    );
    let finished = book.add(
        scenario(
            "checkpoint_of_a_finished_walk",
            "The checkpoint of a list that has ended holds its report.",
            cursor(json!({})),
            cursors(5, |_, _| None),
        )
        .checkpoint(Mark::End)
        .ends("complete", 5),
    );
    book.add(
        scenario(
            "resume_of_a_finished_walk",
            "A finished checkpoint answers at once with its report: no request, no record.",
            cursor(json!({})),
            cursors(5, |_, _| None),
        )
        .resumes(&finished, 1000)
        .ends("complete", 0),
    );
    book.add(
        scenario(
            "stopped_before_the_first_answer",
            "A walk stopped with a request on the wire ends at once; the late answer is ignored, and the end stays the end.",
            cursor(json!({})),
            plain(),
        )
        .stop(Mark::Sent(1))
        .checkpoint(Mark::End)
        .ends("stopped", 0),
    );
    let waiting = || cursors(9, first(3, 1, |_| Reply::status(429, "").with("retry-after", "3600")));
    let limited = book.add(
        scenario(
            "long_wait_is_kept_in_the_checkpoint",
            "The server wants an hour: the walk ends, and its checkpoint says when to come back.",
            cursor(json!({})),
            waiting(),
        )
        .checkpoint(Mark::End)
        .fails("EP_RATE_LIMITED", 3),
    );
    book.add(
        scenario(
            "restarted_process_waits_too",
            "A process that resumes fifty minutes later waits for the rest of the hour before its first request.",
            cursor(json!({})),
            plain(),
        )
        .resumes(&limited, 3_000_000)
        .ends("complete", 6),
    );
    book.add(
        scenario(
            "restarted_process_comes_too_early",
            "A process that resumes after half an hour would wait longer than `max_wait`: it stops again without a request, with the same time to come back.",
            cursor(json!({})),
            plain(),
        )
        .resumes(&limited, 1_800_000)
        .checkpoint(Mark::End)
        .fails("EP_RATE_LIMITED", 0),
    );
    let cut = |records: u64| cursor(json!({"id": null, "limits": {"records": records}}));
    let few = book.add(
        scenario(
            "records_without_ids_are_cut",
            "A limit inside a page of records without ids: the checkpoint counts the rows that were handed out.",
            cut(4),
            plain(),
        )
        .checkpoint(Mark::End)
        .limited("EP_LIMIT_REACHED", 4),
    );
    book.add(
        scenario(
            "records_without_ids_go_on",
            "The page is asked for again and its first rows, which were handed out before, are skipped.",
            cut(100),
            plain(),
        )
        .resumes(&few, 1000)
        .ends("complete", 5),
    );
}

fn moved_lists(book: &mut Book) {
    let source = with(
        offset(json!({"size": {"write": "query:limit", "value": 4}})),
        json!({"order": {"by": "/id", "direction": "desc", "immutable": true}, "total": null}),
    );
    let served = |newest: u64, gone: u64| {
        move |asked: &Asked| {
            let (at, limit) = (asked.number("offset", 0), asked.number("limit", 4));
            let ids: Vec<u64> = (1..=newest).rev().filter(|id| *id <= gone).collect();
            let page = ids.into_iter().skip(at as usize).take(limit as usize);
            Reply::ok(format!("{{\"data\":{}}}", super::server::list(page)))
        }
    };
    let stopped = book.add(
        scenario(
            "resume_over_a_changed_list_stopped",
            "A walk over a list of newest rows first is stopped behind its second page.",
            source.clone(),
            served(20, 20),
        )
        .checkpoint(Mark::Stored(2))
        .stop(Mark::Stored(2))
        .ends("stopped", 7),
    );
    let resumed = |name: &str, why: &str, server: Box<dyn FnMut(&Asked) -> Reply>| -> Scenario {
        scenario(name, why, source.clone(), server).resumes(&stopped, 60_000)
    };
    book.add(
        resumed(
            "resume_after_inserts",
            "Rows were inserted at the head meanwhile: the walk meets known rows and goes on behind them.",
            Box::new(served(25, 25)),
        )
        .ends("complete", 13),
    );
    book.add(
        resumed(
            "resume_after_deletes",
            "Rows were deleted at the head meanwhile: the walk steps back until it meets a row it knows.",
            Box::new(served(20, 16)),
        )
        .ends("complete", 13),
    );
    book.add(
        resumed(
            "resume_on_another_list",
            "No known row is left anywhere: the list is another one, and the walk says so instead of going on.",
            Box::new(served(10, 10)),
        )
        .fails("EP_SOURCE_CHANGED", 0),
    );
}
