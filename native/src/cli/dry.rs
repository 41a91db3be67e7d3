//! `--dry-run`: the first request, as it would go out, with its secrets hidden.

use super::exit::Exit;
use super::{say, tell};
use crate::transport::{Timer, TokioTimer};
use everypage_core::http::Request;
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Source, wire};
use everypage_core::walk::{Step, Walk};
use std::fmt::Write;

pub(super) fn run(source: &Source) -> Exit {
    let now = TokioTimer::new().now();
    match Walk::start(source.clone(), &Budget::new(), Seed(0), now).poll(now) {
        Step::Send(exchange) => {
            show(source, &exchange.request);
            Exit::Well
        }
        Step::Finish(report) => {
            let why =
                report.error.map_or_else(|| "there is nothing to send".to_owned(), |error| error.advice);
            say(format_args!("everypage: {why}"));
            Exit::Failed
        }
        Step::Authorize(_) | Step::Blocked(_) | Step::Deliver(_) | Step::Sleep { .. } => {
            say("everypage: the walk doesn't begin with a request");
            Exit::Failed
        }
    }
}

fn show(source: &Source, request: &Request) {
    let hide = |text: &str| hide(&wire::mask(&source.auth, text));
    let mut text = format!("{} {}\n", request.method.as_str(), hide(&request.url));
    // Writing to a string can't fail.
    for (name, value) in &request.headers {
        let secret = source.auth.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let _ = writeln!(text, "{name}: {}", if secret { HIDDEN.to_owned() } else { hide(value) });
    }
    if let Some(body) = &request.body {
        let _ = writeln!(text, "\n{}", hide(&String::from_utf8_lossy(body)));
    }
    tell(text.trim_end());
}

const HIDDEN: &str = "[secret]";

/// The placeholders of masked secrets tell which secret it was: more than a terminal needs.
fn hide(masked: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(masked.len()), masked);
    while let Some((before, after)) = rest.split_once("{{auth:") {
        let Some((_, tail)) = after.split_once("}}") else { break };
        out.push_str(before);
        out.push_str(HIDDEN);
        rest = tail;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_one_word() {
        assert_eq!(hide("a={{auth:query.key:raw}}&b={{auth:x:url}}"), "a=[secret]&b=[secret]");
        assert_eq!(hide("nothing {{auth: here"), "nothing {{auth: here");
    }
}
