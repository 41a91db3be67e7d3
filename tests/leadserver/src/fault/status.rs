//! Answers in a page's place.

use super::{Fault, StatusFault};
use crate::{
    ask::{Ask, Endpoint},
    hints::{retry_after_date, retry_after_seconds, wall},
    reply::Reply,
};
use hyper::header::{HeaderValue, LOCATION};
use std::time::Duration;

/// What an answer fault needs to know of its request.
pub(crate) struct Context<'a> {
    pub(crate) ask: &'a Ask<'a>,
    pub(crate) skew: i64,
    /// A draw that belongs to this request.
    pub(crate) chance: u64,
    /// This server under another name.
    pub(crate) foreign: &'a str,
}

pub(crate) fn reply(kind: StatusFault, fault: &Fault, context: &Context<'_>) -> Reply {
    let after = fault.stated("after").map(Duration::from_secs);
    let wait = after.unwrap_or(Duration::from_secs(1));
    match kind {
        StatusFault::Code(code) => {
            let mut reply = Reply::error(code, "injected", "an injected failure");
            if let Some(after) = after {
                retry_after_seconds(&mut reply.headers, after);
            }
            reply
        }
        StatusFault::Conflict => Reply::error(409, "conflict", "the list is being rebuilt"),
        StatusFault::Empty => Reply::json(200, ""),
        StatusFault::ErrorIn200 => error_in_200(context.ask.endpoint),
        StatusFault::ErrorsEmptyData => Reply::json(200, errors_and_nothing(context.ask.endpoint)),
        StatusFault::Html => {
            let page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form></form></body></html>\n";
            Reply::new(200, "text/html; charset=utf-8", bytes::Bytes::from_static(page.as_bytes()))
        }
        StatusFault::Redirect => redirect(fault, context),
        StatusFault::Rotate => Reply::error(401, "token_expired", "the token has expired"),
        StatusFault::ServerError => {
            let code = [500, 502, 503, 504].get((context.chance % 4) as usize).copied().unwrap_or(503);
            Reply::error(code, "injected", "an injected failure")
        }
        StatusFault::TooManyBare => too_many(),
        StatusFault::TooMany => {
            let mut reply = too_many();
            retry_after_seconds(&mut reply.headers, wait);
            reply
        }
        StatusFault::TooManyDate => {
            let mut reply = too_many();
            retry_after_date(&mut reply.headers, wait, wall(context.skew));
            reply
        }
    }
}

/// 429 without a word on when to come back.
pub(crate) fn too_many() -> Reply {
    Reply::error(429, "rate_limited", "too many requests")
}

fn error_in_200(endpoint: Endpoint) -> Reply {
    let message = "the lead index timed out";
    if endpoint == Endpoint::Graphql {
        let error = serde_json::json!({ "message": message, "extensions": { "code": "INTERNAL" } });
        return Reply::json(200, serde_json::json!({ "data": null, "errors": [error] }).to_string());
    }
    Reply::error(200, "backend_timeout", message)
}

/// What looks like the end of the list but for the errors beside it.
fn errors_and_nothing(endpoint: Endpoint) -> String {
    let empty = match endpoint {
        Endpoint::Graphql => {
            r#""data":{"leads":{"edges":[],"pageInfo":{"hasNextPage":false,"endCursor":null},"totalCount":0}}"#
        }
        Endpoint::Odata => r#""value":[]"#,
        Endpoint::Search => r#""results":[]"#,
        Endpoint::Scroll => r#""hits":{"hits":[]}"#,
        Endpoint::Cursor
        | Endpoint::Keyset
        | Endpoint::Link
        | Endpoint::LinkBody
        | Endpoint::Offset
        | Endpoint::Page
        | Endpoint::Single => r#""data":[]"#,
    };
    format!(r#"{{{empty},"errors":[{{"code":"PARTIAL","message":"shard 3 did not answer"}}]}}"#)
}

fn redirect(fault: &Fault, context: &Context<'_>) -> Reply {
    let ask = context.ask;
    let code =
        u16::try_from(fault.option("code", 302)).ok().filter(|c| (300..400).contains(c)).unwrap_or(302);
    let hops = fault.option("hops", 1).max(1);
    let host = if fault.says("foreign") { context.foreign } else { ask.host };
    let to = if fault.says("loop") {
        format!("http://{}{}?{}", ask.host, ask.path, ask.query)
    } else {
        ask.link(host, &[], &format!("_hop={}-{code}", hops - 1))
    };
    hop(code, &to)
}

/// Where a request stands in a redirect chain: `_hop=LEFT-CODE`, the steps still to come and their status.
pub(crate) fn hops(query: &str) -> Option<(u64, u16)> {
    let (left, code) = query.split('&').find_map(|pair| pair.strip_prefix("_hop=")?.split_once('-'))?;
    Some((left.parse().ok()?, code.parse().ok().filter(|code| (300..400).contains(code))?))
}

/// One step of a redirect chain.
pub(crate) fn hop(code: u16, to: &str) -> Reply {
    let mut reply = Reply::json(code, "");
    if let Ok(to) = HeaderValue::from_str(to) {
        reply.headers.insert(LOCATION, to);
    }
    reply
}
