//! The content of a checkpoint.

use crate::advance::counter::{Counter, Unit};
use crate::audit::Audit;
use crate::dedup::HashKey;
use crate::facts::{Counts, Waits};
use crate::guard::GuardState;
use crate::json::Raw;
use crate::source::Fingerprint;
use serde::{Deserialize, Serialize};

/// The state of the acknowledged prefix.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct State {
    /// The source's name.
    pub name: String,
    /// Identifies the walk over all its resumptions: 16 hex digits.
    pub generation: String,
    /// The source it belongs to.
    pub fingerprint: Fingerprint,
    /// The key the dedup hashes are made with.
    pub hash_key: HashKey,
    /// Where to go on.
    pub course: CourseState,
    /// Rows of the next page that were delivered already, where records have no key.
    pub skip: u64,
    /// Pages before the walk started again after a dead position: about as many bring nothing new then.
    pub restarted: Option<u64>,
    /// Counts.
    pub counts: Counts,
    /// Waits.
    pub waits: Waits,
    /// Evidence.
    pub audit: Audit,
    /// Loop guard.
    pub guard: GuardState,
    /// Keys of the last bridged windows, oldest window first, rows in order.
    pub ring: Vec<Vec<String>>,
    /// The order value of the last row.
    pub last_order: Option<Raw>,
    /// Keyset: the last key.
    pub keyset_last: Option<Raw>,
    /// Keyset: whether keys grow.
    pub keyset_rises: Option<bool>,
    /// A position was there before (an absent one now means the end).
    pub held: bool,
    /// Keys delivered, where they are few enough to stand here.
    pub dedup: Option<String>,
    /// Whether keys were too many and can be rebuilt from the stored rows.
    pub dedup_rows: bool,
    /// What the sink holds.
    pub sink: Option<SinkMark>,
    /// No request before this moment: milliseconds since 1970.
    pub not_before: Option<i64>,
    /// When the walk started: milliseconds since 1970.
    pub started: Option<i64>,
    /// Captured values.
    pub capture: std::collections::BTreeMap<String, Raw>,
    /// The report's JSON text, once the walk has ended for good.
    pub finished: Option<String>,
}

/// No walk counts this far: the numbers up to here are exact in every language.
const MOST: u64 = 1 << 53;

impl State {
    /// Whether its counts are some that a walk can come to. Those the server states (totals, sizes) may be any.
    pub(super) fn is_plausible(&self) -> bool {
        let Counts { pages, requests, retries, records, duplicates, revisions, dropped, bytes } = self.counts;
        let audit = &self.audit;
        let (seams, order, sizes) = (&audit.seams, &audit.order, &audit.sizes);
        let counts = [pages, requests, retries, records, duplicates, revisions, dropped, bytes, self.skip];
        let evidence = [
            seams.kept,
            seams.unknown,
            seams.lost,
            seams.repaired,
            seams.open,
            order.compared,
            order.broken,
            order.unclear,
            sizes.short,
            sizes.over,
            audit.cached,
            audit.anchors_met,
        ];
        counts.iter().chain(&evidence).all(|count| *count <= MOST)
    }
}

/// Where a walk goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CourseState {
    /// By positions or links of the server.
    Chain {
        /// The next position, one value per state.
        positions: Vec<Option<Raw>>,
        /// The next link, secrets replaced by placeholders.
        url: Option<String>,
        /// Whether nothing was fetched yet.
        first: bool,
    },
    /// By numbers.
    Count {
        /// The counter.
        counter: Counter,
        /// The link the number is set in, where it came from one.
        link: Option<LinkState>,
    },
}

/// A link whose number is set.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkState {
    /// The link, secrets replaced by placeholders.
    pub url: String,
    /// The parameter that holds the number.
    pub number: String,
    /// The parameter that holds the size.
    pub size: Option<String>,
    /// What the number counts.
    pub unit: Unit,
}

/// What a sink holds at a checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SinkMark {
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// Digest of the stored bytes, hex.
    pub digest: String,
}
