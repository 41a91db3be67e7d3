//! Small scripted servers, and the sources that fit them.

use super::record::{Asked, Reply};
use serde_json::{Value, json};

/// The rows `from..to` as a JSON array.
pub fn rows(from: u64, to: u64) -> String {
    list(from..to.max(from))
}

/// Rows with these ids as a JSON array.
pub fn list(ids: impl IntoIterator<Item = u64>) -> String {
    let rows: Vec<String> = ids.into_iter().map(|id| format!("{{\"id\":{id}}}")).collect();
    format!("[{}]", rows.join(","))
}

/// A document with more members; null takes one out.
pub fn with(mut doc: Value, more: Value) -> Value {
    if let (Value::Object(doc), Value::Object(more)) = (&mut doc, more) {
        for (name, value) in more {
            if value.is_null() {
                doc.remove(&name);
            } else {
                doc.insert(name, value);
            }
        }
    }
    doc
}

/// A list behind cursors that name a key.
pub fn cursor(more: Value) -> Value {
    let doc = json!({
        "request": {"url": "https://api.example.com/leads"}, "records": "/data", "id": "/id",
        "pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "key"},
    });
    with(doc, more)
}

/// One page behind a cursor: rows and where it goes on.
pub fn cursor_page(from: u64, to: u64, n: u64) -> Reply {
    let next = if to < n { format!("\"c_{to}\"") } else { "null".to_owned() };
    Reply::ok(format!("{{\"data\":{},\"next\":{next}}}", rows(from, to)))
}

/// `n` rows behind cursors, three a page; something else where `odd` says so.
pub fn cursors(
    n: u64,
    mut odd: impl FnMut(u64, &Asked) -> Option<Reply> + 'static,
) -> impl FnMut(&Asked) -> Reply + 'static {
    move |asked| {
        let at = asked.cursor();
        odd(at, asked).unwrap_or_else(|| cursor_page(at, (at + 3).min(n), n))
    }
}

/// The first answers to the request for the rows after `at`, then nothing odd.
pub fn first(
    at: u64,
    times: u64,
    mut reply: impl FnMut(&Asked) -> Reply + 'static,
) -> impl FnMut(u64, &Asked) -> Option<Reply> + 'static {
    let mut done = 0;
    move |here, asked| {
        let now = here == at && done < times;
        done += u64::from(now);
        now.then(|| reply(asked))
    }
}

/// A list by offsets, three a page, in a declared order.
pub fn offset(more: Value) -> Value {
    let doc = json!({
        "request": {"url": "https://api.example.com/leads"}, "records": "/data", "id": "/id",
        "order": {"by": "/id", "direction": "asc", "immutable": true},
        "size": {"write": "query:limit", "value": 3}, "pagination": {"style": "offset"}, "total": "body:/total",
    });
    with(doc, more)
}

/// `n` rows by offsets; the server gives at most `cap` a page.
pub fn offsets(n: u64, cap: u64) -> impl FnMut(&Asked) -> Reply + 'static {
    move |asked| {
        let (at, limit) = (asked.number("offset", 0), asked.number("limit", 3).min(cap));
        Reply::ok(format!("{{\"data\":{},\"total\":{n}}}", rows(at, (at + limit).min(n))))
    }
}

/// A list by page numbers with a flag.
pub fn page(more: Value) -> Value {
    let doc = json!({
        "request": {"url": "https://api.example.com/leads"}, "records": "/data", "id": "/id",
        "order": {"by": "/id", "direction": "asc", "immutable": true},
        "size": {"write": "query:size", "value": 8}, "pagination": {"style": "page"},
        "end": [{"flag": "body:/more", "is": false}],
    });
    with(doc, more)
}

/// `n` rows by page numbers.
pub fn numbered(n: u64, default: u64) -> impl FnMut(&Asked) -> Reply + 'static {
    move |asked| {
        let (number, size) = (asked.number("page", 1), asked.number("size", default));
        let (from, to) = ((number - 1) * size, (number * size).min(n));
        Reply::ok(format!("{{\"data\":{},\"more\":{},\"total\":{n}}}", rows(from, to), to < n))
    }
}

/// A list by links, rows at the root.
pub fn link(more: Value) -> Value {
    let doc = json!({
        "request": {"url": "https://api.example.com/leads"}, "records": "", "id": "/id",
        "pagination": {"style": "link", "read": "link:next", "stable": "key"},
    });
    with(doc, more)
}

/// `n` rows by links whose targets come from the token they carry.
pub fn links(n: u64, target: impl Fn(u64) -> String + 'static) -> impl FnMut(&Asked) -> Reply + 'static {
    move |asked| {
        let at = asked.number("after", 0);
        let to = (at + 3).min(n);
        let reply = Reply::ok(rows(at, to));
        if to < n { reply.with("link", format!("<{}>; rel=\"next\"", target(to))) } else { reply }
    }
}

/// Answers in the order of the requests; the last one again and again.
pub fn script(replies: Vec<&'static str>) -> impl FnMut(&Asked) -> Reply + 'static {
    move |asked| {
        let index = (asked.before as usize).min(replies.len() - 1);
        Reply::ok(replies[index])
    }
}
