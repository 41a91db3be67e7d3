//! What each end signal of the source says of one page.

use super::Walk;
use super::course::Chain;
use super::report::End;
use super::slot::Arrival;
use crate::advance::counter::{Mode, Unit, Window};
use crate::advance::end::{Said, Word};
use crate::facts::{EndSignal, TotalKind};
use crate::source::read::Found;
use crate::source::{EndRule, Style};
use std::cmp::Ordering;

/// What is known of the page besides its body.
pub(super) struct Place {
    /// Its window, where the walk goes by numbers, and whether in contact.
    pub window: Option<(Window, Mode, Unit)>,
    /// Rows before any filter.
    pub rows: u64,
    /// Of them, new.
    pub fresh: u64,
    /// The position that came back is the one that was sent.
    pub repeat: bool,
    /// A window in contact with nothing after it.
    pub nothing_after: bool,
}

/// The position after a page.
pub(super) struct Next {
    /// Where to go, if anywhere.
    pub chain: Option<Chain>,
    /// What stands where the leading position is read.
    pub driver: Found,
    /// Whether it is there but can't be taken.
    pub broken: bool,
}

impl Next {
    /// There is none.
    pub(super) const NONE: Next = Next { chain: None, driver: Found::Absent, broken: false };
    /// There is one, but the walk can't take it: that is no end.
    pub(super) const BROKEN: Next = Next { chain: None, driver: Found::Absent, broken: true };

    pub(super) fn same_as(&self, chain: &Chain) -> bool {
        self.chain.as_ref().is_some_and(|next| {
            next.at == chain.at
                && next.url.as_ref().map(crate::url::Url::as_str)
                    == chain.url.as_ref().map(crate::url::Url::as_str)
        })
    }
}

impl Walk {
    /// Every signal of the source with what it says of this page.
    pub(super) fn words(&self, arrival: &Arrival, place: &Place, next: &Next) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::with_capacity(self.source.end.len() + 1);
        for (index, rule) in self.source.end.iter().enumerate() {
            let (signal, (said, authority)) = match rule {
                EndRule::Flag(locator, value) => (
                    EndSignal::Flag,
                    match self.reader.found(&arrival.reading, locator) {
                        Found::Value(_) if self.reader.is(&arrival.reading, locator, value) => {
                            (Said::End, true)
                        }
                        Found::Value(_) => (Said::More, true),
                        Found::Absent | Found::Hidden | Found::Null => (Said::Silent, false),
                    },
                ),
                EndRule::Absent(locator) => (
                    EndSignal::Absent,
                    match self.reader.found(&arrival.reading, locator) {
                        Found::Value(_) => (Said::More, true),
                        Found::Hidden => (Said::Silent, false),
                        Found::Absent | Found::Null => (Said::End, true),
                    },
                ),
                EndRule::Missing => (EndSignal::Missing, self.missing(next, place)),
                EndRule::Repeat => {
                    (EndSignal::Repeat, if place.repeat { (Said::End, true) } else { (Said::Silent, false) })
                }
                EndRule::Empty => (EndSignal::Empty, self.empty(place)),
                EndRule::Short => (EndSignal::Short, self.short(place)),
                EndRule::Total => (EndSignal::Total, self.total(arrival, place)),
                EndRule::Pages(locator) => {
                    (EndSignal::Pages, self.page_count(self.reader.found(&arrival.reading, locator), place))
                }
                EndRule::Status(_) => (EndSignal::Status, (Said::Silent, false)),
            };
            words.push(Word { signal, index, said, authority });
        }
        let index = self.source.end.len();
        if matches!(self.source.pagination.style, Style::Single) {
            words.push(Word { signal: EndSignal::Single, index, said: Said::End, authority: true });
        }
        // In contact the end shows by itself: nothing comes after the last bridged row.
        if place.nothing_after && !self.ends_by(&EndRule::Empty) {
            let authority = self.shows_its_end();
            words.push(Word { signal: EndSignal::Empty, index, said: Said::End, authority });
        }
        words
    }

    fn missing(&self, next: &Next, place: &Place) -> (Said, bool) {
        match &next.driver {
            _ if next.broken => (Said::Silent, false),
            Found::Value(value) if value.is_blank() => (Said::End, true),
            Found::Value(_) => (Said::More, false),
            Found::Null => (Said::End, true),
            // A position read from the rows is absent wherever there are none: an empty page, not a word.
            Found::Absent if place.rows == 0 && self.driver_is_in_rows() => (Said::End, false),
            // On the first page an absent position may be a typo in the source.
            Found::Absent => (Said::End, self.live.held),
            Found::Hidden => (Said::End, false),
        }
    }

    /// Whether the leading position is read from the page's elements.
    fn driver_is_in_rows(&self) -> bool {
        use crate::facts::Place as Where;
        let read = match &self.source.pagination.style {
            Style::Cursor(token) | Style::Keyset(token) => Some(&token.read),
            Style::Link { read, .. } => Some(read),
            Style::Offset { .. } | Style::Page { .. } | Style::Single => None,
            Style::States(states) => states.iter().find_map(|state| match &state.next {
                crate::source::Next::Read(place) => Some(place),
                crate::source::Next::Add(_) => None,
            }),
        };
        read.is_some_and(|read| matches!(read.place, Where::Last(_) | Where::Max(_)))
    }

    /// Whether a window with nothing after it is the list's end for certain: not where rows are left out after the page
    /// was cut, since then a window may be empty in the middle.
    const fn shows_its_end(&self) -> bool {
        self.live.audit.sizes.short == 0
    }

    fn empty(&self, place: &Place) -> (Said, bool) {
        match place.window {
            Some((_, Mode::Contact, _)) => {
                if place.nothing_after {
                    (Said::End, self.shows_its_end())
                } else {
                    (Said::Silent, false)
                }
            }
            Some((_, Mode::Plain, _)) | None => {
                // A page of known rows may be what inserts pushed down: over numbers another one has to say so, too.
                let wait = place.window.is_some() && self.source.limits.no_progress > 1;
                let pushed = wait && self.guard.barren() == 0;
                if place.fresh == 0 && (place.rows == 0 || !pushed && !self.catching_up()) {
                    (Said::End, false)
                } else {
                    (Said::Silent, false)
                }
            }
        }
    }

    /// Short ends a walk only with a proven size; in contact one more request confirms instead.
    fn short(&self, place: &Place) -> (Said, bool) {
        let in_contact = matches!(place.window, Some((_, Mode::Contact, _)));
        let sizes = &self.live.audit.sizes;
        let declared = |asked| self.source.size.as_ref().and_then(|s| s.max).is_some_and(|max| asked <= max);
        let short = place.rows == 0
            || match place.window.and_then(|(window, _, _)| window.size).or_else(|| self.ask()) {
                Some(asked) => place.rows < asked && (sizes.proven || declared(asked)),
                None => self.live.counts.pages > 0 && place.rows < sizes.most,
            };
        let end = !in_contact && short;
        (if end { Said::End } else { Said::Silent }, false)
    }

    fn total(&self, arrival: &Arrival, place: &Place) -> (Said, bool) {
        let Some(spec) = self.source.total.as_ref() else { return (Said::Silent, false) };
        let total = if spec.request.is_some() {
            self.live.audit.total.last
        } else {
            match self.reader.found(&arrival.reading, &spec.read) {
                Found::Value(value) => value.loose_u64(),
                Found::Absent | Found::Hidden | Found::Null => None,
            }
        };
        let Some(total) = total.filter(|t| spec.cap.is_none_or(|cap| *t < cap)) else {
            return (Said::Silent, false);
        };
        if spec.kind != TotalKind::Exact {
            return (Said::Silent, false);
        }
        let Some((window, mode, unit)) = place.window else {
            let counts = &self.live.counts;
            let rows = counts.records + counts.dropped + place.fresh;
            return (if rows >= total { Said::End } else { Said::More }, false);
        };
        // `start + rows` equal to the exact total of that very response. Farther on in contact the window may have started
        // elsewhere, because the server rounds offsets or cuts pages: there the next window shows the end.
        let elsewhere = match unit {
            Unit::Rows(_) => true,
            Unit::Pages(_) => window.size.is_none_or(|size| place.rows < size),
        };
        match window.start.saturating_add(place.rows).cmp(&total) {
            Ordering::Equal if mode == Mode::Contact && window.start > 0 && elsewhere => {
                (Said::Silent, false)
            }
            Ordering::Equal => (Said::End, spec.request.is_none()),
            Ordering::Less => (Said::More, spec.request.is_none()),
            Ordering::Greater => (Said::Silent, false),
        }
    }

    fn page_count(&self, found: &Found, place: &Place) -> (Said, bool) {
        let Found::Value(value) = found else { return (Said::Silent, false) };
        let Some(pages) = value.loose_u64() else { return (Said::Silent, false) };
        let number = match place.window {
            // In contact page sizes vary, and with them the count: the confirming window decides.
            Some((_, Mode::Contact, _)) => return (Said::Silent, false),
            Some((window, Mode::Plain, Unit::Pages(first))) => {
                window.number.saturating_add(1).saturating_sub(first)
            }
            Some((_, Mode::Plain, Unit::Rows(_))) | None => {
                let counts = &self.live.counts;
                counts.pages.saturating_sub(self.live.restarted.unwrap_or(0)) + 1
            }
        };
        (if number >= pages { Said::End } else { Said::More }, false)
    }

    /// The report's `end` for a word.
    pub(super) fn end_of(&self, word: &Word) -> End {
        let rule = self.source.end.get(word.index);
        let (locator, value) = match rule {
            Some(EndRule::Flag(locator, value)) => {
                (Some(locator.to_string()), Some(super::trouble::value(&value.0)))
            }
            Some(EndRule::Absent(locator) | EndRule::Pages(locator)) => (Some(locator.to_string()), None),
            Some(EndRule::Total) => {
                let locator = self.source.total.as_ref().map(|t| t.read.to_string());
                (locator, self.live.audit.total.last.map(Into::into))
            }
            Some(EndRule::Missing) => (self.driver_place(), None),
            Some(EndRule::Status(status)) => (None, Some((*status).into())),
            Some(EndRule::Empty | EndRule::Repeat | EndRule::Short) | None => (None, None),
        };
        End { page: self.live.counts.pages, signal: word.signal, locator, value }
    }

    fn driver_place(&self) -> Option<String> {
        match &self.source.pagination.style {
            Style::Cursor(token) | Style::Keyset(token) => Some(token.read.to_string()),
            Style::Link { read, .. } => Some(read.to_string()),
            Style::Offset { .. } | Style::Page { .. } | Style::Single => None,
            Style::States(states) => states.iter().find_map(|s| match &s.next {
                crate::source::Next::Read(place) => Some(place.to_string()),
                crate::source::Next::Add(_) => None,
            }),
        }
    }
}
