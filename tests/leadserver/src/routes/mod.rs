//! The lists, style by style. Each turns a window over the same rows into the envelope of its style.

mod numbered;
mod scroll;
mod tokens;

use crate::{
    app::{App, State},
    ask::{Ask, Endpoint, decode},
    chance::below,
    fault::shape::PastCap,
    list::Window,
    reply::Reply,
};
use bytes::Bytes;
use hyper::{Method, header::CONTENT_TYPE, http::request::Parts as Head};
pub(crate) use scroll::Scroll;
use serde_json::Value;

/// An answer that isn't a page.
pub(crate) type Refused = Box<Reply>;

/// Takes a list request apart; a wrong method or an unreadable body is answered at once.
pub(crate) fn ask<'a>(
    endpoint: Endpoint,
    head: &'a Head,
    query: &'a str,
    body: &Bytes,
    host: &'a str,
) -> Result<Ask<'a>, Refused> {
    let posted = head.method == Method::POST;
    let fits = posted || head.method == Method::GET || head.method == Method::HEAD;
    if !fits || endpoint.posts().is_some_and(|wants| wants != posted) {
        return Err(Box::new(Reply::error(405, "method_not_allowed", "this list is not asked so")));
    }
    let mut values = None;
    if posted && !body.is_empty() {
        let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let value = if kind.starts_with("application/x-www-form-urlencoded") {
            form(&String::from_utf8_lossy(body))
        } else if let Ok(value) = serde_json::from_slice::<Value>(body) {
            value
        } else {
            return Err(Box::new(Reply::error(400, "bad_body", "the request's body is no JSON")));
        };
        values = Some(value);
    }
    if endpoint == Endpoint::Graphql {
        values = Some(variables(values.as_ref())?);
    }
    Ok(Ask { endpoint, path: head.uri.path(), query, body: values, host })
}

/// A form's fields as an object of strings.
fn form(body: &str) -> Value {
    let fields = body.split('&').filter_map(|pair| pair.split_once('='));
    fields.map(|(name, value)| (decode(name).into_owned(), Value::from(decode(value)))).collect()
}

/// The variables of a GraphQL request for the one query there is.
fn variables(body: Option<&Value>) -> Result<Value, Refused> {
    let refuse = |message: &str| {
        let errors = serde_json::json!({ "errors": [{ "message": message }] });
        Err(Box::new(Reply::json(200, errors.to_string())))
    };
    let Some(query) = body.and_then(|body| body.get("query")).and_then(Value::as_str) else {
        return refuse("no query");
    };
    if query.trim_start().starts_with("mutation") || !query.contains("leads") {
        return refuse("only the query `leads` is served");
    }
    Ok(body.and_then(|body| body.get("variables")).cloned().unwrap_or_default())
}

/// The page that was asked for. Every page is one list request to the churn rule.
pub(crate) fn page(app: &App, state: &mut State, ask: &Ask<'_>) -> Reply {
    if let Some(churn) = &app.config.churn {
        state.life.tick(&app.store, churn, app.config.seed);
    }
    let made = match ask.endpoint {
        Endpoint::Offset => numbered::offset(app, state, ask),
        Endpoint::Page => numbered::page(app, state, ask),
        Endpoint::Link | Endpoint::LinkBody if ask.text(&["by"]).as_deref() != Some("cursor") => {
            numbered::link(app, state, ask)
        }
        Endpoint::Single => numbered::single(app, state, ask),
        Endpoint::Keyset => tokens::keyset(app, state, ask),
        Endpoint::Scroll => scroll::scroll(app, state, ask),
        Endpoint::Cursor
        | Endpoint::Graphql
        | Endpoint::Link
        | Endpoint::LinkBody
        | Endpoint::Odata
        | Endpoint::Search => tokens::cursor(app, state, ask),
    };
    made.unwrap_or_else(|refused| *refused)
}

/// Rows per page for this request.
fn size(app: &App, ask: &Ask<'_>) -> usize {
    let asked = ask.size().unwrap_or(app.config.page_size).clamp(1, app.config.max_limit);
    asked.min(app.shape.clamp.unwrap_or(usize::MAX))
}

/// A window, and whether the list goes on behind it.
struct Cut {
    window: Window,
    more: bool,
    /// Whether the cap keeps rows back, and says so.
    flagged: bool,
}

/// The rows at a place, as far as the cap lets them be seen. Numbered styles see whole blank pages and rows that
/// come again.
fn cut(
    app: &App,
    state: &State,
    ask: &Ask<'_>,
    start: usize,
    size: usize,
    numbered: bool,
) -> Result<Cut, Refused> {
    let (life, shape) = (&state.life, &app.shape);
    let blanks = if numbered { &shape.holes } else { &shape.short };
    let again = if numbered { shape.repeat_rows.min(life.len()) } else { 0 };
    let places = blanks.places(life.len() + again);
    let (mut start, mut stop, mut more) = (start, places, None);
    let mut flagged = false;
    if let Some(cap) = shape.cap.filter(|cap| cap.rows < places) {
        flagged = cap.flagged;
        stop = cap.rows;
        match cap.past {
            PastCap::Silence => {}
            PastCap::Error if start >= cap.rows => {
                let message = format!("results past {} are not served", cap.rows);
                return Err(Box::new(Reply::error(400, "result_window_too_large", &message)));
            }
            PastCap::Error => more = Some(true),
            PastCap::Repeat => {
                start = if start >= cap.rows { cap.rows.saturating_sub(size) } else { start };
                more = Some(true);
            }
        }
    }
    let window = life.window(blanks, start, size, stop, ask.order());
    let more = more.unwrap_or(window.end < stop);
    Ok(Cut { window, more, flagged })
}

/// `,"total":250`, or nothing where no total is told.
fn total(app: &App, state: &State, name: &str) -> String {
    let again = app.shape.repeat_rows.min(state.life.len());
    app.shape.told(state.life.len() + again).map_or(String::new(), |total| format!(",\"{name}\":{total}"))
}

/// The host of the next link of page `page`.
fn link_host(app: &App, ask: &Ask<'_>, page: u64) -> String {
    match &app.shape.foreign {
        Some((when, to)) if when.names(page) => to.clone().unwrap_or_else(|| app.foreign()),
        _ => ask.host.to_owned(),
    }
}

/// An id for something that lasts longer than a request.
fn name(app: &App, n: u64) -> String {
    format!("{:016x}", below(app.config.seed, 0x5c, n, u64::MAX))
}
