//! Closed lists of words with a stable spelling.

use serde::{Deserialize, Serialize};

/// What an answer is taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A page, if its body fits.
    Accept,
    /// A page without rows, whatever the body.
    Empty,
    /// The end of the list, said by the server.
    End,
    /// A dead position.
    Expired,
    /// No use trying again.
    Fatal,
    /// Too fast: wait, then try again.
    Throttled,
    /// Worth another try.
    Transient,
    /// The credentials are not (any longer) accepted.
    Unauthorized,
}

/// What showed that the list has ended. The spelling is the report's `end.signal`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndSignal {
    /// A named value is absent.
    Absent,
    /// No row that is new.
    Empty,
    /// A flag says so.
    Flag,
    /// The next position is absent, null or the empty string.
    Missing,
    /// The page number has reached the page count.
    Pages,
    /// The position that came back is the one that was sent.
    Repeat,
    /// Fewer rows than a page holds.
    Short,
    /// The whole list is one response.
    Single,
    /// A status, or a classify rule, says so.
    Status,
    /// The rows have reached the total.
    Total,
}

/// How far a total can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TotalKind {
    /// At least so many: a lower bound or a ceiling of the count itself.
    AtLeast,
    /// A guess of the server.
    Estimate,
    /// The number of records, counted by the server.
    Exact,
    /// The rows of this page only.
    Page,
    /// The rows after this page.
    Remaining,
}

/// How sure the walk is that the list is whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Ended by authority, every check passed, no way to have lost a row unseen.
    Complete,
    /// An error ended the walk.
    Failed,
    /// A check failed: rows are missing or out of reach.
    Incomplete,
    /// The caller ended the walk.
    Stopped,
    /// Ended, nothing contradicts, but something needed is missing.
    Unproven,
}

/// How one check came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The evidence speaks against a whole list.
    Failed,
    /// The evidence agrees.
    Passed,
    /// There is no evidence.
    Unavailable,
}

/// The closed list of checks a report carries, in the order they are printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// What ended the walk, and whether it had the authority to.
    EndSignal,
    /// Distinct records against the server's total.
    Total,
    /// Every place where two pages meet.
    Seams,
    /// The declared order, row by row.
    Order,
    /// Rows received against the size asked for.
    PageSize,
    /// Records met more than once.
    Duplicates,
    /// Holes between dense ids.
    Gaps,
    /// Limits the server will not go beyond.
    Cap,
    /// Signals that speak against each other.
    Contradiction,
    /// The server's own admission that rows are missing.
    IncompleteFlag,
    /// Whether the headers the walk depends on can be seen.
    HeadersVisible,
}

impl CheckName {
    /// All of them, in the order they are printed.
    pub const ALL: [CheckName; 11] = [
        CheckName::EndSignal,
        CheckName::Total,
        CheckName::Seams,
        CheckName::Order,
        CheckName::PageSize,
        CheckName::Duplicates,
        CheckName::Gaps,
        CheckName::Cap,
        CheckName::Contradiction,
        CheckName::IncompleteFlag,
        CheckName::HeadersVisible,
    ];
}
