//! A scroll: the server keeps the position and moves on at every call; the id stays the same.

use super::{Refused, cut, name, size, total};
use crate::{
    app::{App, State},
    ask::Ask,
    reply::Reply,
    token::Token,
};
use bytes::BytesMut;

/// One open scroll.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scroll {
    after: u64,
    size: usize,
    uses: u64,
}

/// `{"_scroll_id":…,"hits":{"total":{…},"hits":[{"_id":…,"_source":{…}}]}}`; an empty page is the end.
pub(super) fn scroll(app: &App, state: &mut State, ask: &Ask<'_>) -> Result<Reply, Refused> {
    let id = ask.text(&["scroll_id"]).map(std::borrow::Cow::into_owned);
    let (id, scroll) = match id {
        None => {
            let id = name(app, state.scrolls.len() as u64 + 1);
            let scroll = Scroll { after: Token::START, size: size(app, ask), uses: 0 };
            (id, scroll)
        }
        Some(id) => {
            let Some(scroll) = state.scrolls.get(&id).copied() else {
                return Err(Box::new(Reply::error(
                    404,
                    "search_context_missing",
                    "no such scroll, or no longer",
                )));
            };
            if let Some(expiry) = app.shape.expiry
                && expiry.uses.is_some_and(|uses| scroll.uses >= uses)
                && state.deaths < expiry.times
            {
                state.deaths += 1;
                state.scrolls.remove(&id);
                return Err(Box::new(Reply::error(
                    expiry.status,
                    "search_context_missing",
                    "the scroll has expired",
                )));
            }
            (id, scroll)
        }
    };
    let order = ask.order();
    let start = if scroll.after == Token::START {
        0
    } else {
        let rows = state.life.rows_before(scroll.after, false, order);
        rows.checked_sub(1).map_or(0, |last| app.shape.short.place(last) + 1)
    };
    let cut = cut(app, state, ask, start, scroll.size, false)?;
    let mut hits = BytesMut::with_capacity(cut.window.seqs.len() * 560);
    for &seq in &cut.window.seqs {
        hits.extend_from_slice(format!("{{\"_id\":{},\"_source\":", app.store.maker.id_json(seq)).as_bytes());
        let record = state.life.record(&app.store, seq);
        hits.extend_from_slice(record.get(..record.len().saturating_sub(1)).unwrap_or_default());
        hits.extend_from_slice(b"},");
    }
    hits.truncate(hits.len().saturating_sub(1));
    let after = cut.window.seqs.last().copied().unwrap_or(scroll.after);
    let opened = scroll.after != Token::START;
    let total = total(app, state, "value");
    let total =
        total.strip_prefix(',').map_or(String::new(), |t| format!(",\"total\":{{{t},\"relation\":\"eq\"}}"));
    let tail = format!("]{total}}},\"_scroll_id\":\"{id}\"}}");
    state.scrolls.insert(id, Scroll { after, uses: scroll.uses + u64::from(opened), ..scroll });
    Ok(Reply::page("{\"hits\":{\"hits\":[", hits.freeze(), tail))
}
