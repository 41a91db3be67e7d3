//! `pagination`, `end`, `concurrency`: what the styles need and can do.

use crate::facts::{Place, TotalKind};
use crate::json::{Raw, Tree};
use crate::source::faults::Faults;
use crate::source::grammar::{KEYSET, OFFSET, child};
use crate::source::parse::{Draft, only_id, reads_a_position, style_word};
use crate::source::types::{EndRule, Expired, Next, Pagination, Reuse, State, Step, Style};

/// Reports what a style lacks, and what it can't do.
pub(super) fn check(draft: &Draft, tree: &Tree, faults: &mut Faults) {
    if let Some(given) = child(tree, "pagination") {
        defaults(draft, given, faults);
    }
    let Some(pagination) = &draft.pagination else { return };
    if let Style::States(states) = &pagination.style {
        for (index, state) in states.iter().enumerate() {
            counter(&format!("pagination.state[{index}]"), state, draft, faults);
        }
    }
    if let Style::Offset { step: Step::Size, .. } = pagination.style {
        needs_size("pagination.step", draft, faults);
    }
    policies(pagination, faults);
    signals(draft, &pagination.style, tree, faults);
    if draft.concurrency.is_some_and(|n| n > 1) && !is_counted(&pagination.style) {
        let found = format!("more than 1 with the style `{}`", style_word(&pagination.style));
        faults.add(
            "concurrency",
            found,
            "1: only `offset` and `page` know their positions before the answer",
        );
    }
}

/// Defaults that come from elsewhere in the document.
fn defaults(draft: &Draft, given: &Tree, faults: &mut Faults) {
    if KEYSET.is_meant(given) && child(given, "read").is_none() && only_id(draft.id.as_ref()).is_none() {
        let expected = "a place such as `last:/id`, or an `id` of one pointer";
        if !faults.touch("id") {
            faults.add("pagination.read", "nothing", expected);
        }
    }
    let echoes = OFFSET.is_meant(given) && child(given, "step").is_some_and(|step| says(step, "echo"));
    if echoes && draft.size.as_ref().is_none_or(|size| size.echo.is_none()) && !faults.touch("size") {
        faults.add("pagination.step", "`echo`", "`size.echo`, where the server says which size it used");
    }
}

fn says(tree: &Tree, text: &str) -> bool {
    crate::source::grammar::word(tree).is_some_and(|word| word == text)
}

/// A state that counts needs a number to start from.
fn counter(field: &str, state: &State, draft: &Draft, faults: &mut Faults) {
    let Next::Add(step) = &state.next else { return };
    if state.start.as_ref().and_then(Raw::as_u64).is_none() {
        let found = if state.start.is_some() { "a start that is no whole number" } else { "nothing" };
        faults.add(format!("{field}.start"), found, "0 or a greater whole number to add to");
    }
    if *step == Step::Size {
        needs_size(&format!("{field}.next.add"), draft, faults);
    }
}

fn needs_size(field: &str, draft: &Draft, faults: &mut Faults) {
    if draft.size.as_ref().is_none_or(|size| size.value.is_none()) && !faults.touch("size") {
        faults.add(field, "`size`", "`size.value`, the rows to go on by");
    }
}

/// What only makes sense together.
fn policies(pagination: &Pagination, faults: &mut Faults) {
    let counted = is_counted(&pagination.style);
    if pagination.expired == Expired::Keyset && !has_key(&pagination.style) {
        let expected = "`fail` or `restart`: only a keyset, or a state that reads `last:` or `max:`, has a key to go on after";
        faults.add("pagination.expired", "`keyset`", expected);
    }
    if pagination.reuse == Reuse::Idempotent {
        return;
    }
    if counted {
        faults.add(
            "pagination.reuse",
            "positions that can be sent once only",
            "`idempotent`: this style counts",
        );
    }
    if pagination.reread {
        faults.add("pagination.verify", "`reread`", "`reuse` idempotent: pages can't be read again");
    }
}

/// Whether positions are known before the answer.
fn is_counted(style: &Style) -> bool {
    match style {
        Style::Offset { .. } | Style::Page { .. } => true,
        Style::Cursor(_) | Style::Keyset(_) | Style::Link { .. } | Style::Single | Style::States(_) => false,
    }
}

/// Whether the walk can go on after the last key.
fn has_key(style: &Style) -> bool {
    match style {
        Style::Keyset(_) => true,
        Style::States(states) => states.iter().any(|state| match &state.next {
            Next::Read(read) => matches!(read.place, Place::Last(_) | Place::Max(_)),
            Next::Add(_) => false,
        }),
        Style::Cursor(_) | Style::Link { .. } | Style::Offset { .. } | Style::Page { .. } | Style::Single => {
            false
        }
    }
}

/// End signals the style can give.
fn signals(draft: &Draft, style: &Style, tree: &Tree, faults: &mut Faults) {
    let given = child(tree, "end").is_some();
    match style {
        Style::States(_) if !given => {
            faults.add("end", "nothing", "the signals that end the walk: the long form has none of its own");
        }
        Style::Single if given => faults.add("end", "signals", "nothing: the whole list is one response"),
        Style::Cursor(_)
        | Style::Keyset(_)
        | Style::Link { .. }
        | Style::Offset { .. }
        | Style::Page { .. }
        | Style::Single
        | Style::States(_) => {}
    }
    let all = child(tree, "end").map_or(&[][..], crate::source::grammar::elements);
    for (index, one) in all.iter().enumerate() {
        let field = format!("end[{index}]");
        if all.iter().take(index).any(|earlier| earlier == one) {
            faults.add(&field, "a signal that is there twice", "each signal once");
        }
        let positional = says(one, "missing") || says(one, "repeat");
        if positional && !reads_a_position(style) && *style != Style::Single {
            let expected = "a signal of the response: this style counts and reads no position";
            faults.add(&field, if says(one, "missing") { "`missing`" } else { "`repeat`" }, expected);
        }
    }
    let total = draft.total.as_ref().map(|total| total.kind);
    let ends = draft.end.contains(&EndRule::Total);
    if let (true, Some(index)) = (ends, all.iter().position(|one| says(one, "total"))) {
        match total {
            None if !faults.touch("total") => {
                faults.add(format!("end[{index}]"), "`total`", "`total`, where the number is read");
            }
            Some(TotalKind::AtLeast | TotalKind::Estimate | TotalKind::Page) => {
                faults.add(format!("end[{index}]"), "`total`", "a total of the kind exact or remaining");
            }
            None | Some(TotalKind::Exact | TotalKind::Remaining) => {}
        }
    }
}
