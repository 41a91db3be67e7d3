//! How fast requests may go: declared windows, what the server announces, stated waits, requests in flight, the
//! retry budget, the circuit, and the credentials that walks on one origin share.
//!
//! A [`Budget`] hands out a [`Member`] to each walk; members of one [`BudgetKey`] share one state. Every request on the
//! wire takes a [`Grant`], from every limit or from none, and a refusal names the time of the next chance. Nothing here
//! reads a clock: what happens depends on the order of the calls and the times they carry, on nothing else.

mod announced;
mod bucket;
mod budget;
mod circuit;
mod credentials;
mod estimate;
mod gcra;
mod hints;
mod pool;
mod queue;
mod sliding;
mod structured;
mod window;

pub use budget::{Budget, Member};
pub use credentials::Ask;
pub use estimate::estimate;

use crate::time::{Millis, Tick};

/// What a budget is shared by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BudgetKey {
    /// The canonical origin: `https://host[:port]`.
    pub origin: String,
    /// A hash of the credentials, never the credentials themselves.
    pub credential: u64,
}

/// What a source declares about the rate.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rules {
    /// Windows, all of which hold.
    pub windows: Vec<Window>,
    /// Use a window's allowance at once instead of spreading it over the window.
    pub burst: bool,
    /// The most requests on the wire at once, over all walks of the budget.
    pub in_flight: Option<u32>,
}

/// One declared limit: so many requests in any span of this length. One without requests or without length
/// limits nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Window {
    /// So many requests …
    pub requests: u64,
    /// … in any span of this length.
    pub per: Millis,
    /// Requests that may go out at once; a burst above `requests` makes it a bucket that refills.
    pub burst: Option<u64>,
}

/// The answer to a walk that wants to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Grant {
    /// Every slot is taken: ask again when an answer to any walk of the budget has come in.
    Busy,
    /// Send one request now.
    Go,
    /// Ask again at this time; the place in the queue is kept.
    NotBefore {
        /// When.
        at: Tick,
        /// What has to pass until then.
        why: Wait,
    },
}

/// What a walk waits for before it may send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// The origin answers nobody; one walk at a time tries whether it is back.
    Circuit,
    /// The rate, declared or announced.
    Pace,
    /// The server said how long.
    Stated,
}

/// One declared hint, as read from an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadHint {
    /// What it means.
    pub means: HintMeaning,
    /// What stands there: a number, `used/size`, or for waits and resets also a duration such as `6m0s`.
    pub text: String,
}

/// What a hint's number means. Hints that follow each other speak of one limit, until a meaning comes again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HintMeaning {
    /// The size of the window, in requests.
    Limit,
    /// Requests left in the window.
    Remaining,
    /// The window starts anew at this Unix time in milliseconds.
    ResetEpochMillis,
    /// The same in seconds.
    ResetEpochSeconds,
    /// Milliseconds until the window starts anew.
    ResetMillis,
    /// Seconds until then.
    ResetSeconds,
    /// `used/size` in one value.
    UsedOfLimit,
    /// A wait in milliseconds, a floor like `Retry-After`.
    WaitMillis,
    /// A wait in seconds.
    WaitSeconds,
}

/// What an answer said about the rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Observed {
    /// Values that could not be used.
    pub ignored: u32,
    /// The wait a declared hint states. It holds all walks of the budget already.
    pub declared: Option<Millis>,
    /// Whether some limit has nothing left.
    pub empty: bool,
    /// How long until a limit that has nothing left starts anew: the longest of several.
    pub reset: Option<Millis>,
}

#[cfg(test)]
mod tests;
