//! Numbers that a walk keeps, a checkpoint stores and a report prints.

use serde::{Deserialize, Serialize};

/// Counts of a walk, over all its resumptions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Accepted responses that became pages.
    pub pages: u64,
    /// Requests put on the wire.
    pub requests: u64,
    /// Of these, tries after the first.
    pub retries: u64,
    /// Records delivered.
    pub records: u64,
    /// Records suppressed because their key was delivered before.
    pub duplicates: u64,
    /// Of these, records whose bytes had changed.
    pub revisions: u64,
    /// Elements dropped by `records.drop`.
    pub dropped: u64,
    /// Decoded bytes of all bodies.
    pub bytes: u64,
}

/// Time spent waiting, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Waits {
    /// Between tries.
    pub backoff: u64,
    /// For the rate limit.
    pub pace: u64,
    /// As the server said.
    pub retry_after: u64,
}
