//! Cursors and keysets: positions after a row, which stand still whatever comes or goes.

use super::{Cut, Refused, cut, link_host, numbered, size, total};
use crate::{
    app::{App, State},
    ask::{Ask, Endpoint, encode},
    chance::fingerprint,
    list::{Order, Window},
    reply::Reply,
    token::Token,
};
use bytes::{Bytes, BytesMut};
use hyper::header::{HeaderValue, LINK};

/// What stands before a cursor's digits where cursors are awkward: all that must be escaped somewhere.
const AWKWARD: &str = "a+b/c=d&e #f;g,h%2C";

fn write(app: &App, token: Token) -> String {
    let text = token.encode(app.config.seed);
    if app.shape.awkward { format!("{AWKWARD}{text}") } else { text }
}

fn read(app: &App, text: &str) -> Option<Token> {
    let text = if app.shape.awkward { text.strip_prefix(AWKWARD)? } else { text };
    Token::decode(text, app.config.seed)
}

fn dead(status: u16) -> Refused {
    Box::new(Reply::error(status, "cursor_expired", "this cursor is no longer good; start again"))
}

/// Whether a cursor may still be used; using it counts.
fn check(app: &App, state: &mut State, token: Token, text: &str) -> Result<(), Refused> {
    if let Some(expiry) = app.shape.expiry {
        if token.generation != state.generation {
            return Err(dead(expiry.status));
        }
        let age = app.uptime().as_millis().saturating_sub(token.issued.into());
        if expiry.ms.is_some_and(|ms| age > ms.into()) {
            return Err(dead(expiry.status));
        }
        state.uses += 1;
        if expiry.uses.is_some_and(|uses| state.uses > uses) && state.deaths < expiry.times {
            state.deaths += 1;
            state.uses = 0;
            state.generation = state.generation.wrapping_add(1);
            return Err(dead(expiry.status));
        }
    }
    if let Some(status) = app.shape.single_use
        && !state.used.insert(fingerprint(&[text.as_bytes()]))
    {
        return Err(dead(status));
    }
    Ok(())
}

fn token(app: &App, state: &State, after: u64, depth: u32) -> Token {
    // Equal positions have equal cursors, unless cursors live for a time and so must know their age.
    let timed = app.shape.expiry.is_some_and(|expiry| expiry.ms.is_some());
    let issued = if timed { u32::try_from(app.uptime().as_millis()).unwrap_or(u32::MAX) } else { 0 };
    Token { after, depth, generation: state.generation, issued }
}

/// The place of the first row behind the one `after`.
fn start_of(app: &App, state: &State, after: u64, inclusive: bool, order: Order) -> usize {
    if after == Token::START {
        return 0;
    }
    let rows = state.life.rows_before(after, inclusive, order);
    rows.checked_sub(1).map_or(0, |last| app.shape.short.place(last) + 1)
}

/// All styles with an opaque cursor.
pub(super) fn cursor(app: &App, state: &mut State, ask: &Ask<'_>) -> Result<Reply, Refused> {
    let size = size(app, ask);
    let text = ask.text(&["cursor", "$skiptoken", "after", "page_token"]);
    let sent = match &text {
        None => Token { after: Token::START, depth: 0, generation: state.generation, issued: 0 },
        Some(text) => {
            let Some(token) = read(app, text) else {
                return Err(Box::new(Reply::error(400, "bad_cursor", "this cursor was not made here")));
            };
            check(app, state, token, text)?;
            token
        }
    };
    let page = u64::from(sent.depth) + 1;
    let start = start_of(app, state, sent.after, false, ask.order());
    let empty = app.shape.empty.as_ref().is_some_and(|when| when.names(page));
    let cut = if empty {
        Cut { window: Window { seqs: Vec::new(), end: start }, more: true, flagged: false }
    } else {
        cut(app, state, ask, start, size, false)?
    };
    let next = next(app, state, ask, sent, start, size, &cut).map(|token| write(app, token));
    Ok(envelope(app, state, ask, page, &cut, next))
}

/// The position that comes after this page.
fn next(
    app: &App,
    state: &State,
    ask: &Ask<'_>,
    sent: Token,
    start: usize,
    size: usize,
    cut: &Cut,
) -> Option<Token> {
    let page = u64::from(sent.depth) + 1;
    if let Some((first, len)) = app.shape.cycle
        && page >= first + len - 1
    {
        // Back to the first page of the circle, which began so many pages before this one.
        let back = (len as usize - 1).saturating_mul(size);
        let row = start.checked_sub(back)?.checked_sub(1)?;
        let after = state.life.seq_at(app.shape.short.row(row)?, ask.order())?;
        return Some(Token { after, depth: u32::try_from(first - 1).ok()?, ..sent });
    }
    if !cut.more {
        return None;
    }
    let seqs = &cut.window.seqs;
    let early = match &app.shape.overlap {
        Some((rows, when)) if when.names(page) => (*rows).min(seqs.len().saturating_sub(1)),
        _ => 0,
    };
    let after = seqs.len().checked_sub(1 + early).and_then(|at| seqs.get(at)).copied();
    Some(token(app, state, after.unwrap_or(sent.after), sent.depth.saturating_add(1)))
}

fn envelope(app: &App, state: &State, ask: &Ask<'_>, page: u64, cut: &Cut, next: Option<String>) -> Reply {
    let more = next.is_some();
    let rows = || state.life.rows(&app.store, &cut.window.seqs);
    let total = |name| total(app, state, name);
    let incomplete = cut.flagged;
    let link = |next: &String| {
        let name = if ask.endpoint == Endpoint::Odata { "$skiptoken" } else { "cursor" };
        ask.link(&link_host(app, ask, page), &[name], &format!("{name}={}", encode(next)))
    };
    match ask.endpoint {
        Endpoint::Graphql => graphql(app, state, cut, next.as_deref()),
        Endpoint::Odata => {
            let next = next.as_ref().map_or(String::new(), |next| {
                format!(",\"@odata.nextLink\":{}", serde_json::Value::from(link(next)))
            });
            let count = total("@odata.count");
            let context = "{\"@odata.context\":\"$metadata#leads\",\"value\":[";
            Reply::page(context, rows(), format!("]{count}{next}}}"))
        }
        Endpoint::Search => {
            let next = next
                .map_or(String::new(), |next| format!(",\"next_cursor\":{}", serde_json::Value::from(next)));
            let total = total("total_count");
            let tail = format!("]{total},\"incomplete_results\":{incomplete}{next}}}");
            Reply::page("{\"results\":[", rows(), tail)
        }
        Endpoint::LinkBody => numbered::link_body(app, state, ask, rows(), next.as_ref().map(link)),
        Endpoint::Link => {
            let mut reply = Reply::page("[", rows(), "]".to_owned());
            if let Some(next) = &next
                && let Ok(value) = HeaderValue::from_str(&format!("<{}>; rel=\"next\"", link(next)))
            {
                reply.headers.insert(LINK, value);
            }
            reply
        }
        Endpoint::Cursor
        | Endpoint::Keyset
        | Endpoint::Offset
        | Endpoint::Page
        | Endpoint::Scroll
        | Endpoint::Single => {
            let next = serde_json::Value::from(next);
            let total = total("total_count");
            let paging = format!("\"next_cursor\":{next},\"has_more\":{more}{total}");
            let tail = format!("],\"pagination\":{{{paging}}},\"incomplete_results\":{incomplete}}}");
            Reply::page("{\"data\":[", rows(), tail)
        }
    }
}

/// A Relay connection: each row in an edge with its own cursor.
fn graphql(app: &App, state: &State, cut: &Cut, next: Option<&str>) -> Reply {
    let mut edges = BytesMut::with_capacity(cut.window.seqs.len() * 600);
    let mut last = None;
    for &seq in &cut.window.seqs {
        let cursor = serde_json::Value::from(write(app, token(app, state, seq, 0))).to_string();
        edges.extend_from_slice(b"{\"cursor\":");
        edges.extend_from_slice(cursor.as_bytes());
        edges.extend_from_slice(b",\"node\":");
        let record = state.life.record(&app.store, seq);
        edges.extend_from_slice(record.get(..record.len().saturating_sub(1)).unwrap_or_default());
        edges.extend_from_slice(b"},");
        last = Some(cursor);
    }
    edges.truncate(edges.len().saturating_sub(1));
    // The end cursor knows its depth where the edges' don't: faults go by pages.
    let end = next.map(|next| serde_json::Value::from(next).to_string()).or(last);
    let more = next.is_some();
    let total = total(app, state, "totalCount");
    let end = end.unwrap_or_else(|| "null".to_owned());
    let tail = format!("],\"pageInfo\":{{\"hasNextPage\":{more},\"endCursor\":{end}}}{total}}}}}}}");
    Reply::page("{\"data\":{\"leads\":{\"edges\":[", Bytes::from(edges), tail)
}

/// `?after_id=` (exclusive) or `?from_id=` (inclusive).
pub(super) fn keyset(app: &App, state: &State, ask: &Ask<'_>) -> Result<Reply, Refused> {
    let size = size(app, ask);
    let (after, from) = (ask.text(&["after_id", "starting_after"]), ask.text(&["from_id"]));
    let inclusive = after.is_none() && from.is_some();
    let start = match after.or(from) {
        None => 0,
        Some(id) => {
            let Some(seq) = app.store.maker.seq_of(&id) else {
                return Err(Box::new(Reply::error(400, "bad_id", "there never was such an id")));
            };
            start_of(app, state, seq, inclusive, ask.order())
        }
    };
    let cut = cut(app, state, ask, start, size, false)?;
    let rows = state.life.rows(&app.store, &cut.window.seqs);
    Ok(Reply::page("{\"data\":[", rows, format!("],\"has_more\":{}}}", cut.more)))
}
