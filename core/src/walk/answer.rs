//! What an answer is taken for: a page, the end, another try, fresh credentials, or the end of the walk.

use super::course::{Course, Place};
use super::ring::Ring;
use super::slot::{Arrival, HOPS, Slot, SlotId, SlotState};
use super::step::SleepReason;
use super::{Resumed, Walk, trouble};
use crate::advance::counter::Mode;
use crate::classify::{self, Sorted, StatusFacts};
use crate::error::{ErrorKind, WalkError};
use crate::facts::{Auth, Class};
use crate::http::{Failure, FailureKind, Method, Response, date, retry_after};
use crate::json::ScanError;
use crate::pace::Observed;
use crate::retry::{Decision, Reason, Why};
use crate::source::read::{Found, Mismatch, Reading, Rows};
use crate::source::{EndRule, Expired, Reuse, WaitSpec};
use crate::time::{Millis, Now, UnixMillis};

/// What is to be done about an answer that is no page.
struct Trouble {
    sorted: Sorted,
    /// A wait the server stated.
    stated: Option<Millis>,
    error: WalkError,
    /// Whether the server may have acted on the request.
    processed: bool,
}

impl Walk {
    pub(super) fn take_response(&mut self, id: SlotId, response: Response, now: Now) {
        self.live.counts.bytes += response.body.len() as u64;
        let Some(index) = self.slots.iter().position(|s| s.id == id) else { return };
        let (reading, hints) = self.hints(&response);
        let observed = self.member.observe(&response.headers, &hints, now);
        self.live.audit.headers_hidden |= response.headers_hidden && self.reads_headers;
        self.live.audit.cached += u64::from(response.headers.has("age"));
        if self.other_url(index, &response) {
            let advice =
                "the HTTP client asked another URL than it was told; switch its redirects and rewriting off";
            self.fail_slot(index, WalkError::new(ErrorKind::UrlMismatch, advice));
            return self.settle(now);
        }
        let (sorted, wait) = self.sort(index, &response, &reading, &observed, now);
        let method = self.source.request.method;
        match sorted.class {
            _ if sorted.redirect && classify::follows(response.status, method) => {
                self.follow_redirect(index, &response, now);
            }
            Class::Accept => self.accept(index, response, reading, now),
            Class::Empty => self.arrive_empty(index, response, reading),
            // Without contact even the server's word for the end is only a contact lost.
            Class::End if self.awaits_contact(index) => self.arrive_empty(index, response, reading),
            Class::End => {
                let rows = self.reader.rows(&response, &reading).map_or(0, |rows| rows.received);
                if rows > 0 {
                    let said = format!(
                        "an answer that was taken for the end (status {}) holds {rows} rows",
                        response.status
                    );
                    self.live.audit.contradictions.push(said);
                }
                self.set_state(index, SlotState::Over(response.status));
            }
            Class::Expired => {
                self.expire(index, "the server says the position is dead", Some(response.status), now);
            }
            Class::Unauthorized => self.refused(index, response.status),
            Class::Fatal => self.fatal(index, sorted, response, reading, now),
            Class::Throttled | Class::Transient => {
                let advice = trouble::advice(sorted.kind, response.status);
                let error =
                    WalkError { status: Some(response.status), ..WalkError::new(sorted.kind, advice) };
                self.again(
                    index,
                    Trouble { sorted, stated: wait, error, processed: sorted.class != Class::Throttled },
                    now,
                );
            }
        }
        self.settle(now);
    }

    /// What an answer says of the rate holds even if nobody waits for its page any more.
    pub(super) fn heed(&mut self, response: &Response, now: Now) {
        let (_, hints) = self.hints(response);
        let observed = self.member.observe(&response.headers, &hints, now);
        let facts = StatusFacts {
            retry_after: response.headers.has("retry-after"),
            remaining_zero: observed.empty,
            continuation: false,
        };
        if classify::status(response.status, &facts).class == Class::Throttled {
            let stated = observed.declared.or_else(|| self.stated_wait(response, now)).or(observed.reset);
            self.member.hold_until(now.tick.after(stated.unwrap_or_default()));
        }
    }

    pub(super) fn take_failure(&mut self, id: SlotId, failure: &Failure, now: Now) {
        let Some(index) = self.slots.iter().position(|s| s.id == id) else { return };
        let sorted = classify::failure(failure.kind);
        let error = WalkError::new(sorted.kind, trouble::failure(failure));
        if failure.kind == FailureKind::Cancelled || sorted.class == Class::Fatal {
            self.fail_slot(index, error);
        } else {
            let processed = classify::was_sent(failure.kind);
            self.again(index, Trouble { sorted, stated: None, error, processed }, now);
        }
        self.settle(now);
    }

    /// Reads the body once, and what it says of the rate limit.
    fn hints(&self, response: &Response) -> (Reading, Vec<crate::pace::ReadHint>) {
        let reading = self.reader.read(response);
        let hints =
            self.source.rate.hints.iter().filter_map(|hint| match self.reader.found(&reading, &hint.read) {
                Found::Value(value) => Some(trouble::hint(hint.means, value)),
                Found::Absent | Found::Hidden | Found::Null => None,
            });
        let hints = hints.collect();
        (reading, hints)
    }

    fn other_url(&self, index: usize, response: &Response) -> bool {
        let asked = self.slots.get(index).and_then(|s| s.asked.as_ref());
        match (asked, &response.url) {
            (Some(asked), Some(landed)) => !asked.agrees_with(landed),
            (_, None) | (None, Some(_)) => false,
        }
    }

    /// The source's rules first, then the defaults of table E1.
    fn sort(
        &self,
        index: usize,
        response: &Response,
        reading: &Reading,
        observed: &Observed,
        now: Now,
    ) -> (Sorted, Option<Millis>) {
        let stated = observed.declared.or_else(|| self.stated_wait(response, now));
        for rule in &self.source.classify {
            if self.reader.holds(reading, &rule.when) {
                let wait = rule.wait.as_ref().and_then(|wait| match wait {
                    WaitSpec::For(wait) => Some(*wait),
                    WaitSpec::Read(place) => match self.reader.found(reading, place) {
                        Found::Value(value) => trouble::wait_value(value),
                        Found::Absent | Found::Hidden | Found::Null => None,
                    },
                });
                return (trouble::ruled(rule.is), wait.or(stated));
            }
        }
        if self
            .source
            .end
            .iter()
            .any(|rule| matches!(rule, EndRule::Status(status) if *status == response.status))
        {
            return (trouble::ruled(Class::End), None);
        }
        let facts = StatusFacts {
            retry_after: response.headers.has("retry-after"),
            remaining_zero: observed.empty,
            continuation: self.slots.get(index).is_some_and(Self::is_continuation),
        };
        let sorted = classify::status(response.status, &facts);
        if sorted.class == Class::Accept && !sorted.redirect && self.reader.error_member(reading) {
            let sorted = Sorted {
                class: Class::Transient,
                kind: ErrorKind::ServerError,
                tries: None,
                redirect: false,
            };
            return (sorted, stated);
        }
        // Refused for going too fast without a word on how long: the announced reset is the word.
        let reset = observed.reset.filter(|_| sorted.class == Class::Throttled);
        (sorted, stated.or(reset))
    }

    /// `Retry-After`, unless the source declares what that header means here.
    fn stated_wait(&self, response: &Response, now: Now) -> Option<Millis> {
        if self.source.rate.hints.iter().any(|hint| trouble::is_retry_after(&hint.read)) {
            return None;
        }
        retry_after::parse(&response.headers, date::of(&response.headers), now.unix).wait
    }

    /// Whether the request is a window that must meet the ones before.
    fn awaits_contact(&self, index: usize) -> bool {
        let Course::Count(count) = &self.live.course else { return false };
        let window = self.slots.get(index).map(|slot| &slot.place);
        count.counter.mode == Mode::Contact
            && matches!(window, Some(Place::Window(window)) if window.start > 0)
    }

    const fn is_continuation(slot: &Slot) -> bool {
        match &slot.place {
            Place::Chain(chain) => !chain.first,
            Place::Total => false,
            Place::Window(window) => window.start > 0,
        }
    }

    fn accept(&mut self, index: usize, response: Response, reading: Reading, now: Now) {
        if matches!(self.slots.get(index).map(|s| &s.place), Some(Place::Total)) {
            return self.arrive_empty(index, response, reading);
        }
        match self.reader.rows(&response, &reading) {
            Ok(rows) => {
                self.member.succeeded();
                self.arrive(index, Arrival { response, reading, rows });
            }
            Err(Mismatch::Body(error)) => self.bad_body(index, &error, response.status, now),
            Err(other) => {
                let error = WalkError::new(ErrorKind::SourceMismatch, other.to_string());
                self.fail_slot(index, WalkError { status: Some(response.status), ..error });
            }
        }
    }

    fn bad_body(&mut self, index: usize, error: &ScanError, status: u16, now: Now) {
        let kind = match error {
            ScanError::TooDeep { .. } | ScanError::TooLarge | ScanError::ValueTooLong { .. } => {
                ErrorKind::TooLarge
            }
            ScanError::DuplicateMember { .. }
            | ScanError::Empty
            | ScanError::Invalid { .. }
            | ScanError::InvalidUtf8 { .. }
            | ScanError::LooksLikeHtml
            | ScanError::Trailing { .. } => ErrorKind::BadBody,
        };
        let error = WalkError {
            status: Some(status),
            ..WalkError::new(kind, format!("the body is no whole JSON page: {error}"))
        };
        if kind == ErrorKind::TooLarge {
            return self.fail_slot(index, error);
        }
        // Cut or garbled on the way, most likely: a few tries, then it is the server's word.
        let sorted = Sorted { class: Class::Transient, kind, tries: Some(3), redirect: false };
        self.again(index, Trouble { sorted, stated: None, error, processed: true }, now);
    }

    /// An answer that counts as a page without rows, whatever its body.
    fn arrive_empty(&mut self, index: usize, response: Response, reading: Reading) {
        self.arrive(index, Arrival { response, reading, rows: Rows::default() });
    }

    fn arrive(&mut self, index: usize, arrival: Arrival) {
        self.pay_back(index);
        self.set_state(index, SlotState::Arrived(Box::new(arrival)));
    }

    /// An untroubled page earns a little; the tries that led to this one are paid back.
    fn pay_back(&mut self, index: usize) {
        let charged =
            self.slots.get_mut(index).map(|slot| std::mem::take(&mut slot.charged)).unwrap_or_default();
        if charged.is_empty() {
            self.member.page_ok();
        }
        for charge in charged {
            self.member.refund(charge);
        }
    }

    pub(super) fn set_state(&mut self, index: usize, state: SlotState) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.state = state;
        }
    }

    /// Another try, later, if every limit allows it.
    fn again(&mut self, index: usize, trouble: Trouble, now: Now) {
        let Trouble { sorted, stated, error, processed } = trouble;
        let throttled = sorted.class == Class::Throttled;
        let Some(slot) = self.slots.get_mut(index) else { return };
        let continuation = match &slot.place {
            Place::Chain(chain) => !chain.first,
            Place::Window(_) | Place::Total => false,
        };
        if processed && continuation && self.source.pagination.reuse != Reuse::Idempotent {
            return self.expire(
                index,
                "response_lost: the answer was lost and the position may not be sent twice",
                error.status,
                now,
            );
        }
        if !throttled {
            self.member.failed(now.tick);
        }
        let decision = crate::retry::decide(
            &self.policy,
            &mut slot.tries,
            sorted.tries,
            stated,
            throttled,
            self.deadline,
            &mut self.rng,
            now.tick,
        );
        let retry_at = |wait: Millis| now.unix.map(|unix| unix.after(wait));
        match decision {
            Decision::Again { at, why, charge } => {
                if let Some(paid) = self.member.charge_retry(charge) {
                    if let Some(slot) = self.slots.get_mut(index) {
                        slot.charged.push(paid);
                    }
                } else {
                    let advice = "the retry budget shared by all walks on this origin is empty; resume later";
                    let error = WalkError {
                        kind: ErrorKind::RetryBudgetExhausted,
                        code: ErrorKind::RetryBudgetExhausted.code().to_owned(),
                        advice: advice.to_owned(),
                        ..error
                    };
                    return self.fail_slot(index, error);
                }
                let why = match why {
                    Why::Backoff => SleepReason::Backoff,
                    Why::RetryAfter => {
                        self.member.hold_until(at);
                        self.not_before = retry_at(at.since(now.tick));
                        SleepReason::RetryAfter
                    }
                };
                // A position that will be dead before the wait is over is not worth the wait.
                let lifetime = self.source.pagination.lifetime;
                if continuation && lifetime.is_some_and(|life| at.since(now.tick) > life) {
                    return self.expire(index, "the wait is longer than a position lives", error.status, now);
                }
                if let Some(slot) = self.slots.get_mut(index) {
                    slot.redirect = None;
                    slot.hops = 0;
                }
                self.set_state(index, SlotState::Due { at, why });
            }
            Decision::GiveUp(reason) => {
                // Given up or not, what the server said holds for all on this budget and for whoever resumes.
                if let Some(wait) = stated.filter(|wait| *wait > Millis::ZERO) {
                    self.member.hold_until(now.tick.after(wait));
                    self.not_before = retry_at(wait);
                }
                let error = match reason {
                    Reason::WaitTooLong { retry_at: at } => {
                        self.not_before = retry_at(at.since(now.tick));
                        WalkError { status: error.status, ..trouble::too_long(self.not_before) }
                    }
                    Reason::Deadline => WalkError {
                        status: error.status,
                        ..WalkError::new(
                            ErrorKind::Deadline,
                            "the next try would start after the walk's deadline; resume from the checkpoint",
                        )
                    },
                    Reason::Attempts | Reason::PageTime => error,
                };
                self.fail_slot(index, error);
            }
        }
    }

    /// 401: fresh credentials once, then it is final.
    fn refused(&mut self, index: usize, status: u16) {
        let Some(slot) = self.slots.get(index) else { return };
        let (tried, refreshed) = (slot.generation, slot.refreshed);
        if refreshed || self.auth == Auth::default() {
            let error =
                WalkError::new(ErrorKind::AuthRequired, "the server refuses the credentials; check `auth`");
            self.fail_slot(index, WalkError { status: Some(status), ..error });
        } else {
            self.lock(index, tried);
        }
    }

    fn fatal(&mut self, index: usize, sorted: Sorted, response: Response, reading: Reading, now: Now) {
        let Some(slot) = self.slots.get(index) else { return };
        if let (Place::Window(window), Course::Count(count)) = (&slot.place, &self.live.course) {
            // A page past the end is an error to some servers: without contact it is only a contact lost.
            let beyond = window.start > 0
                && count.counter.mode == Mode::Contact
                && matches!(response.status, 404 | 416);
            if count.link.is_some() && window.start > 0 && !beyond {
                return self.follow_links_plainly(now);
            }
            if beyond {
                return self.arrive_empty(index, response, reading);
            }
        }
        let kind = sorted.kind;
        let advice = trouble::advice(kind, response.status);
        self.fail_slot(index, WalkError { status: Some(response.status), ..WalkError::new(kind, advice) });
    }

    /// The server takes no number but its own: its links are followed as they are.
    fn follow_links_plainly(&mut self, now: Now) {
        let Course::Count(count) = &self.live.course else { return };
        let Some(link) = &count.link else { return };
        let chain = super::course::Chain { at: Vec::new(), url: Some(link.url.clone()), first: false };
        self.live.course = Course::Chain(chain);
        self.live.audit.seams.open += 1;
        self.drop_slots();
        self.plan_again(now);
    }

    /// A dead position, treated as the source says.
    fn expire(&mut self, index: usize, advice: &str, status: Option<u16>, now: Now) {
        let progressed = self.live.counts.records > self.restarted_at;
        match self.source.pagination.expired {
            Expired::Restart | Expired::Keyset if progressed && self.source.id.is_some() => {
                self.restarted_at = self.live.counts.records;
                self.resumed = Resumed::No;
                // A walk of its own from here: what it proves, it proves from the start.
                let live = &mut self.live;
                live.restarted = Some(live.counts.pages);
                live.course = Course::start(&self.source);
                live.held = false;
                live.ring = Ring::default();
                (live.last_order, live.keyset_last) = (None, None);
                self.guard.restart();
                self.drop_slots();
                self.plan_again(now);
            }
            Expired::Fail | Expired::Restart | Expired::Keyset => {
                let error = WalkError::new(ErrorKind::CursorExpired, advice);
                self.fail_slot(index, WalkError { status, ..error });
            }
        }
    }

    fn plan_again(&mut self, now: Now) {
        if let Some(place) = self.next_place() {
            self.push_slot(place, now.tick, false);
        }
    }

    fn follow_redirect(&mut self, index: usize, response: &Response, now: Now) {
        let Some(slot) = self.slots.get(index) else { return };
        let method = self.source.request.method;
        let status = response.status;
        let refuse = |kind, advice: &str| WalkError { status: Some(status), ..WalkError::new(kind, advice) };
        let location = response.headers.get("location");
        let target = slot.asked.as_ref().zip(location).map(|(from, to)| from.resolve(to));
        let error = match target {
            None if response.headers_hidden => Some(refuse(
                ErrorKind::HeaderNotVisible,
                "the server redirects, and the browser hides where to: put the final URL into the source, or walk outside a browser",
            )),
            None => Some(refuse(ErrorKind::BadResponse, "a redirect without a `Location`")),
            Some(Err(error)) => {
                Some(refuse(ErrorKind::UnsafeUrl, &format!("a redirect to a URL that is refused: {error}")))
            }
            Some(Ok(_)) if slot.hops >= HOPS => Some(refuse(ErrorKind::BadResponse, "too many redirects")),
            Some(Ok(url)) => {
                if let Some(slot) = self.slots.get_mut(index) {
                    // 303 says: look there with GET (RFC 9110, section 15.4.4).
                    slot.redirect = Some((url, if status == 303 { Method::Get } else { method }));
                    slot.hops += 1;
                }
                None
            }
        };
        match error {
            Some(error) => self.fail_slot(index, error),
            None => self.set_state(index, SlotState::Due { at: now.tick, why: SleepReason::Backoff }),
        }
    }

    /// Wall time before which the server wants no request, for the checkpoint.
    pub(super) fn not_before(&self, now: Option<UnixMillis>) -> Option<UnixMillis> {
        self.not_before.filter(|at| now.is_none_or(|now| *at > now))
    }
}
