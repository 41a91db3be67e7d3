//! `records`, `id`, `order`, `size`, `incomplete`, `total`, `cap`.

use super::policy::condition;
use super::request::total_request;
use super::view::{View, pointers};
use crate::facts::{Literal, Locator};
use crate::json::{Pointer, Tree};
use crate::source::grammar::{
    CAP_OFFSET, CAP_PAGES, CAP_RECORDS, FLAG, ID_OBJECT, MEMBER, ORDER, RECORDS_OBJECT, SIZE, TOTAL_OBJECT,
    VALUE, WRITE_SIZE,
};
use crate::source::types::{Cap, IdSpec, OrderSpec, RecordsSpec, SizeSpec, TotalSpec};
use crate::source::values;

/// `records`.
pub(super) fn records(tree: &Tree) -> Option<RecordsSpec> {
    let long = View::new(&RECORDS_OBJECT, matches!(tree, Tree::Object(_)).then_some(tree));
    let drop = match long.given("drop") {
        Some(drop) => Some(condition(drop, &MEMBER)?),
        None => None,
    };
    Some(RecordsSpec {
        at: pointers(long.given("at").unwrap_or(tree))?,
        each: long.pointer("each")?,
        missing_is_empty: long.word("missing")? == "empty",
        drop,
    })
}

/// `id`.
pub(super) fn id(tree: &Tree) -> Option<IdSpec> {
    let long = View::new(&ID_OBJECT, matches!(tree, Tree::Object(_)).then_some(tree));
    Some(IdSpec { at: pointers(long.given("at").unwrap_or(tree))?, dense: long.flag("dense")? })
}

/// `order`.
pub(super) fn order(tree: &Tree) -> Option<OrderSpec> {
    let view = View::new(&ORDER, Some(tree));
    Some(OrderSpec {
        by: view.pointer("by")?,
        descending: view.word("direction")? == "desc",
        immutable: view.flag("immutable")?,
    })
}

/// `size`: a value above `max` is clamped.
pub(super) fn size(tree: &Tree) -> Option<SizeSpec> {
    let view = View::new(&SIZE, Some(tree));
    let (value, max) = (view.count("value"), view.count("max"));
    let clamped = value.zip(max).filter(|(value, max)| value > max);
    Some(SizeSpec {
        write: view.locator("write", &WRITE_SIZE),
        value: clamped.map_or(value, |(_, max)| Some(max)),
        clamped_from: clamped.map(|(value, _)| value),
        min: view.count("min")?,
        max,
        echo: view.locator("echo", &VALUE),
    })
}

/// `{"flag": …, "is": …}`.
pub(super) fn flag(tree: &Tree) -> Option<(Locator, Literal)> {
    let view = View::new(&FLAG, Some(tree));
    Some((view.locator("flag", &VALUE)?, view.given("is").and_then(|tree| values::literal(tree).ok())?))
}

/// `total`: a locator, or an object.
pub(super) fn total(tree: &Tree) -> Option<TotalSpec> {
    let long = View::new(&TOTAL_OBJECT, matches!(tree, Tree::Object(_)).then_some(tree));
    let read = long.given("read").unwrap_or(tree);
    let request = match long.given("request") {
        Some(request) => Some(total_request(request)?),
        None => None,
    };
    Some(TotalSpec {
        read: values::locator(read, &VALUE).ok()?,
        kind: long.named("kind")?,
        cap: long.count("cap"),
        request,
    })
}

/// `cap`.
pub(super) fn cap(tree: &Tree) -> Option<Cap> {
    let records = View::new(&CAP_RECORDS, Some(tree)).count("records").map(Cap::Records);
    let offset = || View::new(&CAP_OFFSET, Some(tree)).count("offset").map(Cap::Offset);
    let pages = || View::new(&CAP_PAGES, Some(tree)).count("pages").map(Cap::Pages);
    records.or_else(offset).or_else(pages)
}

/// The pointer that identifies a record, if it is one.
pub(in crate::source) fn only_id(id: Option<&IdSpec>) -> Option<&Pointer> {
    match id?.at.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}
