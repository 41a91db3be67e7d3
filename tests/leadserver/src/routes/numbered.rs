//! Offsets and page numbers: positions that move when rows before them come or go.

use super::{Cut, Refused, cut, link_host, size, total};
use crate::{
    app::{App, State},
    ask::{Ask, Endpoint},
    reply::Reply,
};
use hyper::header::{HeaderValue, LINK};
use std::fmt::Write as _;

pub(super) fn offset(app: &App, state: &State, ask: &Ask<'_>) -> Result<Reply, Refused> {
    let (size, offset) = (size(app, ask), ask.number(&["offset", "skip", "start"]).unwrap_or(0));
    let Cut { window, .. } = cut(app, state, ask, offset, size, true)?;
    let rows = state.life.rows(&app.store, &window.seqs);
    let total = total(app, state, "total");
    Ok(Reply::page("{\"data\":[", rows, format!("],\"offset\":{offset},\"limit\":{size}{total}}}")))
}

fn page_number(ask: &Ask<'_>) -> usize {
    ask.number(&["page"]).unwrap_or(1).max(1)
}

fn paged(app: &App, state: &State, ask: &Ask<'_>) -> Result<(Cut, usize, usize), Refused> {
    let (size, page) = (size(app, ask), page_number(ask));
    Ok((cut(app, state, ask, (page - 1).saturating_mul(size), size, true)?, page, size))
}

pub(super) fn page(app: &App, state: &State, ask: &Ask<'_>) -> Result<Reply, Refused> {
    let (Cut { window, more, .. }, page, size) = paged(app, state, ask)?;
    let rows = state.life.rows(&app.store, &window.seqs);
    let mut tail =
        format!("],\"pagination\":{{\"page\":{page},\"pageSize\":{size}{}", total(app, state, "total"));
    if let Some(told) = app.shape.told(state.life.len() + app.shape.repeat_rows) {
        let pages = u64::try_from(told).unwrap_or(0).div_ceil(size as u64).max(1);
        let _ = write!(tail, ",\"totalPages\":{pages}");
    }
    let _ = write!(tail, ",\"hasNextPage\":{more},\"hasPrevPage\":{}}}}}", page > 1);
    Ok(Reply::page("{\"data\":[", rows, tail))
}

/// `/link` and `/link-body` by page numbers.
pub(super) fn link(app: &App, state: &State, ask: &Ask<'_>) -> Result<Reply, Refused> {
    let (Cut { window, more, .. }, page, size) = paged(app, state, ask)?;
    let rows = state.life.rows(&app.store, &window.seqs);
    let next = match app.shape.cycle {
        Some((first, len)) if page as u64 >= first + len - 1 => Some(first as usize),
        _ => more.then_some(page + 1),
    };
    let url = |page: usize, host: &str| {
        // A filter as real queries have them: what a parser must not cut at.
        let odd = if app.shape.weird { "&filter=a;b,c;d" } else { "" };
        ask.link(host, &["page", "filter"], &format!("page={page}{odd}"))
    };
    let foreign = link_host(app, ask, page as u64);
    let next = next.map(|next| url(next, &foreign));
    if ask.endpoint == Endpoint::LinkBody {
        return Ok(link_body(app, state, ask, rows, next));
    }
    let mut reply = Reply::page("[", rows, "]".to_owned());
    let told = app.shape.told(state.life.len() + app.shape.repeat_rows);
    let mut links = Vec::new();
    if page > 1 {
        links.push((url(page - 1, ask.host), "prev"));
    }
    if let Some(next) = next {
        links.push((next, "next"));
        if let Some(told) = told {
            let last = u64::try_from(told).unwrap_or(0).div_ceil(size as u64).max(1);
            links.push((url(last as usize, ask.host), "last"));
        }
    }
    if page > 1 {
        links.push((url(1, ask.host), "first"));
    }
    let title = if app.shape.weird { " title=\"leads; rel=\\\"prev\\\", page\";" } else { "" };
    let value: Vec<_> = links.iter().map(|(url, rel)| format!("<{url}>;{title} rel=\"{rel}\"")).collect();
    if let Ok(value) = HeaderValue::from_str(&value.join(", "))
        && !value.is_empty()
    {
        reply.headers.insert(LINK, value);
    }
    if let Some(told) = told {
        crate::hints::put(&mut reply.headers, "x-total-count", &told.to_string());
    }
    Ok(reply)
}

/// `{"data":[…],"links":{"next":…},"meta":{"total":…}}`; `?links=relative` for links without scheme and host.
pub(super) fn link_body(
    app: &App,
    state: &State,
    ask: &Ask<'_>,
    rows: bytes::Bytes,
    next: Option<String>,
) -> Reply {
    let relative = ask.text(&["links"]).as_deref() == Some("relative");
    let cut = |url: &str| url.find(ask.path).and_then(|at| url.get(at..)).unwrap_or(url).to_owned();
    let next = next.map(|next| if relative { cut(&next) } else { next });
    let next = serde_json::Value::from(next);
    let total = total(app, state, "total");
    let meta = total.strip_prefix(',').map_or(String::new(), |total| format!(",\"meta\":{{{total}}}"));
    Reply::page("{\"data\":[", rows, format!("],\"links\":{{\"next\":{next}}}{meta}}}"))
}

/// The whole list at once.
pub(super) fn single(app: &App, state: &State, ask: &Ask<'_>) -> Result<Reply, Refused> {
    let Cut { window, .. } = cut(app, state, ask, 0, usize::MAX, true)?;
    let rows = state.life.rows(&app.store, &window.seqs);
    let total = total(app, state, "total");
    Ok(Reply::page("{\"data\":[", rows, format!("]{total}}}")))
}
