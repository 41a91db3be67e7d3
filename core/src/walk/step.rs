//! What a walk asks of its host, and what it hands out.

use super::report::Report;
use crate::facts::Auth;
use crate::http::Request;
use crate::json::Span;
use crate::time::Tick;
use std::sync::Arc;

/// The one thing the host must do next. Asking again without news gives nothing new to do.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// Fetch fresh credentials for this generation, then call `handle_credentials`.
    Authorize(Generation),
    /// Nothing to do until what is named happens.
    Blocked(BlockedOn),
    /// Take these records, store them, then acknowledge the page.
    Deliver(Page),
    /// The end; every later poll says the same.
    Finish(Box<Report>),
    /// Perform this request and answer with its ticket.
    Send(Exchange),
    /// Poll again at or after `until`.
    Sleep {
        /// When.
        until: Tick,
        /// Why.
        why: SleepReason,
    },
}

/// What a blocked walk waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockedOn {
    /// A delivered page to be acknowledged.
    Acknowledgement,
    /// The answer to a request that was sent.
    Answer,
    /// A slot of the budget that another walk holds.
    Budget,
    /// Fresh credentials that were asked for.
    Credentials,
}

impl BlockedOn {
    /// The stable name, as transcripts and hosts in other languages spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            BlockedOn::Acknowledgement => "acknowledgement",
            BlockedOn::Answer => "answer",
            BlockedOn::Budget => "budget",
            BlockedOn::Credentials => "credentials",
        }
    }
}

/// Why a walk sleeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SleepReason {
    /// The pause before another try.
    Backoff,
    /// The rate limit, declared or announced.
    Pace,
    /// The server said how long.
    RetryAfter,
}

impl SleepReason {
    /// The stable name, as transcripts and hosts in other languages spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            SleepReason::Backoff => "backoff",
            SleepReason::Pace => "pace",
            SleepReason::RetryAfter => "retry_after",
        }
    }
}

/// One generation of credentials: after a 401 the next one is asked for, once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Generation(pub u32);

/// The permission to perform one request, once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ticket(pub u64);

/// A delivered page. Ids grow by one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PageId(pub u64);

/// A request to perform.
#[derive(Debug)]
pub struct Exchange {
    /// Answers this request, and no other.
    pub ticket: Ticket,
    /// What to send, byte for byte.
    pub request: Request,
    /// Give the attempt up at this moment.
    pub deadline: Tick,
    /// The most decoded bytes the body may have; checked while streaming.
    pub body_limit: u64,
    /// Whether addresses that are private (loopback, link-local, metadata …) may be connected to.
    pub private_allowed: bool,
}

/// The fresh records of one accepted response, as the bytes the server sent.
#[derive(Clone)]
pub struct Page {
    /// Acknowledge it by this.
    pub id: PageId,
    /// The position of its response among the accepted ones, from 1.
    pub number: u64,
    pub(crate) body: Arc<Vec<u8>>,
    pub(crate) spans: Vec<Span>,
    /// Upserts among the records: indexes of records whose key was delivered before with other bytes.
    pub(crate) revisions: Vec<u32>,
}

impl Page {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The records, each the JSON text the server sent.
    pub fn records(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.spans.iter().map(|span| span.slice(&self.body))
    }

    /// The whole body the records are slices of, and where they stand in it.
    pub fn body(&self) -> (&Arc<Vec<u8>>, &[Span]) {
        (&self.body, &self.spans)
    }

    /// Indexes of records that are newer bytes of a key delivered before.
    pub fn revisions(&self) -> &[u32] {
        &self.revisions
    }

    /// Appends the records as NDJSON: one a line. Line breaks between a record's tokens become spaces
    /// (inside JSON strings there are none), so a line is always one record.
    pub fn write_ndjson(&self, out: &mut Vec<u8>) {
        for record in self.records() {
            let start = out.len();
            out.extend_from_slice(record);
            // To look for one is many times quicker than to write every byte, and few servers break lines.
            if record.contains(&b'\n') || record.contains(&b'\r') {
                for byte in out.iter_mut().skip(start) {
                    if matches!(byte, b'\n' | b'\r') {
                        *byte = b' ';
                    }
                }
            }
            out.push(b'\n');
        }
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page")
            .field("id", &self.id)
            .field("number", &self.number)
            .field("records", &self.len())
            .finish_non_exhaustive()
    }
}

/// Fresh credentials, or none to be had.
pub type Credentials = Option<Auth>;

/// Where a walk stands, for progress displays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Accepted pages.
    pub pages: u64,
    /// Requests sent.
    pub requests: u64,
    /// Records delivered and acknowledged.
    pub records: u64,
    /// The server's total, if it states one.
    pub total: Option<u64>,
    /// Requests on the wire.
    pub in_flight: u32,
    /// What the walk waits for, and until when.
    pub waiting: Option<(SleepReason, Tick)>,
}
