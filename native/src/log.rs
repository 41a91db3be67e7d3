//! What is logged: a span for each walk and each request, and an event for what became of it. Names, hosts,
//! paths, counts and kinds; never a query, a header value or a body.

use everypage_core::http::{Failure, Request, Response};
use everypage_core::time::Millis;
use everypage_core::walk::{SleepReason, Ticket};
use tracing::{Span, debug, debug_span, info_span};

pub(crate) fn walk(source: &str) -> Span {
    info_span!("walk", source)
}

pub(crate) fn request(walk: &Span, ticket: Ticket, request: &Request) -> Span {
    let place = request.url.split(['?', '#']).next().unwrap_or_default();
    debug_span!(parent: walk, "request", ticket = ticket.0, method = request.method.as_str(), url = place)
}

pub(crate) fn answered(answer: &Result<Response, Failure>) {
    match answer {
        Ok(response) => debug!(status = response.status, bytes = response.body.len(), "answered"),
        Err(failure) => debug!(kind = ?failure.kind, detail = failure.detail, "failed"),
    }
}

pub(crate) fn waits(walk: &Span, why: SleepReason, wait: Millis) {
    debug!(parent: walk, reason = ?why, ms = wait.0, "waiting");
}
