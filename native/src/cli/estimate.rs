//! `everypage estimate`: how many requests, and how long, before anything is sent.

use super::args::Estimate;
use super::exit::Exit;
use super::numbers::{count, several, span};
use super::{check, document, say, tell};
use everypage_core::pace::{Window, estimate};
use everypage_core::source::{RateWindow, Source, Style};

/// What is assumed where neither the source nor the options say it.
const USUAL_SIZE: u64 = 100;

pub(super) fn run(arguments: &Estimate) -> Exit {
    let source = match document::read(&arguments.source) {
        Ok(source) => source,
        Err(error) => return check::explain(&error),
    };
    let declared = source.size.as_ref().and_then(|size| size.value);
    let size = arguments.page_size.or(declared).unwrap_or(USUAL_SIZE);
    let requests = requests(&source, arguments.total, size);
    let windows: Vec<Window> =
        source.rate.windows.iter().map(|window| limit(*window, source.rate.burst)).collect();
    let concurrency = arguments.concurrency.unwrap_or(source.concurrency);
    let time = estimate(requests, &windows, concurrency, arguments.latency);
    tell(format_args!("{}: {}, {}", source.name, several(requests, "request", "requests"), span(time)));
    let sequential = estimate(requests, &[], concurrency, arguments.latency);
    let slowest = if time > sequential {
        "the declared rate limit sets the time".to_owned()
    } else {
        format!("at {} an answer, {} in flight", span(arguments.latency), count(concurrency.into()))
    };
    say(format_args!("{} records, {} a page; {slowest}", count(arguments.total), count(size)));
    if arguments.page_size.or(declared).is_none() && !matches!(source.pagination.style, Style::Single) {
        say("the source names no page size: `size.value` or --page-size would make this exact");
    }
    Exit::Well
}

/// One request a page; the last, full page of a list without an announced end takes one more.
fn requests(source: &Source, total: u64, size: u64) -> u64 {
    match source.pagination.style {
        Style::Single => 1,
        Style::Cursor(_)
        | Style::Keyset(_)
        | Style::Link { .. }
        | Style::Offset { .. }
        | Style::Page { .. }
        | Style::States(_) => total.div_ceil(size.max(1)).max(1),
    }
}

const fn limit(window: RateWindow, burst: bool) -> Window {
    let at_once = if burst && window.burst.is_none() { Some(window.requests) } else { window.burst };
    Window { requests: window.requests, per: window.per, burst: at_once }
}
