//! The machine: it decides, a host only fetches, sleeps and stores.
//!
//! The loop of every host: `poll`; do what the [`Step`] says; report back (`handle_response`,
//! `handle_failure`, `acknowledge`, `handle_credentials`); again. Time is an argument, chance comes from the
//! [`Seed`], so the same source, seed, answers and times give the same steps, byte for byte.
//!
//! Invariants: asking again without news changes nothing; a ticket is answered at most once; a page is
//! delivered once, and acknowledged in order; the checkpoint holds exactly the acknowledged prefix; `Finish`
//! is absorbing; `complete` is said only when every check agreed; no input panics.

mod answer;
mod chain;
mod course;
mod finish;
mod page;
mod report;
mod ring;
mod send;
mod settle;
mod slot;
mod step;
mod total;
mod transition;
mod trouble;
mod window;
mod words;

pub use report::{Basis, Check, Counts, Drift, End, Report, SinkInfo, TotalSeen, Waits};
pub use step::{
    BlockedOn, Credentials, Exchange, Generation, Page, PageId, Progress, SleepReason, Step, Ticket,
};

use crate::audit::Audit;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::dedup::{HashKey, Key, Seen};
use crate::error::{ErrorKind, UsageError};
use crate::facts::Auth;
use crate::guard::Guard;
use crate::http::{Failure, Response};
use crate::json::Raw;
use crate::pace::{Budget, BudgetKey, Grant, Member, Rules};
use crate::retry::Policy;
use crate::rng::{Rng, Seed};
use crate::source::read::Reader;
use crate::source::wire::Held;
use crate::source::{Source, State};
use crate::time::{Now, Tick, UnixMillis};
use course::Course;
use ring::Ring;
use slot::{Slot, SlotId};
use std::collections::{BTreeMap, VecDeque};
use transition::{Event, Phase};

/// One traversal of a source, from its start or a checkpoint to a report.
pub struct Walk {
    source: Source,
    reader: Reader,
    states: Vec<State>,
    auth: Auth,
    /// Credentials that were in use before, the newest first.
    before: Vec<Auth>,
    generation: u32,
    asking: Option<Asking>,
    member: Member,
    policy: Policy,
    rng: Rng,
    name: String,
    started: Now,
    started_unix: Option<UnixMillis>,
    deadline: Option<Tick>,
    not_before: Option<UnixMillis>,
    phase: Phase,
    slots: VecDeque<Slot>,
    flying: BTreeMap<Ticket, Option<SlotId>>,
    next_ticket: u64,
    next_slot: u64,
    pages: VecDeque<Waiting>,
    next_page: u64,
    live: Trail,
    durable: Trail,
    seen: Option<Seen>,
    hash_key: HashKey,
    guard: Guard,
    resumed: Resumed,
    /// Records delivered when the walk last started again.
    restarted_at: u64,
    /// The row up to which the page before was read again.
    reread_to: u64,
    total_asked: bool,
    /// Whether the walk depends on response headers.
    reads_headers: bool,
    deliver_revisions: bool,
    report: Option<Report>,
    /// Why, since when and until when it sleeps.
    waiting: Option<(SleepReason, Tick, Tick)>,
    /// What the budget said to the request that wanted to go out.
    refused: Option<Grant>,
    last_tick: Tick,
}

/// Fresh credentials that were asked for.
struct Asking {
    generation: u32,
    handed_out: bool,
}

/// What a resumed walk still has to show before it may go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Resumed {
    /// It is not resumed, or it has met a row it knows.
    No,
    /// Its first window must meet a known row.
    MustMeet,
}

/// An accepted page until it is acknowledged.
struct Waiting {
    page: Page,
    delivered: bool,
    /// Keys that only this page brought.
    keys: Vec<Key>,
    /// Continuations answered for it.
    continuations: Vec<u128>,
    /// The trail once this page is acknowledged.
    trail: Trail,
}

/// What a walk has come to: what becomes durable with each acknowledgement.
#[derive(Clone, Debug)]
struct Trail {
    course: Course,
    counts: Counts,
    waits: Waits,
    audit: Audit,
    ring: Ring,
    last_order: Option<Raw>,
    /// Keyset: the last key, and whether keys grow.
    keyset_last: Option<Raw>,
    keyset_rises: Option<bool>,
    held: bool,
    skip: u64,
    /// Pages before it started again after an expired position.
    restarted: Option<u64>,
    capture: BTreeMap<String, Raw>,
}

/// Why a checkpoint can't be resumed with this source.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It belongs to another source: these parts differ.
    #[error("the checkpoint belongs to another source: {} changed", .0.join(", "))]
    OtherSource(Vec<String>),
    /// A link in it can't be completed with the credentials given.
    #[error("the checkpoint's link needs the credentials it was made with")]
    MissingSecret,
    /// Its content can't be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl ResumeError {
    /// The kind of error a walk reports this as.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            ResumeError::Checkpoint(error) => error.kind(),
            // The checkpoint is well, but not for this walk.
            ResumeError::MissingSecret | ResumeError::OtherSource(_) => ErrorKind::CheckpointMismatch,
        }
    }
}

impl Walk {
    /// A walk at the start of its list.
    pub fn start(source: Source, budget: &Budget, seed: Seed, now: Now) -> Walk {
        let mut rng = Rng::new(seed);
        let hash_key = HashKey::from_seed(seed);
        let name = format!("{:016x}", rng.next_u64());
        let trail = Trail {
            course: Course::start(&source),
            counts: Counts::default(),
            waits: Waits::default(),
            audit: Audit::default(),
            ring: Ring::default(),
            last_order: None,
            keyset_last: None,
            keyset_rises: None,
            held: false,
            skip: 0,
            restarted: None,
            capture: BTreeMap::new(),
        };
        let seen = source.id.is_some().then(|| Seen::new(&hash_key));
        Walk::assemble(source, budget, rng, name, hash_key, trail, seen, now)
    }

    /// A walk that goes on where a checkpoint stands.
    ///
    /// # Errors
    /// When the checkpoint belongs to another source, or its link can't be completed.
    pub fn resume(
        source: Source,
        budget: &Budget,
        from: Checkpoint,
        seed: Seed,
        now: Now,
    ) -> Result<Walk, ResumeError> {
        finish::resume(source, budget, from, seed, now)
    }

    #[allow(clippy::too_many_arguments, reason = "called twice, by start and resume")]
    fn assemble(
        source: Source,
        budget: &Budget,
        rng: Rng,
        name: String,
        hash_key: HashKey,
        trail: Trail,
        seen: Option<Seen>,
        now: Now,
    ) -> Walk {
        let key = BudgetKey {
            origin: source.request.url.origin().to_string(),
            credential: trouble::credential_id(&source.auth),
        };
        let rules = Rules {
            windows: source.rate.windows.iter().map(trouble::window).collect(),
            burst: source.rate.burst,
            in_flight: None,
        };
        let member = budget.join(&key, &rules);
        let policy = Policy {
            attempts: source.retry.attempts,
            base: source.retry.base,
            cap: source.retry.cap,
            page_time: source.retry.page_time,
            max_wait: source.rate.max_wait,
        };
        let (generation, auth) = member.credentials();
        Walk {
            reader: Reader::new(&source),
            states: source.states(),
            before: auth.iter().map(|_| source.auth.clone()).collect(),
            auth: auth.unwrap_or_else(|| source.auth.clone()),
            generation,
            asking: None,
            member,
            policy,
            rng,
            name,
            started: now,
            started_unix: now.unix,
            deadline: source.limits.deadline.map(|d| now.tick.after(d)),
            not_before: None,
            phase: Phase::Fetching,
            slots: VecDeque::new(),
            flying: BTreeMap::new(),
            next_ticket: 1,
            next_slot: 1,
            pages: VecDeque::new(),
            next_page: 1,
            live: trail.clone(),
            durable: trail,
            seen,
            hash_key,
            guard: Guard::default(),
            resumed: Resumed::No,
            restarted_at: 0,
            reread_to: 0,
            total_asked: source.total.as_ref().is_none_or(|t| t.request.is_none()),
            reads_headers: trouble::reads_headers(&source),
            deliver_revisions: false,
            report: None,
            waiting: None,
            refused: None,
            last_tick: now.tick,
            source,
        }
    }

    /// Hands out records whose key was delivered before with other bytes, instead of only counting them.
    pub const fn deliver_revisions(&mut self, deliver: bool) {
        self.deliver_revisions = deliver;
    }

    /// The answer to a request that was sent.
    ///
    /// # Errors
    /// When the ticket was never handed out or has been answered; nothing changes then.
    pub fn handle_response(
        &mut self,
        ticket: Ticket,
        response: Response,
        now: Now,
    ) -> Result<(), UsageError> {
        let slot = self.flying.remove(&ticket).ok_or(UsageError::UnknownTicket)?;
        self.last_tick = now.tick;
        self.member.answered();
        match slot {
            Some(slot) => self.take_response(slot, response, now),
            None => self.heed(&response, now),
        }
        Ok(())
    }

    /// The news that a request brought no answer.
    ///
    /// # Errors
    /// When the ticket was never handed out or has been answered; nothing changes then.
    #[expect(clippy::needless_pass_by_value, reason = "an answer is handed over, whatever came of it")]
    pub fn handle_failure(&mut self, ticket: Ticket, failure: Failure, now: Now) -> Result<(), UsageError> {
        let slot = self.flying.remove(&ticket).ok_or(UsageError::UnknownTicket)?;
        self.last_tick = now.tick;
        self.member.answered();
        if let Some(slot) = slot {
            self.take_failure(slot, &failure, now);
        }
        Ok(())
    }

    /// "I stored it." What is acknowledged is durable; what is not will be delivered again after a resume.
    ///
    /// # Errors
    /// When the page was not delivered, or an earlier one is due; nothing changes then.
    pub fn acknowledge(&mut self, page: PageId) -> Result<(), UsageError> {
        match self.pages.front() {
            Some(front) if front.page.id == page && front.delivered => {}
            Some(front) if front.delivered && front.page.id < page => {
                return Err(UsageError::AcknowledgedOutOfOrder { expected: front.page.id.0 });
            }
            Some(_) | None => return Err(UsageError::NothingToAcknowledge),
        }
        if let Some(front) = self.pages.pop_front() {
            self.durable = front.trail;
        }
        self.drop_empty_pages();
        Ok(())
    }

    /// Pages without records need no one's acknowledgement once what stands before them is durable.
    fn drop_empty_pages(&mut self) {
        while self.pages.front().is_some_and(|p| p.page.is_empty()) {
            if let Some(front) = self.pages.pop_front() {
                self.durable = front.trail;
            }
        }
    }

    /// Ends the walk where it is. Pages not yet delivered are dropped; a resume fetches them again.
    pub fn stop(&mut self) {
        self.end(Event::Stopped(None));
        self.drop_pages();
    }

    /// Forgets the pages nobody stored, and with them what only they brought.
    fn drop_pages(&mut self) {
        for waiting in self.pages.drain(..) {
            if let Some(seen) = self.seen.as_mut() {
                for key in waiting.keys {
                    seen.remove(key);
                }
            }
            for continuation in waiting.continuations {
                self.guard.forget(continuation);
            }
        }
    }

    /// Fresh credentials for the generation that was asked for, or none to be had.
    ///
    /// # Errors
    /// When nobody asked for this generation; nothing changes then.
    pub fn handle_credentials(
        &mut self,
        generation: Generation,
        fresh: Credentials,
        now: Now,
    ) -> Result<(), UsageError> {
        match &self.asking {
            Some(asking) if asking.generation == generation.0 => {}
            Some(_) | None => return Err(UsageError::NoCredentialsAsked),
        }
        self.asking = None;
        self.member.supply(generation.0, fresh);
        self.unlock(now);
        Ok(())
    }

    /// Where the walk stands.
    pub fn progress(&self) -> Progress {
        Progress {
            pages: self.live.counts.pages,
            requests: self.live.counts.requests,
            records: self.durable.counts.records,
            total: self.live.audit.total.last,
            in_flight: self.flying.len() as u32,
            waiting: self.waiting.map(|(why, _, until)| (why, until)),
        }
    }

    /// The source that is walked.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// What may stand in what a server sends.
    const fn held(&self) -> Held<'_> {
        Held { now: &self.auth, before: self.before.as_slice() }
    }

    /// Whether it goes over known ground after an expired position: nothing new need come then.
    fn catching_up(&self) -> bool {
        let trail = &self.live;
        trail.restarted.is_some_and(|pages| trail.counts.pages <= pages.saturating_mul(2).saturating_add(2))
    }

    fn end(&mut self, event: Event) {
        let phase = std::mem::replace(&mut self.phase, Phase::Fetching);
        self.phase = phase.on(event);
        if !self.phase.is_fetching() {
            self.drop_slots();
            // Whoever waits for the credentials that this walk was to get has to see to them.
            self.member.leave_errand();
        }
    }

    /// Gives up every request that is planned or on the wire; late answers are ignored.
    fn drop_slots(&mut self) {
        self.slots.clear();
        for slot in self.flying.values_mut() {
            *slot = None;
        }
    }
}
