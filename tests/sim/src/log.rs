//! What happened, in order. The same seed gives the same log, byte for byte.

use crate::wire::Reply;
use everypage_core::walk::Step;

/// A log that is only written when it is wanted.
#[derive(Debug, Default)]
pub struct Log {
    wanted: bool,
    text: String,
}

impl Log {
    /// A log.
    pub const fn new(wanted: bool) -> Log {
        Log { wanted, text: String::new() }
    }

    /// Adds a line.
    pub fn line(&mut self, line: impl FnOnce() -> String) {
        if self.wanted {
            self.text.push_str(&line());
            self.text.push('\n');
        }
    }

    /// The log so far.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// A step in a few words.
    pub fn step(step: &Step) -> String {
        match step {
            Step::Authorize(generation) => format!("authorize {}", generation.0),
            Step::Blocked(on) => format!("blocked {on:?}"),
            Step::Deliver(page) => format!("deliver {} page {} rows {}", page.id.0, page.number, page.len()),
            Step::Finish(report) => format!("finish {:?} {:?}", report.verdict, report.error),
            Step::Send(exchange) => format!("send {}", exchange.ticket.0),
            Step::Sleep { until, why } => format!("sleep {} {why:?}", until.0),
        }
    }

    /// An answer in a few words.
    pub fn reply(reply: &Reply) -> String {
        match &reply.result {
            Ok(response) => {
                let headers: Vec<String> = response
                    .headers
                    .iter()
                    .filter(|(name, _)| *name != "content-type")
                    .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
                    .collect();
                let body = String::from_utf8_lossy(&response.body);
                let ids: Vec<&str> =
                    body.split("{\"id\":").skip(1).filter_map(|row| row.split(',').next()).collect();
                let tail = body.rsplit_once(']').map_or("", |(_, tail)| tail);
                format!("{} {headers:?} [{}]{tail}", response.status, ids.join(" "))
            }
            Err(failure) => format!("{:?}", failure.kind),
        }
    }
}
