//! Going on by numbers: windows are bridged, delivered, or read again from farther back.

use super::course::{Chain, Course, Place as Asked};
use super::settle::Then;
use super::slot::Arrival;
use super::words::{Next, Place};
use super::{Resumed, Walk};
use crate::advance::counter::{Bridge, Counter, Mode, Unit, Window};
use crate::advance::end::{self, Verdict};
use crate::dedup::Key;
use crate::error::{ErrorKind, WalkError};
use crate::facts::EndSignal;
use crate::source::read::Found;
use crate::source::{Step, Style};
use crate::time::Now;
use crate::url::Url;

/// What was found out about a window before its rows were taken in.
struct Facts {
    fresh: u64,
    nothing_after: bool,
    first: bool,
    same_start: bool,
}

impl Walk {
    pub(super) fn settle_window(&mut self, window: Window, asked: Option<&Url>, arrival: Arrival, now: Now) {
        let Course::Count(count) = &self.live.course else { return };
        let before = count.counter.clone();
        // Planned from an end that has moved back since: there would be a gap.
        if window.start > before.end {
            self.drop_slots();
            return;
        }
        let rows = arrival.rows.received;
        let first = self.live.counts.pages == 0 && window.start == 0;
        if Self::size_ignored(&before, &window, rows, first) {
            self.with_counter(Counter::go_plain);
            self.drop_slots();
            return;
        }
        let keys = self.keys(&arrival);
        let known = self.meets(&arrival, &keys);
        if self.filtered(&before, &window, &arrival, known) {
            let open = before.mode == Mode::Contact && window.start > 0 && !known;
            return self.leave_numbers(asked, arrival, open);
        }
        if self.resumed == Resumed::MustMeet && !known && before.mode == Mode::Contact && window.start == 0 {
            let advice = "no record of the checkpoint's last pages is on the list any more; start afresh";
            return self
                .end(super::transition::Event::Failed(WalkError::new(ErrorKind::SourceChanged, advice)));
        }
        let fresh = self.count_fresh(&keys, rows);
        let same_start = !keys.is_empty() && keys.first().copied() == self.live.ring.first_of_last();
        let nothing_after = self.nothing_after(&before, &window, &arrival, &keys);
        let bridge =
            self.with_counter(|c| c.settle(&window, rows, fresh, known, same_start)).unwrap_or(Bridge::Kept);
        match bridge {
            Bridge::Lost => {
                if !before.stepping_back() {
                    self.live.audit.seams.lost += 1;
                }
                self.plan_front(now);
            }
            Bridge::GivenUp => {
                self.live.audit.seams.open += 1;
                self.drop_slots();
            }
            Bridge::Kept => {
                if before.stepping_back() {
                    self.live.audit.seams.repaired += 1;
                }
                self.resumed = Resumed::No;
                let facts = Facts { fresh, nothing_after, first, same_start };
                self.accept_window(&before, window, arrival, keys, &facts);
            }
        }
    }

    /// Whether the server answers with pages of its own size, so that overlaps by page size can't be had.
    fn size_ignored(counter: &Counter, window: &Window, rows: u64, first: bool) -> bool {
        matches!(counter.unit, Unit::Pages(_))
            && counter.mode == Mode::Contact
            && !first
            && window.size.is_some_and(|size| rows > size)
    }

    /// Whether a link leads on from a window that isn't full: rows are left out after the number was applied (by
    /// access rules, say), so the number doesn't count the rows that come, and a stretch without any would never be
    /// passed by it. While contact is sought it must be found first.
    fn filtered(&self, counter: &Counter, window: &Window, arrival: &Arrival, known: bool) -> bool {
        let rows = arrival.rows.received;
        let full = counter.length.into_iter().chain(window.size).min();
        let leads = matches!(&self.link_of(arrival).driver, Found::Value(link) if !link.is_blank());
        let sought = counter.mode == Mode::Contact && window.start > 0 && !known;
        let met = !sought || rows == 0 && !counter.stepping_back();
        leads && met && full.is_some_and(|full| rows < full)
    }

    /// Goes on by the server's links as they are, from this page.
    fn leave_numbers(&mut self, asked: Option<&Url>, arrival: Arrival, open: bool) {
        let chain = Chain { at: Vec::new(), url: asked.cloned(), first: false };
        self.live.course = Course::Chain(chain.clone());
        self.live.audit.seams.open += u64::from(open);
        self.resumed = Resumed::No;
        self.drop_slots();
        self.settle_chain(&chain, asked, arrival);
    }

    /// In contact, a window that ends with the chain's last row and isn't full: nothing comes after it.
    fn nothing_after(&self, counter: &Counter, window: &Window, arrival: &Arrival, keys: &[Key]) -> bool {
        if counter.mode != Mode::Contact {
            return false;
        }
        let rows = arrival.rows.received;
        if window.start == 0 && rows == 0 {
            return counter.end == 0 || counter.stepping_back();
        }
        // The server may give less than is asked for: then a window is full at what it has been seen to give.
        let full = counter.length.into_iter().chain(window.size).min().is_some_and(|size| rows >= size);
        // Where the list has moved since, one more window shows whether the page is short because it ends there.
        let unmoved = window.start.saturating_add(rows) == counter.end;
        let last = keys.last().is_some_and(|last| Some(*last) == self.live.ring.last());
        last && !full && unmoved && counter.shows_an_end(rows)
    }

    fn accept_window(
        &mut self,
        before: &Counter,
        window: Window,
        arrival: Arrival,
        keys: Vec<Key>,
        facts: &Facts,
    ) {
        let &Facts { fresh, nothing_after, first, same_start } = facts;
        let rows = arrival.rows.received;
        let moved = self.observe(&arrival, window.size.or_else(|| self.ask()));
        let mode = before.mode;
        let next = self.link_of(&arrival);
        let place =
            Place { window: Some((window, mode, before.unit)), rows, fresh, repeat: false, nothing_after };
        let words = self.words(&arrival, &place, &next);
        let mut verdict = end::weigh(&words, rows, false);
        // A plain walk ends at a page without rows even if a count promises more, but not if a flag does.
        let flagged = words
            .iter()
            .any(|w| w.said == end::Said::More && matches!(w.signal, EndSignal::Flag | EndSignal::Absent));
        if mode == Mode::Plain && matches!(verdict, Verdict::GoOn) && rows == 0 && !flagged {
            verdict =
                words.iter().find(|w| w.signal == EndSignal::Empty).map_or(verdict, |w| Verdict::End(*w));
        }
        let ended = matches!(verdict, Verdict::End(_));
        if !first {
            match mode {
                Mode::Contact => self.live.audit.seams.kept += 1,
                Mode::Plain => self.live.audit.seams.unknown += 1,
            }
        }
        let step = self.plain_step(&arrival, &window, rows);
        self.with_counter(|counter| {
            if !ended && (first || rows > counter.length.unwrap_or(0)) {
                counter.learn(rows);
            }
            if counter.mode == Mode::Plain && !ended {
                counter.end = window.start.saturating_add(step.max(u64::from(rows > 0)));
            }
        });
        if mode == Mode::Contact {
            let length = self.with_counter(|counter| counter.length).flatten();
            let full = length.into_iter().chain(window.size).min().is_none_or(|full| rows >= full);
            self.live.audit.sizes.bridge(full, fresh > 0);
        }
        let records = arrival.rows.records.len() as u64;
        let admitted = self.admit(arrival, keys);
        if admitted.cut {
            let count = |counter: &mut Counter| *counter = before.clone();
            self.with_counter(count);
            return self.hand_out(admitted, Then::GoOn);
        }
        // The last page is asked for again by a resume unless it was full.
        if ended
            && self.with_counter(|counter| counter.clone().plan(counter.end).start == window.start)
                == Some(true)
        {
            self.stay_behind(records);
        }
        self.leave_stalled_contact(before, fresh, &verdict);
        let progress = admitted.fresh > 0;
        // In contact a window of known rows means that the list moved down, unless it is the same window again.
        let moving = mode == Mode::Contact && !same_start;
        // Neither is a page that is read again because the total moved.
        let reread = mode == Mode::Plain && window.start < self.reread_to;
        let moving = moving || reread || before.stepping_back();
        let barren = self.guard.page(progress || moving, self.source.limits.no_progress);
        let then = match verdict {
            Verdict::End(word) => Then::End(self.end_of(&word), word.authority),
            Verdict::Contradiction(_) | Verdict::GoOn if barren && !self.catching_up() => {
                Then::Fail(WalkError::new(
                    ErrorKind::NoProgress,
                    "pages in a row brought no new record; check `pagination.write` and `end`, or raise `limits.no_progress`",
                ))
            }
            Verdict::Contradiction(_) | Verdict::GoOn => Then::GoOn,
        };
        let then = self.reread_if_moved(mode, moved, window.start, then);
        self.hand_out(admitted, then);
    }

    /// A window in contact that brought nothing new and moved the end nowhere would be asked for again for ever, since
    /// a signal says that there is more: rows are left out after the number was applied. Numbers alone lead past that.
    fn leave_stalled_contact(&mut self, before: &Counter, fresh: u64, verdict: &Verdict) {
        let Course::Count(count) = &self.live.course else { return };
        let stalled =
            before.mode == Mode::Contact && !before.stepping_back() && count.counter.end <= before.end;
        let stalled = stalled && !count.counter.overlaps_less_than(before);
        if stalled && fresh == 0 && !matches!(verdict, Verdict::End(_)) {
            self.live.audit.seams.open += 1;
            self.with_counter(Counter::go_plain);
            self.drop_slots();
        }
    }

    /// How far a plain walk moves on after this window: as the source says, never past what was received when the
    /// size may have been clamped.
    fn plain_step(&self, arrival: &Arrival, window: &Window, rows: u64) -> u64 {
        let counted = match &self.live.course {
            Course::Count(count) => count.counter.length,
            Course::Chain(_) => None,
        };
        match &self.source.pagination.style {
            Style::Offset { step: Step::Echo(place), .. } => match self.reader.found(&arrival.reading, place)
            {
                Found::Value(value) => value.loose_u64().unwrap_or(rows),
                Found::Absent | Found::Hidden | Found::Null => rows,
            },
            Style::Offset { step: Step::Size, .. } => match window.size {
                Some(size) if self.live.audit.sizes.proven || rows == 0 => size,
                Some(_) | None => rows,
            },
            // Nothing to count, so the window itself is passed; not by more than the server has been seen to give.
            Style::Offset { step: Step::Records, .. } if rows == 0 => {
                window.size.into_iter().chain(counted).min().unwrap_or(0)
            }
            Style::Page { .. } => window.reach.saturating_sub(window.start).max(rows),
            Style::Cursor(_)
            | Style::Keyset(_)
            | Style::Link { .. }
            | Style::Offset { step: Step::One | Step::Records, .. }
            | Style::Single
            | Style::States(_) => rows,
        }
    }

    /// Page numbers whose size can't be varied: when the total moves (or when asked to), the page before is read
    /// again, so that rows pulled onto it are met. The last page is no exception: its end waits for the second look.
    /// Nothing stands before the first page.
    fn reread_if_moved(&mut self, mode: Mode, moved: bool, start: u64, then: Then) -> Then {
        let Course::Count(count) = &self.live.course else { return then };
        let pages = matches!(count.counter.unit, Unit::Pages(_)) && mode == Mode::Plain;
        let wanted = moved || self.source.pagination.reread;
        let number = count.counter.end;
        let failed = matches!(then, Then::Fail(_));
        if !pages || !wanted || failed || start == 0 || self.source.id.is_none() || number <= self.reread_to {
            return then;
        }
        self.reread_to = number;
        if moved {
            self.live.audit.seams.lost += 1;
            self.live.audit.seams.repaired += 1;
        }
        self.with_counter(Counter::reread);
        self.drop_slots();
        Then::GoOn
    }

    fn with_counter<T>(&mut self, change: impl FnOnce(&mut Counter) -> T) -> Option<T> {
        match &mut self.live.course {
            Course::Count(count) => Some(change(&mut count.counter)),
            Course::Chain(_) => None,
        }
    }

    /// Plans the next window in front of those planned ahead.
    fn plan_front(&mut self, now: Now) {
        let Some(window) = self.with_counter(|counter| counter.plan(counter.end)) else { return };
        self.push_slot(Asked::Window(window), now.tick, true);
    }

    /// The link of a page that is walked by the number in it: its absence is the server's word for the end.
    fn link_of(&self, arrival: &Arrival) -> Next {
        let Style::Link { read, .. } = &self.source.pagination.style else { return Next::NONE };
        let driver = self.reader.found(&arrival.reading, read).clone();
        Next { chain: None, driver, broken: false }
    }
}
