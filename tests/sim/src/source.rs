//! The source that describes the API of a run.

use crate::setup::{Setup, Style, Total};
use everypage_core::source::{Fill, Source};
use serde_json::{Value, json};

/// Where the API is.
pub const ORIGIN: &str = "https://api.sim.example";

/// The secret of a generation of credentials. It is looked for in everything the walk writes.
pub fn secret(seed: u64, generation: u32) -> String {
    format!("c4n+ry/{seed:x}={generation}")
}

/// `auth` for a generation of credentials.
pub fn auth(setup: &Setup, generation: u32) -> Value {
    let secret = secret(setup.seed, generation);
    if setup.query_secret { json!({"query": {"api_key": secret}}) } else { json!({"bearer": secret}) }
}

/// The source of a run.
///
/// # Errors
/// When the document is not valid: a mistake of the simulator.
pub fn source(setup: &Setup) -> Result<Source, String> {
    read(&document(setup))
}

/// Another source than that of the run: a checkpoint of the one is none of the other.
///
/// # Errors
/// When the document is not valid: a mistake of the simulator.
pub fn other(setup: &Setup, which: u64) -> Result<Source, String> {
    let mut doc = document(setup);
    let (at, value) = match which % 4 {
        0 => ("/request/url", json!(format!("{ORIGIN}/lists"))),
        1 => ("/records", json!("/items")),
        2 => ("/request/query", json!({"status": "active"})),
        _ => ("/pagination/contact", json!("off")),
    };
    let (parent, name) = at.rsplit_once('/').unwrap_or_default();
    if let Some(map) = doc.pointer_mut(parent).and_then(Value::as_object_mut) {
        map.insert(name.to_owned(), value);
    }
    read(&doc)
}

fn read(doc: &Value) -> Result<Source, String> {
    Source::from_value(doc, &Fill::none()).map_err(|error| format!("the simulator's source: {error}"))
}

fn document(setup: &Setup) -> Value {
    let mut doc = json!({
        "name": "sim",
        "request": {"url": format!("{ORIGIN}/list")},
        "auth": auth(setup, 0),
        "records": "/data",
        "id": "/id",
        "size": {"write": "query:limit", "value": setup.size},
        "pagination": pagination(setup),
        "ahead": setup.ahead,
        "concurrency": setup.concurrency,
    });
    let mut put = |key: &str, value: Value| {
        if let Some(map) = doc.as_object_mut() {
            map.insert(key.to_owned(), value);
        }
    };
    if setup.style == Style::PageFixed || setup.style == Style::Single {
        put("size", Value::Null);
    }
    if setup.odd.keyless {
        put("id", Value::Null);
    }
    if setup.odd.max_declared
        && setup.max <= setup.size
        && !matches!(setup.style, Style::PageFixed | Style::Single)
    {
        put("size", json!({"write": "query:limit", "value": setup.size, "max": setup.max}));
    }
    if setup.ordered && !setup.odd.keyless {
        let direction = if setup.descending { "desc" } else { "asc" };
        put("order", json!({"by": "/at", "direction": direction, "immutable": true}));
    }
    if setup.asked_total && setup.style != Style::Single {
        let request = json!({"url": format!("{ORIGIN}/count")});
        put("total", json!({"read": "body:/total", "kind": "exact", "request": request}));
    } else if setup.total != Total::None {
        put("total", json!({"read": "body:/total", "kind": "exact"}));
    }
    let flag = json!({"flag": "body:/more", "is": false});
    let end = match (setup.style, setup.flag) {
        (Style::LongOffset, true) => json!(["empty", flag]),
        (Style::LongOffset, false) => json!(["empty"]),
        (Style::LongToken, _) => json!(["missing"]),
        (Style::Single, _) | (_, false) => Value::Null,
        (style, true) if style.by_token() || style.by_link() => json!(["missing", flag]),
        (_, true) => json!(["short", "empty", flag]),
    };
    put("end", end);
    if let Some((requests, per)) = setup.rate {
        put("rate", json!([{"requests": requests, "per": format!("{per}ms")}]));
        put("pacing", json!(if setup.burst { "burst" } else { "smooth" }));
    }
    let mut limits = serde_json::Map::new();
    if let Some(deadline) = setup.deadline {
        limits.insert("deadline".into(), json!(format!("{deadline}ms")));
    }
    if let Some(records) = setup.odd.records {
        limits.insert("records".into(), json!(records));
    }
    if let Some(pages) = setup.odd.pages {
        limits.insert("pages".into(), json!(pages));
    }
    if !limits.is_empty() {
        put("limits", Value::Object(limits));
    }
    if let Some(map) = doc.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    doc
}

fn pagination(setup: &Setup) -> Value {
    let stable = if setup.stable { "key" } else { "unknown" };
    let mut paging = match setup.style {
        Style::Offset => json!({"style": "offset"}),
        Style::Page | Style::PageFixed => json!({"style": "page"}),
        Style::CursorKey => {
            json!({"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": stable})
        }
        Style::CursorOffset => json!({"style": "cursor", "read": "body:/next", "write": "query:cursor"}),
        Style::CursorSnapshot => {
            let stable = if setup.stable { "snapshot" } else { "unknown" };
            json!({"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": stable})
        }
        Style::Keyset => json!({"style": "keyset", "write": "query:after"}),
        Style::KeysetInclusive => json!({"style": "keyset", "write": "query:from"}),
        Style::KeysetTies => json!({"style": "keyset", "read": "last:/grp", "write": "query:beyond"}),
        Style::LinkPage | Style::LinkOffset => json!({"style": "link", "read": link(setup)}),
        Style::LinkToken => json!({"style": "link", "read": link(setup), "stable": stable}),
        Style::LongOffset => {
            json!({"state": [{"write": "query:offset", "start": 0, "next": {"add": "records"}}]})
        }
        Style::LongToken => json!({"state": [
            {"write": "query:cursor", "next": "body:/next"},
        ], "stable": stable}),
        Style::Single => json!({"style": "single"}),
    };
    if let Some(map) = paging.as_object_mut()
        && setup.style.by_token()
    {
        let expired = if setup.odd.keyless { "fail" } else { setup.expired };
        map.insert("expired".into(), expired.into());
        if setup.once {
            map.insert("reuse".into(), "once".into());
        }
    }
    paging
}

fn link(setup: &Setup) -> &'static str {
    if setup.header_link { "link:next" } else { "body:/next" }
}
