//! The servers of the scenarios, and the sources that walk them.

use everypage_conformance::world::json as answer;
use everypage_core::http::Response;
use everypage_core::time::Now;
use everypage_core::url::Url;
use serde_json::{Value, json};

/// Everything a scenario's server knows about a request.
pub struct Asked {
    pub url: Url,
    /// List requests before this one.
    pub before: u64,
    pub authorized: bool,
    pub now: Now,
}

impl Asked {
    pub fn number(&self, name: &str, default: u64) -> u64 {
        self.url.param(name).and_then(|v| v.parse().ok()).unwrap_or(default)
    }

    pub fn cursor(&self) -> u64 {
        self.url.param("cursor").and_then(|c| c.strip_prefix("c_").and_then(|n| n.parse().ok())).unwrap_or(0)
    }
}

pub type Answer = Box<dyn FnMut(&Asked) -> Response>;

pub fn rows(from: u64, to: u64) -> String {
    let rows: Vec<String> = (from..to.max(from)).map(|id| format!("{{\"id\":{id}}}")).collect();
    format!("[{}]", rows.join(","))
}

pub fn status(status: u16, body: &str) -> Response {
    Response { status, ..answer(body) }
}

pub fn cursor(more: Value) -> Value {
    let mut doc = json!({
        "request": {"url": "https://api.example.com/cursor"}, "records": "/data", "id": "/id",
        "auth": {"bearer": "canary-token"},
        "pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "key"},
    });
    merge(&mut doc, more);
    doc
}

pub fn offset(more: Value) -> Value {
    let mut doc = json!({
        "request": {"url": "https://api.example.com/offset"}, "records": "/data", "id": "/id",
        "size": {"write": "query:limit", "value": 50}, "pagination": {"style": "offset"}, "total": "body:/total",
        "order": {"by": "/id", "direction": "asc", "immutable": true},
    });
    merge(&mut doc, more);
    doc
}

pub fn merge(doc: &mut Value, more: Value) {
    if let Value::Object(more) = more {
        for (key, value) in more {
            doc[key] = value;
        }
    }
}

/// Pages of 50 behind a cursor, with something else at some pages.
pub fn pages(n: u64, mut odd: impl FnMut(u64, &Asked) -> Option<Response> + 'static) -> Answer {
    Box::new(move |asked| {
        let at = asked.cursor();
        if let Some(response) = odd(at, asked) {
            return response;
        }
        // A cursor beyond 1000 is the one behind an empty page.
        let at = at % 1000;
        let end = (at + 50).min(n);
        let next = if end < n { format!("\"c_{end}\"") } else { "null".to_owned() };
        answer(format!("{{\"data\":{},\"next\":{next},\"total_count\":{n}}}", rows(at, end)))
    })
}

pub fn offsets(n: u64, cap: u64, visible: u64) -> Answer {
    Box::new(move |asked| {
        let (at, limit) = (asked.number("offset", 0), asked.number("limit", 50).min(cap));
        answer(format!("{{\"data\":{},\"total\":{n}}}", rows(at, (at + limit).min(visible))))
    })
}

pub fn once(
    mut response: impl FnMut(&Asked) -> Response + 'static,
) -> impl FnMut(u64, &Asked) -> Option<Response> {
    let mut done = false;
    move |at, asked| {
        let now = at == 100 && !done;
        done |= now;
        now.then(|| response(asked))
    }
}

pub fn links(header: impl Fn(u64, u64) -> String + 'static, empty_at: Option<u64>) -> Answer {
    Box::new(move |asked| {
        let page = asked.number("page", 1);
        // Behind an empty page the list goes on where it was.
        let shift = u64::from(empty_at.is_some_and(|empty| page > empty));
        let (from, to) = ((page - 1 - shift) * 50, ((page - shift) * 50).min(250));
        let mut response = answer(if empty_at == Some(page) { "[]".to_owned() } else { rows(from, to) });
        if to < 250 {
            response.headers.push("link", header(page + 1, to));
        }
        response
    })
}

pub fn link(more: Value) -> Value {
    let mut doc = json!({
        "request": {"url": "https://api.example.com/link"}, "records": "", "id": "/id",
        "auth": {"bearer": "canary-token"},
        "pagination": {"style": "link", "read": "link:next", "stable": "key"},
    });
    merge(&mut doc, more);
    doc
}

pub fn throttled(header: impl Fn(Now) -> String + 'static) -> Answer {
    pages(
        250,
        once(move |asked| {
            let mut response = status(429, "{}");
            response.headers.push("retry-after", header(asked.now));
            response
        }),
    )
}

pub fn http_date(unix: i64) -> String {
    // 2026-09-21 is a Monday; the virtual clock starts on that day, 13:46:40.
    let second = unix - 1_790_000_000 + 14 * 3600 + 13 * 60 + 20;
    format!("Mon, 21 Sep 2026 {:02}:{:02}:{:02} GMT", second / 3600, second / 60 % 60, second % 60)
}
