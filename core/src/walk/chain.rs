//! Going on by the server's positions: tokens, keys of the last record, links, the long form.

use super::course::{Chain, Count, Course, LinkCourse, size_parameter};
use super::settle::Then;
use super::slot::Arrival;
use super::words::{Next, Place as From};
use super::{Walk, trouble};
use crate::advance::counter::{Counter, Mode};
use crate::advance::end::{self, Verdict};
use crate::advance::link;
use crate::dedup::Key;
use crate::error::{ErrorKind, WalkError};
use crate::facts::EndSignal;
use crate::guard::fingerprint;
use crate::json::Raw;
use crate::source::follow::Followed;
use crate::source::read::{Found, order, unfit};
use crate::source::{EndRule, Next as Source, Reuse, Stable, Step, Style, Take};
use crate::url::Url;
use std::cmp::Ordering;

impl Walk {
    pub(super) fn settle_chain(&mut self, chain: &Chain, asked: Option<&Url>, arrival: Arrival) {
        let keys = self.keys(&arrival);
        let received = arrival.rows.received;
        let first_row = keys.first().map(|key| fingerprint(key.to_text().as_bytes()));
        let _ = self.observe(&arrival, self.ask());
        self.check_keyset(&arrival, &keys);
        let next = self.next_chain(chain, asked, &arrival);
        let counted = self.counted_link(chain, asked, &next, received);
        let repeat = matches!(&next, Ok(next) if next.same_as(chain));
        let fresh = self.count_fresh(&keys, received);
        let from = From { window: None, rows: received, fresh, repeat, nothing_after: false };
        let words = self.words(&arrival, &from, next.as_ref().unwrap_or(&Next::BROKEN));
        let stuck = next.as_ref().is_ok_and(|next| next.chain.is_none());
        let verdict = end::weigh(&words, received, stuck);
        if self.live.counts.pages > 0 {
            self.live.audit.seams.unknown += 1;
        }
        let hidden = matches!(&next, Ok(next) if next.driver == Found::Hidden);
        let held = next.as_ref().is_ok_and(|next| matches!(next.driver, Found::Value(_)));
        let records = arrival.rows.records.len() as u64;
        let mut admitted = self.admit(arrival, keys);
        let progress = admitted.fresh > 0;
        if !admitted.cut {
            self.live.held |= held;
        }
        let continuation = self.answered_by(chain, asked);
        let then = match verdict {
            _ if admitted.cut => Then::GoOn,
            Verdict::End(word) if word.signal == EndSignal::Missing && hidden => {
                Then::Fail(trouble::hidden())
            }
            Verdict::End(word) => Then::End(self.end_of(&word), word.authority),
            Verdict::Contradiction(word) => {
                self.live.audit.contradictions.push(format!(
                    "page {}: {} says there is more, but there is no next position",
                    self.live.counts.pages,
                    self.end_of(&word).locator.unwrap_or_default()
                ));
                Then::End(self.end_of(&word), false)
            }
            Verdict::GoOn => match next {
                Err(error) => Then::Fail(error),
                Ok(_) if hidden => Then::Fail(trouble::hidden()),
                Ok(Next { chain: None, .. }) => Then::Fail(WalkError::new(
                    ErrorKind::SourceMismatch,
                    "there is no next position and no end signal; check `pagination` and `end` against the answer",
                )),
                Ok(Next { chain: Some(next), .. }) => {
                    self.go_on(chain, next, counted, first_row, progress, continuation)
                }
            },
        };
        if !admitted.cut && !matches!(then, Then::GoOn) {
            self.stay_behind(records);
        }
        self.guard.answered(continuation);
        admitted.continuation = Some(continuation);
        self.hand_out(admitted, then);
    }

    /// Moves the course on, if the guards let it.
    fn go_on(
        &mut self,
        chain: &Chain,
        next: Chain,
        counted: Option<Course>,
        first_row: Option<u128>,
        progress: bool,
        continuation: u128,
    ) -> Then {
        let catching_up = self.catching_up();
        let fail = |kind, advice: &str| Then::Fail(WalkError::new(kind, advice));
        let advances = self.source.pagination.reuse == Reuse::Advances;
        let following = self.continuation(&next);
        if !advances && (following == continuation || self.guard.was_answered(following)) {
            return fail(
                ErrorKind::LoopDetected,
                "the server led back to a position that was answered before",
            );
        }
        let restarted = first_row.is_some_and(|row| self.guard.restarted(row, progress));
        if restarted && !catching_up && !chain.first {
            return fail(
                ErrorKind::ListRestarted,
                "the list starts again from its first record; the position was not understood",
            );
        }
        if self.guard.page(progress, self.source.limits.no_progress) && !catching_up {
            return fail(
                ErrorKind::NoProgress,
                "pages in a row brought no new record; raise `limits.no_progress` if that is normal here",
            );
        }
        self.live.course = counted.unwrap_or(Course::Chain(next));
        Then::GoOn
    }

    /// What names the position that this page answered. A list of links starts at its URL, so a link to that URL leads
    /// back to it, unless the first request is another one than those that follow.
    fn answered_by(&self, chain: &Chain, asked: Option<&Url>) -> u128 {
        let request = &self.source.request;
        let linked = match &self.source.pagination.style {
            Style::Link { take, .. } => matches!(take, Take::Query | Take::Url),
            Style::Cursor(_)
            | Style::Keyset(_)
            | Style::Offset { .. }
            | Style::Page { .. }
            | Style::Single
            | Style::States(_) => false,
        };
        match asked {
            Some(asked) if linked && chain.first && request.first == request.then => {
                let url = Chain { at: Vec::new(), url: Some(asked.clone()), first: false };
                self.continuation(&url)
            }
            Some(_) | None => self.continuation(chain),
        }
    }

    /// What names a position for the loop guard. Secrets are masked, so none is hashed into a checkpoint.
    fn continuation(&self, chain: &Chain) -> u128 {
        let mut text = String::new();
        match &chain.url {
            Some(url) => text.push_str(&self.source.mask(self.held(), url.as_str())),
            None => {
                for value in &chain.at {
                    text.push_str(
                        value
                            .as_ref()
                            .map(|v| self.source.mask_value(self.held(), v))
                            .as_ref()
                            .map_or("-", Raw::as_str),
                    );
                    text.push('\n');
                }
            }
        }
        fingerprint(text.as_bytes())
    }

    /// The position after this page: none where the server gives none.
    fn next_chain(&self, chain: &Chain, asked: Option<&Url>, arrival: &Arrival) -> Result<Next, WalkError> {
        if let Some((place, message)) = arrival.reading.broken.first() {
            let advice = format!("`{place}` can't be read: {message}");
            return Err(WalkError::new(ErrorKind::SourceMismatch, advice));
        }
        match &self.source.pagination.style {
            Style::Single => Ok(Next::NONE),
            Style::Link { read, .. } => {
                let driver = self.reader.found(&arrival.reading, read).clone();
                let Found::Value(value) = &driver else {
                    return Ok(Next { chain: None, driver, broken: false });
                };
                if value.is_blank() {
                    return Ok(Next { chain: None, driver, broken: false });
                }
                let Some(text) = value.text() else {
                    let advice = format!("`{read}` should hold a link, not {}", value.kind());
                    return Err(WalkError::new(ErrorKind::SourceMismatch, advice));
                };
                let from = asked.unwrap_or(&self.source.request.url);
                let url =
                    match self.source.follow(from, &text).map_err(|e| trouble::wire(&e, &self.source))? {
                        Followed::Url(url) => Chain { at: Vec::new(), url: Some(url), first: false },
                        Followed::Positions(at) => Chain { at, url: None, first: false },
                    };
                Ok(Next { chain: Some(url), driver, broken: false })
            }
            Style::Cursor(_)
            | Style::Keyset(_)
            | Style::Offset { .. }
            | Style::Page { .. }
            | Style::States(_) => self.next_states(chain, arrival),
        }
    }

    fn next_states(&self, chain: &Chain, arrival: &Arrival) -> Result<Next, WalkError> {
        let counts = self.states.iter().any(|s| matches!(s.next, Source::Add(_)));
        let mut driver = None;
        let mut at = Vec::with_capacity(self.states.len());
        for (state, before) in self.states.iter().zip(&chain.at) {
            match &state.next {
                Source::Add(step) => {
                    let by = self.step(step, arrival);
                    let number = before.as_ref().or(state.start.as_ref()).and_then(Raw::as_u64).unwrap_or(0);
                    let next = Raw::from_u64(number.saturating_add(by));
                    driver.get_or_insert(Found::Value(next.clone()));
                    at.push(Some(next));
                }
                Source::Read(place) => {
                    let found = self.reader.found(&arrival.reading, place);
                    let value = match found {
                        Found::Value(value) if !value.is_blank() => {
                            if let Some(wrong) = unfit(value) {
                                let advice = format!("`{place}` holds {wrong}, which is no position");
                                return Err(WalkError::new(ErrorKind::SourceMismatch, advice));
                            }
                            Some(value.clone())
                        }
                        // Read once from the first reply and kept, while another state leads on.
                        Found::Absent if counts || driver.is_some() => before.clone(),
                        Found::Absent | Found::Hidden | Found::Null | Found::Value(_) => None,
                    };
                    if !counts && driver.is_none() {
                        driver = Some(found.clone());
                    }
                    at.push(value);
                }
            }
        }
        let driver = driver.unwrap_or(Found::Absent);
        let leads = matches!(&driver, Found::Value(value) if !value.is_blank());
        Ok(Next { chain: leads.then_some(Chain { at, url: None, first: false }), driver, broken: false })
    }

    /// By how much a counter of the long form grows after this page.
    fn step(&self, step: &Step, arrival: &Arrival) -> u64 {
        let rows = arrival.rows.received;
        match step {
            Step::One => 1,
            Step::Records => rows,
            Step::Size => self.ask().unwrap_or(rows),
            Step::Echo(place) => match self.reader.found(&arrival.reading, place) {
                Found::Value(value) => value.loose_u64().unwrap_or(rows),
                Found::Absent | Found::Hidden | Found::Null => rows,
            },
        }
    }

    /// The counter in the link of the first page, where contact can be kept by it.
    fn counted_link(
        &self,
        chain: &Chain,
        asked: Option<&Url>,
        next: &Result<Next, WalkError>,
        rows: u64,
    ) -> Option<Course> {
        let Style::Link { take: Take::Url | Take::Query, .. } = &self.source.pagination.style else {
            return None;
        };
        // Links that are declared stable need no contact: they are taken at the vendor's word.
        let stable = self.source.pagination.stable != Stable::Unknown;
        if !chain.first || stable || !self.source.pagination.contact || self.source.id.is_none() {
            return None;
        }
        let url = next.as_ref().ok()?.chain.as_ref()?.url.as_ref()?;
        let counted = link::counted(asked?, url, rows, size_parameter(&self.source))?;
        let least = self.source.size.as_ref().map_or(1, |s| s.min.max(1));
        let mut counter = Counter::new(
            counted.unit,
            Mode::Contact,
            counted.asked.filter(|_| counted.size.is_some()),
            least,
        );
        // The first page is the first window; a server that clamps shows in its rows.
        counter.length = Some(rows);
        let first = counter.plan(0);
        let _ = counter.settle(&first, rows, rows, true, false);
        let link = LinkCourse { url: url.clone(), number: counted.number, size: counted.size };
        Some(Course::Count(Count { counter, link: Some(link) }))
    }

    /// Keyset evidence: keys strictly monotone over the whole walk, or the anchor met again at the seam.
    fn check_keyset(&mut self, arrival: &Arrival, keys: &[Key]) {
        let Style::Keyset(_) = &self.source.pagination.style else { return };
        if let (Some(last), Some(first)) = (self.live.ring.last(), keys.first())
            && last == *first
        {
            self.live.audit.anchors_met += 1;
        }
        let rows = &arrival.rows;
        let body = &arrival.response.body;
        if rows.parts != 1 {
            return;
        }
        let last = self.live.keyset_last.take();
        let mut before = last.as_ref().map(Raw::as_str);
        for span in &rows.ids {
            let Ok(value) = std::str::from_utf8(span.slice(body)) else { continue };
            if let Some(before) = before {
                let found = order(before, value);
                let monotone = match (found, self.live.keyset_rises) {
                    (None, _) => false,
                    // The anchor again, where the anchor is inclusive.
                    (Some(Ordering::Equal), _) => true,
                    (Some(found), None) => {
                        self.live.keyset_rises = Some(found == Ordering::Less);
                        true
                    }
                    (Some(found), Some(rises)) => (found == Ordering::Less) == rises,
                };
                let so_far = self.live.audit.monotone.unwrap_or(true);
                self.live.audit.monotone = Some(so_far && monotone);
            }
            before = Some(value);
        }
        let new = rows.ids.last().and_then(|span| trouble::raw(*span, body));
        self.live.keyset_last = new.or(last);
    }

    /// Whether the source's list of end signals holds this one.
    pub(super) fn ends_by(&self, wanted: &EndRule) -> bool {
        self.source.end.iter().any(|rule| rule == wanted)
    }
}
