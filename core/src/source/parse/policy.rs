//! `classify`, `rate`, `hints`, `retry`, `limits`, `capture`, `origins`.

use super::view::View;
use crate::facts::{Condition, Expect, Locator};
use crate::json::Tree;
use crate::source::grammar::{
    CAPTURE, CLASS_RULE, CONTAINS, FACT, HINT, IN, LIMITS, NOT, PRESENT, RETRY, SOURCE, STARTS, Use, VALUE,
    WINDOW, members,
};
use crate::source::locator::parse_locator;
use crate::source::types::{ClassRule, HintMeaning, HintSpec, Limits, RateSpec, RateWindow, RetrySpec};
use crate::source::values;
use std::collections::BTreeMap;

/// Places and what must hold there.
pub(super) fn condition(tree: &Tree, purpose: &Use) -> Option<Condition> {
    let found = members(tree).iter().map(|(at, holds)| {
        let at = parse_locator(at).ok().filter(|at| purpose.check(at).is_ok())?;
        Some((at, expectation(holds)?))
    });
    found.collect::<Option<_>>().map(Condition)
}

fn expectation(tree: &Tree) -> Option<Expect> {
    if matches!(tree, Tree::Scalar(_)) {
        return values::literal(tree).ok().map(Expect::Is);
    }
    let tree = Some(tree);
    if let Some(present) = View::new(&PRESENT, tree).flag("present") {
        return Some(Expect::Present(present));
    }
    if let Some(start) = View::new(&STARTS, tree).word("starts") {
        return Some(Expect::Starts(start));
    }
    if let Some(part) = View::new(&CONTAINS, tree).word("contains") {
        return Some(Expect::Contains(part));
    }
    if let Some(not) = View::new(&NOT, tree).given("not") {
        return expectation(not).map(|not| Expect::Not(Box::new(not)));
    }
    let list = View::new(&IN, tree).list("in");
    list.iter().map(|item| values::literal(item).ok()).collect::<Option<_>>().map(Expect::In)
}

/// One rule of `classify`.
pub(super) fn class_rule(tree: &Tree) -> Option<ClassRule> {
    let view = View::new(&CLASS_RULE, Some(tree));
    let wait = match view.given("wait") {
        Some(wait) => Some(values::wait(wait).ok()?),
        None => None,
    };
    Some(ClassRule { when: condition(view.given("when")?, &FACT)?, is: view.named("is")?, wait })
}

/// `rate`, `hints`, `pacing`, `max_wait`.
pub(super) fn rate(source: View<'_>) -> Option<RateSpec> {
    Some(RateSpec {
        windows: source.list("rate").iter().map(window).collect::<Option<_>>()?,
        hints: source.list("hints").iter().map(hint).collect::<Option<_>>()?,
        burst: source.word("pacing")? == "burst",
        max_wait: source.millis("max_wait")?,
    })
}

fn window(tree: &Tree) -> Option<RateWindow> {
    let view = View::new(&WINDOW, Some(tree));
    Some(RateWindow {
        requests: view.count("requests")?,
        per: view.millis("per")?,
        burst: view.count("burst"),
    })
}

fn hint(tree: &Tree) -> Option<HintSpec> {
    let view = View::new(&HINT, Some(tree));
    let means = match view.word("means")?.as_str() {
        "remaining" => HintMeaning::Remaining,
        "limit" => HintMeaning::Limit,
        "reset_epoch" => HintMeaning::ResetEpochSeconds,
        "reset_epoch_ms" => HintMeaning::ResetEpochMillis,
        "reset_seconds" => HintMeaning::ResetSeconds,
        "reset_ms" => HintMeaning::ResetMillis,
        "used_of_limit" => HintMeaning::UsedOfLimit,
        "wait_seconds" => HintMeaning::WaitSeconds,
        "wait_ms" => HintMeaning::WaitMillis,
        _ => return None,
    };
    Some(HintSpec { read: view.locator("read", &VALUE)?, means })
}

/// `retry`.
pub(super) fn retry(source: View<'_>) -> Option<RetrySpec> {
    let view = source.view("retry", &RETRY);
    Some(RetrySpec {
        attempts: view.small("attempts")?,
        base: view.millis("base")?,
        cap: view.millis("cap")?,
        page_time: view.millis("page_time")?,
    })
}

/// `limits`.
pub(super) fn limits(source: View<'_>) -> Option<Limits> {
    let view = source.view("limits", &LIMITS);
    let pages = view.count("pages")?;
    Some(Limits {
        pages,
        // Four tries a page on average are plenty: more is a server in trouble.
        requests: view.count("requests").unwrap_or(pages.saturating_mul(4)),
        records: view.count("records"),
        no_progress: view.small("no_progress")?,
        body: view.value("body").and_then(|tree| values::size(&tree).ok())?,
        deadline: view.millis("deadline"),
    })
}

/// `capture`.
pub(super) fn capture(source: View<'_>) -> Option<BTreeMap<String, Locator>> {
    debug_assert!(SOURCE.key("capture").is_some());
    let found = source.given("capture").map_or(&[][..], members).iter();
    found.map(|(name, at)| Some((name.clone(), values::locator(at, &CAPTURE).ok()?))).collect()
}
