//! Every check with every outcome, its numbers and what it says.

use super::{Audit, Ending, Finding, Ground, Known, Sizes};
use crate::facts::{CheckName, EndSignal, Outcome, TotalKind, Verdict};

/// A walk by numbers that came out well.
pub(super) fn known() -> Known {
    Known {
        ending: Some(Ending { signal: EndSignal::Total, authority: true }),
        distinct: 250,
        pages: 3,
        has_id: true,
        order_declared: true,
        order_named: true,
        in_contact: true,
        by_number: true,
        ..Known::default()
    }
}

/// The same, whose total says so much.
fn counted(kind: TotalKind, total: u64) -> (Audit, Known) {
    let mut audit = Audit::default();
    audit.total.see(total);
    (audit, Known { total_kind: Some(kind), ..known() })
}

fn check(audit: &Audit, known: &Known, name: CheckName) -> Finding {
    let (_, _, checks) = audit.conclude(known);
    checks.into_iter().find(|check| check.name == name).unwrap()
}

#[track_caller]
fn expect(
    (audit, known): &(Audit, Known),
    name: CheckName,
    outcome: Outcome,
    numbers: (Option<u64>, Option<u64>),
    note: &str,
) {
    let found = check(audit, known, name);
    assert_eq!((found.outcome, (found.expected, found.found)), (outcome, numbers), "{found:?}");
    match &found.note {
        None => assert_eq!(note, "", "{found:?}"),
        Some(said) => assert!(!note.is_empty() && said.contains(note), "{found:?}"),
    }
}

use Outcome::{Failed, Passed, Unavailable};

#[test]
fn checks_come_in_the_order_of_the_contract() {
    let (_, _, checks) = Audit::default().conclude(&known());
    let names: Vec<CheckName> = checks.iter().map(|check| check.name).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!((names.len(), &names), (11, &sorted));
}

#[test]
fn the_end_is_named_where_it_only_suggests_itself() {
    let end = |ending| (Audit::default(), Known { ending, ..known() });
    let name = CheckName::EndSignal;
    expect(&end(None), name, Unavailable, (None, None), "has not ended");
    let short = Ending { signal: EndSignal::Short, authority: false };
    expect(&end(Some(short)), name, Unavailable, (None, None), "Short only suggests");
    expect(&end(Some(Ending { authority: true, ..short })), name, Passed, (None, None), "");
}

#[test]
fn an_exact_total_is_compared_with_what_came() {
    let name = CheckName::Total;
    let exact = |total| counted(TotalKind::Exact, total);
    let numbers = |total| (Some(total), Some(250));
    expect(&exact(250), name, Passed, numbers(250), "");
    expect(&exact(249), name, Unavailable, numbers(249), "more distinct records");
    expect(&exact(251), name, Failed, numbers(251), "stood still");
    let mut moved = exact(251);
    moved.0.total.moved = true;
    expect(&moved, name, Unavailable, numbers(251), "list changed");
    let mut lost = exact(251);
    lost.0.seams.lost = 1;
    expect(&lost, name, Unavailable, numbers(251), "list changed");
}

#[test]
fn a_total_at_its_own_cap_is_a_lower_bound() {
    let name = CheckName::Total;
    let capped = |total, cap| {
        let (audit, known) = counted(TotalKind::Exact, total);
        (audit, Known { total_cap: Some(cap), ..known })
    };
    let numbers = |total| (Some(total), Some(250));
    expect(&capped(200, 200), name, Passed, numbers(200), "lower bound");
    expect(&capped(200, 201), name, Unavailable, numbers(200), "more distinct records");
    expect(&capped(300, 300), name, Failed, numbers(300), "fewer records");
    let least = |total| counted(TotalKind::AtLeast, total);
    expect(&least(250), name, Passed, numbers(250), "lower bound");
    expect(&least(251), name, Failed, numbers(251), "fewer records");
    let mut moved = least(251);
    moved.0.total.moved = true;
    expect(&moved, name, Unavailable, numbers(251), "list changed");
}

#[test]
fn other_totals_say_less() {
    let name = CheckName::Total;
    let of = |kind, total| counted(kind, total);
    let numbers = |total| (Some(total), Some(250));
    expect(&of(TotalKind::Estimate, 900), name, Unavailable, numbers(900), "estimate");
    expect(&of(TotalKind::Page, 100), name, Unavailable, numbers(100), "one page");
    expect(&of(TotalKind::Remaining, 250), name, Passed, numbers(250), "");
    expect(&of(TotalKind::Remaining, 251), name, Failed, numbers(251), "said to remain");
    expect(&of(TotalKind::Remaining, 249), name, Unavailable, numbers(249), "moved");
    let mut moved = of(TotalKind::Remaining, 251);
    moved.0.total.moved = true;
    expect(&moved, name, Unavailable, numbers(251), "moved");
}

#[test]
fn a_total_that_is_not_there_or_can_not_be_compared_says_why() {
    let name = CheckName::Total;
    expect(&(Audit::default(), known()), name, Unavailable, (None, Some(250)), "names no `total`");
    let named = Known { total_kind: Some(TotalKind::Exact), ..known() };
    expect(&(Audit::default(), named), name, Unavailable, (None, Some(250)), "stated no total");
    let with = |total, change: fn(&mut Audit, &mut Known)| {
        let (mut audit, mut known) = counted(TotalKind::Exact, total);
        change(&mut audit, &mut known);
        (audit, known)
    };
    let numbers = |total| (Some(total), Some(250));
    let dropped = with(251, |_, known| known.dropped = 1);
    expect(&dropped, name, Unavailable, numbers(251), "dropped elements");
    let elsewhere = with(251, |_, known| (known.dropped, known.in_contact) = (1, false));
    expect(&elsewhere, name, Failed, numbers(251), "stood still");
    expect(&with(251, |_, known| known.ending = None), name, Unavailable, numbers(251), "has not ended");
    // Without an id, rows that came again are counted again: no number agrees by right.
    let without = |total, change| {
        let (audit, known) = with(total, change);
        (audit, Known { has_id: false, ..known })
    };
    expect(&without(249, |audit, _| audit.seams.kept = 1), name, Failed, numbers(249), "without an `id`");
    expect(&without(249, |audit, _| audit.seams.unknown = 1), name, Failed, numbers(249), "without an `id`");
    expect(&without(249, |_, _| {}), name, Unavailable, numbers(249), "more distinct records");
    expect(&without(250, |audit, _| audit.seams.kept = 1), name, Passed, numbers(250), "");
    let mut least = without(249, |audit, _| audit.seams.kept = 1);
    least.1.total_kind = Some(TotalKind::AtLeast);
    expect(&least, name, Passed, numbers(249), "lower bound");
    let mut named = with(249, |audit, _| audit.seams.kept = 1);
    named.1.has_id = true;
    expect(&named, name, Unavailable, numbers(249), "more distinct records");
}

#[test]
fn seams_pass_with_a_ground_and_else_say_what_would_supply_one() {
    let name = CheckName::Seams;
    let with = |change: fn(&mut Audit, &mut Known)| {
        let (mut audit, mut known) = (Audit::default(), known());
        audit.seams.kept = 2;
        change(&mut audit, &mut known);
        (audit, known)
    };
    expect(&with(|_, _| {}), name, Passed, (Some(2), Some(2)), "");
    let broken = with(|audit, _| (audit.order.broken, audit.seams.open, audit.seams.unknown) = (1, 4, 8));
    expect(&broken, name, Failed, (Some(14), Some(2)), "does not hold");
    let undeclared = with(|audit, known| (audit.order.broken, known.order_declared) = (1, false));
    expect(&undeclared, name, Unavailable, (Some(2), Some(2)), "declare `order`");
    let numbers = (Some(2), Some(2));
    expect(&with(|audit, _| audit.cached = 1), name, Unavailable, numbers, "from a cache");
    let no_id = with(|_, known| (known.has_id, known.in_contact) = (false, false));
    expect(&no_id, name, Unavailable, numbers, "name the `id`");
    expect(&with(|audit, _| audit.twice_in_one = true), name, Unavailable, numbers, "unique `id`");
    let open = with(|audit, _| audit.seams.open = 1);
    expect(&open, name, Unavailable, (Some(3), Some(2)), "not found again");
    let apart = with(|_, known| known.in_contact = false);
    expect(&apart, name, Unavailable, numbers, "did not overlap");
    let unknown = with(|audit, _| audit.seams.unknown = 1);
    expect(&unknown, name, Unavailable, (Some(3), Some(2)), "declare `order`");
    let keyset = with(|_, known| (known.by_number, known.keyset) = (false, true));
    expect(&keyset, name, Unavailable, numbers, "unique and strictly ordered");
    let token = with(|_, known| known.by_number = false);
    expect(&token, name, Unavailable, numbers, "pagination.stable");
    // A vendor's promise covers caches, too.
    let stable = with(|audit, known| {
        audit.cached = 1;
        (known.by_number, known.stable) = (false, true);
    });
    expect(&stable, name, Passed, numbers, "");
    let unhelpful =
        with(|audit, known| (audit.cached, known.stable, known.order_declared) = (1, true, false));
    expect(&unhelpful, name, Unavailable, numbers, "declare `order`");
}

#[test]
fn a_keyset_needs_rising_unique_keys_or_its_anchor_at_every_seam() {
    let ground = |monotone, unique_key, anchors_met, order_declared| {
        let audit = Audit { monotone, anchors_met, ..Audit::default() };
        let known = Known { by_number: false, keyset: true, unique_key, order_declared, ..known() };
        audit.conclude(&known).1
    };
    assert_eq!(ground(Some(true), true, 0, false), Some(Ground::Observed));
    assert_eq!(ground(Some(true), false, 0, true), None);
    assert_eq!(ground(Some(false), true, 0, true), None);
    assert_eq!(ground(None, true, 0, true), None);
    assert_eq!(ground(None, false, 2, true), Some(Ground::Observed));
    assert_eq!(ground(None, false, 3, true), Some(Ground::Observed));
    assert_eq!(ground(None, false, 1, true), None);
    assert_eq!(ground(None, false, 2, false), None);
}

#[test]
fn a_declared_order_that_can_not_be_checked_is_no_ground() {
    let mut audit = Audit::default();
    audit.order.unclear = 1;
    assert_eq!(audit.conclude(&known()).0, Verdict::Unproven);
    // One page meets no other.
    assert_eq!(audit.conclude(&Known { pages: 1, ..known() }).0, Verdict::Complete);
    assert_eq!(audit.conclude(&Known { pages: 0, ..known() }).0, Verdict::Complete);
    assert_eq!(audit.conclude(&Known { pages: 2, ..known() }).0, Verdict::Unproven);
}

#[test]
fn the_order_is_judged_by_its_breaks() {
    let name = CheckName::Order;
    let with = |change: fn(&mut Audit)| {
        let mut audit = Audit::default();
        change(&mut audit);
        (audit, known())
    };
    expect(&with(|_| {}), name, Passed, (Some(0), Some(0)), "");
    let broken = with(|audit| {
        audit.order.broken = 2;
        audit.order.first_break = Some("7 after 9".to_owned());
    });
    expect(&broken, name, Failed, (Some(0), Some(2)), "7 after 9");
    expect(
        &with(|audit| audit.order.unclear = 3),
        name,
        Unavailable,
        (Some(0), Some(0)),
        "can't be compared",
    );
    let unnamed = (Audit::default(), Known { order_named: false, ..known() });
    expect(&unnamed, name, Unavailable, (None, None), "no `order`");
}

#[test]
fn the_size_passes_where_a_page_was_full() {
    let name = CheckName::PageSize;
    let with =
        |sizes: Sizes, clamped_from| (Audit { sizes, ..Audit::default() }, Known { clamped_from, ..known() });
    let asked = Sizes { asked: Some(100), most: 60, ..Sizes::default() };
    expect(&with(asked.clone(), None), name, Unavailable, (Some(100), Some(60)), "no page was full");
    let proven = Sizes { proven: true, ..asked.clone() };
    expect(&with(proven.clone(), None), name, Passed, (Some(100), Some(60)), "");
    expect(&with(proven, Some(500)), name, Passed, (Some(100), Some(60)), "500 was clamped");
    let over = Sizes { over: 1, proven: true, ..asked };
    expect(&with(over.clone(), None), name, Unavailable, (Some(100), Some(60)), "more rows than");
    expect(&with(over, Some(7)), name, Unavailable, (Some(100), Some(60)), "; `size.value` 7");
    expect(&with(Sizes::default(), None), name, Unavailable, (None, Some(0)), "no size was asked");
}

#[test]
fn duplicates_gaps_and_caps_are_counted() {
    let with = |change: fn(&mut Audit, &mut Known)| {
        let (mut audit, mut known) = (Audit::default(), known());
        known.duplicates = 4;
        change(&mut audit, &mut known);
        (audit, known)
    };
    let name = CheckName::Duplicates;
    expect(&with(|_, _| {}), name, Passed, (Some(0), Some(4)), "");
    expect(&with(|audit, _| audit.twice_in_one = true), name, Passed, (Some(0), Some(4)), "twice in one");
    expect(&with(|audit, _| audit.keys_lost = true), name, Unavailable, (Some(0), Some(4)), "at least once");
    expect(&with(|_, known| known.has_id = false), name, Unavailable, (None, None), "can't be seen");
    let name = CheckName::Gaps;
    expect(&with(|_, _| {}), name, Unavailable, (None, None), "");
    expect(&with(|_, known| known.gaps = Some(0)), name, Passed, (Some(0), Some(0)), "");
    expect(&with(|_, known| known.gaps = Some(3)), name, Failed, (Some(0), Some(3)), "dense");
    let name = CheckName::Cap;
    expect(&with(|_, _| {}), name, Passed, (None, Some(250)), "");
    expect(&with(|audit, _| audit.cap_reached = true), name, Failed, (None, Some(250)), "split the list");
    let total = |total| {
        let (audit, known) = counted(TotalKind::Estimate, total);
        (audit, Known { cap_rows: Some(1500), ..known })
    };
    expect(&total(1500), name, Passed, (Some(1500), Some(250)), "");
    expect(&total(1501), name, Failed, (Some(1500), Some(250)), "split the list");
}

#[test]
fn an_end_on_a_round_number_needs_a_total_that_agrees() {
    let name = CheckName::Cap;
    let round = |distinct, kind, total: Option<u64>| {
        let mut audit = Audit::default();
        audit.total.last = total;
        (audit, Known { distinct, total_kind: kind, ..known() })
    };
    let numbers = |distinct| (None, Some(distinct));
    expect(&round(2000, None, None), name, Unavailable, numbers(2000), "round number");
    expect(&round(2001, None, None), name, Passed, numbers(2001), "");
    expect(&round(0, None, None), name, Passed, numbers(0), "");
    expect(&round(2000, Some(TotalKind::Exact), Some(2000)), name, Passed, numbers(2000), "");
    expect(
        &round(2000, Some(TotalKind::Exact), Some(1999)),
        name,
        Unavailable,
        numbers(2000),
        "round number",
    );
    expect(
        &round(2000, Some(TotalKind::AtLeast), Some(2000)),
        name,
        Unavailable,
        numbers(2000),
        "round number",
    );
}

#[test]
fn what_the_server_admits_and_what_is_hidden_is_said() {
    let mut audit = Audit::default();
    let known = known();
    let of = |audit: &Audit| (audit.clone(), known.clone());
    expect(&of(&audit), CheckName::Contradiction, Passed, (None, None), "");
    expect(&of(&audit), CheckName::IncompleteFlag, Passed, (None, None), "");
    expect(&of(&audit), CheckName::HeadersVisible, Passed, (None, None), "");
    audit.contradictions = vec!["first".to_owned(), "second".to_owned()];
    audit.admitted = Some("body:/partial".to_owned());
    audit.headers_hidden = true;
    expect(&of(&audit), CheckName::Contradiction, Failed, (Some(0), Some(2)), "first");
    expect(&of(&audit), CheckName::IncompleteFlag, Failed, (None, None), "body:/partial");
    expect(&of(&audit), CheckName::HeadersVisible, Unavailable, (None, None), "hidden");
}

#[test]
fn a_window_that_was_not_full_counts_once_fresh_rows_came_after_it() {
    let mut sizes = Sizes::default();
    let mut seen = |full, fresh| {
        sizes.bridge(full, fresh);
        sizes.short
    };
    assert_eq!(seen(true, true), 0);
    assert_eq!(seen(false, true), 0, "it may be the last");
    assert_eq!(seen(false, false), 0, "nothing fresh came after it");
    assert_eq!(seen(true, true), 1);
    assert_eq!(seen(true, true), 1);
    assert_eq!(seen(false, true), 1);
    assert_eq!(seen(false, true), 2);
    assert_eq!(seen(false, true), 3);
}

#[test]
fn rows_are_held_against_the_size_that_was_used() {
    let seen = |asked, echo, rows| {
        let mut sizes = Sizes::default();
        sizes.see(asked, echo, rows);
        (sizes.proven, sizes.over)
    };
    assert_eq!(seen(Some(100), None, 99), (false, 0));
    assert_eq!(seen(Some(100), None, 100), (true, 0));
    assert_eq!(seen(Some(100), None, 101), (false, 1));
    assert_eq!(seen(Some(100), Some(50), 49), (true, 0), "the server said what it used");
    assert_eq!(seen(Some(100), Some(50), 51), (true, 1));
    assert_eq!(seen(None, None, 5), (false, 0));
    let mut sizes = Sizes::default();
    for (asked, rows) in [(None, 3), (Some(10), 4), (Some(20), 2)] {
        sizes.see(asked, None, rows);
    }
    assert_eq!((sizes.asked, sizes.most), (Some(10), 4), "the first size is the one asked for");
}
