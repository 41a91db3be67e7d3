//! From evidence to checks and a verdict. A failed check can only lower a verdict; nothing here raises one.

use super::Audit;
use crate::facts::{CheckName, EndSignal, Outcome, TotalKind, Verdict};

/// What the source and the walk know besides the evidence.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// How the walk ended.
    pub ending: Option<Ending>,
    /// Distinct records: delivered, and dropped on purpose.
    pub distinct: u64,
    /// Of them, dropped on purpose.
    pub dropped: u64,
    /// Accepted pages.
    pub pages: u64,
    /// Records suppressed because their key was delivered before.
    pub duplicates: u64,
    /// What the total counts.
    pub total_kind: Option<TotalKind>,
    /// Where the total itself stops.
    pub total_cap: Option<u64>,
    /// Whether the source names an id.
    pub has_id: bool,
    /// Whether the source declares an immutable order.
    pub order_declared: bool,
    /// Whether the source declares an order at all.
    pub order_named: bool,
    /// Rows beyond which the API doesn't go, as declared.
    pub cap_rows: Option<u64>,
    /// The server's positions are declared stable.
    pub stable: bool,
    /// The walk went by numbers, in contact to the end.
    pub in_contact: bool,
    /// The walk went by numbers.
    pub by_number: bool,
    /// The position is a unique, immutable key.
    pub unique_key: bool,
    /// The position is the key of the last record.
    pub keyset: bool,
    /// Holes between ids that are meant to have none: their number, if declared.
    pub gaps: Option<u64>,
    /// The size that was clamped to the source's maximum.
    pub clamped_from: Option<u64>,
}

/// How the walk ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ending {
    /// The signal.
    pub signal: EndSignal,
    /// Whether the server means the end by it.
    pub authority: bool,
}

/// One check with its numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Which check.
    pub name: CheckName,
    /// How it came out.
    pub outcome: Outcome,
    /// The number that was expected.
    pub expected: Option<u64>,
    /// The number that was found.
    pub found: Option<u64>,
    /// A sentence on it.
    pub note: Option<String>,
}

/// Why completeness is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// The source declares it.
    Contract,
    /// It was seen.
    Observed,
}

fn finding(name: CheckName, outcome: Outcome) -> Finding {
    Finding { name, outcome, expected: None, found: None, note: None }
}

impl Finding {
    fn numbers(mut self, expected: Option<u64>, found: Option<u64>) -> Finding {
        self.expected = expected;
        self.found = found;
        self
    }

    fn note(mut self, note: impl Into<String>) -> Finding {
        self.note = Some(note.into());
        self
    }
}

impl Audit {
    /// The verdict on a list that has ended, the ground it stands on, and every check in order.
    pub fn conclude(&self, known: &Known) -> (Verdict, Option<Ground>, Vec<Finding>) {
        let ground = self.ground(known);
        let checks = vec![
            Self::end_signal(known),
            self.total(known),
            self.seams(known, ground),
            self.order(known),
            self.page_size(known),
            self.duplicates(known),
            Self::gaps(known),
            self.cap(known),
            self.contradiction(),
            self.incomplete_flag(),
            self.headers_visible(),
        ];
        let failed = checks.iter().any(|c| c.outcome == Outcome::Failed);
        let authority = known.ending.is_some_and(|e| e.authority);
        let suspicious = self.round_number(known);
        if failed {
            (Verdict::Incomplete, None, checks)
        } else if authority && !suspicious && ground.is_some() {
            (Verdict::Complete, ground, checks)
        } else {
            (Verdict::Unproven, None, checks)
        }
    }

    fn ground(&self, known: &Known) -> Option<Ground> {
        let ordered = known.order_declared && self.order.broken == 0 && self.order.unclear == 0;
        let bridged = self.seams.open == 0 && self.seams.unknown == 0 && !self.twice_in_one;
        if known.pages <= 1 {
            return Some(Ground::Observed);
        }
        // A cached answer shows a state of the list that no other answer need share.
        if self.cached > 0 && !known.stable {
            return None;
        }
        if known.by_number {
            return (known.in_contact && ordered && bridged).then_some(Ground::Observed);
        }
        if known.keyset {
            let monotone = self.monotone == Some(true) && known.unique_key;
            let anchored = self.anchors_met + 1 >= known.pages && ordered;
            if monotone || anchored {
                return Some(Ground::Observed);
            }
        }
        known.stable.then_some(Ground::Contract)
    }

    fn end_signal(known: &Known) -> Finding {
        match known.ending {
            None => finding(CheckName::EndSignal, Outcome::Unavailable).note("the list has not ended"),
            Some(Ending { authority: true, .. }) => finding(CheckName::EndSignal, Outcome::Passed),
            Some(Ending { signal, authority: false }) => finding(CheckName::EndSignal, Outcome::Unavailable).note(format!(
                "{signal:?} only suggests the end; name a flag, a token or an exact total in `end` or `total` if the API has one"
            )),
        }
    }

    fn total(&self, known: &Known) -> Finding {
        let name = CheckName::Total;
        let (Some(kind), Some(last)) = (known.total_kind, self.total.last) else {
            let note = if known.total_kind.is_some() {
                "the server stated no total"
            } else {
                "the source names no `total`"
            };
            return finding(name, Outcome::Unavailable).numbers(None, Some(known.distinct)).note(note);
        };
        let capped = known.total_cap.is_some_and(|cap| last >= cap);
        let drifted = self.total.moved || self.seams.lost > 0;
        let numbers = |f: Finding| f.numbers(Some(last), Some(known.distinct));
        if known.dropped > 0 && known.in_contact {
            return numbers(finding(name, Outcome::Unavailable))
                .note("dropped elements have no key, so those met again in overlaps are counted again");
        }
        let plain = |outcome| numbers(finding(name, outcome));
        if known.ending.is_none() {
            return plain(Outcome::Unavailable).note("the list has not ended");
        }
        if !known.has_id
            && self.seams.kept + self.seams.unknown > 0
            && kind == TotalKind::Exact
            && last != known.distinct
        {
            return plain(Outcome::Failed).note("without an `id` repeated records can't be told from others");
        }
        match kind {
            TotalKind::Exact if !capped => {
                if known.distinct == last {
                    plain(Outcome::Passed)
                } else if known.distinct > last {
                    plain(Outcome::Unavailable)
                        .note("there are more distinct records than the server's total says")
                } else if drifted {
                    plain(Outcome::Unavailable)
                        .note("list changed: the total moved or contact was lost meanwhile")
                } else {
                    plain(Outcome::Failed).note("records are missing: the total stood still")
                }
            }
            TotalKind::AtLeast | TotalKind::Exact => {
                if known.distinct >= last {
                    plain(Outcome::Passed).note("the total is a lower bound")
                } else if drifted {
                    plain(Outcome::Unavailable).note("list changed")
                } else {
                    plain(Outcome::Failed).note("fewer records than the total's lower bound")
                }
            }
            TotalKind::Estimate => plain(Outcome::Unavailable).note("the total is an estimate"),
            TotalKind::Page => plain(Outcome::Unavailable).note("the total counts one page only"),
            TotalKind::Remaining => {
                if known.distinct == last {
                    plain(Outcome::Passed)
                } else if known.distinct < last && !drifted {
                    plain(Outcome::Failed).note("fewer records than were said to remain")
                } else {
                    plain(Outcome::Unavailable).note("the number that remained moved")
                }
            }
        }
    }

    fn seams(&self, known: &Known, ground: Option<Ground>) -> Finding {
        let total = self.seams.kept + self.seams.unknown + self.seams.open;
        let f = |outcome| finding(CheckName::Seams, outcome).numbers(Some(total), Some(self.seams.kept));
        if known.order_declared && self.order.broken > 0 {
            return f(Outcome::Failed).note("the declared order does not hold, so contact proves nothing");
        }
        if ground.is_some() {
            return f(Outcome::Passed);
        }
        let hint = if self.cached > 0 && !known.stable {
            "answers came from a cache (an `Age` header), so pages may show different states of the list"
        } else if !known.has_id {
            "name the `id` of a record: without it pages can't be compared where they meet"
        } else if self.twice_in_one {
            "an id stood twice in one response, so it names more than one row; name a unique `id`"
        } else if self.seams.open > 0 {
            "contact was lost and not found again: rows may have been skipped"
        } else if known.by_number && !known.in_contact {
            "pages did not overlap: let the walk set the page size (`size.write`) and leave `pagination.contact` on"
        } else if known.by_number {
            "contact was kept; declare `order` (by, direction, immutable) if the server's order never moves a record"
        } else if known.keyset {
            "keys were not seen to be unique and strictly ordered; use the record's `id` as the key if the API can"
        } else {
            "declare `pagination.stable` (key or snapshot) if the vendor promises that changes don't move its positions"
        };
        f(Outcome::Unavailable).note(hint)
    }

    fn order(&self, known: &Known) -> Finding {
        let f = |outcome| finding(CheckName::Order, outcome).numbers(Some(0), Some(self.order.broken));
        if !known.order_named {
            return finding(CheckName::Order, Outcome::Unavailable).note("the source declares no `order`");
        }
        if self.order.broken > 0 {
            return f(Outcome::Failed).note(self.order.first_break.clone().unwrap_or_default());
        }
        if self.order.unclear > 0 {
            return f(Outcome::Unavailable).note("values at `order.by` that can't be compared");
        }
        f(Outcome::Passed)
    }

    fn page_size(&self, known: &Known) -> Finding {
        let found = |outcome, notes: &[&str]| {
            // What the source itself did to the size is said whatever the pages show.
            let clamped = known
                .clamped_from
                .map(|from| format!("`size.value` {from} was clamped to the source's maximum"));
            let notes: Vec<&str> = notes.iter().copied().chain(clamped.as_deref()).collect();
            let f = finding(CheckName::PageSize, outcome).numbers(self.sizes.asked, Some(self.sizes.most));
            if notes.is_empty() { f } else { f.note(notes.join("; ")) }
        };
        if self.sizes.over > 0 {
            found(Outcome::Unavailable, &["pages held more rows than were asked for"])
        } else if self.sizes.asked.is_none() {
            found(Outcome::Unavailable, &["no size was asked for"])
        } else if self.sizes.proven {
            found(Outcome::Passed, &[])
        } else {
            found(Outcome::Unavailable, &["no page was full: the server may clamp the size"])
        }
    }

    fn duplicates(&self, known: &Known) -> Finding {
        let name = CheckName::Duplicates;
        if !known.has_id {
            return finding(name, Outcome::Unavailable)
                .note("the source names no `id`, so repeated records can't be seen");
        }
        if self.keys_lost {
            return finding(name, Outcome::Unavailable).numbers(Some(0), Some(known.duplicates)).note(
                "at least once: the walk was resumed without the keys of the records delivered before",
            );
        }
        let f = finding(name, Outcome::Passed).numbers(Some(0), Some(known.duplicates));
        if self.twice_in_one { f.note("some stood twice in one response") } else { f }
    }

    fn gaps(known: &Known) -> Finding {
        match known.gaps {
            None => finding(CheckName::Gaps, Outcome::Unavailable),
            Some(0) => finding(CheckName::Gaps, Outcome::Passed).numbers(Some(0), Some(0)),
            Some(n) => finding(CheckName::Gaps, Outcome::Failed)
                .numbers(Some(0), Some(n))
                .note("ids are declared `dense`, yet some between the least and the greatest are missing"),
        }
    }

    fn cap(&self, known: &Known) -> Finding {
        let f = |o| finding(CheckName::Cap, o).numbers(known.cap_rows, Some(known.distinct));
        let out_of_reach = known.cap_rows.zip(self.total.last).is_some_and(|(cap, total)| total > cap);
        if self.cap_reached || out_of_reach {
            f(Outcome::Failed).note("the API does not go beyond this; split the list by a filter or a range")
        } else if self.round_number(known) {
            f(Outcome::Unavailable).note("the list ends exactly on a round number, as capped lists do")
        } else {
            f(Outcome::Passed)
        }
    }

    /// A list that ends exactly on a thousand may have been cut there, unless an exact total agrees.
    fn round_number(&self, known: &Known) -> bool {
        let exact = known.total_kind == Some(TotalKind::Exact) && self.total.last == Some(known.distinct);
        known.distinct > 0 && known.distinct.is_multiple_of(1000) && !exact
    }

    fn contradiction(&self) -> Finding {
        match self.contradictions.first() {
            None => finding(CheckName::Contradiction, Outcome::Passed),
            Some(first) => finding(CheckName::Contradiction, Outcome::Failed)
                .numbers(Some(0), Some(self.contradictions.len() as u64))
                .note(first.clone()),
        }
    }

    fn incomplete_flag(&self) -> Finding {
        match &self.admitted {
            None => finding(CheckName::IncompleteFlag, Outcome::Passed),
            Some(place) => finding(CheckName::IncompleteFlag, Outcome::Failed)
                .note(format!("the server says at {place} that rows are missing")),
        }
    }

    fn headers_visible(&self) -> Finding {
        if self.headers_hidden {
            finding(CheckName::HeadersVisible, Outcome::Unavailable)
                .note("headers may be hidden from this host, so an absent one proves nothing")
        } else {
            finding(CheckName::HeadersVisible, Outcome::Passed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::checks::known;
    use super::*;

    type Spoil = fn(&mut Audit, &mut Known);

    #[test]
    fn a_total_can_lower_a_verdict_but_never_supply_one() {
        let mut audit = Audit::default();
        assert_eq!(audit.conclude(&known()).0, Verdict::Complete);
        let exact = Known { total_kind: Some(TotalKind::Exact), ..known() };
        audit.total.see(250);
        assert_eq!(audit.conclude(&exact).0, Verdict::Complete);
        assert_eq!(audit.conclude(&Known { in_contact: false, ..exact.clone() }).0, Verdict::Unproven);
        audit.total.last = Some(251);
        audit.total.first = Some(251);
        assert_eq!(audit.conclude(&exact).0, Verdict::Incomplete);
        audit.total.moved = true;
        assert_eq!(
            audit.conclude(&exact).0,
            Verdict::Complete,
            "a moved total is unavailable, contact was kept"
        );
    }

    #[test]
    fn every_failed_check_makes_the_list_incomplete() {
        let cases: [(&str, Spoil); 6] = [
            ("order", |a, _| a.order.broken = 1),
            ("contradiction", |a, _| a.contradictions.push("x".into())),
            ("flag", |a, _| a.admitted = Some("body:/incomplete".into())),
            ("cap", |a, _| a.cap_reached = true),
            ("reach", |a, k| {
                k.cap_rows = Some(100);
                a.total.see(250);
            }),
            ("gaps", |_, k| k.gaps = Some(2)),
        ];
        for (name, spoil) in cases {
            let (mut audit, mut known) = (Audit::default(), known());
            spoil(&mut audit, &mut known);
            assert_eq!(audit.conclude(&known).0, Verdict::Incomplete, "{name}");
        }
    }

    #[test]
    fn what_is_not_known_keeps_the_verdict_unproven() {
        let cases: [(&str, Spoil); 7] = [
            ("heuristic end", |_, k| k.ending = Some(Ending { signal: EndSignal::Short, authority: false })),
            ("undeclared order", |_, k| k.order_declared = false),
            ("open seam", |a, _| a.seams.open = 1),
            ("twice in one", |a, _| a.twice_in_one = true),
            ("token", |_, k| k.by_number = false),
            ("round number", |_, k| k.distinct = 10_000),
            ("keyset with ties", |_, k| {
                k.by_number = false;
                k.keyset = true;
            }),
        ];
        for (name, spoil) in cases {
            let (mut audit, mut known) = (Audit::default(), known());
            spoil(&mut audit, &mut known);
            assert_eq!(audit.conclude(&known).0, Verdict::Unproven, "{name}");
        }
    }

    #[test]
    fn grounds_are_named() {
        let audit = Audit { monotone: Some(true), ..Audit::default() };
        let stable = Known { by_number: false, stable: true, ..known() };
        assert_eq!(audit.conclude(&stable).1, Some(Ground::Contract));
        let keyset = Known { by_number: false, keyset: true, unique_key: true, ..known() };
        assert_eq!(audit.conclude(&keyset).1, Some(Ground::Observed));
        let single = Known { by_number: false, pages: 1, ..known() };
        assert_eq!(audit.conclude(&single).1, Some(Ground::Observed));
    }
}
