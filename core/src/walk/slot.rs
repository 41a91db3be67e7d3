//! One request of the walk, from its plan to its answer, in the order of the list.

use super::course::Place;
use super::step::SleepReason;
use crate::error::WalkError;
use crate::http::{Method, Response};
use crate::retry::Tries;
use crate::source::read::{Reading, Rows};
use crate::time::Tick;
use crate::url::Url;

/// Names a slot for as long as it lives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct SlotId(pub u64);

/// One request, with its tries.
#[derive(Debug)]
pub(super) struct Slot {
    pub id: SlotId,
    pub place: Place,
    pub tries: Tries,
    /// Requests sent for it.
    pub sent: u32,
    /// What the retry budget paid for it.
    pub charged: Vec<u32>,
    pub state: SlotState,
    /// Where a redirect sent it, and how often it was redirected.
    pub redirect: Option<(Url, Method)>,
    pub hops: u8,
    /// Whether fresh credentials were asked for on its behalf.
    pub refreshed: bool,
    /// The credentials of the last attempt.
    pub generation: u32,
    /// The URL of the last attempt.
    pub asked: Option<Url>,
}

/// Where a slot stands.
#[derive(Debug)]
pub(super) enum SlotState {
    /// To be sent at or after this moment.
    Due { at: Tick, why: SleepReason },
    /// On the wire.
    Flying,
    /// Waiting for fresh credentials.
    Locked,
    /// Answered with a page.
    Arrived(Box<Arrival>),
    /// Answered with the end of the list, by its status or a rule.
    Over(u16),
    /// Given up; counts when it is its turn.
    Failed(Box<WalkError>),
}

/// An accepted answer.
#[derive(Debug)]
pub(super) struct Arrival {
    pub response: Response,
    pub reading: Reading,
    pub rows: Rows,
}

/// What is left of a slot when it is settled.
pub(super) struct Settling {
    pub place: Place,
    pub asked: Option<Url>,
}

/// Most hops of one request's redirects.
pub(super) const HOPS: u8 = 5;
