//! From an accepted answer to a page: keys, what is new, what was met before, what it says besides.

use super::ring::{Bytes, Segment};
use super::slot::Arrival;
use super::step::{Page, PageId};
use super::{Resumed, Waiting, Walk, trouble};
use crate::dedup::Key;
use crate::facts::TotalKind;
use crate::json::{Pointer, Span, compare, same};
use crate::source::Cap;
use crate::source::read::Found;
use std::cmp::Ordering;
use std::sync::Arc;

/// What an answer brought, before it is queued.
pub(super) struct Admitted {
    body: Arc<Vec<u8>>,
    spans: Vec<Span>,
    revisions: Vec<u32>,
    keys: Vec<Key>,
    pub fresh: u64,
    pub continuation: Option<u128>,
    /// `limits.records`, where this page reached it.
    pub limited: Option<u64>,
    /// Whether rows of this page were left out for it: the course must not move on then.
    pub cut: bool,
}

impl Walk {
    /// The key of every row, in order; empty without an id.
    pub(super) fn keys(&self, arrival: &Arrival) -> Vec<Key> {
        let rows = &arrival.rows;
        let body = &arrival.response.body;
        if self.source.id.is_none() || rows.parts == 0 {
            return Vec::new();
        }
        // An id at the root means that the record itself is the id.
        let whole = self.source.id.as_ref().is_some_and(|id| id.at.iter().all(Pointer::is_root));
        let key = |parts: &[Span]| match parts {
            [record] if whole => Key::of_record(record.slice(body), &self.hash_key),
            _ => Key::of(parts.iter().map(|span| span.slice(body)), &self.hash_key),
        };
        rows.ids.chunks(rows.parts).filter_map(key).collect()
    }

    /// How many rows are new, counting an id that stands twice once.
    pub(super) fn count_fresh(&self, keys: &[Key], rows: u64) -> u64 {
        match &self.seen {
            Some(seen) if !keys.is_empty() => keys.iter().filter(|key| !seen.contains(**key)).count() as u64,
            Some(_) | None => rows,
        }
    }

    /// Whether the window meets what was bridged before: by a row, or by the declared order.
    pub(super) fn meets(&self, arrival: &Arrival, keys: &[Key]) -> bool {
        let by_row = keys.iter().any(|key| {
            self.seen.as_ref().is_none_or(|seen| seen.contains(*key)) && self.live.ring.holds(*key)
        });
        by_row || self.sorts_before_the_last(arrival)
    }

    /// Under a declared immutable order: the first row sorts strictly before the chain's last row.
    fn sorts_before_the_last(&self, arrival: &Arrival) -> bool {
        // A declaration that has been seen to be wrong is no ground for anything.
        let holds = self.live.audit.order.broken == 0 && self.live.audit.order.unclear == 0;
        let Some(order) = self.source.order.as_ref().filter(|o| o.immutable && holds) else { return false };
        let first = arrival.rows.order.first().map(|span| span.slice(&arrival.response.body));
        let (Some(first), Some(last)) =
            (first.and_then(|f| std::str::from_utf8(f).ok()), &self.live.last_order)
        else {
            return false;
        };
        let before = if order.descending { Ordering::Greater } else { Ordering::Less };
        compare(first, last.as_str()) == Some(before)
    }

    /// Takes the rows in: fresh ones are handed out, repeated ones suppressed and compared where they still can be.
    pub(super) fn admit(&mut self, arrival: Arrival, keys: Vec<Key>) -> Admitted {
        let Arrival { response, rows, .. } = arrival;
        let body = Arc::new(response.body);
        self.check_order(&body, &rows.order, &keys);
        let skip = std::mem::take(&mut self.live.skip) as usize;
        let mut spans = Vec::with_capacity(rows.records.len());
        let (mut revisions, mut fresh_keys) = (Vec::new(), Vec::with_capacity(keys.len()));
        let room = self.source.limits.records.map(|limit| limit.saturating_sub(self.live.counts.records));
        let mut limited = None;
        let (mut fresh, mut duplicates) = (0, 0);
        for (index, span) in rows.records.iter().enumerate() {
            if room.is_some_and(|room| spans.len() as u64 >= room) {
                limited = self.source.limits.records;
                break;
            }
            let key = keys.get(index).copied();
            let Some((key, seen)) = key.zip(self.seen.as_mut()) else {
                if index >= skip {
                    fresh += 1;
                    spans.push(*span);
                }
                continue;
            };
            if seen.insert(key) {
                fresh += 1;
                fresh_keys.push(key);
                spans.push(*span);
                continue;
            }
            duplicates += 1;
            self.live.counts.duplicates += 1;
            self.live.audit.twice_in_one |= keys.iter().take(index).any(|k| *k == key);
            if self.live.ring.met(key).is_some_and(|met| met.record != span.slice(&body)) {
                self.live.counts.revisions += 1;
                if self.deliver_revisions {
                    revisions.push(spans.len() as u32);
                    spans.push(*span);
                }
            }
        }
        if room.is_some_and(|room| spans.len() as u64 >= room) && limited.is_none() {
            limited = self.source.limits.records;
        }
        self.live.counts.pages += 1;
        self.live.counts.records += (spans.len() - revisions.len()) as u64;
        self.live.counts.dropped += rows.dropped;
        let cut = limited.is_some() && skip + spans.len() + duplicates < rows.records.len();
        if cut && keys.is_empty() {
            self.live.skip = (skip + spans.len()) as u64;
        }
        if fresh > 0 {
            self.resumed = Resumed::No;
        }
        // A window without fresh rows lies behind the chain's end: its rows are known, and pushing it would drive out
        // the ones contact is judged by. On known ground after a restart it is the chain's end.
        if !keys.is_empty() && !cut && (fresh > 0 || self.catching_up()) {
            let last = rows.order.last().and_then(|span| trouble::raw(*span, &body));
            self.live.last_order = last.or(self.live.last_order.take());
            let bytes = Some(Bytes { body: Arc::clone(&body), records: rows.records, orders: rows.order });
            self.live.ring.push(Segment { keys, bytes });
        }
        Admitted { body, spans, revisions, keys: fresh_keys, fresh, continuation: None, limited, cut }
    }

    /// The position stays where it was, at a page whose rows are handed out: without keys a resume must know which
    /// rows it has. That holds at the list's end, too: the process may die before it has stored that there is one.
    pub(super) fn stay_behind(&mut self, records: u64) {
        if self.source.id.is_none() {
            self.live.skip = records;
        }
    }

    /// Queues the page; it becomes durable with its acknowledgement.
    pub(super) fn queue(&mut self, admitted: Admitted) {
        let page = Page {
            id: PageId(self.next_page),
            number: self.live.counts.pages,
            body: admitted.body,
            spans: admitted.spans,
            revisions: admitted.revisions,
        };
        self.next_page += 1;
        let waiting = Waiting {
            page,
            delivered: false,
            keys: admitted.keys,
            continuations: admitted.continuation.into_iter().collect(),
            trail: self.live.clone(),
        };
        self.pages.push_back(waiting);
        self.drop_empty_pages();
    }

    /// A declared order holds between neighbours, and a key met again has the order value it had.
    fn check_order(&mut self, body: &[u8], orders: &[Span], keys: &[Key]) {
        let Some(order) = &self.source.order else { return };
        let text = |span: &Span| std::str::from_utf8(span.slice(body)).ok();
        let wrong = if order.descending { Ordering::Less } else { Ordering::Greater };
        let audit = &mut self.live.audit.order;
        for pair in orders.windows(2) {
            let [a, b] = pair else { continue };
            audit.compared += 1;
            match text(a).zip(text(b)).and_then(|(a, b)| compare(a, b)) {
                Some(found) if found == wrong => {
                    audit.broken += 1;
                    audit.first_break.get_or_insert_with(|| {
                        format!(
                            "rows are not in the declared order by `{}` on page {}",
                            order.by,
                            self.live.counts.pages + 1
                        )
                    });
                }
                Some(_) => {}
                None => audit.unclear += 1,
            }
        }
        for (key, span) in keys.iter().zip(orders) {
            let moved = self.seen.as_ref().is_some_and(|seen| seen.contains(*key))
                && self.live.ring.met(*key).and_then(|met| met.order).is_some_and(|was| {
                    let now = text(span);
                    std::str::from_utf8(was).ok().zip(now).is_some_and(|(was, now)| !same(was, now))
                });
            if moved {
                audit.broken += 1;
                audit.first_break.get_or_insert_with(|| {
                    format!("a record's value at `{}` changed while the list was walked", order.by)
                });
            }
        }
    }

    /// What the answer says besides its rows: total, admission of missing rows, captured values, sizes.
    /// Returns whether the total moved.
    pub(super) fn observe(&mut self, arrival: &Arrival, asked: Option<u64>) -> bool {
        let found = |place| self.reader.found(&arrival.reading, place);
        let number = |found: &Found| match found {
            Found::Value(value) => value.loose_u64(),
            Found::Absent | Found::Hidden | Found::Null => None,
        };
        let mut moved = false;
        if let Some(total) = self.source.total.as_ref().filter(|t| t.request.is_none())
            && let Some(stated) = number(found(&total.read))
        {
            let stated = match total.kind {
                TotalKind::Remaining => {
                    let rows = self.live.counts.records + self.live.counts.dropped + arrival.rows.received;
                    rows.saturating_add(stated)
                }
                TotalKind::AtLeast | TotalKind::Estimate | TotalKind::Exact | TotalKind::Page => stated,
            };
            moved = self.live.audit.total.see(stated);
        }
        if let Some((place, value)) = &self.source.incomplete
            && self.reader.is(&arrival.reading, place, value)
        {
            self.live.audit.admitted.get_or_insert_with(|| place.to_string());
        }
        let echo =
            self.source.size.as_ref().and_then(|s| s.echo.as_ref()).and_then(|place| number(found(place)));
        self.live.audit.sizes.see(asked, echo, arrival.rows.received);
        let mut capture = std::mem::take(&mut self.live.capture);
        for (name, place) in &self.source.capture {
            if let Found::Value(value) = found(place) {
                // A link may repeat the credentials of the request, and the report is shown.
                capture.insert(name.clone(), self.source.mask_value(self.held(), value));
            }
        }
        self.live.capture = capture;
        moved
    }

    /// Whether what was fetched has come to a declared cap.
    pub(super) fn at_cap(&self) -> bool {
        let counts = &self.live.counts;
        let rows = counts.records + counts.duplicates + counts.dropped;
        match self.source.cap {
            None => false,
            Some(Cap::Records(cap) | Cap::Offset(cap)) => rows >= cap,
            Some(Cap::Pages(cap)) => counts.pages >= cap,
        }
    }
}
