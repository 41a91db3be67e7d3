//! How a walk ended, how sure it is, and each piece of evidence. The field names are a public contract.

use crate::error::{ErrorKind, WalkError};
use crate::facts::{CheckName, EndSignal, Outcome, TotalKind, Verdict};
pub use crate::facts::{Counts, Waits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The report of a walk. All keys are always there, null where unknown; it never holds a token, a cursor or
/// a secret.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Version of everypage.
    pub version: String,
    /// The source's name.
    pub source: String,
    /// Identifies this walk over all its resumptions: 16 hex digits.
    pub generation: String,
    /// How sure.
    pub verdict: Verdict,
    /// How completeness is known, if it is.
    pub basis: Option<Basis>,
    /// What ended the walk.
    pub end: Option<End>,
    /// The evidence: every check, in a fixed order.
    pub checks: Vec<Check>,
    /// Counts.
    pub counts: Counts,
    /// The server's total.
    pub total: TotalSeen,
    /// Changes of the list while it was walked.
    pub drift: Drift,
    /// Time spent waiting, by reason.
    pub waits_ms: Waits,
    /// Captured values, by name.
    pub capture: BTreeMap<String, serde_json::Value>,
    /// The error, if one ended the walk.
    pub error: Option<WalkError>,
    /// The sink, filled in by the host.
    pub sink: Option<SinkInfo>,
    /// The checkpoint's place, filled in by the host.
    pub checkpoint: Option<String>,
    /// When the walk started: RFC 3339, or null without a wall clock.
    pub started: Option<String>,
    /// Milliseconds from the start to the end, over this process only.
    pub elapsed_ms: u64,
}

/// How completeness is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The source declares the positions stable.
    Contract,
    /// The walk saw it.
    Observed,
}

/// What ended the walk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct End {
    /// The page that said so, from 1.
    pub page: u64,
    /// The signal.
    pub signal: EndSignal,
    /// Where it was read.
    pub locator: Option<String>,
    /// What was read: only for flags, counts and statuses.
    pub value: Option<serde_json::Value>,
}

/// One piece of evidence.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Check {
    /// Which.
    pub name: CheckName,
    /// How it came out.
    pub outcome: Outcome,
    /// The number that was expected.
    pub expected: Option<u64>,
    /// The number that was found.
    pub found: Option<u64>,
    /// A sentence on it, and which field of the source would supply what is missing.
    pub note: Option<String>,
}

/// The server's total.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TotalSeen {
    /// What it counts.
    pub kind: Option<TotalKind>,
    /// The first one seen.
    pub first: Option<u64>,
    /// The last one seen.
    pub last: Option<u64>,
}

/// Changes of the list while it was walked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Drift {
    /// Windows that lost contact, and totals that moved.
    pub events: u64,
    /// Contacts that were found again.
    pub repaired: u64,
    /// Seams that stayed open.
    pub open: u64,
}

/// Where the records went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SinkInfo {
    /// What it promises: `transactional`, `appendable`, `idempotent` or `at_least_once`.
    pub class: String,
    /// Where.
    pub path: Option<String>,
}

impl Report {
    /// The error this ending stands for, if it stands for one. With `strict`, a list that is not whole, or not
    /// proven to be, is an error as well.
    pub fn error_if(&self, strict: bool) -> Option<WalkError> {
        let unsure = |what: &str| {
            WalkError::new(ErrorKind::Incomplete, format!("the list is {what}; the report says why"))
        };
        match self.verdict {
            Verdict::Failed => Some(self.error.clone().unwrap_or_else(|| {
                let advice = "the walk failed without saying why: please report this as a bug";
                WalkError::new(ErrorKind::Internal, advice)
            })),
            Verdict::Incomplete if strict => Some(unsure("incomplete")),
            Verdict::Unproven if strict => Some(unsure("not proven to be complete")),
            Verdict::Complete | Verdict::Incomplete | Verdict::Stopped | Verdict::Unproven => None,
        }
    }

    /// The report as JSON, keys in the order of the contract.
    pub fn to_json(&self) -> String {
        // Serialising plain data with string keys can't fail; an empty object is the honest fallback.
        serde_json::to_string_pretty(self).unwrap_or_else(|_| "{}".to_owned())
    }
}
