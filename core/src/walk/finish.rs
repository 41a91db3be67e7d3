//! The end of a walk, and what is kept of it: report, checkpoint, resume.

use super::course::Course;
use super::report::{Basis, Check, Drift, Report, TotalSeen};
use super::ring::Ring;
use super::step::Step;
use super::transition::{Ending, Event, Phase};
use super::trouble::value;
use super::{ResumeError, Resumed, Trail, Walk};
use crate::VERSION;
use crate::audit::{self, Audit, Ground, Known};
use crate::checkpoint::{Checkpoint, CourseState, Rebuild, State, compare};
use crate::dedup::Seen;
use crate::error::WalkError;
use crate::facts::{Place as Where, Verdict};
use crate::guard::Guard;
use crate::json::Pointer;
use crate::pace::Budget;
use crate::rng::{Rng, Seed};
use crate::source::{Cap, Source, Stable, Style, Token};
use crate::time::{Millis, Now, UnixMillis};

/// Dedup state up to this size stands in the checkpoint itself.
const INLINE: usize = 64 * 1024;

impl Walk {
    /// Makes the report, once.
    pub(super) fn finish(&mut self, now: Now) -> Step {
        let report = match &self.phase {
            Phase::Finished(ending) => self.report_of(&ending.clone(), now),
            // Only reached when everything was drained, so the phase is finished; were it not, the walk
            // would stop here rather than go on with a broken invariant.
            Phase::Fetching | Phase::Draining(_) => self.report_of(&Ending::Stopped(None), now),
        };
        self.report = Some(report.clone());
        Step::Finish(Box::new(report))
    }

    /// Ends the walk with an error of its host: what it was handed can't be stored, say. Pages that are not
    /// acknowledged are dropped, so a resume fetches them again; a walk that had ended already fails as well.
    pub fn fail(&mut self, error: WalkError, now: Now) -> Report {
        self.stop();
        self.end(Event::Drained);
        let report = self.report_of(&Ending::Failed(error), now);
        self.report = Some(report.clone());
        report
    }

    fn report_of(&self, ending: &Ending, now: Now) -> Report {
        let (end, authority, error) = match ending {
            Ending::Ended { end, authority } => (Some(end.clone()), *authority, None),
            Ending::Failed(error) => (None, false, Some(error.clone())),
            Ending::Stopped(error) => (None, false, error.clone()),
        };
        let trail = if end.is_some() { &self.live } else { &self.durable };
        let known =
            self.known(trail, end.as_ref().map(|end| audit::Ending { signal: end.signal, authority }));
        let (verdict, ground, findings) = trail.audit.conclude(&known);
        let verdict = match ending {
            Ending::Ended { .. } => verdict,
            Ending::Failed(_) => Verdict::Failed,
            Ending::Stopped(_) => Verdict::Stopped,
        };
        let mut counts = trail.counts;
        (counts.requests, counts.retries, counts.bytes) =
            (self.live.counts.requests, self.live.counts.retries, self.live.counts.bytes);
        let seams = &trail.audit.seams;
        Report {
            version: VERSION.to_owned(),
            source: self.source.name.clone(),
            generation: self.name.clone(),
            verdict,
            basis: ground.filter(|_| verdict == Verdict::Complete).map(|ground| match ground {
                Ground::Contract => Basis::Contract,
                Ground::Observed => Basis::Observed,
            }),
            end,
            checks: findings
                .into_iter()
                .map(|f| Check {
                    name: f.name,
                    outcome: f.outcome,
                    expected: f.expected,
                    found: f.found,
                    note: f.note,
                })
                .collect(),
            counts,
            total: TotalSeen {
                kind: self.source.total.as_ref().filter(|_| trail.audit.total.last.is_some()).map(|t| t.kind),
                first: trail.audit.total.first,
                last: trail.audit.total.last,
            },
            drift: Drift { events: seams.lost, repaired: seams.repaired, open: seams.open },
            waits_ms: self.live.waits,
            capture: trail.capture.iter().map(|(name, raw)| (name.clone(), value(raw))).collect(),
            error,
            sink: None,
            checkpoint: None,
            started: self.started_unix.map(UnixMillis::to_rfc3339),
            elapsed_ms: now.tick.since(self.started.tick).0,
        }
    }

    /// What the source and the walk know besides the evidence.
    fn known(&self, trail: &Trail, ending: Option<audit::Ending>) -> Known {
        let source = &self.source;
        let order = source.order.as_ref();
        let gaps = source
            .id
            .as_ref()
            .filter(|id| id.dense)
            .map(|_| self.seen.as_ref().and_then(Seen::gaps).map_or(0, |gaps| gaps.missing));
        let unique_key = match &source.pagination.style {
            Style::Keyset(token) => is_unique(token, source),
            Style::Cursor(_)
            | Style::Link { .. }
            | Style::Offset { .. }
            | Style::Page { .. }
            | Style::Single
            | Style::States(_) => false,
        };
        Known {
            ending,
            distinct: trail.counts.records + trail.counts.dropped,
            dropped: trail.counts.dropped,
            pages: trail.counts.pages,
            duplicates: trail.counts.duplicates,
            total_kind: source.total.as_ref().map(|t| t.kind),
            total_cap: source.total.as_ref().and_then(|t| t.cap),
            has_id: source.id.is_some(),
            order_declared: order.is_some_and(|o| o.immutable),
            order_named: order.is_some(),
            cap_rows: match (source.cap, self.ask()) {
                (Some(Cap::Records(n) | Cap::Offset(n)), _) => Some(n),
                (Some(Cap::Pages(n)), Some(size)) => Some(n.saturating_mul(size)),
                (Some(Cap::Pages(_)) | None, _) => None,
            },
            stable: source.pagination.stable != Stable::Unknown,
            in_contact: trail.course.in_contact() && trail.audit.seams.open == 0,
            by_number: trail.course.by_number(),
            unique_key,
            keyset: matches!(source.pagination.style, Style::Keyset(_)),
            gaps,
            clamped_from: source.size.as_ref().and_then(|s| s.clamped_from),
        }
    }

    /// The state of the acknowledged prefix.
    pub fn checkpoint(&self) -> Checkpoint {
        let trail = &self.durable;
        let mut counts = trail.counts;
        (counts.requests, counts.retries, counts.bytes) =
            (self.live.counts.requests, self.live.counts.retries, self.live.counts.bytes);
        let mut guard = self.guard.state();
        let open = self.pages.iter().flat_map(|p| &p.continuations).map(|c| format!("{c:032x}"));
        let open: Vec<String> = open.collect();
        guard.answered.retain(|c| !open.contains(c));
        let dedup = self.inline_dedup();
        let finished = self.report.as_ref().filter(|report| self.is_final(report));
        Checkpoint::new(State {
            name: self.source.name.clone(),
            generation: self.name.clone(),
            fingerprint: self.source.fingerprint.clone(),
            hash_key: self.hash_key,
            course: trail.course.state(&self.source, self.held()),
            skip: trail.skip,
            restarted: trail.restarted,
            counts,
            waits: self.live.waits,
            audit: trail.audit.clone(),
            guard,
            ring: trail.ring.state(),
            last_order: trail.last_order.clone(),
            keyset_last: trail.keyset_last.clone(),
            keyset_rises: trail.keyset_rises,
            held: trail.held,
            dedup_rows: dedup.is_none() && self.seen.is_some() && self.rows_hold_ids(),
            dedup,
            sink: None,
            not_before: self.not_before(None).map(|at| at.0),
            started: self.started_unix.map(|at| at.0),
            capture: trail.capture.clone(),
            finished: finished.and_then(|report| serde_json::to_string(report).ok()),
        })
    }

    /// Keys of the acknowledged pages, if they are few enough.
    fn inline_dedup(&self) -> Option<String> {
        let seen = self.seen.as_ref()?;
        let pending: Vec<_> = self.pages.iter().flat_map(|p| p.keys.iter().copied()).collect();
        if pending.is_empty() {
            return seen.inline(INLINE);
        }
        // Each key takes a byte at least, so a set this large never fits; don't copy it to find out.
        if seen.len().saturating_sub(pending.len() as u64) > INLINE as u64 * 8 {
            return None;
        }
        let mut durable = seen.clone();
        for key in pending {
            durable.remove(key);
        }
        durable.inline(INLINE)
    }

    /// Whether a stored record still holds its id: not if it stands in the element around it.
    fn rows_hold_ids(&self) -> bool {
        let id = self.source.id.as_ref();
        id.is_some_and(|id| Rebuild::pointers(&self.source.records.each, &id.at).is_some())
    }

    /// A list that has ended is finished; failures and stops are resumable.
    fn is_final(&self, report: &Report) -> bool {
        matches!(report.verdict, Verdict::Complete | Verdict::Incomplete | Verdict::Unproven)
            && self.pages.is_empty()
    }
}

/// Whether a keyset goes by the record's id.
fn is_unique(token: &Token, source: &Source) -> bool {
    let Some(id) = &source.id else { return false };
    let at = match &token.read.place {
        Where::Last(pointer) | Where::Max(pointer) => pointer,
        Where::Body(_)
        | Where::Form(_)
        | Where::Header(_)
        | Where::Link(_)
        | Where::Path(_)
        | Where::Query(_)
        | Where::Record(_)
        | Where::Spread { .. }
        | Where::Status
        | Where::Text(_) => return false,
    };
    let same = |pointer: &Pointer| pointer == at;
    id.at.len() == 1 && id.at.iter().any(same)
}

/// A walk from a checkpoint.
pub(super) fn resume(
    source: Source,
    budget: &Budget,
    from: Checkpoint,
    seed: Seed,
    now: Now,
) -> Result<Walk, ResumeError> {
    let Checkpoint { state, rebuilt } = from;
    compare(&state.fingerprint, &source.fingerprint).map_err(ResumeError::OtherSource)?;
    let course = Course::from_state(&state.course, &source.auth).ok_or(ResumeError::MissingSecret)?;
    let rng = Rng::new(seed);
    let inline = state.dedup.as_deref().and_then(|text| Seen::from_inline(text, &state.hash_key));
    let at_start = state.counts.pages == 0;
    let ring = Ring::from_state(&state.ring);
    // With neither keys nor rows only the last windows are known: what lies before them may come again.
    let lost = source.id.is_some() && rebuilt.is_none() && inline.is_none();
    let known = || {
        let mut seen = Seen::new(&state.hash_key);
        for key in ring.keys() {
            seen.insert(key);
        }
        seen
    };
    let seen = source.id.is_some().then(|| rebuilt.or(inline).unwrap_or_else(known));
    let contact = matches!(&state.course, CourseState::Count { .. }) && course.in_contact();
    let trail = Trail {
        course,
        counts: state.counts,
        waits: state.waits,
        audit: Audit { keys_lost: state.audit.keys_lost || lost, ..state.audit },
        ring,
        last_order: state.last_order,
        keyset_last: state.keyset_last,
        keyset_rises: state.keyset_rises,
        held: state.held,
        skip: state.skip,
        restarted: state.restarted,
        capture: state.capture,
    };
    let mut walk = Walk::assemble(source, budget, rng, state.generation, state.hash_key, trail, seen, now);
    walk.guard = Guard::from_state(&state.guard);
    walk.started_unix = state.started.map(UnixMillis).or(now.unix);
    walk.total_asked = walk.total_asked || walk.live.audit.total.last.is_some();
    if contact && !at_start {
        walk.resumed = Resumed::MustMeet;
    }
    if let (Some(at), Some(unix)) = (state.not_before, now.unix)
        && at > unix.0
    {
        walk.not_before = Some(UnixMillis(at));
        let wait = Millis(at.abs_diff(unix.0));
        walk.member.hold_until(now.tick.after(wait));
    }
    if let Some(report) = state.finished.and_then(|text| serde_json::from_str::<Report>(&text).ok()) {
        walk.phase = Phase::Fetching.on(Event::Stopped(None)).on(Event::Drained);
        walk.report = Some(report);
    }
    Ok(walk)
}
